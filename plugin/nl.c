/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nl.c - a conversation with the kernel in one namespace
 */
#include "nl.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "retry.h"

#define PATIENCE_S 5
#define DUMP_TRIES 20
#define ATTR_HEADER sizeof(struct nlattr) /* NLA_HDRLEN is an int */

/* Of messages from the kernel, in bytes. */
#define ANSWER_SIZE 8192 /* one, or a word on a request */
#define PIECE_SIZE 32768 /* some of a dump; netlink_recvmsg() has no larger piece made */

int nl_open(struct nl *ret, int bus, struct error *e)
{
	const int on = 1;
	_cleanup_(closep) int fd =
		retry(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, bus));

	if (fd < 0) {
		int why = errno;

		error_sys(e, why, "cannot open a netlink socket");
		if (why == EPROTONOSUPPORT || why == EAFNOSUPPORT)
			return NL_UNSUPPORTED;
		return -1;
	}
	/* The kernel's sentences (since Linux 4.12) are a help, not a need. */
	(void)retry(setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)));
	*ret = (struct nl){ .fd = take_fd(&fd) };
	return 0;
}

void nl_close(struct nl *nl)
{
	closep(&nl->fd);
	nl->fd = -1;
}

bool nl_strict(struct nl *nl)
{
	const int on = 1;

	return retry(setsockopt(nl->fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on,
				sizeof(on))) == 0;
}

uint32_t nl_next_seq(struct nl *nl)
{
	return ++nl->seq;
}

/* Building a request. */

static struct nlmsghdr *message_of(struct nl_msg *msg)
{
	return (struct nlmsghdr *)msg->buf;
}

/* Return: is there room for @len bytes more?  The message is marked where there is none. */
static bool has_room(struct nl_msg *msg, size_t len)
{
	if (len > NL_MSG_SIZE - message_of(msg)->nlmsg_len)
		msg->overflow = true;
	return !msg->overflow;
}

/* Append what there is room for, and nothing up to the next boundary.  Return: its place. */
static size_t append(struct nl_msg *msg, const void *data, size_t len)
{
	struct nlmsghdr *message = message_of(msg);
	const size_t place = message->nlmsg_len;

	memcpy(msg->buf + place, data, len);
	message->nlmsg_len += (uint32_t)NLMSG_ALIGN(len);
	return place;
}

static size_t append_attr(struct nl_msg *msg, int type, size_t len)
{
	const struct nlattr attr = { .nla_len = (uint16_t)(ATTR_HEADER + len),
				     .nla_type = (uint16_t)type };

	return append(msg, &attr, ATTR_HEADER);
}

void nl_begin(struct nl_msg *msg, uint16_t type, uint16_t flags, const void *header,
	      size_t len)
{
	/* what is between two attributes goes out, too, and shall be nothing of ours */
	memset(msg->buf, 0, sizeof(msg->buf));
	msg->overflow = false;
	*message_of(msg) =
		(struct nlmsghdr){ .nlmsg_len = NLMSG_HDRLEN,
				   .nlmsg_type = type,
				   .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags) };
	nl_put_header(msg, header, len);
}

void nl_put(struct nl_msg *msg, uint16_t type, const void *data, size_t len)
{
	if (len > NL_MSG_SIZE || !has_room(msg, ATTR_HEADER + NLMSG_ALIGN(len))) {
		msg->overflow = true;
		return;
	}
	(void)append_attr(msg, type, len);
	(void)append(msg, data, len);
}

void nl_put_u8(struct nl_msg *msg, uint16_t type, uint8_t value)
{
	nl_put(msg, type, &value, sizeof(value));
}

void nl_put_u32(struct nl_msg *msg, uint16_t type, uint32_t value)
{
	nl_put(msg, type, &value, sizeof(value));
}

void nl_put_string(struct nl_msg *msg, uint16_t type, const char *value)
{
	nl_put(msg, type, value, strlen(value) + 1);
}

void nl_put_header(struct nl_msg *msg, const void *header, size_t len)
{
	if (has_room(msg, NLMSG_ALIGN(len)))
		(void)append(msg, header, len);
}

size_t nl_nest(struct nl_msg *msg, uint16_t type)
{
	return has_room(msg, ATTR_HEADER) ? append_attr(msg, NLA_F_NESTED | type, 0) : 0;
}

void nl_nest_end(struct nl_msg *msg, size_t nest)
{
	struct nlattr *attr = (struct nlattr *)(msg->buf + nest);

	if (!msg->overflow)
		attr->nla_len = (uint16_t)(message_of(msg)->nlmsg_len - nest);
}

const struct nlmsghdr *nl_message(const struct nl_msg *msg)
{
	return (const struct nlmsghdr *)msg->buf;
}

/* Reading an answer. */

static uint16_t type_of(const struct nlattr *attr)
{
	return (uint16_t)(attr->nla_type & NLA_TYPE_MASK);
}

static const char *value_of(const struct nlattr *attr)
{
	return (const char *)attr + ATTR_HEADER;
}

static size_t length_of(const struct nlattr *attr)
{
	return (size_t)(attr->nla_len - ATTR_HEADER);
}

/* The attribute at @at.  Return: NULL where none is whole in front of @end. */
static const struct nlattr *attr_at(const char *at, const char *end)
{
	const struct nlattr *attr = (const struct nlattr *)at;

	if (end - at < (ptrdiff_t)ATTR_HEADER || attr->nla_len < ATTR_HEADER ||
	    attr->nla_len > end - at)
		return NULL;
	return attr;
}

static const struct nlattr *attr_behind(const struct nlattr *attr, const char *end)
{
	return attr_at((const char *)attr + NLMSG_ALIGN(attr->nla_len), end);
}

static const char *end_of(const struct nlmsghdr *message)
{
	return (const char *)message + message->nlmsg_len;
}

/* The first attribute behind the family's header.  Return: NULL for none. */
static const struct nlattr *first_of(const struct nlmsghdr *message, size_t len)
{
	const char *header = nl_header(message, len);

	return header ? attr_at(header + NLMSG_ALIGN(len), end_of(message)) : NULL;
}

/* Sort in @attr and all behind it. */
static void sort_in(struct nl_attrs *attrs, const struct nlattr *attr, const char *end)
{
	for (; attr; attr = attr_behind(attr, end)) {
		if (type_of(attr) <= attrs->max)
			attrs->v[type_of(attr)] = attr;
	}
}

void nl_parse(const struct nlmsghdr *message, size_t len, struct nl_attrs *attrs)
{
	sort_in(attrs, first_of(message, len), end_of(message));
}

void nl_parse_bytes(const void *bytes, size_t len, struct nl_attrs *attrs)
{
	const char *end = (const char *)bytes + len;

	sort_in(attrs, attr_at(bytes, end), end);
}

void nl_parse_nest(const struct nlattr *nest, struct nl_attrs *attrs)
{
	if (nest)
		nl_parse_bytes(value_of(nest), length_of(nest), attrs);
}

int nl_each(const struct nlmsghdr *message, size_t len, uint16_t type,
	    nl_attribute *visit, void *arg, struct error *e)
{
	const char *end = end_of(message);

	for (const struct nlattr *attr = first_of(message, len); attr;
	     attr = attr_behind(attr, end)) {
		if (type_of(attr) == type && visit(attr, arg, e) < 0)
			return -1;
	}
	return 0;
}

const void *nl_header(const struct nlmsghdr *message, size_t len)
{
	return message->nlmsg_len - NLMSG_HDRLEN < len ? NULL : NLMSG_DATA(message);
}

const struct nlattr *nl_attr(const struct nl_attrs *attrs, uint16_t type)
{
	return type <= attrs->max ? attrs->v[type] : NULL;
}

const struct nlattr *nl_child(const struct nlattr *nest, const struct nlattr *prev)
{
	const char *end;

	if (!nest)
		return NULL;
	end = value_of(nest) + length_of(nest);
	return prev ? attr_behind(prev, end) : attr_at(value_of(nest), end);
}

bool nl_is_nest(const struct nlattr *attr)
{
	return attr->nla_type & NLA_F_NESTED;
}

bool nl_is_same(const struct nlattr *one, const struct nlattr *other)
{
	const size_t len = length_of(one);

	return len == length_of(other) &&
	       memcmp(value_of(one), value_of(other), len) == 0;
}

bool nl_is_zero(const struct nlattr *attr)
{
	const char *value = value_of(attr);

	for (size_t i = 0; i < length_of(attr); i++) {
		if (value[i])
			return false;
	}
	return true;
}

const void *nl_data(const struct nl_attrs *attrs, uint16_t type, size_t *len)
{
	const struct nlattr *attr = nl_attr(attrs, type);

	*len = attr ? length_of(attr) : 0;
	return attr ? value_of(attr) : NULL;
}

uint8_t nl_u8(const struct nl_attrs *attrs, uint16_t type)
{
	size_t len;
	const uint8_t *value = nl_data(attrs, type, &len);

	return len >= sizeof(*value) ? *value : 0;
}

/* Read the first bytes of a value into a number; it stays 0 where they are too few. */
static void read_number(const struct nl_attrs *attrs, uint16_t type, void *number,
			size_t size)
{
	size_t len;
	const void *data = nl_data(attrs, type, &len);

	if (len >= size)
		memcpy(number, data, size);
}

uint16_t nl_u16(const struct nl_attrs *attrs, uint16_t type)
{
	uint16_t value = 0;

	read_number(attrs, type, &value, sizeof(value));
	return value;
}

uint32_t nl_u32(const struct nl_attrs *attrs, uint16_t type)
{
	uint32_t value = 0;

	read_number(attrs, type, &value, sizeof(value));
	return value;
}

uint64_t nl_u64(const struct nl_attrs *attrs, uint16_t type)
{
	uint64_t value = 0;

	read_number(attrs, type, &value, sizeof(value));
	return value;
}

const char *nl_string(const struct nl_attrs *attrs, uint16_t type)
{
	size_t len;
	const char *text = nl_data(attrs, type, &len);

	return text && memchr(text, '\0', len) ? text : NULL;
}

/* Talking. */

static int send_all(const struct nl *nl, const void *data, size_t len, const char *what,
		    struct error *e)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	ssize_t sent;

	do {
		sent = sendto(nl->fd, data, len, 0, (const struct sockaddr *)&kernel,
			      sizeof(kernel));
	} while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return error_sys(e, errno, "cannot %s: asking the kernel failed", what);
	return 0;
}

/*
 * The kernel answers before the request's sendto() returns, so there is hardly
 * ever anything to wait for.
 */
static ssize_t receive(const struct nl *nl, struct msghdr *msg)
{
	struct pollfd answer = { .fd = nl->fd, .events = POLLIN };
	ssize_t len = recvmsg(nl->fd, msg, MSG_DONTWAIT);

	if (len >= 0 || errno != EAGAIN)
		return len;
	if (poll(&answer, 1, PATIENCE_S * 1000) < 0)
		return -1;
	return recvmsg(nl->fd, msg, MSG_DONTWAIT);
}

/* The kernel's own sentence in a refusal (NLMSGERR_ATTR_MSG).  Return: NULL for none. */
static const char *kernel_words(const struct nlmsghdr *message,
				const struct nlmsgerr *refusal)
{
	NL_ATTRS(attrs, NLMSGERR_ATTR_MSG);
	size_t skip = sizeof(*refusal);

	if (!(message->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (!(message->nlmsg_flags & NLM_F_CAPPED))
		skip += refusal->msg.nlmsg_len - sizeof(refusal->msg);
	nl_parse(message, skip, &attrs);
	return nl_string(&attrs, NLMSGERR_ATTR_MSG);
}

static enum error_code code_of(int errnum)
{
	switch (errnum) {
	case EAGAIN:
	case EBUSY:
	case EINTR:
	case ENOBUFS:
	case ERESTART:
	case ETIMEDOUT:
		return ERROR_AGAIN;
	case ENOMEM:
		return ERROR_MEMORY;
	default:
		return ERROR_KERNEL;
	}
}

static int condition_of(int errnum)
{
	switch (errnum) {
	case ENODEV:
	case ENOENT:
	case ESRCH:
	case EADDRNOTAVAIL:
		return NL_ABSENT;
	case EEXIST:
		return NL_EXISTS;
	case EOPNOTSUPP:
	case EPROTONOSUPPORT:
	case EAFNOSUPPORT:
		return NL_UNSUPPORTED;
	case EINVAL:
		return NL_INVALID;
	case ERESTART:
		return NL_OVERTAKEN;
	default:
		return -1;
	}
}

/*
 * Turn the kernel's refusal into an answer.
 * @code: a negative errno, of which there are fewer than 4096.
 * Return: a condition, or -1.
 */
static int refused(int code, const char *words, const char *what, struct error *e)
{
	const int errnum = code < 0 && code > -4096 ? -code : EPROTO;

	error_set(e, code_of(errnum), "cannot %s: kernel: %s%s%s%s%s", what,
		  words ? words : "", words ? " (" : "", strerror(errnum),
		  words ? ")" : "", errnum == EPERM ? "; CAP_NET_ADMIN is needed" : "");
	return condition_of(errnum);
}

/* Read an NLMSG_ERROR.  Return: 0 for an acknowledgement; a condition; -1. */
static int verdict(const struct nlmsghdr *message, const char *what, struct error *e)
{
	const struct nlmsgerr *answer = nl_header(message, sizeof(*answer));

	if (!answer)
		return error_set(e, ERROR_KERNEL, "cannot %s: the kernel's answer is cut",
				 what);
	if (answer->error == 0)
		return 0;
	return refused(answer->error, kernel_words(message, answer), what, e);
}

/* Read an NLMSG_DONE, which tells of a dump that broke off.  Return: as verdict(). */
static int ending(const struct nlmsghdr *message, const char *what, struct error *e)
{
	const int *code = nl_header(message, sizeof(*code));

	return code && *code < 0 ? refused(*code, NULL, what, e) : 0;
}

/* One listening: the state that goes from datagram to datagram. */
struct listening {
	char *buf;	      /* aligned as a message */
	uint32_t size;	      /* of it, in bytes */
	uint32_t first, last; /* request numbers that concern us */
	bool one;	      /* a single answer, without an acknowledgement behind it */
	nl_answer *answer;
	void *arg;
	const char *what;
	bool interrupted, over;
	int r; /* what to return, once over */
};

/*
 * Return: the number of bytes of a datagram from the kernel, or -1.  A single answer may
 * be longer than what there is room for.
 */
static int hear(const struct nl *nl, const struct listening *l, struct error *e)
{
	for (;;) {
		struct sockaddr_nl from = { 0 };
		struct iovec iov = { .iov_base = l->buf, .iov_len = l->size };
		struct msghdr msg = { .msg_name = &from,
				      .msg_namelen = sizeof(from),
				      .msg_iov = &iov,
				      .msg_iovlen = 1 };
		ssize_t len = receive(nl, &msg);

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0 && errno == EAGAIN)
			return error_set(e, ERROR_AGAIN,
					 "cannot %s: no answer from the kernel for %d s",
					 l->what, PATIENCE_S);
		if (len < 0)
			return error_sys(e, errno, "cannot %s: no answer from the kernel",
					 l->what);
		if (len == 0) /* and so it would be for ever */
			return error_set(e, ERROR_KERNEL,
					 "cannot %s: the kernel has hung up", l->what);
		if (from.nl_pid != 0)
			continue; /* another process wrote to this socket */
		if (msg.msg_flags & MSG_TRUNC && !l->one)
			return error_set(e, ERROR_KERNEL,
					 "cannot %s: the answer exceeds %u bytes",
					 l->what, l->size);
		return (int)len;
	}
}

static void heed(struct listening *l, const struct nlmsghdr *message, struct error *e)
{
	if (message->nlmsg_seq - l->first > l->last - l->first)
		return; /* of an earlier request */
	if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		l->interrupted = true;
	if (message->nlmsg_type == NLMSG_ERROR) {
		int r = verdict(message, l->what, e);

		l->over = r != 0 || message->nlmsg_seq == l->last;
		l->r = l->r ? l->r : r;
	} else if (message->nlmsg_type == NLMSG_DONE) {
		l->over = true;
		l->r = l->r ? l->r : ending(message, l->what, e);
	} else {
		/* A dump that is not wanted any more must still be heard to its end. */
		if (l->r == 0 && l->answer)
			l->r = l->answer(message, l->arg, e);
		l->over = l->one;
	}
}

/* A single answer ends where there was no more room for it. */
static void end_at(struct nlmsghdr *message, uint32_t len)
{
	if (message->nlmsg_len > len)
		message->nlmsg_len = len;
}

/* The message at @at.  Return: NULL where none is whole in front of @end. */
static const struct nlmsghdr *message_at(const char *at, const char *end)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)at;

	if (end - at < NLMSG_HDRLEN || message->nlmsg_len < NLMSG_HDRLEN ||
	    message->nlmsg_len > end - at)
		return NULL;
	return message;
}

static int listen_to(struct nl *nl, struct listening *l, struct error *e)
{
	char *buf = l->buf;

	while (!l->over) {
		const struct nlmsghdr *message;
		const int len = hear(nl, l, e);

		if (len < 0) {
			nl->unheard = true;
			return -1;
		}
		if (len == (int)l->size && l->one)
			end_at((struct nlmsghdr *)buf, l->size);
		message = message_at(buf, buf + len);
		while (message && !l->over) {
			heed(l, message, e);
			message = message_at((const char *)message +
						     NLMSG_ALIGN(message->nlmsg_len),
					     buf + len);
		}
	}
	return l->r;
}

/*
 * After an answer that could not be heard.  The rest of it bars the way: while a dump
 * has not ended the kernel begins no other.
 */
static void hear_out(struct nl *nl)
{
	char first; /* with which the kernel drops what there is no room for */

	while (nl->unheard &&
	       retry(recv(nl->fd, &first, sizeof(first), MSG_DONTWAIT)) > 0)
		;
	nl->unheard = false;
}

static int ask(struct nl *nl, struct nl_msg *msg, uint16_t flags, struct listening *l,
	       struct error *e)
{
	struct nlmsghdr *message = message_of(msg);

	if (msg->overflow)
		return error_set(e, ERROR_KERNEL,
				 "cannot %s: the request exceeds %d bytes", l->what,
				 NL_MSG_SIZE);
	message->nlmsg_flags = (uint16_t)(message->nlmsg_flags | flags);
	message->nlmsg_seq = nl_next_seq(nl);
	l->first = l->last = message->nlmsg_seq;
	hear_out(nl);
	if (send_all(nl, message, message->nlmsg_len, l->what, e) < 0)
		return -1;
	return listen_to(nl, l, e);
}

int nl_do(struct nl *nl, struct nl_msg *msg, const char *what, struct error *e)
{
	_Alignas(struct nlmsghdr) char buf[ANSWER_SIZE];
	struct listening l = { .buf = buf, .size = sizeof(buf), .what = what };

	return ask(nl, msg, NLM_F_ACK, &l, e);
}

int nl_get(struct nl *nl, struct nl_msg *msg, nl_answer *answer, void *arg,
	   const char *what, struct error *e)
{
	_Alignas(struct nlmsghdr) char buf[ANSWER_SIZE];
	struct listening l = { .buf = buf,
			       .size = sizeof(buf),
			       .one = true,
			       .answer = answer,
			       .arg = arg,
			       .what = what };

	return ask(nl, msg, 0, &l, e);
}

int nl_dump(struct nl *nl, struct nl_msg *msg, nl_answer *answer, void *arg,
	    const char *what, struct error *e)
{
	_Alignas(struct nlmsghdr) char buf[PIECE_SIZE];

	for (int tries = 0; tries < DUMP_TRIES; tries++) {
		struct listening l = { .buf = buf,
				       .size = sizeof(buf),
				       .answer = answer,
				       .arg = arg,
				       .what = what };
		int r = ask(nl, msg, NLM_F_DUMP, &l, e);

		if (r != 0 || !l.interrupted)
			return r;
	}
	return error_set(e, ERROR_AGAIN, "cannot %s: overtaken by changes %d times", what,
			 DUMP_TRIES);
}

int nl_send_batch(struct nl *nl, const void *batch, size_t len, uint32_t first,
		  uint32_t last, const char *what, struct error *e)
{
	_Alignas(struct nlmsghdr) char buf[ANSWER_SIZE];
	struct listening l = { .buf = buf,
			       .size = sizeof(buf),
			       .first = first,
			       .last = last,
			       .what = what };

	hear_out(nl);
	if (send_all(nl, batch, len, what, e) < 0)
		return -1;
	return listen_to(nl, &l, e);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nl.c - a conversation with the kernel in one namespace
 */
#include "nl.h"

#include <libmnl/libmnl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "retry.h"

#define PATIENCE_S 5
#define DUMP_TRIES 20
#define ANSWER_SIZE 32768 /* a device with virtual functions exceeds 8 KiB */

int nl_open(struct nl *ret, int bus, struct error *e)
{
	const int on = 1;
	_cleanup_(closep) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, bus);

	if (fd < 0) {
		int why = errno;

		error_sys(e, why, "cannot open a netlink socket");
		if (why == EPROTONOSUPPORT || why == EAFNOSUPPORT)
			return NL_UNSUPPORTED;
		return -1;
	}
	/* The kernel's sentences (since Linux 4.12) are a help, not a need. */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	*ret = (struct nl){ .fd = take_fd(&fd) };
	return 0;
}

void nl_close(struct nl *nl)
{
	closep(&nl->fd);
	nl->fd = -1;
}

void nl_strict(struct nl *nl)
{
	const int on = 1;

	(void)setsockopt(nl->fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
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

void nl_begin(struct nl_msg *msg, uint16_t type, uint16_t flags, const void *header,
	      size_t len)
{
	struct nlmsghdr *message;

	/* libmnl leaves what fills an attribute up as it was: nothing of ours goes out */
	memset(msg->buf, 0, sizeof(msg->buf));
	message = mnl_nlmsg_put_header(msg->buf);
	msg->overflow = false;
	message->nlmsg_type = type;
	message->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	memcpy(mnl_nlmsg_put_extra_header(message, len), header, len);
}

void nl_put(struct nl_msg *msg, uint16_t type, const void *data, size_t len)
{
	if (!mnl_attr_put_check(message_of(msg), NL_MSG_SIZE, type, len, data))
		msg->overflow = true;
}

void nl_put_u8(struct nl_msg *msg, uint16_t type, uint8_t value)
{
	nl_put(msg, type, &value, sizeof(value));
}

void nl_put_u16(struct nl_msg *msg, uint16_t type, uint16_t value)
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
	struct nlmsghdr *message = message_of(msg);

	if (NL_MSG_SIZE - message->nlmsg_len < NLMSG_ALIGN(len))
		msg->overflow = true;
	else
		memcpy(mnl_nlmsg_put_extra_header(message, len), header, len);
}

size_t nl_nest(struct nl_msg *msg, uint16_t type)
{
	struct nlattr *nest =
		mnl_attr_nest_start_check(message_of(msg), NL_MSG_SIZE, type);

	if (!nest) {
		msg->overflow = true;
		return 0;
	}
	return (size_t)((char *)nest - msg->buf);
}

void nl_nest_end(struct nl_msg *msg, size_t nest)
{
	if (!msg->overflow)
		mnl_attr_nest_end(message_of(msg), (struct nlattr *)(msg->buf + nest));
}

const struct nlmsghdr *nl_message(const struct nl_msg *msg)
{
	return (const struct nlmsghdr *)msg->buf;
}

/* Reading an answer. */

static int sort_in(const struct nlattr *attr, void *arg)
{
	struct nl_attrs *attrs = arg;
	uint16_t type = mnl_attr_get_type(attr);

	if (type <= attrs->max)
		attrs->v[type] = attr;
	return MNL_CB_OK;
}

void nl_parse(const struct nlmsghdr *message, size_t len, struct nl_attrs *attrs)
{
	if (nl_header(message, len))
		(void)mnl_attr_parse(message, (unsigned int)len, sort_in, attrs);
}

void nl_parse_nest(const struct nlattr *nest, struct nl_attrs *attrs)
{
	if (nest)
		(void)mnl_attr_parse_nested(nest, sort_in, attrs);
}

struct visiting {
	uint16_t type;
	nl_attribute *visit;
	void *arg;
	struct error *e;
};

static int visit_one(const struct nlattr *attr, void *arg)
{
	const struct visiting *visiting = arg;

	if (mnl_attr_get_type(attr) != visiting->type)
		return MNL_CB_OK;
	return visiting->visit(attr, visiting->arg, visiting->e) < 0 ? MNL_CB_ERROR
								     : MNL_CB_OK;
}

int nl_each(const struct nlmsghdr *message, size_t len, uint16_t type,
	    nl_attribute *visit, void *arg, struct error *e)
{
	struct visiting visiting = { type, visit, arg, e };

	if (!nl_header(message, len))
		return 0;
	return mnl_attr_parse(message, (unsigned int)len, visit_one, &visiting) < 0 ? -1
										    : 0;
}

const void *nl_header(const struct nlmsghdr *message, size_t len)
{
	if (mnl_nlmsg_get_payload_len(message) < len)
		return NULL;
	return mnl_nlmsg_get_payload(message);
}

const struct nlattr *nl_attr(const struct nl_attrs *attrs, uint16_t type)
{
	return type <= attrs->max ? attrs->v[type] : NULL;
}

const struct nlattr *nl_child(const struct nlattr *nest, const struct nlattr *prev)
{
	const struct nlattr *child;
	const char *end;

	if (!nest)
		return NULL;
	child = prev ? mnl_attr_next(prev) : mnl_attr_get_payload(nest);
	end = (const char *)mnl_attr_get_payload(nest) + mnl_attr_get_payload_len(nest);
	return mnl_attr_ok(child, (int)(end - (const char *)child)) ? child : NULL;
}

bool nl_is_nest(const struct nlattr *attr)
{
	return attr->nla_type & NLA_F_NESTED;
}

bool nl_is_same(const struct nlattr *one, const struct nlattr *other)
{
	const size_t len = mnl_attr_get_payload_len(one);

	return len == mnl_attr_get_payload_len(other) &&
	       memcmp(mnl_attr_get_payload(one), mnl_attr_get_payload(other), len) == 0;
}

bool nl_is_zero(const struct nlattr *attr)
{
	const char *value = mnl_attr_get_payload(attr);

	for (size_t i = 0; i < mnl_attr_get_payload_len(attr); i++) {
		if (value[i])
			return false;
	}
	return true;
}

const void *nl_data(const struct nl_attrs *attrs, uint16_t type, size_t *len)
{
	const struct nlattr *attr = nl_attr(attrs, type);

	*len = attr ? mnl_attr_get_payload_len(attr) : 0;
	return attr ? mnl_attr_get_payload(attr) : NULL;
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

/* Return: the number of bytes of a datagram from the kernel, or -1. */
static int hear(const struct nl *nl, char buf[static ANSWER_SIZE], const char *what,
		struct error *e)
{
	for (;;) {
		struct sockaddr_nl from = { 0 };
		struct iovec iov = { .iov_base = buf, .iov_len = ANSWER_SIZE };
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
					 what, PATIENCE_S);
		if (len < 0)
			return error_sys(e, errno, "cannot %s: no answer from the kernel",
					 what);
		if (len == 0) /* and so it would be for ever */
			return error_set(e, ERROR_KERNEL,
					 "cannot %s: the kernel has hung up", what);
		if (from.nl_pid != 0)
			continue; /* another process wrote to this socket */
		if (msg.msg_flags & MSG_TRUNC)
			return error_set(e, ERROR_KERNEL,
					 "cannot %s: the answer exceeds %d bytes", what,
					 ANSWER_SIZE);
		return (int)len;
	}
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
	uint32_t first, last; /* request numbers that concern us */
	bool one;	      /* a single answer, without an acknowledgement behind it */
	nl_answer *answer;
	void *arg;
	const char *what;
	bool interrupted, over;
	int r; /* what to return, once over */
};

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

/* mnl_nlmsg_ok() of libmnl 1.0.4 takes a length above INT_MAX for a negative one. */
static bool is_whole(const struct nlmsghdr *message, int left)
{
	return left >= (int)sizeof(*message) && message->nlmsg_len >= sizeof(*message) &&
	       message->nlmsg_len <= (unsigned int)left;
}

static int listen_to(struct nl *nl, struct listening *l, struct error *e)
{
	_Alignas(struct nlmsghdr) char buf[ANSWER_SIZE];

	while (!l->over) {
		const struct nlmsghdr *message = (const struct nlmsghdr *)buf;
		int left = hear(nl, buf, l->what, e);

		if (left < 0) {
			nl->unheard = true;
			return -1;
		}
		for (; !l->over && is_whole(message, left);
		     message = mnl_nlmsg_next(message, &left))
			heed(l, message, e);
	}
	return l->r;
}

/*
 * After an answer that could not be heard.  The rest of it bars the way: while a dump
 * has not ended the kernel begins no other.
 */
static void hear_out(struct nl *nl)
{
	char buf[ANSWER_SIZE];

	while (nl->unheard && retry(recv(nl->fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
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
	struct listening l = { .what = what };

	return ask(nl, msg, NLM_F_ACK, &l, e);
}

int nl_get(struct nl *nl, struct nl_msg *msg, nl_answer *answer, void *arg,
	   const char *what, struct error *e)
{
	struct listening l = { .one = true, .answer = answer, .arg = arg, .what = what };

	return ask(nl, msg, 0, &l, e);
}

int nl_dump(struct nl *nl, struct nl_msg *msg, nl_answer *answer, void *arg,
	    const char *what, struct error *e)
{
	for (int tries = 0; tries < DUMP_TRIES; tries++) {
		struct listening l = { .answer = answer, .arg = arg, .what = what };
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
	struct listening l = { .first = first, .last = last, .what = what };

	hear_out(nl);
	if (send_all(nl, batch, len, what, e) < 0)
		return -1;
	return listen_to(nl, &l, e);
}

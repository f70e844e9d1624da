/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nl.h - a conversation with the kernel in one namespace
 *
 * The one place that knows the layout of netlink's messages (netlink(7)).  A struct nl
 * is a netlink socket and speaks for the namespace it was opened in, wherever the
 * process is later.  A request is built in a struct nl_msg on the stack; an attribute
 * that no longer fits marks the message, and sending it then fails instead of sending
 * half.
 *
 * Answers must come from the kernel and bear the request's number; anything
 * else is left aside.  Every wait ends after 5 s.  A refusal carries the
 * kernel's own sentence (NETLINK_EXT_ACK) when it gave one.
 */
#ifndef FOOTBRIDGE_NL_H
#define FOOTBRIDGE_NL_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

/*
 * Answers a caller may expect.  The struct error is filled with them too, so a
 * caller to whom one is a failure after all returns -1 and has said why.
 */
#define NL_ABSENT 1		/* ENODEV, ENOENT, ESRCH, EADDRNOTAVAIL: no such thing */
#define NL_EXISTS 2		/* EEXIST: there already */
#define NL_UNSUPPORTED 3	/* EOPNOTSUPP, EPROTONOSUPPORT, EAFNOSUPPORT: not in this kernel */
#define NL_INVALID 4		/* EINVAL: not understood */
#define NL_OVERTAKEN 5		/* ERESTART: what the request is about has changed meanwhile */

#define NL_MSG_SIZE 2048

struct nl {
	int fd;		/* -1 = closed */
	uint32_t seq;	/* of the last request */
	bool unheard;	/* the last answer was not heard to its end */
};

#define NL_INIT { .fd = -1 }

struct nl_msg {
	_Alignas(struct nlmsghdr) char buf[NL_MSG_SIZE];
	bool overflow;
};

/* The parsed attributes of one message or nest, by type; NULL = not there. */
struct nl_attrs {
	const struct nlattr **v;
	uint16_t max;
};

/* Declare `struct nl_attrs name` for types 0..last. */
#define NL_ATTRS(name, last) \
	const struct nlattr *name##_v[(last) + 1] = { NULL }; \
	struct nl_attrs name = { .v = name##_v, .max = (last) }

/*
 * Open a socket of @bus (NETLINK_ROUTE, NETLINK_NETFILTER) in the namespace the
 * caller is in.
 * Return: 0; NL_UNSUPPORTED when the kernel has no such bus; -1 with ERROR_IO.
 */
int nl_open(struct nl *ret, int bus, struct error *e) _must_check_;

/* Close it.  For _cleanup_. */
void nl_close(struct nl *nl);

/*
 * Begin a request.
 * @type, @flags: of the nlmsghdr; NLM_F_REQUEST is added.
 * @header, @len: the family's own header (struct ifinfomsg, ...).
 */
void nl_begin(struct nl_msg *msg, uint16_t type, uint16_t flags, const void *header, size_t len);

void nl_put(struct nl_msg *msg, uint16_t type, const void *data, size_t len);
void nl_put_u8(struct nl_msg *msg, uint16_t type, uint8_t value);
void nl_put_u32(struct nl_msg *msg, uint16_t type, uint32_t value);
void nl_put_string(struct nl_msg *msg, uint16_t type, const char *value);

/* Append a bare structure inside a nest (VETH_INFO_PEER's ifinfomsg). */
void nl_put_header(struct nl_msg *msg, const void *header, size_t len);

/* Open a nest.  Return: its place, for nl_nest_end(). */
size_t nl_nest(struct nl_msg *msg, uint16_t type);
void nl_nest_end(struct nl_msg *msg, size_t nest);

/* What has been said so far: a message, whole once its nests are ended. */
const struct nlmsghdr *nl_message(const struct nl_msg *msg);

/* Called for an answer or for each message of a dump.  Return: 0 to go on, -1 with *e to stop. */
typedef int nl_answer(const struct nlmsghdr *message, void *arg, struct error *e);

/*
 * Ask the kernel to do something, and wait for its word.
 * @what: what is being tried, for the error ("create the bridge cni0").
 * Return: 0; a condition above; -1 with ERROR_KERNEL (or ERROR_AGAIN).
 */
int nl_do(struct nl *nl, struct nl_msg *msg, const char *what, struct error *e) _must_check_;

/*
 * Ask for one answer.  Whatever a device's namespace may add to it, such as other names
 * without end, is no failure: of one above 8 KiB only what is whole within them is told.
 * What the kernel knows of itself stands in front (rtnl_fill_ifinfo(),
 * net/core/rtnetlink.c: the other names come behind all that is read here).
 * Return: as nl_do(), and what @answer returned.
 */
int nl_get(struct nl *nl, struct nl_msg *msg, nl_answer *answer, void *arg, const char *what,
	   struct error *e) _must_check_;

/*
 * Ask for many answers.  Where a change overtakes the dump (NLM_F_DUMP_INTR) it
 * is asked for again, so a thing may be told of twice.
 * Return: as nl_get(); -1 with ERROR_AGAIN when changes never ceased.
 */
int nl_dump(struct nl *nl, struct nl_msg *msg, nl_answer *answer, void *arg, const char *what,
	    struct error *e) _must_check_;

/*
 * Send a batch that the caller has built: several messages, numbered from
 * nl_next_seq() on, and wait until @last has been acknowledged.
 * Return: as nl_do(), for the first message that was refused.
 */
int nl_send_batch(struct nl *nl, const void *batch, size_t len, uint32_t first, uint32_t last,
		  const char *what, struct error *e) _must_check_;

/* Return: a fresh request number. */
uint32_t nl_next_seq(struct nl *nl);

/*
 * Have dumps of addresses and routes filtered by the kernel (NETLINK_GET_STRICT_CHK, since
 * Linux 4.20).
 * Return: will it?
 */
bool nl_strict(struct nl *nl);

/*
 * Sort the attributes behind the family header (@len bytes) of a message, those of a
 * nest, or those in @len bytes behind a structure inside one (RTA_MULTIPATH's rtnexthop),
 * into @attrs by type.
 */
void nl_parse(const struct nlmsghdr *message, size_t len, struct nl_attrs *attrs);
void nl_parse_nest(const struct nlattr *nest, struct nl_attrs *attrs);
void nl_parse_bytes(const void *bytes, size_t len, struct nl_attrs *attrs);

/* Called for an attribute.  Return: 0 to go on, -1 with *e to stop. */
typedef int nl_attribute(const struct nlattr *attr, void *arg, struct error *e);

/* Visit each attribute of one type behind the family header.  Return: 0, -1. */
int nl_each(const struct nlmsghdr *message, size_t len, uint16_t type, nl_attribute *visit,
	    void *arg, struct error *e) _must_check_;

/* The family's header.  Return: NULL when the message is too short for @len bytes. */
const void *nl_header(const struct nlmsghdr *message, size_t len);

/* An attribute itself.  Return: NULL where it is absent. */
const struct nlattr *nl_attr(const struct nl_attrs *attrs, uint16_t type);

/*
 * The attribute of a nest behind @prev, the first one behind NULL.
 * Return: NULL behind the last, and where the nest is NULL or cut.
 */
const struct nlattr *nl_child(const struct nlattr *nest, const struct nlattr *prev);

/* Was it put by nl_nest()?  The kernel's own nests do not always tell (nla_nest_start_noflag()). */
bool nl_is_nest(const struct nlattr *attr);

/* Has it the other's value?  Is its value nothing but zeros? */
bool nl_is_same(const struct nlattr *one, const struct nlattr *other);
bool nl_is_zero(const struct nlattr *attr);

/*
 * An attribute's value.  Return: 0 or NULL where it is absent, too short, or a
 * string without its end.
 */
uint8_t nl_u8(const struct nl_attrs *attrs, uint16_t type);
uint16_t nl_u16(const struct nl_attrs *attrs, uint16_t type);
uint32_t nl_u32(const struct nl_attrs *attrs, uint16_t type);
uint64_t nl_u64(const struct nl_attrs *attrs, uint16_t type);
const char *nl_string(const struct nl_attrs *attrs, uint16_t type);
const void *nl_data(const struct nl_attrs *attrs, uint16_t type, size_t *len);

#endif

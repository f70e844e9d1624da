/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * addr.c - sentences about the addresses of a device
 */
#include "addr.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define WHAT_SIZE 96

/* @far: the peer's address of one that is point-to-point, else its own. */
static void begin(struct nl_msg *msg, uint16_t type, uint16_t flags, int index,
		  const struct prefix *prefix, const struct ip *far)
{
	const struct ifaddrmsg header = {
		.ifa_family = (uint8_t)ip_family(&prefix->ip),
		.ifa_prefixlen = prefix->bits,
		.ifa_index = (uint32_t)index,
	};

	nl_begin(msg, type, flags, &header, sizeof(header));
	nl_put(msg, IFA_LOCAL, prefix->ip.b, prefix->ip.len);
	nl_put(msg, IFA_ADDRESS, far->b, far->len);
}

int addr_add(struct nl *nl, int index, const struct prefix *prefix, uint32_t flags,
	     struct error *e)
{
	char text[PREFIX_TEXT], what[WHAT_SIZE];
	struct nl_msg msg;
	int r;

	begin(&msg, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, index, prefix, &prefix->ip);
	if (ip_family(&prefix->ip) == AF_INET && prefix->bits < 31) {
		struct ip broadcast = prefix_last(prefix);

		nl_put(&msg, IFA_BROADCAST, broadcast.b, broadcast.len);
	}
	if (flags)
		nl_put_u32(&msg, IFA_FLAGS, flags);
	(void)snprintf(what, sizeof(what), "add the address %s",
		       prefix_print(prefix, text));
	r = nl_do(nl, &msg, what, e);
	return r == 0 || r == NL_EXISTS || r == NL_ABSENT ? r : -1;
}

struct visiting {
	int family; /* AF_UNSPEC = any */
	int index;
	const int *nsid; /* NULL = of the socket's own namespace */
	addr_visit *visit;
	void *arg;
	struct ip far; /* of the one that is visited, as begin() has it */
};

static int visit_one(const struct nlmsghdr *message, void *arg, struct error *e)
{
	struct visiting *visiting = arg;
	const struct ifaddrmsg *header = nl_header(message, sizeof(*header));
	NL_ATTRS(attrs, IFA_FLAGS);
	struct prefix prefix;
	const void *address;
	uint32_t flags;
	size_t len;

	if (!header)
		return error_set(e, ERROR_KERNEL,
				 "the kernel's description of an address is cut");
	if (visiting->index && header->ifa_index != (uint32_t)visiting->index)
		return 0; /* a kernel that does not filter */
	if (visiting->family && header->ifa_family != visiting->family)
		return 0; /* a kernel without the family tells of all others */
	nl_parse(message, sizeof(*header), &attrs);
	address = nl_data(&attrs, IFA_ADDRESS, &len);
	visiting->far = ip_from(address, (uint8_t)len);
	address = nl_data(&attrs, attrs.v[IFA_LOCAL] ? IFA_LOCAL : IFA_ADDRESS, &len);
	if (!address || (len != 4 && len != 16) || header->ifa_prefixlen > 8 * len)
		return 0;
	prefix = (struct prefix){ .ip = ip_from(address, (uint8_t)len),
				  .bits = header->ifa_prefixlen };
	flags = attrs.v[IFA_FLAGS] ? nl_u32(&attrs, IFA_FLAGS) : header->ifa_flags;
	return visiting->visit(&prefix, flags, visiting->arg, e);
}

static int each(struct nl *nl, struct visiting *visiting, struct error *e)
{
	const struct ifaddrmsg header = { .ifa_family = (uint8_t)visiting->family,
					  .ifa_index = (uint32_t)visiting->index };
	struct nl_msg msg;
	int r;

	/* without it the kernel does not look at the namespace's number, and tells of our own */
	if (!nl_strict(nl) && visiting->nsid) {
		(void)error_set(
			e, ERROR_KERNEL,
			"this kernel cannot tell of another namespace's addresses "
			"(Linux 4.20)");
		return NL_UNSUPPORTED;
	}
	nl_begin(&msg, RTM_GETADDR, 0, &header, sizeof(header));
	if (visiting->nsid)
		nl_put_u32(&msg, IFA_TARGET_NETNSID, (uint32_t)*visiting->nsid);
	r = nl_dump(nl, &msg, visit_one, visiting, "list the addresses of a device", e);
	/* A kernel without the family, or a device that is gone, has none of them. */
	return r == 0 || r == NL_ABSENT || r == NL_UNSUPPORTED ? 0 : -1;
}

int addr_each(struct nl *nl, int index, int family, addr_visit *visit, void *arg,
	      struct error *e)
{
	struct visiting visiting = {
		.family = family, .index = index, .visit = visit, .arg = arg
	};

	return each(nl, &visiting, e);
}

int addr_each_in(struct nl *nl, int nsid, int index, int family, addr_visit *visit,
		 void *arg, struct error *e)
{
	struct visiting visiting = {
		.family = family,
		.index = index,
		.nsid = &nsid,
		.visit = visit,
		.arg = arg,
	};

	return each(nl, &visiting, e);
}

struct deleting {
	struct visiting visiting;
	const struct prefix *prefix;
	struct ip far;
};

static int note_far(const struct prefix *prefix, uint32_t flags, void *arg,
		    struct error *e)
{
	struct deleting *deleting = arg;

	(void)flags;
	(void)e;
	if (prefix_equal(prefix, deleting->prefix))
		deleting->far = deleting->visiting.far;
	return 0;
}

/* The kernel tells addresses apart by their peers, too (inet_rtm_deladdr(), net/ipv4/devinet.c). */
int addr_delete(struct nl *nl, int index, const struct prefix *prefix, struct error *e)
{
	struct deleting deleting = {
		.visiting = { .family = ip_family(&prefix->ip),
			      .index = index,
			      .visit = note_far,
			      .arg = &deleting },
		.prefix = prefix,
		.far = prefix->ip,
	};
	char text[PREFIX_TEXT], what[WHAT_SIZE];
	struct nl_msg msg;
	int r;

	if (each(nl, &deleting.visiting, e) != 0)
		return -1;
	begin(&msg, RTM_DELADDR, 0, index, prefix, &deleting.far);
	(void)snprintf(what, sizeof(what), "remove the address %s",
		       prefix_print(prefix, text));
	r = nl_do(nl, &msg, what, e);
	return r == 0 || r == NL_ABSENT ? r : -1;
}

struct looking {
	const struct ip *ip;
	int bits; /* of its prefix; -1 = whatever */
	int has;  /* as addr_has() returns it */
};

static int look(const struct prefix *prefix, uint32_t flags, void *arg, struct error *e)
{
	struct looking *looking = arg;

	(void)e;
	if (ip_equal(&prefix->ip, looking->ip) &&
	    (looking->bits < 0 || looking->bits == prefix->bits))
		looking->has = flags & IFA_F_DADFAILED ? ADDR_DUPLICATE : 1;
	return 0;
}

int addr_is_at(struct nl *nl, const int *nsid, int index, const struct ip *ip,
	       struct error *e)
{
	struct looking looking = { .ip = ip, .bits = -1 };
	struct visiting visiting = {
		.family = ip_family(ip),
		.index = index,
		.nsid = nsid,
		.visit = look,
		.arg = &looking,
	};

	return each(nl, &visiting, e) == 0 ? looking.has != 0 : -1;
}

/*
 * Of IPv4 the kernel tells all addresses of a device, or that one is there when it is to be
 * added: so it is, with a flag that only a multicast address can have, by which the kernel
 * refuses it after that look (inet_rtm_newaddr(), ip_mc_join_group()).
 * Return: is it there?  No is not sure.
 */
static bool meets_v4(struct nl *nl, int index, const struct prefix *prefix)
{
	struct error unheard;
	struct nl_msg msg;

	begin(&msg, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, index, prefix, &prefix->ip);
	nl_put_u32(&msg, IFA_FLAGS, IFA_F_MCAUTOJOIN);
	return nl_do(nl, &msg, "look for an address", &unheard) == NL_EXISTS;
}

/* Of IPv6 the kernel can be asked for one address (inet6_rtm_getaddr(), net/ipv6/addrconf.c). */
static int look_for_v6(struct nl *nl, struct visiting *visiting, const struct ip *ip,
		       struct error *e)
{
	const struct ifaddrmsg header = { .ifa_family = AF_INET6,
					  .ifa_index = (uint32_t)visiting->index };
	struct nl_msg msg;
	int r;

	nl_begin(&msg, RTM_GETADDR, 0, &header, sizeof(header));
	nl_put(&msg, IFA_ADDRESS, ip->b, ip->len);
	r = nl_get(nl, &msg, visit_one, visiting, "look for an address", e);
	return r == 0 || r == NL_ABSENT || r == NL_UNSUPPORTED ? 0 : -1;
}

int addr_has(struct nl *nl, int index, const struct prefix *prefix, struct error *e)
{
	const int family = ip_family(&prefix->ip);
	struct looking looking = { .ip = &prefix->ip, .bits = prefix->bits };
	struct visiting visiting = {
		.family = family, .index = index, .visit = look, .arg = &looking
	};
	int r;

	if (family == AF_INET && meets_v4(nl, index, prefix))
		return 1;
	r = family == AF_INET6 ? look_for_v6(nl, &visiting, &prefix->ip, e)
			       : each(nl, &visiting, e);
	return r < 0 ? -1 : looking.has;
}

const char *addr_why(int has)
{
	return has == ADDR_DUPLICATE ? ": another host on the bridge has it (duplicate "
				       "address detection); remove it there"
				     : "";
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netlink.c - answers of rtnetlink: the first byte is the question
 */
#include "addr.h"
#include "kernel.h"
#include "link.h"
#include "membership.h"
#include "name.h"
#include "route.h"

static void must_end(const char *text, size_t size)
{
	MUST(memchr(text, '\0', size));
}

static int see_link(const struct link *link, void *arg, struct error *e)
{
	(void)arg;
	(void)e;
	must_end(link->name, sizeof(link->name));
	must_end(link->kind, sizeof(link->kind));
	must_end(link->alias, sizeof(link->alias));
	return 0;
}

static void must_be_prefix(const struct prefix *prefix)
{
	MUST(prefix->ip.len == 4 || prefix->ip.len == 16);
	MUST(prefix->bits <= 8 * prefix->ip.len);
}

static int see_address(const struct prefix *prefix, uint32_t flags, void *arg,
		       struct error *e)
{
	(void)flags;
	(void)arg;
	(void)e;
	must_be_prefix(prefix);
	return 0;
}

static int see_route(const struct route_seen *route, void *arg, struct error *e)
{
	(void)arg;
	(void)e;
	must_be_prefix(&route->dst);
	MUST((route->index != 0) == !route_drops(route->type));
	return 0;
}

static int ask(struct nl *nl, uint8_t question, struct error *e)
{
	struct route route = { 0 };
	struct membership membership;
	struct prefix prefix;
	struct link link;
	uint32_t mtu;
	int nsid, r;

	MUST(prefix_parse("10.1.0.2/24", &prefix) &&
	     prefix_parse("0.0.0.0/0", &route.dst) && ip_parse("10.1.0.1", &route.gw));
	switch (question % 11) {
	case 0:
		r = link_get(nl, "eth0", 0, &link, e);
		return r == 0 ? see_link(&link, NULL, e) : r;
	case 1:
		return link_each(nl, "veth", see_link, NULL, e);
	case 2:
		return link_nsid(nl, 0, &nsid, e);
	case 3:
		return link_has_ports(nl, 2, e);
	case 4:
		return addr_each(nl, 2, AF_UNSPEC, see_address, NULL, e);
	case 5:
		return addr_has(nl, 2, &prefix, e);
	case 6:
		return route_has(nl, 2, &route, e);
	case 7:
		return route_default_mtu(nl, &mtu, e);
	case 8:
		return membership_get(nl, 2, &membership, e);
	case 9:
		return addr_add(nl, 2, &prefix, 0, e);
	default:
		return route_each(nl, AF_INET, see_route, NULL, e);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(kernel_close) struct kernel kernel = { .nl = NL_INIT, .other = -1 };
	struct error e = { 0 };

	if (size == 0)
		return 0;
	kernel = kernel_open(data + 1, size - 1);
	(void)fuzz_said(ask(&kernel.nl, data[0], &e), &e);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * route.c - sentences about routes
 */
#include "route.h"

#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "link.h"

#define WHAT_SIZE 128
#define MTU_MAX 65535u /* ETH_MAX_MTU, linux/if_ether.h: what a veth takes; lo has more */
/* A route's metrics end here: the kernel takes more for this (ip_metrics_convert()). */
#define METRIC_MTU_MAX (65535u - 15)
#define METRIC_ADVMSS_MAX (65535u - 40)

/* The main table where the route names none. */
static uint32_t table_of(const struct route *route)
{
	return route->has_table && route->table ? route->table : RT_TABLE_MAIN;
}

bool route_is_main(const struct route *route)
{
	return table_of(route) == RT_TABLE_MAIN;
}

/* The rest of the network is reached through a gateway, the link's own without one. */
static uint8_t scope_of(const struct route *route)
{
	if (route->has_scope)
		return route->scope;
	if (ip_family(&route->dst.ip) == AF_INET && ip_is_none(&route->gw))
		return RT_SCOPE_LINK;
	return RT_SCOPE_UNIVERSE;
}

static void put_metrics(struct nl_msg *msg, const struct route *route)
{
	size_t metrics;

	if (!route->mtu && !route->advmss)
		return;
	metrics = nl_nest(msg, RTA_METRICS);
	if (route->mtu)
		nl_put_u32(msg, RTAX_MTU, route->mtu);
	if (route->advmss)
		nl_put_u32(msg, RTAX_ADVMSS, route->advmss);
	nl_nest_end(msg, metrics);
}

int route_add(struct nl *nl, int index, const struct route *route, struct error *e)
{
	const struct rtmsg header = {
		.rtm_family = (uint8_t)ip_family(&route->dst.ip),
		.rtm_dst_len = route->dst.bits,
		.rtm_table = table_of(route) < 256 ? (uint8_t)table_of(route)
						   : RT_TABLE_UNSPEC,
		.rtm_protocol = RTPROT_BOOT,
		.rtm_scope = scope_of(route),
		.rtm_type = RTN_UNICAST,
	};
	char dst[PREFIX_TEXT], gw[IP_TEXT], what[WHAT_SIZE];
	struct nl_msg msg;
	int r;

	nl_begin(&msg, RTM_NEWROUTE, NLM_F_CREATE, &header, sizeof(header));
	nl_put(&msg, RTA_DST, route->dst.ip.b, route->dst.ip.len);
	nl_put_u32(&msg, RTA_OIF, (uint32_t)index);
	nl_put_u32(&msg, RTA_TABLE, table_of(route));
	if (!ip_is_none(&route->gw))
		nl_put(&msg, RTA_GATEWAY, route->gw.b, route->gw.len);
	if (route->priority)
		nl_put_u32(&msg, RTA_PRIORITY, route->priority);
	put_metrics(&msg, route);
	(void)snprintf(what, sizeof(what), "add the route to %s%s%s",
		       prefix_print(&route->dst, dst),
		       ip_is_none(&route->gw) ? "" : " via ", ip_print(&route->gw, gw));
	r = nl_do(nl, &msg, what, e);
	return r == 0 || r == NL_EXISTS ? 0 : -1;
}

struct looking {
	const struct route *route;
	int index;
	bool found;
};

static bool same_ip(const struct nl_attrs *attrs, uint16_t type, const struct ip *ip)
{
	size_t len;
	const void *data = nl_data(attrs, type, &len);

	return len == ip->len && (len == 0 || memcmp(data, ip->b, len) == 0);
}

static bool same_dst(const struct rtmsg *header, const struct nl_attrs *attrs,
		     const struct prefix *dst)
{
	if (header->rtm_dst_len != dst->bits)
		return false;
	return attrs->v[RTA_DST] ? same_ip(attrs, RTA_DST, &dst->ip)
				 : prefix_is_default(dst);
}

/* Is nothing asked for, or as much as the kernel gives? */
static bool same_metric(const struct nl_attrs *metrics, uint16_t type, uint32_t asked,
			uint32_t most)
{
	return !asked || nl_u32(metrics, type) == (asked < most ? asked : most);
}

static bool same_metrics(const struct nl_attrs *attrs, const struct route *route)
{
	NL_ATTRS(metrics, RTAX_ADVMSS);

	nl_parse_nest(attrs->v[RTA_METRICS], &metrics);
	return same_metric(&metrics, RTAX_MTU, route->mtu, METRIC_MTU_MAX) &&
	       same_metric(&metrics, RTAX_ADVMSS, route->advmss, METRIC_ADVMSS_MAX);
}

/* One of those of a route that has several. */
struct next_hop {
	int index; /* of the device; 0 for one that is dead */
	struct ip gateway;
};

static struct ip gateway_in(const char *bytes, size_t len)
{
	NL_ATTRS(attrs, RTA_GATEWAY);
	const void *gateway;

	nl_parse_bytes(bytes, len, &attrs);
	gateway = nl_data(&attrs, RTA_GATEWAY, &len);
	return ip_from(gateway, (uint8_t)len);
}

/* Read one of RTA_MULTIPATH.  Return: false at their end. */
static bool read_next_hop(const char **at, size_t *left, struct next_hop *ret)
{
	struct rtnexthop header;
	size_t len;

	if (!*at || *left < sizeof(header))
		return false;
	memcpy(&header, *at, sizeof(header));
	len = (size_t)RTNH_ALIGN(header.rtnh_len);
	if (len < sizeof(header) || len > *left)
		return false;
	ret->index = header.rtnh_flags & RTNH_F_DEAD ? 0 : header.rtnh_ifindex;
	ret->gateway = gateway_in(*at + sizeof(header), len - sizeof(header));
	*at += len;
	*left -= len;
	return true;
}

/*
 * Does it lead through this device to this gateway?  The kernel makes one IPv6 route of
 * several to one destination.
 */
static bool leads(const struct nl_attrs *attrs, int index, const struct ip *gateway)
{
	struct next_hop hop;
	size_t left;
	const char *at = nl_data(attrs, RTA_MULTIPATH, &left);

	while (read_next_hop(&at, &left, &hop)) {
		if (hop.index == index && ip_equal(&hop.gateway, gateway))
			return true;
	}
	return nl_u32(attrs, RTA_OIF) == (uint32_t)index &&
	       same_ip(attrs, RTA_GATEWAY, gateway);
}

static int look(const struct nlmsghdr *message, void *arg, struct error *e)
{
	struct looking *looking = arg;
	const struct route *route = looking->route;
	const struct rtmsg *header = nl_header(message, sizeof(*header));
	NL_ATTRS(attrs, RTA_TABLE);

	if (!header)
		return error_set(e, ERROR_KERNEL,
				 "the kernel's description of a route is cut");
	nl_parse(message, sizeof(*header), &attrs);
	if (same_dst(header, &attrs, &route->dst) &&
	    leads(&attrs, looking->index, &route->gw) &&
	    nl_u32(&attrs, RTA_TABLE) == table_of(route) &&
	    (!route->priority || nl_u32(&attrs, RTA_PRIORITY) == route->priority) &&
	    same_metrics(&attrs, route))
		looking->found = true;
	return 0;
}

int route_has(struct nl *nl, int index, const struct route *route, struct error *e)
{
	const struct rtmsg header = { .rtm_family = (uint8_t)ip_family(&route->dst.ip) };
	struct looking looking = { .route = route, .index = index };
	struct nl_msg msg;

	nl_begin(&msg, RTM_GETROUTE, 0, &header, sizeof(header));
	if (nl_dump(nl, &msg, look, &looking, "list the routes", e) != 0)
		return -1;
	return looking.found;
}

/* Those of the main table. */

const char *route_drops(uint8_t type)
{
	switch (type) {
	case RTN_BLACKHOLE:
		return "blackhole";
	case RTN_UNREACHABLE:
		return "unreachable";
	case RTN_PROHIBIT:
		return "prohibit";
	default:
		return NULL;
	}
}

struct visiting {
	int family;
	route_visit *visit;
	void *arg;
};

static int visit_next_hops(struct route_seen *seen, const struct nl_attrs *attrs,
			   const struct visiting *visiting, struct error *e)
{
	struct next_hop hop;
	size_t left;
	const char *at = nl_data(attrs, RTA_MULTIPATH, &left);

	seen->index = 0;
	if (route_drops(seen->type)) /* of IPv6 it stands on lo */
		return visiting->visit(seen, visiting->arg, e);
	while (read_next_hop(&at, &left, &hop)) {
		seen->index = hop.index;
		if (seen->index && visiting->visit(seen, visiting->arg, e) < 0)
			return -1;
	}
	seen->index = (int)nl_u32(attrs, RTA_OIF);
	return seen->index ? visiting->visit(seen, visiting->arg, e) : 0;
}

static int visit_one(const struct nlmsghdr *message, void *arg, struct error *e)
{
	const struct visiting *visiting = arg;
	const struct rtmsg *header = nl_header(message, sizeof(*header));
	const uint8_t none[16] = { 0 };
	struct route_seen seen;
	NL_ATTRS(attrs, RTA_TABLE);
	const void *dst;
	size_t len;

	if (!header)
		return error_set(e, ERROR_KERNEL,
				 "the kernel's description of a route is cut");
	nl_parse(message, sizeof(*header), &attrs);
	if ((header->rtm_type != RTN_UNICAST && !route_drops(header->rtm_type)) ||
	    (header->rtm_flags & RTNH_F_DEAD) || header->rtm_family != visiting->family ||
	    nl_u32(&attrs, RTA_TABLE) != RT_TABLE_MAIN)
		return 0;
	dst = nl_data(&attrs, RTA_DST, &len);
	if (!dst || (len != 4 && len != 16)) {
		dst = none;
		len = header->rtm_family == AF_INET ? 4 : 16;
	}
	if (header->rtm_dst_len > 8 * len)
		return 0;
	seen.dst = (struct prefix){ .ip = ip_from(dst, (uint8_t)len),
				    .bits = header->rtm_dst_len };
	seen.metric = nl_u32(&attrs, RTA_PRIORITY);
	seen.type = header->rtm_type;
	return visit_next_hops(&seen, &attrs, visiting, e);
}

int route_each(struct nl *nl, int family, route_visit *visit, void *arg, struct error *e)
{
	const struct rtmsg header = { .rtm_family = (uint8_t)family,
				      .rtm_table = RT_TABLE_MAIN };
	struct visiting visiting = { .family = family, .visit = visit, .arg = arg };
	struct nl_msg msg;
	int r;

	(void)nl_strict(nl);
	nl_begin(&msg, RTM_GETROUTE, 0, &header, sizeof(header));
	r = nl_dump(nl, &msg, visit_one, &visiting, "list the routes", e);
	return r == 0 || r == NL_ABSENT || r == NL_UNSUPPORTED ? 0 : -1;
}

/* The default route. */

struct defaulting {
	uint32_t metric; /* of the best so far */
	int *links;	 /* the devices it goes through; they are looked at later */
	size_t n;
};

static void defaulting_clear(struct defaulting *best)
{
	free(best->links);
}

static int compare_default(const struct route_seen *seen, void *arg, struct error *e)
{
	struct defaulting *best = arg;

	if (!seen->index || seen->dst.bits > 0 || seen->metric > best->metric)
		return 0;
	if (seen->metric < best->metric)
		best->n = 0;
	best->metric = seen->metric;
	if (list_grow(&best->links, best->n, sizeof(*best->links), e) < 0)
		return -1;
	best->links[best->n++] = seen->index;
	return 0;
}

/* Return: 0, *mtu unchanged where there is no default route of the family; -1. */
static int default_of(struct nl *nl, int family, uint32_t *mtu, struct error *e)
{
	_cleanup_(defaulting_clear) struct defaulting best = { .metric = UINT32_MAX };

	if (route_each(nl, family, compare_default, &best, e) < 0)
		return -1;
	for (size_t i = 0; i < best.n; i++) {
		struct link link;
		int r = link_get(nl, NULL, best.links[i], &link, e);

		if (r < 0)
			return -1;
		if (r == 0 && (*mtu == 0 || link.mtu < *mtu))
			*mtu = link.mtu < MTU_MAX ? link.mtu : MTU_MAX;
	}
	return 0;
}

int route_default_mtu(struct nl *nl, uint32_t *mtu, struct error *e)
{
	*mtu = 0;
	if (default_of(nl, AF_INET, mtu, e) < 0)
		return -1;
	return *mtu ? 0 : default_of(nl, AF_INET6, mtu, e);
}

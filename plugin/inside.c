/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inside.c - the container's end: addresses, routes, switches
 */
#include "inside.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "addr.h"
#include "clock.h"
#include "link.h"
#include "route.h"
#include "sysctl.h"

#define DAD_STEP_MS 20
#define DAD_PATIENCE_MS 5000

static bool has_family(const struct result *result, int family)
{
	for (size_t i = 0; i < result->n_ips; i++) {
		if (ip_family(&result->ips[i].address.ip) == family)
			return true;
	}
	return false;
}

/* Switches of the interface. */

struct switching {
	const char *ifname;
	bool dad;
};

struct want {
	const char *key;
	int value;
	bool needed; /* failing to set it fails the ADD */
};

static int set_switches(const char *ifname, const struct want *wants, size_t n,
			struct error *e)
{
	for (size_t i = 0; i < n; i++) {
		const struct sysctl sysctl = { "ipv6", ifname, wants[i].key };
		int r = sysctl_set(&sysctl, wants[i].value, e);

		if (r == 0 || !wants[i].needed)
			continue;
		if (r < 0 || sysctl_need_ipv6(e) < 0)
			return -1;
	}
	return 0;
}

/* Runs inside the container's namespace. */
static int switch_inside(void *arg, struct error *e)
{
	const struct switching *s = arg;
	/* a container reaches its own addresses, ::1 among them, through lo */
	const struct want lo[] = { { "disable_ipv6", 0, false } };
	const struct want wants[] = {
		{ "disable_ipv6", 0, true },
		{ "ndisc_notify", 1, false },
		/* an address shall outlive `ip link set down` */
		{ "keep_addr_on_down", 1, false },
		/* addresses and routes are ours to give: no neighbour's (CVE-2020-10749) */
		{ "accept_ra", 0, false },
		{ "accept_dad", s->dad, false },
		{ "enhanced_dad", 1, false },
	};

	(void)!set_switches("lo", lo, COUNT(lo), e);
	return set_switches(s->ifname, wants, COUNT(wants), e);
}

/* Addresses and routes. */

static int add_addresses(const struct attach *at, int index, struct error *e)
{
	const uint32_t v6_flags = at->id.conf->bridge.enable_dad ? 0 : IFA_F_NODAD;

	for (size_t i = 0; i < at->result.n_ips; i++) {
		const struct prefix *address = &at->result.ips[i].address;
		uint32_t flags = ip_family(&address->ip) == AF_INET6 ? v6_flags : 0;
		int r = addr_add(&at->id.pod->route, index, address, flags, e);

		if (r != 0)
			return -1;
	}
	return 0;
}

/*
 * The route as it is to stand in the kernel: through the family's gateway, unless
 * it names its own or its scope says that there is none in between; 0.0.0.0 and ::
 * say so, too.
 */
static struct route full_route(const struct result *result, const struct route *route)
{
	const struct ip *gateway = result_gateway(result, ip_family(&route->dst.ip));
	struct route full = *route;

	if (ip_is_none(&full.gw) && gateway && !route_is_on_link(route))
		full.gw = *gateway;
	if (ip_is_unspecified(&full.gw))
		full.gw = (struct ip){ 0 };
	return full;
}

static int add_routes(const struct attach *at, int index, struct error *e)
{
	for (size_t i = 0; i < at->result.n_routes; i++) {
		struct route route = full_route(&at->result, &at->result.routes[i]);

		if (route_add(&at->id.pod->route, index, &route, e) < 0)
			return -1;
	}
	return 0;
}

/* Duplicate address detection, where it was asked for. */

struct settling {
	bool tentative, failed;
};

static int look(const struct prefix *prefix, uint32_t flags, void *arg, struct error *e)
{
	struct settling *settling = arg;

	(void)prefix;
	(void)e;
	if (flags & IFA_F_DADFAILED)
		settling->failed = true;
	else if (flags & IFA_F_TENTATIVE)
		settling->tentative = true;
	return 0;
}

static int settle(const struct attach *at, int index, struct error *e)
{
	const struct timespec step = { .tv_nsec = DAD_STEP_MS * 1000000L };
	const int64_t deadline = clock_ms() + DAD_PATIENCE_MS;
	struct nl *pod = &at->id.pod->route;

	for (;;) {
		struct settling settling = { 0 };

		if (addr_each(pod, index, AF_INET6, look, &settling, e) < 0)
			return -1;
		if (settling.failed)
			return error_set(e, ERROR_EXISTS,
					 "the container's %s lacks an IPv6 address%s",
					 at->id.args->ifname, addr_why(ADDR_DUPLICATE));
		if (!settling.tentative)
			return 0;
		if (clock_ms() >= deadline)
			return error_set(
				e, ERROR_AGAIN,
				"the IPv6 addresses of %s stayed tentative for %d s",
				at->id.args->ifname, DAD_PATIENCE_MS / 1000);
		(void)nanosleep(&step, NULL);
	}
}

static int raise_up(const struct attach *at, int index, struct error *e)
{
	return link_set_flags(&at->id.pod->route, index, IFF_UP, true, e) == 0 ? 0 : -1;
}

/*
 * May the neighbours know the first address with another MAC?  Not where the MAC is derived
 * from it.  A second one is IPv6, of which the kernel tells by itself when the carrier comes
 * (addrconf_dad_completed(), net/ipv6/addrconf.c).
 */
static bool has_other_mac(const struct ident *id)
{
	return !mac_is_none(&id->conf->bridge.mac) || !mac_is_none(&id->args->mac) ||
	       id->conf->ipam.external;
}

/* A change of the MAC is announced; where that cannot be it works all the same. */
static void announce_changes(const struct attach *at, int index)
{
	struct error ignored;

	(void)!link_arp_notify(&at->id.pod->route, index, &ignored);
}

/*
 * So is the interface when it comes up.  With another MAC that would be too early: the
 * address may be refused still (masq.h), and its holder be cut off.
 */
static int raise_with_addresses(const struct attach *at, int index, struct error *e)
{
	const bool other = has_other_mac(&at->id);

	if (!other)
		announce_changes(at, index);
	if (raise_up(at, index, e) < 0)
		return -1;
	if (other)
		announce_changes(at, index);
	return 0;
}

static int turn_switches(const struct attach *at, bool v6, struct error *e)
{
	struct switching switching = { .ifname = at->id.args->ifname,
				       .dad = at->id.conf->bridge.enable_dad };

	return v6 ? netns_run(&at->id.pod->netns, switch_inside, &switching, e) : 0;
}

static int apply(struct attach *at, struct error *e)
{
	const struct conf_bridge *conf = &at->id.conf->bridge;
	const char *ifname = at->id.args->ifname;
	bool v6 = has_family(&at->result, AF_INET6);
	int index;

	if (conf->disable_container_interface)
		return 0;
	index = link_index(&at->id.pod->route, ifname);
	if (!index)
		return error_set(e, ERROR_AGAIN,
				 "the container's interface %s vanished meanwhile",
				 ifname);
	if (at->result.n_ips == 0)
		return raise_up(at, index, e);
	if (turn_switches(at, v6, e) < 0 || add_addresses(at, index, e) < 0 ||
	    raise_with_addresses(at, index, e) < 0 || add_routes(at, index, e) < 0)
		return -1;
	return v6 && conf->enable_dad ? settle(at, index, e) : 0;
}

/* CHECK. */

static int verify_addresses(const struct attach *at, int index, struct error *e)
{
	char text[PREFIX_TEXT];

	for (size_t i = 0; i < at->result.n_ips; i++) {
		const struct address *ip = &at->result.ips[i];
		int r;

		if (!attach_owns(at, ip))
			continue;
		r = addr_has(&at->id.pod->route, index, &ip->address, e);
		if (r == 0 || r == ADDR_DUPLICATE)
			return error_set(e, ERROR_MISMATCH,
					 "the container's %s lacks the address %s%s",
					 at->id.args->ifname,
					 prefix_print(&ip->address, text), addr_why(r));
		if (r < 0)
			return -1;
	}
	return 0;
}

static int verify_routes(const struct attach *at, int index, struct error *e)
{
	char dst[PREFIX_TEXT], gw[IP_TEXT];

	for (size_t i = 0; i < at->result.n_routes; i++) {
		struct route route = full_route(&at->result, &at->result.routes[i]);
		int r = route_has(&at->id.pod->route, index, &route, e);

		if (r == 0)
			return error_set(
				e, ERROR_MISMATCH,
				"the container lacks the route to %s%s%s through %s",
				prefix_print(&route.dst, dst),
				ip_is_none(&route.gw) ? "" : " via ",
				ip_print(&route.gw, gw), at->id.args->ifname);
		if (r < 0)
			return -1;
	}
	return 0;
}

static int verify(const struct attach *at, struct error *e)
{
	const char *ifname = at->id.args->ifname;
	struct link link;

	if (link_get(&at->id.pod->route, ifname, 0, &link, e) != 0)
		return -1;
	if (at->id.conf->bridge.disable_container_interface)
		return 0;
	if (!(link.flags & IFF_UP))
		return error_set(e, ERROR_MISMATCH, "the container's %s is down", ifname);
	if (verify_addresses(at, link.index, e) < 0)
		return -1;
	return verify_routes(at, link.index, e);
}

static int ready(const struct ident *id, struct error *e)
{
	if (conf_gives_ipv6(&id->conf->ipam) && sysctl_need_ipv6(e) < 0)
		return -1;
	return netns_can_enter(e);
}

const struct effect inside_configure = {
	.name = "configure the container's interface",
	.apply = apply,
	.verify = verify,
	.ready = ready,
};

static int announce(struct attach *at, struct error *e)
{
	const struct ident *id = &at->id;
	struct nl *pod = &id->pod->route;
	struct link link;

	if (at->result.n_ips == 0 || !has_other_mac(id))
		return 0;
	if (link_get(pod, id->args->ifname, 0, &link, e) != 0)
		return -1;
	/* to what it is: that is the announcement */
	return link_set_mac(pod, link.index, &link.mac, e);
}

const struct effect inside_announce = {
	.name = "announce the container",
	.apply = announce,
};

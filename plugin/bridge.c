/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bridge.c - the plugin "bridge": containers on a bridge of this host
 *
 * Its list, and the effects that are its own: the bridge, and the gateway with its
 * addresses and forwarding.  All of that is shared by the network's containers;
 * it is ensured by each ADD and never taken back.
 */
#include <linux/if_addr.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "addr.h"
#include "bridge.h"
#include "delegate.h"
#include "hostlocal.h"
#include "inside.h"
#include "link.h"
#include "masq.h"
#include "neigh.h"
#include "plugins.h"
#include "record.h"
#include "route.h"
#include "segment.h"
#include "spoof.h"
#include "sysctl.h"
#include "takeover.h"
#include "veth.h"

/* The first byte of the MACs of bridges that we make: locally administered (IEEE 802). */
#define OUR_MAC_0 0x02

/* The bridge itself. */

/* Our mark in it tells a bridge that needs no pin_mac(). */
static int choose_mac(struct mac *mac, struct error *e)
{
	if (mac_choose(OUR_MAC_0, mac, e) < 0)
		return -1;
	mac_mark(mac);
	return 0;
}

static int create(const struct ident *id, struct error *e)
{
	const struct conf_bridge *conf = &id->conf->bridge;
	struct link_bridge bridge = {
		.name = conf->bridge,
		.vlan_filtering = conf_uses_vlans(conf),
	};
	int r;

	if (choose_mac(&bridge.mac, e) < 0 || ident_mtu(id, &bridge.mtu, e) < 0)
		return -1;
	r = link_add_bridge(&id->host->route, &bridge, e);
	if (r == NL_UNSUPPORTED && bridge.vlan_filtering)
		return segment_refuse(ERROR_UNSUPPORTED, e);
	/* Another ADD may have been quicker. */
	return r == 0 || r == NL_EXISTS ? 0 : -1;
}

static int must_be_bridge(const struct link *link, enum error_code code, struct error *e)
{
	if (strcmp(link->kind, "bridge") == 0)
		return 0;
	return error_set(
		e, code,
		"\"bridge\": %s is there already and no bridge (%s); choose another name "
		"or remove it",
		link->name, *link->kind ? link->kind : "a plain device");
}

static int find_or_create(const struct ident *id, struct link *link, struct error *e)
{
	const struct conf_bridge *conf = &id->conf->bridge;
	struct nl *host = &id->host->route;
	int r = link_get(host, conf->bridge, 0, link, e);

	if (r == NL_ABSENT) {
		if (create(id, e) < 0)
			return -1;
		r = link_get(host, conf->bridge, 0, link, e);
	}
	if (r != 0 || must_be_bridge(link, ERROR_EXISTS, e) < 0)
		return -1;
	return segment_separates(conf, link, ERROR_EXISTS, e);
}

/*
 * A bridge that somebody else made may take the MAC of its lowest port.  Could our
 * port be that, since there is no other, or none that is surely lower?
 * Return: 1 yes, 0 no, -1.
 */
static int may_take_ours(struct nl *host, const struct link *link, struct error *e)
{
	int r;

	if (link->mac.b[0] == OUR_MAC_0 && mac_is_marked(&link->mac))
		return 0; /* one that we made has its own from birth */
	if (link->mac.b[0] >= VETH_MAC_0)
		return 1;
	r = link_has_ports(host, link->index, e);
	return r < 0 ? -1 : !r;
}

/* Tell a bridge to keep the MAC it has. */
static int pin_mac(struct nl *host, struct link *link, struct error *e)
{
	int r = may_take_ours(host, link, e);

	if (r <= 0)
		return r;
	if (mac_is_none(&link->mac) && choose_mac(&link->mac, e) < 0)
		return -1;
	if (link_set_mac(host, link->index, &link->mac, e) < 0)
		return -1;
	return link_receive_mac(host, link->index, &link->mac, e);
}

static int raise_bridge(struct nl *host, const struct conf_bridge *conf,
			const struct link *link, struct error *e)
{
	/* Neighbours are asked from the link-local address, which must not have to wait. */
	const struct sysctl accept_dad = { "ipv6", link->name, "accept_dad" };
	unsigned int flags = IFF_UP | (conf->promisc_mode ? IFF_PROMISC : 0u);
	struct error ignored;

	if (link->accepts_ra)
		sysctl_ignore_routers(link->name);
	if ((link->flags & flags) == flags)
		return 0;
	/* Where /proc/sys is read-only the bridge serves all the same. */
	(void)!sysctl_set(&accept_dad, 0, &ignored);
	return link_set_flags(host, link->index, flags, true, e) == 0 ? 0 : -1;
}

static int bridge_apply(struct attach *at, struct error *e)
{
	const struct conf_bridge *conf = &at->id.conf->bridge;
	struct nl *host = &at->id.host->route;
	struct link link;
	char mac[MAC_TEXT];

	if (find_or_create(&at->id, &link, e) < 0 || pin_mac(host, &link, e) < 0 ||
	    raise_bridge(host, conf, &link, e) < 0)
		return -1;
	return result_add_interface(&at->result, link.name, mac_print(&link.mac, mac), "",
				    link.mtu, e);
}

/* What the configuration adds to the IPAM's facts. */

static void choose_gateways(struct result *result)
{
	for (size_t i = 0; i < result->n_ips; i++) {
		struct address *ip = &result->ips[i];

		if (!ip_is_none(&ip->gateway))
			continue;
		ip->gateway = prefix_first(&ip->address);
		if (!ip_next(&ip->gateway))
			ip->gateway = (struct ip){ 0 };
	}
}

/* Is it what a packet takes that no rule sends elsewhere? */
static bool is_default(const struct route *route, int family)
{
	return ip_family(&route->dst.ip) == family && prefix_is_default(&route->dst) &&
	       route_is_main(route);
}

/*
 * A default route of the IPAM's stays; without a gateway of its own it gets the
 * family's, unless its scope says that there is none in between.
 */
static int route_by_default(struct result *result, int family, struct error *e)
{
	const struct ip *gateway = result_gateway(result, family);
	struct route route = { 0 };

	if (!gateway)
		return 0;
	for (size_t i = 0; i < result->n_routes; i++) {
		struct route *known = &result->routes[i];

		if (!is_default(known, family))
			continue;
		if (ip_is_none(&known->gw) && !route_is_on_link(known))
			known->gw = *gateway;
		return 0;
	}
	route.dst.ip.len = gateway->len;
	route.gw = *gateway;
	return result_add_route(result, &route, e);
}

int bridge_complete(const struct conf_bridge *conf, struct result *result,
		    struct error *e)
{
	if (!conf->is_gateway || result->n_ips == 0)
		return 0;
	choose_gateways(result);
	if (!conf->is_default_gateway)
		return 0;
	if (route_by_default(result, AF_INET, e) < 0)
		return -1;
	return route_by_default(result, AF_INET6, e);
}

/* The gateway's address with the prefix of the container's. */
static struct prefix gateway_prefix(const struct address *ip)
{
	return (struct prefix){ .ip = ip->gateway, .bits = ip->address.bits };
}

/* The gateway's addresses, on the bridge or on what a VLAN has in its place. */

struct conflict {
	const struct attach *at;
	const struct prefix *gateway;
	struct prefix *found;
	size_t n;
	bool there; /* the gateway itself is on the bridge */
};

static void conflict_clear(struct conflict *conflict)
{
	free(conflict->found);
}

/* Is this the gateway of a range of the network, with its prefix length? */
static bool is_ours(const struct attach *at, const struct prefix *prefix)
{
	const struct conf_ipam *ipam = &at->id.conf->ipam;

	for (size_t i = 0; i < at->result.n_ips; i++) {
		struct prefix gateway = gateway_prefix(&at->result.ips[i]);

		if (prefix_equal(&gateway, prefix))
			return true;
	}
	for (size_t i = 0; i < ipam->n_sets; i++) {
		for (size_t k = 0; k < ipam->sets[i].n; k++) {
			const struct range *range = &ipam->sets[i].v[k];

			if (ip_equal(&range->gateway, &prefix->ip) &&
			    range->subnet.bits == prefix->bits)
				return true;
		}
	}
	return false;
}

/* Any other IPv4 address is in the way, of IPv6 only one whose subnet overlaps. */
static int find_conflict(const struct prefix *prefix, uint32_t flags, void *arg,
			 struct error *e)
{
	struct conflict *conflict = arg;
	const bool same = prefix_equal(prefix, conflict->gateway);
	const bool duplicate = same && (flags & IFA_F_DADFAILED);

	conflict->there |= same && !duplicate;
	if (!duplicate &&
	    (is_ours(conflict->at, prefix) || ip_is_link_local(&prefix->ip)))
		return 0;
	if (ip_family(&prefix->ip) == AF_INET6 &&
	    !prefix_overlaps(prefix, conflict->gateway))
		return 0;
	if (list_grow(&conflict->found, conflict->n, sizeof(*prefix), e) < 0)
		return -1;
	conflict->found[conflict->n++] = *prefix;
	return 0;
}

/* @has: what addr_has() says of it. */
static int refuse_lack(const struct link *bearer, const struct prefix *gateway, int has,
		       enum error_code code, struct error *e)
{
	char text[PREFIX_TEXT];

	return error_set(e, code, "%s lacks the gateway's address %s%s", bearer->name,
			 prefix_print(gateway, text), addr_why(has));
}

static int refuse_conflict(const struct conflict *conflict, const struct link *bearer,
			   struct error *e)
{
	char wanted[PREFIX_TEXT], found[PREFIX_TEXT];

	if (prefix_equal(&conflict->found[0], conflict->gateway))
		return refuse_lack(bearer, conflict->gateway, ADDR_DUPLICATE,
				   ERROR_EXISTS, e);
	return error_set(e, ERROR_EXISTS,
			 "%s has the address %s, which is not the gateway %s of this "
			 "network; remove it, or set \"forceAddress\": true",
			 bearer->name, prefix_print(&conflict->found[0], found),
			 prefix_print(conflict->gateway, wanted));
}

static int settle_conflict(const struct conflict *conflict, const struct link *bearer,
			   struct error *e)
{
	struct nl *host = &conflict->at->id.host->route;

	if (conflict->n > 0 && !conflict->at->id.conf->bridge.force_address)
		return refuse_conflict(conflict, bearer, e);
	for (size_t i = 0; i < conflict->n; i++) {
		if (addr_delete(host, bearer->index, &conflict->found[i], e) < 0)
			return -1;
	}
	return 0;
}

/* The containers will remember the gateway's MAC. */
static int keep_mac(struct nl *host, const struct link *bearer, struct error *e)
{
	struct link link;

	if (link_get(host, NULL, bearer->index, &link, e) != 0)
		return -1;
	return link_set_mac(host, bearer->index, &link.mac, e);
}

/* In front of the address, which tells that it is done. */
static int add_gateway(const struct attach *at, const struct link *bearer,
		       const struct prefix *gateway, struct error *e)
{
	const struct sysctl forwarding = { "ipv4", bearer->name, "forwarding" };
	struct error ignored;

	/* the host's switch does not reach who is born with conf.default.forwarding off */
	if (ip_family(&gateway->ip) == AF_INET)
		(void)!sysctl_set(&forwarding, 1, &ignored);
	return addr_add(&at->id.host->route, bearer->index, gateway,
			ip_family(&gateway->ip) == AF_INET6 ? IFA_F_NODAD : 0, e);
}

/*
 * In the usual case it is there, and one message tells so.  Others go before it comes: as a
 * secondary address of one of them it would go with that (promote_secondaries).
 */
static int ensure_address(const struct attach *at, const struct link *bearer,
			  const struct prefix *gateway, struct error *e)
{
	const struct sysctl disable_ipv6 = { "ipv6", bearer->name, "disable_ipv6" };
	struct nl *host = &at->id.host->route;
	_cleanup_(conflict_clear) struct conflict conflict = { .at = at,
							       .gateway = gateway };
	int family = ip_family(&gateway->ip);
	int r;

	if (family == AF_INET6 && sysctl_set(&disable_ipv6, 0, e) < 0)
		return -1;
	r = addr_has(host, bearer->index, gateway, e);
	if (r < 0 || r == 1)
		return r < 0 ? -1 : 0;
	if (addr_each(host, bearer->index, family, find_conflict, &conflict, e) < 0 ||
	    settle_conflict(&conflict, bearer, e) < 0)
		return -1;
	/* another ADD may have been quicker */
	r = add_gateway(at, bearer, gateway, e);
	if (r != 0 && r != NL_EXISTS)
		return -1;
	return keep_mac(host, bearer, e);
}

static int ensure_gateway(const struct attach *at, const struct link *bearer,
			  const struct address *ip, struct error *e)
{
	struct prefix gateway = gateway_prefix(ip);

	if (ip_is_none(&ip->gateway))
		return 0;
	if (ensure_address(at, bearer, &gateway, e) < 0)
		return -1;
	if (neigh_forget(&at->id.host->route, bearer->index, &ip->address.ip, e) < 0)
		return -1;
	return sysctl_forward(ip_family(&gateway.ip), e);
}

/*
 * Find its index, and its own name, by which /proc/sys has it: the result has told that, so
 * only where it has another one is the kernel asked.  The rest of @bearer is not told.
 */
static int find_bearer(const struct attach *at, struct link *bearer, struct error *e)
{
	struct nl *host = &at->id.host->route;

	conf_gateway(&at->id.conf->bridge, bearer->name);
	bearer->index = link_index(host, bearer->name);
	if (!bearer->index)
		return error_set(e, ERROR_AGAIN, "the interface %s vanished meanwhile",
				 bearer->name);
	if (result_find_interface(&at->result, bearer->name, "") != RESULT_NO_INTERFACE)
		return 0;
	return link_get(host, NULL, bearer->index, bearer, e) == 0 ? 0 : -1;
}

static int facts_apply(struct attach *at, struct error *e)
{
	const struct conf_bridge *conf = &at->id.conf->bridge;

	if (!dns_is_empty(&conf->dns) && dns_copy(&at->result.dns, &conf->dns, e) < 0)
		return -1;
	return bridge_complete(conf, &at->result, e);
}

static int gateway_apply(struct attach *at, struct error *e)
{
	const struct result *result = &at->result;
	struct link bearer;

	if (!at->id.conf->bridge.is_gateway || result->n_ips == 0)
		return 0;
	if (find_bearer(at, &bearer, e) < 0)
		return -1;
	for (size_t i = 0; i < result->n_ips; i++) {
		if (ensure_gateway(at, &bearer, &result->ips[i], e) < 0)
			return -1;
	}
	return 0;
}

/* CHECK. */

static int bridge_verify(const struct attach *at, struct error *e)
{
	const struct conf_bridge *conf = &at->id.conf->bridge;
	struct link bridge;
	char mac[MAC_TEXT];
	int r = link_get(&at->id.host->route, conf->bridge, 0, &bridge, e);
	int told;

	if (r < 0)
		return -1;
	if (r == NL_ABSENT)
		return error_set(e, ERROR_MISMATCH, "the bridge %s is gone",
				 conf->bridge);
	if (must_be_bridge(&bridge, ERROR_MISMATCH, e) < 0 ||
	    segment_separates(conf, &bridge, ERROR_MISMATCH, e) < 0)
		return -1;
	/* by its own name: it may have been found by another (an altname) */
	told = result_find_interface(&at->result, bridge.name, "");
	if (told == RESULT_NO_INTERFACE)
		return error_set(e, ERROR_MISMATCH,
				 "prevResult has no interface %s on the host",
				 bridge.name);
	if (!interface_has_mac(&at->result.interfaces[told], &bridge.mac))
		return error_set(e, ERROR_MISMATCH,
				 "the bridge %s has the MAC %s, not %s", bridge.name,
				 mac_print(&bridge.mac, mac),
				 at->result.interfaces[told].mac);
	if (!(bridge.flags & IFF_UP))
		return error_set(e, ERROR_MISMATCH, "the bridge %s is down",
				 conf->bridge);
	if (conf->promisc_mode && !(bridge.flags & IFF_PROMISC))
		return error_set(e, ERROR_MISMATCH, "the bridge %s is not promiscuous",
				 conf->bridge);
	return 0;
}

/* IPv4 has a switch for each device as well. */
static int verify_forwards(struct nl *host, const struct link *bearer, struct error *e)
{
	struct link link;

	if (link_get(host, NULL, bearer->index, &link, e) != 0)
		return -1;
	return link.forwards ? 0
			     : error_set(e, ERROR_MISMATCH,
					 "IPv4 forwarding is off for %s "
					 "(net.ipv4.conf.%s.forwarding)",
					 bearer->name, bearer->name);
}

static int verify_gateway(const struct attach *at, const struct link *bearer,
			  const struct address *ip, struct error *e)
{
	struct prefix gateway = gateway_prefix(ip);
	int family = ip_family(&gateway.ip);
	int r;

	if (ip_is_none(&ip->gateway) || !attach_owns(at, ip))
		return 0;
	r = addr_has(&at->id.host->route, bearer->index, &gateway, e);
	if (r == 0 || r == ADDR_DUPLICATE)
		return refuse_lack(bearer, &gateway, r, ERROR_MISMATCH, e);
	if (r > 0)
		r = sysctl_forwarding(family, e);
	if (r == 0)
		return error_set(e, ERROR_MISMATCH, "%s forwarding is off",
				 ip_family_name(&gateway.ip));
	if (r < 0 || family == AF_INET6)
		return r < 0 ? -1 : 0;
	return verify_forwards(&at->id.host->route, bearer, e);
}

static int gateway_verify(const struct attach *at, struct error *e)
{
	struct link bearer;

	if (!at->id.conf->bridge.is_gateway || at->result.n_ips == 0)
		return 0;
	if (find_bearer(at, &bearer, e) < 0)
		return -1;
	for (size_t i = 0; i < at->result.n_ips; i++) {
		if (verify_gateway(at, &bearer, &at->result.ips[i], e) < 0)
			return -1;
	}
	return 0;
}

/* STATUS. */

static int ready(const struct ident *id, struct error *e)
{
	struct link link;
	int r = link_get(&id->host->route, id->conf->bridge.bridge, 0, &link, e);

	if (r == NL_ABSENT)
		return link_can_add(&id->host->route, "bridge", e) < 0
			       ? -1
			       : segment_ready(&id->conf->bridge, &id->host->route, e);
	if (r < 0 || must_be_bridge(&link, ERROR_UNAVAILABLE, e) < 0)
		return -1;
	return segment_separates(&id->conf->bridge, &link, ERROR_UNAVAILABLE, e);
}

/* An ADD that would find another network's address beside its own is refused. */
static int ready_address(const struct ident *id, const struct link *bearer,
			 const struct range *range, struct error *e)
{
	const struct attach nobody = { .id = *id };
	const struct prefix gateway = { .ip = range->gateway,
					.bits = range->subnet.bits };
	_cleanup_(conflict_clear) struct conflict conflict = { .at = &nobody,
							       .gateway = &gateway };

	if (addr_each(&id->host->route, bearer->index, ip_family(&gateway.ip),
		      find_conflict, &conflict, e) < 0)
		return -1;
	if (conflict.n == 0 || conflict.there)
		return 0;
	return refuse_conflict(&conflict, bearer, e);
}

static int ready_set(const struct ident *id, const struct range_set *set, struct error *e)
{
	const struct conf_bridge *conf = &id->conf->bridge;
	char name[NAME_LINK];
	struct link bearer;
	int r;

	if (sysctl_can_forward(ip_family(&set->v[0].gateway), e) < 0)
		return -1;
	/* Of several ranges, nobody knows which one's turn it is. */
	if (conf->force_address || set->n > 1)
		return 0;
	r = link_get(&id->host->route, conf_gateway(conf, name), 0, &bearer, e);
	if (r != 0)
		return r < 0 ? -1 : 0;
	return ready_address(id, &bearer, &set->v[0], e);
}

static int gateway_ready(const struct ident *id, struct error *e)
{
	const struct conf_ipam *ipam = &id->conf->ipam;

	if (!id->conf->bridge.is_gateway)
		return 0;
	for (size_t i = 0; i < ipam->n_sets; i++) {
		if (ready_set(id, &ipam->sets[i], e) < 0)
			return -1;
	}
	return 0;
}

static const struct effect bridge = {
	.name = "ensure the bridge",
	.apply = bridge_apply,
	.verify = bridge_verify,
	.ready = ready,
};

/* Behind the addresses, and so behind the container's interface: routes lead through it. */
static const struct effect facts = {
	.name = "complete the result",
	.apply = facts_apply,
};

/*
 * Behind the container's routes, which show whether the gateway is one: the living shall not
 * lose theirs to a mistake (forceAddress), nor the corrected configuration find it in its way.
 */
static const struct effect gateway = {
	.name = "set the gateway",
	.apply = gateway_apply,
	.verify = gateway_verify,
	.ready = gateway_ready,
};

/*
 * The order is the way of an ADD, and backward the way of a DEL: the nft element
 * goes before the link, so that the two RCU waits of the kernel overlap, and the
 * address is free again only after the interface that bore it is gone.
 */
// clang-format off
static const struct effect *const effects[] = {
	&delegate_release,
	&hostlocal_lease,
	&bridge,
	&spoof_release,
	&takeover_check,
	&veth_connect,
	&takeover,
	&spoof_guard,
	&segment_join,
	&veth_port,
	&delegate_lease,
	&segment_gateway,
	&facts,
	&inside_configure,
	&gateway,
	&veth_forward,
	&masq_effect,
	&inside_announce,
	&record_effect,
	&veth_confirm,
	&hostlocal_confirm,
	NULL,
};
// clang-format on

static const struct effect *const others[] = { &spoof_release, &veth_connect,
					       &masq_effect, NULL };

const struct plugin plugin_bridge = {
	.name = "bridge",
	.parts = CONF_BRIDGE | CONF_IPAM,
	.enters = true,
	.effects = effects,
	.others = others,
};

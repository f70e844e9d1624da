/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * segment.c - the VLANs that a container is in, and the gateway of one
 */
#include "segment.h"

#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "crossing.h"
#include "ethtable.h"
#include "membership.h"
#include "sysctl.h"
#include "veth.h"

#define GATEWAY_MAC_0 0x02

int segment_separates(const struct conf_bridge *conf, const struct link *bridge,
		      enum error_code code, struct error *e)
{
	if (!conf_uses_vlans(conf) || bridge->vlan_filtering)
		return 0;
	return error_set(e, code,
			 "\"vlan\", \"vlanTrunk\": the bridge %s does not filter VLANs; "
			 "turn it on (ip link set %s type bridge vlan_filtering 1; the "
			 "kernel must have CONFIG_BRIDGE_VLAN_FILTERING) or choose "
			 "another bridge",
			 bridge->name, bridge->name);
}

int segment_refuse(enum error_code code, struct error *e)
{
	return error_set(e, code,
			 "\"vlan\", \"vlanTrunk\" are unsupported fields on this "
			 "kernel: its bridges cannot filter VLANs "
			 "(CONFIG_BRIDGE_VLAN_FILTERING)");
}

int segment_ready(const struct conf_bridge *conf, struct nl *nl, struct error *e)
{
	int r = conf_uses_vlans(conf) ? membership_ready(nl, e) : 0;

	return r > 0 ? segment_refuse(ERROR_UNAVAILABLE, e) : r;
}

/* The container's port. */

/* Frames without a tag are in "vlan", beside a trunk of "vlanTrunk" alone in the default VLAN. */
static struct membership wanted_membership(const struct conf_bridge *conf)
{
	struct membership wanted = {
		.members = conf->vlan_trunk,
		.pvid = conf->vlan ? conf->vlan : VLAN_DEFAULT,
	};

	vlan_add_one(&wanted.members, wanted.pvid);
	vlan_add_one(&wanted.untagged, wanted.pvid);
	return wanted;
}

static int join_apply(struct attach *at, struct error *e)
{
	const struct conf_bridge *conf = &at->id.conf->bridge;
	const struct membership wanted = wanted_membership(conf);
	struct nl *host = &at->id.host->route;
	char port[NAME_LINK];

	if (!conf_uses_vlans(conf))
		return 0;
	return membership_set(host, link_index(host, ident_veth(&at->id, port)), &wanted,
			      !conf->preserve_default_vlan, e);
}

static int differs(const char *port, const char *what, const struct vlan_set *vlans,
		   struct error *e)
{
	char text[VLAN_TEXT];

	return error_set(e, ERROR_MISMATCH, "the bridge port %s is %s: %s", port, what,
			 vlan_print(vlans, text));
}

static int compare(const struct conf_bridge *conf, const char *port,
		   const struct membership *has, struct error *e)
{
	const struct membership wanted = wanted_membership(conf);
	const struct vlan_set missing = vlan_without(&wanted.members, &has->members);
	const struct vlan_set foreign = vlan_without(&has->members, &wanted.members);

	if (has->pvid != wanted.pvid || !vlan_has(&has->untagged, wanted.pvid))
		return error_set(e, ERROR_MISMATCH,
				 "frames without a tag are in VLAN %u at the bridge port "
				 "%s, not in %u both ways",
				 has->pvid, port, wanted.pvid);
	if (!vlan_is_empty(&missing))
		return differs(port, "not in all of its VLANs, there lack", &missing, e);
	if (!conf->preserve_default_vlan && !vlan_is_empty(&foreign))
		return differs(port, "in VLANs that it should not be in", &foreign, e);
	return 0;
}

static int join_verify(const struct attach *at, struct error *e)
{
	const struct conf_bridge *conf = &at->id.conf->bridge;
	struct nl *host = &at->id.host->route;
	struct membership has;
	char port[NAME_LINK];

	if (!conf_uses_vlans(conf))
		return 0;
	ident_veth(&at->id, port);
	if (membership_get(host, link_index(host, port), &has, e) < 0)
		return -1;
	return compare(conf, port, &has, e);
}

const struct effect segment_join = {
	.name = "join the VLANs",
	.apply = join_apply,
	.verify = join_verify,
};

/* The gateway's interface. */

static bool has_own_gateway(const struct attach *at)
{
	const struct conf_bridge *conf = &at->id.conf->bridge;

	return conf->vlan && conf->is_gateway && at->result.n_ips > 0;
}

static struct membership port_membership(const struct conf_bridge *conf)
{
	struct membership port = { .pvid = conf->vlan };

	vlan_add_one(&port.members, conf->vlan);
	vlan_add_one(&port.untagged, conf->vlan);
	return port;
}

static int make_pair(const struct attach *at, const char *gateway, struct error *e)
{
	struct nl *host = &at->id.host->route;
	char port[NAME_LINK];
	struct link_veth veth = {
		.name = name_gateway_port(gateway, port),
		.peer_name = gateway,
		.peer_netns = -1,
		.master = link_index(host, at->id.conf->bridge.bridge),
	};
	int r;

	if (mac_choose(VETH_MAC_0, &veth.mac, e) < 0 ||
	    mac_choose(GATEWAY_MAC_0, &veth.peer_mac, e) < 0 ||
	    ident_mtu(&at->id, &veth.mtu, e) < 0)
		return -1;
	r = link_add_veth(host, &veth, e);
	/* Another ADD may have been quicker. */
	return r == NL_EXISTS ? 0 : r;
}

/*
 * That it is up says that it is complete: it is brought up last, and an ADD that
 * finds it down does what another had no time for.
 */
static int complete(const struct attach *at, const struct link *gateway, struct error *e)
{
	const struct conf_bridge *conf = &at->id.conf->bridge;
	const struct membership membership = port_membership(conf);
	/* As of the bridge (raise_bridge()), and of a container's port (veth_port). */
	const struct sysctl accept_dad = { "ipv6", gateway->name, "accept_dad" };
	struct nl *host = &at->id.host->route;
	char alias[NAME_ALIAS], name[NAME_LINK];
	const struct link_port port = { .alias = name_gateway_alias(gateway->name,
								    alias) };
	const struct sysctl disable_ipv6 = { "ipv6",
					     name_gateway_port(gateway->name, name),
					     "disable_ipv6" };
	struct error ignored;

	if (membership_set(host, gateway->peer, &membership, true, e) < 0)
		return -1;
	(void)!sysctl_set(&disable_ipv6, 1, &ignored);
	(void)!sysctl_set(&accept_dad, 0, &ignored);
	if (link_set_port(host, name, &port, e) != 0 ||
	    link_set_flags(host, gateway->index, IFF_UP, true, e) != 0)
		return -1;
	return veth_await(host, name, e);
}

static int must_serve(const struct link *gateway, enum error_code code, struct error *e)
{
	if (strcmp(gateway->kind, "veth") == 0 || strcmp(gateway->kind, "vlan") == 0)
		return 0;
	return error_set(e, code,
			 "\"vlan\": the gateway's interface %s is there already and "
			 "neither a veth nor a VLAN device (%s); remove it or rename it",
			 gateway->name,
			 *gateway->kind ? gateway->kind : "a plain device");
}

/*
 * Look the gateway up.  Our pair, whose port lost its bridge, which was deleted, or is in
 * another, is none.  Another ADD may be making it anew meanwhile, with another port.
 * Return: 0, NL_ABSENT, -1.
 */
static int find_gateway(const struct attach *at, const char *name, struct link *gateway,
			struct error *e)
{
	struct nl *host = &at->id.host->route;
	char port_name[NAME_LINK];
	struct link port;
	int r = link_get(host, name, 0, gateway, e);

	if (r != 0)
		return r;
	r = link_get(host, name_gateway_port(gateway->name, port_name), 0, &port, e);
	if (r < 0)
		return -1;
	if (r == NL_ABSENT || port.index != gateway->peer)
		return link_get(host, name, 0, gateway, e);
	if (port.master && port.master == link_index(host, at->id.conf->bridge.bridge))
		return 0;
	return link_delete(host, gateway->index, e) < 0 ? -1 : NL_ABSENT;
}

/* Bring up one that is down: ours with all that belongs to it. */
static int raise_gateway(const struct attach *at, const struct link *gateway,
			 struct error *e)
{
	struct nl *host = &at->id.host->route;
	char name[NAME_LINK];
	struct link port;
	int r = link_get(host, name_gateway_port(gateway->name, name), 0, &port, e);

	if (r < 0)
		return -1;
	if (r == 0 && port.index == gateway->peer)
		return complete(at, gateway, e);
	return link_set_flags(host, gateway->index, IFF_UP, true, e) == 0 ? 0 : -1;
}

/* One that somebody else set up serves as it is, but for routers. */
static int ensure(const struct attach *at, struct link *gateway, struct error *e)
{
	struct nl *host = &at->id.host->route;
	char name[NAME_LINK];
	int r = find_gateway(at, conf_gateway(&at->id.conf->bridge, name), gateway, e);

	if (r == NL_ABSENT) {
		if (make_pair(at, name, e) < 0)
			return -1;
		r = link_get(host, name, 0, gateway, e);
	}
	if (r != 0 || must_serve(gateway, ERROR_EXISTS, e) < 0)
		return -1;
	if (gateway->accepts_ra)
		sysctl_ignore_routers(gateway->name);
	return gateway->flags & IFF_UP ? 0 : raise_gateway(at, gateway, e);
}

/* Through a VLAN device on the bridge itself nothing crosses that. */
static bool has_port(const struct link *gateway)
{
	return strcmp(gateway->kind, "veth") == 0;
}

/* Return: 0; NL_ABSENT where none leads to it from a bridge; -1. */
static int find_port(struct nl *host, const struct link *gateway, struct link *port,
		     struct error *e)
{
	int r = has_port(gateway) && !gateway->peer_elsewhere
			? link_get(host, NULL, gateway->peer, port, e)
			: NL_ABSENT;

	return r == 0 && port->master == 0 ? NL_ABSENT : r;
}

/* Return: 0, -1. */
static int free_crossing(struct host *host, const struct link *gateway, struct error *e)
{
	struct link port;
	int r = find_port(&host->route, gateway, &port, e);

	if (r == 0)
		r = crossing_free(host, gateway, port.name, e);
	return r < 0 ? -1 : 0;
}

/* Does what crosses the bridge pass iptables?  Return: 1, 0, -1. */
static int is_filtered(struct nl *host, int bridge, struct error *e)
{
	struct error unheard;
	struct link link;
	int r;

	if (sysctl_bridge_filter(AF_INET, &unheard) > 0 ||
	    sysctl_bridge_filter(AF_INET6, &unheard) > 0)
		return 1;
	r = link_get(host, NULL, bridge, &link, e);
	return r < 0 ? -1 : r == 0 && link.netfilter;
}

/* Return: 1, also where nothing is in the way; 0; -1. */
static int is_free(struct host *host, const struct link *gateway, struct error *e)
{
	struct link port;
	int r = find_port(&host->route, gateway, &port, e);

	if (r == 0)
		r = is_filtered(&host->route, port.master, e);
	else if (r == NL_ABSENT)
		r = 0;
	if (r <= 0)
		return r < 0 ? -1 : 1;
	return crossing_is_free(host, gateway, port.name, e);
}

static int gateway_apply(struct attach *at, struct error *e)
{
	struct link gateway;
	char mac[MAC_TEXT];

	if (!has_own_gateway(at))
		return 0;
	if (ensure(at, &gateway, e) < 0 || free_crossing(at->id.host, &gateway, e) < 0)
		return -1;
	return result_add_interface(&at->result, gateway.name,
				    mac_print(&gateway.mac, mac), "", gateway.mtu, e);
}

/* Its port, where it is a veth: a VLAN device stands on the bridge itself. */
static int verify_port(const struct attach *at, const struct link *gateway,
		       struct error *e)
{
	const struct conf_bridge *conf = &at->id.conf->bridge;
	struct nl *host = &at->id.host->route;
	struct membership has;
	struct link port;
	int r = NL_ABSENT;

	if (!has_port(gateway))
		return 0;
	if (!gateway->peer_elsewhere)
		r = link_get(host, NULL, gateway->peer, &port, e);
	if (r < 0)
		return -1;
	if (r == NL_ABSENT)
		return error_set(e, ERROR_MISMATCH,
				 "the peer of the gateway's interface %s is not on the "
				 "host",
				 gateway->name);
	if (port.master == 0 || port.master != link_index(host, conf->bridge))
		return error_set(e, ERROR_MISMATCH,
				 "%s, the peer of the gateway's interface %s, is no port "
				 "of the bridge %s",
				 port.name, gateway->name, conf->bridge);
	if (membership_get(host, port.index, &has, e) < 0)
		return -1;
	if (has.pvid != conf->vlan || !vlan_has(&has.untagged, conf->vlan))
		return error_set(e, ERROR_MISMATCH,
				 "frames without a tag are in VLAN %u at the gateway's "
				 "port %s, not in %u both ways",
				 has.pvid, port.name, conf->vlan);
	return 0;
}

static int verify_crossing(const struct attach *at, const struct link *gateway,
			   struct error *e)
{
	int r = is_free(at->id.host, gateway, e);

	if (r == 0)
		return error_set(
			e, ERROR_MISMATCH,
			"what goes to the gateway %s is tracked by iptables on "
			"the bridge: what keeps it from that is gone from " ETHTABLE
			" (footbridge restore puts it back)",
			gateway->name);
	return r < 0 ? -1 : 0;
}

static int gateway_verify(const struct attach *at, struct error *e)
{
	struct link gateway;
	char name[NAME_LINK], mac[MAC_TEXT];
	int told, r;

	if (!has_own_gateway(at))
		return 0;
	conf_gateway(&at->id.conf->bridge, name);
	told = result_find_interface(&at->result, name, "");
	r = link_get(&at->id.host->route, name, 0, &gateway, e);
	if (r < 0)
		return -1;
	if (r == NL_ABSENT)
		return error_set(e, ERROR_MISMATCH, "the gateway's interface %s is gone",
				 name);
	if (must_serve(&gateway, ERROR_MISMATCH, e) < 0)
		return -1;
	if (!(gateway.flags & IFF_UP))
		return error_set(e, ERROR_MISMATCH, "the gateway's interface %s is down",
				 name);
	if (told == RESULT_NO_INTERFACE)
		return error_set(e, ERROR_MISMATCH,
				 "prevResult has no interface %s on the host", name);
	if (!interface_has_mac(&at->result.interfaces[told], &gateway.mac))
		return error_set(e, ERROR_MISMATCH,
				 "the gateway's interface %s has the MAC %s, not %s",
				 name, mac_print(&gateway.mac, mac),
				 at->result.interfaces[told].mac);
	return verify_port(at, &gateway, e) < 0 ? -1 : verify_crossing(at, &gateway, e);
}

const struct effect segment_gateway = {
	.name = "ensure the VLAN's gateway",
	.apply = gateway_apply,
	.verify = gateway_verify,
};

/* The network's gateway, apart from any attachment. */

/* Return: 0; NL_ABSENT where there is none in a VLAN; -1. */
static int look_up(struct host *host, const struct conf_bridge *conf,
		   struct link *gateway, struct error *e)
{
	char name[NAME_LINK];

	if (!conf->vlan || !conf->is_gateway)
		return NL_ABSENT;
	return link_get(&host->route, conf_gateway(conf, name), 0, gateway, e);
}

int segment_restore(struct host *host, const struct conf_bridge *conf, struct error *e)
{
	struct link gateway;
	int r = look_up(host, conf, &gateway, e);

	return r == 0 ? free_crossing(host, &gateway, e) : r < 0 ? -1 : 0;
}

int segment_is_free(struct host *host, const struct conf_bridge *conf, struct error *e)
{
	struct link gateway;
	int r = look_up(host, conf, &gateway, e);

	return r == 0 ? is_free(host, &gateway, e) : r < 0 ? -1 : 1;
}

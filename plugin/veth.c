/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * veth.c - the cable between the container and the bridge
 */
#include "veth.h"

#include <linux/if_bridge.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "clock.h"
#include "link.h"
#include "sysctl.h"

#define CONTAINER_MAC 0x02
#define GRAVE 0x67726176 /* the group that GC deletes links by: "grav" */
#define FORWARD_STEP_US 200
#define FORWARD_PATIENCE_MS 2000

/* The first IPv4 address, which fits into a MAC whole, else the first.  Return: NULL for none. */
static const struct ip *address_for_mac(const struct result *result)
{
	for (size_t i = 0; i < result->n_ips; i++) {
		if (ip_family(&result->ips[i].address.ip) == AF_INET)
			return &result->ips[i].address.ip;
	}
	return result->n_ips > 0 ? &result->ips[0].address.ip : NULL;
}

struct mac veth_derive_mac(const struct ident *id, const struct ip *ip)
{
	const char *const words[] = { id->conf->name, id->args->container,
				      id->args->ifname, NULL };

	return ip ? mac_from_ip(ip) : mac_from_hash(CONTAINER_MAC, ~name_hash(words));
}

/* The MAC that was asked for, else the address's, else the attachment's. */
static struct mac container_mac(const struct attach *at)
{
	const struct ident *id = &at->id;

	if (!mac_is_none(&id->conf->bridge.mac))
		return id->conf->bridge.mac;
	if (!mac_is_none(&id->args->mac))
		return id->args->mac;
	return veth_derive_mac(id, address_for_mac(&at->result));
}

static int revert(const struct ident *id, struct error *e)
{
	struct link link;
	int index = ident_find_link(id, &link, e);

	if (index <= 0)
		return index;
	return link_delete(&id->host->route, index, e) < 0 ? -1 : 0;
}

/*
 * One of the two names is taken.  A host end without a container end of this
 * name is the corpse of an earlier attempt and makes room.
 * Return: 0 when it did; -1.
 */
static int make_room(const struct ident *id, struct error *e)
{
	char name[NAME_LINK];
	struct link link;
	int r = ident_alive(id, e);

	if (r > 0)
		return ident_refuse(id, e);
	if (r == 0)
		r = ident_link(id, &link, e);
	if (r < 0)
		return -1;
	if (r == 0) {
		/* that of a namespace which was being taken down is gone by now */
		r = link_exists(&id->host->route, ident_veth(id, name), e);
		return r <= 0 ? r
			      : error_set(e, ERROR_EXISTS,
					  "the name %s is taken by a device that is not "
					  "ours",
					  name);
	}
	return link_delete(&id->host->route, link.index, e) < 0 ? -1 : 0;
}

/*
 * Where the kernel's answer was lost the pair may be there all the same.  It bears
 * no alias yet, which tells it from one that was there before.
 */
static void unmake(const struct ident *id)
{
	struct error ignored;
	struct link link;

	if (ident_link(id, &link, &ignored) > 0 && !*link.alias)
		(void)!link_delete(&id->host->route, link.index, &ignored);
}

static int make_pair(const struct ident *id, const struct link_veth *veth,
		     struct error *e)
{
	int r = link_add_veth(&id->host->route, veth, e);

	if (r == NL_EXISTS) {
		if (make_room(id, e) < 0)
			return -1;
		r = link_add_veth(&id->host->route, veth, e);
	}
	if (r == 0)
		return 0;
	unmake(id);
	return -1;
}

static int tell(struct result *result, const struct link_veth *veth, const char *sandbox,
		struct error *e)
{
	char mac[MAC_TEXT];

	if (result_add_interface(result, veth->name, mac_print(&veth->mac, mac), "",
				 veth->mtu, e) < 0 ||
	    result_add_interface(result, veth->peer_name, mac_print(&veth->peer_mac, mac),
				 sandbox, veth->mtu, e) < 0)
		return -1;
	for (size_t i = 0; i < result->n_ips; i++)
		result->ips[i].interface = (int)result->n_interfaces - 1;
	return 0;
}

/* The bridge too may have another MTU by now: it follows its ports. */
static void tell_mtus(const struct ident *id, struct result *result)
{
	for (size_t i = 0; i < result->n_interfaces; i++) {
		struct interface *interface = &result->interfaces[i];

		interface->mtu =
			link_mtu(*interface->sandbox ? &id->pod->route : &id->host->route,
				 interface->name);
	}
}

static int connect_apply(struct attach *at, struct error *e)
{
	const struct ident *id = &at->id;
	const struct conf_bridge *conf = &id->conf->bridge;
	char name[NAME_LINK];
	struct link_veth veth = {
		.name = ident_veth(id, name),
		.peer_name = id->args->ifname,
		.peer_netns = id->pod->netns.fd,
		.mac = ident_veth_mac(id),
		.peer_mac = container_mac(at),
		.master = link_index(&id->host->route, conf->bridge),
	};

	if (veth.master == 0)
		return error_set(e, ERROR_AGAIN, "the bridge %s vanished meanwhile",
				 conf->bridge);
	if (ident_mtu(id, &veth.mtu, e) < 0)
		return -1;
	/* Told first: what cannot be told shall not be made. */
	if (tell(&at->result, &veth, id->args->netns, e) < 0)
		return -1;
	if (make_pair(id, &veth, e) < 0)
		return -1;
	/* Older results do not tell it. */
	if (id->conf->version >= VERSION_1_1_0)
		tell_mtus(id, &at->result);
	return 0;
}

/* CHECK: the pair, seen from both ends. */

/*
 * What the result tells, the end of a chain's, in which another plugin (tuning) may have
 * changed the container's end; before 1.1.0 it tells nothing.  Of the host's end the
 * configuration knows, unless the default route gave it, which may be another one by now.
 */
static uint32_t expected_mtu(const struct attach *at, int told, bool inside)
{
	const struct conf_bridge *conf = &at->id.conf->bridge;

	return inside || conf->mtu_auto ? at->result.interfaces[told].mtu : conf->mtu;
}

int veth_check_end(const struct attach *at, struct nl *nl, const char *name,
		   const char *sandbox, struct link *link, struct error *e)
{
	int told = result_find_interface(&at->result, name, sandbox);
	const char *where = *sandbox ? "in the container" : "on the host";
	char mac[MAC_TEXT];
	uint32_t mtu;
	int r = link_get(nl, name, 0, link, e);

	if (r < 0)
		return -1;
	if (r == NL_ABSENT)
		return error_set(e, ERROR_MISMATCH, "the interface %s %s is gone", name,
				 where);
	if (strcmp(link->kind, "veth") != 0)
		return error_set(e, ERROR_MISMATCH, "the interface %s %s is no veth",
				 name, where);
	if (told == RESULT_NO_INTERFACE)
		return error_set(e, ERROR_MISMATCH, "prevResult has no interface %s %s",
				 name, where);
	if (!interface_has_mac(&at->result.interfaces[told], &link->mac))
		return error_set(e, ERROR_MISMATCH,
				 "the interface %s %s has the MAC %s, not %s", name,
				 where, mac_print(&link->mac, mac),
				 at->result.interfaces[told].mac);
	mtu = expected_mtu(at, told, *sandbox);
	if (mtu && link->mtu != mtu)
		return error_set(e, ERROR_MISMATCH,
				 "the interface %s %s has the MTU %u, not %u", name,
				 where, link->mtu, mtu);
	return 0;
}

/*
 * Are they each other's peers?  A number alone does not tell: it is that of a device in
 * the peer's namespace, which may be any.
 * Return: 1, 0, -1.
 */
static int are_peers(const struct ident *id, const struct link *inside,
		     const struct link *outside, struct error *e)
{
	struct link end, peer;
	int r;

	if (inside->peer != outside->index || outside->peer != inside->index)
		return 0;
	/* the container may be told to live in the host's own */
	if (!inside->peer_elsewhere)
		return !outside->peer_elsewhere;
	r = ident_pair(id, &end, &peer, e);
	return r > 0 ? peer.index == outside->index : r;
}

static int connect_verify(const struct attach *at, struct error *e)
{
	const struct args *args = at->id.args;
	struct link inside, outside;
	char name[NAME_LINK];
	int r;

	ident_veth(&at->id, name);
	if (veth_check_end(at, &at->id.pod->route, args->ifname, args->netns, &inside,
			   e) < 0 ||
	    veth_check_end(at, &at->id.host->route, name, "", &outside, e) < 0)
		return -1;
	r = are_peers(&at->id, &inside, &outside, e);
	if (r == 0)
		return error_set(
			e, ERROR_MISMATCH,
			"the container's %s and the host's %s are not each other's peers",
			args->ifname, name);
	return r < 0 ? -1 : 0;
}

/*
 * GC.  Two kinds of links get here: with gcLive those that the runtime does not
 * name, without it those that connect nobody (gc_look()).  The link of a
 * container that died is gone already.
 */

struct strays {
	const struct gc *gc;
	int *indexes;
	size_t n;
	bool grave_taken; /* a device that stays is in the group GRAVE */
};

static void strays_clear(struct strays *strays)
{
	free(strays->indexes);
}

/* Return: 1, 0, -1. */
static int is_stray(const struct link *link, const struct gc *gc, struct error *e)
{
	const char *owner = name_alias_owner(link->alias, gc->conf->name);
	const struct gc_find found = {
		.kind = "link",
		.thing = link->name,
		.owner = owner,
		.why = "both its ends are on the host, and the other one is down",
	};

	if (strcmp(link->kind, "veth") != 0 || !owner || gc_keeps(gc, owner))
		return 0;
	/* one that came since gc_look() */
	if (gc->unlisted ? !list_has(&gc->parted, owner)
			 : !gc->conf->gc.live && gc_connects(gc, link))
		return 0;
	return gc_takes(gc, &found, e);
}

static int find_stray(const struct link *link, void *arg, struct error *e)
{
	struct strays *strays = arg;
	int r = is_stray(link, strays->gc, e);

	if (r <= 0) {
		strays->grave_taken |= link->group == GRAVE;
		return r;
	}
	if (list_grow(&strays->indexes, strays->n, sizeof(*strays->indexes), e) < 0)
		return -1;
	strays->indexes[strays->n++] = link->index;
	return 0;
}

static int delete_each(const struct strays *strays, struct error *e)
{
	struct nl *host = &strays->gc->host->route;
	struct error all, one;

	error_none(&all);
	for (size_t i = 0; i < strays->n; i++) {
		if (link_delete(host, strays->indexes[i], &one) < 0)
			error_join(&all, &one);
	}
	return error_gathered(&all, e);
}

/*
 * All in one deletion where that can be.  Killed halfway it leaves links in the
 * group, which changes nothing about them: the next GC finds them by their alias.
 */
static int sweep(const struct gc *gc, struct error *e)
{
	_cleanup_(strays_clear) struct strays strays = { .gc = gc };
	struct nl *host = &gc->host->route;
	struct error ignored;

	if (link_each(host, NULL, find_stray, &strays, e) < 0)
		return -1;
	if (strays.n > 1 && !strays.grave_taken &&
	    link_delete_group(host, strays.indexes, strays.n, GRAVE, &ignored) == 0)
		return 0;
	return delete_each(&strays, e);
}

static int ready(const struct ident *id, struct error *e)
{
	return link_can_add(&id->host->route, "veth", e);
}

/* A DEL without the namespace does not wait for the ADD that it takes the link from. */
static int confirm_apply(struct attach *at, struct error *e)
{
	char name[NAME_LINK];

	if (link_index(&at->id.host->route, ident_veth(&at->id, name)))
		return 0;
	return error_set(e, ERROR_AGAIN,
			 "the bridge port %s was removed while the container was being "
			 "connected (a DEL overtook this ADD)",
			 name);
}

const struct effect veth_confirm = {
	.name = "confirm the connection",
	.apply = confirm_apply,
};

const struct effect veth_connect = {
	.name = "connect the container",
	.apply = connect_apply,
	.revert = revert,
	.verify = connect_verify,
	.sweep = sweep,
	.ready = ready,
};

/* The host end as a port. */

static int port_apply(struct attach *at, struct error *e)
{
	const struct conf_bridge *conf = &at->id.conf->bridge;
	char name[NAME_LINK], owner[NAME_OWNER], alias[NAME_ALIAS];
	const struct sysctl disable_ipv6 = { "ipv6", ident_veth(&at->id, name),
					     "disable_ipv6" };
	const struct link_port port = {
		.alias =
			name_alias(at->id.conf->name, ident_owner(&at->id, owner), alias),
		.hairpin = conf->hairpin_mode,
		.isolated = conf->port_isolation,
	};
	struct error ignored;

	/*
	 * A port needs no addresses, and each device with IPv6 makes every other
	 * device's removal slower (fib6_ifdown(), net/ipv6/route.c).  Where
	 * /proc/sys is read-only it works all the same.
	 */
	(void)!sysctl_set(&disable_ipv6, 1, &ignored);
	return link_set_port(&at->id.host->route, name, &port, e) == 0 ? 0 : -1;
}

static int port_verify(const struct attach *at, struct error *e)
{
	const struct conf_bridge *conf = &at->id.conf->bridge;
	char name[NAME_LINK];
	struct link link;

	if (link_get(&at->id.host->route, ident_veth(&at->id, name), 0, &link, e) != 0)
		return -1;
	if (!(link.flags & IFF_UP))
		return error_set(e, ERROR_MISMATCH, "the bridge port %s is down", name);
	if (link.master == 0 ||
	    link.master != link_index(&at->id.host->route, conf->bridge))
		return error_set(e, ERROR_MISMATCH, "%s is no port of the bridge %s",
				 name, conf->bridge);
	if (link_is_shut(&link))
		return error_set(e, ERROR_MISMATCH, "%s keeps its port %s shut",
				 conf->bridge, name);
	if (link.hairpin != conf->hairpin_mode)
		return error_set(e, ERROR_MISMATCH,
				 "the bridge port %s has hairpin mode %s", name,
				 link.hairpin ? "on" : "off");
	if (link.isolated != conf->port_isolation)
		return error_set(e, ERROR_MISMATCH, "the bridge port %s is %sisolated",
				 name, link.isolated ? "" : "not ");
	return 0;
}

const struct effect veth_port = {
	.name = "set up the bridge port",
	.apply = port_apply,
	.verify = port_verify,
};

/*
 * The carrier of the host end is handled in the background (linkwatch); asking
 * for the device makes the kernel handle it at once (linkwatch_sync_dev(),
 * net/core/link_watch.c), so the first look is enough there.  Kernels before 6.8
 * take a moment.  A port that a spanning tree holds back is not waited for.
 */
int veth_await(struct nl *host, const char *port, struct error *e)
{
	const struct timespec step = { .tv_nsec = FORWARD_STEP_US * 1000L };
	const int64_t deadline = clock_ms() + FORWARD_PATIENCE_MS;
	struct link link;

	for (;;) {
		if (link_get(host, port, 0, &link, e) != 0)
			return -1;
		if (link.operstate == LINK_OPER_UP &&
		    link.port_state != BR_STATE_DISABLED)
			return 0;
		if (clock_ms() >= deadline)
			return error_set(
				e, ERROR_AGAIN,
				"the bridge port %s did not begin to forward within %d s",
				port, FORWARD_PATIENCE_MS / 1000);
		(void)nanosleep(&step, NULL);
	}
}

static int forward_apply(struct attach *at, struct error *e)
{
	struct nl *host = &at->id.host->route;
	const char *bridge = at->id.conf->bridge.bridge;
	struct link link;
	char port[NAME_LINK];

	if (at->id.conf->bridge.disable_container_interface)
		return 0;
	if (veth_await(host, ident_veth(&at->id, port), e) < 0)
		return -1;
	/*
	 * A bridge gets its carrier with its first port.  That is an event of its own,
	 * until which it sends nothing; the question makes the kernel handle it.
	 */
	if (!(link_flags(host, bridge) & IFF_RUNNING) &&
	    link_get(host, bridge, 0, &link, e) != 0)
		return -1;
	return 0;
}

const struct effect veth_forward = {
	.name = "wait for the bridge port",
	.apply = forward_apply,
};

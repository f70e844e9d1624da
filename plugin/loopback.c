/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loopback.c - the plugin "loopback": the container's lo is up
 *
 * Always lo, whatever CNI_IFNAME says: nomad chains it in front of a bridge with
 * CNI_IFNAME=eth0.
 */
#include <net/if.h>
#include <stdio.h>
#include <sys/socket.h>

#include "addr.h"
#include "link.h"
#include "plugins.h"

#define LO "lo"

static int find_lo(const struct ident *id, struct link *lo, struct error *e)
{
	return link_get(&id->pod->route, LO, 0, lo, e) == 0 ? 0 : -1;
}

/* Tell of the first address; one that is none of a loopback's is an error. */
static int tell_address(const struct prefix *prefix, uint32_t flags, void *arg,
			struct error *e)
{
	struct result *result = arg;
	const struct address address = { .address = *prefix, .interface = 0 };
	char text[PREFIX_TEXT];

	(void)flags;
	if (!ip_is_loopback(&prefix->ip))
		return error_set(
			e, ERROR_EXISTS,
			"the container's lo has the address %s, which is no loopback "
			"address; remove it",
			prefix_print(prefix, text));
	for (size_t i = 0; i < result->n_ips; i++) {
		if (result->ips[i].address.ip.len == prefix->ip.len)
			return 0;
	}
	return result_add_ip(result, &address, e);
}

/* Bring it up, and tell what it is. */
static int raise_up(struct attach *at, const struct link *lo, struct error *e)
{
	struct nl *pod = &at->id.pod->route;
	struct result facts = { 0 };
	struct result *result = at->id.conf->prev_result ? &facts : &at->result;
	char mac[MAC_TEXT];
	int r;

	if (link_set_flags(pod, lo->index, IFF_UP, true, e) != 0)
		return -1;
	r = result_add_interface(result, LO, mac_print(&lo->mac, mac), at->id.args->netns,
				 0, e);
	if (r == 0)
		r = addr_each(pod, lo->index, AF_INET, tell_address, result, e);
	if (r == 0)
		r = addr_each(pod, lo->index, AF_INET6, tell_address, result, e);
	result_clear(&facts);
	return r;
}

static int apply(struct attach *at, struct error *e)
{
	struct error ignored;
	struct link lo;

	if (find_lo(&at->id, &lo, e) < 0)
		return -1;
	if (raise_up(at, &lo, e) == 0)
		return lo.flags & IFF_UP ? EFFECT_IDLE : 0;
	/*
	 * As it was, also where it is up and only the answer was lost; but somebody's address,
	 * which IPv6 takes from a device that goes down, is not ours to take.
	 */
	if (!(lo.flags & IFF_UP) && e->code != ERROR_EXISTS)
		(void)!link_set_flags(&at->id.pod->route, lo.index, IFF_UP, false,
				      &ignored);
	return -1;
}

static int revert(const struct ident *id, struct error *e)
{
	struct link lo;

	if (!id->pod)
		return 0;
	if (find_lo(id, &lo, e) < 0)
		return -1;
	return link_set_flags(&id->pod->route, lo.index, IFF_UP, false, e) == 0 ? 0 : -1;
}

static int verify(const struct attach *at, struct error *e)
{
	struct link lo;

	if (find_lo(&at->id, &lo, e) < 0)
		return -1;
	if (!(lo.flags & IFF_UP))
		return error_set(e, ERROR_MISMATCH, "the container's lo is down");
	return 0;
}

static int ready(const struct ident *id, struct error *e)
{
	(void)id;
	return netns_can_enter(e);
}

static const struct effect loopback_up = {
	.name = "bring lo up",
	.apply = apply,
	.revert = revert,
	.verify = verify,
	.ready = ready,
};

static const struct effect *const effects[] = { &loopback_up, NULL };

const struct plugin plugin_loopback = {
	.name = "loopback",
	.parts = CONF_COMMON,
	.enters = true,
	.stays = true,
	.passes = true,
	.effects = effects,
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * route.h - sentences about routes
 *
 * rtnetlink RTM_*ROUTE (linux/rtnetlink.h).
 */
#ifndef FOOTBRIDGE_ROUTE_H
#define FOOTBRIDGE_ROUTE_H

#include "nl.h"
#include "result.h"

/*
 * Add a route through a device with all its options.  A second route to one
 * destination is put beside the first, as `podman network connect` needs.
 * Return: 0, also when this very route is there; -1.
 */
int route_add(struct nl *nl, int index, const struct route *route, struct error *e) _must_check_;

/* Does it stand in the main table? */
bool route_is_main(const struct route *route);

/*
 * Is there a route through the device to this destination, with this gateway
 * and the options that @route names?
 * Return: 1 yes, 0 no, -1.
 */
int route_has(struct nl *nl, int index, const struct route *route, struct error *e) _must_check_;

/* A route of the main table, or one of the next hops of a route that has several. */
struct route_seen {
	struct prefix dst;
	uint32_t metric;
	int index;	/* of the device it goes through; 0 = none, the packets are dropped */
	uint8_t type;	/* RTN_UNICAST, or which of those that drop */
};

/* What `ip route` calls a type that drops: "blackhole".  Return: NULL for another. */
const char *route_drops(uint8_t type);

/* Called for each.  Return: 0 to go on, -1 with *e to stop. */
typedef int route_visit(const struct route_seen *route, void *arg, struct error *e);

/*
 * Visit the routes of the main table that are of use, or that drop; one may be visited
 * twice (nl_dump()).
 * Return: 0, also where the kernel lacks the family; -1.
 */
int route_each(struct nl *nl, int family, route_visit *visit, void *arg, struct error *e) _must_check_;

/*
 * The MTU of the device that the main table's default route goes through: that
 * of IPv4, or of IPv6 where IPv4 has none; of several the one of the lowest
 * metric, and of several devices at that metric the lowest MTU.
 * Return: 0, *mtu being 0 where there is no default route; -1.
 */
int route_default_mtu(struct nl *nl, uint32_t *mtu, struct error *e) _must_check_;

#endif

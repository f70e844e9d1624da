/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * membership.h - the VLANs that a bridge port is a member of
 *
 * They count only on a bridge that filters VLANs (link->vlan_filtering).
 * rtnetlink RTM_*LINK of AF_BRIDGE and RTM_GETVLAN (since Linux 5.6), both in
 * linux/if_bridge.h.
 */
#ifndef FOOTBRIDGE_MEMBERSHIP_H
#define FOOTBRIDGE_MEMBERSHIP_H

#include <stdbool.h>

#include "nl.h"
#include "vlan.h"

struct membership {
	struct vlan_set members;
	struct vlan_set untagged;	/* of these, those whose frames leave without a tag */
	uint16_t pvid;			/* the one that frames without a tag belong to; 0 = none */
};

/*
 * Make a port a member.
 * @alone: end every other membership first; otherwise what it has stays.
 * Return: 0; -1, some of it being done then.
 */
int membership_set(struct nl *nl, int port, const struct membership *wanted, bool alone,
		   struct error *e) _must_check_;

/* What the port is a member of.  Return: 0, -1. */
int membership_get(struct nl *nl, int port, struct membership *ret, struct error *e) _must_check_;

/*
 * Can this kernel's bridges filter VLANs?  Its bridge module must be loaded, as
 * link_can_add() has it.
 * Return: 0; NL_UNSUPPORTED where they cannot; -1.
 */
int membership_ready(struct nl *nl, struct error *e) _must_check_;

#endif

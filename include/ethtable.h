/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ethtable.h - our table of the bridge family
 *
 * Who guards MACs (spoof.h) and who lets frames cross a bridge untracked (crossing.h) share
 * it, with a chain and sets each.  Either may find it without, and makes what it lacks.
 */
#ifndef FOOTBRIDGE_ETHTABLE_H
#define FOOTBRIDGE_ETHTABLE_H

#include <linux/netfilter_bridge.h>

#include "nft.h"

#define ETHTABLE "table bridge footbridge"
#define ETHTABLE_TRIES 20	/* a firewall may be reloading in a loop */
#define ETHTABLE_TOO_FAST ETHTABLE " changes faster than it is made"

extern const struct nft_table ethtable;

/*
 * "type filter hook prerouting priority dstnat": before the bridge learns which port a MAC is
 * behind, and before br_netfilter (NF_BR_PRI_BRNF) and so connection tracking.
 */
#define ETHTABLE_CHAIN(chain)                       \
	{                                           \
		.table = &ethtable,                 \
		.name = (chain),                    \
		.type = "filter",                   \
		.hook = NF_BR_PRE_ROUTING,          \
		.priority = NF_BR_PRI_NAT_DST_BRIDGED, \
	}

/*
 * A commit failed.  Is that because something of one of our names is not as we make it, and so
 * stays in the way?  Who is told can remove it.
 * @r: what nft_commit() returned; @sets: "set a or set b", for the words.
 * Return: whether it is so, and *e says it; else *e is as it was.
 */
bool ethtable_is_taken(struct nl *nft, int r, const struct nft_chain *chain, const char *sets,
		       struct error *e);

#endif

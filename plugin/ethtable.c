/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ethtable.c - our table of the bridge family
 */
#include "ethtable.h"

const struct nft_table ethtable = { .family = NFPROTO_BRIDGE, .name = "footbridge" };

bool ethtable_is_taken(struct nl *nft, int r, const struct nft_chain *chain,
		       const char *sets, struct error *e)
{
	struct error ignored;

	if (r != NL_EXISTS && nft_has_other_chain(nft, chain, &ignored) <= 0)
		return false;
	error_set(e, ERROR_EXISTS,
		  ETHTABLE " has a chain or set that is not ours in the place of chain "
			   "%s (filter at prerouting, priority dstnat), %s: take the "
			   "table away (nft delete " ETHTABLE
			   "), and let \"footbridge restore\" make it anew",
		  chain->name, sets);
	return true;
}

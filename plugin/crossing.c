/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crossing.c - what goes to a VLAN's gateway crosses the bridge unchanged
 *
 * A set in the table of the bridge family, of the gateways' MACs, and a rule each for frames
 * from and for one.  Who sends under such a MAC wins nothing: what is untracked is no answer.
 * The MAC of a gateway that is gone stays there; nobody has it.
 */
#include "crossing.h"

#include <linux/netfilter_bridge.h>
#include <sys/socket.h>

#include "nft.h"
#include "sysctl.h"

#define TABLE "footbridge"
#define TRIES 20 /* a firewall may be reloading in a loop */

static const struct nft_table table = { .family = NFPROTO_BRIDGE, .name = TABLE };

/*
 * type filter hook prerouting priority dstnat: in front of br_netfilter (NF_BR_PRI_BRNF), and
 * so of connection tracking, which leaves alone what is untracked (nf_conntrack_in()).
 */
static const struct nft_chain chain = {
	.table = &table,
	.name = "crossing",
	.type = "filter",
	.hook = NF_BR_PRE_ROUTING,
	.priority = NF_BR_PRI_NAT_DST_BRIDGED,
};

/* Elements are MACs, their comments the gateway's name. */
static const struct nft_set gateways = {
	.table = &table,
	.name = "gateways",
	.type = NFT_ETHER,
};

/* ether saddr|daddr @gateways notrack */
static struct nft_rule rule_of(enum nft_field field)
{
	struct nft_rule rule = nft_rule_new(&table, chain.name);

	nft_rule_mac_in(&rule, field, &gateways);
	nft_rule_notrack(&rule);
	return rule;
}

/* What there is. */
struct standing {
	bool rules[2]; /* by field */
	bool mac;
};

/* Return: is all there?  1, 0, -1. */
static int look(struct nl *nft, const struct link *gateway, struct standing *st,
		struct error *e)
{
	const struct nft_element mac = nft_mac(&gateway->mac, "");
	char comment[NFT_COMMENT];
	int chained = nft_has_chain(nft, &chain, e);
	int r = nft_get_element(nft, &gateways, &mac, comment, e);

	*st = (struct standing){ .mac = r == 0 };
	if (chained <= 0 || r < 0)
		return chained < 0 || r < 0 ? -1 : 0;
	for (int field = NFT_SOURCE; field <= NFT_DESTINATION; field++) {
		const struct nft_rule rule = rule_of((enum nft_field)field);

		r = nft_has_rule(nft, &rule, e);
		if (r < 0)
			return -1;
		st->rules[field] = r > 0;
	}
	return st->rules[NFT_SOURCE] && st->rules[NFT_DESTINATION] && st->mac;
}

static void put(struct nft_batch *batch, const struct link *gateway,
		const struct standing *st)
{
	const struct nft_element mac = nft_mac(&gateway->mac, gateway->name);

	nft_add_table(batch, &table);
	nft_add_chain(batch, &chain);
	nft_ensure_set(batch, &gateways);
	for (int field = NFT_SOURCE; field <= NFT_DESTINATION; field++) {
		const struct nft_rule rule = rule_of((enum nft_field)field);

		if (!st->rules[field])
			nft_add_rule(batch, &rule);
	}
	if (!st->mac)
		nft_add_element(batch, &gateways, &mac);
}

/*
 * It could not be completed.  Something of one of our names that is not as we make it stays in
 * the way: who is told can remove it.
 * @r: what nft_commit() returned.
 * Return: -1; NL_UNSUPPORTED where nobody is to blame.
 */
static int blame_others(struct nl *nft, int r, struct error *e)
{
	struct error ignored;

	if (r != NL_EXISTS && nft_has_other_chain(nft, &chain, &ignored) <= 0)
		return r == NL_UNSUPPORTED ? r : -1;
	return error_set(e, ERROR_EXISTS,
			 "table bridge " TABLE " has a chain or set that is not ours in "
			 "the place of chain crossing (filter at prerouting, priority "
			 "dstnat) or set gateways: take the table away (nft delete table "
			 "bridge " TABLE
			 "), and let \"footbridge restore\" make it anew");
}

/* Complete what there is.  Return: 0; NL_OVERTAKEN, NL_UNSUPPORTED; -1. */
static int complete(struct nl *nft, const struct link *gateway, struct error *e)
{
	struct nft_batch batch;
	struct standing st;
	uint32_t generation;
	int r = nft_generation(nft, &generation, e);

	if (r != 0)
		return r;
	r = look(nft, gateway, &st, e);
	if (r != 0)
		return r > 0 ? 0 : -1;
	nft_begin_upon(&batch, nft, generation);
	put(&batch, gateway, &st);
	r = nft_commit(&batch, "let a VLAN's frames cross the bridge", e);
	return r == 0 || r == NL_OVERTAKEN ? r : blame_others(nft, r, e);
}

int crossing_free(struct host *host, const struct link *gateway, struct error *e)
{
	int r = host_nft(host, e);

	if (r == 0)
		r = nft_wake(&host->nft, &table, e) < 0 ? -1 : NL_OVERTAKEN;
	for (int tries = 0; r == NL_OVERTAKEN && tries < TRIES; tries++)
		r = complete(&host->nft, gateway, e);
	if (r == NL_OVERTAKEN)
		return error_set(e, ERROR_AGAIN,
				 "table bridge " TABLE " changes faster than it is made");
	return r == NL_UNSUPPORTED ? 0 : r;
}

int crossing_is_free(struct host *host, const struct link *gateway, struct error *e)
{
	struct standing st;
	struct error unheard;
	int r;

	if (sysctl_bridge_filter(AF_INET, &unheard) <= 0 &&
	    sysctl_bridge_filter(AF_INET6, &unheard) <= 0)
		return 1;
	r = host_nft(host, e);
	if (r != 0)
		return r == NL_UNSUPPORTED ? 0 : -1;
	r = look(&host->nft, gateway, &st, e);
	if (r <= 0)
		return r;
	r = nft_is_dormant(&host->nft, &table, e);
	return r < 0 ? -1 : r == 0;
}

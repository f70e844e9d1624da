/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crossing.c - what goes to a VLAN's gateway crosses the bridge unchanged
 *
 * A rule each for the two ways, with a set each in our table of the bridge family: what comes
 * from a gateway enters by its port, and what goes to one has its MAC as destination.  (The
 * source's MAC would do as well, but a container can forge that, and what it sends to another
 * gateway under such a MAC would not be tracked there: no masquerade, no firewall's "ct state".)
 * The MAC of a gateway that is gone stays there; nobody has it.
 */
#include "crossing.h"

#include "ethtable.h"

static const struct nft_chain chain = ETHTABLE_CHAIN("crossing");

/* Elements are names of ports, their comments the gateway's name. */
static const struct nft_set ports = {
	.table = &ethtable,
	.name = "gateway-ports",
	.type = NFT_IFNAME,
};

/* Elements are MACs, their comments the gateway's name. */
static const struct nft_set gateways = {
	.table = &ethtable,
	.name = "gateways",
	.type = NFT_ETHER,
};

/* iifname @gateway-ports notrack */
static struct nft_rule rule_from(void)
{
	struct nft_rule rule = nft_rule_new(&ethtable, chain.name);

	nft_rule_iifname_in(&rule, &ports);
	nft_rule_notrack(&rule);
	return rule;
}

/* ether daddr @gateways notrack */
static struct nft_rule rule_to(void)
{
	struct nft_rule rule = nft_rule_new(&ethtable, chain.name);

	nft_rule_ether_daddr_in(&rule, &gateways);
	nft_rule_notrack(&rule);
	return rule;
}

/* What there is. */
struct standing {
	bool from, to; /* the rules */
	bool port, mac;
};

static int has_rules(struct nl *nft, struct standing *st, struct error *e)
{
	const struct nft_rule from = rule_from(), to = rule_to();
	int r = nft_has_chain(nft, &chain, e);

	if (r <= 0)
		return r;
	r = nft_has_rule(nft, &from, e);
	st->from = r > 0;
	if (r >= 0)
		r = nft_has_rule(nft, &to, e);
	st->to = r > 0;
	return r < 0 ? -1 : 0;
}

static int has_element(struct nl *nft, const struct nft_set *set,
		       const struct nft_element *element, bool *ret, struct error *e)
{
	char comment[NFT_COMMENT];
	int r = nft_get_element(nft, set, element, comment, e);

	*ret = r == 0;
	return r < 0 ? -1 : 0;
}

/* Return: is all there?  1, 0, -1. */
static int look(struct nl *nft, const struct link *gateway, const char *port,
		struct standing *st, struct error *e)
{
	const struct nft_element enters = nft_ifname(port, ""),
				 mac = nft_ether(&gateway->mac, "");

	*st = (struct standing){ .from = false };
	if (has_rules(nft, st, e) < 0 ||
	    has_element(nft, &ports, &enters, &st->port, e) < 0 ||
	    has_element(nft, &gateways, &mac, &st->mac, e) < 0)
		return -1;
	return st->from && st->to && st->port && st->mac;
}

static void put(struct nft_batch *batch, const struct link *gateway, const char *port,
		const struct standing *st)
{
	const struct nft_rule from = rule_from(), to = rule_to();
	const struct nft_element enters = nft_ifname(port, gateway->name),
				 mac = nft_ether(&gateway->mac, gateway->name);

	nft_add_table(batch, &ethtable);
	nft_add_chain(batch, &chain);
	nft_ensure_set(batch, &ports);
	nft_ensure_set(batch, &gateways);
	if (!st->from)
		nft_add_rule(batch, &from);
	if (!st->to)
		nft_add_rule(batch, &to);
	if (!st->port)
		nft_add_element(batch, &ports, &enters);
	if (!st->mac)
		nft_add_element(batch, &gateways, &mac);
}

/* Complete what there is.  Return: 0; CROSSING_FREED, NL_OVERTAKEN, NL_UNSUPPORTED; -1. */
static int complete(struct nl *nft, const struct link *gateway, const char *port,
		    struct error *e)
{
	struct nft_batch batch;
	struct standing st;
	uint32_t generation;
	int r = nft_generation(nft, &generation, e);

	if (r != 0)
		return r;
	r = look(nft, gateway, port, &st, e);
	if (r != 0)
		return r > 0 ? 0 : -1;
	nft_begin_upon(&batch, nft, generation);
	put(&batch, gateway, port, &st);
	r = nft_commit(&batch, "let a VLAN's frames cross the bridge", e);
	if (r == 0)
		return CROSSING_FREED;
	if (r == NL_OVERTAKEN)
		return r;
	return ethtable_is_taken(nft, r, &chain, "set gateway-ports or set gateways",
				 e) ||
			       r != NL_UNSUPPORTED
		       ? -1
		       : r;
}

int crossing_free(struct host *host, const struct link *gateway, const char *port,
		  struct error *e)
{
	int r = host_nft(host, e);

	if (r == 0)
		r = nft_wake(&host->nft, &ethtable, e) < 0 ? -1 : NL_OVERTAKEN;
	for (int tries = 0; r == NL_OVERTAKEN && tries < ETHTABLE_TRIES; tries++)
		r = complete(&host->nft, gateway, port, e);
	if (r == NL_OVERTAKEN)
		return error_set(e, ERROR_AGAIN, ETHTABLE_TOO_FAST);
	return r == NL_UNSUPPORTED ? 0 : r;
}

int crossing_is_free(struct host *host, const struct link *gateway, const char *port,
		     struct error *e)
{
	struct standing st;
	int r = host_nft(host, e);

	if (r != 0)
		return r == NL_UNSUPPORTED ? 0 : -1;
	r = look(&host->nft, gateway, port, &st, e);
	if (r <= 0)
		return r;
	r = nft_is_dormant(&host->nft, &ethtable, e);
	return r < 0 ? -1 : r == 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * firewall.h - what the host's firewall does with what it forwards
 *
 * The nf_tables chains at the hook "forward", whoever made them: nft, iptables-nft,
 * firewalld, Docker.  A packet has to be accepted by each of them.
 */
#ifndef FOOTBRIDGE_FIREWALL_H
#define FOOTBRIDGE_FIREWALL_H

#include "survey.h"

/* A base chain. */
struct firewall_chain {
	uint8_t family;		/* NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_INET */
	char *table, *name;
	bool drops;		/* its policy, what no rule decides */
};

/* {0} has none. */
struct firewall {
	struct firewall_chain *chains;
	size_t n_chains;
};

/* What becomes of a new connection. */
enum firewall_verdict {
	FIREWALL_PASSES,	/* some are accepted, or nothing here is against it */
	FIREWALL_POLICY,	/* dropped by the chain's policy: no rule accepts any */
	FIREWALL_RULE,		/* a rule drops or rejects all, and none before it accepts any */
};

/*
 * List the chains.
 * @survey: its host's socket of nf_tables is used.
 * Return: 0, also without nf_tables; -1.
 */
int firewall_read(struct firewall *firewall, struct survey *survey, struct error *e) _must_check_;

/* Free it.  For _cleanup_. */
void firewall_clear(struct firewall *firewall);

/*
 * What becomes in a chain of a new connection from a bridge's containers?
 * @family: of the connection, NFPROTO_IPV4 or NFPROTO_IPV6, which the chain's must cover.
 * @between: to each other; else to where default routes lead.
 * Recognised are devices, by name, the beginning of a name or index, "any but this one",
 * source prefixes, families and ct state.  A rule that asks for anything else (a set, a
 * mark, a port) accepts and drops some packets only, and counts as none; so does a jump
 * more than eight deep, or behind a thousand others.
 * Return: an enum firewall_verdict, or -1.
 */
int firewall_judge(struct survey *survey, const struct firewall_chain *chain, uint8_t family,
		 const struct link *bridge, bool between, struct error *e) _must_check_;

#endif

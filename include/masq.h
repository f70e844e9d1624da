/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * masq.h - masquerade: containers reach the outside with the host's address
 *
 * Table inet footbridge has one chain at postrouting and, for each network and
 * subnet, one set of container addresses (each with its owner as comment) and
 * one rule: a source in the set, a destination neither in the set's own subnet
 * nor multicast, is masqueraded.  An ADD adds an element, a DEL removes it; the
 * table, chain, sets and rules are shared and stay.
 *
 * Where the network excludes destinations ("ipMasqExclude"), the rule also asks
 * that the destination is not in an interval set of the subnet, whose name bears
 * a hash of its content.  Set and rule are exchanged together, so that set's
 * presence says that the rule is the one the configuration wants.  (Where somebody
 * else's rule keeps a former one, the network's record tells of the edit, record.h.)
 */
#ifndef FOOTBRIDGE_MASQ_H
#define FOOTBRIDGE_MASQ_H

#include "effect.h"

extern const struct effect masq_effect;

/*
 * Bring the rules of all subnets of a network that have a set in line with its
 * configuration.  Elements are left alone.
 * Return: 0, also without nf_tables; -1.
 */
int masq_settle(struct host *host, const struct conf *conf, struct error *e) _must_check_;

/* What is masqueraded: a set, or an address in it. */
struct masq_seen {
	const char *network;	/* a long one is cut, as name_set() does it */
	const char *set;	/* its name */
	struct prefix subnet;
	bool ruled;		/* the rule that goes with the set stands */
	struct ip ip;		/* none: this is about the set itself */
	const char *owner;	/* of the address: name_owner() */
};

/* Called for each set, and behind it for its addresses.  Return: 0 to go on, -1 with *e to stop. */
typedef int masq_visit(const struct masq_seen *seen, void *arg, struct error *e);

/* Visit the sets of all networks; a thing may be visited twice.  Return: 0, also without nf_tables; -1. */
int masq_each(struct host *host, masq_visit *visit, void *arg, struct error *e) _must_check_;

#endif

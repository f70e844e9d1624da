/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * range.h - an IPAM range: which address comes next
 *
 * Pure choice: nothing here knows who holds an address.  The rules are
 * host-local's: the ranges of a set are alternatives and are walked in order
 * and around, starting behind the last address given; a gateway of the set is
 * never handed out by the walk, nor is what the administrator excludes.
 */
#ifndef FOOTBRIDGE_RANGE_H
#define FOOTBRIDGE_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "ip.h"

struct place;

#define RANGE_SET_TEXT 256	/* enough for range_set_print(), which cuts with "..." */

/* First and last included.  All four are set once range_complete() has passed it. */
struct range {
	struct prefix subnet;
	struct ip start, end, gateway;
};

/* Alternatives: one address is given out of a set. */
struct range_set {
	struct range *v;
	size_t n;
};

/* What is never handed out: in any order, overlapping, of any family. */
struct range_exclude {
	struct prefix *v;
	size_t n;
};

#define RANGE_COUNTLESS UINT64_MAX

/* Where a walk through a set stands. */
struct range_walk {
	const struct range_set *set;
	const struct range_exclude *exclude;
	size_t at;		/* the range */
	struct ip ip;		/* the candidate */
	struct ip first;	/* where the walk began: to come to it again ends it */
	size_t passed;		/* ends of ranges that lie behind it */
	bool begun;
	uint64_t excluded;	/* addresses passed over so far; RANGE_COUNTLESS above 2^56 */
};

/*
 * Check a range and fill what it leaves open, as host-local does: start =
 * network + 1, end = broadcast - 1 (IPv4) or the last address (IPv6), gateway =
 * network + 1.  The subnet must be its network's own address and no longer than
 * /30 or /126; start and end must lie in it, start not behind end; an explicit
 * network or broadcast address is allowed, and the gateway may lie anywhere but
 * must be of the subnet's family (whether routes can go through it is conf.h's to judge).
 * @at: where the range stands, for the message.
 * Return: 0; -1 with ERROR_CONFIG naming key and value ("rangeStart" ...).
 */
int range_complete(struct range *range, const struct place *at, struct error *e) _must_check_;

/*
 * Check a set of completed ranges: not empty, one family, no two overlapping.
 * @at: where the set stands, for the message.
 * Return: 0; -1 with ERROR_CONFIG.
 */
int range_set_check(const struct range_set *set, const struct place *at, struct error *e) _must_check_;

/* Does a range of one set share an address with one of the other? */
bool range_set_overlaps(const struct range_set *a, const struct range_set *b);

/* The range of the set that @ip lies in (between start and end).  Return: NULL for none. */
const struct range *range_set_find(const struct range_set *set, const struct ip *ip);

/* Is it the gateway of one of the ranges, which may lie in another? */
bool range_set_is_gateway(const struct range_set *set, const struct ip *ip);

/* The first of the excluded prefixes that @ip lies in.  Return: NULL for none. */
const struct prefix *range_exclude_find(const struct range_exclude *exclude, const struct ip *ip);

/* "10.1.0.2-10.1.0.9,10.1.1.2-10.1.1.9", for messages.  Return: @text. */
const char *range_set_print(const struct range_set *set, char text[static RANGE_SET_TEXT]);

/*
 * Begin a walk behind @last; where @last is none or lies outside the set, with
 * the first range's start.
 * @exclude: lent for as long as the walk goes on.
 */
struct range_walk range_walk_from(const struct range_set *set, const struct ip *last,
				  const struct range_exclude *exclude);

/*
 * The next candidate: every address of the set that is neither the gateway of one of its
 * ranges nor excluded, each once, @last itself (when it lies in the set) as the
 * final one.  An excluded prefix is passed in one step, however large.
 * @range: the range it lies in, for its subnet and gateway.
 * Return: false when the walk has come around.
 */
bool range_walk_next(struct range_walk *walk, struct ip *ip, const struct range **range) _must_check_;

/* Has the set any address to give, be it leased: one that is neither excluded nor a gateway of the set's? */
bool range_set_gives(const struct range_set *set, const struct range_exclude *exclude);

#endif

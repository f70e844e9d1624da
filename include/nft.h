/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft.h - a vocabulary for nf_tables
 *
 * The messages of the kernel's linux/netfilter/nf_tables.h; sentences are made
 * elsewhere (masq.c).  Changes are gathered in a batch, which is one transaction: all
 * of it happens or nothing.  Rules and sets are spelled as the nft program spells
 * them, so `nft list` shows them in its own words.
 */
#ifndef FOOTBRIDGE_NFT_H
#define FOOTBRIDGE_NFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ip.h"
#include "mac.h"
#include "nl.h"
#include "span.h"

#define NFT_BATCH_SIZE 16384
#define NFT_COMMENT 128		/* NFTNL_UDATA_COMMENT_MAXLEN, libnftnl/udata.h */

/* Changes to be made together. */
struct nft_batch {
	_Alignas(struct nlmsghdr) char buf[NFT_BATCH_SIZE];
	size_t len;
	struct nl *nl;		/* gives the numbers */
	struct nlmsghdr *tail;	/* the last message in it; NULL = none */
	uint32_t first, last;	/* request numbers */
	bool failed;		/* out of room: committing fails */
};

struct nft_table {
	uint8_t family;		/* NFPROTO_INET, NFPROTO_BRIDGE */
	const char *name;
};

/* The type of a set's keys. */
enum nft_type {
	NFT_IPV4_ADDR,		/* 4 bytes */
	NFT_IPV6_ADDR,		/* 16 */
	NFT_ETHER,		/* a MAC */
	NFT_IFNAME,		/* a name, filled up with NULs to 16 */
	NFT_IFNAME_ETHER,	/* that and a MAC, filled up to 8 */
};

#define NFT_IFNAME_SIZE 16	/* IFNAMSIZ, linux/if.h */
#define NFT_KEY 24		/* the longest of these */

struct nft_set {
	const struct nft_table *table;
	const char *name;
	enum nft_type type;
	bool interval;		/* holds spans of addresses, not single ones */
};

/* An element of a set. */
struct nft_element {
	uint8_t key[NFT_KEY];	/* as many of them as the type takes, in network byte order */
	const char *comment;	/* "" for none */
};

/* A base chain. */
struct nft_chain {
	const struct nft_table *table;
	const char *name, *type;	/* "nat", "filter" */
	uint32_t hook;			/* NF_INET_POST_ROUTING, ... */
	int32_t priority;
};

enum nft_field { NFT_SOURCE, NFT_DESTINATION };

/* Begin an empty batch of numbers taken from @nl, which it is sent through. */
void nft_begin(struct nft_batch *batch, struct nl *nl);

/*
 * Which ruleset the kernel has: the number changes with each transaction.
 * Return: 0; NL_UNSUPPORTED without nf_tables; -1.
 */
int nft_generation(struct nl *nl, uint32_t *generation, struct error *e) _must_check_;

/* Begin one that fails with NL_OVERTAKEN where the ruleset is not this one any more. */
void nft_begin_upon(struct nft_batch *batch, struct nl *nl, uint32_t generation);

/*
 * Create a table or a chain; where it is there already, that is fine.  (With another
 * chain of the name the transaction fails, with NL_EXISTS or NL_UNSUPPORTED.)
 */
void nft_add_table(struct nft_batch *batch, const struct nft_table *table);
void nft_add_chain(struct nft_batch *batch, const struct nft_chain *chain);

/* Create a set; the transaction fails with NL_EXISTS where it is there already. */
void nft_add_set(struct nft_batch *batch, const struct nft_set *set);

/* Create a set where it is not there; one of another type may be refused with NL_EXISTS. */
void nft_ensure_set(struct nft_batch *batch, const struct nft_set *set);

/* Do nothing, but the transaction fails with NL_ABSENT where the set is not there. */
void nft_require_set(struct nft_batch *batch, const struct nft_set *set);

/* Delete a set that no rule uses (any more); the transaction fails with NL_ABSENT where it is gone. */
void nft_delete_set(struct nft_batch *batch, const struct nft_set *set);

/* Fill an interval set that is new in this batch: spans in order, with room between them. */
void nft_add_spans(struct nft_batch *batch, const struct nft_set *set, const struct span *spans,
		   size_t n);

/* The element of an address, of a MAC, of a device's name, of that and a MAC. */
struct nft_element nft_address(const struct ip *ip, const char *comment);
struct nft_element nft_ether(const struct mac *mac, const char *comment);
struct nft_element nft_ifname(const char *ifname, const char *comment);
struct nft_element nft_ifname_ether(const char *ifname, const struct mac *mac, const char *comment);

/* Add an element; the transaction fails with NL_EXISTS where the set has it. */
void nft_add_element(struct nft_batch *batch, const struct nft_set *set,
		     const struct nft_element *element);

/*
 * Delete an element, whatever its comment; the transaction fails with NL_ABSENT
 * where the set lacks it.
 */
void nft_delete_element(struct nft_batch *batch, const struct nft_set *set,
			const struct nft_element *element);

/* Is there room for another element, whatever its set is called? */
bool nft_has_room(const struct nft_batch *batch);

/*
 * Delete elements, in as few transactions as hold them, those that are there.
 * Goes on after a failure.
 * @what: what is being tried, for the error.
 * Return: 0, also without nf_tables; -1.
 */
int nft_delete_all(struct nl *nl, const struct nft_set *set, const struct nft_element *elements,
		   size_t n, const char *what, struct error *e) _must_check_;

/*
 * Commit.  Return: 0; NL_ABSENT when a table, chain, set or element that it
 * builds on is missing; NL_EXISTS; NL_UNSUPPORTED without nf_tables; NL_OVERTAKEN; -1.
 */
int nft_commit(struct nft_batch *batch, const char *what, struct error *e) _must_check_;

/*
 * A rule under construction, whole after each word that is added to it.  Where there
 * is no room for all of them nft_add_rule() marks the batch.
 */
struct nft_rule {
	struct nl_msg msg;
	size_t expressions;	/* their place in it */
};

struct nft_rule nft_rule_new(const struct nft_table *table, const char *chain);

/* "ip saddr @set": the packet's family and the address's place in its header come from the set. */
void nft_rule_in_set(struct nft_rule *rule, enum nft_field field, const struct nft_set *set);

/* "ip daddr != prefix".  The packet's family must have been matched before. */
void nft_rule_not_in(struct nft_rule *rule, enum nft_field field, const struct prefix *prefix);

/* "ip daddr != @set".  The packet's family must have been matched before. */
void nft_rule_not_in_set(struct nft_rule *rule, enum nft_field field, const struct nft_set *set);

/* "iifname @set", "ether daddr @set", "iifname . ether saddr != @set". */
void nft_rule_iifname_in(struct nft_rule *rule, const struct nft_set *set);
void nft_rule_ether_daddr_in(struct nft_rule *rule, const struct nft_set *set);
void nft_rule_iifname_ether_not_in(struct nft_rule *rule, const struct nft_set *set);

/* "masquerade", "drop", "notrack". */
void nft_rule_masquerade(struct nft_rule *rule);
void nft_rule_drop(struct nft_rule *rule);
void nft_rule_notrack(struct nft_rule *rule);

/* Append the rule to its chain. */
void nft_add_rule(struct nft_batch *batch, const struct nft_rule *rule);

/* Which device a rule is about. */
struct nft_device {
	char name[NFT_IFNAME_SIZE]; /* "iifname", "oifname"; "" for none.  "cni*" is told as "cni" */
	size_t len;		/* bytes that must be equal, a NUL at the end among them */
	int index;		/* "iif", "oif"; 0 for none */
	bool other;		/* "!=": any but this one */
};

/* A rule as one finds it. */
struct nft_seen {
	uint64_t handle;
	const char *comment;	/* nft's, or that of iptables' match "comment"; "" for none */
	const char *jump;	/* the chain it jumps or goes to; "" for none */
	const char *set;	/* the first set that it looks up; "" for none */
	struct prefix source;	/* "ip saddr", "ip6 saddr"; of no address for none */
	struct nft_device in, out;
	uint8_t family;		/* "meta nfproto": NFPROTO_*; 0 for none */
	bool accepts, drops, returns, masquerades; /* drops: "drop", "reject" */
	bool leaves;		/* "goto": it does not come back */
	bool of_answers;	/* "ct state", and not of what is new */
	bool particular;	/* it asks for more than all that */
};

/* Called for each rule.  Return: 0 to go on, -1 with *e to stop. */
typedef int nft_rule_visit(const struct nft_seen *rule, void *arg, struct error *e);

/* Visit the rules of a chain; one may be visited twice.  Return: 0, also without such a chain; -1. */
int nft_each_rule(struct nl *nl, const struct nft_table *table, const char *chain,
		  nft_rule_visit *visit, void *arg, struct error *e) _must_check_;

/* A base chain as one finds it. */
struct nft_base {
	struct nft_table table;
	const char *name;
	uint32_t hook;
	bool drops;		/* "policy drop" */
};

typedef int nft_base_visit(const struct nft_base *base, void *arg, struct error *e);

/* Visit the base chains of all tables; one may be visited twice.  Return: 0, also without nf_tables; -1. */
int nft_each_base(struct nl *nl, nft_base_visit *visit, void *arg, struct error *e) _must_check_;

/* Delete a rule, or a chain with its rules; NL_ABSENT where it is not there. */
void nft_delete_rule(struct nft_batch *batch, const struct nft_table *table, const char *chain,
		     uint64_t handle);
void nft_delete_chain(struct nft_batch *batch, const struct nft_table *table, const char *chain);

/* Is this very rule in its chain?  Return: 1 yes, 0 no (or no chain), -1. */
int nft_has_rule(struct nl *nl, const struct nft_rule *rule, struct error *e) _must_check_;

/* Is this table there, but dormant, so that it does nothing?  Return: 1 yes, 0 no, -1. */
int nft_is_dormant(struct nl *nl, const struct nft_table *table, struct error *e) _must_check_;

/*
 * Wake it up, if it is.  A transaction of its own: the kernel adds no chain in the same one.
 * Return: 0, -1.
 */
int nft_wake(struct nl *nl, const struct nft_table *table, struct error *e) _must_check_;

/* Is this base chain there, of this type, hook and priority?  Return: 1 yes, 0 no, -1. */
int nft_has_chain(struct nl *nl, const struct nft_chain *chain, struct error *e) _must_check_;

/* Is another of this name there in its place?  Return: 1 yes, 0 no, -1. */
int nft_has_other_chain(struct nl *nl, const struct nft_chain *chain, struct error *e) _must_check_;

/*
 * Look an element up; in an interval set, the one that its key lies in.
 * @comment: its comment, "" where it has none.
 * Return: 0; NL_ABSENT, also without nf_tables; -1.
 */
int nft_get_element(struct nl *nl, const struct nft_set *set, const struct nft_element *element,
		    char comment[static NFT_COMMENT], struct error *e) _must_check_;

/* Called for each set (by name) of a table, or element of a set.  Return: 0 to go on, -1 with *e to stop. */
typedef int nft_set_visit(const char *name, void *arg, struct error *e);
typedef int nft_element_visit(const struct nft_element *element, void *arg, struct error *e);

/*
 * Visit; a thing may be visited twice (nl_dump()).
 * Return: 0, also when the table or set is not there or the kernel has no nf_tables; -1.
 */
int nft_each_set(struct nl *nl, const struct nft_table *table, nft_set_visit *visit, void *arg,
		 struct error *e) _must_check_;
int nft_each_element(struct nl *nl, const struct nft_set *set, nft_element_visit *visit, void *arg,
		     struct error *e) _must_check_;

/* Does nf_tables answer?  Changes nothing.  Return: 0; NL_UNSUPPORTED; -1. */
int nft_ready(struct nl *nl, struct error *e) _must_check_;

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * masq.c - masquerade: containers reach the outside with the host's address
 */
#include "masq.h"

#include <linux/netfilter.h>
#include <string.h>
#include <sys/socket.h>

#include "hostlocal.h"
#include "nft.h"

#define TABLE "footbridge"
#define TRIES 5
#define NF_PRIORITY_SRCNAT 100 /* NF_IP_PRI_NAT_SRC, linux/netfilter_ipv4.h */

static const struct nft_table table = { .family = NFPROTO_INET, .name = TABLE };

/* type nat hook postrouting priority srcnat */
static const struct nft_chain postrouting = {
	.table = &table,
	.name = "postrouting",
	.type = "nat",
	.hook = NF_INET_POST_ROUTING,
	.priority = NF_PRIORITY_SRCNAT,
};

/* 224.0.0.0/4 (RFC 5771) and ff00::/8 (RFC 4291) */
static const struct prefix multicast4 = { .ip = { .len = 4, .b = { 224 } }, .bits = 4 };
static const struct prefix multicast6 = { .ip = { .len = 16, .b = { 0xff } }, .bits = 8 };

/* A network's set for one subnet. */
struct subnet_set {
	char name[NAME_SET];
	struct prefix subnet;
	struct nft_set set;
};

static void name_it(struct subnet_set *s, const char *network,
		    const struct prefix *address)
{
	s->subnet = prefix_network(address);
	s->set = (struct nft_set){
		.table = &table,
		.name = name_set(network, &s->subnet, s->name),
		.type = ip_family(&s->subnet.ip) == AF_INET ? NFT_IPV4_ADDR
							    : NFT_IPV6_ADDR,
	};
}

/* ip saddr @set ip daddr != subnet ip daddr != 224.0.0.0/4 masquerade */
static struct nft_rule rule_of(const struct subnet_set *s)
{
	struct nft_rule rule = nft_rule_new(&table, postrouting.name);

	nft_rule_in_set(&rule, NFT_SOURCE, &s->set);
	nft_rule_not_in(&rule, NFT_DESTINATION, &s->subnet);
	nft_rule_not_in(&rule, NFT_DESTINATION,
			s->set.type == NFT_IPV4_ADDR ? &multicast4 : &multicast6);
	nft_rule_masquerade(&rule);
	return rule;
}

/* Make the set with its rule, unless it is there: where the set is, the rule is. */
static int build(struct nl *nft, const struct subnet_set *s, struct error *e)
{
	_cleanup_(nft_rule_clear) struct nft_rule rule = rule_of(s);
	struct nft_batch batch;
	int r;

	nft_begin(&batch, nft);
	nft_add_table(&batch, &table);
	nft_add_chain(&batch, &postrouting);
	nft_add_set(&batch, &s->set);
	nft_add_rule(&batch, &rule);
	r = nft_commit(&batch, "build the masquerade rule", e);
	return r == NL_EXISTS || r == 0 ? 0 : -1;
}

static int build_all(struct nl *nft, const struct attach *at, struct error *e)
{
	for (size_t i = 0; i < at->result.n_ips; i++) {
		struct subnet_set s;

		name_it(&s, at->id.conf->name, &at->result.ips[i].address);
		if (build(nft, &s, e) < 0)
			return -1;
	}
	return 0;
}

/* All elements of the attachment in one transaction.  Return: as nft_commit(). */
static int add_all(struct nl *nft, const struct attach *at, struct error *e)
{
	char owner[NAME_OWNER];
	struct nft_batch batch;

	ident_owner(&at->id, owner);
	nft_begin(&batch, nft);
	for (size_t i = 0; i < at->result.n_ips; i++) {
		const struct prefix *address = &at->result.ips[i].address;
		const struct nft_element element = nft_address(&address->ip, owner);
		struct subnet_set s;

		name_it(&s, at->id.conf->name, address);
		nft_add_element(&batch, &s.set, &element);
	}
	return nft_commit(&batch, "masquerade the container's addresses", e);
}

static int delete_elements(struct nl *nft, const struct nft_set *set,
			   const struct nft_element *elements, size_t n, struct error *e)
{
	return nft_delete_all(nft, set, elements, n, "end the masquerade of an address",
			      e);
}

static int delete_one(struct nl *nft, const struct nft_set *set, const struct ip *ip,
		      struct error *e)
{
	const struct nft_element element = nft_address(ip, "");

	return delete_elements(nft, set, &element, 1, e);
}

/*
 * An address that is leased to us is nobody else's: an element that bears it
 * is left over from a former holder.
 */
static int delete_stale(struct nl *nft, const struct attach *at, struct error *e)
{
	for (size_t i = 0; i < at->result.n_ips; i++) {
		const struct prefix *address = &at->result.ips[i].address;
		struct subnet_set s;

		name_it(&s, at->id.conf->name, address);
		if (delete_one(nft, &s.set, &address->ip, e) < 0)
			return -1;
	}
	return 0;
}

static int add_or_mend(struct nl *nft, const struct attach *at, struct error *e)
{
	for (int tries = 0; tries < TRIES; tries++) {
		int r = add_all(nft, at, e);

		if (r == NL_ABSENT)
			r = build_all(nft, at, e);
		else if (r == NL_EXISTS)
			r = delete_stale(nft, at, e);
		else
			return r == 0 ? 0 : -1;
		if (r < 0)
			return -1;
	}
	return error_set(e, ERROR_AGAIN,
			 "table inet " TABLE " changes faster than it is made");
}

static int apply(struct attach *at, struct error *e)
{
	struct error ignored;

	if (!at->id.conf->bridge.ip_masq || at->result.n_ips == 0)
		return 0;
	if (host_nft(at->id.host, e) != 0)
		return -1;
	if (add_or_mend(&at->id.host->nft, at, e) == 0)
		return 0;
	/* Where the kernel's answer was lost the elements may be there all the same. */
	(void)!delete_stale(&at->id.host->nft, at, &ignored);
	return -1;
}

/* Finding what is to be deleted: address by address, in the sets of one network. */

struct find {
	const char *network;
	const char *owner; /* elements of this owner; NULL: of those in no list of gc's */
	const struct gc *gc;
	struct subnet_set *sets;
	size_t n_sets;
	struct nft_element *elements;
	size_t n_elements;
};

static void find_clear(struct find *find)
{
	free(find->sets);
	free(find->elements);
}

static int find_set(const char *name, void *arg, struct error *e)
{
	struct find *find = arg;
	struct prefix subnet;

	if (!name_set_subnet(name, find->network, &subnet))
		return 0;
	if (list_grow(&find->sets, find->n_sets, sizeof(*find->sets), e) < 0)
		return -1;
	name_it(&find->sets[find->n_sets++], find->network, &subnet);
	return 0;
}

static int find_element(const struct nft_element *element, void *arg, struct error *e)
{
	struct find *find = arg;

	if (find->owner ? strcmp(element->comment, find->owner) != 0
			: gc_keeps(find->gc, element->comment))
		return 0;
	if (list_grow(&find->elements, find->n_elements, sizeof(*element), e) < 0)
		return -1;
	find->elements[find->n_elements] = *element;
	find->elements[find->n_elements++].comment = "";
	return 0;
}

/* The names in find->sets moved with the array. */
static const struct nft_set *set_at(struct find *find, size_t i)
{
	find->sets[i].set.name = find->sets[i].name;
	return &find->sets[i].set;
}

/*
 * Delete the elements that find_element() chooses, in every set of the network.
 * Goes on after a failure.
 */
static int delete_found(struct nl *nft, struct find *find, struct error *e)
{
	struct error all = { 0 }, one;

	for (size_t i = 0; i < find->n_sets; i++) {
		const struct nft_set *set = set_at(find, i);

		find->n_elements = 0;
		if (nft_each_element(nft, set, find_element, find, &one) < 0 ||
		    delete_elements(nft, set, find->elements, find->n_elements, &one) < 0)
			error_join(&all, &one);
	}
	if (!all.code)
		return 0;
	*e = all;
	return -1;
}

static int delete_held(struct nl *nft, struct find *find, const struct ip *held,
		       size_t n_held, struct error *e)
{
	for (size_t i = 0; i < find->n_sets; i++) {
		for (size_t k = 0; k < n_held; k++) {
			if (prefix_contains(&find->sets[i].subnet, &held[k]) &&
			    delete_one(nft, set_at(find, i), &held[k], e) < 0)
				return -1;
		}
	}
	return 0;
}

/*
 * By the addresses that are leased, in constant time; where there is no lease
 * (any more), by the owner in the comments.
 */
static int revert(const struct ident *id, struct error *e)
{
	char owner[NAME_OWNER];
	_cleanup_(find_clear) struct find find = {
		.network = id->conf->name,
		.owner = ident_owner(id, owner),
	};
	_cleanup_(freep) struct ip *held = NULL;
	size_t n_held = 0;
	struct nl *nft = &id->host->nft;
	int r = host_nft(id->host, e);

	if (r != 0)
		return r == NL_UNSUPPORTED ? 0 : -1;
	if (nft_each_set(nft, &table, find_set, &find, e) < 0)
		return -1;
	if (find.n_sets == 0)
		return 0;
	if (hostlocal_held(id, &held, &n_held, e) == 0 && n_held > 0)
		return delete_held(nft, &find, held, n_held, e);
	return delete_found(nft, &find, e);
}

static int sweep(const struct gc *gc, struct error *e)
{
	_cleanup_(find_clear) struct find find = { .network = gc->conf->name, .gc = gc };
	struct nl *nft = &gc->host->nft;
	int r = host_nft(gc->host, e);

	if (r != 0)
		return r == NL_UNSUPPORTED ? 0 : -1;
	if (nft_each_set(nft, &table, find_set, &find, e) < 0)
		return -1;
	return delete_found(nft, &find, e);
}

static int verify_address(struct nl *nft, const struct attach *at,
			  const struct prefix *address, struct error *e)
{
	char comment[NFT_COMMENT], owner[NAME_OWNER], text[IP_TEXT];
	const struct nft_element element = nft_address(&address->ip, "");
	struct subnet_set s;
	_cleanup_(nft_rule_clear) struct nft_rule rule = { NULL };
	int r;

	name_it(&s, at->id.conf->name, address);
	ip_print(&address->ip, text);
	r = nft_get_element(nft, &s.set, &element, comment, e);
	if (r < 0)
		return -1;
	if (r == NL_ABSENT)
		return error_set(e, ERROR_MISMATCH,
				 "%s is not in set %s of table inet " TABLE, text,
				 s.name);
	if (strcmp(comment, ident_owner(&at->id, owner)) != 0)
		return error_set(e, ERROR_MISMATCH,
				 "%s in set %s belongs to \"%s\", not to %s", text,
				 s.name, comment, owner);
	rule = rule_of(&s);
	r = nft_has_rule(nft, &rule, e);
	if (r == 0)
		return error_set(
			e, ERROR_MISMATCH,
			"the rule of set %s is gone from chain postrouting of table inet " TABLE,
			s.name);
	return r < 0 ? -1 : 0;
}

static int verify(const struct attach *at, struct error *e)
{
	struct nl *nft = &at->id.host->nft;
	int r;

	if (!at->id.conf->bridge.ip_masq || at->result.n_ips == 0)
		return 0;
	if (host_nft(at->id.host, e) != 0)
		return -1;
	r = nft_has_chain(nft, &postrouting, e);
	if (r < 0)
		return -1;
	if (r == 0)
		return error_set(e, ERROR_MISMATCH,
				 "chain postrouting of table inet " TABLE
				 " is gone or not at "
				 "hook postrouting, priority srcnat");
	for (size_t i = 0; i < at->result.n_ips; i++) {
		const struct address *ip = &at->result.ips[i];

		if (attach_owns(at, ip) && verify_address(nft, at, &ip->address, e) < 0)
			return -1;
	}
	return 0;
}

static int ready(const struct ident *id, struct error *e)
{
	if (!id->conf->bridge.ip_masq)
		return 0;
	if (host_nft(id->host, e) == 0 && nft_ready(&id->host->nft, e) == 0)
		return 0;
	return error_wrap(e, "\"ipMasq\" needs nf_tables");
}

const struct effect masq_effect = {
	.name = "masquerade",
	.apply = apply,
	.revert = revert,
	.verify = verify,
	.sweep = sweep,
	.ready = ready,
};

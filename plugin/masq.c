/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * masq.c - masquerade: containers reach the outside with the host's address
 */
#include "masq.h"

#include <linux/netfilter.h>
#include <string.h>
#include <sys/socket.h>

#include "addr.h"
#include "hostlocal.h"
#include "link.h"
#include "nft.h"

#define TABLE "footbridge"
#define TRIES 20	       /* a firewall may be reloading in a loop */
#define PART 128	       /* elements: in most sets a transaction takes fewer */
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

static enum nft_type type_of(const struct ip *ip)
{
	return ip_family(ip) == AF_INET ? NFT_IPV4_ADDR : NFT_IPV6_ADDR;
}

/*
 * Addresses that are each their own subnet (another IPAM plugin's /32) share a set, 0.0.0.0/0:
 * sets stay, and of such there is no end.
 */
static void name_it(struct subnet_set *s, const char *network,
		    const struct prefix *address)
{
	s->subnet = prefix_network(address);
	if (address->bits == 8 * address->ip.len)
		s->subnet = (struct prefix){ .ip.len = address->ip.len };
	s->set = (struct nft_set){
		.table = &table,
		.name = name_set(network, &s->subnet, s->name),
		.type = type_of(&s->subnet.ip),
	};
}

/* What a subnet of the network reaches without masquerade. */
struct exclusion {
	char name[NAME_SET];
	struct nft_set set;
	struct span *spans;
	size_t n; /* 0: nothing, and there is no set */
};

static void exclusion_clear(struct exclusion *x)
{
	free(x->spans);
}

/* Note that x->set points into *x, which must stay where it is. */
static int exclude(struct exclusion *x, const struct conf *conf,
		   const struct prefix *subnet, struct error *e)
{
	int family = ip_family(&subnet->ip);

	if (span_merge(conf->bridge.masq_exclude, conf->bridge.n_masq_exclude, family,
		       &x->spans, &x->n, e) < 0)
		return -1;
	x->set = (struct nft_set){
		.table = &table,
		.name = name_exclusion(conf->name, subnet, span_hash(x->spans, x->n),
				       x->name),
		.type = type_of(&subnet->ip),
		.interval = true,
	};
	return 0;
}

/* Is this one of the families that the network masquerades? */
static bool is_wanted(const struct conf *conf, const struct ip *ip)
{
	return conf->bridge.masq_families &
	       (ip_family(ip) == AF_INET ? CONF_IPV4 : CONF_IPV6);
}

/* ip saddr @set [ip daddr != subnet] ip daddr != 224.0.0.0/4 [ip daddr != @exclusion] masquerade */
static struct nft_rule rule_of(const struct subnet_set *s, const struct exclusion *x)
{
	struct nft_rule rule = nft_rule_new(&table, postrouting.name);

	nft_rule_in_set(&rule, NFT_SOURCE, &s->set);
	if (s->subnet.bits > 0)
		nft_rule_not_in(&rule, NFT_DESTINATION, &s->subnet);
	nft_rule_not_in(&rule, NFT_DESTINATION,
			s->set.type == NFT_IPV4_ADDR ? &multicast4 : &multicast6);
	if (x->n)
		nft_rule_not_in_set(&rule, NFT_DESTINATION, &x->set);
	nft_rule_masquerade(&rule);
	return rule;
}

/* What stands in the kernel for one subnet. */
struct standing {
	const char *network;
	const struct subnet_set *s;
	const struct exclusion *x; /* the one that is wanted */
	bool has_set, has_exclusion;
	struct list others; /* exclusions that are not wanted */
	uint64_t *rules;
	size_t n_rules;
};

static void standing_clear(struct standing *st)
{
	list_clear(&st->others);
	free(st->rules);
}

static int note_set(const char *name, void *arg, struct error *e)
{
	struct standing *st = arg;
	struct prefix subnet;

	if (strcmp(name, st->s->name) == 0)
		st->has_set = true;
	if (!name_exclusion_subnet(name, st->network, &subnet) ||
	    !prefix_equal(&subnet, &st->s->subnet))
		return 0;
	if (st->x->n && strcmp(name, st->x->name) == 0)
		st->has_exclusion = true;
	else if (!list_has(&st->others, name))
		return list_add(&st->others, name, e);
	return 0;
}

/* Is it a rule of ours?  Somebody's own beside it may look our sets up, too. */
static bool is_ours(const struct nft_seen *rule)
{
	return rule->masquerades && *rule->set && !*rule->comment;
}

static int note_rule(const struct nft_seen *rule, void *arg, struct error *e)
{
	struct standing *st = arg;

	if (!is_ours(rule) || strcmp(rule->set, st->s->name) != 0)
		return 0;
	for (size_t i = 0; i < st->n_rules; i++) {
		if (st->rules[i] == rule->handle)
			return 0;
	}
	if (list_grow(&st->rules, st->n_rules, sizeof(*st->rules), e) < 0)
		return -1;
	st->rules[st->n_rules++] = rule->handle;
	return 0;
}

/* Return: 1 when all is as wanted, 0, -1. */
static int look(struct nl *nft, struct standing *st, const struct nft_rule *rule,
		struct error *e)
{
	if (nft_each_set(nft, &table, note_set, st, e) < 0 ||
	    nft_each_rule(nft, &table, postrouting.name, note_rule, st, e) < 0)
		return -1;
	if (!st->has_set || st->n_rules != 1 || st->others.n > 0 ||
	    (st->x->n && !st->has_exclusion))
		return 0;
	return nft_has_rule(nft, rule, e);
}

static void delete_others(struct nft_batch *batch, const struct standing *st)
{
	for (size_t i = 0; i < st->others.n; i++) {
		struct nft_set other = st->x->set;

		other.name = st->others.v[i];
		nft_delete_set(batch, &other);
	}
}

/*
 * Exchange everything but the elements in one transaction.
 * @tidy: the exclusions that are not wanted, too.
 * Return: as nft_commit().
 */
static int exchange_with(struct nl *nft, const struct standing *st,
			 const struct nft_rule *rule, bool tidy, struct error *e)
{
	struct nft_batch batch;

	nft_begin(&batch, nft);
	nft_add_table(&batch, &table);
	nft_add_chain(&batch, &postrouting);
	if (!st->has_set)
		nft_add_set(&batch, &st->s->set);
	if (st->x->n && !st->has_exclusion) {
		nft_add_set(&batch, &st->x->set);
		nft_add_spans(&batch, &st->x->set, st->x->spans, st->x->n);
	}
	for (size_t i = 0; i < st->n_rules; i++)
		nft_delete_rule(&batch, &table, postrouting.name, st->rules[i]);
	nft_add_rule(&batch, rule);
	if (tidy)
		delete_others(&batch, st);
	return nft_commit(&batch, "build the masquerade rule", e);
}

/* A set that somebody's own rule uses (EBUSY) stays, until that rule has gone. */
static int exchange(struct nl *nft, const struct standing *st,
		    const struct nft_rule *rule, struct error *e)
{
	int r = exchange_with(nft, st, rule, true, e);

	if (r < 0 && e->code == ERROR_AGAIN && st->others.n > 0)
		r = exchange_with(nft, st, rule, false, e);
	return r;
}

/*
 * It could not be made.  Another chain of that name stays in the way: who is told can
 * remove it.
 * Return: -1.
 */
static int blame_chain(struct nl *nft, struct error *e)
{
	struct error ignored;

	if (nft_has_other_chain(nft, &postrouting, &ignored) <= 0)
		return -1;
	return error_set(e, ERROR_EXISTS,
			 "chain postrouting of table inet " TABLE
			 " is not ours (nat at postrouting, priority srcnat): take it "
			 "away (nft delete chain inet " TABLE
			 " postrouting), and let \"footbridge restore\" make it anew");
}

/* Nor in many tries.  Return: -1. */
static int give_up(struct nl *nft, struct error *e)
{
	(void)error_set(e, ERROR_AGAIN,
			"table inet " TABLE " changes faster than it is made");
	return blame_chain(nft, e);
}

/*
 * Make the set of a subnet with its rule, or the rule anew where it is not the
 * one that is wanted: where the set is, the rule is.
 * Return: 0; NL_EXISTS or NL_ABSENT when somebody else changed it meanwhile; -1.
 */
static int settle(struct nl *nft, const struct conf *conf, const struct prefix *address,
		  struct error *e)
{
	struct subnet_set s;
	_cleanup_(exclusion_clear) struct exclusion x = { .n = 0 };
	struct nft_rule rule;
	_cleanup_(standing_clear) struct standing standing = {
		.network = conf->name,
		.s = &s,
		.x = &x,
	};
	int r;

	name_it(&s, conf->name, address);
	if (exclude(&x, conf, &s.subnet, e) < 0)
		return -1;
	rule = rule_of(&s, &x);
	r = look(nft, &standing, &rule, e);
	if (r != 0)
		return r < 0 ? -1 : 0;
	r = exchange(nft, &standing, &rule, e);
	/* nothing that it builds on can have gone: the kernel has no masquerade, or no NAT */
	if (r == NL_ABSENT && !standing.has_set && !standing.has_exclusion &&
	    standing.n_rules == 0 && standing.others.n == 0)
		return -1;
	return r == NL_UNSUPPORTED ? blame_chain(nft, e) : r;
}

static int settle_all(struct nl *nft, const struct attach *at, struct error *e)
{
	if (nft_wake(nft, &table, e) < 0)
		return -1;
	for (size_t i = 0; i < at->result.n_ips; i++) {
		const struct prefix *address = &at->result.ips[i].address;

		if (is_wanted(at->id.conf, &address->ip) &&
		    settle(nft, at->id.conf, address, e) < 0)
			return -1;
	}
	return 0;
}

/* Return: 0, -1. */
static int add_one(struct nft_batch *batch, const struct conf *conf,
		   const struct prefix *address, const char *owner, struct error *e)
{
	const struct nft_element element = nft_address(&address->ip, owner);
	_cleanup_(exclusion_clear) struct exclusion x = { .n = 0 };
	struct subnet_set s;

	name_it(&s, conf->name, address);
	if (exclude(&x, conf, &s.subnet, e) < 0)
		return -1;
	if (x.n)
		nft_require_set(batch, &x.set);
	nft_add_element(batch, &s.set, &element);
	return 0;
}

/*
 * All elements of the attachment in one transaction, which goes through only
 * where each finds its set and the exclusion that the network has now.
 * Return: as nft_commit().
 */
static int add_all(struct nl *nft, const struct attach *at, struct error *e)
{
	char owner[NAME_OWNER];
	struct nft_batch batch;

	ident_owner(&at->id, owner);
	nft_begin(&batch, nft);
	for (size_t i = 0; i < at->result.n_ips; i++) {
		const struct prefix *address = &at->result.ips[i].address;

		if (is_wanted(at->id.conf, &address->ip) &&
		    add_one(&batch, at->id.conf, address, owner, e) < 0)
			return -1;
	}
	return nft_commit(&batch, "masquerade the container's addresses", e);
}

static const char ending[] = "end the masquerade of an address";

static int delete_one(struct nl *nft, const struct nft_set *set, const struct ip *ip,
		      struct error *e)
{
	const struct nft_element element = nft_address(ip, "");

	return nft_delete_all(nft, set, &element, 1, ending, e);
}

/*
 * Has another attachment, as far as its owner's text tells, this address?  Where nobody can
 * look into its container, it has.
 * Return: 1, 0, -1.
 */
static int has_address(const struct ident *id, const char *owner, const struct ip *ip,
		       struct error *e)
{
	struct nl *host = &id->host->route;
	struct error unheard;
	char veth[NAME_LINK];
	struct link link;
	int r = name_owner_veth(id->conf->name, owner, veth)
			? link_get(host, veth, 0, &link, e)
			: NL_ABSENT;

	if (r != 0)
		return r < 0 ? -1 : 0;
	if (!link.peer_elsewhere)
		return 0;
	return addr_is_at(host, &link.peer_nsid, link.peer, ip, &unheard) != 0;
}

/* Return: 0 where nobody else who is attached has the address; -1. */
static int refuse_duplicate(struct nl *nft, const struct attach *at,
			    const struct nft_set *set, const struct ip *ip,
			    struct error *e)
{
	const struct nft_element element = nft_address(ip, "");
	char owner[NAME_OWNER], comment[NFT_COMMENT], text[IP_TEXT];
	int r = nft_get_element(nft, set, &element, comment, e);

	if (r != 0)
		return r == NL_ABSENT ? 0 : -1;
	if (strcmp(comment, ident_owner(&at->id, owner)) == 0)
		return 0;
	r = has_address(&at->id, comment, ip, e);
	if (r <= 0)
		return r;
	return error_set(e, ERROR_EXISTS,
			 "%s is the address of %s, which has it: are two stores "
			 "(\"ipam.dataDir\") or IPAM plugins in use for one subnet?",
			 ip_print(ip, text), comment);
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
		if (refuse_duplicate(nft, at, &s.set, &address->ip, e) < 0 ||
		    delete_one(nft, &s.set, &address->ip, e) < 0)
			return -1;
	}
	return 0;
}

/* Has the attachment any address to masquerade? */
static bool is_concerned(const struct attach *at)
{
	if (!at->id.conf->bridge.ip_masq)
		return false;
	for (size_t i = 0; i < at->result.n_ips; i++) {
		if (is_wanted(at->id.conf, &at->result.ips[i].address.ip))
			return true;
	}
	return false;
}

static int add_or_mend(struct nl *nft, const struct attach *at, struct error *e)
{
	for (int tries = 0; tries < TRIES; tries++) {
		int r = add_all(nft, at, e);

		if (r == NL_ABSENT)
			r = settle_all(nft, at, e);
		else if (r == NL_EXISTS)
			r = delete_stale(nft, at, e);
		else
			return r == 0 ? 0 : -1;
		if (r < 0)
			return -1;
	}
	return give_up(nft, e);
}

static int apply(struct attach *at, struct error *e)
{
	struct error ignored;

	if (!is_concerned(at))
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
	size_t at; /* the one being looked through */
	struct nft_element *elements;
	struct list owners; /* of the elements, where that is not @owner */
	size_t n_elements;
	bool alone; /* the addresses are the owner's, and nobody else can free them meanwhile */
};

static void find_clear(struct find *find)
{
	free(find->sets);
	free(find->elements);
	list_clear(&find->owners);
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

/* Every element of ours names its owner.  Return: 1, 0, -1. */
static int is_nobodys(const struct find *find, const struct nft_element *element,
		      struct error *e)
{
	const struct ip ip = ip_from(element->key, find->sets[find->at].subnet.ip.len);
	char text[IP_TEXT], veth[NAME_LINK] = "";
	const struct gc_find found = {
		.kind = "masquerade",
		.thing = ip_print(&ip, text),
		.owner = element->comment,
		.why = "nobody of that name is connected",
	};

	int r;

	if (gc_keeps(find->gc, element->comment) ||
	    (find->gc->unlisted && !strchr(element->comment, '/')))
		return 0;
	(void)!name_owner_veth(find->network, element->comment, veth);
	r = gc_arrived(find->gc, veth, e);
	if (r != 0)
		return r < 0 ? -1 : 0;
	return gc_takes(find->gc, &found, e);
}

static int add_element(struct find *find, const struct nft_element *element,
		       struct error *e)
{
	if (list_grow(&find->elements, find->n_elements, sizeof(*element), e) < 0)
		return -1;
	find->elements[find->n_elements] = *element;
	find->elements[find->n_elements++].comment = "";
	return 0;
}

static int find_element(const struct nft_element *element, void *arg, struct error *e)
{
	struct find *find = arg;
	int r = find->owner ? strcmp(element->comment, find->owner) == 0
			    : is_nobodys(find, element, e);

	if (r <= 0)
		return r;
	if (!find->owner && list_add(&find->owners, element->comment, e) < 0)
		return -1;
	return add_element(find, element, e);
}

/* The names in find->sets moved with the array. */
static const struct nft_set *set_at(struct find *find, size_t i)
{
	find->sets[i].set.name = find->sets[i].name;
	return &find->sets[i].set;
}

/*
 * Does the element still belong to this owner?  An address that has been freed meanwhile may
 * be the next container's, and the kernel deletes by address alone.
 * Return: 1, 0, -1.
 */
static int is_still(struct nl *nft, const struct nft_set *set,
		    const struct nft_element *element, const char *owner, struct error *e)
{
	char comment[NFT_COMMENT];
	int r = nft_get_element(nft, set, element, comment, e);

	return r == 0 ? strcmp(comment, owner) == 0 : r < 0 ? -1 : 0;
}

/* A dump that the kernel has broken off tells of some twice.  @its: elements that were found. */
static bool is_among(const struct find *find, const size_t *its, size_t n, size_t at)
{
	const struct nft_element *elements = find->elements;

	for (size_t i = 0; i < n; i++) {
		if (memcmp(elements[its[i]].key, elements[at].key, NFT_KEY) == 0)
			return true;
	}
	return false;
}

/* Delete these of the elements that were found, whatever else changes.  Return: 0, -1. */
static int delete_anyway(struct nl *nft, const struct find *find,
			 const struct nft_set *set, const size_t *its, size_t n,
			 struct error *e)
{
	for (size_t i = 0; i < n; i++) {
		if (nft_delete_all(nft, set, &find->elements[its[i]], 1, ending, e) < 0)
			return -1;
	}
	return 0;
}

/*
 * Delete these, as many as fit in, in the ruleset of that generation.
 * Return: 0, *n being how many; NL_OVERTAKEN where the ruleset is another by now; -1.
 */
static int delete_upon(struct nl *nft, uint32_t generation, const struct find *find,
		       const struct nft_set *set, const size_t *its, size_t *n,
		       struct error *e)
{
	struct nft_batch batch;
	size_t done;
	int r;

	nft_begin_upon(&batch, nft, generation);
	for (done = 0; done < *n && nft_has_room(&batch); done++)
		nft_delete_element(&batch, set, &find->elements[its[done]]);
	*n = done;
	r = nft_commit(&batch, ending, e);
	return r == 0 || r == NL_OVERTAKEN ? r : -1;
}

/*
 * Of the elements that were found, from *@from on, delete those that still are their owners',
 * in the very ruleset in which that was seen.
 * @alone: it is not asked for.
 * Return: 0, *from being the next; NL_OVERTAKEN where the ruleset is another by now; -1.
 */
static int delete_part(struct nl *nft, const struct find *find, const struct nft_set *set,
		       size_t *from, bool alone, struct error *e)
{
	size_t its[PART], kept = 0, at, n;
	uint32_t generation = 0;
	int r = alone ? 0 : nft_generation(nft, &generation, e);

	for (at = *from; r == 0 && at < find->n_elements && kept < PART; at++) {
		r = is_still(nft, set, &find->elements[at],
			     find->owner ? find->owner : find->owners.v[at], e);
		if (r > 0 && !is_among(find, its, kept, at))
			its[kept++] = at;
		r = r < 0 ? -1 : 0;
	}
	if (r != 0)
		return -1;
	n = kept;
	if (alone)
		r = delete_anyway(nft, find, set, its, kept, e);
	else if (kept > 0)
		r = delete_upon(nft, generation, find, set, its, &n, e);
	if (r == 0)
		*from = n < kept ? its[n] : at;
	return r;
}

/*
 * Delete what was found in a set.  Where the ruleset changes all the time the last try does
 * not mind.
 */
static int delete_from(struct nl *nft, const struct find *find, const struct nft_set *set,
		       struct error *e)
{
	size_t from = 0;

	while (from < find->n_elements) {
		int r = NL_OVERTAKEN;

		for (int tries = 1; r == NL_OVERTAKEN; tries++)
			r = delete_part(nft, find, set, &from,
					find->alone || tries == TRIES, e);
		if (r < 0)
			return -1;
	}
	return 0;
}

/*
 * Delete the elements that find_element() chooses, in every set of the network.
 * Goes on after a failure.
 */
static int delete_found(struct nl *nft, struct find *find, struct error *e)
{
	struct error all, one;

	error_none(&all);
	for (size_t i = 0; i < find->n_sets; i++) {
		const struct nft_set *set = set_at(find, i);

		find->at = i;
		find->n_elements = 0;
		list_clear(&find->owners);
		if (nft_each_element(nft, set, find_element, find, &one) < 0 ||
		    delete_from(nft, find, set, &one) < 0)
			error_join(&all, &one);
	}
	return error_gathered(&all, e);
}

static int delete_held(struct nl *nft, struct find *find, const struct ip *held,
		       size_t n_held, struct error *e)
{
	for (size_t i = 0; i < find->n_sets; i++) {
		find->n_elements = 0;
		for (size_t k = 0; k < n_held; k++) {
			const struct nft_element element = nft_address(&held[k], "");

			if (prefix_contains(&find->sets[i].subnet, &held[k]) &&
			    add_element(find, &element, e) < 0)
				return -1;
		}
		if (delete_from(nft, find, set_at(find, i), e) < 0)
			return -1;
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
	if (hostlocal_held(id, &held, &n_held, e) == 0 && n_held > 0) {
		find.alone = id->locked;
		return delete_held(nft, &find, held, n_held, e);
	}
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

/* Are both ends of each span in the set? */
static int verify_exclusion(struct nl *nft, const struct exclusion *x, struct error *e)
{
	char comment[NFT_COMMENT], text[IP_TEXT];

	for (size_t i = 0; i < 2 * x->n; i++) {
		const struct span *span = &x->spans[i / 2];
		const struct ip *ip = i % 2 ? &span->last : &span->first;
		const struct nft_element element = nft_address(ip, "");
		int r = nft_get_element(nft, &x->set, &element, comment, e);

		if (r == NL_ABSENT)
			return error_set(e, ERROR_MISMATCH,
					 "%s, which \"ipMasqExclude\" covers, is not in "
					 "set %s of table inet " TABLE,
					 ip_print(ip, text), x->name);
		if (r < 0)
			return -1;
	}
	return 0;
}

static int verify_address(struct nl *nft, const struct attach *at,
			  const struct prefix *address, struct error *e)
{
	char comment[NFT_COMMENT], owner[NAME_OWNER], text[IP_TEXT];
	const struct nft_element element = nft_address(&address->ip, "");
	struct subnet_set s;
	_cleanup_(exclusion_clear) struct exclusion x = { .n = 0 };
	struct nft_rule rule;
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
	if (exclude(&x, at->id.conf, &s.subnet, e) < 0)
		return -1;
	rule = rule_of(&s, &x);
	r = nft_has_rule(nft, &rule, e);
	if (r == 0)
		return error_set(
			e, ERROR_MISMATCH,
			"the rule of set %s is gone from chain postrouting of table inet " TABLE,
			s.name);
	return r < 0 ? -1 : verify_exclusion(nft, &x, e);
}

static int verify_chain(struct nl *nft, struct error *e)
{
	int r = nft_has_chain(nft, &postrouting, e);

	if (r == 0)
		return error_set(e, ERROR_MISMATCH,
				 "chain postrouting of table inet " TABLE
				 " is gone or not at "
				 "hook postrouting, priority srcnat");
	if (r > 0)
		r = nft_is_dormant(nft, &table, e);
	if (r > 0)
		return error_set(e, ERROR_MISMATCH,
				 "table inet " TABLE
				 " is dormant: nothing is masqueraded");
	return r;
}

static int verify(const struct attach *at, struct error *e)
{
	struct nl *nft = &at->id.host->nft;

	if (!is_concerned(at))
		return 0;
	if (host_nft(at->id.host, e) != 0 || verify_chain(nft, e) < 0)
		return -1;
	for (size_t i = 0; i < at->result.n_ips; i++) {
		const struct address *ip = &at->result.ips[i];

		if (attach_owns(at, ip) && is_wanted(at->id.conf, &ip->address.ip) &&
		    verify_address(nft, at, &ip->address, e) < 0)
			return -1;
	}
	return 0;
}

/* The network's rules, apart from any attachment. */

static int settle_firmly(struct nl *nft, const struct conf *conf,
			 const struct prefix *subnet, struct error *e)
{
	int r = NL_ABSENT;

	for (int tries = 0; r > 0 && tries < TRIES; tries++)
		r = settle(nft, conf, subnet, e);
	return r > 0 ? give_up(nft, e) : r;
}

int masq_settle(struct host *host, const struct conf *conf, struct error *e)
{
	_cleanup_(find_clear) struct find find = { .network = conf->name };
	int r = host_nft(host, e);

	if (r != 0)
		return r == NL_UNSUPPORTED ? 0 : -1;
	if (nft_wake(&host->nft, &table, e) < 0 ||
	    nft_each_set(&host->nft, &table, find_set, &find, e) < 0)
		return -1;
	for (size_t i = 0; i < find.n_sets; i++) {
		if (settle_firmly(&host->nft, conf, &find.sets[i].subnet, e) < 0)
			return -1;
	}
	return 0;
}

/* All networks, for those who look. */

struct looking_around {
	struct list sets, ruled;
	struct masq_seen seen;
	masq_visit *visit;
	void *arg;
};

static void looking_around_clear(struct looking_around *around)
{
	list_clear(&around->sets);
	list_clear(&around->ruled);
}

static int see_set(const char *name, void *arg, struct error *e)
{
	struct looking_around *around = arg;

	return list_has(&around->sets, name) ? 0 : list_add(&around->sets, name, e);
}

static int see_rule(const struct nft_seen *rule, void *arg, struct error *e)
{
	struct looking_around *around = arg;

	return is_ours(rule) ? list_add(&around->ruled, rule->set, e) : 0;
}

static int see_element(const struct nft_element *element, void *arg, struct error *e)
{
	struct looking_around *around = arg;

	around->seen.ip = ip_from(element->key, around->seen.subnet.ip.len);
	around->seen.owner = element->comment;
	return around->visit(&around->seen, around->arg, e);
}

static int see_one(struct nl *nft, struct looking_around *around, const char *name,
		   struct error *e)
{
	char network[NAME_SET];
	struct masq_seen *seen = &around->seen;
	struct nft_set set = { .table = &table, .name = name };

	*seen = (struct masq_seen){ .network = network, .set = name, .owner = "" };
	if (!name_set_read(name, network, &seen->subnet))
		return 0;
	seen->ruled = list_has(&around->ruled, name);
	set.type = type_of(&seen->subnet.ip);
	if (around->visit(seen, around->arg, e) < 0)
		return -1;
	return nft_each_element(nft, &set, see_element, around, e);
}

/* Return: 1, 0, -1. */
static int is_at_work(struct nl *nft, struct error *e)
{
	int r = nft_is_dormant(nft, &table, e);

	return r == 0 ? nft_has_chain(nft, &postrouting, e) : r < 0 ? -1 : 0;
}

int masq_each(struct host *host, masq_visit *visit, void *arg, struct error *e)
{
	_cleanup_(looking_around_clear) struct looking_around around = { .visit = visit,
									 .arg = arg };
	struct nl *nft = &host->nft;
	int r = host_nft(host, e);

	if (r != 0)
		return r == NL_UNSUPPORTED ? 0 : -1;
	r = is_at_work(nft, e);
	if (r < 0)
		return -1;
	if (r > 0 &&
	    nft_each_rule(nft, &table, postrouting.name, see_rule, &around, e) < 0)
		return -1;
	if (nft_each_set(nft, &table, see_set, &around, e) < 0)
		return -1;
	for (size_t i = 0; i < around.sets.n; i++)
		if (see_one(nft, &around, around.sets.v[i], e) < 0)
			return -1;
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

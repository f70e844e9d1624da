/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * takeover.c - the way out for attachments that the Go bridge made
 *
 * Its host veths have names of chance, so the way to one leads through the
 * container: the veth of the asked name there, whose peer is a port of our bridge
 * here and has such a name.  Its rules bear the attachment in a comment.
 */
#include "takeover.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "addr.h"
#include "delegate.h"
#include "hostlocal.h"
#include "inside.h"
#include "link.h"
#include "nft.h"
#include "veth.h"

#define LEGACY_TABLES "/proc/net/ip_tables_names"

#define GO_VETH_PREFIX "veth"
#define GO_VETH_LEN 12

/*
 * The comment of a rule of its nftables backend: two hashes, which are not needed,
 * and then the attachment in plain words; cut behind 128 bytes.
 */
#define HASHES (16 + 1 + 16)
#define COMMENT_MAX 128

/* A chain of its iptables backend: "CNI-" and 24 hex digits. */
#define CHAIN_PREFIX "CNI-"
#define CHAIN_LEN 28

#define TRIES 50 /* to delete what others change at the same time */

/* What macspoofchk has: a rule with this comment, which jumps to the first of two chains. */
#define GUARD_COMMENT "macspoofchk-%s-%s"
#define GUARD_CHAIN "cni-br-iface-%s-%s"
#define GUARD_INNER "-mac"

/* The link. */

/* "veth" and 8 hex digits; somebody else's veth on our bridge is his own matter. */
static bool is_go_name(const char *name)
{
	return strlen(name) == GO_VETH_LEN &&
	       strncmp(name, GO_VETH_PREFIX, strlen(GO_VETH_PREFIX)) == 0 &&
	       strspn(name + strlen(GO_VETH_PREFIX), "0123456789abcdef") ==
		       GO_VETH_LEN - strlen(GO_VETH_PREFIX);
}

/*
 * Is the host's device, the other end of the container's, one of Go's on our bridge?
 * Return: 1, 0, -1.
 */
static int is_its_port(const struct ident *id, const struct link *outside,
		       struct error *e)
{
	struct link bridge;
	int r;

	if (!is_go_name(outside->name) || *outside->alias)
		return 0;
	r = link_get(&id->host->route, id->conf->bridge.bridge, 0, &bridge, e);
	if (r != 0)
		return r < 0 ? -1 : 0;
	return outside->master == bridge.index;
}

/* Find the pair, from within.  Return: 1, 0, -1. */
static int find_pair(const struct ident *id, struct link *inside, struct link *outside,
		     struct error *e)
{
	int r = ident_pair(id, inside, outside, e);

	return r > 0 ? is_its_port(id, outside, e) : r;
}

/*
 * Has the container's interface an address that the attachment holds?  Without such the
 * namespace is another container's by now.  Return: 1, also where it holds none; 0, -1.
 */
static int bears_held(const struct ident *id, int index, const struct ip *held, size_t n,
		      struct error *e)
{
	int r = n == 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = addr_is_at(&id->pod->route, NULL, index, &held[i], e);
	return r;
}

/* Return: 1 when its link was there and is deleted, 0, -1. */
static int delete_link(const struct ident *id, const struct ip *held, size_t n_held,
		       struct error *e)
{
	struct link inside, outside;
	int r = find_pair(id, &inside, &outside, e);

	if (r > 0)
		r = bears_held(id, inside.index, held, n_held, e);
	if (r <= 0)
		return r;
	return link_delete(&id->host->route, outside.index, e) < 0 ? -1 : 1;
}

/* The rules. */

/* A chain that the Go bridge adds rules to. */
struct trail {
	struct nft_table table;
	const char *chain;
	/* Is the rule of the attachment?  @held: it is about an address that that one holds. */
	bool (*is_its)(const struct ident *id, const struct nft_seen *rule, bool held);
	bool per_address;  /* of the attachment's rules those of its addresses go */
	const char *inner; /* what they jump to jumps to the chain of its name and this */
};

struct rules {
	const struct ident *id;
	const struct trail *trail;
	const struct ip *held; /* the addresses of the attachment */
	size_t n_held;
	uint64_t *handles;
	size_t n;
	char chain[NFT_CHAIN_MAXNAMELEN]; /* what they jump to; "" = nothing */
	bool shared;			  /* a rule that stays jumps there too */
};

static void rules_clear(struct rules *rules)
{
	free(rules->handles);
}

static bool is_held(const struct rules *rules, const struct ip *ip)
{
	for (size_t i = 0; i < rules->n_held; i++) {
		if (ip_equal(&rules->held[i], ip))
			return true;
	}
	return false;
}

static bool is_go_chain(const char *chain)
{
	return strlen(chain) == CHAIN_LEN &&
	       strncmp(chain, CHAIN_PREFIX, strlen(CHAIN_PREFIX)) == 0;
}

/* It tells of the container alone, whatever its interface: that is for the address to say. */
static bool is_of_iptables(const struct ident *id, const struct nft_seen *rule, bool held)
{
	char wanted[ERROR_TEXT];

	(void)held;
	(void)snprintf(wanted, sizeof(wanted), "name: \"%s\" id: \"%s\"", id->conf->name,
		       id->args->container);
	return is_go_chain(rule->jump) && strcmp(rule->comment, wanted) == 0;
}

/*
 * Is it ours by the comment?  One that was cut could be another's with a name as
 * long; then it takes the address to tell.
 */
static bool is_of_nft(const struct ident *id, const struct nft_seen *rule, bool held)
{
	const char *comment = rule->comment;
	char wanted[ERROR_TEXT];
	int len = snprintf(wanted, sizeof(wanted), ", net: %s, if: %s, id: %s",
			   id->conf->name, id->args->ifname, id->args->container);

	if (strlen(comment) < HASHES || comment[HASHES / 2] != '-')
		return false;
	if (len > COMMENT_MAX - HASHES && !held)
		return false;
	return strncmp(comment + HASHES, wanted, COMMENT_MAX - HASHES) == 0;
}

static bool is_guard(const struct ident *id, const struct nft_seen *rule, bool held)
{
	char comment[ERROR_TEXT], chain[ERROR_TEXT];

	(void)held;
	(void)snprintf(comment, sizeof(comment), GUARD_COMMENT, id->args->container,
		       id->args->ifname);
	(void)snprintf(chain, sizeof(chain), GUARD_CHAIN, id->args->container,
		       id->args->ifname);
	return strcmp(rule->comment, comment) == 0 && strcmp(rule->jump, chain) == 0;
}

static const struct trail trails[] = {
	{ .table = { NFPROTO_INET, "cni_plugins_masquerade" },
	  .chain = "masq_checks",
	  .is_its = is_of_nft },
	{ .table = { NFPROTO_IPV4, "nat" },
	  .chain = "POSTROUTING",
	  .is_its = is_of_iptables,
	  .per_address = true },
	{ .table = { NFPROTO_IPV6, "nat" },
	  .chain = "POSTROUTING",
	  .is_its = is_of_iptables,
	  .per_address = true },
	{ .table = { NFPROTO_BRIDGE, "nat" },
	  .chain = "PREROUTING",
	  .is_its = is_guard,
	  .inner = GUARD_INNER },
};

/*
 * Is a rule that is not about an address held by the attachment about that of another
 * interface of the container?  So it is where the attachment holds any.  Where it holds
 * none (they are released, or another plugin's), the container knows, if it is there.
 * Return: 1, 0, -1.
 */
static int is_anothers(const struct rules *rules, const struct ip *ip, struct error *e)
{
	const struct ident *id = rules->id;
	struct link own;
	int r;

	if (rules->n_held > 0 || !id->pod || ip_is_none(ip))
		return rules->n_held > 0;
	r = link_get(&id->pod->route, id->args->ifname, 0, &own, e);
	if (r == 0)
		r = addr_is_at(&id->pod->route, NULL, own.index, ip, e);
	else if (r > 0)
		r = 0;
	if (r != 0)
		return r < 0 ? -1 : 0;
	return addr_is_at(&id->pod->route, NULL, 0, ip, e);
}

static int find_rule(const struct nft_seen *rule, void *arg, struct error *e)
{
	struct rules *rules = arg;
	const bool held = is_held(rules, &rule->source.ip);
	int another = 0;

	if (!rules->trail->is_its(rules->id, rule, held))
		return 0;
	(void)snprintf(rules->chain, sizeof(rules->chain), "%s", rule->jump);
	if (rules->trail->per_address && !held)
		another = is_anothers(rules, &rule->source.ip, e);
	if (another != 0) {
		rules->shared = true;
		return another < 0 ? -1 : 0;
	}
	for (size_t i = 0; i < rules->n; i++) {
		if (rules->handles[i] == rule->handle)
			return 0; /* told of twice */
	}
	if (list_grow(&rules->handles, rules->n, sizeof(*rules->handles), e) < 0)
		return -1;
	rules->handles[rules->n++] = rule->handle;
	return 0;
}

/* What is to be deleted: the rules, and then what they jump to, the outer chain first. */
struct remains {
	char chains[2][NFT_CHAIN_MAXNAMELEN + sizeof(GUARD_INNER)];
	size_t n_chains;
};

static struct remains remains_of(const struct rules *rules)
{
	struct remains remains = { 0 };

	if (!*rules->chain || rules->shared)
		return remains;
	(void)snprintf(remains.chains[0], sizeof(remains.chains[0]), "%s", rules->chain);
	remains.n_chains = 1;
	if (rules->trail->inner) {
		(void)snprintf(remains.chains[1], sizeof(remains.chains[1]), "%s%s",
			       rules->chain, rules->trail->inner);
		remains.n_chains = 2;
	}
	return remains;
}

static const char what[] = "delete the rules of the Go bridge";

/* A chain that another's rule jumps to stays, and so does one that is gone. */
static int delete_chains(struct nl *nft, const struct nft_table *table,
			 const struct remains *remains, struct error *e)
{
	struct nft_batch batch;

	for (size_t i = 0; i < remains->n_chains; i++) {
		nft_begin(&batch, nft);
		nft_delete_chain(&batch, table, remains->chains[i]);
		if (nft_commit(&batch, what, e) < 0 && e->code != ERROR_AGAIN)
			return -1;
	}
	return 0;
}

/*
 * Delete the rules that were found, and chains, in one transaction.
 * @generation: of the ruleset that they were found in.  In another their handles may be
 *   those of others: numbers begin anew when a table is made anew.
 * Return: as nft_commit().
 */
static int delete_together(struct nl *nft, const struct rules *rules,
			   const struct remains *remains, uint32_t generation,
			   struct error *e)
{
	const struct trail *trail = rules->trail;
	struct nft_batch batch;

	nft_begin_upon(&batch, nft, generation);
	for (size_t i = 0; i < rules->n; i++)
		nft_delete_rule(&batch, &trail->table, trail->chain, rules->handles[i]);
	for (size_t i = 0; i < remains->n_chains; i++)
		nft_delete_chain(&batch, &trail->table, remains->chains[i]);
	return nft_commit(&batch, what, e);
}

/* Return: 0; NL_OVERTAKEN; -1. */
static int delete_rules(struct nl *nft, const struct rules *rules, uint32_t generation,
			struct error *e)
{
	const struct remains none = { 0 }, remains = remains_of(rules);
	int r;

	if (rules->n == 0)
		return 0;
	r = delete_together(nft, rules, &remains, generation, e);
	if (r == NL_ABSENT || (r < 0 && e->code == ERROR_AGAIN)) {
		r = delete_together(nft, rules, &none, generation, e);
		if (r == 0)
			return delete_chains(nft, &rules->trail->table, &remains, e);
	}
	return r == 0 || r == NL_OVERTAKEN ? r : -1;
}

/* Find and delete them.  Return: 0; NL_OVERTAKEN; -1. */
static int try_delete(const struct ident *id, const struct trail *trail,
		      const struct ip *held, size_t n_held, struct error *e)
{
	_cleanup_(rules_clear) struct rules rules = {
		.id = id,
		.trail = trail,
		.held = held,
		.n_held = n_held,
	};
	struct nl *nft = &id->host->nft;
	uint32_t generation;
	int r = nft_generation(nft, &generation, e);

	if (r != 0)
		return r == NL_UNSUPPORTED ? 0 : -1;
	if (nft_each_rule(nft, &trail->table, trail->chain, find_rule, &rules, e) < 0)
		return -1;
	return delete_rules(nft, &rules, generation, e);
}

static int delete_from(const struct ident *id, const struct trail *trail,
		       const struct ip *held, size_t n_held, struct error *e)
{
	int r = NL_OVERTAKEN;

	for (int tries = 0; r == NL_OVERTAKEN && tries < TRIES; tries++)
		r = try_delete(id, trail, held, n_held, e);
	return r == 0 ? 0 : -1;
}

static int delete_all_rules(const struct ident *id, const struct ip *held, size_t n,
			    struct error *e)
{
	int r = host_nft(id->host, e);

	if (r != 0)
		return r == NL_UNSUPPORTED ? 0 : -1;
	for (size_t i = 0; i < COUNT(trails); i++) {
		if (delete_from(id, &trails[i], held, n, e) < 0)
			return -1;
	}
	return 0;
}

/* Rules of the old iptables are not in nf_tables; no program is run to remove them. */
static void tell_of_legacy(const struct ident *id)
{
	FILE *tables = fopen(LEGACY_TABLES, "re");
	char line[64];

	while (tables && fgets(line, sizeof(line), tables)) {
		if (strcmp(line, "nat\n") == 0)
			ident_note(id,
				   "%s/%s was attached by another plugin: its "
				   "iptables-legacy rules, if there are any (comment: "
				   "name: \"%s\" id: \"%s\"), remain",
				   id->args->container, id->args->ifname, id->conf->name,
				   id->args->container);
	}
	if (tables)
		(void)fclose(tables);
}

/*
 * Delete the link, if there may be one of this attachment.  The container's interface says
 * nothing of whose it is: the path of a namespace may lead into another's by now
 * (/proc/<pid>/ns/net).  A lease does whose address it bears, where the network has such.
 */
static int revert_link(const struct ident *id, const struct ip *held, size_t n_held,
		       struct error *e)
{
	int r;

	if (n_held == 0 && conf_has_leases(&id->conf->ipam))
		return 0;
	if (id->unseen) {
		*e = *id->unseen;
		return -1;
	}
	r = id->pod ? delete_link(id, held, n_held, e) : 0;
	if (r > 0)
		tell_of_legacy(id);
	return r < 0 ? -1 : 0;
}

static int revert(const struct ident *id, struct error *e)
{
	_cleanup_(freep) struct ip *held = NULL;
	struct error all, one;
	char name[NAME_LINK];
	size_t n = 0;
	int r = link_exists(&id->host->route, ident_veth(id, name), e);

	if (r != 0)
		return r < 0 ? -1 : 0;
	error_none(&all);
	if (hostlocal_held(id, &held, &n, &one) < 0 && conf_has_leases(&id->conf->ipam))
		error_join(&all, &one);
	if (delete_all_rules(id, held, n, &one) < 0)
		error_join(&all, &one);
	if (revert_link(id, held, n, &one) < 0)
		error_join(&all, &one);
	return error_gathered(&all, e);
}

/* CHECK. */

/* What its own CHECK would look at beside lease and bridge: links, addresses, routes. */
static int verify(const struct attach *at, struct error *e)
{
	const struct ident *id = &at->id;
	struct link inside, outside, end;
	char name[NAME_LINK];
	int r = link_exists(&id->host->route, ident_veth(id, name), e);

	if (r == 0)
		r = find_pair(id, &inside, &outside, e);
	else if (r > 0)
		return 0;
	if (r <= 0)
		return r;
	if (veth_check_end(at, &id->pod->route, inside.name, id->args->netns, &end, e) <
		    0 ||
	    veth_check_end(at, &id->host->route, outside.name, "", &end, e) < 0)
		return -1;
	if (!(outside.flags & IFF_UP))
		return error_set(e, ERROR_MISMATCH, "the bridge port %s is down",
				 outside.name);
	if (delegate_lease.verify(at, e) < 0 || inside_configure.verify(at, e) < 0)
		return -1;
	return EFFECT_DONE;
}

const struct effect takeover = {
	.name = "take over from the Go bridge",
	.revert = revert,
};

const struct effect takeover_check = {
	.name = "check what the Go bridge made",
	.verify = verify,
};

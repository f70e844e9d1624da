/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hostlocal.c - lease addresses of this host's own ranges
 *
 * All that may go wrong without the store (a request that no range can meet, a
 * resolvConf that cannot be read) goes wrong before it is opened; all that an
 * ADD takes is taken under one lock, or given back under it.
 */
#include "hostlocal.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "addr.h"
#include "heal.h"
#include "lease.h"
#include "plugins.h"
#include "range.h"
#include "retry.h"
#include "sticky.h"

#define RESOLV_CONF_MAX 65536
#define BLANK " \t\v\f\r"
#define NO_SET SIZE_MAX
#define LEFTOVERS_TEXT 256
#define EXCLUDED_TEXT 64

/* ResolvConf. */

/* The words of one line of resolv.conf (resolv.conf(5)). */
typedef int resolv_word(struct dns *dns, const char *word, struct error *e);

static int add_nameserver(struct dns *dns, const char *word, struct error *e)
{
	return list_add(&dns->nameservers, word, e);
}

static int add_search(struct dns *dns, const char *word, struct error *e)
{
	return list_add(&dns->search, word, e);
}

static int add_option(struct dns *dns, const char *word, struct error *e)
{
	return list_add(&dns->options, word, e);
}

static int set_domain(struct dns *dns, const char *word, struct error *e)
{
	char *copy = strdup(word);

	if (!copy)
		return error_set(e, ERROR_MEMORY,
				 "out of memory: \"domain\" of resolvConf");
	free(dns->domain);
	dns->domain = copy;
	return 0;
}

static const struct resolv_key {
	const char *key;
	resolv_word *take;
	bool many; /* takes all words of the line, not just the first */
} resolv_keys[] = {
	{ "nameserver", add_nameserver, false },
	{ "domain", set_domain, false },
	{ "search", add_search, true },
	{ "options", add_option, true },
};

static const struct resolv_key *find_resolv_key(const char *word)
{
	for (size_t i = 0; i < COUNT(resolv_keys); i++)
		if (strcmp(resolv_keys[i].key, word) == 0)
			return &resolv_keys[i];
	return NULL;
}

static int read_resolv_line(char *line, struct dns *dns, struct error *e)
{
	char *rest = NULL;
	const char *word = strtok_r(line, BLANK, &rest);
	const struct resolv_key *key = word ? find_resolv_key(word) : NULL;

	if (!key)
		return 0;
	while ((word = strtok_r(NULL, BLANK, &rest))) {
		if (key->take(dns, word, e) < 0)
			return -1;
		if (!key->many)
			break;
	}
	return 0;
}

static int resolv_fails(const char *path, const char *why, struct error *e)
{
	return error_set(e, ERROR_CONFIG, "\"ipam.resolvConf\": cannot read %s: %s", path,
			 why);
}

/* Return: the file's text, which the caller frees; NULL. */
static char *read_resolv_file(const char *path, struct error *e)
{
	_cleanup_(closep) int fd = -1;
	_cleanup_(freep) char *text = NULL;
	char *taken;
	struct stat st;
	ssize_t len;

	if (retry(stat(path, &st)) < 0)
		return resolv_fails(path, strerror(errno), e), NULL;
	if (!S_ISREG(st.st_mode) || st.st_size > RESOLV_CONF_MAX)
		return resolv_fails(path, "expected a regular file of at most 64 KiB", e),
		       NULL;
	text = malloc(RESOLV_CONF_MAX + 1);
	if (!text)
		return error_set(e, ERROR_MEMORY, "out of memory: \"ipam.resolvConf\""),
		       NULL;
	fd = retry(open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
	len = fd < 0 ? -1 : retry(read(fd, text, RESOLV_CONF_MAX));
	if (len < 0)
		return resolv_fails(path, strerror(errno), e), NULL;
	text[len] = '\0';
	if (strlen(text) != (size_t)len)
		return resolv_fails(path, "expected a text file, there is a NUL in it",
				    e),
		       NULL;
	taken = text;
	text = NULL;
	return taken;
}

static int read_resolv_conf(const char *path, struct dns *dns, struct error *e)
{
	_cleanup_(freep) char *text = read_resolv_file(path, e);
	char *rest = NULL;

	if (!text)
		return -1;
	for (char *line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		if (read_resolv_line(line, dns, e) < 0)
			return -1;
	return 0;
}

/* What the configuration says beside the addresses. */
static int add_settings(struct attach *at, struct error *e)
{
	const struct conf_ipam *ipam = &at->id.conf->ipam;

	if (*ipam->resolv_conf &&
	    read_resolv_conf(ipam->resolv_conf, &at->result.dns, e) < 0)
		return -1;
	for (size_t i = 0; i < ipam->n_routes; i++)
		if (result_add_route(&at->result, &ipam->routes[i], e) < 0)
			return -1;
	return 0;
}

/* What is asked for. */

/* What one range set gives to this attachment. */
struct share {
	struct ip want; /* none = any */
	bool must;	/* it was asked for: no other will do */
	struct ip given;
};

/* The set that @ip lies in; sets do not overlap.  Return: its number, or NO_SET. */
static size_t set_of(const struct conf *conf, const struct ip *ip)
{
	for (size_t k = 0; k < conf->ipam.n_sets; k++)
		if (range_set_find(&conf->ipam.sets[k], ip))
			return k;
	return NO_SET;
}

/* Is it one of the network's, be it of another set? */
static bool is_gateway(const struct conf_ipam *ipam, const struct ip *ip)
{
	for (size_t k = 0; k < ipam->n_sets; k++) {
		if (range_set_is_gateway(&ipam->sets[k], ip))
			return true;
	}
	return false;
}

static int refuse_excluded(const struct conf_ipam *ipam, const struct ip *ip,
			   const struct prefix *by, struct error *e)
{
	char text[IP_TEXT], prefix[PREFIX_TEXT];

	return error_set(e, ERROR_CONFIG,
			 "the requested IP %s is excluded by \"ipam.exclude[%zu]\": %s",
			 ip_print(ip, text), (size_t)(by - ipam->exclude.v),
			 prefix_print(by, prefix));
}

static void append_ip(char text[static LEFTOVERS_TEXT], const struct ip *ip)
{
	size_t len = strlen(text);
	char ip_text[IP_TEXT];

	(void)snprintf(text + len, LEFTOVERS_TEXT - len, "%s%s", len ? ", " : "",
		       ip_print(ip, ip_text));
}

/* Runtimes say one address in several places, so the same one twice is once. */
static int request(const struct conf *conf, struct share *shares, const struct ip *ip,
		   char leftovers[static LEFTOVERS_TEXT], struct error *e)
{
	const struct prefix *excluded = range_exclude_find(&conf->ipam.exclude, ip);
	size_t k = set_of(conf, ip);
	char text[IP_TEXT];

	if (k == NO_SET || (shares[k].must && !ip_equal(&shares[k].want, ip))) {
		append_ip(leftovers, ip);
		return 0;
	}
	if (is_gateway(&conf->ipam, ip))
		return error_set(e, ERROR_CONFIG,
				 "the requested IP %s is the gateway of a range",
				 ip_print(ip, text));
	if (excluded)
		return refuse_excluded(&conf->ipam, ip, excluded, e);
	shares[k].want = *ip;
	shares[k].must = true;
	return 0;
}

static int request_all(const struct ident *id, struct share *shares, struct error *e)
{
	const struct conf_ipam *ipam = &id->conf->ipam;
	char leftovers[LEFTOVERS_TEXT] = "";

	if (!ip_is_none(&id->args->ip) &&
	    request(id->conf, shares, &id->args->ip, leftovers, e) < 0)
		return -1;
	for (size_t i = 0; i < ipam->n_requested; i++)
		if (request(id->conf, shares, &ipam->requested[i], leftovers, e) < 0)
			return -1;
	if (*leftovers)
		return error_set(
			e, ERROR_CONFIG,
			"failed to allocate all requested IPs: %s: expected addresses of "
			"the ranges in \"ipam\", at most one of each set",
			leftovers);
	return 0;
}

/* Apply. */

/* Whose address: of each range set and interface of a pod there is one. */
static uint64_t sticky_key(const struct ident *id, size_t k)
{
	char set[3 * sizeof(k)];

	(void)snprintf(set, sizeof(set), "%zu", k);
	return name_hash((const char *const[]){ id->args->pod_namespace,
						id->args->pod_name, id->args->ifname, set,
						NULL });
}

/* May this address be given without being asked for? */
static bool may_give(const struct conf *conf, const struct ip *ip)
{
	return !is_gateway(&conf->ipam, ip) &&
	       !range_exclude_find(&conf->ipam.exclude, ip);
}

static bool is_sticky(const struct ident *id)
{
	return id->conf->ipam.sticky && *id->args->pod_name;
}

/* What the pod had last is its first choice, where nothing else is. */
static void recall_all(const struct lease_store *store, const struct ident *id,
		       struct share *shares)
{
	if (!is_sticky(id))
		return;
	for (size_t k = 0; k < id->conf->ipam.n_sets; k++) {
		struct ip ip = sticky_recall(store, sticky_key(id, k));

		if (ip_is_none(&shares[k].want) && set_of(id->conf, &ip) == k &&
		    may_give(id->conf, &ip))
			shares[k].want = ip;
	}
}

/* Who stands in the way of a requested address? */
static int holder_visit(const struct lease *lease, void *arg, struct error *e)
{
	char *owner = arg;

	(void)e;
	(void)name_owner(lease->container, lease->ifname, owner);
	return 0;
}

static int refuse_taken(struct lease_store *store, const struct ip *ip, struct error *e)
{
	char owner[NAME_OWNER] = "", text[IP_TEXT];

	ip_print(ip, text);
	if (lease_one(store, ip, holder_visit, owner, e) != 0)
		return -1;
	if (!*owner)
		return error_set(
			e, ERROR_EXISTS,
			"the requested IP %s is not available: see what %s/%s/%s is",
			text, store->data_dir, store->network, text);
	return error_set(e, ERROR_EXISTS,
			 "the requested IP %s is not available: held by %s", text, owner);
}

/* Where nothing is to be reclaimed, not even what is torn is taken over. */
static int take(struct lease_store *store, const struct ident *id, const struct ip *ip,
		struct error *e)
{
	if (!id->conf->ipam.reclaim && lease_present(store, ip))
		return LEASE_TAKEN;
	return lease_take(store, ip, id->args->container, id->args->ifname, e);
}

/*
 * Free what is dead of the network's leases, or of @only one of them.
 * Return: 1 when something is free now; 0 when not; -1.
 */
static int reclaim(struct lease_store *store, const struct ident *id,
		   const struct ip *only, struct error *e)
{
	size_t freed;

	if (!id->conf->ipam.reclaim)
		return 0;
	if (heal_store(store, id, only, &freed, e) < 0)
		return -1;
	return freed > 0;
}

/* What a walk that came around has seen. */
struct passed {
	size_t held;
	uint64_t excluded; /* RANGE_COUNTLESS above 2^56 */
};

/*
 * Walk through set @k until an address can be taken.
 * Return: 0; LEASE_TAKEN when the walk came around; -1.
 */
static int walk(struct lease_store *store, const struct ident *id, size_t k,
		struct ip *ret, struct passed *passed, struct error *e)
{
	const struct conf_ipam *ipam = &id->conf->ipam;
	struct ip none = { 0 }, last = lease_last(store, k);
	struct range_walk way = range_walk_from(
		&ipam->sets[k], ipam->lowest ? &none : &last, &ipam->exclude);
	const struct range *range;

	*passed = (struct passed){ 0 };
	while (range_walk_next(&way, ret, &range)) {
		int r = LEASE_TAKEN;

		if (is_gateway(ipam, ret))
			continue;
		if (!lease_present(store, ret))
			r = take(store, id, ret, e);
		if (r != LEASE_TAKEN)
			return r;
		passed->held++;
	}
	passed->excluded = way.excluded;
	return LEASE_TAKEN;
}

static int refuse_empty(const struct range_set *set, struct error *e)
{
	char text[RANGE_SET_TEXT];

	return error_set(e, ERROR_EXHAUSTED,
			 "no address to give: all of %s are excluded or the gateway",
			 range_set_print(set, text));
}

static int refuse_exhausted(const struct lease_store *store, const struct range_set *set,
			    const struct passed *passed, struct error *e)
{
	char text[RANGE_SET_TEXT], excluded[EXCLUDED_TEXT] = "";

	if (passed->held == 0)
		return refuse_empty(set, e);
	range_set_print(set, text);
	if (passed->excluded == RANGE_COUNTLESS)
		(void)snprintf(excluded, sizeof(excluded),
			       ", countless excluded by \"ipam.exclude\"");
	else if (passed->excluded > 0)
		(void)snprintf(excluded, sizeof(excluded),
			       ", %" PRIu64 " excluded by \"ipam.exclude\"",
			       passed->excluded);
	return error_set(
		e, ERROR_EXHAUSTED,
		"no free address in %s (%zu of %zu held%s); release one, widen the range, "
		"or remove what is stale below %s/%s",
		text, passed->held, passed->held, excluded, store->data_dir,
		store->network);
}

static int give_next(struct lease_store *store, const struct ident *id, size_t k,
		     struct ip *ret, struct error *e)
{
	struct passed passed;
	int r = walk(store, id, k, ret, &passed, e);

	if (r == LEASE_TAKEN) {
		int healed = reclaim(store, id, NULL, e);

		if (healed != 0)
			r = healed < 0 ? -1 : walk(store, id, k, ret, &passed, e);
	}
	if (r != LEASE_TAKEN)
		return r;
	return refuse_exhausted(store, &id->conf->ipam.sets[k], &passed, e);
}

/* The address wished for, which a dead one may hold.  Return: as lease_take(). */
static int take_wish(struct lease_store *store, const struct ident *id,
		     const struct ip *ip, struct error *e)
{
	int r = take(store, id, ip, e);

	if (r != LEASE_TAKEN)
		return r;
	r = reclaim(store, id, ip, e);
	if (r < 0)
		return -1;
	return r > 0 ? take(store, id, ip, e) : LEASE_TAKEN;
}

/*
 * Take an address out of set @k for share->given; none where it could not.  An
 * address that comes back to whom it belonged is out of turn.
 */
static int give(struct lease_store *store, const struct ident *id, size_t k,
		struct share *share, struct error *e)
{
	struct ip ip = share->want;
	int r = ip_is_none(&ip) ? LEASE_TAKEN : take_wish(store, id, &ip, e);
	bool in_turn = share->must || r == LEASE_TAKEN;

	if (r == LEASE_TAKEN && share->must)
		return refuse_taken(store, &ip, e);
	if (r == LEASE_TAKEN)
		r = give_next(store, id, k, &ip, e);
	if (r < 0)
		return -1;
	share->given = ip;
	if (is_sticky(id))
		sticky_note(store, sticky_key(id, k), &ip);
	return in_turn ? lease_set_last(store, k, &ip, e) : 0;
}

static int tell(struct attach *at, size_t k, const struct ip *ip, struct error *e)
{
	const struct range *range = range_set_find(&at->id.conf->ipam.sets[k], ip);
	struct address address = {
		.address = { .ip = *ip, .bits = range->subnet.bits },
		.gateway = range->gateway,
		.interface = RESULT_NO_INTERFACE,
	};

	return result_add_ip(&at->result, &address, e);
}

static int give_all(struct lease_store *store, struct attach *at, struct share *shares,
		    struct error *e)
{
	for (size_t k = 0; k < at->id.conf->ipam.n_sets; k++)
		if (give(store, &at->id, k, &shares[k], e) < 0 ||
		    tell(at, k, &shares[k].given, e) < 0)
			return -1;
	return 0;
}

/* Where all that failed is that there is none to give, the index is as right as before. */
static void take_back(struct lease_store *store, const struct ident *id,
		      const struct share *shares, struct error *e)
{
	bool right = e->code == ERROR_EXHAUSTED || e->code == ERROR_EXISTS;

	for (size_t k = 0; k < id->conf->ipam.n_sets; k++) {
		struct error one;

		if (!ip_is_none(&shares[k].given) &&
		    lease_free(store, &shares[k].given, &one) < 0) {
			error_join(e, &one);
			right = false;
		}
	}
	if (right)
		lease_tell(store, id->args->container, id->args->ifname, NULL, 0);
}

/* What a corpse held goes back, but is the first choice for who comes in its place. */
static int inherit(struct lease_store *store, const struct conf *conf,
		   const struct ip *ip, struct share *shares, struct error *e)
{
	size_t k = set_of(conf, ip);

	if (k != NO_SET && ip_is_none(&shares[k].want) && may_give(conf, ip))
		shares[k].want = *ip;
	return lease_free(store, ip, e);
}

/* Does the lease name the container alone? */
static int legacy_visit(const struct lease *lease, void *arg, struct error *e)
{
	bool *legacy = arg;

	(void)e;
	*legacy = !*lease->ifname;
	return 0;
}

/*
 * Is the attachment alive, or another interface that has one of these addresses, where the lease
 * names the container alone?
 * Return: 1, 0, -1.
 */
static int is_held_in_pod(struct lease_store *store, const struct ident *id,
			  const struct ip *held, size_t n, struct error *e)
{
	int r = ident_alive(id, e);

	for (size_t i = 0; r == 0 && i < n; i++) {
		bool legacy = true;

		if (lease_one(store, &held[i], legacy_visit, &legacy, e) < 0)
			return -1;
		if (legacy)
			r = addr_is_at(&id->pod->route, NULL, 0, &held[i], e);
	}
	return r;
}

/*
 * Do these leases stand for a living attachment?  host-local alone cannot look
 * into the container.
 * Return: 1, 0, -1.
 */
static int is_alive(struct lease_store *store, const struct ident *id,
		    const struct ip *held, size_t n, struct error *e)
{
	if (!id->conf->ipam.reclaim)
		return 1;
	if (id->pod)
		return is_held_in_pod(store, id, held, n, e);
	for (size_t i = 0; i < n; i++) {
		const struct lease lease = { .ip = held[i],
					     .container = id->args->container,
					     .ifname = id->args->ifname };
		const char *proof;

		if (heal_proof(store, id, &lease, &proof, e) < 0)
			return -1;
		if (!proof)
			return 1;
	}
	return 0;
}

/*
 * Does this attachment hold addresses already?  Refuse it, or bury its former self.  A lease
 * that cannot be read is nearly always another's: it keeps its address, and that is all.
 */
static int settle_former(struct lease_store *store, const struct ident *id,
			 struct share *shares, struct error *e)
{
	const struct args *args = id->args;
	_cleanup_(freep) struct ip *held = NULL;
	char owner[NAME_OWNER], text[IP_TEXT];
	size_t n = 0;
	int alive;

	if (lease_find(store, args->container, args->ifname, &held, &n, e) < 0)
		return -1;
	if (n == 0)
		return 0;
	alive = is_alive(store, id, held, n, e);
	if (alive < 0)
		return -1;
	if (alive)
		return error_set(
			e, ERROR_EXISTS,
			"%s holds %s already: duplicate allocation is not allowed; "
			"DEL it first",
			ident_owner(id, owner), ip_print(&held[0], text));
	if (ident_revert_others(id, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (inherit(store, id->conf, &held[i], shares, e) < 0)
			return -1;
	return 0;
}

/* Without memory the index is left to be made anew. */
static void tell_index(struct lease_store *store, const struct ident *id,
		       const struct share *shares)
{
	const size_t n = id->conf->ipam.n_sets;
	_cleanup_(freep) struct ip *given = calloc(n, sizeof(*given));

	if (!given)
		return;
	for (size_t k = 0; k < n; k++)
		given[k] = shares[k].given;
	lease_tell(store, id->args->container, id->args->ifname, given, n);
}

static int hostlocal_apply(struct attach *at, struct error *e)
{
	const struct conf *conf = at->id.conf;
	_cleanup_(lease_close) struct lease_store store = LEASE_STORE_INIT;
	_cleanup_(freep) struct share *shares = NULL;

	if (conf->ipam.n_sets == 0)
		return EFFECT_IDLE;
	shares = calloc(conf->ipam.n_sets, sizeof(*shares));
	if (!shares)
		return error_set(e, ERROR_MEMORY, "out of memory: %zu range sets",
				 conf->ipam.n_sets);
	if (request_all(&at->id, shares, e) < 0 || add_settings(at, e) < 0)
		return -1;
	if (lease_open(&store, conf->ipam.data_dir, conf->name, LEASE_CREATE, e) != 0)
		return -1;
	if (settle_former(&store, &at->id, shares, e) < 0)
		return -1;
	recall_all(&store, &at->id, shares);
	if (give_all(&store, at, shares, e) < 0) {
		take_back(&store, &at->id, shares, e);
		return -1;
	}
	tell_index(&store, &at->id, shares);
	return 0;
}

/* The other verbs. */

/* Open the store where it is.  Return: as lease_open(). */
static int open_existing(struct lease_store *store, const struct conf *conf,
			 enum lease_access access, struct error *e)
{
	return lease_open(store, conf->ipam.data_dir, conf->name, access, e);
}

static int free_all(struct lease_store *store, const struct ip *ips, size_t n,
		    struct error *e)
{
	struct error all, one;

	error_none(&all);
	for (size_t i = 0; i < n; i++)
		if (lease_free(store, &ips[i], &one) < 0)
			error_join(&all, &one);
	return error_gathered(&all, e);
}

/*
 * The way back of an ADD that had its addresses: they may be what it failed over, so that the
 * next try shall have others.
 */
static void forget_all(const struct lease_store *store, const struct ident *id)
{
	if (id->args->verb != VERB_ADD || !is_sticky(id))
		return;
	for (size_t k = 0; k < id->conf->ipam.n_sets; k++)
		sticky_forget(store, sticky_key(id, k));
}

/*
 * A store that cannot be used, as it is no directory of its own, has no lease of ours: where
 * the network does without one that is no more than worth a word.
 */
static int open_to_free(struct lease_store *store, const struct ident *id,
			struct error *e)
{
	int r = open_existing(store, id->conf, LEASE_CHANGE, e);

	if (r >= 0 || e->code != ERROR_IO || conf_has_leases(&id->conf->ipam))
		return r;
	ident_note(id, "%s", e->msg);
	return LEASE_NONE;
}

/*
 * The configuration's ranges do not matter here: an edit since ADD, even one
 * that took IPAM away, must not make a lease immortal.
 */
static int hostlocal_revert(const struct ident *id, struct error *e)
{
	_cleanup_(lease_close) struct lease_store store = LEASE_STORE_INIT;
	_cleanup_(freep) struct ip *held = NULL;
	struct error unread;
	size_t n = 0;
	int r = open_to_free(&store, id, e);

	if (r != 0)
		return r == LEASE_NONE ? 0 : -1;
	forget_all(&store, id);
	r = lease_find(&store, id->args->container, id->args->ifname, &held, &n, &unread);
	if (r < 0) {
		*e = unread;
		return -1;
	}
	if ((n > 0 && !id->locked && ident_revert_others(id, e) < 0) ||
	    free_all(&store, held, n, e) < 0)
		return -1;
	/* It may be this container's.  Nobody could free it, and all others have their DEL. */
	if (r == LEASE_UNREAD)
		ident_note(id, "%s", unread.msg);
	else
		lease_tell(&store, id->args->container, id->args->ifname, NULL, 0);
	return 0;
}

int hostlocal_held(const struct ident *id, struct ip **ret, size_t *n, struct error *e)
{
	_cleanup_(lease_close) struct lease_store store = LEASE_STORE_INIT;
	int r = open_existing(&store, id->conf, LEASE_READ, e);

	*ret = NULL;
	*n = 0;
	if (r != 0)
		return r == LEASE_NONE ? 0 : -1;
	return lease_find(&store, id->args->container, id->args->ifname, ret, n, e);
}

/* Does the attachment hold this address?  Return: 1, 0, -1; 0 where there is no store. */
static int holds(struct lease_store *store, const struct ident *id, const struct ip *ip,
		 struct error *e)
{
	if (store->dir < 0)
		return 0;
	return lease_holds(store, ip, id->args->container, id->args->ifname, e);
}

static int verify_ip(struct lease_store *store, const struct ident *id,
		     const struct ip *ip, struct error *e)
{
	char owner[NAME_OWNER], text[IP_TEXT];
	int r = holds(store, id, ip, e);

	if (r != 0)
		return r < 0 ? -1 : 0;
	return error_set(e, ERROR_MISMATCH, "%s is not leased to %s: see %s/%s/%s",
			 ip_print(ip, text), ident_owner(id, owner),
			 id->conf->ipam.data_dir, id->conf->name, text);
}

/* An edit of the ranges since ADD takes no lease away.  Return: 0 where one is held; -1. */
static int verify_any(struct lease_store *store, const struct attach *at, struct error *e)
{
	char owner[NAME_OWNER];

	for (size_t i = 0; i < at->result.n_ips; i++) {
		int r = holds(store, &at->id, &at->result.ips[i].address.ip, e);

		if (r != 0)
			return r < 0 ? -1 : 0;
	}
	return error_set(e, ERROR_MISMATCH,
			 "no address of the prevResult is leased to %s in network %s",
			 ident_owner(&at->id, owner), at->id.conf->name);
}

static int hostlocal_verify(const struct attach *at, struct error *e)
{
	const struct conf *conf = at->id.conf;
	_cleanup_(lease_close) struct lease_store store = LEASE_STORE_INIT;
	size_t ours = 0;

	if (conf->ipam.n_sets == 0)
		return 0;
	if (open_existing(&store, conf, LEASE_READ, e) < 0)
		return -1;
	for (size_t i = 0; i < at->result.n_ips; i++) {
		const struct ip *ip = &at->result.ips[i].address.ip;

		if (set_of(conf, ip) == NO_SET)
			continue;
		if (verify_ip(&store, &at->id, ip, e) < 0)
			return -1;
		ours++;
	}
	return ours > 0 ? 0 : verify_any(&store, at, e);
}

/* What GC found to be nobody's. */
struct sweep {
	const struct gc *gc;
	struct lease_store *store;
	struct ip *stale;
	size_t n;
};

static void sweep_clear(struct sweep *sweep)
{
	free(sweep->stale);
}

static bool begins_any(const struct list *owners, const char *beginning)
{
	for (size_t i = 0; i < owners->n; i++)
		if (strncmp(owners->v[i], beginning, strlen(beginning)) == 0)
			return true;
	return false;
}

static bool is_listed(const struct gc *gc, const struct lease *lease)
{
	char owner[NAME_OWNER];

	name_owner(lease->container, lease->ifname, owner);
	if (*lease->ifname)
		return gc_keeps(gc, owner);
	/* It names the container alone, so any interface of that may be the one. */
	return begins_any(&gc->valid, owner) || begins_any(&gc->living, owner);
}

/*
 * Without a list: what "reclaim" would free, and what goes when its link does.
 * @ret: why it is dead; NULL where it is not.
 */
static int why_dead(const struct sweep *sweep, const struct lease *lease,
		    const char *owner, const char **ret, struct error *e)
{
	const struct ident id = { .conf = sweep->gc->conf, .host = sweep->gc->host };

	*ret = NULL;
	if (!id.conf->ipam.reclaim)
		return 0;
	if (heal_proof(sweep->store, &id, lease, ret, e) < 0)
		return -1;
	if (!*ret && list_has(&sweep->gc->parted, owner))
		*ret = "its link connects nobody";
	return 0;
}

/* Return: 1, 0, -1. */
static int is_stale(const struct sweep *sweep, const struct lease *lease, struct error *e)
{
	const struct gc *gc = sweep->gc;
	char owner[NAME_OWNER] = "", veth[NAME_LINK] = "", text[IP_TEXT];
	struct gc_find found = {
		.kind = "lease",
		.thing = ip_print(&lease->ip, text),
		.owner = owner,
		.why = *lease->container ? "it is in no list" : "it is torn",
	};
	int r;

	if (*lease->container && (!lease->exact || is_listed(gc, lease)))
		return 0;
	if (*lease->container)
		name_owner(lease->container, lease->ifname, owner);
	if (*lease->ifname)
		name_host_veth(gc->conf->name, lease->container, lease->ifname, veth);
	r = gc_arrived(gc, veth, e);
	if (r != 0)
		return r < 0 ? -1 : 0;
	if (gc->unlisted && why_dead(sweep, lease, owner, &found.why, e) < 0)
		return -1;
	return found.why ? gc_takes(gc, &found, e) : 0;
}

/* Removed later: a directory that changes under its reader may hide entries from it. */
static int sweep_visit(const struct lease *lease, void *arg, struct error *e)
{
	struct sweep *sweep = arg;
	int r = is_stale(sweep, lease, e);

	if (r <= 0)
		return r;
	if (list_grow(&sweep->stale, sweep->n, sizeof(*sweep->stale), e) < 0)
		return -1;
	sweep->stale[sweep->n++] = lease->ip;
	return 0;
}

static int hostlocal_sweep(const struct gc *gc, struct error *e)
{
	_cleanup_(lease_close) struct lease_store store = LEASE_STORE_INIT;
	_cleanup_(sweep_clear) struct sweep sweep = { .gc = gc, .store = &store };
	struct error unread;
	int r = open_existing(&store, gc->conf, gc->look ? LEASE_READ : LEASE_CHANGE, e);

	if (r != 0)
		return r == LEASE_NONE ? 0 : -1;
	r = lease_each(&store, sweep_visit, &sweep, &unread);
	if (r >= 0 && free_all(&store, sweep.stale, sweep.n, e) < 0)
		return -1;
	if (r != 0)
		*e = unread;
	return r ? -1 : 0;
}

/* A set whose addresses are all leased is ready: they may come free. */
static int hostlocal_ready(const struct ident *id, struct error *e)
{
	const struct conf *conf = id->conf;
	_cleanup_(dns_clear) struct dns ignored = { 0 };

	/* The sets may come with the ADD. */
	if (conf->ipam.external || (conf->ipam.n_sets == 0 && !*conf->ipam.type))
		return 0;
	if (*conf->ipam.resolv_conf &&
	    read_resolv_conf(conf->ipam.resolv_conf, &ignored, e) < 0)
		return -1;
	if (lease_ready(conf->ipam.data_dir, conf->name, e) < 0)
		return -1;
	for (size_t i = 0; i < conf->ipam.n_sets; i++) {
		if (!range_set_gives(&conf->ipam.sets[i], &conf->ipam.exclude))
			return refuse_empty(&conf->ipam.sets[i], e);
	}
	return 0;
}

/*
 * Under the lock: who looked for the link before it was there, and took the lease for a dead
 * one's, frees it under the same lock, be it much later.
 */
static int confirm_apply(struct attach *at, struct error *e)
{
	const struct conf *conf = at->id.conf;
	_cleanup_(lease_close) struct lease_store store = LEASE_STORE_INIT;
	struct mark_end end;
	char text[IP_TEXT];
	int r;

	if (conf->ipam.n_sets == 0)
		return 0;
	r = open_existing(&store, conf, LEASE_CHANGE, e);
	if (r < 0)
		return -1;
	end = heal_host_end(&at->id);
	for (size_t i = 0; i < at->result.n_ips; i++) {
		const struct ip *ip = &at->result.ips[i].address.ip;

		if (store.dir >= 0)
			r = lease_confirm(&store, ip, at->id.args->container,
					  at->id.args->ifname, &end, e);

		if (r < 0)
			return -1;
		if (r != 1)
			return error_set(
				e, ERROR_AGAIN,
				"the lease of %s was released while the container was "
				"being connected (a DEL or GC overtook this ADD)",
				ip_print(ip, text));
	}
	return 0;
}

const struct effect hostlocal_lease = {
	.name = "lease an address",
	.apply = hostlocal_apply,
	.revert = hostlocal_revert,
	.verify = hostlocal_verify,
	.sweep = hostlocal_sweep,
	.ready = hostlocal_ready,
	.frees = true,
};

const struct effect hostlocal_confirm = {
	.name = "confirm the lease",
	.apply = confirm_apply,
};

static const struct effect *const effects[] = { &hostlocal_lease, NULL };

const struct plugin plugin_hostlocal = {
	.name = "host-local",
	.parts = CONF_IPAM,
	.effects = effects,
};

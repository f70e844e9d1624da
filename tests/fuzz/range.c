/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * range.c - ranges and what is given out of them, beside a model too simple to be wrong
 *
 * The model goes through one block of 256 addresses, number by number, and does its own
 * reckoning from what the configuration says: what a range is, which of its addresses
 * may be given, which is next.  The store is a row of flags.
 */
#include "fuzz.h"
#include "lease.h"

#define RANGES 3
#define EXCLUDED 6
#define BLOCK 256
#define CALLS 300 /* that end in the block's being full, and some more */

/* The store. */

static struct store {
	bool taken[BLOCK];
	struct ip last; /* none = none yet */
} flags;

static uint8_t last_of(const struct ip *ip)
{
	return ip->b[ip->len - 1];
}

static bool flag_present(const struct lease_store *store, const struct ip *ip)
{
	(void)store;
	return flags.taken[last_of(ip)];
}

static int flag_take(struct lease_store *store, const struct ip *ip,
		     const char *container, const char *ifname, struct error *e)
{
	(void)store;
	(void)container;
	(void)ifname;
	(void)e;
	if (flags.taken[last_of(ip)])
		return LEASE_TAKEN;
	flags.taken[last_of(ip)] = true;
	return 0;
}

static struct ip flag_last(struct lease_store *store, size_t set)
{
	(void)store;
	(void)set;
	return flags.last;
}

static int flag_set_last(struct lease_store *store, size_t set, const struct ip *ip,
			 struct error *e)
{
	(void)store;
	(void)set;
	(void)e;
	flags.last = *ip;
	return 0;
}

static int flag_each(struct lease_store *store, lease_visit *visit, void *arg,
		     struct error *e)
{
	(void)store;
	(void)visit;
	(void)arg;
	(void)e;
	return 0;
}

static int flag_one(struct lease_store *store, const struct ip *ip, lease_visit *visit,
		    void *arg, struct error *e)
{
	(void)ip;
	return flag_each(store, visit, arg, e);
}

#define lease_present flag_present
#define lease_take flag_take
#define lease_last flag_last
#define lease_set_last flag_set_last
#define lease_each flag_each
#define lease_one flag_one

#include "../../ipam/hostlocal.c"

/* The input: numbers, one byte each; 0 behind its end. */
struct input {
	const uint8_t *data;
	size_t left;
};

static uint8_t number(struct input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->data++;
}

/* The addresses are 10.9.8.x, or fd00::x. */
static struct ip address(bool v6, uint8_t last)
{
	uint8_t bytes[16] = { 0xfd };

	if (!v6)
		return ip_from((const uint8_t[]){ 10, 9, 8, last }, 4);
	bytes[15] = last;
	return ip_from(bytes, 16);
}

/* What is configured, in numbers of the block; -1 = left open. */

struct wish {
	int base, host; /* of the subnet: its number, the bits behind */
	int start, end, gateway;
};

struct wishes {
	bool v6;
	struct wish range[RANGES];
	size_t n;
	struct {
		int base, host;
	} excluded[EXCLUDED];
	size_t n_excluded;
};

/* A subnet of at least four addresses, and a range in it if the numbers want. */
static struct wish choose_range(struct input *in)
{
	const int host = 2 + number(in) % 7, base = number(in);
	struct wish wish = { base, host, -1, -1, -1 };
	const uint8_t open = number(in);

	if (open & 1)
		wish.start = number(in);
	if (open & 2)
		wish.end = number(in);
	if (open & 4)
		wish.gateway = number(in);
	return wish;
}

static void choose(struct wishes *wishes, struct input *in)
{
	for (size_t i = 0; i < wishes->n; i++)
		wishes->range[i] = choose_range(in);
	for (size_t i = 0; i < wishes->n_excluded; i++) {
		wishes->excluded[i].base = number(in);
		wishes->excluded[i].host = number(in) % 9;
	}
}

/* The same for the code. */

static struct prefix prefix_of(bool v6, int base, int host)
{
	struct prefix prefix = { .ip = address(v6, (uint8_t)base) };

	prefix.bits = (uint8_t)(ip_bits(&prefix.ip) - host);
	return prefix_network(&prefix);
}

static struct ip address_or_none(bool v6, int x)
{
	return x < 0 ? (struct ip){ 0 } : address(v6, (uint8_t)x);
}

static struct range range_of(bool v6, const struct wish *wish)
{
	return (struct range){
		.subnet = prefix_of(v6, wish->base, wish->host),
		.start = address_or_none(v6, wish->start),
		.end = address_or_none(v6, wish->end),
		.gateway = address_or_none(v6, wish->gateway),
	};
}

/* The model. */

struct model {
	bool v6;
	uint8_t x[RANGES *
		  BLOCK]; /* all addresses of the set, in the order of its ranges */
	bool usable[RANGES * BLOCK];
	size_t n, excluded;
};

static bool is_in(int x, int base, int host)
{
	return x >> host == base >> host;
}

/* What a wish leaves open.  Return: whether it makes a range. */
static bool complete(struct wish *wish, bool v6)
{
	int first = BLOCK, last = 0;

	for (int x = 0; x < BLOCK; x++) {
		if (!is_in(x, wish->base, wish->host))
			continue;
		first = x < first ? x : first;
		last = x;
	}
	if (wish->start < 0)
		wish->start = first + 1;
	if (wish->end < 0)
		wish->end = v6 ? last : last - 1; /* the broadcast address */
	if (wish->gateway < 0)
		wish->gateway = first + 1;
	return first <= wish->start && wish->start <= wish->end && wish->end <= last;
}

static bool overlap(const struct wishes *wishes)
{
	size_t in[BLOCK] = { 0 };

	for (size_t i = 0; i < wishes->n; i++) {
		for (int x = wishes->range[i].start; x <= wishes->range[i].end; x++) {
			if (in[x]++)
				return true;
		}
	}
	return false;
}

static bool is_excluded(const struct wishes *wishes, int x)
{
	for (size_t i = 0; i < wishes->n_excluded; i++) {
		if (is_in(x, wishes->excluded[i].base, wishes->excluded[i].host))
			return true;
	}
	return false;
}

static bool is_gateway_of_any(const struct wishes *wishes, int x)
{
	for (size_t i = 0; i < wishes->n; i++) {
		if (x == wishes->range[i].gateway)
			return true;
	}
	return false;
}

static void fill(struct model *model, const struct wishes *wishes)
{
	*model = (struct model){ .v6 = wishes->v6 };
	for (size_t i = 0; i < wishes->n; i++) {
		const struct wish *wish = &wishes->range[i];

		for (int x = wish->start; x <= wish->end; x++) {
			model->x[model->n] = (uint8_t)x;
			model->usable[model->n++] = !is_gateway_of_any(wishes, x) &&
						    !is_excluded(wishes, x);
			model->excluded += x != wish->gateway && is_excluded(wishes, x);
		}
	}
}

/* Return: where it is in the set; model->n where it is not. */
static size_t find(const struct model *model, const struct ip *ip)
{
	size_t i = 0;

	while (i < model->n && (ip_is_none(ip) || model->x[i] != last_of(ip)))
		i++;
	return i;
}

static size_t behind(const struct model *model, const struct ip *last)
{
	size_t i = find(model, last);

	return i == model->n ? 0 : i + 1;
}

/* Which is next, of what nobody has?  Return: where it is; model->n for none. */
static size_t next_free(const struct model *model, const struct ip *last)
{
	for (size_t i = 0, start = behind(model, last); i < model->n; i++) {
		size_t at = (start + i) % model->n;

		if (model->usable[at] && !flags.taken[model->x[at]])
			return at;
	}
	return model->n;
}

/* Code and model. */

static bool is_at(const struct ip *ip, bool v6, int x)
{
	const struct ip expected = address(v6, (uint8_t)x);

	return ip_equal(ip, &expected);
}

/* Return: whether it is a range, of which code and model make the same. */
static bool complete_both(struct range *range, struct wish *wish, bool v6)
{
	const bool is_range = complete(wish, v6);
	struct error e = { 0 };

	MUST((fuzz_said(range_complete(range, NULL, &e), &e) == 0) == is_range);
	if (!is_range)
		return false;
	MUST(is_at(&range->start, v6, wish->start));
	MUST(is_at(&range->end, v6, wish->end));
	MUST(is_at(&range->gateway, v6, wish->gateway));
	return true;
}

/* Return: whether they are ranges, all of them. */
static bool make(struct wishes *wishes, struct range *ranges, struct prefix *excluded)
{
	const bool v6 = wishes->v6;

	for (size_t i = 0; i < wishes->n_excluded; i++)
		excluded[i] =
			prefix_of(v6, wishes->excluded[i].base, wishes->excluded[i].host);
	for (size_t i = 0; i < wishes->n; i++) {
		ranges[i] = range_of(v6, &wishes->range[i]);
		if (!complete_both(&ranges[i], &wishes->range[i], v6))
			return false;
	}
	return true;
}

static void compare_walk(const struct range_set *set, const struct range_exclude *exclude,
			 const struct ip *last, const struct model *model)
{
	struct range_walk walk = range_walk_from(set, last, exclude);
	const struct range *range;
	struct ip ip;

	for (size_t i = 0, start = behind(model, last); i < model->n; i++) {
		size_t at = (start + i) % model->n;

		if (!model->usable[at])
			continue;
		MUST(range_walk_next(&walk, &ip, &range));
		MUST(is_at(&ip, model->v6, model->x[at]));
		MUST(range == range_set_find(set, &ip));
	}
	MUST(!range_walk_next(&walk, &ip, &range));
	MUST(walk.excluded == model->excluded);
}

/* An address is asked for: only what may be given is, and only where nobody has it. */
static bool ask(const struct conf *conf, const struct model *model, const struct ip *ip,
		struct share *share)
{
	const size_t at = find(model, ip);
	char leftovers[LEFTOVERS_TEXT] = "";
	struct error e = { 0 };
	int r = fuzz_said(request(conf, share, ip, leftovers, &e), &e);

	MUST((*leftovers != '\0') == (at == model->n));
	MUST((r == 0) == (at == model->n || model->usable[at]));
	MUST(share->must == (at < model->n && model->usable[at]));
	return share->must;
}

/* What it was given last, say: where that may be, it is the first choice. */
static void recall(const struct conf *conf, const struct model *model,
		   const struct ip *ip, struct share *share)
{
	const size_t at = find(model, ip);
	const bool may = set_of(conf, ip) == 0 && may_give(conf, ip);

	MUST(may == (at < model->n && model->usable[at]));
	if (may)
		share->want = *ip;
}

/* One call: what it is given, and what is remembered of that. */
static void give_one(const struct ident *id, const struct model *model,
		     struct share *share)
{
	struct lease_store store = { .data_dir = "/d", .network = "n" };
	const struct ip none = { 0 };
	const struct store before = flags;
	const bool lowest = id->conf->ipam.lowest;
	const bool granted = !ip_is_none(&share->want) &&
			     !flags.taken[last_of(&share->want)];
	const size_t at = granted	? find(model, &share->want)
			  : share->must ? model->n
					: next_free(model, lowest ? &none : &flags.last);
	const bool in_turn = share->must || !granted;
	struct error e = { 0 };
	int r = fuzz_said(give(&store, id, 0, share, &e), &e);

	MUST((r == 0) == (at < model->n));
	if (r < 0) {
		MUST(e.code == (share->must ? ERROR_EXISTS : ERROR_EXHAUSTED));
		MUST(memcmp(&flags, &before, sizeof(flags)) == 0);
		return;
	}
	MUST(find(model, &share->given) == at && !before.taken[model->x[at]]);
	MUST(flags.taken[model->x[at]]);
	MUST(ip_equal(&flags.last, in_turn ? &share->given : &before.last));
}

/* Calls in a row: whatever is free, an address asked for, one of old; or one goes back. */
static void give_all_of(struct input *in, const struct conf *conf,
			const struct model *model)
{
	const struct args args = { .container = "c", .ifname = "eth0" };
	const struct ident id = { .conf = conf, .args = &args };

	for (size_t i = 0; i < CALLS && in->left > 0; i++) {
		const uint8_t what = number(in) % 8;
		struct share share = { 0 };
		struct ip ip = { 0 };

		if (what >= 4)
			ip = address(model->v6, number(in));
		if (what == 7)
			flags.taken[last_of(&ip)] = false;
		else if (what == 6)
			recall(conf, model, &ip, &share);
		else if (what >= 4 && !ask(conf, model, &ip, &share))
			continue;
		if (what != 7)
			give_one(&id, model, &share);
	}
}

/* Of every eight addresses the same are taken. */
static void take_some(uint8_t which)
{
	for (int x = 0; x < BLOCK; x++)
		flags.taken[x] = which >> x % 8 & 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	const uint8_t head = number(&in);
	struct wishes wishes = { .v6 = head & 1,
				 .n = 1 + (head >> 1) % RANGES,
				 .n_excluded = (head >> 4) % (EXCLUDED + 1) };
	const bool v6 = wishes.v6;
	struct ip last = number(&in) & 1 ? address(v6, number(&in)) : (struct ip){ 0 };
	struct range ranges[RANGES];
	struct prefix excluded[EXCLUDED];
	struct range_set set = { .v = ranges, .n = wishes.n };
	struct conf conf = { .ipam = { .sets = &set,
				       .n_sets = 1,
				       .exclude = { excluded, wishes.n_excluded } } };
	struct model model;
	struct error e = { 0 };

	choose(&wishes, &in);
	if (!make(&wishes, ranges, excluded))
		return 0;
	MUST((fuzz_said(range_set_check(&set, NULL, &e), &e) == 0) == !overlap(&wishes));
	if (overlap(&wishes))
		return 0;
	fill(&model, &wishes);
	compare_walk(&set, &conf.ipam.exclude, &last, &model);
	conf.ipam.lowest = number(&in) & 1;
	take_some(number(&in));
	flags.last = last;
	give_all_of(&in, &conf, &model);
	return 0;
}

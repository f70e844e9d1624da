/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * range.c - the walk through a set of ranges, beside a model too simple to be wrong
 *
 * The model goes through one /24 address by address.
 */
#include "range.h"

#include "fuzz.h"

#define RANGES 3
#define EXCLUDED 6
#define BLOCK 256

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

static uint8_t last_of(const struct ip *ip)
{
	return ip->b[ip->len - 1];
}

/* A subnet of at least four addresses, and a range in it if the numbers want. */
static struct range choose_range(struct input *in, bool v6)
{
	const uint8_t host = (uint8_t)(2 + number(in) % 7);
	struct range range = { .subnet = { .ip = address(v6, number(in)) } };
	uint8_t open = number(in);

	range.subnet.bits = (uint8_t)(ip_bits(&range.subnet.ip) - host);
	range.subnet = prefix_network(&range.subnet);
	if (open & 1)
		range.start = address(v6, number(in));
	if (open & 2)
		range.end = address(v6, number(in));
	if (open & 4)
		range.gateway = address(v6, number(in));
	return range;
}

static struct prefix choose_prefix(struct input *in, bool v6)
{
	struct prefix prefix = { .ip = address(v6, number(in)) };

	prefix.bits = (uint8_t)(ip_bits(&prefix.ip) - number(in) % 9);
	return prefix_network(&prefix);
}

/* The model: all addresses of the set in the order of its ranges. */
struct model {
	struct ip ip[RANGES * BLOCK];
	bool usable[RANGES * BLOCK];
	size_t n;
};

static bool is_excluded(const struct range_exclude *exclude, const struct ip *ip)
{
	for (size_t i = 0; i < exclude->n; i++) {
		if (prefix_contains(&exclude->v[i], ip))
			return true;
	}
	return false;
}

static void fill(struct model *model, const struct range_set *set,
		 const struct range_exclude *exclude, bool v6)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct range *range = &set->v[i];

		for (int x = last_of(&range->start); x <= last_of(&range->end); x++) {
			struct ip ip = address(v6, (uint8_t)x);

			model->ip[model->n] = ip;
			model->usable[model->n++] = !ip_equal(&ip, &range->gateway) &&
						    !is_excluded(exclude, &ip);
		}
	}
}

static size_t behind(const struct model *model, const struct ip *last)
{
	for (size_t i = 0; i < model->n; i++) {
		if (ip_equal(&model->ip[i], last))
			return i + 1;
	}
	return 0;
}

static void compare(const struct range_set *set, const struct range_exclude *exclude,
		    const struct ip *last, bool v6)
{
	struct range_walk walk = range_walk_from(set, last, exclude);
	struct model model = { .n = 0 };
	const struct range *range;
	struct ip ip;

	fill(&model, set, exclude, v6);
	for (size_t i = 0, start = behind(&model, last); i < model.n; i++) {
		size_t at = (start + i) % model.n;

		if (!model.usable[at])
			continue;
		MUST(range_walk_next(&walk, &ip, &range));
		MUST(ip_equal(&ip, &model.ip[at]));
		MUST(range == range_set_find(set, &ip));
	}
	MUST(!range_walk_next(&walk, &ip, &range));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	const uint8_t head = number(&in);
	const bool v6 = head & 1;
	struct range ranges[RANGES];
	struct prefix excluded[EXCLUDED];
	struct range_set set = { .v = ranges, .n = 1 + (head >> 1) % RANGES };
	struct range_exclude exclude = { .v = excluded,
					 .n = (head >> 4) % (EXCLUDED + 1) };
	struct ip last = number(&in) & 1 ? address(v6, number(&in)) : (struct ip){ 0 };
	struct error e = { 0 };

	for (size_t i = 0; i < set.n; i++)
		ranges[i] = choose_range(&in, v6);
	for (size_t i = 0; i < exclude.n; i++)
		excluded[i] = choose_prefix(&in, v6);
	for (size_t i = 0; i < set.n; i++) {
		if (fuzz_said(range_complete(&ranges[i], NULL, &e), &e) < 0)
			return 0;
	}
	if (fuzz_said(range_set_check(&set, NULL, &e), &e) == 0)
		compare(&set, &exclude, &last, v6);
	return 0;
}

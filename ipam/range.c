/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * range.c - an IPAM range: which address comes next
 *
 * No function here costs more than the number of ranges and excluded prefixes:
 * an IPv6 range of 2^64 addresses is walked a step at a time and never counted.
 */
#include "range.h"

#include <stdio.h>
#include <string.h>

#include "place.h"

#define RANGE_TEXT (IP_TEXT + IP_TEXT) /* enough for "start-end" */
#define CUT ",..."

/* Longer subnets have no two addresses for a gateway and a container. */
#define MIN_HOST_BITS 2

static int check_subnet(const struct prefix *subnet, const struct place *at,
			struct error *e)
{
	struct prefix network = prefix_network(subnet);
	char text[PREFIX_TEXT], expected[PREFIX_TEXT];
	int longest = ip_bits(&subnet->ip) - MIN_HOST_BITS;

	if (ip_is_none(&subnet->ip))
		return place_error(at, e, ERROR_CONFIG,
				   "missing; expected a network such as 10.1.0.0/16");
	prefix_print(subnet, text);
	if (!prefix_equal(subnet, &network))
		return place_error(at, e, ERROR_CONFIG,
				   "%s has host bits set: expected %s", text,
				   prefix_print(&network, expected));
	if (subnet->bits > longest)
		return place_error(at, e, ERROR_CONFIG,
				   "%s is too small: expected /%d or shorter", text,
				   longest);
	return 0;
}

static int check_family(const struct ip *ip, const struct prefix *subnet,
			const struct place *at, struct error *e)
{
	char text[IP_TEXT], net[PREFIX_TEXT];

	if (ip->len == subnet->ip.len)
		return 0;
	return place_error(at, e, ERROR_CONFIG,
			   "%s is %s: expected %s, as the subnet %s is",
			   ip_print(ip, text), ip_family_name(ip),
			   ip_family_name(&subnet->ip), prefix_print(subnet, net));
}

static int check_inside(const struct ip *ip, const struct prefix *subnet,
			const struct place *at, struct error *e)
{
	char text[IP_TEXT], net[PREFIX_TEXT];

	if (check_family(ip, subnet, at, e) < 0)
		return -1;
	if (prefix_contains(subnet, ip))
		return 0;
	return place_error(at, e, ERROR_CONFIG, "%s is not in the subnet %s",
			   ip_print(ip, text), prefix_print(subnet, net));
}

/* A checked subnet has at least four addresses, so there is always a second. */
static struct ip second_address(const struct prefix *subnet)
{
	struct ip ip = prefix_first(subnet);

	return ip_next(&ip) ? ip : (struct ip){ 0 };
}

/* IPv6 knows no broadcast, so there the very last address may be handed out. */
static struct ip last_usable(const struct prefix *subnet)
{
	struct ip ip = prefix_last(subnet);

	if (ip.len == 4 && !ip_previous(&ip))
		return (struct ip){ 0 };
	return ip;
}

static void fill_open(struct range *range)
{
	if (ip_is_none(&range->start))
		range->start = second_address(&range->subnet);
	if (ip_is_none(&range->end))
		range->end = last_usable(&range->subnet);
	if (ip_is_none(&range->gateway))
		range->gateway = second_address(&range->subnet);
}

static int check_range(const struct range *range, const struct place *at, struct error *e)
{
	const struct place start = { .in = at, .key = "rangeStart" };
	const struct place end = { .in = at, .key = "rangeEnd" };
	const struct place gateway = { .in = at, .key = "gateway" };
	char first[IP_TEXT], last[IP_TEXT], net[PREFIX_TEXT];

	if (check_inside(&range->start, &range->subnet, &start, e) < 0 ||
	    check_inside(&range->end, &range->subnet, &end, e) < 0 ||
	    check_family(&range->gateway, &range->subnet, &gateway, e) < 0)
		return -1;
	if (ip_compare(&range->start, &range->end) <= 0)
		return 0;
	return place_error(&start, e, ERROR_CONFIG,
			   "%s is behind \"rangeEnd\": %s in the subnet %s",
			   ip_print(&range->start, first), ip_print(&range->end, last),
			   prefix_print(&range->subnet, net));
}

int range_complete(struct range *range, const struct place *at, struct error *e)
{
	const struct place subnet = { .in = at, .key = "subnet" };
	struct range filled = *range;

	if (check_subnet(&filled.subnet, &subnet, e) < 0)
		return -1;
	fill_open(&filled);
	if (check_range(&filled, at, e) < 0)
		return -1;
	*range = filled;
	return 0;
}

static const char *range_print(const struct range *range, char text[static RANGE_TEXT])
{
	char start[IP_TEXT], end[IP_TEXT];

	(void)snprintf(text, RANGE_TEXT, "%s-%s", ip_print(&range->start, start),
		       ip_print(&range->end, end));
	return text;
}

static bool range_contains(const struct range *range, const struct ip *ip)
{
	return ip_compare(&range->start, ip) <= 0 && ip_compare(ip, &range->end) <= 0;
}

/* Families are apart: ip_compare() puts all of IPv4 before all of IPv6. */
static bool ranges_overlap(const struct range *a, const struct range *b)
{
	return ip_compare(&a->start, &b->end) <= 0 && ip_compare(&b->start, &a->end) <= 0;
}

static int check_pair(const struct range *a, const struct range *b,
		      const struct place *at, struct error *e)
{
	char one[RANGE_TEXT], other[RANGE_TEXT];

	if (a->subnet.ip.len != b->subnet.ip.len)
		return place_error(at, e, ERROR_CONFIG,
				   "%s and %s are in one set: expected a single family",
				   range_print(a, one), range_print(b, other));
	if (ranges_overlap(a, b))
		return place_error(at, e, ERROR_CONFIG, "%s and %s overlap",
				   range_print(a, one), range_print(b, other));
	return 0;
}

int range_set_check(const struct range_set *set, const struct place *at, struct error *e)
{
	if (set->n == 0)
		return place_error(at, e, ERROR_CONFIG,
				   "the set is empty: expected at least one range in it");
	for (size_t i = 0; i < set->n; i++)
		for (size_t j = 0; j < i; j++)
			if (check_pair(&set->v[j], &set->v[i], at, e) < 0)
				return -1;
	return 0;
}

bool range_set_overlaps(const struct range_set *a, const struct range_set *b)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t j = 0; j < b->n; j++)
			if (ranges_overlap(&a->v[i], &b->v[j]))
				return true;
	return false;
}

const struct range *range_set_find(const struct range_set *set, const struct ip *ip)
{
	for (size_t i = 0; i < set->n; i++)
		if (range_contains(&set->v[i], ip))
			return &set->v[i];
	return NULL;
}

const char *range_set_print(const struct range_set *set, char text[static RANGE_SET_TEXT])
{
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < set->n; i++) {
		char piece[RANGE_TEXT];
		size_t need = strlen(range_print(&set->v[i], piece)) + (i > 0);

		if (len + need + sizeof(CUT) > RANGE_SET_TEXT) {
			(void)snprintf(text + len, RANGE_SET_TEXT - len, CUT);
			break;
		}
		(void)snprintf(text + len, RANGE_SET_TEXT - len, "%s%s", i ? "," : "",
			       piece);
		len += need;
	}
	return text;
}

const struct prefix *range_exclude_find(const struct range_exclude *exclude,
					const struct ip *ip)
{
	for (size_t i = 0; i < exclude->n; i++)
		if (prefix_contains(&exclude->v[i], ip))
			return &exclude->v[i];
	return NULL;
}

/* Move on by one address, from a range's end to the next range's start. */
static void walk_step(struct range_walk *walk)
{
	const struct range_set *set = walk->set;

	if (!ip_equal(&walk->ip, &set->v[walk->at].end) && ip_next(&walk->ip))
		return;
	walk->at = (walk->at + 1) % set->n;
	walk->ip = set->v[walk->at].start;
	walk->passed++;
}

struct range_walk range_walk_from(const struct range_set *set, const struct ip *last,
				  const struct range_exclude *exclude)
{
	struct range_walk walk = { .set = set, .exclude = exclude };
	const struct range *range;

	if (set->n == 0)
		return walk;
	walk.ip = set->v[0].start;
	range = range_set_find(set, last);
	if (range) {
		walk.at = (size_t)(range - set->v);
		walk.ip = *last;
		walk_step(&walk);
	}
	walk.first = walk.ip;
	walk.passed = 0;
	return walk;
}

/*
 * Has it come around?  Jumps may pass over the address it began with, so that
 * to be behind it, in its range again, ends the walk too.
 */
static bool walk_ended(const struct range_walk *walk)
{
	return walk->passed > walk->set->n ||
	       (walk->passed == walk->set->n && ip_compare(&walk->ip, &walk->first) >= 0);
}

/* How many addresses lie from @from to @to, which is not in front of it? */
static uint64_t count_between(const struct ip *from, const struct ip *to)
{
	uint64_t n = 0;

	/* Digit by digit: no beginning of @to is less than that of @from. */
	for (size_t i = 0; i < from->len; i++) {
		if (n >> 48)
			return RANGE_COUNTLESS;
		n = (n << 8) + to->b[i] - from->b[i];
	}
	return n + 1;
}

static void count_excluded(struct range_walk *walk, const struct ip *to)
{
	const struct ip *gateway = &walk->set->v[walk->at].gateway;
	uint64_t n = count_between(&walk->ip, to);

	if (ip_compare(&walk->ip, gateway) <= 0 && ip_compare(gateway, to) <= 0)
		n -= n != RANGE_COUNTLESS;
	if (n > RANGE_COUNTLESS - walk->excluded)
		walk->excluded = RANGE_COUNTLESS;
	else
		walk->excluded += n;
}

/* Jump behind an excluded prefix, or to where the range or the walk ends in it. */
static void walk_jump(struct range_walk *walk, const struct prefix *over)
{
	const struct ip *end = &walk->set->v[walk->at].end;
	struct ip to = prefix_last(over), before = walk->first;

	if (ip_compare(&to, end) > 0)
		to = *end;
	if (walk->passed == walk->set->n && ip_compare(&to, &before) >= 0 &&
	    ip_previous(&before))
		to = before;
	count_excluded(walk, &to);
	walk->ip = to;
	walk_step(walk);
}

bool range_set_is_gateway(const struct range_set *set, const struct ip *ip)
{
	for (size_t i = 0; i < set->n; i++) {
		if (ip_equal(&set->v[i].gateway, ip))
			return true;
	}
	return false;
}

bool range_walk_next(struct range_walk *walk, struct ip *ip, const struct range **range)
{
	if (walk->set->n == 0)
		return false;
	if (walk->begun && !walk_ended(walk))
		walk_step(walk);
	walk->begun = true;
	while (!walk_ended(walk)) {
		const struct range *at = &walk->set->v[walk->at];
		const struct prefix *over = range_exclude_find(walk->exclude, &walk->ip);

		if (over) {
			walk_jump(walk, over);
		} else if (range_set_is_gateway(walk->set, &walk->ip)) {
			walk_step(walk);
		} else {
			*ip = walk->ip;
			*range = at;
			return true;
		}
	}
	return false;
}

bool range_set_gives(const struct range_set *set, const struct range_exclude *exclude)
{
	const struct ip none = { 0 };
	struct range_walk walk = range_walk_from(set, &none, exclude);
	const struct range *range;
	struct ip ip;

	return range_walk_next(&walk, &ip, &range);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * range.c - tests of IPAM ranges, exhaustive where they are small
 *
 * The model is naive on purpose: it lists what a walk should give as plain
 * numbers, the last byte of an address, and knows nothing of walks.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "place.h"
#include "range.h"

static const struct range_exclude nothing;

static struct ip to_ip(const char *text)
{
	struct ip ip = { 0 };

	if (text && !ip_parse(text, &ip))
		fail_msg("%s should be an address", text);
	return ip;
}

/* An open range; NULL leaves a part open. */
static struct range open_range(const char *subnet, const char *start, const char *end,
			       const char *gateway)
{
	struct range range = { .start = to_ip(start),
			       .end = to_ip(end),
			       .gateway = to_ip(gateway) };

	if (subnet && !prefix_parse(subnet, &range.subnet))
		fail_msg("%s should be a prefix", subnet);
	return range;
}

static struct range complete_range(const char *subnet, const char *start, const char *end,
				   const char *gateway)
{
	struct range range = open_range(subnet, start, end, gateway);
	struct error e;

	if (range_complete(&range, NULL, &e) < 0)
		fail_msg("%s", e.msg);
	return range;
}

static void assert_ip(const struct ip *ip, const char *expected)
{
	char text[IP_TEXT];

	assert_string_equal(ip_print(ip, text), expected);
}

/* --- completing and checking --- */

static void test_defaults(void **state)
{
	static const char *const cases[][4] = {
		{ "10.1.0.0/16", "10.1.0.1", "10.1.255.254", "10.1.0.1" },
		{ "10.1.0.4/30", "10.1.0.5", "10.1.0.6", "10.1.0.5" },
		{ "0.0.0.0/0", "0.0.0.1", "255.255.255.254", "0.0.0.1" },
		{ "255.255.255.252/30", "255.255.255.253", "255.255.255.254",
		  "255.255.255.253" },
		{ "fd00::/64", "fd00::1", "fd00::ffff:ffff:ffff:ffff", "fd00::1" },
		{ "fd00::4/126", "fd00::5", "fd00::7", "fd00::5" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff00/120",
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff01",
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff01" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct range range = complete_range(cases[i][0], NULL, NULL, NULL);

		assert_ip(&range.start, cases[i][1]);
		assert_ip(&range.end, cases[i][2]);
		assert_ip(&range.gateway, cases[i][3]);
	}
}

static void test_explicit_is_kept(void **state)
{
	static const char *const cases[][4] = {
		{ "10.1.0.0/24", "10.1.0.0", "10.1.0.255", "10.1.0.7" }, /* both edges */
		{ "10.1.0.0/24", "10.1.0.9", "10.1.0.9", "10.1.0.9" },	 /* one address */
		{ "10.1.0.0/24", "10.1.0.255", "10.1.0.255",
		  "192.168.0.1" }, /* gateway elsewhere */
		{ "fd00::/120", "fd00::", "fd00::ff", "fe80::1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *const *c = cases[i];
		struct range range = complete_range(c[0], c[1], c[2], c[3]);

		assert_ip(&range.start, c[1]);
		assert_ip(&range.end, c[2]);
		assert_ip(&range.gateway, c[3]);
	}
}

static void test_complete_refuses(void **state)
{
	static const struct {
		const char *subnet, *start, *end, *gateway, *msg;
	} cases[] = {
		{ NULL, "10.1.0.5", NULL, NULL,
		  "\"subnet\": missing; expected a network such as 10.1.0.0/16" },
		{ "10.1.0.5/16", NULL, NULL, NULL,
		  "\"subnet\": 10.1.0.5/16 has host bits set: expected 10.1.0.0/16" },
		{ "fd00::1/64", NULL, NULL, NULL,
		  "\"subnet\": fd00::1/64 has host bits set: expected fd00::/64" },
		{ "10.1.0.0/31", NULL, NULL, NULL,
		  "\"subnet\": 10.1.0.0/31 is too small: expected /30 or shorter" },
		{ "10.1.0.5/32", "10.1.0.5", "10.1.0.5", NULL,
		  "\"subnet\": 10.1.0.5/32 is too small: expected /30 or shorter" },
		{ "fd00::/127", NULL, NULL, NULL,
		  "\"subnet\": fd00::/127 is too small: expected /126 or shorter" },
		{ "fd00::/128", NULL, NULL, NULL,
		  "\"subnet\": fd00::/128 is too small: expected /126 or shorter" },
		{ "10.1.0.0/16", "10.2.0.9", NULL, NULL,
		  "\"rangeStart\": 10.2.0.9 is not in the subnet 10.1.0.0/16" },
		{ "10.1.0.0/16", "10.0.255.255", NULL, NULL,
		  "\"rangeStart\": 10.0.255.255 is not in the subnet 10.1.0.0/16" },
		{ "10.1.0.0/16", NULL, "10.2.0.0", NULL,
		  "\"rangeEnd\": 10.2.0.0 is not in the subnet 10.1.0.0/16" },
		{ "fd00::/64", NULL, "fd00:0:0:1::", NULL,
		  "\"rangeEnd\": fd00:0:0:1:: is not in the subnet fd00::/64" },
		{ "10.1.0.0/16", "fd00::5", NULL, NULL,
		  "\"rangeStart\": fd00::5 is IPv6: expected IPv4, as the subnet 10.1.0.0/16 is" },
		{ "fd00::/64", NULL, "10.1.0.5", NULL,
		  "\"rangeEnd\": 10.1.0.5 is IPv4: expected IPv6, as the subnet fd00::/64 is" },
		{ "10.1.0.0/16", NULL, NULL, "fd00::1",
		  "\"gateway\": fd00::1 is IPv6: expected IPv4, as the subnet 10.1.0.0/16 is" },
		{ "10.1.0.0/16", "10.1.0.9", "10.1.0.8", NULL,
		  "\"rangeStart\": 10.1.0.9 is behind \"rangeEnd\": 10.1.0.8 in the subnet 10.1.0.0/16" },
		{ "10.1.0.0/24", "10.1.0.255", NULL, NULL,
		  "\"rangeStart\": 10.1.0.255 is behind \"rangeEnd\": 10.1.0.254 in the subnet 10.1.0.0/24" },
		{ "10.1.0.0/24", NULL, "10.1.0.0", NULL,
		  "\"rangeStart\": 10.1.0.1 is behind \"rangeEnd\": 10.1.0.0 in the subnet 10.1.0.0/24" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct range range = open_range(cases[i].subnet, cases[i].start,
						cases[i].end, cases[i].gateway);
		struct range before = range;
		struct error e = { 0 };

		assert_int_equal(range_complete(&range, NULL, &e), -1);
		assert_int_equal(e.code, ERROR_CONFIG);
		assert_string_equal(e.msg, cases[i].msg);
		assert_memory_equal(&range, &before, sizeof(range));
	}
}

static void test_set_check(void **state)
{
	struct range apart[] = {
		complete_range("10.1.0.0/24", NULL, "10.1.0.9", NULL),
		complete_range("10.1.0.0/24", "10.1.0.10", NULL,
			       NULL), /* one subnet, no overlap */
		complete_range("10.0.0.0/24", NULL, NULL, NULL), /* in any order */
	};
	struct range mixed[] = { apart[0],
				 complete_range("fd00::/64", NULL, NULL, NULL) };
	struct range nested[] = { apart[2], apart[0],
				  complete_range("10.1.0.0/16", "10.1.0.9", "10.1.0.9",
						 NULL) };
	const struct place ranges = { .key = "ranges" };
	const struct place at = { .in = &ranges, .index = 3 };
	struct error e = { 0 };

	(void)state;
	assert_int_equal(range_set_check(&(struct range_set){ apart, 3 }, &at, &e), 0);
	assert_int_equal(range_set_check(&(struct range_set){ mixed, 1 }, &at, &e), 0);
	assert_int_equal(e.code, 0);
	assert_int_equal(range_set_check(&(struct range_set){ NULL, 0 }, &at, &e), -1);
	assert_int_equal(e.code, ERROR_CONFIG);
	assert_string_equal(
		e.msg,
		"\"ranges[3]\": the set is empty: expected at least one range in it");
	assert_int_equal(range_set_check(&(struct range_set){ mixed, 2 }, &at, &e), -1);
	assert_string_equal(
		e.msg,
		"\"ranges[3]\": 10.1.0.1-10.1.0.9 and fd00::1-"
		"fd00::ffff:ffff:ffff:ffff are in one set: expected a single family");
	assert_int_equal(range_set_check(&(struct range_set){ nested, 3 }, &at, &e), -1);
	assert_string_equal(
		e.msg, "\"ranges[3]\": 10.1.0.1-10.1.0.9 and 10.1.0.9-10.1.0.9 overlap");
}

/* All pairs of ranges within eight addresses. */
static void test_overlaps_model(void **state)
{
	const struct prefix subnet = open_range("10.0.0.0/29", NULL, NULL, NULL).subnet;

	(void)state;
	for (unsigned int bits = 0; bits < 8 * 8 * 8 * 8; bits++) {
		const uint8_t a = bits & 7, b = bits >> 3 & 7, c = bits >> 6 & 7,
			      d = bits >> 9 & 7;
		struct range one = { .subnet = subnet,
				     .start = subnet.ip,
				     .end = subnet.ip };
		struct range other = one;
		struct range_set x = { &one, 1 }, y = { &other, 1 };
		bool shared = false;

		if (a > b || c > d)
			continue;
		one.start.b[3] = a;
		one.end.b[3] = b;
		other.start.b[3] = c;
		other.end.b[3] = d;
		for (uint8_t i = 0; i < 8; i++)
			shared |= a <= i && i <= b && c <= i && i <= d;
		assert_int_equal(range_set_overlaps(&x, &y), shared);
	}
}

static void test_sets_overlap(void **state)
{
	struct range first[] = { complete_range("10.1.0.0/24", NULL, NULL, NULL),
				 complete_range("10.2.0.0/24", "10.2.0.10", "10.2.0.20",
						NULL) };
	struct range second[] = { complete_range("10.3.0.0/24", NULL, NULL, NULL),
				  complete_range("10.2.0.0/24", "10.2.0.20", NULL,
						 NULL) };
	struct range v6 = complete_range("::/0", "::", NULL, NULL);
	struct range_set a = { first, 2 }, b = { second, 2 }, c = { second, 1 },
			 six = { &v6, 1 };
	struct range_set empty = { 0 };

	(void)state;
	assert_true(range_set_overlaps(&a, &b));
	assert_true(range_set_overlaps(&b, &a));
	assert_false(range_set_overlaps(&a, &c));
	assert_false(range_set_overlaps(&a, &six));
	assert_false(range_set_overlaps(&a, &empty));
}

static void test_find(void **state)
{
	struct range v[] = { complete_range("10.1.0.0/24", "10.1.0.5", "10.1.0.9", NULL),
			     complete_range("10.0.0.0/24", NULL, NULL, NULL) };
	struct range_set set = { v, 2 };
	static const struct {
		const char *ip;
		int range;
	} cases[] = {
		{ "10.1.0.4", -1 },  { "10.1.0.5", 0 },	   { "10.1.0.9", 0 },
		{ "10.1.0.10", -1 }, { "10.0.0.0", -1 },   { "10.0.0.1", 1 },
		{ "10.0.0.254", 1 }, { "10.0.0.255", -1 }, { "fd00::1", -1 },
		{ "::1", -1 },	     { NULL, -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ip one = to_ip(cases[i].ip);
		const struct range *expected = cases[i].range < 0 ? NULL
								  : &v[cases[i].range];

		assert_ptr_equal(range_set_find(&set, &one), expected);
	}
}

static void test_print(void **state)
{
	struct range v[] = { complete_range("10.1.0.0/24", "10.1.0.2", "10.1.0.9", NULL),
			     complete_range("10.1.1.0/24", "10.1.1.2", "10.1.1.9",
					    NULL) };
	struct range_set set = { v, 2 }, empty = { 0 };
	char text[RANGE_SET_TEXT];

	(void)state;
	assert_string_equal(range_set_print(&set, text),
			    "10.1.0.2-10.1.0.9,10.1.1.2-10.1.1.9");
	assert_string_equal(range_set_print(&empty, text), "");
}

/* Wide ranges, then narrow ones, so that the cut falls at many offsets. */
static void test_print_is_cut(void **state)
{
	struct range v[64];
	struct range_set set = { .v = v };

	(void)state;
	for (size_t wide = 0; wide < 8; wide++) {
		char whole[COUNT(v) * 40] = "", text[RANGE_SET_TEXT];

		for (set.n = 1; set.n <= COUNT(v); set.n++) {
			size_t len = strlen(whole);
			bool narrow = set.n > wide;

			v[set.n - 1] = narrow ? complete_range("1.0.0.0/8", "1.0.0.2",
							       "1.0.0.3", NULL)
					      : complete_range("100.100.100.0/24",
							       "100.100.100.1",
							       "100.100.100.200", NULL);
			(void)snprintf(whole + len, sizeof(whole) - len, "%s%s",
				       len ? "," : "",
				       narrow ? "1.0.0.2-1.0.0.3"
					      : "100.100.100.1-100.100.100.200");
			range_set_print(&set, text);
			if (strcmp(text, whole) == 0)
				continue;
			len = strlen(text);
			assert_true(strlen(whole) > RANGE_SET_TEXT - 5 &&
				    len < RANGE_SET_TEXT);
			assert_string_equal(text + len - 4, ",...");
			assert_memory_equal(text, whole, len - 3);
		}
	}
}

/* --- walking, against the model --- */

#define MODEL_MAX 600 /* more than any walk below gives */

/* The walk of small ranges that share all bytes but the last. */
struct model {
	struct ip base;
	struct range v[3];
	struct range_set set;
	struct range_exclude exclude;
	uint64_t excluded; /* how many of the ranges, their own gateways not counted */
	size_t n;
	struct ip expected[MODEL_MAX]; /* in the order of the set, gateways left out */
};

static struct ip at(const struct model *model, unsigned int last_byte)
{
	struct ip ip = model->base;

	ip.b[ip.len - 1] = (uint8_t)last_byte;
	return ip;
}

static void model_init(struct model *model, const char *base)
{
	*model = (struct model){ .base = to_ip(base) };
	model->set.v = model->v;
}

/* By the bits of the last byte; longer prefixes are of no use here. */
static bool model_excludes(const struct model *model, unsigned int last_byte)
{
	for (size_t i = 0; i < model->exclude.n; i++) {
		const struct prefix *p = &model->exclude.v[i];
		unsigned int host = (unsigned int)(ip_bits(&p->ip) - p->bits);

		if (last_byte >> host == (unsigned int)p->ip.b[p->ip.len - 1] >> host)
			return true;
	}
	return false;
}

static bool model_is_gateway(const struct model *model, unsigned int last_byte)
{
	const struct ip ip = at(model, last_byte);

	for (size_t r = 0; r < model->set.n; r++) {
		if (ip_equal(&model->v[r].gateway, &ip))
			return true;
	}
	return false;
}

/* List anew what is given: a gateway may lie in a range that came before its own. */
static void model_list(struct model *model)
{
	model->n = model->excluded = 0;
	for (size_t r = 0; r < model->set.n; r++) {
		const struct range *range = &model->v[r];

		for (unsigned int i = range->start.b[range->start.len - 1];
		     i <= range->end.b[range->end.len - 1]; i++) {
			struct ip here = at(model, i);

			if (ip_equal(&here, &range->gateway))
				continue;
			if (model_excludes(model, i))
				model->excluded++;
			else if (!model_is_gateway(model, i))
				model->expected[model->n++] = here;
		}
	}
}

/* @gateway: 256 for one that is elsewhere. */
static void model_add(struct model *model, unsigned int start, unsigned int end,
		      unsigned int gateway)
{
	struct range *range = &model->v[model->set.n++];

	range->start = at(model, start);
	range->end = at(model, end);
	range->gateway =
		gateway < 256 ? at(model, gateway)
			      : to_ip(model->base.len == 4 ? "192.0.2.1" : "2001:db8::1");
	model_list(model);
}

/*
 * Where the model's list continues behind @last, whether that is listed or a
 * gateway.
 */
static size_t model_behind(const struct model *model, const struct ip *last)
{
	size_t n = 0;

	for (size_t r = 0; r < model->set.n; r++) {
		const struct range *range = &model->v[r];

		for (unsigned int i = range->start.b[range->start.len - 1];
		     i <= range->end.b[range->end.len - 1]; i++) {
			struct ip here = at(model, i);

			n += !model_is_gateway(model, i) && !model_excludes(model, i);
			if (ip_equal(&here, last))
				return n;
		}
	}
	return 0;
}

static void assert_walk(const struct model *model, const struct ip *last)
{
	struct range_walk walk = range_walk_from(&model->set, last, &model->exclude);
	size_t behind = model_behind(model, last);
	const struct range *range;
	struct ip ip;

	for (size_t i = 0; i < model->n; i++) {
		const struct ip *expected = &model->expected[(behind + i) % model->n];

		if (!range_walk_next(&walk, &ip, &range))
			fail_msg("the walk ends after %zu of %zu", i, model->n);
		if (!ip_equal(&ip, expected))
			fail_msg("the walk's %zu. is .%u, not .%u", i, ip.b[ip.len - 1],
				 expected->b[ip.len - 1]);
		if (range != range_set_find(&model->set, &ip))
			fail_msg("the walk's %zu. is in another range", i);
	}
	assert_false(range_walk_next(&walk, &ip, &range));
	assert_false(range_walk_next(&walk, &ip, &range)); /* and stays ended */
	assert_int_equal(walk.excluded, model->excluded);
	assert_int_equal(range_set_gives(&model->set, &model->exclude), model->n > 0);
}

/* From every address of the last byte, in the set or not, and from none. */
static void assert_all_walks(const struct model *model, unsigned int first,
			     unsigned int end)
{
	struct ip none = { 0 },
		  foreign = to_ip(model->base.len == 4 ? "fd00::1" : "10.0.0.1");

	assert_walk(model, &none);
	assert_walk(model, &foreign);
	for (unsigned int i = first; i <= end; i++) {
		struct ip last = at(model, i);

		assert_walk(model, &last);
	}
}

/* The families' small subnets, in the middle and at both ends of the space. */
static const char *const bases[] = {
	"10.1.2.0",
	"0.0.0.0",
	"255.255.255.0",
	"fd00::",
	"::",
	"fd00::1:0:0:ff00",
	"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff00",
};

/*
 * Every length of /24 to /32 and /120 to /128, completed with host-local's
 * defaults.
 */
static void test_walk_defaults(void **state)
{
	(void)state;
	for (size_t b = 0; b < COUNT(bases); b++) {
		for (unsigned int host = 0; host <= 8; host++) {
			const unsigned int first = 256u - (1u << host), last = 255;
			struct model model;
			struct range range = { 0 };
			struct error e;

			model_init(&model, bases[b]);
			range.subnet.ip = at(&model, first);
			range.subnet.bits = (uint8_t)(ip_bits(&model.base) - host);
			if (host < 2) {
				assert_int_equal(range_complete(&range, NULL, &e), -1);
				continue;
			}
			assert_int_equal(range_complete(&range, NULL, &e), 0);
			model_add(&model, first + 1,
				  model.base.len == 4 ? last - 1 : last, first + 1);
			assert_true(ip_equal(&range.start, &model.v[0].start));
			assert_true(ip_equal(&range.end, &model.v[0].end));
			assert_true(ip_equal(&range.gateway, &model.v[0].gateway));
			assert_all_walks(&model, 0, 255);
		}
	}
}

/*
 * Every start, end and gateway within 16 addresses: the gateway in the range,
 * at its edges and outside.
 */
static void test_walk_every_range(void **state)
{
	(void)state;
	for (size_t b = 0; b < COUNT(bases); b++) {
		for (unsigned int bits = 0; bits < 16 * 16 * 17; bits++) {
			const unsigned int start = bits & 15, end = bits >> 4 & 15;
			const unsigned int gateway = bits >> 8 < 16 ? bits >> 8 : 256;
			struct model model;

			if (start > end)
				continue;
			model_init(&model, bases[b]);
			model_add(&model, 240 + start, 240 + end,
				  gateway < 256 ? 240 + gateway : 256);
			assert_all_walks(&model, 239, 255);
		}
	}
}

/*
 * Three ranges in every order; their gateways in them, at an edge, outside, or
 * another range's address.
 */
static void test_walk_several_ranges(void **state)
{
	static const unsigned int ranges[3][2] = { { 10, 12 }, { 13, 13 }, { 20, 25 } };
	static const unsigned int gateways[] = { 10, 11, 12, 13, 20, 22, 25, 99 };
	static const unsigned int orders[6][3] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
		{ 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 }
	};

	(void)state;
	for (size_t b = 0; b < 4; b++) {
		for (unsigned int bits = 0; bits < 6 * 8 * 8 * 8; bits++) {
			const unsigned int *order = orders[bits / 512];
			struct model model;

			model_init(&model, bases[b]);
			for (size_t i = 0; i < 3; i++)
				model_add(&model, ranges[order[i]][0],
					  ranges[order[i]][1],
					  gateways[bits >> (3 * i) & 7]);
			assert_all_walks(&model, 9, 27);
		}
	}
}

static void test_walk_only_gateways(void **state)
{
	struct model model;

	(void)state;
	model_init(&model, "10.0.0.0");
	model_add(&model, 5, 5, 5);
	assert_all_walks(&model, 0, 9);
	model_add(&model, 7, 7, 7);
	assert_int_equal(model.n, 0);
	assert_all_walks(&model, 0, 9);
}

/*
 * Every pair of prefixes within 16 addresses, overlapping or not, over two ranges
 * with a gateway, at the end of either family's space; whole ranges and whole sets
 * are among them.
 */
static void test_walk_excluding(void **state)
{
	static const unsigned int gateways[] = { 240, 245, 251, 256 };
	struct prefix v[2];

	(void)state;
	for (size_t b = 2; b < COUNT(bases); b += 4) {
		for (unsigned int bits = 0; bits < 5 * 16 * 5 * 16 * 4; bits++) {
			unsigned int rest = bits / 4;
			struct model model;

			model_init(&model, bases[b]);
			for (size_t i = 0; i < 2; i++, rest /= 5 * 16) {
				unsigned int host = rest % 5, first = 240 + rest / 5 % 16;

				v[i].ip = at(&model, first >> host << host);
				v[i].bits = (uint8_t)(ip_bits(&model.base) - host);
			}
			model.exclude = (struct range_exclude){ v, 2 };
			model_add(&model, 243, 250, gateways[bits % 4]);
			model_add(&model, 253, 255, 256);
			assert_all_walks(&model, 242, 255);
		}
	}
}

/* A /64 that is excluded is one step, and what cannot be counted is said so. */
static void test_walk_excluding_huge(void **state)
{
	struct range v = complete_range("fd00::/48", NULL, NULL, NULL);
	struct range_set set = { &v, 1 };
	struct prefix prefixes[2] = { { to_ip("fd00::"), 64 },
				      { to_ip("fd00:0:0:1::"), 72 } };
	struct range_exclude exclude = { prefixes, 2 };
	struct ip none = { 0 }, found;
	struct range_walk walk = range_walk_from(&set, &none, &exclude);
	const struct range *range;

	(void)state;
	assert_true(range_walk_next(&walk, &found, &range));
	assert_ip(&found, "fd00:0:0:1:100::");
	assert_true(walk.excluded == RANGE_COUNTLESS);
	exclude.v = &prefixes[1];
	exclude.n = 1;
	found = to_ip("fd00::ffff:ffff:ffff:ffff");
	walk = range_walk_from(&set, &found, &exclude);
	assert_true(range_walk_next(&walk, &found, &range));
	assert_ip(&found, "fd00:0:0:1:100::");
	assert_true(walk.excluded == UINT64_C(1) << 56);
	prefixes[1].bits = 48;
	prefixes[1].ip = to_ip("fd00::");
	walk = range_walk_from(&set, &none, &exclude);
	assert_false(range_walk_next(&walk, &found, &range));
	assert_true(walk.excluded == RANGE_COUNTLESS);
}

static void test_walk_empty_set(void **state)
{
	struct range_set empty = { 0 };
	struct ip last = to_ip("10.0.0.1"), found;
	struct range_walk walk = range_walk_from(&empty, &last, &nothing);
	const struct range *range;

	(void)state;
	assert_false(range_walk_next(&walk, &found, &range));
}

/* One of 2^127 addresses: the steps around its edges, and nothing counted. */
static void test_walk_huge(void **state)
{
	struct range v = complete_range("8000::/1", NULL, NULL, NULL);
	struct range_set set = { &v, 1 };
	struct ip last = to_ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"), found;
	struct range_walk walk = range_walk_from(&set, &last, &nothing);
	const struct range *range;

	(void)state;
	assert_true(range_walk_next(&walk, &found, &range));
	assert_ip(&found, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	assert_true(range_walk_next(&walk, &found, &range));
	assert_ip(&found, "8000::2");
	last = to_ip("8000::ffff:ffff:ffff:ffff");
	walk = range_walk_from(&set, &last, &nothing);
	assert_true(range_walk_next(&walk, &found, &range));
	assert_ip(&found, "8000:0:0:1::");
}

/* --- allocating as a store does --- */

struct store {
	struct ip taken[MODEL_MAX];
	size_t n;
	struct ip last;
};

static bool store_has(const struct store *store, const struct ip *ip)
{
	for (size_t i = 0; i < store->n; i++)
		if (ip_equal(&store->taken[i], ip))
			return true;
	return false;
}

static bool store_allocate(struct store *store, const struct range_set *set)
{
	struct range_walk walk = range_walk_from(set, &store->last, &nothing);
	const struct range *range;
	struct ip ip;

	while (range_walk_next(&walk, &ip, &range)) {
		if (store_has(store, &ip))
			continue;
		store->taken[store->n++] = ip;
		store->last = ip;
		return true;
	}
	return false;
}

static void store_free(struct store *store, size_t i)
{
	store->taken[i] = store->taken[--store->n];
}

static void assert_full(const struct store *store, const struct model *model)
{
	assert_int_equal(store->n, model->n);
	for (size_t i = 0; i < model->n; i++)
		assert_true(store_has(store, &model->expected[i]));
}

/*
 * Until full, then over and over with a few freed; always exactly the model's
 * set.
 */
static void test_allocate_until_full(void **state)
{
	(void)state;
	for (size_t b = 0; b < COUNT(bases); b++) {
		for (unsigned int host = 2; host <= 8; host++) {
			const unsigned int first = 256u - (1u << host);
			struct store store = { 0 };
			struct model model;

			model_init(&model, bases[b]);
			model_add(&model, first + 1, model.base.len == 4 ? 254 : 255,
				  first + 1);
			while (store_allocate(&store, &model.set))
				assert_true(store.n <= model.n);
			assert_full(&store, &model);
			for (size_t round = 0; round < 50; round++) {
				for (size_t i = 0; i < 3 && store.n; i++)
					store_free(&store, round * 7 % store.n);
				while (store_allocate(&store, &model.set))
					assert_true(store.n <= model.n);
				assert_full(&store, &model);
			}
		}
	}
}

/* As the Go host-local does with a /29: .2 to .6, full, then what was freed. */
static void test_round_robin(void **state)
{
	struct range v = complete_range("10.0.0.0/29", NULL, NULL, NULL);
	struct range_set set = { &v, 1 };
	struct store store = { 0 };

	(void)state;
	for (uint8_t i = 2; i <= 6; i++) {
		assert_true(store_allocate(&store, &set));
		assert_int_equal(store.last.b[3], i);
	}
	assert_false(store_allocate(&store, &set));
	assert_int_equal(store.last.b[3], 6);
	store_free(&store, 1); /* .3; .6 takes its place */
	assert_true(store_allocate(&store, &set));
	assert_int_equal(store.last.b[3], 3);
	store_free(&store, store.n - 1); /* .3 */
	store_free(&store, 0);		 /* .2 */
	assert_true(store_allocate(&store, &set));
	assert_int_equal(store.last.b[3], 2);
	assert_true(store_allocate(&store, &set));
	assert_int_equal(store.last.b[3], 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_explicit_is_kept),
		cmocka_unit_test(test_complete_refuses),
		cmocka_unit_test(test_set_check),
		cmocka_unit_test(test_overlaps_model),
		cmocka_unit_test(test_sets_overlap),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_print_is_cut),
		cmocka_unit_test(test_walk_defaults),
		cmocka_unit_test(test_walk_every_range),
		cmocka_unit_test(test_walk_several_ranges),
		cmocka_unit_test(test_walk_only_gateways),
		cmocka_unit_test(test_walk_excluding),
		cmocka_unit_test(test_walk_excluding_huge),
		cmocka_unit_test(test_walk_empty_set),
		cmocka_unit_test(test_walk_huge),
		cmocka_unit_test(test_allocate_until_full),
		cmocka_unit_test(test_round_robin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * span.c - tests of spans, by hand and against a naive model
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "span.h"

#define MANY 16

struct merged {
	struct span *v;
	size_t n;
};

static void merged_clear(struct merged *merged)
{
	free(merged->v);
}

static struct merged merge(const struct prefix *prefixes, size_t n, int family)
{
	struct merged merged = { NULL, 99 };
	struct error e = { 0 };

	assert_int_equal(span_merge(prefixes, n, family, &merged.v, &merged.n, &e), 0);
	return merged;
}

/* @texts: ends with NULL. */
static struct merged merge_texts(const char *const texts[], int family)
{
	struct prefix prefixes[MANY];
	size_t n = 0;

	for (; texts[n]; n++)
		assert_true(prefix_parse(texts[n], &prefixes[n]));
	return merge(prefixes, n, family);
}

static void expect(const struct merged *merged, const char *expected)
{
	char text[1024] = "", first[IP_TEXT], last[IP_TEXT];

	for (size_t i = 0; i < merged->n; i++) {
		size_t len = strlen(text);

		(void)snprintf(text + len, sizeof(text) - len, "%s%s-%s", i ? " " : "",
			       ip_print(&merged->v[i].first, first),
			       ip_print(&merged->v[i].last, last));
	}
	assert_string_equal(text, expected);
}

static void test_merge(void **state)
{
	static const struct {
		const char *const prefixes[MANY];
		const char *four, *six;
	} cases[] = {
		{ { NULL }, "", "" },
		{ { "10.0.0.0/8" }, "10.0.0.0-10.255.255.255", "" },
		{ { "10.1.2.3/8", "fd00::9/16" },
		  "10.0.0.0-10.255.255.255",
		  "fd00::-fd00:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
		/* order, repetition, one within the other */
		{ { "192.0.2.0/24", "10.0.0.0/8", "192.0.2.7/32", "10.0.0.0/8" },
		  "10.0.0.0-10.255.255.255 192.0.2.0-192.0.2.255",
		  "" },
		{ { "10.7.0.0/16", "10.0.0.0/8", "10.255.255.255/32", "10.0.0.0/32" },
		  "10.0.0.0-10.255.255.255",
		  "" },
		/* side by side, and one apart */
		{ { "10.0.1.0/24", "10.0.0.0/24", "10.0.2.0/32" },
		  "10.0.0.0-10.0.2.0",
		  "" },
		{ { "10.0.0.0/32", "10.0.0.2/32" },
		  "10.0.0.0-10.0.0.0 10.0.0.2-10.0.0.2",
		  "" },
		/* the ends of the world */
		{ { "255.255.255.255/32", "255.0.0.0/8", "0.0.0.0/32", "::/0" },
		  "0.0.0.0-0.0.0.0 255.0.0.0-255.255.255.255",
		  "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
		{ { "0.0.0.0/0", "10.0.0.0/8", "::1/128", "::/128" },
		  "0.0.0.0-255.255.255.255",
		  "::-::1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		_cleanup_(merged_clear) struct merged four =
			merge_texts(cases[i].prefixes, AF_INET);
		_cleanup_(merged_clear) struct merged six =
			merge_texts(cases[i].prefixes, AF_INET6);

		expect(&four, cases[i].four);
		expect(&six, cases[i].six);
	}
}

/* Prefixes within 10.0.0.0/24, and 256 truths. */
static void test_merge_against_model(void **state)
{
	uint32_t chance = 1;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		struct prefix prefixes[MANY];
		bool wanted[257] = { false }, got[257] = { false };
		size_t n = (size_t)round % MANY;

		for (size_t i = 0; i < n; i++) {
			chance = chance * 1664525 + 1013904223;
			prefixes[i] = (struct prefix){
				.ip = { .len = 4,
					.b = { 10, 0, 0, (uint8_t)(chance >> 24) } },
				.bits = (uint8_t)(25 + (chance >> 16) % 8),
			};
			for (unsigned int a = prefix_first(&prefixes[i]).b[3];
			     a <= prefix_last(&prefixes[i]).b[3]; a++)
				wanted[a] = true;
		}
		_cleanup_(merged_clear) struct merged merged =
			merge(prefixes, n, AF_INET);
		for (size_t i = 0; i < merged.n; i++) {
			unsigned int first = merged.v[i].first.b[3];

			/* in order, and room before each */
			if (i > 0)
				assert_true(first > merged.v[i - 1].last.b[3] + 1u);
			for (unsigned int a = first; a <= merged.v[i].last.b[3]; a++)
				got[a] = true;
		}
		assert_memory_equal(got, wanted, sizeof(got));
	}
}

/* Part of names on running hosts: never to be adapted. */
static void test_hash_is_stable(void **state)
{
	static const char *const list[] = { "203.0.113.0/24", "192.0.2.7/32", NULL };
	_cleanup_(merged_clear) struct merged merged = merge_texts(list, AF_INET);

	(void)state;
	assert_true(span_hash(NULL, 0) == 0);
	assert_true(span_hash(merged.v, merged.n) == UINT64_C(0x48766eabbca6df5d));
	assert_true(span_hash(merged.v, 1) != span_hash(merged.v + 1, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_merge_against_model),
		cmocka_unit_test(test_hash_is_stable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

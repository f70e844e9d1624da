/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ip.c - tests of addresses and prefixes: Go's texts, arithmetic to the edges
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>

#include "ip.h"

static struct ip to_ip(const char *text)
{
	struct ip ip;

	if (!ip_parse(text, &ip))
		fail_msg("%s should be an address", text);
	return ip;
}

static struct prefix to_prefix(const char *text)
{
	struct prefix prefix;

	if (!prefix_parse(text, &prefix))
		fail_msg("%s should be a prefix", text);
	return prefix;
}

static void assert_ip(struct ip ip, const char *expected)
{
	char text[IP_TEXT];

	assert_string_equal(ip_print(&ip, text), expected);
}

static void test_canonical_text(void **state)
{
	static const char *const cases[][2] = {
		{ "0.0.0.0", "0.0.0.0" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "10.0.0.1", "10.0.0.1" },
		{ "::", "::" },
		{ "::1", "::1" },
		{ "1::", "1::" },
		{ "0:0:0:0:0:0:0:0", "::" },
		{ "2001:DB8::00aB", "2001:db8::ab" },
		{ "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
		{ "1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8" }, /* a single zero stays */
		{ "0:2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" },
		{ "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
		{ "1:0:0:4:5:0:0:8", "1::4:5:0:0:8" }, /* the first of equals */
		{ "1:0:0:4:0:0:0:8", "1:0:0:4::8" },   /* the longest */
		{ "0:0:3:4:5:0:0:0", "0:0:3:4:5::" },
		{ "0:0:0:4:5:6:0:0", "::4:5:6:0:0" },
		{ "1:0:3:0:5:0:7:0", "1:0:3:0:5:0:7:0" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
		{ "::1.2.3.4", "::102:304" }, /* no dotted quads inside */
		{ "64:ff9b::192.0.2.1", "64:ff9b::c000:201" },
		{ "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304" },
		{ "::ffff:10.0.0.1", "10.0.0.1" }, /* mapped: is IPv4 */
		{ "::FFFF:a00:1", "10.0.0.1" },
		{ "::fffe:10.0.0.1", "::fffe:a00:1" },
		{ "::ffff:0:10.0.0.1", "::ffff:0:a00:1" },
		{ "1::ffff:10.0.0.1", "1::ffff:a00:1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_ip(to_ip(cases[i][0]), cases[i][1]);
		assert_ip(to_ip(cases[i][1]), cases[i][1]);
	}
}

static void test_mapped_is_v4(void **state)
{
	static const uint8_t mapped[16] = { [10] = 0xff, 0xff, 10, 0, 0, 1 };
	struct ip v4 = to_ip("::ffff:10.0.0.1"), raw = ip_from(mapped, 16);

	(void)state;
	assert_int_equal(v4.len, 4);
	assert_ip(raw, "10.0.0.1");
}

static void test_parse_refuses(void **state)
{
	static const char *const cases[] = {
		"",
		" ",
		"10.0.0",
		"10.0.0.0.1",
		"10.0.0.256",
		"010.0.0.1",
		"10.0.0.01",
		"10.0.0.00",
		" 10.0.0.1",
		"10.0.0.1 ",
		"10.0.0.1\n",
		"10..0.1",
		".10.0.0.1",
		"10.0.0.1.",
		"0x0a.0.0.1",
		"167772161",
		"+10.0.0.1",
		"10.0.0.-1",
		"10.0.0.1/8",
		":",
		":::",
		"1:2:3:4:5:6:7",
		"1:2:3:4:5:6:7:8:9",
		"1:2:3:4:5:6:7:8::",
		"1::2::3",
		":1::",
		"1::2:",
		"fe80::1%eth0",
		"::1%",
		"[::1]",
		"::g",
		"::12345",
		"::01234",
		"::1.2.3",
		"::1.2.3.256",
		"::1.2.3.04",
		"1.2.3.4::",
		"1:2:3:4:5:6:7:1.2.3.4",
		" ::1",
		"::1 ",
		"10.0.0.1\xc2\xa0",
		"localhost",
	};
	struct ip untouched = { .len = 99 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (ip_parse(cases[i], &untouched))
			fail_msg("'%s' should be refused", cases[i]);
	assert_int_equal(untouched.len, 99);
}

static void test_from(void **state)
{
	static const uint8_t bytes[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	struct ip none = ip_from(bytes, 6);
	char text[IP_TEXT] = "x";

	(void)state;
	assert_ip(ip_from(bytes, 4), "32.1.13.184");
	assert_ip(ip_from(bytes, 16), "2001:db8::1");
	assert_true(ip_is_none(&none));
	assert_string_equal(ip_print(&none, text), "");
}

static void test_families(void **state)
{
	struct ip v4 = to_ip("10.0.0.1"), v6 = to_ip("fd00::1"), none = { 0 };

	(void)state;
	assert_int_equal(ip_family(&v4), AF_INET);
	assert_int_equal(ip_family(&v6), AF_INET6);
	assert_int_equal(ip_family(&none), AF_UNSPEC);
	assert_string_equal(ip_family_name(&v4), "IPv4");
	assert_string_equal(ip_family_name(&v6), "IPv6");
	assert_int_equal(ip_bits(&v4), 32);
	assert_int_equal(ip_bits(&v6), 128);
	assert_false(ip_is_none(&v4));
	assert_true(ip_is_none(&none));
}

static void test_compare(void **state)
{
	static const char *const ascending[] = {
		"0.0.0.0",
		"1.0.0.0",
		"10.0.0.9",
		"10.0.0.10",
		"10.0.1.0",
		"128.0.0.0",
		"255.255.255.255",
		"::",
		"::2",
		"::10",
		"1::",
		"ff::",
		"fd00::1",
		"ff02::1",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(ascending); i++) {
		for (size_t j = 0; j < COUNT(ascending); j++) {
			struct ip a = to_ip(ascending[i]), b = to_ip(ascending[j]);
			int order = ip_compare(&a, &b);

			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
			assert_int_equal(ip_equal(&a, &b), i == j);
		}
	}
}

/* The properties of an address, or'ed. */
enum { UNSPECIFIED = 1, LOOPBACK = 2, LINK_LOCAL = 4 };

static int kind(const struct ip *ip)
{
	return (ip_is_unspecified(ip) ? UNSPECIFIED : 0) |
	       (ip_is_loopback(ip) ? LOOPBACK : 0) |
	       (ip_is_link_local(ip) ? LINK_LOCAL : 0);
}

static void test_kinds(void **state)
{
	static const struct {
		const char *ip;
		int kind;
	} cases[] = {
		{ "10.0.0.1", 0 },
		{ "223.255.255.255", 0 },
		{ "224.0.0.0", 0 },
		{ "239.255.255.255", 0 },
		{ "240.0.0.0", 0 },
		{ "0.0.0.0", UNSPECIFIED },
		{ "0.0.0.1", 0 },
		{ "127.0.0.0", LOOPBACK },
		{ "127.255.255.255", LOOPBACK },
		{ "128.0.0.1", 0 },
		{ "169.254.1.1", LINK_LOCAL },
		{ "169.253.1.1", 0 },
		{ "::", UNSPECIFIED },
		{ "::1", LOOPBACK },
		{ "::2", 0 },
		{ "1::1", 0 },
		{ "fe7f::1", 0 },
		{ "fe80::1", LINK_LOCAL },
		{ "febf::1", LINK_LOCAL },
		{ "fec0::1", 0 },
		{ "ff02::1", 0 },
		{ "feff::1", 0 },
	};
	struct ip none = { 0 };

	(void)state;
	assert_int_equal(kind(&none), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ip one = to_ip(cases[i].ip);

		if (kind(&one) != cases[i].kind)
			fail_msg("%s: %d, expected %d", cases[i].ip, kind(&one),
				 cases[i].kind);
	}
}

static void test_steps(void **state)
{
	static const char *const cases[][2] = {
		{ "0.0.0.0", "0.0.0.1" },
		{ "10.0.0.255", "10.0.1.0" },
		{ "10.255.255.255", "11.0.0.0" },
		{ "127.255.255.255", "128.0.0.0" },
		{ "255.255.255.254", "255.255.255.255" },
		{ "::", "::1" },
		{ "::ffff", "::1:0" },
		{ "fd00::ffff:ffff:ffff:ffff", "fd00:0:0:1::" },
		{ "7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "8000::" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ip at = to_ip(cases[i][0]);

		assert_true(ip_next(&at));
		assert_ip(at, cases[i][1]);
		assert_true(ip_previous(&at));
		assert_ip(at, cases[i][0]);
	}
}

static void test_steps_end(void **state)
{
	struct ip last4 = to_ip("255.255.255.255"), first4 = to_ip("0.0.0.0"),
		  first6 = to_ip("::");
	struct ip last6 = to_ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), none = { 0 };

	(void)state;
	assert_false(ip_next(&last4));
	assert_ip(last4, "255.255.255.255");
	assert_false(ip_previous(&first4));
	assert_ip(first4, "0.0.0.0");
	assert_false(ip_next(&last6));
	assert_ip(last6, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	assert_false(ip_previous(&first6));
	assert_ip(first6, "::");
	assert_false(ip_next(&none));
	assert_false(ip_previous(&none));
}

static void test_prefix_text(void **state)
{
	static const char *const cases[][2] = {
		{ "10.1.0.5/16", "10.1.0.5/16" },
		{ "0.0.0.0/0", "0.0.0.0/0" },
		{ "10.0.0.1/32", "10.0.0.1/32" },
		{ "FD00::1/64", "fd00::1/64" },
		{ "::/0", "::/0" },
		{ "0:0::/128", "::/128" },
		{ "::1.2.3.4/96", "::102:304/96" },
		{ "1:2:3:4:5:6:255.255.255.255/100", "1:2:3:4:5:6:ffff:ffff/100" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128" },
	};
	static const uint8_t mapped[16] = { [10] = 0xff, 0xff };
	struct prefix from_kernel = { ip_from(mapped, 16), 96 }, none = { 0 };
	char text[PREFIX_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct prefix one = to_prefix(cases[i][0]);

		assert_string_equal(prefix_print(&one, text), cases[i][1]);
	}
	assert_string_equal(prefix_print(&from_kernel, text), "::ffff:0:0/96");
	assert_string_equal(prefix_print(&none, text), "");
}

static void test_prefix_refuses(void **state)
{
	static const char *const cases[] = {
		"",
		"/",
		"10.0.0.0",
		"10.0.0.0/",
		"/8",
		"10.0.0.0/33",
		"10.0.0.0/-1",
		"10.0.0.0/+8",
		"10.0.0.0/08",
		"10.0.0.0/00",
		"10.0.0.0/ 8",
		"10.0.0.0/8 ",
		"10.0.0.0 /8",
		"10.0.0.0/8/8",
		"10.0.0.0/a",
		"10.0.0.0/0x8",
		"10.0.0.0/8.0",
		"10.0.0.0/255.0.0.0",
		"10.0.0.0/4294967304",
		"10.0.0.0/18446744073709551624",
		"10.0.0/8",
		"010.0.0.0/8",
		"::/129",
		"::/-0",
		"fe80::1%eth0/64",
		"::/",
		"::ffff:10.0.0.0/104",
		"::ffff:10.0.0.0/8",
		"::ffff:a00:0/120",
		"0000000000000000000000000000000000000000000000000000000000/8",
	};
	struct prefix untouched = { .bits = 99 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (prefix_parse(cases[i], &untouched))
			fail_msg("'%s' should be refused", cases[i]);
	assert_int_equal(untouched.bits, 99);
}

static void test_prefix_or_address(void **state)
{
	static const char *const good[][2] = {
		{ "10.1.2.3/16", "10.1.2.3/16" },     { "10.1.2.3", "10.1.2.3/32" },
		{ "fd00::1/64", "fd00::1/64" },	      { "fd00::1", "fd00::1/128" },
		{ "::ffff:10.0.0.1", "10.0.0.1/32" },
	};
	static const char *const bad[] = { "",		 "/",
					   "/8",	 "10.1.2",
					   "10.1.2.3/",	 "10.1.2.3/33",
					   "fd00::1%lo", "::ffff:10.0.0.0/104" };
	struct prefix prefix, untouched = { .bits = 99 };
	char text[PREFIX_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_true(prefix_read(good[i][0], &prefix));
		assert_string_equal(prefix_print(&prefix, text), good[i][1]);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(prefix_read(bad[i], &untouched));
	assert_int_equal(untouched.bits, 99);
}

static void test_prefix_edges(void **state)
{
	static const char *const cases[][3] = {
		{ "10.1.2.3/16", "10.1.0.0", "10.1.255.255" },
		{ "10.1.2.3/32", "10.1.2.3", "10.1.2.3" },
		{ "10.1.2.3/31", "10.1.2.2", "10.1.2.3" },
		{ "10.1.2.3/30", "10.1.2.0", "10.1.2.3" },
		{ "10.1.255.3/23", "10.1.254.0", "10.1.255.255" },
		{ "10.1.2.3/9", "10.0.0.0", "10.127.255.255" },
		{ "10.1.2.3/0", "0.0.0.0", "255.255.255.255" },
		{ "fd00::1:2/112", "fd00::1:0", "fd00::1:ffff" },
		{ "fd00::1/61", "fd00::", "fd00::7:ffff:ffff:ffff:ffff" },
		{ "fd00::1/128", "fd00::1", "fd00::1" },
		{ "fd00::1/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct prefix one = to_prefix(cases[i][0]),
			      network = prefix_network(&one);

		assert_ip(prefix_first(&one), cases[i][1]);
		assert_ip(prefix_last(&one), cases[i][2]);
		assert_ip(network.ip, cases[i][1]);
		assert_int_equal(network.bits, one.bits);
	}
}

/* Lengths over three bytes, in both families, against integer arithmetic. */
static void test_prefix_model(void **state)
{
	(void)state;
	for (uint8_t len = 4; len <= 16; len = (uint8_t)(len + 12)) {
		for (unsigned int host = 0; host <= 24; host++) {
			const uint32_t value = 0xa5c3f1,
				       low = host ? (1u << host) - 1 : 0;
			struct prefix one = { .ip = { .len = len },
					      .bits = (uint8_t)(len * 8 - host) };
			struct ip first, last;

			for (unsigned int i = 0; i < 3; i++)
				one.ip.b[len - 1 - i] = (uint8_t)(value >> (8 * i));
			first = prefix_first(&one);
			last = prefix_last(&one);
			for (unsigned int i = 0; i < 3; i++) {
				assert_int_equal(first.b[len - 1 - i],
						 (uint8_t)((value & ~low) >> (8 * i)));
				assert_int_equal(last.b[len - 1 - i],
						 (uint8_t)((value | low) >> (8 * i)));
			}
			assert_true(prefix_contains(&one, &first));
			assert_true(prefix_contains(&one, &last));
			assert_true(!ip_next(&last) || !prefix_contains(&one, &last));
			assert_true(!ip_previous(&first) ||
				    !prefix_contains(&one, &first));
		}
	}
}

static void test_prefix_contains(void **state)
{
	static const struct {
		const char *prefix, *ip;
		bool expected;
	} cases[] = {
		{ "10.1.0.5/16", "10.1.255.255", true },
		{ "10.1.0.5/16", "10.2.0.0", false },
		{ "0.0.0.0/0", "255.1.2.3", true },
		{ "0.0.0.0/0", "::", false },
		{ "::/0", "10.0.0.1", false },
		{ "::/0", "fd00::1", true },
		{ "10.0.0.8/29", "10.0.0.15", true },
		{ "10.0.0.8/29", "10.0.0.16", false },
		{ "10.0.0.8/29", "10.0.0.7", false },
		{ "fd00::/127", "fd00::2", false },
	};
	struct prefix all = to_prefix("0.0.0.0/0"), nothing = { 0 };
	struct ip none = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct prefix one = to_prefix(cases[i].prefix);
		struct ip at = to_ip(cases[i].ip);

		if (prefix_contains(&one, &at) != cases[i].expected)
			fail_msg("%s in %s", cases[i].ip, cases[i].prefix);
	}
	assert_false(prefix_contains(&all, &none));
	assert_false(prefix_contains(&nothing, &none));
}

static void test_prefix_relations(void **state)
{
	static const struct {
		const char *a, *b;
		bool overlap, equal;
	} cases[] = {
		{ "10.1.0.0/16", "10.1.0.0/16", true, true },
		{ "10.1.0.0/16", "10.1.0.1/16", true, false },
		{ "10.1.0.0/16", "10.1.0.0/17", true, false },
		{ "10.1.0.0/16", "10.1.200.0/24", true, false },
		{ "10.1.0.0/16", "10.2.0.0/16", false, false },
		{ "10.0.0.0/31", "10.0.0.2/31", false, false },
		{ "0.0.0.0/0", "10.0.0.0/8", true, false },
		{ "0.0.0.0/0", "::/0", false, false },
		{ "::/0", "fd00::/8", true, false },
		{ "fd00::/64", "fd00:0:0:1::/64", false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct prefix a = to_prefix(cases[i].a), b = to_prefix(cases[i].b);

		assert_int_equal(prefix_overlaps(&a, &b), cases[i].overlap);
		assert_int_equal(prefix_overlaps(&b, &a), cases[i].overlap);
		assert_int_equal(prefix_equal(&a, &b), cases[i].equal);
	}
}

static void test_prefix_default(void **state)
{
	static const struct {
		const char *prefix;
		bool expected;
	} cases[] = {
		{ "0.0.0.0/0", true }, { "::/0", true },	{ "0.0.0.0/1", false },
		{ "::/1", false },     { "10.0.0.0/0", false }, { "0.0.0.0/32", false },
	};
	struct prefix none = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct prefix one = to_prefix(cases[i].prefix);

		assert_int_equal(prefix_is_default(&one), cases[i].expected);
	}
	assert_false(prefix_is_default(&none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_canonical_text),
		cmocka_unit_test(test_mapped_is_v4),
		cmocka_unit_test(test_parse_refuses),
		cmocka_unit_test(test_from),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_steps_end),
		cmocka_unit_test(test_prefix_text),
		cmocka_unit_test(test_prefix_refuses),
		cmocka_unit_test(test_prefix_or_address),
		cmocka_unit_test(test_prefix_edges),
		cmocka_unit_test(test_prefix_model),
		cmocka_unit_test(test_prefix_contains),
		cmocka_unit_test(test_prefix_relations),
		cmocka_unit_test(test_prefix_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mac.c - tests of Ethernet addresses: three spellings in, one out
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "mac.h"

static void assert_mac(struct mac mac, const char *expected)
{
	char text[MAC_TEXT];

	assert_string_equal(mac_print(&mac, text), expected);
}

static struct ip to_ip(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	return ip;
}

static void test_parse(void **state)
{
	static const char *const cases[][2] = {
		{ "02:11:22:33:44:55", "02:11:22:33:44:55" },
		{ "FE:aB:Cd:eF:00:9a", "fe:ab:cd:ef:00:9a" },
		{ "02-11-22-33-44-55", "02:11:22:33:44:55" },
		{ "0211.2233.4455", "02:11:22:33:44:55" },
		{ "00:00:00:00:00:01", "00:00:00:00:00:01" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mac mac;

		assert_true(mac_parse(cases[i][0], &mac));
		assert_mac(mac, cases[i][1]);
	}
}

static void test_parse_refuses(void **state)
{
	static const char *const cases[] = {
		"",
		"02",
		"02:",
		"02:11:22:33:44",
		"02:11:22:33:44:",
		"02:11:22:33:44:5",
		"02:11:22:33:44:55:",
		"02:11:22:33:44:55:66",
		"02:11:22:33:44:55:66:77",
		":02:11:22:33:44:55",
		"2:11:22:33:44:55",
		"002:11:22:33:44:55",
		"02:11:22-33:44:55",
		"02-11-22-33-44:55",
		"02:1122:33:44:55",
		"021122334455",
		"0211:2233:4455",
		"0211-2233-4455",
		"02.11.22.33.44.55",
		"0211.2233",
		"0211.2233.4455.6677",
		"0211.22334455",
		"g2:11:22:33:44:55",
		"02:11:22:33:44:5g",
		" 02:11:22:33:44:55",
		"02:11:22:33:44:55 ",
		"02:11:22:33:44:55\n",
		"0x02:11:22:33:44",
		"+2:11:22:33:44:55",
		"00:00:00:00:00:00",
		"0000.0000.0000", /* none */
		"01:00:5e:00:00:01",
		"ff:ff:ff:ff:ff:ff",
		"33-33-00-00-00-01", /* groups */
	};
	struct mac untouched = { { 9 } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (mac_parse(cases[i], &untouched))
			fail_msg("'%s' should be refused", cases[i]);
	assert_mac(untouched, "09:00:00:00:00:00");
}

static void test_values(void **state)
{
	struct mac none = { { 0 } }, one = { { 0, 0, 0, 0, 0, 1 } }, same = one;

	(void)state;
	assert_true(mac_is_none(&none));
	assert_false(mac_is_none(&one));
	assert_true(mac_equal(&one, &same));
	assert_false(mac_equal(&one, &none));
}

/* Fixed values: neighbours keep their entries over an upgrade. */
static void test_from_ip(void **state)
{
	struct ip v4 = to_ip("10.1.2.255"), v6 = to_ip("2001:db8::5"),
		  next = to_ip("2001:db8::6");
	struct mac a = mac_from_ip(&v6), b = mac_from_ip(&next);

	(void)state;
	assert_mac(mac_from_ip(&v4), "0a:58:0a:01:02:ff");
	assert_mac(a, "0a:58:d4:cb:b7:e2");
	assert_false(mac_equal(&a, &b));
}

static void test_from_hash(void **state)
{
	(void)state;
	assert_mac(mac_from_hash(0x02, 0x0123456789abcdef), "02:01:23:45:67:89");
	assert_mac(mac_from_hash(0xfe, UINT64_MAX), "fe:ff:ff:ff:ff:ff");
	assert_mac(mac_from_hash(0x01, 0),
		   "02:00:00:00:00:00"); /* made unicast and local */
}

static void test_choose(void **state)
{
	struct mac a, b;
	struct error e;

	(void)state;
	assert_int_equal(mac_choose(0x02, &a, &e), 0);
	assert_int_equal(mac_choose(0x02, &b, &e), 0);
	assert_int_equal(a.b[0], 0x02);
	assert_false(mac_equal(&a, &b));
}

/* What begins like ours, and is none: the kernel draws it for a bridge of somebody else's. */
static void test_mark(void **state)
{
	struct mac mac, other;
	struct error e;
	size_t like_ours = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(mac_choose(0x02, &mac, &e), 0);
		mac_mark(&mac);
		assert_int_equal(mac.b[0], 0x02);
		assert_true(mac_is_marked(&mac));
		for (size_t bit = 0; bit < 48; bit++) {
			other = mac;
			other.b[bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_false(mac_is_marked(&other));
		}
		assert_int_equal(mac_choose(0x02, &other, &e), 0);
		other.b[1] = mac.b[1];
		like_ours += mac_is_marked(&other);
	}
	assert_true(like_ours < 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),	  cmocka_unit_test(test_parse_refuses),
		cmocka_unit_test(test_values),	  cmocka_unit_test(test_from_ip),
		cmocka_unit_test(test_from_hash), cmocka_unit_test(test_choose),
		cmocka_unit_test(test_mark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

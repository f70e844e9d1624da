/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * name.c - tests of names: stable for ever, legal everywhere, found again
 *
 * The check values below are those of running hosts: a name that changes is an
 * attachment that DEL no longer finds.  They are never to be adapted.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "name.h"

#define HASH(...) name_hash((const char *const[]){ __VA_ARGS__, NULL })

/* @text: room for @n bytes of @filler and a NUL. */
static const char *repeat(char *text, char filler, size_t n)
{
	memset(text, filler, n);
	text[n] = '\0';
	return text;
}

static struct prefix to_prefix(const char *text)
{
	struct prefix prefix;

	assert_true(prefix_parse(text, &prefix));
	return prefix;
}

static void test_hash_is_stable(void **state)
{
	const char *const nothing[] = { NULL };

	(void)state;
	assert_true(name_hash(nothing) == UINT64_C(0xefd01f60ba992926));
	assert_true(HASH("") == UINT64_C(0xb9034ad37056f5fb));
	assert_true(HASH("a", "bc") == UINT64_C(0x8563f6d0e4bd066a));
	assert_true(HASH("ab", "c") == UINT64_C(0xe380d1d259698919));
	assert_true(HASH("abc") == UINT64_C(0x9edb126d9e6b024d));
	assert_true(HASH("mynet", "0123456789ab", "eth0") ==
		    UINT64_C(0xb449689e21219d18));
	assert_true(HASH("\xc3\xbc\xc3\xbf") == UINT64_C(0x5591efbadf08355f));
}

/* A bit of the input turns each bit of the name in about half of all cases. */
static void test_hash_avalanche(void **state)
{
	enum { ROUNDS = 4096 };
	unsigned int turned[64] = { 0 };
	char word[16];

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t difference;

		(void)snprintf(word, sizeof(word), "c%04x", i);
		difference = HASH("net", word, "eth0");
		word[1 + i % 4] ^= (char)(1 << i / 4 % 3);
		difference ^= HASH("net", word, "eth0");
		for (int bit = 0; bit < 64; bit++)
			turned[bit] += (unsigned int)(difference >> bit & 1);
	}
	for (int bit = 0; bit < 64; bit++)
		assert_in_range(turned[bit], ROUNDS * 4 / 10, ROUNDS * 6 / 10);
}

static void test_is_id(void **state)
{
	static const char *const good[] = { "a",   "0",	    "Z9",  "a_b.c-d",
					    "a..", "cni0-", "0___" };
	static const char *const bad[] = {
		"",    ".",   "..",  "-a",	 "_a",	      ".a",    "a/b", "a b",
		"a\n", "a:b", "a~b", "\xc3\xa9", "a\xc3\xa9", "a\x7f", "a=b"
	};
	char longest[1024];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(name_is_id(good[i]));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(name_is_id(bad[i]));
	assert_true(name_is_id(repeat(longest, 'x', sizeof(longest) - 1)));
}

static void test_is_link(void **state)
{
	static const char *const good[] = { "e",	   "eth0",
					    "...",	   ".a",
					    "a@b",	   "-",
					    "caf\xc3\xa9", "123456789012345",
					    "All",	   "default0" };
	static const char *const bad[] = {
		"",    ".",	 "..",	"a/b",	 "a:b",	  "eth%d",     "a b",
		" a",  "a\t",	 "a\n", "a\x01", "a\x7f", "a\xc2\xa0", "1234567890123456",
		"all", "default"
	};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(name_is_link(good[i]));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(name_is_link(bad[i]));
}

static void test_host_veth(void **state)
{
	char name[NAME_LINK], longest[400];

	(void)state;
	assert_string_equal(name_host_veth("mynet", "0123456789ab", "eth0", name),
			    "vethb449689e212");
	repeat(longest, 'c', sizeof(longest) - 1);
	assert_int_equal(strlen(name_host_veth(longest, longest, "eth0", name)), 15);
	assert_true(name_is_link(name));
}

/* Every attachment of a busy host has its own name, leading zeros kept. */
static void test_host_veth_apart(void **state)
{
	enum { ATTACHMENTS = 2000 };
	static char names[ATTACHMENTS][NAME_LINK];
	bool led_by_zero = false;
	char container[16];

	(void)state;
	for (int i = 0; i < ATTACHMENTS; i++) {
		(void)snprintf(container, sizeof(container), "%x", i);
		name_host_veth("net", container, i & 1 ? "eth1" : "eth0", names[i]);
		assert_int_equal(strlen(names[i]), 15);
		led_by_zero |= names[i][4] == '0';
		for (int j = 0; j < i; j++)
			assert_string_not_equal(names[i], names[j]);
	}
	assert_true(led_by_zero);
}

static void test_owner(void **state)
{
	char owner[NAME_OWNER], id[256], expected[512];

	(void)state;
	assert_string_equal(name_owner("c1", "eth0", owner), "c1/eth0");
	(void)snprintf(expected, sizeof(expected), "%s/eth0", repeat(id, 'c', 122));
	assert_string_equal(name_owner(id, "eth0", owner), expected); /* just fits */
	assert_int_equal(strlen(owner), NAME_OWNER - 1);
}

static void test_owner_is_cut(void **state)
{
	char owner[NAME_OWNER], id[256], expected[512], kept[256];

	(void)state;
	(void)snprintf(expected, sizeof(expected), "%s~06fa2b61c0a2a6b3/eth0",
		       repeat(kept, 'c', 105));
	assert_string_equal(name_owner(repeat(id, 'c', 200), "eth0", owner), expected);
	assert_int_equal(strlen(owner), NAME_OWNER - 1);
	name_owner(repeat(id, 'c', 199), "eth0", owner); /* alike where it is cut */
	assert_string_not_equal(owner, expected);
	name_owner(repeat(id, 'c', 123), "eth0", owner); /* one too many */
	assert_int_equal(owner[105], '~');
	name_owner(id, "123456789012345", owner);
	assert_int_equal(strlen(owner), NAME_OWNER - 1);
	assert_string_equal(strchr(owner, '/'), "/123456789012345");
}

static void test_owner_leads_to_its_veth(void **state)
{
	char owner[NAME_OWNER], id[256], veth[NAME_LINK], wanted[NAME_LINK];

	(void)state;
	assert_true(name_owner_veth("net", name_owner("c1", "eth0", owner), veth));
	assert_string_equal(veth, name_host_veth("net", "c1", "eth0", wanted));
	assert_false(name_owner_veth(
		"net", name_owner(repeat(id, 'c', 200), "eth0", owner), veth));
	assert_false(name_owner_veth("net", "a comment", veth));
}

static void test_alias(void **state)
{
	char alias[NAME_ALIAS];

	(void)state;
	assert_string_equal(name_alias("mynet", "c1/eth0", alias),
			    "footbridge:mynet/c1/eth0");
	assert_string_equal(name_alias_owner(alias, "mynet"), "c1/eth0");
	assert_null(name_alias_owner(alias, "mynet2"));
	assert_null(name_alias_owner(alias, "myne"));
	assert_null(name_alias_owner(alias, "c1"));
	assert_null(name_alias_owner("mynet/c1/eth0", "mynet"));
	assert_null(name_alias_owner("footbridge:mynet", "mynet"));
	assert_null(name_alias_owner("uplink", "mynet"));
	assert_null(name_alias_owner("", "mynet"));
}

/* The longest owner and networks around the length where they are cut. */
static void test_alias_is_cut(void **state)
{
	char alias[NAME_ALIAS], owner[NAME_OWNER], id[400], network[400], other[401];

	(void)state;
	name_owner(repeat(id, 'c', 399), "123456789012345", owner);
	for (size_t n = 1; n < sizeof(network); n++) {
		name_alias(repeat(network, 'n', n), owner, alias);
		assert_string_equal(name_alias_owner(alias, network), owner);
		assert_null(name_alias_owner(alias, repeat(other, 'n', n + 1)));
		name_alias(network, "c/e", alias); /* cut alike for a short owner */
		assert_string_equal(name_alias_owner(alias, network), "c/e");
	}
	name_alias(repeat(network, 'n', 115), owner, alias);
	assert_int_equal(strlen(alias), NAME_ALIAS - 1);
	assert_ptr_equal(strchr(alias, '~'), strrchr(alias, '~')); /* the owner's alone */
	name_alias(repeat(network, 'n', 300), "c/e", alias);
	assert_string_equal(alias + strlen("footbridge:") + 98, "~2d0462f6ca33ba30/c/e");
}

static void test_set(void **state)
{
	static const char *const cases[][3] = {
		{ "mynet", "10.1.0.0/16", "n-mynet-10.1.0.0/16" },
		{ "mynet", "10.1.2.3/16", "n-mynet-10.1.0.0/16" },
		{ "my_net.a-b", "fd00:1::5/64", "n-my_net.a-b-fd00_1__/64" },
		{ "0", "::/0", "n-0-__/0" },
	};
	char set[NAME_SET];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct prefix subnet = to_prefix(cases[i][1]);

		assert_string_equal(name_set(cases[i][0], &subnet, set), cases[i][2]);
	}
}

/* [A-Za-z_.] first, then also digits and / \ - (nft's scanner, "string"). */
static bool is_nft_identifier(const char *text)
{
	if (!isalpha((unsigned char)*text) && !strchr("_.", *text))
		return false;
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr("/\\_.-", *text))
			return false;
	return true;
}

static const char *const subnets[] = {
	"0.0.0.0/0",
	"10.0.0.0/8",
	"10.1.2.3/32",
	"::/0",
	"::1/128",
	"fd00::/64",
	"1::/16",
	"2001:db8:0:1::/64",
	"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
	"1:2:3:4:5:6:7:8/128",
};

/* Networks that look like each other, like subnets, like other names' heads. */
static const char *const networks[] = {
	"a",	"a-",	    "a--",	"a-10.0.0.0", "a-10.0.0.0-8",
	"a_b",	"a__1",	    "n-a",	"n",	      "n-",
	"a-__", "a-fd00__", "10.0.0.0", "fd00__",     "1_2_3_4_5_6_7_8",
	"a.",	"A",	    "a-n-a",
};

static void test_set_inverts(void **state)
{
	char set[NAME_SET];

	(void)state;
	for (size_t i = 0; i < COUNT(networks); i++) {
		for (size_t s = 0; s < COUNT(subnets); s++) {
			struct prefix subnet = to_prefix(subnets[s]);

			name_set(networks[i], &subnet, set);
			assert_true(is_nft_identifier(set));
			for (size_t j = 0; j < COUNT(networks); j++) {
				struct prefix found = { 0 };

				assert_int_equal(name_set_subnet(set, networks[j],
								 &found),
						 i == j);
				assert_int_equal(prefix_equal(&found, &subnet), i == j);
			}
		}
	}
}

static void test_set_is_cut(void **state)
{
	struct prefix longest = to_prefix(subnets[8]), found;
	char set[NAME_SET], network[400], expected[512], kept[NAME_SET];

	(void)state;
	for (size_t n = 1; n < sizeof(network); n++) {
		name_set(repeat(network, 'n', n), &longest, set);
		assert_true(is_nft_identifier(set));
		assert_true(name_set_subnet(set, network, &found));
		assert_true(prefix_equal(&found, &longest));
		assert_int_equal(strlen(set), n < 209 ? n + 46 : NAME_SET - 1);
		assert_int_equal(strchr(set, '/') == strrchr(set, '/'), n <= 209);
	}
	(void)snprintf(expected, sizeof(expected), "n-%s/2d0462f6ca33ba30-10.0.0.0/8",
		       repeat(kept, 'n', 192));
	longest = to_prefix("10.0.0.0/8");
	assert_string_equal(name_set(repeat(network, 'n', 300), &longest, set), expected);
	assert_false(name_set_subnet(set, repeat(network, 'n', 301), &found));
}

static void test_set_refuses(void **state)
{
	static const char *const foreign[] = {
		"",
		"-",
		"n",
		"n-",
		"n-a",
		"n-a-",
		"a-10.0.0.0/8",
		"m-a-10.0.0.0/8",
		"n-a10.0.0.0/8",
		"n-a-10.0.0.0",
		"n-a-10.0.0.1/8",
		"n-a-10.0.0.0/08",
		"n-a-10.0.0.0/33",
		"n-a-010.0.0.0/8",
		"n-a-fd00::/64",
		"n-a-fd00_:/64",
		"n-a-FD00__/64",
		"n-a-fd00_0__/64",
		"n-a-fd00__1/64",
		"n-a-10.0.0.0/8 ",
		"n-a-10.0.0.0/8-",
		"n-a-__ffff_0_0/96",
		"n-a-00000000000000000000000000000000000000000000000000000000000/8",
	};
	struct prefix untouched = { .bits = 99 };

	(void)state;
	for (size_t i = 0; i < COUNT(foreign); i++)
		if (name_set_subnet(foreign[i], "a", &untouched))
			fail_msg("'%s' should be refused", foreign[i]);
	assert_int_equal(untouched.bits, 99);
}

static void test_is_file(void **state)
{
	static const char *const good[] = {
		"dhcp", "a", "...", "..a", ".a", "a b", "-x"
	};
	static const char *const bad[] = {
		"", ".", "..", "/", "a/", "/a", "../a", "a/b"
	};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (!name_is_file(good[i]))
			fail_msg("'%s' should be taken", good[i]);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (name_is_file(bad[i]))
			fail_msg("'%s' should be refused", bad[i]);
}

static void test_exclusion(void **state)
{
	struct prefix four = to_prefix("10.1.0.5/16"), six = to_prefix("fd00:1::9/64");
	char set[NAME_SET];

	(void)state;
	assert_string_equal(name_exclusion("net", &four, UINT64_C(0x123), set),
			    "x-net-10.1.0.0/16-0000000000000123");
	assert_string_equal(name_exclusion("a-b", &six, UINT64_MAX, set),
			    "x-a-b-fd00_1__/64-ffffffffffffffff");
}

/* Found again by its own network, and taken by nobody for a set of containers. */
static void test_exclusion_inverts(void **state)
{
	char set[NAME_SET];

	(void)state;
	for (size_t i = 0; i < COUNT(networks); i++) {
		for (size_t s = 0; s < COUNT(subnets); s++) {
			struct prefix subnet = to_prefix(subnets[s]);

			name_exclusion(networks[i], &subnet, UINT64_C(1) << s, set);
			assert_true(is_nft_identifier(set));
			for (size_t j = 0; j < COUNT(networks); j++) {
				struct prefix found = { 0 }, none = { 0 };

				assert_int_equal(name_exclusion_subnet(set, networks[j],
								       &found),
						 i == j);
				assert_int_equal(prefix_equal(&found, &subnet), i == j);
				assert_false(name_set_subnet(set, networks[j], &none));
			}
		}
	}
}

static void test_exclusion_is_cut(void **state)
{
	struct prefix longest = to_prefix(subnets[8]), found;
	char set[NAME_SET], network[400];

	(void)state;
	for (size_t n = 1; n < sizeof(network); n++) {
		name_exclusion(repeat(network, 'n', n), &longest, 5, set);
		assert_true(is_nft_identifier(set));
		assert_true(strlen(set) < NAME_SET);
		assert_true(name_exclusion_subnet(set, network, &found));
		assert_true(prefix_equal(&found, &longest));
	}
}

static void test_exclusion_refuses(void **state)
{
	static const char *const foreign[] = {
		"",
		"-",
		"x-",
		"x-a-",
		"x-a--",
		"x-a-10.0.0.0/8",
		"x-a-10.0.0.0/8-",
		"x-a-10.0.0.0/8-123",
		"x-a-10.0.0.0/8-000000000000012G",
		"x-a-10.0.0.0/8-000000000000012A",
		"x-a-10.0.0.0/8-00000000000000123",
		"x-a-10.0.0.1/8-0000000000000123",
		"n-a-10.0.0.0/8-0000000000000123",
		"x-b-10.0.0.0/8-0000000000000123",
		"x-a-fd00::/64-0000000000000123",
	};
	struct prefix untouched = { .bits = 99 };

	(void)state;
	for (size_t i = 0; i < COUNT(foreign); i++)
		if (name_exclusion_subnet(foreign[i], "a", &untouched))
			fail_msg("'%s' should be refused", foreign[i]);
	assert_int_equal(untouched.bits, 99);
}

static void test_is_alias(void **state)
{
	char alias[NAME_ALIAS];

	(void)state;
	assert_true(name_is_alias(name_alias("net", "a/eth0", alias)));
	assert_false(name_is_alias(""));
	assert_false(name_is_alias("footbridge"));
	assert_false(name_is_alias("a footbridge:net/a/eth0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash_is_stable),
		cmocka_unit_test(test_hash_avalanche),
		cmocka_unit_test(test_is_id),
		cmocka_unit_test(test_is_link),
		cmocka_unit_test(test_is_file),
		cmocka_unit_test(test_host_veth),
		cmocka_unit_test(test_host_veth_apart),
		cmocka_unit_test(test_owner),
		cmocka_unit_test(test_owner_is_cut),
		cmocka_unit_test(test_owner_leads_to_its_veth),
		cmocka_unit_test(test_alias),
		cmocka_unit_test(test_alias_is_cut),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_set_inverts),
		cmocka_unit_test(test_set_is_cut),
		cmocka_unit_test(test_set_refuses),
		cmocka_unit_test(test_exclusion),
		cmocka_unit_test(test_exclusion_inverts),
		cmocka_unit_test(test_exclusion_is_cut),
		cmocka_unit_test(test_exclusion_refuses),
		cmocka_unit_test(test_is_alias),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

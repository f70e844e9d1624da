/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * near.c - tests of near.h
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "near.h"

#define LONGEST "123456789012345678901234567890123456789012345678901234567890abc"

static void test_distance(void **state)
{
	static const struct {
		const char *one, *other;
		size_t distance;
	} cases[] = {
		{ "", "", 0 },
		{ "", "mtu", 3 },
		{ "mtu", "mtu", 0 },
		{ "MTU", "mtu", 0 },
		{ "isGatewy", "isGateway", 1 },	  /* left out */
		{ "isGatewaay", "isGateway", 1 }, /* put in */
		{ "isGatevay", "isGateway", 1 },  /* another */
		{ "isGatewya", "isGateway", 1 },  /* swapped */
		{ "siGateway", "isGateway", 1 },
		{ "defaultGateway", "isDefaultGateway", 2 },
		{ "abc", "xyz", 3 },
		{ "ca", "abc", 3 }, /* not 2: what was swapped is not touched again */
		{ "kitten", "sitting", 3 },
		{ LONGEST, LONGEST, 0 },
		{ LONGEST, "", 63 },
		{ LONGEST "d", "mtu", NEAR_WORD },
		{ "mtu", LONGEST "d", NEAR_WORD },
	};

	(void)state;
	assert_int_equal(strlen(LONGEST), NEAR_WORD - 1);
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(near_distance(cases[i].one, cases[i].other),
				 cases[i].distance);
		assert_int_equal(near_distance(cases[i].other, cases[i].one),
				 cases[i].distance);
	}
}

static void test_offer(void **state)
{
	static const char *const words[] = { "mtu",	    "mac",
					     "vlan",	    "vlanTrunk",
					     "hairpinMode", "promiscMode",
					     "isGateway",   "isDefaultGateway" };
	static const struct {
		const char *word, *best;
	} cases[] = {
		{ "isGatewy", "isGateway" },
		{ "isDefaultGatway", "isDefaultGateway" },
		{ "defaultGateway", "isDefaultGateway" },
		{ "hairpin", "hairpinMode" },
		{ "PROMISC", "promiscMode" },
		{ "vlans", "vlan" },
		{ "trunk", "vlanTrunk" },
		{ "mut", "mtu" },
		{ "ma", "mac" },
		{ "", "" },
		{ "addIf", "" },
		{ "xyz", "" },
		{ "dns", "" },
		{ LONGEST "vlan", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct near near = { .word = cases[i].word };

		for (size_t k = 0; k < COUNT(words); k++)
			near_offer(&near, words[k]);
		assert_string_equal(near.best, cases[i].best);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_offer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

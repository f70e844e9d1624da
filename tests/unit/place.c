/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * place.c - tests of how places and what is wrong there are told
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "json.h"
#include "place.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_print(void **state)
{
	const struct place ipam = { .key = "ipam" };
	const struct place ranges = { .in = &ipam, .key = "ranges" };
	const struct place set = { .in = &ranges, .index = 0 };
	const struct place range = { .in = &set, .index = SIZE_MAX };
	const struct place subnet = { .in = &range, .key = "subnet" };
	const struct place first = { .index = 7 };
	const struct {
		const struct place *at;
		const char *text;
	} cases[] = {
		{ NULL, "" },
		{ &ipam, "ipam" },
		{ &ranges, "ipam.ranges" },
		{ &set, "ipam.ranges[0]" },
		{ &subnet, "ipam.ranges[0][18446744073709551615].subnet" },
		{ &first, "[7]" },
	};
	char text[PLACE_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(place_print(cases[i].at, text), cases[i].text);
}

/* No path of ours is as long; one that were is cut. */
static void test_print_cuts(void **state)
{
	struct place steps[40] = { { .key = "containers" } };
	char text[PLACE_TEXT];

	(void)state;
	for (size_t i = 1; i < COUNT(steps); i++)
		steps[i] = (struct place){ .in = &steps[i - 1], .key = "containers" };
	place_print(&steps[COUNT(steps) - 1], text);
	assert_int_equal(strlen(text), PLACE_TEXT - 1);
	assert_memory_equal(text, "containers.containers.", 22);
}

static void test_error(void **state)
{
	const struct place at = { .key = "mtu" };
	struct error e = { 0 };

	(void)state;
	assert_int_equal(place_error(&at, &e, ERROR_CONFIG, "%d %s", 5, "%s"), -1);
	assert_int_equal(e.code, ERROR_CONFIG);
	assert_string_equal(e.msg, "\"mtu\": 5 %s");
	assert_int_equal(place_error(NULL, &e, ERROR_DECODE, "%d%%", 5), -1);
	assert_int_equal(e.code, ERROR_DECODE);
	assert_string_equal(e.msg, "5%");
}

static void test_refuse(void **state)
{
	static const char text[] = "{\"a\":\"100%d\"}";
	_cleanup_(json_freep) struct cJSON *json = NULL;
	const struct place at = { .key = "a" };
	struct error e = { 0 };

	(void)state;
	assert_int_equal(json_parse(text, strlen(text), &json, &e), 0);
	assert_int_equal(place_refuse(&at, json_get(json, "a"), &e, ERROR_UNSUPPORTED,
				      "is not %s", "wanted"),
			 -1);
	assert_int_equal(e.code, ERROR_UNSUPPORTED);
	assert_string_equal(e.msg, "\"a\": \"100%d\" is not wanted");
	assert_int_equal(place_refuse(NULL, NULL, &e, ERROR_CONFIG, "is not %d", 1), -1);
	assert_string_equal(e.msg, "null is not 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_print_cuts),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_refuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

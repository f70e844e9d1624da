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

struct heard {
	unsigned int times;
	enum error_code code;
};

static void hear(const struct error *e, void *arg)
{
	struct heard *heard = arg;

	heard->times++;
	heard->code = e->code;
}

static void test_tell(void **state)
{
	struct heard heard = { 0 };
	const struct listener listener = { hear, &heard };
	const struct place root = { .key = "", .listener = &listener };
	const struct place mtu = { .in = &root, .key = "mtu" };
	const struct place deaf = { .key = "mtu" };
	struct error e = { 0 };
	char text[PLACE_TEXT];

	(void)state;
	assert_string_equal(place_print(&root, text), "");
	assert_string_equal(place_print(&mtu, text), "mtu");
	place_error(&mtu, &e, ERROR_CONFIG, "wrong");
	assert_int_equal(place_tell(NULL, &e), -1);
	assert_int_equal(place_tell(&deaf, &e), -1);
	assert_int_equal(e.code, ERROR_CONFIG);
	assert_int_equal(place_tell(&mtu, &e), 0);
	assert_int_equal(e.code, 0);
	assert_int_equal(heard.times, 1);
	assert_int_equal(heard.code, ERROR_CONFIG);
	/* told already, further down */
	assert_int_equal(place_tell(&mtu, &e), 0);
	assert_int_equal(heard.times, 1);
	/* nothing can go on */
	error_set(&e, ERROR_MEMORY, "out of memory");
	assert_int_equal(place_tell(&mtu, &e), -1);
	assert_int_equal(heard.times, 1);
}

static void test_find(void **state)
{
	static const char text[] = "{\"a\":{\"B\":[[1],[2,{\"c\":3}]]},\"d\":4}";
	static const struct {
		const char *path, *shown;
	} cases[] = {
		{ "", text },
		{ "d", "4" },
		{ "a.b[1][0]", "2" },
		{ "a.b[1][1].c", "3" },
		/* as far as it goes */
		{ "a.b[7].c", "[[1],[2,{\"c\":3}]]" },
		{ "a.b[1][1].x", "{\"c\":3}" },
		{ "d.x", "4" },
		{ "x", text },
		{ "a.b[", "[1]" },
		{ "..", text },
		{ "a.b[99999999999999999999999]", "[[1],[2,{\"c\":3}]]" },
	};
	_cleanup_(json_freep) struct cJSON *tree = NULL;
	struct error e = { 0 };
	char shown[JSON_SHOW];

	(void)state;
	assert_int_equal(json_parse(text, strlen(text), &tree, &e), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *path = cases[i].path;

		assert_string_equal(json_show(place_find(tree, path, strlen(path)),
					      shown),
				    cases[i].shown);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_print), cmocka_unit_test(test_print_cuts),
		cmocka_unit_test(test_error), cmocka_unit_test(test_refuse),
		cmocka_unit_test(test_tell),  cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * writer.c - tests of writing JSON
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "writer.h"

static void test_nothing(void **state)
{
	const struct writer w = { 0 };

	(void)state;
	assert_string_equal(writer_text(&w), "");
}

static void test_empty(void **state)
{
	_cleanup_(writer_clear) struct writer object = { 0 }, array = { 0 };

	(void)state;
	writer_open(&object, NULL, '{');
	writer_close(&object, '}');
	assert_string_equal(writer_text(&object), "{}");
	writer_open(&array, NULL, '[');
	writer_close(&array, ']');
	assert_string_equal(writer_text(&array), "[]");
}

static void test_layout(void **state)
{
	_cleanup_(writer_clear) struct writer w = { 0 };

	(void)state;
	writer_open(&w, NULL, '{');
	writer_string(&w, "cniVersion", "1.0.0");
	writer_open(&w, "empty", '{');
	writer_close(&w, '}');
	writer_open(&w, "list", '[');
	writer_string(&w, NULL, "a");
	writer_integer(&w, NULL, -1);
	writer_open(&w, NULL, '{');
	writer_integer(&w, "deep", 2);
	writer_close(&w, '}');
	writer_open(&w, NULL, '[');
	writer_close(&w, ']');
	writer_close(&w, ']');
	writer_integer(&w, "last", 3);
	writer_close(&w, '}');
	assert_string_equal(writer_text(&w), "{\n"
					     "    \"cniVersion\": \"1.0.0\",\n"
					     "    \"empty\": {},\n"
					     "    \"list\": [\n"
					     "        \"a\",\n"
					     "        -1,\n"
					     "        {\n"
					     "            \"deep\": 2\n"
					     "        },\n"
					     "        []\n"
					     "    ],\n"
					     "    \"last\": 3\n"
					     "}");
}

static void test_integers(void **state)
{
	static const struct {
		int64_t value;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 1500, "1500" },
		{ UINT32_MAX, "4294967295" },
		{ INT64_MAX, "9223372036854775807" },
		{ INT64_MIN, "-9223372036854775808" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		_cleanup_(writer_clear) struct writer w = { 0 };

		writer_integer(&w, NULL, cases[i].value);
		assert_string_equal(writer_text(&w), cases[i].text);
	}
}

static void test_bools(void **state)
{
	_cleanup_(writer_clear) struct writer w = { 0 };

	(void)state;
	writer_open(&w, NULL, '[');
	writer_bool(&w, NULL, true);
	writer_bool(&w, NULL, false);
	writer_close(&w, ']');
	assert_string_equal(writer_text(&w), "[\n    true,\n    false\n]");
}

static void test_strings(void **state)
{
	static const struct {
		const char *value, *text;
	} cases[] = {
		{ "", "" },
		{ "eth0", "eth0" },
		{ "a/b", "a/b" },
		{ "say \"no\"", "say \\\"no\\\"" },
		{ "back\\slash", "back\\\\slash" },
		{ "\b\f\n\r\t", "\\b\\f\\n\\r\\t" },
		{ "\x01\x0b\x1f", "\\u0001\\u000b\\u001f" },
		{ "\x7f", "\x7f" },
		{ "<a>&", "\\u003ca\\u003e\\u0026" },
		/* U+00E9, U+20AC, U+1D11E; the first and last of each length */
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e",
		  "\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e" },
		{ "\xc2\x80\xdf\xbf", "\xc2\x80\xdf\xbf" },
		{ "\xe0\xa0\x80\xef\xbf\xbf", "\xe0\xa0\x80\xef\xbf\xbf" },
		{ "\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80" },
		{ "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
		  "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf" },
		/* U+2027 to U+202A: two of them are escaped */
		{ "\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa",
		  "\xe2\x80\xa7\\u2028\\u2029\xe2\x80\xaa" },
		/* broken: lone, cut, overlong, a surrogate, past the end */
		{ "a\x80z", "a\\ufffdz" },
		{ "a\xff", "a\\ufffd" },
		{ "a\xc3", "a\\ufffd" },
		{ "a\xe2\x82", "a\\ufffd\\ufffd" },
		{ "\xe2\x82z", "\\ufffd\\ufffdz" },
		{ "\xf0\x9d\x84", "\\ufffd\\ufffd\\ufffd" },
		{ "\xc0\xaf", "\\ufffd\\ufffd" },
		{ "\xc1\xbf", "\\ufffd\\ufffd" },
		{ "\xe0\x9f\xbf", "\\ufffd\\ufffd\\ufffd" },
		{ "\xf0\x8f\xbf\xbf", "\\ufffd\\ufffd\\ufffd\\ufffd" },
		{ "\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd" },
		{ "\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd" },
		{ "\xf5\x80\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		_cleanup_(writer_clear) struct writer w = { 0 };
		char expected[128];

		(void)snprintf(expected, sizeof(expected), "{\n    \"%s\": \"%s\"\n}",
			       cases[i].text, cases[i].text);
		writer_open(&w, NULL, '{');
		writer_string(&w, cases[i].value, cases[i].value);
		writer_close(&w, '}');
		assert_string_equal(writer_text(&w), expected);
	}
}

static void test_long(void **state)
{
	_cleanup_(writer_clear) struct writer w = { 0 };
	char value[3000];
	const char *text;

	(void)state;
	memset(value, 'x', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	writer_open(&w, NULL, '[');
	for (int i = 0; i < 100; i++)
		writer_string(&w, NULL, value);
	writer_close(&w, ']');
	text = writer_text(&w);
	assert_non_null(text);
	assert_int_equal(strlen(text), w.len);
	/* the brackets, and for each line "\n    ", quotes and comma: no last
	 * comma */
	assert_int_equal(w.len, 1 + 100 * (5 + 2 + 2999 + 1) - 1 + 2);
}

static void test_failed(void **state)
{
	_cleanup_(writer_clear) struct writer w = { 0 };

	(void)state;
	writer_open(&w, NULL, '{');
	w.failed = true; /* as memory running out leaves it */
	writer_string(&w, "a", "b");
	writer_integer(&w, "c", 1);
	writer_close(&w, '}');
	assert_null(writer_text(&w));
	assert_string_equal(w.text, "{");
	writer_clear(&w);
	assert_string_equal(writer_text(&w), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing), cmocka_unit_test(test_empty),
		cmocka_unit_test(test_layout),	cmocka_unit_test(test_integers),
		cmocka_unit_test(test_bools),	cmocka_unit_test(test_strings),
		cmocka_unit_test(test_long),	cmocka_unit_test(test_failed),
	};

	return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}

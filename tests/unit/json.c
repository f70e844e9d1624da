/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json.c - tests of json.h
 *
 * Every document is parsed out of a buffer of exactly its length, so that
 * AddressSanitizer sees a read behind its end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "json.h"

#define TEXT(s)                                                                          \
	{                                                                                \
		s, sizeof(s) - 1                                                         \
	}

struct text {
	const char *v;
	size_t len;
};

static int parse(const char *text, size_t len, struct cJSON **ret, struct error *e)
{
	_cleanup_(freep) char *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	memcpy(copy, text, len);
	return json_parse(copy, len, ret, e);
}

static struct cJSON *sound(const char *text)
{
	struct cJSON *tree = NULL;
	struct error e = { 0 };

	if (parse(text, strlen(text), &tree, &e) < 0)
		fail_msg("%s: %s", text, e.msg);
	return tree;
}

static void test_sound(void **state)
{
	static const struct text documents[] = {
		TEXT("{}"),
		TEXT(" \t\r\n{ } \n"),
		TEXT("{\"a\":[]}"),
		TEXT("{\"a\":[ 1 , -2,0,-0, 0.5, 1e3, 1E+3, 1.25e-3 ]}"),
		TEXT("{\"a\":true,\"b\":false,\"c\":null}"),
		TEXT("{\"\":\"\"}"),
		TEXT("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u003C\"}"),
		TEXT("{\"a\":\"\\ud83d\\ude00\"}"),
		TEXT("{\"a\":\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf\"}"),
		TEXT("{\"a\":\"\x7f\"}"),
		TEXT("{\"a\":{\"b\":[{\"c\":[[1]]}]}}"),
		TEXT("{\"a\":999999999999999999999999999999999999999999999999999999999999999}"),
		TEXT("{\"a\":1e308}"),
		TEXT("{\"a\":1e-400}"),
		TEXT("{\"a\":1,\"a\":2}"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(documents); i++) {
		_cleanup_(json_freep) struct cJSON *tree = NULL;
		struct error e = { 0 };

		if (parse(documents[i].v, documents[i].len, &tree, &e) < 0)
			fail_msg("%s: %s", documents[i].v, e.msg);
		assert_non_null(tree);
	}
}

static const struct {
	struct text text;
	const char *word;
} unsound[] = {
	{ TEXT(""), "empty" },
	{ TEXT(" \n\t "), "empty" },
	{ TEXT("\0"), "a value was expected" },
	{ TEXT("[]"), "[] is not a JSON object" },
	{ TEXT("null"), "null is not a JSON object" },
	{ TEXT("\"a\""), "\"a\" is not a JSON object" },
	{ TEXT("12"), "12 is not a JSON object" },
	{ TEXT("{"), "line 1, column 2" },
	{ TEXT("{\"a\""), "':' was expected" },
	{ TEXT("{\"a\":"), "a value was expected" },
	{ TEXT("{\"a\":1"), "',' or '}' was expected" },
	{ TEXT("{\"a\":1,}"), "column 8: '\"' was expected" },
	{ TEXT("{\"a\":1 \"b\":2}"), "',' or '}' was expected" },
	{ TEXT("{\"a\" 1}"), "':' was expected" },
	{ TEXT("{a:1}"), "'\"' was expected" },
	{ TEXT("{'a':1}"), "'\"' was expected" },
	{ TEXT("{\"a\":[1,]}"), "a value was expected" },
	{ TEXT("{\"a\":[1 2]}"), "',' or ']' was expected" },
	{ TEXT("{\"a\":[1}"), "',' or ']' was expected" },
	{ TEXT("{}{}"), "more after the end" },
	{ TEXT("{} x"), "more after the end" },
	{ TEXT("{}\0"), "more after the end" },
	{ TEXT("{}]"), "more after the end" },
	{ TEXT("{\"a\":\0 1}"), "a value was expected" },
	{ TEXT("{\x01}"), "'\"' was expected" },
	{ TEXT("{\"a\":\x0b"
	       "1}"),
	  "a value was expected" },
	{ TEXT("{\"a\":01}"), "',' or '}' was expected" },
	{ TEXT("{\"a\":-01}"), "',' or '}' was expected" },
	{ TEXT("{\"a\":1.}"), "a digit was expected" },
	{ TEXT("{\"a\":.5}"), "a value was expected" },
	{ TEXT("{\"a\":-}"), "a digit was expected" },
	{ TEXT("{\"a\":+1}"), "a value was expected" },
	{ TEXT("{\"a\":1e}"), "a digit was expected" },
	{ TEXT("{\"a\":1e+}"), "a digit was expected" },
	{ TEXT("{\"a\":0x10}"), "',' or '}' was expected" },
	{ TEXT("{\"a\":1e400}"), "too large" },
	{ TEXT("{\"a\":-1e400}"), "too large" },
	{ TEXT("{\"a\":9999999999999999999999999999999999999999999999999999999999999999}"),
	  "too long" },
	{ TEXT("{\"a\":NaN}"), "a value was expected" },
	{ TEXT("{\"a\":Infinity}"), "a value was expected" },
	{ TEXT("{\"a\":tru}"), "a value was expected" },
	{ TEXT("{\"a\":True}"), "a value was expected" },
	{ TEXT("{\"a\":nullx}"), "',' or '}' was expected" },
	{ TEXT("{\"a\":\"b}"), "no end" },
	{ TEXT("{\"a\":\"\n\"}"), "control byte" },
	{ TEXT("{\"a\":\"\0\"}"), "control byte" },
	{ TEXT("{\"a\":\"\x1f\"}"), "control byte" },
	{ TEXT("{\"a\":\"\\x41\"}"), "no such escape" },
	{ TEXT("{\"a\":\"\\"), "no such escape" },
	{ TEXT("{\"a\":\"\\\0\"}"), "no such escape" },
	{ TEXT("{\"a\":\"\\u12\"}"), "four hex digits" },
	{ TEXT("{\"a\":\"\\u12g4\"}"), "four hex digits" },
	{ TEXT("{\"a\":\"\\u0000\"}"), "\\u0000 is not allowed" },
	{ TEXT("{\"a\\u0000b\":1}"), "\\u0000 is not allowed" },
	{ TEXT("{\"a\":\"\\ud83d\"}"), "surrogate" },
	{ TEXT("{\"a\":\"\\ud83d\\u0041\"}"), "surrogate" },
	{ TEXT("{\"a\":\"\\ud83dx\"}"), "surrogate" },
	{ TEXT("{\"a\":\"\\ude00\"}"), "surrogate" },
	{ TEXT("{\"a\":\"\x80\"}"), "UTF-8" },
	{ TEXT("{\"a\":\"\xc3\"}"), "UTF-8" },
	{ TEXT("{\"a\":\"\xc0\x80\"}"), "UTF-8" },
	{ TEXT("{\"a\":\"\xe0\x80\x80\"}"), "UTF-8" },
	{ TEXT("{\"a\":\"\xed\xa0\x80\"}"), "UTF-8" },
	{ TEXT("{\"a\":\"\xf0\x80\x80\x80\"}"), "UTF-8" },
	{ TEXT("{\"a\":\"\xf4\x90\x80\x80\"}"), "UTF-8" },
	{ TEXT("{\"a\":\"\xff\"}"), "UTF-8" },
	{ TEXT("{\"a\":\"\xe2\x82"), "UTF-8" },
	{ TEXT("{\n  \"a\": 1,\n  b\n}"), "line 3, column 3" },
	{ TEXT("\xef\xbb\xbf{}"), "line 1, column 1: a byte order mark" },
	{ TEXT("\xef\xbb\xbf"), "a byte order mark (UTF-8 BOM)" },
	{ TEXT("{}\xef\xbb\xbf"), "more after the end" },
};

static void test_unsound(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(unsound); i++) {
		struct cJSON *tree = NULL;
		struct error e = { 0 };

		if (parse(unsound[i].text.v, unsound[i].text.len, &tree, &e) == 0)
			fail_msg("%s was accepted", unsound[i].text.v);
		assert_null(tree);
		assert_int_equal(e.code, ERROR_DECODE);
		if (!strstr(e.msg, unsound[i].word))
			fail_msg("%s: \"%s\" lacks \"%s\"", unsound[i].text.v, e.msg,
				 unsound[i].word);
	}
}

/* What is parsed when the members "a" and "b" may hold anything; NULL for not at all. */
static const struct {
	const char *text, *tree;
} withouts[] = {
	{ "{\"a\":\"\\u0000\",\"c\":1}", "{\"a\":null,\"c\":1}" },
	{ " { \"c\" : 1 , \"B\" : { \"a\" : \x01 } } ", "{\"c\":1,\"B\":null}" },
	{ "{\"a\":[\"]\",\"\\\"\",\"\\\\\",{x}],\"c\":\"}\"}",
	  "{\"a\":null,\"c\":\"}\"}" },
	{ "{\"a\":01234,\"a\":{},\"b\":7}", "{\"a\":null,\"a\":{},\"b\":7}" },
	{ "{\"c\":{\"a\":[1,2,3]},\"d\":[\"a\",\"b\"]}",
	  "{\"c\":{\"a\":[1,2,3]},\"d\":[\"a\",\"b\"]}" },
	{ "{\"c\":[\"\\u0000\"],\"a\":1}", NULL },
	{ "{\"c\":{\"a\":\"\\u0000\"}}", NULL },
	{ "{\"\\u0000a\":[1,2,3]}", NULL },
	{ "{\"a\":[[[[", NULL },
	{ "{\"a\":\"\\", NULL },
	{ "{\"a\":\"\\\"}", NULL },
	{ "{\"a\":]]]]]}", NULL },
	{ "{\"a\":[1]x}", "{\"a\":null}" },
	{ "{\"a\":[1234]]", NULL },
	{ "{\"a\"", NULL },
	{ "{\"a", NULL },
	{ "{\"a\" 1}", NULL },
	{ "{\"", NULL },
	{ "{", NULL },
	{ "", NULL },
	{ "[\"a\",1]", NULL },
	{ "{\"a\":[1234]} x", NULL },
};

static void test_without(void **state)
{
	static const char *const members[] = { "a", "b", NULL };

	(void)state;
	for (size_t i = 0; i < COUNT(withouts); i++) {
		const char *text = withouts[i].text, *wanted = withouts[i].tree;
		_cleanup_(json_freep) struct cJSON *tree = NULL;
		_cleanup_(freep) char *copy = NULL, *printed = NULL;
		const size_t len = strlen(text);
		struct error e = { 0 };

		/* not one byte behind its end is looked at */
		copy = malloc(len ? len : 1);
		assert_non_null(copy);
		memcpy(copy, text, len);
		if ((json_parse_without(copy, len, members, &tree, &e) == 0) != !!wanted)
			fail_msg("%s: %s", text, e.msg);
		assert_memory_equal(copy, text, len);
		if (!wanted) {
			assert_int_equal(e.code, ERROR_DECODE);
			continue;
		}
		printed = json_with(tree, NULL, 0);
		assert_string_equal(printed, wanted);
	}
}

static void test_with(void **state)
{
	static const char *const members[][2] = { { "name", "net" } };
	static const char text[] = "{\"name\":1,\"NAME\":2,\"a\":[1000000000000000,"
				   "-4000000000000000,999999999999999,1e3,1.5,"
				   "9007199254740991,1e300],\"b\":{\"c\":1e15}}";
	_cleanup_(json_freep) struct cJSON *tree = NULL;
	_cleanup_(freep) char *printed = NULL;
	struct error e;

	(void)state;
	assert_int_equal(json_parse(text, strlen(text), &tree, &e), 0);
	printed = json_with(tree, members, 1);
	assert_string_equal(printed, "{\"a\":[1000000000000000,-4000000000000000,"
				     "999999999999999,1000,1.5,9007199254740991,"
				     "1e+300],\"b\":{\"c\":1000000000000000},"
				     "\"name\":\"net\"}");
}

/* Brackets are counted, not entered: no depth is too much for the stack. */
static void test_without_depth(void **state)
{
	static const char *const members[] = { "a", NULL };
	const size_t depth = 4000000;
	_cleanup_(json_freep) struct cJSON *tree = NULL;
	_cleanup_(freep) char *text = malloc(2 * depth + 16);
	struct error e;

	(void)state;
	assert_non_null(text);
	memcpy(text, "{\"a\":", 5);
	memset(text + 5, '[', depth);
	memset(text + 5 + depth, ']', depth);
	memcpy(text + 5 + 2 * depth, "}", 1);
	assert_int_equal(json_parse_without(text, 2 * depth + 6, members, &tree, &e), 0);
	assert_true(json_has(tree, "a"));
	assert_null(json_get(tree, "a"));
}

/* A document of objects and arrays in turns, @depth levels in all. */
static int parse_nested(size_t depth, struct error *e)
{
	_cleanup_(json_freep) struct cJSON *tree = NULL;
	char text[1024] = "";

	for (size_t i = 0; i < depth; i++)
		strcat(text, i % 2 ? "[" : "{\"a\":");
	strcat(text, "1");
	for (size_t i = depth; i > 0; i--)
		strcat(text, i % 2 ? "}" : "]");
	return parse(text, strlen(text), &tree, e);
}

static void test_depth(void **state)
{
	struct error e = { 0 };

	(void)state;
	assert_int_equal(parse_nested(63, &e), 0);
	assert_int_equal(parse_nested(64, &e), 0);
	assert_int_equal(parse_nested(65, &e), -1);
	assert_non_null(strstr(e.msg, "too deeply"));
	assert_int_equal(e.code, ERROR_DECODE);
}

/* Siblings do not add up to depth. */
static void test_wide(void **state)
{
	char text[1024] = "{\"a\":[";

	(void)state;
	for (size_t i = 0; i < 100; i++)
		strcat(text, "[],{},");
	strcat(text, "1]}");
	json_freep(&(struct cJSON *){ sound(text) });
}

static const char rich[] =
	"{\"n\":[-12.5e+3,0],\"s\":\"\\u00e9\\ud83d\\ude00\xe2\x82\xac\\n\",\"o\":{\"t\":true,"
	"\"f\":false,\"z\":null}}";

static void test_every_cut(void **state)
{
	(void)state;
	for (size_t len = 0; len < strlen(rich); len++) {
		struct cJSON *tree = NULL;
		struct error e = { 0 };

		assert_int_equal(parse(rich, len, &tree, &e), -1);
		assert_int_equal(e.code, ERROR_DECODE);
	}
	json_freep(&(struct cJSON *){ sound(rich) });
}

/* What the grammar lets pass, cJSON must be able to build: never "out of memory". */
static void test_every_byte(void **state)
{
	char text[sizeof(rich)];

	(void)state;
	for (size_t at = 0; at < strlen(rich); at++) {
		for (int byte = 0; byte < 256; byte++) {
			_cleanup_(json_freep) struct cJSON *tree = NULL;
			struct error e = { 0 };

			memcpy(text, rich, sizeof(rich));
			text[at] = (char)byte;
			if (parse(text, strlen(rich), &tree, &e) < 0)
				assert_int_equal(e.code, ERROR_DECODE);
		}
	}
}

static void test_get(void **state)
{
	_cleanup_(json_freep) struct cJSON *tree = sound(
		"{\"mtu\":1,\"MTU\":2,\"Mtu\":3,\"HostPort\":4,\"hostport\":5,\"x\":6,\"x\":7,"
		"\"n\":null,\"l\":8,\"l\":null,\"N2\":null}");
	int64_t n = 0;

	(void)state;
	assert_true(json_integer(json_get(tree, "mtu"), 0, 9, &n));
	assert_int_equal(n, 1); /* exactly, though others follow */
	assert_true(json_integer(json_get(tree, "mTU"), 0, 9, &n));
	assert_int_equal(n, 3); /* the last that is similar */
	assert_true(json_integer(json_get(tree, "hostPort"), 0, 9, &n));
	assert_int_equal(n, 5);
	assert_true(json_integer(json_get(tree, "x"), 0, 9, &n));
	assert_int_equal(n, 7); /* the last duplicate */
	assert_non_null(json_exact(tree, "n"));
	assert_null(json_exact(tree, "N"));
	assert_null(json_exact(NULL, "n"));
	assert_null(json_get(tree, "n"));
	assert_null(json_get(tree, "l"));
	assert_null(json_get(tree, "none"));
	assert_true(json_has(tree, "n"));
	assert_true(json_has(tree, "n2"));
	assert_false(json_has(tree, "none"));
	assert_null(json_get(json_get(tree, "mtu"), "mtu"));
}

static void test_walk(void **state)
{
	_cleanup_(json_freep) struct cJSON *tree = sound("{\"a\":[1,\"b\"],\"c\":{}}");
	const struct cJSON *a = json_first(tree), *c = json_next(a);

	(void)state;
	assert_string_equal(json_key(a), "a");
	assert_string_equal(json_key(c), "c");
	assert_null(json_next(c));
	assert_null(json_first(c));
	assert_true(json_is_array(a) && !json_is_object(a));
	assert_true(json_is_object(c) && !json_is_array(c));
	assert_string_equal(json_key(json_first(a)), "");
	assert_null(json_string(json_first(a)));
	assert_string_equal(json_string(json_next(json_first(a))), "b");
}

static void test_nothing(void **state)
{
	char text[JSON_SHOW];
	int64_t n = 7;
	bool b = true;

	(void)state;
	assert_null(json_get(NULL, "a"));
	assert_false(json_has(NULL, "a"));
	assert_null(json_first(NULL));
	assert_null(json_next(NULL));
	assert_string_equal(json_key(NULL), "");
	assert_false(json_is_object(NULL));
	assert_false(json_is_array(NULL));
	assert_null(json_string(NULL));
	assert_false(json_bool(NULL, &b));
	assert_false(json_integer(NULL, 0, 9, &n));
	assert_true(b);
	assert_int_equal(n, 7);
	assert_string_equal(json_show(NULL, text), "null");
}

static void test_bool(void **state)
{
	_cleanup_(json_freep) struct cJSON *tree =
		sound("{\"t\":true,\"f\":false,\"n\":1,\"s\":\"true\"}");
	bool b = false;

	(void)state;
	assert_true(json_bool(json_get(tree, "t"), &b) && b);
	assert_true(json_bool(json_get(tree, "f"), &b) && !b);
	assert_false(json_bool(json_get(tree, "n"), &b));
	assert_false(json_bool(json_get(tree, "s"), &b));
	assert_false(b);
}

static void test_integer(void **state)
{
	static const struct {
		const char *text;
		int64_t min, max;
		bool is_one;
		int64_t n;
	} numbers[] = {
		{ "{\"a\":0}", 0, 9, true, 0 },
		{ "{\"a\":-0}", 0, 9, true, 0 },
		{ "{\"a\":9}", 0, 9, true, 9 },
		{ "{\"a\":10}", 0, 9, false, 0 },
		{ "{\"a\":-1}", 0, 9, false, 0 },
		{ "{\"a\":-5}", -5, 9, true, -5 },
		{ "{\"a\":1500.0}", 0, 65535, true, 1500 },
		{ "{\"a\":1e3}", 0, 65535, true, 1000 },
		{ "{\"a\":1500.5}", 0, 65535, false, 0 },
		{ "{\"a\":1500.9}", 0, 65535, false, 0 },
		{ "{\"a\":-0.5}", -5, 5, false, 0 },
		{ "{\"a\":4294967295}", 0, UINT32_MAX, true, UINT32_MAX },
		{ "{\"a\":4294967296}", 0, UINT32_MAX, false, 0 },
		{ "{\"a\":9007199254740992}", INT64_MIN, INT64_MAX, true,
		  9007199254740992 },
		{ "{\"a\":-9007199254740992}", INT64_MIN, INT64_MAX, true,
		  -9007199254740992 },
		{ "{\"a\":9007199254740994}", INT64_MIN, INT64_MAX, false, 0 },
		{ "{\"a\":9223372036854775808}", INT64_MIN, INT64_MAX, false, 0 },
		{ "{\"a\":1e300}", INT64_MIN, INT64_MAX, false, 0 },
		{ "{\"a\":-1e300}", INT64_MIN, INT64_MAX, false, 0 },
		{ "{\"a\":\"5\"}", 0, 9, false, 0 },
		{ "{\"a\":true}", 0, 9, false, 0 },
		{ "{\"a\":[5]}", 0, 9, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		_cleanup_(json_freep) struct cJSON *tree = sound(numbers[i].text);
		int64_t n = 77;

		if (json_integer(json_get(tree, "a"), numbers[i].min, numbers[i].max,
				 &n) != numbers[i].is_one)
			fail_msg("%s", numbers[i].text);
		assert_int_equal(n, numbers[i].is_one ? numbers[i].n : 77);
	}
}

static void test_show(void **state)
{
	static const struct {
		const char *text, *shown;
	} values[] = {
		{ "{\"a\":\"abc\"}", "\"abc\"" },
		{ "{\"a\":\"a\\\"b\\n\"}", "\"a\\\"b\\n\"" },
		{ "{\"a\":1500.5}", "1500.5" },
		{ "{\"a\":-5}", "-5" },
		{ "{\"a\":true}", "true" },
		{ "{\"a\":[ ]}", "[]" },
		{ "{\"a\":{ \"b\" : [1] }}", "{\"b\":[1]}" },
		/* 63 bytes fit, one more is cut */
		{ "{\"a\":\"1234567890123456789012345678901234567890123456789012345678901\"}",
		  "\"1234567890123456789012345678901234567890123456789012345678901\"" },
		{ "{\"a\":\"12345678901234567890123456789012345678901234567890123456789012\"}",
		  "\"12345678901234567890123456789012345678901234567890123456789..." },
		/* a character is not cut in two */
		{ "{\"a\":\"1234567890123456789012345678901234567890123456789012345678\xe2\x82\xac 90\"}",
		  "\"1234567890123456789012345678901234567890123456789012345678..." },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		_cleanup_(json_freep) struct cJSON *tree = sound(values[i].text);
		char text[JSON_SHOW];

		assert_string_equal(json_show(json_get(tree, "a"), text),
				    values[i].shown);
	}
}

static void expect_at(const char *text, const struct cJSON *tree,
		      const struct cJSON *value, size_t line, size_t column)
{
	size_t l = 0, c = 0;

	assert_true(json_locate(text, strlen(text), tree, value, &l, &c));
	assert_int_equal(l, line);
	assert_int_equal(c, column);
}

static void test_locate(void **state)
{
	static const char text[] = " {\n\t\"a\" : { \"}\\\"\": [] } ,\n"
				   "\"b\":[ 1 , {\"c\":null},[[ ],\"x\"]], \"a\":2\n}\n";
	_cleanup_(json_freep) struct cJSON *tree = sound(text);
	_cleanup_(json_freep) struct cJSON *other = sound(text);
	const struct cJSON *a = json_first(tree), *b = json_next(a);
	const struct cJSON *one = json_first(b), *object = json_next(one);
	const struct cJSON *list = json_next(object);
	size_t line = 7, column = 8;

	(void)state;
	expect_at(text, tree, tree, 1, 2);
	expect_at(text, tree, a, 2, 2);
	expect_at(text, tree, json_first(a), 2, 10);
	expect_at(text, tree, b, 3, 1);
	expect_at(text, tree, one, 3, 7);
	expect_at(text, tree, object, 3, 11);
	expect_at(text, tree, json_first(object), 3, 12);
	expect_at(text, tree, list, 3, 22);
	expect_at(text, tree, json_first(list), 3, 23);
	expect_at(text, tree, json_next(json_first(list)), 3, 27);
	/* of two it is the one that is asked for */
	expect_at(text, tree, json_next(b), 3, 34);
	assert_false(json_locate(text, strlen(text), tree, other, &line, &column));
	assert_false(json_locate(text, strlen(text), tree, NULL, &line, &column));
	assert_false(json_locate(text, strlen(text), NULL, NULL, &line, &column));
	assert_int_equal(line, 7);
	assert_int_equal(column, 8);
}

static void test_is_broken(void **state)
{
	static const char text[] = "{\n\"a\": 01}";
	size_t line = 0, column = 0;

	(void)state;
	assert_false(json_is_broken("{}", 2, &line, &column));
	assert_int_equal(line, 0);
	assert_true(json_is_broken(text, strlen(text), &line, &column));
	assert_int_equal(line, 2);
	assert_int_equal(column, 7);
}

static void test_member(void **state)
{
	_cleanup_(json_freep) struct cJSON *tree =
		sound("{\"A\":1,\"a\":2,\"a\":null,\"A\":3}");
	const struct cJSON *member = json_member(tree, "a");

	(void)state;
	assert_non_null(member);
	assert_ptr_equal(member, json_next(json_next(json_first(tree))));
	assert_null(json_get(tree, "a"));
	assert_null(json_member(tree, "b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without),	  cmocka_unit_test(test_without_depth),
		cmocka_unit_test(test_sound),	  cmocka_unit_test(test_unsound),
		cmocka_unit_test(test_depth),	  cmocka_unit_test(test_wide),
		cmocka_unit_test(test_every_cut), cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_get),	  cmocka_unit_test(test_walk),
		cmocka_unit_test(test_nothing),	  cmocka_unit_test(test_bool),
		cmocka_unit_test(test_integer),	  cmocka_unit_test(test_show),
		cmocka_unit_test(test_locate),	  cmocka_unit_test(test_is_broken),
		cmocka_unit_test(test_member),	  cmocka_unit_test(test_with),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

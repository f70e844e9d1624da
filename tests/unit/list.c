/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * list.c - tests of the list of strings and of growing arrays
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "list.h"

static void test_add(void **state)
{
	_cleanup_(list_clear) struct list list = { 0 };
	char text[16] = "a";
	struct error e;

	(void)state;
	assert_false(list_has(&list, "a"));
	assert_int_equal(list_add(&list, text, &e), 0);
	strcpy(text, "changed"); /* the list has its own */
	assert_int_equal(list_add(&list, "", &e), 0);
	assert_int_equal(list_add(&list, "a", &e), 0);
	assert_int_equal(list.n, 3);
	assert_string_equal(list.v[0], "a");
	assert_string_equal(list.v[1], "");
	assert_true(list_has(&list, ""));
	assert_false(list_has(&list, "changed"));
	assert_false(list_has(&list, "A"));
}

static void test_add_many(void **state)
{
	_cleanup_(list_clear) struct list list = { 0 };
	char text[16];
	struct error e;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(text, sizeof(text), "%d", i);
		assert_int_equal(list_add(&list, text, &e), 0);
	}
	assert_int_equal(list.n, 1000);
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(text, sizeof(text), "%d", i);
		assert_string_equal(list.v[i], text);
	}
}

static void test_add_all(void **state)
{
	_cleanup_(list_clear) struct list list = { 0 }, from = { 0 }, empty = { 0 };
	struct error e;

	(void)state;
	assert_int_equal(list_add(&from, "x", &e), 0);
	assert_int_equal(list_add(&from, "y", &e), 0);
	assert_int_equal(list_add_all(&list, &from, &e), 0);
	assert_int_equal(list_add_all(&list, &empty, &e), 0);
	list_clear(&from);
	assert_int_equal(list.n, 2);
	assert_string_equal(list.v[0], "x");
	assert_string_equal(list.v[1], "y");
	assert_int_equal(list_add_all(&list, &list, &e), 0); /* doubled, not endless */
	assert_int_equal(list.n, 4);
	assert_string_equal(list.v[3], "y");
}

static void test_clear(void **state)
{
	struct list list = { 0 };
	struct error e;

	(void)state;
	list_clear(&list);
	assert_int_equal(list_add(&list, "x", &e), 0);
	list_clear(&list);
	assert_null(list.v);
	assert_int_equal(list.n, 0);
	assert_int_equal(list_add(&list, "y", &e), 0); /* fit for use again */
	list_clear(&list);
}

struct pair {
	uint64_t a, b, c;
};

static void test_grow(void **state)
{
	_cleanup_(freep) struct pair *pairs = NULL;
	struct error e;

	(void)state;
	for (size_t n = 0; n < 300; n++) {
		assert_int_equal(list_grow(&pairs, n, sizeof(*pairs), &e), 0);
		pairs[n] = (struct pair){ n, n, n };
	}
	for (size_t n = 0; n < 300; n++)
		assert_int_equal(pairs[n].c, n);
}

/* AddressSanitizer would end the program where realloc() only says no. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void test_grow_too_large(void **state)
{
	static const size_t huge[][2] = {
		{ (SIZE_MAX >> 1) + 1, 1 }, /* twice n overflows */
		{ (SIZE_MAX >> 3) + 1, 8 }, /* the bytes overflow */
		{ (SIZE_MAX >> 4) + 1, 4 }, /* no such memory */
	};
	_cleanup_(freep) char *array = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT(huge); i++) {
		struct error e = { 0 };
		char *before;

		assert_int_equal(list_grow(&array, 0, 1, &e), 0);
		before = array;
		assert_int_equal(list_grow(&array, huge[i][0], huge[i][1], &e), -1);
		assert_int_equal(e.code, ERROR_MEMORY);
		assert_ptr_equal(array, before);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),	cmocka_unit_test(test_add_many),
		cmocka_unit_test(test_add_all), cmocka_unit_test(test_clear),
		cmocka_unit_test(test_grow),	cmocka_unit_test(test_grow_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

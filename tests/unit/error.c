/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * error.c - tests of error texts: whole, clean, never longer than their place
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "error.h"

static void assert_cleaned(const char *dirty, const char *expected)
{
	char text[64];

	assert_true(strlen(dirty) < sizeof(text));
	strcpy(text, dirty);
	error_clean(text);
	assert_string_equal(text, expected);
}

static void test_clean_keeps_text(void **state)
{
	(void)state;
	assert_cleaned("", "");
	assert_cleaned("plain ~ text", "plain ~ text");
	assert_cleaned("caf\xc3\xa9", "caf\xc3\xa9");
	assert_cleaned("\xe2\x82\xac \xf0\x9f\x98\x80", "\xe2\x82\xac \xf0\x9f\x98\x80");
	assert_cleaned("\xc2\xa0", "\xc2\xa0");		/* the first behind C1 */
	assert_cleaned("\xed\x9f\xbf", "\xed\x9f\xbf"); /* the last before surrogates */
	assert_cleaned("\xee\x80\x80", "\xee\x80\x80"); /* the first behind them */
	assert_cleaned("\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"); /* U+10FFFF */
}

static void test_clean_control(void **state)
{
	(void)state;
	assert_cleaned("a\nb\tc\rd", "a?b?c?d");
	assert_cleaned("\x01\x1b[31m\x7f", "??[31m?");
	assert_cleaned("\xc2\x9b"
		       "31m",
		       "??31m"); /* C1: CSI in one character */
	assert_cleaned("\xc2\x80", "??");
}

static void test_clean_broken_utf8(void **state)
{
	(void)state;
	assert_cleaned("\xff"
		       "a\xfe",
		       "?a?");
	assert_cleaned("\x80", "?"); /* a continuation alone */
	assert_cleaned("\xc3", "?"); /* ends too early */
	assert_cleaned("\xe2\x82", "??");
	assert_cleaned("\xf0\x9f\x98", "???");
	assert_cleaned("\xe2\x82"
		       "a",
		       "??a");
	assert_cleaned("\xe2\xc3\xa9", "?\xc3\xa9"); /* what follows is whole again */
	assert_cleaned("\xc0\xaf", "??");	     /* overlong '/' */
	assert_cleaned("\xc1\xbf", "??");
	assert_cleaned("\xe0\x9f\xbf", "???");
	assert_cleaned("\xf0\x8f\xbf\xbf", "????");
	assert_cleaned("\xed\xa0\x80", "???");	    /* a surrogate */
	assert_cleaned("\xf4\x90\x80\x80", "????"); /* behind U+10FFFF */
	assert_cleaned("\xf5\x80\x80\x80", "????");
}

static void test_set(void **state)
{
	struct error e;

	(void)state;
	memset(&e, 'x', sizeof(e));
	assert_int_equal(error_set(&e, ERROR_CONFIG, "\"mtu\": %d is negative", -1), -1);
	assert_int_equal(e.code, ERROR_CONFIG);
	assert_string_equal(e.msg, "\"mtu\": -1 is negative");
	assert_string_equal(e.details, "");
	assert_int_equal(error_set(&e, ERROR_CONFIG, "%s", "two\nlines"), -1);
	assert_string_equal(e.msg, "two?lines");
}

static void test_set_quotes_itself(void **state)
{
	struct error e;

	(void)state;
	(void)error_set(&e, ERROR_IO, "first");
	(void)error_set(&e, ERROR_KERNEL, "then %s, %s", e.msg, e.msg);
	assert_string_equal(e.msg, "then first, first");
}

/* @text: room for @n bytes of @filler and a NUL. */
static const char *repeat(char *text, char filler, size_t n)
{
	memset(text, filler, n);
	text[n] = '\0';
	return text;
}

static void test_set_cuts_the_tail(void **state)
{
	char fits[ERROR_TEXT], longer[2 * ERROR_TEXT];
	struct error e;

	(void)state;
	(void)error_set(&e, ERROR_IO, "%s", repeat(fits, 'a', ERROR_TEXT - 1));
	assert_string_equal(e.msg, fits);
	(void)error_set(&e, ERROR_IO, "%s", repeat(longer, 'a', sizeof(longer) - 1));
	assert_string_equal(e.msg, fits);
}

static void test_cut_within_a_character(void **state)
{
	char filler[ERROR_TEXT];
	struct error e;

	(void)state;
	(void)error_set(&e, ERROR_IO, "%s\xe2\x82\xac",
			repeat(filler, 'a', ERROR_TEXT - 3));
	assert_int_equal(strlen(e.msg), ERROR_TEXT - 1);
	assert_string_equal(e.msg + ERROR_TEXT - 4, "a??");

	(void)error_set(&e, ERROR_IO, "\xc3\xa9");
	(void)error_wrap(&e, "%s", repeat(filler, 'b', ERROR_TEXT - 4));
	assert_int_equal(strlen(e.msg), ERROR_TEXT - 1);
	assert_string_equal(e.msg + ERROR_TEXT - 5, "b: ?");
}

static void test_sys(void **state)
{
	static const struct {
		int errnum;
		enum error_code code;
		const char *msg;
	} cases[] = {
		{ EAGAIN, ERROR_AGAIN, "open lock: Resource temporarily unavailable" },
		{ EBUSY, ERROR_AGAIN, "open lock: Device or resource busy" },
		{ ENOBUFS, ERROR_AGAIN, "open lock: No buffer space available" },
		{ ENOMEM, ERROR_MEMORY, "open lock: Cannot allocate memory" },
		{ ENOENT, ERROR_IO, "open lock: No such file or directory" },
		{ EPERM, ERROR_IO, "open lock: Operation not permitted" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error e = { .details = "old" };

		assert_int_equal(error_sys(&e, cases[i].errnum, "open %s", "lock"), -1);
		assert_int_equal(e.code, cases[i].code);
		assert_string_equal(e.msg, cases[i].msg);
		assert_string_equal(e.details, "");
	}
}

static void test_wrap(void **state)
{
	struct error e;

	(void)state;
	(void)error_set(&e, ERROR_KERNEL, "kernel: File exists");
	(void)error_details(&e, "kept");
	assert_int_equal(error_wrap(&e, "connect the %s", "container"), -1);
	assert_int_equal(error_wrap(&e, "ADD"), -1);
	assert_int_equal(e.code, ERROR_KERNEL);
	assert_string_equal(e.msg, "ADD: connect the container: kernel: File exists");
	assert_string_equal(e.details, "kept");
}

static void test_wrap_cuts_the_tail(void **state)
{
	char filler[ERROR_TEXT], cause[ERROR_TEXT];
	struct error e;

	(void)state;
	(void)error_set(&e, ERROR_IO, "%s", repeat(cause, 'c', ERROR_TEXT - 1));
	(void)error_wrap(&e, "why");
	assert_int_equal(strlen(e.msg), ERROR_TEXT - 1);
	assert_memory_equal(e.msg, "why: ccc", 8);
	(void)error_wrap(&e, "%s", repeat(filler, 'w', ERROR_TEXT - 1));
	assert_string_equal(e.msg, filler); /* no room for the cause at all */
}

static void test_details(void **state)
{
	struct error e;

	(void)state;
	(void)error_set(&e, ERROR_ENVIRONMENT, "bad container ID");
	assert_int_equal(error_details(&e, "%s", "../x\n"), -1);
	assert_string_equal(e.msg, "bad container ID");
	assert_string_equal(e.details, "../x?");
}

static void test_join(void **state)
{
	struct error all, none, one, e = { .msg = "old" };

	(void)state;
	error_none(&all);
	error_none(&none);
	error_join(&all, &none);
	assert_int_equal(all.code, 0);
	assert_int_equal(error_gathered(&all, &e), 0);
	assert_string_equal(e.msg, "old");
	(void)error_set(&one, ERROR_KERNEL, "first");
	error_join(&all, &one);
	(void)error_set(&one, ERROR_IO, "second");
	(void)error_details(&one, "more");
	error_join(&all, &one);
	error_join(&all, &none);
	assert_int_equal(all.code, ERROR_KERNEL);
	assert_string_equal(all.msg, "first; second");
	assert_string_equal(all.details, "more");
	error_join(&all, &one);
	assert_string_equal(all.msg, "first; second; second");
	assert_string_equal(all.details, "more; more");
	assert_int_equal(error_gathered(&all, &e), -1);
	assert_int_equal(e.code, ERROR_KERNEL);
	assert_string_equal(e.msg, "first; second; second");
}

static void test_join_overflows(void **state)
{
	struct error all = { 0 }, one;

	(void)state;
	(void)error_set(&one, ERROR_IO, "0123456789");
	for (int i = 0; i < ERROR_TEXT / 10; i++)
		error_join(&all, &one);
	assert_int_equal(strlen(all.msg), ERROR_TEXT - 1);
	assert_memory_equal(all.msg, "0123456789; 0123456789; ", 24);
}

static void test_foreign(void **state)
{
	struct error e, all = { 0 };

	(void)state;
	memset(&e, 'x', sizeof(e));
	assert_int_equal(error_foreign(&e, 123, "two\nlines", "a\tb"), -1);
	assert_int_equal(e.code, 123);
	assert_string_equal(e.msg, "two\nlines");
	assert_string_equal(e.details, "a\tb");
	(void)error_wrap(&e, "context");
	(void)error_details(&e, "more");
	assert_string_equal(e.msg, "two\nlines");
	assert_string_equal(e.details, "a\tb");
	error_join(&all, &e);
	assert_true(all.foreign);
	assert_string_equal(all.msg, "two\nlines");
	(void)error_set(&e, ERROR_IO, "ours");
	assert_false(e.foreign);
	(void)error_wrap(&e, "context");
	assert_string_equal(e.msg, "context: ours");
	error_join(&all, &e);
	assert_false(all.foreign);
	assert_int_equal(all.code, 123);
	assert_string_equal(all.msg, "two?lines; context: ours");
}

static void test_foreign_is_cut_between_characters(void **state)
{
	char longer[2 * ERROR_TEXT];
	struct error e;

	(void)state;
	(void)error_foreign(&e, 1, repeat(longer, 'a', ERROR_TEXT - 1), "");
	assert_string_equal(e.msg, longer);
	memcpy(longer + ERROR_TEXT - 3, "\xe2\x82\xac", sizeof("\xe2\x82\xac"));
	(void)error_foreign(&e, 1, "", longer);
	assert_int_equal(strlen(e.details), ERROR_TEXT - 3);
	assert_string_equal(e.msg, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean_keeps_text),
		cmocka_unit_test(test_clean_control),
		cmocka_unit_test(test_clean_broken_utf8),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_set_quotes_itself),
		cmocka_unit_test(test_set_cuts_the_tail),
		cmocka_unit_test(test_cut_within_a_character),
		cmocka_unit_test(test_sys),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_wrap_cuts_the_tail),
		cmocka_unit_test(test_details),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_foreign_is_cut_between_characters),
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_join_overflows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

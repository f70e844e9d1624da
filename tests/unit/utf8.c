/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * utf8.c - tests of utf8.h
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cleanup.h"
#include "utf8.h"

/* Write @rune with @n bytes, be they too many.  Return: @n. */
static size_t encode(unsigned char *s, uint32_t rune, size_t n)
{
	static const unsigned char leads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = n; i-- > 1; rune >>= 6)
		s[i] = (unsigned char)(0x80 | (rune & 0x3f));
	s[0] = (unsigned char)(leads[n] | rune);
	return n;
}

static size_t bytes_of(uint32_t rune)
{
	return rune < 0x80 ? 1 : rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4;
}

static void every_character_has_its_length(void **state)
{
	(void)state;
	for (uint32_t rune = 0; rune < 0x200000; rune++) {
		unsigned char s[UTF8_MAX + 1] = { 0 };
		const size_t n = encode(s, rune, bytes_of(rune));
		const bool fine = rune < 0x110000 && (rune < 0xd800 || rune > 0xdfff);

		assert_int_equal(utf8_length(s, UTF8_MAX), fine ? n : 0);
		if (n > 1)
			assert_int_equal(utf8_length(s, n - 1), 0);
	}
}

static void no_character_has_more_bytes_than_it_needs(void **state)
{
	(void)state;
	for (uint32_t rune = 0; rune < 0x10000; rune++) {
		unsigned char s[UTF8_MAX];

		for (size_t n = bytes_of(rune) + 1; n <= UTF8_MAX; n++) {
			encode(s, rune, n);
			assert_int_equal(utf8_length(s, n), 0);
		}
	}
}

static void nothing_else_continues(void **state)
{
	(void)state;
	for (unsigned int byte = 0; byte < 256; byte++) {
		unsigned char s[] = { 0xc3, 0, 0 };

		s[1] = (unsigned char)byte;
		assert_int_equal(utf8_continues((char)byte), byte >= 0x80 && byte < 0xc0);
		assert_int_equal(utf8_length(s, 2), utf8_continues((char)byte) ? 2 : 0);
	}
}

static void a_cut_is_between_two_characters(void **state)
{
	static const char text[] = "a\xe2\x82\xac!";
	static const size_t cuts[] = { 0, 1, 1, 1, 4, 5 };

	(void)state;
	for (size_t i = 0; i < COUNT(cuts); i++)
		assert_int_equal(utf8_cut(text, i), cuts[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_character_has_its_length),
		cmocka_unit_test(no_character_has_more_bytes_than_it_needs),
		cmocka_unit_test(nothing_else_continues),
		cmocka_unit_test(a_cut_is_between_two_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table.c - tests of rows of texts in aligned columns
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "table.h"

static void assert_printed(const struct table *table, const char *wanted)
{
	_cleanup_(freep) char *text = NULL;
	struct error e = { 0 };
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	assert_non_null(to);
	assert_int_equal(table_print(table, to, &e), 0);
	assert_int_equal(fclose(to), 0);
	assert_string_equal(text, wanted);
}

static void add_row(struct table *table, const char *a, const char *b, const char *c)
{
	table_add(table, "%s", a);
	table_add(table, "%s", b);
	table_add(table, "%s", c);
}

static void test_columns(void **state)
{
	_cleanup_(table_clear) struct table table = { .columns = 3 };

	(void)state;
	add_row(&table, "A", "B", "C");
	add_row(&table, "long", "x", "y");
	add_row(&table, "z", "longest", "end");
	assert_printed(&table, "A     B        C\n"
			       "long  x        y\n"
			       "z     longest  end\n");
}

static void test_empty(void **state)
{
	_cleanup_(table_clear) struct table table = { .columns = 3 };

	(void)state;
	assert_printed(&table, "");
	add_row(&table, "", "b", "");
	assert_printed(&table, "-  b  -\n");
}

/* Columns are aligned by characters, and a terminal gets no control bytes. */
static void test_bytes(void **state)
{
	_cleanup_(table_clear) struct table table = { .columns = 3 };

	(void)state;
	add_row(&table, "\xc3\xa9t\xc3\xa9", "1", "2");
	add_row(&table, "a\033[b\n", "3", "4\t");
	assert_printed(&table, "\xc3\xa9t\xc3\xa9    1  2\n"
			       "a?[b?  3  4?\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

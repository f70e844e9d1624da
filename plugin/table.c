/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table.c - rows of texts in aligned columns, for people
 */
#include "table.h"

#include <stdarg.h>
#include <string.h>

#include "utf8.h"

#define GAP 2
#define EMPTY "-"

void table_add(struct table *table, const char *format, ...)
{
	_cleanup_(freep) char *text = NULL;
	struct error unheard;
	va_list arguments;
	int len;

	va_start(arguments, format);
	len = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (len < 0) {
		text = NULL;
		table->failed = true;
		return;
	}
	error_clean(text);
	if (list_add(&table->cells, *text ? text : EMPTY, &unheard) < 0)
		table->failed = true;
}

/* How many characters a text has: every byte of UTF-8 that begins one. */
static size_t width(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += !utf8_continues(*text);
	return n;
}

static size_t width_of_column(const struct table *table, size_t column)
{
	size_t widest = 0;

	for (size_t i = column; i < table->cells.n; i += table->columns) {
		size_t one = width(table->cells.v[i]);

		widest = one > widest ? one : widest;
	}
	return widest;
}

int table_print(const struct table *table, FILE *to, struct error *e)
{
	_cleanup_(freep) size_t *widths = calloc(table->columns, sizeof(*widths));

	if (table->failed || !widths)
		return error_set(e, ERROR_MEMORY, "out of memory for a table");
	for (size_t column = 0; column < table->columns; column++)
		widths[column] = width_of_column(table, column);
	for (size_t i = 0; i < table->cells.n; i++) {
		const char *text = table->cells.v[i];
		size_t column = i % table->columns;
		bool last = column + 1 == table->columns;

		(void)fprintf(to, "%s%*s", text,
			      last ? 0 : (int)(widths[column] - width(text) + GAP),
			      last ? "\n" : "");
	}
	return 0;
}

void table_clear(struct table *table)
{
	list_clear(&table->cells);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table.h - rows of texts in aligned columns, for people
 *
 *	struct table table = { .columns = 2 };
 *
 *	table_add(&table, "NETWORK");
 *	table_add(&table, "BRIDGE");
 *	table_add(&table, "%s", network);
 *	table_add(&table, "%s", bridge);
 *	table_print(&table, stdout);
 *
 * Cells are added row by row; like a writer, a table never fails half way: when
 * memory runs out table_print() says so, once, at the end.
 */
#ifndef FOOTBRIDGE_TABLE_H
#define FOOTBRIDGE_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "list.h"

struct table {
	size_t columns;		/* at least 1 */
	struct list cells;	/* row by row */
	bool failed;
};

/*
 * Add the next cell, of one line: bytes that no terminal should get become '?'.
 * An empty one is printed as "-".
 */
void table_add(struct table *table, const char *format, ...) _printf_(2, 3);

/*
 * Print all rows, two blanks between columns and none at a line's end.
 * Return: 0; -1 with ERROR_MEMORY, and nothing is printed.
 */
int table_print(const struct table *table, FILE *to, struct error *e) _must_check_;

/* Release the cells.  For _cleanup_. */
void table_clear(struct table *table);

#endif

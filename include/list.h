/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * list.h - a list of strings that owns them
 */
#ifndef FOOTBRIDGE_LIST_H
#define FOOTBRIDGE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

/* {0} is an empty list. */
struct list {
	char **v;
	size_t n;
};

/* Append a copy of @text.  Return: 0, or -1 with ERROR_MEMORY. */
int list_add(struct list *list, const char *text, struct error *e) _must_check_;

/* Append copies of all of @from.  Return: 0, or -1 with ERROR_MEMORY. */
int list_add_all(struct list *list, const struct list *from, struct error *e) _must_check_;

bool list_has(const struct list *list, const char *text);

/* Free the strings; the list is empty afterwards.  For _cleanup_. */
void list_clear(struct list *list);

/*
 * Make room for one more element of @size bytes in an array of @n: grown in
 * powers of two, so that adding is cheap.
 * @array: a pointer to the array pointer (`&r->ips`); moved when it grows.
 * Return: 0, or -1 with ERROR_MEMORY and the array unchanged.
 */
int list_grow(void *array, size_t n, size_t size, struct error *e) _must_check_;

#endif

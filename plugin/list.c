/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * list.c - a list of strings that owns them
 */
#include "list.h"

#include <stdlib.h>
#include <string.h>

/*
 * The array's room is not stored: it is the power of two at or above n, so
 * there is none left exactly when n is 0 or a power of two itself.
 */
int list_grow(void *array, size_t n, size_t size, struct error *e)
{
	size_t bytes, room = n ? n : 1;
	void *old, *grown;

	if (n & (n - 1))
		return 0;
	if ((n && __builtin_mul_overflow(n, 2, &room)) ||
	    __builtin_mul_overflow(room, size, &bytes))
		return error_set(e, ERROR_MEMORY,
				 "out of memory: %zu elements of %zu bytes", n, size);
	/* As bytes: @array is a T ** of any T, which no void * may alias. */
	memcpy(&old, array, sizeof(old));
	grown = realloc(old, bytes);
	if (!grown)
		return error_set(e, ERROR_MEMORY, "out of memory: %zu bytes for a list",
				 bytes);
	memcpy(array, &grown, sizeof(grown));
	/* cppcheck-suppress memleak; it went where the array was */
	return 0;
}

int list_add(struct list *list, const char *text, struct error *e)
{
	char *copy;

	if (list_grow(&list->v, list->n, sizeof(*list->v), e) < 0)
		return -1;
	copy = strdup(text);
	if (!copy)
		return error_set(e, ERROR_MEMORY, "out of memory: %zu bytes for a text",
				 strlen(text) + 1);
	list->v[list->n++] = copy;
	return 0;
}

int list_add_all(struct list *list, const struct list *from, struct error *e)
{
	size_t n = from->n; /* @from may be @list */

	for (size_t i = 0; i < n; i++)
		if (list_add(list, from->v[i], e) < 0)
			return -1;
	return 0;
}

bool list_has(const struct list *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], text) == 0)
			return true;
	return false;
}

void list_clear(struct list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i]);
	free(list->v);
	*list = (struct list){ 0 };
}

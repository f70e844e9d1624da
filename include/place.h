/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * place.h - where a value stands in a JSON document, and what is wrong with it
 *
 * A place is a chain of keys and indices up to the document, its links on the
 * stacks of those who walk down.  It is spelled ("ipam.ranges[0][1].subnet")
 * only when there is something to say about it.
 */
#ifndef FOOTBRIDGE_PLACE_H
#define FOOTBRIDGE_PLACE_H

#include <stddef.h>

#include "error.h"

#define PLACE_TEXT 128	/* enough for any path of known keys and two indices */

struct cJSON;

/* Who wants to know of everything that is wrong, not of the first alone. */
struct listener {
	void (*hear)(const struct error *e, void *arg);
	void *arg;
};

/*
 * NULL stands for the document itself; so does a place with the key "" and nothing
 * around it, at which a listener may stand.
 */
struct place {
	const struct place *in;
	const char *key;	/* NULL: an element of a list */
	size_t index;
	const struct listener *listener;	/* of the whole document; NULL = nobody */
};

/* "ipam.ranges[0][1].subnet"; "" for the document.  Return: @text. */
const char *place_print(const struct place *at, char text[static PLACE_TEXT]);

/* "path": <message>; for the document the message alone.  Return: -1. */
int place_error(const struct place *at, struct error *e, enum error_code code,
		const char *format, ...) _printf_(4, 5);

/* "path": <value> <trouble>, like `"mtu": -1 is not a whole number`.  Return: -1. */
int place_refuse(const struct place *at, const struct cJSON *value, struct error *e,
		 enum error_code code, const char *trouble, ...) _printf_(5, 6);

/*
 * Something is wrong in @at: tell the document's listener, so that the walk can go
 * on with what comes next (and fail in the end).
 * Return: 0, and e->code is 0, for nothing is left to tell; -1 where nobody
 * listens, or memory ran out, and *e is as it was.
 */
int place_tell(const struct place *at, struct error *e) _must_check_;

/*
 * The value at a path that place_print() has spelled, as far down as there is one.
 * @len: of the path, in bytes.
 * Return: lent by the tree; @tree itself for "".
 */
const struct cJSON *place_find(const struct cJSON *tree, const char *path, size_t len);

#endif

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

/* NULL stands for the document itself. */
struct place {
	const struct place *in;
	const char *key;	/* NULL: an element of a list */
	size_t index;
};

/* "ipam.ranges[0][1].subnet"; "" for the document.  Return: @text. */
const char *place_print(const struct place *at, char text[static PLACE_TEXT]);

/* "path": <message>; for the document the message alone.  Return: -1. */
int place_error(const struct place *at, struct error *e, enum error_code code,
		const char *format, ...) _printf_(4, 5);

/* "path": <value> <trouble>, like `"mtu": -1 is not a whole number`.  Return: -1. */
int place_refuse(const struct place *at, const struct cJSON *value, struct error *e,
		 enum error_code code, const char *trouble, ...) _printf_(5, 6);

#endif

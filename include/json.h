/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json.h - reading JSON the way the runtimes' own language does
 *
 * The one door to cJSON.  What goes through it behaves like Go's
 * encoding/json, which every runtime uses: a key matches exactly first and else
 * without regard to case, of duplicates the last wins, null is "unset".  What
 * cJSON would let pass is refused before it gets there: bytes after the
 * document, NUL and control bytes, broken UTF-8, "\u0000", numbers like 01 or
 * 1., and nesting deeper than 64.
 *
 * A value is a `const struct cJSON *` lent by the tree; NULL is "not there",
 * and every function here accepts it.
 */
#ifndef FOOTBRIDGE_JSON_H
#define FOOTBRIDGE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

#define JSON_SHOW 64	/* enough for any json_show() */

struct cJSON;

/*
 * Parse one whole document, which must be an object.
 * @text, @len: the bytes; need not end in NUL.
 * @ret: the tree; the caller releases it with json_freep().
 * Return: 0; -1 with ERROR_DECODE naming the place, or ERROR_MEMORY.
 */
int json_parse(const char *text, size_t len, struct cJSON **ret, struct error *e) _must_check_;

/*
 * Parse a document of which some members may hold anything, as long as its strings and
 * brackets end: they become null.
 * @members: keys of the object, as the document writes them; ends with NULL.
 */
int json_parse_without(const char *text, size_t len, const char *const members[],
		       struct cJSON **ret, struct error *e) _must_check_;

/*
 * Where a document is broken, as json_locate() tells it.
 * Return: whether it is; *line and *column are set only then.
 */
bool json_is_broken(const char *text, size_t len, size_t *line, size_t *column) _must_check_;

/* Release a tree.  For _cleanup_. */
void json_freep(struct cJSON **tree);

/* The member @key of an object.  Return: NULL where there is none or it is null. */
const struct cJSON *json_get(const struct cJSON *object, const char *key);

/* The member of exactly this key, be it null.  Return: NULL where there is none. */
const struct cJSON *json_exact(const struct cJSON *object, const char *key);

/* The member that json_get() reads, be it null.  Return: NULL where there is none. */
const struct cJSON *json_member(const struct cJSON *object, const char *key);

/* Is the member there at all, be it null?  ("null" and "absent" differ for GC.) */
bool json_has(const struct cJSON *object, const char *key);

/* Members of an object or array in order; NULL at the end. */
const struct cJSON *json_first(const struct cJSON *value);
const struct cJSON *json_next(const struct cJSON *value);

/* The key of an object's member.  Return: "" for an array's. */
const char *json_key(const struct cJSON *value);

bool json_is_object(const struct cJSON *value);
bool json_is_array(const struct cJSON *value);

/* Return: the string, lent by the tree; NULL where the value is not a string. */
const char *json_string(const struct cJSON *value);

/* Return: whether the value is true or false; *ret is set only then. */
bool json_bool(const struct cJSON *value, bool *ret) _must_check_;

/* Return: whether the value is a whole number in min..max; *ret is set only then. */
bool json_integer(const struct cJSON *value, int64_t min, int64_t max, int64_t *ret) _must_check_;

/*
 * Where a value stands, as an editor counts: from 1, columns in bytes.  Of an
 * object's member that is its key.
 * @text, @len: the document that @tree was made of.
 * Return: whether @value is in the tree; *line and *column are set only then.
 */
bool json_locate(const char *text, size_t len, const struct cJSON *tree,
		 const struct cJSON *value, size_t *line, size_t *column) _must_check_;

/* The value as it stands in the document, cut to fit a message.  Return: @text. */
const char *json_show(const struct cJSON *value, char text[static JSON_SHOW]);

/*
 * The object as a text, with these members set to strings in place of those of
 * that name.  Whole numbers are written in digits (beyond 2^53 as cJSON does).
 * @members: @n pairs of key and string.
 * Return: the text, which the caller frees; NULL without memory.
 */
char *json_with(const struct cJSON *object, const char *const members[][2], size_t n);

/* The same with values of any kind: @members: pairs of key and JSON text, which is not checked. */
char *json_with_values(const struct cJSON *object, const char *const members[][2], size_t n);

#endif

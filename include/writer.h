/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * writer.h - writing JSON, laid out as Go's encoding/json with four spaces
 *
 * A writer never fails half way: when memory runs out it remembers that and
 * ignores the rest, and writer_text() says so once, at the end.
 *
 *	struct writer w = { 0 };
 *
 *	writer_open(&w, NULL, '{');
 *	writer_string(&w, "cniVersion", "1.0.0");
 *	writer_close(&w, '}');
 */
#ifndef FOOTBRIDGE_WRITER_H
#define FOOTBRIDGE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

/* {0} is an empty document. */
struct writer {
	char *text;
	size_t len, size;
	unsigned int depth;
	bool has_member;	/* the open object or array has one already */
	bool failed;
};

/* Open an object ('{') or array ('[').  @key: NULL inside an array and at the top. */
void writer_open(struct writer *w, const char *key, char bracket);

/* Close it; an empty one is written {} or []. */
void writer_close(struct writer *w, char bracket);

/* Control bytes, '"' and '\' are escaped; broken UTF-8 becomes U+FFFD. */
void writer_string(struct writer *w, const char *key, const char *value);
void writer_integer(struct writer *w, const char *key, int64_t value);
void writer_bool(struct writer *w, const char *key, bool value);

/* The document.  Return: the text, owned by the writer; NULL where memory ran out. */
const char *writer_text(const struct writer *w);

/* Release the text.  For _cleanup_. */
void writer_clear(struct writer *w);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * review.h - what is wrong with a network configuration in a file
 *
 * A list of plugins, as in a .conflist, or one plugin, as in a .conf: what the
 * runtime would refuse, what our plugins' ADD would refuse, keys that nobody reads,
 * and keys that are given twice.  Keys of a plugin that differ from a known one in
 * case alone are read by all plugins there are, so nothing is said of them; those of
 * the list itself are not (frame.h).
 */
#ifndef FOOTBRIDGE_REVIEW_H
#define FOOTBRIDGE_REVIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

#define REVIEW_MAX 100	/* findings; no more are told */

struct finding {
	size_t line, column;	/* from 1, columns in bytes; 0 = nowhere in particular */
	char *path;		/* "plugins[0].ipam.subnet"; "" = the document */
	char *text;		/* the sentence */
	bool note;		/* nothing is wrong: it could not be looked at */
};

/* {0} is an empty review. */
struct review {
	struct finding *v;	/* in the order of lines */
	size_t n;
	bool is_list;		/* the document has "plugins" */
	bool is_cut;		/* there was more than REVIEW_MAX */
};

/*
 * Look at a document.
 * @name: of its file; as libcni does it, whether it is to be a list goes by the ending.
 * @ret: filled on success; the caller releases it with review_clear().
 * Return: 0, whatever was found; -1 with ERROR_MEMORY.
 */
int review_document(const char *name, const char *text, size_t len, struct review *ret,
		    struct error *e) _must_check_;

/* Is anything wrong?  (Notes do not count.) */
bool review_found(const struct review *review);

/* For _cleanup_. */
void review_clear(struct review *review);

#endif

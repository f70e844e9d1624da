/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frame.h - the keys of a configuration file itself, as runtimes read them
 *
 * Of a list libcni reads keys that are spelled exactly so, and null is a value that it
 * refuses (NetworkConfFromBytes() in its conf.go).  One plugin's object is read as
 * plugins do it: without regard to case, and null is unset.
 */
#ifndef FOOTBRIDGE_FRAME_H
#define FOOTBRIDGE_FRAME_H

#include <stdbool.h>

#include "error.h"

struct cJSON;
struct listener;

struct frame {
	const struct cJSON *tree;	/* lent */
	const char *ending;		/* of the file's name, from its dot on; lent */
	bool is_conflist;		/* so it ends */
	bool is_list;			/* of plugins; else one plugin's object */
};

/*
 * Of a document that has been read.
 * @path: of its file, NULL = it has none.  What is called .conflist is a list without
 * "plugins", too, unless it has a "type".
 */
struct frame frame_of(const struct cJSON *tree, const char *path);

/*
 * libcni chooses by the ending how a file is read, and refuses what it then does not find
 * (ConfFromFile(), ConfListFromFile() in its conf.go).
 * Return: what is wrong with the name, a sentence; NULL where nothing is.
 */
const char *frame_misnamed(const struct frame *frame);

/* The member that a runtime reads; of a list, be it null.  Return: NULL where there is none. */
const struct cJSON *frame_member(const struct frame *frame, const char *key);

/* Is it switched on: true, or in a list "true"? */
bool frame_is_on(const struct frame *frame, const char *key);

/*
 * The version that the plugins are told: the highest of a list's "cniVersions" and
 * "cniVersion" that is no later than our latest.
 * Return: a member, or an element; NULL where there is none.
 */
const struct cJSON *frame_version(const struct frame *frame);

/*
 * What of a list's own keys, but "plugins", a runtime would refuse.
 * @listener: hears all of it; NULL = the first is *e.
 * Return: 0, whatever has been heard; -1.
 */
int frame_check(const struct frame *frame, const struct listener *listener,
		struct error *e) _must_check_;

#endif

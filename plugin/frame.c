/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frame.c - the keys of a configuration file itself, as runtimes read them
 */
#include "frame.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "json.h"
#include "place.h"
#include "version.h"

#define PART_DIGITS 5

#define CONFLIST ".conflist"

struct frame frame_of(const struct cJSON *tree, const char *path)
{
	const char *ending = path ? strrchr(path, '.') : NULL;
	const bool conflist = ending && strcmp(ending, CONFLIST) == 0;

	return (struct frame){
		.tree = tree,
		.ending = ending ? ending : "",
		.is_conflist = conflist,
		.is_list = json_has(tree, "plugins") ||
			   (conflist && !json_has(tree, "type")),
	};
}

const char *frame_misnamed(const struct frame *frame)
{
	if (frame->is_list &&
	    (strcmp(frame->ending, ".conf") == 0 || strcmp(frame->ending, ".json") == 0))
		return "this is a list of plugins: runtimes read it only under a name "
		       "that ends in .conflist";
	if (!frame->is_list && frame->is_conflist)
		return "this is no list of plugins: runtimes read it only under a name "
		       "that ends in .conf or .json";
	return NULL;
}

const struct cJSON *frame_member(const struct frame *frame, const char *key)
{
	return frame->is_list ? json_exact(frame->tree, key) : json_get(frame->tree, key);
}

/* Return: whether it is one; *ret is set only then. */
static bool read_switch(const struct cJSON *value, bool *ret)
{
	const char *text = json_string(value);

	if (!text)
		return json_bool(value, ret);
	*ret = strcasecmp(text, "true") == 0;
	return *ret || strcasecmp(text, "false") == 0;
}

bool frame_is_on(const struct frame *frame, const char *key)
{
	bool on = false;

	return read_switch(frame_member(frame, key), &on) && on;
}

/*
 * A version as libcni reads it: "1" and "1.0" are 1.0.0, "" is 0.1.0.
 * Return: a number, the higher the later; -1 for what is none.
 */
static int64_t number_of(const char *text)
{
	int64_t number[3] = { 0 };

	if (!*text)
		text = version_text(VERSION_0_1_0);
	for (int i = 0; i < 3; i++) {
		const size_t digits = strspn(text, "0123456789");

		if (digits == 0 || digits > PART_DIGITS)
			return -1;
		number[i] = strtol(text, NULL, 10);
		text += digits;
		if (!*text)
			return (number[0] * 100000 + number[1]) * 100000 + number[2];
		if (*text++ != '.')
			return -1;
	}
	return -1;
}

/* The same of a value; -1 also for one that is later than any of ours. */
static int64_t usable(const struct cJSON *value)
{
	const char *text = json_string(value);
	const int64_t number = text ? number_of(text) : -1;

	return number <= number_of(version_text(VERSION_LATEST)) ? number : -1;
}

const struct cJSON *frame_version(const struct frame *frame)
{
	const struct cJSON *best = frame_member(frame, "cniVersion"), *one;
	const char *text = json_string(best);

	/* the plugins refuse it */
	if (!frame->is_list || (text && number_of(text) < 0))
		return best;
	one = frame_member(frame, "cniVersions");
	if (!json_is_array(one))
		return best;
	for (one = json_first(one); one; one = json_next(one)) {
		if (usable(one) > usable(best))
			best = one;
	}
	return best;
}

/* Checks. */

static int check_string(const struct cJSON *value, const struct place *at,
			struct error *e)
{
	if (json_string(value))
		return 0;
	return place_refuse(at, value, e, ERROR_CONFIG, "is not a string");
}

static int check_switch(const struct cJSON *value, const struct place *at,
			struct error *e)
{
	bool on;

	if (read_switch(value, &on))
		return 0;
	return place_refuse(at, value, e, ERROR_CONFIG, "is neither true nor false");
}

static int check_versions(const struct cJSON *value, const struct place *at,
			  struct error *e)
{
	struct place each = { .in = at };

	if (!json_is_array(value))
		return place_refuse(at, value, e, ERROR_CONFIG, "is not a list");
	for (value = json_first(value); value; value = json_next(value), each.index++) {
		const char *text = json_string(value);

		if (text && number_of(text) >= 0)
			continue;
		(void)place_refuse(&each, value, e, ERROR_CONFIG,
				   "is not a version, like \"1.0.0\"");
		if (place_tell(&each, e) < 0)
			return -1;
	}
	return 0;
}

int frame_check(const struct frame *frame, const struct listener *listener,
		struct error *e)
{
	static const struct {
		const char *key;
		int (*check)(const struct cJSON *value, const struct place *at,
			     struct error *e);
	} rows[] = {
		{ "name", check_string },
		{ "cniVersion", check_string },
		{ "cniVersions", check_versions },
		{ "disableCheck", check_switch },
		{ "disableGC", check_switch },
		{ "loadOnlyInlinedPlugins", check_switch },
	};
	const struct place root = { .key = "", .listener = listener };

	for (size_t i = 0; frame->is_list && i < COUNT(rows); i++) {
		const struct place at = { .in = &root, .key = rows[i].key };
		const struct cJSON *value = frame_member(frame, at.key);

		if (value && rows[i].check(value, &at, e) < 0 && place_tell(&at, e) < 0)
			return -1;
	}
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * manual.c - the README's tables of keys, which are the manual pages' too, have
 * every key that is read, and no other
 *
 * In a row `a.b`, `c` are keys ("`X` in `CNI_ARGS`" is none), and {`d`, `e`} as their type
 * are what is in them; so are the keys of a range where the type speaks of ranges.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "conf.h"
#include "list.h"

#define PATH 128

static void add(struct list *list, const char *format, const char *one, size_t len,
		const char *other)
{
	char path[PATH];
	struct error e = { 0 };

	assert_true(snprintf(path, sizeof(path), format, (int)len, one, other) < PATH);
	if (!list_has(list, path))
		assert_int_equal(list_add(list, path, &e), 0);
}

/* Add what stands between backticks. */
static void add_words(const char *text, size_t len, struct list *list)
{
	const char *end = text + len, *open, *close;

	while ((open = memchr(text, '`', (size_t)(end - text))) &&
	       (close = memchr(open + 1, '`', (size_t)(end - open - 1)))) {
		text = close + 1;
		if (strncmp(text, " in `CNI_ARGS`", 14) == 0)
			text += 14;
		else
			add(list, "%.*s%s", open + 1, (size_t)(close - open - 1), "");
	}
}

/* Take the rows of the first table below a title: the keys and their types. */
static void read_rows(const char *readme, const char *title,
		      void row(const char *keys, size_t n_keys, const char *type,
			       size_t n_type, void *arg),
		      void *arg)
{
	const char *line = strstr(readme, title);

	assert_non_null(line);
	line = strstr(line, "\n| --- ");
	assert_non_null(line);
	for (line = strchr(line + 1, '\n') + 1; *line == '|';
	     line = strchr(line, '\n') + 1) {
		const char *type = strstr(line, " | "), *end;

		assert_non_null(type);
		end = strstr(type + 2, " |");
		assert_non_null(end);
		row(line, (size_t)(type - line), type + 2, (size_t)(end - type - 2), arg);
	}
}

static void read_member(const char *keys, size_t n_keys, const char *type, size_t n_type,
			void *arg)
{
	(void)type;
	(void)n_type;
	add_words(keys, n_keys, arg);
}

struct told {
	struct list paths, range;
};

static void read_key(const char *keys, size_t n_keys, const char *type, size_t n_type,
		     void *arg)
{
	struct told *told = arg;
	const struct list *inside = &told->range;
	_cleanup_(list_clear) struct list own = { NULL, 0 }, members = { NULL, 0 };

	add_words(keys, n_keys, &own);
	if (memchr(type, '{', n_type)) {
		add_words(type, n_type, &members);
		inside = &members;
	} else if (!memmem(type, n_type, "range", 5)) {
		inside = &members;
	}
	for (size_t i = 0; i < own.n; i++) {
		/* what leads to a key is one */
		for (const char *dot = own.v[i]; (dot = strchr(dot, '.')); dot++)
			add(&told->paths, "%.*s%s", own.v[i], (size_t)(dot - own.v[i]),
			    "");
		add(&told->paths, "%.*s%s", own.v[i], strlen(own.v[i]), "");
		for (size_t k = 0; k < inside->n; k++)
			add(&told->paths, "%.*s.%s", own.v[i], strlen(own.v[i]),
			    inside->v[k]);
	}
}

static void test_keys(void **state)
{
	static char readme[1 << 20];
	FILE *file = fopen("README.md", "re");
	struct list read = { NULL, 0 };
	struct told told = { 0 };
	struct error e = { 0 };
	size_t n;

	(void)state;
	assert_non_null(file);
	n = fread(readme, 1, sizeof(readme) - 1, file);
	assert_int_equal(fclose(file), 0);
	assert_true(n > 0 && n < sizeof(readme) - 1);
	read_rows(readme, "\nA range:\n", read_member, &told.range);
	read_rows(readme, "\n### bridge\n", read_key, &told);
	read_rows(readme, "\n### ipam (host-local)\n", read_key, &told);

	assert_int_equal(conf_paths(CONF_BRIDGE | CONF_IPAM, &read, &e), 0);
	/* the frame of every network, which is read before its keys are */
	assert_int_equal(list_add(&read, "name", &e) + list_add(&read, "cniVersion", &e),
			 0);
	for (size_t i = 0; i < read.n; i++)
		if (!list_has(&told.paths, read.v[i]))
			fail_msg("%s is read, but not in the README", read.v[i]);
	for (size_t i = 0; i < told.paths.n; i++)
		if (!list_has(&read, told.paths.v[i]))
			fail_msg("%s is in the README, but not read", told.paths.v[i]);
	list_clear(&read);
	list_clear(&told.paths);
	list_clear(&told.range);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * start.c - what the start of a process costs, by the way it is linked
 */
#include "start.h"

#include <err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_SIZE 256

const struct start starts[START_COUNT] = {
	{ .name = "glibc",
	  .what = "a program that does nothing, linked as `bridge` is, with glibc alone" },
	{ .name = "cjson", .what = "and with libcjson" },
	{ .name = "nftnl", .what = "and with libmnl and libnftnl" },
	{ .name = "archive", .what = "the same program, static with glibc" },
	{ .name = "musl", .what = "static with musl" },
	{ .lane = LANE_OURS, .what = "`bridge`, asked for its version" },
	{ .name = "lazy", .what = "without `-z now`" },
	{ .name = "fixed", .what = "at a fixed address, so that nothing is relocated" },
	{ .lane = LANE_STATIC, .what = "static, with musl" },
};

/* Where a start's program is.  Return: is it there? */
static bool find(const struct start *start, const char *dir, const struct field *field,
		 char path[static PATH_SIZE])
{
	if (!start->name)
		dir = field->dirs[start->lane];
	if (!dir)
		return false;
	(void)snprintf(path, PATH_SIZE, "%s/%s/bridge", dir,
		       start->name ? start->name : ".");
	return access(path, X_OK) == 0;
}

static void note(const struct request *request, const struct outcome *outcome, void *arg)
{
	if (outcome->failed)
		errx(1, "%s: it failed", request->program);
	samples_add(arg, outcome->wall);
}

void start_measure(const char *dir, const struct field *field, size_t rounds,
		   const char *conf, struct book *book)
{
	char paths[START_COUNT][PATH_SIZE];
	bool there[START_COUNT];

	for (size_t i = 0; i < START_COUNT; i++)
		there[i] = find(&starts[i], dir, field, paths[i]);
	for (size_t round = 0; round < rounds; round++)
		for (size_t i = 0; i < START_COUNT; i++) {
			const size_t turn = (round + i) % START_COUNT;
			const struct request request = { .program = paths[turn],
							 .verb = "VERSION",
							 .conf = conf };

			if (there[turn])
				(void)launch(&request, 1, 1, note, &book->starts[turn]);
		}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * start.h - what the start of a process costs, by the way it is linked
 */
#ifndef FOOTBRIDGE_BENCH_START_H
#define FOOTBRIDGE_BENCH_START_H

#include "book.h"

/* A program "bridge" to be started; the Makefile links those that are no lane's (STARTS). */
struct start {
	const char *name;	/* of the folder below that of starts; NULL: a lane's */
	enum lane lane;		/* whose, then */
	const char *what;	/* for people, in Markdown */
};

extern const struct start starts[START_COUNT];

/*
 * Start each of them @rounds times, in turns, with a call that does nothing (VERSION).
 * @dir: where they are; one that is not there is left out.
 * @conf: the path of a file that they get as stdin.
 */
void start_measure(const char *dir, const struct field *field, size_t rounds, const char *conf,
		   struct book *book);

#endif

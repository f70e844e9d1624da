/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * book.c - everything that has been measured
 */
#include "book.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "cleanup.h"

const char *const fact_names[] = {
	"syscalls",
	"execs",
	"rtnetlink_messages",
	"dumps",
	"instructions",
	"instructions_full",
	"stripped_bytes",
	"peak_kib",
	"dynamic",
	"gc_500_ms",
	"gc_500_link_deletions",
	"queue_drops",
	"leaks",
	NULL,
};

void book_open(struct book *book)
{
	*book = (struct book){ 0 };
	for (int lane = 0; lane < LANES; lane++)
		for (int fact = 0; fact < FACTS; fact++)
			book->facts[lane][fact] = -1;
}

void book_close(struct book *book)
{
	for (size_t i = 0; i < book->n; i++) {
		struct series *s = book->series[i];

		samples_clear(&s->wall);
		samples_clear(&s->user);
		samples_clear(&s->sys);
		samples_clear(&s->round_p50);
		samples_clear(&s->round_cpu);
		samples_clear(&s->round_wall);
		free(s);
	}
	free(book->series);
	for (int lane = 0; lane < LANES; lane++)
		samples_clear(&book->packets[lane]);
	for (int i = 0; i < START_COUNT; i++)
		samples_clear(&book->starts[i]);
}

static bool same_cell(const struct cell *a, const struct cell *b)
{
	return a->config == b->config && a->at_once == b->at_once &&
	       a->present == b->present && a->leases == b->leases;
}

static struct series *find(const struct book *book, const struct cell *cell,
			   enum verb verb, enum lane lane)
{
	for (size_t i = 0; i < book->n; i++) {
		struct series *s = book->series[i];

		if (s->verb == verb && s->lane == lane && same_cell(&s->cell, cell))
			return s;
	}
	return NULL;
}

const struct series *book_find(const struct book *book, const struct cell *cell,
			       enum verb verb, enum lane lane)
{
	return find(book, cell, verb, lane);
}

struct series *book_series(struct book *book, const struct cell *cell, enum verb verb,
			   enum lane lane)
{
	struct series *s = find(book, cell, verb, lane);

	if (s)
		return s;
	if (book->n == book->room) {
		book->room = book->room ? 2 * book->room : 64;
		book->series =
			reallocarray(book->series, book->room, sizeof(struct series *));
	}
	s = calloc(1, sizeof(*s));
	if (!s || !book->series)
		err(1, "book");
	s->cell = *cell;
	s->verb = verb;
	s->lane = lane;
	book->series[book->n++] = s;
	return s;
}

void series_note(struct series *series, const struct outcome *outcome)
{
	if (outcome->failed) {
		if (series->failures++ == 0)
			(void)snprintf(series->complaint, sizeof(series->complaint),
				       "%.*s", (int)sizeof(series->complaint) - 1,
				       outcome->answer);
		return;
	}
	samples_add(&series->wall, outcome->wall);
	samples_add(&series->user, outcome->user);
	samples_add(&series->sys, outcome->sys);
}

void series_end_round(struct series *series, double wall)
{
	_cleanup_(samples_clear) struct samples walls = { 0 }, cpu = { 0 };
	/* who gives up is soon done, and leaves the others more of the machine */
	bool whole = series->failures == series->failures_ended;

	for (size_t i = series->ended; i < series->wall.n; i++) {
		samples_add(&walls, series->wall.v[i]);
		samples_add(&cpu, series->user.v[i] + series->sys.v[i]);
	}
	samples_add(&series->round_p50, whole ? samples_median(&walls) : 0);
	samples_add(&series->round_cpu, whole ? samples_mean(&cpu) : 0);
	samples_add(&series->round_wall, whole ? wall : 0);
	series->spent += wall;
	series->ended = series->wall.n;
	series->failures_ended = series->failures;
}

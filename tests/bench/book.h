/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * book.h - everything that has been measured
 */
#ifndef FOOTBRIDGE_BENCH_BOOK_H
#define FOOTBRIDGE_BENCH_BOOK_H

#include "lane.h"
#include "launch.h"
#include "stats.h"

/* Under which circumstances. */
struct cell {
	enum config config;
	size_t at_once;		/* calls at the same time */
	size_t present;		/* containers there already */
	size_t leases;		/* leases of others there already */
};

/* What one lane did with one verb in one cell. */
struct series {
	struct cell cell;
	enum verb verb;
	enum lane lane;
	struct samples wall, user, sys;			/* ms, one a call */
	struct samples round_p50, round_cpu, round_wall;	/* ms, one a round; 0 = a call failed */
	double spent;			/* ms, in all rounds */
	size_t failures;
	size_t ended, failures_ended;	/* so many calls, failures belong to rounds that are over */
	char complaint[256];				/* the first failed call's words */
};

/* A figure that is not of a series. */
enum fact {
	FACT_SYSCALLS,		/* of a warm ADD v4+masq, traced */
	FACT_EXECS,
	FACT_MESSAGES,		/* rtnetlink */
	FACT_DUMPS,		/* of any netlink */
	FACT_INSTRUCTIONS,	/* of an ADD in user mode, alone on the host */
	FACT_INSTRUCTIONS_FULL,	/* the same among 1,000 containers and 10,000 leases */
	FACT_SIZE,		/* bytes, stripped */
	FACT_PEAK,		/* KiB resident in an ADD */
	FACT_DYNAMIC,		/* 1: linked with shared libraries */
	FACT_GC_MS,		/* GC of 500 attachments */
	FACT_GC_BATCHES,	/* RTM_DELLINK messages of it */
	FACT_DROPS,		/* packets, by full queues, while first packets were measured */
	FACT_LEAKS,		/* traces that a round has left */
	FACTS
};

extern const char *const fact_names[FACTS + 1];

#define START_COUNT 9	/* of start.h */

struct book {
	struct series **series;
	size_t n, room;
	double facts[LANES][FACTS];		/* below 0 = not measured */
	struct samples packets[LANES];		/* ms from the end of ADD to the first answer */
	size_t packets_lost[LANES];		/* not answered within 3 s */
	struct samples starts[START_COUNT];	/* ms of a call that does nothing */
	bool busy;				/* others keep the processors occupied */
};

/* An empty book. */
void book_open(struct book *book);
void book_close(struct book *book);	/* for _cleanup_ */

/* The series of these, which begins empty.  It stays where it is. */
struct series *book_series(struct book *book, const struct cell *cell, enum verb verb,
			   enum lane lane);

/* The same, without making one.  Return: NULL where there is none. */
const struct series *book_find(const struct book *book, const struct cell *cell, enum verb verb,
			       enum lane lane);

/* Note a call. */
void series_note(struct series *series, const struct outcome *outcome);

/*
 * End a round that took @wall ms: the calls noted since the last one are it.  Where one
 * of them failed the round has no figures.
 */
void series_end_round(struct series *series, double wall);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arena.h - a host for each lane, and rounds of calls on them
 *
 * Each lane has a network namespace of its own as its host, with its own bridge, rules
 * and leases.  They take turns: ADDs and DELs of the first lane, of the second, ...,
 * and that again for as many rounds as are wanted.
 */
#ifndef FOOTBRIDGE_BENCH_ARENA_H
#define FOOTBRIDGE_BENCH_ARENA_H

#include "book.h"
#include "world.h"

struct host {
	int netns;		/* -1 = not here */
	size_t present;		/* containers that stay connected */
	char network[32], store[96], conf[96];
	const char *path;	/* CNI_PATH */
	char program[256];
};

struct arena {
	const struct field *field;
	enum config config;
	size_t leases;		/* of others */
	struct host hosts[LANES];
};

/* Make the hosts; one ADD and one DEL of each lane have made its bridge. */
void arena_open(struct arena *arena, const struct field *field, enum config config);

/* Take all away.  world_settle() waits until it is gone. */
void arena_close(struct arena *arena);

/* Connect containers of this lane that stay, until there are @present. */
void arena_grow(struct arena *arena, enum lane lane, size_t present);

/* Put leases of others into each store. */
void arena_fill(struct arena *arena, size_t leases);

/* What to measure in one cell. */
struct plan {
	size_t at_once, calls, rounds;
	bool others;		/* also CHECK, STATUS and VERSION */
};

/* Rounds of all lanes, into the book.  What a round leaves behind counts in FACT_LEAKS. */
void arena_measure(struct arena *arena, const struct plan *plan, struct book *book);

/*
 * A call of one lane.
 * @number: of the container; its namespace is made where it is missing.
 */
struct arena_call {
	struct request request;
	char container[16], netns[64];
};
void arena_call(const struct arena *arena, enum lane lane, const char *verb, size_t number,
		struct arena_call *ret);

/* Make one call, which must succeed.  Return: what came of it. */
struct outcome arena_do(const struct arena *arena, enum lane lane, const char *verb, size_t number);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * part.c - the parts of a benchmark, each of which can be run alone
 */
#include "part.h"

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include "arena.h"
#include "cleanup.h"
#include "packet.h"
#include "start.h"
#include "trace.h"

#define STORM 100
#define CROWD 500 /* containers whose first packets are watched, or which GC collects */
#define FIRST_IN 1000 /* the number of the first container that stays: arena.c */
#define GUEST 1	      /* a container that comes and goes */
#define COUNTINGS 3   /* of instructions: the least counts */
#define SIGNED_OFF "/run/bench.stripped"

const char *const part_names[] = { "starts",	 "counts", "sequential",
				   "concurrent", "storm",  "scale",
				   "packets",	 "gc",	   NULL };

static size_t or_else(size_t chosen, size_t usual)
{
	return chosen ? chosen : usual;
}

static void run_starts(const struct choice *choice, struct book *book)
{
	start_measure(choice->starts, &choice->field, or_else(choice->rounds, 300),
		      "/dev/null", book);
}

/* --- counts */

/* The size of the executable without symbols, in bytes. */
static double stripped_size(const char *program)
{
	char line[512];
	struct stat st;

	(void)snprintf(line, sizeof(line), "strip -o " SIGNED_OFF " %s", program);
	world_shell(line);
	if (stat(SIGNED_OFF, &st) < 0)
		err(1, SIGNED_OFF);
	return (double)st.st_size;
}

/* Instructions in user mode of an ADD as the host is now. */
static double instructions(const struct arena *arena, enum lane lane)
{
	double least = 0;

	world_enter(arena->hosts[lane].netns);
	for (int i = 0; i < COUNTINGS; i++) {
		struct arena_call call = { 0 };
		double n;

		arena_call(arena, lane, "ADD", GUEST, &call);
		n = trace_instructions(&call.request);
		least = i == 0 || n < least ? n : least;
		(void)arena_do(arena, lane, "DEL", GUEST);
	}
	return least > 0 ? least : -1;
}

static void count(const struct arena *arena, enum lane lane, bool brief,
		  struct book *book)
{
	double *facts = book->facts[lane];
	struct arena_call call = { 0 };
	struct trace trace;

	world_enter(arena->hosts[lane].netns);
	arena_call(arena, lane, "ADD", GUEST, &call);
	trace_call(&call.request, &trace);
	(void)arena_do(arena, lane, "DEL", GUEST);
	facts[FACT_SYSCALLS] = (double)trace.calls;
	facts[FACT_EXECS] = (double)trace.execs;
	facts[FACT_MESSAGES] = (double)trace.messages;
	facts[FACT_DUMPS] = (double)trace.dumps;
	facts[FACT_PEAK] = (double)launch_peak(&call.request);
	(void)arena_do(arena, lane, "DEL", GUEST);
	facts[FACT_SIZE] = stripped_size(call.request.program);
	facts[FACT_DYNAMIC] = lane_is_dynamic(call.request.program);
	if (!brief && (lane == LANE_OURS || lane == LANE_STATIC || lane == LANE_FLOOR))
		facts[FACT_INSTRUCTIONS] = instructions(arena, lane);
}

static void run_counts(const struct choice *choice, struct book *book)
{
	struct arena arena;

	arena_open(&arena, &choice->field, CONFIG_V4_MASQ);
	for (enum lane lane = 0; lane < LANES; lane++)
		if (choice->field.dirs[lane]) {
			/* whose port gives the bridge its carrier: an ADD asks again without */
			arena_grow(&arena, lane, 1);
			count(&arena, lane, choice->brief, book);
		}
	arena_close(&arena);
}

/* --- rounds */

static void measure(const struct choice *choice, enum config config,
		    const struct plan *plan, struct book *book)
{
	struct arena arena;

	arena_open(&arena, &choice->field, config);
	arena_measure(&arena, plan, book);
	arena_close(&arena);
}

static void run_sequential(const struct choice *choice, struct book *book)
{
	const struct plan plan = { .at_once = 1,
				   .calls = or_else(choice->calls, 30),
				   .rounds = or_else(choice->rounds, 7),
				   .others = !choice->brief };

	for (enum config config = 0; config < CONFIGS; config++)
		if (choice->configs[config])
			measure(choice, config, &plan, book);
}

static void run_concurrent(const struct choice *choice, struct book *book)
{
	for (enum config config = 0; config < CONFIGS; config++)
		for (size_t i = 0; choice->configs[config] && choice->at_once[i]; i++) {
			size_t at_once = choice->at_once[i];
			struct plan plan = { .at_once = at_once,
					     .rounds = or_else(choice->rounds, 3) };

			plan.calls = or_else(choice->calls, at_once < 32 ? 32 : at_once);
			measure(choice, config, &plan, book);
		}
}

static void run_storm(const struct choice *choice, struct book *book)
{
	const struct plan plan = { .at_once = STORM,
				   .calls = STORM,
				   .rounds = or_else(choice->rounds, 5) };

	measure(choice, CONFIG_V4_MASQ, &plan, book);
}

/* --- scale */

static void grow_all(struct arena *arena, size_t present)
{
	for (enum lane lane = 0; lane < LANES; lane++)
		arena_grow(arena, lane, present);
}

/* Among leases alone; then among ever more containers; then among both. */
static void run_scale(const struct choice *choice, struct book *book)
{
	const struct plan plan = { .at_once = 1,
				   .calls = or_else(choice->calls, 20),
				   .rounds = or_else(choice->rounds, 3) };
	struct arena arena;

	arena_open(&arena, &choice->field, CONFIG_V4_MASQ);
	if (choice->leases) {
		arena_fill(&arena, choice->leases);
		arena_measure(&arena, &plan, book);
	}
	arena_close(&arena);
	arena_open(&arena, &choice->field, CONFIG_V4_MASQ);
	for (size_t i = 0; choice->present[i] != SIZE_MAX; i++) {
		grow_all(&arena, choice->present[i]);
		arena_measure(&arena, &plan, book);
	}
	if (choice->leases) {
		arena_fill(&arena, choice->leases);
		arena_measure(&arena, &plan, book);
		for (enum lane lane = LANE_OURS; lane <= LANE_STATIC; lane++)
			if (choice->field.dirs[lane])
				book->facts[lane][FACT_INSTRUCTIONS_FULL] =
					instructions(&arena, lane);
	}
	arena_close(&arena);
	world_settle();
}

/* --- first packets, GC */

static void first_packet(struct arena *arena, enum lane lane, size_t number,
			 struct book *book)
{
	struct arena_call call = { 0 };
	double took;

	world_enter(arena->hosts[lane].netns);
	arena_call(arena, lane, "ADD", number, &call);
	{
		_cleanup_(closep) int fd = packet_open(call.netns);

		(void)arena_do(arena, lane, "ADD", number);
		took = packet_echo(fd);
	}
	if (took < 0)
		book->packets_lost[lane]++;
	else
		samples_add(&book->packets[lane], took);
}

static void run_packets_of(const struct choice *choice, enum lane lane, struct book *book)
{
	const double dropped = packet_drops();
	struct field alone = { .dirs = { NULL } };
	struct arena arena;

	alone.dirs[lane] = choice->field.dirs[lane];
	arena_open(&arena, &alone, CONFIG_V4_MASQ);
	for (size_t i = 0; i < or_else(choice->calls, CROWD); i++) {
		first_packet(&arena, lane, FIRST_IN + i, book);
		arena.hosts[lane].present++;
	}
	book->facts[lane][FACT_DROPS] = packet_drops() - dropped;
	arena_close(&arena);
	world_settle();
}

/*
 * One lane after the other: each container is worth two neighbour entries, of which all
 * namespaces of a kernel together have 1024 (gc_thresh3), and each port a copy of every
 * broadcast, of which a processor queues 1000 (net.core.netdev_max_backlog).
 */
static void run_packets(const struct choice *choice, struct book *book)
{
	for (enum lane lane = 0; lane < LANES; lane++)
		if (choice->field.dirs[lane])
			run_packets_of(choice, lane, book);
}

static void collect(struct arena *arena, enum lane lane, size_t crowd, struct book *book)
{
	struct host *host = &arena->hosts[lane];
	struct trace trace;
	struct arena_call call = { 0 };
	struct outcome outcome;

	lane_write_conf(lane, arena->config, host->network,
			"\"cni.dev/valid-attachments\": [], \"gcLive\": true",
			host->conf);
	outcome = arena_do(arena, lane, "GC", GUEST);
	book->facts[lane][FACT_GC_MS] = outcome.wall;
	/* and once more, to look at it */
	host->present = 0;
	arena_grow(arena, lane, crowd);
	arena_call(arena, lane, "GC", GUEST, &call);
	trace_call(&call.request, &trace);
	book->facts[lane][FACT_GC_BATCHES] = (double)trace.link_deletions;
}

static void run_gc(const struct choice *choice, struct book *book)
{
	size_t crowd = or_else(choice->calls, CROWD);
	struct arena arena;

	arena_open(&arena, &choice->field, CONFIG_V4_MASQ);
	for (enum lane lane = 0; lane < LANES; lane++)
		if (lane_serves(&choice->field, lane, VERB_GC)) {
			arena_grow(&arena, lane, crowd);
			world_enter(arena.hosts[lane].netns);
			collect(&arena, lane, crowd, book);
		}
	arena_close(&arena);
	world_settle();
}

void part_run(enum part part, const struct choice *choice, struct book *book)
{
	static void (*const runs[PARTS])(const struct choice *, struct book *) = {
		[PART_STARTS] = run_starts,	    [PART_COUNTS] = run_counts,
		[PART_SEQUENTIAL] = run_sequential, [PART_CONCURRENT] = run_concurrent,
		[PART_STORM] = run_storm,	    [PART_SCALE] = run_scale,
		[PART_PACKETS] = run_packets,	    [PART_GC] = run_gc,
	};
	_cleanup_(closep) int here = world_here();

	runs[part](choice, book);
	world_enter(here);
}

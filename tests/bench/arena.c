/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arena.c - a host for each lane, and rounds of calls on them
 */
#include "arena.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

#define NETNS "/run/netns"
#define RESIDENT 1000 /* numbers from here on are containers that stay */
#define WARM_UP 5
#define GROW_AT_ONCE 4

void arena_call(const struct arena *arena, enum lane lane, const char *verb,
		size_t number, struct arena_call *ret)
{
	const struct host *host = &arena->hosts[lane];

	(void)snprintf(ret->container, sizeof(ret->container), "c%zu", number);
	/* those that come and go are nobody's between two turns */
	(void)snprintf(ret->netns, sizeof(ret->netns), NETNS "/%s-c%zu",
		       number < RESIDENT ? "guest" : lane_names[lane], number);
	world_new_container(ret->netns);
	ret->request = (struct request){
		.program = host->program,
		.verb = verb,
		.container = ret->container,
		.netns = ret->netns,
		.path = host->path,
		.args = lane == LANE_FLOOR ? config_names[arena->config] : NULL,
		.conf = host->conf,
	};
}

static void keep(const struct request *request, const struct outcome *outcome, void *arg)
{
	(void)request;
	memcpy(arg, outcome, sizeof(*outcome));
}

struct outcome arena_do(const struct arena *arena, enum lane lane, const char *verb,
			size_t number)
{
	struct arena_call call = { 0 };
	struct outcome outcome;

	world_enter(arena->hosts[lane].netns);
	arena_call(arena, lane, verb, number, &call);
	(void)launch(&call.request, 1, 1, keep, &outcome);
	if (outcome.failed)
		errx(1, "%s: %s %s failed: %s", lane_names[lane], verb,
		     config_names[arena->config], outcome.answer);
	return outcome;
}

static void open_host(struct arena *arena, enum lane lane)
{
	struct host *host = &arena->hosts[lane];
	const char *dir = arena->field->dirs[lane];

	*host = (struct host){ .netns = -1 };
	if (!dir)
		return;
	(void)snprintf(host->network, sizeof(host->network), "bench-%s-%d",
		       lane_names[lane], arena->config);
	(void)snprintf(host->store, sizeof(host->store), LANE_STORE "/%s", host->network);
	(void)snprintf(host->conf, sizeof(host->conf), "/run/%s.conf", host->network);
	(void)snprintf(host->program, sizeof(host->program), "%s/bridge", dir);
	host->path = lane == LANE_FLOOR ? host->store : dir;
	host->netns = world_new_host();
	world_enter(host->netns);
	lane_write_conf(lane, arena->config, host->network, NULL, host->conf);
	if (lane == LANE_FLOOR)
		lane_prepare_floor(host->network);
	(void)arena_do(arena, lane, "ADD", 0);
	(void)arena_do(arena, lane, "DEL", 0);
}

void arena_open(struct arena *arena, const struct field *field, enum config config)
{
	_cleanup_(closep) int here = world_here();

	*arena = (struct arena){ .field = field, .config = config };
	for (enum lane lane = 0; lane < LANES; lane++)
		open_host(arena, lane);
	world_enter(here);
}

void arena_close(struct arena *arena)
{
	for (enum lane lane = 0; lane < LANES; lane++) {
		struct host *host = &arena->hosts[lane];
		char line[256];

		if (host->netns < 0)
			continue;
		for (size_t i = 0; i < host->present; i++) {
			struct arena_call call = { 0 };

			arena_call(arena, lane, "DEL", RESIDENT + i, &call);
			world_remove_container(call.netns);
		}
		closep(&host->netns);
		host->netns = -1;
		(void)snprintf(line, sizeof(line), "rm -rf %s", host->store);
		world_shell(line);
	}
}

static void must_succeed(const struct request *request, const struct outcome *outcome,
			 void *arg)
{
	(void)arg;
	if (outcome->failed)
		errx(1, "%s: %s of %s failed: %s", request->program, request->verb,
		     request->container, outcome->answer);
}

static struct arena_call *many_calls(const struct arena *arena, enum lane lane,
				     const char *verb, size_t first, size_t n)
{
	struct arena_call *calls = calloc(n, sizeof(*calls));

	if (!calls)
		err(1, "calls");
	for (size_t i = 0; i < n; i++)
		arena_call(arena, lane, verb, first + i, &calls[i]);
	return calls;
}

/* Return: ms for all of them. */
static double launch_many(const struct arena_call *calls, size_t n, size_t at_once,
			  launch_done *done, void *arg)
{
	_cleanup_(freep) struct request *requests = calloc(n, sizeof(*requests));

	if (!requests)
		err(1, "requests");
	for (size_t i = 0; i < n; i++)
		requests[i] = calls[i].request;
	return launch(requests, n, at_once, done, arg);
}

void arena_grow(struct arena *arena, enum lane lane, size_t present)
{
	_cleanup_(closep) int here = world_here();
	_cleanup_(freep) struct arena_call *calls = NULL;
	struct host *host = &arena->hosts[lane];
	size_t n = present > host->present ? present - host->present : 0;

	if (host->netns < 0 || n == 0)
		return;
	world_enter(host->netns);
	calls = many_calls(arena, lane, "ADD", RESIDENT + host->present, n);
	(void)launch_many(calls, n, GROW_AT_ONCE, must_succeed, NULL);
	host->present = present;
	world_enter(here);
}

void arena_fill(struct arena *arena, size_t leases)
{
	for (enum lane lane = 0; lane < LANES; lane++)
		if (arena->hosts[lane].netns >= 0)
			world_fake_leases(arena->hosts[lane].store, arena->leases,
					  leases);
	arena->leases = leases;
}

/* One lane's turn. */
struct turn {
	const struct arena *arena;
	enum lane lane;
	const struct plan *plan;
	struct book *book; /* NULL = a rehearsal */
	struct cell cell;
	struct arena_call *calls; /* plan->calls of them */
	struct series *series;	  /* of the verb at work */
};

static void note(const struct request *request, const struct outcome *outcome, void *arg)
{
	const struct turn *turn = arg;

	if (turn->series)
		series_note(turn->series, outcome);
	else
		must_succeed(request, outcome, NULL);
}

/* The same, and what ADD said becomes the prevResult of a CHECK's configuration. */
static void note_add(const struct request *request, const struct outcome *outcome,
		     void *arg)
{
	const struct turn *turn = arg;
	char path[128], more[LAUNCH_ANSWER + 32];

	note(request, outcome, arg);
	if (!turn->plan->others || outcome->failed)
		return;
	(void)snprintf(path, sizeof(path), "/run/%s.%s.conf", lane_names[turn->lane],
		       request->container);
	(void)snprintf(more, sizeof(more), "\"prevResult\": %s", outcome->answer);
	lane_write_conf(turn->lane, turn->arena->config,
			turn->arena->hosts[turn->lane].network, more, path);
}

static void act(struct turn *turn, enum verb verb)
{
	size_t n = turn->plan->calls;
	char paths[LAUNCH_AT_ONCE][64];
	double wall;

	if (!lane_serves(turn->arena->field, turn->lane, verb))
		return;
	for (size_t i = 0; i < n; i++) {
		turn->calls[i].request.verb = verb_names[verb];
		turn->calls[i].request.conf = turn->arena->hosts[turn->lane].conf;
		if (verb != VERB_CHECK)
			continue;
		(void)snprintf(paths[i], sizeof(paths[i]), "/run/%s.%s.conf",
			       lane_names[turn->lane], turn->calls[i].container);
		turn->calls[i].request.conf = paths[i];
	}
	turn->series = turn->book ? book_series(turn->book, &turn->cell, verb, turn->lane)
				  : NULL;
	wall = launch_many(turn->calls, n, turn->plan->at_once,
			   verb == VERB_ADD ? note_add : note, turn);
	if (turn->series)
		series_end_round(turn->series, wall);
}

/* Return: of how many kinds there are not as many as before. */
static int left_behind(const struct traces *before, const struct traces *after)
{
	return (after->links != before->links) + (after->nft != before->nft) +
	       (after->leases != before->leases) +
	       (after->containers != before->containers) +
	       (after->processes != before->processes);
}

static void take_turn(struct arena *arena, enum lane lane, const struct plan *plan,
		      struct book *book)
{
	const struct host *host = &arena->hosts[lane];
	struct turn turn = {
		.arena = arena,
		.lane = lane,
		.plan = plan,
		.book = book,
		.cell = { arena->config, plan->at_once, host->present, arena->leases },
	};
	struct traces before, after;

	world_enter(host->netns);
	turn.calls = many_calls(arena, lane, "", 0, plan->calls);
	before = world_traces(host->store);
	act(&turn, VERB_ADD);
	if (plan->others) {
		act(&turn, VERB_CHECK);
		act(&turn, VERB_STATUS);
		act(&turn, VERB_VERSION);
	}
	act(&turn, VERB_DEL);
	after = world_traces(host->store);
	if (book) {
		double *leaks = &book->facts[lane][FACT_LEAKS];

		*leaks = (*leaks < 0 ? 0 : *leaks) + left_behind(&before, &after);
	}
	free(turn.calls);
}

void arena_measure(struct arena *arena, const struct plan *plan, struct book *book)
{
	_cleanup_(closep) int here = world_here();
	const struct plan rehearsal = { .at_once = 1, .calls = WARM_UP };

	for (size_t round = 0; round <= plan->rounds; round++)
		for (enum lane lane = 0; lane < LANES; lane++)
			if (arena->hosts[lane].netns >= 0)
				take_turn(arena, lane, round == 0 ? &rehearsal : plan,
					  round == 0 ? NULL : book);
	world_enter(here);
}

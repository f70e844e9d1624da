/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * target.c - what is promised, and whether it is kept
 */
#include "target.h"

#include <stdio.h>
#include <string.h>

struct target;

/* Hold the book against it and fill the finding; the verdict stays NOT_MEASURED where it cannot. */
typedef void look(const struct target *t, const struct book *book, double slack,
		  struct finding *f);

struct target {
	const char *what, *goal;
	look *look;
	double limit;
	struct cell cell;
	enum lane lane;	 /* whose figure it is */
	enum lane other; /* what it is compared with */
	enum verb verb;
	bool guarded; /* by "bench --smoke" */
};

static void judge(struct finding *f, bool kept)
{
	f->verdict = kept ? MET : MISSED;
}

/* Which figures of a round are compared. */
static const struct samples *p50s(const struct series *s)
{
	return &s->round_p50;
}

static const struct samples *cpus(const struct series *s)
{
	return &s->round_cpu;
}

static const struct samples *walls(const struct series *s)
{
	return &s->round_wall;
}

/* What has failed misses its target, however fast it was.  Return: has it? */
static bool has_failed(const struct series *ours, struct finding *f)
{
	if (ours->failures == 0)
		return false;
	(void)snprintf(f->measured, sizeof(f->measured), "%zu of %zu calls failed",
		       ours->failures, ours->failures + ours->wall.n);
	judge(f, false);
	return true;
}

/*
 * The other lane's figures over ours, round by round.  The reference fails now and then
 * where many are at work: only the rounds in which it does not are compared.
 * Return: is there something to judge?  If not the finding says why.
 */
static bool compare(const struct target *t, const struct book *book,
		    const struct samples *(*of)(const struct series *), struct finding *f,
		    struct ratio *ret)
{
	const struct series *ours = book_find(book, &t->cell, t->verb, t->lane);
	const struct series *other = book_find(book, &t->cell, t->verb, t->other);

	if (!ours || has_failed(ours, f) || !other)
		return false;
	*ret = ratio_of(of(other), of(ours));
	if (ret->rounds == 0 && other->failures > 0)
		(void)snprintf(f->measured, sizeof(f->measured),
			       "%s failed in each round: %zu of %zu calls",
			       lane_names[t->other], other->failures,
			       other->failures + other->wall.n);
	return ret->rounds > 0;
}

static void faster(const struct target *t, const struct book *book, double slack,
		   struct finding *f, const struct samples *(*of)(const struct series *))
{
	struct ratio r;

	if (!compare(t, book, of, f, &r))
		return;
	(void)snprintf(f->measured, sizeof(f->measured),
		       "%.1f× (%.1f to %.1f in %zu rounds)", r.median, r.min, r.max,
		       r.rounds);
	judge(f, r.median >= slack * t->limit);
}

/*
 * On a machine that others keep busy most of a call's time is waiting for a processor,
 * and the more processes the less of it each gets: there a gate judges the CPU instead.
 */
static void faster_p50(const struct target *t, const struct book *book, double slack,
		       struct finding *f)
{
	faster(t, book, slack, f, slack < 1 && book->busy ? cpus : p50s);
}

static void faster_cpu(const struct target *t, const struct book *book, double slack,
		       struct finding *f)
{
	faster(t, book, slack, f, cpus);
}

static void faster_wall(const struct target *t, const struct book *book, double slack,
			struct finding *f)
{
	faster(t, book, slack, f, walls);
}

/* What is ours beyond the other, in parts of the other. */
static void beyond(const struct target *t, const struct book *book, double slack,
		   struct finding *f)
{
	struct ratio p50, cpu;

	if (!compare(t, book, p50s, f, &p50) || !compare(t, book, cpus, f, &cpu))
		return;
	(void)snprintf(f->measured, sizeof(f->measured), "%+.0f %% (CPU %+.0f %%)",
		       100 * (1 / p50.median - 1), 100 * (1 / cpu.median - 1));
	judge(f, 1 / p50.median - 1 <= t->limit / slack);
}

static void growth(const struct target *t, const struct book *book, double slack,
		   struct finding *f)
{
	double alone = book->facts[t->lane][FACT_INSTRUCTIONS];
	double full = book->facts[t->lane][FACT_INSTRUCTIONS_FULL];

	if (alone <= 0 || full <= 0)
		return;
	(void)snprintf(f->measured, sizeof(f->measured),
		       "%.2f× (%.0f k instructions, %.0f k)", full / alone, full / 1e3,
		       alone / 1e3);
	judge(f, full / alone <= t->limit / slack);
}

static void packets(const struct target *t, const struct book *book, double slack,
		    struct finding *f)
{
	const struct samples *s = &book->packets[t->lane];
	double p99 = samples_percentile(s, 99), max = samples_percentile(s, 100);
	size_t lost = book->packets_lost[t->lane];

	if (s->n + lost == 0)
		return;
	(void)snprintf(f->measured, sizeof(f->measured),
		       "p99 %.2f ms, max %.2f ms, %zu lost of %zu", p99, max, lost,
		       s->n + lost);
	judge(f, lost == 0 && p99 <= t->limit / slack && max < 100 / slack);
}

static void frugal(const struct target *t, const struct book *book, double slack,
		   struct finding *f)
{
	const double *facts = book->facts[t->lane];

	if (facts[FACT_SYSCALLS] < 0)
		return;
	(void)snprintf(f->measured, sizeof(f->measured),
		       "%.0f; %.0f programs; %.0f messages; %.0f dumps",
		       facts[FACT_SYSCALLS], facts[FACT_EXECS], facts[FACT_MESSAGES],
		       facts[FACT_DUMPS]);
	judge(f, facts[FACT_SYSCALLS] <= t->limit / slack && facts[FACT_EXECS] <= 0 &&
			 facts[FACT_MESSAGES] > 0 && facts[FACT_MESSAGES] <= 10 / slack &&
			 facts[FACT_DUMPS] <= 0);
}

static void status(const struct target *t, const struct book *book, double slack,
		   struct finding *f)
{
	const struct series *asked = book_find(book, &t->cell, VERB_STATUS, t->lane);
	const struct series *told = book_find(book, &t->cell, VERB_VERSION, t->lane);
	struct ratio r;

	if (!asked || !told || has_failed(asked, f) || has_failed(told, f))
		return;
	r = ratio_of(&asked->round_p50, &told->round_p50);
	(void)snprintf(f->measured, sizeof(f->measured),
		       "%.2f× (%.2f to %.2f in %zu rounds)", r.median, r.min, r.max,
		       r.rounds);
	judge(f, r.rounds > 0 && r.median <= t->limit / slack);
}

static void size(const struct target *t, const struct book *book, double slack,
		 struct finding *f)
{
	const double *facts = book->facts[t->lane];

	if (facts[FACT_SIZE] < 0)
		return;
	(void)snprintf(f->measured, sizeof(f->measured), "%.0f KB; %.1f MB",
		       facts[FACT_SIZE] / 1e3, facts[FACT_PEAK] * 1024 / 1e6);
	/* the size is promised of the dynamic build alone */
	judge(f,
	      (facts[FACT_DYNAMIC] <= 0 || facts[FACT_SIZE] <= t->limit * 1e3 / slack) &&
		      facts[FACT_PEAK] > 0 && facts[FACT_PEAK] * 1024 <= 3e6 / slack);
}

static void gc(const struct target *t, const struct book *book, double slack,
	       struct finding *f)
{
	const double *facts = book->facts[t->lane];

	if (facts[FACT_GC_MS] < 0)
		return;
	(void)snprintf(f->measured, sizeof(f->measured), "%.0f link deletion(s), %.2f s",
		       facts[FACT_GC_BATCHES], facts[FACT_GC_MS] / 1e3);
	judge(f, facts[FACT_GC_BATCHES] == 1 && facts[FACT_GC_MS] <= t->limit / slack);
}

#define ALONE(config)                                                                    \
	{                                                                                \
		(config), 1, 0, 0                                                        \
	}

static const struct target targets[] = {
	{ "ADD v4+masq, median, against the reference", "≥ 15× faster", faster_p50, 15,
	  ALONE(CONFIG_V4_MASQ), LANE_OURS, LANE_REFERENCE, VERB_ADD, true },
	{ "the same with the static build", "≥ 20×", faster_p50, 20,
	  ALONE(CONFIG_V4_MASQ), LANE_STATIC, LANE_REFERENCE, VERB_ADD, false },
	{ "ADD dual+masq", "≥ 25×", faster_p50, 25, ALONE(CONFIG_DUAL_MASQ), LANE_OURS,
	  LANE_REFERENCE, VERB_ADD, true },
	{ "DEL v4+masq (synchronous)", "≥ 3.5×", faster_p50, 3.5, ALONE(CONFIG_V4_MASQ),
	  LANE_OURS, LANE_REFERENCE, VERB_DEL, true },
	{ "ADD v4+masq, time beyond the floor program (same linking)", "≤ 25 %", beyond,
	  0.25, ALONE(CONFIG_V4_MASQ), LANE_OURS, LANE_FLOOR, VERB_ADD, false },
	{ "DEL v4+masq beyond the floor", "≤ 15 %", beyond, 0.15, ALONE(CONFIG_V4_MASQ),
	  LANE_OURS, LANE_FLOOR, VERB_DEL, false },
	{ .what = "ADD at 1,000 containers and 10,000 leases against ADD at 0, user mode",
	  .goal = "≤ 1.1×",
	  .look = growth,
	  .limit = 1.1 },
	{ "ADD at 1,000 containers, CPU, against the reference at 1,000",
	  "≥ 25×",
	  faster_cpu,
	  25,
	  { CONFIG_V4_MASQ, 1, 1000, 0 },
	  LANE_OURS,
	  LANE_REFERENCE,
	  VERB_ADD,
	  false },
	{ "100 ADDs at once, wall",
	  "≥ 8×",
	  faster_wall,
	  8,
	  { CONFIG_V4_MASQ, 100, 0, 0 },
	  LANE_OURS,
	  LANE_REFERENCE,
	  VERB_ADD,
	  false },
	{ .what = "first packet after ADD, in 500 containers",
	  .goal = "p99 ≤ 5 ms, never ≥ 100 ms",
	  .look = packets,
	  .limit = 5 },
	{ .what = "system calls of a warm ADD v4+masq; programs executed; rtnetlink messages; dumps",
	  .goal = "≤ 90; 0; ≤ 10; 0",
	  .look = frugal,
	  .limit = 90 },
	{ .what = "STATUS against VERSION",
	  .goal = "≤ 1.5×",
	  .look = status,
	  .limit = 1.5,
	  .cell = ALONE(CONFIG_V4_MASQ) },
	{ .what = "size of the stripped executable; peak resident memory of an ADD",
	  .goal = "≤ 200 KB dynamic; ≤ 3 MB",
	  .look = size,
	  .limit = 200 },
	{ .what = "GC of 500 attachments with their links",
	  .goal = "one link deletion, ≤ 1 s",
	  .look = gc,
	  .limit = 1000 },
};

const size_t target_count = sizeof(targets) / sizeof(targets[0]);

bool target_is_guarded(size_t i)
{
	return targets[i].guarded;
}

struct finding target_find(size_t i, const struct book *book, double slack)
{
	const struct target *t = &targets[i];
	struct finding f = { .what = t->what, .goal = t->goal, .verdict = NOT_MEASURED };

	t->look(t, book, slack, &f);
	return f;
}

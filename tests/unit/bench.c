/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench.c - tests of what the benchmark makes of its measurements
 *
 * link with: -lm
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"

#include "../bench/book.h"
#include "../bench/report.h"
#include "../bench/stats.h"
#include "../bench/target.h"
#include "../bench/trace.h"

static void fill(struct samples *s, const double *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		samples_add(s, v[i]);
}

#define FILL(s, ...)                                                                     \
	fill((s), (const double[]){ __VA_ARGS__ },                                       \
	     sizeof((const double[]){ __VA_ARGS__ }) / sizeof(double))

static void test_percentile(void **state)
{
	_cleanup_(samples_clear) struct samples s = { 0 };

	(void)state;
	assert_float_equal(samples_percentile(&s, 50), 0, 0);
	/* the example of nearest rank */
	FILL(&s, 50, 15, 40, 20, 35);
	assert_float_equal(samples_percentile(&s, 0), 15, 0);
	assert_float_equal(samples_percentile(&s, 5), 15, 0);
	assert_float_equal(samples_percentile(&s, 30), 20, 0);
	assert_float_equal(samples_percentile(&s, 40), 20, 0);
	assert_float_equal(samples_percentile(&s, 50), 35, 0);
	assert_float_equal(samples_percentile(&s, 100), 50, 0);
	/* the order in which they came is kept */
	assert_float_equal(s.v[0], 50, 0);
}

static void test_many(void **state)
{
	_cleanup_(samples_clear) struct samples s = { 0 };

	(void)state;
	for (int i = 1000; i > 0; i--)
		samples_add(&s, i);
	assert_float_equal(samples_percentile(&s, 99), 990, 0);
	assert_float_equal(samples_percentile(&s, 99.9), 999, 0);
	assert_float_equal(samples_median(&s), 500.5, 0);
	assert_float_equal(samples_mean(&s), 500.5, 0);
}

static void test_median(void **state)
{
	_cleanup_(samples_clear) struct samples s = { 0 };

	(void)state;
	assert_float_equal(samples_median(&s), 0, 0);
	assert_float_equal(samples_mean(&s), 0, 0);
	FILL(&s, 3);
	assert_float_equal(samples_median(&s), 3, 0);
	FILL(&s, 9, 1);
	assert_float_equal(samples_median(&s), 3, 0);
	FILL(&s, 5);
	assert_float_equal(samples_median(&s), 4, 0);
}

static void test_ratio(void **state)
{
	_cleanup_(samples_clear) struct samples over = { 0 }, under = { 0 };
	struct ratio r = ratio_of(&over, &under);

	(void)state;
	assert_int_equal(r.rounds, 0);
	assert_float_equal(r.median, 0, 0);
	/* the machine was ten times slower in the second round: of no importance */
	FILL(&over, 20, 300, 28);
	FILL(&under, 2, 10, 1);
	r = ratio_of(&over, &under);
	assert_int_equal(r.rounds, 3);
	assert_float_equal(r.median, 28, 1e-9);
	assert_float_equal(r.min, 10, 1e-9);
	assert_float_equal(r.max, 30, 1e-9);
	/* a round that one of them did not finish */
	FILL(&over, 40, 0);
	FILL(&under, 0, 1);
	r = ratio_of(&over, &under);
	assert_int_equal(r.rounds, 3);
}

static void test_rounds(void **state)
{
	static const struct cell cell = { CONFIG_V4_MASQ, 1, 0, 0 };
	static const double walls[] = { 1, 2, 9, 4, 6 };
	_cleanup_(book_close) struct book book;
	struct outcome outcome = { .user = 1, .sys = 2 };
	struct series *s;

	(void)state;
	book_open(&book);
	assert_null(book_find(&book, &cell, VERB_ADD, LANE_OURS));
	s = book_series(&book, &cell, VERB_ADD, LANE_OURS);
	for (size_t i = 0; i < 5; i++) {
		outcome.wall = walls[i];
		series_note(s, &outcome);
		if (i == 2)
			series_end_round(s, 100);
	}
	series_end_round(s, 200);
	outcome.failed = true;
	(void)strcpy(outcome.answer, "{\"code\": 11}");
	series_note(s, &outcome);
	outcome.failed = false;
	series_note(s, &outcome);
	series_end_round(s, 50);
	series_note(s, &outcome);
	series_end_round(s, 10);
	assert_ptr_equal(book_series(&book, &cell, VERB_ADD, LANE_OURS), s);
	assert_ptr_equal(book_find(&book, &cell, VERB_ADD, LANE_OURS), s);
	assert_null(book_find(&book, &cell, VERB_DEL, LANE_OURS));
	assert_int_equal(s->wall.n, 7);
	assert_int_equal(s->failures, 1);
	assert_string_equal(s->complaint, "{\"code\": 11}");
	assert_float_equal(s->round_p50.v[0], 2, 0);
	assert_float_equal(s->round_p50.v[1], 5, 0);
	assert_float_equal(s->round_cpu.v[1], 3, 0);
	assert_float_equal(s->round_wall.v[1], 200, 0);
	/* a round in which one failed has no figures; the next has its own */
	assert_float_equal(s->round_p50.v[2], 0, 0);
	assert_float_equal(s->round_cpu.v[2], 0, 0);
	assert_float_equal(s->round_wall.v[2], 0, 0);
	assert_float_equal(s->round_p50.v[3], 6, 0);
	assert_float_equal(s->round_wall.v[3], 10, 0);
	assert_float_equal(s->spent, 360, 0);
}

static void test_trace(void **state)
{
	static const char text[] =
		"10  execve(\"/x/bridge\", [\"/x/bridge\"], 0x7ffd /* 5 vars */) = 0\n"
		"10  brk(NULL)                  = 0x55\n"
		"10  write(1<pipe:[1]>, \"30\", 2)   = 2\n"
		" | 00000  33 30                                             30               |\n"
		/* one datagram of two: a question for a link, and for all links */
		"10  sendto(3<NETLINK:[7]>, [...], 64, 0, {...}, 12) = 64\n"
		" | 00000  20 00 00 00 12 00 01 00  01 00 00 00 00 00 00 00  ................ |\n"
		" | 00010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  ................ |\n"
		" | 00020  20 00 00 00 12 00 01 03  02 00 00 00 00 00 00 00  ................ |\n"
		" | 00030  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  ................ |\n"
		"10  recvmsg(3<NETLINK:[ROUTE:10]>, {...}, 0) = 36\n"
		/* RTM_DELLINK, then a batch of nf_tables, which begins with the same number */
		"10  sendmsg(3<NETLINK:[ROUTE:10]>, {...}, 0) = 32\n"
		" * 32 bytes in buffer 0\n"
		" | 00000  20 00 00 00 11 00 05 00  03 00 00 00 00 00 00 00  ................ |\n"
		" | 00010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  ................ |\n"
		"10  sendto(4<NETLINK:[NETFILTER:10]>, [...], 40, 0, {...}, 12) = 40\n"
		" | 00000  14 00 00 00 10 00 01 00  01 00 00 00 00 00 00 00  ................ |\n"
		" | 00010  00 00 00 0a 14 00 00 00  11 00 01 00 02 00 00 00  ................ |\n"
		" | 00020  00 00 00 00 00 00 00 0a                           ........         |\n"
		"11  execve(\"/usr/sbin/iptables\", [...], 0xc0 /* 5 vars */ <unfinished ...>\n"
		"10  read(5<pipe:[2]>,  <unfinished ...>\n"
		"11  <... execve resumed>)      = 0\n"
		"11  execve(\"/no\", [...], 0xc0) = -1 ENOENT (No such file or directory)\n"
		"11  +++ exited with 0 +++\n"
		"10  <... read resumed>\"\", 512) = 0\n"
		"10  --- SIGCHLD {si_signo=SIGCHLD} ---\n"
		"10  exit_group(0)              = ?\n"
		"10  +++ exited with 0 +++\n";
	struct trace trace;
	FILE *file = fmemopen((void *)(uintptr_t)text, sizeof(text) - 1, "r");

	(void)state;
	assert_non_null(file);
	trace_read(file, &trace);
	(void)fclose(file);
	assert_int_equal(trace.calls, 11);
	assert_int_equal(trace.execs, 1);
	assert_int_equal(trace.messages, 3);
	assert_int_equal(trace.dumps, 1);
	assert_int_equal(trace.link_deletions, 1);
}

static const struct cell alone = { CONFIG_V4_MASQ, 1, 0, 0 };
static const struct cell storm = { CONFIG_V4_MASQ, 100, 0, 0 };

/* A round of two calls of @wall ms each, of which @failed have failed. */
static void note_round(struct book *book, const struct cell *cell, enum verb verb,
		       enum lane lane, double wall, int failed)
{
	struct series *s = book_series(book, cell, verb, lane);

	for (int i = 0; i < 2; i++) {
		struct outcome outcome = { .wall = wall,
					   .user = wall,
					   .failed = i < failed };

		series_note(s, &outcome);
	}
	series_end_round(s, wall);
}

/* Three rounds in which the reference took @factor times our 2 ms. */
static void note_rounds(struct book *book, const struct cell *cell, enum verb verb,
			double factor)
{
	for (int round = 0; round < 3; round++) {
		note_round(book, cell, verb, LANE_OURS, 2, 0);
		note_round(book, cell, verb, LANE_REFERENCE, 2 * factor, 0);
	}
}

/* The target that begins with these words. */
static struct finding find_target(const char *what, const struct book *book, double slack)
{
	struct finding f = { 0 };

	for (size_t i = 0; i < target_count; i++) {
		f = target_find(i, book, slack);
		if (strncmp(f.what, what, strlen(what)) == 0)
			return f;
	}
	fail_msg("no target is called %s", what);
	return f;
}

static enum verdict verdict_of(const char *what, const struct book *book)
{
	return find_target(what, book, 1).verdict;
}

static void assert_verdict(double factor, double slack, enum verdict wanted)
{
	_cleanup_(book_close) struct book book;

	book_open(&book);
	note_rounds(&book, &alone, VERB_ADD, factor);
	assert_int_equal(find_target("ADD v4+masq, median", &book, slack).verdict,
			 wanted); /* >= 15 */
}

static void test_target(void **state)
{
	_cleanup_(book_close) struct book empty;

	(void)state;
	book_open(&empty);
	for (size_t i = 0; i < target_count; i++) {
		struct finding f = target_find(i, &empty, 1);

		assert_int_equal(f.verdict, NOT_MEASURED);
		assert_string_equal(f.measured, "");
	}
	assert_verdict(16, 1, MET);
	assert_verdict(14, 1, MISSED);
	assert_verdict(14, 0.6, MET);
	assert_verdict(8, 0.6, MISSED);
}

/* Who fails is soon done. */
static void test_our_failures(void **state)
{
	_cleanup_(book_close) struct book book;
	struct finding f;

	(void)state;
	book_open(&book);
	note_rounds(&book, &storm, VERB_ADD, 10);
	assert_int_equal(verdict_of("100 ADDs at once", &book), MET);
	note_round(&book, &storm, VERB_ADD, LANE_OURS, 1, 1);
	note_round(&book, &storm, VERB_ADD, LANE_REFERENCE, 20, 0);
	f = find_target("100 ADDs at once", &book, 1);
	assert_int_equal(f.verdict, MISSED);
	assert_string_equal(f.measured, "1 of 8 calls failed");
}

static void test_their_failures(void **state)
{
	_cleanup_(book_close) struct book book;
	struct finding f;

	(void)state;
	book_open(&book);
	note_round(&book, &storm, VERB_ADD, LANE_OURS, 2, 0);
	note_round(&book, &storm, VERB_ADD, LANE_REFERENCE, 1000, 1);
	f = find_target("100 ADDs at once", &book, 1);
	assert_int_equal(f.verdict, NOT_MEASURED);
	assert_string_equal(f.measured, "reference failed in each round: 1 of 2 calls");
	/* only the rounds without are compared */
	note_rounds(&book, &storm, VERB_ADD, 7);
	assert_int_equal(verdict_of("100 ADDs at once", &book), MISSED);
	note_rounds(&book, &storm, VERB_ADD, 9);
	note_round(&book, &storm, VERB_ADD, LANE_OURS, 2, 0);
	note_round(&book, &storm, VERB_ADD, LANE_REFERENCE, 2, 2);
	f = find_target("100 ADDs at once", &book, 1);
	assert_int_equal(f.verdict, MET);
	assert_string_equal(f.measured, "8.0× (7.0 to 9.0 in 6 rounds)");
}

static void assert_beyond(const char *what, enum verb verb, double ours,
			  enum verdict wanted)
{
	_cleanup_(book_close) struct book book;

	book_open(&book);
	note_round(&book, &alone, verb, LANE_FLOOR, 2, 0);
	note_round(&book, &alone, verb, LANE_OURS, ours, 0);
	assert_int_equal(verdict_of(what, &book), wanted);
}

static void test_beyond(void **state)
{
	(void)state;
	assert_beyond("ADD v4+masq, time beyond", VERB_ADD, 2.48, MET);
	assert_beyond("ADD v4+masq, time beyond", VERB_ADD, 2.52, MISSED);
	assert_beyond("DEL v4+masq beyond", VERB_DEL, 2.28, MET);
	assert_beyond("DEL v4+masq beyond", VERB_DEL, 2.32, MISSED);
}

static void assert_status(double status, int failed, enum verdict wanted)
{
	_cleanup_(book_close) struct book book;

	book_open(&book);
	note_round(&book, &alone, VERB_VERSION, LANE_OURS, 2, 0);
	note_round(&book, &alone, VERB_STATUS, LANE_OURS, status, failed);
	assert_int_equal(verdict_of("STATUS against VERSION", &book), wanted);
}

static void test_status(void **state)
{
	(void)state;
	assert_status(2.98, 0, MET);
	assert_status(3.02, 0, MISSED);
	assert_status(2.98, 1, MISSED);
}

static void assert_packets(double slowest_but_one, double slowest, size_t lost,
			   enum verdict wanted)
{
	_cleanup_(book_close) struct book book;

	book_open(&book);
	for (int i = 0; i < 98; i++)
		samples_add(&book.packets[LANE_OURS], 1);
	FILL(&book.packets[LANE_OURS], slowest_but_one, slowest);
	book.packets_lost[LANE_OURS] = lost;
	assert_int_equal(verdict_of("first packet after ADD", &book), wanted);
}

static void test_packets(void **state)
{
	_cleanup_(book_close) struct book none;

	(void)state;
	assert_packets(4.9, 99, 0, MET);
	assert_packets(5.1, 99, 0, MISSED);
	assert_packets(4.9, 100, 0, MISSED);
	assert_packets(4.9, 99, 1, MISSED);
	book_open(&none);
	none.packets_lost[LANE_OURS] = 1;
	assert_int_equal(verdict_of("first packet after ADD", &none), MISSED);
}

/* What is made of up to four facts of ours, from @first on. */
static void assert_facts(const char *what, enum fact first, const double *values,
			 size_t n, enum verdict wanted)
{
	_cleanup_(book_close) struct book book;

	book_open(&book);
	memcpy(&book.facts[LANE_OURS][first], values, n * sizeof(*values));
	assert_int_equal(verdict_of(what, &book), wanted);
}

#define FACTS_ARE(wanted, what, first, ...)                                              \
	assert_facts((what), (first), (const double[]){ __VA_ARGS__ },                   \
		     sizeof((const double[]){ __VA_ARGS__ }) / sizeof(double), (wanted))

static void test_growth(void **state)
{
	static const char what[] = "ADD at 1,000 containers and 10,000 leases";

	(void)state;
	FACTS_ARE(MET, what, FACT_INSTRUCTIONS, 1000, 1099);
	FACTS_ARE(MISSED, what, FACT_INSTRUCTIONS, 1000, 1101);
	FACTS_ARE(NOT_MEASURED, what, FACT_INSTRUCTIONS, 1000);
}

/* System calls, programs, messages, dumps. */
static void test_frugal(void **state)
{
	static const char what[] = "system calls of a warm ADD";

	(void)state;
	FACTS_ARE(MET, what, FACT_SYSCALLS, 90, 0, 10, 0);
	FACTS_ARE(MET, what, FACT_SYSCALLS, 90, 0, 1, 0);
	FACTS_ARE(MISSED, what, FACT_SYSCALLS, 91, 0, 10, 0);
	FACTS_ARE(MISSED, what, FACT_SYSCALLS, 90, 1, 10, 0);
	FACTS_ARE(MISSED, what, FACT_SYSCALLS, 90, 0, 11, 0);
	FACTS_ARE(MISSED, what, FACT_SYSCALLS, 90, 0, 10, 1);
	/* nothing works without netlink: the trace was not understood */
	FACTS_ARE(MISSED, what, FACT_SYSCALLS, 90, 0, 0, 0);
}

/* Bytes, KiB, whether it is dynamic. */
static void test_size(void **state)
{
	static const char what[] = "size of the stripped executable";

	(void)state;
	FACTS_ARE(MET, what, FACT_SIZE, 200000, 2929, 1);
	FACTS_ARE(MISSED, what, FACT_SIZE, 200001, 2929, 1);
	FACTS_ARE(MET, what, FACT_SIZE, 200001, 2929, 0);
	FACTS_ARE(MISSED, what, FACT_SIZE, 200000, 2930, 1);
	FACTS_ARE(MISSED, what, FACT_SIZE, 200000, 0, 1);
}

/* Milliseconds, link deletions. */
static void test_gc(void **state)
{
	static const char what[] = "GC of 500 attachments";

	(void)state;
	FACTS_ARE(MET, what, FACT_GC_MS, 1000, 1);
	FACTS_ARE(MISSED, what, FACT_GC_MS, 1001, 1);
	FACTS_ARE(MISSED, what, FACT_GC_MS, 1000, 2);
	/* it did not do what was to be measured */
	FACTS_ARE(MISSED, what, FACT_GC_MS, 1000, 0);
}

/* The gates, and the last line that they print: their own "ok" is not for who counts ours. */
static bool gates(const struct book *book, char line[static 256])
{
	FILE *file = tmpfile();
	int out = dup(STDOUT_FILENO);
	bool passed;

	assert_non_null(file);
	(void)fflush(stdout);
	(void)dup2(fileno(file), STDOUT_FILENO);
	passed = report_gates(book);
	(void)fflush(stdout);
	(void)dup2(out, STDOUT_FILENO);
	(void)close(out);
	rewind(file);
	while (fgets(line, 256, file))
		;
	(void)fclose(file);
	return passed;
}

static void test_gates(void **state)
{
	_cleanup_(book_close) struct book book;
	char line[256];

	(void)state;
	book_open(&book);
	/* where nothing was measured nothing was found to be good */
	assert_false(gates(&book, line));
	assert_string_equal(line, "0 passed, 0 failed, 3 skipped\n");
	note_rounds(&book, &alone, VERB_ADD, 10);
	book.facts[LANE_OURS][FACT_LEAKS] = 0;
	book.facts[LANE_REFERENCE][FACT_LEAKS] = 3;
	assert_true(gates(&book, line));
	assert_string_equal(line, "1 passed, 0 failed, 2 skipped\n");
	book.facts[LANE_OURS][FACT_LEAKS] = 1;
	assert_false(gates(&book, line));
	assert_string_equal(line, "1 passed, 1 failed, 2 skipped\n");
	book.facts[LANE_OURS][FACT_LEAKS] = 0;
	/* of a verb that no gate is of */
	note_round(&book, &alone, VERB_CHECK, LANE_REFERENCE, 2, 1);
	assert_true(gates(&book, line));
	note_round(&book, &alone, VERB_CHECK, LANE_OURS, 2, 1);
	assert_false(gates(&book, line));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_percentile),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_median),
		cmocka_unit_test(test_ratio),
		cmocka_unit_test(test_rounds),
		cmocka_unit_test(test_trace),
		cmocka_unit_test(test_target),
		cmocka_unit_test(test_our_failures),
		cmocka_unit_test(test_their_failures),
		cmocka_unit_test(test_beyond),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_packets),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_frugal),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_gc),
		cmocka_unit_test(test_gates),
	};

	return cmocka_run_group_tests_name("bench", tests, NULL, NULL);
}

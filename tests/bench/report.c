/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.c - tell what has been measured
 */
#include "report.h"

#include <cjson/cJSON.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "start.h"
#include "target.h"

#define GATE 0.6

static const char *const verdicts[] = { "not measured", "met", "missed" };

/* The first line of a command's output; "?" where there is none. */
static const char *ask(const char *command, char line[static 256])
{
	FILE *pipe = popen(command, "re");

	if (!pipe || !fgets(line, 256, pipe))
		(void)snprintf(line, 256, "?");
	if (pipe)
		(void)pclose(pipe);
	line[strcspn(line, "\n")] = '\0';
	return line;
}

/* HZ of the kernel: where its configuration does not say, from the clock's coarse resolution. */
static long kernel_hz(void)
{
	struct timespec tick = { 0 };

	(void)clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	return tick.tv_nsec ? (1000000000 + tick.tv_nsec / 2) / tick.tv_nsec : 0;
}

double report_load(void)
{
	double load = 0;

	(void)getloadavg(&load, 1);
	return load;
}

void report_machine(const struct field *field)
{
	struct utsname kernel;
	char line[256], today[32];
	time_t now = time(NULL);
	struct tm tm;

	(void)uname(&kernel);
	(void)strftime(today, sizeof(today), "%Y-%m-%d %H:%M UTC", gmtime_r(&now, &tm));
	printf("%s, Linux %s, HZ %ld, %ld processors, load %.2f\n", today, kernel.release,
	       kernel_hz(), sysconf(_SC_NPROCESSORS_ONLN), report_load());
	printf("%s\n", ask(". /etc/os-release; echo $PRETTY_NAME: $(iptables --version), "
			   "$(nft --version)",
			   line));
	for (enum lane lane = 0; lane < LANES; lane++) {
		char program[256];

		(void)snprintf(program, sizeof(program), "%s/bridge",
			       field->dirs[lane] ? field->dirs[lane] : "");
		if (field->dirs[lane])
			printf("%-9s  %s, %s\n", lane_names[lane], program,
			       lane_is_dynamic(program) ? "dynamically linked"
							: "statically linked");
		else
			printf("%-9s  not here: skipped\n", lane_names[lane]);
	}
	printf("Times in ms.  CPU is the kernel's own count of what ran (its sum is exact, how it is\n"
	       "split into user and sys is sampled by the tick).  \"of ours\" is the lane's p50, and its\n"
	       "CPU, in parts of ours: the ratio of each round, and the median (range) of these.\n\n");
}

static double per_second(const struct series *s)
{
	return s->spent > 0 ? (double)s->wall.n / s->spent * 1e3 : 0;
}

static void report_line(const struct series *s, const struct series *ours)
{
	printf("    %-9s %8.2f %8.2f %8.2f %8.2f %8.2f %7.0f %7.2f %7.2f %6zu",
	       lane_names[s->lane], samples_percentile(&s->wall, 0),
	       samples_median(&s->wall), samples_percentile(&s->wall, 90),
	       samples_percentile(&s->wall, 99), samples_percentile(&s->wall, 100),
	       per_second(s), samples_mean(&s->user), samples_mean(&s->sys), s->failures);
	if (ours && ours != s) {
		struct ratio p50 = ratio_of(&s->round_p50, &ours->round_p50);
		struct ratio cpu = ratio_of(&s->round_cpu, &ours->round_cpu);

		printf("  %6.2f (%.2f-%.2f) CPU %.2f", p50.median, p50.min, p50.max,
		       cpu.median);
	}
	printf("\n");
	if (s->failures)
		printf("      first failure: %s\n", s->complaint);
}

static void report_group(const struct book *book, const struct series *first)
{
	const struct cell *cell = &first->cell;
	const struct series *ours = book_find(book, cell, first->verb, LANE_OURS);

	printf("%s %s, %zu at once, %zu containers and %zu leases present (load %.1f)\n",
	       config_names[cell->config], verb_names[first->verb], cell->at_once,
	       cell->present, cell->leases, report_load());
	printf("    %-9s %8s %8s %8s %8s %8s %7s %7s %7s %6s  %s\n", "", "min", "p50",
	       "p90", "p99", "max", "ops/s", "user", "sys", "failed", "of ours");
	for (enum lane lane = 0; lane < LANES; lane++) {
		const struct series *s = book_find(book, cell, first->verb, lane);

		if (s)
			report_line(s, ours);
	}
}

void report_series(const struct book *book, size_t from)
{
	for (size_t i = from; i < book->n; i++) {
		const struct series *s = book->series[i];
		bool told = false;

		for (enum lane lane = 0; lane < s->lane; lane++)
			told = told || book_find(book, &s->cell, s->verb, lane);
		if (!told)
			report_group(book, s);
	}
	(void)fflush(stdout);
}

void report_facts(const struct book *book)
{
	for (enum lane lane = 0; lane < LANES; lane++) {
		const struct samples *packets = &book->packets[lane];
		const char *comma = "";

		printf("%-9s  ", lane_names[lane]);
		for (enum fact fact = 0; fact < FACTS; fact++) {
			if (book->facts[lane][fact] < 0)
				continue;
			printf("%s%s %.0f", comma, fact_names[fact],
			       book->facts[lane][fact]);
			comma = ", ";
		}
		if (packets->n)
			printf("%sfirst packet p50 %.2f p99 %.2f max %.2f ms, lost %zu",
			       comma, samples_median(packets),
			       samples_percentile(packets, 99),
			       samples_percentile(packets, 100),
			       book->packets_lost[lane]);
		printf("\n");
	}
}

void report_starts(const struct book *book)
{
	bool told = false;

	for (size_t i = 0; i < START_COUNT; i++) {
		const struct samples *s = &book->starts[i];

		if (s->n == 0)
			continue;
		if (!told)
			printf("\n| what is started | median, ms | fastest |\n"
			       "| --- | --- | --- |\n");
		told = true;
		printf("| %s | %.2f | %.2f |\n", starts[i].what, samples_median(s),
		       samples_percentile(s, 0));
	}
}

void report_targets(const struct book *book)
{
	printf("\n| what | target | measured | |\n| --- | --- | --- | --- |\n");
	for (size_t i = 0; i < target_count; i++) {
		struct finding f = target_find(i, book, 1);

		printf("| %s | %s | %s | %s |\n", f.what, f.goal, f.measured,
		       verdicts[f.verdict]);
	}
}

/* Is there nothing to be said against what was measured of ours?  Says it otherwise. */
static bool is_clean(const struct book *book)
{
	double leaks = book->facts[LANE_OURS][FACT_LEAKS];
	size_t failures = 0;

	for (size_t i = 0; i < book->n; i++)
		if (book->series[i]->lane == LANE_OURS)
			failures += book->series[i]->failures;
	if (failures == 0 && leaks <= 0)
		return true;
	printf("not ok - no call of ours fails or leaves anything: %zu failed, %.0f leaks\n",
	       failures, leaks > 0 ? leaks : 0);
	return false;
}

bool report_gates(const struct book *book)
{
	size_t counts[3] = { 0 };

	if (book->busy)
		printf("the machine is busy with other things: CPU is judged instead of time\n");
	for (size_t i = 0; i < target_count; i++) {
		struct finding f = target_find(i, book, GATE);

		if (!target_is_guarded(i))
			continue;
		if (f.verdict == NOT_MEASURED && !*f.measured)
			(void)snprintf(f.measured, sizeof(f.measured), "no peer here");
		counts[f.verdict]++;
		printf("%sok - %s: %s; target %s, gate at %.0f %% of it%s\n",
		       f.verdict == MISSED ? "not " : "", f.what, f.measured, f.goal,
		       100 * GATE, f.verdict == NOT_MEASURED ? " # SKIP" : "");
	}
	if (!is_clean(book))
		counts[MISSED]++;
	printf("%zu passed, %zu failed", counts[MET], counts[MISSED]);
	if (counts[NOT_MEASURED])
		printf(", %zu skipped", counts[NOT_MEASURED]);
	printf("\n");
	return counts[MISSED] == 0 && counts[MET] > 0;
}

static void add_samples(cJSON *to, const char *name, const struct samples *s)
{
	cJSON_AddItemToObject(to, name, cJSON_CreateDoubleArray(s->v, (int)s->n));
}

static cJSON *json_of_series(const struct series *s)
{
	cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "config", config_names[s->cell.config]);
	cJSON_AddNumberToObject(json, "at_once", (double)s->cell.at_once);
	cJSON_AddNumberToObject(json, "present", (double)s->cell.present);
	cJSON_AddNumberToObject(json, "leases", (double)s->cell.leases);
	cJSON_AddStringToObject(json, "verb", verb_names[s->verb]);
	cJSON_AddStringToObject(json, "lane", lane_names[s->lane]);
	cJSON_AddNumberToObject(json, "min_ms", samples_percentile(&s->wall, 0));
	cJSON_AddNumberToObject(json, "p50_ms", samples_median(&s->wall));
	cJSON_AddNumberToObject(json, "p90_ms", samples_percentile(&s->wall, 90));
	cJSON_AddNumberToObject(json, "p99_ms", samples_percentile(&s->wall, 99));
	cJSON_AddNumberToObject(json, "max_ms", samples_percentile(&s->wall, 100));
	cJSON_AddNumberToObject(json, "ops_per_s", per_second(s));
	cJSON_AddNumberToObject(json, "user_ms", samples_mean(&s->user));
	cJSON_AddNumberToObject(json, "sys_ms", samples_mean(&s->sys));
	cJSON_AddNumberToObject(json, "calls", (double)s->wall.n);
	cJSON_AddNumberToObject(json, "failures", (double)s->failures);
	add_samples(json, "round_p50_ms", &s->round_p50);
	add_samples(json, "round_cpu_ms", &s->round_cpu);
	add_samples(json, "round_wall_ms", &s->round_wall);
	return json;
}

static cJSON *json_of_start(const struct book *book, size_t i)
{
	cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "what", starts[i].what);
	add_samples(json, "ms", &book->starts[i]);
	return json;
}

static cJSON *json_of_lane(const struct book *book, enum lane lane)
{
	cJSON *json = cJSON_CreateObject();

	for (enum fact fact = 0; fact < FACTS; fact++)
		if (book->facts[lane][fact] >= 0)
			cJSON_AddNumberToObject(json, fact_names[fact],
						book->facts[lane][fact]);
	add_samples(json, "first_packet_ms", &book->packets[lane]);
	cJSON_AddNumberToObject(json, "first_packets_lost",
				(double)book->packets_lost[lane]);
	return json;
}

static cJSON *json_of_target(size_t i, const struct book *book)
{
	struct finding f = target_find(i, book, 1);
	cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "what", f.what);
	cJSON_AddStringToObject(json, "target", f.goal);
	cJSON_AddStringToObject(json, "measured", f.measured);
	cJSON_AddStringToObject(json, "verdict", verdicts[f.verdict]);
	return json;
}

void report_json(const struct book *book, const char *path)
{
	cJSON *json = cJSON_CreateObject();
	cJSON *series = cJSON_AddArrayToObject(json, "series");
	cJSON *started = cJSON_AddArrayToObject(json, "starts");
	cJSON *lanes = cJSON_AddObjectToObject(json, "lanes");
	cJSON *targets = cJSON_AddArrayToObject(json, "targets");
	_cleanup_(freep) char *text = NULL;
	FILE *file = fopen(path, "we");
	struct utsname kernel;

	if (!file)
		err(1, "%s", path);
	(void)uname(&kernel);
	cJSON_AddStringToObject(json, "kernel", kernel.release);
	cJSON_AddNumberToObject(json, "hz", (double)kernel_hz());
	cJSON_AddNumberToObject(json, "load", report_load());
	cJSON_AddNumberToObject(json, "time", (double)time(NULL));
	for (size_t i = 0; i < book->n; i++)
		cJSON_AddItemToArray(series, json_of_series(book->series[i]));
	for (size_t i = 0; i < START_COUNT; i++)
		cJSON_AddItemToArray(started, json_of_start(book, i));
	for (enum lane lane = 0; lane < LANES; lane++)
		cJSON_AddItemToObject(lanes, lane_names[lane], json_of_lane(book, lane));
	for (size_t i = 0; i < target_count; i++)
		cJSON_AddItemToArray(targets, json_of_target(i, book));
	text = cJSON_Print(json);
	cJSON_Delete(json);
	if (!text || fprintf(file, "%s\n", text) < 0 || fclose(file) != 0)
		err(1, "%s", path);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c - bench: measure footbridge beside its peers
 */
#include <err.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "part.h"
#include "report.h"

static const char usage[] =
	"usage: tests/net/box bench --ours DIR [--LANE DIR...] [OPTION...]\n"
	"\n"
	"  --ours, --static, --reference, --newer, --floor DIR\n"
	"                     where the program \"bridge\" of each lane is; one that is not\n"
	"                     there is left out\n"
	"  --starts DIR       programs linked in several ways: see tests/bench/start.c\n"
	"  --smoke            a few rounds; the last line counts the gates passed\n"
	"  --parts LIST       starts,counts,sequential,concurrent,storm,scale,packets,gc\n"
	"  --configs LIST     v4,v4+masq,dual,dual+masq\n"
	"  --at-once LIST     8,32,128 (128 at most)\n"
	"  --present LIST     0,100,500,1000\n"
	"  --leases N         10000; 0: only without\n"
	"  --rounds N, --calls N\n"
	"  --json FILE        write everything there, too\n";

/* Which of @names is it?  Ends the program where it is none. */
static int number_of(const char *name, const char *const names[])
{
	for (int i = 0; names[i]; i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	errx(2, "%s is not known; see --help", name);
}

/* Set those that stand in a list with commas or spaces, and no others. */
static void choose(char *list, const char *const names[], bool *chosen)
{
	char *rest = NULL;

	for (int i = 0; names[i]; i++)
		chosen[i] = false;
	for (char *word = strtok_r(list, ", ", &rest); word;
	     word = strtok_r(NULL, ", ", &rest))
		chosen[number_of(word, names)] = true;
}

static size_t read_number(const char *text, size_t max)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (end == text || *end || n > max)
		errx(2, "%s is no number up to %zu", text, max);
	return n;
}

static void read_numbers(char *list, size_t numbers[static CHOICES], size_t max,
			 size_t last)
{
	char *rest = NULL;
	size_t n = 0;

	for (char *word = strtok_r(list, ", ", &rest); word && n < CHOICES - 1;
	     word = strtok_r(NULL, ", ", &rest))
		numbers[n++] = read_number(word, max);
	numbers[n] = last;
}

struct options {
	struct choice choice;
	bool smoke;
	const char *json;
};

static const char *existing(const char *dir)
{
	char program[256];

	(void)snprintf(program, sizeof(program), "%s/bridge", dir);
	return access(program, X_OK) == 0 ? dir : NULL;
}

/* The gates need no more than this. */
static void choose_smoke(struct options *o)
{
	o->smoke = o->choice.brief = true;
	o->choice.rounds = 3;
	o->choice.calls = 10;
	memset(o->choice.parts, 0, sizeof(o->choice.parts));
	o->choice.parts[PART_COUNTS] = o->choice.parts[PART_SEQUENTIAL] = true;
	memset(o->choice.configs, 0, sizeof(o->choice.configs));
	o->choice.configs[CONFIG_V4_MASQ] = o->choice.configs[CONFIG_DUAL_MASQ] = true;
}

static void read_option(struct options *o, int option)
{
	struct choice *choice = &o->choice;

	switch (option) {
	case 's':
		choose_smoke(o);
		break;
	case 'p':
		choose(optarg, part_names, choice->parts);
		break;
	case 'c':
		choose(optarg, config_names, choice->configs);
		break;
	case 'a':
		read_numbers(optarg, choice->at_once, LAUNCH_AT_ONCE, 0);
		break;
	case 'n':
		/* a bridge has no more than 1,024 ports, and guests come, too */
		read_numbers(optarg, choice->present, 1000, SIZE_MAX);
		break;
	case 'l':
		choice->leases = read_number(optarg, 30000);
		break;
	case 'r':
		choice->rounds = read_number(optarg, 1000);
		break;
	case 'k':
		choice->calls = read_number(optarg, LAUNCH_AT_ONCE);
		break;
	case 'j':
		o->json = optarg;
		break;
	case 'd':
		choice->starts = optarg;
		break;
	case 'h':
		(void)fputs(usage, stdout);
		exit(0);
	default:
		choice->field.dirs[option - 256] = existing(optarg);
	}
}

static void read_options(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
		{ "ours", required_argument, NULL, 256 + LANE_OURS },
		{ "static", required_argument, NULL, 256 + LANE_STATIC },
		{ "reference", required_argument, NULL, 256 + LANE_REFERENCE },
		{ "newer", required_argument, NULL, 256 + LANE_NEWER },
		{ "floor", required_argument, NULL, 256 + LANE_FLOOR },
		{ "starts", required_argument, NULL, 'd' },
		{ "smoke", no_argument, NULL, 's' },
		{ "parts", required_argument, NULL, 'p' },
		{ "configs", required_argument, NULL, 'c' },
		{ "at-once", required_argument, NULL, 'a' },
		{ "present", required_argument, NULL, 'n' },
		{ "leases", required_argument, NULL, 'l' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "calls", required_argument, NULL, 'k' },
		{ "json", required_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};

	for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
		if (option == '?')
			errx(2, "see --help");
		read_option(o, option);
	}
	if (!o->choice.field.dirs[LANE_OURS])
		errx(2, "--ours: no program \"bridge\" there; see --help");
}

int main(int argc, char **argv)
{
	struct options o = { .choice = {
				     .parts = { true, true, true, true, true, true, true,
						true },
				     .configs = { true, true, true, true },
				     .at_once = { 8, 32, 128, 0 },
				     .present = { 0, 100, 500, 1000, SIZE_MAX },
				     .leases = 10000,
			     } };
	_cleanup_(book_close) struct book book;

	read_options(&o, argc, argv);
	if (!getenv("FOOTBRIDGE_BOX"))
		errx(2, "run me in tests/net/box: I fill whatever host I am in");
	/* what a plugin leaves running comes to us, and is counted */
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	(void)umask(022);
	book_open(&book);
	book.busy = report_load() > (double)sysconf(_SC_NPROCESSORS_ONLN);
	report_machine(&o.choice.field);
	for (enum part part = 0; part < PARTS; part++) {
		size_t from = book.n;
		double began = launch_now();

		if (!o.choice.parts[part])
			continue;
		part_run(part, &o.choice, &book);
		printf("--- %s: %.0f s\n", part_names[part],
		       (launch_now() - began) / 1e3);
		report_series(&book, from);
	}
	report_facts(&book);
	report_starts(&book);
	report_targets(&book);
	if (o.json)
		report_json(&book, o.json);
	return o.smoke && !report_gates(&book);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command.h - the register of what a person may ask `footbridge` for
 *
 * One row a subcommand.  A command speaks to the person at the keyboard: its
 * answer goes to stdout, what went wrong to stderr, and what it returns is the exit
 * status.  `footbridge NAME --help` is answered for all of them from the row.
 */
#ifndef FOOTBRIDGE_COMMAND_H
#define FOOTBRIDGE_COMMAND_H

#include <getopt.h>
#include <stdbool.h>

#include "list.h"
#include "writer.h"

/* Exit statuses. */
enum {
	COMMAND_FINE = 0,
	COMMAND_TROUBLE = 1,	/* it failed, or it found what is not as it should be */
	COMMAND_USAGE = 2,	/* it was called wrongly */
	COMMAND_EXPLAINED = -2,	/* none of a shell's: it was asked for its help, and gave it */
};

struct command {
	const char *name;
	const char *synopsis;	/* its arguments: "[--json] FILE"; "" = none */
	const char *summary;	/* what it does, in a line without a period */
	const char *help;	/* what --help says below that; ends with a newline, or is "" */
	bool executes;		/* what it is told to: with the caller's umask, then */
	/* @argv: as for main(), argv[0] being the name.  Return: an exit status; COMMAND_EXPLAINED. */
	int (*run)(const struct command *command, int argc, char **argv);
};

/*
 * Say on stderr why the call is wrong, and what would be right.
 * Return: COMMAND_USAGE.
 */
int command_misused(const struct command *command, const char *format, ...) _printf_(2, 3);

/*
 * What getopt_long() has returned '?' or ':' for: say what is wrong with it; where it is
 * --help or -h, what the command does.
 * @found: what was returned.  The optstring began with ':', so that ':' is a value missing.
 * Return: COMMAND_USAGE; COMMAND_EXPLAINED.
 */
int command_stuck(const struct command *command, int found, char *const *argv,
		  const struct option *options);

/* "--help", "-h". */
bool command_is_help(const char *word);

/* Print what `footbridge NAME --help` says.  Return: COMMAND_EXPLAINED. */
int command_explain(const struct command *command);

/* Say each of them on stderr, behind the command's name. */
void command_tell(const struct command *command, const struct list *lines);

/*
 * What went wrong, and its details, in one text.
 * Return: e->msg, behind which they have been put.
 */
const char *command_say(struct error *e);

/* Print a document on stdout.  Return: 0; -1 with ERROR_MEMORY, and nothing is printed. */
int command_print(const struct writer *w, struct error *e) _must_check_;

/* What a command about configurations was asked for. */
struct command_wishes {
	struct list files;	/* --conf FILE|NAME, each time it was said */
	bool json;		/* --json */
	bool special;		/* the switch that it has of its own */
	char **arguments;	/* the rest; ends with NULL */
};

/* Do it.  Return: an exit status; -1 with what went wrong. */
typedef int command_serve(const struct command_wishes *wishes, struct error *e);

/*
 * Run a command about configurations.
 * @special: the name of its own switch; NULL = none.
 * @most: how many arguments it takes.
 * Return: the exit status; COMMAND_EXPLAINED.
 */
int command_about_confs(const struct command *command, int argc, char **argv,
			const char *special, int most, command_serve *serve);

extern const struct command command_check;
extern const struct command command_doctor;
extern const struct command command_gc;
extern const struct command command_graph;
extern const struct command command_lint;
extern const struct command command_list;
extern const struct command command_netns;
extern const struct command command_peer;
extern const struct command command_restore;
extern const struct command command_run;
extern const struct command command_status;

/* Ends with NULL. */
extern const struct command *const commands[];

#endif

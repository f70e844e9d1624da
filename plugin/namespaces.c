/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * namespaces.c - the command `footbridge netns`, for hosts that have no `ip netns`
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "container.h"
#include "named.h"
#include "table.h"
#include "writer.h"

#define TOLD 8 /* processes that a warning names */
#define PROCESSES_TEXT 512

static int told(const struct error *e, int status)
{
	(void)fprintf(stderr, "footbridge netns: %s\n", e->msg);
	return status;
}

/*
 * "3: sh (12), sleep (13), ...", or "0"; and how many more there may be.
 * Return: @text.
 */
static const char *say_processes(const struct named_processes *processes,
				 char text[static PROCESSES_TEXT])
{
	int len = snprintf(text, PROCESSES_TEXT, "%zu", processes->n);

	for (size_t i = 0; i < processes->n && i < TOLD; i++)
		len += snprintf(text + len, PROCESSES_TEXT - (size_t)len, "%s %s (%d)",
				i ? "," : ":", processes->v[i].name,
				(int)processes->v[i].pid);
	if (processes->n > TOLD)
		len += snprintf(text + len, PROCESSES_TEXT - (size_t)len, ", ...");
	if (processes->unseen)
		(void)snprintf(text + len, PROCESSES_TEXT - (size_t)len,
			       "; of %zu more it is not known where they are",
			       processes->unseen);
	return text;
}

/* What begins with a '-' is meant as an option, not as a name. */
static int refuse_option(const struct command *command, const char *word)
{
	return command_misused(command,
			       "%s is not understood; no name begins with a '-' (delete "
			       "-- NAME removes one that does)",
			       word);
}

static int add(const struct command *command, int argc, char **argv)
{
	struct error e;

	if (argc > 0 && *argv[0] == '-')
		return refuse_option(command, argv[0]);
	if (argc != 1)
		return command_misused(command, "add takes one name");
	return named_add(argv[0], &e) == 0 ? COMMAND_FINE : told(&e, COMMAND_TROUBLE);
}

/* Who is in it?  Nobody, where that cannot be found out. */
static void look_inside(const char *name, struct named_processes *processes)
{
	struct error unheard;

	if (named_inode(name, &processes->inode, &unheard) == 0 &&
	    named_processes(processes, 1, &unheard) < 0)
		named_processes_clear(processes);
}

static int remove_name(const struct command *command, int argc, char **argv)
{
	_cleanup_(named_processes_clear) struct named_processes processes = { 0 };
	char text[PROCESSES_TEXT];
	struct error e;

	if (argc == 2 && strcmp(argv[0], "--") == 0) {
		argc--;
		argv++;
	} else if (argc > 0 && *argv[0] == '-') {
		return refuse_option(command, argv[0]);
	}
	if (argc != 1)
		return command_misused(command, "delete takes one name");
	look_inside(argv[0], &processes);
	if (named_delete(argv[0], &e) != 0)
		return told(&e, COMMAND_TROUBLE);
	if (processes.n > 0)
		(void)fprintf(stderr,
			      "footbridge netns: \"%s\" has lost its name, but lives as "
			      "long as processes are in it; %s\n",
			      argv[0], say_processes(&processes, text));
	return COMMAND_FINE;
}

/* Listing. */

/* What there is, name by name. */
struct entries {
	struct list names;
	struct named_processes *v; /* inode 0: the file is no namespace's any more */
};

static void entries_clear(struct entries *entries)
{
	for (size_t i = 0; entries->v && i < entries->names.n; i++)
		named_processes_clear(&entries->v[i]);
	free(entries->v);
	list_clear(&entries->names);
}

static int read_entries(struct entries *entries, struct error *e)
{
	const struct list *names = &entries->names;

	if (named_find(&entries->names, e) < 0)
		return -1;
	if (names->n == 0)
		return 0;
	entries->v = calloc(names->n, sizeof(*entries->v));
	if (!entries->v)
		return error_set(e, ERROR_MEMORY, "out of memory");
	for (size_t i = 0; i < names->n; i++) {
		if (named_inode(names->v[i], &entries->v[i].inode, e) < 0)
			return -1;
	}
	return named_processes(entries->v, names->n, e);
}

static void add_row(struct table *table, const char *name,
		    const struct named_processes *processes)
{
	char text[PROCESSES_TEXT];

	table_add(table, "%s", name);
	if (processes->inode)
		table_add(table, "%llu", (unsigned long long)processes->inode);
	else
		table_add(table, "no namespace");
	table_add(table, "%s", say_processes(processes, text));
}

static void write_entry(struct writer *w, const char *name,
			const struct named_processes *processes)
{
	writer_open(w, NULL, '{');
	writer_string(w, "name", name);
	if (processes->inode)
		writer_integer(w, "inode", (int64_t)processes->inode);
	writer_open(w, "processes", '[');
	for (size_t i = 0; i < processes->n; i++) {
		writer_open(w, NULL, '{');
		writer_integer(w, "pid", processes->v[i].pid);
		writer_string(w, "name", processes->v[i].name);
		writer_close(w, '}');
	}
	writer_close(w, ']');
	writer_integer(w, "unseen", (int64_t)processes->unseen);
	writer_close(w, '}');
}

static int show(bool as_json, struct error *e)
{
	_cleanup_(entries_clear) struct entries entries = { 0 };
	_cleanup_(table_clear) struct table table = { .columns = 3 };
	_cleanup_(writer_clear) struct writer w = { 0 };

	table_add(&table, "NAME");
	table_add(&table, "INODE");
	table_add(&table, "PROCESSES");
	writer_open(&w, NULL, '[');
	if (read_entries(&entries, e) < 0)
		return -1;
	for (size_t i = 0; i < entries.names.n; i++) {
		add_row(&table, entries.names.v[i], &entries.v[i]);
		write_entry(&w, entries.names.v[i], &entries.v[i]);
	}
	writer_close(&w, ']');
	return as_json ? command_print(&w, e) : table_print(&table, stdout, e);
}

static int list(const struct command *command, int argc, char **argv)
{
	bool as_json = argc == 1 && strcmp(argv[0], "--json") == 0;
	struct error e;

	if (argc > 0 && !as_json)
		return command_misused(command, "%s is not understood", argv[0]);
	return show(as_json, &e) == 0 ? COMMAND_FINE : told(&e, COMMAND_TROUBLE);
}

static int exec(const struct command *command, int argc, char **argv)
{
	const int at = argc > 1 && strcmp(argv[1], "--") == 0 ? 2 : 1;
	struct error e;

	if (argc > 0 && *argv[0] == '-') {
		(void)refuse_option(command, argv[0]);
		return CONTAINER_TROUBLE;
	}
	if (argc <= at) {
		(void)command_misused(command, "exec takes a name and a command");
		return CONTAINER_TROUBLE;
	}
	if (named_enter(argv[0], &e) != 0)
		return told(&e, CONTAINER_TROUBLE);
	return container_execute(argv + at);
}

static int run(const struct command *command, int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*go)(const struct command *command, int argc, char **argv);
	} deeds[] = {
		{ "add", add },
		{ "list", list },
		{ "exec", exec },
		{ "delete", remove_name },
	};

	if (argc < 2)
		return command_misused(command, "add, list, exec or delete?");
	for (size_t i = 0; i < COUNT(deeds); i++) {
		if (strcmp(argv[1], deeds[i].name) != 0)
			continue;
		if (argc > 2 && command_is_help(argv[2]))
			return command_explain(command);
		return deeds[i].go(command, argc - 2, argv + 2);
	}
	return command_misused(command, "%s is not understood", argv[1]);
}

const struct command command_netns = {
	.name = "netns",
	.synopsis =
		"add NAME | list [--json] | exec NAME COMMAND [ARGUMENT...] | delete NAME",
	.summary = "network namespaces with a name, as `ip netns` has them",
	.help = "Names are files in " NETNS_DIR ": what either makes, the other knows.\n"
		"\n"
		"  add NAME     make a network namespace\n"
		"  list         all names, the namespaces' inodes and the processes in them\n"
		"  exec NAME    run a command in it, with its devices in /sys and with the files\n"
		"               of /etc/netns/NAME in place of those in /etc\n"
		"  delete NAME  delete the name; the namespace ends with its last process, and\n"
		"               if there are any it says which\n"
		"\n"
		"  --json       a list of {name, inode, processes: [{pid, name}], unseen}; unseen\n"
		"               is how many processes may be in it or not, as their owners alone\n"
		"               and root may look at them\n"
		"\n"
		"The exit status is 1 when it failed. That of exec is the command's; 127 where\n"
		"there is no such command, 126 where it cannot be executed, 125 when the\n"
		"namespace could not be entered or exec was called wrongly.\n",
	.executes = true,
	.run = run,
};

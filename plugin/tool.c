/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tool.c - `footbridge`, for the person at the keyboard
 *
 * Called by the name of a plugin it is that, too: for commands that do what a
 * runtime does, and for whoever wants but one file.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "call.h"
#include "command.h"
#include "startup.h"

// clang-format off
const struct command *const commands[] = {
	&command_check,
	&command_doctor,
	&command_gc,
	&command_graph,
	&command_lint,
	&command_list,
	&command_netns,
	&command_peer,
	&command_restore,
	&command_run,
	&command_status,
	NULL,
};
// clang-format on

/* What `footbridge --help` says. */
static int explain(FILE *to)
{
	(void)fprintf(to,
		      "footbridge " FOOTBRIDGE_VERSION ": tools for its CNI plugins\n\n"
		      "usage: footbridge COMMAND [ARGUMENT...]\n\n");
	for (size_t i = 0; commands[i]; i++)
		(void)fprintf(to, "  %-10s %s\n", commands[i]->name,
			      commands[i]->summary);
	(void)fprintf(to,
		      "  %-10s %s\n  %-10s %s\n\n"
		      "`footbridge COMMAND --help` tells more.  The plugins, which\n"
		      "a container runtime calls:",
		      "version", "print the version", "help",
		      "print this; with a COMMAND behind it, what that one does");
	for (size_t i = 0; plugins[i]; i++)
		(void)fprintf(to, " %s", plugins[i]->name);
	(void)fprintf(to, "\n");
	return to == stdout ? COMMAND_FINE : COMMAND_USAGE;
}

static bool is_one_of(const char *word, const char *one, const char *other)
{
	return strcmp(word, one) == 0 || strcmp(word, other) == 0;
}

/* Return: NULL for none. */
static const struct command *find_command(const char *name)
{
	for (size_t i = 0; commands[i]; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

/* Return: an exit status; COMMAND_EXPLAINED. */
static int obey_command(const struct command *command, int argc, char **argv, mode_t mask)
{
	if (argc > 1 && command_is_help(argv[1]))
		return command_explain(command);
	if (command->executes)
		(void)umask(mask);
	return command->run(command, argc, argv);
}

static int refuse(const char *wish)
{
	if (*wish)
		(void)fprintf(stderr, "footbridge: there is no command \"%s\"\n\n", wish);
	return explain(stderr);
}

/* `footbridge help [COMMAND]`. */
static int help(const char *about)
{
	const struct command *command = find_command(about);

	if (!*about || command_is_help(about) || is_one_of(about, "help", "version"))
		return explain(stdout);
	return command ? command_explain(command) : refuse(about);
}

static int obey(int argc, char **argv, mode_t mask)
{
	const char *wish = argc > 1 ? argv[1] : "";
	const struct command *command = find_command(wish);

	if (command)
		return obey_command(command, argc - 1, argv + 1, mask);
	if (is_one_of(wish, "version", "--version")) {
		(void)printf("footbridge " FOOTBRIDGE_VERSION "\n");
		return COMMAND_FINE;
	}
	if (strcmp(wish, "help") == 0 || command_is_help(wish))
		return help(argc > 2 ? argv[2] : "");
	return refuse(wish);
}

/* An answer that could not be written was not given. */
static int serve_person(int argc, char **argv, mode_t mask)
{
	int status = obey(argc, argv, mask);

	if (status == COMMAND_EXPLAINED)
		status = COMMAND_FINE;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	(void)fprintf(stderr, "footbridge: cannot write to stdout\n");
	return status ? status : COMMAND_TROUBLE;
}

static int refuse_person(const struct error *e)
{
	(void)fprintf(stderr, "footbridge: %s\n", e->msg);
	return COMMAND_TROUBLE;
}

int main(int argc, char **argv)
{
	const struct plugin *plugin = plugin_find(startup_name(argc, argv));
	mode_t mask;
	struct error e;

	if (startup_tidy(&mask, &e) < 0)
		return plugin ? call_refuse(plugin, &e) : refuse_person(&e);
	return plugin ? call_serve(plugin, &e) : serve_person(argc, argv, mask);
}

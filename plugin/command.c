/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command.c - what the commands of `footbridge` have in common
 */
#include "command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int command_misused(const struct command *command, const char *format, ...)
{
	va_list arguments;

	(void)fprintf(stderr, "footbridge %s: ", command->name);
	va_start(arguments, format);
	(void)vfprintf(stderr, format, arguments);
	va_end(arguments);
	(void)fprintf(stderr, "\nusage: footbridge %s%s%s\n", command->name,
		      *command->synopsis ? " " : "", command->synopsis);
	return COMMAND_USAGE;
}

bool command_is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

int command_explain(const struct command *command)
{
	(void)printf("usage: footbridge %s%s%s\n\n%s.\n%s%s", command->name,
		     *command->synopsis ? " " : "", command->synopsis, command->summary,
		     *command->help ? "\n" : "", command->help);
	return COMMAND_EXPLAINED;
}

/* Return: NULL for none. */
static const struct option *option_of(const struct option *options, int value)
{
	for (; options->name; options++) {
		if (options->val == value)
			return options;
	}
	return NULL;
}

/* Is this word the option, be it shortened, with a value? */
static bool gives_value(const char *word, const struct option *option)
{
	const char *end = strchr(word, '=');

	return option && end && strncmp(word, "--", 2) == 0 &&
	       strncmp(word + 2, option->name, (size_t)(end - word) - 2) == 0;
}

/* Where a letter is in the way, its word may not have ended: that is not argv[optind - 1] then. */
int command_stuck(const struct command *command, int found, char *const *argv,
		  const struct option *options)
{
	const struct option *option = option_of(options, optopt);
	const char *word = argv[optind - 1];

	if (found == ':' && option)
		return command_misused(command, "--%s needs a value behind it",
				       option->name);
	if (optopt == 0)
		return strcmp(word, "--help") == 0
			       ? command_explain(command)
			       : command_misused(command, "%s is not understood", word);
	if (gives_value(word, option))
		return command_misused(command, "--%s takes no value", option->name);
	return optopt == 'h' ? command_explain(command)
			     : command_misused(command, "-%c is not understood", optopt);
}

void command_tell(const struct command *command, const struct list *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		(void)fprintf(stderr, "footbridge %s: %s\n", command->name, lines->v[i]);
}

const char *command_say(struct error *e)
{
	if (*e->details)
		error_set(e, e->code, "%s: %s", e->msg, e->details);
	return e->msg;
}

int command_print(const struct writer *w, struct error *e)
{
	if (!writer_text(w))
		return error_set(e, ERROR_MEMORY, "out of memory");
	(void)printf("%s\n", writer_text(w));
	return 0;
}

/* Return: an exit status; COMMAND_EXPLAINED; -1. */
static int read_wishes(const struct command *command, int argc, char **argv,
		       const char *special, int most, struct command_wishes *wishes,
		       struct error *e)
{
	const struct option options[] = {
		{ "conf", required_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ special, no_argument, NULL, 's' },
		{ 0 },
	};
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", options, NULL)) >= 0) {
		if (option == 's')
			wishes->special = true;
		else if (option == 'j')
			wishes->json = true;
		else if (option != 'c')
			return command_stuck(command, option, argv, options);
		else if (list_add(&wishes->files, optarg, e) < 0)
			return -1;
	}
	wishes->arguments = argv + optind;
	return argc - optind > most
		       ? command_misused(command, "%s is one argument too many",
					 argv[optind + most])
		       : COMMAND_FINE;
}

int command_about_confs(const struct command *command, int argc, char **argv,
			const char *special, int most, command_serve *serve)
{
	struct command_wishes wishes = { 0 };
	struct error e = { 0 };
	int r = read_wishes(command, argc, argv, special, most, &wishes, &e);

	if (r == COMMAND_FINE)
		r = serve(&wishes, &e);
	list_clear(&wishes.files);
	if (r >= 0 || r == COMMAND_EXPLAINED)
		return r;
	(void)fprintf(stderr, "footbridge %s: %s\n", command->name, command_say(&e));
	return COMMAND_TROUBLE;
}

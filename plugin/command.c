/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command.c - what the commands of `footbridge` have in common
 */
#include "command.h"

#include <stdarg.h>
#include <stdio.h>

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

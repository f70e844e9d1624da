/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c - the plugins: one executable under several names
 *
 * It has nothing of what people ask `footbridge` for (tool.c): it is started for
 * every container, as root.
 */
#include <stdio.h>

#include "call.h"
#include "startup.h"

static int refuse_name(const char *name)
{
	(void)fprintf(
		stderr,
		"\"%s\" is no plugin of footbridge: call it by the name of one:", name);
	for (size_t i = 0; plugins[i]; i++)
		(void)fprintf(stderr, " %s", plugins[i]->name);
	(void)fprintf(stderr, "\n");
	return 2;
}

int main(int argc, char **argv)
{
	const char *name = startup_name(argc, argv);
	const struct plugin *plugin = plugin_find(name);
	mode_t mask;
	struct error e;

	if (!plugin)
		return refuse_name(name);
	return startup_tidy(&mask, &e) == 0 ? call_serve(plugin, &e)
					    : call_refuse(plugin, &e);
}

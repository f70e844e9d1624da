/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * residents.c - the register of plugins.h
 */
#include <string.h>

#include "plugins.h"

const struct plugin *const plugins[] = {
	&plugin_bridge,
	&plugin_hostlocal,
	&plugin_loopback,
	NULL,
};

const struct plugin *plugin_find(const char *name)
{
	for (size_t i = 0; plugins[i]; i++) {
		if (strcmp(plugins[i]->name, name) == 0)
			return plugins[i];
	}
	return NULL;
}

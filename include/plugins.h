/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plugins.h - the register of residents
 *
 * One executable, several plugins: each is a name to be called by and a list
 * of effects.
 */
#ifndef FOOTBRIDGE_PLUGINS_H
#define FOOTBRIDGE_PLUGINS_H

#include <stdbool.h>

#include "effect.h"

struct plugin {
	const char *name;
	unsigned int parts;	/* CONF_* it reads */
	bool enters;		/* works in the container's namespace */
	bool stays;		/* and nowhere else: DEL has to enter it, too, if there is one; takes no lock */
	bool passes;		/* passes a prevResult on as its own result */
	const struct effect *const *effects;	/* ends with NULL */
	const struct effect *const *others;	/* see ident_revert_others(); NULL = none */
};

extern const struct plugin plugin_bridge;
extern const struct plugin plugin_hostlocal;
extern const struct plugin plugin_loopback;

/* Ends with NULL. */
extern const struct plugin *const plugins[];

/* Return: the plugin of that name; NULL for none. */
const struct plugin *plugin_find(const char *name);

#endif

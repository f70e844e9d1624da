/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * known.h - which keys are read, by whom
 *
 * Our own plugins' keys come from conf.h; those of the plugins that are chained
 * with them in practice, of the IPAM plugins and of the list itself stand here.
 *
 * Keys are told as paths: "ipam.ranges.subnet", where what is in a list is told as
 * if it stood in its place.  "args.*" says that below args any key is fine.
 */
#ifndef FOOTBRIDGE_KNOWN_H
#define FOOTBRIDGE_KNOWN_H

#include "list.h"

/* What is not known here.  Or'ed. */
enum known_not { KNOWN_NOT_TYPE = 1 << 0, KNOWN_NOT_IPAM = 1 << 1 };

/* Add the paths of a list's own keys.  Return: 0, -1 with ERROR_MEMORY. */
int known_of_list(struct list *paths, struct error *e) _must_check_;

/*
 * Add the paths that a plugin reads and, through it, its IPAM plugin; and those that
 * libcni and the specification read in any plugin's object.
 * @type, @ipam: their types; "" for none.
 * Return: 0; KNOWN_NOT_TYPE, and there are no paths; KNOWN_NOT_IPAM, and below
 * what that one may read any key is fine; -1 with ERROR_MEMORY.
 */
int known_of_plugin(const char *type, const char *ipam, struct list *paths,
		    struct error *e) _must_check_;

/*
 * What ADD would look at in an object of this type: our own plugins look at their
 * parts, and others through our host-local at the addresses.
 * Return: CONF_*, or'ed; -1 where nothing of it is for us.
 */
int known_parts(const char *type, const char *ipam);

#endif

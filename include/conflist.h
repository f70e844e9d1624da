/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conflist.h - configuration files, as runtimes have them in a folder
 *
 * A file is a list of plugins under one name (*.conflist), or one plugin's own
 * configuration (*.conf, *.json).  Behind those in the list come, in newer libcni (cni#1052), those
 * that have files (*.conf) in a folder of the network's name beside it, unless it says
 * "loadOnlyInlinedPlugins".  A runtime gives each plugin of a list its part
 * with the list's name and version in it; so does this.
 */
#ifndef FOOTBRIDGE_CONFLIST_H
#define FOOTBRIDGE_CONFLIST_H

#include <limits.h>
#include <stdbool.h>

#include "error.h"
#include "list.h"

/* The runtimes' folder, the distributions', that of our own package. */
#define CONFLIST_PLUGINS "/opt/cni/bin:/usr/lib/cni:/usr/lib/footbridge/cni"

/*
 * Called for each plugin of a file, in order.
 * @type: the plugin's name; @text: its configuration, lent until the visit ends.
 * Return: 0 to go on, -1 with *e to stop.
 */
typedef int conflist_visit(const char *type, const char *text, void *arg, struct error *e);

/*
 * Read a file.
 * Return: 0; -1 with ERROR_IO, ERROR_DECODE or ERROR_CONFIG, also for a list without
 * plugins, and what @visit returned.  No message says which file it is about.
 */
int conflist_read(const char *path, conflist_visit *visit, void *arg, struct error *e) _must_check_;

/* The same for the text of a file.  @text: of @len bytes. */
int conflist_parse(const char *text, size_t len, conflist_visit *visit, void *arg,
		   struct error *e) _must_check_;

/* Is this the path of a file, having a '/' or an ending of theirs, not a network's name? */
bool conflist_is_file(const char *wish);

#define CONFLIST_NONE 1	/* no file is of that network */

/*
 * Find the first file in conflist_folder() that is of the network @name.
 * @ret: its path, which the caller frees.
 * Return: 0; CONFLIST_NONE, *e saying so and what could not be read; -1.
 */
int conflist_find_network(const char *name, char **ret, struct error *e) _must_check_;

/* Where runtimes have their configurations: $NETCONFPATH, or else /etc/cni/net.d. */
const char *conflist_folder(void);

/* Where $NETCONFPATH names a folder, is it there?  Return: 0; -1 with ERROR_CONFIG. */
int conflist_check_folder(struct error *e) _must_check_;

/* Where the plugins are: $CNI_PATH, or else CONFLIST_PLUGINS. */
const char *conflist_plugins(void);

/*
 * Find the executable of a plugin there.
 * Return: 0; -1 with ERROR_UNAVAILABLE where there is none.
 */
int conflist_find_plugin(const char *type, char file[static PATH_MAX], struct error *e) _must_check_;

/* The folder's configuration files in the order of their names.  Return: 0, also where there is none; -1. */
int conflist_find(const char *folder, struct list *paths, struct error *e) _must_check_;

#endif

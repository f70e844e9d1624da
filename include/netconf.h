/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netconf.h - the plugins' configurations in files, read as ours
 *
 * For the commands that a person asks about networks.
 */
#ifndef FOOTBRIDGE_NETCONF_H
#define FOOTBRIDGE_NETCONF_H

#include "conf.h"
#include "list.h"
#include "plugins.h"

/* One plugin's configuration, of those in a file. */
struct netconf {
	char *file, *text;
	/* Ours of its type, or host-local where another's has that lease; NULL: not our matter. */
	const struct plugin *plugin;
	struct conf conf;	/* lends out of text; of another's plugin the IPAM part alone */
};

struct netconfs {
	struct netconf *v;
	size_t n;
};

/*
 * Read a file's plugins.
 * @all: those that are not our matter, too.
 * Return: 0; -1 as conflist_read() and conf_parse(), what came before being kept.
 */
int netconf_read(struct netconfs *confs, const char *path, bool all, struct error *e) _must_check_;

/*
 * The files meant: @told, each a file or the name of a network in $NETCONFPATH or
 * /etc/cni/net.d; or where that is empty all of those there.
 * Return: 0, also where there are none; -1, also for a network that is not there.
 */
int netconf_files(const struct list *told, struct list *files, struct error *e) _must_check_;

/* The same where there must be one.  Return: 0; -1, also where there are none. */
int netconf_some_files(const struct list *told, struct list *files, struct error *e) _must_check_;

/* That no plugin of the files, of which there is one at least, gives or leases addresses of ours.  Return: -1. */
int netconf_refuse(const struct list *files, struct error *e);

/* Release everything.  For _cleanup_. */
void netconfs_clear(struct netconfs *confs);

#endif

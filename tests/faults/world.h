/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * world.h - a host to break things on, and what there is on it
 *
 * A world is a text, a line for each thing: links, VLANs, addresses, routes, switches, files,
 * and the nft ruleset.  What the kernel changes in its own time (carrier, link-local
 * addresses), the store's hints (lock, last_reserved_ip.N, "sticky") and its index are no part of
 * it; of a lease's mark only whether there is one.
 */
#ifndef FAULTS_WORLD_H
#define FAULTS_WORLD_H

#include <stdbool.h>

/* A folder that is no part of it, for those who look on. */
#define WORLD_APART "/run/apart"

/* What is not ours bears this name. */
#define WORLD_STRANGER "stranger"

/*
 * Become a host of its own: new network and mount namespaces with an empty /run, and in
 * /var/lib/cni a lease of somebody else's, who has a bridge and an nft table, too.  They
 * end with the process.
 * Return: 0; -1 with errno.
 */
int world_enter(void);

/* Make the namespace /run/netns/NAME, or take it away.  Return: 0; -1 with errno. */
int world_add_pod(const char *name);
int world_remove_pod(const char *name);

/* Look at everything.  Return: a text to free; NULL with errno. */
char *world_look(void);

/*
 * Print the lines of @world that @other has not, or not as often, each behind @mark.
 * @only: lines with any of these words count; NULL: all do.  Ends with NULL.
 * @except: lines with any of these do not; ends with NULL, or NULL for none.
 * Return: is there any?
 */
bool world_differs(const char *world, const char *other, const char *const only[],
		   const char *const except[], const char *mark);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * world.h - a host to break things on, and what there is on it
 *
 * A world is a text, a line for each thing: links, addresses, routes, switches, files,
 * and the nft ruleset.  What the kernel changes in its own time (carrier, link-local
 * addresses), the store's hints (lock, last_reserved_ip.N) and its index are no part of it.
 */
#ifndef FAULTS_WORLD_H
#define FAULTS_WORLD_H

#include <stdbool.h>

/* A folder that is no part of it, for those who look on. */
#define WORLD_APART "/run/apart"

/*
 * Become a host of its own: new network and mount namespaces with an empty /run and
 * /var/lib/cni.  They end with the process.
 * Return: 0; -1 with errno.
 */
int world_enter(void);

/* Make the namespace /run/netns/NAME, or take it away.  Return: 0; -1 with errno. */
int world_add_pod(const char *name);
int world_remove_pod(const char *name);

/* Look at everything.  Return: a text to free; NULL with errno. */
char *world_look(void);

/*
 * Print the lines of @world that are not in @other, each behind @mark.
 * @except: lines with these beginnings do not count; ends with NULL, or NULL for none.
 * Return: is there any?
 */
bool world_differs(const char *world, const char *other, const char *const except[],
		   const char *mark);

/* Print the lines of @world with any of @words, which ends with NULL.  Return: is there any? */
bool world_has(const char *world, const char *const words[], const char *mark);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * world.h - namespaces, and what is left in them
 *
 * The program runs in tests/net/box: /run and the lease store are its own, and every
 * namespace here goes with it.
 */
#ifndef FOOTBRIDGE_BENCH_WORLD_H
#define FOOTBRIDGE_BENCH_WORLD_H

#include <stddef.h>

/* Make a network namespace that is not named.  Return: its descriptor. */
int world_new_host(void);

/* Be in this namespace from now on. */
void world_enter(int netns);

/* Return: a descriptor of the namespace that the program is in. */
int world_here(void);

/* Make a network namespace and bind it to @path, as container runtimes do; one that is there stays. */
void world_new_container(const char *path);

/* Take it away.  The kernel dismantles it later: world_settle(). */
void world_remove_container(const char *path);

/*
 * Wait until the kernel has dismantled all namespaces that were given up, 2 min at
 * most: the next measurement is not to pay for it.
 */
void world_settle(void);

/* What an attachment leaves where it should not. */
struct traces {
	size_t links;		/* network devices of the host */
	size_t nft;		/* bytes of its nft ruleset, without counters */
	size_t leases;
	size_t containers;	/* named namespaces */
	size_t processes;	/* children that nobody waited for */
};

/* Count in the namespace that the program is in.  @store: its network's folder of leases. */
struct traces world_traces(const char *store);

/*
 * Write files that look like leases, of containers that nobody knows: the addresses
 * from 10.1.128.1 on, number @first to @end - 1.
 */
void world_fake_leases(const char *store, size_t first, size_t end);

/* Run a command line in a shell.  Ends the program where it fails. */
void world_shell(const char *line);

#endif

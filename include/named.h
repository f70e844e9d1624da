/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * named.h - network namespaces with a name, as `ip netns` has them
 *
 * A name is a file of mode 0 in /run/netns with the namespace mounted on it.  The folder
 * is a shared mount, so that a name is seen, and its end too, in the mount namespaces of
 * others (ip-netns(8)).
 */
#ifndef FOOTBRIDGE_NAMED_H
#define FOOTBRIDGE_NAMED_H

#include <stdint.h>
#include <sys/types.h>

#include "list.h"
#include "netns.h"

#define NAMED_ABSENT 1	/* there is no such name */
#define NAMED_PROCESS 16

/* Make a namespace of this name, lo down.  Return: 0; -1, with ERROR_EXISTS for one that there is. */
int named_add(const char *name, struct error *e) _must_check_;

/*
 * Delete the name, be it of a namespace or of what once was one.  The namespace itself
 * ends with the last that holds it.
 * Return: 0, NAMED_ABSENT, -1.
 */
int named_delete(const char *name, struct error *e) _must_check_;

/* The namespace of this name.  Return: 0; NAMED_ABSENT; -1 with ERROR_NETNS where it is none. */
int named_open(const char *name, struct netns *ret, struct error *e) _must_check_;

/*
 * The inode of the namespace of this name: netns_look().  Return: 0; NAMED_ABSENT, also
 * where the file is of none any more; -1.
 */
int named_inode(const char *name, uint64_t *ret, struct error *e) _must_check_;

/* All names in order.  Return: 0, also where there is no folder; -1. */
int named_find(struct list *names, struct error *e) _must_check_;

/* A process in a namespace. */
struct named_process {
	pid_t pid;
	char name[NAMED_PROCESS];	/* as ps calls it; "" = not known */
};

struct named_processes {
	uint64_t inode;	/* of their namespace: named_inode(); 0 = of none */
	struct named_process *v;
	size_t n;
	size_t unseen;	/* others, of which it is not ours to see where they are */
};

/* Add those that are in these @n namespaces, of all that /proc shows.  Return: 0, -1. */
int named_processes(struct named_processes *spaces, size_t n, struct error *e) _must_check_;

/* For _cleanup_. */
void named_processes_clear(struct named_processes *processes);

/*
 * Enter the namespace of this name for good, with a mount namespace of our own in which
 * /sys shows its devices and the files in /etc/netns/<name> stand for those in /etc;
 * stderr is told of those that cannot.
 * Return: 0, NAMED_ABSENT, -1.
 */
int named_enter(const char *name, struct error *e) _must_check_;

#endif

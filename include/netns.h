/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netns.h - a container's network namespace, held by a descriptor
 *
 * A namespace is a socket you were given, not a place you are: this module
 * enters the container's only for the length of one function, which opens
 * something there or writes a sysctl, and comes back.  It never enters the
 * container's mount or process namespaces and reads none of its files.
 */
#ifndef FOOTBRIDGE_NETNS_H
#define FOOTBRIDGE_NETNS_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

#define NETNS_DIR "/run/netns"	/* where ip(8) has those with a name */
#define NETNS_NONE 1	/* the path leads to nothing */
#define NETNS_MISSED 2	/* one or more could not be looked at */

struct netns {
	int fd;		/* the container's; -1 = none */
	int home;	/* our own */
	uint64_t inode, home_inode; /* of one that was opened: tell it from others while it lives */
	bool is_own;	/* it is our own, after all */
};

/* No namespace yet; safe to netns_close(). */
#define NETNS_INIT { .fd = -1, .home = -1 }

/*
 * Open the network namespace at @path and make sure that it is one, and not our
 * own (unless @own_allowed).  The descriptor is used from then on; the path is
 * never looked up again.
 * @own_socket: any socket of our own namespace, which leads there faster than /proc; -1 =
 * none is at hand.
 * Return: 0; NETNS_NONE; -1, with ERROR_NETNS naming @path and what is there, or with
 * another code where the host is short of something.
 */
int netns_open(struct netns *ret, const char *path, bool own_allowed, int own_socket,
	       struct error *e) _must_check_;

/*
 * Make a new network namespace.  It lives while something holds it: the descriptor, a
 * process, a mount.
 * Return: 0; -1.
 */
int netns_create(struct netns *ret, struct error *e) _must_check_;

/* The inode of the namespace that we are in, which names it while it lives.  Return: 0, -1. */
int netns_own(uint64_t *ret, struct error *e) _must_check_;

/*
 * Look whether a network namespace is at @path, our own or another.
 * @fd: open, and the caller's to close.
 * @inode: what tells it from others while it lives.
 * Return: 0; NETNS_NONE for anything else, or what is gone, or not ours to see; -1.
 */
int netns_look(const char *path, int *fd, uint64_t *inode, struct error *e) _must_check_;

/*
 * Does this errno of a look at a namespace's path say that it is gone, or not ours to
 * see?  A name that `ip netns` left over is a file of mode 0.
 */
bool netns_is_hidden(int errnum);

/*
 * Called for a namespace.  @fd: open until the visit ends.
 * Return: 0 to go on, -1 with *e to stop.
 */
typedef int netns_visit(const char *path, int fd, uint64_t inode, void *arg, struct error *e);

/*
 * Visit every network namespace that can be found, each once: those with a name
 * (/run/netns, then Docker's /run/docker/netns), then those a process is in, by
 * /proc/PID/ns/net.  What is not ours to see is passed over.
 * Return: 0; NETNS_MISSED, *e saying of the first why; -1.
 */
int netns_each(netns_visit *visit, void *arg, struct error *e) _must_check_;

/* Close both descriptors.  For _cleanup_. */
void netns_close(struct netns *netns);

/*
 * Work on a namespace one at a time: a flock on the namespace itself, so there
 * is no file to leave behind and the kernel releases it with the descriptor.
 * An ADD and a DEL that hold it do not overlap.
 * @seconds: how long to wait for another holder.
 * Return: 0; -1 with ERROR_AGAIN.
 */
int netns_lock(const struct netns *netns, unsigned int seconds, struct error *e) _must_check_;

/*
 * May we enter network namespaces?  Our own is entered to see: that changes
 * nothing and needs the same privileges.
 * Return: 0; -1 with the reason.
 */
int netns_can_enter(struct error *e) _must_check_;

/*
 * Run @act inside the namespace.  If the way back fails the process says so on stderr
 * and ends at once: it must not go on and configure the wrong host.
 * Return: what @act returned; -1 with ERROR_NETNS when it could not enter.
 */
int netns_run(const struct netns *netns, int (*act)(void *arg, struct error *e), void *arg,
	      struct error *e) _must_check_;

#endif

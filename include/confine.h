/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * confine.h - give up what the rest of a call has no use for
 *
 * Once the sockets are open little is left that needs root: netlink
 * (CAP_NET_ADMIN), and files in a few places.  All else is taken away, so that a
 * mistake in reading the kernel's answers or other people's files cannot be made
 * to write to /etc or to run a program.  It is a second line of defence: what
 * this kernel cannot do is left out, and no call fails for it.
 *
 * Never where a program is still to be run: landlock would refuse it.
 */
#ifndef FOOTBRIDGE_CONFINE_H
#define FOOTBRIDGE_CONFINE_H

#include <stdbool.h>

#define CONFINE_DIRS 4

/* What the rest of the call does need. */
struct confine {
	/*
	 * The directories below which it makes, writes and removes files; the nearest
	 * parent stands in for one that is yet to be made.  Ends with NULL.
	 */
	const char *dirs[CONFINE_DIRS];
	/* CAP_SYS_ADMIN: to enter a namespace, and for extended attributes trusted.* */
	bool sys_admin;
};

/* What has been given up, or'ed. */
enum confine_done {
	CONFINE_CAPABILITIES = 1 << 0,	/* all but a few */
	CONFINE_FILES = 1 << 1,		/* changing files elsewhere, running programs (landlock) */
	CONFINE_PRIVILEGES = 1 << 2,	/* no_new_privs; where landlock cannot be had */
};

/*
 * Confine this process until it ends, and its children.  A few descriptors stay
 * open as long, close-on-exec.
 * Return: enum confine_done.
 */
unsigned int confine_self(const struct confine *needs);

#endif

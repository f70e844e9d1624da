/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mark.h - what is known of a lease beside its text: in which boot, and whose veth
 *
 * An extended attribute of the lease's own file, "trusted.footbridge".  The text
 * stays host-local's, other plugins do not see it, and it goes with the file: the
 * next lease of the address has none of it.  A mark is a hint that may be missing
 * (another plugin's lease; a file system or a user namespace without trusted
 * attributes), and a lease without one is left alone.
 *
 * No clock is asked for anything here: clocks are set back and forward.  What
 * tells boots apart is the kernel's own random name for each.
 */
#ifndef FOOTBRIDGE_MARK_H
#define FOOTBRIDGE_MARK_H

#include <stdbool.h>
#include <stdint.h>

#include "cleanup.h"

#define MARK_BOOT 37	/* a UUID and its NUL */

/* The host's end of an attachment's veth: it may be renamed, but never numbered anew. */
struct mark_end {
	uint64_t netns;	/* inode of the network namespace that it is in */
	int index;	/* 0 = not known */
};

struct mark {
	char boot[MARK_BOOT];	/* a boot in which the file stood; "" = not known */
	struct mark_end end;	/* told when the attachment was complete, of this boot */
};

/*
 * The present boot: /proc/sys/kernel/random/boot_id.
 * Return: @boot; "" when it is not known, with errno (ENOENT where there is no such thing).
 */
const char *mark_this_boot(char boot[static MARK_BOOT]);

/*
 * Read the mark of an open file or directory: {0} when it has none, or none we understand.
 * Return: false, with errno, when that cannot be told.
 */
bool mark_read(int fd, struct mark *ret) _must_check_;

/* Set it; where that cannot be done it is missing.  Return: whether it could be. */
bool mark_write(int fd, const struct mark *mark);

/*
 * Is this on a file system that one kernel alone can have mounted?  Only there
 * does a mark of another boot mean an earlier boot of this host; elsewhere it may
 * be another host's.
 */
bool mark_is_local(int fd) _must_check_;

#endif

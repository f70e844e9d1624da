/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mounts.h - a mount namespace of one's own
 */
#ifndef FOOTBRIDGE_MOUNTS_H
#define FOOTBRIDGE_MOUNTS_H

#include <stdbool.h>

#include "error.h"

/*
 * Let nothing that is mounted here from now on be seen on the host.  The mount
 * namespace must be ours already (CLONE_NEWNS); what the host mounts and unmounts later
 * is so here, too, so that it holds no file system of the host's.
 * Return: 0, -1.
 */
int mounts_separate(struct error *e) _must_check_;

/*
 * Take away every mount of these kinds of file systems ("nsfs"), wherever it is.  One
 * that another mount hides stays.
 * @kinds: ends with NULL.
 * Return: 0, -1.
 */
int mounts_drop(const char *const kinds[], struct error *e) _must_check_;

/* Is what is mounted there read-only?  Not where that cannot be found out. */
bool mounts_is_read_only(const char *path);

/*
 * Mount a file system that shows the namespaces of its mounter ("proc", "sysfs") in
 * place of what is there.
 * Return: 0, -1.
 */
int mounts_renew(const char *path, const char *kind, bool read_only, struct error *e) _must_check_;

/* Have another file, or folder, in place of one.  Return: 0, -1. */
int mounts_bind(const char *from, const char *path, struct error *e) _must_check_;

#endif

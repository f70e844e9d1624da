/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nameless.h - a file that gets its name when it is whole
 *
 * Killed before that, its writer leaves nothing behind.
 */
#ifndef FOOTBRIDGE_NAMELESS_H
#define FOOTBRIDGE_NAMELESS_H

#include <sys/types.h>

#include "cleanup.h"

/*
 * Make a file without a name, to be written, on the file system of a directory.
 * @dir: what @path is relative to, as for openat().
 * Return: its descriptor, which the caller closes; -1 with errno (open(2), "O_TMPFILE").
 */
int nameless_open(int dir, const char *path, mode_t mode) _must_check_;

/*
 * Name it.  What has the name already stays as it is.
 * Return: 0; -1 with errno, ENOENT also where /proc is missing on a kernel that needs it.
 */
int nameless_name(int fd, int dir, const char *name) _must_check_;

#endif

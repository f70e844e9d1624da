/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nameless.c - a file that gets its name when it is whole
 */
#include "nameless.h"

#include <fcntl.h>
#include <stdio.h>

#include "retry.h"

int nameless_open(int dir, const char *path, mode_t mode)
{
	return retry(openat(dir, path, O_TMPFILE | O_WRONLY | O_CLOEXEC, mode));
}

/*
 * By its descriptor alone, where who opened it may (Linux 6.10, fs/namei.c; others say
 * ENOENT, unless to CAP_DAC_READ_SEARCH): the first look below /proc/self in a process
 * takes the kernel as long as all the rest of this.
 */
int nameless_name(int fd, int dir, const char *name)
{
	char path[sizeof("/proc/self/fd/") + 3 * sizeof(int)];

	if (retry(linkat(fd, "", dir, name, AT_EMPTY_PATH)) == 0)
		return 0;
	if (errno != ENOENT)
		return -1;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return retry(linkat(AT_FDCWD, path, dir, name, AT_SYMLINK_FOLLOW));
}

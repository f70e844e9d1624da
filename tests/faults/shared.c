/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shared.c - a library to preload: each file system is another than it is
 *
 * $SHARED is the magic number that fstatfs() tells of any file (statfs(2) has a list;
 * 0x6969 is NFS); where it is 0 fstatfs() fails.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/vfs.h>

static long magic;

static __attribute__((constructor)) void be_told(void)
{
	const char *told = getenv("SHARED");

	magic = told ? strtol(told, NULL, 0) : 0;
}

/* So it is called where files may be large (WIDE in the Makefile).  libc's own names are reserved. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int fstatfs64(int fd, struct statfs64 *buf)
{
	(void)fd;
	*buf = (struct statfs64){ .f_type = magic };
	if (magic)
		return 0;
	errno = EIO;
	return -1;
}

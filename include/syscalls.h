/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * syscalls.h - system calls that not every libc has a function for
 *
 * Return: as the kernel, -1 with errno for an error.
 */
#ifndef FOOTBRIDGE_SYSCALLS_H
#define FOOTBRIDGE_SYSCALLS_H

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Close all descriptors from @first to @last: close_range(2), since Linux 5.9. */
static inline int sys_close_range(unsigned int first, unsigned int last)
{
	return (int)syscall(SYS_close_range, first, last, 0);
}

/* A descriptor that can be read from when the process has ended: pidfd_open(2), since Linux 5.3. */
static inline int sys_pidfd_open(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* Rename @from to @to in the present directory: renameat2(2).  @flags: RENAME_*. */
static inline int sys_rename(const char *from, const char *to, unsigned int flags)
{
	return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
}

#endif

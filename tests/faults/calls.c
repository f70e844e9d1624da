/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * calls.c - system calls by name, and with which errors they can fail
 */
#include "calls.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/syscall.h>

enum {
	INTR = 1,
	NOMEM = 2,
	NOBUFS = 4,
	NOSPC = 8,
	MFILE = 16,
	AGAIN = 32,
};

const int call_errors[CALL_ERRORS_MAX] = { EIO,	   EINTR,  ENOMEM, ENOBUFS,
					   ENOSPC, EMFILE, EAGAIN, 0 };

static const char *const error_names[] = {
	[EIO] = "EIO",	       [EINTR] = "EINTR",   [ENOMEM] = "ENOMEM",
	[ENOBUFS] = "ENOBUFS", [ENOSPC] = "ENOSPC", [EMFILE] = "EMFILE",
	[EAGAIN] = "EAGAIN",
};

struct call {
	long nr;
	const char *name;
	unsigned int errors;
};

#define CALL(name, errors)                                                               \
	{                                                                                \
		SYS_##name, #name, errors                                                \
	}

/*
 * All that the plugin, the tool, their libraries and libc use in the sweeps, which fail
 * for another; "open(2)" counts for openat() and so on.
 */
static const struct call calls[] = {
	CALL(access, NOMEM),
	CALL(arch_prctl, 0),
	CALL(brk, NOMEM),
	CALL(capget, 0),
	CALL(capset, 0),
	CALL(clock_gettime, 0), /* where the vDSO has no clock */
	CALL(clock_nanosleep, INTR),
	CALL(clone, NOMEM | AGAIN | NOSPC),
	CALL(close, INTR | NOSPC),
	CALL(close_range, NOMEM | MFILE),
	CALL(dup2, INTR | MFILE),
	CALL(execve, NOMEM | MFILE | AGAIN),
	CALL(exit_group, 0),
	CALL(faccessat, NOMEM),
	CALL(faccessat2, NOMEM),
	CALL(fchmod, INTR),
	CALL(fcntl, MFILE), /* of no lock */
	CALL(fgetxattr, NOMEM),
	CALL(flock, INTR | AGAIN),
	CALL(fsetxattr, NOMEM | NOSPC),
	CALL(fstatfs, INTR | NOMEM),
	CALL(ftruncate, INTR),
	CALL(getdents64, NOMEM),
	CALL(getpid, 0),
	CALL(getppid, 0),
	CALL(getrandom, INTR | AGAIN),
	CALL(ioctl, NOMEM | NOBUFS),
	CALL(landlock_add_rule, 0),
	CALL(landlock_create_ruleset, 0),
	CALL(landlock_restrict_self, 0),
	CALL(linkat, NOMEM | NOSPC),
	CALL(lseek, 0),
	CALL(madvise, NOMEM | AGAIN),
	CALL(mkdir, NOMEM | NOSPC),
	CALL(mkdirat, NOMEM | NOSPC),
	CALL(mmap, NOMEM | AGAIN | MFILE),
	CALL(mprotect, NOMEM),
	CALL(mremap, NOMEM | AGAIN),
	CALL(munmap, NOMEM),
	CALL(nanosleep, INTR),
	CALL(newfstatat, NOMEM),
	CALL(openat, INTR | NOMEM | NOSPC | MFILE | AGAIN),
	CALL(openat2, INTR | NOMEM | NOSPC | MFILE | AGAIN),
	CALL(pidfd_open, NOMEM | MFILE),
	CALL(pipe2, MFILE),
	CALL(poll, INTR | NOMEM),
	CALL(prctl, NOMEM),
	CALL(pread64, INTR | AGAIN | NOBUFS),
	CALL(prlimit64, 0),
	CALL(pwrite64, INTR | NOSPC | AGAIN),
	CALL(read, INTR | AGAIN | NOBUFS),
	CALL(readlink, NOMEM),
	CALL(recvmsg, INTR | NOMEM | NOBUFS | AGAIN),
	CALL(rename, NOMEM | NOSPC),
	CALL(renameat, NOMEM | NOSPC),
	CALL(renameat2, NOMEM | NOSPC),
	CALL(rseq, 0),
	CALL(rt_sigaction, 0),
	CALL(rt_sigprocmask, 0),
	CALL(sendmsg, INTR | NOMEM | NOBUFS | AGAIN),
	CALL(sendto, INTR | NOMEM | NOBUFS | AGAIN),
	CALL(set_robust_list, 0),
	CALL(set_tid_address, 0),
	CALL(setns, NOMEM | NOSPC),
	CALL(setpgid, 0),
	CALL(setsockopt, NOMEM | NOBUFS),
	CALL(socket, NOMEM | NOBUFS | MFILE),
	CALL(statfs, INTR | NOMEM),
	CALL(statx, NOMEM),
	CALL(symlink, NOMEM | NOSPC),
	CALL(sync_file_range, NOMEM | NOSPC),
	CALL(umask, 0),
	CALL(unlink, NOMEM),
	CALL(unlinkat, NOMEM),
	CALL(utimensat, 0),
	CALL(wait4, INTR),
	CALL(write, INTR | NOSPC | AGAIN),
};

static const struct call *find(long nr)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		if (calls[i].nr == nr)
			return &calls[i];
	}
	return NULL;
}

bool call_is_known(long nr)
{
	return find(nr) != NULL;
}

const char *call_name(long nr)
{
	static char number[32];
	const struct call *call = find(nr);

	(void)snprintf(number, sizeof(number), "call %ld", nr);
	return call ? call->name : number;
}

static unsigned int bit_of(int error)
{
	switch (error) {
	case EINTR:
		return INTR;
	case ENOMEM:
		return NOMEM;
	case ENOBUFS:
		return NOBUFS;
	case ENOSPC:
		return NOSPC;
	case EMFILE:
		return MFILE;
	case EAGAIN:
		return AGAIN;
	default:
		return 0;
	}
}

bool call_never_fails(long nr)
{
	return nr == SYS_exit_group || nr == SYS_getpid || nr == SYS_getppid;
}

bool call_can_fail(long nr, int error)
{
	const struct call *call = find(nr);

	if (error == EIO || !call)
		return !call_never_fails(nr);
	return call->errors & bit_of(error);
}

bool call_gets_memory(long nr)
{
	switch (nr) {
	case SYS_brk:
	case SYS_madvise:
	case SYS_mmap:
	case SYS_mprotect:
	case SYS_munmap:
		return true;
	default:
		return false;
	}
}

const char *error_name(int error)
{
	return error_names[error];
}

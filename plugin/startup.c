/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * startup.c - what comes before anything else in a process
 */
#include "startup.h"

#include <elf.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define STACK_NEEDED 262144 /* bytes, with room to spare */
#define STACK_USED 32768    /* bytes that an ADD touches */

#ifndef MADV_POPULATE_WRITE /* Linux 5.14 */
#define MADV_POPULATE_WRITE 23
#endif

/*
 * Closed, it would be taken by the first socket, and the answer would go there.
 * What stands in for stdout cannot be written to, so that the loss is noticed.
 */
static int stand_in(int fd)
{
	int null = open("/dev/null", O_RDONLY);

	/* one opened with O_PATH is of no use, but has the number */
	if (null >= 0 && null != fd && (dup2(null, fd) < 0 || close(null) < 0))
		return -1;
	return null < 0 ? -1 : 0;
}

/*
 * The kernel looks at the limit whenever the stack grows, so that raising it helps
 * even now.
 */
static int want_stack(struct error *e)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_STACK, &limit) < 0 || limit.rlim_cur >= STACK_NEEDED)
		return 0;
	limit.rlim_cur = STACK_NEEDED;
	if (limit.rlim_max < STACK_NEEDED)
		limit.rlim_max = STACK_NEEDED;
	if (setrlimit(RLIMIT_STACK, &limit) == 0)
		return 0;
	return error_sys(e, errno, "cannot raise RLIMIT_STACK to the %d bytes it takes",
			 STACK_NEEDED);
}

/*
 * Have the stack's pages at once, not by a fault for each, which takes some
 * microseconds in a virtual machine.  Where it cannot be, they come one by one.
 */
static void have_stack(void)
{
	const uintptr_t page = getauxval(AT_PAGESZ);
	char *here = __builtin_frame_address(0);
	const uintptr_t end = (uintptr_t)here - STACK_USED;
	const size_t size = STACK_USED + end % page;

	(void)madvise(here - size, size, MADV_POPULATE_WRITE);
}

/*
 * Make relocated data read-only (PT_GNU_RELRO).  glibc has done it; in a static executable
 * musl leaves it undone.
 */
static int protect_relocated(struct error *e)
{
#if !defined(__GLIBC__) && defined(__LP64__)
	extern const char __ehdr_start[]; /* the linker's: where we are loaded */
	const Elf64_Phdr *segment = (const Elf64_Phdr *)getauxval(AT_PHDR);
	const uintptr_t base = (uintptr_t)__ehdr_start, page = getauxval(AT_PAGESZ);

	for (unsigned long n = getauxval(AT_PHNUM); n > 0; n--, segment++) {
		const uintptr_t from = base + segment->p_vaddr;
		const uintptr_t to = from + segment->p_memsz;
		const uintptr_t begin = from - from % page;

		if (segment->p_type == PT_GNU_RELRO &&
		    mprotect((void *)begin, to - to % page - begin, PROT_READ) < 0)
			return error_sys(e, errno, "cannot protect relocated data");
	}
#else
	(void)e;
#endif
	return 0;
}

int startup_tidy(mode_t *mask, struct error *e)
{
	struct pollfd fds[] = { { .fd = STDIN_FILENO },
				{ .fd = STDOUT_FILENO },
				{ .fd = STDERR_FILENO } };
	sigset_t none;

	if (protect_relocated(e) < 0)
		return -1;
	have_stack();
	*mask = umask(022);
	for (int i = poll(fds, 3, 0) > 0 ? 0 : 3; i < 3; i++) {
		if (fds[i].revents & POLLNVAL && stand_in(fds[i].fd) < 0)
			return error_sys(e, errno, "cannot open /dev/null");
	}
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	/* No core file of a process of root's, wherever it was called. */
	(void)prctl(PR_SET_DUMPABLE, 0);
	return want_stack(e);
}

const char *startup_name(int argc, char **argv)
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;

	return slash ? slash + 1 : argc > 0 ? argv[0] : "";
}

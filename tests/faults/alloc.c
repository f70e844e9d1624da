/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * alloc.c - a library to preload: let an allocation fail
 *
 * Allocations of the program and of all its libraries, those of libc itself too
 * (strdup(), opendir(), open_memstream()), come through here.
 */
#include "alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* glibc's own, beside the names that we take. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *old);

static struct alloc *told;

static __attribute__((constructor)) void listen_to_sweep(void)
{
	const char *path = getenv(ALLOC_VARIABLE);
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *map;

	if (fd < 0)
		return;
	map = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)close(fd);
	if (map != MAP_FAILED)
		told = map;
}

/* @more: bytes beyond those that are given back for it */
static bool fails(long more)
{
	if (!told || ++told->seen < told->at)
		return false;
	if (told->mood == ALLOC_ONCE && told->seen > told->at)
		return false;
	if (told->mood == ALLOC_FULL && told->seen > told->at && more <= told->left) {
		told->left -= more;
		return false;
	}
	errno = ENOMEM;
	return true;
}

static long size_of(void *block)
{
	return block ? (long)malloc_usable_size(block) : 0;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): libc's are reserved */
void *malloc(size_t size)
{
	return fails((long)size) ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails((long)(n * size)) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	return fails((long)size - size_of(old)) ? NULL : __libc_realloc(old, size);
}

void free(void *old)
{
	if (told && told->seen >= told->at)
		told->left += size_of(old);
	__libc_free(old);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

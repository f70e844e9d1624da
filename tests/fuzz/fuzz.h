/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz.h - what the fuzz targets share
 */
#ifndef FOOTBRIDGE_FUZZ_H
#define FOOTBRIDGE_FUZZ_H

#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What holds whatever the input is. */
#define MUST(what)                                                             \
	do {                                                                   \
		if (!(what)) {                                                 \
			(void)fprintf(stderr, "%s:%d: must hold: %s\n", __FILE__, \
				      __LINE__, #what);                        \
			abort();                                               \
		}                                                              \
	} while (0)

/* A copy of the input that ends in NUL; the caller frees it. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	MUST(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/* A folder of this process's own, in memory; tests/fuzz/run removes it. */
static inline const char *fuzz_folder(void)
{
	static char folder[256];
	const char *parent = getenv("TMPDIR");

	if (!*folder) {
		(void)snprintf(folder, sizeof(folder), "%s/fuzz-XXXXXX",
			       parent ? parent : "/dev/shm");
		MUST(mkdtemp(folder));
	}
	return folder;
}

/* A /run of this process's own, in memory. */
static inline void fuzz_own_run(void)
{
	MUST(unshare(CLONE_NEWNS) == 0);
	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	MUST(mount("tmpfs", "/run", "tmpfs", 0, NULL) == 0);
}

/* A failure must say what it is. */
static inline int fuzz_said(int r, const struct error *e)
{
	MUST(r >= 0 || (e->code != 0 && *e->msg));
	return r;
}

#endif

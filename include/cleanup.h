/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cleanup.h - guard a thing on the line it is born
 *
 * A local is declared with _cleanup_() and so is released on every way out of
 * its scope.  It is handed over by taking it: `return take_fd(&dir);` leaves
 * the guard with nothing to do.
 */
#ifndef FOOTBRIDGE_CLEANUP_H
#define FOOTBRIDGE_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f) __attribute__((cleanup(f)))
#define _must_check_ __attribute__((warn_unused_result))
#define _printf_(format_at, args_at) __attribute__((format(printf, format_at, args_at)))

/* Close *fd unless it is negative; errno survives. */
static inline void closep(const int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd);
	errno = saved;
}

/* Close *dir unless it is NULL. */
static inline void closedirp(DIR *const *dir)
{
	if (*dir)
		(void)closedir(*dir);
}

/* Free what the guarded pointer points to; for any `T *`. */
static inline void freep(void *pointer)
{
	free(*(void **)pointer);
}

/* How many elements an array has. */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Hand a descriptor over: the guard keeps -1.  Return: the descriptor. */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#endif

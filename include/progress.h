/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * progress.h - a line on the terminal while something takes its time
 *
 * Shown when it has taken longer than a second, on stderr, and only where that is a
 * terminal; gone when it is done.  A process of its own writes it, so that it shows
 * also while we wait for a lock or for another plugin.
 */
#ifndef FOOTBRIDGE_PROGRESS_H
#define FOOTBRIDGE_PROGRESS_H

#include <sys/types.h>

#include "cleanup.h"

#define PROGRESS_TEXT 80

struct progress {
	int pipe;	/* where the process reads what to show; -1 = there is none */
	pid_t pid;
};

/* Begin.  @what: the first that is shown.  Where that cannot be there is just no line. */
struct progress progress_begin(const char *what);

/* What is going on now.  Never waits. */
void progress_say(const struct progress *progress, const char *format, ...)
	_printf_(2, 3);

/* Take the line away.  For _cleanup_. */
void progress_end(struct progress *progress);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * program.h - run another program, and come back from it
 *
 * The only place where a plugin executes anything, and only for who asks for it: another
 * plugin out of CNI_PATH.  The program gets its question on stdin and answers on
 * stdout; stderr is ours.  It inherits no other descriptor, no signal's
 * disposition and no mask; it dies when we die, and when its time is over, with
 * all that is in its process group.  At its end it is waited for.
 */
#ifndef FOOTBRIDGE_PROGRAM_H
#define FOOTBRIDGE_PROGRAM_H

#include <limits.h>
#include <stddef.h>

#include "error.h"

#define PROGRAM_ABSENT 1

struct program {
	const char *file;	/* where program_find() found it */
	const char *name;	/* its argv[0]; NULL = @file */
	const char *verb;	/* its CNI_COMMAND */
	const char *const *variables;	/* NAME=VALUE in place of ours, ends with NULL; NULL = none */
	const char *text;	/* its stdin */
	size_t len;
	int seconds;		/* its deadline */
};

/* What was heard of it. */
struct answer {
	char *text;		/* its stdout, ending in NUL */
	size_t len;
	int status;		/* as waitpid(2) tells it */
};

/*
 * Find a plugin: the first regular file of this name (stat(2) follows links).
 * @path: folders with ':' between them (CNI_PATH).
 * @name: a plain file name; any other is not found.
 * Return: 0; PROGRAM_ABSENT.
 */
int program_find(const char *path, const char *name, char file[static PATH_MAX]) _must_check_;

/*
 * Run it until it ends; a file that somebody is writing (ETXTBSY) is waited for, up to 5 s.
 * It need not read its stdin, and what it leaves behind
 * may hold its stdout: the answer is what has been written when it ends.
 * @ret: the caller releases it with answer_clear().
 * Return: 0 however it ended; -1 with ERROR_AGAIN past the deadline, ERROR_PROGRAM
 * when it writes more than 1 MiB, ERROR_IO when it cannot be executed.
 */
int program_run(const struct program *program, struct answer *ret, struct error *e) _must_check_;

/*
 * What a plugin's answer means, whatever has been asked of it.
 * Return: 0 when it succeeded; -1 with the error object that it wrote, word for word, or
 * with ERROR_PROGRAM when it died or wrote no such thing.
 */
int answer_judge(const struct answer *answer, struct error *e) _must_check_;

/* Close all descriptors but stdin, stdout, stderr and @keep, which is another. */
void program_close_all_but(int keep);

/* For _cleanup_. */
void answer_clear(struct answer *answer);

#endif

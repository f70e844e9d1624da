/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace.h - run a program and have one of its system calls go wrong
 *
 * The calls of the whole process tree are counted from the program's execve() on,
 * which itself does not count; one that the kernel begins anew counts once.  Only x86-64.
 */
#ifndef FAULTS_TRACE_H
#define FAULTS_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#define TRACE_CALLS_MAX 8192

enum fault_kind {
	FAULT_NONE,
	FAULT_KILL,	/* SIGKILL to the whole tree in place of the call */
	FAULT_ERROR,	/* the call is not executed (but close() is) and returns fault.error */
	FAULT_COUNT,	/* nothing, but note the calls in outcome.calls */
};

struct fault {
	enum fault_kind kind;
	long call;		/* the number of the system call, */
	long nth;		/* and which one of these, from 1 on: waiting, or another process, shifts what is around it */
	int error;		/* an errno, for FAULT_ERROR */
	bool own;		/* do not count what it executes: another program's calls */
	bool from_entry;	/* count from the program's entry point: not what the loader does */
};

/* What is run.  @env, @argv: end with NULL; argv[0] is the file. */
struct program_run {
	char *const *argv;
	char *const *env;
	const char *input;	/* text on stdin */
	unsigned int seconds;	/* then it hangs, and is killed */
};

struct outcome {
	int status;		/* the exit status, or 128 + the signal that ended it */
	bool hung;
	bool hit;		/* the fault came to pass */
	long n_calls;
	long n_same;		/* of the number fault.call */
	short calls[TRACE_CALLS_MAX];	/* their numbers, for FAULT_COUNT */
	char *out, *err;	/* what it wrote, as strings */
};

/*
 * Run a program to its end.  @fault: NULL for none.  The caller has no other children.
 * The caller frees the outcome by outcome_clear().
 * Return: 0; -1 with errno when it could not be run or traced.
 */
int trace_run(const struct program_run *run, const struct fault *fault,
	      struct outcome *ret);

void outcome_clear(struct outcome *outcome);

#endif

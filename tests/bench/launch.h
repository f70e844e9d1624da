/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * launch.h - call plugins as a container runtime does, and take the time
 *
 * Each call is a process of its own (posix_spawn(), which is vfork and exec) with
 * exactly the CNI_* variables, the configuration on stdin from a file, and a pipe as
 * stdout, which is read until its end.  A call is over when both the pipe has ended
 * and the process has: that is what a runtime waits for.
 */
#ifndef FOOTBRIDGE_BENCH_LAUNCH_H
#define FOOTBRIDGE_BENCH_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>

#define LAUNCH_ANSWER 4096	/* bytes of stdout that are kept */
#define LAUNCH_AT_ONCE 128	/* calls at the same time, at most */

/* What to call.  The strings are the caller's. */
struct request {
	const char *program;		/* path */
	const char *const *before;	/* words in front of it ("strace", "-f", NULL); NULL = none */
	const char *verb;		/* CNI_COMMAND */
	const char *container;		/* CNI_CONTAINERID */
	const char *netns;		/* CNI_NETNS */
	const char *path;		/* CNI_PATH */
	const char *args;		/* CNI_ARGS */
	const char *conf;		/* path of the configuration */
};

/* What came of it. */
struct outcome {
	double wall;			/* ms, from before the spawn to the end of both */
	double user, sys;		/* ms of CPU, children that it waited for included */
	bool failed;
	char answer[LAUNCH_ANSWER];	/* stdout, as a string */
};

/* Called for each call when it is over. */
typedef void launch_done(const struct request *request, const struct outcome *outcome, void *arg);

/*
 * Make @n calls, @at_once at a time: when one is over the next begins.  One that
 * takes longer than 60 s is killed and has failed.  Ends the program where a process
 * cannot be started.
 * Return: ms for all of them.
 */
double launch(const struct request *requests, size_t n, size_t at_once, launch_done *done, void *arg);

/*
 * The peak of resident memory of one call, itself without children, as the kernel
 * counts it for this one program image (VmHWM); wait4()'s figure includes what the
 * caller had before the exec.
 * Return: KiB; 0 where the call failed.
 */
long launch_peak(const struct request *request);

/* Return: the clock, in ms. */
double launch_now(void);

#endif

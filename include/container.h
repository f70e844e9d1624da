/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * container.h - a process in namespaces of its own
 *
 * It has its own PIDs, mounts, host name, System V IPC and a network namespace that it
 * is given; files and users are the host's, so it is no sandbox.  Of what is mounted when
 * it starts nothing leads to the host's PID, mount and network namespaces: /proc and /sys
 * are its own, any other of their kind, and every mount of a namespace, is taken away.
 * What the host mounts later is seen in it.
 *
 * Its first process is a small init of ours: it starts the command as process 2, passes
 * signals on to it, reaps what else ends there, and ends with it, whereupon the kernel
 * kills all that is left.  So a command can be a program that never meant to be process
 * 1, which is deaf to most signals.  The container dies with the process that made it.
 *
 * It shares the terminal and its process group with that one: what is typed there
 * (Ctrl-C, Ctrl-Z) comes to all of them alike, and a shell in it does its job control as
 * anywhere else.  A command that has left the group gets from its init what is typed.
 */
#ifndef FOOTBRIDGE_CONTAINER_H
#define FOOTBRIDGE_CONTAINER_H

#include <signal.h>
#include <sys/types.h>

#include "error.h"

#define CONTAINER_TROUBLE 125	/* it could not be made, or not taken back; as in other runtimes */

/* What a command that could not be executed leaves, as in a shell. */
enum {
	CONTAINER_NOT_EXECUTED = 126,
	CONTAINER_NOT_FOUND = 127,
	CONTAINER_KILLED = 128,		/* and the signal's number */
};

struct container {
	pid_t pid;	/* of its first process, on the host; -1 = none */
	int pidfd;
	int line;	/* to it, until its command is started */
};

#define CONTAINER_INIT { .pid = -1, .pidfd = -1, .line = -1 }

struct container_plan {
	int netns;		/* descriptor of its network namespace */
	const char *hostname;
	char *const *command;	/* as for execvp(); looked for in our PATH */
	sigset_t signals;	/* to be passed on; blocked, as is SIGCHLD */
};

/*
 * Which signals are passed on: SIGTERM, SIGINT, SIGHUP and SIGQUIT, but those that our
 * caller has us ignore; and block them and SIGCHLD from now on.
 */
void container_signals(sigset_t *ret);

/*
 * Make one, all but the command, and lo is up: it is held until container_go().
 * @plan: lent until then.
 * Return: 0; -1, and there is none.
 */
int container_start(struct container *ret, const struct container_plan *plan,
		    struct error *e) _must_check_;

/* Execute the command.  Return: 0; -1. */
int container_go(struct container *container, struct error *e) _must_check_;

/*
 * Pass signals on until the command has ended, but for those that the terminal has sent
 * to its process group, and so to it.
 * Return: its exit status, or CONTAINER_KILLED and the signal that killed it.
 */
int container_wait(struct container *container, const struct container_plan *plan);

/*
 * Become a command, as our caller would have started it: looked for in PATH.
 * Return: CONTAINER_NOT_FOUND or CONTAINER_NOT_EXECUTED, which stderr has been told.
 */
int container_execute(char *const *command);

/* Kill it, where it still is.  For _cleanup_. */
void container_end(struct container *container);

#endif

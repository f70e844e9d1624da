/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * launch.c - call plugins as a container runtime does, and take the time
 */
#include "launch.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "cleanup.h"

#define PATIENCE_MS 60000
#define VARIABLE 512
#define WORDS 16

/* One call on its way. */
struct slot {
	const struct request *request; /* NULL = none */
	pid_t pid;
	int pidfd, out; /* -1 = over */
	double began;
	size_t len; /* of the answer */
	struct outcome outcome;
};

double launch_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double ms(const struct timeval *tv)
{
	return (double)tv->tv_sec * 1e3 + (double)tv->tv_usec / 1e3;
}

/* The words of a call. */
struct command {
	const char *argv[WORDS];
	char *envp[8];
	char text[7][VARIABLE];
};

static void compose(const struct request *request, struct command *c)
{
	const struct {
		const char *name, *value;
	} variables[] = {
		{ "CNI_COMMAND", request->verb },
		{ "CNI_CONTAINERID", request->container },
		{ "CNI_NETNS", request->netns },
		{ "CNI_IFNAME", "eth0" },
		{ "CNI_PATH", request->path },
		{ "CNI_ARGS", request->args },
		{ "PATH", "/usr/sbin:/usr/bin:/sbin:/bin" },
	};
	size_t n = 0, words = 0;

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		if (!variables[i].value)
			continue;
		(void)snprintf(c->text[i], VARIABLE, "%s=%s", variables[i].name,
			       variables[i].value);
		c->envp[n++] = c->text[i];
	}
	c->envp[n] = NULL;
	for (; request->before && request->before[words] && words < WORDS - 2; words++)
		c->argv[words] = request->before[words];
	c->argv[words] = request->program;
	c->argv[words + 1] = NULL;
}

static void start(struct slot *slot, const struct request *request)
{
	posix_spawn_file_actions_t actions;
	struct command command;
	int ends[2], why;

	compose(request, &command);
	*slot = (struct slot){ .request = request, .began = launch_now() };
	if (pipe2(ends, O_CLOEXEC) < 0)
		err(1, "pipe");
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(&actions, 0, request->conf, O_RDONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	(void)posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	why = posix_spawnp(&slot->pid, command.argv[0], &actions, NULL,
			   (char *const *)command.argv, command.envp);
	if (why)
		errx(1, "cannot start %s: %s", command.argv[0], strerror(why));
	(void)posix_spawn_file_actions_destroy(&actions);
	closep(&ends[1]);
	slot->out = ends[0];
	slot->pidfd = (int)syscall(SYS_pidfd_open, slot->pid, 0);
	if (slot->pidfd < 0)
		err(1, "pidfd_open");
}

static void hear(struct slot *slot)
{
	char rest[LAUNCH_ANSWER];
	size_t room = LAUNCH_ANSWER - 1 - slot->len;
	ssize_t n = room ? read(slot->out, slot->outcome.answer + slot->len, room)
			 : read(slot->out, rest, sizeof(rest));

	if (n > 0 && room) {
		slot->len += (size_t)n;
	} else if (n == 0 || (n < 0 && errno != EINTR)) {
		closep(&slot->out);
		slot->out = -1;
	}
}

static void reap(struct slot *slot)
{
	struct rusage used;
	int status;

	if (wait4(slot->pid, &status, 0, &used) != slot->pid)
		err(1, "wait4");
	closep(&slot->pidfd);
	slot->pidfd = -1;
	slot->outcome.failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	slot->outcome.user = ms(&used.ru_utime);
	slot->outcome.sys = ms(&used.ru_stime);
}

/* Wait until something happens to any call. */
static void attend(struct slot *slots, size_t n)
{
	struct pollfd fds[2 * LAUNCH_AT_ONCE];
	int ready;

	for (size_t i = 0; i < n; i++) {
		const struct slot *slot = &slots[i];

		fds[2 * i] = (struct pollfd){ .fd = slot->request ? slot->out : -1,
					      .events = POLLIN };
		fds[2 * i + 1] = (struct pollfd){ .fd = slot->request ? slot->pidfd : -1,
						  .events = POLLIN };
	}
	ready = poll(fds, 2 * n, PATIENCE_MS);
	if (ready < 0 && errno != EINTR)
		err(1, "poll");
	for (size_t i = 0; i < n; i++) {
		if (ready == 0 && slots[i].request && slots[i].pidfd >= 0)
			(void)kill(slots[i].pid, SIGKILL);
		if (fds[2 * i].revents)
			hear(&slots[i]);
		if (fds[2 * i + 1].revents)
			reap(&slots[i]);
	}
}

double launch(const struct request *requests, size_t n, size_t at_once, launch_done *done,
	      void *arg)
{
	_cleanup_(freep) struct slot *slots = calloc(at_once, sizeof(*slots));
	double began = launch_now();
	size_t started = 0, over = 0;

	if (!slots)
		err(1, "launch");
	while (over < n) {
		for (size_t i = 0; i < at_once && started < n; i++)
			if (!slots[i].request)
				start(&slots[i], &requests[started++]);
		attend(slots, at_once);
		for (size_t i = 0; i < at_once; i++) {
			struct slot *slot = &slots[i];

			if (!slot->request || slot->out >= 0 || slot->pidfd >= 0)
				continue;
			slot->outcome.wall = launch_now() - slot->began;
			slot->outcome.answer[slot->len] = '\0';
			done(slot->request, &slot->outcome, arg);
			slot->request = NULL;
			over++;
		}
	}
	return launch_now() - began;
}

/* The line "VmHWM: N kB" of a process.  Return: N; 0 where there is none. */
static long high_water(pid_t pid)
{
	char path[64], line[256];
	FILE *file;
	long kib = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	while (file && kib == 0 && fgets(line, sizeof(line), file))
		if (strncmp(line, "VmHWM:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	if (file)
		(void)fclose(file);
	return kib;
}

static void become_traced(const struct request *request)
{
	struct command command;
	int conf = open(request->conf, O_RDONLY);
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	compose(request, &command);
	if (dup2(conf, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		_exit(126);
	(void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	(void)execve(command.argv[0], (char *const *)command.argv, command.envp);
	_exit(127);
}

long launch_peak(const struct request *request)
{
	int status = 0;
	long kib = 0;
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (pid == 0)
		become_traced(request);
	/* It stops at the exec, at signals, and once more just before its memory goes. */
	for (bool first = true; waitpid(pid, &status, 0) == pid && WIFSTOPPED(status);
	     first = false) {
		if (first)
			(void)ptrace(PTRACE_SETOPTIONS, pid, NULL,
				     PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL);
		else if (status >> 8 == (SIGTRAP | (PTRACE_EVENT_EXIT << 8)))
			kib = high_water(pid);
		(void)ptrace(PTRACE_CONT, pid, NULL,
			     WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status));
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? kib : 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * container.c - a process in namespaces of its own
 */
#include "container.h"

#include <limits.h>
#include <linux/sched.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "link.h"
#include "mounts.h"
#include "program.h"
#include "retry.h"

#define KILL_PATIENCE_MS 2000
#define START_PATIENCE_MS 10000

void container_signals(sigset_t *ret)
{
	static const int all[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
	struct sigaction action;
	sigset_t blocked;

	(void)sigemptyset(ret);
	for (size_t i = 0; i < COUNT(all); i++) {
		if (sigaction(all[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			(void)sigaddset(ret, all[i]);
	}
	blocked = *ret;
	(void)sigaddset(&blocked, SIGCHLD);
	/* ignored, it would keep from us how a process ended */
	(void)signal(SIGCHLD, SIG_DFL);
	(void)sigprocmask(SIG_BLOCK, &blocked, NULL);
}

int container_execute(char *const *command)
{
	sigset_t none;
	int errnum;

	/* what startup has changed; the rest is as our caller wants it */
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGXFSZ, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)execvp(command[0], command);
	errnum = errno;
	(void)fprintf(stderr, "footbridge: cannot execute %s: %s\n", command[0],
		      strerror(errnum));
	return errnum == ENOENT ? CONTAINER_NOT_FOUND : CONTAINER_NOT_EXECUTED;
}

/* Waiting, on either side. */

static int status_of(int status)
{
	return WIFSIGNALED(status) ? CONTAINER_KILLED + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

/* Reap all that has ended.  Return: whether @pid has, and then its *status. */
static int reap(pid_t pid, int *status)
{
	int one, ended = 0;
	pid_t who;

	while ((who = waitpid(-1, &one, WNOHANG)) > 0) {
		if (who != pid)
			continue;
		*status = one;
		ended = 1;
	}
	return ended;
}

/*
 * Has a child had this signal as well?  What is typed at a terminal comes from the kernel,
 * to all of the group in its foreground, which timeout(1) leaves; its end is told to the
 * leader of its session alone.
 */
static bool has_had(pid_t pid, const siginfo_t *info)
{
	if (info->si_code != SI_KERNEL || getpgid(pid) != getpgid(0))
		return false;
	return info->si_signo != SIGHUP || getsid(0) != getpid();
}

/* Pass signals on to a child until it ends. */
static int attend(pid_t pid, const sigset_t *signals)
{
	sigset_t awaited = *signals;
	siginfo_t info;
	int status;

	(void)sigaddset(&awaited, SIGCHLD);
	while (!reap(pid, &status)) {
		int signum = sigwaitinfo(&awaited, &info);

		if (signum > 0 && signum != SIGCHLD && !has_had(pid, &info))
			(void)kill(pid, signum);
	}
	return status_of(status);
}

/* In the container. */

static int raise_lo(struct error *e)
{
	_cleanup_(nl_close) struct nl nl = NL_INIT;
	struct link lo;

	if (nl_open(&nl, NETLINK_ROUTE, e) != 0 || link_get(&nl, "lo", 0, &lo, e) != 0 ||
	    link_set_flags(&nl, lo.index, IFF_UP, true, e) != 0)
		return -1;
	return 0;
}

/* File systems of its own, in place of those that lead to whoever mounted them. */
static int renew_mounts(struct error *e)
{
	static const char *const ways_out[] = { "proc", "sysfs", "nsfs", NULL };
	/* asked for in front: what comes to light when they are gone is another's */
	const bool proc_is_read_only = mounts_is_read_only("/proc");
	const bool sys_is_read_only = mounts_is_read_only("/sys");
	struct error unheard;

	if (mounts_separate(e) < 0 || mounts_drop(ways_out, e) < 0 ||
	    mounts_renew("/proc", "proc", proc_is_read_only, e) < 0)
		return -1;
	/* a host may forbid it (locked mounts); then there is none */
	(void)!mounts_renew("/sys", "sysfs", sys_is_read_only, &unheard);
	return 0;
}

/* Who stands in a mount that was taken away goes to the place of that name. */
static int stand_in_own(const char *folder, struct error *e)
{
	char now[PATH_MAX];

	if (getcwd(now, sizeof(now)) || (*folder && chdir(folder) == 0) ||
	    chdir("/") == 0)
		return 0;
	return error_sys(e, errno, "cannot change to /");
}

static int furnish(const struct container_plan *plan, struct error *e)
{
	char folder[PATH_MAX];

	if (!getcwd(folder, sizeof(folder)))
		*folder = '\0';
	if (setns(plan->netns, CLONE_NEWNET) < 0)
		return error_sys(e, errno,
				 "cannot enter the container's network namespace");
	if (renew_mounts(e) < 0 || stand_in_own(folder, e) < 0)
		return -1;
	if (sethostname(plan->hostname, strlen(plan->hostname)) < 0)
		return error_sys(e, errno, "cannot set the host name %s", plan->hostname);
	return raise_lo(e);
}

/*
 * Be its first process.  Does not return.  Our maker may be dead before the kernel is
 * told that we are to follow: the end of the line tells.
 */
static void be_first(const struct container_plan *plan, int line)
{
	struct error e;
	char word;
	pid_t pid;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	error_none(&e);
	if (furnish(plan, &e) < 0) {
		(void)send(line, e.msg, strlen(e.msg) + 1, MSG_NOSIGNAL);
		_exit(EXIT_FAILURE);
	}
	/* they would lead out of the container */
	program_close_all_but(line);
	if (send(line, "", 1, MSG_NOSIGNAL) != 1 || retry(recv(line, &word, 1, 0)) != 1)
		_exit(EXIT_FAILURE);
	(void)close(line);
	pid = fork();
	if (pid == 0)
		_exit(container_execute(plan->command));
	_exit(pid > 0 ? attend(pid, &plan->signals) : CONTAINER_NOT_EXECUTED);
}

/* On the host. */

static pid_t clone_self(int *pidfd)
{
	struct clone_args args = {
		.flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC |
			 CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
	};

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

/* Has it furnished its namespaces?  Return: 0, -1. */
static int hear(const struct container *container, struct error *e)
{
	struct pollfd heard = { .fd = container->line, .events = POLLIN };
	char words[ERROR_TEXT];
	ssize_t n;

	if (retry(poll(&heard, 1, START_PATIENCE_MS)) == 0)
		return error_set(e, ERROR_AGAIN,
				 "the container's first process is not ready within %d s",
				 START_PATIENCE_MS / 1000);
	n = recv(container->line, words, sizeof(words) - 1, 0);
	if (n <= 0)
		return error_set(e, ERROR_IO, "the container's first process died");
	words[n] = '\0';
	return *words ? error_set(e, ERROR_IO, "%s", words) : 0;
}

int container_start(struct container *ret, const struct container_plan *plan,
		    struct error *e)
{
	_cleanup_(container_end) struct container container = CONTAINER_INIT;
	_cleanup_(closep) int its_end = -1;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_sys(e, errno, "cannot make a pair of sockets");
	container.line = ends[0];
	its_end = ends[1];
	container.pid = clone_self(&container.pidfd);
	if (container.pid < 0)
		return error_sys(e, errno,
				 "cannot make a process in namespaces of its own "
				 "(CAP_SYS_ADMIN is needed)");
	if (container.pid == 0) {
		/* else it would never see the end of the line; nor would we */
		(void)close(container.line);
		be_first(plan, its_end);
	}
	(void)close(take_fd(&its_end));
	if (hear(&container, e) < 0)
		return -1;
	*ret = container;
	container = (struct container)CONTAINER_INIT;
	return 0;
}

int container_go(struct container *container, struct error *e)
{
	if (send(container->line, "", 1, MSG_NOSIGNAL) != 1)
		return error_sys(e, errno, "the container's first process died");
	closep(&container->line);
	container->line = -1;
	return 0;
}

int container_wait(struct container *container, const struct container_plan *plan)
{
	int status = attend(container->pid, &plan->signals);

	container->pid = -1;
	return status;
}

void container_end(struct container *container)
{
	struct pollfd end = { .fd = container->pidfd, .events = POLLIN };

	if (container->pid > 0) {
		(void)kill(container->pid, SIGKILL);
		/* who hangs in the kernel does not die at once, and may not hold us */
		(void)poll(&end, 1, KILL_PATIENCE_MS);
		(void)waitpid(container->pid, NULL, WNOHANG);
	}
	closep(&container->pidfd);
	closep(&container->line);
	*container = (struct container)CONTAINER_INIT;
}

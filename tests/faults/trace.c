/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace.c - run a program and have one of its system calls go wrong
 */
#include "trace.h"

#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/reg.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "cleanup.h"

#define TRACEES_MAX 64
#define BREAKPOINT 0xccL /* int3 */
#define SYSCALL_STOP (SIGTRAP | 0x80)
/* include/linux/errno.h of the kernel: the call begins anew, as when RTNL is busy (sysctls) */
#define ERESTARTNOINTR 513
#define OPTIONS                                                                          \
	(PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC |                \
	 PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE)

/* ptrace(2) itself: its addresses and words are numbers here. */
static long request(enum __ptrace_request what, pid_t pid, unsigned long at, long word)
{
	return syscall(SYS_ptrace, what, pid, at, word);
}

/* A program at work. */
struct tracing {
	const struct fault *fault;
	struct outcome *outcome;
	pid_t main;
	pid_t all[TRACEES_MAX]; /* whoever was seen, dead or alive */
	size_t n;
	time_t deadline;
	pid_t failing;	     /* in the call that is to fail */
	long result;	     /* of that */
	unsigned long entry; /* where the program proper begins, unless 0 */
	long covered;	     /* what stood there */
};

/* Its standard descriptors are files without a name, so that nobody waits for anybody. */
struct files {
	int fd[3];
};

static void files_close(struct files *files)
{
	for (int i = 0; i < 3; i++)
		closep(&files->fd[i]);
}

static int files_open(struct files *files, const char *input)
{
	for (int i = 0; i < 3; i++) {
		files->fd[i] = memfd_create("standard", MFD_CLOEXEC);
		if (files->fd[i] < 0)
			return -1;
	}
	if (write(files->fd[0], input, strlen(input)) != (ssize_t)strlen(input))
		return -1;
	return lseek(files->fd[0], 0, SEEK_SET) < 0 ? -1 : 0;
}

static char *read_all(int fd)
{
	struct stat st;
	char *text;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return NULL;
	text = malloc((size_t)st.st_size + 1);
	if (!text)
		return NULL;
	n = pread(fd, text, (size_t)st.st_size, 0);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static time_t now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

/* Interrupts waitpid(). */
static void tick(int sig)
{
	(void)sig;
}

static void tick_every_second(bool on)
{
	const struct sigaction action = { .sa_handler = tick };
	const struct itimerval second = { { on, 0 }, { on, 0 } };

	(void)sigaction(SIGALRM, &action, NULL);
	(void)setitimer(ITIMER_REAL, &second, NULL);
}

static pid_t start(const struct program_run *run, const struct files *files, bool traced)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	for (int i = 0; i < 3; i++)
		(void)dup2(files->fd[i], i);
	if (traced && request(PTRACE_TRACEME, 0, 0, 0) < 0)
		_exit(126);
	if (traced)
		(void)raise(SIGSTOP);
	(void)execve(run->argv[0], run->argv, run->env);
	_exit(127);
}

static void end_all(struct tracing *t)
{
	for (size_t i = 0; i < t->n; i++)
		(void)kill(t->all[i], SIGKILL);
}

static void meet(struct tracing *t, pid_t pid)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->all[i] == pid)
			return;
	}
	if (t->n < TRACEES_MAX)
		t->all[t->n++] = pid;
}

/* Where the kernel is to begin the program, behind the loader.  Return: 0 for unknown. */
static unsigned long find_entry(pid_t pid)
{
	char path[64];
	Elf64_auxv_t entry;
	unsigned long found = 0;
	_cleanup_(closep) int fd = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/auxv", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && read(fd, &entry, sizeof(entry)) == (ssize_t)sizeof(entry)) {
		if (entry.a_type == AT_ENTRY)
			found = entry.a_un.a_val;
	}
	return found;
}

/* Have it stop at its entry point. */
static int cover_entry(struct tracing *t)
{
	t->entry = find_entry(t->main);
	if (t->entry == 0)
		return -1;
	if (request(PTRACE_PEEKTEXT, t->main, t->entry, (long)&t->covered) < 0)
		return -1;
	return (int)request(PTRACE_POKETEXT, t->main, t->entry,
			    (t->covered & ~0xffL) | BREAKPOINT);
}

static void set_register(pid_t pid, unsigned long which, long value)
{
	(void)request(PTRACE_POKEUSER, pid, sizeof(long) * which, value);
}

static void uncover_entry(struct tracing *t)
{
	(void)request(PTRACE_POKETEXT, t->main, t->entry, t->covered);
	set_register(t->main, RIP, (long)t->entry);
	t->entry = 0;
}

static bool acts(const struct tracing *t)
{
	return !t->outcome->hit && t->entry == 0;
}

static bool is_struck(const struct fault *fault, const struct outcome *outcome, long nr)
{
	return (fault->kind == FAULT_KILL || fault->kind == FAULT_ERROR) &&
	       nr == fault->call && outcome->n_same == fault->nth;
}

static void enters(struct tracing *t, pid_t pid, uint64_t nr)
{
	struct outcome *outcome = t->outcome;

	if (!acts(t))
		return;
	if (outcome->n_calls < TRACE_CALLS_MAX)
		outcome->calls[outcome->n_calls] = (short)nr;
	outcome->n_calls++;
	outcome->n_same += (long)nr == t->fault->call;
	if (!is_struck(t->fault, outcome, (long)nr))
		return;
	outcome->hit = true;
	if (t->fault->kind == FAULT_KILL) {
		end_all(t);
		return;
	}
	t->failing = pid;
	/* brk() tells no error, but where the heap ends: not behind what was asked for */
	t->result = nr == SYS_brk ? 0 : -t->fault->error;
	/* close() closes, whatever it says (close(2)) */
	if (nr != SYS_close)
		set_register(pid, ORIG_RAX, -1);
}

/* It is made again. */
static void forget_last(const struct tracing *t)
{
	struct outcome *outcome = t->outcome;

	outcome->n_calls--;
	if (outcome->n_calls < TRACE_CALLS_MAX)
		outcome->n_same -= outcome->calls[outcome->n_calls] == t->fault->call;
}

static void leaves(struct tracing *t, pid_t pid, int64_t result)
{
	if (acts(t) && result == -ERESTARTNOINTR)
		forget_last(t);
	if (pid != t->failing)
		return;
	set_register(pid, RAX, t->result);
	t->failing = 0;
}

static void at_call(struct tracing *t, pid_t pid)
{
	struct __ptrace_syscall_info info;

	if (request(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), (long)&info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		enters(t, pid, info.entry.nr);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		leaves(t, pid, info.exit.rval);
}

/* Did it stop behind an execve()? */
static bool executes(int status)
{
	return status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8);
}

/* One of them has stopped.  Return: the signal that it is to get. */
static int at_stop(struct tracing *t, pid_t pid, int status)
{
	const int sig = WSTOPSIG(status);

	if (sig == SYSCALL_STOP) {
		at_call(t, pid);
		return 0;
	}
	if (executes(status)) {
		/* t->entry is still 0 here: what came before is not the program's */
		if (pid == t->main && t->fault->from_entry && t->outcome->n_calls == 0)
			(void)!cover_entry(t);
		return 0;
	}
	if (sig == SIGTRAP && status >> 16 == 0 && t->entry) {
		uncover_entry(t);
		return 0;
	}
	/* each begins with a stop of its own */
	return sig == SIGTRAP || sig == SIGSTOP ? 0 : sig;
}

/*
 * Once the fault has come to pass nobody needs to look on, nor at another program that is
 * not to be counted.
 */
static bool is_left_alone(const struct tracing *t, pid_t pid, int status)
{
	return (t->outcome->hit && t->failing == 0) ||
	       (t->fault->own && pid != t->main && executes(status));
}

static void go_on(const struct tracing *t, pid_t pid, int status, int sig)
{
	(void)request(is_left_alone(t, pid, status) ? PTRACE_DETACH
		      : t->entry		    ? PTRACE_CONT
						    : PTRACE_SYSCALL,
		      pid, 0, sig);
}

/* Wait for one to stop or end.  Return: its ID; -1 with errno. */
static pid_t wait_some(struct tracing *t, int *status)
{
	for (;;) {
		pid_t pid = waitpid(-1, status, __WALL);

		if (pid >= 0 || errno != EINTR)
			return pid;
		if (now() >= t->deadline && !t->outcome->hung) {
			t->outcome->hung = true;
			end_all(t);
		}
	}
}

/* Follow them all until the last has ended. */
static void follow(struct tracing *t)
{
	int status;
	pid_t pid;

	while ((pid = wait_some(t, &status)) > 0) {
		if (WIFSTOPPED(status)) {
			meet(t, pid);
			go_on(t, pid, status, at_stop(t, pid, status));
		} else if (pid == t->main) {
			t->outcome->status = WIFEXITED(status) ? WEXITSTATUS(status)
							       : 128 + WTERMSIG(status);
		}
	}
}

/* From its first stop, before execve(), to the stop behind it. */
static int attach(struct tracing *t)
{
	int status;

	if (waitpid(t->main, &status, __WALL) != t->main || !WIFSTOPPED(status))
		return -1;
	if (request(PTRACE_SETOPTIONS, t->main, 0, OPTIONS) < 0)
		return -1;
	return (int)request(PTRACE_CONT, t->main, 0, 0);
}

int trace_run(const struct program_run *run, const struct fault *fault,
	      struct outcome *ret)
{
	static const struct fault none = { .kind = FAULT_NONE };
	_cleanup_(files_close) struct files files = { { -1, -1, -1 } };
	struct tracing t = { .fault = fault ? fault : &none, .outcome = ret };

	memset(ret, 0, sizeof(*ret));
	if (files_open(&files, run->input) < 0)
		return -1;
	t.main = start(run, &files, t.fault->kind != FAULT_NONE);
	if (t.main < 0)
		return -1;
	meet(&t, t.main);
	t.deadline = now() + run->seconds;
	if (t.fault->kind != FAULT_NONE && attach(&t) < 0) {
		end_all(&t);
		return -1;
	}
	tick_every_second(true);
	follow(&t);
	tick_every_second(false);
	ret->out = read_all(files.fd[1]);
	ret->err = read_all(files.fd[2]);
	return ret->out && ret->err ? 0 : -1;
}

void outcome_clear(struct outcome *outcome)
{
	free(outcome->out);
	free(outcome->err);
	outcome->out = outcome->err = NULL;
}

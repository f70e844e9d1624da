/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * program.c - run another program, and come back from it
 *
 * One poll() listens to all that can happen: room in its stdin, words on its
 * stdout, its end (a pidfd).  The last ends the conversation, not the end of
 * stdout, which somebody else may hold open.
 */
#include "program.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "clock.h"
#include "json.h"
#include "name.h"
#include "retry.h"
#include "syscalls.h"

#define ANSWER_MAX 1048576
#define COMMAND "CNI_COMMAND="
#define COMMAND_TEXT 32
#define KILL_PATIENCE_MS 2000
#define EXIT_NOT_EXECUTED 127 /* as a shell's */
#define BUSY_PATIENCE_MS 5000
#define BUSY_STEP_MS 100
#define BUSY 1

int program_find(const char *path, const char *name, char file[static PATH_MAX])
{
	if (!name_is_file(name))
		return PROGRAM_ABSENT;
	for (const char *end;; path = end + 1) {
		int len = (int)((end = strchrnul(path, ':')) - path);
		int n = snprintf(file, PATH_MAX, "%.*s/%s", len, path, name);
		struct stat st;

		if (len > 0 && n < PATH_MAX && retry(stat(file, &st)) == 0 &&
		    S_ISREG(st.st_mode))
			return 0;
		if (!*end)
			return PROGRAM_ABSENT;
	}
}

void answer_clear(struct answer *answer)
{
	free(answer->text);
	*answer = (struct answer){ 0 };
}

/* The child, and our ends of its pipes. */
struct child {
	pid_t pid; /* -1 = none, or waited for */
	int pidfd;
	int in, out;
	int trouble; /* tells an errno if the program could not be executed */
};

/* One that is still there is of no use any more. */
static void child_end(struct child *child)
{
	struct pollfd end = { .fd = child->pidfd, .events = POLLIN };

	if (child->pid > 0) {
		(void)kill(-child->pid, SIGKILL);
		(void)kill(child->pid, SIGKILL);
		/* Who hangs in the kernel does not die at once, and may not hold us. */
		(void)poll(&end, 1, KILL_PATIENCE_MS);
		(void)waitpid(child->pid, NULL, WNOHANG);
	}
	closep(&child->pidfd);
	closep(&child->in);
	closep(&child->out);
	closep(&child->trouble);
}

/* Being born. */

enum { READ, WRITE };

struct pipes {
	int in[2], out[2], trouble[2];
};

static void pipes_close(const struct pipes *pipes)
{
	for (int end = READ; end <= WRITE; end++) {
		closep(&pipes->in[end]);
		closep(&pipes->out[end]);
		closep(&pipes->trouble[end]);
	}
}

static int pipes_open(struct pipes *pipes)
{
	if (retry(pipe2(pipes->in, O_CLOEXEC)) < 0 ||
	    retry(pipe2(pipes->out, O_CLOEXEC)) < 0 ||
	    retry(pipe2(pipes->trouble, O_CLOEXEC)) < 0)
		return -1;
	/* Ours alone: both ends have their own flags. */
	if (retry(fcntl(pipes->in[WRITE], F_SETFL, O_NONBLOCK)) < 0 ||
	    retry(fcntl(pipes->out[READ], F_SETFL, O_NONBLOCK)) < 0)
		return -1;
	return retry(fcntl(pipes->trouble[READ], F_SETFL, O_NONBLOCK));
}

static size_t count(const char *const *texts)
{
	size_t n = 0;

	while (texts && texts[n])
		n++;
	return n;
}

/* Is it the value of a variable that one of @others has, too? */
static bool is_replaced(const char *variable, const char *const *others)
{
	const size_t len = (size_t)(strchrnul(variable, '=') - variable) + 1;

	for (; others && *others; others++) {
		if (strncmp(variable, *others, len) == 0)
			return true;
	}
	return strncmp(variable, COMMAND, strlen(COMMAND)) == 0;
}

/* Our environment, with the program's own variables.  Return: an array to free; NULL. */
static const char **environment(const struct program *program, const char *command)
{
	const char *const *ours = (const char *const *)environ,
			  *const *its = program->variables;
	const char **all = calloc(count(ours) + count(its) + 2, sizeof(*all));
	size_t n = 0;

	if (!all)
		return NULL;
	for (; *ours; ours++) {
		if (!is_replaced(*ours, its))
			all[n++] = *ours;
	}
	for (; its && *its; its++)
		all[n++] = *its;
	all[n] = command;
	return all;
}

static void close_one_by_one(int keep)
{
	_cleanup_(closedirp) DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		const int fd = (int)strtol(entry->d_name, NULL, 10); /* 0 for "." */

		if (fd > STDERR_FILENO && fd != keep && fd != dirfd(dir))
			(void)close(fd);
	}
}

void program_close_all_but(int keep)
{
	const unsigned int kept = (unsigned int)keep;

	/* a sandbox may know no close_range() */
	if (sys_close_range(kept + 1, ~0U) < 0)
		close_one_by_one(keep);
	else if (keep > STDERR_FILENO + 1)
		(void)sys_close_range(STDERR_FILENO + 1, kept - 1);
}

/* In the child: as if it had been born of nobody in particular. */
static void forget_signals(void)
{
	const struct sigaction standard = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int signum = 1; signum < NSIG; signum++)
		(void)sigaction(signum, &standard, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child: become the program.  Does not return. */
static void become(const struct program *program, const struct pipes *pipes, pid_t parent,
		   const char *const envp[])
{
	const char *const argv[] = { program->name ? program->name : program->file,
				     NULL };
	int errnum;

	(void)setpgid(0, 0);
	/* The parent may be dead already, and then nobody would tell us. */
	if (retry(prctl(PR_SET_PDEATHSIG, SIGKILL)) < 0 || getppid() != parent)
		_exit(EXIT_NOT_EXECUTED);
	forget_signals();
	if (retry(dup2(pipes->in[READ], STDIN_FILENO)) >= 0 &&
	    retry(dup2(pipes->out[WRITE], STDOUT_FILENO)) >= 0) {
		program_close_all_but(pipes->trouble[WRITE]);
		(void)retry(
			execve(program->file, (char *const *)argv, (char *const *)envp));
	}
	errnum = errno;
	(void)!write(pipes->trouble[WRITE], &errnum, sizeof(errnum));
	_exit(EXIT_NOT_EXECUTED);
}

static int start(const struct program *program, struct child *child, struct error *e)
{
	_cleanup_(
		pipes_close) struct pipes pipes = { { -1, -1 }, { -1, -1 }, { -1, -1 } };
	const pid_t parent = getpid();
	char command[COMMAND_TEXT];
	_cleanup_(freep) const char **envp = NULL;

	(void)snprintf(command, sizeof(command), COMMAND "%s", program->verb);
	envp = environment(program, command);
	if (!envp)
		return error_set(e, ERROR_MEMORY, "out of memory for an environment");
	if (pipes_open(&pipes) < 0)
		return error_sys(e, errno, "cannot open a pipe");
	/* Ignored, it would keep from us how the program ended. */
	(void)signal(SIGCHLD, SIG_DFL);
	child->pid = retry(fork());
	if (child->pid < 0)
		return error_sys(e, errno, "cannot fork");
	if (child->pid == 0)
		become(program, &pipes, parent, envp);
	/* It does the same; who is first does not matter. */
	(void)setpgid(child->pid, child->pid);
	child->in = take_fd(&pipes.in[WRITE]);
	child->out = take_fd(&pipes.out[READ]);
	child->trouble = take_fd(&pipes.trouble[READ]);
	child->pidfd = retry(sys_pidfd_open(child->pid));
	if (child->pidfd < 0)
		return error_sys(e, errno, "cannot open a pidfd");
	return 0;
}

/* The conversation. */

static void close_end(int *fd)
{
	closep(fd);
	*fd = -1;
}

/* Who closes its stdin wants no more, and that is its own affair. */
static void tell(const struct program *program, struct child *child, size_t *told)
{
	while (*told < program->len) {
		ssize_t n = write(child->in, program->text + *told, program->len - *told);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			break;
		*told += (size_t)n;
	}
	close_end(&child->in);
}

static int make_room(struct answer *answer, size_t *size, struct error *e)
{
	size_t bigger = *size ? 2 * *size : 4096;
	char *moved;

	if (answer->len > ANSWER_MAX)
		return error_set(e, ERROR_PROGRAM,
				 "it wrote more than %d bytes to stdout", ANSWER_MAX);
	if (answer->len + 1 < *size)
		return 0;
	moved = realloc(answer->text, bigger);
	if (!moved)
		return error_set(e, ERROR_MEMORY, "out of memory for what it says");
	moved[answer->len] = '\0';
	answer->text = moved;
	*size = bigger;
	return 0;
}

/* Hear all that has been said so far. */
static int listen_to(struct child *child, struct answer *answer, size_t *size,
		     struct error *e)
{
	while (child->out >= 0) {
		ssize_t n;

		if (make_room(answer, size, e) < 0)
			return -1;
		n = read(child->out, answer->text + answer->len, *size - answer->len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0)
			return error_sys(e, errno, "cannot read its stdout");
		if (n == 0)
			close_end(&child->out);
		answer->len += (size_t)n;
		answer->text[answer->len] = '\0';
	}
	return 0;
}

/* Until it ends.  Return: 0, -1. */
static int talk(const struct program *program, int64_t deadline, struct child *child,
		struct answer *answer, struct error *e)
{
	size_t told = 0, size = 0;

	for (;;) {
		struct pollfd events[] = {
			{ .fd = child->pidfd, .events = POLLIN },
			{ .fd = child->in, .events = POLLOUT },
			{ .fd = child->out, .events = POLLIN },
		};
		int64_t left = deadline - clock_ms();
		int ready = poll(events, 3, left > 0 ? (int)left : 0);

		if (ready < 0 && errno != EINTR)
			return error_sys(e, errno, "cannot wait for it");
		if (ready == 0)
			return error_set(e, ERROR_AGAIN,
					 "it did not end within %d s and was killed",
					 program->seconds);
		if (ready < 0)
			continue;
		if (events[1].revents)
			tell(program, child, &told);
		/* Once it has ended nothing more is coming: so this order. */
		if (listen_to(child, answer, &size, e) < 0)
			return -1;
		if (events[0].revents)
			return 0;
	}
}

static int wait_for(struct child *child, int *status, struct error *e)
{
	while (waitpid(child->pid, status, 0) < 0) {
		if (errno != EINTR)
			return error_sys(e, errno, "cannot learn how it ended");
	}
	child->pid = -1;
	return 0;
}

/* Was it executed at all?  Return: 0; -1; BUSY with *e where somebody is writing it. */
static int heed_trouble(const struct child *child, struct error *e)
{
	int errnum = 0;

	if (read(child->trouble, &errnum, sizeof(errnum)) != sizeof(errnum))
		return 0;
	(void)error_sys(e, errnum, "it cannot be executed");
	return errnum == ETXTBSY ? BUSY : -1;
}

/* Return: 0; -1; BUSY with *e. */
static int run_once(const struct program *program, int64_t deadline, struct answer *ret,
		    struct error *e)
{
	_cleanup_(child_end) struct child child = { -1, -1, -1, -1, -1 };
	_cleanup_(answer_clear) struct answer answer = { 0 };
	int r;

	if (start(program, &child, e) < 0 ||
	    talk(program, deadline, &child, &answer, e) < 0 ||
	    wait_for(&child, &answer.status, e) < 0)
		return -1;
	r = heed_trouble(&child, e);
	if (r != 0)
		return r;
	*ret = answer;
	answer = (struct answer){ 0 };
	return 0;
}

int program_run(const struct program *program, struct answer *ret, struct error *e)
{
	const int64_t begin = clock_ms(),
		      deadline = begin + program->seconds * INT64_C(1000);
	int r;

	/* Its file may just be replaced, in place. */
	while ((r = run_once(program, deadline, ret, e)) == BUSY) {
		const int64_t next = clock_ms() + BUSY_STEP_MS;

		if (next > begin + BUSY_PATIENCE_MS || next > deadline)
			return -1;
		(void)poll(NULL, 0, BUSY_STEP_MS);
	}
	return r;
}

/* What it said. */

/* The words of one that ended with a status other than 0. */
static int pass_on(const struct answer *answer, struct error *e)
{
	const int status = WEXITSTATUS(answer->status);
	_cleanup_(json_freep) struct cJSON *object = NULL;
	const char *msg, *details;
	int64_t code = ERROR_PROGRAM;
	struct error why;

	if (answer->len == 0)
		return error_set(e, ERROR_PROGRAM,
				 "it ended with exit status %d and no word on stdout; "
				 "see its stderr",
				 status);
	if (json_parse(answer->text, answer->len, &object, &why) < 0)
		return error_set(e, ERROR_PROGRAM,
				 "it ended with exit status %d and no error object on "
				 "stdout (%s): %.64s",
				 status, why.msg, answer->text);
	msg = json_string(json_get(object, "msg"));
	details = json_string(json_get(object, "details"));
	(void)!json_integer(json_get(object, "code"), 1, INT_MAX, &code);
	if (!msg || !*msg)
		return error_set(e, ERROR_PROGRAM,
				 "it ended with exit status %d and an error object "
				 "without \"msg\": %.64s",
				 status, answer->text);
	return error_foreign(e, (int)code, msg, details ? details : "");
}

int answer_judge(const struct answer *answer, struct error *e)
{
	if (WIFSIGNALED(answer->status))
		return error_set(e, ERROR_PROGRAM, "it was killed by signal %d (%s)",
				 WTERMSIG(answer->status),
				 strsignal(WTERMSIG(answer->status)));
	return WEXITSTATUS(answer->status) == 0 ? 0 : pass_on(answer, e);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c - one executable under several names
 *
 * Called by the name of a plugin it serves a runtime's call; called by its own
 * it serves the person at the keyboard.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "call.h"
#include "command.h"

#define STACK_NEEDED 262144 /* bytes, with room to spare */

// clang-format off
const struct command *const commands[] = {
	&command_doctor,
	&command_graph,
	&command_lint,
	&command_list,
	&command_peer,
	&command_restore,
	NULL,
};
// clang-format on

/*
 * Closed, it would be taken by the first socket, and the answer would go there.
 * What stands in for stdout cannot be written to, so that the loss is noticed.
 */
static int stand_in(int fd)
{
	int null = open("/dev/null", O_RDONLY);

	/* one opened with O_PATH is of no use, but has the number */
	if (null >= 0 && null != fd && (dup2(null, fd) < 0 || close(null) < 0))
		return -1;
	return null < 0 ? -1 : 0;
}

/*
 * The kernel looks at the limit whenever the stack grows, so that raising it helps
 * even now.
 */
static int want_stack(struct error *e)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_STACK, &limit) < 0 || limit.rlim_cur >= STACK_NEEDED)
		return 0;
	limit.rlim_cur = STACK_NEEDED;
	if (limit.rlim_max < STACK_NEEDED)
		limit.rlim_max = STACK_NEEDED;
	if (setrlimit(RLIMIT_STACK, &limit) == 0)
		return 0;
	return error_sys(e, errno, "cannot raise RLIMIT_STACK to the %d bytes it takes",
			 STACK_NEEDED);
}

/* What a caller may have left in a bad state. */
static int tidy_up(struct error *e)
{
	struct pollfd fds[] = { { .fd = STDIN_FILENO },
				{ .fd = STDOUT_FILENO },
				{ .fd = STDERR_FILENO } };
	sigset_t none;

	for (int i = poll(fds, 3, 0) > 0 ? 0 : 3; i < 3; i++) {
		if (fds[i].revents & POLLNVAL && stand_in(fds[i].fd) < 0)
			return error_sys(e, errno, "cannot open /dev/null");
	}
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)umask(022);
	/* No core file of a process of root's, wherever it was called. */
	(void)prctl(PR_SET_DUMPABLE, 0);
	return want_stack(e);
}

/* What `footbridge --help` says. */
static int explain(FILE *to)
{
	(void)fprintf(to, "footbridge " FOOTBRIDGE_VERSION
			  ": CNI plugins in one executable\n\n"
			  "usage: footbridge COMMAND [ARGUMENT...]\n\n");
	for (size_t i = 0; commands[i]; i++)
		(void)fprintf(to, "  %-10s %s\n", commands[i]->name,
			      commands[i]->summary);
	(void)fprintf(to,
		      "  %-10s %s\n  %-10s %s\n\n"
		      "`footbridge COMMAND --help` tells more.  A container runtime\n"
		      "calls it by the name of a plugin:",
		      "version", "print the version", "help", "print this");
	for (size_t i = 0; plugins[i]; i++)
		(void)fprintf(to, " %s", plugins[i]->name);
	(void)fprintf(to, "\n");
	return to == stdout ? COMMAND_FINE : COMMAND_USAGE;
}

/* What `footbridge COMMAND --help` says. */
static int explain_command(const struct command *command)
{
	(void)printf("usage: footbridge %s%s%s\n\n%s.\n%s%s", command->name,
		     *command->synopsis ? " " : "", command->synopsis, command->summary,
		     *command->help ? "\n" : "", command->help);
	return COMMAND_FINE;
}

static bool is_one_of(const char *word, const char *one, const char *other)
{
	return strcmp(word, one) == 0 || strcmp(word, other) == 0;
}

static int obey(int argc, char **argv)
{
	const char *wish = argc > 1 ? argv[1] : "";

	for (size_t i = 0; commands[i]; i++) {
		if (strcmp(commands[i]->name, wish) != 0)
			continue;
		if (argc > 2 && is_one_of(argv[2], "--help", "-h"))
			return explain_command(commands[i]);
		return commands[i]->run(commands[i], argc - 1, argv + 1);
	}
	if (is_one_of(wish, "version", "--version")) {
		(void)printf("footbridge " FOOTBRIDGE_VERSION "\n");
		return COMMAND_FINE;
	}
	if (is_one_of(wish, "help", "--help"))
		return explain(stdout);
	if (*wish)
		(void)fprintf(stderr, "footbridge: there is no command \"%s\"\n\n", wish);
	return explain(stderr);
}

/* An answer that could not be written was not given. */
static int serve_person(int argc, char **argv)
{
	int status = obey(argc, argv);

	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	(void)fprintf(stderr, "footbridge: cannot write to stdout\n");
	return status ? status : COMMAND_TROUBLE;
}

static int refuse_person(const struct error *e)
{
	(void)fprintf(stderr, "footbridge: %s\n", e->msg);
	return COMMAND_TROUBLE;
}

int main(int argc, char **argv)
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	const char *name = slash ? slash + 1 : argc > 0 ? argv[0] : "";
	const struct plugin *plugin = plugin_find(name);
	struct error e;

	if (tidy_up(&e) < 0)
		return plugin ? call_refuse(plugin, &e) : refuse_person(&e);
	return plugin ? call_serve(plugin) : serve_person(argc, argv);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c - one executable under several names
 *
 * Called by the name of a plugin it serves a runtime's call; called by its own
 * it serves the person at the keyboard.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "call.h"
#include "restore.h"

const struct plugin *const plugins[] = {
	&plugin_bridge,
	&plugin_hostlocal,
	&plugin_loopback,
	NULL,
};

const struct plugin *plugin_find(const char *name)
{
	for (size_t i = 0; plugins[i]; i++) {
		if (strcmp(plugins[i]->name, name) == 0)
			return plugins[i];
	}
	return NULL;
}

/*
 * What a caller may have left in a bad state.  A closed descriptor 0 to 2 would
 * be taken by the first socket, and the answer would go there; the one that
 * stands in for stdout cannot be written to, so that the loss is noticed.
 */
static int tidy_up(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd)
			return -1;
	}
	/* Ignored, it would keep from us how a plugin ended that we called. */
	(void)signal(SIGCHLD, SIG_DFL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)umask(022);
	return 0;
}

static int explain(FILE *to)
{
	(void)fprintf(
		to, "footbridge " FOOTBRIDGE_VERSION ": CNI plugins in one executable\n\n"
		    "usage: footbridge restore | version | help\n\n"
		    "restore: after a firewall reload, put back the masquerade and the\n"
		    "forwarding of every living attachment\n\n"
		    "A container runtime calls it by the name of a plugin:\n");
	for (size_t i = 0; plugins[i]; i++)
		(void)fprintf(to, "  %s\n", plugins[i]->name);
	return to == stdout ? 0 : 2;
}

static void print_lines(FILE *to, const struct list *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		(void)fprintf(to, "%s\n", lines->v[i]);
}

/* Return: the exit status: 0 when nothing was left undone. */
static int restore(void)
{
	_cleanup_(list_clear) struct list done = { NULL, 0 }, undone = { NULL, 0 };
	struct error e = { 0 };
	int r = restore_all(&done, &undone, &e);

	print_lines(stdout, &done);
	print_lines(stderr, &undone);
	if (r < 0)
		(void)fprintf(stderr, "footbridge restore: %s\n", e.msg);
	return r < 0 || undone.n > 0 || fflush(stdout) != 0;
}

static int serve_person(int argc, char **argv)
{
	const char *wish = argc == 2 ? argv[1] : "";

	if (strcmp(wish, "version") == 0 || strcmp(wish, "--version") == 0)
		return printf("footbridge " FOOTBRIDGE_VERSION "\n") > 0 ? 0 : 1;
	if (strcmp(wish, "restore") == 0)
		return restore();
	return explain(strcmp(wish, "help") == 0 || strcmp(wish, "--help") == 0 ? stdout
										: stderr);
}

int main(int argc, char **argv)
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	const char *name = slash ? slash + 1 : argc > 0 ? argv[0] : "";
	const struct plugin *plugin = plugin_find(name);

	if (tidy_up() < 0)
		return 1;
	return plugin ? call_serve(plugin) : serve_person(argc, argv);
}

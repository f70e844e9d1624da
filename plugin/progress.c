/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * progress.c - a line on the terminal while something takes its time
 */
#include "progress.h"

#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "retry.h"

#define PATIENCE_MS 1000
#define STEP_MS 100 /* no faster than anybody reads */

/* Texts come whole, PROGRESS_TEXT bytes each.  Return: whether it goes on. */
static bool hear(int from, char text[static PROGRESS_TEXT])
{
	ssize_t n;

	do
		n = retry(read(from, text, PROGRESS_TEXT));
	while (n > 0);
	return n < 0;
}

/* Runs in the process of its own, until the pipe ends. */
static void show(int from, const char *what)
{
	const int64_t begin = clock_ms();
	struct pollfd in = { .fd = from, .events = POLLIN };
	char text[PROGRESS_TEXT];
	bool shown = false;

	(void)snprintf(text, sizeof(text), "%s", what);
	while (hear(from, text)) {
		int64_t took = clock_ms() - begin;

		if (took >= PATIENCE_MS) {
			(void)dprintf(STDERR_FILENO, "\r\033[K%s (%d s)", text,
				      (int)(took / 1000));
			shown = true;
			(void)poll(NULL, 0, STEP_MS);
		}
		(void)poll(&in, 1, shown ? PATIENCE_MS : (int)(PATIENCE_MS - took));
	}
	if (shown)
		(void)dprintf(STDERR_FILENO, "\r\033[K");
}

struct progress progress_begin(const char *what)
{
	struct progress progress = { .pipe = -1 };
	int ends[2];

	if (!isatty(STDERR_FILENO) || pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return progress;
	progress.pid = fork();
	if (progress.pid == 0) {
		(void)close(ends[1]);
		show(ends[0], what);
		_exit(0);
	}
	(void)close(ends[0]);
	if (progress.pid > 0)
		progress.pipe = ends[1];
	else
		(void)close(ends[1]);
	return progress;
}

void progress_say(const struct progress *progress, const char *format, ...)
{
	char text[PROGRESS_TEXT] = "";
	va_list arguments;

	if (progress->pipe < 0)
		return;
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	/* where it is full, a later one is as good */
	(void)!write(progress->pipe, text, sizeof(text));
}

void progress_end(struct progress *progress)
{
	if (progress->pipe < 0)
		return;
	(void)close(progress->pipe);
	(void)retry(waitpid(progress->pid, NULL, 0));
	progress->pipe = -1;
}

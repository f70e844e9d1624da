/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lint.c - the command `footbridge lint`: what is wrong with configuration files
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "file.h"
#include "retry.h"
#include "review.h"
#include "writer.h"

#define FILE_MAX 1048576 /* no plugin of ours reads more */

/* A FIFO that nobody writes to is empty: it is not waited for, but a pipe's writer is. */
static int open_file(const char *name)
{
	_cleanup_(closep) int fd = retry(open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC));

	return fd >= 0 && retry(fcntl(fd, F_SETFL, 0)) == 0 ? take_fd(&fd) : -1;
}

/* Read a file, or stdin for "-". */
static int read_file(const char *name, char **text, size_t *len, struct error *e)
{
	const bool is_stdin = strcmp(name, "-") == 0;
	_cleanup_(closep) int fd = -1;

	if (!is_stdin)
		fd = open_file(name);
	if (is_stdin || fd >= 0)
		*text = file_read(is_stdin ? STDIN_FILENO : fd, FILE_MAX, len);
	if (*text)
		return 0;
	if (errno == EFBIG)
		return error_set(e, ERROR_DECODE, "more than %d bytes", FILE_MAX);
	return error_sys(e, errno, "cannot read it");
}

static void print_finding(const char *file, const struct finding *finding)
{
	(void)printf("%s:", file);
	if (finding->line)
		(void)printf("%zu:%zu:", finding->line, finding->column);
	(void)printf(" %s%s%s%s\n", finding->note ? "note: " : "", finding->path,
		     *finding->path ? ": " : "", finding->text);
}

static void write_finding(struct writer *w, const char *file,
			  const struct finding *finding)
{
	writer_open(w, NULL, '{');
	writer_string(w, "file", file);
	if (finding->line) {
		writer_integer(w, "line", (int64_t)finding->line);
		writer_integer(w, "column", (int64_t)finding->column);
	}
	writer_bool(w, "note", finding->note);
	writer_string(w, "path", finding->path);
	writer_string(w, "message", finding->text);
	writer_close(w, '}');
}

/* @w: NULL for people. */
static void tell(struct writer *w, const char *file, const struct finding *finding)
{
	if (w)
		write_finding(w, file, finding);
	else
		print_finding(file, finding);
}

/* Return: 1 when something is wrong with the file, 0, -1. */
static int lint_file(const char *file, struct writer *w, struct error *e)
{
	_cleanup_(freep) char *text = NULL;
	_cleanup_(review_clear) struct review review = { 0 };
	const char *shown = strcmp(file, "-") == 0 ? "stdin" : file;
	size_t len = 0;

	if (read_file(file, &text, &len, e) < 0 ||
	    review_document(file, text, len, &review, e) < 0)
		return -1;
	for (size_t i = 0; i < review.n; i++)
		tell(w, shown, &review.v[i]);
	if (review.is_cut)
		(void)fprintf(stderr, "%s: there is more; %d findings are told\n", shown,
			      REVIEW_MAX);
	return review_found(&review);
}

static int lint_all(int n, char **files, struct writer *w)
{
	int status = COMMAND_FINE;

	for (int i = 0; i < n; i++) {
		struct error e = { 0 };
		int r = lint_file(files[i], w, &e);

		if (r < 0)
			(void)fprintf(stderr, "footbridge lint: %s: %s\n", files[i],
				      e.msg);
		if (r != 0)
			status = COMMAND_TROUBLE;
	}
	return status;
}

static int lint_as_json(int n, char **files)
{
	_cleanup_(writer_clear) struct writer w = { 0 };
	struct error e;
	int status;

	writer_open(&w, NULL, '[');
	status = lint_all(n, files, &w);
	writer_close(&w, ']');
	if (command_print(&w, &e) == 0)
		return status;
	(void)fprintf(stderr, "footbridge lint: %s\n", e.msg);
	return COMMAND_TROUBLE;
}

static int run(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	bool as_json = false;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (option != 'j')
			return command_stuck(command, option, argv, options);
		as_json = true;
	}
	argc -= optind;
	argv += optind;
	if (argc == 0)
		return command_misused(command, "which file?");
	return as_json ? lint_as_json(argc, argv) : lint_all(argc, argv, NULL);
}

const struct command command_lint = {
	.name = "lint",
	.synopsis = "[--json] FILE...",
	.summary = "find what is wrong with network configurations",
	.help = "FILE is a list of plugins (.conflist) or one plugin's configuration (.conf,\n"
		".json), or - for stdin.  Told is, with line and column: what the runtime or\n"
		"ADD would refuse, keys that no plugin reads where they stand, with the one\n"
		"that may have been meant, and keys that are given twice.  Nothing but the\n"
		"files is looked at.  Keys of a plugin that differ in case alone are read by\n"
		"all of them, and are fine; those of a list are not.  What a plugin that is\n"
		"not known here reads is not checked, which a note says.  The exit status is 1\n"
		"when something is wrong.\n"
		"\n"
		"  --json   a list of {file, line, column, note, path, message}\n",
	.run = run,
};

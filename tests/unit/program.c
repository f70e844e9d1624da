/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * program.c - tests of program.h: scripts that behave, and others
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "program.h"

#define FAR 30 /* seconds: a deadline that is not meant to be met */

static char folder[] = "/tmp/program.XXXXXX";

static const char *put(const char *name, mode_t mode, const char *text)
{
	static char path[PATH_MAX];
	_cleanup_(closep) int fd = -1;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	return path;
}

static int run_with(const char *script, const char *text, size_t len, int seconds,
		    struct answer *answer, struct error *e)
{
	const struct program program = {
		.file = put("script", 0755, script),
		.verb = "ADD",
		.text = text,
		.len = len,
		.seconds = seconds,
	};

	return program_run(&program, answer, e);
}

static struct answer run(const char *script, const char *text)
{
	struct answer answer = { 0 };
	struct error e;

	if (run_with(script, text, strlen(text), FAR, &answer, &e) < 0)
		fail_msg("%s: %s", script, e.msg);
	return answer;
}

static void expect(const char *script, const char *text, const char *expected)
{
	_cleanup_(answer_clear) struct answer answer = run(script, text);

	assert_int_equal(answer.status, 0);
	assert_string_equal(answer.text, expected);
	assert_int_equal(answer.len, strlen(expected));
}

/* Nobody is left to be waited for. */
static void expect_no_children(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void test_find(void **state)
{
	char path[3 * PATH_MAX], file[PATH_MAX], wanted[PATH_MAX], link[PATH_MAX];

	(void)state;
	(void)snprintf(wanted, sizeof(wanted), "%s", put("there", 0644, ""));
	(void)snprintf(link, sizeof(link), "%s/link", folder);
	assert_int_equal(symlink("there", link), 0);
	assert_int_equal(program_find(folder, "there", file), 0);
	assert_string_equal(file, wanted);
	assert_int_equal(program_find(folder, "link", file), 0);
	assert_string_equal(file, link);
	/* the first hit; what is no regular file is none */
	(void)snprintf(path, sizeof(path), "::/nowhere:/tmp:%s:/bin:", folder);
	assert_int_equal(program_find(path, "there", file), 0);
	assert_string_equal(file, wanted);
	(void)snprintf(path, sizeof(path), "%s:/bin", folder);
	(void)put("sh", 0644, "");
	assert_int_equal(program_find(path, "sh", file), 0);
	assert_memory_equal(file, folder, strlen(folder));
	assert_int_equal(unlink(file), 0);
	assert_int_equal(mkdir(file, 0755), 0);
	assert_int_equal(program_find(path, "sh", file), 0);
	assert_string_equal(file, "/bin/sh");
}

static void test_find_nothing(void **state)
{
	static const struct {
		const char *path, *name;
	} cases[] = {
		{ "/bin", "no-such-plugin" },
		{ "", "sh" },
		{ ":", "sh" },
		{ "/", "bin" },	    /* a folder */
		{ "/dev", "null" }, /* a device */
		{ "/usr", "bin/sh" },
		{ "/usr/bin", "../bin/sh" },
		{ "/bin", "" },
		{ "/bin", "." },
		{ "/bin", ".." },
	};
	char longer[2 * PATH_MAX], file[PATH_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (program_find(cases[i].path, cases[i].name, file) == 0)
			fail_msg("'%s' in '%s' should not be found", cases[i].name,
				 cases[i].path);
	memset(longer, '/', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(program_find(longer, "sh", file), PROGRAM_ABSENT);
}

static void test_question_and_answer(void **state)
{
	(void)state;
	expect("#!/bin/sh\ncat\n", "what is said", "what is said");
	expect("#!/bin/sh\n", "what is said", "");
	expect("#!/bin/sh\necho $CNI_COMMAND\n", "", "ADD\n");
	expect("#!/bin/sh\ntr '\\0' '\\n' </proc/$$/environ | grep -c ^CNI_COMMAND=\n",
	       "", "1\n");
	expect("#!/bin/sh\necho $OTHER\n", "", "as it is\n");
	expect_no_children();
}

static void test_much_is_said(void **state)
{
	const size_t len = 1048576;
	_cleanup_(freep) char *text = malloc(len);
	_cleanup_(answer_clear) struct answer answer = { 0 };
	struct error e;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < len; i++)
		text[i] = (char)('a' + i % 23);
	assert_int_equal(run_with("#!/bin/sh\ncat\n", text, len, FAR, &answer, &e), 0);
	assert_int_equal(answer.len, len);
	assert_memory_equal(answer.text, text, len);
}

static void test_too_much_is_said(void **state)
{
	static const char *const scripts[] = {
		"#!/bin/sh\nhead -c 1048577 /dev/zero\n",
		"#!/bin/sh\nhead -c 10485760 /dev/zero\n",
		"#!/bin/sh\ncat /dev/zero\n",
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct answer answer = { 0 };
		struct error e;

		assert_int_equal(run_with(scripts[i], "", 0, FAR, &answer, &e), -1);
		assert_int_equal(e.code, ERROR_PROGRAM);
		assert_non_null(strstr(e.msg, "1048576"));
		assert_null(answer.text);
		expect_no_children();
	}
}

static void test_stdin_is_not_read(void **state)
{
	const size_t len = 1048576;
	_cleanup_(freep) char *text = calloc(1, len);
	static const char *const scripts[] = {
		"#!/bin/sh\necho fine\n",
		"#!/bin/sh\nexec <&-\nsleep 0.2\necho fine\n",
		"#!/bin/sh\nhead -c 10 >/dev/null\necho fine\n",
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		_cleanup_(answer_clear) struct answer answer = { 0 };
		struct error e;

		assert_int_equal(run_with(scripts[i], text, len, FAR, &answer, &e), 0);
		assert_string_equal(answer.text, "fine\n");
	}
}

static long seconds_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Somebody else has the file open for writing for so long. */
static pid_t hold(const char *path, long ms)
{
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000 };
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (open(path, O_WRONLY | O_CLOEXEC) < 0 || write(ready[1], "", 1) != 1)
			_exit(1);
		(void)nanosleep(&time, NULL);
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(close(ready[0]) + close(ready[1]), 0);
	return pid;
}

/* How the program fares whose file somebody else is writing all the while. */
static int run_written(struct program *program, int seconds, struct error *e)
{
	_cleanup_(answer_clear) struct answer answer = { 0 };
	pid_t writer = hold(program->file, 2 * FAR * 1000L);
	int r;

	program->seconds = seconds;
	r = program_run(program, &answer, e);
	assert_int_equal(kill(writer, SIGKILL), 0);
	assert_int_equal(waitpid(writer, NULL, 0), writer);
	assert_null(answer.text);
	return r;
}

static void test_file_is_written(void **state)
{
	struct program program = { .file = put("script", 0755, "#!/bin/sh\ncat\n"),
				   .verb = "ADD",
				   .text = "fine",
				   .len = 4,
				   .seconds = FAR };
	_cleanup_(answer_clear) struct answer answer = { 0 };
	const long began = seconds_now();
	struct error e;
	pid_t writer;

	(void)state;
	writer = hold(program.file, 500);
	assert_int_equal(program_run(&program, &answer, &e), 0);
	assert_string_equal(answer.text, "fine");
	assert_int_equal(waitpid(writer, NULL, 0), writer);

	/* not for ever; the deadline may meet the last attempt, and has its own words */
	assert_int_equal(run_written(&program, FAR, &e), -1);
	assert_non_null(strstr(e.msg, strerror(ETXTBSY)));
	assert_int_equal(run_written(&program, 1, &e), -1);
	assert_true(seconds_now() - began < FAR);
	expect_no_children();
}

static void test_how_it_ends(void **state)
{
	_cleanup_(answer_clear) struct answer seven =
		run("#!/bin/sh\necho x\nexit 7\n", "");
	_cleanup_(answer_clear) struct answer killed =
		run("#!/bin/sh\nkill -SEGV $$\n", "");

	(void)state;
	assert_true(WIFEXITED(seven.status));
	assert_int_equal(WEXITSTATUS(seven.status), 7);
	assert_string_equal(seven.text, "x\n");
	assert_true(WIFSIGNALED(killed.status));
	assert_int_equal(WTERMSIG(killed.status), SIGSEGV);
	expect_no_children();
}

static void test_not_executable(void **state)
{
	static const struct {
		mode_t mode;
		const char *text, *words;
	} cases[] = {
		{ 0644, "#!/bin/sh\n", "cannot be executed: Permission denied" },
		{ 0755, "neither\n", "cannot be executed: Exec format error" },
		{ 0755, "#!/no/such\n", "cannot be executed: No such file or directory" },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const struct program program = {
			.file = put("other", cases[i].mode, cases[i].text),
			.verb = "ADD",
			.seconds = FAR,
		};
		struct answer answer = { 0 };
		struct error e;

		assert_int_equal(chmod(program.file, cases[i].mode), 0);
		assert_int_equal(program_run(&program, &answer, &e), -1);
		assert_int_equal(e.code, ERROR_IO);
		assert_non_null(strstr(e.msg, cases[i].words));
		assert_int_equal(unlink(program.file), 0);
		expect_no_children();
	}
}

/* None of them ends by itself within the test's life. */
static void test_deadline(void **state)
{
	static const char *const scripts[] = {
		"#!/bin/sh\nexec sleep 600\n",
		"#!/bin/sh\nexec >&- <&-\nexec sleep 600\n",
		"#!/bin/sh\nsleep 600 & sleep 600\n",
		"#!/bin/sh\ntrap '' TERM INT HUP\nwhile :; do :; done\n",
		"#!/bin/sh\nkill -STOP $$\n",
		"#!/bin/sh\nwhile :; do echo x; sleep 0.01; done\n",
	};

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		const long began = seconds_now();
		struct answer answer = { 0 };
		struct error e;

		assert_int_equal(run_with(scripts[i], "x", 1, 1, &answer, &e), -1);
		assert_int_equal(e.code, ERROR_AGAIN);
		assert_non_null(strstr(e.msg, "within 1 s"));
		assert_true(seconds_now() - began < FAR);
		expect_no_children();
	}
}

/* Is this process there, and no zombie? */
static bool is_running(long pid)
{
	char path[64], text[512];
	_cleanup_(closep) int fd = -1;
	const char *state;
	ssize_t len;

	(void)snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (len < 0)
		return false;
	text[len] = '\0';
	state = strrchr(text, ')');
	return state && state[2] != 'Z';
}

static long noted_pid(const char *path)
{
	char text[32] = "";
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	return strtol(text, NULL, 10);
}

static bool ends_soon(long pid)
{
	const struct timespec step = { .tv_nsec = 10000000 };

	for (int i = 0; i < 300 && is_running(pid); i++)
		(void)nanosleep(&step, NULL);
	return !is_running(pid);
}

static void test_deadline_kills_the_group(void **state)
{
	struct answer answer = { 0 };
	char note[PATH_MAX];
	struct error e;
	long pid;

	(void)state;
	(void)snprintf(note, sizeof(note), "%s", put("pid", 0644, ""));
	assert_int_equal(run_with("#!/bin/sh\nsleep 600 &\necho $! >${0%/*}/pid\nwait\n",
				  "", 0, 1, &answer, &e),
			 -1);
	pid = noted_pid(note);
	assert_true(pid > 1);
	assert_true(ends_soon(pid));
}

/* Who is left behind may hold what he has, and keep it. */
static void test_left_behind(void **state)
{
	static const struct {
		const char *script, *said;
	} cases[] = {
		{ "#!/bin/sh\nsleep 600 &\necho $! >${0%/*}/pid\necho said\n", "said\n" },
		{ "#!/bin/sh\nsleep 600 & echo $! >${0%/*}/pid\n", "" },
	};
	const long began = seconds_now();
	char note[PATH_MAX];

	(void)state;
	(void)snprintf(note, sizeof(note), "%s", put("pid", 0644, ""));
	for (size_t i = 0; i < 2; i++) {
		long pid;

		expect(cases[i].script, "x", cases[i].said);
		pid = noted_pid(note);
		assert_true(is_running(pid));
		(void)kill((pid_t)pid, SIGKILL);
	}
	assert_true(seconds_now() - began < FAR);
}

static void test_nothing_is_inherited(void **state)
{
	int fds[] = { open("/dev/null", O_RDONLY), open("/dev/null", O_RDONLY),
		      open("/dev/null", O_RDONLY | O_CLOEXEC),
		      open("/dev/null", O_RDONLY) };
	sigset_t set, before;

	(void)state;
	/* the third is the listing's own */
	expect("#!/bin/bash\nls /proc/self/fd | tr '\\n' ' '\n", "", "0 1 2 3 ");
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(close(fds[i]), 0);

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &set, &before);
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	/* 32 and 33 are glibc's own: who started the test may have left them ignored */
	expect("#!/usr/bin/awk -f\nBEGIN { while ((getline line < \"/proc/self/status\") > 0)"
	       " if (line ~ /^Sig(Blk|Ign)/) { split(line, w);"
	       " sub(/180000000$/, \"000000000\", w[2]); print w[2] } }\n",
	       "", "0000000000000000\n0000000000000000\n");
	(void)signal(SIGXFSZ, SIG_DFL);
	(void)signal(SIGHUP, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
}

/* It dies with us, however we die. */
static void test_orphan(void **state)
{
	char note[PATH_MAX];
	pid_t us;
	long pid = 0;

	(void)state;
	(void)snprintf(note, sizeof(note), "%s", put("pid", 0644, ""));
	us = fork();
	assert_true(us >= 0);
	if (us == 0) {
		struct answer answer;
		struct error e;

		(void)!run_with("#!/bin/sh\necho $$ >${0%/*}/pid\nexec sleep 600\n", "",
				0, FAR, &answer, &e);
		_exit(0);
	}
	for (int i = 0; i < 300 && pid == 0; i++) {
		char text[32] = "";
		_cleanup_(closep) int fd = open(note, O_RDONLY | O_CLOEXEC);

		if (read(fd, text, sizeof(text) - 1) > 0 && strchr(text, '\n'))
			pid = strtol(text, NULL, 10);
		(void)usleep(10000);
	}
	assert_true(pid > 1);
	assert_true(is_running(pid));
	(void)kill(us, SIGKILL);
	assert_int_equal(waitpid(us, NULL, 0), us);
	assert_true(ends_soon(pid));
}

static int make_folder(void **state)
{
	(void)state;
	(void)setenv("OTHER", "as it is", 1);
	(void)setenv("CNI_COMMAND", "DEL", 1);
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_find_nothing),
		cmocka_unit_test(test_question_and_answer),
		cmocka_unit_test(test_much_is_said),
		cmocka_unit_test(test_too_much_is_said),
		cmocka_unit_test(test_stdin_is_not_read),
		cmocka_unit_test(test_how_it_ends),
		cmocka_unit_test(test_file_is_written),
		cmocka_unit_test(test_not_executable),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_deadline_kills_the_group),
		cmocka_unit_test(test_left_behind),
		cmocka_unit_test(test_nothing_is_inherited),
		cmocka_unit_test(test_orphan),
	};

	/* as the door does: a plugin may end without having read what it was told */
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

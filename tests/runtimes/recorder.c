/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recorder - stands in front of CNI plugins and writes down each call
 *
 * As DIR/bridge it runs DIR/.real/bridge with the same stdin and environment, but for
 * CNI_PATH, which leads to DIR/.real: what a plugin calls itself is not written down,
 * and costs nothing more.  The caller gets what the plugin printed and its exit status.
 *
 * DIR/.calls gets a line of JSON for each call, when it has ended:
 *
 *   at, ms    begin on the monotonic clock in seconds, and how long it took
 *   cpu       milliseconds of processor time, of the plugin and what it ran
 *   plugin    its name
 *   status    exit status, or 128 + the signal
 *   env       the CNI_* of the caller
 *   stdin, stdout    the documents; text, where they are none
 *   stderr    text
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct call {
	char dir[PATH_MAX];
	const char *plugin;
	int in, out, err; /* what is on its stdin, stdout and stderr, kept in memory */
	double at, ms, cpu;
	int status;
};

static void die(const char *what)
{
	fprintf(stderr, "recorder: %s: %s\n", what, strerror(errno));
	_exit(99);
}

static int memory(void)
{
	int fd = memfd_create("recorder", MFD_CLOEXEC);

	if (fd < 0)
		die("memfd_create");
	return fd;
}

/* Copy from where @from is to its end. */
static void pour(int from, int to)
{
	char part[65536];
	ssize_t n;

	while ((n = read(from, part, sizeof(part))) > 0) {
		if (write(to, part, (size_t)n) != n)
			die("write");
	}
	if (n < 0)
		die("read");
}

static void rewind_to_start(int fd)
{
	if (lseek(fd, 0, SEEK_SET))
		die("lseek");
}

/* All that is in @fd, as a string of the caller's. */
static char *text_of(int fd)
{
	off_t len = lseek(fd, 0, SEEK_END);
	char *text = calloc(1, (size_t)len + 1);

	if (len < 0 || !text || pread(fd, text, (size_t)len, 0) != len)
		die("what was said");
	return text;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double milliseconds(const struct timeval *time)
{
	return (double)time->tv_sec * 1e3 + (double)time->tv_usec / 1e3;
}

/* The plugin's own process. */
static void become(const struct call *call)
{
	char real[PATH_MAX], file[PATH_MAX];

	if (snprintf(real, sizeof(real), "%s/.real", call->dir) >= PATH_MAX ||
	    snprintf(file, sizeof(file), "%s/%s", real, call->plugin) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		die(call->plugin);
	}
	if (getenv("CNI_PATH"))
		setenv("CNI_PATH", real, 1);
	if (dup2(call->in, 0) || dup2(call->out, 1) != 1 || dup2(call->err, 2) != 2)
		die("dup2");
	execl(file, file, (char *)NULL);
	die(file);
}

static void run(struct call *call)
{
	struct rusage used;
	int status;
	pid_t pid;

	call->at = seconds();
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid)
		become(call);
	if (wait4(pid, &status, 0, &used) < 0)
		die("wait4");
	call->ms = (seconds() - call->at) * 1e3;
	call->cpu = milliseconds(&used.ru_utime) + milliseconds(&used.ru_stime);
	call->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void add_document(cJSON *line, const char *key, int fd)
{
	char *text = text_of(fd);
	cJSON *document = cJSON_Parse(text);

	cJSON_AddItemToObject(line, key, document ? document : cJSON_CreateString(text));
	free(text);
}

static void add_environment(cJSON *line)
{
	cJSON *env = cJSON_AddObjectToObject(line, "env");

	for (char **one = environ; *one; one++) {
		char key[64];
		size_t len = strcspn(*one, "=");

		if (strncmp(*one, "CNI_", 4) || !(*one)[len] || len >= sizeof(key))
			continue;
		memcpy(key, *one, len);
		key[len] = '\0';
		cJSON_AddStringToObject(env, key, *one + len + 1);
	}
}

static void note(const struct call *call)
{
	char file[PATH_MAX], *err = text_of(call->err), *text, *whole;
	cJSON *line = cJSON_CreateObject();
	int log, len;

	cJSON_AddNumberToObject(line, "at", call->at);
	cJSON_AddNumberToObject(line, "ms", call->ms);
	cJSON_AddNumberToObject(line, "cpu", call->cpu);
	cJSON_AddStringToObject(line, "plugin", call->plugin);
	cJSON_AddNumberToObject(line, "status", call->status);
	add_environment(line);
	add_document(line, "stdin", call->in);
	add_document(line, "stdout", call->out);
	cJSON_AddStringToObject(line, "stderr", err);
	text = cJSON_PrintUnformatted(line);
	len = text ? asprintf(&whole, "%s\n", text) : -1;
	if (len < 0 || snprintf(file, sizeof(file), "%s/.calls", call->dir) >= PATH_MAX)
		die("the line");
	log = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	/* one write, so that lines of calls at the same time do not mix; dprintf() makes many */
	if (log < 0 || write(log, whole, (size_t)len) != len)
		die(file);
	close(log);
	free(whole);
	free(text);
	free(err);
	cJSON_Delete(line);
}

int main(int argc, char **argv)
{
	struct call call = { .in = memory(), .out = memory(), .err = memory() };
	char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;

	if (!slash || slash - argv[0] >= PATH_MAX) {
		errno = EINVAL;
		die("call it by its full path");
	}
	memcpy(call.dir, argv[0], (size_t)(slash - argv[0]));
	call.plugin = slash + 1;
	pour(0, call.in);
	rewind_to_start(call.in);
	run(&call);
	note(&call);
	rewind_to_start(call.out);
	pour(call.out, 1);
	rewind_to_start(call.err);
	pour(call.err, 2);
	return call.status;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * result.c - what other plugins answer: results, and the error objects of those that fail
 *
 * A result is read and written in every version.  What was written must be read again,
 * and then nothing changes any more.  An error is passed on word for word, by the door
 * that all of ours go through.
 */
#include "result.h"

#include <limits.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "call.h"
#include "fuzz.h"
#include "json.h"
#include "program.h"
#include "writer.h"

/* Results. */

static void write_again(const char *text, enum version version)
{
	_cleanup_(json_freep) struct cJSON *json = NULL;
	_cleanup_(writer_clear) struct writer w = { 0 };
	struct result result = { 0 };
	struct error e = { 0 };

	MUST(json_parse(text, strlen(text), &json, &e) == 0);
	MUST(result_read(json, version, &result, &e) == 0);
	MUST(result_check(&result, version, &e) == 0);
	result_write(&result, version, &w);
	MUST(writer_text(&w) && strcmp(writer_text(&w), text) == 0);
	result_clear(&result);
}

static void write_all(const struct result *result)
{
	for (int version = 0; version < VERSION_COUNT; version++) {
		_cleanup_(writer_clear) struct writer w = { 0 };
		struct error e = { 0 };

		if (fuzz_said(result_check(result, (enum version)version, &e), &e) < 0)
			continue;
		result_write(result, (enum version)version, &w);
		MUST(writer_text(&w));
		write_again(writer_text(&w), (enum version)version);
	}
}

static void read_all(const struct cJSON *json)
{
	struct result result = { 0 };
	struct error e = { 0 };

	if (fuzz_said(result_read_ipam(json, VERSION_LATEST, &result, &e), &e) == 0)
		write_all(&result);
	result_clear(&result);
	for (int version = 0; version < VERSION_COUNT; version++) {
		result = (struct result){ 0 };
		if (fuzz_said(result_read(json, (enum version)version, &result, &e),
			      &e) == 0)
			write_all(&result);
		result_clear(&result);
	}
}

/* Errors. */

#define TOLD_MAX (2 * 6 * ERROR_TEXT + 256) /* two texts, of which all is escaped */
#define CHARACTER 4			    /* the bytes of the longest */

/* What was written to stdout, which is a file in memory from the first time on. */
static const char *tell(const struct error *e, size_t *len)
{
	static const struct plugin plugin = { .name = "fuzz" };
	static char told[TOLD_MAX];
	static int out = -1;
	ssize_t n;

	if (out < 0) {
		out = memfd_create("stdout", MFD_CLOEXEC);
		MUST(out >= 0 && dup2(out, STDOUT_FILENO) == STDOUT_FILENO);
	}
	MUST(ftruncate(out, 0) == 0 && lseek(out, 0, SEEK_SET) == 0);
	MUST(call_refuse(&plugin, e) == 1);
	n = pread(out, told, sizeof(told), 0);
	MUST(n > 0 && (size_t)n < sizeof(told));
	*len = (size_t)n;
	return told;
}

static void must_be_told(const struct error *e)
{
	_cleanup_(json_freep) struct cJSON *json = NULL;
	const char *told, *msg, *details;
	struct error trouble;
	int64_t code = 0;
	size_t len;

	MUST(e->code > 0);
	MUST(memchr(e->msg, '\0', ERROR_TEXT) && memchr(e->details, '\0', ERROR_TEXT));
	told = tell(e, &len);
	MUST(json_parse(told, len, &json, &trouble) == 0);
	MUST(json_integer(json_exact(json, "code"), 1, INT_MAX, &code));
	MUST(code == (int64_t)e->code);
	msg = json_string(json_exact(json, "msg"));
	MUST(msg && strcmp(msg, e->msg) == 0);
	details = json_string(json_exact(json, "details"));
	MUST(strcmp(details ? details : "", e->details) == 0);
}

/* Is it the whole text, or as much of it as there is room for? */
static void must_be_of(const char *passed, const char *text)
{
	size_t len = strlen(passed);

	MUST(strncmp(passed, text, len) == 0);
	MUST(!text[len] || len > ERROR_TEXT - 1 - CHARACTER);
}

/* Nobody adds to what another said; where it said no error, it is one of ours. */
static void must_be_passed_on(const struct cJSON *json, struct error *e)
{
	const char *msg = json_string(json_get(json, "msg"));
	const char *details = json_string(json_get(json, "details"));
	const bool told = msg && *msg;
	int64_t code = ERROR_PROGRAM;

	MUST(e->foreign == told);
	(void)!json_integer(json_get(json, "code"), 1, INT_MAX, &code);
	(void)error_wrap(e, "ADD");
	if (told) {
		MUST((int64_t)e->code == code);
		must_be_of(e->msg, msg);
		must_be_of(e->details, details ? details : "");
	} else {
		MUST(e->code == ERROR_PROGRAM && *e->msg && !*e->details);
	}
}

/* The words of a walk that goes on and fails again are joined. */
static void must_be_joined(const struct error *one)
{
	struct error all;

	error_none(&all);
	for (int i = 0; i < 2; i++)
		error_join(&all, one);
	MUST(all.code == one->code && !all.foreign);
	must_be_told(&all);
}

/* @json: the answer; NULL = it is no JSON. */
static void judge(const struct answer *answer, const struct cJSON *json)
{
	struct error e;

	if (answer->status == 0) {
		MUST(answer_judge(answer, &e) == 0);
		return;
	}
	/* nothing of it is left as it was */
	memset(&e, 0x55, sizeof(e));
	MUST(answer_judge(answer, &e) == -1);
	must_be_passed_on(WIFEXITED(answer->status) ? json : NULL, &e);
	must_be_told(&e);
	must_be_joined(&e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = { 0, 1 << 8, SIGKILL };
	_cleanup_(json_freep) struct cJSON *json = NULL;
	_cleanup_(freep) char *text = fuzz_text(data, size);
	struct error e = { 0 };

	(void)!fuzz_said(json_parse((const char *)data, size, &json, &e), &e);
	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
		judge(&(struct answer){ text, size, statuses[i] }, json);
	if (json)
		read_all(json);
	return 0;
}

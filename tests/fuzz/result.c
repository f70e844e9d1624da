/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * result.c - results of others, read and written in every version
 *
 * What was written must be read again, and then nothing changes any more.
 */
#include "result.h"
#include "fuzz.h"
#include "json.h"
#include "writer.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(json_freep) struct cJSON *json = NULL;
	struct result result = { 0 };
	struct error e = { 0 };

	if (fuzz_said(json_parse((const char *)data, size, &json, &e), &e) < 0)
		return 0;
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
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resolv.c - the file that "resolvConf" names
 */
#include "../../ipam/hostlocal.c"

#include <sys/mman.h>

#include "fuzz.h"
#include "json.h"
#include "writer.h"

static char *text_of(const struct result *result)
{
	_cleanup_(writer_clear) struct writer w = { 0 };
	char *text;

	result_write(result, VERSION_LATEST, &w);
	MUST(writer_text(&w));
	text = strdup(writer_text(&w));
	MUST(text);
	return text;
}

/* What was read can be told, and is the same when it is read again. */
static void tell_again(const struct dns *dns)
{
	_cleanup_(json_freep) struct cJSON *json = NULL;
	_cleanup_(result_clear) struct result again = { 0 };
	_cleanup_(freep) char *text = text_of(&(struct result){ .dns = *dns });
	_cleanup_(freep) char *text_again = NULL;
	struct error e = { 0 };

	MUST(json_parse(text, strlen(text), &json, &e) == 0);
	MUST(result_read(json, VERSION_LATEST, &again, &e) == 0);
	text_again = text_of(&again);
	/* a byte that is no UTF-8 is written as an escape, and read as a character */
	if (!strstr(text, "\\ufffd"))
		MUST(strcmp(text_again, text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(closep) int fd = memfd_create("resolv.conf", MFD_CLOEXEC);
	struct dns dns = { 0 };
	struct error e = { 0 };
	char path[32];

	MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fuzz_said(read_resolv_conf(path, &dns, &e), &e) == 0)
		tell_again(&dns);
	dns_clear(&dns);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resolv.c - the file that "resolvConf" names
 */
#include "../../ipam/hostlocal.c"

#include <sys/mman.h>

#include "fuzz.h"
#include "json.h"
#include "writer.h"

/* What was read can be told, and be read again. */
static void tell_again(const struct dns *dns)
{
	_cleanup_(writer_clear) struct writer w = { 0 };
	_cleanup_(json_freep) struct cJSON *json = NULL;
	struct result result = { .dns = *dns }, again = { 0 };
	struct error e = { 0 };

	result_write(&result, VERSION_LATEST, &w);
	MUST(writer_text(&w));
	MUST(json_parse(writer_text(&w), strlen(writer_text(&w)), &json, &e) == 0);
	MUST(result_read(json, VERSION_LATEST, &again, &e) == 0);
	result_clear(&again);
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

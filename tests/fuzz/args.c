/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * args.c - the environment: one variable a line; and the first of them as CNI_ARGS
 */
#include "args.h"
#include "fuzz.h"
#include "name.h"

#define VARIABLES 16

static void read_environment(char *text)
{
	char *variables[VARIABLES + 1] = { NULL };
	char **const before = environ;
	struct args args = { 0 };
	struct error e = { 0 };
	char *rest = NULL;
	size_t n = 0;

	for (char *line = strtok_r(text, "\n", &rest); line && n < VARIABLES;
	     line = strtok_r(NULL, "\n", &rest))
		variables[n++] = line;
	environ = variables;
	if (fuzz_said(args_read(&args, &e), &e) == 0 && args.verb <= VERB_CHECK &&
	    args.verb != VERB_NONE)
		MUST(name_is_id(args.container) && name_is_link(args.ifname));
	environ = before;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct args args = { 0 };
	struct error e = { 0 };

	(void)!fuzz_said(args_parse(text, &args, &e), &e);
	MUST(strlen(args.pod_name) < ARGS_K8S && strlen(args.pod_namespace) < ARGS_K8S);
	read_environment(text);
	free(text);
	return 0;
}

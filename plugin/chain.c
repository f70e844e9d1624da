/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chain.c - call a list's plugins as a runtime does
 */
#include "chain.h"

#include <stdio.h>
#include <string.h>

#include "args.h"
#include "conflist.h"
#include "json.h"
#include "plugins.h"
#include "program.h"
#include "version.h"

/* More than a plugin of ours gives the IPAM plugin that it calls (delegate.c). */
#define PATIENCE_S 120
#define OURSELVES "/proc/self/exe"

/* Reading. */

static int keep_plugin(const char *type, const char *text, void *arg, struct error *e)
{
	_cleanup_(json_freep) struct cJSON *conf = NULL;
	struct chain *chain = arg;

	if (json_parse(text, strlen(text), &conf, e) < 0 ||
	    list_add(&chain->types, type, e) < 0 || list_add(&chain->texts, text, e) < 0)
		return -1;
	if (!chain->network)
		chain->network = strdup(json_string(json_get(conf, "name")));
	return chain->network ? 0 : error_set(e, ERROR_MEMORY, "out of memory");
}

int chain_read(struct chain *ret, const char *path, struct error *e)
{
	return conflist_read(path, keep_plugin, ret, e) == 0 ? 0
							     : error_wrap(e, "%s", path);
}

int chain_parse(struct chain *ret, const char *text, size_t len, struct error *e)
{
	return conflist_parse(text, len, keep_plugin, ret, e);
}

void chain_clear(struct chain *chain)
{
	free(chain->network);
	list_clear(&chain->types);
	list_clear(&chain->texts);
	*chain = (struct chain){ 0 };
}

/* Capabilities. */

static bool has_capability(const struct cJSON *conf, const char *capability)
{
	bool has = false;

	return json_bool(json_get(json_get(conf, "capabilities"), capability), &has) &&
	       has;
}

bool chain_can(const struct chain *chain, const char *capability)
{
	for (size_t i = 0; i < chain->texts.n; i++) {
		_cleanup_(json_freep) struct cJSON *conf = NULL;
		const char *text = chain->texts.v[i];
		struct error unheard;

		if (json_parse(text, strlen(text), &conf, &unheard) == 0 &&
		    has_capability(conf, capability))
			return true;
	}
	return false;
}

/* What a plugin gets of the offers.  Return: 0, and *ret is NULL for nothing; -1. */
static int runtime_config(const struct cJSON *conf, const struct chain_call *call,
			  char **ret, struct error *e)
{
	_cleanup_(json_freep) struct cJSON *nothing = NULL;
	const char *members[CHAIN_OFFERS][2];
	size_t n = 0;

	for (const struct chain_offer *offer = call->offers;
	     offer < call->offers + CHAIN_OFFERS && offer->capability; offer++) {
		if (!has_capability(conf, offer->capability))
			continue;
		members[n][0] = offer->capability;
		members[n++][1] = offer->value;
	}
	if (n == 0)
		return 0;
	if (json_parse("{}", 2, &nothing, e) < 0)
		return -1;
	*ret = json_with_values(nothing, members, n);
	return *ret ? 0 : error_set(e, ERROR_MEMORY, "out of memory");
}

/* Calling. */

/* May the plugin be told the result on DEL (CNI 0.4.0 brought that)? */
static bool knows_result_on_del(const struct cJSON *conf)
{
	const char *text = json_string(json_get(conf, "cniVersion"));
	enum version version;

	return !version_parse(text ? text : "", &version) || version >= VERSION_0_4_0;
}

/* A plugin's configuration for a call.  Return: a text to free; NULL. */
static char *question(const char *text, const struct chain_call *call, enum verb verb,
		      const char *prev_result, struct error *e)
{
	_cleanup_(json_freep) struct cJSON *conf = NULL;
	_cleanup_(freep) char *runtime = NULL;
	const char *members[2][2];
	size_t n = 0;
	char *whole;

	if (json_parse(text, strlen(text), &conf, e) < 0 ||
	    runtime_config(conf, call, &runtime, e) < 0)
		return NULL;
	if (prev_result && (verb != VERB_DEL || knows_result_on_del(conf))) {
		members[n][0] = "prevResult";
		members[n++][1] = prev_result;
	}
	if (runtime) {
		members[n][0] = "runtimeConfig";
		members[n++][1] = runtime;
	}
	whole = json_with_values(conf, members, n);
	if (!whole)
		error_set(e, ERROR_MEMORY, "out of memory");
	return whole;
}

#define VARIABLES 5

/* The variables of a call: texts to free, and their list with its NULL. */
struct variables {
	char *texts[VARIABLES];
	const char *list[VARIABLES + 1];
};

static void variables_clear(struct variables *variables)
{
	for (size_t i = 0; i < VARIABLES; i++)
		free(variables->texts[i]);
}

static int set_variables(struct variables *ret, const struct chain_call *call,
			 struct error *e)
{
	const char *const pairs[][2] = {
		{ "CNI_CONTAINERID", call->container },
		{ "CNI_NETNS", call->netns },
		{ "CNI_IFNAME", call->ifname },
		{ "CNI_ARGS", call->args },
		{ "CNI_PATH", call->path },
	};
	_Static_assert(COUNT(pairs) == VARIABLES, "each has its place");

	for (size_t i = 0; i < COUNT(pairs); i++) {
		if (asprintf(&ret->texts[i], "%s=%s", pairs[i][0],
			     pairs[i][1] ? pairs[i][1] : "") < 0) {
			ret->texts[i] = NULL;
			return error_set(e, ERROR_MEMORY, "out of memory");
		}
		ret->list[i] = ret->texts[i];
	}
	return 0;
}

static int find(const char *type, const char *path, char file[static PATH_MAX],
		struct error *e)
{
	if (plugin_find(type)) {
		(void)snprintf(file, PATH_MAX, OURSELVES);
		return 0;
	}
	if (program_find(path ? path : "", type, file) == 0)
		return 0;
	return error_set(e, ERROR_CONFIG, "there is no such plugin in CNI_PATH (%s)",
			 path ? path : "");
}

static int call_one(const struct chain *chain, size_t i, const struct chain_call *call,
		    enum verb verb, const char *prev_result, struct answer *answer,
		    struct error *e)
{
	_cleanup_(freep) char *text =
		question(chain->texts.v[i], call, verb, prev_result, e);
	_cleanup_(variables_clear) struct variables variables = { 0 };
	char file[PATH_MAX];
	const struct program program = {
		.file = file,
		.name = chain->types.v[i],
		.verb = verb_name(verb),
		.variables = variables.list,
		.text = text,
		.len = text ? strlen(text) : 0,
		.seconds = PATIENCE_S,
	};

	if (!text || find(program.name, call->path, file, e) < 0 ||
	    set_variables(&variables, call, e) < 0 ||
	    program_run(&program, answer, e) < 0)
		return -1;
	return answer_judge(answer, e);
}

/* The same, and the error says whose it is, be it another program's. */
static int ask(const struct chain *chain, size_t i, const struct chain_call *call,
	       enum verb verb, const char *prev_result, struct answer *answer,
	       struct error *e)
{
	struct error why;

	error_none(&why);
	if (call_one(chain, i, call, verb, prev_result, answer, &why) == 0)
		return 0;
	return error_set(e, why.code, "%s of \"%s\": %s%s%s", verb_name(verb),
			 chain->types.v[i], why.msg, *why.details ? ": " : "",
			 why.details);
}

int chain_del(const struct chain *chain, const struct chain_call *call, struct error *e)
{
	error_none(e);
	for (size_t i = chain->types.n; i-- > 0;) {
		_cleanup_(answer_clear) struct answer answer = { 0 };
		struct error one;

		if (ask(chain, i, call, VERB_DEL, call->result, &answer, &one) < 0)
			error_join(e, &one);
	}
	return e->code ? -1 : 0;
}

/* One plugin's ADD.  @result: what the one in front of it answered, then its own. */
static int add_one(const struct chain *chain, size_t i, const struct chain_call *call,
		   char **result, struct error *e)
{
	_cleanup_(answer_clear) struct answer answer = { 0 };
	_cleanup_(json_freep) struct cJSON *parsed = NULL;
	struct error why;

	if (ask(chain, i, call, VERB_ADD, *result, &answer, e) < 0)
		return -1;
	if (json_parse(answer.text, answer.len, &parsed, &why) < 0)
		return error_set(e, ERROR_PROGRAM, "the result of \"%s\": %s",
				 chain->types.v[i], why.msg);
	free(*result);
	*result = answer.text;
	answer.text = NULL;
	return 0;
}

int chain_add(const struct chain *chain, const struct chain_call *call, char **result,
	      struct error *e)
{
	_cleanup_(freep) char *last = NULL;
	struct chain_call undo = *call;
	struct error also;

	for (size_t i = 0; i < chain->types.n; i++) {
		if (add_one(chain, i, call, &last, e) == 0)
			continue;
		undo.result = NULL;
		if (chain_del(chain, &undo, &also) < 0)
			error_details(e, "and on the way back: %s", also.msg);
		return -1;
	}
	*result = last;
	last = NULL;
	return 0;
}

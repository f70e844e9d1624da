/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * delegate.c - addresses from another plugin
 *
 * Of its answers the result of ADD is understood and put among the facts; its
 * error object is passed on word for word; everything else it may do (die,
 * hang, babble) becomes an error of ours that names it.
 */
#include "delegate.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "json.h"
#include "program.h"
#include "retry.h"

/* Less than the runtimes' own patience: the kubelet's is two minutes. */
#define PATIENCE_S 55
#define NOTE_TEXT 256

/* Calling. */

static int find(const struct conf *conf, const struct args *args,
		char file[static PATH_MAX], struct error *e)
{
	if (program_find(args->path, conf->ipam.type, file) == 0)
		return 0;
	return error_set(e, ERROR_CONFIG,
			 "\"ipam.type\": there is no plugin \"%s\" in CNI_PATH (%s)",
			 conf->ipam.type, args->path);
}

static int call(const struct conf *conf, const struct args *args, enum verb verb,
		struct answer *answer, struct error *e)
{
	char file[PATH_MAX];
	const struct program program = {
		.file = file,
		.verb = verb_name(verb),
		.text = conf->text,
		.len = conf->len,
		.seconds = PATIENCE_S,
	};

	if (find(conf, args, file, e) < 0)
		return -1;
	if (program_run(&program, answer, e) < 0 || answer_judge(answer, e) < 0)
		return error_wrap(e, "%s of %s", program.verb, file);
	return 0;
}

/* Where nothing but the success matters. */
static int call_through(const struct conf *conf, const struct args *args, enum verb verb,
			struct error *e)
{
	_cleanup_(answer_clear) struct answer answer = { 0 };

	if (!conf->ipam.external)
		return 0;
	return call(conf, args, verb, &answer, e);
}

/* Release. */

static int release_apply(struct attach *at, struct error *e)
{
	const struct ident *id = &at->id;
	char file[PATH_MAX];
	int alive;

	if (!id->conf->ipam.external)
		return 0;
	if (find(id->conf, id->args, file, e) < 0)
		return -1;
	alive = ident_alive(id, e);
	return alive > 0 ? ident_refuse(id, e) : alive;
}

static int release_revert(const struct ident *id, struct error *e)
{
	if (!id->conf->ipam.external)
		return 0;
	if (!id->locked && ident_revert_others(id, e) < 0)
		return -1;
	return call_through(id->conf, id->args, VERB_DEL, e);
}

/*
 * It knows the runtime's list only.  Of those that are not in it but stay because
 * they are connected it would release the addresses, so it is not asked then, nor
 * where there is no list.
 */
static int release_sweep(const struct gc *gc, struct error *e)
{
	char note[NOTE_TEXT];

	if (!gc->conf->ipam.external || (!gc->unlisted && gc->living.n == 0))
		return call_through(gc->conf, gc->args, VERB_GC, e);
	(void)snprintf(note, sizeof(note),
		       "GC is not passed on to %.64s: it would release the addresses of "
		       "what is kept",
		       gc->conf->ipam.type);
	return list_add(gc->notes, note, e);
}

const struct effect delegate_release = {
	.name = "turn to the IPAM plugin",
	.apply = release_apply,
	.revert = release_revert,
	.sweep = release_sweep,
	.frees = true,
};

/* Lease. */

static int understand(const struct conf *conf, const struct answer *answer,
		      struct result *ret, struct error *e)
{
	_cleanup_(json_freep) struct cJSON *object = NULL;

	if (answer->len == 0)
		return error_set(e, ERROR_PROGRAM, "it succeeded without a result");
	if (json_parse(answer->text, answer->len, &object, e) < 0 ||
	    result_read_ipam(object, conf->version, ret, e) < 0) {
		if (e->code != ERROR_MEMORY)
			e->code = ERROR_PROGRAM;
		return error_wrap(e, "its result");
	}
	if (ret->n_ips == 0)
		return error_set(e, ERROR_PROGRAM, "its result has no addresses");
	return 0;
}

static int take_over(struct result *result, const struct result *given, int interface,
		     struct error *e)
{
	for (size_t i = 0; i < given->n_ips; i++) {
		struct address ip = given->ips[i];

		ip.interface = interface;
		if (result_add_ip(result, &ip, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < given->n_routes; i++) {
		if (result_add_route(result, &given->routes[i], e) < 0)
			return -1;
	}
	return dns_copy(&result->dns, &given->dns, e);
}

static int lease_apply(struct attach *at, struct error *e)
{
	const struct conf *conf = at->id.conf;
	const struct args *args = at->id.args;
	_cleanup_(answer_clear) struct answer answer = { 0 };
	_cleanup_(result_clear) struct result given = { 0 };

	if (!conf->ipam.external)
		return 0;
	if (call(conf, args, VERB_ADD, &answer, e) < 0)
		return -1;
	if (understand(conf, &answer, &given, e) < 0)
		return error_wrap(e, "ADD of \"%s\"", conf->ipam.type);
	return take_over(&at->result, &given,
			 result_find_interface(&at->result, args->ifname, args->netns),
			 e);
}

static int lease_verify(const struct attach *at, struct error *e)
{
	return call_through(at->id.conf, at->id.args, VERB_CHECK, e);
}

/* STATUS came with 1.1.0: no runtime asks for it before, and plugins may not know it. */
static int lease_ready(const struct ident *id, struct error *e)
{
	const struct conf *conf = id->conf;
	char file[PATH_MAX];

	if (conf->version >= VERSION_1_1_0)
		return call_through(conf, id->args, VERB_STATUS, e);
	if (!conf->ipam.external)
		return 0;
	if (find(conf, id->args, file, e) < 0)
		return -1;
	if (retry(faccessat(AT_FDCWD, file, X_OK, AT_EACCESS)) == 0)
		return 0;
	return error_set(e, ERROR_CONFIG, "\"ipam.type\": %s cannot be executed: %s",
			 file, strerror(errno));
}

const struct effect delegate_lease = {
	.name = "lease through the IPAM plugin",
	.apply = lease_apply,
	.verify = lease_verify,
	.ready = lease_ready,
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * call.c - one call of a plugin: question in, answer out
 */
#include "call.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "confine.h"
#include "retry.h"
#include "sysctl.h"
#include "writer.h"

#define QUESTION_MAX 1048576
/* CHECK and DEL bring what ADD brought and its result, GC a list of attachments. */
#define QUESTION_MAX_LATER 16777216
#define QUESTION_PATIENCE_MS 30000
#define ANSWER_PATIENCE_MS 10000
/* An ADD outwaits another's IPAM plugin (delegate.c); a DEL goes on without the lock. */
#define ADD_PATIENCE_S 60
#define DEL_PATIENCE_S 10
#define WARNING_MAX 2048

/* All that belongs to one call; released in call_serve(). */
struct call {
	const struct plugin *plugin;
	struct args args;
	char *question;
	size_t question_len;
	struct conf conf;
	struct host host;
	struct pod pod;
	bool locked;	      /* the namespace is */
	struct error *unseen; /* what kept us out of it, be it a want of memory */
	struct list notes;    /* for stderr, once the answer is told */
	bool deaf; /* stdout has a part of an answer, or no reader: nothing more goes there */
};

static void call_clear(struct call *call)
{
	conf_clear(&call->conf);
	free(call->question);
	free(call->unseen);
	pod_close(&call->pod);
	nl_close(&call->host.route);
	nl_close(&call->host.nft);
}

/* Writing. */

/*
 * Is there room for a piece?  What nobody reads is full at some time.  A want of memory
 * may pass, so a failure is not believed at once: what is not told here is told nowhere.
 * Return: 1, 0, -1 with errno.
 */
static int takes_more(int fd, int patience_ms)
{
	struct pollfd out = { .fd = fd, .events = POLLOUT };
	const int room = retry(poll(&out, 1, patience_ms));

	return room >= 0 ? room : retry(poll(&out, 1, patience_ms));
}

/* In pieces that a pipe takes at once or not at all, so that no write waits. */
static int put(struct call *call, const char *text, struct error *e)
{
	size_t len = strlen(text);

	while (len > 0) {
		const int room = takes_more(STDOUT_FILENO, ANSWER_PATIENCE_MS);
		ssize_t n;

		if (room < 0)
			return error_sys(e, errno, "cannot write to stdout");
		if (room == 0) {
			call->deaf = true;
			return error_set(e, ERROR_AGAIN, "stdout: nobody reads");
		}
		n = write(STDOUT_FILENO, text, len < PIPE_BUF ? len : PIPE_BUF);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return error_sys(e, n < 0 ? errno : EIO,
					 "cannot write to stdout");
		call->deaf = true; /* until it is whole */
		text += n;
		len -= (size_t)n;
	}
	call->deaf = false;
	return 0;
}

/* Goes unsaid where stderr takes nothing. */
static void warn(const struct plugin *plugin, const char *text)
{
	if (takes_more(STDERR_FILENO, 0) > 0)
		(void)dprintf(STDERR_FILENO, "footbridge %s: %.*s\n", plugin->name,
			      WARNING_MAX, text);
}

static void warn_all(const struct plugin *plugin, struct list *notes)
{
	for (size_t i = 0; i < notes->n; i++)
		warn(plugin, notes->v[i]);
	list_clear(notes);
}

/*
 * The error object (CNI 1.1.0, "Error"); behind a part of another answer it would
 * only spoil the JSON.  Return: the exit status.
 */
static int fail(struct call *call, const struct error *e)
{
	_cleanup_(writer_clear) struct writer w = { 0 };
	const char *version = version_text(call->conf.version);
	char without_memory[96];
	struct error ignored;

	writer_open(&w, NULL, '{');
	writer_string(&w, "cniVersion", version);
	writer_integer(&w, "code", e->code);
	writer_string(&w, "msg", e->msg);
	if (*e->details)
		writer_string(&w, "details", e->details);
	writer_close(&w, '}');
	(void)snprintf(without_memory, sizeof(without_memory),
		       "{\"cniVersion\":\"%s\",\"code\":%d,\"msg\":\"out of memory\"}",
		       version, ERROR_MEMORY);
	if (call->deaf ||
	    put(call, writer_text(&w) ? writer_text(&w) : without_memory, &ignored) < 0)
		warn(call->plugin, e->msg);
	return 1;
}

/* Nobody asked for anything: say who this is. */
static int introduce(const struct plugin *plugin)
{
	(void)fprintf(stderr, "CNI %s plugin v" FOOTBRIDGE_VERSION "\n", plugin->name);
	(void)fprintf(stderr, "CNI protocol versions supported:");
	for (int version = 0; version < VERSION_COUNT; version++)
		(void)fprintf(stderr, "%s %s", version ? "," : "",
			      version_text((enum version)version));
	(void)fprintf(stderr, "\n");
	return 0;
}

/* Write a whole document.  Return: 0 or -1. */
static int tell(struct call *call, const struct writer *w, struct error *e)
{
	if (!writer_text(w))
		return error_set(e, ERROR_MEMORY, "out of memory for the answer");
	return put(call, writer_text(w), e);
}

static int tell_versions(struct call *call, struct error *e)
{
	_cleanup_(writer_clear) struct writer w = { 0 };

	writer_open(&w, NULL, '{');
	writer_string(&w, "cniVersion", version_text(VERSION_LATEST));
	writer_open(&w, "supportedVersions", '[');
	for (int version = 0; version < VERSION_COUNT; version++)
		writer_string(&w, NULL, version_text((enum version)version));
	writer_close(&w, ']');
	writer_close(&w, '}');
	return tell(call, &w, e);
}

/* Reading the question. */

/* Return: the bytes read, 0 at the end, -1. */
static ssize_t read_some(char *to, size_t room, int64_t deadline, struct error *e)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };

	for (;;) {
		int64_t left = deadline - clock_ms();
		int ready = poll(&in, 1, left > 0 ? (int)left : 0);
		ssize_t n;

		if (ready == 0)
			return error_set(e, ERROR_AGAIN, "stdin: no end within %d s",
					 QUESTION_PATIENCE_MS / 1000);
		n = ready < 0 ? -1 : read(STDIN_FILENO, to, room);
		if (n >= 0)
			return n;
		if (errno != EINTR && errno != EAGAIN)
			return error_sys(e, errno, "cannot read stdin");
	}
}

static int read_question(struct call *call, size_t most, struct error *e)
{
	const int64_t deadline = clock_ms() + QUESTION_PATIENCE_MS;
	size_t size = 0;

	for (;;) {
		ssize_t n;

		if (call->question_len == size) {
			size_t bigger = size ? 2 * size : 2048;
			char *moved = realloc(call->question, bigger);

			if (!moved)
				return error_set(e, ERROR_MEMORY,
						 "out of memory for stdin");
			call->question = moved;
			size = bigger;
		}
		n = read_some(call->question + call->question_len,
			      size - call->question_len, deadline, e);
		if (n <= 0)
			return (int)n;
		call->question_len += (size_t)n;
		if (call->question_len > most)
			return error_set(e, ERROR_DECODE, "stdin: more than %zu bytes",
					 most);
	}
}

/* The verbs. */

static struct ident ident_of(struct call *call)
{
	return (struct ident){
		.conf = &call->conf,
		.args = &call->args,
		.host = &call->host,
		.pod = call->pod.route.fd >= 0 ? &call->pod : NULL,
		.unseen = call->unseen,
		.notes = &call->notes,
		.others = call->plugin->others,
		.locked = call->locked,
	};
}

/*
 * Who stays takes no turn: what it does can be done twice, and beside it another plugin of
 * the container may wait for its IPAM plugin.
 */
static int lock_pod(struct call *call, unsigned int seconds, struct error *e)
{
	int r;

	if (call->plugin->stays)
		return 0;
	r = netns_lock(&call->pod.netns, seconds, e);
	call->locked = r == 0;
	return r;
}

/* Open the container's namespace, and a socket in it.  Return: 0, NETNS_NONE, -1. */
static int open_pod(struct call *call, struct error *e)
{
	int r = pod_open(&call->pod, &call->host, call->args.netns,
			 call->args.own_netns_allowed, e);

	if (r != 0)
		error_wrap(e, "CNI_NETNS");
	return r;
}

/*
 * Where the namespace is of no use, DEL cleans the host's side all the same; and
 * whoever holds its lock cannot keep DEL from it for ever.
 */
static int open_for_del(struct call *call, struct error *e)
{
	struct error ignored;
	int r;

	if (!call->plugin->enters || !*call->args.netns)
		return 0;
	r = open_pod(call, e);
	if (r == 0)
		(void)!lock_pod(call, DEL_PATIENCE_S, &ignored);
	if (r >= 0 || e->code == ERROR_NETNS)
		return 0;
	if (call->plugin->stays)
		return -1;
	call->unseen = malloc(sizeof(*call->unseen));
	if (!call->unseen)
		return -1;
	*call->unseen = *e;
	return 0;
}

static int open_for_add(struct call *call, struct error *e)
{
	if (!call->plugin->enters)
		return 0;
	return open_pod(call, e) == 0 ? lock_pod(call, ADD_PATIENCE_S, e) : -1;
}

static int open_for_check(struct call *call, struct error *e)
{
	if (!call->conf.prev_result)
		return error_set(e, ERROR_CONFIG,
				 "\"prevResult\" is missing: CHECK needs the result "
				 "of ADD");
	return call->plugin->enters && open_pod(call, e) != 0 ? -1 : 0;
}

static int tell_result(struct call *call, const struct result *result, struct error *e)
{
	_cleanup_(writer_clear) struct writer w = { 0 };

	result_write(result, call->conf.version, &w);
	return tell(call, &w, e);
}

/* Apply, and tell: an ADD that cannot be told of is taken back. */
static int add_and_tell(struct call *call, struct attach *at, struct error *e)
{
	const struct effect *const *effects = call->plugin->effects;

	if (call->plugin->passes && call->conf.prev_result &&
	    result_read(call->conf.prev_result, call->conf.version, &at->result, e) < 0)
		return -1;
	if (effect_apply_all(effects, at, e) < 0)
		return -1;
	if (result_check(&at->result, call->conf.version, e) == 0 &&
	    tell_result(call, &at->result, e) == 0)
		return 0;
	effect_take_back(effects, at, e);
	return -1;
}

static int add(struct call *call, struct error *e)
{
	struct attach at = { .id = ident_of(call) };
	int r = add_and_tell(call, &at, e);

	attach_free_reserve(&at);
	result_clear(&at.result);
	return r;
}

static int del(struct call *call, struct error *e)
{
	struct ident id = ident_of(call);

	return effect_revert_all(call->plugin->effects, &id, e);
}

static int check(struct call *call, struct error *e)
{
	struct attach at = { .id = ident_of(call) };
	int r = result_read(call->conf.prev_result, call->conf.version, &at.result, e);

	if (r == 0)
		r = effect_verify_all(call->plugin->effects, &at, e);
	result_clear(&at.result);
	return r;
}

static int gc(struct call *call, struct error *e)
{
	struct gc gc = {
		.conf = &call->conf,
		.args = &call->args,
		.host = &call->host,
		.notes = &call->notes,
	};
	int r;

	if (!effect_sweeps(call->plugin->effects))
		return 0;
	if (!call->conf.gc.told) {
		warn(call->plugin,
		     "GC without \"cni.dev/valid-attachments\": nothing is collected");
		return 0;
	}
	r = gc_look(&gc, e);
	if (r == 0)
		r = effect_sweep_all(call->plugin->effects, &gc, e);
	gc_clear(&gc);
	return r;
}

static int status(struct call *call, struct error *e)
{
	struct ident id = ident_of(call);

	return effect_ready_all(call->plugin->effects, &id, e);
}

struct way {
	int (*open)(struct call *call, struct error *e); /* the container; NULL = none */
	int (*go)(struct call *call, struct error *e);
	enum version since; /* the cniVersion that brought the verb */
	enum conf_mood mood;
	size_t most;	       /* bytes on stdin */
	bool leases, switches; /* it changes these */
	bool sys_admin;	       /* see struct confine */
};

static const struct way ways[] = {
	[VERB_ADD] = { .open = open_for_add,
		       .go = add,
		       .since = VERSION_0_1_0,
		       .mood = CONF_STRICT,
		       .most = QUESTION_MAX,
		       .leases = true,
		       .switches = true,
		       .sys_admin = true },
	[VERB_DEL] = { .open = open_for_del,
		       .go = del,
		       .since = VERSION_0_1_0,
		       .mood = CONF_LENIENT,
		       .most = QUESTION_MAX_LATER,
		       .leases = true },
	[VERB_CHECK] = { .open = open_for_check,
			 .go = check,
			 .since = VERSION_0_4_0,
			 .mood = CONF_STRICT,
			 .most = QUESTION_MAX_LATER },
	[VERB_GC] = { .go = gc,
		      .since = VERSION_1_1_0,
		      .mood = CONF_COLLECT,
		      .most = QUESTION_MAX_LATER,
		      .leases = true },
	/* it tries whether namespaces can be entered */
	[VERB_STATUS] = { .go = status,
			  .since = VERSION_1_1_0,
			  .mood = CONF_NETWORK,
			  .most = QUESTION_MAX,
			  .sys_admin = true },
};

/*
 * Where another IPAM plugin is called all stays as it is: that one may need
 * anything.
 */
static void confine(const struct call *call, const struct way *way)
{
	struct confine needs = { .sys_admin = way->sys_admin };
	size_t n = 0;

	if (call->conf.ipam.external)
		return;
	if (way->leases && call->plugin->parts & CONF_IPAM) {
		needs.dirs[n++] = call->conf.ipam.data_dir;
		needs.dirs[n++] = RUN_DIR;
	}
	if (way->switches && call->plugin->parts & CONF_BRIDGE)
		needs.dirs[n++] = SYSCTL_DIR;
	(void)confine_self(&needs);
}

/* What CNI_ARGS asks for must be understood by who takes it: another IPAM plugin takes more. */
static int check_args(const struct call *call, struct error *e)
{
	const struct args *args = &call->args;
	const struct conf *conf = &call->conf;

	if (*args->odd_ip && conf->ipam.n_sets > 0)
		return error_set(e, ERROR_ENVIRONMENT,
				 "CNI_ARGS: \"IP=%s\" has no IP address for a value "
				 "(host-local takes one)",
				 args->odd_ip);
	if (*args->odd_mac && call->plugin->parts & CONF_BRIDGE &&
	    mac_is_none(&conf->bridge.mac))
		return error_set(
			e, ERROR_ENVIRONMENT,
			"CNI_ARGS: \"MAC=%s\" has no MAC address of an interface "
			"(02:00:5e:00:53:01)",
			args->odd_mac);
	return 0;
}

static int understand(struct call *call, const struct way *way, struct error *e)
{
	if (read_question(call, way->most, e) < 0)
		return -1;
	if (conf_parse(call->question, call->question_len, call->plugin->parts, way->mood,
		       &call->conf, e) < 0)
		return -1;
	if (call->conf.ignored)
		warn(call->plugin, call->conf.ignored->msg);
	if (call->conf.version < way->since)
		return error_set(e, ERROR_VERSION,
				 "\"cniVersion\": %s does not know the command %s, "
				 "which came with %s",
				 version_text(call->conf.version),
				 verb_name(call->args.verb), version_text(way->since));
	return way->mood == CONF_STRICT ? check_args(call, e) : 0;
}

static int serve(struct call *call, const struct way *way, struct error *e)
{
	if (understand(call, way, e) < 0)
		return -1;
	if (nl_open(&call->host.route, NETLINK_ROUTE, e) != 0)
		return -1;
	if (way->open && way->open(call, e) < 0)
		return -1;
	confine(call, way);
	return way->go(call, e);
}

int call_serve(const struct plugin *plugin, struct error *e)
{
	_cleanup_(call_clear) struct call call = {
		.plugin = plugin,
		.conf.version = VERSION_LATEST,
		.host = { .route = NL_INIT, .nft = NL_INIT },
		.pod = POD_INIT,
	};
	int status;

	error_none(e);
	if (args_read(&call.args, e) < 0)
		return fail(&call, e);
	if (call.args.verb == VERB_NONE)
		return introduce(plugin);
	if (call.args.verb == VERB_VERSION)
		return tell_versions(&call, e) < 0 ? fail(&call, e) : 0;
	status = serve(&call, &ways[call.args.verb], e) < 0 ? fail(&call, e) : 0;
	if (status && e->foreign) {
		/* it has been told, and does not tell whose it is */
		(void)error_set(e, ERROR_PROGRAM,
				"this error is the IPAM plugin \"%.64s\"'s",
				call.conf.ipam.type);
		warn(plugin, e->msg);
	}
	warn_all(plugin, &call.notes);
	return status;
}

int call_refuse(const struct plugin *plugin, const struct error *e)
{
	struct call call = { .plugin = plugin, .conf.version = VERSION_LATEST };

	return fail(&call, e);
}

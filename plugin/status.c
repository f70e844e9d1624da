/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status.c - would an ADD be served: `footbridge status`
 *
 * Our plugins of each configuration answer STATUS here, whatever its cniVersion is.
 * Those that others have written are not asked: most know no STATUS yet, and what one
 * does when it is called is not ours to know.  That they can be found is looked at.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "conflist.h"
#include "netconf.h"
#include "progress.h"
#include "table.h"
#include "writer.h"

enum state { READY, NOT_ASKED, NOT_READY };

static const char *const state_names[] = {
	[READY] = "ready",
	[NOT_ASKED] = "not asked",
	[NOT_READY] = "not ready",
};

/* A plugin of a configuration; or, of a file that could not be read, why not. */
struct answer_row {
	const char *file, *network, *plugin;
	enum state state;
	struct error why; /* READY: none */
};

struct asking {
	struct host host;
	struct list files;
	struct netconfs confs;
	struct answer_row *rows;
	size_t n;
};

static void asking_clear(struct asking *asking)
{
	nl_close(&asking->host.route);
	nl_close(&asking->host.nft);
	list_clear(&asking->files);
	netconfs_clear(&asking->confs);
	free(asking->rows);
}

/* Asking. */

/* @ours: it has been asked. */
static enum state look_for(const char *type, bool ours, struct error *why)
{
	char file[PATH_MAX];

	if (conflist_find_plugin(type, file, why) < 0)
		return NOT_READY;
	if (!ours) {
		error_set(why, ERROR_UNAVAILABLE, "%s is another's plugin", file);
		return NOT_ASKED;
	}
	/* what could be passed over may have left its words */
	error_none(why);
	return READY;
}

static enum state ask(struct host *host, const struct netconf *one, struct error *why)
{
	const struct args args = { .verb = VERB_STATUS,
				   .container = "",
				   .netns = "",
				   .ifname = "",
				   .path = conflist_plugins() };
	const struct ident id = { .conf = &one->conf, .args = &args, .host = host };
	char file[PATH_MAX];
	bool ours;

	if (one->plugin && effect_ready_all(one->plugin->effects, &id, why) < 0)
		return NOT_READY;
	ours = one->plugin && strcmp(one->plugin->name, one->conf.type) == 0;
	/* what is another's calls its IPAM plugin itself, whichever that is */
	if (!ours && *one->conf.ipam.type &&
	    conflist_find_plugin(one->conf.ipam.type, file, why) < 0)
		return NOT_READY;
	return look_for(one->conf.type, ours, why);
}

static struct answer_row *add_row(struct asking *asking, const char *file,
				  struct error *e)
{
	if (list_grow(&asking->rows, asking->n, sizeof(*asking->rows), e) < 0)
		return NULL;
	asking->rows[asking->n] =
		(struct answer_row){ .file = file, .network = "", .plugin = "" };
	return &asking->rows[asking->n++];
}

/* What could be read of the file, and then why the rest could not. */
static int read_file(struct asking *asking, const char *file, struct error *e)
{
	struct answer_row *row;
	struct error why = { 0 };

	if (netconf_read(&asking->confs, file, true, &why) == 0)
		return 0;
	row = add_row(asking, file, e);
	if (!row)
		return -1;
	row->state = NOT_READY;
	row->why = why;
	(void)command_say(&row->why);
	return 0;
}

static int ask_all(struct asking *asking, const struct progress *progress,
		   struct error *e)
{
	for (size_t i = 0; i < asking->confs.n; i++) {
		const struct netconf *one = &asking->confs.v[i];
		struct answer_row *row = add_row(asking, one->file, e);

		if (!row)
			return -1;
		progress_say(progress, "asking %.30s of network %.30s", one->conf.type,
			     one->conf.name);
		row->network = one->conf.name;
		row->plugin = one->conf.type;
		row->state = ask(&asking->host, one, &row->why);
		(void)command_say(&row->why);
	}
	return 0;
}

static int ask_files(struct asking *asking, const struct list *told, struct error *e)
{
	_cleanup_(progress_end) struct progress progress = progress_begin("reading");

	if (netconf_some_files(told, &asking->files, e) < 0 ||
	    nl_open(&asking->host.route, NETLINK_ROUTE, e) != 0)
		return -1;
	for (size_t i = 0; i < asking->files.n; i++)
		if (read_file(asking, asking->files.v[i], e) < 0)
			return -1;
	return ask_all(asking, &progress, e);
}

/* Telling. */

static int print_text(const struct asking *asking, struct error *e)
{
	static const char *const heads[] = { "FILE", "NETWORK", "PLUGIN", "STATUS" };
	_cleanup_(table_clear) struct table table = {
		.columns = COUNT(heads),
	};

	for (size_t i = 0; i < table.columns; i++)
		table_add(&table, "%s", heads[i]);
	for (size_t i = 0; i < asking->n; i++) {
		const struct answer_row *row = &asking->rows[i];

		table_add(&table, "%s", row->file);
		table_add(&table, "%s", row->network);
		table_add(&table, "%s", row->plugin);
		table_add(&table, "%s%s%s", state_names[row->state],
			  *row->why.msg ? ": " : "", row->why.msg);
	}
	return table_print(&table, stdout, e);
}

static int print_json(const struct asking *asking, struct error *e)
{
	_cleanup_(writer_clear) struct writer w = { 0 };

	writer_open(&w, NULL, '[');
	for (size_t i = 0; i < asking->n; i++) {
		const struct answer_row *row = &asking->rows[i];

		writer_open(&w, NULL, '{');
		writer_string(&w, "file", row->file);
		writer_string(&w, "network", row->network);
		writer_string(&w, "plugin", row->plugin);
		writer_string(&w, "status", state_names[row->state]);
		if (*row->why.msg)
			writer_string(&w, "message", row->why.msg);
		writer_close(&w, '}');
	}
	writer_close(&w, ']');
	return command_print(&w, e);
}

static bool is_ready(const struct asking *asking)
{
	for (size_t i = 0; i < asking->n; i++)
		if (asking->rows[i].state == NOT_READY)
			return false;
	return true;
}

static int serve(const struct command_wishes *wishes, struct error *e)
{
	_cleanup_(asking_clear) struct asking asking = {
		.host = { .route = NL_INIT, .nft = NL_INIT },
	};

	if (ask_files(&asking, &wishes->files, e) < 0 ||
	    (wishes->json ? print_json(&asking, e) : print_text(&asking, e)) < 0)
		return -1;
	return is_ready(&asking) ? COMMAND_FINE : COMMAND_TROUBLE;
}

static int run(const struct command *command, int argc, char **argv)
{
	return command_about_confs(command, argc, argv, NULL, 0, serve);
}

const struct command command_status = {
	.name = "status",
	.synopsis = "[--conf FILE|NAME]... [--json]",
	.summary = "would an ADD be served on each network, and if not, why",
	.help = "Each plugin of each configuration. Our own are asked what a runtime asks with\n"
		"STATUS, in this process, and with them another IPAM plugin that they use, from\n"
		"cniVersion 1.1.0 on; chained ones are not asked. Each is looked for where the\n"
		"runtime takes it from: set CNI_PATH to the runtime's folders, unless they are\n"
		"among " CONFLIST_PLUGINS ".\n"
		"Nothing is changed.\n"
		"\n"
		"  --conf FILE  this configuration (.conflist, .conf, .json, or with a '/'),\n"
		"               instead of all those in $NETCONFPATH or /etc/cni/net.d; may be\n"
		"               given several times\n"
		"  --conf NAME  that of the network of this name there\n"
		"  --json       for programs\n"
		"\n"
		"The exit status is 1 when an ADD would fail.\n",
	.run = run,
};

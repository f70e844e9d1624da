/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * listing.c - every attachment on the host: `footbridge list`
 */
#include "listing.h"

#include <stdio.h>
#include <string.h>

#include "command.h"
#include "table.h"

#define ID_LONGEST 20 /* of what a table shows of an ID, unless it is to be whole; */
#define ID_CUT 12     /* how much of a longer one */
#define MORE ",..."   /* behind addresses that are not all of them */

struct wishes {
	const char *network; /* NULL = all */
	bool json, whole;
};

static const char *name_of(const struct link *link)
{
	return link ? link->name : "";
}

/* For people. */

static void add_id(struct table *table, const struct wishes *wishes, const char *id)
{
	if (wishes->whole || strlen(id) <= ID_LONGEST)
		table_add(table, "%s", id);
	else
		table_add(table, "%.*s~", ID_CUT, id);
}

static const char *print_address(const struct survey_address *address,
				 char text[static PREFIX_TEXT])
{
	return address->prefix.bits ? prefix_print(&address->prefix, text)
				    : ip_print(&address->prefix.ip, text);
}

const char *listing_addresses(const struct survey_attachment *a,
			      char text[static LISTING_ADDRESSES])
{
	const size_t last = LISTING_ADDRESSES - PREFIX_TEXT - sizeof(MORE);
	char one[PREFIX_TEXT];
	size_t i, len = 0;

	text[0] = '\0';
	for (i = 0; i < a->n_addresses && len < last; i++)
		len += (size_t)snprintf(text + len, LISTING_ADDRESSES - len, "%s%s",
					i ? "," : "",
					print_address(&a->addresses[i], one));
	if (i < a->n_addresses)
		(void)snprintf(text + len, LISTING_ADDRESSES - len, "%s", MORE);
	return text;
}

/* "2@one": the index there, and the namespace's name, or else what it is found by. */
static void add_peer(struct table *table, const struct wishes *wishes,
		     const struct survey_attachment *a)
{
	const char *path = a->space ? a->space->path : "", *slash = strrchr(path, '/');
	const bool named = strncmp(path, "/proc/", strlen("/proc/")) != 0;

	if (!a->link)
		table_add(table, "%s", "");
	else if (!a->link->peer_elsewhere)
		table_add(table, "%d@host", a->link->peer);
	else if (!a->space)
		table_add(table, "%d@nsid:%d", a->link->peer, a->link->peer_nsid);
	else if (named && !wishes->whole && strlen(slash + 1) > ID_LONGEST)
		table_add(table, "%d@%.*s~", a->link->peer, ID_CUT, slash + 1);
	else
		table_add(table, "%d@%s", a->link->peer, named ? slash + 1 : path);
}

static void add_row(struct table *table, const struct wishes *wishes,
		    const struct survey_attachment *a)
{
	char addresses[LISTING_ADDRESSES];

	table_add(table, "%s", a->network);
	add_id(table, wishes, a->container);
	table_add(table, "%s", a->ifname);
	table_add(table, "%s", listing_addresses(a, addresses));
	table_add(table, "%s", name_of(a->link));
	add_peer(table, wishes, a);
	table_add(table, "%s", name_of(a->bridge));
	table_add(table, "%s",
		  a->state == SURVEY_FOREIGN && strcmp(survey_masquerade(a), "no") == 0
			  ? ""
			  : survey_masquerade(a));
	table_add(table, "%s%s%s", survey_state_name(a->state), *a->reason ? ": " : "",
		  a->reason);
}

static int print_table(const struct survey *survey, const struct wishes *wishes,
		       struct error *e)
{
	static const char *const heads[] = { "NETWORK",	  "CONTAINER", "INTERFACE",
					     "ADDRESSES", "HOST",      "PEER",
					     "BRIDGE",	  "MASQ",      "STATE" };
	_cleanup_(table_clear) struct table table = {
		.columns = COUNT(heads),
	};

	for (size_t i = 0; i < table.columns; i++)
		table_add(&table, "%s", heads[i]);
	for (size_t i = 0; i < survey->n_attachments; i++) {
		const struct survey_attachment *a = &survey->attachments[i];

		if (!wishes->network || strcmp(a->network, wishes->network) == 0)
			add_row(&table, wishes, a);
	}
	return table_print(&table, stdout, e);
}

/* For programs. */

static void write_addresses(struct writer *w, const struct survey_attachment *a)
{
	char text[PREFIX_TEXT];

	writer_open(w, "addresses", '[');
	for (size_t i = 0; i < a->n_addresses; i++) {
		const struct survey_address *address = &a->addresses[i];

		writer_open(w, NULL, '{');
		writer_string(w, "address", print_address(address, text));
		writer_bool(w, "inside", address->inside);
		writer_bool(w, "leased", address->leased);
		writer_bool(w, "masqueraded", address->masqueraded);
		writer_close(w, '}');
	}
	writer_close(w, ']');
}

static void write_peer(struct writer *w, const struct survey_attachment *a)
{
	writer_open(w, "peer", '{');
	writer_integer(w, "index", a->link->peer);
	if (*a->peer)
		writer_string(w, "name", a->peer);
	if (a->link->peer_elsewhere)
		writer_integer(w, "nsid", a->link->peer_nsid);
	if (a->space) {
		writer_string(w, "netns", a->space->path);
		writer_integer(w, "inode", (int64_t)a->space->inode);
	}
	writer_close(w, '}');
}

void listing_write(struct writer *w, const char *key, const struct survey_attachment *a)
{
	writer_open(w, key, '{');
	writer_string(w, "network", a->network);
	writer_string(w, "container", a->container);
	writer_string(w, "interface", a->ifname);
	writer_string(w, "state", survey_state_name(a->state));
	if (*a->reason)
		writer_string(w, "reason", a->reason);
	write_addresses(w, a);
	if (a->link) {
		writer_string(w, "host", a->link->name);
		writer_integer(w, "hostIndex", a->link->index);
		write_peer(w, a);
	}
	if (a->bridge)
		writer_string(w, "bridge", a->bridge->name);
	writer_close(w, '}');
}

static int print_json(const struct survey *survey, const struct wishes *wishes,
		      struct error *e)
{
	_cleanup_(writer_clear) struct writer w = { 0 };

	writer_open(&w, NULL, '[');
	for (size_t i = 0; i < survey->n_attachments; i++) {
		const struct survey_attachment *a = &survey->attachments[i];

		if (!wishes->network || strcmp(a->network, wishes->network) == 0)
			listing_write(&w, NULL, a);
	}
	writer_close(&w, ']');
	return command_print(&w, e);
}

/* The command. */

static int read_wishes(const struct command *command, int argc, char **argv,
		       struct wishes *wishes)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "network", required_argument, NULL, 'n' },
		{ "whole", no_argument, NULL, 'w' },
		{ 0 },
	};
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", options, NULL)) >= 0) {
		if (option == 'j')
			wishes->json = true;
		else if (option == 'n')
			wishes->network = optarg;
		else if (option == 'w')
			wishes->whole = true;
		else
			return command_stuck(command, option, argv, options);
	}
	return optind < argc ? command_misused(command, "%s is one argument too many",
					       argv[optind])
			     : COMMAND_FINE;
}

static int run(const struct command *command, int argc, char **argv)
{
	_cleanup_(survey_clear) struct survey survey = SURVEY_INIT;
	struct wishes wishes = { 0 };
	struct error e = { 0 };
	int r = read_wishes(command, argc, argv, &wishes);

	if (r != COMMAND_FINE)
		return r;
	r = survey_take(&survey, &e);
	if (r == 0)
		r = wishes.json ? print_json(&survey, &wishes, &e)
				: print_table(&survey, &wishes, &e);
	if (r < 0)
		(void)fprintf(stderr, "footbridge list: %s\n", e.msg);
	command_tell(command, &survey.troubles);
	return r < 0 || survey.troubles.n > 0 ? COMMAND_TROUBLE : COMMAND_FINE;
}

const struct command command_list = {
	.name = "list",
	.synopsis = "[--network NAME] [--json] [--whole]",
	.summary = "every attachment on this host, and what has become of it",
	.help = "HOST is its end here, PEER the index of the other end and where that is: a\n"
		"name in /run/netns, a process, \"nsid:\" and a number where nothing more is\n"
		"known, or \"host\". MASQ: is it masqueraded by footbridge? ADDRESSES end with\n"
		"\"...\" where there are more of them than fit. STATE is one of\n"
		"\n"
		"  live           a port of a bridge whose other end is in a container\n"
		"  dead lease     its addresses alone, held for a container that is gone\n"
		"  detached       in a container still, but no port of a bridge any more\n"
		"  orphan link    a link of ours that connects nobody\n"
		"  stray element  an nft set element alone, of nobody who is here\n"
		"  foreign        made by somebody else, or a lease of which no more is known\n"
		"\n"
		"  --network NAME  of this network alone\n"
		"  --json          for programs, with everything that is known\n"
		"  --whole         long IDs and names as they are\n"
		"\n"
		"What could not be read is on stderr, and the exit status is 1 then.\n",
	.run = run,
};

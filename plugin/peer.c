/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer.c - what is at the other end of a veth: `footbridge peer`
 *
 * A veth tells its peer's index and, where that is elsewhere, the number of its
 * namespace (IFLA_LINK, IFLA_LINK_NETNSID); what is there can be read by that
 * number with the privilege to change it.  Whose they are is known on the host.
 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "listing.h"
#include "table.h"

#define WHERE_SIZE 4352 /* a path, and the numbers of a namespace */

struct wishes {
	const char *netns, *ifname;
	bool json;
};

/* One end of the pair. */
struct end {
	int index;
	struct link link; /* where it is known */
	bool known, here; /* here: in the namespace that we are in */
	int nsid;   /* of its namespace, as the other end's numbers it; -1 = the same */
	char *path; /* of its namespace; NULL = none was found */
	uint64_t inode;
};

struct pair {
	struct netns netns; /* that of @near, where it is not ours */
	struct nl nl;	    /* there */
	struct end near, far;
	struct survey survey; /* of our own namespace */
	size_t n_told;	      /* of its troubles */
};

static void pair_clear(struct pair *pair)
{
	nl_close(&pair->nl);
	netns_close(&pair->netns);
	survey_clear(&pair->survey);
	free(pair->near.path);
	free(pair->far.path);
}

static int keep_path(struct end *end, const char *path, uint64_t inode, struct error *e)
{
	end->path = strdup(path);
	end->inode = inode;
	return end->path ? 0 : error_set(e, ERROR_MEMORY, "out of memory");
}

static int open_inside(void *arg, struct error *e)
{
	return nl_open(arg, NETLINK_ROUTE, e);
}

/* What has no '/' is a name.  Return: 0, -1. */
static int open_netns(struct pair *pair, const char *wish, struct error *e)
{
	_cleanup_(freep) char *named = NULL;
	const char *netns = wish;

	if (!strchr(wish, '/')) {
		if (asprintf(&named, NETNS_DIR "/%s", wish) < 0) {
			named = NULL;
			return error_set(e, ERROR_MEMORY, "out of memory");
		}
		netns = named;
	}
	if (netns_open(&pair->netns, netns, true, -1, e) != 0 ||
	    netns_run(&pair->netns, open_inside, &pair->nl, e) != 0)
		return -1;
	pair->near.here = pair->netns.is_own;
	return keep_path(&pair->near, netns, pair->netns.inode, e);
}

static int open_near(struct pair *pair, const char *netns, struct error *e)
{
	if (netns)
		return open_netns(pair, netns, e);
	pair->near.here = true;
	return nl_open(&pair->nl, NETLINK_ROUTE, e);
}

static int find_near(struct pair *pair, const char *ifname, struct error *e)
{
	struct link *link = &pair->near.link;

	if (link_get(&pair->nl, ifname, 0, link, e) != 0)
		return -1;
	if (strcmp(link->kind, "veth") != 0)
		return error_set(e, ERROR_KERNEL,
				 "%s is no veth (%s), so it has no other end", ifname,
				 *link->kind ? link->kind : "no virtual device");
	pair->near.index = link->index;
	pair->near.known = true;
	return 0;
}

static int meet_space(const char *path, int fd, uint64_t inode, void *arg,
		      struct error *e)
{
	struct pair *pair = arg;
	struct error why;
	int nsid;

	if (pair->far.path)
		return 0;
	if (link_nsid(&pair->nl, fd, &nsid, &why) != 0)
		return survey_note_unseen(&pair->survey, path, &why, e);
	return nsid == pair->far.nsid ? keep_path(&pair->far, path, inode, e) : 0;
}

static int find_space(struct pair *pair, struct error *e)
{
	struct error why;
	int r = netns_each(meet_space, pair, &why);

	if (r == NETNS_MISSED)
		return pair->far.path ? 0
				      : survey_note(&pair->survey, "network namespaces",
						    &why, e);
	if (r < 0)
		*e = why;
	return r;
}

/* Is its namespace ours?  Its number is @near's word for it, as that of our own would be. */
static int find_whether_here(struct pair *pair, struct error *e)
{
	struct error why;
	int home;

	if (pair->netns.home < 0)
		return 0;
	if (link_nsid(&pair->nl, pair->netns.home, &home, &why) != 0)
		return survey_note_unseen(&pair->survey, "this namespace", &why, e);
	pair->far.here = home == pair->far.nsid;
	return 0;
}

static int find_far(struct pair *pair, struct error *e)
{
	const struct link *near = &pair->near.link;
	struct end *far = &pair->far;
	struct error why;
	int r;

	far->index = near->peer;
	far->nsid = near->peer_elsewhere ? near->peer_nsid : -1;
	far->here = !near->peer_elsewhere && pair->near.here;
	r = near->peer_elsewhere
		    ? link_get_in(&pair->nl, far->nsid, far->index, &far->link, &why)
		    : link_get(&pair->nl, NULL, far->index, &far->link, &why);
	far->known = r == 0;
	if (r < 0 && survey_note_unseen(&pair->survey, "the peer", &why, e) < 0)
		return -1;
	if (near->peer_elsewhere)
		return find_whether_here(pair, e) < 0 ? -1 : find_space(pair, e);
	return pair->near.path ? keep_path(far, pair->near.path, pair->near.inode, e) : 0;
}

/* What the survey of our namespace knows of either end.  Return: NULL for nothing. */
static const struct survey_attachment *find_attachment(const struct pair *pair)
{
	for (size_t i = 0; i < pair->survey.n_attachments; i++) {
		const struct survey_attachment *a = &pair->survey.attachments[i];

		if (a->link && ((pair->near.here && a->link->index == pair->near.index) ||
				(pair->far.here && a->link->index == pair->far.index)))
			return a;
	}
	return NULL;
}

/* Telling. */

static const char *say_where(const struct end *end, char text[static WHERE_SIZE])
{
	if (end->here)
		(void)snprintf(text, WHERE_SIZE, "this namespace");
	else if (end->path && end->nsid >= 0)
		(void)snprintf(text, WHERE_SIZE, "%s (nsid %d, inode %llu)", end->path,
			       end->nsid, (unsigned long long)end->inode);
	else if (end->path)
		(void)snprintf(text, WHERE_SIZE, "%s (inode %llu)", end->path,
			       (unsigned long long)end->inode);
	else
		(void)snprintf(text, WHERE_SIZE,
			       "nsid %d, which cannot be found from here", end->nsid);
	return text;
}

static void add_end(struct table *table, const char *what, const struct end *end)
{
	char where[WHERE_SIZE];

	table_add(table, "%s", what);
	table_add(table, "%s, index %d in %s", end->known ? end->link.name : "?",
		  end->index, say_where(end, where));
}

static void add_fact(struct table *table, const char *what, const char *fact)
{
	if (!*fact)
		return;
	table_add(table, "%s", what);
	table_add(table, "%s", fact);
}

static void add_attachment(struct table *table, const struct survey_attachment *a)
{
	char addresses[LISTING_ADDRESSES];

	add_fact(table, "container", a->container);
	add_fact(table, "network", a->network);
	add_fact(table, "addresses", listing_addresses(a, addresses));
	add_fact(table, "bridge", a->bridge ? a->bridge->name : "");
	add_fact(table, "masquerade", survey_masquerade(a));
	table_add(table, "state");
	table_add(table, "%s%s%s", survey_state_name(a->state), *a->reason ? ": " : "",
		  a->reason);
}

static int print_table(const struct pair *pair, struct error *e)
{
	const struct survey_attachment *a = find_attachment(pair);
	_cleanup_(table_clear) struct table table = { .columns = 2 };

	add_end(&table, "interface", &pair->near);
	add_end(&table, "peer", &pair->far);
	if (a)
		add_attachment(&table, a);
	else
		add_fact(&table, "alias",
			 *pair->far.link.alias ? pair->far.link.alias
					       : pair->near.link.alias);
	return table_print(&table, stdout, e);
}

static void write_end(struct writer *w, const char *key, const struct end *end)
{
	writer_open(w, key, '{');
	if (end->known)
		writer_string(w, "name", end->link.name);
	writer_integer(w, "index", end->index);
	if (end->known && *end->link.alias)
		writer_string(w, "alias", end->link.alias);
	writer_bool(w, "here", end->here);
	if (end->nsid >= 0)
		writer_integer(w, "nsid", end->nsid);
	if (end->path) {
		writer_string(w, "netns", end->path);
		writer_integer(w, "inode", (int64_t)end->inode);
	}
	writer_close(w, '}');
}

static int print_json(const struct pair *pair, struct error *e)
{
	const struct survey_attachment *a = find_attachment(pair);
	_cleanup_(writer_clear) struct writer w = { 0 };

	writer_open(&w, NULL, '{');
	write_end(&w, "interface", &pair->near);
	write_end(&w, "peer", &pair->far);
	if (a)
		listing_write(&w, "attachment", a);
	writer_close(&w, '}');
	return command_print(&w, e);
}

/* The command. */

static int read_wishes(const struct command *command, int argc, char **argv,
		       struct wishes *wishes)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "netns", required_argument, NULL, 'n' },
		{ 0 },
	};
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", options, NULL)) >= 0) {
		if (option == 'j')
			wishes->json = true;
		else if (option == 'n')
			wishes->netns = optarg;
		else
			return command_stuck(command, option, argv, options);
	}
	if (wishes->netns && !strchr(wishes->netns, '/') && !name_is_file(wishes->netns))
		return command_misused(command,
				       "--netns: \"%s\" is neither a name in " NETNS_DIR
				       " nor a path with a '/'",
				       wishes->netns);
	if (argc - optind != 1)
		return command_misused(command, "it takes the name of one interface");
	wishes->ifname = argv[optind];
	return name_is_link(wishes->ifname)
		       ? COMMAND_FINE
		       : command_misused(command, "\"%s\" is no name of an interface",
					 wishes->ifname);
}

static int tell(struct pair *pair, const struct wishes *wishes, struct error *e)
{
	struct list *troubles = &pair->survey.troubles;
	struct error why;
	size_t own;
	int r;

	if (open_near(pair, wishes->netns, e) < 0 ||
	    find_near(pair, wishes->ifname, e) < 0 || find_far(pair, e) < 0)
		return -1;
	own = troubles->n;
	/* Without it, whose they are stays unknown. */
	r = survey_take(&pair->survey, &why);
	if (r < 0 && survey_note(&pair->survey, "whose they are", &why, e) < 0)
		return -1;
	/* Where they are nobody's, all else on the host is nothing to them. */
	pair->n_told = r < 0 || find_attachment(pair) ? troubles->n : own;
	return wishes->json ? print_json(pair, e) : print_table(pair, e);
}

static int run(const struct command *command, int argc, char **argv)
{
	_cleanup_(pair_clear) struct pair pair = {
		.netns = NETNS_INIT,
		.nl = NL_INIT,
		.near.nsid = -1,
		.survey = SURVEY_INIT,
	};
	struct wishes wishes = { 0 };
	struct error e = { 0 };
	int r = read_wishes(command, argc, argv, &wishes);
	struct list told;

	if (r != COMMAND_FINE)
		return r;
	r = tell(&pair, &wishes, &e);
	if (r < 0)
		(void)fprintf(stderr, "footbridge peer: %s\n", e.msg);
	told = (struct list){ pair.survey.troubles.v, pair.n_told };
	command_tell(command, &told);
	return r < 0 || told.n > 0 ? COMMAND_TROUBLE : COMMAND_FINE;
}

const struct command command_peer = {
	.name = "peer",
	.synopsis = "[--netns PATH|NAME] [--json] INTERFACE",
	.summary = "what is at the other end of a veth, and whose it is",
	.help = "On the host: which container is behind this veth. With --netns: which veth is\n"
		"behind that namespace's interface. From within a container the peer's index\n"
		"is all that is sure; its name takes privileges over the host's namespace.\n"
		"\n"
		"  --netns PATH  INTERFACE is in this namespace, as /proc/PID/ns/net\n"
		"  --netns NAME  the one of this name in " NETNS_DIR "\n"
		"  --json        for programs\n"
		"\n"
		"The exit status is 1 where there is no such interface, or none with a peer, or\n"
		"where something could not be read, which is on stderr then.\n",
	.run = run,
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gc.c - what is dead on a network, and its removal: `footbridge gc`
 *
 * The sweeps of the plugins, walked twice.  The first time nothing is removed, only
 * noted; then who lives is looked at anew, so that whoever came meanwhile is left out.
 * What is left is the answer of a dry run, and all that the second walk may remove.
 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "conflist.h"
#include "netconf.h"
#include "progress.h"
#include "table.h"

#define THING_SIZE 64 /* an address, the name of a link */

/* Something dead. */
struct corpse {
	const char *network, *kind, *why; /* as in struct gc_find */
	char thing[THING_SIZE], owner[NAME_OWNER];
	bool spared; /* its owner lives after all */
	bool gone;
};

struct collecting {
	bool dry;
	struct host host;
	struct list files;
	struct netconfs confs;
	struct corpse *corpses;
	size_t n;
	size_t first;		 /* that of the network at hand */
	const struct conf *conf; /* the network at hand */
	struct list notes;	 /* for stderr */
	struct progress progress;
};

static void collecting_clear(struct collecting *all)
{
	nl_close(&all->host.route);
	nl_close(&all->host.nft);
	list_clear(&all->files);
	netconfs_clear(&all->confs);
	free(all->corpses);
	list_clear(&all->notes);
	progress_end(&all->progress);
}

/* What the walks ask. */

static int note(const struct gc_find *find, void *arg, struct error *e)
{
	struct collecting *all = arg;
	struct corpse *corpse;

	if (list_grow(&all->corpses, all->n, sizeof(*corpse), e) < 0)
		return -1;
	corpse = &all->corpses[all->n++];
	*corpse = (struct corpse){ .network = all->conf->name,
				   .kind = find->kind,
				   .why = find->why };
	(void)snprintf(corpse->thing, sizeof(corpse->thing), "%s", find->thing);
	(void)snprintf(corpse->owner, sizeof(corpse->owner), "%s", find->owner);
	progress_say(&all->progress, "looking at network %.30s: %zu dead",
		     all->conf->name, all->n);
	return 0;
}

static struct corpse *noted(const struct collecting *all, const struct gc_find *find)
{
	for (size_t i = all->first; i < all->n; i++) {
		struct corpse *corpse = &all->corpses[i];

		if (strcmp(corpse->kind, find->kind) == 0 &&
		    strcmp(corpse->thing, find->thing) == 0 &&
		    strcmp(corpse->owner, find->owner) == 0)
			return corpse;
	}
	return NULL;
}

/* Only what was noted, and is nobody's yet. */
static int confirm(const struct gc_find *find, void *arg, struct error *e)
{
	struct collecting *all = arg;
	struct corpse *corpse = noted(all, find);

	(void)e;
	if (!corpse || corpse->spared)
		return 0;
	corpse->gone = true;
	progress_say(&all->progress, "removing %s %.40s", find->kind, find->thing);
	return 1;
}

/* What is found after all did not go. */
static int correct(const struct gc_find *find, void *arg, struct error *e)
{
	struct corpse *corpse = noted(arg, find);

	(void)e;
	if (corpse)
		corpse->gone = false;
	return 0;
}

/* The walks. */

static int walk(struct collecting *all, const struct netconf *one, struct gc *gc,
		struct error *e)
{
	progress_say(&all->progress, "%s on network %.30s",
		     gc->look ? "looking" : "removing", one->conf.name);
	return effect_sweep_all(one->plugin->effects, gc, e);
}

static void spare(struct collecting *all, const struct gc *gc)
{
	for (size_t i = all->first; i < all->n; i++)
		all->corpses[i].spared = *all->corpses[i].owner &&
					 gc_keeps(gc, all->corpses[i].owner);
}

static int walk_both(struct collecting *all, const struct netconf *one, struct gc *first,
		     struct gc *second, struct error *e)
{
	struct error unheard;

	if (gc_look(first, e) < 0 || walk(all, one, first, e) < 0 ||
	    gc_look(second, e) < 0)
		return -1;
	spare(all, second);
	if (all->dry || walk(all, one, second, e) == 0)
		return 0;
	second->look = true;
	second->ask = correct;
	(void)!walk(all, one, second, &unheard);
	return -1;
}

static int compare_corpses(const void *one, const void *other)
{
	const struct corpse *a = one, *b = other;
	struct ip ip, its;
	int r = strverscmp(a->owner, b->owner);

	if (r == 0 && ip_parse(a->thing, &ip) && ip_parse(b->thing, &its))
		return ip_compare(&ip, &its);
	return r ? r : strverscmp(a->thing, b->thing);
}

/* A store tells of its leases in no order.  Kinds stay in that of the walk. */
static void sort_corpses(struct collecting *all)
{
	size_t first = all->first;

	for (size_t i = first + 1; i <= all->n; i++) {
		if (i < all->n &&
		    strcmp(all->corpses[i].kind, all->corpses[first].kind) == 0)
			continue;
		qsort(&all->corpses[first], i - first, sizeof(*all->corpses),
		      compare_corpses);
		first = i;
	}
}

static int collect(struct collecting *all, const struct netconf *one, struct error *e)
{
	const struct args args = { .verb = VERB_GC,
				   .container = "",
				   .netns = "",
				   .ifname = "",
				   .path = conflist_plugins() };
	struct list said = { 0 }; /* the first walk has said the same */
	struct gc first = { .conf = &one->conf,
			    .args = &args,
			    .host = &all->host,
			    .unlisted = true,
			    .look = true,
			    .ask = note,
			    .arg = all,
			    .notes = &all->notes };
	struct gc second = first;
	int r;

	second.look = false;
	second.ask = confirm;
	second.notes = &said;
	all->first = all->n;
	all->conf = &one->conf;
	r = walk_both(all, one, &first, &second, e);
	sort_corpses(all);
	gc_clear(&first);
	gc_clear(&second);
	list_clear(&said);
	return r;
}

static int read_confs(struct collecting *all, const struct list *told, struct error *e)
{
	if (netconf_files(told, &all->files, e) < 0 ||
	    nl_open(&all->host.route, NETLINK_ROUTE, e) != 0)
		return -1;
	for (size_t i = 0; i < all->files.n; i++)
		if (netconf_read(&all->confs, all->files.v[i], false, e) < 0)
			return error_wrap(e, "%s", all->files.v[i]);
	return all->confs.n > 0 ? 0 : netconf_refuse(&all->files, e);
}

/* What fails on one network does not keep the others' from being collected. */
static int collect_all(struct collecting *all, struct error *e)
{
	struct error gathered, one;

	error_none(&gathered);
	for (size_t i = 0; i < all->confs.n; i++) {
		if (collect(all, &all->confs.v[i], &one) == 0)
			continue;
		(void)command_say(&one);
		error_wrap(&one, "network %s", all->confs.v[i].conf.name);
		error_join(&gathered, &one);
	}
	return error_gathered(&gathered, e);
}

/* Telling. */

/* Two files may be of one network: they find the same. */
static bool is_again(const struct collecting *all, const struct corpse *corpse)
{
	for (const struct corpse *other = all->corpses; other < corpse; other++) {
		if (other->network != corpse->network &&
		    strcmp(other->network, corpse->network) == 0 &&
		    strcmp(other->kind, corpse->kind) == 0 &&
		    strcmp(other->thing, corpse->thing) == 0 &&
		    strcmp(other->owner, corpse->owner) == 0)
			return true;
	}
	return false;
}

static bool is_told(const struct collecting *all, const struct corpse *corpse)
{
	return (all->dry ? !corpse->spared : corpse->gone) &&
	       !(all->confs.n > 1 && is_again(all, corpse));
}

/* @whole: all has been looked at, so that nothing found means that nothing is dead. */
static int print_text(const struct collecting *all, bool whole, struct error *e)
{
	static const char *const heads[] = { "NETWORK", "WHAT", "NAME", "OWNER", "WHY" };
	_cleanup_(table_clear) struct table table = { .columns = 5 };
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct corpse *corpse = &all->corpses[i];

		if (!is_told(all, corpse))
			continue;
		for (size_t k = 0; n == 0 && k < table.columns; k++)
			table_add(&table, "%s", heads[k]);
		n++;
		table_add(&table, "%s", corpse->network);
		table_add(&table, "%s", corpse->kind);
		table_add(&table, "%s", corpse->thing);
		table_add(&table, "%s", corpse->owner);
		table_add(&table, "%s", corpse->why);
	}
	if (n > 0)
		return table_print(&table, stdout, e);
	if (whole)
		(void)printf("nothing is dead\n");
	return 0;
}

static int print_json(const struct collecting *all, struct error *e)
{
	_cleanup_(writer_clear) struct writer w = { 0 };

	writer_open(&w, NULL, '[');
	for (size_t i = 0; i < all->n; i++) {
		const struct corpse *corpse = &all->corpses[i];

		if (!is_told(all, corpse))
			continue;
		writer_open(&w, NULL, '{');
		writer_string(&w, "network", corpse->network);
		writer_string(&w, "kind", corpse->kind);
		writer_string(&w, "thing", corpse->thing);
		writer_string(&w, "owner", corpse->owner);
		writer_string(&w, "why", corpse->why);
		writer_close(&w, '}');
	}
	writer_close(&w, ']');
	return command_print(&w, e);
}

/* What went is told even where not all of it did. */
static int serve(const struct command_wishes *wishes, struct error *e)
{
	_cleanup_(collecting_clear) struct collecting all = {
		.dry = wishes->special,
		.host = { .route = NL_INIT, .nft = NL_INIT },
		.progress = progress_begin("reading"),
	};
	struct error untold;
	int r;

	if (wishes->files.n == 0)
		return command_misused(&command_gc,
				       "which network? --conf FILE, or --conf NAME");
	if (read_confs(&all, &wishes->files, e) < 0)
		return -1;
	r = collect_all(&all, e);
	progress_end(&all.progress);
	command_tell(&command_gc, &all.notes);
	if ((wishes->json ? print_json(&all, &untold)
			  : print_text(&all, r == 0, &untold)) == 0)
		return r;
	if (r == 0)
		error_none(e);
	error_join(e, &untold);
	return -1;
}

static int run(const struct command *command, int argc, char **argv)
{
	return command_about_confs(command, argc, argv, "dry-run", 0, serve);
}

const struct command command_gc = {
	.name = "gc",
	.synopsis = "--conf FILE|NAME [--conf FILE|NAME]... [--dry-run] [--json]",
	.summary = "remove what is dead on a network",
	.help = "Leases, set elements of the masquerade and of the MAC guard, links. A runtime's\n"
		"GC says who is valid; here it must be certain that nobody is: a container's\n"
		"link is gone, a lease is torn, of an earlier boot, or its link is gone (none of\n"
		"these where \"reclaim\" is false), both ends of a link are on the host and the\n"
		"container's is down. Whatever is alive, uncertain or another network's stays.\n"
		"Told is what went and why.\n"
		"\n"
		"  --conf FILE  its configuration (.conflist, .conf, .json, or with a '/'); may be\n"
		"               given several times\n"
		"  --conf NAME  the network of this name in $NETCONFPATH or /etc/cni/net.d\n"
		"  --dry-run    tell what would go, and change nothing\n"
		"  --json       for programs\n"
		"\n"
		"The exit status is 1 when something could not be removed.\n",
	.run = run,
};

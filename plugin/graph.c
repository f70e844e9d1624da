/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * graph.c - the host's bridges, ports and containers as a picture: `footbridge graph`
 *
 * For a terminal a tree: lines with a depth are gathered first, and what joins them
 * is drawn when all are known.  For documents a graph in Graphviz's language.
 */
#include <langinfo.h>
#include <locale.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "command.h"
#include "listing.h"
#include "sysctl.h"

#define TEXT_SIZE 4096
#define DEPTH 3 /* the host, what it has, what that has */

/* Words about what is on the host. */

/* That of IPv4, then of IPv6. */
static int ask_forwarding(struct survey *survey, const char *words[static 2],
			  struct error *e)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct error why;

	for (size_t i = 0; i < 2; i++) {
		int on = sysctl_forwarding(families[i], &why);

		words[i] = on < 0 ? "unknown" : on ? "on" : "off";
		if (on < 0 && survey_note(survey, "forwarding", &why, e) < 0)
			return -1;
	}
	return 0;
}

/* The addresses of a device of the host's, link-local ones aside.  Return: @text. */
static const char *say_own(const struct survey *survey, const struct link *link,
			   char text[static TEXT_SIZE])
{
	char one[PREFIX_TEXT];
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < survey->n_own && len < TEXT_SIZE - PREFIX_TEXT - 1; i++) {
		const struct survey_own *own = &survey->own[i];

		if (own->link == link &&
		    !(own->prefix.ip.len == 16 && ip_is_link_local(&own->prefix.ip)))
			len += (size_t)snprintf(text + len, TEXT_SIZE - len, "%s%s",
						len ? "," : "",
						prefix_print(&own->prefix, one));
	}
	return text;
}

/* Where a container is when nothing tells its name.  Return: a text. */
static const char *say_container(const struct survey_attachment *a)
{
	if (*a->container)
		return a->container;
	return a->space ? a->space->path : "somebody else's container";
}

static const struct survey_attachment *attachment_of(const struct survey *survey,
						     const struct link *link)
{
	for (size_t i = 0; i < survey->n_attachments; i++) {
		if (survey->attachments[i].link == link)
			return &survey->attachments[i];
	}
	return NULL;
}

static bool is_bridge(const struct link *link)
{
	return strcmp(link->kind, "bridge") == 0;
}

/* The devices that default routes go through.  Return: @text, "nowhere" for none. */
static const char *say_outside(const struct survey *survey, int family,
			       char text[static TEXT_SIZE])
{
	size_t len = 0;

	(void)snprintf(text, TEXT_SIZE, "nowhere: there is no default route");
	for (size_t i = 0; i < survey->n_routes && len < TEXT_SIZE - NAME_LINK; i++) {
		const struct survey_route *route = &survey->routes[i];

		if (route->link && ip_family(&route->dst.ip) == family &&
		    prefix_is_default(&route->dst))
			len += (size_t)snprintf(text + len, TEXT_SIZE - len, "%s%s",
						len ? "," : "", route->link->name);
	}
	return text;
}

/* The tree. */

struct line {
	unsigned int depth;
	bool followed[DEPTH]; /* by another of that depth, under the same parent */
	char *text;
};

struct tree {
	struct line *lines;
	size_t n;
	bool failed; /* out of memory */
	const char *joint, *corner, *bar, *cable;
};

static void tree_clear(struct tree *tree)
{
	for (size_t i = 0; i < tree->n; i++)
		free(tree->lines[i].text);
	free(tree->lines);
}

static void add_line(struct tree *tree, unsigned int depth, const char *format, ...)
	_printf_(3, 4);

static void add_line(struct tree *tree, unsigned int depth, const char *format, ...)
{
	struct error unheard;
	struct line *line;
	va_list arguments;

	if (list_grow(&tree->lines, tree->n, sizeof(*line), &unheard) < 0) {
		tree->failed = true;
		return;
	}
	line = &tree->lines[tree->n];
	*line = (struct line){ .depth = depth };
	va_start(arguments, format);
	if (vasprintf(&line->text, format, arguments) < 0)
		tree->failed = true;
	else
		tree->n++;
	va_end(arguments);
}

static void add_port(struct tree *tree, const struct survey *survey,
		     const struct link *link)
{
	const struct survey_attachment *a = attachment_of(survey, link);
	char addresses[LISTING_ADDRESSES];
	bool live;

	if (!a) {
		add_line(tree, 2, "%s%s%s", link->name, *link->kind ? ", a " : "",
			 link->kind);
		return;
	}
	live = a->state == SURVEY_LIVE;
	add_line(tree, 2, "%s %s %s of %s%s%s%s%s%s%s%s", link->name, tree->cable,
		 *a->ifname ? a->ifname : "?", say_container(a),
		 a->n_addresses ? "  " : "", listing_addresses(a, addresses),
		 *a->network ? "  network " : "", a->network, live ? "" : "  ",
		 live ? "" : survey_state_name(a->state),
		 !(link->flags & IFF_UP) ? "  DOWN" : "");
}

/* @bridge: NULL = our links that are no port. */
static void add_ports(struct tree *tree, const struct survey *survey,
		      const struct link *bridge)
{
	for (size_t i = 0; i < survey->n_links; i++) {
		const struct link *link = &survey->links[i];

		if (bridge ? link->master == bridge->index
			   : link->master == 0 && name_is_alias(link->alias))
			add_port(tree, survey, link);
	}
}

static void add_bridges(struct tree *tree, const struct survey *survey)
{
	char addresses[TEXT_SIZE];
	size_t n;

	for (size_t i = 0; i < survey->n_links; i++) {
		const struct link *link = &survey->links[i];

		if (!is_bridge(link))
			continue;
		say_own(survey, link, addresses);
		add_line(tree, 1, "bridge %s%s%s%s", link->name, *addresses ? "  " : "",
			 addresses, link->flags & IFF_UP ? "" : "  DOWN");
		add_ports(tree, survey, link);
	}
	n = tree->n;
	add_line(tree, 1, "of no bridge");
	add_ports(tree, survey, NULL);
	if (tree->n == n + 1)
		free(tree->lines[--tree->n].text);
}

static void add_sets(struct tree *tree, const struct survey *survey)
{
	char subnet[PREFIX_TEXT], outside[TEXT_SIZE];

	if (survey->n_sets)
		add_line(tree, 1, "masquerade, table inet footbridge");
	for (size_t i = 0; i < survey->n_sets; i++) {
		const struct survey_set *set = &survey->sets[i];

		add_line(tree, 2, "%s  %s  %zu address%s %s %s", set->network,
			 prefix_print(&set->subnet, subnet), set->n,
			 set->n == 1 ? "" : "es", tree->cable,
			 set->ruled ? say_outside(survey, ip_family(&set->subnet.ip),
						  outside)
				    : "its rule is missing: footbridge restore");
	}
}

/* Backwards, so that each line knows what is to come. */
static void join(struct tree *tree)
{
	bool coming[DEPTH] = { false };

	for (size_t i = tree->n; i-- > 0;) {
		struct line *line = &tree->lines[i];

		memcpy(line->followed, coming, sizeof(coming));
		coming[line->depth] = true;
		for (unsigned int depth = line->depth + 1; depth < DEPTH; depth++)
			coming[depth] = false;
	}
}

static void print_line(const struct tree *tree, struct line *line)
{
	for (unsigned int depth = 1; depth < line->depth; depth++)
		(void)printf("%s", line->followed[depth] ? tree->bar : "   ");
	if (line->depth)
		(void)printf("%s",
			     line->followed[line->depth] ? tree->joint : tree->corner);
	error_clean(line->text);
	(void)printf("%s\n", line->text);
}

static struct tree new_tree(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	const bool wide = locale && strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;

	if (locale)
		freelocale(locale);
	return wide ? (struct tree){ .joint = "├─ ",
				     .corner = "└─ ",
				     .bar = "│  ",
				     .cable = "──" }
		    : (struct tree){
			      .joint = "|- ", .corner = "`- ", .bar = "|  ", .cable = "--"
		      };
}

static int print_tree(struct survey *survey, struct error *e)
{
	_cleanup_(tree_clear) struct tree tree = new_tree();
	const char *forwarding[2];

	if (ask_forwarding(survey, forwarding, e) < 0)
		return -1;
	add_line(&tree, 0, "host  forwarding: IPv4 %s, IPv6 %s", forwarding[0],
		 forwarding[1]);
	add_bridges(&tree, survey);
	add_sets(&tree, survey);
	if (tree.failed)
		return error_set(e, ERROR_MEMORY, "out of memory for a picture");
	join(&tree);
	for (size_t i = 0; i < tree.n; i++)
		print_line(&tree, &tree.lines[i]);
	return 0;
}

/* Graphviz. */

/* A label's line; a newline in it is "\n" for Graphviz, too. */
static void print_label(const char *text)
{
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			(void)putchar('\\');
		(void)putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
	}
}

/* A node of two lines; the second may be "". */
static void print_node(const char *id, int number, const char *one, const char *two,
		       const char *style)
{
	(void)printf("\t\t%s%d [label=\"", id, number);
	print_label(one);
	if (*two)
		(void)printf("\\n");
	print_label(two);
	(void)printf("\"%s];\n", style);
}

/* The bridge that it is a port of.  Return: NULL for none, also where a bond has it. */
static const struct link *bridge_of(const struct survey *survey, const struct link *link)
{
	const struct link *master = survey_link(survey, link->master);

	return master && is_bridge(master) ? master : NULL;
}

static void print_host(const struct survey *survey)
{
	char text[TEXT_SIZE], subnet[PREFIX_TEXT];

	(void)printf("\tsubgraph cluster_host {\n\t\tlabel=\"host\";\n");
	for (size_t i = 0; i < survey->n_links; i++) {
		const struct link *link = &survey->links[i];

		if (is_bridge(link))
			print_node("link", link->index, link->name,
				   say_own(survey, link, text), ", style=bold");
		else if (bridge_of(survey, link) || name_is_alias(link->alias))
			print_node("link", link->index, link->name, "", "");
	}
	for (size_t i = 0; i < survey->n_sets; i++) {
		const struct survey_set *set = &survey->sets[i];

		(void)snprintf(text, sizeof(text), "masquerade %s", set->network);
		print_node("set", (int)i, text, prefix_print(&set->subnet, subnet),
			   set->ruled ? ", shape=ellipse" : ", shape=ellipse, color=red");
	}
	(void)printf("\t}\n");
}

/*
 * Are the other ends in one container?  What has neither name nor path is known by the number of
 * its namespace.
 */
static bool share_container(const struct survey_attachment *a,
			    const struct survey_attachment *b)
{
	if (*a->container || *b->container || a->space || b->space)
		return strcmp(say_container(a), say_container(b)) == 0;
	return a->link->peer_elsewhere == b->link->peer_elsewhere &&
	       a->link->peer_nsid == b->link->peer_nsid;
}

static bool is_first_of_container(const struct survey *survey, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (survey->attachments[i].link &&
		    share_container(&survey->attachments[i], &survey->attachments[at]))
			return false;
	}
	return true;
}

static void print_container(const struct survey *survey, size_t first)
{
	const struct survey_attachment *its = &survey->attachments[first];
	char addresses[LISTING_ADDRESSES];

	(void)printf("\tsubgraph cluster_%zu {\n\t\tlabel=\"", first);
	print_label(say_container(its));
	(void)printf("\";\n");
	for (size_t i = first; i < survey->n_attachments; i++) {
		const struct survey_attachment *a = &survey->attachments[i];

		if (a->link && share_container(a, its))
			print_node("end", (int)i, *a->ifname ? a->ifname : "?",
				   listing_addresses(a, addresses), "");
	}
	(void)printf("\t}\n");
}

static void print_cables(const struct survey *survey)
{
	for (size_t i = 0; i < survey->n_links; i++) {
		const struct link *link = &survey->links[i];

		if (bridge_of(survey, link))
			(void)printf("\tlink%d -- link%d;\n", link->master, link->index);
	}
	for (size_t i = 0; i < survey->n_attachments; i++) {
		const struct survey_attachment *a = &survey->attachments[i];

		if (!a->link)
			continue;
		(void)printf("\tlink%d -- end%zu [label=\"", a->link->index, i);
		print_label(a->network);
		(void)printf("\"%s];\n",
			     a->state == SURVEY_ORPHAN_LINK || a->state == SURVEY_DETACHED
				     ? ", style=dashed"
				     : "");
	}
}

/* From the bridges that have an address in the set's subnet, to the outside. */
static void print_masquerade(const struct survey *survey)
{
	for (size_t i = 0; i < survey->n_sets; i++) {
		const struct survey_set *set = &survey->sets[i];

		for (size_t k = 0; k < survey->n_own; k++) {
			const struct survey_own *own = &survey->own[k];

			if (is_bridge(own->link) && set->subnet.bits > 0 &&
			    prefix_contains(&set->subnet, &own->prefix.ip))
				(void)printf("\tlink%d -- set%zu;\n", own->link->index,
					     i);
		}
		(void)printf("\tset%zu -- outside%s;\n", i,
			     set->ruled ? "" : " [style=dotted]");
	}
	if (survey->n_sets)
		(void)printf("\toutside [shape=plaintext];\n");
}

static void print_dot(const struct survey *survey)
{
	(void)printf("graph footbridge {\n\trankdir=LR;\n\tnode [shape=box];\n");
	print_host(survey);
	for (size_t i = 0; i < survey->n_attachments; i++) {
		if (survey->attachments[i].link && is_first_of_container(survey, i))
			print_container(survey, i);
	}
	print_cables(survey);
	print_masquerade(survey);
	(void)printf("}\n");
}

/* The command. */

static int run(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = {
		{ "dot", no_argument, NULL, 'd' },
		{ 0 },
	};
	_cleanup_(survey_clear) struct survey survey = SURVEY_INIT;
	struct error e = { 0 };
	bool dot = false;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", options, NULL)) >= 0) {
		if (option != 'd')
			return command_stuck(command, option, argv, options);
		dot = true;
	}
	if (optind < argc)
		return command_misused(command, "%s is one argument too many",
				       argv[optind]);
	if (survey_take(&survey, &e) < 0 || (!dot && print_tree(&survey, &e) < 0)) {
		(void)fprintf(stderr, "footbridge graph: %s\n", e.msg);
		return COMMAND_TROUBLE;
	}
	if (dot)
		print_dot(&survey);
	command_tell(command, &survey.troubles);
	return survey.troubles.n > 0 ? COMMAND_TROUBLE : COMMAND_FINE;
}

const struct command command_graph = {
	.name = "graph",
	.synopsis = "[--dot]",
	.summary = "the host's bridges, ports, containers and masquerade as a picture",
	.help = "A tree for the terminal, drawn with lines where the locale is UTF-8.\n"
		"\n"
		"  --dot  for documents: footbridge graph --dot | dot -Tsvg >host.svg\n"
		"\n"
		"What could not be read is on stderr, and the exit status is 1 then.\n",
	.run = run,
};

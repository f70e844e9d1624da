/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check.c - is every attachment as ADD left it: `footbridge check`
 *
 * A runtime's CHECK brings the result of ADD.  Here it is made again: the addresses from
 * the leases and from within the container, gateways and routes from the configuration,
 * as ADD has them.  The MACs are those found, as nothing else tells them.  Then the very
 * effects look that a runtime's CHECK goes through.
 */
#include <stdio.h>
#include <string.h>

#include "bridge.h"
#include "command.h"
#include "conflist.h"
#include "netconf.h"
#include "progress.h"
#include "survey.h"
#include "table.h"

/* What was found of an attachment. */
struct verdict {
	const struct survey_attachment *attachment;
	bool fine;
	struct error why; /* where it is not */
};

struct checking {
	const struct command_wishes *wishes;
	const char *container, *ifname; /* NULL = all */
	struct list files;
	struct netconfs confs;
	struct survey survey;
	struct verdict *verdicts;
	size_t n;
};

static void checking_clear(struct checking *checking)
{
	list_clear(&checking->files);
	netconfs_clear(&checking->confs);
	survey_clear(&checking->survey);
	free(checking->verdicts);
}

/* The result of its ADD. */

static int tell_interface(struct result *result, const struct link *link,
			  const char *sandbox, struct error *e)
{
	char mac[MAC_TEXT];

	return result_add_interface(result, link->name, mac_print(&link->mac, mac),
				    sandbox, link->mtu, e);
}

/* What is not there is not told of: the effects say so. */
static int tell_interfaces(struct survey *survey, struct attach *at, struct error *e)
{
	const struct args *args = at->id.args;
	const struct conf_bridge *conf = &at->id.conf->bridge;
	char veth[NAME_LINK], gateway[NAME_LINK];
	const char *const names[] = {
		conf->bridge,
		ident_veth(&at->id, veth),
		conf_gateway(conf, gateway),
	};
	const size_t n = conf->vlan ? 3
				    : 2; /* without a VLAN the bridge is the gateway */
	struct link inside;
	int r = link_get(&at->id.pod->route, args->ifname, 0, &inside, e);

	/* not what it is, but what it should be */
	if (r == 0 && conf->mtu && !conf->mtu_auto)
		inside.mtu = conf->mtu;
	if (r < 0 || (r == 0 && tell_interface(&at->result, &inside, args->netns, e) < 0))
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct link *link = survey_link_named(survey, names[i]);

		if (link && tell_interface(&at->result, link, "", e) < 0)
			return -1;
	}
	return 0;
}

/*
 * Which gateway another IPAM plugin told, its address on the gateway's device says.
 * Return: whether the plugin may have given @from: not where the device has other subnets.
 */
static bool find_gateway(struct survey *survey, const struct conf_bridge *conf,
			 const struct prefix *from, struct ip *gateway)
{
	char name[NAME_LINK];
	const struct link *bearer = survey_link_named(survey, conf_gateway(conf, name));
	bool has_others = false;

	for (size_t i = 0; conf->is_gateway && i < survey->n_own; i++) {
		const struct survey_own *own = &survey->own[i];

		if (own->link != bearer || ip_is_link_local(&own->prefix.ip) ||
		    ip_family(&own->prefix.ip) != ip_family(&from->ip))
			continue;
		if (prefix_contains(from, &own->prefix.ip)) {
			*gateway = own->prefix.ip;
			return true;
		}
		has_others = true;
	}
	return !has_others;
}

/*
 * Of the addresses in the container those that a range or another IPAM plugin may have
 * given: a person may have added others.
 */
static int tell_address(struct survey *survey, const struct survey_address *from,
			struct attach *at, struct error *e)
{
	const struct conf_ipam *ipam = &at->id.conf->ipam;
	const struct range *range = conf_range_of(ipam, &from->prefix.ip);
	struct address address = {
		.address = from->prefix,
		.interface = result_find_interface(&at->result, at->id.args->ifname,
						   at->id.args->netns),
	};

	if (!from->leased && (!from->inside || (ipam->n_sets > 0 && !range)))
		return 0;
	if (range) {
		address.address.bits = range->subnet.bits;
		address.gateway = range->gateway;
	}
	if (address.address.bits == 0 ||
	    (ipam->n_sets == 0 && !find_gateway(survey, &at->id.conf->bridge,
						&from->prefix, &address.gateway)))
		return 0;
	return result_add_ip(&at->result, &address, e);
}

static int tell_result(struct survey *survey, const struct survey_attachment *a,
		       struct attach *at, struct error *e)
{
	const struct conf *conf = at->id.conf;

	if (tell_interfaces(survey, at, e) < 0)
		return -1;
	for (size_t i = 0; i < a->n_addresses; i++)
		if (tell_address(survey, &a->addresses[i], at, e) < 0)
			return -1;
	for (size_t i = 0; i < conf->ipam.n_routes; i++)
		if (result_add_route(&at->result, &conf->ipam.routes[i], e) < 0)
			return -1;
	return bridge_complete(&conf->bridge, &at->result, e);
}

/* Looking. */

static int verify_in(struct checking *checking, const struct survey_attachment *a,
		     const struct conf *conf, struct error *e)
{
	const struct args args = { .verb = VERB_CHECK,
				   .container = a->container,
				   .netns = a->space->path,
				   .ifname = a->ifname,
				   .path = conflist_plugins() };
	struct pod pod = POD_INIT;
	struct attach at = {
		.id = { .conf = conf,
			.args = &args,
			.host = &checking->survey.host,
			.pod = &pod },
	};
	int r = pod_open(&pod, &checking->survey.host, a->space->path, false, e) == 0
			? 0
			: -1;

	if (r == 0)
		r = tell_result(&checking->survey, a, &at, e);
	if (r == 0)
		r = effect_verify_all(plugin_bridge.effects, &at, e);
	result_clear(&at.result);
	pod_close(&pod);
	return r;
}

/* Where nothing can be asked of the effects, that is told. */
static int verify(struct checking *checking, const struct survey_attachment *a,
		  const struct conf *conf, struct error *e)
{
	/* Another IPAM plugin's CHECK needs the result that it gave itself. */
	struct conf without = *conf;

	without.ipam.external = false;
	if (!a->ours)
		return error_set(e, ERROR_MISMATCH, "%s%s%s", survey_state_name(a->state),
				 *a->reason ? ": " : "", a->reason);
	if (!a->link->peer_elsewhere)
		return error_set(e, ERROR_MISMATCH, "%s connects nobody: %s",
				 a->link->name, a->reason);
	if (strchr(a->container, '~'))
		return error_set(
			e, ERROR_CONTAINER,
			"cannot be checked: of the container's long ID only this "
			"much is known");
	if (!a->space)
		return error_set(e, ERROR_NETNS,
				 "cannot be checked: the path of its network namespace "
				 "is not to be found");
	return verify_in(checking, a, &without, e);
}

static int check_one(struct checking *checking, const struct survey_attachment *a,
		     const struct conf *conf, struct error *e)
{
	struct verdict *verdict;

	if (list_grow(&checking->verdicts, checking->n, sizeof(*verdict), e) < 0)
		return -1;
	verdict = &checking->verdicts[checking->n++];
	*verdict = (struct verdict){ .attachment = a };
	verdict->fine = verify(checking, a, conf, &verdict->why) == 0;
	(void)command_say(&verdict->why);
	return 0;
}

/* All that have a link of ours; of who was named, whatever there is. */
static bool is_meant(const struct checking *checking, const struct survey_attachment *a,
		     const struct conf *conf)
{
	if (strcmp(a->network, conf->name) != 0)
		return false;
	if (!checking->container)
		return a->ours;
	return strcmp(a->container, checking->container) == 0 &&
	       (!checking->ifname || strcmp(a->ifname, checking->ifname) == 0);
}

/* Has a file in front of this one the same network?  A runtime takes the first, too. */
static bool is_checked(const struct checking *checking, size_t at)
{
	const struct netconf *one = &checking->confs.v[at];

	for (size_t i = 0; i < at; i++) {
		const struct netconf *other = &checking->confs.v[i];

		if (other->plugin == one->plugin &&
		    strcmp(other->conf.name, one->conf.name) == 0)
			return true;
	}
	return false;
}

static int check_network(struct checking *checking, const struct conf *conf,
			 const struct progress *progress, struct error *e)
{
	for (size_t i = 0; i < checking->survey.n_attachments; i++) {
		const struct survey_attachment *a = &checking->survey.attachments[i];

		progress_say(progress, "checking %zu of %zu", i + 1,
			     checking->survey.n_attachments);
		if (is_meant(checking, a, conf) && check_one(checking, a, conf, e) < 0)
			return -1;
	}
	return 0;
}

/* What could be read of a file is checked, and then it is told why the rest could not. */
static int read_conf(struct checking *checking, const char *file, struct error *e)
{
	struct error why = { 0 };

	if (netconf_read(&checking->confs, file, false, &why) == 0)
		return 0;
	(void)command_say(&why);
	return survey_note(&checking->survey, file, &why, e);
}

static int read_confs(struct checking *checking, struct error *e)
{
	if (netconf_some_files(&checking->wishes->files, &checking->files, e) < 0)
		return -1;
	for (size_t i = 0; i < checking->files.n; i++)
		if (read_conf(checking, checking->files.v[i], e) < 0)
			return -1;
	for (size_t i = 0; i < checking->confs.n; i++) {
		const struct conf *conf = &checking->confs.v[i].conf;

		if (survey_add_store(&checking->survey, conf->ipam.data_dir, conf->name,
				     e) < 0)
			return -1;
	}
	return 0;
}

static int check_all(struct checking *checking, struct error *e)
{
	_cleanup_(progress_end) struct progress progress = progress_begin("looking");

	bool ours = false;

	if (read_confs(checking, e) < 0 || survey_take(&checking->survey, e) < 0)
		return -1;
	for (size_t i = 0; i < checking->confs.n; i++) {
		const struct netconf *one = &checking->confs.v[i];

		if (one->plugin != &plugin_bridge || is_checked(checking, i))
			continue;
		ours = true;
		if (check_network(checking, &one->conf, &progress, e) < 0)
			return -1;
	}
	if (!ours && checking->survey.troubles.n == 0)
		return netconf_refuse(&checking->files, e);
	if (checking->container && checking->n == 0)
		return error_set(e, ERROR_CONTAINER,
				 "%s has no%s%s on these networks; footbridge list "
				 "shows who has",
				 checking->container, checking->ifname ? " " : "thing",
				 checking->ifname ? checking->ifname : "");
	return 0;
}

/* Telling. */

static int print_text(const struct checking *checking, struct error *e)
{
	static const char *const heads[] = { "NETWORK", "CONTAINER", "INTERFACE",
					     "CHECK" };
	_cleanup_(table_clear) struct table table = {
		.columns = COUNT(heads),
	};

	for (size_t i = 0; i < table.columns; i++)
		table_add(&table, "%s", heads[i]);
	for (size_t i = 0; i < checking->n; i++) {
		const struct verdict *verdict = &checking->verdicts[i];

		table_add(&table, "%s", verdict->attachment->network);
		table_add(&table, "%s", verdict->attachment->container);
		table_add(&table, "%s", verdict->attachment->ifname);
		table_add(&table, "%s", verdict->fine ? "fine" : verdict->why.msg);
	}
	return table_print(&table, stdout, e);
}

static int print_json(const struct checking *checking, struct error *e)
{
	_cleanup_(writer_clear) struct writer w = { 0 };

	writer_open(&w, NULL, '[');
	for (size_t i = 0; i < checking->n; i++) {
		const struct verdict *verdict = &checking->verdicts[i];

		writer_open(&w, NULL, '{');
		writer_string(&w, "network", verdict->attachment->network);
		writer_string(&w, "container", verdict->attachment->container);
		writer_string(&w, "interface", verdict->attachment->ifname);
		writer_bool(&w, "fine", verdict->fine);
		if (!verdict->fine)
			writer_string(&w, "message", verdict->why.msg);
		writer_close(&w, '}');
	}
	writer_close(&w, ']');
	return command_print(&w, e);
}

static bool is_fine(const struct checking *checking)
{
	bool fine = checking->survey.troubles.n == 0;

	for (size_t i = 0; i < checking->n; i++)
		fine &= checking->verdicts[i].fine;
	return fine;
}

static int serve(const struct command_wishes *wishes, struct error *e)
{
	_cleanup_(checking_clear) struct checking checking = {
		.wishes = wishes,
		.container = wishes->arguments[0],
		.ifname = wishes->arguments[0] ? wishes->arguments[1] : NULL,
		.survey = SURVEY_INIT,
	};

	int r = check_all(&checking, e);

	if (r == 0)
		r = wishes->json ? print_json(&checking, e) : print_text(&checking, e);
	command_tell(&command_check, &checking.survey.troubles);
	return r < 0 ? -1 : is_fine(&checking) ? COMMAND_FINE : COMMAND_TROUBLE;
}

static int run(const struct command *command, int argc, char **argv)
{
	return command_about_confs(command, argc, argv, NULL, 2, serve);
}

const struct command command_check = {
	.name = "check",
	.synopsis = "[--conf FILE|NAME]... [--json] [CONTAINER [INTERFACE]]",
	.summary = "is every attachment still as ADD left it",
	.help = "Looks at every attachment that our bridge has made on the configured networks,\n"
		"as a runtime's CHECK does: links, port, VLANs, addresses, routes, leases,\n"
		"gateway, forwarding, masquerade, MAC guard. It needs no result of ADD: that is\n"
		"made again from configuration, leases, kernel. So what ADD alone has told is\n"
		"not compared: the MACs, an MTU that is \"auto\", routes and gateways of another\n"
		"IPAM plugin; nor are chained plugins asked. Nothing is changed.\n"
		"\n"
		"  --conf FILE  this configuration (.conflist, .conf, .json, or with a '/'),\n"
		"               instead of all those in $NETCONFPATH or /etc/cni/net.d; may be\n"
		"               given several times\n"
		"  --conf NAME  that of the network of this name there\n"
		"  --json       for programs\n"
		"\n"
		"The exit status is 1 when one of them is not as it should be, when a\n"
		"configuration cannot be read, which is on stderr then, and when there is none.\n",
	.run = run,
};

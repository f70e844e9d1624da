/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * firewall.c - what the host's firewall does with what it forwards
 */
#include "firewall.h"

#include <linux/netfilter.h>
#include <string.h>

#include "list.h"
#include "nft.h"

#define DEPTH 8	   /* how deep jumps are followed, */
#define JUMPS 1000 /* and how many in all */

/* The chains. */

static bool is_ip(uint8_t family)
{
	return family == NFPROTO_IPV4 || family == NFPROTO_IPV6 || family == NFPROTO_INET;
}

static int note_chain(const struct nft_base *base, void *arg, struct error *e)
{
	struct firewall *firewall = arg;
	struct firewall_chain *chain;

	if (base->hook != NF_INET_FORWARD || !is_ip(base->table.family))
		return 0;
	if (list_grow(&firewall->chains, firewall->n_chains, sizeof(*chain), e) < 0)
		return -1;
	chain = &firewall->chains[firewall->n_chains++];
	*chain = (struct firewall_chain){
		.family = base->table.family,
		.table = strdup(base->table.name),
		.name = strdup(base->name),
		.drops = base->drops,
	};
	return chain->table && chain->name ? 0
					   : error_set(e, ERROR_MEMORY, "out of memory");
}

int firewall_read(struct firewall *firewall, struct survey *survey, struct error *e)
{
	int r = host_nft(&survey->host, e);

	if (r == 0)
		r = nft_each_base(&survey->host.nft, note_chain, firewall, e);
	return r == NL_UNSUPPORTED ? 0 : r;
}

void firewall_clear(struct firewall *firewall)
{
	for (size_t i = 0; i < firewall->n_chains; i++) {
		free(firewall->chains[i].table);
		free(firewall->chains[i].name);
	}
	free(firewall->chains);
	*firewall = (struct firewall){ 0 };
}

/* A packet's way. */

struct way {
	const struct survey *survey;
	const struct nft_table *table;
	uint8_t family;		   /* NFPROTO_IPV4, NFPROTO_IPV6 */
	const struct link *bridge; /* that it comes from */
	bool between; /* it goes there, too; else where default routes lead */
	int depth;
	int *left; /* jumps that are followed yet */
	enum {
		GOES_ON,
		RETURNS, /* to where this chain was called, or to the policy */
		PASSES,
		FALLS,
	} end;
};

static bool is_about(const struct nft_device *device)
{
	return *device->name || device->index;
}

static bool is_device(const struct nft_device *device, const struct link *link)
{
	if (*device->name && strncmp(device->name, link->name, device->len) != 0)
		return false;
	return !device->index || device->index == link->index;
}

static bool is_bridge(const struct survey *survey, const struct nft_device *device)
{
	for (size_t i = 0; i < survey->n_links; i++) {
		if (strcmp(survey->links[i].kind, "bridge") == 0 &&
		    is_device(device, &survey->links[i]))
			return true;
	}
	return false;
}

/* Does a default route lead through such a device, or with NULL through any? */
static bool has_default(const struct survey *survey, const struct nft_device *device)
{
	for (size_t i = 0; i < survey->n_routes; i++) {
		const struct survey_route *route = &survey->routes[i];

		if (route->link && prefix_is_default(&route->dst) &&
		    (!device || is_device(device, route->link)))
			return true;
	}
	return false;
}

/* Without a default route all but bridges may lead out. */
static bool is_outwards(const struct survey *survey, const struct nft_device *out)
{
	return has_default(survey, out) ||
	       (!has_default(survey, NULL) && !is_bridge(survey, out));
}

static bool goes_there(const struct way *way, const struct nft_device *out)
{
	const bool bridge = is_device(out, way->bridge);

	if (!is_about(out))
		return true;
	if (way->between || bridge)
		return (bridge != out->other) == way->between;
	return out->other ? !has_default(way->survey, out)
			  : is_outwards(way->survey, out);
}

/* Are there containers in it?  *all: they all are, of whatever subnet. */
static bool comes_from(const struct way *way, const struct prefix *source, bool *all)
{
	bool any = false;

	*all = true;
	for (size_t i = 0; i < way->survey->n_own; i++) {
		const struct survey_own *own = &way->survey->own[i];
		bool within = prefix_overlaps(&own->prefix, source);

		if (own->link != way->bridge || ip_is_link_local(&own->prefix.ip) ||
		    ip_family(&own->prefix.ip) != ip_family(&source->ip))
			continue;
		any = any || within;
		*all = *all && within && source->bits <= own->prefix.bits;
	}
	return any;
}

/* Does it apply to such a packet?  *all: to each of them. */
static bool applies(const struct way *way, const struct nft_seen *rule, bool *all)
{
	const struct nft_device *in = &rule->in;

	if (rule->of_answers || rule->particular ||
	    (rule->family && rule->family != way->family) ||
	    (is_about(in) && is_device(in, way->bridge) == in->other) ||
	    !goes_there(way, &rule->out))
		return false;
	*all = way->between || !is_about(&rule->out);
	if (!ip_is_none(&rule->source.ip)) {
		bool whole;

		if (!comes_from(way, &rule->source, &whole))
			return false;
		*all = *all && whole;
	}
	return true;
}

static int follow(const struct nft_seen *rule, void *arg, struct error *e);

/* @all: every packet goes there. */
static int follow_jump(struct way *way, const struct nft_seen *rule, bool all,
		       struct error *e)
{
	/* The rules that are being walked through are on the other socket. */
	_cleanup_(nl_close) struct nl nl = NL_INIT;
	struct way further = *way;

	if (way->depth == DEPTH || (*way->left)-- <= 0)
		return 0;
	if (nl_open(&nl, NETLINK_NETFILTER, e) != 0)
		return -1;
	further.depth++;
	if (nft_each_rule(&nl, way->table, rule->jump, follow, &further, e) < 0)
		return -1;
	if (further.end == PASSES || (further.end == FALLS && all))
		way->end = further.end;
	else if (rule->leaves && all)
		way->end = RETURNS;
	return 0;
}

static int follow(const struct nft_seen *rule, void *arg, struct error *e)
{
	struct way *way = arg;
	bool all;

	if (way->end != GOES_ON || !applies(way, rule, &all))
		return 0;
	if (*rule->jump)
		return follow_jump(way, rule, all, e);
	if (rule->accepts)
		way->end = PASSES;
	else if (rule->returns && all)
		way->end = RETURNS;
	else if (rule->drops && all)
		way->end = FALLS;
	return 0;
}

int firewall_judge(struct survey *survey, const struct firewall_chain *chain,
		   uint8_t family, const struct link *bridge, bool between,
		   struct error *e)
{
	const struct nft_table table = { .family = chain->family, .name = chain->table };
	int left = JUMPS;
	struct way way = { .survey = survey,
			   .left = &left,
			   .table = &table,
			   .family = family,
			   .bridge = bridge,
			   .between = between };

	if (nft_each_rule(&survey->host.nft, &table, chain->name, follow, &way, e) < 0)
		return -1;
	if (way.end == FALLS)
		return FIREWALL_RULE;
	return chain->drops && way.end != PASSES ? FIREWALL_POLICY : FIREWALL_PASSES;
}

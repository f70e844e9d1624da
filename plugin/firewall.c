/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * firewall.c - what the host's firewall does with what it forwards
 */
#include "firewall.h"

#include <linux/netfilter.h>
#include <string.h>

#include "list.h"
#include "nft.h"

#define JUMPS 8 /* how deep rules are followed */

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
		.policy = base->drops,
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
	const struct link *bridge; /* that it comes from; where it goes is not known */
	int depth;
	bool passes, falls; /* at most one of them: it ends there */
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

/* Is it about another device's packets, or those from one port to another? */
static bool is_elsewhere(const struct way *way, const struct nft_seen *rule)
{
	const struct nft_device *in = &rule->in, *out = &rule->out;

	return (is_about(in) && is_device(in, way->bridge) == in->other) ||
	       (is_about(out) && !out->other && is_device(out, way->bridge));
}

/* Does it speak of the bridge or its containers? */
static bool is_meant(const struct way *way, const struct nft_seen *rule)
{
	if (is_about(&rule->in) && !rule->in.other)
		return true;
	return !ip_is_none(&rule->address) &&
	       survey_subnet_bits(way->survey, way->bridge, &rule->address) != 0;
}

/* Is it about what goes to where default routes lead, or anywhere? */
static bool is_outwards(const struct way *way, const struct nft_device *out)
{
	const struct survey *survey = way->survey;

	if (!is_about(out) || out->other)
		return true;
	for (size_t i = 0; i < survey->n_routes; i++) {
		const struct survey_route *route = &survey->routes[i];

		if (route->link && prefix_is_default(&route->dst) &&
		    is_device(out, route->link))
			return true;
	}
	return false;
}

static int follow(const struct nft_seen *rule, void *arg, struct error *e);

/* @some: not every packet jumps. */
static int follow_jump(struct way *way, const struct nft_seen *rule, bool some,
		       struct error *e)
{
	/* The rules that are being walked through are on the other socket. */
	_cleanup_(nl_close) struct nl nl = NL_INIT;
	struct way further = *way;

	if (way->depth == JUMPS)
		return 0;
	if (nl_open(&nl, NETLINK_NETFILTER, e) != 0)
		return -1;
	further.depth++;
	if (nft_each_rule(&nl, way->table, rule->jump, follow, &further, e) < 0)
		return -1;
	way->passes = further.passes;
	way->falls = further.falls && !some;
	return 0;
}

static int follow(const struct nft_seen *rule, void *arg, struct error *e)
{
	struct way *way = arg;
	const bool some = rule->particular || is_about(&rule->out);
	const bool meant = is_meant(way, rule), outwards = is_outwards(way, &rule->out);

	if (way->passes || way->falls || is_elsewhere(way, rule))
		return 0;
	if (*rule->jump)
		return meant || outwards ? follow_jump(way, rule, some, e) : 0;
	way->passes = rule->accepts && (meant || (outwards && !rule->particular));
	way->falls = rule->drops && !some;
	return 0;
}

int firewall_end(struct survey *survey, const struct firewall_chain *chain,
		 const struct link *bridge, struct error *e)
{
	const struct nft_table table = { .family = chain->family, .name = chain->table };
	struct way way = { .survey = survey, .table = &table, .bridge = bridge };

	if (nft_each_rule(&survey->host.nft, &table, chain->name, follow, &way, e) < 0)
		return -1;
	if (way.falls)
		return FIREWALL_RULE;
	return chain->policy && !way.passes ? FIREWALL_POLICY : FIREWALL_PASSES;
}

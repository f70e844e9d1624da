/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft.c - answers of nf_tables: the first byte is the question
 */
#include "nft.h"

#include <linux/netfilter.h>

#include "kernel.h"
#include "name.h"

static const struct nft_table table = { NFPROTO_INET, "footbridge" };
static const struct nft_set set = { .table = &table,
				    .name = "n-net-10.1.0.0/24",
				    .type = NFT_IPV4_ADDR };

static void must_be_prefix(const struct prefix *prefix)
{
	MUST(prefix->ip.len == 4 || prefix->ip.len == 16);
	MUST(prefix->bits <= 8 * prefix->ip.len);
}

/* A name is lent out of its datagram, however long; what is taken for ours fits. */
static int see_set(const char *name, void *arg, struct error *e)
{
	char network[NAME_SET];
	struct prefix subnet;

	(void)arg;
	(void)e;
	MUST(strlen(name) < DATAGRAM_MAX);
	if (!name_set_read(name, network, &subnet))
		return 0;
	MUST(strlen(name) < NAME_SET);
	MUST(name[2 + strlen(network)] == '-'); /* behind "n-" */
	must_be_prefix(&subnet);
	return 0;
}

static int see_rule(const struct nft_seen *rule, void *arg, struct error *e)
{
	(void)arg;
	(void)e;
	MUST(strlen(rule->comment) + strlen(rule->jump) + strlen(rule->set) < 65536);
	if (rule->source.ip.len == 0)
		MUST(rule->source.bits == 0);
	else
		must_be_prefix(&rule->source);
	MUST(strlen(rule->in.name) < sizeof(rule->in.name));
	MUST(strlen(rule->out.name) < sizeof(rule->out.name));
	return 0;
}

static int see_base(const struct nft_base *base, void *arg, struct error *e)
{
	(void)arg;
	(void)e;
	MUST(strlen(base->table.name) + strlen(base->name) < 65536);
	return 0;
}

static int see_element(const struct nft_element *element, void *arg, struct error *e)
{
	(void)arg;
	(void)e;
	MUST(strlen(element->comment) < NFT_COMMENT);
	return 0;
}

static int get_element(struct nl *nl, struct error *e)
{
	const struct ip address = { .len = 4, .b = { 10, 1, 0, 2 } };
	const struct nft_element element = nft_address(&address, "");
	char comment[NFT_COMMENT];
	int r = nft_get_element(nl, &set, &element, comment, e);

	MUST(strlen(comment) < NFT_COMMENT);
	return r;
}

static int has_rule(struct nl *nl, struct error *e)
{
	struct nft_rule rule = nft_rule_new(&table, "postrouting");
	struct prefix prefix;

	MUST(prefix_parse("224.0.0.0/4", &prefix));
	nft_rule_in_set(&rule, NFT_SOURCE, &set);
	nft_rule_not_in(&rule, NFT_DESTINATION, &prefix);
	nft_rule_masquerade(&rule);
	return nft_has_rule(nl, &rule, e);
}

static int commit(struct nl *nl, struct error *e)
{
	struct nft_batch batch;

	nft_begin(&batch, nl);
	nft_add_table(&batch, &table);
	nft_add_set(&batch, &set);
	return nft_commit(&batch, "commit", e);
}

static int ask(struct nl *nl, uint8_t question, struct error *e)
{
	const struct nft_chain chain = { &table, "postrouting", "nat",
					 NF_INET_POST_ROUTING, 100 };

	switch (question % 10) {
	case 0:
		return nft_each_set(nl, &table, see_set, NULL, e);
	case 1:
		return nft_each_rule(nl, &table, "postrouting", see_rule, NULL, e);
	case 2:
		return has_rule(nl, e);
	case 3:
		return nft_has_chain(nl, &chain, e);
	case 4:
		return nft_ready(nl, e);
	case 5:
		return commit(nl, e);
	case 6:
		return nft_each_element(nl, &set, see_element, NULL, e);
	case 7:
		return get_element(nl, e);
	case 8:
		return nft_each_base(nl, see_base, NULL, e);
	default:
		return nft_is_dormant(nl, &table, e);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(kernel_close) struct kernel kernel = { .nl = NL_INIT, .other = -1 };
	struct error e = { 0 };

	if (size == 0)
		return 0;
	kernel = kernel_open(data + 1, size - 1);
	(void)fuzz_said(ask(&kernel.nl, data[0], &e), &e);
	return 0;
}

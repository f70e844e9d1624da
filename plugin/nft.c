/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft.c - a vocabulary for nf_tables
 */
#include "nft.h"

#include <arpa/inet.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

/* libnftnl does not look at the room left: this is more than any one message takes. */
#define MESSAGE_ROOM 4096
#define RULE_TEXT 2048
#define MESSAGE_SPANS 24 /* of IPv6, 64 bytes each, leave room for the longest names */
#define RULE_COMMENT 257 /* what user data holds, and xt_comment_info */

/*
 * The nft program's numbers for the types of a set's keys (include/datatype.h of
 * nftables).  In a key of several parts each has 6 bits of the number, and is
 * filled up to whole words.
 */
#define TYPE_IPADDR 7
#define TYPE_IP6ADDR 8
#define TYPE_ETHERADDR 9
#define TYPE_IFNAME 41
#define TYPE_AND(one, other) ((one) << 6 | (other))
#define ORDER_HOST 1 /* BYTEORDER_HOST_ENDIAN, include/datatype.h of nftables */

static const struct {
	uint32_t number, len;
	uint32_t order; /* what nft must be told of the byte order; 0 = it knows */
} types[] = {
	[NFT_IPV4_ADDR] = { TYPE_IPADDR, 4, 0 },
	[NFT_IPV6_ADDR] = { TYPE_IP6ADDR, 16, 0 },
	[NFT_IFNAME] = { TYPE_IFNAME, IFNAMSIZ, ORDER_HOST },
	[NFT_IFNAME_ETHER] = { TYPE_AND(TYPE_IFNAME, TYPE_ETHERADDR), IFNAMSIZ + 8, 0 },
};

static void set_freep(struct nftnl_set **set)
{
	if (*set)
		nftnl_set_free(*set);
}

static void chain_freep(struct nftnl_chain **chain)
{
	if (*chain)
		nftnl_chain_free(*chain);
}

static void rule_freep(struct nftnl_rule **rule)
{
	if (*rule)
		nftnl_rule_free(*rule);
}

static void udata_freep(struct nftnl_udata_buf **udata)
{
	if (*udata)
		nftnl_udata_buf_free(*udata);
}

/* Elements. */

struct nft_element nft_address(const struct ip *ip, const char *comment)
{
	struct nft_element element = { .comment = comment };

	memcpy(element.key, ip->b, sizeof(ip->b));
	return element;
}

struct nft_element nft_port(const char *ifname, const char *comment)
{
	struct nft_element element = { .comment = comment };

	memcpy(element.key, ifname, strnlen(ifname, IFNAMSIZ - 1));
	return element;
}

struct nft_element nft_port_mac(const char *ifname, const struct mac *mac,
				const char *comment)
{
	struct nft_element element = nft_port(ifname, comment);

	memcpy(element.key + IFNAMSIZ, mac->b, sizeof(mac->b));
	return element;
}

/* Batches. */

void nft_begin(struct nft_batch *batch, struct nl *nl)
{
	memset(batch->buf, 0, sizeof(batch->buf)); /* see nl_begin() */
	batch->failed = false;
	batch->tail = NULL;
	batch->nl = nl;
	batch->first = batch->last = nl_next_seq(nl);
	batch->len = nftnl_batch_begin(batch->buf, batch->first)->nlmsg_len;
}

static bool has_room(const struct nft_batch *batch)
{
	return NFT_BATCH_SIZE - batch->len >= MESSAGE_ROOM;
}

/* Begin the next message.  Return: NULL when the batch has failed. */
static struct nlmsghdr *next(struct nft_batch *batch, const struct nft_table *table,
			     uint16_t type, uint16_t flags)
{
	if (batch->failed || !has_room(batch)) {
		batch->failed = true;
		return NULL;
	}
	batch->last = nl_next_seq(batch->nl);
	batch->tail = nftnl_nlmsg_build_hdr(batch->buf + batch->len, type, table->family,
					    flags, batch->last);
	return batch->tail;
}

/* Take the message that tail points to into the batch, now that it is whole. */
static void keep(struct nft_batch *batch)
{
	batch->len += NLMSG_ALIGN(batch->tail->nlmsg_len);
}

int nft_commit(struct nft_batch *batch, const char *what, struct error *e)
{
	int r;

	if (batch->failed || !batch->tail)
		return error_set(e, ERROR_MEMORY, "cannot %s: no room to say it", what);
	batch->tail->nlmsg_flags |= NLM_F_ACK;
	batch->len += nftnl_batch_end(batch->buf + batch->len, nl_next_seq(batch->nl))
			      ->nlmsg_len;
	r = nl_send_batch(batch->nl, batch->buf, batch->len, batch->first, batch->last,
			  what, e);
	return r == NL_INVALID ? -1 : r;
}

void nft_add_table(struct nft_batch *batch, const struct nft_table *table)
{
	struct nlmsghdr *message = next(batch, table, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	struct nftnl_table *t = message ? nftnl_table_alloc() : NULL;

	if (!t) {
		batch->failed = true;
		return;
	}
	nftnl_table_set_str(t, NFTNL_TABLE_NAME, table->name);
	nftnl_table_nlmsg_build_payload(message, t);
	nftnl_table_free(t);
	keep(batch);
}

void nft_add_chain(struct nft_batch *batch, const struct nft_chain *chain)
{
	struct nlmsghdr *message =
		next(batch, chain->table, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	_cleanup_(chain_freep) struct nftnl_chain *c = message ? nftnl_chain_alloc()
							       : NULL;

	if (!c) {
		batch->failed = true;
		return;
	}
	nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, chain->table->name);
	nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, chain->name);
	nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, chain->type);
	nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM, chain->hook);
	nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, chain->priority);
	nftnl_chain_nlmsg_build_payload(message, c);
	keep(batch);
}

/* Return: a set that bears @set's name, or NULL without memory. */
static struct nftnl_set *named(const struct nft_set *set)
{
	struct nftnl_set *s = nftnl_set_alloc();

	if (!s)
		return NULL;
	if (nftnl_set_set_str(s, NFTNL_SET_TABLE, set->table->name) < 0 ||
	    nftnl_set_set_str(s, NFTNL_SET_NAME, set->name) < 0) {
		nftnl_set_free(s);
		return NULL;
	}
	nftnl_set_set_u32(s, NFTNL_SET_FAMILY, set->table->family);
	return s;
}

/* A note for the nft program, which else lists such keys as empty. */
static int put_order(struct nftnl_set *s, uint32_t order)
{
	_cleanup_(udata_freep) struct nftnl_udata_buf *udata =
		nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN);

	if (!udata || !nftnl_udata_put_u32(udata, NFTNL_UDATA_SET_KEYBYTEORDER, order))
		return -1;
	return nftnl_set_set_data(s, NFTNL_SET_USERDATA, nftnl_udata_buf_data(udata),
				  nftnl_udata_buf_len(udata));
}

static void say_set(struct nft_batch *batch, uint16_t flags, const struct nft_set *set)
{
	struct nlmsghdr *message = next(batch, set->table, NFT_MSG_NEWSET, flags);
	_cleanup_(set_freep) struct nftnl_set *s = message ? named(set) : NULL;

	if (!s) {
		batch->failed = true;
		return;
	}
	nftnl_set_set_u32(s, NFTNL_SET_ID, batch->last);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_TYPE, types[set->type].number);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_LEN, types[set->type].len);
	if (set->interval)
		nftnl_set_set_u32(s, NFTNL_SET_FLAGS, NFT_SET_INTERVAL);
	if (types[set->type].order && put_order(s, types[set->type].order) < 0) {
		batch->failed = true;
		return;
	}
	nftnl_set_nlmsg_build_payload(message, s);
	keep(batch);
}

void nft_add_set(struct nft_batch *batch, const struct nft_set *set)
{
	say_set(batch, NLM_F_CREATE | NLM_F_EXCL, set);
}

/* A set that shall not be created, and is there, is left as it is (nf_tables_newset()). */
void nft_require_set(struct nft_batch *batch, const struct nft_set *set)
{
	say_set(batch, 0, set);
}

void nft_delete_set(struct nft_batch *batch, const struct nft_set *set)
{
	struct nlmsghdr *message = next(batch, set->table, NFT_MSG_DELSET, 0);
	_cleanup_(set_freep) struct nftnl_set *s = message ? named(set) : NULL;

	if (!s) {
		batch->failed = true;
		return;
	}
	nftnl_set_nlmsg_build_payload(message, s);
	keep(batch);
}

static int put_comment(struct nftnl_set_elem *element, const char *comment)
{
	_cleanup_(udata_freep) struct nftnl_udata_buf *udata =
		nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN);

	if (!udata || !nftnl_udata_put_strz(udata, NFTNL_UDATA_SET_ELEM_COMMENT, comment))
		return -1;
	return nftnl_set_elem_set(element, NFTNL_SET_ELEM_USERDATA,
				  nftnl_udata_buf_data(udata),
				  nftnl_udata_buf_len(udata));
}

/* Give the set an element; it is the set's from then on.  Return: 0, or -1 without memory. */
static int put_element(struct nftnl_set *s, const struct nft_set *set,
		       const struct nft_element *element)
{
	struct nftnl_set_elem *elem = s ? nftnl_set_elem_alloc() : NULL;

	if (!elem)
		return -1;
	nftnl_set_elem_add(s, elem);
	if (nftnl_set_elem_set(elem, NFTNL_SET_ELEM_KEY, element->key,
			       types[set->type].len) < 0)
		return -1;
	return *element->comment ? put_comment(elem, element->comment) : 0;
}

static void change_element(struct nft_batch *batch, uint16_t type, uint16_t flags,
			   const struct nft_set *set, const struct nft_element *element)
{
	struct nlmsghdr *message = next(batch, set->table, type, flags);
	_cleanup_(set_freep) struct nftnl_set *s = message ? named(set) : NULL;

	if (put_element(s, set, element) < 0) {
		batch->failed = true;
		return;
	}
	nftnl_set_elems_nlmsg_build_payload(message, s);
	keep(batch);
}

/* One end of a span: its first address, or the one behind its last.  Return: 0, -1. */
static int put_end(struct nftnl_set *s, const struct ip *key, uint32_t flags)
{
	struct nftnl_set_elem *element = nftnl_set_elem_alloc();

	if (!element)
		return -1;
	nftnl_set_elem_add(s, element);
	if (flags)
		nftnl_set_elem_set_u32(element, NFTNL_SET_ELEM_FLAGS, flags);
	return nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, key->b, key->len);
}

/* A span that reaches to the family's last address has no end. */
static int put_span(struct nftnl_set *s, const struct span *span)
{
	struct ip behind = span->last;

	if (put_end(s, &span->first, 0) < 0)
		return -1;
	return ip_next(&behind) ? put_end(s, &behind, NFT_SET_ELEM_INTERVAL_END) : 0;
}

static void add_some_spans(struct nft_batch *batch, const struct nft_set *set,
			   const struct span *spans, size_t n)
{
	struct nlmsghdr *message =
		next(batch, set->table, NFT_MSG_NEWSETELEM, NLM_F_CREATE | NLM_F_EXCL);
	_cleanup_(set_freep) struct nftnl_set *s = message ? named(set) : NULL;

	if (!s)
		batch->failed = true;
	for (size_t i = 0; s && i < n; i++) {
		if (put_span(s, &spans[i]) < 0)
			batch->failed = true;
	}
	if (batch->failed)
		return;
	nftnl_set_elems_nlmsg_build_payload(message, s);
	keep(batch);
}

void nft_add_spans(struct nft_batch *batch, const struct nft_set *set,
		   const struct span *spans, size_t n)
{
	for (size_t i = 0; i < n; i += MESSAGE_SPANS)
		add_some_spans(batch, set, spans + i,
			       n - i < MESSAGE_SPANS ? n - i : MESSAGE_SPANS);
}

void nft_add_element(struct nft_batch *batch, const struct nft_set *set,
		     const struct nft_element *element)
{
	change_element(batch, NFT_MSG_NEWSETELEM, NLM_F_CREATE | NLM_F_EXCL, set,
		       element);
}

void nft_delete_element(struct nft_batch *batch, const struct nft_set *set,
			const struct nft_element *element)
{
	struct nft_element bare = *element;

	bare.comment = "";
	change_element(batch, NFT_MSG_DELSETELEM, 0, set, &bare);
}

/*
 * Delete in one transaction, as many as fit in.
 * @done: how many were in it.
 * Return: 0; NL_ABSENT when one of them is missing, so that all stayed; -1.
 */
static int delete_some(struct nl *nl, const struct nft_set *set,
		       const struct nft_element *elements, size_t n, size_t *done,
		       const char *what, struct error *e)
{
	struct nft_batch batch;
	int r;

	nft_begin(&batch, nl);
	for (*done = 0; *done < n && has_room(&batch); (*done)++)
		nft_delete_element(&batch, set, &elements[*done]);
	r = nft_commit(&batch, what, e);
	if (r == NL_UNSUPPORTED)
		return 0;
	return r == 0 || r == NL_ABSENT ? r : -1;
}

int nft_delete_all(struct nl *nl, const struct nft_set *set,
		   const struct nft_element *elements, size_t n, const char *what,
		   struct error *e)
{
	struct error all = { 0 }, one = { 0 };

	for (size_t from = 0, done; from < n; from += done) {
		int r = delete_some(nl, set, elements + from, n - from, &done, what,
				    &one);

		if (r == NL_ABSENT && done > 1) {
			/* a missing one keeps the others: take them one by one */
			for (size_t i = from, single; i < from + done; i++) {
				if (delete_some(nl, set, &elements[i], 1, &single, what,
						&one) < 0)
					error_join(&all, &one);
			}
		} else if (r < 0) {
			error_join(&all, &one);
		}
	}
	if (!all.code)
		return 0;
	*e = all;
	return -1;
}

/* Rules. */

struct nft_rule nft_rule_new(const struct nft_table *table, const char *chain)
{
	struct nft_rule rule = { .rule = nftnl_rule_alloc() };

	if (!rule.rule)
		return rule;
	nftnl_rule_set_u32(rule.rule, NFTNL_RULE_FAMILY, table->family);
	if (nftnl_rule_set_str(rule.rule, NFTNL_RULE_TABLE, table->name) < 0 ||
	    nftnl_rule_set_str(rule.rule, NFTNL_RULE_CHAIN, chain) < 0)
		nft_rule_clear(&rule);
	return rule;
}

void nft_rule_clear(struct nft_rule *rule)
{
	rule_freep(&rule->rule);
	rule->rule = NULL;
}

/* Append an expression.  Return: NULL, and the rule too, when memory ran out. */
static struct nftnl_expr *say(struct nft_rule *rule, const char *name)
{
	struct nftnl_expr *expr = rule->rule ? nftnl_expr_alloc(name) : NULL;

	if (!expr) {
		nft_rule_clear(rule);
		return NULL;
	}
	nftnl_rule_add_expr(rule->rule, expr);
	return expr;
}

static void compare(struct nft_rule *rule, uint32_t op, const void *data, uint32_t len)
{
	struct nftnl_expr *expr = say(rule, "cmp");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_CMP_OP, op);
	if (nftnl_expr_set(expr, NFTNL_EXPR_CMP_DATA, data, len) < 0)
		nft_rule_clear(rule);
}

/* "meta nfproto ipv4" */
static void match_family(struct nft_rule *rule, int family)
{
	const uint8_t nfproto = family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6;
	struct nftnl_expr *expr = say(rule, "meta");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_META_KEY, NFT_META_NFPROTO);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_META_DREG, NFT_REG_1);
	compare(rule, NFT_CMP_EQ, &nfproto, sizeof(nfproto));
}

/* Load the first @len bytes of an address: its offset in the header (RFC 791, RFC 8200). */
static void load(struct nft_rule *rule, enum nft_field field, int family, uint32_t len)
{
	static const uint32_t offset4[] = { [NFT_SOURCE] = 12, [NFT_DESTINATION] = 16 };
	static const uint32_t offset6[] = { [NFT_SOURCE] = 8, [NFT_DESTINATION] = 24 };
	struct nftnl_expr *expr = say(rule, "payload");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_OFFSET,
			   family == AF_INET ? offset4[field] : offset6[field]);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_LEN, len);
}

/* Look up what has been loaded.  @flags: NFT_LOOKUP_F_INV for "!=". */
static void look_up(struct nft_rule *rule, const struct nft_set *set, uint32_t flags)
{
	struct nftnl_expr *expr = say(rule, "lookup");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_FLAGS, flags);
	if (nftnl_expr_set_str(expr, NFTNL_EXPR_LOOKUP_SET, set->name) < 0)
		nft_rule_clear(rule);
}

/* The family of a set of addresses. */
static int family_of(const struct nft_set *set)
{
	return set->type == NFT_IPV4_ADDR ? AF_INET : AF_INET6;
}

void nft_rule_in_set(struct nft_rule *rule, enum nft_field field,
		     const struct nft_set *set)
{
	match_family(rule, family_of(set));
	load(rule, field, family_of(set), types[set->type].len);
	look_up(rule, set, 0);
}

void nft_rule_not_in_set(struct nft_rule *rule, enum nft_field field,
			 const struct nft_set *set)
{
	load(rule, field, family_of(set), types[set->type].len);
	look_up(rule, set, NFT_LOOKUP_F_INV);
}

/* "iifname": fills the first register whole, so that what is loaded next adjoins it. */
static void load_port(struct nft_rule *rule)
{
	struct nftnl_expr *expr = say(rule, "meta");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_META_KEY, NFT_META_IIFNAME);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_META_DREG, NFT_REG_1);
}

/* "ether saddr", behind what load_port() loaded. */
static void load_source_mac(struct nft_rule *rule)
{
	struct nftnl_expr *expr = say(rule, "payload");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_LL_HEADER);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_2);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_OFFSET,
			   offsetof(struct ethhdr, h_source));
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_LEN, ETH_ALEN);
}

void nft_rule_port_in(struct nft_rule *rule, const struct nft_set *set)
{
	load_port(rule);
	look_up(rule, set, 0);
}

void nft_rule_port_mac_not_in(struct nft_rule *rule, const struct nft_set *set)
{
	load_port(rule);
	load_source_mac(rule);
	look_up(rule, set, NFT_LOOKUP_F_INV);
}

/* The netmask of a prefix. */
static struct ip mask_of(const struct prefix *prefix)
{
	struct ip mask = { .len = prefix->ip.len };

	for (unsigned int bit = 0; bit < prefix->bits; bit++)
		mask.b[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	return mask;
}

static void apply_mask(struct nft_rule *rule, const struct ip *mask)
{
	const struct ip zero = { .len = mask->len };
	struct nftnl_expr *expr = say(rule, "bitwise");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_LEN, mask->len);
	if (nftnl_expr_set(expr, NFTNL_EXPR_BITWISE_MASK, mask->b, mask->len) < 0 ||
	    nftnl_expr_set(expr, NFTNL_EXPR_BITWISE_XOR, zero.b, zero.len) < 0)
		nft_rule_clear(rule);
}

/*
 * As nft does it, so that a ruleset it has saved and restored still has our very
 * rule: whole bytes are compared as they are, others under a mask.
 */
void nft_rule_not_in(struct nft_rule *rule, enum nft_field field,
		     const struct prefix *prefix)
{
	const struct prefix network = prefix_network(prefix);
	const struct ip mask = mask_of(prefix);
	const bool whole_bytes = prefix->bits > 0 && prefix->bits % 8 == 0;
	const uint32_t len = whole_bytes ? prefix->bits / 8u : mask.len;

	load(rule, field, ip_family(&prefix->ip), len);
	if (!whole_bytes)
		apply_mask(rule, &mask);
	compare(rule, NFT_CMP_NEQ, network.ip.b, len);
}

void nft_rule_masquerade(struct nft_rule *rule)
{
	(void)say(rule, "masq");
}

void nft_rule_drop(struct nft_rule *rule)
{
	struct nftnl_expr *expr = say(rule, "immediate");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_VERDICT, NF_DROP);
}

/* Where a rule is to be. */
static struct nft_table table_of(const struct nft_rule *rule)
{
	return (struct nft_table){
		.family = (uint8_t)nftnl_rule_get_u32(rule->rule, NFTNL_RULE_FAMILY),
		.name = nftnl_rule_get_str(rule->rule, NFTNL_RULE_TABLE),
	};
}

void nft_add_rule(struct nft_batch *batch, const struct nft_rule *rule)
{
	const struct nft_table table = rule->rule ? table_of(rule)
						  : (struct nft_table){ 0 };
	struct nlmsghdr *message =
		next(batch, &table, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);

	if (!message || !rule->rule) {
		batch->failed = true;
		return;
	}
	nftnl_rule_nlmsg_build_payload(message, rule->rule);
	keep(batch);
}

void nft_delete_rule(struct nft_batch *batch, const struct nft_table *table,
		     const char *chain, uint64_t handle)
{
	struct nlmsghdr *message = next(batch, table, NFT_MSG_DELRULE, 0);
	_cleanup_(rule_freep) struct nftnl_rule *r = message ? nftnl_rule_alloc() : NULL;

	if (!r || nftnl_rule_set_str(r, NFTNL_RULE_TABLE, table->name) < 0 ||
	    nftnl_rule_set_str(r, NFTNL_RULE_CHAIN, chain) < 0) {
		batch->failed = true;
		return;
	}
	nftnl_rule_set_u64(r, NFTNL_RULE_HANDLE, handle);
	nftnl_rule_nlmsg_build_payload(message, r);
	keep(batch);
}

void nft_delete_chain(struct nft_batch *batch, const struct nft_table *table,
		      const char *chain)
{
	struct nlmsghdr *message = next(batch, table, NFT_MSG_DELCHAIN, 0);
	_cleanup_(chain_freep) struct nftnl_chain *c = message ? nftnl_chain_alloc()
							       : NULL;

	if (!c || nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, table->name) < 0 ||
	    nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, chain) < 0) {
		batch->failed = true;
		return;
	}
	nftnl_chain_nlmsg_build_payload(message, c);
	keep(batch);
}

/* Questions. */

static void begin_question(struct nl_msg *msg, uint8_t family, uint16_t type)
{
	const struct nfgenmsg header = { .nfgen_family = family,
					 .version = NFNETLINK_V0,
					 .res_id = htons(NFNL_SUBSYS_NFTABLES) };

	nl_begin(msg, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), 0, &header,
		 sizeof(header));
}

/* Walks: nothing to walk through, and no nf_tables at all, are not failures. */
static int walked(int r)
{
	return r < 0 || r == NL_EXISTS ? -1 : 0;
}

/*
 * The expressions of a rule in libnftnl's words, which are the same for the rule
 * that was sent and the rule that comes back.
 */
static const char *expressions(const struct nftnl_rule *rule, char text[static RULE_TEXT])
{
	const char *begin;

	text[0] = '\0';
	(void)nftnl_rule_snprintf(text, RULE_TEXT, rule, NFTNL_OUTPUT_DEFAULT, 0);
	begin = strchr(text, '[');
	return begin ? begin : text;
}

struct looking {
	const char *wanted;
	bool found;
};

static int look_at_rule(const struct nlmsghdr *message, void *arg, struct error *e)
{
	struct looking *looking = arg;
	_cleanup_(rule_freep) struct nftnl_rule *rule = nftnl_rule_alloc();
	char text[RULE_TEXT];

	if (!rule)
		return error_set(e, ERROR_MEMORY,
				 "out of memory while reading nft rules");
	if (nftnl_rule_nlmsg_parse(message, rule) == 0 &&
	    strcmp(expressions(rule, text), looking->wanted) == 0)
		looking->found = true;
	return 0;
}

int nft_has_rule(struct nl *nl, const struct nft_rule *rule, struct error *e)
{
	char text[RULE_TEXT];
	struct looking looking = { 0 };
	struct nft_table table;
	struct nl_msg msg;

	if (!rule->rule)
		return error_set(e, ERROR_MEMORY,
				 "out of memory while making an nft rule");
	looking.wanted = expressions(rule->rule, text);
	table = table_of(rule);
	begin_question(&msg, table.family, NFT_MSG_GETRULE);
	nl_put_string(&msg, NFTA_RULE_TABLE, table.name);
	nl_put_string(&msg, NFTA_RULE_CHAIN,
		      nftnl_rule_get_str(rule->rule, NFTNL_RULE_CHAIN));
	if (walked(nl_dump(nl, &msg, look_at_rule, &looking, "list nft rules", e)) < 0)
		return -1;
	return looking.found;
}

static int read_chain(const struct nlmsghdr *message, void *arg, struct error *e)
{
	struct nftnl_chain *chain = arg;

	if (nftnl_chain_nlmsg_parse(message, chain) < 0)
		return error_set(e, ERROR_KERNEL,
				 "the kernel's description of a chain is cut");
	return 0;
}

static bool same_chain(const struct nftnl_chain *found, const struct nft_chain *wanted)
{
	const char *type = nftnl_chain_get_str(found, NFTNL_CHAIN_TYPE);

	return type && strcmp(type, wanted->type) == 0 &&
	       nftnl_chain_get_u32(found, NFTNL_CHAIN_HOOKNUM) == wanted->hook &&
	       nftnl_chain_get_s32(found, NFTNL_CHAIN_PRIO) == wanted->priority;
}

int nft_has_chain(struct nl *nl, const struct nft_chain *chain, struct error *e)
{
	_cleanup_(chain_freep) struct nftnl_chain *found = nftnl_chain_alloc();
	struct nl_msg msg;
	int r;

	if (!found)
		return error_set(e, ERROR_MEMORY,
				 "out of memory while reading an nft chain");
	begin_question(&msg, chain->table->family, NFT_MSG_GETCHAIN);
	nl_put_string(&msg, NFTA_CHAIN_TABLE, chain->table->name);
	nl_put_string(&msg, NFTA_CHAIN_NAME, chain->name);
	r = nl_get(nl, &msg, read_chain, found, "look up an nft chain", e);
	if (r != 0)
		return walked(r);
	return same_chain(found, chain);
}

struct visiting_bases {
	nft_base_visit *visit;
	void *arg;
};

static int visit_base(const struct nlmsghdr *message, void *arg, struct error *e)
{
	const struct visiting_bases *visiting = arg;
	_cleanup_(chain_freep) struct nftnl_chain *chain = nftnl_chain_alloc();
	struct nft_base base;

	if (!chain)
		return error_set(e, ERROR_MEMORY,
				 "out of memory while reading an nft chain");
	if (read_chain(message, chain, e) < 0)
		return -1;
	if (!nftnl_chain_is_set(chain, NFTNL_CHAIN_HOOKNUM))
		return 0;
	base = (struct nft_base){
		.table = { .family = (uint8_t)nftnl_chain_get_u32(chain,
								  NFTNL_CHAIN_FAMILY),
			   .name = nftnl_chain_get_str(chain, NFTNL_CHAIN_TABLE) },
		.name = nftnl_chain_get_str(chain, NFTNL_CHAIN_NAME),
		.hook = nftnl_chain_get_u32(chain, NFTNL_CHAIN_HOOKNUM),
		.drops = nftnl_chain_is_set(chain, NFTNL_CHAIN_POLICY) &&
			 nftnl_chain_get_u32(chain, NFTNL_CHAIN_POLICY) == NF_DROP,
	};
	return visiting->visit(&base, visiting->arg, e);
}

int nft_each_base(struct nl *nl, nft_base_visit *visit, void *arg, struct error *e)
{
	struct visiting_bases visiting = { .visit = visit, .arg = arg };
	struct nl_msg msg;

	begin_question(&msg, NFPROTO_UNSPEC, NFT_MSG_GETCHAIN);
	return walked(nl_dump(nl, &msg, visit_base, &visiting, "list nft chains", e));
}

/*
 * Find the comment in user data: a byte of type, one of length, the value, and
 * again.  Whoever made the thing may have put anything there.
 */
static void find_comment(const void *data, uint32_t len, uint8_t type, char *comment,
			 size_t room)
{
	const uint8_t *at = data;

	while (len >= 2 && at[1] <= len - 2) {
		if (at[0] == type)
			(void)snprintf(comment, room, "%.*s", at[1],
				       (const char *)at + 2);
		len -= 2U + at[1];
		at += 2 + at[1];
	}
}

/* Rules as one finds them. */

#define NO_META UINT32_MAX

/* A name without its NUL stands for all that begin with it, which are not told of. */
static void read_ifname(char name[static NFT_IFNAME_SIZE], const char *data, uint32_t len)
{
	if (len <= NFT_IFNAME_SIZE && memchr(data, '\0', len))
		memcpy(name, data, len);
}

/* A comparison with what @meta says has been loaded. */
static void read_comparison(const struct nftnl_expr *expr, struct nft_seen *seen,
			    uint32_t meta)
{
	uint32_t len = 0;
	const void *data = nftnl_expr_get(expr, NFTNL_EXPR_CMP_DATA, &len);

	if (!data || nftnl_expr_get_u32(expr, NFTNL_EXPR_CMP_OP) != NFT_CMP_EQ)
		return;
	if (meta == NFT_META_IIFNAME)
		read_ifname(seen->in, data, len);
	else if (meta == NFT_META_OIFNAME)
		read_ifname(seen->out, data, len);
	else if (meta == NFT_META_IIF && len == sizeof(seen->iif))
		memcpy(&seen->iif, data, len);
	else if (meta == NFT_META_OIF && len == sizeof(seen->oif))
		memcpy(&seen->oif, data, len);
	else if (ip_is_none(&seen->address) && (len == 4 || len == 16))
		seen->address = ip_from(data, (uint8_t)len);
}

/*
 * Read one expression of a rule.
 * @comment: room for RULE_COMMENT.
 * @meta: the key that the expression before has loaded; NO_META for none.
 */
static void read_expression(const struct nftnl_expr *expr, struct nft_seen *seen,
			    char comment[static RULE_COMMENT], uint32_t *meta)
{
	const char *name = nftnl_expr_get_str(expr, NFTNL_EXPR_NAME), *text;
	const uint32_t loaded = *meta;
	uint32_t len = 0;

	*meta = NO_META;
	if (strcmp(name, "counter") != 0 && strcmp(name, "immediate") != 0)
		seen->conditional = true;
	if (strcmp(name, "meta") == 0) {
		*meta = nftnl_expr_get_u32(expr, NFTNL_EXPR_META_KEY);
	} else if (strcmp(name, "cmp") == 0) {
		read_comparison(expr, seen, loaded);
	} else if (strcmp(name, "match") == 0) {
		text = nftnl_expr_get_str(expr, NFTNL_EXPR_MT_NAME);
		if (!text || strcmp(text, "comment") != 0)
			return;
		text = nftnl_expr_get(expr, NFTNL_EXPR_MT_INFO, &len);
		if (text)
			(void)snprintf(comment, RULE_COMMENT, "%.*s", (int)len, text);
	} else if (strcmp(name, "immediate") == 0 &&
		   nftnl_expr_is_set(expr, NFTNL_EXPR_IMM_CHAIN)) {
		seen->jump = nftnl_expr_get_str(expr, NFTNL_EXPR_IMM_CHAIN);
	} else if (strcmp(name, "immediate") == 0) {
		seen->accepts = nftnl_expr_get_u32(expr, NFTNL_EXPR_IMM_VERDICT) ==
				NF_ACCEPT;
	} else if (strcmp(name, "lookup") == 0 && !*seen->set) {
		text = nftnl_expr_get_str(expr, NFTNL_EXPR_LOOKUP_SET);
		if (text)
			seen->set = text;
	}
}

struct visiting_rules {
	nft_rule_visit *visit;
	void *arg;
};

static int visit_rule(const struct nlmsghdr *message, void *arg, struct error *e)
{
	const struct visiting_rules *visiting = arg;
	_cleanup_(rule_freep) struct nftnl_rule *rule = nftnl_rule_alloc();
	char comment[RULE_COMMENT] = "";
	struct nft_seen seen = { .comment = comment, .jump = "", .set = "" };
	struct nftnl_expr_iter *walk;
	struct nftnl_expr *expr;
	const void *data;
	uint32_t len = 0, meta = NO_META;

	if (!rule || nftnl_rule_nlmsg_parse(message, rule) < 0)
		return error_set(e, ERROR_MEMORY, "cannot read an nft rule");
	walk = nftnl_expr_iter_create(rule);
	if (!walk)
		return error_set(e, ERROR_MEMORY, "cannot read an nft rule");
	while ((expr = nftnl_expr_iter_next(walk)))
		read_expression(expr, &seen, comment, &meta);
	nftnl_expr_iter_destroy(walk);
	data = nftnl_rule_get_data(rule, NFTNL_RULE_USERDATA, &len);
	find_comment(data, data ? len : 0, NFTNL_UDATA_RULE_COMMENT, comment,
		     sizeof(comment));
	seen.handle = nftnl_rule_get_u64(rule, NFTNL_RULE_HANDLE);
	return visiting->visit(&seen, visiting->arg, e);
}

int nft_each_rule(struct nl *nl, const struct nft_table *table, const char *chain,
		  nft_rule_visit *visit, void *arg, struct error *e)
{
	struct visiting_rules visiting = { .visit = visit, .arg = arg };
	struct nl_msg msg;

	begin_question(&msg, table->family, NFT_MSG_GETRULE);
	nl_put_string(&msg, NFTA_RULE_TABLE, table->name);
	nl_put_string(&msg, NFTA_RULE_CHAIN, chain);
	return walked(nl_dump(nl, &msg, visit_rule, &visiting, "list nft rules", e));
}

/* Elements as one finds them. */

struct visiting {
	const struct nft_set *set;
	nft_element_visit *visit;
	void *arg;
};

static int visit_element(const struct nftnl_set_elem *found,
			 const struct visiting *visiting, struct error *e)
{
	struct nftnl_set_elem *elem = (struct nftnl_set_elem *)found;
	char comment[NFT_COMMENT] = "";
	struct nft_element element = { .comment = comment };
	uint32_t len = 0, data_len = 0;
	const void *key = nftnl_set_elem_get(elem, NFTNL_SET_ELEM_KEY, &len);
	const void *data = nftnl_set_elem_get(elem, NFTNL_SET_ELEM_USERDATA, &data_len);

	if (!key || len != types[visiting->set->type].len)
		return 0;
	memcpy(element.key, key, len);
	find_comment(data, data ? data_len : 0, NFTNL_UDATA_SET_ELEM_COMMENT, comment,
		     sizeof(comment));
	return visiting->visit(&element, visiting->arg, e);
}

static int visit_elements(const struct nlmsghdr *message, void *arg, struct error *e)
{
	_cleanup_(set_freep) struct nftnl_set *set = nftnl_set_alloc();
	struct nftnl_set_elems_iter *walk;
	const struct nftnl_set_elem *element;
	int r = 0;

	if (!set)
		return error_set(e, ERROR_MEMORY,
				 "out of memory while reading an nft set");
	if (nftnl_set_elems_nlmsg_parse(message, set) < 0)
		return error_set(e, ERROR_KERNEL,
				 "the kernel's description of an nft set is cut");
	walk = nftnl_set_elems_iter_create(set);
	if (!walk)
		return error_set(e, ERROR_MEMORY,
				 "out of memory while reading an nft set");
	while (r == 0 && (element = nftnl_set_elems_iter_next(walk)))
		r = visit_element(element, arg, e);
	nftnl_set_elems_iter_destroy(walk);
	return r;
}

static int keep_comment(const struct nft_element *element, void *arg, struct error *e)
{
	(void)e;
	(void)snprintf(arg, NFT_COMMENT, "%s", element->comment);
	return 0;
}

int nft_get_element(struct nl *nl, const struct nft_set *set,
		    const struct nft_element *element, char comment[static NFT_COMMENT],
		    struct error *e)
{
	struct visiting visiting = { .set = set, .visit = keep_comment, .arg = comment };
	size_t list, elem, nest;
	struct nl_msg msg;
	int r;

	comment[0] = '\0';
	begin_question(&msg, set->table->family, NFT_MSG_GETSETELEM);
	nl_put_string(&msg, NFTA_SET_ELEM_LIST_TABLE, set->table->name);
	nl_put_string(&msg, NFTA_SET_ELEM_LIST_SET, set->name);
	list = nl_nest(&msg, NFTA_SET_ELEM_LIST_ELEMENTS);
	elem = nl_nest(&msg, NFTA_LIST_ELEM);
	nest = nl_nest(&msg, NFTA_SET_ELEM_KEY);
	nl_put(&msg, NFTA_DATA_VALUE, element->key, types[set->type].len);
	nl_nest_end(&msg, nest);
	nl_nest_end(&msg, elem);
	nl_nest_end(&msg, list);
	r = nl_get(nl, &msg, visit_elements, &visiting,
		   "look up an element of an nft set", e);
	return r == 0 || r == NL_ABSENT ? r : -1;
}

int nft_each_element(struct nl *nl, const struct nft_set *set, nft_element_visit *visit,
		     void *arg, struct error *e)
{
	struct visiting visiting = { .set = set, .visit = visit, .arg = arg };
	struct nl_msg msg;

	begin_question(&msg, set->table->family, NFT_MSG_GETSETELEM);
	nl_put_string(&msg, NFTA_SET_ELEM_LIST_TABLE, set->table->name);
	nl_put_string(&msg, NFTA_SET_ELEM_LIST_SET, set->name);
	return walked(nl_dump(nl, &msg, visit_elements, &visiting, "list an nft set", e));
}

struct visiting_sets {
	nft_set_visit *visit;
	void *arg;
};

static int visit_set(const struct nlmsghdr *message, void *arg, struct error *e)
{
	const struct visiting_sets *visiting = arg;
	NL_ATTRS(attrs, NFTA_SET_NAME);
	const char *name;

	nl_parse(message, sizeof(struct nfgenmsg), &attrs);
	name = nl_string(&attrs, NFTA_SET_NAME);
	return name ? visiting->visit(name, visiting->arg, e) : 0;
}

int nft_each_set(struct nl *nl, const struct nft_table *table, nft_set_visit *visit,
		 void *arg, struct error *e)
{
	struct visiting_sets visiting = { .visit = visit, .arg = arg };
	struct nl_msg msg;

	begin_question(&msg, table->family, NFT_MSG_GETSET);
	nl_put_string(&msg, NFTA_SET_TABLE, table->name);
	return walked(nl_dump(nl, &msg, visit_set, &visiting, "list nft sets", e));
}

int nft_ready(struct nl *nl, struct error *e)
{
	struct nl_msg msg;
	int r;

	begin_question(&msg, NFPROTO_UNSPEC, NFT_MSG_GETGEN);
	r = nl_get(nl, &msg, NULL, NULL, "ask nf_tables for its generation", e);
	return r == 0 ? 0 : r == NL_INVALID || r == NL_UNSUPPORTED ? NL_UNSUPPORTED : -1;
}

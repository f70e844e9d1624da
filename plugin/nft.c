/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft.c - a vocabulary for nf_tables
 */
#include "nft.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#define MESSAGE_SPANS 24 /* of IPv6, 64 bytes each, leave room for the longest names */
#define BRACKET (NLMSG_ALIGN(NLMSG_LENGTH(sizeof(struct nfgenmsg))))
#define RULE_COMMENT 257  /* what user data holds, and xt_comment_info */
#define ATTRIBUTES_MAX 16 /* no expression of ours has more */

/*
 * User data is for the nft program alone: a byte of type, one of length, a value.
 * The types that are of use here (libnftnl/udata.h) are all 0.
 */
#define UDATA_COMMENT 0	     /* of rules and elements: a string with its NUL */
#define UDATA_KEYBYTEORDER 0 /* of sets: four bytes */

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
	[NFT_ETHER] = { TYPE_ETHERADDR, ETH_ALEN, 0 },
	[NFT_IFNAME] = { TYPE_IFNAME, IFNAMSIZ, ORDER_HOST },
	[NFT_IFNAME_ETHER] = { TYPE_AND(TYPE_IFNAME, TYPE_ETHERADDR), IFNAMSIZ + 8, 0 },
};

/* Words of all messages; nf_tables' numbers are in network byte order. */

static void begin(struct nl_msg *msg, uint8_t family, uint16_t type, uint16_t flags)
{
	const struct nfgenmsg header = { .nfgen_family = family,
					 .version = NFNETLINK_V0 };

	nl_begin(msg, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags, &header,
		 sizeof(header));
}

static void put_number(struct nl_msg *msg, uint16_t type, uint32_t value)
{
	nl_put_u32(msg, type, htonl(value));
}

static uint32_t number(const struct nl_attrs *attrs, uint16_t type)
{
	return ntohl(nl_u32(attrs, type));
}

/* A value in a nest of its own, as keys and the like are. */
static void put_value(struct nl_msg *msg, uint16_t type, const void *value, size_t len)
{
	const size_t nest = nl_nest(msg, type);

	nl_put(msg, NFTA_DATA_VALUE, value, len);
	nl_nest_end(msg, nest);
}

static const void *value_in(const struct nl_attrs *attrs, uint16_t type, size_t *len)
{
	NL_ATTRS(data, NFTA_DATA_VALUE);

	nl_parse_nest(nl_attr(attrs, type), &data);
	return nl_data(&data, NFTA_DATA_VALUE, len);
}

/* Put one entry of user data.  @type: the attribute; @entry: what it is. */
static void put_udata(struct nl_msg *msg, uint16_t type, uint8_t entry, const void *value,
		      size_t len)
{
	uint8_t udata[NFT_USERDATA_MAXLEN] = { entry, (uint8_t)len };

	if (len > sizeof(udata) - 2) {
		msg->overflow = true;
		return;
	}
	memcpy(udata + 2, value, len);
	nl_put(msg, type, udata, 2 + len);
}

/* Find the comment.  Whoever made the thing may have put anything there. */
static void find_comment(const struct nl_attrs *attrs, uint16_t type, char *comment,
			 size_t room)
{
	size_t len;
	const uint8_t *at = nl_data(attrs, type, &len);

	while (len >= 2 && at[1] <= len - 2) {
		if (at[0] == UDATA_COMMENT)
			(void)snprintf(comment, room, "%.*s", at[1],
				       (const char *)at + 2);
		len -= 2U + at[1];
		at += 2 + at[1];
	}
}

/* Elements. */

struct nft_element nft_address(const struct ip *ip, const char *comment)
{
	struct nft_element element = { .comment = comment };

	memcpy(element.key, ip->b, sizeof(ip->b));
	return element;
}

struct nft_element nft_ether(const struct mac *mac, const char *comment)
{
	struct nft_element element = { .comment = comment };

	memcpy(element.key, mac->b, sizeof(mac->b));
	return element;
}

struct nft_element nft_ifname(const char *ifname, const char *comment)
{
	struct nft_element element = { .comment = comment };

	memcpy(element.key, ifname, strnlen(ifname, IFNAMSIZ - 1));
	return element;
}

struct nft_element nft_ifname_ether(const char *ifname, const struct mac *mac,
				    const char *comment)
{
	struct nft_element element = nft_ifname(ifname, comment);

	memcpy(element.key + IFNAMSIZ, mac->b, sizeof(mac->b));
	return element;
}

/* Batches. */

/* Append a message of the batch's own: its begin, its end. */
static void bracket(struct nft_batch *batch, uint16_t type, uint32_t seq)
{
	const struct nfgenmsg subsystem = { .version = NFNETLINK_V0,
					    .res_id = htons(NFNL_SUBSYS_NFTABLES) };
	const struct nlmsghdr header = { .nlmsg_len = NLMSG_LENGTH(sizeof(subsystem)),
					 .nlmsg_type = type,
					 .nlmsg_flags = NLM_F_REQUEST,
					 .nlmsg_seq = seq };

	memcpy(batch->buf + batch->len, &header, sizeof(header));
	memcpy(batch->buf + batch->len + NLMSG_HDRLEN, &subsystem, sizeof(subsystem));
	batch->len += BRACKET;
}

void nft_begin(struct nft_batch *batch, struct nl *nl)
{
	batch->failed = false;
	batch->tail = NULL;
	batch->nl = nl;
	batch->len = 0;
	batch->first = batch->last = nl_next_seq(nl);
	bracket(batch, NFNL_MSG_BATCH_BEGIN, batch->first);
}

void nft_begin_upon(struct nft_batch *batch, struct nl *nl, uint32_t generation)
{
	struct nlmsghdr *begin = (struct nlmsghdr *)batch->buf;
	const struct nlattr attr = { .nla_len = sizeof(attr) + sizeof(generation),
				     .nla_type = NFNL_BATCH_GENID };

	nft_begin(batch, nl);
	generation = htonl(generation);
	memcpy(batch->buf + batch->len, &attr, sizeof(attr));
	memcpy(batch->buf + batch->len + sizeof(attr), &generation, sizeof(generation));
	batch->len += attr.nla_len;
	begin->nlmsg_len += attr.nla_len;
}

/* For any message, and the end. */
bool nft_has_room(const struct nft_batch *batch)
{
	return NFT_BATCH_SIZE - batch->len >= NL_MSG_SIZE + BRACKET;
}

/* Take a message into the batch. */
static void append(struct nft_batch *batch, const struct nl_msg *msg)
{
	const struct nlmsghdr *message = nl_message(msg);

	if (batch->failed || msg->overflow || !nft_has_room(batch)) {
		batch->failed = true;
		return;
	}
	batch->last = nl_next_seq(batch->nl);
	batch->tail = (struct nlmsghdr *)(batch->buf + batch->len);
	memcpy(batch->tail, message, NLMSG_ALIGN(message->nlmsg_len));
	batch->tail->nlmsg_seq = batch->last;
	batch->len += NLMSG_ALIGN(message->nlmsg_len);
}

int nft_commit(struct nft_batch *batch, const char *what, struct error *e)
{
	int r;

	if (batch->failed || !batch->tail)
		return error_set(e, ERROR_MEMORY, "cannot %s: no room to say it", what);
	batch->tail->nlmsg_flags |= NLM_F_ACK;
	bracket(batch, NFNL_MSG_BATCH_END, nl_next_seq(batch->nl));
	r = nl_send_batch(batch->nl, batch->buf, batch->len, batch->first, batch->last,
			  what, e);
	return r == NL_INVALID ? -1 : r;
}

void nft_add_table(struct nft_batch *batch, const struct nft_table *table)
{
	struct nl_msg msg;

	begin(&msg, table->family, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	nl_put_string(&msg, NFTA_TABLE_NAME, table->name);
	append(batch, &msg);
}

/* Begin a message about a chain that is there or is to be. */
static void begin_chain(struct nl_msg *msg, const struct nft_table *table,
			const char *chain, uint16_t type, uint16_t flags)
{
	begin(msg, table->family, type, flags);
	nl_put_string(msg, NFTA_CHAIN_TABLE, table->name);
	nl_put_string(msg, NFTA_CHAIN_NAME, chain);
}

void nft_add_chain(struct nft_batch *batch, const struct nft_chain *chain)
{
	struct nl_msg msg;
	size_t hook;

	begin_chain(&msg, chain->table, chain->name, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	hook = nl_nest(&msg, NFTA_CHAIN_HOOK);
	put_number(&msg, NFTA_HOOK_HOOKNUM, chain->hook);
	put_number(&msg, NFTA_HOOK_PRIORITY, (uint32_t)chain->priority);
	nl_nest_end(&msg, hook);
	nl_put_string(&msg, NFTA_CHAIN_TYPE, chain->type);
	append(batch, &msg);
}

void nft_delete_chain(struct nft_batch *batch, const struct nft_table *table,
		      const char *chain)
{
	struct nl_msg msg;

	begin_chain(&msg, table, chain, NFT_MSG_DELCHAIN, 0);
	append(batch, &msg);
}

static void begin_set(struct nl_msg *msg, const struct nft_set *set, uint16_t type,
		      uint16_t flags)
{
	begin(msg, set->table->family, type, flags);
	nl_put_string(msg, NFTA_SET_TABLE, set->table->name);
	nl_put_string(msg, NFTA_SET_NAME, set->name);
}

static void say_set(struct nft_batch *batch, uint16_t flags, const struct nft_set *set)
{
	const uint32_t order = types[set->type].order;
	struct nl_msg msg;

	begin_set(&msg, set, NFT_MSG_NEWSET, flags);
	put_number(&msg, NFTA_SET_ID, batch->last);
	put_number(&msg, NFTA_SET_KEY_TYPE, types[set->type].number);
	put_number(&msg, NFTA_SET_KEY_LEN, types[set->type].len);
	if (set->interval)
		put_number(&msg, NFTA_SET_FLAGS, NFT_SET_INTERVAL);
	if (order) /* or the nft program lists such keys as empty */
		put_udata(&msg, NFTA_SET_USERDATA, UDATA_KEYBYTEORDER, &order,
			  sizeof(order));
	append(batch, &msg);
}

void nft_add_set(struct nft_batch *batch, const struct nft_set *set)
{
	say_set(batch, NLM_F_CREATE | NLM_F_EXCL, set);
}

void nft_ensure_set(struct nft_batch *batch, const struct nft_set *set)
{
	say_set(batch, NLM_F_CREATE, set);
}

/* A set that shall not be created, and is there, is left as it is (nf_tables_newset()). */
void nft_require_set(struct nft_batch *batch, const struct nft_set *set)
{
	say_set(batch, 0, set);
}

void nft_delete_set(struct nft_batch *batch, const struct nft_set *set)
{
	struct nl_msg msg;

	begin_set(&msg, set, NFT_MSG_DELSET, 0);
	append(batch, &msg);
}

/* Begin a message about elements.  Return: their nest. */
static size_t begin_elements(struct nl_msg *msg, const struct nft_set *set, uint16_t type,
			     uint16_t flags)
{
	begin(msg, set->table->family, type, flags);
	nl_put_string(msg, NFTA_SET_ELEM_LIST_TABLE, set->table->name);
	nl_put_string(msg, NFTA_SET_ELEM_LIST_SET, set->name);
	return nl_nest(msg, NFTA_SET_ELEM_LIST_ELEMENTS);
}

static void put_element(struct nl_msg *msg, const void *key, size_t len, uint32_t flags,
			const char *comment)
{
	const size_t nest = nl_nest(msg, NFTA_LIST_ELEM);

	if (flags)
		put_number(msg, NFTA_SET_ELEM_FLAGS, flags);
	put_value(msg, NFTA_SET_ELEM_KEY, key, len);
	if (*comment)
		put_udata(msg, NFTA_SET_ELEM_USERDATA, UDATA_COMMENT, comment,
			  strlen(comment) + 1);
	nl_nest_end(msg, nest);
}

/* A message about a single element. */
static void say_element(struct nl_msg *msg, const struct nft_set *set,
			const struct nft_element *element, const char *comment,
			uint16_t type, uint16_t flags)
{
	const size_t elements = begin_elements(msg, set, type, flags);

	put_element(msg, element->key, types[set->type].len, 0, comment);
	nl_nest_end(msg, elements);
}

/* A span's first address and the one behind its last; the family's last has none behind it. */
static void put_span(struct nl_msg *msg, const struct span *span)
{
	struct ip behind = span->last;

	put_element(msg, span->first.b, span->first.len, 0, "");
	if (ip_next(&behind))
		put_element(msg, behind.b, behind.len, NFT_SET_ELEM_INTERVAL_END, "");
}

void nft_add_spans(struct nft_batch *batch, const struct nft_set *set,
		   const struct span *spans, size_t n)
{
	for (size_t i = 0; i < n;) {
		struct nl_msg msg;
		const size_t elements = begin_elements(&msg, set, NFT_MSG_NEWSETELEM,
						       NLM_F_CREATE | NLM_F_EXCL);

		for (size_t end = i + MESSAGE_SPANS; i < n && i < end; i++)
			put_span(&msg, &spans[i]);
		nl_nest_end(&msg, elements);
		append(batch, &msg);
	}
}

void nft_add_element(struct nft_batch *batch, const struct nft_set *set,
		     const struct nft_element *element)
{
	struct nl_msg msg;

	say_element(&msg, set, element, element->comment, NFT_MSG_NEWSETELEM,
		    NLM_F_CREATE | NLM_F_EXCL);
	append(batch, &msg);
}

void nft_delete_element(struct nft_batch *batch, const struct nft_set *set,
			const struct nft_element *element)
{
	struct nl_msg msg;

	say_element(&msg, set, element, "", NFT_MSG_DELSETELEM, 0);
	append(batch, &msg);
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
	for (*done = 0; *done < n && nft_has_room(&batch); (*done)++)
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
	struct error all, one;

	error_none(&all);
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
	return error_gathered(&all, e);
}

/* Rules. */

struct nft_rule nft_rule_new(const struct nft_table *table, const char *chain)
{
	struct nft_rule rule;

	begin(&rule.msg, table->family, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
	nl_put_string(&rule.msg, NFTA_RULE_TABLE, table->name);
	nl_put_string(&rule.msg, NFTA_RULE_CHAIN, chain);
	rule.expressions = nl_nest(&rule.msg, NFTA_RULE_EXPRESSIONS);
	return rule;
}

/* The nests of an expression that is being said. */
struct saying {
	struct nl_msg *msg;
	size_t expressions, elem, data;
};

/* Begin an expression, the last of its rule. */
static struct saying say(struct nft_rule *rule, const char *name)
{
	struct saying saying = { .msg = &rule->msg, .expressions = rule->expressions };

	saying.elem = nl_nest(&rule->msg, NFTA_LIST_ELEM);
	nl_put_string(&rule->msg, NFTA_EXPR_NAME, name);
	saying.data = nl_nest(&rule->msg, NFTA_EXPR_DATA);
	return saying;
}

/* The rule is whole again. */
static void said(const struct saying *saying)
{
	nl_nest_end(saying->msg, saying->data);
	nl_nest_end(saying->msg, saying->elem);
	nl_nest_end(saying->msg, saying->expressions);
}

static void compare(struct nft_rule *rule, uint32_t op, const void *data, uint32_t len)
{
	const struct saying cmp = say(rule, "cmp");

	put_number(cmp.msg, NFTA_CMP_SREG, NFT_REG_1);
	put_number(cmp.msg, NFTA_CMP_OP, op);
	put_value(cmp.msg, NFTA_CMP_DATA, data, len);
	said(&cmp);
}

/* Load what is known of a packet beside its bytes. */
static void load_meta(struct nft_rule *rule, uint32_t key)
{
	const struct saying meta = say(rule, "meta");

	put_number(meta.msg, NFTA_META_KEY, key);
	put_number(meta.msg, NFTA_META_DREG, NFT_REG_1);
	said(&meta);
}

/* Load some of a packet's bytes. */
static void load_bytes(struct nft_rule *rule, uint32_t reg, uint32_t base,
		       uint32_t offset, uint32_t len)
{
	const struct saying payload = say(rule, "payload");

	put_number(payload.msg, NFTA_PAYLOAD_DREG, reg);
	put_number(payload.msg, NFTA_PAYLOAD_BASE, base);
	put_number(payload.msg, NFTA_PAYLOAD_OFFSET, offset);
	put_number(payload.msg, NFTA_PAYLOAD_LEN, len);
	said(&payload);
}

/* "meta nfproto ipv4" */
static void match_family(struct nft_rule *rule, int family)
{
	const uint8_t nfproto = family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6;

	load_meta(rule, NFT_META_NFPROTO);
	compare(rule, NFT_CMP_EQ, &nfproto, sizeof(nfproto));
}

/* Load the first @len bytes of an address: its offset in the header (RFC 791, RFC 8200). */
static void load_address(struct nft_rule *rule, enum nft_field field, int family,
			 uint32_t len)
{
	static const uint32_t offset4[] = { [NFT_SOURCE] = 12, [NFT_DESTINATION] = 16 };
	static const uint32_t offset6[] = { [NFT_SOURCE] = 8, [NFT_DESTINATION] = 24 };

	load_bytes(rule, NFT_REG_1, NFT_PAYLOAD_NETWORK_HEADER,
		   family == AF_INET ? offset4[field] : offset6[field], len);
}

/* Look up what has been loaded.  @flags: NFT_LOOKUP_F_INV for "!=". */
static void look_up(struct nft_rule *rule, const struct nft_set *set, uint32_t flags)
{
	const struct saying lookup = say(rule, "lookup");

	nl_put_string(lookup.msg, NFTA_LOOKUP_SET, set->name);
	put_number(lookup.msg, NFTA_LOOKUP_SREG, NFT_REG_1);
	put_number(lookup.msg, NFTA_LOOKUP_FLAGS, flags);
	said(&lookup);
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
	load_address(rule, field, family_of(set), types[set->type].len);
	look_up(rule, set, 0);
}

void nft_rule_not_in_set(struct nft_rule *rule, enum nft_field field,
			 const struct nft_set *set)
{
	load_address(rule, field, family_of(set), types[set->type].len);
	look_up(rule, set, NFT_LOOKUP_F_INV);
}

void nft_rule_iifname_in(struct nft_rule *rule, const struct nft_set *set)
{
	load_meta(rule, NFT_META_IIFNAME);
	look_up(rule, set, 0);
}

void nft_rule_ether_daddr_in(struct nft_rule *rule, const struct nft_set *set)
{
	load_bytes(rule, NFT_REG_1, NFT_PAYLOAD_LL_HEADER,
		   offsetof(struct ethhdr, h_dest), ETH_ALEN);
	look_up(rule, set, 0);
}

/* The name fills the first register whole, so that the MAC in the second adjoins it. */
void nft_rule_iifname_ether_not_in(struct nft_rule *rule, const struct nft_set *set)
{
	load_meta(rule, NFT_META_IIFNAME);
	load_bytes(rule, NFT_REG_2, NFT_PAYLOAD_LL_HEADER,
		   offsetof(struct ethhdr, h_source), ETH_ALEN);
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
	const struct saying bitwise = say(rule, "bitwise");

	put_number(bitwise.msg, NFTA_BITWISE_SREG, NFT_REG_1);
	put_number(bitwise.msg, NFTA_BITWISE_DREG, NFT_REG_1);
	put_number(bitwise.msg, NFTA_BITWISE_LEN, mask->len);
	put_value(bitwise.msg, NFTA_BITWISE_MASK, mask->b, mask->len);
	put_value(bitwise.msg, NFTA_BITWISE_XOR, zero.b, zero.len);
	said(&bitwise);
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

	load_address(rule, field, ip_family(&prefix->ip), len);
	if (!whole_bytes)
		apply_mask(rule, &mask);
	compare(rule, NFT_CMP_NEQ, network.ip.b, len);
}

void nft_rule_masquerade(struct nft_rule *rule)
{
	const struct saying masq = say(rule, "masq");

	said(&masq);
}

void nft_rule_notrack(struct nft_rule *rule)
{
	const size_t elem = nl_nest(&rule->msg, NFTA_LIST_ELEM);

	/* no word more: the kernel shows it so, which nft_has_rule() compares */
	nl_put_string(&rule->msg, NFTA_EXPR_NAME, "notrack");
	nl_nest_end(&rule->msg, elem);
	nl_nest_end(&rule->msg, rule->expressions);
}

void nft_rule_drop(struct nft_rule *rule)
{
	const struct saying immediate = say(rule, "immediate");
	size_t data, verdict;

	put_number(immediate.msg, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	data = nl_nest(immediate.msg, NFTA_IMMEDIATE_DATA);
	verdict = nl_nest(immediate.msg, NFTA_DATA_VERDICT);
	put_number(immediate.msg, NFTA_VERDICT_CODE, NF_DROP);
	nl_nest_end(immediate.msg, verdict);
	nl_nest_end(immediate.msg, data);
	said(&immediate);
}

void nft_add_rule(struct nft_batch *batch, const struct nft_rule *rule)
{
	append(batch, &rule->msg);
}

void nft_delete_rule(struct nft_batch *batch, const struct nft_table *table,
		     const char *chain, uint64_t handle)
{
	const uint64_t value = htobe64(handle);
	struct nl_msg msg;

	begin(&msg, table->family, NFT_MSG_DELRULE, 0);
	nl_put_string(&msg, NFTA_RULE_TABLE, table->name);
	nl_put_string(&msg, NFTA_RULE_CHAIN, chain);
	nl_put(&msg, NFTA_RULE_HANDLE, &value, sizeof(value));
	append(batch, &msg);
}

/* Questions. */

/* Nothing to look at, and no nf_tables at all (NL_INVALID), are not failures. */
static int walked(int r)
{
	return r < 0 || r == NL_EXISTS ? -1 : 0;
}

/*
 * Is what the kernel shows that which it was told?  It adds attributes of what it
 * could have been told besides, which are zero then.
 */
static bool same_attributes(const struct nlattr *told, const struct nlattr *shown)
{
	NL_ATTRS(ours, ATTRIBUTES_MAX);
	NL_ATTRS(theirs, ATTRIBUTES_MAX);

	nl_parse_nest(told, &ours);
	nl_parse_nest(shown, &theirs);
	for (uint16_t type = 0; type <= ATTRIBUTES_MAX; type++) {
		const struct nlattr *one = nl_attr(&ours, type);
		const struct nlattr *other = nl_attr(&theirs, type);

		if (one && !(other && (nl_is_nest(one) ? same_attributes(one, other)
						       : nl_is_same(one, other))))
			return false;
		if (!one && other && !nl_is_zero(other))
			return false;
	}
	return true;
}

static bool same_expression(const struct nlattr *told, const struct nlattr *shown)
{
	return told && shown && same_attributes(told, shown);
}

static bool same_expressions(const struct nlattr *told, const struct nlattr *shown)
{
	const struct nlattr *one = nl_child(told, NULL), *other = nl_child(shown, NULL);

	while (same_expression(one, other)) {
		one = nl_child(told, one);
		other = nl_child(shown, other);
	}
	return !one && !other;
}

struct looking {
	const struct nlattr *wanted;
	bool found;
};

static int look_at_rule(const struct nlmsghdr *message, void *arg, struct error *e)
{
	struct looking *looking = arg;
	NL_ATTRS(attrs, NFTA_RULE_EXPRESSIONS);

	(void)e;
	nl_parse(message, sizeof(struct nfgenmsg), &attrs);
	if (same_expressions(looking->wanted, nl_attr(&attrs, NFTA_RULE_EXPRESSIONS)))
		looking->found = true;
	return 0;
}

/* Begin to ask for the rules of a chain. */
static void begin_rules(struct nl_msg *msg, uint8_t family, const char *table,
			const char *chain)
{
	begin(msg, family, NFT_MSG_GETRULE, 0);
	nl_put_string(msg, NFTA_RULE_TABLE, table);
	nl_put_string(msg, NFTA_RULE_CHAIN, chain);
}

int nft_has_rule(struct nl *nl, const struct nft_rule *rule, struct error *e)
{
	const struct nlmsghdr *message = nl_message(&rule->msg);
	const struct nfgenmsg *header = nl_header(message, sizeof(*header));
	NL_ATTRS(attrs, NFTA_RULE_EXPRESSIONS);
	struct looking looking = { 0 };
	struct nl_msg msg;
	int r;

	nl_parse(message, sizeof(*header), &attrs);
	looking.wanted = nl_attr(&attrs, NFTA_RULE_EXPRESSIONS);
	begin_rules(&msg, header->nfgen_family, nl_string(&attrs, NFTA_RULE_TABLE),
		    nl_string(&attrs, NFTA_RULE_CHAIN));
	r = walked(nl_dump(nl, &msg, look_at_rule, &looking, "list nft rules", e));
	/* what has been seen is there, though the rest may not have been */
	return looking.found ? 1 : r;
}

static int read_dormant(const struct nlmsghdr *message, void *arg, struct error *e)
{
	bool *dormant = arg;
	NL_ATTRS(attrs, NFTA_TABLE_FLAGS);

	(void)e;
	nl_parse(message, sizeof(struct nfgenmsg), &attrs);
	*dormant = number(&attrs, NFTA_TABLE_FLAGS) & NFT_TABLE_F_DORMANT;
	return 0;
}

/* Begin a message about a table that is there. */
static void begin_table(struct nl_msg *msg, const struct nft_table *table, uint16_t type)
{
	begin(msg, table->family, type, 0);
	nl_put_string(msg, NFTA_TABLE_NAME, table->name);
}

int nft_is_dormant(struct nl *nl, const struct nft_table *table, struct error *e)
{
	bool dormant = false;
	struct nl_msg msg;
	int r;

	begin_table(&msg, table, NFT_MSG_GETTABLE);
	r = nl_get(nl, &msg, read_dormant, &dormant, "look up an nft table", e);
	return walked(r) < 0 ? -1 : dormant;
}

int nft_wake(struct nl *nl, const struct nft_table *table, struct error *e)
{
	int r = nft_is_dormant(nl, table, e);
	struct nft_batch batch;
	struct nl_msg msg;

	if (r <= 0)
		return r;
	begin_table(&msg, table, NFT_MSG_NEWTABLE);
	put_number(&msg, NFTA_TABLE_FLAGS, 0);
	nft_begin(&batch, nl);
	append(&batch, &msg);
	return walked(nft_commit(&batch, "wake a dormant nft table up", e));
}

/* Sort the attributes of a chain, and those of its hook. */
static void parse_chain(const struct nlmsghdr *message, struct nl_attrs *chain,
			struct nl_attrs *hook)
{
	nl_parse(message, sizeof(struct nfgenmsg), chain);
	nl_parse_nest(nl_attr(chain, NFTA_CHAIN_HOOK), hook);
}

struct comparing {
	const struct nft_chain *wanted;
	bool there, same;
};

static int compare_chain(const struct nlmsghdr *message, void *arg, struct error *e)
{
	struct comparing *comparing = arg;
	NL_ATTRS(chain, NFTA_CHAIN_TYPE);
	NL_ATTRS(hook, NFTA_HOOK_PRIORITY);
	const char *type;

	(void)e;
	parse_chain(message, &chain, &hook);
	type = nl_string(&chain, NFTA_CHAIN_TYPE);
	comparing->there = true;
	comparing->same = type && strcmp(type, comparing->wanted->type) == 0 &&
			  number(&hook, NFTA_HOOK_HOOKNUM) == comparing->wanted->hook &&
			  (int32_t)number(&hook, NFTA_HOOK_PRIORITY) ==
				  comparing->wanted->priority;
	return 0;
}

static int find_chain(struct nl *nl, struct comparing *comparing, struct error *e)
{
	const struct nft_chain *chain = comparing->wanted;
	struct nl_msg msg;

	begin_chain(&msg, chain->table, chain->name, NFT_MSG_GETCHAIN, 0);
	return walked(
		nl_get(nl, &msg, compare_chain, comparing, "look up an nft chain", e));
}

int nft_has_chain(struct nl *nl, const struct nft_chain *chain, struct error *e)
{
	struct comparing comparing = { .wanted = chain };

	return find_chain(nl, &comparing, e) < 0 ? -1 : comparing.same;
}

int nft_has_other_chain(struct nl *nl, const struct nft_chain *chain, struct error *e)
{
	struct comparing comparing = { .wanted = chain };

	if (find_chain(nl, &comparing, e) < 0)
		return -1;
	return comparing.there && !comparing.same;
}

struct visiting_bases {
	nft_base_visit *visit;
	void *arg;
};

static int visit_base(const struct nlmsghdr *message, void *arg, struct error *e)
{
	const struct visiting_bases *visiting = arg;
	const struct nfgenmsg *header = nl_header(message, sizeof(*header));
	NL_ATTRS(chain, NFTA_CHAIN_TYPE);
	NL_ATTRS(hook, NFTA_HOOK_PRIORITY);
	struct nft_base base;

	parse_chain(message, &chain, &hook);
	if (!header || !nl_attr(&hook, NFTA_HOOK_HOOKNUM))
		return 0;
	base = (struct nft_base){
		.table = { .family = header->nfgen_family,
			   .name = nl_string(&chain, NFTA_CHAIN_TABLE) },
		.name = nl_string(&chain, NFTA_CHAIN_NAME),
		.hook = number(&hook, NFTA_HOOK_HOOKNUM),
		.drops = nl_attr(&chain, NFTA_CHAIN_POLICY) &&
			 number(&chain, NFTA_CHAIN_POLICY) == NF_DROP,
	};
	if (!base.table.name || !base.name)
		return error_set(e, ERROR_KERNEL,
				 "the kernel's description of a chain is cut");
	return visiting->visit(&base, visiting->arg, e);
}

int nft_each_base(struct nl *nl, nft_base_visit *visit, void *arg, struct error *e)
{
	struct visiting_bases visiting = { .visit = visit, .arg = arg };
	struct nl_msg msg;

	begin(&msg, NFPROTO_UNSPEC, NFT_MSG_GETCHAIN, 0);
	return walked(nl_dump(nl, &msg, visit_base, &visiting, "list nft chains", e));
}

/* Rules as one finds them. */

/* What an expression has loaded, for those behind it. */
struct loaded {
	enum { NOTHING, META, STATE, SOURCE } what;
	uint32_t key;	     /* META: NFT_META_* */
	uint8_t address_len; /* SOURCE: of the whole address, in bytes */
	bool masked;
	struct ip mask; /* what "bitwise" leaves of it */
};

/* What is gathered of a rule. */
struct reading {
	struct nft_seen seen;
	char comment[RULE_COMMENT];
	struct loaded loaded;
};

/* A name without its NUL stands for all that begin with it. */
static bool read_ifname(struct nft_device *device, const char *data, size_t len)
{
	const size_t end = strnlen(data, len);

	if (end == 0 || end >= sizeof(device->name))
		return false;
	memcpy(device->name, data, end);
	device->name[end] = '\0';
	device->len = end < len ? end + 1 : end;
	return true;
}

static bool read_ifindex(struct nft_device *device, const void *data, size_t len)
{
	if (len != sizeof(device->index))
		return false;
	memcpy(&device->index, data, len);
	return true;
}

/* Return: is it a device, and all that the rule asks of it in this direction? */
static bool read_device(struct reading *reading, const char *data, size_t len, bool other)
{
	const uint32_t key = reading->loaded.key;
	const bool in = key == NFT_META_IIFNAME || key == NFT_META_IIF;
	struct nft_device *device = in ? &reading->seen.in : &reading->seen.out;

	if (*device->name || device->index)
		return false;
	device->other = other;
	if (key == NFT_META_IIFNAME || key == NFT_META_OIFNAME)
		return read_ifname(device, data, len);
	if (key == NFT_META_IIF || key == NFT_META_OIF)
		return read_ifindex(device, data, len);
	return false;
}

static bool read_family(struct reading *reading, const uint8_t *data, size_t len)
{
	if (reading->loaded.key != NFT_META_NFPROTO || len != 1)
		return false;
	reading->seen.family = *data;
	return true;
}

/* Is one of these states that of a new connection?  The mask is in our byte order. */
static bool read_state(struct reading *reading)
{
	uint32_t states;

	if (!reading->loaded.masked || reading->loaded.mask.len != sizeof(states))
		return false;
	memcpy(&states, reading->loaded.mask.b, sizeof(states));
	reading->seen.of_answers |= !(states & NF_CT_STATE_BIT(IP_CT_NEW));
	return true;
}

/* nft and iptables load no more bytes of an address than its prefix has, or mask it. */
static bool read_source(struct reading *reading, const uint8_t *data, size_t len)
{
	const struct loaded *loaded = &reading->loaded;
	struct prefix *source = &reading->seen.source;
	unsigned int bits = 8 * (unsigned int)len;

	if (!ip_is_none(&source->ip) || len > loaded->address_len ||
	    (loaded->masked && loaded->mask.len != len))
		return false;
	if (loaded->masked)
		for (bits = 0; bits < 8u * loaded->mask.len; bits++)
			if (!(loaded->mask.b[bits / 8] & 0x80 >> bits % 8))
				break;
	source->ip.len = loaded->address_len;
	memcpy(source->ip.b, data, len);
	source->bits = (uint8_t)bits;
	return true;
}

/* What has been loaded is compared.  Return: is it understood? */
static bool read_compared(struct reading *reading, const void *data, size_t len,
			  uint32_t op)
{
	const bool equal = op == NFT_CMP_EQ;

	if (!data || (!equal && op != NFT_CMP_NEQ))
		return false;
	switch (reading->loaded.what) {
	case META:
		return read_device(reading, data, len, !equal) ||
		       (equal && read_family(reading, data, len));
	case STATE:
		return !equal && read_state(reading);
	case SOURCE:
		return equal && read_source(reading, data, len);
	default:
		return false;
	}
}

static void read_comparison(const struct nl_attrs *attrs, struct reading *reading)
{
	size_t len;
	const void *data = value_in(attrs, NFTA_CMP_DATA, &len);

	if (!read_compared(reading, data, len, number(attrs, NFTA_CMP_OP)))
		reading->seen.particular = true;
	reading->loaded.what = NOTHING;
}

static void read_meta(const struct nl_attrs *attrs, struct reading *reading)
{
	reading->loaded =
		(struct loaded){ .what = META, .key = number(attrs, NFTA_META_KEY) };
}

static void read_ct(const struct nl_attrs *attrs, struct reading *reading)
{
	const bool state = number(attrs, NFTA_CT_KEY) == NFT_CT_STATE;

	reading->loaded = (struct loaded){ .what = state ? STATE : NOTHING };
}

static void read_payload(const struct nl_attrs *attrs, struct reading *reading)
{
	const uint32_t offset = number(attrs, NFTA_PAYLOAD_OFFSET);
	struct loaded *loaded = &reading->loaded;

	*loaded = (struct loaded){ .what = NOTHING };
	if (number(attrs, NFTA_PAYLOAD_BASE) != NFT_PAYLOAD_NETWORK_HEADER)
		return;
	if (offset == offsetof(struct iphdr, saddr))
		loaded->address_len = 4;
	else if (offset == offsetof(struct ipv6hdr, saddr))
		loaded->address_len = 16;
	else
		return;
	loaded->what = SOURCE;
}

static void read_bitwise(const struct nl_attrs *attrs, struct reading *reading)
{
	struct loaded *loaded = &reading->loaded;
	size_t len;
	const uint8_t *mask = value_in(attrs, NFTA_BITWISE_MASK, &len);

	if (!mask || len > sizeof(loaded->mask.b) || loaded->masked) {
		loaded->what = NOTHING;
		return;
	}
	loaded->masked = true;
	loaded->mask.len = (uint8_t)len;
	memcpy(loaded->mask.b, mask, len);
}

/* A match of iptables'. */
static void read_match(const struct nl_attrs *attrs, struct reading *reading)
{
	const char *name = nl_string(attrs, NFTA_MATCH_NAME);
	size_t len;
	const char *info = nl_data(attrs, NFTA_MATCH_INFO, &len);

	if (name && strcmp(name, "comment") == 0 && info)
		(void)snprintf(reading->comment, sizeof(reading->comment), "%.*s",
			       (int)len, info);
	else
		reading->seen.particular = true;
}

static void read_immediate(const struct nl_attrs *attrs, struct reading *reading)
{
	NL_ATTRS(data, NFTA_DATA_VERDICT);
	NL_ATTRS(verdict, NFTA_VERDICT_CHAIN);
	const char *chain;

	nl_parse_nest(nl_attr(attrs, NFTA_IMMEDIATE_DATA), &data);
	nl_parse_nest(nl_attr(&data, NFTA_DATA_VERDICT), &verdict);
	chain = nl_string(&verdict, NFTA_VERDICT_CHAIN);
	if (!nl_attr(&verdict, NFTA_VERDICT_CODE))
		return;
	switch ((int)number(&verdict, NFTA_VERDICT_CODE)) {
	case NF_ACCEPT:
		reading->seen.accepts = true;
		break;
	case NF_DROP:
		reading->seen.drops = true;
		break;
	case NFT_RETURN:
		reading->seen.returns = true;
		break;
	case NFT_GOTO:
		reading->seen.leaves = true;
		/* fall through */
	case NFT_JUMP:
		reading->seen.jump = chain ? chain : "";
		break;
	default:
		break;
	}
}

static void read_reject(const struct nl_attrs *attrs, struct reading *reading)
{
	(void)attrs;
	reading->seen.drops = true;
}

/* A target of iptables' that nf_tables has no expression for. */
static void read_target(const struct nl_attrs *attrs, struct reading *reading)
{
	const char *name = nl_string(attrs, NFTA_TARGET_NAME);

	reading->seen.drops = name && strcmp(name, "REJECT") == 0;
}

static void read_lookup(const struct nl_attrs *attrs, struct reading *reading)
{
	const char *set = nl_string(attrs, NFTA_LOOKUP_SET);

	if (set && !*reading->seen.set)
		reading->seen.set = set;
}

static void read_masquerade(const struct nl_attrs *attrs, struct reading *reading)
{
	(void)attrs;
	reading->seen.masquerades = true;
}

static void read_nothing(const struct nl_attrs *attrs, struct reading *reading)
{
	(void)attrs;
	(void)reading;
}

/* The expressions that are understood; any other asks for something particular. */
static const struct expression {
	const char *name;
	void (*read)(const struct nl_attrs *attrs, struct reading *reading);
	bool asks;
} expressions[] = {
	{ "meta", read_meta, false },	    { "ct", read_ct, false },
	{ "payload", read_payload, false }, { "bitwise", read_bitwise, false },
	{ "cmp", read_comparison, false },  { "match", read_match, false },
	{ "lookup", read_lookup, true },    { "immediate", read_immediate, false },
	{ "masq", read_masquerade, false }, { "reject", read_reject, false },
	{ "target", read_target, false },   { "counter", read_nothing, false },
	{ "log", read_nothing, false },
};

static const struct expression *find_expression(const char *name)
{
	static const struct expression other = { "", read_nothing, true };

	for (size_t i = 0; name && i < COUNT(expressions); i++) {
		if (strcmp(expressions[i].name, name) == 0)
			return &expressions[i];
	}
	return &other;
}

static void read_expression(const struct nlattr *elem, struct reading *reading)
{
	const struct expression *expression;
	NL_ATTRS(attrs, NFTA_EXPR_DATA);
	NL_ATTRS(data, ATTRIBUTES_MAX);

	nl_parse_nest(elem, &attrs);
	nl_parse_nest(nl_attr(&attrs, NFTA_EXPR_DATA), &data);
	expression = find_expression(nl_string(&attrs, NFTA_EXPR_NAME));
	expression->read(&data, reading);
	if (expression->asks)
		reading->seen.particular = true;
}

struct visiting_rules {
	nft_rule_visit *visit;
	void *arg;
};

static int visit_rule(const struct nlmsghdr *message, void *arg, struct error *e)
{
	const struct visiting_rules *visiting = arg;
	struct reading reading = { .seen = { .jump = "", .set = "" } };
	const struct nlattr *list, *elem = NULL;
	NL_ATTRS(attrs, NFTA_RULE_USERDATA);

	nl_parse(message, sizeof(struct nfgenmsg), &attrs);
	list = nl_attr(&attrs, NFTA_RULE_EXPRESSIONS);
	while ((elem = nl_child(list, elem)))
		read_expression(elem, &reading);
	find_comment(&attrs, NFTA_RULE_USERDATA, reading.comment,
		     sizeof(reading.comment));
	reading.seen.comment = reading.comment;
	reading.seen.handle = be64toh(nl_u64(&attrs, NFTA_RULE_HANDLE));
	return visiting->visit(&reading.seen, visiting->arg, e);
}

int nft_each_rule(struct nl *nl, const struct nft_table *table, const char *chain,
		  nft_rule_visit *visit, void *arg, struct error *e)
{
	struct visiting_rules visiting = { .visit = visit, .arg = arg };
	struct nl_msg msg;

	begin_rules(&msg, table->family, table->name, chain);
	return walked(nl_dump(nl, &msg, visit_rule, &visiting, "list nft rules", e));
}

/* Elements as one finds them. */

struct visiting {
	const struct nft_set *set;
	nft_element_visit *visit;
	void *arg;
};

static int visit_element(const struct nlattr *elem, const struct visiting *visiting,
			 struct error *e)
{
	char comment[NFT_COMMENT] = "";
	struct nft_element element = { .comment = comment };
	NL_ATTRS(attrs, NFTA_SET_ELEM_USERDATA);
	const void *key;
	size_t len;

	nl_parse_nest(elem, &attrs);
	key = value_in(&attrs, NFTA_SET_ELEM_KEY, &len);
	if (!key || len != types[visiting->set->type].len)
		return 0;
	memcpy(element.key, key, len);
	find_comment(&attrs, NFTA_SET_ELEM_USERDATA, comment, sizeof(comment));
	return visiting->visit(&element, visiting->arg, e);
}

static int visit_elements(const struct nlmsghdr *message, void *arg, struct error *e)
{
	const struct nlattr *list, *elem = NULL;
	NL_ATTRS(attrs, NFTA_SET_ELEM_LIST_ELEMENTS);
	int r = 0;

	nl_parse(message, sizeof(struct nfgenmsg), &attrs);
	list = nl_attr(&attrs, NFTA_SET_ELEM_LIST_ELEMENTS);
	while (r == 0 && (elem = nl_child(list, elem)))
		r = visit_element(elem, arg, e);
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
	struct nl_msg msg;
	int r;

	comment[0] = '\0';
	say_element(&msg, set, element, "", NFT_MSG_GETSETELEM, 0);
	r = nl_get(nl, &msg, visit_elements, &visiting,
		   "look up an element of an nft set", e);
	if (r == 0)
		return 0;
	return walked(r) < 0 ? -1 : NL_ABSENT;
}

int nft_each_element(struct nl *nl, const struct nft_set *set, nft_element_visit *visit,
		     void *arg, struct error *e)
{
	struct visiting visiting = { .set = set, .visit = visit, .arg = arg };
	struct nl_msg msg;

	begin(&msg, set->table->family, NFT_MSG_GETSETELEM, 0);
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

	begin(&msg, table->family, NFT_MSG_GETSET, 0);
	nl_put_string(&msg, NFTA_SET_TABLE, table->name);
	return walked(nl_dump(nl, &msg, visit_set, &visiting, "list nft sets", e));
}

static int read_generation(const struct nlmsghdr *message, void *arg, struct error *e)
{
	uint32_t *generation = arg;
	NL_ATTRS(attrs, NFTA_GEN_ID);

	(void)e;
	nl_parse(message, sizeof(struct nfgenmsg), &attrs);
	*generation = number(&attrs, NFTA_GEN_ID);
	return 0;
}

int nft_generation(struct nl *nl, uint32_t *generation, struct error *e)
{
	struct nl_msg msg;
	int r;

	*generation = 0;
	begin(&msg, NFPROTO_UNSPEC, NFT_MSG_GETGEN, 0);
	r = nl_get(nl, &msg, read_generation, generation,
		   "ask nf_tables for its generation", e);
	return r == 0 ? 0 : r == NL_INVALID || r == NL_UNSUPPORTED ? NL_UNSUPPORTED : -1;
}

int nft_ready(struct nl *nl, struct error *e)
{
	uint32_t generation;

	return nft_generation(nl, &generation, e);
}

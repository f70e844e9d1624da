/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft.c - answers of nf_tables: the first byte is the question
 *
 * Elements of sets are not among them yet: libnftnl 1.2.4 does not survive some that
 * no kernel sends.
 */
#include "nft.h"

#include <dlfcn.h>
#include <linux/netfilter.h>
#include <setjmp.h>

#include "kernel.h"

/*
 * libnftnl takes the kernel's word for what it says: where an expression has no name
 * it looks for that near address 0, and where an attribute is not of its type it
 * ends the process.  Here it is not the kernel who speaks, so that both become
 * failures.
 */
struct nftnl_expr *nftnl_expr_alloc(const char *name);
const char *__asan_default_options(void);

static jmp_buf ended;
static bool asking;

struct nftnl_expr *nftnl_expr_alloc(const char *name)
{
	static struct nftnl_expr *(*real)(const char *);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "nftnl_expr_alloc");
	return (uintptr_t)name < 4096 ? NULL : real(name);
}

void exit(int status)
{
	void (*real)(int) __attribute__((noreturn));

	if (asking)
		longjmp(ended, 1);
	*(void **)&real = dlsym(RTLD_NEXT, "exit");
	real(status);
}

/* What is left behind by a jump is no leak of ours; tests/faults/valgrind.bats looks for those. */
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

static const struct nft_table table = { NFPROTO_INET, "footbridge" };
static const struct nft_set set = { .table = &table,
				    .name = "n-net-10.1.0.0/24",
				    .type = NFT_IPV4_ADDR };

static int see_set(const char *name, void *arg, struct error *e)
{
	(void)arg;
	(void)e;
	MUST(strlen(name) > 0 || !*name);
	return 0;
}

static int see_rule(const struct nft_seen *rule, void *arg, struct error *e)
{
	(void)arg;
	(void)e;
	MUST(strlen(rule->comment) + strlen(rule->jump) + strlen(rule->set) < 65536);
	MUST(rule->address.len == 0 || rule->address.len == 4 || rule->address.len == 16);
	return 0;
}

static int has_rule(struct nl *nl, struct error *e)
{
	_cleanup_(nft_rule_clear) struct nft_rule rule =
		nft_rule_new(&table, "postrouting");
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

	switch (question % 6) {
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
	default:
		return commit(nl, e);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(kernel_close) struct kernel kernel = { .nl = NL_INIT, .other = -1 };
	struct error e = { 0 };

	if (size == 0)
		return 0;
	kernel = kernel_open(data + 1, size - 1);
	asking = true;
	if (setjmp(ended) == 0)
		(void)fuzz_said(ask(&kernel.nl, data[0], &e), &e);
	asking = false;
	return 0;
}

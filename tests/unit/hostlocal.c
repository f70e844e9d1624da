/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hostlocal.c - tests of leasing addresses, verb by verb
 *
 * Each test has a dataDir of its own.  The "container" of the tests that need
 * one is the namespace they run in: its "lo" is alive, other names are dead.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/netlink.h>
#include <sys/stat.h>

#include "hostlocal.h"
#include "lease.h"
#include "plugins.h"

#define ASK_SIZE 4096

/* Five addresses beside the gateway, and two of the other family. */
#define TWO_SETS                                                                         \
	"\"ranges\":[[{\"subnet\":\"10.1.0.0/29\"}],"                                    \
	"[{\"subnet\":\"fd00::/64\",\"rangeEnd\":\"fd00::3\"}]]"
#define ONE_SET "\"subnet\":\"10.1.0.0/29\""

/* One attachment's call. */
struct call {
	struct conf conf;
	struct args args;
	struct attach at;
};

struct box {
	char dir[64];
	struct pod pod;
	struct host host;
};

static struct error e;

static int enter(void **state)
{
	struct box *box = calloc(1, sizeof(*box));

	if (!box)
		return -1;
	strcpy(box->dir, "/tmp/hostlocal-XXXXXX");
	*state = box;
	if (!mkdtemp(box->dir) || nl_open(&box->pod.route, NETLINK_ROUTE, &e) != 0)
		return -1;
	return nl_open(&box->host.route, NETLINK_ROUTE, &e);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static int leave(void **state)
{
	struct box *box = *state;
	int r = nftw(box->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);

	nl_close(&box->pod.route);
	nl_close(&box->host.route);
	free(box);
	return r;
}

/* @ipam: members of "ipam"; @more: members beside it, with a comma in front. */
static void begin(struct call *call, struct box *box, const char *ipam, const char *more,
		  const char *container, const char *ifname)
{
	char text[ASK_SIZE];
	int len = snprintf(
		text, sizeof(text),
		"{\"cniVersion\":\"1.1.0\",\"name\":\"net\",\"type\":\"host-local\","
		"\"ipam\":{\"type\":\"host-local\",\"dataDir\":\"%s/store\",%s}%s}",
		box->dir, ipam, more);

	assert_in_range(len, 1, sizeof(text) - 1);
	*call = (struct call){ 0 };
	if (conf_parse(text, (size_t)len, CONF_IPAM, CONF_STRICT, &call->conf, &e) < 0)
		fail_msg("%s", e.msg);
	call->args = (struct args){ .verb = VERB_ADD,
				    .container = container,
				    .netns = "/x",
				    .ifname = ifname,
				    .path = "" };
	call->at.id = (struct ident){ .conf = &call->conf,
				      .args = &call->args,
				      .host = &box->host };
}

static void end(struct call *call)
{
	result_clear(&call->at.result);
	conf_clear(&call->conf);
}

static const char *path_of(const struct box *box, const char *name)
{
	static char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/store/net/%s", box->dir, name);
	return path;
}

static bool stands(const struct box *box, const char *name)
{
	return access(path_of(box, name), F_OK) == 0;
}

static void put(const char *path, const char *text)
{
	_cleanup_(closep) int fd =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static int apply(struct call *call)
{
	return hostlocal_lease.apply(&call->at, &e);
}

static int revert(struct call *call)
{
	return hostlocal_lease.revert(&call->at.id, &e);
}

static void assert_ip(const struct call *call, size_t i, const char *prefix,
		      const char *gateway)
{
	const struct address *address = &call->at.result.ips[i];
	char text[PREFIX_TEXT];

	assert_true(i < call->at.result.n_ips);
	assert_string_equal(prefix_print(&address->address, text), prefix);
	assert_string_equal(ip_print(&address->gateway, text), gateway);
	assert_int_equal(address->interface, RESULT_NO_INTERFACE);
}

/* A whole ADD that must give @prefix first. */
static void assert_gives(struct box *box, const char *ipam, const char *container,
			 const char *prefix)
{
	_cleanup_(end) struct call call;

	begin(&call, box, ipam, "", container, "eth0");
	if (apply(&call) < 0)
		fail_msg("%s", e.msg);
	assert_ip(&call, 0, prefix, "10.1.0.1");
}

/* A whole ADD that must fail with @code and say @words, and leave no lease. */
static void assert_refuses(struct box *box, const char *ipam, const char *more,
			   enum error_code code, const char *words)
{
	_cleanup_(end) struct call call;
	struct ip *held;
	size_t n;

	begin(&call, box, ipam, more, "refused", "eth0");
	assert_int_equal(apply(&call), -1);
	if (e.code != code || !strstr(e.msg, words))
		fail_msg("%d %s", (int)e.code, e.msg);
	assert_int_equal(hostlocal_held(&call.at.id, &held, &n, &e), 0);
	assert_int_equal(n, 0);
	free(held);
}

static void remove_container(struct box *box, const char *container)
{
	_cleanup_(end) struct call call;

	begin(&call, box, ONE_SET, "", container, "eth0");
	assert_int_equal(revert(&call), 0);
}

static void test_add_and_del(void **state)
{
	struct box *box = *state;
	_cleanup_(end) struct call call;
	_cleanup_(freep) struct ip *held = NULL;
	size_t n;

	begin(&call, box, TWO_SETS ",\"routes\":[{\"dst\":\"0.0.0.0/0\"}]", "", "pod",
	      "eth0");
	assert_int_equal(apply(&call), 0);
	assert_int_equal(call.at.result.n_ips, 2);
	assert_ip(&call, 0, "10.1.0.2/29", "10.1.0.1");
	assert_ip(&call, 1, "fd00::2/64", "fd00::1");
	assert_int_equal(call.at.result.n_routes, 1);
	assert_true(dns_is_empty(&call.at.result.dns));
	assert_true(stands(box, "10.1.0.2"));
	assert_true(stands(box, "last_reserved_ip.1"));
	assert_int_equal(hostlocal_held(&call.at.id, &held, &n, &e), 0);
	assert_int_equal(n, 2);
	assert_int_equal(hostlocal_confirm.apply(&call.at, &e), 0);
	assert_int_equal(revert(&call), 0);
	assert_false(stands(box, "10.1.0.2"));
	assert_false(stands(box, "fd00::2"));
	assert_int_equal(revert(&call), 0);
	assert_int_equal(hostlocal_confirm.apply(&call.at, &e), -1);
	assert_int_equal(e.code, ERROR_AGAIN);
}

/* DEL before there was any ADD makes nothing. */
static void test_del_without_store(void **state)
{
	struct box *box = *state;
	_cleanup_(end) struct call call;
	struct ip *held;
	size_t n;

	begin(&call, box, ONE_SET, "", "pod", "eth0");
	assert_int_equal(revert(&call), 0);
	assert_int_equal(hostlocal_held(&call.at.id, &held, &n, &e), 0);
	assert_null(held);
	assert_int_equal(n, 0);
	assert_false(stands(box, ""));
}

/* The ranges were moved or taken away since ADD: DEL frees all the same. */
static void test_del_after_edit(void **state)
{
	struct box *box = *state;
	_cleanup_(end) struct call call;

	assert_gives(box, ONE_SET, "pod", "10.1.0.2/29");
	begin(&call, box, "\"subnet\":\"10.9.0.0/24\"", "", "pod", "eth0");
	call.conf.ipam.n_sets = 0;
	assert_int_equal(revert(&call), 0);
	call.conf.ipam.n_sets = 1;
	assert_false(stands(box, "10.1.0.2"));
}

static void test_without_ipam(void **state)
{
	struct box *box = *state;
	_cleanup_(end) struct call call;
	size_t n_sets;

	begin(&call, box, ONE_SET, "", "pod", "eth0");
	n_sets = call.conf.ipam.n_sets;
	call.conf.ipam.n_sets = 0;
	assert_int_equal(apply(&call), EFFECT_IDLE);
	assert_int_equal(hostlocal_confirm.apply(&call.at, &e), 0);
	assert_int_equal(hostlocal_lease.verify(&call.at, &e), 0);
	assert_int_equal(hostlocal_lease.ready(&call.at.id, &e), 0);
	assert_int_equal(revert(&call), 0);
	assert_false(stands(box, ""));
	call.conf.ipam.n_sets = n_sets;
}

/* Addresses freed are given again as late as possible. */
static void test_round_robin(void **state)
{
	struct box *box = *state;

	assert_gives(box, ONE_SET, "a", "10.1.0.2/29");
	assert_gives(box, ONE_SET, "b", "10.1.0.3/29");
	remove_container(box, "a");
	assert_gives(box, ONE_SET, "c", "10.1.0.4/29");
	assert_gives(box, ONE_SET, "d", "10.1.0.5/29");
	assert_gives(box, ONE_SET, "e", "10.1.0.6/29");
	assert_gives(box, ONE_SET, "f", "10.1.0.2/29");
	assert_refuses(box, ONE_SET, "", ERROR_EXHAUSTED,
		       "no free address in 10.1.0.1-10.1.0.6 (5 of 5 held)");
	remove_container(box, "b");
	assert_gives(box, ONE_SET, "g", "10.1.0.3/29");
}

/* The walk passes over what is excluded; what was leased before stays. */
static void test_exclude(void **state)
{
	const char *const some = ONE_SET
		",\"exclude\":[\"10.1.0.4/31\",\"10.1.0.1\",\"fd00::/8\"]";
	const char *const all = ONE_SET ",\"exclude\":[\"10.0.0.0/8\"]";
	struct box *box = *state;

	assert_gives(box, ONE_SET, "a", "10.1.0.2/29");
	assert_gives(box, some, "b", "10.1.0.3/29");
	assert_gives(box, some, "c", "10.1.0.6/29");
	assert_refuses(box, some, "", ERROR_EXHAUSTED,
		       "(3 of 3 held, 2 excluded by \"ipam.exclude\")");
	assert_refuses(box, all, "", ERROR_EXHAUSTED,
		       "all of 10.1.0.1-10.1.0.6 are excluded");
	assert_refuses(box, some, ",\"runtimeConfig\":{\"ips\":[\"10.1.0.5\"]}",
		       ERROR_CONFIG,
		       "the requested IP 10.1.0.5 is excluded by \"ipam.exclude[0]\": "
		       "10.1.0.4/31");
	assert_true(stands(box, "10.1.0.2"));
}

/* A dead one's address has been excluded meanwhile. */
static void test_corpse_excluded(void **state)
{
	struct box *box = *state;
	_cleanup_(end) struct call call;

	assert_gives(box, ONE_SET, "other", "10.1.0.2/29");
	put(path_of(box, "10.1.0.3"), "pod\r\ndead0");
	begin(&call, box, ONE_SET ",\"exclude\":[\"10.1.0.3\"]", "", "pod", "dead0");
	call.at.id.pod = &box->pod;
	assert_int_equal(apply(&call), 0);
	assert_ip(&call, 0, "10.1.0.4/29", "10.1.0.1");
	assert_false(stands(box, "10.1.0.3"));
}

static void test_lowest(void **state)
{
	const char *const lowest = ONE_SET ",\"order\":\"lowest\"";
	struct box *box = *state;

	assert_gives(box, lowest, "a", "10.1.0.2/29");
	assert_gives(box, lowest, "b", "10.1.0.3/29");
	assert_gives(box, lowest, "c", "10.1.0.4/29");
	remove_container(box, "a");
	remove_container(box, "b");
	assert_gives(box, lowest, "d", "10.1.0.2/29");
	/* the hint is kept for who goes in turn */
	assert_gives(box, ONE_SET, "e", "10.1.0.3/29");
	remove_container(box, "d");
	assert_gives(box, ONE_SET ",\"order\":\"roundrobin\"", "f", "10.1.0.5/29");
}

/* The last address given is only a hint. */
static void test_last_is_a_hint(void **state)
{
	static const char *const lasts[] = { "", "10.9.0.1", "fd00::1", "10.1.0.3\n",
					     "rubbish" };
	struct box *box = *state;

	for (size_t i = 0; i < COUNT(lasts); i++) {
		if (i > 0)
			put(path_of(box, "last_reserved_ip.0"), lasts[i]);
		assert_gives(box, ONE_SET, "a", "10.1.0.2/29");
		remove_container(box, "a");
	}
	put(path_of(box, "last_reserved_ip.0"), "10.1.0.6");
	assert_gives(box, ONE_SET, "a", "10.1.0.2/29");
	assert_gives(box, ONE_SET, "b", "10.1.0.3/29");
}

/* Torn entries are looked at when there is nothing else left. */
static void test_torn_range(void **state)
{
	static const char *const names[] = { "10.1.0.2", "10.1.0.3", "10.1.0.5",
					     "10.1.0.6" };
	struct box *box = *state;

	assert_gives(box, ONE_SET, "a", "10.1.0.2/29");
	remove_container(box, "a");
	for (size_t i = 0; i < COUNT(names); i++)
		put(path_of(box, names[i]), "");
	assert_gives(box, ONE_SET, "b", "10.1.0.4/29");
	assert_gives(box, ONE_SET, "c", "10.1.0.5/29");
	put(path_of(box, "10.1.0.6"), "other\r\neth0");
	assert_gives(box, ONE_SET, "d", "10.1.0.2/29");
	assert_gives(box, ONE_SET, "e", "10.1.0.3/29");
	assert_refuses(box, ONE_SET, "", ERROR_EXHAUSTED, "5 of 5");
}

/* The second set is full: the first one's address goes back. */
static void test_second_set_full(void **state)
{
	struct box *box = *state;

	assert_gives(box, TWO_SETS, "a", "10.1.0.2/29");
	assert_gives(box, TWO_SETS, "b", "10.1.0.3/29");
	assert_refuses(box, TWO_SETS, "", ERROR_EXHAUSTED,
		       "fd00::1-fd00::3 (2 of 2 held)");
	assert_false(stands(box, "10.1.0.4"));
	assert_true(stands(box, "10.1.0.3"));
}

static void test_same_twice(void **state)
{
	struct box *box = *state;
	_cleanup_(end) struct call call;

	assert_gives(box, ONE_SET, "pod", "10.1.0.2/29");
	begin(&call, box, ONE_SET, "", "pod", "eth0");
	assert_int_equal(apply(&call), -1);
	assert_int_equal(e.code, ERROR_EXISTS);
	assert_string_equal(
		e.msg, "pod/eth0 holds 10.1.0.2 already: duplicate allocation is not "
		       "allowed; DEL it first");
	call.args.ifname = "lo";
	call.at.id.pod = &box->pod;
	assert_int_equal(apply(&call), 0);
	assert_ip(&call, 0, "10.1.0.3/29", "10.1.0.1");
	assert_int_equal(apply(&call), -1); /* it lives */
	assert_int_equal(e.code, ERROR_EXISTS);
	assert_true(stands(box, "10.1.0.2"));
	assert_true(stands(box, "10.1.0.3"));
	assert_false(stands(box, "10.1.0.4"));
}

/* An attachment that died without a DEL comes back. */
static void test_corpse(void **state)
{
	struct box *box = *state;
	_cleanup_(end) struct call call;

	assert_gives(box, ONE_SET, "other", "10.1.0.2/29");
	put(path_of(box, "10.1.0.5"), "pod\r\ndead0");
	put(path_of(box, "10.1.0.4"), "other\r\neth1");
	put(path_of(box, "10.9.0.1"), "pod\r\ndead0");
	begin(&call, box, ONE_SET, "", "pod", "dead0");
	call.at.id.pod = &box->pod;
	assert_int_equal(apply(&call), 0);
	assert_int_equal(call.at.result.n_ips, 1);
	assert_ip(&call, 0, "10.1.0.5/29", "10.1.0.1");
	assert_true(stands(box, "10.1.0.5"));
	assert_true(stands(box, "10.1.0.4"));
	assert_false(stands(box, "10.9.0.1"));
}

/* The gateway was moved to where the dead one was. */
static void test_corpse_on_gateway(void **state)
{
	struct box *box = *state;
	_cleanup_(end) struct call call;

	assert_gives(box, ONE_SET, "other", "10.1.0.2/29");
	put(path_of(box, "10.1.0.1"), "pod\r\ndead0");
	begin(&call, box, ONE_SET, "", "pod", "dead0");
	call.at.id.pod = &box->pod;
	assert_int_equal(apply(&call), 0);
	assert_ip(&call, 0, "10.1.0.3/29", "10.1.0.1");
	assert_false(stands(box, "10.1.0.1"));
}

static void test_corpse_asks_for_another(void **state)
{
	struct box *box = *state;
	_cleanup_(end) struct call call;

	assert_gives(box, ONE_SET, "other", "10.1.0.2/29");
	put(path_of(box, "10.1.0.5"), "pod"); /* before host-local 0.8 */
	begin(&call, box, ONE_SET, "", "pod", "dead0");
	call.at.id.pod = &box->pod;
	assert_true(ip_parse("10.1.0.4", &call.args.ip));
	assert_int_equal(apply(&call), 0);
	assert_ip(&call, 0, "10.1.0.4/29", "10.1.0.1");
	assert_false(stands(box, "10.1.0.5"));
}

#define ASK(ips) ",\"runtimeConfig\":{\"ips\":[" ips "]}"

static void test_requests(void **state)
{
	struct box *box = *state;
	_cleanup_(end) struct call call;

	begin(&call, box, TWO_SETS, ASK("\"fd00::3/64\",\"10.1.0.5\""), "pod", "eth0");
	assert_true(ip_parse("10.1.0.5", &call.args.ip)); /* said twice is once */
	assert_int_equal(apply(&call), 0);
	assert_ip(&call, 0, "10.1.0.5/29", "10.1.0.1");
	assert_ip(&call, 1, "fd00::3/64", "fd00::1");
	assert_gives(box, ONE_SET, "next",
		     "10.1.0.6/29"); /* what was asked for is the last given */
}

static void test_bad_requests(void **state)
{
	struct box *box = *state;

	assert_refuses(box, ONE_SET, ASK("\"10.1.0.1\""), ERROR_CONFIG,
		       "10.1.0.1 is the gateway");
	assert_refuses(box, ONE_SET, ASK("\"10.2.0.2\""), ERROR_CONFIG,
		       "failed to allocate all requested IPs: 10.2.0.2");
	assert_refuses(box, ONE_SET, ASK("\"10.1.0.3\",\"10.1.0.4\",\"fd00::9\""),
		       ERROR_CONFIG,
		       "failed to allocate all requested IPs: 10.1.0.4, fd00::9");
	assert_false(stands(box, "")); /* none of them came as far as the store */
	assert_gives(box, ONE_SET, "holder", "10.1.0.2/29");
	assert_refuses(box, TWO_SETS, ASK("\"10.1.0.2\""), ERROR_EXISTS,
		       "10.1.0.2 is not available: held by holder/eth0");
	assert_int_equal(mkdir(path_of(box, "fd00::2"), 0755), 0);
	assert_refuses(box, TWO_SETS, ASK("\"fd00::2\""), ERROR_EXISTS,
		       path_of(box, "fd00::2"));
	assert_false(stands(box, "10.1.0.3"));
}

/* More leftovers than a message can tell: it is cut. */
static void test_many_leftovers(void **state)
{
	struct box *box = *state;
	char more[ASK_SIZE] = ",\"runtimeConfig\":{\"ips\":[\"10.2.0.2\"";

	for (int i = 0; i < 50; i++)
		strcat(more, ",\"2001:db8:1111:2222:3333:4444:5555:6666\"");
	strcat(more, "]}");
	assert_refuses(box, ONE_SET, more, ERROR_CONFIG, "10.2.0.2, 2001:db8:1111:2222");
}

static void test_resolv_conf(void **state)
{
	struct box *box = *state;
	_cleanup_(end) struct call call;
	const struct dns *dns = &call.at.result.dns;
	char path[PATH_MAX], ipam[ASK_SIZE];

	(void)snprintf(path, sizeof(path), "%s/resolv.conf", box->dir);
	(void)snprintf(ipam, sizeof(ipam), ONE_SET ",\"resolvConf\":\"%.128s\"", path);
	put(path,
	    "# nameserver 1.1.1.1\n; nameserver 1.1.1.1\n\n"
	    "  nameserver\t10.0.0.1 ignored\r\nnameserver 10.0.0.2\nnameserver\n"
	    "domain one.example\ndomain two.example extra\nsearch a.example b.example\n"
	    "search c.example\noptions ndots:5 edns0\nsortlist 10.0.0.0/8\n");
	begin(&call, box, ipam, "", "pod", "eth0");
	assert_int_equal(apply(&call), 0);
	assert_int_equal(dns->nameservers.n, 2);
	assert_string_equal(dns->nameservers.v[0], "10.0.0.1");
	assert_string_equal(dns->nameservers.v[1], "10.0.0.2");
	assert_string_equal(dns->domain, "two.example");
	assert_int_equal(dns->search.n, 3);
	assert_string_equal(dns->search.v[2], "c.example");
	assert_int_equal(dns->options.n, 2);
	assert_string_equal(dns->options.v[0], "ndots:5");
}

/* What cannot be read is told before anything is leased. */
static void test_bad_resolv_conf(void **state)
{
	struct box *box = *state;
	char path[PATH_MAX], ipam[ASK_SIZE];

	(void)snprintf(path, sizeof(path), "%s/resolv.conf", box->dir);
	(void)snprintf(ipam, sizeof(ipam), ONE_SET ",\"resolvConf\":\"%.128s\"", path);
	assert_refuses(box, ipam, "", ERROR_CONFIG, "\"ipam.resolvConf\"");
	assert_refuses(box, ipam, "", ERROR_CONFIG, path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_refuses(box, ipam, "", ERROR_CONFIG, "regular file");
	assert_int_equal(remove(path), 0);
	put(path, "nameserver 10.0.0.1\n");
	assert_int_equal(truncate(path, 30), 0); /* NULs behind it */
	assert_refuses(box, ipam, "", ERROR_CONFIG, "NUL");
	assert_int_equal(truncate(path, 64 * 1024 + 1), 0);
	assert_refuses(box, ipam, "", ERROR_CONFIG, "64 KiB");
	assert_false(stands(box, ""));
}

static void test_check(void **state)
{
	struct box *box = *state;
	_cleanup_(end) struct call call;

	begin(&call, box, TWO_SETS, "", "pod", "eth0");
	assert_int_equal(hostlocal_lease.verify(&call.at, &e), -1); /* no addresses */
	assert_int_equal(e.code, ERROR_MISMATCH);
	assert_int_equal(apply(&call), 0);
	assert_int_equal(hostlocal_lease.verify(&call.at, &e), 0);
	put(path_of(box, "10.1.0.2"), "pod"); /* before host-local 0.8 */
	assert_int_equal(hostlocal_lease.verify(&call.at, &e), 0);
	put(path_of(box, "10.1.0.2"), "other\r\neth0");
	assert_int_equal(hostlocal_lease.verify(&call.at, &e), -1);
	assert_int_equal(e.code, ERROR_MISMATCH);
	assert_non_null(strstr(e.msg, path_of(box, "10.1.0.2")));
	put(path_of(box, "10.1.0.2"), "pod\r\neth0");
	assert_int_equal(unlink(path_of(box, "fd00::2")), 0);
	assert_int_equal(hostlocal_lease.verify(&call.at, &e), -1);
	assert_non_null(strstr(e.msg, path_of(box, "fd00::2")));
	assert_int_equal(nftw(path_of(box, ""), remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	assert_int_equal(hostlocal_lease.verify(&call.at, &e), -1);
	assert_int_equal(e.code, ERROR_MISMATCH);
	assert_false(stands(box, "")); /* CHECK makes nothing */
}

static void test_gc(void **state)
{
	static const char *const kept[] = {
		"10.1.0.2", "10.1.0.3", "10.1.0.4", "last_reserved_ip.0",
		"lock",	    "note",	"10.1.0.9",
	};
	static const char *const swept[] = { "10.1.0.5", "10.1.0.6", "10.1.0.7",
					     "10.9.0.1" };
	struct box *box = *state;
	_cleanup_(end) struct call call;
	struct gc gc = { .conf = &call.conf, .host = &box->host };

	begin(&call, box, ONE_SET, "", "", "");
	assert_int_equal(hostlocal_lease.sweep(&gc, &e), 0); /* no store */
	assert_false(stands(box, ""));
	assert_gives(box, ONE_SET, "valid", "10.1.0.2/29");
	put(path_of(box, "10.1.0.3"), "living\r\neth0");
	put(path_of(box, "10.1.0.4"), "valid"); /* before host-local 0.8 */
	put(path_of(box, "10.1.0.5"), "valid\r\neth1");
	put(path_of(box, "10.1.0.6"), "val");
	put(path_of(box, "10.1.0.7"), "");
	put(path_of(box, "10.9.0.1"), "gone\r\neth0");
	put(path_of(box, "note"), "gone\r\neth0");
	assert_int_equal(mkdir(path_of(box, "10.1.0.9"), 0755), 0);
	assert_int_equal(list_add(&gc.valid, "valid/eth0", &e), 0);
	assert_int_equal(list_add(&gc.living, "living/eth0", &e), 0);
	assert_int_equal(hostlocal_lease.sweep(&gc, &e), 0);
	for (size_t i = 0; i < COUNT(kept); i++)
		assert_true(stands(box, kept[i]));
	for (size_t i = 0; i < COUNT(swept); i++)
		assert_false(stands(box, swept[i]));
	list_clear(&gc.valid);
	list_clear(&gc.living);
	assert_int_equal(hostlocal_lease.sweep(&gc, &e), 0);
	assert_false(stands(box, "10.1.0.2"));
	assert_false(stands(box, "10.1.0.4"));
}

static void test_status(void **state)
{
	struct box *box = *state;
	_cleanup_(end) struct call call;
	char path[PATH_MAX];

	begin(&call, box, ONE_SET, "", "", "");
	assert_int_equal(hostlocal_lease.ready(&call.at.id, &e), 0);
	assert_false(stands(box, ""));
	(void)snprintf(path, sizeof(path), "%s/store", box->dir);
	put(path, "");
	assert_int_equal(hostlocal_lease.ready(&call.at.id, &e), -1);
	assert_int_equal(e.code, ERROR_UNAVAILABLE);
}

static void test_plugin(void **state)
{
	(void)state;
	assert_string_equal(plugin_hostlocal.name, "host-local");
	assert_ptr_equal(plugin_hostlocal.effects[0], &hostlocal_lease);
	assert_null(plugin_hostlocal.effects[1]);
	assert_false(plugin_hostlocal.enters);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, enter, leave)
	const struct CMUnitTest tests[] = {
		TEST(add_and_del),
		TEST(del_without_store),
		TEST(del_after_edit),
		TEST(without_ipam),
		TEST(round_robin),
		TEST(exclude),
		TEST(corpse_excluded),
		TEST(lowest),
		TEST(last_is_a_hint),
		TEST(torn_range),
		TEST(second_set_full),
		TEST(same_twice),
		TEST(corpse),
		TEST(corpse_asks_for_another),
		TEST(corpse_on_gateway),
		TEST(requests),
		TEST(bad_requests),
		TEST(many_leftovers),
		TEST(resolv_conf),
		TEST(bad_resolv_conf),
		TEST(check),
		TEST(gc),
		TEST(status),
		TEST(plugin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

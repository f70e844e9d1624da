/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * known.c - tests of known.h, and of conf_paths() behind it
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conf.h"
#include "known.h"

static struct list known(const char *type, const char *ipam, int expected)
{
	struct list paths = { NULL, 0 };
	struct error e = { 0 };

	assert_int_equal(known_of_plugin(type, ipam, &paths, &e), expected);
	return paths;
}

/* One row a plugin with its IPAM: what it reads, and what it does not. */
static void test_plugins(void **state)
{
	static const struct {
		const char *type, *ipam, *has[8], *lacks[6];
	} cases[] = {
		{ "bridge",
		  "host-local",
		  { "type", "isGateway", "vlanTrunk.minID", "dns.search",
		    "ipam.ranges.rangeStart", "ipam.routes.advmss", "capabilities.ips",
		    "runtimeConfig.ipRanges.subnet" },
		  { "range", "ranges", "ipam.ranges.dst", "ipam.ips",
		    "ipam.addresses.address" } },
		{ "bridge",
		  "",
		  { "ipam.type", "ipam.subnet", "mtu" },
		  { "ipam.addresses.address" } },
		{ "bridge",
		  "static",
		  { "isGateway", "ipam.type", "ipam.addresses.address", "ipam.routes.dst",
		    "capabilities.ips", "args.cni.ips", "capabilities.mac" },
		  { "ipam.ranges", "ipam.subnet", "runtimeConfig.ipRanges.subnet" } },
		{ "host-local",
		  "host-local",
		  { "ipam.ranges.subnet", "ipam.sticky" },
		  { "isGateway" } },
		{ "loopback", "", { "type", "prevResult" }, { "mtu", "ipam.type" } },
		{ "portmap",
		  "",
		  { "snat", "runtimeConfig.portMappings.hostPort",
		    "capabilities.portMappings" },
		  { "ipam.type", "isGateway" } },
		{ "macvlan",
		  "host-local",
		  { "master", "ipam.ranges.subnet", "capabilities.ips" },
		  { "bridge", "isGateway" } },
		{ "ptp",
		  "dhcp",
		  { "ipMasq", "ipam.request.option" },
		  { "isGateway", "ipam.subnet" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		_cleanup_(list_clear) struct list paths =
			known(cases[i].type, cases[i].ipam, 0);

		for (size_t k = 0; k < COUNT(cases[i].has) && cases[i].has[k]; k++)
			if (!list_has(&paths, cases[i].has[k]))
				fail_msg("%s with %s lacks %s", cases[i].type,
					 cases[i].ipam, cases[i].has[k]);
		for (size_t k = 0; k < COUNT(cases[i].lacks) && cases[i].lacks[k]; k++)
			if (list_has(&paths, cases[i].lacks[k]))
				fail_msg("%s with %s has %s", cases[i].type,
					 cases[i].ipam, cases[i].lacks[k]);
	}
}

static void test_unknown(void **state)
{
	_cleanup_(list_clear) struct list none =
		known("calico", "host-local", KNOWN_NOT_TYPE);
	_cleanup_(list_clear) struct list half =
		known("bridge", "whereabouts", KNOWN_NOT_IPAM);

	(void)state;
	assert_int_equal(none.n, 0);
	assert_true(list_has(&half, "isGateway"));
	assert_true(list_has(&half, "ipam.*"));
	assert_true(list_has(&half, "capabilities.*"));
	assert_false(list_has(&half, "ipam.subnet"));
}

static void test_parts(void **state)
{
	(void)state;
	assert_int_equal(known_parts("bridge", "host-local"), CONF_BRIDGE | CONF_IPAM);
	assert_int_equal(known_parts("bridge", ""), CONF_BRIDGE | CONF_IPAM);
	assert_int_equal(known_parts("bridge", "static"), CONF_BRIDGE);
	assert_int_equal(known_parts("loopback", ""), CONF_COMMON);
	assert_int_equal(known_parts("host-local", "host-local"), CONF_IPAM);
	assert_int_equal(known_parts("ptp", "host-local"), CONF_IPAM);
	assert_int_equal(known_parts("ptp", "static"), -1);
	/* these make of ipam what they like */
	assert_int_equal(known_parts("flannel", "host-local"), -1);
	assert_int_equal(known_parts("calico", "host-local"), -1);
}

static void test_list(void **state)
{
	_cleanup_(list_clear) struct list paths = { NULL, 0 };
	struct error e = { 0 };

	(void)state;
	assert_int_equal(known_of_list(&paths, &e), 0);
	assert_true(list_has(&paths, "plugins"));
	assert_true(list_has(&paths, "disableGC"));
	assert_false(list_has(&paths, "bridge"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plugins),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * result.c - tests of reading, completing and printing results
 *
 * testdata/result/SAMPLE-VERSION.json is what each version must look like, byte
 * by byte; the tests run from the top of the tree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "json.h"
#include "place.h"
#include "result.h"

#define SANDBOX "/var/run/netns/cni-1b9e"

/* ---- the facts of the samples ---- */

static void add_interface(struct result *r, const char *name, const char *mac,
			  const char *sandbox, uint32_t mtu)
{
	struct error e;

	assert_int_equal(result_add_interface(r, name, mac, sandbox, mtu, &e), 0);
}

static void add_ip(struct result *r, const char *text, const char *gateway, int interface)
{
	struct address address = { .interface = interface };
	struct error e;

	assert_true(prefix_parse(text, &address.address));
	if (gateway)
		assert_true(ip_parse(gateway, &address.gateway));
	assert_int_equal(result_add_ip(r, &address, &e), 0);
}

/* @options: everything but dst and gw. */
static void add_route(struct result *r, const char *dst, const char *gw,
		      struct route options)
{
	struct error e;

	assert_true(prefix_parse(dst, &options.dst));
	if (gw)
		assert_true(ip_parse(gw, &options.gw));
	assert_int_equal(result_add_route(r, &options, &e), 0);
}

static void add_text(struct list *list, const char *text)
{
	struct error e;

	assert_int_equal(list_add(list, text, &e), 0);
}

static char *copy(const char *text)
{
	char *copied = strdup(text);

	assert_non_null(copied);
	return copied;
}

static void add_bridge_interfaces(struct result *r)
{
	add_interface(r, "cni0", "da:59:c8:29:a0:66", "", 1500);
	add_interface(r, "veth0c9c2f4a1d3", "ce:a7:19:0b:ee:01", NULL, 1500);
	add_interface(r, "eth0", "0a:58:0a:01:00:05", SANDBOX, 1500);
}

static void make_v4(struct result *r)
{
	add_bridge_interfaces(r);
	add_ip(r, "10.1.0.5/16", "10.1.0.1", 2);
	add_route(r, "0.0.0.0/0", NULL, (struct route){ 0 });
}

/* Below 0.3.0 the second address of a family is lost, its routes are not. */
static void make_dual(struct result *r)
{
	add_bridge_interfaces(r);
	add_ip(r, "2001:db8::5/64", "2001:db8::1", 2);
	add_ip(r, "10.1.0.5/16", "10.1.0.1", 2);
	add_ip(r, "10.2.0.9/24", NULL, 2);
	add_ip(r, "fd00:1::9/112", NULL, RESULT_NO_INTERFACE);
	add_route(r, "0.0.0.0/0", "10.1.0.1", (struct route){ 0 });
	add_route(r, "::/0", "2001:db8::1", (struct route){ 0 });
	add_route(r, "192.168.0.0/16", "10.2.0.1", (struct route){ 0 });
}

static void make_l2(struct result *r)
{
	add_bridge_interfaces(r);
	add_interface(r, "vhost0", "", SANDBOX, 0);
	r->interfaces[3].socket_path = copy("/run/vhost.sock");
	r->interfaces[3].pci_id = copy("0000:00:1f.6");
}

static void make_dns(struct result *r)
{
	add_ip(r, "192.0.2.10/24", "192.0.2.1", RESULT_NO_INTERFACE);
	add_text(&r->dns.nameservers, "192.0.2.53");
	add_text(&r->dns.nameservers, "2001:db8::53");
	add_text(&r->dns.search, "example.org");
	add_text(&r->dns.search, "example.net");
	add_text(&r->dns.options, "ndots:5");
	r->dns.domain = copy("<cluster> & \"local\"");
}

/* Without an IPv6 address: below 0.3.0 its route is dropped. */
static void make_routes(struct result *r)
{
	add_ip(r, "10.1.0.5/16", NULL, RESULT_NO_INTERFACE);
	add_route(r, "10.3.0.0/16", "10.1.0.9",
		  (struct route){ .mtu = 1400,
				  .advmss = 1360,
				  .priority = 100,
				  .table = 4294967295,
				  .scope = 253,
				  .has_table = true,
				  .has_scope = true });
	add_route(r, "10.4.0.0/16", NULL,
		  (struct route){ .has_table = true, .has_scope = true });
	add_route(r, "2001:db8:1::/48", "2001:db8::9", (struct route){ .priority = 7 });
}

static void make_loopback(struct result *r)
{
	add_interface(r, "lo", "00:00:00:00:00:00", SANDBOX, 65536);
	add_ip(r, "127.0.0.1/8", NULL, 0);
	add_ip(r, "::1/128", NULL, 0);
}

static const struct sample {
	const char *name;
	void (*make)(struct result *r);
} samples[] = {
	{ "v4", make_v4 },   { "dual", make_dual },	{ "l2", make_l2 },
	{ "dns", make_dns }, { "routes", make_routes }, { "loopback", make_loopback },
};

/* ---- goldens ---- */

static const char *golden(const struct sample *sample, enum version version,
			  char text[static 8192])
{
	char path[128];
	size_t len;
	FILE *file;

	(void)snprintf(path, sizeof(path), "testdata/result/%s-%s.json", sample->name,
		       version_text(version));
	file = fopen(path, "re");
	if (!file)
		fail_msg("%s: cannot be opened; run from the top of the tree", path);
	len = fread(text, 1, 8191, file);
	(void)fclose(file);
	text[len] = '\0';
	return text;
}

/* Below 0.3.0 a result without addresses has no shape. */
static bool has_shape(const struct result *result, enum version version)
{
	struct error e;

	return result_check(result, version, &e) == 0;
}

static void assert_written(const struct result *result, enum version version,
			   const char *expected)
{
	_cleanup_(writer_clear) struct writer w = { 0 };

	result_write(result, version, &w);
	assert_non_null(writer_text(&w));
	assert_string_equal(writer_text(&w), expected);
}

static int read_text(const char *text, enum version assumed, struct result *ret,
		     struct error *e)
{
	_cleanup_(json_freep) struct cJSON *json = NULL;

	if (json_parse(text, strlen(text), &json, e) < 0)
		fail_msg("%s: %s", text, e->msg);
	return result_read(json, assumed, ret, e);
}

static void test_written_as_golden(void **state)
{
	char text[8192];

	(void)state;
	for (size_t i = 0; i < COUNT(samples); i++) {
		_cleanup_(result_clear) struct result result = { 0 };

		samples[i].make(&result);
		for (enum version v = 0; v < VERSION_COUNT; v++)
			if (has_shape(&result, v))
				assert_written(&result, v, golden(&samples[i], v, text));
	}
}

static void test_l2_needs_0_3_0(void **state)
{
	_cleanup_(result_clear) struct result result = { 0 };
	struct error e = { 0 };

	(void)state;
	make_l2(&result);
	assert_int_equal(result_check(&result, VERSION_0_2_0, &e), -1);
	assert_int_equal(e.code, ERROR_VERSION);
	assert_non_null(strstr(e.msg, "0.2.0"));
	assert_int_equal(result_check(&result, VERSION_0_3_0, &e), 0);
	add_ip(&result, "10.1.0.5/16", NULL, RESULT_NO_INTERFACE);
	assert_int_equal(result_check(&result, VERSION_0_1_0, &e), 0);
}

/* Every golden, read, is printed as it was. */
static void test_round_trip(void **state)
{
	char text[8192];

	(void)state;
	for (size_t i = 0; i < COUNT(samples); i++) {
		_cleanup_(result_clear) struct result made = { 0 };

		samples[i].make(&made);
		for (enum version v = 0; v < VERSION_COUNT; v++) {
			_cleanup_(result_clear) struct result result = { 0 };
			struct error e = { 0 };

			if (!has_shape(&made, v))
				continue;
			if (read_text(golden(&samples[i], v, text), VERSION_0_3_0,
				      &result, &e) < 0)
				fail_msg("%s-%s: %s", samples[i].name, version_text(v),
					 e.msg);
			assert_written(&result, v, text);
		}
	}
}

/* 1.1.0 tells everything: read, it can be printed for every version. */
static void test_down_conversion(void **state)
{
	char text[8192];

	(void)state;
	for (size_t i = 0; i < COUNT(samples); i++) {
		_cleanup_(result_clear) struct result result = { 0 };
		struct error e = { 0 };

		golden(&samples[i], VERSION_1_1_0, text);
		assert_int_equal(read_text(text, VERSION_0_1_0, &result, &e), 0);
		for (enum version v = 0; v < VERSION_COUNT; v++)
			if (has_shape(&result, v))
				assert_written(&result, v, golden(&samples[i], v, text));
	}
}

static void test_empty(void **state)
{
	const struct result result = { 0 };

	(void)state;
	assert_written(&result, VERSION_0_3_0,
		       "{\n    \"cniVersion\": \"0.3.0\",\n    \"dns\": {}\n}");
	assert_written(&result, VERSION_1_0_0, "{\n    \"cniVersion\": \"1.0.0\"\n}");
}

/* ---- reading ---- */

static void assert_ip(const struct ip *ip, const char *expected)
{
	char text[IP_TEXT];

	assert_string_equal(ip_print(ip, text), expected);
}

static void assert_prefix(const struct prefix *prefix, const char *expected)
{
	char text[PREFIX_TEXT];

	assert_string_equal(prefix_print(prefix, text), expected);
}

static void read_good(const char *text, enum version assumed, struct result *ret)
{
	struct error e = { 0 };

	if (read_text(text, assumed, ret, &e) < 0)
		fail_msg("%s: %s", text, e.msg);
}

static void test_read_old(void **state)
{
	_cleanup_(result_clear) struct result r = { 0 };

	(void)state;
	read_good(
		"{\"cniVersion\":\"0.2.0\",\"dns\":{\"domain\":\"d\"},"
		"\"ip6\":{\"ip\":\"2001:db8::5/64\",\"routes\":[{\"dst\":\"::/0\"}]},"
		"\"ip4\":{\"gateway\":\"10.1.0.1\",\"ip\":\"10.1.0.5/16\","
		"\"routes\":[{\"dst\":\"0.0.0.0/0\",\"gw\":\"10.1.0.1\"},{\"dst\":\"10.9.8.7/8\"}]}}",
		VERSION_1_1_0, &r);
	assert_int_equal(r.n_interfaces, 0);
	assert_int_equal(r.n_ips, 2);
	assert_prefix(&r.ips[0].address, "10.1.0.5/16");
	assert_ip(&r.ips[0].gateway, "10.1.0.1");
	assert_int_equal(r.ips[0].interface, RESULT_NO_INTERFACE);
	assert_prefix(&r.ips[1].address, "2001:db8::5/64");
	assert_true(ip_is_none(&r.ips[1].gateway));
	assert_int_equal(r.n_routes, 3);
	assert_ip(&r.routes[0].gw, "10.1.0.1");
	assert_prefix(&r.routes[1].dst, "10.0.0.0/8");
	assert_prefix(&r.routes[2].dst, "::/0");
	assert_string_equal(r.dns.domain, "d");
}

/* What names no version is of the assumed one, in whose shape alone it is read.
 */
static void test_read_assumed(void **state)
{
	static const char *const documents[] = {
		"{\"ip4\":{\"ip\":\"10.1.0.5/16\"},\"ips\":[{\"address\":\"10.2.0.5/16\"}]}",
		"{\"cniVersion\":\"\",\"ip4\":{\"ip\":\"10.1.0.5/16\"},"
		"\"ips\":[{\"address\":\"10.2.0.5/16\"}]}",
		"{\"cniVersion\":null,\"ip4\":{\"ip\":\"10.1.0.5/16\"},"
		"\"ips\":[{\"address\":\"10.2.0.5/16\"}]}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(documents); i++) {
		for (enum version v = 0; v < VERSION_COUNT; v++) {
			_cleanup_(result_clear) struct result r = { 0 };

			read_good(documents[i], v, &r);
			assert_int_equal(r.n_ips, 1);
			assert_prefix(&r.ips[0].address,
				      v < VERSION_0_3_0 ? "10.1.0.5/16" : "10.2.0.5/16");
		}
	}
}

/* What other plugins add, and what is not there. */
static void test_read_tolerant(void **state)
{
	_cleanup_(result_clear) struct result r = { 0 };

	(void)state;
	read_good(
		"{\"cniVersion\":\"1.0.0\",\"x\":[{}],\"kind\":7,\"dns\":null,\"ip4\":5,"
		"\"interfaces\":[{\"name\":\"ib0\",\"mac\":"
		"\"80:00:00:48:fe:80:00:00:00:00:00:00:00:02:c9:03:00:0f:1f:aa\",\"mtu\":\"x\","
		"\"sandbox\":null,\"metadata\":{}},{\"name\":\"eth0\",\"sandbox\":\"/n\"},{}],"
		"\"ips\":[{\"address\":\"10.1.0.5/16\",\"version\":6,\"gateway\":\"\"},"
		"{\"address\":\"10.1.0.6/16\",\"interface\":2,\"gateway\":null}],"
		"\"routes\":[{\"dst\":\"10.0.0.9/8\",\"gw\":\"\",\"table\":null,\"scope\":0}]}",
		VERSION_0_1_0, &r);
	assert_int_equal(r.n_interfaces, 3);
	assert_string_equal(
		r.interfaces[0].mac,
		"80:00:00:48:fe:80:00:00:00:00:00:00:00:02:c9:03:00:0f:1f:aa");
	assert_int_equal(r.interfaces[0].mtu, 0);
	assert_null(r.interfaces[2].name);
	assert_int_equal(r.n_ips, 2);
	assert_true(ip_is_none(&r.ips[0].gateway));
	assert_int_equal(r.ips[1].interface, 2);
	assert_true(ip_is_none(&r.routes[0].gw));
	assert_false(r.routes[0].has_table);
	assert_true(r.routes[0].has_scope);
	assert_int_equal(r.routes[0].scope, 0);
	assert_true(dns_is_empty(&r.dns));
}

static const struct {
	const char *text;
	enum error_code code;
	const char *message;
} bad_results[] = {
	{ "{\"cniVersion\":1}", ERROR_DECODE, "\"cniVersion\": 1 is not a string" },
	{ "{\"cniVersion\":\"1.2.0\"}", ERROR_VERSION,
	  "\"cniVersion\": \"1.2.0\" is not a version from 0.1.0 to 1.1.0" },
	{ "{\"interfaces\":{}}", ERROR_DECODE, "\"interfaces\": {} is not an array" },
	{ "{\"interfaces\":[null]}", ERROR_DECODE,
	  "\"interfaces[0]\": null is not an object" },
	{ "{\"interfaces\":[{},{\"name\":7}]}", ERROR_DECODE,
	  "\"interfaces[1].name\": 7 is not a string" },
	{ "{\"interfaces\":[{\"name\":\"a\",\"mac\":[]}]}", ERROR_DECODE,
	  "\"interfaces[0].mac\": [] is not a string" },
	{ "{\"interfaces\":[{\"sandbox\":true}]}", ERROR_DECODE,
	  "\"interfaces[0].sandbox\": true is not a string" },
	{ "{\"interfaces\":[{\"mtu\":-1}]}", ERROR_DECODE,
	  "\"interfaces[0].mtu\": -1 is not a whole number from 0 to 4294967295" },
	{ "{\"interfaces\":[{\"socketPath\":1}]}", ERROR_DECODE,
	  "\"interfaces[0].socketPath\": 1 is not a string" },
	{ "{\"interfaces\":[{\"pciID\":1}]}", ERROR_DECODE,
	  "\"interfaces[0].pciID\": 1 is not a string" },
	{ "{\"ips\":\"10.1.0.5/16\"}", ERROR_DECODE,
	  "\"ips\": \"10.1.0.5/16\" is not an array" },
	{ "{\"ips\":[\"10.1.0.5/16\"]}", ERROR_DECODE,
	  "\"ips[0]\": \"10.1.0.5/16\" is not an object" },
	{ "{\"ips\":[{}]}", ERROR_DECODE,
	  "\"ips[0].address\": missing; expected an address with its prefix length" },
	{ "{\"ips\":[{\"address\":null}]}", ERROR_DECODE, "\"ips[0].address\": missing" },
	{ "{\"ips\":[{\"address\":\"\"}]}", ERROR_DECODE,
	  "\"ips[0].address\": \"\" is not" },
	{ "{\"ips\":[{\"address\":\"10.1.0.5\"}]}", ERROR_DECODE,
	  "\"ips[0].address\": \"10.1.0.5\" is not an address with its prefix length" },
	{ "{\"ips\":[{\"address\":\"10.1.0.5/33\"}]}", ERROR_DECODE,
	  "\"ips[0].address\": " },
	{ "{\"ips\":[{\"address\":5}]}", ERROR_DECODE, "\"ips[0].address\": 5 is not" },
	{ "{\"ips\":[{\"address\":\"10.1.0.5/16\"},{\"address\":\"10.1.0.6/16\","
	  "\"gateway\":\"x\"}]}",
	  ERROR_DECODE, "\"ips[1].gateway\": \"x\" is not an IP address" },
	{ "{\"ips\":[{\"address\":\"10.1.0.5/16\",\"gateway\":5}]}", ERROR_DECODE,
	  "\"ips[0].gateway\": 5 is not an IP address" },
	{ "{\"ips\":[{\"address\":\"10.1.0.5/16\",\"interface\":0}]}", ERROR_DECODE,
	  "\"ips[0].interface\": 0 is not the index of one of the 0 interfaces" },
	{ "{\"ips\":[{\"address\":\"10.1.0.5/16\",\"interface\":2}],\"interfaces\":[{},{}]}",
	  ERROR_DECODE,
	  "\"ips[0].interface\": 2 is not the index of one of the 2 interfaces" },
	{ "{\"interfaces\":[{}],\"ips\":[{\"address\":\"10.1.0.5/16\",\"interface\":-1}]}",
	  ERROR_DECODE, "\"ips[0].interface\": -1 is not" },
	{ "{\"interfaces\":[{}],\"ips\":[{\"address\":\"10.1.0.5/16\",\"interface\":4294967296}]}",
	  ERROR_DECODE, "\"ips[0].interface\": " },
	{ "{\"interfaces\":[{}],\"ips\":[{\"address\":\"10.1.0.5/16\",\"interface\":0.5}]}",
	  ERROR_DECODE, "\"ips[0].interface\": 0.5 is not" },
	{ "{\"interfaces\":[{}],\"ips\":[{\"address\":\"10.1.0.5/16\",\"interface\":\"0\"}]}",
	  ERROR_DECODE, "\"ips[0].interface\": \"0\" is not" },
	{ "{\"routes\":7}", ERROR_DECODE, "\"routes\": 7 is not an array" },
	{ "{\"routes\":[{\"gw\":\"10.1.0.1\"}]}", ERROR_DECODE,
	  "\"routes[0].dst\": missing" },
	{ "{\"routes\":[{\"dst\":\"default\"}]}", ERROR_DECODE,
	  "\"routes[0].dst\": \"default\" is not a network with its prefix length" },
	{ "{\"routes\":[{\"dst\":\"::/0\",\"gw\":\"10.1.0.1\"}]}", ERROR_DECODE,
	  "\"routes[0].gw\": \"10.1.0.1\" is not an IPv6 address, as its dst is" },
	{ "{\"dns\":[]}", ERROR_DECODE, "\"dns\": [] is not an object" },
	{ "{\"dns\":{\"domain\":1}}", ERROR_DECODE, "\"dns.domain\": 1 is not a string" },
	{ "{\"dns\":{\"search\":\"a\"}}", ERROR_DECODE,
	  "\"dns.search\": \"a\" is not an array of strings" },
	{ "{\"dns\":{\"nameservers\":[\"a\",2]}}", ERROR_DECODE,
	  "\"dns.nameservers[1]\": 2 is not a string" },
	{ "{\"dns\":{\"options\":[null]}}", ERROR_DECODE,
	  "\"dns.options[0]\": null is not a string" },
	{ "{\"cniVersion\":\"0.4.0\",\"ips\":[{\"address\":\"10.1.0.5/16\",\"version\":4}]}",
	  ERROR_DECODE, "\"ips[0].version\": 4 is not \"4\" or \"6\"" },
	{ "{\"cniVersion\":\"0.2.0\",\"ip4\":[]}", ERROR_DECODE,
	  "\"ip4\": [] is not an object" },
	{ "{\"cniVersion\":\"0.2.0\",\"ip4\":{}}", ERROR_DECODE, "\"ip4.ip\": missing" },
	{ "{\"cniVersion\":\"0.2.0\",\"ip4\":{\"ip\":\"::1/64\"}}", ERROR_DECODE,
	  "\"ip4.ip\": \"::1/64\" is not an IPv4 address" },
	{ "{\"cniVersion\":\"0.1.0\",\"ip6\":{\"ip\":\"10.0.0.1/8\"}}", ERROR_DECODE,
	  "\"ip6.ip\": \"10.0.0.1/8\" is not an IPv6 address" },
	{ "{\"cniVersion\":\"0.2.0\",\"ip4\":{\"ip\":\"10.0.0.1/8\",\"routes\":{}}}",
	  ERROR_DECODE, "\"ip4.routes\": {} is not an array" },
	{ "{\"cniVersion\":\"0.2.0\",\"ip4\":{\"ip\":\"10.0.0.1/8\",\"routes\":[{\"dst\":1}]}}",
	  ERROR_DECODE, "\"ip4.routes[0].dst\": 1 is not" },
};

/* A bad result leaves nothing behind; the leak checker sees to that. */
static void test_read_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad_results); i++) {
		struct result r = { .n_ips = 99 };
		struct error e = { 0 };

		if (read_text(bad_results[i].text, VERSION_1_1_0, &r, &e) != -1)
			fail_msg("%s: was read", bad_results[i].text);
		if (strstr(e.msg, bad_results[i].message) != e.msg)
			fail_msg("%s: says: %s", bad_results[i].text, e.msg);
		assert_int_equal(e.code, bad_results[i].code);
		assert_int_equal(r.n_ips, 99);
	}
}

static void test_read_not_an_object(void **state)
{
	_cleanup_(json_freep) struct cJSON *json = NULL;
	struct result r;
	struct error e = { 0 };

	(void)state;
	assert_int_equal(json_parse("{\"prevResult\":[]}", 17, &json, &e), 0);
	assert_int_equal(result_read(json_get(json, "prevResult"), VERSION_1_0_0, &r, &e),
			 -1);
	assert_int_equal(e.code, ERROR_DECODE);
	assert_string_equal(e.msg, "[] is not an object");
}

/* ---- routes and dns of a configuration ---- */

static int read_route(const char *text, struct route *ret, struct error *e)
{
	_cleanup_(json_freep) struct cJSON *json = NULL;

	assert_int_equal(json_parse(text, strlen(text), &json, e), 0);
	return result_read_route(json, NULL, ret, e);
}

static void test_route(void **state)
{
	struct route route;
	struct error e = { 0 };

	(void)state;
	assert_int_equal(read_route("{\"dst\":\"10.9.8.7/8\"}", &route, &e), 0);
	assert_prefix(&route.dst, "10.0.0.0/8");
	assert_true(ip_is_none(&route.gw));
	assert_false(route.has_table || route.has_scope);
	assert_int_equal(
		read_route(
			"{\"dst\":\"2001:db8::1/32\",\"gw\":\"fe80::1\",\"mtu\":4294967295,"
			"\"advmss\":1,\"priority\":2,\"table\":0,\"scope\":255,\"x\":{}}",
			&route, &e),
		0);
	assert_prefix(&route.dst, "2001:db8::/32");
	assert_ip(&route.gw, "fe80::1");
	assert_int_equal(route.mtu, UINT32_MAX);
	assert_int_equal(route.advmss, 1);
	assert_int_equal(route.priority, 2);
	assert_true(route.has_table && route.table == 0);
	assert_true(route.has_scope && route.scope == 255);
}

static void test_bad_route(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "{}", "\"dst\": missing; expected a network" },
		{ "{\"dst\":\"\"}", "\"dst\": \"\" is not a network" },
		{ "{\"dst\":\"10.0.0.0\"}", "\"dst\": \"10.0.0.0\" is not a network" },
		{ "{\"dst\":\"0.0.0.0/0\",\"gw\":\"x\"}",
		  "\"gw\": \"x\" is not an IP address" },
		{ "{\"dst\":\"0.0.0.0/0\",\"gw\":\"fe80::1\"}",
		  "\"gw\": \"fe80::1\" is not an IPv4 address, as its dst is" },
		{ "{\"dst\":\"0.0.0.0/0\",\"mtu\":4294967296}",
		  "\"mtu\": 4294967296 is not a whole number from 0 to 4294967295" },
		{ "{\"dst\":\"0.0.0.0/0\",\"advmss\":-1}",
		  "\"advmss\": -1 is not a whole number" },
		{ "{\"dst\":\"0.0.0.0/0\",\"priority\":\"1\"}",
		  "\"priority\": \"1\" is not" },
		{ "{\"dst\":\"0.0.0.0/0\",\"table\":1.5}",
		  "\"table\": 1.5 is not a whole number" },
		{ "{\"dst\":\"0.0.0.0/0\",\"table\":\"\"}",
		  "\"table\": \"\" is not a whole number" },
		{ "{\"dst\":\"0.0.0.0/0\",\"scope\":256}",
		  "\"scope\": 256 is not a whole number from 0 to 255" },
		{ "{\"dst\":\"0.0.0.0/0\",\"scope\":-1}",
		  "\"scope\": -1 is not a whole number" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct route route = { .mtu = 99 };
		struct error e = { 0 };

		assert_int_equal(read_route(cases[i].text, &route, &e), -1);
		assert_int_equal(e.code, ERROR_CONFIG);
		if (strstr(e.msg, cases[i].message) != e.msg)
			fail_msg("%s: says: %s", cases[i].text, e.msg);
		assert_int_equal(route.mtu, 99);
	}
}

static void test_dns(void **state)
{
	_cleanup_(json_freep) struct cJSON *json = NULL;
	_cleanup_(dns_clear) struct dns dns = { 0 };
	const struct place bad = { .key = "bad" };
	const char *text = "{\"nameservers\":[\"192.0.2.1\",\"192.0.2.2\"],\"search\":[],"
			   "\"domain\":\"d\",\"options\":null,\"bad\":{\"search\":[1]}}";
	struct error e = { 0 };

	(void)state;
	assert_int_equal(json_parse(text, strlen(text), &json, &e), 0);
	assert_int_equal(result_read_dns(json, NULL, &dns, &e), 0);
	assert_int_equal(dns.nameservers.n, 2);
	assert_string_equal(dns.nameservers.v[1], "192.0.2.2");
	assert_int_equal(dns.search.n + dns.options.n, 0);
	assert_string_equal(dns.domain, "d");
	assert_int_equal(result_read_dns(json_get(json, "bad"), &bad, &dns, &e), -1);
	assert_int_equal(e.code, ERROR_CONFIG);
	assert_string_equal(e.msg, "\"bad.search[0]\": 1 is not a string");
	assert_string_equal(dns.domain, "d");
}

static void test_no_dns(void **state)
{
	struct dns dns = { .domain = NULL };
	struct error e = { 0 };

	(void)state;
	assert_int_equal(result_read_dns(NULL, NULL, &dns, &e), 0);
	assert_true(dns_is_empty(&dns));
	dns.domain = copy("");
	assert_true(dns_is_empty(&dns));
	dns_clear(&dns);
}

static void test_dns_copy(void **state)
{
	_cleanup_(dns_clear) struct dns to = { 0 };
	struct dns from = { 0 };
	struct error e;

	(void)state;
	add_text(&to.search, "old");
	to.domain = copy("old");
	add_text(&from.nameservers, "192.0.2.1");
	add_text(&from.options, "rotate");
	from.domain = copy("new");
	assert_int_equal(dns_copy(&to, &from, &e), 0);
	dns_clear(&from);
	assert_string_equal(to.nameservers.v[0], "192.0.2.1");
	assert_string_equal(to.options.v[0], "rotate");
	assert_string_equal(to.domain, "new");
	assert_int_equal(to.search.n, 0);
	assert_int_equal(dns_copy(&to, &from, &e), 0);
	assert_true(dns_is_empty(&to));
}

/* ---- asking ---- */

static void test_find_interface(void **state)
{
	_cleanup_(result_clear) struct result r = { 0 };

	(void)state;
	assert_int_equal(result_find_interface(&r, "eth0", ""), RESULT_NO_INTERFACE);
	add_bridge_interfaces(&r);
	add_interface(&r, "eth0", "", "", 0);
	assert_int_equal(result_find_interface(&r, "eth0", SANDBOX), 2);
	assert_int_equal(result_find_interface(&r, "eth0", ""), 3);
	assert_int_equal(result_find_interface(&r, "veth0c9c2f4a1d3", ""), 1);
	assert_int_equal(result_find_interface(&r, "cni0", SANDBOX), RESULT_NO_INTERFACE);
	assert_int_equal(result_find_interface(&r, "eth1", SANDBOX), RESULT_NO_INTERFACE);
}

static void test_gateway(void **state)
{
	_cleanup_(result_clear) struct result r = { 0 };

	(void)state;
	add_ip(&r, "10.2.0.5/16", NULL, RESULT_NO_INTERFACE);
	assert_null(result_gateway(&r, AF_INET));
	add_ip(&r, "2001:db8::5/64", "2001:db8::1", RESULT_NO_INTERFACE);
	assert_null(result_gateway(&r, AF_INET));
	add_ip(&r, "10.1.0.5/16", "10.1.0.1", RESULT_NO_INTERFACE);
	add_ip(&r, "10.3.0.5/16", "10.3.0.1", RESULT_NO_INTERFACE);
	assert_ip(result_gateway(&r, AF_INET), "10.1.0.1");
	assert_ip(result_gateway(&r, AF_INET6), "2001:db8::1");
}

/* Adding one of a result's own facts survives the array's move. */
static void test_add_own(void **state)
{
	_cleanup_(result_clear) struct result r = { 0 };
	struct error e;

	(void)state;
	add_ip(&r, "10.1.0.5/16", NULL, RESULT_NO_INTERFACE);
	add_route(&r, "10.1.0.0/16", NULL, (struct route){ 0 });
	for (int i = 0; i < 40; i++) {
		assert_int_equal(result_add_ip(&r, &r.ips[0], &e), 0);
		assert_int_equal(result_add_route(&r, &r.routes[0], &e), 0);
	}
	assert_prefix(&r.ips[40].address, "10.1.0.5/16");
	assert_prefix(&r.routes[40].dst, "10.1.0.0/16");
}

/* Some IPAM plugins tell of interfaces that they know nothing of. */
static void test_ipam_knows_no_interfaces(void **state)
{
	static const char *const told[] = { "0", "7", "-1", "1e99", "\"eth0\"", "null" };

	(void)state;
	for (size_t i = 0; i < COUNT(told); i++) {
		_cleanup_(json_freep) struct cJSON *json = NULL;
		_cleanup_(result_clear) struct result r = { 0 };
		struct error e;
		char text[64];

		(void)snprintf(
			text, sizeof(text),
			"{\"ips\":[{\"address\":\"10.1.0.5/16\",\"interface\":%s}]}",
			told[i]);
		assert_int_equal(json_parse(text, strlen(text), &json, &e), 0);
		assert_int_equal(result_read_ipam(json, VERSION_1_0_0, &r, &e), 0);
		assert_int_equal(r.n_ips, 1);
		assert_int_equal(r.ips[0].interface, RESULT_NO_INTERFACE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ipam_knows_no_interfaces),
		cmocka_unit_test(test_written_as_golden),
		cmocka_unit_test(test_l2_needs_0_3_0),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_down_conversion),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_read_old),
		cmocka_unit_test(test_read_assumed),
		cmocka_unit_test(test_read_tolerant),
		cmocka_unit_test(test_read_bad),
		cmocka_unit_test(test_read_not_an_object),
		cmocka_unit_test(test_route),
		cmocka_unit_test(test_bad_route),
		cmocka_unit_test(test_dns),
		cmocka_unit_test(test_no_dns),
		cmocka_unit_test(test_dns_copy),
		cmocka_unit_test(test_find_interface),
		cmocka_unit_test(test_gateway),
		cmocka_unit_test(test_add_own),
	};

	return cmocka_run_group_tests_name("result", tests, NULL, NULL);
}

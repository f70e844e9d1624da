/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf.c - tests of conf.h
 *
 * Whole configurations, as runtimes send them, are in testdata/conf/good; what
 * must be refused is in the tables frames and bad: input, code and words.
 */
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conf.h"
#include "json.h"
#include "place.h"

#define BRIDGE (CONF_BRIDGE | CONF_IPAM)
#define GOOD "testdata/conf/good/"

/* The frame of a network without addresses, of one with, and of host-local alone. */
#define L2(keys) "{\"cniVersion\":\"1.1.0\",\"name\":\"net\"," keys "}"
#define NET(keys)                                                                        \
	"{\"cniVersion\":\"1.1.0\",\"name\":\"net\"," keys ",\"ipam\":{"                 \
	"\"type\":\"host-local\",\"subnet\":\"10.1.0.0/16\"}}"
#define IPAM(keys)                                                                       \
	"{\"cniVersion\":\"1.1.0\",\"name\":\"net\",\"ipam\":{"                          \
	"\"type\":\"host-local\"," keys "}}"
#define RANGES(list) IPAM("\"ranges\":" list)
#define STRANDED(keys)                                                                    \
	"{\"cniVersion\":\"1.1.0\",\"name\":\"net\",\"isDefaultGateway\":true,\"ipam\":{" \
	"\"type\":\"host-local\"," keys "}}"

static int parse(const char *text, unsigned int parts, enum conf_mood mood,
		 struct conf *conf, struct error *e)
{
	size_t len = strlen(text);
	_cleanup_(freep) char *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	memcpy(copy, text, len);
	return conf_parse(copy, len, parts, mood, conf, e);
}

static struct conf sound_in(const char *text, unsigned int parts, enum conf_mood mood)
{
	struct conf conf = { 0 };
	struct error e = { 0 };

	if (parse(text, parts, mood, &conf, &e) < 0)
		fail_msg("%s: %s (%s)", text, e.msg, e.details);
	return conf;
}

static struct conf sound(const char *text)
{
	struct conf conf = sound_in(text, BRIDGE, CONF_STRICT);

	assert_null(conf.ignored);
	return conf;
}

static struct conf sound_file(const char *path, unsigned int parts)
{
	char text[16384];
	ssize_t len;
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	len = read(fd, text, sizeof(text) - 1);
	assert_true(len > 0);
	text[len] = '\0';
	return sound_in(text, parts, CONF_STRICT);
}

static void expect_ip(const struct ip *ip, const char *expected)
{
	char text[IP_TEXT];

	assert_string_equal(ip_print(ip, text), expected);
}

static void expect_mac(const struct mac *mac, const char *expected)
{
	char text[MAC_TEXT];

	assert_string_equal(mac_print(mac, text), expected);
}

static void expect_prefix(const struct prefix *prefix, const char *expected)
{
	char text[PREFIX_TEXT];

	assert_string_equal(prefix_print(prefix, text), expected);
}

static void expect_set(const struct conf *conf, size_t i, const char *expected)
{
	char text[RANGE_SET_TEXT];

	assert_true(i < conf->ipam.n_sets);
	assert_string_equal(range_set_print(&conf->ipam.sets[i], text), expected);
}

static void test_every_good_file(void **state)
{
	glob_t files = { 0 };

	(void)state;
	assert_int_equal(glob(GOOD "*.json", 0, NULL, &files), 0);
	assert_true(files.gl_pathc >= 7);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		bool is_bridge = !strstr(files.gl_pathv[i], "host-local");
		_cleanup_(conf_clear) struct conf conf =
			sound_file(files.gl_pathv[i], is_bridge ? BRIDGE : CONF_IPAM);

		assert_null(conf.ignored);
	}
	globfree(&files);
}

static void test_defaults(void **state)
{
	_cleanup_(conf_clear) struct conf conf =
		sound("{\"name\":\"n\",\"cniVersion\":\"0.3.0\"}");

	(void)state;
	assert_string_equal(conf.name, "n");
	assert_string_equal(conf.type, "");
	assert_int_equal(conf.version, VERSION_0_3_0);
	assert_null(conf.prev_result);
	assert_string_equal(conf.bridge.bridge, "cni0");
	assert_false(conf.bridge.is_gateway || conf.bridge.is_default_gateway ||
		     conf.bridge.force_address || conf.bridge.ip_masq ||
		     conf.bridge.hairpin_mode || conf.bridge.promisc_mode ||
		     conf.bridge.port_isolation || conf.bridge.mac_spoof_check ||
		     conf.bridge.disable_container_interface || conf.bridge.enable_dad);
	assert_int_equal(conf.bridge.mtu, 0);
	assert_false(conf.bridge.mtu_auto);
	assert_int_equal(conf.bridge.masq_families, CONF_IPV4 | CONF_IPV6);
	assert_int_equal(conf.bridge.n_masq_exclude, 0);
	assert_true(mac_is_none(&conf.bridge.mac));
	assert_true(dns_is_empty(&conf.bridge.dns));
	assert_string_equal(conf.ipam.type, "");
	assert_string_equal(conf.ipam.data_dir, "/var/lib/cni/networks");
	assert_string_equal(conf.ipam.resolv_conf, "");
	assert_int_equal(conf.ipam.n_sets + conf.ipam.n_routes + conf.ipam.n_requested,
			 0);
	assert_int_equal(conf.ipam.exclude.n, 0);
	assert_false(conf.ipam.lowest || conf.ipam.sticky);
	assert_true(conf.ipam.reclaim);
	assert_false(conf.gc.told || conf.gc.live);
	assert_int_equal(conf.gc.n_valid, 0);
}

static void test_everything_bridge(void **state)
{
	_cleanup_(conf_clear) struct conf conf =
		sound_file(GOOD "everything.json", BRIDGE);

	(void)state;
	assert_int_equal(conf.version, VERSION_1_1_0);
	assert_string_equal(conf.name, "all.of_it-1");
	assert_string_equal(conf.type, "bridge");
	assert_true(json_has(conf.prev_result, "ips"));
	assert_string_equal(conf.bridge.bridge, "br0");
	assert_true(conf.bridge.is_gateway && conf.bridge.is_default_gateway &&
		    conf.bridge.force_address && conf.bridge.ip_masq &&
		    conf.bridge.hairpin_mode && conf.bridge.port_isolation &&
		    conf.bridge.mac_spoof_check && conf.bridge.enable_dad);
	assert_false(conf.bridge.promisc_mode || conf.bridge.disable_container_interface);
	assert_int_equal(conf.bridge.mtu, 9000);
	expect_mac(&conf.bridge.mac, "02:00:00:00:00:02");
	assert_true(conf.gc.live);
	assert_false(conf.gc.told);
	assert_int_equal(conf.bridge.dns.nameservers.n, 2);
	assert_string_equal(conf.bridge.dns.domain, "example.org");
	assert_true(list_has(&conf.bridge.dns.search, "example.com"));
	assert_true(list_has(&conf.bridge.dns.options, "ndots:2"));
}

static void test_everything_ipam(void **state)
{
	_cleanup_(conf_clear) struct conf conf =
		sound_file(GOOD "everything.json", BRIDGE);
	const struct route *routes = conf.ipam.routes;

	(void)state;
	assert_string_equal(conf.ipam.type, "host-local");
	assert_string_equal(conf.ipam.data_dir, "/run/leases");
	assert_string_equal(conf.ipam.resolv_conf, "/etc/resolv.conf");
	assert_int_equal(conf.ipam.n_sets, 4);
	expect_set(&conf, 0, "10.4.0.1-10.4.0.254");
	expect_set(&conf, 1, "10.1.1.0-10.1.2.255");
	expect_set(&conf, 2, "10.2.0.10-10.2.0.254,10.3.0.1-10.3.0.20");
	expect_set(&conf, 3, "fd00:2::1-fd00:2::ffff:ffff:ffff:ffff");
	expect_ip(&conf.ipam.sets[0].v[0].gateway, "10.4.0.1");
	expect_ip(&conf.ipam.sets[1].v[0].gateway, "10.1.0.254");
	expect_ip(&conf.ipam.sets[3].v[0].gateway, "fd00:2::fe");
	expect_prefix(&conf.ipam.sets[2].v[1].subnet, "10.3.0.0/24");
	assert_int_equal(conf.ipam.n_requested, 2);
	expect_ip(&conf.ipam.requested[0], "10.1.1.9");
	expect_ip(&conf.ipam.requested[1], "fd00:2::9");
	assert_int_equal(conf.ipam.exclude.n, 3);
	expect_prefix(&conf.ipam.exclude.v[0], "10.2.0.16/28");
	expect_prefix(&conf.ipam.exclude.v[1], "10.3.0.9/32");
	expect_prefix(&conf.ipam.exclude.v[2], "fd00:2::/80");
	assert_true(conf.ipam.lowest && conf.ipam.sticky);
	assert_false(conf.ipam.reclaim);
	assert_int_equal(conf.ipam.n_routes, 2);
	expect_prefix(&routes[0].dst, "0.0.0.0/0");
	expect_ip(&routes[0].gw, "10.1.0.254");
	assert_int_equal(routes[0].mtu, 1400);
	assert_int_equal(routes[0].advmss, 1360);
	assert_false(routes[0].has_table || routes[0].has_scope);
	assert_int_equal(routes[1].priority, 100);
	assert_true(routes[1].has_table && routes[1].table == 0);
	assert_true(routes[1].has_scope && routes[1].scope == 253);
}

/* containerd's flat list with capitals: each range is a set of its own, "" is unset. */
static void test_containerd(void **state)
{
	_cleanup_(conf_clear) struct conf conf =
		sound_file(GOOD "containerd.json", BRIDGE);

	(void)state;
	assert_int_equal(conf.ipam.n_sets, 4);
	expect_set(&conf, 0, "10.99.0.1-10.99.0.254");
	expect_set(&conf, 1, "fd00:99::10-fd00:99::ffff:ffff:ffff:ffff");
	expect_set(&conf, 2, "10.88.0.1-10.88.255.254");
	expect_ip(&conf.ipam.sets[1].v[0].gateway, "fd00:99::1");
	assert_true(conf.bridge.promisc_mode);
}

static void test_podman(void **state)
{
	_cleanup_(conf_clear) struct conf conf = sound_file(GOOD "podman.json", BRIDGE);

	(void)state;
	assert_int_equal(conf.version, VERSION_0_4_0);
	assert_int_equal(conf.ipam.n_requested, 2);
	expect_ip(&conf.ipam.requested[0], "10.88.0.9");
	expect_ip(&conf.ipam.requested[1], "10.88.0.10");
}

/* In whichever set. */
static void test_gives_ipv6(void **state)
{
	_cleanup_(conf_clear) struct conf none = sound(L2("\"mtu\":1279"));
	_cleanup_(conf_clear) struct conf four =
		sound(RANGES("[[{\"subnet\":\"10.1.0.0/16\"}]]"));
	_cleanup_(conf_clear) struct conf dual = sound(
		RANGES("[[{\"subnet\":\"10.1.0.0/16\"}],[{\"subnet\":\"fd00::/64\"}]]"));

	(void)state;
	assert_false(conf_gives_ipv6(&none.ipam));
	assert_false(conf_gives_ipv6(&four.ipam));
	assert_true(conf_gives_ipv6(&dual.ipam));
}

static void test_vlans(void **state)
{
	_cleanup_(conf_clear) struct conf none =
		sound(L2("\"preserveDefaultVlan\":true"));
	_cleanup_(conf_clear) struct conf conf =
		sound(L2("\"vlan\":7,\"vlanTrunk\":[{\"id\":5},{\"minID\":5,\"maxID\":9},"
			 "{\"minID\":20,\"maxID\":20,\"id\":4094}],"
			 "\"isGateway\":true,\"bridge\":\"elevenbytes\","
			 "\"preserveDefaultVlan\":true"));
	char text[VLAN_TEXT], name[NAME_LINK];

	(void)state;
	assert_false(conf_uses_vlans(&none.bridge));
	assert_string_equal(conf_gateway(&none.bridge, name), "cni0");
	assert_true(conf_uses_vlans(&conf.bridge));
	assert_int_equal(conf.bridge.vlan, 7);
	assert_true(conf.bridge.preserve_default_vlan);
	assert_string_equal(vlan_print(&conf.bridge.vlan_trunk, text), "5-9,20,4094");
	assert_string_equal(conf_gateway(&conf.bridge, name), "elevenbytes.7");
}

/* host-local is sent the whole configuration of any plugin, whose keys are not its own. */
static void test_parts(void **state)
{
	static const char text[] =
		"{\"name\":\"n\",\"mtu\":\"x\",\"bridge\":5,\"vlan\":9,\"isGateway\":1,"
		"\"dns\":7,\"gcLive\":\"x\",\"args\":{\"cni\":{\"mac\":5}},"
		"\"runtimeConfig\":{\"mac\":\"x\"},\"hairpinMode\":true,\"promiscMode\":true,"
		"\"ipam\":{\"type\":\"whatever\",\"subnet\":\"10.1.0.0/16\"}}";
	static const char common[] =
		"{\"name\":\"n\",\"ipam\":5,\"args\":1,\"runtimeConfig\":[],"
		"\"bridge\":5}";
	_cleanup_(conf_clear) struct conf ipam = sound_in(text, CONF_IPAM, CONF_STRICT);
	_cleanup_(conf_clear) struct conf none =
		sound_in(common, CONF_COMMON, CONF_STRICT);

	(void)state;
	assert_int_equal(ipam.ipam.n_sets, 1);
	assert_string_equal(ipam.ipam.type, "whatever");
	assert_string_equal(ipam.bridge.bridge, "cni0");
	assert_string_equal(none.ipam.type, "");
}

static void test_versions(void **state)
{
	static const struct {
		const char *key;
		enum version version;
	} versions[] = {
		{ "", VERSION_0_1_0 },
		{ ",\"cniVersion\":null", VERSION_0_1_0 },
		{ ",\"cniVersion\":\"\"", VERSION_0_1_0 },
		{ ",\"cniVersion\":\"0.1.0\"", VERSION_0_1_0 },
		{ ",\"cniVersion\":\"0.2.0\"", VERSION_0_2_0 },
		{ ",\"cniVersion\":\"0.3.1\"", VERSION_0_3_1 },
		{ ",\"cniVersion\":\"1.1.0\"", VERSION_1_1_0 },
		{ ",\"cniversion\":\"0.4.0\"", VERSION_0_4_0 },
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < COUNT(versions); i++) {
		(void)snprintf(text, sizeof(text), "{\"name\":\"n\"%s}", versions[i].key);
		_cleanup_(conf_clear) struct conf conf =
			sound_in(text, CONF_COMMON, CONF_STRICT);

		assert_int_equal(conf.version, versions[i].version);
	}
}

/* Each of these changes nothing. */
static void test_unset(void **state)
{
	static const char *const keys[] = {
		"\"bridge\":\"\"",
		"\"bridge\":null",
		"\"type\":\"\"",
		"\"isGateway\":null",
		"\"mtu\":0",
		"\"mtu\":null",
		"\"ipMasqBackend\":\"\"",
		"\"ipMasqBackend\":null",
		"\"ipMasqBackend\":\"nftables\"",
		"\"dns\":{}",
		"\"dns\":null",
		"\"runtimeConfig\":{\"dns\":null}",
		"\"runtimeConfig\":{\"dns\":{\"Servers\":null,\"Searches\":[]}}",
		"\"runtimeConfig\":{\"dns\":{\"nameservers\":[\"10.1.0.1\"]}}",
		"\"ipam\":null",
		"\"ipam\":{}",
		"\"ipam\":{\"type\":\"\"}",
		"\"ipam\":{\"type\":null}",
		"\"ipam\":{\"ranges\":[]}",
		"\"ipam\":{\"ranges\":null,\"routes\":null}",
		"\"ipam\":{\"dataDir\":\"\",\"resolvConf\":\"\",\"subnet\":\"\"}",
		"\"ipam\":{\"rangeStart\":5}",
		"\"vlan\":0",
		"\"vlan\":null",
		"\"vlanTrunk\":[]",
		"\"vlanTrunk\":null",
		"\"macspoofchk\":false",
		"\"macspoofchk\":null",
		"\"preserveDefaultVlan\":false",
		"\"runtimeConfig\":null",
		"\"runtimeConfig\":{}",
		"\"runtimeConfig\":{\"mac\":\"\",\"ips\":[],\"ipRanges\":[],\"other\":5}",
		"\"runtimeConfig\":{\"ips\":null,\"ipRanges\":null,\"mac\":null}",
		"\"runtimeConfig\":{\"ips\":[\"\",\"\"]}",
		"\"runtimeConfig\":{\"ips\":\"\"}",
		"\"args\":null",
		"\"args\":{}",
		"\"args\":{\"cni\":null}",
		"\"args\":{\"cni\":{}}",
		"\"args\":{\"other\":5,\"cni\":{\"mac\":\"\",\"sysctl\":1}}",
		"\"prevResult\":null",
		"\"unknown\":{\"mtu\":\"x\"}",
		"\"capabilities\":{\"ips\":true}",
		"\"hairpinMode\":true,\"hairpinMode\":false",
		"\"mtu\":5,\"mtu\":0",
		"\"mtu\":0,\"MTU\":5",
		"\"hairpinMode\":false,\"promiscMode\":false",
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		(void)snprintf(text, sizeof(text), L2("%s"), keys[i]);
		_cleanup_(conf_clear) struct conf conf = sound(text);

		assert_string_equal(conf.bridge.bridge, "cni0");
		assert_string_equal(conf.ipam.type, "");
		assert_string_equal(conf.ipam.data_dir, "/var/lib/cni/networks");
		assert_false(conf.bridge.is_gateway || conf.bridge.hairpin_mode);
		assert_int_equal(conf.bridge.mtu, 0);
		assert_true(mac_is_none(&conf.bridge.mac));
		assert_true(dns_is_empty(&conf.bridge.dns));
		assert_null(conf.prev_result);
		assert_int_equal(conf.ipam.n_sets + conf.ipam.n_requested, 0);
	}
}

/* The runtime's word stands for the whole, and an empty one says nothing. */
static void test_asked_dns(void **state)
{
	_cleanup_(conf_clear) struct conf asked =
		sound(L2("\"runtimeConfig\":{\"dns\":{\"Servers\":[\"10.96.0.10\"],"
			 "\"Searches\":[\"svc.cluster.local\"],\"Options\":null}},"
			 "\"dns\":{\"nameservers\":[\"10.1.0.1\",\"10.1.0.2\"],"
			 "\"domain\":\"example.org\",\"options\":[\"ndots:2\"]}"));
	_cleanup_(conf_clear) struct conf empty =
		sound(L2("\"runtimeConfig\":{\"dns\":{\"servers\":[],\"searches\":[]}},"
			 "\"dns\":{\"nameservers\":[\"10.1.0.1\"]}"));
	const struct dns *dns = &asked.bridge.dns;

	(void)state;
	assert_int_equal(dns->nameservers.n, 1);
	assert_true(list_has(&dns->nameservers, "10.96.0.10"));
	assert_int_equal(dns->search.n, 1);
	assert_true(list_has(&dns->search, "svc.cluster.local"));
	assert_int_equal(dns->options.n, 0);
	assert_null(dns->domain);
	assert_true(list_has(&empty.bridge.dns.nameservers, "10.1.0.1"));
}

/* Ranges that come with an ADD are missing where nobody adds. */
static void test_promised_ranges(void **state)
{
	static const char promised[] =
		"{\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"type\":\"bridge\","
		"\"capabilities\":{\"ipRanges\":true},\"ipam\":{\"type\":\"host-local\"}}";
	static const char denied[] =
		"{\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"type\":\"bridge\","
		"\"capabilities\":{\"ipRanges\":false},\"ipam\":{\"type\":\"host-local\"}}";
	_cleanup_(conf_clear) struct conf lenient =
		sound_in(promised, BRIDGE, CONF_LENIENT);
	_cleanup_(conf_clear) struct conf network =
		sound_in(promised, BRIDGE, CONF_NETWORK);
	struct conf conf;
	struct error e;

	(void)state;
	assert_null(lenient.ignored);
	assert_int_equal(network.ipam.n_sets, 0);
	assert_int_equal(parse(promised, BRIDGE, CONF_STRICT, &conf, &e), -1);
	assert_int_equal(e.code, ERROR_CONFIG);
	assert_int_equal(parse(denied, BRIDGE, CONF_NETWORK, &conf, &e), -1);
	assert_int_equal(e.code, ERROR_CONFIG);
}

static void test_mtu(void **state)
{
	static const struct {
		const char *text;
		uint32_t mtu;
	} good[] = {
		{ L2("\"mtu\":68"), 68 },
		{ L2("\"mtu\":1500.0"), 1500 },
		{ L2("\"mtu\":65535"), 65535 },
		{ L2("\"MTU\":1400"), 1400 },
		{ L2("\"Mtu\":1,\"mtu\":1400"), 1400 },
		{ L2("\"mtu\":\"x\",\"mtu\":1400"), 1400 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		_cleanup_(conf_clear) struct conf conf = sound(good[i].text);

		assert_int_equal(conf.bridge.mtu, good[i].mtu);
	}
}

static void test_mtu_auto(void **state)
{
	static const struct {
		const char *text;
		uint32_t mtu;
		bool automatic;
	} good[] = {
		{ L2("\"mtu\":\"auto\""), 0, true },
		{ L2("\"MTU\":\"auto\""), 0, true },
		{ L2("\"mtu\":\"\""), 0, false },
		{ L2("\"mtu\":\"auto\",\"mtu\":1400"), 1400, false },
		{ L2("\"bridge\":\"auto\""), 0, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		_cleanup_(conf_clear) struct conf conf = sound(good[i].text);

		assert_int_equal(conf.bridge.mtu, good[i].mtu);
		assert_int_equal(conf.bridge.mtu_auto, good[i].automatic);
	}
}

static void test_masq_families(void **state)
{
	static const struct {
		const char *text;
		unsigned int families;
	} good[] = {
		{ L2("\"ipMasq\":true"), CONF_IPV4 | CONF_IPV6 },
		{ L2("\"ipMasqFamilies\":null"), CONF_IPV4 | CONF_IPV6 },
		{ L2("\"ipMasqFamilies\":[\"ipv4\"]"), CONF_IPV4 },
		{ L2("\"ipMasqFamilies\":[\"ipv6\",\"ipv6\"]"), CONF_IPV6 },
		{ L2("\"ipmasqfamilies\":[\"ipv6\",\"ipv4\"]"), CONF_IPV4 | CONF_IPV6 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		_cleanup_(conf_clear) struct conf conf = sound(good[i].text);

		assert_int_equal(conf.bridge.masq_families, good[i].families);
	}
}

static void test_masq_exclude(void **state)
{
	_cleanup_(conf_clear) struct conf none = sound(L2("\"ipMasqExclude\":[\"\"]"));
	_cleanup_(conf_clear) struct conf conf =
		sound(L2("\"ipMasqExclude\":[\"10.1.2.3/8\",\"192.0.2.7\","
			 "\"::ffff:192.0.2.8\",\"fd00::1/64\",\"fd00::9\"]"));

	(void)state;
	assert_int_equal(none.bridge.n_masq_exclude, 0);
	assert_int_equal(conf.bridge.n_masq_exclude, 5);
	expect_prefix(&conf.bridge.masq_exclude[0], "10.0.0.0/8");
	expect_prefix(&conf.bridge.masq_exclude[1], "192.0.2.7/32");
	expect_prefix(&conf.bridge.masq_exclude[2], "192.0.2.8/32");
	expect_prefix(&conf.bridge.masq_exclude[3], "fd00::/64");
	expect_prefix(&conf.bridge.masq_exclude[4], "fd00::9/128");
}

/* DEL of a network whose list was broken by an edit. */
static void test_masq_exclude_lenient(void **state)
{
	_cleanup_(conf_clear) struct conf conf =
		sound_in(L2("\"ipMasqExclude\":[\"10.0.0.0/8\",\"x\"],"
			    "\"ipMasqFamilies\":[\"ipv4\",\"x\"]"),
			 BRIDGE, CONF_LENIENT);

	(void)state;
	assert_int_equal(conf.bridge.n_masq_exclude, 0);
	assert_int_equal(conf.bridge.masq_families, CONF_IPV4 | CONF_IPV6);
	assert_int_equal(conf.ignored->code, ERROR_CONFIG);
}

/* Templates make a list of "" of what is not set. */
static void test_exclude_nothing(void **state)
{
	_cleanup_(conf_clear) struct conf none =
		sound(IPAM("\"subnet\":\"10.1.0.0/24\",\"exclude\":[\"\"]"));
	_cleanup_(conf_clear) struct conf conf = sound(
		IPAM("\"subnet\":\"10.1.0.0/24\",\"exclude\":[\"\",\"10.1.0.5\",\"\"]"));

	(void)state;
	assert_int_equal(none.ipam.exclude.n, 0);
	assert_int_equal(conf.ipam.exclude.n, 1);
	expect_prefix(&conf.ipam.exclude.v[0], "10.1.0.5/32");
}

static void test_exclude_lenient(void **state)
{
	_cleanup_(conf_clear) struct conf conf =
		sound_in(IPAM("\"exclude\":[\"10.1.0.5\",\"x\"]"), BRIDGE, CONF_LENIENT);

	(void)state;
	assert_int_equal(conf.ipam.exclude.n, 0);
	assert_int_equal(conf.ignored->code, ERROR_CONFIG);
}

static void test_default_gateway_is_gateway(void **state)
{
	_cleanup_(conf_clear) struct conf conf =
		sound(NET("\"isDefaultGateway\":true,\"isGateway\":false"));

	(void)state;
	assert_true(conf.bridge.is_gateway);
}

static void test_mac_precedence(void **state)
{
	static const struct {
		const char *text, *mac;
	} good[] = {
		{ L2("\"args\":{\"cni\":{\"mac\":\"02:00:00:00:00:01\"}}"),
		  "02:00:00:00:00:01" },
		{ L2("\"runtimeConfig\":{\"mac\":\"02:00:00:00:00:02\"}"),
		  "02:00:00:00:00:02" },
		{ L2("\"runtimeConfig\":{\"Mac\":\"02:00:00:00:00:02\"},"
		     "\"args\":{\"cni\":{\"mac\":\"02:00:00:00:00:01\"}}"),
		  "02:00:00:00:00:02" },
		{ L2("\"runtimeConfig\":{\"mac\":\"\"},"
		     "\"args\":{\"cni\":{\"mac\":\"02:00:00:00:00:01\"}}"),
		  "02:00:00:00:00:01" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		_cleanup_(conf_clear) struct conf conf = sound(good[i].text);

		expect_mac(&conf.bridge.mac, good[i].mac);
	}
}

static void test_requested(void **state)
{
	_cleanup_(conf_clear) struct conf conf = sound(
		NET("\"runtimeConfig\":{\"ips\":[\"\",\"10.1.0.3\",\"::ffff:10.1.0.4\"]},"
		    "\"args\":{\"cni\":{\"ips\":\"10.1.0.2/16\"}}"));

	(void)state;
	assert_int_equal(conf.ipam.n_requested, 3);
	expect_ip(&conf.ipam.requested[0], "10.1.0.2");
	expect_ip(&conf.ipam.requested[1], "10.1.0.3");
	expect_ip(&conf.ipam.requested[2], "10.1.0.4");
}

/* Up to 0.2.0 one set of each family can be told, from then on any number. */
static void test_sets_by_version(void **state)
{
	static const char one_each[] =
		"{\"name\":\"n\",\"ipam\":{\"type\":\"host-local\",\"ranges\":"
		"[[{\"subnet\":\"10.1.0.0/16\"}],[{\"subnet\":\"fd00::/64\"}]]}}";
	static const char two[] =
		"{\"name\":\"n\",\"cniVersion\":\"0.3.0\",\"ipam\":{\"type\":\"host-local\","
		"\"ranges\":[[{\"subnet\":\"10.1.0.0/16\"}],[{\"subnet\":\"10.2.0.0/16\"}]]}}";
	_cleanup_(conf_clear) struct conf old = sound(one_each);
	_cleanup_(conf_clear) struct conf new = sound(two);

	(void)state;
	assert_int_equal(old.ipam.n_sets, 2);
	assert_int_equal(new.ipam.n_sets, 2);
}

/* host-local alone has no say in what its caller can print. */
static void test_old_host_local(void **state)
{
	_cleanup_(conf_clear) struct conf conf =
		sound_in("{\"name\":\"n\",\"ipam\":{\"subnet\":\"10.1.0.0/16\"}}",
			 CONF_IPAM, CONF_STRICT);

	(void)state;
	assert_int_equal(conf.ipam.n_sets, 1);
}

static void test_gc(void **state)
{
	static const struct {
		const char *text;
		bool told;
		size_t n;
	} lists[] = {
		{ L2("\"x\":1"), false, 0 },
		{ L2("\"cni.dev/valid-attachments\":null"), true, 0 },
		{ L2("\"cni.dev/valid-attachments\":[]"), true, 0 },
		{ L2("\"cni.dev/attachments\":[]"), true, 0 },
		{ L2("\"cni.dev/attachments\":null"), true, 0 },
		{ L2("\"cni.dev/valid-attachments\":[{\"containerID\":\"a\",\"ifname\":\"eth0\"},"
		     "{\"containerID\":\"b\",\"ifname\":\"eth1\"}]"),
		  true, 2 },
		{ L2("\"cni.dev/attachments\":[{\"ContainerID\":\"a\",\"IfName\":\"eth0\"}]"),
		  true, 1 },
		{ L2("\"cni.dev/valid-attachments\":[{\"containerID\":\"a\",\"ifname\":\"eth0\"}],"
		     "\"cni.dev/attachments\":[]"),
		  true, 1 },
		{ L2("\"cni.dev/valid-attachments\":[],"
		     "\"cni.dev/attachments\":[{\"containerID\":\"a\",\"ifname\":\"eth0\"}]"),
		  true, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		_cleanup_(conf_clear) struct conf conf = sound(lists[i].text);

		assert_int_equal(conf.gc.told, lists[i].told);
		assert_int_equal(conf.gc.n_valid, lists[i].n);
		if (conf.gc.n_valid > 0) {
			assert_string_equal(conf.gc.valid[0].container, "a");
			assert_string_equal(conf.gc.valid[0].ifname, "eth0");
		}
		if (conf.gc.n_valid > 1)
			assert_string_equal(conf.gc.valid[1].container, "b");
	}
}

struct bad {
	const char *text;
	enum error_code code;
	const char *words[2]; /* both must be in the message */
};

/* The frame must be sound in any mood. */
static const struct bad frames[] = {
	{ "", ERROR_DECODE, { "network configuration", "empty" } },
	{ "  \n", ERROR_DECODE, { "empty" } },
	{ "{", ERROR_DECODE, { "line 1, column 2" } },
	{ "{} {}", ERROR_DECODE, { "more after the end" } },
	{ "[]", ERROR_DECODE, { "[] is not a JSON object" } },
	{ "null", ERROR_DECODE, { "null is not a JSON object" } },
	{ "\"x\"", ERROR_DECODE, { "not a JSON object" } },
	{ "{\"name\":\"n\",}", ERROR_DECODE, { "network configuration", "column 13" } },
	{ "{\"name\":\"a\\u0000b\"}", ERROR_DECODE, { "\\u0000" } },
	{ "{}", ERROR_CONFIG, { "\"name\"", "no name" } },
	{ "{\"name\":null}", ERROR_CONFIG, { "\"name\"", "no name" } },
	{ "{\"name\":\"\"}", ERROR_CONFIG, { "\"name\"", "no name" } },
	{ "{\"name\":5}", ERROR_CONFIG, { "\"name\": 5", "not a string" } },
	{ "{\"name\":\"../x\"}",
	  ERROR_CONFIG,
	  { "\"name\": \"../x\"", "letter or digit" } },
	{ "{\"name\":\"a b\"}", ERROR_CONFIG, { "\"name\": \"a b\"" } },
	{ "{\"name\":\"-a\"}", ERROR_CONFIG, { "\"name\": \"-a\"" } },
	{ "{\"name\":\"n\",\"cniVersion\":\"9.9\"}",
	  ERROR_VERSION,
	  { "incompatible CNI versions" } },
	{ "{\"name\":\"n\",\"cniVersion\":\"1.0\"}",
	  ERROR_VERSION,
	  { "incompatible CNI versions" } },
	{ "{\"name\":\"n\",\"cniVersion\":\" 1.0.0\"}",
	  ERROR_VERSION,
	  { "incompatible" } },
	{ "{\"name\":\"n\",\"cniVersion\":1.0}",
	  ERROR_CONFIG,
	  { "\"cniVersion\": 1", "string" } },
};

static const struct bad bad[] = {
	{ L2("\"type\":7"), ERROR_CONFIG, { "\"type\": 7 is not a string" } },
	{ L2("\"prevResult\":[]"),
	  ERROR_CONFIG,
	  { "\"prevResult\": [] is not an object" } },
	{ L2("\"prevResult\":\"x\""), ERROR_CONFIG, { "\"prevResult\": \"x\"" } },

	/* the bridge */
	{ L2("\"bridge\":5"), ERROR_CONFIG, { "\"bridge\": 5 is not a string" } },
	{ L2("\"bridge\":\"a/b\""),
	  ERROR_CONFIG,
	  { "\"bridge\": \"a/b\" is not an interface name (1 to 15 bytes, no '/', ':', '%', white space or control characters; neither \"all\" nor \"default\")" } },
	{ L2("\"bridge\":\"all\""),
	  ERROR_CONFIG,
	  { "\"bridge\": \"all\" is not an interface name" } },
	{ L2("\"bridge\":\"1234567890123456\""),
	  ERROR_CONFIG,
	  { "\"bridge\"", "1 to 15 bytes" } },
	{ L2("\"bridge\":\"..\""), ERROR_CONFIG, { "\"bridge\": \"..\"" } },
	{ L2("\"bridge\":\"a b\""), ERROR_CONFIG, { "\"bridge\": \"a b\"" } },
	{ L2("\"isGateway\":\"true\""),
	  ERROR_CONFIG,
	  { "\"isGateway\": \"true\" is neither true nor false" } },
	{ L2("\"isDefaultGateway\":1"), ERROR_CONFIG, { "\"isDefaultGateway\": 1" } },
	{ L2("\"forceAddress\":[]"), ERROR_CONFIG, { "\"forceAddress\": []" } },
	{ L2("\"ipMasq\":{}"), ERROR_CONFIG, { "\"ipMasq\": {}" } },
	{ L2("\"hairpinMode\":0"), ERROR_CONFIG, { "\"hairpinMode\": 0" } },
	{ L2("\"promiscMode\":\"yes\""), ERROR_CONFIG, { "\"promiscMode\": \"yes\"" } },
	{ L2("\"portIsolation\":2"), ERROR_CONFIG, { "\"portIsolation\": 2" } },
	{ L2("\"disableContainerInterface\":\"\""),
	  ERROR_CONFIG,
	  { "\"disableContainerInterface\": \"\"" } },
	{ L2("\"enabledad\":1"), ERROR_CONFIG, { "\"enabledad\": 1" } },
	{ L2("\"gcLive\":\"on\""), ERROR_CONFIG, { "\"gcLive\": \"on\"" } },
	{ L2("\"ISGATEWAY\":\"true\""), ERROR_CONFIG, { "\"isGateway\": \"true\"" } },
	{ L2("\"mtu\":1500.5"),
	  ERROR_CONFIG,
	  { "\"mtu\": 1500.5 is neither a whole number from 68 to 65535 (0 = the kernel's default) nor \"auto\"" } },
	{ L2("\"mtu\":67"), ERROR_CONFIG, { "\"mtu\": 67 is neither a whole number" } },
	{ L2("\"mtu\":65536"), ERROR_CONFIG, { "\"mtu\": 65536" } },
	{ L2("\"mtu\":-1"), ERROR_CONFIG, { "\"mtu\": -1" } },
	{ L2("\"mtu\":4294968796"), ERROR_CONFIG, { "\"mtu\": 4294968796" } },
	{ L2("\"mtu\":\"1500\""), ERROR_CONFIG, { "\"mtu\": \"1500\"" } },
	{ L2("\"mtu\":1400,\"mtu\":\"x\""), ERROR_CONFIG, { "\"mtu\": \"x\"" } },
	{ L2("\"mtu\":\"Auto\""), ERROR_CONFIG, { "\"mtu\": \"Auto\"", "\"auto\"" } },
	{ L2("\"ipMasqFamilies\":\"ipv4\""),
	  ERROR_CONFIG,
	  { "\"ipMasqFamilies\": \"ipv4\" is not a list" } },
	{ L2("\"ipMasqFamilies\":[]"), ERROR_CONFIG, { "\"ipMasqFamilies\": []" } },
	{ L2("\"ipMasqFamilies\":[\"ipv4\",\"v6\"]"),
	  ERROR_CONFIG,
	  { "\"ipMasqFamilies[1]\": \"v6\" is neither" } },
	{ L2("\"ipMasqFamilies\":[4]"), ERROR_CONFIG, { "\"ipMasqFamilies[0]\": 4" } },
	{ L2("\"ipMasqExclude\":\"10.0.0.0/8\""),
	  ERROR_CONFIG,
	  { "\"ipMasqExclude\": \"10.0.0.0/8\" is not a list" } },
	{ L2("\"ipMasqExclude\":[\"10.0.0.0/8\",\"10.0.0.0/33\"]"),
	  ERROR_CONFIG,
	  { "\"ipMasqExclude[1]\": \"10.0.0.0/33\" is neither" } },
	{ L2("\"ipMasqExclude\":[\"10.0.0\"]"), ERROR_CONFIG, { "\"10.0.0\"" } },
	{ L2("\"ipMasqExclude\":[7]"), ERROR_CONFIG, { "\"ipMasqExclude[0]\": 7" } },
	{ L2("\"ipMasqBackend\":\"iptables\""),
	  ERROR_UNSUPPORTED,
	  { "\"ipMasqBackend\": \"iptables\"", "nftables" } },
	{ L2("\"ipMasqBackend\":\"pf\""),
	  ERROR_CONFIG,
	  { "\"ipMasqBackend\": \"pf\"", "nftables" } },
	{ L2("\"ipMasqBackend\":true"), ERROR_CONFIG, { "\"ipMasqBackend\": true" } },
	{ L2("\"hairpinMode\":true,\"promiscMode\":true"),
	  ERROR_CONFIG,
	  { "\"hairpinMode\"", "\"promiscMode\"" } },
	{ L2("\"vlan\":4095"), ERROR_CONFIG, { "\"vlan\": 4095", "0 to 4094" } },
	{ L2("\"vlan\":-1"), ERROR_CONFIG, { "\"vlan\": -1" } },
	{ L2("\"vlan\":1.5"), ERROR_CONFIG, { "\"vlan\": 1.5", "whole number" } },
	{ L2("\"vlan\":\"100\""), ERROR_CONFIG, { "\"vlan\": \"100\"" } },
	{ L2("\"vlanTrunk\":{}"), ERROR_CONFIG, { "\"vlanTrunk\": {} is not a list" } },
	{ L2("\"vlanTrunk\":[{\"id\":1},{}]"),
	  ERROR_CONFIG,
	  { "\"vlanTrunk[1]\": {}", "neither" } },
	{ L2("\"vlanTrunk\":[{\"id\":0}]"),
	  ERROR_CONFIG,
	  { "\"vlanTrunk[0].id\": 0", "1 to 4094" } },
	{ L2("\"vlanTrunk\":[{\"minID\":5}]"),
	  ERROR_CONFIG,
	  { "\"vlanTrunk[0]\"", "\"minID\" needs \"maxID\"" } },
	{ L2("\"vlanTrunk\":[{\"maxID\":5,\"id\":4}]"),
	  ERROR_CONFIG,
	  { "\"vlanTrunk[0]\"", "\"maxID\" needs \"minID\"" } },
	{ L2("\"vlanTrunk\":[{\"minID\":6,\"maxID\":5}]"),
	  ERROR_CONFIG,
	  { "6", "greater than \"maxID\" 5" } },
	{ L2("\"bridge\":\"elevenbytes\",\"vlan\":4094,\"isGateway\":true"),
	  ERROR_CONFIG,
	  { "\"elevenbytes\" is too long", "elevenbytes.4094, of 16 bytes" } },
	{ L2("\"macspoofchk\":1"), ERROR_CONFIG, { "\"macspoofchk\": 1" } },
	{ L2("\"preserveDefaultVlan\":1"),
	  ERROR_CONFIG,
	  { "\"preserveDefaultVlan\": 1" } },
	{ L2("\"dns\":[]"), ERROR_CONFIG, { "\"dns\": [] is not an object" } },
	{ L2("\"dns\":{\"nameservers\":\"10.1.0.1\"}"),
	  ERROR_CONFIG,
	  { "\"dns.nameservers\": \"10.1.0.1\"" } },
	{ L2("\"dns\":{\"search\":[\"a\",5]}"),
	  ERROR_CONFIG,
	  { "\"dns.search[1]\": 5 is not a string" } },
	{ L2("\"dns\":{\"domain\":{}}"), ERROR_CONFIG, { "\"dns.domain\": {}" } },
	{ L2("\"runtimeConfig\":{\"dns\":[]}"),
	  ERROR_CONFIG,
	  { "\"runtimeConfig.dns\": [] is not an object" } },
	{ L2("\"runtimeConfig\":{\"dns\":{\"servers\":\"10.1.0.1\"}}"),
	  ERROR_CONFIG,
	  { "\"runtimeConfig.dns.servers\": \"10.1.0.1\"" } },
	{ L2("\"runtimeConfig\":[]"),
	  ERROR_CONFIG,
	  { "\"runtimeConfig\": [] is not an object" } },
	{ L2("\"runtimeConfig\":{\"mac\":\"zz\"}"),
	  ERROR_CONFIG,
	  { "\"runtimeConfig.mac\": \"zz\"" } },
	{ L2("\"runtimeConfig\":{\"mac\":\"01:00:00:00:00:00\"}"),
	  ERROR_CONFIG,
	  { "\"runtimeConfig.mac\": \"01:00:00:00:00:00\"" } },
	{ L2("\"runtimeConfig\":{\"mac\":5}"),
	  ERROR_CONFIG,
	  { "\"runtimeConfig.mac\": 5" } },
	{ L2("\"args\":5"), ERROR_CONFIG, { "\"args\": 5 is not an object" } },
	{ L2("\"args\":{\"cni\":\"x\"}"),
	  ERROR_CONFIG,
	  { "\"args.cni\": \"x\" is not an object" } },
	{ L2("\"args\":{\"cni\":{\"mac\":\"zz\"}}"),
	  ERROR_CONFIG,
	  { "\"args.cni.mac\": \"zz\"" } },

	/* ipam */
	{ L2("\"ipam\":[]"), ERROR_CONFIG, { "\"ipam\": [] is not an object" } },
	{ L2("\"ipam\":{\"type\":5}"),
	  ERROR_CONFIG,
	  { "\"ipam.type\": 5 is not a string" } },
	{ L2("\"ipam\":{\"type\":\"../x\"}"),
	  ERROR_CONFIG,
	  { "\"ipam.type\": \"../x\"", "no '/'" } },
	{ L2("\"ipam\":{\"type\":\"a/b\"}"), ERROR_CONFIG, { "\"ipam.type\": \"a/b\"" } },
	{ L2("\"ipam\":{\"type\":\"/bin/sh\"}"),
	  ERROR_CONFIG,
	  { "\"ipam.type\": \"/bin/sh\"" } },
	{ L2("\"ipam\":{\"type\":\".\"}"), ERROR_CONFIG, { "\"ipam.type\": \".\"" } },
	{ L2("\"ipam\":{\"type\":\"..\"}"), ERROR_CONFIG, { "\"ipam.type\": \"..\"" } },
	{ L2("\"type\":\"bridge\",\"ipam\":{\"type\":\"bridge\"}"),
	  ERROR_CONFIG,
	  { "\"ipam.type\": \"bridge\" is this plugin itself" } },
	{ L2("\"disableContainerInterface\":true,\"ipam\":{\"type\":\"dhcp\"}"),
	  ERROR_CONFIG,
	  { "\"disableContainerInterface\"", "\"dhcp\"" } },
	{ L2("\"ipam\":{\"type\":\"host-local\"}"),
	  ERROR_CONFIG,
	  { "\"ipam.ranges\"", "no IP ranges specified" } },
	{ RANGES("[]"), ERROR_CONFIG, { "no IP ranges specified" } },
	{ IPAM("\"rangeStart\":\"10.1.0.5\""),
	  ERROR_CONFIG,
	  { "no IP ranges specified" } },
	{ NET("\"disableContainerInterface\":true"),
	  ERROR_CONFIG,
	  { "\"disableContainerInterface\"", "\"host-local\"" } },
	{ "{\"name\":\"n\",\"cniVersion\":\"0.2.0\"}",
	  ERROR_CONFIG,
	  { "\"cniVersion\": \"0.2.0\"", "without addresses" } },
	{ "{\"name\":\"n\",\"ipam\":{}}",
	  ERROR_CONFIG,
	  { "\"cniVersion\": \"0.1.0\"", "cannot be told below 0.3.0" } },
	{ IPAM("\"dataDir\":\"leases\""),
	  ERROR_CONFIG,
	  { "\"ipam.dataDir\": \"leases\"", "absolute" } },
	{ IPAM("\"dataDir\":5"), ERROR_CONFIG, { "\"ipam.dataDir\": 5" } },
	{ IPAM("\"exclude\":\"10.1.0.5\""),
	  ERROR_CONFIG,
	  { "\"ipam.exclude\": \"10.1.0.5\" is not a list" } },
	{ IPAM("\"exclude\":[\"10.1.0.5\",\"10.1.0\"]"),
	  ERROR_CONFIG,
	  { "\"ipam.exclude[1]\": \"10.1.0\" is neither an IP address" } },
	{ IPAM("\"exclude\":[null]"), ERROR_CONFIG, { "\"ipam.exclude[0]\": null" } },
	{ IPAM("\"exclude\":[5]"), ERROR_CONFIG, { "\"ipam.exclude[0]\": 5" } },
	{ IPAM("\"exclude\":[\"10.1.0.5/28\"]"),
	  ERROR_CONFIG,
	  { "\"ipam.exclude[0]\": 10.1.0.5/28 has host bits", "10.1.0.0/28" } },
	{ IPAM("\"exclude\":[\"10.1.0.0/33\"]"),
	  ERROR_CONFIG,
	  { "\"ipam.exclude[0]\": \"10.1.0.0/33\"" } },
	{ IPAM("\"order\":\"highest\""),
	  ERROR_CONFIG,
	  { "\"ipam.order\": \"highest\" is neither \"roundrobin\" nor \"lowest\"" } },
	{ IPAM("\"sticky\":\"yes\""), ERROR_CONFIG, { "\"ipam.sticky\": \"yes\"" } },
	{ IPAM("\"reclaim\":0"), ERROR_CONFIG, { "\"ipam.reclaim\": 0" } },
	{ IPAM("\"order\":true"), ERROR_CONFIG, { "\"ipam.order\": true" } },
	{ IPAM("\"resolvConf\":true"), ERROR_CONFIG, { "\"ipam.resolvConf\": true" } },
	{ IPAM("\"subnet\":5"), ERROR_CONFIG, { "\"ipam.subnet\": 5 is not a string" } },
	{ IPAM("\"subnet\":\"10.1.0.0\""),
	  ERROR_CONFIG,
	  { "\"ipam.subnet\": \"10.1.0.0\"" } },
	{ IPAM("\"subnet\":\"10.1.0.0/33\""),
	  ERROR_CONFIG,
	  { "\"ipam.subnet\": \"10.1.0.0/33\"" } },
	{ IPAM("\"subnet\":\"10.1.0.5/16\""),
	  ERROR_CONFIG,
	  { "\"ipam.subnet\": 10.1.0.5/16", "10.1.0.0/16" } },
	{ IPAM("\"subnet\":\"10.1.0.0/31\""),
	  ERROR_CONFIG,
	  { "\"ipam.subnet\": 10.1.0.0/31" } },
	{ IPAM("\"subnet\":\"fd00::/127\""),
	  ERROR_CONFIG,
	  { "\"ipam.subnet\": fd00::/127" } },
	{ IPAM("\"subnet\":\"10.1.0.0/16\",\"rangeStart\":\"10.9.0.1\""),
	  ERROR_CONFIG,
	  { "\"ipam.rangeStart\": 10.9.0.1 is not in the subnet 10.1.0.0/16" } },
	{ IPAM("\"subnet\":\"10.1.0.0/16\",\"rangeStart\":\"10.1.0.5/16\""),
	  ERROR_CONFIG,
	  { "\"ipam.rangeStart\": \"10.1.0.5/16\"", "no /length" } },
	{ IPAM("\"subnet\":\"10.1.0.0/16\",\"gateway\":\"fd00::1\""),
	  ERROR_CONFIG,
	  { "\"ipam.gateway\": fd00::1" } },
	{ STRANDED("\"subnet\":\"10.1.0.0/16\",\"gateway\":\"10.3.0.1\""),
	  ERROR_CONFIG,
	  { "\"ipam.gateway\": 10.3.0.1 is not in the subnet 10.1.0.0/16, and no on-link route" } },
	{ STRANDED(
		  "\"ranges\":[[{\"subnet\":\"fd00::/64\"}],[{\"subnet\":\"10.1.0.0/16\",\"gateway\":\"10.3.0.1\"}]]"),
	  ERROR_CONFIG,
	  { "\"ipam.ranges[1][0].gateway\": 10.3.0.1" } },
	{ STRANDED(
		  "\"subnet\":\"fd00::/64\",\"ranges\":[[{\"subnet\":\"10.1.0.0/16\",\"gateway\":\"10.3.0.1\"}]]"),
	  ERROR_CONFIG,
	  { "\"ipam.ranges[0][0].gateway\": 10.3.0.1" } },
	{ STRANDED(
		  "\"subnet\":\"fd00::/64\",\"gateway\":\"fd01::1\",\"ranges\":[[{\"subnet\":\"10.1.0.0/16\"}]]"),
	  ERROR_CONFIG,
	  { "\"ipam.gateway\": fd01::1" } },
	{ STRANDED(
		  "\"ranges\":[[{\"subnet\":\"10.1.0.0/16\"}]]},\"runtimeConfig\":{"
		  "\"ipRanges\":[{\"subnet\":\"10.2.0.0/16\",\"gateway\":\"10.3.0.1\"}]"),
	  ERROR_CONFIG,
	  { "\"runtimeConfig.ipRanges\": 10.3.0.1" } },
	{ IPAM("\"subnet\":\"10.1.0.0/16\",\"gateway\":\"10.3.0.1\",\"routes\":[{\"dst\":\"10.9.0.0/16\"},"
	       "{\"dst\":\"10.4.0.0/16\",\"scope\":253},{\"dst\":\"10.3.0.0/16\",\"scope\":252}]"),
	  ERROR_CONFIG,
	  { "\"ipam.gateway\": 10.3.0.1" } },
	{ RANGES("{}"), ERROR_CONFIG, { "\"ipam.ranges\": {} is not a list" } },
	{ RANGES("[{\"subnet\":\"10.1.0.0/16\"}]"),
	  ERROR_CONFIG,
	  { "\"ipam.ranges[0]\"", "not a list" } },
	{ RANGES("[null]"), ERROR_CONFIG, { "\"ipam.ranges[0]\": null" } },
	{ RANGES("[[]]"), ERROR_CONFIG, { "\"ipam.ranges[0]\"", "empty" } },
	{ RANGES("[[5]]"),
	  ERROR_CONFIG,
	  { "\"ipam.ranges[0][0]\": 5 is not an object" } },
	{ RANGES("[[null]]"), ERROR_CONFIG, { "\"ipam.ranges[0][0]\": null" } },
	{ RANGES("[[{}]]"), ERROR_CONFIG, { "\"ipam.ranges[0][0].subnet\"", "missing" } },
	{ RANGES("[[{\"subnet\":\"\"}]]"),
	  ERROR_CONFIG,
	  { "\"ipam.ranges[0][0].subnet\"", "missing" } },
	{ RANGES("[[{\"subnet\":\"10.1.0.0/16\"},{\"subnet\":\"10.2.0.0/16\",\"rangeStart\":"
		 "\"10.9.0.1\"}]]"),
	  ERROR_CONFIG,
	  { "\"ipam.ranges[0][1].rangeStart\": 10.9.0.1 is not in the subnet 10.2.0.0/16" } },
	{ RANGES("[[{\"subnet\":\"10.1.0.0/16\"}],[{\"subnet\":\"10.2.0.0/16\",\"rangeEnd\":true}]]"),
	  ERROR_CONFIG,
	  { "\"ipam.ranges[1][0].rangeEnd\": true is not a string" } },
	{ RANGES("[[{\"subnet\":\"10.1.0.0/16\",\"rangeStart\":\"10.1.0.9\",\"rangeEnd\":"
		 "\"10.1.0.8\"}]]"),
	  ERROR_CONFIG,
	  { "\"ipam.ranges[0][0].range", "10.1.0.9" } },
	{ RANGES("[[{\"subnet\":\"10.1.0.0/16\",\"gateway\":\"10.1\"}]]"),
	  ERROR_CONFIG,
	  { "\"ipam.ranges[0][0].gateway\": \"10.1\"" } },
	{ RANGES("[[{\"subnet\":\"10.1.0.0/16\"},{\"subnet\":\"fd00::/64\"}]]"),
	  ERROR_CONFIG,
	  { "\"ipam.ranges[0]\": ", "family" } },
	{ RANGES("[[{\"subnet\":\"10.1.0.0/16\"},{\"subnet\":\"10.1.1.0/24\"}]]"),
	  ERROR_CONFIG,
	  { "\"ipam.ranges[0]\": ", "overlap" } },
	{ RANGES("[[{\"subnet\":\"10.1.0.0/16\"}],[{\"subnet\":\"10.1.1.0/24\"}]]"),
	  ERROR_CONFIG,
	  { "\"ipam.ranges[1]\": 10.1.1.1-10.1.1.254 overlaps",
	    "10.1.0.1-10.1.255.254" } },
	{ IPAM("\"subnet\":\"10.1.0.0/16\",\"ranges\":[[{\"subnet\":\"10.1.1.0/24\"}]]"),
	  ERROR_CONFIG,
	  { "\"ipam.ranges[0]\": 10.1.1.1-10.1.1.254 overlaps" } },
	{ NET("\"runtimeConfig\":{\"ipRanges\":[[{\"subnet\":\"10.1.2.0/24\"}]]}"),
	  ERROR_CONFIG,
	  { "\"ipam\": 10.1.0.1-10.1.255.254 overlaps", "10.1.2.1-10.1.2.254" } },
	{ NET("\"runtimeConfig\":{\"ipRanges\":{}}"),
	  ERROR_CONFIG,
	  { "\"runtimeConfig.ipRanges\": {} is not a list" } },
	{ NET("\"runtimeConfig\":{\"ipRanges\":[{\"Subnet\":\"10.9.0.0/24\"},{\"Subnet\":\"x\"}]}"),
	  ERROR_CONFIG,
	  { "\"runtimeConfig.ipRanges[1].subnet\": \"x\"" } },
	{ NET("\"runtimeConfig\":{\"ipRanges\":[\"10.9.0.0/24\"]}"),
	  ERROR_CONFIG,
	  { "\"runtimeConfig.ipRanges[0]\": \"10.9.0.0/24\"" } },
	{ "{\"name\":\"n\",\"cniVersion\":\"0.2.0\",\"ipam\":{\"type\":\"host-local\",\"ranges\":"
	  "[[{\"subnet\":\"10.1.0.0/16\"}],[{\"subnet\":\"10.2.0.0/16\"}]]}}",
	  ERROR_CONFIG,
	  { "\"cniVersion\": \"0.2.0\"", "2 IPv4, 0 IPv6" } },
	{ "{\"name\":\"n\",\"ipam\":{\"type\":\"host-local\",\"ranges\":"
	  "[[{\"subnet\":\"fd00::/64\"}],[{\"subnet\":\"fd01::/64\"}]]}}",
	  ERROR_CONFIG,
	  { "0 IPv4, 2 IPv6", "0.3.0" } },
	{ IPAM("\"routes\":{}"), ERROR_CONFIG, { "\"ipam.routes\": {} is not a list" } },
	{ IPAM("\"routes\":[5]"),
	  ERROR_CONFIG,
	  { "\"ipam.routes[0]\": 5 is not an object" } },
	{ IPAM("\"routes\":[{}]"),
	  ERROR_CONFIG,
	  { "\"ipam.routes[0].dst\"", "missing" } },
	{ IPAM("\"routes\":[{\"dst\":\"0.0.0.0/0\"},{\"dst\":\"x\"}]"),
	  ERROR_CONFIG,
	  { "\"ipam.routes[1].dst\": \"x\"" } },
	{ IPAM("\"routes\":[{\"dst\":\"0.0.0.0/0\",\"gw\":5}]"),
	  ERROR_CONFIG,
	  { "\"ipam.routes[0].gw\": 5" } },
	{ IPAM("\"routes\":[{\"dst\":\"0.0.0.0/0\",\"mtu\":-1}]"),
	  ERROR_CONFIG,
	  { "\"ipam.routes[0].mtu\": -1" } },
	{ NET("\"runtimeConfig\":{\"ips\":[\"10.1.0.5\",\"10.1.0\"]}"),
	  ERROR_CONFIG,
	  { "\"runtimeConfig.ips[1]\": \"10.1.0\" is not an IP address" } },
	{ NET("\"runtimeConfig\":{\"ips\":[\"10.1.0.5/99\"]}"),
	  ERROR_CONFIG,
	  { "\"runtimeConfig.ips[0]\": \"10.1.0.5/99\"" } },
	{ NET("\"runtimeConfig\":{\"ips\":{}}"),
	  ERROR_CONFIG,
	  { "\"runtimeConfig.ips\": {}" } },
	{ NET("\"runtimeConfig\":{\"ips\":\"x\"}"),
	  ERROR_CONFIG,
	  { "\"runtimeConfig.ips\": \"x\"" } },
	{ NET("\"args\":{\"cni\":{\"ips\":[5]}}"),
	  ERROR_CONFIG,
	  { "\"args.cni.ips[0]\": 5" } },

	/* GC */
	{ L2("\"cni.dev/valid-attachments\":{}"),
	  ERROR_CONFIG,
	  { "\"cni.dev/valid-attachments\": {} is not a list" } },
	{ L2("\"cni.dev/valid-attachments\":[5]"),
	  ERROR_CONFIG,
	  { "\"cni.dev/valid-attachments[0]\": 5 is not an object" } },
	{ L2("\"cni.dev/attachments\":[{\"containerID\":\"a\",\"ifname\":\"e\"},{\"ifname\":\"e\"}]"),
	  ERROR_CONFIG,
	  { "\"cni.dev/attachments[1]\"", "\"containerID\"" } },
	{ L2("\"cni.dev/attachments\":[{\"containerID\":\"a\"}]"),
	  ERROR_CONFIG,
	  { "\"ifname\"" } },
	{ L2("\"cni.dev/attachments\":[{\"containerID\":5,\"ifname\":\"e\"}]"),
	  ERROR_CONFIG,
	  { "\"cni.dev/attachments[0].containerID\": 5" } },
};

static void expect_bad(const struct bad *row, const struct error *e)
{
	if (e->code != row->code)
		fail_msg("%s: code %d is not %d: %s", row->text, e->code, row->code,
			 e->msg);
	for (size_t i = 0; i < COUNT(row->words); i++)
		if (row->words[i] && !strstr(e->msg, row->words[i]))
			fail_msg("%s: \"%s\" lacks \"%s\"", row->text, e->msg,
				 row->words[i]);
}

static void expect_refused(const struct bad *row, enum conf_mood mood)
{
	struct conf conf = { .name = "untouched" };
	struct error e = { 0 };

	if (parse(row->text, BRIDGE, mood, &conf, &e) == 0)
		fail_msg("%s was accepted", row->text);
	expect_bad(row, &e);
	assert_string_equal(conf.name, "untouched");
}

static void test_bad_frame(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(frames); i++) {
		expect_refused(&frames[i], CONF_STRICT);
		expect_refused(&frames[i], CONF_LENIENT);
	}
}

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		expect_refused(&bad[i], CONF_STRICT);
}

/* What routes go through is no mistake wherever it is, and what none goes through is none. */
static void test_gateways_elsewhere(void **state)
{
	static const char *const good[] = {
		IPAM("\"subnet\":\"10.1.0.0/16\",\"gateway\":\"10.3.0.1\""),
		IPAM("\"subnet\":\"10.1.0.0/16\",\"gateway\":\"10.3.0.1\",\"routes\":["
		     "{\"dst\":\"10.9.0.0/16\",\"gw\":\"10.1.0.9\"},{\"dst\":\"::/0\"}]"),
		STRANDED("\"subnet\":\"10.1.0.0/16\",\"gateway\":\"0.0.0.0\""),
		STRANDED("\"subnet\":\"fd00::/64\",\"gateway\":\"fe80::1\""),
		STRANDED(
			"\"subnet\":\"10.1.0.0/16\",\"gateway\":\"10.3.0.1\",\"routes\":["
			"{\"dst\":\"10.3.0.0/16\",\"scope\":253}]"),
		STRANDED("\"subnet\":\"fd00::/64\",\"gateway\":\"fd01::1\",\"routes\":["
			 "{\"dst\":\"fd01::1/128\",\"gw\":\"::\"}]"),
		STRANDED(
			"\"subnet\":\"10.1.0.0/16\",\"gateway\":\"10.3.0.1\",\"routes\":["
			"{\"dst\":\"0.0.0.0/0\",\"gw\":\"10.1.0.9\"}]"),
		STRANDED(
			"\"ranges\":[[{\"subnet\":\"10.1.0.0/16\",\"gateway\":\"10.3.0.1\"}],"
			"[{\"subnet\":\"10.3.0.0/16\"}]]"),
		/* that of another set */
		STRANDED("\"ranges\":[[{\"subnet\":\"10.1.0.0/16\"}],"
			 "[{\"subnet\":\"10.2.0.0/16\",\"gateway\":\"10.3.0.1\"}]]"),
		/* of several ranges nobody knows which one comes */
		STRANDED(
			"\"ranges\":[[{\"subnet\":\"10.1.0.0/16\",\"gateway\":\"10.3.0.1\"},"
			"{\"subnet\":\"10.2.0.0/16\"}]]"),
	};
	static const char promised[] =
		"{\"cniVersion\":\"1.1.0\",\"name\":\"net\",\"isDefaultGateway\":true,"
		"\"capabilities\":{\"ipRanges\":true},\"ipam\":{\"type\":\"host-local\","
		"\"subnet\":\"10.1.0.0/16\",\"gateway\":\"10.3.0.1\"}}";
	const struct bad alone = { promised, ERROR_CONFIG, { "\"ipam.gateway\"" } };
	_cleanup_(conf_clear) struct conf status = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		_cleanup_(conf_clear) struct conf conf = sound(good[i]);

		assert_true(conf.ipam.n_sets > 0);
	}
	/* STATUS does not know the ranges that come with an ADD, of which the first counts */
	expect_refused(&alone, CONF_STRICT);
	status = sound_in(promised, BRIDGE, CONF_NETWORK);
	assert_int_equal(status.ipam.n_sets, 1);
}

/* @n ranges, in one set or each in its own.  Return: a text the caller frees. */
static char *many_ranges(size_t n, bool apart)
{
	size_t size = 200 + n * 40, len;
	char *text = calloc(1, size);

	assert_non_null(text);
	len = (size_t)snprintf(text, size, "%s",
			       "{\"cniVersion\":\"1.1.0\",\"name\":\"net\",\"ipam\":{"
			       "\"type\":\"host-local\",\"ranges\":[[");
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, size - len,
					"%s{\"subnet\":\"10.%zu.%zu.%zu/30\"}",
					!i	? ""
					: apart ? "],["
						: ",",
					i >> 14, i >> 6 & 255, i * 4 & 255);
	(void)snprintf(text + len, size - len, "]]}}");
	return text;
}

/* Each range is compared with all others: their number is bounded, also for DEL. */
static void test_many_ranges(void **state)
{
	(void)state;
	for (int apart = 0; apart < 2; apart++) {
		_cleanup_(freep) char *most = many_ranges(1024, apart);
		_cleanup_(freep) char *more = many_ranges(1025, apart);
		_cleanup_(conf_clear) struct conf conf = sound(most);
		_cleanup_(conf_clear) struct conf lenient =
			sound_in(more, BRIDGE, CONF_LENIENT);
		const struct bad too_many = { more, ERROR_CONFIG, { "at most 1024" } };

		assert_int_equal(conf.ipam.n_sets, apart ? 1024 : 1);
		expect_refused(&too_many, CONF_STRICT);
		assert_int_equal(lenient.ipam.n_sets, 0);
		assert_int_equal(lenient.ignored->code, ERROR_CONFIG);
	}
}

/* In the lenient mood the same trouble is kept and nothing fails. */
static void test_bad_leniently(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		_cleanup_(conf_clear) struct conf conf =
			sound_in(bad[i].text, BRIDGE, CONF_LENIENT);

		expect_bad(&bad[i], conf.ignored);
	}
}

static void test_version_details(void **state)
{
	struct conf conf = { 0 };
	struct error e = { 0 };

	(void)state;
	assert_int_equal(parse("{\"name\":\"n\",\"cniVersion\":\"9.9\"}", BRIDGE,
			       CONF_LENIENT, &conf, &e),
			 -1);
	assert_string_equal(e.msg, "incompatible CNI versions");
	assert_string_equal(e.details,
			    "config is \"9.9\", plugin supports [\"0.1.0\",\"0.2.0\","
			    "\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]");
}

static void test_bad_host_local(void **state)
{
	static const struct bad rows[] = {
		{ "{\"name\":\"n\"}", ERROR_CONFIG, { "no IP ranges specified" } },
		{ "{\"name\":\"n\",\"ipam\":null}",
		  ERROR_CONFIG,
		  { "no IP ranges specified" } },
		{ "{\"name\":\"n\",\"ipam\":{}}",
		  ERROR_CONFIG,
		  { "no IP ranges specified" } },
		{ "{\"name\":\"n\",\"ipam\":{\"type\":5}}",
		  ERROR_CONFIG,
		  { "\"ipam.type\": 5" } },
		{ "{\"name\":\"n\",\"ipam\":{\"ranges\":[[{\"subnet\":\"10.1.0.0/16\"}],"
		  "[{\"subnet\":\"10.2.0.0/16\"}]]}}",
		  ERROR_CONFIG,
		  { "needs 0.3.0" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct conf conf = { 0 };
		struct error e = { 0 };

		assert_int_equal(parse(rows[i].text, CONF_IPAM, CONF_STRICT, &conf, &e),
				 -1);
		expect_bad(&rows[i], &e);
	}
}

/* What is bad keeps its default, what stands around it is read, the first trouble is told. */
static void test_lenient_keeps(void **state)
{
	_cleanup_(conf_clear) struct conf conf = sound_in(
		L2("\"bridge\":\"br7\",\"mtu\":\"x\",\"isGateway\":7,\"ipMasq\":true,"
		   "\"prevResult\":\"torn\",\"ipam\":{\"type\":\"host-local\",\"dataDir\":\"/d\","
		   "\"subnet\":\"10.5.0.0/16\",\"ranges\":[[{\"subnet\":\"10.1.0.0/16\"}],"
		   "[{\"subnet\":\"gone\"}]],\"routes\":[{\"dst\":\"0.0.0.0/0\"},5]},"
		   "\"runtimeConfig\":{\"ips\":[\"10.5.0.1\",\"x\"],\"mac\":\"zz\"},"
		   "\"args\":{\"cni\":{\"mac\":\"02:00:00:00:00:01\",\"ips\":\"10.5.0.9\"}}"),
		BRIDGE, CONF_LENIENT);

	(void)state;
	assert_string_equal(conf.bridge.bridge, "br7");
	assert_int_equal(conf.bridge.mtu, 0);
	assert_false(conf.bridge.is_gateway);
	assert_true(conf.bridge.ip_masq);
	assert_null(conf.prev_result);
	assert_string_equal(conf.ipam.data_dir, "/d");
	assert_int_equal(conf.ipam.n_sets, 1);
	expect_set(&conf, 0, "10.5.0.1-10.5.255.254");
	assert_int_equal(conf.ipam.n_routes, 0);
	assert_int_equal(conf.ipam.n_requested, 1);
	expect_ip(&conf.ipam.requested[0], "10.5.0.9");
	expect_mac(&conf.bridge.mac, "02:00:00:00:00:01");
	assert_int_equal(conf.ignored->code, ERROR_CONFIG);
	assert_non_null(strstr(conf.ignored->msg, "\"prevResult\": \"torn\""));
}

/* What a pod's author may fill: no JSON in there can hinder a DEL. */
static void test_lenient_about_pods(void **state)
{
	static const char *const members[] = { "args", "runtimeConfig", "RuntimeConfig",
					       "prevResult" };
	static const char *const values[] = { "{\"a\":\"\\u0000\"}", "{\"a\":1e999}",
					      "\"\\ud800\"", "{\"\xff\":[\"]\"]}" };
	struct conf conf = { 0 };
	struct error e = { 0 };
	char text[256];

	(void)state;
	for (size_t i = 0; i < COUNT(members) * COUNT(values); i++) {
		const char *value = values[i % COUNT(values)];

		(void)snprintf(text, sizeof(text), L2("\"%s\":%s,\"bridge\":\"br7\""),
			       members[i / COUNT(values)], value);
		for (enum conf_mood mood = CONF_STRICT; mood < CONF_LENIENT; mood++) {
			assert_int_equal(parse(text, BRIDGE, mood, &conf, &e), -1);
			assert_int_equal(e.code, ERROR_DECODE);
		}
		for (enum conf_mood mood = CONF_LENIENT; mood <= CONF_COLLECT; mood++) {
			conf = sound_in(text, BRIDGE, mood);
			assert_string_equal(conf.bridge.bridge, "br7");
			assert_int_equal(conf.ignored->code, ERROR_DECODE);
			assert_non_null(strstr(conf.ignored->msg, "not valid JSON"));
			conf_clear(&conf);
		}
		(void)snprintf(text, sizeof(text), L2("\"x\":%s"), value);
		assert_int_equal(parse(text, BRIDGE, CONF_LENIENT, &conf, &e), -1);
		assert_int_equal(e.code, ERROR_DECODE);
	}
}

/* Also where nothing else could be read. */
static void test_version_of_failure(void **state)
{
	static const struct {
		const char *text;
		enum version version;
	} cases[] = {
		{ "{\"name\":\"n\",\"cniVersion\":\"0.4.0\",\"mtu\":\"x\"}",
		  VERSION_0_4_0 },
		{ "{\"cniVersion\":\"0.3.1\"}", VERSION_0_3_1 },
		{ "{}", VERSION_0_1_0 },
		{ "{\"name\":\"n\",\"cniVersion\":\"7\"}", VERSION_LATEST },
		{ "{", VERSION_LATEST },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct conf conf = { 0 };
		struct error e;

		assert_int_equal(parse(cases[i].text, BRIDGE, CONF_STRICT, &conf, &e),
				 -1);
		assert_int_equal(conf.version, cases[i].version);
	}
}

/* The keys of another plugin are its own: here none has host-local's type. */
static void test_external_ipam(void **state)
{
	static const char text[] =
		L2("\"type\":\"bridge\",\"isGateway\":true,"
		   "\"args\":{\"cni\":{\"ips\":5}},"
		   "\"runtimeConfig\":{\"ipRanges\":\"x\",\"ips\":{}},"
		   "\"ipam\":{\"type\":\"calico-ipam\",\"subnet\":\"usePodCidr\","
		   "\"ranges\":5,\"routes\":{},\"dataDir\":\"here\",\"resolvConf\":1}");

	(void)state;
	for (int mood = CONF_STRICT; mood <= CONF_LENIENT; mood++) {
		struct conf conf = { 0 };
		struct error e;

		assert_int_equal(conf_parse(text, strlen(text), BRIDGE,
					    (enum conf_mood)mood, &conf, &e),
				 0);
		assert_null(conf.ignored);
		assert_true(conf.ipam.external);
		assert_string_equal(conf.ipam.type, "calico-ipam");
		assert_string_equal(conf.ipam.data_dir, "/var/lib/cni/networks");
		assert_int_equal(conf.ipam.n_sets, 0);
		assert_true(conf.bridge.is_gateway);
		assert_ptr_equal(conf.text, text);
		assert_int_equal(conf.len, strlen(text));
		conf_clear(&conf);
	}
}

static void test_built_in_ipam(void **state)
{
	static const char *const texts[] = {
		NET("\"mtu\":0"),
		L2("\"mtu\":0"),
		L2("\"ipam\":{\"type\":\"\"}"),
		L2("\"ipam\":{\"type\":null}"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		_cleanup_(conf_clear) struct conf conf = sound(texts[i]);

		assert_false(conf.ipam.external);
	}
}

/* A DEL must know that there were addresses, but runs nothing that it should not. */
static void test_lenient_ipam_type(void **state)
{
	_cleanup_(conf_clear) struct conf conf =
		sound_in(L2("\"ipam\":{\"type\":\"../dhcp\"}"), BRIDGE, CONF_LENIENT);

	(void)state;
	assert_string_equal(conf.ipam.type, "../dhcp");
	assert_false(conf.ipam.external);
	assert_int_equal(conf.ignored->code, ERROR_CONFIG);
}

/* From a list that cannot be read nobody may conclude who is no longer valid. */
static void test_lenient_attachments(void **state)
{
	_cleanup_(conf_clear) struct conf conf = sound_in(
		L2("\"cni.dev/attachments\":[{\"containerID\":\"a\",\"ifname\":\"e\"},{}]"),
		BRIDGE, CONF_LENIENT);

	(void)state;
	assert_false(conf.gc.told);
	assert_int_equal(conf.gc.n_valid, 0);
	assert_int_equal(conf.ignored->code, ERROR_CONFIG);
}

static void test_clear_twice(void **state)
{
	struct conf conf = sound_file(GOOD "everything.json", BRIDGE);

	(void)state;
	conf_clear(&conf);
	assert_null(conf.tree);
	assert_null(conf.owned);
	assert_null(conf.ipam.sets);
	conf_clear(&conf);
}

/* What a review hears, one line each. */
static void note(const struct error *e, void *arg)
{
	struct list *heard = arg;
	struct error ignored = { 0 };

	assert_int_equal(list_add(heard, e->msg, &ignored), 0);
}

static void expect_heard(const struct list *heard, const char *const *words, size_t n)
{
	for (size_t i = 0; i < heard->n && i < n; i++)
		if (!strstr(heard->v[i], words[i]))
			fail_msg("\"%s\" lacks \"%s\"", heard->v[i], words[i]);
	assert_int_equal(heard->n, n);
}

static struct list review(const char *text, unsigned int parts, enum version version)
{
	_cleanup_(json_freep) struct cJSON *tree = NULL;
	struct list heard = { NULL, 0 };
	const struct listener listener = { note, &heard };
	struct error e = { 0 };

	assert_int_equal(json_parse(text, strlen(text), &tree, &e), 0);
	assert_int_equal(conf_review(tree, parts, version, &listener, &e), 0);
	return heard;
}

static void test_review_hears_all(void **state)
{
	static const char text[] =
		"{\"type\":\"bridge\",\"bridge\":\"a/b\",\"mtu\":\"x\",\"vlan\":true,"
		"\"vlanTrunk\":[{\"id\":0},{\"minID\":-1,\"maxID\":4095},7],"
		"\"dns\":{\"domain\":1,\"search\":[2,\"a\",3]},"
		"\"hairpinMode\":true,\"promiscMode\":true,"
		"\"ipam\":{\"type\":\"host-local\",\"order\":\"up\","
		"\"ranges\":[[{\"subnet\":1,\"gateway\":2}],5,[{\"subnet\":\"10.0.0.1/8\"}]],"
		"\"routes\":[{\"dst\":0,\"gw\":1},{\"dst\":\"::/0\",\"gw\":\"10.0.0.1\"}],"
		"\"exclude\":[\"x\",\"10.0.0.1/24\"]}}";
	static const char *const words[] = {
		"\"bridge\": \"a/b\"",
		"\"mtu\": \"x\"",
		"\"vlan\": true",
		"\"vlanTrunk[0].id\": 0",
		"\"vlanTrunk[1].minID\": -1",
		"\"vlanTrunk[1].maxID\": 4095",
		"\"vlanTrunk[2]\": 7",
		"\"dns.domain\": 1",
		"\"dns.search[0]\": 2",
		"\"dns.search[2]\": 3",
		"\"ipam.ranges[0][0].subnet\": 1",
		"\"ipam.ranges[0][0].gateway\": 2",
		"\"ipam.ranges[1]\": 5",
		"\"ipam.ranges[2][0].subnet\": 10.0.0.1/8 has host bits",
		"\"ipam.routes[0].dst\": 0",
		"\"ipam.routes[0].gw\": 1",
		"\"ipam.routes[1].gw\"",
		"\"ipam.exclude[0]\": \"x\"",
		"\"ipam.exclude[1]\": 10.0.0.1/24",
		"\"ipam.order\": \"up\"",
		/* and no word of ranges that were missing */
		"\"hairpinMode\": true and \"promiscMode\"",
	};
	_cleanup_(list_clear) struct list heard = review(text, BRIDGE, VERSION_LATEST);

	(void)state;
	expect_heard(&heard, words, COUNT(words));
}

static void test_review_of_rules(void **state)
{
	static const char *const few[] = { "no IP ranges specified" };
	static const char *const old[] = { "\"cniVersion\": \"0.2.0\" is too old" };
	_cleanup_(list_clear) struct list none =
		review("{\"ipam\":{\"type\":\"host-local\"}}", BRIDGE, VERSION_LATEST);
	_cleanup_(list_clear) struct list promised =
		review("{\"ipam\":{\"type\":\"host-local\"},"
		       "\"capabilities\":{\"ipRanges\":true}}",
		       BRIDGE, VERSION_LATEST);
	_cleanup_(list_clear) struct list layer2 = review("{}", BRIDGE, VERSION_0_2_0);
	_cleanup_(list_clear) struct list other =
		review("{\"mtu\":\"x\",\"ipam\":{\"subnet\":\"10.0.0.0/8\"}}", CONF_IPAM,
		       VERSION_LATEST);

	(void)state;
	expect_heard(&none, few, COUNT(few));
	expect_heard(&promised, NULL, 0);
	expect_heard(&layer2, old, COUNT(old));
	expect_heard(&other, NULL, 0);
}

static void test_review_frame(void **state)
{
	static const char good[] = "{\"name\":\"a\",\"cniVersion\":\"0.4.0\"}";
	static const char wrong[] = "{\"name\":\"a b\",\"cniVersion\":\"7\"}";
	static const char *const words[] = { "\"name\": \"a b\"", "incompatible" };
	_cleanup_(json_freep) struct cJSON *tree = NULL;
	_cleanup_(list_clear) struct list heard = { NULL, 0 };
	const struct listener listener = { note, &heard };
	enum version version = VERSION_LATEST;
	struct error e = { 0 };

	(void)state;
	assert_int_equal(json_parse(good, strlen(good), &tree, &e), 0);
	assert_int_equal(conf_review_frame(json_get(tree, "name"),
					   json_get(tree, "cniVersion"), &listener,
					   &version, &e),
			 0);
	expect_heard(&heard, NULL, 0);
	assert_int_equal(version, VERSION_0_4_0);
	json_freep(&tree);
	assert_int_equal(json_parse(wrong, strlen(wrong), &tree, &e), 0);
	assert_int_equal(conf_review_frame(json_get(tree, "name"),
					   json_get(tree, "cniVersion"), &listener,
					   &version, &e),
			 0);
	expect_heard(&heard, words, COUNT(words));
	/* so that nothing else seems too old for it */
	assert_int_equal(version, VERSION_LATEST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_good_file),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_everything_bridge),
		cmocka_unit_test(test_everything_ipam),
		cmocka_unit_test(test_containerd),
		cmocka_unit_test(test_podman),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_unset),
		cmocka_unit_test(test_asked_dns),
		cmocka_unit_test(test_promised_ranges),
		cmocka_unit_test(test_mtu),
		cmocka_unit_test(test_mtu_auto),
		cmocka_unit_test(test_gives_ipv6),
		cmocka_unit_test(test_vlans),
		cmocka_unit_test(test_masq_families),
		cmocka_unit_test(test_masq_exclude),
		cmocka_unit_test(test_masq_exclude_lenient),
		cmocka_unit_test(test_exclude_nothing),
		cmocka_unit_test(test_exclude_lenient),
		cmocka_unit_test(test_default_gateway_is_gateway),
		cmocka_unit_test(test_mac_precedence),
		cmocka_unit_test(test_requested),
		cmocka_unit_test(test_sets_by_version),
		cmocka_unit_test(test_old_host_local),
		cmocka_unit_test(test_gc),
		cmocka_unit_test(test_bad_frame),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_bad_leniently),
		cmocka_unit_test(test_version_details),
		cmocka_unit_test(test_bad_host_local),
		cmocka_unit_test(test_lenient_about_pods),
		cmocka_unit_test(test_version_of_failure),
		cmocka_unit_test(test_lenient_keeps),
		cmocka_unit_test(test_external_ipam),
		cmocka_unit_test(test_built_in_ipam),
		cmocka_unit_test(test_lenient_ipam_type),
		cmocka_unit_test(test_lenient_attachments),
		cmocka_unit_test(test_gateways_elsewhere),
		cmocka_unit_test(test_many_ranges),
		cmocka_unit_test(test_clear_twice),
		cmocka_unit_test(test_review_hears_all),
		cmocka_unit_test(test_review_of_rules),
		cmocka_unit_test(test_review_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

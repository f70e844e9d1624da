/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * args.c - tests of args.h
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "args.h"

/* An environment: KEY, value, KEY, value ... up to NULL. */
#define ENV(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const char *const names[] = {
	"CNI_COMMAND", "CNI_CONTAINERID", "CNI_NETNS",		"CNI_IFNAME",
	"CNI_ARGS",    "CNI_PATH",	  "CNI_NETNS_OVERRIDE",
};

static void set_env(const char *const *env)
{
	for (size_t i = 0; i < COUNT(names); i++)
		assert_int_equal(unsetenv(names[i]), 0);
	for (size_t i = 0; env[i]; i += 2)
		assert_int_equal(setenv(env[i], env[i + 1], 1), 0);
}

/* All that an ADD needs, and then @more, which may replace parts of it. */
static void set_whole_env(const char *verb, const char *const *more)
{
	set_env(ENV("CNI_COMMAND", verb, "CNI_CONTAINERID", "pod-1.a_b", "CNI_NETNS",
		    "/run/netns/a", "CNI_IFNAME", "eth0", "CNI_PATH", "/opt/cni/bin"));
	for (size_t i = 0; more[i]; i += 2)
		assert_int_equal(setenv(more[i], more[i + 1], 1), 0);
}

static struct args read_sound(void)
{
	struct args args = { 0 };
	struct error e = { 0 };

	if (args_read(&args, &e) < 0)
		fail_msg("%s", e.msg);
	return args;
}

static struct error read_unsound(void)
{
	struct args args = { .verb = VERB_GC };
	struct error e = { 0 };

	assert_int_equal(args_read(&args, &e), -1);
	assert_int_equal(e.code, ERROR_ENVIRONMENT);
	assert_int_equal(args.verb, VERB_GC);
	return e;
}

static void expect_word(const char *msg, const char *word)
{
	if (!strstr(msg, word))
		fail_msg("\"%s\" lacks \"%s\"", msg, word);
}

static void test_whole(void **state)
{
	struct args args;

	(void)state;
	set_whole_env("ADD", ENV("CNI_ARGS", "IgnoreUnknown=1;IP=10.1.0.5;A=b"));
	args = read_sound();
	assert_int_equal(args.verb, VERB_ADD);
	assert_string_equal(args.container, "pod-1.a_b");
	assert_string_equal(args.netns, "/run/netns/a");
	assert_string_equal(args.ifname, "eth0");
	assert_string_equal(args.path, "/opt/cni/bin");
	assert_false(args.own_netns_allowed);
	assert_int_equal(args.ip.len, 4);
	assert_true(mac_is_none(&args.mac));
}

static void test_no_command(void **state)
{
	struct args args;

	(void)state;
	set_env(ENV("CNI_IFNAME", "a/b"));
	args = read_sound();
	assert_int_equal(args.verb, VERB_NONE);
	assert_string_equal(args.container, "");
	assert_string_equal(args.netns, "");
	set_env(ENV("CNI_COMMAND", ""));
	assert_int_equal(read_sound().verb, VERB_NONE);
}

static void test_verbs(void **state)
{
	static const struct {
		const char *name;
		enum verb verb;
	} verbs[] = {
		{ "ADD", VERB_ADD },	   { "DEL", VERB_DEL },
		{ "CHECK", VERB_CHECK },   { "GC", VERB_GC },
		{ "STATUS", VERB_STATUS }, { "VERSION", VERB_VERSION },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(verbs); i++) {
		set_whole_env(verbs[i].name, ENV("CNI_ARGS", ""));
		assert_int_equal(read_sound().verb, verbs[i].verb);
		assert_string_equal(verb_name(verbs[i].verb), verbs[i].name);
	}
	assert_string_equal(verb_name(VERB_NONE), "");
}

static void test_unknown_verb(void **state)
{
	static const char *const bad[] = { "add", "ADD ", "DELETE", "UPDATE", "\n" };
	struct error e;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		set_whole_env(bad[i], ENV("CNI_ARGS", ""));
		e = read_unsound();
		expect_word(e.msg, "CNI_COMMAND");
	}
	set_whole_env("UPDATE", ENV("CNI_ARGS", ""));
	e = read_unsound();
	expect_word(e.msg, "\"UPDATE\"");
	expect_word(e.msg, "ADD, DEL, CHECK, GC, STATUS, VERSION");
}

/* What is missing for each verb when nothing but the command is there. */
static void test_missing(void **state)
{
	static const struct {
		const char *verb, *missing;
	} verbs[] = {
		{ "ADD", "[CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME,CNI_PATH]" },
		{ "CHECK", "[CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME,CNI_PATH]" },
		{ "DEL", "[CNI_CONTAINERID,CNI_IFNAME,CNI_PATH]" },
		{ "GC", "[CNI_PATH]" },
		{ "STATUS", "[CNI_PATH]" },
	};
	char whole[128];

	(void)state;
	for (size_t i = 0; i < COUNT(verbs); i++) {
		(void)snprintf(whole, sizeof(whole), "required env variables %s missing",
			       verbs[i].missing);
		set_env(ENV("CNI_COMMAND", verbs[i].verb));
		assert_string_equal(read_unsound().msg, whole);
		set_env(ENV("CNI_COMMAND", verbs[i].verb, "CNI_CONTAINERID", "",
			    "CNI_NETNS", "", "CNI_IFNAME", "", "CNI_PATH", ""));
		assert_string_equal(read_unsound().msg, whole);
	}
	set_env(ENV("CNI_COMMAND", "VERSION"));
	assert_int_equal(read_sound().verb, VERB_VERSION);
	set_whole_env("ADD", ENV("CNI_CONTAINERID", "", "CNI_NETNS", ""));
	assert_string_equal(read_unsound().msg,
			    "required env variables [CNI_CONTAINERID,CNI_NETNS] missing");
}

static void test_del_without_netns(void **state)
{
	(void)state;
	set_whole_env("DEL", ENV("CNI_NETNS", ""));
	assert_string_equal(read_sound().netns, "");
}

/* libcni sends GC and STATUS with empty strings, and VERSION with "dummy". */
static void test_empty_for_network(void **state)
{
	static const char *const verbs[] = { "GC", "STATUS" };

	(void)state;
	for (size_t i = 0; i < COUNT(verbs); i++) {
		set_env(ENV("CNI_COMMAND", verbs[i], "CNI_CONTAINERID", "", "CNI_NETNS",
			    "", "CNI_IFNAME", "", "CNI_ARGS", "", "CNI_PATH", "/bin"));
		(void)read_sound();
		/* what the verb does not need is not judged */
		set_whole_env(verbs[i], ENV("CNI_CONTAINERID", "../x", "CNI_IFNAME",
					    "a/b", "CNI_ARGS", "garbage"));
		(void)read_sound();
	}
	set_env(ENV("CNI_COMMAND", "VERSION", "CNI_NETNS", "dummy", "CNI_IFNAME", "dummy",
		    "CNI_PATH", "dummy", "CNI_CONTAINERID", "", "CNI_ARGS", "x"));
	(void)read_sound();
}

static void test_bad_container(void **state)
{
	static const char *const bad[] = {
		".hidden", "-a",   "_a",  "../../etc", "a/b",
		"a b",	   "a\nb", "a:b", "\xc3\xa9",  "a;b",
	};
	static const char *const verbs[] = { "ADD", "DEL", "CHECK" };
	char longest[1024 + 2] = "";
	struct error e;

	(void)state;
	for (size_t v = 0; v < COUNT(verbs); v++) {
		for (size_t i = 0; i < COUNT(bad); i++) {
			set_whole_env(verbs[v], ENV("CNI_CONTAINERID", bad[i]));
			e = read_unsound();
			expect_word(e.msg, "CNI_CONTAINERID: \"");
		}
	}
	set_whole_env("ADD", ENV("CNI_CONTAINERID", "a/b"));
	e = read_unsound();
	expect_word(e.msg, "\"a/b\"");
	assert_string_equal(e.details, "a/b");

	memset(longest, 'a', 1024);
	set_whole_env("ADD", ENV("CNI_CONTAINERID", longest));
	assert_string_equal(read_sound().container, longest);
	longest[1024] = 'a';
	set_whole_env("ADD", ENV("CNI_CONTAINERID", longest));
	e = read_unsound();
	expect_word(e.msg, "1 to 1024 letters");
}

static void test_bad_ifname(void **state)
{
	static const char *const bad[] = {
		".", "..", "a/b", "a:b", "a b", "a\tb", "1234567890123456",
	};
	struct error e;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		set_whole_env("ADD", ENV("CNI_IFNAME", bad[i]));
		e = read_unsound();
		expect_word(e.msg, "CNI_IFNAME: \"");
		expect_word(e.msg, "1 to 15 bytes");
	}
	set_whole_env("ADD", ENV("CNI_IFNAME", "123456789012345"));
	(void)read_sound();
}

/* A wrong value is told at once, before what is missing behind it. */
static void test_order(void **state)
{
	struct error e;

	(void)state;
	set_env(ENV("CNI_COMMAND", "ADD", "CNI_CONTAINERID", "a/b"));
	e = read_unsound();
	expect_word(e.msg, "CNI_CONTAINERID: \"a/b\"");
	set_whole_env("ADD", ENV("CNI_PATH", "", "CNI_ARGS", "garbage"));
	assert_string_equal(read_unsound().msg,
			    "required env variables [CNI_PATH] missing");
}

static void test_override(void **state)
{
	static const struct {
		const char *value;
		bool allowed;
	} values[] = {
		{ "1", true },	    { "true", true }, { "TRUE", true },
		{ "True", true },   { "", false },    { "0", false },
		{ "false", false }, { "yes", false }, { "11", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		set_whole_env("DEL", ENV("CNI_NETNS_OVERRIDE", values[i].value));
		assert_int_equal(read_sound().own_netns_allowed, values[i].allowed);
	}
}

/* The strict verbs tell a bad CNI_ARGS; the others keep what they can read. */
static void test_bad_args_by_verb(void **state)
{
	static const char text[] = "IP=10.1.0.7;X=1;MAC;;K8S_POD_NAME=web";
	static const char *const strict[] = { "ADD", "CHECK" };
	static const char *const lenient[] = { "DEL", "GC", "STATUS", "VERSION" };
	struct args args;
	char ip[IP_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(strict); i++) {
		set_whole_env(strict[i], ENV("CNI_ARGS", text));
		expect_word(read_unsound().msg, "CNI_ARGS: \"MAC\"");
	}
	for (size_t i = 0; i < COUNT(lenient); i++) {
		set_whole_env(lenient[i], ENV("CNI_ARGS", text));
		args = read_sound();
		assert_string_equal(ip_print(&args.ip, ip), "10.1.0.7");
		assert_true(mac_is_none(&args.mac));
		assert_string_equal(args.pod_name, "web");
	}
}

static void test_parse_good(void **state)
{
	static const struct {
		const char *text, *ip, *mac, *namespace, *name;
	} good[] = {
		{ "", "", "", "", "" },
		{ "IP=10.1.0.5", "10.1.0.5", "", "", "" },
		{ "IP=10.1.0.5/16", "10.1.0.5", "", "", "" },
		{ "IP=2001:db8::5", "2001:db8::5", "", "", "" },
		{ "IP=2001:DB8:0::5/64", "2001:db8::5", "", "", "" },
		{ "IP=", "", "", "", "" },
		{ "IP=10.1.0.5;IP=10.1.0.6", "10.1.0.6", "", "", "" },
		{ "IP=10.1.0.5;IP=", "", "", "", "" },
		{ "MAC=", "", "", "", "" },
		{ "GATEWAY=10.1.0.1", "", "", "", "" },
		{ "GATEWAY=", "", "", "", "" },
		{ "IgnoreUnknown=1", "", "", "", "" },
		{ "IgnoreUnknown=TRUE;what=ever", "", "", "", "" },
		{ "what=ever;IgnoreUnknown=true", "", "", "", "" },
		{ "IgnoreUnknown=0;IgnoreUnknown=1;what=ever", "", "", "", "" },
		{ "IgnoreUnknown=1;=x", "", "", "", "" },
		{ "IgnoreUnknown=1;ip=10.1.0.5", "", "", "", "" },
		{ "IgnoreUnknown=False", "", "", "", "" },
		{ "K8S_POD_NAME=web;K8S_POD_NAMESPACE=default", "", "", "default",
		  "web" },
		{ "K8S_POD_UID=1-2;K8S_POD_INFRA_CONTAINER_ID=a;K8S_ANYTHING=", "", "",
		  "", "" },
		{ "IgnoreUnknown=1;K8S_POD_NAMESPACE=;K8S_POD_NAME=pod;IP=10.91.0.9;"
		  "MAC=02:00:00:00:00:09",
		  "10.91.0.9", "02:00:00:00:00:09", "", "pod" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		/* nothing of what was there before may stay */
		struct args args = { .ip = { 4, { 1 } },
				     .mac = { { 2 } },
				     .pod_name = "old",
				     .pod_namespace = "old" };
		char ip[IP_TEXT], mac[MAC_TEXT];
		struct error e = { 0 };

		if (args_parse(good[i].text, &args, &e) < 0)
			fail_msg("%s: %s", good[i].text, e.msg);
		assert_string_equal(ip_print(&args.ip, ip), good[i].ip);
		assert_string_equal(mac_is_none(&args.mac) ? ""
							   : mac_print(&args.mac, mac),
				    good[i].mac);
		assert_string_equal(args.pod_namespace, good[i].namespace);
		assert_string_equal(args.pod_name, good[i].name);
	}
}

static void test_parse_bad(void **state)
{
	static const struct {
		const char *text, *word;
	} bad[] = {
		{ ";", "\"\" is not one KEY=VALUE" },
		{ "IP=10.1.0.5;", "\"\" is not one KEY=VALUE" },
		{ ";IP=10.1.0.5", "\"\" is not one KEY=VALUE" },
		{ "IP=10.1.0.5;;MAC=", "\"\" is not one KEY=VALUE" },
		{ "IP", "\"IP\" is not one KEY=VALUE" },
		{ "IP=10.1.0.5=6", "\"IP=10.1.0.5=6\" is not one KEY=VALUE" },
		{ "IgnoreUnknown=1;a=b=c", "\"a=b=c\" is not one KEY=VALUE" },
		{ "IgnoreUnknown=1;a", "\"a\" is not one KEY=VALUE" },
		{ "what=ever", "\"what=ever\" has an unknown key" },
		{ "ip=10.1.0.5", "\"ip=10.1.0.5\" has an unknown key" },
		{ "=x", "\"=x\" has an unknown key" },
		{ "K8S_=x", "unknown key" },
		{ "k8s_pod_name=x", "unknown key" },
		{ "IgnoreUnknown=1;IgnoreUnknown=0;what=ever", "unknown key" },
		{ "IgnoreUnknown=yes", "\"IgnoreUnknown=yes\" is neither" },
		{ "IgnoreUnknown=", "\"IgnoreUnknown=\" is neither" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct error e = { 0 };
		struct args args;

		if (args_parse(bad[i].text, &args, &e) == 0)
			fail_msg("%s was accepted", bad[i].text);
		assert_int_equal(e.code, ERROR_ENVIRONMENT);
		expect_word(e.msg, "CNI_ARGS: ");
		expect_word(e.msg, bad[i].word);
	}
}

static void test_parse_long(void **state)
{
	char text[600] = "K8S_POD_NAME=";
	size_t key = strlen(text);
	struct error e = { 0 };
	struct args args;

	(void)state;
	memset(text + key, 'a', 253);
	assert_int_equal(args_parse(text, &args, &e), 0);
	assert_string_equal(args.pod_name, text + key);

	/* podman: the container's name.  What cannot be a pod's is not told */
	for (size_t len = 254; len < 500; len += 100) {
		memset(text + key, 'a', len);
		assert_int_equal(args_parse(text, &args, &e), 0);
		assert_string_equal(args.pod_name, "");
	}

	/* a value that nobody here reads may be of any length */
	memset(text + key, 'a', 500);
	memcpy(text, "K8S_POD_UIDX=", key);
	assert_int_equal(args_parse(text, &args, &e), 0);
}

/* What is sound is kept, whatever stands around it. */
static void test_parse_keeps(void **state)
{
	struct error e = { 0 };
	struct args args;
	char ip[IP_TEXT], mac[MAC_TEXT];

	(void)state;
	assert_int_equal(
		args_parse("junk;IP=10.1.0.5;MAC=02:00:00:00:00:01;x=y;", &args, &e), -1);
	assert_string_equal(ip_print(&args.ip, ip), "10.1.0.5");
	assert_string_equal(mac_print(&args.mac, mac), "02:00:00:00:00:01");
	expect_word(e.msg, "\"junk\"");
}

/* What is no single address is for who takes it to judge. */
static void test_parse_odd(void **state)
{
	static const char *const ips[] = {
		"x",
		"10.1.0",
		"10.1.0.05",
		"10.1.0.5/33",
		"10.1.0.5/",
		"10.1.0.5,10.1.0.6",
		"10.1.0.5/24,fd00:1::5/64",
		",10.1.0.5/24",
		" 10.1.0.5",
		"fe80::1%eth0",
	};
	static const char *const macs[] = { "02:00:00:00:00", "01:00:5e:00:00:01",
					    "00:00:00:00:00:00" };
	char text[128], long_one[100] = "IP=";
	struct error e = { 0 };
	struct args args;

	(void)state;
	for (size_t i = 0; i < COUNT(ips); i++) {
		(void)snprintf(text, sizeof(text), "IP=10.1.0.7;IP=%s", ips[i]);
		assert_int_equal(args_parse(text, &args, &e), 0);
		assert_string_equal(args.odd_ip, ips[i]);
		assert_true(ip_is_none(&args.ip));
	}
	for (size_t i = 0; i < COUNT(macs); i++) {
		(void)snprintf(text, sizeof(text), "MAC=%s", macs[i]);
		assert_int_equal(args_parse(text, &args, &e), 0);
		assert_string_equal(args.odd_mac, macs[i]);
		assert_true(mac_is_none(&args.mac));
	}
	assert_int_equal(args_parse("IP=x;MAC=x;IP=10.1.0.7/24;MAC=", &args, &e), 0);
	assert_string_equal(args.odd_ip, "");
	assert_string_equal(args.odd_mac, "");
	assert_false(ip_is_none(&args.ip));
	memset(long_one + 3, 'x', sizeof(long_one) - 4);
	assert_int_equal(args_parse(long_one, &args, &e), 0);
	assert_int_equal(strlen(args.odd_ip), ARGS_SHOWN - 1);
}

/* However long it is: a list for another plugin, or what is no address even if its beginning were. */
static void test_parse_long_odd(void **state)
{
	char text[600] = "MAC=02:00:00:00:00:01;IP=10.1.0.5";
	const size_t len = strlen(text);
	struct error e = { 0 };
	struct args args;

	(void)state;
	for (size_t more = 200; more < 500; more++) {
		memset(text + len, ',', more);
		assert_int_equal(args_parse(text, &args, &e), 0);
		assert_memory_equal(args.odd_ip, "10.1.0.5,,", 10);
		assert_int_equal(strlen(args.odd_ip), ARGS_SHOWN - 1);
		assert_true(ip_is_none(&args.ip));
	}
	memset(text, 'M', sizeof(text) - 1);
	memcpy(text, "MAC=", 4);
	assert_int_equal(args_parse(text, &args, &e), 0);
	assert_int_equal(strlen(args.odd_mac), ARGS_SHOWN - 1);
	memcpy(text, "IgnoreUnknown=", 14);
	assert_int_equal(args_parse(text, &args, &e), -1);
	expect_word(e.msg, "IgnoreUnknown=MMM");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_odd),
		cmocka_unit_test(test_parse_long_odd),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_no_command),
		cmocka_unit_test(test_verbs),
		cmocka_unit_test(test_unknown_verb),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_del_without_netns),
		cmocka_unit_test(test_empty_for_network),
		cmocka_unit_test(test_bad_container),
		cmocka_unit_test(test_bad_ifname),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_override),
		cmocka_unit_test(test_bad_args_by_verb),
		cmocka_unit_test(test_parse_good),
		cmocka_unit_test(test_parse_bad),
		cmocka_unit_test(test_parse_long),
		cmocka_unit_test(test_parse_keeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

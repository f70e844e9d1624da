/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * args.c - the CNI_* environment, read once
 *
 * Two tables: which verb needs which variable, and which keys CNI_ARGS may
 * hold.  Reading goes on behind a bad pair of CNI_ARGS, so that DEL can use the
 * rest of it.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "args.h"
#include "name.h"

#define CONTAINER_MAX 1024 /* ours: the store reads leases of up to 4 KiB */

#define BIT(verb) (1u << (verb))
#define ATTACHING (BIT(VERB_ADD) | BIT(VERB_CHECK))
#define NETWORK_WIDE (BIT(VERB_GC) | BIT(VERB_STATUS))

// clang-format off
static const char *const verbs[] = {
	[VERB_NONE] = "",
	[VERB_ADD] = "ADD",
	[VERB_DEL] = "DEL",
	[VERB_CHECK] = "CHECK",
	[VERB_GC] = "GC",
	[VERB_STATUS] = "STATUS",
	[VERB_VERSION] = "VERSION",
};
// clang-format on

static bool is_container(const char *text)
{
	return strlen(text) <= CONTAINER_MAX && name_is_id(text);
}

/* In the order in which they are checked. */
static const struct variable {
	const char *name;
	size_t offset;
	unsigned int needed;		    /* by these verbs */
	bool (*is_sound)(const char *text); /* NULL: anything goes */
	const char *expected;
} variables[] = {
	{ "CNI_CONTAINERID", offsetof(struct args, container), ATTACHING | BIT(VERB_DEL),
	  is_container,
	  "1 to 1024 letters, digits, '_', '.' and '-', the first a letter or digit" },
	{ "CNI_NETNS", offsetof(struct args, netns), ATTACHING, NULL, NULL },
	{ "CNI_IFNAME", offsetof(struct args, ifname), ATTACHING | BIT(VERB_DEL),
	  name_is_link,
	  "an interface name (1 to 15 bytes, no '/', ':', '%', white space or control characters; neither \"all\" nor \"default\")" },
	{ "CNI_PATH", offsetof(struct args, path),
	  ATTACHING | BIT(VERB_DEL) | NETWORK_WIDE, NULL, NULL },
};

const char *verb_name(enum verb verb)
{
	return verbs[verb];
}

static bool is_true(const char *text)
{
	return strcmp(text, "1") == 0 || strcasecmp(text, "true") == 0;
}

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value ? value : "";
}

static int read_verb(enum verb *ret, struct error *e)
{
	const char *command = variable("CNI_COMMAND");

	for (size_t i = 0; i < COUNT(verbs); i++) {
		if (strcmp(command, verbs[i]) == 0) {
			*ret = (enum verb)i;
			return 0;
		}
	}
	return error_set(
		e, ERROR_ENVIRONMENT,
		"CNI_COMMAND: \"%.64s\" is none of ADD, DEL, CHECK, GC, STATUS, VERSION",
		command);
}

/* No ADD has made what no interface can be called: DEL finds nothing to do. */
static int check_variable(const struct variable *v, const char *value, enum verb verb,
			  struct error *e)
{
	if (!v->is_sound || v->is_sound(value) ||
	    (verb == VERB_DEL && name_is_reserved(value)))
		return 0;
	(void)error_set(e, ERROR_ENVIRONMENT, "%s: \"%.64s\" is not %s", v->name, value,
			v->expected);
	(void)error_details(e, "%s", value);
	return -1;
}

/* Read what the table lists; what is missing for the verb is named together. */
static int read_variables(struct args *args, struct error *e)
{
	char missing[128] = ""; /* enough for all of them */
	size_t len = 0;

	for (size_t i = 0; i < COUNT(variables); i++) {
		const struct variable *v = &variables[i];
		const char *value = variable(v->name);

		*(const char **)((char *)args + v->offset) = value;
		if (!(v->needed & BIT(args->verb)))
			continue;
		if (!*value)
			len += (size_t)snprintf(missing + len, sizeof(missing) - len,
						"%s%s", len ? "," : "", v->name);
		else if (check_variable(v, value, args->verb, e) < 0)
			return -1;
	}
	if (*missing)
		return error_set(e, ERROR_ENVIRONMENT,
				 "required env variables [%s] missing", missing);
	return 0;
}

int args_read(struct args *ret, struct error *e)
{
	struct args args = { .verb = VERB_NONE };
	struct error trouble;

	if (read_verb(&args.verb, e) < 0 || read_variables(&args, e) < 0)
		return -1;
	args.own_netns_allowed = is_true(variable("CNI_NETNS_OVERRIDE"));
	/* Only who makes or judges an attachment depends on what was asked for. */
	if (args_parse(variable("CNI_ARGS"), &args, &trouble) < 0 &&
	    (ATTACHING & BIT(args.verb))) {
		*e = trouble;
		return -1;
	}
	*ret = args;
	return 0;
}

/* CNI_ARGS while it is read: trouble is kept, and the reading goes on. */
struct pairs {
	struct args *args;
	bool ignore_unknown;
	struct error wrong;   /* the first that is wrong */
	struct error unknown; /* the first that is unknown */
};

static const char *read_ip(const char *value, struct pairs *pairs)
{
	struct prefix prefix = { 0 };
	bool sound = prefix_read(value, &prefix);

	pairs->args->ip = sound ? prefix.ip : (struct ip){ 0 };
	(void)snprintf(pairs->args->odd_ip, ARGS_SHOWN, "%s", sound ? "" : value);
	return NULL;
}

static const char *read_mac(const char *value, struct pairs *pairs)
{
	struct mac mac = { 0 };
	bool sound = mac_parse(value, &mac);

	pairs->args->mac = sound ? mac : (struct mac){ 0 };
	(void)snprintf(pairs->args->odd_mac, ARGS_SHOWN, "%s", sound ? "" : value);
	return NULL;
}

/* No pod has a longer name; podman tells of a container by the same key, whatever its name. */
static void keep_name(char name[static ARGS_K8S], const char *value)
{
	(void)snprintf(name, ARGS_K8S, "%s", strlen(value) < ARGS_K8S ? value : "");
}

static const char *read_pod_namespace(const char *value, struct pairs *pairs)
{
	keep_name(pairs->args->pod_namespace, value);
	return NULL;
}

static const char *read_pod_name(const char *value, struct pairs *pairs)
{
	keep_name(pairs->args->pod_name, value);
	return NULL;
}

static const char *read_ignore_unknown(const char *value, struct pairs *pairs)
{
	bool on = is_true(value);

	if (!on && strcmp(value, "0") != 0 && strcasecmp(value, "false") != 0)
		return "is neither 1, 0, true nor false";
	pairs->ignore_unknown = on;
	return NULL;
}

/* Keys match with their case, as in Go. */
static const struct pair_key {
	const char *key;
	/*
	 * @value: of more than ARGS_K8S bytes the first; that is no address and no name.
	 * Return: NULL, or what is wrong with it; then nothing has changed.
	 */
	const char *(*read)(const char *value, struct pairs *pairs);
} pair_keys[] = {
	{ "IP", read_ip },
	{ "MAC", read_mac },
	{ "K8S_POD_NAMESPACE", read_pod_namespace },
	{ "K8S_POD_NAME", read_pod_name },
	{ "IgnoreUnknown", read_ignore_unknown },
	{ "GATEWAY", NULL }, /* known, but for other plugins */
};

static const struct pair_key *find_pair_key(const char *key, size_t len)
{
	for (size_t i = 0; i < COUNT(pair_keys); i++) {
		const char *known = pair_keys[i].key;

		if (strlen(known) == len && memcmp(known, key, len) == 0)
			return &pair_keys[i];
	}
	return NULL;
}

/* What Kubernetes' runtimes tell about the pod is never an error. */
static bool is_kubernetes(const char *key, size_t len)
{
	static const char prefix[] = "K8S_";

	return len > strlen(prefix) && memcmp(key, prefix, strlen(prefix)) == 0;
}

/* Keep the first error of a kind, with as much of the pair as a message bears. */
static void keep(struct error *first, const char *pair, size_t len, const char *trouble)
{
	int shown = len > 64 ? 64 : (int)len;

	if (!first->code)
		(void)error_set(first, ERROR_ENVIRONMENT, "CNI_ARGS: \"%.*s\" %s", shown,
				pair, trouble);
}

/* Return: NULL, or what is wrong with the value. */
static const char *read_value(struct pairs *pairs, const struct pair_key *known,
			      const char *value, size_t len)
{
	char text[ARGS_K8S + 1];

	if (!known->read)
		return NULL;
	if (len > ARGS_K8S)
		len = ARGS_K8S;
	memcpy(text, value, len);
	text[len] = '\0';
	return known->read(text, pairs);
}

static void read_pair(struct pairs *pairs, const char *pair, size_t len)
{
	const char *equals = memchr(pair, '=', len);
	size_t key_len = equals ? (size_t)(equals - pair) : len;
	const struct pair_key *known = find_pair_key(pair, key_len);
	const char *trouble;

	if (!equals || memchr(equals + 1, '=', len - key_len - 1)) {
		keep(&pairs->wrong, pair, len,
		     "is not one KEY=VALUE (pairs are separated by ';')");
	} else if (known) {
		trouble = read_value(pairs, known, equals + 1, len - key_len - 1);
		if (trouble)
			keep(&pairs->wrong, pair, len, trouble);
	} else if (!is_kubernetes(pair, key_len)) {
		keep(&pairs->unknown, pair, len,
		     "has an unknown key (IgnoreUnknown=1 would allow it)");
	}
}

int args_parse(const char *text, struct args *args, struct error *e)
{
	struct pairs pairs;

	args->ip = (struct ip){ 0 };
	args->odd_ip[0] = args->odd_mac[0] = '\0';
	args->mac = (struct mac){ 0 };
	args->pod_namespace[0] = '\0';
	args->pod_name[0] = '\0';
	if (!*text)
		return 0;
	pairs.args = args;
	pairs.ignore_unknown = false;
	error_none(&pairs.wrong);
	error_none(&pairs.unknown);
	for (const char *pair = text, *end;; pair = end + 1) {
		end = strchrnul(pair, ';');
		read_pair(&pairs, pair, (size_t)(end - pair));
		if (!*end)
			break;
	}
	if (!pairs.wrong.code && (pairs.ignore_unknown || !pairs.unknown.code))
		return 0;
	*e = pairs.wrong.code ? pairs.wrong : pairs.unknown;
	return -1;
}

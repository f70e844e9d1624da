/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * result.c - a CNI result: read it, add facts to it, print it
 *
 * One table for each object says which members it has, of what kind they are
 * and in which versions; reading and writing both walk it.  The tables stand in
 * the order in which results below 1.0.0 are printed; from 1.0.0 on members are
 * sorted by key.  What a table does not name for a version is neither read nor
 * written for it.
 */
#include <limits.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "json.h"
#include "place.h"
#include "result.h"

#define WRONG 1 /* of a kind's read(): not of this kind */

/* A document that is read. */
struct source {
	enum version version;
	enum error_code code; /* of the error when something in it is wrong */
	bool ipam;	      /* an IPAM plugin's result */
};

/*
 * What a value may be.  Values that allocate, hold others or depend on the document
 * have read(), all others parse(); those that allocate or hold others have write(),
 * all others print().  What is unset is not written.
 */
struct kind {
	const char *expected; /* "2 is not ..." */
	bool is_required;
	/* Return: whether @json is of this kind; *field is set only then. */
	bool (*parse)(const struct cJSON *json, void *field);
	void (*print)(const char *key, const void *field, struct writer *w);
	/* Return: 0; -1 with *e filled; WRONG. */
	int (*read)(const struct cJSON *json, void *field, const struct source *source,
		    const struct place *at, struct error *e);
	void (*write)(const char *key, const void *field, enum version version,
		      struct writer *w);
};

/* A table of members ends with a NULL key. */
struct member {
	const char *key;
	const struct kind *kind;
	size_t at;  /* offset of the field */
	size_t has; /* offset of its has_* flag; 0 = it has none */
	enum version since, until;
};

#define AT(type, name) offsetof(struct type, name)

#define UNTIL_0_2 VERSION_0_1_0, VERSION_0_2_0
#define UNTIL_0_4 VERSION_0_3_0, VERSION_0_4_0
#define SINCE_0_1 VERSION_0_1_0, VERSION_LATEST
#define SINCE_0_3 VERSION_0_3_0, VERSION_LATEST
#define SINCE_1_1 VERSION_1_1_0, VERSION_LATEST

static bool is_unset(const char *text)
{
	return !text || !*text;
}

static int no_memory(struct error *e)
{
	return error_set(e, ERROR_MEMORY, "out of memory for the result");
}

/* Replace *to by a copy of @text; NULL stays NULL. */
static int set_text(char **to, const char *text, struct error *e)
{
	char *copy = NULL;

	if (text) {
		copy = strdup(text);
		if (!copy)
			return no_memory(e);
	}
	free(*to);
	*to = copy;
	return 0;
}

/* ---- members ---- */

static int refuse(const struct source *source, const struct place *at,
		  const struct cJSON *json, const char *expected, struct error *e)
{
	return place_refuse(at, json, e, source->code, "is not %s", expected);
}

static int refuse_missing(const struct member *m, const struct source *source,
			  const struct place *at, struct error *e)
{
	return place_error(at, e, source->code, "missing; expected %s",
			   m->kind->expected);
}

static bool is_member_of(const struct member *m, enum version version)
{
	return version >= m->since && version <= m->until;
}

static int read_value(const struct kind *kind, const struct cJSON *json, void *field,
		      const struct source *source, const struct place *at,
		      struct error *e)
{
	int r;

	if (kind->parse)
		r = kind->parse(json, field) ? 0 : WRONG;
	else
		r = kind->read(json, field, source, at, e);
	return r == WRONG ? refuse(source, at, json, kind->expected, e) : r;
}

static int read_member(const struct member *m, const struct cJSON *json, char *of,
		       const struct source *source, const struct place *at,
		       struct error *e)
{
	if (!json)
		return m->kind->is_required ? refuse_missing(m, source, at, e) : 0;
	if (read_value(m->kind, json, of + m->at, source, at, e) < 0)
		return -1;
	if (m->has)
		*(bool *)(of + m->has) = true;
	return 0;
}

static void write_member(const struct member *m, const char *of, enum version version,
			 struct writer *w)
{
	if (m->has && !*(const bool *)(of + m->has))
		return;
	if (m->kind->print)
		m->kind->print(m->key, of + m->at, w);
	else
		m->kind->write(m->key, of + m->at, version, w);
}

static int read_members(const struct member *table, const struct cJSON *json, void *of,
			const struct source *source, const struct place *at,
			struct error *e)
{
	int r = 0;

	if (!json_is_object(json))
		return refuse(source, at, json, "an object", e);
	for (const struct member *m = table; m->key; m++) {
		const struct place here = { .in = at, .key = m->key };

		if (!is_member_of(m, source->version) ||
		    read_member(m, json_get(json, m->key), of, source, &here, e) == 0)
			continue;
		if (place_tell(at, e) < 0)
			return -1;
		r = -1;
	}
	return r;
}

/* The next by key after @last.  Return: NULL after the last. */
static const struct member *next_sorted(const struct member *table,
					const struct member *last)
{
	const struct member *next = NULL;

	for (const struct member *m = table; m->key; m++) {
		if (last && strcmp(m->key, last->key) <= 0)
			continue;
		if (!next || strcmp(m->key, next->key) < 0)
			next = m;
	}
	return next;
}

/* Return: NULL after the last; @last is NULL for the first. */
static const struct member *next_member(const struct member *table,
					const struct member *last, enum version version)
{
	const struct member *next = last ? last + 1 : table;

	if (version >= VERSION_1_0_0)
		return next_sorted(table, last);
	return next->key ? next : NULL;
}

static void write_members(const struct member *table, const void *of,
			  enum version version, struct writer *w)
{
	const struct member *m = NULL;

	while ((m = next_member(table, m, version)))
		if (is_member_of(m, version))
			write_member(m, of, version, w);
}

/* ---- texts ---- */

static int read_text(const struct cJSON *json, void *field, const struct source *source,
		     const struct place *at, struct error *e)
{
	const char *text = json_string(json);

	(void)source;
	(void)at;
	return text ? set_text(field, text, e) : WRONG;
}

static void write_name(const char *key, const void *field, enum version version,
		       struct writer *w)
{
	const char *name = *(char *const *)field;

	(void)version;
	writer_string(w, key, name ? name : "");
}

static void write_text(const char *key, const void *field, enum version version,
		       struct writer *w)
{
	if (!is_unset(*(char *const *)field))
		write_name(key, field, version, w);
}

static int read_texts(const struct cJSON *json, void *field, const struct source *source,
		      const struct place *at, struct error *e)
{
	struct place each = { .in = at };
	int r = 0;

	if (!json_is_array(json))
		return WRONG;
	for (json = json_first(json); json; json = json_next(json), each.index++) {
		if ((json_string(json) ? list_add(field, json_string(json), e)
				       : refuse(source, &each, json, "a string", e)) == 0)
			continue;
		if (place_tell(at, e) < 0)
			return -1;
		r = -1;
	}
	return r;
}

static void write_texts(const char *key, const void *field, enum version version,
			struct writer *w)
{
	const struct list *texts = field;

	(void)version;
	if (texts->n == 0)
		return;
	writer_open(w, key, '[');
	for (size_t i = 0; i < texts->n; i++)
		writer_string(w, NULL, texts->v[i]);
	writer_close(w, ']');
}

static const struct kind a_name = {
	.expected = "a string",
	.read = read_text,
	.write = write_name,
};
static const struct kind a_text = {
	.expected = "a string",
	.read = read_text,
	.write = write_text,
};
static const struct kind some_texts = {
	.expected = "an array of strings",
	.read = read_texts,
	.write = write_texts,
};

/* ---- numbers ---- */

static bool parse_number(const struct cJSON *json, void *field)
{
	int64_t value;

	if (!json_integer(json, 0, UINT32_MAX, &value))
		return false;
	*(uint32_t *)field = (uint32_t)value;
	return true;
}

static void print_number(const char *key, const void *field, struct writer *w)
{
	writer_integer(w, key, *(const uint32_t *)field);
}

static void print_size(const char *key, const void *field, struct writer *w)
{
	if (*(const uint32_t *)field != 0)
		print_number(key, field, w);
}

static bool parse_byte(const struct cJSON *json, void *field)
{
	int64_t value;

	if (!json_integer(json, 0, UINT8_MAX, &value))
		return false;
	*(uint8_t *)field = (uint8_t)value;
	return true;
}

static void print_byte(const char *key, const void *field, struct writer *w)
{
	writer_integer(w, key, *(const uint8_t *)field);
}

/*
 * Whether there is such an interface is for read_one_ip() to say.  An IPAM plugin
 * knows of none.
 */
static int read_index(const struct cJSON *json, void *field, const struct source *source,
		      const struct place *at, struct error *e)
{
	int64_t value;

	(void)at;
	(void)e;
	if (source->ipam)
		return 0;
	if (!json_integer(json, 0, INT_MAX, &value))
		return WRONG;
	*(int *)field = (int)value;
	return 0;
}

static void print_index(const char *key, const void *field, struct writer *w)
{
	int value = *(const int *)field;

	if (value != RESULT_NO_INTERFACE)
		writer_integer(w, key, value);
}

/* 0 means something to a number, which has a flag; of a size it means unset. */
static const struct kind a_number = {
	.expected = "a whole number from 0 to 4294967295",
	.parse = parse_number,
	.print = print_number,
};
static const struct kind a_size = {
	.expected = "a whole number from 0 to 4294967295",
	.parse = parse_number,
	.print = print_size,
};
static const struct kind a_byte = {
	.expected = "a whole number from 0 to 255",
	.parse = parse_byte,
	.print = print_byte,
};
static const struct kind an_index = {
	.expected = "the index of an interface",
	.read = read_index,
	.print = print_index,
};

/* ---- addresses ---- */

static bool parse_ip(const struct cJSON *json, void *field)
{
	const char *text = json_string(json);

	return text && (!*text || ip_parse(text, field));
}

static void print_ip(const char *key, const void *field, struct writer *w)
{
	char text[IP_TEXT];

	if (!ip_is_none(field))
		writer_string(w, key, ip_print(field, text));
}

static bool parse_prefix(const struct cJSON *json, void *field)
{
	const char *text = json_string(json);

	return text && prefix_parse(text, field);
}

static bool parse_network(const struct cJSON *json, void *field)
{
	struct prefix *prefix = field;

	if (!parse_prefix(json, prefix))
		return false;
	*prefix = prefix_network(prefix);
	return true;
}

static void print_prefix(const char *key, const void *field, struct writer *w)
{
	char text[PREFIX_TEXT];

	writer_string(w, key, prefix_print(field, text));
}

/* The address tells it as well, and is what is believed. */
static bool parse_family(const struct cJSON *json, void *field)
{
	(void)field;
	return json_string(json) != NULL;
}

static void print_family(const char *key, const void *field, struct writer *w)
{
	const struct prefix *prefix = field;

	writer_string(w, key, ip_family(&prefix->ip) == AF_INET ? "4" : "6");
}

static const struct kind an_ip = {
	.expected = "an IP address",
	.parse = parse_ip,
	.print = print_ip,
};
static const struct kind a_prefix = {
	.expected = "an address with its prefix length, like 10.1.0.5/16",
	.is_required = true,
	.parse = parse_prefix,
	.print = print_prefix,
};
static const struct kind a_network = {
	.expected = "a network with its prefix length, like 10.2.0.0/16",
	.is_required = true,
	.parse = parse_network,
	.print = print_prefix,
};
static const struct kind a_family = {
	.expected = "\"4\" or \"6\"",
	.parse = parse_family,
	.print = print_family,
};

/* ---- the objects in a result ---- */

static const struct member interface_members[] = {
	{ "name", &a_name, AT(interface, name), 0, SINCE_0_3 },
	{ "mac", &a_text, AT(interface, mac), 0, SINCE_0_3 },
	{ "mtu", &a_size, AT(interface, mtu), 0, SINCE_1_1 },
	{ "sandbox", &a_text, AT(interface, sandbox), 0, SINCE_0_3 },
	{ "socketPath", &a_text, AT(interface, socket_path), 0, SINCE_1_1 },
	{ "pciID", &a_text, AT(interface, pci_id), 0, SINCE_1_1 },
	{ 0 },
};

static const struct member address_members[] = {
	{ "ip", &a_prefix, AT(address, address), 0, UNTIL_0_2 },
	{ "version", &a_family, AT(address, address), 0, UNTIL_0_4 },
	{ "interface", &an_index, AT(address, interface), 0, SINCE_0_3 },
	{ "address", &a_prefix, AT(address, address), 0, SINCE_0_3 },
	{ "gateway", &an_ip, AT(address, gateway), 0, SINCE_0_1 },
	{ 0 },
};

static const struct member route_members[] = {
	{ "dst", &a_network, AT(route, dst), 0, SINCE_0_1 },
	{ "gw", &an_ip, AT(route, gw), 0, SINCE_0_1 },
	{ "mtu", &a_size, AT(route, mtu), 0, SINCE_0_3 },
	{ "advmss", &a_size, AT(route, advmss), 0, SINCE_0_3 },
	{ "priority", &a_size, AT(route, priority), 0, SINCE_0_3 },
	{ "table", &a_number, AT(route, table), AT(route, has_table), SINCE_0_3 },
	{ "scope", &a_byte, AT(route, scope), AT(route, has_scope), SINCE_0_3 },
	{ 0 },
};

static const struct member dns_members[] = {
	{ "nameservers", &some_texts, AT(dns, nameservers), 0, SINCE_0_1 },
	{ "domain", &a_text, AT(dns, domain), 0, SINCE_0_1 },
	{ "search", &some_texts, AT(dns, search), 0, SINCE_0_1 },
	{ "options", &some_texts, AT(dns, options), 0, SINCE_0_1 },
	{ 0 },
};

/* The same as a runtime asks for it (CNI conventions, "dns"). */
static const struct member asked_dns_members[] = {
	{ "servers", &some_texts, AT(dns, nameservers), 0, SINCE_0_1 },
	{ "searches", &some_texts, AT(dns, search), 0, SINCE_0_1 },
	{ "options", &some_texts, AT(dns, options), 0, SINCE_0_1 },
	{ 0 },
};

/* ---- owning ---- */

static void interface_clear(struct interface *interface)
{
	free(interface->name);
	free(interface->mac);
	free(interface->sandbox);
	free(interface->socket_path);
	free(interface->pci_id);
	*interface = (struct interface){ 0 };
}

void dns_clear(struct dns *dns)
{
	list_clear(&dns->nameservers);
	list_clear(&dns->search);
	list_clear(&dns->options);
	free(dns->domain);
	*dns = (struct dns){ 0 };
}

void result_clear(struct result *result)
{
	for (size_t i = 0; i < result->n_interfaces; i++)
		interface_clear(&result->interfaces[i]);
	free(result->interfaces);
	free(result->ips);
	free(result->routes);
	dns_clear(&result->dns);
	*result = (struct result){ 0 };
}

bool dns_is_empty(const struct dns *dns)
{
	return dns->nameservers.n == 0 && dns->search.n == 0 && dns->options.n == 0 &&
	       is_unset(dns->domain);
}

/* Hand the facts over: the guard keeps nothing.  Return: the facts. */
static struct dns take_dns(struct dns *dns)
{
	struct dns taken = *dns;

	*dns = (struct dns){ 0 };
	return taken;
}

static struct result take_result(struct result *result)
{
	struct result taken = *result;

	*result = (struct result){ 0 };
	return taken;
}

int dns_copy(struct dns *to, const struct dns *from, struct error *e)
{
	_cleanup_(dns_clear) struct dns copy = { 0 };

	if (list_add_all(&copy.nameservers, &from->nameservers, e) < 0 ||
	    list_add_all(&copy.search, &from->search, e) < 0 ||
	    list_add_all(&copy.options, &from->options, e) < 0 ||
	    set_text(&copy.domain, from->domain, e) < 0)
		return -1;
	dns_clear(to);
	*to = take_dns(&copy);
	return 0;
}

/* Move @interface into the result; the caller's is empty afterwards. */
static int add_interface(struct result *result, struct interface *interface,
			 struct error *e)
{
	size_t n = result->n_interfaces;

	if (list_grow(&result->interfaces, n, sizeof(*interface), e) < 0)
		return -1;
	result->interfaces[n] = *interface;
	result->n_interfaces = n + 1;
	*interface = (struct interface){ 0 };
	return 0;
}

int result_add_interface(struct result *result, const char *name, const char *mac,
			 const char *sandbox, uint32_t mtu, struct error *e)
{
	_cleanup_(interface_clear) struct interface interface = { .mtu = mtu };

	if (set_text(&interface.name, name, e) < 0 ||
	    set_text(&interface.mac, mac, e) < 0 ||
	    set_text(&interface.sandbox, sandbox, e) < 0)
		return -1;
	return add_interface(result, &interface, e);
}

int result_add_ip(struct result *result, const struct address *address, struct error *e)
{
	const struct address copy = *address; /* it may stand in the array that moves */

	if (list_grow(&result->ips, result->n_ips, sizeof(copy), e) < 0)
		return -1;
	result->ips[result->n_ips++] = copy;
	return 0;
}

int result_add_route(struct result *result, const struct route *route, struct error *e)
{
	const struct route copy = *route;

	if (list_grow(&result->routes, result->n_routes, sizeof(copy), e) < 0)
		return -1;
	result->routes[result->n_routes++] = copy;
	return 0;
}

/* ---- reading ---- */

static int read_route(const struct cJSON *json, struct route *ret,
		      const struct source *source, const struct place *at,
		      struct error *e)
{
	const struct place gw = { .in = at, .key = "gw" };
	struct route route = { 0 };
	int family;

	if (read_members(route_members, json, &route, source, at, e) < 0)
		return -1;
	family = ip_family(&route.dst.ip);
	if (!ip_is_none(&route.gw) && ip_family(&route.gw) != family)
		return refuse(source, &gw, json_get(json, "gw"),
			      family == AF_INET ? "an IPv4 address, as its dst is"
						: "an IPv6 address, as its dst is",
			      e);
	*ret = route;
	return 0;
}

static int read_one_route(const struct cJSON *json, struct result *result,
			  const struct source *source, const struct place *at,
			  struct error *e)
{
	struct route route;

	if (read_route(json, &route, source, at, e) < 0)
		return -1;
	return result_add_route(result, &route, e);
}

static int read_one_interface(const struct cJSON *json, struct result *result,
			      const struct source *source, const struct place *at,
			      struct error *e)
{
	_cleanup_(interface_clear) struct interface interface = { 0 };

	if (read_members(interface_members, json, &interface, source, at, e) < 0)
		return -1;
	if (!interface.mac && set_text(&interface.mac, "", e) < 0)
		return -1;
	return add_interface(result, &interface, e);
}

static int read_one_ip(const struct cJSON *json, struct result *result,
		       const struct source *source, const struct place *at,
		       struct error *e)
{
	const struct place index = { .in = at, .key = "interface" };
	struct address address = { .interface = RESULT_NO_INTERFACE };

	if (read_members(address_members, json, &address, source, at, e) < 0)
		return -1;
	if (address.interface >= 0 && (size_t)address.interface >= result->n_interfaces)
		return place_refuse(&index, json_get(json, "interface"), e, source->code,
				    "is not the index of one of the %zu interfaces",
				    result->n_interfaces);
	return result_add_ip(result, &address, e);
}

typedef int (*read_one)(const struct cJSON *json, struct result *result,
			const struct source *source, const struct place *at,
			struct error *e);

static int read_array(read_one one, const struct cJSON *json, struct result *result,
		      const struct source *source, const struct place *at,
		      struct error *e)
{
	struct place each = { .in = at };

	if (!json_is_array(json))
		return WRONG;
	for (json = json_first(json); json; json = json_next(json), each.index++)
		if (one(json, result, source, &each, e) < 0)
			return -1;
	return 0;
}

static int read_interfaces(const struct cJSON *json, void *result,
			   const struct source *source, const struct place *at,
			   struct error *e)
{
	return read_array(read_one_interface, json, result, source, at, e);
}

static int read_ips(const struct cJSON *json, void *result, const struct source *source,
		    const struct place *at, struct error *e)
{
	return read_array(read_one_ip, json, result, source, at, e);
}

static int read_routes(const struct cJSON *json, void *result,
		       const struct source *source, const struct place *at,
		       struct error *e)
{
	return read_array(read_one_route, json, result, source, at, e);
}

static int read_dns(const struct cJSON *json, void *dns, const struct source *source,
		    const struct place *at, struct error *e)
{
	return read_members(dns_members, json, dns, source, at, e);
}

/* ---- writing ---- */

static void write_object(const char *key, const struct member *table, const void *of,
			 enum version version, struct writer *w)
{
	writer_open(w, key, '{');
	write_members(table, of, version, w);
	writer_close(w, '}');
}

static void write_interfaces(const char *key, const void *field, enum version version,
			     struct writer *w)
{
	const struct result *result = field;

	if (result->n_interfaces == 0)
		return;
	writer_open(w, key, '[');
	for (size_t i = 0; i < result->n_interfaces; i++)
		write_object(NULL, interface_members, &result->interfaces[i], version, w);
	writer_close(w, ']');
}

static void write_ips(const char *key, const void *field, enum version version,
		      struct writer *w)
{
	const struct result *result = field;

	if (result->n_ips == 0)
		return;
	writer_open(w, key, '[');
	for (size_t i = 0; i < result->n_ips; i++)
		write_object(NULL, address_members, &result->ips[i], version, w);
	writer_close(w, ']');
}

/* The routes of @family, or all of them for AF_UNSPEC. */
static void write_routes_of(const struct result *result, int family, enum version version,
			    struct writer *w)
{
	bool is_open = false;

	for (size_t i = 0; i < result->n_routes; i++) {
		const struct route *route = &result->routes[i];

		if (family != AF_UNSPEC && ip_family(&route->dst.ip) != family)
			continue;
		if (!is_open)
			writer_open(w, "routes", '[');
		is_open = true;
		write_object(NULL, route_members, route, version, w);
	}
	if (is_open)
		writer_close(w, ']');
}

static void write_routes(const char *key, const void *field, enum version version,
			 struct writer *w)
{
	(void)key;
	write_routes_of(field, AF_UNSPEC, version, w);
}

static void write_dns(const char *key, const void *field, enum version version,
		      struct writer *w)
{
	if (version < VERSION_1_0_0 || !dns_is_empty(field))
		write_object(key, dns_members, field, version, w);
}

static const struct kind some_routes = {
	.expected = "an array",
	.read = read_routes,
	.write = write_routes,
};

/* ---- ip4 and ip6: a family's address with its routes, below 0.3.0 ---- */

static int family_of(const char *key)
{
	return strcmp(key, "ip4") == 0 ? AF_INET : AF_INET6;
}

static int read_family_address(const struct cJSON *json, struct result *result,
			       const struct source *source, const struct place *at,
			       struct error *e)
{
	const struct place ip = { .in = at, .key = "ip" };
	struct address address = { .interface = RESULT_NO_INTERFACE };
	int family = family_of(at->key);

	if (read_members(address_members, json, &address, source, at, e) < 0)
		return -1;
	if (ip_family(&address.address.ip) != family)
		return refuse(source, &ip, json_get(json, "ip"),
			      family == AF_INET ? "an IPv4 address" : "an IPv6 address",
			      e);
	return result_add_ip(result, &address, e);
}

static int read_family_member(const struct cJSON *json, void *result,
			      const struct source *source, const struct place *at,
			      struct error *e)
{
	const struct place here = { .in = at, .key = "routes" };
	const struct cJSON *routes = json_get(json, "routes");

	if (read_family_address(json, result, source, at, e) < 0)
		return -1;
	return routes ? read_value(&some_routes, routes, result, source, &here, e) : 0;
}

static void write_family_member(const char *key, const void *field, enum version version,
				struct writer *w)
{
	const struct result *result = field;
	const struct address *first = NULL;

	for (size_t i = 0; i < result->n_ips && !first; i++)
		if (ip_family(&result->ips[i].address.ip) == family_of(key))
			first = &result->ips[i];
	if (!first)
		return;
	writer_open(w, key, '{');
	write_members(address_members, first, version, w);
	write_routes_of(result, family_of(key), version, w);
	writer_close(w, '}');
}

/* ---- the result ---- */

static const struct kind a_family_member = {
	.expected = "an object",
	.read = read_family_member,
	.write = write_family_member,
};
static const struct kind some_interfaces = {
	.expected = "an array",
	.read = read_interfaces,
	.write = write_interfaces,
};
static const struct kind some_ips = {
	.expected = "an array",
	.read = read_ips,
	.write = write_ips,
};
static const struct kind a_dns = {
	.expected = "an object",
	.read = read_dns,
	.write = write_dns,
};

/* Interfaces come before the ips, which point to them. */
static const struct member result_members[] = {
	{ "ip4", &a_family_member, 0, 0, UNTIL_0_2 },
	{ "ip6", &a_family_member, 0, 0, UNTIL_0_2 },
	{ "interfaces", &some_interfaces, 0, 0, SINCE_0_3 },
	{ "ips", &some_ips, 0, 0, SINCE_0_3 },
	{ "routes", &some_routes, 0, 0, SINCE_0_3 },
	{ "dns", &a_dns, AT(result, dns), 0, SINCE_0_1 },
	{ 0 },
};

/* Routes and dns are written in a configuration as they are in a result. */
static const struct source configuration = { VERSION_LATEST, ERROR_CONFIG, false };

int result_read_route(const struct cJSON *json, const struct place *at, struct route *ret,
		      struct error *e)
{
	return read_route(json, ret, &configuration, at, e);
}

static int read_whole_dns(const struct member *members, const struct cJSON *json,
			  const struct place *at, struct dns *ret, struct error *e)
{
	_cleanup_(dns_clear) struct dns dns = { 0 };

	if (json && read_members(members, json, &dns, &configuration, at, e) < 0)
		return -1;
	*ret = take_dns(&dns);
	return 0;
}

static const char *nth_key(const struct member *table, size_t i)
{
	while (table->key && i-- > 0)
		table++;
	return table->key;
}

const char *result_route_key(size_t i)
{
	return nth_key(route_members, i);
}

const char *result_dns_key(size_t i)
{
	return nth_key(dns_members, i);
}

const char *result_asked_dns_key(size_t i)
{
	return nth_key(asked_dns_members, i);
}

int result_read_dns(const struct cJSON *json, const struct place *at, struct dns *ret,
		    struct error *e)
{
	return read_whole_dns(dns_members, json, at, ret, e);
}

int result_read_asked_dns(const struct cJSON *json, const struct place *at,
			  struct dns *ret, struct error *e)
{
	return read_whole_dns(asked_dns_members, json, at, ret, e);
}

static int read_version(const struct cJSON *json, enum version *ret, struct error *e)
{
	const struct place at = { .key = "cniVersion" };
	const struct cJSON *value = json_get(json, at.key);
	const char *text = json_string(value);

	if (!value || (text && !*text))
		return 0;
	if (!text)
		return place_refuse(&at, value, e, ERROR_DECODE, "is not a string");
	if (!version_parse(text, ret))
		return place_refuse(&at, value, e, ERROR_VERSION,
				    "is not a version from %s to %s",
				    version_text(VERSION_0_1_0),
				    version_text(VERSION_LATEST));
	return 0;
}

static int read_result(const struct cJSON *json, struct source source, struct result *ret,
		       struct error *e)
{
	_cleanup_(result_clear) struct result result = { 0 };

	if (read_version(json, &source.version, e) < 0)
		return -1;
	if (read_members(result_members, json, &result, &source, NULL, e) < 0)
		return -1;
	*ret = take_result(&result);
	return 0;
}

int result_read(const struct cJSON *json, enum version assumed, struct result *ret,
		struct error *e)
{
	return read_result(json, (struct source){ assumed, ERROR_DECODE, false }, ret, e);
}

int result_read_ipam(const struct cJSON *json, enum version assumed, struct result *ret,
		     struct error *e)
{
	return read_result(json, (struct source){ assumed, ERROR_DECODE, true }, ret, e);
}

int result_check(const struct result *result, enum version version, struct error *e)
{
	if (version >= VERSION_0_3_0 || result->n_ips > 0)
		return 0;
	return error_set(
		e, ERROR_VERSION,
		"\"cniVersion\": \"%s\" cannot tell a result without an address; expected %s or later",
		version_text(version), version_text(VERSION_0_3_0));
}

void result_write(const struct result *result, enum version version, struct writer *w)
{
	writer_open(w, NULL, '{');
	writer_string(w, "cniVersion", version_text(version));
	write_members(result_members, result, version, w);
	writer_close(w, '}');
}

/* ---- asking ---- */

static bool is_same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

int result_find_interface(const struct result *result, const char *name,
			  const char *sandbox)
{
	for (size_t i = 0; i < result->n_interfaces; i++)
		if (is_same_text(result->interfaces[i].name, name) &&
		    is_same_text(result->interfaces[i].sandbox, sandbox))
			return (int)i;
	return RESULT_NO_INTERFACE;
}

const struct ip *result_gateway(const struct result *result, int family)
{
	for (size_t i = 0; i < result->n_ips; i++)
		if (!ip_is_none(&result->ips[i].gateway) &&
		    ip_family(&result->ips[i].gateway) == family)
			return &result->ips[i].gateway;
	return NULL;
}

bool route_is_on_link(const struct route *route)
{
	return route->has_scope && route->scope >= RT_SCOPE_LINK;
}

bool interface_has_mac(const struct interface *told, const struct mac *mac)
{
	char text[MAC_TEXT];

	return !*told->mac || strcasecmp(told->mac, mac_print(mac, text)) == 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf.c - the network configuration, typed and checked
 *
 * The heart is the table conf_keys: a path of keys, who reads its value, and
 * the place in struct conf where it goes.  Rows are read from top to bottom, so
 * where several say one thing the order of the rows is their precedence.  What
 * concerns several keys at once is in a second table, conf_rules.
 */
#include <stdio.h>
#include <string.h>

#include "conf.h"
#include "json.h"
#include "list.h"
#include "name.h"
#include "place.h"

#define KEY_DEPTH 3	     /* keys in the longest path: args.cni.ips */
#define MTU_MIN 68	     /* ETH_MIN_MTU, linux/if_ether.h */
#define MTU_MAX 65535	     /* ETH_MAX_MTU */
#define MASQ_EXCLUDE_MAX 100 /* what one nft transaction takes in any case (nft.h) */
#define RANGES_MAX 1024	     /* each is compared with all others, in every call */

#define BUILT_IN_IPAM "host-local"

/*
 * Read a value that is not null.
 * @to: where it goes; unchanged on failure.
 * Return: 0; -1 with an error that names the place.
 */
typedef int read_value(const struct cJSON *value, const struct place *at, void *to,
		       struct error *e);

struct key {
	const char *path[KEY_DEPTH];
	read_value *read;
	size_t offset;
	unsigned int part; /* the CONF_* whose plugins read it */
};

static int wrong(const struct place *at, const struct cJSON *value, const char *trouble,
		 struct error *e)
{
	return place_refuse(at, value, e, ERROR_CONFIG, "%s", trouble);
}

static int unsupported(const struct place *at, const struct cJSON *value,
		       const char *trouble, struct error *e)
{
	return place_refuse(at, value, e, ERROR_UNSUPPORTED, "%s", trouble);
}

/* Walk down a row's path and read what is there; unset is fine. */
static int read_key(const struct key *key, const struct cJSON *object,
		    const struct place *in, void *base, struct error *e)
{
	const struct cJSON *value = object;
	struct place steps[KEY_DEPTH];
	const struct place *at = in;

	for (size_t i = 0; i < KEY_DEPTH && key->path[i]; i++) {
		if (!json_is_object(value))
			return wrong(at, value, "is not an object", e);
		value = json_get(value, key->path[i]);
		if (!value)
			return 0;
		steps[i] = (struct place){ .in = at, .key = key->path[i] };
		at = &steps[i];
	}
	return key->read(value, at, (char *)base + key->offset, e);
}

/* Give every element of a list to @read, which adds it to @to. */
static int read_list(const struct cJSON *value, const struct place *at, read_value *read,
		     void *to, struct error *e)
{
	struct place each = { .in = at };
	int r = 0;

	if (!json_is_array(value))
		return wrong(at, value, "is not a list", e);
	for (value = json_first(value); value; value = json_next(value), each.index++) {
		if (read(value, &each, to, e) == 0)
			continue;
		if (place_tell(at, e) < 0)
			return -1;
		r = -1;
	}
	return r;
}

/* Read what a table says of the object @value into @base. */
static int read_table(const struct key *table, size_t n, const struct cJSON *value,
		      const struct place *at, void *base, struct error *e)
{
	int r = 0;

	if (!json_is_object(value))
		return wrong(at, value, "is not an object", e);
	for (size_t i = 0; i < n; i++) {
		if (read_key(&table[i], value, at, base, e) == 0)
			continue;
		if (place_tell(at, e) < 0)
			return -1;
		r = -1;
	}
	return r;
}

/*
 * A string.
 * Return: 0, *ret being NULL for "", which is the same as unset; -1.
 */
static int read_text(const struct cJSON *value, const struct place *at, const char **ret,
		     struct error *e)
{
	const char *text = json_string(value);

	if (!text)
		return wrong(at, value, "is not a string", e);
	*ret = *text ? text : NULL;
	return 0;
}

static int read_string(const struct cJSON *value, const struct place *at, void *to,
		       struct error *e)
{
	const char *text = NULL;

	if (read_text(value, at, &text, e) < 0)
		return -1;
	if (text)
		*(const char **)to = text;
	return 0;
}

static int read_bool(const struct cJSON *value, const struct place *at, void *to,
		     struct error *e)
{
	if (json_bool(value, to))
		return 0;
	return wrong(at, value, "is neither true nor false", e);
}

static int read_object(const struct cJSON *value, const struct place *at, void *to,
		       struct error *e)
{
	if (!json_is_object(value))
		return wrong(at, value, "is not an object", e);
	*(const struct cJSON **)to = value;
	return 0;
}

static int read_link_name(const struct cJSON *value, const struct place *at, void *to,
			  struct error *e)
{
	const char *text = NULL;

	if (read_text(value, at, &text, e) < 0)
		return -1;
	if (text && !name_is_link(text))
		return wrong(
			at, value,
			"is not an interface name (1 to 15 bytes, no '/', ':', '%', white space or control characters; neither \"all\" nor \"default\")",
			e);
	if (text)
		*(const char **)to = text;
	return 0;
}

static int read_directory(const struct cJSON *value, const struct place *at, void *to,
			  struct error *e)
{
	const char *text = NULL;

	if (read_text(value, at, &text, e) < 0)
		return -1;
	if (text && *text != '/')
		return wrong(at, value, "is not an absolute path (beginning with '/')",
			     e);
	if (text)
		*(const char **)to = text;
	return 0;
}

static int read_mtu(const struct cJSON *value, const struct place *at, void *to,
		    struct error *e)
{
	struct conf_bridge *bridge = to;
	const char *text = json_string(value);
	int64_t mtu = 0;

	bridge->mtu_auto = text && strcmp(text, "auto") == 0;
	if (bridge->mtu_auto || (text && !*text))
		return 0;
	if (!json_integer(value, 0, MTU_MAX, &mtu) || (mtu > 0 && mtu < MTU_MIN))
		return wrong(at, value,
			     "is neither a whole number from 68 to 65535 (0 = the "
			     "kernel's default) nor \"auto\"",
			     e);
	bridge->mtu = (uint32_t)mtu;
	return 0;
}

static int read_mac(const struct cJSON *value, const struct place *at, void *to,
		    struct error *e)
{
	const char *text = NULL;

	if (read_text(value, at, &text, e) < 0)
		return -1;
	if (text && !mac_parse(text, to))
		return wrong(
			at, value,
			"is not the MAC address of an interface (like 02:00:5e:00:53:01)",
			e);
	return 0;
}

static int read_dns(const struct cJSON *value, const struct place *at, void *to,
		    struct error *e)
{
	return result_read_dns(value, at, to, e);
}

/*
 * What a runtime asks for is the whole of the container's resolv.conf, so it takes
 * the place of all that the configuration says; runtimes send empty lists, too.
 */
static int read_asked_dns(const struct cJSON *value, const struct place *at, void *to,
			  struct error *e)
{
	_cleanup_(dns_clear) struct dns asked = { 0 };
	struct dns *dns = to, before = *dns;

	if (result_read_asked_dns(value, at, &asked, e) < 0)
		return -1;
	if (dns_is_empty(&asked))
		return 0;
	*dns = asked;
	asked = before;
	return 0;
}

/* There is one backend, so nothing is kept. */
static int read_masq_backend(const struct cJSON *value, const struct place *at, void *to,
			     struct error *e)
{
	const char *text = NULL;

	(void)to;
	if (read_text(value, at, &text, e) < 0)
		return -1;
	if (!text || strcmp(text, "nftables") == 0)
		return 0;
	if (strcmp(text, "iptables") == 0)
		return unsupported(at, value,
				   "is not supported: remove the key or say \"nftables\"",
				   e);
	return wrong(at, value, "is not \"nftables\"", e);
}

static int add_family(const struct cJSON *value, const struct place *at, void *to,
		      struct error *e)
{
	static const struct {
		char word[8];
		unsigned int family;
	} families[] = { { "ipv4", CONF_IPV4 }, { "ipv6", CONF_IPV6 } };
	const char *text = json_string(value);
	unsigned int *chosen = to;

	for (size_t i = 0; text && i < COUNT(families); i++) {
		if (strcmp(text, families[i].word) == 0) {
			*chosen |= families[i].family;
			return 0;
		}
	}
	return wrong(at, value, "is neither \"ipv4\" nor \"ipv6\"", e);
}

static int read_families(const struct cJSON *value, const struct place *at, void *to,
			 struct error *e)
{
	unsigned int chosen = 0;

	if (read_list(value, at, add_family, &chosen, e) < 0)
		return -1;
	if (!chosen)
		return wrong(
			at, value,
			"names no family (\"ipv4\", \"ipv6\"): leave the key out for "
			"both, or say \"ipMasq\": false",
			e);
	*(unsigned int *)to = chosen;
	return 0;
}

/* A network, or one address. */
static int add_masq_excluded(const struct cJSON *value, const struct place *at, void *to,
			     struct error *e)
{
	struct conf_bridge *bridge = to;
	struct prefix prefix = { 0 };
	const char *text = NULL;

	if (read_text(value, at, &text, e) < 0)
		return -1;
	if (!text)
		return 0;
	if (!prefix_read(text, &prefix))
		return wrong(at, value,
			     "is neither a network nor an address (like 10.0.0.0/8 or "
			     "192.0.2.7)",
			     e);
	if (bridge->n_masq_exclude == MASQ_EXCLUDE_MAX)
		return wrong(at, value, "is one too many: at most 100 are possible", e);
	if (list_grow(&bridge->masq_exclude, bridge->n_masq_exclude, sizeof(prefix), e) <
	    0)
		return -1;
	bridge->masq_exclude[bridge->n_masq_exclude++] = prefix_network(&prefix);
	return 0;
}

static int read_masq_exclude(const struct cJSON *value, const struct place *at, void *to,
			     struct error *e)
{
	struct conf_bridge *bridge = to;

	if (read_list(value, at, add_masq_excluded, bridge, e) == 0)
		return 0;
	bridge->n_masq_exclude = 0;
	return -1;
}

static int read_vlan_id(const struct cJSON *value, const struct place *at, int64_t min,
			uint16_t *ret, struct error *e)
{
	int64_t id;

	if (!json_integer(value, min, VLAN_MAX, &id))
		return place_refuse(at, value, e, ERROR_CONFIG,
				    "is no VLAN ID (a whole number from %d to %d)",
				    (int)min, VLAN_MAX);
	*ret = (uint16_t)id;
	return 0;
}

/* 0 is the same as unset. */
static int read_vlan(const struct cJSON *value, const struct place *at, void *to,
		     struct error *e)
{
	return read_vlan_id(value, at, 0, to, e);
}

static int read_trunk_id(const struct cJSON *value, const struct place *at, void *to,
			 struct error *e)
{
	return read_vlan_id(value, at, VLAN_MIN, to, e);
}

struct trunk {
	uint16_t id, min, max; /* 0 = not given */
};

static const struct key trunk_keys[] = {
	{ { "id" }, read_trunk_id, offsetof(struct trunk, id), 0 },
	{ { "minID" }, read_trunk_id, offsetof(struct trunk, min), 0 },
	{ { "maxID" }, read_trunk_id, offsetof(struct trunk, max), 0 },
};

/* One ID, a run of them, or both. */
static int add_trunk(const struct cJSON *value, const struct place *at, void *to,
		     struct error *e)
{
	struct trunk trunk = { 0 };

	if (read_table(trunk_keys, COUNT(trunk_keys), value, at, &trunk, e) < 0)
		return -1;
	if (!trunk.min != !trunk.max)
		return place_error(at, e, ERROR_CONFIG, "\"%s\" needs \"%s\" beside it",
				   trunk.min ? "minID" : "maxID",
				   trunk.min ? "maxID" : "minID");
	if (!trunk.min && !trunk.id)
		return wrong(at, value, "has neither \"id\" nor \"minID\" and \"maxID\"",
			     e);
	if (trunk.min > trunk.max)
		return place_error(at, e, ERROR_CONFIG,
				   "\"minID\" %u is greater than \"maxID\" %u", trunk.min,
				   trunk.max);
	if (trunk.min)
		vlan_add(to, (struct vlan_run){ trunk.min, trunk.max });
	if (trunk.id)
		vlan_add_one(to, trunk.id);
	return 0;
}

static int read_trunks(const struct cJSON *value, const struct place *at, void *to,
		       struct error *e)
{
	struct vlan_set set = { 0 };

	if (read_list(value, at, add_trunk, &set, e) < 0)
		return -1;
	*(struct vlan_set *)to = set;
	return 0;
}

/*
 * A bridge leases through what is built in, or through another plugin; host-local
 * itself serves any caller.
 */
static int read_ipam_type(const struct cJSON *value, const struct place *at, void *to,
			  struct error *e)
{
	struct conf *conf = to;
	const char *text = NULL;

	if (read_text(value, at, &text, e) < 0)
		return -1;
	if (!text || strcmp(text, BUILT_IN_IPAM) == 0)
		return 0;
	if (!name_is_file(text))
		return wrong(
			at, value,
			"is not the name of a plugin (a file in CNI_PATH, with no '/')",
			e);
	if (strcmp(text, conf->type) == 0)
		return wrong(at, value,
			     "is this plugin itself, which leases no addresses", e);
	conf->ipam.external = true;
	return 0;
}

static int read_prefix(const struct cJSON *value, const struct place *at, void *to,
		       struct error *e)
{
	const char *text = NULL;

	if (read_text(value, at, &text, e) < 0)
		return -1;
	if (text && !prefix_parse(text, to))
		return wrong(at, value, "is not a network (like 10.1.0.0/16)", e);
	return 0;
}

static int read_ip(const struct cJSON *value, const struct place *at, void *to,
		   struct error *e)
{
	const char *text = NULL;

	if (read_text(value, at, &text, e) < 0)
		return -1;
	if (text && !ip_parse(text, to))
		return wrong(at, value,
			     "is not an IP address (like 10.1.0.5, with no /length)", e);
	return 0;
}

static const struct key range_keys[] = {
	{ { "subnet" }, read_prefix, offsetof(struct range, subnet), 0 },
	{ { "rangeStart" }, read_ip, offsetof(struct range, start), 0 },
	{ { "rangeEnd" }, read_ip, offsetof(struct range, end), 0 },
	{ { "gateway" }, read_ip, offsetof(struct range, gateway), 0 },
};

static int add_range(const struct cJSON *value, const struct place *at, void *to,
		     struct error *e)
{
	struct range_set *set = to;
	struct range range = { 0 };

	if (read_table(range_keys, COUNT(range_keys), value, at, &range, e) < 0 ||
	    range_complete(&range, at, e) < 0 ||
	    list_grow(&set->v, set->n, sizeof(*set->v), e) < 0)
		return -1;
	set->v[set->n++] = range;
	return 0;
}

static void range_set_clear(struct range_set *set)
{
	free(set->v);
	*set = (struct range_set){ 0 };
}

static int check_apart(const struct conf_ipam *ipam, const struct range_set *set,
		       const struct place *at, struct error *e)
{
	char one[RANGE_SET_TEXT], other[RANGE_SET_TEXT];

	for (size_t i = 0; i < ipam->n_sets; i++)
		if (range_set_overlaps(&ipam->sets[i], set))
			return place_error(at, e, ERROR_CONFIG,
					   "%s overlaps another set: %s",
					   range_set_print(set, one),
					   range_set_print(&ipam->sets[i], other));
	return 0;
}

static int check_count(const struct conf_ipam *ipam, const struct range_set *set,
		       const struct place *at, struct error *e)
{
	size_t n = set->n;

	for (size_t i = 0; i < ipam->n_sets; i++)
		n += ipam->sets[i].n;
	if (n <= RANGES_MAX)
		return 0;
	return place_error(at, e, ERROR_CONFIG,
			   "too many ranges: at most %d are possible, in all sets",
			   RANGES_MAX);
}

/* Check a whole set and append it, taking its array over. */
static int add_set(struct conf_ipam *ipam, struct range_set *set, const struct place *at,
		   struct error *e)
{
	if (check_count(ipam, set, at, e) < 0 || range_set_check(set, at, e) < 0 ||
	    check_apart(ipam, set, at, e) < 0 ||
	    list_grow(&ipam->sets, ipam->n_sets, sizeof(*ipam->sets), e) < 0)
		return -1;
	ipam->sets[ipam->n_sets++] = *set;
	*set = (struct range_set){ 0 };
	return 0;
}

static int read_set(const struct cJSON *value, const struct place *at, void *to,
		    struct error *e)
{
	_cleanup_(range_set_clear) struct range_set set = { 0 };

	if (read_list(value, at, add_range, &set, e) < 0)
		return -1;
	return add_set(to, &set, at, e);
}

static int read_set_of_one(const struct cJSON *value, const struct place *at, void *to,
			   struct error *e)
{
	_cleanup_(range_set_clear) struct range_set set = { 0 };

	if (add_range(value, at, &set, e) < 0)
		return -1;
	return add_set(to, &set, at, e);
}

/* containerd sends a flat list of ranges, each of which stands for a set. */
static int read_set_or_range(const struct cJSON *value, const struct place *at, void *to,
			     struct error *e)
{
	if (json_is_object(value))
		return read_set_of_one(value, at, to, e);
	return read_set(value, at, to, e);
}

/* Read a list of sets whole or not at all. */
static int read_sets(const struct cJSON *value, const struct place *at, read_value *read,
		     struct conf_ipam *ipam, struct error *e)
{
	size_t before = ipam->n_sets;

	if (read_list(value, at, read, ipam, e) == 0)
		return 0;
	while (ipam->n_sets > before)
		range_set_clear(&ipam->sets[--ipam->n_sets]);
	return -1;
}

static int read_asked_ranges(const struct cJSON *value, const struct place *at, void *to,
			     struct error *e)
{
	return read_sets(value, at, read_set_or_range, to, e);
}

static int read_ranges(const struct cJSON *value, const struct place *at, void *to,
		       struct error *e)
{
	return read_sets(value, at, read_set, to, e);
}

/* The oldest form: one range right in ipam.  Without a subnet there is none. */
static int read_single_range(const struct cJSON *value, const struct place *at, void *to,
			     struct error *e)
{
	const struct cJSON *subnet = json_get(value, "subnet");
	const char *text = json_string(subnet);

	if (!subnet || (text && !*text))
		return 0;
	return read_set_of_one(value, at, to, e);
}

static int add_route(const struct cJSON *value, const struct place *at, void *to,
		     struct error *e)
{
	struct conf_ipam *ipam = to;
	struct route route = { 0 };

	if (result_read_route(value, at, &route, e) < 0 ||
	    list_grow(&ipam->routes, ipam->n_routes, sizeof(route), e) < 0)
		return -1;
	ipam->routes[ipam->n_routes++] = route;
	return 0;
}

static int read_routes(const struct cJSON *value, const struct place *at, void *to,
		       struct error *e)
{
	struct conf_ipam *ipam = to;
	size_t before = ipam->n_routes;

	if (read_list(value, at, add_route, ipam, e) == 0)
		return 0;
	ipam->n_routes = before;
	return -1;
}

/* One requested address: "ip" or "ip/length", the length being of no use. */
static int add_requested(const struct cJSON *value, const struct place *at, void *to,
			 struct error *e)
{
	struct conf_ipam *ipam = to;
	struct prefix prefix = { 0 };
	const char *text = NULL;

	if (read_text(value, at, &text, e) < 0)
		return -1;
	if (!text)
		return 0;
	if (!prefix_read(text, &prefix))
		return wrong(at, value,
			     "is not an IP address (like 10.1.0.5 or 10.1.0.5/16)", e);
	if (list_grow(&ipam->requested, ipam->n_requested, sizeof(prefix.ip), e) < 0)
		return -1;
	ipam->requested[ipam->n_requested++] = prefix.ip;
	return 0;
}

static int read_requested(const struct cJSON *value, const struct place *at, void *to,
			  struct error *e)
{
	struct conf_ipam *ipam = to;
	size_t before = ipam->n_requested;

	if (json_string(value))
		return add_requested(value, at, ipam, e);
	if (read_list(value, at, add_requested, ipam, e) == 0)
		return 0;
	ipam->n_requested = before;
	return -1;
}

/* An address stands for a prefix of its own. */
static int add_excluded(const struct cJSON *value, const struct place *at, void *to,
			struct error *e)
{
	struct range_exclude *exclude = to;
	struct prefix prefix = { 0 }, network;
	const char *text = json_string(value);

	if (text && !*text)
		return 0;
	if (!text || !prefix_read(text, &prefix))
		return wrong(at, value,
			     "is neither an IP address (like 10.1.0.5) nor a network "
			     "(like 10.1.0.16/28)",
			     e);
	network = prefix_network(&prefix);
	if (!prefix_equal(&prefix, &network))
		return place_error(at, e, ERROR_CONFIG,
				   "%s has host bits set: expected %s", text,
				   prefix_print(&network, (char[PREFIX_TEXT]){ 0 }));
	if (list_grow(&exclude->v, exclude->n, sizeof(prefix), e) < 0)
		return -1;
	exclude->v[exclude->n++] = prefix;
	return 0;
}

static int read_exclude(const struct cJSON *value, const struct place *at, void *to,
			struct error *e)
{
	struct range_exclude *exclude = to;
	size_t before = exclude->n;

	if (read_list(value, at, add_excluded, exclude, e) == 0)
		return 0;
	exclude->n = before;
	return -1;
}

static int read_order(const struct cJSON *value, const struct place *at, void *to,
		      struct error *e)
{
	const char *text = NULL;

	if (read_text(value, at, &text, e) < 0)
		return -1;
	if (text && strcmp(text, "roundrobin") != 0 && strcmp(text, "lowest") != 0)
		return wrong(at, value, "is neither \"roundrobin\" nor \"lowest\"", e);
	if (text)
		*(bool *)to = strcmp(text, "lowest") == 0;
	return 0;
}

#define TO(member) offsetof(struct conf, member)

/* Read in this order. */
static const struct key conf_keys[] = {
	{ { "type" }, read_string, TO(type), CONF_COMMON },
	{ { "prevResult" }, read_object, TO(prev_result), CONF_COMMON },

	{ { "bridge" }, read_link_name, TO(bridge.bridge), CONF_BRIDGE },
	{ { "isGateway" }, read_bool, TO(bridge.is_gateway), CONF_BRIDGE },
	{ { "isDefaultGateway" }, read_bool, TO(bridge.is_default_gateway), CONF_BRIDGE },
	{ { "forceAddress" }, read_bool, TO(bridge.force_address), CONF_BRIDGE },
	{ { "ipMasq" }, read_bool, TO(bridge.ip_masq), CONF_BRIDGE },
	{ { "ipMasqBackend" }, read_masq_backend, 0, CONF_BRIDGE },
	{ { "ipMasqFamilies" }, read_families, TO(bridge.masq_families), CONF_BRIDGE },
	{ { "ipMasqExclude" }, read_masq_exclude, TO(bridge), CONF_BRIDGE },
	{ { "mtu" }, read_mtu, TO(bridge), CONF_BRIDGE },
	{ { "hairpinMode" }, read_bool, TO(bridge.hairpin_mode), CONF_BRIDGE },
	{ { "promiscMode" }, read_bool, TO(bridge.promisc_mode), CONF_BRIDGE },
	{ { "portIsolation" }, read_bool, TO(bridge.port_isolation), CONF_BRIDGE },
	{ { "macspoofchk" }, read_bool, TO(bridge.mac_spoof_check), CONF_BRIDGE },
	{ { "vlan" }, read_vlan, TO(bridge.vlan), CONF_BRIDGE },
	{ { "vlanTrunk" }, read_trunks, TO(bridge.vlan_trunk), CONF_BRIDGE },
	{ { "preserveDefaultVlan" },
	  read_bool,
	  TO(bridge.preserve_default_vlan),
	  CONF_BRIDGE },
	{ { "disableContainerInterface" },
	  read_bool,
	  TO(bridge.disable_container_interface),
	  CONF_BRIDGE },
	{ { "enabledad" }, read_bool, TO(bridge.enable_dad), CONF_BRIDGE },
	{ { "dns" }, read_dns, TO(bridge.dns), CONF_BRIDGE },
	{ { "runtimeConfig", "dns" }, read_asked_dns, TO(bridge.dns), CONF_BRIDGE },
	{ { "gcLive" }, read_bool, TO(gc.live), CONF_BRIDGE },
	{ { "args", "cni", "mac" }, read_mac, TO(bridge.mac), CONF_BRIDGE },
	{ { "runtimeConfig", "mac" }, read_mac, TO(bridge.mac), CONF_BRIDGE },

	/* The type comes first: another plugin's keys may mean anything. */
	{ { "ipam", "type" }, read_string, TO(ipam.type), CONF_IPAM },
	{ { "ipam", "type" }, read_ipam_type, 0, CONF_BRIDGE },
	{ { "ipam", "dataDir" }, read_directory, TO(ipam.data_dir), CONF_IPAM },
	{ { "ipam", "resolvConf" }, read_string, TO(ipam.resolv_conf), CONF_IPAM },
	{ { "runtimeConfig", "ipRanges" }, read_asked_ranges, TO(ipam), CONF_IPAM },
	{ { "ipam" }, read_single_range, TO(ipam), CONF_IPAM },
	{ { "ipam", "ranges" }, read_ranges, TO(ipam), CONF_IPAM },
	{ { "ipam", "routes" }, read_routes, TO(ipam), CONF_IPAM },
	{ { "ipam", "exclude" }, read_exclude, TO(ipam.exclude), CONF_IPAM },
	{ { "ipam", "reclaim" }, read_bool, TO(ipam.reclaim), CONF_IPAM },
	{ { "ipam", "sticky" }, read_bool, TO(ipam.sticky), CONF_IPAM },
	{ { "ipam", "order" }, read_order, TO(ipam.lowest), CONF_IPAM },
	{ { "args", "cni", "ips" }, read_requested, TO(ipam), CONF_IPAM },
	{ { "runtimeConfig", "ips" }, read_requested, TO(ipam), CONF_IPAM },
};

static const char *trunk_key(size_t i)
{
	return i < COUNT(trunk_keys) ? trunk_keys[i].path[0] : NULL;
}

static const char *range_key(size_t i)
{
	return i < COUNT(range_keys) ? range_keys[i].path[0] : NULL;
}

/* The keys of the objects that a reader meets, one by one; NULL behind the last. */
static const struct {
	read_value *read;
	const char *(*key)(size_t i);
} conf_objects[] = {
	{ read_single_range, range_key },
	{ read_ranges, range_key },
	{ read_asked_ranges, range_key },
	{ read_routes, result_route_key },
	{ read_trunks, trunk_key },
	{ read_dns, result_dns_key },
	{ read_asked_dns, result_asked_dns_key },
};

/* A configuration being read. */
struct reading {
	struct conf *conf;
	unsigned int parts;
	const struct place *root; /* NULL, or where a listener stands */
	bool ipam_unread;	  /* something of CONF_IPAM could not be read */
};

static int keep_ignored(struct conf *conf, const struct error *trouble, struct error *e)
{
	conf->ignored = malloc(sizeof(*conf->ignored));
	if (!conf->ignored)
		return error_set(e, ERROR_MEMORY, "out of memory");
	*conf->ignored = *trouble;
	return 0;
}

/*
 * Something is wrong.  A listener hears it, the lenient mood keeps the first, and
 * both go on; without memory nothing goes on.
 */
static int pass_over(struct reading *reading, struct error *trouble, struct error *e)
{
	struct conf *conf = reading->conf;

	if (place_tell(reading->root, trouble) == 0)
		return 0;
	if (conf->mood < CONF_LENIENT || trouble->code == ERROR_MEMORY) {
		*e = *trouble;
		return -1;
	}
	return conf->ignored ? 0 : keep_ignored(conf, trouble, e);
}

/* What a network whose "ipam" has no type says about addresses does not count, as for Go's bridge. */
static void drop_addresses(struct conf_ipam *ipam)
{
	for (size_t i = 0; i < ipam->n_sets; i++)
		range_set_clear(&ipam->sets[i]);
	ipam->n_sets = ipam->n_routes = ipam->n_requested = 0;
}

static int read_keys(struct reading *reading, struct error *e)
{
	struct conf *conf = reading->conf;
	struct error trouble;

	for (size_t i = 0; i < COUNT(conf_keys); i++) {
		const struct key *key = &conf_keys[i];

		if ((key->part & reading->parts) != key->part ||
		    (conf->ipam.external && (key->part & CONF_IPAM)) ||
		    read_key(key, conf->tree, reading->root, conf, &trouble) == 0)
			continue;
		reading->ipam_unread |= key->part & CONF_IPAM;
		if (pass_over(reading, &trouble, e) < 0)
			return -1;
	}
	if (conf->bridge.is_default_gateway)
		conf->bridge.is_gateway = true;
	if (reading->parts & CONF_BRIDGE && !*conf->ipam.type)
		drop_addresses(&conf->ipam);
	return 0;
}

static int add_path(const struct place *at, struct list *paths, struct error *e)
{
	char path[PLACE_TEXT];

	(void)place_print(at, path);
	return list_has(paths, path) ? 0 : list_add(paths, path, e);
}

/* The paths of a row, and of what is in the objects that its reader meets. */
static int add_paths(const struct key *key, struct list *paths, struct error *e)
{
	struct place steps[KEY_DEPTH], below = { 0 };

	for (size_t i = 0; i < KEY_DEPTH && key->path[i]; i++) {
		steps[i] = (struct place){ .in = below.in, .key = key->path[i] };
		below.in = &steps[i];
		if (add_path(below.in, paths, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < COUNT(conf_objects); i++) {
		if (conf_objects[i].read != key->read)
			continue;
		for (size_t k = 0; (below.key = conf_objects[i].key(k)); k++)
			if (add_path(&below, paths, e) < 0)
				return -1;
	}
	return 0;
}

int conf_paths(unsigned int parts, struct list *paths, struct error *e)
{
	for (size_t i = 0; i < COUNT(conf_keys); i++)
		if ((conf_keys[i].part & parts) == conf_keys[i].part &&
		    add_paths(&conf_keys[i], paths, e) < 0)
			return -1;
	return 0;
}

static int check_one_mode(const struct conf *conf, struct error *e)
{
	if (!conf->bridge.hairpin_mode || !conf->bridge.promisc_mode)
		return 0;
	return error_set(e, ERROR_CONFIG,
			 "\"hairpinMode\": true and \"promiscMode\": true exclude "
			 "each other: frames would come back twice");
}

static int check_interface_used(const struct conf *conf, struct error *e)
{
	if (!conf->bridge.disable_container_interface || !*conf->ipam.type)
		return 0;
	return error_set(e, ERROR_CONFIG,
			 "\"disableContainerInterface\": true needs a network without "
			 "addresses, but \"ipam.type\" is \"%.64s\"",
			 conf->ipam.type);
}

static int check_gateway_name(const struct conf *conf, struct error *e)
{
	const struct conf_bridge *bridge = &conf->bridge;
	size_t len =
		strlen(bridge->bridge) + (size_t)snprintf(NULL, 0, ".%u", bridge->vlan);

	if (!bridge->is_gateway || !bridge->vlan || len < NAME_LINK)
		return 0;
	return error_set(
		e, ERROR_CONFIG,
		"\"bridge\": \"%s\" is too long: the gateway's interface would be "
		"%s.%u, of %zu bytes, and 15 are possible",
		bridge->bridge, bridge->bridge, bridge->vlan, len);
}

/* Older results must have an address, so nothing could be printed. */
static int check_can_be_told(const struct conf *conf, struct error *e)
{
	if (*conf->ipam.type || conf->version >= VERSION_0_3_0)
		return 0;
	return error_set(e, ERROR_CONFIG,
			 "\"cniVersion\": \"%s\" is too old: a network without addresses "
			 "(no \"ipam.type\") cannot be told below 0.3.0",
			 version_text(conf->version));
}

/* Will the ranges come with the call, as runtimeConfig.ipRanges? */
static bool promises_ranges(const struct conf *conf)
{
	bool promised = false;

	return json_bool(json_get(json_get(conf->tree, "capabilities"), "ipRanges"),
			 &promised) &&
	       promised;
}

static int check_any_range(const struct conf *conf, struct error *e)
{
	if (conf->ipam.n_sets > 0 || (conf->mood != CONF_STRICT && promises_ranges(conf)))
		return 0;
	return error_set(e, ERROR_CONFIG,
			 "\"ipam.ranges\": no IP ranges specified (nor \"ipam.subnet\", "
			 "nor \"runtimeConfig.ipRanges\")");
}

static int check_range_of_type(const struct conf *conf, struct error *e)
{
	return conf_has_leases(&conf->ipam) ? check_any_range(conf, e) : 0;
}

static int check_few_sets(const struct conf *conf, struct error *e)
{
	size_t n[2] = { 0 };

	for (size_t i = 0; i < conf->ipam.n_sets; i++)
		n[conf->ipam.sets[i].v[0].subnet.ip.len == 16]++;
	if ((n[0] <= 1 && n[1] <= 1) || conf->version >= VERSION_0_3_0)
		return 0;
	return error_set(
		e, ERROR_CONFIG,
		"\"cniVersion\": \"%s\" is too old: more than one range set of a "
		"family (%zu IPv4, %zu IPv6) needs 0.3.0",
		version_text(conf->version), n[0], n[1]);
}

/* A port of a smaller MTU would take IPv6 from the bridge, and so from every container on it. */
static int check_mtu_for_v6(const struct conf *conf, struct error *e)
{
	uint32_t mtu = conf->bridge.mtu;

	if (mtu == 0 || mtu >= CONF_MTU_MIN_V6 || !conf_gives_ipv6(&conf->ipam))
		return 0;
	return error_set(e, ERROR_CONFIG,
			 "\"mtu\": %u is too small for the IPv6 ranges: IPv6 "
			 "needs 1280 at least (RFC 8200)",
			 mtu);
}

static bool is_direct(const struct route *route)
{
	return route_is_on_link(route) || ip_is_unspecified(&route->gw);
}

/* Does any subnet, or one of the first @n routes, if it has no gateway, lead to it? */
static bool is_reached(const struct conf_ipam *ipam, size_t n, const struct ip *gateway)
{
	for (size_t i = 0; i < ipam->n_sets; i++) {
		for (size_t k = 0; k < ipam->sets[i].n; k++)
			if (prefix_contains(&ipam->sets[i].v[k].subnet, gateway))
				return true;
	}
	for (size_t i = 0; i < n; i++) {
		if (is_direct(&ipam->routes[i]) &&
		    prefix_contains(&ipam->routes[i].dst, gateway))
			return true;
	}
	return false;
}

/* No route goes through 0.0.0.0 or ::, and any link has fe80::/10. */
static bool needs_no_way(const struct ip *gateway)
{
	return ip_is_unspecified(gateway) ||
	       (gateway->len == 16 && ip_is_link_local(gateway));
}

/* Will a route go through this gateway, to which nothing leads?  In doubt not. */
static bool is_stranded(const struct conf *conf, const struct ip *gateway)
{
	const struct conf_ipam *ipam = &conf->ipam;
	bool by_default = conf->bridge.is_default_gateway, used = false;

	if (needs_no_way(gateway) || is_reached(ipam, ipam->n_routes, gateway))
		return false;
	for (size_t i = 0; i < ipam->n_routes; i++) {
		const struct route *route = &ipam->routes[i];

		if (route->dst.ip.len != gateway->len)
			continue;
		used |= !is_direct(route) && ip_is_none(&route->gw);
		by_default &= !prefix_is_default(&route->dst);
	}
	return used || by_default;
}

/*
 * Where the gateway of a set of one range stands: "ipam.ranges" come last, and the single
 * range before them.
 */
static const char *gateway_path(const struct conf *conf, size_t set,
				char path[static PLACE_TEXT])
{
	const struct cJSON *ipam = json_get(conf->tree, "ipam");
	const struct cJSON *value = json_first(json_get(ipam, "ranges"));
	size_t before = conf->ipam.n_sets;

	for (; value; value = json_next(value))
		before--;
	if (set >= before)
		(void)snprintf(path, PLACE_TEXT, "ipam.ranges[%zu][0].gateway",
			       set - before);
	else
		(void)snprintf(path, PLACE_TEXT, "%s",
			       set + 1 == before && json_get(ipam, "subnet")
				       ? "ipam.gateway"
				       : "runtimeConfig.ipRanges");
	return path;
}

/*
 * What goes through a family's gateway goes through that of its first set.  Of several ranges
 * nobody knows which one's turn it is.
 */
static int check_gateways(const struct conf *conf, struct error *e)
{
	char path[PLACE_TEXT], gateway[IP_TEXT], subnet[PREFIX_TEXT];
	bool seen[2] = { false };

	if (conf->mood != CONF_STRICT && promises_ranges(conf))
		return 0;
	for (size_t i = 0; i < conf->ipam.n_sets; i++) {
		const struct range *range = &conf->ipam.sets[i].v[0];
		bool v6 = range->gateway.len == 16, first = !seen[v6];

		seen[v6] = true;
		if (first && conf->ipam.sets[i].n == 1 &&
		    is_stranded(conf, &range->gateway))
			return error_set(e, ERROR_CONFIG,
					 "\"%s\": %s is not in the subnet %s, and no "
					 "on-link route (scope 253) leads to it",
					 gateway_path(conf, i, path),
					 ip_print(&range->gateway, gateway),
					 prefix_print(&range->subnet, subnet));
	}
	return 0;
}

/* What must hold between keys, for who reads all of @with and none of @without. */
static const struct rule {
	unsigned int with, without;
	int (*check)(const struct conf *conf, struct error *e);
} conf_rules[] = {
	{ CONF_BRIDGE, 0, check_one_mode },
	{ CONF_BRIDGE, 0, check_gateway_name },
	{ CONF_BRIDGE | CONF_IPAM, 0, check_interface_used },
	{ CONF_BRIDGE | CONF_IPAM, 0, check_can_be_told },
	{ CONF_BRIDGE | CONF_IPAM, 0, check_range_of_type },
	{ CONF_BRIDGE | CONF_IPAM, 0, check_mtu_for_v6 },
	{ CONF_BRIDGE | CONF_IPAM, 0, check_gateways },
	{ CONF_IPAM, CONF_BRIDGE, check_any_range },
	{ CONF_IPAM, 0, check_few_sets },
};

/* What has been refused is missing, which is no second trouble. */
static bool concerns(const struct rule *rule, const struct reading *reading)
{
	return (rule->with & reading->parts) == rule->with &&
	       !(rule->without & reading->parts) &&
	       !(reading->ipam_unread && (rule->with & CONF_IPAM));
}

static int check_rules(struct reading *reading, struct error *e)
{
	struct error trouble;

	for (size_t i = 0; i < COUNT(conf_rules); i++) {
		const struct rule *rule = &conf_rules[i];

		if (concerns(rule, reading) && rule->check(reading->conf, &trouble) < 0 &&
		    pass_over(reading, &trouble, e) < 0)
			return -1;
	}
	return 0;
}

static const struct key attachment_keys[] = {
	{ { "containerID" },
	  read_string,
	  offsetof(struct conf_attachment, container),
	  0 },
	{ { "ifname" }, read_string, offsetof(struct conf_attachment, ifname), 0 },
};

static int add_attachment(const struct cJSON *value, const struct place *at, void *to,
			  struct error *e)
{
	struct conf_gc *gc = to;
	struct conf_attachment attachment = { NULL, NULL };

	if (read_table(attachment_keys, COUNT(attachment_keys), value, at, &attachment,
		       e) < 0)
		return -1;
	if (!attachment.container || !attachment.ifname)
		return wrong(at, value, "lacks a \"containerID\" or an \"ifname\"", e);
	if (list_grow(&gc->valid, gc->n_valid, sizeof(attachment), e) < 0)
		return -1;
	gc->valid[gc->n_valid++] = attachment;
	return 0;
}

/*
 * Under the first of these names that is there: libcni sends both, older ones
 * the second.  A list that cannot be read counts as not told, because whoever is
 * missing from it would be taken down.
 */
static int read_attachments(const struct cJSON *tree, struct conf_gc *gc, struct error *e)
{
	static const char *const names[] = {
		"cni.dev/valid-attachments",
		"cni.dev/attachments",
	};

	for (size_t i = 0; i < COUNT(names); i++) {
		const struct place at = { .key = names[i] };
		const struct cJSON *value = json_get(tree, names[i]);

		if (!json_has(tree, names[i]))
			continue;
		if (value && read_list(value, &at, add_attachment, gc, e) < 0) {
			gc->n_valid = 0;
			return -1;
		}
		gc->told = true;
		return 0;
	}
	return 0;
}

static int read_gc(struct reading *reading, struct error *e)
{
	struct conf *conf = reading->conf;
	struct error trouble;

	if (read_attachments(conf->tree, &conf->gc, &trouble) == 0)
		return 0;
	if (conf->mood == CONF_COLLECT) {
		*e = trouble;
		return -1;
	}
	return pass_over(reading, &trouble, e);
}

static int read_name(const struct cJSON *value, struct conf *conf, struct error *e)
{
	const struct place at = { .key = "name" };

	if (value && read_text(value, &at, &conf->name, e) < 0)
		return -1;
	if (!conf->name)
		return error_set(e, ERROR_CONFIG, "\"name\": the network has no name");
	if (name_is_id(conf->name))
		return 0;
	(void)wrong(&at, value,
		    "is not a network name (letters, digits, '_', '.' and '-', "
		    "the first a letter or digit)",
		    e);
	(void)error_details(e, "%s", conf->name);
	return -1;
}

static int refuse_version(const char *text, struct error *e)
{
	char known[VERSION_COUNT * sizeof("\"0.0.0\",")] = "";
	size_t len = 0;

	for (enum version v = 0; v < VERSION_COUNT; v++)
		len += (size_t)snprintf(known + len, sizeof(known) - len, "%s\"%s\"",
					v ? "," : "", version_text(v));
	(void)error_set(e, ERROR_VERSION, "incompatible CNI versions");
	return error_details(e, "config is \"%.64s\", plugin supports [%s]", text, known);
}

static int read_version(const struct cJSON *value, struct conf *conf, struct error *e)
{
	const struct place at = { .key = "cniVersion" };
	const char *text = NULL;

	if (value && read_text(value, &at, &text, e) < 0)
		return -1;
	if (version_parse(text ? text : "", &conf->version))
		return 0;
	return refuse_version(text, e);
}

/*
 * Where ADD takes no such thing DEL passes it over, having no use for it: nobody shall be
 * able to make a container that cannot be taken down.
 */
static int read_tree(struct conf *conf, struct error *e)
{
	static const char *const unneeded[] = { "args", "runtimeConfig", "prevResult",
						NULL };
	struct error trouble;

	if (json_parse(conf->text, conf->len, &conf->owned, &trouble) == 0)
		return 0;
	error_wrap(&trouble, "the network configuration");
	if (conf->mood < CONF_LENIENT || trouble.code != ERROR_DECODE) {
		*e = trouble;
		return -1;
	}
	if (json_parse_without(conf->text, conf->len, unneeded, &conf->owned, e) < 0)
		return error_wrap(e, "the network configuration");
	return keep_ignored(conf, &trouble, e);
}

/* The version comes first: what is wrong with the name is told in it. */
static int read_frame(struct conf *conf, struct error *e)
{
	struct error trouble;
	int r;

	if (read_tree(conf, e) < 0)
		return -1;
	conf->tree = conf->owned;
	r = read_version(json_get(conf->tree, "cniVersion"), conf, &trouble);
	if (read_name(json_get(conf->tree, "name"), conf, e) < 0)
		return -1;
	if (r < 0)
		*e = trouble;
	return r;
}

static const struct conf conf_defaults = {
	.version = VERSION_LATEST,
	.type = "",
	.bridge.bridge = "cni0",
	.bridge.masq_families = CONF_IPV4 | CONF_IPV6,
	.ipam.type = "",
	.ipam.data_dir = CONF_DATA_DIR,
	.ipam.resolv_conf = "",
	.ipam.reclaim = true,
};

int conf_parse(const char *text, size_t len, unsigned int parts, enum conf_mood mood,
	       struct conf *ret, struct error *e)
{
	_cleanup_(conf_clear) struct conf conf = conf_defaults;
	struct reading reading = { .conf = &conf, .parts = parts };

	conf.text = text;
	conf.len = len;
	conf.mood = mood;
	if (read_frame(&conf, e) < 0 || read_keys(&reading, e) < 0 ||
	    read_gc(&reading, e) < 0 || check_rules(&reading, e) < 0) {
		ret->version = conf.version;
		return -1;
	}
	*ret = conf;
	conf = (struct conf){ 0 };
	return 0;
}

int conf_review_frame(const struct cJSON *name, const struct cJSON *its,
		      const struct listener *listener, enum version *version,
		      struct error *e)
{
	const struct place root = { .key = "", .listener = listener };
	struct conf conf = { 0 };

	if (read_name(name, &conf, e) < 0 && place_tell(&root, e) < 0)
		return -1;
	*version = VERSION_LATEST;
	if (read_version(its, &conf, e) < 0)
		return place_tell(&root, e);
	*version = conf.version;
	return 0;
}

/* No ADD could ever be served; CHECK and DEL are of no less use. */
static int review_set(const struct conf_ipam *ipam, const struct range_set *set,
		      const struct place *root, struct error *e)
{
	char text[RANGE_SET_TEXT];

	if (range_set_gives(set, &ipam->exclude))
		return 0;
	(void)error_set(e, ERROR_CONFIG,
			"\"ipam\": no address to give: all of %s are excluded or the "
			"gateway",
			range_set_print(set, text));
	return place_tell(root, e);
}

static int review_sets(const struct reading *reading, struct error *e)
{
	const struct conf_ipam *ipam = &reading->conf->ipam;

	for (size_t i = 0; !reading->ipam_unread && i < ipam->n_sets; i++)
		if (review_set(ipam, &ipam->sets[i], reading->root, e) < 0)
			return -1;
	return 0;
}

/* Has a set of the family no gateway?  A route that names none is direct then. */
static bool lacks_gateway(const struct conf_ipam *ipam, size_t len)
{
	for (size_t i = 0; i < ipam->n_sets; i++) {
		for (size_t k = 0; k < ipam->sets[i].n; k++) {
			const struct ip *gateway = &ipam->sets[i].v[k].gateway;

			if (gateway->len == len && ip_is_unspecified(gateway))
				return true;
		}
	}
	return false;
}

/* Through a gateway that nothing leads to the kernel takes no route, and so no ADD is served. */
static int review_route(const struct conf_ipam *ipam, size_t i, const struct place *root,
			struct error *e)
{
	const struct ip *gw = &ipam->routes[i].gw;
	char text[IP_TEXT];

	if (ip_is_none(gw) || needs_no_way(gw) || is_reached(ipam, i, gw) ||
	    lacks_gateway(ipam, gw->len))
		return 0;
	(void)error_set(
		e, ERROR_CONFIG,
		"\"ipam.routes[%zu].gw\": %s is in the subnet of no range, and no "
		"on-link route before it (scope 253) leads to it",
		i, ip_print(gw, text));
	return place_tell(root, e);
}

/* Of another IPAM plugin, or another than bridge, it is not known what is set in the container. */
static int review_routes(const struct reading *reading, struct error *e)
{
	const struct conf *conf = reading->conf;
	const struct conf_ipam *ipam = &conf->ipam;

	if (reading->ipam_unread || !(reading->parts & CONF_BRIDGE) || ipam->external ||
	    ipam->n_sets == 0 || promises_ranges(conf))
		return 0;
	for (size_t i = 0; i < ipam->n_routes; i++)
		if (review_route(ipam, i, reading->root, e) < 0)
			return -1;
	return 0;
}

int conf_review(const struct cJSON *object, unsigned int parts, enum version version,
		const struct listener *listener, struct error *e)
{
	_cleanup_(conf_clear) struct conf conf = conf_defaults;
	const struct place root = { .key = "", .listener = listener };
	struct reading reading = { .conf = &conf, .parts = parts, .root = &root };

	conf.mood = CONF_NETWORK;
	conf.version = version;
	conf.tree = object;
	if (read_keys(&reading, e) < 0 || check_rules(&reading, e) < 0)
		return -1;
	return review_sets(&reading, e) < 0 ? -1 : review_routes(&reading, e);
}

bool conf_has_leases(const struct conf_ipam *conf)
{
	return *conf->type && !conf->external;
}

bool conf_gives_ipv6(const struct conf_ipam *conf)
{
	for (size_t i = 0; i < conf->n_sets; i++) {
		if (conf->sets[i].v[0].subnet.ip.len == 16)
			return true;
	}
	return false;
}

const struct range *conf_range_of(const struct conf_ipam *conf, const struct ip *ip)
{
	const struct range *range = NULL;

	for (size_t i = 0; !range && i < conf->n_sets; i++)
		range = range_set_find(&conf->sets[i], ip);
	return range;
}

bool conf_uses_vlans(const struct conf_bridge *conf)
{
	return conf->vlan || !vlan_is_empty(&conf->vlan_trunk);
}

const char *conf_gateway(const struct conf_bridge *conf, char name[static NAME_LINK])
{
	(void)snprintf(name, NAME_LINK, conf->vlan ? "%s.%u" : "%s", conf->bridge,
		       conf->vlan);
	return name;
}

void conf_clear(struct conf *conf)
{
	for (size_t i = 0; i < conf->ipam.n_sets; i++)
		range_set_clear(&conf->ipam.sets[i]);
	free(conf->bridge.masq_exclude);
	free(conf->ipam.sets);
	free(conf->ipam.routes);
	free(conf->ipam.requested);
	free(conf->ipam.exclude.v);
	free(conf->gc.valid);
	dns_clear(&conf->bridge.dns);
	json_freep(&conf->owned);
	free(conf->ignored);
	*conf = (struct conf){ 0 };
}

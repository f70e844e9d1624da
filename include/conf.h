/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf.h - the network configuration, typed and checked
 *
 * What the runtime sends on stdin.  The tree of JSON values is owned here and
 * its strings are lent out until conf_clear().  Each key is one row of a table
 * in conf.c: name, reader, place.  Unknown keys are ignored, as the
 * specification's users rely on; a known key of the wrong type or value is an
 * error that names it by its path ("ipam.ranges[0][1].subnet").
 */
#ifndef FOOTBRIDGE_CONF_H
#define FOOTBRIDGE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "ip.h"
#include "mac.h"
#include "name.h"
#include "range.h"
#include "result.h"
#include "version.h"
#include "vlan.h"

struct cJSON;
struct listener;

#define CONF_DATA_DIR "/var/lib/cni/networks"	/* the default of ipam.dataDir */
#define CONF_MTU_MIN_V6 1280	/* RFC 8200: a bridge with less loses IPv6 */

/* Which parts of the configuration a plugin reads: another plugin's keys may mean anything. */
enum conf_part {
	CONF_COMMON = 0,	/* name, cniVersion, type, prevResult, the GC lists */
	CONF_BRIDGE = 1 << 0,	/* the bridge plugin's own keys and dns */
	CONF_IPAM = 1 << 1,	/* ipam and what asks for addresses */
};

/*
 * How strict to be.  DEL and GC must not be blocked by an edited configuration:
 * a key that cannot be read keeps its default, and the trouble is kept in
 * conf->ignored; so is what the members that a pod's author may fill (args, runtimeConfig,
 * prevResult) hold instead of JSON that we take: they count as unset then.  The frame (the
 * rest of the JSON, name, cniVersion) must be sound all the same.
 * CONF_NETWORK is strict about the network, but nobody calls for a container: what
 * the capabilities let a runtime add to an ADD may be missing.
 * CONF_COLLECT is lenient, but not with the list of valid attachments.
 */
enum conf_mood { CONF_STRICT, CONF_NETWORK, CONF_LENIENT, CONF_COLLECT };

/* Families of addresses, or'ed. */
enum conf_family { CONF_IPV4 = 1 << 0, CONF_IPV6 = 1 << 1 };

struct conf_bridge {
	const char *bridge;		/* default "cni0" */
	bool is_gateway;		/* also true where isDefaultGateway is */
	bool is_default_gateway;
	bool force_address;
	bool ip_masq;
	unsigned int masq_families;	/* CONF_IPV4, CONF_IPV6; default both */
	struct prefix *masq_exclude;	/* destinations that see the container's own address */
	size_t n_masq_exclude;
	uint32_t mtu;			/* bytes; 0 = the kernel's default */
	bool mtu_auto;			/* that of the default route instead; see ident_mtu() */
	bool hairpin_mode;
	bool promisc_mode;
	bool port_isolation;
	bool mac_spoof_check;
	uint16_t vlan;			/* of the container's frames without a tag; 0 = not asked for */
	struct vlan_set vlan_trunk;	/* those the container tags itself */
	bool preserve_default_vlan;	/* the port stays in the bridge's default VLAN, too */
	bool disable_container_interface;
	bool enable_dad;
	struct mac mac;			/* runtimeConfig.mac, else args.cni.mac; none = not asked for */
	struct dns dns;
};

struct conf_ipam {
	const char *type;		/* "" = no IPAM: the network has layer 2 only */
	bool external;			/* type names another plugin; the rest is its own and unread */
	const char *data_dir;		/* default CONF_DATA_DIR */
	const char *resolv_conf;	/* "" = unset */
	struct range_set *sets;		/* runtimeConfig.ipRanges, the single range, ranges: in this order */
	size_t n_sets;
	struct route *routes;
	size_t n_routes;
	struct ip *requested;		/* args.cni.ips, then runtimeConfig.ips */
	size_t n_requested;
	struct range_exclude exclude;
	bool reclaim;			/* default true */
	bool sticky;			/* a pod gets its last address back */
	bool lowest;			/* order: the lowest free address rather than the next in turn */
};

/* One of GC's valid attachments. */
struct conf_attachment {
	const char *container, *ifname;
};

struct conf_gc {
	bool told;			/* the list is there, be it null or empty */
	struct conf_attachment *valid;
	size_t n_valid;
	bool live;			/* gcLive: collect living attachments too */
};

struct conf {
	const char *text;		/* the document as it came, lent by the caller */
	size_t len;
	enum conf_mood mood;
	const struct cJSON *tree;	/* of the document */
	struct cJSON *owned;		/* the same, or NULL where it is lent */
	enum version version;
	const char *name;		/* the network */
	const char *type;
	const struct cJSON *prev_result;	/* NULL = none */
	struct conf_bridge bridge;
	struct conf_ipam ipam;
	struct conf_gc gc;
	struct error *ignored;		/* CONF_LENIENT: what was passed over; NULL = nothing */
};

/*
 * Parse and check.
 * @text, @len: the JSON document; lent as long as *ret->text is used.
 * @parts: CONF_* of the plugin, or'ed.
 * @ret: filled on success; the caller releases it with conf_clear().  On failure only its
 * version is set, to that of the document, or where that is not known to the latest.
 * Return: 0; -1 with ERROR_DECODE, ERROR_CONFIG, ERROR_VERSION or
 * ERROR_UNSUPPORTED, naming key, value and what was expected.
 */
int conf_parse(const char *text, size_t len, unsigned int parts, enum conf_mood mood,
	       struct conf *ret, struct error *e) _must_check_;

/*
 * Hear everything that an ADD would refuse, rather than the first of it.  The first
 * looks at what a document tells of its name and version, the second at one plugin's
 * object, whose place in the messages begins there; like CONF_NETWORK.
 * @name, @its: the values; NULL = not there.
 * @object: as read from a file; unknown keys are no trouble.
 * @version: of the document; where that is not known, the latest.
 * Return: 0, whatever has been heard; -1 with ERROR_MEMORY.
 */
int conf_review_frame(const struct cJSON *name, const struct cJSON *its,
		      const struct listener *listener, enum version *version,
		      struct error *e) _must_check_;
int conf_review(const struct cJSON *object, unsigned int parts, enum version version,
		const struct listener *listener, struct error *e) _must_check_;

/*
 * Add the path of every key that @parts read, like "ipam.ranges.subnet": what is in
 * a list is told as if it stood in its place.  name, cniVersion and the GC lists
 * are the runtime's and not among them.
 * Return: 0, -1 with ERROR_MEMORY.
 */
int conf_paths(unsigned int parts, struct list *paths, struct error *e) _must_check_;

/* Are the network's addresses given from our store? */
bool conf_has_leases(const struct conf_ipam *conf);

/* Is one of its ranges of IPv6? */
bool conf_gives_ipv6(const struct conf_ipam *conf);

/* The range that an address is leased from.  Return: NULL for none. */
const struct range *conf_range_of(const struct conf_ipam *conf, const struct ip *ip);

/* Does the network use VLANs of its bridge? */
bool conf_uses_vlans(const struct conf_bridge *conf);

/*
 * The interface that bears the gateway's addresses: the bridge, or with "vlan"
 * "<bridge>.<vlan>".
 * Return: @name.
 */
const char *conf_gateway(const struct conf_bridge *conf, char name[static NAME_LINK]);

/* Release everything.  For _cleanup_. */
void conf_clear(struct conf *conf);

#endif

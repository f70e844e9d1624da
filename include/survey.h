/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * survey.h - what is on this host: networks, attachments, where they lead
 *
 * For the commands that answer people.  Everything is found from the kernel (host
 * veths by their alias, other ports by their peers, nf_tables) and the stores
 * (network records, leases) alone; nothing is changed and no lock is taken, so what
 * is found may be out of date by the time it is read.
 *
 * Who shares our namespace's root can look into a container's namespace without
 * entering it (link_get_in()); without that privilege an attachment's inside stays
 * unknown, and all else is found.
 */
#ifndef FOOTBRIDGE_SURVEY_H
#define FOOTBRIDGE_SURVEY_H

#include "effect.h"
#include "link.h"

/* Another network namespace that holds the other end of a link. */
struct survey_space {
	int nsid;		/* the number that ours has given it */
	uint64_t inode;
	char *path;		/* /run/netns/NAME, or /proc/PID/ns/net of a process in it */
};

enum survey_state {
	SURVEY_LIVE,		/* a port of a bridge, whose other end is in another namespace */
	SURVEY_DEAD_LEASE,	/* leases alone, which provably outlived their container (heal.h) */
	SURVEY_DETACHED,	/* its other end is in another namespace, but it is no port any more */
	SURVEY_ORPHAN_LINK,	/* a host veth of ours that connects nobody */
	SURVEY_STRAY_ELEMENT,	/* nft set elements alone: masquerade of nobody's address */
	SURVEY_FOREIGN,		/* not ours: another's port or lease, or a lease of which no more is known */
};

struct survey_address {
	struct prefix prefix;	/* bits: 0 where only a lease or an element tells of it */
	bool inside;		/* the container's interface has it */
	bool leased, dead;	/* dead: its lease provably is (heal.h) */
	bool in_set;		/* of nft, to be masqueraded, */
	size_t set;		/* which one, in survey.sets */
	bool masqueraded;	/* and a set's rule stands that it is in */
};

struct survey_attachment {
	char *network, *container, *ifname;	/* "" where not known */
	char owner[NAME_OWNER];			/* name_owner(); "" where not known */
	enum survey_state state;
	const char *reason;			/* why it is dead, detached or an orphan; "" = none */
	bool ours;				/* its host veth bears our alias */
	const struct link *link;		/* its host end; NULL = none */
	const struct link *bridge;		/* that this is a port of; NULL = none */
	char peer[NAME_LINK];			/* what the other end is called now; "" where not known */
	const struct survey_space *space;	/* where that is; NULL where not known */
	struct survey_address *addresses;
	size_t n_addresses;
};

/* A network that has a record or a lease store. */
struct survey_network {
	char *name;
	bool recorded;			/* what follows is known */
	char *bridge;
	bool is_gateway, ip_masq, mac_spoof_check, reclaim;
	unsigned int masq_families;	/* CONF_IPV4, CONF_IPV6 */
};

struct survey_store {
	char *data_dir, *network;
};

/* An nft set of container addresses. */
struct survey_set {
	char *name, *network;		/* the network is cut where it is long */
	struct prefix subnet;
	bool ruled;			/* masq.h */
	size_t n;			/* addresses in it */
};

/* An address of the host's own, on a device that is no port. */
struct survey_own {
	const struct link *link;
	struct prefix prefix;
};

/* A route of the main table. */
struct survey_route {
	const struct link *link;	/* NULL = nowhere: what goes there is dropped */
	struct prefix dst;
	uint8_t type;			/* RTN_*, as route_drops() wants it */
};

struct survey {
	struct host host;
	struct link *links;
	size_t n_links;
	struct survey_own *own;
	size_t n_own;
	struct survey_route *routes;
	size_t n_routes;
	struct survey_space *spaces;
	size_t n_spaces;
	struct survey_network *networks;
	size_t n_networks;
	struct survey_store *stores;
	size_t n_stores;
	struct survey_set *sets;
	size_t n_sets;
	struct survey_attachment *attachments;	/* by network, container, interface */
	size_t n_attachments;
	struct list troubles;	/* what could not be read: "network: sentence" */
	struct list remedies;	/* for each of them; "" = none but the message */
};

#define SURVEY_INIT { .host = { .route = NL_INIT, .nft = NL_INIT } }

/*
 * Look at everything: the stores below the default data directory and those that
 * records name, and those added before by survey_add_store().
 * Return: 0; -1, when the kernel does not answer.
 */
int survey_take(struct survey *survey, struct error *e) _must_check_;

/* Have a network's store looked at, too.  Return: 0, -1. */
int survey_add_store(struct survey *survey, const char *data_dir, const char *network,
		     struct error *e) _must_check_;

/*
 * Note what could not be looked at, while all else can.
 * @what: it is about.
 * Return: 0; -1, always for want of memory.
 */
int survey_note(struct survey *survey, const char *what, const struct error *why,
		struct error *e) _must_check_;

/* The same, unless the kernel refused to tell: what is not ours to see stays unknown. */
int survey_note_unseen(struct survey *survey, const char *what, const struct error *why,
		       struct error *e) _must_check_;

/* Release everything.  For _cleanup_. */
void survey_clear(struct survey *survey);

/*
 * Find by index, name or another name of it (altname, of which the kernel is asked), number.
 * Return: NULL for none.
 */
const struct link *survey_link(const struct survey *survey, int index);
const struct link *survey_link_named(struct survey *survey, const char *name);
const struct survey_space *survey_space(const struct survey *survey, int nsid);
const struct survey_network *survey_network(const struct survey *survey, const char *name);

/*
 * The bridge that a device is the gateway of: itself, or what a VLAN's ("BRIDGE.VLAN") is called
 * after.  Return: NULL for none.
 */
const struct link *survey_bridge_of(struct survey *survey, const struct link *gateway);

/* The gateway of a VLAN that this bridge port leads to, if we made it.  Return: NULL for none. */
const struct link *survey_gateway_behind(const struct survey *survey, const struct link *port);

/* The prefix length of the device's own address in whose subnet @ip is.  Return: 0 for none. */
uint8_t survey_subnet_bits(const struct survey *survey, const struct link *link,
			   const struct ip *ip);

/* Has the device an address in the same subnet, with the same prefix length? */
bool survey_has(const struct survey *survey, const struct link *link, const struct prefix *prefix);

/* Is any of its addresses leased? */
bool survey_has_lease(const struct survey_attachment *attachment);

/*
 * Has the network given the attachment an address of the family?  Where it leases, what has
 * no lease is the container's own affair; where another IPAM plugin gave what there is, an
 * address that neither the bridge nor a VLAN's gateway on it has a subnet for.
 */
bool survey_is_given(struct survey *survey, const struct survey_attachment *attachment,
		     int family);

/* "live", "dead lease", ... */
const char *survey_state_name(enum survey_state state);

/* Of its addresses that it has or leases: "yes", "no", "partly"; "" without any. */
const char *survey_masquerade(const struct survey_attachment *attachment);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link.h - sentences about network devices
 *
 * rtnetlink RTM_*LINK (linux/if_link.h, linux/if_bridge.h).  The socket says in
 * which namespace.  Devices are created where they shall live and never moved.
 */
#ifndef FOOTBRIDGE_LINK_H
#define FOOTBRIDGE_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "mac.h"
#include "name.h"
#include "nl.h"

#define LINK_KIND 16
#define LINK_OPER_UP 6	/* IF_OPER_UP, linux/if.h, which cannot stand beside net/if.h */

/* What the kernel tells of a device. */
struct link {
	int index;
	char name[NAME_LINK];
	char kind[LINK_KIND];		/* "veth", "bridge"; "" for hardware and lo */
	char alias[NAME_ALIAS];		/* ifalias; "" = none */
	struct mac mac;
	struct mac noted;		/* link_note_mac(); none where nothing is */
	uint32_t mtu;			/* bytes */
	unsigned int flags;		/* IFF_* */
	int master;			/* index of the bridge it is a port of; 0 = none */
	uint32_t group;			/* 0 where nobody put it in one */
	int peer;			/* IFLA_LINK: the veth peer's index in its own namespace */
	bool peer_elsewhere;		/* the peer lives in another namespace, */
	int peer_nsid;			/* to which this one has given that number */
	uint8_t operstate;		/* IF_OPER_*, LINK_OPER_UP */
	bool ll_learn;			/* a bridge: it learns MACs from link-local frames, too */
	bool vlan_filtering;		/* a bridge: it keeps VLANs apart */
	bool netfilter;			/* a bridge: what crosses it passes iptables, be that asked of all or not */
	bool forwards;			/* IPv4 that comes from it (forwarding) */
	bool accepts_ra;		/* an IPv6 router's word gives it addresses, routes (accept_ra) */
	/* as a bridge port: */
	uint8_t port_state;		/* BR_STATE_*; meaningless without a master */
	bool hairpin, isolated;
};

/* A veth pair to be made. */
struct link_veth {
	const char *name;		/* of the host end */
	const char *peer_name;		/* of the container end, its final name */
	int peer_netns;			/* descriptor of the namespace it is born in; -1 = the same */
	struct mac mac, peer_mac;
	uint32_t mtu;			/* of both ends; 0 = the kernel's default */
	int master;			/* index of the bridge the host end becomes a port of */
};

/* What changes on the host end once it exists. */
struct link_port {
	const char *alias;
	bool hairpin, isolated;
};

/* Find a device by name, or by index where @name is NULL.  Return: 0, NL_ABSENT, -1. */
int link_get(struct nl *nl, const char *name, int index, struct link *ret, struct error *e) _must_check_;

/*
 * Find a device in the namespace that the socket's own has given the number @nsid
 * (link->peer_nsid), without entering it: IFLA_TARGET_NETNSID, since Linux 4.15.
 * What is read there of other namespaces is meant as seen from that one.
 * Return: 0, NL_ABSENT, -1.
 */
int link_get_in(struct nl *nl, int nsid, int index, struct link *ret, struct error *e) _must_check_;

/*
 * The number that the socket's namespace has given to another (link->peer_nsid).
 * @netns: a descriptor of that one.
 * Return: 0; NL_ABSENT where it has none, which *e says, too; -1.
 */
int link_nsid(struct nl *nl, int netns, int *ret, struct error *e) _must_check_;

/*
 * Does the bridge keep this port shut, though both its ends are up?  Somebody did so
 * (`bridge link set ... state`), or spanning tree has found a loop behind it.
 */
bool link_is_shut(const struct link *port);

/* Is it up without carrier?  Then a veth's peer is down, as whoever left a namespace is. */
bool link_lacks_carrier(const struct link *link);

/* Is there a device of this name?  Return: 1 yes, 0 no, -1. */
int link_exists(struct nl *nl, const char *name, struct error *e) _must_check_;

/*
 * The index of a device, its MTU in bytes, its flags (IFF_*), without waiting for the
 * RTNL lock as rtnetlink does.  Only for devices that should be there: for the name of
 * any other the kernel runs modprobe (dev_load(), net/core/dev_ioctl.c).
 * Return: 0 where there is none.
 */
int link_index(const struct nl *nl, const char *name);
uint32_t link_mtu(const struct nl *nl, const char *name);
unsigned int link_flags(const struct nl *nl, const char *name);

/* A bridge to be made. */
struct link_bridge {
	const char *name;
	struct mac mac;			/* its own from birth */
	uint32_t mtu;			/* 0 = the kernel's default */
	bool vlan_filtering;
};

/*
 * Create a bridge, down.
 * Return: 0; NL_EXISTS; NL_UNSUPPORTED where the kernel's bridges cannot filter VLANs; -1.
 */
int link_add_bridge(struct nl *nl, const struct link_bridge *bridge, struct error *e) _must_check_;

/*
 * Could a device of this kind ("bridge", "veth") be created here?  The kernel is
 * asked for one with a MAC that no device may have: who may not ask is told so, a
 * kind that the kernel lacks comes next, and the MAC is refused before anything
 * is made (br_validate(), veth_validate()).
 * Return: 0; -1 with the reason.
 */
int link_can_add(struct nl *nl, const char *kind, struct error *e) _must_check_;

/*
 * Create a veth pair in one message: the host end down and a port of the bridge
 * already, the container end in its namespace under its final name.  One queue
 * each: that spares two RCU waits under RTNL (veth_init_queues(),
 * drivers/net/veth.c).
 * Return: 0; NL_EXISTS when either name is taken; -1.
 */
int link_add_veth(struct nl *nl, const struct link_veth *veth, struct error *e) _must_check_;

/*
 * Have a bridge learn no MACs from the frames of link-local protocols (LLDP, spanning
 * tree: to 01:80:c2:00:00:0X).  Linux has it learn from them, and they pass no chain of
 * nf_tables before.
 * Return: 0, NL_ABSENT, -1.
 */
int link_ignore_ll(struct nl *nl, const char *bridge, struct error *e) _must_check_;

/* Set alias and port flags of the host end and bring it up.  Return: 0, NL_ABSENT, -1. */
int link_set_port(struct nl *nl, const char *name, const struct link_port *port,
		  struct error *e) _must_check_;

/*
 * Have a device tell its neighbours of its addresses when it goes up or its MAC
 * changes: net.ipv4.conf.<device>.arp_notify = 1, without going where its /proc is
 * (inet_set_link_af(), net/ipv4/devinet.c).
 * Return: 0, NL_ABSENT, -1.
 */
int link_arp_notify(struct nl *nl, int index, struct error *e) _must_check_;

/* Raise flags (IFF_UP, IFF_PROMISC) or lower them.  Return: 0, NL_ABSENT, -1. */
int link_set_flags(struct nl *nl, int index, unsigned int flags, bool on, struct error *e) _must_check_;

/*
 * Set a device's MAC.  To set it to what it is has its uses: a bridge keeps from
 * then on the MAC it has instead of its lowest port's (br_set_mac_address(),
 * net/bridge/br_device.c), and the device's neighbours are told, by a gratuitous
 * ARP where arp_notify is on (inetdev_event(), net/ipv4/devinet.c) and an
 * unsolicited advertisement where ndisc_notify is (ndisc_netdev_event(),
 * net/ipv6/ndisc.c).
 * Return: 0, -1.
 */
int link_set_mac(struct nl *nl, int index, const struct mac *mac, struct error *e) _must_check_;

/*
 * Have a bridge take frames to this MAC for itself.  Usually it knows to from its first
 * port, whose coming decides its MAC; one that was told by link_set_mac() to keep what
 * it was born with may never learn (seen on 5.10), and floods them.
 * Return: 0, also when it does already; -1.
 */
int link_receive_mac(struct nl *nl, int index, const struct mac *mac, struct error *e) _must_check_;

/*
 * Write a MAC down beside a device, as another name of it, which `ip link` shows:
 * "veth3f2a91c07de-02-00-5e-00-53-01".  It goes with the device, and who is not root in
 * the device's own namespace cannot change it.
 * Return: 0, NL_ABSENT, -1.
 */
int link_note_mac(struct nl *nl, const char *name, const struct mac *mac, struct error *e) _must_check_;

/* Has a bridge any port?  Return: 1 yes, 0 no, -1. */
int link_has_ports(struct nl *nl, int bridge, struct error *e) _must_check_;

/* Delete a device; a veth takes its peer along.  Return: 0, NL_ABSENT, -1. */
int link_delete(struct nl *nl, int index, struct error *e) _must_check_;

/*
 * Delete devices as one: the RCU wait that each deletion costs is then one for
 * all (unregister_netdevice_many(), net/core/dev.c).  They are put into @group,
 * which must have no other members, and the group is deleted.  Those that have
 * vanished meanwhile are no failure.
 * Return: 0, -1.
 */
int link_delete_group(struct nl *nl, const int *indexes, size_t n, uint32_t group,
		      struct error *e) _must_check_;

/* Called for each device.  Return: 0 to go on, -1 with *e to stop. */
typedef int link_visit(const struct link *link, void *arg, struct error *e);

/* Visit the devices of one kind ("veth"; NULL = all); one may be visited twice (nl_dump()).  Return: 0, -1. */
int link_each(struct nl *nl, const char *kind, link_visit *visit, void *arg,
	      struct error *e) _must_check_;

#endif

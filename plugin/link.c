/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link.c - sentences about network devices
 */
#include "link.h"

#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "retry.h"

#define ACCEPT_RA                                                                        \
	3 /* DEVCONF_ACCEPT_RA, linux/ipv6.h, which cannot stand beside netinet/in.h */
#define WHAT_SIZE 96

static void copy(char *to, size_t size, const char *from)
{
	(void)snprintf(to, size, "%s", from ? from : "");
}

/* Reading a device. */

static void read_port(const struct nlattr *data, struct link *link)
{
	NL_ATTRS(port, IFLA_BRPORT_ISOLATED);

	nl_parse_nest(data, &port);
	link->port_state = nl_u8(&port, IFLA_BRPORT_STATE);
	link->hairpin = nl_u8(&port, IFLA_BRPORT_MODE) != 0;
	link->isolated = nl_u8(&port, IFLA_BRPORT_ISOLATED) != 0;
}

static void read_bridge(const struct nlattr *data, struct link *link)
{
	struct br_boolopt_multi options = { 0 };
	NL_ATTRS(bridge, IFLA_BR_MULTI_BOOLOPT);
	const void *told;
	size_t len;

	nl_parse_nest(data, &bridge);
	told = nl_data(&bridge, IFLA_BR_MULTI_BOOLOPT, &len);
	if (told && len >= sizeof(options))
		memcpy(&options, told, sizeof(options));
	link->vlan_filtering = nl_u8(&bridge, IFLA_BR_VLAN_FILTERING) != 0;
	link->netfilter = nl_u8(&bridge, IFLA_BR_NF_CALL_IPTABLES) ||
			  nl_u8(&bridge, IFLA_BR_NF_CALL_IP6TABLES);
	link->ll_learn = !(options.optval & 1u << BR_BOOLOPT_NO_LL_LEARN);
}

static void read_info(const struct nlattr *nest, struct link *link)
{
	NL_ATTRS(info, IFLA_INFO_SLAVE_DATA);
	const char *slave;

	nl_parse_nest(nest, &info);
	copy(link->kind, sizeof(link->kind), nl_string(&info, IFLA_INFO_KIND));
	if (strcmp(link->kind, "bridge") == 0)
		read_bridge(info.v[IFLA_INFO_DATA], link);
	slave = nl_string(&info, IFLA_INFO_SLAVE_KIND);
	if (slave && strcmp(slave, "bridge") == 0)
		read_port(info.v[IFLA_INFO_SLAVE_DATA], link);
}

/*
 * One of the device's switches, which each family tells in an array.
 * @type: of the attribute that has it, within the family's.
 * Return: @usual where it is not told.
 */
static int32_t read_switch(const struct nlattr *families, uint16_t family, uint16_t type,
			   size_t position, int32_t usual)
{
	NL_ATTRS(of_family, AF_INET6);
	NL_ATTRS(attrs, IFLA_INET6_CONF);
	int32_t value = usual;
	const char *conf;
	size_t len;

	nl_parse_nest(families, &of_family);
	nl_parse_nest(nl_attr(&of_family, family), &attrs);
	conf = nl_data(&attrs, type, &len);
	if (conf && len >= (position + 1) * sizeof(value))
		memcpy(&value, conf + position * sizeof(value), sizeof(value));
	return value;
}

/* Of the other names of a device the one that link_note_mac() gave it. */
static struct mac read_noted(const struct nlattr *names, const char *name)
{
	const size_t len = strlen(name);
	const struct nlattr *child = NULL;
	struct mac mac;

	while ((child = nl_child(names, child))) {
		const struct nl_attrs one = { .v = &child, .max = 0 };
		const char *other = nl_string(&one, 0);

		if (other && strncmp(other, name, len) == 0 && other[len] == '-' &&
		    mac_parse(other + len + 1, &mac))
			return mac;
	}
	return (struct mac){ 0 };
}

static int read_link(const struct nlmsghdr *message, void *arg, struct error *e)
{
	const struct ifinfomsg *header = nl_header(message, sizeof(*header));
	struct link *link = arg;
	NL_ATTRS(attrs, IFLA_PROP_LIST);
	const void *mac;
	size_t len;

	if (!header)
		return error_set(e, ERROR_KERNEL,
				 "the kernel's description of a device is cut");
	nl_parse(message, sizeof(*header), &attrs);
	*link = (struct link){
		.index = header->ifi_index,
		.flags = header->ifi_flags,
		.mtu = nl_u32(&attrs, IFLA_MTU),
		.master = (int)nl_u32(&attrs, IFLA_MASTER),
		.group = nl_u32(&attrs, IFLA_GROUP),
		.peer = (int)nl_u32(&attrs, IFLA_LINK),
		.peer_elsewhere = attrs.v[IFLA_LINK_NETNSID] != NULL,
		.peer_nsid = (int)nl_u32(&attrs, IFLA_LINK_NETNSID),
		.operstate = nl_u8(&attrs, IFLA_OPERSTATE),
	};
	copy(link->name, sizeof(link->name), nl_string(&attrs, IFLA_IFNAME));
	copy(link->alias, sizeof(link->alias), nl_string(&attrs, IFLA_IFALIAS));
	mac = nl_data(&attrs, IFLA_ADDRESS, &len);
	if (mac && len == sizeof(link->mac.b))
		memcpy(link->mac.b, mac, len);
	link->noted = read_noted(attrs.v[IFLA_PROP_LIST], link->name);
	read_info(attrs.v[IFLA_LINKINFO], link);
	link->accepts_ra = read_switch(attrs.v[IFLA_AF_SPEC], AF_INET6, IFLA_INET6_CONF,
				       ACCEPT_RA, 0) != 0;
	link->forwards = read_switch(attrs.v[IFLA_AF_SPEC], AF_INET, IFLA_INET_CONF,
				     IPV4_DEVCONF_FORWARDING - 1, 1) != 0;
	return 0;
}

static void begin_get(struct nl_msg *msg, int index)
{
	const struct ifinfomsg header = { .ifi_index = index };

	nl_begin(msg, RTM_GETLINK, 0, &header, sizeof(header));
	nl_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
}

static int get(struct nl *nl, struct nl_msg *msg, struct link *ret, const char *what,
	       struct error *e)
{
	struct link link;
	int r = nl_get(nl, msg, read_link, &link, what, e);

	if (r == 0)
		*ret = link;
	return r == 0 || r == NL_ABSENT ? r : -1;
}

int link_get(struct nl *nl, const char *name, int index, struct link *ret,
	     struct error *e)
{
	char what[WHAT_SIZE];
	struct nl_msg msg;

	begin_get(&msg, name ? 0 : index);
	if (name)
		nl_put_string(&msg, IFLA_IFNAME, name);
	(void)snprintf(what, sizeof(what), "find the device %s",
		       name ? name : "by its index");
	return get(nl, &msg, ret, what, e);
}

bool link_is_shut(const struct link *port)
{
	return port->operstate == LINK_OPER_UP && port->master != 0 &&
	       (port->port_state == BR_STATE_DISABLED ||
		port->port_state == BR_STATE_BLOCKING);
}

bool link_lacks_carrier(const struct link *link)
{
	return (link->flags & (IFF_UP | IFF_RUNNING)) == IFF_UP;
}

int link_exists(struct nl *nl, const char *name, struct error *e)
{
	struct link ignored;
	int r = link_get(nl, name, 0, &ignored, e);

	return r < 0 ? -1 : r == 0;
}

int link_get_in(struct nl *nl, int nsid, int index, struct link *ret, struct error *e)
{
	struct nl_msg msg;

	begin_get(&msg, index);
	nl_put_u32(&msg, IFLA_TARGET_NETNSID, (uint32_t)nsid);
	return get(nl, &msg, ret, "find a device in another namespace", e);
}

static int read_nsid(const struct nlmsghdr *message, void *arg, struct error *e)
{
	NL_ATTRS(attrs, NETNSA_NSID);

	(void)e;
	nl_parse(message, sizeof(struct rtgenmsg), &attrs);
	*(int *)arg = attrs.v[NETNSA_NSID] ? (int)nl_u32(&attrs, NETNSA_NSID)
					   : NETNSA_NSID_NOT_ASSIGNED;
	return 0;
}

int link_nsid(struct nl *nl, int netns, int *ret, struct error *e)
{
	const struct rtgenmsg header = { 0 };
	struct nl_msg msg;

	nl_begin(&msg, RTM_GETNSID, 0, &header, sizeof(header));
	nl_put_u32(&msg, NETNSA_FD, (uint32_t)netns);
	if (nl_get(nl, &msg, read_nsid, ret, "ask for a namespace's number", e) != 0)
		return -1;
	if (*ret != NETNSA_NSID_NOT_ASSIGNED)
		return 0;
	error_set(e, ERROR_KERNEL, "the namespace has no number");
	return NL_ABSENT;
}

static struct ifreq ask_of(const char *name)
{
	struct ifreq ask = { 0 };

	copy(ask.ifr_name, sizeof(ask.ifr_name), name);
	return ask;
}

int link_index(const struct nl *nl, const char *name)
{
	struct ifreq ask = ask_of(name);

	return retry(ioctl(nl->fd, SIOCGIFINDEX, &ask)) < 0 ? 0 : ask.ifr_ifindex;
}

uint32_t link_mtu(const struct nl *nl, const char *name)
{
	struct ifreq ask = ask_of(name);

	return retry(ioctl(nl->fd, SIOCGIFMTU, &ask)) < 0 ? 0 : (uint32_t)ask.ifr_mtu;
}

unsigned int link_flags(const struct nl *nl, const char *name)
{
	struct ifreq ask = ask_of(name);

	return retry(ioctl(nl->fd, SIOCGIFFLAGS, &ask)) < 0
		       ? 0
		       : (unsigned short)ask.ifr_flags;
}

/* Making devices. */

int link_add_bridge(struct nl *nl, const struct link_bridge *bridge, struct error *e)
{
	const struct ifinfomsg header = { 0 };
	char what[WHAT_SIZE];
	struct nl_msg msg;
	size_t info, data;
	int r;

	nl_begin(&msg, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof(header));
	nl_put_string(&msg, IFLA_IFNAME, bridge->name);
	nl_put(&msg, IFLA_ADDRESS, bridge->mac.b, sizeof(bridge->mac.b));
	if (bridge->mtu)
		nl_put_u32(&msg, IFLA_MTU, bridge->mtu);
	info = nl_nest(&msg, IFLA_LINKINFO);
	nl_put_string(&msg, IFLA_INFO_KIND, "bridge");
	if (bridge->vlan_filtering) {
		data = nl_nest(&msg, IFLA_INFO_DATA);
		nl_put_u8(&msg, IFLA_BR_VLAN_FILTERING, 1);
		nl_nest_end(&msg, data);
	}
	nl_nest_end(&msg, info);
	(void)snprintf(what, sizeof(what), "create the bridge %s", bridge->name);
	r = nl_do(nl, &msg, what, e);
	return r == 0 || r == NL_EXISTS || r == NL_UNSUPPORTED ? r : -1;
}

int link_can_add(struct nl *nl, const char *kind, struct error *e)
{
	static const struct mac group = { .b = { 0x01 } };
	const struct ifinfomsg header = { 0 };
	char what[WHAT_SIZE];
	struct nl_msg msg;
	size_t info;
	int r;

	nl_begin(&msg, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof(header));
	nl_put(&msg, IFLA_ADDRESS, group.b, sizeof(group.b));
	info = nl_nest(&msg, IFLA_LINKINFO);
	nl_put_string(&msg, IFLA_INFO_KIND, kind);
	nl_nest_end(&msg, info);
	(void)snprintf(what, sizeof(what), "create a device of the kind \"%s\"", kind);
	r = nl_do(nl, &msg, what, e);
	return r == 0 || r == NL_ABSENT ? 0 : -1;
}

/* What both ends of a pair are told alike. */
static void put_end(struct nl_msg *msg, const char *name, const struct mac *mac,
		    uint32_t mtu)
{
	nl_put_string(msg, IFLA_IFNAME, name);
	nl_put(msg, IFLA_ADDRESS, mac->b, sizeof(mac->b));
	nl_put_u32(msg, IFLA_NUM_TX_QUEUES, 1);
	nl_put_u32(msg, IFLA_NUM_RX_QUEUES, 1);
	if (mtu)
		nl_put_u32(msg, IFLA_MTU, mtu);
}

int link_add_veth(struct nl *nl, const struct link_veth *veth, struct error *e)
{
	const struct ifinfomsg header = { 0 };
	char what[WHAT_SIZE];
	struct nl_msg msg;
	size_t info, data, peer;
	int r;

	nl_begin(&msg, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof(header));
	put_end(&msg, veth->name, &veth->mac, veth->mtu);
	nl_put_u32(&msg, IFLA_MASTER, (uint32_t)veth->master);
	info = nl_nest(&msg, IFLA_LINKINFO);
	nl_put_string(&msg, IFLA_INFO_KIND, "veth");
	data = nl_nest(&msg, IFLA_INFO_DATA);
	peer = nl_nest(&msg, VETH_INFO_PEER);
	nl_put_header(&msg, &header, sizeof(header));
	put_end(&msg, veth->peer_name, &veth->peer_mac, veth->mtu);
	if (veth->peer_netns >= 0)
		nl_put_u32(&msg, IFLA_NET_NS_FD, (uint32_t)veth->peer_netns);
	nl_nest_end(&msg, peer);
	nl_nest_end(&msg, data);
	nl_nest_end(&msg, info);
	(void)snprintf(what, sizeof(what), "create the veth pair %s and %s",
		       veth->peer_name, veth->name);
	r = nl_do(nl, &msg, what, e);
	return r == 0 || r == NL_EXISTS ? r : -1;
}

/* Changing and deleting them. */

int link_set_port(struct nl *nl, const char *name, const struct link_port *port,
		  struct error *e)
{
	const struct ifinfomsg header = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	char what[WHAT_SIZE];
	struct nl_msg msg;
	size_t info, data;
	int r;

	nl_begin(&msg, RTM_NEWLINK, 0, &header, sizeof(header));
	nl_put_string(&msg, IFLA_IFNAME, name);
	nl_put_string(&msg, IFLA_IFALIAS, port->alias);
	info = nl_nest(&msg, IFLA_LINKINFO);
	nl_put_string(&msg, IFLA_INFO_SLAVE_KIND, "bridge");
	data = nl_nest(&msg, IFLA_INFO_SLAVE_DATA);
	nl_put_u8(&msg, IFLA_BRPORT_MODE, port->hairpin);
	nl_put_u8(&msg, IFLA_BRPORT_ISOLATED, port->isolated);
	nl_nest_end(&msg, data);
	nl_nest_end(&msg, info);
	(void)snprintf(what, sizeof(what), "set up the bridge port %s", name);
	r = nl_do(nl, &msg, what, e);
	return r == 0 || r == NL_ABSENT ? r : -1;
}

int link_ignore_ll(struct nl *nl, const char *bridge, struct error *e)
{
	const struct ifinfomsg header = { 0 };
	const struct br_boolopt_multi options = {
		.optval = 1u << BR_BOOLOPT_NO_LL_LEARN,
		.optmask = 1u << BR_BOOLOPT_NO_LL_LEARN,
	};
	char what[WHAT_SIZE];
	struct nl_msg msg;
	size_t info, data;
	int r;

	nl_begin(&msg, RTM_NEWLINK, 0, &header, sizeof(header));
	nl_put_string(&msg, IFLA_IFNAME, bridge);
	info = nl_nest(&msg, IFLA_LINKINFO);
	nl_put_string(&msg, IFLA_INFO_KIND, "bridge");
	data = nl_nest(&msg, IFLA_INFO_DATA);
	nl_put(&msg, IFLA_BR_MULTI_BOOLOPT, &options, sizeof(options));
	nl_nest_end(&msg, data);
	nl_nest_end(&msg, info);
	(void)snprintf(what, sizeof(what), "set what the bridge %s learns from", bridge);
	r = nl_do(nl, &msg, what, e);
	return r == 0 || r == NL_ABSENT ? r : -1;
}

int link_set_flags(struct nl *nl, int index, unsigned int flags, bool on, struct error *e)
{
	const struct ifinfomsg header = {
		.ifi_index = index,
		.ifi_flags = on ? flags : 0,
		.ifi_change = flags,
	};
	struct nl_msg msg;
	int r;

	nl_begin(&msg, RTM_NEWLINK, 0, &header, sizeof(header));
	r = nl_do(nl, &msg, on ? "bring a device up" : "change a device's flags", e);
	return r == 0 || r == NL_ABSENT ? r : -1;
}

int link_arp_notify(struct nl *nl, int index, struct error *e)
{
	const struct ifinfomsg header = { .ifi_index = index };
	struct nl_msg msg;
	size_t families, inet, conf;
	int r;

	nl_begin(&msg, RTM_NEWLINK, 0, &header, sizeof(header));
	families = nl_nest(&msg, IFLA_AF_SPEC);
	inet = nl_nest(&msg, AF_INET);
	conf = nl_nest(&msg, IFLA_INET_CONF);
	nl_put_u32(&msg, IPV4_DEVCONF_ARP_NOTIFY, 1);
	nl_nest_end(&msg, conf);
	nl_nest_end(&msg, inet);
	nl_nest_end(&msg, families);
	r = nl_do(nl, &msg, "turn a device's arp_notify on", e);
	return r == 0 || r == NL_ABSENT ? r : -1;
}

int link_set_mac(struct nl *nl, int index, const struct mac *mac, struct error *e)
{
	const struct ifinfomsg header = { .ifi_index = index };
	struct nl_msg msg;

	nl_begin(&msg, RTM_NEWLINK, 0, &header, sizeof(header));
	nl_put(&msg, IFLA_ADDRESS, mac->b, sizeof(mac->b));
	return nl_do(nl, &msg, "set a device's MAC", e) == 0 ? 0 : -1;
}

int link_receive_mac(struct nl *nl, int index, const struct mac *mac, struct error *e)
{
	const struct ndmsg header = {
		.ndm_family = AF_BRIDGE,
		.ndm_ifindex = index,
		.ndm_state = NUD_PERMANENT,
		.ndm_flags = NTF_SELF,
	};
	struct nl_msg msg;
	int r;

	nl_begin(&msg, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof(header));
	nl_put(&msg, NDA_LLADDR, mac->b, sizeof(mac->b));
	r = nl_do(nl, &msg, "have a bridge receive frames to its MAC", e);
	return r == 0 || r == NL_EXISTS ? 0 : -1;
}

/* With dashes, as a colon in a name is that of an alias to older programs. */
int link_note_mac(struct nl *nl, const char *name, const struct mac *mac, struct error *e)
{
	const struct ifinfomsg header = { 0 };
	char text[MAC_TEXT], note[NAME_LINK + MAC_TEXT], what[WHAT_SIZE];
	struct nl_msg msg;
	size_t names;
	int r;

	(void)snprintf(note, sizeof(note), "%s-%s", name, mac_print(mac, text));
	for (char *colon = note; (colon = strchr(colon, ':'));)
		*colon = '-';
	nl_begin(&msg, RTM_NEWLINKPROP, 0, &header, sizeof(header));
	nl_put_string(&msg, IFLA_IFNAME, name);
	names = nl_nest(&msg, IFLA_PROP_LIST);
	nl_put_string(&msg, IFLA_ALT_IFNAME, note);
	nl_nest_end(&msg, names);
	(void)snprintf(what, sizeof(what), "write the MAC %s down beside %s", text, name);
	r = nl_do(nl, &msg, what, e);
	return r == 0 || r == NL_ABSENT ? r : -1;
}

int link_delete(struct nl *nl, int index, struct error *e)
{
	const struct ifinfomsg header = { .ifi_index = index };
	struct nl_msg msg;
	int r;

	nl_begin(&msg, RTM_DELLINK, 0, &header, sizeof(header));
	r = nl_do(nl, &msg, "delete a device", e);
	return r == 0 || r == NL_ABSENT ? r : -1;
}

/* Return: 0, NL_ABSENT, -1. */
static int put_into_group(struct nl *nl, int index, uint32_t group, struct error *e)
{
	const struct ifinfomsg header = { .ifi_index = index };
	struct nl_msg msg;
	int r;

	nl_begin(&msg, RTM_NEWLINK, 0, &header, sizeof(header));
	nl_put_u32(&msg, IFLA_GROUP, group);
	r = nl_do(nl, &msg, "put a device into a group", e);
	return r == 0 || r == NL_ABSENT ? r : -1;
}

int link_delete_group(struct nl *nl, const int *indexes, size_t n, uint32_t group,
		      struct error *e)
{
	const struct ifinfomsg header = { 0 };
	struct nl_msg msg;
	int r;

	for (size_t i = 0; i < n; i++) {
		if (put_into_group(nl, indexes[i], group, e) < 0)
			return -1;
	}
	nl_begin(&msg, RTM_DELLINK, 0, &header, sizeof(header));
	nl_put_u32(&msg, IFLA_GROUP, group);
	r = nl_do(nl, &msg, "delete a group of devices", e);
	return r == 0 || r == NL_ABSENT ? 0 : -1;
}

/* Visiting them. */

struct visiting {
	const char *kind; /* NULL = any */
	link_visit *visit;
	void *arg;
};

static int visit_one(const struct nlmsghdr *message, void *arg, struct error *e)
{
	const struct visiting *visiting = arg;
	struct link link;

	if (read_link(message, &link, e) < 0)
		return -1;
	/* Kernels before 4.12 do not filter by kind. */
	if (visiting->kind && strcmp(link.kind, visiting->kind) != 0)
		return 0;
	return visiting->visit(&link, visiting->arg, e);
}

int link_each(struct nl *nl, const char *kind, link_visit *visit, void *arg,
	      struct error *e)
{
	const struct ifinfomsg header = { 0 };
	struct visiting visiting = { .kind = kind, .visit = visit, .arg = arg };
	struct nl_msg msg;
	int r;

	nl_begin(&msg, RTM_GETLINK, 0, &header, sizeof(header));
	nl_put_u32(&msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (kind) {
		size_t info = nl_nest(&msg, IFLA_LINKINFO);

		nl_put_string(&msg, IFLA_INFO_KIND, kind);
		nl_nest_end(&msg, info);
	}
	r = nl_dump(nl, &msg, visit_one, &visiting, "list the devices", e);
	return r == 0 ? 0 : -1;
}

struct ports {
	int bridge;
	bool found;
};

static int see_port(const struct nlmsghdr *message, void *arg, struct error *e)
{
	struct ports *ports = arg;
	struct link link = { 0 };

	if (read_link(message, &link, e) < 0)
		return -1;
	if (link.master == ports->bridge)
		ports->found = true;
	return 0;
}

int link_has_ports(struct nl *nl, int bridge, struct error *e)
{
	const struct ifinfomsg header = { 0 };
	struct ports ports = { .bridge = bridge };
	struct nl_msg msg;

	nl_begin(&msg, RTM_GETLINK, 0, &header, sizeof(header));
	nl_put_u32(&msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	nl_put_u32(&msg, IFLA_MASTER, (uint32_t)bridge);
	if (nl_dump(nl, &msg, see_port, &ports, "list a bridge's ports", e) != 0)
		return -1;
	return ports.found;
}

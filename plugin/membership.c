/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * membership.c - the VLANs that a bridge port is a member of
 */
#include "membership.h"

#include <linux/if_bridge.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#define RUNS_PER_MESSAGE 100 /* of 16 bytes: well below NL_MSG_SIZE */

/* A run takes two attributes, or one where it is a single ID. */
static void put_run(struct nl_msg *msg, struct vlan_run run, uint16_t flags)
{
	struct bridge_vlan_info info = { .flags = flags, .vid = run.first };

	if (run.first == run.last) {
		nl_put(msg, IFLA_BRIDGE_VLAN_INFO, &info, sizeof(info));
		return;
	}
	info.flags = flags | BRIDGE_VLAN_INFO_RANGE_BEGIN;
	nl_put(msg, IFLA_BRIDGE_VLAN_INFO, &info, sizeof(info));
	info.flags = flags | BRIDGE_VLAN_INFO_RANGE_END;
	info.vid = run.last;
	nl_put(msg, IFLA_BRIDGE_VLAN_INFO, &info, sizeof(info));
}

/* Everything there may be; what is not there is passed over (br_vlan_info(), net/bridge/br_netlink.c). */
static int end_all(struct nl *nl, int port, struct error *e)
{
	const struct ifinfomsg header = { .ifi_family = AF_BRIDGE, .ifi_index = port };
	struct nl_msg msg;
	size_t nest;

	nl_begin(&msg, RTM_DELLINK, 0, &header, sizeof(header));
	nest = nl_nest(&msg, IFLA_AF_SPEC);
	put_run(&msg, (struct vlan_run){ VLAN_MIN, VLAN_MAX }, 0);
	nl_nest_end(&msg, nest);
	return nl_do(nl, &msg, "take a bridge port out of its VLANs", e) == 0 ? 0 : -1;
}

/* As many runs behind @run as one message takes.  Return: 0, *run being the last; -1. */
static int join_some(struct nl *nl, int port, const struct vlan_set *set, uint16_t flags,
		     struct vlan_run *run, struct error *e)
{
	const struct ifinfomsg header = { .ifi_family = AF_BRIDGE, .ifi_index = port };
	struct nl_msg msg;
	size_t nest;

	nl_begin(&msg, RTM_SETLINK, 0, &header, sizeof(header));
	nest = nl_nest(&msg, IFLA_AF_SPEC);
	for (int i = 0; i < RUNS_PER_MESSAGE && vlan_next(set, run->last, run); i++)
		put_run(&msg, *run, flags);
	nl_nest_end(&msg, nest);
	return nl_do(nl, &msg, "put a bridge port into its VLANs", e) == 0 ? 0 : -1;
}

static int join(struct nl *nl, int port, const struct vlan_set *set, uint16_t flags,
		struct error *e)
{
	struct vlan_run run = { 0 }, next;

	while (vlan_next(set, run.last, &next)) {
		if (join_some(nl, port, set, flags, &run, e) < 0)
			return -1;
	}
	return 0;
}

int membership_set(struct nl *nl, int port, const struct membership *wanted, bool alone,
		   struct error *e)
{
	const struct vlan_set tagged = vlan_without(&wanted->members, &wanted->untagged);
	struct vlan_set pvid = { 0 };
	struct vlan_set untagged;

	if (wanted->pvid)
		vlan_add_one(&pvid, wanted->pvid);
	untagged = vlan_without(&wanted->untagged, &pvid);
	if (alone && end_all(nl, port, e) < 0)
		return -1;
	if (join(nl, port, &tagged, 0, e) < 0 ||
	    join(nl, port, &untagged, BRIDGE_VLAN_INFO_UNTAGGED, e) < 0)
		return -1;
	return join(nl, port, &pvid, BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED,
		    e);
}

static int read_entry(const struct nlattr *nest, void *arg, struct error *e)
{
	struct membership *membership = arg;
	struct bridge_vlan_info info;
	NL_ATTRS(entry, BRIDGE_VLANDB_ENTRY_RANGE);
	const void *data;
	uint16_t last;
	size_t len;

	nl_parse_nest(nest, &entry);
	data = nl_data(&entry, BRIDGE_VLANDB_ENTRY_INFO, &len);
	if (!data || len < sizeof(info))
		return error_set(e, ERROR_KERNEL,
				 "the kernel's description of a VLAN is cut");
	memcpy(&info, data, sizeof(info));
	last = nl_u16(&entry, BRIDGE_VLANDB_ENTRY_RANGE);
	last = last ? last : info.vid;
	if (info.vid > VLAN_MAX || last > VLAN_MAX)
		return 0;
	vlan_add(&membership->members, (struct vlan_run){ info.vid, last });
	if (info.flags & BRIDGE_VLAN_INFO_UNTAGGED)
		vlan_add(&membership->untagged, (struct vlan_run){ info.vid, last });
	if (info.flags & BRIDGE_VLAN_INFO_PVID)
		membership->pvid = info.vid;
	return 0;
}

static int read_port(const struct nlmsghdr *message, void *arg, struct error *e)
{
	return nl_each(message, sizeof(struct br_vlan_msg), BRIDGE_VLANDB_ENTRY,
		       read_entry, arg, e);
}

int membership_get(struct nl *nl, int port, struct membership *ret, struct error *e)
{
	const struct br_vlan_msg header = { .family = AF_BRIDGE,
					    .ifindex = (uint32_t)port };
	struct nl_msg msg;

	*ret = (struct membership){ 0 };
	nl_begin(&msg, RTM_GETVLAN, 0, &header, sizeof(header));
	return nl_dump(nl, &msg, read_port, ret, "list the VLANs of a bridge port", e) ==
			       0
		       ? 0
		       : -1;
}

/*
 * RTM_GETVLAN came with Linux 5.6, and a kernel without CONFIG_BRIDGE_VLAN_FILTERING has
 * nobody to answer it (br_vlan_rtnl_init(), net/bridge/br_vlan.c).
 */
int membership_ready(struct nl *nl, struct error *e)
{
	const struct br_vlan_msg header = { .family = AF_BRIDGE };
	struct nl_msg msg;
	int r;

	nl_begin(&msg, RTM_GETVLAN, 0, &header, sizeof(header));
	r = nl_dump(nl, &msg, NULL, NULL, "list the VLANs of bridges", e);
	return r < 0 || r == NL_UNSUPPORTED ? r : 0;
}

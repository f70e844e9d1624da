/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * floor.c - what the kernel must be asked for by any plugin, and nothing else
 *
 * ADD and DEL of one attachment on a bridge that is there, with the store and the nft
 * sets that are there (lane_prepare_floor()).  It stands for the least that a process
 * linked with the same libraries can spend:
 *
 * - it reads stdin to its end and writes a result;
 * - a lease for each address, under the store's lock, and the last one given;
 * - one message for the veth pair: both MACs, one queue each, a port of the bridge, up;
 * - in the container three or five messages in one datagram: address and route of
 *   each family and the interface up;
 * - the question after the host end that makes the kernel handle the carrier's
 *   event, without which first packets are lost;
 * - one transaction for the elements of the sets.
 *
 * It does not: parse JSON or look at what it was asked for; check for duplicates,
 * or whether the bridge, its address, forwarding or the rules are right; name the
 * owner; bring the neighbours up to date; turn IPv6 off on the host end; free or
 * close anything; report errors other than by its exit status.
 *
 * CNI_ARGS says what is wanted: "v4", "v4+masq", "dual", "dual+masq"; the network is the
 * name of its folder in CNI_PATH; the container is "c" and a number, from which the
 * addresses follow.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lane.h"

#define STORE_PATH 512

struct want {
	const char *netns, *store;
	bool masq;
	int families;	     /* 2: IPv6, too */
	unsigned int number; /* of the container */
	uint8_t four[4], six[16];
	char text[2][64]; /* the addresses */
	char veth[16];
};

/* Messages of one datagram. */
struct datagram {
	_Alignas(struct nlmsghdr) char buf[4096];
	struct nlmsghdr *last;
	size_t len;
	unsigned int n;
};

static void *put_head(struct nlmsghdr *message, size_t len)
{
	void *head = memset((char *)message + message->nlmsg_len, 0, len);

	message->nlmsg_len += (uint32_t)NLMSG_ALIGN(len);
	return head;
}

static struct nlattr *put_nest(struct nlmsghdr *message, uint16_t type)
{
	struct nlattr *attr = put_head(message, sizeof(*attr));

	attr->nla_type = type;
	return attr;
}

static void end_nest(struct nlmsghdr *message, struct nlattr *nest)
{
	nest->nla_len = (uint16_t)((char *)message + message->nlmsg_len - (char *)nest);
}

static void put(struct nlmsghdr *message, uint16_t type, size_t len, const void *data)
{
	struct nlattr *attr = put_nest(message, type);

	attr->nla_len = (uint16_t)(sizeof(*attr) + len);
	memcpy(put_head(message, len), data, len);
}

static void put_text(struct nlmsghdr *message, uint16_t type, const char *text)
{
	put(message, type, strlen(text) + 1, text);
}

static void put_u32(struct nlmsghdr *message, uint16_t type, uint32_t value)
{
	put(message, type, sizeof(value), &value);
}

static struct nlmsghdr *begin(struct datagram *d, uint16_t type, uint16_t flags)
{
	d->last = (struct nlmsghdr *)(d->buf + d->len);
	*d->last = (struct nlmsghdr){ .nlmsg_len = NLMSG_HDRLEN,
				      .nlmsg_type = type,
				      .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags) };
	d->n += (flags & NLM_F_ACK) != 0;
	return d->last;
}

static void end(struct datagram *d)
{
	d->len += NLMSG_ALIGN(d->last->nlmsg_len);
}

static int open_socket(int bus)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, bus);

	if (fd < 0)
		err(1, "socket");
	return fd;
}

/* Send it and hear as many answers as it asks for. */
static void talk(int fd, const struct datagram *d)
{
	char answer[4096];

	if (send(fd, d->buf, d->len, 0) < 0)
		err(1, "send");
	for (unsigned int i = 0; i < d->n; i++) {
		const struct nlmsghdr *message = (const struct nlmsghdr *)answer;
		ssize_t len = recv(fd, answer, sizeof(answer), 0);
		const struct nlmsgerr *verdict;

		if (len < (ssize_t)sizeof(*message))
			err(1, "recv");
		verdict = NLMSG_DATA(message);
		if (message->nlmsg_type == NLMSG_ERROR && verdict->error != 0)
			errx(1, "message %u: %s", i, strerror(-verdict->error));
	}
}

static int index_of(int fd, const char *name)
{
	struct ifreq request = { 0 };

	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFINDEX, &request) < 0)
		err(1, "%s", name);
	return request.ifr_ifindex;
}

static int open_locked(const struct want *want)
{
	int dir = open(want->store, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int lock = openat(dir, "lock", O_RDONLY | O_CLOEXEC);

	if (flock(lock, LOCK_EX) < 0)
		err(1, "%s", want->store);
	return dir;
}

static void take_leases(const struct want *want)
{
	int dir = open_locked(want);

	for (int i = 0; i < want->families; i++) {
		const char *name = i ? "last_reserved_ip.1" : "last_reserved_ip.0";
		char owner[64];
		int len = snprintf(owner, sizeof(owner), "c%u\r\neth0", want->number);
		int lease = openat(dir, want->text[i], O_WRONLY | O_CREAT | O_EXCL, 0600);
		int last = openat(dir, name, O_WRONLY | O_CREAT, 0600);

		if (write(lease, owner, (size_t)len) < 0 ||
		    pwrite(last, want->text[i], strlen(want->text[i]), 0) < 0)
			err(1, "%s", want->text[i]);
	}
}

static void give_leases(const struct want *want)
{
	int dir = open_locked(want);

	for (int i = 0; i < want->families; i++)
		if (unlinkat(dir, want->text[i], 0) < 0)
			err(1, "%s", want->text[i]);
}

static void put_mac(struct nlmsghdr *message, uint8_t first, const uint8_t four[4])
{
	const uint8_t mac[] = { first, 0x58, four[0], four[1], four[2], four[3] };

	put(message, IFLA_ADDRESS, sizeof(mac), mac);
}

static void make_veth(int host, const struct want *want, int netns)
{
	struct datagram d = { .len = 0 };
	struct nlmsghdr *message =
		begin(&d, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	struct ifinfomsg *link = put_head(message, sizeof(*link));
	struct nlattr *info, *data, *peer;

	link->ifi_flags = link->ifi_change = IFF_UP;
	put_text(message, IFLA_IFNAME, want->veth);
	put_u32(message, IFLA_MASTER, (uint32_t)index_of(host, LANE_BRIDGE));
	put_u32(message, IFLA_NUM_TX_QUEUES, 1);
	put_u32(message, IFLA_NUM_RX_QUEUES, 1);
	put_mac(message, 0xfe, want->four);
	info = put_nest(message, IFLA_LINKINFO);
	put_text(message, IFLA_INFO_KIND, "veth");
	data = put_nest(message, IFLA_INFO_DATA);
	peer = put_nest(message, VETH_INFO_PEER);
	(void)put_head(message, sizeof(*link));
	put_text(message, IFLA_IFNAME, "eth0");
	put_u32(message, IFLA_NET_NS_FD, (uint32_t)netns);
	put_u32(message, IFLA_NUM_TX_QUEUES, 1);
	put_u32(message, IFLA_NUM_RX_QUEUES, 1);
	put_mac(message, 0x0a, want->four);
	end_nest(message, peer);
	end_nest(message, data);
	end_nest(message, info);
	end(&d);
	talk(host, &d);
}

static void put_address(struct datagram *d, int index, uint8_t family, uint8_t bits,
			const void *ip, size_t len)
{
	struct nlmsghdr *message =
		begin(d, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	struct ifaddrmsg *address = put_head(message, sizeof(*address));

	address->ifa_family = family;
	address->ifa_prefixlen = bits;
	address->ifa_index = (uint32_t)index;
	if (family == AF_INET6)
		address->ifa_flags = IFA_F_NODAD;
	put(message, IFA_LOCAL, len, ip);
	put(message, IFA_ADDRESS, len, ip);
	end(d);
}

static void put_route(struct datagram *d, uint8_t family, const void *gateway, size_t len)
{
	struct nlmsghdr *message = begin(d, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE);
	struct rtmsg *route = put_head(message, sizeof(*route));

	route->rtm_family = family;
	route->rtm_table = RT_TABLE_MAIN;
	route->rtm_protocol = RTPROT_BOOT;
	route->rtm_type = RTN_UNICAST;
	put(message, RTA_GATEWAY, len, gateway);
	end(d);
}

static void set_up_inside(const struct want *want, int netns)
{
	static const uint8_t gateway4[] = { 10, 1, 0, 1 };
	static const uint8_t gateway6[16] = { 0xfd, 0, 0, 1, [15] = 1 };
	struct datagram d = { .len = 0 };
	struct ifinfomsg *link;
	int inside, index;

	if (setns(netns, CLONE_NEWNET) < 0)
		err(1, "setns");
	inside = open_socket(NETLINK_ROUTE);
	index = index_of(inside, "eth0");
	put_address(&d, index, AF_INET, 16, want->four, sizeof(want->four));
	if (want->families > 1)
		put_address(&d, index, AF_INET6, 64, want->six, sizeof(want->six));
	link = put_head(begin(&d, RTM_SETLINK, NLM_F_ACK), sizeof(*link));
	link->ifi_index = index;
	link->ifi_flags = link->ifi_change = IFF_UP;
	end(&d);
	put_route(&d, AF_INET, gateway4, sizeof(gateway4));
	if (want->families > 1)
		put_route(&d, AF_INET6, gateway6, sizeof(gateway6));
	talk(inside, &d);
}

/* The kernel handles the carrier's event before it answers (linkwatch_sync_dev()). */
static void await_port(int host, const struct want *want)
{
	struct datagram d = { .len = 0, .n = 1 };
	struct nlmsghdr *message = begin(&d, RTM_GETLINK, 0);

	(void)put_head(message, sizeof(struct ifinfomsg));
	put_text(message, IFLA_IFNAME, want->veth);
	put_u32(message, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	end(&d);
	talk(host, &d);
}

static void put_mark(struct datagram *d, uint16_t type)
{
	struct nfgenmsg *head = put_head(begin(d, type, 0), sizeof(*head));

	head->res_id = htons(NFNL_SUBSYS_NFTABLES);
	end(d);
}

static void put_element(struct datagram *d, uint16_t type, uint16_t flags,
			const char *set, const void *ip, size_t len)
{
	struct nlmsghdr *message = begin(d, (NFNL_SUBSYS_NFTABLES << 8) | type,
					 (uint16_t)(NLM_F_ACK | flags));
	struct nfgenmsg *head = put_head(message, sizeof(*head));
	struct nlattr *elements, *element, *key;

	head->nfgen_family = NFPROTO_INET;
	put_text(message, NFTA_SET_ELEM_LIST_TABLE, "floor");
	put_text(message, NFTA_SET_ELEM_LIST_SET, set);
	elements = put_nest(message, NFTA_SET_ELEM_LIST_ELEMENTS);
	element = put_nest(message, NFTA_LIST_ELEM);
	key = put_nest(message, NFTA_SET_ELEM_KEY);
	put(message, NFTA_DATA_VALUE, len, ip);
	end_nest(message, key);
	end_nest(message, element);
	end_nest(message, elements);
	end(d);
}

static void change_sets(const struct want *want, uint16_t type, uint16_t flags)
{
	struct datagram d = { .len = 0 };

	put_mark(&d, NFNL_MSG_BATCH_BEGIN);
	put_element(&d, type, flags, "four", want->four, sizeof(want->four));
	if (want->families > 1)
		put_element(&d, type, flags, "six", want->six, sizeof(want->six));
	put_mark(&d, NFNL_MSG_BATCH_END);
	talk(open_socket(NETLINK_NETFILTER), &d);
}

static void add(const struct want *want)
{
	int host = open_socket(NETLINK_ROUTE);
	int netns = open(want->netns, O_RDONLY | O_CLOEXEC);
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	take_leases(want);
	make_veth(host, want, netns);
	set_up_inside(want, netns);
	if (setns(here, CLONE_NEWNET) < 0)
		err(1, "setns");
	await_port(host, want);
	if (want->masq)
		change_sets(want, NFT_MSG_NEWSETELEM, NLM_F_CREATE);
}

/* The sets first: the two waits for RCU then overlap. */
static void del(const struct want *want)
{
	struct datagram d = { .len = 0 };
	struct nlmsghdr *message = begin(&d, RTM_DELLINK, NLM_F_ACK);

	if (want->masq)
		change_sets(want, NFT_MSG_DELSETELEM, 0);
	(void)put_head(message, sizeof(struct ifinfomsg));
	put_text(message, IFLA_IFNAME, want->veth);
	end(&d);
	talk(open_socket(NETLINK_ROUTE), &d);
	give_leases(want);
}

static void understand(struct want *want, const char *container, const char *config)
{
	unsigned int n = (unsigned int)strtoul(container + 1, NULL, 10);
	const uint8_t four[] = { 10, 1, (uint8_t)(n / 250), (uint8_t)(2 + n % 250) };
	const uint8_t six[16] = { 0xfd, 0, 0, 1, [13] = four[2], [15] = four[3] };

	want->number = n;
	want->families = strncmp(config, "dual", 4) == 0 ? 2 : 1;
	want->masq = strstr(config, "masq") != NULL;
	memcpy(want->four, four, sizeof(four));
	memcpy(want->six, six, sizeof(six));
	(void)snprintf(want->text[0], sizeof(want->text[0]), "10.1.%d.%d", four[2],
		       four[3]);
	(void)snprintf(want->text[1], sizeof(want->text[1]), "fd00:1::%x:%x", four[2],
		       four[3]);
	(void)snprintf(want->veth, sizeof(want->veth), "floor%u", n);
}

int main(void)
{
	static const char answer[] = "{\"cniVersion\": \"1.1.0\", \"ips\": []}";
	const char *verb = getenv("CNI_COMMAND"), *container = getenv("CNI_CONTAINERID");
	const char *config = getenv("CNI_ARGS");
	struct want want = { .netns = getenv("CNI_NETNS"), .store = getenv("CNI_PATH") };
	char question[8192];
	bool adding = verb && strcmp(verb, "ADD") == 0;

	if (!container || !config || !want.netns || !want.store)
		errx(1, "this is no plugin: bench calls it");
	while (read(0, question, sizeof(question)) > 0)
		;
	understand(&want, container, config);
	if (adding)
		add(&want);
	else
		del(&want);
	if (adding && write(1, answer, sizeof(answer) - 1) < 0)
		err(1, "stdout");
	_exit(0);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * world.c - a host to break things on, and what there is on it
 */
#include "world.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <limits.h>
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <nftables/libnftables.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "cleanup.h"

#define PODS "/run/netns"
#define INDEX                                                                            \
	"/run/footbridge/leases" /* made anew from the store when it is out of date */
#define OWN_NETNS "/proc/thread-self/ns/net"
#define ANSWER_SIZE 32768
#define CONTEXT_SIZE 160
#define STRANGER WORLD_STRANGER
#define OTHERS "/var/lib/cni/networks/" STRANGER
#define TABLE                                                                            \
	"table ip " STRANGER                                                             \
	" { set hosts { type ipv4_addr; elements = { 192.0.2.1 }; };\n"                  \
	"chain postrouting { type nat hook postrouting priority 100; "                   \
	"ip saddr @hosts masquerade; }; }"

/* Making. */

static int put(const char *path, const char *text)
{
	_cleanup_(closep) int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	return fd < 0 || write(fd, text, strlen(text)) < 0 ? -1 : 0;
}

static void nft_freep(struct nft_ctx **nft)
{
	if (*nft)
		nft_ctx_free(*nft);
}

/* A bridge, rules and a lease that are none of ours. */
static int settle_strangers(void)
{
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	_cleanup_(nft_freep) struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);

	if (fd < 0 || ioctl(fd, SIOCBRADDBR, STRANGER) < 0 || !nft ||
	    nft_run_cmd_from_buffer(nft, TABLE) != 0)
		return -1;
	if (mkdir("/var/lib/cni/networks", 0755) < 0 || mkdir(OTHERS, 0755) < 0)
		return -1;
	return put(OTHERS "/192.0.2.1", STRANGER "\r\neth0");
}

int world_enter(void)
{
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "/run", "tmpfs", 0, "mode=755") < 0 ||
	    mount("tmpfs", "/var/lib/cni", "tmpfs", 0, "mode=755") < 0 ||
	    mkdir(PODS, 0755) < 0 || mkdir(WORLD_APART, 0755) < 0)
		return -1;
	/* a new namespace takes these over from the machine */
	if (put("/proc/sys/net/ipv4/ip_forward", "0") < 0 ||
	    put("/proc/sys/net/ipv6/conf/all/forwarding", "0") < 0 ||
	    put("/proc/sys/net/ipv6/conf/default/disable_ipv6", "0") < 0)
		return -1;
	return settle_strangers();
}

static int name_pod(const char *name)
{
	char path[PATH_MAX];
	int fd;

	(void)snprintf(path, sizeof(path), PODS "/%s", name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (fd < 0)
		return -1;
	(void)close(fd);
	return mount(OWN_NETNS, path, NULL, MS_BIND, NULL);
}

int world_add_pod(const char *name)
{
	_cleanup_(closep) int home = open(OWN_NETNS, O_RDONLY | O_CLOEXEC);
	int r;

	if (home < 0 || unshare(CLONE_NEWNET) < 0)
		return -1;
	r = name_pod(name);
	return setns(home, CLONE_NEWNET) < 0 ? -1 : r;
}

int world_remove_pod(const char *name)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), PODS "/%s", name);
	return umount2(path, MNT_DETACH) < 0 ? -1 : unlink(path);
}

/* Looking: the kernel's tables, one message after the other. */

struct view {
	FILE *to;
	const char *where; /* "host", or the pod's name */
};

struct attrs {
	const struct nlattr *v[64];
};

static int sort_in(const struct nlattr *attr, void *arg)
{
	struct attrs *attrs = arg;

	if (mnl_attr_get_type(attr) < 64)
		attrs->v[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static const char *text_of(const struct nlattr *attr)
{
	return attr ? mnl_attr_get_str(attr) : "-";
}

static bool is_on(const struct nlattr *attr)
{
	return attr && mnl_attr_get_u8(attr) != 0;
}

static const char *device(const struct nlattr *attr, char name[static IF_NAMESIZE])
{
	return attr && if_indextoname(mnl_attr_get_u32(attr), name) ? name : "-";
}

static const char *address(int family, const struct nlattr *attr,
			   char text[static INET6_ADDRSTRLEN])
{
	return attr && inet_ntop(family, mnl_attr_get_payload(attr), text,
				 INET6_ADDRSTRLEN)
		       ? text
		       : "-";
}

static void mac_of(const struct nlattr *attr, char text[static 3 * 6 + 1])
{
	const unsigned char *b = attr ? mnl_attr_get_payload(attr) : NULL;

	text[0] = '\0';
	for (size_t i = 0; b && i < 6 && mnl_attr_get_payload_len(attr) == 6; i++)
		(void)snprintf(&text[3 * i], 4, "%02x%s", b[i], i < 5 ? ":" : "");
}

/* A bridge's, and those of a VLAN's gateway and its port, are drawn by chance. */
static bool has_drawn_mac(const char *name, const char *kind)
{
	return strcmp(kind, "bridge") == 0 || strncmp(name, "fb0.", 4) == 0 ||
	       strncmp(name, "vlan", 4) == 0;
}

/* What the bridge may do with a port: hairpin, isolated and so on. */
static void see_port(FILE *to, const struct nlattr *data)
{
	static const struct {
		int type;
		const char *name;
	} flags[] = {
		{ IFLA_BRPORT_MODE, "hairpin" },
		{ IFLA_BRPORT_ISOLATED, "isolated" },
		{ IFLA_BRPORT_LEARNING, "learning" },
		{ IFLA_BRPORT_UNICAST_FLOOD, "flood" },
		{ IFLA_BRPORT_GUARD, "guard" },
	};
	struct attrs port = { 0 };

	(void)mnl_attr_parse_nested(data, sort_in, &port);
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		if (is_on(port.v[flags[i].type]))
			(void)fprintf(to, " %s", flags[i].name);
	}
}

static int see_altname(const struct nlattr *attr, void *arg)
{
	const struct view *view = arg;

	(void)fprintf(view->to, " altname %s", mnl_attr_get_str(attr));
	return MNL_CB_OK;
}

static int see_link(const struct nlmsghdr *message, void *arg)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);
	struct view *view = arg;
	struct attrs attrs = { 0 }, info = { 0 };
	char master[IF_NAMESIZE], mac[3 * 6 + 1];
	const char *name, *kind;

	(void)mnl_attr_parse(message, sizeof(*link), sort_in, &attrs);
	if (attrs.v[IFLA_LINKINFO])
		(void)mnl_attr_parse_nested(attrs.v[IFLA_LINKINFO], sort_in, &info);
	name = text_of(attrs.v[IFLA_IFNAME]);
	kind = text_of(info.v[IFLA_INFO_KIND]);
	mac_of(attrs.v[IFLA_ADDRESS], mac);
	(void)fprintf(view->to, "%s link %s %s %s%s mtu %u master %s alias %s",
		      view->where, name, kind, link->ifi_flags & IFF_UP ? "up" : "down",
		      link->ifi_flags & IFF_PROMISC ? " promisc" : "",
		      attrs.v[IFLA_MTU] ? mnl_attr_get_u32(attrs.v[IFLA_MTU]) : 0,
		      device(attrs.v[IFLA_MASTER], master),
		      text_of(attrs.v[IFLA_IFALIAS]));
	if (info.v[IFLA_INFO_SLAVE_DATA])
		see_port(view->to, info.v[IFLA_INFO_SLAVE_DATA]);
	/* with a line of its own */
	if (has_drawn_mac(name, kind))
		(void)fprintf(view->to, "\ndrawn-mac %s %s", name, mac);
	else
		(void)fprintf(view->to, " mac %s", mac);
	if (attrs.v[IFLA_PROP_LIST])
		(void)mnl_attr_parse_nested(attrs.v[IFLA_PROP_LIST], see_altname, view);
	(void)fputc('\n', view->to);
	return MNL_CB_OK;
}

static int see_vlan(const struct nlattr *attr, void *arg)
{
	const struct view *view = arg;
	const struct bridge_vlan_info *vlan = mnl_attr_get_payload(attr);

	if (mnl_attr_get_type(attr) == IFLA_BRIDGE_VLAN_INFO)
		(void)fprintf(view->to, " vlan %u flags %x", vlan->vid, vlan->flags);
	return MNL_CB_OK;
}

/* Of a bridge, or one of its ports. */
static int see_membership(const struct nlmsghdr *message, void *arg)
{
	struct view *view = arg;
	struct attrs attrs = { 0 };

	(void)mnl_attr_parse(message, sizeof(struct ifinfomsg), sort_in, &attrs);
	if (!attrs.v[IFLA_AF_SPEC])
		return MNL_CB_OK;
	(void)fprintf(view->to, "%s membership %s", view->where,
		      text_of(attrs.v[IFLA_IFNAME]));
	(void)mnl_attr_parse_nested(attrs.v[IFLA_AF_SPEC], see_vlan, view);
	(void)fputc('\n', view->to);
	return MNL_CB_OK;
}

static int see_address(const struct nlmsghdr *message, void *arg)
{
	const struct ifaddrmsg *header = mnl_nlmsg_get_payload(message);
	const struct view *view = arg;
	struct attrs attrs = { 0 };
	char name[IF_NAMESIZE], text[INET6_ADDRSTRLEN];

	if (header->ifa_scope == RT_SCOPE_LINK)
		return MNL_CB_OK;
	(void)mnl_attr_parse(message, sizeof(*header), sort_in, &attrs);
	(void)fprintf(view->to, "%s address %s/%u dev %s%s%s\n", view->where,
		      address(header->ifa_family, attrs.v[IFA_ADDRESS], text),
		      header->ifa_prefixlen,
		      if_indextoname(header->ifa_index, name) ? name : "-",
		      header->ifa_flags & IFA_F_TENTATIVE ? " tentative" : "",
		      header->ifa_flags & IFA_F_DADFAILED ? " dadfailed" : "");
	return MNL_CB_OK;
}

/* IPv6 makes those of its own addresses when it comes to it. */
static bool is_own_affair(const struct rtmsg *route, const struct nlattr *dst)
{
	const unsigned char *b = dst ? mnl_attr_get_payload(dst) : NULL;

	if (route->rtm_family != AF_INET6)
		return false;
	return route->rtm_table == RT_TABLE_LOCAL ||
	       (b && (b[0] == 0xff || (b[0] == 0xfe && b[1] == 0x80)));
}

static int see_route(const struct nlmsghdr *message, void *arg)
{
	const struct rtmsg *header = mnl_nlmsg_get_payload(message);
	const struct view *view = arg;
	struct attrs attrs = { 0 };
	const struct nlattr *metric;
	char name[IF_NAMESIZE], dst[INET6_ADDRSTRLEN], gateway[INET6_ADDRSTRLEN];
	char source[INET6_ADDRSTRLEN];

	(void)mnl_attr_parse(message, sizeof(*header), sort_in, &attrs);
	if (is_own_affair(header, attrs.v[RTA_DST]))
		return MNL_CB_OK;
	metric = attrs.v[RTA_PRIORITY];
	(void)fprintf(view->to,
		      "%s route family %u %s/%u via %s dev %s src %s metric %u "
		      "table %u type %u\n",
		      view->where, header->rtm_family,
		      address(header->rtm_family, attrs.v[RTA_DST], dst),
		      header->rtm_dst_len,
		      address(header->rtm_family, attrs.v[RTA_GATEWAY], gateway),
		      device(attrs.v[RTA_OIF], name),
		      address(header->rtm_family, attrs.v[RTA_PREFSRC], source),
		      metric ? mnl_attr_get_u32(metric) : 0, header->rtm_table,
		      header->rtm_type);
	return MNL_CB_OK;
}

static void socket_close(struct mnl_socket **nl)
{
	if (*nl)
		(void)mnl_socket_close(*nl);
}

static int dump(uint16_t type, unsigned char family, mnl_cb_t see, struct view *view)
{
	_Alignas(struct nlmsghdr) char buf[ANSWER_SIZE];
	_cleanup_(socket_close) struct mnl_socket *nl =
		mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	struct nlmsghdr *message = mnl_nlmsg_put_header(buf);
	struct rtgenmsg *header;
	int r = MNL_CB_OK;

	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	/* the largest that any of these begins with */
	header = mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg));
	header->rtgen_family = family;
	if (family == AF_BRIDGE)
		mnl_attr_put_u32(message, IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN);
	if (!nl || mnl_socket_sendto(nl, message, message->nlmsg_len) < 0)
		return -1;
	while (r == MNL_CB_OK) {
		ssize_t n = mnl_socket_recvfrom(nl, buf, sizeof(buf));

		r = n < 0 ? -1 : mnl_cb_run(buf, (size_t)n, 0, 0, see, view);
	}
	return r;
}

static void see_content(FILE *to, const char *path)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char text[4096];
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text));

	for (ssize_t i = 0; i < n; i++) {
		const unsigned char c = (unsigned char)text[i];

		(void)fprintf(to, c >= ' ' && c < 0x7f ? "%c" : "\\x%02x", c);
	}
}

/* SWITCH of each device, and what new ones begin with. */
static int see_switch(const struct view *view, const char *family, const char *which)
{
	char path[PATH_MAX];
	_cleanup_(closedirp) DIR *dir = NULL;
	const struct dirent *entry;

	(void)snprintf(path, sizeof(path), "/proc/sys/net/%s/conf", family);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%s/%s", family,
			       entry->d_name, which);
		(void)fprintf(view->to, "%s switch %s %s %s ", view->where, which, family,
			      entry->d_name);
		see_content(view->to, path);
		(void)fputc('\n', view->to);
	}
	return dir ? 0 : -1;
}

static int see_switches(const struct view *view)
{
	static const char *const v6[] = { "accept_dad", "accept_ra", "disable_ipv6",
					  "forwarding" };

	for (size_t i = 0; i < sizeof(v6) / sizeof(*v6); i++) {
		if (see_switch(view, "ipv6", v6[i]) < 0)
			return -1;
	}
	return see_switch(view, "ipv4", "arp_notify") < 0 ||
			       see_switch(view, "ipv4", "forwarding") < 0
		       ? -1
		       : 0;
}

/* The namespace that we are in. */
static int see_namespace(struct view *view)
{
	if (dump(RTM_GETLINK, AF_UNSPEC, see_link, view) < 0 ||
	    dump(RTM_GETLINK, AF_BRIDGE, see_membership, view) < 0 ||
	    dump(RTM_GETADDR, AF_UNSPEC, see_address, view) < 0 ||
	    dump(RTM_GETROUTE, AF_INET, see_route, view) < 0 ||
	    dump(RTM_GETROUTE, AF_INET6, see_route, view) < 0)
		return -1;
	return see_switches(view);
}

static int see_pod(FILE *to, const char *name, int home)
{
	char path[PATH_MAX];
	struct view view = { to, name };
	_cleanup_(closep) int pod = -1;
	int r;

	(void)snprintf(path, sizeof(path), PODS "/%s", name);
	pod = open(path, O_RDONLY | O_CLOEXEC);
	if (pod < 0 || setns(pod, CLONE_NEWNET) < 0)
		return -1;
	r = see_namespace(&view);
	return setns(home, CLONE_NEWNET) < 0 ? -1 : r;
}

static int see_pods(FILE *to)
{
	_cleanup_(closep) int home = open(OWN_NETNS, O_RDONLY | O_CLOEXEC);
	_cleanup_(closedirp) DIR *dir = opendir(PODS);
	const struct dirent *entry;

	if (home < 0 || !dir)
		return -1;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] != '.' && see_pod(to, entry->d_name, home) < 0)
			return -1;
	}
	return 0;
}

/* Looking: files. */

static bool is_hint(const char *name)
{
	return strcmp(name, "lock") == 0 || strcmp(name, ".footbridge-sticky") == 0 ||
	       strncmp(name, "last_reserved_ip.", strlen("last_reserved_ip.")) == 0;
}

static int see_files(FILE *to, const char *folder);

static int see_file(FILE *to, const char *folder, const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return -1;
	if (strcmp(path, PODS) == 0 || strcmp(path, WORLD_APART) == 0 ||
	    strcmp(path, INDEX) == 0 || is_hint(name))
		return 0;
	if (lstat(path, &st) < 0)
		return -1;
	if (lgetxattr(path, "trusted.footbridge", NULL, 0) > 0)
		(void)fprintf(to, "mark of %s\n", path);
	(void)fprintf(to, "file %s mode %o: ", path, st.st_mode);
	see_content(to, path);
	(void)fputc('\n', to);
	return S_ISDIR(st.st_mode) ? see_files(to, path) : 0;
}

static int see_files(FILE *to, const char *folder)
{
	_cleanup_(closedirp) DIR *dir = opendir(folder);
	const struct dirent *entry;

	if (!dir)
		return -1;
	while ((entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (see_file(to, folder, entry->d_name) < 0)
			return -1;
	}
	return 0;
}

/* Looking: what others can tell. */

/*
 * Each line behind those of the table and of the chain or set that it is in, which are
 * indented by less.
 */
static void see_line(FILE *to, char within[2][CONTEXT_SIZE], const char *line, int len)
{
	const int depth = (int)strspn(line, "\t");

	if (depth == len)
		return;
	if (depth < 2)
		(void)snprintf(within[depth], CONTEXT_SIZE, "%.*s", len - depth,
			       line + depth);
	if (depth == 0)
		within[1][0] = '\0';
	/* these are MACs, too */
	if (strncmp(within[1], "set gateways ", 13) == 0 && depth == 2)
		(void)fprintf(to, "drawn-mac ");
	(void)fprintf(to, "nft %s %s %.*s\n", within[0], within[1], len - depth,
		      line + depth);
}

/* What `nft -s list ruleset` prints, without its start, which takes longer than all else. */
static int see_rules(FILE *to)
{
	_cleanup_(nft_freep) struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);
	char within[2][CONTEXT_SIZE] = { "", "" };
	const char *line, *end;

	if (!nft || nft_ctx_buffer_output(nft) != 0 || nft_ctx_buffer_error(nft) != 0)
		return -1;
	nft_ctx_output_set_flags(nft, NFT_CTX_OUTPUT_STATELESS);
	if (nft_run_cmd_from_buffer(nft, "list ruleset") != 0)
		return -1;
	for (line = nft_ctx_get_output_buffer(nft); *line; line = end + (*end == '\n')) {
		end = strchrnul(line, '\n');
		see_line(to, within, line, (int)(end - line));
	}
	return 0;
}

char *world_look(void)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	struct view host = { to, "host" };
	int r;

	if (!to)
		return NULL;
	r = see_namespace(&host) < 0 || see_pods(to) < 0 || see_files(to, "/run") < 0 ||
	    see_files(to, "/var/lib/cni") < 0 || see_rules(to) < 0;
	if (fclose(to) == 0 && !r)
		return text;
	free(text);
	return NULL;
}

/* Comparing. */

/* Return: behind the line's newline. */
static const char *line_end(const char *line)
{
	const char *next = strchrnul(line, '\n');

	return next + (*next == '\n');
}

/* How often is there this very line?  @len: with its newline. */
static size_t count_line(const char *world, const char *line, size_t len)
{
	size_t n = 0;

	for (const char *next; *world; world = next) {
		next = line_end(world);
		n += (size_t)(next - world) == len && memcmp(world, line, len) == 0;
	}
	return n;
}

static bool has_any(const char *line, size_t len, const char *const words[])
{
	for (size_t i = 0; words && words[i]; i++) {
		if (memmem(line, len, words[i], strlen(words[i])))
			return true;
	}
	return false;
}

bool world_differs(const char *world, const char *other, const char *const only[],
		   const char *const except[], const char *mark)
{
	const char *const whole = world;
	bool differs = false;

	for (const char *next; *world; world = next) {
		size_t len;

		next = line_end(world);
		len = (size_t)(next - world);
		if ((only && !has_any(world, len, only)) || has_any(world, len, except) ||
		    count_line(whole, world, len) <= count_line(other, world, len))
			continue;
		(void)printf("%s%.*s", mark, (int)len, world);
		differs = true;
	}
	return differs;
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# STATUS: could an ADD be served?  Where it says no, an ADD is tried, too, and must
# fail; where it says yes, one must work.

load helpers

# A kernel that lacks something: the kind of a device (an unknown one is asked for
# instead), the netlink of all netfilter, or nf_tables alone (as above, of a subsystem).
setup_file() {
	gcc -shared -fPIC -O1 -o "$BATS_FILE_TMPDIR/without.so" -x c - -ldl <<-'END'
		#define _GNU_SOURCE
		#include <arpa/inet.h>
		#include <dlfcn.h>
		#include <errno.h>
		#include <linux/netfilter/nfnetlink.h>
		#include <linux/netlink.h>
		#include <stdlib.h>
		#include <string.h>
		#include <sys/socket.h>

		static int is_without(const char *what)
		{
			return strcmp(getenv("WITHOUT"), what) == 0;
		}

		/* A message by its type; a batch by what stands behind the header of its begin. */
		static void ask_nobody(int fd, struct nlmsghdr *message)
		{
			struct nfgenmsg *header = NLMSG_DATA(message);
			socklen_t len = sizeof(int);
			int bus;

			if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &bus, &len) < 0 ||
			    bus != NETLINK_NETFILTER)
				return;
			if (message->nlmsg_type == NFNL_MSG_BATCH_BEGIN)
				header->res_id = htons(NFNL_SUBSYS_COUNT);
			else
				message->nlmsg_type = NFNL_SUBSYS_COUNT << 8;
		}

		ssize_t sendto(int fd, const void *buf, size_t len, int flags,
			       const struct sockaddr *to, socklen_t to_len)
		{
			ssize_t (*real)(int, const void *, size_t, int, const struct sockaddr *,
					socklen_t) = dlsym(RTLD_NEXT, "sendto");
			const char *kind = getenv("WITHOUT");
			char *found = memmem(buf, len, kind, strlen(kind) + 1);

			/* behind an attribute's header, not in the table's name */
			if (found && found[-1] == 0)
				*found = 'X';
			if (is_without("nf_tables"))
				ask_nobody(fd, (struct nlmsghdr *)buf);
			return real(fd, buf, len, flags, to, to_len);
		}

		int socket(int domain, int type, int protocol)
		{
			int (*real)(int, int, int) = dlsym(RTLD_NEXT, "socket");

			if (domain == AF_NETLINK && protocol == NETLINK_NETFILTER &&
			    is_without("netfilter"))
				return errno = EPROTONOSUPPORT, -1;
			return real(domain, type, protocol);
		}
	END
}

# through COMMAND...: from now on the plugins are run by this command
through() {
	local name dir=$BATS_TEST_TMPDIR/through

	mkdir -p "$dir"
	for name in bridge host-local loopback; do
		printf '#!/bin/bash\nexec %s %q "$@"\n' "${*@Q}" "$REAL/$name" >"$dir/$name"
		chmod +x "$dir/$name"
	done
	FOOTBRIDGE_BIN=$dir
}
REAL=$FOOTBRIDGE_BIN

directly() {
	FOOTBRIDGE_BIN=$REAL
}

# without KIND: on a kernel that lacks it
without() {
	through env LD_PRELOAD="$BATS_FILE_TMPDIR/without.so" WITHOUT="$1" \
		ASAN_OPTIONS="${ASAN_OPTIONS-}:verify_asan_link_order=0"
}

# powerless CAPABILITY: without this one
powerless() {
	through setpriv --bounding-set "-$1" --inh-caps "-$1"
}

# ready: it could, and asking made nothing
ready() {
	snapshot
	status
	assert_ok
	assert_eq "$out$err" ""
	assert_unchanged
}

# serves: and an ADD is served indeed
serves() {
	pod served
	add served
	assert_ok
	del served
	assert_ok
	pod_gone served
}

# unready WORD...: it could not, for this reason; asking made nothing, and ADD fails
unready() {
	snapshot
	status
	assert_error 50 "$@"
	assert_unchanged
	pod refused
	add refused
	[[ $status -eq 1 ]] || fail "but an ADD is served"
	pod_gone refused
}

@test "a fresh host is ready, and nothing is made" {
	local network
	for network in "$SINGLE" "$DUAL" "$LAYER2"; do
		CONF=$network
		ready
	done
	refute ip link show fb0
	assert_eq "$(ls -A /var/lib/cni)" ""
	assert_eq "$(nft list ruleset)" ""
	assert_eq "$(</proc/sys/net/ipv4/ip_forward)" 0
}

@test "a host with containers is ready" {
	CONF=$DUAL
	pod a
	add a
	assert_ok
	ready
	check a
	assert_ok
}

@test "an exhausted pool is no reason to be unready" {
	CONF=$(conf '.ipam.ranges[0][0].rangeEnd = "10.1.0.2"')
	pod a b
	add a
	add b
	assert_error 102
	ready
}

@test "a pool that can never give an address" {
	local pool

	while read -r pool; do
		CONF=$(conf "$pool")
		unready "no address to give: all of 10.1.0.1-10.1.0.1" "are excluded or the gateway"
	done <<-'END'
		.ipam.ranges[0][0] += {rangeStart: "10.1.0.1", rangeEnd: "10.1.0.1"}
		.ipam.ranges[0][0] += {rangeStart: "10.1.0.1", rangeEnd: "10.1.0.1", gateway: "10.1.0.9"} | .ipam.exclude = ["10.1.0.0/24"]
		.ipam.ranges = [[{subnet: "fd00:1::/64"}], [.ipam.ranges[0][0] + {rangeStart: "10.1.0.1", rangeEnd: "10.1.0.1"}]]
	END
	PLUGIN=host-local
	unready "no address to give"
}

@test "the bridge's name is taken by another kind of device" {
	ip link add fb0 type veth peer name fb0peer
	unready fb0 veth
	ip link del fb0
	ip link add fb0 type bridge
	ready
}

@test "the store cannot be written" {
	mount -o remount,ro /var/lib/cni
	unready /var/lib/cni
	mount -o remount,rw /var/lib/cni
	ready
	mkdir -p "$STORE/net"
	mount -o remount,ro /var/lib/cni
	unready /var/lib/cni
	CONF=$LAYER2
	ready
}

@test "the store's path leads through a file" {
	: >/var/lib/cni/networks
	unready /var/lib/cni
	CONF=$(conf '.ipam.dataDir = "/run/elsewhere/deep"')
	ready
	[[ ! -e /run/elsewhere ]] || fail "STATUS made a folder"
}

@test "the store's folder is a symbolic link, or its lock is one" {
	mkdir -p "$STORE" /run/elsewhere
	ln -s /run/elsewhere "$STORE/net"
	unready "$STORE/net" "symbolic link"
	rm "$STORE/net"
	mkdir "$STORE/net"
	ln -s /run/elsewhere/lock "$STORE/net/lock"
	unready "$STORE/net/lock" "symbolic link" "remove it"
	rm "$STORE/net/lock"
	ready
	serves
}

@test "the store's path leads through a link to nothing" {
	ln -s /nowhere /run/odd
	CONF=$(conf '.ipam.dataDir = "/run/odd/deep"')
	unready /run/odd "link to nothing"
	mkdir /run/target
	ln -sfn /run/target /run/odd
	ready
	serves
}

@test "the store's file system is full: of bytes, of files" {
	mount -t tmpfs -o size=64k tmpfs /var/lib/cni
	cat /dev/zero >/var/lib/cni/filler 2>/dev/null || true
	unready /var/lib/cni full
	rm /var/lib/cni/filler
	ready
	serves
	mount -t tmpfs -o nr_inodes=3 tmpfs /var/lib/cni
	touch /var/lib/cni/{one,two}
	unready /var/lib/cni full
}

@test "the store is locked by another: no reason to be unready, nor to wait" {
	mkdir -p "$STORE/net"
	flock "$STORE/net/lock" sleep 60 3>&- &
	background $!
	eventually test -e "$STORE/net/lock"
	PATIENCE=5 ready
}

@test "resolvConf cannot be read" {
	CONF=$(conf '.ipam.resolvConf = "/run/resolv.conf"')
	unready ipam.resolvConf /run/resolv.conf "No such file"
	mkdir /run/resolv.conf
	unready /run/resolv.conf "regular file"
	rmdir /run/resolv.conf
	: >/run/resolv.conf
	ready
	serves
}

@test "ranges that come with the ADD are not missed" {
	CONF=$(conf 'del(.ipam.ranges) | .capabilities.ipRanges = true')
	ready
	mount -o remount,ro /var/lib/cni
	status
	assert_error 50 /var/lib/cni
	CONF=$(conf 'del(.capabilities)')
	status
	assert_error 7 ipam.ranges
}

@test "the bridge has the address of another network" {
	ip link add fb0 type bridge
	ip addr add 10.7.0.1/24 dev fb0
	unready fb0 10.7.0.1/24 10.1.0.1/24 forceAddress
	CONF=$(conf '.isGateway = false')
	ready
	CONF=$(conf '.isGateway = true | .forceAddress = true')
	ready
	CONF=$(conf '.forceAddress = false | .ipam.ranges += [[{subnet: "10.7.0.0/24"}]]')
	ready
	serves
	# the gateway is there: nothing has to be added
	CONF=$SINGLE
	ready
	serves
}

@test "an address of IPv6 is in the way only where the prefixes overlap" {
	ip link add fb0 type bridge
	ip addr add fd00:7::1/64 dev fb0
	CONF=$DUAL
	ready
	ip addr add fd00:1::7/64 dev fb0
	unready fb0 fd00:1::7/64 fd00:1::1/64
}

@test "forwarding is off, and cannot be turned on" {
	CONF=$DUAL
	mount --bind /proc/sys /proc/sys
	mount -o remount,bind,ro /proc/sys
	unready /proc/sys/net/ipv4/ip_forward
	mount -o remount,bind,rw /proc/sys
	echo 1 >/proc/sys/net/ipv4/ip_forward
	mount -o remount,bind,ro /proc/sys
	unready /proc/sys/net/ipv6/conf/all/forwarding
	CONF=$(jq -c '.isGateway = false' <<<"$DUAL")
	ready
	CONF=$SINGLE
	ready
	serves
}

@test "a host without IPv6 says so of a network with IPv6 ranges" {
	mount -t tmpfs none /proc/sys/net/ipv6 2>/dev/null || skip "nothing can be mounted on /proc/sys/net/ipv6"
	CONF=$DUAL
	unready "kernel has no IPv6" ipv6.disable=1
	assert_error 2 "kernel has no IPv6" ipv6.disable=1
	CONF=$(jq -c '.isGateway = false' <<<"$DUAL")
	status
	assert_error 50 "kernel has no IPv6" ipv6.disable=1
	# each namespace has its own there
	pod a
	in_pod a mount -t tmpfs none /proc/sys/net/ipv6
	add a
	assert_error 2 "kernel has no IPv6" ipv6.disable=1
	refute_anything_left a
	CONF=$SINGLE
	ready
	serves
}

@test "no CAP_NET_ADMIN" {
	local network
	powerless net_admin
	for network in "$SINGLE" "$LAYER2"; do
		CONF=$network
		unready CAP_NET_ADMIN
	done
	directly
	CONF=$SINGLE
	pod a
	add a
	# with a bridge that is there, too
	powerless net_admin
	unready CAP_NET_ADMIN
	CONF=$LAYER2
	unready CAP_NET_ADMIN
}

@test "no CAP_SYS_ADMIN: no container could be entered" {
	powerless sys_admin
	unready CAP_SYS_ADMIN
	PLUGIN=loopback unready CAP_SYS_ADMIN
	PLUGIN=host-local ready
}

@test "the kernel has no bridges, or no veths" {
	without bridge
	unready 'of the kind "bridge"' kernel:
	without veth
	unready 'of the kind "veth"' kernel:
	# the ADD that failed has made the bridge: where one is, none must be made
	without bridge
	ready
	serves
}

# unless_needed WHAT: only ipMasq and macspoofchk miss it
unless_needed() {
	without "$1"
	unready ipMasq nf_tables
	CONF=$(conf '.ipMasq = false | .macspoofchk = true')
	unready macspoofchk nf_tables
	CONF=$(conf '.macspoofchk = false')
	ready
	serves
	pod a
	add a
	assert_ok
	check a
	assert_ok
	gc '[{"containerID": "a", "ifname": "eth0"}]'
	assert_ok
	pod_gone a
	del a
	assert_ok
	# its namespace is gone for good, and its port
	NETNS='' del a
	assert_ok
	refute_anything_left a
}

@test "the kernel has no netfilter: only who needs it is unready" {
	unless_needed netfilter
}

@test "the kernel has no nf_tables: only who needs it is unready" {
	unless_needed nf_tables
}

@test "the IPAM plugin is missing, says no, or has broken down" {
	mkdir "$BATS_TEST_TMPDIR/plugins"
	CNI_PATH=$BATS_TEST_TMPDIR/plugins
	CONF=$(conf '.ipam = {type: "probe"}')
	unready probe "$CNI_PATH"
	printf '#!/bin/sh\necho "{\"code\": 50, \"msg\": \"the daemon sleeps\"}"; exit 1\n' >"$CNI_PATH/probe"
	chmod +x "$CNI_PATH/probe"
	unready "the daemon sleeps"
	printf '#!/bin/sh\nexit 3\n' >"$CNI_PATH/probe"
	unready probe "exit status 3"
	printf '#!/bin/sh\n' >"$CNI_PATH/probe"
	ready
}

@test "a value that ADD would refuse is told as such" {
	local good=$CONF bad
	while read -r code word bad; do
		echo "$bad"
		CONF=$(jq -c "$bad" <<<"$good")
		status
		assert_error "$code" "$word"
		assert_eq "$(ls -A /var/lib/cni)" ""
	done <<-'END'
		7 mtu .mtu = -1
		7 bridge .bridge = "a-name-that-is-too-long"
		7 promiscMode .hairpinMode = true | .promiscMode = true
		7 isGateway .isGateway = "yes"
		7 ranges del(.ipam.ranges)
		7 10.1.0.0/33 .ipam.ranges[0][0].subnet = "10.1.0.0/33"
		7 rangeStart .ipam.ranges[0][0].rangeStart = "10.2.0.1"
		7 dataDir .ipam.dataDir = "leases"
		7 ipam.type .ipam.type = "../probe"
		7 dns .dns = ["192.0.2.53"]
		7 name .name = "a/b"
		7 name del(.name)
		2 ipMasqBackend .ipMasqBackend = "iptables"
	END
	call STATUS bridge '' '' <<<'{"cniVersion": "1.1.0", "name": '
	assert_error 6
	call STATUS bridge '' '' <<<'{"cniVersion": "9.9.9", "name": "net"}'
	assert_error 1 9.9.9
}

# calls_of VERB: how many system calls it takes, in $n; $LOG has them
calls_of() {
	LOG=$BATS_TEST_TMPDIR/log
	through env ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" strace -f -qq -o "$LOG"
	call "$1" bridge '' '' <<<"$(conf '.cniVersion = "1.1.0"')"
	assert_ok
	directly
	n=$(wc -l <"$LOG")
}

@test "asking costs little: no program, few questions, less than twice the calls of VERSION" {
	local network base n
	pod a
	add a
	calls_of VERSION
	base=$n
	for network in "$LAYER2" "$SINGLE" "$DUAL"; do
		CONF=$network
		calls_of STATUS
		echo "VERSION: $base, STATUS: $n"
		[[ $n -lt $((2 * base)) ]] || fail "$n system calls, VERSION has $base"
		assert_eq "$(grep -c 'exec' "$LOG")" 1 "programs"
		# two devices, nf_tables, and for each family the device again and its addresses
		n=$(grep -cE '(sendto|sendmsg)\(' "$LOG")
		[[ $n -le 7 ]] || fail "$n questions"
		assert_eq "$(grep -cE 'O_CREAT|(flock|mkdir(at)?|clone3?|v?fork)\(' "$LOG" || true)" 0 "what leaves traces"
	done
}

@test "before 1.1.0 there is no STATUS" {
	local v
	for v in 0.1.0 0.3.1 0.4.0 1.0.0; do
		NETNS='' call STATUS bridge '' '' <<<"$(conf '.cniVersion = $v' --arg v "$v")"
		assert_error 1 STATUS "$v"
	done
}

@test "STATUS needs neither container, interface nor namespace, and is quick" {
	plugin bridge CNI_COMMAND=STATUS CNI_PATH=/ <<<"$CONF"
	assert_ok
	assert_quick 500
}

@test "host-local and loopback have a STATUS of their own" {
	PLUGIN=host-local
	ready
	mount -o remount,ro /var/lib/cni
	unready /var/lib/cni
	PLUGIN=loopback
	ready
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A node that is switched over while containers run: what the Go plugins made is
# removed by ours, and the other way round.

load helpers

GO=/usr/lib/cni

# the newest version that Debian 12's plugins know
CONF=$(conf '.cniVersion = "1.0.0"')

setup_file() {
	[[ -x $GO/bridge ]] || fail "$GO/bridge is missing: install containernetworking-plugins"
}

# go VERB POD [IFNAME]: the Go bridge with its own IPAM and masquerade
go() {
	FOOTBRIDGE_BIN=$GO call "$1" bridge "$2" "${3-eth0}" <<<"$CONF"
	assert_ok
}

# veths: how many host ends stand on this host
veths() {
	ip -j link show type veth | jq length
}

# chains FAMILY: the chains that the Go bridge has in its iptables
chains() {
	nft list table "$1" nat 2>/dev/null | grep -c 'chain CNI-' || true
}

jumps() {
	nft list chain "$1" nat POSTROUTING 2>/dev/null | grep -c 'jump CNI-' || true
}

# The rules that newer ones make with "ipMasqBackend": "nftables"; Debian's cannot yet.
# go_nft COMMENT ADDRESS
go_nft() {
	nft -f - <<-RULES
		table inet cni_plugins_masquerade {
			chain postrouting {
				type nat hook postrouting priority srcnat;
				ip daddr 224.0.0.0/4 return
				goto masq_checks
			}
			chain masq_checks {
				ip saddr $2 ip daddr != 10.1.0.0/24 masquerade comment "$1"
			}
		}
	RULES
}

# comment NETWORK IFNAME CONTAINER: as they are made
comment() {
	local text

	text="$(printf %s "$1" | sha512sum | cut -c -16)-$(printf %s "$2:$3" | sha512sum | cut -c -16)"
	text="$text, net: $1, if: $2, id: $3"
	echo "${text:0:128}"
}

masq_checks() {
	nft list chain inet cni_plugins_masquerade masq_checks
}

@test "Go adds, ours deletes: link, rules, lease" {
	pod a b
	go ADD a
	go ADD b
	assert_eq "$(veths) $(chains ip) $(jumps ip) $(leases | wc -l)" "2 2 2 2" "before"
	del a
	assert_ok
	assert_eq "$(veths) $(chains ip) $(jumps ip)" "1 1 1" "after"
	assert_eq "$(leases)" 10.1.0.3
	refute in_pod a ip link show eth0
	pings b 10.1.0.1
	del a
	assert_ok
	del b
	assert_ok
	assert_eq "$(veths) $(chains ip) $(jumps ip) $(leases)" "0 0 0 " "after all"
	add a
	assert_ok
	go DEL b
}

@test "of both families" {
	CONF=$(jq -c '.cniVersion = "1.0.0"' <<<"$DUAL")
	pod a
	go ADD a
	assert_eq "$(chains ip) $(chains ip6)" "1 1" "before"
	del a
	assert_ok
	assert_eq "$(veths) $(chains ip) $(jumps ip) $(chains ip6) $(jumps ip6) $(leases)" "0 0 0 0 0 " "after"
}

@test "with the namespace gone: rules and lease" {
	pod a b
	go ADD a
	go ADD b
	pod_gone a
	NETNS='' call DEL bridge a <<<"$CONF"
	assert_ok
	assert_eq "$(chains ip) $(jumps ip) $(leases)" "1 1 10.1.0.3"
	pings b 10.1.0.1
}

@test "the other interface of the same container keeps its rules" {
	pod a
	go ADD a eth0
	go ADD a net1
	assert_eq "$(chains ip) $(jumps ip)" "1 2" "before"
	del a net1
	assert_ok
	assert_eq "$(veths) $(chains ip) $(jumps ip) $(leases)" "1 1 1 10.1.0.2" "after one"
	del a eth0
	assert_ok
	assert_eq "$(veths) $(chains ip) $(jumps ip) $(leases)" "0 0 0 " "after both"
}

@test "a DEL that is repeated takes nothing from the other interface" {
	pod a
	go ADD a eth0
	go ADD a net1
	del a eth0
	assert_ok
	del a eth0
	assert_ok
	assert_eq "$(veths) $(chains ip) $(jumps ip) $(leases)" "1 1 1 10.1.0.3" "after one, twice"
	del a net1
	assert_ok
	assert_eq "$(veths) $(chains ip) $(jumps ip) $(leases)" "0 0 0 " "after both"
}

@test "nor does it where another plugin gives the addresses" {
	mkdir "$BATS_TEST_TMPDIR/ipam"
	cat >"$BATS_TEST_TMPDIR/ipam/fixed" <<-'END'
		#!/bin/bash
		cat >/dev/null
		[[ $CNI_COMMAND != ADD ]] || echo '{"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.'$((5 + ${#CNI_IFNAME} % 4))'/24", "gateway": "10.1.0.1"}]}'
	END
	chmod +x "$BATS_TEST_TMPDIR/ipam/fixed"
	CONF=$(conf '.ipam = {type: "fixed"}')
	export CNI_PATH=$BATS_TEST_TMPDIR/ipam
	pod a
	go ADD a eth0
	go ADD a net10
	assert_eq "$(veths) $(jumps ip)" "2 2" "before"
	del a eth0
	assert_ok
	assert_eq "$(veths) $(jumps ip)" "1 1" "after one"
	del a net10
	assert_ok
	assert_eq "$(veths) $(chains ip) $(jumps ip)" "0 0 0" "after both"
}

@test "rules of which others have taken a part, or that others refer to" {
	pod a b
	CONF=$(conf '.macspoofchk = true')
	go ADD a
	nft flush chain bridge nat cni-br-iface-a-eth0
	nft delete chain bridge nat cni-br-iface-a-eth0-mac
	del a
	assert_ok
	[[ $(nft list table bridge nat) != *cni-br-iface-a* ]] || fail "$(nft list table bridge nat)"
	CONF=$(conf '.macspoofchk = false')
	go ADD b
	iptables-nft -t nat -N MINE
	iptables-nft -t nat -A MINE -j "$(iptables-nft -t nat -S | sed -n 's/^-N \(CNI-.*\)/\1/p')"
	del b
	assert_ok
	assert_eq "$(veths) $(jumps ip) $(leases)" "0 0 " "what is left"
	[[ $(iptables-nft -t nat -S MINE) == *"-j CNI-"* ]] || fail "what others have is gone"
}

@test "a kernel without nf_tables: a DEL that is repeated succeeds" {
	CONF=$(conf '.ipMasq = false')
	pod a
	add a
	assert_ok
	pod_gone a
	del a
	mkdir "$BATS_TEST_TMPDIR/bare"
	printf '#!/bin/bash\nexec env ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" strace -qq -o /dev/null -e trace=socket -e inject=socket:error=EPROTONOSUPPORT:when=2+ %q\n' \
		"$FOOTBRIDGE_BIN/bridge" >"$BATS_TEST_TMPDIR/bare/bridge"
	chmod +x "$BATS_TEST_TMPDIR/bare/bridge"
	NETNS='' FOOTBRIDGE_BIN=$BATS_TEST_TMPDIR/bare del a
	assert_ok
}

# stopping: from now on a DEL stops once, between its look at the rules and their end
stopping() {
	gcc -shared -fPIC -O1 -o "$BATS_TEST_TMPDIR/stopping.so" -x c - -ldl <<-'END'
		#define _GNU_SOURCE
		#include <dlfcn.h>
		#include <linux/netfilter/nf_tables.h>
		#include <linux/netfilter/nfnetlink.h>
		#include <linux/netlink.h>
		#include <signal.h>
		#include <sys/socket.h>

		static int stopped;

		ssize_t sendto(int fd, const void *buf, size_t len, int flags,
			       const struct sockaddr *to, socklen_t to_len)
		{
			ssize_t (*real)(int, const void *, size_t, int, const struct sockaddr *,
					socklen_t) = dlsym(RTLD_NEXT, "sendto");
			const struct nlmsghdr *message = buf;

			if (message->nlmsg_type == NFNL_MSG_BATCH_BEGIN && !stopped) {
				message = (const void *)((const char *)buf + NLMSG_ALIGN(message->nlmsg_len));
				if (message->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELRULE)) {
					stopped = 1;
					raise(SIGSTOP);
				}
			}
			return real(fd, buf, len, flags, to, to_len);
		}
	END
	mkdir "$BATS_TEST_TMPDIR/stopping"
	printf '#!/bin/bash\necho $$ >%q\nexec env LD_PRELOAD=%q ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" %q\n' \
		"$BATS_TEST_TMPDIR/pid" "$BATS_TEST_TMPDIR/stopping.so" "$FOOTBRIDGE_BIN/bridge" >"$BATS_TEST_TMPDIR/stopping/bridge"
	chmod +x "$BATS_TEST_TMPDIR/stopping/bridge"
}

has_stopped() {
	[[ $(cut -d' ' -f3 "/proc/$(<"$BATS_TEST_TMPDIR/pid")/stat") == T ]]
}

@test "a firewall is reloaded between the look at the rules and their end: no other rule goes" {
	local i

	pod a
	go ADD a
	go_nft "$(comment net eth0 a)" 10.1.0.2
	# each handle is another rule's then
	{
		echo "delete table inet cni_plugins_masquerade"
		echo "table inet cni_plugins_masquerade { chain masq_checks {"
		for i in {1..20}; do
			echo "ip saddr 10.9.0.$i masquerade"
		done
		echo "ip saddr 10.1.0.2 ip daddr != 10.1.0.0/24 masquerade comment \"$(comment net eth0 a)\""
		echo "}; }"
	} >"$BATS_TEST_TMPDIR/reloaded"
	stopping
	(
		FOOTBRIDGE_BIN=$BATS_TEST_TMPDIR/stopping del a
		assert_ok
	) &
	eventually has_stopped 2>/dev/null
	nft -f "$BATS_TEST_TMPDIR/reloaded"
	kill -CONT "$(<"$BATS_TEST_TMPDIR/pid")"
	wait $!
	assert_eq "$(masq_checks | grep -c 10.9.0.) $(masq_checks | grep -c 10.1.0.2)" "20 0"
	assert_eq "$(veths) $(chains ip) $(leases)" "0 0 "
}

@test "its nftables rules go by their comment, and only these" {
	local long=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef

	pod a
	go ADD a
	go_nft "$(comment net eth0 a)" 10.1.0.2
	go_nft "$(comment net eth0 ab)" 10.1.0.3
	go_nft "$(comment net eth1 a)" 10.1.0.4
	go_nft "$(comment nets eth0 a)" 10.1.0.5
	go_nft "a, net: net, if: eth0, id: a" 10.1.0.6
	del a
	assert_ok
	assert_eq "$(masq_checks | grep -o 'saddr [0-9.]*' | tr '\n' ' ')" \
		"saddr 10.1.0.3 saddr 10.1.0.4 saddr 10.1.0.5 saddr 10.1.0.6 "

	# the comments of two containers whose long IDs begin alike are cut to the same
	# words; with the address that is leased there is no doubt
	CONF=$(conf '.name = "a-network-of-some-length"')
	CONTAINER=${long}1 go ADD a
	go_nft "$(comment a-network-of-some-length eth0 "${long}1")" 10.1.0.2
	go_nft "$(comment a-network-of-some-length eth0 "${long}2")" 10.1.0.7
	CONTAINER=${long}1 del a
	assert_ok
	refute_lists 10.1.0.2 masq_checks
	assert_in "$(masq_checks)" 10.1.0.7
}

@test "its rules of macspoofchk go, and only these" {
	CONF=$(conf '.cniVersion = "1.0.0" | .macspoofchk = true')
	pod a b
	go ADD a
	go ADD b
	nft add rule bridge nat PREROUTING iifname other accept comment '"macspoofchk-a-eth0"'
	assert_eq "$(nft list table bridge nat | grep -c 'chain cni-br-iface')" 4 "before"
	del a
	assert_ok
	refute_lists iface-a-eth0 nft list table bridge nat
	assert_in "$(nft list table bridge nat)" "cni-br-iface-b-eth0-mac" "iifname \"other\""
	go DEL b
}

@test "a link that is not the bridge's is not touched" {
	pod a b
	# a veth to the host, but no port of our bridge
	ip link add outer0 type veth peer name eth0 netns a
	# a veth to a third namespace, where its peer has the number of a port here
	go ADD b
	ip netns add other
	pod c
	ip -n other link add outer0 index "$(link .ifindex "$(host_veth b)")" \
		type veth peer name eth0 index "$(pod_link b .ifindex)" netns c
	# and which knows our namespace by a number, too
	ip link add outer1 type veth peer name net1 netns c
	in_pod c ip link show net1
	snapshot
	del a
	assert_ok
	in_pod a ip link show eth0
	del c
	assert_ok
	in_pod c ip link show eth0
	assert_unchanged
}

@test "its CHECK is ours, too" {
	local port

	pod a
	FOOTBRIDGE_BIN=$GO add a
	assert_ok
	port=$(result '.interfaces[1].name')
	check a
	assert_ok
	ip link set "$port" down
	check a
	assert_error 103 "the bridge port $port is down"
	ip link set "$port" up
	ip -n a route del default
	check a
	assert_error 103 "lacks the route"
	ip -n a link set eth0 address 02:00:00:00:00:09
	check a
	assert_error 103 "eth0 in the container has the MAC"
	ip -n a link del eth0
	check a
	assert_error 103 eth0 gone
}

# only_a_takes_it: a DEL that ended well has left a its link and its lease, which go with its own
only_a_takes_it() {
	assert_ok
	in_pod a ip link show eth0 >/dev/null
	assert_eq "$(leases)" 10.1.0.2
	del a
	assert_ok
	refute in_pod a ip link show eth0
}

@test "whoever comes with another's namespace takes nothing from it" {
	pod a
	go ADD a
	CONTAINER=stranger del a
	only_a_takes_it
}

@test "nor does one of the network whose namespace's path leads into another's by now" {
	pod a b
	go ADD a
	go ADD b
	pod_gone b
	NETNS=/run/netns/a del b
	only_a_takes_it
}

@test "a store that cannot be read keeps no link" {
	pod a
	go ADD a
	mv "$STORE/net" "$STORE/elsewhere"
	ln -s elsewhere "$STORE/net"
	CONF=$(conf '.ipam = {}') del a
	assert_ok
	assert_in "$err" "$STORE/net" "symbolic link"
	refute in_pod a ip link show eth0
}

@test "a refused ADD does not take over what is alive" {
	pod a
	go ADD a
	snapshot
	add a
	assert_error 101
	assert_unchanged
	# nor without a lease to be in the way
	rm "$STORE/net/10.1.0.2"
	snapshot
	CONF=$(jq -c '.cniVersion = "1.0.0"' <<<"$LAYER2")
	add a
	assert_error 101 eth0
	assert_unchanged
	in_pod a ip link show eth0
}

@test "rules of iptables-legacy remain, and that is said once" {
	mkdir /run/legacy
	ln -s /usr/sbin/iptables-legacy /run/legacy/iptables
	iptables-legacy -t nat -L >/dev/null 2>&1 || skip "no iptables-legacy in this kernel"
	pod a
	PATH=/run/legacy:$PATH go ADD a
	del a
	assert_ok
	assert_in "$err" "iptables-legacy" "a/eth0"
	assert_eq "$(veths) $(leases)" "0 "
	iptables-legacy -t nat -S | grep -q 'jump\|-j CNI-'
	del a
	assert_ok
	assert_eq "$err" ""
}

@test "where nobody reads stderr DEL does not wait for it" {
	local began

	mkdir /run/legacy
	ln -s /usr/sbin/iptables-legacy /run/legacy/iptables
	iptables-legacy -t nat -L >/dev/null 2>&1 || skip "no iptables-legacy in this kernel"
	pod a
	PATH=/run/legacy:$PATH go ADD a
	mkfifo /run/stderr
	exec 8<>/run/stderr
	dd if=/dev/zero of=/run/stderr bs=4096 oflag=nonblock 2>/dev/null || true
	began=$SECONDS
	timeout 20 env CNI_COMMAND=DEL CNI_CONTAINERID=a CNI_NETNS=/run/netns/a CNI_IFNAME=eth0 CNI_PATH="$FOOTBRIDGE_BIN" \
		"$FOOTBRIDGE_BIN/bridge" <<<"$CONF" 2>&8 || fail "exit status $? after $((SECONDS - began)) s"
	exec 8>&-
	assert_eq "$(veths) $(leases)" "0 "
}

@test "the way back: what ours made is deleted by the Go bridge, what is left by our GC" {
	pod a b
	add a
	assert_ok
	# it stumbles over a chain that it did not make, when link and lease are gone
	FOOTBRIDGE_BIN=$GO call DEL bridge a <<<"$CONF"
	assert_eq "$(leases)" ""
	refute in_pod a ip link show eth0
	go DEL a
	# the address can be given again, to either
	rm "$STORE/net/last_reserved_ip.0"
	go ADD b
	go DEL b
	rm "$STORE/net/last_reserved_ip.0"
	add b
	assert_ok
	pings b 10.1.0.1
	gc '[{"containerID": "b", "ifname": "eth0"}]'
	assert_ok
	refute_anything_left a
	check b
	assert_ok
}

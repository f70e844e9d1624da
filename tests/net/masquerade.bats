#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Masquerade, shown by packets: who is seen as their sender.

load helpers

# added POD
added() {
	pod "$1"
	add "$1"
	assert_ok
}

# table: our nft table as nft writes it
table() {
	nft -s list table inet footbridge
}

# bats test_tags=quick
@test "IPv4: the outside sees the host" {
	outside
	watch_sources outside
	added a
	pings a 198.51.100.2
	assert_eq "$(sources outside)" 198.51.100.1
}

# bats test_tags=quick
@test "IPv6: the outside sees the host" {
	CONF=$DUAL
	outside
	watch_sources outside
	added a
	pings a 198.51.100.2
	pings a 2001:db8:51::2
	assert_eq "$(sources outside | tr '\n' ' ')" "198.51.100.1 2001:db8:51::1 "
}

@test "UDP and TCP too" {
	CONF=$DUAL
	outside
	watch_sources outside
	added a
	for address in 198.51.100.2 2001:db8:51::2; do
		in_pod a bash -c "echo x >/dev/udp/$address/99"
		in_pod a timeout 1 bash -c "echo x >/dev/tcp/$address/99" 2>/dev/null || true
	done
	eventually both_seen
}

both_seen() {
	seen=${seen-}$(sources outside | tr '\n' ' ')
	[[ $seen == *198.51.100.1\ * && $seen == *2001:db8:51::1\ * && $seen != *10.1.0* && $seen != *fd00* ]]
}

@test "without ipMasq the outside sees the pod" {
	CONF=$(jq -c '.ipMasq = false' <<<"$DUAL")
	outside
	watch_sources outside
	added a
	refute pings a 198.51.100.2
	refute pings a 2001:db8:51::2
	assert_eq "$(sources outside | tr '\n' ' ')" "10.1.0.2 fd00:1::2 "
	assert_eq "$(nft list ruleset)" ""
}

@test "ipMasq is each network's own" {
	outside
	watch_sources outside
	added a
	CONF=$(conf '.name = "open" | .bridge = "fb1" | .ipMasq = false | .ipam.ranges[0][0].subnet = "10.2.0.0/24"')
	added b
	pings a 198.51.100.2
	refute pings b 198.51.100.2
	assert_eq "$(sources outside | tr '\n' ' ')" "10.2.0.2 198.51.100.1 "
}

# bats test_tags=quick
@test "a pod of the same subnet sees the pod, bridged or routed" {
	CONF=$DUAL
	added a
	added b
	watch_sources b
	pings a 10.1.0.3
	pings a fd00:1::3
	assert_eq "$(sources b | tr '\n' ' ')" "10.1.0.2 fd00:1::2 "
	# the other way round the host: through its postrouting hook
	ip -n a route add 10.1.0.3/32 via 10.1.0.1
	ip -n a -6 route add fd00:1::3/128 via fd00:1::1
	ip -n b route add 10.1.0.2/32 via 10.1.0.1
	ip -n b -6 route add fd00:1::2/128 via fd00:1::1
	pings a 10.1.0.3
	pings a fd00:1::3
	assert_eq "$(sources b | tr '\n' ' ')" "10.1.0.2 fd00:1::2 "
}

@test "the host sees the pod" {
	CONF=$DUAL
	added a
	nft -f - <<-'RULES'
		table inet seen {
			chain input {
				type filter hook input priority 0;
				ip saddr 10.1.0.2 icmp type echo-request counter
				ip6 saddr fd00:1::2 icmpv6 type echo-request counter
			}
		}
	RULES
	pings a 10.1.0.1
	pings a fd00:1::1
	assert_eq "$(nft list table inet seen | grep -c 'counter packets 1 ')" 2
}

@test "a pod of another network sees the host" {
	added a
	CONF=$(conf '.name = "other" | .bridge = "fb1" | .ipam.ranges[0][0].subnet = "10.2.0.0/24"')
	added b
	watch_sources b
	pings a 10.2.0.2
	assert_eq "$(sources b)" 10.2.0.1
}

@test "multicast keeps its sender" {
	CONF=$DUAL
	outside
	watch_sources outside
	added a
	# the host itself sends with the pod's addresses, since it forwards no multicast
	ip addr add 10.1.0.2/32 dev out0
	ip addr add fd00:1::2/128 dev out0 nodad
	ip route add 239.0.0.0/8 dev out0
	ip -6 route add multicast ff0e::/16 dev out0 table local
	busybox ping -c 1 -W 1 -I 10.1.0.2 198.51.100.2 || true
	busybox ping -c 1 -W 1 -I fd00:1::2 2001:db8:51::2 || true
	assert_eq "$(sources outside | tr '\n' ' ')" "198.51.100.1 2001:db8:51::1 " "unicast, for comparison"
	busybox ping -c 1 -W 1 -I 10.1.0.2 239.1.2.3 || true
	busybox ping -c 1 -W 1 -I fd00:1::2 ff0e::77 || true
	assert_eq "$(sources outside | tr '\n' ' ')" "10.1.0.2 fd00:1::2 "
}

@test "two sets in one family: each address is masqueraded" {
	CONF=$(conf '.ipam.ranges += [[{subnet: "10.3.0.0/16"}]]')
	outside
	watch_sources outside
	added a
	for source in 10.1.0.2 10.3.0.2; do
		pings a 198.51.100.2 -I "$source"
		assert_eq "$(sources outside)" 198.51.100.1 "the outside's view of $source"
	done
	del a
	refute_anything_left a
}

@test "two ranges in one set: each pod is masqueraded, whichever it got" {
	CONF=$(conf '.isGateway = false | .ipam.ranges = [[
		{subnet: "10.1.0.0/24", rangeStart: "10.1.0.9", rangeEnd: "10.1.0.9"}, {subnet: "10.3.0.0/16"}]]')
	outside
	watch_sources outside
	ip link add fb0 type bridge
	ip addr add 10.1.0.1/24 dev fb0
	ip addr add 10.3.0.1/16 dev fb0
	sysctl -qw net.ipv4.ip_forward=1
	for p in a b; do
		added "$p"
		pings "$p" 198.51.100.2
		assert_eq "$(sources outside)" 198.51.100.1
	done
	assert_eq "$(pod_ip b)" 10.3.0.2
}

# bats test_tags=quick
@test "the table is as it should be" {
	local golden=$FOOTBRIDGE_TOP/testdata/nft/masq.nft

	CONF=$DUAL
	added a
	added b
	add b net1
	CONF=$(conf '.name = "other.net-1" | .bridge = "fb1" |
		.ipam.ranges = [[{subnet: "10.2.0.0/16"}], [{subnet: "10.4.0.128/25"}], [{subnet: "fd00:2::/48"}]]')
	added c
	# as this machine's nft writes the one and the other
	pod reference
	in_pod reference nft -f "$golden"
	table | diff <(in_pod reference nft -s list ruleset) - || fail "not as in $golden"
}

@test "DEL takes the elements; table, sets and rules stay and are used again" {
	local before

	CONF=$DUAL
	added a
	del a
	before=$(table)
	added b
	del b
	assert_eq "$(table)" "$before"
	[[ $before != *elements* ]] || fail "an element is left"
	assert_eq "$(grep -c masquerade <<<"$before")" 2 "rules"
}

@test "DEL takes the elements though ipMasq is off by now" {
	added a
	CONF=$(conf '.ipMasq = false')
	del a
	assert_ok
	refute_anything_left a
}

@test "many pods: one rule for each network and subnet" {
	local i

	CONF=$DUAL
	for i in {1..12}; do
		added "p$i"
	done
	assert_eq "$(table | grep -c masquerade)" 2
	for i in {1..12}; do
		assert_in "$(table)" "\"p$i/eth0\""
	done
}

@test "a flushed ruleset is made again by the next ADD" {
	outside
	watch_sources outside
	added a
	nft flush ruleset
	added b
	pings b 198.51.100.2
	assert_eq "$(sources outside)" 198.51.100.1
	nft flush ruleset
	del a
	assert_ok
	del b
	assert_ok
	refute_anything_left a
}

@test "a ruleset that nft saved and loaded again is as good as before" {
	CONF=$DUAL
	outside
	watch_sources outside
	added a
	nft list ruleset >"$BATS_TEST_TMPDIR/saved"
	nft flush ruleset
	nft -f "$BATS_TEST_TMPDIR/saved"
	check a
	assert_ok
	added b
	check b
	assert_ok
	assert_eq "$(table | grep -c masquerade)" 2 "rules"
	pings a 198.51.100.2
	assert_eq "$(sources outside)" 198.51.100.1
	del a
	assert_ok
	refute_anything_left a
}

@test "an element left over for an address does not stop its next holder" {
	added a
	nft list table inet footbridge >"$BATS_TEST_TMPDIR/table"
	del a
	{ echo 'flush ruleset'; cat "$BATS_TEST_TMPDIR/table"; } | nft -f -
	CONF=$(conf '.runtimeConfig = {ips: ["10.1.0.2"]}')
	added b
	assert_in "$(table)" '"b/eth0"'
	[[ $(table) != *'"a/eth0"'* ]] || fail "the old owner is left"
	check b
	assert_ok
}

@test "an address that its former holder has no more is not kept by the element" {
	CONF=$(conf '.ipam.order = "lowest"')
	added a
	added b
	ip netns del b
	rm "$STORE/net/10.1.0.3"
	del a
	added b
	assert_eq "$(pod_ip b)" 10.1.0.2
	pod c
	add c
	if answers_for_others; then
		assert_ok
		assert_eq "$(pod_ip c)" 10.1.0.3
		check c
		assert_ok
	else # for all that can be known it is still b's
		assert_error 101 "10.1.0.3" "b/eth0"
	fi
}

@test "two who have one address: the second is refused" {
	added a
	rm "$STORE/net/10.1.0.2"
	pod b
	CONF=$(conf '.args.cni.ips = ["10.1.0.2"]')
	add b
	assert_error 101 "10.1.0.2" "a/eth0, which has it"
	pings a 10.1.0.1
}

# neighbour POD ADDRESS: print the MAC that it knows of it
neighbour() {
	ip -n "$1" -j neigh show "$2" | jq -r '.[].lladdr'
}

@test "who is refused an address has not announced it" {
	local mac

	added a
	added c
	pings c 10.1.0.2
	mac=$(neighbour c 10.1.0.2)
	assert_eq "$mac" "$(pod_link a .address)"
	rm "$STORE/net/10.1.0.2"
	pod b
	CONF=$(conf '.args.cni.ips = ["10.1.0.2"] | .runtimeConfig.mac = "02:00:5e:00:53:01"')
	add b
	assert_error 101 "10.1.0.2" "a/eth0, which has it"
	assert_eq "$(neighbour c 10.1.0.2)" "$mac"
	pings c 10.1.0.2
	# one that is not refused is heard of
	ip netns del a
	NETNS='' del a
	add b
	assert_ok
	assert_eq "$(neighbour c 10.1.0.2)" 02:00:5e:00:53:01
}

@test "a container that died is masqueraded no more, though nobody is by now" {
	added a
	ip netns del a
	pod a
	CONF=$(conf '.ipMasq = false')
	add a
	assert_ok
	assert_eq "$(pod_ip a)" 10.1.0.2
	refute_lists elements table
}

@test "a rule of somebody else about our set stays, and is not taken for ours" {
	added a
	nft insert rule inet footbridge postrouting \
		ip saddr @n-net-10.1.0.0/24 ip daddr 192.0.2.0/24 accept
	# an edit that the network's record tells of
	CONF=$(conf '.ipMasqExclude = ["203.0.113.0/24"]')
	added b
	footbridge restore
	assert_eq "$status" 0 "exit status"
	grep -q 'ip daddr 192.0.2.0/24 accept' < <(table) || fail "the rule is gone"
	check b
	assert_ok
	nft -a list chain inet footbridge postrouting | sed -n 's/.*masquerade.* handle \(.*\)/\1/p' |
		xargs nft delete rule inet footbridge postrouting handle
	check b
	assert_error 103 "rule of set"
	footbridge list --json
	assert_eq "$(result '.[0].addresses[0].masqueraded')" false
}

@test "a table that is dormant: CHECK and doctor say so, restore wakes it, and who makes it anew" {
	outside
	watch_sources outside
	added a
	nft add table inet footbridge '{ flags dormant; }'
	check a
	assert_error 103 "table inet footbridge" dormant
	footbridge list --json
	assert_eq "$(result '.[0].addresses[0].masqueraded')" false
	footbridge doctor
	assert_eq "$status" 1 "doctor's exit status"
	footbridge restore
	assert_eq "$status" 0 "restore's exit status"
	check a
	assert_ok
	pings a 198.51.100.2
	assert_eq "$(sources outside)" 198.51.100.1
	assert_eq "$(table | grep -c masquerade)" 1 "rules"
	nft delete table inet footbridge
	nft add table inet footbridge '{ flags dormant; }'
	added b
	check b
	assert_ok
}

@test "a chain of our name that is not ours: ADD says so, and how to go on" {
	nft add table inet footbridge
	nft add chain inet footbridge postrouting '{ type filter hook postrouting priority 0; }'
	pod a
	add a
	assert_error 101 "postrouting" "not ours" "nft delete chain inet footbridge postrouting"
	refute_anything_left a
	nft delete chain inet footbridge postrouting
	nft add chain inet footbridge postrouting
	add a
	assert_error 101 "not ours"
	nft delete chain inet footbridge postrouting
	added b
	# nor can what is there already be mended
	nft flush chain inet footbridge postrouting
	nft delete chain inet footbridge postrouting
	nft add chain inet footbridge postrouting '{ type nat hook postrouting priority 90; }'
	footbridge restore
	assert_in "$err" "not ours" "nft delete chain inet footbridge postrouting"
	nft delete chain inet footbridge postrouting
	footbridge restore
	assert_eq "$status" 0
	check b
	assert_ok
}

@test "rules of others are left alone" {
	nft add table inet other
	nft 'add chain inet other post { type nat hook postrouting priority 90; policy accept; }'
	nft add rule inet other post ip saddr 192.0.2.0/24 masquerade comment '"theirs"'
	nft add table ip nat
	local before
	before=$(nft list table inet other)
	added a
	del a
	assert_eq "$(nft list table inet other)" "$before"
	nft list table ip nat
}

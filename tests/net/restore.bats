#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `footbridge restore`: what a firewall reload took comes back.

load helpers

RECORDS=/run/footbridge/networks

# added POD
added() {
	[[ -e /run/netns/$1 ]] || pod "$1"
	add "$1"
	assert_ok
}

assert_restored() {
	[[ $status -eq 0 && -z $err ]] || fail "restore said: $err"
}

reload() {
	nft flush ruleset
	sysctl -qw net.ipv4.ip_forward=0
	sysctl -qw net.ipv6.conf.all.forwarding=0
}

table() {
	nft -s list table inet footbridge
}

# The kernel lists sets and rules in the order of their birth.
table_sorted() {
	table | tr -d ',\t ' | sort
}

@test "set elements, rules and forwarding are put back" {
	local before

	CONF=$DUAL
	outside
	watch_sources outside
	added a
	added b
	add b net1
	assert_ok
	before=$(table_sorted)
	reload
	refute pings a 198.51.100.2
	check a
	assert_error 103
	footbridge restore
	assert_restored
	assert_in "$out" 'net: 3 attached' 'net a/eth0: restored ' 10.1.0.2 fd00:1::2 \
		'net b/eth0: restored ' 'net b/net1: restored '
	assert_eq "$(wc -l <<<"$out")" 4 "lines"
	assert_eq "$(table_sorted)" "$before"
	for p in a b; do
		pings "$p" 198.51.100.2
		assert_eq "$(sources outside)" 198.51.100.1
		pings "$p" 2001:db8:51::2
		assert_eq "$(sources outside)" 2001:db8:51::1
	done
	check a
	assert_ok
}

@test "forwarding is turned on also where another IPAM plugin gives the addresses" {
	CONF=$(conf '.cniVersion = "1.0.0" | .ipMasq = false | .ipam = {type: "static",
		addresses: [{address: "10.1.0.9/24", gateway: "10.1.0.1"}]}')
	CNI_PATH=/usr/lib/cni added a
	# of a family that the network has not, nobody is to turn it on
	ip -n a addr add fd00:9::9/64 dev eth0 nodad
	reload
	footbridge restore
	assert_restored
	assert_in "$out" "net: 1 attached, forwarding on"
	assert_eq "$(sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding | xargs)" "1 0"
}

@test "the container does not choose what is masqueraded" {
	local before

	added a
	before=$(table_sorted)
	ip -n a addr del 10.1.0.2/24 dev eth0
	ip -n a addr add 10.1.0.2/8 dev eth0
	reload
	footbridge restore
	assert_restored
	assert_eq "$(table_sorted)" "$before"
}

@test "what is in order stays as it is" {
	local before

	CONF=$(conf '.ipMasqExclude = ["203.0.113.0/24"]')
	added a
	before=$(nft -a list ruleset)
	footbridge restore
	assert_restored
	assert_in "$out" 'in order'
	assert_eq "$(nft -a list ruleset)" "$before"
	reload
	footbridge restore
	before=$(nft -a list ruleset)
	footbridge restore
	assert_restored
	assert_eq "$(nft -a list ruleset)" "$before"
}

@test "a lost rule, set or element alone is put back too" {
	local before

	CONF=$(conf '.ipMasqExclude = ["203.0.113.0/24"]')
	added a
	added b
	before=$(table_sorted)
	nft flush chain inet footbridge postrouting
	footbridge restore
	assert_restored
	assert_eq "$(table_sorted)" "$before" "after the rule was lost"
	nft delete element inet footbridge n-net-10.1.0.0/24 '{ 10.1.0.2 }'
	footbridge restore
	assert_restored
	assert_eq "$(table_sorted)" "$before" "after an element was lost"
	nft flush chain inet footbridge postrouting
	nft delete chain inet footbridge postrouting
	footbridge restore
	assert_restored
	assert_eq "$(table_sorted)" "$before" "after the chain was lost"
}

@test "the bridge has a second address in the subnet, and a narrower one" {
	local before

	added a
	ip addr add 10.1.0.5/29 dev fb0
	added b
	before=$(table_sorted)
	reload
	footbridge restore
	assert_restored
	assert_eq "$(table_sorted)" "$before"
	check a
	assert_ok
}

@test "a bridge of one's own, whose subnet is wider than the network's" {
	local before

	ip link add fb0 up type bridge
	ip addr add 10.1.0.1/16 dev fb0
	CONF=$(conf '.isGateway = false')
	added a
	before=$(table_sorted)
	footbridge restore
	assert_restored
	assert_eq "$(table_sorted)" "$before" "where nothing was lost"
	reload
	footbridge restore
	assert_restored
	assert_eq "$(table_sorted)" "$before"
	check a
	assert_ok
}

@test "as many ranges as there may be, and the longest" {
	local before

	CONF=$(conf '.ipam.ranges = [[{subnet: "10.1.0.0/24"}], [range(1023) | (4096 + .) as $n |
		"fd00:1111:2222:" + ([$n / 4096 % 16, $n / 256 % 16, $n / 16 % 16, $n % 16] |
			map(floor | "0123456789abcdef"[.:. + 1]) | add) |
		{subnet: (. + "::/64"), rangeStart: (. + ":aaaa:bbbb:cccc:dddd"),
			rangeEnd: (. + ":eeee:eeee:eeee:eeee")}]]')
	added a
	before=$(table_sorted)
	reload
	footbridge restore
	assert_restored
	assert_eq "$(table_sorted)" "$before"
}

@test "each network gets what it asks for" {
	outside
	watch_sources outside
	in_pod outside ip route add 10.0.0.0/8 via 198.51.100.1
	CONF=$(conf '.ipMasqExclude = ["198.51.100.2"]')
	added a
	CONF=$(jq -c '.name = "bare" | .bridge = "fb1" | .ipMasq = false |
		.ipam.ranges[0][0].subnet = "10.2.0.0/24"' <<<"$SINGLE")
	added b
	CONF=$(jq -c '.name = "four" | .bridge = "fb2" | .ipMasqFamilies = ["ipv4"] |
		.ipam.ranges = [[{subnet: "10.3.0.0/24"}], [{subnet: "fd00:3::/64"}]] |
		.ipam.dataDir = "/run/leases"' <<<"$DUAL")
	added c
	CONF=$(jq -c '.name = "flat" | .bridge = "fb3"' <<<"$LAYER2")
	added d
	reload
	footbridge restore
	assert_restored
	for p in 'a 10.1.0.2' 'b 10.2.0.2' 'c 198.51.100.1'; do
		pings "${p% *}" 198.51.100.2
		assert_eq "$(sources outside)" "${p#* }"
	done
	[[ $(table) != *fd00* ]] || fail "IPv6 of the network four is masqueraded"
	assert_in "$out" 'four c/eth0' 'bare: 1 attached' 'flat: 1 attached'
	[[ $out != *'bare b/eth0'* ]] || fail "there is nothing to restore for b"
}

@test "the dead get nothing" {
	CONF=$DUAL
	added a
	added b
	added c
	pod_gone b
	ip link set "$(host_veth c)" nomaster
	reload
	eventually gone
	footbridge restore
	assert_restored
	assert_in "$(table)" '"a/eth0"'
	[[ $(table) != *'"b/eth0"'* ]] || fail "b has a set element"
	[[ $(table) != *'"c/eth0"'* ]] || fail "c has a set element"
}

gone() {
	[[ $(ip -j link | jq '[.[] | select(.ifalias // "" | endswith("/b/eth0"))] | length') -eq 0 ]]
}

@test "after restore DEL takes everything, and the next ADD works" {
	added a
	reload
	footbridge restore
	added b
	check b
	assert_ok
	del a
	assert_ok
	del b
	assert_ok
	refute_anything_left a
	refute_anything_left b
	assert_eq "$(table | grep -c masquerade)" 1 "rules"
}

@test "an ID that is too long for the kernel's names is found by its lease" {
	local CONTAINER

	CONTAINER=$(printf 'c%.0s' {1..200})
	added a
	reload
	footbridge restore
	assert_restored
	check a
	assert_ok
}

@test "what cannot be restored is said" {
	added a
	CONF=$(conf '.name = "other" | .bridge = "fb1" | .ipam.ranges[0][0].subnet = "10.2.0.0/24"')
	added b
	CONF=$(conf '.name = "third" | .bridge = "fb2" | .ipam.ranges[0][0].subnet = "10.3.0.0/24"')
	added c
	CONF=$(conf '.name = "fourth" | .bridge = "fb4" | .ipam.ranges[0][0].subnet = "10.4.0.0/24"')
	added d
	CONF=$(jq -c '.ipam.ranges[0][0].subnet = "10.5.0.0/24" | .forceAddress = true' <<<"$CONF")
	added f
	reload
	rm "$RECORDS/other" "$STORE/third/10.3.0.2"
	ip addr flush dev fb4
	in_pod d ip addr flush dev eth0
	echo '{' >"$RECORDS/broken"
	footbridge restore
	assert_eq "$status" 1
	assert_in "$out" 'net a/eth0: restored 10.1.0.2'
	assert_in "$err" 'footbridge:other/b/eth0: its network is not known' 'third c/eth0: it has no lease' \
		"broken: $RECORDS/broken: " 'fourth d/eth0' 10.4.0.2
	# the next ADD on such a network makes it known again
	CONF=$(jq -c '.name = "other" | .bridge = "fb1" | .ipam.ranges[0][0].subnet = "10.2.0.0/24"' <<<"$SINGLE")
	rm "$RECORDS/broken"
	added e
	footbridge restore
	assert_in "$out" 'other b/eth0: restored 10.2.0.2' 'other e/eth0: in order 10.2.0.3'
}

@test "without anything there is nothing to do" {
	footbridge restore
	assert_restored
	assert_eq "$out" ""
	assert_eq "$(nft list ruleset)" ""
}

@test "the record is written once, and again when the configuration changes" {
	local before

	added a
	jq -e '.name == "net" and .bridge == "fb0" and .isGateway and .ipMasq' "$RECORDS/net"
	before=$(stat -c '%i %y' "$RECORDS/net")
	added b
	assert_eq "$(stat -c '%i %y' "$RECORDS/net")" "$before"
	CONF=$(conf '.ipMasq = false')
	added c
	[[ $(stat -c '%i %y' "$RECORDS/net") != "$before" ]] || fail "it is the old one still"
	assert_eq "$(ls -A "$RECORDS")" net
}

@test "whoever is killed while a record takes another's place leaves it to the next" {
	local edit

	added a
	for edit in 1 2 3; do
		CONF=$(conf '.ipMasqExclude = ["192.0.2.\($edit)/32"]' --arg edit "$edit")
		pod "p$edit"
		refute env CNI_COMMAND=ADD CNI_CONTAINERID="p$edit" CNI_NETNS="/run/netns/p$edit" \
			CNI_IFNAME=eth0 CNI_PATH="$FOOTBRIDGE_BIN" \
			ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" strace -qq -o /dev/null \
			-e trace=rename -e inject=rename:signal=KILL "$FOOTBRIDGE_BIN/bridge" <<<"$CONF"
		del "p$edit"
		assert_ok
		assert_eq "$(find "$RECORDS" -type f | wc -l)" 2
	done
	added b
	assert_eq "$(ls -A "$RECORDS")" net
	jq -e '.ipMasqExclude == ["192.0.2.3/32"]' "$RECORDS/net"
}

@test "a network whose bridge has no address, and whose containers go elsewhere" {
	CONF=$(conf '.isGateway = false')
	added a
	nft flush ruleset
	footbridge restore
	assert_restored
	assert_in "$out" 'net a/eth0: restored 10.1.0.2'
	assert_in "$(table)" '10.1.0.2 comment "a/eth0"'
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ipMasqExclude and ipMasqFamilies, shown by packets: who is seen as their sender.

load helpers

RECORDS=/run/footbridge/networks

# added POD
added() {
	[[ -e /run/netns/$1 ]] || pod "$1"
	add "$1"
	assert_ok
}

# excluding JSON-LIST: CONF with this ipMasqExclude
excluding() {
	conf '.ipMasqExclude = $list' --argjson list "$1"
}

table() {
	nft -s list table inet footbridge
}

# An outside with more addresses, that knows the way back to the pods.
wide_outside() {
	outside
	in_pod outside sh -c '
		ip addr add 203.0.113.7/32 dev eth0
		ip addr add 203.0.113.8/32 dev eth0
		ip addr add 2001:db8:77::7/128 dev eth0 nodad
		ip route add 10.0.0.0/8 via 198.51.100.1
		ip -6 route add fd00::/8 via 2001:db8:51::1'
	ip route add 203.0.113.0/24 via 198.51.100.2
	ip -6 route add 2001:db8:77::/48 via 2001:db8:51::2
	watch_sources outside
}

# seen POD ADDRESS SOURCE: the outside's ADDRESS gets POD's packets from SOURCE
seen() {
	pings "$1" "$2" || fail "no answer to $1 from $2"
	assert_eq "$(sources outside)" "$3" "the sender that $2 saw"
}

# tables_alike GOLDEN: our table is what this machine's nft makes of the file
tables_alike() {
	[[ -e /run/netns/reference ]] || pod reference
	in_pod reference nft flush ruleset
	in_pod reference nft -f "$FOOTBRIDGE_TOP/testdata/nft/$1"
	table | diff <(in_pod reference nft -s list ruleset) - || fail "not as in $1"
}

@test "an excluded destination sees the pod, any other the host" {
	CONF=$(CONF=$DUAL excluding '["203.0.113.0/24", "2001:db8:77::/48"]')
	wide_outside
	added a
	seen a 203.0.113.7 10.1.0.2
	seen a 198.51.100.2 198.51.100.1
	seen a 2001:db8:77::7 fd00:1::2
	seen a 2001:db8:51::2 2001:db8:51::1
	check a
	assert_ok
	del a
	refute_anything_left a
}

@test "addresses, host bits, overlaps, repetitions and any order will do" {
	CONF=$(excluding '["203.0.113.9", "203.0.113.7", "203.0.113.6/31", "192.0.2.0/24",
		"203.0.113.7/32", "10.200.3.4/8", "10.7.0.0/16", "192.0.3.0/24", "255.0.0.0/8", ""]')
	wide_outside
	added a
	seen a 203.0.113.7 10.1.0.2
	seen a 203.0.113.8 198.51.100.1
	seen a 198.51.100.2 198.51.100.1
	check a
	assert_ok
	assert_in "$(table)" '192.0.2.0/23' '10.0.0.0/8' '203.0.113.6/31'
}

@test "everything can be excluded" {
	CONF=$(CONF=$DUAL excluding '["0.0.0.0/0", "::/0"]')
	wide_outside
	added a
	seen a 198.51.100.2 10.1.0.2
	seen a 2001:db8:51::2 fd00:1::2
	check a
	assert_ok
}

@test "the table is as it should be" {
	CONF=$(CONF=$DUAL excluding '["203.0.113.0/24", "192.0.2.7", "2001:db8:77::/48"]')
	added a
	CONF=$(conf '.name = "plain" | .bridge = "fb1" | .ipMasqExclude = [] |
		.ipam.ranges = [[{subnet: "10.2.0.0/24"}]]')
	added b
	CONF=$(conf '.name = "four" | .bridge = "fb2" | .ipMasqExclude = ["10.0.0.0/8"] |
		.ipMasqFamilies = ["ipv4"] |
		.ipam.ranges = [[{subnet: "10.3.0.0/24"}], [{subnet: "fd00:3::/64"}]]')
	added c
	tables_alike masq-exclude.nft
}

@test "an edit holds for all pods from the next ADD on, there and back" {
	local plain other

	CONF=$(conf '.name = "other" | .bridge = "fb1" | .ipMasqExclude = ["10.9.0.0/16"] |
		.ipam.ranges[0][0].subnet = "10.2.0.0/24"')
	added o
	other=$(table | grep other)
	CONF=$SINGLE
	wide_outside
	added a
	plain=$(table | grep -v '/eth0"')
	for list in '["203.0.113.7"]' '["203.0.113.8", "203.0.113.7"]'; do
		CONF=$(excluding "$list")
		check a
		assert_error 103 rule
		added b
		seen a 203.0.113.7 10.1.0.2
		seen b 203.0.113.7 "$(pod_ip b)"
		check a
		assert_ok
		assert_eq "$(table | grep -c masquerade)" 2 "rules"
		assert_eq "$(table | grep -c 'set x-net-')" 1 "exclusions"
		del b
	done
	seen a 203.0.113.8 10.1.0.2
	CONF=$(excluding '["203.0.113.7"]')
	added b
	seen a 203.0.113.8 198.51.100.1
	CONF=$SINGLE
	added c
	for p in a b c; do
		seen "$p" 203.0.113.7 198.51.100.1
		seen "$p" 203.0.113.8 198.51.100.1
		check "$p"
		assert_ok
	done
	assert_eq "$(table | grep other)" "$other" "the other network's"
	del b
	del c
	assert_eq "$(table | grep -v '/eth0"' | sort)" "$(sort <<<"$plain")" "the table without elements"
}

@test "an edit holds though a rule of somebody else uses what was excluded" {
	local set

	CONF=$(excluding '["203.0.113.7"]')
	wide_outside
	added a
	set=$(table | sed -n 's/.*set \(x-[^ ]*\).*/\1/p')
	nft insert rule inet footbridge postrouting ip daddr "@$set" counter comment '"mine"'
	for list in '["203.0.113.8"]' '[]'; do
		CONF=$(excluding "$list")
		added b
		check a
		assert_ok
		seen a 203.0.113.7 198.51.100.1
		del b
		footbridge restore
		[[ $status -eq 0 && -z $err ]] || fail "restore said: $err"
		assert_in "$(table)" "set $set" '"mine"'
		assert_eq "$(table | grep -c masquerade)" 1 "rules"
	done
	# that it is there does not yet say that our rule looks it up
	CONF=$(excluding '["203.0.113.7"]')
	added b
	seen a 203.0.113.7 10.1.0.2
	check a
	assert_ok
	CONF=$SINGLE
	added c
	# it goes when that rule has gone
	nft -a list chain inet footbridge postrouting | sed -n 's/.*"mine".* handle \(.*\)/\1/p' |
		xargs nft delete rule inet footbridge postrouting handle
	footbridge restore
	refute_lists "set x-" table
}

@test "the order of the list and its spelling make no other ruleset" {
	local before

	CONF=$(excluding '["203.0.113.7", "192.0.2.0/24"]')
	added a
	before=$(nft -a list table inet footbridge)
	CONF=$(excluding '["192.0.2.0/25", "192.0.2.128/25", "203.0.113.7/32"]')
	added b
	del b
	assert_eq "$(nft -a list table inet footbridge)" "$before"
}

@test "a record that is lost or older than the ruleset does no harm" {
	CONF=$(excluding '["203.0.113.7"]')
	wide_outside
	added a
	rm -r /run/footbridge
	CONF=$SINGLE
	added b
	seen a 203.0.113.7 198.51.100.1
	echo '{"name": "net"' >"$RECORDS/net"
	CONF=$(excluding '["203.0.113.7"]')
	added c
	seen a 203.0.113.7 10.1.0.2
	ln -sf /etc/passwd "$RECORDS/net"
	added d
	[[ ! -L $RECORDS/net ]] || fail "the record is a link still"
	grep -q root /etc/passwd
}

@test "a network works where /run cannot be written" {
	CONF=$(excluding '["203.0.113.7"]')
	wide_outside
	mkdir /run/footbridge
	mount -t tmpfs -o ro tmpfs /run/footbridge
	added a
	[[ $err == *"the network's record: cannot create $RECORDS: Read-only file system"* ]] || fail "it goes unsaid"
	seen a 203.0.113.7 10.1.0.2
	CONF=$SINGLE
	added b
	seen a 203.0.113.7 198.51.100.1
}

@test "CHECK verifies the exclusion" {
	local set

	CONF=$(excluding '["203.0.113.0/24", "192.0.2.0/24"]')
	added a
	check a
	assert_ok
	set=$(table | sed -n 's/.*set \(x-[^ ]*\).*/\1/p')
	nft delete element inet footbridge "$set" '{ 192.0.2.0/24 }'
	check a
	assert_error 103 192.0.2.0 ipMasqExclude "$set"
	nft add element inet footbridge "$set" '{ 192.0.2.0/25 }'
	check a
	assert_error 103 192.0.2.255
	nft add element inet footbridge "$set" '{ 192.0.2.128/25 }'
	nft flush chain inet footbridge postrouting
	check a
	assert_error 103 rule
}

@test "a flushed ruleset is made again with its exclusion" {
	CONF=$(excluding '["203.0.113.7"]')
	wide_outside
	added a
	nft flush ruleset
	check a
	assert_error 103
	added b
	seen b 203.0.113.7 10.1.0.3
	seen b 203.0.113.8 198.51.100.1
	check b
	assert_ok
}

@test "an older ruleset that nft loaded again is brought up to date by an ADD" {
	CONF=$(excluding '["203.0.113.7"]')
	wide_outside
	added a
	nft list ruleset >"$BATS_TEST_TMPDIR/saved"
	CONF=$(excluding '["203.0.113.8"]')
	added b
	{ echo 'flush ruleset'; cat "$BATS_TEST_TMPDIR/saved"; } | nft -f -
	added c
	seen a 203.0.113.7 198.51.100.1
	seen a 203.0.113.8 10.1.0.2
	nft list ruleset >"$BATS_TEST_TMPDIR/saved"
	{ echo 'flush ruleset'; cat "$BATS_TEST_TMPDIR/saved"; } | nft -f -
	check c
	assert_ok
	added d
	check d
	assert_ok
	assert_eq "$(table | grep -c masquerade)" 1 "rules"
}

@test "many ADDs at once after an edit make one rule" {
	local p jobs=()

	added a
	CONF=$(excluding '["203.0.113.7"]')
	for p in p{1..8}; do
		pod "$p"
		(
			add "$p"
			assert_ok
		) &
		jobs+=($!)
	done
	for p in "${jobs[@]}"; do
		wait "$p"
	done
	assert_eq "$(table | grep -c masquerade)" 1 "rules"
	assert_eq "$(table | grep -c 'set x-')" 1 "exclusions"
	for p in a p{1..8}; do
		assert_in "$(table)" "\"$p/eth0\""
	done
}

@test "a hundred exclusions fit under the longest name; more are refused" {
	local name

	name=$(printf 'n%.0s' {1..250})
	CONF=$(conf '.name = $name | .ipam.ranges = [[{subnet: "fd00:1::/64"}]] |
		.ipMasqExclude = [range(100) | "2001:db8:\(10 + .):ffff:ffff:ffff:ffff:0/120"]' --arg name "$name")
	added a
	check a
	assert_ok
	CONF=$(conf '.ipMasqExclude = [range(100) | "2001:db8:\(10 + .):ffff:ffff:ffff:ffff:ff00/120"]')
	added b
	check b
	assert_ok
	assert_eq "$(table | grep -c 'set x-')" 1 "exclusions"
	pod c
	CONF=$(conf '.ipMasqExclude += ["192.0.2.1"]')
	add c
	assert_error 7 'ipMasqExclude[100]' 192.0.2.1 100
}

# nf_calls POD: print how often an ADD of it speaks to nf_tables
nf_calls() {
	local log=$BATS_TEST_TMPDIR/strace

	pod "$1"
	env "${SANITIZERS[@]}" ASAN_OPTIONS="detect_leaks=0:${ASAN_OPTIONS-}" CNI_COMMAND=ADD \
		CNI_CONTAINERID="$1" CNI_NETNS="/run/netns/$1" CNI_IFNAME=eth0 CNI_PATH=/ \
		strace -o "$log" -e trace=socket,sendto "$FOOTBRIDGE_BIN/bridge" <<<"$CONF" >"$log.out"
	awk '/NETLINK_NETFILTER/ { fd = $NF } fd && index($0, "sendto(" fd ",") { n++ } END { print n + 0 }' "$log"
}

@test "an ADD asks nf_tables once, with exclusions as without" {
	added a
	assert_eq "$(nf_calls b)" 1 "without"
	CONF=$(CONF=$DUAL excluding '["203.0.113.7", "2001:db8:77::/48"]')
	added c
	assert_eq "$(nf_calls d)" 1 "with"
}

@test "ipMasqFamilies: only these are masqueraded" {
	CONF=$(CONF=$DUAL conf '.ipMasqFamilies = ["ipv4"]')
	wide_outside
	added a
	seen a 198.51.100.2 198.51.100.1
	seen a 2001:db8:51::2 fd00:1::2
	[[ $(table) != *fd00* ]] || fail "there is a set of IPv6"
	check a
	assert_ok
	del a
	CONF=$(CONF=$DUAL conf '.ipMasqFamilies = ["ipv6"]')
	added b
	seen b 198.51.100.2 10.1.0.3
	seen b 2001:db8:51::2 2001:db8:51::1
	CONF=$(CONF=$DUAL conf '.ipMasqFamilies = ["ipv6", "ipv4", "ipv4"]')
	added c
	seen c 198.51.100.2 198.51.100.1
	seen c 2001:db8:51::2 2001:db8:51::1
}

@test "ipMasqFamilies without an address of such a family needs no table" {
	CONF=$(conf '.ipMasqFamilies = ["ipv6"]')
	added a
	check a
	assert_ok
	assert_eq "$(nft list ruleset)" ""
}

# refused FILTER WORD...
refused() {
	local CONF

	CONF=$(jq -c "$1" <<<"$SINGLE")
	add a
	assert_error 7 "${@:2}"
}

@test "wrong values are refused" {
	pod a
	snapshot
	refused '.ipMasqFamilies = "ipv4"' ipMasqFamilies list
	refused '.ipMasqFamilies = ["ipv4", "ipv5"]' 'ipMasqFamilies[1]' ipv5 '"ipv6"'
	refused '.ipMasqFamilies = [4]' 'ipMasqFamilies[0]' 4
	refused '.ipMasqFamilies = []' ipMasqFamilies
	refused '.ipMasqExclude = "10.0.0.0/8"' ipMasqExclude list
	refused '.ipMasqExclude = ["10.0.0.0/33"]' 'ipMasqExclude[0]' 10.0.0.0/33
	refused '.ipMasqExclude = ["10.0.0.0/8", "example.org"]' 'ipMasqExclude[1]' example.org
	refused '.ipMasqExclude = [8]' 'ipMasqExclude[0]' 8
	assert_unchanged
}

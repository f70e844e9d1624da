#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# GC of many: what goes, what stays, and in how many steps.

load helpers

# attach FROM TO: pods p<FROM> to p<TO>, added
attach() {
	local i

	for ((i = $1; i <= $2; i++)); do
		pod "p$i"
		add "p$i"
		assert_ok
	done
}

# valid FROM TO: print the list of these
valid() {
	seq "$1" "$2" | jq -cn '[inputs | {containerID: "p\(.)", ifname: "eth0"}]'
}

# elements SET: print the owners in a set of the masquerade table, sorted
elements() {
	nft -j list set inet footbridge "$1" |
		jq -r '.nftables[].set? // empty | .elem[]?.elem.comment' | sort -V
}

# owners FROM TO: as elements prints them
owners() {
	seq -f 'p%g/eth0' "$1" "$2"
}

# veths: how many of our host ends stand on this host
veths() {
	ip -j -d link show type veth | jq '[.[] | select(.ifalias // "" | startswith("footbridge:net/"))] | length'
}

# strays N: N links that look like host ends of this network, each connected to a
# namespace of its own kind "elsewhere" that outlives the test
strays() {
	ip netns add elsewhere
	seq -f '%.0f' "$1" | while read -r i; do
		echo "link add veth$i type veth peer name eth$i netns elsewhere"
		echo "link set veth$i alias footbridge:net/stray$i/eth0"
	done | ip -batch -
}

# traced LIST [STRACE-OPTION...]: a GC with this list; $trace has a line for each
# message, $deletions are those that delete links
traced() {
	jq -c '. + {"cniVersion": "1.1.0", "cni.dev/valid-attachments": $list}' --argjson list "$1" \
		<<<"$CONF" >"$BATS_TEST_TMPDIR/question"
	env -i PATH="$PATH" CNI_COMMAND=GC CNI_PATH="$FOOTBRIDGE_BIN" ASAN_OPTIONS=detect_leaks=0 \
		strace -qq -e trace=sendto -s 64 "${@:2}" -o "$BATS_TEST_TMPDIR/trace" \
		"$FOOTBRIDGE_BIN/bridge" <"$BATS_TEST_TMPDIR/question" 3>&-
	trace=$(<"$BATS_TEST_TMPDIR/trace")
	deletions=$(grep -c 'type=RTM_DELLINK' <<<"$trace") || true
}

@test "of 50 attachments those not named go, unless they are connected" {
	local i other

	attach 1 50
	other=$(conf '.name = "other" | .bridge = "fb1" | .ipam.ranges[0][0].subnet = "10.2.0.0/24"')
	pod foreign
	CONF=$other add foreign
	assert_ok
	ip link add veth01234567890 type veth peer name x0
	for ((i = 31; i <= 50; i++)); do
		pod_gone "p$i"
	done
	eventually standing 30

	gc "$(valid 1 20)"
	assert_ok
	# 1-20 are named, 21-30 are alive, 31-50 are dead
	assert_eq "$(elements n-net-10.1.0.0/24)" "$(owners 1 30)" "elements"
	assert_eq "$(leases | wc -l)" 30 "leases"
	for ((i = 1; i <= 30; i++)); do
		check "p$i"
		assert_ok
	done
	assert_eq "$(grep -c 'kept p' <<<"$(gc "$(valid 1 20)"; echo "$err")")" 10 "notes"
	CONF=$other check foreign
	assert_ok
	ip link show veth01234567890
	ip link show x0

	CONF=$(conf '.gcLive = true')
	gc "$(valid 1 20)"
	assert_ok
	assert_eq "$err" ""
	assert_eq "$(elements n-net-10.1.0.0/24)" "$(owners 1 20)" "elements"
	assert_eq "$(leases | wc -l)" 20 "leases"
	assert_eq "$(veths)" 20 "host ends"
	CONF=$other check foreign
	assert_ok
	ip link show veth01234567890
}

standing() {
	[[ $(veths) -eq $1 ]]
}

@test "null and an empty list mean that nobody is valid, no list that nothing is done" {
	local list

	CONF=$(conf '.gcLive = true')
	attach 1 3
	snapshot
	NETNS='' call GC bridge '' '' <<<"$CONF"
	assert_ok
	assert_in "$err" "nothing is collected"
	assert_unchanged
	for list in null '[]'; do
		gc "$list"
		assert_ok
		assert_eq "$(veths) $(leases | wc -l) $(elements n-net-10.1.0.0/24 | wc -l)" "0 0 0" "$list"
		pod_gone p1 p2 p3
		attach 1 3
	done
}

@test "500 links go in one deletion" {
	CONF=$(conf '.gcLive = true')
	attach 1 2
	strays 500
	assert_eq "$(veths)" 502
	traced "$(valid 1 2)"
	assert_eq "$(veths)" 2 "host ends"
	assert_eq "$deletions" 1 "deletions"
	check p1
	assert_ok
	check p2
	assert_ok
}

@test "a foreign device in the group that GC uses is spared" {
	CONF=$(conf '.gcLive = true')
	strays 3
	ip link add foreign0 type veth peer name foreign1
	ip link set foreign0 group $((0x67726176))
	traced '[]'
	assert_eq "$(veths)" 0 "host ends"
	assert_eq "$deletions" 3 "deletions"
	ip link show foreign0
}

@test "links that a killed GC left in its group go with the next" {
	CONF=$(conf '.gcLive = true')
	strays 3
	ip link set veth2 group $((0x67726176))
	traced '[]'
	assert_eq "$(veths)" 0 "host ends"
	assert_eq "$deletions" 1 "deletions"
}

@test "a link that was pulled out of its container connects nobody" {
	attach 1 2
	in_pod p2 ip link set eth0 netns $$
	gc '[]'
	assert_ok
	assert_in "$err" "kept p1/eth0"
	refute grep -q p2/eth0 <<<"$err"
	assert_eq "$(veths)" 1 "host ends"
	assert_eq "$(elements n-net-10.1.0.0/24)" p1/eth0 "elements"
	refute ip link show eth0
}

# dead FIRST LAST: elements of attachments that are gone
dead() {
	local i

	for ((i = $1; i <= $2; i++)); do
		echo "add element inet footbridge n-net-10.1.0.0/16 { 10.1.$((1 + i / 250)).$((1 + i % 250)) comment \"dead$i/eth0\" }"
	done | nft -f -
}

@test "hundreds of elements go in a few transactions" {
	CONF=$(conf '.ipam.ranges[0][0].subnet = "10.1.0.0/16"')
	attach 1 1
	dead 1 300
	traced "$(valid 1 1)"
	assert_eq "$(elements n-net-10.1.0.0/16)" p1/eth0 "elements"
	[[ $(grep -c NFT_MSG_DELSETELEM <<<"$trace") -le 4 ]] || fail "$trace"
}

# sent N: it has sent so many messages, or more
sent() {
	[[ $(grep -sc '' "$BATS_TEST_TMPDIR/trace") -ge $1 ]]
}

@test "an element that is deleted meanwhile does not keep the others" {
	local turn

	CONF=$(conf '.ipam.ranges[0][0].subnet = "10.1.0.0/16"')
	attach 1 1
	dead 1 1
	traced "$(valid 1 1)"
	turn=$(grep -n -m 1 NFT_MSG_DELSETELEM <<<"$trace" | cut -d: -f1)
	dead 1 5
	# GC has seen all five when the fourth goes
	rm "$BATS_TEST_TMPDIR/trace"
	traced "$(valid 1 1)" -e inject=sendto:delay_enter=2000000:when="$turn" &
	background $!
	eventually sent $((turn - 1))
	nft 'delete element inet footbridge n-net-10.1.0.0/16 { 10.1.1.5 }'
	assert_eq "$(elements n-net-10.1.0.0/16 | wc -l)" 5 "elements before"
	wait $!
	assert_eq "$(elements n-net-10.1.0.0/16)" p1/eth0 "elements"
}

@test "GC goes on after a failure and reports it" {
	attach 1 2
	pod_gone p2
	eventually standing 1
	# a lease that cannot be removed
	mount --bind "$STORE/net/10.1.0.3" "$STORE/net/10.1.0.3"
	gc "$(valid 1 1)"
	assert_error 11 "10.1.0.3" "collect: lease"
	assert_eq "$(elements n-net-10.1.0.0/24)" p1/eth0 "elements"
	umount "$STORE/net/10.1.0.3"
	gc "$(valid 1 1)"
	assert_ok
	assert_eq "$(leases)" 10.1.0.2 "leases"
}

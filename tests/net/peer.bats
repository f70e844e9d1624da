#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `footbridge peer`: which container is behind this veth, which veth behind this eth0.

load helpers

setup() {
	pod a
	add a
	assert_ok
	veth=$(host_veth a)
}

# peer ARGUMENT...: `footbridge peer --json` into $out
peer() {
	footbridge peer --json "$@"
	[[ $status -eq 0 && -z $err ]] || fail "peer said: $err"
}

# in_a ARGUMENT...: `footbridge peer` from within a's namespace, by way of a command
in_a() {
	timed nsenter --net=/run/netns/a "${WITH[@]}" "$FOOTBRIDGE_BIN/../footbridge" peer "$@"
}

assert_both_ends() {
	assert_eq "$(result .attachment.container)" a
	assert_eq "$(result .attachment.network)" net
	assert_eq "$(result .attachment.state)" live
	assert_eq "$(result '.attachment.addresses[0].address')" 10.1.0.2/24
	assert_eq "$(result .attachment.bridge)" fb0
}

@test "from the host's veth to the container" {
	peer "$veth"
	assert_eq "$(result .interface.name)" "$veth"
	assert_eq "$(result .interface.here)" true
	assert_eq "$(result .peer.name)" eth0
	assert_eq "$(result .peer.index)" "$(pod_link a .ifindex)"
	assert_eq "$(result .peer.netns)" /run/netns/a
	assert_eq "$(result .peer.inode)" "$(stat -L -c %i /run/netns/a)"
	assert_both_ends
}

@test "from the container's interface to the host's veth, asked on the host" {
	peer --netns /run/netns/a eth0
	assert_eq "$(result .interface.name)" eth0
	assert_eq "$(result .interface.netns)" /run/netns/a
	assert_eq "$(result .peer.name)" "$veth"
	assert_eq "$(result .peer.here)" true
	assert_eq "$(result .peer.index)" "$(link .ifindex "$veth")"
	assert_both_ends
}

@test "a namespace by its name" {
	local name

	peer --netns a eth0
	assert_eq "$(result .interface.netns)" /run/netns/a
	assert_both_ends
	# it is no file where one happens to be
	cd "$BATS_TEST_TMPDIR"
	touch a
	peer --netns a eth0
	footbridge peer --netns none eth0
	assert_eq "$status" 1 "exit status"
	assert_in "$err" "/run/netns/none does not exist"
	for name in '' . ..; do
		footbridge peer --netns "$name" eth0
		assert_eq "$status" 2 "exit status"
		assert_in "$err" "--netns: \"$name\" is neither a name in /run/netns nor a path with a '/'"
	done
}

@test "for people" {
	footbridge peer "$veth"
	assert_eq "$status" 0 "exit status"
	assert_eq "$(tr -s ' ' <<<"$out" | sed 's/inode [0-9]*/inode N/; s/index [0-9]*/index I/; s/nsid [0-9]*/nsid S/')" \
"interface $veth, index I in this namespace
peer eth0, index I in /run/netns/a (nsid S, inode N)
container a
network net
addresses 10.1.0.2/24
bridge fb0
masquerade yes
state live"
}

@test "from within the container" {
	local WITH=() index

	index=$(link .ifindex "$veth")
	# as root of the machine
	in_a --json eth0
	assert_eq "$status" 0 "exit status"
	assert_eq "$(result .peer.index)" "$index"
	assert_eq "$(result .peer.name)" "$veth"
	assert_eq "$(result .peer.alias)" footbridge:net/a/eth0
	# as a container is run: without privileges over the host
	WITH=(setpriv --bounding-set -all --inh-caps -all)
	in_a --json eth0
	assert_eq "$status" 0 "exit status"
	assert_eq "$(result .peer.index)" "$index"
	assert_eq "$(result '.peer.name, .attachment' | xargs)" "null null"
	in_a eth0
	assert_in "$out" "?, index $index in nsid "
}

@test "two ends in one namespace" {
	ip link add one0 type veth peer name other0
	peer one0
	assert_eq "$(result .peer.name)" other0
	assert_eq "$(result .peer.here)" true
	assert_eq "$(result .attachment)" null
	in_pod a ip link add one0 type veth peer name other0
	peer --netns /run/netns/a one0
	assert_eq "$(result '.peer | "\(.name) \(.netns) \(.here)"')" "other0 /run/netns/a false"
}

@test "equal indices elsewhere are not taken for it" {
	# a veth between two containers; its index in a is that of the host's own veth
	pod b c
	local index

	index=$(link .ifindex "$veth")
	ip -n b link add x0 index "$index" type veth peer name x0 netns c
	peer --netns /run/netns/b x0
	assert_eq "$(result '.peer | "\(.name) \(.netns) \(.here)"')" "x0 /run/netns/c false"
	assert_eq "$(result .attachment)" null
}

@test "what has no other end, or is not there" {
	footbridge peer fb0
	assert_eq "$status" 1 "exit status"
	assert_in "$err" "fb0 is no veth (bridge)"
	footbridge peer lo
	assert_eq "$status" 1 "exit status"
	footbridge peer nothing0
	assert_eq "$status" 1 "exit status"
	assert_in "$err" nothing0
	footbridge peer --netns /run/netns/none eth0
	assert_eq "$status" 1 "exit status"
	assert_in "$err" "/run/netns/none does not exist"
	footbridge peer --netns /etc/passwd eth0
	assert_eq "$status" 1 "exit status"
	assert_in "$err" "/etc/passwd is not a network namespace"
}

@test "called wrongly" {
	footbridge peer
	assert_eq "$status" 2 "exit status"
	footbridge peer "$veth" eth0
	assert_eq "$status" 2 "exit status"
	footbridge peer --all
	assert_eq "$status" 2 "exit status"
	footbridge peer a/b
	assert_eq "$status" 2 "exit status"
	assert_in "$err" "usage: footbridge peer"
}

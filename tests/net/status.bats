#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# STATUS: could an ADD be served?

load helpers

# ready: it could, and asking made nothing
ready() {
	snapshot
	status
	assert_ok
	assert_eq "$out$err" ""
	assert_unchanged
}

# unready WORD...: it could not, for this reason, and asking made nothing
unready() {
	snapshot
	status
	assert_error 50 "$@"
	assert_unchanged
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

@test "nf_tables may not be used" {
	local drop=(setpriv --bounding-set -net_admin --inh-caps -net_admin)
	CONF=$(conf '.ipMasq = true')
	"${drop[@]}" true || skip "setpriv is missing"
	mkdir -p "$BATS_TEST_TMPDIR/weak"
	printf '#!/bin/bash\nexec -a bridge %s %q "$@"\n' "${drop[*]}" "$FOOTBRIDGE_BIN/bridge" \
		>"$BATS_TEST_TMPDIR/weak/bridge"
	chmod +x "$BATS_TEST_TMPDIR/weak/bridge"
	FOOTBRIDGE_BIN=$BATS_TEST_TMPDIR/weak
	status
	assert_error 50
}

@test "a wrong configuration is told as such" {
	CONF=$(conf '.mtu = -1')
	status
	assert_error 7 mtu
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

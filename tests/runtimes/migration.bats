#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A node whose plugins are replaced while containerd's pods run: from the Go bridge,
# host-local and loopback to ours, and back.

load helpers

setup() {
	network "$FOOTBRIDGE_TOP/conf-examples/containerd.conflist"
	PODS=$BATS_TEST_TMPDIR/before
	LATER=$BATS_TEST_TMPDIR/later
}

# ids_of FILE: of the pods that have lines there
ids_of() {
	jq -r .id "$1"
}

# addresses_of FILE...: of their pods, sorted
addresses_of() {
	jq -r '.ips[]' "$@" | sort
}

# later COUNT: more pods on the same network
later() {
	PREFIX=later PODS=$LATER pods "$1"
}

# container_of FILE NUMBER: start a container in this pod; print its ID
container_of() {
	cri start "$(jq -s -r ".[$2].name" "$1")" "$(jq -s -r ".[$2].id" "$1")"
}

# reach CONTAINER FILE NUMBER: it pings this pod, in both families
reach() {
	local address

	for address in $(jq -s -r ".[$3].ips[]" "$2"); do
		cri exec "$1" ping -c 1 -W 1 "$address" >/dev/null || fail "$1 does not reach $address"
	done
}

# both_kinds_live: pods of before and of later have addresses of their own, and reach each other
both_kinds_live() {
	local old new

	assert_eq "$(addresses_of "$PODS" "$LATER" | uniq -d)" "" "addresses given twice"
	old=$(container_of "$PODS" 0)
	new=$(container_of "$LATER" 0)
	reach "$old" "$LATER" 0
	reach "$new" "$PODS" 0
	reach "$new" "$PODS" 1
}

@test "to ours: it deletes what the Go plugins added, and new pods join meanwhile" {
	install_plugins reference
	start_containerd
	CRI_PARALLEL=3 pods 6
	assert_eq "$(container_chains | wc -l)" 12 "the Go bridge's chains of iptables"
	install_plugins ours
	forget_calls
	later 2
	both_kinds_live
	# some go, and others still come
	ids_of "$PODS" | head -n 3 | cri_each stop >/dev/null
	ids_of "$PODS" | head -n 3 | cri_each remove >/dev/null
	assert_eq "$(container_chains | wc -l)" 6 "the Go bridge's chains of iptables"
	PREFIX=last PODS=$BATS_TEST_TMPDIR/last pods 2
	assert_eq "$(addresses_of "$LATER" "$BATS_TEST_TMPDIR/last" | uniq -d)" "" "addresses given twice"
	cri list | cri_each stop >/dev/null
	cri list | cri_each remove >/dev/null
	assert_nothing_left
	assert_calls_went_well
}

@test "and back: the Go plugins delete what ours added, at the second try" {
	install_plugins ours
	start_containerd
	CRI_PARALLEL=3 pods 6
	install_plugins reference
	later 2
	both_kinds_live
	# Debian's Go bridge stumbles over a chain that ours has not made, when link and lease are
	# gone; the kubelet tries again
	cri list | cri_each stop >/dev/null 2>&1 || true
	cri list | cri_each stop >/dev/null
	cri list | cri_each remove >/dev/null
	assert_eq "$(all_leases)" "" leases
	eventually no_host_veth
	# it knows nothing of our sets
	assert_eq "$(elements | wc -l)" 12 "elements left"
	# whoever comes back to ours has GC for them
	CONF=$(jq -c '.plugins[0] + {cniVersion: "1.1.0", name}' /etc/cni/net.d/*)
	gc '[]'
	assert_ok
	assert_nothing_left
}

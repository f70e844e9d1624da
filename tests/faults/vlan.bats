#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A VLAN with a gateway of its own: SIGKILL in place of a system call, or one that fails.
# What must hold is as in kill-add.bats, kill-del.bats and errors.bats.  It needs a kernel
# whose bridges filter VLANs, which `make check-vm` has.

load sweeps

setup() {
	# what crosses the bridge passes iptables, too, which CHECK sees to
	[[ ! ${FOOTBRIDGE_MACHINE-} ]] || modprobe br_netfilter || true
	unshare -n ip link add fb0 type bridge vlan_filtering 1 2>/dev/null ||
		skip "this kernel's bridges do not filter VLANs"
}

@test "SIGKILL in an ADD" {
	# shellcheck disable=SC2046 # two words or none
	sweep $(short -q -s 12) kill-add-vlan
}

@test "SIGKILL in a DEL" {
	# shellcheck disable=SC2046 # two words or none
	sweep $(short -q -s 8) kill-del-vlan
}

@test "an error in ADD, DEL or CHECK" {
	each_verb vlan 12
}

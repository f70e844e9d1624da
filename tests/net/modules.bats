#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernel runs a program, too: modprobe, for a device that is asked for by ioctl() and
# is not there.  A program in its place takes notes; that is no single namespace's, so
# these tests need a machine of their own (make check-vm).

load helpers

setup_file() {
	if [[ ${FOOTBRIDGE_MACHINE-} ]]; then
		cat /proc/sys/kernel/modprobe >"$BATS_FILE_TMPDIR/modprobe"
	fi
}

teardown_file() {
	if [[ ${FOOTBRIDGE_MACHINE-} ]]; then
		cat "$BATS_FILE_TMPDIR/modprobe" >/proc/sys/kernel/modprobe
	fi
}

# take_notes: of what modprobe is run for from now on, which it is still
take_notes() {
	[[ ${FOOTBRIDGE_MACHINE-} ]] || skip "this machine has other users"
	cat >"$BATS_FILE_TMPDIR/notes" <<-EOF
		#!/bin/sh
		echo "\$*" >>"$BATS_TEST_TMPDIR/loaded"
		exec $(<"$BATS_FILE_TMPDIR/modprobe") "\$@"
	EOF
	chmod +x "$BATS_FILE_TMPDIR/notes"
	echo "$BATS_FILE_TMPDIR/notes" >/proc/sys/kernel/modprobe
}

# assert_no_device_sought: of kinds, tables and protocols there may be modules
assert_no_device_sought() {
	refute grep netdev- "$BATS_TEST_TMPDIR/loaded"
}

# bats test_tags=quick
@test "what takes notes sees a device that is sought" {
	take_notes
	refute busybox ifconfig nothing0
	grep -q netdev-nothing0 "$BATS_TEST_TMPDIR/loaded"
}

# bats test_tags=quick
@test "no module is asked for: the life of a container" {
	take_notes
	touch "$BATS_TEST_TMPDIR/loaded"
	CONF=$(conf '.macspoofchk = true')
	status
	added a
	check a
	assert_ok
	status
	assert_ok
	del a
	assert_ok
	del a
	assert_ok
	assert_no_device_sought
}

# bats test_tags=quick
@test "no module is asked for: the commands that look, before the first container and after" {
	take_notes
	touch "$BATS_TEST_TMPDIR/loaded"
	mkdir -p /etc/cni/net.d
	jq '{cniVersion, name, plugins: [del(.cniVersion, .name)]}' <<<"$CONF" >/etc/cni/net.d/10-net.conflist
	# another's bridge and firewall, which doctor compares with the network's
	ip link add other0 type bridge
	ip addr add 10.9.0.1/24 dev other0
	nft 'add table inet fw; add chain inet fw f { type filter hook forward priority 0; policy drop; }'
	footbridge doctor
	footbridge status
	footbridge check
	added a
	footbridge check
	footbridge doctor
	footbridge list
	assert_no_device_sought
}

# bats test_tags=quick
@test "no module is asked for: what is left of a crash, and of an earlier boot" {
	local i

	take_notes
	touch "$BATS_TEST_TMPDIR/loaded"
	CONF=$(conf '.macspoofchk = true | .ipam.ranges[0][0].subnet = "10.1.0.0/29"')
	for i in {1..4}; do
		added "old$i"
		pod_gone "old$i"
	done
	mkdir -p "$STORE/net"
	printf 'other\r\neth0' >"$STORE/net/10.1.0.6"
	cat /proc/sys/kernel/random/uuid >"$BATS_TEST_TMPDIR/boot_id"
	mount --bind "$BATS_TEST_TMPDIR/boot_id" /proc/sys/kernel/random/boot_id
	sleep 0.5
	footbridge list
	added a b
	footbridge doctor
	gc '[]'
	assert_ok
	assert_no_device_sought
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Kernels and file systems that lack what is newer: the network tests pass all the same.
# Calls that Linux 5.10 has and that nothing can replace (pidfd_open() for another IPAM
# plugin, flock() on a namespace) are not taken away.

load sweeps

# lacking THING...: the network tests where these are not to be had, several suites at
# once; in the short form those tagged "quick", one after the other
lacking() {
	local how=() told=$BATS_TEST_TMPDIR/told suites status=0

	suites=("$FOOTBRIDGE_TOP"/tests/net/*.bats)
	if [[ ! ${FULL-} ]]; then
		how=(QUICK=1 JOBS=1)
		mapfile -t suites < <(grep -l '^# bats .*tags=quick' "${suites[@]}")
	fi
	env -u BATS_TEST_TMPDIR "${how[@]}" "$TOOLS/without" "$@" -- \
		"$FOOTBRIDGE_TOP/tests/run" "$FOOTBRIDGE_BIN/.." "${suites[@]#"$FOOTBRIDGE_TOP/"}" \
		>"$told" 2>&1 3>&- || status=$?
	cat "$told"
	echo "# figure: network tests without $*: $(tail -n 1 "$told")" >&3
	return "$status"
}

@test "nothing is newer than Linux 5.10, and hardly that" {
	lacking close_range ext-ack faccessat2 landlock link-empty openat2 populate socket-netns \
		strict-check sync_file_range tmpfile xattr
}

# one THING: what it lacks alone shows only in the full form
one() {
	[[ ${FULL-} ]] || skip "make torture"
	lacking "$1"
}

@test "no close_range()" { one close_range; }
@test "no NETLINK_EXT_ACK" { one ext-ack; }
@test "no faccessat2()" { one faccessat2; }
@test "no landlock" { one landlock; }
@test "no linkat() of a descriptor alone" { one link-empty; }
@test "no MADV_POPULATE_WRITE" { one populate; }
@test "no SIOCGSKNS" { one socket-netns; }
@test "no NETLINK_GET_STRICT_CHK" { one strict-check; }
@test "no sync_file_range()" { one sync_file_range; }
@test "no O_TMPFILE" { one tmpfile; }
@test "no extended attributes" { one xattr; }

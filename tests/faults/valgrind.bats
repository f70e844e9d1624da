#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every verb under valgrind: no memory and no descriptor is lost, nothing is read
# that was not written, and nothing of the stack goes to the kernel.

load ../net/helpers

setup() {
	case $FOOTBRIDGE_BIN in
	*/asan/*) skip "valgrind and the sanitizers exclude each other" ;;
	esac
	log=$BATS_TEST_TMPDIR/valgrind
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	for name in bridge host-local loopback; do
		cat >"$BATS_TEST_TMPDIR/bin/$name" <<-END
			#!/bin/bash
			exec -a $name valgrind -q --log-file=$log --leak-check=full --show-leak-kinds=all \
				--errors-for-leak-kinds=all --error-exitcode=99 --track-fds=yes \
				$FOOTBRIDGE_BIN/$name 3>&- 4>&-
		END
		chmod +x "$BATS_TEST_TMPDIR/bin/$name"
	done
	FOOTBRIDGE_BIN=$BATS_TEST_TMPDIR/bin
	export PATIENCE=120
}

# found_nothing: the last call is clean; closed descriptors, but those it was born with
found_nothing() {
	local open

	# what valgrind 3.19 does not know: landlock, an ioctl of namespaces
	grep -v 'unhandled\|You may be able\|README_MISSING\|Nevertheless\|it at http\|could cause spurious' \
		"$log" >"$log.said" || true
	if grep -q 'Syscall param\|Invalid\|Conditional jump\|definitely lost\|still reachable\|uninit' "$log.said"; then
		cat "$log.said" >&2
		fail "valgrind has found something"
	fi
	# a paragraph each; those of confine.c stay open on purpose (see confine.h)
	open=$(sed 's/^==[0-9]*== *$//' "$log.said" |
		awk -v RS= '/Open (file|AF_|.*socket)/ && !/inherited from parent|confine\.c/')
	[[ -z $open ]] || fail "left open: $open"
}

# fine: it went well and is clean
fine() {
	assert_ok
	found_nothing
}

@test "bridge, both families, with everything on" {
	pod a b
	CONF=$(conf '. + {macspoofchk: true, hairpinMode: true, mtu: "auto", ipMasqExclude: ["192.0.2.0/24"]}
		| .ipam.sticky = true' <<<"$DUAL")
	add a && fine
	add b && fine
	check a && fine
	status && fine
	gc '[{"containerID": "a", "ifname": "eth0"}]' && fine
	pod_gone b
	gc '[{"containerID": "a", "ifname": "eth0"}]' && fine
	del a && fine
	del a && fine
	call VERSION bridge a <<<"$CONF"
	fine
}

@test "host-local and loopback" {
	pod a
	export PLUGIN=host-local
	add a && fine
	check a && fine
	del a && fine
	PLUGIN=loopback
	add a && fine
	check a && fine
	del a && fine
}

@test "another IPAM plugin" {
	export CNI_PATH=/usr/lib/cni:/usr/libexec/cni
	CONF=$(conf '.cniVersion = "1.0.0" | .ipam = {"type": "static", "addresses": [{"address": "10.1.0.9/24"}]}')
	pod a
	add a
	if grep -q 'unhandled amd64-linux syscall: 434' "$log"; then skip "this valgrind has no pidfd_open()"; fi
	fine
	check a && fine
	del a && fine
}

@test "calls that fail" {
	pod a b
	add a && fine
	add a
	assert_error 101
	found_nothing
	CONF=$(conf '.ipam.ranges = [[{"subnet": "10.1.0.0/24", "rangeStart": "10.1.0.2", "rangeEnd": "10.1.0.2"}]]')
	add b
	assert_error 102
	found_nothing
	CONF=$(conf '.mtu = "much"')
	add b
	assert_error 7
	found_nothing
	CONF='{"cniVersion": "1.0.0", "name"'
	add b
	assert_error 6
	found_nothing
	CONF=$SINGLE
	NETNS=/proc/self/ns/net add b
	assert_error 8
	found_nothing
	ip link add fb9 type veth peer name fb9p
	CONF=$(conf '.bridge = "fb9"')
	add b
	assert_error 101
	found_nothing
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make install and make uninstall.

load helpers

ROOT=$BATS_TEST_TMPDIR/root

# make_it [VAR=VALUE...] TARGET: below $ROOT
make_it() {
	make -s -C "$FOOTBRIDGE_TOP" DESTDIR="$ROOT" "$@" >"$BATS_TEST_TMPDIR/make" 2>&1 ||
		fail "$(cat "$BATS_TEST_TMPDIR/make")"
}

files() {
	(cd "$ROOT" && find . ! -type d | sort)
}

@test "everything is in its place, and works there" {
	# shellcheck disable=SC2034 # add uses it
	local FOOTBRIDGE_BIN=$ROOT/opt/cni/bin

	make_it install
	assert_in "$(files)" ./opt/cni/bin/bridge ./opt/cni/bin/host-local ./opt/cni/bin/loopback \
		./usr/local/sbin/footbridge ./usr/local/share/man/man8/footbridge.8 \
		./usr/local/share/man/man5/footbridge-bridge.5 \
		./usr/local/share/man/man5/footbridge-host-local.5 \
		./usr/local/share/bash-completion/completions/footbridge \
		./usr/local/share/doc/footbridge/README.md \
		./usr/local/share/doc/footbridge/conf-examples/dual-stack.conflist
	refute grep -q '\.new$' <<<"$(files)"
	pod a
	add a
	assert_ok
	pings a 10.1.0.1
	assert_in "$("$ROOT/usr/local/sbin/footbridge" list)" net a eth0 live
	del a
	assert_ok
	refute_anything_left a
	assert_in "$(LC_ALL=C man -M "$ROOT/usr/local/share/man" 5 footbridge-bridge)" isDefaultGateway
}

@test "prefix and folders are the packager's choice" {
	make_it PREFIX=/usr CNI_BIN=/usr/libexec/cni SBIN=/usr/bin install
	assert_in "$(files)" ./usr/libexec/cni/bridge ./usr/bin/footbridge ./usr/share/man/man8/footbridge.8
	refute grep -q local/ <<<"$(files)"
}

@test "uninstall removes what install put there, and nothing else" {
	local others='./opt/cni/bin/portmap
./usr/local/sbin/other
./usr/local/share/doc/footbridge-other/README.md
./usr/local/share/man/man8/other.8'

	while read -r file; do
		install -D /dev/null "$ROOT/$file"
	done <<<"$others"
	make_it install
	[[ $(files) != "$others" ]]
	make_it uninstall
	assert_eq "$(files)" "$others"
	[[ ! -e $ROOT/usr/local/share/doc/footbridge ]] || fail "the documentation's folder is left"
	make_it uninstall
}

@test "the folder of the documentation stays while something else is in it" {
	make_it install
	touch "$ROOT/usr/local/share/doc/footbridge/notes"
	make_it uninstall
	assert_eq "$(files)" ./usr/local/share/doc/footbridge/notes
}

@test "no call fails while plugins are replaced" {
	make_it install
	calls_begin "$ROOT/opt/cni/bin/bridge"
	for _ in 1 2 3; do
		make_it PAGES= install
	done
	calls_end
}

@test "without scdoc all but the manual pages can be installed" {
	make_it PAGES= install
	refute grep -q '/man/' <<<"$(files)"
	[[ -x $ROOT/opt/cni/bin/bridge ]]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Debian package that `make deb` has made, which runs lintian, too; installed by dpkg in
# a copy of this machine that goes with the test.

load helpers

# a machine below $ROOT with the files of this one, and this box's state
machine() {
	local dir

	mkdir "$BATS_TEST_TMPDIR/disk"
	mount -t tmpfs tmpfs "$BATS_TEST_TMPDIR/disk"
	ROOT=$BATS_TEST_TMPDIR/disk/root
	mkdir "$BATS_TEST_TMPDIR"/disk/{upper,work,root}
	mount -t overlay overlay "$ROOT" \
		-o "lowerdir=/,upperdir=$BATS_TEST_TMPDIR/disk/upper,workdir=$BATS_TEST_TMPDIR/disk/work"
	# namespaces that get a name later are to be seen there, too
	mount --make-rshared /run
	for dir in proc sys dev run var/lib/cni; do
		mount --rbind "/$dir" "$ROOT/$dir"
	done
	cp "$FOOTBRIDGE_TOP"/build/deb/footbridge_*.deb "$ROOT/footbridge.deb"
}

on_machine() {
	chroot "$ROOT" env DEBIAN_FRONTEND=noninteractive "$@"
}

installed() {
	machine
	on_machine dpkg --no-triggers -i /footbridge.deb >"$BATS_TEST_TMPDIR/dpkg" 2>&1 ||
		fail "$(cat "$BATS_TEST_TMPDIR/dpkg")"
}

# connects FOLDER: an ADD and a DEL with the plugin in this folder of the machine
connects() {
	local out env=(CNI_CONTAINERID=a CNI_NETNS=/run/netns/a CNI_IFNAME=eth0 CNI_PATH="$1")

	pod a
	out=$(chroot "$ROOT" env "${env[@]}" CNI_COMMAND=ADD "$1/bridge" <<<"$CONF") || fail "$out"
	pings a 10.1.0.1
	chroot "$ROOT" env "${env[@]}" CNI_COMMAND=DEL "$1/bridge" <<<"$CONF" || fail "DEL failed"
	refute_anything_left a
	pod_gone a
}

is_ours() {
	cmp -s "$ROOT/usr/lib/footbridge/cni/bridge" "$(readlink -f "$ROOT$(on_machine readlink -f "$1")")"
}

# stubs: the Nth of the commands with which divert changes something fails: see at
stubs() {
	local name

	mkdir "$ROOT/stubs"
	cat >"$ROOT/stubs/mv" <<-'END'
		#!/bin/sh
		name=${0##*/}
		case "$name $*" in
		*--listpackage*) ;;
		*)
			echo "$name $*" >>/stubs/calls
			[ "$(wc -l </stubs/calls)" != "$(cat /stubs/at)" ] || exit 1
			;;
		esac
		PATH=${PATH#/stubs:} exec "$name" "$@"
	END
	chmod +x "$ROOT/stubs/mv"
	for name in ln rm dpkg-divert; do
		ln "$ROOT/stubs/mv" "$ROOT/stubs/$name"
	done
}

# at N on|off: divert, with the Nth change failing; fails unless there is an Nth
at() {
	: >"$ROOT/stubs/calls"
	echo "$1" >"$ROOT/stubs/at"
	! on_machine sh -c 'PATH=/stubs:$PATH; exec /usr/share/footbridge/divert "$0"' "$2" >/dev/null 2>&1
}

divert() {
	on_machine /usr/share/footbridge/divert "$1" >/dev/null || fail "divert $1: exit status $?"
}

# theirs: what is in /usr/lib/cni under our names: of each file its size, of each link where to
theirs() {
	(cd "$ROOT/usr/lib/cni" && for file in * .[a-z]*; do
		case $file in
		*bridge* | *host-local* | *loopback*)
			if [[ -L $file ]]; then
				echo "$file -> $(readlink "$file")"
			elif [[ -e $file ]]; then
				echo "$file $(stat -c %s "$file")"
			fi
			;;
		esac
	done)
}

@test "the changelog is that of this version" {
	assert_eq "$(dpkg-parsechangelog -l "$FOOTBRIDGE_TOP/.debian/changelog" -S Version)" \
		"$(sed -n 's/^VERSION = //p' "$FOOTBRIDGE_TOP/Makefile")"
}

@test "no file is containernetworking-plugins' or containerd's" {
	local package

	dpkg-deb --fsys-tarfile "$FOOTBRIDGE_TOP"/build/deb/footbridge_*.deb | tar -t |
		sed -n 's,^\.\(/.*[^/]\)$,\1,p' | sort >"$BATS_TEST_TMPDIR/ours"
	grep -qx /usr/sbin/footbridge "$BATS_TEST_TMPDIR/ours"
	for package in containernetworking-plugins containerd podman; do
		assert_eq "$(dpkg -L "$package" 2>/dev/null | sort | comm -12 - "$BATS_TEST_TMPDIR/ours")" "" "$package"
	done
}

@test "it is installed beside containernetworking-plugins, connects a container, and is removed" {
	installed
	[[ -x $ROOT/usr/lib/cni/bridge ]] || fail "containernetworking-plugins is not installed here"
	connects /usr/lib/footbridge/cni
	assert_eq "$(on_machine footbridge version)" "footbridge $(sed -n 's/^VERSION = //p' "$FOOTBRIDGE_TOP/Makefile")"
	cmp /usr/lib/cni/bridge "$ROOT/usr/lib/cni/bridge"
	on_machine dpkg --no-triggers -r footbridge
	[[ ! -e $ROOT/usr/lib/footbridge && ! -e $ROOT/usr/sbin/footbridge ]] || fail "something is left"
}

@test "divert: runtimes that look in /usr/lib/cni find ours, until it is off or we are removed" {
	local before

	installed
	before=$(on_machine dpkg-divert --list)
	calls_begin chroot "$ROOT" /usr/lib/cni/bridge
	on_machine /usr/share/footbridge/divert on
	is_ours /usr/lib/cni/bridge || fail "it is not ours"
	# again
	on_machine /usr/share/footbridge/divert on
	cmp /usr/lib/cni/bridge "$ROOT/usr/lib/cni/bridge.diverted"
	connects /usr/lib/cni
	on_machine /usr/share/footbridge/divert off
	cmp /usr/lib/cni/bridge "$ROOT/usr/lib/cni/bridge"
	on_machine /usr/share/footbridge/divert on
	on_machine dpkg --no-triggers -r footbridge
	calls_end
	cmp /usr/lib/cni/bridge "$ROOT/usr/lib/cni/bridge"
	assert_eq "$(cd "$ROOT/usr/lib/cni" && ls -A)" "$(ls -A /usr/lib/cni)" "/usr/lib/cni"
	assert_eq "$(on_machine dpkg-divert --list)" "$before" diversions
}

@test "divert without containernetworking-plugins leaves nothing, either" {
	installed
	rm "$ROOT"/usr/lib/cni/{bridge,host-local,loopback}
	on_machine /usr/share/footbridge/divert on
	connects /usr/lib/cni
	on_machine dpkg --no-triggers -r footbridge
	[[ ! -e $ROOT/usr/lib/cni/bridge && ! -L $ROOT/usr/lib/cni/bridge ]] || fail "a link is left"
}

@test "divert: what was broken off anywhere is completed by the next, on or off" {
	local off on diversions broken next n

	installed
	stubs
	# a file, a link that leads nowhere, and nothing
	ln -sf /usr/lib/nowhere/host-local "$ROOT/usr/lib/cni/host-local"
	rm "$ROOT/usr/lib/cni/loopback"
	off=$(theirs) diversions=$(on_machine dpkg-divert --list)
	divert on
	on=$(theirs)
	assert_eq "$(grep diverted <<<"$on" | sed 's/\.diverted//')" "$off" "what is kept"
	assert_eq "$(grep -c ' -> /usr/lib/footbridge/cni/' <<<"$on")" 3
	divert off
	for broken in on off; do
		for next in on off; do
			for ((n = 1; ; n++)); do
				[[ $broken == on ]] || divert on
				at "$n" "$broken" || break
				on_machine test -e /usr/lib/cni/bridge || fail "$broken, broken off at $n: no bridge is there"
				divert "$next"
				assert_eq "$(theirs)" "${!next}" "$broken, broken off at $(tail -n 1 "$ROOT/stubs/calls"), then $next"
				if [[ $next == on ]]; then
					divert off
					assert_eq "$(theirs)" "$off" "$broken, broken off at $n, then on, then off"
				fi
				assert_eq "$(on_machine dpkg-divert --list)" "$diversions" "$broken, broken off at $n"
			done
			[[ $n -gt 9 ]] || fail "$broken has only $n places"
			divert off
		done
	done
}

@test "divert on: links lead to where the package is now" {
	local on

	installed
	rm "$ROOT/usr/lib/cni/loopback"
	divert on
	on=$(theirs)
	divert on
	assert_eq "$(theirs)" "$on" "a second time"
	mv "$ROOT/usr/lib/footbridge/cni" "$ROOT/usr/lib/footbridge/elsewhere"
	sed -i 's,^ours=.*,ours=/usr/lib/footbridge/elsewhere,' "$ROOT/usr/share/footbridge/divert"
	divert on
	assert_eq "$(theirs)" "${on//footbridge\/cni/footbridge\/elsewhere}"
	divert off
	cmp /usr/lib/cni/bridge "$ROOT/usr/lib/cni/bridge"
	[[ ! -L $ROOT/usr/lib/cni/loopback ]] || fail "a link is left"
}

@test "divert on: where somebody else diverts nothing is touched" {
	local before

	installed
	on_machine dpkg-divert --package other --divert /usr/lib/cni/loopback.other --rename \
		--add /usr/lib/cni/loopback >/dev/null
	before=$(theirs && on_machine dpkg-divert --list)
	run on_machine /usr/share/footbridge/divert on
	assert_eq "$status" 1 "$output"
	assert_in "$output" "/usr/lib/cni/loopback is diverted already, by other"
	assert_eq "$(theirs && on_machine dpkg-divert --list)" "$before"
	divert off
	assert_eq "$(theirs && on_machine dpkg-divert --list)" "$before"
}

@test "divert: a plugin that has been put back under a diversion is none of ours to remove" {
	local next

	installed
	for next in off on; do
		divert on
		mv -f "$ROOT"/usr/lib/cni/bridge{.diverted,}
		divert "$next"
		[[ $next == off ]] || cmp /usr/lib/cni/bridge "$ROOT/usr/lib/cni/bridge.diverted"
		divert off
		cmp /usr/lib/cni/bridge "$ROOT/usr/lib/cni/bridge"
	done
}

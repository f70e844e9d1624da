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

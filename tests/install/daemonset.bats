#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The script of conf-examples/daemonset.yaml, without Kubernetes.

load helpers

YAML=$FOOTBRIDGE_TOP/conf-examples/daemonset.yaml
APPLETS=$BATS_TEST_TMPDIR/applets
# the last has no tools but busybox's own
SHELLS=(sh 'busybox sh' "env PATH=$APPLETS sh")

# given: the image's folder and the node's
given() {
	SOURCE=$BATS_TEST_TMPDIR/image TARGET=$BATS_TEST_TMPDIR/node
	mkdir -p "$SOURCE" "$TARGET" "$APPLETS"
	busybox --install -s "$APPLETS"
	cp "$FOOTBRIDGE_BIN/bridge" "$FOOTBRIDGE_BIN/../footbridge" "$SOURCE"
	python3 -c 'import sys, yaml
pod = yaml.safe_load(open(sys.argv[1]))["spec"]["template"]["spec"]
print(pod["initContainers"][0]["args"][0])' "$YAML" >"$BATS_TEST_TMPDIR/script"
}

# node SHELL: the DaemonSet's pod starts on the node
node() {
	# shellcheck disable=SC2086 # words
	SOURCE=$SOURCE TARGET=$TARGET $1 -c "$(cat "$BATS_TEST_TMPDIR/script")"
}

contents() {
	find "$TARGET" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | xargs
}

# back: as the file says
back() {
	(cd "$TARGET" && rm bridge host-local loopback footbridge
		mv footbridge.before/* .
		rm footbridge.before/.whole && rmdir footbridge.before)
}

# another version: the same with a byte more, which nothing reads
rebuild() {
	echo >>"$SOURCE/bridge"
	echo >>"$SOURCE/footbridge"
}

@test "the YAML is what Kubernetes expects, as far as can be told without it" {
	python3 "$FOOTBRIDGE_TOP/tests/install/daemonset.py" "$YAML"
}

@test "shellcheck has nothing to say of the script" {
	given
	command -v shellcheck >/dev/null || skip "shellcheck is not installed"
	SHELLCHECK_OPTS='' shellcheck -s sh <(echo ': "${SOURCE:?}" "${TARGET:?}"'; cat "$BATS_TEST_TMPDIR/script")
}

@test "plugins are put on a node, and left alone when they are there" {
	local shell FOOTBRIDGE_BIN=$FOOTBRIDGE_BIN

	given
	for shell in "${SHELLS[@]}"; do
		rm -rf "${TARGET:?}"/*
		run node "$shell"
		assert_eq "$status" 0 "$shell: $output"
		assert_eq "$(contents)" "bridge footbridge footbridge.before host-local loopback"
		run node "$shell"
		assert_eq "$output" "bridge: up to date
host-local: up to date
loopback: up to date
footbridge: up to date"
	done
	FOOTBRIDGE_BIN=$TARGET
	pod a
	add a
	assert_ok
	pings a 10.1.0.1
	del a
	assert_ok
}

@test "no call fails while files in use are replaced, again and again" {
	local shell

	given
	cp /usr/lib/cni/bridge "$TARGET"
	calls_begin "$TARGET/bridge"
	for _ in 1 2 3 4 5; do
		for shell in "${SHELLS[@]}"; do
			rebuild
			run node "$shell"
			assert_eq "$status" 0 "$output"
			cmp "$SOURCE/bridge" "$TARGET/bridge"
		done
	done
	calls_end
}

@test "what was there before is kept, once" {
	given
	cp /usr/lib/cni/bridge "$TARGET"
	node sh
	rebuild
	node sh
	cmp /usr/lib/cni/bridge "$TARGET/footbridge.before/bridge"
	back
	cmp /usr/lib/cni/bridge "$TARGET/bridge"
	[[ ! -e $TARGET/host-local ]] || fail "ours is kept as if it had been there before"
	# and forth
	node sh
	cmp /usr/lib/cni/bridge "$TARGET/footbridge.before/bridge"
}

@test "what does not run on this node is not put there" {
	given
	node sh
	cp "$SOURCE/bridge" "$BATS_TEST_TMPDIR/good"
	echo 'an executable of another processor' >"$SOURCE/bridge"
	run node sh
	[[ $status -ne 0 ]] || fail "it was: $output"
	cmp "$BATS_TEST_TMPDIR/good" "$TARGET/bridge"
	cmp "$BATS_TEST_TMPDIR/good" "$TARGET/host-local"
}

@test "a run that was broken off is finished by the next" {
	given
	mkdir "$TARGET/.footbridge.try"
	head -c 1000 "$SOURCE/bridge" >"$TARGET/.footbridge.new"
	run node sh
	assert_eq "$status" 0 "$output"
	assert_eq "$(contents)" "bridge footbridge footbridge.before host-local loopback"
	cmp "$SOURCE/bridge" "$TARGET/bridge"
}

@test "what was there before is kept also where the first run is broken off, and the next is another version's" {
	local shell

	given
	for shell in "${SHELLS[@]}"; do
		rm -rf "${TARGET:?}"/*
		cp /usr/lib/cni/bridge "$TARGET"
		# broken off while it keeps
		mkdir "$TARGET/footbridge.before"
		ln "$TARGET/bridge" "$TARGET/footbridge.before"
		# and again with the first of ours in place
		cp "$SOURCE/footbridge" "$BATS_TEST_TMPDIR/good"
		echo 'broken off' >"$SOURCE/footbridge"
		refute node "$shell" 2>/dev/null
		cmp "$SOURCE/bridge" "$TARGET/bridge"
		cp "$BATS_TEST_TMPDIR/good" "$SOURCE/footbridge"
		rebuild
		run node "$shell"
		assert_eq "$status" 0 "$shell: $output"
		cmp "$SOURCE/bridge" "$TARGET/bridge"
		cmp /usr/lib/cni/bridge "$TARGET/footbridge.before/bridge"
		assert_eq "$(ls "$TARGET/footbridge.before")" bridge "$shell"
	done
}

@test "so are links, to what only the node has, too" {
	local shell

	given
	for shell in "${SHELLS[@]}"; do
		rm -rf "${TARGET:?}"/*
		ln -s /usr/lib/nowhere/bridge "$TARGET/bridge"
		ln -s /usr/lib/cni/host-local "$TARGET/host-local"
		run node "$shell"
		assert_eq "$status" 0 "$shell: $output"
		[[ ! -L $TARGET/bridge && ! -L $TARGET/host-local ]] || fail "$shell: ours is not there"
		assert_eq "$(cd "$TARGET/footbridge.before" && echo *)" "bridge host-local" "$shell"
		back
		assert_eq "$(readlink "$TARGET"/{bridge,host-local} | xargs)" \
			"/usr/lib/nowhere/bridge /usr/lib/cni/host-local" "$shell"
	done
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `footbridge` by its own name: what all of its commands have in common.

load helpers

@test "without a command it says on stderr what there is" {
	footbridge
	assert_eq "$status" 2 "exit status"
	assert_eq "$out" "" stdout
	assert_in "$err" "usage: footbridge COMMAND" restore bridge host-local loopback
}

@test "help goes to stdout and names each command" {
	footbridge help
	assert_eq "$status" 0 "exit status"
	local wanted=$out
	assert_in "$wanted" "usage: footbridge COMMAND" restore version
	footbridge --help
	assert_eq "$out" "$wanted" --help
}

@test "a command tells of itself, and does nothing else" {
	local name

	footbridge help
	sed -n 's/^  \([a-z]*\) .*/\1/p' <<<"$out" | grep -vx 'version\|help' >"$BATS_TEST_TMPDIR/names"
	while read -r name; do
		footbridge "$name" --help
		assert_eq "$status" 0 "exit status of $name --help"
		assert_eq "$err" "" "stderr of $name --help"
		assert_in "$out" "usage: footbridge $name"
	done <"$BATS_TEST_TMPDIR/names"
}

@test "what is no command, or has arguments too many, is refused" {
	footbridge restart
	assert_eq "$status" 2 "exit status"
	assert_in "$err" '"restart"' restore
	footbridge restore everything
	assert_eq "$status" 2 "exit status"
	assert_in "$err" "usage: footbridge restore"
}

@test "the version is one line" {
	footbridge version
	assert_eq "$status" 0 "exit status"
	[[ $out =~ ^footbridge\ [0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "it is '$out'"
}

@test "an answer that cannot be written is a failure" {
	STDOUT=/dev/full footbridge help
	assert_eq "$status" 1 "exit status"
	assert_in "$err" "cannot write to stdout"
}

@test "the plugins' executable by a name that is none of theirs" {
	cp "$FOOTBRIDGE_BIN/bridge" "$BATS_TEST_TMPDIR/stranger"
	FOOTBRIDGE_BIN=$BATS_TEST_TMPDIR call VERSION stranger '' '' <<<'{"cniVersion": "1.0.0"}'
	assert_eq "$status" 2 "exit status"
	assert_eq "$out" "" stdout
	assert_in "$err" '"stranger" is no plugin' bridge host-local loopback
}

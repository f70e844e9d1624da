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
	footbridge -h
	assert_eq "$status" 0 "exit status of -h"
	assert_eq "$out" "$wanted" -h
}

@test "help about a command is what that says of itself, wherever it is asked" {
	local words

	footbridge run --help
	local wanted=$out
	for words in 'help run' 'run -h' 'run --ip 10.1.0.7 --help'; do
		# shellcheck disable=SC2086 # words
		footbridge $words
		assert_eq "$status$err" 0 "exit status, stderr of $words"
		assert_eq "$out" "$wanted" "$words"
	done
	for words in 'list --json --help' 'peer --netns x -h' 'gc --dry-run --help' 'graph --dot -h' 'lint --json --help'; do
		# shellcheck disable=SC2086 # words
		footbridge $words
		assert_eq "$status$err" 0 "exit status, stderr of $words"
		assert_in "$out" "usage: footbridge ${words%% *} "
	done
	footbridge help restart
	assert_eq "$status" 2 "exit status"
	assert_in "$err" 'there is no command "restart"'
}

@test "an option that may be given several times has the dots of that behind it" {
	local command commands

	footbridge --help
	mapfile -t commands < <(sed -n 's/^  \([a-z]\+\) .*/\1/p' <<<"$out")
	assert_in "${commands[*]}" "doctor gc"
	for command in "${commands[@]}"; do
		footbridge help "$command"
		[[ $out != *"several times"* ]] || assert_in "$(head -n 1 <<<"$out")" "[--conf FILE|NAME]..."
	done
}

# elsewhere COMMAND [ARGUMENT...]: with another folder of configurations, named by NETCONFPATH
elsewhere() {
	timed env -i PATH="$PATH" "${SANITIZERS[@]}" CNI_PATH="$FOOTBRIDGE_BIN" NETCONFPATH="$BATS_TEST_TMPDIR/confs" \
		"$FOOTBRIDGE_BIN/../footbridge" "$@"
}

@test "what reads configurations reads those in NETCONFPATH, and no others" {
	local confs=$BATS_TEST_TMPDIR/confs command

	mkdir "$confs"
	echo '{' >/etc/cni/net.d/00-broken.conf
	conf . >/etc/cni/net.d/10-here.conf
	CONF=$(conf '.name = "there" | .bridge = "fb7"')
	conf . >"$confs/20-there.conf"
	added a
	elsewhere status
	assert_eq "$status" 0 "exit status of status"
	assert_in "$out" "$confs/20-there.conf" ready
	elsewhere check
	assert_eq "$status" 0 "exit status of check"
	assert_in "$out" there fine
	elsewhere doctor
	assert_eq "$status" 0 "exit status of doctor"
	assert_in "$out" "1 configuration, 1 network"
	elsewhere gc --conf there
	assert_eq "$status" 0 "exit status of gc"
	elsewhere run -- ip -4 -br addr show dev eth0
	assert_eq "$status" 0 "exit status of run"
	assert_in "$out" 10.1.0.3/24
	elsewhere run --conf there -- true
	assert_eq "$status" 0 "exit status of run --conf"
	for command in status check doctor gc run; do
		elsewhere "$command" --conf net
		[[ $status -ne 0 ]] || fail "$command: it has found what is not there"
		assert_in "$out$err" '"net"' "$confs"
	done
}

@test "the folder that NETCONFPATH names is not there" {
	local confs=$BATS_TEST_TMPDIR/confs

	elsewhere run -- true
	assert_eq "$status" 125 "exit status of run"
	assert_in "$err" "NETCONFPATH: there is no folder $confs (No such file or directory): unset it"
	refute ip link show footbridge0
	elsewhere doctor
	assert_eq "$status" 0 "exit status of doctor"
	assert_in "$out" "note: host: there is no configuration in $confs: "
	elsewhere status
	assert_eq "$status" 1 "exit status of status"
	assert_in "$err" "$confs"
	# one's own that is asked for
	elsewhere run --conf footbridge -- true
	assert_eq "$status" 0 "exit status of run --conf"
	mkdir "$confs"
	elsewhere run -- true
	assert_eq "$status" 0 "exit status of run, in an empty one"
}

@test "an option that is none, lacks its value or has one too many is named" {
	local said words

	while IFS='|' read -r words said; do
		# shellcheck disable=SC2086 # words
		footbridge $words
		[[ $status -eq 2 || $status -eq 125 && $words == run* ]] || fail "exit status of $words"
		assert_eq "$(head -n 1 <<<"$err")" "footbridge ${words%% *}: $said" "$words"
		assert_in "$err" "usage: footbridge ${words%% *} "
		assert_eq "$out" "" "stdout of $words"
	done <<-'END'
		list -xy|-x is not understood
		list --json -x|-x is not understood
		lint -xy|-x is not understood
		graph --network|--network is not understood
		peer eth0 --nonsense=7|--nonsense=7 is not understood
		list --json=yes|--json takes no value
		list --network|--network needs a value behind it
		peer eth0 --netns|--netns needs a value behind it
		check --conf|--conf needs a value behind it
		gc --dry-run=no|--dry-run takes no value
		run --ip|--ip needs a value behind it
		run --conf|--conf needs a value behind it
		run --port 80|--port: "80" is not HOST:CONTAINER, or with /tcp, /udp, /sctp behind it
	END
	footbridge run --hostname ''
	assert_eq "$status" 125 "exit status"
	assert_in "$err" 'footbridge run: --hostname: "" is not 1 to 64 bytes'
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

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Deadlines that are waited for to their end: a file of its own, so that others run beside
# it.

load helpers
load probe

@test "an IPAM plugin that hangs is killed after 55 s, with all it started" {
	local kind pids=() began=$SECONDS

	export PATIENCE=100
	ipam ADD <<-'END'
		echo $$ >>$notes/hanging
		case $CNI_CONTAINERID in
		sleeps) exec sleep 600 ;;
		closes) exec sleep 600 <&- >&- ;;
		family) sleep 600 & echo $! >>$notes/hanging; sleep 600 ;;
		stubborn) trap '' TERM INT HUP PIPE; while :; do sleep 1; done ;;
		esac
	END
	pod sleeps closes family stubborn
	for kind in sleeps closes family stubborn; do
		(
			CONF=$(conf '.bridge = $b' --arg b "fb-$kind")
			add "$kind"
			assert_error 11 probe 'within 55 s'
			refute_anything_left "$kind"
		) &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
	[[ $((SECONDS - began)) -ge 55 ]] || fail "killed too early"
	assert_eq "$(calls | tr ' ' '\n' | sort | uniq -c | xargs)" "4 ADD 4 DEL"
	while read -r pid; do
		eventually ended "$pid"
	done <"$BATS_TEST_TMPDIR/hanging"
}

@test "a configuration without an end is waited for 30 s" {
	export PATIENCE=60
	CONF=$SINGLE
	pod a
	snapshot
	call ADD bridge a < <(
		printf '{'
		exec sleep 60 3>&- 4>&-
	)
	assert_error 11 stdin 'within 30 s'
	[[ $took -ge 30000 && $took -lt 45000 ]] || fail "given up after $took ms"
	assert_unchanged
}

# hold FILE: somebody else has its lock
hold() {
	flock -F "$1" sleep 100 3>&- 4>&- &
	background $!
	eventually refute flock -n "$1" true
}

@test "a namespace that another call works on: ADD waits 60 s for it, DEL 10 s" {
	local adding

	export PATIENCE=100
	CONF=$SINGLE
	added first
	pod a
	snapshot
	added b
	hold /run/netns/a
	hold /run/netns/b
	(
		add a
		assert_error 11 'another call' 'for 60 s'
		[[ $took -ge 60000 && $took -lt 70000 ]] || fail "given up after $took ms"
	) &
	adding=$!
	# it goes on without
	call DEL bridge b <<<"$CONF"
	assert_ok
	[[ $took -ge 10000 && $took -lt 20000 ]] || fail "gone on after $took ms"
	refute_anything_left b
	wait "$adding"
	assert_unchanged
	refute_anything_left a
}

@test "an IPv6 address whose check for duplicates does not end is waited for 5 s" {
	CONF=$(jq -c '.enabledad = true' <<<"$DUAL")
	added first
	pod a
	in_pod a sh -c 'echo 1000 >/proc/sys/net/ipv6/conf/default/dad_transmits'
	snapshot
	add a
	assert_error 11 eth0 'tentative for 5 s'
	[[ $took -ge 5000 && $took -lt 15000 ]] || fail "given up after $took ms"
	assert_unchanged
	refute_anything_left a
}

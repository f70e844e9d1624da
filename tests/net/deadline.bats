#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The deadlines of an IPAM plugin and of a configuration, waited for to their end: a file
# of its own, so that others run beside it.

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

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Changes overtake what is read from the kernel (NLM_F_DUMP_INTR), as they do on a host
# where containers come and go: it is read anew, twenty times at most.

load ../net/helpers

PATIENT=19

# overtaken N COMMAND...: the first N dumps of its calls
overtaken() {
	# shellcheck disable=SC2034 # what helpers.bash gives to each call
	local SANITIZERS=(LD_PRELOAD="$FOOTBRIDGE_BIN/../faults/overtaken.so" OVERTAKEN="$1")

	"${@:2}"
}

network() {
	[[ $FOOTBRIDGE_BIN != */asan/bin ]] || skip "a sanitizer must be the first of all libraries"
	CONF=$DUAL
	# shellcheck disable=SC2034 # what helpers.bash calls with
	CONF=$(conf '.macspoofchk = true')
	added a
	pod b
}

@test "overtaken nineteen times, each verb goes on" {
	local verb

	network
	for verb in add check del; do
		overtaken $PATIENT "$verb" b
		assert_ok
	done
	overtaken $PATIENT status
	assert_ok
	overtaken $PATIENT gc '[]'
	assert_ok
}

@test "where changes never cease ADD has nothing to ask; the others are for another time" {
	local before

	network
	overtaken 1000000 add b
	assert_ok
	before=$(world)
	for verb in "check b" "gc []"; do
		# shellcheck disable=SC2086 # words
		overtaken 1000000 $verb
		assert_error 11 "overtaken by changes"
		assert_eq "$(world)" "$before" "the world after $verb"
	done
	overtaken 1000000 del b
	assert_error 11 "overtaken by changes"
	del b
	assert_ok
	refute_anything_left b
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An allocation fails, each in turn, the plugin's own and those of all its libraries:
# once; or from then on there is only what is given back, as on a host whose memory is
# full; or there is none any more at all.  What must hold is as in errors.bats, but that
# an ADD without a byte cannot go back by itself: then the DEL does it.

load sweeps

setup() {
	! is_sanitized || skip "a sanitizer has an allocator of its own"
}

# all_verbs MOOD
all_verbs() {
	local verb failed=0

	for verb in add del check gc status; do
		# shellcheck disable=SC2046 # two words or none
		sweep $(short -s 10) "memory-$1-$verb" || failed=1
	done
	return "$failed"
}

@test "one allocation fails" {
	all_verbs once
}

@test "one allocation of an ADD with another IPAM plugin fails" {
	# shellcheck disable=SC2046 # two words or none
	sweep $(short -s 10) memory-once-add-delegated
}

@test "one allocation of a DEL of what the Go bridge made fails" {
	# shellcheck disable=SC2046 # two words or none
	sweep $(short -s 4) memory-once-del-takeover
}

@test "memory is full from one allocation on" {
	all_verbs full
}

@test "there is no memory from one allocation on" {
	all_verbs none
}

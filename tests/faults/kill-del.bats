#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SIGKILL in place of a system call of DEL or GC, for each of them from execve() on.  The
# next DEL or GC succeeds, and nothing is left but what is another container's.

# bats file_tags=long

load sweeps

setup() {
	! is_sanitized || skip "a kill shows nothing that a sanitizer sees"
}

@test "a DEL" {
	# shellcheck disable=SC2046 # a word or none
	sweep $(short -q) kill-del
}

@test "a DEL, and the namespace is gone before the next" {
	sweep kill-del-gone
}

@test "a DEL with macspoofchk" {
	# shellcheck disable=SC2046 # two words or none
	sweep $(short -q -s 3) kill-del-guarded
}

@test "a DEL with another IPAM plugin, which dies with it" {
	# shellcheck disable=SC2046 # two words or none
	sweep $(short -q -s 6) kill-del-delegated
}

@test "a DEL of what the Go bridge made" {
	# shellcheck disable=SC2046 # words
	sweep $(short -q -s 8) kill-del-takeover
}

@test "a DEL of what the Go bridge made, and the namespace is gone before the next" {
	# shellcheck disable=SC2046 # two words or none
	sweep $(short -s 8) kill-del-takeover-gone
}

@test "a GC, and the next" {
	# shellcheck disable=SC2046 # two words or none
	sweep $(short -s 4) kill-gc
}

@test "a GC, and DELs come after it" {
	# shellcheck disable=SC2046 # two words or none
	sweep $(short -s 4) kill-gc-del
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A system call or an allocation fails, each in turn, while a person asks `footbridge`.
# Exit status 0 means that the answer is as without it, and that all is mended that was to
# be; else it is said why, and the next try succeeds.  EINTR where a call may be
# interrupted is never an error.  What asks changes nothing.

# bats file_tags=long

load sweeps

# command_survives NAME
command_survives() {
	local failed=0

	# shellcheck disable=SC2046 # words
	sweep $(few 12 24) "errors-tool-$1" || failed=1
	if ! is_sanitized; then # which has an allocator of its own
		# shellcheck disable=SC2046 # words
		sweep $(short -s 12) "memory-once-tool-$1" || failed=1
	fi
	return "$failed"
}

@test "check" {
	command_survives check
}

@test "doctor" {
	command_survives doctor
}

@test "doctor --fix after a firewall reload, of forwarding, masquerade and dead leases" {
	command_survives fix
}

@test "doctor --fix after a firewall reload, of the guards of MACs" {
	command_survives fix-guarded
}

@test "gc of a container that died" {
	command_survives gc
}

@test "graph" {
	command_survives graph
}

@test "lint" {
	command_survives lint
}

@test "list" {
	command_survives list
}

@test "netns list" {
	command_survives netns
}

@test "peer" {
	command_survives peer
}

@test "restore after a firewall reload" {
	command_survives restore
}

@test "status" {
	command_survives status
}

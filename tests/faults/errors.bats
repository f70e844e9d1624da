#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A system call fails, each in turn, with EIO, EINTR, ENOMEM, ENOBUFS, ENOSPC, EMFILE and
# EAGAIN.  The short form takes one of those at each fourth call, and only those that its
# manual page names, or EIO.  Exit status 0 means that everything is as without the error; else
# there is one error object, nothing is left, and the next try succeeds.  EINTR is never an
# error, at whatever call.

# bats file_tags=long

load sweeps

@test "an ADD" {
	# shellcheck disable=SC2046 # words
	sweep $(few 4 6) errors-add
}

# Also where no manual page names it: file systems in user space answer as they like.
@test "EINTR in an ADD, a DEL or a CHECK" {
	# shellcheck disable=SC2046 # two words or none
	each -a -e EINTR $(short -s 8) -- errors-add errors-del errors-check
}

@test "an ADD with macspoofchk beside another container" {
	# shellcheck disable=SC2046 # words
	sweep $(few 4 6) errors-add-guarded
}

@test "an ADD of a container that died without a DEL" {
	# shellcheck disable=SC2046 # words
	sweep $(few 4 6) errors-add-former
}

@test "an ADD with isolated ports, promiscMode and an mtu of the host's" {
	# shellcheck disable=SC2046 # words
	sweep $(few 8) errors-add-options
}

@test "ADD, DEL and CHECK with another IPAM plugin" {
	each_verb delegated 8 16
}

@test "a GC with another IPAM plugin" {
	# shellcheck disable=SC2046 # words
	sweep $(few 8 16) errors-gc-delegated
}

@test "a DEL of what the Go bridge made" {
	# shellcheck disable=SC2046 # words
	sweep $(few 8 16) errors-del-takeover
}

@test "a CHECK of what the Go bridge made" {
	# shellcheck disable=SC2046 # words
	sweep $(few 8 16) errors-check-takeover
}

@test "an ADD of a pod that keeps its address" {
	# shellcheck disable=SC2046 # words
	sweep $(few 8 16) errors-add-sticky
}

@test "an ADD that needs the address of a container that died" {
	# shellcheck disable=SC2046 # words
	sweep $(few 8 16) errors-add-full
}

# by_name PLUGIN VERB...: calls of it by its own name, each of an error and of an allocation
by_name() {
	local verb mood failed=0

	for verb in "${@:2}"; do
		# shellcheck disable=SC2046 # words
		sweep $(few 3 12) "errors-$1-$verb" || failed=1
		if is_sanitized; then # which has an allocator of its own
			continue
		fi
		for mood in once full none; do
			# shellcheck disable=SC2046 # words
			sweep $(short -s 8) "memory-$mood-$1-$verb" || failed=1
		done
	done
	return "$failed"
}

@test "host-local" {
	by_name host-local add del check
}

@test "loopback" {
	by_name loopback add del check
}

@test "a VERSION" {
	by_name bridge version
}

@test "a DEL" {
	# shellcheck disable=SC2046 # words
	sweep $(few 4 5) errors-del
}

@test "a DEL whose namespace is gone" {
	# shellcheck disable=SC2046 # words
	sweep $(few 8 16) errors-del-gone
}

@test "DEL, CHECK and GC with macspoofchk" {
	# shellcheck disable=SC2046 # words
	each $(few 12 24) -- errors-del-guarded errors-check-guarded errors-gc-guarded
}

@test "a CHECK of what is well" {
	# shellcheck disable=SC2046 # words
	sweep $(few 4 5) errors-check
}

@test "a CHECK of what is not well never says so" {
	# shellcheck disable=SC2046 # words
	sweep $(few 4 5) errors-check-broken
}

@test "a GC" {
	# shellcheck disable=SC2046 # words
	sweep $(few 4 5) errors-gc
}

@test "a STATUS" {
	# shellcheck disable=SC2046 # words
	sweep $(few 4 5) errors-status
}

# No instruction of ours has been executed yet: without a word, but with nothing done.
@test "the loader before an ADD, a DEL or a CHECK" {
	! is_sanitized || skip "most of it is the sanitizer's"
	# shellcheck disable=SC2046 # words
	each $(few 8) -- loader-add loader-del loader-check
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SIGKILL in place of a system call of ADD, for each of them from execve() on.  The DEL
# that follows succeeds, nothing is left, and the next ADD is as good as ever.

# bats file_tags=long

load sweeps

setup() {
	! is_sanitized || skip "a kill shows nothing that a sanitizer sees"
}

@test "the first ADD of a host" {
	# shellcheck disable=SC2046 # a word or none
	sweep $(short -q) kill-add
}

@test "the first ADD, and the namespace is gone before DEL" {
	sweep kill-add-gone
}

@test "the first ADD with macspoofchk" {
	# shellcheck disable=SC2046 # two words or none
	sweep $(short -q -s 3) kill-add-guarded
}

@test "an ADD beside another container, which does not notice" {
	# shellcheck disable=SC2046 # two words or none
	sweep $(short -q -s 4) kill-add-beside
}

@test "an ADD that buries what its container left when it died without a DEL" {
	# shellcheck disable=SC2046 # two words or none
	sweep $(short -q -s 4) kill-add-former
}

@test "the first ADD with isolated ports, promiscMode and an mtu of the host's" {
	# shellcheck disable=SC2046 # two words or none
	sweep $(short -q -s 4) kill-add-options
}

@test "the first ADD with another IPAM plugin, which dies with it" {
	# shellcheck disable=SC2046 # two words or none
	sweep $(short -q -s 6) kill-add-delegated
}

@test "an ADD of a pod that keeps its address" {
	# shellcheck disable=SC2046 # two words or none
	sweep $(short -q -s 6) kill-add-sticky
}

@test "an ADD that needs the address of a container that died" {
	# shellcheck disable=SC2046 # two words or none
	sweep $(short -q -s 6) kill-add-full
}

@test "host-local, and loopback" {
	# shellcheck disable=SC2046 # two words or none
	sweep $(short -q -s 2) kill-add-host-local
	# shellcheck disable=SC2046 # two words or none
	sweep $(short -q -s 2) kill-add-loopback
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Hostile input, each piece a line in hostile/*.jsonl: see hostile.py.  FULL=1: each line
# is put to all of its verbs, not to one.

load ../net/helpers

# put FILE: all of its lines
put() {
	local said

	said=$("$FOOTBRIDGE_TOP/tests/faults/hostile.py" "$FOOTBRIDGE_TOP/tests/faults/hostile/$1.jsonl") || fail "$said"
	echo "# figure: ${said##*$'\n'}" >&3
}

@test "configurations" {
	put configuration
}

@test "what is no JSON, or strange JSON" {
	put json
}

@test "variables, CNI_ARGS" {
	put environment
}

@test "namespaces" {
	put namespace
}

@test "results of the past" {
	put previous
}

@test "what lies in the store" {
	put store
}

@test "descriptors, limits, signals, umask, a stdout that takes nothing" {
	put process
}

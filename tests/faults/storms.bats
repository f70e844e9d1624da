#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Storms: many calls at once, at bad moments, while others make and remove links and
# nft tables and reload the firewall, with our table or without.  Each attachment is
# masqueraded and guarded.  FULL=1: the figures that the README tells.

load ../net/helpers

# storm RELOAD NAME SHORT FULL: run it in this size; its figures go to the TAP output
storm() {
	local figures size=$3

	[[ ! ${FULL-} ]] || size=$4
	# shellcheck disable=SC2086 # numbers
	figures=$("$FOOTBRIDGE_TOP/tests/faults/storm.py" "$1" "$2" $size) || fail "$figures"
	echo "# figure: ${figures//$'\n'/: }" >&3
}

@test "200 first ADDs at once, then 200 DELs" {
	storm flush many 200 200
}

@test "the same, and what is left in our table stays there; some are CHECKed" {
	storm own many 200 200
}

@test "eight DELs of one attachment at once" {
	storm own deletes '4 8' '100 8'
}

@test "an ADD is met by a DEL of the same attachment; after one more DEL nothing is left" {
	storm flush overlap 13 250
}

@test "the same, and what is left in our table stays there" {
	storm own overlap 13 250
}

@test "chaos: half of the ADDs killed, half of the namespaces gone before the DEL" {
	storm flush chaos '104 8' '5000 8'
}

@test "the same chaos, and what is left in our table stays there" {
	storm own chaos '104 8' '5000 8'
}

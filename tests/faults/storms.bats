#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Storms: many calls at once, at bad moments, while others make and remove links and
# nft tables and reload the firewall.  FULL=1: the figures that the README tells.

load ../net/helpers

# storm NAME SHORT FULL: run it in this size; its figures go to the TAP output
storm() {
	local figures

	[[ ${FULL-} ]] && set -- "$1" "$3" "$3"
	# shellcheck disable=SC2086 # numbers
	figures=$("$FOOTBRIDGE_TOP/tests/faults/storm.py" "$1" $2) || fail "$figures"
	echo "# figure: ${figures//$'\n'/: }" >&3
}

@test "200 first ADDs at once, then 200 DELs" {
	storm many 200 200
}

@test "eight DELs of one attachment at once" {
	storm deletes '4 8' '100 8'
}

@test "an ADD is met by a DEL of the same attachment; after one more DEL nothing is left" {
	storm overlap 25 500
}

@test "chaos: half of the ADDs killed, half of the namespaces gone before the DEL" {
	storm chaos '200 8' '10000 8'
}

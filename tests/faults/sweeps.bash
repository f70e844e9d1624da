# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# sweeps.bash - what the tests of faults are written with
#
#   sweep [OPTION...] NAME      run a sweep (tests/faults/sweep.c); its figures are shown
#   each [OPTION...] -- NAME... several of them, whether or not one fails
#   short OPTION...             the options, or none when no point is to be left out
#   few N [SANITIZED]           of a sweep of errors: one of them at each N-th call
#   each_verb KIND N [SANITIZED]   the sweeps of errors in ADD, DEL and CHECK of this kind, so few
#
# EACH=1: at each point, be it one error; FULL=1: everything at each.
#   is_sanitized                was the plugin built with SANITIZE=1?

FOOTBRIDGE_TOP=${FOOTBRIDGE_TOP:-$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)}
FOOTBRIDGE_BIN=${FOOTBRIDGE_BIN:-$FOOTBRIDGE_TOP/build/bin}
TOOLS=$FOOTBRIDGE_BIN/../faults

short() {
	[[ ${FULL-}${EACH-} ]] || echo "$@"
}

few() {
	if [[ ${FULL-} ]]; then
		echo -a
	elif [[ ${EACH-} ]]; then
		echo -1
	elif is_sanitized; then
		echo -1 -s "${2:-$1}"
	else
		echo -1 -s "$1"
	fi
}

is_sanitized() {
	[[ $FOOTBRIDGE_BIN == */asan/bin ]]
}

sweep() {
	local options=("${@:1:$#-1}") status=0

	if is_sanitized; then
		options+=(-m)
	fi
	# with a /proc of its own: who walks over all processes makes the same calls each time;
	# libnftables complains of each rule of iptables that it prints
	unshare --pid --fork --kill-child --mount-proc \
		"$TOOLS/sweep" "${options[@]}" "$FOOTBRIDGE_BIN" "${!#}" >"$BATS_TEST_TMPDIR/sweep" \
		2> >(grep -v '^XT target .* not found$' >&2) || status=$?
	cat "$BATS_TEST_TMPDIR/sweep"
	echo "# figure: $(tail -n 1 "$BATS_TEST_TMPDIR/sweep")" >&3
	return "$status"
}

each() {
	local options=() failed=0

	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	for name in "${@:2}"; do
		sweep "${options[@]}" "$name" || failed=1
	done
	return "$failed"
}

each_verb() {
	# shellcheck disable=SC2046 # words
	each $(few "${@:2}") -- "errors-add-$1" "errors-del-$1" "errors-check-$1"
}

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# helpers.bash - what the tests of installing are written with
#
# Beside all of tests/net/helpers.bash:
#
#   tool ARGUMENT...       footbridge, the tool
#   calls_begin COMMAND... from now on COMMAND is called again and again, as a runtime
#                          calls a plugin for its VERSION
#   calls_end              until now: there were calls, and none has failed

load ../net/helpers

tool() {
	"$FOOTBRIDGE_BIN/../footbridge" "$@"
}

calls_begin() {
	mkdir "$BATS_TEST_TMPDIR/calls"
	(
		while ! [[ -e $BATS_TEST_TMPDIR/calls/end ]]; do
			echo call >>"$BATS_TEST_TMPDIR/calls/made"
			CNI_COMMAND=VERSION "$@" </dev/null >"$BATS_TEST_TMPDIR/calls/out" \
				2>>"$BATS_TEST_TMPDIR/calls/err" && continue
			echo "exit status $?" >>"$BATS_TEST_TMPDIR/calls/failed"
		done
	) 3>&- &
	calls=$!
	background "$calls"
	eventually test -s "$BATS_TEST_TMPDIR/calls/made"
}

calls_end() {
	touch "$BATS_TEST_TMPDIR/calls/end"
	wait "$calls" || true
	[[ ! -e $BATS_TEST_TMPDIR/calls/failed ]] ||
		fail "$(wc -l <"$BATS_TEST_TMPDIR/calls/failed") of $(wc -l <"$BATS_TEST_TMPDIR/calls/made") calls failed: $(sort -u "$BATS_TEST_TMPDIR/calls/failed" "$BATS_TEST_TMPDIR/calls/err")"
	[[ $(wc -l <"$BATS_TEST_TMPDIR/calls/made") -gt ${1:-10} ]] || fail "hardly a call was made"
}

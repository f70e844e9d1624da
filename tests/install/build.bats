#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What make makes, and what it makes anew; in a folder of its own.

load helpers

FOLDER=$BATS_TEST_TMPDIR/build
OBJECT=$FOLDER/obj/plugin/error.o

# makes WORD...: `make` is called with these, and prints what it does
makes() {
	run make -C "$FOOTBRIDGE_TOP" --no-print-directory BUILD="$FOLDER" "$@"
	[[ $status -eq 0 ]] || fail "make $*: $output"
}

@test "a distribution's flags are taken as they are" {
	local flags

	for flags in CPPFLAGS=-D_FORTIFY_SOURCE=2 'CFLAGS=-O2 -Wp,-D_FORTIFY_SOURCE=2' \
		'CFLAGS=-O2 -Wp,-U_FORTIFY_SOURCE,-D_FORTIFY_SOURCE=2' \
		"CFLAGS=$(dpkg-buildflags --get CFLAGS) $(dpkg-buildflags --get CPPFLAGS)"; do
		makes -B V=1 "$flags" "$OBJECT"
		# our level is the last
		[[ ${output##*-D_FORTIFY_SOURCE=} == 3\ * ]] || fail "$flags: $output"
	done
}

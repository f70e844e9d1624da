#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The order of the modules, and that the test for it can fail.

setup() {
	top=${FOOTBRIDGE_TOP:-$BATS_TEST_DIRNAME/../..}
	copy=$BATS_TEST_TMPDIR/copy
	mkdir -p "$copy"
	cp -r "$top"/Makefile "$top"/include "$top"/plugin "$top"/ipam "$copy"
}

@test "no module knows a later one" {
	run "$top/tests/layers" "$top"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "a word that knows the kernel is found" {
	echo '#include "link.h"' >>"$copy/plugin/conf.c"
	run "$top/tests/layers" "$copy"
	[ "$status" -ne 0 ]
	[[ $output == *"conf includes link.h"* ]]
}

@test "a second door to a library is found" {
	echo '#include <cjson/cJSON.h>' >>"$copy/plugin/masq.c"
	run "$top/tests/layers" "$copy"
	[ "$status" -ne 0 ]
	[[ $output == *"its door is json"* ]]
}

@test "a module that the Makefile does not list is found" {
	echo >"$copy/plugin/stray.c"
	run "$top/tests/layers" "$copy"
	[ "$status" -ne 0 ]
	[[ $output == *"plugin/stray.c"* ]]
}

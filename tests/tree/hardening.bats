#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the compiler and the linker were told to do for our safety has been done.

setup() {
	cd "${FOOTBRIDGE_TOP:-$BATS_TEST_DIRNAME/../..}" || return
	file=${FOOTBRIDGE_BIN:-$PWD/build/bin}/bridge
	case $file in
	*/asan/*) skip "a build for finding mistakes, not for use" ;;
	esac
}

refute() {
	if "$@"; then return 1; fi
}

# dynamic WORD: a word of the dynamic section
dynamic() {
	readelf -dW "$file" | grep -qw -- "$1"
}

# segment TYPE: the flags of this segment ("RW", "R E")
segment() {
	readelf -lW "$file" | awk -v type="$1" '$1 == type { print $7 (NF > 8 ? $8 : "") }'
}

@test "it is a position-independent executable" {
	readelf -hW "$file" | grep -q 'Type: *DYN'
	readelf -lW "$file" | grep -q INTERP
	refute dynamic TEXTREL
}

@test "its relocations are read-only, all of them (full RELRO)" {
	[ "$(segment GNU_RELRO)" = R ]
	dynamic BIND_NOW
}

@test "neither stack nor data can be executed" {
	[ "$(segment GNU_STACK)" = RW ]
	[[ $(segment LOAD) != *WE* ]]
}

@test "it looks for libraries where the system does" {
	refute dynamic RPATH
	refute dynamic RUNPATH
}

@test "its stack is guarded" {
	readelf -sW --dyn-syms "$file" | grep -q __stack_chk_fail
}

@test "its calls of libc are fortified" {
	readelf -sW --dyn-syms "$file" | grep -q '__snprintf_chk\|__vsnprintf_chk'
}

# A size that only the running program knows: level 2 does not see this one.
@test "the build's own flags catch an overflow of allocated memory" {
	cat >"$BATS_TEST_TMPDIR/overflow.c" <<-'END'
		#include <stdlib.h>
		#include <string.h>
		int main(int argc, char **argv)
		{
			char *text = malloc((size_t)argc * 2);

			strcpy(text, argv[argc - 1]);
			return text[0] == 'x';
		}
	END
	read -ra build < <(make -s print-hardening)
	case ${build[0]} in *clang*) skip "clang knows level 2 alone" ;; esac
	"${build[@]}" -o "$BATS_TEST_TMPDIR/overflow" "$BATS_TEST_TMPDIR/overflow.c"
	"$BATS_TEST_TMPDIR/overflow" a || [ $? -le 1 ]
	run "$BATS_TEST_TMPDIR/overflow" "far more than that"
	echo "exit status $status"
	[ "$status" -eq 134 ]
	[[ $output == *"buffer overflow detected"* ]]
}

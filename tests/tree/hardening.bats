#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the compiler and the linker were told to do for our safety has been done.

setup() {
	cd "${FOOTBRIDGE_TOP:-$BATS_TEST_DIRNAME/../..}" || return
	bin=${FOOTBRIDGE_BIN:-$PWD/build/bin}
	# the plugins are one file with three names
	files=("$bin/bridge" "$bin/../footbridge")
	case $bin in
	*/asan/*) skip "a build for finding mistakes, not for use" ;;
	esac
}

# each CMD...: it holds for each $file; the first command in it that fails ends the test
each() {
	for file in "${files[@]}"; do
		echo "looking at $file"
		"$@"
	done
}

refute() {
	if "$@"; then return 1; fi
}

is_static() {
	[[ $bin == */static/* ]]
}

# dynamic WORD: a word of the dynamic section
dynamic() {
	readelf -dW "$file" | grep -qw -- "$1"
}

# segment TYPE: the flags of this segment ("RW", "R E")
segment() {
	readelf -lW "$file" | awk -v type="$1" '$1 == type { print $7 (NF > 8 ? $8 : "") }'
}

is_position_independent() {
	readelf -hW "$file" | grep -q 'Type: *DYN'
	is_static || readelf -lW "$file" | grep -q INTERP
	refute dynamic TEXTREL
}

@test "it is a position-independent executable" {
	each is_position_independent
}

has_full_relro() {
	[ "$(segment GNU_RELRO)" = R ]
	is_static || dynamic BIND_NOW
}

@test "its relocations are read-only, all of them (full RELRO)" {
	each has_full_relro
}

# Whoever starts it has to do that: the loader, or in a static executable its own libc or we.
are_read_only() {
	local asked=() offset size behind pid writable

	read -r offset size < <(readelf -lW "$file" | awk '$1 == "GNU_RELRO" { print $2, $5 }')
	behind=$(((offset + size) & ~4095))
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	[[ $file == */bridge ]] || asked=(lint -)
	# it waits for its configuration
	CNI_COMMAND=GC CNI_PATH=/ "$file" "${asked[@]}" <"$BATS_TEST_TMPDIR/fifo" >/dev/null 3>&- &
	pid=$!
	exec 4>"$BATS_TEST_TMPDIR/fifo"
	for _ in {1..50}; do
		if grep -q 'poll\|pipe_read' "/proc/$pid/wchan"; then break; fi
		sleep 0.1
	done
	writable=$(awk -v file="$(realpath "$file")" '$2 == "rw-p" && $6 == file { print $3; exit }' "/proc/$pid/maps")
	echo "writable from $writable, relocations up to $(printf %x "$behind")"
	cat "/proc/$pid/maps"
	exec 4>&-
	wait "$pid" || true
	rm "$BATS_TEST_TMPDIR/fifo"
	[ $((16#$writable)) -ge "$behind" ]
}

@test "they are read-only when it has started" {
	each are_read_only
}

executes_no_data() {
	[ "$(segment GNU_STACK)" = RW ]
	[[ $(segment LOAD) != *WE* ]]
}

@test "neither stack nor data can be executed" {
	each executes_no_data
}

# The first segment is the file's own description, which is data.
keeps_code_apart() {
	[ "$(segment LOAD | head -n 1)" = R ]
	readelf -lW "$file" | refute grep -w '[.]text.* [.]rodata'
}

@test "no constant data can be executed (separate code)" {
	each keeps_code_apart
}

has_no_path() {
	refute dynamic RPATH
	refute dynamic RUNPATH
}

@test "it looks for libraries where the system does" {
	each has_no_path
}

guards_its_stack() {
	readelf -sW --dyn-syms "$file" | grep -q __stack_chk_fail
}

@test "its stack is guarded" {
	each guards_its_stack
}

# gcc notes its options, for each source (musl's start is freestanding).  Where nobody does
# (clang, or a stripped file) no frame passes over a page: "sub $0x1000,%rsp" is followed by
# a touch of it.
probes_its_stack() {
	local told

	told=$(readelf --debug-dump=info "$file" | grep -o 'DW_AT_producer.*GNU C.*' || true)
	if [[ $told ]]; then
		refute grep -v -e -fstack-clash-protection -e -ffreestanding <<<"$told"
		return
	fi
	if is_static || [[ $(uname -m) != x86_64 ]]; then skip "nothing notes how it was compiled"; fi
	objdump -d --no-show-raw-insn "$file" | grep -E 'sub +\$0x[0-9a-f]{4,8},%rsp' >"$BATS_TEST_TMPDIR/frames"
	refute grep -v '\$0x1000,' "$BATS_TEST_TMPDIR/frames"
}

@test "a large frame touches each page of its stack (stack clash protection)" {
	each probes_its_stack
}

is_fortified() {
	if is_static; then skip "musl has no such functions"; fi
	readelf -sW --dyn-syms "$file" | grep -q '__snprintf_chk\|__vsnprintf_chk'
}

@test "its calls of libc are fortified" {
	each is_fortified
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
	if is_static; then skip "of musl nothing can be had"; fi
	read -ra build < <(make -s print-hardening)
	case ${build[0]} in *clang*) skip "clang knows level 2 alone" ;; esac
	"${build[@]}" -o "$BATS_TEST_TMPDIR/overflow" "$BATS_TEST_TMPDIR/overflow.c"
	"$BATS_TEST_TMPDIR/overflow" a || [ $? -le 1 ]
	run "$BATS_TEST_TMPDIR/overflow" "far more than that"
	echo "exit status $status"
	[ "$status" -eq 134 ]
	[[ $output == *"buffer overflow detected"* ]]
}

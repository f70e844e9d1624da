#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What make makes, and what it makes anew; in a folder of its own.

load helpers

FOLDER=$BATS_TEST_TMPDIR/build
OBJECT=$FOLDER/obj/plugin/error.o

# makes WORD...: `make` is called with these, as by a person, and prints what it does
makes() {
	run env -u MAKEFLAGS -u MAKELEVEL make -C "$FOOTBRIDGE_TOP" --no-print-directory BUILD="$FOLDER" "$@"
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

@test "what is made is made anew where compiler or flags are others, and only there" {
	local change kind

	command -v clang-14 clang >/dev/null || skip "clang is not installed"
	makes "$OBJECT"
	for change in CFLAGS=-O0 "CPPFLAGS=-DX='1'" LDFLAGS=-Wl,-O1 CC=clang; do
		makes "$change" "$OBJECT"
		assert_in "$output" "CC      plugin/error.c"
		makes "$change" "$OBJECT"
		assert_eq "$output" "make: '$OBJECT' is up to date." "$change, again"
	done
	for kind in SANITIZE=1 COVERAGE=1 FUZZ=1; do
		makes "$kind" "$OBJECT"
		assert_in "$output" "CC      plugin/error.c"
		makes "$kind" "$OBJECT"
		assert_eq "$output" "make: '$OBJECT' is up to date." "$kind, again"
		makes "$kind" CFLAGS=-g "$OBJECT"
		assert_in "$output" "CC      plugin/error.c"
	done
}

@test "so are the archives of the static build" {
	local archives=$FOLDER/lib/archives

	makes STATIC=1 CC=gcc "$FOLDER/flags"
	mkdir "$FOLDER/lib"
	touch "$archives"
	makes STATIC=1 CC=gcc "$archives"
	assert_eq "$output" "make: '$archives' is up to date."
	makes -n STATIC=1 CC=another-gcc "$archives"
	assert_in "$output" "tests/archives $FOLDER/lib another-gcc"
}

@test "whoever installs what another has made needs to write nothing there" {
	makes "$OBJECT"
	mount --bind "$FOLDER" "$FOLDER"
	mount -o remount,ro,bind "$FOLDER"
	makes "$OBJECT"
	assert_eq "$output" "make: '$OBJECT' is up to date."
}

@test "manual pages are made with a footbridge that runs here, whatever the compiler is for" {
	local page=$FOLDER/man/footbridge.8

	makes CC=false NATIVE="$FOOTBRIDGE_BIN/../footbridge" "$page"
	grep -q doctor "$page"
}

# dpkg tells of each.
@test "a package that is there for two architectures is there" {
	local admin=$BATS_TEST_TMPDIR/admin stubs=$BATS_TEST_TMPDIR/stubs

	mkdir "$admin" "$stubs"
	cp /var/lib/dpkg/status "$admin"
	{
		echo
		dpkg-query -s libc6-dev | sed 's/^Architecture: .*/Architecture: mips64el/'
	} >>"$admin/status"
	mkdir "$admin/info" "$admin/updates"
	echo 1 >"$admin/info/format"
	printf '#!/bin/sh\necho "not needed: $0 $*"\nexit 1\n' | tee "$stubs/apt-get" >"$stubs/apt-cache"
	chmod +x "$stubs"/*
	assert_eq "$(DPKG_ADMINDIR=$admin dpkg-query -W libc6-dev | wc -l)" 2 "architectures"
	DPKG_ADMINDIR=$admin PATH=$stubs:$PATH run "$FOOTBRIDGE_TOP/tests/need" build
	assert_eq "$status:$output" 0:
}

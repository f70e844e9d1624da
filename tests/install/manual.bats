#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The manual pages: well made, and with all that there is.  That the README's tables,
# from which they are made, have each key that is read is in tests/unit/manual.c.

load helpers

PAGES=$FOOTBRIDGE_BIN/../man

# text PAGE: as a person reads it, in one long line
text() {
	LC_ALL=C.UTF-8 MAN_KEEP_FORMATTING='' MANWIDTH=1000 MANROFFOPT=-rHY=0 \
		man -l "$PAGES/$1" | col -b
}

@test "neither man nor mandoc has a complaint" {
	local page

	for page in footbridge.8 footbridge-bridge.5 footbridge-host-local.5; do
		assert_eq "$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "$PAGES/$page" 2>&1 >/dev/null)" "" "man of $page"
		assert_eq "$(mandoc -Tlint "$PAGES/$page" 2>&1)" "" "mandoc of $page"
	done
}

@test "each page has the sections that are looked for" {
	local page section

	for page in footbridge.8 footbridge-bridge.5 footbridge-host-local.5; do
		for section in NAME SYNOPSIS DESCRIPTION 'EXIT STATUS' ENVIRONMENT FILES EXAMPLES SECURITY 'SEE ALSO'; do
			text "$page" | grep -qx "$section" || fail "$page has no $section"
		done
	done
}

@test "each command is told of, with its options" {
	local name option page

	page=$(text footbridge.8)
	while read -r name; do
		grep -qx "   $name" <<<"$page" || fail "footbridge(8) does not tell of $name"
		for option in $(tool "$name" --help | grep -o -e '--[a-z-]*'); do
			assert_in "$page" "$option"
		done
	done < <(tool help | sed -n 's/^  \([a-z]*\) .*/\1/p')
}

# keys COMMAND...: what its document has
keys() {
	tool "$@" | jq -r '[.. | objects | keys[]] | unique[]'
}

@test "each key of what --json prints is told of its command" {
	local command page key file=/etc/cni/net.d/net.conf

	CONF=$DUAL
	printf '%s' "$CONF" >"$file"
	added a b
	pod_gone b
	printf '{' >/etc/cni/net.d/none.conf
	ip link set "$(host_veth a)" down
	text footbridge.8 | sed -n '/^JSON/,/^EXIT STATUS/p' >"$BATS_TEST_TMPDIR/page"
	for command in list "peer $(host_veth a)" status check "gc --conf $file --dry-run" doctor; do
		page=$(sed -n "/^   ${command%% *}\$/,/^   [a-z]*\$/p" "$BATS_TEST_TMPDIR/page")
		[[ $command != peer* ]] || page+=$(sed -n '/^   list$/,/^   [a-z]*$/p' "$BATS_TEST_TMPDIR/page")
		# shellcheck disable=SC2086 # words
		keys $command --json >"$BATS_TEST_TMPDIR/keys" 2>/dev/null || true
		[[ -s $BATS_TEST_TMPDIR/keys ]] || fail "$command tells nothing"
		while read -r key; do
			grep -qw -- "$key" <<<"$page" || fail "footbridge(8) does not tell of $key of $command"
		done <"$BATS_TEST_TMPDIR/keys"
	done
}

@test "each exit status is told" {
	local status page

	page=$(text footbridge.8 | sed -n '/^EXIT STATUS/,/^ENVIRONMENT/p')
	for status in 0 1 2 125 126 127 128; do
		grep -qE "^ +(126, )?$status(,| |\$)" <<<"$page" || fail "footbridge(8) does not tell of $status"
	done
}

@test "each word of CNI_ARGS that is known is told" {
	local page key known=0

	page=$(text footbridge-bridge.5 | sed -n '/^ *CNI_ARGS$/,/^ *CNI_NETNS_OVERRIDE$/p')
	while read -r key; do
		grep -qw "$key" <<<"$page" || fail "footbridge-bridge(5) does not tell of $key"
		known=$((known + 1))
	done < <(sed -n '/pair_keys\[\] = {/,/^};/s/^\t{ "\(.*\)",.*/\1/p' "$FOOTBRIDGE_TOP/plugin/args.c")
	[[ $known -gt 5 ]] || fail "only $known were found"
}

@test "each row of the README's tables of keys is told" {
	local title page key rows=0 text

	while read -r page title; do
		text=$(text "$page")
		while read -r key; do
			grep -q "^       $key" <<<"$text" || fail "$page does not tell of $key"
			rows=$((rows + 1))
		done < <(
			awk -v title="$title" 'index($0, title) == 1 { on = 1 }
				on && /^\| `/ { split($0, cell, / *\| */); gsub(/`/, "", cell[2]); print cell[2]; seen = 1 }
				on && seen && !/^\|/ { exit }' "$FOOTBRIDGE_TOP/README.md")
	done <<-'END'
		footbridge-bridge.5 ### bridge
		footbridge-host-local.5 ### ipam
		footbridge-host-local.5 A range:
	END
	[[ $rows -gt 30 ]] || fail "only $rows rows were found"
}

@test "a table that is not there any more is noticed" {
	sed 's/^### bridge/### The bridge/' "$FOOTBRIDGE_TOP/README.md" >"$BATS_TEST_TMPDIR/README.md"
	run "$FOOTBRIDGE_TOP/man/render" readme="$BATS_TEST_TMPDIR/README.md" \
		tool="$FOOTBRIDGE_BIN/../footbridge" "$FOOTBRIDGE_TOP/man/footbridge-bridge.5.scd"
	assert_eq "$status" 1
	assert_in "$output" 'no table is below "### bridge"'
}

@test "so is a tool that does not answer" {
	run "$FOOTBRIDGE_TOP/man/render" readme="$FOOTBRIDGE_TOP/README.md" tool=false \
		"$FOOTBRIDGE_TOP/man/footbridge.8.scd"
	assert_eq "$status" 1
	assert_in "$output" "failed"
}

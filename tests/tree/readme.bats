#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The README says what is true of the tree.

setup() {
	cd "${FOOTBRIDGE_TOP:-$BATS_TEST_DIRNAME/../..}" || return
}

@test "every module stands in the map, and nothing else" {
	diff <(sed -n '/^| ground |/,/^| tools |/p' README.md | grep -o '`[a-z0-9]*`' | tr -d '`' | sort) \
		<(printf '%s\n' include/*.h plugin/*.c ipam/*.c | sed 's,.*/,,; s/\.[ch]$//' | sort -u)
}

@test "every path of the map is there" {
	for path in $(sed -n '/^| where | what |/,/^$/p' README.md | cut -d'|' -f2 | grep -o '`[^`]*`' | tr -d '`'); do
		[ -e "$path" ] || {
			echo "not there: $path"
			return 1
		}
	done
}

# anchors FILE: the headings, as the places where they are shown name them
anchors() {
	awk '/^```/ { code = !code } !code && /^#/ { sub(/^#+ */, ""); print tolower($0) }' "$1" |
		sed 's/[^a-z0-9 -]//g; s/ /-/g'
}

@test "every link within the documents leads somewhere" {
	local file link path bad=0 n=0

	for file in README.md SECURITY.md tests/README.md testdata/calls/README.md; do
		while read -r link; do
			n=$((n + 1))
			path=${link%%#*}
			path=${path:+$(dirname "$file")/$path}
			if ! [ -e "${path:-$file}" ] || { [[ $link == *#* ]] &&
				! anchors "${path:-$file}" | grep -qxF "${link#*#}"; }; then
				echo "$file: $link"
				bad=$((bad + 1))
			fi
		done < <(awk '/^```/ { code = !code } !code' "$file" | grep -o ']([^)]*)' | sed 's/^](//; s/)$//' | grep -v '^https\?:')
	done
	[[ $bad == 0 && $n -gt 40 ]]
}

@test "the list of effects in the README is the bridge's" {
	diff <(sed -n '/^static const struct effect \*const effects/,/^};/p' README.md | sed 's,\t*/\*.*,,') \
		<(sed -n '/^static const struct effect \*const effects/,/^};/p' plugin/bridge.c)
}

@test "each source and script bears its licence in one line" {
	without=$(awk 'FNR == 1 { without[FILENAME] }
		FNR <= 3 && /SPDX-License-Identifier: GPL-2.0-or-later/ { delete without[FILENAME] }
		END { for (file in without) print file }' Makefile man/render man/tidy man/completion include/*.h plugin/*.c ipam/*.c \
		tests/*/*.[ch] tests/net/* tests/vm/* tests/runtimes/* tests/install/* tests/need tests/run)
	echo "without: $without"
	[ -z "$without" ]
}

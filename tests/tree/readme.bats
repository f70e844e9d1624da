#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The README says what is true of the tree.

setup() {
	cd "${FOOTBRIDGE_TOP:-$BATS_TEST_DIRNAME/../..}" || return
}

@test "every module stands in the map, and nothing else" {
	diff <(sed -n '/^| ground |/,/^| tools |/p' README.md | grep -o '`[a-z]*`' | tr -d '`' | sort) \
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

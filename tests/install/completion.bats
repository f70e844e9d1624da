#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# bash completes what `footbridge` can be called with.

load helpers

# complete_words WORD...: print what bash would offer for the last of these words
complete_words() {
	PATH=$FOOTBRIDGE_BIN/..:$PATH bash --norc -c '. "$0"
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
		_footbridge footbridge "${@: -1}" "${@: -2:1}"
		printf "%s\n" "${COMPREPLY[@]}"' "$FOOTBRIDGE_TOP/man/completion" "$@"
}

commands() {
	tool help | sed -n 's/^  \([a-z]*\) .*/\1/p'
}

@test "a person types, and bash completes" {
	local root=$BATS_TEST_TMPDIR/root

	cd "$FOOTBRIDGE_TOP" || return
	make -s DESTDIR="$root" PAGES= install >/dev/null
	XDG_DATA_DIRS=$root/usr/local/share PATH=$root/usr/local/sbin:$PATH \
		python3 "$FOOTBRIDGE_TOP/tests/install/type.py" >"$BATS_TEST_TMPDIR/typed" <<-'END' ||
		footbridge doc|footbridge doctor
		footbridge doctor --j|footbridge doctor --json
		footbridge peer l|footbridge peer lo
		footbridge lint READ|footbridge lint README.md
	END
		fail "$(cat "$BATS_TEST_TMPDIR/typed")"
}

@test "each command is offered, and nothing else" {
	assert_eq "$(complete_words footbridge '' | sort)" "$(commands | sort)"
	assert_eq "$(complete_words footbridge 'do')" doctor
	assert_eq "$(complete_words footbridge help '' | sort)" "$(commands | sort)" "to be told about"
	assert_eq "$(complete_words footbridge help 'do')" doctor
}

@test "each option of each command is offered" {
	local name option offered

	while read -r name; do
		offered=$(complete_words footbridge "$name" --)
		for option in $(tool "$name" --help 2>/dev/null | head -n 1 | grep -o -e '--[a-z][a-z-]*'); do
			grep -qxe "$option" <<<"$offered" || fail "$name: $option is not offered"
		done
	done < <(commands)
}

# A new word in a synopsis has to be thought of.
@test "for each kind of argument it is known what there is" {
	local name kind

	while read -r name; do
		for kind in $(tool "$name" --help 2>/dev/null | head -n 1 | grep -o '\b[A-Z]\{1,\}\b'); do
			bash --norc -c '. "$0"; word=; _footbridge_kind "$1" "$2" >/dev/null' \
				"$FOOTBRIDGE_TOP/man/completion" "$kind" "$name" ||
				fail "$name: the completion does not know what a $kind is"
		done
	done < <(commands | grep -vx 'help\|version')
}

@test "interfaces" {
	ip link add fb-one type veth peer name fb-two
	assert_eq "$(complete_words footbridge peer fb- | sort | xargs)" "fb-one fb-two"
	# behind an option that takes nothing, too
	assert_eq "$(complete_words footbridge peer --json fb-o)" fb-one
}

@test "containers that are attached" {
	pod one
	add one
	assert_ok
	assert_eq "$(complete_words footbridge check '')" one
}

@test "networks: those configured, with leases, or with a record" {
	mkdir -p /var/lib/cni/networks/leased /run/footbridge/networks
	echo '{}' >/run/footbridge/networks/recorded
	cp "$FOOTBRIDGE_TOP/conf-examples/dual-stack.conflist" /etc/cni/net.d/10-dual.conflist
	assert_eq "$(complete_words footbridge list --network '' | xargs)" "dual-stack leased recorded"
	assert_eq "$(complete_words footbridge list --network le)" leased
}

@test "configuration files" {
	cp "$FOOTBRIDGE_TOP/conf-examples/dual-stack.conflist" /etc/cni/net.d/10-dual.conflist
	mkdir "$BATS_TEST_TMPDIR/here"
	cd "$BATS_TEST_TMPDIR/here" || return
	touch mine.conflist
	assert_eq "$(complete_words footbridge doctor --conf '' | xargs)" "/etc/cni/net.d/10-dual.conflist mine.conflist dual-stack"
	assert_eq "$(complete_words footbridge lint mi)" mine.conflist
	assert_eq "$(complete_words footbridge lint /etc/cni/net.d/10 | sort -u)" /etc/cni/net.d/10-dual.conflist
}

@test "namespaces" {
	pod one
	assert_eq "$(complete_words footbridge peer --netns /run/netns/ | sort -u)" /run/netns/one
	assert_eq "$(complete_words footbridge peer --netns on | sort -u)" one
}

@test "a name is a name, whatever shells would make of it" {
	local bad='$(touch pwned)'

	cd "$BATS_TEST_TMPDIR" || return
	mkdir -p "/run/footbridge/networks/$bad" /run/netns
	touch "/run/netns/$bad" "$bad.conflist" "/etc/cni/net.d/$bad.conf"
	jq -nc --arg name "$bad" '{name: $name}' >/etc/cni/net.d/10-bad.conflist
	for words in 'list --network' 'netns delete' 'netns exec' 'peer --netns' 'doctor --conf' lint check 'run --conf'; do
		# shellcheck disable=SC2086 # words
		complete_words footbridge $words '' >offered
		! [[ -e pwned ]] || fail "$words: a name was executed"
	done
	assert_in "$(complete_words footbridge netns delete '')" '\$\(touch\ pwned\)'
}

@test "of netns, at each place what belongs there" {
	pod one two
	assert_eq "$(complete_words footbridge netns '' | sort | xargs)" "add delete exec list"
	assert_eq "$(complete_words footbridge netns exec '' | sort | xargs)" "one two"
	assert_in "$(complete_words footbridge netns exec one nsen)" nsenter
	refute grep -qx two <<<"$(complete_words footbridge netns exec one tw)"
}

@test "where there is no such command nothing is said" {
	run bash --norc -c '. "$0"; PATH=/nowhere
		COMP_WORDS=(footbridge "") COMP_CWORD=1 COMPREPLY=()
		_footbridge footbridge 2>&1; echo "${#COMPREPLY[@]}"' "$FOOTBRIDGE_TOP/man/completion"
	[[ $output != *footbridge:* ]] || fail "$output"
}

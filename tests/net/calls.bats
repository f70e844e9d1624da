#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Calls as the runtimes send them: each file of testdata/calls is played, and has
# a test of its name.  What stands in such a file: testdata/calls/README.md.

# bats file_tags=long

load helpers

CALLS=$FOOTBRIDGE_TOP/testdata/calls
declare -gA SPACE HOLDER # by container: the path of its namespace, the process that holds it

# whether what came ($got) is what the file says ($want); "*" is any text
LIKE='def like($want): . as $got |
	if $want == "*" then type == "string" and . != ""
	elif ($want | type) != type then false
	elif type == "object" then keys == ($want | keys) and
		all(keys[]; . as $key | $got[$key] | like($want[$key]))
	elif type == "array" then length == ($want | length) and
		all(range(length); . as $i | $got[$i] | like($want[$i]))
	else . == $want end;'

# of CALL FILTER [JQ-ARG...]: of this call of the file; "" for what is not there
of() {
	jq -cr "${@:3}" ".calls[$1] | $2 // empty" "$FILE"
}

# variable NAME: of the call that is played
variable() {
	sed -n "s/^$1=//p" <<<"$ENVIRONMENT"
}

# with_pid TEXT: PID in it is the process that holds the container's namespace
with_pid() {
	local container

	container=$(variable CNI_CONTAINERID)
	echo "${1//\/proc\/PID\///proc/${container:+${HOLDER[$container]-}}/}"
}

# inside CONTAINER COMMAND...: in its namespace
inside() {
	nsenter --net="${SPACE[$1]}" "${@:2}"
}

in_space_of_its_own() {
	[[ $(readlink "/proc/$1/ns/net") != $(readlink /proc/self/ns/net) ]]
}

# make_space CONTAINER PATH: its namespace, held as its runtime does
make_space() {
	if [[ $2 == /proc/PID/ns/net ]]; then
		unshare -n sleep 600 3>&- &
		background $!
		HOLDER[$1]=$!
		eventually in_space_of_its_own $!
	else
		ip netns add "${2##*/}"
	fi
	SPACE[$1]=${2/PID/${HOLDER[$1]-}}
}

# lose_space CONTAINER: as when its last process has ended
lose_space() {
	if [[ -n ${HOLDER[$1]-} ]]; then
		kill "${HOLDER[$1]}"
		wait "${HOLDER[$1]}" || true
	else
		ip netns del "${SPACE[$1]##*/}"
	fi
	unset "SPACE[$1]" "HOLDER[$1]"
	# the kernel takes its time, and until then it is connected
	eventually has_no_link "$1"
}

has_no_link() {
	ip -j link | jq -e --arg container "/$1/" \
		'all(.[]; .ifalias // "" | contains($container) | not)' >/dev/null
}

# Its runtime makes a namespace before the first ADD; a DEL without one tells that it is gone.
arrange_space() {
	local container netns lost

	container=$(variable CNI_CONTAINERID)
	netns=$(variable CNI_NETNS)
	for lost in $(of "$1" '.gone[]?'); do
		lose_space "$lost"
	done
	case $(variable CNI_COMMAND) in
	ADD) [[ -n ${SPACE[$container]-} ]] || make_space "$container" "$netns" ;;
	DEL) [[ -n $netns || -z ${SPACE[$container]-} ]] || lose_space "$container" ;;
	esac
}

# what libcni would have kept of the attachment
kept_result() {
	kept "$(variable CNI_CONTAINERID)" "$(variable CNI_IFNAME)"
}

# send CALL: sets $status, $out, $err
send() {
	local environment arguments result=null

	[[ ! -e $(kept_result) ]] || result=$(<"$(kept_result)")
	environment=$(with_pid "$ENVIRONMENT")
	mapfile -t arguments <<<"${environment//\/opt\/cni\/bin/$FOOTBRIDGE_BIN}"
	# keys sorted, <, > and & escaped, no newline at the end: as Go writes it
	jq -cj --argjson result "$result" ".conf as \$conf | .calls[$1] | .stdin // \$conf + .with |
		if .prevResult == \"RESULT\" then .prevResult = \$result else . end |
		walk(if type == \"object\" then to_entries | sort_by(.key) | from_entries else . end)" "$FILE" |
		sed 's/</\\u003c/g; s/>/\\u003e/g; s/&/\\u0026/g' >"$BATS_TEST_TMPDIR/stdin"
	plugin "$(of "$1" '.plugin // .stdin.type // $conf.type' --argjson conf "$(jq .conf "$FILE")")" \
		"${arguments[@]}" <"$BATS_TEST_TMPDIR/stdin"
}

# What went well tells what the file says and nothing else.
judge() {
	local want word

	if [[ -n $(of "$1" .expect.code) ]]; then
		mapfile -t words < <(of "$1" '.expect.words[]?')
		assert_error "$(of "$1" .expect.code)" "${words[@]}"
		return
	fi
	assert_ok
	want=$(of "$1" .expect.result)
	if [[ -z $want ]]; then
		assert_eq "$out" "" stdout
	elif ! jq -e --argjson want "$(with_pid "$want")" "$LIKE like(\$want)" <<<"$out" >/dev/null; then
		fail "the result is not like $want"
	fi
	mapfile -t words < <(of "$1" '.expect.stderr[]?')
	[[ ${#words[@]} -gt 0 ]] || assert_eq "$err" "" stderr
	for word in "${words[@]}"; do
		assert_in "$err" "$word"
	done
}

# The namespace is as the result of the ADD says: address, MAC, routes.
look_inside() {
	local container ifname

	container=$(variable CNI_CONTAINERID)
	ifname=$(jq -r --arg asked "$(variable CNI_IFNAME)" \
		'[.interfaces[]? | select(.sandbox).name][0] // $asked' <<<"$out")
	jq -e --argjson addr "$(inside "$container" ip -j addr show dev "$ifname")" \
		--argjson four "$(inside "$container" ip -j -4 route)" \
		--argjson six "$(inside "$container" ip -j -6 route)" '
		([.ips[]?.address, (.ip4, .ip6 | .ip? // empty)] -
			[$addr[0].addr_info[] | "\(.local)/\(.prefixlen)"] == []) and
		all(.interfaces[]? | select(.sandbox); .mac == $addr[0].address) and
		([.routes[]?.dst, (.ip4.routes?[]?.dst)] - [$four[], $six[] | .dst |
			if . == "default" then "0.0.0.0/0", "::/0" else . end] == [])' <<<"$out" >/dev/null ||
		fail "the container is not as the result says"
}

# after_add CALL: remember the result as libcni does, behind the plugins that come later
after_add() {
	local filter address

	filter=$(of "$1" .later)
	jq "${filter:-.}" <<<"$out" >"$(kept_result)"
	# nothing of host-local's is in the container
	[[ $(of "$1" .plugin) == host-local ]] || look_inside
	for address in $(of "$1" '.expect.pings[]?'); do
		inside "$(variable CNI_CONTAINERID)" busybox ping -c 1 -W 1 "$address" >/dev/null ||
			fail "$address does not answer"
	done
}

all_leases() {
	find "$STORE" -type f ! -name lock ! -name 'last_reserved_ip.*' ! -name '.*' -printf '%f\n' 2>/dev/null |
		LC_ALL=C sort | tr '\n' ' '
}

assert_nothing_left() {
	local container

	assert_eq "$(all_leases)" "" leases
	assert_eq "$(ip -j link | jq -r '.[].ifname | select(startswith("veth"))')" "" "host veths"
	assert_eq "$(nft -j list ruleset | jq -c '[.nftables[] | (.set, .map) | .elem? // empty] | add // empty')" \
		"" "elements of nft sets"
	for container in "${!SPACE[@]}"; do
		assert_eq "$(inside "$container" ip -j link | jq -r '.[].ifname | select(. != "lo")')" "" \
			"devices in $container"
	done
}

# play: the file that the test is named after
play() {
	local i n path
	FILE=$CALLS/$BATS_TEST_DESCRIPTION.json

	n=$(jq '.files // {} | length' "$FILE")
	for ((i = 0; i < n; i++)); do
		path=$(jq -r ".files | to_entries[$i].key" "$FILE")
		mkdir -p "${path%/*}"
		jq -j ".files | to_entries[$i].value" "$FILE" >"$path"
	done
	n=$(jq '.calls | length' "$FILE")
	for ((i = 0; i < n; i++)); do
		ENVIRONMENT=$(jq -r ".env + .calls[$i].env | to_entries[] | \"\\(.key)=\\(.value)\"" "$FILE")
		echo "call $i: $(variable CNI_COMMAND) of $(variable CNI_CONTAINERID): $(of "$i" .what)"
		arrange_space "$i"
		send "$i"
		judge "$i"
		[[ $(variable CNI_COMMAND) != ADD || $status -ne 0 ]] || after_add "$i"
		[[ -z $(of "$i" .expect.leases) ]] ||
			assert_eq "$(all_leases)" "$(of "$i" '.expect.leases | sort | join(" ")') " leases
	done
	assert_nothing_left
}

@test "containerd-1.6-cri" { play; }
@test "containerd-1.6-capabilities" { play; }
@test "containerd-2-cri" { play; }
@test "containerd-ip-ranges" { play; }
@test "cnitool" { play; }
@test "crio-1.26" { play; }
@test "crio-1.33" { play; }
@test "ctr" { play; }
@test "k3s-flannel" { play; }
@test "kubenet" { play; }
@test "macvlan-host-local" { play; }
@test "multus" { play; }
@test "nerdctl" { play; }
@test "nomad" { play; }
@test "podman-4" { play; }
@test "podman-4-created" { play; }

@test "every file of testdata/calls is played" {
	local file
	for file in "$CALLS"/*.json; do
		file=${file##*/}
		grep -qF "@test \"${file%.json}\" { play; }" "$BATS_TEST_FILENAME" || fail "not played: $file"
	done
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each of conf-examples/ is run: whole chains, as a runtime would.  What is not
# one of our plugins comes from the distribution's containernetworking-plugins.

load helpers

EXAMPLES=$FOOTBRIDGE_TOP/conf-examples
OTHERS=${OTHERS:-/usr/lib/cni:/usr/libexec/cni}

# find_plugin TYPE: print the folder it is in
find_plugin() {
	local dir

	for dir in "$FOOTBRIDGE_BIN" ${OTHERS//:/ }; do
		if [[ -x $dir/$1 ]]; then
			echo "$dir"
			return
		fi
	done
	fail "no plugin $1 in $FOOTBRIDGE_BIN or $OTHERS"
}

# step VERB FILE INDEX POD [PREV]: call one plugin of the list
step() {
	local FOOTBRIDGE_BIN=$FOOTBRIDGE_BIN CONF type

	CONF=$(jq -c --argjson i "$3" --argjson prev "${5:-null}" \
		'. as $list | .plugins[$i] + {name: $list.name, cniVersion: $list.cniVersion} |
		if $prev then .prevResult = $prev else . end' "$2")
	type=$(jq -r .type <<<"$CONF")
	FOOTBRIDGE_BIN=$(find_plugin "$type")
	call "$1" "$type" "$4" <<<"$CONF"
	assert_ok
}

# chain VERB FILE POD: call the list; the final result is kept in $final
chain() {
	local i n

	n=$(jq '.plugins | length' "$2")
	case $1 in
	ADD)
		final=
		for ((i = 0; i < n; i++)); do
			step ADD "$2" "$i" "$3" "$final"
			final=$out
		done
		;;
	CHECK)
		for ((i = 0; i < n; i++)); do
			step CHECK "$2" "$i" "$3" "$final"
		done
		;;
	DEL)
		for ((i = n - 1; i >= 0; i--)); do
			step DEL "$2" "$i" "$3" "$final"
		done
		;;
	esac
}

# gateway FAMILY: that of the last result
gateway() {
	jq -r --arg family "$1" '.ips[] |
		select((.address | contains(":")) == ($family == "6")).gateway' <<<"$final"
}

# carries FILE FAMILY...: two pods on the example reach each other, the gateway and the outside
carries() {
	local file=$EXAMPLES/$1.conflist family

	outside
	watch_sources outside
	pod a b
	chain ADD "$file" b
	chain ADD "$file" a
	chain CHECK "$file" a
	for family in "${@:2}"; do
		pings a "$(pod_ip b "$family")"
		pings a "$(gateway "$family")"
	done
	pings a 198.51.100.2
	assert_eq "$(sources outside)" 198.51.100.1
	if [[ " ${*:2} " == *' 6 '* ]]; then
		pings a 2001:db8:51::2
		assert_eq "$(sources outside)" 2001:db8:51::1
	fi
	chain DEL "$file" a
	refute_anything_left a
	chain DEL "$file" a
	pings b "$(gateway 4)"
}

@test "every example has a test, and a name and type of its own" {
	local file

	for file in "$EXAMPLES"/*; do
		# see tests/install/daemonset.bats
		[[ $file == */daemonset.yaml ]] && continue
		[[ $file == *.conflist ]] || fail "what is $file?"
		file=${file##*/}
		grep -q "\(carries\|EXAMPLES\)[ /]${file%.conflist}\b" "$BATS_TEST_FILENAME" || fail "no test runs $file"
	done
	assert_eq "$(jq -r .name "$EXAMPLES"/*.conflist | sort | uniq -d)" ""
}

@test "single-stack" {
	carries single-stack 4
}

@test "dual-stack" {
	carries dual-stack 4 6
}

@test "ipam-options" {
	carries ipam-options 4
}

@test "masq-exclude" {
	carries masq-exclude 4
	# IPv6, and what is excluded, see the container itself
	in_pod outside sh -c '
		ip addr add 192.168.7.7/32 dev eth0
		ip route add 10.95.0.0/16 via 198.51.100.1
		ip -6 route add fd00:95::/64 via 2001:db8:51::1'
	ip route add 192.168.7.7/32 via 198.51.100.2
	pings b 192.168.7.7
	pings b 2001:db8:51::2
	assert_eq "$(sources outside | tr '\n' ' ')" "$(pod_ip b 4) $(pod_ip b 6) "
}

# on two nodes: multinode.bats
@test "multinode" {
	carries multinode 4 6
}

@test "vlan" {
	needs_vlan_filtering
	carries vlan 4 6
}

@test "layer2" {
	local file=$EXAMPLES/layer2.conflist

	pod a b
	chain ADD "$file" a
	chain CHECK "$file" a
	ip -n a addr add 192.0.2.1/24 dev eth0
	chain ADD "$file" b
	ip -n b addr add 192.0.2.2/24 dev eth0
	pings a 192.0.2.2
	chain DEL "$file" a
	refute_anything_left a
	assert_eq "$(nft list ruleset)" ""
}

@test "macspoof" {
	carries macspoof 4
	assert_in "$(nft list table bridge footbridge)" b/eth0 guarded
}

@test "containerd's default" {
	carries containerd 4 6
}

@test "CRI-O's default" {
	carries crio 4 6
}

@test "podman's default" {
	carries podman 4
}

# The addresses come from another plugin.

@test "static" {
	local file=$EXAMPLES/static.conflist CNI_PATH=$FOOTBRIDGE_BIN:$OTHERS

	outside
	watch_sources outside
	pod a
	chain ADD "$file" a
	chain CHECK "$file" a
	assert_eq "$(pod_ip a) $(pod_ip a 6)" "10.93.0.2 fd00:93::2"
	pings a 10.93.0.1
	pings a fd00:93::1
	pings a 198.51.100.2
	pings a 2001:db8:51::2
	assert_eq "$(sources outside | xargs)" "198.51.100.1 2001:db8:51::1"
	chain DEL "$file" a
	refute_anything_left a
}

@test "dhcp" {
	local file=$EXAMPLES/dhcp.conflist CNI_PATH=$FOOTBRIDGE_BIN:$OTHERS

	dhcp_server fb-dhcp 10.94.0
	pod a b
	chain ADD "$file" b
	chain ADD "$file" a
	chain CHECK "$file" a
	pings a 10.94.0.1
	pings a "$(pod_ip b)"
	chain DEL "$file" a
	refute_anything_left a
}

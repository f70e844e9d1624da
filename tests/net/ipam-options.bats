#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What host-local of others has not: exclude, order, sticky.  After each the
# store is still one that the Go host-local reads and writes.

load helpers

GO=/usr/lib/cni

setup() {
	[[ -x $GO/host-local ]] || fail "$GO/host-local is missing: install containernetworking-plugins"
	# the newest version that Debian 12's plugins know
	CONF=$(conf '.cniVersion = "1.0.0" | .ipam.ranges[0][0].subnet = "10.1.0.0/29"')
}

# lease POD...: each by host-local, one after the other; what was given is in $given
lease() {
	local name

	given=
	for name in "$@"; do
		call ADD host-local "$name" <<<"$CONF"
		assert_ok
		given+="$(result '.ips[0].address | split("/")[0]') "
	done
	given=${given% }
}

release() {
	local name

	for name in "$@"; do
		call DEL host-local "$name" <<<"$CONF"
		assert_ok
	done
}

# go VERB POD: the Go host-local on the same store
go() {
	FOOTBRIDGE_BIN=$GO call "$1" host-local "$2" <<<"$CONF"
}

# go_agrees: the Go host-local releases all that we leased here as $@, then leases and we release
go_agrees() {
	local name

	for name in "$@"; do
		go DEL "$name"
		assert_ok
	done
	assert_eq "$(leases)" "" "left by the Go host-local"
	go ADD theirs
	assert_ok
	release theirs
	assert_eq "$(leases)" "" "left by ours"
}

# --- exclude

@test "exclude: every set of addresses of a small pool" {
	local bits i list wanted n
	for bits in {0..31}; do
		list=() wanted='' n=0
		for i in 2 3 4 5 6; do
			if ((bits >> (i - 2) & 1)); then
				list+=("\"10.1.0.$i\"")
			else
				wanted+="10.1.0.$i "
				n=$((n + 1))
			fi
		done
		CONF=$(conf '.ipam.exclude = $x' --argjson x "[$(IFS=,; echo "${list[*]}")]")
		for ((i = 0; i < n; i++)); do
			add_quietly "p$i"
		done
		assert_eq "$(leases | tr '\n' ' ')" "$wanted" "given without ${list[*]}"
		call ADD host-local more <<<"$CONF"
		if ((n == 5)); then
			assert_error 102 "(5 of 5 held)"
		elif ((n == 0)); then
			assert_error 102 "no address to give"
		else
			assert_error 102 "($n of $n held, $((5 - n)) excluded by \"ipam.exclude\")"
		fi
		rm -r "$STORE"
	done
}

add_quietly() {
	call ADD host-local "$1" <<<"$CONF"
	assert_ok
}

@test "exclude: prefixes, the gateway, what lies outside, and all" {
	CONF=$(conf '.ipam.exclude = ["10.1.0.0/30", "10.1.0.1", "192.0.2.0/24", "fd00::/8", "10.1.0.3"]')
	lease a b c
	assert_eq "$given" "10.1.0.4 10.1.0.5 10.1.0.6"
	call ADD host-local d <<<"$CONF"
	assert_error 102 "(3 of 3 held, 2 excluded"
	release b
	lease d
	assert_eq "$given" 10.1.0.5
	go_agrees a c d
	CONF=$(conf '.ipam.exclude = ["10.1.0.0/16"]')
	call ADD host-local a <<<"$CONF"
	assert_error 102 "no address to give: all of 10.1.0.1-10.1.0.6 are excluded or the gateway"
	CONF=$(conf 'del(.ipam.exclude) | .ipam.ranges[0][0] += {rangeStart: "10.1.0.1", rangeEnd: "10.1.0.1"}')
	call ADD host-local a <<<"$CONF"
	assert_error 102 "no address to give: all of 10.1.0.1-10.1.0.1 are excluded or the gateway"
	assert_eq "$(leases)" ""
}

@test "exclude: a large part of an IPv6 range is jumped over" {
	CONF=$(conf '.ipam.ranges = [[{subnet: "fd00:1::/64"}]]
		| .ipam.exclude = ["fd00:1::/80", "fd00:1:0:0:1::/96"]')
	lease a b
	assert_eq "$given" "fd00:1::1:1:0:0 fd00:1::1:1:0:1"
	assert_quick 900 "it was walked through"
	CONF=$(conf '.ipam.exclude = ["fd00:1::/64"]
		| .ipam.ranges[0] += [{subnet: "fd00:2::/64", rangeEnd: "fd00:2::2"}]')
	lease c
	assert_eq "$given" "fd00:2::2"
	call ADD host-local d <<<"$CONF"
	assert_error 102 "(1 of 1 held, countless excluded"
}

@test "exclude: who asks for such an address is told which entry it is" {
	CONF=$(conf '.ipam.exclude = ["10.1.0.6", "10.1.0.4/31"]')
	CNI_ARGS=IP=10.1.0.5 call ADD host-local a <<<"$CONF"
	assert_error 7 "10.1.0.5" 'ipam.exclude[1]' 10.1.0.4/31
	[[ ! -e $STORE ]] || fail "a store was made"
	CNI_ARGS=IP=10.1.0.3 call ADD host-local a <<<"$CONF"
	assert_ok
}

@test "exclude: a pod whose address is excluded later lives on, and goes" {
	pod a
	CONF=$(conf '.cniVersion = "1.1.0"')
	add a
	assert_ok
	CONF=$(conf '.ipam.exclude = ["10.1.0.2"]')
	check a
	assert_ok
	pings a 10.1.0.1
	del a
	assert_ok
	refute_anything_left a
	add a
	assert_eq "$(pod_ip a)" 10.1.0.3
}

# --- order

@test "order: lowest gives the lowest that is free, and Go goes on in turn" {
	CONF=$(conf '.ipam.order = "lowest"')
	lease a b c d
	assert_eq "$given" "10.1.0.2 10.1.0.3 10.1.0.4 10.1.0.5"
	release c a
	lease e f g
	assert_eq "$given" "10.1.0.2 10.1.0.4 10.1.0.6"
	call ADD host-local h <<<"$CONF"
	assert_error 102 "(5 of 5 held)"
	release b f
	lease h
	assert_eq "$given" 10.1.0.3
	assert_eq "$(<"$STORE/net/last_reserved_ip.0")" 10.1.0.3
	release e
	go ADD theirs
	assert_ok
	assert_eq "$(result '.ips[0].address')" 10.1.0.4/29
	go_agrees b d e f g h theirs
}

@test "order: lowest, over the ranges of a set and with exclusions" {
	CONF=$(conf '.ipam.order = "lowest" | .ipam.exclude = ["10.1.0.2"]
		| .ipam.ranges = [[{subnet: "10.1.0.0/30"}, {subnet: "10.2.0.0/29", rangeEnd: "10.2.0.3"}]]')
	lease a b
	assert_eq "$given" "10.2.0.2 10.2.0.3"
	release a
	lease c
	assert_eq "$given" 10.2.0.2
}

# --- sticky

# of POD CONTAINER [ARGS]: a container of a Kubernetes pod is leased an address, which is printed
of() {
	CNI_ARGS="IgnoreUnknown=1;K8S_POD_NAMESPACE=ns;K8S_POD_NAME=$1${3-}" call ADD host-local "$2" <<<"$CONF"
	assert_ok
	result '[.ips[].address | split("/")[0]] | join(" ")'
}

@test "sticky: a pod gets its last address back, and others go on in turn" {
	CONF=$(conf '.ipam.sticky = true')
	assert_eq "$(of web w1)" 10.1.0.2
	assert_eq "$(of db d1)" 10.1.0.3
	release w1 d1
	assert_eq "$(of other o1)" 10.1.0.4
	assert_eq "$(of db d2)" 10.1.0.3
	# it did not begin anew behind the address of db
	assert_eq "$(of fourth f1)" 10.1.0.5
	assert_eq "$(of web w2)" 10.1.0.2
	# both live for a while: the new one gets another, and remembers that
	assert_eq "$(of web w3)" 10.1.0.6
	release w2 w3
	assert_eq "$(of web w4)" 10.1.0.6
	release w4
	go_agrees o1 d2 f1
	assert_eq "$(of web w5)" 10.1.0.6
}

@test "sticky: taken by another, excluded, out of the range: the next in turn" {
	CONF=$(conf '.ipam.sticky = true')
	assert_eq "$(of web w1)" 10.1.0.2
	release w1
	CNI_ARGS=IP=10.1.0.2 call ADD host-local thief <<<"$CONF"
	assert_ok
	assert_eq "$(of web w2)" 10.1.0.3
	release w2
	CONF=$(conf '.ipam.exclude = ["10.1.0.3"]')
	assert_eq "$(of web w3)" 10.1.0.4
	release w3
	CONF=$(conf '.ipam.exclude = [] | .ipam.ranges[0][0].gateway = "10.1.0.4"')
	assert_eq "$(of web w4)" 10.1.0.5
	release w4
	CONF=$(conf '.ipam.ranges[0][0].subnet = "10.9.0.0/29" | .ipam.ranges[0][0].gateway = "10.9.0.1"')
	assert_eq "$(of web w5)" 10.9.0.2
}

@test "sticky: a requested address wins, a container of no pod and another interface have their own" {
	CONF=$(conf '.ipam.sticky = true')
	assert_eq "$(of web w1)" 10.1.0.2
	release w1
	assert_eq "$(of web w2 ';IP=10.1.0.6')" 10.1.0.6
	release w2
	lease nobody
	assert_eq "$given" 10.1.0.2
	release nobody
	lease nobody
	assert_eq "$given" 10.1.0.3
	CNI_ARGS='IgnoreUnknown=1;K8S_POD_NAMESPACE=other;K8S_POD_NAME=web' call ADD host-local w3 <<<"$CONF"
	assert_eq "$(result '.ips[0].address')" 10.1.0.4/29
	assert_eq "$(of web w4)" 10.1.0.6
}

@test "sticky: an address that an ADD fails over is not tried for ever" {
	CONF=$(conf '.ipam.sticky = true')
	pod a b
	CNI_ARGS='IgnoreUnknown=1;K8S_POD_NAMESPACE=ns;K8S_POD_NAME=a' add a
	assert_ok
	# a lives on, but nobody knows that it has the address
	rm -r "$STORE/net"
	export CNI_ARGS='IgnoreUnknown=1;K8S_POD_NAMESPACE=ns;K8S_POD_NAME=b'
	add b
	assert_error 101 10.1.0.2 a/eth0
	assert_eq "$(leases)" ""
	add b
	assert_ok
	assert_eq "$(pod_ip b)" 10.1.0.3
	# refused, as it lives, it forgets nothing
	add b
	assert_error 101 10.1.0.3
	del b
	assert_ok
	add b
	assert_eq "$(pod_ip b)" 10.1.0.3
}

@test "sticky: both families, and off" {
	CONF=$(conf '.ipam.sticky = true | .ipam.ranges += [[{subnet: "fd00:1::/64"}]]')
	assert_eq "$(of web w1)" "10.1.0.2 fd00:1::2"
	release w1
	assert_eq "$(of other o1)" "10.1.0.3 fd00:1::3"
	assert_eq "$(of web w2)" "10.1.0.2 fd00:1::2"
	release w2
	CONF=$(conf '.ipam.sticky = false')
	assert_eq "$(of web w3)" "10.1.0.4 fd00:1::4"
}

@test "sticky: the memory is bounded, no lease, and may be anything" {
	local i junk
	CONF=$(conf '.ipam.sticky = true')
	assert_eq "$(of web w1)" 10.1.0.2
	release w1
	for i in {1..30}; do
		of "pod$i" p >/dev/null
		release p
	done
	(($(stat -c %s "$STORE/net/.footbridge-sticky") <= 512 * 8 * 40)) || fail "it grows"
	for junk in none dir link zero text; do
		rm -rf "$STORE/net/.footbridge-sticky"
		case $junk in
		dir) mkdir "$STORE/net/.footbridge-sticky" ;;
		link) ln -s /run/victim "$STORE/net/.footbridge-sticky" ;;
		zero) head -c 200000 /dev/zero >"$STORE/net/.footbridge-sticky" ;;
		text) head -c 200000 /dev/zero | tr '\0' x >"$STORE/net/.footbridge-sticky" ;;
		esac
		of web w2 >/dev/null
		release w2
	done
	[[ ! -e /run/victim ]] || fail "a link was followed"
}

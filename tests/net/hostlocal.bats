#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The plugin host-local by itself, as another plugin's IPAM.

load helpers

PLUGIN=host-local

# sets JSON: CONF with these range sets
sets() {
	CONF=$(conf '.ipam.ranges = $r' --argjson r "$1")
}

addresses() {
	result '[.ips[]?.address] | join(" ")'
}

# --- the shapes

@test "the result in every version" {
	local v
	CONF=$DUAL
	for v in 0.1.0 0.2.0 0.3.0 0.3.1 0.4.0 1.0.0 1.1.0; do
		CONF=$(conf '.cniVersion = $v' --arg v "$v")
		add "a$v"
		assert_ok
		assert_json ".cniVersion == \"$v\" and (has(\"interfaces\") | not)"
		case $v in
		0.[12].0)
			assert_json '.ip4.ip == "10.1.0." + (.ip4.ip | split(".")[3])
				and .ip4.gateway == "10.1.0.1" and (.ip6.ip | startswith("fd00:1::"))
				and .ip6.gateway == "fd00:1::1" and (has("ips") | not)
				and .ip4.routes == [{dst: "0.0.0.0/0"}] and .ip6.routes == [{dst: "::/0"}]
				and .dns == {}'
			;;
		0.[34].*)
			assert_json '[.ips[].version] == ["4", "6"] and .dns == {}'
			;;
		*)
			assert_json '[.ips[] | has("version")] == [false, false] and (has("dns") | not)'
			;;
		esac
		[[ $v == 0.[12].0 ]] || assert_json '[.ips[] | has("interface")] == [false, false]
			and [.ips[].gateway] == ["10.1.0.1", "fd00:1::1"]
			and .routes == [{dst: "0.0.0.0/0"}, {dst: "::/0"}]'
		del "a$v"
		assert_ok
		assert_eq "$out" ""
	done
	assert_eq "$(leases)" ""
}

@test "routes are passed on with all they have" {
	CONF=$(conf '.ipam.routes = [{"dst": "192.0.2.0/24", "gw": "10.1.0.9", "mtu": 1300, "advmss": 1200,
		"priority": 5, "table": 0, "scope": 253}, {"dst": "2001:db8::/32"}]')
	add a
	assert_ok
	assert_json '.routes == [{dst: "192.0.2.0/24", gw: "10.1.0.9", mtu: 1300, advmss: 1200, priority: 5,
		table: 0, scope: 253}, {dst: "2001:db8::/32"}]'
}

@test "it touches no link and no namespace" {
	snapshot
	NETNS=/run/nowhere add a
	assert_ok
	del a
	assert_ok
	NETNS=/proc/self/ns/net add a
	assert_ok
	rm -r "$STORE"
	assert_unchanged
}

# --- ranges

@test "the single range" {
	CONF=$(conf '.ipam |= del(.ranges) + {subnet: "10.3.0.0/24", rangeStart: "10.3.0.10",
		rangeEnd: "10.3.0.11", gateway: "10.3.0.254"}')
	add a
	assert_eq "$(addresses)" 10.3.0.10/24
	assert_eq "$(result '.ips[0].gateway')" 10.3.0.254
	add b
	assert_eq "$(addresses)" 10.3.0.11/24
	add c
	assert_error 102 10.3.0.10 10.3.0.11
}

@test "several sets: one address of each, in the order runtimeConfig, single, ranges" {
	CONF=$(conf '.ipam += {subnet: "10.3.0.0/24"} | .runtimeConfig.ipRanges = [[{"subnet": "10.4.0.0/24"}]]
		| .ipam.ranges += [[{"subnet": "fd00:5::/64"}]]')
	add a
	assert_ok
	assert_eq "$(addresses)" "10.4.0.2/24 10.3.0.2/24 10.1.0.2/24 fd00:5::2/64"
	assert_eq "$(cat "$STORE"/net/last_reserved_ip.{0,1,2,3} | tr '\n' ' ')" "10.4.0.210.3.0.210.1.0.2fd00:5::2"
}

@test "more ranges than can be compared in no time: ADD refuses, DEL frees" {
	add a
	assert_ok
	CONF=$(conf 'del(.ipam.ranges) | .ipam.ranges = [[range(8000) |
		{subnet: "10.\(. / 16384 | floor).\(. / 64 % 256 | floor).\(. * 4 % 256)/30"}]]')
	add b
	assert_error 7 'ipam.ranges[0]' "1024"
	assert_quick 500 "an ADD that is refused"
	del a
	assert_ok
	assert_quick 500 "DEL"
	assert_eq "$(leases)" ""
}

@test "ranges of one set are alternatives" {
	sets '[[{"subnet": "10.1.0.0/30"}, {"subnet": "10.2.0.0/30"}]]'
	add a
	assert_eq "$(addresses)" 10.1.0.2/30
	add b
	assert_eq "$(addresses)" 10.2.0.2/30
	assert_eq "$(result '.ips[0].gateway')" 10.2.0.1
	add c
	assert_error 102
}

@test "ipRanges as containerd sends them: flat, with capital letters and empty texts" {
	CONF=$(conf '.runtimeConfig.ipRanges = [{"Subnet": "10.4.0.0/24", "RangeStart": "", "RangeEnd": "10.4.0.9",
		"Gateway": ""}] | del(.ipam.ranges)')
	add a
	assert_ok
	assert_eq "$(addresses)" 10.4.0.2/24
}

@test "what a range gives: neither network, broadcast nor gateway" {
	local i
	sets '[[{"subnet": "10.1.0.0/29", "gateway": "10.1.0.4"}]]'
	for i in 1 2 3 4 5; do
		add "a$i"
		assert_ok
	done
	add a6
	assert_error 102
	assert_eq "$(leases | tr '\n' ' ')" "10.1.0.1 10.1.0.2 10.1.0.3 10.1.0.5 10.1.0.6 "
}

@test "nor does another range, or another set, give that gateway" {
	CONF=$(conf '.ipam.ranges = [[{subnet: "10.1.0.0/29", rangeEnd: "10.1.0.2", gateway: "10.1.0.6"},
		{subnet: "10.1.0.0/29", rangeStart: "10.1.0.4", rangeEnd: "10.1.0.4", gateway: "10.1.0.1"}],
		[{subnet: "10.2.0.0/30", gateway: "10.1.0.2"}]]')
	call ADD host-local a <<<"$CONF"
	assert_ok
	assert_eq "$(result '.ips[0].address')" 10.1.0.4/29
	call ADD host-local b <<<"$CONF"
	assert_error 102 "(1 of 1 held)"
	for ip in 10.1.0.1 10.1.0.2; do
		CNI_ARGS=IP=$ip call ADD host-local b <<<"$CONF"
		assert_error 7 "the requested IP $ip is the gateway of a range"
	done
}

@test "explicit network and broadcast addresses are given out" {
	local i
	sets '[[{"subnet": "10.1.0.0/30", "rangeStart": "10.1.0.0", "rangeEnd": "10.1.0.3"}]]'
	for i in 1 2 3; do
		add "a$i"
		assert_ok
	done
	assert_eq "$(leases | tr '\n' ' ')" "10.1.0.0 10.1.0.2 10.1.0.3 "
}

@test "a released address is given again as late as possible" {
	sets '[[{"subnet": "10.1.0.0/29"}]]'
	add a
	del a
	add b
	assert_eq "$(addresses)" 10.1.0.3/29
	add c
	add d
	add e
	assert_eq "$(addresses)" 10.1.0.6/29
	add f
	assert_eq "$(addresses)" 10.1.0.2/29
	add g
	assert_error 102
	del d
	add g
	assert_eq "$(addresses)" 10.1.0.5/29
}

@test "a spoiled last_reserved_ip is a hint only" {
	local junk
	for junk in nonsense 10.9.9.9 ::1 '' $'10.1.0.200\n\n' "$(printf %5000d 1)"; do
		mkdir -p "$STORE/net"
		printf %s "$junk" >"$STORE/net/last_reserved_ip.0"
		add a
		assert_ok
		assert_eq "$(<"$STORE/net/last_reserved_ip.0")" "$(leases)"
		del a
		rm -r "$STORE"
	done
	mkdir -p "$STORE/net/last_reserved_ip.0"
	add a
	[[ $status -eq 0 || $(documents) -eq 1 ]] || fail "neither well nor told"
}

@test "torn leases belong to nobody: they are taken over" {
	sets '[[{"subnet": "10.1.0.0/29"}]]'
	mkdir -p "$STORE/net"
	: >"$STORE/net/10.1.0.2"
	head -c 12 /dev/zero >"$STORE/net/10.1.0.3"
	: >"$STORE/net/10.1.0.4"
	: >"$STORE/net/10.1.0.5"
	printf 'living\r\neth0' >"$STORE/net/10.1.0.6"
	for pod in a b c d; do
		add "$pod"
		assert_ok
	done
	add e
	assert_error 102
	assert_eq "$(tr '\r\n' ' ' <"$STORE/net/10.1.0.6")" "living  eth0"
}

# --- requests

@test "a requested address: by CNI_ARGS, args.cni, runtimeConfig" {
	CNI_ARGS='IgnoreUnknown=1;K8S_POD_NAME=x;IP=10.1.0.77' add a
	assert_ok
	assert_eq "$(addresses)" 10.1.0.77/24
	CONF=$(conf '.args.cni.ips = ["10.1.0.78"]')
	add b
	assert_eq "$(addresses)" 10.1.0.78/24
	CONF=$(conf 'del(.args) | .runtimeConfig.ips = ["10.1.0.79/16"]')
	add c
	assert_eq "$(addresses)" 10.1.0.79/24
}

@test "one address of each set may be requested, the other set gives its next" {
	CONF=$(jq -c '.runtimeConfig.ips = ["fd00:1::77"]' <<<"$DUAL")
	add a
	assert_eq "$(addresses)" "10.1.0.2/24 fd00:1::77/64"
	CONF=$(conf '.runtimeConfig.ips = ["fd00:1::78", "10.1.0.78"]')
	add b
	assert_eq "$(addresses)" "10.1.0.78/24 fd00:1::78/64"
}

@test "a request that cannot be met takes nothing" {
	local requests
	CONF=$DUAL
	CNI_ARGS=IP=10.1.0.5 add holder
	assert_ok
	snapshot
	while read -r requests; do
		CONF=$(jq -c --argjson r "$requests" '.runtimeConfig.ips = $r' <<<"$DUAL")
		add a
		[[ $status -eq 1 && $(documents) -eq 1 ]] || fail "granted: $requests"
		assert_unchanged
	done <<-'REQUESTS'
		["10.9.0.5"]
		["10.1.0.1"]
		["10.1.0.6", "10.1.0.7"]
		["10.1.0.6", "10.9.0.9"]
		["fd00:1::6", "10.1.0.5"]
		["10.1.0.0"]
		["10.1.0.255"]
		["nonsense"]
		[5]
		{"4": "10.1.0.6"}
	REQUESTS
	CONF=$DUAL
	CNI_ARGS=IP=10.1.0.5 add a
	assert_error 101 10.1.0.5 holder/eth0
	CNI_ARGS=IP=10.1.0.1 add a
	assert_error 7 10.1.0.1 gateway
	CNI_ARGS=IP=10.9.0.1 add a
	assert_error 7 10.9.0.1
	assert_unchanged
}

@test "whose a requested address is takes no look at all other leases" {
	local bin=$FOOTBRIDGE_BIN log=$BATS_TEST_TMPDIR/log
	CNI_ARGS=IP=10.1.0.5 add holder
	assert_ok
	for i in {100..150}; do
		printf 'other%s\r\neth0' "$i" >"$STORE/net/10.1.0.$i"
	done
	# the index is made anew
	add first
	assert_ok
	printf '#!/bin/bash\nexec env ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" strace -qq -o %q -e trace=openat %q\n' \
		"$log" "$bin/host-local" >"$BATS_TEST_TMPDIR/host-local"
	chmod +x "$BATS_TEST_TMPDIR/host-local"
	FOOTBRIDGE_BIN=$BATS_TEST_TMPDIR
	CNI_ARGS=IP=10.1.0.5 add a
	assert_error 101 10.1.0.5 holder/eth0
	(($(grep -c '"10[.]1[.]0[.]' "$log") < 10)) || fail "$(grep -c . "$log") files were opened"
}

@test "a word that keeps an address costs no call a look at all leases" {
	local bin=$FOOTBRIDGE_BIN log=$BATS_TEST_TMPDIR/log verb n=
	mkdir -p "$STORE/net"
	for i in {100..150}; do
		printf 'other%s\r\neth0' "$i" >"$STORE/net/10.1.0.$i"
	done
	printf '#!/bin/bash\nexec env ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" strace -qq -o %q %q\n' \
		"$log" "$bin/host-local" >"$BATS_TEST_TMPDIR/host-local"
	chmod +x "$BATS_TEST_TMPDIR/host-local"
	add first
	assert_ok
	for what in none printer; do
		[[ $what == none ]] || printf printer >"$STORE/net/10.1.0.9"
		# the index is made anew
		FOOTBRIDGE_BIN=$bin add "beside-$what"
		assert_ok
		for verb in add del; do
			FOOTBRIDGE_BIN=$BATS_TEST_TMPDIR "$verb" a
			assert_ok
			((${n:=$(($(wc -l <"$log") + 10))} >= $(wc -l <"$log"))) || fail "$verb takes $(wc -l <"$log") calls"
		done
	done
	# the word is an owner's
	add printer eth1
	assert_error 101 10.1.0.9
}

@test "an ADD refused for want of an address in one set leaves the index whole" {
	local index inode
	CONF=$(jq -c '.ipam.ranges[1][0].rangeEnd = "fd00:1::2"' <<<"$DUAL")
	add a
	assert_ok
	index=$(ls -d /run/footbridge/leases/*)
	# shellcheck disable=SC2012 # its number
	inode=$(ls -di "$index")
	for name in b c; do
		add "$name"
		assert_error 102 "fd00:1::"
		assert_eq "$(leases | tr '\n' ' ')" "10.1.0.2 fd00:1::2 "
		# shellcheck disable=SC2012 # its number
		assert_eq "$(ls -di "$index")" "$inode" "the index"
		assert_eq "$(stat -c %y "$index")" "$(stat -c %y "$STORE/net")" "the index's time"
	done
}

@test "where no directories can be exchanged there is no index, and no lease is missed" {
	local bin=$FOOTBRIDGE_BIN
	add a
	assert_ok
	# a foreign change: the index is to be made anew
	printf 'other\r\neth0' >"$STORE/net/10.1.0.9"
	printf '#!/bin/bash\nexec %q exchange -- %q\n' "$bin/../faults/without" "$bin/host-local" \
		>"$BATS_TEST_TMPDIR/host-local"
	chmod +x "$BATS_TEST_TMPDIR/host-local"
	FOOTBRIDGE_BIN=$BATS_TEST_TMPDIR
	for verb in "add b" "check a" "check b" "del a" "del other" "add c"; do
		$verb
		assert_ok
	done
	assert_eq "$(leases | tr '\n' ' ')" "10.1.0.3 10.1.0.4 "
	# and where they can be, there is one again
	FOOTBRIDGE_BIN=$bin
	add d
	assert_ok
	assert_eq "$(stat -c %y /run/footbridge/leases/*)" "$(stat -c %y "$STORE/net")" "the index's time"
}

# --- resolvConf

@test "resolvConf" {
	printf '%s\n' '# a comment' '; another' 'nameserver 192.0.2.53' 'nameserver 2001:db8::53' \
		'domain old.example' 'domain example.org' 'search a.example b.example' 'options ndots:5 rotate' \
		'sortlist 10.0.0.0' 'nameserver' >/run/resolv.conf
	CONF=$(conf '.ipam.resolvConf = "/run/resolv.conf"')
	add a
	assert_ok
	assert_json '.dns == {nameservers: ["192.0.2.53", "2001:db8::53"], domain: "example.org",
		search: ["a.example", "b.example"], options: ["ndots:5", "rotate"]}'
	rm /run/resolv.conf
	add b
	assert_error 7 resolvConf /run/resolv.conf
	assert_eq "$(leases)" 10.1.0.2
}

# --- dataDir

@test "dataDir" {
	CONF=$(conf '.ipam.dataDir = "/run/some/where"')
	add a
	assert_ok
	assert_eq "$(leases)" ""
	assert_eq "$(tr '\r\n' ' ' </run/some/where/net/10.1.0.2)" "a  eth0"
	del a
	assert_ok
	[[ ! -e /run/some/where/net/10.1.0.2 ]] || fail "not released"
	touch /run/file
	CONF=$(conf '.ipam.dataDir = "/run/file"')
	add a
	assert_error 5 /run/file
}

@test "networks do not see each other's leases" {
	add a
	CONF=$(conf '.name = "two"')
	add a
	assert_ok
	assert_eq "$(addresses)" 10.1.0.2/24
	del a
	assert_eq "$(leases net)$(leases two)" 10.1.0.2
}

@test "symbolic links in the store are not followed" {
	mkdir -p "$STORE/net"
	echo precious >/run/victim
	ln -s /run/victim "$STORE/net/last_reserved_ip.0"
	ln -s /run/victim "$STORE/net/10.1.0.2"
	add a
	del a
	assert_eq "$(</run/victim)" precious
}

# --- the same attachment

@test "a second lease for one attachment is refused, for another interface given" {
	add a
	assert_ok
	add a
	assert_error 101 "a/eth0" 10.1.0.2 "duplicate allocation is not allowed"
	add a net1
	assert_ok
	assert_eq "$(leases | wc -l)" 2
}

@test "an index that a kill left between two changes in one tick of the clock is not trusted" {
	local index

	call ADD host-local a <<<"$CONF"
	index=(/run/footbridge/leases/*)
	rm "${index[0]}/a!eth0"
	# as the kernel stamps a change
	touch -m -d 2026-01-01 "$STORE/net" "${index[0]}"
	call DEL host-local a <<<"$CONF"
	assert_ok
	assert_eq "$(leases)" ""
}

# broken ADDRESS: from now on the file of this lease cannot be read (as on a bad disk)
broken() {
	mkdir "$BATS_TEST_TMPDIR/broken"
	# LeakSanitizer cannot work while a process is traced
	printf '#!/bin/bash\nexec env ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" strace -qq -o /dev/null -P %q -e trace=read -e inject=read:error=EIO %q "$@"\n' \
		"$STORE/net/$1" "$FOOTBRIDGE_BIN/host-local" >"$BATS_TEST_TMPDIR/broken/host-local"
	chmod +x "$BATS_TEST_TMPDIR/broken/host-local"
	FOOTBRIDGE_BIN=$BATS_TEST_TMPDIR/broken
}

@test "a lease that the disk cannot read costs no other container its address" {
	local healthy=$FOOTBRIDGE_BIN
	CONF=$(conf '.ipam.ranges[0][0].subnet = "10.1.0.0/29"')
	for name in a b c; do
		add "$name"
		assert_ok
	done
	broken 10.1.0.3
	# of its own container nothing else is left to be done, whether the index names the owner or not
	del b
	assert_ok
	assert_in "$err" "cannot read $STORE/net/10.1.0.3"
	rm -r /run/footbridge/leases
	add d
	assert_ok
	assert_eq "$(addresses)" 10.1.0.5/29
	# its address is taken, and cannot be had by asking for it
	CNI_ARGS=IP=10.1.0.3 add e
	assert_error 5 "cannot read $STORE/net/10.1.0.3"
	# of each container but that one everything goes, and the file is told of, as nobody
	# knows whose it is; also where nothing is left (a runtime's second DEL)
	for name in a c d d; do
		del "$name"
		assert_ok
		assert_in "$err" "cannot read $STORE/net/10.1.0.3"
	done
	assert_eq "$(leases)" 10.1.0.3
	add f
	assert_ok
	gc '[]'
	assert_error 5 "cannot read $STORE/net/10.1.0.3"
	assert_eq "$(leases)" 10.1.0.3
	# b is found again where it can be read
	FOOTBRIDGE_BIN=$healthy
	del b
	assert_ok
	assert_eq "$(leases)" ""
}

@test "a lease that may not be read yet is found when it may be" {
	local caps=-dac_override,-dac_read_search
	add a
	assert_ok
	chown nobody "$STORE/net/10.1.0.2"
	rm -r /run/footbridge/leases
	printf '#!/bin/sh\nexec setpriv --bounding-set %s --inh-caps %s %q "$@"\n' "$caps" "$caps" \
		"$FOOTBRIDGE_BIN/host-local" >"$BATS_TEST_TMPDIR/host-local"
	chmod +x "$BATS_TEST_TMPDIR/host-local"
	FOOTBRIDGE_BIN=$BATS_TEST_TMPDIR add b
	assert_ok
	chmod 644 "$STORE/net/10.1.0.2"
	del a
	assert_ok
	assert_eq "$(leases)" 10.1.0.3
}

@test "a lease that somebody has edited, whose editor added a newline, is a lease" {
	call ADD host-local a <<<"$CONF"
	echo >>"$STORE/net/10.1.0.2"
	call DEL host-local a <<<"$CONF"
	assert_ok
	assert_eq "$(leases)" ""
}

@test "DEL: twice, of nobody, with a broken configuration, without a store" {
	del nobody
	assert_ok
	[[ ! -e $STORE ]] || fail "DEL made a store"
	add a
	CONF=$(conf '.ipam.ranges = "spoiled"')
	CNI_ARGS='SOME=thing' del a
	assert_ok
	assert_eq "$(leases)" ""
	del a
	assert_ok
}

@test "CHECK" {
	CONF=$DUAL
	add a
	check a
	assert_ok
	assert_eq "$out" ""
	rm "$STORE/net/fd00:1::2"
	check a
	assert_error 103 fd00:1::2
	printf 'z\r\neth0' >"$STORE/net/10.1.0.2"
	check a
	assert_error 103 10.1.0.2 a/eth0
	CONF=$(conf '.cniVersion = "0.3.1"')
	check a
	assert_error 1
}

# --- wrong configurations

@test "a wrong configuration takes nothing and says what" {
	local change word good=$CONF
	while read -r change word; do
		CONF=$(jq -c "$change" <<<"$good")
		add a
		assert_error 7 "$word"
	done <<-'WRONG'
		del(.ipam) ipam
		.ipam.ranges=[] ranges
		.ipam.ranges=[[]] ranges
		.ipam.ranges=5 ranges
		.ipam.ranges[0][0].subnet="10.1.0.5/24" 10.1.0.5/24
		.ipam.ranges[0][0].subnet="10.1.0.0/31" 10.1.0.0/31
		.ipam.ranges[0][0].subnet="10.1.0.0" 10.1.0.0
		.ipam.ranges[0][0].subnet="fd00::/127" fd00::/127
		.ipam.ranges[0][0].rangeStart="10.2.0.1" 10.2.0.1
		.ipam.ranges[0][0].rangeEnd="10.2.0.1" 10.2.0.1
		.ipam.ranges[0][0]+={"rangeStart":"10.1.0.9","rangeEnd":"10.1.0.8"} 10.1.0.9
		.ipam.ranges[0][0].gateway="fd00::1" fd00::1
		.ipam.ranges[0]+=[{"subnet":"10.1.0.0/16"}] overlap
		.ipam.ranges[0]+=[{"subnet":"fd00::/64"}] fd00::
		.ipam.ranges+=[[{"subnet":"10.1.0.128/25"}]] overlap
		.ipam.routes=[{"dst":"10.1"}] 10.1
		.ipam.routes=[{"gw":"10.1.0.1"}] dst
		.ipam.dataDir=5 dataDir
		.cniVersion="0.2.0"|.ipam.ranges+=[[{"subnet":"10.2.0.0/24"}]] 0.2.0
	WRONG
	[[ ! -e $STORE ]] || fail "a store was made"
}

# --- as the IPAM of the Go bridge

# go_bridge VERB POD: Debian's bridge with our host-local; its masquerade needs iptables, so without
go_bridge() {
	local ours=$FOOTBRIDGE_BIN

	FOOTBRIDGE_BIN=/usr/lib/cni CNI_PATH=$ours call "$1" bridge "$2"
}

@test "the Go bridge uses it: ADD, CHECK, DEL, and again with the namespace gone" {
	local version
	[[ -x /usr/lib/cni/bridge ]] || fail "/usr/lib/cni/bridge is missing: install containernetworking-plugins"
	pod a
	for version in 0.2.0 0.3.1 0.4.0 1.0.0; do
		CONF=$(jq -c --arg v "$version" '.cniVersion = $v | .ipMasq = false' <<<"$DUAL")
		go_bridge ADD a <<<"$CONF"
		assert_ok
		assert_eq "$(leases | wc -l)" 2
		assert_eq "$(leases | head -n1)" "$(pod_ip a)"
		pings a 10.1.0.1
		if [[ $version != 0.[23]* ]]; then
			go_bridge CHECK a <<<"$(conf '.prevResult = $r' --argjson r "$out")"
			assert_ok
		fi
		go_bridge DEL a <<<"$CONF"
		assert_ok
		assert_eq "$(leases)" ""
	done
	go_bridge ADD a <<<"$CONF"
	assert_ok
	pod_gone a
	go_bridge DEL a <<<"$CONF"
	assert_ok
	assert_eq "$(leases)" ""
}

@test "the Go bridge passes its errors on" {
	pod a b
	CONF=$(conf '.cniVersion = "1.0.0" | .ipMasq = false | .ipam.ranges[0][0].subnet = "10.1.0.0/30"')
	go_bridge ADD a <<<"$CONF"
	assert_ok
	go_bridge ADD b <<<"$CONF"
	assert_error 102 10.1.0.2
}

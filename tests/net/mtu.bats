#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# "mtu": "auto", and what the result tells of MTUs.

load helpers

CONF=$(conf '.mtu = "auto"')

# added POD
added() {
	[[ -e /run/netns/$1 ]] || pod "$1"
	add "$1"
	assert_ok
}

# uplink NAME MTU: a device of the host that routes can go through
uplink() {
	ip link add "$1" mtu "$2" type veth peer name "$1p" mtu "$2"
	ip link set "$1" up
	ip link set "$1p" up
}

# mtus POD: print those of the bridge, the host end and the container end
mtus() {
	echo "$(link .mtu fb0) $(link .mtu "$(host_veth "$1")") $(pod_link "$1" .mtu)"
}

told() {
	result '[.interfaces[].mtu] | map(tostring) | join(" ")'
}

@test "auto: the MTU of the default route's device" {
	uplink up0 1400
	ip route add default dev up0
	added a
	assert_eq "$(mtus a)" "1400 1400 1400"
	assert_eq "$(told)" "1400 1400 1400"
	check a
	assert_ok
}

@test "auto: without a default route the kernel's default" {
	uplink up0 1400
	ip route add 192.0.2.0/24 dev up0
	ip route add default dev up0 table 100
	ip route add unreachable default metric 5
	added a
	assert_eq "$(mtus a)" "1500 1500 1500"
}

@test "auto: the default route of the lowest metric, IPv4 before IPv6" {
	uplink up4 1400
	uplink up5 1410
	uplink up6 1420
	uplink up7 1430
	ip -6 route add default dev up6 metric 1
	added a
	assert_eq "$(pod_link a .mtu)" 1420
	ip -6 route add default dev up7 metric 2
	ip route add default dev up4 metric 200
	ip route add default dev up5 metric 100
	added b
	assert_eq "$(pod_link b .mtu)" 1410
	ip route add default dev up4 metric 50
	added c
	assert_eq "$(pod_link c .mtu)" 1400
	# more specific routes are not the default
	ip route add 0.0.0.0/1 dev up7
	ip route add 128.0.0.0/1 dev up7
	added d
	assert_eq "$(pod_link d .mtu)" 1400
}

@test "auto: of several next hops, or routes of one metric, the lowest MTU" {
	uplink up4 1450
	uplink up5 1390
	uplink up6 1420
	ip route add default nexthop dev up4 nexthop dev up5 nexthop dev up6
	added a
	assert_eq "$(mtus a)" "1390 1390 1390"
	ip link set up5 down
	added b
	assert_eq "$(pod_link b .mtu)" 1420
	uplink up8 1380
	ip route append default dev up8
	added c
	assert_eq "$(pod_link c .mtu)" 1380
}

@test "auto: a default route of nexthop objects, where the kernel tells of their devices" {
	uplink up0 1400
	ip nexthop add id 7 dev up0 || skip "no nexthop objects"
	ip route add default nhid 7
	added a
	assert_eq "$(mtus a)" "1400 1400 1400"
	del a
	ip link del fb0
	sysctl -qw net.ipv4.nexthop_compat_mode=0
	added b
	assert_eq "$(mtus b)" "1500 1500 1500"
}

@test "auto: no less than IPv6 needs, where there is IPv6" {
	uplink up0 1000
	ip route add default dev up0
	added a
	assert_eq "$(mtus a)" "1000 1000 1000"
	del a
	ip link del fb0
	CONF=$(jq -c '.mtu = "auto"' <<<"$DUAL")
	added b
	assert_eq "$(mtus b)" "1280 1280 1280"
	check b
	assert_ok
}

@test "auto: lo's MTU is more than a veth can have" {
	ip route add default dev lo
	added a
	assert_eq "$(pod_link a .mtu)" 65535
}

@test "auto: full packets go out as they are" {
	outside
	ip link set out0 mtu 1420
	in_pod outside ip link set eth0 mtu 1420
	ip route add default via 198.51.100.2
	added a
	pings a 198.51.100.2 -s 1392
	watch_fragments
	pings a 198.51.100.2 -s 1392
	[[ $(in_pod outside nft list table inet fragments) == *'packets 0 '* ]] || fail "it came in pieces"
}

watch_fragments() {
	in_pod outside nft -f - <<-'RULES'
		table inet fragments {
			chain arriving {
				type filter hook prerouting priority -450;
				ip frag-off & 0x3fff != 0 counter
			}
		}
	RULES
}

@test "auto: CHECK does not mind that the default route has changed" {
	for version in 1.1.0 1.0.0; do
		CONF=$(conf '.cniVersion = $v | .name = "net" + $v' --arg v "$version")
		uplink up0 1400
		ip route add default dev up0
		added "p$version"
		ip link set up0 mtu 1300
		check "p$version"
		assert_ok
		ip route del default dev up0
		check "p$version"
		assert_ok
		in_pod "p$version" ip link set eth0 mtu 1280
		check "p$version"
		# a plugin behind us in the chain may have done it, which 1.1.0 alone would tell
		if [[ $version == 1.1.0 ]]; then
			assert_error 103 MTU 1280 1400
		else
			assert_ok
		fi
		del "p$version"
		ip link del up0
	done
}

@test "auto: CHECK sees by the told MTU that both ends have changed" {
	added a
	ip link set "$(host_veth a)" mtu 1300
	in_pod a ip link set eth0 mtu 1300
	check a
	assert_error 103 MTU 1300 1500
}

@test "auto: an ADD asks for routes, a number does not" {
	local log=$BATS_TEST_TMPDIR/strace

	for mtu in '"auto"' 1400 0; do
		CONF=$(conf '.mtu = $mtu' --argjson mtu "$mtu")
		pod a
		env ASAN_OPTIONS="detect_leaks=0:${ASAN_OPTIONS-}" CNI_COMMAND=ADD CNI_CONTAINERID=a \
			CNI_NETNS=/run/netns/a CNI_IFNAME=eth0 CNI_PATH=/ \
			strace -o "$log" -e trace=sendto "$FOOTBRIDGE_BIN/bridge" <<<"$CONF" >"$log.out"
		if [[ $mtu == '"auto"' ]]; then
			grep -q RTM_GETROUTE "$log" || fail "no route was asked for"
		else
			refute grep RTM_GETROUTE "$log"
		fi
		del a
		pod_gone a
	done
}

@test "any other word is refused" {
	pod a
	snapshot
	for mtu in '"Auto"' '"1400"' '["auto"]' true; do
		CONF=$(conf '.mtu = $mtu' --argjson mtu "$mtu")
		add a
		assert_error 7 mtu auto 68
	done
	assert_unchanged
}

@test "the result tells what the kernel has" {
	CONF=$(conf '.mtu = 1400')
	added a
	assert_eq "$(told)" "1400 1400 1400"
	# the bridge follows the lowest of its ports
	CONF=$(conf '.mtu = 1380')
	added b
	assert_eq "$(told)" "1380 1380 1380"
	assert_eq "$(mtus b)" "1380 1380 1380"
	CONF=$(conf 'del(.mtu)')
	added c
	assert_eq "$(told)" "$(mtus c)"
	assert_eq "$(told)" "1380 1500 1500"
	# but not when somebody has set it
	ip link set fb0 mtu 1300
	CONF=$(conf '.mtu = 1280')
	added d
	assert_eq "$(told)" "1300 1280 1280"
}

@test "results before 1.1.0 do not tell it" {
	CONF=$(conf '.cniVersion = "1.0.0" | .mtu = 1400')
	added a
	assert_json 'all(.interfaces[]; has("mtu") | not)'
}

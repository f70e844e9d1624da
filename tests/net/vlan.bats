#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# vlan, vlanTrunk, preserveDefaultVlan: who reaches whom, and by which tags.
#
# Most of it needs a kernel whose bridges filter VLANs (CONFIG_BRIDGE_VLAN_FILTERING),
# and trunks also VLAN devices (CONFIG_VLAN_8021Q): `make check-vm` has both.

load helpers

# vlan_conf ID [FILTER]: a network of its own in this VLAN of bridge fb0
vlan_conf() {
	jq -c --arg id "$1" '.name = "net\($id)" | .vlan = ($id | tonumber) |
		.ipam.ranges = [[{subnet: "10.\($id).0.0/24"}], [{subnet: "fd00:\($id)::/64"}]]' \
		<<<"$DUAL" | jq -c "${2-.}"
}

# add_to ID POD [FILTER]: a new container in this VLAN
add_to() {
	pod "$2"
	CONF=$(vlan_conf "$1" "${3-.}") add "$2"
	assert_ok
}

# members LINK: the VLANs of a port as the kernel has them: "1 100pu 200"; p: PVID, u: untagged
members() {
	bridge -j vlan show dev "$1" | jq -r '[.[0].vlans[]? | [range(.vlan; (.vlanEnd // .vlan) + 1)] as $ids |
		(.flags // []) as $flags | $ids[] | "\(.)" +
		(if $flags | index("PVID") then "p" else "" end) +
		(if $flags | index("Egress Untagged") then "u" else "" end)] | join(" ")'
}

# needs_br_netfilter: what crosses a bridge in a VLAN may pass iptables, too
needs_br_netfilter() {
	needs_vlan_filtering
	module br_netfilter
	[[ -e /proc/sys/net/bridge ]] || skip "no br_netfilter in this kernel"
}

# layer2 FILTER POD: a container without addresses but 10.9.0.NUMBER, set by hand
layer2() {
	pod "$2"
	CONF=$(jq -c "$1" <<<"$LAYER2") add "$2"
	assert_ok
	in_pod "$2" ip addr add "10.9.0.$3/24" dev eth0
}

# --- one VLAN

# bats test_tags=quick
@test "containers of one VLAN reach each other, those of another VLAN do not" {
	needs_vlan_filtering
	layer2 '.vlan = 100' a 1
	layer2 '.vlan = 100' b 2
	layer2 '.vlan = 200' c 3
	layer2 . plain 4
	pings a 10.9.0.2
	refute pings a 10.9.0.3
	refute pings a 10.9.0.4
	refute pings c 10.9.0.4
}

# bats test_tags=quick
@test "the port is in its VLAN alone, without a tag" {
	needs_vlan_filtering
	add_to 100 a
	assert_eq "$(members "$(host_veth a)")" "100pu"
	assert_eq "$(link .linkinfo.info_data.vlan_filtering fb0)" 1
}

# bats test_tags=quick
@test "preserveDefaultVlan: the port stays in VLAN 1, too" {
	needs_vlan_filtering
	add_to 100 a '.preserveDefaultVlan = true'
	assert_eq "$(members "$(host_veth a)")" "1u 100pu"
	CONF=$(vlan_conf 100 '.preserveDefaultVlan = true') check a
	assert_ok
}

# bats test_tags=quick
@test "without vlan the bridge does not filter and the port is as ever" {
	needs_vlan_filtering
	pod a
	add a
	assert_ok
	assert_eq "$(link .linkinfo.info_data.vlan_filtering fb0)" 0
	assert_eq "$(members "$(host_veth a)")" "1pu"
}

# bats test_tags=quick
@test "the host's untagged frames on the bridge do not reach the VLAN" {
	needs_vlan_filtering
	layer2 '.vlan = 100' a 1
	ip addr add 10.9.0.254/24 dev fb0
	refute pings a 10.9.0.254
	ip link add link fb0 name tagged type vlan id 100 || skip "this kernel has no VLAN devices"
	bridge vlan add dev fb0 vid 100 self
	ip addr flush dev fb0
	ip addr add 10.9.0.254/24 dev tagged
	ip link set tagged up
	eventually pings a 10.9.0.254
}

# --- the gateway

# bats test_tags=quick
@test "the gateway is on <bridge>.<vlan>, and both families reach it and the outside at once" {
	needs_vlan_filtering
	outside
	add_to 100 a
	pings a 10.100.0.1
	pings a fd00:100::1
	pings a 198.51.100.2
	pings a 2001:db8:51::2
	assert_eq "$(ip -j addr show fb0.100 | jq -r '[.[].addr_info[] | select(.scope == "global").local] | sort | join(" ")')" \
		"10.100.0.1 fd00:100::1"
	assert_eq "$(ip -j addr show fb0 | jq -r '[.[].addr_info[] | select(.scope == "global")] | length')" 0
}

# bats test_tags=quick
@test "the result tells of the gateway's interface, behind the container's" {
	needs_vlan_filtering
	add_to 100 a
	assert_json '[.interfaces[].name] == ["fb0", "'"$(host_veth a)"'", "eth0", "fb0.100"]'
	assert_json '.interfaces[3] | has("sandbox") | not'
	assert_json "all(.ips[]; .interface == 2)"
	assert_eq "$(result '.interfaces[3].mac')" "$(link .address fb0.100)"
	assert_eq "$(result '.interfaces[3].mtu')" 1500
}

# bats test_tags=quick
@test "each VLAN has its own gateway; the host routes between them" {
	needs_vlan_filtering
	add_to 100 a
	add_to 101 b
	pings a 10.100.0.1
	pings b 10.101.0.1
	pings a "$(pod_ip b)"
	ip link set fb0.101 down
	refute pings a "$(pod_ip b)"
}

# bats test_tags=quick
@test "its port is in that VLAN alone" {
	needs_vlan_filtering
	local port

	add_to 100 a
	port=$(ip -j link show fb0.100 | jq -r '.[0].link')
	assert_eq "$(members "$port")" "100pu"
	assert_eq "$(link .master "$port")" fb0
	assert_eq "$(link .ifalias "$port")" "gateway fb0.100"
}

# bats test_tags=quick
@test "its MTU is that of its network, whatever else is on the bridge" {
	needs_vlan_filtering
	add_to 200 a '.name = "small" | .mtu = 1400'
	assert_eq "$(link .mtu fb0.200)" 1400
	add_to 100 b
	assert_eq "$(link .mtu fb0)" 1400
	assert_eq "$(link .mtu fb0.100)" 1500
	pings b 10.100.0.1 -s 1472
	CONF=$(vlan_conf 100) check b
	assert_ok
}

@test "its MAC never changes, and two bridges' differ" {
	needs_vlan_filtering
	local mac

	add_to 100 a
	mac=$(link .address fb0.100)
	add_to 100 b
	assert_eq "$(link .address fb0.100)" "$mac"
	add_to 100 c '.bridge = "fb1" | .name = "other" | .ipam.ranges = [[{subnet: "10.7.0.0/24"}]]'
	refute [ "$(link .address fb1.100)" = "$mac" ]
}

# bats test_tags=quick
@test "an interrupted ADD leaves a gateway that the next one completes" {
	needs_vlan_filtering
	add_to 100 a
	ip link set fb0.100 down
	bridge vlan del dev "$(ip -j link show fb0.100 | jq -r '.[0].link')" vid 100
	add_to 100 b
	pings b 10.100.0.1
	CONF=$(vlan_conf 100) check b
	assert_ok
}

# bats test_tags=quick
@test "a gateway whose bridge was deleted is made anew with the next one" {
	needs_vlan_filtering
	add_to 100 a
	ip link del fb0
	add_to 100 b
	pings b 10.100.0.1
	pings b fd00:100::1
	# and once more, from where somebody has taken the port off
	ip link set "$(ip -j link show fb0.100 | jq -r '.[0].link')" nomaster
	add_to 100 c
	pings c 10.100.0.1
	CONF=$(vlan_conf 100) check c
	assert_ok
	# or put it into another bridge
	ip link add other type bridge
	ip link set "$(ip -j link show fb0.100 | jq -r '.[0].link')" master other
	add_to 100 d
	pings d 10.100.0.1
	CONF=$(vlan_conf 100) check d
	assert_ok
}

# bats test_tags=quick
@test "a gateway's interface that the Go bridge or an admin made is used as it is" {
	needs_vlan_filtering
	ip link add fb0 type bridge vlan_filtering 1
	ip link set fb0 up
	ip link add fb0.100 type veth peer name random7
	ip link set random7 master fb0 up
	ip link set fb0.100 up
	echo 1 >/proc/sys/net/ipv6/conf/fb0.100/accept_ra
	bridge vlan del dev random7 vid 1
	bridge vlan add dev random7 vid 100 pvid untagged
	add_to 100 a
	eventually pings a 10.100.0.1
	assert_eq "$(ip -j link show master fb0 | jq length)" 2
	assert_eq "$(cat /proc/sys/net/ipv6/conf/fb0.100/accept_ra)" 0
	CONF=$(vlan_conf 100) check a
	assert_ok
}

# bats test_tags=quick
@test "a VLAN device of an admin's on the bridge is raised, and used as it is" {
	needs_vlan_filtering
	module 8021q
	ip link add fb0 type bridge vlan_filtering 1
	ip link add link fb0 name fb0.100 type vlan id 100 || skip "no VLAN devices in this kernel"
	ip link set fb0 up
	bridge vlan add dev fb0 vid 100 self
	add_to 100 a
	eventually pings a 10.100.0.1
	CONF=$(vlan_conf 100) check a
	assert_ok
}

# bats test_tags=quick
@test "where what crosses bridges passes iptables, too: masquerade, and a firewall that tracks" {
	needs_br_netfilter
	outside
	watch_sources outside
	sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1
	nft 'table inet fw { chain forward { type filter hook forward priority 0; policy drop;
		ct state invalid drop; ct state established accept; iifname "fb0*" accept; }; }'
	add_to 100 a '.macspoofchk = true'
	add_to 200 b
	pings a 198.51.100.2
	pings a 2001:db8:51::2
	assert_eq "$(sources outside)" $'198.51.100.1\n2001:db8:51::1'
	pings a 10.100.0.1
	pings a fd00:100::1
	# from one VLAN to another
	pings a "$(pod_ip b)"
	# to a container from outside
	in_pod outside ip route add 10.100.0.0/24 via 198.51.100.1
	nft insert rule inet fw forward iifname out0 accept
	in_pod outside busybox ping -c 1 -W 5 "$(pod_ip a)"
}

# bats test_tags=quick
@test "what lets a VLAN's frames cross the bridge comes back after a flush" {
	local file=$BATS_TEST_TMPDIR/net.conf

	needs_br_netfilter
	outside
	sysctl -qw net.bridge.bridge-nf-call-iptables=1
	vlan_conf 100 >"$file"
	add_to 100 a
	CONF=$(<"$file") check a
	assert_ok
	nft flush chain bridge footbridge crossing
	refute pings a 198.51.100.2
	CONF=$(<"$file") check a
	assert_error 103 fb0.100
	CNI_PATH=$FOOTBRIDGE_BIN footbridge doctor --conf "$file" --json
	assert_eq "$status" 1 "exit status"
	assert_json '.findings | length == 1'
	assert_in "$(result '.findings[0].what')" "reach nobody beyond the host"
	footbridge restore
	assert_eq "$status" 0 "exit status"
	pings a 198.51.100.2
	CONF=$(<"$file") check a
	assert_ok
	nft flush ruleset
	refute pings a 198.51.100.2
	CNI_PATH=$FOOTBRIDGE_BIN footbridge doctor --conf "$file" --fix
	assert_eq "$status" 0 "exit status"
	pings a 198.51.100.2
	# its element alone
	nft flush set bridge footbridge gateways
	refute pings a 198.51.100.2
	add_to 100 b
	pings a 198.51.100.2
	# a gateway made anew has another MAC
	ip link del fb0.100
	add_to 100 c
	pings c 198.51.100.2
}

# bats test_tags=quick
@test "where what crosses bridges passes iptables, too: another's masquerade" {
	needs_br_netfilter
	outside
	watch_sources outside
	# as Kubernetes' ip-masq-agent does it
	nft 'table ip agent { chain postrouting { type nat hook postrouting priority 100;
		ip saddr 10.0.0.0/8 ip daddr != 10.0.0.0/8 masquerade; }; }'
	sysctl -qw net.bridge.bridge-nf-call-iptables=1
	add_to 100 a '.ipMasq = false'
	pings a 198.51.100.2
	assert_eq "$(sources outside)" 198.51.100.1
	CONF=$(vlan_conf 100 '.ipMasq = false') check a
	assert_ok
}

# bats test_tags=quick
@test "where the bridge alone has what crosses it pass iptables: CHECK sees what is missing" {
	needs_br_netfilter
	sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0
	add_to 100 a
	nft flush chain bridge footbridge crossing
	CONF=$(vlan_conf 100) check a
	assert_ok
	ip link set fb0 type bridge nf_call_iptables 1
	CONF=$(vlan_conf 100) check a
	assert_error 103 fb0.100
}

# bats test_tags=quick
@test "a container that sends under a gateway's MAC is masqueraded all the same" {
	needs_vlan_filtering
	outside
	watch_sources outside
	add_to 100 a
	pod other
	CONF=$(conf '.name = "other" | .bridge = "fb1" | .ipam.ranges = [[{subnet: "10.7.0.0/24"}]]') add other
	assert_ok
	pings other 198.51.100.2
	assert_eq "$(sources outside)" 198.51.100.1
	in_pod other ip link set eth0 address "$(link .address fb0.100)"
	in_pod other busybox ping -c 3 -W 1 198.51.100.2 || true
	assert_eq "$(sources outside)" 198.51.100.1
	# in the gateway's own VLAN as well
	add_to 100 b
	in_pod b ip link set eth0 address "$(link .address fb0.100)"
	in_pod b busybox ping -c 3 -W 1 198.51.100.2 || true
	[[ $(sources outside) != *10.100.0* ]]
}

# bats test_tags=quick
@test "what lets frames cross comes back when no container is left, and after vlan was edited" {
	needs_br_netfilter
	sysctl -qw net.bridge.bridge-nf-call-iptables=1
	vlan_conf 100 >"$BATS_TEST_TMPDIR/net.conf"
	add_to 100 a
	CONF=$(vlan_conf 100) del a
	assert_ok
	nft flush ruleset
	CNI_PATH=$FOOTBRIDGE_BIN footbridge doctor --conf "$BATS_TEST_TMPDIR/net.conf" --json
	assert_in "$(result '.findings[0].what')" "reach nobody beyond the host"
	footbridge restore
	assert_in "$out" "gateway fb0.100: restored"
	footbridge restore
	assert_eq "$out" ""
	CNI_PATH=$FOOTBRIDGE_BIN footbridge doctor --conf "$BATS_TEST_TMPDIR/net.conf"
	assert_eq "$status" 0 "exit status"
	# a container in the former VLAN
	outside
	add_to 100 b
	pod c
	CONF=$(vlan_conf 100 '.vlan = 200') add c
	assert_ok
	nft flush ruleset
	footbridge restore
	pings b 198.51.100.2
}

# bats test_tags=quick
@test "a firewall that drops what crosses the bridge: doctor's words mend it" {
	local file=$BATS_TEST_TMPDIR/net.conf

	needs_br_netfilter
	outside
	sysctl -qw net.bridge.bridge-nf-call-iptables=1
	vlan_conf 100 >"$file"
	add_to 100 a
	nft 'table inet fw { chain forward { type filter hook forward priority 0; policy drop; }; }'
	refute pings a 198.51.100.2
	CNI_PATH=$FOOTBRIDGE_BIN footbridge doctor --conf "$file" --json
	bash -c "$(result '.findings[0].mend')"
	pings a 198.51.100.2
	CNI_PATH=$FOOTBRIDGE_BIN footbridge doctor --conf "$file"
	assert_eq "$status" 0 "exit status"
	# the way over the bridge alone
	nft flush chain inet fw forward
	nft 'add rule inet fw forward iifname "fb0.100" accept; add rule inet fw forward oifname "fb0.100" accept'
	refute pings a 198.51.100.2
	CNI_PATH=$FOOTBRIDGE_BIN footbridge doctor --conf "$file" --json
	assert_in "$(result '.findings[0].what')" "drops what crosses fb0"
	bash -c "$(result '.findings[0].mend')"
	pings a 198.51.100.2
}

# bats test_tags=quick
@test "a VLAN of the host's own on the bridge is no gateway to doctor" {
	local file=$BATS_TEST_TMPDIR/net.conf

	needs_vlan_filtering
	conf '.name = "net"' >"$file"
	added a
	ip link add fb0.10 type veth peer name mgmt0
	ip link set mgmt0 master fb0
	ip link set mgmt0 up
	ip link set fb0.10 up
	ip addr add 192.0.2.7/24 dev fb0.10
	echo 0 >/proc/sys/net/ipv4/conf/fb0.10/forwarding
	nft 'table inet fw { chain forward { type filter hook forward priority 0; policy drop; iifname "fb0" accept; }; }'
	CNI_PATH=$FOOTBRIDGE_BIN footbridge doctor --conf "$file"
	assert_eq "$status" 0 "exit status"
}

# bats test_tags=quick
@test "a name that is taken by something else is refused, and nothing is left" {
	needs_vlan_filtering
	ip link add fb0.100 type bridge
	pod a
	CONF=$(vlan_conf 100) add a
	assert_error 101 fb0.100 bridge
	refute_anything_left a
}

# bats test_tags=quick
@test "without isGateway there is none" {
	needs_vlan_filtering
	add_to 100 a '.isGateway = false | .ipMasq = false'
	refute ip link show fb0.100
	assert_json '.interfaces | length == 3'
}

# bats test_tags=quick
@test "eight first ADDs at once make one gateway, and all containers reach it" {
	needs_vlan_filtering
	local i pids=()

	for i in {1..8}; do
		pod "p$i"
	done
	for i in {1..8}; do
		(
			CONF=$(vlan_conf 100) add "p$i"
			assert_ok
		) &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i"
	done
	for i in {1..8}; do
		pings "p$i" 10.100.0.1
	done
	assert_eq "$(ip -j link show master fb0 | jq length)" 9
}

# --- trunks

# tag POD ID NUMBER: a VLAN device in a container, with the address 10.ID.0.NUMBER
tag() {
	in_pod "$1" ip link add link eth0 name "v$2" type vlan id "$2" ||
		skip "this kernel has no VLAN devices"
	in_pod "$1" ip addr add "10.$2.0.$3/24" dev "v$2"
	in_pod "$1" ip link set "v$2" up
}

# bats test_tags=quick
@test "a trunk carries its VLANs with their tags, and no others" {
	needs_vlan_filtering
	local id

	layer2 '.vlanTrunk = [{"minID": 100, "maxID": 101}, {"id": 200}]' a 1
	layer2 '.vlanTrunk = [{"id": 100}, {"id": 101}, {"id": 102}, {"id": 200}]' b 2
	assert_eq "$(members "$(host_veth a)")" "1pu 100 101 200"
	for id in 100 101 102 200; do
		tag a "$id" 1
		tag b "$id" 2
	done
	eventually pings a 10.100.0.2
	eventually pings a 10.101.0.2
	eventually pings a 10.200.0.2
	refute pings a 10.102.0.2
	# without a tag both are in VLAN 1
	pings a 10.9.0.2
}

# bats test_tags=quick
@test "a trunk with vlan: that one is native" {
	needs_vlan_filtering
	layer2 '.vlanTrunk = [{"id": 100}] | .vlan = 200' a 1
	layer2 '.vlan = 200' b 2
	assert_eq "$(members "$(host_veth a)")" "100 200pu"
	pings a 10.9.0.2
}

# bats test_tags=quick
@test "VLANs given twice, one by one and in runs that overlap, come out as one set" {
	needs_vlan_filtering
	layer2 '.vlanTrunk = [{"minID": 10, "maxID": 12}, {"minID": 11, "maxID": 14}, {"id": 12}, {"id": 13}]' a 1
	assert_eq "$(members "$(host_veth a)")" "1pu 10 11 12 13 14"
}

# bats test_tags=quick
@test "all 4094, and every other one of them" {
	needs_vlan_filtering
	layer2 '.vlanTrunk = [{"minID": 1, "maxID": 4094}]' a 1
	assert_eq "$(members "$(host_veth a)" | wc -w)" 4094
	layer2 '.vlanTrunk = [range(2; 4095; 2) | {id: .}]' b 2
	assert_eq "$(members "$(host_veth b)" | wc -w)" 2048
	assert_eq "$(members "$(host_veth b)" | cut -d' ' -f1-4)" "1pu 2 4 6"
	CONF=$(jq -c '.vlanTrunk = [range(2; 4095; 2) | {id: .}]' <<<"$LAYER2") check b
	assert_ok
}

# --- taking it back

# bats test_tags=quick
@test "DEL takes the container's port away; bridge and gateway stay for the others" {
	needs_vlan_filtering
	add_to 100 a
	add_to 100 b
	CONF=$(vlan_conf 100) del a
	assert_ok
	refute_anything_left a
	pings b 10.100.0.1
	pod_gone b
	CONF=$(vlan_conf 100) NETNS='' del b
	assert_ok
	refute_anything_left b
	ip link show fb0.100
}

# bats test_tags=quick
@test "GC collects the dead of its VLAN, the gateway is nobody's container" {
	needs_vlan_filtering
	add_to 100 a
	add_to 101 b
	CONF=$(vlan_conf 100 '.gcLive = true') gc '[]'
	assert_ok
	assert_eq "$err" ""
	refute_anything_left a
	pings b 10.101.0.1
	ip link show fb0.100
}

# --- CHECK

# bats test_tags=quick
@test "CHECK sees VLANs that are lacking, foreign, or not native any more" {
	needs_vlan_filtering
	local port

	add_to 100 a
	port=$(host_veth a)
	CONF=$(vlan_conf 100) check a
	assert_ok
	bridge vlan add dev "$port" vid 300
	CONF=$(vlan_conf 100) check a
	assert_error 103 300 "$port"
	bridge vlan del dev "$port" vid 300
	bridge vlan add dev "$port" vid 100
	CONF=$(vlan_conf 100) check a
	assert_error 103 100 "$port"
}

# bats test_tags=quick
@test "CHECK sees a trunk that lacks a VLAN" {
	needs_vlan_filtering
	pod a
	CONF=$(jq -c '.vlanTrunk = [{"minID": 100, "maxID": 110}]' <<<"$LAYER2")
	add a
	assert_ok
	check a
	assert_ok
	bridge vlan del dev "$(host_veth a)" vid 105
	check a
	assert_error 103 105
}

# bats test_tags=quick
@test "CHECK sees a bridge that filters no more" {
	needs_vlan_filtering
	add_to 100 a
	ip link set fb0 type bridge vlan_filtering 0
	CONF=$(vlan_conf 100) check a
	assert_error 103 fb0 vlan_filtering
}

# bats test_tags=quick
@test "CHECK sees a gateway's interface that is gone, down, or in another VLAN" {
	needs_vlan_filtering
	local port

	add_to 100 a
	port=$(ip -j link show fb0.100 | jq -r '.[0].link')
	bridge vlan add dev "$port" vid 200 pvid untagged
	CONF=$(vlan_conf 100) check a
	assert_error 103 200 "$port"
	ip link set fb0.100 down
	CONF=$(vlan_conf 100) check a
	assert_error 103 fb0.100 down
	ip link del fb0.100
	CONF=$(vlan_conf 100) check a
	assert_error 103 fb0.100 gone
}

# bats test_tags=quick
@test "CHECK sees a gateway's interface of another MAC, or untold, or whose port is elsewhere" {
	needs_vlan_filtering
	local port mac

	add_to 100 a
	port=$(ip -j link show fb0.100 | jq -r '.[0].link')
	mac=$(link .address fb0.100)
	ip link set fb0.100 address 02:00:00:00:00:97
	CONF=$(vlan_conf 100) check a
	assert_error 103 fb0.100 02:00:00:00:00:97
	ip link set fb0.100 address "$mac"
	ip link set "$port" nomaster
	CONF=$(vlan_conf 100) check a
	assert_error 103 "$port" "no port"
	ip link set "$port" netns a
	CONF=$(vlan_conf 100) check a
	assert_error 103 fb0.100 "not on the host"
	jq '.interfaces |= map(select(.name != "fb0.100"))' "$(kept a eth0)" >"$BATS_TEST_TMPDIR/result"
	cp "$BATS_TEST_TMPDIR/result" "$(kept a eth0)"
	CONF=$(vlan_conf 100) check a
	assert_error 103 "no interface fb0.100"
}

# bats test_tags=quick
@test "CHECK does not take a kernel that has failed for one that lacks the gateway's port" {
	needs_vlan_filtering
	local n log=$BATS_TEST_TMPDIR/log

	add_to 100 a
	CONF=$(vlan_conf 100)
	with_prev a >"$BATS_TEST_TMPDIR/conf"
	for ((n = 1; ; n++)); do
		env -i PATH="$PATH" CNI_COMMAND=CHECK CNI_CONTAINERID=a CNI_NETNS=/run/netns/a CNI_IFNAME=eth0 \
			CNI_PATH="$FOOTBRIDGE_BIN" strace -qq -o "$log" -e trace=sendto \
			-e "inject=sendto:error=ENOBUFS:when=$n" "$FOOTBRIDGE_BIN/bridge" \
			<"$BATS_TEST_TMPDIR/conf" >"$BATS_TEST_TMPDIR/out" 2>&1 || true
		grep -q INJECTED "$log" || break
		refute grep -q 103 "$BATS_TEST_TMPDIR/out"
	done
	[[ $n -gt 3 ]] || fail "only $n requests"
}

# --- with the rest

# bats test_tags=quick
@test "macspoofchk and VLANs together" {
	needs_vlan_filtering
	add_to 100 a '.macspoofchk = true'
	add_to 100 b
	pings a "$(pod_ip b)"
	in_pod a ip link set eth0 address 02:00:5e:00:53:66
	refute pings a "$(pod_ip b)"
}

# bats test_tags=quick
@test "isolated ports of a VLAN reach its gateway alone" {
	needs_vlan_filtering
	add_to 100 a '.portIsolation = true'
	add_to 100 b '.portIsolation = true'
	pings a 10.100.0.1
	refute in_pod a busybox arping -c 1 -w 1 -I eth0 "$(pod_ip b)"
}

# --- what is refused

@test "a bridge that does not filter is left alone" {
	ip link add fb0 type bridge
	pod a
	mkdir -p "$STORE/net100"
	snapshot
	CONF=$(vlan_conf 100) add a
	assert_error 101 fb0 vlan_filtering
	assert_unchanged
	CONF=$(vlan_conf 100) status
	assert_error 50 fb0 vlan_filtering
}

@test "a kernel that cannot do it says so, and nothing is left" {
	! filters_vlans || skip "this kernel can"
	pod a
	mkdir -p "$STORE/net100"
	snapshot
	CONF=$(vlan_conf 100) add a
	assert_error 2 vlan CONFIG_BRIDGE_VLAN_FILTERING
	assert_unchanged
	CONF=$(vlan_conf 100) status
	assert_error 50 vlan CONFIG_BRIDGE_VLAN_FILTERING
	assert_unchanged
	# a bridge that it does not need to make is asked itself
	CONF=$(conf .) status
	assert_ok
}

# bats test_tags=quick
@test "STATUS: a kernel that can do it is ready, without a bridge and beside many" {
	local i

	# a module that nobody has asked for so far
	[[ -z ${FOOTBRIDGE_MACHINE-} ]] || modprobe -qr br_netfilter bridge || true
	CONF=$(vlan_conf 100) status
	filters_vlans || skip "this kernel's bridges do not filter VLANs"
	assert_ok
	for i in {1..20}; do
		ip link add "other$i" type bridge vlan_filtering $((i % 2))
		ip link add "port$i" master "other$i" type veth peer name "end$i"
		[[ $((i % 2)) -eq 0 ]] || bridge vlan add dev "port$i" vid 2-4094
	done
	snapshot
	CONF=$(vlan_conf 100) status
	assert_ok
	assert_unchanged
}

@test "values that are none" {
	local value

	pod a
	for value in 4095 -1 1.5 '"100"' true; do
		CONF=$(conf ".vlan = $value") add a
		assert_error 7 '"vlan"' 4094
	done
	for value in '{}' '[1]' '[{}]' '[{"id":0}]' '[{"id":4095}]' '[{"minID":5}]' '[{"maxID":5}]' \
		'[{"minID":6,"maxID":5}]' '[{"id":"7"}]'; do
		CONF=$(conf ".vlanTrunk = $value") add a
		assert_error 7 vlanTrunk
	done
	CONF=$(conf '.preserveDefaultVlan = "yes"') add a
	assert_error 7 preserveDefaultVlan
}

@test "a bridge whose gateway's name would be too long" {
	pod a
	CONF=$(conf '.bridge = "elevenbytes" | .vlan = 4094') add a
	assert_error 7 elevenbytes.4094 16
	CONF=$(conf '.bridge = "elevenbytes" | .vlan = 4094 | .isGateway = false | .ipMasq = false') add a
	[[ $(result '.code // 0') != 7 ]]
}

# bats test_tags=quick
@test "what asks for nothing is nothing" {
	pod a
	CONF=$(conf '.vlan = 0 | .vlanTrunk = [] | .preserveDefaultVlan = true') add a
	assert_ok
	assert_eq "$(members "$(host_veth a)" || true)" "$(members fb0 || true)"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each key of the bridge's configuration, shown in the kernel.

load helpers

# added [FILTER]: a pod "a" is added with CONF changed like this
added() {
	CONF=$(conf "${1-.}")
	[[ -e /run/netns/a ]] || pod a
	add a
	assert_ok
}

# port FLAG POD: a flag of the pod's bridge port
port() {
	link ".linkinfo.info_slave_data.$1" "$(host_veth "$2")"
}

mac_of() {
	pod_link "$1" .address
}

sysctl_of() {
	in_pod "$1" cat "/proc/sys/net/$2"
}

bridge_addresses() {
	ip -j addr show fb0 | jq -r '.[0].addr_info[] | select(.scope == "global") | "\(.local)/\(.prefixlen)"'
}

# --- what is made without any key

@test "the host veth is named, labelled, up and a port of the bridge" {
	added
	local veth
	veth=$(host_veth a)
	[[ $veth =~ ^veth[0-9a-f]{11}$ ]] || fail "its name is $veth"
	assert_eq "$(link .ifalias "$veth")" footbridge:net/a/eth0
	assert_eq "$(link .master "$veth")" fb0
	assert_eq "$(link .operstate "$veth")" UP
	assert_eq "$(link .linkinfo.info_slave_data.state "$veth")" forwarding
	# an egress queue without length would drop what a shaper is to keep
	assert_eq "$(link .txqlen "$veth") $(pod_link a .txqlen)" "1000 1000" "length of the queues"
	assert_eq "$(result '.interfaces[1].name')" "$veth"
	assert_eq "$(result '.interfaces[1].mac')" "$(link .address "$veth")"
}

@test "the name of the host veth depends on network, container and interface alone" {
	added
	local first other
	first=$(host_veth a)
	del a
	CONF=$(conf '.bridge = "fb1" | .mtu = 1400 | .ipam.ranges[0][0].subnet = "10.7.0.0/24"')
	added
	assert_eq "$(host_veth a)" "$first"
	add a net1
	assert_ok
	other=$(host_veth a net1)
	[[ $other != "$first" ]] || fail "two interfaces, one name"
}

@test "the host veth has no IPv6 of its own, and host ends take no router's word" {
	added
	assert_eq "$(cat "/proc/sys/net/ipv6/conf/$(host_veth a)/disable_ipv6")" 1
	assert_eq "$(cat /proc/sys/net/ipv6/conf/fb0/accept_ra)" 0
}

@test "a bridge that was up already takes no router's word any more" {
	ip link add fb0 type bridge
	ip link set fb0 up
	echo 1 >/proc/sys/net/ipv6/conf/fb0/accept_ra
	added
	assert_eq "$(cat /proc/sys/net/ipv6/conf/fb0/accept_ra)" 0
	# nor one that was turned on meanwhile
	echo 2 >/proc/sys/net/ipv6/conf/fb0/accept_ra
	pod b
	add b
	assert_ok
	assert_eq "$(cat /proc/sys/net/ipv6/conf/fb0/accept_ra)" 0
}

@test "a container without IPv6 by default gets it, and reaches itself" {
	CONF=$DUAL
	pod a
	in_pod a sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	in_pod a ip link set lo up
	add a
	assert_ok
	pings a ::1
	pings a "$(pod_ip a 6)"
}

@test "two interfaces of one pod on one network" {
	added
	add a net1
	assert_ok
	assert_eq "$(leases | tr '\n' ' ')" "10.1.0.2 10.1.0.3 "
	del a
	assert_ok
	refute_anything_left a eth0
	assert_eq "$(pod_ip a 4 net1)" 10.1.0.3
	pings a 10.1.0.1
	del a net1
	refute_anything_left a net1
}

@test "lo of the pod is left to the loopback plugin" {
	added
	assert_eq "$(in_pod a ip -j link show lo | jq -r '.[0].flags | contains(["UP"])')" false
}

@test "unknown keys and keys of the runtime are ignored" {
	added '. + {someKey: 5, uplink: {"a": [1]}, capabilities: {mac: true}, "cni.dev/x": null,
		prevResult: null, disableCheck: true} | .ipam += {other: [1], addresses: []}'
	pings a 10.1.0.1
}

@test "null is unset, for every key" {
	added '. + {mtu: null, hairpinMode: null, promiscMode: null, portIsolation: null,
		isDefaultGateway: null, forceAddress: null, ipMasqBackend: null, vlan: null, dns: null,
		enabledad: null, disableContainerInterface: null, args: null, runtimeConfig: null}
		| .ipam += {dataDir: null, resolvConf: null, subnet: null}
		| .ipam.ranges[0][0] += {rangeStart: null, rangeEnd: null, gateway: null}'
	assert_eq "$(pod_ip a)" 10.1.0.2
}

@test "an empty text is unset" {
	added '. + {ipMasqBackend: "", args: {cni: {mac: ""}}, runtimeConfig: {mac: ""}}
		| .ipam += {dataDir: "", resolvConf: "", subnet: ""}
		| .ipam.ranges[0][0] += {rangeStart: "", rangeEnd: "", gateway: ""}'
	assert_eq "$(pod_ip a)" 10.1.0.2
}

@test "keys match in any case, the exact spelling first" {
	added 'del(.bridge, .isGateway, .ipam) + {BRIDGE: "upper0", IsGateway: true, MTU: 1410,
		IPAM: {Type: "host-local", Ranges: [[{Subnet: "10.1.0.0/24"}]]}}'
	assert_eq "$(result '.interfaces[0].name')" upper0
	assert_eq "$(pod_ip a)" 10.1.0.2
	assert_eq "$(pod_link a .mtu)" 1410
	pings a 10.1.0.1
	pod b
	call ADD bridge b <<<'{"Bridge": "wrong0", "bridge": "right0", "BRIDGE": "wrong1",
		"cniVersion": "1.0.0", "name": "net", "type": "bridge"}'
	assert_ok
	assert_eq "$(result '.interfaces[0].name')" right0
}

# --- bridge

@test "bridge: cni0 when unset" {
	added 'del(.bridge)'
	assert_eq "$(link .linkinfo.info_kind cni0)" bridge
	assert_eq "$(link .master "$(host_veth a)")" cni0
}

@test "bridge: one that is there is used as it is" {
	ip link add fb0 address 02:00:5e:00:53:01 type bridge
	ip link set fb0 mtu 1300
	added '.mtu = 1280'
	assert_eq "$(link .address fb0)" 02:00:5e:00:53:01
	assert_eq "$(link .mtu fb0)" 1300
	assert_eq "$(result '.interfaces[0].mac')" 02:00:5e:00:53:01
	pings a 10.1.0.1
}

@test "bridge: a link of another kind is in the way and stays" {
	pod a
	ip link add fb0 type veth peer name x0
	mkdir -p "$STORE/net"
	snapshot
	add a
	assert_error 101 fb0
	assert_unchanged
	refute_anything_left a
}

@test "bridge: its MAC never changes, whoever comes and goes" {
	local mac i

	for CONF in "$LAYER2" "$SINGLE"; do
		pod first
		add first
		assert_ok
		mac=$(link .address fb0)
		for i in 1 2 3 4 5 6; do
			pod "p$i"
			add "p$i"
			assert_eq "$(link .address fb0)" "$mac" "MAC after ADD $i"
			assert_eq "$(result '.interfaces[0].mac')" "$mac" "MAC in result $i"
		done
		for i in first p3 p1 p6 p2 p5 p4; do
			del "$i"
			pod_gone "$i"
			assert_eq "$(link .address fb0)" "$mac" "MAC after DEL $i"
		done
		ip link del fb0
	done
}

# --- isGateway, isDefaultGateway

@test "isGateway: the gateway's address is on the bridge, and IPv4 is forwarded" {
	added
	assert_eq "$(bridge_addresses)" 10.1.0.1/24
	assert_eq "$(cat /proc/sys/net/ipv4/ip_forward)" 1
	assert_eq "$(cat /proc/sys/net/ipv6/conf/all/forwarding)" 0
	assert_eq "$(ip -j -4 addr show fb0 | jq -r '.[0].addr_info[0].broadcast')" 10.1.0.255
}

@test "isGateway: for both families" {
	CONF=$DUAL
	added
	assert_eq "$(bridge_addresses | tr '\n' ' ')" "10.1.0.1/24 fd00:1::1/64 "
	assert_eq "$(cat /proc/sys/net/ipv4/ip_forward)" 1
	assert_eq "$(cat /proc/sys/net/ipv6/conf/all/forwarding)" 1
	pings a 10.1.0.1
	pings a fd00:1::1
}

@test "isGateway off: no address on the bridge, no forwarding, but the routes" {
	CONF=$DUAL
	added 'del(.isGateway, .ipMasq)'
	assert_eq "$(bridge_addresses)" ""
	assert_eq "$(cat /proc/sys/net/ipv4/ip_forward)" 0
	assert_eq "$(cat /proc/sys/net/ipv6/conf/all/forwarding)" 0
	assert_in "$(in_pod a ip route)" 'default via 10.1.0.1'
	assert_in "$(in_pod a ip -6 route)" 'default via fd00:1::1'
}

@test "isGateway: forwarding that is on needs no writable /proc/sys" {
	sysctl -qw net.ipv4.ip_forward=1
	ip link add fb0 type bridge
	mount --bind /proc/sys /proc/sys
	mount -o remount,bind,ro /proc/sys/net/ipv4 2>/dev/null || {
		mount --bind /proc/sys/net/ipv4 /proc/sys/net/ipv4
		mount -o remount,bind,ro /proc/sys/net/ipv4
	}
	refute sysctl -qw net.ipv4.ip_forward=0
	added
	pings a 10.1.0.1
}

@test "isDefaultGateway: implies isGateway and gives each family a default route" {
	CONF=$DUAL
	added 'del(.isGateway) | .isDefaultGateway = true | del(.ipam.routes)'
	assert_eq "$(bridge_addresses | tr '\n' ' ')" "10.1.0.1/24 fd00:1::1/64 "
	assert_in "$(in_pod a ip route)" 'default via 10.1.0.1 dev eth0'
	assert_in "$(in_pod a ip -6 route)" 'default via fd00:1::1 dev eth0'
	assert_json '[.routes[] | {dst, gw}] == [{dst: "0.0.0.0/0", gw: "10.1.0.1"}, {dst: "::/0", gw: "fd00:1::1"}]'
}

@test "isDefaultGateway: a default route of the IPAM without gw is the same route" {
	CONF=$DUAL
	added '.isDefaultGateway = true'
	assert_eq "$(in_pod a ip route | grep -c default)" 1
	assert_eq "$(in_pod a ip -6 route | grep -c default)" 1
	assert_json '[.routes[].dst] == ["0.0.0.0/0", "::/0"]'
	pings a 10.1.0.1
	check a
	assert_ok
}

@test "isDefaultGateway: a default route of the IPAM with gw is kept" {
	added '.isDefaultGateway = true | .ipam.routes = [{dst: "0.0.0.0/0", gw: "10.1.0.77"}]'
	assert_in "$(in_pod a ip route)" 'default via 10.1.0.77 dev eth0'
	assert_eq "$(in_pod a ip route | grep -c default)" 1
}

@test "isDefaultGateway: a default route of another table is none of the main one" {
	added '.isDefaultGateway = true | .ipam.routes = [{dst: "0.0.0.0/0", table: 100}]'
	assert_in "$(in_pod a ip route)" 'default via 10.1.0.1 dev eth0'
	assert_in "$(in_pod a ip route show table 100)" 'default via 10.1.0.1 dev eth0'
	check a
	assert_ok
}

@test "isDefaultGateway: a default route whose scope is the link's gets no gateway" {
	added '.isDefaultGateway = true | .ipam.routes = [{dst: "0.0.0.0/0", scope: 253}]'
	assert_eq "$(in_pod a ip route | grep default)" 'default dev eth0 scope link '
	check a
	assert_ok
}

# --- forceAddress

@test "forceAddress off: another IPv4 address on the bridge is an error that leaves nothing" {
	ip link add fb0 type bridge
	ip addr add 10.9.0.1/24 dev fb0
	pod a
	add a
	assert_error 101 fb0 10.9.0.1/24 10.1.0.1/24 forceAddress
	refute_anything_left a
	assert_eq "$(bridge_addresses)" 10.9.0.1/24
}

@test "forceAddress off: killed at any request, a refused ADD leaves the bridge as it was" {
	local n
	ip link add fb0 type bridge
	ip link set fb0 up
	ip addr add 10.9.0.1/24 dev fb0
	pod a
	for ((n = 1; ; n++)); do
		env -i PATH="$PATH" CNI_COMMAND=ADD CNI_CONTAINERID=a CNI_NETNS=/run/netns/a CNI_IFNAME=eth0 \
			CNI_PATH="$FOOTBRIDGE_BIN" strace -qq -o "$BATS_TEST_TMPDIR/log" -e trace=sendto \
			-e "inject=sendto:signal=KILL:when=$n" "$FOOTBRIDGE_BIN/bridge" <<<"$CONF" >/dev/null 2>&1 ||
			true
		del a
		assert_ok
		assert_eq "$(bridge_addresses)" 10.9.0.1/24
		grep -q KILL "$BATS_TEST_TMPDIR/log" || break
	done
	[[ $n -gt 3 ]] || fail "only $n requests"
	add a
	assert_error 101 10.9.0.1/24
}

@test "forceAddress off: the same address with another length is an error" {
	ip link add fb0 type bridge
	ip addr add 10.1.0.1/16 dev fb0
	pod a
	add a
	assert_error 101 10.1.0.1/16
	refute_anything_left a
}

@test "the same IPv6 address with another length is an error, but for forceAddress" {
	ip link add fb0 type bridge
	ip link set fb0 up
	ip addr add fd00:1::1/112 dev fb0 nodad
	CONF=$(jq -c '.ipam.ranges = [[{subnet: "fd00:1::/64"}]] | .ipam.routes = []' <<<"$SINGLE")
	pod a
	add a
	assert_error 101 fb0 fd00:1::1/112 fd00:1::1/64
	refute_anything_left a
	assert_eq "$(bridge_addresses)" fd00:1::1/112
	added '.forceAddress = true'
	assert_eq "$(bridge_addresses)" fd00:1::1/64
	pings a fd00:1::1
	check a
	assert_ok
}

@test "forceAddress: another IPv4 address gives way" {
	ip link add fb0 type bridge
	ip addr add 10.9.0.1/24 dev fb0
	ip addr add 10.1.0.1/16 dev fb0
	added '.forceAddress = true'
	assert_eq "$(bridge_addresses)" 10.1.0.1/24
	pings a 10.1.0.1
}

@test "forceAddress: point-to-point addresses give way" {
	ip link add fb0 type bridge
	ip link set fb0 up
	ip addr add 10.9.0.1 peer 10.9.0.2/32 dev fb0
	ip addr add 10.9.0.1 peer 10.9.0.3/32 dev fb0
	ip addr add fd00:1::7 peer fd00:1::8/64 dev fb0 nodad
	CONF=$DUAL
	added '.forceAddress = true'
	assert_eq "$(bridge_addresses | tr '\n' ' ')" "10.1.0.1/24 fd00:1::1/64 "
	pings a 10.1.0.1
	pings a fd00:1::1
	check a
	assert_ok
}

@test "forceAddress: an address of the same subnet takes the gateway's not along" {
	ip link add fb0 type bridge
	ip link set fb0 up
	echo 0 >/proc/sys/net/ipv4/conf/all/promote_secondaries
	echo 0 >/proc/sys/net/ipv4/conf/fb0/promote_secondaries
	ip addr add 10.1.0.5/24 dev fb0
	added '.forceAddress = true'
	assert_eq "$(bridge_addresses)" 10.1.0.1/24
	pings a 10.1.0.1
}

@test "forceAddress: of IPv6 only what overlaps is in the way" {
	ip link add fb0 type bridge
	ip addr add fd00:9::1/64 dev fb0 nodad
	CONF=$(jq -c '.ipam.ranges = [[{subnet: "fd00:1::/64"}]] | .ipam.routes = []' <<<"$SINGLE")
	added
	assert_eq "$(bridge_addresses | sort | tr '\n' ' ')" "fd00:1::1/64 fd00:9::1/64 "
	del a
	ip addr flush dev fb0 scope global
	ip addr add fd00:1::5/48 dev fb0 nodad
	add a
	assert_error 101 fd00:1::5/48
	refute_anything_left a
	added '.forceAddress = true'
	assert_eq "$(bridge_addresses)" fd00:1::1/64
}

# --- flags of the links

@test "mtu: on the new bridge and both ends of the veth" {
	added '.mtu = 1337'
	assert_eq "$(link .mtu fb0)" 1337
	assert_eq "$(link .mtu "$(host_veth a)")" 1337
	assert_eq "$(pod_link a .mtu)" 1337
	pings a 10.1.0.1 -s 1309
}

@test "mtu: 0 and unset are the kernel's default" {
	added '.mtu = 0'
	assert_eq "$(pod_link a .mtu)" 1500
	assert_eq "$(link .mtu fb0)" 1500
}

@test "mtu: a large one" {
	added '.mtu = 9000'
	assert_eq "$(pod_link a .mtu)" 9000
	pings a 10.1.0.1 -s 8972
}

@test "hairpinMode: on the pod's port, off otherwise" {
	added '.hairpinMode = true'
	assert_eq "$(port hairpin a)" true
	pod b
	CONF=$SINGLE
	add b
	assert_eq "$(port hairpin b)" false
	assert_eq "$(port hairpin a)" true
}

@test "hairpinMode: a container reaches itself through the bridge" {
	added '.hairpinMode = true'
	# a service's address, of which it is the only server
	nft -f - <<-RULES
		table bridge service {
			chain arriving {
				type filter hook prerouting priority 0;
				ip daddr 10.1.0.77 ip saddr set 10.1.0.77 ip daddr set $(pod_ip a) ether daddr set $(mac_of a)
			}
		}
	RULES
	in_pod a ip neigh add 10.1.0.77 lladdr 02:00:5e:00:53:77 dev eth0
	pings a 10.1.0.77
	ip link set "$(host_veth a)" type bridge_slave hairpin off
	refute pings a 10.1.0.77
}

@test "portIsolation: isolated pods reach the gateway but not each other" {
	added '.portIsolation = true'
	pod b
	add b
	assert_eq "$(port isolated a)" true
	pings a 10.1.0.1
	refute pings a 10.1.0.3
	pod c
	CONF=$SINGLE
	add c
	assert_eq "$(port isolated c)" false
	pings a 10.1.0.4
}

@test "promiscMode: on the bridge, off otherwise" {
	added
	assert_eq "$(link '.flags | contains(["PROMISC"])' fb0)" false
	pod b
	CONF=$(conf '.promiscMode = true')
	add b
	assert_ok
	assert_eq "$(link '.flags | contains(["PROMISC"])' fb0)" true
	check b
	assert_ok
}

# --- networks without addresses

@test "layer 2: links and nothing else, for each way to have no ipam" {
	for filter in . 'del(.ipam)' '.ipam.type = ""' '.ipam = null' \
		'.ipam = {ranges: [[{subnet: "10.1.0.0/24"}]], routes: [{dst: "0.0.0.0/0"}]}'; do
		CONF=$(jq -c "$filter" <<<"$LAYER2")
		pod a b
		add a
		assert_ok
		assert_json '(.interfaces | length == 3) and (has("ips") or has("routes") | not)'
		add b
		assert_ok
		check a
		assert_ok
		assert_eq "$(bridge_addresses)" ""
		assert_eq "$(nft list ruleset)" ""
		assert_eq "$(leases)" ""
		assert_eq "$(cat /proc/sys/net/ipv4/ip_forward)" 0
		assert_eq "$(pod_ip a)" ""
		assert_eq "$(pod_link a .operstate)" UP
		ip -n a addr add 192.0.2.1/24 dev eth0
		ip -n b addr add 192.0.2.2/24 dev eth0
		pings a 192.0.2.2
		del a
		assert_ok
		del b
		refute_anything_left a
		pod_gone a b
	done
}

@test "layer 2: ipMasq and isGateway have nothing to do" {
	CONF=$(jq -c '.ipMasq = true | .isGateway = true' <<<"$LAYER2")
	added
	assert_eq "$(bridge_addresses)" ""
	del a
	refute_anything_left a
}

@test "disableContainerInterface: the container's end stays down, without waiting" {
	CONF=$LAYER2
	added '.disableContainerInterface = true'
	assert_eq "$(pod_link a '.flags | contains(["UP"])')" false
	assert_quick 900 "it waited"
	check a
	assert_ok
	in_pod a ip link set eth0 up
	eventually forwards a
}

# forwards POD: its bridge port does
forwards() {
	[[ $(port state "$1") == forwarding ]]
}

# --- enabledad, dns

@test "enabledad off: no address is ever tentative" {
	CONF=$DUAL
	added
	assert_eq "$(sysctl_of a ipv6/conf/eth0/accept_dad)" 0
	assert_eq "$(in_pod a ip -6 -o addr show dev eth0 tentative)" ""
}

@test "enabledad: the address is checked for duplicates" {
	CONF=$DUAL
	added '.enabledad = true'
	# ADD has waited for it
	assert_eq "$(in_pod a ip -6 -o addr show dev eth0 tentative)" ""
	assert_eq "$(sysctl_of a ipv6/conf/eth0/accept_dad)" 1
	assert_eq "$(sysctl_of a ipv6/conf/eth0/enhanced_dad)" 1
	refute in_pod a sh -c 'ip -6 -o addr show dev eth0 scope global | grep -q nodad'
	eventually pings a fd00:1::1
	check a
	assert_ok
}

@test "enabledad: an address that another container has taken is refused" {
	CONF=$DUAL
	added
	ip -n a addr add fd00:1::3/64 dev eth0 nodad
	eventually busybox ping -c 1 -W 1 fd00:1::3
	CONF=$(conf '.enabledad = true')
	pod b
	add b
	assert_error 101 "duplicate address detection"
	refute_anything_left b
}

@test "enabledad with hairpinMode: no address fails its check" {
	CONF=$DUAL
	added '.enabledad = true | .hairpinMode = true'
	eventually pings a fd00:1::1
	assert_eq "$(in_pod a ip -6 -o addr show dev eth0 dadfailed)" ""
}

@test "dns: resolvConf's when unset, the key's as a whole when set" {
	printf '%s\n' '# a comment' 'nameserver 192.0.2.53' 'nameserver fd00::53' 'search a.example b.example' \
		'domain c.example' 'options ndots:2 edns0' >"$BATS_TEST_TMPDIR/resolv.conf"
	CONF=$(conf '.ipam.resolvConf = $file' --arg file "$BATS_TEST_TMPDIR/resolv.conf")
	added
	assert_json '.dns == {nameservers: ["192.0.2.53", "fd00::53"], domain: "c.example",
		search: ["a.example", "b.example"], options: ["ndots:2", "edns0"]}'
	del a
	added '.dns = {nameservers: ["198.51.100.53"]}'
	assert_json '.dns == {nameservers: ["198.51.100.53"]}'
	del a
	added '.dns = {}'
	assert_json '.dns.nameservers == ["192.0.2.53", "fd00::53"]'
	del a
	added '.dns = {nameservers: [], search: [], options: []}'
	assert_json '.dns.nameservers == ["192.0.2.53", "fd00::53"]'
}

@test "dns: on a network without addresses too" {
	CONF=$LAYER2
	added '.dns = {nameservers: ["198.51.100.53"], domain: "x.example", search: ["y"], options: ["z"]}'
	assert_json '.dns == {nameservers: ["198.51.100.53"], domain: "x.example", search: ["y"], options: ["z"]}'
}

@test "dns: what the runtime asks for goes before all else" {
	echo 'nameserver 192.0.2.53' >"$BATS_TEST_TMPDIR/resolv.conf"
	CONF=$(conf '.ipam.resolvConf = $file' --arg file "$BATS_TEST_TMPDIR/resolv.conf")
	added '.dns = {domain: "x.example"} | .runtimeConfig.dns = {servers: ["10.96.0.10"],
		searches: ["svc.cluster.local", "cluster.local"], options: ["ndots:5"]}'
	assert_json '.dns == {nameservers: ["10.96.0.10"],
		search: ["svc.cluster.local", "cluster.local"], options: ["ndots:5"]}'
	del a
	added '.dns = null | .runtimeConfig.dns = {servers: [], searches: null}'
	assert_json '.dns == {nameservers: ["192.0.2.53"]}'
}

# --- the container's MAC

@test "MAC: made from the first address, IPv4 before IPv6" {
	added
	assert_eq "$(mac_of a)" 0a:58:0a:01:00:02
	assert_json '.interfaces[2].mac == "0a:58:0a:01:00:02"'
	pod b
	CONF=$(jq -c '.ipam.ranges |= reverse' <<<"$DUAL")
	add b
	assert_eq "$(mac_of b)" "0a:58:0a:01:00:03"
}

@test "MAC: made from the address on an IPv6-only network, the same again" {
	local mac

	added '.ipam.ranges = [[{subnet: "fd00:1::/64", rangeStart: "fd00:1::7", rangeEnd: "fd00:1::7"}]] | .ipam.routes = []'
	mac=$(mac_of a)
	[[ $mac == 0a:58:* ]] || fail "it is $mac"
	del a
	pod b
	add b
	assert_eq "$(mac_of b)" "$mac"
}

@test "MAC: on a network without addresses each has its own" {
	CONF=$LAYER2
	added
	pod b
	add b
	[[ $(mac_of a) != "$(mac_of b)" ]] || fail "two pods, one MAC"
	assert_eq "$(result '.interfaces[2].mac')" "$(mac_of b)"
}

@test "MAC: runtimeConfig before args.cni before CNI_ARGS" {
	pod a
	CNI_ARGS=MAC=02:00:5e:00:53:03
	add a
	assert_ok
	assert_eq "$(mac_of a)" 02:00:5e:00:53:03
	assert_json '.interfaces[2].mac == "02:00:5e:00:53:03"'
	del a
	added '.args = {cni: {mac: "02:00:5e:00:53:02"}}'
	assert_eq "$(mac_of a)" 02:00:5e:00:53:02
	del a
	added '.runtimeConfig = {mac: "02:00:5E:00:53:0A"}'
	assert_eq "$(mac_of a)" 02:00:5e:00:53:0a
	assert_json '.interfaces[2].mac == "02:00:5e:00:53:0a"'
	check a
	assert_ok
}

@test "MAC: runtimeConfig in PascalCase" {
	added '.RuntimeConfig = {Mac: "02:00:5e:00:53:0b"}'
	assert_eq "$(mac_of a)" 02:00:5e:00:53:0b
}

@test "ipMasqBackend: nftables is what there is" {
	added '.ipMasqBackend = "nftables"'
	nft list table inet footbridge
}

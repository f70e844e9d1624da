#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# CHECK passes right after ADD and finds each kind of damage, naming it.

load helpers

# attached [FILTER]: a is attached as CONF, changed like this, says; CHECK passes
attached() {
	CONF=$(conf "${1-.}")
	pod a
	add a
	assert_ok
	fine
}

# All that CHECK might have changed.
everything() {
	world
	in_pod a ip -d link
	in_pod a ip -j addr | jq -c '.[] | .ifname, (.addr_info[]? | select(.scope != "link"))'
	in_pod a ip -4 route show table all
	in_pod a ip -6 route show table all | sed '/^\(local \)\?fe80\|^multicast\|^ff00/d'
	find /var/lib/cni -type f -printf '%p %m %T@\n' | sort
}

fine() {
	check a
	assert_ok
	assert_eq "$out" "" "stdout"
	assert_eq "$err" "" "stderr"
}

# finds WORD...: CHECK fails, its message has every word, and nothing is mended
finds() {
	everything >"$BATS_TEST_TMPDIR/before"
	check a
	assert_error 103 "$@"
	everything | diff "$BATS_TEST_TMPDIR/before" - || fail "CHECK changed something"
}

# check_with FILTER: CHECK with the prevResult of a changed like this
check_with() {
	call CHECK bridge a <<<"$(with_prev a | jq -c ".prevResult |= ($1)")"
}

# a is attached again: the next damage starts from a whole network
again() {
	del a
	assert_ok
	add a
	assert_ok
	fine
}

# --- what is whole

@test "right after ADD: IPv4, dual stack, layer 2; each version that has CHECK" {
	local version network
	pod a
	for version in 0.4.0 1.0.0 1.1.0; do
		for network in "$SINGLE" "$DUAL" "$LAYER2"; do
			CONF=$(jq -c --arg v "$version" '.cniVersion = $v' <<<"$network")
			add a
			assert_ok
			fine
			del a
		done
	done
}

@test "versions without CHECK say so" {
	local version
	pod a
	for version in 0.1.0 0.2.0 0.3.0 0.3.1; do
		CONF=$(conf '.cniVersion = $v' --arg v "$version")
		add a
		check a
		assert_error 1 CHECK "$version"
		del a
	done
}

@test "right after ADD, with each key" {
	local key
	pod a
	while read -r key; do
		CONF=$(jq -c "$key" <<<"$DUAL")
		add a
		assert_ok
		fine
		del a
		ip link del fb0
	done <<-'KEYS'
		.ipMasq = false
		.isGateway = false | .ipMasq = false
		.isDefaultGateway = true
		.isDefaultGateway = true | del(.ipam.routes)
		.hairpinMode = true
		.promiscMode = true
		.portIsolation = true
		.mtu = 1400
		.enabledad = true
		.forceAddress = true
		.dns = {"nameservers": ["192.0.2.53"]}
		.runtimeConfig = {"mac": "02:00:00:00:00:AA"}
		.ipam.ranges += [[{"subnet": "10.3.0.0/24"}]]
		.ipam.ranges[0][0].gateway = "10.1.0.254"
		.ipam.routes = []
		.ipam.routes += [{"dst": "192.0.2.0/24", "gw": "10.1.0.9"}]
		.ipam.routes += [{"dst": "192.0.2.0/24", "mtu": 1300, "advmss": 1200, "priority": 5}]
		.ipam.routes += [{"dst": "192.0.2.0/24", "table": 100}]
		.ipam.routes += [{"dst": "192.0.2.0/24", "scope": 253}]
		.ipam.routes += [{"dst": "2001:db8::/32", "priority": 7}]
	KEYS
	CONF=$(jq -c '.disableContainerInterface = true' <<<"$LAYER2")
	add a
	assert_ok
	fine
}

@test "right after ADD, on a bridge that was there before, without and with a port" {
	local network port
	pod a b
	for network in "$SINGLE" "$LAYER2"; do
		CONF=$network
		for port in none some; do
			ip link add fb0 type bridge
			ip link set fb0 up
			if [[ $port == some ]]; then
				ip link add port0 address fe:ff:ff:ff:ff:ff type veth peer name port1
				ip link set port0 master fb0
			fi
			add a
			fine
			add b
			check b
			assert_ok
			fine
			del b
			fine
			del a
			ip link del fb0
		done
		ip link del port0
	done
}

@test "of several containers, each for itself" {
	CONF=$DUAL
	pod b
	add b
	attached
	check b
	assert_ok
	in_pod b ip link set eth0 down
	fine
	check b
	assert_error 103 eth0
}

# --- the container's interface

@test "the container's interface is down" {
	attached
	in_pod a ip link set eth0 down
	finds eth0 down
}

@test "the container's interface is deleted" {
	attached
	in_pod a ip link del eth0
	finds eth0 gone
}

@test "the container's interface is renamed" {
	attached
	in_pod a ip link set eth0 down # before 6.2 the kernel renames no other
	in_pod a ip link set eth0 name eth7
	in_pod a ip link set eth7 up
	finds eth0
}

@test "the container's interface is another device now" {
	local mac
	attached
	mac=$(pod_link a .address)
	in_pod a ip link del eth0
	in_pod a ip link add eth0 address "$mac" type veth peer name eth1
	in_pod a ip addr add 10.1.0.2/24 dev eth0
	in_pod a ip link set eth1 up
	in_pod a ip link set eth0 up
	in_pod a ip route add default via 10.1.0.1
	finds
	in_pod a ip link del eth0
	in_pod a ip link add eth0 address "$mac" type ifb
	finds eth0 veth
}

@test "the container's interface has 300 other names, and then is another device" {
	local mac
	attached
	mac=$(pod_link a .address)
	nicknames a eth0
	check a
	assert_ok
	in_pod a ip link del eth0
	in_pod a ip link add eth0 address "$mac" type veth peer name eth1
	nicknames a eth0
	finds
}

@test "the container's interface is in a namespace of its own, and another one in its place" {
	local mac index peer
	attached
	mac=$(pod_link a .address)
	index=$(pod_link a .ifindex)
	peer=$(pod_link a .link_index)
	pod nested
	ip -n a link set eth0 netns nested
	ip -n a link add eth0 index "$index" address "$mac" type veth \
		peer name eth1 index "$peer" netns nested
	ip -n a addr add 10.1.0.2/24 dev eth0
	ip -n nested link set eth1 up
	ip -n a link set eth0 up
	ip -n a route add default via 10.1.0.1
	finds peers
}

@test "the container's interface has another MAC" {
	attached
	in_pod a ip link set eth0 address 02:00:00:00:00:99
	finds eth0 02:00:00:00:00:99 0a:58:0a:01:00:02
}

@test "the container's MTU changed" {
	attached .mtu=1400
	in_pod a ip link set eth0 mtu 1350
	finds eth0 1350 1400
}

@test "its MTU is another, and that is what the end of the chain told" {
	attached '.mtu = 1500'
	in_pod a ip link set eth0 mtu 1400
	check_with '(.interfaces[] | select(.name == "eth0")).mtu = 1400'
	assert_ok
	# before 1.1.0 nothing is told of it
	CONF=$(conf '.mtu = 1500 | .cniVersion = "1.0.0"')
	again
	in_pod a ip link set eth0 mtu 1400
	fine
}

@test "a result that tells no MACs is no mismatch" {
	local i without

	attached
	for i in 0 1 2; do
		for without in "del(.interfaces[$i].mac)" ".interfaces[$i].mac = null" ".interfaces[$i].mac = \"\""; do
			check_with "$without"
			assert_ok
		done
	done
}

@test "a bridge that goes by another name, too" {
	ip link add fb0 type bridge
	ip link property add dev fb0 altname another || skip "no altnames"
	attached '.bridge = "another"'
	pings a 10.1.0.1
}

@test "a bridge that goes by another name, too, has its switches by its own" {
	sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.default.forwarding=0
	sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	ip link add fb0 type bridge
	ip link property add dev fb0 altname another || skip "no altnames"
	CONF=$DUAL
	attached '.bridge = "another"'
	assert_eq "$(sysctl -n net.ipv4.conf.fb0.forwarding)" 1
	pings a 10.1.0.1
	pings a fd00:1::1
	sysctl -qw net.ipv4.conf.fb0.forwarding=0
	finds "forwarding is off for fb0" net.ipv4.conf.fb0.forwarding
}

# --- its addresses and routes

@test "forwarding is off for the bridge, which ADD made so that it is on" {
	outside
	sysctl -qw net.ipv4.ip_forward=1
	sysctl -qw net.ipv4.conf.default.forwarding=0
	added a
	pings a 198.51.100.2
	check a
	assert_ok
	sysctl -qw net.ipv4.conf.fb0.forwarding=0
	check a
	assert_error 103 "forwarding is off for fb0"
}

@test "a bridge of a network without gateway gets one: forwarding is turned on for it, too" {
	local gateway=$CONF
	sysctl -qw net.ipv4.ip_forward=1
	sysctl -qw net.ipv4.conf.default.forwarding=0
	CONF=$(conf '.isGateway = false | .ipMasq = false | .name = "other"')
	added a
	assert_eq "$(cat /proc/sys/net/ipv4/conf/fb0/forwarding)" 0
	CONF=$gateway
	added b
	check b
	assert_ok
}

# bats test_tags=quick
@test "an address is gone from the container" {
	attached "$(jq -n "$DUAL")"
	in_pod a ip addr del 10.1.0.2/24 dev eth0
	finds eth0 10.1.0.2/24
	again
	in_pod a ip addr del "$(pod_ip a 6)/64" dev eth0
	finds eth0 "$(result_of_add 6)"
}

# result_of_add FAMILY: the address that the last good ADD told of
result_of_add() {
	jq -r --arg colon "$([[ $1 == 4 ]] || echo :)" \
		'[.ips[].address | select(contains(":") == ($colon == ":"))][0]' "$(kept a eth0)"
}

@test "an address has another prefix length" {
	attached
	in_pod a ip addr add 10.1.0.2/16 dev eth0
	in_pod a ip addr del 10.1.0.2/24 dev eth0
	in_pod a ip route replace default via 10.1.0.1
	finds 10.1.0.2/24
}

@test "a default route is gone" {
	CONF=$DUAL
	attached
	in_pod a ip route del default
	finds 0.0.0.0/0
	again
	in_pod a ip -6 route del default
	finds ::/0
}

@test "the ranges were edited since: a lease that lies in none of them is one all the same" {
	attached
	CONF=$(conf '.ipam.ranges[0][0].rangeStart = "10.1.0.100"')
	check a
	assert_ok
	rm "$STORE/net/10.1.0.2"
	check a
	assert_error 103 "no address of the prevResult is leased to a/eth0"
}

@test "the default route that isDefaultGateway made is gone" {
	attached 'del(.ipam.routes) | .isDefaultGateway = true'
	in_pod a ip route del default
	finds 0.0.0.0/0
}

@test "a route is gone or goes elsewhere" {
	CONF=$DUAL
	attached '.ipam.routes += [{"dst": "192.0.2.0/24"}, {"dst": "2001:db8::/32", "gw": "fd00:1::9"}]'
	in_pod a ip route del 192.0.2.0/24
	finds 192.0.2.0/24
	in_pod a ip route add 192.0.2.0/24 via 10.1.0.77
	finds 192.0.2.0/24 10.1.0.1
	again
	in_pod a ip -6 route del 2001:db8::/32
	finds 2001:db8::/32 fd00:1::9
}

@test "a route lost what was asked of it" {
	local change
	attached '.ipam.routes = [{"dst": "192.0.2.0/24", "mtu": 1300, "advmss": 1200, "priority": 5,
		"table": 100}]'
	for change in 'mtu 1301 advmss 1200 metric 5 table 100' 'mtu 1300 advmss 1100 metric 5 table 100' \
		'mtu 1300 advmss 1200 metric 6 table 100' 'mtu 1300 advmss 1200 metric 5'; do
		in_pod a ip route flush 192.0.2.0/24 table all
		# shellcheck disable=SC2086 # several words
		in_pod a ip route add 192.0.2.0/24 via 10.1.0.1 $change
		finds 192.0.2.0/24
	done
}

# --- the host's end

@test "the host veth is down" {
	attached
	ip link set "$(host_veth a)" down
	finds "$(jq -r '.interfaces[1].name' "$(kept a eth0)")"
}

@test "the host veth is out of the bridge, or in another" {
	local veth
	attached
	veth=$(host_veth a)
	ip link set "$veth" nomaster
	finds "$veth" fb0
	ip link add fb1 type bridge
	ip link set "$veth" master fb1
	finds "$veth" fb0
}

@test "the bridge keeps the port shut" {
	attached
	bridge link set dev "$(host_veth a)" state 0
	finds "$(host_veth a)" fb0 shut
	bridge link set dev "$(host_veth a)" state 3
	fine
}

@test "the host veth's MAC changed" {
	local veth
	attached
	veth=$(host_veth a)
	ip link set "$veth" address 02:00:00:00:00:98
	finds "$veth" 02:00:00:00:00:98
}

@test "the host veth's MTU changed" {
	attached .mtu=1400
	ip link set "$(host_veth a)" mtu 1399
	finds "$(host_veth a)" 1399
}

# bats test_tags=quick
@test "hairpin mode or isolation changed, either way" {
	attached
	ip link set "$(host_veth a)" type bridge_slave hairpin on
	finds "$(host_veth a)" hairpin
	ip link set "$(host_veth a)" type bridge_slave hairpin off isolated on
	finds "$(host_veth a)" isolated
	del a
	CONF=$(conf '. + {hairpinMode: true, portIsolation: true}')
	add a
	fine
	ip link set "$(host_veth a)" type bridge_slave hairpin off
	finds "$(host_veth a)" hairpin
	ip link set "$(host_veth a)" type bridge_slave hairpin on isolated off
	finds "$(host_veth a)" isolated
}

# --- the bridge

@test "the bridge is down, deleted, or something else" {
	attached
	ip link set fb0 down
	finds fb0 down
	ip link set fb0 up
	fine
	ip link del fb0
	finds fb0 gone
	ip link add fb0 type veth peer name fb0peer
	finds fb0
}

@test "the bridge has another MAC" {
	attached
	ip link set fb0 address 02:00:00:00:00:97
	finds fb0 02:00:00:00:00:97
}

@test "the bridge is no longer promiscuous" {
	attached .promiscMode=true
	ip link set fb0 promisc off
	finds fb0 promisc
}

@test "the gateway's address is gone" {
	CONF=$DUAL
	attached
	ip addr del 10.1.0.1/24 dev fb0
	finds fb0 10.1.0.1
	ip addr add 10.1.0.1/24 dev fb0
	fine
	ip addr del fd00:1::1/64 dev fb0
	finds fb0 fd00:1::1
}

@test "forwarding is off" {
	CONF=$DUAL
	attached
	echo 0 >/proc/sys/net/ipv4/ip_forward
	finds IPv4 forwarding
	echo 1 >/proc/sys/net/ipv4/ip_forward
	fine
	echo 0 >/proc/sys/net/ipv6/conf/all/forwarding
	finds IPv6 forwarding
}

# --- masquerade

@test "the set lost the container's address" {
	CONF=$DUAL
	attached
	nft delete element inet footbridge n-net-10.1.0.0/24 '{ 10.1.0.2 }'
	finds 10.1.0.2 n-net-10.1.0.0/24
	nft add element inet footbridge n-net-10.1.0.0/24 '{ 10.1.0.2 comment "a/eth0" }'
	fine
	nft delete element inet footbridge n-net-fd00_1__/64 '{ fd00:1::2 }'
	finds fd00:1::2
}

@test "the element belongs to somebody else" {
	attached
	nft delete element inet footbridge n-net-10.1.0.0/24 '{ 10.1.0.2 }'
	nft add element inet footbridge n-net-10.1.0.0/24 '{ 10.1.0.2 comment "z/eth0" }'
	finds 10.1.0.2 z/eth0
	nft delete element inet footbridge n-net-10.1.0.0/24 '{ 10.1.0.2 }'
	nft add element inet footbridge n-net-10.1.0.0/24 '{ 10.1.0.2 }'
	finds 10.1.0.2
}

# bats test_tags=quick
@test "the rule is gone, or another" {
	attached
	nft flush chain inet footbridge postrouting
	finds rule n-net-10.1.0.0/24
	nft add rule inet footbridge postrouting \
		ip saddr @n-net-10.1.0.0/24 ip daddr != 10.1.0.0/16 ip daddr != 224.0.0.0/4 masquerade
	finds rule n-net-10.1.0.0/24
}

@test "the table is gone, or all tables" {
	attached
	nft delete table inet footbridge
	finds footbridge
	again
	nft flush ruleset
	finds footbridge
}

@test "the chain hangs elsewhere" {
	attached
	nft -f - <<-'RULES'
		delete table inet footbridge
		table inet footbridge {
			set n-net-10.1.0.0/24 {
				type ipv4_addr
				elements = { 10.1.0.2 comment "a/eth0" }
			}
			chain postrouting {
				type filter hook postrouting priority 0;
			}
		}
	RULES
	finds postrouting
}

# --- the lease

@test "the lease is gone, or somebody else's" {
	CONF=$DUAL
	attached
	printf 'z\r\neth0' >"$STORE/net/10.1.0.2"
	finds 10.1.0.2
	printf 'a\r\neth1' >"$STORE/net/10.1.0.2"
	finds 10.1.0.2
	: >"$STORE/net/10.1.0.2"
	finds 10.1.0.2
	rm "$STORE/net/10.1.0.2"
	finds 10.1.0.2
	printf 'a\r\neth0' >"$STORE/net/10.1.0.2"
	fine
	rm "$STORE/net/fd00:1::2"
	finds fd00:1::2
	rm -r "$STORE"
	finds 10.1.0.2
	[[ ! -e $STORE ]] || fail "CHECK made a store"
}

@test "an old lease that names the container alone is as good" {
	attached
	printf a >"$STORE/net/10.1.0.2"
	fine
}

# --- networks without IPAM

@test "layer 2: links, flags and ports are checked as well" {
	local veth
	CONF=$LAYER2
	attached '.mtu = 1400'
	veth=$(host_veth a)
	in_pod a ip link set eth0 down
	finds eth0 down
	in_pod a ip link set eth0 up
	ip link set "$veth" nomaster
	finds "$veth" fb0
	ip link set "$veth" master fb0
	ip link set "$veth" down
	finds "$veth" down
	ip link set "$veth" up
	ip link set "$veth" type bridge_slave hairpin on
	finds "$veth" hairpin
	ip link set "$veth" type bridge_slave hairpin off
	fine
	ip link set fb0 down
	finds fb0 down
	ip link set fb0 up
	in_pod a ip link set eth0 address 02:00:00:00:00:99
	finds eth0 02:00:00:00:00:99
	in_pod a ip link del eth0
	finds eth0
}

# --- what is no damage

@test "a later plugin may change the MAC, in the kernel and in the prevResult" {
	attached
	in_pod a ip link set eth0 address 02:00:00:00:00:42
	check a
	assert_error 103 02:00:00:00:00:42
	check_with '.interfaces[2].mac = "02:00:00:00:00:42"'
	assert_ok
	check_with '.interfaces[2].mac = "02:00:00:00:00:4F"'
	assert_error 103
	in_pod a ip link set eth0 address 02:00:00:00:00:4f
	check_with '.interfaces[2].mac = "02:00:00:00:00:4F"'
	assert_ok
}

@test "a later plugin may add interfaces, addresses and routes of other interfaces, and dns" {
	CONF=$DUAL
	attached
	check_with '.interfaces += [{"name": "bwp0123456789ab", "mac": "02:00:00:00:00:01"}]'
	assert_ok
	check_with '.interfaces |= [{"name": "ifb0"}] + . | .ips[].interface += 1'
	assert_ok
	check_with '.interfaces |= reverse | .ips[].interface = 0'
	assert_ok
	check_with '.interfaces += [{"name": "net1", "mac": "02:00:00:00:00:01", "sandbox": "/run/netns/a"}]
		| .ips += [{"address": "172.16.0.5/24", "interface": 3}]'
	assert_ok
	check_with '.dns = {"nameservers": ["192.0.2.53"]}'
	assert_ok
}

@test "an address of a prevResult without an interface counts as the container's" {
	attached
	check_with 'del(.ips[].interface)'
	assert_ok
	check_with 'del(.ips[].interface) | .ips[0].address = "10.1.0.9/24"'
	assert_error 103 10.1.0.9
}

@test "an administrator may save the nft rules and load them again" {
	CONF=$DUAL
	attached '.ipam.ranges += [[{"subnet": "10.2.0.0/16"}], [{"subnet": "10.3.0.0/21"}]]'
	nft list ruleset >/run/saved
	nft flush ruleset
	nft -f /run/saved
	fine
}

@test "more addresses, routes and flags than ADD made are no damage" {
	attached
	in_pod a ip addr add 10.1.0.200/24 dev eth0
	in_pod a ip route add 203.0.113.0/24 via 10.1.0.1
	ip addr add 10.99.0.1/24 dev fb0
	ip link set fb0 promisc on
	fine
}

# --- what cannot be checked

@test "without a prevResult" {
	attached
	call CHECK bridge a <<<"$CONF"
	assert_error 7 prevResult
	call CHECK bridge a <<<"$(conf '.prevResult = null')"
	assert_error 7 prevResult
}

@test "with a prevResult that tells of another container or of nothing" {
	attached
	check_with '{cniVersion}'
	assert_error 103
	check_with '.interfaces[2].sandbox = "/run/netns/z"'
	assert_error 103 eth0
	check_with '.ips = []'
	assert_error 103 net
	check_with '.interfaces |= .[1:] | .ips[].interface = 1'
	assert_error 103 fb0
	check_with '.interfaces = 5'
	assert_error 6 interfaces
}

@test "in a namespace that is gone, none, or our own" {
	attached
	NETNS=/run/nowhere check a
	assert_error 8 /run/nowhere
	NETNS=/proc/self/ns/net check a
	assert_error 8
	NETNS='' check a
	assert_error 4 CNI_NETNS
}

@test "of an interface in the host's own namespace, where that is allowed" {
	own() {
		plugin bridge CNI_NETNS_OVERRIDE=1 CNI_COMMAND="$1" CNI_CONTAINERID=a \
			CNI_NETNS=/proc/self/ns/net CNI_IFNAME=pod0 CNI_PATH="$FOOTBRIDGE_BIN"
	}
	own ADD <<<"$CONF"
	assert_ok
	printf '%s' "$out" >"$(kept a pod0)"
	own CHECK < <(with_prev a pod0)
	assert_ok
	ip link set pod0 name elsewhere
	own CHECK < <(with_prev a pod0)
	assert_error 103 pod0
}

@test "of a container that never was" {
	attached
	pod b
	cp "$(kept a eth0)" "$(kept b eth0)"
	check b
	assert_error 103
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Addresses, routes and their choice: what host-local gives and the kernel gets.

load helpers

# added POD [FILTER]: it is added with CONF changed like this
added() {
	CONF=$(conf "${2-.}")
	[[ -e /run/netns/$1 ]] || pod "$1"
	add "$1"
	assert_ok
}

# addresses POD: as the kernel has them
addresses() {
	in_pod "$1" ip -j addr show eth0 |
		jq -r '[.[].addr_info[]? | select(.scope == "global") | "\(.local)/\(.prefixlen)"] | join(" ")'
}

# route POD DST [TABLE]: the route to DST in short
route() {
	local family=-4

	[[ $2 != *:* ]] || family=-6
	in_pod "$1" ip -d "$family" -o route show "$2" table "${3-main}"
}

# --- both families

# bats test_tags=quick
@test "dual stack: addresses, broadcast, routes, and all is reachable" {
	CONF=$DUAL
	added a
	added b
	assert_eq "$(addresses a)" "10.1.0.2/24 fd00:1::2/64"
	assert_eq "$(in_pod a ip -j -4 addr show eth0 | jq -r '.[0].addr_info[0].broadcast')" 10.1.0.255
	assert_in "$(route a default)" 'via 10.1.0.1 dev eth0'
	assert_in "$(in_pod a ip -6 route show default)" 'via fd00:1::1 dev eth0'
	for address in 10.1.0.1 10.1.0.3 fd00:1::1 fd00:1::3; do
		pings a "$address"
	done
	check a
	assert_ok
}

# bats test_tags=quick
@test "a bridge that somebody else made is reached by its first container" {
	ip link add fb0 type bridge
	pod a
	add a
	assert_ok
	pings a 10.1.0.1
}

@test "IPv6 only" {
	added a '.ipam = {type: "host-local", ranges: [[{subnet: "fd00:1::/64"}]], routes: [{dst: "::/0"}]}'
	assert_eq "$(addresses a)" fd00:1::2/64
	assert_eq "$(cat /proc/sys/net/ipv4/ip_forward)" 0
	pings a fd00:1::1
	check a
	assert_ok
}

@test "no IPv6 address is tentative when ADD returns, on either side" {
	CONF=$DUAL
	added a
	assert_eq "$(in_pod a ip -6 -o addr show dev eth0 tentative)" ""
	assert_eq "$(ip -6 -o addr show dev fb0 scope global tentative)" ""
}

@test "the host's default.disable_ipv6 = 1 is no obstacle" {
	sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	CONF=$DUAL
	pod a
	in_pod a sysctl -qw net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1
	added a
	assert_eq "$(addresses a)" "10.1.0.2/24 fd00:1::2/64"
	pings a fd00:1::1
	check a
	assert_ok
}

@test "a pod with an IPv6 address of ours takes no router's word" {
	CONF=$DUAL
	added a
	assert_eq "$(in_pod a cat /proc/sys/net/ipv6/conf/eth0/accept_ra)" 0
}

@test "a pod without an IPv6 address of ours has the kernel's accept_ra" {
	pod a
	in_pod a sysctl -qw net.ipv6.conf.default.accept_ra=2
	added a
	assert_eq "$(in_pod a cat /proc/sys/net/ipv6/conf/eth0/accept_ra)" 2
}

# router POD: it tells all on its network that it is a router, and what their prefix is
router() {
	in_pod "$1" python3 "$FOOTBRIDGE_TOP/tests/net/forge.py" eth0 02:00:5e:00:53:66 router 2001:db8:66::
}

# heard: a says it once more, and who believes routers has an address by that
heard() {
	router a
	[[ $(ip -n believer -6 route show default proto ra) && $(pod_ip believer 6) == 2001:db8:66:* ]]
}

# advertised: a and b are added as CONF says, and a plays the router, which a device of
# others on the bridge believes
advertised() {
	# what a host with a router of its own is advised to have
	sysctl -qw net.ipv6.conf.all.accept_ra=2 net.ipv6.conf.default.accept_ra=2
	added a
	added b
	ip netns add believer
	ip link add port0 up master fb0 type veth peer name eth0 netns believer
	in_pod believer sysctl -qw net.ipv6.conf.eth0.accept_ra=2
	ip -n believer link set eth0 up
	eventually heard
}

# unmoved [COMMAND...]: where this runs nothing is as the router said
unmoved() {
	refute_lists 2001:db8:66: "$@" ip -6 addr
	refute_lists 'proto ra' "$@" ip -6 route show table all
}

@test "a container plays the router: neither the host nor one with an IPv6 address of ours listens" {
	CONF=$DUAL
	advertised
	unmoved
	unmoved in_pod b
}

@test "a container plays the router on a network without IPv6: the host does not listen" {
	advertised
	unmoved
}

@test "a container plays the router on layer 2: the host does not listen" {
	CONF=$LAYER2
	advertised
	unmoved
}

# contended NAMESPACE LINK ADDRESS: another host on the bridge has it when this link gets it
contended() {
	in_pod stranger ip addr replace "$3" dev eth0 nodad
	in_pod "$1" sysctl -qw "net.ipv6.conf.$2.accept_dad=1" "net.ipv6.conf.$2.router_solicitation_delay=0"
	in_pod "$1" ip addr add "$3" dev "$2"
	eventually is_duplicate "$1" "$2"
}

is_duplicate() {
	[[ $(in_pod "$1" ip addr show dev "$2" dadfailed) ]]
}

@test "an IPv6 address that another host has is none, on either side" {
	local own
	ip link add fb0 up type bridge
	pod stranger a
	ip link add stranger0 up master fb0 type veth peer name eth0 netns stranger
	in_pod stranger ip link set eth0 up
	ln -s "/proc/$$/ns/net" /run/netns/host
	contended host fb0 fd00:1::1/64
	CONF=$DUAL
	status
	assert_error 50 "fb0 lacks the gateway's address fd00:1::1/64: another host" "duplicate address"
	add a
	assert_error 101 "fb0 lacks the gateway's address fd00:1::1/64: another host" "duplicate address"
	refute_anything_left a
	CONF=$(conf '.forceAddress = true')
	status
	assert_ok
	added a
	assert_eq "$(ip -o addr show dev fb0 dadfailed)" ""
	check a
	assert_ok
	ip addr del fd00:1::1/64 dev fb0
	contended host fb0 fd00:1::1/64
	check a
	assert_error 103 "fb0 lacks the gateway's address fd00:1::1/64: another host"
	ip addr del fd00:1::1/64 dev fb0
	ip addr add fd00:1::1/64 dev fb0 nodad
	own=$(pod_ip a 6)/64
	in_pod a ip addr del "$own" dev eth0
	contended a eth0 "$own"
	check a
	assert_error 103 "eth0 lacks the address $own: another host"
}

@test "a host without IPv6 serves IPv4" {
	mount -t tmpfs none /proc/sys/net/ipv6 2>/dev/null || skip "nothing can be mounted on /proc/sys/net/ipv6"
	added a
	pings a 10.1.0.1
}

# --- ranges

@test "one address of each set, from the first range that has one" {
	added a '.ipam.ranges = [
		[{subnet: "10.1.0.0/24", rangeStart: "10.1.0.20", rangeEnd: "10.1.0.20"}, {subnet: "10.2.0.0/24"}],
		[{subnet: "10.3.0.0/16", rangeStart: "10.3.5.1"}],
		[{subnet: "fd00:1::/64", rangeStart: "fd00:1::ab:0"}]]'
	assert_eq "$(addresses a)" "10.1.0.20/24 10.3.5.1/16 fd00:1::ab:0/64"
	assert_json '[.ips[].gateway] == ["10.1.0.1", "10.3.0.1", "fd00:1::1"]'
	assert_eq "$(ip -j addr show fb0 | jq -r '[.[0].addr_info[] | select(.scope == "global").local] | join(" ")')" \
		"10.1.0.1 10.3.0.1 fd00:1::1"
	for address in 10.1.0.1 10.3.0.1 fd00:1::1; do
		pings a "$address"
	done
	check a
	assert_ok
	del a
	refute_anything_left a
}

@test "a set goes on in its next range when the first is full" {
	CONF=$(conf '.ipam.ranges = [[{subnet: "10.1.0.0/24", rangeStart: "10.1.0.20", rangeEnd: "10.1.0.20"},
		{subnet: "10.2.0.0/24", gateway: "10.2.0.254"}]] | .forceAddress = false | .isGateway = false | .ipMasq = false')
	added a
	added b
	assert_eq "$(addresses a) $(addresses b)" "10.1.0.20/24 10.2.0.1/24"
	assert_json '.ips[0].gateway == "10.2.0.254"'
}

@test "the single range right in ipam comes before ranges" {
	added a '.ipam += {subnet: "10.5.0.0/24", rangeStart: "10.5.0.10", rangeEnd: "10.5.0.12", gateway: "10.5.0.99"}'
	assert_eq "$(addresses a)" "10.5.0.10/24 10.1.0.2/24"
	assert_json '[.ips[].gateway] == ["10.5.0.99", "10.1.0.1"]'
	assert_eq "$(<"$STORE/net/last_reserved_ip.0") $(<"$STORE/net/last_reserved_ip.1")" "10.5.0.10 10.1.0.2"
}

@test "the members of a single range mean nothing without its subnet" {
	added a '.ipam += {rangeStart: "10.5.0.10", gateway: "10.5.0.99"}'
	assert_eq "$(addresses a)" 10.1.0.2/24
}

@test "the gateway is never given away, wherever it stands" {
	CONF=$(conf '.ipam.ranges = [[{subnet: "10.1.0.0/29", gateway: "10.1.0.3"}]]')
	added a
	added b
	assert_eq "$(addresses a) $(addresses b)" "10.1.0.1/29 10.1.0.2/29"
	added c
	assert_eq "$(addresses c)" 10.1.0.4/29
}

@test "round robin: a freed address is the last to be given again" {
	CONF=$(conf '.ipam.ranges = [[{subnet: "10.1.0.0/29"}]]')
	added a
	del a
	added b
	assert_eq "$(addresses b)" 10.1.0.3/29
	del b
	for p in c d e f; do
		added "$p"
	done
	assert_eq "$(addresses c) $(addresses d) $(addresses e) $(addresses f)" \
		"10.1.0.4/29 10.1.0.5/29 10.1.0.6/29 10.1.0.2/29"
}

@test "a full range is an error that says so, and a freed address is found" {
	CONF=$(conf '.ipam.ranges = [[{subnet: "10.1.0.0/29"}]]')
	for p in a b c d e; do
		added "$p"
	done
	pod f
	add f
	assert_error 102 10.1.0.1-10.1.0.6
	refute_anything_left f
	del c
	add f
	assert_ok
	assert_eq "$(addresses f)" 10.1.0.4/29
}

@test "a full set gives back what the sets before it gave" {
	CONF=$(conf '.ipam.ranges += [[{subnet: "fd00:1::/120", rangeStart: "fd00:1::7", rangeEnd: "fd00:1::7"}]]')
	added a
	pod b
	add b
	assert_error 102 fd00:1::7
	refute_anything_left b
	assert_eq "$(leases | tr '\n' ' ')" "10.1.0.2 fd00:1::7 "
}

@test "dataDir: the store is there" {
	added a '.ipam.dataDir = "/run/my/store"'
	assert_eq "$(<"/run/my/store/net/10.1.0.2")" $'a\r\neth0'
	[[ ! -e $STORE ]] || fail "the default store was made too"
	check a
	assert_ok
	del a
	[[ ! -e /run/my/store/net/10.1.0.2 ]] || fail "the lease is left"
}

@test "two networks on one bridge have stores of their own" {
	added a
	CONF=$(conf '.name = "other" | .ipam.ranges[0][0].rangeStart = "10.1.0.100"')
	pod b
	add b
	assert_ok
	assert_eq "$(leases net) $(leases other)" "10.1.0.2 10.1.0.100"
	pings a 10.1.0.100
}

# --- addresses asked for

@test "asked for in CNI_ARGS" {
	pod a
	CNI_ARGS='IgnoreUnknown=1;IP=10.1.0.50' add a
	assert_ok
	assert_eq "$(addresses a)" 10.1.0.50/24
	assert_eq "$(<"$STORE/net/last_reserved_ip.0")" 10.1.0.50
}

@test "asked for in args.cni.ips, with and without a length" {
	CONF=$DUAL
	added a '.args = {cni: {ips: ["10.1.0.51/24", "fd00:1::51"]}}'
	assert_eq "$(addresses a)" "10.1.0.51/24 fd00:1::51/64"
}

@test "asked for in runtimeConfig.ips" {
	CONF=$DUAL
	added a '.runtimeConfig = {ips: ["fd00:1::52/64", "10.1.0.52"]}'
	assert_eq "$(addresses a)" "10.1.0.52/24 fd00:1::52/64"
}

@test "asked for in PascalCase" {
	added a '.runtimeConfig = {IPs: ["10.1.0.53/24"]}'
	assert_eq "$(addresses a)" 10.1.0.53/24
}

@test "asked for by runtimeConfig.ipRanges, which come before the others" {
	added a '.runtimeConfig = {ipRanges: [[{subnet: "10.8.0.0/24", rangeStart: "10.8.0.10"}],
		[{subnet: "fd00:8::/64"}]]} | del(.ipam.ranges)'
	assert_eq "$(addresses a)" "10.8.0.10/24 fd00:8::2/64"
	del a
	CONF=$SINGLE
	added a '.runtimeConfig = {ipRanges: [[{subnet: "10.8.0.0/24"}]]}'
	assert_eq "$(addresses a)" "10.8.0.11/24 10.1.0.2/24"
}

@test "asked for by a flat list of ranges in PascalCase with empty members" {
	added a 'del(.ipam.ranges) | .runtimeConfig = {ipRanges: [
		{Subnet: "10.8.0.0/24", RangeStart: "", RangeEnd: "", Gateway: ""},
		{Subnet: "fd00:8::/64", RangeStart: "fd00:8::77", RangeEnd: "", Gateway: "fd00:8::ffff"}]}'
	assert_eq "$(addresses a)" "10.8.0.2/24 fd00:8::77/64"
	assert_json '[.ips[].gateway] == ["10.8.0.1", "fd00:8::ffff"]'
}

@test "an address that is taken is refused" {
	added a '.runtimeConfig = {ips: ["10.1.0.52"]}'
	pod b
	add b
	assert_error 101 10.1.0.52
	refute_anything_left b
	del a
	add b
	assert_ok
}

@test "an address that no range has is refused, and nothing is kept" {
	CONF=$DUAL
	pod a
	for ips in '["10.77.0.5"]' '["10.1.0.5", "10.77.0.5"]' '["10.1.0.5", "10.1.0.6"]' '["fd00:77::1"]'; do
		CONF=$(conf ".runtimeConfig = {ips: $ips}")
		add a
		assert_eq "$status" 1 "exit status"
		assert_json '.code == 7 or .code == 102'
		refute_anything_left a
		assert_eq "$(leases)" ""
	done
}

@test "the gateway's address is refused" {
	pod a
	CONF=$(conf '.runtimeConfig = {ips: ["10.1.0.1"]}')
	add a
	assert_eq "$status" 1 "exit status"
	assert_in "$(result .msg)" 10.1.0.1 gateway
	refute_anything_left a
}

@test "an explicit first and last address of a subnet can be given" {
	added a '.ipam.ranges = [[{subnet: "10.1.0.0/24", rangeStart: "10.1.0.255", rangeEnd: "10.1.0.255"}]] | .ipMasq = false'
	assert_eq "$(addresses a)" 10.1.0.255/24
}

# --- routes

@test "routes: gw, and the gateway of the family where there is none" {
	CONF=$DUAL
	added a '.ipam.routes = [{dst: "192.0.2.0/24"}, {dst: "198.51.100.0/24", gw: "10.1.0.9"},
		{dst: "2001:db8::/32"}, {dst: "2001:db9::/32", gw: "fd00:1::9"}]'
	assert_in "$(route a 192.0.2.0/24)" 'via 10.1.0.1 dev eth0'
	assert_in "$(route a 198.51.100.0/24)" 'via 10.1.0.9 dev eth0'
	assert_in "$(route a 2001:db8::/32)" 'via fd00:1::1 dev eth0'
	assert_in "$(route a 2001:db9::/32)" 'via fd00:1::9 dev eth0'
	check a
	assert_ok
}

# bats test_tags=quick
@test "routes: mtu, advmss, priority and table are applied, not only told" {
	CONF=$DUAL
	added a '.ipam.routes = [{dst: "192.0.2.0/24", mtu: 1400, advmss: 1300, priority: 50, table: 100},
		{dst: "2001:db8::/32", mtu: 1380, advmss: 1240, priority: 77, table: 300},
		{dst: "0.0.0.0/0", mtu: 1450}]'
	assert_in "$(route a 192.0.2.0/24 100)" 'via 10.1.0.1 dev eth0' 'metric 50' 'mtu 1400' 'advmss 1300'
	assert_in "$(route a 2001:db8::/32 300)" 'via fd00:1::1 dev eth0' 'metric 77' 'mtu 1380' 'advmss 1240'
	assert_in "$(route a default)" 'via 10.1.0.1' 'mtu 1450'
	assert_eq "$(route a 192.0.2.0/24)" "" "route in the main table"
	assert_json '.routes == [{dst: "192.0.2.0/24", mtu: 1400, advmss: 1300, priority: 50, table: 100},
		{dst: "2001:db8::/32", mtu: 1380, advmss: 1240, priority: 77, table: 300},
		{dst: "0.0.0.0/0", mtu: 1450}]'
	check a
	assert_ok
}

@test "routes: scope, of which link has no gateway" {
	added a '.ipam.routes = [{dst: "192.0.2.0/24", scope: 253}, {dst: "198.51.100.0/24", scope: 0},
		{dst: "203.0.113.0/24", scope: 200}]'
	assert_in "$(route a 192.0.2.0/24)" 'dev eth0' 'scope link'
	[[ $(route a 192.0.2.0/24) != *via* ]] || fail "a gateway for a route of scope link"
	assert_in "$(route a 198.51.100.0/24)" 'via 10.1.0.1' 'scope global'
	assert_in "$(route a 203.0.113.0/24)" 'via 10.1.0.1' 'scope site'
	check a
	assert_ok
}

@test "routes: table 0 and 254 are the main table" {
	added a '.ipam.routes = [{dst: "192.0.2.0/24", table: 0}, {dst: "198.51.100.0/24", table: 254}]'
	assert_in "$(route a 192.0.2.0/24)" 'via 10.1.0.1'
	assert_in "$(route a 198.51.100.0/24)" 'via 10.1.0.1'
	assert_json '[.routes[].table] == [0, 254]'
}

@test "routes: the same one twice is one" {
	added a '.ipam.routes = [{dst: "0.0.0.0/0"}, {dst: "0.0.0.0/0"}]'
	assert_eq "$(in_pod a ip route show default | wc -l)" 1
}

@test "routes: a gateway that cannot be reached is an error that leaves nothing" {
	pod a
	CONF=$(conf '.ipam.routes = [{dst: "192.0.2.0/24", gw: "172.16.0.1"}]')
	add a
	assert_error 100 192.0.2.0/24 172.16.0.1
	refute_anything_left a
}

@test "routes: two networks may both bring a default route" {
	added a
	CONF=$(conf '.name = "other" | .bridge = "fb1" | .ipam.ranges[0][0].subnet = "10.2.0.0/24"')
	add a net1
	assert_ok
	assert_eq "$(in_pod a ip route show default | wc -l)" 2
	del a net1
	assert_in "$(in_pod a ip route show default)" 'via 10.1.0.1 dev eth0'
}

@test "routes: of IPv6 the kernel makes one of two, and CHECK sees both" {
	local first second

	first=$(jq -c '.isDefaultGateway = true | .ipam.routes = []' <<<"$DUAL")
	second=$(jq -c '.name = "other" | .bridge = "fb1" | .ipam.ranges = [[{subnet: "10.2.0.0/24"}], [{subnet: "fd00:2::/64"}]]' \
		<<<"$first")
	CONF=$first added a
	CONF=$second add a net1
	assert_ok
	assert_eq "$(in_pod a ip -6 route show default | grep -o 'via [0-9a-f:]* dev [a-z0-9]*' | sort | tr '\n' ' ')" \
		"via fd00:1::1 dev eth0 via fd00:2::1 dev net1 "
	CONF=$first check a
	assert_ok
	CONF=$second check a net1
	assert_ok
	in_pod a ip -6 route del default via fd00:2::1 dev net1
	CONF=$second check a net1
	assert_error 103 ::/0 fd00:2::1
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# DEL works from (network, container, interface) alone, and touches nothing else.

load helpers

# What no DEL in this file may touch: another container of the network (it has
# 10.1.0.2, so that a gets 10.1.0.3), devices, addresses and nft rules of
# strangers, among them an eth0 of the host's own.
neighbours() {
	pod b
	add b
	assert_ok
	ip link add eth0 type veth peer name uplink
	ip addr add 192.0.2.1/24 dev eth0
	ip link set eth0 up
	ip link add veth0badcafe type veth peer name stranger0
	nft -f - <<-'RULES'
		table ip nat {
			chain postrouting {
				type nat hook postrouting priority 100;
				ip saddr 10.1.0.3 counter masquerade comment "a/eth0 of a stranger"
			}
		}
		table inet other {
			set n-net-10.1.0.0/24 { type ipv4_addr; elements = { 10.1.0.3 comment "a stranger" }; }
		}
	RULES
}

# attached: a is attached as CONF says; what is to be left after its DEL is noted
attached() {
	neighbours
	snapshot
	attach
	refute cmp -s "$BATS_TEST_TMPDIR/world" <(world)
}

attach() {
	[[ -e /run/netns/a ]] || pod a
	add a
	assert_ok
}

# quiet: the DEL was, and what belongs to a is gone
quiet() {
	assert_ok
	assert_eq "$out" ""
	refute_anything_left a
}

# gone: the DEL was quiet, and everything of a is gone and nothing else
gone() {
	assert_ok
	assert_eq "$out" ""
	assert_unchanged
}

# --- states of the namespace

# bats test_tags=quick
@test "with the namespace present" {
	CONF=$DUAL
	attached
	del a
	gone
	refute_anything_left a
	assert_eq "$(leases | tr '\n' ' ')" "10.1.0.2 fd00:1::2 "
	assert_eq "$err" ""
}

# bats test_tags=quick
@test "with the namespace gone" {
	CONF=$DUAL
	attached
	pod_gone a
	del a
	gone
	refute_anything_left a
}

@test "with an empty CNI_NETNS, and without one" {
	CONF=$DUAL
	attached
	NETNS='' del a
	gone
	refute_anything_left a
	attach
	plugin bridge CNI_COMMAND=DEL CNI_CONTAINERID=a CNI_IFNAME=eth0 CNI_PATH=/ <<<"$CONF"
	gone
	refute_anything_left a
}

@test "with a plain file where the namespace was" {
	attached
	pod_gone a
	: >/run/netns/a
	del a
	gone
}

@test "with a directory where the namespace was" {
	attached
	pod_gone a
	mkdir /run/netns/a
	del a
	gone
}

@test "with whatever else may stand at the path" {
	local odd
	attached
	mkfifo /run/fifo
	ln -s /run/nowhere /run/dangling
	ln -s /run/loop /run/loop
	for odd in /run/fifo /run/dangling /run/loop /dev/null /dev/zero /proc/self/ns/mnt \
		/proc/self/ns/pid /proc/1/nothing /run/fifo/below relative . / ''; do
		NETNS=$odd del a
		quiet
		assert_quick 1000 "$odd"
		attach
	done
	del a
	gone
}

@test "with the host's own namespace: the host's eth0 stays" {
	local own
	attached
	for own in /proc/self/ns/net /proc/thread-self/ns/net /proc/$$/ns/net; do
		NETNS=$own del a
		gone
		refute_anything_left a
		attach
	done
	ip netns attach host $$
	NETNS=/run/netns/host del a
	ip netns del host
	gone
}

@test "the host veth has another name by now: DEL finds it from within" {
	local veth

	pod a
	add a
	assert_ok
	veth=$(host_veth a)
	ip link set "$veth" down name other
	ip link set other up
	del a
	assert_ok
	refute_anything_left a
	refute ip link show other
}

# addresses POD: all of them, whether or not they are past duplicate address detection
addresses() {
	in_pod "$1" ip -j addr | jq -c 'del(.. | .tentative?)'
}

@test "with another container's namespace (a recycled process ID): that one stays" {
	local before
	attached
	before=$(addresses b)
	NETNS=/run/netns/b del a
	gone
	refute_anything_left a
	assert_eq "$(addresses b)" "$before" "the other container"
	pings b 10.1.0.1
}

# bats test_tags=quick
@test "an eth0 of another kind in the container stays" {
	attached
	del a
	gone
	ip link add link eth0 name m0 netns a type macvlan
	in_pod a ip link set m0 name eth0
	del a
	gone
	assert_eq "$(pod_link a .linkinfo.info_kind)" macvlan
}

@test "an eth0 of the container's own making stays, be its names without end" {
	attached
	in_pod a ip link del eth0
	in_pod a ip link add eth0 type veth peer name eth1
	nicknames a eth0
	del a
	gone
	assert_eq "$(pod_link a .linkinfo.info_kind)" veth
}

@test "a veth eth0 of somebody else in the container stays, port of our bridge or not" {
	neighbours
	pod a
	ip link add vethsomeone type veth peer name eth0 netns a
	snapshot
	del a
	gone
	ip link set vethsomeone master fb0
	snapshot
	del a
	gone
}

@test "the host veth bears an alias of somebody's: it goes all the same" {
	attached
	ip link set "$(host_veth a)" alias "uplink of a"
	del a
	gone
}

@test "a network without IPAM needs no store: one whose name is too long for a folder, or a link" {
	local name
	pod a
	mkdir -p "$STORE/elsewhere"
	ln -s elsewhere "$STORE/net"
	printf -v name 'n%.0s' {1..300}
	for name in net "$name"; do
		CONF=$(jq -c '.name = $name' --arg name "$name" <<<"$LAYER2")
		add a
		assert_ok
		del a
		assert_ok
		refute in_pod a ip link show eth0
	done
}

@test "a foreign device that bears the host veth's name stays" {
	local name
	neighbours
	pod a
	add a
	name=$(host_veth a)
	del a
	ip link add "$name" type veth peer name peer0
	ip link set "$name" alias "mine"
	snapshot
	del a
	gone
	ip link del "$name"
	ip link add "$name" type ifb
	snapshot
	del a
	gone
}

@test "the interface renamed inside: it goes, and what took its name stays" {
	attached
	in_pod a ip link set eth0 down # before 6.2 the kernel renames no other
	in_pod a ip link set eth0 name old0
	in_pod a ip link add eth0 type veth peer name eth1
	del a
	gone
	assert_eq "$(in_pod a ip -j link | jq -c '[.[].ifname]')" '["lo","eth1","eth0"]'
}

# --- what is known of the past

@test "with the prevResult" {
	CONF=$DUAL
	attached
	call DEL bridge a <<<"$(with_prev a)"
	gone
	refute_anything_left a
}

@test "with a broken prevResult of any kind" {
	local previous
	attached
	while read -r previous; do
		call DEL bridge a <<<"$(conf '.prevResult = $p' --argjson p "$previous")"
		quiet
		attach
	done <<-'KINDS'
		null
		{}
		[]
		5
		"text"
		true
		{"cniVersion": "9.9.9"}
		{"cniVersion": 5}
		{"cniVersion": "0.2.0", "ip4": {"ip": "10.1.0.2/24"}}
		{"cniVersion": "0.2.0", "ip4": 7}
		{"interfaces": "x"}
		{"interfaces": [null]}
		{"interfaces": [5, {}]}
		{"interfaces": [{"name": "fb0"}, {"name": "eth0"}, {"name": "uplink"}]}
		{"interfaces": [{"name": "eth0", "sandbox": "/run/netns/b"}]}
		{"ips": {}}
		{"ips": [{"address": "nonsense"}]}
		{"ips": [{"address": "10.1.0.2/24", "interface": 0}]}
		{"ips": [{"address": "10.1.0.3/99"}]}
		{"ips": [{"address": "10.1.0.3/24", "interface": 99}]}
		{"ips": [{"address": "10.1.0.3/24", "interface": -7}]}
		{"ips": [{"interface": 1e300}]}
		{"routes": [{"dst": "x", "gw": 3}]}
		{"dns": []}
		{"dns": {"nameservers": {"a": [[[[[[]]]]]]}}}
	KINDS
	del a
	gone
}

@test "twice, and a third time with the namespace gone" {
	CONF=$DUAL
	attached
	del a
	gone
	del a
	gone
	pod_gone a
	del a
	gone
}

@test "of a container that never was" {
	neighbours
	pod a
	snapshot
	del a
	gone
	del nobody
	gone
}

@test "on a host that never had a container" {
	snapshot
	del a
	gone
	assert_eq "$(ls -A /var/lib/cni)" ""
	refute ip link show fb0
}

@test "one interface of two" {
	attached
	add a net1
	assert_ok
	del a net1
	refute_anything_left a net1
	check a
	assert_ok
	del a
	gone
}

@test "another network's attachment of the same container and interface stays" {
	local one=$SINGLE two
	pod a a2
	two=$(conf '.name = "two" | .bridge = "fb1" | .ipam.ranges[0][0].subnet = "10.2.0.0/24"')
	CONF=$two
	CONTAINER=a NETNS=/run/netns/a2 add a
	assert_ok
	snapshot
	CONF=$one
	add a
	assert_ok
	del a
	assert_ok
	assert_eq "$(leases net)" ""
	assert_eq "$(leases two)" 10.2.0.2
	assert_in "$(nft list table inet footbridge)" '10.2.0.2 comment "a/eth0"'
	assert_eq "$(pod_ip a2)" 10.2.0.2
	ip link show type veth | grep -c footbridge | { read -r n; assert_eq "$n" 1 "host veths"; }
}

# --- the configuration was edited meanwhile

@test "with a configuration that was edited since, or spoiled" {
	local edit good=$CONF
	attached
	while read -r edit; do
		CONF=$(conf "$edit")
		del a
		quiet
		CONF=$good
		attach
	done <<-'EDITS'
		.ipam.ranges = [[{"subnet": "10.77.0.0/24"}]]
		.ipam.ranges[0][0] += {"rangeStart": "10.1.0.200", "rangeEnd": "10.1.0.201"}
		.ipam.ranges[0][0] += {"rangeStart": "10.1.0.201", "rangeEnd": "10.1.0.200"}
		.ipam.ranges[0][0].subnet = "nonsense"
		.ipam.ranges = []
		.ipam.ranges = 5
		.ipam.routes = [{"dst": "nonsense"}]
		.ipam.resolvConf = "/nowhere"
		.ipam = {}
		.ipam = 5
		del(.ipam)
		.bridge = "fb9"
		.bridge = "eth0"
		.bridge = "a-name-too-long-for-a-device"
		.bridge = 5
		.ipMasq = false
		.ipMasq = "yes"
		.ipMasqBackend = "iptables"
		.ipMasqBackend = 5
		.isGateway = false
		.isGateway = "maybe"
		.mtu = "wrong"
		.mtu = -5
		.hairpinMode = true | .promiscMode = true
		.disableContainerInterface = true
		.runtimeConfig = {"mac": "zz", "ips": ["zz"]}
		.runtimeConfig = 5
		.args = {"cni": {"ips": ["zz"], "mac": 5}}
		.dns = 5
		.cniVersion = "0.1.0"
		.cniVersion = "0.4.0"
		.type = "something"
	EDITS
	del a
	gone
}

# renamed: a is attached as OLD says, its network is called otherwise since, and the DEL
# that said so has changed nothing
renamed() {
	local before

	attached
	before=$(world)
	VETH=$(host_veth a)
	OLD=$CONF
	CONF=$(conf '.name = "other"')
	del a
	assert_ok
	assert_eq "$(world)" "$before" "the world after that DEL"
}

@test "with another name of the network: all is another network's, until a DEL says the old one" {
	CONF=$DUAL
	renamed
	pings a fd00:1::1
	CONF=$OLD
	del a
	gone
}

@test "with another name of the network, and the namespace gone: gc of the old name takes what stayed" {
	needs_marks
	CONF=$DUAL
	renamed
	pod_gone a
	eventually refute test -e "/proc/sys/net/ipv4/conf/$VETH"
	assert_eq "$(leases | grep -c .)" 4 "leases"
	echo "$OLD" >"$BATS_TEST_TMPDIR/old.conf"
	footbridge gc --conf "$BATS_TEST_TMPDIR/old.conf"
	assert_eq "$status" 0 "exit status"
	assert_unchanged
}

@test "with CNI_ARGS that ADD would refuse" {
	local args
	attached
	for args in SOMETHING=else 'IP' ';' 'IP=10.1.0.2;' 'MAC=zz' 'IP=zz' 'IgnoreUnknown=maybe' \
		'IP=10.1.0.3' 'A=B=C' '='; do
		CNI_ARGS=$args del a
		quiet
		attach
	done
	del a
	gone
}

# --- the world has changed meanwhile

@test "after the bridge, the nft table or the whole store is gone" {
	attached
	ip link del fb0
	del a
	assert_ok
	refute_anything_left a
	add a
	assert_ok
	nft flush ruleset
	del a
	assert_ok
	refute_anything_left a
	add a
	assert_ok
	rm -r "$STORE"
	del a
	assert_ok
	refute_anything_left a
	[[ ! -e $STORE ]] || fail "DEL made a store"
}

@test "what was half removed by somebody else" {
	attached
	ip link del "$(host_veth a)"
	del a
	gone
	attach
	nft delete element inet footbridge n-net-10.1.0.0/24 "{ $(pod_ip a) }"
	del a
	gone
	attach
	rm "$STORE/net/$(pod_ip a)"
	del a
	gone
}

@test "a lease that changed hands is not freed, nor its element" {
	attached
	printf 'z\r\neth0' >"$STORE/net/10.1.0.3"
	nft delete element inet footbridge n-net-10.1.0.0/24 '{ 10.1.0.3 }'
	nft add element inet footbridge n-net-10.1.0.0/24 '{ 10.1.0.3 comment "z/eth0" }'
	del a
	assert_ok
	refute_anything_left a
	assert_eq "$(tr '\r\n' ' ' <"$STORE/net/10.1.0.3")" "z  eth0"
	assert_in "$(nft list table inet footbridge)" '10.1.0.3 comment "z/eth0"'
}

@test "on a read-only store: an error where a lease must go, none where there is none" {
	attached
	mount -o remount,ro /var/lib/cni
	del a
	assert_error 5 10.1.0.3
	del nobody
	assert_ok
	mount -o remount,rw /var/lib/cni
	del a
	gone
}

@test "a store full of rubbish" {
	attached
	: >"$STORE/net/10.1.0.50"
	printf x >"$STORE/net/10.1.0.51"
	head -c 100000 /dev/zero >"$STORE/net/10.1.0.52"
	truncate -s 1G "$STORE/net/10.1.0.53"
	mkfifo "$STORE/net/10.1.0.54"
	mkdir "$STORE/net/10.1.0.55"
	ln -s /etc/passwd "$STORE/net/10.1.0.56"
	printf 'a\r\neth0' >/run/elsewhere
	ln -s /run/elsewhere "$STORE/net/10.1.0.57"
	printf 'a\r\neth0' >"$STORE/net/notes.txt"
	del a
	assert_ok
	assert_quick 1000
	[[ ! -e $STORE/net/10.1.0.3 ]] || fail "the lease is still there"
	[[ -e /run/elsewhere && -e $STORE/net/notes.txt && -e $STORE/net/10.1.0.55 ]] ||
		fail "DEL removed what is no lease"
}

# --- afterwards

# bats test_tags=quick
@test "the address is free again, and its element is gone" {
	CONF=$(conf '.ipam.ranges[0][0].rangeEnd = "10.1.0.2"')
	pod a b
	add a
	assert_ok
	add b
	assert_error 102 10.1.0.2
	del a
	assert_ok
	refute_lists 10.1.0.2 nft list set inet footbridge n-net-10.1.0.0/24
	add b
	assert_ok
	assert_eq "$(pod_ip b)" 10.1.0.2
	assert_in "$(nft list set inet footbridge n-net-10.1.0.0/24)" '10.1.0.2 comment "b/eth0"'
}

# traced POD: the DEL's requests to delete links and set elements and its removals of
# files, in their order
traced() {
	env -i PATH="$PATH" ASAN_OPTIONS=detect_leaks=0 CNI_COMMAND=DEL CNI_CONTAINERID="$1" \
		CNI_NETNS="${NETNS-/run/netns/$1}" CNI_IFNAME=eth0 CNI_PATH="$FOOTBRIDGE_BIN" \
		strace -qq -e trace=sendto,unlinkat -o "$BATS_TEST_TMPDIR/trace" \
		"$FOOTBRIDGE_BIN/bridge" <<<"$CONF" >&2
	# strace has no name for the type of a socket's first message
	grep -oP 'RTM_DELLINK|nlmsg_type=0x11 |NFT_MSG_DELSETELEM|^unlinkat.* "[0-9a-f][^"]*", 0\) += 0' \
		"$BATS_TEST_TMPDIR/trace" | sed 's/nlmsg_type=0x11 /RTM_DELLINK/; s/^unlinkat.*/lease/' | uniq
}

@test "the addresses are free only when link and elements are gone" {
	local netns order

	CONF=$DUAL
	CONF=$(conf '.macspoofchk = true')
	for netns in /run/netns/a ""; do
		attach
		order=$(NETNS=$netns traced a | tr '\n' ' ')
		refute_anything_left a
		assert_eq "${order##* lease}" " " "what came behind the leases"
		assert_in "$order" RTM_DELLINK NFT_MSG_DELSETELEM
		assert_eq "$(grep -o lease <<<"$order" | wc -l)" 1 "times that leases were removed"
	done
}

@test "a DEL that comes late does not touch who got the address since" {
	CONF=$(conf '.ipam.ranges[0][0].rangeEnd = "10.1.0.2"')
	pod a b
	add a
	del a
	add b
	assert_ok
	snapshot
	NETNS='' del a
	gone
	pings b 10.1.0.1
}

# --- at once

# at_once N: so many DELs of a at the same time; all are quiet
at_once() {
	local i

	for ((i = 0; i < $1; i++)); do
		(
			del a
			echo "$status $out" >"$BATS_TEST_TMPDIR/del.$i"
		) 3>&- &
	done
	wait
	for ((i = 0; i < $1; i++)); do
		assert_eq "$(<"$BATS_TEST_TMPDIR/del.$i")" "0 " "one of $1 DELs at once"
	done
}

@test "four and eight at once" {
	local round n
	CONF=$DUAL
	neighbours
	snapshot
	for round in {1..3}; do
		for n in 4 8; do
			attach
			at_once "$n"
			refute_anything_left a
		done
	done
	assert_unchanged
}

@test "of a network without IPAM" {
	CONF=$LAYER2
	attached
	del a
	gone
	refute_anything_left a
	attach
	pod_gone a
	del a
	gone
}

@test "a frame that cannot be read is an error" {
	attached
	call DEL bridge a <<<'{'
	assert_error 6
	call DEL bridge a <<<'{"cniVersion": "1.0.0", "type": "bridge"}'
	assert_error 7 name
	del a
	gone
}

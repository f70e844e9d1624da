#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# GC: everything of this network that the runtime does not name goes, what is
# connected all the same stays.

load helpers

# Three containers: a stays listed, b's namespace is gone and its link with it, c
# lives on though nobody lists it.
three() {
	pod a b c
	add a
	add b
	add c
	assert_ok
	pod_gone b
	eventually refute ip link show "$(veth_of b)" 2>/dev/null
}

# The name of a pod's host veth, from what ADD told.
veth_of() {
	jq -r '.interfaces[1].name' "$(kept "$1" eth0)"
}

elements() {
	nft -j list table inet footbridge |
		jq -r '.nftables[].set? // empty | .elem[]? | .elem.comment' | sort | uniq | tr '\n' ' '
}

owners() {
	local lease

	for lease in $(leases); do
		head -n1 "$STORE/net/$lease" | tr -d '\r\n'
		echo
	done | sort | uniq | tr '\n' ' '
}

LISTED_A='[{"containerID": "a", "ifname": "eth0"}]'

# call_gc FILTER: GC with CONF at 1.1.0, changed like this
call_gc() {
	NETNS='' call GC "$PLUGIN" '' '' <<<"$(conf ".cniVersion = \"1.1.0\" | $1")"
}

# bats test_tags=quick
@test "what is not listed and dead goes, what is listed stays, the living stay with a note" {
	CONF=$DUAL
	three
	assert_eq "$(elements)" "a/eth0 b/eth0 c/eth0 "
	gc "$LISTED_A"
	assert_ok
	assert_eq "$out" ""
	assert_eq "$(elements)" "a/eth0 c/eth0 "
	assert_eq "$(owners)" "a c "
	assert_in "$err" c/eth0 gcLive "$(veth_of c)"
	[[ $err != *a/eth0* && $err != *b/eth0* ]] || fail "a note about a or b: $err"
	check a
	assert_ok
	check c
	assert_ok
	pings a "$(pod_ip c)"
}

@test "a chain's loopback says nothing of what bridge keeps" {
	added a
	gc '[]'
	assert_ok
	assert_in "$err" a/eth0 gcLive
	PLUGIN=loopback gc '[]'
	assert_ok
	assert_eq "$err" ""
}

@test "gcLive: the living go as well" {
	CONF=$(jq -c '.gcLive = true' <<<"$DUAL")
	three
	gc "$LISTED_A"
	assert_ok
	assert_eq "$(elements)" "a/eth0 "
	assert_eq "$(owners)" "a "
	refute_anything_left c
	check a
	assert_ok
}

@test "the freed addresses can be given again" {
	# by itself an exhausted pool would take back the leases of the dead
	CONF=$(conf '.ipam.ranges[0][0].rangeEnd = "10.1.0.4" | .ipam.reclaim = false')
	three
	pod d
	add d
	assert_error 102
	gc "$LISTED_A"
	add d
	assert_ok
	assert_eq "$(pod_ip d)" 10.1.0.3
	check d
	assert_ok
}

@test "null and [] mean that nothing is valid" {
	local list
	for list in null '[]'; do
		CONF=$(jq -c '.gcLive = true' <<<"$DUAL")
		pod a
		add a
		assert_ok
		gc "$list"
		assert_ok
		refute_anything_left a
		assert_eq "$(owners)" ""
		pod_gone a
	done
	CONF=$DUAL
	three
	gc null
	assert_ok
	assert_eq "$(owners)" "a c "
	assert_in "$err" a/eth0 c/eth0
	pod_gone a c
	eventually refute ip link show "$(veth_of c)" 2>/dev/null
	gc '[]'
	assert_ok
	assert_eq "$(owners)$(elements)" ""
	assert_eq "$err" ""
}

@test "without the key nothing is touched, and a warning says so" {
	CONF=$(jq -c '.gcLive = true' <<<"$DUAL")
	three
	snapshot
	call_gc .
	assert_ok
	assert_eq "$out" ""
	assert_in "$err" cni.dev/valid-attachments
	assert_unchanged
}

@test "both spellings of the key; the specification's wins" {
	three
	call_gc '. + {"cni.dev/attachments": [{"containerID": "a", "ifname": "eth0"},
		{"containerID": "b", "ifname": "eth0"}]}'
	assert_ok
	assert_eq "$(owners)" "a b c "
	call_gc '. + {"cni.dev/attachments": null, "cni.dev/valid-attachments":
		[{"containerID": "a", "ifname": "eth0"}, {"containerID": "b", "ifname": "eth0"}]}'
	assert_ok
	assert_eq "$(owners)" "a b c "
	call_gc '. + {"cni.dev/attachments": [{"containerID": "b", "ifname": "eth0"}],
		"cni.dev/valid-attachments": [{"containerID": "a", "ifname": "eth0"}]}'
	assert_ok
	assert_eq "$(owners)" "a c "
}

@test "a container is not its other interface, nor one of a similar name" {
	CONF=$(jq -c '.gcLive = true' <<<"$DUAL")
	pod a aa
	add a
	add a net1
	add aa
	assert_ok
	gc "$LISTED_A"
	assert_ok
	assert_eq "$(elements)" "a/eth0 "
	check a
	assert_ok
	refute_anything_left a net1
	refute_anything_left aa
}

# bats test_tags=quick
@test "another network is not touched, nor are strangers" {
	local one two
	CONF=$DUAL
	pod a b
	for one in two net-2 n ne net.x; do
		CONF=$(jq -c --arg n "$one" '.name = $n | .bridge = "br-" + $n
			| .ipam.ranges = [[{"subnet": "10.20.\($n | utf8bytelength).0/24"}]]' <<<"$SINGLE")
		add a "if-$one"
		assert_ok
	done
	ip link add foreign0 type veth peer name foreign1
	ip link set foreign0 alias footbridge:other/z/eth0
	nft add table inet other
	nft add set inet other n-net-10.1.0.0/24 '{ type ipv4_addr; elements = { 10.1.0.9 comment "z/eth0" }; }'
	snapshot
	CONF=$(jq -c '.gcLive = true' <<<"$SINGLE")
	gc '[]'
	assert_ok
	assert_unchanged
	add b
	assert_ok
	gc '[]'
	assert_ok
	refute_anything_left b
	assert_eq "$(leases two)$(leases net-2)$(leases n)$(leases ne)$(leases net.x)" \
		"10.20.3.210.20.5.210.20.1.210.20.2.210.20.5.2"
}

@test "entries of old and torn entries" {
	pod a
	add a
	printf a >"$STORE/net/10.1.0.50"
	printf z >"$STORE/net/10.1.0.51"
	: >"$STORE/net/10.1.0.52"
	printf 'z\neth0' >"$STORE/net/10.1.0.53"
	echo note >"$STORE/net/README"
	mkdir "$STORE/net/10.1.0.54"
	gc "$LISTED_A"
	assert_ok
	assert_eq "$(leases | tr '\n' ' ')" "10.1.0.2 10.1.0.50 10.1.0.53 README "
	[[ -e $STORE/net/lock && -e $STORE/net/last_reserved_ip.0 && -d $STORE/net/10.1.0.54 ]] ||
		fail "GC removed what is no lease"
}

@test "people's notes stay, as nobody has written them for a container" {
	local -a notes=(printer "the printer" $'the\nprinter' "für den Drucker im Büro" "réservé" "for the printer")
	local i

	pod a
	add a
	for i in "${!notes[@]}"; do
		echo "${notes[i]}" >"$STORE/net/10.1.0.6$i"
	done
	gc '[]'
	assert_ok
	for i in "${!notes[@]}"; do
		assert_eq "$(cat "$STORE/net/10.1.0.6$i")" "${notes[i]}"
	done
}

@test "the configuration was edited since: other ranges, no masquerade, no IPAM" {
	local edit
	for edit in '.ipam.ranges = [[{"subnet": "10.77.0.0/24"}]]' '.ipMasq = false' '.ipam = {}' \
		'.bridge = "other"' '.mtu = "spoiled"'; do
		pod b
		CONF=$DUAL
		add b
		assert_ok
		pod_gone b
		eventually refute ip link show "$(veth_of b)" 2>/dev/null
		CONF=$(conf "$edit")
		gc '[]'
		assert_ok
		refute_anything_left b
	done
}

# bats test_tags=quick
@test "elements without a lease and links without either go" {
	local veth
	CONF=$(conf '.gcLive = true')
	pod a
	add a
	veth=$(host_veth a)
	rm "$STORE/net/10.1.0.2"
	nft add element inet footbridge n-net-10.1.0.0/24 '{ 10.1.0.99 comment "ghost/eth0" }'
	gc '[]'
	assert_ok
	assert_eq "$(elements)" ""
	refute ip link show "$veth"
}

@test "on a host that never had a container; twice" {
	snapshot
	gc '[]'
	assert_ok
	gc null
	assert_ok
	assert_eq "$out$err" ""
	assert_unchanged
	assert_eq "$(ls -A /var/lib/cni)" ""
}

@test "of layer 2" {
	CONF=$(jq -c '.gcLive = true' <<<"$LAYER2")
	pod a b
	add a
	add b
	assert_ok
	gc "$LISTED_A"
	assert_ok
	check a
	assert_ok
	refute_anything_left b
}

@test "by the plugin host-local alone" {
	PLUGIN=host-local
	add a
	add b
	assert_ok
	gc "$LISTED_A"
	assert_ok
	assert_eq "$(owners)" "a "
}

@test "what cannot be removed is told, the rest is removed" {
	CONF=$DUAL
	three
	mount -o remount,ro /var/lib/cni
	gc "$LISTED_A"
	assert_error 5 /var/lib/cni
	mount -o remount,rw /var/lib/cni
	assert_eq "$(elements)" "a/eth0 c/eth0 "
	gc "$LISTED_A"
	assert_ok
	assert_eq "$(owners)" "a c "
}

@test "a list that cannot be read removes nothing" {
	local list
	CONF=$(jq -c '.gcLive = true' <<<"$DUAL")
	pod a
	add a
	snapshot
	while read -r list; do
		gc "$list"
		assert_error 7 valid-attachments
		assert_unchanged
	done <<-'LISTS'
		5
		"a"
		{"containerID": "a", "ifname": "eth0"}
		[5]
		["a/eth0"]
		[{"containerID": 5, "ifname": "eth0"}]
		[{"ifname": "eth0"}]
		[{"containerID": "z"}]
		[{"containerID": "z", "ifname": "eth0"}, 5]
	LISTS
}

@test "before 1.1.0 there is no GC" {
	local v
	for v in 0.1.0 0.3.1 0.4.0 1.0.0; do
		NETNS='' call GC bridge '' '' <<<"$(conf '.cniVersion = $v | .["cni.dev/valid-attachments"] = []' \
			--arg v "$v")"
		assert_error 1 GC "$v"
	done
}

@test "GC needs neither container, interface nor namespace" {
	plugin bridge CNI_COMMAND=GC CNI_PATH=/ <<<"$(conf '.["cni.dev/valid-attachments"] = []')"
	assert_ok
}

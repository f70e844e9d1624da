#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `footbridge graph`: the host as a picture.

load helpers

# drawn: `footbridge graph` into $out, of a host that has a way to the outside
drawn() {
	footbridge graph "$@"
	[[ $status -eq 0 && -z $err ]] || fail "graph said: $err"
}

@test "an empty host" {
	drawn
	assert_eq "$out" "host  forwarding: IPv4 off, IPv6 off"
}

@test "the README's picture is this" {
	local wanted

	outside uplink0
	ip route add default via 198.51.100.2
	ip route add default via 2001:db8:51::2
	CONF=$(jq -c '.name = "example" | .bridge = "cni0" |
		.ipam.ranges = [[{"subnet": "10.88.0.0/16"}], [{"subnet": "fd00:88::/64"}]]' <<<"$DUAL")
	added one two
	pod three
	ip link add tap0 master cni0 up type veth peer name eth0 netns three
	in_pod three ip addr add 10.88.0.9/16 dev eth0
	wanted=$(sed -n '/^\$ footbridge graph$/,/^```$/p' "$FOOTBRIDGE_TOP/README.md" | sed '1d;$d')
	timed env LC_ALL=C.UTF-8 "$FOOTBRIDGE_BIN/../footbridge" graph
	assert_eq "$status" 0 "exit status"
	diff <(echo "$wanted") <(echo "$out") || fail "the README has another one"
}

@test "where the locale has no lines, with plain ones" {
	added a b
	CONF=$(jq -c '.name = "flat" | .bridge = "fb1"' <<<"$LAYER2")
	added c
	drawn
	assert_eq "$out" \
"host  forwarding: IPv4 on, IPv6 off
|- bridge fb0  10.1.0.1/24
|  |- $(host_veth a) -- eth0 of a  10.1.0.2/24  network net
|  \`- $(host_veth b) -- eth0 of b  10.1.0.3/24  network net
|- bridge fb1
|  \`- $(host_veth c) -- eth0 of c  network flat
\`- masquerade, table inet footbridge
   \`- net  10.1.0.0/24  2 addresses -- nowhere: there is no default route"
}

@test "what is not as it should be shows" {
	added a b
	ip link set "$(host_veth a)" nomaster
	ip link set "$(host_veth b)" down
	ip link set fb0 down
	nft flush chain inet footbridge postrouting
	drawn
	assert_in "$out" "bridge fb0  10.1.0.1/24  DOWN" "network net  DOWN" \
		"|- of no bridge" "network net  detached" "its rule is missing: footbridge restore"
}

@test "a port that is no container's" {
	module ifb
	ip link add other type ifb 2>/dev/null || skip "no ifb in this kernel"
	added a
	ip link set other master fb0
	drawn
	assert_in "$out" "bridge fb0" "other, a ifb"
	drawn --dot
	dot -Tplain <<<"$out" >/dev/null || fail "dot does not take it"
}

@test "for Graphviz" {
	local plain

	CONF=$DUAL
	added a
	add a net1
	assert_ok
	added b
	drawn --dot
	plain=$(dot -Tplain <<<"$out") || fail "dot does not take it"
	# bridge, 3 host ends, 3 container ends, 2 sets, the outside
	assert_eq "$(grep -c ^node <<<"$plain")" 10 nodes
	# 3 ports, 3 cables, the bridge to 2 sets, these to the outside
	assert_eq "$(grep -c ^edge <<<"$plain")" 10 edges
	assert_eq "$(grep -c 'subgraph cluster' <<<"$out")" 3 "clusters: the host, a, b"
	assert_in "$out" 'label="net1\n10.1.0.3/24,fd00:1::3/64"'
}

@test "for Graphviz, containers of others that have neither name nor path" {
	local name

	ip link add other type bridge
	for name in a b; do
		pod "$name"
		sleep 60 9<"/run/netns/$name" 3>&- &
		background "$!"
		ip link add "v$name" type veth peer name eth0 netns "$name"
		ip link set "v$name" master other
	done
	ip link add va1 type veth peer name eth1 netns a
	ip link set va1 master other
	for name in a b; do
		umount -l "/run/netns/$name" # a descriptor keeps it
		rm "/run/netns/$name"
	done
	footbridge graph --dot # a kernel may not tell of their addresses: then it says so
	! answers_for_others || assert_eq "$status$err" 0
	assert_eq "$(grep -c 'subgraph cluster' <<<"$out")" 3 "clusters: the host, a, b"
	assert_eq "$(grep -c "somebody else's container" <<<"$out")" 2
	assert_eq "$(dot -Tplain <<<"$out" | grep -c ^node)" 7 "nodes: the bridge, 3 host ends, 3 container ends"
}

@test "for Graphviz, a container that died without a DEL: no cable leads to it" {
	local veth

	needs_marks
	added a b
	veth=$(host_veth a)
	pod_gone a
	eventually refute test -e "/proc/sys/net/ipv4/conf/$veth"
	drawn --dot
	dot -Tplain <<<"$out" >/dev/null || fail "dot does not take it"
	assert_eq "$(grep -c 'link.* -- end' <<<"$out")" 1 cables
}

# bats test_tags=quick
@test "what is a port of a bond, which is none of a bridge, is not drawn" {
	module bonding
	ip link add bond0 type bond 2>/dev/null || skip "no bonds in this kernel"
	ip link add slave0 type veth peer name other0
	ip link set slave0 master bond0
	added a
	drawn --dot
	dot -Tplain <<<"$out" >/dev/null || fail "dot does not take it"
	[[ $out != *slave0* && $out != *"link$(ip -j link show bond0 | jq ".[0].ifindex")"* ]] || fail "drawn: $out"
}

@test "a label that would end a string does not" {
	# nothing tells whose it is, so it is drawn as it is called now
	CONF=$(conf '.ipMasq = false')
	added a
	in_pod a ip link set eth0 down
	in_pod a ip link set eth0 name 'e"th\0'
	rm "$STORE/net/10.1.0.2"
	ip link set "$(ip -j link | jq -r '.[] | select(.ifalias // "" | startswith("footbridge:")).ifname')" alias ""
	drawn --dot
	dot -Tplain <<<"$out" >/dev/null || fail "dot does not take it"
	assert_in "$out" 'e\"th\\0'
}

@test "called wrongly" {
	footbridge graph --svg
	assert_eq "$status" 2 "exit status"
	footbridge graph cni0
	assert_eq "$status" 2 "exit status"
	assert_in "$err" "usage: footbridge graph"
}

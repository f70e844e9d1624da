#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two nodes with a link between them, each with a part of the cluster's addresses:
# conf-examples/multinode.conflist, and what flannel hands on to bridge.
#
# A node is a box in the box, with links, leases and named namespaces of its own.  The
# test's box is the wire between west, east and a host outside that knows no pods:
#
#   west 192.0.2.1 2001:db8:2::1 -+- east 192.0.2.2 2001:db8:2::2
#   pods 10.244.1.0/24            |  pods 10.244.2.0/24
#        fd00:244:0:1::/64        |       fd00:244:0:2::/64
#                                 +- outside 192.0.2.9 2001:db8:2::9

load helpers

EXAMPLE=$FOOTBRIDGE_TOP/conf-examples/multinode.conflist
FLANNEL=$FOOTBRIDGE_TOP/testdata/lists/flannel-delegated.conf
declare -gA NODE  # by node: the process that holds it
declare -gA PLACE # by pod: its node
declare -gA NUMBER=([west]=1 [east]=2)

# on NODE COMMAND...: run it there
on() {
	nsenter --mount --net --target "${NODE[$1]}" "${@:2}"
}

# a pod is on its node; other namespaces are in the test's box
in_pod() {
	if [[ -n ${PLACE[$1]-} ]]; then
		on "${PLACE[$1]}" ip netns exec "$@"
	else
		nsenter --net="/run/netns/$1" "${@:2}"
	fi
}

# is_box PID: the box of this process is made
is_box() {
	[[ $(tr '\0' ' ' <"/proc/$1/cmdline") == "sleep "* ]]
}

# in_space_of_its_own PID
in_space_of_its_own() {
	[[ $(readlink "/proc/$1/ns/net") != "$(readlink /proc/self/ns/net)" ]]
}

# plug NUMBER PID: an interface eth0 on the wire for the namespace of this process
plug() {
	ip link add "port$1" master wire type veth peer name eth0 netns "$2"
	ip link set "port$1" up
	# its link-local address, too, is to be of use at once
	nsenter --net="/proc/$2/ns/net" sh -c "
		echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad
		ip addr add 192.0.2.$1/24 dev eth0
		ip addr add 2001:db8:2::$1/64 dev eth0 nodad
		ip link set eth0 up"
}

setup() {
	local node holder

	ip link add wire type bridge
	ip link set wire up
	for node in west east; do
		"$FOOTBRIDGE_TOP/tests/net/box" sleep 1000 3>&- &
		NODE[$node]=$!
		background $!
		eventually is_box $!
		plug "${NUMBER[$node]}" $!
	done
	pod outside
	nsenter --net=/run/netns/outside sleep 1000 3>&- &
	holder=$!
	background "$holder"
	eventually in_space_of_its_own "$holder"
	plug 9 "$holder"
	watch_sources outside
}

# for_node NODE: the configuration of west in $CONF, as that of this one
for_node() {
	sed "s,10\.244\.1\.,10.244.${NUMBER[$1]}.,; s,fd00:244:0:1:,fd00:244:0:${NUMBER[$1]}:," <<<"$CONF"
}

# cni VERB POD: the bridge is called on the pod's node
cni() {
	status=0
	out=$(for_node "${PLACE[$2]}" | on "${PLACE[$2]}" env "${SANITIZERS[@]}" CNI_COMMAND="$1" \
		CNI_CONTAINERID="$2" CNI_NETNS="/run/netns/$2" CNI_IFNAME=eth0 CNI_PATH="$FOOTBRIDGE_BIN" \
		"$FOOTBRIDGE_BIN/bridge" 2>"$BATS_TEST_TMPDIR/err") || status=$?
	err=$(<"$BATS_TEST_TMPDIR/err")
	assert_ok
}

# place POD NODE: a pod on this node, added to its network
place() {
	PLACE[$1]=$2
	on "$2" ip netns add "$1"
	cni ADD "$1"
}

# two_nodes: two pods on each
two_nodes() {
	place w1 west
	place w2 west
	place e1 east
	place e2 east
}

# sees_itself FROM TO FAMILY: the packets of a pod reach the other with the pod's own address
sees_itself() {
	pings "$1" "$(pod_ip "$2" "$3")"
	assert_eq "$(sources "$2")" "$(pod_ip "$1" "$3")" "source of $1 at $2"
}

# no_masquerade FAMILY...: between pods, of one node and of both
no_masquerade() {
	local family

	watch_sources e1
	watch_sources w2
	for family in "$@"; do
		sees_itself w1 w2 "$family"
		sees_itself w1 e1 "$family"
		sees_itself e2 w2 "$family"
	done
}

# nothing_left: all pods are deleted, and the nodes are as before
nothing_left() {
	local pod node

	for pod in w1 w2 e1 e2; do
		cni DEL "$pod"
		cni DEL "$pod"
	done
	for node in west east; do
		assert_eq "$(on "$node" ip -j link | jq -r '.[].ifname | select(startswith("veth"))')" "" \
			"host veths of $node"
		assert_eq "$(on "$node" find "$STORE" -name '*[.:]*' ! -name 'last_reserved_ip.*' ! -name '.*')" \
			"" "leases of $node"
		assert_eq "$(on "$node" nft -j list ruleset | jq -c '.nftables[].set? | select(.comment == null) |
			.elem? // empty | .[] | select(.elem?.comment?)')" "" "elements of $node"
	done
}

# the routes that a README's reader sets, or a routing daemon
plain_routes() {
	on west ip route add 10.244.2.0/24 via 192.0.2.2
	on west ip route add fd00:244:0:2::/64 via 2001:db8:2::2
	on east ip route add 10.244.1.0/24 via 192.0.2.1
	on east ip route add fd00:244:0:1::/64 via 2001:db8:2::1
}

@test "prefixes and routes: no masquerade between nodes, and with it to the outside" {
	CONF=$(jq -c '.plugins[0] + {cniVersion, name}' "$EXAMPLE")
	plain_routes
	two_nodes
	assert_eq "$(pod_ip w1) $(pod_ip e1)" "10.244.1.2 10.244.2.2"
	no_masquerade 4 6

	pings w1 192.0.2.9
	pings w1 2001:db8:2::9
	assert_eq "$(sources outside | xargs)" "192.0.2.1 2001:db8:2::1" "sources at the outside"
	pings e1 192.0.2.9
	pings e1 2001:db8:2::9
	assert_eq "$(sources outside | xargs)" "192.0.2.2 2001:db8:2::2" "sources at the outside"

	# a node is none of the pods; it reaches those of the other, and they reach it
	pings w1 192.0.2.2
	pings w1 2001:db8:2::2
	on west busybox ping -c 1 -W 1 "$(pod_ip e1)"
	on west busybox ping -c 1 -W 1 "$(pod_ip e1 6)"
	nothing_left
}

# flanneld does this by itself with --ip-masq
flannel_masquerade() {
	on "$1" nft -f - <<-'RULES'
		table ip flannel {
			chain postrouting {
				type nat hook postrouting priority srcnat;
				ip saddr 10.244.0.0/16 ip daddr != { 10.244.0.0/16, 224.0.0.0/4 } masquerade
			}
		}
	RULES
}

flannel_pods() {
	CONF=$(<"$FLANNEL")
	two_nodes
	assert_eq "$(pod_link e1 .mtu)" 1450
	assert_in "$(in_pod w1 ip route)" "default via 10.244.1.1" "10.244.0.0/16 via 10.244.1.1"
	no_masquerade 4
	flannel_masquerade west
	no_masquerade 4
	pings w1 192.0.2.9
	assert_eq "$(sources outside)" 192.0.2.1
}

@test "flannel's delegated configuration, with its backend host-gw" {
	on west ip route add 10.244.2.0/24 via 192.0.2.2
	on east ip route add 10.244.1.0/24 via 192.0.2.1
	flannel_pods
	nothing_left
}

# vxlan NODE OTHER: the device and the entries that flanneld makes for one other node
vxlan() {
	local other=10.244.${NUMBER[$2]}.0

	on "$1" ip link add flannel.1 address "02:00:00:00:00:0${NUMBER[$1]}" type vxlan id 1 \
		local "192.0.2.${NUMBER[$1]}" dev eth0 dstport 8472 nolearning
	on "$1" ip addr add "10.244.${NUMBER[$1]}.0/32" dev flannel.1
	on "$1" ip link set flannel.1 up
	on "$1" ip neigh add "$other" lladdr "02:00:00:00:00:0${NUMBER[$2]}" dev flannel.1 nud permanent
	on "$1" bridge fdb add "02:00:00:00:00:0${NUMBER[$2]}" dev flannel.1 dst "192.0.2.${NUMBER[$2]}"
	on "$1" ip route add "$other/24" via "$other" dev flannel.1 onlink
}

@test "flannel's delegated configuration, with its backend vxlan: packets of full size" {
	ip link add vxlan0 type vxlan id 9 dstport 8472 2>/dev/null || skip "no VXLAN in this kernel"
	ip link del vxlan0
	vxlan west east
	vxlan east west
	flannel_pods
	# 1450 with the headers of IPv4 and ICMP
	in_pod w1 busybox ping -c 1 -W 1 -s 1422 "$(pod_ip e1)"
	nothing_left
}

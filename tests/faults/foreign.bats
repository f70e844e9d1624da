#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What belongs to others is the same to the bit before and after each verb: their links,
# addresses, routes, rules, switches and tables, on the host and in any namespace.

load ../net/helpers

# namespaces: those that are looked at, "" being the host's
NAMESPACES=('' a b)

# everything NAMESPACE: all that can be read of it, but for clocks, and for what the kernel learns
# by itself: neighbours, and who listens to a group; and but for the number of a table of ours,
# which may be made anew. A kernel that filters no VLANs lists none.
everything() {
	${1:+in_pod "$1"} bash -c '
		{
			printf "%s\n" link addr "route show table all" rule maddr nexthop
			printf "%s\n" "neigh show nud permanent" "neigh show proxy" "netns list-id"
		} | ip -d -j -batch -
		printf "route show table all\nrule\n" | ip -6 -d -j -batch -
		printf "fdb\nmdb\nlink\nvlan\n" | bridge -d -force -batch - 2>/dev/null |
			grep -v -e " grp .* temp" -e "^router ports"
		tc -d -j qdisc
		nft -s -j list ruleset
		LC_ALL=C grep -rs "" /proc/sys/net --exclude=nf_conntrack_count --exclude="*secret*" || true' |
		LC_ALL=C sed -E 's/"[a-z_]+_timer":[0-9.]+,?//g
			s/("family": "(inet|bridge)", "name": "footbridge"), "handle": [0-9]+/\1/g'
}

look() {
	local namespace

	for namespace in "${NAMESPACES[@]}"; do
		echo "== ${namespace:-host}"
		everything "$namespace"
	done
	# a hint, and the name that a lease has before it is whole, are ours
	find /var/lib/cni /run/elsewhere \( -name "last_reserved_ip.*" -o -name .footbridge-new \) -o \
		! -type f -printf '%p %y %m %U %l\n' -o \
		-type f -printf '%p %m %U %T@ ' -exec sha256sum {} \;
	find /run/netns -printf '%p %y %i %m %U %l\n'
	cat /proc/self/mountinfo
}

# settled: duplicate address detection is over everywhere
settled() {
	local namespace

	for namespace in "${NAMESPACES[@]}"; do
		[[ ! $(${namespace:+in_pod "$namespace"} ip -6 addr show tentative) ]] || return 1
	done
}

remember() {
	eventually settled
	look >"$BATS_TEST_TMPDIR/before"
}

is_the_same() {
	look >"$BATS_TEST_TMPDIR/after"
	cmp -s "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
}

# same WORDS: eventually, for addresses become usable and names go a moment later
same() {
	local try

	for try in {1..10}; do
		! is_the_same || return 0
		sleep 0.1
	done
	sed -i -E 's/("[a-z_0-9]+":)/\n\1/g' "$BATS_TEST_TMPDIR"/{before,after}
	diff -U 2 "$BATS_TEST_TMPDIR"/{before,after} | head -n 60 >&2 || true
	fail "$1 changed what is not ours (looked $try times)"
}

# neighbours: others' notes of who is where, and of which way to take. Many are of addresses, and
# of the MAC, that a will have, but of other devices.
neighbours() {
	pod stranger
	ip netns set stranger 77
	ip link add lan0 master br-lan type veth peer name lan1
	# a machine on our bridge; it says nothing by itself
	ip link add vm0 master fb0 type veth peer name vm1
	echo 1 | tee /proc/sys/net/ipv6/conf/vm{0,1}/disable_ipv6 >/dev/null
	{
		printf 'link set vm%d up\n' 0 1
		printf 'neigh add 10.1.0.%d lladdr 02:00:00:00:00:09 dev eth0 nud permanent\n' {3..12}
		printf 'neigh add fd00:1::%x lladdr 02:00:00:00:00:09 dev eth0 nud permanent\n' {2..12}
		echo neigh add 10.1.0.250 lladdr 02:00:00:00:00:0a dev fb0 nud permanent
		echo neigh add proxy 10.1.0.3 dev eth0
		echo addr add 10.66.0.1/24 dev br-lan
		echo rule add from 10.1.0.0/24 table 77
		echo route add 10.1.0.3 dev eth0 table 77
		echo route add 198.18.0.0/15 via 192.0.2.2 table 77
		echo route add fd00:1::3 dev eth0 table 78
		echo nexthop add id 7 dev vm0
	} | ip -batch -
	ip -6 rule add from fd00:1::/64 table 78
	bridge -batch - <<-'END'
		fdb add 0a:58:0a:01:00:03 dev lan0 master static
		fdb add 02:00:00:00:00:0a dev vm0 master static
		mdb add dev fb0 port vm0 grp 239.1.1.1 permanent
	END
	tc -batch - <<-'END'
		qdisc add dev uplink root tbf rate 1mbit burst 10k latency 50ms
		qdisc add dev eth0 ingress
	END
}

# switches: as others have set them
switches() {
	echo 0 >/proc/sys/net/ipv4/conf/br-lan/forwarding
	echo 0 >/proc/sys/net/ipv6/conf/br-lan/forwarding
	echo 2 >/proc/sys/net/ipv4/conf/br-lan/rp_filter
	echo 1 >/proc/sys/net/ipv4/conf/eth0/proxy_arp
	echo 2 >/proc/sys/net/ipv6/conf/eth0/accept_ra
	echo 0 >/proc/sys/net/ipv6/conf/vm0/accept_dad
}

# strangers [COMMAND]: what belongs to others on this host, and b, whose container lives. Their
# tables are in front of ours; the command is done before there is anything else of theirs.
strangers() {
	nft -f - <<-'RULES'
		table ip nat {
			chain postrouting {
				type nat hook postrouting priority 100;
				ip saddr 10.1.0.3 masquerade comment "a/eth0"
			}
		}
		table inet footbridges {
			set n-net-10.1.0.0/24 { type ipv4_addr; elements = { 10.1.0.3 comment "a/eth0" }; }
		}
		table ip footbridge {
			set n-net-10.1.0.0/24 { type ipv4_addr; elements = { 10.1.0.3 comment "a/eth0" }; }
		}
	RULES
	pod b
	add b
	assert_ok
	"${@:-true}"
	ip link add eth0 type veth peer name uplink
	ip link set eth0 up
	ip addr add 192.0.2.1/24 dev eth0
	ip route add 203.0.113.0/24 via 192.0.2.2
	ip rule add from 192.0.2.0/24 table 77
	ip link add veth0badcafe00 type veth peer name stranger0
	ip link set veth0badcafe00 alias "footbridge of another: net/x/eth0"
	ip link add br-lan type bridge
	ip addr add 192.168.0.1/24 dev br-lan
	neighbours
	mkdir -p /run/elsewhere "$STORE/other"
	printf 'a\r\neth0' >/run/elsewhere/10.1.0.9
	# a note, and leases of a network of which nothing is known here, one of them torn
	echo printer >"$STORE/net/10.1.0.200"
	printf 'x\r\neth0' >"$STORE/other/10.1.0.3"
	: >"$STORE/other/10.1.0.4"
	pod a
	begun
	switches
}

# begun: what an attachment shares with others is there from now on
begun() {
	add a
	assert_ok
	del a
	assert_ok
}

# ends VERB CODE...: it ends with one of these (0 = success)
ends() {
	local verb=$1 code

	case $verb in
	gc) gc '[{"containerID": "b", "ifname": "eth0"}]' ;;
	status) status ;;
	*) "$verb" a ;;
	esac
	[[ $(documents) -eq 1 || ($status -eq 0 && -z $out && $verb != add) ]] || fail "stdout of $verb"
	code=0
	[[ $status -eq 0 ]] || code=$(result .code)
	[[ " ${*:2} " == *" $code "* ]] || fail "$verb ended with $code"
}

# told POD: CHECK of a is told what POD was given
told() {
	cp "$(kept "$1" eth0)" "$(kept a eth0)"
}

# lived: ADD, CHECK, GC, STATUS and DEL of a, and then a GC of nothing that is valid while b lives
lived() {
	add a
	assert_ok
	check a
	assert_ok
	gc '[{"containerID": "b", "ifname": "eth0"}, {"containerID": "a", "ifname": "eth0"}]'
	assert_ok
	status
	assert_ok
	del a
	assert_ok
	gc '[]'
	assert_ok
	same "ADD, CHECK, GC, STATUS, DEL or GC of nothing"
}

# begins FILTER: from now on the network of a is that of b but for this
begins() {
	CONF=$(jq -c "$1" <<<"$SINGLE")
	begun
	remember
}

@test "a whole life of a container, with strangers around" {
	strangers
	remember
	lived
}

@test "whole lives in other networks, with strangers around" {
	CNI_PATH=$BATS_TEST_TMPDIR
	cat >"$CNI_PATH/probe" <<-'END'
		#!/bin/bash
		cat >/dev/null
		[ "$CNI_COMMAND" != ADD ] || echo '{"cniVersion": "1.1.0",
			"ips": [{"address": "10.1.0.5/24", "gateway": "10.1.0.1"}]}'
	END
	chmod 755 "$CNI_PATH/probe"
	strangers
	begins '.ipam = {type: "probe"}'
	lived
	begins '. + {macspoofchk: true, hairpinMode: true, portIsolation: true}'
	lived
	[[ $(nft list table bridge footbridge) ]] || fail "there is no guard"
	begins ".ipam = $(jq -c .ipam <<<"$DUAL")"
	lived
	begins '. + {isDefaultGateway: true, forceAddress: true, promiscMode: true}'
	# this alone is in its way: the other bridge has the same
	ip addr del 10.1.0.1/24 dev fb0
	ip addr add 10.66.0.1/24 dev fb0
	lived
}

# --- the tool

# CONFIG: the file of the network that the tool is told
CONFIG=$BATS_TEST_TMPDIR/net.conf

# guarded: the network has two families and guards, and CONFIG has it
guarded() {
	CONF=$(jq -c '.macspoofchk = true' <<<"$DUAL")
	echo "$CONF" >"$CONFIG"
}

# mends WORD... -- ARGUMENT...: the tool succeeds, and tells all of these
mends() {
	local words=()

	while [[ $1 != -- ]]; do
		words+=("$1")
		shift
	done
	footbridge "${@:2}"
	[[ $status -eq 0 ]] || fail "footbridge ${*:2}"
	assert_in "$out" "${words[@]}"
}

# lost: what a firewall reload takes from us
lost() {
	nft 'delete table inet footbridge; delete table bridge footbridge'
}

# restored: all of it is back, in the order in which this makes it
restored() {
	lost
	mends 'net b/eth0: restored' -- restore
}

# died POD: its container is gone without a DEL
died() {
	local veth

	added "$1"
	veth=$(host_veth "$1")
	pod_gone "$1"
	eventually gone "$veth"
}

# gone DEVICE
gone() {
	[[ ! -e /proc/sys/net/ipv4/conf/$1 ]]
}

@test "the tool: restore puts back what is ours alone" {
	guarded
	strangers restored
	remember
	restored
	same "footbridge restore"
	mends 'in order' -- restore
	same "footbridge restore where all is in order"
}

@test "the tool: doctor --fix mends what is ours alone" {
	needs_marks
	guarded
	strangers restored
	remember
	died d
	lost
	footbridge doctor --conf "$CONFIG" --fix
	assert_in "$out" 'mended: net b/eth0: restored' 'mended: net: freed 2 dead leases'
	same "footbridge doctor --fix"
}

@test "the tool: gc takes what is ours alone" {
	needs_marks
	guarded
	strangers
	remember
	died d
	added e
	in_pod e ip link set eth0 netns $$ name pulled
	pod_gone e
	mends lease masquerade guard link -- gc --conf "$CONFIG"
	same "footbridge gc"
	mends 'nothing is dead' -- gc --conf "$CONFIG"
	same "footbridge gc where nothing is dead"
}

@test "the tool: netns delete takes the name that it is told alone" {
	strangers
	remember
	mends -- netns add d
	mends -- netns exec d ip link add eth0 type bridge
	mends -- netns delete d
	same "footbridge netns add, exec and delete"
	for name in ../elsewhere ../netns/b d; do
		footbridge netns delete "$name"
		[[ $status -eq 1 ]] || fail "netns delete $name"
	done
	same "footbridge netns delete of what is no name"
}

# --- the verbs where others' things are in the way

@test "our own namespace, by whatever path" {
	local path

	strangers
	touch /run/bound
	mount --bind /proc/self/ns/net /run/bound
	ip netns attach host $$
	told b
	remember
	for path in /proc/self/ns/net /proc/$$/ns/net /proc/thread-self/ns/net /run/bound /run/netns/host; do
		NETNS=$path ends add 8
		NETNS=$path ends check 8
		NETNS=$path ends del 0
	done
	same "ADD, CHECK or DEL"
}

@test "another container's namespace, as after a process ID was used again" {
	strangers
	told b
	remember
	NETNS=/run/netns/b ends add 101
	NETNS=/run/netns/b ends check 103
	NETNS=/run/netns/b ends del 0
	same "ADD, CHECK or DEL"
}

# stands KIND: such an eth0 stands in a
stands() {
	case $1 in
	macvlan) ip link add link uplink name m0 netns a type macvlan && in_pod a ip link set m0 name eth0 ;;
	veth) ip link add vethforeign type veth peer name eth0 netns a ;;
	port) ip link add vethforeign master fb0 type veth peer name eth0 netns a ;;
	inside) in_pod a ip link add eth0 type veth peer name eth1 ;;
	bridge | ifb) in_pod a ip link add eth0 type "$1" ;;
	tun | tap) in_pod a ip tuntap add eth0 mode "$1" ;;
	esac
	in_pod a ip addr add 10.1.0.3/24 dev eth0
	in_pod a ip link set eth0 up
}

@test "an eth0 of another kind, or of others, in the container" {
	local kind tun=

	# not where this machine may be a container itself
	[[ ! -c /dev/net/tun ]] || tun=yes

	strangers
	told b
	for kind in macvlan veth port inside bridge ifb ${tun:+tun tap}; do
		stands "$kind"
		remember
		ends add 101
		ends check 103
		ends del 0
		ends gc 0
		ends status 0
		same "a verb beside a $kind"
		in_pod a ip link del eth0
	done
}

@test "a store whose lock, leases or hint are links to elsewhere" {
	local code

	strangers
	told b
	ln -s /run/elsewhere/10.1.0.9 "$STORE/net/10.1.0.3"
	ln -sf /run/elsewhere/10.1.0.9 "$STORE/net/last_reserved_ip.0"
	ln -s /run/elsewhere/new "$STORE/net/.footbridge-new"
	remember
	ends del 0
	ends gc 0
	ends status 0
	same "a verb where a lease is a link"
	# the address of such a lease is somebody's, and given to nobody
	add a
	assert_ok
	assert_eq "$(pod_ip a)" 10.1.0.4
	ends del 0
	[[ ! -L $STORE/net/last_reserved_ip.0 ]] || fail "the hint is still a link"
	same "ADD and DEL where a lease is a link"
	rm "$STORE/net/lock"
	ln -s /run/elsewhere/10.1.0.9 "$STORE/net/lock"
	remember
	for code in 'add 5' 'del 5' 'gc 5' 'status 50'; do
		# shellcheck disable=SC2086 # a verb and its code
		ends $code
	done
	same "a verb where the lock is a link"
}

@test "a store that is a link to elsewhere" {
	local code

	strangers
	mv "$STORE/net" /run/elsewhere/net
	ln -s /run/elsewhere/net "$STORE/net"
	remember
	for code in 'add 5' 'del 5' 'gc 5' 'status 50'; do
		# shellcheck disable=SC2086 # a verb and its code
		ends $code
	done
	same "a verb where the store is a link"
}

# misled NAME WHERE: the file or folder NAME below /run/footbridge is a link from now on
misled() {
	rm -rf "/run/footbridge/$1"
	ln -s "$2" "/run/footbridge/$1"
}

@test "an index and a record that are links to elsewhere" {
	local index

	strangers
	mkdir /run/elsewhere/folder
	touch /run/elsewhere/folder/{b,c}!eth0
	index=leases/$(ls /run/footbridge/leases)
	remember
	for link in "$index" "$index.new" networks/net; do
		misled "$link" /run/elsewhere/folder
		# so that the index is made anew
		touch "$STORE/net"
		add a
		assert_ok
		ends gc 0
		ends del 0
		misled "$link" /run/elsewhere/none
		touch "$STORE/net"
		add a
		assert_ok
		ends del 0
	done
	same "ADD, GC or DEL where $link is a link"
	[[ -d /run/footbridge/$index && ! -L /run/footbridge/$index && ! -e /run/elsewhere/none ]] ||
		fail "what the index is"
}

# assigned NAMESPACE DEVICE: who has chosen its MAC; 3, NET_ADDR_SET, is somebody on purpose
assigned() {
	nsenter --net="$1" unshare -m sh -c 'mount -t sysfs sysfs /sys && cat "/sys/class/net/$1/addr_assign_type"' - "$2"
}

# systemd-udevd gives a device that chance has given a MAC another one (MACAddressPolicy=
# in systemd.link(5)), behind our back: the result would be wrong, and the bridge's neighbours.
@test "udev has no reason to change a MAC: each was set on purpose" {
	# shellcheck disable=SC2034 # what helpers.bash calls with
	CONF=$DUAL
	pod a
	add a
	assert_ok
	assert_eq "$(assigned /proc/self/ns/net fb0)" 3 "the bridge"
	assert_eq "$(assigned /proc/self/ns/net "$(host_veth a)")" 3 "the host's end"
	assert_eq "$(assigned /run/netns/a eth0)" 3 "the container's end"
	assert_eq "$(jq -c '[.interfaces[].mac]' <<<"$out")" \
		"$({ ip -j link show dev fb0; ip -j link show dev "$(host_veth a)"; ip -n a -j link show dev eth0; } |
			jq -sc '[.[][].address]')" "in the result"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `footbridge list`: every attachment on the host and what has become of it.

load helpers

# listed: `footbridge list --json` into $out
listed() {
	footbridge list --json "$@"
	[[ $status -eq 0 && -z $err ]] || fail "list said: $err"
	assert_eq "$(documents)" 1 documents
}

# one CONTAINER JQ: jq -r on its attachment
one() {
	result ".[] | select(.container == \"$1\") | $2"
}

@test "a host without anything has nothing to list" {
	listed
	assert_eq "$out" '[]'
	footbridge list
	assert_eq "$(wc -l <<<"$out")" 1 "lines"
}

@test "a living attachment, from both ends" {
	local veth inode

	CONF=$DUAL
	added a b
	listed
	assert_eq "$(result length)" 2 attachments
	veth=$(host_veth a)
	inode=$(stat -L -c %i /run/netns/a)
	assert_eq "$(one a .network)" net
	assert_eq "$(one a .interface)" eth0
	assert_eq "$(one a .state)" live
	assert_eq "$(one a .host)" "$veth"
	assert_eq "$(one a .hostIndex)" "$(link .ifindex "$veth")"
	assert_eq "$(one a .bridge)" fb0
	assert_eq "$(one a .peer.index)" "$(pod_link a .ifindex)"
	assert_eq "$(one a .peer.name)" eth0
	assert_eq "$(one a .peer.nsid)" "$(link .link_netnsid "$veth")"
	assert_eq "$(one a .peer.netns)" /run/netns/a
	assert_eq "$(one a .peer.inode)" "$inode"
	assert_eq "$(one a '.addresses | map(.address) | join(" ")')" "10.1.0.2/24 fd00:1::2/64"
	assert_eq "$(one a '[.addresses[] | .inside, .leased, .masqueraded] | unique | tojson')" '[true]'
	assert_eq "$(one b '.addresses[0].address')" 10.1.0.3/24
}

@test "as a table for people" {
	added a
	footbridge list
	assert_eq "$status" 0 "exit status"
	assert_eq "$(head -1 <<<"$out" | tr -s ' ')" \
		"NETWORK CONTAINER INTERFACE ADDRESSES HOST PEER BRIDGE MASQ STATE"
	assert_eq "$(tail -1 <<<"$out" | tr -s ' ')" \
		"net a eth0 10.1.0.2/24 $(host_veth a) $(pod_link a .ifindex)@a fb0 yes live"
}

@test "addresses are in their order, also of the dead; what is cut has a sign" {
	local i veth

	CONF=$DUAL
	added a b
	veth=$(host_veth b)
	pod_gone b
	eventually refute ip link show "$veth" 2>/dev/null
	footbridge list
	assert_in "$(tr -s ' ' <<<"$out")" "net b eth0 10.1.0.3,fd00:1::3 "
	for i in {100..140}; do
		ip -n a addr add "fd00:1111:2222:3333:4444:5555:6666:$i/64" dev eth0 nodad
	done
	footbridge list
	assert_in "$out" '10.1.0.2/24,fd00:1::2/64,fd00:1111:2222:3333:4444:5555:6666:100/64,' '/64,...  '
	footbridge peer "$(host_veth a)"
	assert_in "$out" '/64,...'
	listed
	assert_eq "$(one a '.addresses | length')" 43 addresses
}

@test "long IDs are cut for people, and whole where they are wanted so" {
	local id=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef

	pod cni-0a0b0c0d-0102-0304-0506
	ID=$id CONTAINER=$id add cni-0a0b0c0d-0102-0304-0506
	assert_ok
	footbridge list
	assert_in "$out" '  0123456789ab~  ' '@cni-0a0b0c0d~  '
	footbridge list --whole
	assert_in "$out" "  $id  " '@cni-0a0b0c0d-0102-0304-0506  '
	# so long that not even the alias has all of it: the lease tells
	id=$id.$id.$id
	CONTAINER=$id add cni-0a0b0c0d-0102-0304-0506 net1
	assert_ok
	listed
	assert_eq "$(one "$id" .state)" live
}

@test "one network of several" {
	added a
	CONF=$(conf '.name = "other" | .ipam.ranges = [[{"subnet": "10.2.0.0/24"}]] | .bridge = "fb1"')
	added b
	listed --network other
	assert_eq "$(result 'map(.container) | join(" ")')" b
	footbridge list --network net
	assert_in "$out" ' a '
	[[ $out != *other* ]] || fail "other networks are listed, too"
	listed --network none
	assert_eq "$out" '[]'
}

@test "two networks of one container, and one without addresses" {
	added a
	CONF=$(jq -c '.name = "flat" | .bridge = "fb1"' <<<"$LAYER2")
	add a net1
	assert_ok
	listed
	assert_eq "$(result 'map("\(.network) \(.interface) \(.state) \(.addresses | length)") | join(", ")')" \
		"flat net1 live 0, net eth0 live 1"
}

@test "masqueraded or not" {
	added a
	listed
	assert_eq "$(one a '.addresses[0].masqueraded')" true
	nft flush chain inet footbridge postrouting
	listed
	assert_eq "$(one a '.addresses[0].masqueraded')" false "with the element, but without the rule"
	footbridge restore
	nft delete element inet footbridge n-net-10.1.0.0/24 '{ 10.1.0.2 }'
	footbridge list
	assert_in "$out" ' no '
	nft flush ruleset
	listed
	assert_eq "$(one a '.addresses[0].masqueraded, .state' | xargs)" "false live"
}

@test "a dead lease" {
	needs_marks
	added a b
	pod_gone a
	eventually gone_from_host "$(footbridge list --json; one a .host)"
	listed
	assert_eq "$(one a .state)" "dead lease"
	assert_in "$(one a .reason)" "veth is gone"
	assert_eq "$(one a '.addresses[0] | "\(.address) \(.leased) \(.inside)"')" "10.1.0.2 true false"
	assert_eq "$(one b .state)" live
	: >"$STORE/net/10.1.0.77"
	listed
	assert_eq "$(one '' '"\(.state), \(.reason) \(.addresses[0].address)"')" \
		"dead lease, the lease is torn 10.1.0.77"
	# looking changes nothing
	[[ -e $STORE/net/10.1.0.2 && -e $STORE/net/10.1.0.77 ]] || fail "a lease is gone"
}

gone_from_host() {
	! ip link show "$1" >/dev/null 2>&1
}

@test "looking leaves no mark and takes no lock" {
	mkdir -p "$STORE/net"
	printf 'someone\r\neth0' >"$STORE/net/10.1.0.9"
	listed
	assert_eq "$(one someone .state)" foreign
	refute python3 -c 'import os, sys; os.getxattr(sys.argv[1], "trusted.footbridge")' "$STORE/net/10.1.0.9" 2>/dev/null
	assert_eq "$(find "$STORE" -type f)" "$STORE/net/10.1.0.9" "files in the store"
	added a
	# for longer than we wait for a lock
	flock -F "$STORE/net/lock" sleep 60 3>&- &
	background $!
	eventually refute flock -n "$STORE/net/lock" true
	listed
	assert_quick 1000 "it waited"
	assert_eq "$(one a .state)" live
}

@test "links that are pulled out of their container, or off their bridge" {
	added a b
	# moved to a name of its own, the container's end now lives on the host
	in_pod a ip link set eth0 netns $$ name pulled
	ip link set "$(host_veth b)" nomaster
	listed
	assert_eq "$(one a '"\(.state), \(.reason)"')" \
		"orphan link, both its ends are in the host's namespace"
	# b lives: its end is in the container still
	assert_eq "$(one b '"\(.state), \(.reason)"')" "detached, it is no port of a bridge"
	footbridge list
	assert_in "$out" @host
	# with carrier it may be somebody's, as with CNI_NETNS_OVERRIDE
	ip link set pulled up
	listed
	assert_eq "$(one a .state)" live
}

@test "a set element of nobody" {
	added a
	nft add element inet footbridge n-net-10.1.0.0/24 '{ 10.1.0.99 comment "ghost/eth0" }'
	listed
	assert_eq "$(one ghost '"\(.network) \(.interface) \(.state) \(.addresses[0].address)"')" \
		"net eth0 stray element 10.1.0.99"
}

@test "what others made: a port with the Go plugin's lease, and one without" {
	added a
	ip link add other0 master fb0 up type veth peer name eth0 netns a 2>/dev/null ||
		ip link add other0 master fb0 up type veth peer name net9 netns a
	pod go
	ip link add vethgo master fb0 up type veth peer name eth0 netns go
	in_pod go ip addr add 10.1.0.50/24 dev eth0
	printf 'gocontainer\r\neth0' >"$STORE/net/10.1.0.50"
	listed
	assert_eq "$(one gocontainer '"\(.state) \(.network) \(.host) \(.peer.netns) \(.addresses[0].leased)"')" \
		"foreign net vethgo /run/netns/go true"
	assert_eq "$(result '.[] | select(.host == "other0") | "\(.state) \(.container) \(.interface)"')" \
		"foreign  net9"
}

@test "a store elsewhere is found by the network's record" {
	needs_marks
	CONF=$(conf '.ipam.dataDir = "/var/lib/cni/elsewhere"')
	added a
	listed
	assert_eq "$(one a '.addresses[0].leased')" true
	pod_gone a
	eventually dead a
}

dead() {
	footbridge list --json
	[[ $(one "$1" .state) == "dead lease" ]]
}

@test "a namespace without a name is told by a process in it" {
	local pid

	pod a
	nsenter --net=/run/netns/a sleep 60 3>&- &
	pid=$!
	background "$pid"
	add a
	assert_ok
	umount /run/netns/a
	rm /run/netns/a
	eventually ip link show "$(ip -j link | jq -r '.[] | select(.ifalias // "" | startswith("footbridge:")).ifname')"
	listed
	assert_eq "$(one a .state)" live
	assert_eq "$(one a .peer.netns)" "/proc/$pid/ns/net"
}

# as on a kernel that does not tell of the addresses in another namespace
listed_without() {
	timed "$FOOTBRIDGE_BIN/../faults/without" strict-check -- \
		"$FOOTBRIDGE_BIN/../footbridge" list --json
}

@test "the addresses inside are seen on a kernel without NETLINK_GET_STRICT_CHK" {
	CONF=$DUAL
	added a
	listed_without
	assert_ok
	assert_eq "$(one a '.addresses | map(.address) | join(" ")')" "10.1.0.2/24 fd00:1::2/64"
	assert_eq "$(one a '[.addresses[].inside] | unique | tojson')" '[true]'
}

@test "there, of a namespace that is nowhere to be found, the leases alone" {
	local veth

	pod a
	sleep 60 9</run/netns/a 3>&- &
	background "$!"
	add a
	assert_ok
	veth=$(host_veth a)
	umount -l /run/netns/a # a descriptor keeps it busy
	rm /run/netns/a
	listed_without
	assert_eq "$status" 1 "exit status"
	assert_in "$err" "$veth: the path of its network namespace is not to be found"
	assert_eq "$(one a .state)" live
	assert_eq "$(one a '.addresses | map(.address) | join(" ")')" 10.1.0.2
}

@test "a record that cannot be read is told of; the rest is listed" {
	added a
	echo '{' >/run/footbridge/networks/broken
	footbridge list --json
	assert_eq "$status" 1 "exit status"
	assert_in "$err" "broken: /run/footbridge/networks/broken: "
	assert_eq "$(one a .state)" live
}

@test "a lease that may not be read is told of; the rest is listed" {
	local caps=-dac_override,-dac_read_search

	added a b
	chown nobody "$STORE/net/10.1.0.2"
	timed setpriv --bounding-set "$caps" --inh-caps "$caps" "$FOOTBRIDGE_BIN/../footbridge" list --json
	assert_eq "$status" 1 "exit status"
	assert_eq "$err" "footbridge list: net: 1 lease in $STORE/net cannot be read (CAP_DAC_OVERRIDE is needed)"
	assert_eq "$(one b '.addresses[0].leased')" true
}

@test "called wrongly" {
	footbridge list --nonsense
	assert_eq "$status" 2 "exit status"
	assert_in "$err" --nonsense "usage: footbridge list"
	footbridge list everything
	assert_eq "$status" 2 "exit status"
	footbridge list --network
	assert_eq "$status" 2 "exit status"
}

@test "after a reboot: leases of before are dead, those without a mark may be anybody's" {
	local i

	needs_marks
	for i in {1..5}; do
		call ADD host-local "old$i" <<<"$CONF"
		assert_ok
	done
	cat /proc/sys/kernel/random/uuid >"$BATS_TEST_TMPDIR/boot_id"
	mount --bind "$BATS_TEST_TMPDIR/boot_id" /proc/sys/kernel/random/boot_id
	added a
	for i in {100..199}; do
		printf 'c%s\r\neth0' "$i" >"$STORE/net/10.1.0.$i"
	done
	listed
	assert_eq "$(result 'map(.state) | group_by(.) | map("\(.[0]) \(length)") | join(", ")')" \
		"dead lease 5, foreign 100, live 1"
	assert_in "$(one old1 .reason)" "earlier boot"
	assert_quick 1000
}

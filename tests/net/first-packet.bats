#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The first packet after ADD gets through: no second of silence, ever.

load helpers

# ms; five times that in an emulated machine, which is still half of the 1 s that the
# kernel's link watch or a lost neighbour solicitation would take
LIMIT=$((${PATIENCE-20} > 20 ? 500 : 100))

# answered CMD...: it succeeds; sets took (timed is what the calls themselves are made with)
answered() {
	local start=$EPOCHREALTIME end

	"$@" || fail "no answer: $*"
	end=$EPOCHREALTIME
	took=$(((${end/[.,]/} - ${start/[.,]/}) / 1000))
}

# at_once CMD...: it succeeds within LIMIT, or, where the machine is slow, within LIMIT
# more than it takes the next time, when there is nothing left to be waited for
at_once() {
	local first

	answered "$@"
	first=$took
	if ((first >= LIMIT)); then
		answered "$@"
		((first < LIMIT + 2 * took)) || fail "answered after $first ms, then $took ms: $*"
	fi
}

host_pings() {
	busybox ping -c 1 -W 1 "$1" >/dev/null
}

@test "50 containers in a row: the gateway answers each at once" {
	local i

	for i in {1..50}; do
		pod "p$i"
		add "p$i"
		at_once pings "p$i" 10.1.0.1
	done
}

@test "50 containers in a row, IPv6" {
	local i

	CONF=$DUAL
	for i in {1..50}; do
		pod "p$i"
		add "p$i"
		at_once pings "p$i" fd00:1::1
	done
}

@test "20 containers in a row: each answers the host and an older pod at once" {
	local i

	CONF=$DUAL
	pod old
	add old
	for i in {3..22}; do
		pod "p$i"
		add "p$i"
		at_once host_pings "10.1.0.$i"
		at_once pings old "10.1.0.$i"
		at_once host_pings "$(printf 'fd00:1::%x' "$i")"
		at_once pings old "$(printf 'fd00:1::%x' "$i")"
	done
}

@test "20 containers in a row to the outside, masqueraded" {
	local i

	CONF=$DUAL
	outside
	pings outside 198.51.100.1
	pings outside 2001:db8:51::1
	for i in {1..20}; do
		pod "p$i"
		add "p$i"
		at_once pings "p$i" 198.51.100.2
		at_once pings "p$i" 2001:db8:51::2
	done
}

# ping_always ADDRESS: the host goes on pinging it; a failed look-up is remembered, too
ping_always() {
	while :; do
		busybox ping -c 1 -W 1 "$1" >/dev/null 2>&1 || true
		sleep 0.01
	done 3>&- 4>&- &
	background $!
}

@test "an address that is used again is reachable at once, with the host pinging meanwhile" {
	local i

	CONF=$(jq -c '.ipam.ranges[0][0] += {rangeStart: "10.1.0.2", rangeEnd: "10.1.0.2"} |
		.ipam.ranges[1][0] += {rangeStart: "fd00:1::2", rangeEnd: "fd00:1::2"}' <<<"$DUAL")
	pod p0
	add p0
	ping_always 10.1.0.2
	ping_always fd00:1::2
	for i in {1..10}; do
		pod "p$i"
		del "p$((i - 1))"
		add "p$i"
		assert_ok
		at_once pings "p$i" 10.1.0.1
		at_once host_pings 10.1.0.2
		at_once pings "p$i" fd00:1::1
		at_once host_pings fd00:1::2
	done
}

# renew POD N: add it with the MAC number N
renew() {
	pod "$1"
	CNI_ARGS=MAC=02:00:5e:00:53:0$2 add "$1"
	assert_ok
}

# bats test_tags=quick
@test "an address that is used again with another MAC is reachable at once" {
	local i

	CONF=$(conf '.ipam.ranges[0][0] += {rangeStart: "10.1.0.2", rangeEnd: "10.1.0.3"}')
	pod old
	add old
	renew p0 0
	at_once pings old 10.1.0.3
	ping_always 10.1.0.3
	for i in {1..5}; do
		del "p$((i - 1))"
		renew "p$i" "$i"
		at_once host_pings 10.1.0.3
		at_once pings old 10.1.0.3
	done
}

# bats test_tags=quick
@test "an IPv6 address that is used again with another MAC is reachable at once" {
	local i

	CONF=$(conf '.ipam.ranges = [[{subnet: "fd00:1::/64", rangeStart: "fd00:1::2", rangeEnd: "fd00:1::3"}]] |
		.ipam.routes = []')
	pod old
	add old
	renew p0 0
	at_once pings old fd00:1::3
	ping_always fd00:1::3
	for i in {1..5}; do
		del "p$((i - 1))"
		renew "p$i" "$i"
		at_once host_pings fd00:1::3
		at_once pings old fd00:1::3
	done
}

# bats test_tags=quick
@test "the outside reaches the first pod of a new bridge at once" {
	CONF=$(jq -c '.ipMasq = false' <<<"$DUAL")
	outside
	ip -n outside route add 10.1.0.0/24 via 198.51.100.1
	ip -n outside -6 route add fd00:1::/64 via 2001:db8:51::1
	pod a
	add a
	at_once pings outside 10.1.0.2
	at_once pings outside fd00:1::2
}

@test "a bridge with spanning tree forwards when its delay is over: ADD does not wait" {
	ip link add fb0 type bridge stp_state 1 forward_delay 200
	ip link set fb0 up
	added a
	assert_in "$(bridge link show dev "$(host_veth a)")" "state listening"
	for _ in {1..9}; do
		! pings a 10.1.0.1 || return 0
	done
	fail "no answer for 9 s"
}

@test "30 times the first container of a bridge without ports: the gateway answers" {
	local i

	pod a
	for i in {1..30}; do
		add a
		# the kernel asks for the gateway's MAC again after a second: that is too late
		pings a 10.1.0.1 || fail "no answer in time $i"
		del a
		assert_ok
	done
}

@test "10 times the first container of a new bridge: its gateways answer at once" {
	CONF=$DUAL
	pod a
	for _ in {1..10}; do
		add a
		assert_ok
		at_once pings a fd00:1::1
		at_once pings a 10.1.0.1
		del a
		ip link del fb0
	done
}

@test "an address that failed while nobody had it is reachable at once" {
	CONF=$DUAL
	pod old a
	add old
	refute host_pings 10.1.0.3
	refute host_pings fd00:1::3
	add a
	at_once host_pings 10.1.0.3
	at_once host_pings fd00:1::3
}

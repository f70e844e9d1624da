#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Many calls at once.

# bats file_tags=long

load helpers

# in_background FILE CMD...: run it beside the test; FILE gets the call's exit status, ms, stdout
in_background() {
	(
		"${@:2}"
		echo "$status $took $out" >"$BATS_TEST_TMPDIR/$1"
	) 3>&- &
}

# all_ended [PID]: every background process has ended but this one
all_ended() {
	local job

	for job in $(jobs -p); do
		[[ $job == "${1-}" ]] || wait "$job" || true
	done
}

# outcome FILE: the exit status of a call that ran in the background
outcome() {
	cut -d' ' -f1 "$BATS_TEST_TMPDIR/$1" | head -n1
}

# answer FILE: what a call that ran in the background said, in $status, $took and $out
answer() {
	read -r status took out <<<"$(tr '\n' ' ' <"$BATS_TEST_TMPDIR/$1")"
}

# many N: the names of N pods
many() {
	seq -f 'p%g' "$1"
}

# all_done VERB N: every one of N calls ended with 0
all_done() {
	local name

	for name in $(many "$2"); do
		assert_eq "$(outcome "$1.$name")" 0 "$1 of $name: $(<"$BATS_TEST_TMPDIR/$1.$name")"
	done
}

# all_at_once VERB N: one call for each of N pods
all_at_once() {
	local name

	for name in $(many "$2"); do
		in_background "$1.$name" "$1" "$name"
	done
	all_ended "${MONITOR-}"
	all_done "$1" "$2"
}

@test "50 simultaneous first ADDs on a fresh host, then 50 DELs" {
	local n=50 name macs
	CONF=$DUAL
	# shellcheck disable=SC2046 # a list of names
	pod $(many "$n")
	ip monitor link >"$BATS_TEST_TMPDIR/monitor" 3>&- &
	MONITOR=$!
	background "$MONITOR"
	snapshot
	all_at_once add "$n"

	assert_eq "$(leases | grep -c :)" "$n" "IPv6 leases"
	assert_eq "$(leases | grep -vc :)" "$n" "IPv4 leases"
	assert_eq "$(for name in $(many "$n"); do pod_ip "$name"; done | sort | uniq -d)" "" \
		"an address of two containers"
	assert_eq "$(nft -j list set inet footbridge n-net-10.1.0.0/24 |
		jq '[.nftables[].set? // empty | .elem | length] | add')" "$n" "elements"
	assert_eq "$(nft -j list chain inet footbridge postrouting |
		jq '[.nftables[].rule? // empty] | length')" 2 "rules"
	assert_eq "$(ip -j addr show fb0 | jq -c '[.[0].addr_info[] | select(.scope == "global").local]')" \
		'["10.1.0.1","fd00:1::1"]' "addresses of the bridge"
	for name in p1 p25 p50; do
		check "$name"
		assert_ok
		pings "$name" 10.1.0.1
	done
	pings p1 "$(pod_ip p50)"
	pings p50 "$(pod_ip p1 6)"

	all_at_once del "$n"
	for name in p1 p25 p50; do
		refute_anything_left "$name"
	done
	assert_eq "$(leases)" ""
	assert_eq "$(ip -j link show type veth | jq length)" 0 "veths"
	refute_lists comment nft list table inet footbridge

	macs=$(grep -A1 ' fb0: ' "$BATS_TEST_TMPDIR/monitor" | grep -o 'link/ether [0-9a-f:]*' | sort -u)
	assert_eq "$(wc -l <<<"$macs")" 1 "how many MACs the bridge ever had"
	assert_eq "$macs" "link/ether $(link .address fb0)"
}

@test "ADD of one attachment twice at once: exactly one wins, and its network is whole" {
	local round
	CONF=$DUAL
	pod a
	for round in {1..12}; do
		in_background one add a
		in_background two add a
		wait
		assert_eq "$(($(outcome one) + $(outcome two)))" 1 \
			"exit statuses $(<"$BATS_TEST_TMPDIR/one") and $(<"$BATS_TEST_TMPDIR/two")"
		assert_eq "$(leases | wc -l)" 2 "leases"
		check a
		assert_ok
		pings a 10.1.0.1
		del a
		refute_anything_left a
		assert_eq "$(leases)" ""
	done
}

@test "several interfaces of one container at once" {
	local i
	pod a
	for i in {0..9}; do
		in_background "if$i" add a "eth$i"
	done
	wait
	for i in {0..9}; do
		assert_eq "$(outcome "if$i")" 0 "eth$i: $(<"$BATS_TEST_TMPDIR/if$i")"
		check a "eth$i"
		assert_ok
	done
	assert_eq "$(leases | wc -l)" 10
}

@test "a DEL that meets an ADD of the same attachment: after one more DEL nothing is left" {
	local round
	CONF=$DUAL
	pod a
	for round in {1..16}; do
		in_background add add a
		sleep "0.0$((RANDOM % 30 + 10))"
		in_background del del a
		wait
		assert_eq "$(outcome del)" 0 "DEL: $(<"$BATS_TEST_TMPDIR/del")"
		if ((round % 2)); then del a; else NETNS='' del a; fi
		assert_ok
		eventually refute in_pod a ip link show eth0 2>/dev/null
		refute_anything_left a
		assert_eq "$(leases)" ""
	done
}

# slowed CALLS N [US] [NAME]: a folder of that name with a bridge that waits 500 ms, or that
# long, in front of the Nth of these system calls; "sendto,sendmsg" are its requests to the
# kernel.  WITH: of those with this path
slowed() {
	local dir=$BATS_TEST_TMPDIR/${4-slowed}

	mkdir -p "$dir"
	# LeakSanitizer cannot work while a process is traced
	printf '#!/bin/bash\nexec env ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" strace -f -qq -o %q %s -e trace=%s -e inject=%s:delay_enter=%s:when=%s %q "$@"\n' \
		"$dir/log" "${WITH+-P $WITH}" "$1" "$1" "${3-500000}" "$2" "$FOOTBRIDGE_BIN/bridge" >"$dir/bridge"
	chmod +x "$dir/bridge"
	echo "$dir"
}

# calls_made: how many of them the slowed bridge has made so far
calls_made() {
	wc -l <"$BATS_TEST_TMPDIR/slowed/log"
}

# waiting CALLS N CMD...: run it beside the test, to where it waits (DELAY, in microseconds);
# $late is its process
waiting() {
	rm -f "$BATS_TEST_TMPDIR/slowed/log"
	FOOTBRIDGE_BIN=$(slowed "$1" "$2" "${DELAY-500000}") in_background late "${@:3}"
	late=$!
	eventually test -e "$BATS_TEST_TMPDIR/slowed/log"
	while [[ $(calls_made) -lt $(($2 - 1)) ]] && kill -0 "$late" 2>/dev/null; do
		sleep 0.01
	done
}

# has_waited: did it come to that call at all?
has_waited() {
	grep -q DELAYED "$BATS_TEST_TMPDIR/slowed/log"
}

# b_is_unharmed: it comes and is whole while the late call waits, which ends well
b_is_unharmed() {
	add b
	assert_ok
	wait
	assert_eq "$(outcome late)" 0 "the late call"
	check b
	assert_ok
	del b
	assert_ok
}

@test "a DEL takes the interface while an ADD has a switch of it open: a device is what it lacks" {
	local call

	CONF=$DUAL
	pod a
	in_pod a sysctl -qw net.ipv6.conf.default.disable_ipv6=1 # so that it has to be written
	for call in read pwrite64; do
		WITH=/proc/sys/net/ipv6/conf/eth0/disable_ipv6 DELAY=3000000 waiting "$call" 1 add a
		eventually in_pod a ip link show eth0 >/dev/null 2>&1
		sleep 0.2
		NETNS='' del a
		assert_ok
		wait
		has_waited || fail "no $call"
		answer late
		assert_error 100 "kernel:" "No such device"
		refute_anything_left a
		assert_eq "$(leases)" ""
	done
}

# passing_by N TRY: a DEL while an ADD waits in front of its Nth request, longer with each
# try; $met is empty when the ADD went on before the DEL was over
passing_by() {
	met=
	DELAY=$((500000 * $2)) waiting sendto,sendmsg "$1" add a
	NETNS='' del a
	assert_ok
	[[ $(calls_made) -ge $1 ]] || met=yes
	wait
	has_waited || met=
}

@test "a DEL passes by at each request of an ADD: the ADD is whole, or has failed whole" {
	local n try met said failed=0
	CONF=$DUAL
	pod a
	for ((n = 1; ; n++)); do
		for try in {1..5}; do
			passing_by "$n" "$try"
			[[ ! $met ]] || break
			has_waited || break 2
			NETNS=/run/netns/a del a
		done
		[[ $met ]] || fail "request $n: the ADD always went on before the DEL was over (tried $try times)"
		answer late
		if [[ $status -eq 0 ]]; then
			check a
			assert_ok
		else
			failed=$((failed + 1))
			if [[ $(result .code) == 100 ]]; then
				assert_error 100 kernel:
			else
				assert_error 11
			fi
			said=$out
			refute_anything_left a
			assert_eq "$(leases)" ""
		fi
		del a
		assert_ok
		refute_anything_left a
	done
	[[ $failed -gt 2 ]] || fail "no DEL ever met the ADD"
	# on its way it stumbles, but at its end it has to look
	assert_in "$said" '"code": 11' "a DEL overtook this ADD"
}

@test "an ADD passes by at each request of a DEL without the namespace: it is whole, or all of it is gone" {
	local n whole=0
	pod a
	added z
	for ((n = 1; ; n++)); do
		NETNS='' waiting sendto,sendmsg "$n" del a
		add a
		wait
		assert_eq "$(outcome late)" 0 "the DEL"
		if [[ $status -eq 0 ]] && in_pod a ip link show eth0 >/dev/null 2>&1; then
			whole=$((whole + 1))
			check a
			assert_ok
		else
			refute_anything_left a
		fi
		del a
		assert_ok
		has_waited || break
	done
	[[ $n -gt 4 ]] || fail "only $n requests"
	[[ $whole -gt 0 ]] || fail "no ADD was whole"
}

@test "a DEL that could not have the lock, and an ADD that ends meanwhile: all of it is gone" {
	local n
	pod a b
	added z
	# an ADD's transaction is its last request but for none
	FOOTBRIDGE_BIN=$(slowed sendto,sendmsg 1 0) add b
	assert_ok
	n=$(grep -n 'nlmsg_len=20' "$BATS_TEST_TMPDIR/slowed/log" | tail -n 1 | cut -d : -f 1)
	# it waits for 12 s with the lock; the DEL gives up after 10, looks for masquerade, and
	# takes its time behind that
	FOOTBRIDGE_BIN=$(slowed sendto,sendmsg "$n" 12000000 slowed-add) in_background early add a
	sleep 0.5
	FOOTBRIDGE_BIN=$(slowed sendto,sendmsg 3 4000000 slowed-del) in_background late del a
	wait
	assert_eq "$(outcome early) $(outcome late)" "0 0" "ADD and DEL"
	grep -q DELAYED "$BATS_TEST_TMPDIR/slowed-add/log" || fail "the ADD was not delayed"
	grep -q DELAYED "$BATS_TEST_TMPDIR/slowed-del/log" || fail "the DEL was not delayed"
	refute_anything_left a
}

@test "a DEL waits at each of its reads and requests while another and the next container pass by" {
	local n calls
	CONF=$(conf '.ipam.order = "lowest"')
	pod b
	for calls in read sendto,sendmsg; do
		for ((n = 1; ; n++)); do
			added a
			pod_gone a
			NETNS='' waiting "$calls" "$n" del a
			NETNS='' del a
			assert_ok
			b_is_unharmed
			has_waited || break
		done
		[[ $n -gt 4 ]] || fail "only $n of $calls"
	done
}

@test "an ADD passes by at each request of a GC that does not list it: it is whole" {
	local n
	added a
	pod b
	for ((n = 1; ; n++)); do
		waiting sendto,sendmsg "$n" gc '[{"containerID": "a", "ifname": "eth0"}]'
		b_is_unharmed
		has_waited || break
	done
	[[ $n -gt 3 ]] || fail "only $n requests"
}

@test "so is one whose container's ID is longer than an owner's text" {
	local n
	CONF=$(conf 'del(.ipMasq)')
	added a
	pod b
	for ((n = 1; ; n++)); do
		waiting sendto,sendmsg "$n" gc '[{"containerID": "a", "ifname": "eth0"}]'
		CONTAINER=$(printf '%0130d' 1) b_is_unharmed
		has_waited || break
	done
	[[ $n -gt 1 ]] || fail "it never waited"
}

# comes GLOB: wait until there is such a file
comes() {
	timeout 20 bash -c 'until compgen -G "$1"; do sleep 0.05; done' - "$1" >/dev/null
}

# take_back gc|del: of a, which it does not know by its namespace
take_back() {
	if [[ $1 == gc ]]; then
		gc '[{"containerID": "z", "ifname": "eth0"}]'
	else
		NETNS='' del a
	fi
}

# The link comes behind its look; what it found to be dead goes at its end.
@test "a GC or a DEL looks before an ADD has its link, and frees behind that: it fails whole" {
	local call
	CONF=$(conf 'del(.ipMasq) | .ipam.order = "lowest"')
	pod a b
	added z
	for call in gc del; do
		# in front of its first request it has the lease, and is held until the other has looked
		FOOTBRIDGE_BIN=$(slowed sendto,sendmsg 1 7000000 slowed-add) in_background early add a
		comes "$STORE/net/10.1.0.3"
		FOOTBRIDGE_BIN=$(slowed unlinkat 2 9000000 slowed-free) in_background late take_back "$call"
		wait
		assert_eq "$(outcome late)" 0 "$call"
		grep -q DELAYED "$BATS_TEST_TMPDIR/slowed-free/log" || fail "$call was not delayed"
		answer early
		assert_error 11 overtook
		refute_anything_left a
		add b
		assert_ok
		check b
		assert_ok
		del b
		del a
		assert_ok
	done
}

@test "two networks are made at once on one bridge" {
	local one two
	pod a b
	one=$(conf '.ipMasq = false')
	two=$(conf '.name = "two" | .ipMasq = false')
	CONF=$one in_background add.a add a
	CONF=$two in_background add.b add b
	wait
	assert_eq "$(outcome add.a) $(outcome add.b)" "0 0" \
		"$(<"$BATS_TEST_TMPDIR/add.a")$(<"$BATS_TEST_TMPDIR/add.b")"
}

# add_silently POD: and nothing is told on stderr
add_silently() {
	add "$1"
	assert_ok
	assert_eq "$err" "" stderr
}

@test "two ADDs write the record of an edited network at once: neither calls it unwritten" {
	added z
	CONF=$(conf '.ipam.reclaim = false')
	pod a b
	waiting rename 1 add_silently a
	comes '/run/footbridge/networks/.*' # under the name that it has until then
	add_silently b
	wait
	assert_eq "$(outcome late)" 0 "the late ADD"
	has_waited || fail "it never waited"
}

@test "nft rules of others change meanwhile" {
	local i churn
	pod a
	(
		while :; do
			nft 'add table inet churn; add set inet churn s { type ipv4_addr; }; delete table inet churn' || true
		done
	) 3>&- &
	churn=$!
	background "$churn"
	for i in {1..12}; do
		add a
		assert_ok
		check a
		assert_ok
		# what GC looks at is never what there is a moment later
		nft add element inet footbridge n-net-10.1.0.0/24 "{ 10.1.0.$((100 + i)) comment \"dead/eth0\" }"
		gc '[{"containerID": "a", "ifname": "eth0"}]'
		assert_ok
		refute_lists dead/eth0 nft list table inet footbridge
		del a
		assert_ok
	done
	kill -0 "$churn"
}

@test "links of others come and go meanwhile" {
	local i churn
	CONF=$DUAL
	pod a
	(
		while :; do
			ip link add churn0 type veth peer name churn1 || true
			ip link del churn0 || true
		done
	) 3>&- &
	churn=$!
	background "$churn"
	for i in {1..12}; do
		add a
		assert_ok
		check a
		assert_ok
		gc '[{"containerID": "a", "ifname": "eth0"}]'
		assert_ok
		del a
		assert_ok
	done
	kill -0 "$churn"
}

# keep_locked: somebody keeps the store locked from now on; $holder is its process
keep_locked() {
	flock -F "$STORE/net/lock" sleep 60 3>&- &
	holder=$!
	background "$holder"
	eventually refute flock -n "$STORE/net/lock" true
}

@test "somebody keeps the store locked: ADD, DEL, GC and host-local give up in time, and leave nothing" {
	local holder call limit
	pod a b
	add b
	PLUGIN=host-local add d
	keep_locked
	in_background add add a
	in_background del del b
	in_background gc gc '[{"containerID": "b", "ifname": "eth0"}, {"containerID": "d", "ifname": "eth0"}]'
	PLUGIN=host-local in_background ipam-add add c
	PLUGIN=host-local in_background ipam-del del d
	# waits for nothing: what the start of a process takes on this machine beside the others
	in_background idle call VERSION bridge a <<<"$CONF"
	all_ended "$holder"
	kill "$holder"
	answer idle
	assert_ok
	limit=$((11000 + took))
	for call in add del gc ipam-add ipam-del; do
		answer "$call"
		assert_error 11 lock
		[[ $took -lt $limit ]] || fail "$call gave up after $took ms only, of $limit"
	done
	refute_anything_left a
	refute_anything_left c
	assert_eq "$(leases | wc -l)" 2 "leases: those of b and d stay"
	gc '[{"containerID": "b", "ifname": "eth0"}]'
	assert_ok
	assert_eq "$(leases | wc -l)" 1 "leases behind GC"
	PLUGIN=host-local add c
	assert_ok
	PLUGIN=host-local del c
	assert_ok
	add a
	assert_ok
	del b
	assert_ok
	refute_anything_left b
}

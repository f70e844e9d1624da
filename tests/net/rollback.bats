#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An ADD that fails leaves nothing of the attachment behind, and the same ADD
# works once the obstacle is gone.

# bats file_tags=long

load helpers

# What an ADD shares with others stays on after a failure; a first container
# brings it about, so that assert_unchanged sees the attachment alone.
shared() {
	pod first a
	add first
	assert_ok
}

# fails CODE WORD...: the ADD of a fails so, and nothing is left
fails() {
	snapshot
	add a
	assert_error "$@"
	assert_unchanged
	refute_anything_left a
}

# works: the same ADD now works whole, and goes away whole
works() {
	add a
	assert_ok
	check a
	assert_ok
	del a
	assert_ok
	refute_anything_left a
}

# --- step by step, by real obstacles

@test "the configuration or the environment is wrong: nothing is even begun" {
	local good=$CONF bad
	pod a
	snapshot
	for bad in '.mtu = -1' '.bridge = "a/b"' '.ipam.ranges = []' '.hairpinMode = 5' \
		'.ipam.ranges[0][0].subnet = "10.1.0.7/24"' '.name = "../x"' \
		'.hairpinMode = true | .promiscMode = true' '.runtimeConfig.mac = "01:00:00:00:00:01"'; do
		CONF=$(conf "$bad")
		add a
		assert_error 7
		CONF=$good
	done
	CNI_ARGS='WHAT=ever' add a
	assert_error 4 WHAT
	NETNS=/run/nowhere add a
	assert_error 8 /run/nowhere
	NETNS=/proc/self/ns/net add a
	assert_error 8
	NETNS=/dev/null add a
	assert_error 8 /dev/null
	assert_unchanged
	assert_eq "$(ls -A /var/lib/cni)" ""
	works
}

@test "the container has such an interface already" {
	shared
	in_pod a ip link add eth0 type veth peer name other
	snapshot
	add a
	assert_error 101 eth0
	assert_unchanged
	in_pod a ip link show other
	in_pod a ip link del eth0
	works
}

@test "the attachment is there already: it stays whole" {
	CONF=$DUAL
	shared
	add a
	assert_ok
	snapshot
	call ADD bridge a <<<"$CONF"
	assert_error 101
	assert_unchanged
	check a
	assert_ok
	pings a 10.1.0.1
	del a
}

@test "the host veth's name is taken by a stranger" {
	local name
	shared
	add a
	name=$(host_veth a)
	del a
	ip link add "$name" type veth peer name stranger
	ip link set "$name" alias "of a stranger"
	snapshot
	add a
	assert_error 101 "$name"
	assert_unchanged
	assert_eq "$(leases)" 10.1.0.2
	ip link del "$name"
	works
}

@test "the pool is exhausted" {
	CONF=$(conf '.ipam.ranges[0][0].rangeEnd = "10.1.0.2"')
	shared
	fails 102 10.1.0.2
	del first
	works
}

@test "the second pool is exhausted: the address of the first is free again" {
	CONF=$(jq -c '.ipam.ranges[1][0].rangeEnd = "fd00:1::2"' <<<"$DUAL")
	shared
	fails 102 fd00:1::2
	assert_eq "$(leases | tr '\n' ' ')" "10.1.0.2 fd00:1::2 "
	del first
	works
}

@test "a requested address is taken" {
	shared
	CNI_ARGS=IP=10.1.0.2 fails 101 10.1.0.2 first/eth0
	CNI_ARGS=IP=10.1.0.7 works
}

@test "the store is read-only, or full" {
	shared
	mount -o remount,ro /var/lib/cni
	fails 5 /var/lib/cni
	mount -o remount,rw,size=64k /var/lib/cni
	head -c 100000 /dev/zero >/var/lib/cni/filler || true
	snapshot
	add a
	assert_error 5 /var/lib/cni
	assert_unchanged
	rm /var/lib/cni/filler
	works
}

@test "the bridge's name is taken by another kind of device" {
	pod a
	mkdir -p "$STORE/net"
	ip link add fb0 type veth peer name fb0peer
	fails 101 fb0
	ip link del fb0
	works
}

@test "the bridge has another address" {
	pod a
	mkdir -p "$STORE/net"
	ip link add fb0 type bridge
	ip addr add 10.55.0.1/24 dev fb0
	ip link set fb0 up
	fails 101 fb0 10.55.0.1/24 10.1.0.1/24 forceAddress
	assert_eq "$(ip -j -4 addr show fb0 | jq -c '[.[].addr_info[].local]')" '["10.55.0.1"]'
	CONF=$(conf '.forceAddress = true')
	works
}

@test "a gateway of the second family is refused" {
	CONF=$DUAL
	pod a
	mkdir -p "$STORE/net"
	ip link add fb0 type bridge
	ip addr add fd00:1::77/56 dev fb0 nodad
	ip link set fb0 up
	# the IPv4 gateway may stay: it is shared, and this ADD's to ensure
	ip addr add 10.1.0.1/24 dev fb0
	fails 101 fd00:1::77
	ip addr del fd00:1::77/56 dev fb0
	works
}

@test "a route's gateway cannot be reached" {
	local good
	shared
	good=$CONF
	CONF=$(conf '.ipam.routes += [{"dst": "192.0.2.0/24", "gw": "172.31.0.1"}]')
	fails 100 192.0.2.0/24 172.31.0.1
	CONF=$good
	works
}

# addresses_of: the IPv4 addresses that the bridge has
addresses_of() {
	ip -j -4 addr show fb0 | jq -c '[.[].addr_info[].local]'
}

@test "the gateway is outside of the subnet, and a route would go through it: nothing is even begun" {
	local good bad
	CONF=$(jq -c '.forceAddress = true' <<<"$DUAL")
	shared
	good=$CONF
	for bad in '.isDefaultGateway = true' '.ipam.routes = [{dst: "192.0.2.0/24"}]' \
		'.isDefaultGateway = true | .ipam.routes = [{dst: "10.36.0.0/16", scope: 200, gw: "10.1.0.9"}]'; do
		CONF=$(jq -c "del(.ipam.routes) | .ipam.ranges[0][0].gateway = \"10.36.0.1\" | $bad" <<<"$good")
		fails 7 'ipam.ranges[0][0].gateway' "10.36.0.1 is not in the subnet 10.1.0.0/24" 253
	done
	CONF=$(jq -c '.isDefaultGateway = true | .ipam.ranges[1][0].gateway = "fd00:36::1"' <<<"$good")
	fails 7 'ipam.ranges[1][0].gateway' "fd00:36::1 is not in the subnet fd00:1::/64"
	CONF=$good
	pings first 10.1.0.1
	pings first fd00:1::1
	works
}

@test "the gateway is outside of the subnet, and nothing is wrong with that" {
	local good=$CONF bad
	pod a
	# a way leads to it
	CONF=$(conf '.isDefaultGateway = true | .ipam.ranges[0][0].gateway = "169.254.1.1" |
		.ipam.routes = [{dst: "169.254.1.1/32", scope: 253}]')
	works
	ip addr flush dev fb0
	CONF=$(conf '.ipam.routes = [{dst: "169.254.1.1/32", gw: "0.0.0.0"}]')
	works
	ip addr flush dev fb0
	CONF=$(jq -c '.isDefaultGateway = true | .ipam.ranges = [[{subnet: "fd00:1::/64", gateway: "fe80::1"}]] |
		del(.ipam.routes)' <<<"$good")
	works
	# another address of the container has it in its subnet
	CONF=$(jq -c '.isDefaultGateway = true | del(.ipam.routes) |
		.ipam.ranges = [[{subnet: "10.1.0.0/24", gateway: "10.2.0.1"}], [{subnet: "10.2.0.0/24"}]]' <<<"$good")
	works
	ip addr flush dev fb0
	# no route goes through it
	for bad in '.ipam.routes = []' '.ipam.routes = [{dst: "192.0.2.0/24", gw: "10.1.0.9"}]' \
		'.isDefaultGateway = true | .ipam.routes = [{dst: "0.0.0.0/0", gw: "10.1.0.9"}]' \
		'.isDefaultGateway = true | .ipam.routes = [{dst: "0.0.0.0/0", scope: 253}]'; do
		CONF=$(jq -c ".ipam.ranges[0][0].gateway = \"10.36.0.1\" | $bad" <<<"$good")
		works
	done
}

@test "an ADD that fails takes the gateway from nobody who lives" {
	local good
	CONF=$(jq -c '.forceAddress = true' <<<"$DUAL")
	shared
	good=$CONF
	CONF=$(conf '.ipam.ranges[0][0].gateway = "10.1.0.254" | .ipam.ranges[1][0].gateway = "fd00:1::fe" |
		.ipam.routes += [{dst: "192.0.2.0/24", gw: "172.31.0.1"}]')
	fails 100 192.0.2.0/24 172.31.0.1
	assert_eq "$(addresses_of)" '["10.1.0.1"]'
	pings first 10.1.0.1
	pings first fd00:1::1
	CONF=$good
	works
}

@test "the gateway of an ADD that fails is not in the way of the next" {
	local good=$CONF
	pod a
	# of which range comes next nobody knows beforehand
	CONF=$(conf '.isDefaultGateway = true |
		.ipam.ranges = [[{subnet: "10.1.0.0/24", gateway: "10.36.0.1"}, {subnet: "10.2.0.0/24"}]]')
	add a
	assert_error 100 10.36.0.1
	refute_anything_left a
	assert_eq "$(addresses_of)" '[]'
	CONF=$good
	works
}

@test "the MTU is too small for IPv6: the bridge and its gateway are not harmed" {
	local good
	CONF=$DUAL
	shared
	good=$CONF
	CONF=$(conf '.mtu = 1279')
	fails 7 mtu 1279 1280
	check_first
	CONF=$good
	works
}

check_first() {
	CONF=$good check first
	assert_ok
}

@test "the kernel refuses the MTU" {
	local good=$CONF
	shared
	CONF=$(conf '.mtu = 65536')
	snapshot
	add a
	[[ $status -eq 1 ]] || fail "an MTU of 65536"
	assert_unchanged
	CONF=$good
	works
}

@test "nft has something else of our names: a chain of another type, a set of another" {
	pod a
	nft add table inet footbridge
	nft add chain inet footbridge postrouting '{ type filter hook postrouting priority 0; }'
	add a
	[[ $status -eq 1 ]] || fail "the chain is of type filter"
	[[ $(documents) -eq 1 ]] || fail "stdout is not one JSON document"
	assert_in "$(result .msg)" masquerade
	refute_anything_left a
	nft delete table inet footbridge
	nft add table inet footbridge
	nft add set inet footbridge n-net-10.1.0.0/24 '{ type ether_addr; }'
	add a
	[[ $status -eq 1 ]] || fail "the set holds MACs"
	assert_in "$(result .msg)" masquerade
	refute_anything_left a
	nft delete table inet footbridge
	works
}

@test "forwarding is off and /proc/sys read-only" {
	pod a
	mount --bind /proc/sys /proc/sys
	mount -o remount,bind,ro /proc/sys
	add a
	assert_error 5 ip_forward
	refute_anything_left a
	assert_eq "$(leases)" ""
	mount -o remount,bind,rw /proc/sys
	echo 1 >/proc/sys/net/ipv4/ip_forward
	mount -o remount,bind,ro /proc/sys
	works
}

@test "the kernel's IPv6 is switched off where it cannot be switched on" {
	CONF=$DUAL
	pod a
	echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
	in_pod a sh -c 'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6'
	mount -t tmpfs tmpfs /proc/sys/net/ipv6
	add a
	[[ $status -eq 1 ]] || fail "IPv6 without IPv6"
	[[ $(documents) -eq 1 ]] || fail "stdout is not one JSON document"
	refute_anything_left a
	assert_eq "$(leases)" ""
	CONF=$SINGLE
	works
	umount /proc/sys/net/ipv6
	CONF=$DUAL
	works
}

@test "a result that its version cannot tell" {
	CONF=$(jq -c '.cniVersion = "0.2.0"' <<<"$LAYER2")
	pod first a
	ip link add fb0 type bridge
	ip link set fb0 up
	fails 7 0.2.0
	CONF=$(conf '.cniVersion = "0.4.0"')
	works
}

# --- nobody hears the result

@test "stdout is full, closed, or nobody reads it" {
	shared
	snapshot
	STDOUT=/dev/full add a
	[[ $status -eq 1 ]] || fail "written to /dev/full"
	assert_unchanged
	refute_anything_left a
	by_hand >&-
	assert_unchanged
	unread
	by_hand >&"$unread"
	exec {unread}>&-
	assert_unchanged
	refute_anything_left a
	works
}

# by_hand: an ADD of a whose stdout is this function's; it must fail, not be killed
by_hand() {
	local status=0

	CNI_COMMAND=ADD CNI_CONTAINERID=a CNI_NETNS=/run/netns/a CNI_IFNAME=eth0 CNI_PATH=/ \
		"$FOOTBRIDGE_BIN/bridge" <<<"$CONF" || status=$?
	[[ $status -eq 1 ]] || fail "exit $status without a reader" || return 1
}

@test "no more files may be opened, or written" {
	local n limited=0
	shared
	snapshot
	for n in {3..12}; do
		status=0
		out=$(
			ulimit -n "$n"
			CNI_COMMAND=ADD CNI_CONTAINERID=a CNI_NETNS=/run/netns/a CNI_IFNAME=eth0 \
				CNI_PATH=/ exec "$FOOTBRIDGE_BIN/bridge" <<<"$CONF"
		) 2>/dev/null || status=$?
		if [[ $status -eq 0 ]]; then
			del a
			break
		fi
		limited=$((limited + 1))
		assert_unchanged
		refute_anything_left a
	done
	[[ $limited -gt 2 ]] || fail "a limit on files never bit"
	status=0
	out=$(
		ulimit -f 0
		CNI_COMMAND=ADD CNI_CONTAINERID=a CNI_NETNS=/run/netns/a CNI_IFNAME=eth0 \
			CNI_PATH=/ exec "$FOOTBRIDGE_BIN/bridge" <<<"$CONF"
	) || status=$?
	assert_error 5
	assert_unchanged
	works
}

# --- every system call of an ADD in turn

REAL=$FOOTBRIDGE_BIN

# traced OPTION...: from now on $FOOTBRIDGE_BIN/bridge runs under strace, its log in $LOG
traced() {
	local dir=$BATS_TEST_TMPDIR/traced

	mkdir -p "$dir"
	LOG=$BATS_TEST_TMPDIR/log
	# LeakSanitizer cannot work while a process is traced
	printf '#!/bin/bash\nexec env ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" strace -f -qq -o %q %s %q "$@"\n' \
		"$LOG" "${*@Q}" "$REAL/bridge" >"$dir/bridge"
	chmod +x "$dir/bridge"
	FOOTBRIDGE_BIN=$dir
}

untraced() {
	FOOTBRIDGE_BIN=$REAL
}

# cannot_leave VERB: this call on a is not let out of its namespace any more
cannot_leave() {
	traced -e trace=setns -e inject=setns:error=EPERM:when=2+
	"$1" a
	untraced
	assert_eq "$status" 1
	assert_eq "$out" ""
	assert_in "$err" "cannot come back from a network namespace: Operation not permitted"
	del a
	assert_ok
	refute_anything_left a
	works
}

@test "who cannot leave the container's namespace ends there and says so, and a DEL puts it right" {
	pod a
	cannot_leave add
	add a
	assert_ok
	cannot_leave del
}

@test "nor does it wait where nobody reads what it says" {
	pod a
	traced -e trace=setns -e inject=setns:error=EPERM:when=2+
	mkfifo "$BATS_TEST_TMPDIR/stderr"
	exec 8<>"$BATS_TEST_TMPDIR/stderr"
	dd if=/dev/zero of="$BATS_TEST_TMPDIR/stderr" bs=4096 oflag=nonblock 2>/dev/null || true
	status=0
	timeout 20 env CNI_COMMAND=ADD CNI_CONTAINERID=a CNI_NETNS=/run/netns/a CNI_IFNAME=eth0 CNI_PATH="$REAL" \
		"$FOOTBRIDGE_BIN/bridge" <<<"$CONF" 2>&8 || status=$?
	exec 8>&-
	assert_eq "$status" 1 "exit status"
}

# spoiled SYSCALL FAULT N: one ADD of a (SPOIL=del: a DEL of what was added) whose Nth SYSCALL
# meets FAULT, or with N+ each from then on.  Fails when the call has no Nth.
spoiled() {
	[[ $SPOIL == add ]] || add a
	traced -e "trace=$1" -e "inject=$1:$2:when=$3"
	"$SPOIL" a
	untraced
	grep -q -e INJECTED -e SIGKILL "$LOG"
}

# sweep FAULT JUDGE SYSCALL...: every N of each in turn (ON=+: and all from there on); JUDGE
# looks at each outcome
sweep() {
	local fault=$1 judge=$2 call n judging wrong=()

	for call in "${@:3}"; do
		for ((n = 1; ; n++)); do
			spoiled "$call" "$fault" "$n$ON" || break
			POINTS=$((POINTS + 1))
			if [[ $err == *"LeakSanitizer does not work"* ]]; then
				# it was the sanitizer that could not read its options
				del a
				continue
			fi
			# not in a condition, where an assertion would not end it
			(set -e && "$judge") 3>&- &
			judging=$!
			wait "$judging" && continue
			echo "so it went with $call no. $n$ON and $fault" >&2
			wrong+=("$call no. $n$ON")
			NETNS='' del a
			del a
		done
		assert_ok
		del a
	done
	echo "# $fault at $POINTS calls in turn" >&3
	[[ ${#wrong[@]} -eq 0 ]] || fail "with $fault at: ${wrong[*]}"
	refute_anything_left a
	assert_eq "$(leases | tr '\n' ' ')" "$LEASES"
}

# told: one error, or none where the dynamic linker failed (127)
told() {
	[[ $(documents) -eq 1 || $status -eq 127 ]] || fail "stdout is not one JSON document"
}

# An error that ADD could live with left a whole network; any other left nothing.
rolled_back() {
	if [[ $status -eq 0 ]]; then
		assert_ok
		check a
	else
		told
		refute_anything_left a
		add a
	fi
	assert_ok
	del a
	assert_ok
}

# Whatever was left, DEL takes it away, with and without the namespace.
swept_up() {
	if ((POINTS % 2)); then
		NETNS='' del a
	else
		del a
	fi
	assert_ok
	# the container's end follows the host's a moment later
	eventually refute in_pod a ip link show eth0 2>/dev/null
	refute_anything_left a
}

prepare_sweep() {
	SPOIL=add ON=
	POINTS=0
	CONF=$DUAL
	shared
	LEASES=$(leases | tr '\n' ' ')
	traced -e trace=none
	add a
	untraced
	[[ $status -eq 0 ]] || skip "strace cannot trace here: $err"
	del a
}

# many N: there were that many points, or ADD has changed its system calls
many() {
	[[ $POINTS -ge $1 ]] || fail "only $POINTS points: has ADD changed its system calls?"
}

@test "each conversation with the kernel fails once: nothing is left, the next ADD works" {
	prepare_sweep
	sweep error=EIO rolled_back socket setsockopt sendto sendmsg recvfrom recvmsg setns
	many 40
}

@test "each answer of the kernel is lost for want of memory" {
	prepare_sweep
	sweep error=ENOBUFS rolled_back recvfrom recvmsg
	many 15
}

@test "each file operation fails once: nothing is left, the next ADD works" {
	prepare_sweep
	sweep error=EIO rolled_back openat read write pwrite64 linkat flock ftruncate fstatfs ioctl \
		getdents64 mkdir mkdirat getrandom
	many 30
}

@test "ADD is killed at each of its requests: a DEL takes everything away" {
	prepare_sweep
	sweep signal=KILL swept_up sendto sendmsg linkat write pwrite64 setns
	many 15
}

@test "the kernel refuses everything from some request on: a DEL takes everything away" {
	local n
	prepare_sweep
	for ((n = 1; ; n++)); do
		spoiled sendto,sendmsg error=ENOBUFS "$n+" || break
		[[ $status -eq 1 && $(documents) -eq 1 ]] || fail "all requests from no. $n on"
		swept_up
		POINTS=$((POINTS + 1))
	done
	many 10
}

# What an ADD could not take back it has said, and a DEL takes it.
taken_back() {
	if [[ $status -eq 0 ]]; then
		assert_ok
		check a
		assert_ok
	else
		told
		refute_anything_left a || assert_in "$(result .details)" "on the way back"
	fi
	del a
	assert_ok
	refute_anything_left a
}

@test "from some point on no file can be opened: what an ADD leaves it says, and a DEL takes" {
	prepare_sweep
	ON=+
	sweep error=EMFILE taken_back openat
	many 20
}

@test "from some point on nothing can be written: nothing is left, the next ADD works" {
	prepare_sweep
	ON=+
	sweep error=EIO rolled_back pwrite64
	sweep error=ENOSPC rolled_back linkat
	many 10
}

# What a DEL could not do it has said, and the next one does it.
done_by_the_next() {
	if [[ $status -eq 0 ]]; then
		assert_ok
		refute_anything_left a
	else
		told
	fi
	del a
	assert_ok
	refute_anything_left a
}

@test "from some point on no file can be opened, or removed: what a DEL leaves it says, and the next takes" {
	prepare_sweep
	ON=+ SPOIL=del
	sweep error=EMFILE done_by_the_next openat
	sweep error=EIO done_by_the_next unlinkat unlink
	many 10
}

@test "an ADD that is refused takes nothing from the living, whatever its configuration says" {
	local good=$CONF
	pod a
	add a
	assert_ok
	CONF=$(conf 'del(.ipam) | .ipMasq = false')
	add a
	assert_error 101 eth0
	CONF=$good
	check a
	assert_ok
}

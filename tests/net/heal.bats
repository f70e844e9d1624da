#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Leases that outlived their container: who is reclaimed, and who never is.

# bats file_tags=long

load helpers

GO=/usr/lib/cni
OURS=$FOOTBRIDGE_BIN
BOOT_ID=/proc/sys/kernel/random/boot_id

setup() {
	local name

	[[ -x $GO/host-local ]] || fail "$GO/host-local is missing: install containernetworking-plugins"
	# the newest version that Debian 12's plugins know
	CONF=$(conf '.cniVersion = "1.0.0" | .ipam.ranges[0][0].subnet = "10.1.0.0/29"')
	# plugins that run on the host of the present boot
	mkdir "$BATS_TEST_TMPDIR/bin"
	for name in bridge host-local; do
		printf '#!/bin/sh\nexec nsenter --net=/run/netns/host %q "$@"\n' "$OURS/$name" \
			>"$BATS_TEST_TMPDIR/bin/$name"
	done
	chmod +x "$BATS_TEST_TMPDIR"/bin/*
	FOOTBRIDGE_BIN=$BATS_TEST_TMPDIR/bin
	reboot
}

# reboot: of all there was only the store remains
reboot() {
	ip -all netns del
	find /run -mindepth 1 ! -path '/run/netns' ! -path '/run/lock' -delete
	cat /proc/sys/kernel/random/uuid >"$BATS_TEST_TMPDIR/boot_id"
	mountpoint -q "$BOOT_ID" || mount --bind "$BATS_TEST_TMPDIR/boot_id" "$BOOT_ID"
	ip netns add host
	in_pod host ip link set lo up
}

# lease, release POD...: by our host-local alone; all must succeed
lease() {
	local name

	for name in "$@"; do
		call ADD host-local "$name" <<<"$CONF"
		assert_ok
	done
}

release() {
	local name

	for name in "$@"; do
		call DEL host-local "$name" <<<"$CONF"
		assert_ok
	done
}

# go VERB POD...: the Go host-local on the same store
go() {
	local name

	for name in "${@:2}"; do
		FOOTBRIDGE_BIN=$GO call "$1" host-local "$name" <<<"$CONF"
	done
}

# living POD...: containers that our bridge connects
living() {
	local name

	for name in "$@"; do
		pod "$name"
		add "$name"
		assert_ok
	done
}

# exhausted [PLUGIN]: it has no address for another container
exhausted() {
	[[ -e /run/netns/more ]] || pod more
	call ADD "${1-host-local}" more <<<"$CONF"
	assert_error 102 "held"
}

# owners: print "address container" for each lease
owners() {
	local file

	for file in "$STORE"/net/*.*.*.*; do
		[[ ! -f $file ]] || printf '%s %s\n' "${file##*/}" "$(head -n 1 "$file" | tr -d '\r\0')"
	done
}

# clocks WHEN: as if the clock had been set at this time when the store was written
clocks() {
	find "$STORE" -exec touch -h -d "$1" {} +
}

# --- reboots

@test "20 reboots without a DEL on a /29 with 3 pods each: 60 of 60" {
	local i n given
	needs_marks
	for i in {1..20}; do
		reboot
		[[ ! -e $STORE ]] || case $((i % 3)) in
		1) clocks '1 year ago' ;;
		2) clocks '1 year' ;;
		esac
		given=
		for n in 1 2 3; do
			living "boot$i-$n"
			pings "boot$i-$n" 10.1.0.1
			given+="$(pod_ip "boot$i-$n") boot$i-$n"$'\n'
		done
		assert_eq "$(owners | grep "boot$i-" | sort)" "$(sort <<<"${given%$'\n'}")" "leases in boot $i"
	done
}

@test "reboots with the Go host-local beside: what lives stays, every ADD succeeds" {
	local i all
	needs_marks
	CONF=$(conf '.ipam.ranges[0][0].subnet = "10.1.0.0/27"')
	for i in {1..12}; do
		reboot
		[[ ! -e $STORE ]] || ((i % 2)) || clocks "$((i % 4 ? 1 : -1)) year"
		# first in the boot, before we have seen anything of it
		go ADD "go$i-1"
		assert_ok
		lease "ours$i-1"
		go ADD "go$i-2"
		assert_ok
		lease "ours$i-2"
		living "pod$i"
		all=$(owners)
		for name in "go$i-1" "go$i-2" "ours$i-1" "ours$i-2" "pod$i"; do
			assert_eq "$(grep -c " $name\$" <<<"$all")" 1 "leases of $name in boot $i"
		done
	done
	go DEL "go$i-1" "go$i-2" "ours$i-1" "ours$i-2"
	assert_ok
	del "pod$i"
	refute grep -q "[a-z]$i" <<<"$(owners)"
}

@test "both families" {
	local i
	needs_marks
	CONF=$(conf '.ipam.ranges = [[{subnet: "10.1.0.0/30"}], [{subnet: "fd00:1::/125"}]]')
	for i in {1..10}; do
		reboot
		living "pod$i"
		pings "pod$i" 10.1.0.1
		pings "pod$i" fd00:1::1
	done
}

# bats test_tags=quick
@test "the same container after a reboot: by host-local alone too, with the same address" {
	needs_marks
	lease x a b
	release x
	lease c
	lease d e
	call ADD host-local a <<<"$CONF"
	assert_error 101 "a/eth0 holds 10.1.0.3 already"
	reboot
	lease a
	assert_eq "$(result '.ips[0].address')" 10.1.0.3/29
	call ADD host-local a <<<"$CONF"
	assert_error 101 "a/eth0 holds 10.1.0.3 already"
}

@test "a lease that names the container alone belongs to whichever interface has its address" {
	living a
	# as a host-local of old wrote it
	rm "$STORE/net/10.1.0.2"
	printf a >"$STORE/net/10.1.0.2"
	add a net1
	assert_error 101 "a/net1 holds 10.1.0.2 already"
	assert_eq "$(owners)" "10.1.0.2 a"
	pings a 10.1.0.1
	reboot
	living a
	assert_eq "$(pod_ip a)" 10.1.0.2
}

@test "a lease that names the interface, too, is of a corpse where another one has the address" {
	living a
	in_pod a ip link del eth0
	in_pod a ip link add other up type veth peer name end
	in_pod a ip addr add 10.1.0.2/29 dev other
	add a
	assert_ok
	assert_eq "$(owners)" "10.1.0.2 a"
	in_pod a ip link del other
	eventually pings a 10.1.0.1
	add a
	assert_error 101 "a/eth0"
}

@test "an address asked for, held since an earlier boot, is given" {
	needs_marks
	lease a
	CNI_ARGS=IP=10.1.0.2 call ADD host-local b <<<"$CONF"
	assert_error 101 a/eth0
	reboot
	CNI_ARGS=IP=10.1.0.2 call ADD host-local b <<<"$CONF"
	assert_ok
	assert_eq "$(owners)" "10.1.0.2 b"
}

@test "sticky: a pod comes back after a reboot where it was, though its old lease stands" {
	needs_marks
	CONF=$(conf '.ipam.sticky = true')
	CNI_ARGS='IgnoreUnknown=1;K8S_POD_NAMESPACE=ns;K8S_POD_NAME=web' lease before
	lease other
	reboot
	CNI_ARGS='IgnoreUnknown=1;K8S_POD_NAMESPACE=ns;K8S_POD_NAME=web' lease behind
	assert_eq "$(owners | tr '\n' ' ')" "10.1.0.2 behind 10.1.0.3 other "
}

# --- in one boot

@test "a container that vanished without a DEL makes room, and its late DEL hurts nobody" {
	needs_marks
	living a b c d e
	exhausted
	pod_gone c
	eventually gone c
	living f
	assert_eq "$(pod_ip f)" 10.1.0.4
	assert_in "$(in_pod host nft list ruleset)" '10.1.0.4 comment "f/eth0"'
	exhausted
	NETNS='' del c
	assert_ok
	check f
	assert_ok
	pings f 10.1.0.1
	assert_eq "$(owners | tr '\n' ' ')" "10.1.0.2 a 10.1.0.3 b 10.1.0.4 f 10.1.0.5 d 10.1.0.6 e "
}

# gone POD: the kernel has taken its host veth away
gone() {
	refute grep -q "footbridge:net/$1/" <<<"$(in_pod host ip -d link)"
}

@test "the same container in another namespace while it lives in the first is refused" {
	pod a b
	for CONF in "$DUAL" "$LAYER2"; do
		added a
		NETNS=/run/netns/b CONTAINER=a add a
		assert_error 101 "DEL it first"
		refute in_pod b ip link show eth0
		check a
		assert_ok
		in_pod a ip link set eth0 down # before 6.2 the kernel renames no other
		in_pod a ip link set eth0 name other
		NETNS=/run/netns/a add a
		assert_error 101 "DEL it first"
		in_pod a ip link show other >/dev/null
		del a
		assert_ok
	done
	# the kernel takes the first namespace down in the background
	added a
	pod_gone a
	NETNS=/run/netns/b CONTAINER=a add a
	assert_ok
}

@test "reclaim false: what stands there is held, be it torn or of an earlier boot" {
	local off
	needs_marks
	lease a b c
	: >"$STORE/net/10.1.0.5"
	head -c 20 /dev/zero >"$STORE/net/10.1.0.6"
	reboot
	off=$(conf '.ipam.reclaim = false')
	CONF=$off exhausted
	call ADD host-local a <<<"$off"
	assert_error 101 "duplicate allocation"
	CNI_ARGS=IP=10.1.0.5 call ADD host-local d <<<"$off"
	assert_error 101 10.1.0.5
	CNI_ARGS=IP=10.1.0.4 call ADD host-local d <<<"$off"
	assert_error 101 c/eth0
	assert_eq "$(owners | tr '\n' ' ')" "10.1.0.2 a 10.1.0.3 b 10.1.0.4 c 10.1.0.5  10.1.0.6  "
	call DEL host-local a <<<"$off"
	assert_ok
	lease d e f g h
}

# bats test_tags=quick
@test "torn files make room, notes and foreign files stay for ever" {
	local i
	needs_marks
	CONF=$(conf '.ipam.ranges[0][0].subnet = "10.1.0.0/28"')
	mkdir -p "$STORE/net/10.1.0.7"
	: >"$STORE/net/10.1.0.2"
	head -c 4096 /dev/zero >"$STORE/net/10.1.0.3"
	printf 'a\r\neth0\0\0\0' >"$STORE/net/10.1.0.4"
	printf '\xff\xfe' >"$STORE/net/10.1.0.5"
	echo "kept for the printer" >"$STORE/net/10.1.0.6"
	head -c 100000 /dev/zero | tr '\0' x >"$STORE/net/10.1.0.8"
	echo printer >"$STORE/net/10.1.0.9"
	echo "the printer" >"$STORE/net/10.1.0.10"
	ln -s /run/nowhere "$STORE/net/10.1.0.11"
	mkfifo "$STORE/net/10.1.0.12"
	for i in 1 2 3 4; do
		lease "b$i.1" "b$i.2" "b$i.3" "b$i.4" "b$i.5" "b$i.6"
		exhausted
		reboot
	done
	assert_eq "$(find "$STORE/net" -name '10.*' -printf '%f %y\n' | grep -c .)" 13
	assert_eq "$(cat "$STORE"/net/10.1.0.{6,9,10} | tr '\n' ,)" "kept for the printer,printer,the printer,"
}

# --- where nothing can be known

@test "a file system without marks: nothing is taken for dead" {
	mkdir -p "$STORE"
	mount -t ramfs ramfs "$STORE"
	lease a b c d e
	exhausted
	reboot
	exhausted
	assert_eq "$(owners | wc -l)" 5
	release a
	living f
	del f
	refute_anything_left f
}

# on MAGIC COMMAND...: as if the store were on a file system with this magic number; 0
# where nobody can tell which it is on
on() {
	# shellcheck disable=SC2034 # what helpers.bash gives to each call
	local SANITIZERS=(LD_PRELOAD="$OURS/../faults/shared.so" SHARED="$1")

	"${@:2}"
}

# NFS, FUSE, 9p; and one that is as good as unknown
@test "a file system that other hosts may share: of another boot nothing is taken for dead" {
	local kind
	needs_marks
	[[ $OURS != */@(asan|static)/bin ]] || skip "nothing can be preloaded there"
	living a b c d e
	reboot
	for kind in 0x6969 0x65735546 0x01021997 0; do
		on $kind exhausted
		assert_error 102 "no free address in" "5 of 5 held" "below $STORE/net"
		on $kind exhausted bridge
		CNI_ARGS=IP=10.1.0.4 on $kind call ADD host-local more <<<"$CONF"
		assert_error 101 "held by c/eth0"
		assert_eq "$(owners | tr '\n' ' ')" "10.1.0.2 a 10.1.0.3 b 10.1.0.4 c 10.1.0.5 d 10.1.0.6 e " "leases on $kind"
	done
	on 0xef53 living f # ext4
	lease g h i j
	assert_eq "$(owners | tr '\n' ' ')" "10.1.0.2 f 10.1.0.3 g 10.1.0.4 h 10.1.0.5 i 10.1.0.6 j "
	# no other host has been in this boot
	pod_gone f
	eventually gone f
	on 0x6969 living k
	assert_eq "$(pod_ip k)" 10.1.0.2
}

@test "a boot without a name: nothing is taken for dead" {
	local junk
	lease a b c d e
	for junk in '' nonsense "$(printf %4000d 0)" 00000000-0000-0000-0000-00000000000; do
		reboot
		printf %s "$junk" >"$BATS_TEST_TMPDIR/boot_id"
		exhausted
		release a
		lease a
	done
	assert_eq "$(owners | wc -l)" 5
}

@test "a store that was copied, with its marks or without" {
	living a b c d e
	cp -a "$STORE/net" /run/with
	cp -r "$STORE/net" /run/without
	for copy in with without; do
		rm -r "$STORE/net"
		cp -a "/run/$copy" "$STORE/net"
		exhausted
		exhausted bridge
		reboot_but_keep
		exhausted
		assert_eq "$(owners | wc -l)" 5
	done
}

# reboot_but_keep: a new name for the boot while all live on: two views of one kernel
reboot_but_keep() {
	cat /proc/sys/kernel/random/uuid >"$BATS_TEST_TMPDIR/boot_id"
}

# --- trying hard

@test "no living lease is reclaimed, whoever made it and whatever happens around" {
	local round before
	needs_marks
	CONF=$(conf '.ipMasq = false | .ipam.ranges[0][0].subnet = "10.1.0.0/28"')
	lease boots1 boots2
	reboot
	go ADD early
	assert_ok
	living ours1 ours2 ours3 ours4
	lease alone1 alone2
	pod gobridge
	# Go's bridge runs here, in the outer host's namespace
	FOOTBRIDGE_BIN=$GO add gobridge
	assert_ok
	go ADD late1
	assert_ok
	go ADD late2
	assert_ok
	# one place is free, two are of the earlier boot
	living ours5 ours6 ours7
	before=$(owners)
	assert_eq "$(wc -l <<<"$before")" 13
	refute grep -q boots <<<"$before"
	for round in {1..12}; do
		case $round in
		2) clocks '1 year ago' ;;
		3) clocks '1 year' ;;
		4) find "$STORE/net" -name 'last_reserved*' -delete ;;
		5) in_pod host ip link set "$(host_name ours1)" down &&
			in_pod host ip link set "$(host_name ours1)" name renamed0 ;;
		6) in_pod host ip link set renamed0 alias nothing ;;
		7) in_pod host ip link del fb0 ;;
		8) : >"$STORE/net/lock" ;;
		9) in_pod ours3 ip link set eth0 down ;;
		10) in_pod ours3 ip link set eth0 name other0 ;;
		11) ip netns add elsewhere && as_host elsewhere ;;
		12) as_host host ;;
		esac
		exhausted
		exhausted bridge
		CNI_ARGS=IP=10.1.0.5 call ADD host-local more <<<"$CONF"
		assert_error 101
		assert_eq "$(owners)" "$before" "leases after round $round"
	done
}

# host_name POD: its host end, in the present boot's host
host_name() {
	in_pod host ip -j link | jq -r --arg a "footbridge:net/$1/eth0" '.[] | select(.ifalias == $a).ifname'
}

# as_host NAMESPACE: the plugins run in this one
as_host() {
	sed -i "s,--net=/run/netns/[a-z]*,--net=/run/netns/$1," "$BATS_TEST_TMPDIR"/bin/*
}

@test "ADDs that are at work are not robbed by others that find the pool full" {
	local round i pods=(p{1..10})
	pod "${pods[@]}"
	for round in {1..6}; do
		for i in "${pods[@]}"; do
			(
				add "$i"
				if [[ $status -eq 0 ]]; then
					result '.ips[0].address' >"$BATS_TEST_TMPDIR/ip.$i"
				else
					assert_error 102
				fi
			) 3>&- &
		done
		for i in "${pods[@]}"; do
			wait -n
		done
		assert_eq "$(cat "$BATS_TEST_TMPDIR"/ip.* | wc -l)" 5 "given in round $round"
		assert_eq "$(cat "$BATS_TEST_TMPDIR"/ip.* | sort | uniq -d)" ""
		for i in "${pods[@]}"; do
			if [[ -e $BATS_TEST_TMPDIR/ip.$i ]]; then
				pings "$i" 10.1.0.1
				check "$i"
				assert_ok
			fi
			del "$i"
			assert_ok
		done
		rm "$BATS_TEST_TMPDIR"/ip.*
		assert_eq "$(owners)" ""
	done
}

@test "an ADD that waits before its veth is made keeps its address" {
	local pid slow
	pod slow
	living a b c d
	# it leases, and is then stopped, at its first request to the kernel
	in_pod host strace -f -o "$BATS_TEST_TMPDIR/log" -e trace=sendto -e inject=sendto:signal=STOP:when=1 timeout 60 \
		env ASAN_OPTIONS=detect_leaks=0 CNI_COMMAND=ADD CNI_CONTAINERID=slow CNI_NETNS=/run/netns/slow CNI_IFNAME=eth0 \
		CNI_PATH=/none "$OURS/bridge" <<<"$CONF" >"$BATS_TEST_TMPDIR/slow" 3>&- &
	pid=$!
	eventually grep -qs 'stopped by SIGSTOP' "$BATS_TEST_TMPDIR/log"
	slow=$(sed -n 's/ .*stopped by SIGSTOP.*//p' "$BATS_TEST_TMPDIR/log")
	holds slow
	exhausted
	exhausted bridge
	holds slow
	assert_eq "$(in_pod host ip -j link show type veth | jq length)" 4 "host veths, its own would be the fifth"
	kill -CONT "$slow"
	wait "$pid"
	assert_eq "$(in_pod host ip -j link show type veth | jq length)" 5 "host veths"
	assert_eq "$(jq -r '.ips[0].address' "$BATS_TEST_TMPDIR/slow")" "$(owners | grep slow | cut -d' ' -f1)/29"
	pings slow 10.1.0.1
}

# holds POD: it has a lease
holds() {
	grep -q " $1\$" <<<"$(owners)"
}

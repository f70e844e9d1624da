#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A call at work has given up what it has no more use for.  (What that keeps it
# from is tests/unit/confine.c.)

load helpers

FEW=000000000000100a       # net_admin, dac_override, fowner
FEW_AND_SYS=000000000020100a # and sys_admin

# at_work VERB POD [COMMAND...]: begin a call (by this command) that will wait for the
# store's lock; its process in $pid
at_work() {
	(
		exec 3>&- 4>&-
		exec env -i PATH="$PATH" "${SANITIZERS[@]}" CNI_COMMAND="$1" CNI_CONTAINERID="$2" \
			CNI_NETNS="/run/netns/$2" CNI_IFNAME=eth0 CNI_PATH="$FOOTBRIDGE_BIN" \
			"${@:3}" "$FOOTBRIDGE_BIN/bridge" <<<"$CONF" >"$BATS_TEST_TMPDIR/$1.out" 2>&1
	) &
	pid=$!
	background "$pid"
	eventually waits_for_lock
}

waits_for_lock() {
	find "/proc/$pid/fd" -lname '*/net/lock' 2>/dev/null | grep -q .
}

holds() {
	awk -v what="$1:" '$1 == what { print $2 }' "/proc/$pid/status"
}

hold_lock() {
	flock "$STORE/net/lock" sleep 60 3>&- 4>&- &
	background $!
	eventually refute flock -n "$STORE/net/lock" true
}

@test "an ADD at work holds four capabilities" {
	pod a b
	add a
	assert_ok
	hold_lock
	at_work ADD b
	assert_eq "$(holds CapEff)" "$FEW_AND_SYS" "effective"
	assert_eq "$(holds CapPrm)" "$FEW_AND_SYS" "permitted"
	assert_eq "$(holds CapInh)" 0000000000000000 "inheritable"
}

@test "a DEL at work holds three" {
	pod a
	add a
	assert_ok
	hold_lock
	at_work DEL a
	assert_eq "$(holds CapEff)" "$FEW" "effective"
	assert_eq "$(holds CapPrm)" "$FEW" "permitted"
}

@test "blocked signals are unblocked: it can be ended" {
	pod a b
	add a
	assert_ok
	hold_lock
	at_work ADD b python3 -c 'import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGINT])
os.execv(sys.argv[1], sys.argv[1:])'
	assert_eq "$(holds SigBlk)" 0000000000000000 "blocked"
}

belongs_to() {
	[[ $(awk '$1 == "Uid:" { print $2 }' "/proc/$2/status") == "$1" ]]
}

in_space_of_its_own() {
	[[ $(readlink "/proc/$1/ns/net") != $(readlink /proc/self/ns/net) ]]
}

@test "the namespace of another user's process is opened while that may be done" {
	local NETNS verb

	unshare -n setpriv --reuid=65534 --regid=65534 --clear-groups sleep 60 3>&- 4>&- &
	background $!
	eventually in_space_of_its_own $!
	eventually belongs_to 65534 $!
	readlink /proc/$!/ns/net || skip "without CAP_SYS_PTRACE it does not show its namespace"
	NETNS=/proc/$!/ns/net
	for verb in add check del; do
		"$verb" a
		assert_ok
	done
	refute_anything_left a
}

# traced VERB POD: the system calls of confinement, one a line
traced() {
	# LeakSanitizer and strace exclude each other
	env -i PATH="$PATH" ASAN_OPTIONS=detect_leaks=0 CNI_COMMAND="$1" CNI_CONTAINERID="$2" \
		CNI_NETNS="/run/netns/$2" CNI_IFNAME=eth0 CNI_PATH="$FOOTBRIDGE_BIN:/usr/lib/cni:/usr/libexec/cni" \
		strace -y -o "$BATS_TEST_TMPDIR/trace" \
		-e trace=landlock_create_ruleset,landlock_add_rule,landlock_restrict_self,capset,openat,prctl \
		"$FOOTBRIDGE_BIN/bridge" <<<"$CONF" >/dev/null
	grep -E '^(landlock|capset)|O_PATH\|O_DIRECTORY.*|NO_NEW_PRIVS' "$BATS_TEST_TMPDIR/trace"
}

# landlock_abi: the version of what this kernel has of it, -1 for nothing
landlock_abi() {
	python3 -c 'import ctypes; print(ctypes.CDLL(None).syscall(444, None, 0, 1))'
}

@test "an ADD pays no more than nine system calls for it" {
	local abi calls

	abi=$(landlock_abi)
	pod a b
	add a
	assert_ok
	calls=$(traced ADD b)
	echo "landlock $abi"
	echo "$calls"
	refute grep -q '^capset.* = -1' <<<"$calls"
	if ((abi < 0)); then
		assert_in "$calls" NO_NEW_PRIVS capset
		skip "this kernel has no landlock"
	fi
	assert_in "$calls" 'landlock_restrict_self' 'capset'
	# one more asks before 6.2 for what there is only later
	[[ $(sed -n '/^landlock_create/,/^capset/p' <<<"$calls" | wc -l) -le $((9 + (abi < 3))) ]]
	assert_eq "$(grep -c '^landlock.* = -1' <<<"$calls")" $((abi < 3)) "failed calls"
}

@test "where another IPAM plugin is called nothing is given up" {
	CONF=$(conf '.cniVersion = "1.0.0" | .ipam = {"type": "static", "addresses": [{"address": "10.1.0.9/24"}]}')
	pod a
	calls=$(traced ADD a) || true
	refute grep -q 'landlock\|capset\|NO_NEW_PRIVS' <<<"$calls"
	assert_eq "$(pod_ip a)" 10.1.0.9 "the address"
}

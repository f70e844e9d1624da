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

TRACE=$BATS_TEST_TMPDIR/trace

# traced PLUGIN VERB: this call for the container a, which ends well; what it has to do
# with confinement is in $TRACE, its answer beside it
traced() {
	# LeakSanitizer and strace exclude each other
	env -i PATH="$PATH" ASAN_OPTIONS=detect_leaks=0 CNI_COMMAND="$2" CNI_CONTAINERID=a \
		CNI_NETNS=/run/netns/a CNI_IFNAME=eth0 CNI_PATH="$BATS_TEST_TMPDIR" \
		strace -X verbose -y -o "$TRACE" \
		-e trace=landlock_create_ruleset,landlock_add_rule,landlock_restrict_self,capget,capset,openat,prctl \
		"$FOOTBRIDGE_BIN/$1" <<<"$CONF" >"$TRACE.answer" ||
		fail "$1 $2: $(cat "$TRACE.answer")"
}

# traced_verbs PLUGIN COMMAND...: each verb in turn, and behind it the command with
# plugin and verb
traced_verbs() {
	local CONF=$CONF verb

	CONF=$(conf '.cniVersion = "1.1.0"')
	for verb in ADD CHECK STATUS GC DEL; do
		traced "$1" "$verb" || return
		"${@:2}" "$1" "$verb" || return
		[[ $verb != ADD ]] || CONF=$(conf '. + {prevResult: $prev[0],
			"cni.dev/valid-attachments": [["a", "b"][] | {containerID: ., ifname: "eth0"}]}' \
			--slurpfile prev "$TRACE.answer")
	done
}

# landlock_abi: the version of what this kernel has of it, -1 for nothing
landlock_abi() {
	python3 -c 'import ctypes; print(ctypes.CDLL(None).syscall(444, None, 0, 1))'
}

# promised ABI: the table of SECURITY.md: plugin, verb, capabilities; system calls, what
# landlock governs, and each directory below which something of it is allowed
promised() {
	local more truncate all change

	# before Linux 6.2 there is no such right, and one more call to ask for it
	more=$(($1 < 3)) truncate=$(($1 < 3 ? 0 : 0x4000))
	# WRITE_FILE, REMOVE_DIR, REMOVE_FILE, MAKE_DIR, MAKE_REG, MAKE_SYM
	printf -v change '%#x' $((0x11b2 | truncate))
	# and EXECUTE, MAKE_CHAR, MAKE_SOCK, MAKE_FIFO, MAKE_BLOCK
	printf -v all '%#x' $((0x1ff3 | truncate))
	cat <<-END
		bridge ADD $FEW_AND_SYS; $((9 + more)) $all $DATA=$change /run/footbridge=$change /proc/sys/net=$change
		bridge CHECK $FEW; $((3 + more)) $all
		bridge STATUS $FEW_AND_SYS; $((3 + more)) $all
		bridge GC $FEW; $((7 + more)) $all $DATA=$change /run/footbridge=$change
		bridge DEL $FEW; $((7 + more)) $all $DATA=$change /run/footbridge=$change
		host-local ADD $FEW_AND_SYS; $((7 + more)) $all $DATA=$change /run/footbridge=$change
		host-local CHECK $FEW; $((3 + more)) $all
		host-local STATUS $FEW_AND_SYS; $((3 + more)) $all
		host-local GC $FEW; $((7 + more)) $all $DATA=$change /run/footbridge=$change
		host-local DEL $FEW; $((7 + more)) $all $DATA=$change /run/footbridge=$change
		loopback ADD $FEW_AND_SYS; $((3 + more)) $all
		loopback CHECK $FEW; $((3 + more)) $all
		loopback STATUS $FEW_AND_SYS; $((3 + more)) $all
		loopback GC $FEW; $((3 + more)) $all
		loopback DEL $FEW; $((3 + more)) $all
	END
}

# seen PLUGIN VERB: the same of the call that was traced; behind it what failed, and
# what is done where there is no landlock
seen() {
	local capabilities

	capabilities=$(sed -nE 's/^capset\(.*\{effective=(0x[0-9a-f]+)[^{]* permitted=\1[ ,][^{]* inheritable=0\}\) = 0$/\1/p' "$TRACE")
	printf '%s %s %016x; %d' "$1" "$2" "${capabilities:-0}" \
		"$(sed -n '/^landlock_create/,/^capset/p' "$TRACE" | wc -l)"
	sed -nE 's/^landlock_create_ruleset\(\{handled_access_fs=(0x[0-9a-f]+).* = [0-9].*/ \1/p
		s/^landlock_add_rule\(.*\{allowed_access=(0x[0-9a-f]+).* parent_fd=[0-9]+<(.*)>\}, 0\) = 0$/ \2=\1/p
		s/^(landlock_(add|restrict)|cap).* = -1.*/ &/p
		s/^prctl\(.*NO_NEW_PRIVS.*/ &/p' "$TRACE" | tr -d '\n'
	echo
}

@test "each verb of each plugin keeps what SECURITY.md says, and pays no more for it" {
	local abi plugin got DATA=/var/lib/cni/elsewhere

	abi=$(landlock_abi)
	CONF=$(conf '.ipam.dataDir = $dir' --arg dir "$DATA")
	pod a
	added b # so that the directories are there
	got=$(for plugin in bridge host-local loopback; do
		traced_verbs "$plugin" seen || exit
	done)
	if ((abi >= 0)); then
		diff <(promised "$abi") - <<<"$got"
		return
	fi
	diff <(promised 0 | cut -d';' -f1) <(cut -d';' -f1 <<<"$got")
	assert_eq "$(grep -c '; .*NO_NEW_PRIVS.* = 0$' <<<"$got")" 15 "calls with no_new_privs"
	skip "this kernel has no landlock"
}

# given_up_nothing PLUGIN VERB
given_up_nothing() {
	refute grep '^landlock\|^cap\|NO_NEW_PRIVS' "$TRACE"
}

held() {
	grep -E '^(Cap...|NoNewPrivs):' /proc/self/status
}

@test "where another IPAM plugin is called nothing is given up" {
	local verb

	cat >"$BATS_TEST_TMPDIR/other" <<-'END'
		#!/bin/sh
		cat >/dev/null
		echo "$CNI_COMMAND" >>"$0.calls"
		grep -E '^(Cap...|NoNewPrivs):' /proc/self/status >>"$0.calls"
		[ "$CNI_COMMAND" != ADD ] ||
			echo '{"cniVersion": "1.1.0", "ips": [{"address": "10.1.0.9/24"}]}'
	END
	chmod 755 "$BATS_TEST_TMPDIR/other"
	CONF=$(conf '.ipam = {type: "other"}')
	pod a
	traced_verbs bridge given_up_nothing
	# it is called each time, and holds what we do
	diff <(for verb in ADD CHECK STATUS GC DEL; do echo "$verb" && held; done) \
		"$BATS_TEST_TMPDIR/other.calls"
}

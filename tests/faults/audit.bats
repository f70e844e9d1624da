#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a call does with being root, by its system calls; and what a host that is full of
# others' things costs it.

load ../net/helpers

# tracing CMD...: run it, its calls of the bridge traced
tracing() {
	local FOOTBRIDGE_BIN=$BATS_TEST_TMPDIR PATIENCE=${PATIENCE-60}

	"$@"
}

# strace_the_bridge KINDS [OPTION...]: the bridge, its system calls of these kinds going to
# a file; LeakSanitizer and strace exclude each other
strace_the_bridge() {
	cat >"$BATS_TEST_TMPDIR/bridge" <<-END
		#!/bin/bash
		export ASAN_OPTIONS=detect_leaks=0
		exec strace -f -qq -o "$BATS_TEST_TMPDIR/trace" -e trace=$1 ${@:2} "$FOOTBRIDGE_BIN/bridge"
	END
	chmod +x "$BATS_TEST_TMPDIR/bridge"
}

# opened: the paths in a trace that were opened by their whole name, to read or to write
opened() {
	grep -v O_PATH | grep -oP '^open.*?"\K/[^"]*' | sort -u
}

OURS='^/(proc/(self|thread-self|sys/(net|kernel/random))/|var/lib/cni/networks|run/footbridge|run/netns/a$|dev/null$)'
LOADER='^/(etc/ld\.so|lib|usr/lib|usr/local/lib|proc/self/maps|sys/devices/system/cpu)'

@test "a call executes nothing, begins no process and opens only what is its own" {
	local verb calls foreign

	CONF=$DUAL
	pod a
	strace_the_bridge execve,execveat,clone,clone3,fork,vfork,open,openat,openat2,prctl,umask,rt_sigaction,setns
	for verb in add check status gc del; do
		case $verb in
		status) tracing status ;;
		gc) tracing gc '[{"containerID": "a", "ifname": "eth0"}]' ;;
		*) tracing "$verb" a ;;
		esac
		assert_ok
		calls=$(cut -d ' ' -f 2- "$BATS_TEST_TMPDIR/trace" | sed 's/^ *//')
		assert_eq "$(grep -c '^exec' <<<"$calls")" 1 "programs executed by ${verb^^}"
		refute grep -q '^v\?fork\|^clone' <<<"$calls"
		foreign=$(opened <<<"$calls" | grep -vE "$OURS|$LOADER" || true)
		assert_eq "$foreign" "" "files opened by ${verb^^}"
		assert_in "$calls" 'prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE)' 'umask(022)' \
			'rt_sigaction(SIGPIPE, {sa_handler=SIG_IGN' 'rt_sigaction(SIGXFSZ, {sa_handler=SIG_IGN'
	done
	refute_anything_left a
}

@test "the path of the namespace is followed once" {
	local verb

	pod a
	# all that takes a path, as what is asked before may be another's when it is opened
	strace_the_bridge %file
	for verb in add check del; do
		tracing "$verb" a
		assert_ok
		assert_eq "$(grep -c '"/run/netns/a"' "$BATS_TEST_TMPDIR/trace")" 1 "uses of the path by ${verb^^}"
		grep -q 'openat(AT_FDCWD, "/run/netns/a".* = [0-9]' "$BATS_TEST_TMPDIR/trace"
	done
}

# strangers: each thing that can be listed, of others, with this in its name
strangers() {
	local family

	ip link add stranger0 type veth peer name stranger1
	for family in ip ip6 inet bridge; do
		nft -f - <<-RULES
			table $family stranger {
				set stranger { type ether_addr; elements = { 02:00:5e:00:53:01 comment "stranger" }; }
				chain stranger { ether saddr @stranger counter comment "stranger"; }
			}
		RULES
	done
}

# told WORD: how many of the kernel's answers in the trace have it, as a text or in hex
told() {
	grep recvmsg "$BATS_TEST_TMPDIR/trace" |
		grep -cF -e "$1" -e "$(printf %s "$1" | od -An -v -tx1 | tr -d '\n' | sed 's/ /\\x/g')" || true
}

@test "of others' devices, tables, sets and rules a call is not told a word" {
	local verb

	CONF=$DUAL
	CONF=$(conf '.macspoofchk = true')
	pod a b
	strangers
	strace_the_bridge sendto,recvmsg -s 100000
	# the first of a host, and one beside it
	tracing add a
	assert_ok
	assert_eq "$(told stranger)" 0 "answers to the first ADD"
	for verb in add check del; do
		tracing "$verb" b
		assert_ok
		assert_eq "$(told stranger)" 0 "answers to ${verb^^}"
	done
	# our own table is found in them
	[[ $(told footbridge) -gt 0 ]]
}

# crowded RULES ELEMENTS: so many rules of others, and elements of ours
crowded() {
	{
		printf 'table ip others {\nchain c {\n'
		seq -f 'ip saddr 192.0.2.1 tcp dport %.0f accept' "$1"
		printf '}\n}\n'
	} | nft -f -
	python3 -c 'import sys
for i in range(int(sys.argv[1])):
    print(f"add element inet footbridge n-net-10.1.0.0/16 {{ 10.1.{128 + (i >> 8)}.{i & 255} comment \"x{i}/eth0\" }}")' \
		"$2" | nft -f -
}

@test "10,000 rules of others and 5,000 of our elements cost a call nothing" {
	local verb times=

	# shellcheck disable=SC2034 # for the helpers
	CONF=$(conf '.ipam.ranges[0][0].subnet = "10.1.0.0/16"')
	pod a b
	add a
	assert_ok
	crowded 10000 5000
	for verb in add check del del; do
		"$verb" b
		assert_ok
		assert_quick 500 "$verb in a crowd"
		# shellcheck disable=SC2154 # of the helpers
		times+=", ${verb^^} $took ms"
	done
	echo "# figure: beside 10,000 rules and 5,000 elements: ${times#, }" >&3
	refute_anything_left b
}

@test "an attachment whose host veth's hashed name another attachment bears is refused whole" {
	local name

	pod a b
	add a
	name=$(host_veth a)
	del a
	add b
	assert_ok
	# a collision of 44 bits cannot be had: b's veth takes a's name
	ip link set "$(host_veth b)" down
	ip link set "$(host_veth b)" name "$name"
	ip link set "$name" up
	snapshot
	add a
	assert_error 101 "$name"
	assert_unchanged
	del a
	assert_ok
	assert_unchanged
	refute in_pod a ip link show eth0
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `footbridge run`: a container in one command.

load helpers

TOOL=$FOOTBRIDGE_BIN/../footbridge
CONFS=/etc/cni/net.d

# container [ARGUMENT...]: `footbridge run`, plugins of others being in $BATS_TEST_TMPDIR/bin
container() {
	timed env -i PATH="$PATH" "${SANITIZERS[@]}" CNI_PATH="$BATS_TEST_TMPDIR/bin:/usr/lib/cni" \
		timeout -k 1 "${PATIENCE-20}" "$TOOL" run "$@"
}

# contained [ARGUMENT...]: the same in the background; its process in $pid
contained() {
	# what the one before has said is not this one's word
	rm -f "$BATS_TEST_TMPDIR/out"
	# what bash starts in the background ignores SIGINT and SIGQUIT
	env -i --default-signal=INT,QUIT PATH="$PATH" "${SANITIZERS[@]}" \
		CNI_PATH="$BATS_TEST_TMPDIR/bin:/usr/lib/cni" "$TOOL" run "$@" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- 4>&- </dev/null &
	pid=$!
	background "$pid"
}

# ended: wait for it; its exit status in $status, what it said in $out
ended() {
	status=0
	wait "$pid" || status=$?
	slurp out "$BATS_TEST_TMPDIR/out"
}

says() {
	grep -sqx "$1" "$BATS_TEST_TMPDIR/out"
}

gone() {
	[[ ! -e /proc/$1 ]]
}

# inside_of PID: all that this process has begotten
inside_of() {
	local child

	for child in $(pgrep -P "$1"); do
		echo "$child"
		inside_of "$child"
	done
}

no_veth() {
	[[ -z $(ip -o link show type veth) ]]
}

# terminal COMMAND: bash runs it at a terminal, with what stdin has as its keys (dash
# would end at a Ctrl-C that its command has survived)
terminal() {
	SHELL=/bin/bash timeout -k 1 120 env --default-signal=INT,QUIT script -qfec "$1" /dev/null
}

# shown WORD: wait until it stands in $typed
shown() {
	# shellcheck disable=SC2016 # the other shell's
	timeout "${PATIENCE-20}" sh -c 'until grep -q "$1" "$2"; do sleep 0.1; done' - "$1" "$typed"
}

# typing KEYS WORD: then wait until this stands in $typed
typing() {
	# shellcheck disable=SC2059 # keys
	printf "$1"
	shown "$2"
}

through_port() {
	[[ $(in_pod outside busybox nc -w 5 198.51.100.1 "$1" </dev/null) == through ]]
}

# plugin_script NAME: a plugin in sh (stdin), which first notes its call in calls/N.VERB.NAME
plugin_script() {
	mkdir -p "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/calls"
	{
		echo '#!/bin/sh'
		echo "cd '$BATS_TEST_TMPDIR/calls'"
		echo "cat >\$(ls | wc -l).\$CNI_COMMAND.$1"
		echo "env | grep ^CNI_ >../env.\$CNI_COMMAND.$1"
		cat
	} >"$BATS_TEST_TMPDIR/bin/$1"
	chmod +x "$BATS_TEST_TMPDIR/bin/$1"
}

called() {
	find "$BATS_TEST_TMPDIR/calls" -type f -printf '%f\n' | sort -n | tr '\n' ' '
}

# list_of PLUGIN-JSON...: a file with the bridge of $CONF and these behind it
list_of() {
	conf '{cniVersion, name, plugins: ([. | del(.cniVersion, .name)] + $more)}' \
		--argjson more "$(printf '%s\n' "$@" | jq -s .)" >"$BATS_TEST_TMPDIR/net.conflist"
	echo "$BATS_TEST_TMPDIR/net.conflist"
}

prepared() {
	# what every network keeps: the bridge, its rule, forwarding
	container "$@" -- true
	assert_eq "$status" 0 "exit status"
	snapshot
}

@test "with nothing configured it has a network, and a name" {
	outside
	watch_sources outside
	container --hostname here -- sh -c 'hostname; ip -4 -br addr show dev eth0 &&
		busybox ping -c 1 -W 5 10.252.0.1 && busybox ping -c 1 -W 5 198.51.100.2'
	assert_eq "$status" 0 "exit status"
	assert_eq "$err" "" stderr
	assert_in "$out" $'here\n' 10.252.0.
	assert_eq "$(sources outside)" 198.51.100.1 "seen from outside"
}

@test "nothing is left of it on the host" {
	local before

	prepared
	before=$(cat /proc/self/mountinfo; ls /run/netns /run /var/lib/cni)
	container -- sh -c "sleep 300.0$$ >/dev/null 2>&1 &"
	assert_eq "$status" 0 "exit status"
	assert_unchanged
	refute pgrep -f "sleep 300.0$$"
	assert_eq "$(cat /proc/self/mountinfo; ls /run/netns /run /var/lib/cni)" "$before" "mounts and files"
}

@test "processes, interfaces, mounts and the name of the host are not its own" {
	local name inside=$BATS_TEST_TMPDIR/inside

	mkdir "$inside"
	name=$(hostname)
	ip netns add secret
	ip link add hostlink type bridge
	# shellcheck disable=SC2016 # the container's
	container -- sh -c 'cat /proc/[0-9]*/comm | sort -u | tr "\n" " "; echo; echo pid $$
		ls /sys/class/net | tr "\n" " "; echo; ip -br link; ls /run/netns
		hostname other; mount -t tmpfs tmpfs '"$inside"' && touch '"$inside"'/file
		mkdir -p /run/netns; ip netns add inner 2>/dev/null; ip link add inner type bridge
		nsenter --net=/run/netns/secret true && echo ESCAPED
		for try in 1 2 3; do busybox umount -l /sys; busybox umount -l /proc; done 2>/dev/null
		ls -d /proc/1 /sys/class 2>/dev/null; echo end'
	assert_eq "$status" 0 "exit status"
	assert_in "$out" 'footbridge ' 'pid 2' $'eth0 lo \n' end
	for word in hostlink bats ESCAPED; do
		[[ $out != *"$word"* ]] || fail "it sees: $word"
	done
	[[ $(grep -c '^/proc/1$\|^/sys/class$' <<<"$out") -eq 0 ]] || fail "the host's are underneath"
	assert_eq "$(hostname)" "$name" "host name"
	assert_eq "$(ls "$inside")" "" "mounted in it"
	refute ip link show inner
}

@test "its namespaces are its own, also that of System V IPC; users are the host's" {
	local kind

	container -- sh -c 'cd /proc/self/ns && for kind in pid mnt uts ipc net user; do readlink $kind; done'
	assert_eq "$status" 0 "exit status"
	assert_eq "$(wc -l <<<"$out")" 6 "namespaces"
	for kind in pid mnt uts ipc net; do
		assert_in "$out" "$kind:["
		[[ $out != *"$(readlink /proc/self/ns/$kind)"* ]] || fail "$kind is the host's"
	done
	assert_in "$out" "$(readlink /proc/self/ns/user)"
}

@test "it stands where it was called, in mounts of its own" {
	cd /sys/class/net
	container -- sh -c 'pwd -P; ls; ls -d ../../../proc'
	assert_eq "$out" $'/sys/class/net\neth0\nlo\n../../../proc'
	cd /proc/1
	container -- sh -c 'pwd -P; cat comm'
	assert_eq "$out" $'/proc/1\nfootbridge'
	# where it cannot stand it goes to /; the same for what has no name any more
	cd "/proc/$$"
	container -- pwd -P
	assert_eq "$status $out" "0 /"
	mkdir "$BATS_TEST_TMPDIR/gone" && cd "$BATS_TEST_TMPDIR/gone" && rmdir "$BATS_TEST_TMPDIR/gone"
	container -- pwd -P
	assert_eq "$status $out" "0 /"
	cd "$BATS_TEST_TMPDIR"
	container -- pwd -P
	assert_eq "$status $out" "0 $(pwd -P)"
}

@test "/proc and /sys are as read-only as the host's, whatever / is" {
	local way

	for way in / /sys; do
		timed unshare -m sh -c "mount -o remount,bind,ro $way && '$TOOL' run -- grep -E ' /(proc|sys) ' /proc/mounts"
		assert_eq "$status" 0 "exit status"
		assert_in "$out" ' /proc proc rw,' " /sys sysfs $([[ $way = / ]] && echo rw || echo ro),"
	done
}

# in_default_folders: what is put into these is gone with the test
in_default_folders() {
	mkdir "$BATS_TEST_TMPDIR/lib"
	mount -t tmpfs tmpfs /opt
	mount -t tmpfs tmpfs "$BATS_TEST_TMPDIR/lib"
	mkdir "$BATS_TEST_TMPDIR"/lib/{upper,work}
	mount -t overlay overlay -o "lowerdir=/usr/lib,upperdir=$BATS_TEST_TMPDIR/lib/upper,workdir=$BATS_TEST_TMPDIR/lib/work" /usr/lib
	mkdir -p "${DEFAULT_FOLDERS[@]}"
}
DEFAULT_FOLDERS=(/usr/lib/footbridge/cni /usr/lib/cni /opt/cni/bin)

@test "without CNI_PATH plugins are found in three folders, the first of them first" {
	local folder conf

	in_default_folders
	plugin_script first <<<"[ \$CNI_COMMAND != ADD ] || jq -c .prevResult *.ADD.first; echo \$0 >../from"
	conf=$(list_of '{"type": "first"}')
	for folder in "${DEFAULT_FOLDERS[@]}"; do
		cp "$BATS_TEST_TMPDIR/bin/first" "$FOOTBRIDGE_BIN/bridge" "$folder"
		timed env -i PATH="$PATH" "${SANITIZERS[@]}" "$TOOL" status --conf "$conf"
		assert_eq "$status" 0 "exit status of status"
		assert_in "$out" "$folder/first is another's plugin"
		timed env -i PATH="$PATH" "${SANITIZERS[@]}" "$TOOL" run --conf "$conf" -- true
		assert_eq "$status" 0 "exit status of run"
		assert_eq "$(<"$BATS_TEST_TMPDIR/from")" "$folder/first" "what was called"
		rm "$BATS_TEST_TMPDIR"/calls/*
	done
}

@test "the exit status is the command's, and what it is without one" {
	local ours

	container -- sh -c 'exit 42'
	assert_eq "$status" 42
	# shellcheck disable=SC2016 # the container's
	container -- sh -c 'kill -SEGV $$'
	assert_eq "$status" 139 "killed"
	container -- no-such-command
	assert_eq "$status" 127 "not found"
	assert_in "$err" no-such-command "No such file"
	touch "$BATS_TEST_TMPDIR/text"
	container -- "$BATS_TEST_TMPDIR/text"
	assert_eq "$status" 126 "not executable"
	for ours in '--conf /none.conflist' '--conf none' --nonsense '--port 80' '--port 80:0' '--hostname= ' '--ip 10.99.0.1'; do
		# shellcheck disable=SC2086 # words
		container $ours -- touch "$BATS_TEST_TMPDIR/executed"
		assert_eq "$status" 125 "exit status of $ours"
		assert_in "$err" "footbridge run: "
	done
	[[ ! -e $BATS_TEST_TMPDIR/executed ]] || fail "the command ran all the same"
	container -- true
	snapshot
	container -- no-such-command
	assert_unchanged
}

@test "stdin, stdout and stderr are the command's; the environment, too" {
	timed env WORD=kept "$TOOL" run -- sh -c 'cat; echo $WORD; echo trouble >&2' <<<"said"
	assert_eq "$out" $'said\nkept'
	assert_eq "$err" trouble
}

@test "the umask is the caller's" {
	umask 077
	container -- sh -c 'umask; umask 0'
	assert_eq "$status $out" "0 0077"
}

@test "without a command it is the shell" {
	local shell=$BATS_TEST_TMPDIR/shell

	printf '#!/bin/sh\necho this one; hostname\n' >"$shell"
	chmod +x "$shell"
	timed env -i PATH="$PATH" SHELL="$shell" "$TOOL" run --hostname box </dev/null
	assert_eq "$status" 0 "exit status"
	assert_eq "$out" $'this one\nbox'
	timed env -i PATH="$PATH" "$TOOL" run --hostname box <<<'hostname; exit 4'
	assert_eq "$status" 4 "exit status"
	assert_eq "$out" box
}

@test "a signal is the command's, once, and the network is taken back" {
	local signal number

	prepared
	for signal in TERM INT HUP QUIT; do
		contained -- sh -c "trap 'echo got $signal' $signal; echo ready
			while sleep 0.1; do [ -e $BATS_TEST_TMPDIR/enough ] && exit 5; done"
		eventually says ready
		kill "-$signal" "$pid"
		eventually says "got $signal"
		touch "$BATS_TEST_TMPDIR/enough"
		ended
		rm "$BATS_TEST_TMPDIR/enough"
		assert_eq "$status" 5 "exit status"
		assert_eq "$out" $'ready\ngot '"$signal"
	done
	# one that does not care for it
	for signal in TERM INT HUP; do
		contained -- sh -c 'echo ready; exec sleep 300'
		eventually says ready
		kill "-$signal" "$pid"
		ended
		number=$(kill -l "$signal")
		assert_eq "$status" $((128 + number)) "exit status"
	done
	assert_unchanged
}

@test "a signal that the caller ignores is left alone" {
	(
		trap '' HUP
		exec "$TOOL" run -- sh -c 'echo ready; sleep 1; echo done'
	) >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- 4>&- &
	pid=$!
	eventually says ready
	kill -HUP "$pid"
	ended
	assert_eq "$out" $'ready\ndone'
}

@test "killed, it takes all of the container along, and doctor frees the lease and names the rest" {
	local inner one

	contained -- sh -c 'sleep 301 & sleep 302 & echo ready; wait'
	eventually says ready
	inner=$(inside_of "$pid")
	assert_eq "$(wc -w <<<"$inner")" 4 "processes in it"
	kill -KILL "$pid"
	ended
	for one in $inner; do
		eventually gone "$one"
	done
	eventually no_veth
	assert_eq "$(leases footbridge | wc -l)" 1 "leases owed"
	needs_marks
	footbridge doctor --fix
	assert_eq "$(leases footbridge)" "" "leases after doctor --fix"
	assert_eq "$(nft list ruleset | grep -c 'comment "run-')" 1 "masquerade of nobody"
	assert_in "$out" "nft delete element"
	sh -c "$(grep -o 'nft delete element.*' <<<"$out")"
	refute_lists 'comment "run-' nft list ruleset
	footbridge doctor
	assert_eq "$status" 0 "exit status of doctor"
	[[ $out != *wrong:* ]] || fail "something is left"
}

@test "process 1 reaps orphans" {
	# shellcheck disable=SC2016 # the container's
	container -- sh -c '(sleep 0.1 & sleep 0.1 &) & wait; sleep 0.5
		for state in /proc/[0-9]*/stat; do read -r line <$state && echo "$line"; done'
	assert_eq "$status" 0 "exit status"
	assert_eq "$(awk '{ print $3 }' <<<"$out" | grep -c Z)" 0 "zombies"
}

@test "at a terminal: Ctrl-C is the command's, a shell does its job control" {
	local typed=$BATS_TEST_TMPDIR/typed group foreground

	(shown ready; printf '\003'; shown 'then') |
		terminal "$TOOL run -- sh -c 'echo ready; exec sleep 60'; echo then \$?" >"$typed" 3>&- 4>&-
	assert_in "$(tr -d '\r' <"$typed")" ready "then 130"
	: >"$typed"
	# without a trap, bash goes on where a SIGINT meets the end of its sleep
	cat >"$BATS_TEST_TMPDIR/job" <<-'END'
		trap 'echo woken' CONT
		trap 'exit 130' INT
		echo sleeping
		while :; do sleep 0.1; done
	END
	(
		typing 'echo re""ady\r' ready
		typing "bash '$BATS_TEST_TMPDIR/job'\\r" sleeping
		typing '\032' Stopped
		typing 'jobs; echo to""ld\r' told
		typing 'fg\r' woken
		typing '\003echo still $?\r' 'still [0-9]'
		typing 'kill -9 $$\r' 'then'
	) | terminal "$TOOL run -- bash --norc -i; echo then \$?; ps -o pgid=,tpgid= -p \$\$" >"$typed" 3>&- 4>&-
	assert_in "$(tr -d '\r' <"$typed")" Stopped 'still 130' 'then 137'
	# a shell that was killed has not given the terminal back; we have
	read -r group foreground < <(tr -d '\r' <"$typed" | tail -n 1)
	assert_eq "$foreground" "$group" "who has the terminal"
	[[ $(<"$typed") != *'no job control'* ]] || fail "no job control"
}

@test "at a terminal: Ctrl-C is the command's, be it in a process group of its own, once" {
	local typed=$BATS_TEST_TMPDIR/typed command

	for command in 'timeout 60' setsid; do
		: >"$typed" # what is waited for shall not be the last one's
		(shown ready; printf '\003'; shown 'then') |
			terminal "$TOOL run -- $command sh -c 'echo ready; exec sleep 60'; echo then \$?" >"$typed" 3>&- 4>&-
		assert_in "$(tr -d '\r' <"$typed")" "then 130"
	done
	: >"$typed"
	(shown ready; printf '\003'; shown woken; touch "$BATS_TEST_TMPDIR/enough"; shown 'then') |
		terminal "$TOOL run -- setsid sh -c 'trap \"echo woken\" INT; echo ready
			while sleep 0.1; do [ -e $BATS_TEST_TMPDIR/enough ] && exit 7; done'; echo then \$?" >"$typed" 3>&- 4>&-
	assert_in "$(tr -d '\r' <"$typed")" "then 7"
	assert_eq "$(grep -c woken "$typed")" 1 "how often it came"
}

# below NAME PID: the process of this name among all that this one has begotten
below() {
	local one

	for one in $(inside_of "$2"); do
		[[ $(<"/proc/$one/comm") != "$1" ]] || echo "$one"
	done
}

@test "a terminal that hangs up ends it, be it the leader of the session, and its network is taken back" {
	local typed=$BATS_TEST_TMPDIR/typed command line all one

	prepared
	for command in "exec $TOOL run --" "exec $TOOL run -- timeout 60" "$TOOL run --"; do
		: >"$typed"
		line="$command sh -c 'echo ready; exec sleep 60'; true"
		terminal "$line" </dev/null >"$typed" 3>&- 4>&- &
		background $!
		shown ready
		line=$(below script $!)
		all=$(inside_of "$line")
		[[ $(wc -w <<<"$all") -ge 3 ]] || fail "processes of it: $all"
		kill -KILL "$line"
		for one in $all; do
			eventually gone "$one"
		done
		assert_unchanged
	done
}

@test "the first configuration of the folder, one by its name, one by its file" {
	conf '.name = "one" | .bridge = "fb1"' >"$CONFS/10-one.conf"
	conf '.name = "two" | .bridge = "fb2" | .ipam.ranges = [[{subnet: "10.2.0.0/24"}]]' >"$CONFS/20-two.conf"
	container -- ip -4 -br addr show dev eth0
	assert_in "$out" 10.1.0.2/24
	assert_eq "$(find "$STORE" -mindepth 1 -maxdepth 1 -printf '%f\n')" one networks
	container --conf two -- ip -4 -br addr show dev eth0
	assert_in "$out" 10.2.0.2/24
	container --conf "$CONFS/20-two.conf" -- ip -4 -br addr show dev eth0
	assert_in "$out" 10.2.0.3/24
	container --conf footbridge -- ip -4 -br addr show dev eth0
	assert_in "$out" 10.252.0.2/16
	container --conf three -- true
	assert_eq "$status" 125 "exit status"
	assert_in "$err" '"three"' "$CONFS"
	echo '{' >"$CONFS/05-broken.conf"
	container -- true
	assert_eq "$status" 125 "exit status"
	assert_in "$err" 05-broken.conf
	container --conf two -- true
	assert_eq "$status" 0 "by name, one that is broken does not matter"
}

@test "an address and a MAC can be asked for" {
	container --ip 10.252.3.4 --mac 02:00:00:00:00:07 -- ip -br addr show dev eth0
	assert_eq "$status" 0 "exit status"
	assert_in "$out" 10.252.3.4/16
	container --mac 02:00:00:00:00:07 -- cat /sys/class/net/eth0/address
	assert_eq "$out" 02:00:00:00:00:07
}

@test "a list: each plugin gets what is its own" {
	local calls=$BATS_TEST_TMPDIR/calls

	plugin_script first <<-'SCRIPT'
		[ $CNI_COMMAND != ADD ] || jq -c '.prevResult + {dns: {domain: "first"}}' *.ADD.first
	SCRIPT
	plugin_script second <<-'SCRIPT'
		[ $CNI_COMMAND != ADD ] || jq -c .prevResult *.ADD.second
	SCRIPT
	container --conf "$(list_of '{"type": "first", "capabilities": {"portMappings": true}, "mine": 1}' \
		'{"type": "second", "capabilities": {"mac": true}}')" --port 8080:80 --port 53:5353/udp -- true
	assert_eq "$status" 0 "exit status"
	assert_eq "$(called)" \
		"0.ADD.first 1.ADD.second 2.DEL.second 3.DEL.first " calls
	jq -e '.name == "net" and .cniVersion == "1.1.0" and .mine == 1 and
		(.prevResult.interfaces | map(.name) | index("eth0")) and .runtimeConfig == {portMappings: [
			{hostPort: 8080, containerPort: 80, protocol: "tcp"},
			{hostPort: 53, containerPort: 5353, protocol: "udp"}]}' "$calls/0.ADD.first" ||
		fail "first: $(<"$calls/0.ADD.first")"
	jq -e '.prevResult.dns.domain == "first" and (has("runtimeConfig") | not)' "$calls/1.ADD.second" ||
		fail "second: $(<"$calls/1.ADD.second")"
	jq -e '.prevResult.dns.domain == "first" and .runtimeConfig.portMappings[0].hostPort == 8080' \
		"$calls/3.DEL.first" || fail "DEL: $(<"$calls/3.DEL.first")"
	assert_eq "$(grep -v 'CNI_COMMAND' "$BATS_TEST_TMPDIR/env.ADD.first" | sort)" \
		"$(grep -v 'CNI_COMMAND' "$BATS_TEST_TMPDIR/env.DEL.second" | sort)" "variables"
	assert_in "$(<"$BATS_TEST_TMPDIR/env.ADD.first")" CNI_IFNAME=eth0 CNI_CONTAINERID=run- CNI_NETNS=/proc/
	container --conf "$(list_of)" --port 80:80 -- true
	assert_eq "$status" 125 "a port where nobody could forward it"
	assert_in "$err" --port '"net"' portMappings
}

@test "a plugin that answers with anything but JSON: all are taken back, and it is told" {
	prepared --conf "$(list_of)"
	plugin_script babbling <<-'SCRIPT'
		[ $CNI_COMMAND != ADD ] || echo well done
	SCRIPT
	container --conf "$(list_of '{"type": "babbling"}')" -- touch "$BATS_TEST_TMPDIR/executed"
	assert_eq "$status" 125 "exit status"
	assert_in "$err" 'the result of "babbling"' JSON
	[[ ! -e $BATS_TEST_TMPDIR/executed ]] || fail "the command ran all the same"
	assert_unchanged
}

@test "a plugin that fails: all are taken back, in reverse order, and it is told" {
	prepared --conf "$(list_of)"
	plugin_script first <<-'SCRIPT'
		[ $CNI_COMMAND != ADD ] || jq -c .prevResult *.ADD.first
	SCRIPT
	plugin_script broken <<-'SCRIPT'
		echo '{"cniVersion": "1.1.0", "code": 123, "msg": "no luck"}'
		[ $CNI_COMMAND = DEL ]
	SCRIPT
	container --conf "$(list_of '{"type": "first"}' '{"type": "broken"}')" -- touch "$BATS_TEST_TMPDIR/executed"
	assert_eq "$status" 125 "exit status"
	assert_in "$err" 'ADD of "broken": no luck'
	[[ ! -e $BATS_TEST_TMPDIR/executed ]] || fail "the command ran all the same"
	assert_eq "$(called)" \
		"0.ADD.first 1.ADD.broken 2.DEL.broken 3.DEL.first " calls
	assert_unchanged
	container --conf "$(list_of '{"type": "nonesuch"}')" -- true
	assert_eq "$status" 125 "exit status"
	assert_in "$err" '"nonesuch"' CNI_PATH
	assert_unchanged
}

@test "a DEL that fails is told, and the others are called all the same" {
	prepared --conf "$(list_of)"
	plugin_script sticky <<-'SCRIPT'
		[ $CNI_COMMAND = ADD ] || { echo '{"code": 99, "msg": "I stay"}'; exit 1; }
		jq -c .prevResult *.ADD.sticky
	SCRIPT
	container --conf "$(list_of '{"type": "sticky"}')" -- true
	assert_eq "$status" 125 "exit status"
	assert_in "$err" 'DEL of "sticky": I stay'
	assert_unchanged
}

@test "a signal while the network is made: the command is not executed" {
	prepared --conf "$(list_of)"
	plugin_script slow <<-'SCRIPT'
		[ $CNI_COMMAND != ADD ] || { touch ../adding; while [ ! -e ../enough ]; do sleep 0.05; done; }
		[ $CNI_COMMAND != ADD ] || jq -c .prevResult *.ADD.slow
	SCRIPT
	contained --conf "$(list_of '{"type": "slow"}')" -- touch "$BATS_TEST_TMPDIR/executed"
	eventually test -e "$BATS_TEST_TMPDIR/adding"
	kill -TERM "$pid"
	touch "$BATS_TEST_TMPDIR/enough"
	ended
	assert_eq "$status" 143 "exit status"
	[[ ! -e $BATS_TEST_TMPDIR/executed ]] || fail "the command ran all the same"
	assert_unchanged
}

@test "with Debian's portmap and tuning: a port of the host, a switch inside" {
	outside
	CONF=$(conf '.cniVersion = "1.0.0"')
	contained --port 8080:80 --conf "$(list_of \
		'{"type": "tuning", "sysctl": {"net.ipv4.conf.eth0.log_martians": "1"}}' \
		'{"type": "portmap", "capabilities": {"portMappings": true}}')" -- sh -c '
		cat /proc/sys/net/ipv4/conf/eth0/log_martians
		echo through | busybox nc -l -p 80'
	eventually through_port 8080
	ended
	assert_eq "$status" 0 "exit status"
	assert_eq "$out" 1 "the switch that tuning has set"
	refute grep -q 8080 <(iptables-save; nft list ruleset)
}

@test "it needs no more than CAP_SYS_ADMIN and CAP_NET_ADMIN of a root" {
	timed setpriv --bounding-set -all,+sys_admin,+net_admin,+dac_override,+fowner,+setgid,+setuid \
		"$TOOL" run -- true
	assert_eq "$status" 0 "exit status"
	timed setpriv --bounding-set -all "$TOOL" run -- true
	assert_eq "$status" 125 "exit status"
	assert_in "$err" CAP_SYS_ADMIN
}

@test "many at once do not disturb each other" {
	local one pids=()

	prepared
	for one in {1..6}; do
		"$TOOL" run -- sh -c 'busybox ping -c 1 -W 5 10.252.0.1 >/dev/null && ip -4 -o addr show dev eth0' \
			>"$BATS_TEST_TMPDIR/many.$one" 2>&1 3>&- 4>&- &
		pids+=($!)
	done
	for one in "${pids[@]}"; do
		wait "$one" || fail "one failed: $(cat "$BATS_TEST_TMPDIR"/many.*)"
	done
	assert_eq "$(grep -oh '10\.252\.[0-9.]*/16' "$BATS_TEST_TMPDIR"/many.* | sort -u | wc -l)" 6 addresses
	assert_unchanged
}

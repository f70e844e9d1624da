#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `footbridge netns`: namespaces with a name, interchangeable with `ip netns`.

load helpers

TOOL=$FOOTBRIDGE_BIN/../footbridge

names() {
	ip netns list | cut -d' ' -f1 | sort | tr '\n' ' '
}

inode() {
	stat -Lc %i "/run/netns/$1"
}

propagation() {
	findmnt -no PROPAGATION /run/netns | tail -n 1
}

# staying NAME: a process in the namespace; its PID in $pid
staying() {
	nsenter --net="/run/netns/$1" sleep 60 3>&- 4>&- &
	pid=$!
	background "$pid"
	eventually test "/proc/$pid/ns/net" -ef "/run/netns/$1"
}

@test "what it makes is a namespace for ip, too" {
	footbridge netns add a
	assert_eq "$status" 0 "exit status"
	assert_eq "$out$err" "" "what it says"
	assert_eq "$(stat -fLc %T /run/netns/a)" nsfs "kind of file"
	[[ ! /run/netns/a -ef /proc/self/ns/net ]] || fail "it is our own"
	assert_eq "$(names)" "a " "names for ip"
	assert_eq "$(ip netns exec a ip -br link)" "$(printf '%-17s%-15s%s' lo DOWN '00:00:00:00:00:00 <LOOPBACK> ')" "inside"
	ip link add va type veth peer name vb netns a
	footbridge netns exec a ip -br link show vb
	assert_eq "$status" 0 "exit status"
	assert_in "$out" vb@
	ip netns del a
	[[ ! -e /run/netns/a ]] || fail "ip could not delete it"
}

@test "what ip makes it lists, enters and deletes" {
	ip netns add b
	footbridge netns list
	assert_in "$out" NAME "b " "$(inode b)"
	footbridge netns exec b readlink /proc/self/ns/net
	assert_eq "$out" "net:[$(inode b)]"
	footbridge netns delete b
	assert_eq "$status" 0 "exit status"
	assert_eq "$err" "" stderr
	assert_eq "$(names)" "" names
	[[ ! -e /run/netns/b ]] || fail "the file is still there"
}

@test "the files and the folder are as ip makes them" {
	local ours other

	rmdir /run/netns
	footbridge netns add a
	ours=$(propagation) other=$(umount -l /run/netns/a && stat -c %a /run/netns/a)
	umount -l /run/netns
	rm -r /run/netns
	ip netns add a
	assert_eq "$ours" "$(propagation)" "propagation of the folder"
	umount -l /run/netns/a
	assert_eq "$other" "$(stat -c %a /run/netns/a)" "mode of the file"
}

@test "names come and go in mount namespaces that were there before" {
	footbridge netns add first
	unshare -m --propagation slave sleep 60 3>&- 4>&- &
	background $!
	eventually refute test "/proc/$!/ns/mnt" -ef /proc/self/ns/mnt
	footbridge netns add second
	nsenter -t $! -m stat -fLc %T /run/netns/second | grep -qx nsfs || fail "second is not seen there"
	footbridge netns delete first
	nsenter -t $! -m ls /run/netns | grep -qx first && fail "first is still seen there"
	true
}

@test "a name that is taken, or is none, is refused" {
	local name before

	footbridge netns add a
	before=$(inode a)
	footbridge netns add a
	assert_eq "$status" 1 "exit status"
	assert_in "$err" '"a"' already
	assert_eq "$(inode a)" "$before" "the namespace"
	for name in '' . .. a/b ../a "$(printf 'x%.0s' {1..256})"; do
		footbridge netns add "$name"
		assert_eq "$status" 1 "exit status of add '$name'"
		footbridge netns delete "$name"
		assert_eq "$status" 1 "exit status of delete '$name'"
		footbridge netns exec "$name" true
		assert_eq "$status" 125 "exit status of exec '$name'"
	done
	footbridge netns delete none
	assert_eq "$status" 1 "exit status"
	assert_in "$err" '"none"'
	assert_eq "$(names)" "a " names
	[[ -d /run/netns && ! -e /run/a ]] || fail "the folder above has suffered"
}

@test "deleting one that is in use says who is in it, and deletes the name" {
	footbridge netns add a
	staying a
	footbridge netns delete a
	assert_eq "$status" 0 "exit status"
	assert_in "$err" '"a"' "sleep ($pid)"
	assert_eq "$(names)" "" names
	[[ -e /proc/$pid ]] || fail "the process is dead"
	footbridge netns add a
	footbridge netns delete a
	assert_eq "$err" "" "the next of that name is another"
}

@test "the list tells programs who is in it" {
	footbridge netns list --json
	assert_json '. == []'
	footbridge netns add b
	footbridge netns add a
	touch /run/netns/c
	staying b
	footbridge netns list --json
	assert_eq "$status" 0 "exit status"
	assert_json 'map(.name) == ["a", "b", "c"]'
	assert_json '.[0].processes == [] and .[0].inode == '"$(inode a)"
	assert_json '.[1].processes == [{pid: '"$pid"', name: "sleep"}]'
	assert_json '.[2] | has("inode") | not'
	footbridge netns list
	assert_in "$out" 'no namespace' "1: sleep ($pid)"
	footbridge netns delete c
	assert_eq "$status" 0 "what is no namespace any more can be deleted"
	[[ ! -e /run/netns/c ]] || fail "the file is still there"
}

@test "that processes of others are in it is not known to who may not look at them" {
	local user=(setpriv --reuid nobody --regid nogroup --clear-groups --inh-caps -all --bounding-set -all)

	ip netns add a
	staying a
	cp "$TOOL" /run/footbridge.tool
	timed "${user[@]}" /run/footbridge.tool netns list
	assert_eq "$status$err" 0 "exit status, stderr"
	[[ $out =~ 0\;\ of\ [1-9][0-9]*\ more\ it\ is\ not\ known ]] || fail "it says nothing of those"
	timed "${user[@]}" /run/footbridge.tool netns list --json
	assert_json '.[0].processes == [] and .[0].unseen > 0'
}

@test "a command in it: its devices in /sys, its files in /etc, no trace on the host" {
	local before etc=$BATS_TEST_TMPDIR/etc

	footbridge netns add a
	# the machine's own has no say
	mkdir -p "$etc/netns/a"
	touch "$etc/resolv.conf"
	echo 'nameserver 192.0.2.53' >"$etc/netns/a/resolv.conf"
	echo nothing >"$etc/netns/a/no-such-file-in-etc"
	# one that cannot be bound, and a folder for a file
	touch "$etc/hosts" "$etc/group"
	ln -s /no/such/file "$etc/netns/a/hosts"
	mkdir "$etc/netns/a/group"
	before=$(cat /proc/self/mountinfo)
	unshare -m sh -c "mount --bind '$etc' /etc && exec '$TOOL' netns exec a \
		sh -c 'cat /etc/resolv.conf; ls /sys/class/net; mount -t tmpfs tmpfs /mnt'" \
		>"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err"
	assert_eq "$(<"$BATS_TEST_TMPDIR/out")" $'nameserver 192.0.2.53\nlo' "inside"
	assert_eq "$(sort "$BATS_TEST_TMPDIR/err")" "$(printf 'footbridge netns: cannot mount %s\n' \
		'/etc/netns/a/group on /etc/group: Not a directory' \
		'/etc/netns/a/hosts on /etc/hosts: No such file or directory')" stderr
	assert_eq "$(cat /proc/self/mountinfo)" "$before" "mounts on the host"
}

@test "the exit status of exec is the command's, and its process is the command" {
	footbridge netns add a
	footbridge netns exec a sh -c 'exit 42'
	assert_eq "$status" 42
	footbridge netns exec a -- sh -c 'exit 43'
	assert_eq "$status" 43
	footbridge netns exec a no-such-command
	assert_eq "$status" 127
	footbridge netns exec none true
	assert_eq "$status" 125
	assert_in "$err" '"none"'
	footbridge netns exec a
	assert_eq "$status" 125
	assert_in "$err" usage
	"$TOOL" netns exec a sleep 60 3>&- 4>&- &
	background $!
	eventually grep -q sleep "/proc/$!/comm"
	kill -TERM $!
	refute wait $!
}

@test "a container with the namespace it has made" {
	footbridge netns add a
	add a
	assert_ok
	footbridge netns exec a busybox ping -c 1 -W 5 10.1.0.1
	assert_eq "$status" 0 "exit status"
	footbridge netns delete a
	del a
	assert_ok
	eventually refute_anything_left a
}

@test "many at once" {
	local i pids=()

	rmdir /run/netns
	for i in {1..12}; do
		"$TOOL" netns add "n$i" 3>&- 4>&- &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || fail "one failed"
	done
	assert_eq "$(ip netns list | wc -l)" 12 names
}

@test "two at once that find the folder not yet shared: it is mounted once" {
	local log=$BATS_TEST_TMPDIR/log late before

	rmdir /run/netns
	# the machine may have one of its own, below ours
	before=$(grep -c ' /run/netns ' /proc/self/mountinfo || true)
	# one has seen that it must mount, and is held up in front of that
	ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 strace -qq -o "$log" -e trace=mount \
		-e inject=mount:delay_enter=500000:when=2 "$TOOL" netns add late 3>&- 4>&- &
	late=$!
	background "$late"
	eventually grep -q EINVAL "$log"
	footbridge netns add early
	assert_ok
	wait "$late"
	assert_eq "$(grep -c ' /run/netns ' /proc/self/mountinfo)" $((before + 1)) "mounts of the folder"
}

@test "help behind what is to be done explains it, and does not do it" {
	local deed option

	ip netns add one
	for deed in add list delete exec; do
		for option in --help -h; do
			footbridge netns "$deed" "$option"
			assert_eq "$status$err" 0 "exit status, stderr of $deed $option"
			assert_in "$out" "usage: footbridge netns" "make a network namespace"
		done
	done
	for option in -x --json --; do
		footbridge netns add "$option"
		assert_eq "$status" 2 "exit status of add $option"
		assert_in "$err" "$option is not understood"
		footbridge netns delete "$option"
		assert_eq "$status" 2 "exit status of delete $option"
		footbridge netns exec "$option" true
		assert_eq "$status" 125 "exit status of exec $option"
	done
	assert_eq "$(names)" "one " names
	# another may have made one all the same
	touch /run/netns/--help
	footbridge netns delete -- --help
	assert_eq "$status$err" 0 "exit status, stderr"
	[[ ! -e /run/netns/--help ]] || fail "it is still there"
}

@test "called wrongly it says what would be right" {
	for words in '' nonsense 'add' 'add a b' 'delete' 'list --yaml'; do
		# shellcheck disable=SC2086 # words
		footbridge netns $words
		assert_eq "$status" 2 "exit status of '$words'"
		assert_in "$err" "usage: footbridge netns"
	done
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The store on a disk: power cuts, full disks, crowds of files.  FULL=1: at more moments
# and at those of a disk as it is mounted by default.

load ../net/helpers

# 10.1.0.2 to 10.1.0.14
CONF=$(jq -c '.ipam.ranges[0][0].subnet = "10.1.0.0/28"' <<<"$SINGLE")
# shellcheck disable=SC2034 # for the helpers
PLUGIN=host-local
CAPACITY=13
DISK=/run/disk
IMAGE=/run/image
writers=() images=() all_whole=0

# how large each must be at least
declare -gA SIZE=([ext4]=16M [xfs]=300M [btrfs]=110M)

# disk FS [early]: a file system of its own for the store; early: its journal names the files
# long before their contents are written, as it does between 5 and 30 s by default
disk() {
	fs=$1
	losetup -f >/dev/null || skip "no loop device can be had"
	truncate -s "${SIZE[$fs]}" "$DISK"
	"mkfs.$fs" -q "$DISK" >/dev/null
	# a journal of zeros need not be copied
	fallocate -d "$DISK"
	mkdir -p "$STORE"
	case $fs$2 in
	ext4early | btrfsearly) mounted commit=1 ;;
	# these name files when somebody asks, or after 30 s, when they do the contents, too
	xfs* | btrfs) mounted && neighbour ;;
	*) mounted ;;
	esac
}

# mounted [OPTION]: the disk, as the store
mounted() {
	mount -t "$fs" -o "loop${1:+,$1}" "$DISK" "$STORE" && return
	grep -qw "$fs" /proc/filesystems || skip "this kernel has no $fs"
	fail "cannot mount $fs"
}

# neighbour: somebody who has the names written each second, by a file or snapshots of his own
neighbour() {
	local n

	[[ $fs != btrfs ]] || btrfs subvolume create "$STORE/neighbour" >/dev/null
	for ((n = 0; ; n++)); do
		if [[ $fs == btrfs ]]; then
			btrfs subvolume snapshot "$STORE/neighbour" "$STORE/neighbour$n" >/dev/null
		else
			echo >>"$STORE/neighbour"
			sync "$STORE/neighbour"
		fi
		sleep 1
	done 3>&- &
	writers+=($!)
	background $!
}

# lease POD...: by host-local; all must succeed
lease() {
	local name

	for name in "$@"; do
		add "$name"
		assert_ok
	done
}

# cut: keep what a power cut would leave of the disk now
cut() {
	local half order='1 0' megabytes=$((${SIZE[$fs]%M} / 2))

	# The journal is in the middle and comes first: were a text written and named meanwhile,
	# there would be the name alone.  With btrfs it is the first block that names all others.
	[[ $fs != btrfs ]] || order='0 1'
	images+=("$IMAGE.${#images[@]}")
	truncate -s "${SIZE[$fs]}" "${images[-1]}"
	for half in $order; do
		dd if="$DISK" of="${images[-1]}" bs=1M count="$megabytes" skip=$((half * megabytes)) \
			seek=$((half * megabytes)) conv=sparse,notrunc status=none
	done
}

# after_each CMD...: run it with what each cut has left in /run/after; the disk is done with,
# as btrfs takes no two devices of one name
after_each() {
	local image

	[[ ${#writers[@]} -eq 0 ]] || kill "${writers[@]}"
	eventually umount "$STORE"
	mkdir -p /run/after
	for image in "${images[@]}"; do
		mount -t "$fs" -o loop "$image" /run/after
		"$@"
		umount /run/after
		rm "$image"
	done
}

# entries FOLDER: the addresses that stand there
entries() {
	find "$1" -maxdepth 1 -name '10.1.0.*' -printf '%f\n' 2>/dev/null | sort
}

# recovers: of what the cut left, the whole entries are kept, the torn ones make room, and
# after a DEL of each container there is nothing
recovers() {
	local whole given=0 i good=$CONF

	CONF=$(conf '.ipam.dataDir = "/run/after"')
	whole=$(grep -lE $'^[a-z][0-9]+\r$' /run/after/net/10.1.0.* 2>/dev/null | wc -l)
	all_whole=$((all_whole + whole))
	for ((i = 0; i <= CAPACITY; i++)); do
		add "after$i"
		[[ $status -eq 0 ]] || break
		given=$((given + 1))
	done
	assert_error 102
	assert_eq "$given" $((CAPACITY - whole)) "addresses given, where $whole whole entries were left"
	for i in p{1..8} $(seq -f 'after%g' 0 "$CAPACITY"); do
		del "$i"
		assert_ok
	done
	assert_eq "$(entries /run/after/net)" "" "entries that no DEL removes"
	CONF=$good
}

# after_each_recovers CMD...: by this; at least one of the leases had come onto the disk
after_each_recovers() {
	after_each "$@"
	[[ $all_whole -gt 0 ]] || fail "no lease was on the disk at any cut: it proves nothing"
}

# torn FILE...: how many of them, where there are any, are empty or full of NULs
torn() {
	local file n=0

	for file in "$@"; do
		[[ ! -e $file || $(tr -d '\0' <"$file") ]] || n=$((n + 1))
	done
	echo "$n"
}

# as_everybody: files as everybody writes them, beside the leases
as_everybody() {
	local i

	mkdir -p "$STORE/control"
	for i in {1..8}; do
		printf 'p%d\r\neth0' "$i" >"$STORE/control/$i"
	done
}

note_and_recover() {
	control_torn=$((control_torn + $(torn /run/after/control/*)))
	leases_torn=$((leases_torn + $(torn /run/after/net/10.1.0.*)))
	recovers
}

# cuts SECOND...: the power goes so many seconds after the leases
cuts() {
	local second began control_torn=0 leases_torn=0 most=2

	as_everybody
	lease p{1..8}
	began=$EPOCHSECONDS
	for second in "$@"; do
		while ((EPOCHSECONDS - began < second)); do sleep 0.1; done
		cut
	done
	after_each_recovers note_and_recover
	echo "# figure: $fs, cuts after $* s tore $leases_torn of $((8 * $#)) leases, none for ever, and $control_torn files written without care" >&3
	[[ $control_torn -gt 0 ]] || fail "no cut tore what is written without care: it proves nothing"
	# ext4's journal waits for a text that is on its way; the others' may be forced in the
	# milliseconds that it takes
	[[ $fs != ext4 ]] || most=0
	[[ $leases_torn -le $most ]] || fail "$leases_torn leases are torn"
}

# wherever_the_journal_stands FS
wherever_the_journal_stands() {
	disk "$1" early
	cuts 0 2 4
}

# as_by_default FS
as_by_default() {
	[[ ${FULL-} ]] || skip "takes a minute: make torture"
	disk "$1" ''
	cuts 0 2 6 9 12 20 40
}

# come_and_go: without an end
come_and_go() {
	local i=0

	while :; do
		i=$(((i % 8) + 1))
		add "p$i"
		del "p$((((i + 3) % 8) + 1))"
	done
}

# while_they_come_and_go FS
while_they_come_and_go() {
	local i

	disk "$1" early
	come_and_go 3>&- &
	writers+=($!)
	background $!
	for ((i = 0; i < ${FULL:+10} + 4; i++)); do
		sleep "0.$((RANDOM % 9 + 1))"
		cut
	done
	after_each_recovers recovers
	echo "# figure: $fs, $i cuts while leases came and went: $all_whole whole" >&3
}

@test "ext4: a power cut, wherever the journal stands" { wherever_the_journal_stands ext4; }
@test "xfs: a power cut, wherever the journal stands" { wherever_the_journal_stands xfs; }
@test "btrfs: a power cut, wherever the journal stands" { wherever_the_journal_stands btrfs; }
@test "ext4: a power cut on a disk as it is mounted by default" { as_by_default ext4; }
@test "xfs: a power cut on a disk as it is mounted by default" { as_by_default xfs; }
@test "btrfs: a power cut on a disk as it is mounted by default" { as_by_default btrfs; }
@test "ext4: power cuts while leases come and go" { while_they_come_and_go ext4; }
@test "xfs: power cuts while leases come and go" { while_they_come_and_go xfs; }
@test "btrfs: power cuts while leases come and go" { while_they_come_and_go btrfs; }

# full HOW SIZE: by files of this size; nothing more goes onto the store's file system
full() {
	local n=0

	while [[ $n -lt 200 ]] && head -c "$2" /dev/zero >"$STORE/filler$n" 2>/dev/null; do
		n=$((n + 1))
	done
	[[ $n -lt 200 ]] || fail "the file system does not fill up with $1"
}

@test "no inode is left, or no block: nothing is left of the ADD, and it works again" {
	local how size

	PLUGIN=bridge
	pod first a
	for how in 'nr_inodes=40 0' 'size=160k 4096'; do
		size=${how#* } how=${how% *}
		mkdir -p "$STORE"
		mount -t tmpfs -o "$how" tmpfs "$STORE"
		add first
		assert_ok
		full "$how" "$size"
		snapshot
		add a
		assert_error 5 "$STORE" 'No space left'
		assert_unchanged
		refute_anything_left a
		del first
		assert_ok
		rm "$STORE"/filler*
		add a
		assert_ok
		add first
		assert_ok
		del a
		del first
		assert_ok
		umount "$STORE"
	done
}

# crowd KIND: 65,000 files, as leases of others or beside the leases
crowd() {
	python3 - "$STORE/net" "$1" <<-'END'
		import os, sys
		folder, kind = sys.argv[1:]
		os.makedirs(folder, exist_ok=True)
		for i in range(256, 65256):
		    name = f"10.1.{i >> 8}.{i & 255}" if kind == "leases" else f"note{i}"
		    with open(f"{folder}/{name}", "w") as file:
		        file.write(f"other{i}\r\neth0")
	END
}

# settled FOLDER: what lies there, but for the lock and the hint
settled() {
	find "$1" -type f ! -name lock ! -name 'last*' -printf '%f %s %T@\n' | sort | sha256sum
}

@test "65,000 leases of others, or files that are none" {
	local kind verb times before

	export PLUGIN=bridge PATIENCE=100
	CONF=$(conf '.ipam.ranges[0][0].subnet = "10.1.0.0/16"')
	pod a
	for kind in leases notes; do
		crowd "$kind"
		before=$(settled "$STORE/net")
		# the first reads them all, for who may hold what: nobody has yet
		add a
		assert_ok
		# shellcheck disable=SC2154 # of the helpers
		times="first ADD $took ms"
		for verb in check del add del; do
			"$verb" a
			assert_ok
			assert_quick 500 "$verb beside 65,000 $kind"
			times+=", ${verb^^} $took ms"
		done
		echo "# figure: 65,000 $kind: $times" >&3
		refute_anything_left a
		assert_eq "$(settled "$STORE/net")" "$before" "the others' files"
		rm -r "$STORE/net"
	done
}

@test "dataDir is edited between ADD and DEL: what stays in the old store makes room there" {
	local old

	PLUGIN=bridge
	CONF=$(conf '.ipam.ranges[0][0] += {"rangeStart": "10.1.0.9", "rangeEnd": "10.1.0.9"}')
	old=$CONF
	pod a b
	add a
	assert_ok
	CONF=$(conf '.ipam.dataDir = "/run/other"')
	del a
	assert_ok
	rm -f "$STORE/net/last_reserved_ip.0"
	assert_eq "$(leases)" 10.1.0.9 "the lease that DEL cannot know of"
	CONF=$old
	add b
	assert_ok
	assert_eq "$(pod_ip b)" 10.1.0.9
	# and nothing else had stayed
	refute_anything_left a
}

@test "two dataDirs for one subnet: an address that is in use is not given twice" {
	PLUGIN=bridge
	pod a b
	add a
	assert_ok
	snapshot
	CONF=$(conf '.ipam.dataDir = "/run/other"')
	add b
	assert_error 101 10.1.0.2 a/eth0 dataDir
	assert_unchanged
	refute_anything_left b
	[[ ! -e /run/other/net/10.1.0.2 ]] || fail "the lease is left"
	pings a 10.1.0.1
	# the next is free
	add b
	assert_ok
	assert_eq "$(pod_ip b)" 10.1.0.3
	del b
	assert_ok
	assert_unchanged
}

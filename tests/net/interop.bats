#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One store, two plugins: Debian's Go host-local and ours.

load helpers

GO=/usr/lib/cni

# the newest version that Debian 12's plugins know
CONF=$(conf '.cniVersion = "1.0.0"')

setup_file() {
	[[ -x $GO/host-local ]] || fail "$GO/host-local is missing: install containernetworking-plugins"
}

# ours VERB POD, go VERB POD: host-local, each of its make
ours() {
	call "$1" host-local "$2" "${3-eth0}" <<<"$CONF"
}

go() {
	FOOTBRIDGE_BIN=$GO call "$1" host-local "$2" "${3-eth0}" <<<"$CONF"
}

# given: print the address that the last call got; a test looks at its own exit status
given() {
	assert_ok || return
	result '.ips[0].address'
}

@test "the files are the same, byte for byte" {
	local file
	CONF=$(jq -c '.cniVersion = "1.0.0"' <<<"$DUAL")
	ours ADD a-container_1.x
	assert_ok
	cp -a "$STORE" /run/ours
	rm -r "$STORE"
	go ADD a-container_1.x
	assert_ok
	diff -r /run/ours "$STORE"
	assert_eq "$(cd /run/ours/net && echo *)" \
		"10.1.0.2 fd00:1::2 last_reserved_ip.0 last_reserved_ip.1 lock"
	assert_eq "$(stat -c %a /run/ours/net)" "$(stat -c %a "$STORE/net")" "mode of the network's folder"
	assert_eq "$(stat -c %a /run/ours)" "$(stat -c %a "$STORE")" "mode of the store"
	# as host-local has it since 1.4; Debian 12 brings 1.1
	for file in 10.1.0.2 fd00:1::2 last_reserved_ip.0; do
		assert_eq "$(stat -c %a "/run/ours/net/$file")" 600 "mode of $file"
	done
	assert_eq "$(od -An -c "$STORE/net/10.1.0.2" | tr -d ' \n')" 'a-container_1.x\r\neth0'
}

@test "the files are the same under any umask" {
	local mask
	for mask in 0 077 0777; do
		(
			umask "$mask"
			ours ADD a
			assert_ok
		)
		assert_eq "$(stat -c %a "$STORE" "$STORE/net" "$STORE/net/10.1.0.2" | tr '\n' ' ')" \
			"755 755 600 " "umask $mask"
		rm -r "$STORE"
	done
}

@test "the addresses of both are named alike: IPv6 in all its spellings" {
	local subnet
	for subnet in 2001:db8::/64 2001:db8:0:0:1::/80 fd00:0:0:1::/64 1100:200::/24 2001:db8:0:1::/64 \
		fd00::ffff:0:0/96; do
		rm -rf "$STORE"
		CONF=$(conf '.ipam.ranges = [[{"subnet": $s}]]' --arg s "$subnet")
		ours ADD a
		assert_ok
		cp -a "$STORE" "/run/ours.${subnet//\//-}"
		rm -r "$STORE"
		go ADD a
		assert_ok
		diff -r "/run/ours.${subnet//\//-}" "$STORE"
	done
}

@test "we lease, it checks and releases" {
	ours ADD a
	assert_ok
	CONF=$(conf '.prevResult = $r' --argjson r "$out") go CHECK a
	assert_ok
	go DEL a
	assert_ok
	assert_eq "$(leases)" ""
}

@test "it leases, we check and release" {
	go ADD a
	assert_ok
	CONF=$(conf '.prevResult = $r' --argjson r "$out")
	ours CHECK a
	assert_ok
	ours DEL a
	assert_ok
	assert_eq "$(leases)" ""
}

@test "neither releases the other's leases of other containers or interfaces" {
	ours ADD a
	go ADD b
	ours ADD b net1
	go ADD a net1
	ours DEL b
	assert_eq "$(leases | tr '\n' ' ')" "10.1.0.2 10.1.0.4 10.1.0.5 "
	go DEL a
	assert_eq "$(leases | tr '\n' ' ')" "10.1.0.4 10.1.0.5 "
	go DEL b net1
	ours DEL a net1
	assert_eq "$(leases)" ""
}

@test "both know that an attachment has a lease" {
	ours ADD a
	go ADD a
	assert_eq "$status" 1
	assert_in "$out" "duplicate allocation is not allowed"
	go ADD b
	ours ADD b
	assert_error 101 "duplicate allocation is not allowed"
	assert_eq "$(leases | wc -l)" 2
}

@test "round robin goes on where the other stopped" {
	local i wanted=2
	for i in {1..5}; do
		ours ADD "o$i"
		assert_eq "$(given)" "10.1.0.$((wanted++))/24"
		ours DEL "o$i"
		go ADD "g$i"
		assert_eq "$(given)" "10.1.0.$((wanted++))/24"
		go DEL "g$i"
	done
}

@test "round robin wraps and walks alike, through several ranges and past the gateways" {
	local i one=() other=()
	CONF=$(conf '.ipam.ranges = [[{"subnet": "10.1.0.0/29"}, {"subnet": "10.1.1.0/29", "gateway": "10.1.1.3"},
		{"subnet": "10.1.2.0/29", "rangeStart": "10.1.2.6", "rangeEnd": "10.1.2.7"}]]')
	for i in {1..30}; do
		go ADD a
		assert_ok
		one+=("$(given)")
		go DEL a
	done
	rm -r "$STORE"
	for i in {1..30}; do
		ours ADD a
		assert_ok
		other+=("$(given)")
		ours DEL a
	done
	assert_eq "${other[*]}" "${one[*]}"
}

@test "a requested address moves the round robin for both" {
	CNI_ARGS=IP=10.1.0.100 ours ADD a
	assert_ok
	go ADD b
	assert_eq "$(given)" 10.1.0.101/24
	CNI_ARGS=IP=10.1.0.50 go ADD c
	ours ADD d
	assert_eq "$(given)" 10.1.0.51/24
}

@test "a full pool is full for both" {
	CONF=$(conf '.ipam.ranges[0][0].subnet = "10.1.0.0/29"')
	ours ADD a
	go ADD b
	ours ADD c
	go ADD d
	ours ADD e
	assert_ok
	ours ADD f
	assert_error 102
	go ADD f
	assert_eq "$status" 1
	go DEL a
	ours ADD f
	assert_eq "$(given)" 10.1.0.2/29
}

@test "entries of old: container alone, and line ends of every kind" {
	mkdir -p "$STORE/net"
	printf a >"$STORE/net/10.1.0.2"
	printf 'b\neth0' >"$STORE/net/10.1.0.3"
	printf 'c\r\neth0' >"$STORE/net/10.1.0.4"
	printf 'd\r\neth0\n' >"$STORE/net/10.1.0.5"
	printf 'e\n' >"$STORE/net/10.1.0.6"
	ours DEL z
	assert_eq "$(leases | wc -l)" 5
	for pod in a b c d e; do
		ours DEL "$pod"
		assert_ok
	done
	# a word and a newline, as people write it: a note
	assert_eq "$(leases)" 10.1.0.6
}

@test "an entry of old is released only where there is none of today's" {
	mkdir -p "$STORE/net"
	printf a >"$STORE/net/10.1.0.2"
	printf 'a\r\neth0' >"$STORE/net/10.1.0.3"
	ours DEL a
	assert_eq "$(leases)" 10.1.0.2
	ours DEL a
	assert_eq "$(leases)" ""
}

@test "both allocate at once from one store: no address twice" {
	local i make
	for i in {1..50}; do
		for make in ours go; do
			(
				"$make" ADD "$make$i"
				[[ $status -ne 0 ]] || result '.ips[0].address' >"$BATS_TEST_TMPDIR/ip.$make$i"
			) 3>&- &
		done
	done
	wait
	assert_eq "$(cat "$BATS_TEST_TMPDIR"/ip.ours* | wc -l)" 50 "ours"
	assert_eq "$(cat "$BATS_TEST_TMPDIR"/ip.go* | wc -l)" 50 "theirs"
	assert_eq "$(cat "$BATS_TEST_TMPDIR"/ip.* | sort | uniq -d)" "" "an address given twice"
	assert_eq "$(leases | wc -l)" 100
	for i in {1..50}; do
		(go DEL "ours$i") 3>&- &
		(ours DEL "go$i") 3>&- &
	done
	wait
	assert_eq "$(leases)" ""
}

@test "the lease of our bridge can be released by the Go host-local, and taken again" {
	pod a
	add a
	assert_ok
	go DEL a
	assert_ok
	assert_eq "$(leases)" ""
	del a
	assert_ok
	refute_anything_left a
}

@test "a lease of the Go bridge is released by ours, with what it leaves in the store" {
	pod a
	CONF=$(conf '.ipMasq = false')
	FOOTBRIDGE_BIN=$GO add a
	assert_ok
	assert_eq "$(leases)" 10.1.0.2
	del a
	assert_ok
	assert_eq "$(leases)" ""
}

@test "containers of the Go bridge and of ours share one bridge and its gateway" {
	pod a b
	CONF=$(conf '.ipMasq = false')
	FOOTBRIDGE_BIN=$GO add a
	assert_ok
	add b
	assert_ok
	check b
	assert_ok
	pings b "$(pod_ip a)"
	pings a "$(pod_ip b)"
	pings a 10.1.0.1
	FOOTBRIDGE_BIN=$GO check a
	assert_ok
	FOOTBRIDGE_BIN=$GO del a
	assert_ok
	check b
	assert_ok
	pings b 10.1.0.1
}

# next_after ADDRESS: print what round robin gives, of a /29, when ADDRESS was the last;
# the model is $held: container by the last byte of its address
next_after() {
	local n=$1

	for _ in {1..5}; do
		n=$((n >= 6 ? 2 : n + 1))
		[[ ${held[$n]-} ]] || break
	done
	echo "$n"
}

# any_bridge MAKE VERB POD: the Go bridge with its host-local, or ours.  Debian's stumbles once
# over a chain that ours did not make, and is asked again, as kubelets do
any_bridge() {
	local FOOTBRIDGE_BIN=$FOOTBRIDGE_BIN

	[[ $1 == ours ]] || FOOTBRIDGE_BIN=$GO
	call "$2" bridge "$3" <<<"$CONF"
	if [[ $1 == go && $2 == DEL && $status -ne 0 ]]; then
		call DEL bridge "$3" <<<"$CONF"
	fi
	assert_ok
}

# step: some container comes or goes; what was done is in $story
step() {
	local pod=${pods[RANDOM % ${#pods[@]}]} make=ours n

	((RANDOM % 2)) || make=go
	if [[ ${place[$pod]-} ]]; then
		# of ours Go's leaves the masquerade, which is only known to be left over by who can look
		[[ $looks ]] || make=ours
		story+=" $make:DEL:$pod"
		any_bridge "$make" DEL "$pod" || return
		unset "held[${place[$pod]}]" "place[$pod]"
		return
	fi
	story+=" $make:ADD:$pod"
	any_bridge "$make" ADD "$pod" || return
	n=$(next_after "$last")
	last=$n held[$n]=$pod place[$pod]=$n
	assert_eq "$(result '.ips[0].address')" "10.1.0.$n/29" "address of $pod"
}

# as_modelled: the store has the addresses that the model has, and their holders
as_modelled() {
	local ip

	for ip in $(leases); do
		printf '%s %s\n' "$ip" "$(head -n 1 "$STORE/net/$ip" | tr -d '\r')"
	done >"$BATS_TEST_TMPDIR/store"
	for ip in "${!held[@]}"; do
		echo "10.1.0.$ip ${held[$ip]}"
	done | sort | diff - "$BATS_TEST_TMPDIR/store"
}

@test "ADDs and DELs of both bridges in any order: a model has the same addresses" {
	local seed=${SEED-$RANDOM} i last=1 story='' pods=(a b c d) pod looks=
	local -A held=() place=()

	CONF=$(conf '.ipam.ranges[0][0].subnet = "10.1.0.0/29"')
	pod "${pods[@]}"
	! answers_for_others || looks=1
	RANDOM=$seed
	for ((i = 0; i < ${FULL:+160} + 40; i++)); do
		step || fail "SEED=$seed:$story"
		as_modelled || fail "SEED=$seed:$story"
	done
	for pod in "${!place[@]}"; do
		assert_eq "$(pod_ip "$pod")" "10.1.0.${place[$pod]}" "address in $pod, SEED=$seed:$story"
		pings "$pod" 10.1.0.1 || fail "$pod does not reach the gateway, SEED=$seed:$story"
	done
	for pod in "${!place[@]}"; do
		any_bridge ours DEL "$pod" || fail "SEED=$seed:$story"
	done
	# what the Go bridge knows nothing of
	gc '[]'
	assert_ok
	assert_eq "$(leases)$(ip -j link show type veth | jq -r '.[].ifname')" "" "left, SEED=$seed:$story"
	for pod in "${pods[@]}"; do
		refute_anything_left "$pod" || fail "SEED=$seed:$story"
	done
	refute_lists elements nft list ruleset
	refute_lists CNI- nft list ruleset
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# macspoofchk, shown by forged frames.

load helpers

FORGED=02:00:5e:00:53:66
LOCAL=88b5		# IEEE 802: for local experiments
LLDP=01:80:c2:00:00:0e	# what no bridge forwards

# guarded POD: added with the check
guarded() {
	pod "$1"
	CONF=$(conf '.macspoofchk = true') add "$1"
	assert_ok
}

# forge POD SOURCE DESTINATION [HEX]: send a frame
forge() {
	in_pod "$1" python3 "$FOOTBRIDGE_TOP/tests/net/forge.py" eth0 "${@:2}"
}

mac() {
	pod_link "$1" .address
}

# count POD: count frames for local experiments, by their source; seen POD SOURCE: how many
count() {
	in_pod "$1" nft -f - <<-RULES
		table netdev seen {
			set sources { type ether_addr; flags dynamic; size 64; counter; }
			chain arriving {
				type filter hook ingress device "eth0" priority 0;
				ether type 0x$LOCAL update @sources { ether saddr }
			}
		}
	RULES
}

seen() {
	in_pod "$1" nft -j list set netdev seen sources |
		jq --arg mac "$2" '[.nftables[].set?.elem[]?.elem | select(.val == $mac).counter.packets] | add // 0'
}

saw() {
	[[ $(seen "$1" "$2") -ge 1 ]]
}

# learned MAC: print the ports on which the bridge has learned it
learned() {
	bridge -j fdb show br fb0 | jq -r --arg mac "$1" '.[] | select(.mac == $mac).ifname'
}

# table: our bridge table, with the names of its set elements in a fixed order
table() {
	nft -s list table bridge footbridge
}

# bats test_tags=quick
@test "frames with another source are dropped, to one and to all" {
	local a

	guarded a
	guarded b
	a=$(mac a)
	count b
	forge a "$FORGED" "$(mac b)"
	forge a "$FORGED" ff:ff:ff:ff:ff:ff
	forge a "$(mac b)" ff:ff:ff:ff:ff:ff
	# what comes in order behind them has come, so they will not
	forge a "$a" "$(mac b)"
	eventually saw b "$a"
	assert_eq "$(seen b "$FORGED") $(seen b "$(mac b)")" "0 0"
	pings a "$(pod_ip b)"
}

@test "without the check they arrive" {
	pod a b
	add a
	add b
	count b
	forge a "$FORGED" "$(mac b)"
	eventually saw b "$FORGED"
	in_pod b nft flush set netdev seen sources
	guarded c
	forge a "$FORGED" ff:ff:ff:ff:ff:ff
	eventually saw b "$FORGED"
}

@test "the bridge learns no forged source, neither tagged nor under its own protocols" {
	local a victim

	guarded a
	guarded b
	victim=$(mac b)
	pings b "$(pod_ip a)"
	assert_eq "$(learned "$victim" | sort -u)" "$(host_veth b)"
	a=$(mac a)
	forge a "$victim" ff:ff:ff:ff:ff:ff
	forge a "$victim" "$LLDP" 88cc
	forge a "$victim" ff:ff:ff:ff:ff:ff "81000000$LOCAL"
	forge a "$FORGED" "$LLDP" 88cc
	forge a "$FORGED" 01:80:c2:00:00:00 0026424203
	assert_eq "$(learned "$victim" | sort -u)" "$(host_veth b)"
	pings a "$(pod_ip b)"
	assert_eq "$(learned "$victim" | sort -u)" "$(host_veth b)"
	assert_eq "$(learned "$FORGED")" ""
}

@test "that is what the check prevents" {
	pod a
	add a
	forge a "$FORGED" "$LLDP" 88cc
	assert_eq "$(learned "$FORGED" | sort -u)" "$(host_veth a)"
}

# bats test_tags=quick
@test "the rules are those of the golden file" {
	local i golden=$FOOTBRIDGE_TOP/testdata/nft/macspoof.nft

	for i in a b; do
		guarded "$i"
	done
	table | diff "$golden" -
	# a ruleset that nft has saved and restored is still ours
	nft -s list ruleset >"$BATS_TEST_TMPDIR/saved"
	nft flush ruleset
	nft -f "$BATS_TEST_TMPDIR/saved"
	table | diff "$golden" -
	CONF=$(conf '.macspoofchk = true') check a
	assert_ok
	CONF=$(conf '.macspoofchk = true') del a
	assert_ok
	refute_lists a/eth0 table
}

@test "a MAC that is asked for is the one that passes" {
	guarded b
	count b
	CONF=$(conf '.macspoofchk = true | .runtimeConfig.mac = "02:00:5e:00:53:01"')
	pod a
	add a
	assert_ok
	forge a "$FORGED" "$(mac b)"
	forge a 02:00:5e:00:53:01 "$(mac b)"
	eventually saw b 02:00:5e:00:53:01
	assert_eq "$(seen b "$FORGED")" 0
}

@test "the guard stands before the interface is up" {
	local lines guard up

	guarded a
	pod b
	conf '.macspoofchk = true | .ipMasq = false' >"$BATS_TEST_TMPDIR/question"
	env -i PATH="$PATH" CNI_COMMAND=ADD CNI_PATH="$FOOTBRIDGE_BIN" CNI_CONTAINERID=b \
		CNI_NETNS=/run/netns/b CNI_IFNAME=eth0 ASAN_OPTIONS=detect_leaks=0 \
		strace -qq -e trace=sendto -o "$BATS_TEST_TMPDIR/trace" \
		"$FOOTBRIDGE_BIN/bridge" <"$BATS_TEST_TMPDIR/question" 3>&- >/dev/null
	lines=$(<"$BATS_TEST_TMPDIR/trace")
	# strace has no name for the type of a socket's first message
	guard=$(grep -n -m 1 'NFT_MSG_NEWSETELEM\|nlmsg_type=0xa0c' <<<"$lines" | cut -d: -f1)
	up=$(grep -n -m 1 'ifi_flags=IFF_UP' <<<"$lines" | cut -d: -f1)
	[[ $guard && $up && $guard -lt $up ]] || fail "guard in message $guard, up in $up"
}

# bats test_tags=quick
@test "every DEL ends it: without namespace, without the key" {
	guarded a
	guarded b
	guarded c
	NETNS='' CONF=$(conf 'del(.ipMasq)') del a
	assert_ok
	pod_gone b
	del b
	assert_ok
	refute_anything_left a
	refute_anything_left b
	refute_lists a/eth0 table
	refute_lists b/eth0 table
	assert_eq "$(table | grep -c 'elements = { "[^,]*$')" 2 "sets with one element"
	del c
	assert_ok
	refute_lists elements table
	del c
	assert_ok
}

@test "GC ends it for ports that are gone, and for those that it deletes" {
	guarded a
	guarded b
	guarded c
	pod_gone b
	eventually refute_link b
	gc '[{"containerID": "a", "ifname": "eth0"}]'
	assert_ok
	assert_in "$(table)" a/eth0 c/eth0
	refute_lists b/eth0 table
	CONF=$(conf '.gcLive = true') gc '[{"containerID": "a", "ifname": "eth0"}]'
	assert_ok
	assert_in "$(table)" a/eth0
	refute_lists c/eth0 table
	assert_eq "$(table | grep -c 'elements = { "[^,]*$')" 2 "sets with one element"
	CONF=$(conf '.macspoofchk = true') check a
	assert_ok
}

# refute_link POD: no host end bears its name
refute_link() {
	[[ -z $(ip -j link | jq -r --arg alias "footbridge:net/$1/eth0" '.[] | select(.ifalias == $alias).ifname') ]]
}

@test "a refused second ADD does not lay the first one open" {
	CONF=$(jq -c '.macspoofchk = true' <<<"$LAYER2")
	pod a
	add a
	assert_ok
	snapshot
	call ADD bridge a <<<"$CONF"
	assert_error 101 "eth0"
	assert_unchanged
}

@test "an ADD that fails later leaves no guard" {
	guarded b
	pod a
	snapshot
	CONF=$(conf '.macspoofchk = true | .ipam.routes = [{"dst": "10.9.0.0/16", "gw": "10.77.0.1"}]')
	add a
	assert_error 100
	assert_unchanged
}

@test "what a former port of the same name left is replaced" {
	local veth

	guarded a
	veth=$(host_veth a)
	CONF=$(conf '.macspoofchk = true')
	del a
	nft "add element bridge footbridge guarded { \"$veth\" comment \"$FORGED\" }"
	nft "add element bridge footbridge allowed { \"$veth\" . $FORGED comment \"a/eth0\" }"
	add a
	assert_ok
	check a
	assert_ok
	refute_lists "$FORGED" table
}

@test "a lost table is noticed by CHECK and made again by the next ADD" {
	local check

	CONF=$(conf '.macspoofchk = true | .ipMasq = false')
	pod a b
	add a
	check a
	assert_ok
	ip link set fb0 type bridge no_linklocal_learn 0
	check a
	assert_error 103 "no_linklocal_learn"
	ip link set fb0 type bridge no_linklocal_learn 1
	nft flush chain bridge footbridge prerouting
	check a
	assert_error 103 "rule" "prerouting"
	nft delete table bridge footbridge
	check a
	assert_error 103 "footbridge"
	add b
	assert_ok
	check b
	assert_ok
	check a
	assert_error 103 "$(host_veth a)" "guarded"
	del a
	assert_ok
}

@test "a guard without its rule is mended by the next ADD" {
	CONF=$(conf '.macspoofchk = true')
	pod a b
	add a
	nft flush table bridge footbridge
	check a
	assert_error 103 "rule" "prerouting"
	add b
	assert_ok
	check a
	assert_ok
	check b
	assert_ok
}

@test "a guard that lacks one of its sets is mended by the next ADD, and by restore" {
	local set

	CONF=$(jq -c '.macspoofchk = true' <<<"$LAYER2")
	added a
	for set in guarded allowed; do
		nft flush table bridge footbridge
		nft delete set bridge footbridge "$set"
		added "$set"
		check "$set"
		assert_ok
		nft flush table bridge footbridge
		nft delete set bridge footbridge "$set"
		footbridge restore
		assert_restored
		check a
		assert_ok
	done
	assert_eq "$(table | grep -c drop)" 1 "rules"
}

@test "a table that is dormant guards nobody: CHECK says so, restore wakes it, and who makes it anew" {
	CONF=$(jq -c '.macspoofchk = true' <<<"$LAYER2")
	added a
	nft add table bridge footbridge '{ flags dormant; }'
	check a
	assert_error 103 "table bridge footbridge" dormant
	footbridge doctor
	assert_eq "$status" 1 "doctor's exit status"
	footbridge restore
	assert_restored
	check a
	assert_ok
	refute_lists dormant table
	nft delete table bridge footbridge
	nft add table bridge footbridge '{ flags dormant; }'
	added b
	check b
	assert_ok
}

@test "a chain or set of our names that is not ours: ADD says so, and how to go on" {
	CONF=$(jq -c '.macspoofchk = true' <<<"$LAYER2")
	nft add table bridge footbridge
	nft add chain bridge footbridge prerouting '{ type filter hook prerouting priority 0; }'
	pod a
	add a
	assert_error 101 "prerouting" "not ours" "nft delete table bridge footbridge"
	refute_anything_left a
	nft delete table bridge footbridge
	added a
	# nor is one that was put in its place taken for it
	nft flush chain bridge footbridge prerouting
	nft delete chain bridge footbridge prerouting
	nft add chain bridge footbridge prerouting
	pod b
	add b
	assert_error 101 "prerouting" "not ours"
	nft delete table bridge footbridge
	nft add table bridge footbridge
	nft add set bridge footbridge guarded '{ type ether_addr; }'
	add b
	assert_eq "$status" 1 "exit status"
	assert_in "$out" guard
	[[ $out != *faster* ]] || fail "nothing changes"
	nft delete table bridge footbridge
	footbridge restore
	assert_restored
	added b
	check a
	assert_ok
}

# failing N: as $FOOTBRIDGE_BIN, where the Nth message to the kernel fails for want of memory
failing() {
	local dir=$BATS_TEST_TMPDIR/failing

	mkdir -p "$dir"
	printf '#!/bin/bash\nexec env ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" strace -qq -o %q -e trace=sendto -e inject=sendto:error=ENOBUFS:when=%s %q\n' \
		"$dir/log" "$1" "$FOOTBRIDGE_BIN/bridge" >"$dir/bridge"
	chmod +x "$dir/bridge"
	echo "$dir"
}

@test "a guard whose rule cannot be looked for, or put back, is no guard: ADD fails" {
	local n

	CONF=$(jq -c '.macspoofchk = true' <<<"$LAYER2")
	added a
	pod b
	for ((n = 1; n < 100; n++)); do
		nft flush chain bridge footbridge prerouting
		FOOTBRIDGE_BIN=$(failing "$n") add b
		if [[ $status -eq 0 ]]; then
			check b
			assert_ok
		fi
		del b
		assert_ok
		grep -q INJECTED "$BATS_TEST_TMPDIR/failing/log" || break
	done
	[[ $n -ge 5 && $n -lt 100 ]] || fail "it failed at $n messages"
}

@test "the guard of a container that died goes with it, though nobody guards the next" {
	guarded a
	ip netns del a
	pod a
	CONF=$(conf '.args.cni.ips = ["10.1.0.9"]')
	add a
	assert_ok
	pings a 10.1.0.1
	refute_lists elements table
}

@test "a MAC changed behind our back cuts the container off, and CHECK says so" {
	local changed

	CONF=$(conf '.macspoofchk = true | .ipMasq = false')
	pod a
	add a
	pings a 10.1.0.1
	# as the plugin tuning does it
	in_pod a ip link set eth0 address "$FORGED"
	changed=$(jq -c --arg mac "$FORGED" '(.interfaces[] | select(.name == "eth0")).mac = $mac' \
		"$(kept a eth0)")
	echo "$changed" >"$(kept a eth0)"
	refute pings a 10.1.0.1
	check a
	assert_error 103 "$FORGED" "dropped"
}

@test "CHECK asks for the MAC that the result tells, and for whom it may pass" {
	local passing

	guarded a
	CONF=$(conf '.macspoofchk = true')
	passing="bridge footbridge allowed { \"$(host_veth a)\" . $(mac a)"
	nft "delete element $passing }; add element $passing comment \"z/eth0\" }"
	check a
	assert_error 103 "$(mac a)" 'belongs to "z/eth0"' a/eth0
	jq -c '(.interfaces[] | select(.name == "eth0")) |= del(.mac)' "$(kept a eth0)" >"$BATS_TEST_TMPDIR/without"
	cp "$BATS_TEST_TMPDIR/without" "$(kept a eth0)"
	check a
	assert_error 103 "no MAC" eth0
}

# --- after a flush

ASKED=02:00:5e:00:53:01

# asked_for POD: the same, with a MAC that is asked for
asked_for() {
	pod "$1"
	CONF=$(conf ".macspoofchk = true | .runtimeConfig.mac = \"$ASKED\"") add "$1"
	assert_ok
}

table_sorted() {
	table | tr -d ',\t ' | sort
}

assert_restored() {
	[[ $status -eq 0 && -z $err ]] || fail "restore said: $err"
}

@test "restore: every container is guarded again, under the MAC that ADD gave it" {
	local a before

	guarded a
	asked_for b
	guarded c
	a=$(mac a)
	count c
	before=$(table_sorted)
	nft flush ruleset
	forge a "$FORGED" "$(mac c)"
	eventually saw c "$FORGED"
	# whoever may do so takes another's MAC in time
	in_pod b ip link set eth0 address "$a"
	footbridge restore
	assert_restored
	assert_in "$out" "MAC guard on" "net a/eth0: restored the guard of $a" \
		"net b/eth0: restored the guard of $ASKED"
	assert_eq "$(table_sorted)" "$before"
	in_pod c nft flush set netdev seen sources
	forge a "$FORGED" "$(mac c)"
	forge b "$a" "$(mac c)"
	forge b "$ASKED" "$(mac c)"
	eventually saw c "$ASKED"
	assert_eq "$(seen c "$FORGED") $(seen c "$a")" "0 0"
	pings a "$(pod_ip c)"
	CONF=$(conf '.macspoofchk = true') check a
	assert_ok
	for pod in a b c; do
		CONF=$(conf '.macspoofchk = true') del "$pod"
		assert_ok
	done
	refute_lists elements table
}

@test "restore: what is in order stays as it is, what is gone alone comes alone" {
	local before

	CONF=$(jq -c '.macspoofchk = true' <<<"$LAYER2")
	added a b
	before=$(nft -a list ruleset)
	footbridge restore
	assert_restored
	assert_in "$out" "net a/eth0: in order: the guard of $(mac a)" "net b/eth0: in order"
	assert_eq "$(nft -a list ruleset)" "$before"
	before=$(table_sorted)
	nft flush chain bridge footbridge prerouting
	footbridge restore
	assert_restored
	assert_eq "$(table_sorted)" "$before" "after the rule was lost"
	nft flush chain bridge footbridge prerouting
	nft delete chain bridge footbridge prerouting
	footbridge restore
	assert_restored
	assert_eq "$(table_sorted)" "$before" "after the chain was lost"
	nft flush set bridge footbridge guarded
	footbridge restore
	assert_restored
	assert_eq "$(table_sorted)" "$before" "after the ports were lost"
	nft flush set bridge footbridge allowed
	footbridge restore
	assert_restored
	assert_eq "$(table_sorted)" "$before" "after the MACs were lost"
	ip link set fb0 type bridge no_linklocal_learn 0
	footbridge restore
	assert_restored
	check a
	assert_ok
}

@test "restore: the network's record tells who is to be guarded, since its last ADD" {
	local record=/run/footbridge/networks/net

	added a
	jq -e '.macspoofchk == false' "$record"
	footbridge restore
	assert_restored
	refute_lists "table bridge" nft list ruleset
	guarded b
	jq -e '.macspoofchk' "$record"
	# a was connected before, under a MAC that is known all the same
	footbridge restore
	assert_restored
	assert_in "$out" "net a/eth0: restored the guard of $(mac a)" "net b/eth0: in order"
	# one that an older version wrote says nothing of it, as it did then
	jq -c 'del(.macspoofchk)' "$record" >"$record.new"
	mv "$record.new" "$record"
	nft flush ruleset
	footbridge restore
	assert_restored
	refute_lists "table bridge" nft list ruleset
	guarded c
	footbridge restore
	assert_in "$out" "net a/eth0: restored the guard" "net b/eth0: restored the guard" \
		"net c/eth0: in order"
	CONF=$(conf 'del(.macspoofchk)')
	added d
	jq -e '.macspoofchk == false' "$record"
}

# unnote POD: as an older version connected it
unnote() {
	local veth

	veth=$(host_veth "$1")
	ip link property del dev "$veth" altname "$(ip -j link show "$veth" | jq -r '.[].altnames[0]')"
}

@test "restore: where no MAC was noted the container's serves, if ADD makes it" {
	local own

	guarded a
	asked_for b
	own=$(mac a)
	unnote a
	unnote b
	nft flush ruleset
	footbridge restore
	assert_eq "$status" 1 "exit status"
	assert_in "$out" "net a/eth0: restored the guard of $own"
	assert_in "$err" "net b/eth0: it cannot be guarded" "$(host_veth b)" "ADD it anew"
	refute_lists b/eth0 table
	# from now on it is noted
	in_pod a ip link set eth0 address "$FORGED"
	nft flush ruleset
	footbridge restore
	assert_in "$out" "net a/eth0: restored the guard of $own"
	# another's would be what it chose itself
	unnote a
	nft flush ruleset
	footbridge restore
	assert_in "$err" "net a/eth0: it cannot be guarded"
	assert_eq "$(nft list ruleset | grep -c "$FORGED")" 0 "rules about it"
}

@test "restore: guards are by the port's name, which another may have changed" {
	local veth

	CONF=$(jq -c '.macspoofchk = true' <<<"$LAYER2")
	added a
	veth=$(host_veth a)
	ip link set "$veth" down
	ip link set "$veth" name other0
	ip link set other0 up
	nft flush ruleset
	footbridge restore
	assert_eq "$status" 1 "exit status"
	assert_in "$err" "net a/eth0: it cannot be guarded" other0
}

@test "STATUS needs nothing but nf_tables" {
	CONF=$(conf '.macspoofchk = true | .ipMasq = false')
	snapshot
	status
	assert_ok
	assert_unchanged
}

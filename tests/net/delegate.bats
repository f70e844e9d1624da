#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# IPAM by another plugin: scripts that behave as none should, and the
# distribution's static and dhcp.

load helpers
load probe

# failed_add CODE WORD...: an ADD that fails like this leaves nothing, and what may be
# leased is released
failed_add() {
	[[ -e /run/netns/a ]] || pod a
	calls >/dev/null
	add a
	assert_error "$@"
	assert_eq "$(calls)" "ADD DEL" "calls"
	refute_anything_left a
}

# --- the way of an attachment

# bats test_tags=quick
@test "the addresses are the plugin's: ADD, CHECK, DEL" {
	ipam ADD <<<"echo '$(jq -c '.dns = {nameservers: ["10.1.0.1"], search: ["example.org"]} |
		.routes += [{dst: "10.9.0.0/16", gw: "10.1.0.9", mtu: 1400}] |
		.ips += [{address: "fd00:1::5/64", gateway: "fd00:1::1"}]' <<<"$GIVEN")'"
	pod a
	outside
	watch_sources outside
	add a
	assert_ok
	assert_json '[.interfaces[].name] == ["fb0", .interfaces[1].name, "eth0"]'
	assert_json '.ips == [{address: "10.1.0.5/24", gateway: "10.1.0.1", interface: 2},
		{address: "fd00:1::5/64", gateway: "fd00:1::1", interface: 2}]'
	assert_json '.routes == [{dst: "0.0.0.0/0"}, {dst: "10.9.0.0/16", gw: "10.1.0.9", mtu: 1400}]'
	assert_json '.dns == {nameservers: ["10.1.0.1"], search: ["example.org"]}'
	assert_eq "$(pod_ip a)" 10.1.0.5
	assert_eq "$(pod_ip a 6)" fd00:1::5
	assert_in "$(in_pod a ip route)" "10.9.0.0/16 via 10.1.0.9 dev eth0 mtu 1400"
	pings a 10.1.0.1
	pings a fd00:1::1
	pings a 198.51.100.2
	assert_eq "$(sources outside)" 198.51.100.1
	check a
	assert_ok
	del a
	assert_ok
	refute_anything_left a
	assert_eq "$(calls)" "ADD CHECK DEL"
	assert_eq "$(leases)" "" "leases of ours"
}

@test "dns: the key replaces what the plugin says" {
	ipam ADD <<<"echo '$(jq -c '.dns = {nameservers: ["10.1.0.1"]}' <<<"$GIVEN")'"
	CONF=$(conf '.dns = {domain: "example.net"}')
	pod a
	add a
	assert_ok
	assert_json '.dns == {domain: "example.net"}'
}

@test "each verb is forwarded with its name, our environment and stdin byte for byte" {
	local verb text

	pod a
	# no runtime would write it like this: nothing may be lost on the way
	text='{ "a":1e3,"a" : 2.50, "ipam":{"type":"probe","ranges":5,"x":"\u00e9\/<&>"},
	"type":"bridge","bridge":"fb0","name":"net","cniVersion":"1.1.0",
	"prevResult":{"cniVersion":"1.1.0"},"cni.dev/valid-attachments":[]  }   '$'\n\t'
	for verb in ADD DEL STATUS GC; do
		CNI_ARGS='IgnoreUnknown=1;X=y' call "$verb" bridge a <<<"$text"
		assert_ok
		assert_eq "$(calls)" "$verb"
		cmp "$BATS_TEST_TMPDIR/stdin.$verb" - <<<"$text"
		assert_in "$(cat "$BATS_TEST_TMPDIR/env.$verb")" "CNI_COMMAND=$verb" CNI_CONTAINERID=a \
			CNI_NETNS=/run/netns/a CNI_IFNAME=eth0 'CNI_ARGS=IgnoreUnknown=1;X=y' \
			"CNI_PATH=$CNI_PATH"
		# what it answers to these is of no interest
		ipam STATUS <<<'echo "{}"'
	done
	CONF=$(jq -c 'del(.prevResult)' <<<"$text")
	add a
	assert_ok
	check a
	assert_ok
	cmp "$BATS_TEST_TMPDIR/stdin.CHECK" - <<<"$(with_prev a)"
}

@test "DEL passes on what it does not take itself" {
	local text

	text=$(conf '.args = {x: "bad"}')
	text=${text/bad/\\u0000}
	pod a
	call DEL bridge a <<<"$text"
	assert_ok
	assert_in "$err" '\u0000'
	assert_eq "$(calls)" DEL
	cmp "$BATS_TEST_TMPDIR/stdin.DEL" - <<<"$text"
}

# as containerd does, which sends all calls of a container at once
@test "it takes its time: lo is raised meanwhile, and the next network waits" {
	local lo='{"cniVersion": "1.1.0", "name": "cni-loopback", "type": "loopback"}'

	ipam ADD <<<"sleep 12; echo '$GIVEN'"
	pod a
	(
		add a
		echo "$status" >"$BATS_TEST_TMPDIR/slow"
	) 3>&- &
	eventually test -e "$BATS_TEST_TMPDIR/stdin.ADD"
	call ADD loopback a lo <<<"$lo"
	assert_ok
	assert_quick 1000 "loopback's ADD"
	call DEL loopback a lo <<<"$lo"
	assert_ok
	assert_quick 1000 "loopback's DEL"
	call ADD bridge a eth1 <<<"$(jq -c '.name = "other" | .bridge = "fb1"' <<<"$LAYER2")"
	assert_ok
	((took > 5000)) || fail "it did not wait"
	wait
	assert_eq "$(<"$BATS_TEST_TMPDIR/slow")" 0
}

@test "it is called when the interface is there and a port of the bridge, and released when it is gone" {
	ipam ADD <<-'END'
		nsenter --net=$CNI_NETNS ip -br link show eth0 >$notes/inside
		ip -br link show type veth master fb0 >$notes/ports
		echo '{"ips": [{"address": "10.1.0.5/24"}]}'
	END
	ipam DEL <<<'nsenter --net=$CNI_NETNS ip -br link show eth0 >$notes/inside 2>&1 || true'
	pod a
	add a
	assert_ok
	assert_in "$(cat "$BATS_TEST_TMPDIR/inside")" eth0@
	assert_in "$(cat "$BATS_TEST_TMPDIR/ports")" "$(host_veth a)" UP
	del a
	assert_ok
	assert_in "$(cat "$BATS_TEST_TMPDIR/inside")" 'does not exist'
}

@test "results of every version" {
	local pod=0 text

	for text in '{"cniVersion": "0.1.0", "ip4": {"ip": "10.1.0.5/24", "gateway": "10.1.0.1"}}' \
		'{"cniVersion": "0.2.0", "ip4": {"ip": "10.1.0.5/24", "gateway": "10.1.0.1", "routes": [{"dst": "10.9.0.0/16"}]}}' \
		'{"cniVersion": "0.3.1", "ips": [{"version": "4", "address": "10.1.0.5/24", "gateway": "10.1.0.1"}]}' \
		'{"cniVersion": "0.4.0", "ips": [{"version": "4", "address": "10.1.0.5/24"}], "dns": {}}' \
		'{"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.5/24", "interface": 0}]}' \
		'{"cniVersion": "1.1.0", "ips": [{"address": "10.1.0.5/24"}]}' \
		'{"ips": [{"address": "10.1.0.5/24"}]}' \
		'{"cniVersion": "", "ips": [{"address": "10.1.0.5/24"}]}'; do
		echo "# $text"
		ipam ADD <<<"echo '$text'"
		pod a$((++pod))
		add a$pod
		assert_ok
		assert_json '.cniVersion == "1.1.0" and .ips == [{address: "10.1.0.5/24", gateway: "10.1.0.1", interface: 2}]'
		pings a$pod 10.1.0.1
		del a$pod
		assert_ok
	done
	CONF=$(conf '.cniVersion = "0.2.0"')
	ipam ADD <<<"echo '{\"ip4\": {\"ip\": \"10.1.0.5/24\"}}'"
	pod b
	add b
	assert_ok
	assert_json '.cniVersion == "0.2.0" and .ip4 == {ip: "10.1.0.5/24", gateway: "10.1.0.1"}'
}

@test "the MAC is the attachment's own, and the same again" {
	local mac

	pod a b
	add a
	mac=$(pod_link a .address)
	assert_json ".interfaces[2].mac == \"$mac\""
	assert_in "$mac" 02:
	del a
	add a
	assert_eq "$(pod_link a .address)" "$mac"
	ipam ADD <<<"echo '${GIVEN/10.1.0.5/10.1.0.6}'"
	add b
	[[ $(pod_link b .address) != "$mac" ]] || fail "both have the MAC $mac"
	CONF=$(conf '.runtimeConfig.mac = "02:00:5e:00:53:01"')
	del b
	add b
	assert_eq "$(pod_link b .address)" 02:00:5e:00:53:01
}

@test "an address that is used again, with another MAC, is reachable at once" {
	local i

	ipam ADD <<<"echo '${GIVEN/10.1.0.5/10.1.0.6}'"
	added old
	ipam ADD <<<"echo '$GIVEN'"
	for i in {1..10}; do
		added "p$i"
		pings old 10.1.0.5 || fail "no answer from p$i"
		del "p$i"
	done
}

@test "ADD of what is attached already does not release its address" {
	pod a
	add a
	assert_ok
	assert_eq "$(calls)" ADD
	snapshot
	add a
	assert_error 101 eth0
	assert_eq "$(calls)" ""
	assert_unchanged
	pings a 10.1.0.1
}

@test "DEL without the namespace and without a prevResult" {
	pod a b
	add a
	assert_ok
	assert_in "$(nft list table inet footbridge)" '"a/eth0"'
	pod_gone a
	del a
	assert_ok
	assert_eq "$(calls)" "ADD DEL"
	refute_anything_left a
	NETNS='' del a
	assert_ok
	assert_eq "$(calls)" DEL
	# and where only the elements are left
	add b
	ip link del "$(host_veth b)"
	del b
	assert_ok
	refute_anything_left b
}

@test "masquerade: the elements go by their owner, those of others stay" {
	pod a b
	add a
	ipam ADD <<<"echo '${GIVEN/10.1.0.5/10.1.0.6}'"
	add b
	pod_gone a
	del a
	assert_ok
	assert_in "$(nft list table inet footbridge)" '10.1.0.6 comment "b/eth0"'
	refute_anything_left a
}

@test "stderr comes through, and stdout does not" {
	ipam ADD <<<"echo 'a word of mine' >&2; echo '$GIVEN'"
	ipam DEL <<<"echo 'another word' >&2; echo garbage"
	pod a
	add a
	assert_ok
	assert_eq "$err" "a word of mine"
	del a
	assert_ok
	assert_eq "$err" "another word"
	assert_eq "$out" ""
}

# bats test_tags=quick
@test "it gets our environment and none of our descriptors" {
	ipam ADD <<-END
		ls -l /proc/self/fd >\$notes/fds
		grep -E '^Sig(Blk|Ign)' /proc/self/status >\$notes/signals
		echo '$GIVEN'
	END
	pod a
	(
		for fd in {10..209}; do
			eval "exec $fd</dev/null"
		done
		add a
		assert_ok
	)
	# 3 is the folder that ls reads
	assert_eq "$(awk '/->/ && !/proc/ { print $9 }' "$BATS_TEST_TMPDIR/fds" | xargs)" "0 1 2"
	refute grep -E 'socket|net:|/run/netns|/dev/null' "$BATS_TEST_TMPDIR/fds"
	# 32 and 33 are glibc's own: who started the test may have left them ignored
	assert_eq "$(awk '{ sub(/180000000$/, "000000000", $2); print $2 }' \
		"$BATS_TEST_TMPDIR/signals" | sort -u)" 0000000000000000
}

@test "its end is known though the caller ignores SIGCHLD" {
	pod a
	status=0
	env -i PATH="$PATH" "${SANITIZERS[@]}" CNI_COMMAND=ADD CNI_CONTAINERID=a CNI_NETNS=/run/netns/a \
		CNI_IFNAME=eth0 CNI_PATH="$CNI_PATH" timeout 20 env --ignore-signal=CHLD \
		"$FOOTBRIDGE_BIN/bridge" <<<"$CONF" >/dev/null || status=$?
	assert_eq "$status" 0 "exit status"
}

# --- its errors

@test "its error object is passed on unchanged" {
	local long

	long=$(printf 'x%.0s' {1..3000})
	ipam ADD <<-'END'
		printf '{"cniVersion": "1.0.0", "code": 123, "msg": "line one\\n\\"two\\" <&> \\u00e9", "details": "tab\\there"}'
		exit 1
	END
	failed_add 123
	assert_json '{code, msg, details} == {code: 123, msg: "line one\n\"two\" <&> é", details: "tab\there"}'
	assert_eq "$err" "footbridge bridge: this error is the IPAM plugin \"probe\"'s"
	ipam ADD <<<"echo '{\"code\": 11, \"msg\": \"$long\"}'; exit 3"
	failed_add 11
	assert_json ".msg == \"$long\" and (has(\"details\") | not)"
	# also where it comes again on the way back: that goes to stderr
	ipam ADD <<<"echo '{\"code\": 7, \"msg\": \"never\", \"details\": \"d\"}'; exit 1"
	ipam DEL <<<"echo '{\"code\": 5, \"msg\": \"nor this\"}'; exit 1"
	failed_add 7
	assert_json '.msg == "never" and .details == "d"'
	assert_in "$err" "nor this" 'the IPAM plugin "probe"'
	# an error of ours is none of its
	ipam ADD <<<"exit 1"
	failed_add 105
	refute grep "this error is" <<<"$err"
}

@test "the error objects of the other verbs are passed on, too" {
	local verb

	pod a
	add a
	assert_ok
	for verb in CHECK GC STATUS DEL; do
		ipam "$verb" <<<"echo '{\"code\": 151, \"msg\": \"no $verb\", \"details\": \"d\"}'; exit 1"
		case $verb in
		CHECK) check a ;;
		GC) gc '[{"containerID": "a", "ifname": "eth0"}]' ;;
		STATUS) status ;;
		DEL) del a ;;
		esac
		assert_error 151
		assert_json ".msg == \"no $verb\" and .details == \"d\""
		assert_eq "$err" "footbridge bridge: this error is the IPAM plugin \"probe\"'s"
	done
	refute_anything_left a
}

@test "an error object that lacks something" {
	ipam ADD <<<"echo '{\"msg\": \"no code\"}'; exit 1"
	failed_add 105 "no code"
	ipam ADD <<<"echo '{\"code\": 0, \"msg\": \"code 0\"}'; exit 1"
	failed_add 105 "code 0"
	ipam ADD <<<"echo '{\"code\": 5}'; exit 1"
	failed_add 105 probe "exit status 1" msg
}

@test "garbage, nothing, too much, a crash: an error that names the plugin" {
	ipam ADD <<<"echo 'I am no JSON'"
	failed_add 105 probe result
	ipam ADD <<<"echo 'panic: oh'; exit 2"
	failed_add 105 probe "exit status 2" "panic: oh"
	ipam ADD <<<"head -c 300 /dev/urandom; exit 2"
	failed_add 105 probe "exit status 2"
	ipam ADD <<<"true"
	failed_add 105 probe "without a result"
	ipam ADD <<<"exit 9"
	failed_add 105 probe "exit status 9" stderr
	ipam ADD <<<"head -c 10485760 /dev/zero | tr '\0' ' '"
	failed_add 105 probe 1048576
	ipam ADD <<<"cat /dev/zero"
	failed_add 105 probe 1048576
	ipam ADD <<<'kill -SEGV $$'
	failed_add 105 probe "signal 11" Segmentation
	ipam ADD <<<'kill -KILL $$'
	failed_add 105 probe "signal 9"
}

@test "results that are none" {
	ipam ADD <<<"echo '{}'"
	failed_add 105 probe "no addresses"
	ipam ADD <<<"echo '[]'"
	failed_add 105 probe result
	ipam ADD <<<"echo '{\"cniVersion\": \"9.9.9\", \"ips\": [{\"address\": \"10.1.0.5/24\"}]}'"
	failed_add 105 probe 9.9.9
	ipam ADD <<<"echo '{\"ips\": [{\"address\": \"10.1.0.5\"}]}'"
	failed_add 105 probe 'ips[0].address' 10.1.0.5
	ipam ADD <<<"echo '$GIVEN'; echo '$GIVEN'"
	failed_add 105 probe
}

@test "routes as dhcp gives them: on link, or of more than the kernel takes" {
	local text

	text=$(jq -c '.routes = [{dst: "10.9.0.0/16", gw: "0.0.0.0"}, {dst: "fd00:9::/64", gw: "::"},
		{dst: "10.8.0.0/16", mtu: 65521, advmss: 4294967295}] |
		.ips += [{address: "fd00:1::5/64", gateway: "fd00:1::1"}]' <<<"$GIVEN")
	ipam ADD <<<"echo '$text'"
	pod a
	add a
	assert_ok
	assert_json ".routes == $(jq -c .routes <<<"$text")"
	assert_eq "$(in_pod a ip -j route show 10.9.0.0/16 | jq -c '.[0] | [.gateway, .scope]')" \
		'[null,"link"]'
	assert_eq "$(in_pod a ip -6 -j route show fd00:9::/64 | jq -c '.[0].gateway')" null
	check a
	assert_ok
	in_pod a ip route del 10.9.0.0/16
	check a
	assert_error 103 10.9.0.0/16
}

@test "an ADD that fails behind the plugin's releases the address" {
	ipam ADD <<<"echo '$(jq -c '.routes = [{dst: "10.9.0.0/16", gw: "192.0.2.1"}]' <<<"$GIVEN")'"
	failed_add 100 10.9.0.0/16
	ipam ADD <<<"echo '$GIVEN'"
	calls
	STDOUT=/dev/full call ADD bridge a <<<"$CONF"
	assert_eq "$status" 1
	assert_eq "$(calls)" "ADD DEL"
	refute_anything_left a
	add a
	assert_ok
}

@test "a gateway that the plugin gives and no route can go through is taken from nobody" {
	CONF=$(conf '.isDefaultGateway = true | .forceAddress = true')
	pod living a
	add living
	assert_ok
	ipam ADD <<<"echo '{\"ips\": [{\"address\": \"10.1.0.6/24\", \"gateway\": \"10.36.0.1\"}]}'"
	failed_add 100 10.36.0.1
	pings living 10.1.0.1
}

@test "what does not read its stdin, and what leaves somebody behind" {
	local pid

	pod a b
	touch "$BATS_TEST_TMPDIR/deaf.ADD"
	CONF=$(conf '.x = $long' --arg long "$(head -c 60000 /dev/zero | tr '\0' x)" |
		jq -c '.y = .x | .z = .x | .a = .x | .b = .x')
	add a
	assert_ok
	del a
	ipam ADD <<<"exec <&-; sleep 0.3; echo '$GIVEN'"
	add b
	assert_ok
	del b
	ipam ADD <<<"sleep 600 & echo \$! >\$notes/pid; echo '$GIVEN'"
	add b
	assert_ok
	[[ $took -lt 15000 ]] || fail "ADD waited for what was left behind"
	pid=$(<"$BATS_TEST_TMPDIR/pid")
	background "$pid"
	kill -0 "$pid"
}

# --- what is called at all

@test "names that are no names of files are refused, by DEL passed over" {
	local type

	printf '#!/bin/sh\ntouch %q\n' "$BATS_TEST_TMPDIR/called" >"$BATS_TEST_TMPDIR/evil"
	chmod 755 "$BATS_TEST_TMPDIR/evil"
	mkdir "$BATS_TEST_TMPDIR/plugins/a"
	cp "$BATS_TEST_TMPDIR/evil" "$BATS_TEST_TMPDIR/plugins/a/b"
	pod a
	snapshot
	for type in ../evil ../x a/b /bin/true . .. ./probe probe/; do
		CONF=$(conf '.ipam.type = $t' --arg t "$type")
		add a
		assert_error 7 ipam.type "\"$type\""
		status
		assert_error 7 ipam.type "\"$type\""
		assert_unchanged
		del a
		assert_ok
		gc '[]'
		assert_ok
	done
	[[ ! -e $BATS_TEST_TMPDIR/called ]] || fail "it was called"
	assert_eq "$(calls)" ""
}

@test "bridge does not call itself" {
	CONF=$(conf '.ipam.type = "bridge"')
	CNI_PATH=$FOOTBRIDGE_BIN
	pod a
	snapshot
	add a
	assert_error 7 ipam.type bridge
	assert_unchanged
	del a
	assert_ok
}

@test "a plugin that is not there" {
	pod a
	CONF=$(conf '.ipam.type = "nobody"')
	mkdir "$BATS_TEST_TMPDIR/plugins/nobody"
	snapshot
	add a
	assert_error 7 ipam.type '"nobody"' CNI_PATH "$CNI_PATH"
	assert_json 'has("details") | not'
	assert_unchanged
	status
	assert_error 50 ipam.type '"nobody"'
}

@test "DEL without the plugin cleans the rest and says so; with it again it is done" {
	pod a
	add a
	assert_ok
	mv "$BATS_TEST_TMPDIR/plugins/probe" "$BATS_TEST_TMPDIR/away"
	del a
	assert_error 7 ipam.type '"probe"' CNI_PATH
	refute_anything_left a
	mv "$BATS_TEST_TMPDIR/away" "$BATS_TEST_TMPDIR/plugins/probe"
	calls
	del a
	assert_ok
	assert_eq "$(calls)" DEL
}

@test "CNI_PATH: the first that has it, links are followed, folders are not it" {
	local dir=$BATS_TEST_TMPDIR

	pod a
	mkdir -p "$dir"/one/probe "$dir"/two "$dir"/three
	ln -s ../plugins/probe "$dir/two/probe"
	printf '#!/bin/sh\nexit 3\n' >"$dir/three/probe"
	chmod 755 "$dir/three/probe"
	# through the link it takes its notes where the link is
	sed -i "s,^notes=.*,notes=$dir," "$dir/plugins/probe"
	CNI_PATH=":/nowhere:$dir/one:$dir/two:$dir/three" add a
	assert_ok
	CNI_PATH="$dir/three:$dir/two" del a
	assert_error 105 three/probe "exit status 3"
	chmod 644 "$dir/three/probe"
	CNI_PATH="$dir/three:$dir/two" del a
	assert_error 5 three/probe "Permission denied"
}

@test "GC is not passed on while it would release the addresses of what is kept" {
	pod a b
	add a
	ipam ADD <<<"echo '${GIVEN/10.1.0.5/10.1.0.6}'"
	add b
	calls
	gc '[{"containerID": "a", "ifname": "eth0"}, {"containerID": "b", "ifname": "eth0"}]'
	assert_ok
	assert_eq "$(calls)" GC
	gc '[{"containerID": "a", "ifname": "eth0"}]'
	assert_ok
	assert_in "$err" 'kept b/eth0' 'not passed on to probe'
	assert_eq "$(calls)" ""
	CONF=$(conf '.gcLive = true')
	gc '[{"containerID": "a", "ifname": "eth0"}]'
	assert_ok
	assert_eq "$(calls)" GC
	refute_anything_left b
	pings a 10.1.0.1
	# no list: nothing is collected, and nobody is asked
	CNI_PATH=$CNI_PATH NETNS='' call GC bridge '' '' <<<"$CONF"
	assert_ok
	assert_eq "$(calls)" ""
}

@test "it dies with us" {
	local us pid

	ipam ADD <<<'echo $$ >$notes/pid; exec sleep 600'
	pod a
	env -i PATH="$PATH" CNI_COMMAND=ADD CNI_CONTAINERID=a CNI_NETNS=/run/netns/a CNI_IFNAME=eth0 \
		CNI_PATH="$CNI_PATH" "$FOOTBRIDGE_BIN/bridge" <<<"$CONF" >/dev/null 3>&- &
	us=$!
	eventually test -s "$BATS_TEST_TMPDIR/pid"
	pid=$(<"$BATS_TEST_TMPDIR/pid")
	kill -KILL "$us"
	wait "$us" || true
	eventually ended "$pid"
	# what is left goes with the DEL that every runtime sends then
	del a
	assert_ok
	refute_anything_left a
}

# --- the distribution's

@test "static" {
	CNI_PATH=$OTHERS
	CONF=$(conf '.cniVersion = "1.0.0" | .ipam = {type: "static",
		addresses: [{address: "10.1.0.7/24", gateway: "10.1.0.1"}, {address: "fd00:1::7/64", gateway: "fd00:1::1"}],
		routes: [{dst: "0.0.0.0/0"}, {dst: "::/0"}], dns: {nameservers: ["10.1.0.1"]}}')
	pod a
	add a
	assert_ok
	assert_json '[.ips[].address] == ["10.1.0.7/24", "fd00:1::7/64"] and .dns.nameservers == ["10.1.0.1"]'
	pings a 10.1.0.1
	pings a fd00:1::1
	check a
	assert_ok
	del a
	assert_ok
	refute_anything_left a
	CONF=$(conf '.ipam.addresses = [{address: "nonsense"}]')
	snapshot
	add a
	assert_error 999 nonsense
	assert_unchanged
	CONF=$(conf '.cniVersion = "1.1.0"')
	add a
	assert_error 1
	assert_in "$err" "this error is the IPAM plugin \"static\"'s"
}

@test "static: addresses that are each their own subnet share one set" {
	local i

	CNI_PATH=$OTHERS
	outside
	for i in 2 3; do
		CONF=$(conf '.cniVersion = "1.0.0" | .ipam = {type: "static",
			addresses: [{address: "10.1.0.'"$i"'/32"}], routes: [{dst: "10.1.0.1/32"}, {dst: "0.0.0.0/0", gw: "10.1.0.1"}]} |
			.isGateway = false')
		pod "p$i"
		add "p$i"
		assert_ok
		check "p$i"
		assert_ok
	done
	assert_eq "$(nft list sets inet | grep -c 'set n-net-')" 1
	assert_in "$(nft list chain inet footbridge postrouting)" \
		"ip saddr @n-net-0.0.0.0/0 ip daddr != 224.0.0.0/4 masquerade"
	for i in 2 3; do
		CONF=$(conf '.cniVersion = "1.0.0" | .ipam = {type: "static", addresses: [{address: "10.1.0.'"$i"'/32"}]}')
		del "p$i"
		assert_ok
	done
	refute_lists elements nft list ruleset
}

@test "static: addresses asked for in CNI_ARGS, which host-local refuses as a list" {
	CNI_PATH=$OTHERS
	CONF=$(conf '.cniVersion = "1.0.0" | .ipam = {type: "static"}')
	export CNI_ARGS='IgnoreUnknown=1;IP=10.1.0.8/24,fd00:1::8/64;GATEWAY=10.1.0.1'
	pod a
	add a
	assert_ok
	assert_json '[.ips[].address] == ["10.1.0.8/24", "fd00:1::8/64"]'
	pings a 10.1.0.1
	del a
	assert_ok
	CONF=$SINGLE
	add a
	assert_error 4 IP host-local
	refute_anything_left a
}

@test "dhcp" {
	dhcp_server fb0 10.1.0
	CNI_PATH=$OTHERS
	CONF=$(conf '.cniVersion = "1.0.0" | .isGateway = false | .ipam = {type: "dhcp"}')
	pod a b
	add a
	assert_ok
	assert_in "$(result '.ips[0].address')" 10.1.0.
	assert_json '.routes == [{dst: "0.0.0.0/0", gw: "10.1.0.1"}]'
	add b
	assert_ok
	pings a "$(pod_ip b)"
	pings a 10.1.0.1
	check a
	assert_ok
	assert_eq "$(wc -l <"$BATS_TEST_TMPDIR/dhcp.leases")" 2 "leases"
	del a
	assert_ok
	refute_anything_left a
	pod_gone b
	del b
	assert_ok
	refute_anything_left b
}

@test "dhcp without its daemon is an error that leaves nothing" {
	CNI_PATH=$OTHERS
	CONF=$(conf '.cniVersion = "1.0.0" | .ipam = {type: "dhcp"}')
	pod a
	add a
	assert_error 999 dhcp.sock
	refute_anything_left a
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The CNI protocol: versions and the shape of their results, the environment,
# what comes on stdin, what goes to stdout.

# bats file_tags=long

load helpers

OLD='0.1.0 0.2.0'
MIDDLE='0.3.0 0.3.1 0.4.0'
NEW='1.0.0 1.1.0'
MAC='[0-9a-f]{2}(:[0-9a-f]{2}){5}'

# in_version VERSION: CONF in this version
in_version() {
	CONF=$(conf '.cniVersion = $v' --arg v "$1")
}

# trial POD: an ADD for each shape test, taken down again
trial() {
	pod "$1"
	add "$1"
	assert_ok
	[[ -n $out ]] || fail "no result"
	[[ $PLUGIN != bridge ]] || pings "$1" 10.1.0.1
	local kept=$out
	del "$1"
	assert_ok
	assert_eq "$out" "" "stdout of DEL"
	out=$kept
}

# refused CODE FILTER WORD...: an ADD with CONF changed like this is refused
refused() {
	local kept=$CONF

	CONF=$(conf "$2")
	echo "# $2"
	add a
	assert_error "$1" "${@:3}"
	CONF=$kept
}

# refused_text CODE TEXT WORD...: the same with any text for stdin
refused_text() {
	call ADD bridge a <<<"$2"
	assert_error "$1" "${@:3}"
}

# nothing_made: by all that were refused since the snapshot
nothing_made() {
	assert_unchanged
	refute in_pod a ip link show eth0
}

# --- results

@test "bridge: results of 0.1.0 and 0.2.0" {
	CONF=$DUAL
	for v in $OLD; do
		in_version "$v"
		trial "a$v"
		assert_json "(keys == [\"cniVersion\", \"dns\", \"ip4\", \"ip6\"]) and .cniVersion == \"$v\""
		assert_json '.dns == {}'
		assert_json '.ip4.ip | test("^10\\.1\\.0\\.[0-9]+/24$")'
		assert_json '(.ip4 | del(.ip)) == {gateway: "10.1.0.1", routes: [{dst: "0.0.0.0/0"}]}'
		assert_json '.ip6.ip | test("^fd00:1::[0-9a-f]+/64$")'
		assert_json '(.ip6 | del(.ip)) == {gateway: "fd00:1::1", routes: [{dst: "::/0"}]}'
	done
}

@test "bridge: results of 0.3.0, 0.3.1 and 0.4.0" {
	CONF=$DUAL
	for v in $MIDDLE; do
		in_version "$v"
		trial "a$v"
		assert_json "(keys == [\"cniVersion\", \"dns\", \"interfaces\", \"ips\", \"routes\"])
			and .cniVersion == \"$v\" and .dns == {}"
		assert_json '.interfaces[0] | keys == ["mac", "name"] and .name == "fb0"'
		assert_json '.interfaces[1] | keys == ["mac", "name"] and (.name | test("^veth"))'
		assert_json ".interfaces[2] | keys == [\"mac\", \"name\", \"sandbox\"] and .name == \"eth0\"
			and .sandbox == \"/run/netns/a$v\""
		assert_json ".interfaces | length == 3 and all(.mac | test(\"^$MAC$\"))"
		assert_json '[.ips[] | del(.address)] == [
			{version: "4", interface: 2, gateway: "10.1.0.1"},
			{version: "6", interface: 2, gateway: "fd00:1::1"}]'
		assert_json '.routes == [{dst: "0.0.0.0/0"}, {dst: "::/0"}]'
	done
}

@test "bridge: results of 1.0.0 and 1.1.0" {
	CONF=$DUAL
	for v in $NEW; do
		in_version "$v"
		trial "a$v"
		assert_json "(keys == [\"cniVersion\", \"interfaces\", \"ips\", \"routes\"])
			and .cniVersion == \"$v\""
		assert_json '[.interfaces[] | del(.mac, .mtu) | .name |= .[0:4]] | .[:2] == [{name: "fb0"}, {name: "veth"}]'
		assert_json ".interfaces[2] | del(.mac, .mtu) == {name: \"eth0\", sandbox: \"/run/netns/a$v\"}"
		assert_json ".interfaces | length == 3 and all(.mac | test(\"^$MAC$\"))"
		assert_json '[.ips[] | del(.address)] == [{interface: 2, gateway: "10.1.0.1"},
			{interface: 2, gateway: "fd00:1::1"}]'
		assert_json '.ips[0].address == (.ips[0].address | capture("(?<a>^10\\.1\\.0\\.[0-9]+/24$)").a)'
		assert_json '.routes == [{dst: "0.0.0.0/0"}, {dst: "::/0"}]'
	done
}

@test "bridge: no interface tells its MTU before 1.1.0" {
	pod a
	in_version 1.0.0
	add a
	assert_ok
	assert_json 'all(.interfaces[]; has("mtu") | not)'
}

@test "bridge: a configuration without cniVersion is of 0.1.0" {
	CONF=$(conf 'del(.cniVersion)')
	trial a
	assert_json '.cniVersion == "0.1.0" and has("ip4")'
	CONF=$(conf '.cniVersion = ""')
	trial b
	assert_json '.cniVersion == "0.1.0" and has("ip4")'
}

@test "bridge: results without addresses" {
	CONF=$LAYER2
	pod a
	for v in $MIDDLE; do
		in_version "$v"
		add a
		assert_ok
		assert_json 'keys == ["cniVersion", "dns", "interfaces"] and (.interfaces | length == 3)'
		del a
	done
	for v in $NEW; do
		in_version "$v"
		add a
		assert_ok
		assert_json 'keys == ["cniVersion", "interfaces"] and (.interfaces | length == 3)'
		del a
	done
	snapshot
	for v in $OLD; do
		refused 7 ".cniVersion = \"$v\"" "$v" 0.3.0
	done
	nothing_made
}

@test "host-local: results of every version" {
	PLUGIN='host-local'
	CONF=$DUAL
	for v in $OLD; do
		in_version "$v"
		trial "a$v"
		assert_json "keys == [\"cniVersion\", \"dns\", \"ip4\", \"ip6\"] and .cniVersion == \"$v\""
		assert_json '(.ip4 | del(.ip)) == {gateway: "10.1.0.1", routes: [{dst: "0.0.0.0/0"}]}'
		assert_json '(.ip6 | del(.ip)) == {gateway: "fd00:1::1", routes: [{dst: "::/0"}]}'
	done
	for v in $MIDDLE; do
		in_version "$v"
		trial "a$v"
		assert_json "keys == [\"cniVersion\", \"dns\", \"ips\", \"routes\"] and .cniVersion == \"$v\""
		assert_json '[.ips[] | del(.address)] == [{version: "4", gateway: "10.1.0.1"},
			{version: "6", gateway: "fd00:1::1"}]'
	done
	for v in $NEW; do
		in_version "$v"
		trial "a$v"
		assert_json "keys == [\"cniVersion\", \"ips\", \"routes\"] and .cniVersion == \"$v\""
		assert_json '[.ips[] | del(.address)] == [{gateway: "10.1.0.1"}, {gateway: "fd00:1::1"}]'
		assert_json '.routes == [{dst: "0.0.0.0/0"}, {dst: "::/0"}]'
	done
}

@test "host-local makes nothing but the lease" {
	PLUGIN='host-local'
	pod a
	snapshot
	add a
	assert_ok
	assert_eq "$(leases)" 10.1.0.2
	check a
	assert_ok
	del a
	assert_eq "$(leases)" ""
	assert_eq "$(ip -j link | jq length)" 1 "number of links"
	check a
	assert_error 103
}

@test "loopback: results of every version, and lo is up" {
	PLUGIN=loopback
	CONF='{"name": "lo", "type": "loopback"}'
	for v in $OLD; do
		in_version "$v"
		trial "a$v"
		assert_json "keys == [\"cniVersion\", \"dns\", \"ip4\", \"ip6\"]
			and .ip4.ip == \"127.0.0.1/8\" and .ip6.ip == \"::1/128\" and .cniVersion == \"$v\""
	done
	for v in $MIDDLE; do
		in_version "$v"
		trial "a$v"
		assert_json "keys == [\"cniVersion\", \"dns\", \"interfaces\", \"ips\"]"
		assert_json ".interfaces == [{name: \"lo\", mac: \"00:00:00:00:00:00\", sandbox: \"/run/netns/a$v\"}]"
		assert_json '.ips == [{version: "4", interface: 0, address: "127.0.0.1/8"},
			{version: "6", interface: 0, address: "::1/128"}]'
	done
	for v in $NEW; do
		in_version "$v"
		trial "a$v"
		assert_json "keys == [\"cniVersion\", \"interfaces\", \"ips\"]"
		assert_json "(.interfaces | length == 1) and (.interfaces[0] | .name == \"lo\"
			and .mac == \"00:00:00:00:00:00\" and .sandbox == \"/run/netns/a$v\")"
		assert_json '.ips == [{interface: 0, address: "127.0.0.1/8"}, {interface: 0, address: "::1/128"}]'
	done
}

@test "loopback: up after ADD, down after DEL, whatever CNI_IFNAME says" {
	PLUGIN=loopback
	CONF='{"cniVersion": "1.0.0", "name": "lo", "type": "loopback"}'
	pod a
	refute pings a 127.0.0.1
	for ifname in lo eth0; do
		add a "$ifname"
		assert_ok
		pings a 127.0.0.1
		pings a ::1
		check a "$ifname"
		assert_ok
		del a "$ifname"
		assert_ok
		refute pings a 127.0.0.1
		check a "$ifname"
		assert_error 103
	done
}

@test "loopback: a prevResult is passed on" {
	PLUGIN=loopback
	CONF='{"cniVersion": "1.0.0", "name": "lo", "type": "loopback", "prevResult":
		{"cniVersion": "1.0.0", "ips": [{"address": "192.0.2.7/24"}], "dns": {"nameservers": ["192.0.2.1"]}}}'
	pod a
	add a
	assert_ok
	assert_json '.ips[0].address == "192.0.2.7/24" and .dns.nameservers == ["192.0.2.1"]'
}

@test "an ADD of what is there already is refused and harms nothing" {
	pod a
	add a
	assert_ok
	snapshot
	add a
	assert_error 101 eth0
	assert_unchanged
	pings a 10.1.0.1
	del a
	add a
	assert_ok
}

@test "a foreign interface of that name is in the way and stays" {
	pod a b
	add b # for the bridge and the table, which are shared and stay
	ip -n a link add eth0 type bridge
	snapshot
	add a
	assert_error 101 eth0
	assert_unchanged
	refute_anything_left_but_link a
	assert_eq "$(pod_link a .linkinfo.info_kind)" bridge
}

# refute_anything_left_but_link POD: with an eth0 that is not ours
refute_anything_left_but_link() {
	ip -n "$1" link set eth0 name other0
	refute_anything_left "$1"
	ip -n "$1" link set other0 name eth0
}

# --- VERSION, and no command at all

@test "VERSION lists all versions, whatever is on stdin" {
	for bin in bridge host-local loopback; do
		for stdin in '' '{"cniVersion": "0.4.0"}' garbage; do
			plugin "$bin" CNI_COMMAND=VERSION <<<"$stdin"
			assert_ok
			assert_json '. == {cniVersion: "1.1.0", supportedVersions:
				["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]}'
		done
	done
}

@test "without a command each plugin says on stderr what it is" {
	for bin in bridge host-local loopback; do
		plugin "$bin" </dev/null
		assert_ok
		assert_eq "$out" ""
		[[ $err =~ ^"CNI $bin plugin v"[0-9]+\.[0-9]+\.[0-9]+ ]] || fail "what it says"
		assert_in "$err" 0.1.0 0.2.0 0.3.0 0.3.1 0.4.0 1.0.0 1.1.0
	done
}

# --- the environment

@test "missing variables are named together" {
	snapshot
	for verb in ADD CHECK; do
		plugin bridge CNI_COMMAND="$verb" <<<"$CONF"
		assert_error 4 CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME,CNI_PATH
		plugin bridge CNI_COMMAND="$verb" CNI_CONTAINERID=a CNI_IFNAME=eth0 CNI_PATH=/ <<<"$CONF"
		assert_error 4 CNI_NETNS
		[[ $out != *CNI_IFNAME* ]] || fail "CNI_IFNAME is there"
	done
	plugin bridge CNI_COMMAND=DEL <<<"$CONF"
	assert_error 4 CNI_CONTAINERID,CNI_IFNAME,CNI_PATH
	[[ $out != *CNI_NETNS* ]] || fail "DEL can do without CNI_NETNS"
	for verb in GC STATUS; do
		plugin bridge CNI_COMMAND="$verb" <<<"$CONF"
		assert_error 4 CNI_PATH
		[[ $out != *CNI_CONTAINERID* ]] || fail "$verb needs no container"
	done
	# empty is unset
	plugin bridge CNI_COMMAND=ADD CNI_CONTAINERID= CNI_NETNS=/x CNI_IFNAME=eth0 CNI_PATH=/ <<<"$CONF"
	assert_error 4 CNI_CONTAINERID
	assert_unchanged
}

@test "an unknown command is refused" {
	snapshot
	pod a
	for verb in FOO add 'ADD ' ADDX; do
		call "$verb" bridge a <<<"$CONF"
		assert_error 4 CNI_COMMAND "$verb"
	done
	assert_unchanged
}

@test "bad container IDs are refused" {
	pod a
	snapshot
	for id in .a -a _a a/b ../a 'a b' 'a;b' 'ä' $'a\nb' a: "$(printf 'a%.0s' {1..5000})"; do
		for verb in ADD DEL CHECK; do
			CONTAINER=$id call "$verb" bridge a <<<"$CONF"
			assert_error 4 CNI_CONTAINERID
		done
	done
	assert_unchanged
}

@test "good container IDs are taken" {
	for id in a A 0 a..b a_b-c.d "$(printf 'a%.0s' {1..200})"; do
		pod p
		CONTAINER=$id call ADD bridge p <<<"$CONF"
		assert_ok
		CONTAINER=$id call DEL bridge p <<<"$CONF"
		assert_ok
		assert_eq "$(leases)" ""
		pod_gone p
	done
}

@test "bad interface names are refused" {
	pod a
	snapshot
	for ifname in . .. a/b a:b 'a b' $'a\tb' $'a\nb' $'a\xc2\xa0b' abcdefghijklmnop äöüäöüäöü; do
		for verb in ADD DEL CHECK; do
			call "$verb" bridge a "$ifname" <<<"$CONF"
			assert_error 4 CNI_IFNAME
		done
	done
	assert_unchanged
}

@test "a name that the kernel would take for a pattern is refused" {
	pod a
	snapshot
	add a 'eth%d'
	assert_error 4 CNI_IFNAME eth%d
	assert_unchanged
	assert_eq "$(in_pod a ip -j link | jq length)" 1 "number of links"
}

@test "the names that the kernel keeps for itself are refused, but DEL finds nothing to do" {
	local name
	pod a
	snapshot
	for name in all default; do
		add a "$name"
		assert_error 4 CNI_IFNAME "$name"
		call CHECK bridge a "$name" <<<"$CONF"
		assert_error 4 CNI_IFNAME "$name"
		for _ in 1 2; do
			del a "$name"
			assert_ok
		done
		CONF=$(conf '.bridge = $name' --arg name "$name")
		status
		assert_error 7 bridge "$name"
		add a
		assert_error 7 bridge "$name"
		del a
		assert_ok
		CONF=$SINGLE
	done
	assert_unchanged
}

@test "good interface names are taken" {
	pod a
	for ifname in e abcdefghijklmno a.b net-1; do
		add a "$ifname"
		assert_ok
		in_pod a ip link show "$ifname"
		del a "$ifname"
		assert_ok
		refute_anything_left a "$ifname"
	done
}

@test "names with a dot: their switches are found, and IPv6 is of use at once" {
	CONF=$(jq -c '.bridge = "fb.0"' <<<"$DUAL")
	pod a
	in_pod a sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	add a a.b
	assert_ok
	assert_eq "$(in_pod a ip -6 -o addr show dev a.b tentative)" ""
	pings a fd00:1::1
	assert_eq "$(in_pod a cat /proc/sys/net/ipv6/conf/a.b/accept_ra)" 0
	assert_eq "$(cat /proc/sys/net/ipv6/conf/fb.0/accept_ra)" 0
}

@test "CNI_ARGS: grammar and unknown keys" {
	pod a
	snapshot
	for args in FOO=1 'IP=10.1.0.5;' ';' 'IP' 'IP=1=2' 'IP=10.1.0.300' 'MAC=zz' 'ip=10.1.0.5' \
		'IgnoreUnknown=maybe;FOO=1' 'IgnoreUnknown=0;FOO=1'; do
		echo "# $args"
		CNI_ARGS=$args add a
		assert_error 4 CNI_ARGS
		assert_unchanged
	done
	for args in 'IgnoreUnknown=1;FOO=1' 'FOO=1;IgnoreUnknown=TRUE' 'IgnoreUnknown=true' \
		'IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0;K8S_POD_INFRA_CONTAINER_ID=a;K8S_POD_UID=1'; do
		CNI_ARGS=$args add a
		assert_ok
		CNI_ARGS=$args del a
		assert_ok
	done
}

# --- the container's namespace

@test "our own namespace is refused before anything is done" {
	touch "$BATS_TEST_TMPDIR/bound"
	mount --bind /proc/self/ns/net "$BATS_TEST_TMPDIR/bound"
	snapshot
	for path in /proc/self/ns/net "/proc/$$/ns/net" /proc/thread-self/ns/net "$BATS_TEST_TMPDIR/bound"; do
		for bin in bridge loopback; do
			NETNS=$path call ADD "$bin" a <<<"$CONF"
			assert_error 8 "$path"
			assert_unchanged
		done
	done
}

@test "a path that is no network namespace is refused by ADD" {
	touch "$BATS_TEST_TMPDIR/file"
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	ln -s /nowhere "$BATS_TEST_TMPDIR/dangling"
	snapshot
	for path in /nowhere "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/file" "$BATS_TEST_TMPDIR/fifo" \
		"$BATS_TEST_TMPDIR/dangling" /proc/self/ns/mnt /proc/self/status /dev/null /proc/self/ns; do
		for bin in bridge loopback; do
			NETNS=$path call ADD "$bin" a <<<"$CONF"
			assert_error 8 "$path"
			((took < 5000)) || fail "it hung"
			assert_unchanged
		done
	done
}

# --- stdin

@test "what is not one JSON object is a decoding failure" {
	pod a
	snapshot
	refused_text 6 ''
	refused_text 6 '   '
	refused_text 6 '{'
	refused_text 6 "${CONF%\}}"
	refused_text 6 "$CONF x"
	refused_text 6 "$CONF $CONF"
	refused_text 6 "$CONF]"
	refused_text 6 '[]'
	refused_text 6 '"text"'
	refused_text 6 "{'name': 'net'}"
	refused_text 6 '{"name": "net",}'
	refused_text 6 "$(printf '[%.0s' {1..20000})"
	refused_text 6 "{\"a\": $(printf '[%.0s' {1..20000})"
	call ADD bridge a </dev/null
	assert_error 6
	assert_unchanged
	nothing_made
}

@test "a NUL on stdin is a decoding failure" {
	pod a
	snapshot
	call ADD bridge a < <(printf '%s\0' "$CONF")
	assert_error 6
	call ADD bridge a < <(printf '%s\0x' "$CONF")
	assert_error 6
	call ADD bridge a < <(printf '\0%s' "$CONF")
	assert_error 6
	assert_unchanged
}

@test "more than 1 MiB on stdin is a decoding failure" {
	pod a
	snapshot
	call ADD bridge a < <(printf '%s' "$CONF"; head -c 1048577 /dev/zero | tr '\0' ' ')
	assert_error 6
	assert_unchanged
	call ADD bridge a < <(printf '%s' "$CONF"; head -c 1000000 /dev/zero | tr '\0' ' ')
	assert_ok
}

@test "what ADD takes of runtimeConfig comes twice to CHECK and DEL, with the result" {
	CONF=$(conf '.runtimeConfig.dns = {options: ["x:" + "A" * 600000]}')
	added a
	check a
	assert_ok
	call DEL bridge a < <(with_prev a; head -c 16777216 /dev/zero | tr '\0' ' ')
	assert_error 6 16777216
	call DEL bridge a < <(with_prev a)
	assert_ok
	refute_anything_left a
}

@test "GC takes a list of more than 1 MiB" {
	added a
	NETNS='' call GC bridge '' '' < <(conf '.cniVersion = "1.1.0" | .gcLive = true |
		.["cni.dev/valid-attachments"] = [range(30000) | {containerID: "c\(.)", ifname: "eth0"}]')
	assert_ok
	refute_anything_left a
}

@test "what ADD refuses in what a pod's author may fill does not hinder DEL" {
	local bad key

	for bad in '"\u0000"' '"\ud800"' '1e999' \
		"$(printf '[%.0s' {1..70})$(printf ']%.0s' {1..70})"; do
		for key in args runtimeConfig prevResult; do
			added a
			CONF=${CONF%\}}', "'$key'": {"cni": {"x": "]", "y": '$bad'}}}'
			pod b
			add b
			assert_error 6 'not valid JSON'
			del b
			assert_ok
			del a
			assert_ok
			assert_in "$err" 'not valid JSON' column
			refute_anything_left a
			pod_gone b
			CONF=$SINGLE
		done
		# elsewhere nobody but the administrator has put it
		CONF="${CONF%\}}, \"x\": $bad}"
		del a
		assert_error 6 'not valid JSON'
		CONF=$SINGLE
	done
}

@test "an error object is told in the configuration's version" {
	pod a
	for v in $OLD $MIDDLE $NEW; do
		for filter in '.mtu = "x"' 'del(.name)' '.ipam.subnet = 5'; do
			call ADD bridge a <<<"$(conf ".cniVersion = \"$v\" | $filter")"
			assert_error 7
			assert_json ".cniVersion == \"$v\""
		done
	done
	for text in '{' "$(conf '.cniVersion = "7.0.0"')" "$(conf '.cniVersion = 1')"; do
		call ADD bridge a <<<"$text"
		assert_json '.code > 0 and .cniVersion == "1.1.0"'
	done
}

@test "stdin that comes in small pieces is read whole" {
	pod a
	call ADD bridge a < <(fold -w 9 <<<"$(conf .)" | while read -r part; do
		printf '%s' "$part"
		sleep 0.001
	done)
	assert_ok
}

@test "the last of several equal keys counts" {
	pod a
	call ADD bridge a <<<"${CONF%\}}, \"bridge\": \"last0\", \"isGateway\": true}"
	assert_ok
	assert_json '.interfaces[0].name == "last0"'
}

# --- versions

@test "an unknown version is refused" {
	pod a
	snapshot
	for v in 0.0.1 0.5.0 1.1.1 1.2.0 2.0.0 1.1 1 v1.0.0 ' 1.0.0' abc; do
		for bin in bridge host-local loopback; do
			call ADD "$bin" a <<<"$(conf '.cniVersion = $v' --arg v "$v")"
			assert_error 1 "$v"
		done
		assert_unchanged
	done
}

@test "CHECK needs 0.4.0, GC and STATUS need 1.1.0" {
	pod a
	snapshot
	for bin in bridge host-local loopback; do
		for v in $OLD 0.3.0 0.3.1; do
			call CHECK "$bin" a <<<"$(conf ".cniVersion = \"$v\"")"
			assert_error 1 "$v"
		done
		for verb in GC STATUS; do
			for v in $OLD $MIDDLE 1.0.0; do
				plugin "$bin" CNI_COMMAND="$verb" CNI_PATH=/ <<<"$(conf ".cniVersion = \"$v\"")"
				assert_error 1 "$v"
			done
		done
	done
	assert_unchanged
}

@test "CHECK without a prevResult is refused" {
	pod a
	add a
	call CHECK bridge a <<<"$CONF"
	assert_error 7 prevResult
	call CHECK bridge a <<<"$(conf '.prevResult = null')"
	assert_error 7 prevResult
}

# --- wrong configurations

@test "wrong names of the network are refused" {
	pod a
	snapshot
	refused 7 'del(.name)' name
	refused 7 '.name = ""' name
	refused 7 '.name = null' name
	refused 7 '.name = "../x"' name ../x
	refused 7 '.name = ".x"' name .x
	refused 7 '.name = "a/b"' name a/b
	refused 7 '.name = "a b"' name
	refused 7 '.name = 7' name 7
	nothing_made
}

@test "wrong values of the bridge's keys are refused" {
	pod a
	snapshot
	refused 7 '.cniVersion = 1' cniVersion 1
	refused 7 '.bridge = 5' bridge 5
	refused 7 '.bridge = "abcdefghijklmnop"' bridge abcdefghijklmnop
	refused 7 '.bridge = "a/b"' bridge a/b
	refused 7 '.bridge = ".."' bridge ..
	refused 7 '.bridge = "a b"' bridge 'a b'
	refused 7 '.isGateway = "true"' isGateway true
	refused 7 '.isGateway = 1' isGateway 1
	refused 7 '.isDefaultGateway = "yes"' isDefaultGateway yes
	refused 7 '.forceAddress = []' forceAddress
	refused 7 '.ipMasq = {}' ipMasq
	refused 7 '.ipMasqBackend = "ebtables"' ipMasqBackend ebtables
	refused 2 '.ipMasqBackend = "iptables"' ipMasqBackend iptables
	refused 7 '.mtu = "1500"' mtu 1500
	refused 7 '.mtu = -5' mtu -5
	refused 7 '.mtu = 67' mtu 67
	refused 7 '.mtu = 65536' mtu 65536
	refused 7 '.mtu = 1400.5' mtu 1400.5
	refused 7 '.hairpinMode = "x"' hairpinMode
	refused 7 '.promiscMode = 0' promiscMode 0
	refused 7 '.hairpinMode = true | .promiscMode = true' hairpinMode promiscMode
	refused 7 '.portIsolation = "x"' portIsolation
	refused 7 '.enabledad = 3' enabledad 3
	refused 7 '.disableContainerInterface = true' disableContainerInterface ipam
	refused 7 '.dns = "x"' dns
	refused 7 '.dns = {nameservers: "8.8.8.8"}' dns.nameservers 8.8.8.8
	refused 7 '.runtimeConfig = {mac: "nonsense"}' runtimeConfig.mac nonsense
	refused 7 '.runtimeConfig = {mac: "01:00:5e:00:00:01"}' runtimeConfig.mac 01:00:5e:00:00:01
	refused 7 '.runtimeConfig = {mac: "00:00:00:00:00:00"}' runtimeConfig.mac
	refused 7 '.args = {cni: {mac: "02:00"}}' args.cni.mac 02:00
	refused 7 '.runtimeConfig = 5' runtimeConfig 5
	nothing_made
}

@test "wrong values of host-local's keys are refused" {
	pod a
	snapshot
	for PLUGIN in bridge host-local; do
		refused 7 '.ipam = "x"' ipam
		refused 7 '.ipam.ranges = []' ipam.ranges
		refused 7 'del(.ipam.ranges)' ipam.ranges
		refused 7 '.ipam.ranges = [[]]' 'ipam.ranges[0]'
		refused 7 '.ipam.ranges = {}' ipam.ranges
		refused 7 '.ipam.ranges = [[{}]]' 'ipam.ranges[0][0]' subnet
		refused 7 '.ipam.ranges = [["10.1.0.0/24"]]' 'ipam.ranges[0][0]'
		refused 7 '.ipam.ranges[0][0].subnet = "10.1.0.1/24"' 'ipam.ranges[0][0].subnet' 10.1.0.1/24
		refused 7 '.ipam.ranges[0][0].subnet = "10.1.0.0"' 'ipam.ranges[0][0].subnet' 10.1.0.0
		refused 7 '.ipam.ranges[0][0].subnet = "10.1.0.0/33"' 10.1.0.0/33
		refused 7 '.ipam.ranges[0][0].subnet = "10.1.0.0/31"' 10.1.0.0/31
		refused 7 '.ipam.ranges[0][0].subnet = "fd00::/127"' fd00::/127
		refused 7 '.ipam.ranges[0][0].rangeStart = "10.2.0.1"' rangeStart 10.2.0.1
		refused 7 '.ipam.ranges[0][0].rangeEnd = "10.2.0.1"' rangeEnd 10.2.0.1
		refused 7 '.ipam.ranges[0][0].rangeStart = "fd00::1"' rangeStart fd00::1
		refused 7 '.ipam.ranges[0][0] += {rangeStart: "10.1.0.9", rangeEnd: "10.1.0.8"}' 10.1.0.9 10.1.0.8
		refused 7 '.ipam.ranges[0][0].gateway = "x"' gateway x
		refused 7 '.ipam.ranges[0] += [{subnet: "fd00::/64"}]' 'ipam.ranges[0]'
		refused 7 '.ipam.ranges[0] += [{subnet: "10.1.0.0/25"}]' 'ipam.ranges[0]'
		refused 7 '.ipam.ranges += [[{subnet: "10.1.0.0/25"}]]' 'ipam.ranges[1]'
		refused 7 '.ipam.subnet = "nonsense"' subnet nonsense
		refused 7 '.ipam.routes = "x"' ipam.routes
		refused 7 '.ipam.routes = [{dst: "x"}]' 'ipam.routes[0].dst' x
		refused 7 '.ipam.routes = [{}]' 'ipam.routes[0].dst'
		refused 7 '.ipam.routes = [{dst: "10.0.0.0/8", gw: "x"}]' 'ipam.routes[0].gw' x
		refused 7 '.ipam.routes = [{dst: "10.0.0.0/8", mtu: -1}]' 'ipam.routes[0].mtu' -1
		refused 7 '.ipam.dataDir = 5' ipam.dataDir 5
		refused 7 '.ipam.dataDir = "relative"' ipam.dataDir relative
		refused 7 '.runtimeConfig = {ips: ["x"]}' 'runtimeConfig.ips[0]' x
		refused 7 '.args = {cni: {ips: ["x"]}}' 'args.cni.ips[0]' x
		refused 7 '.runtimeConfig = {ipRanges: [[{subnet: "x"}]]}' 'runtimeConfig.ipRanges[0][0].subnet' x
		refused 7 '.cniVersion = "0.2.0" | .ipam.ranges += [[{subnet: "10.2.0.0/24"}]]' 0.2.0 0.3.0
	done
	nothing_made
}

@test "a resolvConf that cannot be read is an error, and nothing is left" {
	pod a
	snapshot
	CONF=$(conf '.ipam.resolvConf = "/nowhere/resolv.conf"')
	add a
	assert_error 7 ipam.resolvConf /nowhere/resolv.conf
	refute_anything_left a
}

# --- stdout

@test "an answer that cannot be written is a failed ADD that leaves nothing" {
	pod a
	CONF=$DUAL
	STDOUT=/dev/full add a
	assert_eq "$status" 1 "exit status"
	refute_anything_left a
	add a
	assert_ok
}

@test "an answer that nobody reads is a failed ADD that leaves nothing" {
	pod a
	unread
	STDOUT=/proc/self/fd/$unread add a
	exec {unread}>&-
	assert_eq "$status" 1 "exit status"
	refute_anything_left a
}

@test "an answer to who reads slowly, out of a pipe that is nearly full, is whole" {
	pod a
	CONF=$DUAL
	timed env -i PATH="$PATH" "${SANITIZERS[@]}" CNI_COMMAND=ADD CNI_CONTAINERID=a \
		CNI_NETNS=/run/netns/a CNI_IFNAME=eth0 CNI_PATH="$FOOTBRIDGE_BIN" python3 -c '
import fcntl, os, subprocess, sys, time
reader, writer = os.pipe()
full = fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096) - 100
os.write(writer, b" " * full)
plugin = subprocess.Popen(sys.argv[1], stdout=writer)
os.close(writer)
while chunk := os.read(reader, 50):
    time.sleep(0.005)
    sys.stdout.write(chunk.decode())
sys.exit(plugin.wait())' "$FOOTBRIDGE_BIN/bridge" <<<"$CONF"
	assert_ok
	assert_json '(.ips | length) == 2'
	pings a 10.1.0.1
}

@test "closed standard files do no harm" {
	pod a
	for closing in '0<&-' '1>&-' '2>&-' '0<&- 1>&-' '1>&- 2>&-' '0<&- 1>&- 2>&-'; do
		echo "# $closing"
		exec 9<<<"$CONF"
		status=0
		out=$(env CNI_COMMAND=ADD CNI_CONTAINERID=a CNI_NETNS=/run/netns/a CNI_IFNAME=eth0 CNI_PATH=/ \
			sh -c "\"$FOOTBRIDGE_BIN/bridge\" <&9 $closing" 2>&1) || status=$?
		((status < 128)) || fail "ended by a signal"
		# without stdout nobody got the result
		[[ $closing != *1* || $status -eq 1 ]] || fail "a lost result is no success"
		if [[ $closing == *0* ]]; then
			[[ $status -eq 1 ]] || fail "exit status $status without a configuration"
			# on stdout, or else on stderr
			[[ $closing == *2* ]] || assert_in "$out" "network configuration: empty"
		fi
		if [[ $status -eq 0 ]]; then
			assert_eq "$(cat "$STORE"/net/10.*)" $'a\r\neth0' "the lease"
		else
			refute_anything_left a
		fi
		del a
		assert_ok
	done
}

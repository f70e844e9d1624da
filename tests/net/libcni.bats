#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Through libcni, as the runtimes call: chains with Debian's other plugins,
# capabilities, the cache of results.  tests/libcni is the client.

# bats file_tags=long

load helpers

CNIRUN=${CNIRUN:-${FOOTBRIDGE_BIN%/bin}/tests/cnirun}
OTHERS=${OTHERS:-/usr/lib/cni}
EXAMPLES=$FOOTBRIDGE_TOP/conf-examples
LISTS=$FOOTBRIDGE_TOP/testdata/lists

setup_file() {
	local source=$FOOTBRIDGE_TOP/tests/libcni

	if [[ ! $CNIRUN -nt $source/main.go ]]; then
		mkdir -p "${CNIRUN%/*}"
		cd "$source" || return
		GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS='' \
			GOCACHE=${GOCACHE:-${HOME:-/tmp}/.cache/go-build} go build -o "$CNIRUN" .
	fi
}

# run_cni COMMAND FILE [POD] [OPTION...]: sets $status, $out, $err as call does
run_cni() {
	local began=$EPOCHREALTIME pod=${3-}
	local rest=("${@:4}")

	if [[ -n $pod ]]; then
		rest=(-id "$pod" -netns "${NETNS-/run/netns/$pod}" "${rest[@]}")
	fi
	status=0
	env "${SANITIZERS[@]}" "$CNIRUN" "$1" -conf "$2" -bin "$FOOTBRIDGE_BIN:$OTHERS" \
		-cache /var/lib/cni "${rest[@]}" \
		>"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- || status=$?
	out=$(<"$BATS_TEST_TMPDIR/out")
	err=$(<"$BATS_TEST_TMPDIR/err")
	took=$(((${EPOCHREALTIME/[.,]/} - ${began/[.,]/}) / 1000))
}

# went COMMAND FILE [POD] [OPTION...]: run_cni, and it must go well
went() {
	run_cni "$@"
	[[ $status -eq 0 ]] || fail "libcni: $*"
}

# conflist FILTER [JQ-ARG...]: write CONF, changed like this, as a list of one plugin; print its path
conflist() {
	local file=$BATS_TEST_TMPDIR/net.conflist

	conf "$1 | {cniVersion: (if .cniVersion == \"1.1.0\" then \"1.0.0\" else .cniVersion end), name,
		plugins: [del(.cniVersion, .name)]}" "${@:2}" >"$file"
	echo "$file"
}

cached() {
	find /var/lib/cni/results -type f 2>/dev/null
}

@test "VERSION: every example is valid to libcni" {
	local example
	for example in "$EXAMPLES"/*.conflist; do
		went validate "$example"
	done
	went validate "$EXAMPLES/containerd.conflist"
	assert_eq "$out" portMappings
}

# bridge_of FILE: the bridge that its network uses; nothing where it is not on one
bridge_of() {
	jq -r '.plugins // [.] | .[] | select(.type == "bridge") | .bridge // "cni0"' "$1"
}

# lives FILE [OPTION...]: two pods on the network, from ADD to the DEL after the last
lives() {
	local file=$1 version bridge family address name
	local options=("${@:2}")

	version=$(jq -r .cniVersion "$file")
	bridge=$(bridge_of "$file")
	went add "$file" a "${options[@]}"
	assert_json '.cniVersion == "'"$version"'"'
	[[ $version == 0.[12].* ]] ||
		assert_json '.interfaces | map(select(.name == "eth0").sandbox) == ["/run/netns/a"]'
	went add "$file" b "${options[@]}"
	# the specification has CHECK from 0.4.0 on
	if [[ $version != 0.[123].* ]]; then
		went check "$file" a "${options[@]}"
		went check "$file" b "${options[@]}"
	fi
	for family in 4 6; do
		address=$(pod_ip b "$family")
		[[ -z $address ]] || pings a "$address"
	done
	went del "$file" a "${options[@]}"
	[[ $version == 0.[123].* ]] || went check "$file" b "${options[@]}"
	went del "$file" b "${options[@]}"
	assert_eq "$out" ""
	for name in a b a; do
		went del "$file" "$name" "${options[@]}"
		NETNS='' went del "$file" "$name" "${options[@]}"
		refute_anything_left "$name"
	done
	assert_eq "$(all_leases)" "" "leases of $file"
	assert_eq "$(cached)" "" "results of $file"
	[[ -z $bridge ]] || ip link del "$bridge"
}

# in every store, for a network may have one elsewhere
all_leases() {
	find /var/lib/cni/networks /run/cni-ipam-state -type f ! -name lock ! -name 'last_reserved_ip.*' \
		! -name '.*' 2>/dev/null
}

@test "every example: ADD two, CHECK, ping, DEL, DEL again" {
	local example
	pod a b
	dhcp_server fb-dhcp 10.94.0
	for example in "$EXAMPLES"/*.conflist; do
		# it has one address, for one container: see below
		[[ $example != */static.conflist ]] || continue
		[[ $example != */vlan.conflist ]] || filters_vlans || continue
		lives "$example"
	done
}

@test "every configuration that others come with, behind and before Debian's plugins: the same" {
	local file
	local caps='{"bandwidth": {"ingressRate": 10000000, "ingressBurst": 34359738359,
		"egressRate": 10000000, "egressBurst": 34359738359}}'
	pod a b
	for file in "$LISTS"/*.conf*; do
		lives "$file" -caps "$caps"
	done
}

@test "the example with another IPAM plugin's one address: ADD, CHECK, DEL, DEL again" {
	local example=$EXAMPLES/static.conflist

	pod a
	went add "$example" a
	assert_json '[.ips[].address] == ["10.93.0.2/24", "fd00:93::2/64"]'
	went check "$example" a
	pings a 10.93.0.1
	went del "$example" a
	went del "$example" a
	NETNS='' went del "$example" a
	refute_anything_left a
}

# fetches TEXT: the outside gets it at the host's port 8080
fetches() {
	in_pod outside timeout 1 bash -c '
		exec 9<>/dev/tcp/198.51.100.1/8080 || exit
		printf "GET /index.html HTTP/1.0\r\n\r\n" >&9
		cat <&9' 2>/dev/null | grep -Fq "$1"
}

@test "containerd's default, with Debian's portmap behind it: a host port works" {
	local ports='{"portMappings": [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}]}'
	local file=$EXAMPLES/containerd.conflist
	pod a
	outside
	went add "$file" a -caps "$ports"
	# no CHECK: that of Debian 12's portmap looks for IPv6 rules it has not made
	mkdir /run/www
	echo "from the container" >/run/www/index.html
	nsenter --net=/run/netns/a busybox httpd -f -p 80 -h /run/www 3>&- &
	background $!
	eventually fetches "from the container"
	went del "$file" a -caps "$ports"
	refute fetches "from the container"
	refute_anything_left a
}

@test "capabilities and CNI_ARGS reach the plugin" {
	local file
	pod a b
	file=$(conflist '.capabilities = {ips: true, mac: true}')
	went add "$file" a -caps '{"ips": ["10.1.0.77/24"], "mac": "02:00:00:00:00:77"}'
	assert_eq "$(pod_ip a)" 10.1.0.77
	assert_eq "$(pod_link a .address)" 02:00:00:00:00:77
	went check "$file" a
	went add "$file" b -args 'IgnoreUnknown=1;K8S_POD_NAME=b;IP=10.1.0.78;MAC=02:00:00:00:00:78'
	assert_eq "$(pod_ip b)" 10.1.0.78
	assert_eq "$(pod_link b .address)" 02:00:00:00:00:78
	went check "$file" b
	went del "$file" a
	went del "$file" b
}

@test "a MAC that Debian's tuning changed behind us passes CHECK" {
	local file
	pod a
	file=$(conflist .)
	jq '.plugins += [{"type": "tuning", "mac": "02:00:00:00:00:55"}]' "$file" >"$file.new"
	mv "$file.new" "$file"
	went add "$file" a
	assert_eq "$(pod_link a .address)" 02:00:00:00:00:55
	went check "$file" a
	in_pod a ip link set eth0 address 02:00:00:00:00:56
	run_cni check "$file" a
	[[ $status -ne 0 ]] || fail "the wrong MAC passed"
	went del "$file" a
	refute_anything_left a
}

@test "each version, as a list and as a single configuration" {
	local v file
	pod a
	for v in 0.1.0 0.2.0 0.3.0 0.3.1 0.4.0 1.0.0; do
		file=$(conflist '.cniVersion = $v' --arg v "$v")
		went add "$file" a
		assert_json ".cniVersion == \"$v\""
		case $v in
		0.4.0 | 1.0.0) went check "$file" a ;;
		esac
		went del "$file" a
		refute_anything_left a
	done
	conf '.cniVersion = "0.3.1"' >"$BATS_TEST_TMPDIR/single.conf"
	went add "$BATS_TEST_TMPDIR/single.conf" a
	went del "$BATS_TEST_TMPDIR/single.conf" a
	refute_anything_left a
}

@test "the cache of results is lost: DEL cleans up all the same" {
	local file=$EXAMPLES/podman.conflist
	pod a
	went add "$file" a
	[[ -n $(cached) ]] || fail "libcni keeps no result"
	rm -r /var/lib/cni/results
	went del "$file" a
	refute_anything_left a
	assert_eq "$(leases podman)" ""
}

@test "damage is found, and told in our words" {
	local file=$EXAMPLES/dual-stack.conflist
	pod a
	went add "$file" a
	in_pod a ip route del default
	run_cni check "$file" a
	[[ $status -ne 0 ]] || fail "CHECK passed"
	assert_in "$err" 0.0.0.0/0
}

@test "an ADD that fails is told in our words, and the runtime's DEL after it is quiet" {
	local file
	pod a
	in_pod a ip link add eth0 type veth peer name other
	file=$(conflist .)
	run_cni add "$file" a
	[[ $status -ne 0 ]] || fail "ADD passed"
	assert_in "$err" eth0
	went del "$file" a
	in_pod a ip link show other
	assert_eq "$(leases)" ""
}

@test "containerd's loopback" {
	local file=$BATS_TEST_TMPDIR/lo.conflist
	echo '{"cniVersion": "0.3.1", "name": "cni-loopback", "plugins": [{"type": "loopback"}]}' >"$file"
	pod a
	went validate "$file"
	went add "$file" a -if lo
	assert_json '.interfaces[0].name == "lo"'
	pings a 127.0.0.1
	went del "$file" a -if lo
	pod_gone a
	went del "$file" a -if lo
}

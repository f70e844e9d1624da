# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# helpers.bash - what the network tests are written with
#
# Begin a file with `load helpers`.  Every @test then runs from its first line in
# a box of its own (see the script box beside this file): the network namespace
# it is in plays the host, and plain `ip`, `nft` and `sysctl` speak about that
# host.  Nothing has to be cleaned up; a process left behind must be ended, and
# background PIDs noted with `background` are.
#
# Environment
#   FOOTBRIDGE_BIN      folder with bridge, host-local, loopback (build/bin)
#   FOOTBRIDGE_TOP      the top of the source tree
#   FOOTBRIDGE_VERSION  cniVersion of the default configurations (1.1.0)
#   BOX_OPTIONS         an array, set before loading this: options for the box
#
# Configurations: JSON texts
#   CONF                what the shortcuts below send; at first $SINGLE
#   SINGLE DUAL LAYER2  network "net" on bridge "fb0": 10.1.0.0/24 with gateway and
#                       ipMasq; that and fd00:1::/64; or without ipam
#   conf FILTER [JQ-ARG...]   print CONF after a jq filter: CONF=$(conf '.mtu=1400')
#   with_prev POD [IFNAME]    print CONF with the result of POD's last ADD as prevResult
#
# Containers
#   pod NAME...         make container namespaces; /run/netns/NAME
#   pod_gone NAME...    remove them, as when the runtime's host was rebooted
#   nicknames POD LINK  give a device in one 300 other names, 37 KiB of them
#   in_pod NAME CMD...  run a command in one (any namespace of this name: "outside" too)
#   host_veth POD [IFNAME]   print the host end of a pod's interface, as the kernel has it
#   link JQ NAME, pod_link POD JQ [IFNAME]   jq -r on `ip -d -j link` of one device
#
# Calls.  Each sets $status, $out (stdout), $err (stderr) and $took (ms) and
# itself returns 0, whatever the plugin said.  Calls in subshells do not disturb
# each other.
#   plugin BIN [VAR=VALUE...] < stdin     with exactly these variables
#   footbridge [ARGUMENT...]   the tool by its own name; stdin is left as it is.  CNI_PATH in
#                       front overrides where it finds plugins
#   call VERB BIN POD [IFNAME] < conf     container ID = POD, interface eth0.  Variables in
#                       front override: CNI_ARGS, CNI_PATH, CONTAINER, NETNS, STDOUT (where
#                       stdout goes instead of $out): NETNS= call DEL bridge a <<<"$CONF"
#   add POD [IFNAME]    ADD of CONF with $PLUGIN (bridge); a good result is kept for with_prev
#   added POD...        make those that are not there, and add each: it is well
#   del POD [IFNAME]    DEL of CONF, without prevResult
#   check POD [IFNAME]  CHECK of CONF, with the prevResult kept by add
#   gc JSON-LIST        GC of CONF with this list of valid attachments
#   status              STATUS of CONF   (the variable $status is the exit status)
# What takes longer than 20 s (PATIENCE) is killed.
#
# Looking at what came
#   result JQ           jq -r on $out
#   pod_ip POD [4|6] [IFNAME]   print the pod's address, as the kernel has it
#   assert_ok           exit 0, and stdout is nothing or exactly one JSON document
#   assert_error CODE WORD...   exit 1, and stdout is exactly one JSON error of this
#                       code whose msg and details together have every word
#   assert_json FILTER  the jq filter holds for $out
#   assert_eq GOT WANTED [WHAT]
#   assert_in TEXT WORD...      TEXT has every word
#   assert_quick MS [WHAT]      the last call took less, or on a slow machine less than this
#                       and what ten calls that do nothing take there
#   refute CMD...       the command fails (a plain `! CMD` would not end the test)
#   refute_lists WORD CMD...    the command succeeds, and WORD is not in what it prints
#   eventually CMD...   try again for 2 s
#   fail WORDS          end the test, showing the last call
# In an "if", behind "||", in `eventually` and in `refute` errexit is off: there a function
# goes on behind what fails.  One of several assertions therefore ends each with "|| return".
#
# The world
#   snapshot            remember the host: links, addresses, routes, nft, leases
#   assert_unchanged    it is still so.  Link-local addresses, carrier and the store's
#                       hints (lock, last_reserved_ip.N) do not count
#   module NAME         load it, where the machine is the tests' own (make check-vm) and its
#                       kernel has it; elsewhere nothing is ever loaded
#   needs_vlan_filtering  skip the test where this kernel's bridges do not filter VLANs
#   needs_marks         skip the test where a lease's file cannot bear a mark (an extended
#                       attribute), without which nothing is taken for dead
#   answers_for_others  does this kernel tell of addresses in other namespaces?
#   refute_anything_left POD [IFNAME]   no host veth, lease, nft element or interface of it
#   leases [NETWORK]    print the addresses leased in the default store, sorted
#
# Packets
#   pings NS ADDR [OPTION...]   one ping from a namespace is answered within 1 s (in a
#                       virtual machine, by PATIENCE, 6 s)
#   outside [LINK]      make a namespace "outside" at 198.51.100.2 and 2001:db8:51::2
#                       (host: .1 and ::1, on LINK, out0) without a route to any pod
#   watch_sources NS    note from whom NS gets pings, UDP and TCP openings
#   sources NS          print these addresses, sorted, one a line, and forget them

#
# Others
#   dhcp_server BRIDGE PREFIX   make the bridge with a DHCP server on it, which is at PREFIX.1
#                       in the namespace "server" and gives PREFIX.50 to .99, and run the
#                       daemon of the distribution's dhcp plugin.  Leases: dhcp.leases in
#                       the test's folder

FOOTBRIDGE_TOP=${FOOTBRIDGE_TOP:-$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)}
FOOTBRIDGE_BIN=${FOOTBRIDGE_BIN:-$FOOTBRIDGE_TOP/build/bin}
FOOTBRIDGE_VERSION=${FOOTBRIDGE_VERSION:-1.1.0}
export FOOTBRIDGE_TOP FOOTBRIDGE_BIN FOOTBRIDGE_VERSION
STORE=/var/lib/cni/networks

# Become a process in a box: the test's own bash starts again there, with the
# same process ID and arguments.
enter_box() {
	local argv

	mapfile -d '' argv </proc/$$/cmdline
	rm -rf "${BATS_TEST_TMPDIR:?}"
	exec "$FOOTBRIDGE_TOP/tests/net/box" "${BOX_OPTIONS[@]}" "${argv[@]}" >&3
}

if [[ -n ${BATS_TEST_TMPDIR-} && ${FOOTBRIDGE_BOX-} != "$$" ]]; then
	enter_box
fi

SINGLE='{"cniVersion": "'$FOOTBRIDGE_VERSION'", "name": "net", "type": "bridge",
	"bridge": "fb0", "isGateway": true, "ipMasq": true,
	"ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]],
		"routes": [{"dst": "0.0.0.0/0"}]}}'
DUAL='{"cniVersion": "'$FOOTBRIDGE_VERSION'", "name": "net", "type": "bridge",
	"bridge": "fb0", "isGateway": true, "ipMasq": true,
	"ipam": {"type": "host-local",
		"ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "fd00:1::/64"}]],
		"routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}}'
LAYER2='{"cniVersion": "'$FOOTBRIDGE_VERSION'", "name": "net", "type": "bridge",
	"bridge": "fb0", "ipam": {}}'
CONF=$SINGLE
PLUGIN=bridge
BACKGROUND=()
SANITIZERS=(ASAN_OPTIONS="${ASAN_OPTIONS-}" UBSAN_OPTIONS="${UBSAN_OPTIONS-}"
	LSAN_OPTIONS="${LSAN_OPTIONS-}")

# jq 1.6 compiles its own library at every start, which takes eight times as long as
# all of gojq, a third of what the tests took; gojq differs in that it sorts always
jq() {
	gojq "$@"
}

setup() {
	[[ ! /proc/self/ns/net -ef /proc/$PPID/ns/net ]] || fail "this test is not in a box"
	# bats notes each command for the trace of a failure: the test's are enough
	set +T
}

teardown() {
	local pid

	for pid in "${BACKGROUND[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
}

# background PID: end this process when the test ends
background() {
	BACKGROUND+=("$1")
}

conf() {
	local filter=$1

	shift
	jq -c "$@" "$filter" <<<"$CONF"
}

with_prev() {
	conf '. + {prevResult: $prev[0]}' --slurpfile prev "$(kept "$1" "${2-eth0}")"
}

# kept POD IFNAME: the file where add keeps a result
kept() {
	echo "$BATS_TEST_TMPDIR/result.$1.$2"
}

# --- containers

pod() {
	local name

	for name in "$@"; do
		ip netns add "$name"
	done
}

pod_gone() {
	local name

	for name in "$@"; do
		ip netns del "$name"
	done
}

nicknames() {
	local tail

	printf -v tail %0118d 0
	printf "link property add dev $2 altname n%03d$tail\n" {1..300} | in_pod "$1" ip -batch -
}

in_pod() {
	nsenter --net="/run/netns/$1" "${@:2}"
}

host_veth() {
	local peer

	peer=$(in_pod "$1" ip -j link show "${2-eth0}" | jq '.[0].link_index')
	ip -j link | jq -r --argjson peer "$peer" '.[] | select(.ifindex == $peer).ifname'
}

link() {
	ip -d -j link show "$2" | jq -r ".[0] | $1"
}

pod_link() {
	in_pod "$1" ip -d -j link show "${3-eth0}" | jq -r ".[0] | $2"
}

pod_ip() {
	in_pod "$1" ip -j "-${2-4}" addr show "${3-eth0}" scope global |
		jq -r '[.[].addr_info[]?.local // empty] | first // empty'
}

# --- calls

plugin() {
	timed env -i PATH="$PATH" "${SANITIZERS[@]}" "${@:2}" \
		timeout -k 1 "${PATIENCE-20}" "$FOOTBRIDGE_BIN/$1"
}

footbridge() {
	timed env -i PATH="$PATH" "${SANITIZERS[@]}" \
		CNI_PATH="${CNI_PATH-$FOOTBRIDGE_BIN:/opt/cni/bin:/usr/lib/cni}" \
		timeout -k 1 "${PATIENCE-20}" "$FOOTBRIDGE_BIN/../footbridge" "$@"
}

timed() {
	local file=$BATS_TEST_TMPDIR/call.$BASHPID start end

	status=0
	start=$EPOCHREALTIME
	"$@" >"${STDOUT:-$file.out}" 2>"$file.err" 3>&- 4>&- || status=$?
	end=$EPOCHREALTIME
	took=$(((${end/[.,]/} - ${start/[.,]/}) / 1000))
	out=
	[[ -n ${STDOUT-} ]] || slurp out "$file.out"
	slurp err "$file.err"
}

# unread: opens a pipe that nobody reads any more; its descriptor is in $unread
unread() {
	exec {unread}> >(true)
	# which is gone in any case: bash 5.2 says -1, 1 time of 500, if it has reaped it already
	wait "$!" || true
}

# slurp VARIABLE FILE: its text without the last newlines, a ? for each NUL; no process
# for it where there is none
slurp() {
	local -n text=$1

	! IFS= read -rd '' text <"$2" || text=$(tr '\0' '?' <"$2")
	text=${text%"${text##*[!$'\n']}"}
}

call() {
	local verb=$1 bin=$2 pod=$3 ifname=${4-eth0}

	plugin "$bin" CNI_COMMAND="$verb" CNI_CONTAINERID="${CONTAINER-$pod}" \
		CNI_NETNS="${NETNS-/run/netns/$pod}" CNI_IFNAME="$ifname" \
		CNI_ARGS="${CNI_ARGS-}" CNI_PATH="${CNI_PATH-$FOOTBRIDGE_BIN}"
}

add() {
	call ADD "$PLUGIN" "$1" "${2-eth0}" <<<"$CONF"
	[[ $status -ne 0 ]] || printf '%s' "$out" >"$(kept "$1" "${2-eth0}")"
}

added() {
	local name

	for name in "$@"; do
		[[ -e /run/netns/$name ]] || pod "$name"
		add "$name"
		assert_ok || return
	done
}

del() {
	call DEL "$PLUGIN" "$1" "${2-eth0}" <<<"$CONF"
}

check() {
	call CHECK "$PLUGIN" "$1" "${2-eth0}" <<<"$(with_prev "$1" "${2-eth0}")"
}

gc() {
	NETNS='' call GC "$PLUGIN" '' '' \
		<<<"$(conf '. + {"cniVersion": "1.1.0", "cni.dev/valid-attachments": $list}' --argjson list "$1")"
}

status() {
	NETNS='' call STATUS "$PLUGIN" '' '' <<<"$(conf '. + {"cniVersion": "1.1.0"}')"
}

# --- what the kernel can

module() {
	[[ ! ${FOOTBRIDGE_MACHINE-} ]] || modprobe "$1" || true
}

filters_vlans() {
	ip link add probe0 type bridge vlan_filtering 1 2>/dev/null && ip link del probe0
}

needs_vlan_filtering() {
	filters_vlans || skip "this kernel's bridges do not filter VLANs"
}

# by a descriptor, as we do it: what has a path may still be allowed (tests/faults/without.c)
bears_marks() {
	python3 -c 'import os, tempfile
with tempfile.TemporaryFile(dir="/var/lib/cni") as file:
    os.setxattr(file.fileno(), "trusted.footbridge", b"x")' 2>/dev/null
}

answers_for_others() {
	python3 -c 'import socket
with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as nl:
    nl.setsockopt(270, 12, 1) # SOL_NETLINK, NETLINK_GET_STRICT_CHK' 2>/dev/null
}

needs_marks() {
	bears_marks || skip "no extended attributes here: no lease is known to be dead"
}

# --- looking at what came

fail() {
	echo "FAILED: $*" >&2
	if [[ -n ${status-} ]]; then
		printf 'last call: exit %s after %s ms\nstdout: %s\nstderr: %s\n' \
			"$status" "$took" "$out" "$err" >&2
	fi
	return 1
}

result() {
	jq -r "$1" <<<"$out"
}

# documents: how many JSON documents $out is, or -1 when it is something else
documents() {
	jq -s length <<<"$out" 2>/dev/null || echo -1
}

assert_ok() {
	[[ $status -eq 0 ]] || fail "exit status is not 0" || return
	[[ -z $out || $(documents) -eq 1 ]] || fail "stdout is not one JSON document"
}

assert_error() {
	local code=$1 n got text word

	[[ $status -eq 1 ]] || fail "exit status is not 1" || return
	read -r n got text < <(jq -rs '"\(length) \(.[0].code) \(.[0].msg) \(.[0].details // "" | @text)"' \
		<<<"$out" 2>/dev/null) || fail "stdout is not JSON" || return
	assert_eq "$n" 1 "number of documents on stdout" || return
	assert_eq "$got" "$code" "error code" || return
	for word in "${@:2}"; do
		[[ $text == *"$word"* ]] || fail "the message does not have: $word" || return
	done
}

assert_json() {
	jq -e "$1" <<<"$out" >/dev/null || fail "does not hold: $1"
}

assert_eq() {
	[[ $1 == "$2" ]] || fail "${3-value} is '$1', wanted '$2'"
}

assert_in() {
	local word

	for word in "${@:2}"; do
		[[ $1 == *"$word"* ]] || fail "'$word' is not in: $1" || return
	done
}

assert_quick() {
	local limit=$1 what=${2-it took too long} took_then=$took

	if [[ $took -ge $limit ]]; then
		call VERSION "$PLUGIN" none <<<"$CONF"
		limit=$((limit + 10 * took))
		took=$took_then
	fi
	[[ $took -lt $limit ]] || fail "$what: $took ms of $limit"
}

refute() {
	if "$@"; then fail "should have failed: $*"; fi
}

refute_lists() {
	local text

	text=$("${@:2}") || fail "it failed: ${*:2}" || return
	[[ $text != *"$1"* ]] || fail "'$1' is in: $text"
}

eventually() {
	local try

	for try in {1..40}; do
		! "$@" || return 0
		sleep 0.05
	done
	fail "not within 2 s (tried $try times): $*"
}

# --- the world

world() {
	{
		ip -d -j link
		ip -j addr
		ip -j route show table all
	} | jq -sc '
		(.[0] | sort_by(.ifname)[] | {ifname, address, mtu, master, ifalias, promiscuity,
			kind: .linkinfo.info_kind, up: (.flags // [] | contains(["UP"])),
			port: ((.linkinfo.info_slave_data // {}) | {hairpin, isolated})}),
		(.[1][] | .ifname as $dev | .addr_info[]? | select(.scope != "link") |
			[$dev, .local, .prefixlen, .broadcast]),
		(.[2][] | select(.dst | test("^(fe80|ff00)") | not) |
			[.type, .dst, .gateway, .dev, .table, .metric])'
	nft -s list ruleset
	find /var/lib/cni -type d -o -type f ! -name lock ! -name 'last_reserved_ip.*' | sort |
		while read -r file; do
			printf '%s ' "$file"
			if [[ -f $file ]]; then
				mapfile -d '' parts <"$file"
				printf '%s?' "${parts[@]//[$'\r\n']/ }"
			fi
			echo
		done
}

snapshot() {
	world >"$BATS_TEST_TMPDIR/world"
}

assert_unchanged() {
	world | diff "$BATS_TEST_TMPDIR/world" - || fail "the host has changed"
}

# guards_of_nobody: guarded ports that neither stand nor have a MAC with its owner
guards_of_nobody() {
	nft -j list table bridge footbridge 2>/dev/null |
		jq -r 'def members($name): .nftables[].set? | select(.name? == $name).elem[]? | .elem?.val? // .;
			[members("allowed") | .concat[0]] as $owned |
			members("guarded") | select(. as $port | $owned | index($port) | not)' |
		while read -r port; do
			[[ -e /proc/sys/net/ipv4/conf/$port ]] || echo "$port"
		done
}

refute_anything_left() {
	local pod=$1 ifname=${2-eth0} left

	left=$(ip -j link | jq -r --arg owner "/$pod/$ifname" '.[] |
		select((.ifname | test("^veth[0-9a-f]{11}$")) and (.ifalias // $owner | endswith($owner))).ifname')
	[[ -z $left ]] || fail "host veth left: $left" || return
	left=$(grep -rlFx "$pod"$'\r' /var/lib/cni | xargs -r grep -lFx "$ifname" || true)
	[[ -z $left ]] || fail "lease left: $left" || return
	left=$(nft list ruleset | grep -F "\"$pod/$ifname\"" || true)
	[[ -z $left ]] || fail "nft element left: $left" || return
	left=$(guards_of_nobody)
	[[ -z $left ]] || fail "guard of nobody's port left: $left" || return
	if [[ -e /run/netns/$pod ]] && in_pod "$pod" ip link show "$ifname" 2>/dev/null; then
		fail "$ifname left in $pod"
	fi
}

leases() {
	find "$STORE/${1-net}" -type f ! -name lock ! -name 'last_reserved_ip.*' ! -name '.*' -printf '%f\n' 2>/dev/null |
		sort -V
}

# --- packets

pings() {
	in_pod "$1" busybox ping -c 1 -W $((1 + ${PATIENCE-20} / 40)) "${@:3}" "$2" >/dev/null
}

outside() {
	local link=${1-out0}

	ip netns add outside
	ip link add "$link" type veth peer name eth0 netns outside
	# its link-local address, too, is to be of use at once
	echo 0 >"/proc/sys/net/ipv6/conf/$link/accept_dad"
	ip addr add 198.51.100.1/24 dev "$link"
	ip addr add 2001:db8:51::1/64 dev "$link" nodad
	ip link set "$link" up
	in_pod outside sh -c '
		echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad
		ip addr add 198.51.100.2/24 dev eth0
		ip addr add 2001:db8:51::2/64 dev eth0 nodad
		ip link set eth0 up'
	eventually has_link_local "$link"
}

has_link_local() {
	[[ $(ip -6 -o addr show dev "$1" scope link -tentative) && $(in_pod outside \
		ip -6 -o addr show dev eth0 scope link -tentative) ]]
}

watch_sources() {
	in_pod "$1" nft -f - <<-'RULES'
		table inet watch {
			set four { type ipv4_addr; flags dynamic; size 1024; }
			set six { type ipv6_addr; flags dynamic; size 1024; }
			chain note4 { add @four { ip saddr }; }
			chain note6 { add @six { ip6 saddr }; }
			chain arriving {
				type filter hook prerouting priority 0;
				icmp type echo-request jump note4
				icmpv6 type echo-request jump note6
				meta nfproto ipv4 udp dport 0-65535 jump note4
				meta nfproto ipv6 udp dport 0-65535 jump note6
				meta nfproto ipv4 tcp flags syn jump note4
				meta nfproto ipv6 tcp flags syn jump note6
			}
		}
	RULES
}

sources() {
	in_pod "$1" nft -j list table inet watch |
		jq -r '.nftables[].set? // empty | .elem[]? | .elem?.val? // .' | sort -V
	in_pod "$1" nft 'flush set inet watch four; flush set inet watch six'
}

# --- others

dhcp_server() {
	local daemon

	ip link add "$1" type bridge
	ip link set "$1" up
	ip netns add server
	ip link add dhcp0 master "$1" type veth peer name eth0 netns server
	ip link set dhcp0 up
	ip -n server addr add "$2.1/24" dev eth0
	ip -n server link set eth0 up
	nsenter --net=/run/netns/server dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file= --user=root \
		--port=0 --no-ping --interface=eth0 --bind-interfaces --dhcp-authoritative \
		--dhcp-range="$2.50,$2.99,255.255.255.0,1h" \
		--dhcp-leasefile="$BATS_TEST_TMPDIR/dhcp.leases" >/dev/null 2>&1 3>&- &
	background $!
	mkdir -p /run/cni
	for daemon in /usr/lib/cni/dhcp /usr/libexec/cni/dhcp; do
		[[ -x $daemon ]] || continue
		"$daemon" daemon >/dev/null 2>&1 3>&- &
		background $!
		break
	done
	eventually test -S /run/cni/dhcp.sock
}

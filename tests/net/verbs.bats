#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `footbridge status`, `check` and `gc`: the plugin's verbs for people.

load helpers

CONFS=/etc/cni/net.d
FILE=$CONFS/net.conf

# configured [JQ]: CONF, changed like this, is the folder's one configuration
configured() {
	CONF=$(conf "${1-.}")
	printf '%s' "$CONF" >"$FILE"
}

# asked STATUS COMMAND [ARGUMENT...]: `footbridge COMMAND --json` ends like this
asked() {
	footbridge "$2" --json "${@:3}"
	assert_eq "$status" "$1" "exit status"
	assert_eq "$(documents)" 1 documents
}

# --- status

@test "status: an ADD would be served" {
	configured
	snapshot
	asked 0 status
	assert_eq "$(jq -c . <<<"$out")" \
		'[{"file":"'$FILE'","network":"net","plugin":"bridge","status":"ready"}]'
	assert_unchanged
	configured '.cniVersion = "1.0.0"' # in which no runtime asks
	asked 0 status
	footbridge status --conf "$FILE"
	assert_eq "$status$err" 0 "exit status, stderr"
	assert_eq "$(tr -s ' ' <<<"$out")" "FILE NETWORK PLUGIN STATUS
$FILE net bridge ready"
}

@test "status: what STATUS complains of, whatever the version" {
	configured
	ip link add fb0 type veth peer name fb1
	status
	wanted=$(result .msg)
	configured '.cniVersion = "0.4.0"'
	asked 1 status
	assert_eq "$(result '.[0].status')" "not ready"
	assert_eq "$(result '.[0].message')" "$wanted"
	footbridge status
	assert_eq "$status" 1 "exit status"
	assert_in "$out" "not ready: $wanted"
}

@test "status: each configuration, each plugin of a list; others' are looked for, not called" {
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\ntouch %q\nexit 1\n' "$BATS_TEST_TMPDIR/called" >"$BATS_TEST_TMPDIR/bin/portmap"
	chmod +x "$BATS_TEST_TMPDIR/bin/portmap"
	conf '{cniVersion, name: "list", plugins: [del(.name, .cniVersion), {type: "portmap"}, {type: "nosuch"}]}' \
		>"$CONFS/10-list.conflist"
	echo '{"cniVersion": "1.0.0", "name": "lo", "type": "loopback"}' >"$CONFS/20-lo.conf"
	echo '{"name": "broken"' >"$CONFS/30-broken.conf"
	timed env -i PATH="$PATH" CNI_PATH="$BATS_TEST_TMPDIR/bin:$FOOTBRIDGE_BIN" "${SANITIZERS[@]}" \
		"$FOOTBRIDGE_BIN/../footbridge" status --json
	assert_eq "$status" 1 "exit status"
	assert_eq "$(result 'map("\(.network) \(.plugin): \(.status)") | sort | join(", ")')" \
		" : not ready, list bridge: ready, list nosuch: not ready, list portmap: not asked, lo loopback: ready"
	assert_in "$(result '.[] | select(.plugin == "nosuch").message')" '"nosuch"' CNI_PATH
	assert_in "$(result '.[] | select(.plugin == "").file')" 30-broken.conf
	[[ ! -e $BATS_TEST_TMPDIR/called ]] || fail "portmap was called"
}

@test "status: an IPAM plugin is asked from 1.1.0 on, as by a runtime; before it must be there" {
	local path=$BATS_TEST_TMPDIR/bin

	mkdir "$path"
	# as those of Debian 12, which know no STATUS
	printf '#!/bin/sh\necho \x27{"code": 4, "msg": "missing containerID"}\x27\nexit 1\n' >"$path/probe"
	chmod +x "$path/probe"
	configured '.cniVersion = "1.0.0" | .ipam = {type: "probe"}'
	asked_in "$path" 0 status
	assert_eq "$(result '.[0].status')" ready
	asked_in "$path" 0 doctor
	assert_json '.findings == []'
	asked_in /nowhere 1 status
	assert_in "$(result '.[0].message')" '"probe"' CNI_PATH /nowhere
	chmod -x "$path/probe"
	asked_in "$path" 1 status
	assert_in "$(result '.[0].message')" ipam.type "$path/probe" executed
	chmod +x "$path/probe"
	configured '.cniVersion = "1.1.0"'
	asked_in "$path" 1 status
	assert_in "$(result '.[0].message')" "missing containerID"
}

# asked_in FOLDER STATUS COMMAND: the same, with plugins in this folder, too
asked_in() {
	timed env -i PATH="$PATH" CNI_PATH="$1:$FOOTBRIDGE_BIN" "${SANITIZERS[@]}" \
		"$FOOTBRIDGE_BIN/../footbridge" "$3" --json
	assert_eq "$status" "$2" "exit status"
}

@test "a list without plugins is told by each" {
	echo '{"cniVersion": "1.0.0", "name": "net", "plugins": []}' >"$CONFS/net.conflist"
	asked 1 status
	assert_in "$(result '.[0].message')" '"plugins" is empty'
	footbridge gc --conf "$CONFS/net.conflist"
	assert_eq "$status" 1 "exit status of gc"
	assert_in "$err" "$CONFS/net.conflist" '"plugins" is empty'
}

@test "plugins of a list that have files in a folder of its name" {
	local list=$CONFS/10-net.conflist
	mkdir "$CONFS/net"
	echo '{"cniVersion": "1.1.0", "name": "net"}' >"$list"
	conf 'del(.name, .cniVersion)' >"$CONFS/net/10-bridge.conf"
	echo '{"type": "elsewhere"}' >"$CONFS/net/20-other.conf"
	echo 'no configuration' >"$CONFS/net/note"
	# a runtime takes this for a configuration, but not for a list's plugin
	echo '{' >"$CONFS/net/30-no.json"
	added a
	asked 1 status
	assert_eq "$(jq -c '[.[] | [.plugin, .status]]' <<<"$out")" \
		'[["bridge","ready"],["elsewhere","not ready"]]'
	rm "$CONFS/net/20-other.conf"
	asked 0 status
	asked 0 check
	assert_eq "$(result 'map(.container + " " + (.fine | tostring))[]')" "a true"
	echo '{"cniVersion": "1.1.0", "name": "net", "loadOnlyInlinedPlugins": true}' >"$list"
	asked 1 status
	assert_in "$(result '.[0].message')" '"plugins" is empty'
	echo '{"cniVersion": "1.1.0", "name": "../net"}' >"$list"
	asked 1 status
	echo '{' >"$CONFS/net/10-bridge.conf"
	echo '{"cniVersion": "1.1.0", "name": "net"}' >"$list"
	asked 1 status
	assert_in "$(result '.[0].message')" "$CONFS/net/10-bridge.conf"
}

# refuses WORDS: status and run say so of net.conflist (stdin), as libcni would refuse it
refuses() {
	cat >"$CONFS/net.conflist"
	asked 1 status
	assert_in "$(result '.[0].message')" "$@"
	footbridge run --conf "$CONFS/net.conflist" -- true
	assert_eq "$status" 125 "exit status of run"
	assert_in "$err" "$@"
}

@test "a list that libcni refuses is refused" {
	local list key words

	list=$(conf '{cniVersion, name, plugins: [del(.name, .cniVersion)]}')
	refuses '"plugins" is missing' '"Plugins"' < <(jq '.Plugins = .plugins | del(.plugins)' <<<"$list")
	refuses '"name" is missing' '"NAME"' < <(jq '.NAME = .name | del(.name)' <<<"$list")
	mkdir "$CONFS/net"
	conf 'del(.name, .cniVersion)' >"$CONFS/net/10-bridge.conf"
	refuses '"plugins" is empty' < <(jq '.plugins = []' <<<"$list")
	refuses '"plugins" is empty' < <(jq 'del(.plugins) | .loadOnlyInlinedPlugins = "true"' <<<"$list")
	rm -r "$CONFS/net"
	while read -r key words; do
		refuses "$words" < <(jq ". + {$key}" <<<"$list")
	done <<-'END'
		"plugins":null "plugins" is no list
		"cniVersion":null "cniVersion": null is not a string
		"cniVersions":"1.0.0" "cniVersions": "1.0.0" is not a list
		"cniVersions":["1.x"] "cniVersions[0]": "1.x" is not a version
		"disableGC":"no" "disableGC": "no" is neither true nor false
		"loadOnlyInlinedPlugins":null "loadOnlyInlinedPlugins": null is neither true nor false
	END
	# not so one plugin's own configuration
	conf 'with_entries(.key |= ascii_upcase) + {cniversions: null}' >"$CONFS/net.conf"
	rm "$CONFS/net.conflist"
	asked 0 status
	footbridge run --conf net -- true
	assert_eq "$status" 0 "exit status of run"
}

@test "a folder is no configuration, whatever it is called" {
	configured
	mkdir "$CONFS/00-backup.conf" "$CONFS/old.conflist"
	asked 0 status
	assert_eq "$(result 'length')" 1 rows
	asked 0 doctor
}

@test "of several versions the highest that is known, as runtimes do" {
	conf '{cniVersion: "0.4.0", cniVersions: ["0.3.1", "1.0.0", "1.1.1", "7.0.0", "0.4.0"], name,
		plugins: [del(.name, .cniVersion), {type: "show"}]}' >"$CONFS/net.conflist"
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\ncat >%q.$CNI_COMMAND\ncat %q.ADD 2>/dev/null | jq .prevResult\n' \
		"$BATS_TEST_TMPDIR/seen" "$BATS_TEST_TMPDIR/seen" >"$BATS_TEST_TMPDIR/bin/show"
	chmod +x "$BATS_TEST_TMPDIR/bin/show"
	CNI_PATH=$FOOTBRIDGE_BIN:$BATS_TEST_TMPDIR/bin footbridge run --conf net -- true
	assert_eq "$status" 0 "exit status"
	jq -e '.cniVersion == "1.0.0" and (.prevResult.ips | length == 1)' "$BATS_TEST_TMPDIR/seen.ADD"
	jq -e '.cniVersion == "1.0.0" and (.prevResult.ips | length == 1)' "$BATS_TEST_TMPDIR/seen.DEL"
}

@test "what another's plugin has of ours, or lacks, is told by status and doctor" {
	local bin=$BATS_TEST_TMPDIR/bin

	mkdir "$bin"
	ln -s /bin/true "$bin/ptp"
	# our host-local
	echo '{"cniVersion": "1.0.0", "name": "net", "type": "ptp", "ipam": {"type": "host-local",
		"subnet": "10.7.0.0/24", "resolvConf": "/nonexistent"}}' >"$CONFS/net.conf"
	asked_in "$bin" 1 status
	assert_in "$(result '.[0].message')" /nonexistent
	asked_in "$bin" 1 doctor
	assert_in "$(result '.findings[].what')" /nonexistent
	# an IPAM plugin that is not there
	echo '{"cniVersion": "1.0.0", "name": "net", "type": "ptp", "ipam": {"type": "nosuch"}}' \
		>"$CONFS/net.conf"
	asked_in "$bin" 1 status
	assert_in "$(result '.[0].message')" '"nosuch"'
	asked_in "$bin" 1 doctor
	assert_in "$(result '.findings[].what')" '"nosuch"'
	ln -s /bin/true "$bin/nosuch"
	asked_in "$bin" 0 status
	asked_in "$bin" 0 doctor
}

@test "a network is found by its name, as run finds it" {
	local verb

	configured
	CONF=$(conf '.name = "other" | .bridge = "fb1" | .ipam.ranges = [[{subnet: "10.2.0.0/24"}]]')
	printf '%s' "$CONF" >"$CONFS/other.conf"
	added a
	asked 0 check --conf other
	assert_eq "$(result '.[] | "\(.network) \(.container)"')" "other a"
	asked 0 check --conf net
	assert_eq "$out" "[]"
	asked 0 status --conf other
	assert_eq "$(result '.[].network')" other
	asked 0 doctor --conf other
	footbridge gc --conf other
	assert_eq "$status$out" "0nothing is dead" "exit status, stdout"
	for verb in check status doctor gc; do
		footbridge "$verb" --conf nosuch
		assert_eq "$status$out" 1 "exit status, stdout of $verb"
		assert_eq "$err" "footbridge $verb: there is no network \"nosuch\" in $CONFS"
	done
}

@test "one network in two files: each attachment, and what is dead, is one row" {
	local veth

	needs_marks
	configured
	added a b
	conf '.mtu = 1400' >"$CONFS/zwei.conf"
	asked 0 check
	assert_eq "$(result 'map("\(.container) \(.fine)") | join(", ")')" "a true, b true"
	veth=$(host_veth b)
	pod_gone b
	eventually refute ip link show "$veth" 2>/dev/null
	asked 0 gc --dry-run --conf "$FILE" --conf "$CONFS/zwei.conf"
	assert_eq "$(result 'map("\(.kind) \(.thing)") | sort | join(", ")')" "lease 10.1.0.3, masquerade 10.1.0.3"
}

@test "which version was wrong, and which are right, is told by each" {
	local verb

	configured '.cniVersion = "9.9.9"'
	for verb in check status doctor "gc --conf $FILE"; do
		# shellcheck disable=SC2086 # words
		footbridge $verb
		assert_eq "$status" 1 "exit status of $verb"
		assert_in "$out$err" "incompatible CNI versions: " 9.9.9 1.1.0
	done
}

@test "a file that is not there is named once" {
	local verb

	for verb in check gc; do
		footbridge "$verb" --conf /none.conf
		assert_eq "$status" 1 "exit status of $verb"
		assert_eq "$err" "footbridge $verb: /none.conf: cannot open it: No such file or directory"
	done
	footbridge run --conf /none.conf true
	assert_eq "$err" "footbridge run: /none.conf: cannot open it: No such file or directory"
}

@test "status: one of ours that the runtime would not find" {
	configured
	CNI_PATH=/nope asked 1 status
	assert_eq "$(result '.[0].status')" "not ready"
	assert_eq "$(result '.[0].message')" 'there is no plugin "bridge" in CNI_PATH (/nope)'
	CNI_PATH=/nope:$FOOTBRIDGE_BIN asked 0 status
}

@test "status: no configuration, one that is not there, one argument too many" {
	footbridge status
	assert_eq "$status" 1 "exit status"
	assert_in "$err" "no configuration" NETCONFPATH
	footbridge status --conf "$CONFS/none"
	assert_eq "$status" 1 "exit status"
	assert_in "$out" "$CONFS/none"
	footbridge status net
	assert_eq "$status" 2 "exit status"
}

# --- check

@test "check: each attachment is fine, with each key, and nothing is changed" {
	local key

	while read -r key; do
		CONF=$DUAL
		configured "$key"
		added a b
		snapshot
		asked 0 check
		assert_eq "$(result 'map("\(.container) \(.interface) \(.fine)") | join(", ")')" \
			"a eth0 true, b eth0 true" "$key"
		assert_unchanged
		del a
		del b
		ip link del fb0
	done <<-'KEYS'
		.
		.cniVersion = "0.3.1"
		.isDefaultGateway = true | del(.ipam.routes)
		.isGateway = false | .ipMasq = false | .ipam.routes = []
		.hairpinMode = true | .mtu = 1400
		.promiscMode = true | .portIsolation = true | .macspoofchk = true | .mtu = "auto"
		.ipam.ranges += [[{"subnet": "10.3.0.0/24", "gateway": "10.3.0.254"}]]
		.ipam.routes += [{"dst": "192.0.2.0/24", "gw": "10.1.0.9"}, {"dst": "2001:db8::/32", "priority": 7}]
		.ipam.dataDir = "/var/lib/cni/elsewhere"
		.runtimeConfig = {"mac": "02:00:00:00:00:AA"}
	KEYS
	CONF=$LAYER2
	configured '.disableContainerInterface = true'
	add a
	asked 0 check
	assert_eq "$(result length)" 1
}

@test "check: as a table, all or those that are named" {
	configured
	added a b
	add a net1
	footbridge check
	assert_eq "$status$err" 0 "exit status, stderr"
	assert_eq "$(tr -s ' ' <<<"$out")" "NETWORK CONTAINER INTERFACE CHECK
net a eth0 fine
net a net1 fine
net b eth0 fine"
	footbridge check a
	assert_eq "$(grep -c fine <<<"$out")" 2 "of a"
	footbridge check --conf "$FILE" a net1
	assert_eq "$(tail -n +2 <<<"$out" | tr -s ' ')" "net a net1 fine"
	footbridge check c
	assert_eq "$status$out" 1 "exit status, stdout"
	assert_in "$err" "c has nothing"
	footbridge check a eth0 more
	assert_eq "$status" 2 "exit status"
}

@test "check: one broken file does not keep the others from being checked" {
	configured
	echo '{' >"$CONFS/00-broken.conf"
	added a
	asked 1 check
	assert_eq "$(result '.[] | "\(.container) \(.fine)"')" "a true"
	assert_in "$err" "footbridge check: $CONFS/00-broken.conf: " JSON
	footbridge check
	assert_eq "$status" 1 "exit status"
	assert_in "$out" fine
	footbridge check nobody
	assert_in "$err" 00-broken.conf "nobody has nothing"
}

@test "check: without any configuration, as status" {
	configured
	added a
	rm "$FILE"
	footbridge check
	assert_eq "$status$out" 1 "exit status, stdout"
	assert_in "$err" "there is no configuration" NETCONFPATH
}

# damaged COMMAND...: do this to a and b, which makes check tell of a what CHECK tells
# of it, and of b likewise; then they are attached anew
damaged() {
	"$@"
	check a
	assert_error 103
	wanted=$(result .msg)
	snapshot
	asked 1 check
	assert_eq "$(result '.[] | select(.container == "a").message')" "$wanted" "after $*"
	assert_unchanged
	del a
	del b
	ip link del fb0 2>/dev/null || true
	added a b
	footbridge restore
	asked 0 check
}

@test "check: in the words of CHECK" {
	CONF=$DUAL
	configured '.macspoofchk = true'
	added a b
	damaged ip -n a addr del 10.1.0.2/24 dev eth0
	damaged ip -n a route del default
	damaged ip -n a link set eth0 down
	damaged rm "$STORE/net/$(pod_ip a)"
	damaged rm "$STORE/net/$(pod_ip a 6)"
	damaged ip link set "$(host_veth a)" nomaster
	damaged ip link set "$(host_veth a)" down
	damaged ip link set fb0 down
	damaged ip addr flush dev fb0
	damaged sysctl -qw net.ipv6.conf.all.forwarding=0
	damaged nft flush chain inet footbridge postrouting
	damaged nft flush set inet footbridge n-net-10.1.0.0/24
	damaged nft flush set bridge footbridge allowed
}

@test "check: a changed MTU" {
	configured '.mtu = 1400'
	added a
	ip -n a link set eth0 mtu 1300
	asked 1 check
	assert_in "$(result '.[0].message')" 1300 1400
}

@test "check: what is not there to be looked at" {
	needs_marks
	configured
	added a b c
	pod_gone b
	eventually refute ip link show "$(jq -r '.interfaces[1].name' "$(kept b eth0)")" 2>/dev/null
	in_pod c ip link set eth0 netns $$
	asked 1 check
	assert_eq "$(result 'map("\(.container) \(.fine)") | join(", ")')" "a true, c false"
	assert_in "$(result '.[1].message')" "connects nobody"
	asked 1 check b
	assert_in "$(result '.[0].message')" "dead lease"
}

@test "check: without a lease, a container of whose ID its device has no room for all" {
	local long

	printf -v long 'x%.0s' {1..240}
	CONF=$LAYER2
	configured
	pod a
	CONTAINER=$long add a
	assert_ok
	asked 1 check
	assert_in "$(result '.[0].message')" "long ID" "cannot be checked"
}

@test "check: the addresses of another IPAM plugin; another network's attachments" {
	configured
	added a
	ip -n a addr del 10.1.0.2/24 dev eth0
	CONF=$(conf '.cniVersion = "1.0.0" | .name = "other" | .bridge = "fb1" | .ipam = {"type": "static",
		"addresses": [{"address": "10.9.0.2/24", "gateway": "10.9.0.1"}]}')
	pod b
	CNI_PATH=/usr/lib/cni add b
	assert_ok
	printf '%s' "$CONF" >"$BATS_TEST_TMPDIR/other.conf"
	asked 0 check --conf "$BATS_TEST_TMPDIR/other.conf"
	assert_eq "$(result 'map(.container) | join(" ")')" b
	# what the container gives itself is none of the plugin's
	ip -n b addr add 10.7.0.2/24 dev eth0
	asked 0 check --conf "$BATS_TEST_TMPDIR/other.conf"
	ip -n b addr del 10.7.0.2/24 dev eth0
	ip addr flush dev fb1
	asked 1 check --conf "$BATS_TEST_TMPDIR/other.conf"
	assert_in "$(result '.[0].message')" 10.9.0.1/24
}

@test "check: a gateway that is not the subnet's first address, and another IPAM plugin told" {
	configured '.cniVersion = "1.0.0" | .isDefaultGateway = true | .ipam = {"type": "static",
		"addresses": [{"address": "10.9.0.2/24", "gateway": "10.9.0.254"}]}'
	CNI_PATH=/usr/lib/cni added a
	asked 0 check
	assert_eq "$(result length)" 1
	ip -n a route del default
	asked 1 check
	assert_in "$(result '.[0].message')" 10.9.0.254
}

@test "check, gc: a network of a plugin that calls ours" {
	printf '{"cniVersion": "1.0.0", "name": "net", "plugins": [{"type": "flannel"}]}' >"$CONFS/net.conflist"
	added a
	footbridge check
	assert_eq "$status$out" 1 "exit status, stdout"
	assert_in "$err" "no plugin in $CONFS/net.conflist is \"bridge\", or leases through \"host-local\"" "--conf a file"
	footbridge gc --conf net
	assert_eq "$status$out" 1 "exit status, stdout"
	assert_in "$err" "no plugin in $CONFS/net.conflist is \"bridge\", or leases through \"host-local\""
	# this one is ours, too
	printf '{"cniVersion": "1.0.0", "name": "net", "plugins": [{"type": "loopback"}]}' >"$CONFS/net.conflist"
	footbridge gc --conf net
	assert_in "$err" "no plugin in $CONFS/net.conflist is \"bridge\", or leases through"
	configured
	asked 0 check --conf "$FILE"
	footbridge gc --conf "$FILE"
	assert_eq "$out" "nothing is dead"
}

# --- gc

# collected [ARGUMENT...]: gc on the network, its table in $out
collected() {
	footbridge gc --conf "$FILE" "$@"
	assert_eq "$status" 0 "exit status"
	assert_eq "$err" "" stderr
}

# bits: all there is, to the last bit
bits() {
	world
	find /var/lib/cni /run/footbridge -printf '%p %i %m %s %T@ %C@\n' | sort
	find /var/lib/cni /run/footbridge -type f -exec sha256sum {} + | sort
}

# found FILTER: what of $out, as "kind thing", sorted
found() {
	result "map(select($1) | \"\\(.kind) \\(.thing)\") | sort | join(\", \")"
}

@test "gc: nothing is dead" {
	configured
	added a b
	bits >"$BATS_TEST_TMPDIR/before"
	collected
	assert_eq "$out" "nothing is dead"
	collected --dry-run --json
	assert_eq "$out" '[]'
	bits | diff "$BATS_TEST_TMPDIR/before" -
}

@test "gc: of 50 attachments the dead ones, and nothing that is another's" {
	local i veth

	needs_marks
	CONF=$DUAL
	configured '.macspoofchk = true'
	# another network's corpse
	CONF=$(conf '.name = "other" | .bridge = "fb1" | .ipam.ranges = [[{"subnet": "10.2.0.0/24"}]]')
	added o
	pod_gone o
	CONF=$(<"$FILE")
	for i in {1..50}; do
		added "p$i"
	done
	for i in {1..20}; do
		pod_gone "p$i"
	done
	# pulled out of its container by hand
	veth=$(host_veth p21)
	in_pod p21 ip link set eth0 name pulled netns $$
	# what others have
	printf 'somebody\r\neth0' >"$STORE/net/10.1.0.250"
	echo "for the printer" >"$STORE/net/10.1.0.251"
	nft 'table inet theirs { set n-net { type ipv4_addr; elements = { 10.1.0.2 comment "theirs" }; }; }'
	nft add element inet footbridge n-net-10.1.0.0/24 '{ 10.1.0.252 }'
	ip link add theirs0 master fb0 type veth peer name theirs1
	eventually refute ip link show "$(jq -r '.interfaces[1].name' "$(kept p20 eth0)")" 2>/dev/null

	bits >"$BATS_TEST_TMPDIR/before"
	asked 0 gc --conf "$FILE" --dry-run
	bits | diff "$BATS_TEST_TMPDIR/before" - || fail "a dry run has changed something"
	echo "$out" >"$BATS_TEST_TMPDIR/told"
	# two leases, two addresses in sets and a guard of each, and one's link
	assert_eq "$(result length)" $((21 * 5 + 1))
	assert_eq "$(result 'map(.network) | unique | join(" ")')" net
	assert_eq "$(result 'map(.owner) | unique | length')" 21 owners
	assert_eq "$(found '.owner == "p1/eth0"')" "MAC guard $(jq -r '.interfaces[1].name' "$(kept p1 eth0)"), \
lease 10.1.0.2, lease fd00:1::2, masquerade 10.1.0.2, masquerade fd00:1::2"
	assert_eq "$(found '.kind == "link"')" "link $veth"
	assert_json 'all(.why != "")'

	asked 0 gc --conf "$FILE"
	diff <(jq -c 'sort[]' "$BATS_TEST_TMPDIR/told") <(jq -c 'sort[]' <<<"$out") ||
		fail "something else went than was told"
	for i in {1..21}; do
		refute_anything_left "p$i"
	done
	asked 0 check
	assert_eq "$(result length)" 29
	assert_eq "$(leases other)" 10.2.0.2
	assert_eq "$(leases | grep -xc '10.1.0.25[01]')" 2 "leases of others"
	nft get element inet theirs n-net '{ 10.1.0.2 }' >/dev/null
	nft get element inet footbridge n-net-10.1.0.0/24 '{ 10.1.0.252 }' >/dev/null
	nft get element inet footbridge n-other-10.2.0.0/24 '{ 10.2.0.2 }' >/dev/null
	assert_in "$(nft list set bridge footbridge allowed)" "$(jq -r '.interfaces[1].name' "$(kept o eth0)")"
	ip link show theirs0 >/dev/null
	collected
	assert_eq "$out" "nothing is dead"
}

@test "gc: as a table" {
	needs_marks
	configured
	added a
	pod_gone a
	eventually refute ip link show "$(jq -r '.interfaces[1].name' "$(kept a eth0)")" 2>/dev/null
	collected
	assert_eq "$(tr -s ' ' <<<"$out")" "NETWORK WHAT NAME OWNER WHY
net masquerade 10.1.0.2 a/eth0 nobody of that name is connected
net lease 10.1.0.2 a/eth0 its host veth is gone"
}

@test "gc: in the order of owners and of addresses, whatever the store's is" {
	local i

	needs_marks
	CONF=$DUAL
	configured
	for i in 10 9; do
		added "a$i"
		pod_gone "a$i"
		eventually refute ip link show "$(jq -r '.interfaces[1].name' "$(kept "a$i" eth0)")" 2>/dev/null
	done
	collected
	assert_eq "$(awk '{ print $2, $3, $4 }' <<<"$out" | grep -v WHAT)" "masquerade 10.1.0.3 a9/eth0
masquerade fd00:1::3 a9/eth0
masquerade 10.1.0.2 a10/eth0
masquerade fd00:1::2 a10/eth0
lease 10.1.0.3 a9/eth0
lease fd00:1::3 a9/eth0
lease 10.1.0.2 a10/eth0
lease fd00:1::2 a10/eth0"
}

@test "gc: a link whose ends are both here and up may be somebody's; gcLive is a runtime's" {
	configured '.gcLive = true'
	added a b
	in_pod a ip link set eth0 name here netns $$
	ip link set here up
	bits >"$BATS_TEST_TMPDIR/before"
	collected
	assert_eq "$out" "nothing is dead"
	bits | diff "$BATS_TEST_TMPDIR/before" -
}

@test "gc: who bears another alias is alive all the same, and every command knows it" {
	configured
	added a b
	ip link set "$(host_veth a)" alias "web server"
	bits >"$BATS_TEST_TMPDIR/before"
	collected
	assert_eq "$out" "nothing is dead"
	bits | diff "$BATS_TEST_TMPDIR/before" -
	footbridge list --json
	assert_eq "$(result '[.[].state] | unique | tojson')" '["live"]'
	nft flush ruleset
	footbridge restore
	check a
	assert_ok
}

@test "who bears another alias, and no lease of ours, is alive for every command" {
	configured '.cniVersion = "1.0.0" | .ipam = {type: "static", addresses: [{address: "10.1.0.9/24", gateway: "10.1.0.1"}]}'
	CNI_PATH=/usr/lib/cni added a
	ip link set "$(host_veth a)" alias "web server"
	footbridge list --json
	assert_eq "$(result '[.[] | [.state, .container, .addresses[0].masqueraded]] | tojson')" '[["live","a",true]]'
	footbridge doctor
	assert_in "$out" "nothing is wrong"
	asked 0 check
	assert_eq "$(result length)" 1
}

@test "gc: \"reclaim\": false keeps the leases" {
	configured '.ipam.reclaim = false'
	added a
	pod_gone a
	eventually refute ip link show "$(jq -r '.interfaces[1].name' "$(kept a eth0)")" 2>/dev/null
	asked 0 gc --conf "$FILE"
	assert_eq "$(found true)" "masquerade 10.1.0.2"
	assert_eq "$(leases)" 10.1.0.2
}

# ten_links: those of the namespaces that were removed have gone, which takes its time
ten_links() {
	[[ $(ip -j link show type veth | jq length) -eq 10 ]]
}

@test "gc: while containers come and go nobody is harmed" {
	local name

	configured
	(while [[ ! -e $BATS_TEST_TMPDIR/enough ]]; do
		"$FOOTBRIDGE_BIN/../footbridge" gc --conf "$FILE" >/dev/null || echo failed >"$BATS_TEST_TMPDIR/failed"
	done) 3>&- &
	background $!
	for name in a b c d e f g h i j; do
		added "$name" "$name$name"
		del "$name"
		assert_ok
		added "$name"
		pod_gone "$name$name"
	done
	touch "$BATS_TEST_TMPDIR/enough"
	wait $!
	[[ ! -e $BATS_TEST_TMPDIR/failed ]] || fail "a gc failed"
	eventually ten_links
	asked 0 check
	assert_eq "$(result length)" 10
	for name in a b c d e f g h i j; do
		check "$name"
		assert_ok
	done
}

@test "gc: the IPAM plugin of another is not called" {
	configured '.ipam = {"type": "theirs"}'
	footbridge gc --conf "$FILE" --dry-run
	assert_eq "$status" 0 "exit status"
	assert_in "$err" "not passed on to theirs"
}

@test "gc: what cannot be removed is told, and the rest goes" {
	needs_marks
	configured
	added a
	pod_gone a
	eventually refute ip link show "$(jq -r '.interfaces[1].name' "$(kept a eth0)")" 2>/dev/null
	mount --bind "$STORE/net" "$STORE/net"
	mount -o remount,ro,bind "$STORE/net"
	footbridge gc --conf "$FILE" --json
	umount "$STORE/net"
	assert_eq "$status" 1 "exit status"
	assert_eq "$(found true)" "masquerade 10.1.0.2"
	assert_in "$err" "footbridge gc: network net" Read-only
}

@test "gc: that nothing is dead is not said where it could not be looked" {
	configured
	timed setpriv --bounding-set -all --inh-caps -all "$FOOTBRIDGE_BIN/../footbridge" gc --conf "$FILE"
	assert_eq "$status$out" 1 "exit status, stdout"
	assert_in "$err" "not permitted"
}

@test "gc: called wrongly" {
	footbridge gc
	assert_eq "$status" 2 "exit status"
	assert_in "$err" "usage: footbridge gc --conf FILE"
	footbridge gc --conf "$CONFS/none"
	assert_eq "$status" 1 "exit status"
	assert_in "$err" "$CONFS/none"
	footbridge gc --conf "$CONFS/none" --force
	assert_eq "$status" 2 "exit status"
}

# --- the line for who waits

# waited: gc on a terminal, behind who holds the store's lock for longer than a second
waited() {
	flock "$STORE/net/lock" sleep 5 3>&- &
	background $!
	eventually refute flock -n "$STORE/net/lock" true
	"$@"
}

@test "a line on the terminal tells what is waited for, and goes" {
	configured
	added a
	waited script -qec "'$FOOTBRIDGE_BIN/../footbridge' gc --conf '$FILE'" \
		/dev/null >"$BATS_TEST_TMPDIR/screen" </dev/null 3>&-
	assert_in "$(<"$BATS_TEST_TMPDIR/screen")" $'\r\e[Kremoving on network net (1 s)' \
		$'\r\e[Knothing is dead'
	waited footbridge gc --conf "$FILE"
	assert_eq "$out$err" "nothing is dead" "without a terminal"
}

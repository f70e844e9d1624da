#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `footbridge lint`: what is wrong with configuration files.

load helpers

# net KEYS...: print a list whose bridge has these more lines of keys
net() {
	printf '{\n"cniVersion": "1.1.0",\n"name": "net",\n"plugins": [{\n"type": "bridge",\n'
	printf '%s,\n' "$@"
	printf '"ipam": {"type": "host-local", "subnet": "10.1.0.0/24"}\n}]}\n'
}

# lint_of TEXT: lint it as stdin
lint_of() {
	footbridge lint - <<<"$1"
}

# assert_found LINE...: exit 1, and stdout is exactly these lines
assert_found() {
	assert_eq "$status" 1 "exit status"
	assert_eq "$err" "" stderr
	diff <(printf '%s\n' "$@") <(printf '%s\n' "$out") || fail "other findings than wanted"
}

# assert_clean [WHAT]
assert_clean() {
	[[ $status -eq 0 && -z $out && -z $err ]] || fail "${1-it} is not clean"
}

@test "what several lookers come upon is told once" {
	lint_of '{"cniVersion": "1.1.0", "name": "net", "plugins": [{"type": "bridge", "ipam": "x"}]}'
	assert_eq "$status" 1 "exit status"
	assert_eq "$(wc -l <<<"$out")" 1 "lines"
	assert_in "$out" "plugins[0].ipam: " '"x"'
	# the same trouble in two places is two
	lint_of '{"cniVersion": "1.1.0", "name": "net", "plugins": [{"type": "bridge", "ipam": "x"},
		{"type": "bridge", "ipam": "x"}]}'
	assert_eq "$(wc -l <<<"$out")" 2 "lines"
}

# --- what is in order

@test "each example is clean, and each good configuration of the tests" {
	local file

	for file in "$FOOTBRIDGE_TOP"/conf-examples/*.conflist "$FOOTBRIDGE_TOP"/testdata/conf/good/*; do
		footbridge lint "$file"
		assert_clean "$file"
	done
	footbridge lint "$FOOTBRIDGE_TOP"/conf-examples/*.conflist
	assert_clean "all at once"
}

# but for kubenet's addIf, which its bridge never knew
@test "what the runtimes send to a plugin is clean" {
	local file

	for file in "$FOOTBRIDGE_TOP"/testdata/calls/*.json; do
		jq -c '.conf // empty' "$file" >"$BATS_TEST_TMPDIR/conf"
		[[ -s $BATS_TEST_TMPDIR/conf ]] || continue
		footbridge lint - <"$BATS_TEST_TMPDIR/conf"
		[[ $file == */kubenet.json ]] || assert_clean "$file"
	done
}

# the lists that ship with them, as far as keys are concerned
@test "the lists of containerd, CRI-O, podman, nerdctl, k3s, nomad and kind are clean" {
	local host_local='"ipam": {"type": "host-local", "ranges": [[{"subnet": "10.88.0.0/16", "gateway": "10.88.0.1"}],
		[{"subnet": "2001:db8:4860::/64"}]], "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}'
	local portmap='{"type": "portmap", "capabilities": {"portMappings": true}'
	local bandwidth='{"type": "bandwidth", "capabilities": {"bandwidth": true}}'
	local plugins

	while read -r plugins; do
		lint_of '{"cniVersion": "1.0.0", "name": "net", '"${plugins//HOST_LOCAL/$host_local}"'}'
		assert_clean "$plugins"
	done <<-END
		"plugins": [{"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true, "promiscMode": true, HOST_LOCAL}, $portmap}]
		"plugins": [{"type": "bridge", "isGateway": true, HOST_LOCAL}, $portmap, "externalSetMarkChain": "KUBE-MARK-MASQ"}]
		"plugins": [{"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true, "hairpinMode": true, HOST_LOCAL}]
		"plugins": [{"type": "loopback"}]
		"plugins": [{"type": "bridge", "mtu": 1400, "hairpinMode": true, HOST_LOCAL, "capabilities": {"ips": true}}, $portmap}, {"type": "firewall", "backend": ""}, {"type": "tuning"}], "args": {"podman_options": {"mtu": "1400"}}
		"plugins": [{"type": "bridge", HOST_LOCAL}, $portmap}, {"type": "firewall"}, {"type": "tuning"}, {"type": "dnsname", "domainName": "dns.podman", "capabilities": {"aliases": true}}]
		"nerdctlID": "17f2", "nerdctlLabels": {"nerdctl/default-network": "true"}, "plugins": [{"type": "bridge", "bridge": "nerdctl0", "capabilities": {"ips": true}, HOST_LOCAL}, $portmap}, {"type": "firewall", "ingressPolicy": "same-bridge"}, {"type": "tuning"}]
		"plugins": [{"type": "flannel", "delegate": {"hairpinMode": true, "forceAddress": true, "isDefaultGateway": true}}, $portmap}, $bandwidth]
		"plugins": [{"type": "loopback"}, {"type": "bridge", "bridge": "nomad", HOST_LOCAL}, {"type": "firewall", "backend": "iptables", "iptablesAdminChainName": "NOMAD-ADMIN"}, $portmap, "snat": true}]
		"plugins": [{"type": "ptp", "ipMasq": false, "mtu": 1500, HOST_LOCAL}, $portmap}]
		"plugins": [{"type": "macvlan", "master": "eth0", "ipam": {"type": "dhcp"}}], "disableCheck": true, "disableGC": true, "cniVersions": ["1.0.0", "1.1.0"], "loadOnlyInlinedPlugins": true
		"plugins": [{"type": "macvlan", "mode": "bridge", "ipam": {"type": "static", "addresses": [{"address": "10.1.0.5/24", "gateway": "10.1.0.1"}], "routes": [{"dst": "0.0.0.0/0"}], "dns": {"nameservers": ["10.1.0.1"]}}}, {"type": "sbr"}, {"type": "vrf", "vrfname": "red"}]
		"plugins": [{"type": "bridge", "ipam": {"type": "host-local"}, "capabilities": {"ipRanges": true, "dns": true, "mac": true}}]
		"plugins": [{"type": "tuning", "sysctl": {"net.core.somaxconn": "500"}, "args": {"cni": {"sysctl": {}}}}]
	END
}

@test "keys are found without regard to case, as the plugins do it" {
	lint_of "$(net '"ISGATEWAY": true, "IpMasq": true, "vlantrunk": [{"ID": 7}]')"
	assert_clean
}

@test "any plugin may ask for the capabilities that there are" {
	lint_of "$(net '"capabilities": {"portMappings": true, "io.kubernetes.cri.pod-annotations": true, "ips": true}' \
		'"runtimeConfig": {"portMappings": [{"HostPort": 80}], "io.kubernetes.cri.pod-annotations": {"a": "b"}}')"
	assert_clean
}

@test "null is the same as leaving a key out; what is in args is anybody's, and so is cni.dev" {
	lint_of "$(net '"mtu": null, "vlanTrunk": null, "dns": null' '"args": {"labels": [{"a": 1}], "x": {"cni": 1}}' \
		'"cni.dev/valid-attachments": [], "cni.dev/anything": 1')"
	assert_clean
}

# --- values that do not go together

@test "a gateway that no route can go through is told with its place" {
	lint_of '{"cniVersion": "1.1.0", "name": "net", "plugins": [{"type": "bridge", "isDefaultGateway": true,
		"ipam": {"type": "host-local", "ranges": [[{"subnet": "fd00:1::/64"}], [{"subnet": "10.63.0.0/24",
		"gateway": "10.36.0.1"}]]}}]}'
	assert_found 'stdin:3:3: plugins[0].ipam.ranges[1][0].gateway: 10.36.0.1 is not in the subnet 10.63.0.0/24, and no on-link route (scope 253) leads to it'
	lint_of "$(jq -c '.plugins[0].ipam.routes = [{dst: "10.36.0.1/32", scope: 253}]' <<<'{"cniVersion": "1.1.0",
		"name": "net", "plugins": [{"type": "bridge", "isDefaultGateway": true, "ipam": {"type": "host-local",
		"subnet": "10.63.0.0/24", "gateway": "10.36.0.1"}}]}')"
	assert_clean
}

# --- keys

@test "an unknown key is told with its place and with the one that was meant" {
	lint_of "$(net '"isGatewy": true' '"hairpin": true')"
	assert_found 'stdin:6:1: plugins[0].isGatewy: "bridge" does not know this key; did you mean "isGateway"?' \
		'stdin:7:1: plugins[0].hairpin: "bridge" does not know this key; did you mean "hairpinMode"?'
}

@test "what is like no key has no proposal" {
	lint_of "$(net '"addIf": "eth0"')"
	assert_found 'stdin:6:1: plugins[0].addIf: "bridge" does not know this key'
}

@test "a key that belongs elsewhere is sent there" {
	lint_of "$(net '"rangeStart": "10.1.0.9", "mac": "02:00:00:00:00:01"')"
	assert_found 'stdin:6:1: plugins[0].rangeStart: "bridge" does not know this key; did you mean "ipam.rangeStart"?' \
		'stdin:6:27: plugins[0].mac: "bridge" does not know this key; did you mean "args.cni.mac"?'
}

@test "keys in ranges, routes, trunks, dns and args are looked at, too" {
	lint_of '{"cniVersion": "1.1.0", "name": "net", "type": "bridge",
"vlanTrunk": [{"id": 7, "maxId": 9, "minID": 8, "step": 1}],
"dns": {"server": ["10.1.0.1"]},
"args": {"cni": {"ip": ["10.1.0.7"]}},
"runtimeConfig": {"ipRange": [], "dns": {"search": []}},
"ipam": {"type": "host-local",
"ranges": [[{"subnet": "10.1.0.0/24"}, {"subnet": "10.2.0.0/24", "rangestop": "10.2.0.9"}]],
"routes": [{"dst": "0.0.0.0/0", "via": "10.1.0.1", "metric": 7}]}}'
	assert_found 'stdin:2:49: vlanTrunk[0].step: "bridge" does not know this key' \
		'stdin:3:9: dns.server: "bridge" does not know this key; did you mean "nameservers"?' \
		'stdin:4:18: args.cni.ip: "bridge" does not know this key; did you mean "ips"?' \
		'stdin:5:19: runtimeConfig.ipRange: "bridge" does not know this key; did you mean "ipRanges"?' \
		'stdin:5:42: runtimeConfig.dns.search: "bridge" does not know this key; did you mean "searches" or "dns.search"?' \
		'stdin:7:66: ipam.ranges[0][1].rangestop: "host-local" does not know this key; did you mean "rangeStart"?' \
		'stdin:8:33: ipam.routes[0].via: "host-local" does not know this key' \
		'stdin:8:52: ipam.routes[0].metric: "host-local" does not know this key'
}

@test "keys of the list and of the plugins behind the bridge" {
	lint_of '{"cniVersion": "1.0.0", "name": "net", "disabelCheck": true, "plugins": [
{"type": "portmap", "capabilities": {"portMapping": true}, "snatt": true},
{"type": "tuning", "sysctl": {"any": "1"}, "txqueuelen": 9},
{"type": "macvlan", "parent": "eth0", "ipam": {"type": "host-local", "subnets": "10.1.0.0/24", "subnet": "10.1.0.0/24"}},
{"type": "ptp", "ipam": {"type": "static", "adresses": []}},
{"type": "flannel", "delegate": {"harpinMode": true}}]}'
	assert_found 'stdin:1:40: disabelCheck: is no key of a list of plugins; did you mean "disableCheck"?' \
		'stdin:2:38: plugins[0].capabilities.portMapping: "portmap" does not know this key; did you mean "portMappings"?' \
		'stdin:2:60: plugins[0].snatt: "portmap" does not know this key; did you mean "snat"?' \
		'stdin:3:44: plugins[1].txqueuelen: "tuning" does not know this key' \
		'stdin:4:21: plugins[2].parent: "macvlan" does not know this key' \
		'stdin:4:70: plugins[2].ipam.subnets: "host-local" does not know this key; did you mean "subnet"?' \
		'stdin:5:44: plugins[3].ipam.adresses: "static" does not know this key; did you mean "addresses"?' \
		'stdin:6:34: plugins[4].delegate.harpinMode: "bridge" does not know this key; did you mean "hairpinMode"?'
}

@test "of a plugin or an IPAM that nobody knows nothing is said but that" {
	lint_of '{"cniVersion": "1.0.0", "name": "net", "plugins": [
{"type": "calico", "anything": 1, "ipam": {"type": "host-local", "subnet": "usePodCidr"}},
{"type": "bridge", "mtuu": 1, "capabilities": {"x": true}, "ipam": {"type": "whereabouts", "range": "x"}}]}'
	assert_found 'stdin:2:2: note: plugins[0].type: not checked: the plugin type "calico" is not known here' \
		'stdin:3:20: plugins[1].mtuu: "bridge" does not know this key; did you mean "mtu"?' \
		'stdin:3:69: note: plugins[1].ipam.type: not checked: the IPAM plugin "whereabouts" is not known here'
	lint_of '{"cniVersion": "1.0.0", "name": "net", "plugins": [{"type": "calico", "anything": 1}]}'
	assert_eq "$status" 0 "exit status with a note alone"
}

@test "of a key that is given twice the one is told that does not count" {
	lint_of "$(net '"mtu": 1400, "isGateway": true' '"mtu": 1500' '"ISGATEWAY": false')"
	assert_found 'stdin:6:1: plugins[0].mtu: is given more than once, and this one does not count, but "mtu" in line 7, column 1' \
		'stdin:8:1: plugins[0].ISGATEWAY: is given more than once, and this one does not count, but "isGateway" in line 6, column 14'
}

# --- values

@test "every value that ADD would refuse is told, not the first alone" {
	lint_of '{"cniVersion": "1.1.0", "name": "net", "plugins": [{"type": "bridge",
"mtu": 12, "ipMasqBackend": "iptables", "hairpinMode": true, "promiscMode": true,
"vlanTrunk": [{"id": 5000}, {"minID": 7}],
"ipam": {"type": "host-local", "order": "up", "ranges": [[{"subnet": "10.1.0.1/24"}], [{"subnet": "10.2.0.0/24", "rangeEnd": "10.3.0.1"}]],
"routes": [{"dst": "0.0.0.0", "gw": 1}]}}]}'
	assert_eq "$status" 1 "exit status"
	assert_eq "$(cut -d: -f2-4 <<<"$out" | tr '\n' ' ')" "$(tr '\n' ' ' <<-END
		2:1: plugins[0].mtu
		2:12: plugins[0].ipMasqBackend
		2:41: plugins[0].hairpinMode
		3:16: plugins[0].vlanTrunk[0].id
		3:29: plugins[0].vlanTrunk[1]
		4:32: plugins[0].ipam.order
		4:60: plugins[0].ipam.ranges[0][0].subnet
		4:114: plugins[0].ipam.ranges[1][0].rangeEnd
		5:13: plugins[0].ipam.routes[0].dst
		5:31: plugins[0].ipam.routes[0].gw
	END
	)"
}

# refused [FILTER...]: ADD of the conf and of what each filter makes of it are refused, and
# lint says the same in its own words
@test "lint and ADD are of one opinion" {
	local filter list

	pod a
	while read -r filter; do
		CONF=$(jq -c "$filter" <<<"$SINGLE")
		add a
		[[ $status -eq 1 ]] || fail "ADD takes: $filter"
		list=$(jq -c '{cniVersion, name, plugins: [del(.cniVersion, .name)]}' <<<"$CONF")
		local said
		said=$(result '.msg' | sed 's/^"\([^"]*\)": /plugins[0].\1: /')
		lint_of "$list"
		assert_eq "$status" 1 "exit status of lint for $filter"
		assert_in "$out" "${said/plugins\[0\].cniVersion/cniVersion}"
	done <<-'END'
		.mtu = -1
		.mtu = "big"
		.bridge = "a/b"
		.isGateway = "true"
		.ipMasqFamilies = []
		.ipMasqExclude = ["10.0.0.0/33"]
		.vlan = 4095
		.hairpinMode = true | .promiscMode = true
		.disableContainerInterface = true
		.mtu = 1000 | .ipam.ranges += [[{"subnet": "fd00::/64"}]]
		.vlan = 4000 | .bridge = "averylongone"
		.cniVersion = "0.2.0" | .ipam.ranges += [[{"subnet": "10.2.0.0/24"}]]
		.cniVersion = "0.2.0" | del(.ipam)
		.ipam.ranges = []
		.ipam.ranges = [[{"subnet": "10.1.0.0/31"}]]
		.ipam.ranges += .ipam.ranges
		.ipam.type = "a/b"
		.ipam.type = "bridge"
		.ipam.exclude = ["10.1.0.1/24"]
		.ipam.dataDir = "here"
		.ipam.sticky = 1
		.ipam.routes = [{"gw": "10.1.0.1"}]
		.ipam.routes = [{"dst": "::/0", "gw": "10.1.0.1"}]
		.dns = {"search": "example.org"}
		.args.cni.mac = "01:00:5e:00:00:01"
		.args.cni.ips = ["10.1.0.5/33"]
	END
}

@test "ranges that have no address to give" {
	lint_of "$(net '"mtu": 1400' | sed 's,"subnet":,"exclude": ["10.1.0.0/25"\, "10.1.0.128/25"]\, "subnet":,')"
	assert_found 'stdin:7:1: plugins[0].ipam: no address to give: all of 10.1.0.1-10.1.0.254 are excluded or the gateway'
	lint_of "$(net '"mtu": 1400' | sed 's,"10.1.0.0/24",&\, "rangeStart": "10.1.0.1"\, "rangeEnd": "10.1.0.1",')"
	assert_found 'stdin:7:1: plugins[0].ipam: no address to give: all of 10.1.0.1-10.1.0.1 are excluded or the gateway'
	lint_of "$(net '"mtu": 1400' | sed 's,"10.1.0.0/24",&\, "rangeEnd": "10.1.0.2"\, "exclude": [""\, "10.1.0.3"],')"
	assert_clean
}

# routed STATUS: ADD and lint of CONF with each filter on stdin answer thus
routed() {
	local filter good=$CONF

	while read -r filter; do
		CONF=$(jq -c "$filter" <<<"$good")
		pod "routed$1"
		add "routed$1"
		assert_eq "$status" "$1" "exit status of ADD for $filter"
		pod_gone "routed$1"
		del "routed$1"
		ip link del fb0 2>/dev/null || true
		lint_of "$(jq -c '{cniVersion, name, plugins: [del(.cniVersion, .name)]}' <<<"$CONF")"
		assert_eq "$status" "$1" "exit status of lint for $filter"
	done
	CONF=$good
}

@test "a route through a gateway that nothing leads to" {
	local filter

	CONF=$DUAL
	routed 1 <<-'END'
		.ipam.routes = [{dst: "192.0.2.0/24", gw: "10.9.0.1"}]
		.ipam.routes = [{dst: "2001:db8::/32", gw: "fd00:9::1"}]
		.ipam.routes = [{dst: "10.9.0.0/16"}, {dst: "192.0.2.0/24", gw: "10.9.0.1"}]
		.ipam.routes = [{dst: "fd00:9::/64"}, {dst: "2001:db8::/32", gw: "fd00:9::1"}]
		.ipam.routes = [{dst: "10.9.0.1/32", scope: 253}, {dst: "192.0.2.0/24", gw: "10.9.0.2"}]
		.ipam.routes = [{dst: "192.0.2.0/24", gw: "10.9.0.1", table: 100}]
		.ipam.routes = [{dst: "192.0.2.0/24", gw: "10.9.0.1"}, {dst: "10.9.0.1/32", scope: 253}]
		.isDefaultGateway = true | .ipam.routes = [{dst: "192.0.2.0/24", gw: "10.9.0.1", priority: 5, mtu: 1400}]
	END
	assert_in "$out" 'plugins[0].ipam.routes[0].gw: 10.9.0.1 is in the subnet of no range, and no on-link route before it (scope 253) leads to it'
	routed 0 <<-'END'
		.ipam.routes = [{dst: "192.0.2.0/24", gw: "10.1.0.200"}, {dst: "2001:db8::/32", gw: "fd00:1::200"}]
		.ipam.routes = [{dst: "2001:db8::/32", gw: "fe80::9"}]
		.ipam.routes = [{dst: "10.9.0.1/32", scope: 253}, {dst: "192.0.2.0/24", gw: "10.9.0.1"}]
		.ipam.routes = [{dst: "10.9.0.0/16", gw: "0.0.0.0"}, {dst: "192.0.2.0/24", gw: "10.9.0.1"}]
		.isGateway = false | .isDefaultGateway = false | .ipam.ranges[0][0].gateway = "0.0.0.0" | .ipam.routes = [{dst: "10.9.0.0/16"}, {dst: "192.0.2.0/24", gw: "10.9.0.1"}]
	END
	# where something else may come to lead to it
	for filter in '.capabilities.ipRanges = true' '.ipam.type = "static"' '.type = "ptp"'; do
		lint_of "$(jq -c ".ipam.routes = [{dst: \"192.0.2.0/24\", gw: \"10.9.0.1\"}] | $filter |
			{cniVersion, name, plugins: [del(.cniVersion, .name)]}" <<<"$CONF")"
		[[ $out != *10.9.0.1* ]] || fail "$filter: $out"
	done
}

@test "a list whose plugins are in a folder is no mistake, and that is said" {
	echo '{"cniVersion": "1.0.0", "name": "net"}' >"$BATS_TEST_TMPDIR/net.conflist"
	footbridge lint "$BATS_TEST_TMPDIR/net.conflist"
	assert_eq "$status" 0 "exit status"
	assert_in "$out$err" 'its plugins have to be in the folder "net" beside it'
	echo '{"cniVersion": "1.0.0", "name": "net", "plugins": [], "loadOnlyInlinedPlugins": true}' \
		>"$BATS_TEST_TMPDIR/net.conflist"
	footbridge lint "$BATS_TEST_TMPDIR/net.conflist"
	assert_eq "$status" 1 "exit status"
	assert_in "$out" 'the list is empty'
}

@test "what the runtime would refuse: name, version, plugins, types" {
	lint_of '{"cniVersion": "9.9", "name": "a b", "plugins": [7, {}, {"type": ""}, {"type": "a/b"}, {"type": 7}]}'
	assert_eq "$status" 1 "exit status"
	assert_in "$out" 'stdin:1:2: cniVersion: incompatible CNI versions' 'stdin:1:23: name: "a b" is not a network name' \
		'plugins[0]: 7 is not' 'plugins[1]: has no "type"' 'plugins[2].type: "" is not the name of a plugin' \
		'plugins[3].type: "a/b" is not the name of a plugin' 'plugins[4].type: 7 is not the name of a plugin'
	lint_of '{"name": "net", "plugins": []}'
	assert_found 'stdin:1:17: plugins: the list is empty: there is no plugin to be called'
	lint_of '{"name": "net", "plugins": {"type": "bridge"}}'
	assert_found 'stdin:1:17: plugins: {"type":"bridge"} is not a list of plugins'
	lint_of '{"name": "net", "plugin": []}'
	assert_in "$out" 'has neither "plugins"'
	lint_of '{"plugins": [{"type": "loopback"}]}'
	assert_found 'stdin:1:1: name: the network has no name'
}

@test "a list's own keys are exactly spelled, as runtimes read them" {
	cd "$BATS_TEST_TMPDIR"
	echo '{"cniVersion": "1.0.0", "Name": "net",
"Plugins": [{"type": "loopback"}],
"disablecheck": true}' >a.conflist
	footbridge lint a.conflist
	assert_found 'a.conflist:1:25: Name: is no key of a list of plugins; did you mean "name"?' \
		'a.conflist:1:25: name: the network has no name' \
		'a.conflist:2:1: Plugins: is no key of a list of plugins; did you mean "plugins"?' \
		'a.conflist:3:1: disablecheck: is no key of a list of plugins; did you mean "disableCheck"?'
	# beside the right one it says nothing
	lint_of '{"cniVersion": "1.0.0", "name": "net", "PLUGINS": 7, "plugins": [{"type": "loopback"}]}'
	assert_found 'stdin:1:40: PLUGINS: is no key of a list of plugins; did you mean "plugins"?'
	# one plugin's are read without regard to case
	echo '{"CNIVERSION": "1.0.0", "NAME": "net", "TYPE": "loopback"}' >a.conf
	footbridge lint a.conf
	assert_clean
}

@test "what libcni would refuse in a list's own keys" {
	local key sentence

	while read -r key sentence; do
		lint_of '{"name": "net", "plugins": [{"type": "loopback"}], '"$key}"
		assert_found "stdin:1:52: $sentence"
	done <<-'END'
		"cniVersion":null cniVersion: null is not a string
		"cniVersion":1 cniVersion: 1 is not a string
		"cniVersions":null cniVersions: null is not a list
		"cniVersions":"1.0.0" cniVersions: "1.0.0" is not a list
		"disableCheck":null disableCheck: null is neither true nor false
		"disableCheck":1 disableCheck: 1 is neither true nor false
		"disableGC":"yes" disableGC: "yes" is neither true nor false
		"loadOnlyInlinedPlugins":[] loadOnlyInlinedPlugins: [] is neither true nor false
	END
	lint_of '{"name": "net", "plugins": [{"type": "loopback"}],
"cniVersions": ["1.0.0", "1.0.x", 1, "1", "1.0.0.0"]}'
	assert_found 'stdin:2:26: cniVersions[1]: "1.0.x" is not a version, like "1.0.0"' \
		'stdin:2:35: cniVersions[2]: 1 is not a version, like "1.0.0"' \
		'stdin:2:43: cniVersions[4]: "1.0.0.0" is not a version, like "1.0.0"'
	lint_of '{"name": null, "plugins": null}'
	assert_found 'stdin:1:2: name: null is not a string' 'stdin:1:16: plugins: null is not a list of plugins'
	lint_of '{"name": "net", "plugins": [{"type": "loopback"}], "disableCheck": "True", "disableGC": "false"}'
	assert_clean
	# an empty list is refused whatever the folder has; true as a string is true
	echo '{"cniVersion": "1.0.0", "name": "net", "plugins": []}' >"$BATS_TEST_TMPDIR/net.conflist"
	footbridge lint "$BATS_TEST_TMPDIR/net.conflist"
	assert_in "$out" 'the list is empty'
	echo '{"cniVersion": "1.0.0", "name": "net", "loadOnlyInlinedPlugins": "TRUE"}' >"$BATS_TEST_TMPDIR/net.conflist"
	footbridge lint "$BATS_TEST_TMPDIR/net.conflist"
	assert_eq "$status" 1 "exit status"
	assert_in "$out" 'the list is empty'
}

@test "the version is that which the runtime tells: the highest of all that are known" {
	local versions

	while read -r versions; do
		lint_of "{$versions"', "name": "net", "plugins": [{"type": "bridge"}]}'
		assert_clean "$versions"
	done <<-'END'
		"cniVersion": "1.2.0", "cniVersions": ["1.1.0", "1.2.0"]
		"cniVersions": ["1.0.0", "1.1.0"]
		"cniVersion": "0.2.0", "cniVersions": ["0.4.0", "7"]
		"cniVersion": "", "cniVersions": ["1.0.0"]
		"cniVersion": "1.0.0", "cniVersions": []
	END
	lint_of '{"cniVersions": ["0.1.0", "0.2.0"], "name": "net", "plugins": [{"type": "bridge"}]}'
	assert_found 'stdin:1:2: cniVersions: "0.2.0" is too old: a network without addresses (no "ipam.type") cannot be told below 0.3.0'
	for versions in '"cniVersion": "1.2.0", "cniVersions": ["1.3.0"]' '"cniVersion": "x", "cniVersions": ["1.0.0"]' \
		'"cniVersion": "0.4.0", "cniVersions": ["0.9.0"]'; do
		lint_of "{$versions"', "name": "net", "plugins": [{"type": "bridge"}]}'
		assert_eq "$status" 1 "exit status"
		assert_in "$out" "stdin:1:2: cniVersion: incompatible CNI versions"
	done
	# one plugin's configuration has one version
	lint_of '{"cniVersion": "0.2.0", "cniVersions": ["1.0.0"], "name": "net", "type": "bridge"}'
	assert_in "$out" '"0.2.0" is too old' 'does not know this key'
}

@test "a list is called .conflist, and one plugin .conf or .json" {
	cd "$BATS_TEST_TMPDIR"
	net '"mtu": 1400' | tee a.conf a.json a.conflist >a
	footbridge lint a.conf
	assert_found 'a.conf:1:1: this is a list of plugins: runtimes read it only under a name that ends in .conflist'
	footbridge lint a.json
	assert_eq "$status" 1 "exit status"
	footbridge lint a a.conflist
	assert_clean
	echo "$SINGLE" | tee b.conflist b.conf >b.json
	footbridge lint b.conf b.json
	assert_clean
	footbridge lint b.conflist
	assert_in "$out" 'no list of plugins'
}

# --- what is no configuration at all

@test "broken JSON is told with its line and column" {
	lint_of "$(net '"mtu": 01')"
	assert_found "stdin:6:9: not valid JSON at line 6, column 9: ',' or '}' was expected"
	lint_of ''
	assert_in "$out" "stdin:" empty
	lint_of '[1]'
	assert_in "$out" "[1] is not a JSON object"
	footbridge lint - < <(head -c 300 /dev/zero)
	assert_eq "$status" 1 "exit status"
}

@test "a pipe is read to its end, whenever that comes" {
	local text

	text=$(net '"mtuu": 1')
	footbridge lint <(sleep 0.2; printf %s "${text:0:20}"; sleep 0.2; printf %s "${text:20}")
	assert_eq "$status" 1 "exit status"
	assert_in "$out" '/dev/fd/' ':6:1: plugins[0].mtuu'
	footbridge lint /dev/stdin < <(sleep 0.2; echo "$text")
	assert_in "$out" '/dev/stdin:6:1: plugins[0].mtuu'
}

@test "what a key contains does not reach the terminal" {
	lint_of "$(net '"\u001b[2J\u009b": 1')"
	assert_eq "$status" 1 "exit status"
	[[ $out != *$'\e'* && $out != *$'\u9b'* ]] || fail "an escape sequence"
	assert_in "$out" 'plugins[0].?[2J?'
}

@test "a file that cannot be read is told, and the others are looked at" {
	cd "$BATS_TEST_TMPDIR"
	net '"mtuu": 1' >a.conflist
	footbridge lint missing.conf . a.conflist
	assert_eq "$status" 1 "exit status"
	assert_in "$err" 'missing.conf: cannot read it: No such file' '.: cannot read it: Is a directory'
	assert_in "$out" 'a.conflist:6:1: plugins[0].mtuu'
	mkfifo fifo # that nobody writes to
	footbridge lint fifo a.conflist
	assert_eq "$status" 1 "exit status"
	assert_in "$out" 'fifo:1:1: empty: a JSON object was expected' 'a.conflist:6:1: plugins[0].mtuu'
	head -c 1100000 /dev/zero | tr '\0' ' ' >big.conf
	footbridge lint big.conf
	assert_in "$err" '1048576'
}

@test "a thousand findings are not told, and do not take long" {
	lint_of "$(jq -nc '{name: "net", type: "bridge"} + ([range(20000) | {key: "key\(.)", value: .}] | from_entries)')"
	assert_eq "$status" 1 "exit status"
	assert_eq "$(wc -l <<<"$out")" 100 findings
	assert_in "$err" "there is more"
}

# --- the call

@test "without a file, and with an option that is none, it is used wrongly" {
	footbridge lint
	assert_eq "$status" 2 "exit status"
	assert_in "$err" "usage: footbridge lint"
	footbridge lint --jsn a
	assert_eq "$status" 2 "exit status"
	assert_in "$err" "--jsn"
}

@test "--json tells the same to programs" {
	footbridge lint --json - <<<"$(net '"isGatewy": true')"
	assert_eq "$status" 1 "exit status"
	assert_json '. == [{file: "stdin", line: 6, column: 1, note: false, path: "plugins[0].isGatewy",
		message: "\"bridge\" does not know this key; did you mean \"isGateway\"?"}]'
	footbridge lint --json "$FOOTBRIDGE_TOP"/conf-examples/*.conflist
	assert_eq "$status" 0 "exit status"
	assert_json '. == []'
}

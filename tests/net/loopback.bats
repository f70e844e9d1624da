#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The plugin loopback: the container's lo is up.

load helpers

PLUGIN=loopback
# as containerd sends it
CONF='{"cniVersion": "0.3.1", "name": "cni-loopback", "type": "loopback"}'

# lo_is UP|DOWN
lo_is() {
	local up

	up=$(in_pod a ip -j link show lo | jq -r '.[0].flags | if contains(["UP"]) then "UP" else "DOWN" end')
	assert_eq "$up" "$1" "lo"
}

@test "containerd's call" {
	pod a
	CNI_ARGS='IgnoreUnknown=1;K8S_POD_NAME=x' add a lo
	assert_ok
	lo_is UP
	assert_json '. == {cniVersion: "0.3.1",
		interfaces: [{name: "lo", mac: "00:00:00:00:00:00", sandbox: "/run/netns/a"}],
		ips: [{version: "4", interface: 0, address: "127.0.0.1/8"},
			{version: "6", interface: 0, address: "::1/128"}], dns: {}}'
	pings a 127.0.0.1
	pings a ::1
}

@test "every version" {
	local v
	pod a
	for v in 0.1.0 0.2.0 0.3.0 0.3.1 0.4.0 1.0.0 1.1.0; do
		CONF=$(conf '.cniVersion = $v' --arg v "$v")
		add a lo
		assert_ok
		assert_json ".cniVersion == \"$v\""
		case $v in
		0.[12].0) assert_json '.ip4.ip == "127.0.0.1/8" and .ip6.ip == "::1/128"' ;;
		*) assert_json '[.ips[].address] == ["127.0.0.1/8", "::1/128"] and .interfaces[0].name == "lo"' ;;
		esac
		lo_is UP
		del a lo
		assert_ok
		assert_eq "$out" ""
		lo_is DOWN
	done
}

@test "CNI_IFNAME=eth0, as nomad chains it: it is lo all the same" {
	pod a
	add a eth0
	assert_ok
	lo_is UP
	assert_json '.interfaces == [{name: "lo", mac: "00:00:00:00:00:00", sandbox: "/run/netns/a"}]'
	refute in_pod a ip link show eth0
	CONF=$(conf '.cniVersion = "1.0.0"')
	add a eth0
	check a eth0
	assert_ok
	del a eth0
	assert_ok
	lo_is DOWN
}

@test "a bridge after it in the chain passes its prevResult by" {
	pod a
	CONF=$(jq -c '.cniVersion = "0.4.0"' <<<"$CONF")
	add a
	assert_ok
	CONF=$(jq -c --argjson r "$out" '.cniVersion = "0.4.0" | .prevResult = $r' <<<"$SINGLE")
	call ADD bridge a <<<"$CONF"
	assert_ok
	assert_json '[.interfaces[].name] | length == 3 and .[0] == "fb0" and .[2] == "eth0"'
	assert_json '[.ips[].address] == ["10.1.0.2/24"]'
}

@test "a prevResult is passed on as it is" {
	pod a
	CONF=$(conf '.cniVersion = "1.0.0" | .prevResult = {cniVersion: "1.0.0",
		interfaces: [{name: "eth0", mac: "02:00:00:00:00:01", sandbox: "/run/netns/a"}],
		ips: [{address: "10.1.0.9/24", gateway: "10.1.0.1", interface: 0}],
		routes: [{dst: "0.0.0.0/0", gw: "10.1.0.1"}], dns: {nameservers: ["192.0.2.53"]}}')
	add a lo
	assert_ok
	lo_is UP
	assert_json ". == $(conf .prevResult)"
}

@test "a prevResult of another version is told in the configuration's" {
	pod a
	CONF=$(conf '.cniVersion = "0.4.0" | .prevResult = {cniVersion: "0.3.1",
		ips: [{version: "4", address: "10.1.0.9/24"}]}')
	add a lo
	assert_ok
	assert_json '. == {cniVersion: "0.4.0", ips: [{version: "4", address: "10.1.0.9/24"}], dns: {}}'
}

@test "lo has an address that is no loopback address" {
	pod a
	in_pod a ip addr add 192.0.2.1/32 dev lo
	add a lo
	assert_error 101 192.0.2.1
	in_pod a ip addr del 192.0.2.1/32 dev lo
	in_pod a ip addr add 2001:db8::1/128 dev lo
	add a lo
	assert_error 101 2001:db8::1
	in_pod a ip addr del 2001:db8::1/128 dev lo
	in_pod a ip addr add 127.0.0.2/8 dev lo
	add a lo
	assert_ok
}

@test "a namespace without IPv6" {
	pod a
	in_pod a sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6'
	add a lo
	assert_ok
	assert_json '[.ips[].address] == ["127.0.0.1/8"]'
}

@test "an ADD that cannot be told of leaves lo as it was" {
	pod a
	STDOUT=/dev/full call ADD loopback a lo <<<"$CONF"
	assert_eq "$status" 1
	lo_is DOWN
	in_pod a ip link set lo up
	STDOUT=/dev/full call ADD loopback a lo <<<"$CONF"
	assert_eq "$status" 1
	lo_is UP
}

@test "twice" {
	pod a
	add a lo
	add a lo
	assert_ok
	lo_is UP
}

@test "CHECK" {
	pod a
	CONF=$(conf '.cniVersion = "1.0.0"')
	add a lo
	check a lo
	assert_ok
	assert_eq "$out" ""
	in_pod a ip link set lo down
	check a lo
	assert_error 103 lo down
	CONF=$(conf '.cniVersion = "0.3.1"')
	check a lo
	assert_error 1 CHECK
}

@test "DEL with the namespace gone, empty, or no namespace" {
	pod a
	add a lo
	pod_gone a
	del a lo
	assert_ok
	NETNS='' del a lo
	assert_ok
	: >/run/netns/a
	del a lo
	assert_ok
	NETNS=/dev/null del a lo
	assert_ok
	assert_eq "$out" ""
}

@test "a lo that was given 300 other names" {
	pod a
	nicknames a lo
	CONF=$(conf '.cniVersion = "1.0.0"')
	add a lo
	assert_ok
	check a lo
	assert_ok
	del a lo
	assert_ok
	refute_lists UP in_pod a ip -o link show up
}

@test "the host's own lo is left alone" {
	snapshot
	NETNS=/proc/self/ns/net del a lo
	assert_ok
	assert_unchanged
	assert_eq "$(link '.flags | contains(["UP"])' lo)" true
	ip link set lo down
	NETNS=/proc/self/ns/net add a lo
	assert_error 8
	assert_eq "$(link '.flags | contains(["UP"])' lo)" false
	NETNS=/run/nowhere add a lo
	assert_error 8 /run/nowhere
}

@test "GC and STATUS have nothing to say" {
	status
	assert_ok
	assert_eq "$out" ""
	gc '[]'
	assert_ok
	assert_eq "$out" ""
}

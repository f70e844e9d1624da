#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `footbridge doctor`: what would make an ADD fail or leave a container without network.

load helpers

CONFS=/etc/cni/net.d

# configured FILE [JQ]: put CONF, or CONF after a filter, into the folder
configured() {
	conf "${2-.}" >"$CONFS/$1"
}

# doctor ARGUMENT...: `footbridge doctor --json`, to which the lack of a configuration is nothing
doctor() {
	footbridge doctor --json "$@"
	assert_eq "$err" "" stderr
	assert_eq "$(documents)" 1 documents
	out=$(jq 'del(.findings[] | select(.what | startswith("there is no configuration in")))' <<<"$out")
}

# healthy ARGUMENT...: nothing at all is found
healthy() {
	doctor "$@"
	assert_eq "$status" 0 "exit status" || return
	assert_json '.findings == []'
}

# finds STATUS WHAT [ARGUMENT...]: exactly this finding, and its mend in $mend
finds() {
	doctor "${@:3}"
	assert_eq "$status" "$1" "exit status"
	assert_eq "$(result '.findings | length')" 1 "findings"
	assert_in "$(result '.findings[0].what')" "$2"
	assert_eq "$(result '.findings[0].grave')" "$([[ $1 -eq 1 ]] && echo true || echo false)" grave
	mend=$(result '.findings[0].mend')
}

@test "nothing is wrong, with and without containers" {
	healthy
	configured net.conf
	healthy
	added a b
	healthy
	footbridge doctor
	assert_eq "$status" 0 "exit status"
	assert_eq "$out" "nothing is wrong: 1 configuration, 1 network, 2 attachments"
}

@test "no configuration at all is noted, unless one is told" {
	footbridge doctor
	assert_eq "$status" 0 "exit status"
	assert_in "$out" "note: host: there is no configuration in $CONFS: a runtime that looks there is not ready" NETCONFPATH
	conf . >"$BATS_TEST_TMPDIR/told.conf"
	footbridge doctor --conf "$BATS_TEST_TMPDIR/told.conf"
	assert_in "$out" "nothing is wrong: 1 configuration"
	# another's is one, too
	echo '{"name": "x", "cniVersion": "1.0.0", "type": "loopback"}' >"$CONFS/lo.conf"
	footbridge doctor
	assert_in "$out" "nothing is wrong"
}

@test "forwarding is off" {
	added a
	sysctl -qw net.ipv4.ip_forward=0
	finds 1 "IPv4 forwarding is off"
	assert_eq "$mend" "sysctl -w net.ipv4.ip_forward=1"
	footbridge doctor
	assert_in "$out" "wrong: host: IPv4 forwarding is off" "        sysctl -w net.ipv4.ip_forward=1"
	healthy --fix
	assert_json '.mended == ["turned IPv4 forwarding on"]'
	assert_eq "$(sysctl -n net.ipv4.ip_forward)" 1
}

@test "the ruleset was flushed behind our back" {
	outside
	added a b
	nft flush ruleset
	finds 1 "masquerade of living containers is gone"
	assert_eq "$mend" "footbridge restore"
	healthy --fix
	assert_in "$(result '.mended[]')" "net a/eth0: restored 10.1.0.2" "net b/eth0: restored 10.1.0.3"
	pings a 198.51.100.2
	nft flush chain inet footbridge postrouting
	finds 1 "masquerade of living containers is gone"
}

@test "what was in order is not told of as mended" {
	added a b
	CONF=$(conf '.name = "other" | .bridge = "fb1" | .ipam.ranges = [[{subnet: "10.2.0.0/24"}]]')
	added c
	nft delete element inet footbridge n-net-10.1.0.0/24 '{ 10.1.0.2 }'
	healthy --fix
	assert_json '.mended == ["net a/eth0: restored 10.1.0.2"]'
	nft delete element inet footbridge n-net-10.1.0.0/24 '{ 10.1.0.3 }'
	footbridge doctor --fix
	assert_in "$out" "mended: net b/eth0: restored 10.1.0.3"
	assert_eq "$(grep -c mended <<<"$out")" 1 "lines"
	# the rule comes back before the elements are looked at
	nft flush chain inet footbridge postrouting
	healthy --fix
	assert_json '.mended | sort == ["net a/eth0: restored 10.1.0.2", "net b/eth0: restored 10.1.0.3",
		"other c/eth0: restored 10.2.0.2"]'
}

@test "the guards of MACs were flushed" {
	CONF=$(jq -c '.macspoofchk = true' <<<"$LAYER2")
	added a b
	healthy
	nft flush ruleset
	finds 1 'the MAC guard ("macspoofchk") of living containers is gone'
	assert_eq "$mend" "footbridge restore"
	healthy --fix
	assert_in "$(result '.mended[]')" "net a/eth0: restored the guard of $(pod_link a .address)" \
		"net b/eth0: restored the guard of $(pod_link b .address)"
	nft flush set bridge footbridge allowed
	finds 1 "the MAC guard"
	healthy --fix
	nft flush chain bridge footbridge prerouting
	finds 1 "the MAC guard"
	healthy --fix
	ip link set fb0 type bridge no_linklocal_learn 0
	finds 1 "the MAC guard"
	healthy --fix
	pod_gone a b
	nft flush ruleset
	eventually healthy
}

# theirs: CONF's addresses come from another IPAM plugin
theirs() {
	mkdir "$BATS_TEST_TMPDIR/plugins"
	cat >"$BATS_TEST_TMPDIR/plugins/theirs" <<-'END'
		#!/bin/sh
		echo '{"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.7/24", "gateway": "10.1.0.1"}]}'
	END
	chmod +x "$BATS_TEST_TMPDIR/plugins/theirs"
	CONF=$(conf '.cniVersion = "1.0.0" | .ipam = {type: "theirs"}')
	CNI_PATH=$BATS_TEST_TMPDIR/plugins
}

@test "the ruleset was flushed, and another IPAM plugin gave the addresses" {
	theirs
	added a
	healthy
	# what a person adds is none of ours
	in_pod a ip addr add 10.1.0.99/24 dev eth0
	in_pod a ip addr add 2001:db8::5/64 dev eth0 nodad
	healthy --fix
	assert_json '.mended == []'
	assert_eq "$(sysctl -n net.ipv6.conf.all.forwarding)" 0
	sysctl -qw net.ipv4.ip_forward=0
	finds 1 "IPv4 forwarding is off"
	healthy --fix
	nft flush ruleset
	finds 1 "masquerade of a/eth0, whose addresses another IPAM plugin gave, is gone"
	assert_in "$mend" "make it anew"
}

@test "a gateway beside the bridge, as a VLAN has it: forwarding, firewall, another's subnet" {
	outside
	CONF=$(conf '.isGateway = false')
	added a
	sysctl -qw net.ipv4.ip_forward=1
	# like a VLAN's, but for the VLAN, which not each kernel's bridges can filter
	sysctl -qw net.ipv4.conf.fb0.arp_ignore=1
	[[ ! -e /proc/sys/net/bridge ]] || sysctl -qw net.bridge.bridge-nf-call-iptables=0
	ip link add fb0.100 type veth peer name inner
	ip link set inner alias "gateway fb0.100" master fb0 up
	ip link set fb0.100 up
	ip addr add 10.1.0.1/24 dev fb0.100
	eventually pings a 198.51.100.2
	healthy
	echo 0 >/proc/sys/net/ipv4/conf/fb0.100/forwarding
	refute pings a 198.51.100.2
	finds 1 "IPv4 forwarding is off for fb0.100 alone"
	bash -c "$mend"
	healthy
	nft 'table ip docker { chain forward { type filter hook forward priority 0; policy drop; }; }'
	refute pings a 198.51.100.2
	finds 1 "no rule of it accepts what comes from fb0.100"
	bash -c "$mend"
	healthy
	pings a 198.51.100.2
	ip link add other up type bridge
	ip addr add 10.1.0.200/25 dev other
	finds 1 "the subnet 10.1.0.0/24 of fb0.100 overlaps 10.1.0.200/25 on other"
}

# bats test_tags=quick
@test "a bridge in a VRF has its addresses all the same" {
	ip link add vrf0 type vrf table 10 2>/dev/null || skip "this kernel has no VRF"
	added a
	ip link set vrf0 up
	ip link set fb0 master vrf0
	echo 0 >/proc/sys/net/ipv4/conf/fb0/forwarding
	finds 1 "IPv4 forwarding is off for fb0 alone"
}

@test "forwarding is off for the bridge alone" {
	outside
	added a
	echo 0 >/proc/sys/net/ipv4/conf/fb0/forwarding
	refute pings a 198.51.100.2
	finds 1 "IPv4 forwarding is off for fb0 alone"
	bash -c "$mend"
	healthy
	pings a 198.51.100.2
}

# among WORDS [ARGUMENT...]: this is one of the findings; its mend in $mend
among() {
	doctor "${@:2}"
	assert_eq "$status" 1 "exit status"
	assert_in "$(result '.findings[].what')" "$1"
	mend=$(result ".findings[] | select(.what | contains(\"$1\")).mend")
}

@test "a gateway's address that somebody took from under living containers" {
	CONF=$(jq -c '.ipam.ranges[0][0].gateway = "10.1.0.254"' <<<"$DUAL")
	configured net.conf
	added a b
	healthy
	ip addr del 10.1.0.254/24 dev fb0
	refute pings a 10.1.0.254
	finds 1 "fb0 lacks 10.1.0.254, the gateway's address of living containers"
	assert_eq "$mend" "ip addr add 10.1.0.254/24 dev fb0"
	bash -c "$mend"
	healthy
	eventually pings a 10.1.0.254
	ip addr del fd00:1::1/64 dev fb0
	finds 1 "fb0 lacks fd00:1::1, the gateway's address"
	bash -c "$mend"
	healthy
	eventually pings b fd00:1::1
	# the kernel takes it, too
	echo 1 >/proc/sys/net/ipv6/conf/fb0/disable_ipv6
	finds 1 "fb0 lacks fd00:1::1, the gateway's address"
	bash -c "$mend"
	healthy
	eventually pings b fd00:1::1
	# with another length of the prefix it serves who is there
	ip addr del 10.1.0.254/24 dev fb0
	ip addr add 10.1.0.254/25 dev fb0
	finds 1 "would fail: set the gateway: fb0 has the address 10.1.0.254/25"
}

@test "a gateway's address that nobody misses" {
	CONF=$DUAL
	configured net.conf
	added a
	# a host without IPv6
	echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
	ip -6 addr show dev fb0 >"$BATS_TEST_TMPDIR/addresses"
	refute grep -q fd00:1::1 "$BATS_TEST_TMPDIR/addresses"
	healthy
	# containers that were to have none, whatever is to be later
	CONF=$(conf '.isGateway = false | .name = "other" | .bridge = "fb1"
		| .ipam.ranges = [[{subnet: "10.2.0.0/24"}]]') added b
	CONF=$(conf '.name = "other" | .bridge = "fb1" | .ipam.ranges = [[{subnet: "10.2.0.0/24"}]]')
	configured other.conf
	healthy
	rm "$CONFS/other.conf"
	# those that are on another bridge than the configuration has by now
	CONF=$DUAL
	ip addr del 10.1.0.1/24 dev fb0
	ip link add fb2 type bridge
	configured net.conf '.bridge = "fb2"'
	healthy
	configured net.conf '.isGateway = false'
	healthy
	# nobody
	configured net.conf
	finds 1 "fb0 lacks 10.1.0.1"
	del a
	healthy
}

@test "a gateway beside the bridge that is gone, or without its address" {
	added a
	configured net.conf '.vlan = 100'
	among "fb0.100, the gateway's interface of living containers, is gone"
	ip link add fb0.100 type veth peer name inner
	ip link set fb0.100 up
	among "fb0.100 lacks 10.1.0.1, the gateway's address"
	assert_eq "$mend" "ip addr add 10.1.0.1/24 dev fb0.100"
	ip addr add 10.1.0.1/24 dev fb0.100
	doctor
	refute assert_in "$(result '.findings[].what')" "of living containers"
}

# traced FILE ARGUMENT...: `footbridge doctor --fix` under strace
traced() {
	# LeakSanitizer cannot work while a process is traced
	ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 timed strace -qq -e trace=sendto -o "$1" "${@:2}" \
		"$FOOTBRIDGE_BIN/../footbridge" doctor --fix --json
}

@test "what was mended is told also where the look behind it fails" {
	local calls=$BATS_TEST_TMPDIR/calls n
	added a
	sysctl -qw net.ipv4.ip_forward=0
	traced "$calls"
	assert_eq "$status" 0 "exit status"
	assert_json '.mended | length == 1'
	# the last request without which there is no look at all; how many there are depends on
	# what else is on the machine
	for ((n = $(wc -l <"$calls"); n > 0; n--)); do
		sysctl -qw net.ipv4.ip_forward=0
		traced "$calls" -e "inject=sendto:error=EACCES:when=$n"
		assert_eq "$(documents)" 1 documents
		[[ ! $err ]] || break
	done
	assert_eq "$status" 1 "exit status"
	assert_json '(.mended | length == 1) and .findings == []'
	assert_in "$err" "footbridge doctor: "
}

@test "its advice can be pasted, whatever a bridge is called" {
	local name n=0
	iptables-nft -P FORWARD DROP
	for name in counter 10gbr 'x;false;' "it's"; do
		n=$((n + 1))
		CONF=$(conf '.name = "n" + $n | .bridge = $name | .ipam.ranges[0][0].subnet = "10.\($n).0.0/24"' \
			--arg name "$name" --arg n "$n")
		conf . >"$CONFS/$n.conf"
		added "p$n"
		finds 1 "comes from $name"
		bash -ec "$mend"
	done
	healthy
}

@test "a FORWARD chain that drops, as Docker leaves it" {
	outside
	added a
	iptables-nft -P FORWARD DROP
	refute pings a 198.51.100.2
	finds 1 "chain FORWARD of table ip filter drops what is forwarded"
	# --fix leaves it: it is somebody's firewall
	finds 1 "chain FORWARD" --fix
	assert_json '.mended == []'
	# Docker's own rules do not help us
	iptables-nft -N DOCKER-USER
	iptables-nft -A FORWARD -j DOCKER-USER
	iptables-nft -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
	iptables-nft -A FORWARD -i docker0 ! -o docker0 -j ACCEPT
	finds 1 "chain FORWARD"
	# the command does what it says
	bash -c "$mend"
	healthy
	pings a 198.51.100.2
}

@test "rules that accept what is ours, wherever they are, are found" {
	added a
	iptables-nft -P FORWARD DROP
	iptables-nft -N CNI-FORWARD
	iptables-nft -A FORWARD -j CNI-FORWARD
	finds 1 "chain FORWARD"
	# as the plugin firewall does it
	iptables-nft -A CNI-FORWARD -s 10.1.0.2/32 -j ACCEPT
	healthy
	iptables-nft -F CNI-FORWARD
	iptables-nft -A CNI-FORWARD -i fb0 -j ACCEPT
	healthy
	iptables-nft -P FORWARD ACCEPT
	nft -f - <<-'END'
		table inet mine {
			chain forward { type filter hook forward priority 0; policy drop; }
		}
	END
	finds 1 "chain forward of table inet mine"
	nft add rule inet mine forward iif fb0 accept
	healthy
	# input is none of our business
	nft add chain inet mine input '{ type filter hook input priority 0; policy drop; }'
	healthy
}

@test "a chain of both families that accepts one of them" {
	CONF=$DUAL
	added a
	nft 'add table inet mine; add chain inet mine f { type filter hook forward priority 0; policy drop; }'
	finds 1 "drops what is forwarded (policy drop, as Docker leaves it), and no rule of it accepts what comes from fb0"
	nft add rule inet mine f meta nfproto ipv4 iifname fb0 accept
	finds 1 "chain f of table inet mine drops IPv6 that is forwarded (policy drop, as Docker leaves it), and no rule of it accepts IPv6 from fb0"
	nft flush chain inet mine f
	nft add rule inet mine f meta nfproto ipv6 iifname fb0 accept
	finds 1 "drops IPv4 that is forwarded (policy drop, as Docker leaves it), and no rule of it accepts IPv4 from fb0"
	bash -c "$mend"
	healthy
	nft add chain inet mine f '{ policy accept; }'
	nft flush chain inet mine f
	nft add rule inet mine f meta nfproto ipv6 drop
	finds 1 "drops IPv6 that is forwarded (a rule drops or rejects all), and no rule before that accepts IPv6 from fb0"
}

@test "rules about other devices do not help" {
	added a
	nft -f - <<-'END'
		table inet mine {
			chain from_wg { accept; }
			chain forward {
				type filter hook forward priority 0; policy drop;
				iifname "wg0" jump from_wg
				iifname "fb0" oifname "fb0" accept
			}
		}
	END
	finds 1 "chain forward of table inet mine"
	nft add rule inet mine forward iifname fb0 jump from_wg
	healthy
	nft flush chain inet mine forward
	nft add rule inet mine forward iifname '"f*"' accept
	healthy
	nft flush chain inet mine forward
	nft add rule inet mine forward iifname '"fbx*"' accept
	finds 1 "chain forward of table inet mine"
}

@test "rules that look at what doctor does not know accept nothing for certain" {
	added a
	nft -f - <<-'END'
		table inet mine {
			chain forward {
				type filter hook forward priority 0; policy drop;
				limit rate 1/second burst 1 packets accept
				meta mark set 1
				meta mark set meta mark << 4
				iifname "fb0" continue
			}
		}
	END
	finds 1 "chain forward of table inet mine"
	nft add rule inet mine forward iifname fb0 accept
	healthy
}

@test "a last rule that rejects everything, as iptables-nft has it on Red Hat's systems" {
	outside
	added a
	iptables-nft -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
	iptables-nft -A FORWARD -j REJECT --reject-with icmp-host-prohibited
	refute pings a 198.51.100.2
	finds 1 "chain FORWARD of table ip filter drops what is forwarded (a rule drops or rejects all)"
	bash -c "$mend"
	healthy
	pings a 198.51.100.2
	# behind it nothing helps
	iptables-nft -F FORWARD
	iptables-nft -A FORWARD -j DROP
	iptables-nft -A FORWARD -i fb0 -j ACCEPT
	finds 1 "chain FORWARD"
	# some packets are not all
	iptables-nft -F FORWARD
	iptables-nft -A FORWARD -p tcp --dport 25 -j REJECT
	iptables-nft -A FORWARD -i wg0 -j DROP
	iptables-nft -A FORWARD -o wg0 -j DROP
	healthy
	pings a 198.51.100.2
	# nor is one subnet of several
	ip addr add 10.2.0.1/24 dev fb0
	iptables-nft -A FORWARD -s 10.2.0.0/24 -j DROP
	healthy
	iptables-nft -A FORWARD -s 10.0.0.0/14 -j DROP
	finds 1 "chain FORWARD"
}

# A firewall of zones as firewalld builds it: out0 is in one that rejects, and so is every
# device of which nothing is said.
zones() {
	nft -f - <<-END
		table inet firewalld {}
		delete table inet firewalld
		table inet firewalld {
			chain filter_FORWARD {
				type filter hook forward priority filter + 10; policy accept;
				ct state { established, related } accept
				ct status dnat accept
				iifname "lo" accept
				ip6 daddr { ::/96, 2002::/24 } log prefix "STATE" reject with icmpv6 type addr-unreachable
				jump filter_FORWARD_ZONES
				ct state { invalid } drop
				reject with icmpx type admin-prohibited
			}
			chain filter_FORWARD_ZONES {
				iifname "out0" goto filter_FWD_public
				$1
				goto filter_FWD_public
			}
			chain filter_FWD_public {
				jump filter_FWD_public_allow
				meta l4proto { icmp, ipv6-icmp } accept
				reject with icmpx type admin-prohibited
			}
			chain filter_FWD_public_allow {
				$2
			}
			chain filter_FWD_trusted {
				accept
			}
		}
	END
}

@test "zones, as firewalld has them" {
	outside
	ip route add default via 198.51.100.2
	added a
	zones "" ""
	finds 1 "chain filter_FORWARD of table inet firewalld drops what is forwarded (a rule"
	assert_eq "$mend" "firewall-cmd --permanent --zone=trusted --add-interface=fb0 && firewall-cmd --reload"
	# what that does
	zones 'iifname "fb0" goto filter_FWD_trusted' ""
	healthy
	pings a 198.51.100.2
	# a zone whose devices may forward to each other
	zones "" 'oifname "out0" accept'
	healthy
	pings a 198.51.100.2
	zones "" 'oifname "wg0" accept'
	finds 1 "chain filter_FORWARD"
	zones 'oifname "wg0" goto filter_FWD_trusted' ''
	finds 1 "chain filter_FORWARD"
}

# filtered RULES [RULES-OF-USER [POLICY]]: table inet mine, whose chain "forward" has these
filtered() {
	nft -f - <<-END
		table inet mine {}
		delete table inet mine
		table inet mine {
			chain z { }
			chain ok { accept; }
			chain no { drop; }
			chain user {
				$2
			}
			chain forward {
				type filter hook forward priority 0; policy ${3-accept};
				$1
			}
		}
	END
}

@test "prefixes, states, families, return and goto are followed as the kernel does" {
	local rule
	outside
	ip route add default via 198.51.100.2
	added a
	# let through: $1 of the chain, $2 of what it jumps to
	while IFS='|' read -r policy rule user; do
		echo "rule: $rule"
		filtered "$rule" "$user" "$policy"
		pings a 198.51.100.2
		healthy
	done <<-'END'
		drop|ip saddr 10.1.0.0/24 accept; ip daddr 10.1.0.0/24 accept|
		drop|ip saddr 10.0.0.0/8 accept; ct state established accept|
		drop|ip saddr 10.0.0.0/12 accept; ct state established accept|
		drop|ip saddr 10.1.0.0/28 accept; ct state established accept|
		drop|ct state new accept; ct state established accept|
		drop|ct state established,related,new accept|
		drop|meta nfproto ipv4 accept|
		drop|oifname "out0" accept; ct state established accept|
		drop|oifname != "wg0" accept|
		accept|iifname "fb0" return; oifname "fb0" return; drop|
		accept|iifname "fb0" goto z; oifname "fb0" goto z; drop|
		accept|jump user; drop|accept
		accept|jump user|iifname "fb0" return; oifname "fb0" return; drop
		drop|jump user; accept|ct state invalid drop
		accept|ct state invalid drop; ip saddr 192.0.2.0/24 drop; meta nfproto ipv6 drop|
	END
	# not
	while IFS='|' read -r policy rule user; do
		echo "rule: $rule"
		filtered "$rule" "$user" "$policy"
		refute pings a 198.51.100.2
		finds 1 "chain forward of table inet mine"
	done <<-'END'
		drop|iifname "fb0" ct state established accept|
		drop|iifname "fb0" tcp dport 22 accept|
		drop|ip daddr 10.1.0.2 accept|
		drop|ip saddr 192.168.99.0/25 jump ok|
		drop|ct state established jump ok|
		drop|iifname "fb0" oifname "wg0" accept|
		drop|oifname != "out0" accept|
		drop|ip saddr 10.2.0.0/16 accept|
		drop|meta nfproto ipv6 accept|
		accept|jump user; accept|jump no
		accept|goto user; accept|ip saddr 10.0.0.0/8 drop
		accept|ip saddr 10.1.0.0/24 drop|
		drop|goto z; accept|
		drop|iifname "fb0" return; accept|
	END
}

@test "rules about all devices but one" {
	outside
	added a
	nft -f - <<-'END'
		table inet mine {
			chain forward {
				type filter hook forward priority 0; policy drop;
				ct state established,related accept
				iifname != "fb0" accept
				iif != fb0 accept
			}
		}
	END
	refute pings a 198.51.100.2
	finds 1 "chain forward of table inet mine"
	nft add rule inet mine forward iifname != '"out0"' accept
	healthy
	pings a 198.51.100.2
}

@test "a store that is lost, and two containers with one address" {
	configured net.conf '.ipMasq = false'
	CONF=$(conf '.ipMasq = false')
	added a
	rm -r "$STORE/net"
	finds 1 "10.1.0.2, which a/eth0 has, is not leased"
	added b
	assert_eq "$(pod_ip b)" 10.1.0.2
	doctor
	assert_in "$(result '.findings[].what')" "10.1.0.2 is the address of a/eth0 and of b/eth0, both on fb0"
	del a
	healthy
}

@test "a network whose record is gone" {
	configured net.conf
	added a
	rm -r /run/footbridge/networks
	finds 1 "its record in /run/footbridge/networks is gone"
	added b
	healthy
}

@test "a record that cannot be read" {
	local command

	added a
	echo '{' >/run/footbridge/networks/net
	doctor
	assert_json '.findings[] | select(.what | startswith("net: /run/footbridge/networks/net: ")).mend ==
		"remove it: the next ADD on the network makes it again"'
	for command in graph restore; do
		footbridge "$command"
		assert_eq "$status" 1 "exit status"
		assert_in "$err" "net: /run/footbridge/networks/net: "
	done
	rm /run/footbridge/networks/net
	mkdir /run/footbridge/networks/net
	doctor
	assert_in "$(result '.findings[].what')" "net: /run/footbridge/networks/net is not a record of footbridge"
	rmdir /run/footbridge/networks/net
	added b
	healthy
}

@test "who is no root is asked whether he should be" {
	added a
	chmod 700 "$STORE/net"
	install -m 755 "$FOOTBRIDGE_BIN/../footbridge" /run/anybodys # who may not come to where it is
	timed setpriv --reuid 65534 --regid 65534 --clear-groups /run/anybodys doctor
	assert_in "$out" "see the message; as root?"
	chmod 000 "$STORE/net"
	timed setpriv --bounding-set -all --inh-caps -all "$FOOTBRIDGE_BIN/../footbridge" doctor
	assert_in "$out" "see the message"
	[[ $out != *"as root?"* ]] || fail "root is asked"
}

@test "a network without a store whose record is gone" {
	theirs
	added a
	rm -r /run/footbridge/networks
	finds 1 "its record in /run/footbridge/networks is gone"
}

@test "an address that the container has given itself is its own affair" {
	added a
	ip -n a addr add 2001:db8::5/64 dev eth0 nodad
	healthy --fix
	assert_json '.mended == []'
	assert_eq "$(sysctl -n net.ipv6.conf.all.forwarding)" 0
}

@test "with bridge-nf-call-iptables containers do not even reach each other" {
	module br_netfilter
	[[ -e /proc/sys/net/bridge/bridge-nf-call-iptables ]] || skip "no br_netfilter in this kernel"
	added a b
	sysctl -qw net.bridge.bridge-nf-call-iptables=0
	iptables-nft -P FORWARD DROP
	finds 1 "drops what is forwarded"
	[[ $(result '.findings[0].what') != *bridge-nf* ]] || fail "bridge-nf is off"
	pings a 10.1.0.3
	sysctl -qw net.bridge.bridge-nf-call-iptables=1
	refute pings a 10.1.0.3
	finds 1 "bridge-nf-call-iptables is on"
	bash -c "$mend"
	pings a 10.1.0.3
	healthy
}

@test "iptables-legacy, which cannot be looked into" {
	module iptable_filter
	[[ -e /proc/net/ip_tables_names ]] || skip "no iptables-legacy in this kernel"
	added a
	iptables-legacy -P FORWARD DROP
	finds 0 "iptables-legacy is in use"
	assert_in "$mend" "iptables-legacy -S FORWARD"
}

@test "another interface or route has our subnet" {
	outside
	added a
	ip addr add 10.1.0.200/25 dev out0
	finds 1 "the subnet 10.1.0.0/24 of fb0 overlaps 10.1.0.200/25 on out0"
	assert_in "$mend" "ip addr del 10.1.0.200/25 dev out0"
	ip addr del 10.1.0.200/25 dev out0
	ip route add 10.1.0.64/26 via 198.51.100.2
	finds 1 "a route to 10.1.0.64/26 through out0 takes from the subnet 10.1.0.0/24 of fb0"
	ip route del 10.1.0.64/26
	# as Calico leaves them on a node that changes over
	ip route add blackhole 10.1.0.0/26 proto bird
	finds 1 "a route drops what goes to 10.1.0.0/26, in the subnet 10.1.0.0/24 of fb0"
	assert_in "$mend" "ip route del blackhole 10.1.0.0/26"
	ip route del blackhole 10.1.0.0/26
	ip route add prohibit 10.1.0.0/26
	finds 1 "a route drops what goes to 10.1.0.0/26"
	assert_in "$mend" "ip route del prohibit 10.1.0.0/26"
	ip route add blackhole 10.1.0.64/26
	doctor
	assert_in "$(result '.findings[].what')" "drops what goes to 10.1.0.0/26" "drops what goes to 10.1.0.64/26"
	ip route del blackhole 10.1.0.64/26
	ip route del prohibit 10.1.0.0/26
	# what is wider is in nobody's way, nor is a single address, as flannel's device has one
	ip route add 10.0.0.0/8 via 198.51.100.2
	ip route add unreachable 10.0.0.0/12
	ip addr add 10.1.0.0/32 dev out0
	ip addr add 10.9.0.5/8 dev out0
	healthy
}

@test "a configuration whose subnet is taken before it is used" {
	outside
	ip addr add 10.1.0.200/25 dev out0
	configured net.conf
	finds 1 "the subnet 10.1.0.0/24 of fb0 overlaps 10.1.0.200/25 on out0"
}

@test "two configurations that do not go together" {
	configured 1.conf
	configured 2.conf '.name = "two" | .bridge = "fb1"'
	finds 1 "networks two and net ($CONFS/1.conf) both lease from 10.1.0.0/24"
	# ranges of one subnet that do not meet
	configured 1.conf '.ipam.ranges[0][0].rangeEnd = "10.1.0.99"'
	configured 2.conf '.name = "two" | .ipam.ranges[0][0].rangeStart = "10.1.0.100"'
	healthy
	configured 2.conf '.name = "two" | .ipam.ranges[0][0].rangeStart = "10.1.0.99"'
	finds 1 "both lease from 10.1.0.0/24"
	configured 1.conf
	configured 2.conf '.name = "two" | .ipam.ranges[0][0].subnet = "10.2.0.0/24"'
	finds 0 "have different subnets on one bridge, fb0"
	configured 2.conf '.ipam.ranges[0][0].subnet = "10.2.0.0/24" | .bridge = "fb1"'
	finds 1 "network net is in $CONFS/1.conf, too"
	# one of them alone
	healthy --conf "$CONFS/2.conf"
	# another plugin leases from the same subnet
	rm "$CONFS/2.conf"
	conf '{cniVersion, name: "ptp", plugins: [{type: "ptp", ipam}, {type: "portmap"}]}' >"$CONFS/2.conflist"
	finds 1 "networks ptp and net"
}

@test "configurations that cannot be read, or are refused" {
	echo '{' >"$CONFS/broken.conflist"
	finds 1 "not valid JSON"
	assert_eq "$(result '.findings[0].where')" "$CONFS/broken.conflist"
	assert_eq "$mend" "edit the file; footbridge lint $CONFS/broken.conflist says more"
	rm "$CONFS/broken.conflist"
	echo '{' >"$CONFS/it's broken.conf"
	finds 1 "not valid JSON"
	assert_in "$mend" "footbridge lint '$CONFS/it'\\''s broken.conf' says more"
	rm "$CONFS/it's broken.conf"
	conf '{cniVersion, name, plugins: [del(.name, .cniVersion) | .mtu = 12]}' >"$CONFS/mtu.conflist"
	finds 1 '"mtu": 12'
	finds 1 "cannot open it: No such file" --conf /nowhere
	assert_eq "$(result '.findings[0].where')" /nowhere
	assert_eq "$mend" "see the message"
	finds 1 "no file of at most 1 MiB" --conf "$CONFS"
	assert_eq "$mend" "see the message"
	rm "$CONFS/mtu.conflist"
	while read -r words; do
		read -r text
		echo "$text" >"$CONFS/odd.conflist"
		finds 1 "$words"
	done <<-'END'
		"plugins" is no list
		{"name": "x", "cniVersion": "1.0.0", "plugins": {}}
		"plugins" is empty
		{"name": "x", "cniVersion": "1.0.0", "plugins": []}
		a plugin without "type"
		{"name": "x", "cniVersion": "1.0.0", "plugins": [{}]}
		"name" is missing
		{"cniVersion": "1.0.0", "plugins": [{"type": "bridge"}]}
	END
	rm "$CONFS/odd.conflist"
	# runtimes choose by the name how a file is read, and so refuse these
	conf '{cniVersion, name, plugins: [del(.name, .cniVersion)]}' >"$CONFS/list.conf"
	finds 1 "this is a list of plugins: runtimes read it only under a name that ends in .conflist"
	footbridge status
	assert_eq "$status" 1 "status"
	assert_in "$out" "this is a list of plugins"
	rm "$CONFS/list.conf"
	conf . >"$CONFS/one.conflist"
	finds 1 "this is no list of plugins"
	rm "$CONFS/one.conflist"
	echo '{"name": "x", "cniVersion": "1.0.0", "type": "macvlan", "ipam": {"type": "dhcp"}}' >"$CONFS/mtu.conf"
	healthy
}

@test "a plugin that the runtime would not find, chained or ours" {
	conf '{cniVersion, name, plugins: [del(.name, .cniVersion), {type: "nosuch"}]}' >"$CONFS/net.conflist"
	finds 1 'there is no plugin "nosuch" in CNI_PATH'
	assert_eq "$(result '.findings[0].where')" "$CONFS/net.conflist"
	assert_in "$mend" "install it" CNI_PATH
	# a wrong value does not hide it
	conf '{cniVersion, name, plugins: [del(.name, .cniVersion) | .mtu = 12, {type: "nosuch"}]}' \
		>"$CONFS/net.conflist"
	doctor
	assert_eq "$(result '.findings | length')" 2 "findings"
	assert_in "$(result '.findings[].what')" '"mtu": 12' 'there is no plugin "nosuch"'
	rm "$CONFS/net.conflist"
	configured net.conf
	healthy
	CNI_PATH=/nope finds 1 'there is no plugin "bridge" in CNI_PATH (/nope)'
}

@test "an ADD that would fail, and each of its reasons" {
	ip link add fb0 type veth peer name fb1
	configured net.conf '.ipam.resolvConf = "/none"'
	doctor
	assert_eq "$status" 1 "exit status"
	assert_in "$(result '.findings[].what')" "fb0 is there already and no bridge" /none
}

@test "a pool that is exhausted, and one that will be" {
	CONF=$(conf '.ipam.ranges[0][0] += {rangeStart: "10.1.0.10", rangeEnd: "10.1.0.19"}')
	configured net.conf
	local i

	for i in {1..8}; do
		call ADD host-local "c$i" <<<"$CONF"
		assert_ok
	done
	healthy
	call ADD host-local c9 <<<"$CONF"
	finds 0 "9 of 10 addresses of 10.1.0.10-10.1.0.19 are leased"
	call ADD host-local c10 <<<"$CONF"
	finds 1 "10 of 10 addresses"
	# what is excluded does not count
	configured net.conf '.ipam.exclude = ["10.1.0.16/30"] | .ipam.ranges[0][0].rangeEnd = "10.1.0.30"'
	healthy
	# nor who holds it still, nor who holds what is the gateway's by now
	configured net.conf '.ipam.exclude = ["10.1.0.11", "10.1.0.12/30"] | .ipam.ranges[0][0].gateway = "10.1.0.10"'
	finds 1 "4 of 4 addresses of 10.1.0.10-10.1.0.19 are leased"
	configured net.conf '.ipam.exclude = ["10.1.0.10/31", "10.1.0.12/30"]
		| .ipam.ranges[0][0] += {subnet: "10.1.0.0/16", rangeEnd: "10.1.0.25"}'
	healthy
}

@test "a pool that has no address at all, and one too large to be counted" {
	local pool
	while read -r pool; do
		configured net.conf "$pool"
		finds 1 "network net: no address to give: all of "
		assert_in "$mend" exclude
	done <<-'END'
		.ipam.exclude = ["10.1.0.0/24"]
		.ipam.ranges[0][0] += {rangeStart: "10.1.0.1", rangeEnd: "10.1.0.1"}
		.ipam.ranges[0][0] += {rangeStart: "10.1.0.1", rangeEnd: "10.1.0.2"} | .ipam.exclude = ["10.1.0.2"]
		.ipam.ranges[0][0].subnet = "10.0.0.0/8" | .ipam.exclude = ["10.0.0.0/9", "10.128.0.0/9"]
		.ipam.ranges += [[{subnet: "fd00:1::/64"}]] | .ipam.exclude = ["fd00::/8"]
	END
	configured net.conf '.ipam.ranges = [[{subnet: "10.0.0.0/8"}], [{subnet: "fd00:1::/64"}]]'
	healthy
	configured net.conf '.ipam.ranges[0][0].subnet = "10.0.0.0/8" | .ipam.exclude = ["10.0.0.0/9"]'
	healthy
}

@test "dead leases and torn ones are freed, what may be alive is not" {
	needs_marks
	configured net.conf
	added a b
	pod_gone a
	eventually gone_from_host a
	finds_dead "1 of 2 leases is dead: its container is gone"
	: >"$STORE/net/10.1.0.77"
	printf 'somebody\r\neth0' >"$STORE/net/10.1.0.78"
	finds 0 "2 of 4 leases are dead"
	assert_eq "$mend" "footbridge doctor --fix"
	# who wants to keep everything is not asked to let go
	configured net.conf '.ipam.reclaim = false'
	doctor --fix
	assert_eq "$(leases | xargs)" "10.1.0.2 10.1.0.3 10.1.0.77 10.1.0.78"
	# nor where the network's configuration is not read
	CONF=$(conf '.ipam.reclaim = false') added c
	del c
	configured other.conf '.name = "other" | .bridge = "fb1" | .ipam.ranges[0][0].subnet = "10.2.0.0/24"'
	healthy --fix --conf other
	assert_eq "$(leases | xargs)" "10.1.0.2 10.1.0.3 10.1.0.77 10.1.0.78"
	rm "$CONFS/other.conf"
	configured net.conf
	doctor --fix
	assert_eq "$(result '.mended[]')" "net: freed 2 dead leases"
	assert_eq "$(leases | xargs)" "10.1.0.3 10.1.0.78"
	# its set element goes with the address's next holder
	assert_in "$(result '.findings[].what')" "10.1.0.2 is masqueraded for a/eth0, which is not there"
	bash -c "$(result '.findings[0].mend')"
	healthy
}

# finds_dead WORDS: among the findings
finds_dead() {
	doctor
	assert_in "$(result '.findings[].what')" "$1"
}

@test "all addresses of a dead container that are masqueraded still are told, each with its mend" {
	needs_marks
	CONF=$DUAL
	configured net.conf
	added a b
	pod_gone a
	eventually gone_from_host a
	doctor --fix
	assert_eq "$status" 0 "exit status"
	assert_eq "$(result '.findings | length')" 2 findings
	assert_in "$(result '.findings[].what')" "10.1.0.2 is masqueraded for a/eth0" "fd00:1::2 is masqueraded for a/eth0"
	bash -ec "$(result '.findings[].mend')"
	healthy
}

@test "what is masqueraded still is told with its set, also after the subnet was widened" {
	needs_marks
	configured net.conf
	added a
	CONF=$(conf '.ipam.ranges[0][0].subnet = "10.1.0.0/16" | .forceAddress = true')
	configured net.conf
	added b
	pod_gone a
	eventually gone_from_host a
	doctor --fix
	finds 0 "10.1.0.2 is masqueraded for a/eth0"
	bash -ec "$mend"
	healthy
}

gone_from_host() {
	footbridge list --json
	[[ $(result ".[] | select(.container == \"$1\").state") == "dead lease" ]]
}

@test "a bridge that the configuration calls by another name of it" {
	ip link add fb0 type bridge
	ip link property add dev fb0 altname another || skip "no altnames"
	CONF=$(conf '.bridge = "another"')
	conf . >"$CONFS/net.conf"
	added a
	healthy
	footbridge check
	assert_eq "$status" 0
	iptables-nft -P FORWARD DROP
	finds 1 "comes from fb0"
	iptables-nft -P FORWARD ACCEPT
	ip link set "$(host_veth a)" nomaster
	finds 1 "is no port of a bridge"
	bash -c "$mend"
	healthy
}

@test "links that are down or connect nobody" {
	added a b
	ip link set fb0 down
	finds 1 "fb0, which connects its containers, is down"
	bash -c "$mend"
	ip link set "$(host_veth a)" down
	finds 1 "which connects a/eth0, is down"
	bash -c "$mend"
	healthy
	bridge link set dev "$(host_veth a)" state 0
	finds 1 "fb0 keeps its port $(host_veth a) shut, which connects a/eth0"
	bash -c "$mend"
	healthy
	in_pod b ip link set eth0 netns $$ name pulled
	finds 0 "connects nobody: both its ends are in the host's namespace"
	bash -c "$mend"
	refute ip link show pulled
}

# cut_off POD: doctor --fix and gc leave its link alone, and the container its eth0
cut_off() {
	local veth

	veth=$(host_veth "$1")
	doctor --fix
	footbridge gc --conf "$CONFS/net.conf"
	assert_eq "$status" 0 "exit status of gc"
	assert_eq "$(host_veth "$1")" "$veth" "host veth"
	assert_eq "$(leases | xargs)" "10.1.0.2 10.1.0.3"
}

@test "a container whose link is off its bridge: it is put back, never deleted" {
	local veth

	configured net.conf
	added a b
	veth=$(host_veth a)
	ip link set "$veth" nomaster
	refute pings a 10.1.0.3
	finds 1 "$veth, which connects a/eth0, is no port of a bridge"
	assert_eq "$mend" "ip link set $veth master fb0"
	cut_off a
	bash -c "$mend"
	healthy
	eventually pings a 10.1.0.3
	# the bridge itself is gone: the next ADD makes it
	ip link del fb0
	doctor
	assert_eq "$status" 1 "exit status"
	assert_in "$(result '.findings[] | select(.what | test("a/eth0")).what')" "there is no fb0"
	assert_in "$(result '.findings[] | select(.what | test("a/eth0")).mend')" "ADD" "ip link set $veth master fb0"
	cut_off a
	added c
	finds_of a
	bash -c "$mend"
	finds_of b
	bash -c "$mend"
	healthy
	eventually pings a 10.1.0.3
	# what else the port had is not put back by that
	configured net.conf '.portIsolation = true'
	ip link set "$veth" nomaster
	finds 1 "is no port of a bridge"
	assert_in "$mend" "ip link set $veth master fb0; then" "footbridge check"
	# without configuration and record nobody knows which bridge it was
	rm "$CONFS/net.conf" /run/footbridge/networks/net
	ip link set "$veth" nomaster
	doctor
	assert_json '(.findings | length == 2) and (.findings[0].what | test("record"))'
	assert_in "$(result '.findings[1].what')" "is no port of a bridge"
	assert_in "$(result '.findings[1].mend')" "master BRIDGE" "network net"
}

# finds_of POD: its link is off its bridge; the mend in $mend
finds_of() {
	doctor
	mend=$(result ".findings[] | select(.what | test(\"connects $1/eth0\")).mend")
	assert_eq "$mend" "ip link set $(host_veth "$1") master fb0"
}

@test "without privileges it says what an ADD lacks" {
	timed setpriv --bounding-set -all --inh-caps -all "$FOOTBRIDGE_BIN/../footbridge" doctor
	assert_eq "$status" 1 "exit status"
	assert_eq "$err" "" stderr
	assert_in "$out" "cannot be seen: cannot list nft chains" "not permitted" "run as root"
	# all that needs no privilege is looked at
	added a
	ip link set fb0 down
	timed setpriv --bounding-set -all --inh-caps -all "$FOOTBRIDGE_BIN/../footbridge" doctor --json
	assert_eq "$status$err" 1 "exit status, stderr"
	assert_in "$(result '.findings[].what')" "not permitted" "fb0, which connects its containers, is down"
}

@test "called wrongly" {
	footbridge doctor --cure
	assert_eq "$status" 2 "exit status"
	footbridge doctor everything
	assert_eq "$status" 2 "exit status"
	assert_in "$err" "usage: footbridge doctor"
}

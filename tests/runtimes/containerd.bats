#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# containerd: its own client ctr, and the CRI as a kubelet drives it.

load helpers

EXAMPLE=$FOOTBRIDGE_TOP/conf-examples/containerd.conflist

setup() {
	install_plugins ours
	network "$EXAMPLE"
	PODS=$BATS_TEST_TMPDIR/pods
}

# start_newer_containerd: that of Debian 13, where it can be downloaded
start_newer_containerd() {
	local bin

	bin=$("$RUNTIMES/unpack" trixie containerd 3>&-)/usr/bin ||
		skip "Debian 13's containerd could not be downloaded"
	"$bin/containerd" --version >/dev/null || skip "Debian 13's containerd does not run here"
	start_containerd "$bin"
}

# --- ctr

# run_in_front NAME: a container whose ctr waits for its end, to remove it then
run_in_front() {
	ctr run --rm --cni "$IMAGE" "$1" >/dev/null 2>&1 &
	FRONT[$1]=$!
	in_time runs "$1"
}

runs() {
	ctr task ls | grep -q "^$1 .*RUNNING"
}

# inside NAME COMMAND...
inside() {
	ctr task exec --exec-id "exec-$((++execs))" "$@"
}

# two_of_ctr: two containers reach each other and the gateway, and leave nothing
two_of_ctr() {
	declare -gA FRONT

	run_in_front one
	run_in_front two
	assert_in "$(inside one ip -o addr show eth0)" 10.88.0.2/16 fd00:88::2/64
	assert_in "$(inside two ip route)" "default via 10.88.0.1 dev eth0"
	inside one ping -c 1 -W 1 10.88.0.3
	inside two ping -c 1 -W 1 10.88.0.1
	inside two ping -c 1 -W 1 fd00:88::2
	ctr task kill -s KILL one
	wait "${FRONT[one]}" || true
	assert_eq "$(all_leases | sort | xargs)" "10.88.0.3 fd00:88::3"
	inside two ping -c 1 -W 1 10.88.0.1
	ctr task kill -s KILL two
	wait "${FRONT[two]}" || true
	assert_nothing_left
	# the process, and with it the namespace, is gone by then; 1.7 asks twice
	assert_eq "$(calls 'map(select(.env.CNI_COMMAND == "DEL" and .plugin == "bridge").env |
		"\(.CNI_CONTAINERID) \(.CNI_NETNS)") | unique | join(",")')" "$RUN-one ,$RUN-two "
	assert_calls_went_well
}

@test "ctr run --cni: two containers reach each other and the gateway, and leave nothing" {
	start_containerd
	two_of_ctr
}

@test "ctr run --cni, Debian 13's containerd: the same" {
	start_newer_containerd
	two_of_ctr
}

# --- the CRI

# dels PLUGIN: what the DELs of a pod came with, and of how many pods that is true
dels() {
	calls 'map(select(.env.CNI_COMMAND == "DEL" and .plugin == $plugin)) |
		group_by(.env.CNI_CONTAINERID)[] | map((if .env.CNI_NETNS == "" then "none" else "netns" end) +
		(if .stdin.prevResult then "+prevResult" else "" end)) | join(",")' --arg plugin "$1" |
		sort | uniq -c | xargs
}

# added PLUGIN: how many containers have had an ADD of it
added() {
	calls 'map(select(.env.CNI_COMMAND == "ADD" and .plugin == $plugin).env.CNI_CONTAINERID) |
		unique | length' --arg plugin "$1"
}

# thirty_pods: the whole life of thirty, six at a time
thirty_pods() {
	local one two

	assert_eq "$(cri status | jq .NetworkReady)" true
	CRI_PARALLEL=6 pods 30
	assert_eq "$(of_pods '[.[].ips[]] | unique | length')" 60 "distinct addresses"
	assert_eq "$(of_pods 'map(select(.ips | map(contains(":")) | sort == [false, true])) | length')" 30 \
		"pods of both families"
	one=$(cri start pod-1 "$(of_pods 'map(select(.name == "pod-1"))[0].id')")
	two=$(cri start pod-2 "$(of_pods 'map(select(.name == "pod-2"))[0].id')")
	cri exec "$one" ping -c 1 -W 1 "$(of_pods 'map(select(.name == "pod-2"))[0].ips[0]')"
	cri exec "$one" ping -c 1 -W 1 "$(of_pods 'map(select(.name == "pod-2"))[0].ips[1]')"
	cri exec "$two" ping -c 1 -W 1 "$(of_pods 'map(select(.name == "pod-1"))[0].ips[0]')"
	cri exec "$two" ping -c 1 -W 1 127.0.0.1
	cri exec "$two" ping -c 1 -W 1 ::1
	CRI_PARALLEL=6 stop_pods
	assert_eq "$(cri list)" ""
	assert_nothing_left

	assert_calls_went_well
	assert_eq "$(added bridge) $(added portmap) $(added loopback)" "30 30 30" "pods added by each plugin"
	assert_eq "$(dels bridge)" "30 netns+prevResult,none" "what the two DELs of a pod come with"
	cmp "$PLUGINS/loopback" "$FOOTBRIDGE_BIN/loopback"
}

@test "CRI: 30 pods of both families, 6 at a time; containers ping; nothing is left" {
	start_containerd
	thirty_pods
}

@test "CRI, Debian 13's containerd: the same" {
	start_newer_containerd
	assert_in "$(cri status)" "containerd 1.7"
	thirty_pods
}

@test "CRI: a host port, and the runtime's DNS" {
	local container

	jq '.plugins[0].capabilities = {dns: true}' "$EXAMPLE" >"$BATS_TEST_TMPDIR/dns.conflist"
	network "$BATS_TEST_TMPDIR/dns.conflist"
	start_containerd
	outside
	CRI_PORTS=8080 pods 1
	container=$(cri start pod-1 "$(of_pods '.[0].id')")
	cri exec "$container" sh -c 'echo "from the pod" >/tmp/index.html; httpd -p 80 -h /tmp'
	assert_eq "$(in_pod outside curl -s -m 2 http://198.51.100.1:8080/index.html)" "from the pod"
	assert_eq "$(calls 'map(select(.plugin == "bridge"))[0].stdout.dns | tojson')" \
		'{"nameservers":["10.96.0.10"],"options":["ndots:5"],"search":["cluster.local"]}'
	stop_pods
	refute in_pod outside curl -s -m 2 http://198.51.100.1:8080/index.html
	assert_nothing_left
	assert_calls_went_well
}

@test "CRI: an exhausted pool fails the pods that are too many, and no others" {
	jq '.plugins[0].ipam.ranges = [[{subnet: "10.88.0.0/29"}]]' "$EXAMPLE" >"$BATS_TEST_TMPDIR/small.conflist"
	network "$BATS_TEST_TMPDIR/small.conflist"
	start_containerd
	CRI_PARALLEL=4 cri run pod-{1..7} >"$PODS" 2>"$BATS_TEST_TMPDIR/refused" || true
	assert_eq "$(of_pods length)" 5 "pods that started"
	assert_eq "$(grep -c "no free address" "$BATS_TEST_TMPDIR/refused")" 2 "pods that did not"
	assert_eq "$(all_leases | wc -l)" 5 leases
	stop_pods
	assert_eq "$(cri list)" ""
	assert_nothing_left
}

@test "CRI: pods whose namespace and libcni's cache are lost can be stopped" {
	start_containerd
	pods 3
	rm -r /var/lib/cni/results
	umount "$(find /run/netns -type f | head -n 1)"
	stop_pods
	assert_eq "$(cri list)" ""
	assert_nothing_left
	assert_calls_went_well
}

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# helpers.bash - what the tests with real runtimes are written with
#
# Begin a file with `load helpers`.  All of tests/net/helpers.bash is there.  A @test
# runs in a box with a PID namespace: daemons, shims and containers are its
# children's children, and end with it at the latest.  Their cgroups alone are the
# machine's; they have a name of this run, and go after each file.
#
# The plugins
#   install_plugins ours|reference    put this make of bridge, host-local and loopback where
#                       the runtimes look, /opt/cni/bin, as an installation does; the
#                       other plugins there are the distribution's.  /opt/cni/bin is the box's
#                       own, with a recorder in front of each plugin (recorder.c)
#   calls FILTER [JQ-ARG...]  jq -r over the list of all calls so far, in the order of their ends
#   forget_calls        the list begins anew
#   assert_calls_went_well   every call so far succeeded; the first that did not is shown
#
# The network
#   network FILE        make this the one configuration of the box
#   assert_nothing_left no host veth, lease, libcni result, nft element, iptables chain of a
#                       container, named namespace
#
# Daemons
#   in_time CMD...      try again for a minute
#
# containerd
#   start_containerd [FOLDER]   start the one of this folder (/usr/bin) with its CRI, and
#                       import the image
#   ctr ARGUMENT...     its client, in a namespace of containerd's of this run
#   cri ARGUMENT...     the kubelet's part (script cri); CRI_* in front
#   cri_each stop|remove <IDS   the same for many
#   pods COUNT          run pod-1 ... pod-COUNT (PREFIX-1 ...); their lines go to $PODS, a file
#   of_pods FILTER      jq -r over the list of these lines
#   stop_pods           stop and remove all of them; lines in $PODS.stop, $PODS.remove
#
# podman
#   start_podman        settings for it, and the image
#   podman_run ARGUMENT...      podman run with what this machine needs

FOOTBRIDGE_TOP=${FOOTBRIDGE_TOP:-$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)}
BOX_OPTIONS=(--pids)
# shellcheck source=tests/net/helpers.bash
source "$FOOTBRIDGE_TOP/tests/net/helpers.bash"

RUNTIMES=$FOOTBRIDGE_TOP/tests/runtimes
TOOLS=${FOOTBRIDGE_BIN%/bin}/tests
PLUGINS=/run/plugins
RECORDER=/opt/cni/bin
OURS=(bridge host-local loopback)
REFERENCE=${REFERENCE:-/usr/lib/cni}
IMAGE=docker.io/library/busybox:test
# the name of this run: of its cgroups, and of its namespace in containerd
RUN=footbridge-${BATS_RUN_TMPDIR##*[-/]}

# --- the files of one .bats, before its first and after its last test

setup_file() {
	"$RUNTIMES/image" "$BATS_FILE_TMPDIR/image.tar" "$IMAGE"
	protoc -I "$RUNTIMES" --python_out="$BATS_FILE_TMPDIR" cri.proto
}

teardown_file() {
	remove_cgroups
}

# runc leaves the parents of a container's cgroup, empty
remove_cgroups() {
	find /sys/fs/cgroup -depth -type d -path "*/$RUN*" -exec rmdir {} + 2>/dev/null || true
}

# in_time CMD...: try again for a minute; a daemon may take its time to start or to end
in_time() {
	local end=$((SECONDS + 60))

	until "$@"; do
		[[ $SECONDS -lt $end ]] || fail "not within a minute: $*"
		sleep 0.05
	done
}

# --- plugins

# place FILE NAME: as an installation does, by rename
place() {
	cp "$1" "$PLUGINS/.new"
	mv "$PLUGINS/.new" "$PLUGINS/$2"
}

install_plugins() {
	local name from=$REFERENCE

	[[ -d $PLUGINS ]] || prepare_plugins
	[[ $1 == reference ]] || from=$FOOTBRIDGE_BIN
	for name in "${OURS[@]}"; do
		place "$from/$name" "$name"
	done
}

prepare_plugins() {
	local file

	# where something can be mounted on
	mkdir -p "$RECORDER" "$PLUGINS"
	mount -t tmpfs tmpfs "$RECORDER"
	cp "$TOOLS/recorder" "$RECORDER/.recorder"
	ln -s "$PLUGINS" "$RECORDER/.real"
	: >"$RECORDER/.calls"
	for file in "$REFERENCE"/*; do
		ln -s "$file" "$PLUGINS"
		ln -s .recorder "$RECORDER/${file##*/}"
	done
}

calls() {
	jq -s -r "${@:2}" "$1" "$RECORDER/.calls"
}

forget_calls() {
	: >"$RECORDER/.calls"
}

assert_calls_went_well() {
	local bad

	bad=$(calls 'map(select(.status != 0))[0] // empty')
	[[ -z $bad ]] || fail "a call failed: $bad"
}

# --- the network

network() {
	rm -f /etc/cni/net.d/*
	cp "$1" "/etc/cni/net.d/10-${1##*/}"
}

all_leases() {
	find "$STORE" -type f ! -name lock ! -name 'last_reserved_ip.*' ! -name '.*' -printf '%f\n' 2>/dev/null
}

elements() {
	nft -j list ruleset | jq -c '.nftables[] | (.set, .map) | select(.elem?) | .elem[]'
}

# chains that Debian's plugins and the Go bridge make for a container
container_chains() {
	nft -j list ruleset | jq -r '.nftables[].chain?.name | select(. and test("^CNI-(DN-)?[0-9a-f]{24}$|^CNI-DN-"))'
}

no_host_veth() {
	! ip -o link show type veth | grep -q ': veth'
}

assert_nothing_left() {
	eventually no_host_veth
	assert_eq "$(all_leases)" "" leases
	assert_eq "$(find /var/lib/cni/results -type f 2>/dev/null)" "" "results of libcni"
	assert_eq "$(elements)" "" "elements of nft sets"
	assert_eq "$(container_chains)" "" "chains of iptables"
	assert_eq "$(find /run/netns -type f ! -name outside)" "" "named namespaces"
}

# --- containerd

CONTAINERD=/run/containerd-of-the-box

# the machine may lack CAP_SYS_RESOURCE, without which oom_score_adj cannot be lowered
containerd_settings() {
	cat <<-END
		version = 2
		root = "$CONTAINERD/root"
		state = "$CONTAINERD/state"
		disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
			"io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs"]
		[grpc]
		address = "$CONTAINERD/socket"
		[plugins."io.containerd.internal.v1.opt"]
		path = "$CONTAINERD/opt"
		[plugins."io.containerd.grpc.v1.cri"]
		sandbox_image = "$IMAGE"
		restrict_oom_score_adj = true
		[plugins."io.containerd.grpc.v1.cri".cni]
		bin_dir = "$RECORDER"
		conf_dir = "/etc/cni/net.d"
	END
}

containerd_answers() {
	ctr version >/dev/null 2>&1
}

start_containerd() {
	CONTAINERD_BIN=${1-/usr/bin}
	mkdir -p "$CONTAINERD"
	containerd_settings >"$CONTAINERD/config.toml"
	PATH=$CONTAINERD_BIN:$PATH containerd --config "$CONTAINERD/config.toml" \
		>"$CONTAINERD/log" 2>&1 3>&- 4>&- &
	background $!
	in_time containerd_answers
	ctr image import "$BATS_FILE_TMPDIR/image.tar" >/dev/null
	ctr -n k8s.io image import "$BATS_FILE_TMPDIR/image.tar" >/dev/null
	# as the CRI marks what it has pulled
	ctr -n k8s.io image label "$IMAGE" io.cri-containerd.image=managed >/dev/null
	PODS=$BATS_TEST_TMPDIR/pods
}

ctr() {
	CONTAINERD_NAMESPACE=$RUN "$CONTAINERD_BIN/ctr" -a "$CONTAINERD/socket" "$@" 3>&-
}

cri() {
	CRI_SOCKET=$CONTAINERD/socket CRI_CGROUP=/$RUN CRI_IMAGE=$IMAGE CRI_MODULES=$BATS_FILE_TMPDIR \
		"$RUNTIMES/cri" "$@" 3>&-
}

pods() {
	local i names=()

	for ((i = 1; i <= $1; i++)); do
		names+=("${PREFIX-pod}-$i")
	done
	cri run "${names[@]}" >"$PODS" || fail "pods that did not start"
}

of_pods() {
	jq -s -r "$1" "$PODS"
}

cri_each() {
	local ids

	mapfile -t ids
	cri "$1" "${ids[@]}"
}

stop_pods() {
	of_pods '.[].id' | cri_each stop >"$PODS.stop" || fail "pods that did not stop"
	of_pods '.[].id' | cri_each remove >"$PODS.remove" || fail "pods that could not be removed"
}

# --- podman

PODMAN=/run/podman-of-the-box

# In /etc/containers, for the podman that conmon starts has none of our environment.
start_podman() {
	mkdir -p "$PODMAN/tmp"
	cp -a /etc/containers "$PODMAN/etc"
	mount --bind "$PODMAN/etc" /etc/containers
	cat >/etc/containers/containers.conf <<-END
		[containers]
		cgroupns = "host"
		[engine]
		cgroup_manager = "cgroupfs"
		runtime = "runc"
		events_logger = "file"
		static_dir = "$PODMAN/root/libpod"
		tmp_dir = "$PODMAN/tmp"
		volume_path = "$PODMAN/volumes"
		[network]
		network_backend = "cni"
		cni_plugin_dirs = ["$RECORDER"]
		network_config_dir = "/etc/cni/net.d"
	END
	cat >/etc/containers/storage.conf <<-END
		[storage]
		driver = "overlay"
		graphroot = "$PODMAN/root"
		runroot = "$PODMAN/run"
	END
	export TMPDIR=$PODMAN/tmp
	podman load -q -i "$BATS_FILE_TMPDIR/image.tar" >/dev/null
}

# hard limits cannot be raised without CAP_SYS_RESOURCE, as podman would; busybox' ping is raw
podman_run() {
	podman run --cgroup-parent "/$RUN" --ulimit nofile=1024:4096 --ulimit nproc=1024:4096 \
		--cap-add NET_RAW "$@" 3>&-
}

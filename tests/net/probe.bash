# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# probe.bash - an IPAM plugin that takes notes, and does what a test wants
#
# After `load helpers`.  CONF is a network on the bridge fb0 whose ipam.type is
# "probe", CNI_PATH is where it is.

OTHERS=${OTHERS:-/usr/lib/cni:/usr/libexec/cni}
GIVEN='{"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.5/24", "gateway": "10.1.0.1"}],
	"routes": [{"dst": "0.0.0.0/0"}]}'

# script NAME < TEXT: a plugin
script() {
	mkdir -p "$BATS_TEST_TMPDIR/plugins"
	cat >"$BATS_TEST_TMPDIR/plugins/$1"
	chmod 755 "$BATS_TEST_TMPDIR/plugins/$1"
}

# ipam VERB < TEXT: what the plugin "probe" does for this verb, beyond taking notes:
# the command in probe.log, its environment in env.VERB, its stdin in stdin.VERB
ipam() {
	cat >"$BATS_TEST_TMPDIR/on.$1"
}

# ended PID: it runs no more; whose parent is gone may wait for init as a zombie
ended() {
	[[ $(awk '{ print $3 }' "/proc/$1/stat" 2>/dev/null || true) =~ ^Z?$ ]]
}

# calls: print the commands the probe got, and forget them
calls() {
	tr '\n' ' ' <"$BATS_TEST_TMPDIR/probe.log" 2>/dev/null | sed 's/ $//'
	rm -f "$BATS_TEST_TMPDIR/probe.log"
}

setup() {
	script probe <<-'END'
		#!/bin/bash
		notes=${0%/plugins/*}
		echo "$CNI_COMMAND" >>"$notes/probe.log"
		env >"$notes/env.$CNI_COMMAND"
		if [ ! -e "$notes/deaf.$CNI_COMMAND" ]; then cat >"$notes/stdin.$CNI_COMMAND"; fi
		if [ -e "$notes/on.$CNI_COMMAND" ]; then . "$notes/on.$CNI_COMMAND"; fi
	END
	ipam ADD <<<"echo '$GIVEN'"
	CNI_PATH=$BATS_TEST_TMPDIR/plugins
	CONF=$(jq -c '.ipam = {type: "probe"}' <<<"$SINGLE")
}

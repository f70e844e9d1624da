#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The clock is set by a year, between the calls and within them: what was added stays
# added, and every call ends when it would have.

load ../net/helpers

YEAR=31536000

setup() {
	[[ $FOOTBRIDGE_BIN != */@(asan|static)/bin ]] || skip "nothing can be preloaded there"
	CONF=$(conf '.ipam.ranges[0][0].subnet = "10.1.0.0/29"')
}

# set_by SECONDS COMMAND...: each look at the clock finds it set by so much
set_by() {
	# shellcheck disable=SC2034 # what helpers.bash gives to each call
	local SANITIZERS=(LD_PRELOAD="$FOOTBRIDGE_BIN/../faults/clock.so" CLOCK="$1")

	"${@:2}"
}

# well COMMAND...: it is, and at once
well() {
	"$@"
	assert_ok
	assert_quick 2000
}

# holders: print "address container" for each lease
holders() {
	local ip

	for ip in $(leases); do
		echo "$ip $(head -n 1 "$STORE/net/$ip" | tr -d '\r')"
	done
}

# index: print the inode of the store's index, if it is whole
index() {
	local path=(/run/footbridge/leases/*)

	[[ $(stat -c %y "$STORE/net") != "$(stat -c %y "${path[*]}")" ]] || stat -c %i "${path[*]}"
}

# same_index COMMAND...: it is well, and the index outlives it
same_index() {
	local before

	before=$(index)
	well "$@"
	assert_eq "$(index)" "${before:-whole}" "index after: $*"
}

# goes_on SECONDS: all of it with the clock set so
goes_on() {
	local by=$1 name

	added a
	pod b c d e f
	for name in b c; do
		same_index set_by "$by" add "$name"
		pings "$name" 10.1.0.1
	done
	set_by "$by" add c
	assert_error 101 "DEL it first"
	assert_eq "$(holders | tr '\n' ' ')" "10.1.0.2 a 10.1.0.3 b 10.1.0.4 c "
	well set_by "$by" check a
	well check b
	same_index set_by "$by" del a
	refute_anything_left a
	# the next is behind the last, not in the place that is free
	same_index set_by "$by" add d
	same_index add e
	assert_eq "$(holders | tr '\n' ' ')" "10.1.0.3 b 10.1.0.4 c 10.1.0.5 d 10.1.0.6 e "
	same_index set_by "$by" add f
	assert_eq "$(pod_ip f)" 10.1.0.2
	# the clock was set right again
	same_index del b
	same_index set_by "$by" del e
	same_index del c
	same_index set_by "$by" del d
	same_index del f
	refute_anything_left f
	assert_eq "$(leases)" ""
}

@test "set forward by a year: nobody is forgotten, nobody comes twice, the order goes on" {
	goes_on $YEAR
}

@test "set back by a year: the same" {
	goes_on -$YEAR
}

@test "what others change in the store after the clock was set is seen" {
	local by
	for by in $YEAR -$YEAR; do
		added a
		well set_by "$by" added b
		printf 'z\r\neth0' >"$STORE/net/10.1.0.5"
		rm "$STORE/net/10.1.0.2"
		assert_eq "$(index)" "" "whole index"
		well set_by "$by" call DEL host-local z <<<"$CONF"
		assert_eq "$(leases)" 10.1.0.3
		same_index set_by "$by" del a
		printf 'z\r\neth0' >"$STORE/net/10.1.0.6"
		well call DEL host-local z <<<"$CONF"
		same_index set_by "$by" del b
		assert_eq "$(leases)" ""
		rm "$STORE/net/last_reserved_ip.0"
	done
}

# slowly COMMAND...: it waits for somebody, half a second, and is well
slowly() {
	"$@"
	assert_ok
	# shellcheck disable=SC2154 # of the helpers
	[[ $took -ge 400 && $took -lt 9000 ]] || fail "it took $took ms: $*"
}

@test "deadlines are not the clock's: who waits waits as long as ever" {
	added a
	pod b c d
	slowly set_by $YEAR call ADD bridge b < <(
		sleep 0.5 3>&- 4>&-
		echo "$CONF"
	)
	flock -F "$STORE/net/lock" sleep 1 3>&- 4>&- &
	eventually refute flock -n "$STORE/net/lock" true
	slowly set_by $YEAR add c
	cat >"$BATS_TEST_TMPDIR/slow" <<-'END'
		#!/bin/sh
		sleep 0.5
		echo '{"cniVersion": "1.1.0", "ips": [{"address": "10.1.0.6/29"}]}'
	END
	chmod +x "$BATS_TEST_TMPDIR/slow"
	CONF=$(conf '.ipam = {type: "slow"}') CNI_PATH=$BATS_TEST_TMPDIR slowly set_by $YEAR add d
	flock -F "$STORE/net/lock" sleep 100 3>&- 4>&- &
	background $!
	eventually refute flock -n "$STORE/net/lock" true
	set_by -$YEAR call DEL host-local c <<<"$CONF"
	assert_error 11 "held by another process for more than 10 s"
	[[ $took -ge 10000 && $took -lt 15000 ]] || fail "given up after $took ms"
}

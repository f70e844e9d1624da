#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# podman 4 with its CNI backend: the networks that it makes by itself, behind them
# Debian's portmap, firewall and tuning.

load helpers

setup() {
	case $(podman --version) in
	*' version 4.'*) ;;
	*) skip "this podman has no CNI: $(podman --version)" ;;
	esac
	install_plugins ours
	start_podman
}

addresses() {
	podman exec "$1" ip -o addr show "${2-eth0}"
}

routes() {
	podman exec "$1" ip route
}

remove_all() {
	podman rm -f -t 0 -a >/dev/null
	assert_nothing_left
	assert_calls_went_well
}

@test "the default network: a container is reached at a host port, and removed" {
	podman_run -d --name web -p 8080:80 "$IMAGE"
	podman exec web sh -c 'echo "from the container" >/tmp/index.html; httpd -p 80 -h /tmp'
	outside
	assert_in "$(addresses web)" 10.88.0.2/16
	assert_eq "$(in_pod outside curl -s -m 2 http://198.51.100.1:8080/index.html)" "from the container"
	assert_eq "$(calls 'map(select(.env.CNI_COMMAND == "ADD").plugin) | join(" ")')" \
		"bridge portmap firewall tuning"
	remove_all
	refute in_pod outside curl -s -m 2 http://198.51.100.1:8080/index.html
}

@test "a network of podman's making: static address and MAC, and a container beside it" {
	podman network create --subnet 10.90.0.0/24 made
	podman_run -d --name fixed --network made --ip 10.90.0.77 --mac-address 02:00:00:00:00:77 "$IMAGE"
	podman_run -d --name other --network made "$IMAGE"
	assert_in "$(addresses fixed)" 10.90.0.77/24
	assert_in "$(podman exec fixed ip link show eth0)" 02:00:00:00:00:77
	podman exec other ping -c 1 -W 1 10.90.0.77
	podman exec fixed ping -c 1 -W 1 10.90.0.1
	# it tells the one address in CNI_ARGS, on DEL, too
	assert_eq "$(calls 'map(select(.plugin == "bridge" and .env.CNI_COMMAND == "ADD"))[0].env.CNI_ARGS |
		split(";") | sort | join(";")')" \
		"IP=10.90.0.77;IgnoreUnknown=1;K8S_POD_NAME=fixed;MAC=02:00:00:00:00:77"
	podman network reload fixed
	assert_in "$(addresses fixed)" 10.90.0.77/24
	podman exec other ping -c 1 -W 1 10.90.0.77
	remove_all
}

@test "two networks, one of both families; connect and disconnect" {
	podman network create --subnet 10.90.0.0/24 one
	# the range's end is the broadcast address
	podman network create --ipv6 --subnet 10.91.0.0/24 --ip-range 10.91.0.128/25 \
		--subnet fd00:91::/64 --opt mtu=1400 two
	# podman takes them in any order, and names their interfaces in that order unless told
	podman_run -d --name both --network one:interface_name=eth0 --network two:interface_name=eth1 "$IMAGE"
	podman_run -d --name late --network one "$IMAGE"
	assert_in "$(addresses both eth0)" 10.90.0.2/24
	assert_in "$(addresses both eth1)" 10.91.0.129/24 fd00:91::2/64
	assert_in "$(podman exec both ip link show eth1)" "mtu 1400"
	# each network has a default route, and the second is no error
	assert_eq "$(routes both | grep -c ^default)" 2 "default routes"

	podman network connect two late
	assert_in "$(addresses late eth1)" 10.91.0.130/24 fd00:91::3/64
	podman exec late ping -c 1 -W 1 10.91.0.129
	podman exec late ping -c 1 -W 1 fd00:91::2
	podman network disconnect two late
	refute podman exec late ip link show eth1
	podman exec late ping -c 1 -W 1 10.90.0.2
	assert_eq "$(all_leases | sort | xargs)" "10.90.0.2 10.90.0.3 10.91.0.129 fd00:91::2"
	remove_all
}

@test "two addresses asked for, one of each family, without prefix lengths" {
	podman network create --ipv6 --subnet 10.91.0.0/24 --subnet fd00:91::/64 two
	podman_run -d --name fixed --network two:ip=10.91.0.9,ip=fd00:91::9 "$IMAGE"
	assert_eq "$(calls 'map(select(.plugin == "bridge" and .env.CNI_COMMAND == "ADD"))[0].stdin.runtimeConfig.ips |
		join(" ")')" "10.91.0.9 fd00:91::9"
	assert_in "$(addresses fixed)" 10.91.0.9/24 fd00:91::9/64
	remove_all
}

@test "an internal network has no gateway, and its containers reach each other" {
	podman network create --internal --subnet 10.92.0.0/24 inner
	podman_run -d --name one --network inner "$IMAGE"
	podman_run -d --name two --network inner "$IMAGE"
	podman exec one ping -c 1 -W 1 10.92.0.3
	assert_eq "$(routes one | grep -c ^default)" 0 "default routes"
	assert_eq "$(ip -o -4 addr show cni-podman1)" ""
	remove_all
}

gone() {
	! podman container exists "$1"
}

@test "a container that ends by itself is cleaned up by conmon's podman" {
	podman_run --rm "$IMAGE" true
	podman_run -d --rm --name short "$IMAGE" sh -c 'until [ -e /tmp/end ]; do sleep 0.1; done'
	assert_in "$(addresses short)" 10.88.0.3/16
	podman exec short touch /tmp/end
	in_time gone short
	assert_nothing_left
	assert_calls_went_well
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sysctl.h - switches below /proc/sys/net
 *
 * /proc/sys/net shows the namespace of the task that looks, so for a container
 * these are called inside netns_run().  A value is read before it is written:
 * where it is right already nothing is written, and a read-only /proc/sys is no
 * obstacle.
 */
#ifndef FOOTBRIDGE_SYSCTL_H
#define FOOTBRIDGE_SYSCTL_H

#include "error.h"

#define SYSCTL_DIR "/proc/sys/net"

#define SYSCTL_ABSENT 1	/* this kernel or namespace has no such switch (any more) */

/* An interface's switch: family "ipv4" or "ipv6", net/<family>/conf/<ifname>/<key>. */
struct sysctl {
	const char *family, *ifname, *key;
};

/* Read it, or make it be @value.  Return: 0; SYSCTL_ABSENT; -1 with ERROR_IO. */
int sysctl_get(const struct sysctl *sysctl, int *ret, struct error *e) _must_check_;
int sysctl_set(const struct sysctl *sysctl, int value, struct error *e) _must_check_;

/*
 * Is forwarding on for @family (AF_INET, AF_INET6)?  And turn it on.
 * net.ipv4.ip_forward and net.ipv6.conf.all.forwarding (kernel,
 * Documentation/networking/ip-sysctl.rst).
 * sysctl_can_forward(): is it on, or could it be turned on?
 * Return: sysctl_forwarding(): 1 on, 0 off, -1 with ERROR_IO;
 * the others: 0, -1 with ERROR_IO; sysctl_forward() also as sysctl_need_ipv6().
 */
int sysctl_forwarding(int family, struct error *e) _must_check_;
int sysctl_forward(int family, struct error *e) _must_check_;
int sysctl_can_forward(int family, struct error *e) _must_check_;

/*
 * Has the kernel IPv6, which it may have been started without?
 * Return: 0, also where that cannot be told; -1 with ERROR_UNSUPPORTED.
 */
int sysctl_need_ipv6(struct error *e) _must_check_;

/*
 * Have a device take no IPv6 router's word (accept_ra): through one that containers can
 * reach, a container must not become the host's router (CVE-2020-10749).  Where /proc/sys
 * is read-only the device serves all the same.
 */
void sysctl_ignore_routers(const char *device);

/*
 * Do frames from one bridge port to another pass the rules of iptables (AF_INET) or
 * ip6tables (AF_INET6)?  net.bridge.bridge-nf-call-*, of the module br_netfilter.
 * Return: 1 yes, 0 no, -1 with ERROR_IO.
 */
int sysctl_bridge_filter(int family, struct error *e) _must_check_;

#endif

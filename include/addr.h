/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * addr.h - sentences about the addresses of a device
 *
 * rtnetlink RTM_*ADDR (linux/if_addr.h).
 */
#ifndef FOOTBRIDGE_ADDR_H
#define FOOTBRIDGE_ADDR_H

#include <stdint.h>

#include "ip.h"
#include "nl.h"

/* It is there but of no use: another host has it (duplicate address detection, IFA_F_DADFAILED). */
#define ADDR_DUPLICATE 2

/*
 * Add an address.  IPv4 gets its broadcast address, which the kernel does not
 * fill in; IPv6 is usable at once with IFA_F_NODAD in @flags.
 * Return: 0; NL_EXISTS when the device has it, IPv4 with this prefix length, IPv6
 * with whatever (ipv6_add_addr(), net/ipv6/addrconf.c); NL_ABSENT; -1.
 */
int addr_add(struct nl *nl, int index, const struct prefix *prefix, uint32_t flags,
	     struct error *e) _must_check_;

/* Remove an address, be it point-to-point.  Return: 0, NL_ABSENT, -1. */
int addr_delete(struct nl *nl, int index, const struct prefix *prefix, struct error *e) _must_check_;

/* Called for each address.  @flags: IFA_F_*.  Return: 0 to go on, -1 with *e to stop. */
typedef int addr_visit(const struct prefix *prefix, uint32_t flags, void *arg, struct error *e);

/*
 * Visit the addresses of @family on a device, or on all of them where @index is 0; one may
 * be visited twice (nl_dump()).
 * Return: 0, -1.
 */
int addr_each(struct nl *nl, int index, int family, addr_visit *visit, void *arg,
	      struct error *e) _must_check_;

/*
 * The same in the namespace that the socket's own has given the number @nsid
 * (link->peer_nsid): IFA_TARGET_NETNSID, since Linux 4.20.
 * Return: 0; NL_UNSUPPORTED, when the kernel has it not; -1.
 */
int addr_each_in(struct nl *nl, int nsid, int index, int family, addr_visit *visit, void *arg,
		 struct error *e) _must_check_;

/*
 * Has the device, or where @index is 0 any, this address, whatever the prefix length?
 * @nsid: as of addr_each_in(); NULL for the socket's own namespace.
 * Return: 1 yes, 0 no, -1 also where the kernel cannot look into another namespace.
 */
int addr_is_at(struct nl *nl, const int *nsid, int index, const struct ip *ip,
	       struct error *e) _must_check_;

/*
 * Has the device this address with this prefix length?  Yes takes one message, no one more.
 * Return: 1 yes, 0 no, ADDR_DUPLICATE, -1.
 */
int addr_has(struct nl *nl, int index, const struct prefix *prefix, struct error *e) _must_check_;

/* What to say behind "lacks the address", of what addr_has() returned: the reason, or "". */
const char *addr_why(int has);

#endif

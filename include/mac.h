/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mac.h - Ethernet addresses as values
 */
#ifndef FOOTBRIDGE_MAC_H
#define FOOTBRIDGE_MAC_H

#include <stdbool.h>
#include <stdint.h>

#include "cleanup.h"
#include "error.h"
#include "ip.h"

#define MAC_TEXT 18

struct mac {
	uint8_t b[6];	/* all zero is "none" */
};

bool mac_is_none(const struct mac *mac);
bool mac_equal(const struct mac *a, const struct mac *b);

/*
 * Read a MAC as Go's net.ParseMAC does: 00:00:5e:00:53:01, 00-00-5e-00-53-01
 * or 0000.5e00.5301, six bytes.
 * Return: whether @text is one that an interface can carry (unicast, not all
 * zero); *ret is set only then.
 */
bool mac_parse(const char *text, struct mac *ret) _must_check_;

/* Write lower-case colon form.  Return: @text. */
const char *mac_print(const struct mac *mac, char text[static MAC_TEXT]);

/*
 * The MAC of a container with the address @ip (its first IPv4 address, or else its first): 0a:58 and the four bytes
 * of an IPv4 address, or four bytes of a hash of an IPv6 address.  A reused
 * address keeps its MAC, so neighbour entries elsewhere stay true.
 */
struct mac mac_from_ip(const struct ip *ip);

/*
 * A locally administered unicast MAC out of 64 bits of hash or chance.
 * @first: its first byte (0x02: any; 0xfe: sorts after real hardware, so that
 * a bridge that takes its lowest port's MAC does not take this one).
 */
struct mac mac_from_hash(uint8_t first, uint64_t hash);

/* The same out of the kernel's chance.  Return: 0; -1 where it gives none. */
int mac_choose(uint8_t first, struct mac *ret, struct error *e) _must_check_;

/*
 * Mark one that we chose, in its second and its last byte.  Of the MACs that begin with the
 * same byte, and that the kernel draws by chance (eth_random_addr(),
 * linux/etherdevice.h), one in 65536 bears the mark.
 */
void mac_mark(struct mac *mac);
bool mac_is_marked(const struct mac *mac);

#endif

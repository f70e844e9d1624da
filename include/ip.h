/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ip.h - address and prefix values, v4 and v6
 *
 * Plain values, copied by assignment.  Bytes are in network byte order, so a
 * value can go into a netlink attribute as it is and memcmp() orders addresses
 * of one family.  Texts are those of Go's net package, because they are file
 * names in host-local's store: RFC 5952, an IPv4-mapped IPv6 address is the
 * IPv4 address, and no other dotted quads inside IPv6.
 */
#ifndef FOOTBRIDGE_IP_H
#define FOOTBRIDGE_IP_H

#include <stdbool.h>
#include <stdint.h>

#include "cleanup.h"

#define IP_TEXT 46	/* enough for any ip_print() */
#define PREFIX_TEXT 50	/* enough for any prefix_print() */

/* An address; {0} is "none". */
struct ip {
	uint8_t len;	/* 4, 16, or 0 for none */
	uint8_t b[16];	/* network byte order; unused bytes are 0 */
};

/* An address with a prefix length; host bits may be set (10.1.0.5/16). */
struct prefix {
	struct ip ip;
	uint8_t bits;
};

/* Return: AF_INET, AF_INET6, or AF_UNSPEC for none. */
int ip_family(const struct ip *ip);

/* Return: "IPv4" or "IPv6", for messages. */
const char *ip_family_name(const struct ip *ip);

/* Build an address from its @len (4 or 16) network-order bytes. */
struct ip ip_from(const void *bytes, uint8_t len);

/*
 * Read an address as Go's net.ParseIP does: no zone, no leading zeros in a
 * dotted quad, no white space around it.
 * Return: whether @text is one; *ret is set only then.
 */
bool ip_parse(const char *text, struct ip *ret) _must_check_;

/* Write the canonical text.  Return: @text ("" for none). */
const char *ip_print(const struct ip *ip, char text[static IP_TEXT]);

/* Order within a family; another family compares by length, v4 first. */
int ip_compare(const struct ip *a, const struct ip *b);
bool ip_equal(const struct ip *a, const struct ip *b);

bool ip_is_none(const struct ip *ip);
bool ip_is_unspecified(const struct ip *ip);	/* 0.0.0.0 or :: */
bool ip_is_loopback(const struct ip *ip);	/* 127.0.0.0/8 or ::1 */
bool ip_is_link_local(const struct ip *ip);	/* 169.254.0.0/16 or fe80::/10 */

/* Step to the next or previous address.  Return: false at the end of the family's space, *ip unchanged. */
bool ip_next(struct ip *ip) _must_check_;
bool ip_previous(struct ip *ip) _must_check_;

/* Number of bits of this family: 32 or 128. */
uint8_t ip_bits(const struct ip *ip);

/*
 * Read "address/length" as Go's net.ParseCIDR does, host bits kept.  Stricter
 * than Go in two things: the length has no leading zeros, and an IPv4-mapped
 * address ("::ffff:10.0.0.0/104") makes no prefix.
 * Return: whether @text is one; *ret is set only then.
 */
bool prefix_parse(const char *text, struct prefix *ret) _must_check_;

/* The same, or "address" alone, which is a prefix of its own (10.1.0.5/32). */
bool prefix_read(const char *text, struct prefix *ret) _must_check_;

/* Write "address/length".  Return: @text. */
const char *prefix_print(const struct prefix *prefix, char text[static PREFIX_TEXT]);

/* The network with its host bits cleared; its first and its last address. */
struct prefix prefix_network(const struct prefix *prefix);
struct ip prefix_first(const struct prefix *prefix);
struct ip prefix_last(const struct prefix *prefix);

bool prefix_equal(const struct prefix *a, const struct prefix *b);
bool prefix_contains(const struct prefix *prefix, const struct ip *ip);
bool prefix_overlaps(const struct prefix *a, const struct prefix *b);
bool prefix_is_default(const struct prefix *prefix);	/* 0.0.0.0/0 or ::/0 */

#endif

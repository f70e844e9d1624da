/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ip.c - address and prefix values, v4 and v6
 *
 * All arithmetic is on the bytes, most significant first, so that both families
 * share every line but the printing.
 */
#include "ip.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define GROUPS 8 /* of 16 bits in an IPv6 address */

int ip_family(const struct ip *ip)
{
	switch (ip->len) {
	case 4:
		return AF_INET;
	case 16:
		return AF_INET6;
	default:
		return AF_UNSPEC;
	}
}

const char *ip_family_name(const struct ip *ip)
{
	return ip->len == 4 ? "IPv4" : "IPv6";
}

struct ip ip_from(const void *bytes, uint8_t len)
{
	struct ip ip = { 0 };

	if (len != 4 && len != 16)
		return ip;
	ip.len = len;
	memcpy(ip.b, bytes, len);
	return ip;
}

/* In ::ffff:0:0/96 (RFC 4291, section 2.5.5.2)? */
static bool is_mapped(const struct ip *ip)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return ip->len == 16 && !memcmp(ip->b, mapped, sizeof(mapped));
}

/* inet_pton() refuses zones, white space and leading zeros just as Go does. */
bool ip_parse(const char *text, struct ip *ret)
{
	uint8_t b[16];
	struct ip ip;

	if (inet_pton(AF_INET, text, b) == 1) {
		*ret = ip_from(b, 4);
		return true;
	}
	if (inet_pton(AF_INET6, text, b) != 1)
		return false;
	ip = ip_from(b, 16);
	*ret = is_mapped(&ip) ? ip_from(b + 12, 4) : ip;
	return true;
}

static void print_v4(const uint8_t b[static 4], char text[static IP_TEXT])
{
	(void)snprintf(text, IP_TEXT, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
}

/* Groups [from, to). */
struct run {
	size_t from, to;
};

/*
 * What "::" stands for: the longest run of zero groups, the first of equals,
 * never a single one.
 */
static struct run longest_zeros(const unsigned int group[static GROUPS])
{
	struct run best = { GROUPS, GROUPS };

	for (size_t from = 0; from < GROUPS; from++) {
		size_t to = from;

		while (to < GROUPS && group[to] == 0)
			to++;
		if (to - from >= 2 && to - from > best.to - best.from)
			best = (struct run){ from, to };
	}
	return best;
}

/* RFC 5952, section 4.  (inet_ntop() would print ::102:304 as ::1.2.3.4.) */
static void print_v6(const uint8_t b[static 16], char text[static IP_TEXT])
{
	unsigned int group[GROUPS];
	struct run zeros;
	char *end = text;

	for (size_t i = 0; i < GROUPS; i++)
		group[i] = (unsigned int)b[2 * i] << 8 | b[2 * i + 1];
	zeros = longest_zeros(group);
	for (size_t i = 0; i < GROUPS; i++) {
		bool first = i == 0 || i == zeros.to;

		if (i > zeros.from && i < zeros.to)
			continue;
		if (i == zeros.from)
			end = stpcpy(end, "::");
		else
			end += sprintf(end, "%s%x", first ? "" : ":", group[i]);
	}
}

const char *ip_print(const struct ip *ip, char text[static IP_TEXT])
{
	text[0] = '\0';
	if (ip->len == 4)
		print_v4(ip->b, text);
	else if (is_mapped(ip))
		print_v4(ip->b + 12, text);
	else if (ip->len == 16)
		print_v6(ip->b, text);
	return text;
}

int ip_compare(const struct ip *a, const struct ip *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->b, b->b, a->len);
}

bool ip_equal(const struct ip *a, const struct ip *b)
{
	return ip_compare(a, b) == 0;
}

bool ip_is_none(const struct ip *ip)
{
	return ip->len == 0;
}

static bool is_number(const struct ip *ip, uint8_t last_byte)
{
	static const uint8_t zeros[15];

	return ip->len && !memcmp(ip->b, zeros, (size_t)ip->len - 1) &&
	       ip->b[ip->len - 1] == last_byte;
}

bool ip_is_unspecified(const struct ip *ip)
{
	return is_number(ip, 0);
}

bool ip_is_loopback(const struct ip *ip)
{
	return ip->len == 4 ? ip->b[0] == 127 : is_number(ip, 1);
}

bool ip_is_link_local(const struct ip *ip)
{
	if (ip->len == 4)
		return ip->b[0] == 169 && ip->b[1] == 254;
	return ip->b[0] == 0xfe && (ip->b[1] & 0xc0) == 0x80;
}

/*
 * Move by one, carrying from the last byte upward.
 * @wraps: the byte that carries: 0xff going up, 0 going down.
 */
static bool step(struct ip *ip, uint8_t wraps, int by)
{
	struct ip moved = *ip;

	for (size_t i = ip->len; i-- > 0;) {
		bool carry = moved.b[i] == wraps;

		moved.b[i] = (uint8_t)(moved.b[i] + by);
		if (!carry) {
			*ip = moved;
			return true;
		}
	}
	return false;
}

bool ip_next(struct ip *ip)
{
	return step(ip, 0xff, 1);
}

bool ip_previous(struct ip *ip)
{
	return step(ip, 0, -1);
}

uint8_t ip_bits(const struct ip *ip)
{
	return (uint8_t)(ip->len * 8);
}

/* Digits alone, no sign, no leading zero, at most @max. */
static bool bits_parse(const char *text, uint8_t max, uint8_t *ret)
{
	unsigned int bits = 0;

	if (!*text || (text[0] == '0' && text[1]))
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		bits = bits * 10 + (unsigned int)(*text - '0');
		if (bits > max)
			return false;
	}
	*ret = (uint8_t)bits;
	return true;
}

/*
 * To Go, ::ffff:10.0.0.0/104 is an IPv4 address with a mask of 128 bits, which
 * no kernel interface can express.  Nobody means that: it is refused.
 */
bool prefix_parse(const char *text, struct prefix *ret)
{
	const char *slash = strchr(text, '/');
	struct prefix prefix = { 0 };
	char address[IP_TEXT] = "";

	if (!slash || slash - text >= IP_TEXT)
		return false;
	memcpy(address, text, (size_t)(slash - text));
	if (!ip_parse(address, &prefix.ip))
		return false;
	if (prefix.ip.len == 4 && strchr(address, ':'))
		return false;
	if (!bits_parse(slash + 1, ip_bits(&prefix.ip), &prefix.bits))
		return false;
	*ret = prefix;
	return true;
}

bool prefix_read(const char *text, struct prefix *ret)
{
	struct prefix alone = { 0 };

	if (!ip_parse(text, &alone.ip))
		return prefix_parse(text, ret);
	alone.bits = ip_bits(&alone.ip);
	*ret = alone;
	return true;
}

/*
 * The kernel does have prefixes such as ::ffff:0:0/96: here they stay IPv6, or
 * the length would lie.
 */
const char *prefix_print(const struct prefix *prefix, char text[static PREFIX_TEXT])
{
	size_t len;

	text[0] = '\0';
	if (ip_is_none(&prefix->ip))
		return text;
	if (prefix->ip.len == 4)
		print_v4(prefix->ip.b, text);
	else
		print_v6(prefix->ip.b, text);
	len = strlen(text);
	(void)snprintf(text + len, PREFIX_TEXT - len, "/%u", prefix->bits);
	return text;
}

/* The network's part of the i-th byte. */
static uint8_t mask_byte(const struct prefix *prefix, size_t i)
{
	size_t before = i * 8;

	if (prefix->bits <= before)
		return 0;
	if (prefix->bits >= before + 8)
		return 0xff;
	return (uint8_t)(0xff00 >> (prefix->bits - before));
}

struct ip prefix_first(const struct prefix *prefix)
{
	struct ip ip = prefix->ip;

	for (size_t i = 0; i < ip.len; i++)
		ip.b[i] = (uint8_t)(ip.b[i] & mask_byte(prefix, i));
	return ip;
}

struct ip prefix_last(const struct prefix *prefix)
{
	struct ip ip = prefix->ip;

	for (size_t i = 0; i < ip.len; i++)
		ip.b[i] = (uint8_t)(ip.b[i] | (0xff & ~mask_byte(prefix, i)));
	return ip;
}

struct prefix prefix_network(const struct prefix *prefix)
{
	return (struct prefix){ .ip = prefix_first(prefix), .bits = prefix->bits };
}

bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return a->bits == b->bits && ip_equal(&a->ip, &b->ip);
}

bool prefix_contains(const struct prefix *prefix, const struct ip *ip)
{
	if (ip_is_none(ip) || ip->len != prefix->ip.len)
		return false;
	for (size_t i = 0; i < ip->len; i++)
		if ((ip->b[i] ^ prefix->ip.b[i]) & mask_byte(prefix, i))
			return false;
	return true;
}

/*
 * Prefixes nest or are apart: they overlap where the wider holds the other's
 * address.
 */
bool prefix_overlaps(const struct prefix *a, const struct prefix *b)
{
	return a->bits <= b->bits ? prefix_contains(a, &b->ip)
				  : prefix_contains(b, &a->ip);
}

bool prefix_is_default(const struct prefix *prefix)
{
	return prefix->bits == 0 && ip_is_unspecified(&prefix->ip);
}

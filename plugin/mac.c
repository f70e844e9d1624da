/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mac.c - Ethernet addresses as values
 */
#include "mac.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "name.h"
#include "retry.h"

#define MAC_GROUP 0x01 /* first byte: a group's address (IEEE 802, I/G bit) */
#define MAC_LOCAL 0x02 /* first byte: locally administered (U/L bit) */
#define MARK 0xfb      /* second byte of those that we chose */

bool mac_is_none(const struct mac *mac)
{
	const struct mac none = { { 0 } };

	return mac_equal(mac, &none);
}

bool mac_equal(const struct mac *a, const struct mac *b)
{
	return !memcmp(a->b, b->b, sizeof(a->b));
}

/* Return: 0 to 15, or -1. */
static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/*
 * Read six bytes in groups of @group bytes, @separator between the groups.
 * Stops at the first wrong character, so it never reads past the NUL.
 */
static bool parse_form(const char *text, size_t group, char separator, struct mac *ret)
{
	for (size_t i = 0; i < sizeof(ret->b); i++) {
		int high, low;

		if (i && i % group == 0 && *text++ != separator)
			return false;
		high = hex_digit(*text);
		if (high < 0)
			return false;
		text++;
		low = hex_digit(*text);
		if (low < 0)
			return false;
		text++;
		ret->b[i] = (uint8_t)(high << 4 | low);
	}
	return !*text;
}

bool mac_parse(const char *text, struct mac *ret)
{
	static const struct {
		size_t group;
		char separator;
	} forms[] = { { 1, ':' }, { 1, '-' }, { 2, '.' } };
	struct mac mac;

	for (size_t i = 0; i < COUNT(forms); i++) {
		if (!parse_form(text, forms[i].group, forms[i].separator, &mac))
			continue;
		if (mac_is_none(&mac) || mac.b[0] & MAC_GROUP)
			return false;
		*ret = mac;
		return true;
	}
	return false;
}

const char *mac_print(const struct mac *mac, char text[static MAC_TEXT])
{
	(void)snprintf(text, MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac->b[0],
		       mac->b[1], mac->b[2], mac->b[3], mac->b[4], mac->b[5]);
	return text;
}

/* The four bytes that tell one address of a network from another. */
static uint32_t tell_apart(const struct ip *ip)
{
	char text[IP_TEXT];
	const char *const words[] = { ip_print(ip, text), NULL };

	if (ip->len == 4)
		return (uint32_t)ip->b[0] << 24 | (uint32_t)ip->b[1] << 16 |
		       (uint32_t)ip->b[2] << 8 | ip->b[3];
	return (uint32_t)(name_hash(words) >> 32);
}

struct mac mac_from_ip(const struct ip *ip)
{
	uint32_t tail = tell_apart(ip);

	return (struct mac){ {
		0x0a,
		0x58,
		(uint8_t)(tail >> 24),
		(uint8_t)(tail >> 16),
		(uint8_t)(tail >> 8),
		(uint8_t)tail,
	} };
}

struct mac mac_from_hash(uint8_t first, uint64_t hash)
{
	struct mac mac;

	mac.b[0] = (uint8_t)((first | MAC_LOCAL) & ~MAC_GROUP);
	for (size_t i = 1; i < sizeof(mac.b); i++) {
		mac.b[i] = (uint8_t)(hash >> 56);
		hash <<= 8;
	}
	return mac;
}

int mac_choose(uint8_t first, struct mac *ret, struct error *e)
{
	uint64_t chance = 0;

	if (retry(getrandom(&chance, sizeof(chance), 0)) != (ssize_t)sizeof(chance))
		return error_sys(e, errno, "cannot choose a MAC");
	*ret = mac_from_hash(first, chance);
	return 0;
}

/* Of the bytes in front of the last. */
static uint8_t check_byte(const struct mac *mac)
{
	unsigned int sum = 0;

	for (size_t i = 0; i + 1 < sizeof(mac->b); i++)
		sum = 31 * sum + mac->b[i];
	return (uint8_t)~sum;
}

void mac_mark(struct mac *mac)
{
	mac->b[1] = MARK;
	mac->b[sizeof(mac->b) - 1] = check_byte(mac);
}

bool mac_is_marked(const struct mac *mac)
{
	return mac->b[1] == MARK && mac->b[sizeof(mac->b) - 1] == check_byte(mac);
}

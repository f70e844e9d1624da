/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * utf8.c - where a character of UTF-8 ends (RFC 3629)
 */
#include "utf8.h"

bool utf8_continues(char byte)
{
	return (byte & 0xc0) == 0x80;
}

size_t utf8_length(const unsigned char *s, size_t left)
{
	unsigned char low = 0x80, high = 0xbf; /* of the second byte */
	size_t len;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (left < len || s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if (!utf8_continues((char)s[i]))
			return 0;
	return len;
}

size_t utf8_cut(const char *text, size_t len)
{
	while (len > 0 && utf8_continues(text[len]))
		len--;
	return len;
}

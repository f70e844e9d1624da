/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * utf8.h - where a character of UTF-8 ends (RFC 3629)
 *
 * Overlong forms, surrogates and what lies past U+10FFFF are broken.
 */
#ifndef FOOTBRIDGE_UTF8_H
#define FOOTBRIDGE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#define UTF8_MAX 4 /* bytes of a character */

/*
 * The length of the character at @s.
 * @left: how many bytes may be read, at least 1; UTF8_MAX in a text that a NUL ends, as
 *        nothing is read behind a byte that does not belong there.
 * Return: 1 to 4; 0 where it is broken.
 */
size_t utf8_length(const unsigned char *s, size_t left);

/* Is it any byte of a character but the first? */
bool utf8_continues(char byte);

/* Where to cut a text to at most @len of its bytes, so that no character is cut. */
size_t utf8_cut(const char *text, size_t len);

#endif

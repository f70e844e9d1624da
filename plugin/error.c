/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * error.c - why something failed, told once and carried up
 *
 * Every text is put together in a buffer of its own and only then copied, so
 * that a message may be quoted in its own successor.  What does not fit is cut
 * at the tail; nothing here allocates, nothing here fails.
 */
#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool is_continuation(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

/* The bytes a lead byte announces; 0 for one that never leads. */
static size_t utf8_announced(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef)
		return 3;
	if (lead >= 0xf0 && lead <= 0xf4)
		return 4;
	return 0;
}

/*
 * May @second follow @lead?  Four leads narrow the continuation range, against
 * overlong forms, surrogates and what lies past U+10FFFF (RFC 3629, section 4).
 * 0xc2 is narrowed here too: its lower half are the C1 control characters.
 */
static bool utf8_second_fits(unsigned char lead, unsigned char second)
{
	switch (lead) {
	case 0xc2:
	case 0xe0:
		return second >= 0xa0;
	case 0xed:
		return second <= 0x9f;
	case 0xf0:
		return second >= 0x90;
	case 0xf4:
		return second <= 0x8f;
	default:
		return true;
	}
}

/* The length of the printable character at @s, or 0 where there is none. */
static size_t printable_length(const unsigned char *s)
{
	size_t n = utf8_announced(s[0]);

	if (n == 1)
		return s[0] >= 0x20 && s[0] != 0x7f;
	for (size_t i = 1; i < n; i++)
		if (!is_continuation(s[i]))
			return 0; /* the end of the text stops here too */
	return n && utf8_second_fits(s[0], s[1]) ? n : 0;
}

void error_clean(char *text)
{
	while (*text) {
		size_t n = printable_length((const unsigned char *)text);

		if (n == 0)
			*text = '?';
		text += n ? n : 1;
	}
}

static void format_text(char text[static ERROR_TEXT], const char *format, va_list args)
{
	if (vsnprintf(text, ERROR_TEXT, format, args) < 0)
		text[0] = '\0';
	error_clean(text);
}

/* Append as much of @more as fits, behind @separator unless either is empty. */
static void append_text(char text[static ERROR_TEXT], const char *separator,
			const char *more)
{
	const char *const pieces[] = { *text && *more ? separator : "", more };
	size_t len = strlen(text);

	for (size_t i = 0; i < 2; i++) {
		size_t n = strnlen(pieces[i], ERROR_TEXT - 1 - len);

		memcpy(text + len, pieces[i], n);
		len += n;
	}
	text[len] = '\0';
	error_clean(text); /* the cut may have gone through a character */
}

void error_none(struct error *e)
{
	e->code = 0;
	e->foreign = false;
	e->msg[0] = e->details[0] = '\0';
}

static void fill(struct error *e, enum error_code code, const char msg[static ERROR_TEXT])
{
	error_none(e);
	e->code = code;
	memcpy(e->msg, msg, strlen(msg) + 1);
}

int error_set(struct error *e, enum error_code code, const char *format, ...)
{
	char msg[ERROR_TEXT];
	va_list args;

	va_start(args, format);
	format_text(msg, format, args);
	va_end(args);
	fill(e, code, msg);
	return -1;
}

static enum error_code code_of_errno(int errnum)
{
	switch (errnum) {
	case EAGAIN:
	case EBUSY:
	case ENOBUFS:
		return ERROR_AGAIN;
	case ENOMEM:
		return ERROR_MEMORY;
	default:
		return ERROR_IO;
	}
}

int error_sys(struct error *e, int errnum, const char *format, ...)
{
	char msg[ERROR_TEXT];
	va_list args;

	va_start(args, format);
	format_text(msg, format, args);
	va_end(args);
	append_text(msg, ": ", strerror(errnum));
	fill(e, code_of_errno(errnum), msg);
	return -1;
}

static void copy_text(char text[static ERROR_TEXT], const char *from)
{
	size_t len = strnlen(from, ERROR_TEXT - 1);

	while (len > 0 && is_continuation((unsigned char)from[len]))
		len--;
	memcpy(text, from, len);
	text[len] = '\0';
}

int error_foreign(struct error *e, int code, const char *msg, const char *details)
{
	e->code = (enum error_code)code;
	e->foreign = true;
	copy_text(e->msg, msg);
	copy_text(e->details, details);
	return -1;
}

int error_wrap(struct error *e, const char *format, ...)
{
	char msg[ERROR_TEXT];
	va_list args;

	if (e->foreign)
		return -1;
	va_start(args, format);
	format_text(msg, format, args);
	va_end(args);
	append_text(msg, ": ", e->msg);
	memcpy(e->msg, msg, ERROR_TEXT);
	return -1;
}

int error_details(struct error *e, const char *format, ...)
{
	char details[ERROR_TEXT];
	va_list args;

	if (e->foreign)
		return -1;
	va_start(args, format);
	format_text(details, format, args);
	va_end(args);
	memcpy(e->details, details, ERROR_TEXT);
	return -1;
}

void error_join(struct error *all, const struct error *one)
{
	if (!one->code)
		return;
	if (!all->code) {
		*all = *one;
		return;
	}
	all->foreign = false;
	append_text(all->msg, "; ", one->msg);
	append_text(all->details, "; ", one->details);
}

int error_gathered(const struct error *all, struct error *e)
{
	if (!all->code)
		return 0;
	*e = *all;
	return -1;
}

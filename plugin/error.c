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

#include "utf8.h"

/* C0, DEL, or C1: U+0080 to U+009F. */
static bool is_control(const unsigned char *s)
{
	return s[0] < 0x20 || s[0] == 0x7f || (s[0] == 0xc2 && s[1] < 0xa0);
}

void error_clean(char *text)
{
	while (*text) {
		const unsigned char *s = (const unsigned char *)text;
		size_t n = utf8_length(s, UTF8_MAX);

		if (n == 0 || is_control(s)) {
			*text = '?';
			n = 1;
		}
		text += n;
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
	const size_t len = utf8_cut(from, strnlen(from, ERROR_TEXT - 1));

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

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * writer.c - writing JSON, laid out as Go's encoding/json with four spaces
 *
 * Everything ends in append(); it alone allocates and it alone can fail.  Text
 * is escaped as Go does it by default, so that what is written here can be
 * compared byte by byte with what the Go plugins write.
 */
#include <stdio.h>
#include <string.h>

#include "utf8.h"
#include "writer.h"

#define FIRST_SIZE 1024 /* most results fit */

/* Make room for @len bytes and a NUL.  Return: whether there is room. */
static bool reserve(struct writer *w, size_t len)
{
	size_t need, size = w->size ? w->size : FIRST_SIZE;
	char *grown;

	if (w->failed || __builtin_add_overflow(w->len, len, &need))
		return false;
	while (size <= need)
		if (__builtin_mul_overflow(size, 2, &size))
			return false;
	if (size == w->size)
		return true;
	grown = realloc(w->text, size);
	if (!grown)
		return false;
	w->text = grown;
	w->size = size;
	return true;
}

static void append(struct writer *w, const char *text, size_t len)
{
	if (!reserve(w, len)) {
		w->failed = true;
		return;
	}
	memcpy(w->text + w->len, text, len);
	w->len += len;
	w->text[w->len] = '\0';
}

static void append_text(struct writer *w, const char *text)
{
	append(w, text, strlen(text));
}

static void append_line(struct writer *w)
{
	append_text(w, "\n");
	for (unsigned int i = 0; i < w->depth; i++)
		append_text(w, "    ");
}

/* The escapes of one letter.  Return: NULL where a byte has none. */
static const char *short_escape(unsigned char byte)
{
	static const struct {
		char byte, escape[3];
	} escapes[] = {
		{ '"', "\\\"" }, { '\\', "\\\\" }, { '\b', "\\b" }, { '\f', "\\f" },
		{ '\n', "\\n" }, { '\r', "\\r" },  { '\t', "\\t" },
	};

	for (size_t i = 0; i < COUNT(escapes); i++)
		if ((unsigned char)escapes[i].byte == byte)
			return escapes[i].escape;
	return NULL;
}

/* Go escapes these too, so that JSON may stand inside HTML. */
static bool is_escaped_letter(unsigned char byte)
{
	return byte < 0x20 || byte == '<' || byte == '>' || byte == '&';
}

/* U+2028 and U+2029, which old JavaScript took for line ends. */
static bool is_line_separator(const unsigned char *s, size_t len)
{
	return len == 3 && s[0] == 0xe2 && s[1] == 0x80 && (s[2] | 1) == 0xa9;
}

static void append_escape(struct writer *w, unsigned int code)
{
	char escape[16];

	(void)snprintf(escape, sizeof(escape), "\\u%04x", code);
	append_text(w, escape);
}

/* Write the sequence at @s, a broken byte as U+FFFD.  Return: the bytes used.
 */
static size_t append_sequence(struct writer *w, const unsigned char *s)
{
	size_t len = utf8_length(s, UTF8_MAX);
	const char *escape = short_escape(s[0]);

	if (len == 0)
		append_escape(w, 0xfffd);
	else if (escape)
		append_text(w, escape);
	else if (is_escaped_letter(s[0]))
		append_escape(w, s[0]);
	else if (is_line_separator(s, len))
		append_escape(w, 0x2000U | (s[2] & 0x3fU));
	else
		append(w, (const char *)s, len);
	return len ? len : 1;
}

static void append_quoted(struct writer *w, const char *value)
{
	const unsigned char *s = (const unsigned char *)value;

	append_text(w, "\"");
	while (*s)
		s += append_sequence(w, s);
	append_text(w, "\"");
}

/* What stands in front of a value: comma, line and key. */
static void append_lead(struct writer *w, const char *key)
{
	if (w->has_member)
		append_text(w, ",");
	if (w->depth > 0)
		append_line(w);
	w->has_member = true;
	if (!key)
		return;
	append_quoted(w, key);
	append_text(w, ": ");
}

void writer_open(struct writer *w, const char *key, char bracket)
{
	append_lead(w, key);
	append(w, &bracket, 1);
	w->depth++;
	w->has_member = false;
}

void writer_close(struct writer *w, char bracket)
{
	w->depth--;
	if (w->has_member)
		append_line(w);
	append(w, &bracket, 1);
	w->has_member = true;
}

void writer_string(struct writer *w, const char *key, const char *value)
{
	append_lead(w, key);
	append_quoted(w, value);
}

void writer_integer(struct writer *w, const char *key, int64_t value)
{
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%lld", (long long)value);
	append_lead(w, key);
	append_text(w, digits);
}

void writer_bool(struct writer *w, const char *key, bool value)
{
	append_lead(w, key);
	append_text(w, value ? "true" : "false");
}

const char *writer_text(const struct writer *w)
{
	if (w->failed)
		return NULL;
	return w->text ? w->text : "";
}

void writer_clear(struct writer *w)
{
	free(w->text);
	*w = (struct writer){ 0 };
}

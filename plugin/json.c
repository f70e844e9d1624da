/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json.c - reading JSON the way the runtimes' own language does
 *
 * Every byte is checked against the grammar of RFC 8259 first; cJSON then only
 * ever sees a sound document and has to build the tree.  So what it accepts
 * beyond the grammar does not matter here, nor what it does at the end of a
 * buffer that is cut short.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <cjson/cJSON.h>

#include "json.h"
#include "utf8.h"

#define DEPTH_MAX 64
#define NUMBER_MAX 63 /* cJSON reads a number through a buffer of 64 bytes */
#define WHOLE_MAX 9007199254740992.0 /* 2^53; beyond, a double may be a neighbour */

/* A walk over the bytes of a document. */
struct scan {
	const unsigned char *text;
	size_t at, len;
	unsigned int depth;
	const char *trouble; /* what is wrong at @at; NULL = nothing so far */
};

static bool scan_value(struct scan *s);

static bool fail(struct scan *s, const char *trouble)
{
	s->trouble = trouble;
	return false;
}

/* Return: the next byte, or -1 at the end. */
static int peek(const struct scan *s)
{
	return s->at < s->len ? s->text[s->at] : -1;
}

static bool take(struct scan *s, int byte)
{
	if (peek(s) != byte)
		return false;
	s->at++;
	return true;
}

static void skip_space(struct scan *s)
{
	while (take(s, ' ') || take(s, '\t') || take(s, '\n') || take(s, '\r'))
		;
}

static bool scan_word(struct scan *s, const char *word)
{
	size_t len = strlen(word);

	if (s->len - s->at < len || memcmp(s->text + s->at, word, len) != 0)
		return fail(s, "a value was expected");
	s->at += len;
	return true;
}

static bool is_digit(int byte)
{
	return byte >= '0' && byte <= '9';
}

static bool scan_digits(struct scan *s)
{
	if (!is_digit(peek(s)))
		return fail(s, "a digit was expected");
	while (is_digit(peek(s)))
		s->at++;
	return true;
}

/* A number that only infinity could stand for is none: Go says so, cJSON does not. */
static bool check_number(struct scan *s, size_t from)
{
	char digits[NUMBER_MAX + 1];
	size_t len = s->at - from;

	if (len > NUMBER_MAX)
		return fail(s, "this number is too long");
	memcpy(digits, s->text + from, len);
	digits[len] = '\0';
	return isfinite(strtod(digits, NULL)) || fail(s, "this number is too large");
}

static bool scan_number(struct scan *s)
{
	size_t from = s->at;

	(void)take(s, '-');
	if (!take(s, '0') && !scan_digits(s))
		return false;
	if (take(s, '.') && !scan_digits(s))
		return false;
	if (take(s, 'e') || take(s, 'E')) {
		if (!take(s, '+'))
			(void)take(s, '-');
		if (!scan_digits(s))
			return false;
	}
	return check_number(s, from);
}

/* Read the four hex digits behind "\u".  Return: their value, or -1. */
static int scan_hex4(struct scan *s)
{
	static const char hex[] = "0123456789abcdef0123456789ABCDEF";
	int value = 0;

	for (int i = 0; i < 4; i++) {
		int byte = peek(s);
		const char *digit = byte > 0 ? strchr(hex, byte) : NULL;

		if (!digit)
			return -1;
		value = value * 16 + (int)((digit - hex) % 16);
		s->at++;
	}
	return value;
}

static bool is_surrogate(int unit, int first)
{
	return unit >= first && unit < first + 0x400;
}

/* What follows "\u": one code unit, or a pair of surrogates. */
static bool scan_unicode(struct scan *s)
{
	int unit = scan_hex4(s);

	if (unit < 0)
		return fail(s, "four hex digits were expected after \\u");
	if (unit == 0)
		return fail(s, "\\u0000 is not allowed");
	if (is_surrogate(unit, 0xd800)) {
		if (take(s, '\\') && take(s, 'u') && is_surrogate(scan_hex4(s), 0xdc00))
			return true;
		return fail(s, "half of a surrogate pair is no character");
	}
	return !is_surrogate(unit, 0xdc00) ||
	       fail(s, "half of a surrogate pair is no character");
}

static bool scan_escape(struct scan *s)
{
	int byte = peek(s);

	if (byte <= 0 || !strchr("\"\\/bfnrtu", byte))
		return fail(s, "there is no such escape in JSON");
	s->at++;
	return byte != 'u' || scan_unicode(s);
}

/* One character inside a string. */
static bool scan_rune(struct scan *s)
{
	size_t len;

	if (take(s, '\\'))
		return scan_escape(s);
	if (s->text[s->at] < 0x20)
		return fail(s, "a control byte inside a string must be escaped");
	len = utf8_length(s->text + s->at, s->len - s->at);
	if (len == 0)
		return fail(s, "this is not UTF-8");
	s->at += len;
	return true;
}

static bool scan_string(struct scan *s)
{
	if (!take(s, '"'))
		return fail(s, "'\"' was expected");
	while (!take(s, '"')) {
		if (s->at == s->len)
			return fail(s, "the string has no end");
		if (!scan_rune(s))
			return false;
	}
	return true;
}

/* "key": in front of an object's member. */
static bool scan_key(struct scan *s)
{
	if (!scan_string(s))
		return false;
	skip_space(s);
	return take(s, ':') || fail(s, "':' was expected after the key");
}

/* What stands between the brackets of an object or array, and the closing one. */
static bool scan_members(struct scan *s, bool keys, int close)
{
	skip_space(s);
	if (take(s, close))
		return true;
	do {
		skip_space(s);
		if ((keys && !scan_key(s)) || !scan_value(s))
			return false;
		skip_space(s);
	} while (take(s, ','));
	if (take(s, close))
		return true;
	return fail(s, keys ? "',' or '}' was expected" : "',' or ']' was expected");
}

static bool scan_container(struct scan *s)
{
	bool keys = peek(s) == '{';

	if (s->depth == DEPTH_MAX)
		return fail(s, "the values are nested too deeply");
	s->at++;
	s->depth++;
	if (!scan_members(s, keys, keys ? '}' : ']'))
		return false;
	s->depth--;
	return true;
}

static bool scan_value(struct scan *s)
{
	skip_space(s);
	switch (peek(s)) {
	case '{':
	case '[':
		return scan_container(s);
	case '"':
		return scan_string(s);
	case 't':
		return scan_word(s, "true");
	case 'f':
		return scan_word(s, "false");
	case 'n':
		return scan_word(s, "null");
	default:
		if (peek(s) == '-' || is_digit(peek(s)))
			return scan_number(s);
		return fail(s, "a value was expected");
	}
}

static bool scan_document(struct scan *s)
{
	static const char mark[] = "\xef\xbb\xbf";

	if (s->len >= strlen(mark) && memcmp(s->text, mark, strlen(mark)) == 0)
		return fail(s, "a byte order mark (UTF-8 BOM) is in front of the "
			       "document");
	if (!scan_value(s))
		return false;
	skip_space(s);
	return s->at == s->len || fail(s, "there is more after the end of the document");
}

/* Where a walk is, as an editor counts: from 1, columns in bytes. */
static void count_lines(const struct scan *s, size_t *line, size_t *column)
{
	*line = *column = 1;
	for (size_t i = 0; i < s->at; i++) {
		bool ends_line = s->text[i] == '\n';

		*line += ends_line;
		*column = ends_line ? 1 : *column + 1;
	}
}

static int report(const struct scan *s, struct error *e)
{
	size_t line, column;

	count_lines(s, &line, &column);
	return error_set(e, ERROR_DECODE, "not valid JSON at line %zu, column %zu: %s",
			 line, column, s->trouble);
}

bool json_is_broken(const char *text, size_t len, size_t *line, size_t *column)
{
	struct scan s = { .text = (const unsigned char *)text, .len = len };

	if (scan_document(&s))
		return false;
	count_lines(&s, line, column);
	return true;
}

int json_parse(const char *text, size_t len, struct cJSON **ret, struct error *e)
{
	struct scan s = { .text = (const unsigned char *)text, .len = len };
	_cleanup_(json_freep) struct cJSON *tree = NULL;
	char shown[JSON_SHOW];

	skip_space(&s);
	if (s.at == len)
		return error_set(e, ERROR_DECODE, "empty: a JSON object was expected");
	if (!scan_document(&s))
		return report(&s, e);
	tree = cJSON_ParseWithLength(text, len);
	if (!tree)
		return error_set(e, ERROR_MEMORY, "out of memory while reading JSON");
	if (!json_is_object(tree))
		return error_set(e, ERROR_DECODE, "%s is not a JSON object",
				 json_show(tree, shown));
	*ret = tree;
	tree = NULL;
	return 0;
}

/* Past a string, whatever is in it. */
static void pass_string(struct scan *s)
{
	s->at++;
	while (s->at < s->len && s->text[s->at] != '"')
		s->at += s->text[s->at] == '\\' ? 2 : 1;
	s->at = s->at < s->len ? s->at + 1 : s->len;
}

/* Past an object's value and the space behind it, however deep it is. */
static void pass_value(struct scan *s)
{
	size_t depth = 0;

	for (int byte; (byte = peek(s)) >= 0;) {
		if (byte == '"') {
			pass_string(s);
			continue;
		}
		if (depth == 0 && (byte == ',' || byte == '}' || byte == ']'))
			return;
		depth += byte == '{' || byte == '[';
		depth -= byte == '}' || byte == ']';
		s->at++;
	}
}

/* @key: with its quotes. */
static bool is_one_of(const char *key, size_t len, const char *const keys[])
{
	for (; *keys; keys++) {
		if (len == strlen(*keys) + 2 && strncasecmp(key + 1, *keys, len - 2) == 0)
			return true;
	}
	return false;
}

/* Overwrite the values of these members of an object. */
static void blank(char *text, size_t len, const char *const members[])
{
	static const char null[] = { 'n', 'u', 'l', 'l' };
	struct scan s = { .text = (const unsigned char *)text, .len = len };

	skip_space(&s);
	if (!take(&s, '{'))
		return;
	do {
		size_t key, key_len, value;

		skip_space(&s);
		key = s.at;
		if (peek(&s) != '"')
			return;
		pass_string(&s);
		key_len = s.at - key;
		skip_space(&s);
		if (!take(&s, ':'))
			return;
		value = s.at;
		pass_value(&s);
		if (!is_one_of(text + key, key_len, members) ||
		    s.at - value < sizeof(null))
			continue;
		memset(text + value, ' ', s.at - value);
		memcpy(text + value, null, sizeof(null));
	} while (take(&s, ','));
}

int json_parse_without(const char *text, size_t len, const char *const members[],
		       struct cJSON **ret, struct error *e)
{
	_cleanup_(freep) char *copy = malloc(len + 1);

	if (!copy)
		return error_set(e, ERROR_MEMORY, "out of memory while reading JSON");
	memcpy(copy, text, len);
	blank(copy, len, members);
	return json_parse(copy, len, ret, e);
}

/*
 * Walk through a sound document beside its tree, whose values are in the same
 * order.  Return: whether @wanted was met; s->at is then where it begins.
 */
static bool seek(struct scan *s, const struct cJSON *value, const struct cJSON *wanted)
{
	skip_space(s);
	if (value == wanted)
		return true;
	if (!value->child) {
		(void)scan_value(s);
		return false;
	}
	for (value = value->child; value; value = value->next) {
		size_t from;

		s->at++; /* the bracket, or a comma */
		skip_space(s);
		from = s->at;
		if (value->string)
			(void)scan_key(s);
		if (seek(s, value, wanted)) {
			if (value == wanted)
				s->at = from;
			return true;
		}
		skip_space(s);
	}
	s->at++;
	return false;
}

bool json_locate(const char *text, size_t len, const struct cJSON *tree,
		 const struct cJSON *value, size_t *line, size_t *column)
{
	struct scan s = { .text = (const unsigned char *)text, .len = len };

	if (!tree || !value || !seek(&s, tree, value))
		return false;
	count_lines(&s, line, column);
	return true;
}

void json_freep(struct cJSON **tree)
{
	cJSON_Delete(*tree);
	*tree = NULL;
}

/* The last member of exactly this key; where there is none, of one like it. */
static const struct cJSON *find_last(const struct cJSON *object, const char *key,
				     bool exactly)
{
	const struct cJSON *exact = NULL, *similar = NULL;

	if (!json_is_object(object))
		return NULL;
	for (const struct cJSON *m = object->child; m; m = m->next) {
		if (strcmp(m->string, key) == 0)
			exact = m;
		else if (!exactly && strcasecmp(m->string, key) == 0)
			similar = m;
	}
	return exact ? exact : similar;
}

const struct cJSON *json_exact(const struct cJSON *object, const char *key)
{
	return find_last(object, key, true);
}

const struct cJSON *json_member(const struct cJSON *object, const char *key)
{
	return find_last(object, key, false);
}

const struct cJSON *json_get(const struct cJSON *object, const char *key)
{
	const struct cJSON *member = json_member(object, key);

	return cJSON_IsNull(member) ? NULL : member;
}

bool json_has(const struct cJSON *object, const char *key)
{
	return json_member(object, key) != NULL;
}

const struct cJSON *json_first(const struct cJSON *value)
{
	return value ? value->child : NULL;
}

const struct cJSON *json_next(const struct cJSON *value)
{
	return value ? value->next : NULL;
}

const char *json_key(const struct cJSON *value)
{
	return value && value->string ? value->string : "";
}

bool json_is_object(const struct cJSON *value)
{
	return cJSON_IsObject(value);
}

bool json_is_array(const struct cJSON *value)
{
	return cJSON_IsArray(value);
}

const char *json_string(const struct cJSON *value)
{
	return cJSON_GetStringValue(value);
}

bool json_bool(const struct cJSON *value, bool *ret)
{
	if (!cJSON_IsBool(value))
		return false;
	*ret = cJSON_IsTrue(value);
	return true;
}

bool json_integer(const struct cJSON *value, int64_t min, int64_t max, int64_t *ret)
{
	double number;
	int64_t whole;

	if (!cJSON_IsNumber(value))
		return false;
	number = value->valuedouble;
	if (!(fabs(number) <= WHOLE_MAX))
		return false;
	whole = (int64_t)number;
	if ((double)whole < number || (double)whole > number)
		return false;
	if (whole < min || whole > max)
		return false;
	*ret = whole;
	return true;
}

/* Copy as much of @from as fits; what is cut ends in "..." and not inside a character. */
static void copy_cut(const char *from, char text[static JSON_SHOW])
{
	static const char dots[] = "...";
	size_t len = strlen(from), end;

	if (len < JSON_SHOW) {
		memcpy(text, from, len + 1);
		return;
	}
	end = utf8_cut(from, JSON_SHOW - sizeof(dots));
	memcpy(text, from, end);
	memcpy(text + end, dots, sizeof(dots));
}

const char *json_show(const struct cJSON *value, char text[static JSON_SHOW])
{
	_cleanup_(freep) char *printed = value ? cJSON_PrintUnformatted(value) : NULL;

	copy_cut(printed ? printed : value ? "this value" : "null", text);
	return text;
}

/*
 * cJSON prints 1000000000000000 as 1e+15, which others do not take for a whole number.
 * The depth is what json_parse() lets through.
 */
static bool spell_out(cJSON *value)
{
	char digits[32];
	int64_t whole;

	for (cJSON *child = value->child; child; child = child->next) {
		if (!spell_out(child))
			return false;
	}
	if (!json_integer(value, INT64_MIN, INT64_MAX, &whole) ||
	    fabs(value->valuedouble) < 1e15)
		return true;
	(void)snprintf(digits, sizeof(digits), "%" PRId64, whole);
	value->valuestring = strdup(digits);
	value->type = cJSON_Raw;
	return value->valuestring;
}

static char *with(const struct cJSON *object, const char *const members[][2], size_t n,
		  cJSON *(*add)(cJSON *object, const char *key, const char *text))
{
	struct cJSON *copy = cJSON_Duplicate(object, true);
	char *text = NULL;
	bool whole = copy && spell_out(copy);

	for (size_t i = 0; whole && i < n; i++) {
		/* whatever the case of its letters, and however often */
		while (cJSON_HasObjectItem(copy, members[i][0]))
			cJSON_DeleteItemFromObject(copy, members[i][0]);
		whole = add(copy, members[i][0], members[i][1]);
	}
	if (whole)
		text = cJSON_PrintUnformatted(copy);
	cJSON_Delete(copy);
	return text;
}

char *json_with(const struct cJSON *object, const char *const members[][2], size_t n)
{
	return with(object, members, n, cJSON_AddStringToObject);
}

char *json_with_values(const struct cJSON *object, const char *const members[][2],
		       size_t n)
{
	return with(object, members, n, cJSON_AddRawToObject);
}

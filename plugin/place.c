/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * place.c - where a value stands in a JSON document, and what is wrong with it
 */
#include "place.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "json.h"

const char *place_print(const struct place *at, char text[static PLACE_TEXT])
{
	size_t len;

	text[0] = '\0';
	if (!at)
		return text;
	len = strlen(place_print(at->in, text));
	if (at->key)
		(void)snprintf(text + len, PLACE_TEXT - len, "%s%s", len ? "." : "",
			       at->key);
	else
		(void)snprintf(text + len, PLACE_TEXT - len, "[%zu]", at->index);
	return text;
}

static int tell(const struct place *at, struct error *e, enum error_code code,
		const char *message)
{
	char path[PLACE_TEXT];

	if (!at)
		return error_set(e, code, "%s", message);
	return error_set(e, code, "\"%s\": %s", place_print(at, path), message);
}

int place_error(const struct place *at, struct error *e, enum error_code code,
		const char *format, ...)
{
	char message[ERROR_TEXT];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	return tell(at, e, code, message);
}

int place_refuse(const struct place *at, const struct cJSON *value, struct error *e,
		 enum error_code code, const char *trouble, ...)
{
	char shown[JSON_SHOW], message[ERROR_TEXT];
	va_list args;
	int len = snprintf(message, sizeof(message), "%s ", json_show(value, shown));

	va_start(args, trouble);
	(void)vsnprintf(message + len, sizeof(message) - (size_t)len, trouble, args);
	va_end(args);
	return tell(at, e, code, message);
}

int place_tell(const struct place *at, struct error *e)
{
	while (at && at->in)
		at = at->in;
	if (!at || !at->listener || e->code == ERROR_MEMORY)
		return -1;
	if (e->code)
		at->listener->hear(e, at->listener->arg);
	e->code = 0;
	return 0;
}

/* One step down: "key" or "[index]" at *path, which is moved behind it and a dot. */
static const struct cJSON *step(const struct cJSON *value, const char **path,
				const char *end)
{
	const char *from = *path;
	char key[PLACE_TEXT];
	size_t len = 0, index = 0;

	if (*from == '[') {
		for (*path = from + 1; *path < end && **path != ']'; ++*path)
			index = index * 10 + (size_t)(**path - '0');
		*path += *path < end;
		for (value = json_first(value); value && index > 0; index--)
			value = json_next(value);
	} else {
		while (from + len < end && !strchr(".[", from[len]))
			len++;
		(void)snprintf(key, sizeof(key), "%.*s", (int)len, from);
		*path = from + len;
		value = json_member(value, key);
	}
	*path += *path < end && **path == '.';
	return value;
}

const struct cJSON *place_find(const struct cJSON *tree, const char *path, size_t len)
{
	const char *end = path + len;
	const struct cJSON *found = tree;

	while (path < end) {
		const char *from = path;

		tree = step(tree, &path, end);
		if (!tree || path == from)
			break;
		found = tree;
	}
	return found;
}

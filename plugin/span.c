/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * span.c - spans of addresses, as an interval set of nf_tables wants them
 */
#include "span.h"

#include <inttypes.h>
#include <stdio.h>

#include "list.h"
#include "name.h"

#define HASH_TEXT 17 /* 64 bits in hex, and NUL */

static int by_first(const void *a, const void *b)
{
	const struct span *one = a, *other = b;

	return ip_compare(&one->first, &other->first);
}

/* Does @next begin inside @span or right behind it? */
static bool touches(const struct span *span, const struct span *next)
{
	struct ip behind = span->last;

	if (!ip_next(&behind))
		return true;
	return ip_compare(&next->first, &behind) <= 0;
}

/* Join what touches, in an ordered array.  Return: how many are left. */
static size_t join(struct span *spans, size_t n)
{
	size_t kept = 0;

	for (size_t i = 1; i < n; i++) {
		struct span *span = &spans[kept];

		if (!touches(span, &spans[i]))
			spans[++kept] = spans[i];
		else if (ip_compare(&span->last, &spans[i].last) < 0)
			span->last = spans[i].last;
	}
	return n ? kept + 1 : 0;
}

int span_merge(const struct prefix *prefixes, size_t n_prefixes, int family,
	       struct span **ret, size_t *n, struct error *e)
{
	struct span *spans = NULL;
	size_t found = 0;

	for (size_t i = 0; i < n_prefixes; i++) {
		if (ip_family(&prefixes[i].ip) != family)
			continue;
		if (list_grow(&spans, found, sizeof(*spans), e) < 0) {
			free(spans);
			return -1;
		}
		spans[found++] = (struct span){ .first = prefix_first(&prefixes[i]),
						.last = prefix_last(&prefixes[i]) };
	}
	if (found)
		qsort(spans, found, sizeof(*spans), by_first);
	*ret = spans;
	*n = join(spans, found);
	return 0;
}

uint64_t span_hash(const struct span *spans, size_t n)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < n; i++) {
		char before[HASH_TEXT], first[IP_TEXT], last[IP_TEXT];
		const char *const words[] = { before, first, last, NULL };

		(void)snprintf(before, sizeof(before), "%" PRIx64, hash);
		ip_print(&spans[i].first, first);
		ip_print(&spans[i].last, last);
		hash = name_hash(words);
	}
	return hash;
}

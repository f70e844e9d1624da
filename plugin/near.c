/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * near.c - which known word was meant by an unknown one
 *
 * The distance of Damerau and Levenshtein in its restricted form: two letters that
 * were swapped are not touched again.
 */
#include "near.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define PART_MIN 4 /* letters; shorter ones are a part of too much */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool is_same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

size_t near_distance(const char *one, const char *other)
{
	size_t rows[3][NEAR_WORD], n = strnlen(one, NEAR_WORD);
	size_t m = strnlen(other, NEAR_WORD);

	if (n == NEAR_WORD || m == NEAR_WORD)
		return NEAR_WORD;
	/* rows[i % 3][j]: from the first i letters of one to the first j of the other */
	for (size_t i = 0; i <= n; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			if (i == 0) {
				row[j] = j;
				continue;
			}
			row[j] = least(above[j], row[j - 1]) + 1;
			row[j] = least(row[j],
				       above[j - 1] + !is_same(one[i - 1], other[j - 1]));
			if (i > 1 && j > 1 && is_same(one[i - 1], other[j - 2]) &&
			    is_same(one[i - 2], other[j - 1]))
				row[j] = least(row[j], before[j - 2] + 1);
		}
	}
	return rows[n % 3][m];
}

static bool is_part(const char *one, const char *other)
{
	return strlen(one) >= PART_MIN && strcasestr(other, one);
}

void near_offer(struct near *near, const char *word)
{
	size_t a = strlen(near->word), b = strlen(word);
	size_t distance = near_distance(near->word, word);

	if (distance == NEAR_WORD ||
	    (distance > (a > b ? a : b) / 3 && !is_part(near->word, word) &&
	     !is_part(word, near->word)))
		return;
	if (*near->best && near->distance <= distance)
		return;
	near->distance = distance;
	(void)snprintf(near->best, sizeof(near->best), "%s", word);
}

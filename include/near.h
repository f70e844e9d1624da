/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * near.h - which known word was meant by an unknown one
 */
#ifndef FOOTBRIDGE_NEAR_H
#define FOOTBRIDGE_NEAR_H

#include <stddef.h>

#define NEAR_WORD 64	/* longer words have no neighbours; with the NUL */

/*
 * How many letters must be inserted, removed, changed, or swapped with the one
 * behind them to get from one word to the other; the case of letters does not count.
 * Return: NEAR_WORD where one of them is too long to be compared.
 */
size_t near_distance(const char *one, const char *other);

/* A search: {.word = "isGatewy"}, near_offer() for each word, then read best. */
struct near {
	const char *word;
	char best[NEAR_WORD];	/* "" = nothing near enough so far */
	size_t distance;	/* of the best */
};

/*
 * Consider a word.  Near enough is a third of the longer one's letters, or that
 * one, from four letters on, is a part of the other ("hairpin" of "hairpinMode").
 */
void near_offer(struct near *near, const char *word);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stats.h - what is said of many measurements
 */
#ifndef FOOTBRIDGE_BENCH_STATS_H
#define FOOTBRIDGE_BENCH_STATS_H

#include <stddef.h>

/* Measurements in the order in which they were taken.  All zero = none. */
struct samples {
	double *v;
	size_t n, room;
};

/* Add one.  Ends the program when memory runs out. */
void samples_add(struct samples *s, double value);

/* Forget them.  For _cleanup_. */
void samples_clear(struct samples *s);

/*
 * The smallest sample that at least @percent of them do not exceed (nearest rank);
 * 0 percent is the smallest, 100 the largest.
 * Return: 0 where there is no sample.
 */
double samples_percentile(const struct samples *s, double percent);

/* The middle one, or halfway between the two in the middle.  Return: 0 where there is none. */
double samples_median(const struct samples *s);

/* Return: 0 where there is none. */
double samples_mean(const struct samples *s);

/* How two things compare that were measured in the same rounds. */
struct ratio {
	double median, min, max;	/* 0 where no round has both */
	size_t rounds;
};

/*
 * Compare round by round: over[i] / under[i].  The machine may be in another mood in
 * the next round, so figures of different rounds are never divided.  A round in which
 * either is 0 (a call failed) is left out.
 */
struct ratio ratio_of(const struct samples *over, const struct samples *under);

#endif

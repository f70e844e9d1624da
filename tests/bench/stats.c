/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stats.c - what is said of many measurements
 */
#include "stats.h"

#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

void samples_add(struct samples *s, double value)
{
	if (s->n == s->room) {
		size_t room = s->room ? 2 * s->room : 64;
		double *v = reallocarray(s->v, room, sizeof(*v));

		if (!v)
			err(1, "samples");
		s->v = v;
		s->room = room;
	}
	s->v[s->n++] = value;
}

void samples_clear(struct samples *s)
{
	free(s->v);
	*s = (struct samples){ 0 };
}

static int by_value(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/* Return: a sorted copy, to be freed; NULL where there are no samples. */
static double *sorted(const struct samples *s)
{
	double *v;

	if (s->n == 0)
		return NULL;
	v = reallocarray(NULL, s->n, sizeof(*v));
	if (!v)
		err(1, "samples");
	memcpy(v, s->v, s->n * sizeof(*v));
	qsort(v, s->n, sizeof(*v), by_value);
	return v;
}

double samples_percentile(const struct samples *s, double percent)
{
	_cleanup_(freep) double *v = sorted(s);
	/* 99.9 * 1000 / 100 is a little more than 999 */
	size_t rank = (size_t)ceil(percent * (double)s->n / 100 - 1e-9);

	if (!v)
		return 0;
	return v[rank > 0 ? rank - 1 : 0];
}

double samples_median(const struct samples *s)
{
	_cleanup_(freep) double *v = sorted(s);

	if (!v)
		return 0;
	return (v[(s->n - 1) / 2] + v[s->n / 2]) / 2;
}

double samples_mean(const struct samples *s)
{
	double sum = 0;

	for (size_t i = 0; i < s->n; i++)
		sum += s->v[i];
	return s->n ? sum / (double)s->n : 0;
}

struct ratio ratio_of(const struct samples *over, const struct samples *under)
{
	_cleanup_(samples_clear) struct samples ratios = { 0 };

	for (size_t i = 0; i < over->n && i < under->n; i++)
		if (over->v[i] > 0 && under->v[i] > 0)
			samples_add(&ratios, over->v[i] / under->v[i]);
	return (struct ratio){
		.median = samples_median(&ratios),
		.min = samples_percentile(&ratios, 0),
		.max = samples_percentile(&ratios, 100),
		.rounds = ratios.n,
	};
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * target.h - what is promised, and whether it is kept
 */
#ifndef FOOTBRIDGE_BENCH_TARGET_H
#define FOOTBRIDGE_BENCH_TARGET_H

#include "book.h"

enum verdict { NOT_MEASURED, MET, MISSED };

struct finding {
	const char *what, *goal;
	char measured[160];	/* where it is not: why, or "" */
	enum verdict verdict;
};

extern const size_t target_count;

/*
 * Hold the book against target number @i.
 * @slack: 1; or less, to let pass what comes so near to it (0.6: 60 percent of a factor,
 * 1 / 0.6 of a limit).
 */
struct finding target_find(size_t i, const struct book *book, double slack);

/* Is it one of those that "bench --smoke" guards? */
bool target_is_guarded(size_t i);

#endif

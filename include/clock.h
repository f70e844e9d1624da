/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock.h - how much time has passed
 */
#ifndef FOOTBRIDGE_CLOCK_H
#define FOOTBRIDGE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds of a clock that nobody sets. */
static inline int64_t clock_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif

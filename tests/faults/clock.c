/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock.c - a library to preload: the clock is being set
 *
 * Each look at the time of day finds it $CLOCK seconds (forward, or back where there is a
 * '-') from where the last look has found it.  No other clock is touched.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t step, set; /* by how much, each time and so far */

static __attribute__((constructor)) void be_told(void)
{
	const char *told = getenv("CLOCK");

	step = told ? strtol(told, NULL, 10) : 0;
}

static bool is_of_day(clockid_t id)
{
	return id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE || id == CLOCK_TAI;
}

/* libc's own names are reserved, here and below. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int clock_gettime(clockid_t id, struct timespec *ret)
{
	int r = (int)syscall(SYS_clock_gettime, id, ret);

	if (r == 0 && is_of_day(id))
		ret->tv_sec += set += step;
	return r;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
time_t time(time_t *ret)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (ret)
		*ret = now.tv_sec;
	return now.tv_sec;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		return -1;
	*ret = (struct timeval){ now.tv_sec, now.tv_nsec / 1000 };
	return 0;
}

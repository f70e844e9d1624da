/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lock.c - waiting for one's turn
 */
#include "lock.h"

#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/time.h>

#include "clock.h"

/* An alarm that comes before flock() sleeps is followed by others. */
#define AGAIN_US 100000

/* What the signal is for is that flock() ends. */
static void wake(int number)
{
	(void)number;
}

static int stand_in_line(int fd, unsigned int seconds)
{
	const struct itimerval alarm = { .it_value.tv_sec = (time_t)seconds,
					 .it_interval.tv_usec = AGAIN_US };
	const struct itimerval never = { 0 };
	const struct sigaction ring = { .sa_handler = wake };
	const int64_t end = clock_ms() + seconds * INT64_C(1000);
	struct sigaction before;
	int r;

	if (sigaction(SIGALRM, &ring, &before) < 0)
		return errno;
	r = setitimer(ITIMER_REAL, &alarm, NULL) < 0 ? errno : EINTR;
	while (r == EINTR && clock_ms() < end)
		r = flock(fd, LOCK_EX) < 0 ? errno : 0;
	(void)setitimer(ITIMER_REAL, &never, NULL);
	(void)sigaction(SIGALRM, &before, NULL);
	return r == EINTR ? ETIMEDOUT : r;
}

int lock_take(int fd, unsigned int seconds)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return errno == EWOULDBLOCK || errno == EINTR ? stand_in_line(fd, seconds)
						      : errno;
}

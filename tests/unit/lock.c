/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lock.c - tests of lock.h: other processes hold the lock, or queue for it
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lock.h"

#define RIVALS 4

static char path[] = "/tmp/lock.XXXXXX";
static pid_t rivals[RIVALS];

static int enter(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	alarm(20); /* for a lock that is waited for without end */
	return fd < 0 ? -1 : close(fd);
}

static int leave(void **state)
{
	(void)state;
	for (int i = 0; i < RIVALS; i++) {
		if (rivals[i] > 0) {
			(void)kill(rivals[i], SIGKILL);
			(void)waitpid(rivals[i], NULL, 0);
			rivals[i] = 0;
		}
	}
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "/tmp/lock.XXXXXX");
	alarm(0);
	return 0;
}

static int open_it(void)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void nap(long ms)
{
	const struct timespec time = { .tv_nsec = ms * 1000000 };

	(void)nanosleep(&time, NULL);
}

/* Hold the lock for @ms, and again, behind whoever queues. */
static void compete(long ms, bool again)
{
	int fd = open_it();

	do {
		if (flock(fd, LOCK_EX) < 0)
			_exit(1);
		nap(ms);
		(void)flock(fd, LOCK_UN);
	} while (again);
	_exit(0);
}

/* Returns once the lock is held. */
static void begin_rivals(int n, long ms, bool again)
{
	_cleanup_(closep) int fd = open_it();

	for (int i = 0; i < n; i++) {
		rivals[i] = fork();
		assert_true(rivals[i] >= 0);
		if (rivals[i] == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			compete(ms, again);
		}
	}
	while (flock(fd, LOCK_SH | LOCK_NB) == 0) {
		(void)flock(fd, LOCK_UN);
		nap(1);
	}
}

static bool is_held(void)
{
	_cleanup_(closep) int fd = open_it();

	return flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

static void a_free_lock_is_taken(void **state)
{
	_cleanup_(closep) int fd = open_it();

	(void)state;
	assert_int_equal(lock_take(fd, 1), 0);
	assert_true(is_held());
}

static void a_held_one_is_waited_for(void **state)
{
	_cleanup_(closep) int fd = open_it();

	(void)state;
	begin_rivals(1, 300, false);
	assert_int_equal(lock_take(fd, 10), 0);
	assert_true(is_held());
}

static void not_for_ever(void **state)
{
	_cleanup_(closep) int fd = open_it();
	const time_t begin = time(NULL);

	(void)state;
	begin_rivals(1, 999, true);
	assert_int_equal(kill(rivals[0], SIGSTOP), 0);
	assert_int_equal(lock_take(fd, 1), ETIMEDOUT);
	assert_true(time(NULL) - begin < 10);
}

/* Who only asks now and then finds it held each time. */
static void others_queue_for_it_without_end(void **state)
{
	_cleanup_(closep) int fd = open_it();

	(void)state;
	begin_rivals(RIVALS, 50, true);
	assert_int_equal(lock_take(fd, 5), 0);
}

static void count(int number)
{
	(void)number;
}

static void the_alarm_is_the_callers_again(void **state)
{
	const struct sigaction mine = { .sa_handler = count };
	struct sigaction then;
	struct itimerval timer;
	_cleanup_(closep) int fd = open_it();

	(void)state;
	alarm(0);
	assert_int_equal(sigaction(SIGALRM, &mine, NULL), 0);
	begin_rivals(1, 200, false);
	assert_int_equal(lock_take(fd, 10), 0);
	assert_int_equal(sigaction(SIGALRM, NULL, &then), 0);
	assert_true(then.sa_handler == count);
	assert_int_equal(getitimer(ITIMER_REAL, &timer), 0);
	assert_true(timer.it_value.tv_sec == 0 && timer.it_value.tv_usec == 0);
	(void)signal(SIGALRM, SIG_DFL);
}

static void what_cannot_be_locked_is_told(void **state)
{
	(void)state;
	assert_int_equal(lock_take(-1, 1), EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_free_lock_is_taken, enter, leave),
		cmocka_unit_test_setup_teardown(a_held_one_is_waited_for, enter, leave),
		cmocka_unit_test_setup_teardown(not_for_ever, enter, leave),
		cmocka_unit_test_setup_teardown(others_queue_for_it_without_end, enter,
						leave),
		cmocka_unit_test_setup_teardown(the_alarm_is_the_callers_again, enter,
						leave),
		cmocka_unit_test(what_cannot_be_locked_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

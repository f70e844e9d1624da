/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nameless.c - tests of nameless.h: what others see in the directory, and when
 *
 * link with: -Wl,--wrap=linkat
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nameless.h"

static char path[] = "/tmp/nameless.XXXXXX";
static int dir, fd;
static bool old; /* a kernel before 6.10, to a process without CAP_DAC_READ_SEARCH */

int __real_linkat(int from, const char *old_path, int to, const char *new_path,
		  int flags);
int __wrap_linkat(int from, const char *old_path, int to, const char *new_path,
		  int flags);

int __wrap_linkat(int from, const char *old_path, int to, const char *new_path, int flags)
{
	if (old && flags & AT_EMPTY_PATH) {
		errno = ENOENT;
		return -1;
	}
	return __real_linkat(from, old_path, to, new_path, flags);
}

static int enter(void **state)
{
	(void)state;
	old = false;
	dir = mkdtemp(path) ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	fd = nameless_open(dir, ".", 0600);
	return fd < 0 || write(fd, "text", 4) != 4 ? -1 : 0;
}

static int leave(void **state)
{
	(void)state;
	(void)unlinkat(dir, "it", 0);
	(void)close(fd);
	(void)close(dir);
	(void)rmdir(path);
	(void)strcpy(path, "/tmp/nameless.XXXXXX");
	return 0;
}

static void it_is_there_when_it_is_whole(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(fstatat(dir, "it", &st, 0), -1);
	assert_int_equal(nameless_name(fd, dir, "it"), 0);
	assert_int_equal(fstatat(dir, "it", &st, 0), 0);
	assert_int_equal(st.st_size, 4);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_nlink, 1);
}

static void a_name_that_is_taken_stays(void **state)
{
	int other = openat(dir, "it", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	struct stat st;

	(void)state;
	assert_true(other >= 0);
	(void)close(other);
	assert_int_equal(nameless_name(fd, dir, "it"), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(fstatat(dir, "it", &st, 0), 0);
	assert_int_equal(st.st_size, 0);
}

static void an_older_kernel_is_asked_by_proc(void **state)
{
	old = true;
	it_is_there_when_it_is_whole(state);
	assert_int_equal(nameless_name(fd, dir, "it"), -1);
	assert_int_equal(errno, EEXIST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_is_there_when_it_is_whole, enter,
						leave),
		cmocka_unit_test_setup_teardown(a_name_that_is_taken_stays, enter, leave),
		cmocka_unit_test_setup_teardown(an_older_kernel_is_asked_by_proc, enter,
						leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

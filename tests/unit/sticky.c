/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sticky.c - tests of the memory of addresses
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "sticky.h"

#define ROWS 512 /* keys that differ by this share a row */
#define ROW 8

static char dir[64];
static struct lease_store store = LEASE_STORE_INIT;

static int enter(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/sticky-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	store.dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return store.dir < 0;
}

static int leave(void **state)
{
	(void)state;
	(void)unlinkat(store.dir, ".footbridge-sticky", 0);
	closep(&store.dir);
	return rmdir(dir);
}

static void note(uint64_t key, const char *text)
{
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	sticky_note(&store, key, &ip);
}

static void assert_recalls(uint64_t key, const char *expected)
{
	struct ip ip = sticky_recall(&store, key);
	char text[IP_TEXT];

	assert_string_equal(ip_print(&ip, text), expected);
}

static void test_recall(void **state)
{
	(void)state;
	assert_recalls(5, "");
	note(5, "10.1.0.2");
	note(6, "fd00::1");
	note(UINT64_MAX, "10.1.0.9");
	note(5, "10.1.0.3");
	note(0, "10.1.0.4");
	assert_recalls(5, "10.1.0.3");
	assert_recalls(6, "fd00::1");
	assert_recalls(UINT64_MAX, "10.1.0.9");
	assert_recalls(0, "10.1.0.4");
	assert_recalls(5 + ROWS, "");
}

static void test_forget(void **state)
{
	(void)state;
	sticky_forget(&store, 5);
	for (uint64_t i = 0; i < ROW; i++)
		note(i * ROWS, "10.1.0.2");
	sticky_forget(&store, 3 * ROWS);
	sticky_forget(&store, ROW * ROWS); /* never noted */
	assert_recalls(3 * ROWS, "");
	/* its place is the next one's, and nobody else has to go */
	note(ROW * ROWS, "10.1.0.3");
	assert_recalls(ROW * ROWS, "10.1.0.3");
	for (uint64_t i = 0; i < ROW; i++)
		assert_recalls(i * ROWS, i == 3 ? "" : "10.1.0.2");
}

/* A row is full: who was noted longest ago goes, and nobody else. */
static void test_oldest_goes(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < ROW; i++)
		note(i * ROWS, "10.1.0.2");
	note(0, "10.1.0.3");
	note(1, "10.1.0.4");
	note(ROW * ROWS, "10.1.0.5");
	assert_recalls(ROWS, "");
	assert_recalls(0, "10.1.0.3");
	assert_recalls(1, "10.1.0.4");
	assert_recalls(ROW * ROWS, "10.1.0.5");
	for (uint64_t i = 2; i < ROW; i++)
		assert_recalls(i * ROWS, "10.1.0.2");
}

static void test_bounded(void **state)
{
	struct stat st;

	(void)state;
	for (uint64_t i = 0; i < 20000; i++)
		note(i * UINT64_C(0x9e3779b97f4a7c15), "10.1.0.2");
	assert_int_equal(fstatat(store.dir, ".footbridge-sticky", &st, 0), 0);
	assert_int_equal(st.st_size, ROWS * ROW * 40);
}

/* Whatever stands there, nothing worse happens than that nothing is recalled. */
static void test_junk(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < 200; round++) {
		_cleanup_(closep) int fd =
			openat(store.dir, ".footbridge-sticky",
			       O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		uint64_t junk[64];
		struct ip ip;

		for (size_t i = 0; i < 64; i++)
			junk[i] = (seed = seed * UINT64_C(6364136223846793005) + 1) >> 7;
		assert_true(write(fd, junk, sizeof(junk) - (size_t)round) > 0);
		ip = sticky_recall(&store, 0);
		assert_true(ip.len == 0 || ip.len == 4 || ip.len == 16);
		note(0, "10.1.0.7");
		assert_recalls(0, "10.1.0.7");
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(recall), TEST(forget), TEST(oldest_goes), TEST(bounded), TEST(junk),
	};

	return cmocka_run_group_tests_name("sticky", tests, NULL, NULL);
}

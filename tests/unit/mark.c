/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mark.c - tests of marks, and of the ages that they give to leases
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "lease.h"

#define OLD "00000000-1111-2222-3333-444444444444"
#define ATTRIBUTE "trusted.footbridge"

static char dir[64];
static struct lease_store store;
static struct error e;

static int open_store(void)
{
	return lease_open(&store, dir, "net", LEASE_CREATE, &e);
}

static int enter(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/mark-XXXXXX");
	store = (struct lease_store)LEASE_STORE_INIT;
	return mkdtemp(dir) ? open_store() : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static int leave(void **state)
{
	(void)state;
	lease_close(&store);
	return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static int open_entry(const char *name)
{
	return openat(store.dir, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

static void put(const char *name, const char *text)
{
	_cleanup_(closep) int fd = open_entry(name);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void put_mark(const char *name, const char *text)
{
	_cleanup_(closep) int fd = open_entry(name);

	assert_int_equal(fsetxattr(fd, ATTRIBUTE, text, strlen(text), 0), 0);
}

static struct mark mark_of(const char *name)
{
	_cleanup_(closep) int fd = open_entry(name);
	struct mark mark;

	assert_true(mark_read(fd, &mark));
	return mark;
}

static int age_of(const char *name, const char *container, const char *ifname,
		  struct mark_end *end)
{
	struct lease lease = { .container = container, .ifname = ifname };

	assert_true(ip_parse(name, &lease.ip));
	return lease_age(&store, &lease, end, &e);
}

static void test_round_trip(void **state)
{
	const struct mark boot = { .boot = OLD };
	const struct mark whole = { .boot = OLD,
				    .end = { UINT64_C(4026531840), 2147483647 } };
	_cleanup_(closep) int fd = open_entry("x");
	struct mark mark;

	(void)state;
	assert_true(mark_read(fd, &mark));
	assert_string_equal(mark.boot, "");
	assert_false(mark_write(fd, &mark));
	assert_true(mark_write(fd, &boot));
	assert_true(mark_read(fd, &mark));
	assert_memory_equal(&mark, &boot, sizeof(mark));
	assert_true(mark_write(fd, &whole));
	assert_true(mark_read(fd, &mark));
	assert_string_equal(mark.boot, OLD);
	assert_true(mark.end.netns == whole.end.netns &&
		    mark.end.index == whole.end.index);
}

/* A mark of another kind says nothing; half of one says half. */
static void test_junk(void **state)
{
	static const char *const none[] = { "",
					    "x",
					    "0000000",
					    "00000000-1111-2222-3333-44444444444",
					    "00000000-1111-2222-3333_444444444444",
					    "00000000-1111-2222-3333-44444444444G" };
	static const char *const half[] = { OLD, OLD " ", OLD " 5", OLD " x y",
					    OLD " 5 x" };

	(void)state;
	for (size_t i = 0; i < COUNT(none); i++) {
		put_mark("x", none[i]);
		assert_string_equal(mark_of("x").boot, "");
	}
	for (size_t i = 0; i < COUNT(half); i++) {
		put_mark("x", half[i]);
		assert_string_equal(mark_of("x").boot, OLD);
		assert_int_equal(mark_of("x").end.index, 0);
	}
}

static void test_this_boot(void **state)
{
	char boot[MARK_BOOT];
	struct mark mark;

	(void)state;
	assert_int_equal(strlen(mark_this_boot(boot)), MARK_BOOT - 1);
	assert_string_equal(boot, store.boot);
	assert_true(mark_read(store.dir, &mark));
	assert_string_equal(mark.boot, boot);
}

static void test_ages(void **state)
{
	const struct mark_end told = { 77, 5 };
	struct mark_end end;
	struct ip ip;

	(void)state;
	assert_true(ip_parse("10.1.0.2", &ip));
	assert_int_equal(lease_take(&store, &ip, "pod", "eth0", &e), 0);
	assert_int_equal(age_of("10.1.0.2", "pod", "eth0", &end), LEASE_OF_THIS_BOOT);
	assert_int_equal(end.index, 0);
	assert_int_equal(lease_confirm(&store, &ip, "pod", "eth1", &told, &e), 0);
	assert_int_equal(mark_of("10.1.0.2").end.index, 0);
	assert_int_equal(lease_confirm(&store, &ip, "pod", "eth0", &told, &e), 1);
	assert_int_equal(age_of("10.1.0.2", "pod", "eth0", &end), LEASE_OF_THIS_BOOT);
	assert_true(end.netns == 77 && end.index == 5);

	put_mark("10.1.0.2", OLD " 77 5");
	assert_int_equal(age_of("10.1.0.2", "pod", "eth0", &end), LEASE_OF_EARLIER_BOOT);
	assert_int_equal(end.index, 0);
	assert_int_equal(age_of("10.1.0.2", "pod", "eth1", &end), LEASE_OF_UNKNOWN_AGE);
	assert_int_equal(age_of("10.1.0.3", "pod", "eth0", &end), LEASE_OF_UNKNOWN_AGE);
	/* who did not open it to lease asks for the boot when it is needed */
	store.boot[0] = '\0';
	assert_int_equal(age_of("10.1.0.2", "pod", "eth0", &end), LEASE_OF_EARLIER_BOOT);
}

/* The text must be host-local's to the byte. */
static void test_inexact(void **state)
{
	static const char *const texts[] = { "pod eth0", "pod\r\neth0\n", "pod\neth0",
					     " pod\r\neth0", "pod\r\n\r\neth0" };
	struct mark_end end;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_int_equal(unlinkat(store.dir, "10.1.0.2", 0), i ? 0 : -1);
		put("10.1.0.2", texts[i]);
		put_mark("10.1.0.2", OLD);
		assert_int_equal(age_of("10.1.0.2", "pod", "eth0", &end),
				 LEASE_OF_UNKNOWN_AGE);
	}
}

/* Another plugin's lease is of this boot until the next one begins. */
static void test_seen(void **state)
{
	struct mark_end end;

	(void)state;
	put("10.1.0.2", "pod\r\neth0");
	lease_close(&store);
	assert_int_equal(open_store(), 0);
	assert_string_equal(mark_of("10.1.0.2").boot,
			    ""); /* the store was gone through */
	lease_close(&store);
	assert_int_equal(open_store(), 0);
	assert_int_equal(fsetxattr(store.dir, ATTRIBUTE, OLD, sizeof(OLD) - 1, 0), 0);
	lease_close(&store);
	assert_int_equal(open_store(), 0);
	assert_string_equal(mark_of("10.1.0.2").boot, store.boot);
	assert_int_equal(age_of("10.1.0.2", "pod", "eth0", &end), LEASE_OF_THIS_BOOT);
	put_mark("10.1.0.2", OLD); /* seen in an earlier boot: that stays */
	put_mark("last_reserved_ip.0", "x");
	assert_int_equal(fsetxattr(store.dir, ATTRIBUTE, OLD, sizeof(OLD) - 1, 0), 0);
	lease_close(&store);
	assert_int_equal(open_store(), 0);
	assert_string_equal(mark_of("10.1.0.2").boot, OLD);
	assert_string_equal(mark_of("last_reserved_ip.0").boot, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(round_trip), TEST(junk),	 TEST(this_boot),
		TEST(ages),	  TEST(inexact), TEST(seen),
	};

	return cmocka_run_group_tests_name("mark", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * confine.c - tests of confine.h: what can be done after it, and what cannot
 *
 * Nobody comes back from there, so each test is a child's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "cleanup.h"
#include "confine.h"

/* In the child: end it with the number of the line where something is not so. */
#define EXPECT(what)                                                                     \
	do {                                                                             \
		if (!(what))                                                             \
			_exit(__LINE__ % 256);                                           \
	} while (0)
#define REFUSED(what) EXPECT((what) < 0 && (errno == EACCES || errno == EPERM))

static char folder[64];

static int enter(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/confine-XXXXXX");
	if (!mkdtemp(folder) || chdir(folder) < 0)
		return -1;
	return mkdir("in", 0755) < 0 || mkdir("out", 0755) < 0 ? -1 : 0;
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
	return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *below(const char *name)
{
	static char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static bool has_landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0;
}

/* Run it in a child that has been confined to changing @dir. */
static void confined(const char *dir, bool sys_admin, void (*test)(unsigned int done))
{
	const pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		const struct confine needs = { .dirs = { dir }, .sys_admin = sys_admin };

		test(confine_self(&needs));
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status))
		fail_msg("not so in the child: line %d", WEXITSTATUS(status));
}

static int put(const char *path)
{
	_cleanup_(closep) int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	return fd < 0 || write(fd, "x", 1) != 1 || ftruncate(fd, 0) < 0 ? -1 : 0;
}

/* All that the store does. */
static void change_inside(unsigned int done)
{
	_cleanup_(closep) int dir = open("in", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(closep) int fd =
		openat(dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	char path[32];

	EXPECT(done & CONFINE_FILES);
	EXPECT(fd >= 0 && write(fd, "x", 1) == 1);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT(linkat(AT_FDCWD, path, dir, "linked", AT_SYMLINK_FOLLOW) == 0);
	EXPECT(linkat(dir, "linked", dir, "again", 0) == 0);
	EXPECT(renameat(dir, "again", dir, "renamed") == 0);
	EXPECT(symlink("owner", "in/link") == 0);
	EXPECT(put("in/file") == 0 && unlink("in/file") == 0);
	EXPECT(mkdir("in/deep", 0755) == 0 && put("in/deep/file") == 0);
	EXPECT(unlink("in/deep/file") == 0 && rmdir("in/deep") == 0);
}

static void may_change_inside(void **state)
{
	(void)state;
	if (!has_landlock())
		skip();
	confined(below("in"), false, change_inside);
}

static void change_outside(unsigned int done)
{
	EXPECT(done & CONFINE_FILES);
	REFUSED(put("out/new"));
	REFUSED(put("out/there"));
	REFUSED(put("/etc/footbridge-test"));
	REFUSED(truncate("out/there", 0));
	REFUSED(unlink("out/there"));
	REFUSED(mkdir("out/dir", 0755));
	REFUSED(symlink("/etc", "out/link"));
	REFUSED(mkfifo("in/fifo", 0600));
	EXPECT(rename("in/mine", "out/mine") < 0 && (errno == EACCES || errno == EXDEV));
	EXPECT(link("in/mine", "out/mine") < 0 && (errno == EACCES || errno == EXDEV));
}

static void may_not_change_outside(void **state)
{
	(void)state;
	if (!has_landlock())
		skip();
	assert_int_equal(put("out/there"), 0);
	assert_int_equal(put("in/mine"), 0);
	confined(below("in"), true, change_outside);
	assert_int_not_equal(access("/etc/footbridge-test", F_OK), 0);
}

static void change_anything(unsigned int done)
{
	EXPECT(done & CONFINE_FILES);
	REFUSED(put("in/new"));
	EXPECT(open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0);
}

static void without_a_directory_may_read_alone(void **state)
{
	(void)state;
	if (!has_landlock())
		skip();
	confined(NULL, false, change_anything);
}

/* The parent that is there stands in, but it is not the whole file system. */
static void make_whole_path(unsigned int done)
{
	EXPECT(done & CONFINE_FILES);
	EXPECT(mkdir("in/a", 0755) == 0 && mkdir("in/a/b", 0755) == 0);
	EXPECT(put("in/a/b/file") == 0);
	REFUSED(put("out/new"));
}

static void may_make_the_directory(void **state)
{
	(void)state;
	if (!has_landlock())
		skip();
	confined(below("in/a/b"), false, make_whole_path);
}

static void change_below_root(unsigned int done)
{
	EXPECT(!(done & CONFINE_FILES));
	EXPECT(done & CONFINE_PRIVILEGES);
	EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	EXPECT(put("out/new") == 0);
}

static void without_landlock_there_is_no_new_privs(void **state)
{
	(void)state;
	confined("/confine-test-has-no-parent", false, change_below_root);
	confined("relative", false, change_below_root);
}

static void run_a_program(unsigned int done)
{
	char *const argv[] = { "true", NULL };

	EXPECT(done & CONFINE_FILES);
	REFUSED(execv("/bin/true", argv));
}

static void may_not_execute(void **state)
{
	(void)state;
	if (!has_landlock())
		skip();
	confined(below("in"), true, run_a_program);
}

/* Another namespace's switches appear below the same path. */
static void switch_elsewhere(unsigned int done)
{
	_cleanup_(closep) int fd = -1;

	EXPECT(done & CONFINE_FILES);
	EXPECT(unshare(CLONE_NEWNET) == 0);
	fd = open("/proc/sys/net/ipv4/conf/lo/arp_notify", O_WRONLY | O_CLOEXEC);
	EXPECT(fd >= 0 && write(fd, "1", 1) == 1);
	REFUSED(open("/proc/sys/kernel/core_pattern", O_WRONLY | O_CLOEXEC));
	REFUSED(open("/proc/self/comm", O_WRONLY | O_CLOEXEC));
}

static void may_switch_in_another_namespace(void **state)
{
	(void)state;
	if (!has_landlock())
		skip();
	confined("/proc/sys/net", true, switch_elsewhere);
}

/* "CapPrm:" of /proc/self/status, and that CapEff is the same. */
static uint64_t capabilities(void)
{
	FILE *status = fopen("/proc/self/status", "re");
	unsigned long long permitted = 0, effective = 0;
	char line[256];

	while (status && fgets(line, sizeof(line), status)) {
		(void)sscanf(line, "CapPrm: %llx", &permitted);
		(void)sscanf(line, "CapEff: %llx", &effective);
	}
	EXPECT(status && fclose(status) == 0);
	EXPECT(permitted == effective);
	return permitted;
}

#define NET_ADMIN (1 << 12)
#define SYS_ADMIN (1 << 21)
#define FILES (1 << 1 | 1 << 3) /* DAC_OVERRIDE, FOWNER */

static void hold_few(unsigned int done)
{
	EXPECT(done & CONFINE_CAPABILITIES);
	EXPECT(capabilities() == (NET_ADMIN | FILES));
	REFUSED(unshare(CLONE_NEWNET));
	EXPECT(setxattr("in", "trusted.test", "x", 1, 0) < 0);
	REFUSED(chown("in", 1, 1));
}

static void hold_few_and_sys_admin(unsigned int done)
{
	EXPECT(done & CONFINE_CAPABILITIES);
	EXPECT(capabilities() == (NET_ADMIN | FILES | SYS_ADMIN));
	EXPECT(unshare(CLONE_NEWNET) == 0);
	REFUSED(chown("in", 1, 1));
}

static void few_capabilities_are_kept(void **state)
{
	(void)state;
	confined(below("in"), false, hold_few);
	confined(below("in"), true, hold_few_and_sys_admin);
}

/* Who had fewer from the start gets none added, and keeps those of ours. */
static void hold_fewer(unsigned int done)
{
	const struct confine needs = { .dirs = { NULL }, .sys_admin = true };

	EXPECT(done & CONFINE_CAPABILITIES);
	EXPECT(confine_self(&needs) & CONFINE_CAPABILITIES);
	EXPECT(capabilities() == (NET_ADMIN | FILES));
}

static void those_missing_are_no_trouble(void **state)
{
	(void)state;
	confined(below("in"), false, hold_fewer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(may_change_inside, enter, leave),
		cmocka_unit_test_setup_teardown(may_not_change_outside, enter, leave),
		cmocka_unit_test_setup_teardown(without_a_directory_may_read_alone, enter,
						leave),
		cmocka_unit_test_setup_teardown(may_make_the_directory, enter, leave),
		cmocka_unit_test_setup_teardown(without_landlock_there_is_no_new_privs,
						enter, leave),
		cmocka_unit_test_setup_teardown(may_not_execute, enter, leave),
		cmocka_unit_test_setup_teardown(may_switch_in_another_namespace, enter,
						leave),
		cmocka_unit_test_setup_teardown(few_capabilities_are_kept, enter, leave),
		cmocka_unit_test_setup_teardown(those_missing_are_no_trouble, enter,
						leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

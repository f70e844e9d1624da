/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * confine.c - give up what the rest of a call has no use for
 *
 * Nine system calls at most on a kernel with landlock, ten before Linux 6.2.  seccomp is
 * not among them: a libc that learns a new call would take every container of a node down.
 */
#include "confine.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "cleanup.h"

#ifndef LANDLOCK_ACCESS_FS_TRUNCATE /* Linux 6.2 */
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

/* What makes, changes or removes a directory's files. */
#define CHANGE                                                                           \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |                   \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |                  \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_TRUNCATE |                   \
	 LANDLOCK_ACCESS_FS_MAKE_SYM)
/* What nobody here does anywhere. */
#define NEVER                                                                            \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |                     \
	 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |                   \
	 LANDLOCK_ACCESS_FS_MAKE_BLOCK)

/*
 * Landlock.  Reading is not restricted: what may be read is not worth the rules.
 */

/* Return: the ruleset, and in *handled what it governs; -1. */
static int make_ruleset(uint64_t *handled)
{
	static const uint64_t levels[] = {
		CHANGE | NEVER,
		(CHANGE | NEVER) & ~LANDLOCK_ACCESS_FS_TRUNCATE, /* before Linux 6.2 */
	};

	for (size_t i = 0; i < COUNT(levels); i++) {
		const struct landlock_ruleset_attr attr = { .handled_access_fs =
								    levels[i] };
		long fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

		*handled = levels[i];
		if (fd >= 0)
			return (int)fd;
	}
	return -1;
}

/* Return: the directory, or the nearest parent that is there, but not "/"; -1. */
static int open_nearest(const char *path)
{
	char part[PATH_MAX];

	if (snprintf(part, sizeof(part), "%s", path) >= (int)sizeof(part))
		return -1;
	for (;;) {
		int fd = open(part, O_PATH | O_DIRECTORY | O_CLOEXEC);
		char *slash = strrchr(part, '/');

		if (fd >= 0 || errno != ENOENT || !slash)
			return fd;
		*slash = '\0';
	}
}

/*
 * The directory stays open: /proc makes its inodes anew when nobody holds them,
 * and a rule is tied to the inode.
 */
static int allow(int ruleset, const char *dir, uint64_t handled)
{
	const struct landlock_path_beneath_attr rule = {
		.allowed_access = handled & CHANGE,
		.parent_fd = open_nearest(dir),
	};

	if (rule.parent_fd < 0)
		return -1;
	return (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
			    &rule, 0);
}

static bool confine_files(const char *const dirs[])
{
	uint64_t handled = 0;
	int ruleset = make_ruleset(&handled);

	if (ruleset < 0)
		return false;
	for (size_t i = 0; dirs[i]; i++) {
		if (allow(ruleset, dirs[i], handled) < 0)
			return false;
	}
	return syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
}

/* Capabilities. */

#define BIT(capability) (UINT64_C(1) << (capability))

static bool set_capabilities(uint64_t set)
{
	struct __user_cap_header_struct header = { .version =
							   _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct data[] = {
		{ .effective = (uint32_t)set, .permitted = (uint32_t)set },
		{ .effective = (uint32_t)(set >> 32),
		  .permitted = (uint32_t)(set >> 32) },
	};

	return syscall(SYS_capset, &header, data) == 0;
}

/* Return: those that we have at all. */
static uint64_t permitted(void)
{
	struct __user_cap_header_struct header = { .version =
							   _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0 } };

	if (syscall(SYS_capget, &header, data) < 0)
		return 0;
	return data[0].permitted | (uint64_t)data[1].permitted << 32;
}

static bool confine_capabilities(bool sys_admin)
{
	const uint64_t needed =
		BIT(CAP_NET_ADMIN) |
		/* a store that belongs to another user, or lies in a sticky directory */
		BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FOWNER) |
		(sys_admin ? BIT(CAP_SYS_ADMIN) : 0);

	return set_capabilities(needed) || set_capabilities(needed & permitted());
}

unsigned int confine_self(const struct confine *needs)
{
	unsigned int done = 0;

	/* landlock first: it asks for CAP_SYS_ADMIN */
	if (confine_files(needs->dirs))
		done |= CONFINE_FILES;
	else if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		done |= CONFINE_PRIVILEGES;
	if (confine_capabilities(needs->sys_admin))
		done |= CONFINE_CAPABILITIES;
	return done;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * without.c - run a command as if on a kernel that lacks something
 *
 *   without THING... -- COMMAND [ARGUMENT...]
 *
 * A seccomp filter has the call fail as such a kernel would, in the command and in all
 * that it starts.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

#define MAX_LENGTH 512

/* One argument that must be so.  The lower half is looked at: all of these are ints. */
struct test {
	unsigned int at, mask, value;
};

#define ANY                                                                              \
	{                                                                                \
		0, 0, 0                                                                  \
	}
#define IS(at, value)                                                                    \
	{                                                                                \
		at, ~0U, value                                                           \
	}
#define HAS(at, bits)                                                                    \
	{                                                                                \
		at, bits, bits                                                           \
	}

struct thing {
	const char *name;
	long nr;
	struct test tests[2];
	int error;
	const char *since;
};

static const struct thing things[] = {
	{ "close_range", SYS_close_range, { ANY, ANY }, ENOSYS, "Linux 5.9" },
	{ "exchange",
	  SYS_renameat2,
	  { HAS(4, RENAME_EXCHANGE), ANY },
	  EINVAL,
	  "not on every file system" },
	{ "ext-ack",
	  SYS_setsockopt,
	  { IS(1, SOL_NETLINK), IS(2, NETLINK_EXT_ACK) },
	  ENOPROTOOPT,
	  "Linux 4.12" },
	{ "faccessat2", SYS_faccessat2, { ANY, ANY }, ENOSYS, "Linux 5.8" },
	{ "landlock",
	  444 /* landlock_create_ruleset() */,
	  { ANY, ANY },
	  ENOSYS,
	  "Linux 5.13" },
	{ "link-empty",
	  SYS_linkat,
	  { HAS(4, AT_EMPTY_PATH), ANY },
	  ENOENT,
	  "Linux 6.10, to who has not CAP_DAC_READ_SEARCH" },
	{ "openat2", SYS_openat2, { ANY, ANY }, ENOSYS, "Linux 5.6" },
	{ "populate",
	  SYS_madvise,
	  { IS(2, 23 /* MADV_POPULATE_WRITE */), ANY },
	  EINVAL,
	  "Linux 5.14" },
	{ "socket-netns", SYS_ioctl, { IS(1, SIOCGSKNS), ANY }, ENOTTY, "Linux 4.10" },
	{ "strict-check",
	  SYS_setsockopt,
	  { IS(1, SOL_NETLINK), IS(2, NETLINK_GET_STRICT_CHK) },
	  ENOPROTOOPT,
	  "Linux 4.20" },
	{ "sync_file_range",
	  SYS_sync_file_range,
	  { ANY, ANY },
	  ENOSYS,
	  "some architectures" },
	{ "tmpfile",
	  SYS_openat,
	  { HAS(2, O_TMPFILE), ANY },
	  EOPNOTSUPP,
	  "on overlayfs Linux 6.3" },
	{ "xattr", SYS_fsetxattr, { ANY, ANY }, EOPNOTSUPP, "not on every file system" },
	{ "xattr", SYS_fgetxattr, { ANY, ANY }, EOPNOTSUPP, NULL },
};

#define N_THINGS (sizeof(things) / sizeof(*things))

struct filter {
	struct sock_filter v[MAX_LENGTH];
	unsigned short n;
};

static void put(struct filter *filter, unsigned short code, unsigned char if_not,
		unsigned int k)
{
	if (filter->n < MAX_LENGTH)
		filter->v[filter->n++] = (struct sock_filter){ code, 0, if_not, k };
}

/* Each refusal ends in its own return, so each test jumps over what is left of it. */
static void refuse(struct filter *filter, const struct thing *thing)
{
	const size_t args = offsetof(struct seccomp_data, args);
	unsigned char left = 1;

	for (size_t i = 0; i < 2; i++)
		left = (unsigned char)(left + (thing->tests[i].mask ? 3 : 0));
	put(filter, BPF_LD | BPF_W | BPF_ABS, 0, offsetof(struct seccomp_data, nr));
	put(filter, BPF_JMP | BPF_JEQ | BPF_K, left, (unsigned int)thing->nr);
	for (size_t i = 0; i < 2; i++) {
		const struct test *test = &thing->tests[i];

		if (!test->mask)
			continue;
		left = (unsigned char)(left - 3);
		put(filter, BPF_LD | BPF_W | BPF_ABS, 0,
		    (unsigned int)(args + test->at * sizeof(__u64)));
		put(filter, BPF_ALU | BPF_AND | BPF_K, 0, test->mask);
		put(filter, BPF_JMP | BPF_JEQ | BPF_K, left, test->value);
	}
	put(filter, BPF_RET | BPF_K, 0, SECCOMP_RET_ERRNO | (unsigned int)thing->error);
}

/* Return: is there such a thing? */
static bool refuse_all(struct filter *filter, const char *name)
{
	bool found = false;

	for (size_t i = 0; i < N_THINGS; i++) {
		if (strcmp(things[i].name, name) != 0)
			continue;
		refuse(filter, &things[i]);
		found = true;
	}
	return found;
}

static int install(struct filter *filter)
{
	const struct sock_fprog program = { filter->n, filter->v };

	if (filter->n == MAX_LENGTH) {
		errno = E2BIG;
		return -1;
	}
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static int explain(void)
{
	(void)fprintf(stderr, "usage: without THING... -- COMMAND [ARGUMENT...]\n");
	for (size_t i = 0; i < N_THINGS; i++) {
		if (things[i].since)
			(void)fprintf(stderr, "  %-16s %s\n", things[i].name,
				      things[i].since);
	}
	return 2;
}

int main(int argc, char **argv)
{
	struct filter filter = { .n = 0 };
	int i = 1;

	for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (!refuse_all(&filter, argv[i]))
			return explain();
	}
	if (++i >= argc)
		return explain();
	put(&filter, BPF_RET | BPF_K, 0, SECCOMP_RET_ALLOW);
	if (install(&filter) < 0) {
		perror("without: seccomp");
		return 1;
	}
	(void)execvp(argv[i], argv + i);
	perror(argv[i]);
	return 127;
}

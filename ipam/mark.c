/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mark.c - what is known of a lease beside its text
 *
 * The mark is a line of text: the boot, and once the attachment is complete its
 * host end's namespace and index.  `getfattr -n trusted.footbridge` shows it.
 */
#include "mark.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include "retry.h"

#define ATTRIBUTE "trusted.footbridge"
#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define LINE_SIZE 80

/* Hexadecimal digits, and '-' behind the 8th, 12th, 16th and 20th. */
static bool is_boot(const char *text)
{
	for (size_t i = 0; i < MARK_BOOT - 1; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (!text[i] ||
		    (dash ? text[i] != '-' : !strchr("0123456789abcdef", text[i])))
			return false;
	}
	return true;
}

const char *mark_this_boot(char boot[static MARK_BOOT])
{
	_cleanup_(closep) int fd = retry(open(BOOT_ID, O_RDONLY | O_CLOEXEC));
	ssize_t n = fd < 0 ? -1 : retry(read(fd, boot, MARK_BOOT - 1));

	boot[n > 0 ? n : 0] = '\0';
	if (n >= 0 && !is_boot(boot)) {
		boot[0] = '\0';
		errno = ENOENT;
	}
	return boot;
}

/* Two numbers.  Return: {0} for anything else. */
static struct mark_end read_end(const char *text)
{
	char *middle, *rest;
	uint64_t netns = strtoull(text, &middle, 10);
	long index = strtol(middle, &rest, 10);

	if (middle == text || rest == middle || *rest || index < 1 || index > INT_MAX)
		return (struct mark_end){ 0 };
	return (struct mark_end){ .netns = netns, .index = (int)index };
}

/* Does this say that there is no mark, or no such thing as marks, or one too long for ours? */
static bool is_none(int errnum)
{
	return errnum == ENODATA || errnum == EOPNOTSUPP || errnum == ERANGE;
}

bool mark_read(int fd, struct mark *ret)
{
	char line[LINE_SIZE];
	ssize_t n = retry(fgetxattr(fd, ATTRIBUTE, line, sizeof(line) - 1));

	*ret = (struct mark){ 0 };
	if (n < 0)
		return is_none(errno);
	line[n] = '\0';
	if (!is_boot(line))
		return true;
	memcpy(ret->boot, line, MARK_BOOT - 1);
	ret->end = read_end(line + MARK_BOOT - 1);
	return true;
}

bool mark_write(int fd, const struct mark *mark)
{
	char line[LINE_SIZE];
	int n = snprintf(line, sizeof(line), "%s", mark->boot);

	if (!*mark->boot)
		return false;
	if (mark->end.index)
		n = snprintf(line, sizeof(line), "%s %" PRIu64 " %d", mark->boot,
			     mark->end.netns, mark->end.index);
	return fsetxattr(fd, ATTRIBUTE, line, (size_t)n, 0) == 0;
}

bool mark_is_local(int fd)
{
	static const unsigned long local[] = {
		EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,	BTRFS_SUPER_MAGIC,
		F2FS_SUPER_MAGIC, TMPFS_MAGIC,		OVERLAYFS_SUPER_MAGIC,
		0x2fc12fc1,	  /* ZFS */ 0xca451a4e, /* bcachefs */
	};
	struct statfs fs;

	if (retry(fstatfs(fd, &fs)) < 0)
		return false;
	for (size_t i = 0; i < COUNT(local); i++)
		if ((unsigned long)fs.f_type == local[i])
			return true;
	return false;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mounts.c - a mount namespace of one's own
 */
#include "mounts.h"

#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include "list.h"

#define MOUNTS "/proc/self/mountinfo"

int mounts_separate(struct error *e)
{
	if (mount("", "/", "none", MS_SLAVE | MS_REC, NULL) < 0)
		return error_sys(e, errno, "cannot separate the mounts from the host's");
	return 0;
}

/* The kernel writes blank, tab, newline and '\' as three octal digits (mangle(), fs/namespace.c). */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (text[0] == '\\' && strspn(text + 1, "01234567") >= 3) {
			*to++ = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 |
				       (text[3] - '0'));
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

static int is_one_of(const char *kind, const char *const kinds[])
{
	for (; *kinds; kinds++) {
		if (strcmp(kind, *kinds) == 0)
			return 1;
	}
	return 0;
}

/*
 * Keep the place of a mount of these kinds: of "36 35 98:0 / /place rw shared:1 - kind ..."
 * (proc(5)).
 */
static int keep_place(char *line, const char *const kinds[], struct list *places,
		      struct error *e)
{
	char *dash = strstr(line, " - "), *rest = line, *word;

	if (!dash)
		return 0;
	*dash = '\0';
	dash += strlen(" - ");
	dash[strcspn(dash, " ")] = '\0';
	if (!is_one_of(dash, kinds))
		return 0;
	for (int i = 0; i < 5; i++)
		word = strsep(&rest, " ");
	if (!word)
		return 0;
	unescape(word);
	return list_add(places, word, e);
}

static int find_places(const char *const kinds[], struct list *places, struct error *e)
{
	FILE *file = fopen(MOUNTS, "re");
	char *line = NULL;
	size_t size = 0;
	int r = 0;

	if (!file)
		return error_sys(e, errno, "cannot open " MOUNTS);
	while (r == 0 && getline(&line, &size, file) >= 0)
		r = keep_place(line, kinds, places, e);
	if (r == 0 && !feof(file))
		r = error_sys(e, errno, "cannot read " MOUNTS);
	free(line);
	(void)fclose(file);
	return r;
}

int mounts_drop(const char *const kinds[], struct error *e)
{
	_cleanup_(list_clear) struct list places = { 0 };

	if (find_places(kinds, &places, e) < 0)
		return -1;
	/* the last mounted first: it may be on another */
	for (size_t i = places.n; i-- > 0;) {
		if (umount2(places.v[i], MNT_DETACH | UMOUNT_NOFOLLOW) < 0 &&
		    errno != EINVAL && errno != ENOENT)
			return error_sys(e, errno, "cannot unmount %s", places.v[i]);
	}
	return 0;
}

bool mounts_is_read_only(const char *path)
{
	struct statvfs st;

	return statvfs(path, &st) == 0 && st.f_flag & ST_RDONLY;
}

int mounts_renew(const char *path, const char *kind, bool read_only, struct error *e)
{
	const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC |
				    (read_only ? MS_RDONLY : 0);

	(void)umount2(path, MNT_DETACH);
	if (mount(kind, path, kind, flags, NULL) < 0)
		return error_sys(e, errno, "cannot mount %s on %s", kind, path);
	return 0;
}

int mounts_bind(const char *from, const char *path, struct error *e)
{
	if (mount(from, path, "none", MS_BIND, NULL) < 0)
		return error_sys(e, errno, "cannot mount %s on %s", from, path);
	return 0;
}

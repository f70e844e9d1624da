/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index.c - which addresses an owner holds, without reading every lease
 */
#include "index.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "name.h"
#include "syscalls.h"

#define ALL RUN_DIR "/leases"
#define DIR_MODE 0755
#define BARE_MODE (DIR_MODE | S_ISVTX) /* see index.h */
#define FRESH ".new"		       /* behind the path of one that is being made */
#define LINK_PATH (INDEX_PATH + sizeof(FRESH) + NAME_OWNER)

/* The link of an owner in the index at @dir (and @fresh behind it).  Return: @path. */
static const char *link_path(const char *dir, const char *fresh, const char *container,
			     const char *ifname, char path[static LINK_PATH])
{
	char owner[NAME_OWNER];

	name_owner(container, ifname, owner);
	for (char *slash = owner; (slash = strchr(slash, '/'));)
		*slash = '!';
	(void)snprintf(path, LINK_PATH, "%s%s/%s", dir, fresh, owner);
	return path;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* Named by the store's place in its file system: paths may differ, and be many. */
void index_open(struct index *ret, int store)
{
	struct stat leases, links;

	*ret = (struct index){ 0 };
	if (fstat(store, &leases) < 0)
		return;
	(void)snprintf(ret->path, sizeof(ret->path), ALL "/%llx-%llx",
		       (unsigned long long)leases.st_dev,
		       (unsigned long long)leases.st_ino);
	ret->whole = lstat(ret->path, &links) == 0 && S_ISDIR(links.st_mode) &&
		     same_time(&leases.st_mtim, &links.st_mtim) &&
		     same_time(&links.st_atim, &links.st_mtim);
	ret->bare = ret->whole && (links.st_mode & S_ISVTX);
}

/* Return: as index_get(). */
static int read_link(const char *path, char text[static INDEX_TEXT])
{
	ssize_t n = readlink(path, text, INDEX_TEXT);

	if (n < 0)
		return errno == ENOENT ? 0 : -1;
	if (n == INDEX_TEXT)
		return -1;
	text[n] = '\0';
	return 1;
}

int index_get(const struct index *index, const char *container, const char *ifname,
	      char text[static INDEX_TEXT])
{
	char path[LINK_PATH];
	int r;

	if (!index->whole)
		return -1;
	r = read_link(link_path(index->path, "", container, ifname, path), text);
	if (r != 0 || !index->bare)
		return r;
	return read_link(link_path(index->path, "", container, "", path), text);
}

/* Append an address.  Return: whether it fits. */
static bool append(char text[static INDEX_TEXT], const struct ip *ip)
{
	size_t len = strlen(text);
	char ip_text[IP_TEXT];

	return snprintf(text + len, INDEX_TEXT - len, "%s%s", len ? "," : "",
			ip_print(ip, ip_text)) < (int)(INDEX_TEXT - len - 1);
}

/* In the place of what is there. */
static bool put_link(const char *path, const char *text)
{
	if (symlink(text, path) == 0)
		return true;
	return errno == EEXIST && unlink(path) == 0 && symlink(text, path) == 0;
}

bool index_put(const struct index *index, const char *container, const char *ifname,
	       const struct ip *ips, size_t n)
{
	char text[INDEX_TEXT] = "", path[LINK_PATH];

	if (!index->whole)
		return false;
	link_path(index->path, "", container, ifname, path);
	if (n == 0)
		return unlink(path) == 0 || errno == ENOENT;
	for (size_t i = 0; i < n; i++) {
		if (!append(text, &ips[i]))
			return false;
	}
	return put_link(path, text);
}

/*
 * The clock's own nanosecond, not the tick at which the kernel would stamp a
 * change: another's change in this very tick bears another time.
 */
void index_sign(const struct index *index, int store)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) == 0 &&
	    futimens(store, (struct timespec[]){ { .tv_nsec = UTIME_OMIT }, now }) == 0)
		(void)utimensat(AT_FDCWD, index->path, (struct timespec[]){ now, now },
				AT_SYMLINK_NOFOLLOW);
}

/* Making it anew. */

static bool make_dir(const char *path)
{
	return mkdir(path, DIR_MODE) == 0 || errno == EEXIST;
}

/* Not followed: what it would lead to is not ours.  Return: NULL with errno. */
static DIR *open_links(const char *path)
{
	_cleanup_(closep) int fd =
		open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir)
		(void)take_fd(&fd);
	return dir;
}

/* With all its links.  Return: whether nothing is there any more. */
static bool remove_dir(const char *path)
{
	_cleanup_(closedirp) DIR *dir = open_links(path);
	const struct dirent *entry;

	if (!dir)
		return errno == ENOENT || (errno == ENOTDIR && unlink(path) == 0);
	while ((entry = readdir(dir)))
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
	return rmdir(path) == 0;
}

static const char *fresh_path(const struct index *index,
			      char path[static INDEX_PATH + sizeof(FRESH)])
{
	(void)snprintf(path, INDEX_PATH + sizeof(FRESH), "%s" FRESH, index->path);
	return path;
}

bool index_begin(struct index *index)
{
	char fresh[INDEX_PATH + sizeof(FRESH)];

	index->bare = false;
	if (!*index->path || !make_dir(RUN_DIR) || !make_dir(ALL))
		return false;
	return remove_dir(fresh_path(index, fresh)) && mkdir(fresh, DIR_MODE) == 0;
}

static bool set_bare(struct index *index)
{
	char fresh[INDEX_PATH + sizeof(FRESH)];

	index->bare = chmod(fresh_path(index, fresh), BARE_MODE) == 0;
	return index->bare;
}

bool index_add(struct index *index, const char *container, const char *ifname,
	       const struct ip *ip)
{
	char path[LINK_PATH], text[INDEX_TEXT] = "";

	if (!*ifname && !index->bare && !set_bare(index))
		return false;
	link_path(index->path, FRESH, container, ifname, path);
	return read_link(path, text) >= 0 && append(text, ip) && put_link(path, text);
}

/* Exchanged, so that at every moment a whole one is there for who reads without lock. */
bool index_end(struct index *index)
{
	char fresh[INDEX_PATH + sizeof(FRESH)];

	fresh_path(index, fresh);
	if (sys_rename(fresh, index->path, RENAME_EXCHANGE) == 0)
		(void)remove_dir(fresh);
	else if (errno != ENOENT || rename(fresh, index->path) < 0)
		return false;
	index->whole = true;
	return true;
}

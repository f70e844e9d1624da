/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * named.c - network namespaces with a name, as `ip netns` has them
 */
#include "named.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "lock.h"
#include "mounts.h"
#include "name.h"
#include "retry.h"

#define ETC_DIR "/etc/netns"
#define LOCK_PATIENCE_S 2
#define PROCESS_UNSEEN 2 /* it is not ours to see where it is */

static int path_of(const char *name, char path[static PATH_MAX], struct error *e)
{
	if (!name_is_file(name) || strlen(name) > NAME_MAX)
		return error_set(e, ERROR_CONFIG,
				 "\"%s\" is no name of a namespace: 1 to %d bytes, no "
				 "'/', not \".\" or \"..\"",
				 name, NAME_MAX);
	(void)snprintf(path, PATH_MAX, NETNS_DIR "/%s", name);
	return 0;
}

static int absent(const char *name, struct error *e)
{
	error_set(e, ERROR_NETNS, "there is no network namespace \"%s\" in " NETNS_DIR,
		  name);
	return NAMED_ABSENT;
}

/* Making. */

/* The folder's lock is iproute2's, too, which holds it for a moment only. */
static void lock_folder(int dir)
{
	(void)!lock_take(dir, LOCK_PATIENCE_S);
}

/* Only a mount can be shared: the folder becomes one, on itself. */
static int share_folder(struct error *e)
{
	if (mount("", NETNS_DIR, "none", MS_SHARED | MS_REC, NULL) == 0)
		return 0;
	if (errno != EINVAL ||
	    mount(NETNS_DIR, NETNS_DIR, "none", MS_BIND | MS_REC, NULL) < 0 ||
	    mount("", NETNS_DIR, "none", MS_SHARED | MS_REC, NULL) < 0)
		return error_sys(e, errno, "cannot make " NETNS_DIR " a shared mount");
	return 0;
}

static int make_folder(struct error *e)
{
	_cleanup_(closep) int dir = -1;

	if (mkdir(NETNS_DIR, 0755) < 0 && errno != EEXIST)
		return error_sys(e, errno, "cannot make " NETNS_DIR);
	dir = open(NETNS_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return error_sys(e, errno, "cannot open " NETNS_DIR);
	lock_folder(dir);
	return share_folder(e);
}

/* Return: 0; -1, also for a name that is taken. */
static int make_file(const char *name, const char *path, struct error *e)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);

	if (fd >= 0)
		return 0;
	if (errno == EEXIST)
		return error_set(e, ERROR_EXISTS,
				 "there is a network namespace \"%s\" already (%s)", name,
				 path);
	return error_sys(e, errno, "cannot make %s", path);
}

int named_add(const char *name, struct error *e)
{
	_cleanup_(netns_close) struct netns netns = NETNS_INIT;
	char path[PATH_MAX], from[sizeof("/proc/self/fd/-2147483648")];

	if (path_of(name, path, e) < 0 || make_folder(e) < 0 ||
	    netns_create(&netns, e) < 0 || make_file(name, path, e) < 0)
		return -1;
	(void)snprintf(from, sizeof(from), "/proc/self/fd/%d", netns.fd);
	if (mounts_bind(from, path, e) == 0)
		return 0;
	(void)unlink(path);
	return -1;
}

int named_delete(const char *name, struct error *e)
{
	char path[PATH_MAX];

	if (path_of(name, path, e) < 0)
		return -1;
	/* more than one, where two have mounted it; none, where a crash came in between */
	while (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		;
	if (errno != EINVAL && errno != ENOENT)
		return error_sys(e, errno, "cannot unmount %s", path);
	if (unlink(path) == 0)
		return 0;
	return errno == ENOENT ? absent(name, e)
			       : error_sys(e, errno, "cannot remove %s", path);
}

/* Finding. */

int named_open(const char *name, struct netns *ret, struct error *e)
{
	char path[PATH_MAX];
	int r;

	if (path_of(name, path, e) < 0)
		return -1;
	r = netns_open(ret, path, true, -1, e);
	return r == NETNS_NONE ? absent(name, e) : r;
}

int named_inode(const char *name, uint64_t *ret, struct error *e)
{
	_cleanup_(closep) int fd = -1;
	char path[PATH_MAX];
	int r;

	if (path_of(name, path, e) < 0)
		return -1;
	r = netns_look(path, &fd, ret, e);
	return r == NETNS_NONE ? NAMED_ABSENT : r;
}

static int is_name(const struct dirent *entry)
{
	return name_is_file(entry->d_name);
}

int named_find(struct list *names, struct error *e)
{
	struct dirent **entries = NULL;
	int n = retry(scandir(NETNS_DIR, &entries, is_name, alphasort)), r = 0;

	if (n < 0)
		return errno == ENOENT ? 0
				       : error_sys(e, errno, "cannot list " NETNS_DIR);
	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = list_add(names, entries[i]->d_name, e);
		free(entries[i]);
	}
	free(entries);
	return r;
}

/* Processes. */

static void read_name(const char *pid, char name[static NAMED_PROCESS])
{
	char path[PATH_MAX];
	_cleanup_(closep) int fd = -1;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	fd = retry(open(path, O_RDONLY | O_CLOEXEC));
	n = fd < 0 ? 0 : retry(read(fd, name, NAMED_PROCESS - 1));
	name[n > 0 ? n : 0] = '\0';
	name[strcspn(name, "\n")] = '\0';
	error_clean(name);
}

/* Return: 0, and *inode is 0 where it has ended; PROCESS_UNSEEN; -1. */
static int look_at(const char *pid, uint64_t *inode, struct error *e)
{
	char path[PATH_MAX];
	struct stat st;

	*inode = 0;
	(void)snprintf(path, sizeof(path), "/proc/%s/ns/net", pid);
	if (retry(stat(path, &st)) == 0) {
		*inode = st.st_ino;
		return 0;
	}
	if (errno == EACCES || errno == EPERM)
		return PROCESS_UNSEEN;
	return netns_is_hidden(errno) ? 0
				      : error_sys(e, errno, "cannot look at %s", path);
}

static int add_process(const char *pid, struct named_processes *ret, struct error *e)
{
	struct named_process *one;

	if (list_grow(&ret->v, ret->n, sizeof(*ret->v), e) < 0)
		return -1;
	one = &ret->v[ret->n++];
	one->pid = (pid_t)strtol(pid, NULL, 10);
	read_name(pid, one->name);
	return 0;
}

/* A process, where it belongs. */
static int sort_in(const char *pid, struct named_processes *spaces, size_t n,
		   struct error *e)
{
	uint64_t inode;
	const int r = look_at(pid, &inode, e);

	if (r < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!spaces[i].inode)
			continue;
		if (r == PROCESS_UNSEEN)
			spaces[i].unseen++;
		else if (spaces[i].inode == inode && add_process(pid, &spaces[i], e) < 0)
			return -1;
	}
	return 0;
}

int named_processes(struct named_processes *spaces, size_t n, struct error *e)
{
	_cleanup_(closedirp) DIR *dir = retry_null(opendir("/proc"));
	const struct dirent *entry;

	while (dir && (entry = retry_null((errno = 0, readdir(dir))))) {
		if (strchr("123456789", entry->d_name[0]) &&
		    sort_in(entry->d_name, spaces, n, e) < 0)
			return -1;
	}
	return errno ? error_sys(e, errno, "cannot list /proc") : 0;
}

void named_processes_clear(struct named_processes *processes)
{
	free(processes->v);
	*processes = (struct named_processes){ 0 };
}

/* Entering. */

/* A file that there is not in /etc is passed over; one that cannot be bound is told. */
static void replace_etc(const char *name)
{
	char from[PATH_MAX + NAME_MAX], to[PATH_MAX + NAME_MAX];
	_cleanup_(closedirp) DIR *dir = NULL;
	const struct dirent *entry;
	struct error why;

	(void)snprintf(from, sizeof(from), ETC_DIR "/%s", name);
	dir = retry_null(opendir(from));
	while (dir && (entry = retry_null((errno = 0, readdir(dir))))) {
		if (!name_is_file(entry->d_name))
			continue;
		(void)snprintf(from, sizeof(from), ETC_DIR "/%s/%s", name, entry->d_name);
		(void)snprintf(to, sizeof(to), "/etc/%s", entry->d_name);
		if (retry(access(to, F_OK)) == 0 && mounts_bind(from, to, &why) < 0)
			(void)fprintf(stderr, "footbridge netns: %s\n", why.msg);
	}
}

int named_enter(const char *name, struct error *e)
{
	_cleanup_(netns_close) struct netns netns = NETNS_INIT;
	int r = named_open(name, &netns, e);

	if (r != 0)
		return r;
	if (setns(netns.fd, CLONE_NEWNET) < 0 || unshare(CLONE_NEWNS) < 0)
		return error_sys(e, errno,
				 "cannot enter \"%s\" (CAP_SYS_ADMIN is needed)", name);
	if (mounts_separate(e) < 0 ||
	    mounts_renew("/sys", "sysfs", mounts_is_read_only("/sys"), e) < 0)
		return -1;
	replace_etc(name);
	return 0;
}

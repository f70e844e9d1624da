/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netns.c - a container's network namespace, held by a descriptor
 */
#include "netns.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "list.h"
#include "lock.h"
#include "retry.h"

#define WAY_BACK_TRIES 10

/* All namespaces are on one device, the kernel's nsfs; ours tells which. */
static bool is_netns(int fd, const struct stat *there, const struct stat *ours)
{
	return there->st_dev == ours->st_dev && ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWNET;
}

/*
 * Return: 0 when @fd is a network namespace, and not ours unless @own_allowed;
 * -1 with ERROR_NETNS.
 */
static int must_serve(int fd, int home, const char *path, bool own_allowed,
		      struct error *e)
{
	struct stat there, here;

	if (fstat(fd, &there) < 0 || fstat(home, &here) < 0)
		return error_sys(e, errno, "cannot look at %s", path);
	if (!is_netns(fd, &there, &here))
		return error_set(e, ERROR_NETNS, "%s is not a network namespace", path);
	if (there.st_ino == here.st_ino && !own_allowed)
		return error_set(e, ERROR_NETNS,
				 "%s is the plugin's own network namespace, "
				 "not a container's",
				 path);
	return 0;
}

uint64_t netns_own(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) < 0 ? 0 : st.st_ino;
}

int netns_open(struct netns *ret, const char *path, bool own_allowed, struct error *e)
{
	/* O_NONBLOCK: a FIFO must not make us wait for its writer. */
	_cleanup_(closep) int fd = retry(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
	_cleanup_(closep) int home = -1;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		error_set(e, ERROR_NETNS, "%s does not exist", path);
		return NETNS_NONE;
	}
	if (fd < 0) {
		error_sys(e, errno, "cannot open %s", path);
		e->code = ERROR_NETNS;
		return -1;
	}
	home = retry(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
	if (home < 0)
		return error_sys(e, errno, "cannot open /proc/self/ns/net");
	if (must_serve(fd, home, path, own_allowed, e) < 0)
		return -1;
	*ret = (struct netns){ .fd = take_fd(&fd), .home = take_fd(&home) };
	return 0;
}

void netns_close(struct netns *netns)
{
	closep(&netns->fd);
	closep(&netns->home);
	*netns = (struct netns)NETNS_INIT;
}

int netns_lock(const struct netns *netns, unsigned int seconds, struct error *e)
{
	int r = lock_take(netns->fd, seconds);

	if (r == ETIMEDOUT)
		return error_set(
			e, ERROR_AGAIN,
			"another call has been working on the container's network "
			"namespace for %u s",
			seconds);
	return r ? error_sys(e, r, "cannot lock the container's network namespace") : 0;
}

static int enter(int fd)
{
	int r;

	do {
		r = setns(fd, CLONE_NEWNET);
	} while (r < 0 && errno == EINTR);
	return r;
}

int netns_can_enter(struct error *e)
{
	_cleanup_(closep) int home =
		retry(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));

	if (home < 0)
		return error_sys(e, errno, "cannot open /proc/self/ns/net");
	if (enter(home) == 0)
		return 0;
	return error_sys(e, errno,
			 "cannot enter a network namespace (CAP_SYS_ADMIN is needed)");
}

/* Whoever cannot come back must not go on and configure the wrong host. */
static void come_back(int home)
{
	for (int tries = 0; enter(home) < 0; tries++) {
		if (tries == WAY_BACK_TRIES)
			_exit(1);
	}
}

int netns_create(struct netns *ret, struct error *e)
{
	_cleanup_(closep) int home =
		retry(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
	_cleanup_(closep) int fd = -1;
	int errnum;

	if (home < 0)
		return error_sys(e, errno, "cannot open /proc/self/ns/net");
	if (unshare(CLONE_NEWNET) < 0)
		return error_sys(e, errno,
				 "cannot make a network namespace (CAP_SYS_ADMIN is "
				 "needed)");
	fd = retry(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
	errnum = errno;
	come_back(home);
	if (fd < 0)
		return error_sys(e, errnum, "cannot open the new network namespace");
	*ret = (struct netns){ .fd = take_fd(&fd), .home = take_fd(&home) };
	return 0;
}

int netns_run(const struct netns *netns, int (*act)(void *arg, struct error *e),
	      void *arg, struct error *e)
{
	int r;

	if (enter(netns->fd) < 0) {
		error_sys(e, errno, "cannot enter the container's network namespace");
		e->code = ERROR_NETNS;
		return -1;
	}
	r = act(arg, e);
	come_back(netns->home);
	return r;
}

uint64_t netns_inode(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 ? 0 : st.st_ino;
}

/* All there are. */

struct visiting {
	netns_visit *visit;
	void *arg;
	struct stat ours;
	uint64_t *seen; /* inodes */
	size_t n;
};

static void visiting_clear(struct visiting *visiting)
{
	free(visiting->seen);
}

static bool was_seen(const struct visiting *visiting, uint64_t inode)
{
	for (size_t i = 0; i < visiting->n; i++)
		if (visiting->seen[i] == inode)
			return true;
	return false;
}

static int visit_path(const char *path, struct visiting *visiting, struct error *e)
{
	_cleanup_(closep) int fd = -1;
	struct stat st;

	/* Most processes are in a namespace that was seen: those are not opened. */
	if (stat(path, &st) < 0 || was_seen(visiting, st.st_ino))
		return 0;
	fd = retry(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
	if (fd < 0 || fstat(fd, &st) < 0 || !is_netns(fd, &st, &visiting->ours) ||
	    was_seen(visiting, st.st_ino))
		return 0;
	if (list_grow(&visiting->seen, visiting->n, sizeof(*visiting->seen), e) < 0)
		return -1;
	visiting->seen[visiting->n++] = st.st_ino;
	return visiting->visit(path, fd, visiting->arg, e);
}

/* Those at <path>/<entry><suffix>; @processes: entries that are numbers alone. */
static int visit_dir(const char *path, const char *suffix, bool processes,
		     struct visiting *visiting, struct error *e)
{
	_cleanup_(closedirp) DIR *dir = opendir(path);
	const struct dirent *entry;
	char file[PATH_MAX];

	while (dir && (entry = readdir(dir))) {
		if (processes ? !strchr("123456789", entry->d_name[0])
			      : entry->d_name[0] == '.')
			continue;
		if (snprintf(file, sizeof(file), "%s/%s%s", path, entry->d_name, suffix) <
			    (int)sizeof(file) &&
		    visit_path(file, visiting, e) < 0)
			return -1;
	}
	return 0;
}

int netns_each(netns_visit *visit, void *arg, struct error *e)
{
	_cleanup_(visiting_clear) struct visiting visiting = { .visit = visit,
							       .arg = arg };

	if (stat("/proc/self/ns/net", &visiting.ours) < 0)
		return error_sys(e, errno, "cannot look at /proc/self/ns/net");
	if (visit_dir("/run/netns", "", false, &visiting, e) < 0 ||
	    visit_dir("/run/docker/netns", "", false, &visiting, e) < 0)
		return -1;
	return visit_dir("/proc", "/ns/net", true, &visiting, e);
}

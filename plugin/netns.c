/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netns.c - a container's network namespace, held by a descriptor
 */
#include "netns.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "list.h"
#include "lock.h"
#include "retry.h"

#define WAY_BACK_TRIES 10

#define OWN "/proc/self/ns/net"

/*
 * All namespaces are on one device, the kernel's nsfs; ours tells which.
 * Return: 1, 0, -1 with errno.
 */
static int is_netns(int fd, const struct stat *there, const struct stat *ours)
{
	int kind;

	if (there->st_dev != ours->st_dev)
		return 0;
	kind = retry(ioctl(fd, NS_GET_NSTYPE));
	return kind < 0 ? -1 : kind == CLONE_NEWNET;
}

/*
 * Our own namespace: that of a socket in it (SIOCGSKNS, Linux 4.10, net/socket.c).  The
 * first path of a process below /proc/self is dear: the kernel makes its entries then, and
 * takes them down at its end.  @socket: -1 = none.
 */
static int open_own(int socket)
{
	const int fd = socket < 0 ? -1 : retry(ioctl(socket, SIOCGSKNS));

	return fd >= 0 ? fd : retry(open(OWN, O_RDONLY | O_CLOEXEC));
}

/*
 * Is it a network namespace, and not ours unless @own_allowed?
 * Return: 0, *netns knowing which; -1, with ERROR_NETNS where it is not.
 */
static int must_serve(struct netns *netns, const char *path, bool own_allowed,
		      struct error *e)
{
	struct stat there, here;
	int r;

	if (retry(fstat(netns->fd, &there)) < 0 || retry(fstat(netns->home, &here)) < 0)
		return error_sys(e, errno, "cannot look at %s", path);
	r = is_netns(netns->fd, &there, &here);
	if (r < 0)
		return error_sys(e, errno, "cannot look at %s", path);
	if (r == 0)
		return error_set(e, ERROR_NETNS, "%s is not a network namespace", path);
	netns->inode = there.st_ino;
	netns->home_inode = here.st_ino;
	netns->is_own = there.st_ino == here.st_ino;
	if (netns->is_own && !own_allowed)
		return error_set(e, ERROR_NETNS,
				 "%s is the plugin's own network namespace, "
				 "not a container's",
				 path);
	return 0;
}

static int look_at_own(struct stat *ret, struct error *e)
{
	return retry(stat(OWN, ret)) < 0 ? error_sys(e, errno, "cannot look at " OWN) : 0;
}

int netns_own(uint64_t *ret, struct error *e)
{
	struct stat st;

	if (look_at_own(&st, e) < 0)
		return -1;
	*ret = st.st_ino;
	return 0;
}

/* Does this errno say that the host is short of something, whatever the path leads to? */
static bool is_shortage(int errnum)
{
	return errnum == EAGAIN || errnum == EIO || errnum == EMFILE ||
	       errnum == ENFILE || errnum == ENOBUFS || errnum == ENOMEM ||
	       errnum == ENOSPC;
}

static int unusable(struct error *e, int errnum, const char *trouble, const char *what)
{
	error_sys(e, errnum, "%s %s", trouble, what);
	if (!is_shortage(errnum))
		e->code = ERROR_NETNS;
	return -1;
}

int netns_open(struct netns *ret, const char *path, bool own_allowed, int own_socket,
	       struct error *e)
{
	/* O_NONBLOCK: a FIFO must not make us wait for its writer. */
	_cleanup_(closep) int fd = retry(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
	_cleanup_(netns_close) struct netns netns = NETNS_INIT;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		error_set(e, ERROR_NETNS, "%s does not exist", path);
		return NETNS_NONE;
	}
	if (fd < 0)
		return unusable(e, errno, "cannot open", path);
	netns.fd = take_fd(&fd);
	netns.home = open_own(own_socket);
	if (netns.home < 0)
		return error_sys(e, errno, "cannot open " OWN);
	if (must_serve(&netns, path, own_allowed, e) < 0)
		return -1;
	*ret = netns;
	netns = (struct netns)NETNS_INIT;
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
	_cleanup_(closep) int home = open_own(-1);

	if (home < 0)
		return error_sys(e, errno, "cannot open " OWN);
	if (enter(home) == 0)
		return 0;
	return error_sys(e, errno,
			 "cannot enter a network namespace (CAP_SYS_ADMIN is needed)");
}

/*
 * Whoever cannot come back must not go on and configure the wrong host, nor undo anything:
 * the next DEL does.  Runtimes print what is on stderr where stdout is empty; it goes
 * unsaid where stderr takes nothing.
 */
static _Noreturn void give_up(int errnum)
{
	struct pollfd out = { .fd = STDERR_FILENO, .events = POLLOUT };

	if (poll(&out, 1, 0) > 0)
		(void)dprintf(STDERR_FILENO,
			      "cannot come back from a network namespace: %s; this "
			      "process ends, a DEL removes what it left\n",
			      strerror(errnum));
	_exit(1);
}

static void come_back(int home)
{
	for (int tries = 0; enter(home) < 0; tries++) {
		if (tries == WAY_BACK_TRIES)
			give_up(errno);
	}
}

int netns_create(struct netns *ret, struct error *e)
{
	_cleanup_(closep) int home = open_own(-1);
	_cleanup_(closep) int fd = -1;
	int errnum;

	if (home < 0)
		return error_sys(e, errno, "cannot open " OWN);
	if (unshare(CLONE_NEWNET) < 0)
		return error_sys(e, errno,
				 "cannot make a network namespace (CAP_SYS_ADMIN is "
				 "needed)");
	fd = open_own(-1);
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

	if (enter(netns->fd) < 0)
		return unusable(e, errno, "cannot enter",
				"the container's network namespace");
	r = act(arg, e);
	come_back(netns->home);
	return r;
}

/* Looking at any. */

bool netns_is_hidden(int errnum)
{
	return errnum == ENOENT || errnum == ESRCH || errnum == ENOTDIR ||
	       errnum == EACCES || errnum == EPERM || errnum == ELOOP || errnum == ENXIO;
}

static int hidden(const char *path, int errnum, struct error *e)
{
	return netns_is_hidden(errnum) ? NETNS_NONE
				       : error_sys(e, errnum, "cannot look at %s", path);
}

int netns_look(const char *path, int *fd, uint64_t *inode, struct error *e)
{
	/* O_NONBLOCK: a FIFO must not make us wait for its writer. */
	_cleanup_(closep) int it = retry(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
	struct stat there, ours;
	int r;

	if (it < 0)
		return hidden(path, errno, e);
	if (look_at_own(&ours, e) < 0)
		return -1;
	r = retry(fstat(it, &there)) < 0 ? -1 : is_netns(it, &there, &ours);
	if (r < 0)
		return error_sys(e, errno, "cannot look at %s", path);
	if (r == 0)
		return NETNS_NONE;
	*fd = take_fd(&it);
	*inode = there.st_ino;
	return 0;
}

/* All there are. */

struct visiting {
	netns_visit *visit;
	void *arg;
	uint64_t *seen; /* inodes */
	size_t n;
	struct error missed; /* of the first */
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

/* Return: 0; NETNS_NONE where there is nothing new; -1. */
static int open_new(const struct visiting *visiting, const char *path, int *fd,
		    uint64_t *inode, struct error *e)
{
	struct stat st;
	int r;

	/* Most processes are in a namespace that was seen: those are not opened. */
	if (retry(stat(path, &st)) < 0)
		return hidden(path, errno, e);
	if (was_seen(visiting, st.st_ino))
		return NETNS_NONE;
	r = netns_look(path, fd, inode, e);
	return r == 0 && was_seen(visiting, *inode) ? NETNS_NONE : r;
}

static void miss(struct visiting *visiting, const struct error *why)
{
	if (!visiting->missed.code)
		visiting->missed = *why;
}

static int visit_path(const char *path, struct visiting *visiting, struct error *e)
{
	_cleanup_(closep) int fd = -1;
	struct error why;
	uint64_t inode = 0;
	int r = open_new(visiting, path, &fd, &inode, &why);

	if (r < 0)
		miss(visiting, &why);
	if (r != 0)
		return 0;
	if (list_grow(&visiting->seen, visiting->n, sizeof(*visiting->seen), e) < 0)
		return -1;
	visiting->seen[visiting->n++] = inode;
	return visiting->visit(path, fd, inode, visiting->arg, e);
}

/* Those at <path>/<entry><suffix>; @processes: entries that are numbers alone. */
static int visit_entries(DIR *dir, const char *path, const char *suffix, bool processes,
			 struct visiting *visiting, struct error *e)
{
	const struct dirent *entry;
	char file[PATH_MAX];

	while ((entry = retry_null((errno = 0, readdir(dir))))) {
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

static int visit_dir(const char *path, const char *suffix, bool processes,
		     struct visiting *visiting, struct error *e)
{
	_cleanup_(closedirp) DIR *dir = retry_null(opendir(path));
	struct error why;

	if (dir && visit_entries(dir, path, suffix, processes, visiting, e) < 0)
		return -1;
	/* of opendir() or of the last readdir() */
	if (errno && !netns_is_hidden(errno)) {
		error_sys(&why, errno, "cannot list %s", path);
		miss(visiting, &why);
	}
	return 0;
}

int netns_each(netns_visit *visit, void *arg, struct error *e)
{
	_cleanup_(visiting_clear) struct visiting visiting = { .visit = visit,
							       .arg = arg };

	if (visit_dir(NETNS_DIR, "", false, &visiting, e) < 0 ||
	    visit_dir("/run/docker/netns", "", false, &visiting, e) < 0 ||
	    visit_dir("/proc", "/ns/net", true, &visiting, e) < 0)
		return -1;
	if (!visiting.missed.code)
		return 0;
	*e = visiting.missed;
	return NETNS_MISSED;
}

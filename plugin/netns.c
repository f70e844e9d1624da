/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netns.c - a container's network namespace, held by a descriptor
 */
#include "netns.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>

#include "retry.h"

#define WAY_BACK_TRIES 10
#define LOCK_STEP_MS 5

/*
 * All namespaces are on one device, the kernel's nsfs; ours tells which.
 * Return: 0 when @fd is a network namespace, and not ours unless @own_allowed;
 * -1 with ERROR_NETNS.
 */
static int must_serve(int fd, int home, const char *path, bool own_allowed,
		      struct error *e)
{
	struct stat there, here;

	if (fstat(fd, &there) < 0 || fstat(home, &here) < 0)
		return error_sys(e, errno, "CNI_NETNS: cannot look at %s", path);
	if (there.st_dev != here.st_dev || ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		return error_set(e, ERROR_NETNS,
				 "CNI_NETNS: %s is not a network namespace", path);
	if (there.st_ino == here.st_ino && !own_allowed)
		return error_set(e, ERROR_NETNS,
				 "CNI_NETNS: %s is the plugin's own network namespace, "
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
		error_set(e, ERROR_NETNS, "CNI_NETNS: %s does not exist", path);
		return NETNS_NONE;
	}
	if (fd < 0) {
		error_sys(e, errno, "CNI_NETNS: cannot open %s", path);
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
	const struct timespec step = { .tv_nsec = LOCK_STEP_MS * 1000000L };
	unsigned int steps = seconds * 1000 / LOCK_STEP_MS;

	while (flock(netns->fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return error_sys(e, errno,
					 "cannot lock the container's network namespace");
		if (steps-- == 0)
			return error_set(
				e, ERROR_AGAIN,
				"another call has been working on the container's network "
				"namespace for %u s",
				seconds);
		(void)nanosleep(&step, NULL);
	}
	return 0;
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
	for (int tries = 0; enter(netns->home) < 0; tries++) {
		if (tries == WAY_BACK_TRIES)
			_exit(1);
	}
	return r;
}

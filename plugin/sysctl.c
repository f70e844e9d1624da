/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sysctl.c - switches below /proc/sys/net
 *
 * Each call opens its file anew and keeps nothing: the same path is another
 * switch in another namespace.
 */
#include "sysctl.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/socket.h>

#include "retry.h"

#define NET SYSCTL_DIR "/"
#define NUMBER_TEXT 16 /* an int, its newline and NUL */

static const char *switch_path(const struct sysctl *sysctl, char path[static PATH_MAX])
{
	(void)snprintf(path, PATH_MAX, NET "%s/conf/%s/%s", sysctl->family,
		       sysctl->ifname, sysctl->key);
	return path;
}

static const char *forward_path(int family)
{
	return family == AF_INET ? NET "ipv4/ip_forward" : NET "ipv6/conf/all/forwarding";
}

/* Return: 0; SYSCTL_ABSENT; -1. */
static int read_number_of(int fd, const char *path, int *ret, struct error *e)
{
	char text[NUMBER_TEXT], *end;
	ssize_t len = retry(read(fd, text, sizeof(text) - 1));
	long number;

	/* its device has gone since (grab_header(), fs/proc/proc_sysctl.c) */
	if (len < 0 && errno == ENOENT)
		return SYSCTL_ABSENT;
	if (len < 0)
		return error_sys(e, errno, "cannot read %s", path);
	text[len] = '\0';
	errno = 0;
	number = strtol(text, &end, 10);
	if (end == text || (*end && *end != '\n') || errno || number != (int)number)
		return error_set(e, ERROR_IO, "%s: \"%s\" is not a number", path, text);
	*ret = (int)number;
	return 0;
}

static int read_number(const char *path, int *ret, struct error *e)
{
	_cleanup_(closep) int fd = retry(open(path, O_RDONLY | O_CLOEXEC));

	if (fd < 0 && errno == ENOENT)
		return SYSCTL_ABSENT;
	if (fd < 0)
		return error_sys(e, errno, "cannot open %s", path);
	return read_number_of(fd, path, ret, e);
}

/* Where it may not be written it is opened to be read, and @why tells why. */
static int open_switch(const char *path, int *why)
{
	int fd = retry(open(path, O_RDWR | O_CLOEXEC));

	*why = 0;
	if (fd >= 0 || errno == ENOENT)
		return fd;
	*why = errno;
	return retry(open(path, O_RDONLY | O_CLOEXEC));
}

/* Return: 0; SYSCTL_ABSENT; -1. */
static int set_number(const char *path, int number, struct error *e)
{
	int now, why, r;
	_cleanup_(closep) int fd = open_switch(path, &why);
	char text[NUMBER_TEXT];
	int len = snprintf(text, sizeof(text), "%d", number);

	if (fd < 0 && errno == ENOENT)
		return SYSCTL_ABSENT;
	if (fd < 0)
		return error_sys(e, errno, "cannot open %s", path);
	r = read_number_of(fd, path, &now, e);
	if (r != 0)
		return r;
	if (now == number)
		return 0;
	errno = why;
	if (!why && retry(pwrite(fd, text, (size_t)len, 0)) == len)
		return 0;
	if (errno == ENOENT)
		return SYSCTL_ABSENT;
	return error_sys(e, errno, "cannot set %s to %d", path, number);
}

int sysctl_get(const struct sysctl *sysctl, int *ret, struct error *e)
{
	char path[PATH_MAX];

	return read_number(switch_path(sysctl, path), ret, e);
}

int sysctl_set(const struct sysctl *sysctl, int value, struct error *e)
{
	char path[PATH_MAX];

	return set_number(switch_path(sysctl, path), value, e);
}

int sysctl_forwarding(int family, struct error *e)
{
	int value = 0, r = read_number(forward_path(family), &value, e);

	if (r < 0)
		return -1;
	return r == 0 && value != 0;
}

int sysctl_need_ipv6(struct error *e)
{
	const char *path = forward_path(AF_INET6);

	if (retry(faccessat(AT_FDCWD, path, F_OK, AT_EACCESS)) == 0 || errno != ENOENT)
		return 0;
	return error_set(e, ERROR_UNSUPPORTED,
			 "the network has IPv6 addresses, but this host's kernel has no "
			 "IPv6 (ipv6.disable=1?)");
}

int sysctl_forward(int family, struct error *e)
{
	const char *path = forward_path(family);
	int r, on = sysctl_forwarding(family, e);

	if (on != 0)
		return on < 0 ? -1 : 0;
	if (family == AF_INET6 && sysctl_need_ipv6(e) < 0)
		return -1;
	r = set_number(path, 1, e);
	if (r == SYSCTL_ABSENT)
		return error_sys(e, ENOENT, "cannot set %s to 1", path);
	return r;
}

int sysctl_can_forward(int family, struct error *e)
{
	const char *path = forward_path(family);
	int on = sysctl_forwarding(family, e);

	if (on != 0)
		return on < 0 ? -1 : 0;
	if (retry(faccessat(AT_FDCWD, path, W_OK, AT_EACCESS)) == 0)
		return 0;
	return error_sys(e, errno, "%s is 0 and cannot be set to 1", path);
}

void sysctl_ignore_routers(const char *device)
{
	const struct sysctl accept_ra = { "ipv6", device, "accept_ra" };
	struct error ignored;

	(void)!sysctl_set(&accept_ra, 0, &ignored);
}

int sysctl_bridge_filter(int family, struct error *e)
{
	const char *path = family == AF_INET ? NET "bridge/bridge-nf-call-iptables"
					     : NET "bridge/bridge-nf-call-ip6tables";
	int value = 0, r = read_number(path, &value, e);

	if (r < 0)
		return -1;
	return r == 0 && value != 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * world.c - namespaces, and what is left in them
 */
#include "world.h"

#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cleanup.h"

#define HERE "/proc/thread-self/ns/net"
#define CONTAINERS "/run/netns"
#define SETTLE_TRIES 2400
#define SETTLE_US 50000

int world_here(void)
{
	int fd = open(HERE, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(1, HERE);
	return fd;
}

void world_enter(int netns)
{
	if (setns(netns, CLONE_NEWNET) < 0)
		err(1, "setns");
}

int world_new_host(void)
{
	_cleanup_(closep) int before = world_here();
	int host;

	if (unshare(CLONE_NEWNET) < 0)
		err(1, "unshare");
	world_shell("ip link set lo up");
	host = world_here();
	world_enter(before);
	return host;
}

void world_new_container(const char *path)
{
	_cleanup_(closep) int before = world_here();
	_cleanup_(closep) int file =
		open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);

	if (file < 0 && errno == EEXIST)
		return;
	if (file < 0)
		err(1, "%s", path);
	if (unshare(CLONE_NEWNET) < 0 || mount(HERE, path, NULL, MS_BIND, NULL) < 0)
		err(1, "%s: cannot make a namespace", path);
	world_enter(before);
}

void world_remove_container(const char *path)
{
	if (umount2(path, MNT_DETACH) < 0 || unlink(path) < 0)
		err(1, "%s", path);
}

void world_settle(void)
{
	/* They are dismantled in the order in which they were given up. */
	world_shell(
		"ip netns add settle && ip link add settle0 type veth peer name eth0 netns settle");
	world_remove_container(CONTAINERS "/settle");
	for (int i = 0; i < SETTLE_TRIES && if_nametoindex("settle0"); i++)
		(void)usleep(SETTLE_US);
}

/* Return: how many entries a folder has; a name with a letter is none that @wanted. */
static size_t entries(const char *path, bool (*wanted)(const char *name))
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	size_t n = 0;

	while (dir && (entry = readdir(dir)))
		n += wanted(entry->d_name);
	if (dir)
		(void)closedir(dir);
	return n;
}

static bool is_address(const char *name)
{
	return name[strspn(name, "0123456789abcdef.:")] == '\0' && *name != '.';
}

static bool is_visible(const char *name)
{
	return *name != '.';
}

/* Return: how many lines (or bytes, when @bytes) a command prints. */
static size_t output_of(const char *command, bool bytes)
{
	FILE *pipe = popen(command, "re");
	size_t n = 0;
	int c;

	if (!pipe)
		err(1, "%s", command);
	while ((c = getc(pipe)) != EOF)
		n += bytes || c == '\n';
	if (pclose(pipe) != 0)
		errx(1, "failed: %s", command);
	return n;
}

struct traces world_traces(const char *store)
{
	struct traces t = {
		.links = output_of("cat /proc/net/dev", false),
		.nft = output_of("nft -s list ruleset", true),
		.leases = entries(store, is_address),
		.containers = entries(CONTAINERS, is_visible),
	};

	/* Orphans come to us: see PR_SET_CHILD_SUBREAPER in main.c. */
	for (pid_t pid = 1; pid > 0 && (pid = waitpid(-1, NULL, WNOHANG)) >= 0;)
		t.processes++;
	return t;
}

void world_fake_leases(const char *store, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		_cleanup_(closep) int file = -1;
		char path[512];

		(void)snprintf(path, sizeof(path), "%s/10.1.%zu.%zu", store,
			       128 + i / 250, 1 + i % 250);
		file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (file < 0 || dprintf(file, "fake%zu\r\neth0", i) < 0)
			err(1, "%s", path);
	}
}

void world_shell(const char *line)
{
	if (system(line) != 0)
		errx(1, "failed: %s", line);
}

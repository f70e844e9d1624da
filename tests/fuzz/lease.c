/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lease.c - a store in which somebody wrote something: the text of a lease, its
 * mark, and the last address given
 */
#include "lease.h"

#include <fcntl.h>
#include <sys/xattr.h>

#include "fuzz.h"
#include "name.h"

#define NETWORK "net"

static struct lease_store *the_store(void)
{
	static struct lease_store store = LEASE_STORE_INIT;
	struct error e;

	if (store.dir < 0) {
		fuzz_own_run(); /* the index is there */
		MUST(lease_open(&store, fuzz_folder(), NETWORK, LEASE_CREATE, &e) == 0);
	}
	return &store;
}

static void put(const struct lease_store *store, const char *name, const uint8_t *data,
		size_t size)
{
	_cleanup_(closep) int fd =
		openat(store->dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	if (size <= 255)
		(void)fsetxattr(fd, "trusted.footbridge", data, size, 0);
}

static int visit(const struct lease *lease, void *arg, struct error *e)
{
	struct mark_end end;

	(void)e;
	for (const char *c = lease->container; *c; c++)
		MUST(*c > ' ' && *c < 0x7f);
	MUST(lease->ip.len == 4);
	(void)!lease_age(arg, lease, &end, e);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ip ip = ip_from((const uint8_t[]){ 10, 1, 0, 2 }, 4);
	struct lease_store *store = the_store();
	struct error e = { 0 };
	struct ip last, *held = NULL;
	size_t n = 0;
	int r;

	put(store, "10.1.0.2", data, size);
	put(store, "last_reserved_ip.0", data, size);
	MUST(fuzz_said(lease_each(store, visit, store, &e), &e) == 0);
	MUST(lease_find(store, "c", "eth0", &held, &n, &e) == 0 && n <= 1);
	MUST(lease_holds(store, &ip, "c", "eth0", &e) == (int)n);
	free(held);
	last = lease_last(store, 0);
	MUST(last.len == 0 || last.len == 4 || last.len == 16);
	r = lease_take(store, &ip, "taker", "eth0", &e);
	MUST(r == 0 || r == LEASE_TAKEN);
	MUST(r != 0 || lease_holds(store, &ip, "taker", "eth0", &e) == 1);
	MUST(lease_free(store, &ip, &e) == 0);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index.h - which addresses an owner holds, without reading every lease
 *
 * The store's own format names the owner only inside each file, so that to look
 * for one means to read them all.  Beside a store there is therefore, below
 * /run/footbridge/leases, a directory with a symbolic link for each owner, whose
 * target is the addresses: one system call to ask, none to wait for a disk.
 *
 * It may be trusted while it is *whole*: while its directory bears the very time of
 * modification that the store's directory bears, and that for its last access, too, which
 * no change gives it.  Whoever changes the store through here signs both with a time of
 * its own afterwards.  Another plugin or a person leaves a store of another time (but for
 * who writes into a lease that is there, of which the directory shows nothing: let that one
 * touch it); so does a crash between, or, when both were changed in one tick of the kernel's
 * clock, an index of another access; and the index is made anew from the leases.  (It is,
 * too, after a person has listed it.)  An index is never needed and may be removed at any moment.
 *
 * An owner may be known by the container alone, as host-local before 0.8 wrote it, or a person
 * who keeps an address.  That there are such is a bit of the directory's mode (S_ISVTX), so
 * that nobody has to look for them where there are none.
 *
 * What it tells may be out of date in one direction only: an owner may hold less
 * than it says (see the lease itself), never more.
 */
#ifndef FOOTBRIDGE_INDEX_H
#define FOOTBRIDGE_INDEX_H

#include <stdbool.h>

#include "ip.h"

#define INDEX_PATH 96
#define INDEX_TEXT 2048	/* the addresses of one owner, with ',' in between */

struct index {
	char path[INDEX_PATH];	/* its directory; "" = there can be none */
	bool whole;
	bool bare;	/* there may be owners without an interface */
};

/* Find the index of the store whose directory is @store, and whether it is whole. */
void index_open(struct index *ret, int store);

/*
 * The addresses of an owner; where it has none, those of the container alone.
 * @text: filled when there are any.
 * Return: 1 there are; 0 there are none; -1 when that cannot be told.
 */
int index_get(const struct index *index, const char *container, const char *ifname,
	      char text[static INDEX_TEXT]);

/*
 * Tell it what an owner holds from now on.
 * @n: 0 for nothing.
 * Return: whether it knows now.
 */
bool index_put(const struct index *index, const char *container, const char *ifname,
	       const struct ip *ips, size_t n) _must_check_;

/* The store and its index agree: give both the same time. */
void index_sign(const struct index *index, int store);

/*
 * Make it anew: begin, add each lease in any order, and end, which puts it in the
 * place of the old one.  One at a time: under the store's lock.
 * Return: whether it could be done; else nothing has changed.
 */
bool index_begin(struct index *index) _must_check_;
bool index_add(struct index *index, const char *container, const char *ifname,
	       const struct ip *ip) _must_check_;
bool index_end(struct index *index) _must_check_;

#endif

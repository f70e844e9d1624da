/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sticky.h - which address a pod had last
 *
 * One file in the store, ".footbridge-sticky", whose name is no address and whose
 * text is no owner, so other plugins pass it by.  It is a table of fixed size:
 * 512 rows of 8, a pod belongs into the row that its hash names, and the one of the
 * row that was noted longest ago makes place.  So it neither grows nor is ever
 * searched, and 4096 addresses are remembered at most.
 *
 * It is a hint and no more: nobody waits for the disk, and what cannot be read or
 * written is forgotten.  Used under the store's lock.
 */
#ifndef FOOTBRIDGE_STICKY_H
#define FOOTBRIDGE_STICKY_H

#include <stdint.h>

#include "ip.h"
#include "lease.h"

/* @key: a hash of whose address it is.  Return: the address noted last; none. */
struct ip sticky_recall(const struct lease_store *store, uint64_t key);
void sticky_note(const struct lease_store *store, uint64_t key, const struct ip *ip);

/* As if nothing had been noted. */
void sticky_forget(const struct lease_store *store, uint64_t key);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * heal.h - find the leases that outlived their container
 *
 * After a crash or a reboot nobody sends a DEL for what died with the host.  A
 * lease is dead only where that is proven, by one of
 *
 *  1. It is torn: a write that never ended (empty, NULs, no words).
 *  2. It is of an earlier boot.  Its mark has the boot_id of another boot, on a
 *     file system that no other host can have mounted; no container outlives its
 *     kernel.  And there is no host veth of its name.
 *  3. Its attachment was complete in this boot and in the network namespace that
 *     we are in now (its mark has that and the index of its host veth), and there
 *     is neither a device of that index nor one of its name any more.  A veth goes
 *     with its peer, so the container's end is gone too.
 *
 * For 2 and 3 the text must be exactly what host-local writes.  All else stays:
 * leases without a mark, notes of people, entries that name the container alone,
 * an ADD that is still at work (its mark has no host veth yet), other namespaces.
 *
 * Whose leases have marks: ours from birth; another plugin's when we have seen
 * them.  The first ADD of each boot marks what stands there without a mark as seen
 * in this boot, so it counts as of an earlier boot from the next one on: a lease
 * that the Go host-local made in this boot before us is never taken for an older
 * one.  What all of this relies on: who shares a store sees the same boot_id.
 */
#ifndef FOOTBRIDGE_HEAL_H
#define FOOTBRIDGE_HEAL_H

#include "effect.h"
#include "lease.h"

/*
 * What proves that this lease is dead?
 * @lease: of this store.
 * @ret: "its host veth is gone"; NULL where nothing does.
 * Return: 0; -1 when something could not be looked at.
 */
int heal_proof(struct lease_store *store, const struct ident *id, const struct lease *lease,
	       const char **ret, struct error *e) _must_check_;

/*
 * Free the dead leases of the network; what cannot be read stays.
 * @only: that of this address and no other; NULL = all.
 * @freed: how many there were.
 * Return: 0, -1.
 */
int heal_store(struct lease_store *store, const struct ident *id, const struct ip *only,
	       size_t *freed, struct error *e) _must_check_;

/* The host end of this attachment, which stands.  Return: {0} where it does not, or that is not known. */
struct mark_end heal_host_end(const struct ident *id);

#endif

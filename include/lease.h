/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lease.h - host-local's store of who holds which address
 *
 * One file an address below <dataDir>/<network>: its name is the address, its
 * text the container and the interface.  The directory is the whole state, byte
 * compatible with the Go host-local, so either plugin can release what the other
 * leased.  A file is made whole and then linked under its name: never visible
 * empty, after a power cut hardly ever.  Torn entries of others (empty, NUL-filled)
 * belong to nobody and are taken over under the lock.  Beside the text a lease has
 * a mark (mark.h); the store has one too, which says when it was last gone through
 * for leases without.
 *
 * What is not a regular file of at most 4 KiB is never opened for its text, and
 * symbolic links are never followed.
 */
#ifndef FOOTBRIDGE_LEASE_H
#define FOOTBRIDGE_LEASE_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "index.h"
#include "ip.h"
#include "mark.h"

#define LEASE_TAKEN 1	/* somebody holds the address */
#define LEASE_NONE 2	/* there is no store, or no such lease */
#define LEASE_UNREAD 3	/* all was done, but for leases whose files are broken: *e tells of the first */

struct lease_store {
	int dir;	/* <dataDir>/<network>; -1 = not open */
	int lock;	/* its lock file, held; -1 = not locked */
	const char *data_dir, *network;	/* lent by who opened it, for messages */
	char boot[MARK_BOOT];	/* the present boot, where it is open to lease; "" = not known */
	struct index index;
	size_t sealed;	/* leases, maybe, that lease_each() met and we may not read */
	size_t unread;	/* others, which the file system cannot read (EIO and the like) */
};

#define LEASE_STORE_INIT { .dir = -1, .lock = -1 }

/* What a store is opened for. */
enum lease_access {
	LEASE_READ,	/* to look, without the lock: leases are whole at every moment */
	LEASE_CHANGE,	/* under the lock; what a killed writer left half-made goes */
	LEASE_CREATE,	/* under the lock; what is missing of the path is made, mode 0755 */
};

/*
 * Open a network's store; its lock is waited for up to 10 s.
 * @data_dir, @network: lent until lease_close().
 * Return: 0; LEASE_NONE when it is absent and not to be made; -1 with ERROR_IO,
 * or ERROR_AGAIN when the lock stays held.
 */
int lease_open(struct lease_store *ret, const char *data_dir, const char *network,
	       enum lease_access access, struct error *e) _must_check_;

/*
 * What this owner holds from now on: the last word of who took or freed for it,
 * to be said before lease_close().  Without it the index counts as out of date.
 * @n: 0 for nothing.
 */
void lease_tell(struct lease_store *store, const char *container, const char *ifname,
		const struct ip *ips, size_t n);

/* Release the lock and close.  For _cleanup_. */
void lease_close(struct lease_store *store);

/* Give @ip to the owner.  Return: 0; LEASE_TAKEN; -1 with ERROR_IO. */
int lease_take(struct lease_store *store, const struct ip *ip, const char *container,
	       const char *ifname, struct error *e) _must_check_;

/* Does anything stand under the name of @ip, be it torn?  A quick look, for walks. */
bool lease_present(const struct lease_store *store, const struct ip *ip);

/* Does the owner hold @ip?  Return: 1 yes, 0 no, -1. */
int lease_holds(struct lease_store *store, const struct ip *ip, const char *container,
		const char *ifname, struct error *e) _must_check_;

/*
 * Does the owner hold @ip?  Then its mark is completed with the host's end of the
 * attachment.
 * Return: 1 yes, 0 no, -1.
 */
int lease_confirm(struct lease_store *store, const struct ip *ip, const char *container,
		  const char *ifname, const struct mark_end *end, struct error *e) _must_check_;

/* Free @ip, whoever holds it.  Return: 0, also when it is free; -1 with ERROR_IO. */
int lease_free(struct lease_store *store, const struct ip *ip, struct error *e) _must_check_;

/*
 * One lease, as it stands in the store.  @ifname is "" in an entry of
 * host-local before 0.8, which names the container alone; both are "" in a torn
 * one.
 */
struct lease {
	struct ip ip;
	const char *container, *ifname;
	bool exact;	/* as host-local writes it: else it may be somebody's note */
};

enum lease_age {
	LEASE_OF_UNKNOWN_AGE,
	LEASE_OF_THIS_BOOT,
	LEASE_OF_EARLIER_BOOT,
};

/*
 * Is this lease of the present boot, for sure, or of an earlier one?  See heal.h.
 * One without a mark gets it now, as seen in this boot; in a store that is open
 * for reading it stays without, and of unknown age.
 * @end: its host's end, {0} when that is not known.
 * Return: an enum lease_age; -1 with ERROR_IO.
 */
int lease_age(struct lease_store *store, const struct lease *lease, struct mark_end *end,
	      struct error *e) _must_check_;

/* Called for each lease.  Return: 0 to go on, -1 with *e to stop. */
typedef int lease_visit(const struct lease *lease, void *arg, struct error *e);

/* Visit all leases, in the directory's order.  Return: 0, LEASE_UNREAD, -1. */
int lease_each(struct lease_store *store, lease_visit *visit, void *arg, struct error *e) _must_check_;

/* Visit that of @ip, if there is one.  Return: 0, LEASE_UNREAD, -1. */
int lease_one(struct lease_store *store, const struct ip *ip, lease_visit *visit, void *arg,
	      struct error *e) _must_check_;

/*
 * Visit the networks that have a store below @data_dir, by name.
 * Return: 0, also where there is no such directory; -1 with ERROR_IO.
 */
typedef int lease_network_visit(const char *network, void *arg, struct error *e);
int lease_each_network(const char *data_dir, lease_network_visit *visit, void *arg,
		       struct error *e) _must_check_;

/*
 * The addresses an owner holds, from the index, or by reading all leases; where it holds none by container and
 * interface, those of entries that name the container alone.
 * @ret: an array the caller frees; NULL when there is none.
 * Return: 0; LEASE_UNREAD: there may be more; -1.
 */
int lease_find(struct lease_store *store, const char *container, const char *ifname,
	       struct ip **ret, size_t *n, struct error *e) _must_check_;

/*
 * The address given last out of range set number @set: "none" when that is not
 * known.  It is a hint: what cannot be read is none.
 */
struct ip lease_last(struct lease_store *store, size_t set);

/* Remember it.  Return: 0, -1 with ERROR_IO. */
int lease_set_last(struct lease_store *store, size_t set, const struct ip *ip,
		   struct error *e) _must_check_;

/*
 * Could a store be opened and written below @data_dir?  Creates nothing.
 * Return: 0; -1 with ERROR_UNAVAILABLE saying why not.
 */
int lease_ready(const char *data_dir, const char *network, struct error *e) _must_check_;

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * heal.c - find the leases that outlived their container
 */
#include "heal.h"

#include "link.h"

/* The inode of the host's namespace.  Return: 0, -1. */
static int here(const struct ident *id, uint64_t *ret, struct error *e)
{
	if (!id->pod)
		return netns_own(ret, e);
	*ret = id->pod->netns.home_inode;
	return 0;
}

/*
 * Is the host end that the mark tells of gone?
 * Return: 1; 0, also where the mark tells of none, or of one in another namespace; -1.
 */
static int is_gone(const struct ident *id, const struct mark_end *end, struct error *e)
{
	struct link ignored;
	uint64_t netns;
	int r;

	if (end->index == 0 || end->netns == 0)
		return 0;
	if (here(id, &netns, e) < 0)
		return -1;
	if (end->netns != netns)
		return 0;
	r = link_get(&id->host->route, NULL, end->index, &ignored, e);
	return r < 0 ? -1 : r == NL_ABSENT;
}

int heal_proof(struct lease_store *store, const struct ident *id,
	       const struct lease *lease, const char **ret, struct error *e)
{
	char veth[NAME_LINK];
	struct mark_end end;
	int r;

	*ret = *lease->container ? NULL : "the lease is torn";
	if (*ret || !*lease->ifname)
		return 0;
	name_host_veth(id->conf->name, lease->container, lease->ifname, veth);
	r = link_exists(&id->host->route, veth, e);
	if (r != 0)
		return r < 0 ? -1 : 0;
	r = lease_age(store, lease, &end, e);
	if (r == LEASE_OF_EARLIER_BOOT)
		*ret = "the lease is of an earlier boot";
	if (r != LEASE_OF_THIS_BOOT)
		return r < 0 ? -1 : 0;
	r = is_gone(id, &end, e);
	if (r > 0)
		*ret = "its host veth is gone";
	return r < 0 ? -1 : 0;
}

/* Freed later: a directory that changes under its reader may hide entries from it. */
struct dead {
	struct lease_store *store;
	const struct ident *id;
	struct ip *v;
	size_t n;
};

static void dead_clear(struct dead *dead)
{
	free(dead->v);
}

static int find_dead(const struct lease *lease, void *arg, struct error *e)
{
	struct dead *dead = arg;
	const char *proof;

	if (heal_proof(dead->store, dead->id, lease, &proof, e) < 0)
		return -1;
	if (!proof)
		return 0;
	if (list_grow(&dead->v, dead->n, sizeof(*dead->v), e) < 0)
		return -1;
	dead->v[dead->n++] = lease->ip;
	return 0;
}

int heal_store(struct lease_store *store, const struct ident *id, const struct ip *only,
	       size_t *freed, struct error *e)
{
	_cleanup_(dead_clear) struct dead dead = { .store = store, .id = id };
	int r;

	*freed = 0;
	r = only ? lease_one(store, only, find_dead, &dead, e)
		 : lease_each(store, find_dead, &dead, e);
	if (r < 0)
		return -1;
	for (; *freed < dead.n; (*freed)++)
		if (lease_free(store, &dead.v[*freed], e) < 0)
			return -1;
	return 0;
}

struct mark_end heal_host_end(const struct ident *id)
{
	char veth[NAME_LINK];
	struct mark_end end = { 0 };
	struct error unheard;

	end.index = link_index(&id->host->route, ident_veth(id, veth));
	if (end.index && here(id, &end.netns, &unheard) < 0)
		end.index = 0;
	return end;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * heal.c - find the leases that outlived their container
 */
#include "heal.h"

#include "link.h"

/* A device that we cannot ask for counts as there. */
static bool has_device(const struct ident *id, int index)
{
	struct error unheard;
	struct link link;

	return link_get(&id->host->route, NULL, index, &link, &unheard) != NL_ABSENT;
}

static bool is_gone(const struct ident *id, const struct mark_end *end)
{
	return end->index > 0 && end->netns != 0 && end->netns == netns_own() &&
	       !has_device(id, end->index);
}

bool heal_is_dead(struct lease_store *store, const struct ident *id,
		  const struct lease *lease)
{
	char veth[NAME_LINK];
	struct mark_end end;
	struct error unheard;

	if (!*lease->container)
		return true;
	if (!*lease->ifname)
		return false;
	name_host_veth(id->conf->name, lease->container, lease->ifname, veth);
	/* Where that cannot be told, it may be. */
	if (link_exists(&id->host->route, veth, &unheard) != 0)
		return false;
	switch (lease_age(store, lease, &end)) {
	case LEASE_OF_EARLIER_BOOT:
		return true;
	case LEASE_OF_THIS_BOOT:
		return is_gone(id, &end);
	case LEASE_OF_UNKNOWN_AGE:
		break;
	}
	return false;
}

const char *heal_reason(struct lease_store *store, const struct lease *lease)
{
	struct mark_end end;

	if (!*lease->container)
		return "the lease is torn";
	return lease_age(store, lease, &end) == LEASE_OF_EARLIER_BOOT
		       ? "the lease is of an earlier boot"
		       : "its host veth is gone";
}

/* Freed later: a directory that changes under its reader may hide entries from it. */
struct dead {
	struct lease_store *store;
	const struct ident *id;
	const struct ip *only;
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

	if (dead->only && !ip_equal(dead->only, &lease->ip))
		return 0;
	if (!heal_is_dead(dead->store, dead->id, lease))
		return 0;
	if (list_grow(&dead->v, dead->n, sizeof(*dead->v), e) < 0)
		return -1;
	dead->v[dead->n++] = lease->ip;
	return 0;
}

int heal_store(struct lease_store *store, const struct ident *id, const struct ip *only,
	       size_t *freed, struct error *e)
{
	_cleanup_(
		dead_clear) struct dead dead = { .store = store, .id = id, .only = only };

	*freed = 0;
	if (lease_each(store, find_dead, &dead, e) < 0)
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

	end.index = link_index(&id->host->route, ident_veth(id, veth));
	if (end.index)
		end.netns = netns_own();
	return end;
}

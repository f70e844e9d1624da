/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * effect.c - the walks
 */
#include "effect.h"

#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "route.h"

#define NOTE_SIZE 512

/* How long a namespace may be on its way out: 1 s in all. */
#define TEARDOWN_STEP_MS 20
#define TEARDOWN_PATIENCE_MS 1000

/*
 * Memory that an ADD keeps for its way back, should there be none left.  Listing a
 * folder takes 32 KiB of it, messages the rest.
 */
#define RESERVE_SIZE 98304

void ident_note(const struct ident *id, const char *format, ...)
{
	char note[ERROR_TEXT];
	struct error ignored;
	va_list args;

	if (!id->notes)
		return;
	va_start(args, format);
	(void)vsnprintf(note, sizeof(note), format, args);
	va_end(args);
	(void)!list_add(id->notes, note, &ignored);
}

int ident_mtu(const struct ident *id, uint32_t *ret, struct error *e)
{
	*ret = id->conf->bridge.mtu;
	if (!id->conf->bridge.mtu_auto)
		return 0;
	if (route_default_mtu(&id->host->route, ret, e) < 0)
		return -1;
	if (*ret > 0 && *ret < CONF_MTU_MIN_V6 && conf_gives_ipv6(&id->conf->ipam))
		*ret = CONF_MTU_MIN_V6;
	return 0;
}

int host_nft(struct host *host, struct error *e)
{
	return host->nft.fd >= 0 ? 0 : nl_open(&host->nft, NETLINK_NETFILTER, e);
}

static int open_inside(void *arg, struct error *e)
{
	return nl_open(arg, NETLINK_ROUTE, e);
}

int pod_open(struct pod *ret, const struct host *host, const char *path, bool own_allowed,
	     struct error *e)
{
	int r = netns_open(&ret->netns, path, own_allowed, host->route.fd, e);

	if (r != 0)
		return r;
	return netns_run(&ret->netns, open_inside, &ret->route, e) == 0 ? 0 : -1;
}

void pod_close(struct pod *pod)
{
	nl_close(&pod->route);
	netns_close(&pod->netns);
}

const char *ident_veth(const struct ident *id, char name[static NAME_LINK])
{
	return name_host_veth(id->conf->name, id->args->container, id->args->ifname,
			      name);
}

const char *ident_owner(const struct ident *id, char owner[static NAME_OWNER])
{
	return name_owner(id->args->container, id->args->ifname, owner);
}

struct mac ident_veth_mac(const struct ident *id)
{
	const char *const words[] = { id->conf->name, id->args->container,
				      id->args->ifname, NULL };

	return mac_from_hash(VETH_MAC_0, name_hash(words));
}

/* By its alias; a person or udev may have given it another, but its MAC it has from birth. */
static bool is_marked(const struct ident *id, const struct link *link)
{
	char owner[NAME_OWNER], alias[NAME_ALIAS];
	const struct mac mac = ident_veth_mac(id);

	name_alias(id->conf->name, ident_owner(id, owner), alias);
	return strcmp(link->alias, alias) == 0 ||
	       (!name_is_alias(link->alias) && mac_equal(&link->mac, &mac));
}

int ident_link(const struct ident *id, struct link *link, struct error *e)
{
	char name[NAME_LINK];
	int r = link_get(&id->host->route, ident_veth(id, name), 0, link, e);

	if (r != 0)
		return r < 0 ? -1 : 0;
	if (strcmp(link->kind, "veth") != 0)
		return 0;
	/* It bears its alias from the second message on: killed between, it has none. */
	return !*link->alias || is_marked(id, link) ? link->index : 0;
}

int ident_pair(const struct ident *id, struct link *inside, struct link *outside,
	       struct error *e)
{
	int home;
	int r = link_get(&id->pod->route, id->args->ifname, 0, inside, e);

	if (r != 0)
		return r < 0 ? -1 : 0;
	if (strcmp(inside->kind, "veth") != 0 || !inside->peer_elsewhere)
		return 0;
	/* Its peer's number means nothing but in the namespace that it is in. */
	r = link_nsid(&id->pod->route, id->pod->netns.home, &home, e);
	if (r != 0 || home != inside->peer_nsid)
		return r < 0 ? -1 : 0;
	r = link_get(&id->host->route, NULL, inside->peer, outside, e);
	if (r != 0)
		return r < 0 ? -1 : 0;
	return strcmp(outside->kind, "veth") == 0 && outside->peer == inside->index;
}

int ident_find_link(const struct ident *id, struct link *link, struct error *e)
{
	struct link inside;
	int r = ident_link(id, link, e);

	if (r != 0 || !id->pod)
		return r;
	r = ident_pair(id, &inside, link, e);
	if (r <= 0)
		return r;
	return is_marked(id, link) ? link->index : 0;
}

int ident_refuse(const struct ident *id, struct error *e)
{
	return error_set(e, ERROR_EXISTS,
			 "the container has an interface %s already, or lives in another "
			 "namespace; DEL it first",
			 id->args->ifname);
}

/*
 * Does our host veth lead into yet another namespace?  One that is being taken down takes its
 * devices along in the background, which is waited for.
 */
static int is_elsewhere(const struct ident *id, struct error *e)
{
	const struct timespec step = { .tv_nsec = TEARDOWN_STEP_MS * 1000000L };
	const int64_t deadline = clock_ms() + TEARDOWN_PATIENCE_MS;
	struct link link;

	for (;;) {
		int index = ident_link(id, &link, e);

		if (index <= 0)
			return index;
		if (!link.peer_elsewhere)
			return 0;
		if (clock_ms() >= deadline)
			return 1;
		(void)nanosleep(&step, NULL);
	}
}

int ident_alive(const struct ident *id, struct error *e)
{
	struct link link;
	int r;

	if (!id->pod)
		return 1;
	r = link_get(&id->pod->route, id->args->ifname, 0, &link, e);
	if (r < 0)
		return -1;
	return r == 0 ? 1 : is_elsewhere(id, e);
}

bool attach_owns(const struct attach *at, const struct address *address)
{
	const struct args *args = at->id.args;

	return address->interface == RESULT_NO_INTERFACE ||
	       address->interface ==
		       result_find_interface(&at->result, args->ifname, args->netns);
}

/* Looking around before a sweep. */

bool gc_connects(const struct gc *gc, const struct link *link)
{
	if (link->peer_elsewhere || gc->args->own_netns_allowed)
		return true;
	return gc->unlisted && !link_lacks_carrier(link);
}

static int note_living(const struct gc *gc, const char *owner, const struct link *link,
		       struct error *e)
{
	char note[NOTE_SIZE];

	if (gc->unlisted)
		return 0;
	(void)snprintf(
		note, sizeof(note),
		"kept %s: it is not in the list of valid attachments, but connected (%s); "
		"\"gcLive\": true collects such too",
		owner, link->name);
	return list_add(gc->notes, note, e);
}

static int meet(const struct link *link, void *arg, struct error *e)
{
	struct gc *gc = arg;
	const char *owner = name_alias_owner(link->alias, gc->conf->name);

	if (!owner || gc_keeps(gc, owner))
		return 0;
	if (!gc_connects(gc, link))
		return gc->unlisted ? list_add(&gc->parted, owner, e) : 0;
	return note_living(gc, owner, link, e) < 0 ? -1 : list_add(&gc->living, owner, e);
}

int gc_look(struct gc *gc, struct error *e)
{
	const struct conf_gc *told = &gc->conf->gc;

	for (size_t i = 0; i < told->n_valid; i++) {
		char owner[NAME_OWNER];

		name_owner(told->valid[i].container, told->valid[i].ifname, owner);
		if (list_add(&gc->valid, owner, e) < 0)
			return -1;
	}
	if (told->live && !gc->unlisted)
		return 0;
	return link_each(&gc->host->route, "veth", meet, gc, e);
}

bool gc_keeps(const struct gc *gc, const char *owner)
{
	return list_has(&gc->valid, owner) || list_has(&gc->living, owner);
}

int gc_arrived(const struct gc *gc, const char *veth, struct error *e)
{
	struct link link;
	int r;

	if ((!gc->unlisted && gc->conf->gc.live) || !*veth)
		return 0;
	r = link_get(&gc->host->route, veth, 0, &link, e);
	return r == 0 ? gc_connects(gc, &link) : r < 0 ? -1 : 0;
}

int gc_takes(const struct gc *gc, const struct gc_find *find, struct error *e)
{
	int r = gc->ask ? gc->ask(find, gc->arg, e) : 1;

	return r > 0 && gc->look ? 0 : r;
}

void gc_clear(struct gc *gc)
{
	list_clear(&gc->valid);
	list_clear(&gc->living);
	list_clear(&gc->parted);
}

/* Walking. */

static size_t count(const struct effect *const effects[])
{
	size_t n = 0;

	while (effects[n])
		n++;
	return n;
}

/*
 * Revert the first @n effects, last first, and go on after a failure; see effect->frees.
 * @idle: those that are left out; see struct attach.
 */
static int revert(const struct effect *const effects[], size_t n, uint64_t idle,
		  const struct ident *id, struct error *e)
{
	struct error all, one;
	bool borne = false;

	error_none(&all);
	while (n-- > 0) {
		if (!effects[n]->revert || idle >> n & 1 ||
		    (effects[n]->frees && borne) || effects[n]->revert(id, &one) == 0)
			continue;
		borne = borne || !effects[n]->frees;
		error_wrap(&one, "undo: %s", effects[n]->name);
		error_join(&all, &one);
	}
	return error_gathered(&all, e);
}

/* Trouble on the way back goes beside the cause, or where nothing may, to stderr. */
static void go_back(const struct effect *const effects[], size_t n, struct attach *at,
		    struct error *e)
{
	struct error also = { 0 };

	attach_free_reserve(at);
	if (revert(effects, n, at->idle, &at->id, &also) == 0)
		return;
	error_details(e, "and on the way back: %s", also.msg);
	if (e->foreign)
		ident_note(&at->id, "%s", also.msg);
}

/* Return: how many were applied; all, or *e says why not. */
static size_t apply(const struct effect *const effects[], struct attach *at,
		    struct error *e)
{
	size_t i;

	for (i = 0; effects[i]; i++) {
		int r = effects[i]->apply ? effects[i]->apply(at, e) : 0;

		if (r == EFFECT_IDLE)
			at->idle |= UINT64_C(1) << i;
		if (r >= 0)
			continue;
		error_wrap(e, "%s", effects[i]->name);
		break;
	}
	return i;
}

int effect_apply_all(const struct effect *const effects[], struct attach *at,
		     struct error *e)
{
	size_t n;

	at->reserve = malloc(RESERVE_SIZE);
	if (!at->reserve)
		return error_set(e, ERROR_MEMORY, "out of memory");
	n = apply(effects, at, e);
	if (!effects[n])
		return 0;
	go_back(effects, n, at, e);
	return -1;
}

void effect_take_back(const struct effect *const effects[], struct attach *at,
		      struct error *e)
{
	go_back(effects, count(effects), at, e);
}

void attach_free_reserve(struct attach *at)
{
	free(at->reserve);
	at->reserve = NULL;
}

int effect_revert_all(const struct effect *const effects[], const struct ident *id,
		      struct error *e)
{
	return revert(effects, count(effects), 0, id, e);
}

int ident_revert_others(const struct ident *id, struct error *e)
{
	return id->others ? effect_revert_all(id->others, id, e) : 0;
}

int effect_verify_all(const struct effect *const effects[], const struct attach *at,
		      struct error *e)
{
	for (size_t i = 0; effects[i]; i++) {
		int r = effects[i]->verify ? effects[i]->verify(at, e) : 0;

		if (r < 0)
			return error_wrap(e, "%s", effects[i]->name);
		if (r == EFFECT_DONE)
			return 0;
	}
	return 0;
}

bool effect_sweeps(const struct effect *const effects[])
{
	for (size_t i = 0; effects[i]; i++) {
		if (effects[i]->sweep)
			return true;
	}
	return false;
}

int effect_sweep_all(const struct effect *const effects[], const struct gc *gc,
		     struct error *e)
{
	struct error all, one;
	bool borne = false;

	error_none(&all);
	for (size_t i = count(effects); i-- > 0;) {
		if (!effects[i]->sweep || (effects[i]->frees && borne) ||
		    effects[i]->sweep(gc, &one) == 0)
			continue;
		borne = borne || !effects[i]->frees;
		error_wrap(&one, "collect: %s", effects[i]->name);
		error_join(&all, &one);
	}
	return error_gathered(&all, e);
}

int effect_ready_all(const struct effect *const effects[], const struct ident *id,
		     struct error *e)
{
	for (size_t i = 0; effects[i]; i++) {
		if (effects[i]->ready && effects[i]->ready(id, e) < 0) {
			if (!e->foreign)
				e->code = ERROR_UNAVAILABLE;
			return error_wrap(e, "%s", effects[i]->name);
		}
	}
	return 0;
}

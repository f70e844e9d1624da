/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index.c - an index of leases in which somebody wrote something
 *
 * The first byte says who asks, whose link was written, and what else is to be seen of
 * the index; the rest is the link's target.  Whatever that says, nobody is told to hold
 * what another holds; and what cannot be true is not believed at all.
 */
#include "../../ipam/index.c"

#include "fuzz.h"
#include "lease.h"

#define NETWORK "net"
#define CONTAINER "c"
#define TOLD_MAX (INDEX_TEXT / 2) /* words, each with a comma */

enum {
	ASKS_OTHER = 1, /* for an interface that has no lease */
	LINK_BARE = 2,	/* the container's own is the link, and there is no other */
	MODE_BARE = 4,	/* such links are announced */
	STALE = 8,	/* the store has been changed since */
};

static const struct {
	const char *ip, *container, *ifname;
} leases[] = {
	{ "10.1.0.2", CONTAINER, "eth0" }, { "10.1.0.3", CONTAINER, "eth1" },
	{ "10.1.0.4", "other", "eth0" },   { "10.1.0.5", CONTAINER, "" },
	{ "fd00::2", CONTAINER, "eth0" },
};

#define LEASES (sizeof(leases) / sizeof(*leases))

struct found {
	struct ip *v;
	size_t n;
};

static void found_clear(struct found *found)
{
	free(found->v);
}

static struct found find(struct lease_store *store, const char *ifname)
{
	struct found found = { 0 };
	struct error e = { 0 };

	MUST(lease_find(store, CONTAINER, ifname, &found.v, &found.n, &e) == 0);
	return found;
}

/* With its index, which is whole. */
static struct lease_store *the_store(void)
{
	static struct lease_store store = LEASE_STORE_INIT;
	struct error e;
	struct ip ip;

	if (store.dir >= 0)
		return &store;
	fuzz_own_run();
	MUST(lease_open(&store, fuzz_folder(), NETWORK, LEASE_CREATE, &e) == 0);
	for (size_t i = 0; i < LEASES; i++)
		MUST(ip_parse(leases[i].ip, &ip) &&
		     lease_take(&store, &ip, leases[i].container, leases[i].ifname, &e) ==
			     0);
	free(find(&store, "eth0").v);
	return &store;
}

/* What the index says from now on; nothing where @text is "". */
static void write_index(const struct lease_store *store, const char *ifname, uint8_t how,
			const char *text)
{
	const struct index *index = &store->index;
	const struct timespec other[] = { { .tv_nsec = UTIME_OMIT }, { .tv_nsec = 1 } };
	char its[LINK_PATH], bare[LINK_PATH];

	MUST(index->whole);
	link_path(index->path, "", CONTAINER, ifname, its);
	link_path(index->path, "", CONTAINER, "", bare);
	MUST(unlink(its) == 0 || errno == ENOENT);
	MUST(unlink(bare) == 0 || errno == ENOENT);
	MUST(!*text || symlink(text, how & LINK_BARE ? bare : its) == 0);
	MUST(chmod(index->path, how & MODE_BARE ? BARE_MODE : DIR_MODE) == 0);
	index_sign(index, store->dir);
	MUST(!(how & STALE) || futimens(store->dir, other) == 0);
}

/* As the leases say it: what names the container alone is for each of its interfaces. */
static bool holds(const char *ifname, const struct ip *wanted)
{
	struct ip ip;

	for (size_t i = 0; i < LEASES; i++) {
		MUST(ip_parse(leases[i].ip, &ip));
		if (ip_equal(&ip, wanted))
			return strcmp(leases[i].container, CONTAINER) == 0 &&
			       (!*leases[i].ifname ||
				strcmp(leases[i].ifname, ifname) == 0);
	}
	return false;
}

/* What is believed of a link's text.  Return: false where it is not true. */
static bool believe(const char *ifname, char *text, struct ip told[static TOLD_MAX],
		    size_t *n)
{
	char *rest = NULL;

	if (strlen(text) >= INDEX_TEXT)
		return false;
	for (char *word = strtok_r(text, ",", &rest); word;
	     word = strtok_r(NULL, ",", &rest)) {
		if (!ip_parse(word, &told[*n]) || !holds(ifname, &told[*n]))
			return false;
		(*n)++;
	}
	return true;
}

static void must_be(const struct found *found, const struct ip *ips, size_t n)
{
	MUST(found->n == n);
	for (size_t i = 0; i < n; i++)
		MUST(ip_equal(&found->v[i], &ips[i]));
}

static bool is_found(const struct found *found, const char *text)
{
	struct ip ip;

	MUST(ip_parse(text, &ip));
	for (size_t i = 0; i < found->n; i++)
		if (ip_equal(&found->v[i], &ip))
			return true;
	return false;
}

/* Just what stands in the leases, those of the container alone where it has no other. */
static void must_be_read(const char *ifname, const struct found *found)
{
	const char *wanted = strcmp(ifname, "eth0") == 0 ? ifname : "";
	size_t n = 0;

	for (size_t i = 0; i < LEASES; i++) {
		if (strcmp(leases[i].container, CONTAINER) != 0 ||
		    strcmp(leases[i].ifname, wanted) != 0)
			continue;
		MUST(is_found(found, leases[i].ip));
		n++;
	}
	MUST(found->n == n);
}

/* What the index has been told, it tells. */
static void tell_again(struct lease_store *store, const char *ifname,
		       const struct found *found)
{
	_cleanup_(found_clear) struct found again = { 0 };

	lease_tell(store, CONTAINER, ifname, found->v, found->n);
	again = find(store, ifname);
	must_be(&again, found->v, found->n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lease_store *store = the_store();
	const uint8_t how = size ? data[0] : 0;
	const char *ifname = how & ASKS_OTHER ? "eth9" : "eth0";
	_cleanup_(freep) char *text = NULL;
	_cleanup_(found_clear) struct found found = { 0 };
	struct ip told[TOLD_MAX];
	size_t n = 0;

	if (size < 1 || size > PATH_MAX)
		return 0;
	text = fuzz_text(data + 1, size - 1);
	write_index(store, ifname, how, text);
	found = find(store, ifname);
	/* of a link that is not announced nobody knows */
	if (how & LINK_BARE && !(how & MODE_BARE))
		*text = '\0';
	if (!(how & STALE) && believe(ifname, text, told, &n))
		must_be(&found, told, n);
	else
		must_be_read(ifname, &found);
	tell_again(store, ifname, &found);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * survey.c - what is on this host: networks, attachments, where they lead
 *
 * In the order of what can be relied on: the links, the stores, and last the nft
 * sets.  Each finds its attachment by (network, owner) or begins a new one.
 */
#include "survey.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "addr.h"
#include "heal.h"
#include "lease.h"
#include "masq.h"
#include "record.h"
#include "route.h"

static char *copy(const char *text, struct error *e)
{
	char *copied = strdup(text);

	if (!copied)
		error_set(e, ERROR_MEMORY, "out of memory");
	return copied;
}

static int note(struct survey *survey, const char *what, const struct error *why,
		const char *remedy, struct error *e)
{
	_cleanup_(freep) char *line = NULL;

	if (why->code == ERROR_MEMORY) {
		*e = *why;
		return -1;
	}
	if (asprintf(&line, "%s: %s", what, why->msg) < 0) {
		line = NULL;
		return error_set(e, ERROR_MEMORY, "out of memory");
	}
	error_clean(line);
	return list_add(&survey->troubles, line, e) < 0
		       ? -1
		       : list_add(&survey->remedies, remedy, e);
}

int survey_note(struct survey *survey, const char *what, const struct error *why,
		struct error *e)
{
	return note(survey, what, why, "", e);
}

int survey_note_unseen(struct survey *survey, const char *what, const struct error *why,
		       struct error *e)
{
	return why->code == ERROR_KERNEL ? 0 : survey_note(survey, what, why, e);
}

/* Finding. */

const struct link *survey_link(const struct survey *survey, int index)
{
	for (size_t i = 0; index && i < survey->n_links; i++) {
		if (survey->links[i].index == index)
			return &survey->links[i];
	}
	return NULL;
}

const struct link *survey_link_named(struct survey *survey, const char *name)
{
	struct link link;
	struct error ignored;

	for (size_t i = 0; i < survey->n_links; i++) {
		if (strcmp(survey->links[i].name, name) == 0)
			return &survey->links[i];
	}
	if (link_get(&survey->host.route, name, 0, &link, &ignored) != 0)
		return NULL;
	return survey_link(survey, link.index);
}

const struct survey_space *survey_space(const struct survey *survey, int nsid)
{
	for (size_t i = 0; i < survey->n_spaces; i++) {
		if (survey->spaces[i].nsid == nsid)
			return &survey->spaces[i];
	}
	return NULL;
}

static struct survey_network *find_network(const struct survey *survey, const char *name)
{
	for (size_t i = 0; i < survey->n_networks; i++) {
		if (strcmp(survey->networks[i].name, name) == 0)
			return &survey->networks[i];
	}
	return NULL;
}

const struct survey_network *survey_network(const struct survey *survey, const char *name)
{
	return find_network(survey, name);
}

const struct link *survey_bridge_of(struct survey *survey, const struct link *gateway)
{
	char name[NAME_LINK];
	const struct link *bridge;
	char *vlan;

	if (strcmp(gateway->kind, "bridge") == 0)
		return gateway;
	(void)snprintf(name, sizeof(name), "%s", gateway->name);
	vlan = strrchr(name, '.');
	if (!vlan)
		return NULL;
	*vlan = '\0';
	bridge = survey_link_named(survey, name);
	return bridge && strcmp(bridge->kind, "bridge") == 0 ? bridge : NULL;
}

const struct link *survey_gateway_behind(const struct survey *survey,
					 const struct link *port)
{
	return port->master && !port->peer_elsewhere && name_is_gateway_alias(port->alias)
		       ? survey_link(survey, port->peer)
		       : NULL;
}

uint8_t survey_subnet_bits(const struct survey *survey, const struct link *link,
			   const struct ip *ip)
{
	uint8_t bits = 0;

	for (size_t i = 0; i < survey->n_own; i++) {
		const struct survey_own *own = &survey->own[i];

		if (own->link == link && own->prefix.bits > bits &&
		    prefix_contains(&own->prefix, ip))
			bits = own->prefix.bits;
	}
	return bits;
}

bool survey_has(const struct survey *survey, const struct link *link,
		const struct prefix *prefix)
{
	for (size_t i = 0; i < survey->n_own; i++) {
		const struct survey_own *own = &survey->own[i];

		if (own->link == link && own->prefix.bits == prefix->bits &&
		    prefix_contains(&own->prefix, &prefix->ip))
			return true;
	}
	return false;
}

/* The attachment of this owner.  Return: NULL for none. */
static struct survey_attachment *find(const struct survey *survey, const char *network,
				      const char *owner)
{
	for (size_t i = 0; *owner && i < survey->n_attachments; i++) {
		struct survey_attachment *a = &survey->attachments[i];

		if (strcmp(a->owner, owner) == 0 && strcmp(a->network, network) == 0)
			return a;
	}
	return NULL;
}

/* One that has this address and no owner: another's port. */
static struct survey_attachment *find_nameless(const struct survey *survey,
					       const struct ip *ip)
{
	for (size_t i = 0; i < survey->n_attachments; i++) {
		struct survey_attachment *a = &survey->attachments[i];

		for (size_t k = 0; a->link && !*a->owner && k < a->n_addresses; k++)
			if (ip_equal(&a->addresses[k].prefix.ip, ip))
				return a;
	}
	return NULL;
}

/* Adding. */

static struct survey_attachment *add(struct survey *survey, struct error *e)
{
	struct survey_attachment *a;

	if (list_grow(&survey->attachments, survey->n_attachments, sizeof(*a), e) < 0)
		return NULL;
	a = &survey->attachments[survey->n_attachments];
	*a = (struct survey_attachment){ .state = SURVEY_FOREIGN, .reason = "" };
	survey->n_attachments++;
	return a;
}

static void clear_attachment(struct survey_attachment *a)
{
	free(a->network);
	free(a->container);
	free(a->ifname);
	free(a->addresses);
}

static int replace(char **text, const char *with, struct error *e)
{
	char *copied = copy(with, e);

	if (!copied)
		return -1;
	free(*text);
	*text = copied;
	return 0;
}

static int name_it(struct survey_attachment *a, const char *network,
		   const char *container, const char *ifname, struct error *e)
{
	if (replace(&a->network, network, e) < 0 ||
	    replace(&a->container, container, e) < 0 ||
	    replace(&a->ifname, ifname, e) < 0)
		return -1;
	if (*container)
		name_owner(container, ifname, a->owner);
	return 0;
}

/* As much as an owner's text tells: a long container ID is cut in it. */
static int name_by_owner(struct survey_attachment *a, const char *network,
			 const char *owner, struct error *e)
{
	const char *slash = strrchr(owner, '/');
	char container[NAME_OWNER];

	(void)snprintf(container, sizeof(container), "%.*s",
		       slash ? (int)(slash - owner) : 0, owner);
	if (name_it(a, network, container, slash ? slash + 1 : "", e) < 0)
		return -1;
	(void)snprintf(a->owner, sizeof(a->owner), "%s", owner);
	return 0;
}

/* The attachment's address, added where it has it not.  Return: NULL, *e filled. */
static struct survey_address *address_of(struct survey_attachment *a, const struct ip *ip,
					 struct error *e)
{
	for (size_t i = 0; i < a->n_addresses; i++) {
		if (ip_equal(&a->addresses[i].prefix.ip, ip))
			return &a->addresses[i];
	}
	if (list_grow(&a->addresses, a->n_addresses, sizeof(*a->addresses), e) < 0)
		return NULL;
	a->addresses[a->n_addresses] = (struct survey_address){ .prefix.ip = *ip };
	return &a->addresses[a->n_addresses++];
}

static int add_network(struct survey *survey, const char *name,
		       struct survey_network **ret, struct error *e)
{
	struct survey_network *network = find_network(survey, name);

	if (!network) {
		if (list_grow(&survey->networks, survey->n_networks, sizeof(*network),
			      e) < 0)
			return -1;
		network = &survey->networks[survey->n_networks];
		*network = (struct survey_network){ .name = copy(name, e) };
		if (!network->name)
			return -1;
		survey->n_networks++;
	}
	*ret = network;
	return 0;
}

int survey_add_store(struct survey *survey, const char *data_dir, const char *network,
		     struct error *e)
{
	struct survey_network *ignored;
	struct survey_store *store;

	if (add_network(survey, network, &ignored, e) < 0)
		return -1;
	for (size_t i = 0; i < survey->n_stores; i++) {
		if (strcmp(survey->stores[i].data_dir, data_dir) == 0 &&
		    strcmp(survey->stores[i].network, network) == 0)
			return 0;
	}
	if (list_grow(&survey->stores, survey->n_stores, sizeof(*store), e) < 0)
		return -1;
	store = &survey->stores[survey->n_stores++];
	*store = (struct survey_store){ .data_dir = copy(data_dir, e),
					.network = copy(network, e) };
	return store->data_dir && store->network ? 0 : -1;
}

/* Networks. */

static int meet_record(const char *name, const struct conf *conf, const struct error *why,
		       void *arg, struct error *e)
{
	struct survey *survey = arg;
	struct survey_network *network;

	if (!conf)
		return note(survey, name, why,
			    "remove it: the next ADD on the network makes it again", e);
	if (add_network(survey, conf->name, &network, e) < 0 ||
	    replace(&network->bridge, conf->bridge.bridge, e) < 0)
		return -1;
	network->recorded = true;
	network->is_gateway = conf->bridge.is_gateway;
	network->ip_masq = conf->bridge.ip_masq;
	network->masq_families = conf->bridge.masq_families;
	network->mac_spoof_check = conf->bridge.mac_spoof_check;
	network->reclaim = conf->ipam.reclaim;
	return survey_add_store(survey, conf->ipam.data_dir, conf->name, e);
}

static int meet_store(const char *network, void *arg, struct error *e)
{
	return survey_add_store(arg, CONF_DATA_DIR, network, e);
}

static int look_at_networks(struct survey *survey, struct error *e)
{
	struct error why = { 0 };

	if (record_each(meet_record, survey, e) < 0)
		return -1;
	if (lease_each_network(CONF_DATA_DIR, meet_store, survey, &why) == 0)
		return 0;
	return survey_note(survey, "leases", &why, e);
}

/* Links, and where they lead. */

static int meet_link(const struct link *link, void *arg, struct error *e)
{
	struct survey *survey = arg;

	if (survey_link(survey, link->index))
		return 0;
	if (list_grow(&survey->links, survey->n_links, sizeof(*link), e) < 0)
		return -1;
	survey->links[survey->n_links++] = *link;
	return 0;
}

struct owning {
	struct survey *survey;
	const struct link *link;
};

static int meet_own(const struct prefix *prefix, uint32_t flags, void *arg,
		    struct error *e)
{
	const struct owning *owning = arg;
	struct survey *survey = owning->survey;

	(void)flags;
	for (size_t i = 0; i < survey->n_own; i++) {
		if (survey->own[i].link == owning->link &&
		    prefix_equal(&survey->own[i].prefix, prefix))
			return 0;
	}
	if (list_grow(&survey->own, survey->n_own, sizeof(*survey->own), e) < 0)
		return -1;
	survey->own[survey->n_own++] =
		(struct survey_own){ .link = owning->link, .prefix = *prefix };
	return 0;
}

/* Of what has a master only a member of a VRF has a use for addresses. */
static bool is_port(const struct survey *survey, const struct link *link)
{
	const struct link *master = link->master ? survey_link(survey, link->master)
						 : NULL;

	return link->master && !(master && strcmp(master->kind, "vrf") == 0);
}

/* A port needs no addresses, and there may be many. */
static int look_at_own(struct survey *survey, struct error *e)
{
	struct nl *nl = &survey->host.route;

	for (size_t i = 0; i < survey->n_links; i++) {
		struct owning owning = { .survey = survey, .link = &survey->links[i] };
		const int index = owning.link->index;

		if (!is_port(survey, owning.link) &&
		    (addr_each(nl, index, AF_INET, meet_own, &owning, e) < 0 ||
		     addr_each(nl, index, AF_INET6, meet_own, &owning, e) < 0))
			return -1;
	}
	return 0;
}

static int meet_route(const struct route_seen *seen, void *arg, struct error *e)
{
	struct survey *survey = arg;
	const struct link *link = survey_link(survey, seen->index);

	if (!link && seen->index)
		return 0;
	if (list_grow(&survey->routes, survey->n_routes, sizeof(*survey->routes), e) < 0)
		return -1;
	survey->routes[survey->n_routes++] = (struct survey_route){ .link = link,
								    .dst = seen->dst,
								    .type = seen->type };
	return 0;
}

/*
 * Sort what a dump has told of, some of it twice maybe; of routes, and of addresses that a
 * container adds, there is no end.
 * Return: how many are left.
 */
static size_t sort_unique(void *array, size_t n, size_t size,
			  int (*compare)(const void *, const void *))
{
	char *items = array;
	size_t kept = 0;

	if (n == 0)
		return 0;
	qsort(items, n, size, compare);
	for (size_t i = 1; i < n; i++) {
		if (compare(items + kept * size, items + i * size) != 0)
			memmove(items + ++kept * size, items + i * size, size);
	}
	return kept + 1;
}

static int compare_routes(const void *one, const void *other)
{
	const struct survey_route *a = one, *b = other;

	if (a->link != b->link)
		return a->link < b->link ? -1 : 1;
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	if (a->dst.bits != b->dst.bits)
		return a->dst.bits < b->dst.bits ? -1 : 1;
	return ip_compare(&a->dst.ip, &b->dst.ip);
}

static int look_at_routes(struct survey *survey, struct error *e)
{
	if (route_each(&survey->host.route, AF_INET, meet_route, survey, e) < 0 ||
	    route_each(&survey->host.route, AF_INET6, meet_route, survey, e) < 0)
		return -1;
	survey->n_routes = sort_unique(survey->routes, survey->n_routes,
				       sizeof(*survey->routes), compare_routes);
	return 0;
}

static int meet_space(const char *path, int fd, uint64_t inode, void *arg,
		      struct error *e)
{
	struct survey *survey = arg;
	struct survey_space *space;
	struct error why;
	int nsid;

	if (link_nsid(&survey->host.route, fd, &nsid, &why) != 0)
		return survey_note_unseen(survey, path, &why, e);
	if (list_grow(&survey->spaces, survey->n_spaces, sizeof(*space), e) < 0)
		return -1;
	space = &survey->spaces[survey->n_spaces];
	*space = (struct survey_space){ .nsid = nsid,
					.inode = inode,
					.path = copy(path, e) };
	if (!space->path)
		return -1;
	survey->n_spaces++;
	return 0;
}

static int look_at_links(struct survey *survey, struct error *e)
{
	struct error why;
	int r;

	if (nl_open(&survey->host.route, NETLINK_ROUTE, e) != 0 ||
	    link_each(&survey->host.route, NULL, meet_link, survey, e) < 0)
		return -1;
	/* To tell of a link's other end the kernel has numbered all namespaces by now. */
	r = netns_each(meet_space, survey, &why);
	if (r == NETNS_MISSED)
		return survey_note(survey, "network namespaces", &why, e);
	if (r < 0)
		*e = why;
	return r;
}

/* Attachments by their links. */

static int name_by_alias(const struct survey *survey, struct survey_attachment *a,
			 const char *alias, struct error *e)
{
	const char *slash, *colon;
	char network[NAME_ALIAS];

	for (size_t i = 0; i < survey->n_networks; i++) {
		const char *owner = name_alias_owner(alias, survey->networks[i].name);

		if (owner)
			return name_by_owner(a, survey->networks[i].name, owner, e);
	}
	/* A network that nothing else tells of: its name is cut where it is long. */
	colon = strchr(alias, ':');
	slash = strchr(alias, '/');
	(void)snprintf(network, sizeof(network), "%.*s",
		       colon && slash > colon ? (int)(slash - colon - 1) : 0,
		       colon ? colon + 1 : "");
	return name_by_owner(a, network, slash ? slash + 1 : "", e);
}

static int meet_inside(const struct prefix *prefix, uint32_t flags, void *arg,
		       struct error *e)
{
	struct survey_attachment *a = arg;

	(void)flags;
	if (ip_is_link_local(&prefix->ip) && prefix->ip.len == 16)
		return 0;
	if (list_grow(&a->addresses, a->n_addresses, sizeof(*a->addresses), e) < 0)
		return -1;
	a->addresses[a->n_addresses++] =
		(struct survey_address){ .prefix = *prefix, .inside = true };
	return 0;
}

static int compare_addresses(const void *one, const void *other)
{
	const struct survey_address *a = one, *b = other;

	return ip_compare(&a->prefix.ip, &b->prefix.ip);
}

/* Its addresses, from there where the kernel cannot tell of them from here. */
static int look_at_addresses(struct survey *survey, struct survey_attachment *a,
			     int family, struct error *e)
{
	const struct link *host = a->link;
	struct pod pod = POD_INIT;
	int r = addr_each_in(&survey->host.route, host->peer_nsid, host->peer, family,
			     meet_inside, a, e);

	if (r != NL_UNSUPPORTED)
		return r;
	if (!a->space)
		return error_set(e, ERROR_NETNS,
				 "the path of its network namespace is not to be found");
	r = pod_open(&pod, &survey->host, a->space->path, false, e);
	if (r == 0)
		r = addr_each(&pod.route, host->peer, family, meet_inside, a, e);
	pod_close(&pod);
	return r;
}

static int look_inside(struct survey *survey, struct survey_attachment *a,
		       struct error *e)
{
	const struct link *host = a->link;
	struct error why = { 0 };
	struct link end;
	int r = link_get_in(&survey->host.route, host->peer_nsid, host->peer, &end, &why);

	if (r != 0)
		return r < 0 ? survey_note_unseen(survey, host->name, &why, e) : 0;
	memcpy(a->peer, end.name, sizeof(a->peer));
	if (!a->ours && replace(&a->ifname, end.name, e) < 0)
		return -1;
	if (look_at_addresses(survey, a, AF_INET, &why) < 0 ||
	    look_at_addresses(survey, a, AF_INET6, &why) < 0)
		return survey_note_unseen(survey, host->name, &why, e);
	a->n_addresses = sort_unique(a->addresses, a->n_addresses, sizeof(*a->addresses),
				     compare_addresses);
	return 0;
}

static void judge_link(struct survey_attachment *a)
{
	const struct link *link = a->link;

	if (!a->ours)
		return;
	a->state = SURVEY_LIVE;
	/* With carrier it may be somebody's, whose network is the host's own. */
	if (!link->peer_elsewhere && link_lacks_carrier(link)) {
		a->state = SURVEY_ORPHAN_LINK;
		a->reason = "both its ends are in the host's namespace";
	} else if (!a->bridge) {
		a->state = SURVEY_DETACHED;
		a->reason = "it is no port of a bridge";
	}
}

static int attach_link(struct survey *survey, const struct link *link, struct error *e)
{
	const bool ours = name_is_alias(link->alias);
	struct survey_attachment *a;

	if (strcmp(link->kind, "veth") != 0 ||
	    (!ours && (link->master == 0 || !link->peer_elsewhere)))
		return 0;
	a = add(survey, e);
	if (!a)
		return -1;
	a->ours = ours;
	a->link = link;
	a->bridge = survey_link(survey, link->master);
	judge_link(a);
	if (ours ? name_by_alias(survey, a, link->alias, e) < 0
		 : name_it(a, "", "", "", e) < 0)
		return -1;
	if (!link->peer_elsewhere)
		return 0;
	a->space = survey_space(survey, link->peer_nsid);
	return look_inside(survey, a, e);
}

static int attach_links(struct survey *survey, struct error *e)
{
	for (size_t i = 0; i < survey->n_links; i++)
		if (attach_link(survey, &survey->links[i], e) < 0)
			return -1;
	return 0;
}

/* Attachments by their leases. */

struct leasing {
	struct survey *survey;
	struct lease_store *store;
	const struct ident *id;
};

/*
 * A host veth that bears a person's alias, or udev's, is ours by its name and its MAC.
 * Return: whether it is the one of this container's interface.
 */
static bool claim(struct survey_attachment *a, const char *network, const char *container,
		  const char *ifname)
{
	const struct conf conf = { .name = network };
	const struct args args = { .container = container, .ifname = ifname };
	const struct ident id = { .conf = &conf, .args = &args };
	const struct mac mac = ident_veth_mac(&id);
	char veth[NAME_LINK];

	if (a->ours || !a->link || !*ifname ||
	    strcmp(a->link->name, ident_veth(&id, veth)) != 0 ||
	    !mac_equal(&a->link->mac, &mac))
		return false;
	a->ours = true;
	judge_link(a);
	return true;
}

/* The attachment that a lease belongs to, begun where there is none. */
static struct survey_attachment *holder_of(const struct leasing *leasing,
					   const struct lease *lease, struct error *e)
{
	struct survey *survey = leasing->survey;
	const char *network = leasing->id->conf->name;
	struct survey_attachment *a = NULL;
	char owner[NAME_OWNER];

	if (*lease->container)
		a = find(survey, network,
			 name_owner(lease->container, lease->ifname, owner));
	if (a && !a->link)
		return a;
	if (!a)
		a = find_nameless(survey, &lease->ip);
	if (!a)
		a = add(survey, e);
	/* The text of a lease is whole, that of an alias may be cut. */
	if (!a ||
	    name_it(a, network, lease->container,
		    *lease->ifname || !a->ifname ? lease->ifname : a->ifname, e) < 0)
		return NULL;
	(void)claim(a, network, lease->container, lease->ifname);
	return a;
}

static int meet_lease(const struct lease *lease, void *arg, struct error *e)
{
	const struct leasing *leasing = arg;
	struct survey_attachment *a = holder_of(leasing, lease, e);
	struct survey_address *address = a ? address_of(a, &lease->ip, e) : NULL;
	struct error why;
	const char *proof;

	if (!address)
		return -1;
	address->leased = true;
	if (a->link)
		return 0;
	if (heal_proof(leasing->store, leasing->id, lease, &proof, &why) < 0)
		return survey_note(leasing->survey, a->network, &why, e);
	address->dead = proof;
	if (proof)
		a->reason = proof;
	return 0;
}

/* One of its leases that may be alive is enough. */
static void judge_leases(struct survey_attachment *a)
{
	if (a->link || a->n_addresses == 0)
		return;
	for (size_t i = 0; i < a->n_addresses; i++) {
		if (!a->addresses[i].dead) {
			a->reason = "";
			return;
		}
	}
	a->state = SURVEY_DEAD_LEASE;
}

/* Whose they are stays unknown, and that they are somebody's. */
static int note_sealed(struct survey *survey, const struct lease_store *store,
		       struct error *e)
{
	struct error why;

	if (store->sealed == 0)
		return 0;
	error_set(&why, ERROR_IO,
		  "%zu lease%s in %s/%s cannot be read (CAP_DAC_OVERRIDE is needed)%s",
		  store->sealed, store->sealed == 1 ? "" : "s", store->data_dir,
		  store->network, geteuid() == 0 ? "" : ": as root?");
	return survey_note(survey, store->network, &why, e);
}

static int attach_leases(struct survey *survey, const struct survey_store *from,
			 struct error *e)
{
	_cleanup_(lease_close) struct lease_store store = LEASE_STORE_INIT;
	const struct conf conf = { .name = from->network };
	const struct ident id = { .conf = &conf, .host = &survey->host };
	struct leasing leasing = { .survey = survey, .store = &store, .id = &id };
	struct error why = { 0 };
	int r = lease_open(&store, from->data_dir, from->network, LEASE_READ, &why);

	if (r == LEASE_NONE)
		return 0;
	if (r == 0)
		r = lease_each(&store, meet_lease, &leasing, &why);
	if (r >= 0 && note_sealed(survey, &store, e) < 0)
		return -1;
	return r == 0 ? 0 : survey_note(survey, from->network, &why, e);
}

/* Masquerade. */

static size_t find_set(const struct survey *survey, const char *name)
{
	size_t i = 0;

	while (i < survey->n_sets && strcmp(survey->sets[i].name, name) != 0)
		i++;
	return i;
}

static int meet_set(struct survey *survey, const struct masq_seen *seen, struct error *e)
{
	struct survey_set *set;

	if (find_set(survey, seen->set) < survey->n_sets)
		return 0;
	if (list_grow(&survey->sets, survey->n_sets, sizeof(*set), e) < 0)
		return -1;
	set = &survey->sets[survey->n_sets++];
	*set = (struct survey_set){ .name = copy(seen->set, e),
				    .network = copy(seen->network, e),
				    .subnet = seen->subnet,
				    .ruled = seen->ruled };
	return set->name && set->network ? 0 : -1;
}

/* The full name of a network that is known by a set. */
static const char *full_network(const struct survey *survey, const struct masq_seen *seen)
{
	struct prefix subnet;

	for (size_t i = 0; i < survey->n_networks; i++) {
		if (name_set_subnet(seen->set, survey->networks[i].name, &subnet))
			return survey->networks[i].name;
	}
	return seen->network;
}

/*
 * The attachment that an element is of, begun where there is none.  Where no lease leads to
 * one whose alias is another's, the element does.
 */
static struct survey_attachment *masqueraded(struct survey *survey, const char *network,
					     const char *owner, struct error *e)
{
	struct survey_attachment *a = find(survey, network, owner), *other;

	if (a)
		return a;
	a = add(survey, e);
	if (!a || name_by_owner(a, network, owner, e) < 0)
		return NULL;
	a->state = SURVEY_STRAY_ELEMENT;
	for (other = survey->attachments; other < a; other++) {
		if (!claim(other, network, a->container, a->ifname))
			continue;
		clear_attachment(a);
		survey->n_attachments--;
		return name_by_owner(other, network, owner, e) == 0 ? other : NULL;
	}
	return a;
}

static int meet_masquerade(const struct masq_seen *seen, void *arg, struct error *e)
{
	struct survey *survey = arg;
	struct survey_attachment *a;
	struct survey_address *address;

	if (ip_is_none(&seen->ip))
		return meet_set(survey, seen, e);
	a = masqueraded(survey, full_network(survey, seen), seen->owner, e);
	address = a ? address_of(a, &seen->ip, e) : NULL;
	if (!address)
		return -1;
	address->set = find_set(survey, seen->set);
	survey->sets[address->set].n += !address->in_set;
	address->in_set = true;
	address->masqueraded |= seen->ruled;
	return 0;
}

/* All of it. */

static int compare(const void *one, const void *other)
{
	const struct survey_attachment *a = one, *b = other;
	int r = strcmp(a->network, b->network);

	if (r == 0)
		r = strverscmp(a->container, b->container);
	if (r == 0)
		r = strverscmp(a->ifname, b->ifname);
	if (r == 0 && a->link && b->link)
		r = strcmp(a->link->name, b->link->name);
	return r;
}

/* Stores and sets tell of them in no order. */
static void sort_addresses(struct survey_attachment *a)
{
	if (a->n_addresses)
		qsort(a->addresses, a->n_addresses, sizeof(*a->addresses),
		      compare_addresses);
}

int survey_take(struct survey *survey, struct error *e)
{
	struct error why = { 0 };

	if (look_at_links(survey, e) < 0 || look_at_own(survey, e) < 0 ||
	    look_at_routes(survey, e) < 0 || look_at_networks(survey, e) < 0 ||
	    attach_links(survey, e) < 0)
		return -1;
	for (size_t i = 0; i < survey->n_stores; i++) {
		if (attach_leases(survey, &survey->stores[i], e) < 0)
			return -1;
	}
	for (size_t i = 0; i < survey->n_attachments; i++)
		judge_leases(&survey->attachments[i]);
	if (masq_each(&survey->host, meet_masquerade, survey, &why) < 0 &&
	    survey_note(survey, "masquerade", &why, e) < 0)
		return -1;
	for (size_t i = 0; i < survey->n_attachments; i++)
		sort_addresses(&survey->attachments[i]);
	if (survey->n_attachments)
		qsort(survey->attachments, survey->n_attachments,
		      sizeof(*survey->attachments), compare);
	return 0;
}

void survey_clear(struct survey *survey)
{
	for (size_t i = 0; i < survey->n_attachments; i++)
		clear_attachment(&survey->attachments[i]);
	for (size_t i = 0; i < survey->n_networks; i++) {
		free(survey->networks[i].name);
		free(survey->networks[i].bridge);
	}
	for (size_t i = 0; i < survey->n_stores; i++) {
		free(survey->stores[i].data_dir);
		free(survey->stores[i].network);
	}
	for (size_t i = 0; i < survey->n_sets; i++) {
		free(survey->sets[i].name);
		free(survey->sets[i].network);
	}
	for (size_t i = 0; i < survey->n_spaces; i++)
		free(survey->spaces[i].path);
	free(survey->attachments);
	free(survey->networks);
	free(survey->stores);
	free(survey->sets);
	free(survey->spaces);
	free(survey->own);
	free(survey->routes);
	free(survey->links);
	list_clear(&survey->troubles);
	list_clear(&survey->remedies);
	nl_close(&survey->host.route);
	nl_close(&survey->host.nft);
}

bool survey_has_lease(const struct survey_attachment *attachment)
{
	for (size_t i = 0; i < attachment->n_addresses; i++) {
		if (attachment->addresses[i].leased)
			return true;
	}
	return false;
}

static bool is_served(struct survey *survey, const struct link *bridge,
		      const struct ip *ip)
{
	for (size_t i = 0; bridge && i < survey->n_own; i++) {
		const struct survey_own *own = &survey->own[i];

		if (survey_bridge_of(survey, own->link) == bridge &&
		    prefix_contains(&own->prefix, ip))
			return true;
	}
	return false;
}

bool survey_is_given(struct survey *survey, const struct survey_attachment *attachment,
		     int family)
{
	const bool leases = survey_has_lease(attachment);

	for (size_t i = 0; i < attachment->n_addresses; i++) {
		const struct survey_address *address = &attachment->addresses[i];
		const struct ip *ip = &address->prefix.ip;

		if (ip_family(ip) == family &&
		    (leases ? address->leased
			    : is_served(survey, attachment->bridge, ip)))
			return true;
	}
	return false;
}

const char *survey_state_name(enum survey_state state)
{
	static const char *const names[] = {
		[SURVEY_LIVE] = "live",
		[SURVEY_DEAD_LEASE] = "dead lease",
		[SURVEY_DETACHED] = "detached",
		[SURVEY_ORPHAN_LINK] = "orphan link",
		[SURVEY_STRAY_ELEMENT] = "stray element",
		[SURVEY_FOREIGN] = "foreign",
	};

	return names[state];
}

const char *survey_masquerade(const struct survey_attachment *attachment)
{
	size_t n = 0;

	for (size_t i = 0; i < attachment->n_addresses; i++)
		n += attachment->addresses[i].masqueraded;
	if (attachment->n_addresses == 0)
		return "";
	return n == 0 ? "no" : n == attachment->n_addresses ? "yes" : "partly";
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spoof.c - a container sends under its own MAC alone
 *
 * Two sets in a table of the bridge family: the guarded ports, and which MAC may
 * enter by which port.  Ports are named by a hash of their attachment, so what
 * guards one is found again without state; its MAC, which is not told on DEL,
 * stands in the comment of the port.
 *
 * The rule sees every frame before the bridge learns from it, save those of
 * link-local protocols (br_handle_frame(), net/bridge/br_input.c): one LLDP frame
 * under another container's MAC would draw that one's traffic here.  So the bridge
 * is told not to learn from these.
 */
#include "spoof.h"

#include <stdio.h>
#include <string.h>

#include "ethtable.h"
#include "link.h"

static const struct nft_chain prerouting = ETHTABLE_CHAIN("prerouting");

/* Elements are names of ports, their comments the MAC of the container. */
static const struct nft_set guarded = {
	.table = &ethtable,
	.name = "guarded",
	.type = NFT_IFNAME,
};

/* Elements are port and MAC, their comments the owner. */
static const struct nft_set allowed = {
	.table = &ethtable,
	.name = "allowed",
	.type = NFT_IFNAME_ETHER,
};

/* iifname @guarded iifname . ether saddr != @allowed drop */
static struct nft_rule the_rule(void)
{
	struct nft_rule rule = nft_rule_new(&ethtable, prerouting.name);

	nft_rule_iifname_in(&rule, &guarded);
	nft_rule_iifname_ether_not_in(&rule, &allowed);
	nft_rule_drop(&rule);
	return rule;
}

/* It could not be made, or completed.  @r: what nft_commit() returned.  Return: -1. */
static int refuse(struct nl *nft, int r, struct error *e)
{
	(void)ethtable_is_taken(nft, r, &prerouting, "set guarded or set allowed", e);
	return -1;
}

/* What there is of the table stays.  The rule can be put back for itself. */
static int complete(struct nl *nft, struct error *e)
{
	struct nft_batch batch;
	int r;

	nft_begin(&batch, nft);
	nft_add_table(&batch, &ethtable);
	nft_add_chain(&batch, &prerouting);
	nft_ensure_set(&batch, &guarded);
	nft_ensure_set(&batch, &allowed);
	r = nft_commit(&batch, "complete the MAC spoof check", e);
	return r == 0 ? 0 : refuse(nft, r, e);
}

/* Make the table: where both its sets are, the rule is, or was. */
static int build(struct nl *nft, struct error *e)
{
	const struct nft_rule rule = the_rule();
	struct nft_batch batch;
	int r;

	if (nft_wake(nft, &ethtable, e) < 0)
		return -1;
	nft_begin(&batch, nft);
	nft_add_table(&batch, &ethtable);
	nft_add_chain(&batch, &prerouting);
	nft_add_set(&batch, &guarded);
	nft_add_set(&batch, &allowed);
	nft_add_rule(&batch, &rule);
	r = nft_commit(&batch, "build the MAC spoof check", e);
	if (r == NL_EXISTS)
		return complete(nft, e);
	return r == 0 ? 0 : refuse(nft, r, e);
}

/* Return: 1 yes, 0 no, -1. */
static int has_rule(struct nl *nft, struct error *e)
{
	const struct nft_rule rule = the_rule();
	int r = nft_has_chain(nft, &prerouting, e);

	return r > 0 ? nft_has_rule(nft, &rule, e) : r;
}

/* Return: 0; NL_ABSENT where the table has gone meanwhile, or its sets; -1. */
static int put_rule_back(struct nl *nft, struct error *e)
{
	const struct nft_rule rule = the_rule();
	struct nft_batch batch;
	int r;

	nft_begin(&batch, nft);
	nft_add_chain(&batch, &prerouting);
	nft_add_rule(&batch, &rule);
	r = nft_commit(&batch, "put the MAC spoof check's rule back", e);
	return r == 0 || r == NL_ABSENT ? r : refuse(nft, r, e);
}

/*
 * The rule alone, where somebody took it out of the table: whoever flushes that leaves the
 * sets, and a guard shall not fail open.
 * Return: as put_rule_back().
 */
static int mend_rule(struct nl *nft, struct error *e)
{
	int r = has_rule(nft, e);

	if (r == 0)
		return put_rule_back(nft, e);
	return r < 0 ? -1 : 0;
}

/* The container's MAC, as the result tells it. */
static int told_mac(const struct attach *at, struct mac *mac, struct error *e)
{
	const struct args *args = at->id.args;
	int told = result_find_interface(&at->result, args->ifname, args->netns);

	if (told != RESULT_NO_INTERFACE &&
	    mac_parse(at->result.interfaces[told].mac, mac))
		return 0;
	return error_set(e, ERROR_MISMATCH,
			 "the result has no MAC of the container's interface %s",
			 args->ifname);
}

/* Guard a port.  Return: as nft_commit(). */
static int add(struct nl *nft, const struct ident *id, const struct mac *mac,
	       struct error *e)
{
	char port[NAME_LINK], owner[NAME_OWNER], text[MAC_TEXT];
	struct nft_element guard, pass;
	struct nft_batch batch;

	guard = nft_ifname(ident_veth(id, port), mac_print(mac, text));
	pass = nft_ifname_ether(port, mac, ident_owner(id, owner));
	nft_begin(&batch, nft);
	nft_add_element(&batch, &guarded, &guard);
	nft_add_element(&batch, &allowed, &pass);
	return nft_commit(&batch, "guard the container's MAC", e);
}

/* Guard this port no longer, whether it stands or not. */
static int end_guard(struct nl *nft, const char *port, struct error *e)
{
	const char *const what = "end the guard of a MAC";
	const struct nft_element guard = nft_ifname(port, "");
	struct nft_element pass;
	char text[NFT_COMMENT];
	struct nft_batch batch;
	struct mac mac;
	int r = nft_get_element(nft, &guarded, &guard, text, e);

	if (r != 0)
		return r == NL_ABSENT ? 0 : -1;
	if (!mac_parse(text, &mac))
		return nft_delete_all(nft, &guarded, &guard, 1, what, e);
	pass = nft_ifname_ether(port, &mac, "");
	nft_begin(&batch, nft);
	nft_delete_element(&batch, &guarded, &guard);
	nft_delete_element(&batch, &allowed, &pass);
	r = nft_commit(&batch, what, e);
	if (r == NL_ABSENT)
		return nft_delete_all(nft, &guarded, &guard, 1, what, e);
	return r == 0 ? 0 : -1;
}

/* What a former port of this name left, be it in one of the sets alone. */
static int make_room(struct nl *nft, const char *port, const struct mac *mac,
		     struct error *e)
{
	const struct nft_element pass = nft_ifname_ether(port, mac, "");

	if (end_guard(nft, port, e) < 0)
		return -1;
	return nft_delete_all(nft, &allowed, &pass, 1, "end the guard of a MAC", e);
}

static int add_or_mend(struct nl *nft, const struct ident *id, const struct mac *mac,
		       struct error *e)
{
	char port[NAME_LINK];

	for (int tries = 0; tries < ETHTABLE_TRIES; tries++) {
		int r = add(nft, id, mac, e);

		if (r == NL_ABSENT)
			r = build(nft, e);
		else if (r == NL_EXISTS)
			r = make_room(nft, ident_veth(id, port), mac, e);
		else
			return r == 0 ? 0 : -1;
		if (r < 0)
			return -1;
	}
	return error_set(e, ERROR_AGAIN, ETHTABLE_TOO_FAST);
}

/* Where a firewall is reloaded the table may go between the port's guard and the rule. */
static int guard_port(struct nl *nft, const struct ident *id, const struct mac *mac,
		      struct error *e)
{
	for (int tries = 0; tries < ETHTABLE_TRIES; tries++) {
		int r;

		if (add_or_mend(nft, id, mac, e) < 0)
			return -1;
		r = mend_rule(nft, e);
		if (r <= 0)
			return r;
	}
	return error_set(e, ERROR_AGAIN, ETHTABLE_TOO_FAST);
}

static int apply(struct attach *at, struct error *e)
{
	const struct ident *id = &at->id;
	char port[NAME_LINK];
	struct error ignored;
	struct mac mac;

	if (!id->conf->bridge.mac_spoof_check)
		return 0;
	if (told_mac(at, &mac, e) < 0 || host_nft(id->host, e) != 0 ||
	    link_ignore_ll(&id->host->route, id->conf->bridge.bridge, e) != 0 ||
	    link_note_mac(&id->host->route, ident_veth(id, port), &mac, e) != 0)
		return -1;
	if (guard_port(&id->host->nft, id, &mac, e) == 0)
		return 0;
	/* Where the kernel's answer was lost the guard may be there all the same. */
	(void)!end_guard(&id->host->nft, port, &ignored);
	return -1;
}

/* CHECK. */

static int verify_rule(struct nl *nft, struct error *e)
{
	int r = has_rule(nft, e);

	if (r == 0)
		return error_set(
			e, ERROR_MISMATCH,
			"the MAC spoof check's rule is gone from chain prerouting "
			"of " ETHTABLE);
	if (r > 0)
		r = nft_is_dormant(nft, &ethtable, e);
	if (r > 0)
		return error_set(e, ERROR_MISMATCH,
				 ETHTABLE " is dormant: nobody is guarded");
	return r;
}

static int verify_bridge(const struct ident *id, struct error *e)
{
	const char *bridge = id->conf->bridge.bridge;
	struct link link;

	if (link_get(&id->host->route, bridge, 0, &link, e) != 0)
		return -1;
	if (link.ll_learn)
		return error_set(
			e, ERROR_MISMATCH,
			"the bridge %s learns forged MACs from link-local frames "
			"(no_linklocal_learn is off)",
			bridge);
	return 0;
}

static int verify_port(struct nl *nft, const struct attach *at, const struct mac *mac,
		       struct error *e)
{
	char port[NAME_LINK], owner[NAME_OWNER], comment[NFT_COMMENT], text[MAC_TEXT];
	struct nft_element guard, pass;
	int r;

	guard = nft_ifname(ident_veth(&at->id, port), "");
	pass = nft_ifname_ether(port, mac, "");
	mac_print(mac, text);
	r = nft_get_element(nft, &guarded, &guard, comment, e);
	if (r == NL_ABSENT)
		return error_set(e, ERROR_MISMATCH,
				 "%s is not in set guarded of " ETHTABLE, port);
	if (r == 0)
		r = nft_get_element(nft, &allowed, &pass, comment, e);
	if (r == NL_ABSENT)
		return error_set(
			e, ERROR_MISMATCH,
			"frames of the container's MAC %s are dropped: %s . %s is "
			"not in set allowed of " ETHTABLE,
			text, port, text);
	if (r < 0)
		return -1;
	if (strcmp(comment, ident_owner(&at->id, owner)) != 0)
		return error_set(e, ERROR_MISMATCH,
				 "%s . %s in set allowed belongs to \"%s\", not to %s",
				 port, text, comment, owner);
	return 0;
}

static int verify(const struct attach *at, struct error *e)
{
	struct nl *nft = &at->id.host->nft;
	struct mac mac;

	if (!at->id.conf->bridge.mac_spoof_check)
		return 0;
	if (told_mac(at, &mac, e) < 0 || host_nft(at->id.host, e) != 0 ||
	    verify_bridge(&at->id, e) < 0 || verify_rule(nft, e) < 0)
		return -1;
	return verify_port(nft, at, &mac, e);
}

static int ready(const struct ident *id, struct error *e)
{
	if (!id->conf->bridge.mac_spoof_check)
		return 0;
	if (host_nft(id->host, e) == 0 && nft_ready(&id->host->nft, e) == 0)
		return 0;
	return error_wrap(e, "\"macspoofchk\" needs nf_tables");
}

const struct effect spoof_guard = {
	.name = "guard the container's MAC",
	.apply = apply,
	.verify = verify,
	.ready = ready,
};

/* After a flush. */

/* What is in order stays: not even for a moment shall the port be without guard. */
int spoof_restore(const struct attach *at, struct error *e)
{
	const struct ident *id = &at->id;
	struct nl *nft = &id->host->nft;
	struct error ignored;
	struct mac mac;

	if (verify(at, &ignored) == 0)
		return 0;
	if (told_mac(at, &mac, e) < 0 || host_nft(id->host, e) != 0 ||
	    link_ignore_ll(&id->host->route, id->conf->bridge.bridge, e) != 0 ||
	    build(nft, e) < 0 || mend_rule(nft, e) != 0)
		return -1;
	if (verify_port(nft, at, &mac, &ignored) < 0 && add_or_mend(nft, id, &mac, e) < 0)
		return -1;
	return SPOOF_RESTORED;
}

/* Return: 1, 0, -1. */
static int is_at_work(struct nl *nft, struct error *e)
{
	int r = nft_is_dormant(nft, &ethtable, e);

	return r == 0 ? has_rule(nft, e) : r < 0 ? -1 : 0;
}

int spoof_guards(struct host *host, const char *port, struct error *e)
{
	const struct nft_element guard = nft_ifname(port, "");
	char comment[NFT_COMMENT];
	struct nft_element pass;
	struct mac mac;
	int r = host_nft(host, e);

	if (r != 0)
		return r == NL_UNSUPPORTED ? 0 : -1;
	r = is_at_work(&host->nft, e);
	if (r <= 0)
		return r;
	r = nft_get_element(&host->nft, &guarded, &guard, comment, e);
	if (r == 0 && mac_parse(comment, &mac)) {
		pass = nft_ifname_ether(port, &mac, "");
		r = nft_get_element(&host->nft, &allowed, &pass, comment, e);
	}
	return r < 0 ? -1 : r == 0;
}

/*
 * The way back.  A port that stands keeps its guard: a second ADD that is refused
 * must not lay the first one's container open.
 */

static int revert(const struct ident *id, struct error *e)
{
	char port[NAME_LINK];
	int r = link_exists(&id->host->route, ident_veth(id, port), e);

	if (r != 0)
		return r < 0 ? -1 : 0;
	r = host_nft(id->host, e);
	if (r != 0)
		return r == NL_UNSUPPORTED ? 0 : -1;
	return end_guard(&id->host->nft, port, e);
}

struct orphans {
	const struct gc *gc;
	struct nft_element *passes, *guards;
	size_t n;
};

static void orphans_clear(struct orphans *orphans)
{
	free(orphans->passes);
	free(orphans->guards);
}

/* A port's name comes from its network and owner. */
static bool is_of_network(const struct gc *gc, const char *port, const char *owner)
{
	char name[NAME_LINK];

	return name_owner_veth(gc->conf->name, owner, name) && strcmp(name, port) == 0;
}

/* What guards a port that is gone, of whatever network it was.  Return: 1, 0, -1. */
static int is_orphan(const struct gc *gc, const char *port, const char *owner,
		     struct error *e)
{
	const int stands = link_exists(&gc->host->route, port, e);
	const struct gc_find found = {
		.kind = "MAC guard",
		.thing = port,
		.owner = owner,
		.why = stands ? "its port connects nobody" : "its port is gone",
	};

	if (stands < 0)
		return -1;
	/* a port that goes in this sweep is gone before its guard is looked at */
	if (stands && !(gc->look && list_has(&gc->parted, owner)))
		return 0;
	if (gc->unlisted && !is_of_network(gc, port, owner))
		return 0;
	return gc_takes(gc, &found, e);
}

static int find_orphan(const struct nft_element *element, void *arg, struct error *e)
{
	struct orphans *orphans = arg;
	char port[NAME_LINK];
	size_t n = orphans->n;
	int r;

	(void)snprintf(port, sizeof(port), "%.*s", NAME_LINK - 1,
		       (const char *)element->key);
	r = is_orphan(orphans->gc, port, element->comment, e);
	if (r <= 0)
		return r;
	if (list_grow(&orphans->passes, n, sizeof(*element), e) < 0 ||
	    list_grow(&orphans->guards, n, sizeof(*element), e) < 0)
		return -1;
	orphans->passes[n] = *element;
	orphans->passes[n].comment = "";
	orphans->guards[n] = nft_ifname(port, "");
	orphans->n++;
	return 0;
}

static int sweep(const struct gc *gc, struct error *e)
{
	_cleanup_(orphans_clear) struct orphans orphans = { .gc = gc };
	const char *const what = "end the guard of MACs";
	struct nl *nft = &gc->host->nft;
	int r = host_nft(gc->host, e);

	if (r != 0)
		return r == NL_UNSUPPORTED ? 0 : -1;
	if (nft_each_element(nft, &allowed, find_orphan, &orphans, e) < 0 ||
	    nft_delete_all(nft, &guarded, orphans.guards, orphans.n, what, e) < 0)
		return -1;
	return nft_delete_all(nft, &allowed, orphans.passes, orphans.n, what, e);
}

const struct effect spoof_release = {
	.name = "end the guard of the container's MAC",
	.revert = revert,
	.sweep = sweep,
};

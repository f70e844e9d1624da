/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * restore.c - put back what a flushed ruleset took from living attachments
 *
 * For the person (or the unit file) that reloads a firewall.  Who lives is told
 * by the kernel: host veths of ours that are ports of a bridge; which addresses
 * they have, by the store; what their network wants, by its record.
 *
 * An attachment is dressed up as ADD had it, as far as the effect needs that, and
 * given to the very effect that ADD uses.  A DEL that comes in between may leave
 * an element behind: no more than a masquerade that nobody uses, which the
 * address's next holder replaces.
 */
#include "restore.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "command.h"
#include "crossing.h"
#include "masq.h"
#include "record.h"
#include "segment.h"
#include "spoof.h"
#include "survey.h"
#include "sysctl.h"
#include "veth.h"

#define LINE_SIZE 1024
#define INSIDE "the container" /* for an effect that asks where an interface is */

/* All that belongs to one restoring. */
struct restoring {
	struct survey survey;
	struct list *told, *restored, *undone;
};

/* A living attachment of the network at hand. */
struct member {
	const struct survey_attachment *attachment;
	bool leased;
	bool lacking;	      /* masquerade of what it leases, when it was looked at */
	struct result result; /* its addresses */
};

/* A network being restored. */
struct network {
	struct restoring *all;
	const struct conf *conf;
	struct member *members;
	size_t n;
};

static void restoring_clear(struct restoring *all)
{
	survey_clear(&all->survey);
}

static void network_clear(struct network *network)
{
	for (size_t i = 0; i < network->n; i++)
		result_clear(&network->members[i].result);
	free(network->members);
}

/* Add a line about a network, or about one @owner in it (NULL for none), once. */
static int tell(struct list *lines, const char *network, const char *owner,
		const char *what, struct error *e)
{
	_cleanup_(freep) char *line = NULL;

	if (asprintf(&line, "%s%s%s: %s", network, owner ? " " : "", owner ? owner : "",
		     what) < 0) {
		line = NULL;
		return error_set(e, ERROR_MEMORY, "out of memory");
	}
	error_clean(line);
	return list_has(lines, line) ? 0 : list_add(lines, line, e);
}

/* The same about what is well, and was not before. */
static int tell_restored(struct restoring *all, const char *network, const char *owner,
			 const char *what, struct error *e)
{
	return tell(all->told, network, owner, what, e) < 0
		       ? -1
		       : tell(all->restored, network, owner, what, e);
}

/* Who lives, and which addresses they have. */

static bool is_living(const struct survey_attachment *a)
{
	return a->ours && a->bridge;
}

/*
 * With the prefix length that the address has in the container, as ADD gave it, if a range of
 * the network or an address of the bridge has the same: who could choose freely would choose
 * what is masqueraded.  Else that of the range, of the bridge, and last of all its own.
 */
static uint8_t subnet_bits(const struct network *network, const struct link *bridge,
			   const struct prefix *inside)
{
	const struct survey *survey = &network->all->survey;
	const struct range *range = conf_range_of(&network->conf->ipam, &inside->ip);
	const uint8_t bridged = survey_subnet_bits(survey, bridge, &inside->ip),
		      ranged = range ? range->subnet.bits : 0;

	if (inside->bits &&
	    (inside->bits == ranged || survey_has(survey, bridge, inside)))
		return inside->bits;
	return ranged ? ranged : bridged ? bridged : inside->bits;
}

static int add_address(struct network *network, struct member *member,
		       const struct survey_address *from, struct error *e)
{
	struct address address = { .address = from->prefix,
				   .interface = RESULT_NO_INTERFACE };
	const struct survey_attachment *a = member->attachment;
	char text[IP_TEXT], what[LINE_SIZE];

	address.address.bits = subnet_bits(network, a->bridge, &from->prefix);
	if (address.address.bits != 0)
		return result_add_ip(&member->result, &address, e);
	(void)snprintf(
		what, sizeof(what),
		"no range of the network, and no address of the bridge, is in the subnet of %s",
		ip_print(&from->prefix.ip, text));
	return tell(network->all->undone, network->conf->name, a->owner, what, e);
}

static bool lacks_masquerade(const struct conf *conf,
			     const struct survey_address *address)
{
	const int family = ip_family(&address->prefix.ip);

	return !address->masqueraded &&
	       conf->bridge.masq_families & (family == AF_INET ? CONF_IPV4 : CONF_IPV6);
}

static int gather_member(struct network *network, const struct survey_attachment *a,
			 struct error *e)
{
	struct member *member;

	if (list_grow(&network->members, network->n, sizeof(*member), e) < 0)
		return -1;
	member = &network->members[network->n++];
	*member = (struct member){ .attachment = a };
	for (size_t i = 0; i < a->n_addresses; i++) {
		if (!a->addresses[i].leased)
			continue;
		member->leased = true;
		member->lacking |= lacks_masquerade(network->conf, &a->addresses[i]);
		if (add_address(network, member, &a->addresses[i], e) < 0)
			return -1;
	}
	return 0;
}

static int gather_members(struct network *network, struct error *e)
{
	const struct survey *survey = &network->all->survey;

	for (size_t i = 0; i < survey->n_attachments; i++) {
		const struct survey_attachment *a = &survey->attachments[i];

		if (is_living(a) && strcmp(a->network, network->conf->name) == 0 &&
		    gather_member(network, a, e) < 0)
			return -1;
	}
	return 0;
}

/* Putting back. */

static bool has_family(const struct network *network, int family)
{
	for (size_t i = 0; i < network->n; i++) {
		if (survey_is_given(&network->all->survey, network->members[i].attachment,
				    family))
			return true;
	}
	return false;
}

static int turn_forwarding_on(const struct network *network, struct error *e)
{
	static const int families[] = { AF_INET, AF_INET6 };

	for (size_t i = 0; i < 2 && network->conf->bridge.is_gateway; i++) {
		if (has_family(network, families[i]) &&
		    sysctl_forward(families[i], e) < 0)
			return -1;
	}
	return 0;
}

/* The word, and behind it the addresses.  Return: @text. */
static const char *say_addresses(const char *word, const struct result *result,
				 char text[LINE_SIZE])
{
	size_t len = (size_t)snprintf(text, LINE_SIZE, "%s", word);

	for (size_t i = 0; i < result->n_ips && len < LINE_SIZE - 2 * IP_TEXT; i++) {
		char ip[IP_TEXT];

		len += (size_t)snprintf(text + len, LINE_SIZE - len, "%s%s",
					i ? ", " : " ",
					ip_print(&result->ips[i].address.ip, ip));
	}
	return text;
}

/* Tell what has become of it.  @lacking: before the network's rules were looked after. */
static int put_back(struct restoring *all, struct attach *at, const char *owner,
		    bool lacking, struct error *e)
{
	const char *network = at->id.conf->name;
	struct error why = { 0 };
	char text[LINE_SIZE];

	if (masq_effect.verify(at, &why) == 0) {
		if (tell(all->told, network, owner,
			 say_addresses("in order", &at->result, text), e) < 0)
			return -1;
		return lacking ? tell(all->restored, network, owner,
				      say_addresses("restored", &at->result, text), e)
			       : 0;
	}
	if (masq_effect.apply(at, &why) < 0)
		return tell(all->undone, network, owner, why.msg, e);
	return tell_restored(all, network, owner,
			     say_addresses("restored", &at->result, text), e);
}

static int restore_member(struct network *network, struct member *member, struct error *e)
{
	const struct survey_attachment *a = member->attachment;
	const struct args args = { .container = a->container, .ifname = a->ifname };
	struct attach at = {
		.id = { .conf = network->conf,
			.args = &args,
			.host = &network->all->survey.host },
		.result = member->result,
	};

	if (!member->leased)
		return tell(network->all->undone, network->conf->name, a->owner,
			    "it has no lease in the store", e);
	if (member->result.n_ips == 0)
		return 0; /* the reason has been told */
	return put_back(network->all, &at, a->owner, member->lacking, e);
}

/* Who sends under which MAC. */

/* Is this a MAC that ADD makes of what the attachment is called or has leased? */
static bool is_derived(const struct ident *id, const struct survey_attachment *a,
		       const struct mac *mac)
{
	struct mac derived = veth_derive_mac(id, NULL);
	bool found = mac_equal(mac, &derived);

	for (size_t i = 0; !found && i < a->n_addresses; i++) {
		derived = veth_derive_mac(id, &a->addresses[i].prefix.ip);
		found = a->addresses[i].leased && mac_equal(mac, &derived);
	}
	return found;
}

/*
 * The MAC that ADD gave.  What the container's interface has now is no answer: who may
 * set that would choose under whose name he sends.  ADD notes it beside the host veth.
 * Where an ADD of an older version did not, or one before "macspoofchk" was asked for,
 * the one that is there now serves if it is one that ADD makes: those are nobody else's.
 */
static int given_mac(const struct ident *id, const struct survey_attachment *a,
		     struct mac *mac, struct error *e)
{
	struct nl *nl = &id->host->route;
	struct error ignored;
	struct link end;

	*mac = a->link->noted;
	if (!mac_is_none(mac))
		return 0;
	if (!a->link->peer_elsewhere ||
	    link_get_in(nl, a->link->peer_nsid, a->link->peer, &end, e) != 0 ||
	    !is_derived(id, a, &end.mac))
		return error_set(e, ERROR_MISMATCH,
				 "it cannot be guarded: which MAC it was given is "
				 "not noted beside %s (footbridge does so since it "
				 "restores guards); DEL it and ADD it anew",
				 a->link->name);
	(void)!link_note_mac(nl, a->link->name, &end.mac, &ignored);
	*mac = end.mac;
	return 0;
}

/* Guards are by the name of the port. */
static int must_be_named(const struct ident *id, const struct survey_attachment *a,
			 struct error *e)
{
	char name[NAME_LINK];

	if (strcmp(ident_veth(id, name), a->link->name) == 0)
		return 0;
	return error_set(e, ERROR_MISMATCH,
			 "it cannot be guarded: its host veth %s is not called as ADD "
			 "named it, or of its long container ID only this much is known",
			 a->link->name);
}

/* Return: as spoof_restore(), @text being the MAC. */
static int put_guard_back(struct attach *at, const struct survey_attachment *a,
			  char text[static MAC_TEXT], struct error *e)
{
	struct mac mac;

	if (must_be_named(&at->id, a, e) < 0 || given_mac(&at->id, a, &mac, e) < 0 ||
	    result_add_interface(&at->result, a->ifname, mac_print(&mac, text), INSIDE, 0,
				 e) < 0)
		return -1;
	return spoof_restore(at, e);
}

static int restore_guard(struct network *network, const struct survey_attachment *a,
			 struct error *e)
{
	struct conf conf = *network->conf;
	const struct args args = { .container = a->container,
				   .netns = INSIDE,
				   .ifname = a->ifname };
	struct attach at = {
		.id = { .conf = &conf,
			.args = &args,
			.host = &network->all->survey.host },
	};
	char mac[MAC_TEXT], what[LINE_SIZE];
	struct error why = { 0 };
	int r;

	/* an edit may have given those that came since another */
	conf.bridge.bridge = a->bridge->name;
	r = put_guard_back(&at, a, mac, &why);
	result_clear(&at.result);
	if (r < 0)
		return tell(network->all->undone, conf.name, a->owner, why.msg, e);
	(void)snprintf(what, sizeof(what), "%s %s",
		       r == SPOOF_RESTORED ? "restored the guard of"
					   : "in order: the guard of",
		       mac);
	return r == SPOOF_RESTORED
		       ? tell_restored(network->all, conf.name, a->owner, what, e)
		       : tell(network->all->told, conf.name, a->owner, what, e);
}

static int restore_guards(struct network *network, struct error *e)
{
	if (!network->conf->bridge.mac_spoof_check)
		return 0;
	for (size_t i = 0; i < network->n; i++) {
		if (restore_guard(network, network->members[i].attachment, e) < 0)
			return -1;
	}
	return 0;
}

static int restore_masquerade(struct network *network, struct error *e)
{
	struct error why = { 0 };

	if (!network->conf->bridge.ip_masq)
		return 0;
	if (masq_settle(&network->all->survey.host, network->conf, &why) < 0 &&
	    tell(network->all->undone, network->conf->name, NULL, why.msg, e) < 0)
		return -1;
	for (size_t i = 0; i < network->n; i++) {
		if (restore_member(network, &network->members[i], e) < 0)
			return -1;
	}
	return 0;
}

/* What the network is to have, in one line; or why it could not be given that. */
static int tell_network(const struct network *network, const struct error *why,
			struct error *e)
{
	const struct conf *conf = network->conf;
	char what[LINE_SIZE];

	if (why->code)
		return tell(network->all->undone, conf->name, NULL, why->msg, e);
	(void)snprintf(what, sizeof(what),
		       "%zu attached, forwarding %s, masquerade %s, MAC guard %s",
		       network->n, conf->bridge.is_gateway ? "on" : "not asked for",
		       conf->bridge.ip_masq ? "on" : "not asked for",
		       conf->bridge.mac_spoof_check ? "on" : "not asked for");
	return tell(network->all->told, conf->name, NULL, what, e);
}

/* What is wrong with one network does not keep the others from being restored. */
static int restore_network(const char *name, const struct conf *conf,
			   const struct error *unread, void *arg, struct error *e)
{
	struct restoring *all = arg;
	_cleanup_(network_clear) struct network network = { .all = all, .conf = conf };
	struct error why = { 0 }, crossing;

	/* the survey may have said the same */
	if (!conf)
		return tell(all->undone, name, NULL, unread->msg, e);
	if (gather_members(&network, e) < 0)
		return -1;
	if (network.n == 0)
		return 0;
	(void)!turn_forwarding_on(&network, &why);
	if (segment_restore(&all->survey.host, &conf->bridge, &crossing) < 0 &&
	    tell(all->undone, conf->name, NULL, crossing.msg, e) < 0)
		return -1;
	if (tell_network(&network, &why, e) < 0 || restore_guards(&network, e) < 0)
		return -1;
	return restore_masquerade(&network, e);
}

/*
 * What lets the frames of each gateway that we made cross its bridge: such a gateway stays when
 * its last container goes, and when "vlan" is edited.
 */
static int restore_gateways(struct restoring *all, struct error *e)
{
	for (size_t i = 0; i < all->survey.n_links; i++) {
		const struct link *port = &all->survey.links[i], *gateway;
		struct error why;
		int r;

		gateway = survey_gateway_behind(&all->survey, port);
		if (!gateway)
			continue;
		r = crossing_free(&all->survey.host, gateway, port->name, &why);
		if (r < 0)
			r = tell(all->undone, port->alias, NULL, why.msg, e);
		else if (r == CROSSING_FREED)
			r = tell_restored(
				all, port->alias, NULL,
				"restored what lets its frames cross the bridge", e);
		if (r < 0)
			return -1;
	}
	return 0;
}

static int tell_unknown(const struct restoring *all, struct error *e)
{
	for (size_t i = 0; i < all->survey.n_attachments; i++) {
		const struct survey_attachment *a = &all->survey.attachments[i];
		const struct survey_network *network =
			survey_network(&all->survey, a->network);

		if (is_living(a) && !(network && network->recorded) &&
		    tell(all->undone, a->link->alias, NULL,
			 "its network is not known in " RECORD_DIR
			 "; the next ADD on it changes that",
			 e) < 0)
			return -1;
	}
	return 0;
}

int restore_all(struct list *told, struct list *restored, struct list *undone,
		struct error *e)
{
	_cleanup_(restoring_clear) struct restoring all = {
		.survey = SURVEY_INIT,
		.told = told,
		.restored = restored,
		.undone = undone,
	};

	if (survey_take(&all.survey, e) < 0 ||
	    list_add_all(undone, &all.survey.troubles, e) < 0 ||
	    restore_gateways(&all, e) < 0 || record_each(restore_network, &all, e) < 0)
		return -1;
	return tell_unknown(&all, e);
}

static void print_lines(FILE *to, const struct list *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		(void)fprintf(to, "%s\n", lines->v[i]);
}

static int run(const struct command *command, int argc, char **argv)
{
	_cleanup_(list_clear) struct list told = { NULL, 0 };
	_cleanup_(list_clear) struct list restored = { NULL, 0 }, undone = { NULL, 0 };
	struct error e = { 0 };
	int r;

	(void)argv;
	if (argc > 1)
		return command_misused(command, "it takes no arguments");
	r = restore_all(&told, &restored, &undone, &e);
	print_lines(stdout, &told);
	print_lines(stderr, &undone);
	if (r < 0)
		(void)fprintf(stderr, "footbridge restore: %s\n", e.msg);
	return r < 0 || undone.n > 0 ? COMMAND_TROUBLE : COMMAND_FINE;
}

const struct command command_restore = {
	.name = "restore",
	.synopsis = "",
	.summary = "put back what a firewall reload took from living attachments",
	.help = "Forwarding, the masquerade rules and each address's set element, and what\n"
		"\"macspoofchk\" guards MACs with, of every attachment that lives; and what lets\n"
		"the frames of VLANs' gateways cross their bridges.  Nothing is taken away; what\n"
		"is in order stays as it is.  A line for each network and attachment on stdout;\n"
		"what could not be restored is on stderr, and the exit status is 1 then.\n",
	.run = run,
};

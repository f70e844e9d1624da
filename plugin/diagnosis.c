/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diagnosis.c - what would make an ADD fail or leave a container without network
 */
#include "diagnosis.h"

#include <fcntl.h>
#include <linux/netfilter.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "command.h"
#include "conflist.h"
#include "file.h"
#include "firewall.h"
#include "json.h"
#include "nft.h"
#include "plugins.h"
#include "retry.h"
#include "route.h"
#include "segment.h"
#include "spoof.h"
#include "sysctl.h"

/* Of these a word of a shell's may be made as they are. */
#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/"
#define WORD_MORE 8 /* quotes */
#define WORD (4 * NAME_LINK + WORD_MORE)

#define ADVICE 1024
#define HOST "host"
#define LEGACY_TABLES "/proc/net/ip_tables_names"
#define LEGACY_TABLES_MAX 4096
#define POOL_WALK 65536 /* larger pools are not counted: no host fills them */
#define COUNTLESS SIZE_MAX
#define NEARLY 90 /* per cent */

/* Findings. */

/*
 * A name as a word of a shell command, to be pasted as it is.  @quote: as nft wants it, in double
 * quotes, as it may be a word of nft's own.  @size: four times the name's, and WORD_MORE.
 * Return: @word.
 */
static const char *quote_word(const char *name, bool quote, char *word, size_t size)
{
	const bool plain = !quote && strspn(name, PLAIN) == strlen(name);
	char *to = word;

	if (!plain)
		to = stpcpy(to, quote ? "'\"" : "'");
	for (; *name && (size_t)(to - word) < size - WORD_MORE; name++) {
		if (*name == '\'')
			to = stpcpy(to, "'\\''");
		else
			*to++ = *name;
	}
	*to = '\0';
	if (!plain)
		(void)stpcpy(to, quote ? "\"'" : "'");
	return word;
}

/* The same of a device: the kernel allows its name nearly every character. */
static const char *shell_word(const char *name, bool quote, char word[static WORD])
{
	return quote_word(name, quote, word, WORD);
}

static int complain(struct diagnosis *d, bool grave, const char *where, struct error *e,
		    const char *mend, const char *what, ...) _printf_(6, 7);

static int complain(struct diagnosis *d, bool grave, const char *where, struct error *e,
		    const char *mend, const char *what, ...)
{
	struct ailment *f, new = { .grave = grave };
	va_list arguments;

	va_start(arguments, what);
	if (vasprintf(&new.what, what, arguments) < 0)
		new.what = NULL;
	va_end(arguments);
	for (size_t i = 0; new.what &&i < d->n_findings; i++) {
		if (strcmp(d->findings[i].what, new.what) == 0 &&
		    strcmp(d->findings[i].where, where) == 0) {
			free(new.what);
			return 0;
		}
	}
	if (!new.what || list_grow(&d->findings, d->n_findings, sizeof(*f), e) < 0) {
		free(new.what);
		return error_set(e, ERROR_MEMORY, "out of memory");
	}
	new.where = strdup(where);
	new.mend = strdup(mend);
	f = &d->findings[d->n_findings++];
	*f = new;
	return f->where && f->mend ? 0 : error_set(e, ERROR_MEMORY, "out of memory");
}

/* For what the kernel, or a file's mode, may keep from others alone. */
static const char *see_message(void)
{
	return geteuid() == 0 ? "see the message" : "see the message; as root?";
}

/* Configurations. */

/* A file whose plugins are looked for. */
struct looking {
	struct diagnosis *d;
	const char *path;
};

static int look_for_executable(const struct looking *looking, const char *type,
			       struct error *e)
{
	char file[PATH_MAX];
	struct error why;

	if (conflist_find_plugin(type, file, &why) == 0)
		return 0;
	return complain(looking->d, true, looking->path, e,
			"install it, or set CNI_PATH to the runtime's folders of plugins",
			"%s", why.msg);
}

/* Each plugin, chained ones, too: an ADD fails where the runtime does not find it. */
static int look_for_plugin(const char *type, const char *text, void *arg, struct error *e)
{
	_cleanup_(json_freep) struct cJSON *plugin = NULL;
	const char *ipam;

	if (look_for_executable(arg, type, e) < 0)
		return -1;
	if (plugin_find(type))
		return 0; /* its effects look for it */
	if (json_parse(text, strlen(text), &plugin, e) < 0)
		return -1;
	ipam = json_string(json_get(json_get(plugin, "ipam"), "type"));
	return ipam && *ipam ? look_for_executable(arg, ipam, e) : 0;
}

/* lint says more of what a file says, but not of one that cannot be read. */
static int complain_of_file(struct diagnosis *d, const char *path, struct error *why,
			    struct error *e)
{
	char word[4 * PATH_MAX + WORD_MORE], mend[sizeof(word) + 64];

	if (why->code == ERROR_MEMORY) {
		*e = *why;
		return -1;
	}
	(void)snprintf(mend, sizeof(mend), "edit the file; footbridge lint %s says more",
		       quote_word(path, false, word, sizeof(word)));
	return complain(d, true, path, e,
			why->code == ERROR_IO ? "see the message" : mend, "%s",
			command_say(why));
}

/* A wrong value does not hide that a plugin is missing; what both stumble over is told once. */
int diagnosis_read(struct diagnosis *d, const char *path, struct error *e)
{
	struct looking looking = { .d = d, .path = path };
	struct error why = { 0 };

	if (netconf_read(&d->confs, path, false, &why) < 0 &&
	    complain_of_file(d, path, &why, e) < 0)
		return -1;
	why = (struct error){ 0 };
	if (conflist_read(path, look_for_plugin, &looking, &why) < 0)
		return complain_of_file(d, path, &why, e);
	return 0;
}

int diagnosis_read_none(struct diagnosis *d, struct error *e)
{
	return complain(
		d, false, HOST, e,
		"put one there (conf-examples has some), or set NETCONFPATH to the "
		"runtime's folder",
		"there is no configuration in %s: a runtime that looks there is "
		"not ready",
		conflist_folder());
}

/* The configuration of a network.  Return: NULL where none was read. */
static const struct conf *conf_of(const struct diagnosis *d, const char *network)
{
	for (size_t i = 0; i < d->confs.n; i++) {
		if (strcmp(d->confs.v[i].conf.name, network) == 0)
			return &d->confs.v[i].conf;
	}
	return NULL;
}

static bool is_bridge_conf(const struct conf *conf)
{
	return strcmp(conf->type, "bridge") == 0;
}

static bool has_family(const struct conf *conf, int family)
{
	for (size_t i = 0; i < conf->ipam.n_sets; i++) {
		if (ip_family(&conf->ipam.sets[i].v[0].subnet.ip) == family)
			return true;
	}
	return false;
}

/* A pool without addresses is check_pool()'s to tell. */
static bool is_told(const struct error *why)
{
	return why->code == ERROR_EXHAUSTED && !why->foreign;
}

/* What STATUS asks, effect by effect, so that one trouble does not hide the others. */
static int ask_effects(struct diagnosis *d, const struct netconf *c, struct error *e)
{
	const struct args args = { .verb = VERB_STATUS,
				   .container = "",
				   .netns = "",
				   .ifname = "",
				   .path = conflist_plugins() };
	const struct ident id = { .conf = &c->conf,
				  .args = &args,
				  .host = &d->survey.host };

	for (size_t i = 0; c->plugin->effects[i]; i++) {
		const struct effect *effect = c->plugin->effects[i];
		struct error why = { 0 };

		if (effect->ready && effect->ready(&id, &why) < 0 && !is_told(&why) &&
		    complain(d, true, c->file, e,
			     "see the message; then: footbridge doctor",
			     "an ADD on network %s would fail: %s: %s", c->conf.name,
			     effect->name, command_say(&why)) < 0)
			return -1;
	}
	return 0;
}

/* Without a configuration: what any ADD needs. */
static int ask_kernel(struct diagnosis *d, struct error *e)
{
	static const char *const kinds[] = { "bridge", "veth" };
	struct host *host = &d->survey.host;
	struct error why = { 0 };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		char mend[64];

		(void)snprintf(mend, sizeof(mend), "modprobe %s, as root", kinds[i]);
		if (link_can_add(&host->route, kinds[i], &why) < 0 &&
		    complain(d, true, HOST, e, mend, "%s", why.msg) < 0)
			return -1;
	}
	if (netns_can_enter(&why) < 0 &&
	    complain(d, true, HOST, e, "run as root", "%s", why.msg) < 0)
		return -1;
	if ((host_nft(host, &why) != 0 || nft_ready(&host->nft, &why) != 0) &&
	    complain(d, true, HOST, e, "modprobe nf_tables, as root",
		     "no nf_tables, which \"ipMasq\" and \"macspoofchk\" need: %s",
		     why.msg) < 0)
		return -1;
	return 0;
}

/* Two configurations. */

static bool share_addresses(const struct range *a, const struct range *b)
{
	return prefix_overlaps(&a->subnet, &b->subnet) &&
	       ip_compare(&a->start, &b->end) <= 0 && ip_compare(&b->start, &a->end) <= 0;
}

static bool share_subnet(const struct range *a, const struct range *b)
{
	return prefix_overlaps(&a->subnet, &b->subnet);
}

static const struct range *find_overlap(const struct conf_ipam *a,
					const struct conf_ipam *b,
					bool (*share)(const struct range *a,
						      const struct range *b))
{
	for (size_t i = 0; i < a->n_sets; i++) {
		for (size_t k = 0; k < b->n_sets; k++) {
			const struct range_set *one = &a->sets[i], *other = &b->sets[k];

			for (size_t l = 0; l < one->n; l++)
				for (size_t m = 0; m < other->n; m++)
					if (share(&one->v[l], &other->v[m]))
						return &one->v[l];
		}
	}
	return NULL;
}

static int compare_confs(struct diagnosis *d, const struct netconf *a,
			 const struct netconf *b, struct error *e)
{
	const struct range *common =
		find_overlap(&a->conf.ipam, &b->conf.ipam, share_addresses);
	char subnet[PREFIX_TEXT];

	if (strcmp(a->conf.name, b->conf.name) == 0)
		return strcmp(a->file, b->file) == 0
			       ? 0
			       : complain(d, true, b->file, e,
					  "give one of the two another \"name\"",
					  "network %s is in %s, too", b->conf.name,
					  a->file);
	if (common)
		return complain(d, true, b->file, e, "give one of the two another subnet",
				"networks %s and %s (%s) both lease from %s: one address "
				"will be given to two containers",
				b->conf.name, a->conf.name, a->file,
				prefix_print(&common->subnet, subnet));
	if (is_bridge_conf(&a->conf) && is_bridge_conf(&b->conf) &&
	    strcmp(a->conf.bridge.bridge, b->conf.bridge.bridge) == 0 &&
	    a->conf.ipam.n_sets && b->conf.ipam.n_sets &&
	    a->conf.bridge.vlan == b->conf.bridge.vlan &&
	    !find_overlap(&a->conf.ipam, &b->conf.ipam, share_subnet))
		return complain(d, false, b->file, e,
				"give one of the two another \"bridge\"",
				"networks %s and %s (%s) have different subnets on one "
				"bridge, %s: nothing keeps them apart",
				b->conf.name, a->conf.name, a->file,
				b->conf.bridge.bridge);
	return 0;
}

/* Another firewall's reload may have taken what lets its frames pass. */
static int check_vlan(struct diagnosis *d, const struct netconf *c, struct error *e)
{
	struct error why;
	int r = is_bridge_conf(&c->conf)
			? segment_is_free(&d->survey.host, &c->conf.bridge, &why)
			: 1;

	if (r > 0)
		return 0;
	d->unmasqueraded = true;
	if (r < 0)
		return complain(d, true, c->file, e, "see the message", "%s", why.msg);
	return complain(
		d, true, c->file, e, "footbridge restore",
		"what goes to the gateway of network %s, in VLAN %u, is tracked by "
		"iptables on the bridge, and masqueraded too early: its "
		"containers reach nobody beyond the host",
		c->conf.name, c->conf.bridge.vlan);
}

static int check_confs(struct diagnosis *d, struct error *e)
{
	for (size_t i = 0; i < d->confs.n; i++) {
		if (ask_effects(d, &d->confs.v[i], e) < 0 ||
		    check_vlan(d, &d->confs.v[i], e) < 0)
			return -1;
		for (size_t k = 0; k < i; k++) {
			if (compare_confs(d, &d->confs.v[k], &d->confs.v[i], e) < 0)
				return -1;
		}
	}
	return d->confs.n ? 0 : ask_kernel(d, e);
}

/* Forwarding. */

bool diagnosis_forwards(struct diagnosis *d, int family)
{
	for (size_t i = 0; i < d->survey.n_attachments; i++) {
		const struct survey_attachment *a = &d->survey.attachments[i];
		const struct survey_network *n = survey_network(&d->survey, a->network);

		if (a->link && n && n->is_gateway &&
		    survey_is_given(&d->survey, a, family))
			return true;
	}
	for (size_t i = 0; i < d->confs.n; i++) {
		const struct survey_network *n =
			survey_network(&d->survey, d->confs.v[i].conf.name);

		/* One that was never used has not turned it on yet. */
		if (n && n->recorded && n->is_gateway &&
		    has_family(&d->confs.v[i].conf, family))
			return true;
	}
	return false;
}

static int check_forwarding(struct diagnosis *d, struct error *e)
{
	static const struct {
		int family;
		const char *name, *mend;
	} families[] = {
		{ AF_INET, "IPv4", "sysctl -w net.ipv4.ip_forward=1" },
		{ AF_INET6, "IPv6", "sysctl -w net.ipv6.conf.all.forwarding=1" },
	};
	struct error why;

	for (size_t i = 0; i < 2; i++) {
		int r = 0, on = !diagnosis_forwards(d, families[i].family) ||
				sysctl_forwarding(families[i].family, &why);

		if (on < 0)
			r = complain(d, true, HOST, e, "see the message", "%s", why.msg);
		if (on == 0)
			r = complain(
				d, true, HOST, e, families[i].mend,
				"%s forwarding is off: containers reach the host alone",
				families[i].name);
		if (r < 0)
			return -1;
	}
	return 0;
}

/* Who drops what is forwarded. */

/* Has a network of ours containers on this bridge? */
static bool is_used(struct diagnosis *d, const struct link *bridge)
{
	for (size_t i = 0; i < d->confs.n; i++) {
		if (is_bridge_conf(&d->confs.v[i].conf) &&
		    survey_link_named(&d->survey, d->confs.v[i].conf.bridge.bridge) ==
			    bridge)
			return true;
	}
	for (size_t i = 0; i < d->survey.n_attachments; i++) {
		if (d->survey.attachments[i].ours &&
		    d->survey.attachments[i].bridge == bridge)
			return true;
	}
	return false;
}

/* Is a device that is no bridge the gateway of a VLAN?  The host may have others of such names. */
static bool is_gateway(struct diagnosis *d, const struct link *link)
{
	const struct link *port = survey_link(&d->survey, link->peer);
	char name[NAME_LINK];

	if (port && survey_gateway_behind(&d->survey, port) == link)
		return true;
	for (size_t i = 0; i < d->confs.n; i++) {
		const struct conf *conf = &d->confs.v[i].conf;

		if (is_bridge_conf(conf) && conf->bridge.vlan &&
		    conf->bridge.is_gateway &&
		    survey_link_named(&d->survey, conf_gateway(&conf->bridge, name)) ==
			    link)
			return true;
	}
	return false;
}

/* The bridge that has containers of ours behind this device.  Return: NULL. */
static const struct link *bridge_behind(struct diagnosis *d, const struct link *gateway)
{
	const struct link *bridge = survey_bridge_of(&d->survey, gateway);

	return bridge && is_used(d, bridge) &&
			       (bridge == gateway || is_gateway(d, gateway))
		       ? bridge
		       : NULL;
}

static const char *family_word(uint8_t family)
{
	return family == NFPROTO_IPV4 ? "ip" : family == NFPROTO_IPV6 ? "ip6" : "inet";
}

/* Append words that accept what comes from a device and what goes to it. */
static void advise_for(const struct firewall_chain *chain, const struct link *link,
		       char mend[static ADVICE])
{
	const char *family = family_word(chain->family);
	const size_t len = strlen(mend);
	char word[WORD];

	/* a rule that is put in front; firewalld has its own way, and makes its chains anew */
	if (strcmp(chain->table, "firewalld") == 0)
		(void)snprintf(mend + len, ADVICE - len,
			       "firewall-cmd --permanent --zone=trusted "
			       "--add-interface=%s && ",
			       shell_word(link->name, false, word));
	else
		(void)snprintf(mend + len, ADVICE - len,
			       "%snft insert rule %s %s %s iifname %s accept; "
			       "nft insert rule %s %s %s oifname %s accept",
			       len ? "; " : "", family, chain->table, chain->name,
			       shell_word(link->name, true, word), family, chain->table,
			       chain->name, word);
}

/*
 * @bridge: that a VLAN's frames cross on their way to the gateway, where they pass the chain,
 * too; else NULL.
 */
static void advise(const struct firewall_chain *chain, const struct link *gateway,
		   const struct link *bridge, char mend[static ADVICE])
{
	size_t len;

	*mend = '\0';
	advise_for(chain, gateway, mend);
	if (bridge)
		advise_for(chain, bridge, mend);
	len = strlen(mend);
	if (strcmp(chain->table, "firewalld") == 0)
		(void)snprintf(mend + len, ADVICE - len, "firewall-cmd --reload");
}

/*
 * Does the chain see what goes from one port of the bridge to another, and drop that, too?
 * Return: the switch that has it so, "" for no; NULL with *e.
 */
static const char *cuts_between(struct diagnosis *d, const struct firewall_chain *chain,
				uint8_t family, const struct link *bridge,
				struct error *e)
{
	const bool v4 = family == NFPROTO_IPV4;
	struct error unheard;
	int end;

	if (sysctl_bridge_filter(v4 ? AF_INET : AF_INET6, &unheard) <= 0)
		return "";
	end = firewall_judge(&d->survey, chain, family, bridge, true, e);
	if (end < 0)
		return NULL;
	return end == FIREWALL_PASSES ? ""
	       : v4		      ? "net.bridge.bridge-nf-call-iptables"
				      : "net.bridge.bridge-nf-call-ip6tables";
}

/* What a chain does to what a gateway sends on. */
struct drop {
	const struct firewall_chain *chain;
	const struct link *gateway;
	enum firewall_verdict end; /* which may pass */
	const char *only; /* the family, where the other passes; "" = no matter which */
	const char *between; /* cuts_between() */
};

static int complain_of_drop(struct diagnosis *d, const struct drop *drop, struct error *e)
{
	const struct firewall_chain *chain = drop->chain;
	const struct link *gateway = drop->gateway,
			  *bridge = survey_bridge_of(&d->survey, gateway);
	const char *family = family_word(chain->family), *between = drop->between,
		   *only = drop->only;
	char mend[ADVICE];

	advise(chain, gateway, *between && bridge != gateway ? bridge : NULL, mend);
	if (drop->end == FIREWALL_PASSES)
		return complain(d, true, HOST, e, mend,
				"chain %s of table %s %s drops what crosses %s, because "
				"%s is on: containers reach neither each other nor %s",
				chain->name, family, chain->table, bridge->name, between,
				gateway->name);
	return complain(
		d, true, HOST, e, mend,
		"chain %s of table %s %s drops %s%s is forwarded (%s), and no rule %s "
		"accepts %s from %s%s%s%s",
		chain->name, family, chain->table, only, *only ? " that" : "what",
		drop->end == FIREWALL_POLICY ? "policy drop, as Docker leaves it"
					     : "a rule drops or rejects all",
		drop->end == FIREWALL_POLICY ? "of it" : "before that",
		*only ? only : "what comes", gateway->name,
		*between ? "; containers do not even reach each other, because " : "",
		between, *between ? " is on" : "");
}

static bool carries(const struct diagnosis *d, uint8_t family, const struct link *gateway)
{
	for (size_t i = 0; i < d->survey.n_own; i++) {
		const struct survey_own *own = &d->survey.own[i];

		if (own->link == gateway && !ip_is_link_local(&own->prefix.ip) &&
		    (family == NFPROTO_IPV4) == (own->prefix.ip.len == 4))
			return true;
	}
	return false;
}

/*
 * Packets are forwarded if the device that they come from has it so, be it that all have
 * (IN_DEV_FORWARD(), linux/inetdevice.h): systemd-networkd turns it off for single ones.
 */
static int check_gateways(struct diagnosis *d, struct error *e)
{
	char mend[128], word[WORD];
	struct error unheard;

	if (sysctl_forwarding(AF_INET, &unheard) <= 0)
		return 0;
	for (size_t i = 0; i < d->survey.n_links; i++) {
		const struct link *gateway = &d->survey.links[i];

		if (gateway->forwards || !bridge_behind(d, gateway) ||
		    !carries(d, NFPROTO_IPV4, gateway))
			continue;
		(void)snprintf(mend, sizeof(mend),
			       "echo 1 >/proc/sys/net/ipv4/conf/%s/forwarding",
			       shell_word(gateway->name, false, word));
		if (complain(d, true, HOST, e, mend,
			     "IPv4 forwarding is off for %s alone: its containers reach "
			     "the host and each other",
			     gateway->name) < 0)
			return -1;
	}
	return 0;
}

/* Return: the family's name, where the chain lets the other pass, "" where not; NULL with *e. */
static const char *only_family(struct diagnosis *d, const struct firewall_chain *chain,
			       const struct link *gateway, uint8_t family,
			       struct error *e)
{
	const bool v4 = family == NFPROTO_IPV4;
	int other = FIREWALL_POLICY;

	if (chain->family == NFPROTO_INET)
		other = firewall_judge(&d->survey, chain,
				       v4 ? NFPROTO_IPV6 : NFPROTO_IPV4, gateway, false,
				       e);
	if (other < 0)
		return NULL;
	return other != FIREWALL_PASSES ? "" : v4 ? "IPv4" : "IPv6";
}

/* Return: 0, whether there was a complaint or not, *told saying which; -1. */
static int check_chain_in(struct diagnosis *d, const struct firewall_chain *chain,
			  const struct link *gateway, uint8_t family, bool *told,
			  struct error *e)
{
	const struct link *bridge = survey_bridge_of(&d->survey, gateway);
	int end = firewall_judge(&d->survey, chain, family, gateway, false, e);
	struct drop drop = { .chain = chain, .gateway = gateway };

	if (end < 0)
		return -1;
	/* a bridge whose containers do not reach each other may be meant so */
	if (end == FIREWALL_PASSES && bridge == gateway)
		return 0;
	drop.end = (enum firewall_verdict)end;
	drop.between = cuts_between(d, chain, family, bridge, e);
	if (!drop.between)
		return -1;
	*told = end != FIREWALL_PASSES || *drop.between;
	if (!*told)
		return 0;
	drop.only = only_family(d, chain, gateway, family, e);
	return drop.only ? complain_of_drop(d, &drop, e) : -1;
}

/* One complaint is enough of a chain and a gateway. */
static int check_chain_for(struct diagnosis *d, const struct firewall_chain *chain,
			   const struct link *gateway, struct error *e)
{
	static const uint8_t families[] = { NFPROTO_IPV4, NFPROTO_IPV6 };
	bool told = false;

	for (size_t i = 0; i < sizeof(families) && !told; i++) {
		if ((chain->family == NFPROTO_INET || chain->family == families[i]) &&
		    carries(d, families[i], gateway) &&
		    check_chain_in(d, chain, gateway, families[i], &told, e) < 0)
			return -1;
	}
	return 0;
}

static int check_chain(struct diagnosis *d, const struct firewall_chain *chain,
		       struct error *e)
{
	for (size_t i = 0; i < d->survey.n_links; i++) {
		const struct link *gateway = &d->survey.links[i];

		if (bridge_behind(d, gateway) &&
		    check_chain_for(d, chain, gateway, e) < 0)
			return -1;
	}
	return 0;
}

static bool has_line(char *text, const char *wanted)
{
	char *line, *rest = text;

	while ((line = strsep(&rest, "\n"))) {
		if (strcmp(line, wanted) == 0)
			return true;
	}
	return false;
}

/* The policy of iptables-legacy is not to be had but through its own program. */
static int check_legacy(struct diagnosis *d, struct error *e)
{
	_cleanup_(closep) int fd = retry(open(LEGACY_TABLES, O_RDONLY | O_CLOEXEC));
	size_t len;
	_cleanup_(freep) char *tables = fd < 0 ? NULL
					       : file_read(fd, LEGACY_TABLES_MAX, &len);

	if (!tables)
		return errno == ENOENT ? 0
				       : complain(d, true, HOST, e, "run as root",
						  "cannot read " LEGACY_TABLES ": %s",
						  strerror(errno));
	if (!has_line(tables, "filter"))
		return 0;
	return complain(d, false, HOST, e,
			"iptables-legacy -S FORWARD; where its policy is DROP: "
			"iptables-legacy -P FORWARD ACCEPT",
			"iptables-legacy is in use: it may drop what is forwarded, "
			"which cannot be seen from here");
}

static int look_at_firewall(struct diagnosis *d, struct error *e)
{
	_cleanup_(firewall_clear) struct firewall firewall = { 0 };

	if (firewall_read(&firewall, &d->survey, e) < 0)
		return -1;
	for (size_t i = 0; i < firewall.n_chains; i++) {
		if (check_chain(d, &firewall.chains[i], e) < 0)
			return -1;
	}
	return 0;
}

/* Where it may not be seen, all else is told all the same. */
static int check_firewall(struct diagnosis *d, struct error *e)
{
	struct error why = { 0 };

	if (look_at_firewall(d, &why) < 0) {
		if (why.code == ERROR_MEMORY) {
			*e = why;
			return -1;
		}
		if (complain(d, true, HOST, e, see_message(),
			     "whether the firewall drops what is forwarded cannot be "
			     "seen: %s",
			     why.msg) < 0)
			return -1;
	}
	return check_legacy(d, e);
}

/* Addresses. */

static bool is_link_local6(const struct ip *ip)
{
	return ip->len == 16 && ip_is_link_local(ip);
}

/*
 * Does the device's own subnet come to be the bridge's?  A wider one does not: of both,
 * the kernel takes the longer prefix, and what is cut out of the wider may be meant so.
 * Nor has a single address one (flannel's VXLAN device, a load balancer's on lo).
 */
static bool takes_subnet(const struct survey_own *own, const struct prefix *subnet)
{
	return own->prefix.bits >= subnet->bits &&
	       own->prefix.bits < ip_bits(&own->prefix.ip) &&
	       prefix_overlaps(subnet, &own->prefix);
}

#define ANOTHER_SUBNET "another subnet in the configuration, or: "

/* The own addresses that cover the subnet of a gateway. */
static int compare_own(struct diagnosis *d, const char *where,
		       const struct prefix *subnet, const char *gateway, struct error *e)
{
	char text[PREFIX_TEXT], other[PREFIX_TEXT], mend[256], word[WORD];

	prefix_print(subnet, text);
	for (size_t i = 0; i < d->survey.n_own; i++) {
		const struct survey_own *own = &d->survey.own[i];

		if (strcmp(own->link->name, gateway) == 0 || !takes_subnet(own, subnet))
			continue;
		(void)snprintf(mend, sizeof(mend), ANOTHER_SUBNET "ip addr del %s dev %s",
			       prefix_print(&own->prefix, other),
			       shell_word(own->link->name, false, word));
		if (complain(d, true, where, e, mend,
			     "the subnet %s of %s overlaps %s on %s", text, gateway,
			     other, own->link->name) < 0)
			return -1;
	}
	return 0;
}

/* Does the route take from the subnet, and is it not that of an own address? */
static bool takes_from(const struct survey *survey, const struct survey_route *route,
		       const struct prefix *subnet, const char *gateway)
{
	const struct ip first = prefix_first(&route->dst);

	if (route->dst.bits < subnet->bits || !prefix_overlaps(subnet, &route->dst))
		return false;
	return !route->link || (strcmp(route->link->name, gateway) != 0 &&
				survey_subnet_bits(survey, route->link, &first) == 0);
}

static int complain_of_route(struct diagnosis *d, const char *where,
			     const struct survey_route *route,
			     const struct prefix *subnet, const char *gateway,
			     struct error *e)
{
	const char *drops = route_drops(route->type);
	char text[PREFIX_TEXT], dst[PREFIX_TEXT], mend[256], word[WORD];

	prefix_print(subnet, text);
	prefix_print(&route->dst, dst);
	if (drops) {
		(void)snprintf(mend, sizeof(mend), ANOTHER_SUBNET "ip route del %s %s",
			       drops, dst);
		return complain(d, true, where, e, mend,
				"a route drops what goes to %s, in the subnet %s of %s",
				dst, text, gateway);
	}
	(void)snprintf(mend, sizeof(mend), ANOTHER_SUBNET "ip route del %s dev %s", dst,
		       shell_word(route->link->name, false, word));
	return complain(d, true, where, e, mend,
			"a route to %s through %s takes from the subnet %s of %s", dst,
			route->link->name, text, gateway);
}

static int compare_routes(struct diagnosis *d, const char *where,
			  const struct prefix *subnet, const char *gateway,
			  struct error *e)
{
	for (size_t i = 0; i < d->survey.n_routes; i++) {
		const struct survey_route *route = &d->survey.routes[i];

		if (takes_from(&d->survey, route, subnet, gateway) &&
		    complain_of_route(d, where, route, subnet, gateway, e) < 0)
			return -1;
	}
	return 0;
}

/* What else on the host covers the subnet of a gateway? */
static int compare_subnet(struct diagnosis *d, const char *where,
			  const struct prefix *subnet, const char *gateway,
			  struct error *e)
{
	return compare_own(d, where, subnet, gateway, e) < 0
		       ? -1
		       : compare_routes(d, where, subnet, gateway, e);
}

static int check_addresses(struct diagnosis *d, struct error *e)
{
	for (size_t i = 0; i < d->survey.n_own; i++) {
		const struct survey_own *own = &d->survey.own[i];
		const struct prefix subnet = prefix_network(&own->prefix);

		if (bridge_behind(d, own->link) && !is_link_local6(&own->prefix.ip) &&
		    compare_subnet(d, HOST, &subnet, own->link->name, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < d->confs.n; i++) {
		const struct conf *conf = &d->confs.v[i].conf;
		char gateway[NAME_LINK];

		if (!is_bridge_conf(conf) || !conf->bridge.is_gateway)
			continue;
		conf_gateway(&conf->bridge, gateway);
		for (size_t k = 0; k < conf->ipam.n_sets; k++) {
			const struct range_set *set = &conf->ipam.sets[k];

			for (size_t l = 0; l < set->n; l++)
				if (!survey_link_named(&d->survey, gateway) &&
				    compare_subnet(d, d->confs.v[i].file,
						   &set->v[l].subnet, gateway, e) < 0)
					return -1;
		}
	}
	return 0;
}

/* Pools. */

struct pool {
	size_t used, dead, size;
};

static uint64_t low_bits(const struct ip *ip)
{
	uint64_t bits = 0;

	for (int i = ip->len == 4 ? 0 : 8; i < ip->len; i++)
		bits = bits << 8 | ip->b[i];
	return bits;
}

/* How many addresses there are to give, COUNTLESS where they are too many to be counted. */
static size_t count_pool(const struct conf_ipam *ipam, const struct range_set *set)
{
	const struct ip none = { 0 };
	struct range_walk walk = range_walk_from(set, &none, &ipam->exclude);
	const struct range *range;
	struct ip ip;
	size_t n = 0;

	if (!range_set_gives(set, &ipam->exclude))
		return 0;
	for (size_t i = 0; i < set->n; i++) {
		const struct range *r = &set->v[i];

		if ((r->start.len == 16 && memcmp(r->start.b, r->end.b, 8) != 0) ||
		    low_bits(&r->end) - low_bits(&r->start) >= POOL_WALK)
			return COUNTLESS;
	}
	while (range_walk_next(&walk, &ip, &range))
		n++;
	return n;
}

/* Is it one that a walk through the set comes to?  What is leased may be excluded since. */
static bool is_in_pool(const struct conf_ipam *ipam, const struct range_set *set,
		       const struct ip *ip)
{
	return range_set_find(set, ip) && !range_set_is_gateway(set, ip) &&
	       !range_exclude_find(&ipam->exclude, ip);
}

/* @ipam, @set: NULL = all leases of the network. */
static struct pool look_at_pool(const struct diagnosis *d, const char *network,
				const struct conf_ipam *ipam, const struct range_set *set)
{
	struct pool pool = { 0 };

	for (size_t i = 0; i < d->survey.n_attachments; i++) {
		const struct survey_attachment *a = &d->survey.attachments[i];

		if (strcmp(a->network, network) != 0)
			continue;
		for (size_t k = 0; k < a->n_addresses; k++) {
			const struct survey_address *address = &a->addresses[k];

			if (!address->leased ||
			    (set && !is_in_pool(ipam, set, &address->prefix.ip)))
				continue;
			pool.used++;
			pool.dead += address->dead;
		}
	}
	return pool;
}

static int check_pool(struct diagnosis *d, const struct netconf *c,
		      const struct range_set *set, struct error *e)
{
	const struct conf_ipam *ipam = &c->conf.ipam;
	struct pool pool = look_at_pool(d, c->conf.name, ipam, set);
	const bool reclaims = ipam->reclaim && pool.dead > 0;
	char text[RANGE_SET_TEXT];

	range_set_print(set, text);
	pool.size = count_pool(ipam, set);
	if (pool.size == 0)
		return complain(d, true, c->file, e,
				"a larger range, or less in \"exclude\"",
				"network %s: no address to give: all of %s are excluded "
				"or the gateway",
				c->conf.name, text);
	if (pool.size == COUNTLESS || pool.used * 100 < pool.size * NEARLY)
		return 0;
	return complain(
		d, pool.used >= pool.size && !reclaims, c->file, e,
		"a larger range, or fewer containers; footbridge list shows who holds them",
		"network %s: %zu of %zu addresses of %s are leased%s", c->conf.name,
		pool.used, pool.size, text,
		reclaims ? "; the next ADD takes those of the dead" : "");
}

static int check_pools(struct diagnosis *d, struct error *e)
{
	for (size_t i = 0; i < d->confs.n; i++) {
		const struct netconf *c = &d->confs.v[i];

		for (size_t k = 0; k < c->conf.ipam.n_sets; k++)
			if (check_pool(d, c, &c->conf.ipam.sets[k], e) < 0)
				return -1;
	}
	return 0;
}

bool diagnosis_reclaims(const struct diagnosis *d, const char *network)
{
	const struct survey_network *known = survey_network(&d->survey, network);
	bool told = false;

	for (size_t i = 0; i < d->confs.n; i++) {
		const struct conf *conf = &d->confs.v[i].conf;

		if (strcmp(conf->name, network) != 0)
			continue;
		if (!conf->ipam.reclaim)
			return false;
		told = true;
	}
	return told || (known && known->recorded && known->reclaim);
}

/* Without its record nobody can tell what a network is to have. */
static int check_records(struct diagnosis *d, struct error *e)
{
	for (size_t i = 0; i < d->survey.n_attachments; i++) {
		const struct survey_attachment *a = &d->survey.attachments[i];
		const struct survey_network *network =
			survey_network(&d->survey, a->network);

		if (a->ours && a->state == SURVEY_LIVE &&
		    !(network && network->recorded) &&
		    complain(d, true, a->network, e,
			     "an ADD on the network writes it; then: footbridge doctor",
			     "its record in " RUN_DIR "/networks is gone, or cannot be "
			     "read: what its containers are to have is not known, nor "
			     "looked at") < 0)
			return -1;
	}
	return 0;
}

static int check_stores(struct diagnosis *d, struct error *e)
{
	if (check_records(d, e) < 0)
		return -1;
	for (size_t i = 0; i < d->survey.n_networks; i++) {
		const char *network = d->survey.networks[i].name;
		const struct pool pool = look_at_pool(d, network, NULL, NULL);

		if (pool.dead > 0 && diagnosis_reclaims(d, network) &&
		    complain(d, false, network, e, "footbridge doctor --fix",
			     "%zu of %zu lease%s %s", pool.dead, pool.used,
			     pool.used == 1 ? "" : "s",
			     pool.dead == 1
				     ? "is dead: its container is gone, or it is torn"
				     : "are dead: their containers are gone, or they "
				       "are torn") < 0)
			return -1;
	}
	for (size_t i = 0; i < d->survey.troubles.n; i++) {
		const char *remedy = d->survey.remedies.v[i];

		if (complain(d, true, HOST, e, *remedy ? remedy : see_message(), "%s",
			     d->survey.troubles.v[i]) < 0)
			return -1;
	}
	return 0;
}

/* The living. */

static bool is_masqueraded(const struct survey_attachment *a)
{
	for (size_t i = 0; i < a->n_addresses; i++) {
		if (a->addresses[i].masqueraded)
			return true;
	}
	return false;
}

/*
 * Of another IPAM plugin no lease tells what it gave, and the container may have added to
 * that: one address that is masqueraded is enough there.
 */
static bool lacks_masquerade(const struct survey_network *network,
			     const struct survey_attachment *a)
{
	const bool leased = survey_has_lease(a);

	for (size_t i = 0; i < a->n_addresses; i++) {
		const struct survey_address *address = &a->addresses[i];
		const int family = ip_family(&address->prefix.ip);

		if (!(network->masq_families &
		      (family == AF_INET ? CONF_IPV4 : CONF_IPV6)))
			continue;
		if (leased ? address->leased && !address->masqueraded
			   : address->inside && !is_masqueraded(a))
			return true;
	}
	return false;
}

static int check_up(struct diagnosis *d, const struct link *link, const char *network,
		    const char *owner, struct error *e)
{
	char mend[128], word[WORD];

	(void)snprintf(mend, sizeof(mend), "ip link set %s up",
		       shell_word(link->name, false, word));
	return link->flags & IFF_UP
		       ? 0
		       : complain(d, true, network, e, mend,
				  "%s, which connects %s, is down", link->name, owner);
}

/* A port that lets nothing through, of a bridge that is up. */
static int check_port(struct diagnosis *d, const struct survey_attachment *a,
		      struct error *e)
{
	char mend[128], word[WORD];

	if (!(a->bridge->flags & IFF_UP) || !link_is_shut(a->link))
		return 0;
	(void)snprintf(mend, sizeof(mend), "bridge link set dev %s state 3",
		       shell_word(a->link->name, false, word));
	return complain(d, true, a->network, e, mend,
			"%s keeps its port %s shut, which connects %s: somebody did so, "
			"or spanning tree has found a loop behind it",
			a->bridge->name, a->link->name, a->owner);
}

/* The bridge that the network has, or is to have.  Return: "" where that is not known. */
static const char *bridge_of(const struct diagnosis *d, const char *network)
{
	const struct survey_network *known = survey_network(&d->survey, network);
	const struct conf *conf = conf_of(d, network);

	if (known && known->recorded)
		return known->bridge;
	return conf && is_bridge_conf(conf) ? conf->bridge.bridge : "";
}

/* Has a port of this network more than its bridge, which is lost with that? */
static bool has_port_settings(const struct conf *conf)
{
	return conf && is_bridge_conf(conf) &&
	       (conf->bridge.hairpin_mode || conf->bridge.port_isolation ||
		conf_uses_vlans(&conf->bridge));
}

/* The container lives, so its link is to be kept, and to be a port again. */
static int complain_of_detached(struct diagnosis *d, const struct survey_attachment *a,
				struct error *e)
{
	const char *bridge = bridge_of(d, a->network);
	const bool stands = survey_link_named(&d->survey, bridge),
		   gone = *bridge && !stands;
	char mend[256], link[WORD], word[WORD];

	shell_word(a->link->name, false, link);
	if (stands)
		(void)snprintf(mend, sizeof(mend), "ip link set %s master %s%s", link,
			       shell_word(bridge, false, word),
			       has_port_settings(conf_of(d, a->network))
				       ? "; then, for its VLANs and flags are lost with "
					 "the bridge: footbridge check"
				       : "");
	else if (gone)
		(void)snprintf(mend, sizeof(mend),
			       "the next ADD on the network makes %s anew; then: ip link "
			       "set %s master %s",
			       bridge, link, shell_word(bridge, false, word));
	else
		(void)snprintf(mend, sizeof(mend),
			       "ip link set %s master BRIDGE; no configuration and no "
			       "record tells that of network %s",
			       link, a->network);
	return complain(d, true, a->network, e, mend,
			"%s, which connects %s, is no port of a bridge%s%s: the "
			"container has no network",
			a->link->name, a->owner, gone ? "; there is no " : "",
			gone ? bridge : "");
}

static int complain_of_orphan(struct diagnosis *d, const struct survey_attachment *a,
			      struct error *e)
{
	char mend[128], word[WORD];

	(void)snprintf(mend, sizeof(mend), "ip link del %s",
		       shell_word(a->link->name, false, word));
	return complain(d, false, a->network, e, mend,
			"%s, the host veth of %s, connects nobody: %s", a->link->name,
			a->owner, a->reason);
}

static int complain_of_element(struct diagnosis *d, const struct survey_attachment *a,
			       const struct survey_address *address, struct error *e)
{
	char mend[NAME_SET + 128], text[IP_TEXT];

	ip_print(&address->prefix.ip, text);
	(void)snprintf(mend, sizeof(mend),
		       "nft delete element inet footbridge %s '{ %s }'",
		       d->survey.sets[address->set].name, text);
	return complain(d, false, a->network, e, mend,
			"%s is masqueraded for %s, which is not there any more", text,
			a->owner);
}

static int complain_of_stray(struct diagnosis *d, const struct survey_attachment *a,
			     struct error *e)
{
	for (size_t i = 0; i < a->n_addresses; i++)
		if (complain_of_element(d, a, &a->addresses[i], e) < 0)
			return -1;
	return 0;
}

static int check_attachment(struct diagnosis *d, const struct survey_attachment *a,
			    struct error *e)
{
	const struct survey_network *network = survey_network(&d->survey, a->network);

	if (a->state == SURVEY_DETACHED)
		return complain_of_detached(d, a, e);
	if (a->state == SURVEY_ORPHAN_LINK)
		return complain_of_orphan(d, a, e);
	if (a->state == SURVEY_STRAY_ELEMENT)
		return complain_of_stray(d, a, e);
	if (a->state != SURVEY_LIVE)
		return 0;
	if (check_up(d, a->link, a->network, a->owner, e) < 0 ||
	    check_up(d, a->bridge, a->network, "its containers", e) < 0 ||
	    check_port(d, a, e) < 0)
		return -1;
	if (!network || !network->recorded || !network->ip_masq ||
	    !lacks_masquerade(network, a))
		return 0;
	if (survey_has_lease(a)) {
		d->unmasqueraded = true;
		return complain(d, true, a->network, e, "footbridge restore",
				"masquerade of living containers is gone, as after nft "
				"flush ruleset");
	}
	return complain(
		d, true, a->network, e,
		"make it anew: `footbridge restore` knows leases of host-local's alone",
		"masquerade of %s, whose addresses another IPAM plugin gave, is "
		"gone, as after nft flush ruleset",
		a->owner);
}

/* Addresses that two may come to have, or have. */

/* Where a lease could not be read, nobody knows what is leased. */
static int check_leased(struct diagnosis *d, const struct survey_attachment *a,
			struct error *e)
{
	const struct conf *conf = conf_of(d, a->network);
	char text[IP_TEXT];

	if (!a->ours || a->state != SURVEY_LIVE || !conf || conf->ipam.external ||
	    d->survey.troubles.n > 0)
		return 0;
	for (size_t i = 0; i < a->n_addresses; i++) {
		const struct survey_address *address = &a->addresses[i];

		if (address->inside && !address->leased &&
		    conf_range_of(&conf->ipam, &address->prefix.ip) &&
		    complain(d, true, a->network, e, "make the container anew",
			     "%s, which %s has, is not leased: another container may be "
			     "given it",
			     ip_print(&address->prefix.ip, text), a->owner) < 0)
			return -1;
	}
	return 0;
}

/* An address in a segment: a bridge, or a VLAN of it. */
struct place_of {
	const struct survey_attachment *a;
	const struct ip *ip;
	unsigned int vlan;
};

static int compare_places(const void *one, const void *other)
{
	const struct place_of *a = one, *b = other;

	if (a->a->bridge != b->a->bridge)
		return a->a->bridge < b->a->bridge ? -1 : 1;
	if (a->vlan != b->vlan)
		return a->vlan < b->vlan ? -1 : 1;
	return ip_compare(a->ip, b->ip);
}

struct places {
	struct place_of *v;
	size_t n;
};

static void places_clear(struct places *places)
{
	free(places->v);
}

static int gather_places(const struct diagnosis *d, struct places *places,
			 struct error *e)
{
	for (size_t i = 0; i < d->survey.n_attachments; i++) {
		const struct survey_attachment *a = &d->survey.attachments[i];
		const struct conf *conf = conf_of(d, a->network);

		/* where none tells of its VLAN nobody knows whom it meets */
		for (size_t k = 0; conf && a->state == SURVEY_LIVE && k < a->n_addresses;
		     k++) {
			if (!a->addresses[k].inside)
				continue;
			if (list_grow(&places->v, places->n, sizeof(*places->v), e) < 0)
				return -1;
			places->v[places->n++] = (struct place_of){
				.a = a,
				.ip = &a->addresses[k].prefix.ip,
				.vlan = conf->bridge.vlan,
			};
		}
	}
	return 0;
}

static int check_twice(struct diagnosis *d, struct error *e)
{
	_cleanup_(places_clear) struct places places = { .n = 0 };
	char text[IP_TEXT];

	if (gather_places(d, &places, e) < 0)
		return -1;
	if (places.n > 0)
		qsort(places.v, places.n, sizeof(*places.v), compare_places);
	for (size_t i = 1; i < places.n; i++) {
		const struct place_of *one = &places.v[i - 1], *other = &places.v[i];

		if (compare_places(one, other) == 0 &&
		    complain(d, true, other->a->network, e, "make one of the two anew",
			     "%s is the address of %s and of %s, both on %s",
			     ip_print(other->ip, text), one->a->owner, other->a->owner,
			     other->a->bridge->name) < 0)
			return -1;
	}
	return 0;
}

/* Gateways that somebody took from under the living. */

static bool has_own(const struct diagnosis *d, const struct link *link,
		    const struct ip *ip)
{
	for (size_t i = 0; i < d->survey.n_own; i++) {
		if (d->survey.own[i].link == link &&
		    ip_equal(&d->survey.own[i].prefix.ip, ip))
			return true;
	}
	return false;
}

/* Has the device, or "all" of them, IPv6 switched off?  So it is in a kernel without. */
static bool is_ipv6_off(const char *device)
{
	const struct sysctl off = { "ipv6", device, "disable_ipv6" };
	struct error unheard;
	int value;

	return sysctl_get(&off, &value, &unheard) != 0 || value != 0;
}

static int complain_of_lost_gateway(struct diagnosis *d, const char *network,
				    const struct link *device, const struct range *range,
				    struct error *e)
{
	const struct prefix prefix = { .ip = range->gateway, .bits = range->subnet.bits };
	const bool v6 = prefix.ip.len == 16, off = v6 && is_ipv6_off(device->name);
	char text[PREFIX_TEXT], word[WORD], on[128] = "", mend[ADVICE];

	if (off && is_ipv6_off("all"))
		return 0; /* so it is meant */
	shell_word(device->name, false, word);
	if (off)
		(void)snprintf(on, sizeof(on),
			       "echo 0 >/proc/sys/net/ipv6/conf/%s/disable_ipv6; ", word);
	(void)snprintf(mend, sizeof(mend), "%sip addr add %s dev %s%s", on,
		       prefix_print(&prefix, text), word, v6 ? " nodad" : "");
	ip_print(&prefix.ip, text);
	return complain(d, true, network, e, mend,
			"%s lacks %s, the gateway's address of living containers: they "
			"reach each other alone",
			device->name, text);
}

/*
 * Does the attachment's configuration have it find a gateway on its bridge?  An edited one may
 * name another bridge.
 */
static bool has_gateway(struct diagnosis *d, const struct survey_attachment *a,
			const struct conf *conf)
{
	const struct survey_network *known = survey_network(&d->survey, a->network);

	if (a->state != SURVEY_LIVE || !conf || !is_bridge_conf(conf) ||
	    !conf->bridge.is_gateway || (known && known->recorded && !known->is_gateway))
		return false;
	return survey_link_named(&d->survey, conf->bridge.bridge) == a->bridge;
}

static int check_own_gateway(struct diagnosis *d, const struct survey_attachment *a,
			     struct error *e)
{
	const struct conf *conf = conf_of(d, a->network);
	const struct link *device;
	char name[NAME_LINK];

	if (!has_gateway(d, a, conf))
		return 0;
	device = survey_link_named(&d->survey, conf_gateway(&conf->bridge, name));
	for (size_t i = 0; i < a->n_addresses; i++) {
		const struct survey_address *address = &a->addresses[i];
		const struct range *range =
			address->leased ? conf_range_of(&conf->ipam, &address->prefix.ip)
					: NULL;

		if (!range || (device && has_own(d, device, &range->gateway)))
			continue;
		if (!device)
			return complain(d, true, a->network, e,
					"the next ADD on the network makes it anew",
					"%s, the gateway's interface of living "
					"containers, is gone: they reach each other "
					"alone",
					name);
		if (complain_of_lost_gateway(d, a->network, device, range, e) < 0)
			return -1;
	}
	return 0;
}

/* Those that "macspoofchk" is to guard. */

static int check_guard(struct diagnosis *d, const struct survey_attachment *a,
		       struct error *e)
{
	const struct survey_network *network = survey_network(&d->survey, a->network);
	struct error why = { 0 };
	int guarded;

	if (a->state != SURVEY_LIVE || !network || !network->mac_spoof_check)
		return 0;
	guarded = spoof_guards(&d->survey.host, a->link->name, &why);
	if (guarded < 0)
		return complain(d, true, a->network, e, see_message(),
				"whether %s is guarded (\"macspoofchk\"): %s", a->owner,
				why.msg);
	if (guarded && !a->bridge->ll_learn)
		return 0;
	d->unguarded = true;
	return complain(d, true, a->network, e, "footbridge restore",
			"the MAC guard (\"macspoofchk\") of living containers is gone, "
			"as after nft flush ruleset");
}

static int check_guards(struct diagnosis *d, struct error *e)
{
	for (size_t i = 0; i < d->survey.n_attachments; i++)
		if (check_guard(d, &d->survey.attachments[i], e) < 0)
			return -1;
	return 0;
}

static int check_attachments(struct diagnosis *d, struct error *e)
{
	for (size_t i = 0; i < d->survey.n_attachments; i++)
		if (check_attachment(d, &d->survey.attachments[i], e) < 0 ||
		    check_leased(d, &d->survey.attachments[i], e) < 0 ||
		    check_own_gateway(d, &d->survey.attachments[i], e) < 0)
			return -1;
	return check_twice(d, e);
}

/* All of it. */

int diagnosis_make(struct diagnosis *d, struct error *e)
{
	for (size_t i = 0; i < d->confs.n; i++) {
		const struct conf *conf = &d->confs.v[i].conf;

		if (strcmp(conf->ipam.type, "host-local") == 0 &&
		    survey_add_store(&d->survey, conf->ipam.data_dir, conf->name, e) < 0)
			return -1;
	}
	if (survey_take(&d->survey, e) < 0 || check_confs(d, e) < 0 ||
	    check_forwarding(d, e) < 0 || check_gateways(d, e) < 0 ||
	    check_firewall(d, e) < 0 || check_addresses(d, e) < 0 ||
	    check_pools(d, e) < 0)
		return -1;
	if (check_stores(d, e) < 0 || check_attachments(d, e) < 0)
		return -1;
	return check_guards(d, e);
}

void diagnosis_clear(struct diagnosis *d)
{
	for (size_t i = 0; i < d->n_findings; i++) {
		free(d->findings[i].where);
		free(d->findings[i].what);
		free(d->findings[i].mend);
	}
	free(d->findings);
	netconfs_clear(&d->confs);
	survey_clear(&d->survey);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * known.c - which keys are read, by whom
 *
 * The keys of others are those of the containernetworking plugins as of 1.9.1, of
 * flannel's (1.9) and of podman's dnsname (1.3); those of lists are of the
 * specification 1.1.0 and of what podman and nerdctl write there for themselves.
 */
#include <stdio.h>
#include <string.h>

#include "conf.h"
#include "known.h"
#include "plugins.h"

#define PATH_SIZE 128

#define IN_LIST                                                                          \
	"cniVersion cniVersions name plugins disableCheck disableGC "                    \
	"loadOnlyInlinedPlugins args.* nerdctlID nerdctlLabels.*"

/* In any plugin's object: capabilities and runtimeConfig may be there and empty. */
#define IN_PLUGIN                                                                        \
	"name cniVersion type prevResult.* capabilities runtimeConfig args.* "           \
	"args.cni.labels"

#define DNS(in) in "dns.nameservers " in "dns.domain " in "dns.search " in "dns.options "

#define ROUTES(in)                                                                       \
	in "routes.dst " in "routes.gw " in "routes.mtu " in "routes.advmss " in         \
	   "routes.priority " in "routes.table " in "routes.scope "

#define RATES(in)                                                                        \
	in "ingressRate " in "ingressBurst " in "egressRate " in "egressBurst " in       \
	   "shapedSubnets " in "unshapedSubnets "

#define TUNED(in)                                                                        \
	in "mac " in "promisc " in "mtu " in "allmulti " in "txQLen " in "sysctl.* "

/* A plugin that is not ours. */
struct other {
	const char *type;
	const char *paths; /* with a blank between them */
	bool leases;	   /* calls an IPAM plugin */
};

static const struct other others[] = {
	{ "bandwidth", RATES("") RATES("runtimeConfig.bandwidth."), false },
	{ "dnsname", "domainName multiDomain remoteServers runtimeConfig.aliases.*",
	  false },
	{ "dummy", DNS(""), true },
	{ "firewall", "backend iptablesAdminChainName firewalldZone ingressPolicy",
	  false },
	{ "flannel", "subnetFile dataDir delegate.* ipam.* runtimeConfig.*", false },
	{ "host-device",
	  DNS("") "device hwaddr kernelpath pciBusID runtimeConfig.deviceID", true },
	{ "ipvlan", DNS("") "master mode mtu linkInContainer", true },
	{ "macvlan",
	  DNS("") "master mode mtu mac linkInContainer bcqueuelen runtimeConfig.mac",
	  true },
	{ "portmap",
	  "backend snat masqAll markMasqBit externalSetMarkChain conditionsV4 "
	  "conditionsV6 runtimeConfig.portMappings.hostPort "
	  "runtimeConfig.portMappings.containerPort runtimeConfig.portMappings.protocol "
	  "runtimeConfig.portMappings.hostIP",
	  false },
	{ "ptp", DNS("") "ipMasq ipMasqBackend mtu", true },
	{ "sbr", "table gateways addSourceHints", false },
	{ "tap",
	  DNS("") "multiQueue mtu mac owner group selinuxContext bridge args.cni.mac "
		  "runtimeConfig.mac",
	  true },
	{ "tuning", TUNED("") TUNED("args.cni.") "dataDir runtimeConfig.mac", false },
	{ "vlan", DNS("") "master vlanId mtu linkInContainer", true },
	{ "vrf", "vrfname table", false },
};

/* IPAM plugins; they are given the whole object of the plugin that calls them. */
static const struct other other_ipams[] = {
	{ "dhcp",
	  "ipam.daemonSocketPath ipam.priority ipam.provide.option ipam.provide.value "
	  "ipam.provide.fromArg ipam.request.option ipam.request.skipDefault",
	  false },
	{ "static",
	  "ipam.addresses.address ipam.addresses.gateway " ROUTES("ipam.")
		  DNS("ipam.") "runtimeConfig.ips args.cni.ips",
	  false },
};

/* Where the keys of an IPAM plugin may be that nobody here knows. */
#define OF_ANY_IPAM "ipam.* runtimeConfig.* capabilities.* args.cni.*"

static const struct other *find(const struct other *table, size_t n, const char *type)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(table[i].type, type) == 0)
			return &table[i];
	return NULL;
}

/* Add each of the paths that a text has, with blanks between them. */
static int add_each(const char *text, struct list *paths, struct error *e)
{
	while (*text) {
		size_t len = strcspn(text, " ");
		char path[PATH_SIZE];

		(void)snprintf(path, sizeof(path), "%.*s", (int)len, text);
		if (len > 0 && list_add(paths, path, e) < 0)
			return -1;
		text += len + (text[len] == ' ');
	}
	return 0;
}

/* What comes at run time is asked for by a capability of the same name. */
static int add_capabilities(struct list *paths, struct error *e)
{
	static const char at_run_time[] = "runtimeConfig.";
	size_t n = paths->n, skip = sizeof(at_run_time) - 1;

	for (size_t i = 0; i < n; i++) {
		const char *path = paths->v[i];
		char capability[PATH_SIZE];

		if (strncmp(path, at_run_time, skip) != 0)
			continue;
		(void)snprintf(capability, sizeof(capability), "capabilities.%.*s",
			       (int)strcspn(path + skip, "."), path + skip);
		if (!list_has(paths, capability) && list_add(paths, capability, e) < 0)
			return -1;
	}
	return 0;
}

/*
 * Any plugin may ask a runtime for what the CNI conventions and the runtimes have a
 * name for, whether it makes something of it or not; lists in the wild do.
 */
static int add_conventions(struct list *paths, struct error *e)
{
	static const char *const names[] = {
		"aliases",
		"bandwidth",
		"cgroupPath",
		"deviceID",
		"dns",
		"infinibandGUID",
		"io.kubernetes.cri.pod-annotations",
		"ipRanges",
		"ips",
		"mac",
		"portMappings",
	};

	for (size_t i = 0; i < COUNT(names); i++) {
		char capability[PATH_SIZE], value[PATH_SIZE];

		(void)snprintf(capability, sizeof(capability), "capabilities.%s",
			       names[i]);
		(void)snprintf(value, sizeof(value), "runtimeConfig.%s", names[i]);
		/* what the plugin itself knows of it is known better */
		if (!list_has(paths, capability) &&
		    (list_add(paths, capability, e) < 0 || list_add(paths, value, e) < 0))
			return -1;
	}
	return 0;
}

static bool is_ours(const char *ipam)
{
	return strcmp(ipam, plugin_hostlocal.name) == 0;
}

/* Return: 0, KNOWN_NOT_IPAM, -1. */
static int add_ipam(const char *ipam, struct list *paths, struct error *e)
{
	const struct other *other = find(other_ipams, COUNT(other_ipams), ipam);

	if (list_add(paths, "ipam.type", e) < 0)
		return -1;
	if (!*ipam)
		return 0;
	if (is_ours(ipam))
		return conf_paths(CONF_IPAM, paths, e);
	if (other)
		return add_each(other->paths, paths, e);
	return add_each(OF_ANY_IPAM, paths, e) < 0 ? -1 : KNOWN_NOT_IPAM;
}

int known_of_list(struct list *paths, struct error *e)
{
	return add_each(IN_LIST, paths, e);
}

int known_of_plugin(const char *type, const char *ipam, struct list *paths,
		    struct error *e)
{
	const struct plugin *ours = plugin_find(type);
	const struct other *other = find(others, COUNT(others), type);
	int parts = known_parts(type, ipam), r = 0;

	if (!ours && !other)
		return KNOWN_NOT_TYPE;
	if (add_each(IN_PLUGIN, paths, e) < 0 ||
	    (parts >= 0 && conf_paths((unsigned int)parts, paths, e) < 0) ||
	    (other && add_each(other->paths, paths, e) < 0))
		return -1;
	if (ours ? ours->parts & CONF_IPAM : other->leases)
		r = add_ipam(ipam, paths, e);
	if (r < 0 || add_capabilities(paths, e) < 0 || add_conventions(paths, e) < 0)
		return -1;
	return r;
}

int known_parts(const char *type, const char *ipam)
{
	const struct plugin *ours = plugin_find(type);
	const struct other *other = find(others, COUNT(others), type);

	if (!ours)
		return other && other->leases && is_ours(ipam) ? CONF_IPAM : -1;
	/* another IPAM plugin's keys may mean anything */
	if ((ours->parts & CONF_BRIDGE) && *ipam && !is_ours(ipam))
		return (int)ours->parts & ~CONF_IPAM;
	return (int)ours->parts;
}

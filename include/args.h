/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * args.h - the CNI_* environment, read once
 *
 * CNI 1.1.0, "CNI Parameters".  The strings are lent by the environment; an
 * unset variable is "".
 */
#ifndef FOOTBRIDGE_ARGS_H
#define FOOTBRIDGE_ARGS_H

#include <stdbool.h>

#include "error.h"
#include "ip.h"
#include "mac.h"

enum verb {
	VERB_NONE,	/* CNI_COMMAND is unset: somebody asks what this program is */
	VERB_ADD,
	VERB_DEL,
	VERB_CHECK,
	VERB_GC,
	VERB_STATUS,
	VERB_VERSION,
};

#define ARGS_SHOWN 65
#define ARGS_K8S 254	/* a DNS-1123 subdomain has 253 bytes at most (Kubernetes, "Object Names") */

struct args {
	enum verb verb;
	const char *container, *netns, *ifname, *path;
	bool own_netns_allowed;	/* CNI_NETNS_OVERRIDE is 1 or true */
	/* out of CNI_ARGS: */
	struct ip ip;		/* IP; none = not asked for */
	struct mac mac;		/* MAC; none = not asked for */
	/*
	 * What is asked for where it is no single address: another plugin of the call may
	 * take it.  As much as a message bears; "" = it is one.
	 */
	char odd_ip[ARGS_SHOWN], odd_mac[ARGS_SHOWN];
	char pod_namespace[ARGS_K8S], pod_name[ARGS_K8S];	/* K8S_POD_*; "" = not told, or longer than one can be */
};

/* Return: the verb's name ("ADD"). */
const char *verb_name(enum verb verb);

/*
 * Read and check the environment for its verb: all that is missing is named
 * together, as libcni's skeleton does.  For DEL a bad CNI_ARGS is no reason to
 * fail: what can be read of it is kept.
 * Return: 0; -1 with ERROR_ENVIRONMENT naming variable and value.
 */
int args_read(struct args *ret, struct error *e) _must_check_;

/*
 * Read a CNI_ARGS text ("K=V;K2=V2") into the last members of *args.
 * Known keys are IP, MAC, GATEWAY, IgnoreUnknown and K8S_*; any other is an
 * error unless IgnoreUnknown is 1 or true.
 * Return: 0; -1 with ERROR_ENVIRONMENT naming key and value.
 */
int args_parse(const char *text, struct args *args, struct error *e) _must_check_;

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chain.h - call a list's plugins as a runtime does, for ADD and DEL
 *
 * CNI 1.1.0, "Section 3: Execution of Network Configurations": each plugin gets its
 * part of the list with the list's name and version, with what the one in front of it
 * answered (prevResult) and with what it has the capability for (runtimeConfig).
 * Plugins of ours are this executable itself, started anew under their name, so that
 * they keep the laws of any call; all others are looked for in CNI_PATH.
 */
#ifndef FOOTBRIDGE_CHAIN_H
#define FOOTBRIDGE_CHAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "list.h"

#define CHAIN_OFFERS 8

/* {0} is no list. */
struct chain {
	char *network;		/* its name */
	struct list types;	/* its plugins, in order, and */
	struct list texts;	/* their configurations, with the list's name and version */
};

/* Something a runtime gives to the plugins that have the capability for it. */
struct chain_offer {
	const char *capability;	/* "portMappings" */
	const char *value;	/* a JSON text */
};

/* For whom, and with what.  Strings that are NULL are not known. */
struct chain_call {
	const char *container, *netns, *ifname;
	const char *args;	/* CNI_ARGS */
	const char *path;	/* CNI_PATH */
	struct chain_offer offers[CHAIN_OFFERS];	/* ends where there is no capability */
	const char *result;	/* what ADD answered, for DEL: a JSON text */
};

/* Read a configuration file (conflist.h), or its text.  Return: 0; -1 as conflist_read() does. */
int chain_read(struct chain *ret, const char *path, struct error *e) _must_check_;
int chain_parse(struct chain *ret, const char *text, size_t len, struct error *e) _must_check_;

/* Has any of its plugins this capability ("portMappings")? */
bool chain_can(const struct chain *chain, const char *capability) _must_check_;

/*
 * ADD.  Where a plugin fails, all of them get their DEL, in reverse order.
 * @result: what the last one answered; the caller frees it.
 * Return: 0; -1, and *e names the plugin.
 */
int chain_add(const struct chain *chain, const struct chain_call *call, char **result,
	      struct error *e) _must_check_;

/* DEL, in reverse order, of all of them.  Return: 0; -1, and *e names the plugins that failed. */
int chain_del(const struct chain *chain, const struct chain_call *call, struct error *e) _must_check_;

/* Release it.  For _cleanup_. */
void chain_clear(struct chain *chain);

#endif

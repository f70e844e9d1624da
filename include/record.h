/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record.h - what is known of each network that has been used since boot
 *
 * One file a network below /run/footbridge/networks: its configuration, cut down
 * to what must be known to put a lost ruleset back (name, bridge, VLAN, gateway,
 * masquerade, MAC guard, ranges, data directory) and spelled like any other.  Written by an ADD,
 * and only where it is absent or says something else; that is also how an ADD
 * notices in one look that a network was masqueraded otherwise before.
 */
#ifndef FOOTBRIDGE_RECORD_H
#define FOOTBRIDGE_RECORD_H

#include "effect.h"

#define RECORD_DIR RUN_DIR "/networks"

/*
 * Where the record differs: bring the network's masquerade rules in line with
 * the configuration, and then write it.  Shared by the network's containers, so
 * it is never taken back.
 */
extern const struct effect record_effect;

/*
 * Called for each record.
 * @conf: what it says; NULL where it cannot be read, and then *why says why.
 * Return: 0 to go on, -1 with *e to stop.
 */
typedef int record_visit(const char *network, const struct conf *conf, const struct error *why,
			 void *arg, struct error *e);

/* Visit all records.  Return: 0, also when there are none; -1. */
int record_each(record_visit *visit, void *arg, struct error *e) _must_check_;

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lane.h - who is measured, and what they are asked for
 */
#ifndef FOOTBRIDGE_BENCH_LANE_H
#define FOOTBRIDGE_BENCH_LANE_H

#include <stdbool.h>
#include <stddef.h>

/* In the order in which they take their turns within a round. */
enum lane {
	LANE_OURS,
	LANE_STATIC,		/* ours, without shared libraries */
	LANE_REFERENCE,		/* the distribution's Go plugins */
	LANE_NEWER,		/* Go plugins with "ipMasqBackend": "nftables" */
	LANE_FLOOR,		/* floor.c */
	LANES
};

enum config { CONFIG_V4, CONFIG_V4_MASQ, CONFIG_DUAL, CONFIG_DUAL_MASQ, CONFIGS };

enum verb { VERB_ADD, VERB_DEL, VERB_CHECK, VERB_STATUS, VERB_VERSION, VERB_GC, VERBS };

/* Their names in tables and options; NULL behind the last. */
extern const char *const lane_names[LANES + 1];
extern const char *const config_names[CONFIGS + 1];
extern const char *const verb_names[VERBS + 1];

/* The folders they are in; NULL = not here.  The floor is the program "bridge" in its folder. */
struct field {
	const char *dirs[LANES];
};

/* Is this lane here, and does it know the verb? */
bool lane_serves(const struct field *field, enum lane lane, enum verb verb);

/* Are bridge's libraries shared (has the ELF file an interpreter)? */
bool lane_is_dynamic(const char *program);

#define LANE_BRIDGE "bench0"
#define LANE_STORE "/var/lib/cni/networks"

/*
 * Write the configuration of a network to @path.
 * @more: further members, such as "\"prevResult\": {...}"; NULL = none.
 */
void lane_write_conf(enum lane lane, enum config config, const char *network, const char *more,
		     const char *path);

/*
 * Make what the floor program finds there, as later ADDs of others do: the bridge with
 * its addresses, the nft sets with their rules, the folder of leases.
 */
void lane_prepare_floor(const char *network);

#endif

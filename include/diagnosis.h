/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diagnosis.h - what would make an ADD fail or leave a container without network
 *
 * Looks at the survey of a host and at configurations, changes nothing, and tells
 * of each trouble with the command that mends it.
 */
#ifndef FOOTBRIDGE_DIAGNOSIS_H
#define FOOTBRIDGE_DIAGNOSIS_H

#include "netconf.h"
#include "survey.h"

struct ailment {
	bool grave;	/* something fails, or will; else it is worth knowing */
	char *where;	/* a network, a file, "host" */
	char *what, *mend;
};

struct diagnosis {
	struct netconfs confs;
	struct survey survey;
	struct ailment *findings;
	size_t n_findings;
	bool unmasqueraded;	/* restore_all() has something to do, for a VLAN's gateway, too */
	bool unguarded;		/* the same */
};

#define DIAGNOSIS_INIT { .survey = SURVEY_INIT }

/*
 * Read a configuration file: its plugins of the type "bridge", and others that
 * lease through host-local.  What is wrong with it is a finding, and each plugin that
 * the runtime would not find.
 * Return: 0, -1.
 */
int diagnosis_read(struct diagnosis *d, const char *path, struct error *e) _must_check_;

/* Note that there is no configuration file to be read.  Return: 0, -1. */
int diagnosis_read_none(struct diagnosis *d, struct error *e) _must_check_;

/* Look at everything.  Return: 0, whatever was found; -1. */
int diagnosis_make(struct diagnosis *d, struct error *e) _must_check_;

/* Does the network give or have addresses of the family, and route them? */
bool diagnosis_forwards(struct diagnosis *d, int family);

/*
 * May dead leases of the network be freed?  Not with "reclaim": false, nor where neither a
 * configuration nor a record tells.
 */
bool diagnosis_reclaims(const struct diagnosis *d, const char *network);

/* Release everything.  For _cleanup_. */
void diagnosis_clear(struct diagnosis *d);

#endif

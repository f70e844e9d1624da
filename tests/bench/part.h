/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * part.h - the parts of a benchmark, each of which can be run alone
 */
#ifndef FOOTBRIDGE_BENCH_PART_H
#define FOOTBRIDGE_BENCH_PART_H

#include "book.h"

enum part {
	PART_STARTS,		/* processes that do nothing */
	PART_COUNTS,		/* system calls, messages, size, memory */
	PART_SEQUENTIAL,	/* one at a time */
	PART_CONCURRENT,	/* several at once */
	PART_STORM,		/* 100 at once */
	PART_SCALE,		/* among containers and leases that are there */
	PART_PACKETS,		/* the first packets of 500 containers */
	PART_GC,		/* of 500 attachments */
	PARTS
};

extern const char *const part_names[PARTS + 1];

#define CHOICES 8

/* What to run.  The lists end with 0 where 0 means nothing, else with SIZE_MAX. */
struct choice {
	struct field field;
	const char *starts;		/* the folder of PART_STARTS; NULL = none */
	bool parts[PARTS];
	bool configs[CONFIGS];
	size_t at_once[CHOICES];	/* of PART_CONCURRENT; 0 behind the last */
	size_t present[CHOICES];	/* of PART_SCALE, ascending; SIZE_MAX behind the last */
	size_t leases;			/* of others there, in PART_SCALE once without and once with */
	size_t rounds;			/* 0 = as many as the part finds enough */
	size_t calls;			/* of a round; 0 likewise */
	bool brief;			/* nothing but what the gates need */
};

/* Run one part into the book. */
void part_run(enum part part, const struct choice *choice, struct book *book);

#endif

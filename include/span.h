/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * span.h - spans of addresses, as an interval set of nf_tables wants them
 *
 * A list of prefixes as a person writes it may be in any order, overlap and
 * repeat itself; as spans it is in order, and between any two of them there is
 * an address that lies in neither.
 */
#ifndef FOOTBRIDGE_SPAN_H
#define FOOTBRIDGE_SPAN_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "ip.h"

/* From the first address to the last, both included, of one family. */
struct span {
	struct ip first, last;
};

/*
 * The addresses of all prefixes of @family (AF_INET, AF_INET6).
 * @ret: an array the caller frees; NULL where there are none.
 * Return: 0, -1 with ERROR_MEMORY.
 */
int span_merge(const struct prefix *prefixes, size_t n_prefixes, int family, struct span **ret,
	       size_t *n, struct error *e) _must_check_;

/* A hash of spans.  Stable for ever: names on running hosts depend on it. */
uint64_t span_hash(const struct span *spans, size_t n);

#endif

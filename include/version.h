/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * version.h - the versions of the CNI specification, in order
 */
#ifndef FOOTBRIDGE_VERSION_H
#define FOOTBRIDGE_VERSION_H

#include <stdbool.h>

#include "cleanup.h"

/* Ordered, so that versions compare with < and >=. */
enum version {
	VERSION_0_1_0,
	VERSION_0_2_0,
	VERSION_0_3_0,
	VERSION_0_3_1,
	VERSION_0_4_0,
	VERSION_1_0_0,
	VERSION_1_1_0,
	VERSION_COUNT,
};

#define VERSION_LATEST VERSION_1_1_0

/*
 * Read a cniVersion by exact match; "" is 0.1.0, as in every runtime.
 * Return: whether it is one of ours; *ret is set only then.
 */
bool version_parse(const char *text, enum version *ret) _must_check_;

/* Return: "0.1.0" ... "1.1.0". */
const char *version_text(enum version version);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * version.c - the versions of the CNI specification, in order
 */
#include "version.h"

#include <string.h>

// clang-format off
static const char *const texts[VERSION_COUNT] = {
	[VERSION_0_1_0] = "0.1.0",
	[VERSION_0_2_0] = "0.2.0",
	[VERSION_0_3_0] = "0.3.0",
	[VERSION_0_3_1] = "0.3.1",
	[VERSION_0_4_0] = "0.4.0",
	[VERSION_1_0_0] = "1.0.0",
	[VERSION_1_1_0] = "1.1.0",
};
// clang-format on

bool version_parse(const char *text, enum version *ret)
{
	if (!*text) {
		*ret = VERSION_0_1_0;
		return true;
	}
	for (int i = 0; i < VERSION_COUNT; i++) {
		if (strcmp(text, texts[i]) == 0) {
			*ret = (enum version)i;
			return true;
		}
	}
	return false;
}

const char *version_text(enum version version)
{
	return texts[version];
}

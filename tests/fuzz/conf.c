/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf.c - the network configuration, for every plugin and in every mood
 */
#include "conf.h"
#include "fuzz.h"

static int parse(const uint8_t *data, size_t size, unsigned int parts,
		 enum conf_mood mood)
{
	_cleanup_(conf_clear) struct conf conf = { 0 };
	struct error e = { 0 };

	if (fuzz_said(conf_parse((const char *)data, size, parts, mood, &conf, &e), &e) <
	    0)
		return -1;
	MUST(name_is_id(conf.name));
	if (parts & CONF_BRIDGE)
		MUST(name_is_link(conf.bridge.bridge));
	if (conf.ipam.external && parts == (CONF_BRIDGE | CONF_IPAM))
		MUST(name_is_file(conf.ipam.type));
	for (size_t i = 0; i < conf.ipam.n_sets; i++) {
		struct ip ip;
		const struct range *range;
		struct range_walk walk = range_walk_from(
			&conf.ipam.sets[i], &(struct ip){ 0 }, &conf.ipam.exclude);

		if (range_walk_next(&walk, &ip, &range))
			MUST(prefix_contains(&range->subnet, &ip));
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (unsigned int parts = 0; parts <= (CONF_BRIDGE | CONF_IPAM); parts++) {
		int network = parse(data, size, parts, CONF_NETWORK);

		/* What ADD takes DEL takes, and STATUS. */
		if (parse(data, size, parts, CONF_STRICT) == 0)
			MUST(network == 0 && parse(data, size, parts, CONF_LENIENT) == 0);
		else
			(void)!parse(data, size, parts, CONF_LENIENT);
	}
	return 0;
}

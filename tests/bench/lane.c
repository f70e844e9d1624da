/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lane.c - who is measured, and what they are asked for
 */
#include "lane.h"

#include <elf.h>
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "world.h"

const char *const lane_names[] = {
	"ours", "static", "reference", "newer", "floor", NULL
};
const char *const config_names[] = { "v4", "v4+masq", "dual", "dual+masq", NULL };
const char *const verb_names[] = {
	"ADD", "DEL", "CHECK", "STATUS", "VERSION", "GC", NULL
};

bool lane_serves(const struct field *field, enum lane lane, enum verb verb)
{
	if (!field->dirs[lane])
		return false;
	switch (lane) {
	case LANE_FLOOR:
		return verb == VERB_ADD || verb == VERB_DEL;
	case LANE_REFERENCE: /* before their 1.5, no STATUS; GC does nothing */
		return verb != VERB_STATUS && verb != VERB_GC;
	case LANE_NEWER:
		return verb != VERB_GC;
	default:
		return true;
	}
}

bool lane_is_dynamic(const char *program)
{
	FILE *file = fopen(program, "re");
	Elf64_Ehdr head = { 0 };
	Elf64_Phdr segment;
	bool dynamic = false;

	if (!file || fread(&head, sizeof(head), 1, file) != 1 ||
	    fseek(file, (long)head.e_phoff, SEEK_SET) != 0)
		err(1, "%s", program);
	for (int i = 0; i < head.e_phnum; i++)
		if (fread(&segment, sizeof(segment), 1, file) == 1)
			dynamic = dynamic || segment.p_type == PT_INTERP;
	(void)fclose(file);
	return dynamic;
}

void lane_write_conf(enum lane lane, enum config config, const char *network,
		     const char *more, const char *path)
{
	bool dual = config == CONFIG_DUAL || config == CONFIG_DUAL_MASQ;
	bool masq = config == CONFIG_V4_MASQ || config == CONFIG_DUAL_MASQ;
	FILE *file = fopen(path, "we");

	if (!file)
		err(1, "%s", path);
	(void)fprintf(file,
		      "{\"cniVersion\": \"%s\", \"name\": \"%s\", \"type\": \"bridge\", "
		      "\"bridge\": \"" LANE_BRIDGE
		      "\", \"isGateway\": true, \"ipMasq\": %s,"
		      "%s \"ipam\": {\"type\": \"host-local\", "
		      "\"ranges\": [[{\"subnet\": \"10.1.0.0/16\"}]%s], "
		      "\"routes\": [{\"dst\": \"0.0.0.0/0\"}%s]}%s%s}",
		      lane == LANE_REFERENCE ? "1.0.0" : "1.1.0", network,
		      masq ? "true" : "false",
		      lane == LANE_NEWER ? " \"ipMasqBackend\": \"nftables\"," : "",
		      dual ? ", [{\"subnet\": \"fd00:1::/64\"}]" : "",
		      dual ? ", {\"dst\": \"::/0\"}" : "", more ? ", " : "",
		      more ? more : "");
	if (fclose(file) != 0)
		err(1, "%s", path);
}

void lane_prepare_floor(const char *network)
{
	char line[1024];

	(void)snprintf(line, sizeof(line),
		       "mkdir -p " LANE_STORE "/%s && cd " LANE_STORE
		       "/%s && touch lock && echo 10.1.0.1 >last_reserved_ip.0",
		       network, network);
	world_shell(line);
	world_shell("echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad &&"
		    "ip link add " LANE_BRIDGE " type bridge &&"
		    "ip addr add 10.1.0.1/16 dev " LANE_BRIDGE " &&"
		    "ip addr add fd00:1::1/64 dev " LANE_BRIDGE " nodad &&"
		    "ip link set " LANE_BRIDGE " up");
	world_shell("nft -f - <<'END'\n"
		    "table inet floor {\n"
		    "	set four { type ipv4_addr; }\n"
		    "	set six { type ipv6_addr; }\n"
		    "	chain postrouting {\n"
		    "		type nat hook postrouting priority srcnat;\n"
		    "		ip saddr @four ip daddr != 10.1.0.0/16 masquerade\n"
		    "		ip6 saddr @six ip6 daddr != fd00:1::/64 masquerade\n"
		    "	}\n"
		    "}\n"
		    "END");
}

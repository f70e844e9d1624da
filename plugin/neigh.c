/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * neigh.c - neighbour entries: who has which address on the link
 */
#include "neigh.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>

int neigh_forget(struct nl *nl, int index, const struct ip *ip, struct error *e)
{
	const struct ndmsg header = {
		.ndm_family = (uint8_t)ip_family(ip),
		.ndm_ifindex = index,
	};
	char text[IP_TEXT], what[96];
	struct nl_msg msg;
	int r;

	nl_begin(&msg, RTM_DELNEIGH, 0, &header, sizeof(header));
	nl_put(&msg, NDA_DST, ip->b, ip->len);
	(void)snprintf(what, sizeof(what), "forget the neighbour %s", ip_print(ip, text));
	r = nl_do(nl, &msg, what, e);
	return r == 0 || r == NL_ABSENT ? 0 : -1;
}

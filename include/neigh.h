/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * neigh.h - neighbour entries: who has which address on the link
 */
#ifndef FOOTBRIDGE_NEIGH_H
#define FOOTBRIDGE_NEIGH_H

#include "ip.h"
#include "nl.h"

/*
 * Forget what a device believes about @ip, so that the next packet asks anew: a
 * former holder's MAC or a failed look-up would swallow it for seconds.
 * Return: 0, also when nothing was known; -1.
 */
int neigh_forget(struct nl *nl, int index, const struct ip *ip, struct error *e) _must_check_;

#endif

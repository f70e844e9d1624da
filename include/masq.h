/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * masq.h - masquerade: containers reach the outside with the host's address
 *
 * Table inet footbridge has one chain at postrouting and, for each network and
 * subnet, one set of container addresses (each with its owner as comment) and
 * one rule: a source in the set, a destination neither in the set's own subnet
 * nor multicast, is masqueraded.  An ADD adds an element, a DEL removes it; the
 * table, chain, sets and rules are shared and stay.
 */
#ifndef FOOTBRIDGE_MASQ_H
#define FOOTBRIDGE_MASQ_H

#include "effect.h"

extern const struct effect masq_effect;

#endif

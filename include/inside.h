/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inside.h - the container's end: addresses, routes, switches
 */
#ifndef FOOTBRIDGE_INSIDE_H
#define FOOTBRIDGE_INSIDE_H

#include "effect.h"

/*
 * Give the container's interface the addresses and routes of the result and
 * bring it up.  Goes when the interface goes, so it needs no revert of its own.
 */
extern const struct effect inside_configure;

/*
 * Tell the neighbours of a MAC that was asked for, or that the address came too late for,
 * being another IPAM plugin's: they may know the address with another.  (The MAC that is
 * derived from the address they know already.)
 * Must come when the port forwards, or nobody hears it.
 */
extern const struct effect inside_announce;

#endif

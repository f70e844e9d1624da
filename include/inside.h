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

#endif

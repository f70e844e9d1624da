/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spoof.h - a container sends under its own MAC alone
 */
#ifndef FOOTBRIDGE_SPOOF_H
#define FOOTBRIDGE_SPOOF_H

#include "effect.h"

/* Let the port of the container pass frames with the container's MAC only. */
extern const struct effect spoof_guard;

/*
 * Its way back, which is an effect of its own because of its place in the list:
 * a port is guarded for as long as it stands, so what guards it goes after it.
 */
extern const struct effect spoof_release;

#endif

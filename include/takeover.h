/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * takeover.h - the way out for attachments that the Go bridge made
 */
#ifndef FOOTBRIDGE_TAKEOVER_H
#define FOOTBRIDGE_TAKEOVER_H

#include "effect.h"

/*
 * Remove the link and the rules (masquerade, macspoofchk) of an attachment that the Go plugin
 * made before the host was switched over.  Where our own host veth stands there
 * is no such thing.  Comes behind veth_connect in a list: an ADD that finds the
 * container's interface taken must not get here on its way back.
 */
extern const struct effect takeover;

/*
 * CHECK of such an attachment, which ends here (EFFECT_DONE): comes behind what both plugins
 * do alike, and before what is ours alone.
 */
extern const struct effect takeover_check;

#endif

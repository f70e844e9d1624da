/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spoof.h - a container sends under its own MAC alone
 *
 * Its own is the one that ADD gave it.  DEL and GC find that in the guard itself; for
 * spoof_restore(), when that was flushed, it is noted beside the host veth
 * (link_note_mac()): whom it guards against cannot write there, as he can set what his
 * interface has now.
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

/*
 * Put back what guards a living attachment and is gone: the rule, its elements, what the
 * bridge learns from.
 * @at: its result tells the container's MAC.
 * Return: 0 where nothing was gone; SPOOF_RESTORED; -1.
 */
#define SPOOF_RESTORED 1
int spoof_restore(const struct attach *at, struct error *e) _must_check_;

/* Is a port guarded: does the rule stand, and know it?  Return: 1 yes, 0 no, -1. */
int spoof_guards(struct host *host, const char *port, struct error *e) _must_check_;

#endif

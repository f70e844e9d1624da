/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * startup.h - what comes before anything else in a process
 *
 * Whoever executes us may have left descriptors, signals, limits in any state.
 */
#ifndef FOOTBRIDGE_STARTUP_H
#define FOOTBRIDGE_STARTUP_H

#include <sys/types.h>

#include "error.h"

/*
 * Put right what a caller may have left in a bad state: the three descriptors are open
 * (one that was closed leads to /dev/null and cannot be written to), SIGPIPE and
 * SIGXFSZ are ignored, no signal is blocked, the umask is 022, no core is dumped, the
 * stack may be as large as it must and its pages are there, relocated data is read-only.
 * @mask: the umask that there was.
 * Return: 0, -1.
 */
int startup_tidy(mode_t *mask, struct error *e) _must_check_;

/* The name that this process was called by, without its folder; "" = none. */
const char *startup_name(int argc, char **argv);

#endif

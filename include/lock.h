/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lock.h - waiting for one's turn
 */
#ifndef FOOTBRIDGE_LOCK_H
#define FOOTBRIDGE_LOCK_H

#include "cleanup.h"

/*
 * Take the exclusive flock() lock of a descriptor.  Who waits stands in the kernel's
 * queue: whoever asks now and then instead never gets a lock that others queue for, as
 * the Go plugins do.  Uses SIGALRM meanwhile, which must not be blocked (startup.h).
 * @seconds: how long to wait; at least 1.
 * Return: 0; ETIMEDOUT when others never let go; another errno.
 */
int lock_take(int fd, unsigned int seconds) _must_check_;

#endif

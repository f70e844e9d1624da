/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * calls.h - system calls by name, and with which errors they can fail
 */
#ifndef FAULTS_CALLS_H
#define FAULTS_CALLS_H

#include <stdbool.h>

/* Is it one that footbridge is known to use? */
bool call_is_known(long nr);

/* Its name; "call NUMBER" in a static buffer for one that is not known. */
const char *call_name(long nr);

/*
 * Can this call fail so?  By the ERRORS of its manual page, and for a call that is not
 * known whatever it is.  EIO stands for what no page has, and can always be.
 */
bool call_can_fail(long nr, int error);

/* Is it one that always succeeds, or never returns? */
bool call_never_fails(long nr);

/* Is it one that an allocator lives on? */
bool call_gets_memory(long nr);

/* The name of an errno that is injected. */
const char *error_name(int error);

/* All that are injected.  The list ends with 0. */
#define CALL_ERRORS_MAX 8
extern const int call_errors[CALL_ERRORS_MAX];

#endif

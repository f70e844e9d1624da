/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace.h - what a call asks the kernel for, counted under strace
 */
#ifndef FOOTBRIDGE_BENCH_TRACE_H
#define FOOTBRIDGE_BENCH_TRACE_H

#include <stddef.h>
#include <stdio.h>

#include "launch.h"

struct trace {
	size_t calls;		/* system calls, those of the program's start included */
	size_t execs;		/* further programs executed */
	size_t messages;	/* rtnetlink requests */
	size_t dumps;		/* requests of any netlink for a list of everything */
	size_t link_deletions;	/* RTM_DELLINK requests */
};

/* Read what "strace -f -yy -e write=all -o FILE" has written. */
void trace_read(FILE *file, struct trace *ret);

/* Make a call under strace.  Ends the program where it fails. */
void trace_call(const struct request *request, struct trace *ret);

/*
 * Make a call under valgrind's callgrind, which counts the instructions that the
 * program executes in user mode: exactly, however loaded the machine is.
 * Return: how many; 0 where valgrind is not installed.  Ends the program where it fails.
 */
double trace_instructions(const struct request *request);

#endif

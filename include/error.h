/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * error.h - why something failed, told once and carried up
 *
 * One struct error lives on the door's stack and is lent downward as the last
 * parameter.  The first who knows the cause writes it with error_set() or
 * error_sys(); a caller who knows more puts its words in front of it with
 * error_wrap().  The sentence is for the person who must mend it: which key,
 * which value, what was expected.
 *
 * A function that takes a struct error and can fail returns
 *   0    fine,
 *   -1   failed, and the struct error is filled,
 *   > 0  a condition named in that module's header, which the immediate caller
 *        must handle and must not forward.
 */
#ifndef FOOTBRIDGE_ERROR_H
#define FOOTBRIDGE_ERROR_H

#include <stdbool.h>

#include "cleanup.h"

/*
 * The codes of a CNI error object.  1 to 99 belong to the specification (CNI
 * 1.1.0, "Error"), 8 to its implementation (libcni's ErrInvalidNetNS), 100 and
 * above to the plugin.
 */
enum error_code {
	ERROR_VERSION = 1,	/* incompatible CNI version */
	ERROR_UNSUPPORTED = 2,	/* unsupported field; the message has key and value */
	ERROR_CONTAINER = 3,	/* the container is unknown or gone */
	ERROR_ENVIRONMENT = 4,	/* a CNI_* variable is missing or wrong */
	ERROR_IO = 5,		/* reading or writing failed */
	ERROR_DECODE = 6,	/* the input is not the JSON it should be */
	ERROR_CONFIG = 7,	/* a configuration value is wrong */
	ERROR_NETNS = 8,	/* CNI_NETNS is no usable network namespace */
	ERROR_AGAIN = 11,	/* a passing trouble: try again later */
	ERROR_UNAVAILABLE = 50,	/* STATUS: an ADD could not be served */
	ERROR_KERNEL = 100,	/* the kernel refused a request */
	ERROR_EXISTS = 101,	/* there already, or in the way */
	ERROR_EXHAUSTED = 102,	/* no address left to give */
	ERROR_MISMATCH = 103,	/* CHECK: not as ADD left it */
	ERROR_MEMORY = 104,	/* out of memory */
	ERROR_PROGRAM = 105,	/* a program that we called broke down, or answered nonsense */
};

#define ERROR_TEXT 4096	/* another program's words must fit in, too */

struct error {
	enum error_code code;
	bool foreign;			/* another program's: nobody adds to it */
	char msg[ERROR_TEXT];		/* what went wrong */
	char details[ERROR_TEXT];	/* may be empty */
};

/*
 * Make it say that nothing failed.  Cheaper than { 0 }, which writes over all of
 * its 8 KiB.
 */
void error_none(struct error *e);

/* Clean text of one line: control bytes and broken UTF-8 become '?'. */
void error_clean(char *text);

/* Write the error.  Return: -1, so that `return error_set(...)` reads well. */
int error_set(struct error *e, enum error_code code, const char *format, ...) _printf_(3, 4);

/*
 * Write an error that a system call gave: the sentence, then strerror(errnum).
 * The code is ERROR_IO, or ERROR_AGAIN where trying again may help (EAGAIN,
 * EBUSY, ENOBUFS), or ERROR_MEMORY for ENOMEM.
 * Return: -1.
 */
int error_sys(struct error *e, int errnum, const char *format, ...) _printf_(3, 4);

/*
 * Pass another program's error on, word for word: no control byte is replaced, and
 * error_wrap() and error_details() leave it as it is.
 * @msg, @details: UTF-8; what does not fit is cut between two characters.
 * Return: -1.
 */
int error_foreign(struct error *e, int code, const char *msg, const char *details);

/* Put "context: " in front of the message.  Return: -1. */
int error_wrap(struct error *e, const char *format, ...) _printf_(2, 3);

/* Fill the details.  Return: -1. */
int error_details(struct error *e, const char *format, ...) _printf_(2, 3);

/*
 * Gather several failures into one, for walks that go on (DEL, GC): the first
 * gives the code, the others are appended to the message after "; ".
 * @all: where they are gathered, error_none() at first.
 */
void error_join(struct error *all, const struct error *one);

/* Hand over what error_join() gathered.  Return: 0 where that is nothing; -1 with *e. */
int error_gathered(const struct error *all, struct error *e) _must_check_;

#endif

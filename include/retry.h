/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * retry.h - a system call that a signal may break off
 *
 * We handle no signal but where a lock is waited for (lock.c); yet being stopped and
 * continued is enough for some calls, and file systems in user space answer EINTR to
 * whatever they like.
 */
#ifndef FOOTBRIDGE_RETRY_H
#define FOOTBRIDGE_RETRY_H

#include <errno.h>

/* Call until the answer is another one than EINTR: fd = retry(open(path, O_RDONLY)). */
#define retry(call)                                                                      \
	__extension__({                                                                  \
		__typeof__(call) answer_;                                                \
		do {                                                                     \
			answer_ = (call);                                                \
		} while (answer_ < 0 && errno == EINTR);                                 \
		answer_;                                                                 \
	})

/*
 * The same for what answers with a pointer: dir = retry_null(opendir(path)), entry =
 * retry_null((errno = 0, readdir(dir))), with errno still 0 at the end.
 */
#define retry_null(call)                                                                 \
	__extension__({                                                                  \
		__typeof__(call) answer_;                                                \
		do {                                                                     \
			answer_ = (call);                                                \
		} while (!answer_ && errno == EINTR);                                    \
		answer_;                                                                 \
	})

#endif

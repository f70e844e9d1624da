/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel.h - a socket whose answers are the input
 *
 * The input is a row of datagrams, each behind its length (two bytes, the low one
 * first).  The numbers of their messages become those that are waited for.
 */
#ifndef FOOTBRIDGE_FUZZ_KERNEL_H
#define FOOTBRIDGE_FUZZ_KERNEL_H

#include <fcntl.h>
#include <sys/socket.h>

#include "fuzz.h"
#include "nl.h"

#define DATAGRAM_MAX 16384
#define DATAGRAMS_MAX 12

static inline void kernel_number(char *datagram, size_t len)
{
	for (size_t at = 0; at + sizeof(struct nlmsghdr) <= len;) {
		struct nlmsghdr *message = (struct nlmsghdr *)(datagram + at);

		/* most of them are the answer to the first request */
		message->nlmsg_seq = 1 + (message->nlmsg_seq & 3) % 3;
		if (message->nlmsg_len < sizeof(*message) ||
		    message->nlmsg_len > len - at)
			return;
		at += NLMSG_ALIGN(message->nlmsg_len);
	}
}

struct kernel {
	struct nl nl; /* our end */
	int other;    /* says no more, but can be spoken to */
};

static inline void kernel_close(struct kernel *kernel)
{
	nl_close(&kernel->nl);
	closep(&kernel->other);
}

static inline struct kernel kernel_open(const uint8_t *data, size_t size)
{
	_Alignas(struct nlmsghdr) static char datagram[DATAGRAM_MAX];
	int ends[2];

	MUST(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
			ends) == 0);
	for (int n = 0; size >= 2 && n < DATAGRAMS_MAX; n++) {
		size_t len = data[0] | (size_t)data[1] << 8;

		data += 2;
		size -= 2;
		len = len < size ? len : size;
		len = len < sizeof(datagram) ? len : sizeof(datagram);
		if (len > 0) {
			memcpy(datagram, data, len);
			kernel_number(datagram, len);
			if (send(ends[1], datagram, len, MSG_NOSIGNAL) < 0)
				break;
		}
		data += len;
		size -= len;
	}
	/* or it would be waited for more */
	MUST(shutdown(ends[1], SHUT_WR) == 0);
	return (struct kernel){ .nl = { .fd = ends[0] }, .other = ends[1] };
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overtaken.c - a library to preload: changes overtake dumps of the kernel's tables
 *
 * As many dumps as $OVERTAKEN says, the first ones: each of their messages has the flag
 * that the kernel sets then, NLM_F_DUMP_INTR.
 */
#include <linux/netlink.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static long dumps; /* that are still to be overtaken */

static __attribute__((constructor)) void be_told(void)
{
	const char *told = getenv("OVERTAKEN");

	dumps = told ? strtol(told, NULL, 10) : 0;
}

static void overtake(char *buf, size_t len)
{
	struct nlmsghdr *message = (struct nlmsghdr *)buf;

	for (; dumps > 0 && NLMSG_OK(message, len); message = NLMSG_NEXT(message, len)) {
		if (!(message->nlmsg_flags & NLM_F_MULTI))
			continue;
		message->nlmsg_flags |= NLM_F_DUMP_INTR;
		dumps -= message->nlmsg_type == NLMSG_DONE;
	}
}

/* libc's own names are reserved.  NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t len = syscall(SYS_recvmsg, fd, msg, flags);

	if (len > 0)
		overtake(msg->msg_iov->iov_base, (size_t)len);
	return len;
}

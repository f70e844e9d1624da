/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace.c - what a call asks the kernel for, counted under strace
 */
#include "trace.h"

#include <ctype.h>
#include <err.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"

#define STRACE_FILE "/run/bench.strace"
#define CALLGRIND_FILE "/run/bench.callgrind"
#define LOG_OPTION "--log-file=/run/bench.callgrind"
#define VALGRIND "/usr/bin/valgrind"

#define DATAGRAM 65536
#define HEX_COLUMN 10 /* " | 00000  " */
#define HEX_BYTES 16

/* The datagram whose bytes are being read. */
struct datagram {
	_Alignas(struct nlmsghdr) uint8_t b[DATAGRAM];
	size_t len;
	bool wanted; /* it is sent through netlink */
};

/* BATCH_BEGIN and BATCH_END of nfnetlink bear the numbers of RTM_NEWLINK and _DELLINK. */
static bool is_route(const struct nlmsghdr *message)
{
	size_t len = message->nlmsg_len - sizeof(*message);

	return message->nlmsg_type >= RTM_BASE && message->nlmsg_type <= UINT8_MAX &&
	       len > sizeof(struct nfgenmsg);
}

/* NLM_F_DUMP of a question; with NLM_F_CREATE these bits mean something else. */
static bool is_dump(const struct nlmsghdr *message)
{
	return (message->nlmsg_flags & (NLM_F_DUMP | NLM_F_CREATE)) == NLM_F_DUMP;
}

static void count_messages(struct datagram *d, struct trace *ret)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)d->b;
	size_t left = d->len;

	while (d->wanted && left >= sizeof(*message) &&
	       message->nlmsg_len >= sizeof(*message) && message->nlmsg_len <= left) {
		size_t step = NLMSG_ALIGN(message->nlmsg_len);

		ret->messages += is_route(message);
		ret->dumps += is_dump(message);
		ret->link_deletions += is_route(message) &&
				       message->nlmsg_type == RTM_DELLINK;
		left -= step < left ? step : left;
		message = (const struct nlmsghdr *)((const char *)message + step);
	}
	d->len = 0;
}

static void read_bytes(struct datagram *d, const char *line)
{
	for (size_t i = 0; i < HEX_BYTES; i++) {
		/* the second eight stand a column further on */
		const char *at = line + HEX_COLUMN + 3 * i + (i >= HEX_BYTES / 2 ? 1 : 0);

		if (strlen(line) < HEX_COLUMN + 4 * HEX_BYTES || !isxdigit(*at) ||
		    d->len == DATAGRAM)
			return;
		d->b[d->len++] = (uint8_t)strtoul(at, NULL, 16);
	}
}

/* "1234  sendto(3<NETLINK:[ROUTE:1234]>, ..." */
static void count_call(const char *line, struct trace *ret, struct datagram *d)
{
	const char *name = line + strspn(line, "0123456789 ");
	size_t len = strcspn(name, "(");

	/* of several processes one may be interrupted: "<... execve resumed>) = 0" */
	ret->execs += strstr(name, "execve") && strstr(name, " = 0");
	if (name[len] != '(' || !islower(*name))
		return;
	ret->calls++;
	d->wanted = strncmp(name, "send", 4) == 0 && strstr(name, "<NETLINK:") != NULL;
}

void trace_read(FILE *file, struct trace *ret)
{
	_cleanup_(freep) struct datagram *d = calloc(1, sizeof(*d));
	_cleanup_(freep) char *line = NULL;
	size_t room = 0;

	if (!d)
		err(1, "trace");
	*ret = (struct trace){ 0 };
	while (getline(&line, &room, file) > 0) {
		bool bytes = strncmp(line, " | ", 3) == 0;

		if (!bytes || strncmp(line + 3, "00000 ", 6) == 0)
			count_messages(d, ret);
		if (bytes)
			read_bytes(d, line);
		else
			count_call(line, ret, d);
	}
	count_messages(d, ret);
	/* its own */
	ret->execs -= ret->execs > 0;
}

static void must_succeed(const struct request *request, const struct outcome *outcome,
			 void *arg)
{
	(void)arg;
	if (outcome->failed)
		errx(1, "%s under %s failed: %s", request->verb, request->before[0],
		     outcome->answer);
}

void trace_call(const struct request *request, struct trace *ret)
{
	static const char *const before[] = {
		"strace", "-f", "-q", "-yy", "-e", "write=all", "-o", STRACE_FILE, NULL,
	};
	struct request traced = *request;
	FILE *file;

	traced.before = before;
	(void)launch(&traced, 1, 1, must_succeed, NULL);
	file = fopen(STRACE_FILE, "re");
	if (!file)
		err(1, STRACE_FILE);
	trace_read(file, ret);
	(void)fclose(file);
}

double trace_instructions(const struct request *request)
{
	static const char *const before[] = {
		VALGRIND,
		"--tool=callgrind",
		"--callgrind-out-file=/dev/null",
		LOG_OPTION,
		NULL,
	};
	struct request traced = *request;
	char line[256];
	double n = 0;
	FILE *file;

	if (access(VALGRIND, X_OK) < 0)
		return 0;
	traced.before = before;
	(void)launch(&traced, 1, 1, must_succeed, NULL);
	file = fopen(CALLGRIND_FILE, "re");
	if (!file)
		err(1, CALLGRIND_FILE);
	while (n <= 0 && fgets(line, sizeof(line), file)) {
		const char *at = strstr(line, "Collected : ");

		if (at)
			n = strtod(at + strlen("Collected : "), NULL);
	}
	(void)fclose(file);
	return n;
}

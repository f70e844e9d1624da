/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * addr.c - tests of addr.h and route.h: prefixes that no kernel tells of
 *
 * A pair of sockets stands in for the kernel; it has said all before it is asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "addr.h"
#include "route.h"

#define DEVICE 2

static const uint8_t address[] = { 10, 1, 0, 0 };

struct pair {
	struct nl nl;
	int kernel;
};

static void hang_up(struct pair *pair)
{
	nl_close(&pair->nl);
	closep(&pair->kernel);
}

/* One description, and the end of the list. */
static struct pair kernel_that_says(struct nl_msg *msg)
{
	const int fine = 0;
	struct nl_msg done;
	struct nlmsghdr *headers[] = { (struct nlmsghdr *)msg->buf,
				       (struct nlmsghdr *)done.buf };
	int ends[2];

	nl_begin(&done, NLMSG_DONE, NLM_F_MULTI, &fine, sizeof(fine));
	assert_int_equal(socketpair(AF_UNIX,
				    SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
				    ends),
			 0);
	for (size_t i = 0; i < 2; i++) {
		headers[i]->nlmsg_seq = 1;
		assert_int_equal(send(ends[1], headers[i], headers[i]->nlmsg_len, 0),
				 headers[i]->nlmsg_len);
	}
	assert_int_equal(shutdown(ends[1], SHUT_WR), 0);
	return (struct pair){ .nl = { .fd = ends[0] }, .kernel = ends[1] };
}

static int count_address(const struct prefix *prefix, uint32_t flags, void *arg,
			 struct error *e)
{
	size_t *n = arg;

	(void)prefix;
	(void)flags;
	(void)e;
	++*n;
	return 0;
}

/* How many of @family are seen where the kernel tells of one, of IPv4 with this prefix length. */
static size_t addresses_seen(int family, uint8_t bits)
{
	const struct ifaddrmsg header = { .ifa_family = AF_INET,
					  .ifa_prefixlen = bits,
					  .ifa_index = DEVICE };
	_cleanup_(hang_up) struct pair pair = { .nl = NL_INIT, .kernel = -1 };
	struct nl_msg msg;
	struct error e;
	size_t n = 0;

	nl_begin(&msg, RTM_NEWADDR, NLM_F_MULTI, &header, sizeof(header));
	nl_put(&msg, IFA_LOCAL, address, sizeof(address));
	pair = kernel_that_says(&msg);
	assert_int_equal(addr_each(&pair.nl, DEVICE, family, count_address, &n, &e), 0);
	return n;
}

static int count_route(const struct route_seen *route, void *arg, struct error *e)
{
	size_t *n = arg;

	(void)route;
	(void)e;
	++*n;
	return 0;
}

static size_t routes_of_length(uint8_t bits)
{
	const struct rtmsg header = { .rtm_family = AF_INET,
				      .rtm_dst_len = bits,
				      .rtm_type = RTN_UNICAST };
	_cleanup_(hang_up) struct pair pair = { .nl = NL_INIT, .kernel = -1 };
	struct nl_msg msg;
	struct error e;
	size_t n = 0;

	nl_begin(&msg, RTM_NEWROUTE, NLM_F_MULTI, &header, sizeof(header));
	nl_put(&msg, RTA_DST, address, sizeof(address));
	nl_put_u32(&msg, RTA_OIF, DEVICE);
	nl_put_u32(&msg, RTA_TABLE, RT_TABLE_MAIN);
	pair = kernel_that_says(&msg);
	assert_int_equal(route_each(&pair.nl, AF_INET, count_route, &n, &e), 0);
	return n;
}

static void a_prefix_is_no_longer_than_its_address(void **state)
{
	(void)state;
	assert_int_equal(addresses_seen(AF_INET, 32), 1);
	assert_int_equal(addresses_seen(AF_INET, 33), 0);
	assert_int_equal(addresses_seen(AF_INET, 255), 0);
	assert_int_equal(routes_of_length(32), 1);
	assert_int_equal(routes_of_length(33), 0);
	assert_int_equal(routes_of_length(255), 0);
}

/* A kernel without IPv6, asked for its addresses, tells of all. */
static void another_family_is_passed_over(void **state)
{
	(void)state;
	assert_int_equal(addresses_seen(AF_INET, 24), 1);
	assert_int_equal(addresses_seen(AF_UNSPEC, 24), 1);
	assert_int_equal(addresses_seen(AF_INET6, 24), 0);
}

/* A socket that cannot be strict stands for a kernel older than 4.20. */
static void another_namespace_that_is_not_told_of_is_said(void **state)
{
	const struct ifaddrmsg header = { .ifa_family = AF_INET };
	const struct ip ip = ip_from(address, sizeof(address));
	_cleanup_(hang_up) struct pair pair = { .nl = NL_INIT, .kernel = -1 };
	const int nsid = 1;
	struct error e = { 0 };
	struct nl_msg msg;
	size_t n = 0;

	(void)state;
	nl_begin(&msg, RTM_NEWADDR, NLM_F_MULTI, &header, sizeof(header));
	pair = kernel_that_says(&msg);
	assert_int_equal(addr_is_at(&pair.nl, &nsid, DEVICE, &ip, &e), -1);
	assert_int_equal(e.code, ERROR_KERNEL);
	assert_non_null(strstr(e.msg, "another namespace"));
	e = (struct error){ 0 };
	assert_int_equal(addr_each_in(&pair.nl, nsid, DEVICE, AF_INET, count_address, &n,
				      &e),
			 NL_UNSUPPORTED);
	assert_int_equal(e.code, ERROR_KERNEL);
	assert_int_equal(n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_prefix_is_no_longer_than_its_address),
		cmocka_unit_test(another_family_is_passed_over),
		cmocka_unit_test(another_namespace_that_is_not_told_of_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

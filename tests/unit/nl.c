/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nl.c - tests of nl.h: answers that no kernel gives
 *
 * A pair of sockets stands in for the kernel; it has said all before it is asked.  Where
 * others write to our socket it is the kernel itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "nl.h"

struct pair {
	struct nl nl;
	int kernel;
};

static int enter(void **state)
{
	static struct pair pair;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) <
	    0)
		return -1;
	pair = (struct pair){ .nl = { .fd = ends[0] }, .kernel = ends[1] };
	*state = &pair;
	alarm(20); /* for an answer that is never done with */
	return 0;
}

static int leave(void **state)
{
	struct pair *pair = *state;

	alarm(0);
	nl_close(&pair->nl);
	closep(&pair->kernel);
	return 0;
}

static void say(const struct pair *pair, const void *data, size_t len)
{
	assert_int_equal(send(pair->kernel, data, len, MSG_NOSIGNAL), len);
}

/* Nothing more will come: that ends the waiting. */
static void hang_up(const struct pair *pair)
{
	assert_int_equal(shutdown(pair->kernel, SHUT_WR), 0);
}

static int ask(struct pair *pair, struct error *e)
{
	const struct ifinfomsg header = { 0 };
	struct nl_msg msg;

	nl_begin(&msg, RTM_GETLINK, 0, &header, sizeof(header));
	return nl_do(&pair->nl, &msg, "ask", e);
}

struct acknowledgement {
	struct nlmsghdr header;
	struct nlmsgerr error;
};

static struct acknowledgement acknowledge(uint32_t seq, int error)
{
	return (struct acknowledgement){
		.header = { .nlmsg_len = sizeof(struct acknowledgement),
			    .nlmsg_type = NLMSG_ERROR,
			    .nlmsg_seq = seq },
		.error.error = error,
	};
}

static void an_acknowledgement_is_heard(void **state)
{
	const struct acknowledgement yes = acknowledge(1, 0),
				     no = acknowledge(2, -EEXIST);
	struct error e;

	say(*state, &yes, sizeof(yes));
	assert_int_equal(ask(*state, &e), 0);
	say(*state, &no, sizeof(no));
	assert_int_equal(ask(*state, &e), NL_EXISTS);
}

static void that_of_another_request_is_not(void **state)
{
	const struct acknowledgement other = acknowledge(7, 0);
	struct error e;

	say(*state, &other, sizeof(other));
	hang_up(*state);
	assert_int_equal(ask(*state, &e), -1);
	assert_non_null(strstr(e.msg, "hung up"));
}

/* Our socket to the kernel, and in the kernel's place another process's to ours. */
static struct pair with_a_stranger(void)
{
	struct sockaddr_nl ours = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof(ours);
	struct pair pair = { .kernel = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
					      NETLINK_ROUTE) };
	struct error e;

	assert_int_equal(nl_open(&pair.nl, NETLINK_ROUTE, &e), 0);
	assert_int_equal(bind(pair.nl.fd, (struct sockaddr *)&ours, len), 0);
	assert_int_equal(getsockname(pair.nl.fd, (struct sockaddr *)&ours, &len), 0);
	assert_int_equal(connect(pair.kernel, (struct sockaddr *)&ours, len), 0);
	return pair;
}

static void nor_is_one_that_the_kernel_did_not_send(void **state)
{
	const struct acknowledgement forged = acknowledge(1, -EEXIST);
	struct pair pair = with_a_stranger();
	void *end = &pair;
	struct error e;

	(void)state;
	alarm(20);
	say(&pair, &forged, sizeof(forged));
	/* there is no device that has neither a number nor a name */
	assert_int_equal(ask(&pair, &e), NL_INVALID);
	assert_int_equal(leave(&end), 0);
}

static void a_mute_kernel_is_waited_for_5_s(void **state)
{
	const int64_t begin = clock_ms();
	struct error e;
	int64_t took;

	assert_int_equal(ask(*state, &e), -1);
	took = clock_ms() - begin;
	assert_int_equal(e.code, ERROR_AGAIN);
	assert_non_null(strstr(e.msg, "no answer from the kernel for 5 s"));
	assert_in_range(took, 5000, 9000);
}

/* Behind it nothing is looked for, and in front of it neither. */
static void a_length_above_all_bounds_ends_the_datagram(void **state)
{
	static const uint32_t lengths[] = { 0,		15,	    1000,      0x7fffffff,
					    0x80000000, 0xfffffff0, 0xffffffff };
	struct nlmsghdr two[2] = { { .nlmsg_len = sizeof(two[0]),
				     .nlmsg_type = NLMSG_NOOP } };
	struct error e;

	for (size_t i = 0; i < COUNT(lengths); i++) {
		two[1].nlmsg_len = lengths[i];
		say(*state, two, sizeof(two));
		hang_up(*state);
		assert_int_equal(ask(*state, &e), -1);
		assert_non_null(strstr(e.msg, "hung up"));
		(void)leave(state);
		assert_int_equal(enter(state), 0);
	}
}

static void a_cut_acknowledgement_is_an_error(void **state)
{
	struct acknowledgement cut = acknowledge(1, 0);
	struct error e;

	cut.header.nlmsg_len = sizeof(cut.header) + 2;
	say(*state, &cut, sizeof(cut.header) + 4);
	assert_int_equal(ask(*state, &e), -1);
	assert_int_equal(e.code, ERROR_KERNEL);
	assert_non_null(strstr(e.msg, "cut"));
}

static void a_refusal_without_a_reason_is_one(void **state)
{
	static const int codes[] = { INT_MIN, -4096, 1, INT_MAX };
	struct pair *pair = *state;
	struct error e;

	for (size_t i = 0; i < COUNT(codes); i++) {
		const struct acknowledgement odd =
			acknowledge(pair->nl.seq + 1, codes[i]);

		say(pair, &odd, sizeof(odd));
		assert_int_equal(ask(pair, &e), -1);
		assert_int_equal(e.code, ERROR_KERNEL);
	}
}

/* A name, and more than anybody has room for. */
static void say_at_length(const struct pair *pair, uint32_t seq)
{
	static _Alignas(struct nlmsghdr) char answer[60000];
	const struct ifinfomsg header = { 0 };
	struct nl_msg msg;
	struct nlattr *rest;

	nl_begin(&msg, RTM_NEWLINK, 0, &header, sizeof(header));
	nl_put_string(&msg, IFLA_IFNAME, "eth0");
	memcpy(answer, nl_message(&msg), nl_message(&msg)->nlmsg_len);
	rest = (struct nlattr *)(answer + nl_message(&msg)->nlmsg_len);
	rest->nla_type = IFLA_PROP_LIST;
	rest->nla_len = (uint16_t)(answer + sizeof(answer) - (char *)rest);
	((struct nlmsghdr *)answer)->nlmsg_len = sizeof(answer);
	((struct nlmsghdr *)answer)->nlmsg_seq = seq;
	say(pair, answer, sizeof(answer));
}

static int read_name(const struct nlmsghdr *message, void *arg, struct error *e)
{
	NL_ATTRS(attrs, IFLA_PROP_LIST);

	(void)e;
	nl_parse(message, sizeof(struct ifinfomsg), &attrs);
	assert_string_equal(nl_string(&attrs, IFLA_IFNAME), "eth0");
	assert_null(nl_attr(&attrs, IFLA_PROP_LIST));
	*(bool *)arg = true;
	return 0;
}

/* Of many, those behind it would be lost. */
static void an_answer_without_end_is_read_as_far_as_it_came(void **state)
{
	const struct ifinfomsg header = { 0 };
	struct pair *pair = *state;
	bool read = false;
	struct nl_msg msg;
	struct error e;

	nl_begin(&msg, RTM_GETLINK, 0, &header, sizeof(header));
	say_at_length(pair, 1);
	assert_int_equal(nl_get(&pair->nl, &msg, read_name, &read, "ask", &e), 0);
	assert_true(read);
	say_at_length(pair, 2);
	assert_int_equal(nl_dump(&pair->nl, &msg, read_name, &read, "ask", &e), -1);
	assert_non_null(strstr(e.msg, "exceeds"));
}

/* While a dump has not been heard to its end the kernel begins no other. */
static void what_was_not_heard_is_out_of_the_way_of_the_next_question(void **state)
{
	const struct ifinfomsg header = { 0 };
	struct pair *pair = *state;
	bool read = false;
	struct nl_msg msg;
	struct error e;

	nl_begin(&msg, RTM_GETLINK, 0, &header, sizeof(header));
	say_at_length(pair, 1);
	say_at_length(pair, 1);
	assert_int_equal(nl_dump(&pair->nl, &msg, read_name, &read, "ask", &e), -1);
	assert_non_null(strstr(e.msg, "exceeds"));
	hang_up(pair);
	assert_int_equal(nl_dump(&pair->nl, &msg, read_name, &read, "ask", &e), -1);
	assert_non_null(strstr(e.msg, "hung up"));
}

/* What fills an attribute up to four bytes is no byte of ours. */
static void what_is_left_out_is_zero(void **state)
{
	const struct ifinfomsg header = { 0 };
	struct nl_msg msg;

	(void)state;
	memset(&msg, 0xff, sizeof(msg));
	nl_begin(&msg, RTM_NEWLINK, 0, &header, sizeof(header));
	nl_put(&msg, IFLA_ADDRESS, "\1\2\3\4\5\6", 6);
	assert_int_equal(msg.buf[sizeof(struct nlmsghdr) + sizeof(header) + 10], 0);
	assert_int_equal(msg.buf[sizeof(struct nlmsghdr) + sizeof(header) + 11], 0);
}

/* A message with a nest of two, the second of which is a nest. */
static const struct nlattr *say_nest(struct nl_msg *msg)
{
	const struct ifinfomsg header = { 0 };
	NL_ATTRS(attrs, 7);
	size_t outer, inner;

	nl_begin(msg, RTM_NEWLINK, 0, &header, sizeof(header));
	outer = nl_nest(msg, 7);
	nl_put_u8(msg, 1, 9);
	inner = nl_nest(msg, 2);
	nl_put_u32(msg, 1, 0);
	nl_nest_end(msg, inner);
	nl_nest_end(msg, outer);
	nl_parse(nl_message(msg), sizeof(header), &attrs);
	return nl_attr(&attrs, 7);
}

static void a_nest_is_walked_to_its_end(void **state)
{
	struct nl_msg msg;
	const struct nlattr *nest = say_nest(&msg), *one, *two;

	(void)state;
	one = nl_child(nest, NULL);
	assert_non_null(one);
	assert_false(nl_is_nest(one) || nl_is_zero(one));
	two = nl_child(nest, one);
	assert_non_null(two);
	assert_true(nl_is_nest(two) && nl_is_zero(nl_child(two, NULL)));
	assert_null(nl_child(nest, two));
	assert_null(nl_child(NULL, NULL));
}

/* Whatever length the last one claims, nothing behind the nest is seen. */
static void a_cut_nest_ends_where_it_is_cut(void **state)
{
	static const uint16_t lengths[] = { 0, 3, 200, 0xffff };
	struct nl_msg msg;
	const struct nlattr *nest = say_nest(&msg), *one = nl_child(nest, NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		((struct nlattr *)nl_child(nest, one))->nla_len = lengths[i];
		assert_null(nl_child(nest, one));
		(void)say_nest(&msg);
	}
}

static void values_are_compared_whole(void **state)
{
	struct nl_msg msg, other;
	const struct nlattr *one = nl_child(say_nest(&msg), NULL);
	const struct nlattr *nest = say_nest(&other);

	(void)state;
	assert_true(nl_is_same(one, nl_child(nest, NULL)));
	assert_false(nl_is_same(one, nl_child(nest, nl_child(nest, NULL))));
	((char *)nl_child(nest, NULL))[sizeof(struct nlattr)] = 8;
	assert_false(nl_is_same(one, nl_child(nest, NULL)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_acknowledgement_is_heard, enter,
						leave),
		cmocka_unit_test_setup_teardown(that_of_another_request_is_not, enter,
						leave),
		cmocka_unit_test(nor_is_one_that_the_kernel_did_not_send),
		cmocka_unit_test_setup_teardown(a_mute_kernel_is_waited_for_5_s, enter,
						leave),
		cmocka_unit_test_setup_teardown(
			a_length_above_all_bounds_ends_the_datagram, enter, leave),
		cmocka_unit_test_setup_teardown(a_cut_acknowledgement_is_an_error, enter,
						leave),
		cmocka_unit_test_setup_teardown(a_refusal_without_a_reason_is_one, enter,
						leave),
		cmocka_unit_test_setup_teardown(
			an_answer_without_end_is_read_as_far_as_it_came, enter, leave),
		cmocka_unit_test_setup_teardown(
			what_was_not_heard_is_out_of_the_way_of_the_next_question, enter,
			leave),
		cmocka_unit_test(what_is_left_out_is_zero),
		cmocka_unit_test(a_nest_is_walked_to_its_end),
		cmocka_unit_test(a_cut_nest_ends_where_it_is_cut),
		cmocka_unit_test(values_are_compared_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

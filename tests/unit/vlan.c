/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vlan.c - tests of sets of VLAN IDs
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vlan.h"

#define ROUNDS 300

static void test_print(void **state)
{
	struct vlan_set set = { 0 };
	char text[VLAN_TEXT];

	(void)state;
	assert_true(vlan_is_empty(&set));
	assert_string_equal(vlan_print(&set, text), "none");
	vlan_add_one(&set, 4094);
	vlan_add_one(&set, 1);
	vlan_add(&set, (struct vlan_run){ 62, 66 });
	vlan_add(&set, (struct vlan_run){ 64, 70 });
	assert_string_equal(vlan_print(&set, text), "1,62-70,4094");
	assert_false(vlan_is_empty(&set));
	vlan_add(&set, (struct vlan_run){ VLAN_MIN, VLAN_MAX });
	assert_string_equal(vlan_print(&set, text), "1-4094");
}

static void test_print_cut(void **state)
{
	struct vlan_set set = { 0 };
	char text[VLAN_TEXT];

	(void)state;
	for (uint16_t id = 1000; id < 4000; id = (uint16_t)(id + 2))
		vlan_add_one(&set, id);
	vlan_print(&set, text);
	assert_memory_equal(text, "1000,1002,", 10);
	assert_string_equal(text + strlen(text) - 4, ",...");
}

static void test_nothing_behind(void **state)
{
	const struct vlan_set none = { 0 };
	struct vlan_run run = { 7, 7 };

	(void)state;
	assert_false(vlan_next(&none, 0, &run));
	assert_int_equal(run.first, 7);
	assert_false(vlan_has(&none, 0));
	assert_false(vlan_has(&none, UINT16_MAX));
}

/* Against an array of flags. */
static void test_model(void **state)
{
	(void)state;
	srand(7);
	for (int round = 0; round < ROUNDS; round++) {
		struct vlan_set set = { 0 }, seen = { 0 }, less = { 0 }, rest;
		bool model[VLAN_MAX + 1] = { false };
		struct vlan_run run = { 0 };

		for (int i = rand() % 40; i > 0; i--) {
			uint16_t first = (uint16_t)(VLAN_MIN + rand() % VLAN_MAX);
			uint16_t room = (uint16_t)(VLAN_MAX - first + 1);
			uint16_t last = (uint16_t)(first + rand() % 100 % room);

			vlan_add(&set, (struct vlan_run){ first, last });
			memset(model + first, true, (size_t)(last - first + 1));
			vlan_add_one(&less, first);
		}
		rest = vlan_without(&set, &less);
		for (uint16_t id = VLAN_MIN; id <= VLAN_MAX; id++) {
			assert_int_equal(vlan_has(&set, id), model[id]);
			assert_int_equal(vlan_has(&rest, id),
					 model[id] && !vlan_has(&less, id));
		}
		while (vlan_next(&set, run.last, &run)) {
			assert_false(model[run.first - 1]);
			assert_true(run.last == VLAN_MAX || !model[run.last + 1]);
			vlan_add(&seen, run);
		}
		assert_true(vlan_equal(&set, &seen));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_print_cut),
		cmocka_unit_test(test_nothing_behind),
		cmocka_unit_test(test_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

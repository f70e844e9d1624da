/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vlan.c - sets of VLAN IDs
 */
#include "vlan.h"

#include <stdio.h>
#include <string.h>

#define WORD_BITS 64
#define WORDS (sizeof(((struct vlan_set *)0)->bits) / sizeof(uint64_t))
#define RUN_TEXT sizeof(",4094-4094")

void vlan_add_one(struct vlan_set *set, uint16_t id)
{
	set->bits[id / WORD_BITS] |= UINT64_C(1) << id % WORD_BITS;
}

void vlan_add(struct vlan_set *set, struct vlan_run run)
{
	for (unsigned int id = run.first; id <= run.last; id++)
		vlan_add_one(set, (uint16_t)id);
}

bool vlan_has(const struct vlan_set *set, uint16_t id)
{
	return id <= VLAN_MAX && (set->bits[id / WORD_BITS] >> id % WORD_BITS & 1);
}

bool vlan_equal(const struct vlan_set *a, const struct vlan_set *b)
{
	return memcmp(a->bits, b->bits, sizeof(a->bits)) == 0;
}

bool vlan_is_empty(const struct vlan_set *set)
{
	return vlan_equal(set, &(struct vlan_set){ 0 });
}

struct vlan_set vlan_without(const struct vlan_set *a, const struct vlan_set *b)
{
	struct vlan_set rest = *a;

	for (size_t i = 0; i < WORDS; i++)
		rest.bits[i] &= ~b->bits[i];
	return rest;
}

bool vlan_next(const struct vlan_set *set, uint16_t behind, struct vlan_run *ret)
{
	unsigned int id = behind + 1u;

	while (id <= VLAN_MAX && !vlan_has(set, (uint16_t)id))
		id++;
	if (id > VLAN_MAX)
		return false;
	ret->first = (uint16_t)id;
	while (vlan_has(set, (uint16_t)(id + 1)))
		id++;
	ret->last = (uint16_t)id;
	return true;
}

const char *vlan_print(const struct vlan_set *set, char text[static VLAN_TEXT])
{
	struct vlan_run run = { 0 };
	size_t len = 0;

	(void)snprintf(text, VLAN_TEXT, "none");
	while (vlan_next(set, run.last, &run)) {
		char one[RUN_TEXT];

		(void)snprintf(one, sizeof(one), run.first == run.last ? "%u" : "%u-%u",
			       run.first, run.last);
		if (len + strlen(one) + sizeof(",,...") > VLAN_TEXT) {
			(void)snprintf(text + len, VLAN_TEXT - len, ",...");
			break;
		}
		len += (size_t)snprintf(text + len, VLAN_TEXT - len, "%s%s",
					len ? "," : "", one);
	}
	return text;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vlan.h - sets of VLAN IDs
 */
#ifndef FOOTBRIDGE_VLAN_H
#define FOOTBRIDGE_VLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "cleanup.h"

#define VLAN_MIN 1
#define VLAN_MAX 4094		/* 4095 is reserved (IEEE 802.1Q, 9.6) */
#define VLAN_DEFAULT 1		/* a bridge port's, when nothing is said */
#define VLAN_TEXT 128

/* VLAN_MIN to VLAN_MAX; {0} is the empty set. */
struct vlan_set {
	uint64_t bits[(VLAN_MAX + 2) / 64];
};

/* IDs that follow each other, both ends included. */
struct vlan_run {
	uint16_t first, last;
};

/* Put a run into the set; what is there already stays. */
void vlan_add(struct vlan_set *set, struct vlan_run run);

/* The same with one ID. */
void vlan_add_one(struct vlan_set *set, uint16_t id);

bool vlan_has(const struct vlan_set *set, uint16_t id) _must_check_;
bool vlan_is_empty(const struct vlan_set *set) _must_check_;
bool vlan_equal(const struct vlan_set *a, const struct vlan_set *b) _must_check_;

/* What is in @a but not in @b. */
struct vlan_set vlan_without(const struct vlan_set *a, const struct vlan_set *b);

/*
 * The first run that begins behind @behind (0 = from the beginning); its last ID
 * is the next call's @behind.
 * Return: whether there is one; *ret is set only then.
 */
bool vlan_next(const struct vlan_set *set, uint16_t behind, struct vlan_run *ret) _must_check_;

/* "100,200-210", cut with "..." where it does not fit; "none".  Return: @text. */
const char *vlan_print(const struct vlan_set *set, char text[static VLAN_TEXT]);

#endif

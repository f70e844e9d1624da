/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * restore.h - put back what a flushed ruleset took from living attachments
 */
#ifndef FOOTBRIDGE_RESTORE_H
#define FOOTBRIDGE_RESTORE_H

#include "list.h"

/*
 * Restore everything that can be: forwarding, masquerade, MAC guards, what VLANs' gateways
 * need (crossing.h).
 * @told: a line for each network and attachment that is well, be it that it was before.
 * @restored: a line for each thing that was not, and is.
 * @undone: what could not be restored.
 * Return: 0, also where something is undone; -1.
 */
int restore_all(struct list *told, struct list *restored, struct list *undone,
		struct error *e) _must_check_;

#endif

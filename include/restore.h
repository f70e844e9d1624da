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
 * @done, @undone: a line for each network and attachment.
 * Return: 0, also where something is undone; -1.
 */
int restore_all(struct list *done, struct list *undone, struct error *e) _must_check_;

#endif

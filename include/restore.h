/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * restore.h - put back what a flushed ruleset took from living attachments
 *
 * For the person (or the unit file) that reloads a firewall.  Who lives is told
 * by the kernel: host veths of ours that are ports of a bridge; which addresses
 * they have, by the store; what their network wants, by its record.  Forwarding,
 * the masquerade rules and each address's element are put back; nothing is ever
 * taken away, and what is in order stays as it is.
 */
#ifndef FOOTBRIDGE_RESTORE_H
#define FOOTBRIDGE_RESTORE_H

#include "error.h"
#include "list.h"

/*
 * Restore everything that can be.
 * @done, @undone: a line for each network and attachment, whichever it was.
 * Return: 0, -1.
 */
int restore_all(struct list *done, struct list *undone, struct error *e) _must_check_;

#endif

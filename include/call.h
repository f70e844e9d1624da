/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * call.h - one call of a plugin: question in, answer out
 *
 * The door of a plugin.  Only here is stdin read and stdout written: one JSON document, and
 * that in one piece at the end.  (args.h reads the CNI_* variables.)
 */
#ifndef FOOTBRIDGE_CALL_H
#define FOOTBRIDGE_CALL_H

#include "plugins.h"

/*
 * Serve the call that the environment describes.
 * @e: room for what goes wrong, which is told here.
 * Return: the exit status.
 */
int call_serve(const struct plugin *plugin, struct error *e);

/* Answer with this error instead of serving.  Return: the exit status. */
int call_refuse(const struct plugin *plugin, const struct error *e);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * call.h - one call of a plugin: question in, answer out
 *
 * The door.  Only here are the environment and stdin read, and stdout and
 * stderr written: one JSON document on stdout, and that in one piece at the end.
 */
#ifndef FOOTBRIDGE_CALL_H
#define FOOTBRIDGE_CALL_H

#include "plugins.h"

/* Serve the call that the environment describes.  Return: the exit status. */
int call_serve(const struct plugin *plugin);

/* Answer with this error instead of serving.  Return: the exit status. */
int call_refuse(const struct plugin *plugin, const struct error *e);

#endif

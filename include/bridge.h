/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bridge.h - the plugin "bridge", and what it adds to the IPAM's facts
 */
#ifndef FOOTBRIDGE_BRIDGE_H
#define FOOTBRIDGE_BRIDGE_H

#include "conf.h"
#include "result.h"

/*
 * Complete a result that has the addresses and the IPAM's routes: with the gateways
 * that nobody has told, and the default routes that are asked for.
 * Return: 0, -1 with ERROR_MEMORY.
 */
int bridge_complete(const struct conf_bridge *conf, struct result *result, struct error *e) _must_check_;

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * delegate.h - addresses from another plugin (CNI 1.1.0, "Plugin Delegation")
 *
 * Where ipam.type is not built in, the plugin of that name in CNI_PATH is called
 * with the configuration just as it came.  It must be called when the container's
 * interface is there (dhcp speaks through it), and release its addresses when that
 * is gone again: hence two effects, at two places of one list.
 * Both do nothing where the IPAM is built in or none.
 */
#ifndef FOOTBRIDGE_DELEGATE_H
#define FOOTBRIDGE_DELEGATE_H

#include "effect.h"

/*
 * DEL and GC.  Stands in front of delegate_lease, because an ADD that fails there may
 * have leased something all the same, and of the link, which may bear it.  Its apply
 * refuses what is attached already, before the way back from a later refusal could
 * release a living container's addresses.
 */
extern const struct effect delegate_release;

/* ADD, CHECK and STATUS, which below cniVersion 1.1.0 only looks whether the plugin is there. */
extern const struct effect delegate_lease;

#endif

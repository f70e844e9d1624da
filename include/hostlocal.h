/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hostlocal.h - lease addresses of this host's own ranges
 *
 * The effect that leases in the bridge's list; the plugin "host-local" is a list of just
 * this one.
 */
#ifndef FOOTBRIDGE_HOSTLOCAL_H
#define FOOTBRIDGE_HOSTLOCAL_H

#include "effect.h"

/*
 * One address of each range set, with the routes and dns of the configuration.
 * Does nothing on a network without IPAM.
 */
extern const struct effect hostlocal_lease;

/*
 * The last word of an ADD: are the leases still ours?  A DEL of the same
 * attachment may have overtaken us.
 */
extern const struct effect hostlocal_confirm;

/*
 * The addresses this attachment holds, for effects that must find what is keyed
 * by address.
 * @ret: an array the caller frees.
 * Return: 0; LEASE_UNREAD, and there may be more than these; -1.
 */
int hostlocal_held(const struct ident *id, struct ip **ret, size_t *n, struct error *e) _must_check_;

#endif

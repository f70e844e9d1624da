/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * veth.h - the cable between the container and the bridge
 */
#ifndef FOOTBRIDGE_VETH_H
#define FOOTBRIDGE_VETH_H

#include "effect.h"

/*
 * Make the veth pair, one end a port of the bridge, the other in the container
 * under its name.  Deleting the host end takes everything along that is set on
 * either end, so nothing else of the container's side needs a way back.
 */
extern const struct effect veth_connect;

/* Set the host end up as a bridge port. */
extern const struct effect veth_port;

/*
 * The MAC that a container gets for which none is asked: that of its address, or where
 * the address comes later or never (@ip NULL) that of its attachment.
 */
struct mac veth_derive_mac(const struct ident *id, const struct ip *ip);

/*
 * CHECK of one end of a pair: is it there, and as prevResult tells it?
 * @nl: a socket where it is; @sandbox: as prevResult names that place, "" = the host.
 * @link: filled for 0.
 * Return: 0; -1, with ERROR_MISMATCH where it is not.
 */
int veth_check_end(const struct attach *at, struct nl *nl, const char *name, const char *sandbox,
		   struct link *link, struct error *e) _must_check_;

/*
 * Wait until a bridge port forwards, 2 s at most.  One that spanning tree keeps back, which
 * is at least 4 s, is not waited for.
 * Return: 0; -1, with ERROR_AGAIN where it did not.
 */
int veth_await(struct nl *host, const char *port, struct error *e) _must_check_;

/*
 * Return only when the port forwards, or the container's first packet is lost
 * and asked for again a second later.
 */
extern const struct effect veth_forward;

/* The host end is still there: without the namespace a DEL does not wait for an ADD. */
extern const struct effect veth_confirm;

#endif

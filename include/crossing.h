/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crossing.h - what goes to a VLAN's gateway crosses the bridge unchanged
 *
 * The gateway is a device of its own behind a bridge port (segment.h), so its
 * containers' packets pass the host twice: as frames from port to port, then routed.  Where
 * br_netfilter has frames pass iptables (net.bridge.bridge-nf-call-*, which Kubernetes and
 * Docker turn on), connection tracking would meet them first on the bridge, and do there what
 * is to be done when they leave the host: a masqueraded packet comes out of the gateway with
 * the host's own address as its source, and is dropped.  Who masquerades need not be us.  So
 * these frames are not tracked.
 */
#ifndef FOOTBRIDGE_CROSSING_H
#define FOOTBRIDGE_CROSSING_H

#include "effect.h"
#include "link.h"

/*
 * Let what goes to and from a gateway cross its bridge untracked.
 * @port: the bridge port that leads to it.
 * Return: 0 where it is so, or the kernel has no nf_tables of bridges; CROSSING_FREED; -1.
 */
#define CROSSING_FREED 16	/* none of nl.h's conditions */
int crossing_free(struct host *host, const struct link *gateway, const char *port,
		  struct error *e) _must_check_;

/* Is it so?  Changes nothing.  Return: 1 yes, 0 no, -1. */
int crossing_is_free(struct host *host, const struct link *gateway, const char *port,
		     struct error *e) _must_check_;

#endif

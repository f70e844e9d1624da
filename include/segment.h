/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * segment.h - the VLANs that a container is in, and the gateway of one
 */
#ifndef FOOTBRIDGE_SEGMENT_H
#define FOOTBRIDGE_SEGMENT_H

#include "effect.h"
#include "link.h"

/*
 * Does this bridge keep VLANs apart, where the network asks for it?  To put ports
 * into the VLANs of one that does not would keep nobody from anybody.
 * Return: 0; -1 with @code.
 */
int segment_separates(const struct conf_bridge *conf, const struct link *bridge,
		      enum error_code code, struct error *e) _must_check_;

/*
 * Where the network asks for VLANs: could the bridge that ADD would make keep them apart?
 * For a kernel that has bridges (link_can_add()); changes nothing.
 * Return: 0; -1, also where it could not.
 */
int segment_ready(const struct conf_bridge *conf, struct nl *nl, struct error *e) _must_check_;

/* Say that this kernel's bridges cannot filter VLANs.  Return: -1. */
int segment_refuse(enum error_code code, struct error *e);

/* Put the bridge port into its VLANs.  Goes with the veth, and before it is up. */
extern const struct effect segment_join;

/*
 * The interface of the host that bears a VLAN's gateway, "<bridge>.<vlan>": one end
 * of a veth pair whose other is a port in that VLAN, as the Go bridge makes it.  It
 * is shared like the bridge, and never taken back.
 */
extern const struct effect segment_gateway;

/*
 * After a flush: let what goes to the network's gateway cross the bridge again (crossing.h), if
 * that is in a VLAN and there.
 * Return: 0, -1.
 */
int segment_restore(struct host *host, const struct conf_bridge *conf, struct error *e) _must_check_;

/* Is there nothing to restore?  Return: 1 yes, 0 no, -1. */
int segment_is_free(struct host *host, const struct conf_bridge *conf, struct error *e) _must_check_;

#endif

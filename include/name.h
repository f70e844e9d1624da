/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * name.h - the names of what we make
 *
 * Everything an attachment leaves in the kernel is named so that it can be
 * found again from (network, container, interface) alone: that is why DEL needs
 * neither the namespace nor a prevResult.
 */
#ifndef FOOTBRIDGE_NAME_H
#define FOOTBRIDGE_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "cleanup.h"
#include "ip.h"

#define RUN_DIR "/run/footbridge"	/* what is known until the next boot */
#define NAME_LINK 16	/* IFNAMSIZ, linux/if.h */
#define NAME_OWNER 128	/* NFTNL_UDATA_COMMENT_MAXLEN, libnftnl/udata.h */
#define NAME_ALIAS 255	/* less than IFALIASZ, linux/if.h: dev_set_alias(), net/core/dev.c, counts the NUL */
#define NAME_SET 256	/* NFT_NAME_MAXLEN, linux/netfilter/nf_tables.h */

/*
 * Hash of a list of words; each word ends at its NUL, so ("a","bc") and
 * ("ab","c") differ.  Stable for ever: names on running hosts depend on it.
 * @words: NULL-terminated.
 */
uint64_t name_hash(const char *const words[]);

/*
 * Is @text what the specification allows for a network name or container ID
 * (CNI 1.1.0: starts with a letter or digit, then letters, digits, '_', '.',
 * '-')?
 */
bool name_is_id(const char *text) _must_check_;

/*
 * Does the kernel keep this name for itself: "all" and "default", which stand beside the
 * devices in /proc/sys/net (sysctl_dev_name_is_allowed(), include/net/ip.h)?
 */
bool name_is_reserved(const char *text) _must_check_;

/*
 * Can an interface bear this name?  1 to 15 bytes, not "." or "..", no '/',
 * ':', white space or control byte (dev_valid_name(), net/core/dev.c), no '%', in
 * whose place the kernel would put a number (__dev_alloc_name()), and not reserved.
 */
bool name_is_link(const char *text) _must_check_;

/* Is this the name of a file, and no path: not "", "." or "..", and no '/' in it? */
bool name_is_file(const char *text) _must_check_;

/* The host veth of an attachment: "veth" and 11 hex digits.  Return: @name. */
const char *name_host_veth(const char *network, const char *container, const char *ifname,
			   char name[static NAME_LINK]);

/*
 * The bridge port behind the interface "<bridge>.<vlan>" that is the gateway of a
 * VLAN: "vlan" and 11 hex digits.  Return: @name.
 */
const char *name_gateway_port(const char *gateway, char name[static NAME_LINK]);

/* The ifalias of such a port: "gateway <bridge>.<vlan>".  Return: @alias. */
const char *name_gateway_alias(const char *gateway, char alias[static NAME_ALIAS]);

/* Is this one?  (Others may write what they like, on their own ports.) */
bool name_is_gateway_alias(const char *alias);

/*
 * The owner of a thing, for people and for GC: "container/ifname".  A container
 * ID that would not fit is cut and completed with '~' and a hash of the whole.
 * Return: @owner.
 */
const char *name_owner(const char *container, const char *ifname, char owner[static NAME_OWNER]);

/*
 * The host veth of the attachment that a name_owner() tells of, on this network.
 * Return: whether that can be told: not of a text that was cut, or is none of ours.
 */
bool name_owner_veth(const char *network, const char *owner, char name[static NAME_LINK])
	_must_check_;

/*
 * The ifalias of a host veth: "footbridge:network/container/ifname", its last
 * part being name_owner() and an over-long network cut like it.
 * Return: @alias.
 */
const char *name_alias(const char *network, const char *owner, char alias[static NAME_ALIAS]);

/* Is this an ifalias of ours, of whichever network? */
bool name_is_alias(const char *alias);

/*
 * The owner in an ifalias of this network.
 * Return: a pointer into @alias, or NULL where it is not ours or of another
 * network.
 */
const char *name_alias_owner(const char *alias, const char *network);

/*
 * The nft set of a network's containers in one subnet, a legal nft identifier:
 * "n-", the network, '-', the subnet with its host bits cleared and its ':'
 * written '_' ("n-mynet-10.1.0.0/16", "n-mynet-fd00_1__/64").  An over-long
 * network is cut like an owner, with '/' for '~', which nft would not take.
 * Return: @set.
 */
const char *name_set(const char *network, const struct prefix *subnet, char set[static NAME_SET]);

/*
 * The subnet in the name of a set of this network: the inverse of name_set().
 * Networks may contain '-' and look like each other plus a subnet; subnets have
 * no '-', so that the last one parts the two.
 * Return: whether @set is one; *subnet is set only then.
 */
bool name_set_subnet(const char *set, const char *network, struct prefix *subnet) _must_check_;

/*
 * The network and the subnet in the name of a set, of whichever network.
 * @network: a long one is cut, as name_set() does it.
 * Return: whether @set is one of ours.
 */
bool name_set_read(const char *set, char network[static NAME_SET],
		   struct prefix *subnet) _must_check_;

/*
 * The nft set of what a network's subnet reaches without masquerade: "x-", the
 * network, '-', the subnet as in name_set(), '-' and the hash of its content in
 * 16 hex digits: with another content it is another set.
 * Return: @set.
 */
const char *name_exclusion(const char *network, const struct prefix *subnet, uint64_t hash,
			   char set[static NAME_SET]);

/* The inverse of name_exclusion().  Return: whether @set is one; *subnet is set only then. */
bool name_exclusion_subnet(const char *set, const char *network,
			   struct prefix *subnet) _must_check_;

#endif

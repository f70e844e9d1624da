/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * result.h - a CNI result: read it, add facts to it, print it
 *
 * Effects add facts; only this module knows how each cniVersion spells them
 * (CNI 1.1.0 "Result types", and the older shapes of 0.1.0 to 0.4.0).  A result
 * owns its strings and arrays.  Readers treat "" like unset.
 */
#ifndef FOOTBRIDGE_RESULT_H
#define FOOTBRIDGE_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "ip.h"
#include "list.h"
#include "mac.h"
#include "version.h"
#include "writer.h"

#define RESULT_NO_INTERFACE (-1)

struct cJSON;
struct place;

struct interface {
	char *name;
	char *mac;		/* as text: other plugins' may be longer than Ethernet's; "" = not told */
	char *sandbox;		/* the container's CNI_NETNS; "" on the host */
	uint32_t mtu;		/* bytes; 0 = not told.  Printed from 1.1.0 on */
	char *socket_path;	/* "" = not told.  Printed from 1.1.0 on, as pci_id */
	char *pci_id;
};

struct address {
	struct prefix address;	/* host bits set: 10.1.0.5/16 */
	struct ip gateway;	/* none = not told */
	int interface;		/* index of the interface, or RESULT_NO_INTERFACE */
};

/* Options with has_* tell 0 from unset; of the others 0 is unset. */
struct route {
	struct prefix dst;	/* host bits cleared */
	struct ip gw;		/* none = on link, or the family's gateway; 0.0.0.0 or :: = on link */
	uint32_t mtu, advmss, priority;
	uint32_t table;
	uint8_t scope;
	bool has_table, has_scope;
};

struct dns {
	struct list nameservers, search, options;
	char *domain;		/* NULL or "" = unset */
};

struct result {
	struct interface *interfaces;
	size_t n_interfaces;
	struct address *ips;
	size_t n_ips;
	struct route *routes;
	size_t n_routes;
	struct dns dns;
};

/* Release everything; the result is empty afterwards.  For _cleanup_. */
void result_clear(struct result *result);
void dns_clear(struct dns *dns);

bool dns_is_empty(const struct dns *dns);

/* Replace *to by a copy of @from.  Return: 0, or -1 with ERROR_MEMORY and *to unchanged. */
int dns_copy(struct dns *to, const struct dns *from, struct error *e) _must_check_;

/*
 * Add a fact; texts are copied.  Return: 0, or -1 with ERROR_MEMORY and the
 * result unchanged.
 */
int result_add_interface(struct result *result, const char *name, const char *mac,
			 const char *sandbox, uint32_t mtu, struct error *e) _must_check_;
int result_add_ip(struct result *result, const struct address *address, struct error *e) _must_check_;
int result_add_route(struct result *result, const struct route *route, struct error *e) _must_check_;

/*
 * Read one route object {dst, gw, mtu, advmss, priority, table, scope}, as it
 * stands in a result and in an IPAM configuration.
 * @at: where it stands, for the message.
 * Return: 0; -1 with ERROR_CONFIG naming key and value.
 */
int result_read_route(const struct cJSON *json, const struct place *at, struct route *ret,
		      struct error *e) _must_check_;

/*
 * Read a dns object, as it stands in a result and in a configuration, or the
 * {servers, searches, options} of runtimeConfig.dns.
 * Return: 0; -1 with ERROR_CONFIG naming key and value.
 */
int result_read_dns(const struct cJSON *json, const struct place *at, struct dns *ret,
		    struct error *e) _must_check_;
int result_read_asked_dns(const struct cJSON *json, const struct place *at,
			  struct dns *ret, struct error *e) _must_check_;

/* The keys that these three read, from 0 on.  Return: NULL behind the last. */
const char *result_route_key(size_t i);
const char *result_dns_key(size_t i);
const char *result_asked_dns_key(size_t i);

/*
 * Read a prevResult, or an IPAM plugin's result, of any version.  The latter has no
 * interfaces, so what its addresses say of them means nothing and is not read.
 * @json: the object.  @assumed: the version where it names none.
 * Return: 0; -1 with ERROR_DECODE naming key and value, or ERROR_VERSION.
 */
int result_read(const struct cJSON *json, enum version assumed, struct result *ret,
		struct error *e) _must_check_;
int result_read_ipam(const struct cJSON *json, enum version assumed, struct result *ret,
		     struct error *e) _must_check_;

/*
 * May a result of this kind be printed for @version at all?  Below 0.3.0 a
 * result without an address cannot be told.
 * Return: 0; -1 with ERROR_VERSION.
 */
int result_check(const struct result *result, enum version version, struct error *e) _must_check_;

/* Write the result in the shape of @version. */
void result_write(const struct result *result, enum version version, struct writer *w);

/* The interface of this name and sandbox ("" = host).  Return: its index, or RESULT_NO_INTERFACE. */
int result_find_interface(const struct result *result, const char *name, const char *sandbox);

/* Is this the MAC that is told of the interface?  True also where none is. */
bool interface_has_mac(const struct interface *told, const struct mac *mac);

/* The first gateway of @family among the addresses.  Return: NULL for none. */
const struct ip *result_gateway(const struct result *result, int family);

/* Does its scope say that there is no gateway in between? */
bool route_is_on_link(const struct route *route);

#endif

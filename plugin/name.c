/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * name.c - the names of what we make
 *
 * A name that is too long is cut and completed with a mark and a hash of the
 * whole.  The mark is a character that no ID may contain, so that no uncut name
 * can ever be mistaken for a cut one.
 */
#include "name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HASH_DIGITS 16 /* of 64 bits in hex */

#define VETH_PREFIX "veth"
#define ALIAS_PREFIX "footbridge:"
#define GATEWAY_ALIAS "gateway "
#define SET_PREFIX "n-"
#define EXCLUSION_PREFIX "x-"

/* How much of a name its parts may take; a sizeof counts a NUL too. */
#define OWNER_MAX (NAME_OWNER - 1)
#define IFNAME_MAX (NAME_LINK - 1)
#define SUBNET_MAX (sizeof("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128") - 1)
#define ALIAS_NETWORK_MAX (NAME_ALIAS - sizeof(ALIAS_PREFIX "/") - OWNER_MAX)
#define SET_NETWORK_MAX (NAME_SET - sizeof(SET_PREFIX "-") - SUBNET_MAX)
#define EXCLUSION_NETWORK_MAX                                                            \
	(NAME_SET - sizeof(EXCLUSION_PREFIX "--") - SUBNET_MAX - HASH_DIGITS)

/* FNV-1a (RFC 9923), with each word's NUL. */
static uint64_t fnv1a(uint64_t hash, const char *word)
{
	do {
		hash ^= (uint8_t)*word;
		hash *= UINT64_C(0x100000001b3);
	} while (*word++);
	return hash;
}

/*
 * FNV-1a alone leaves the upper bits of short words much alike, and it is the
 * upper bits that become names: MurmurHash3's 64-bit finaliser spreads them.
 */
static uint64_t avalanche(uint64_t hash)
{
	hash ^= hash >> 33;
	hash *= UINT64_C(0xff51afd7ed558ccd);
	hash ^= hash >> 33;
	hash *= UINT64_C(0xc4ceb9fe1a85ec53);
	return hash ^ hash >> 33;
}

uint64_t name_hash(const char *const words[])
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; words[i]; i++)
		hash = fnv1a(hash, words[i]);
	return avalanche(hash);
}

/* ASCII alone, whatever the locale. */
static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool name_is_id(const char *text)
{
	if (!is_letter_or_digit(*text))
		return false;
	while (*++text)
		if (!is_letter_or_digit(*text) && !strchr("_.-", *text))
			return false;
	return true;
}

/*
 * The kernel's isspace() goes by Latin-1 and so refuses 0xa0, even within a
 * UTF-8 character.
 */
static bool is_link_byte(unsigned char byte)
{
	return byte > ' ' && byte != 0x7f && byte != 0xa0 && byte != '/' && byte != ':' &&
	       byte != '%';
}

bool name_is_reserved(const char *text)
{
	return strcmp(text, "all") == 0 || strcmp(text, "default") == 0;
}

bool name_is_link(const char *text)
{
	size_t len = strnlen(text, NAME_LINK);

	if (len == 0 || len > IFNAME_MAX)
		return false;
	if (strcmp(text, ".") == 0 || strcmp(text, "..") == 0 || name_is_reserved(text))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_link_byte((unsigned char)text[i]))
			return false;
	return true;
}

bool name_is_file(const char *text)
{
	return *text && !strchr(text, '/') && strcmp(text, ".") != 0 &&
	       strcmp(text, "..") != 0;
}

const char *name_host_veth(const char *network, const char *container, const char *ifname,
			   char name[static NAME_LINK])
{
	const char *const words[] = { network, container, ifname, NULL };

	(void)snprintf(name, NAME_LINK, VETH_PREFIX "%011" PRIx64,
		       name_hash(words) >> 20);
	return name;
}

const char *name_gateway_port(const char *gateway, char name[static NAME_LINK])
{
	const char *const words[] = { gateway, NULL };

	(void)snprintf(name, NAME_LINK, "vlan%011" PRIx64, name_hash(words) >> 20);
	return name;
}

const char *name_gateway_alias(const char *gateway, char alias[static NAME_ALIAS])
{
	(void)snprintf(alias, NAME_ALIAS, GATEWAY_ALIAS "%s", gateway);
	return alias;
}

bool name_is_gateway_alias(const char *alias)
{
	return strncmp(alias, GATEWAY_ALIAS, strlen(GATEWAY_ALIAS)) == 0;
}

/*
 * Write @id, cut where it is longer than @max bytes.
 * @cut: room for max + 1.
 * Return: @cut.
 */
static const char *cut_id(const char *id, size_t max, char mark, char *cut)
{
	size_t len = strlen(id), kept = max - 1 - HASH_DIGITS;

	if (len <= max)
		return memcpy(cut, id, len + 1);
	(void)snprintf(cut, max + 1, "%.*s%c%016" PRIx64, (int)kept, id, mark,
		       name_hash((const char *const[]){ id, NULL }));
	return cut;
}

const char *name_owner(const char *container, const char *ifname,
		       char owner[static NAME_OWNER])
{
	size_t ifname_len = strnlen(ifname, IFNAME_MAX);
	size_t max = OWNER_MAX - 1 - ifname_len;

	cut_id(container, max, '~', owner);
	max = strlen(owner);
	(void)snprintf(owner + max, NAME_OWNER - max, "/%.*s", (int)ifname_len, ifname);
	return owner;
}

bool name_owner_veth(const char *network, const char *owner, char name[static NAME_LINK])
{
	const char *slash = strchr(owner, '/');
	char container[NAME_OWNER];

	if (!slash || memchr(owner, '~', (size_t)(slash - owner)))
		return false;
	(void)snprintf(container, sizeof(container), "%.*s", (int)(slash - owner), owner);
	name_host_veth(network, container, slash + 1, name);
	return true;
}

const char *name_alias(const char *network, const char *owner,
		       char alias[static NAME_ALIAS])
{
	char cut[ALIAS_NETWORK_MAX + 1];

	(void)snprintf(alias, NAME_ALIAS, ALIAS_PREFIX "%s/%.*s",
		       cut_id(network, ALIAS_NETWORK_MAX, '~', cut), OWNER_MAX, owner);
	return alias;
}

bool name_is_alias(const char *alias)
{
	return strncmp(alias, ALIAS_PREFIX, sizeof(ALIAS_PREFIX) - 1) == 0;
}

/* All aliases of a network are that of the empty owner and then their owner. */
const char *name_alias_owner(const char *alias, const char *network)
{
	char common[NAME_ALIAS];
	size_t len = strlen(name_alias(network, "", common));

	return strncmp(alias, common, len) == 0 ? alias + len : NULL;
}

/* A subnet in the letters of an nft identifier. */
static const char *spell_subnet(const struct prefix *subnet,
				char text[static PREFIX_TEXT])
{
	struct prefix whole = prefix_network(subnet);

	prefix_print(&whole, text);
	for (char *colon = text; (colon = strchr(colon, ':'));)
		*colon = '_';
	return text;
}

static bool read_subnet(const char *from, size_t len, struct prefix *subnet)
{
	char text[PREFIX_TEXT];

	if (snprintf(text, sizeof(text), "%.*s", (int)len, from) >= PREFIX_TEXT)
		return false;
	for (char *bar = text; (bar = strchr(bar, '_'));)
		*bar = ':';
	return prefix_parse(text, subnet);
}

/* '~' is no part of an nft identifier, so '/' is the mark here. */
const char *name_set(const char *network, const struct prefix *subnet,
		     char set[static NAME_SET])
{
	char cut[SET_NETWORK_MAX + 1], text[PREFIX_TEXT];

	(void)snprintf(set, NAME_SET, SET_PREFIX "%s-%s",
		       cut_id(network, SET_NETWORK_MAX, '/', cut),
		       spell_subnet(subnet, text));
	return set;
}

/*
 * A network may contain '-', a subnet cannot: the last one parts them.  Spelled
 * again, what was read must give the same name: that alone says that the set is
 * this network's, that the subnet is canonical and that no '_' was a ':'.
 */
bool name_set_subnet(const char *set, const char *network, struct prefix *subnet)
{
	const char *dash = strrchr(set, '-');
	char again[NAME_SET];
	struct prefix read;

	if (!dash || !read_subnet(dash + 1, strlen(dash + 1), &read) ||
	    strcmp(name_set(network, &read, again), set) != 0)
		return false;
	*subnet = read;
	return true;
}

bool name_set_read(const char *set, char network[static NAME_SET], struct prefix *subnet)
{
	const size_t skip = sizeof(SET_PREFIX) - 1;
	const char *dash = strrchr(set, '-');
	char text[PREFIX_TEXT];

	if (strncmp(set, SET_PREFIX, skip) != 0 || dash <= set + skip ||
	    strlen(set) >= NAME_SET || !read_subnet(dash + 1, strlen(dash + 1), subnet) ||
	    strcmp(spell_subnet(subnet, text), dash + 1) != 0)
		return false;
	(void)snprintf(network, NAME_SET, "%.*s", (int)(dash - set - (int)skip),
		       set + skip);
	return true;
}

const char *name_exclusion(const char *network, const struct prefix *subnet,
			   uint64_t hash, char set[static NAME_SET])
{
	char cut[EXCLUSION_NETWORK_MAX + 1], text[PREFIX_TEXT];

	(void)snprintf(set, NAME_SET, EXCLUSION_PREFIX "%s-%s-%016" PRIx64,
		       cut_id(network, EXCLUSION_NETWORK_MAX, '/', cut),
		       spell_subnet(subnet, text), hash);
	return set;
}

/* As name_set_subnet(), with the hash behind the last '-'. */
bool name_exclusion_subnet(const char *set, const char *network, struct prefix *subnet)
{
	const char *end = strrchr(set, '-');
	const char *dash = end ? memrchr(set, '-', (size_t)(end - set)) : NULL;
	char again[NAME_SET];
	struct prefix read;

	if (!dash || !read_subnet(dash + 1, (size_t)(end - dash) - 1, &read) ||
	    strcmp(name_exclusion(network, &read, strtoull(end + 1, NULL, 16), again),
		   set) != 0)
		return false;
	*subnet = read;
	return true;
}

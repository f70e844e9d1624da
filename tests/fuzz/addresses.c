/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * addresses.c - addresses, prefixes, MACs, names; and sets of prefixes and VLANs
 */
#include <sys/socket.h>

#include "fuzz.h"
#include "ip.h"
#include "mac.h"
#include "name.h"
#include "span.h"
#include "version.h"
#include "vlan.h"

/* What is read and printed is read again as the same. */
static void read_words(const char *text)
{
	char printed[IP_TEXT], prefix_printed[PREFIX_TEXT], mac_printed[MAC_TEXT];
	char set[NAME_SET];
	struct ip ip, ip_again;
	struct prefix prefix, prefix_again;
	struct mac mac, mac_again;
	enum version version;

	if (ip_parse(text, &ip))
		MUST(ip_parse(ip_print(&ip, printed), &ip_again) &&
		     ip_equal(&ip, &ip_again));
	if (prefix_parse(text, &prefix)) {
		MUST(prefix_parse(prefix_print(&prefix, prefix_printed), &prefix_again) &&
		     prefix_equal(&prefix, &prefix_again));
		prefix = prefix_network(&prefix);
		MUST(name_set_subnet(name_set("net", &prefix, set), "net",
				     &prefix_again) &&
		     prefix_equal(&prefix, &prefix_again));
	}
	if (mac_parse(text, &mac))
		MUST(mac_parse(mac_print(&mac, mac_printed), &mac_again) &&
		     mac_equal(&mac, &mac_again));
	if (version_parse(text, &version) && *text)
		MUST(strcmp(version_text(version), text) == 0);
	(void)!name_is_id(text);
	(void)!name_is_link(text);
	(void)!name_is_file(text);
	(void)!name_alias_owner(text, "net");
	(void)!name_set_subnet(text, "net", &prefix);
	(void)!name_exclusion_subnet(text, "net", &prefix);
}

#define PREFIXES 16

static struct prefix prefix_of(const uint8_t *data)
{
	const uint8_t len = data[0] & 1 ? 16 : 4;
	struct prefix prefix = { .bits = (uint8_t)(data[0] >> 1) };

	prefix.ip = ip_from(data + 1, len);
	if (prefix.bits > ip_bits(&prefix.ip))
		prefix.bits = ip_bits(&prefix.ip);
	return prefix_network(&prefix);
}

/* Merged: in order, apart, and every address of every prefix is in one of them. */
static void merge(const uint8_t *data, size_t size, int family)
{
	struct prefix prefixes[PREFIXES];
	struct span *spans = NULL;
	size_t n_prefixes = 0, n = 0;
	struct error e;

	for (; size >= 17 && n_prefixes < PREFIXES; data += 17, size -= 17)
		prefixes[n_prefixes++] = prefix_of(data);
	MUST(span_merge(prefixes, n_prefixes, family, &spans, &n, &e) == 0);
	for (size_t i = 0; i < n; i++) {
		struct ip next = i ? spans[i - 1].last : spans[i].first;

		MUST(ip_compare(&spans[i].first, &spans[i].last) <= 0);
		MUST(i == 0 ||
		     (ip_next(&next) && ip_compare(&next, &spans[i].first) < 0));
	}
	for (size_t i = 0; i < n_prefixes; i++) {
		struct ip first = prefix_first(&prefixes[i]);
		struct ip last = prefix_last(&prefixes[i]);
		size_t in = 0;

		for (size_t k = 0; k < n; k++)
			in += ip_compare(&spans[k].first, &first) <= 0 &&
			      ip_compare(&last, &spans[k].last) <= 0;
		MUST(in == (ip_family(&first) == family ? 1 : 0));
	}
	(void)span_hash(spans, n);
	free(spans);
}

/* The runs of a set make the same set. */
static void run_through(const uint8_t *data, size_t size)
{
	struct vlan_set set = { 0 }, again = { 0 };
	struct vlan_run run = { 0 };
	char text[VLAN_TEXT];

	for (; size >= 4; data += 4, size -= 4) {
		uint16_t a = (uint16_t)(1 + (data[0] << 8 | data[1]) % VLAN_MAX);
		uint16_t b = (uint16_t)(1 + (data[2] << 8 | data[3]) % VLAN_MAX);

		vlan_add(&set, (struct vlan_run){ a < b ? a : b, a < b ? b : a });
	}
	for (uint16_t behind = 0; vlan_next(&set, behind, &run); behind = run.last)
		vlan_add(&again, run);
	MUST(vlan_equal(&set, &again));
	MUST(strlen(vlan_print(&set, text)) < VLAN_TEXT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	read_words(text);
	free(text);
	merge(data, size, AF_INET);
	merge(data, size, AF_INET6);
	run_through(data, size);
	return 0;
}

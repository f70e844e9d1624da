/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sticky.c - a table of remembered addresses in which somebody wrote something
 *
 * The first byte says how many pods are noted, each of them a byte behind it; the rest
 * is the table as it was found.
 */
#include "sticky.h"

#include <fcntl.h>

#include "fuzz.h"

#define ROWS 512
#define ROW 8
#define KEYS 18 /* of two rows, one more than either has room for */
#define NOTES 16

static struct lease_store *the_store(void)
{
	static struct lease_store store = LEASE_STORE_INIT;

	if (store.dir < 0) {
		store.dir = open(fuzz_folder(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		MUST(store.dir >= 0);
	}
	return &store;
}

static void put(const struct lease_store *store, const uint8_t *data, size_t size)
{
	_cleanup_(closep) int fd = openat(store->dir, ".footbridge-sticky",
					  O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
}

static uint64_t key_of(size_t i)
{
	return i / 2 * ROWS + i % 2;
}

static struct ip address(uint8_t which)
{
	const uint8_t bytes[16] = { 0xfd, 0, 0, which };

	return ip_from(bytes, which & 1 ? 16 : 4);
}

static void recall_all(const struct lease_store *store, struct ip known[static KEYS])
{
	for (size_t i = 0; i < KEYS; i++) {
		known[i] = sticky_recall(store, key_of(i));
		MUST(known[i].len == 0 || known[i].len == 4 || known[i].len == 16);
	}
}

/* One other pod at most, of the same row, makes place. */
static void note(const struct lease_store *store, size_t key, const struct ip *ip,
		 struct ip known[static KEYS])
{
	struct ip before[KEYS];
	size_t changed = 0;

	memcpy(before, known, sizeof(before));
	sticky_note(store, key_of(key), ip);
	recall_all(store, known);
	MUST(ip_equal(&known[key], ip));
	for (size_t i = 0; i < KEYS; i++) {
		if (i == key || ip_equal(&known[i], &before[i]))
			continue;
		MUST(i % 2 == key % 2);
		changed++;
	}
	MUST(changed <= (ip_is_none(&before[key]) ? 1 : 0));
}

/* In a table of our own those of a row that were noted last are remembered. */
static void must_remember(const uint8_t *notes, size_t n,
			  const struct ip known[static KEYS])
{
	bool met[KEYS] = { false };
	size_t of_row[2] = { 0 };

	for (size_t i = n; i-- > 0;) {
		const size_t key = notes[i] % KEYS;
		const struct ip ip = address(notes[i]);

		if (met[key] || of_row[key % 2] == ROW)
			continue;
		MUST(ip_equal(&known[key], &ip));
		met[key] = true;
		of_row[key % 2]++;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct lease_store *store = the_store();
	struct ip known[KEYS];
	size_t n = size ? data[0] % (NOTES + 1) : 0;

	if (size < 1 + n)
		return 0;
	put(store, data + 1 + n, size - 1 - n);
	recall_all(store, known);
	for (size_t i = 1; i <= n; i++) {
		const struct ip ip = address(data[i]);

		note(store, data[i] % KEYS, &ip, known);
	}
	if (size == 1 + n)
		must_remember(data + 1, n, known);
	return 0;
}

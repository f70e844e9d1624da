/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sticky.c - which address a pod had last
 *
 * The bytes are of this machine's order: elsewhere nothing is found, no more.
 */
#include "sticky.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "retry.h"

#define NAME ".footbridge-sticky"
#define ROWS 512
#define ROW 8

/* The address has 4 or 16 bytes; any other record is free. */
struct record {
	uint64_t key;
	uint64_t turn; /* the later noted, the higher, within a row */
	struct ip ip;
	uint8_t unused[7];
};
_Static_assert(sizeof(struct record) == 40, "it stands in files");

static off_t row_of(uint64_t key)
{
	return (off_t)(key % ROWS * ROW * sizeof(struct record));
}

/* What is no regular file is not opened for use. */
static int open_table(const struct lease_store *store, int flags)
{
	_cleanup_(closep) int fd = retry(openat(
		store->dir, NAME, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
	struct stat st;

	if (fd < 0 || retry(fstat(fd, &st)) < 0 || !S_ISREG(st.st_mode))
		return -1;
	return take_fd(&fd);
}

static void read_row(int fd, uint64_t key, struct record row[static ROW])
{
	const size_t size = ROW * sizeof(*row);
	ssize_t n = retry(pread(fd, row, size, row_of(key)));
	size_t got = n > 0 ? (size_t)n : 0;

	memset((char *)row + got, 0, size - got);
}

static bool is_used(const struct record *record)
{
	return record->ip.len == 4 || record->ip.len == 16;
}

/* The record of this key; where there is none, the one to use for it. */
static struct record *choose(struct record row[static ROW], uint64_t key)
{
	struct record *chosen = row;

	for (size_t i = 0; i < ROW; i++) {
		if (is_used(&row[i]) && row[i].key == key)
			return &row[i];
		if (!is_used(&row[i]))
			row[i].turn = 0;
		if (row[i].turn < chosen->turn)
			chosen = &row[i];
	}
	return chosen;
}

struct ip sticky_recall(const struct lease_store *store, uint64_t key)
{
	_cleanup_(closep) int fd = open_table(store, O_RDONLY);
	struct record row[ROW];
	const struct record *record;
	struct ip none = { 0 };

	if (fd < 0)
		return none;
	read_row(fd, key, row);
	record = choose(row, key);
	if (!is_used(record) || record->key != key)
		return none;
	return ip_from(record->ip.b, record->ip.len);
}

static uint64_t next_turn(const struct record row[static ROW])
{
	uint64_t last = 0;

	for (size_t i = 0; i < ROW; i++)
		if (is_used(&row[i]) && row[i].turn > last)
			last = row[i].turn;
	return last + 1;
}

static void write_record(int fd, uint64_t key, const struct record row[static ROW],
			 const struct record *record)
{
	const size_t at = (size_t)(record - row) * sizeof(*record);

	(void)!retry(pwrite(fd, record, sizeof(*record), row_of(key) + (off_t)at));
}

void sticky_note(const struct lease_store *store, uint64_t key, const struct ip *ip)
{
	_cleanup_(closep) int fd = open_table(store, O_RDWR | O_CREAT);
	struct record row[ROW], *record;

	if (fd < 0)
		return;
	read_row(fd, key, row);
	record = choose(row, key);
	*record = (struct record){ .key = key, .turn = next_turn(row), .ip = *ip };
	write_record(fd, key, row, record);
}

void sticky_forget(const struct lease_store *store, uint64_t key)
{
	_cleanup_(closep) int fd = open_table(store, O_RDWR);
	struct record row[ROW], *record;

	if (fd < 0)
		return;
	read_row(fd, key, row);
	record = choose(row, key);
	if (!is_used(record) || record->key != key)
		return;
	*record = (struct record){ 0 };
	write_record(fd, key, row, record);
}

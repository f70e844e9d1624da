/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lease.c - tests of the store of leases
 *
 * Each in a directory of its own.  openat(), fstatat() and linkat() are ours here, so that
 * a file system without nameless files can be played, and one that is broken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "lease.h"
#include "list.h"

#define NETWORK "net"
#define BIG 100000

/* The errno that openat() gives to who wants a nameless file; 0 = it does its work. */
static int nameless_errno;
static unsigned int nameless_opened;

/* The file that openat() cannot open (errno), and whether nothing else can reach it either. */
static const char *broken_name = "";
static int broken_errno;
static bool broken_entry;

static bool is_broken(const char *path)
{
	return strcmp(path, broken_name) == 0;
}

int openat(int dir, const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	va_start(args, flags);
	if (flags & (O_CREAT | O_TMPFILE))
		mode = va_arg(args, mode_t);
	va_end(args);
	if ((flags & O_TMPFILE) == O_TMPFILE) {
		nameless_opened++;
		if (nameless_errno) {
			errno = nameless_errno;
			return -1;
		}
	}
	if (is_broken(path)) {
		errno = broken_errno;
		return -1;
	}
	return (int)syscall(SYS_openat, dir, path, flags, mode);
}

int fstatat(int dir, const char *restrict name, struct stat *restrict st, int flags)
{
	char path[PATH_MAX];

	if (broken_entry && is_broken(name)) {
		errno = broken_errno;
		return -1;
	}
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dir, name);
	return flags & AT_SYMLINK_NOFOLLOW ? lstat(path, st) : stat(path, st);
}

int linkat(int from_dir, const char *from, int dir, const char *path, int flags)
{
	if (broken_entry && is_broken(path)) {
		errno = broken_errno;
		return -1;
	}
	return (int)syscall(SYS_linkat, from_dir, from, dir, path, flags);
}

/* A directory that is a dataDir, and the store in it. */
struct box {
	char dir[64];
	struct lease_store store;
};

static struct error e;

static int enter(void **state)
{
	struct box *box = calloc(1, sizeof(*box));

	if (!box)
		return -1;
	strcpy(box->dir, "/tmp/lease-XXXXXX");
	if (!mkdtemp(box->dir))
		return -1;
	box->store = (struct lease_store)LEASE_STORE_INIT;
	*state = box;
	return lease_open(&box->store, box->dir, NETWORK, LEASE_CREATE, &e);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static int leave(void **state)
{
	struct box *box = *state;
	int r;

	nameless_errno = 0;
	broken_name = "";
	broken_entry = false;
	lease_close(&box->store);
	r = nftw(box->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(box);
	return r;
}

static struct ip ip(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	return ip;
}

/* <dataDir>/<network>/<name>, in a buffer that the next call takes. */
static const char *path_of(const struct box *box, const char *name)
{
	static char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/" NETWORK "/%s", box->dir, name);
	return path;
}

static void write_file(const char *path, const void *bytes, size_t len)
{
	_cleanup_(closep) int fd =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
}

static void put(const struct box *box, const char *name, const char *text)
{
	write_file(path_of(box, name), text, strlen(text));
}

static void assert_file(const struct box *box, const char *name, const char *text)
{
	_cleanup_(closep) int fd = open(path_of(box, name), O_RDONLY | O_CLOEXEC);
	char bytes[256];
	struct stat st;

	assert_true(fd >= 0);
	assert_int_equal(read(fd, bytes, sizeof(bytes)), strlen(text));
	assert_memory_equal(bytes, text, strlen(text));
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(st.st_nlink, 1);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode;
}

static size_t count_files(const struct box *box)
{
	DIR *dir = opendir(path_of(box, ""));
	size_t n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	assert_int_equal(closedir(dir), 0);
	return n - 2; /* . and .. */
}

static int take(struct box *box, const char *text)
{
	struct ip wanted = ip(text);

	return lease_take(&box->store, &wanted, "pod", "eth0", &e);
}

static int holds(struct box *box, const char *text, const char *container,
		 const char *ifname)
{
	struct ip held = ip(text);

	return lease_holds(&box->store, &held, container, ifname, &e);
}

static void assert_found(struct box *box, const char *container, const char *ifname,
			 size_t wanted)
{
	_cleanup_(freep) struct ip *found = NULL;
	size_t n = 99;

	assert_int_equal(lease_find(&box->store, container, ifname, &found, &n, &e), 0);
	assert_int_equal(n, wanted);
	assert_true(wanted ? found != NULL : found == NULL);
}

static void test_format(void **state)
{
	struct box *box = *state;

	assert_int_equal(take(box, "10.1.0.2"), 0);
	assert_int_equal(take(box, "2001:db8::2"), 0);
	assert_int_equal(take(box, "::102:304"), 0);
	assert_file(box, "10.1.0.2", "pod\r\neth0");
	assert_file(box, "2001:db8::2", "pod\r\neth0");
	assert_file(box, "::102:304", "pod\r\neth0");
	assert_file(box, "lock", "");
	assert_int_equal(mode_of(path_of(box, "")), S_IFDIR | 0755);
	assert_int_equal(count_files(box), 4);
	assert_int_equal(nameless_opened, 3);
}

static void test_take_and_free(void **state)
{
	struct box *box = *state;
	struct ip a = ip("10.1.0.2");

	assert_int_equal(take(box, "10.1.0.2"), 0);
	assert_int_equal(take(box, "10.1.0.2"), LEASE_TAKEN);
	assert_int_equal(lease_take(&box->store, &a, "other", "eth0", &e), LEASE_TAKEN);
	assert_file(box, "10.1.0.2", "pod\r\neth0");
	assert_int_equal(holds(box, "10.1.0.2", "pod", "eth0"), 1);
	assert_int_equal(holds(box, "10.1.0.2", "pod", "eth1"), 0);
	assert_int_equal(holds(box, "10.1.0.2", "po", "eth0"), 0);
	assert_int_equal(holds(box, "10.1.0.2", "podd", "eth0"), 0);
	assert_int_equal(holds(box, "10.1.0.3", "pod", "eth0"), 0);
	assert_int_equal(lease_free(&box->store, &a, &e), 0);
	assert_int_equal(lease_free(&box->store, &a, &e), 0);
	assert_int_equal(holds(box, "10.1.0.2", "pod", "eth0"), 0);
	assert_int_equal(take(box, "10.1.0.2"), 0);
}

static void test_long_container(void **state)
{
	struct box *box = *state;
	struct ip a = ip("10.1.0.2");
	char id[5000];

	memset(id, 'a', sizeof(id));
	id[4096 - strlen("\r\neth0")] = '\0';
	assert_int_equal(lease_take(&box->store, &a, id, "eth0", &e), 0);
	assert_int_equal(lease_holds(&box->store, &a, id, "eth0", &e), 1);
	assert_int_equal(lease_free(&box->store, &a, &e), 0);
	assert_int_equal(lease_take(&box->store, &a, id, "eth00", &e), -1);
	assert_int_equal(e.code, ERROR_ENVIRONMENT);
	assert_int_equal(count_files(box), 1);
}

/* Whether there are nameless files shows nowhere but in how it is done. */
static void test_without_nameless(void **state)
{
	static const int refusals[] = { EOPNOTSUPP, EISDIR, ENOENT, EINVAL };
	struct box *box = *state;
	struct ip a = ip("10.1.0.2");

	for (size_t i = 0; i < COUNT(refusals); i++) {
		nameless_errno = refusals[i];
		put(box, ".footbridge-new", "left by a crash");
		assert_int_equal(take(box, "10.1.0.2"), 0);
		assert_int_equal(take(box, "10.1.0.2"), LEASE_TAKEN);
		assert_file(box, "10.1.0.2", "pod\r\neth0");
		assert_int_equal(count_files(box), 2);
		assert_int_equal(lease_free(&box->store, &a, &e), 0);
	}
	put(box, ".footbridge-new", "left by a crash");
	lease_close(&box->store);
	assert_int_equal(lease_open(&box->store, box->dir, NETWORK, LEASE_CHANGE, &e), 0);
	assert_int_equal(count_files(box), 1);
	nameless_errno = ENOSPC; /* no reason to try again another way */
	assert_int_equal(take(box, "10.1.0.2"), -1);
	assert_int_equal(e.code, ERROR_IO);
	assert_non_null(strstr(e.msg, path_of(box, "10.1.0.2")));
	assert_int_equal(count_files(box), 1);
}

struct text {
	const char *bytes;
	size_t len;
};

#define TEXT(literal)                                                                    \
	{                                                                                \
		literal, sizeof(literal) - 1                                             \
	}

static int is_torn_visit(const struct lease *lease, void *arg, struct error *unused)
{
	size_t *torn = arg;

	(void)unused;
	assert_string_equal(lease->container, "");
	assert_string_equal(lease->ifname, "");
	(*torn)++;
	return 0;
}

static void test_torn(void **state)
{
	static const struct text torn[] = {
		TEXT(""),
		TEXT("\0"),
		TEXT("\0\0\0\0\0\0\0\0\0\0\0\0"),
		TEXT(" \r\n\t "),
		TEXT("pod\r\neth0\0\0\0"),
		TEXT("pod\0\0\0\0\0\0"),
		TEXT("\xff\xfe\xfd"),
		TEXT("\x7f"
		     "ELF"),
		TEXT("pod\r\n\x01"),
	};
	struct box *box = *state;

	for (size_t i = 0; i < COUNT(torn); i++) {
		size_t seen = 0;

		write_file(path_of(box, "10.1.0.2"), torn[i].bytes, torn[i].len);
		assert_int_equal(holds(box, "10.1.0.2", "pod", "eth0"), 0);
		assert_int_equal(lease_each(&box->store, is_torn_visit, &seen, &e), 0);
		assert_int_equal(seen, 1);
		assert_int_equal(take(box, "10.1.0.2"), 0);
		assert_file(box, "10.1.0.2", "pod\r\neth0");
	}
}

static void test_torn_block(void **state)
{
	struct box *box = *state;
	char zeros[4096] = { 0 };

	write_file(path_of(box, "10.1.0.2"), zeros, sizeof(zeros));
	assert_int_equal(take(box, "10.1.0.2"), 0);
	assert_file(box, "10.1.0.2", "pod\r\neth0");
}

static void put_big(const char *path)
{
	char bytes[BIG];

	memset(bytes, 'a', sizeof(bytes));
	write_file(path, bytes, sizeof(bytes));
}

static void put_fifo(const char *path)
{
	assert_int_equal(mkfifo(path, 0600), 0);
}

static void put_directory(const char *path)
{
	assert_int_equal(mkdir(path, 0755), 0);
}

static void put_dangling(const char *path)
{
	assert_int_equal(symlink("/nowhere/at/all", path), 0);
}

/* Were it followed, it would be a lease of ours. */
static void put_link(const char *path)
{
	char target[PATH_MAX];

	(void)snprintf(target, sizeof(target), "%s.target", path);
	write_file(target, "pod\r\neth0", 9);
	assert_int_equal(symlink(target, path), 0);
}

static void put_socket(const char *path)
{
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
}

static void put_note(const char *path)
{
	write_file(path, "kept for the printer\n", 21);
}

/* not in English, and not in ASCII */
static void put_umlaut(const char *path)
{
	write_file(path, "f\xc3\xbcr den Drucker\n", 17);
}

static int no_visit(const struct lease *lease, void *arg, struct error *unused)
{
	(void)arg;
	(void)unused;
	fail_msg("visited a lease of \"%s\"", lease->container);
	return 0;
}

/* What host-local never made is nobody's lease, and nobody gets the address. */
static void test_foreign(void **state)
{
	static void (*const puts[])(const char *) = {
		put_big,  put_fifo,   put_directory, put_dangling,
		put_link, put_socket, put_note,	     put_umlaut,
	};
	struct box *box = *state;

	for (size_t i = 0; i < COUNT(puts); i++) {
		mode_t mode;

		puts[i](path_of(box, "10.1.0.2"));
		mode = mode_of(path_of(box, "10.1.0.2"));
		assert_int_equal(take(box, "10.1.0.2"), LEASE_TAKEN);
		assert_int_equal(holds(box, "10.1.0.2", "pod", "eth0"), 0);
		assert_int_equal(lease_each(&box->store, no_visit, NULL, &e), 0);
		assert_int_equal(mode_of(path_of(box, "10.1.0.2")), mode);
		assert_int_equal(remove(path_of(box, "10.1.0.2")), 0);
	}
}

static void test_legacy(void **state)
{
	static const char *const whole[] = {
		"pod\r\neth0",	 "pod\neth0", "pod\r\neth0\r\n",
		" pod\n eth0\n", "pod eth0",
	};
	static const char *const bare[] = { "pod", "pod\r\n" };
	/* as people write it */
	static const char *const notes[] = { "pod\n", "\npod ", "pod\n\n" };
	struct box *box = *state;

	for (size_t i = 0; i < COUNT(whole); i++) {
		put(box, "10.1.0.2", whole[i]);
		assert_int_equal(holds(box, "10.1.0.2", "pod", "eth0"), 1);
		assert_int_equal(holds(box, "10.1.0.2", "pod", "eth1"), 0);
		assert_int_equal(take(box, "10.1.0.2"), LEASE_TAKEN);
		assert_found(box, "pod", "eth0", 1);
		assert_found(box, "pod", "eth1", 0);
	}
	for (size_t i = 0; i < COUNT(bare); i++) {
		put(box, "10.1.0.2", bare[i]);
		assert_int_equal(holds(box, "10.1.0.2", "pod", "eth0"), 1);
		assert_int_equal(holds(box, "10.1.0.2", "pod", "eth1"), 1);
		assert_int_equal(holds(box, "10.1.0.2", "other", "eth0"), 0);
		assert_int_equal(take(box, "10.1.0.2"), LEASE_TAKEN);
		assert_found(box, "pod", "eth0", 1);
		assert_found(box, "other", "eth0", 0);
	}
	for (size_t i = 0; i < COUNT(notes); i++) {
		put(box, "10.1.0.2", notes[i]);
		assert_int_equal(holds(box, "10.1.0.2", "pod", "eth0"), 0);
		assert_int_equal(take(box, "10.1.0.2"), LEASE_TAKEN);
		assert_found(box, "pod", "eth0", 0);
	}
}

static void test_interface_bytes(void **state)
{
	struct box *box = *state;
	struct ip a = ip("10.1.0.2");

	assert_int_equal(lease_take(&box->store, &a, "pod", "\xc3\xa4.0", &e), 0);
	assert_int_equal(holds(box, "10.1.0.2", "pod", "\xc3\xa4.0"), 1);
	assert_int_equal(take(box, "10.1.0.2"), LEASE_TAKEN);
}

static void reopen(struct box *box)
{
	lease_close(&box->store);
	assert_int_equal(lease_open(&box->store, box->dir, NETWORK, LEASE_CREATE, &e), 0);
}

/* Entries of the interface go before those of the container alone. */
static void test_find(void **state)
{
	struct box *box = *state;

	assert_found(box, "pod", "eth0", 0);
	put(box, "10.1.0.2", "pod\r\neth0");
	put(box, "10.1.0.3", "pod");
	put(box, "2001:db8::1", "pod\r\neth0");
	put(box, "10.1.0.5", "pod\r\neth1");
	put(box, "10.1.0.6", "other\r\neth0");
	reopen(box);
	assert_found(box, "pod", "eth0", 2);
	assert_found(box, "pod", "eth1", 1);
	assert_found(box, "pod", "eth2", 1); /* 10.1.0.3 */
	assert_found(box, "other", "eth1", 0);
}

/* An entry of the container alone is in the index, too, which is found whole afterwards. */
static void test_find_bare(void **state)
{
	struct box *box = *state;

	put(box, "10.1.0.9", "printer");
	put(box, "10.1.0.2", "pod\r\neth0");
	put(box, "10.1.0.3", "pod");
	for (size_t i = 0; i < 2; i++) {
		assert_found(box, "printer", "eth0", 1);
		assert_true(box->store.index.whole);
		assert_found(box, "printer", "eth1", 1);
		assert_found(box, "pod", "eth0", 1);
		assert_found(box, "pod", "eth1", 1);
		assert_found(box, "other", "eth0", 0);
		reopen(box);
	}
	assert_int_equal(unlink(path_of(box, "10.1.0.9")), 0);
	assert_found(box, "printer", "eth0", 0);
	assert_found(box, "pod", "eth1", 1);
}

static int count_visit(const struct lease *lease, void *arg, struct error *unused)
{
	size_t *n = arg;

	(void)lease;
	(void)unused;
	(*n)++;
	return 0;
}

/* A file that nobody can read keeps its address, and keeps nobody from the others. */
static void test_broken(void **state)
{
	static const int troubles[] = { EIO, EUCLEAN, EBADMSG, ESTALE };
	struct box *box = *state;
	struct ip a = ip("10.1.0.3");

	put(box, "10.1.0.2", "pod\r\neth0");
	put(box, "10.1.0.3", "other\r\neth0");
	broken_name = "10.1.0.3";
	for (size_t i = 0; i < 2 * COUNT(troubles); i++) {
		_cleanup_(freep) struct ip *found = NULL;
		size_t n = 0, visits = 0;

		broken_errno = troubles[i / 2];
		broken_entry = i % 2;
		assert_int_equal(lease_each(&box->store, count_visit, &visits, &e),
				 LEASE_UNREAD);
		assert_non_null(strstr(e.msg, path_of(box, "10.1.0.3")));
		assert_int_equal(visits, 1);
		assert_int_equal(take(box, "10.1.0.3"), LEASE_TAKEN);
		assert_int_equal(lease_holds(&box->store, &a, "other", "eth0", &e), -1);
		assert_int_equal(lease_find(&box->store, "pod", "eth0", &found, &n, &e),
				 LEASE_UNREAD);
		assert_int_equal(n, 1);
		assert_false(box->store.index.whole);
	}
	broken_name = "";
	assert_found(box, "other", "eth0", 1);
	assert_true(box->store.index.whole);
}

static int fail_visit(const struct lease *lease, void *arg, struct error *error)
{
	(void)lease;
	(void)arg;
	return error_set(error, ERROR_MEMORY, "the visitor's");
}

/* What ends a walk is told, not what was passed over before; in whatever order they come. */
static void test_broken_and_ended(void **state)
{
	static const char *const names[] = { "10.1.0.2", "10.1.0.3" };
	struct box *box = *state;

	put(box, names[0], "pod\r\neth0");
	put(box, names[1], "other\r\neth0");
	broken_errno = EIO;
	for (size_t i = 0; i < COUNT(names); i++) {
		broken_name = names[i];
		assert_int_equal(lease_each(&box->store, fail_visit, NULL, &e), -1);
		assert_int_equal(e.code, ERROR_MEMORY);
	}
	broken_name = "";
}

/* That we cannot open it is no fault of the file's. */
static void test_short_of_something(void **state)
{
	static const int troubles[] = { EMFILE, ENFILE, ENOMEM };
	struct box *box = *state;
	struct ip *found = NULL;
	size_t n = 0;

	put(box, "10.1.0.3", "other\r\neth0");
	broken_name = "10.1.0.3";
	for (size_t i = 0; i < COUNT(troubles); i++) {
		broken_errno = troubles[i];
		assert_int_equal(take(box, "10.1.0.3"), -1);
		assert_int_equal(lease_find(&box->store, "pod", "eth0", &found, &n, &e),
				 -1);
	}
}

/* Whose an entry is that may not be read is told once it may be: the index waits for that. */
static void test_sealed(void **state)
{
	struct box *box = *state;

	put(box, "10.1.0.3", "other\r\neth0");
	broken_name = "10.1.0.3";
	broken_errno = EACCES;
	assert_found(box, "other", "eth0", 0);
	assert_false(box->store.index.whole);
	broken_name = "";
	assert_found(box, "other", "eth0", 1);
}

/* Only what host-local would name so is a lease. */
static void test_other_names(void **state)
{
	static const char *const names[] = {
		"last_reserved_ip.0",
		"10.1.0",
		"10.1.0.02",
		"10.1.0.2 ",
		"10.1.0.2.tmp",
		"2001:DB8::1",
		"2001:db8:0:0:0:0:0:1",
		"::1.2.3.4",
		"::ffff:10.1.0.2",
		".10.1.0.2",
		"10.1.0.2%eth0",
	};
	struct box *box = *state;

	for (size_t i = 0; i < COUNT(names); i++)
		put(box, names[i], "pod\r\neth0");
	assert_int_equal(lease_each(&box->store, no_visit, NULL, &e), 0);
	assert_found(box, "pod", "eth0", 0);
}

static int stop_visit(const struct lease *lease, void *arg, struct error *error)
{
	int *visits = arg;

	(void)lease;
	(*visits)++;
	return error_set(error, ERROR_IO, "enough");
}

/* A walk may be stopped, and the next begins at the beginning. */
static void test_each_twice(void **state)
{
	struct box *box = *state;
	int visits = 0;

	assert_int_equal(take(box, "10.1.0.2"), 0);
	assert_int_equal(take(box, "10.1.0.3"), 0);
	assert_int_equal(lease_each(&box->store, stop_visit, &visits, &e), -1);
	assert_string_equal(e.msg, "enough");
	assert_int_equal(visits, 1);
	assert_found(box, "pod", "eth0", 2);
	assert_found(box, "pod", "eth0", 2);
}

static void assert_last(struct box *box, const char *wanted)
{
	struct ip last = lease_last(&box->store, 0);
	char text[IP_TEXT];

	assert_string_equal(ip_print(&last, text), wanted);
}

static void test_last(void **state)
{
	static const char *const given[] = { "10.1.0.200", "10.1.0.9", "2001:db8::1",
					     "10.1.0.2" };
	struct box *box = *state;

	assert_last(box, "");
	for (size_t i = 0; i < COUNT(given); i++) {
		struct ip last = ip(given[i]);

		assert_int_equal(lease_set_last(&box->store, 0, &last, &e), 0);
		assert_file(box, "last_reserved_ip.0", given[i]);
		assert_last(box, given[i]);
	}
	assert_int_equal(lease_last(&box->store, 1).len, 0);
}

static void test_last_junk(void **state)
{
	static const struct text junk[] = {
		TEXT(""),	    TEXT("\0\0\0\0\0\0\0\0"), TEXT("10.1.0.5\n"),
		TEXT("10.1.0.5\0"), TEXT("10.1.0.900"),	      TEXT("\xff\xff"),
	};
	struct box *box = *state;

	for (size_t i = 0; i < COUNT(junk); i++) {
		struct ip last = ip("10.1.0.4");

		write_file(path_of(box, "last_reserved_ip.0"), junk[i].bytes,
			   junk[i].len);
		assert_last(box, "");
		assert_int_equal(lease_set_last(&box->store, 0, &last, &e), 0);
		assert_file(box, "last_reserved_ip.0", "10.1.0.4");
	}
}

static void test_last_foreign(void **state)
{
	static void (*const puts[])(const char *) = {
		put_big, put_fifo, put_directory, put_dangling, put_link, put_socket,
	};
	const char *target = "last_reserved_ip.0.target";
	struct box *box = *state;

	for (size_t i = 0; i < COUNT(puts); i++) {
		struct ip last = ip("10.1.0.4");

		puts[i](path_of(box, "last_reserved_ip.0"));
		assert_last(box, "");
		assert_int_equal(lease_set_last(&box->store, 0, &last, &e), 0);
		assert_file(box, "last_reserved_ip.0", "10.1.0.4");
		assert_last(box, "10.1.0.4");
		assert_int_equal(remove(path_of(box, "last_reserved_ip.0")), 0);
	}
	assert_file(box, target, "pod\r\neth0"); /* not written through */
	assert_int_equal(unlink(path_of(box, target)), 0);
	assert_int_equal(count_files(box), 1);
}

static void test_open(void **state)
{
	_cleanup_(lease_close) struct lease_store store = LEASE_STORE_INIT;
	struct box *box = *state;
	char deep[PATH_MAX];

	(void)snprintf(deep, sizeof(deep), "%s/a/b//c/", box->dir);
	assert_int_equal(lease_open(&store, deep, "other", LEASE_CHANGE, &e), LEASE_NONE);
	assert_int_equal(lease_open(&store, box->dir, "other", LEASE_CHANGE, &e),
			 LEASE_NONE);
	assert_int_equal(store.dir, -1);
	assert_int_equal(lease_open(&store, deep, "other", LEASE_CREATE, &e), 0);
	assert_int_equal(mode_of(deep), S_IFDIR | 0755);
	lease_close(&store);
	assert_int_equal(store.dir, -1);
	assert_int_equal(store.lock, -1);
	assert_int_equal(lease_open(&store, deep, "other", LEASE_CHANGE, &e), 0);
}

/* A file where a directory should be: nothing can be leased there, nor be found there. */
static void test_open_file(void **state)
{
	_cleanup_(lease_close) struct lease_store store = LEASE_STORE_INIT;
	struct box *box = *state;
	char file[PATH_MAX], below[PATH_MAX + 8];

	(void)snprintf(file, sizeof(file), "%s/file", box->dir);
	(void)snprintf(below, sizeof(below), "%s/below", file);
	write_file(file, "", 0);
	assert_int_equal(lease_open(&store, file, NETWORK, LEASE_CREATE, &e), -1);
	assert_non_null(strstr(e.msg, file));
	assert_non_null(strstr(e.msg, "dataDir"));
	assert_int_equal(lease_open(&store, below, NETWORK, LEASE_CREATE, &e), -1);
	assert_int_equal(lease_open(&store, below, NETWORK, LEASE_CHANGE, &e),
			 LEASE_NONE);
	assert_int_equal(lease_open(&store, box->dir, "file", LEASE_CREATE, &e), -1);
	assert_int_equal(e.code, ERROR_IO);
	assert_non_null(strstr(e.msg, file));
}

static void test_open_link(void **state)
{
	_cleanup_(lease_close) struct lease_store store = LEASE_STORE_INIT;
	struct box *box = *state;
	char link[PATH_MAX];

	(void)snprintf(link, sizeof(link), "%s/link", box->dir);
	assert_int_equal(symlink(box->dir, link), 0);
	assert_int_equal(lease_open(&store, box->dir, "link", LEASE_CREATE, &e), -1);
	assert_non_null(strstr(e.msg, link));
	assert_non_null(strstr(e.msg, "symbolic link"));
	lease_close(&box->store);
	assert_int_equal(lease_open(&store, link, NETWORK, LEASE_CREATE, &e), 0);
}

/* Somebody else's descriptor on the lock. */
static int hold_lock(const struct box *box)
{
	int fd = open(path_of(box, "lock"), O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	assert_true(fd >= 0);
	return fd;
}

static void test_lock_shapes(void **state)
{
	static void (*const shapes[])(const char *) = { NULL, put_directory, put_fifo };
	struct box *box = *state;

	for (size_t i = 0; i < COUNT(shapes); i++) {
		_cleanup_(closep) int other = -1;

		lease_close(&box->store);
		assert_int_equal(remove(path_of(box, "lock")), 0);
		if (shapes[i])
			shapes[i](path_of(box, "lock"));
		assert_int_equal(
			lease_open(&box->store, box->dir, NETWORK, LEASE_CHANGE, &e), 0);
		other = hold_lock(box);
		assert_int_equal(flock(other, LOCK_EX | LOCK_NB), -1);
		assert_int_equal(errno, EWOULDBLOCK);
	}
}

static void test_lock_link(void **state)
{
	struct box *box = *state;

	lease_close(&box->store);
	assert_int_equal(remove(path_of(box, "lock")), 0);
	put_link(path_of(box, "lock"));
	assert_int_equal(lease_open(&box->store, box->dir, NETWORK, LEASE_CREATE, &e),
			 -1);
	assert_non_null(strstr(e.msg, path_of(box, "lock")));
	assert_non_null(strstr(e.msg, "remove it"));
}

/* Run @act in a child.  Return: its status, 0 where every assertion held. */
static int in_child(int (*act)(struct box *box, int n), struct box *box, int n)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(act(box, n));
	return pid;
}

static int wait_for(int pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static int64_t now_ms(void)
{
	struct timespec now;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Hold the lock for @ms, and say through the hidden file that it is held. */
static int hold_for(struct box *box, int ms)
{
	struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };
	int fd = hold_lock(box);

	if (flock(fd, LOCK_EX) < 0)
		return 1;
	put(box, "held", "");
	(void)nanosleep(&time, NULL);
	return 0;
}

static int open_while_held(struct box *box, int ms, int64_t *took)
{
	int pid, r;
	int64_t begin;

	lease_close(&box->store);
	pid = in_child(hold_for, box, ms);
	while (access(path_of(box, "held"), F_OK) < 0)
		(void)usleep(1000);
	begin = now_ms();
	r = lease_open(&box->store, box->dir, NETWORK, LEASE_CREATE, &e);
	*took = now_ms() - begin;
	assert_int_equal(wait_for(pid), 0);
	return r;
}

static void test_lock_waits(void **state)
{
	int64_t took;

	assert_int_equal(open_while_held(*state, 300, &took), 0);
	assert_in_range(took, 200, 5000);
}

static void test_lock_gives_up(void **state)
{
	struct box *box = *state;
	int64_t took;

	assert_int_equal(open_while_held(box, 11000, &took), -1);
	assert_in_range(took, 9900, 10900);
	assert_int_equal(e.code, ERROR_AGAIN);
	assert_non_null(strstr(e.msg, path_of(box, "lock")));
	assert_non_null(strstr(e.msg, "10 s"));
}

#define CHILDREN 8
#define TAKES 100

/* Take the lowest free addresses, opening the store for each. */
static int take_many(struct box *box, int n)
{
	char container[16];

	(void)snprintf(container, sizeof(container), "pod%d", n);
	for (int i = 0; i < TAKES; i++) {
		_cleanup_(lease_close) struct lease_store store = LEASE_STORE_INIT;
		struct ip next = { .len = 4, .b = { 10, 1, 0, 1 } };
		int r = lease_open(&store, box->dir, NETWORK, LEASE_CREATE, &e);

		while (r == 0 && (lease_present(&store, &next) ||
				  (r = lease_take(&store, &next, container, "eth0",
						  &e)) == LEASE_TAKEN))
			r = ip_next(&next) ? 0 : -1;
		if (r != 0)
			return 1;
	}
	return 0;
}

static void assert_all_have_theirs(struct box *box)
{
	struct ip last = { .len = 4, .b = { 10, 1, 0, 0 } };
	char text[IP_TEXT];

	assert_int_equal(lease_open(&box->store, box->dir, NETWORK, LEASE_CHANGE, &e), 0);
	for (int n = 0; n < CHILDREN; n++) {
		char container[16];

		(void)snprintf(container, sizeof(container), "pod%d", n);
		assert_found(box, container, "eth0", TAKES);
	}
	/* No duplicates, so none was left out either. */
	for (int i = 0; i < CHILDREN * TAKES; i++)
		assert_true(ip_next(&last));
	assert_int_equal(access(path_of(box, ip_print(&last, text)), F_OK), 0);
	assert_true(ip_next(&last));
	assert_int_not_equal(access(path_of(box, ip_print(&last, text)), F_OK), 0);
	assert_int_equal(count_files(box), CHILDREN * TAKES + 1);
}

static void test_concurrent(void **state)
{
	static const int refusals[] = { 0, EOPNOTSUPP };
	struct box *box = *state;

	for (size_t i = 0; i < COUNT(refusals); i++) {
		int pids[CHILDREN];

		lease_close(&box->store);
		assert_int_equal(
			nftw(path_of(box, ""), remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
		nameless_errno = refusals[i];
		for (int n = 0; n < CHILDREN; n++)
			pids[n] = in_child(take_many, box, n);
		for (int n = 0; n < CHILDREN; n++)
			assert_int_equal(wait_for(pids[n]), 0);
		assert_all_have_theirs(box);
	}
}

/* A file system of this child's own over the data directory. */
static int mount_own(const struct box *box, const char *options)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -1;
	return mount("tmpfs", box->dir, "tmpfs", 0, options);
}

static int expect(bool held, const char *what)
{
	if (!held)
		(void)fprintf(stderr, "not so: %s (%s)\n", what, e.msg);
	return held ? 0 : 1;
}

#define EXPECT(condition) expect(condition, #condition)

/* Two inodes are left: the store's directory and its lock. */
static int on_full(struct box *box, int n)
{
	_cleanup_(lease_close) struct lease_store store = LEASE_STORE_INIT;
	struct ip a = ip("10.1.0.2");

	(void)n;
	return EXPECT(mount_own(box, "nr_inodes=3,size=16k") == 0) ||
	       EXPECT(lease_open(&store, box->dir, NETWORK, LEASE_CREATE, &e) == 0) ||
	       EXPECT(lease_take(&store, &a, "pod", "eth0", &e) == -1) ||
	       EXPECT(e.code == ERROR_IO) ||
	       EXPECT(strstr(e.msg, path_of(box, "10.1.0.2")) != NULL) ||
	       EXPECT(count_files(box) == 1);
}

static int on_read_only(struct box *box, int with_lock)
{
	_cleanup_(lease_close) struct lease_store store = LEASE_STORE_INIT;
	_cleanup_(freep) struct ip *found = NULL;
	struct ip a = ip("10.1.0.2");
	size_t count = 0;

	return EXPECT(mount_own(box, NULL) == 0) ||
	       EXPECT(lease_open(&store, box->dir, NETWORK, LEASE_CREATE, &e) == 0) ||
	       EXPECT(lease_take(&store, &a, "pod", "eth0", &e) == 0) ||
	       EXPECT(with_lock || unlink(path_of(box, "lock")) == 0) ||
	       (lease_close(&store), 0) ||
	       EXPECT(mount(NULL, box->dir, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0) ||
	       EXPECT(lease_open(&store, box->dir, NETWORK, LEASE_CHANGE, &e) == 0) ||
	       EXPECT(lease_find(&store, "pod", "eth0", &found, &count, &e) == 0) ||
	       EXPECT(count == 1) || EXPECT(lease_free(&store, &a, &e) == -1) ||
	       (lease_close(&store), 0) ||
	       EXPECT(lease_open(&store, box->dir, NETWORK, LEASE_CREATE, &e) ==
		      (with_lock ? 0 : -1)) ||
	       EXPECT(lease_ready(box->dir, NETWORK, &e) == -1) ||
	       EXPECT(e.code == ERROR_UNAVAILABLE) ||
	       EXPECT(strstr(e.msg, "read-only") != NULL);
}

static void test_full(void **state)
{
	if (geteuid() != 0)
		skip();
	assert_int_equal(wait_for(in_child(on_full, *state, 0)), 0);
}

static void test_read_only(void **state)
{
	if (geteuid() != 0)
		skip();
	assert_int_equal(wait_for(in_child(on_read_only, *state, true)), 0);
	assert_int_equal(wait_for(in_child(on_read_only, *state, false)), 0);
}

static void test_ready(void **state)
{
	struct box *box = *state;
	char path[PATH_MAX];

	assert_int_equal(lease_ready(box->dir, NETWORK, &e), 0);
	(void)snprintf(path, sizeof(path), "%s/a/b/c", box->dir);
	assert_int_equal(lease_ready(path, NETWORK, &e), 0);
	assert_int_equal(lease_ready("not/here", NETWORK, &e), 0);
	(void)snprintf(path, sizeof(path), "%s/a", box->dir);
	assert_int_not_equal(access(path, F_OK), 0); /* nothing was made */
	write_file(path, "", 0);
	assert_int_equal(lease_ready(box->dir, "a", &e), -1);
	assert_int_equal(e.code, ERROR_UNAVAILABLE);
	assert_int_equal(lease_ready(path, NETWORK, &e), -1);
	assert_non_null(strstr(e.msg, "must be a directory"));
	(void)snprintf(path, sizeof(path), "%s/a/b", box->dir);
	assert_int_equal(lease_ready(path, NETWORK, &e), -1);
	(void)snprintf(path, sizeof(path), "%s/link", box->dir);
	assert_int_equal(symlink(".", path), 0);
	assert_int_equal(lease_ready(box->dir, "link", &e), -1);
	assert_int_equal(lease_ready(path, NETWORK, &e), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, enter, leave)
	const struct CMUnitTest tests[] = {
		TEST(format),
		TEST(take_and_free),
		TEST(long_container),
		TEST(without_nameless),
		TEST(torn),
		TEST(torn_block),
		TEST(foreign),
		TEST(legacy),
		TEST(interface_bytes),
		TEST(find),
		TEST(find_bare),
		TEST(broken),
		TEST(broken_and_ended),
		TEST(short_of_something),
		TEST(sealed),
		TEST(other_names),
		TEST(each_twice),
		TEST(last),
		TEST(last_junk),
		TEST(last_foreign),
		TEST(open),
		TEST(open_file),
		TEST(open_link),
		TEST(lock_shapes),
		TEST(lock_link),
		TEST(lock_waits),
		TEST(lock_gives_up),
		TEST(concurrent),
		TEST(full),
		TEST(read_only),
		TEST(ready),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lease.c - host-local's store of who holds which address
 *
 * Everything below the store's directory is reached by its descriptor, never by
 * a path.  Modes are those given here as long as the umask takes nothing from
 * the owner; the door sees to that.  Nothing waits for the disk: after a power
 * cut a lease may be missing (its container is gone too), but it is not torn.
 */
#include "lease.h"

#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "list.h"
#include "lock.h"
#include "name.h"
#include "nameless.h"
#include "retry.h"

#define LOCK_NAME "lock"
#define LAST_NAME "last_reserved_ip.%zu"
#define LAST_NAME_SIZE 48
#define HIDDEN_NAME ".footbridge-new" /* no address, so nobody takes it for a lease */

#define DIR_MODE 0755
#define FILE_MODE 0600
#define OPEN_SAFELY (O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)

#define LOCK_WAIT_S 10

#define TEXT_SIZE (4096 + 1) /* the longest text that is read, and its NUL */
#define WHITE_SPACE " \t\n\v\f\r"

/* "cannot <what> <dataDir>/<network>/<name>: ..." */
static int fail(const struct lease_store *store, const char *name, const char *what,
		int errnum, struct error *e)
{
	return error_sys(e, errnum, "cannot %s %s/%s/%s", what, store->data_dir,
			 store->network, name);
}

/* mkdir -p */
static int make_path(const char *path)
{
	char part[PATH_MAX];
	const char *end = path;

	if (strlen(path) >= sizeof(part)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	while (*end) {
		end += strspn(end, "/");
		end += strcspn(end, "/");
		memcpy(part, path, (size_t)(end - path));
		part[end - path] = '\0';
		if (retry(mkdir(part, DIR_MODE)) < 0 && errno != EEXIST)
			return -1;
	}
	return 0;
}

/* The data directory may be reached through links: it is the administrator's word. */
static int open_data_dir(const char *path, bool create)
{
	const int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
	int fd = retry(open(path, flags));

	if (fd >= 0 || errno != ENOENT || !create)
		return fd;
	return make_path(path) < 0 ? -1 : retry(open(path, flags));
}

/* Where all is there, one call does.  Return: -1 where it does not. */
static int open_at_once(const struct lease_store *store)
{
	char path[PATH_MAX];
	int len = snprintf(path, sizeof(path), "%s/%s", store->data_dir, store->network);

	if (len < 0 || len >= (int)sizeof(path))
		return -1;
	return retry(open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

static int open_network(int data_dir, const char *network, bool create)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = retry(openat(data_dir, network, flags));

	if (fd >= 0 || errno != ENOENT || !create)
		return fd;
	if (retry(mkdirat(data_dir, network, DIR_MODE)) < 0 && errno != EEXIST)
		return -1;
	return retry(openat(data_dir, network, flags));
}

static int open_dir(struct lease_store *store, bool create, struct error *e)
{
	_cleanup_(closep) int data_dir = -1;

	store->dir = open_at_once(store);
	if (store->dir >= 0)
		return 0;
	data_dir = open_data_dir(store->data_dir, create);
	if (data_dir < 0 && !create && (errno == ENOENT || errno == ENOTDIR))
		return LEASE_NONE;
	if (data_dir < 0)
		return error_sys(e, errno,
				 "cannot %s the directory %s (\"ipam.dataDir\")",
				 create ? "make" : "open", store->data_dir);
	store->dir = open_network(data_dir, store->network, create);
	if (store->dir >= 0)
		return 0;
	/* where it could not be made it has never been */
	if ((errno == ENOENT || errno == ENAMETOOLONG) && !create)
		return LEASE_NONE;
	if (errno == ENOTDIR || errno == ELOOP)
		return error_set(e, ERROR_IO,
				 "%s/%s must be a directory, and no symbolic link to one",
				 store->data_dir, store->network);
	return error_sys(e, errno, "cannot %s the directory %s/%s",
			 create ? "make" : "open", store->data_dir, store->network);
}

/* What is there is locked, be it a directory; a file is made only where nothing is. */
static int open_lock(const struct lease_store *store)
{
	int fd = retry(openat(store->dir, LOCK_NAME, O_RDONLY | OPEN_SAFELY));

	if (fd >= 0 || errno != ENOENT)
		return fd;
	return retry(openat(store->dir, LOCK_NAME, O_RDONLY | O_CREAT | OPEN_SAFELY,
			    FILE_MODE));
}

static int take_lock(struct lease_store *store, bool create, struct error *e)
{
	int r;

	store->lock = open_lock(store);
	/* Nobody changes a read-only store, and to find nothing to free there is fine. */
	if (store->lock < 0 && errno == EROFS && !create)
		return 0;
	if (store->lock < 0 && errno == ELOOP)
		return error_set(e, ERROR_IO,
				 "%s/%s/" LOCK_NAME
				 " is a symbolic link, which is not followed: remove it",
				 store->data_dir, store->network);
	if (store->lock < 0)
		return fail(store, LOCK_NAME, "open", errno, e);
	r = lock_take(store->lock, LOCK_WAIT_S);
	if (r == ETIMEDOUT)
		return error_set(e, ERROR_AGAIN,
				 "cannot lock %s/%s/" LOCK_NAME
				 ": held by another process for more than %d s",
				 store->data_dir, store->network, LOCK_WAIT_S);
	return r ? fail(store, LOCK_NAME, "lock", r, e) : 0;
}

static void begin_boot(struct lease_store *store);

int lease_open(struct lease_store *ret, const char *data_dir, const char *network,
	       enum lease_access access, struct error *e)
{
	_cleanup_(lease_close) struct lease_store store = LEASE_STORE_INIT;
	int r;

	store.data_dir = data_dir;
	store.network = network;
	r = open_dir(&store, access == LEASE_CREATE, e);
	if (r != 0)
		return r;
	if (access != LEASE_READ && take_lock(&store, access == LEASE_CREATE, e) < 0)
		return -1;
	if (access == LEASE_CREATE)
		begin_boot(&store);
	if (access == LEASE_CHANGE)
		(void)retry(unlinkat(store.dir, HIDDEN_NAME, 0));
	*ret = store;
	ret->dir = take_fd(&store.dir);
	ret->lock = take_fd(&store.lock);
	return 0;
}

void lease_tell(struct lease_store *store, const char *container, const char *ifname,
		const struct ip *ips, size_t n)
{
	if (index_put(&store->index, container, ifname, ips, n))
		index_sign(&store->index, store->dir);
}

void lease_close(struct lease_store *store)
{
	closep(&store->lock);
	closep(&store->dir);
	*store = (struct lease_store)LEASE_STORE_INIT;
}

/* What stands under a name. */
enum entry {
	ENTRY_ABSENT,
	ENTRY_HELD,    /* by an owner we can name */
	ENTRY_TORN,    /* a write that never ended */
	ENTRY_FOREIGN, /* not host-local's: let alone, and the address with it */
	ENTRY_SEALED,  /* maybe host-local's, but not ours to read: the same */
	ENTRY_UNREAD,  /* maybe host-local's, but broken: the same, and *e says why */
};

/* Is the file broken, or what it lies on?  All else is this process's own trouble. */
static bool is_broken(int errnum)
{
	return errnum == EIO || errnum == EUCLEAN || errnum == EBADMSG ||
	       errnum == ESTALE;
}

/* Return: ENTRY_UNREAD, -1. */
static int fail_to_read(const struct lease_store *store, const char *name,
			const char *what, int errnum, struct error *e)
{
	return fail(store, name, what, errnum, e) < 0 && is_broken(errnum) ? ENTRY_UNREAD
									   : -1;
}

/* A text and the owner in it; see struct lease. */
struct owner {
	char text[TEXT_SIZE];
	const char *container, *ifname;
	bool exact;
};

/*
 * Open a small regular file.  Looked at before it is opened: opening a device
 * can do things.
 * Return: ENTRY_ABSENT; ENTRY_FOREIGN; ENTRY_SEALED; ENTRY_UNREAD; ENTRY_HELD for a text,
 * *ret being open; -1.
 */
static int open_text(const struct lease_store *store, const char *name, int *ret,
		     struct error *e)
{
	struct stat st;
	int fd;

	if (retry(fstatat(store->dir, name, &st, AT_SYMLINK_NOFOLLOW)) < 0)
		return errno == ENOENT ? ENTRY_ABSENT
				       : fail_to_read(store, name, "look at", errno, e);
	if (!S_ISREG(st.st_mode) || st.st_size >= TEXT_SIZE)
		return ENTRY_FOREIGN;
	fd = retry(openat(store->dir, name, O_RDONLY | OPEN_SAFELY));
	if (fd < 0 && errno == ENOENT)
		return ENTRY_ABSENT;
	if (fd < 0 && (errno == EACCES || errno == EPERM))
		return ENTRY_SEALED;
	if (fd < 0)
		return fail_to_read(store, name, "open", errno, e);
	*ret = fd;
	return ENTRY_HELD;
}

/* Return: as open_text(), the length in *len; @fd: see there. */
static int read_text(const struct lease_store *store, const char *name,
		     char text[static TEXT_SIZE], size_t *len, int *fd, struct error *e)
{
	int r = open_text(store, name, fd, e);
	ssize_t n;

	if (r != ENTRY_HELD)
		return r;
	n = retry(read(*fd, text, TEXT_SIZE - 1));
	if (n < 0)
		return fail_to_read(store, name, "read", errno, e);
	text[n] = '\0';
	*len = (size_t)n;
	return ENTRY_HELD;
}

/* Container IDs are ASCII, in every release of every runtime. */
static bool is_container(const char *word)
{
	for (; *word; word++)
		if (*word <= ' ' || *word >= 0x7f)
			return false;
	return true;
}

/* The kernel allows any byte that is no control, so there may be UTF-8 here. */
static bool is_interface(const char *word)
{
	for (; *word; word++)
		if ((unsigned char)*word < ' ' || *word == 0x7f)
			return false;
	return true;
}

/* Has a person written it, in whatever language? */
static bool is_readable(const char *word)
{
	char clean[TEXT_SIZE];

	(void)snprintf(clean, sizeof(clean), "%s", word);
	error_clean(clean);
	return strcmp(clean, word) == 0;
}

/*
 * Is it what host-local writes, whole or cut, but for the newline that an editor adds to it?
 * People's notes may look alike.
 */
static bool is_exact(const char *text)
{
	const char *ifname, *end = text + strcspn(text, WHITE_SPACE);

	if (!*end)
		return true;
	if (strncmp(end, "\r\n", 2) != 0)
		return false;
	ifname = end + 2;
	end = ifname + strcspn(ifname, WHITE_SPACE);
	return !end[strspn(end, WHITE_SPACE)];
}

/*
 * Find the owner in a text of @len bytes: one word, or two.  More of readable
 * text is somebody's own note, as people write to keep an address from being
 * given out.
 */
static enum entry parse_owner(struct owner *owner, size_t len)
{
	bool whole = strlen(owner->text) == len; /* else there is a NUL in it */
	bool exact = is_exact(owner->text);
	char *rest = NULL;
	const char *container = strtok_r(owner->text, WHITE_SPACE, &rest);
	const char *ifname = container ? strtok_r(NULL, WHITE_SPACE, &rest) : NULL;

	if (!whole || !container)
		return ENTRY_TORN;
	if (!is_container(container))
		return is_readable(container) ? ENTRY_FOREIGN : ENTRY_TORN;
	if (ifname && !is_interface(ifname))
		return ENTRY_TORN;
	/* a word and a newline: an old host-local would have written the word alone */
	if (ifname ? strtok_r(NULL, WHITE_SPACE, &rest) != NULL : !exact)
		return ENTRY_FOREIGN;
	owner->container = container;
	owner->ifname = ifname ? ifname : "";
	owner->exact = exact;
	return ENTRY_HELD;
}

/* Return: an enum entry, *owner filled for ENTRY_HELD; -1.  @fd: as of open_text(). */
static int read_owner_of(const struct lease_store *store, const char *name,
			 struct owner *owner, int *fd, struct error *e)
{
	size_t len = 0;
	int r = read_text(store, name, owner->text, &len, fd, e);

	owner->container = owner->ifname = "";
	owner->exact = false;
	return r == ENTRY_HELD ? (int)parse_owner(owner, len) : r;
}

static int read_owner(const struct lease_store *store, const char *name,
		      struct owner *owner, struct error *e)
{
	_cleanup_(closep) int fd = -1;

	return read_owner_of(store, name, owner, &fd, e);
}

/* Write over a file's beginning.  Return: 0, or an errno. */
static int write_text(int fd, const char *text, size_t len)
{
	ssize_t n = retry(pwrite(fd, text, len, 0));

	if (n < 0)
		return errno;
	return (size_t)n == len ? 0 : ENOSPC;
}

static struct mark mark_of(const struct lease_store *store)
{
	struct mark mark = { 0 };

	memcpy(mark.boot, store->boot, sizeof(mark.boot));
	return mark;
}

/* Marked before it has its name, so that whoever sees it sees its mark. */
static void mark_new(const struct lease_store *store, int fd)
{
	const struct mark mark = mark_of(store);

	(void)mark_write(fd, &mark);
}

/*
 * Have the kernel begin to write the text out now: a journal would else commit
 * the name many seconds before the text, and a power cut in between leaves the
 * file empty.  No more than a hint, so its answer does not matter.
 */
static void hasten(int fd)
{
	(void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

/* Make a whole file and then name it.  Return: 0, or an errno. */
static int put_nameless(const struct lease_store *store, const char *name,
			const char *text, size_t len)
{
	_cleanup_(closep) int fd = nameless_open(store->dir, ".", FILE_MODE);
	int r;

	if (fd < 0)
		return errno;
	r = write_text(fd, text, len);
	if (r != 0)
		return r;
	mark_new(store, fd);
	hasten(fd);
	return nameless_name(fd, store->dir, name) < 0 ? errno : 0;
}

/* Make a whole file under a hidden name; what a crash left there goes. */
static int make_hidden(const struct lease_store *store, const char *text, size_t len)
{
	_cleanup_(closep) int fd = -1;
	int r;

	if (retry(unlinkat(store->dir, HIDDEN_NAME, 0)) < 0 && errno != ENOENT)
		return errno;
	fd = retry(openat(store->dir, HIDDEN_NAME,
			  O_WRONLY | O_CREAT | O_EXCL | OPEN_SAFELY, FILE_MODE));
	if (fd < 0)
		return errno;
	r = write_text(fd, text, len);
	if (r != 0) {
		(void)retry(unlinkat(store->dir, HIDDEN_NAME, 0));
		return r;
	}
	mark_new(store, fd);
	hasten(fd);
	return 0;
}

static int put_hidden(const struct lease_store *store, const char *name, const char *text,
		      size_t len)
{
	int r = make_hidden(store, text, len);

	if (r != 0)
		return r;
	r = retry(linkat(store->dir, HIDDEN_NAME, store->dir, name, 0)) < 0 ? errno : 0;
	(void)retry(unlinkat(store->dir, HIDDEN_NAME, 0));
	return r;
}

/* Does this say that nameless files cannot be had here, or /proc is missing? */
static bool wants_a_name(int errnum)
{
	return errnum == EOPNOTSUPP || errnum == EISDIR || errnum == ENOENT ||
	       errnum == EINVAL;
}

static int put(const struct lease_store *store, const char *name, const char *text,
	       size_t len)
{
	int r = put_nameless(store, name, text, len);

	return wants_a_name(r) ? put_hidden(store, name, text, len) : r;
}

/* Write what host-local writes.  Return: its length; 0 when it is too long to read. */
static size_t write_owner(const char *container, const char *ifname,
			  char text[static TEXT_SIZE])
{
	int len = snprintf(text, TEXT_SIZE, "%s\r\n%s", container, ifname);

	return len < 0 || len >= TEXT_SIZE ? 0 : (size_t)len;
}

/*
 * Something stands under this name.  What is torn makes room.
 * Return: 0 when there is room; LEASE_TAKEN; -1.
 */
static int make_room(const struct lease_store *store, const char *name, struct error *e)
{
	struct owner holder;
	int r = read_owner(store, name, &holder, e);

	if (r < 0)
		return -1;
	if (r != ENTRY_ABSENT && r != ENTRY_TORN)
		return LEASE_TAKEN;
	if (retry(unlinkat(store->dir, name, 0)) < 0 && errno != ENOENT)
		return fail(store, name, "remove", errno, e);
	return 0;
}

/* Is what stands under this name broken, so that nothing else can be put there? */
static bool is_broken_entry(const struct lease_store *store, const char *name)
{
	struct stat st;

	return retry(fstatat(store->dir, name, &st, AT_SYMLINK_NOFOLLOW)) < 0 &&
	       is_broken(errno);
}

int lease_take(struct lease_store *store, const struct ip *ip, const char *container,
	       const char *ifname, struct error *e)
{
	char name[IP_TEXT], text[TEXT_SIZE];
	size_t len = write_owner(container, ifname, text);
	int r;

	if (len == 0)
		return error_set(e, ERROR_ENVIRONMENT,
				 "a container ID of %zu bytes is too long",
				 strlen(container));
	r = put(store, ip_print(ip, name), text, len);
	if (r == EEXIST) {
		r = make_room(store, name, e);
		if (r != 0)
			return r;
		r = put(store, name, text, len);
	}
	if (is_broken(r) && is_broken_entry(store, name))
		return LEASE_TAKEN;
	return r ? fail(store, name, "write", r, e) : 0;
}

bool lease_present(const struct lease_store *store, const struct ip *ip)
{
	char name[IP_TEXT];
	struct stat st;

	return retry(fstatat(store->dir, ip_print(ip, name), &st, AT_SYMLINK_NOFOLLOW)) ==
	       0;
}

static bool is_owner(const struct owner *owner, const char *container, const char *ifname)
{
	return strcmp(owner->container, container) == 0 &&
	       (!*owner->ifname || strcmp(owner->ifname, ifname) == 0);
}

int lease_holds(struct lease_store *store, const struct ip *ip, const char *container,
		const char *ifname, struct error *e)
{
	char name[IP_TEXT];
	struct owner holder;
	int r = read_owner(store, ip_print(ip, name), &holder, e);

	if (r < 0 || r == ENTRY_UNREAD)
		return -1;
	return r == ENTRY_HELD && is_owner(&holder, container, ifname);
}

/* The mark goes to the very file that was read, be it released meanwhile. */
int lease_confirm(struct lease_store *store, const struct ip *ip, const char *container,
		  const char *ifname, const struct mark_end *end, struct error *e)
{
	_cleanup_(closep) int fd = -1;
	char name[IP_TEXT];
	struct owner holder;
	struct mark mark;
	int r = read_owner_of(store, ip_print(ip, name), &holder, &fd, e);

	if (r < 0 || r == ENTRY_UNREAD)
		return -1;
	if (r != ENTRY_HELD || !is_owner(&holder, container, ifname))
		return 0;
	if (mark_read(fd, &mark)) {
		mark.end = *end;
		(void)mark_write(fd, &mark);
	}
	return 1;
}

int lease_free(struct lease_store *store, const struct ip *ip, struct error *e)
{
	char name[IP_TEXT];

	if (retry(unlinkat(store->dir, ip_print(ip, name), 0)) < 0 && errno != ENOENT)
		return fail(store, name, "remove", errno, e);
	return 0;
}

/* Is it a name that host-local would give?  Only the canonical text is. */
static bool is_lease_name(const char *name, struct ip *ip)
{
	char text[IP_TEXT];

	return ip_parse(name, ip) && strcmp(ip_print(ip, text), name) == 0;
}

/* Return: 0; LEASE_UNREAD; -1. */
static int visit_name(struct lease_store *store, const char *name, lease_visit *visit,
		      void *arg, struct error *e)
{
	struct owner holder;
	struct lease lease;
	int r;

	if (!is_lease_name(name, &lease.ip))
		return 0;
	r = read_owner(store, name, &holder, e);
	/* of a file that is broken for good; a disk may stumble */
	if (r == ENTRY_UNREAD)
		r = read_owner(store, name, &holder, e);
	if (r < 0)
		return -1;
	if (r == ENTRY_UNREAD)
		return LEASE_UNREAD;
	store->sealed += r == ENTRY_SEALED;
	if (r != ENTRY_HELD && r != ENTRY_TORN)
		return 0;
	lease.container = holder.container;
	lease.ifname = holder.ifname;
	lease.exact = holder.exact;
	return visit(&lease, arg, e);
}

/* A stream of its own: a copy of store->dir would share, and leave, its position. */
static DIR *open_stream(const struct lease_store *store)
{
	_cleanup_(closep) int fd =
		retry(openat(store->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	DIR *dir = fd < 0 ? NULL : retry_null(fdopendir(fd));

	if (dir)
		(void)take_fd(&fd);
	return dir;
}

int lease_each(struct lease_store *store, lease_visit *visit, void *arg, struct error *e)
{
	_cleanup_(closedirp) DIR *dir = open_stream(store);
	const struct dirent *entry;
	struct error one;

	store->sealed = store->unread = 0;
	if (!dir)
		return fail(store, "", "list", errno, e);
	while ((entry = retry_null((errno = 0, readdir(dir))))) {
		int r = visit_name(store, entry->d_name, visit, arg, &one);

		/* of those that cannot be read the first is told, unless all ends */
		if (r < 0 || (r != 0 && store->unread == 0))
			*e = one;
		if (r < 0)
			return -1;
		store->unread += r == LEASE_UNREAD;
	}
	if (errno)
		return fail(store, "", "list", errno, e);
	return store->unread > 0 ? LEASE_UNREAD : 0;
}

/* Return: 1, 0, -1. */
static int is_network(DIR *dir, const char *data_dir, const char *name, struct error *e)
{
	struct stat st;

	if (!name_is_id(name))
		return 0;
	if (retry(fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW)) == 0)
		return S_ISDIR(st.st_mode);
	return errno == ENOENT
		       ? 0
		       : error_sys(e, errno, "cannot look at %s/%s", data_dir, name);
}

int lease_one(struct lease_store *store, const struct ip *ip, lease_visit *visit,
	      void *arg, struct error *e)
{
	char name[IP_TEXT];

	return visit_name(store, ip_print(ip, name), visit, arg, e);
}

int lease_each_network(const char *data_dir, lease_network_visit *visit, void *arg,
		       struct error *e)
{
	_cleanup_(closedirp) DIR *dir = retry_null(opendir(data_dir));
	const struct dirent *entry;

	if (!dir)
		return errno == ENOENT ? 0
				       : error_sys(e, errno, "cannot list %s", data_dir);
	while ((entry = retry_null((errno = 0, readdir(dir))))) {
		int r = is_network(dir, data_dir, entry->d_name, e);

		if (r < 0 || (r > 0 && visit(entry->d_name, arg, e) < 0))
			return -1;
	}
	return errno ? error_sys(e, errno, "cannot list %s", data_dir) : 0;
}

/* Ages. */

/* Is it this lease, to the byte, as it was written? */
static bool is_whole(const struct lease *lease, const char *text, size_t len)
{
	char whole[TEXT_SIZE];

	return write_owner(lease->container, lease->ifname, whole) == len &&
	       memcmp(text, whole, len) == 0;
}

/* One that cannot be read is not written over.  Return: false, with errno. */
static bool mark_or_seen(const struct lease_store *store, int fd, struct mark *ret)
{
	if (!mark_read(fd, ret))
		return false;
	if (!*ret->boot && store->lock >= 0) {
		*ret = mark_of(store);
		(void)mark_write(fd, ret);
	}
	return true;
}

int lease_age(struct lease_store *store, const struct lease *lease, struct mark_end *end,
	      struct error *e)
{
	_cleanup_(closep) int fd = -1;
	char name[IP_TEXT], text[TEXT_SIZE];
	struct mark mark;
	size_t len = 0;
	int r;

	*end = (struct mark_end){ 0 };
	/* only who opened it to lease has asked already */
	if (!*store->boot && !*mark_this_boot(store->boot))
		return errno == ENOENT || errno == EACCES
			       ? LEASE_OF_UNKNOWN_AGE
			       : error_sys(e, errno, "cannot tell the present boot");
	r = read_text(store, ip_print(&lease->ip, name), text, &len, &fd, e);
	if (r < 0 || r == ENTRY_UNREAD)
		return -1;
	if (r != ENTRY_HELD || !is_whole(lease, text, len))
		return LEASE_OF_UNKNOWN_AGE;
	if (!mark_or_seen(store, fd, &mark))
		return fail(store, name, "read the mark of", errno, e);
	if (!*mark.boot)
		return LEASE_OF_UNKNOWN_AGE;
	if (strcmp(mark.boot, store->boot) == 0) {
		*end = mark.end;
		return LEASE_OF_THIS_BOOT;
	}
	return mark_is_local(fd) ? LEASE_OF_EARLIER_BOOT : LEASE_OF_UNKNOWN_AGE;
}

static void mark_all(const struct lease_store *store)
{
	_cleanup_(closedirp) DIR *dir = open_stream(store);
	const struct dirent *entry;
	struct error unheard;
	struct mark ignored;
	struct ip ip;

	while (dir && (entry = retry_null((errno = 0, readdir(dir))))) {
		_cleanup_(closep) int fd = -1;

		if (is_lease_name(entry->d_name, &ip) &&
		    open_text(store, entry->d_name, &fd, &unheard) == ENTRY_HELD)
			(void)mark_or_seen(store, fd, &ignored);
	}
}

/*
 * Once in each boot.  The store is marked first: where that fails, so would
 * marking the leases, and it shall not be tried by every ADD.
 */
static void begin_boot(struct lease_store *store)
{
	const char *boot = mark_this_boot(store->boot);
	struct mark last, mark = mark_of(store);

	if (*boot && mark_read(store->dir, &last) && strcmp(last.boot, boot) != 0 &&
	    mark_write(store->dir, &mark))
		mark_all(store);
}

struct addresses {
	struct ip *v;
	size_t n;
};

static int addresses_add(struct addresses *addresses, const struct ip *ip,
			 struct error *e)
{
	if (list_grow(&addresses->v, addresses->n, sizeof(*ip), e) < 0)
		return -1;
	addresses->v[addresses->n++] = *ip;
	return 0;
}

/*
 * Ask the index, and then the leases that it names.
 * Return: 0; LEASE_NONE when the index is of no use; -1.
 */
static int find_by_index(struct lease_store *store, const char *container,
			 const char *ifname, struct addresses *found, struct error *e)
{
	char text[INDEX_TEXT], *rest = NULL;
	struct ip ip;
	int r = index_get(&store->index, container, ifname, text);

	if (r <= 0)
		return r < 0 ? LEASE_NONE : 0;
	for (const char *word = strtok_r(text, ",", &rest); word;
	     word = strtok_r(NULL, ",", &rest)) {
		if (!ip_parse(word, &ip))
			return LEASE_NONE;
		/* why it cannot be read is for who reads all of them to say */
		if (lease_holds(store, &ip, container, ifname, e) <= 0)
			return LEASE_NONE;
		if (addresses_add(found, &ip, e) < 0)
			return -1;
	}
	return 0;
}

/*
 * One pass sorts what names the interface from what names the container alone,
 * and makes the index anew where it may.
 */
struct search {
	const struct lease_store *store;
	const char *container, *ifname;
	struct addresses exact, legacy;
	struct index *index; /* NULL = it is not made */
};

static void search_clear(struct search *search)
{
	free(search->exact.v);
	free(search->legacy.v);
}

/* What is torn is nobody's. */
static bool add_to_index(struct index *index, const struct lease *lease)
{
	return !*lease->container ||
	       index_add(index, lease->container, lease->ifname, &lease->ip);
}

/* An index without the owners of such leases would deny that they have any. */
static bool is_known(const struct lease_store *store)
{
	return store->sealed == 0 && store->unread == 0;
}

static int search_visit(const struct lease *lease, void *arg, struct error *e)
{
	struct search *search = arg;
	struct addresses *found = *lease->ifname ? &search->exact : &search->legacy;

	if (search->index &&
	    (!is_known(search->store) || !add_to_index(search->index, lease)))
		search->index = NULL;
	if (strcmp(lease->container, search->container) != 0)
		return 0;
	if (*lease->ifname && strcmp(lease->ifname, search->ifname) != 0)
		return 0;
	return addresses_add(found, &lease->ip, e);
}

/* Return: as lease_each(). */
static int find_by_reading(struct lease_store *store, struct search *search,
			   struct error *e)
{
	int r;

	if (store->lock >= 0 && index_begin(&store->index))
		search->index = &store->index;
	r = lease_each(store, search_visit, search, e);
	if (r == 0 && is_known(store) && search->index && index_end(search->index))
		index_sign(search->index, store->dir);
	return r;
}

int lease_find(struct lease_store *store, const char *container, const char *ifname,
	       struct ip **ret, size_t *n, struct error *e)
{
	_cleanup_(search_clear) struct search search = { .store = store,
							 .container = container,
							 .ifname = ifname };
	struct addresses *found = &search.exact;
	int r;

	index_open(&store->index, store->dir);
	r = find_by_index(store, container, ifname, found, e);
	if (r == LEASE_NONE) {
		found->n = 0;
		r = find_by_reading(store, &search, e);
	}
	if (r < 0)
		return -1;
	if (found->n == 0)
		found = &search.legacy;
	*ret = found->v;
	*n = found->n;
	found->v = NULL;
	return r;
}

struct ip lease_last(struct lease_store *store, size_t set)
{
	char name[LAST_NAME_SIZE], text[TEXT_SIZE];
	_cleanup_(closep) int fd = -1;
	struct ip none = { 0 }, ip;
	struct error unheard;
	size_t len = 0;

	(void)snprintf(name, sizeof(name), LAST_NAME, set);
	if (read_text(store, name, text, &len, &fd, &unheard) != ENTRY_HELD)
		return none;
	return strlen(text) == len && ip_parse(text, &ip) ? ip : none;
}

/*
 * Written over without being emptied first: that makes ext4 flush the file on
 * close, at twenty times the cost.
 */
static int overwrite(const struct lease_store *store, const char *name, size_t old_len,
		     const char *text, size_t len)
{
	_cleanup_(closep) int fd = retry(
		openat(store->dir, name, O_WRONLY | O_CREAT | OPEN_SAFELY, FILE_MODE));
	int r;

	if (fd < 0)
		return errno;
	r = write_text(fd, text, len);
	if (r != 0 || old_len <= len)
		return r;
	return retry(ftruncate(fd, (off_t)len)) < 0 ? errno : 0;
}

/* Put a file in the place of whatever is there; a link is replaced, not followed. */
static int replace(const struct lease_store *store, const char *name, const char *text,
		   size_t len)
{
	int r = make_hidden(store, text, len);

	if (r != 0)
		return r;
	(void)retry(unlinkat(store->dir, name, AT_REMOVEDIR));
	if (retry(renameat(store->dir, HIDDEN_NAME, store->dir, name)) == 0)
		return 0;
	r = errno;
	(void)retry(unlinkat(store->dir, HIDDEN_NAME, 0));
	return r;
}

int lease_set_last(struct lease_store *store, size_t set, const struct ip *ip,
		   struct error *e)
{
	char name[LAST_NAME_SIZE], text[IP_TEXT];
	struct stat st = { 0 };
	size_t len;
	int r;

	(void)snprintf(name, sizeof(name), LAST_NAME, set);
	len = strlen(ip_print(ip, text));
	if (retry(fstatat(store->dir, name, &st, AT_SYMLINK_NOFOLLOW)) == 0 &&
	    !S_ISREG(st.st_mode))
		r = replace(store, name, text, len);
	else
		r = overwrite(store, name, (size_t)st.st_size, text, len);
	return r ? fail(store, name, "write", r, e) : 0;
}

/* Cut the last part off a path.  Return: false at its top. */
static bool cut_part(char *path)
{
	char *slash = strrchr(path, '/');

	if (strcmp(path, "/") == 0 || strcmp(path, ".") == 0)
		return false;
	if (slash && slash > path) {
		*slash = '\0';
		return true;
	}
	path[0] = slash ? '/' : '.';
	path[1] = '\0';
	return true;
}

/*
 * Cut a path down to the part of it that is there.
 * Return: false where that is a symbolic link to nothing, in which nothing can be made.
 */
static bool cut_missing(char *path)
{
	struct stat st;

	while (retry(stat(path, &st)) < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		if (retry(lstat(path, &st)) == 0)
			return false;
		if (!cut_part(path))
			break;
	}
	return true;
}

/* Could a directory be made, or files be put, at @path, which exists? */
static int check_place(const char *path, struct error *e)
{
	struct statvfs fs;
	struct stat st;

	if (retry(stat(path, &st)) < 0 || retry(statvfs(path, &fs)) < 0)
		return error_set(e, ERROR_UNAVAILABLE, "cannot look at %s: %s", path,
				 strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return error_set(e, ERROR_UNAVAILABLE, "%s must be a directory", path);
	if (fs.f_flag & ST_RDONLY)
		return error_set(e, ERROR_UNAVAILABLE, "%s is on a read-only file system",
				 path);
	if (retry(faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS)) < 0)
		return error_set(e, ERROR_UNAVAILABLE, "cannot write to %s: %s", path,
				 strerror(errno));
	/* where such are counted at all */
	if ((fs.f_blocks > 0 && fs.f_bfree == 0) || (fs.f_files > 0 && fs.f_ffree == 0))
		return error_set(e, ERROR_UNAVAILABLE, "the file system of %s is full",
				 path);
	return 0;
}

/* A lock that open_lock() would refuse. */
static int check_lock(const char *data_dir, const char *network, struct error *e)
{
	char path[PATH_MAX];
	struct stat st;
	int len = snprintf(path, sizeof(path), "%s/%s/" LOCK_NAME, data_dir, network);

	if (len < (int)sizeof(path) && retry(lstat(path, &st)) == 0 &&
	    S_ISLNK(st.st_mode))
		return error_set(
			e, ERROR_UNAVAILABLE,
			"%s is a symbolic link, which is not followed: remove it", path);
	return 0;
}

int lease_ready(const char *data_dir, const char *network, struct error *e)
{
	char path[PATH_MAX];
	int len = snprintf(path, sizeof(path), "%s/%s", data_dir, network);
	struct stat st;

	if (len < 0 || len >= (int)sizeof(path))
		return error_set(e, ERROR_UNAVAILABLE,
				 "\"ipam.dataDir\": a path of %d bytes is too long", len);
	if (retry(lstat(path, &st)) == 0 && S_ISLNK(st.st_mode))
		return error_set(e, ERROR_UNAVAILABLE,
				 "%s must be a directory, and no symbolic link to one",
				 path);
	if (!cut_missing(path))
		return error_set(
			e, ERROR_UNAVAILABLE,
			"%s (\"ipam.dataDir\": %s) is a symbolic link to nothing", path,
			data_dir);
	if (check_place(path, e) < 0)
		return error_wrap(e, "the leases cannot be kept in %s/%s", data_dir,
				  network);
	return check_lock(data_dir, network, e);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record.c - what is known of each network that has been used since boot
 */
#include "record.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "masq.h"
#include "nameless.h"
#include "retry.h"
#include "writer.h"

#define DIR_MODE 0755
#define FILE_MODE 0644
#define RECORD_MAX 524288 /* twice the longest: 1024 ranges, 100 exclusions, a path */
#define PATH_SIZE 512

/* The text. */

static void write_families(struct writer *w, unsigned int families)
{
	writer_open(w, "ipMasqFamilies", '[');
	if (families & CONF_IPV4)
		writer_string(w, NULL, "ipv4");
	if (families & CONF_IPV6)
		writer_string(w, NULL, "ipv6");
	writer_close(w, ']');
}

/* No more of them than tells which subnet an address is in. */
static void write_ranges(struct writer *w, const struct conf_ipam *ipam)
{
	writer_string(w, "type", "host-local");
	writer_open(w, "ranges", '[');
	for (size_t i = 0; i < ipam->n_sets; i++) {
		writer_open(w, NULL, '[');
		for (size_t k = 0; k < ipam->sets[i].n; k++) {
			const struct range *range = &ipam->sets[i].v[k];
			char text[PREFIX_TEXT], ip[IP_TEXT];

			writer_open(w, NULL, '{');
			writer_string(w, "subnet", prefix_print(&range->subnet, text));
			writer_string(w, "rangeStart", ip_print(&range->start, ip));
			writer_string(w, "rangeEnd", ip_print(&range->end, ip));
			writer_close(w, '}');
		}
		writer_close(w, ']');
	}
	writer_close(w, ']');
}

static void write_record(struct writer *w, const struct conf *conf)
{
	const struct conf_bridge *bridge = &conf->bridge;
	char text[PREFIX_TEXT];

	writer_open(w, NULL, '{');
	writer_string(w, "cniVersion", version_text(VERSION_LATEST));
	writer_string(w, "name", conf->name);
	writer_string(w, "bridge", bridge->bridge);
	if (bridge->vlan)
		writer_integer(w, "vlan", bridge->vlan);
	writer_bool(w, "isGateway", bridge->is_gateway);
	writer_bool(w, "ipMasq", bridge->ip_masq);
	write_families(w, bridge->masq_families);
	writer_open(w, "ipMasqExclude", '[');
	for (size_t i = 0; i < bridge->n_masq_exclude; i++)
		writer_string(w, NULL, prefix_print(&bridge->masq_exclude[i], text));
	writer_close(w, ']');
	writer_bool(w, "macspoofchk", bridge->mac_spoof_check);
	writer_open(w, "ipam", '{');
	if (conf->ipam.n_sets > 0)
		write_ranges(w, &conf->ipam);
	writer_string(w, "dataDir", conf->ipam.data_dir);
	writer_bool(w, "reclaim", conf->ipam.reclaim);
	writer_close(w, '}');
	writer_close(w, '}');
}

/* The file. */

static int path_of(const char *network, char path[static PATH_SIZE], struct error *e)
{
	if (snprintf(path, PATH_SIZE, RECORD_DIR "/%s", network) < PATH_SIZE)
		return 0;
	return error_set(e, ERROR_IO,
			 "the record of network %.64s... has too long a path", network);
}

/* Return: the file's text, which the caller frees; NULL. */
static char *read_record(const char *network, struct error *e)
{
	_cleanup_(closep) int fd = -1;
	char path[PATH_SIZE], *text;
	struct stat st;
	ssize_t n = -1;

	if (path_of(network, path, e) < 0)
		return NULL;
	fd = retry(open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
	if (fd < 0 || retry(fstat(fd, &st)) < 0)
		return error_sys(e, errno, "cannot read %s", path), NULL;
	if (!S_ISREG(st.st_mode) || st.st_size > RECORD_MAX)
		return error_set(e, ERROR_IO, "%s is not a record of footbridge", path),
		       NULL;
	text = malloc((size_t)st.st_size + 1);
	if (text)
		n = retry(read(fd, text, (size_t)st.st_size));
	if (n < 0) {
		error_sys(e, text ? errno : ENOMEM, "cannot read %s", path);
		free(text);
		return NULL;
	}
	text[n] = '\0';
	return text;
}

static int make_dirs(struct error *e)
{
	static const char *const dirs[] = { RUN_DIR, RECORD_DIR };

	for (size_t i = 0; i < COUNT(dirs); i++) {
		if (retry(mkdir(dirs[i], DIR_MODE)) < 0 && errno != EEXIST)
			return error_sys(e, errno, "cannot create %s", dirs[i]);
	}
	return 0;
}

static bool fill(int fd, const char *text)
{
	const size_t len = strlen(text);
	ssize_t done;

	if (fd < 0 || retry(fchmod(fd, FILE_MODE)) < 0)
		return false;
	done = retry(write(fd, text, len));
	if (done >= 0 && (size_t)done < len)
		errno = ENOSPC; /* the rest found no room */
	return done == (ssize_t)len;
}

/*
 * Where a record is until it takes the place of an older one: who is killed between the
 * two leaves it to the next.
 */
static void name_fresh(const char *network, char path[static PATH_SIZE])
{
	(void)snprintf(path, PATH_SIZE, RECORD_DIR "/.%016" PRIx64,
		       name_hash((const char *const[]){ network, NULL }));
}

/* Put the whole text there.  @fd: of a nameless file with it, or -1 where none can be had. */
static int put_fresh(int fd, const char *fresh, const char *text)
{
	_cleanup_(closep) int named = -1;

	(void)retry(unlink(fresh));
	if (fd >= 0)
		return nameless_name(fd, AT_FDCWD, fresh);
	named = retry(open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE));
	return fill(named, text) ? 0 : -1;
}

/* Return: 0, -1. */
static int put_record(const char *network, const char *text, struct error *e)
{
	char path[PATH_SIZE], fresh[PATH_SIZE];
	_cleanup_(closep) int fd = -1;

	if (make_dirs(e) < 0 || path_of(network, path, e) < 0)
		return -1;
	fd = nameless_open(AT_FDCWD, RECORD_DIR, FILE_MODE);
	if (fd >= 0 && !fill(fd, text))
		return error_sys(e, errno, "cannot write %s", path);
	if (fd >= 0 && nameless_name(fd, AT_FDCWD, path) == 0)
		return 0;
	name_fresh(network, fresh);
	if (put_fresh(fd, fresh, text) == 0 && retry(rename(fresh, path)) == 0)
		return 0;
	return error_sys(e, errno, "cannot write %s", path);
}

static bool is_recorded(const char *network, const char *text)
{
	struct error ignored;
	_cleanup_(freep) char *known = read_record(network, &ignored);

	return known && strcmp(known, text) == 0;
}

/*
 * The rules first: a record that was written is one that holds.  Where /run
 * cannot be written the network works all the same, and each ADD looks at the
 * rules and says so; only restore will not know the network.
 */
static int apply(struct attach *at, struct error *e)
{
	const struct conf *conf = at->id.conf;
	_cleanup_(writer_clear) struct writer w = { 0 };
	struct error why;

	write_record(&w, conf);
	if (!writer_text(&w))
		return error_set(e, ERROR_MEMORY, "out of memory");
	if (is_recorded(conf->name, writer_text(&w)))
		return 0;
	if (conf->bridge.ip_masq && masq_settle(at->id.host, conf, e) < 0)
		return -1;
	/* one of several at once may find that another has put it there */
	if (put_record(conf->name, writer_text(&w), &why) < 0 &&
	    !is_recorded(conf->name, writer_text(&w)))
		ident_note(&at->id, "the network's record: %s", why.msg);
	return 0;
}

const struct effect record_effect = {
	.name = "remember the network",
	.apply = apply,
};

/* All of them. */

/* Return: 0; -1, the message saying which file it is about. */
static int parse_record(const char *network, const char *text, struct conf *conf,
			struct error *e)
{
	if (conf_parse(text, strlen(text), CONF_BRIDGE | CONF_IPAM, CONF_STRICT, conf,
		       e) == 0)
		return 0;
	return error_wrap(e, RECORD_DIR "/%s", network);
}

static int visit_one(const char *network, record_visit *visit, void *arg, struct error *e)
{
	struct error why = { 0 };
	_cleanup_(freep) char *text = read_record(network, &why);
	_cleanup_(conf_clear) struct conf conf = { 0 };

	if (!text || parse_record(network, text, &conf, &why) < 0)
		return visit(network, NULL, &why, arg, e);
	return visit(network, &conf, NULL, arg, e);
}

int record_each(record_visit *visit, void *arg, struct error *e)
{
	_cleanup_(closedirp) DIR *dir = retry_null(opendir(RECORD_DIR));
	const struct dirent *entry;

	if (!dir)
		return errno == ENOENT ? 0
				       : error_sys(e, errno, "cannot open " RECORD_DIR);
	while ((entry = retry_null((errno = 0, readdir(dir))))) {
		if (name_is_id(entry->d_name) &&
		    visit_one(entry->d_name, visit, arg, e) < 0)
			return -1;
	}
	return errno ? error_sys(e, errno, "cannot list " RECORD_DIR) : 0;
}

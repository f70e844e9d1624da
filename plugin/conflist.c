/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conflist.c - configuration files, as runtimes have them in a folder
 */
#include "conflist.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "frame.h"
#include "json.h"
#include "name.h"
#include "program.h"
#include "retry.h"

#define FOLDER "/etc/cni/net.d"
#define LONGEST (1 << 20) /* what is read of a file, as of a call's stdin */

/* Return: the text, which the caller frees, and its length; NULL. */
static char *read_text(const char *path, size_t *len, struct error *e)
{
	_cleanup_(closep) int fd = retry(open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
	struct stat st;
	char *text;

	if (fd < 0 || retry(fstat(fd, &st)) < 0)
		return error_sys(e, errno, "cannot open it"), NULL;
	if (!S_ISREG(st.st_mode) || st.st_size > LONGEST)
		return error_set(e, ERROR_IO, "it is no file of at most 1 MiB"), NULL;
	text = file_read(fd, LONGEST, len);
	if (!text)
		error_sys(e, errno, "cannot read it");
	return text;
}

/* A list's keys are read in this spelling alone. */
static int missing(const struct frame *frame, const char *key, struct error *e)
{
	const char *similar = json_key(json_member(frame->tree, key));

	return error_set(e, ERROR_CONFIG, "\"%s\" is missing%s%.64s%s", key,
			 *similar ? ": runtimes do not read \"" : "", similar,
			 *similar ? "\"" : "");
}

static int visit_plugin(const struct cJSON *plugin, const struct frame *frame,
			conflist_visit *visit, void *arg, struct error *e)
{
	const char *type = json_string(json_get(plugin, "type"));
	const char *version = json_string(frame_version(frame));
	const char *const members[][2] = {
		{ "name", json_string(frame_member(frame, "name")) },
		{ "cniVersion", version ? version : "" },
	};
	_cleanup_(freep) char *text = NULL;

	if (!type)
		return error_set(e, ERROR_CONFIG, "a plugin without \"type\"");
	if (!members[0][1])
		return missing(frame, "name", e);
	text = json_with(plugin, members, 2);
	if (!text)
		return error_set(e, ERROR_MEMORY, "out of memory");
	return visit(type, text, arg, e);
}

static bool ends_with(const char *name, const char *ending)
{
	const char *dot = strrchr(name, '.');

	return dot && strcmp(dot, ending) == 0;
}

static int visit_file(const char *path, const struct frame *list, conflist_visit *visit,
		      void *arg, struct error *e)
{
	_cleanup_(json_freep) struct cJSON *plugin = NULL;
	size_t len = 0;
	_cleanup_(freep) char *text = read_text(path, &len, e);

	if (!text || json_parse(text, len, &plugin, e) < 0 ||
	    visit_plugin(plugin, list, visit, arg, e) < 0)
		return error_wrap(e, "%s", path);
	return 0;
}

/*
 * The plugins of a list that have files of their own, in the order of their names.
 * @path: of the list.
 * Return: how many; -1.
 */
static int visit_folder(const char *path, const struct frame *list, conflist_visit *visit,
			void *arg, struct error *e)
{
	const char *name = json_string(frame_member(list, "name"));
	const char *slash = strrchr(path, '/');
	_cleanup_(list_clear) struct list files = { 0 };
	_cleanup_(freep) char *folder = NULL;
	int n = 0;

	if (frame_is_on(list, "loadOnlyInlinedPlugins"))
		return 0;
	if (!name || !name_is_id(name))
		return 0;
	if (asprintf(&folder, "%.*s%s", slash ? (int)(slash - path) + 1 : 0, path, name) <
	    0) {
		folder = NULL;
		return error_set(e, ERROR_MEMORY, "out of memory");
	}
	if (conflist_find(folder, &files, e) < 0)
		return -1;
	for (size_t i = 0; i < files.n; i++) {
		if (!ends_with(files.v[i], ".conf"))
			continue;
		if (visit_file(files.v[i], list, visit, arg, e) < 0)
			return -1;
		n++;
	}
	return n;
}

/* @path: of the file, in whose folder more may be; NULL = there is no more. */
static int visit_list(const struct frame *list, const char *path, conflist_visit *visit,
		      void *arg, struct error *e)
{
	const struct cJSON *plugins = frame_member(list, "plugins");
	int more = 0;

	if (plugins && !json_is_array(plugins))
		return error_set(e, ERROR_CONFIG, "\"plugins\" is no list");
	if (!plugins && json_has(list->tree, "plugins"))
		return missing(list, "plugins", e);
	for (const struct cJSON *one = json_first(plugins); one; one = json_next(one)) {
		if (visit_plugin(one, list, visit, arg, e) < 0)
			return -1;
	}
	/* an empty list is refused, wherever more would be */
	if (path && (!plugins || json_first(plugins)))
		more = visit_folder(path, list, visit, arg, e);
	if (more < 0)
		return -1;
	return more > 0 || json_first(plugins)
		       ? 0
		       : error_set(
				 e, ERROR_CONFIG,
				 "\"plugins\" is empty: there is no plugin to be called");
}

static int parse(const char *text, size_t len, const char *path, conflist_visit *visit,
		 void *arg, struct error *e)
{
	_cleanup_(json_freep) struct cJSON *file = NULL;
	const char *misnamed;
	struct frame frame;

	if (json_parse(text, len, &file, e) < 0)
		return -1;
	frame = frame_of(file, path);
	misnamed = frame_misnamed(&frame);
	if (misnamed)
		return error_set(e, ERROR_CONFIG, "%s", misnamed);
	if (frame_check(&frame, NULL, e) < 0)
		return -1;
	return frame.is_list ? visit_list(&frame, frame.is_conflist ? path : NULL, visit,
					  arg, e)
			     : visit_plugin(file, &frame, visit, arg, e);
}

int conflist_parse(const char *text, size_t len, conflist_visit *visit, void *arg,
		   struct error *e)
{
	return parse(text, len, NULL, visit, arg, e);
}

int conflist_read(const char *path, conflist_visit *visit, void *arg, struct error *e)
{
	size_t len = 0;
	_cleanup_(freep) char *text = read_text(path, &len, e);

	return text ? parse(text, len, path, visit, arg, e) : -1;
}

/* A variable that is there and says something. */
static const char *variable(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

const char *conflist_folder(void)
{
	return variable("NETCONFPATH", FOLDER);
}

int conflist_check_folder(struct error *e)
{
	const char *folder = variable("NETCONFPATH", "");

	if (!*folder || retry(access(folder, F_OK)) == 0)
		return 0;
	return error_set(e, ERROR_CONFIG,
			 "NETCONFPATH: there is no folder %s (%s): unset it, or name "
			 "that of the network configurations",
			 folder, strerror(errno));
}

const char *conflist_plugins(void)
{
	return variable("CNI_PATH", CONFLIST_PLUGINS);
}

int conflist_find_plugin(const char *type, char file[static PATH_MAX], struct error *e)
{
	const char *path = conflist_plugins();

	if (program_find(path, type, file) == 0)
		return 0;
	return error_set(e, ERROR_UNAVAILABLE,
			 "there is no plugin \"%s\" in CNI_PATH (%s)", type, path);
}

static bool has_ending(const char *name)
{
	return ends_with(name, ".conflist") || ends_with(name, ".conf") ||
	       ends_with(name, ".json");
}

bool conflist_is_file(const char *wish)
{
	return strchr(wish, '/') || has_ending(wish);
}

static int is_configuration(const struct dirent *entry)
{
	return entry->d_type != DT_DIR && strrchr(entry->d_name, '.') != entry->d_name &&
	       has_ending(entry->d_name);
}

int conflist_find(const char *folder, struct list *paths, struct error *e)
{
	struct dirent **entries = NULL;
	int n = retry(scandir(folder, &entries, is_configuration, alphasort)), r = 0;

	if (n < 0)
		return errno == ENOENT ? 0
				       : error_sys(e, errno, "cannot list %s", folder);
	for (int i = 0; i < n; i++) {
		_cleanup_(freep) char *path = NULL;

		if (r == 0 && asprintf(&path, "%s/%s", folder, entries[i]->d_name) < 0) {
			path = NULL;
			r = error_set(e, ERROR_MEMORY, "out of memory");
		}
		if (r == 0)
			r = list_add(paths, path, e);
		free(entries[i]);
	}
	free(entries);
	return r;
}

/* Return: 1, 0, -1. */
static int is_of_network(const char *path, const char *name, struct error *e)
{
	_cleanup_(json_freep) struct cJSON *file = NULL;
	size_t len = 0;
	_cleanup_(freep) char *text = read_text(path, &len, e);
	struct frame frame;
	const char *its;

	if (!text || json_parse(text, len, &file, e) < 0)
		return -1;
	frame = frame_of(file, path);
	its = json_string(frame_member(&frame, "name"));
	return its && strcmp(its, name) == 0;
}

/* What cannot be read is not it; but where nothing else is, that is told. */
int conflist_find_network(const char *name, char **ret, struct error *e)
{
	_cleanup_(list_clear) struct list paths = { 0 };
	struct error why;

	error_none(&why);
	if (conflist_find(conflist_folder(), &paths, e) < 0)
		return -1;
	for (size_t i = 0; i < paths.n; i++) {
		struct error one;
		int r = is_of_network(paths.v[i], name, &one);

		if (r > 0) {
			*ret = strdup(paths.v[i]);
			return *ret ? 0 : error_set(e, ERROR_MEMORY, "out of memory");
		}
		if (r < 0) {
			error_wrap(&one, "%s", paths.v[i]);
			error_join(&why, &one);
		}
	}
	error_set(e, ERROR_CONFIG, "there is no network \"%s\" in %s%s%s", name,
		  conflist_folder(), *why.msg ? "; " : "", why.msg);
	return why.code == ERROR_MEMORY ? -1 : CONFLIST_NONE;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netconf.c - the plugins' configurations in files, read as ours
 */
#include "netconf.h"

#include <string.h>

#include "conflist.h"

static void netconf_clear(struct netconf *one)
{
	conf_clear(&one->conf);
	free(one->file);
	free(one->text);
}

struct reading {
	struct netconfs *confs;
	const char *path;
	bool all;
};

/* Another plugin's keys may mean anything, and its mistakes are its own. */
static int parse(struct netconf *one, const char *type, struct error *e)
{
	unsigned int parts = CONF_IPAM;
	enum conf_mood mood = CONF_LENIENT;

	one->plugin = plugin_find(type);
	if (one->plugin) {
		parts = one->plugin->parts;
		mood = CONF_NETWORK;
	}
	if (conf_parse(one->text, strlen(one->text), parts, mood, &one->conf, e) < 0)
		return -1;
	if (!one->plugin && strcmp(one->conf.ipam.type, plugin_hostlocal.name) == 0)
		one->plugin = &plugin_hostlocal;
	return 0;
}

/* Does the plugin give or lease addresses? */
static bool is_concerned(const struct netconf *one)
{
	return one->plugin && one->plugin->parts & CONF_IPAM;
}

static int read_plugin(const char *type, const char *text, void *arg, struct error *e)
{
	const struct reading *reading = arg;
	struct netconfs *confs = reading->confs;
	struct netconf *one;
	int r;

	if (list_grow(&confs->v, confs->n, sizeof(*one), e) < 0)
		return -1;
	one = &confs->v[confs->n];
	*one = (struct netconf){ .file = strdup(reading->path), .text = strdup(text) };
	r = one->file && one->text ? parse(one, type, e)
				   : error_set(e, ERROR_MEMORY, "out of memory");
	if (r == 0 && (reading->all || is_concerned(one)))
		confs->n++;
	else
		netconf_clear(one);
	return r;
}

int netconf_read(struct netconfs *confs, const char *path, bool all, struct error *e)
{
	struct reading reading = { .confs = confs, .path = path, .all = all };

	return conflist_read(path, read_plugin, &reading, e);
}

static int add_told(const char *wish, struct list *files, struct error *e)
{
	_cleanup_(freep) char *path = NULL;

	if (conflist_is_file(wish))
		return list_add(files, wish, e);
	return conflist_find_network(wish, &path, e) == 0 ? list_add(files, path, e) : -1;
}

int netconf_files(const struct list *told, struct list *files, struct error *e)
{
	for (size_t i = 0; i < told->n; i++) {
		if (add_told(told->v[i], files, e) < 0)
			return -1;
	}
	return told->n > 0 ? 0 : conflist_find(conflist_folder(), files, e);
}

int netconf_some_files(const struct list *told, struct list *files, struct error *e)
{
	if (netconf_files(told, files, e) < 0)
		return -1;
	return files->n > 0
		       ? 0
		       : error_set(e, ERROR_CONFIG,
				   "there is no configuration: a runtime finds none in "
				   "%s ($NETCONFPATH, or else /etc/cni/net.d)",
				   conflist_folder());
}

int netconf_refuse(const struct list *files, struct error *e)
{
	return error_set(
		e, ERROR_CONFIG,
		"no plugin in %s%s is \"bridge\", or leases through \"host-local\"; where "
		"one calls ours, as flannel does, --conf a file with the configuration "
		"that it passes on",
		files->v[0], files->n > 1 ? " and the others" : "");
}

void netconfs_clear(struct netconfs *confs)
{
	for (size_t i = 0; i < confs->n; i++)
		netconf_clear(&confs->v[i]);
	free(confs->v);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * review.c - what is wrong with a network configuration in a file
 *
 * Keys are looked at here, beside known.h; values by conf.h, as ADD would.
 */
#include "review.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "conf.h"
#include "frame.h"
#include "json.h"
#include "known.h"
#include "near.h"
#include "place.h"

#define GUESS_TEXT (NEAR_WORD + PLACE_TEXT + 32)

/* The document at hand. */
struct reviewing {
	const char *name, *text; /* of the file; what is in it */
	size_t len;
	const struct cJSON *tree;
	struct frame frame; /* of that */
	struct review *found;
	enum version version;
};

/* Findings. */

static int compare_findings(const void *one, const void *other)
{
	const struct finding *a = one, *b = other;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return strcmp(a->text, b->text);
}

/* Several lookers may come upon one value, and say the same of it. */
static bool is_told(const struct review *found, const struct finding *finding)
{
	for (size_t i = 0; i < found->n; i++) {
		const struct finding *other = &found->v[i];

		if (other->line == finding->line && other->column == finding->column &&
		    other->note == finding->note &&
		    strcmp(other->path, finding->path) == 0 &&
		    strcmp(other->text, finding->text) == 0)
			return true;
	}
	return false;
}

/* Add a finding about a value, whose texts are taken over. */
static int add_finding(struct reviewing *all, const struct cJSON *value,
		       struct finding finding, struct error *e)
{
	struct review *found = all->found;
	int r = finding.path && finding.text
			? 0
			: error_set(e, ERROR_MEMORY, "out of memory for a finding");

	if (r == 0) {
		error_clean(finding.path);
		error_clean(finding.text);
		(void)!json_locate(all->text, all->len, all->tree, value, &finding.line,
				   &finding.column);
	}
	if (r == 0 && !is_told(found, &finding)) {
		found->is_cut = found->n == REVIEW_MAX;
		if (!found->is_cut)
			r = list_grow(&found->v, found->n, sizeof(finding), e);
		if (!found->is_cut && r == 0) {
			found->v[found->n++] = finding;
			return 0;
		}
	}
	free(finding.path);
	free(finding.text);
	return r;
}

static _printf_(5, 6) int tell(struct reviewing *all, const struct cJSON *value,
			       const struct place *at, struct error *e,
			       const char *format, ...)
{
	char path[PLACE_TEXT];
	struct finding finding = { .path = strdup(place_print(at, path)) };
	va_list args;

	va_start(args, format);
	if (vasprintf(&finding.text, format, args) < 0)
		finding.text = NULL;
	va_end(args);
	return add_finding(all, value, finding, e);
}

/* What has been told since there were that many is no finding, but a note. */
static void make_note(struct review *found, size_t before)
{
	if (found->n > before)
		found->v[before].note = true;
}

/* Values: what conf.h has to say of one object. */

struct hearing {
	struct reviewing *all;
	const struct cJSON *object;
	const struct place *at; /* of the object */
	struct error *e;	/* what befell a finding */
	int r;
};

/* A message names the place in the object in front: "ipam.subnet": 7 is not ... */
static void hear(const struct error *trouble, void *arg)
{
	static const char version[] = "cniVersion", versions[] = "cniVersions";
	struct hearing *hearing = arg;
	struct reviewing *all = hearing->all;
	const char *text = *trouble->msg == '"' ? strstr(trouble->msg, "\": ") : NULL;
	char path[PLACE_TEXT] = "";
	struct place at = { .in = hearing->at, .key = path };
	const struct cJSON *object = hearing->object;

	if (hearing->r < 0 || all->found->is_cut)
		return;
	if (text)
		(void)snprintf(path, sizeof(path), "%.*s", (int)(text - trouble->msg - 1),
			       trouble->msg + 1);
	else if (trouble->code == ERROR_VERSION)
		memcpy(path, version, sizeof(version));
	/* that is the document's, whichever plugin it is no good for */
	if (strcmp(path, version) == 0) {
		object = all->tree;
		at.in = NULL;
		if (!json_has(object, version) && frame_version(&all->frame))
			memcpy(path, versions, sizeof(versions));
	}
	hearing->r = tell(all, place_find(object, path, strlen(path)),
			  *path ? &at : at.in, hearing->e, "%s%s%s",
			  text ? text + 3 : trouble->msg,
			  !text && *trouble->details ? ": " : "",
			  text ? "" : trouble->details);
}

static int review_values(struct reviewing *all, const struct cJSON *object,
			 const struct place *at, unsigned int parts, struct error *e)
{
	struct hearing hearing = { .all = all, .object = object, .at = at, .e = e };
	const struct listener listener = { hear, &hearing };

	if (conf_review(object, parts, all->version, &listener, e) < 0)
		return -1;
	return hearing.r;
}

static int review_frame(struct reviewing *all, struct error *e)
{
	struct hearing hearing = { .all = all, .object = all->tree, .e = e };
	const struct listener listener = { hear, &hearing };

	if (frame_check(&all->frame, &listener, e) < 0 ||
	    conf_review_frame(frame_member(&all->frame, "name"),
			      frame_version(&all->frame), &listener, &all->version,
			      e) < 0)
		return -1;
	return hearing.r;
}

/* Keys. */

/* An object whose keys are looked at. */
struct looking {
	struct reviewing *all;
	const struct list *known; /* paths, see known.h */
	const char *type;	  /* who knows them; NULL for a list */
	const char *ipam;	  /* who knows what is in there; "" for none */
};

/*
 * What a known path says behind @path.
 * Return: NULL where it does not begin so.
 */
static const char *behind(const char *known, const char *path)
{
	size_t len = strlen(path);

	if (len == 0)
		return known;
	return strncmp(known, path, len) == 0 && known[len] == '.' ? known + len + 1
								   : NULL;
}

/* Copy the first key of a path. */
static void copy_key(const char *path, char key[static NEAR_WORD])
{
	(void)snprintf(key, NEAR_WORD, "%.*s", (int)strcspn(path, "."), path);
}

/* Go through the keys that are known below @path.  Return: whether there is one more. */
static bool next_key(const struct looking *looking, const char *path, size_t *i,
		     char key[static NEAR_WORD])
{
	const struct list *known = looking->known;

	while (*i < known->n) {
		const char *rest = behind(known->v[(*i)++], path);

		if (rest) {
			copy_key(rest, key);
			return true;
		}
	}
	return false;
}

/* Objects that have their keys from what plugin and runtime agree upon. */
static bool is_of_runtime(const char *path)
{
	return strcmp(path, "capabilities") == 0 || strcmp(path, "runtimeConfig") == 0;
}

/* Plugins read their keys without regard to case; of a list they are exactly so. */
static bool is_same(const struct looking *looking, const char *known, const char *key,
		    size_t len)
{
	return (looking->type ? strncasecmp : strncmp)(known, key, len) == 0;
}

/* Return: whether @key is known below @path, *spelled being how it is spelled. */
static bool find_key(const struct looking *looking, const char *path, const char *key,
		     char spelled[static NEAR_WORD])
{
	const struct list *known = looking->known;
	bool any = false;

	for (size_t i = 0; i < known->n; i++) {
		const char *rest = behind(known->v[i], path);
		size_t len = rest ? strcspn(rest, ".") : 0;

		/* these may have dots themselves */
		if (rest && is_of_runtime(path) && strcasecmp(rest, key) == 0)
			len = strlen(rest);
		any |= rest && strcmp(rest, "*") == 0;
		if (rest && strlen(key) == len && is_same(looking, rest, key, len)) {
			(void)snprintf(spelled, NEAR_WORD, "%.*s", (int)len, rest);
			return true;
		}
	}
	(void)snprintf(spelled, NEAR_WORD, "*");
	return any;
}

/* Return: the shortest path at whose end this key would be known; NULL for none. */
static const char *find_elsewhere(const struct looking *looking, const char *key)
{
	const struct list *known = looking->known;
	const char *found = NULL;

	for (size_t i = 0; i < known->n; i++) {
		const char *path = known->v[i], *dot = strrchr(path, '.');

		if (dot && strcasecmp(dot + 1, key) == 0 &&
		    (!found || strlen(path) < strlen(found)))
			found = path;
	}
	return found;
}

/*
 * "; did you mean ...?", or "": what is near, and where this very key is known, unless
 * what is near is so by a letter alone.
 */
static void guess(const struct looking *looking, const char *path, const char *key,
		  char text[static GUESS_TEXT])
{
	struct near near = { .word = key };
	const char *meant = find_elsewhere(looking, key);
	char known[NEAR_WORD];
	size_t i = 0;

	while (next_key(looking, path, &i, known))
		near_offer(&near, known);
	if (*near.best && near.distance <= 1)
		meant = NULL;
	if (*near.best || meant)
		(void)snprintf(text, GUESS_TEXT, "; did you mean \"%s%s%.96s\"?",
			       near.best, *near.best && meant ? "\" or \"" : "",
			       meant ? meant : "");
	else
		text[0] = '\0';
}

static int tell_unknown(const struct looking *looking, const struct cJSON *member,
			const char *path, const struct place *at, struct error *e)
{
	bool of_ipam = strncmp(path, "ipam", 4) == 0 && *looking->ipam;
	char meant[GUESS_TEXT];

	guess(looking, path, at->key, meant);
	if (!looking->type)
		return tell(looking->all, member, at, e,
			    "is no key of a list of plugins%s", meant);
	return tell(looking->all, member, at, e, "\"%.96s\" does not know this key%s",
		    of_ipam ? looking->ipam : looking->type, meant);
}

/* Of several members for one key one counts, and the others do not. */
static int review_repeated(const struct looking *looking, const struct cJSON *object,
			   const struct cJSON *member, const char *key,
			   const struct place *at, struct error *e)
{
	struct reviewing *all = looking->all;
	const struct cJSON *counts = json_member(object, key);
	size_t line = 0, column = 0;

	if (!counts || counts == member || all->found->is_cut)
		return 0;
	(void)!json_locate(all->text, all->len, all->tree, counts, &line, &column);
	return tell(all, member, at, e,
		    "is given more than once, and this one does not count, but \"%s\" in "
		    "line %zu, column %zu",
		    json_key(counts), line, column);
}

static int review_inside(const struct looking *looking, const struct cJSON *value,
			 const char *path, const struct place *at, struct error *e);

static int review_member(const struct looking *looking, const struct cJSON *object,
			 const struct cJSON *member, const char *path,
			 const struct place *in, struct error *e)
{
	const char *key = json_key(member);
	const struct place at = { .in = in, .key = key };
	char spelled[NEAR_WORD], below[PLACE_TEXT];

	if (!find_key(looking, path, key, spelled))
		return tell_unknown(looking, member, path, &at, e);
	if (strcmp(spelled, "*") == 0)
		return 0;
	if (review_repeated(looking, object, member, spelled, &at, e) < 0)
		return -1;
	(void)snprintf(below, sizeof(below), "%s%s%s", path, *path ? "." : "", spelled);
	return review_inside(looking, member, below, &at, e);
}

static int review_keys(const struct looking *looking, const struct cJSON *object,
		       const char *path, const struct place *at, struct error *e)
{
	/* the runtime's own, see the CNI specification on GC */
	static const char reserved[] = "cni.dev/";

	for (const struct cJSON *member = json_first(object);
	     member && !looking->all->found->is_cut; member = json_next(member)) {
		if (!*path && strncmp(json_key(member), reserved, strlen(reserved)) == 0)
			continue;
		if (review_member(looking, object, member, path, at, e) < 0)
			return -1;
	}
	return 0;
}

/* Objects, be they in lists, of which any key is known or would have to be. */
static int review_inside(const struct looking *looking, const struct cJSON *value,
			 const char *path, const struct place *at, struct error *e)
{
	struct place each = { .in = at };
	char key[NEAR_WORD];
	size_t i = 0;

	if (!is_of_runtime(path) && !next_key(looking, path, &i, key))
		return 0;
	if (json_is_object(value))
		return review_keys(looking, value, path, at, e);
	if (!json_is_array(value))
		return 0;
	for (value = json_first(value); value; value = json_next(value), each.index++)
		if (review_inside(looking, value, path, &each, e) < 0)
			return -1;
	return 0;
}

/* Plugins. */

static const char *text_of(const struct cJSON *object, const char *key)
{
	const char *text = json_string(json_get(object, key));

	return text ? text : "";
}

static int note_unknown(struct reviewing *all, const struct cJSON *object,
			const struct place *in, const char *what, struct error *e)
{
	const struct place at = { .in = in, .key = "type" };
	const size_t before = all->found->n;

	if (tell(all, json_member(object, at.key), &at, e,
		 "not checked: %s \"%.96s\" is not known here", what,
		 text_of(object, at.key)) < 0)
		return -1;
	make_note(all->found, before);
	return 0;
}

/* @unknown: of known_of_plugin(). */
static int note_unchecked(struct reviewing *all, const struct cJSON *object,
			  const struct place *at, int unknown, struct error *e)
{
	const struct place ipam_at = { .in = at, .key = "ipam" };
	const struct cJSON *ipam = json_get(object, "ipam");

	if (unknown == KNOWN_NOT_TYPE)
		return note_unknown(all, object, at, "the plugin type", e);
	if (unknown == KNOWN_NOT_IPAM)
		return note_unknown(all, ipam, &ipam_at, "the IPAM plugin", e);
	return 0;
}

/* One object of a plugin of this type, as far as it is known. */
static int review_object(struct reviewing *all, const struct cJSON *object,
			 const struct place *at, const char *type, unsigned int without,
			 struct error *e)
{
	_cleanup_(list_clear) struct list known = { NULL, 0 };
	const char *ipam = text_of(json_get(object, "ipam"), "type");
	int parts = known_parts(type, ipam);
	int r = known_of_plugin(type, ipam, &known, e);
	const struct looking looking = { all, &known, type, ipam };

	if (r < 0 || note_unchecked(all, object, at, r, e) < 0)
		return -1;
	if (r == KNOWN_NOT_TYPE)
		return 0;
	if (review_keys(&looking, object, "", at, e) < 0)
		return -1;
	return parts < 0 ? 0
			 : review_values(all, object, at, (unsigned int)parts & ~without,
					 e);
}

/* What flannel passes on, with addresses of its own, to the bridge or another plugin. */
static int review_delegate(struct reviewing *all, const struct cJSON *object,
			   const struct place *in, struct error *e)
{
	const struct place at = { .in = in, .key = "delegate" };
	const struct cJSON *delegate = json_get(object, at.key);
	const char *type = text_of(delegate, "type");

	if (!json_is_object(delegate))
		return 0;
	return review_object(all, delegate, &at, *type ? type : "bridge", CONF_IPAM, e);
}

static int review_plugin(struct reviewing *all, const struct cJSON *object,
			 const struct place *at, struct error *e)
{
	const struct place type_at = { .in = at, .key = "type" };
	const struct cJSON *type = json_get(object, type_at.key);
	char shown[JSON_SHOW];

	if (!json_is_object(object))
		return tell(all, object, at, e, "%s is not a plugin's object",
			    json_show(object, shown));
	if (!type)
		return tell(all, object, at, e,
			    "has no \"type\": which plugin is to be called?");
	if (!json_string(type) || !name_is_file(json_string(type)))
		return tell(all, type, &type_at, e,
			    "%s is not the name of a plugin (a file in CNI_PATH, with "
			    "no '/')",
			    json_show(type, shown));
	if (review_object(all, object, at, json_string(type), 0, e) < 0)
		return -1;
	return strcmp(json_string(type), "flannel") == 0
		       ? review_delegate(all, object, at, e)
		       : 0;
}

/* A list without plugins: they are in files of their own, in a folder of its name. */
static int review_none(struct reviewing *all, const struct cJSON *plugins,
		       const struct place *at, struct error *e)
{
	const char *name = json_string(frame_member(&all->frame, "name"));
	const size_t before = all->found->n;

	if (plugins || frame_is_on(&all->frame, "loadOnlyInlinedPlugins") ||
	    !all->frame.is_conflist)
		return tell(all, plugins ? plugins : all->tree, at, e,
			    "the list is empty: there is no plugin to be called");
	/* which is told */
	if (!name)
		return 0;
	if (tell(all, all->tree, at, e,
		 "not checked: its plugins have to be in the folder \"%.96s\" beside it",
		 name) < 0)
		return -1;
	make_note(all->found, before);
	return 0;
}

static int review_plugins(struct reviewing *all, struct error *e)
{
	const struct place at = { .key = "plugins" };
	struct place each = { .in = &at };
	const struct cJSON *plugins = frame_member(&all->frame, at.key);
	char shown[JSON_SHOW];

	if (plugins && !json_is_array(plugins))
		return tell(all, plugins, &at, e, "%s is not a list of plugins",
			    json_show(plugins, shown));
	if (!json_first(plugins))
		return review_none(all, plugins, &at, e);
	for (plugins = json_first(plugins); plugins;
	     plugins = json_next(plugins), each.index++)
		if (review_plugin(all, plugins, &each, e) < 0)
			return -1;
	return 0;
}

static int review_list(struct reviewing *all, struct error *e)
{
	_cleanup_(list_clear) struct list known = { NULL, 0 };
	const struct looking looking = { all, &known, NULL, "" };

	if (known_of_list(&known, e) < 0 ||
	    review_keys(&looking, all->tree, "", NULL, e) < 0)
		return -1;
	return review_plugins(all, e);
}

static int review_tree(struct reviewing *all, struct error *e)
{
	all->frame = frame_of(all->tree, all->name);
	all->found->is_list = all->frame.is_list;
	if (review_frame(all, e) < 0)
		return -1;
	if (all->found->is_list)
		return review_list(all, e);
	if (json_has(all->tree, "type"))
		return review_plugin(all, all->tree, NULL, e);
	return tell(all, all->tree, NULL, e,
		    "has neither \"plugins\", as a list of plugins has, nor \"type\", as "
		    "one plugin's configuration has");
}

static int review_name(struct reviewing *all, struct error *e)
{
	const char *misnamed = frame_misnamed(&all->frame);

	return misnamed ? tell(all, all->tree, NULL, e, "%s", misnamed) : 0;
}

static int review_broken(struct reviewing *all, const struct error *why, struct error *e)
{
	if (tell(all, NULL, NULL, e, "%s", why->msg) < 0)
		return -1;
	(void)!json_is_broken(all->text, all->len, &all->found->v[0].line,
			      &all->found->v[0].column);
	return 0;
}

int review_document(const char *name, const char *text, size_t len, struct review *ret,
		    struct error *e)
{
	_cleanup_(json_freep) struct cJSON *tree = NULL;
	_cleanup_(review_clear) struct review found = { 0 };
	struct reviewing all = {
		.name = name,
		.text = text,
		.len = len,
		.found = &found,
	};
	struct error why;

	if (json_parse(text, len, &tree, &why) == 0) {
		all.tree = tree;
		if (review_tree(&all, e) < 0 || review_name(&all, e) < 0)
			return -1;
	} else if (why.code == ERROR_MEMORY) {
		*e = why;
		return -1;
	} else if (review_broken(&all, &why, e) < 0) {
		return -1;
	}
	if (found.n > 1)
		qsort(found.v, found.n, sizeof(*found.v), compare_findings);
	*ret = found;
	found = (struct review){ 0 };
	return 0;
}

bool review_found(const struct review *review)
{
	for (size_t i = 0; i < review->n; i++)
		if (!review->v[i].note)
			return true;
	return false;
}

void review_clear(struct review *review)
{
	for (size_t i = 0; i < review->n; i++) {
		free(review->v[i].path);
		free(review->v[i].text);
	}
	free(review->v);
	*review = (struct review){ 0 };
}

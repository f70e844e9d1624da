/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * review.c - a file for `footbridge lint`, and for those who read its plugins
 *
 * What lint says stands in the file; and of what it finds nothing to say about, every
 * plugin of ours takes its part.
 */
#include "../../plugin/lint.c"

#include "conf.h"
#include "conflist.h"
#include "fuzz.h"
#include "json.h"
#include "known.h"
#include "place.h"

#define LOCATED 64 /* values; to locate one goes through the text */

struct file {
	const char *text;
	size_t len;
};

/* Where that is in the text; behind its last byte, something may be missing. */
static size_t offset_of(const struct file *file, size_t line, size_t column)
{
	size_t at = 0, end;

	MUST(line > 0 && column > 0);
	for (; line > 1; line--) {
		const char *feed = memchr(file->text + at, '\n', file->len - at);

		MUST(feed);
		at = (size_t)(feed - file->text) + 1;
	}
	for (end = at; end < file->len && file->text[end] != '\n';)
		end++;
	MUST(column - 1 <= end - at);
	return at + column - 1;
}

/* What lint says. */

/* Of what is no JSON the place is where it ends to be that, else where a value begins. */
static void must_stand(const struct file *file, const struct cJSON *tree,
		       const struct finding *finding)
{
	size_t line = 0, column = 0, at;
	bool broken = json_is_broken(file->text, file->len, &line, &column);

	if (finding->line == 0) {
		/* something else than an object, which is nowhere */
		MUST(!tree && !broken && finding->column == 0);
		return;
	}
	at = offset_of(file, finding->line, finding->column);
	if (broken)
		MUST(finding->line == line && finding->column == column);
	else
		MUST(at < file->len && strchr("{[\"-0123456789tfn", file->text[at]));
}

static bool is_before(const struct finding *a, const struct finding *b)
{
	return a->line < b->line || (a->line == b->line && a->column <= b->column);
}

static void must_be_told(const struct review *review)
{
	_cleanup_(json_freep) struct cJSON *json = NULL;
	_cleanup_(writer_clear) struct writer w = { 0 };
	struct error e = { 0 };

	writer_open(&w, NULL, '{');
	writer_open(&w, "findings", '[');
	for (size_t i = 0; i < review->n; i++)
		tell(&w, "-", &review->v[i]);
	writer_close(&w, ']');
	writer_close(&w, '}');
	MUST(writer_text(&w));
	MUST(json_parse(writer_text(&w), strlen(writer_text(&w)), &json, &e) == 0);
}

/* Its plugins. */

struct hearing {
	size_t n;
	bool refused; /* by a plugin of ours */
};

static int take_part(const char *type, const char *text, void *arg, struct error *e)
{
	_cleanup_(json_freep) struct cJSON *json = NULL;
	_cleanup_(conf_clear) struct conf conf = { 0 };
	struct hearing *hearing = arg;
	const char *ipam;
	int parts;

	hearing->n++;
	MUST(json_parse(text, strlen(text), &json, e) == 0);
	MUST(json_string(json_get(json, "name")));
	MUST(strcmp(json_string(json_get(json, "type")), type) == 0);
	ipam = json_string(json_get(json_get(json, "ipam"), "type"));
	parts = known_parts(type, ipam ? ipam : "");
	if (parts >= 0 && fuzz_said(conf_parse(text, strlen(text), (unsigned int)parts,
					       CONF_NETWORK, &conf, e),
				    e) < 0)
		hearing->refused = true;
	return 0;
}

static void review(const char *name, const struct file *file, const struct cJSON *tree)
{
	_cleanup_(review_clear) struct review review = { 0 };
	struct hearing hearing = { 0 };
	struct error e = { 0 };
	int r;

	MUST(review_document(name, file->text, file->len, &review, &e) == 0);
	MUST(review.n <= REVIEW_MAX && (!review.is_cut || review.n == REVIEW_MAX));
	MUST(tree || review_found(&review));
	for (size_t i = 0; i < review.n; i++) {
		MUST(*review.v[i].text && strlen(review.v[i].path) < PLACE_TEXT);
		MUST(i == 0 || is_before(&review.v[i - 1], &review.v[i]));
		must_stand(file, tree, &review.v[i]);
	}
	must_be_told(&review);
	r = fuzz_said(conflist_parse(file->text, file->len, take_part, &hearing, &e), &e);
	MUST(tree || r < 0);
	if (review.n == 0)
		MUST(r == 0 && hearing.n > 0);
	if (!review_found(&review))
		MUST(!hearing.refused);
}

/* Places. */

struct locating {
	const struct file *file;
	const struct cJSON *tree;
	size_t n, behind; /* one behind the last that was located */
};

static bool may_begin(const struct cJSON *value, char first)
{
	bool is_true;

	if (json_is_object(value))
		return first == '{';
	if (json_is_array(value))
		return first == '[';
	if (json_string(value))
		return first == '"';
	if (json_bool(value, &is_true))
		return first == (is_true ? 't' : 'f');
	return first && strchr("-0123456789n", first);
}

/* Each value stands behind the one in front of it, and a member where its key does. */
static void locate(struct locating *all, const struct cJSON *value, bool member)
{
	const struct file *file = all->file;
	const bool members = json_is_object(value);
	size_t line, column, at;

	if (all->n++ == LOCATED)
		return;
	MUST(json_locate(file->text, file->len, all->tree, value, &line, &column));
	at = offset_of(file, line, column);
	MUST(at >= all->behind && at < file->len);
	MUST(member ? file->text[at] == '"' : may_begin(value, file->text[at]));
	all->behind = at + 1;
	for (value = json_first(value); value && all->n < LOCATED;
	     value = json_next(value))
		locate(all, value, members);
}

/* Whatever the path is, what is found is in the tree. */
static void find(const struct file *file, const struct cJSON *tree, const char *path,
		 size_t len)
{
	const struct cJSON *found = place_find(tree, path, len);
	size_t line, column;

	MUST(found);
	MUST(json_locate(file->text, file->len, tree, found, &line, &column));
	(void)offset_of(file, line, column);
}

/* The input as a path down some tree. */
static void find_in_list(const struct file *path)
{
	static const char text[] = "{\"plugins\": [{\"type\": \"a\"}, {\"ipam\": {\n"
				   "\"ranges\": [[{\"subnet\": 1}], []]}}], \"\": {}}";
	const struct file file = { text, strlen(text) };
	_cleanup_(json_freep) struct cJSON *tree = NULL;
	struct error e = { 0 };

	MUST(json_parse(file.text, file.len, &tree, &e) == 0);
	find(&file, tree, path->text, path->len);
}

/* What has been printed of a place is found there. */
static void find_members(const struct file *file, const struct cJSON *tree)
{
	size_t n = 0;

	for (const struct cJSON *value = json_first(tree); value && n++ < LOCATED;
	     value = json_next(value)) {
		const struct place at = { .key = json_key(value) };
		char path[PLACE_TEXT];

		place_print(&at, path);
		if (*path && strlen(at.key) < sizeof(path) - 1 && !strpbrk(path, ".["))
			MUST(place_find(tree, path, strlen(path)) ==
			     json_member(tree, at.key));
		find(file, tree, path, strlen(path));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = fuzz_text(data, size);
	_cleanup_(json_freep) struct cJSON *tree = NULL;
	const struct file file = { text, size };
	struct error e = { 0 };

	if (fuzz_said(json_parse(text, size, &tree, &e), &e) == 0) {
		struct locating all = { .file = &file, .tree = tree };

		locate(&all, tree, false);
		find_members(&file, tree);
	}
	review("a.conflist", &file, tree);
	review("a.conf", &file, tree);
	find_in_list(&file);
	return 0;
}

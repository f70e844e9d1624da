/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doctor.c - what is wrong on this host, and mending it: `footbridge doctor`
 *
 * To mend is to do what an ADD would do or has done, no more: to turn forwarding on,
 * to restore what a flushed ruleset took (restore.h), to free dead leases.  Then everything is
 * looked at again, and what is told of is what is left.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "command.h"
#include "diagnosis.h"
#include "heal.h"
#include "lease.h"
#include "restore.h"
#include "sysctl.h"
#include "writer.h"

#define LINE_SIZE 512

static int read_all(struct diagnosis *d, const struct list *files, struct error *e)
{
	for (size_t i = 0; i < files->n; i++)
		if (diagnosis_read(d, files->v[i], e) < 0)
			return -1;
	return 0;
}

/* Mending.  Each adds what it did, or why it could not. */

struct mending {
	struct list done, undone;
};

static void mending_clear(struct mending *mending)
{
	list_clear(&mending->done);
	list_clear(&mending->undone);
}

static int fix_forwarding(struct diagnosis *d, int family, struct mending *mending,
			  struct error *e)
{
	struct error why;
	int on = !diagnosis_forwards(d, family) || sysctl_forwarding(family, &why);

	if (on > 0)
		return 0;
	if (on < 0 || sysctl_forward(family, &why) < 0)
		return list_add(&mending->undone, why.msg, e);
	return list_add(&mending->done,
			family == AF_INET ? "turned IPv4 forwarding on"
					  : "turned IPv6 forwarding on",
			e);
}

static int fix_ruleset(const struct diagnosis *d, struct mending *mending,
		       struct error *e)
{
	_cleanup_(list_clear) struct list unheard = { 0 };
	struct error why;

	if ((!d->unmasqueraded && !d->unguarded) ||
	    restore_all(&unheard, &mending->done, &mending->undone, &why) == 0)
		return 0;
	return list_add(&mending->undone, why.msg, e);
}

static bool has_dead(const struct survey *survey, const char *network)
{
	for (size_t i = 0; i < survey->n_attachments; i++) {
		const struct survey_attachment *a = &survey->attachments[i];

		for (size_t k = 0; k < a->n_addresses; k++)
			if (a->addresses[k].dead && strcmp(a->network, network) == 0)
				return true;
	}
	return false;
}

static int fix_store(struct diagnosis *d, const struct survey_store *from,
		     struct mending *mending, struct error *e)
{
	_cleanup_(lease_close) struct lease_store store = LEASE_STORE_INIT;
	const struct conf conf = { .name = from->network };
	const struct ident id = { .conf = &conf, .host = &d->survey.host };
	struct error why;
	char line[LINE_SIZE];
	size_t freed = 0;
	int r;

	if (!diagnosis_reclaims(d, from->network) || !has_dead(&d->survey, from->network))
		return 0;
	r = lease_open(&store, from->data_dir, from->network, LEASE_CHANGE, &why);
	if (r == 0)
		r = heal_store(&store, &id, NULL, &freed, &why);
	if (r < 0 && list_add(&mending->undone, why.msg, e) < 0)
		return -1;
	(void)snprintf(line, sizeof(line), "%.300s: freed %zu dead lease%s",
		       from->network, freed, freed == 1 ? "" : "s");
	return freed ? list_add(&mending->done, line, e) : 0;
}

static int fix(const struct list *files, struct mending *mending, struct error *e)
{
	_cleanup_(diagnosis_clear) struct diagnosis d = DIAGNOSIS_INIT;

	if (read_all(&d, files, e) < 0 || diagnosis_make(&d, e) < 0 ||
	    fix_forwarding(&d, AF_INET, mending, e) < 0 ||
	    fix_forwarding(&d, AF_INET6, mending, e) < 0 ||
	    fix_ruleset(&d, mending, e) < 0)
		return -1;
	for (size_t i = 0; i < d.survey.n_stores; i++) {
		if (fix_store(&d, &d.survey.stores[i], mending, e) < 0)
			return -1;
	}
	return 0;
}

/* Telling. */

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void print_mended(const struct list *done)
{
	for (size_t i = 0; i < done->n; i++)
		(void)printf("mended: %s\n", done->v[i]);
}

static void print_text(const struct diagnosis *d, const struct list *done)
{
	print_mended(done);
	for (size_t i = 0; i < d->n_findings; i++) {
		const struct ailment *f = &d->findings[i];

		error_clean(f->what);
		error_clean(f->mend);
		(void)printf("%s: %s: %s\n        %s\n", f->grave ? "wrong" : "note",
			     f->where, f->what, f->mend);
	}
	if (d->n_findings == 0)
		(void)printf("nothing is wrong: %zu configuration%s, %zu network%s, "
			     "%zu attachment%s\n",
			     d->confs.n, plural(d->confs.n), d->survey.n_networks,
			     plural(d->survey.n_networks), d->survey.n_attachments,
			     plural(d->survey.n_attachments));
}

static int print_json(const struct diagnosis *d, const struct list *done, struct error *e)
{
	_cleanup_(writer_clear) struct writer w = { 0 };

	writer_open(&w, NULL, '{');
	writer_open(&w, "mended", '[');
	for (size_t i = 0; i < done->n; i++)
		writer_string(&w, NULL, done->v[i]);
	writer_close(&w, ']');
	writer_open(&w, "findings", '[');
	for (size_t i = 0; i < d->n_findings; i++) {
		writer_open(&w, NULL, '{');
		writer_bool(&w, "grave", d->findings[i].grave);
		writer_string(&w, "where", d->findings[i].where);
		writer_string(&w, "what", d->findings[i].what);
		writer_string(&w, "mend", d->findings[i].mend);
		writer_close(&w, '}');
	}
	writer_close(&w, ']');
	writer_close(&w, '}');
	return command_print(&w, e);
}

/* What was mended is told, though what is left is not known. */
static void tell_undone_look(const struct command_wishes *wishes,
			     const struct mending *mending)
{
	const struct diagnosis unknown = DIAGNOSIS_INIT;
	struct error ignored;

	if (!wishes->json)
		print_mended(&mending->done);
	else if (mending->done.n > 0)
		(void)!print_json(&unknown, &mending->done, &ignored);
	command_tell(&command_doctor, &mending->undone);
}

static bool has_grave(const struct diagnosis *d)
{
	for (size_t i = 0; i < d->n_findings; i++)
		if (d->findings[i].grave)
			return true;
	return false;
}

/* The command.  Return: a status; -1. */
static int examine(const struct command_wishes *wishes, struct error *e)
{
	_cleanup_(diagnosis_clear) struct diagnosis d = DIAGNOSIS_INIT;
	_cleanup_(mending_clear) struct mending mending = { 0 };
	_cleanup_(list_clear) struct list files = { 0 };

	if (netconf_files(&wishes->files, &files, e) < 0 ||
	    (wishes->special && fix(&files, &mending, e) < 0) ||
	    read_all(&d, &files, e) < 0 || diagnosis_make(&d, e) < 0 ||
	    (files.n == 0 && diagnosis_read_none(&d, e) < 0)) {
		tell_undone_look(wishes, &mending);
		return -1;
	}
	if (!wishes->json)
		print_text(&d, &mending.done);
	else if (print_json(&d, &mending.done, e) < 0)
		return -1;
	command_tell(&command_doctor, &mending.undone);
	return has_grave(&d) || mending.undone.n > 0 ? COMMAND_TROUBLE : COMMAND_FINE;
}

static int run(const struct command *command, int argc, char **argv)
{
	return command_about_confs(command, argc, argv, "fix", 0, examine);
}

const struct command command_doctor = {
	.name = "doctor",
	.synopsis = "[--conf FILE|NAME]... [--fix] [--json]",
	.summary = "what would make an ADD fail or leave a container without network",
	.help = "Each finding is followed by what mends it. \"wrong\" is what fails or will\n"
		"fail, \"note\" what is worth knowing.\n"
		"\n"
		"  --conf FILE  this configuration (.conflist, .conf, .json, or with a '/'),\n"
		"               instead of all those in $NETCONFPATH or /etc/cni/net.d; may be\n"
		"               given several times\n"
		"  --conf NAME  that of the network of this name there\n"
		"  --fix        turn forwarding on for networks in use, restore masquerade, MAC\n"
		"               guards and VLANs' gateways, free dead leases; says what it did and\n"
		"               what is left\n"
		"  --json       for programs\n"
		"\n"
		"The exit status is 1 where something is wrong (and was not mended).\n",
	.run = run,
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * effect.h - one thing done to the world, with all one may want of it
 *
 * A plugin is a name and a list of effects.  A verb is a direction of walking
 * the list: ADD forward with apply; DEL backward with revert; a failing ADD
 * backward from where it stood with the very same revert; CHECK forward with
 * verify; GC backward with sweep; STATUS forward with ready.  A slot that is
 * NULL has nothing to do in that verb.
 *
 * The laws:
 *  1. apply happens whole or not at all, and refuses if this attachment has it.
 *  2. revert needs nothing that apply remembered: only who is asking.
 *  3. Finding nothing to revert is success.  Shared things (the bridge, the nft
 *     table, forwarding) are ensured by apply and never reverted.
 *  4. Effects speak to each other only through the result the runtime will see.
 */
#ifndef FOOTBRIDGE_EFFECT_H
#define FOOTBRIDGE_EFFECT_H

#include <stdbool.h>

#include "args.h"
#include "conf.h"
#include "error.h"
#include "link.h"
#include "list.h"
#include "name.h"
#include "netns.h"
#include "nl.h"
#include "result.h"

/* The namespace we were called in. */
struct host {
	struct nl route;
	/*
	 * Opened when first needed, and left open until the process ends: closing
	 * it after a delete waits for an RCU grace period (nft_rcv_nl_event(),
	 * net/netfilter/nf_tables_api.c), which shall overlap with the link's.
	 */
	struct nl nft;
};

/* Open host->nft, unless it is open.  Return: 0; NL_UNSUPPORTED without nf_tables; -1. */
int host_nft(struct host *host, struct error *e) _must_check_;

/* The container's namespace. */
struct pod {
	struct netns netns;
	struct nl route;
};

#define POD_INIT { .netns = NETNS_INIT, .route = NL_INIT }

/* Open the namespace at @path, as netns_open(), and a socket in it.  Return: 0, NETNS_NONE, -1. */
int pod_open(struct pod *ret, const struct host *host, const char *path, bool own_allowed,
	     struct error *e) _must_check_;

/* Close both.  For _cleanup_. */
void pod_close(struct pod *pod);

struct effect;

/* Who is asking: all that revert may know. */
struct ident {
	const struct conf *conf;	/* the network: conf->name */
	const struct args *args;	/* the container and its interface */
	struct host *host;
	struct pod *pod;		/* NULL when the namespace is gone, or not this plugin's matter */
	const struct error *unseen;	/* what kept us out of a namespace that may be there; NULL = nothing did */
	struct list *notes;		/* for stderr, when the call is over; NULL = nobody hears */
	const struct effect *const *others;	/* see ident_revert_others(); NULL = none */
	bool locked;			/* nobody else works on the attachment: we have its namespace's lock */
};

/* Have something told on stderr.  Goes unsaid where nobody hears, or for want of memory. */
void ident_note(const struct ident *id, const char *format, ...) _printf_(2, 3);

/*
 * Take back what an attachment has on the host beside its lease.  To be called by who takes
 * the lease back, before that is done and where nobody can lease meanwhile.
 * To a DEL without the namespace's lock (ident->locked) an ADD may have put things where it
 * had looked already.  Such an ADD has been whole by now, and goes, or finds itself without a
 * lease at its end and fails.
 * An ADD that finds the lease of a former self, which is dead, goes by this configuration from
 * then on, and sees nothing of what that one had by another.
 * Return: 0, -1.
 */
int ident_revert_others(const struct ident *id, struct error *e) _must_check_;

/* An attachment being made (ADD) or looked at (CHECK). */
struct attach {
	struct ident id;
	struct result result;		/* ADD: the facts so far; CHECK: the prevResult */
	void *reserve;			/* see attach_free_reserve() */
	uint64_t idle;			/* ADD: a bit for each effect that returned EFFECT_IDLE */
};

/* A thing that a sweep takes away. */
struct gc_find {
	const char *kind;		/* "lease", "link" */
	const char *thing;		/* the address, the name */
	const char *owner;		/* "" where it is not known */
	const char *why;		/* what it shows by that nobody has it: "its port is gone" */
};

/* Return: 1 when it may go, 0 when it stays, -1. */
typedef int gc_ask(const struct gc_find *find, void *arg, struct error *e);

/* A network being swept (GC).  Owners are name_owner() texts. */
struct gc {
	const struct conf *conf;
	const struct args *args;	/* of which GC has CNI_PATH alone */
	struct host *host;
	/*
	 * Nobody told who is valid: a person asks.  Then a thing goes only where it is
	 * certain that nobody has it, and that it is of this network.
	 */
	bool unlisted;
	bool look;			/* nothing goes, @ask only hears what would */
	gc_ask *ask;			/* NULL: everything that is found goes */
	void *arg;			/* for ask */
	struct list valid;		/* those the runtime names */
	struct list living;		/* others that are connected and stay; see gcLive */
	struct list parted;		/* unlisted: those whose link connects nobody */
	struct list *notes;		/* for stderr */
};

/*
 * What apply returns when this configuration gave it nothing to do, or somebody had done it:
 * the way back must leave it out, or a refused ADD would undo what an ADD with an earlier
 * configuration did, or somebody.
 */
#define EFFECT_IDLE 1

/* What verify returns when nothing that follows in the list is to be looked at. */
#define EFFECT_DONE 2

struct effect {
	const char *name;		/* what it does: "lease an address" */
	int (*apply)(struct attach *at, struct error *e);
	int (*revert)(const struct ident *id, struct error *e);
	int (*verify)(const struct attach *at, struct error *e);
	int (*sweep)(const struct gc *gc, struct error *e);
	int (*ready)(const struct ident *id, struct error *e);
	/*
	 * Revert and sweep give addresses free, and are left out where those of another
	 * effect failed: a link that still stands may bear one.
	 */
	bool frees;
};

/*
 * The MTU that the network's devices are to have when they are made: the
 * configured one, or with "auto" that of the default route at this moment, but
 * no less than IPv6 needs where the network gives IPv6 addresses.
 * Return: 0, *ret being 0 for the kernel's default; -1.
 */
int ident_mtu(const struct ident *id, uint32_t *ret, struct error *e) _must_check_;

/* The first byte of a host veth's MAC: higher than real hardware's. */
#define VETH_MAC_0 0xfe

/* The MAC of this attachment's host veth. */
struct mac ident_veth_mac(const struct ident *id);

/* The name of this attachment's host veth.  Return: @name. */
const char *ident_veth(const struct ident *id, char name[static NAME_LINK]);

/* The host's device of that name, if it is this attachment's.  Return: its index; 0 for none; -1. */
int ident_link(const struct ident *id, struct link *link, struct error *e) _must_check_;

/*
 * The container's interface, when it is a veth, and its other end, when that is on the host;
 * id->pod must be there.
 * Return: 1, 0, -1.
 */
int ident_pair(const struct ident *id, struct link *inside, struct link *outside, struct error *e) _must_check_;

/*
 * The attachment's host veth whatever it is called by now: by its name, and where none of ours
 * has it and the namespace is there, from within.
 * Return: its index; 0 for none; -1.
 */
int ident_find_link(const struct ident *id, struct link *link, struct error *e) _must_check_;

/* The owner text of this attachment.  Return: @owner. */
const char *ident_owner(const struct ident *id, char owner[static NAME_OWNER]);

/*
 * Is this attachment alive: has the container its interface, or a container in another
 * namespace that our host veth leads into?  Where we cannot look into the container it counts
 * as alive.  A namespace that is being taken down is waited for, up to 1 s.
 * Return: 1 yes, 0 no, -1.
 */
int ident_alive(const struct ident *id, struct error *e) _must_check_;

/* Refuse an ADD because it is.  Return: -1. */
int ident_refuse(const struct ident *id, struct error *e);

/*
 * Is this one of the attachment's own addresses?  A prevResult may hold those
 * of other interfaces too.
 */
bool attach_owns(const struct attach *at, const struct address *address);

/*
 * effect_apply_all() takes memory that the way back may need where there is none left.
 * Whoever is done with an ADD gives that free.
 */
void attach_free_reserve(struct attach *at);

/*
 * Find who lives on this network: the owners of host veths whose other end is in
 * another namespace.  A veth exists no longer than its peer, and a namespace
 * takes its devices along: where the host veth stands, something still holds the
 * container's namespace.  (One whose ends are both here connects nobody; it was
 * pulled out of its container by hand.  Unless CNI_NETNS_OVERRIDE says that
 * containers may live in our own namespace.)  Those that the runtime does not
 * name go to gc->living, with a note, unless gcLive.  Unlisted there is neither
 * note nor gcLive, and of a link whose ends are both here the other one must be
 * down as well.
 * Return: 0, -1.
 */
int gc_look(struct gc *gc, struct error *e) _must_check_;

/* Does this host veth connect somebody, as told there? */
bool gc_connects(const struct gc *gc, const struct link *link);

/* Does GC leave this owner's things alone? */
bool gc_keeps(const struct gc *gc, const char *owner);

/*
 * Has somebody whom gc_look() did not meet been connected since, so that what it has stays?
 * To be asked before a thing is called nobody's.  Never so with gcLive, or unlisted.
 * @veth: the host's end of who may have it; "" where that cannot be told.
 * Return: 1 yes, 0 no, -1.
 */
int gc_arrived(const struct gc *gc, const char *veth, struct error *e) _must_check_;

/* Asked by sweep for each thing that it found.  Return: 1 when it is to go, 0 when it stays, -1. */
int gc_takes(const struct gc *gc, const struct gc_find *find, struct error *e) _must_check_;

/* Release the lists that gc_look() filled. */
void gc_clear(struct gc *gc);

/* Has any of them something to do in GC? */
bool effect_sweeps(const struct effect *const effects[]);

/*
 * The walks.  @effects: ends with NULL.
 *
 * effect_apply_all: on failure everything applied so far is reverted.
 * effect_take_back: revert all that it applied, where the ADD fails behind it; trouble
 * on the way back goes beside *e, the cause.
 * effect_revert_all, effect_sweep_all: go on after a failure and report all of
 * them together.
 * Return: 0, -1; a message begins with the effect's name.
 */
int effect_apply_all(const struct effect *const effects[], struct attach *at,
		     struct error *e) _must_check_;
void effect_take_back(const struct effect *const effects[], struct attach *at,
		      struct error *e);
int effect_revert_all(const struct effect *const effects[], const struct ident *id,
		      struct error *e) _must_check_;
int effect_verify_all(const struct effect *const effects[], const struct attach *at,
		      struct error *e) _must_check_;
int effect_sweep_all(const struct effect *const effects[], const struct gc *gc,
		     struct error *e) _must_check_;
int effect_ready_all(const struct effect *const effects[], const struct ident *id,
		     struct error *e) _must_check_;

#endif

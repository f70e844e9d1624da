/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sweep.c - let one thing after the other go wrong in a call of the plugin, or in a
 * command of the tool
 *
 *   sweep [-1|-a] [-mq] [-s STEP] [-n AT [-e ERRNO]] BIN SWEEP
 *
 * BIN is the folder with the plugin, beside which the tool is.  Each point has a host of
 * its own.  Whoever walks over processes makes the same calls each time where there are
 * always the same: call it in a PID namespace with a /proc of its own.
 *
 *   -a   every error at every call; else those that the call's manual page names
 *   -1   one error at each call, another one at the next
 *   -m   not at calls that get memory: a sanitizer has more of its own than there are
 *   -q   after a kill and DEL, ADD once more only at each fourth point
 *   -s   each STEP-th point
 *   -n   this point alone, and show what is said
 *
 * The last line is "SWEEP: N points, N survived"; the exit status is 0 when all did, and
 * hardly one (MISSED_MAX) was not to be reached again.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "alloc.h"
#include "calls.h"
#include "cleanup.h"
#include "trace.h"
#include "world.h"

#define VICTIM "victim"
#define NEIGHBOUR "neighbour"
#define CORPSE "corpse"
#define IN_STORE "/var/lib/cni/networks/net/"
#define FIRST "10.1.0.2"
#define LAST "10.1.0.3"
#define LAST_V6 "fd00:1::3"
#define ALLOC_FILE WORLD_APART "/alloc"
#define CONF_FILE WORLD_APART "/net.conf"
#define PATIENCE_S 20
#define LABEL_SIZE 128
#define WORLD_SIZE 131072
#define ENV_MAX 16
#define QUICK_STEP 4
#define TRIES 10      /* of what is not the same each time */
#define MISSED_MAX 50 /* one in so many: a second wait, say, in the dry run alone */
#define WORDS_MAX 5

/* What goes wrong in a sweep. */
enum deed {
	KILL,
	ERRORS,	     /* a system call fails */
	LOADER,	     /* the same, before the plugin's first instruction */
	MEMORY_ONCE, /* an allocation fails */
	MEMORY_FULL, /* from it on there is only what is given back */
	MEMORY_NONE, /* it and all behind it fail */
};

struct sweep {
	const char *name;
	const char *plugin; /* by which name all calls are made; NULL: bridge */
	const char *verb;   /* of the call that it happens to */
	const char *more;   /* keys of the configuration */
	const char *ipam;   /* of its "ipam", with the type; NULL: host-local */
	const char *former; /* ADD: keys with which the container was here, and died */
	enum deed deed;
	bool go;     /* the Go bridge had added the container */
	bool full;   /* ADD: no address is free but one whose container died */
	bool beside; /* beside a neighbour on a network that stands; else the very first */
	bool gone; /* the container's namespace is removed before the DEL, or before the one after a kill */
	bool by_del; /* GC: DELs put right what was killed, else the next GC */
	bool broken; /* CHECK: of a network that is not as it should be */
	const char *words[WORDS_MAX]; /* of a command of the tool, in place of a verb */
	const char *
		spoil; /* what befalls the host, for a command that mends; else it asks */
};

/* A command of the tool, beside two containers. */
#define TOOL(command, spoilt, ...)                                                       \
	{ .name = "errors-" command,                                                     \
	  .deed = ERRORS,                                                                \
	  .verb = "",                                                                    \
	  .beside = true,                                                                \
	  .words = { __VA_ARGS__ },                                                      \
	  .spoil = spoilt },                                                             \
	{                                                                                \
		.name = "memory-once-" command, .deed = MEMORY_ONCE, .verb = "",         \
		.beside = true, .words = { __VA_ARGS__ }, .spoil = spoilt                \
	}
#define NAMED_MOOD(mood, happens, which, low, high)                                      \
	{                                                                                \
		.name = "memory-" mood "-" which "-" low, .deed = (happens),             \
		.plugin = (which), .verb = (high)                                        \
	}
/* A call of a plugin by its own name. */
#define NAMED(which, low, high)                                                          \
	{ .name = "errors-" which "-" low,                                               \
	  .deed = ERRORS,                                                                \
	  .plugin = (which),                                                             \
	  .verb = (high) },                                                              \
		NAMED_MOOD("once", MEMORY_ONCE, which, low, high),                       \
		NAMED_MOOD("full", MEMORY_FULL, which, low, high),                       \
		NAMED_MOOD("none", MEMORY_NONE, which, low, high)
/* Debian's Go plugins, which know versions up to 1.0.0 */
#define GO "/usr/lib/cni"
/* tests/faults/elsewhere.c */
#define ELSEWHERE "\"type\": \"elsewhere\""
#define STICKY "\"type\": \"host-local\", \"sticky\": true"
#define VLAN "\"vlan\": 100,"
#define CUT "ip -n " VICTIM " link del eth0"
#define CUT_CORPSE "ip -n " CORPSE " link del eth0"
#define FLUSH "nft flush ruleset"
#define GUARDED "\"macspoofchk\": true, \"hairpinMode\": true,"
#define OPTIONS "\"portIsolation\": true, \"promiscMode\": true, \"mtu\": \"auto\","
#define STOP "echo 0 >/proc/sys/net/ipv4/ip_forward"

static const struct sweep sweeps[] = {
	{ .name = "kill-add", .deed = KILL, .verb = "ADD" },
	{ .name = "kill-add-beside", .deed = KILL, .verb = "ADD", .beside = true },
	{ .name = "kill-add-guarded", .deed = KILL, .verb = "ADD", .more = GUARDED },
	{ .name = "kill-add-former",
	  .deed = KILL,
	  .verb = "ADD",
	  .beside = true,
	  .former = GUARDED },
	{ .name = "kill-add-gone", .deed = KILL, .verb = "ADD", .gone = true },
	{ .name = "kill-add-options", .deed = KILL, .verb = "ADD", .more = OPTIONS },
	{ .name = "kill-add-delegated", .deed = KILL, .verb = "ADD", .ipam = ELSEWHERE },
	{ .name = "kill-add-sticky",
	  .deed = KILL,
	  .verb = "ADD",
	  .beside = true,
	  .ipam = STICKY },
	{ .name = "kill-add-full",
	  .deed = KILL,
	  .verb = "ADD",
	  .beside = true,
	  .full = true },
	{ .name = "kill-add-vlan", .deed = KILL, .verb = "ADD", .more = VLAN },
	{ .name = "kill-add-host-local",
	  .deed = KILL,
	  .plugin = "host-local",
	  .verb = "ADD" },
	{ .name = "kill-add-loopback",
	  .deed = KILL,
	  .plugin = "loopback",
	  .verb = "ADD" },
	{ .name = "kill-del", .deed = KILL, .verb = "DEL", .beside = true },
	{ .name = "kill-del-guarded", .deed = KILL, .verb = "DEL", .more = GUARDED },
	{ .name = "kill-del-gone", .deed = KILL, .verb = "DEL", .gone = true },
	{ .name = "kill-del-delegated", .deed = KILL, .verb = "DEL", .ipam = ELSEWHERE },
	{ .name = "kill-del-vlan", .deed = KILL, .verb = "DEL", .more = VLAN },
	{ .name = "kill-del-takeover",
	  .deed = KILL,
	  .verb = "DEL",
	  .more = GUARDED,
	  .go = true },
	{ .name = "kill-del-takeover-gone",
	  .deed = KILL,
	  .verb = "DEL",
	  .more = GUARDED,
	  .go = true,
	  .gone = true },
	{ .name = "kill-gc", .deed = KILL, .verb = "GC", .beside = true },
	{ .name = "kill-gc-del",
	  .deed = KILL,
	  .verb = "GC",
	  .beside = true,
	  .by_del = true },
	{ .name = "errors-add", .deed = ERRORS, .verb = "ADD" },
	{ .name = "errors-add-former",
	  .deed = ERRORS,
	  .verb = "ADD",
	  .beside = true,
	  .former = GUARDED },
	{ .name = "errors-add-guarded",
	  .deed = ERRORS,
	  .verb = "ADD",
	  .beside = true,
	  .more = GUARDED },
	{ .name = "errors-add-options",
	  .deed = ERRORS,
	  .verb = "ADD",
	  .beside = true,
	  .more = OPTIONS },
	{ .name = "errors-add-delegated",
	  .deed = ERRORS,
	  .verb = "ADD",
	  .ipam = ELSEWHERE },
	{ .name = "errors-add-sticky",
	  .deed = ERRORS,
	  .verb = "ADD",
	  .beside = true,
	  .ipam = STICKY },
	{ .name = "errors-add-full",
	  .deed = ERRORS,
	  .verb = "ADD",
	  .beside = true,
	  .full = true },
	{ .name = "errors-add-vlan", .deed = ERRORS, .verb = "ADD", .more = VLAN },
	NAMED("host-local", "add", "ADD"),
	NAMED("host-local", "del", "DEL"),
	NAMED("host-local", "check", "CHECK"),
	NAMED("loopback", "add", "ADD"),
	NAMED("loopback", "del", "DEL"),
	NAMED("loopback", "check", "CHECK"),
	NAMED("bridge", "version", "VERSION"),
	{ .name = "errors-del", .deed = ERRORS, .verb = "DEL", .beside = true },
	{ .name = "errors-del-delegated",
	  .deed = ERRORS,
	  .verb = "DEL",
	  .beside = true,
	  .ipam = ELSEWHERE },
	{ .name = "errors-del-gone", .deed = ERRORS, .verb = "DEL", .gone = true },
	{ .name = "errors-del-guarded",
	  .deed = ERRORS,
	  .verb = "DEL",
	  .beside = true,
	  .more = GUARDED },
	{ .name = "errors-del-vlan",
	  .deed = ERRORS,
	  .verb = "DEL",
	  .beside = true,
	  .more = VLAN },
	{ .name = "errors-del-takeover",
	  .deed = ERRORS,
	  .verb = "DEL",
	  .more = GUARDED,
	  .go = true },
	{ .name = "errors-check", .deed = ERRORS, .verb = "CHECK" },
	{ .name = "errors-check-delegated",
	  .deed = ERRORS,
	  .verb = "CHECK",
	  .ipam = ELSEWHERE },
	{ .name = "errors-check-guarded",
	  .deed = ERRORS,
	  .verb = "CHECK",
	  .more = GUARDED },
	{ .name = "errors-check-takeover", .deed = ERRORS, .verb = "CHECK", .go = true },
	{ .name = "errors-check-vlan", .deed = ERRORS, .verb = "CHECK", .more = VLAN },
	{ .name = "errors-check-broken",
	  .deed = ERRORS,
	  .verb = "CHECK",
	  .broken = true },
	{ .name = "errors-gc", .deed = ERRORS, .verb = "GC", .beside = true },
	{ .name = "errors-gc-guarded",
	  .deed = ERRORS,
	  .verb = "GC",
	  .beside = true,
	  .more = GUARDED },
	{ .name = "errors-gc-delegated",
	  .deed = ERRORS,
	  .verb = "GC",
	  .beside = true,
	  .ipam = ELSEWHERE },
	{ .name = "errors-status", .deed = ERRORS, .verb = "STATUS" },
	{ .name = "loader-add", .deed = LOADER, .verb = "ADD" },
	{ .name = "loader-del", .deed = LOADER, .verb = "DEL", .beside = true },
	{ .name = "loader-check", .deed = LOADER, .verb = "CHECK" },
	{ .name = "memory-once-add", .deed = MEMORY_ONCE, .verb = "ADD" },
	{ .name = "memory-once-add-delegated",
	  .deed = MEMORY_ONCE,
	  .verb = "ADD",
	  .ipam = ELSEWHERE },
	{ .name = "memory-once-del", .deed = MEMORY_ONCE, .verb = "DEL", .beside = true },
	{ .name = "memory-once-del-takeover",
	  .deed = MEMORY_ONCE,
	  .verb = "DEL",
	  .more = GUARDED,
	  .go = true },
	{ .name = "memory-once-check", .deed = MEMORY_ONCE, .verb = "CHECK" },
	{ .name = "memory-once-gc", .deed = MEMORY_ONCE, .verb = "GC", .beside = true },
	{ .name = "memory-once-status", .deed = MEMORY_ONCE, .verb = "STATUS" },
	{ .name = "memory-full-add", .deed = MEMORY_FULL, .verb = "ADD" },
	{ .name = "memory-full-del", .deed = MEMORY_FULL, .verb = "DEL", .beside = true },
	{ .name = "memory-full-check", .deed = MEMORY_FULL, .verb = "CHECK" },
	{ .name = "memory-full-gc", .deed = MEMORY_FULL, .verb = "GC", .beside = true },
	{ .name = "memory-full-status", .deed = MEMORY_FULL, .verb = "STATUS" },
	{ .name = "memory-none-add", .deed = MEMORY_NONE, .verb = "ADD" },
	{ .name = "memory-none-del", .deed = MEMORY_NONE, .verb = "DEL", .beside = true },
	{ .name = "memory-none-check", .deed = MEMORY_NONE, .verb = "CHECK" },
	{ .name = "memory-none-gc", .deed = MEMORY_NONE, .verb = "GC", .beside = true },
	{ .name = "memory-none-status", .deed = MEMORY_NONE, .verb = "STATUS" },
	TOOL("tool-check", NULL, "check", "--conf", CONF_FILE),
	TOOL("tool-doctor", NULL, "doctor", "--conf", CONF_FILE),
	TOOL("tool-fix", FLUSH " && " STOP " && " CUT, "doctor", "--fix", "--conf",
	     CONF_FILE),
	{ .name = "errors-tool-fix-guarded",
	  .deed = ERRORS,
	  .verb = "",
	  .beside = true,
	  .more = GUARDED,
	  .words = { "doctor", "--fix", "--conf", CONF_FILE },
	  .spoil = FLUSH },
	{ .name = "memory-once-tool-fix-guarded",
	  .deed = MEMORY_ONCE,
	  .verb = "",
	  .beside = true,
	  .more = GUARDED,
	  .words = { "doctor", "--fix", "--conf", CONF_FILE },
	  .spoil = FLUSH },
	TOOL("tool-gc", CUT, "gc", "--conf", CONF_FILE),
	TOOL("tool-graph", NULL, "graph"),
	TOOL("tool-lint", NULL, "lint", CONF_FILE),
	TOOL("tool-list", NULL, "list"),
	TOOL("tool-netns", NULL, "netns", "list"),
	TOOL("tool-peer", NULL, "peer", "--netns", "/run/netns/" VICTIM, "eth0"),
	TOOL("tool-restore", FLUSH " && " STOP, "restore"),
	TOOL("tool-status", NULL, "status", "--conf", CONF_FILE),
	{ .name = NULL },
};

/* How a point ends, as an exit status. */
enum end {
	SURVIVED,
	FELL,
	MISSED, /* the call ended before it */
	UNFIT,	/* the sweep itself is in trouble */
};

/* What the dry run tells all points. */
struct dry {
	long n; /* calls, or allocations */
	short calls[TRACE_CALLS_MAX];
	char world[WORLD_SIZE]; /* after an undisturbed ADD */
};

/* One point of a sweep. */
struct point {
	const struct sweep *sweep;
	const char *bin;
	const char *more;   /* keys of the configuration as it is by now, or NULL */
	long at;	    /* which call or allocation of the dry run, from 1 on */
	struct fault fault; /* KILL, ERRORS, LOADER */
	bool must_succeed;
	bool thorough; /* KILL: try whether the next ADD is as good as ever */
	bool loud;
	const struct dry *dry;
	char label[LABEL_SIZE];
	char *before; /* the world that is to come back */
	char *result; /* of the victim's ADD */
	char *answer; /* of the command, undisturbed */
	long seen;    /* allocations */
};

/* Ending. */

_printf_(3, 4) static _Noreturn void end(const struct point *p, enum end end,
					 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)printf("%s: ", p->label);
	(void)vprintf(format, args);
	(void)printf("\n");
	va_end(args);
	(void)fflush(stdout);
	_exit((int)end);
}

static void show(const struct outcome *outcome)
{
	(void)printf("  exit status %d%s\n  stdout: %s\n  stderr: %s\n", outcome->status,
		     outcome->hung ? ", it hung" : "", outcome->out, outcome->err);
}

static char *look(const struct point *p)
{
	char *world = world_look();

	if (!world)
		end(p, UNFIT, "cannot look around: %m");
	return world;
}

/* Calling. */

static bool is_tool(const struct sweep *sweep)
{
	return sweep->words[0];
}

static const char *conf_of(const struct point *p, const char *verb, char **ret)
{
	const bool full = p->sweep->full;
	char *tail = NULL;
	int r;

	if (strcmp(verb, "CHECK") == 0)
		r = asprintf(&tail, ", \"prevResult\": %s", p->result);
	else if (strcmp(verb, "GC") == 0)
		r = asprintf(&tail, ", \"gcLive\": true, \"cni.dev/valid-attachments\": "
				    "[{\"containerID\": \"" NEIGHBOUR
				    "\", \"ifname\": \"eth0\"}]");
	else
		r = asprintf(&tail, "%s", "");
	if (r >= 0)
		r = asprintf(ret,
			     "{\"cniVersion\": \"%s\", \"name\": \"net\", \"type\": "
			     "\"bridge\", %s \"bridge\": \"fb0\", \"isGateway\": true, "
			     "\"ipMasq\": true, \"ipam\": {%s, \"ranges\": "
			     "[[{\"subnet\": \"10.1.0.0/24\"%s}], "
			     "[{\"subnet\": \"fd00:1::/64\"%s}]], \"routes\": "
			     "[{\"dst\": \"0.0.0.0/0\"}, {\"dst\": \"::/0\"}]}%s}",
			     p->sweep->go ? "1.0.0" : "1.1.0", p->more ? p->more : "",
			     p->sweep->ipam ? p->sweep->ipam : "\"type\": \"host-local\"",
			     full ? ", \"rangeEnd\": \"" LAST "\"" : "",
			     full ? ", \"rangeEnd\": \"" LAST_V6 "\"" : "", tail);
	free(tail);
	if (r < 0)
		end(p, UNFIT, "out of memory");
	return *ret;
}

struct environment {
	char text[ENV_MAX][PATH_MAX];
	char *v[ENV_MAX + 1];
	size_t n;
};

/* @format: of "NAME=value". */
_printf_(2, 3) static void set(struct environment *env, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(env->text[env->n], PATH_MAX, format, args);
	va_end(args);
	env->v[env->n] = env->text[env->n];
	env->n++;
}

static bool is_about_pod(const char *verb)
{
	return *verb && strcmp(verb, "GC") != 0 && strcmp(verb, "STATUS") != 0;
}

static void set_all(struct environment *env, const struct point *p, const char *verb,
		    const char *pod)
{
	set(env, "CNI_COMMAND=%s", verb);
	set(env, "CNI_PATH=%s:%s/../faults", p->bin, p->bin);
	set(env, "PATH=/usr/sbin:/usr/bin:/sbin:/bin");
	if (!is_about_pod(verb))
		return;
	set(env, "CNI_CONTAINERID=%s", pod);
	set(env, "CNI_NETNS=/run/netns/%s", pod);
	set(env, "CNI_IFNAME=eth0");
	set(env, "CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=%s",
	    pod);
}

/* @verb: "" for the command of the tool. */
static void call_as(const struct point *p, const char *verb, const char *pod,
		    const struct fault *fault, bool starve, struct outcome *ret)
{
	struct environment env = { .n = 0 };
	_cleanup_(freep) char *conf = NULL;
	char path[PATH_MAX];
	char *argv[WORDS_MAX + 2] = { path };
	struct program_run run = { argv, env.v, NULL, PATIENCE_S };

	(void)snprintf(path, sizeof(path), "%s/%s", p->bin,
		       !*verb		  ? "../footbridge"
		       : p->sweep->plugin ? p->sweep->plugin
					  : "bridge");
	for (size_t i = 0; !*verb && i < WORDS_MAX; i++)
		argv[i + 1] = (char *)p->sweep->words[i];
	set_all(&env, p, verb, pod);
	/* leaks are not looked for under ptrace(); behind a fault nothing traces any more */
	if (fault && fault->kind == FAULT_COUNT)
		set(&env, "ASAN_OPTIONS=detect_leaks=0");
	if (starve) {
		set(&env, "LD_PRELOAD=%s/../faults/alloc.so", p->bin);
		set(&env, ALLOC_VARIABLE "=" ALLOC_FILE);
	}
	run.input = conf_of(p, verb, &conf);
	if (trace_run(&run, fault, ret) < 0)
		end(p, UNFIT, "cannot run %s: %m", path);
	if (p->loud)
		show(ret);
}

/* Is it exactly one document?  Return: to be deleted; NULL. */
static cJSON *document(const char *text)
{
	return cJSON_ParseWithOpts(text, NULL, 1);
}

/* Does a call of this verb write anything when it goes well? */
static bool has_answer(const char *verb)
{
	return !*verb || strcmp(verb, "ADD") == 0 || strcmp(verb, "VERSION") == 0;
}

/* An undisturbed call, which must go well.  Return: what it wrote, to free. */
static char *must(const struct point *p, const char *verb, const char *pod,
		  const char *when)
{
	struct outcome outcome;
	char *out;

	call_as(p, verb, pod, NULL, false, &outcome);
	if (outcome.status != 0 || (*outcome.out && !has_answer(verb))) {
		show(&outcome);
		end(p, FELL, "%s %s fails", *verb ? verb : "the command", when);
	}
	out = outcome.out;
	outcome.out = NULL;
	outcome_clear(&outcome);
	return out;
}

/* The faults. */

static void count_allocations(struct point *p, bool set_them)
{
	struct alloc alloc = {
		.at = p->at,
		.mood = (enum alloc_mood)(p->sweep->deed - MEMORY_ONCE),
	};
	_cleanup_(closep) int fd = open(ALLOC_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ssize_t n = set_them ? pwrite(fd, &alloc, sizeof(alloc), 0)
			     : pread(fd, &alloc, sizeof(alloc), 0);

	if (n != (ssize_t)sizeof(alloc))
		end(p, UNFIT, "cannot count allocations: %m");
	p->seen = alloc.seen;
}

/* The call in which it happens. */
static void strike(struct point *p, struct outcome *ret)
{
	const bool starve = p->sweep->deed >= MEMORY_ONCE;

	if (starve)
		count_allocations(p, true);
	call_as(p, p->sweep->verb, VICTIM, starve ? NULL : &p->fault, starve, ret);
	if (starve) {
		count_allocations(p, false);
		ret->hit = p->seen >= p->at;
	}
}

/* What must be afterwards. */

/*
 * Any of these in a line says that something of ours is left, be it without a word of whose it
 * is: a lease without a text, a set's element.
 */
static const char *const traces[] = { VICTIM,	    CORPSE,	    " link veth",
				      "/.",	    IN_STORE,	    "elements = ",
				      "chain CNI-", "cni-br-iface", NULL };

/* The network's record, which tells of its newest configuration. */
static const char *const records[] = { "file /run/footbridge/networks/", NULL };

/* Is there a line with both? */
static bool has_line(const char *world, const char *one, const char *other)
{
	const char *line = world, *end;

	for (; *line; line = end + (*end == '\n')) {
		const char *at = strstr(line, one);
		const char *also = strstr(line, other);

		end = strchrnul(line, '\n');
		if (at && at < end && also && also < end)
			return true;
	}
	return false;
}

/* Return: is the world exactly this one?  Says what is not. */
static bool is_world(const char *world, const char *wanted, const char *const except[])
{
	bool more = world_differs(world, wanted, NULL, except, "  too much: ");
	bool less = world_differs(wanted, world, NULL, except, "  missing: ");

	return !more && !less;
}

/* What was there before the first ADD is there, except that this host forwards now. */
static bool is_as_before(const struct point *p, const char *world)
{
	static const char *const forwards[] = { " switch forwarding ", NULL };
	static const char *const without_pod[] = { " switch forwarding ", VICTIM " ",
						   NULL };
	/* the kernel's gift the first time that lo is up; a VLAN's gateway stays */
	static const char *const given[] = { " dev lo ", " dev lo\n", "drawn-mac ",
					     " { set gateway-ports ", NULL };
	bool more = world_differs(world, p->before, traces, given, "  left: ");
	bool less = world_differs(p->before, world, NULL,
				  p->sweep->gone ? without_pod : forwards, "  missing: ");

	return !more && !less;
}

/* The leases of who died may be gone, and his elements; the neighbour's are as they were. */
static bool is_as_before_or_healed(const struct point *p, const char *world)
{
	static const char *const of_the_dead[] = { IN_STORE LAST, IN_STORE LAST_V6,
						   LAST_V6 " comment",
						   "elements = ", NULL };

	return is_world(world, p->before, of_the_dead) &&
	       !has_line(world, IN_STORE, VICTIM) &&
	       !has_line(world, "nft ", " comment \"" VICTIM) &&
	       has_line(world, "elements = ", FIRST " comment \"" NEIGHBOUR);
}

static bool is_clean(const struct point *p)
{
	_cleanup_(freep) char *world = look(p);

	if (p->sweep->full)
		return is_as_before_or_healed(p, world);
	if (p->sweep->beside)
		return is_world(world, p->before, p->sweep->former ? records : NULL);
	return is_as_before(p, world);
}

static void must_be_clean(const struct point *p, const char *when)
{
	if (!is_clean(p))
		end(p, FELL, "something is left %s", when);
}

static void must_work_again(struct point *p)
{
	free(p->result);
	p->result = must(p, "ADD", VICTIM, "afterwards");
	free(must(p, "CHECK", VICTIM, "of the ADD afterwards"));
	free(must(p, "DEL", VICTIM, "of the ADD afterwards"));
	must_be_clean(p, "after another ADD and DEL");
}

/* It is not so yet: wait a moment, but not for ever. */
static void have_patience(const struct point *p, int *steps, const char *what)
{
	const struct timespec step = { .tv_nsec = 10 * 1000000L };

	if (++*steps * 10 > PATIENCE_S * 1000)
		end(p, UNFIT, "%s", what);
	(void)nanosleep(&step, NULL);
}

/*
 * Its link goes in the kernel's own time.  That is waited for where only the namespace told
 * its name, and where calls are counted.
 */
static void remove_pod(const struct point *p)
{
	int steps = 0;

	if (world_remove_pod(VICTIM) < 0)
		end(p, UNFIT, "cannot remove the namespace: %m");
	for (bool there = p->sweep->go || p->sweep->deed != KILL; there;) {
		_cleanup_(freep) char *world = world_look();

		/* what goes while it is listed interrupts that */
		if (!world && errno != EINTR)
			end(p, UNFIT, "cannot look around: %m");
		there = !world || strstr(world, " link veth");
		if (there)
			have_patience(p, &steps, "the namespace does not go");
	}
}

/* The gateway that the Go bridge makes is the kernel's to settle. */
static char *look_when_settled(const struct point *p)
{
	char *world = look(p);

	for (int steps = 0; strstr(world, " tentative");) {
		have_patience(p, &steps, "an address stays tentative");
		free(world);
		world = look(p);
	}
	return world;
}

/* Killed: the runtime sends DELs, or another GC, and that must do. */
static void judge_kill(struct point *p)
{
	const bool gc = strcmp(p->sweep->verb, "GC") == 0;

	if (p->sweep->gone)
		remove_pod(p);
	if (gc && !p->sweep->by_del) {
		free(must(p, "GC", VICTIM, "after the kill"));
		must_be_clean(p, "after GC");
		return;
	}
	free(must(p, "DEL", VICTIM, "after the kill"));
	if (gc)
		free(must(p, "DEL", CORPSE, "after the kill"));
	must_be_clean(p, "after DEL");
	if (!gc && !p->sweep->gone && p->thorough)
		must_work_again(p);
}

/* Where it is the writing of the error that fails, stderr is left to it. */
static bool says_so_otherwise(const struct point *p, const struct outcome *outcome)
{
	return p->fault.kind == FAULT_ERROR && !*outcome->out && *outcome->err &&
	       p->fault.call == SYS_write;
}

static void must_be_error(const struct point *p, const struct outcome *outcome)
{
	cJSON *error = document(outcome->out);
	bool fine = cJSON_IsNumber(cJSON_GetObjectItem(error, "code")) &&
		    cJSON_IsString(cJSON_GetObjectItem(error, "msg"));

	cJSON_Delete(error);
	if (outcome->status == 1 && (fine || says_so_otherwise(p, outcome)))
		return;
	show(outcome);
	end(p, FELL, "neither success nor exactly one error");
}

/*
 * Drawn by chance; what only `footbridge restore` asks for, and what heals a store after a
 * reboot, as not every file system has such marks; and switches that only help, as
 * /proc/sys may be read-only.  That the container's interface has IPv6 is none of these.
 */
static const char *const not_the_network[] = { "drawn-mac ",
					       "mark of ",
					       "file /run/footbridge",
					       " switch accept_dad ",
					       " switch accept_ra ",
					       " switch arp_notify ",
					       "host switch disable_ipv6 ",
					       NULL };

static void must_be_whole(const struct point *p)
{
	_cleanup_(freep) char *world = look(p);

	if (!is_world(world, p->dry->world, not_the_network))
		end(p, FELL, "exit status 0, but the network is not what it should be");
}

static void judge_add(struct point *p, const struct outcome *outcome)
{
	cJSON *result = document(outcome->out);
	const bool told = cJSON_IsArray(cJSON_GetObjectItem(result, "ips"));

	cJSON_Delete(result);
	if (outcome->status == 0) {
		if (!told)
			end(p, FELL, "exit status 0 without a result");
		must_be_whole(p);
		p->result = strdup(outcome->out);
		free(must(p, "CHECK", VICTIM, "of what ADD says it made"));
		free(must(p, "DEL", VICTIM, "of what ADD made"));
		must_be_clean(p, "after DEL");
		return;
	}
	/*
	 * Without a byte of memory the way back cannot be gone: it is left to DEL.  So is
	 * what was there before, where the ADD did not come to it.
	 */
	if (p->sweep->deed == MEMORY_NONE || p->sweep->former)
		free(must(p, "DEL", VICTIM, "after the ADD that failed"));
	must_be_clean(p, "by the ADD that failed");
	must_work_again(p);
}

/* Another container could be given it. */
static void must_bear_no_free_address(const struct point *p)
{
	_cleanup_(freep) char *world = look(p);

	if (has_line(world, "host link veth", p->sweep->go ? " alias - " : VICTIM) &&
	    !has_line(world, IN_STORE, VICTIM))
		end(p, FELL, "the link stands, and its addresses are free");
}

/* DEL and GC. */
static void judge_removal(const struct point *p, const struct outcome *outcome)
{
	if (outcome->status == 0) {
		must_be_clean(p, "though the exit status is 0");
		return;
	}
	must_bear_no_free_address(p);
	free(must(p, p->sweep->verb, VICTIM, "again"));
	must_be_clean(p, "after the second try");
}

/* libnftables can print the rules of iptables, but not twice in a process. */
static const char *const of_iptables[] = { "chain CNI-", NULL };

/* CHECK and STATUS. */
static void judge_question(const struct point *p, const struct outcome *outcome)
{
	_cleanup_(freep) char *world = look(p);

	if (outcome->status == 0 && p->sweep->broken)
		end(p, FELL, "CHECK finds nothing wrong with a broken network");
	if (!is_world(world, p->before, p->sweep->go ? of_iptables : NULL))
		end(p, FELL, "a question changed the world");
	if (outcome->status != 0 && !p->sweep->broken)
		free(must(p, p->sweep->verb, VICTIM, "again"));
}

/* On stderr; or it is what was asked for, as a line that an undisturbed host has not. */
static bool is_told(const struct point *p, const struct outcome *outcome)
{
	_cleanup_(freep) char *copy = strdup(outcome->out);
	char *line, *rest = copy;

	if (*outcome->err)
		return true;
	while ((line = strsep(&rest, "\n"))) {
		if (p->answer ? !strstr(p->answer, line)
			      : strstr(line, "wrong: ") != NULL)
			return true;
	}
	return false;
}

/* A command that asks. */
static void judge_answer(const struct point *p, const struct outcome *outcome)
{
	if (outcome->status == 0 && strcmp(outcome->out, p->answer) != 0) {
		show(outcome);
		end(p, FELL, "exit status 0, but another answer than\n%s", p->answer);
	}
	judge_question(p, outcome);
}

/* A command that mends. */
static void judge_mending(const struct point *p, const struct outcome *outcome)
{
	_cleanup_(freep) char *world = NULL;

	if (outcome->status != 0)
		free(must(p, "", VICTIM, "again"));
	world = look(p);
	if (is_world(world, p->dry->world, not_the_network))
		return;
	show(outcome);
	end(p, FELL, "%s, but not all is mended",
	    outcome->status ? "tried again" : "exit status 0");
}

static void judge_tool(const struct point *p, const struct outcome *outcome)
{
	if (outcome->status != 0 && !is_told(p, outcome)) {
		show(outcome);
		end(p, FELL, "it fails without a word");
	}
	if (p->sweep->spoil)
		judge_mending(p, outcome);
	else
		judge_answer(p, outcome);
}

static void judge(struct point *p, const struct outcome *outcome)
{
	if (outcome->hung)
		end(p, FELL, "it hangs");
	if (p->sweep->deed == KILL) {
		judge_kill(p);
		return;
	}
	if (outcome->status != 0 && p->must_succeed) {
		show(outcome);
		end(p, FELL, "it must go on, and fails");
	}
	if (is_tool(p->sweep)) {
		judge_tool(p, outcome);
		return;
	}
	/* where the loader breaks off, nothing can be said */
	if (outcome->status != 0 && p->sweep->deed != LOADER)
		must_be_error(p, outcome);
	if (strcmp(p->sweep->verb, "ADD") == 0)
		judge_add(p, outcome);
	else if (strcmp(p->sweep->verb, "DEL") == 0 || strcmp(p->sweep->verb, "GC") == 0)
		judge_removal(p, outcome);
	else
		judge_question(p, outcome);
}

/* Setting the scene. */

static void add_pod(const struct point *p, const char *pod)
{
	if (world_add_pod(pod) < 0)
		end(p, UNFIT, "cannot make a namespace: %m");
}

static void run_or_end(const struct point *p, const char *command)
{
	/* a constant command.  NOLINTNEXTLINE(cert-env33-c) */
	if (system(command) != 0)
		end(p, UNFIT, "%s fails", command);
}

static void enter(struct point *p)
{
	if (world_enter() < 0)
		end(p, UNFIT, "cannot make a host: %m");
	add_pod(p, VICTIM);
	if (p->sweep->beside) {
		add_pod(p, NEIGHBOUR);
		free(must(p, "ADD", NEIGHBOUR, "of the neighbour"));
	}
	if (p->sweep->full) {
		add_pod(p, CORPSE);
		free(must(p, "ADD", CORPSE, "of who dies"));
		run_or_end(p, CUT_CORPSE);
	}
	if (strcmp(p->sweep->verb, "GC") == 0)
		add_pod(p, CORPSE);
	p->before = look(p);
}

static void write_conf(const struct point *p)
{
	_cleanup_(closep) int fd = open(CONF_FILE, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	_cleanup_(freep) char *conf = NULL;

	if (fd < 0 || dprintf(fd, "%s", conf_of(p, "", &conf)) <= 0)
		end(p, UNFIT, "cannot write " CONF_FILE ": %m");
}

static void set_scene_of_tool(struct point *p)
{
	write_conf(p);
	if (p->sweep->spoil)
		run_or_end(p, p->sweep->spoil);
	else
		p->answer = must(p, "", VICTIM, "undisturbed");
}

/*
 * The container had been added, and lost its namespace without a DEL.  Its link is taken
 * by hand: the kernel would do so in its own time.
 */
static void bury(const struct point *p)
{
	free(must(p, "ADD", VICTIM, "of the former container"));
	run_or_end(p, CUT);
	if (world_remove_pod(VICTIM) < 0)
		end(p, UNFIT, "cannot remove the namespace: %m");
	add_pod(p, VICTIM);
}

static char *add_beforehand(const struct point *p)
{
	struct point maker = *p;

	if (p->sweep->go)
		maker.bin = GO;
	return must(&maker, "ADD", VICTIM, "beforehand");
}

/* All that must have been before the call that it happens to. */
static void set_scene(struct point *p)
{
	const char *verb = p->sweep->verb;

	p->more = p->sweep->former ? p->sweep->former : p->sweep->more;
	enter(p);
	if (p->sweep->former)
		bury(p);
	p->more = p->sweep->more;
	if (strcmp(verb, "ADD") == 0)
		return;
	p->result = add_beforehand(p);
	if (is_tool(p->sweep))
		set_scene_of_tool(p);
	if (strcmp(verb, "GC") == 0) {
		/* one that lives, and one that died on the way */
		free(must(p, "ADD", CORPSE, "beforehand"));
		run_or_end(p, CUT_CORPSE);
	}
	if (p->sweep->gone && p->sweep->deed != KILL)
		remove_pod(p);
	if (p->sweep->broken)
		run_or_end(
			p,
			"nft flush set inet footbridge "
			"$(nft list table inet footbridge | sed -n '/fd00/{s/.*set \\(.*\\) {/\\1/p}' | head -n 1)");
	if (strcmp(verb, "DEL") != 0 && strcmp(verb, "GC") != 0) {
		free(p->before);
		p->before = look_when_settled(p);
	}
}

/* In a process of its own, whose exit status is an enum end. */
static void serve(struct point *p)
{
	struct outcome outcome;

	set_scene(p);
	strike(p, &outcome);
	if (!outcome.hit)
		_exit(MISSED);
	judge(p, &outcome);
	_exit(SURVIVED);
}

/* Nothing goes wrong here. */
static void rehearse(struct point *p, struct dry *dry)
{
	struct outcome outcome;
	_cleanup_(freep) char *world = NULL;

	p->fault.kind = FAULT_COUNT;
	p->at = LONG_MAX;
	set_scene(p);
	strike(p, &outcome);
	if (outcome.status != 0 && !p->sweep->broken) {
		show(&outcome);
		end(p, UNFIT, "the call fails undisturbed");
	}
	dry->n = p->sweep->deed >= MEMORY_ONCE ? p->seen : outcome.n_calls;
	memcpy(dry->calls, outcome.calls, sizeof(dry->calls));
	world = look(p);
	(void)snprintf(dry->world, sizeof(dry->world), "%s", world);
	_exit(SURVIVED);
}

/* Running points. */

static enum end wait_for(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return UNFIT;
	return (enum end)WEXITSTATUS(status);
}

static enum end try_point(const struct point *template)
{
	struct point p = *template;
	pid_t pid;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0)
		serve(&p);
	return wait_for(pid);
}

/* What the dry run tells is true of a run that the next one repeats, call by call. */
static bool is_repeated(const struct dry *dry, const struct dry *last)
{
	return dry->n == last->n &&
	       memcmp(dry->calls, last->calls, sizeof(dry->calls)) == 0;
}

static int rehearse_once(const struct point *template, struct dry *dry)
{
	struct point p = *template;
	pid_t pid;

	(void)snprintf(p.label, sizeof(p.label), "%s", p.sweep->name);
	(void)fflush(stdout);
	pid = fork();
	if (pid == 0)
		rehearse(&p, dry);
	return wait_for(pid) == SURVIVED ? 0 : -1;
}

/* Until two agree, or the last. */
static int try_dry(const struct point *template, struct dry *dry)
{
	_cleanup_(freep) struct dry *last = calloc(1, sizeof(*last));

	if (!last || rehearse_once(template, dry) < 0)
		return -1;
	for (int i = 1; i < TRIES; i++) {
		*last = *dry;
		if (rehearse_once(template, dry) < 0)
			return -1;
		if (is_repeated(dry, last))
			return 0;
	}
	return 0;
}

struct wish {
	bool all, one, no_memory, quick;
	long step, at;
	int error;
};

struct tally {
	long points, survived, missed;
	long index; /* of the next that may be taken */
	long taken;
};

static void take(struct point *p, const struct wish *wish, struct tally *tally)
{
	enum end end = MISSED;

	if ((wish->at && wish->at != p->at) || tally->index++ % wish->step != 0)
		return;
	p->loud = wish->at != 0;
	p->thorough = !wish->quick || tally->taken++ % QUICK_STEP == 0;
	for (int i = 0; i < TRIES && end == MISSED; i++)
		end = try_point(p);
	if (end == MISSED) {
		(void)printf("%s: not reached in %d tries\n", p->label, TRIES);
		tally->missed++;
		return;
	}
	tally->points++;
	tally->survived += end == SURVIVED;
}

/* The errors that are to be had at a call.  Return: how many. */
static size_t choose_errors(long nr, const struct wish *wish,
			    int chosen[static CALL_ERRORS_MAX])
{
	size_t n = 0;

	if (wish->no_memory && call_gets_memory(nr))
		return 0;
	for (const int *error = call_errors; *error; error++) {
		if (!call_can_fail(nr, wish->all ? EIO : *error))
			continue;
		if (!wish->error || wish->error == *error)
			chosen[n++] = *error;
	}
	return n;
}

static void take_error(struct point *p, int error, const struct wish *wish,
		       struct tally *tally)
{
	const long nr = p->fault.call;

	p->fault.error = error;
	/*
	 * The loader is libc's.  So is stdio, which drops what it could not write: the
	 * tool says so, and as it handles no signal no kernel breaks its writes off.
	 */
	p->must_succeed = error == EINTR && !call_never_fails(nr) && !p->sweep->broken &&
			  p->sweep->deed != LOADER &&
			  !(is_tool(p->sweep) && nr == SYS_write);
	(void)snprintf(p->label, sizeof(p->label), "%s, %s at %ld (%s)", p->sweep->name,
		       error_name(error), p->at, call_name(nr));
	take(p, wish, tally);
}

static void take_errors(struct point *p, const struct wish *wish, struct tally *tally)
{
	int chosen[CALL_ERRORS_MAX];
	size_t n = choose_errors(p->fault.call, wish, chosen);

	if (wish->one && n > 0) {
		take_error(p, chosen[(size_t)(tally->index / wish->step) % n], wish,
			   tally);
		return;
	}
	for (size_t i = 0; i < n; i++)
		take_error(p, chosen[i], wish, tally);
}

static void aim(struct point *p, long at)
{
	p->at = at;
	p->fault.call = p->dry->calls[at - 1];
	p->fault.nth = 0;
	for (long i = 0; i < at; i++)
		p->fault.nth += p->dry->calls[i] == p->fault.call;
}

static void take_all(struct point *p, const struct wish *wish, struct tally *tally)
{
	for (long at = 1; at <= p->dry->n; at++) {
		aim(p, at);
		if (p->fault.kind == FAULT_ERROR) {
			take_errors(p, wish, tally);
			continue;
		}
		(void)snprintf(p->label, sizeof(p->label), "%s at %ld%s%s%s",
			       p->sweep->name, at, p->fault.kind ? " (" : "",
			       p->fault.kind ? call_name(p->fault.call) : "",
			       p->fault.kind ? ")" : "");
		take(p, wish, tally);
	}
}

/* A call that nobody has thought about is a change of what root does here. */
static bool all_known(const struct point *p)
{
	bool known = true;

	for (long i = 0; i < p->dry->n && p->sweep->deed <= LOADER; i++) {
		if (call_is_known(p->dry->calls[i]))
			continue;
		(void)printf(
			"%s: makes system %s, which is not in tests/faults/calls.c\n",
			p->sweep->name, call_name(p->dry->calls[i]));
		known = false;
	}
	return known;
}

/* What the loader does is what is done before the entry point. */
static int prepare(struct point *p, struct dry *dry)
{
	long behind;

	p->dry = dry;
	p->fault.from_entry = p->fault.own = p->sweep->deed != KILL;
	if (try_dry(p, dry) < 0)
		return -1;
	behind = dry->n;
	if (p->sweep->deed == LOADER) {
		p->fault.from_entry = false;
		if (try_dry(p, dry) < 0)
			return -1;
		dry->n -= behind;
	}
	p->fault.kind = p->sweep->deed == KILL		? FAULT_KILL
			: p->sweep->deed >= MEMORY_ONCE ? FAULT_NONE
							: FAULT_ERROR;
	return 0;
}

static int run(const struct sweep *sweep, const char *bin, const struct wish *wish)
{
	struct point p = { .sweep = sweep, .bin = bin };
	struct tally tally = { 0 };
	struct dry *dry = mmap(NULL, sizeof(*dry), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (dry == MAP_FAILED || prepare(&p, dry) < 0)
		return 1;
	/* a sanitizer makes calls of its own, too */
	if (!wish->no_memory && !all_known(&p))
		return 1;
	take_all(&p, wish, &tally);
	(void)printf("%s: %ld points, %ld survived", sweep->name, tally.points,
		     tally.survived);
	if (tally.missed)
		(void)printf(" (%ld not reached)", tally.missed);
	(void)printf("\n");
	return tally.points == 0 || tally.survived < tally.points ||
	       tally.missed * MISSED_MAX > tally.points;
}

static const struct sweep *find_sweep(const char *name)
{
	const struct sweep *sweep = sweeps;

	while (sweep->name && strcmp(sweep->name, name) != 0)
		sweep++;
	return sweep->name ? sweep : NULL;
}

static int find_error(const char *name)
{
	const int *error = call_errors;

	while (*error && strcmp(error_name(*error), name) != 0)
		error++;
	return *error;
}

static int explain(void)
{
	(void)fprintf(
		stderr,
		"usage: sweep [-1|-a] [-mq] [-s STEP] [-n AT [-e ERRNO]] BIN SWEEP\n");
	for (const struct sweep *sweep = sweeps; sweep->name; sweep++)
		(void)fprintf(stderr, "  %s\n", sweep->name);
	return 2;
}

int main(int argc, char **argv)
{
	struct wish wish = { .step = 1 };
	const struct sweep *sweep;
	int option;

	while ((option = getopt(argc, argv, "1amqs:n:e:")) != -1) {
		if (option == 'a')
			wish.all = true;
		else if (option == '1')
			wish.one = true;
		else if (option == 'm')
			wish.no_memory = true;
		else if (option == 'q')
			wish.quick = true;
		else if (option == 's')
			wish.step = strtol(optarg, NULL, 10);
		else if (option == 'n')
			wish.at = strtol(optarg, NULL, 10);
		else if (option != 'e' || !(wish.error = find_error(optarg)))
			return explain();
	}
	sweep = argc - optind == 2 ? find_sweep(argv[optind + 1]) : NULL;
	if (!sweep || wish.step < 1)
		return explain();
	return run(sweep, argv[optind], &wish);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run.c - the command `footbridge run`: a container in one command
 *
 * What a runtime does, in the foreground: a network namespace, a process held in it, ADD
 * of the network's plugins, the command, DEL.  The namespace has no name and no mount:
 * the plugins find it as a descriptor of ours, so that nothing of it is left whatever
 * becomes of us.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>

#include "chain.h"
#include "command.h"
#include "conflist.h"
#include "container.h"
#include "netns.h"
#include "retry.h"
#include "writer.h"

#define ID_TEXT 32
#define PATH_TEXT 64
#define IFNAME "eth0"
#define PORTS "portMappings"

/* The network where there is none. */
#define OWN_NETWORK "footbridge"
static const char own_network[] =
	"{ \"cniVersion\": \"1.0.0\", \"name\": \"" OWN_NETWORK "\", \"plugins\": [ {\n"
	"    \"type\": \"bridge\", \"bridge\": \"footbridge0\",\n"
	"    \"isGateway\": true, \"ipMasq\": true,\n"
	"    \"ipam\": { \"type\": \"host-local\",\n"
	"        \"ranges\": [[{ \"subnet\": \"10.252.0.0/16\" }]],\n"
	"        \"routes\": [{ \"dst\": \"0.0.0.0/0\" }] } } ] }\n";

struct wishes {
	const char *conf, *hostname, *ip, *mac;
	struct writer ports; /* what --port has asked for */
	bool has_ports;
	char *const *command;
};

static void wishes_clear(struct wishes *wishes)
{
	writer_clear(&wishes->ports);
}

/* Everything of one run. */
struct run {
	struct chain chain;
	char id[ID_TEXT];
	char path[PATH_TEXT]; /* of its namespace */
	struct netns netns;
	struct container container;
	struct chain_call call;
	char *args, *result;
	int terminal; /* where we are in its foreground; else -1 */
};

static void run_clear(struct run *run)
{
	container_end(&run->container);
	netns_close(&run->netns);
	chain_clear(&run->chain);
	free(run->args);
	free(run->result);
	closep(&run->terminal);
}

static void tell(const struct error *e)
{
	(void)fprintf(stderr, "footbridge run: %s%s%s\n", e->msg, *e->details ? "; " : "",
		      e->details);
}

/* The network. */

static int use_own(struct chain *ret, struct error *e)
{
	return chain_parse(ret, own_network, strlen(own_network), e);
}

static int choose_named(const char *name, struct chain *ret, struct error *e)
{
	_cleanup_(freep) char *path = NULL;
	int r = conflist_find_network(name, &path, e);

	if (r == CONFLIST_NONE && strcmp(name, OWN_NETWORK) == 0)
		return use_own(ret, e);
	return r == 0 ? chain_read(ret, path, e) : -1;
}

static int choose_network(const char *wish, struct chain *ret, struct error *e)
{
	_cleanup_(list_clear) struct list paths = { 0 };

	if (wish)
		return conflist_is_file(wish) ? chain_read(ret, wish, e)
					      : choose_named(wish, ret, e);
	/* who names a folder means no network of ours */
	if (conflist_check_folder(e) < 0 ||
	    conflist_find(conflist_folder(), &paths, e) < 0)
		return -1;
	return paths.n > 0 ? chain_read(ret, paths.v[0], e) : use_own(ret, e);
}

/* The terminal. */

static int foreground(void)
{
	_cleanup_(closep) int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	return fd >= 0 && tcgetpgrp(fd) == getpgrp() ? take_fd(&fd) : -1;
}

/* A shell in the container has had it, and its process group is dead. */
static void take_terminal_back(int terminal)
{
	pid_t holder = terminal < 0 ? -1 : tcgetpgrp(terminal);

	if (holder <= 0 || holder == getpgrp() || kill(-holder, 0) == 0)
		return;
	/* whoever is not in the foreground is stopped for this */
	(void)signal(SIGTTOU, SIG_IGN);
	(void)tcsetpgrp(terminal, getpgrp());
	(void)signal(SIGTTOU, SIG_DFL);
}

/* The container. */

/* No other may have had it: what is left of one that was killed is found by it. */
static int name_it(struct run *run, struct error *e)
{
	uint64_t random = 0;

	if (retry(getrandom(&random, sizeof(random), 0)) != sizeof(random))
		return error_sys(e, errno, "cannot get a random number");
	(void)snprintf(run->id, sizeof(run->id), "run-%012llx",
		       (unsigned long long)random & 0xffffffffffff);
	(void)snprintf(run->path, sizeof(run->path), "/proc/%d/fd/%d", (int)getpid(),
		       run->netns.fd);
	return 0;
}

/* What is asked for by CNI_ARGS, as podman and nerdctl do it. */
static int write_args(const struct wishes *wishes, char **ret, struct error *e)
{
	if (asprintf(ret, "IgnoreUnknown=1%s%s%s%s", wishes->ip ? ";IP=" : "",
		     wishes->ip ? wishes->ip : "", wishes->mac ? ";MAC=" : "",
		     wishes->mac ? wishes->mac : "") >= 0)
		return 0;
	*ret = NULL;
	return error_set(e, ERROR_MEMORY, "out of memory");
}

static int prepare_call(struct run *run, struct wishes *wishes, struct error *e)
{
	if (wishes->has_ports && !chain_can(&run->chain, PORTS))
		return error_set(e, ERROR_CONFIG,
				 "--port: no plugin of the network \"%s\" has the "
				 "capability " PORTS " (the plugin portmap would)",
				 run->chain.network);
	if (write_args(wishes, &run->args, e) < 0)
		return -1;
	run->call = (struct chain_call){
		.container = run->id,
		.netns = run->path,
		.ifname = IFNAME,
		.args = run->args,
		.path = conflist_plugins(),
	};
	if (!wishes->has_ports)
		return 0;
	writer_close(&wishes->ports, ']');
	run->call.offers[0] = (struct chain_offer){ PORTS, writer_text(&wishes->ports) };
	return run->call.offers[0].value ? 0
					 : error_set(e, ERROR_MEMORY, "out of memory");
}

/* Has a signal come while the network was made?  Return: it, or 0. */
static int pending(const sigset_t *signals)
{
	const struct timespec at_once = { 0 };
	int signum = retry(sigtimedwait(signals, NULL, &at_once));

	return signum > 0 ? signum : 0;
}

/* Between ADD and DEL.  Return: the command's exit status, or ours. */
static int use(struct run *run, const struct container_plan *plan)
{
	int signum = pending(&plan->signals);
	struct error e;

	if (signum)
		return CONTAINER_KILLED + signum;
	if (container_go(&run->container, &e) == 0)
		return container_wait(&run->container, plan);
	tell(&e);
	return CONTAINER_TROUBLE;
}

/* Return: an exit status; -1. */
static int live(struct run *run, struct wishes *wishes, struct error *e)
{
	struct container_plan plan = { .command = wishes->command };
	int status;

	container_signals(&plan.signals);
	if (choose_network(wishes->conf, &run->chain, e) < 0 ||
	    netns_create(&run->netns, e) < 0 || name_it(run, e) < 0 ||
	    prepare_call(run, wishes, e) < 0)
		return -1;
	plan.netns = run->netns.fd;
	plan.hostname = wishes->hostname ? wishes->hostname : run->id;
	if (container_start(&run->container, &plan, e) < 0 ||
	    chain_add(&run->chain, &run->call, &run->result, e) < 0)
		return -1;
	status = use(run, &plan);
	/* its processes end before its network does */
	container_end(&run->container);
	take_terminal_back(run->terminal);
	run->call.result = run->result;
	return chain_del(&run->chain, &run->call, e) < 0 ? -1 : status;
}

/* The command line. */

/* Return: what stands behind the number of a port; NULL where there is none. */
static const char *read_number(const char *text, long *ret)
{
	char *end;

	if (!strchr("123456789", *text))
		return NULL;
	*ret = strtol(text, &end, 10);
	return *ret > 0 && *ret <= UINT16_MAX ? end : NULL;
}

/* HOST:CONTAINER[/PROTOCOL]. */
static bool read_port(const char *text, struct wishes *wishes)
{
	long host, inside;
	const char *protocol = read_number(text, &host);

	protocol = protocol && *protocol == ':' ? read_number(protocol + 1, &inside)
						: NULL;
	if (!protocol ||
	    (*protocol && strcmp(protocol, "/tcp") != 0 &&
	     strcmp(protocol, "/udp") != 0 && strcmp(protocol, "/sctp") != 0))
		return false;
	if (!wishes->has_ports)
		writer_open(&wishes->ports, NULL, '[');
	wishes->has_ports = true;
	writer_open(&wishes->ports, NULL, '{');
	writer_integer(&wishes->ports, "hostPort", host);
	writer_integer(&wishes->ports, "containerPort", inside);
	writer_string(&wishes->ports, "protocol", *protocol ? protocol + 1 : "tcp");
	writer_close(&wishes->ports, '}');
	return true;
}

/* Return: NULL; of a value that is none, what it should be. */
static const char *read_wish(int option, struct wishes *wishes)
{
	switch (option) {
	case 'c':
		wishes->conf = optarg;
		return NULL;
	case 'h':
		wishes->hostname = optarg;
		/* __NEW_UTS_LEN, linux/utsname.h */
		return *optarg && strlen(optarg) <= 64 ? NULL : "1 to 64 bytes";
	case 'i':
		wishes->ip = optarg;
		return NULL;
	case 'm':
		wishes->mac = optarg;
		return NULL;
	default:
		return read_port(optarg, wishes) ? NULL
						 : "HOST:CONTAINER, or with /tcp, /udp, "
						   "/sctp behind it";
	}
}

/* Return: 0 to go on; an exit status; COMMAND_EXPLAINED. */
static int read_wishes(const struct command *command, int argc, char **argv,
		       struct wishes *wishes)
{
	static const struct option options[] = {
		{ "conf", required_argument, NULL, 'c' },
		{ "hostname", required_argument, NULL, 'h' },
		{ "ip", required_argument, NULL, 'i' },
		{ "mac", required_argument, NULL, 'm' },
		{ "port", required_argument, NULL, 'p' },
		{ 0 },
	};
	const char *wanted;
	int option, at;

	opterr = 0;
	/* '+': what follows the first other word is the command's */
	while ((option = getopt_long(argc, argv, "+:", options, &at)) >= 0) {
		if (option == '?' || option == ':')
			return command_stuck(command, option, argv, options) ==
					       COMMAND_EXPLAINED
				       ? COMMAND_EXPLAINED
				       : CONTAINER_TROUBLE;
		wanted = read_wish(option, wishes);
		if (!wanted)
			continue;
		(void)command_misused(command, "--%s: \"%s\" is not %s", options[at].name,
				      optarg, wanted);
		return CONTAINER_TROUBLE;
	}
	if (optind < argc)
		wishes->command = argv + optind;
	return 0;
}

static const char *shell(void)
{
	const char *shell = getenv("SHELL");

	return shell && *shell ? shell : "/bin/sh";
}

static int run_it(const struct command *command, int argc, char **argv)
{
	char *const default_command[] = { (char *)shell(), NULL };
	_cleanup_(wishes_clear) struct wishes wishes = { .command = default_command };
	_cleanup_(run_clear) struct run run = {
		.netns = NETNS_INIT,
		.container = CONTAINER_INIT,
		.terminal = foreground(),
	};
	struct error e;
	int status = read_wishes(command, argc, argv, &wishes);

	if (status != 0)
		return status;
	error_none(&e);
	/* plugins look for the namespace among our descriptors, maybe without CAP_SYS_PTRACE */
	(void)prctl(PR_SET_DUMPABLE, 1);
	status = live(&run, &wishes, &e);
	if (status >= 0)
		return status;
	tell(&e);
	return CONTAINER_TROUBLE;
}

const struct command command_run = {
	.name = "run",
	.synopsis =
		"[--conf FILE|NAME] [--hostname H] [--port HOST:CONTAINER[/PROTOCOL]]... "
		"[--ip A] [--mac M] [--] [COMMAND [ARGUMENT...]]",
	.summary = "run a command in a container, to try a network without any runtime",
	.help = "The container has PIDs, mounts, a host name, System V IPC and a network of its\n"
		"own. Files and users are the host's: it is no sandbox. COMMAND ($SHELL, or\n"
		"else /bin/sh) is its process 2, process 1 a small init that passes signals on\n"
		"and reaps orphans. What is left when COMMAND ends is killed, and the network\n"
		"is taken back, also on SIGTERM, SIGINT, SIGHUP and SIGQUIT.\n"
		"\n"
		"  --conf FILE   this configuration (.conflist, .conf, .json, or with a '/')\n"
		"  --conf NAME   the network of this name in $NETCONFPATH or /etc/cni/net.d.\n"
		"                Without --conf: the first configuration there; where there is\n"
		"                none, the network \"" OWN_NETWORK
		"\": bridge footbridge0,\n"
		"                10.252.0.0/16, masqueraded. A folder that NETCONFPATH names has to\n"
		"                be there\n"
		"  --hostname H  the container's host name; otherwise its ID, run-...\n"
		"  --port ...    forward a port of the host: what a plugin with the capability\n"
		"                " PORTS " does\n"
		"  --ip, --mac   ask for an address (CNI_ARGS)\n"
		"\n"
		"Plugins other than our own are looked for in $CNI_PATH, or else in\n" CONFLIST_PLUGINS
		".\n"
		"Bridges and the rules of a network stay, as with any runtime.\n"
		"\n"
		"The exit status is COMMAND's, or 128 and the number of the signal that killed\n"
		"it; 127 where there is no such command, 126 where it cannot be executed, 125\n"
		"when the container or its network could not be made or taken back, or when it\n"
		"was called wrongly.\n"
		"\n"
		"Killed by SIGKILL, it takes the container along but cannot take its network\n"
		"back: `footbridge doctor --fix` frees the leases.\n",
	.executes = true,
	.run = run_it,
};

/* SPDX-License-Identifier: MIT */
/* A peer's process: it waits for what to look up, does that, and says how long an operation took. */
#include <dlfcn.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <nss.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/peer_messages.h"

struct process {
	const struct bench *b;
	const struct keys *keys;
	pid_t nscd; /* or 0 */
	unsigned next[KEY_SETS]; /* where a set is gone on with */
	struct entry_points modules[BACKENDS];
	bool loaded[BACKENDS];
	struct tinycdb *cdb;
	struct tinycdb_key *ready[KEY_SETS][2];
};

extern char **environ;

static const char *in_build(const struct bench *b, const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/%s", b->build_dir, name);
	return path;
}

static bool load(struct process *process, enum backend backend, const char *library, const char *name)
{
	if (!process->loaded[backend])
		process->loaded[backend] = entry_points_load(&process->modules[backend], library, name);
	return process->loaded[backend];
}

/* Debian's module finds libdb only where it is installed: load that before it. */
static bool load_nss_db(struct process *process)
{
	return process->loaded[BACKEND_NSS_DB] ||
	       (dlopen(in_build(process->b, "peers/lib/libdb-5.3.so"), RTLD_NOW | RTLD_GLOBAL) &&
		load(process, BACKEND_NSS_DB, in_build(process->b, "peers/lib/libnss_db.so.2"), "db"));
}

static bool load_tinycdb(struct process *process)
{
	if (!process->cdb && !tinycdb_load(in_build(process->b, "peers/lib/libcdb.so.1")))
		process->cdb = tinycdb_open(in_build(process->b, "peers/services.cdb"));
	return process->cdb;
}

static bool load_backend(struct process *process, enum backend backend)
{
	switch (backend) {
	case BACKEND_EMPTY:
		return load(process, backend, process->b->empty, "empty");
	case BACKEND_IANAREG:
		return load(process, backend, process->b->module, "ianareg");
	case BACKEND_FILES:
		return load(process, backend, NULL, "files");
	case BACKEND_NSS_DB:
		return load_nss_db(process);
	case BACKEND_TINYCDB:
	case BACKEND_TINYCDB_WHOLE:
		return load_tinycdb(process);
	default:
		return true;
	}
}

/* A set's keys in tinycdb's form, one after the other as the names of the set are. */
static struct tinycdb_key *make_ready(const struct process *process, enum key_set set, enum operation operation)
{
	const unsigned count = process->keys->count[set];
	struct tinycdb_key *const ready = calloc(count + 1, sizeof *ready);
	char *text = malloc((size_t)count * 280 + 1);

	if (!ready || !text)
		err(1, "tinycdb's keys");
	for (unsigned i = 0; i < count; i++) {
		const struct key *const key = &process->keys->keys[set][i];
		const int length =
			operation == ASK_BY_PORT
				? sprintf(text, "%u/%s", (unsigned)be16toh((uint16_t)key->port_be), key->protocol)
				: sprintf(text, "%s/%s", key->name, key->protocol);

		ready[i] = (struct tinycdb_key){.text = text, .length = (unsigned)length};
		text += length + 1;
	}
	return ready;
}

static struct asked asked_of_tinycdb(struct process *process, const struct peer_request *message)
{
	struct tinycdb_key **const ready = process->ready[message->set];
	struct asked asked = {.cdb = process->cdb,
			      .whole = message->backend == BACKEND_TINYCDB_WHOLE,
			      .first = process->keys->keys[message->set]};

	for (int operation = ASK_BY_PORT; operation <= ASK_BY_NAME; operation++) {
		if (!ready[operation])
			ready[operation] = make_ready(process, message->set, (enum operation)operation);
		asked.ready[operation] = ready[operation];
	}
	return asked;
}

static struct asked asked_of(struct process *process, const struct peer_request *message)
{
	switch (message->backend) {
	case BACKEND_TINYCDB:
	case BACKEND_TINYCDB_WHOLE:
		return asked_of_tinycdb(process, message);
	case BACKEND_LIBC:
		return (struct asked){.module = NULL};
	default:
		return (struct asked){.module = &process->modules[message->backend]};
	}
}

/* Go on through the set, from its end to its beginning. */
static unsigned run(struct process *process, const struct asked *asked, const struct peer_request *message,
		    unsigned count)
{
	const struct key *const keys = process->keys->keys[message->set];
	unsigned *const next = &process->next[message->set], found = 0;

	if (message->operation == ASK_EVERYTHING)
		return ask(asked, ASK_EVERYTHING, keys, count);
	while (count) {
		const unsigned left = process->keys->count[message->set] - *next, now = count < left ? count : left;

		found += ask(asked, message->operation, keys + *next, now);
		*next = now < left ? *next + now : 0;
		count -= now;
	}
	return found;
}

/* Of keys that all are there all are found, of others none: the first thing to go wrong would be that. */
static unsigned expected(const struct process *process, const struct peer_request *message)
{
	if (message->operation == ASK_EVERYTHING)
		return message->count * process->keys->count[KEYS_UNIFORM];
	return message->set == KEYS_MISSES ? 0 : message->count;
}

/*
 * What a lookup costs is the time that the processor works for it: others who work on this machine do not belong to it. But
 * where nscd works for us, our own time is not all.
 */
static double now(const struct process *process)
{
	struct timespec time;

	clock_gettime(process->nscd ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* As the bench says; where that may not be done, anywhere. */
static void work_on(int processor)
{
	cpu_set_t processors;

	if (processor < 0)
		return;
	CPU_ZERO(&processors);
	CPU_SET((unsigned)processor, &processors);
	sched_setaffinity(0, sizeof processors, &processors);
}

static void sample(struct process *process, const struct asked *asked, const struct peer_request *message,
		   struct peer_reply *reply)
{
	unsigned found;
	double start, end;

	work_on(message->processor);
	run(process, asked, message, message->warm);
	start = now(process);
	found = run(process, asked, message, message->count);
	end = now(process);
	if (found != expected(process, message))
		snprintf(reply->trouble, sizeof reply->trouble, "%u found where %u are", found,
			 expected(process, message));
	reply->ns = (end - start) / (message->operation == ASK_EVERYTHING ? found : message->count);
}

/* So many keys, spread over the set. */
static void check(struct process *process, const struct asked *asked, const struct peer_request *message,
		  struct peer_reply *reply)
{
	const unsigned count = process->keys->count[message->set];
	const unsigned step = count > message->count ? count / message->count : 1;

	for (unsigned i = 0; i < count && !*reply->trouble; i += step)
		ask_rightly(asked, message->operation, &process->keys->keys[message->set][i],
			    &process->keys->answers[message->set][i], reply->trouble, sizeof reply->trouble);
}

static void forget(const struct process *process, struct peer_reply *reply)
{
	char name[] = "nscd", option[] = "-i", table[] = "services";
	char *const command[] = {name, option, table, NULL};
	pid_t child;
	int status;

	if (posix_spawn(&child, in_build(process->b, "peers/bin/nscd"), NULL, NULL, command, environ) != 0 ||
	    waitpid(child, &status, 0) != child || status != 0)
		snprintf(reply->trouble, sizeof reply->trouble, "`nscd -i services` failed");
}

/* The empty module answers anything with the same; where nothing is to be found, it finds nothing. */
static void set_floor(const struct process *process, const struct peer_request *message)
{
	entry_points_empty_misses(process->b->empty, message->set == KEYS_MISSES);
	entry_points_empty_entries(process->b->empty, process->keys->count[KEYS_UNIFORM]);
}

static bool is_floor(const struct process *process, const struct peer_request *message)
{
	return message->backend == BACKEND_EMPTY ||
	       (message->backend == BACKEND_LIBC && dlopen(process->b->empty, RTLD_NOW | RTLD_NOLOAD));
}

static void serve(struct process *process, const struct peer_request *message, struct peer_reply *reply)
{
	if (!load_backend(process, message->backend)) {
		snprintf(reply->trouble, sizeof reply->trouble, "cannot be loaded: %s", dlerror());
		return;
	}

	const struct asked asked = asked_of(process, message);

	set_floor(process, message);
	switch (message->what) {
	case PEER_SAMPLE:
		sample(process, &asked, message, reply);
		break;
	case PEER_CHECK:
		if (!is_floor(process, message))
			check(process, &asked, message, reply);
		break;
	case PEER_FORGET:
		forget(process, reply);
	}
}

/* libc loads what it asks before the first question that counts. */
static void begin(struct process *process, const char *source)
{
	struct servent answer, *result;
	char buffer[1024];

	if (strcmp(source, "-") != 0 && __nss_configure_lookup("services", source) != 0)
		err(1, "services: %s", source);
	getservbyport_r(0, NULL, &answer, buffer, sizeof buffer, &result);
	process->keys = keys_load(process->b);
}

static void stop_nscd(pid_t nscd)
{
	if (nscd && kill(nscd, SIGTERM) == 0)
		waitpid(nscd, NULL, 0);
}

int peer_serve(const struct bench *b, char **arguments)
{
	static struct process process;
	struct peer_request message;
	struct peer_reply reply = {.ns = 0};

	if (!arguments[0] || !arguments[1])
		errx(1, "--peer is what the bench starts its peers with");
	process.b = b;
	process.nscd = (pid_t)atoi(arguments[1]);
	begin(&process, arguments[0]);
	send(STDIN_FILENO, &reply, sizeof reply, 0);
	while (recv(STDIN_FILENO, &message, sizeof message, 0) == sizeof message) {
		reply = (struct peer_reply){.ns = 0};
		serve(&process, &message, &reply);
		if (send(STDIN_FILENO, &reply, sizeof reply, 0) != sizeof reply)
			break;
	}
	stop_nscd(process.nscd);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* The bench's side of its peers: how each is made, and what is asked of it. */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/machine.h"
#include "bench/measure.h"
#include "bench/nss_db.h"
#include "bench/peer_messages.h"
#include "bench/tinycdb.h"

/* A process' first second is not typical: the processor's clock and the kernel's caches find their pace. */
static const double warm_up_ns = 1.2e9, quick_warm_up_ns = 2e7;

/* Long against the clock and a change of processor, short against the machine's drift. */
static const double sample_ns = 2e7, quick_sample_ns = 2e6;

enum {
	LEAST_COUNT = 100, /* files reads as far as the entry: of fewer keys the mean is a matter of luck */
	CHECKED = 300,
	FORGOTTEN = 400, /* keys a sample that starts with an empty nscd */
	QUICK_FORGOTTEN = 50,
};

struct peer {
	const char *name;
	int socket;
	pid_t process;
	bool caches; /* what it has not been asked yet costs more */
	bool warm[BACKENDS];
};

enum served { NOTHING, FULL, DEBIAN };

static const struct kind {
	const char *name, *source;
	enum served services;
	bool has_nscd, roomy;
	enum backend module; /* whose library libc must find */
} kinds[PEER_KINDS] = {
	[PEER_EMPTY] = {.name = "empty", .source = "empty", .module = BACKEND_EMPTY},
	[PEER_IANAREG] = {.name = "ianareg", .source = "ianareg", .module = BACKEND_IANAREG},
	[PEER_FILES] = {.name = "files", .source = "files", .services = FULL},
	[PEER_FILES_DEBIAN] = {.name = "files-debian", .source = "files", .services = DEBIAN},
	[PEER_NSS_DB] = {.name = "nss_db", .source = "db", .module = BACKEND_NSS_DB},
	[PEER_NSCD] = {.name = "nscd", .source = "ianareg", .has_nscd = true, .module = BACKEND_IANAREG},
	[PEER_NSCD_ROOMY] =
		{.name = "nscd-roomy", .source = "ianareg", .has_nscd = true, .roomy = true, .module = BACKEND_IANAREG},
	[PEER_NSCD_FILES] = {.name = "nscd-files", .source = "files", .services = FULL, .has_nscd = true},
	[PEER_NSCD_ROOMY_FILES] =
		{.name = "nscd-roomy-files", .source = "files", .services = FULL, .has_nscd = true, .roomy = true},
	[PEER_DIRECT] = {.name = "direct", .source = "files", .services = FULL},
};

/* A path in build_dir, that stays. */
static char *in_build(const struct bench *b, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", b->build_dir, name) < 0)
		err(1, "%s", name);
	return path;
}

static const char *dir_of(const char *path)
{
	char *const dir = strdup(path), *const slash = dir ? strrchr(dir, '/') : NULL;

	if (!slash)
		err(1, "%s", path);
	*slash = '\0';
	return dir;
}

static const char *kept(const char *text)
{
	const char *const copy = strdup(text);

	if (!copy)
		err(1, "%s", text);
	return copy;
}

/* Why a package is not there, as peers.sh left it. */
static const char *why_not(const struct bench *b, const char *package)
{
	char text[512], name[128];
	FILE *file;

	snprintf(name, sizeof name, "peers/%s.why", package);
	file = fopen(in_build(b, name), "re");
	if (!file || !fgets(text, sizeof text, file))
		snprintf(text, sizeof text, "the package %s is not unpacked (make bench does it)", package);
	if (file)
		fclose(file);
	text[strcspn(text, "\n")] = '\0';
	return kept(text);
}

static const char *lacks(const struct bench *b, const char *package, const char *file)
{
	return access(in_build(b, file), R_OK) == 0 ? NULL : why_not(b, package);
}

/* The database is made once a run; it is what the tool's export of this run says. */
static const char *lacks_nss_db(const struct bench *b)
{
	static bool made;
	static const char *reason;

	reason = lacks(b, "libnss-db", "peers/lib/libnss_db.so.2");
	if (!reason)
		reason = lacks(b, "libdb5.3", "peers/lib/libdb-5.3.so");
	if (reason || made)
		return reason;
	reason = nss_db_write_keys(b->services, in_build(b, "peers/services.keys"));
	if (!reason)
		reason = nss_db_make(in_build(b, "peers"), in_build(b, "peers/services.keys"),
				     in_build(b, "peers/services.db"));
	made = !reason;
	return reason;
}

static const char *lacks_tinycdb(const struct bench *b)
{
	static bool made;
	const char *reason = lacks(b, "libcdb1", "peers/lib/libcdb.so.1");

	if (reason || made)
		return reason;
	reason = tinycdb_load(in_build(b, "peers/lib/libcdb.so.1"));
	if (!reason)
		reason = tinycdb_write(b->services, in_build(b, "peers/services.cdb"));
	made = !reason;
	return reason;
}

const char *peer_lacks(const struct bench *b, enum backend backend)
{
	switch (backend) {
	case BACKEND_NSS_DB:
		return lacks_nss_db(b);
	case BACKEND_TINYCDB:
	case BACKEND_TINYCDB_WHOLE:
		return lacks_tinycdb(b);
	default:
		return NULL;
	}
}

static const char *lacks_kind(const struct bench *b, const struct kind *kind)
{
	if (kind->has_nscd)
		return lacks(b, "nscd", "peers/bin/nscd");
	if (kind->services == DEBIAN)
		return lacks(b, "netbase", "peers/etc/services");
	return peer_lacks(b, kind->module);
}

static const char *library_path(const struct bench *b, const struct kind *kind)
{
	switch (kind->module) {
	case BACKEND_EMPTY:
		return b->build_dir;
	case BACKEND_IANAREG:
		return dir_of(b->module);
	case BACKEND_NSS_DB:
		return in_build(b, "peers/lib");
	default:
		return NULL;
	}
}

static struct machine machine_of(const struct bench *b, const struct kind *kind, bool pinned)
{
	struct machine machine = {.source = kind->source, .roomy = kind->roomy, .library_path = library_path(b, kind)};
	char name[64];

	snprintf(name, sizeof name, "machines/%s%s", kind->name, pinned ? "-pinned" : "");
	machine.dir = in_build(b, name);
	if (kind->services)
		machine.services = kind->services == FULL ? b->services : in_build(b, "peers/etc/services");
	if (kind->module == BACKEND_NSS_DB || kind == &kinds[PEER_DIRECT])
		machine.nss_db = peer_lacks(b, BACKEND_NSS_DB) ? NULL : in_build(b, "peers/services.db");
	if (kind->has_nscd) {
		machine.nscd = in_build(b, "peers/bin/nscd");
		machine.nscd_conf = in_build(b, "peers/etc/nscd.conf");
	}
	return machine;
}

/* The bench itself, again, in the machine; a client of nscd has no module, so that all it finds came from there. */
static void exec_peer(const struct bench *b, const struct kind *kind, const struct machine *machine, bool pinned,
		      pid_t nscd)
{
	char process[16];

	snprintf(process, sizeof process, "%d", (int)nscd);
	if (machine->library_path && !nscd)
		setenv("LD_LIBRARY_PATH", machine->library_path, 1);
	execl("/proc/self/exe", "ianareg-bench", "--build", dir_of(b->build_dir), "--registry", b->registry_csv,
	      "--peer", pinned ? kind->source : "-", process, (char *)NULL);
}

static void become_peer(const struct bench *b, const struct kind *kind, bool pinned, int fd)
{
	const struct machine machine = machine_of(b, kind, pinned);
	struct peer_reply reply = {.ns = 0};
	const char *reason;
	pid_t nscd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	unsetenv("LD_LIBRARY_PATH");
	setenv("IANAREG_SNAPSHOT", b->snapshot, 1);
	reason = machine_enter(&machine, &nscd);
	if (!reason && dup2(fd, STDIN_FILENO) == STDIN_FILENO)
		exec_peer(b, kind, &machine, pinned, nscd);
	snprintf(reply.trouble, sizeof reply.trouble, "%s", reason ? reason : strerror(errno));
	send(fd, &reply, sizeof reply, 0);
	_exit(1);
}

static struct peer_reply receive(const struct peer *peer)
{
	struct peer_reply reply;
	ssize_t size;

	do
		size = recv(peer->socket, &reply, sizeof reply, 0);
	while (size < 0 && errno == EINTR);
	if (size != sizeof reply)
		errx(1, "the peer %s has ended", peer->name);
	return reply;
}

static double request(const struct peer *peer, const struct peer_request *message)
{
	struct peer_reply reply;

	if (send(peer->socket, message, sizeof *message, MSG_NOSIGNAL) != sizeof *message)
		err(1, "the peer %s", peer->name);
	reply = receive(peer);
	if (*reply.trouble)
		errx(1, "the peer %s: %s", peer->name, reply.trouble);
	return reply.ns;
}

void peer_stop(struct peer *peer)
{
	if (!peer)
		return;
	close(peer->socket);
	waitpid(peer->process, NULL, 0);
	free(peer);
}

static void start_process(const struct bench *b, const struct kind *kind, bool pinned, struct peer *peer)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		err(1, "the peer %s", kind->name);
	peer->name = kind->name;
	peer->caches = kind->has_nscd;
	peer->socket = ends[0];
	fflush(NULL);
	peer->process = fork();
	if (peer->process < 0)
		err(1, "the peer %s", kind->name);
	if (peer->process == 0)
		become_peer(b, kind, pinned, ends[1]);
	close(ends[1]);
}

struct peer *peer_start(const struct bench *b, enum peer_kind kind, bool pinned, const char **why)
{
	const char *const forbidden = machine_forbidden();
	struct peer_reply first;
	struct peer *peer;

	if (mkdir(in_build(b, "machines"), 0755) != 0 && errno != EEXIST)
		err(1, "%s", in_build(b, "machines"));
	if (forbidden)
		errx(1, "%s: this needs root, or a kernel that allows it to others", forbidden);
	keys_of(b);
	*why = lacks_kind(b, &kinds[kind]);
	if (*why)
		return NULL;
	peer = calloc(1, sizeof *peer);
	if (!peer)
		err(1, "the peer %s", kinds[kind].name);
	start_process(b, &kinds[kind], pinned, peer);
	first = receive(peer);
	if (!*first.trouble)
		return peer;
	if (!kinds[kind].has_nscd)
		errx(1, "the peer %s: %s", peer->name, first.trouble);
	*why = kept(first.trouble);
	peer_stop(peer);
	return NULL;
}

static struct peer_request request_of(const struct work *work, int what)
{
	return (struct peer_request){.what = what,
				     .backend = work->backend,
				     .operation = work->operation,
				     .set = work->set,
				     .count = work->count,
				     .warm = work->warm,
				     .processor = -1};
}

/* Look things up for so long; ns per operation of the last ones. */
static double run_for(const struct work *work, double duration)
{
	const double start = measure_now();
	struct peer_request message = request_of(work, PEER_SAMPLE);
	double ns;

	message.warm = 0;
	message.count = work->operation == ASK_EVERYTHING ? 1 : 32;
	do {
		ns = request(work->peer, &message);
		if (ns * message.count < duration / 16)
			message.count *= 2;
	} while (measure_now() - start < duration);
	return ns;
}

/* An operation of an enumeration is an entry, but it is asked for in passes. */
static unsigned count_of(const struct work *work, const struct bench *b, double ns, double length)
{
	const bool passes = work->operation == ASK_EVERYTHING;
	const double count = length / (passes ? ns * keys_of(b)->count[KEYS_UNIFORM] : ns);
	const unsigned least = passes ? 1 : LEAST_COUNT;

	return count > least ? (unsigned)count : least;
}

/* Have a cache see all of a set. */
static void fill(const struct work *work, const struct bench *b)
{
	struct peer_request message = request_of(work, PEER_SAMPLE);

	message.warm = 0;
	message.count = keys_of(b)->count[work->set];
	request(work->peer, &message);
}

static void check(const struct work *work)
{
	struct peer_request message = request_of(work, PEER_CHECK);

	message.count = CHECKED;
	request(work->peer, &message);
}

void work_prepare(struct work *work, const struct bench *b)
{
	bool *const warm = &work->peer->warm[work->backend];
	const double warm_up = b->quick ? quick_warm_up_ns : *warm ? warm_up_ns / 16 : warm_up_ns;
	double ns;

	if (work->operation != ASK_EVERYTHING)
		check(work);
	if (work->forget) {
		work->count = b->quick ? QUICK_FORGOTTEN : FORGOTTEN;
		return;
	}
	if (work->peer->caches)
		fill(work, b);
	ns = run_for(work, warm_up);
	*warm = true;
	if (!work->count)
		work->count = count_of(work, b, ns, b->quick ? quick_sample_ns : sample_ns);
	work->warm = work->count / 3;
}

/*
 * The n-th of the processors that we may use, from the beginning again after the last. Both samples of a pair get the
 * same: a processor whose neighbour is busy is slower by half, and left alone each peer would stay on one of its own.
 */
static int processor(unsigned n)
{
	cpu_set_t allowed;
	unsigned left;

	if (sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) == 0)
		return -1;
	left = n % (unsigned)CPU_COUNT(&allowed);
	for (unsigned i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &allowed) && left-- == 0)
			return (int)i;
	return -1;
}

double work_sample(void *context)
{
	struct work *const work = context;
	const struct peer_request forget = request_of(work, PEER_FORGET);
	struct peer_request sample = request_of(work, PEER_SAMPLE);

	if (!work->peer->caches)
		sample.processor = processor(work->samples++);

	if (work->forget)
		request(work->peer, &forget);
	return request(work->peer, &sample);
}

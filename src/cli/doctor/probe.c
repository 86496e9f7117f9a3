/* SPDX-License-Identifier: MIT */
/* What libc does in a process of its own. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <netdb.h>
#include <nss.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/doctor/probe.h"

static const char *const entry_points[ENTRY_POINT_COUNT] = {
	"_nss_ianareg_setservent",      "_nss_ianareg_endservent",      "_nss_ianareg_getservent_r",
	"_nss_ianareg_getservbyname_r", "_nss_ianareg_getservbyport_r",
};

const char *module_entry_point(unsigned number)
{
	return entry_points[number];
}

/* What a module prints is no part of our output. */
static void be_quiet(void)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
}

/* Status of a child that came to the end of its work: a module that calls exit() hardly hits on it. */
enum { WORK_DONE = 113 };

static int64_t milliseconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * As waitpid(), but a child that is not at its end in time is killed, and *hung. The time is ours to take, not the
 * child's: what it loads may block its signals, and an alarm of its own with them.
 */
static pid_t wait_in_time(pid_t child, unsigned seconds, int *status, bool *hung)
{
	static const struct timespec nap = {.tv_nsec = 2000000};
	const int64_t deadline = milliseconds_now() + (int64_t)seconds * 1000;
	pid_t ended;

	*hung = false;
	while ((ended = waitpid(child, status, *hung ? 0 : WNOHANG)) == 0 || (ended < 0 && errno == EINTR)) {
		if (*hung)
			continue;
		*hung = milliseconds_now() >= deadline;
		if (*hung)
			kill(child, SIGKILL);
		else
			nanosleep(&nap, NULL);
	}
	return ended;
}

static struct probe_result wait_for(pid_t child, unsigned seconds)
{
	int status;
	bool hung;

	if (wait_in_time(child, seconds, &status, &hung) < 0)
		return (struct probe_result){PROBE_NO_CHILD, errno};
	if (hung)
		return (struct probe_result){PROBE_HUNG, (int)seconds};
	if (WIFSIGNALED(status))
		return (struct probe_result){PROBE_CRASHED, WTERMSIG(status)};
	if (WEXITSTATUS(status) != WORK_DONE)
		return (struct probe_result){PROBE_ENDED, WEXITSTATUS(status)};
	return (struct probe_result){PROBE_DONE, 0};
}

/* A copy of `*facts` in memory that a child shares, `work` done on it in one, and what it found copied back. */
static struct probe_result work_in_child(void (*work)(void *shared, const void *context), const void *context,
					 unsigned seconds, void *facts, size_t size)
{
	void *const shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct probe_result result = {PROBE_NO_CHILD, errno};

	if (shared == MAP_FAILED)
		return result;
	memcpy(shared, facts, size);

	const pid_t child = fork();

	if (child == 0) {
		be_quiet();
		work(shared, context);
		_exit(WORK_DONE);
	}
	result.number = errno;
	if (child > 0)
		result = wait_for(child, seconds);
	memcpy(facts, shared, size);
	munmap(shared, size);
	return result;
}

static void copy_text(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "");
}

static void load_module(void *shared, const void *context)
{
	struct module_probe *probe = shared;
	void *module = dlopen(MODULE_NAME, RTLD_NOW | RTLD_LOCAL);
	struct link_map *map;

	(void)context;
	if (!module) {
		copy_text(probe->fault, sizeof probe->fault, dlerror());
		return;
	}
	if (dlinfo(module, RTLD_DI_LINKMAP, &map) == 0)
		copy_text(probe->path, sizeof probe->path, map->l_name);
	for (unsigned i = 0; i < ENTRY_POINT_COUNT; i++)
		if (!dlsym(module, entry_points[i]))
			probe->missing |= (uint8_t)(1u << i);
}

struct probe_result probe_module(unsigned seconds, struct module_probe *probe)
{
	*probe = (struct module_probe){0};
	return work_in_child(load_module, NULL, seconds, probe, sizeof *probe);
}

/* Ask libc for the port and protocol in the probe. */
static void ask(struct lookup_probe *probe)
{
	struct servent entry, *answer = NULL;
	char buffer[16384]; /* an entry has 64 names and 512 bytes of them at most */

	probe->error = getservbyport_r(htons(probe->port), probe->protocol, &entry, buffer, sizeof buffer, &answer);
	copy_text(probe->answer, sizeof probe->answer, answer ? answer->s_name : NULL);
}

static void set_question(struct lookup_probe *probe, uint16_t port, const char *protocol, const char *expected)
{
	probe->port = port;
	copy_text(probe->protocol, sizeof probe->protocol, protocol);
	copy_text(probe->expected, sizeof probe->expected, expected);
}

struct question_search {
	const struct snapshot *snapshot;
	const char *other_sources;
};

/* Every thousandth port or so: where a text file holds what the snapshot holds, each lookup reads all of it. */
enum { PORT_STEP = 1021 };

static void find_question(void *shared, const void *context)
{
	const struct question_search *search = context;
	struct lookup_probe *probe = shared;
	struct snapshot_entry entry;

	/* With a line of our own libc leaves nscd out, which would answer for the module as well. */
	if (search->other_sources)
		__nss_configure_lookup("services", search->other_sources);
	for (uint32_t port = 1; port <= PORT_MAX; port += PORT_STEP) {
		struct snapshot_position position = {.port = port};

		if (snapshot_at(search->snapshot, &position, &entry) != SNAPSHOT_OK)
			break;
		probe->has_entries = true;
		set_question(probe, entry.port, entry.protocol, entry.names);
		if (search->other_sources)
			ask(probe);
		if (!*probe->answer)
			return;
	}
	set_question(probe, 0, "ianareg", ""); /* there is no such protocol */
}

struct probe_result probe_for_question(const struct snapshot *snapshot, const char *other_sources, unsigned seconds,
				       struct lookup_probe *probe)
{
	const struct question_search search = {snapshot, other_sources};

	*probe = (struct lookup_probe){0};
	return work_in_child(find_question, &search, seconds, probe, sizeof *probe);
}

static void look_up(void *shared, const void *context)
{
	struct lookup_probe *probe = shared;

	(void)context;
	ask(probe);
	probe->came_to_module = dlopen(MODULE_NAME, RTLD_LAZY | RTLD_NOLOAD);
}

struct probe_result probe_lookup(unsigned seconds, struct lookup_probe *probe)
{
	return work_in_child(look_up, NULL, seconds, probe, sizeof *probe);
}

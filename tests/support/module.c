/* SPDX-License-Identifier: MIT */
/* The module as tests see it. */
#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/module.h"

bool instrumented(void)
{
	return UNDER_ASAN || getenv("VALGRIND");
}

const char *write_snapshot(const char *name, const void *bytes, size_t size)
{
	const char *path = text("%s/%s", scratch_dir(), name);

	write_file(path, bytes, size);
	assert_int_equal(chmod(path, 0644), 0);
	return path;
}

struct compiled use_registry(void)
{
	struct compiled compiled = compile_file(BUNDLED_CSV);
	const char *path = write_snapshot("registry.db", compiled.bytes, compiled.size);

	assert_int_equal(setenv("IANAREG_SNAPSHOT", path, 1), 0);
	return compiled;
}

void use_module_in_libc(void)
{
	const char *path = text("%s/libnss_ianareg.so.2", build_dir());

	/* libc asks for it by soname, and gets what is loaded already: this build's. */
	if (!dlopen(path[0] == '/' ? path : text("./%s", path), RTLD_NOW))
		fail_msg("%s", dlerror());
	assert_int_equal(__nss_configure_lookup("services", "ianareg"), 0);
}

const char *servent_text(const struct servent *servent)
{
	const char *line = text("%s %u/%s", servent->s_name, ntohs((uint16_t)servent->s_port), servent->s_proto);

	for (char **alias = servent->s_aliases; *alias; alias++)
		line = text("%s %s", line, *alias);
	return line;
}

const char *entry_text(const struct snapshot_entry *entry)
{
	const char *line = text("%s %u/%s", entry->names, entry->port, entry->protocol);
	const char *name = entry->names;

	for (uint32_t i = 0; i < entry->alias_count; i++) {
		name += strlen(name) + 1;
		line = text("%s %s", line, name);
	}
	return line;
}

static const char *answer_text(enum nss_status status, const struct servent *servent)
{
	switch (status) {
	case NSS_STATUS_SUCCESS:
		return servent_text(servent);
	case NSS_STATUS_NOTFOUND:
		return "not found";
	case NSS_STATUS_UNAVAIL:
		return "unavailable";
	default:
		return "try again";
	}
}

static char room[4096];

const char *module_by_port(unsigned port, const char *protocol)
{
	struct servent servent;
	int error;

	return answer_text(
		_nss_ianareg_getservbyport_r(htons((uint16_t)port), protocol, &servent, room, sizeof room, &error),
		&servent);
}

const char *module_by_name(const char *name, const char *protocol)
{
	struct servent servent;
	int error;

	return answer_text(_nss_ianareg_getservbyname_r(name, protocol, &servent, room, sizeof room, &error), &servent);
}

const char *snapshot_by_port(const struct snapshot *snapshot, unsigned port, const char *protocol)
{
	struct snapshot_entry entry;

	return snapshot_find_port(snapshot, port, protocol, &entry) == SNAPSHOT_OK ? entry_text(&entry) : "not found";
}

const char *snapshot_by_name(const struct snapshot *snapshot, const char *name, const char *protocol)
{
	struct snapshot_entry entry;

	return snapshot_find_name(snapshot, name, protocol, &entry) == SNAPSHOT_OK ? entry_text(&entry) : "not found";
}

char *snapshot_texts(const struct snapshot *snapshot)
{
	struct snapshot_position position = {0};
	struct snapshot_entry entry;
	char *all;
	size_t size;
	FILE *stream = open_memstream(&all, &size);

	assert_non_null(stream);
	for (; snapshot_at(snapshot, &position, &entry) == SNAPSHOT_OK; snapshot_step(&position))
		fprintf(stream, "%s;", entry_text(&entry));
	assert_int_equal(fclose(stream), 0);
	return all;
}

/* Found or not; anything else is no answer of a healthy module. */
static bool judge(const char *what, enum nss_status status)
{
	if (status != NSS_STATUS_SUCCESS && status != NSS_STATUS_NOTFOUND)
		fail_msg("%s: status %d", what, status);
	return status == NSS_STATUS_SUCCESS;
}

static void direct_begin(void)
{
	assert_int_equal(_nss_ianareg_setservent(0), NSS_STATUS_SUCCESS);
}

static void direct_end(void)
{
	assert_int_equal(_nss_ianareg_endservent(), NSS_STATUS_SUCCESS);
}

static bool direct_next(struct servent *servent)
{
	int error;

	return judge("getservent", _nss_ianareg_getservent_r(servent, room, sizeof room, &error));
}

static bool direct_by_name(const char *name, const char *protocol, struct servent *servent)
{
	int error;

	return judge(name, _nss_ianareg_getservbyname_r(name, protocol, servent, room, sizeof room, &error));
}

static bool direct_by_port(int port_be, const char *protocol, struct servent *servent)
{
	int error;

	return judge("port", _nss_ianareg_getservbyport_r(port_be, protocol, servent, room, sizeof room, &error));
}

const struct route direct_route = {
	"direct", direct_begin, direct_next, direct_end, direct_by_name, direct_by_port,
};

static bool judge_libc(const char *what, int error, struct servent *const *result)
{
	if (error && error != ENOENT)
		fail_msg("%s: %s", what, strerror(error));
	assert_true(!error || !*result);
	return *result;
}

static void libc_begin(void)
{
	setservent(0);
}

static bool libc_next(struct servent *servent)
{
	struct servent *result;

	return judge_libc("getservent_r", getservent_r(servent, room, sizeof room, &result), &result);
}

static bool libc_by_name(const char *name, const char *protocol, struct servent *servent)
{
	struct servent *result;

	return judge_libc(name, getservbyname_r(name, protocol, servent, room, sizeof room, &result), &result);
}

static bool libc_by_port(int port_be, const char *protocol, struct servent *servent)
{
	struct servent *result;

	return judge_libc("port", getservbyport_r(port_be, protocol, servent, room, sizeof room, &result), &result);
}

const struct route libc_route = {
	"libc", libc_begin, libc_next, endservent, libc_by_name, libc_by_port,
};

_Noreturn void child_failed(const char *file, int line, const char *condition)
{
	fprintf(stderr, "%s:%d: in a child process: not so: %s (errno %d)\n", file, line, condition, errno);
	_exit(1);
}

/* cmocka's handlers would go on with the parent's tests in the child. */
static void end_by_signals(void)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGSYS};

	for (unsigned i = 0; !UNDER_ASAN && i < sizeof faults / sizeof *faults; i++)
		signal(faults[i], SIG_DFL);
}

void in_child(void (*body)(const void *argument), const void *argument)
{
	int status;

	fflush(NULL);

	pid_t child = fork();

	assert_int_not_equal(child, -1);
	if (!child) {
		end_by_signals();
		alarm(60);
		body(argument);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		fail_msg("the child process ended with %s %d", WIFSIGNALED(status) ? "signal" : "status",
			 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

unsigned count_descriptors(void)
{
	unsigned count = 0;
	DIR *directory = opendir("/proc/self/fd");

	if (!directory)
		return 0;
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

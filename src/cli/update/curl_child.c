/* SPDX-License-Identifier: MIT */
/* One run of curl(1). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/update/curl_child.h"

/* The job's descriptors, in order. */
#define BODY_PATH "/proc/self/fd/3"
#define ETAG_PATH "/proc/self/fd/4"
#define KNOWN_ETAG_PATH "/proc/self/fd/5"
_Static_assert(SANDBOX_FD_FIRST == 3, "the paths say so");

enum { ARGUMENTS_MAX = 64, TEXT_MAX = 64, CPU_SECONDS = 60 };

struct arguments {
	char *list[ARGUMENTS_MAX];
	unsigned count;
};

static int write_known_etag(int fd, const struct validators *known)
{
	const size_t size = known ? strlen(known->etag) : 0;

	return size == 0 || write(fd, known->etag, size) == (ssize_t)size ? 0 : -1;
}

/* Files of the user who writes them: curl sets a time. Without the right to give away it goes without that time. */
static int scratch_file_of(const struct identity *identity)
{
	const int fd = scratch_file();

	if (fd >= 0 && identity->drop && fchown(fd, identity->uid, identity->gid) != 0)
		errno = 0;
	return fd;
}

enum exit_status curl_child_open(const struct fetch_request *request, struct curl_child *child)
{
	struct curl_child made = {.on_terminal = isatty(STDERR_FILENO)};

	made.body = scratch_file_of(request->identity);
	made.etag = scratch_file_of(request->identity);
	made.known_etag = scratch_file_of(request->identity);
	made.report = scratch_file_of(request->identity);
	made.messages = scratch_file_of(request->identity);
	if (made.body < 0 || made.etag < 0 || made.report < 0 || made.messages < 0 || made.known_etag < 0 ||
	    write_known_etag(made.known_etag, request->known) != 0) {
		curl_child_close(&made);
		return EXIT_TROUBLE;
	}
	*child = made;
	return EXIT_DONE;
}

void curl_child_close(struct curl_child *child)
{
	const int all[] = {child->body, child->etag, child->known_etag, child->report, child->messages};

	for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i] >= 0)
			close(all[i]);
}

static void add(struct arguments *arguments, const char *text)
{
	if (arguments->count == ARGUMENTS_MAX - 1)
		abort();
	arguments->list[arguments->count++] = xcheck(strdup(text));
}

static void add_number(struct arguments *arguments, const char *option, unsigned number)
{
	char text[TEXT_MAX];

	snprintf(text, sizeof text, "%u", number);
	add(arguments, option);
	add(arguments, text);
}

/*
 * RFC 9110's form of a date, whatever the locale. Not by --time-cond: with that curl itself throws away what is not
 * newer, though the server sent it because its tag is another one, or because a mirror went back to an older file.
 */
static void add_date(struct arguments *arguments, time_t date)
{
	static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char text[TEXT_MAX];
	struct tm utc;

	if (date <= 0 || !gmtime_r(&date, &utc))
		return;
	snprintf(text, sizeof text, "If-Modified-Since: %.3s, %02d %.3s %d %02d:%02d:%02d GMT", days + 3 * utc.tm_wday,
		 utc.tm_mday, months + 3 * utc.tm_mon, utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
	add(arguments, "--header");
	add(arguments, text);
}

static void add_limits(struct arguments *arguments, const struct fetch_request *request)
{
	add_number(arguments, "--max-filesize", BODY_SIZE_MAX);
	add_number(arguments, "--max-time", request->seconds_max);
	add_number(arguments, "--connect-timeout",
		   request->seconds_max < CONNECT_SECONDS ? request->seconds_max : CONNECT_SECONDS);
	add_number(arguments, "--speed-time", STALL_SECONDS);
	add_number(arguments, "--speed-limit", STALL_BYTES);
	add_number(arguments, "--retry", request->retries);
	add_number(arguments, "--retry-max-time", request->seconds_max * (request->retries + 1));
	add(arguments, "--retry-connrefused");
}

static void add_conditions(struct arguments *arguments, const struct fetch_request *request)
{
	add(arguments, "--etag-save");
	add(arguments, ETAG_PATH);
	if (request->known && *request->known->etag) {
		add(arguments, "--etag-compare");
		add(arguments, KNOWN_ETAG_PATH);
	}
	if (request->known)
		add_date(arguments, request->known->modified);
}

static void add_all(struct arguments *arguments, const struct curl_task *task)
{
	static const char *const always[] = {"curl",         "-q", /* first, or curl reads a .curlrc */
					     "--fail",       "--globoff",
					     "--compressed", "--remote-time",
					     "--user-agent", "ianareg/" IANAREG_VERSION,
					     "--write-out",  "%{http_code} %{redirect_url}",
					     "--output",     BODY_PATH};

	for (unsigned i = 0; i < sizeof always / sizeof *always; i++)
		add(arguments, always[i]);
	add(arguments, "--show-error");
	add(arguments, task->child->on_terminal ? "--progress-bar" : "--silent");
	add(arguments, "--proto");
	add(arguments, task->https ? "=https" : "=http");
	add(arguments, "--proto-redir"); /* nor would it be used: we follow redirections ourselves */
	add(arguments, "=https");
	if (task->loopback) {
		add(arguments, "--noproxy");
		add(arguments, "*");
	}
	add_limits(arguments, task->request);
	add_conditions(arguments, task->request);
	add(arguments, "--url");
	add(arguments, task->url);
}

/* Ways out and whom to trust are the administrator's to say; nothing else of our environment is curl's business. */
static void add_environment(struct arguments *environment)
{
	static const char *const names[] = {"https_proxy",  "HTTPS_PROXY",   "http_proxy", "all_proxy",
					    "ALL_PROXY",    "no_proxy",      "NO_PROXY",   "SSL_CERT_FILE",
					    "SSL_CERT_DIR", "CURL_CA_BUNDLE"};
	char *text;

	add(environment, "PATH=/usr/bin:/bin");
	add(environment, "LC_ALL=C");
	add(environment, "HOME=/nonexistent");
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = secure_getenv(names[i]);

		if (!value)
			continue;
		if (asprintf(&text, "%s=%s", names[i], value) < 0)
			xcheck(NULL);
		add(environment, text);
		free(text);
	}
}

/* In the child. The places are fixed: what root runs is not PATH's to choose. */
static int exec_curl(const void *argument)
{
	static const char *const places[] = {"/usr/bin/curl", "/bin/curl", "/usr/local/bin/curl"};
	struct arguments arguments = {0}, environment = {0};

	add_all(&arguments, argument);
	add_environment(&environment);
	for (unsigned i = 0; i < sizeof places / sizeof *places; i++)
		execve(places[i], arguments.list, environment.list);
	return SANDBOX_NO_PROGRAM;
}

/* What an attempt before has left. */
static bool empty_files(const struct curl_child *child)
{
	const int all[] = {child->body, child->etag, child->report, child->messages};

	for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
		if (ftruncate(all[i], 0) != 0 || lseek(all[i], 0, SEEK_SET) != 0)
			return false;
	return true;
}

enum exit_status run_curl(const struct curl_task *task, struct sandbox_job_end *end)
{
	const struct curl_child *child = task->child;
	const struct sandbox_job sandbox_job = {
		.work = exec_curl,
		.argument = task,
		.output = child->report,
		.messages = child->on_terminal ? -1 : child->messages,
		.descriptors = {child->body, child->etag, child->known_etag},
		.descriptor_count = 3,
		.file_size_max = BODY_SIZE_MAX + 1,
		.cpu_seconds = CPU_SECONDS,
	};

	if (!empty_files(child))
		return complain("ftruncate", "%s", strerror(errno));
	return sandbox_run(task->request->identity, &sandbox_job, end);
}

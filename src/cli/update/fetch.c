/* SPDX-License-Identifier: MIT */
/* A file from the network, by curl(1) in a sandbox. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/update/curl_child.h"
#include "cli/update/fetch.h"
#include "cli/update/url.h"

enum { REPORT_MAX = URL_MAX_BYTES + 16, HTTP_OK = 200, HTTP_REDIRECTS = 300, HTTP_UNMODIFIED = 304, HTTP_ERRORS = 400 };

/* How an attempt ended. */
struct answer {
	int code; /* HTTP's */
	char redirect[URL_MAX_BYTES + 1]; /* "" if it sends us nowhere */
};

/* What curl said, without its "curl: (22) ", under the address's name. */
static void complain_as_curl(const struct curl_child *child, const char *url)
{
	size_t size;
	char *said = child->on_terminal ? NULL : scratch_copy(child->messages, SANDBOX_SAID_MAX, &size);
	const char *at = said ? said : "";

	if (strncmp(at, "curl: (", 7) == 0 && strchr(at, ')'))
		at = strchr(at, ')') + 1 + strspn(strchr(at, ')') + 1, " ");

	char *line = collapse_blanks(at, strcspn(at, "\n")), *printable = escape_text(line);

	complain(url, "%s", *printable ? printable : "curl could not fetch it");
	free(printable);
	free(line);
	free(said);
}

static enum exit_status complain_of_size(const char *url)
{
	complain(url, "is longer than %d bytes", BODY_SIZE_MAX);
	return EXIT_INVALID;
}

static bool is_full(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && status.st_size >= BODY_SIZE_MAX;
}

/* What curl's exit status means to us (curl(1), "Exit codes"). */
static enum exit_status judge_end(const struct curl_child *child, const struct sandbox_job_end *end, const char *url)
{
	if (end->signal) {
		complain(url, "curl was killed by signal %d", end->signal);
		return EXIT_LATER;
	}
	switch (end->status) {
	case 0:
		return EXIT_DONE;
	case SANDBOX_NO_PROGRAM:
		return complain("curl", "is not installed; update needs it");
	case SANDBOX_FAILED:
		relay_messages(child->messages);
		return EXIT_TROUBLE;
	case 63: /* longer than --max-filesize, as its head says */
		return complain_of_size(url);
	case 23: /* could not write: past the limit on a file's size, or no memory */
		if (is_full(child->body))
			return complain_of_size(url);
		__attribute__((fallthrough));
	case 2: /* does not know an option: too old */
	case 4: /* was built without something we ask for */
	case 27: /* out of memory */
		complain_as_curl(child, url);
		return EXIT_TROUBLE;
	default:
		complain_as_curl(child, url);
		return EXIT_LATER;
	}
}

static enum exit_status read_report(int fd, struct answer *answer)
{
	size_t size;
	char *report = scratch_copy(fd, REPORT_MAX, &size), *end;

	if (!report)
		return EXIT_TROUBLE;

	const long code = strtol(report, &end, 10);

	*answer = (struct answer){.code = code > 0 && code < 1000 ? (int)code : 0};
	end += strspn(end, " ");
	if (strlen(end) <= URL_MAX_BYTES)
		memcpy(answer->redirect, end, strlen(end) + 1);
	free(report);
	return EXIT_DONE;
}

static enum exit_status ask(const struct curl_child *child, const struct fetch_request *request, const char *url,
			    enum url_kind kind, struct answer *answer)
{
	const struct curl_task task = {.child = child,
				       .url = url,
				       .request = request,
				       .https = kind == URL_HTTPS,
				       .loopback = kind == URL_HTTP_LOOPBACK};
	struct sandbox_job_end end;
	enum exit_status status = run_curl(&task, &end);

	if (status == EXIT_DONE)
		status = judge_end(child, &end, url);
	return status == EXIT_DONE ? read_report(child->report, answer) : status;
}

/* Take the address a server sent us to. EXIT_LATER with a message: we do not go there. */
static enum exit_status follow(const struct fetch_request *request, const char *from, const struct answer *answer,
			       enum url_kind *kind)
{
	enum url_kind next;
	const char *fault = url_read(answer->redirect, &next);
	char *target;

	if (!fault && url_may_follow(*kind, next, request->allow_http)) {
		*kind = next;
		return EXIT_DONE;
	}
	target = escape_text(answer->redirect);
	complain(from, "sends us to \"%s\", which %s", target, fault ? fault : "is not https");
	free(target);
	return EXIT_LATER;
}

/* Ask until something other than a redirection comes; `url` is the last address asked then. */
static enum exit_status ask_along(const struct curl_child *child, const struct fetch_request *request, char *url,
				  struct answer *answer)
{
	enum url_kind kind;
	enum exit_status status;
	const char *fault = url_read(url, &kind);

	if (fault)
		return complain(url, "%s", fault);
	for (unsigned redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
		status = ask(child, request, url, kind, answer);
		if (status == EXIT_DONE && !*answer->redirect)
			return EXIT_DONE;
		if (status == EXIT_DONE)
			status = follow(request, url, answer, &kind);
		if (status != EXIT_DONE)
			return status;
		memcpy(url, answer->redirect, sizeof answer->redirect);
	}
	complain(request->url, "redirects more than %d times", REDIRECTS_MAX);
	return EXIT_LATER;
}

/* One line of printable characters, or nothing. */
static void read_etag(int fd, char etag[ETAG_MAX_BYTES + 1])
{
	size_t size;
	char *text = scratch_copy(fd, ETAG_MAX_BYTES, &size);
	const size_t length = text ? strcspn(text, "\r\n") : 0;

	etag[0] = '\0';
	if (text && size <= ETAG_MAX_BYTES) {
		memcpy(etag, text, length);
		etag[length] = '\0';
	}
	for (const char *c = etag; *c; c++)
		if (*c < ' ' || *c > '~') {
			etag[0] = '\0';
			break;
		}
	free(text);
}

/* curl sets the file's time to Last-Modified, which knows no fractions; else it is the time of the last write. */
static time_t read_modified(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && status.st_mtim.tv_nsec == 0 && status.st_mtime > 0 ? status.st_mtime : 0;
}

static enum exit_status take_body(const struct curl_child *child, const char *url, struct fetched *fetched)
{
	struct fetched taken = {0};

	taken.bytes = scratch_copy(child->body, BODY_SIZE_MAX, &taken.size);
	if (!taken.bytes)
		return EXIT_TROUBLE;
	if (taken.size > BODY_SIZE_MAX) {
		free(taken.bytes);
		return complain_of_size(url);
	}
	read_etag(child->etag, taken.validators.etag);
	taken.validators.modified = read_modified(child->body);
	*fetched = taken;
	return EXIT_DONE;
}

static enum exit_status take_answer(const struct curl_child *child, const struct fetch_request *request,
				    const char *url, const struct answer *answer, struct fetched *fetched)
{
	if (answer->code == HTTP_OK)
		return take_body(child, url, fetched);
	if (answer->code == HTTP_UNMODIFIED && request->known) {
		*fetched = (struct fetched){.unmodified = true};
		return EXIT_DONE;
	}
	complain(url, "answers with status %d", answer->code);
	return EXIT_LATER;
}

enum exit_status fetch(const struct fetch_request *request, struct fetched *fetched)
{
	struct curl_child child;
	struct answer answer;
	char url[URL_MAX_BYTES + 1] = "";
	enum exit_status status;

	if (strlen(request->url) > URL_MAX_BYTES)
		return complain(request->url, "is too long an address");
	memcpy(url, request->url, strlen(request->url));
	status = curl_child_open(request, &child);
	if (status != EXIT_DONE)
		return status;
	status = ask_along(&child, request, url, &answer);
	if (status == EXIT_DONE)
		status = take_answer(&child, request, url, &answer, fetched);
	curl_child_close(&child);
	return status;
}

/* SPDX-License-Identifier: MIT */
/*
 * One run of curl(1): its arguments, its environment, and the memory files through which it returns data. For fetch.c.
 */
#ifndef IANAREG_CLI_UPDATE_CURL_CHILD_H
#define IANAREG_CLI_UPDATE_CURL_CHILD_H

#include "cli/update/fetch.h"

struct curl_child {
	int body, etag, known_etag, report, messages; /* descriptors */
	bool on_terminal; /* it prints progress and messages to our stderr */
};

struct curl_task {
	const struct curl_child *child;
	const struct fetch_request *request;
	const char *url;
	bool https; /* or http */
	bool loopback; /* no proxy may come between */
};

/* EXIT_TROUBLE with a message; then there is nothing to close. */
enum exit_status curl_child_open(const struct fetch_request *request, struct curl_child *child);
void curl_child_close(struct curl_child *child);

/* Run curl once; the report is "CODE REDIRECTION". EXIT_TROUBLE with a message: it could not be started. */
enum exit_status run_curl(const struct curl_task *task, struct sandbox_job_end *end);

#endif

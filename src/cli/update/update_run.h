/* SPDX-License-Identifier: MIT */
/*
 * An update: fetch the registry, compile it in a sandbox, validate what comes back, compare it with what is in place,
 * let the guard judge, publish it, keep the body in the cache, and have nscd forget its answers.
 */
#ifndef IANAREG_CLI_UPDATE_UPDATE_RUN_H
#define IANAREG_CLI_UPDATE_UPDATE_RUN_H

#include "cli/cli.h"
#include "cli/update/settings.h"

struct update {
	struct settings settings;
	const char *output; /* the target */
	unsigned seconds; /* an attempt may take */
	unsigned retries;
	bool force, dry_run, offline, allow_http;
};

/* Run it. EXIT_DONE: published, or unchanged; else a message is printed (exit statuses: ianareg-update(8)). */
enum exit_status update_run(const struct update *update);

#endif

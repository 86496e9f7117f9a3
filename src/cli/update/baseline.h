/* SPDX-License-Identifier: MIT */
/* The snapshot that an update or rollback replaces, or is judged by, and what changes from it to the next one. */
#ifndef IANAREG_CLI_UPDATE_BASELINE_H
#define IANAREG_CLI_UPDATE_BASELINE_H

#include "cli/cli.h"
#include "diff/changes.h"
#include "snapshot/snapshot_file.h"

struct baseline {
	char *path;
	bool is_valid; /* it is there and passes the full check */
	struct snapshot_file file; /* if it is valid */
};

/*
 * Open the target of an update. EXIT_DONE: baseline_close() it; a file that is no valid snapshot is reported, and a
 * missing one is not. EXIT_TROUBLE, with a message: it cannot be read.
 */
enum exit_status baseline_open(const char *path, struct baseline *baseline);

/*
 * Open what the guard compares with where the target is not valid: PATH.prev if that is valid, or else the vendor's
 * snapshot. Where neither is, is_valid is false. baseline_close() it. Nothing is reported.
 */
void baseline_open_instead(const char *path, struct baseline *baseline);
void baseline_close(struct baseline *baseline);

struct comparison {
	bool has_baseline;
	struct changes changes; /* from the baseline; without one, only assignments_after */
};

/* EXIT_DONE: comparison_free() it. EXIT_INVALID, with a message. Both snapshots are valid and outlive it. */
enum exit_status baseline_compare(const struct baseline *baseline, const struct snapshot *next,
				  struct comparison *comparison);
void comparison_free(struct comparison *comparison);

/* Print "PATH: 3 added, 1 removed" on stdout; "PATH: new, 12000 assignments" where nothing was replaced. */
void comparison_print(const struct comparison *comparison, bool is_new, const char *path);

#endif

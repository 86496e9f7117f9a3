/* SPDX-License-Identifier: MIT */
/* What a new snapshot changes in the one there was, and whether so much may go. */
#ifndef IANAREG_CLI_UPDATE_GUARD_H
#define IANAREG_CLI_UPDATE_GUARD_H

#include "cli/cli.h"
#include "diff/changes.h"
#include "snapshot/snapshot_file.h"

/* A snapshot that is to be replaced, if it is there and sound; or one that the guard measures by instead. */
struct previous {
	const char *path;
	char *own_path; /* the same, if it is to be freed; else NULL */
	bool is_sound;
	struct snapshot_file file; /* if it is sound */
};

/* EXIT_DONE: close_previous() it. A file that is no sound snapshot is said; EXIT_TROUBLE: it cannot be read. */
enum exit_status previous_open(const char *path, struct previous *previous);
void previous_close(struct previous *previous);

/*
 * What the guard measures by where PATH is not sound: PATH.prev if that is, or else what came with the tool. Where
 * neither is, is_sound is false. close_previous() it. Nothing is said.
 */
void open_baseline(const char *path, struct previous *instead);

struct comparison {
	bool has_previous;
	struct changes changes; /* with the previous; without one, only assignments_after */
};

/* EXIT_DONE: free_comparison() it. EXIT_INVALID, with a message. Both snapshots are sound and outlive it. */
enum exit_status compare_with(const struct previous *previous, const struct snapshot *next,
			      struct comparison *comparison);
void comparison_free(struct comparison *comparison);

struct guard_limits {
	unsigned percent; /* of the assignments that may vanish */
	uint32_t minimum; /* assignments that must remain */
	bool answers; /* of these no more than `percent` may vanish either: rows may be there and not answer */
};

/* EXIT_INVALID, with both numbers: more vanish, compared with `before` if it is sound, or fewer remain. */
enum exit_status guard(const struct previous *before, const struct snapshot *next, const char *path,
		       const struct guard_limits *limits);

/* "PATH: 3 added, 1 removed" on stdout. */
void print_comparison(const struct comparison *comparison, const char *path);

#endif

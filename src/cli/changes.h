/* SPDX-License-Identifier: MIT */
/*
 * What changed between two snapshots, assignment by assignment: for `diff`, and for the line and the guard of `update`.
 * One thread. Texts in here are the two snapshots' own and live as long as they do.
 */
#ifndef IANAREG_CLI_CHANGES_H
#define IANAREG_CLI_CHANGES_H

#include <stdio.h>

#include "snapshot/rows.h"

enum change_kind {
	CHANGE_REMOVED, /* `before` alone */
	CHANGE_ADDED, /* `after` alone */
	CHANGE_RENAMED, /* the same ports and protocol, another service name */
	CHANGE_MOVED, /* the same service name and protocol, other ports */
	CHANGE_REDESCRIBED, /* the same name, ports and protocol; another description, assignee, date, note ... */
	CHANGE_KIND_COUNT,
};

struct change {
	enum change_kind kind;
	struct snapshot_row before, after; /* all zero where there is none */
};

struct changes {
	struct change *list; /* in canonical order of the rows: by port, protocol, name */
	uint32_t count;
	uint32_t kind_counts[CHANGE_KIND_COUNT];
	uint32_t assignments_before, assignments_after; /* rows of the registry proper that have a service name */
	uint32_t assignments_vanished; /* of those before, such that no row after has the name, ports and protocol */
};

/*
 * Compare. SNAPSHOT_OK: free_changes() the result. SNAPSHOT_BAD_ROW: nothing to free; `*in_after` and `*bad_row` say
 * which row of which snapshot.
 */
enum snapshot_status find_changes(const struct snapshot *before, const struct snapshot *after, struct changes *changes,
				  bool *in_after, uint32_t *bad_row);
void free_changes(struct changes *changes);

/* "3 added, 1 removed, 2 moved" without a newline; "no changes" where there are none. */
void print_changes_summary(const struct changes *changes, FILE *stream);

#endif

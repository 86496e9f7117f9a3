/* SPDX-License-Identifier: MIT */
/*
 * The changes between two snapshots, assignment by assignment: for `diff`, and for the line and the guard of `update`.
 * One thread. Texts in here are the two snapshots' own and live as long as they do.
 *
 * Every row is an assignment here, those without a service name (reserved, unassigned, de-registered) too. Rows that
 * say the same cancel out. Of the rest, each kind of pair in turn takes what the one before it left, in the order of
 * the rows: redescribed, moved, renamed; what is alone then was removed or added. A row is paired within its source
 * only: IANA's registry, or the site's overlays. Rows without a name are never moved or renamed: when a reserved port
 * is assigned, a row without a name is removed and an assignment is added.
 *
 * The list is complete. Take from the rows before those of `before_row`, then put in each `after`, in rising order of
 * `after_row`, so that it has that number: these are the rows after, in their order.
 */
#ifndef IANAREG_DIFF_CHANGES_H
#define IANAREG_DIFF_CHANGES_H

#include <stdio.h>

#include "snapshot/rows.h"

enum change_kind {
	CHANGE_REMOVED, /* `before` alone */
	CHANGE_ADDED, /* `after` alone */
	CHANGE_RENAMED, /* the same ports and protocol, another service name, and the old one is gone */
	CHANGE_MOVED, /* the same service name and protocol, other ports; or a port gained or lost */
	CHANGE_REDESCRIBED, /* the same name, ports and protocol; another description, assignee, date, note ... */
	CHANGE_REORDERED, /* the same row, elsewhere among those of its port: the order of the aliases */
	CHANGE_KIND_COUNT,
};

struct change {
	enum change_kind kind;
	struct snapshot_row before, after; /* all zero where there is none */
	uint32_t before_row, after_row; /* their numbers; UINT32_MAX where there is none */
};

/* A question that has another answer, or none, or one at last, though no row changed where it leads. */
struct answer_change {
	const char *name; /* of the service, as with getservbyname(); NULL: by port, as with getservbyport() */
	const char *protocol; /* NULL: none asked */
	uint16_t port; /* host order */
	bool has_before, has_after;
	struct snapshot_entry before, after;
};

struct changes {
	struct change *list; /* in canonical order of the rows: by port, protocol, name; without a port last */
	uint32_t count;
	uint32_t kind_counts[CHANGE_KIND_COUNT];
	uint32_t named_counts[CHANGE_KIND_COUNT]; /* of them, those of a row with a service name */
	uint32_t nameless_count; /* changes of a row without one */
	struct answer_change *answers; /* by port and protocol, then by name and protocol */
	uint32_t answer_count;
	uint32_t assignments_before, assignments_after; /* rows of the registry proper that have a service name */
	uint32_t assignments_vanished; /* of those before, such that no row after has the name, ports and protocol */
};

/*
 * Compare. SNAPSHOT_OK: changes_free() the result. SNAPSHOT_BAD_ROW: nothing to free; `*in_after` and `*bad_row` say
 * which row of which snapshot.
 */
enum snapshot_status find_changes(const struct snapshot *before, const struct snapshot *after, struct changes *changes,
				  bool *in_after, uint32_t *bad_row);
void changes_free(struct changes *changes);

/* Whether the two differ at all: in a row, their order, or an answer. */
bool changes_any(const struct changes *changes);

/* "removed", "added" and so on. */
const char *change_kind_text(enum change_kind kind);

/*
 * "3 added, 1 removed, 2 moved" without a newline; "no changes" where there are none. Rows without a name and answers
 * have words of their own, when there are any.
 */
void print_changes_summary(const struct changes *changes, FILE *stream);

#endif

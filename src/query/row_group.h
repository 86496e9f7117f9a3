/* SPDX-License-Identifier: MIT */
/*
 * Rows that say the same of several protocols, brought together for people. Ends the process where there is no memory.
 */
#ifndef IANAREG_QUERY_ROW_GROUP_H
#define IANAREG_QUERY_ROW_GROUP_H

#include "query/row_info.h"

struct row_group {
	struct row_info row_info; /* of the first of the rows */
	const char *protocols[PROTOCOL_MAX];
	unsigned protocol_count;
};

/* Begin with {0}, or with the texts that matter; they stay the snapshot's. */
struct row_groups {
	struct row_group *list;
	uint32_t count;
	unsigned
		texts; /* bits of enum row_text: rows that differ in others only, or in aliases, say the same; 0: all matter */
};

/*
 * Add a row to the group that says the same at the same ports, or as a new one. A row that is there already adds
 * nothing.
 */
void row_groups_add(struct row_groups *groups, const struct row_info *row_info);
/* The same for a group of others. */
void row_groups_merge(struct row_groups *groups, const struct row_group *group);
void row_groups_free(struct row_groups *groups);

/* "tcp, udp"; "" for a row that names none. */
enum { PROTOCOLS_SIZE = PROTOCOL_MAX * (PROTOCOL_SIZE + 1) };
void format_protocols(const struct row_group *group, char protocols[PROTOCOLS_SIZE]);

#endif

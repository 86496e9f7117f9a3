/* SPDX-License-Identifier: MIT */
/* Rows that say the same of several protocols, brought together for people. Ends the process where there is no memory. */
#ifndef IANAREG_CLI_FACT_GROUP_H
#define IANAREG_CLI_FACT_GROUP_H

#include "cli/fact.h"

struct fact_group {
	struct fact fact; /* of the first of the rows */
	const char *protocols[PROTOCOL_MAX];
	unsigned protocol_count;
};

/* Begin with {0}, or with the texts that matter; they stay the snapshot's. */
struct fact_groups {
	struct fact_group *list;
	uint32_t count;
	unsigned
		texts; /* bits of enum row_text: rows that differ in others only, or in aliases, say the same; 0: all matter */
};

/* Add a row to the group that says the same at the same ports, or as a new one. A row that is there already adds nothing. */
void group_fact(struct fact_groups *groups, const struct fact *fact);
/* The same for a group of others. */
void merge_group(struct fact_groups *groups, const struct fact_group *group);
void free_fact_groups(struct fact_groups *groups);

/* "tcp, udp"; "" for a row that names none. */
enum { PROTOCOLS_SIZE = PROTOCOL_MAX * (PROTOCOL_SIZE + 1) };
void format_protocols(const struct fact_group *group, char protocols[PROTOCOLS_SIZE]);

#endif

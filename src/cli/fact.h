/* SPDX-License-Identifier: MIT */
/* A row of the registry with what follows from it: its status in words, and its aliases. */
#ifndef IANAREG_CLI_FACT_H
#define IANAREG_CLI_FACT_H

#include "snapshot/rows.h"

enum fact_status {
	FACT_ASSIGNED,
	FACT_WITHOUT_PORT,
	FACT_WITHOUT_NAME,
	FACT_RESERVED,
	FACT_UNASSIGNED,
	FACT_DE_REGISTERED,
	FACT_DYNAMIC,
	FACT_STATUS_COUNT,
};

struct fact {
	struct snapshot_row row;
	enum fact_status status;
	const char *aliases; /* each ends in one NUL */
	uint32_t alias_count;
};

enum { DYNAMIC_FIRST = 49152 }; /* RFC 6335 section 6; up to PORT_MAX */

/* What the row and the entry it answers with say. Texts are the snapshot's. */
struct fact fact_of_row(const struct snapshot *snapshot, const struct snapshot_row *row);

/* What RFC 6335 says of all ports from DYNAMIC_FIRST on that have no row. */
struct fact fact_of_dynamic_ports(void);

/* "Assigned" and so on. */
const char *fact_status_text(enum fact_status status);

/* What a text is called in JSON: "description" and so on. */
const char *fact_text_name(enum row_text which);

/* Whether a row speaks of that protocol; one that names none, but a service and a port, is tcp's and udp's. */
bool row_has_protocol(const struct snapshot_row *row, const char *protocol);

/* The alias or name behind `name` in a sequence of strings. */
const char *next_name(const char *name);

#endif

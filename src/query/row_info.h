/* SPDX-License-Identifier: MIT */
/* A row of the registry with what follows from it: its status in words, and its aliases. */
#ifndef IANAREG_QUERY_ROW_INFO_H
#define IANAREG_QUERY_ROW_INFO_H

#include "snapshot/rows.h"

enum row_status {
	ROW_STATUS_ASSIGNED,
	ROW_STATUS_WITHOUT_PORT,
	ROW_STATUS_WITHOUT_NAME,
	ROW_STATUS_RESERVED,
	ROW_STATUS_UNASSIGNED,
	ROW_STATUS_DE_REGISTERED,
	ROW_STATUS_DYNAMIC,
	ROW_STATUS_STATUS_COUNT,
};

struct row_info {
	struct snapshot_row row;
	enum row_status status;
	const char *aliases; /* each ends in one NUL */
	uint32_t alias_count;
};

enum { DYNAMIC_FIRST = 49152 }; /* RFC 6335 section 6; up to PORT_MAX */

/* What the row and the entry it answers with say. Texts are the snapshot's. */
struct row_info row_info_of(const struct snapshot *snapshot, const struct snapshot_row *row);

/* What RFC 6335 says of all ports from DYNAMIC_FIRST on that have no row. */
struct row_info row_info_of_dynamic_ports(void);

/* "Assigned" and so on. */
const char *row_status_text(enum row_status status);

/* What a text is called in JSON: "description" and so on. */
const char *row_text_name(enum row_text which);

/* Whether a row speaks of that protocol; one that names none, but a service and a port, is tcp's and udp's. */
bool row_has_protocol(const struct snapshot_row *row, const char *protocol);

/* The alias or name after `name` in a sequence of strings. */
const char *next_name(const char *name);

/* "19195-19219", or "19220" for one port. `text` is returned. */
enum { PORTS_TEXT_SIZE = sizeof "65535-65535" };
const char *ports_text(unsigned first, unsigned last, char text[PORTS_TEXT_SIZE]);

/* The ports of a row as ports_text() writes them; "" where it has none. `text` is returned. */
const char *row_ports_text(const struct snapshot_row *row, char text[PORTS_TEXT_SIZE]);

#endif

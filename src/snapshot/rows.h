/* SPDX-License-Identifier: MIT */
/* The cold half of a snapshot: the whole registry, row by row. For the tool; never part of a lookup through NSS. */
#ifndef IANAREG_SNAPSHOT_ROWS_H
#define IANAREG_SNAPSHOT_ROWS_H

#include "snapshot/snapshot.h"

/* A row; its texts are UTF-8, NUL-terminated, never NULL, inside the snapshot's bytes. */
struct snapshot_row {
	const char *name; /* "" where the row has none */
	const char *protocol; /* "" where the row has none */
	uint8_t protocol_index; /* PROTOCOL_NONE where the row has none */
	const char *text[TEXT_COUNT];
	uint16_t first_port, last_port; /* host order; 0 unless has_port */
	bool has_port;
	bool from_overlay;
};

/* Number of rows. Row 0 is the first in canonical order: by port, then protocol; rows without a port last. */
uint32_t snapshot_row_count(const struct snapshot *snapshot);

/* Row `number`. SNAPSHOT_NOT_FOUND past the end, SNAPSHOT_BAD_ROW for a damaged one; then `*row` is untouched. */
enum snapshot_status snapshot_row(const struct snapshot *snapshot, uint32_t number, struct snapshot_row *row);

/*
 * What a row is found by, for indexes over them all: less work than the whole row, and no proof of the rest of it.
 * False: the row has no ports, or there is no such row. NULL: its name is damaged; "": it has none.
 */
bool snapshot_row_ports(const struct snapshot *snapshot, uint32_t number, uint16_t *first, uint16_t *last);
const char *snapshot_row_name(const struct snapshot *snapshot, uint32_t number);

/* The first row from number `from` on with that name, ASCII case apart; NO_NAMED_ROW. Damaged names are not found. */
enum { NO_NAMED_ROW = UINT32_MAX };
uint32_t snapshot_row_named(const struct snapshot *snapshot, const char *name, uint32_t from);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What a snapshot says of itself, and its records in the order of the file: for those who show or compare snapshots
 * whole. With these nobody outside the reader and the writer knows how the file is laid out. As in snapshot.h every
 * function is pure, and texts are the snapshot's own.
 */
#ifndef IANAREG_SNAPSHOT_ACCESSORS_H
#define IANAREG_SNAPSHOT_ACCESSORS_H

#include "snapshot/snapshot.h"

uint32_t snapshot_file_size(const struct snapshot *snapshot); /* bytes */
uint32_t snapshot_format_version(const struct snapshot *snapshot);
uint32_t snapshot_entry_count(const struct snapshot *snapshot); /* (port, protocol) answers */
uint32_t snapshot_name_count(const struct snapshot *snapshot); /* different names and aliases that answer */

/* The latest date that any row bears, YYYY-MM-DD or YYYY-MM; "" where none does. */
const char *snapshot_newest_date(const struct snapshot *snapshot);

/* Ports that have an entry. Time is linear in the index of ports. */
uint32_t snapshot_used_port_count(const struct snapshot *snapshot);

/* Bytes of the sections that lookups through the module touch. */
uint32_t snapshot_hot_size(const struct snapshot *snapshot);

struct section_info {
	const char *name; /* in small letters */
	uint32_t offset; /* from the start of the file */
	uint32_t size; /* bytes */
	uint32_t count; /* items */
};

struct section_info snapshot_section_info(const struct snapshot *snapshot, enum snapshot_section section);

/* A section's name in small letters; "none" for SECTION_COUNT, the file as a whole. */
const char *snapshot_section_name(enum snapshot_section section);

/*
 * The first whole record at or after record number `*number`, as the answer for its own first protocol. Begin with
 * FIRST_RECORD. SNAPSHOT_OK sets `*number` to the record's own: go on from snapshot_record_after() it.
 * SNAPSHOT_NOT_FOUND: there is none left. A damaged record loses itself alone.
 */
enum { FIRST_RECORD = 1 };
enum snapshot_status snapshot_record_from(const struct snapshot *snapshot, uint32_t *number,
					  struct snapshot_entry *entry);
uint32_t snapshot_record_after(uint32_t number, const struct snapshot_entry *entry);

/* The number of an entry's record, below the end of record numbers. */
uint32_t snapshot_record_number(const struct snapshot *snapshot, const struct snapshot_entry *entry);
uint32_t snapshot_record_number_end(const struct snapshot *snapshot);

/*
 * The preferred entries, in the order in which they come before all others in a services(5) file. SNAPSHOT_NOT_FOUND
 * past the last; SNAPSHOT_BAD_PREFERRED for one whose record is damaged. Then `*entry` is untouched.
 */
enum snapshot_status snapshot_preferred(const struct snapshot *snapshot, uint32_t index, struct snapshot_entry *entry);

/* Where in the file one of the snapshot's own texts is. Texts that are the same lie there once. */
uint32_t snapshot_text_offset(const struct snapshot *snapshot, const char *text);

#endif

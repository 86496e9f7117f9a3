/* SPDX-License-Identifier: MIT */
/*
 * Reader of a snapshot in memory (format.h): what the NSS module and the tool look things up with.
 *
 * Every function is pure: no allocation, no system call, no lock, no errno, no global. A `struct snapshot` is written
 * once by snapshot_open() and may then be read by any number of threads. What comes back points into the caller's
 * bytes and lives as long as they do. Ports are in host order. Whatever the bytes hold, nothing outside them is read;
 * a damaged index loses answers, a damaged record is not found.
 */
#ifndef IANAREG_SNAPSHOT_H
#define IANAREG_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot/format.h"

enum snapshot_status {
	SNAPSHOT_OK,
	SNAPSHOT_NOT_FOUND,
	/* why bytes are not a snapshot: snapshot_open() */
	SNAPSHOT_NO_MAGIC,
	SNAPSHOT_OTHER_VERSION,
	SNAPSHOT_WRONG_SIZE,
	SNAPSHOT_BAD_HEADER,
	SNAPSHOT_BAD_SECTION,
	/* why a file cannot be one: snapshot_file_open() */
	SNAPSHOT_SYSTEM_ERROR, /* errno says which */
	SNAPSHOT_NOT_REGULAR,
	SNAPSHOT_WRITABLE,
	/* what is wrong inside: snapshot_check() */
	SNAPSHOT_BAD_CHECKSUM,
	SNAPSHOT_BAD_PADDING,
	SNAPSHOT_BAD_BLOCK,
	SNAPSHOT_BAD_PORT,
	SNAPSHOT_BAD_RECORD,
	SNAPSHOT_NESTED_RECORD,
	SNAPSHOT_AMBIGUOUS_RECORD,
	SNAPSHOT_BAD_NAME,
	SNAPSHOT_BAD_SLOT,
	SNAPSHOT_BAD_PREFERRED,
	SNAPSHOT_BAD_ROW,
	SNAPSHOT_BAD_DETAILS,
	SNAPSHOT_BAD_STRING,
	SNAPSHOT_BAD_COUNT,
	SNAPSHOT_STATUS_COUNT,
};

/* A static sentence without a full stop; never NULL, whatever `status` is. */
const char *snapshot_status_text(enum snapshot_status status);

struct snapshot_bytes {
	const unsigned char *start;
	uint32_t size;
	uint32_t count; /* items, as the header says */
};

/* A whole file in memory: all that a lookup needs to be told (record.h). */
struct snapshot_view {
	const unsigned char *start;
	uint32_t size; /* bytes */
};

struct snapshot {
	const struct disk_header *header;
	struct snapshot_view view;
	struct snapshot_bytes sections[SECTION_COUNT]; /* inside the file: snapshot_open() saw to that */
	uint32_t slot_count;
	uint32_t hash_seed;
	unsigned extra_protocols; /* protocols beside tcp, udp, sctp, dccp */
};

/* One answer. */
struct snapshot_entry {
	const char *names; /* the service name and its aliases, each ending in one NUL */
	uint32_t names_size; /* bytes, all NULs included */
	uint32_t alias_count;
	const char *protocol; /* NUL-terminated */
	uint16_t port; /* host order */
	uint8_t protocol_index;
	uint8_t protocols; /* bits: the protocols for which this very record answers */
	const struct disk_record *record;
};

/* Where an enumeration is: {0} is the beginning. */
struct snapshot_position {
	uint32_t port;
	uint32_t protocol_index;
	uint32_t word; /* the reader's: what the index says of the port; 0: not read yet */
};

/*
 * Take `size` bytes as a snapshot. Constant work: magic, version, header checksum, sizes, section bounds.
 * On failure `*snapshot` is untouched.
 */
enum snapshot_status snapshot_open(const void *bytes, size_t size, struct snapshot *snapshot);

/* Index of a protocol's name, or -1. Protocols compare exactly. */
int snapshot_protocol_index(const struct snapshot *snapshot, const char *protocol);

/* Name of the protocol with that index, or "" where the snapshot has none. */
const char *snapshot_protocol_name(const struct snapshot *snapshot, unsigned index);

/*
 * SNAPSHOT_OK and `*entry`, or SNAPSHOT_NOT_FOUND and `*entry` untouched. protocol == NULL asks for the first entry;
 * a name matches exactly or else without case; an alias finds its entry.
 */
enum snapshot_status snapshot_find_port(const struct snapshot *snapshot, uint32_t port, const char *protocol,
					struct snapshot_entry *entry);
enum snapshot_status snapshot_find_name(const struct snapshot *snapshot, const char *name, const char *protocol,
					struct snapshot_entry *entry);

/*
 * The entry at or after `*position`, in order of port, then protocol. SNAPSHOT_OK sets `*position` to where it was
 * found: hand it to snapshot_step() to go past it, or ask again for the same. SNAPSHOT_NOT_FOUND: the end.
 */
enum snapshot_status snapshot_at(const struct snapshot *snapshot, struct snapshot_position *position,
				 struct snapshot_entry *entry);
void snapshot_step(struct snapshot_position *position);

/*
 * The record with that number (format.h, "By name"), proven, as the answer for the protocol with that index or, for
 * PROTOCOL_NONE, for its own first one. For the tool and the full check: lookups get there by key.
 */
enum snapshot_status snapshot_record(const struct snapshot *snapshot, uint32_t record_number, unsigned protocol_index,
				     struct snapshot_entry *entry);

/* Where snapshot_check() found fault: a section, and the item in it (or the byte, for STRINGS and the padding). */
struct snapshot_fault {
	enum snapshot_section section; /* SECTION_COUNT: the file as a whole */
	uint32_t item;
};

/*
 * Full proof of an opened snapshot: checksum, every offset, order, count, string, and that each name finds its
 * record. SNAPSHOT_OK, or the first fault found, with `*fault` set. Allocates nothing; time is linear in the file.
 */
enum snapshot_status snapshot_check(const struct snapshot *snapshot, struct snapshot_fault *fault);

#endif

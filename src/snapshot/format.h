/* SPDX-License-Identifier: MIT */
/*
 * The snapshot file: the registry compiled for lookups.
 *
 * One file serves every program of a machine, 32-bit, 64-bit and big-endian alike: all integers are little-endian
 * and byte-aligned, there are no pointers, and whatever is not said here to hold something is zero. The same
 * registry gives the same bytes on every machine.
 *
 *      offset 0   struct disk_header               256 bytes, checked whole when a snapshot is opened
 *             hot sections (all that a lookup touches)
 *                 BLOCKS      struct disk_block[2048]     which ports have entries, 32 ports a block
 *                 GROUPS      le32[ports used + 1]        where the records of each such port are
 *                 SLOTS       le32[]                      hash table of names and aliases
 *                 RECORDS     struct disk_record ...      the answers
 *             cold sections (the tool's alone)
 *                 PREFERRED   struct disk_preferred[]     entries that an overlay or preference put first
 *                 ROWS        struct disk_row[]           the whole registry, a row each, in canonical order
 *                 DETAILS     struct disk_details[]       what rows say beyond name, port and protocol; shared
 *                 STRINGS     NUL-terminated UTF-8        every text once; offset 0 is the empty string
 *
 * Sections lie in that order. Each begins at a multiple of 8 and its size is a multiple of 4; the gap before the
 * next one is zero.
 *
 * By port. Block port / 32 holds a bit for each of its ports and the number of ports used before it. The count of
 * bits below the port's own, added to that number, is the port's index in GROUPS: its records are those from
 * GROUPS[i] up to GROUPS[i + 1] (offsets into RECORDS, in units of 4 bytes), the one that answers when no protocol
 * is asked first, no protocol twice. What follows the last group in RECORDS are shadowed records, and they say so
 * themselves: they are found by name only, because an overlay's entry answers at their port.
 *
 * By name. A slot holds the low 8 bits of the name's hash above a 24-bit record number (the record's offset in
 * RECORDS / 4, plus 1); 0 is an empty slot. Probing starts at (hash * slot_count) >> 32, goes forward, ends at an
 * empty slot or after PROBE_LIMIT slots, and never wraps: SLOTS holds PROBE_LIMIT slots more than slot_count. Hashes
 * are of the name folded to lower case (ASCII), so that one probe serves exact and folded matches. Where a name has
 * several records they stand in order of preference; only records that are some key's answer have a slot.
 *
 * Answers prove themselves. A record carries its own key and a checksum, and the reader compares both before it
 * answers. Every step of the checksum is a bijection of its state and of its word, so damage within one word always
 * shows; damage to names_size, which alone could change how many words are read, shows in the count of NULs, since
 * the names end in exactly one NUL each. An index that was damaged to point into the middle of a record finds nothing
 * there: the full check, which every snapshot passes before it is published, proves that no record hides in another.
 */
#ifndef IANAREG_SNAPSHOT_FORMAT_H
#define IANAREG_SNAPSHOT_FORMAT_H

#include <stdint.h>

#define SNAPSHOT_MAGIC "ianareg\n" /* 8 bytes, no NUL */
#define SNAPSHOT_VERSION 1

enum snapshot_limit {
	PORT_MAX = 65535,
	PORTS_PER_BLOCK = 32,
	BLOCK_COUNT = 2048,
	PROTOCOL_MAX = 8, /* bits of disk_record.protocols; tcp, udp, sctp, dccp are always the first four */
	PROTOCOL_SIZE = 8, /* a protocol name with its NUL */
	PROTOCOL_NONE = 0xff, /* disk_row.protocol of a row that names none */
	NAME_MAX_BYTES = 255, /* RFC 6335 section 5.1 allows 15; the registry's longest has 15, overlays are free */
	NAME_COUNT_MAX = 64, /* names of an entry; the registry's most are 3 */
	NAMES_MAX_BYTES = 512, /* all of them with their NULs; the registry's longest take 32 */
	GROUP_LIMIT = PROTOCOL_MAX, /* records of one port: a protocol is in one of them at most */
	PROBE_LIMIT = 64, /* slots looked at for one name; the whole registry needs 15 */
	TEXT_MAX_BYTES = 64 * 1024, /* a string without its NUL */
	RECORDS_MAX_SIZE = 4 << 24, /* 24-bit record numbers in units of 4 bytes */
};

/* Little-endian integers as they lie in the file. Only the loads below read them, so byte order cannot be forgotten. */
typedef struct {
	unsigned char b[2];
} le16;
typedef struct {
	unsigned char b[4];
} le32;

static inline uint16_t load16(le16 v)
{
	return (uint16_t)(v.b[0] | v.b[1] << 8);
}

static inline uint32_t load32(le32 v)
{
	return (uint32_t)v.b[0] | (uint32_t)v.b[1] << 8 | (uint32_t)v.b[2] << 16 | (uint32_t)v.b[3] << 24;
}

static inline le16 store16(uint32_t v)
{
	return (le16){{(unsigned char)v, (unsigned char)(v >> 8)}};
}

static inline le32 store32(uint32_t v)
{
	return (le32){{(unsigned char)v, (unsigned char)(v >> 8), (unsigned char)(v >> 16), (unsigned char)(v >> 24)}};
}

enum snapshot_section {
	SECTION_BLOCKS,
	SECTION_GROUPS,
	SECTION_SLOTS,
	SECTION_RECORDS,
	SECTION_PREFERRED,
	SECTION_ROWS,
	SECTION_DETAILS,
	SECTION_STRINGS,
	SECTION_COUNT,
};

struct disk_section {
	le32 section_off; /* from the start of the file */
	le32 section_size; /* bytes */
	le32 item_count; /* elements; for RECORDS records, for STRINGS strings */
};

struct disk_header {
	char magic[8];
	le32 version;
	le32 file_size; /* bytes, this header included */
	le32 body_check; /* checksum_words() over all that follows the header */
	le32 hash_seed; /* of name_hash() */
	le32 slot_count; /* home slots; SLOTS holds PROBE_LIMIT more */
	le32 entry_count; /* (port, protocol) answers */
	le32 name_count; /* different names and aliases that answer */
	char protocols[PROTOCOL_MAX][PROTOCOL_SIZE]; /* names by bit of disk_record.protocols; unused ones are empty */
	struct disk_section sections[SECTION_COUNT];
	char newest_date[12]; /* the latest date any row bears, YYYY-MM-DD or YYYY-MM; empty if none does */
	unsigned char reserved[44];
	le32 header_check; /* checksum_words() over all of the header before this field */
};
_Static_assert(sizeof(struct disk_header) == 256, "the header is 256 bytes");

struct disk_block {
	le32 port_bits; /* bit i: port 32 * block + i has records */
	le32 ports_before; /* ports with records in all blocks before this one */
};
_Static_assert(sizeof(struct disk_block) == 8, "a block is 8 bytes");

enum record_flag {
	RECORD_SHADOWED = 1, /* found by name only */
};

/*
 * One answer for one port and one or more protocols. names_size bytes of names follow: the service name, then its
 * aliases, each ending in one NUL; then zeros up to a multiple of 4.
 */
struct disk_record {
	le32 check; /* checksum_words() over the rest of the record, its padding included */
	le16 port;
	le16 names_size; /* bytes */
	unsigned char protocols; /* bit i: the entry exists for header.protocols[i] */
	unsigned char first_protocol; /* index of the protocol that answers when none is asked */
	unsigned char alias_count;
	unsigned char flags; /* enum record_flag */
};
_Static_assert(sizeof(struct disk_record) == 12, "a record's fixed part is 12 bytes");

/* An entry that comes before the order of ports in a services(5) file, so that the first match there is the same. */
struct disk_preferred {
	le32 record_number; /* as in a slot */
	unsigned char protocol; /* index */
	unsigned char reserved[3];
};
_Static_assert(sizeof(struct disk_preferred) == 8, "a preferred entry is 8 bytes");

enum disk_row_flag {
	ROW_HAS_PORT = 1, /* first_port and last_port say something */
	ROW_FROM_OVERLAY = 2, /* the site's own, not IANA's */
};

struct disk_row {
	le32 name_off; /* in STRINGS; 0: the row has no service name */
	le32 details_number; /* index in DETAILS */
	le16 first_port; /* host meaning, as everywhere in the file but on the wire */
	le16 last_port; /* = first_port unless the row is a range */
	unsigned char protocol; /* index, or PROTOCOL_NONE */
	unsigned char flags; /* enum disk_row_flag */
	le16 reserved;
};
_Static_assert(sizeof(struct disk_row) == 16, "a row is 16 bytes");

enum row_text {
	TEXT_DESCRIPTION,
	TEXT_ASSIGNEE,
	TEXT_CONTACT,
	TEXT_REGISTRATION_DATE,
	TEXT_MODIFICATION_DATE,
	TEXT_REFERENCE,
	TEXT_SERVICE_CODE,
	TEXT_UNAUTHORIZED_USE,
	TEXT_NOTES,
	TEXT_COUNT,
};

struct disk_details {
	le32 text_off[TEXT_COUNT]; /* in STRINGS */
};
_Static_assert(sizeof(struct disk_details) == 36, "details are 36 bytes");

/* Bytes of a whole record whose names take `names_size`. */
static inline uint32_t record_size(uint32_t names_size)
{
	return (uint32_t)sizeof(struct disk_record) + ((names_size + 3) & ~3u);
}

/*
 * Checksum of `size` bytes, a multiple of 4. For a given length each step maps states to states and words to states
 * one to one, hence two inputs that differ in one word never have the same sum.
 */
static inline uint32_t checksum_words(const void *bytes, uint32_t size)
{
	const le32 *word = bytes;
	uint32_t sum = 0x6961726e;

	for (uint32_t i = 0; i < size / 4; i++)
		sum = ((sum << 9 | sum >> 23) ^ load32(word[i])) * 0x9e3779b1u;
	return sum;
}

/* What disk_record.check must be: the sum of all that follows it in the record, which must lie in memory whole. */
static inline uint32_t record_checksum(const struct disk_record *record)
{
	const uint32_t skipped = sizeof record->check;

	return checksum_words((const unsigned char *)record + skipped,
			      record_size(load16(record->names_size)) - skipped);
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The snapshot file: the registry compiled for lookups.
 *
 * One file serves every program of a machine, 32-bit, 64-bit and big-endian alike: all integers are little-endian
 * and byte-aligned, there are no pointers, and whatever is not said here to hold something is zero. The same
 * registry gives the same bytes on every machine.
 *
 *      offset 0     struct disk_header             256 bytes, checked whole when a snapshot is opened
 *             hot sections (all that a lookup touches)
 *      offset 256   BLOCKS    le16[4096]           where the words of each block of 16 ports are
 *      offset 8448  PORTS     le32[16] ...         blocks: what a port has, and where its records begin
 *                   SLOTS     le32[]               hash table of names and aliases
 *                   RECORDS   struct disk_record ...   the answers
 *             cold sections (the tool's alone)
 *                   PREFERRED struct disk_preferred[]  entries that an overlay or preference put first
 *                   ROWS      struct disk_row[]    the whole registry, a row each, in canonical order
 *                   DETAILS   struct disk_details[]    what rows say beyond name, port and protocol; shared
 *                   STRINGS   NUL-terminated UTF-8     every text once; offset 0 is the empty string
 *
 * Sections lie in that order. Each begins at a multiple of 64, a cache line, and its size is a multiple of 4; the gap
 * before the next one is zero, and the file ends at a multiple of 8. BLOCKS and PORTS begin at the same offsets in
 * every file.
 *
 * Record numbers. A record begins at a multiple of 32 bytes (RECORD_UNIT) and is a multiple of that: most are 32 bytes,
 * half a cache line. Its number, 24 bits, is its offset in RECORDS / 32, plus 1.
 *
 * By port. BLOCKS[port / 16] says where the words of the port's block begin, in cache lines from the start of the
 * file, and the port's own is the one at port % 16: the bits of the protocols that have an entry there, below a record
 * number. The first block is all zero and serves wherever no port of a block has any. A port's records lie one after
 * another, the one that answers when no protocol is asked first, no protocol twice. After those of the last port come
 * the shadowed records, and they say so themselves: they are found by name only, because an overlay's entry answers at
 * their port.
 *
 * By name. A slot holds the low 8 bits of the name's hash below a record number; 0 is an empty slot. Probing starts
 * at (hash * slot_count) >> 32, goes forward, ends at an empty slot or after PROBE_LIMIT slots, and never wraps: SLOTS
 * holds PROBE_LIMIT slots more than slot_count. Hashes (name.h) make no difference between cases (ASCII), so that one
 * probe serves exact and folded matches. Where a name has several records they stand in order of preference; only
 * records that are some key's answer have a slot.
 *
 * Answers prove themselves. A record carries its own key and a checksum, and the reader compares both before it
 * answers. Every step of the checksum is a bijection of its state and of its word, so damage within one word always
 * shows. One field alone could change how many words are read: names_size; the full check, which every snapshot passes
 * before it is published, proves that no record would have a right checksum with that field damaged. It proves, too,
 * that no record begins but where the index says, so that a damaged index finds a true record of another key, or none.
 */
#ifndef IANAREG_SNAPSHOT_FORMAT_H
#define IANAREG_SNAPSHOT_FORMAT_H

#include <stdint.h>

#define SNAPSHOT_MAGIC "ianareg\n" /* 8 bytes, no NUL */
#define SNAPSHOT_VERSION 2

enum snapshot_limit {
	PORT_MAX = 65535,
	PORTS_PER_BLOCK = 16, /* their words are one cache line */
	BLOCK_COUNT = 4096,
	RECORD_UNIT = 32, /* bytes */
	RECORD_NUMBER_MAX = (1 << 24) - 1, /* so RECORDS has 512 MiB at most */
	SECTION_ALIGN = 64,
	PROTOCOL_MAX = 8, /* bits of disk_record.protocols; tcp, udp, sctp, dccp are always the first four */
	PROTOCOL_SIZE = 8, /* a protocol name with its NUL */
	PROTOCOL_NONE = 0xff, /* disk_row.protocol of a row that names none */
	NAME_MAX_BYTES = 255, /* RFC 6335 section 5.1 allows 15; the registry's longest has 15, overlays are free */
	NAME_COUNT_MAX = 64, /* names of an entry; the registry's most are 3 */
	NAMES_MAX_BYTES = 512, /* all of them with their NULs; the registry's longest take 32 */
	GROUP_LIMIT = PROTOCOL_MAX, /* records of one port: a protocol is in one of them at most */
	PROBE_LIMIT = 64, /* slots looked at for one name; the whole registry needs 10 */
	TEXT_MAX_BYTES = 64 * 1024, /* a string without its NUL */
};

/* Little-endian integers as they lie in the file. Only the loads below read them, so byte order cannot be forgotten. */
typedef struct {
	unsigned char b[2];
} le16;
typedef struct {
	unsigned char b[4];
} le32;
typedef struct {
	unsigned char b[8];
} le64;

static inline uint16_t load16(le16 v)
{
	return (uint16_t)(v.b[0] | v.b[1] << 8);
}

static inline uint32_t load32(le32 v)
{
	return (uint32_t)v.b[0] | (uint32_t)v.b[1] << 8 | (uint32_t)v.b[2] << 16 | (uint32_t)v.b[3] << 24;
}

static inline uint64_t load64(le64 v)
{
	return (uint64_t)v.b[0] | (uint64_t)v.b[1] << 8 | (uint64_t)v.b[2] << 16 | (uint64_t)v.b[3] << 24 |
	       (uint64_t)v.b[4] << 32 | (uint64_t)v.b[5] << 40 | (uint64_t)v.b[6] << 48 | (uint64_t)v.b[7] << 56;
}

static inline le16 store16(uint32_t v)
{
	return (le16){{(unsigned char)v, (unsigned char)(v >> 8)}};
}

static inline le32 store32(uint32_t v)
{
	return (le32){{(unsigned char)v, (unsigned char)(v >> 8), (unsigned char)(v >> 16), (unsigned char)(v >> 24)}};
}

static inline le64 store64(uint64_t v)
{
	return (le64){{(unsigned char)v, (unsigned char)(v >> 8), (unsigned char)(v >> 16), (unsigned char)(v >> 24),
		       (unsigned char)(v >> 32), (unsigned char)(v >> 40), (unsigned char)(v >> 48),
		       (unsigned char)(v >> 56)}};
}

enum snapshot_section {
	SECTION_BLOCKS,
	SECTION_PORTS,
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
	le64 body_check; /* checksum_words() over all that follows the header */
	le32 hash_seed; /* of name_hash() */
	le32 slot_count; /* home slots; SLOTS holds PROBE_LIMIT more */
	le32 entry_count; /* (port, protocol) answers */
	le32 name_count; /* different names and aliases that answer */
	char protocols[PROTOCOL_MAX][PROTOCOL_SIZE]; /* names by bit of disk_record.protocols; unused ones are empty */
	struct disk_section sections[SECTION_COUNT];
	char newest_date[12]; /* the latest date any row bears, YYYY-MM-DD or YYYY-MM; empty if none does */
	unsigned char reserved[36];
	le64 header_check; /* checksum_words() over all of the header before this field */
};
_Static_assert(sizeof(struct disk_header) == 256, "the header is 256 bytes");

/* Where the sections begin that no offset leads to. */
enum {
	BLOCKS_OFF = sizeof(struct disk_header),
	PORTS_OFF = BLOCKS_OFF + BLOCK_COUNT * sizeof(le16),
};
enum { EMPTY_BLOCK = PORTS_OFF / SECTION_ALIGN }; /* as BLOCKS says where it is */
_Static_assert(PORTS_PER_BLOCK * sizeof(le32) == SECTION_ALIGN, "a block's words are one cache line");
_Static_assert(BLOCKS_OFF % SECTION_ALIGN == 0 && PORTS_OFF % SECTION_ALIGN == 0, "each begins at a cache line");

enum record_flag {
	RECORD_SHADOWED = 1, /* found by name only */
};

/*
 * One answer for one port and one or more protocols. names_size bytes of names follow: the service name, then its
 * aliases, each ending in one NUL; then zeros up to a multiple of RECORD_UNIT. The eight bytes from `port` on are read
 * as one little-endian word, the record's key.
 */
struct disk_record {
	le64 check; /* record_checksum() */
	le16 port;
	le16 names_size; /* bytes */
	unsigned char protocols; /* bit i: the entry exists for header.protocols[i] */
	unsigned char first_protocol; /* index of the protocol that answers when none is asked */
	unsigned char alias_count;
	unsigned char flags; /* enum record_flag */
};
_Static_assert(sizeof(struct disk_record) == 16, "a record's fixed part is 16 bytes");

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
	return ((uint32_t)sizeof(struct disk_record) + names_size + RECORD_UNIT - 1) & ~(RECORD_UNIT - 1u);
}

/* The number of the record at an offset of RECORDS, and back; 0 is no record's number. */
static inline uint32_t number_of_record(uint32_t offset)
{
	return offset / RECORD_UNIT + 1;
}

static inline uint32_t offset_of_record(uint32_t number)
{
	return (number - 1) * RECORD_UNIT;
}

/* A word of PORTS or SLOTS: a record's number above the byte that says whether it is worth going there. */
static inline uint32_t index_word(uint32_t number, uint32_t byte)
{
	return number << 8 | (byte & 0xff);
}

static inline uint32_t index_number(uint32_t word)
{
	return word >> 8;
}

static inline uint32_t index_byte(uint32_t word)
{
	return word & 0xff;
}

/*
 * Checksum of words of 8 bytes. For a given number of words each step maps states to states and words to states one to
 * one, hence two inputs that differ in one word never have the same sum.
 */
#define CHECKSUM_START 0x6961726e61726567u

static inline uint64_t checksum_step(uint64_t sum, uint64_t word)
{
	return ((sum << 23 | sum >> 41) ^ word) * 0x9e3779b97f4a7c15u;
}

/* Of `size` bytes, a multiple of 8, after what `sum` is of already. */
static inline uint64_t checksum_more(uint64_t sum, const void *bytes, uint32_t size)
{
	const le64 *word = (const le64 *)bytes;

	for (uint32_t i = 0; i < size / 8; i++)
		sum = checksum_step(sum, load64(word[i]));
	return sum;
}

static inline uint64_t checksum_words(const void *bytes, uint32_t size)
{
	return checksum_more(CHECKSUM_START, bytes, size);
}

/* What disk_record.check must be: the names with their padding, then the key. The record must lie in memory whole. */
static inline uint64_t record_checksum(const struct disk_record *record)
{
	const uint32_t size = record_size(load16(record->names_size)) - (uint32_t)sizeof *record;

	return checksum_more(checksum_words(record + 1, size), (const unsigned char *)record + 8, 8);
}

#endif

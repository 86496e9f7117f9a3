/* SPDX-License-Identifier: MIT */
/* The full check of a snapshot, for the writer, `ianareg verify` and the tests; no lookup calls it. */
#include <string.h>

#include "snapshot/name.h"
#include "snapshot/protocols.h"
#include "snapshot/record.h"

/* A check under way and what it has counted so far. */
struct check {
	const struct snapshot *s;
	struct snapshot_fault *fault;
	uint32_t records, entries, names;
	uint32_t shadow_off; /* in RECORDS: where the records of ports end, as far as they are checked */
};

static enum snapshot_status at_fault(const struct check *check, enum snapshot_section section, uint32_t item,
				     enum snapshot_status status)
{
	*check->fault = (struct snapshot_fault){section, item};
	return status;
}

static bool all_zero(const void *bytes, size_t size)
{
	const unsigned char *b = bytes;

	while (size && !*b) {
		b++;
		size--;
	}
	return !size;
}

/* Item `number` of a section of fixed-size items; the caller keeps it below the count. */
#define ITEM(check, section, type, number) ((const type *)(const void *)(check)->s->sections[section].start + (number))

static const uint32_t item_size[SECTION_COUNT] = {
	[SECTION_BLOCKS] = sizeof(le16),          [SECTION_PORTS] = sizeof(le32),
	[SECTION_SLOTS] = sizeof(le32),           [SECTION_PREFERRED] = sizeof(struct disk_preferred),
	[SECTION_ROWS] = sizeof(struct disk_row), [SECTION_DETAILS] = sizeof(struct disk_details),
};

/* A text in a field of the header: graphic bytes up to a NUL, then zeros. */
static bool is_padded_text(const char *field, size_t size)
{
	size_t used = 0;

	while (used < size && (unsigned char)field[used] >= 0x21)
		used++;
	return used < size && all_zero(field + used, size - used);
}

static enum snapshot_status check_header(struct check *check)
{
	const struct disk_header *header = check->s->header;

	if (!is_padded_text(header->newest_date, sizeof header->newest_date))
		return at_fault(check, SECTION_COUNT, offsetof(struct disk_header, newest_date), SNAPSHOT_BAD_HEADER);
	for (unsigned i = 0; i < PROTOCOL_MAX; i++) {
		const char *name = header->protocols[i];
		const int index = snapshot_protocol_index(check->s, name);

		if (!is_padded_text(name, PROTOCOL_SIZE) || (*name && index != (int)i))
			return at_fault(check, SECTION_COUNT, offsetof(struct disk_header, protocols),
					SNAPSHOT_BAD_HEADER);
	}
	if (!all_zero(header->reserved, sizeof header->reserved))
		return at_fault(check, SECTION_COUNT, offsetof(struct disk_header, reserved), SNAPSHOT_BAD_PADDING);
	return SNAPSHOT_OK;
}

/* Sections lie in order, only zeros between them, and hold as many items as the header says. */
static enum snapshot_status check_layout(struct check *check)
{
	const unsigned char *file = (const unsigned char *)check->s->header;
	const struct disk_header *header = check->s->header;
	size_t end = sizeof *header;

	for (unsigned i = 0; i < SECTION_COUNT; i++) {
		const struct snapshot_bytes *section = &check->s->sections[i];
		const size_t start = (size_t)(section->start - file);

		if (start != ((end + SECTION_ALIGN - 1) & -(size_t)SECTION_ALIGN) || section->size % 4)
			return at_fault(check, i, 0, SNAPSHOT_BAD_SECTION);
		if (!all_zero(file + end, start - end))
			return at_fault(check, i, 0, SNAPSHOT_BAD_PADDING);
		if (item_size[i] && (uint64_t)section->count * item_size[i] != section->size)
			return at_fault(check, i, section->count, SNAPSHOT_BAD_COUNT);
		end = start + section->size;
	}
	if (end != load32(header->file_size) || end % 8)
		return at_fault(check, SECTION_COUNT, 0, SNAPSHOT_WRONG_SIZE);
	if (checksum_words(header + 1, (uint32_t)(end - sizeof *header)) != load64(header->body_check))
		return at_fault(check, SECTION_COUNT, 0, SNAPSHOT_BAD_CHECKSUM);
	return SNAPSHOT_OK;
}

static bool name_is_sound(const char *name, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)name[i] < 0x21)
			return false;
	return size && size <= NAME_MAX_BYTES;
}

/* Whether `name` is exactly one of the first `before` names of an entry. */
static bool has_name(const struct snapshot_entry *entry, const char *name, uint32_t before)
{
	const char *candidate = entry->names;

	for (uint32_t i = 0; i < before; i++) {
		if (strcmp(candidate, name) == 0)
			return true;
		candidate += strlen(candidate) + 1;
	}
	return false;
}

/*
 * A lookup of each name finds a record that has that name, for each of the record's protocols and for none. A name is
 * counted where a lookup without a protocol finds this record, so that each is counted once.
 */
static bool check_names(struct check *check, const struct snapshot_entry *entry)
{
	const char *name = entry->names;
	struct snapshot_entry found;

	for (uint32_t i = 0; i <= entry->alias_count; i++) {
		const size_t size = strlen(name);

		if (!name_is_sound(name, size) || has_name(entry, name, i))
			return false;
		for (unsigned p = 0; p < PROTOCOL_MAX; p++)
			if (entry->protocols >> p & 1 &&
			    (snapshot_find_name(check->s, name, snapshot_protocol_name(check->s, p), &found) !=
				     SNAPSHOT_OK ||
			     !has_name(&found, name, found.alias_count + 1)))
				return false;
		if (snapshot_find_name(check->s, name, NULL, &found) != SNAPSHOT_OK ||
		    !has_name(&found, name, found.alias_count + 1))
			return false;
		check->names += found.record == entry->record;
		name += size + 1;
	}
	return true;
}

/* The record at an offset of RECORDS is valid, zeros follow its names, and lookups find them. Its size, or 0. */
static uint32_t check_record(struct check *check, uint32_t offset, struct snapshot_entry *entry,
			     enum snapshot_status *status)
{
	*status = SNAPSHOT_BAD_RECORD;
	if (snapshot_record(check->s, number_of_record(offset), PROTOCOL_NONE, entry) != SNAPSHOT_OK)
		return 0;

	const uint32_t size = record_size(entry->names_size);

	if (entry->record->flags & ~RECORD_SHADOWED || entry->alias_count >= NAME_COUNT_MAX ||
	    entry->protocols >> (FIXED_PROTOCOL_COUNT + check->s->extra_protocols) ||
	    !all_zero(entry->names + entry->names_size, size - (uint32_t)sizeof *entry->record - entry->names_size))
		return 0;
	*status = SNAPSHOT_BAD_NAME;
	if (!check_names(check, entry))
		return 0;
	*status = SNAPSHOT_OK;
	check->records++;
	return size;
}

/* Whether a lookup would take what is at an offset for a record, whatever its protocols. */
static bool record_is_valid(struct snapshot_view file, uint64_t offset)
{
	const struct found_record record = {.start = file.start + offset, .key = key_at(file, offset)};

	return record.key && record_validate(record.start, record.key);
}

/*
 * No valid record begins where none should, whatever protocols it claims: a damaged index could lead a lookup there.
 * Lookups reach to the end of the file, so this looks beyond RECORDS, too.
 */
static enum snapshot_status check_nesting(struct check *check)
{
	const struct snapshot_bytes *records = &check->s->sections[SECTION_RECORDS];
	const struct snapshot_view file = check->s->view;
	const uint32_t reach = file.size - (uint32_t)(records->start - file.start);
	uint32_t next = 0;

	for (uint32_t offset = 0; offset < reach && number_of_record(offset) <= RECORD_NUMBER_MAX;
	     offset += RECORD_UNIT) {
		const uint32_t number = number_of_record(offset);
		const uint64_t at = record_offset(file, number);
		const bool whole = record_is_valid(file, at);

		if (whole != (offset == next && offset < records->size))
			return at_fault(check, SECTION_RECORDS, number, SNAPSHOT_NESTED_RECORD);
		if (whole)
			next += record_size(key_names_size(key_at(file, at)));
	}
	return SNAPSHOT_OK;
}

/* The key with another size of the names. */
static uint64_t resized_key(uint64_t key, uint32_t names_size)
{
	return (key & ~((uint64_t)0xffff << 16)) | (uint64_t)names_size << 16;
}

/*
 * Whether damage to one byte of names_size could make the record valid with another number of words; with the same
 * number the checksum always shows it (format.h). One pass computes the sums of all sizes.
 */
static bool size_is_ambiguous(const struct check *check, uint32_t number)
{
	const struct snapshot_view file = check->s->view;
	const uint64_t at = record_offset(file, number), key = key_at(file, at);
	const uint64_t expected = load64(*(const le64 *)(file.start + at));
	const uint32_t names_size = key_names_size(key);
	uint32_t size = sizeof(struct disk_record);
	uint64_t sum = CHECKSUM_START;

	for (uint32_t other = 1; other <= NAMES_MAX_BYTES; other++) {
		if (record_size(other) != size) {
			if (!fits(file, at, record_size(other)))
				return false;
			sum = checksum_more(sum, file.start + at + size, record_size(other) - size);
			size = record_size(other);
		}
		if (size != record_size(names_size) &&
		    (other >> 8 == names_size >> 8 || !((other ^ names_size) & 0xff)) &&
		    checksum_step(sum, resized_key(key, other)) == expected)
			return true;
	}
	return false;
}

static enum snapshot_status check_ambiguity(struct check *check)
{
	const struct snapshot_bytes *records = &check->s->sections[SECTION_RECORDS];
	struct snapshot_entry entry;

	for (uint32_t offset = 0; offset < records->size; offset += record_size(entry.names_size)) {
		const uint32_t number = number_of_record(offset);

		if (snapshot_record(check->s, number, PROTOCOL_NONE, &entry) != SNAPSHOT_OK ||
		    size_is_ambiguous(check, number))
			return at_fault(check, SECTION_RECORDS, number, SNAPSHOT_AMBIGUOUS_RECORD);
	}
	return SNAPSHOT_OK;
}

/* The records of a port begin at `*offset` and have exactly these protocols; `*offset` is moved past them. */
static enum snapshot_status check_group(struct check *check, uint32_t port, uint32_t protocols, uint32_t *offset)
{
	const struct snapshot_bytes *records = &check->s->sections[SECTION_RECORDS];
	unsigned seen = 0;

	while (*offset < records->size) {
		const uint64_t key = key_at(check->s->view, record_offset(check->s->view, number_of_record(*offset)));
		struct snapshot_entry entry;
		enum snapshot_status status;

		if (!key || key_port(key) != port || key_is_shadowed(key))
			break;

		const uint32_t size = check_record(check, *offset, &entry, &status);

		if (status == SNAPSHOT_OK && entry.protocols & seen)
			status = SNAPSHOT_BAD_PORT;
		if (status != SNAPSHOT_OK)
			return at_fault(check, SECTION_RECORDS, number_of_record(*offset), status);
		seen |= entry.protocols;
		*offset += size;
	}
	check->entries += (uint32_t)__builtin_popcount(seen);
	return seen && seen == protocols ? SNAPSHOT_OK : at_fault(check, SECTION_PORTS, port, SNAPSHOT_BAD_PORT);
}

/* The ports of a block, their records from `*offset` on, which is moved past them. */
static enum snapshot_status check_block(struct check *check, uint32_t number, uint32_t first_port, uint32_t *offset)
{
	const le32 *words = ITEM(check, SECTION_PORTS, le32, number * PORTS_PER_BLOCK);
	unsigned used = 0;

	for (uint32_t i = 0; i < PORTS_PER_BLOCK; i++) {
		const uint32_t word = load32(words[i]);

		if (!word)
			continue;
		if (index_number(word) != number_of_record(*offset))
			return at_fault(check, SECTION_PORTS, first_port + i, SNAPSHOT_BAD_PORT);

		enum snapshot_status status = check_group(check, first_port + i, index_byte(word), offset);

		if (status != SNAPSHOT_OK)
			return status;
		used++;
	}
	return used ? SNAPSHOT_OK : at_fault(check, SECTION_BLOCKS, first_port / PORTS_PER_BLOCK, SNAPSHOT_BAD_BLOCK);
}

/* Blocks follow the empty one in the order of their ports, each once; records lie in that order without a gap. */
static enum snapshot_status check_ports(struct check *check)
{
	const uint32_t word_count = check->s->sections[SECTION_PORTS].count;
	uint32_t next = 1;

	if (word_count % PORTS_PER_BLOCK || !word_count ||
	    !all_zero(check->s->sections[SECTION_PORTS].start, PORTS_PER_BLOCK * sizeof(le32)))
		return at_fault(check, SECTION_PORTS, 0, SNAPSHOT_BAD_PORT);
	for (uint32_t i = 0; i < BLOCK_COUNT; i++) {
		const uint32_t line = load16(*ITEM(check, SECTION_BLOCKS, le16, i));

		if (line == EMPTY_BLOCK)
			continue;
		if (line != EMPTY_BLOCK + next || next >= word_count / PORTS_PER_BLOCK)
			return at_fault(check, SECTION_BLOCKS, i, SNAPSHOT_BAD_BLOCK);

		enum snapshot_status status = check_block(check, next, i * PORTS_PER_BLOCK, &check->shadow_off);

		if (status != SNAPSHOT_OK)
			return status;
		next++;
	}
	return next * PORTS_PER_BLOCK == word_count ? SNAPSHOT_OK
						    : at_fault(check, SECTION_PORTS, word_count, SNAPSHOT_BAD_COUNT);
}

static enum snapshot_status check_shadowed(struct check *check)
{
	const uint32_t end = check->s->sections[SECTION_RECORDS].size;
	uint32_t offset = check->shadow_off;

	while (offset < end) {
		struct snapshot_entry entry;
		enum snapshot_status status;
		uint32_t size = check_record(check, offset, &entry, &status);

		if (status == SNAPSHOT_OK && !(entry.record->flags & RECORD_SHADOWED))
			status = SNAPSHOT_BAD_RECORD;
		if (status != SNAPSHOT_OK)
			return at_fault(check, SECTION_RECORDS, number_of_record(offset), status);
		offset += size;
	}
	if (check->records != check->s->sections[SECTION_RECORDS].count ||
	    check->entries != load32(check->s->header->entry_count) ||
	    check->names != load32(check->s->header->name_count))
		return at_fault(check, SECTION_RECORDS, check->records, SNAPSHOT_BAD_COUNT);
	return SNAPSHOT_OK;
}

/* Whether slot `number` can be reached from the home of one of the names of the record it points to. */
static bool slot_is_reached(const struct check *check, uint32_t number, uint32_t value)
{
	struct snapshot_entry entry;

	if (snapshot_record(check->s, index_number(value), PROTOCOL_NONE, &entry) != SNAPSHOT_OK)
		return false;

	const char *name = entry.names;

	for (uint32_t i = 0; i <= entry.alias_count; i++) {
		const size_t size = strlen(name);
		const uint32_t hash = name_hash(name, size, check->s->hash_seed);
		uint32_t probe = (uint32_t)((uint64_t)hash * check->s->slot_count >> 32);

		if (index_byte(value) == index_byte(hash) && probe <= number && number - probe < PROBE_LIMIT) {
			while (probe < number && load32(*ITEM(check, SECTION_SLOTS, le32, probe)))
				probe++;
			if (probe == number)
				return true;
		}
		name += size + 1;
	}
	return false;
}

static enum snapshot_status check_slots(struct check *check)
{
	for (uint32_t i = 0; i < check->s->sections[SECTION_SLOTS].count; i++) {
		const uint32_t value = load32(*ITEM(check, SECTION_SLOTS, le32, i));

		if (value && !slot_is_reached(check, i, value))
			return at_fault(check, SECTION_SLOTS, i, SNAPSHOT_BAD_SLOT);
	}
	return SNAPSHOT_OK;
}

static enum snapshot_status check_preferred(struct check *check)
{
	for (uint32_t i = 0; i < check->s->sections[SECTION_PREFERRED].count; i++) {
		const struct disk_preferred *preferred = ITEM(check, SECTION_PREFERRED, struct disk_preferred, i);
		struct snapshot_entry entry;

		if (preferred->protocol >= PROTOCOL_MAX || !all_zero(preferred->reserved, sizeof preferred->reserved) ||
		    snapshot_record(check->s, load32(preferred->record_number), preferred->protocol, &entry) !=
			    SNAPSHOT_OK)
			return at_fault(check, SECTION_PREFERRED, i, SNAPSHOT_BAD_PREFERRED);
	}
	return SNAPSHOT_OK;
}

/* Whether a string starts at that offset: the section's end is a NUL, so it ends there at the latest. */
static bool string_starts(const struct check *check, le32 where)
{
	const struct snapshot_bytes *strings = &check->s->sections[SECTION_STRINGS];
	const uint32_t offset = load32(where);

	return offset < strings->size && (!offset || (!strings->start[offset - 1] && strings->start[offset]));
}

/* The empty string first, then strings that are not empty, then at most 7 NULs that fill up the last words. */
static enum snapshot_status check_strings(struct check *check)
{
	const struct snapshot_bytes *strings = &check->s->sections[SECTION_STRINGS];
	uint32_t count = 1, start = 1;

	if (!strings->size || strings->start[0] || strings->start[strings->size - 1])
		return at_fault(check, SECTION_STRINGS, 0, SNAPSHOT_BAD_STRING);
	for (uint32_t i = 1; i < strings->size; i++) {
		if (strings->start[i])
			continue;
		if (i - start > TEXT_MAX_BYTES)
			return at_fault(check, SECTION_STRINGS, start, SNAPSHOT_BAD_STRING);
		start = i + 1;
		if (strings->start[i - 1])
			count++;
		else if (!all_zero(strings->start + i, strings->size - i) || strings->size - i > 7)
			return at_fault(check, SECTION_STRINGS, i, SNAPSHOT_BAD_STRING);
	}
	return count == strings->count ? SNAPSHOT_OK : at_fault(check, SECTION_STRINGS, count, SNAPSHOT_BAD_COUNT);
}

static enum snapshot_status check_details(struct check *check)
{
	for (uint32_t i = 0; i < check->s->sections[SECTION_DETAILS].count; i++) {
		const struct disk_details *details = ITEM(check, SECTION_DETAILS, struct disk_details, i);

		for (unsigned t = 0; t < TEXT_COUNT; t++)
			if (!string_starts(check, details->text_off[t]))
				return at_fault(check, SECTION_DETAILS, i, SNAPSHOT_BAD_DETAILS);
	}
	return SNAPSHOT_OK;
}

/* The order of rows as one number: ports first, a row without protocol before those with one. */
static uint32_t row_order(const struct disk_row *row)
{
	if (!(row->flags & ROW_HAS_PORT))
		return UINT32_MAX;
	return (uint32_t)load16(row->first_port) << 8 | (uint8_t)(row->protocol + 1);
}

static bool row_is_sound(const struct check *check, const struct disk_row *row)
{
	const uint16_t first = load16(row->first_port), last = load16(row->last_port);

	return string_starts(check, row->name_off) && first <= last && (row->flags & ROW_HAS_PORT || last == 0) &&
	       load32(row->details_number) < check->s->sections[SECTION_DETAILS].count &&
	       !(row->flags & ~(ROW_HAS_PORT | ROW_FROM_OVERLAY)) && load16(row->reserved) == 0 &&
	       (row->protocol == PROTOCOL_NONE || row->protocol < FIXED_PROTOCOL_COUNT + check->s->extra_protocols);
}

static enum snapshot_status check_rows(struct check *check)
{
	uint32_t previous = 0;

	for (uint32_t i = 0; i < check->s->sections[SECTION_ROWS].count; i++) {
		const struct disk_row *row = ITEM(check, SECTION_ROWS, struct disk_row, i);

		if (!row_is_sound(check, row) || row_order(row) < previous)
			return at_fault(check, SECTION_ROWS, i, SNAPSHOT_BAD_ROW);
		previous = row_order(row);
	}
	return SNAPSHOT_OK;
}

enum snapshot_status snapshot_check(const struct snapshot *snapshot, struct snapshot_fault *fault)
{
	static enum snapshot_status (*const steps[])(struct check * check) = {
		check_header, check_layout,    check_ports,   check_shadowed, check_nesting, check_ambiguity,
		check_slots,  check_preferred, check_strings, check_details,  check_rows,
	};
	struct check check = {.s = snapshot, .fault = fault};
	enum snapshot_status status = SNAPSHOT_OK;

	for (unsigned i = 0; i < sizeof steps / sizeof *steps && status == SNAPSHOT_OK; i++)
		status = steps[i](&check);
	return status;
}

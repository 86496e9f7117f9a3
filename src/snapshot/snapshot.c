/* SPDX-License-Identifier: MIT */
/* Open a snapshot in memory, and its answers as entries for the tool: what find.c finds, validated in place. */
#include <string.h>

#include "snapshot/protocols.h"
#include "snapshot/find.h"

static bool section_fits(const struct disk_header *header, enum snapshot_section which, uint32_t file_size)
{
	const struct disk_section *section = &header->sections[which];
	uint32_t offset = load32(section->section_off);

	return offset >= sizeof *header && offset <= file_size && load32(section->section_size) <= file_size - offset;
}

/* Whether the sections that lookups index are where and as large as their arithmetic takes for granted. */
static bool hot_sections_agree(const struct snapshot *s)
{
	const struct disk_header *header = s->header;

	return load32(header->sections[SECTION_BLOCKS].section_off) == BLOCKS_OFF &&
	       s->sections[SECTION_BLOCKS].size == BLOCK_COUNT * sizeof(le16) &&
	       load32(header->sections[SECTION_PORTS].section_off) == PORTS_OFF &&
	       s->sections[SECTION_SLOTS].size / sizeof(le32) >= PROBE_LIMIT &&
	       s->slot_count == s->sections[SECTION_SLOTS].size / sizeof(le32) - PROBE_LIMIT;
}

/* The first four protocols are part of the format; those after them are named in the header, without a gap. */
static bool read_protocols(const struct disk_header *header, unsigned *extra)
{
	unsigned count = FIXED_PROTOCOL_COUNT;

	if (memcmp(header->protocols, fixed_protocols, sizeof fixed_protocols) != 0)
		return false;
	while (count < PROTOCOL_MAX && header->protocols[count][0] && !header->protocols[count][PROTOCOL_SIZE - 1])
		count++;
	for (unsigned i = count; i < PROTOCOL_MAX; i++)
		if (header->protocols[i][0])
			return false;
	*extra = count - FIXED_PROTOCOL_COUNT;
	return true;
}

enum snapshot_status snapshot_open(const void *bytes, size_t size, struct snapshot *snapshot)
{
	const struct disk_header *header = bytes;
	struct snapshot s = {.header = header, .view = {.start = bytes, .size = (uint32_t)size}};

	if (size < sizeof header->magic || memcmp(header->magic, SNAPSHOT_MAGIC, sizeof header->magic) != 0)
		return SNAPSHOT_NO_MAGIC;
	if (size < sizeof *header)
		return SNAPSHOT_WRONG_SIZE;
	if (load32(header->version) != SNAPSHOT_VERSION)
		return SNAPSHOT_OTHER_VERSION;
	if (checksum_words(header, offsetof(struct disk_header, header_check)) != load64(header->header_check))
		return SNAPSHOT_BAD_HEADER;
	if (size != load32(header->file_size))
		return SNAPSHOT_WRONG_SIZE;
	for (unsigned i = 0; i < SECTION_COUNT; i++) {
		if (!section_fits(header, i, (uint32_t)size))
			return SNAPSHOT_BAD_SECTION;
		s.sections[i] = (struct snapshot_bytes){
			.start = (const unsigned char *)bytes + load32(header->sections[i].section_off),
			.size = load32(header->sections[i].section_size),
			.count = load32(header->sections[i].item_count),
		};
	}
	s.slot_count = load32(header->slot_count);
	s.hash_seed = load32(header->hash_seed);
	if (!hot_sections_agree(&s))
		return SNAPSHOT_BAD_SECTION;
	if (!read_protocols(header, &s.extra_protocols))
		return SNAPSHOT_BAD_HEADER;
	*snapshot = s;
	return SNAPSHOT_OK;
}

int snapshot_protocol_index(const struct snapshot *snapshot, const char *protocol)
{
	const uint32_t asked = protocol ? protocols_asked(snapshot->view, protocol) : 0;

	return asked ? __builtin_ctz(asked) : -1;
}

const char *snapshot_protocol_name(const struct snapshot *snapshot, unsigned index)
{
	return index < FIXED_PROTOCOL_COUNT + snapshot->extra_protocols ? snapshot->header->protocols[index] : "";
}

void store_bytes(char *buffer, size_t size, size_t at, uint64_t word)
{
	for (; at < size; at++, word >>= 8)
		buffer[at] = (char)word;
}

bool record_validate(const unsigned char *record, uint64_t key)
{
	return record_copy(record, key, NULL, 0, 0);
}

bool find_in_any_case(struct snapshot_view file, struct name_query query, struct found_record *record)
{
	bool near_miss;

	return find_in_slots(file, &query, true, &near_miss, record);
}

/* Whether the names of a valid record are as many strings as it says. */
static bool names_are_whole(const struct found_record *record)
{
	const char *name = (const char *)record->start + sizeof(struct disk_record);
	const char *const end = name + key_names_size(record->key);
	uint32_t count = 0;

	for (; name < end; name += strlen(name) + 1)
		count++;
	return count == key_alias_count(record->key) + 1;
}

/* What was found as an entry, if it is valid. */
static enum snapshot_status take_entry(const struct snapshot *snapshot, bool found, const struct found_record *record,
				       struct snapshot_entry *entry)
{
	if (!found || !record_validate(record->start, record->key) || !names_are_whole(record))
		return SNAPSHOT_NOT_FOUND;
	*entry = (struct snapshot_entry){
		.names = (const char *)record->start + sizeof(struct disk_record),
		.names_size = key_names_size(record->key),
		.alias_count = key_alias_count(record->key),
		.protocol = snapshot->header->protocols[record->protocol_index],
		.port = (uint16_t)key_port(record->key),
		.protocol_index = (uint8_t)record->protocol_index,
		.protocols = (uint8_t)key_protocols(record->key),
		.record = (const struct disk_record *)(const void *)record->start,
	};
	return SNAPSHOT_OK;
}

enum snapshot_status snapshot_find_port(const struct snapshot *snapshot, uint32_t port, const char *protocol,
					struct snapshot_entry *entry)
{
	struct found_record record;
	const bool found = port <= PORT_MAX && find_by_port(snapshot->view, port, protocol, &record);

	return take_entry(snapshot, found, &record, entry);
}

enum snapshot_status snapshot_find_name(const struct snapshot *snapshot, const char *name, const char *protocol,
					struct snapshot_entry *entry)
{
	struct found_record record;
	const bool found = find_by_name(snapshot->view, name, protocol, &record);

	return take_entry(snapshot, found, &record, entry);
}

enum snapshot_status snapshot_record(const struct snapshot *snapshot, uint32_t number, unsigned protocol_index,
				     struct snapshot_entry *entry)
{
	const uint32_t asked = protocol_index < PROTOCOL_MAX ? 1u << protocol_index : PROTOCOL_ANY;
	struct found_record record;
	const uint64_t offset = record_offset(snapshot->view, number);
	const bool found = number <= RECORD_NUMBER_MAX &&
			   take_record(snapshot->view, offset, key_at(snapshot->view, offset), asked, &record);

	return take_entry(snapshot, found, &record, entry);
}

void snapshot_step(struct snapshot_position *position)
{
	position->protocol_index++;
}

enum snapshot_status snapshot_at(const struct snapshot *snapshot, struct snapshot_position *position,
				 struct snapshot_entry *entry)
{
	struct snapshot_position next = *position;
	struct found_record record;

	for (; find_next(snapshot->view, &next, &record); snapshot_step(&next))
		if (take_entry(snapshot, true, &record, entry) == SNAPSHOT_OK) {
			*position = next;
			return SNAPSHOT_OK;
		}
	return SNAPSHOT_NOT_FOUND;
}

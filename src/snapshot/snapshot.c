/* SPDX-License-Identifier: MIT */
/* Reader of a snapshot in memory: open, find by port, find by name, enumerate. */
#include <string.h>

#include "snapshot/name.h"
#include "snapshot/snapshot.h"

/* The one gate: `size` bytes of a section from `offset`, or NULL if they are not all inside it. */
static const void *bytes_at(const struct snapshot_bytes *section, uint32_t offset, uint32_t size)
{
	if (offset > section->size || section->size - offset < size)
		return NULL;
	return section->start + offset;
}

static bool section_fits(const struct disk_header *header, enum snapshot_section which, uint32_t file_size)
{
	const struct disk_section *section = &header->sections[which];
	uint32_t offset = load32(section->section_off);

	return offset >= sizeof *header && offset <= file_size && load32(section->section_size) <= file_size - offset;
}

/* Whether the sections a lookup indexes have the sizes that make its arithmetic right. */
static bool hot_sizes_agree(const struct snapshot *s)
{
	return s->sections[SECTION_BLOCKS].size == BLOCK_COUNT * sizeof(struct disk_block) &&
	       s->sections[SECTION_RECORDS].size <= RECORDS_MAX_SIZE &&
	       s->sections[SECTION_SLOTS].size / sizeof(le32) >= PROBE_LIMIT &&
	       s->slot_count == s->sections[SECTION_SLOTS].size / sizeof(le32) - PROBE_LIMIT;
}

/* The first four protocols are part of the format; those after them are named in the header, without a gap. */
static bool read_protocols(const struct disk_header *header, unsigned *extra)
{
	static const char fixed[4][PROTOCOL_SIZE] = {"tcp", "udp", "sctp", "dccp"};
	unsigned count = 4;

	if (memcmp(header->protocols, fixed, sizeof fixed) != 0)
		return false;
	while (count < PROTOCOL_MAX && header->protocols[count][0] && !header->protocols[count][PROTOCOL_SIZE - 1])
		count++;
	for (unsigned i = count; i < PROTOCOL_MAX; i++)
		if (header->protocols[i][0])
			return false;
	*extra = count - 4;
	return true;
}

enum snapshot_status snapshot_open(const void *bytes, size_t size, struct snapshot *snapshot)
{
	const struct disk_header *header = bytes;
	struct snapshot s = {.header = header};

	if (size < sizeof header->magic || memcmp(header->magic, SNAPSHOT_MAGIC, sizeof header->magic) != 0)
		return SNAPSHOT_NO_MAGIC;
	if (size < sizeof *header)
		return SNAPSHOT_WRONG_SIZE;
	if (load32(header->version) != SNAPSHOT_VERSION)
		return SNAPSHOT_OTHER_VERSION;
	if (checksum_words(header, offsetof(struct disk_header, header_check)) != load32(header->header_check))
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
	if (!hot_sizes_agree(&s))
		return SNAPSHOT_BAD_SECTION;
	if (!read_protocols(header, &s.extra_protocols))
		return SNAPSHOT_BAD_HEADER;
	for (unsigned i = 0; i < PROTOCOL_MAX; i++)
		s.protocol_sizes[i] = (uint8_t)(strnlen(header->protocols[i], PROTOCOL_SIZE - 1) + 1);
	*snapshot = s;
	return SNAPSHOT_OK;
}

int snapshot_protocol_index(const struct snapshot *snapshot, const char *protocol)
{
	const unsigned count = 4 + snapshot->extra_protocols;

	for (unsigned i = 0; i < count; i++)
		if (protocol[0] == snapshot->header->protocols[i][0] &&
		    strncmp(protocol, snapshot->header->protocols[i], PROTOCOL_SIZE) == 0)
			return protocol[0] ? (int)i : -1;
	return -1;
}

const char *snapshot_protocol_name(const struct snapshot *snapshot, unsigned index)
{
	return index < 4 + snapshot->extra_protocols ? snapshot->header->protocols[index] : "";
}

/* Bits of the protocols that may answer: all, one, or, for a protocol unknown here, none. */
static unsigned protocols_asked(const struct snapshot *s, const char *protocol)
{
	if (!protocol)
		return (1u << PROTOCOL_MAX) - 1;
	/* nearly all that is ever asked */
	if (protocol[0] == 't' && protocol[1] == 'c' && protocol[2] == 'p' && !protocol[3])
		return 1u << 0;
	if (protocol[0] == 'u' && protocol[1] == 'd' && protocol[2] == 'p' && !protocol[3])
		return 1u << 1;

	int index = snapshot_protocol_index(s, protocol);

	return index < 0 ? 0 : 1u << index;
}

/* Whether the names are what the record says they are: alias_count + 1 strings and nothing after them. */
static bool names_add_up(const char *names, uint32_t names_size, uint32_t alias_count)
{
	const char *end = names + names_size;

	if (!names_size || end[-1])
		return false;
	for (;;) {
		names = (const char *)memchr(names, 0, (size_t)(end - names)) + 1;
		if (names == end)
			return alias_count == 0;
		if (!alias_count--)
			return false;
	}
}

/* The fixed part of the record at an offset, with its names inside the section; NULL if it does not fit. */
static const struct disk_record *record_at(const struct snapshot *s, uint32_t offset)
{
	const struct disk_record *record = bytes_at(&s->sections[SECTION_RECORDS], offset, sizeof *record);

	if (!record || !bytes_at(&s->sections[SECTION_RECORDS], offset, record_size(load16(record->names_size))))
		return NULL;
	return record;
}

/* A record that has shown to be whole; `asked` are the protocols that may answer and it has one of them. */
static inline __attribute__((always_inline)) bool prove(const struct snapshot *s, const struct disk_record *record,
							unsigned asked, struct snapshot_entry *entry)
{
	const uint32_t names_size = load16(record->names_size);
	const uint32_t alias_count = record->alias_count;
	const char *names = (const char *)(record + 1);
	unsigned index = record->first_protocol;

	if (names_size > NAMES_MAX_BYTES || !names_add_up(names, names_size, alias_count))
		return false;
	if (record_checksum(record) != load32(record->check))
		return false;
	if (!(asked & (asked - 1)))
		index = (unsigned)__builtin_ctz(asked);
	if (index >= 4 + s->extra_protocols || !(record->protocols >> index & 1))
		return false;
	*entry = (struct snapshot_entry){
		.names = names,
		.names_size = names_size,
		.alias_count = alias_count,
		.protocol = s->header->protocols[index],
		.port = load16(record->port),
		.protocol_index = (uint8_t)index,
		.protocol_size = s->protocol_sizes[index],
		.protocols = record->protocols,
		.record = record,
	};
	return true;
}

static uint32_t count_bits(uint32_t word)
{
	word -= word >> 1 & 0x55555555;
	word = (word & 0x33333333) + (word >> 2 & 0x33333333);
	return ((word + (word >> 4)) & 0x0f0f0f0f) * 0x01010101 >> 24;
}

/* Offsets into RECORDS from which and up to which a port's records lie. False: the port has none. */
static inline __attribute__((always_inline)) bool group_of(const struct snapshot *s, uint32_t port, uint32_t *from,
							   uint32_t *to)
{
	const struct disk_block *block =
		(const struct disk_block *)(const void *)s->sections[SECTION_BLOCKS].start + port / PORTS_PER_BLOCK;
	const uint32_t bits = load32(block->port_bits);
	const uint32_t bit = 1u << port % PORTS_PER_BLOCK;

	if (!(bits & bit))
		return false;

	const uint32_t index = load32(block->ports_before) + count_bits(bits & (bit - 1));
	const le32 *group = NULL;

	if (index < s->sections[SECTION_GROUPS].size / sizeof *group)
		group = bytes_at(&s->sections[SECTION_GROUPS], index * (uint32_t)sizeof *group, 2 * sizeof *group);
	if (!group || load32(group[1]) > RECORDS_MAX_SIZE / 4 || load32(group[0]) > load32(group[1]))
		return false;
	*from = 4 * load32(group[0]);
	*to = 4 * load32(group[1]);
	return true;
}

enum snapshot_status snapshot_find_port(const struct snapshot *snapshot, uint32_t port, const char *protocol,
					struct snapshot_entry *entry)
{
	const unsigned asked = protocols_asked(snapshot, protocol);
	uint32_t offset, end;

	if (port > PORT_MAX || !asked || !group_of(snapshot, port, &offset, &end))
		return SNAPSHOT_NOT_FOUND;
	for (unsigned i = 0; i < GROUP_LIMIT && offset < end; i++) {
		const struct disk_record *record = record_at(snapshot, offset);

		if (!record)
			break;
		if (record->protocols & asked && load16(record->port) == port && !(record->flags & RECORD_SHADOWED) &&
		    prove(snapshot, record, asked, entry))
			return SNAPSHOT_OK;
		offset += record_size(load16(record->names_size));
	}
	return SNAPSHOT_NOT_FOUND;
}

enum match { MATCH_NONE, MATCH_FOLDED, MATCH_EXACT };

/* How well one of an entry's names is the name asked for. */
static enum match match_names(const struct snapshot_entry *entry, const char *name, size_t size)
{
	enum match best = MATCH_NONE;
	const char *candidate = entry->names;

	for (uint32_t i = 0; i <= entry->alias_count; i++) {
		size_t candidate_size = strlen(candidate);

		if (candidate_size == size) {
			if (memcmp(candidate, name, size) == 0)
				return MATCH_EXACT;
			if (names_fold_equal(candidate, name, size))
				best = MATCH_FOLDED;
		}
		candidate += candidate_size + 1;
	}
	return best;
}

enum snapshot_status snapshot_find_name(const struct snapshot *snapshot, const char *name, const char *protocol,
					struct snapshot_entry *entry)
{
	const unsigned asked = protocols_asked(snapshot, protocol);
	const size_t size = strnlen(name, NAME_MAX_BYTES + 1);

	if (!asked || !size || size > NAME_MAX_BYTES)
		return SNAPSHOT_NOT_FOUND;

	const uint32_t hash = name_hash(name, size, snapshot->hash_seed);
	const le32 *slot = (const le32 *)(const void *)snapshot->sections[SECTION_SLOTS].start +
			   ((uint64_t)hash * snapshot->slot_count >> 32);
	enum snapshot_status status = SNAPSHOT_NOT_FOUND;

	for (unsigned i = 0; i < PROBE_LIMIT; i++) {
		const uint32_t value = load32(slot[i]);
		struct snapshot_entry candidate;

		if (!value)
			break;
		if (value >> 24 != (hash & 0xff) || !(value & 0xffffff))
			continue;

		const struct disk_record *record = record_at(snapshot, 4 * ((value & 0xffffff) - 1));

		if (!record || !(record->protocols & asked) || !prove(snapshot, record, asked, &candidate))
			continue;
		switch (match_names(&candidate, name, size)) {
		case MATCH_EXACT:
			*entry = candidate;
			return SNAPSHOT_OK;
		case MATCH_FOLDED:
			if (status != SNAPSHOT_OK)
				*entry = candidate;
			status = SNAPSHOT_OK;
			break;
		case MATCH_NONE:
			break;
		}
	}
	return status;
}

enum snapshot_status snapshot_record(const struct snapshot *snapshot, uint32_t record_number, unsigned protocol_index,
				     struct snapshot_entry *entry)
{
	const struct disk_record *record;
	const unsigned asked = protocol_index < PROTOCOL_MAX ? 1u << protocol_index : (1u << PROTOCOL_MAX) - 1;

	if (!record_number || record_number > RECORDS_MAX_SIZE / 4)
		return SNAPSHOT_NOT_FOUND;
	record = record_at(snapshot, 4 * (record_number - 1));
	return record && record->protocols & asked && prove(snapshot, record, asked, entry) ? SNAPSHOT_OK
											    : SNAPSHOT_NOT_FOUND;
}

/* The entry of this port with the lowest protocol index from `first` on, damaged records passed over. */
static bool next_of_port(const struct snapshot *s, uint32_t port, uint32_t first, struct snapshot_entry *entry)
{
	uint32_t offset, end;

	if (first >= PROTOCOL_MAX || !group_of(s, port, &offset, &end))
		return false;

	const struct disk_record *records[GROUP_LIMIT];
	unsigned count = 0, present = 0;

	for (unsigned walked = 0; walked < GROUP_LIMIT && offset < end; walked++) {
		const struct disk_record *record = record_at(s, offset);

		if (!record)
			break;
		offset += record_size(load16(record->names_size));
		if (load16(record->port) != port || record->flags & RECORD_SHADOWED)
			continue;
		records[count++] = record;
		present |= record->protocols;
	}
	for (present = present >> first << first; present; present &= present - 1)
		for (unsigned i = 0; i < count; i++)
			if (records[i]->protocols & present & -present &&
			    prove(s, records[i], present & -present, entry))
				return true;
	return false;
}

enum snapshot_status snapshot_at(const struct snapshot *snapshot, struct snapshot_position *position,
				 struct snapshot_entry *entry)
{
	const struct disk_block *blocks =
		(const struct disk_block *)(const void *)snapshot->sections[SECTION_BLOCKS].start;
	uint32_t first = position->protocol_index;

	for (uint32_t port = position->port; port <= PORT_MAX; port++, first = 0) {
		const uint32_t left = load32(blocks[port / PORTS_PER_BLOCK].port_bits) >> port % PORTS_PER_BLOCK;

		if (!left) {
			port |= PORTS_PER_BLOCK - 1;
			continue;
		}
		if (!(left & 1)) {
			port += (uint32_t)__builtin_ctz(left) - 1;
			continue;
		}
		if (next_of_port(snapshot, port, first, entry)) {
			*position = (struct snapshot_position){.port = port, .protocol_index = entry->protocol_index};
			return SNAPSHOT_OK;
		}
	}
	return SNAPSHOT_NOT_FOUND;
}

void snapshot_step(struct snapshot_position *position)
{
	position->protocol_index++;
}

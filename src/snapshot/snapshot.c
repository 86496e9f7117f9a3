/* SPDX-License-Identifier: MIT */
/* Reader of a snapshot in memory: open, find by port, find by name, enumerate. */
#include <string.h>

#include "snapshot/lookup.h"

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

/* A protocol's name is a word with its NUL, so that comparing is comparing words. */
unsigned protocol_in_file(struct snapshot_view file, const char *protocol)
{
	const struct disk_header *header = (const struct disk_header *)(const void *)file.start;
	uint64_t word = 0;
	unsigned size = 0;

	if (!protocol)
		return PROTOCOL_ANY;
	for (; size < PROTOCOL_SIZE && protocol[size]; size++)
		word |= (uint64_t)(unsigned char)protocol[size] << 8 * size;
	if (size == 0 || size == PROTOCOL_SIZE)
		return PROTOCOL_UNKNOWN;
	for (unsigned i = 0; i < PROTOCOL_MAX; i++)
		if (load64(*(const le64 *)(const void *)header->protocols[i]) == word)
			return i;
	return PROTOCOL_UNKNOWN;
}

int snapshot_protocol_index(const struct snapshot *snapshot, const char *protocol)
{
	const unsigned index = protocol_in_file(snapshot->view, protocol);

	return index < PROTOCOL_MAX ? (int)index : -1;
}

const char *snapshot_protocol_name(const struct snapshot *snapshot, unsigned index)
{
	return index < 4 + snapshot->extra_protocols ? snapshot->header->protocols[index] : "";
}

/* Whether the names are what the record says they are: alias_count + 1 strings and nothing after them. */
static bool names_add_up(const char *names, uint32_t names_size, uint32_t alias_count)
{
	uint32_t nuls = 0;

	for (uint32_t i = 0; i < names_size; i++)
		nuls += !names[i];
	return names_size && !names[names_size - 1] && nuls == alias_count + 1;
}

/* The record at an offset as the answer for the protocols asked; false if it is not whole, or not for them. */
static bool prove(struct snapshot_view file, uint64_t offset, unsigned asked, struct snapshot_entry *entry)
{
	if (!fits(file, offset, RECORD_UNIT))
		return false;

	const uint64_t key = key_of(file, offset);
	const uint32_t names_size = key_names_size(key), size = record_size(names_size);
	const struct disk_record *record = (const struct disk_record *)(const void *)(file.start + offset);
	const char *names = (const char *)(record + 1);
	const unsigned index = asked == PROTOCOL_ANY ? key_first_protocol(key) : asked;

	if (names_size > NAMES_MAX_BYTES || !fits(file, offset, size) || index >= PROTOCOL_MAX ||
	    !(key_protocols(key) >> index & 1) || !names_add_up(names, names_size, key_alias_count(key)) ||
	    checksum_step(checksum_words(names, size - (uint32_t)sizeof *record), key) != load64(record->check))
		return false;

	const char *protocol = ((const struct disk_header *)(const void *)file.start)->protocols[index];
	const size_t protocol_length = strnlen(protocol, PROTOCOL_SIZE);

	if (!protocol_length || protocol_length == PROTOCOL_SIZE)
		return false;
	*entry = (struct snapshot_entry){
		.names = names,
		.names_size = names_size,
		.alias_count = key_alias_count(key),
		.protocol = protocol,
		.port = (uint16_t)key_port(key),
		.protocol_index = (uint8_t)index,
		.protocol_size = (uint8_t)(protocol_length + 1),
		.protocols = (uint8_t)key_protocols(key),
		.record = record,
	};
	return true;
}

/* Among the records of a port, which lie one after another from where its word says. */
bool find_by_port(struct snapshot_view file, uint32_t port, unsigned asked, struct snapshot_entry *entry)
{
	const uint32_t word = port <= PORT_MAX ? word_of_port(file, port) : 0;

	if (!(word >> RECORD_NUMBER_BITS & asked_bits(asked)))
		return false;

	uint64_t offset = record_at(file, word);

	for (unsigned i = 0; i < GROUP_LIMIT && fits(file, offset, RECORD_UNIT); i++) {
		const uint64_t key = key_of(file, offset);

		if (key_port(key) != port || key_is_shadowed(key))
			break;
		if (prove(file, offset, asked, entry))
			return true;
		offset += record_size(key_names_size(key));
	}
	return false;
}

enum match { MATCH_NONE, MATCH_FOLDED, MATCH_EXACT };

/* How well one of an entry's names is the name asked for. */
static enum match match_names(const struct snapshot_entry *entry, const char *name, size_t size)
{
	enum match best = MATCH_NONE;
	const char *candidate = entry->names, *end = entry->names + entry->names_size;

	while (candidate < end) {
		const size_t candidate_size = strnlen(candidate, (size_t)(end - candidate));

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

/* An exact match of any name before one without case, and of several records the first. */
bool find_by_name(struct snapshot_view file, const char *name, unsigned asked, struct snapshot_entry *entry)
{
	const struct disk_header *header = (const struct disk_header *)(const void *)file.start;
	const size_t size = strnlen(name, NAME_MAX_BYTES + 1);

	if (asked == PROTOCOL_UNKNOWN || !size || size > NAME_MAX_BYTES)
		return false;

	const uint32_t hash = name_hash(name, size, load32(header->hash_seed));
	uint64_t offset = slots_of(file, hash);
	bool found = false;

	for (unsigned i = 0; offset && i < PROBE_LIMIT; i++, offset += sizeof(le32)) {
		const uint32_t slot = steady32(file.start + offset);
		struct snapshot_entry candidate;

		if (!slot)
			break;
		if (slot >> RECORD_NUMBER_BITS != (hash & 0xff) ||
		    !prove(file, record_at(file, slot), asked, &candidate))
			continue;
		switch (match_names(&candidate, name, size)) {
		case MATCH_EXACT:
			*entry = candidate;
			return true;
		case MATCH_FOLDED:
			if (!found)
				*entry = candidate;
			found = true;
			break;
		case MATCH_NONE:
			break;
		}
	}
	return found;
}

bool find_next(struct snapshot_view file, struct snapshot_position *position, struct snapshot_entry *entry)
{
	uint32_t index = position->protocol_index;

	for (uint32_t port = position->port; port <= PORT_MAX; port++, index = 0) {
		const uint32_t protocols = word_of_port(file, port) >> RECORD_NUMBER_BITS;

		for (uint32_t left = protocols >> index << index; left; left &= left - 1) {
			const unsigned protocol = (unsigned)__builtin_ctz(left);

			if (find_by_port(file, port, protocol, entry)) {
				*position = (struct snapshot_position){.port = port, .protocol_index = protocol};
				return true;
			}
		}
	}
	return false;
}

/* A plain answer as an entry. */
static enum snapshot_status take_plain(struct snapshot_view file, const struct plain_answer *plain,
				       struct snapshot_entry *entry)
{
	const struct disk_record *record = (const struct disk_record *)(const void *)(file.start + plain->offset);

	*entry = (struct snapshot_entry){
		.names = (const char *)(record + 1),
		.names_size = plain->name_size,
		.protocol = ((const struct disk_header *)(const void *)file.start)->protocols[plain->protocol_index],
		.port = (uint16_t)key_port(plain->key),
		.protocol_index = (uint8_t)plain->protocol_index,
		.protocol_size = (uint8_t)plain_protocol_size(plain),
		.protocols = (uint8_t)key_protocols(plain->key),
		.record = record,
	};
	return SNAPSHOT_OK;
}

static enum snapshot_status found_or_not(bool found)
{
	return found ? SNAPSHOT_OK : SNAPSHOT_NOT_FOUND;
}

enum snapshot_status snapshot_find_port(const struct snapshot *snapshot, uint32_t port, const char *protocol,
					struct snapshot_entry *entry)
{
	const struct snapshot_view file = snapshot->view;
	const unsigned usual = usual_protocol(protocol);
	struct plain_answer plain;

	if (port > PORT_MAX)
		return SNAPSHOT_NOT_FOUND;
	switch (usual == PROTOCOL_UNKNOWN ? UNCLEAR : plain_by_port(file, port, usual, &plain)) {
	case PLAIN:
		return take_plain(file, &plain, entry);
	case NOT_FOUND:
		return SNAPSHOT_NOT_FOUND;
	case UNCLEAR:
		break;
	}
	return found_or_not(find_by_port(file, port, protocol_in_file(file, protocol), entry));
}

enum snapshot_status snapshot_find_name(const struct snapshot *snapshot, const char *name, const char *protocol,
					struct snapshot_entry *entry)
{
	const struct snapshot_view file = snapshot->view;
	const unsigned usual = usual_protocol(protocol);
	const size_t size = strnlen(name, SHORT_NAME_MAX + 1);
	struct plain_answer plain;

	switch (usual == PROTOCOL_UNKNOWN || !size || size > SHORT_NAME_MAX
			? UNCLEAR
			: plain_by_name(file, name, size, usual, &plain)) {
	case PLAIN:
		return take_plain(file, &plain, entry);
	case NOT_FOUND:
		return SNAPSHOT_NOT_FOUND;
	case UNCLEAR:
		break;
	}
	return found_or_not(find_by_name(file, name, protocol_in_file(file, protocol), entry));
}

enum snapshot_status snapshot_record(const struct snapshot *snapshot, uint32_t number, unsigned protocol_index,
				     struct snapshot_entry *entry)
{
	const unsigned asked = protocol_index < PROTOCOL_MAX ? protocol_index : PROTOCOL_ANY;

	return found_or_not(number <= RECORD_NUMBER_MAX &&
			    prove(snapshot->view, record_at(snapshot->view, number), asked, entry));
}

enum snapshot_status snapshot_at(const struct snapshot *snapshot, struct snapshot_position *position,
				 struct snapshot_entry *entry)
{
	struct plain_answer plain;

	switch (plain_next(snapshot->view, position, &plain)) {
	case PLAIN:
		return take_plain(snapshot->view, &plain, entry);
	case NOT_FOUND:
		return SNAPSHOT_NOT_FOUND;
	case UNCLEAR:
		break;
	}
	return found_or_not(find_next(snapshot->view, position, entry));
}

void snapshot_step(struct snapshot_position *position)
{
	position->protocol_index++;
}

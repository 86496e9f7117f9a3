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
			return 1u << i;
	return PROTOCOL_UNKNOWN;
}

int snapshot_protocol_index(const struct snapshot *snapshot, const char *protocol)
{
	const unsigned asked = protocol ? protocol_in_file(snapshot->view, protocol) : PROTOCOL_UNKNOWN;

	return asked ? __builtin_ctz(asked) : -1;
}

const char *snapshot_protocol_name(const struct snapshot *snapshot, unsigned index)
{
	return index < 4 + snapshot->extra_protocols ? snapshot->header->protocols[index] : "";
}

static unsigned count_bits(uint32_t bits)
{
	unsigned count = 0;

	for (; bits; bits &= bits - 1)
		count++;
	return count;
}

/* Whether a record's checksum is right and its names are what it says: alias_count + 1 strings and nothing after them. */
static bool record_adds_up(const struct disk_record *record, uint64_t key)
{
	const uint32_t names_size = key_names_size(key);
	const char *names = (const char *)(record + 1);
	uint64_t sum = CHECKSUM_START;
	unsigned nuls = 0;

	for (uint32_t at = 0; at < record_size(names_size) - sizeof *record; at += 16) {
		const uint64_t first = load_word(names + at), second = load_word(names + at + 8);
		const uint32_t used = names_size > at ? names_size - at : 0;

		sum = checksum_step(checksum_step(sum, first), second);
		nuls += count_bits(nul_bits(first, second) & (used < 16 ? (1u << used) - 1 : 0xffff));
	}
	return checksum_step(sum, key) == load64(record->check) && names_size && !names[names_size - 1] &&
	       nuls == key_alias_count(key) + 1;
}

/* Bytes of the name of a protocol with its NUL, or 0 where there is none. */
static uint32_t protocol_size(const char *protocol, unsigned index)
{
	size_t length;

	if (index < FIXED_PROTOCOLS)
		return fixed_protocol_size(index);
	length = strnlen(protocol, PROTOCOL_SIZE);
	return length && length < PROTOCOL_SIZE ? (uint32_t)length + 1 : 0;
}

static bool key_is_whole(struct snapshot_view file, uint64_t offset, uint64_t key)
{
	const struct disk_record *record = (const struct disk_record *)(const void *)(file.start + offset);

	return key_names_size(key) <= NAMES_MAX_BYTES && fits(file, offset, record_size(key_names_size(key))) &&
	       record_adds_up(record, key);
}

bool record_is_whole(struct snapshot_view file, uint64_t offset)
{
	return fits(file, offset, RECORD_UNIT) && key_is_whole(file, offset, key_of(file, offset));
}

/* The record at an offset as the answer for the protocols asked; false if it is not whole, or not for them. */
static bool prove(struct snapshot_view file, uint64_t offset, unsigned asked, struct snapshot_entry *entry)
{
	if (!fits(file, offset, RECORD_UNIT))
		return false;

	const uint64_t key = key_of(file, offset);
	const struct disk_record *record = (const struct disk_record *)(const void *)(file.start + offset);
	const unsigned index = answering_protocol(key, asked);

	if (index >= PROTOCOL_MAX || !(key_protocols(key) >> index & 1) || !key_is_whole(file, offset, key))
		return false;

	const char *protocol = ((const struct disk_header *)(const void *)file.start)->protocols[index];
	const uint32_t size = protocol_size(protocol, index);

	if (!size)
		return false;
	*entry = (struct snapshot_entry){
		.names = (const char *)(record + 1),
		.names_size = key_names_size(key),
		.alias_count = key_alias_count(key),
		.protocol = protocol,
		.port = (uint16_t)key_port(key),
		.protocol_index = (uint8_t)index,
		.protocol_size = (uint8_t)size,
		.protocols = (uint8_t)key_protocols(key),
		.record = record,
	};
	return true;
}

/* Among the records of a port, which lie one after another from where its word says. */
bool find_by_port(struct snapshot_view file, uint32_t port, unsigned asked, struct snapshot_entry *entry)
{
	const uint32_t word = port <= PORT_MAX ? word_of_port(file, port) : 0;

	if (!(index_byte(word) & asked))
		return false;

	uint64_t offset = record_at(file, index_number(word));

	for (unsigned i = 0; i < GROUP_LIMIT && fits(file, offset, RECORD_UNIT); i++) {
		const uint64_t key = key_of(file, offset);

		if (key_port(key) != port || key_is_shadowed(key))
			break;
		if (key_protocols(key) & asked && prove(file, offset, asked, entry))
			return true;
		offset += record_size(key_names_size(key));
	}
	return false;
}

enum match { MATCH_NONE, MATCH_FOLDED, MATCH_EXACT };

/* How well one of an entry's names is the name asked for, in which there is no NUL. */
static enum match match_names(const struct snapshot_entry *entry, const char *name, size_t size)
{
	enum match best = MATCH_NONE;
	const char *candidate = entry->names, *end = entry->names + entry->names_size;

	while (candidate < end) {
		if (size < (size_t)(end - candidate) && !candidate[size]) {
			if (memcmp(candidate, name, size) == 0)
				return MATCH_EXACT;
			if (names_fold_equal(candidate, name, size))
				best = MATCH_FOLDED;
		}
		candidate += strnlen(candidate, (size_t)(end - candidate)) + 1;
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
	uint64_t offset;
	bool found = false;

	if (!slots_of(file, hash, &offset))
		return false;
	for (unsigned i = 0; i < PROBE_LIMIT; i++, offset += sizeof(le32)) {
		const uint32_t slot = (uint32_t)steady32(file.start + offset);
		struct snapshot_entry candidate;

		if (!slot)
			break;
		if (index_byte(slot) != index_byte(hash) ||
		    !prove(file, record_at(file, index_number(slot)), asked, &candidate))
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

void snapshot_step(struct snapshot_position *position)
{
	position->protocol_index++;
}

bool find_next(struct snapshot_view file, struct snapshot_position *position, struct snapshot_entry *entry)
{
	struct snapshot_position next = *position;
	uint32_t word;

	while ((word = next_used_port(file, &next))) {
		const uint32_t left = index_byte(word) >> next.protocol_index;

		next.protocol_index += (uint32_t)__builtin_ctz(left);
		if (find_by_port(file, next.port, 1u << next.protocol_index, entry)) {
			*position = next;
			return true;
		}
		snapshot_step(&next);
	}
	return false;
}

/* A plain answer, or one of several names, as an entry. */
static enum snapshot_status take(struct snapshot_view file, const struct plain_answer *plain,
				 struct snapshot_entry *entry)
{
	const struct disk_record *record = (const struct disk_record *)(const void *)(file.start + plain->offset);

	*entry = (struct snapshot_entry){
		.names = (const char *)(record + 1),
		.names_size = plain->name_size,
		.alias_count = key_alias_count(plain->key),
		.protocol = ((const struct disk_header *)(const void *)file.start)->protocols[plain->protocol_index],
		.port = (uint16_t)key_port(plain->key),
		.protocol_index = (uint8_t)plain->protocol_index,
		.protocol_size = (uint8_t)fixed_protocol_size(plain->protocol_index),
		.protocols = (uint8_t)key_protocols(plain->key),
		.record = record,
	};
	return SNAPSHOT_OK;
}

static enum snapshot_status found_or_not(bool found)
{
	return found ? SNAPSHOT_OK : SNAPSHOT_NOT_FOUND;
}

/* The quick way where there is one, as the module goes it. */
enum snapshot_status snapshot_find_port(const struct snapshot *snapshot, uint32_t port, const char *protocol,
					struct snapshot_entry *entry)
{
	const struct snapshot_view file = snapshot->view;
	const unsigned usual = usual_protocol(protocol);
	struct plain_answer plain;
	struct several_names names;

	if (port > PORT_MAX)
		return SNAPSHOT_NOT_FOUND;
	switch (usual == PROTOCOL_UNKNOWN ? UNCLEAR : plain_by_port(file, port, usual, &plain)) {
	case PLAIN:
		return take(file, &plain, entry);
	case NOT_FOUND:
		return SNAPSHOT_NOT_FOUND;
	case SEVERAL:
		if (copy_several(file, &plain, &names))
			return take(file, &plain, entry);
		break;
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
	struct several_names names;

	switch (usual == PROTOCOL_UNKNOWN || size - 1 >= SHORT_NAME_MAX
			? UNCLEAR
			: plain_by_name(file, name, size, usual, &plain)) {
	case PLAIN:
		return take(file, &plain, entry);
	case NOT_FOUND:
		return SNAPSHOT_NOT_FOUND;
	case SEVERAL:
		if (copy_several(file, &plain, &names) && several_have(&names, plain.name[0], plain.name[1], size))
			return take(file, &plain, entry);
		break;
	case UNCLEAR:
		break;
	}
	return found_or_not(find_by_name(file, name, protocol_in_file(file, protocol), entry));
}

enum snapshot_status snapshot_record(const struct snapshot *snapshot, uint32_t number, unsigned protocol_index,
				     struct snapshot_entry *entry)
{
	const unsigned asked = protocol_index < PROTOCOL_MAX ? 1u << protocol_index : PROTOCOL_ANY;

	return found_or_not(number <= RECORD_NUMBER_MAX &&
			    prove(snapshot->view, record_at(snapshot->view, number), asked, entry));
}

enum snapshot_status snapshot_at(const struct snapshot *snapshot, struct snapshot_position *position,
				 struct snapshot_entry *entry)
{
	return found_or_not(find_next(snapshot->view, position, entry));
}

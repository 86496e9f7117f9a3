/* SPDX-License-Identifier: MIT */
/* The finished model into the bytes of a snapshot (snapshot/format.h). */
#include <string.h>

#include "base/memory.h"
#include "base/text_index.h"
#include "compiler/snapshot_writer.h"
#include "snapshot/name.h"
#include "snapshot/snapshot.h"

enum writer_limit {
	SEED_COUNT = 8, /* hash seeds tried at each size of the table */
	SHARING_TRIES = 16, /* records of a port looked at for one to share: an overlay may have any number there */
	NEVER = UINT32_MAX,
};

/* Bytes of a section as they grow. */
struct section {
	unsigned char *bytes;
	size_t size, room;
	uint32_t count;
};

/* Entries that share a record: one port, the same names, found alike; their first is its most preferred one. */
struct record {
	const struct registry_entry *first;
	uint32_t number; /* in the file (format.h) */
	uint32_t next_of_port; /* record index, or NEVER */
	uint8_t protocols;
};

struct writer {
	const struct registry *registry;
	struct diagnostics *diagnostics;
	const struct registry_entry *entries;
	uint32_t entry_count;
	struct record *records; /* in order of preference */
	uint32_t record_count;
	uint32_t *record_of; /* by entry */
	struct section sections[SECTION_COUNT];
	uint32_t seed, slot_count, answer_count, name_count;
	char newest_date[sizeof((struct disk_header *)0)->newest_date];
};

static void *grow(struct section *section, size_t size)
{
	if (section->room - section->size < size) {
		section->room = 2 * section->room + size + 4096;
		section->bytes = xcheck(realloc(section->bytes, section->room));
	}
	section->size += size;
	return memset(section->bytes + section->size - size, 0, size);
}

static void append(struct section *section, const void *item, size_t size)
{
	memcpy(grow(section, size), item, size);
	section->count++;
}

/* Whether two entries' names, in their order, are the same, and each of them finds both or neither. */
static bool same_names(const struct registry_entry *a, const struct registry_entry *b)
{
	if (a->name_count != b->name_count)
		return false;
	for (uint32_t i = 0; i < a->name_count; i++)
		if (a->names[i].is_primary != b->names[i].is_primary || strcmp(a->names[i].text, b->names[i].text) != 0)
			return false;
	return true;
}

/*
 * Whether two entries of one port may share a record. Then the order of records by their first entry still has, for
 * every name and protocol, the winner in front; across spellings of a name it would not, so those stay alone.
 */
static bool may_share(const struct registry_entry *a, const struct registry_entry *b)
{
	return a->shadowed == b->shadowed && !a->case_variant && !b->case_variant && same_names(a, b);
}

/* Put entries into records, by order of preference. */
static void make_records(struct writer *w)
{
	uint32_t *last_of_port = xcheck(malloc((PORT_MAX + 1) * sizeof *last_of_port));

	memset(last_of_port, 0xff, (PORT_MAX + 1) * sizeof *last_of_port);
	w->records = xcheck(calloc(w->entry_count + 1, sizeof *w->records));
	w->record_of = xcheck(calloc(w->entry_count + 1, sizeof *w->record_of));
	for (uint32_t i = 0; i < w->entry_count; i++) {
		const struct registry_entry *entry = &w->entries[i];
		uint32_t r = last_of_port[entry->port], tried = 0;

		while (r != NEVER && tried < SHARING_TRIES && !may_share(w->records[r].first, entry)) {
			r = w->records[r].next_of_port;
			tried++;
		}
		if (tried == SHARING_TRIES)
			r = NEVER;
		if (r == NEVER) {
			r = w->record_count++;
			w->records[r] = (struct record){.first = entry, .next_of_port = last_of_port[entry->port]};
			last_of_port[entry->port] = r;
		}
		w->records[r].protocols |= (uint8_t)(1u << entry->protocol);
		w->record_of[i] = r;
		w->answer_count += !entry->shadowed;
	}
	free(last_of_port);
}

/* By port, and on each port by preference; the shadowed ones after all. */
static uint64_t file_order(const struct writer *w, uint32_t record)
{
	const struct registry_entry *first = w->records[record].first;

	return (uint64_t)(first->shadowed ? PORT_MAX + 1u : first->port) << 32 | record;
}

static bool write_record(struct writer *w, struct record *record)
{
	struct section *section = &w->sections[SECTION_RECORDS];
	uint32_t names_size = 0;

	for (uint32_t i = 0; i < record->first->name_count; i++)
		names_size += (uint32_t)strlen(record->first->names[i].text) + 1;
	record->number = number_of_record((uint32_t)section->size);
	if (record->number > RECORD_NUMBER_MAX)
		return false;

	struct disk_record *disk = grow(section, record_size(names_size));
	char *names = (char *)(disk + 1);

	section->count++;
	*disk = (struct disk_record){
		.port = store16(record->first->port),
		.names_size = store16(names_size),
		.protocols = record->protocols,
		.first_protocol = record->first->protocol,
		.alias_count = (unsigned char)(record->first->name_count - 1),
		.flags = record->first->shadowed ? RECORD_SHADOWED : 0,
	};
	for (uint32_t i = 0; i < record->first->name_count; i++)
		names = stpcpy(names, record->first->names[i].text) + 1;
	disk->check = store64(record_checksum(disk));
	return true;
}

/* The word of a port, in a block of its own if it is the first of 16. */
static le32 *word_of_port(struct writer *w, uint32_t port)
{
	le16 *blocks = (le16 *)(void *)w->sections[SECTION_BLOCKS].bytes;
	struct section *ports = &w->sections[SECTION_PORTS];
	uint32_t line = load16(blocks[port / PORTS_PER_BLOCK]);

	if (line == EMPTY_BLOCK) {
		line = EMPTY_BLOCK + ports->count / PORTS_PER_BLOCK;
		blocks[port / PORTS_PER_BLOCK] = store16(line);
		grow(ports, PORTS_PER_BLOCK * sizeof(le32));
		ports->count += PORTS_PER_BLOCK;
	}
	return (le32 *)(void *)ports->bytes + (line - EMPTY_BLOCK) * PORTS_PER_BLOCK + port % PORTS_PER_BLOCK;
}

/* A record that answers at its port: its protocols below the number of the port's first one. */
static void index_record(struct writer *w, const struct record *record)
{
	le32 *word = word_of_port(w, record->first->port);
	const uint32_t before = load32(*word);

	*word = store32(
		index_word(before ? index_number(before) : record->number, index_byte(before) | record->protocols));
}

/* RECORDS, and BLOCKS and PORTS that lead to them. */
static enum outcome write_records(struct writer *w)
{
	uint64_t *order = xcheck(calloc(w->record_count + 1, sizeof *order));
	enum outcome status = OUTCOME_OK;

	le16 *blocks = grow(&w->sections[SECTION_BLOCKS], BLOCK_COUNT * sizeof(le16));

	for (uint32_t i = 0; i < BLOCK_COUNT; i++)
		blocks[i] = store16(EMPTY_BLOCK);
	w->sections[SECTION_BLOCKS].count = BLOCK_COUNT;
	grow(&w->sections[SECTION_PORTS], PORTS_PER_BLOCK * sizeof(le32)); /* the one of blocks without a port */
	w->sections[SECTION_PORTS].count = PORTS_PER_BLOCK;
	for (uint32_t i = 0; i < w->record_count; i++)
		order[i] = file_order(w, i);
	qsort(order, w->record_count, sizeof *order, compare_u64);
	for (uint32_t i = 0; i < w->record_count && status == OUTCOME_OK; i++) {
		struct record *record = &w->records[(uint32_t)order[i]];

		if (!write_record(w, record))
			status = OUTCOME_INVALID;
		else if (!record->first->shadowed)
			index_record(w, record);
	}
	free(order);
	if (status != OUTCOME_OK)
		diagnose_error(w->diagnostics, "snapshot", 0, "more names than the format has room for");
	return status;
}

static void write_preferred(struct writer *w)
{
	for (uint32_t i = 0; i < w->entry_count; i++) {
		const struct disk_preferred preferred = {
			.record_number = store32(w->records[w->record_of[i]].number),
			.protocol = w->entries[i].protocol,
		};

		if (w->entries[i].preferred)
			append(&w->sections[SECTION_PREFERRED], &preferred, sizeof preferred);
	}
}

/* A name that finds a record, hashed once for every table tried. */
struct binding {
	const char *name;
	uint32_t size;
	uint32_t record_number;
};

/* Put every binding into a table of that many slots, in order; false if one would lie too far from its home. */
static bool fill_slots(le32 *slots, uint32_t slot_count, uint32_t seed, const struct binding *bindings, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		const uint32_t hash = name_hash(bindings[i].name, bindings[i].size, seed);
		le32 *home = slots + ((uint64_t)hash * slot_count >> 32);
		uint32_t probe = 0;

		while (probe < PROBE_LIMIT && load32(home[probe]))
			probe++;
		if (probe == PROBE_LIMIT)
			return false;
		home[probe] = store32(index_word(bindings[i].record_number, hash));
	}
	return true;
}

/* The smallest table, from a quarter full on, in which all bindings find a place, whatever they hash to. */
static bool write_slots(struct writer *w, const struct binding *bindings, uint32_t count)
{
	struct section *section = &w->sections[SECTION_SLOTS];

	for (uint64_t slots = 4 * (uint64_t)count + 1; slots <= 16 * (uint64_t)count + 1024; slots += slots / 2 + 64)
		for (uint32_t seed = 0; seed < SEED_COUNT; seed++) {
			section->size = 0;
			section->count = (uint32_t)slots + PROBE_LIMIT;
			w->slot_count = (uint32_t)slots;
			w->seed = seed;
			if (fill_slots(grow(section, section->count * sizeof(le32)), w->slot_count, seed, bindings,
				       count))
				return true;
		}
	return false;
}

/* SLOTS: each name that finds a record, most preferred records first. */
static enum outcome write_names(struct writer *w)
{
	struct text_index names = {0};
	struct binding *bindings = NULL;
	uint32_t count = 0;

	for (uint32_t r = 0; r < w->record_count; r++)
		for (uint32_t i = 0; i < w->records[r].first->name_count; i++) {
			const struct registry_name *name = &w->records[r].first->names[i];
			const uint32_t size = (uint32_t)strlen(name->text);

			if (!name->is_primary)
				continue;
			bindings = grow_by_one(bindings, count, sizeof *bindings);
			bindings[count++] = (struct binding){name->text, size, w->records[r].number};
			text_index_add(&names, (struct text_key){name->text, size, 0}, NULL);
		}

	const bool placed = write_slots(w, bindings, count);

	w->name_count = names.count;
	text_index_free(&names);
	free(bindings);
	if (!placed)
		diagnose_error(w->diagnostics, "snapshot", 0,
			       "too many names differ only in case, or hash alike, to be indexed");
	return placed ? OUTCOME_OK : OUTCOME_INVALID;
}

/* Offset of a text in STRINGS, where each stands once. */
static uint32_t intern(struct section *strings, struct text_index *set, uint32_t **offsets, const char *text)
{
	const uint32_t size = (uint32_t)strlen(text);
	bool added;
	const uint32_t number = text_index_add(set, (struct text_key){text, size, 0}, &added);

	if (added) {
		*offsets = grow_by_one(*offsets, number, sizeof **offsets);
		(*offsets)[number] = (uint32_t)strings->size;
		append(strings, text, size + 1);
	}
	return (*offsets)[number];
}

/* Dates are YYYY-MM-DD or YYYY-MM, so that the later one is the greater text; anything else is no date. */
static void note_date(struct writer *w, const char *date)
{
	const size_t size = strspn(date, "0123456789-");

	if (!date[size] && (size == 7 || size == 10) && strcmp(date, w->newest_date) > 0)
		strcpy(w->newest_date, date);
}

struct interning {
	struct text_index texts, details; /* keys of details are this struct's to free */
	uint32_t *offsets; /* by number of the text */
};

/* Number of a row's details in DETAILS, where rows that say the same share them. */
static uint32_t intern_details(struct writer *w, struct interning *interning, const struct registry_row *row)
{
	struct disk_details *details = xcheck(malloc(sizeof *details));
	bool added;

	for (unsigned t = 0; t < TEXT_COUNT; t++)
		details->text_off[t] = store32(
			intern(&w->sections[SECTION_STRINGS], &interning->texts, &interning->offsets, row->text[t]));

	const uint32_t number = text_index_add(&interning->details,
					       (struct text_key){(const char *)details, sizeof *details, 0}, &added);

	if (added)
		append(&w->sections[SECTION_DETAILS], details, sizeof *details);
	else
		free(details);
	return number;
}

/* ROWS, DETAILS and STRINGS: the registry itself. */
static void write_rows(struct writer *w)
{
	struct interning interning = {0};
	struct section *strings = &w->sections[SECTION_STRINGS];
	uint32_t row_count;
	const struct registry_row *const *rows = registry_rows(w->registry, &row_count);

	intern(strings, &interning.texts, &interning.offsets, "");
	for (uint32_t i = 0; i < row_count; i++) {
		const struct registry_row *row = rows[i];
		const bool overlay = registry_row_is_overlay(w->registry, row);
		const struct disk_row disk = {
			.name_off = store32(intern(strings, &interning.texts, &interning.offsets, row->name)),
			.details_number = store32(intern_details(w, &interning, row)),
			.first_port = store16(row->has_port ? row->first_port : 0),
			.last_port = store16(row->has_port ? row->last_port : 0),
			.protocol = row->protocol,
			.flags = (unsigned char)((row->has_port ? ROW_HAS_PORT : 0) | (overlay ? ROW_FROM_OVERLAY : 0)),
		};

		append(&w->sections[SECTION_ROWS], &disk, sizeof disk);
		if (!overlay) {
			note_date(w, row->text[TEXT_REGISTRATION_DATE]);
			note_date(w, row->text[TEXT_MODIFICATION_DATE]);
		}
	}
	grow(strings, -strings->size & 7); /* the file ends with them */
	for (uint32_t i = 0; i < interning.details.count; i++)
		free((void *)(uintptr_t)interning.details.keys[i].bytes);
	text_index_free(&interning.texts);
	text_index_free(&interning.details);
	free(interning.offsets);
}

static size_t align_section(size_t offset)
{
	return (offset + SECTION_ALIGN - 1) & -(size_t)SECTION_ALIGN;
}

static void write_header(const struct writer *w, unsigned char *file, size_t size)
{
	struct disk_header header = {
		.version = store32(SNAPSHOT_VERSION),
		.file_size = store32((uint32_t)size),
		.body_check = store64(checksum_words(file + sizeof header, (uint32_t)(size - sizeof header))),
		.hash_seed = store32(w->seed),
		.slot_count = store32(w->slot_count),
		.entry_count = store32(w->answer_count),
		.name_count = store32(w->name_count),
	};
	size_t offset = sizeof header;

	memcpy(header.magic, SNAPSHOT_MAGIC, sizeof header.magic);
	memcpy(header.newest_date, w->newest_date, sizeof header.newest_date);
	for (unsigned i = 0; i < PROTOCOL_MAX; i++)
		strcpy(header.protocols[i], registry_protocol_name(w->registry, i));
	for (unsigned i = 0; i < SECTION_COUNT; i++) {
		offset = align_section(offset);
		header.sections[i] =
			(struct disk_section){store32((uint32_t)offset), store32((uint32_t)w->sections[i].size),
					      store32(w->sections[i].count)};
		offset += w->sections[i].size;
	}
	header.header_check = store64(checksum_words(&header, offsetof(struct disk_header, header_check)));
	memcpy(file, &header, sizeof header);
}

/* Sections in order, then the header over them. NULL where the whole is past what 32-bit offsets reach. */
static unsigned char *assemble(const struct writer *w, size_t *size)
{
	size_t end = sizeof(struct disk_header);

	for (unsigned i = 0; i < SECTION_COUNT; i++)
		end = align_section(end) + w->sections[i].size;
	if (end > UINT32_MAX)
		return NULL;

	unsigned char *file = xcheck(calloc(1, end));

	*size = end;
	end = sizeof(struct disk_header);
	for (unsigned i = 0; i < SECTION_COUNT; i++) {
		end = align_section(end);
		if (w->sections[i].size)
			memcpy(file + end, w->sections[i].bytes, w->sections[i].size);
		end += w->sections[i].size;
	}
	write_header(w, file, *size);
	return file;
}

/* What is written is read back: a writer that is wrong must not publish. */
static enum outcome check_result(struct diagnostics *diagnostics, const unsigned char *bytes, size_t size)
{
	struct snapshot snapshot;
	struct snapshot_fault fault = {SECTION_COUNT, 0};
	enum snapshot_status status = snapshot_open(bytes, size, &snapshot);

	if (status == SNAPSHOT_OK)
		status = snapshot_check(&snapshot, &fault);
	if (status == SNAPSHOT_OK)
		return OUTCOME_OK;
	diagnose_error(diagnostics, "snapshot", 0, "the compiled snapshot %s (section %u, item %u)",
		       snapshot_status_text(status), fault.section, fault.item);
	return OUTCOME_INVALID;
}

enum outcome snapshot_write(const struct registry *registry, struct diagnostics *diagnostics, unsigned char **bytes,
			    size_t *size)
{
	struct writer w = {.registry = registry, .diagnostics = diagnostics};
	enum outcome status;
	unsigned char *file = NULL;
	size_t file_size = 0;

	w.entries = registry_entries(registry, &w.entry_count);
	make_records(&w);
	status = write_records(&w);
	if (status == OUTCOME_OK)
		status = write_names(&w);
	if (status == OUTCOME_OK) {
		write_preferred(&w);
		write_rows(&w);
		file = assemble(&w, &file_size);
		if (!file) {
			diagnose_error(diagnostics, "snapshot", 0, "would be larger than 4 GiB");
			status = OUTCOME_INVALID;
		}
	}
	if (status == OUTCOME_OK)
		status = check_result(diagnostics, file, file_size);
	for (unsigned i = 0; i < SECTION_COUNT; i++)
		free(w.sections[i].bytes);
	free(w.records);
	free(w.record_of);
	if (status != OUTCOME_OK) {
		free(file);
		return status;
	}
	*bytes = file;
	*size = file_size;
	return OUTCOME_OK;
}

/* SPDX-License-Identifier: MIT */
/* What a snapshot says of itself, and its records one after another. */
#include <string.h>

#include "snapshot/accessors.h"

uint32_t snapshot_file_size(const struct snapshot *snapshot)
{
	return load32(snapshot->header->file_size);
}

uint32_t snapshot_format_version(const struct snapshot *snapshot)
{
	return load32(snapshot->header->version);
}

uint32_t snapshot_entry_count(const struct snapshot *snapshot)
{
	return load32(snapshot->header->entry_count);
}

uint32_t snapshot_name_count(const struct snapshot *snapshot)
{
	return load32(snapshot->header->name_count);
}

const char *snapshot_newest_date(const struct snapshot *snapshot)
{
	const char *date = snapshot->header->newest_date;

	return memchr(date, 0, sizeof snapshot->header->newest_date) ? date : "";
}

uint32_t snapshot_used_port_count(const struct snapshot *snapshot)
{
	const struct snapshot_bytes *section = &snapshot->sections[SECTION_PORTS];
	const le32 *words = (const le32 *)(const void *)section->start;
	uint32_t count = 0;

	for (uint32_t i = 0; i < section->size / sizeof *words; i++)
		count += load32(words[i]) != 0;
	return count;
}

uint32_t snapshot_hot_size(const struct snapshot *snapshot)
{
	uint32_t sum = 0;

	for (unsigned i = SECTION_BLOCKS; i <= SECTION_RECORDS; i++)
		sum += snapshot->sections[i].size;
	return sum;
}

struct section_info snapshot_section_info(const struct snapshot *snapshot, enum snapshot_section section)
{
	const struct snapshot_bytes *bytes = &snapshot->sections[section];

	return (struct section_info){
		.name = snapshot_section_name(section),
		.offset = (uint32_t)(bytes->start - snapshot->view.start),
		.size = bytes->size,
		.count = bytes->count,
	};
}

const char *snapshot_section_name(enum snapshot_section section)
{
	static const char *const names[SECTION_COUNT] = {
		[SECTION_BLOCKS] = "blocks",   [SECTION_PORTS] = "ports",         [SECTION_SLOTS] = "slots",
		[SECTION_RECORDS] = "records", [SECTION_PREFERRED] = "preferred", [SECTION_ROWS] = "rows",
		[SECTION_DETAILS] = "details", [SECTION_STRINGS] = "strings",
	};

	return (unsigned)section < SECTION_COUNT ? names[section] : "none";
}

uint32_t snapshot_record_number_end(const struct snapshot *snapshot)
{
	return number_of_record(snapshot->sections[SECTION_RECORDS].size);
}

enum snapshot_status snapshot_record_from(const struct snapshot *snapshot, uint32_t *number,
					  struct snapshot_entry *entry)
{
	const uint32_t end = snapshot_record_number_end(snapshot);

	for (uint32_t at = *number; at < end; at++)
		if (snapshot_record(snapshot, at, PROTOCOL_NONE, entry) == SNAPSHOT_OK) {
			*number = at;
			return SNAPSHOT_OK;
		}
	return SNAPSHOT_NOT_FOUND;
}

uint32_t snapshot_record_after(uint32_t number, const struct snapshot_entry *entry)
{
	return number + record_size(entry->names_size) / RECORD_UNIT;
}

uint32_t snapshot_record_number(const struct snapshot *snapshot, const struct snapshot_entry *entry)
{
	const unsigned char *record = (const unsigned char *)entry->names - sizeof(struct disk_record);

	return number_of_record((uint32_t)(record - snapshot->sections[SECTION_RECORDS].start));
}

enum snapshot_status snapshot_preferred(const struct snapshot *snapshot, uint32_t index, struct snapshot_entry *entry)
{
	const struct snapshot_bytes *section = &snapshot->sections[SECTION_PREFERRED];

	if (index >= section->size / sizeof(struct disk_preferred))
		return SNAPSHOT_NOT_FOUND;

	const struct disk_preferred *preferred = (const struct disk_preferred *)(const void *)section->start + index;

	if (preferred->protocol >= PROTOCOL_MAX ||
	    snapshot_record(snapshot, load32(preferred->record_number), preferred->protocol, entry) != SNAPSHOT_OK)
		return SNAPSHOT_BAD_PREFERRED;
	return SNAPSHOT_OK;
}

uint32_t snapshot_text_offset(const struct snapshot *snapshot, const char *text)
{
	return (uint32_t)(text - (const char *)snapshot->view.start);
}

/* SPDX-License-Identifier: MIT */
/* The registry's rows as the snapshot keeps them. */
#include <string.h>

#include "snapshot/name.h"
#include "snapshot/rows.h"

uint32_t snapshot_row_count(const struct snapshot *snapshot)
{
	return snapshot->sections[SECTION_ROWS].size / (uint32_t)sizeof(struct disk_row);
}

/* The string at an offset of STRINGS; NULL where none ends inside the section, or not in time. */
static const char *string_at(const struct snapshot *s, uint32_t offset)
{
	const struct snapshot_bytes *strings = &s->sections[SECTION_STRINGS];

	if (offset >= strings->size)
		return NULL;

	const uint32_t left = strings->size - offset;
	const char *string = (const char *)strings->start + offset;

	return memchr(string, 0, left < TEXT_MAX_BYTES + 1 ? left : TEXT_MAX_BYTES + 1) ? string : NULL;
}

static bool read_texts(const struct snapshot *s, uint32_t details_number, struct snapshot_row *row)
{
	const struct snapshot_bytes *section = &s->sections[SECTION_DETAILS];

	if (details_number >= section->size / sizeof(struct disk_details))
		return false;

	const struct disk_details *details = (const struct disk_details *)(const void *)section->start + details_number;

	for (unsigned i = 0; i < TEXT_COUNT; i++) {
		row->text[i] = string_at(s, load32(details->text_off[i]));
		if (!row->text[i])
			return false;
	}
	return true;
}

/* NULL past the last. */
static const struct disk_row *row_at(const struct snapshot *s, uint32_t number)
{
	if (number >= snapshot_row_count(s))
		return NULL;
	return (const struct disk_row *)(const void *)s->sections[SECTION_ROWS].start + number;
}

bool snapshot_row_ports(const struct snapshot *snapshot, uint32_t number, uint16_t *first, uint16_t *last)
{
	const struct disk_row *disk = row_at(snapshot, number);

	if (!disk || !(disk->flags & ROW_HAS_PORT))
		return false;
	*first = load16(disk->first_port);
	*last = load16(disk->last_port);
	return true;
}

const char *snapshot_row_name(const struct snapshot *snapshot, uint32_t number)
{
	const struct disk_row *disk = row_at(snapshot, number);

	return disk ? string_at(snapshot, load32(disk->name_off)) : NULL;
}

/* Whether the string at an offset is that name of `size` bytes; the first byte tells nearly all of them apart. */
static bool is_name(const struct snapshot *s, uint32_t offset, const char *name, size_t size)
{
	const struct snapshot_bytes *strings = &s->sections[SECTION_STRINGS];
	const char *string = (const char *)strings->start + offset;

	return offset < strings->size && (string[0] | 0x20) == (name[0] | 0x20) && size < strings->size - offset &&
	       !string[size] && names_fold_equal(string, name, size);
}

uint32_t snapshot_row_named(const struct snapshot *snapshot, const char *name, uint32_t from)
{
	const uint32_t count = snapshot_row_count(snapshot);
	const struct disk_row *rows = (const struct disk_row *)(const void *)snapshot->sections[SECTION_ROWS].start;
	const size_t size = strlen(name);
	uint32_t offset, offset_before = 0; /* of the empty string */

	for (uint32_t i = from; i < count; i++, offset_before = offset) {
		offset = load32(rows[i].name_off);
		if (offset != offset_before && is_name(snapshot, offset, name, size)) /* tcp's row and udp's share it */
			return i;
	}
	return NO_NAMED_ROW;
}

enum snapshot_status snapshot_row(const struct snapshot *snapshot, uint32_t number, struct snapshot_row *row)
{
	const struct disk_row *disk = row_at(snapshot, number);

	if (!disk)
		return SNAPSHOT_NOT_FOUND;

	struct snapshot_row found = {
		.name = string_at(snapshot, load32(disk->name_off)),
		.protocol = "",
		.protocol_index = disk->protocol,
		.has_port = disk->flags & ROW_HAS_PORT,
		.from_overlay = disk->flags & ROW_FROM_OVERLAY,
	};

	if (found.has_port) {
		found.first_port = load16(disk->first_port);
		found.last_port = load16(disk->last_port);
	}
	if (disk->protocol != PROTOCOL_NONE) {
		found.protocol = snapshot_protocol_name(snapshot, disk->protocol);
		if (!*found.protocol)
			return SNAPSHOT_BAD_ROW;
	}
	if (!found.name || found.first_port > found.last_port ||
	    !read_texts(snapshot, load32(disk->details_number), &found))
		return SNAPSHOT_BAD_ROW;
	*row = found;
	return SNAPSHOT_OK;
}

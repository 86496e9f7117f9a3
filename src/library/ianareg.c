/* SPDX-License-Identifier: MIT */
/* libianareg: the reader and the queries under the names of <ianareg.h>. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC visibility push(default)
#include <ianareg.h>
#pragma GCC visibility pop

#include "query/row_walk.h"
#include "snapshot/accessors.h"
#include "snapshot/snapshot_file.h"

enum { CANDIDATE_MAX = 2 }; /* of snapshot_paths() */

/* A path that comes before the file that is mapped, or is its own, and what was there when it was opened. */
struct candidate {
	const char *path;
	struct file_identity identity;
	bool is_there;
};

struct ianareg {
	struct snapshot_file file;
	struct row_index index;
	struct row_index *rows; /* `index`, which a const handle may fill: it is safe for threads */
	struct candidate candidates[CANDIDATE_MAX];
	unsigned used; /* which of them is mapped */
	char texts[]; /* the paths */
};

uint32_t ianareg_version_number(void)
{
	return IANAREG_VERSION_NUMBER;
}

const char *ianareg_version(void)
{
	return IANAREG_VERSION;
}

static enum ianareg_status status_of(enum snapshot_status status)
{
	switch (status) {
	case SNAPSHOT_OK:
		return IANAREG_OK;
	case SNAPSHOT_NOT_FOUND:
		return IANAREG_NOT_FOUND;
	case SNAPSHOT_SYSTEM_ERROR:
		return IANAREG_SYSTEM_ERROR;
	case SNAPSHOT_NOT_REGULAR:
		return IANAREG_NOT_REGULAR;
	case SNAPSHOT_WRITABLE:
		return IANAREG_WRITABLE;
	case SNAPSHOT_NO_MAGIC:
		return IANAREG_NOT_SNAPSHOT;
	case SNAPSHOT_OTHER_VERSION:
		return IANAREG_OTHER_FORMAT;
	default:
		return IANAREG_DAMAGED;
	}
}

const char *ianareg_status_text(enum ianareg_status status)
{
	static const enum snapshot_status statuses[] = {
		[IANAREG_OK] = SNAPSHOT_OK,
		[IANAREG_NOT_FOUND] = SNAPSHOT_NOT_FOUND,
		[IANAREG_SYSTEM_ERROR] = SNAPSHOT_SYSTEM_ERROR,
		[IANAREG_NOT_REGULAR] = SNAPSHOT_NOT_REGULAR,
		[IANAREG_WRITABLE] = SNAPSHOT_WRITABLE,
		[IANAREG_NOT_SNAPSHOT] = SNAPSHOT_NO_MAGIC,
		[IANAREG_OTHER_FORMAT] = SNAPSHOT_OTHER_VERSION,
	};

	if (status == IANAREG_DAMAGED)
		return "is damaged";
	return snapshot_status_text((unsigned)status < sizeof statuses / sizeof *statuses ? statuses[status]
											  : SNAPSHOT_STATUS_COUNT);
}

/* ---- the handle ---- */

/* A handle with copies of the paths and what is at each before any is opened; NULL without memory. */
static struct ianareg *handle_new(const char *const *paths)
{
	size_t size = 0;

	for (unsigned i = 0; paths[i]; i++)
		size += strlen(paths[i]) + 1;

	struct ianareg *registry = calloc(1, sizeof *registry + size);

	if (!registry)
		return NULL;

	char *text = registry->texts;

	for (unsigned i = 0; paths[i]; i++) {
		struct candidate *candidate = &registry->candidates[i];

		candidate->path = text;
		text = stpcpy(text, paths[i]) + 1;
		candidate->is_there = file_identify(candidate->path, &candidate->identity);
	}
	return registry;
}

enum ianareg_status ianareg_open(const char *path, struct ianareg **registry)
{
	const char *paths[CANDIDATE_MAX + 1] = {path}, *mapped = path;
	enum snapshot_status status;
	struct ianareg *opened;

	if (!path)
		snapshot_paths(paths);
	opened = handle_new(paths);
	if (!opened)
		return IANAREG_SYSTEM_ERROR;
	status = path ? snapshot_file_open(path, &opened->file) : snapshot_file_find(&opened->file, &mapped);
	if (status != SNAPSHOT_OK) {
		const int cause = errno;

		free(opened);
		errno = cause;
		return status_of(status);
	}
	opened->index.snapshot = &opened->file.snapshot;
	opened->rows = &opened->index;
	while (strcmp(opened->candidates[opened->used].path, mapped) != 0)
		opened->used++;
	opened->candidates[opened->used] = (struct candidate){
		.path = opened->candidates[opened->used].path,
		.identity = opened->file.identity,
		.is_there = true,
	};
	*registry = opened;
	return IANAREG_OK;
}

void ianareg_close(struct ianareg *registry)
{
	const int error = errno;

	if (!registry)
		return;
	row_index_free(&registry->index);
	snapshot_file_close(&registry->file);
	free(registry);
	errno = error;
}

const char *ianareg_candidate(unsigned index)
{
	const char *paths[CANDIDATE_MAX + 1];

	snapshot_paths(paths);
	for (unsigned i = 0; i < CANDIDATE_MAX && paths[i]; i++)
		if (i == index)
			return paths[i];
	return NULL;
}

const char *ianareg_path(const struct ianareg *registry)
{
	return registry->candidates[registry->used].path;
}

bool ianareg_is_current(const struct ianareg *registry)
{
	const int error = errno;
	bool is_current = true;

	for (unsigned i = 0; i <= registry->used && is_current; i++) {
		const struct candidate *candidate = &registry->candidates[i];
		struct file_identity now;
		const bool is_there = file_identify(candidate->path, &now);

		is_current = is_there == candidate->is_there && (!is_there || file_is_same(&now, &candidate->identity));
	}
	errno = error;
	return is_current;
}

enum ianareg_status ianareg_validate(const struct ianareg *registry)
{
	struct snapshot_fault fault;

	return status_of(snapshot_check(&registry->file.snapshot, &fault));
}

const char *ianareg_newest_date(const struct ianareg *registry)
{
	return snapshot_newest_date(&registry->file.snapshot);
}

uint32_t ianareg_entry_count(const struct ianareg *registry)
{
	return snapshot_entry_count(&registry->file.snapshot);
}

uint32_t ianareg_row_count(const struct ianareg *registry)
{
	return snapshot_row_count(&registry->file.snapshot);
}

static const char *alias_at(const char *aliases, uint32_t count, uint32_t index)
{
	if (index >= count)
		return NULL;
	while (index--)
		aliases = next_name(aliases);
	return aliases;
}

/* ---- entries ---- */

static enum ianareg_status entry_found(enum snapshot_status status, const struct snapshot_entry *found,
				       struct ianareg_entry *entry)
{
	if (status == SNAPSHOT_OK)
		*entry = (struct ianareg_entry){
			.name = found->names,
			.protocol = found->protocol,
			.aliases = found->alias_count ? next_name(found->names) : "",
			.alias_count = found->alias_count,
			.port = found->port,
		};
	return status_of(status);
}

enum ianareg_status ianareg_by_port(const struct ianareg *registry, unsigned port, const char *protocol,
				    struct ianareg_entry *entry)
{
	struct snapshot_entry found;
	const enum snapshot_status status = snapshot_find_port(&registry->file.snapshot, port, protocol, &found);

	return entry_found(status, &found, entry);
}

enum ianareg_status ianareg_by_name(const struct ianareg *registry, const char *name, const char *protocol,
				    struct ianareg_entry *entry)
{
	struct snapshot_entry found;
	const enum snapshot_status status = snapshot_find_name(&registry->file.snapshot, name, protocol, &found);

	return entry_found(status, &found, entry);
}

/* What is one number outside are two for the reader. Whatever the caller makes of it, the reader gets two it knows. */
enum { POSITION_PROTOCOL_BITS = 8 };

static struct snapshot_position position_of(uint32_t position)
{
	const uint32_t port = position >> POSITION_PROTOCOL_BITS;
	const uint32_t protocol_index = position & ((1u << POSITION_PROTOCOL_BITS) - 1);

	return (struct snapshot_position){
		.port = port < PORT_MAX + 1u ? port : PORT_MAX + 1u,
		.protocol_index = protocol_index < PROTOCOL_MAX ? protocol_index : PROTOCOL_MAX,
	};
}

enum ianareg_status ianareg_next_entry(const struct ianareg *registry, uint32_t *position, struct ianareg_entry *entry)
{
	struct snapshot_position at = position_of(*position);
	struct snapshot_entry found;
	const enum snapshot_status status = snapshot_at(&registry->file.snapshot, &at, &found);

	if (status == SNAPSHOT_OK) {
		snapshot_step(&at);
		*position = at.port << POSITION_PROTOCOL_BITS | at.protocol_index;
	}
	return entry_found(status, &found, entry);
}

const char *ianareg_entry_alias(const struct ianareg_entry *entry, uint32_t index)
{
	return alias_at(entry->aliases, entry->alias_count, index);
}

/* ---- rows ---- */

/* Both enums have the same numbers, so that a status needs no table; here is what holds them to it. */
_Static_assert((int)IANAREG_ASSIGNED == ROW_STATUS_ASSIGNED && (int)IANAREG_WITHOUT_PORT == ROW_STATUS_WITHOUT_PORT &&
		       (int)IANAREG_WITHOUT_NAME == ROW_STATUS_WITHOUT_NAME &&
		       (int)IANAREG_RESERVED == ROW_STATUS_RESERVED &&
		       (int)IANAREG_UNASSIGNED == ROW_STATUS_UNASSIGNED &&
		       (int)IANAREG_DE_REGISTERED == ROW_STATUS_DE_REGISTERED &&
		       (int)IANAREG_DYNAMIC == ROW_STATUS_DYNAMIC,
	       "the public numbers of row statuses are the internal ones");

const char *ianareg_row_status_text(enum ianareg_row_status status)
{
	return (unsigned)status < ROW_STATUS_STATUS_COUNT ? row_status_text((enum row_status)status) : "Unknown";
}

static enum ianareg_status row_found(enum snapshot_status status, const struct row_info *found, struct ianareg_row *row)
{
	if (status == SNAPSHOT_OK)
		*row = (struct ianareg_row){
			.name = found->row.name,
			.protocol = found->row.protocol,
			.aliases = found->aliases,
			.description = found->row.text[TEXT_DESCRIPTION],
			.assignee = found->row.text[TEXT_ASSIGNEE],
			.contact = found->row.text[TEXT_CONTACT],
			.registration_date = found->row.text[TEXT_REGISTRATION_DATE],
			.modification_date = found->row.text[TEXT_MODIFICATION_DATE],
			.reference = found->row.text[TEXT_REFERENCE],
			.service_code = found->row.text[TEXT_SERVICE_CODE],
			.unauthorized_use = found->row.text[TEXT_UNAUTHORIZED_USE],
			.notes = found->row.text[TEXT_NOTES],
			.alias_count = found->alias_count,
			.status = (enum ianareg_row_status)found->status,
			.first_port = found->row.first_port,
			.last_port = found->row.last_port,
			.has_port = found->row.has_port,
			.from_overlay = found->row.from_overlay,
		};
	return status_of(status);
}

enum ianareg_status ianareg_next_row(const struct ianareg *registry, uint32_t *position, struct ianareg_row *row)
{
	const struct snapshot *snapshot = &registry->file.snapshot;
	struct snapshot_row found;
	struct row_info row_info;
	const enum snapshot_status status = snapshot_row(snapshot, *position, &found);

	if (status == SNAPSHOT_OK) {
		row_info = row_info_of(snapshot, &found);
		(*position)++;
	}
	return row_found(status, &row_info, row);
}

/* The next row of a key; the position is the walk's. */
static enum ianareg_status next_row_of(const struct ianareg *registry, const struct key *key, uint32_t *position,
				       struct ianareg_row *row)
{
	struct row_info found;
	const enum snapshot_status status = row_walk_next(registry->rows, key, position, &found);

	return row_found(status, &found, row);
}

enum ianareg_status ianareg_next_row_of_ports(const struct ianareg *registry, unsigned first_port, unsigned last_port,
					      const char *protocol, uint32_t *position, struct ianareg_row *row)
{
	struct key key = {.kind = KEY_RANGE, .protocol = protocol};

	if (first_port > last_port || first_port > PORT_MAX)
		return IANAREG_NOT_FOUND;
	key.first_port = (uint16_t)first_port;
	key.last_port = last_port > PORT_MAX ? PORT_MAX : (uint16_t)last_port;
	return next_row_of(registry, &key, position, row);
}

enum ianareg_status ianareg_next_row_of_name(const struct ianareg *registry, const char *name, const char *protocol,
					     uint32_t *position, struct ianareg_row *row)
{
	struct key key = {.kind = KEY_NAME, .protocol = protocol};
	const size_t size = strnlen(name, sizeof key.name);

	if (!size || size == sizeof key.name)
		return IANAREG_NOT_FOUND;
	memcpy(key.name, name, size);
	return next_row_of(registry, &key, position, row);
}

const char *ianareg_row_alias(const struct ianareg_row *row, uint32_t index)
{
	return alias_at(row->aliases, row->alias_count, index);
}

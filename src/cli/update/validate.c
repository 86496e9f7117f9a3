/* SPDX-License-Identifier: MIT */
/* Full validation of a snapshot in memory that came from elsewhere. */
#include <string.h>

#include "cli/update/validate.h"
#include "snapshot/accessors.h"
#include "snapshot/protocols.h"
#include "snapshot/rows.h"

struct validation {
	const char *name;
	const struct registry_options *options;
	const struct snapshot *snapshot;
};

static bool same_record(const struct snapshot_entry *a, const struct snapshot_entry *b)
{
	return a->record == b->record && a->protocol_index == b->protocol_index;
}

static bool is_found(const struct snapshot *snapshot, const struct snapshot_entry *entry)
{
	struct snapshot_entry found;

	return snapshot_find_port(snapshot, entry->port, entry->protocol, &found) == SNAPSHOT_OK &&
	       same_record(&found, entry) &&
	       snapshot_find_name(snapshot, entry->names, entry->protocol, &found) == SNAPSHOT_OK;
}

static enum exit_status validate_entries(const struct validation *validation)
{
	struct snapshot_position position = {0};
	struct snapshot_entry entry;
	uint32_t count = 0;

	for (; snapshot_at(validation->snapshot, &position, &entry) == SNAPSHOT_OK; snapshot_step(&position), count++)
		if (!is_found(validation->snapshot, &entry)) {
			complain(validation->name, "its entry at %u/%s is not found", entry.port, entry.protocol);
			return EXIT_INVALID;
		}
	if (count == snapshot_entry_count(validation->snapshot))
		return EXIT_DONE;
	complain(validation->name, "has %u entries, and not the %u it claims", count,
		 snapshot_entry_count(validation->snapshot));
	return EXIT_INVALID;
}

/* A compile leaves out, with a warning, the names that an entry has no more room for. */
static bool has_no_room(const struct snapshot_entry *entry, const char *name)
{
	return entry->alias_count + 1 == NAME_COUNT_MAX || entry->names_size + strlen(name) + 1 > NAMES_MAX_BYTES;
}

static bool row_answers_at(const struct validation *validation, const struct snapshot_row *row, uint32_t port,
			   unsigned index)
{
	const char *protocol = snapshot_protocol_name(validation->snapshot, index);
	struct snapshot_entry by_port, by_name;

	if (!row->from_overlay &&
	    (port > validation->options->max_port || !(validation->options->protocols >> index & 1)))
		return true;
	return snapshot_find_port(validation->snapshot, port, protocol, &by_port) == SNAPSHOT_OK &&
	       (snapshot_find_name(validation->snapshot, row->name, protocol, &by_name) == SNAPSHOT_OK ||
		has_no_room(&by_port, row->name));
}

static bool row_answers(const struct validation *validation, const struct snapshot_row *row)
{
	if (!*row->name || !row->has_port)
		return true;
	for (uint32_t port = row->first_port; port <= row->last_port; port++)
		for (uint32_t left = row_protocols(row->protocol_index); left; left &= left - 1)
			if (!row_answers_at(validation, row, port, (unsigned)__builtin_ctz(left)))
				return false;
	return true;
}

static enum exit_status validate_rows(const struct validation *validation)
{
	const uint32_t count = snapshot_row_count(validation->snapshot);
	struct snapshot_row row;

	for (uint32_t i = 0; i < count; i++) {
		if (snapshot_row(validation->snapshot, i, &row) != SNAPSHOT_OK) {
			complain(validation->name, "%s (row %u)", snapshot_status_text(SNAPSHOT_BAD_ROW), i);
			return EXIT_INVALID;
		}
		if (validation->options && !row_answers(validation, &row)) {
			complain(validation->name, "a row does not answer though it should (row %u)", i);
			return EXIT_INVALID;
		}
	}
	return EXIT_DONE;
}

static enum exit_status check_snapshot(const char *name, const struct snapshot *snapshot)
{
	struct snapshot_fault fault;
	enum snapshot_status status = snapshot_check(snapshot, &fault);

	if (status == SNAPSHOT_OK)
		return EXIT_DONE;
	complain(name, "%s (section %s, item %u)", snapshot_status_text(status), snapshot_section_name(fault.section),
		 fault.item);
	return EXIT_INVALID;
}

enum exit_status validate_bytes(const char *name, const void *bytes, size_t size,
				const struct registry_options *options, struct snapshot *snapshot)
{
	struct snapshot opened;
	enum snapshot_status status = snapshot_open(bytes, size, &opened);
	const struct validation validation = {name, options, &opened};

	if (status != SNAPSHOT_OK) {
		complain(name, "%s", snapshot_status_text(status));
		return EXIT_INVALID;
	}

	enum exit_status verdict = check_snapshot(name, &opened);

	if (verdict == EXIT_DONE)
		verdict = validate_entries(&validation);
	if (verdict == EXIT_DONE)
		verdict = validate_rows(&validation);
	if (verdict == EXIT_DONE)
		*snapshot = opened;
	return verdict;
}

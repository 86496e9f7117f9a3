/* SPDX-License-Identifier: MIT */
/* The proof of a snapshot in memory that somebody else made. */
#include <string.h>

#include "cli/update/validate.h"
#include "snapshot/accessors.h"
#include "snapshot/rows.h"

struct proof {
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

static enum exit_status prove_entries(const struct proof *proof)
{
	struct snapshot_position position = {0};
	struct snapshot_entry entry;
	uint32_t count = 0;

	for (; snapshot_at(proof->snapshot, &position, &entry) == SNAPSHOT_OK; snapshot_step(&position), count++)
		if (!is_found(proof->snapshot, &entry)) {
			complain(proof->name, "its entry at %u/%s is not found", entry.port, entry.protocol);
			return EXIT_INVALID;
		}
	if (count == snapshot_entry_count(proof->snapshot))
		return EXIT_DONE;
	complain(proof->name, "has %u entries, and not the %u it claims", count, snapshot_entry_count(proof->snapshot));
	return EXIT_INVALID;
}

/* A compile leaves out, with a warning, the names that an entry has no more room for. */
static bool has_no_room(const struct snapshot_entry *entry, const char *name)
{
	return entry->alias_count + 1 == NAME_COUNT_MAX || entry->names_size + strlen(name) + 1 > NAMES_MAX_BYTES;
}

static bool answers_at(const struct proof *proof, const struct snapshot_row *row, uint32_t port, const char *protocol)
{
	const int index = snapshot_protocol_index(proof->snapshot, protocol);
	struct snapshot_entry by_port, by_name;

	if (!row->from_overlay &&
	    (port > proof->options->max_port || (index >= 0 && !(proof->options->protocols >> index & 1))))
		return true;
	return snapshot_find_port(proof->snapshot, port, protocol, &by_port) == SNAPSHOT_OK &&
	       (snapshot_find_name(proof->snapshot, row->name, protocol, &by_name) == SNAPSHOT_OK ||
		has_no_room(&by_port, row->name));
}

static bool answers(const struct proof *proof, const struct snapshot_row *row)
{
	if (!*row->name || !row->has_port)
		return true;
	for (uint32_t port = row->first_port; port <= row->last_port; port++) {
		if (!answers_at(proof, row, port, *row->protocol ? row->protocol : "tcp"))
			return false;
		if (!*row->protocol && !answers_at(proof, row, port, "udp"))
			return false;
	}
	return true;
}

static enum exit_status prove_rows(const struct proof *proof)
{
	const uint32_t count = snapshot_row_count(proof->snapshot);
	struct snapshot_row row;

	for (uint32_t i = 0; i < count; i++) {
		if (snapshot_row(proof->snapshot, i, &row) != SNAPSHOT_OK) {
			complain(proof->name, "%s (row %u)", snapshot_status_text(SNAPSHOT_BAD_ROW), i);
			return EXIT_INVALID;
		}
		if (proof->options && !answers(proof, &row)) {
			complain(proof->name, "a row does not answer though it should (row %u)", i);
			return EXIT_INVALID;
		}
	}
	return EXIT_DONE;
}

static enum exit_status check(const char *name, const struct snapshot *snapshot)
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
	const struct proof proof = {name, options, &opened};

	if (status != SNAPSHOT_OK) {
		complain(name, "%s", snapshot_status_text(status));
		return EXIT_INVALID;
	}

	enum exit_status verdict = check(name, &opened);

	if (verdict == EXIT_DONE)
		verdict = prove_entries(&proof);
	if (verdict == EXIT_DONE)
		verdict = prove_rows(&proof);
	if (verdict == EXIT_DONE)
		*snapshot = opened;
	return verdict;
}

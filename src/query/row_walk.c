/* SPDX-License-Identifier: MIT */
/* The rows that concern a key. */
#include "query/row_walk.h"

/* The key's name, and the service names it is an alias of. */
struct wanted_names {
	const char *names[1 + PROTOCOL_MAX];
	unsigned count;
};

static bool is_wanted(const struct wanted_names *wanted, const char *name)
{
	for (unsigned i = 0; i < wanted->count; i++)
		if (same_name(wanted->names[i], name))
			return true;
	return false;
}

static void want_service_of(const struct snapshot *snapshot, const char *name, const char *protocol,
			    struct wanted_names *wanted)
{
	struct snapshot_entry entry;

	if (snapshot_find_name(snapshot, name, protocol, &entry) == SNAPSHOT_OK && !is_wanted(wanted, entry.names))
		wanted->names[wanted->count++] = entry.names;
}

/* A name can be an alias with one protocol and a service of its own with another. */
static struct wanted_names names_for(const struct snapshot *snapshot, const struct key *key)
{
	struct wanted_names wanted = {.names = {key->name}, .count = 1};

	if (key->protocol)
		want_service_of(snapshot, key->name, key->protocol, &wanted);
	for (unsigned i = 0; !key->protocol && i < PROTOCOL_MAX && *snapshot_protocol_name(snapshot, i); i++)
		want_service_of(snapshot, key->name, snapshot_protocol_name(snapshot, i), &wanted);
	return wanted;
}

/* The first row from `from` on that has any of the names. */
static uint32_t row_of_names(struct row_index *index, const struct key *key, uint32_t from)
{
	const struct wanted_names wanted = names_for(index->snapshot, key);
	uint32_t first = NO_ROW_LEFT;

	for (unsigned i = 0; i < wanted.count; i++) {
		const uint32_t row = row_named(index, wanted.names[i], from);

		if (row < first)
			first = row;
	}
	return first;
}

static bool concerns(const struct key *key, const struct snapshot_row *row)
{
	return !key->protocol || row_has_protocol(row, key->protocol);
}

/* Whether the key asks for a port from DYNAMIC_FIRST on that none of its rows speaks of. */
static bool asks_for_dynamic_port(const struct row_index *index, const struct key *key)
{
	unsigned port = key->first_port > DYNAMIC_FIRST ? key->first_port : DYNAMIC_FIRST;
	struct snapshot_row row;
	uint32_t number = 0;

	if (key->kind == KEY_NAME || port > key->last_port)
		return false;
	while ((number = row_at_ports(index, (uint16_t)port, key->last_port, number)) != NO_ROW_LEFT) {
		if (snapshot_row(index->snapshot, number++, &row) != SNAPSHOT_OK || !concerns(key, &row))
			continue;
		if (row.first_port > port)
			break;
		if (row.last_port >= port)
			port = row.last_port + 1u;
		if (port > key->last_port)
			return false;
	}
	return true;
}

enum snapshot_status row_walk_next(struct row_index *index, const struct key *key, uint32_t *position,
				   struct row_info *row_info)
{
	const bool by_name = key->kind == KEY_NAME;
	struct snapshot_row row;
	uint32_t number = *position;
	enum snapshot_status status = SNAPSHOT_NOT_FOUND;

	if (number != ROW_WALK_END)
		status = (by_name ? index_names : index_ports)(index, position);
	if (status != SNAPSHOT_OK)
		return status;
	while ((number = by_name ? row_of_names(index, key, number)
				 : row_at_ports(index, key->first_port, key->last_port, number)) != NO_ROW_LEFT) {
		status = snapshot_row(index->snapshot, number, &row);
		*position = status == SNAPSHOT_OK ? number + 1 : number;
		if (status != SNAPSHOT_OK)
			return status;
		if (concerns(key, &row)) {
			*row_info = row_info_of(index->snapshot, &row);
			return SNAPSHOT_OK;
		}
		number++;
	}
	*position = ROW_WALK_END;
	if (!asks_for_dynamic_port(index, key))
		return SNAPSHOT_NOT_FOUND;
	*row_info = row_info_of_dynamic_ports();
	return SNAPSHOT_OK;
}

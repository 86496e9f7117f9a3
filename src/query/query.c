/* SPDX-License-Identifier: MIT */
/* What the registry has for a key. */
#include <string.h>

#include "base/memory.h"
#include "query/query.h"

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

static void add_fact(struct finding *finding, struct row_info row_info)
{
	finding->facts = grow_by_one(finding->facts, finding->fact_count, sizeof row_info);
	finding->facts[finding->fact_count++] = row_info;
}

/* The row with that number, if its protocol is one that the key asks for. */
static enum snapshot_status add_row(const struct snapshot *snapshot, const struct key *key, uint32_t number,
				    struct finding *finding, uint32_t *bad_row)
{
	struct snapshot_row row;
	const enum snapshot_status status = snapshot_row(snapshot, number, &row);

	if (status != SNAPSHOT_OK)
		*bad_row = number;
	else if (!key->protocol || row_has_protocol(&row, key->protocol))
		add_fact(finding, row_info_of(snapshot, &row));
	return status;
}

static enum snapshot_status find_ports(struct row_index *index, const struct key *key, struct finding *finding,
				       uint32_t *bad_row)
{
	enum snapshot_status status = index_ports(index, bad_row);
	uint32_t row = 0;

	while (status == SNAPSHOT_OK) {
		row = row_at_ports(index, key->first_port, key->last_port, row);
		if (row == NO_ROW_LEFT)
			break;
		status = add_row(index->snapshot, key, row++, finding, bad_row);
	}
	return status;
}

/* Numbers of the rows with any of these names, in order; free() them. */
static uint64_t *rows_named(const struct row_index *index, const struct wanted_names *wanted, uint32_t *count)
{
	uint64_t *numbers = NULL;

	*count = 0;
	for (unsigned i = 0; i < wanted->count; i++) {
		const char *name = wanted->names[i];

		for (uint32_t row = first_row_named(index, name); row != NO_ROW_LEFT;
		     row = next_row_named(index, name, row)) {
			numbers = grow_by_one(numbers, *count, sizeof *numbers);
			numbers[(*count)++] = row;
		}
	}
	if (*count)
		qsort(numbers, *count, sizeof *numbers, compare_u64);
	return numbers;
}

static enum snapshot_status find_names(struct row_index *index, const struct key *key, struct finding *finding,
				       uint32_t *bad_row)
{
	const struct wanted_names wanted = names_for(index->snapshot, key);
	enum snapshot_status status = index_names(index, bad_row);
	uint32_t count;

	if (status != SNAPSHOT_OK)
		return status;

	uint64_t *numbers = rows_named(index, &wanted, &count);

	for (uint32_t i = 0; status == SNAPSHOT_OK && i < count; i++)
		status = add_row(index->snapshot, key, (uint32_t)numbers[i], finding, bad_row);
	free(numbers);
	return status;
}

/* Whether the key asks for a port from DYNAMIC_FIRST on that no row found speaks of. */
static bool asks_for_dynamic_port(const struct key *key, const struct finding *finding)
{
	unsigned port = key->first_port > DYNAMIC_FIRST ? key->first_port : DYNAMIC_FIRST;

	for (uint32_t i = 0; i < finding->fact_count; i++) {
		const struct snapshot_row *row = &finding->facts[i].row;

		if (row->first_port <= port && row->last_port >= port)
			port = row->last_port + 1u;
	}
	return key->kind != KEY_NAME && port <= key->last_port;
}

static void find_answer(const struct snapshot *snapshot, const struct key *key, struct finding *finding)
{
	enum snapshot_status status = SNAPSHOT_NOT_FOUND;

	if (key->kind == KEY_PORT)
		status = snapshot_find_port(snapshot, key->first_port, key->protocol, &finding->answer);
	else if (key->kind == KEY_NAME)
		status = snapshot_find_name(snapshot, key->name, key->protocol, &finding->answer);
	finding->has_answer = status == SNAPSHOT_OK;
}

enum snapshot_status query_key(struct row_index *index, const struct key *key, struct finding *finding,
			       uint32_t *bad_row)
{
	struct finding found = {0};
	enum snapshot_status status = key->kind == KEY_NAME ? find_names(index, key, &found, bad_row)
							    : find_ports(index, key, &found, bad_row);

	if (status != SNAPSHOT_OK) {
		query_result_free(&found);
		return status;
	}
	if (asks_for_dynamic_port(key, &found))
		add_fact(&found, row_info_of_dynamic_ports());
	find_answer(index->snapshot, key, &found);
	*finding = found;
	return SNAPSHOT_OK;
}

void query_result_free(struct finding *finding)
{
	free(finding->facts);
	*finding = (struct finding){0};
}

/* SPDX-License-Identifier: MIT */
/* What the registry has for a key. */
#include <string.h>

#include "cli/finding.h"
#include "compiler/memory.h"
#include "snapshot/name.h"

/* The key's name, and the service names it is an alias of. */
struct wanted_names {
	const char *names[1 + PROTOCOL_MAX];
	unsigned count;
};

static bool same_name(const char *a, const char *b)
{
	const size_t size = strlen(a);

	return size == strlen(b) && names_fold_equal(a, b, size);
}

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

static bool concerns(const struct snapshot_row *row, const struct key *key, const struct wanted_names *wanted)
{
	if (key->protocol && !row_has_protocol(row, key->protocol))
		return false;
	if (key->kind == KEY_NAME)
		return is_wanted(wanted, row->name);
	return row->has_port && row->first_port <= key->last_port && row->last_port >= key->first_port;
}

static void add_fact(struct finding *finding, struct fact fact)
{
	finding->facts = room_for_one(finding->facts, finding->fact_count, sizeof fact);
	finding->facts[finding->fact_count++] = fact;
}

static enum snapshot_status find_rows(const struct snapshot *snapshot, const struct key *key, struct finding *finding,
				      uint32_t *bad_row)
{
	const struct wanted_names wanted = names_for(snapshot, key);
	const uint32_t count = snapshot_row_count(snapshot);
	struct snapshot_row row;

	for (uint32_t i = 0; i < count; i++) {
		enum snapshot_status status = snapshot_row(snapshot, i, &row);

		if (status != SNAPSHOT_OK) {
			*bad_row = i;
			return status;
		}
		if (key->kind != KEY_NAME && (!row.has_port || row.first_port > key->last_port))
			break; /* rows are in order of their first port */
		if (concerns(&row, key, &wanted))
			add_fact(finding, fact_of_row(snapshot, &row));
	}
	return SNAPSHOT_OK;
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

enum snapshot_status find_key(const struct snapshot *snapshot, const struct key *key, struct finding *finding,
			      uint32_t *bad_row)
{
	struct finding found = {0};
	enum snapshot_status status = find_rows(snapshot, key, &found, bad_row);

	if (status != SNAPSHOT_OK) {
		free_finding(&found);
		return status;
	}
	if (asks_for_dynamic_port(key, &found))
		add_fact(&found, fact_of_dynamic_ports());
	find_answer(snapshot, key, &found);
	*finding = found;
	return SNAPSHOT_OK;
}

void free_finding(struct finding *finding)
{
	free(finding->facts);
	*finding = (struct finding){0};
}

/* SPDX-License-Identifier: MIT */
/* Answers that differ though the rows do not. */
#include <string.h>

#include "base/memory.h"
#include "base/text_index.h"
#include "diff/answer_changes.h"
#include "query/row_info.h"
#include "snapshot/accessors.h"

enum {
	SIDE_COUNT = 2,
	ALL_PROTOCOLS_MAX = SIDE_COUNT * PROTOCOL_MAX,
	NO_PROTOCOL = ALL_PROTOCOLS_MAX, /* asked without one */
};

struct asking {
	const struct snapshot *before, *after;
	const char *protocols[ALL_PROTOCOLS_MAX]; /* of either snapshot, each once: their indexes differ */
	unsigned protocol_count;
	uint16_t *accounted; /* by port: bits of the protocols whose answer is known to differ */
	struct text_index names; /* all that finds an answer, by number of the protocol asked */
	struct changes *changes;
};

/* Number of a protocol among those of both snapshots; it is added if it is new. */
static unsigned protocol_number(struct asking *asking, const char *protocol)
{
	unsigned i = 0;

	while (i < asking->protocol_count && strcmp(asking->protocols[i], protocol) != 0)
		i++;
	if (i == asking->protocol_count)
		asking->protocols[asking->protocol_count++] = protocol;
	return i;
}

static void take_protocols(struct asking *asking, const struct snapshot *snapshot)
{
	for (unsigned i = 0; i < PROTOCOL_MAX && *snapshot_protocol_name(snapshot, i); i++)
		protocol_number(asking, snapshot_protocol_name(snapshot, i));
}

/* Count a row in and out at the ends of its ports, so that a wide range costs no more than a port. */
static void mark_ends(const struct snapshot_row *row, const char *protocol, int32_t *ends)
{
	if (!row->name || !*row->name || !row->has_port || !row_has_protocol(row, protocol))
		return;
	ends[row->first_port]++;
	ends[row->last_port + 1]--;
}

/* Where rows changed, answers may: rows without a name or a port have none. */
static void account_for_rows(struct asking *asking)
{
	int32_t *ends = xcheck(malloc((PORT_MAX + 2) * sizeof *ends));

	for (unsigned p = 0; p < asking->protocol_count; p++) {
		int32_t rows = 0;

		memset(ends, 0, (PORT_MAX + 2) * sizeof *ends);
		for (uint32_t i = 0; i < asking->changes->count; i++) {
			mark_ends(&asking->changes->list[i].before, asking->protocols[p], ends);
			mark_ends(&asking->changes->list[i].after, asking->protocols[p], ends);
		}
		for (uint32_t port = 0; port <= PORT_MAX; port++) {
			rows += ends[port];
			asking->accounted[port] |= (uint16_t)((rows > 0) << p);
		}
	}
	free(ends);
}

static bool same_answer(const struct answer_change *change)
{
	const struct snapshot_entry *a = &change->before, *b = &change->after;

	if (!change->has_before || !change->has_after)
		return change->has_before == change->has_after;
	return a->port == b->port && strcmp(a->protocol, b->protocol) == 0 && a->names_size == b->names_size &&
	       memcmp(a->names, b->names, a->names_size) == 0;
}

static bool is_accounted(struct asking *asking, const struct snapshot_entry *entry)
{
	return asking->accounted[entry->port] >> protocol_number(asking, entry->protocol) & 1;
}

/*
 * Whether two answers to a question without a protocol tell more than those to the same question with one: the answer
 * has another protocol. For that one, either snapshot answers as it does here.
 */
static bool tells_more(const struct answer_change *change)
{
	return change->has_before && change->has_after && strcmp(change->before.protocol, change->after.protocol) != 0;
}

/* List the question if its answers differ and nothing accounts for it. */
static void compare_answers(struct asking *asking, const struct answer_change *change)
{
	struct changes *changes = asking->changes;

	if (same_answer(change) || (!change->protocol && !tells_more(change)) ||
	    (change->has_before && is_accounted(asking, &change->before)) ||
	    (change->has_after && is_accounted(asking, &change->after)))
		return;
	changes->answers = grow_by_one(changes->answers, changes->answer_count, sizeof *changes->answers);
	changes->answers[changes->answer_count++] = *change;
	if (!change->name && change->protocol)
		asking->accounted[change->port] |= (uint16_t)(1u << protocol_number(asking, change->protocol));
}

static void ask_port(struct asking *asking, uint16_t port, const char *protocol)
{
	struct answer_change change = {.port = port, .protocol = protocol};

	change.has_before = snapshot_find_port(asking->before, port, protocol, &change.before) == SNAPSHOT_OK;
	change.has_after = snapshot_find_port(asking->after, port, protocol, &change.after) == SNAPSHOT_OK;
	compare_answers(asking, &change);
}

/* Most ports have none, and with any protocol at all that is quickly seen. */
static bool has_answer(const struct asking *asking, uint32_t port)
{
	struct snapshot_entry entry;

	return snapshot_find_port(asking->before, port, NULL, &entry) == SNAPSHOT_OK ||
	       snapshot_find_port(asking->after, port, NULL, &entry) == SNAPSHOT_OK;
}

static void ask_ports(struct asking *asking)
{
	for (uint32_t port = 0; port <= PORT_MAX; port++) {
		if (!has_answer(asking, port))
			continue;
		for (unsigned p = 0; p < asking->protocol_count; p++)
			ask_port(asking, (uint16_t)port, asking->protocols[p]);
		ask_port(asking, (uint16_t)port, NULL);
	}
}

static void take_names_of(struct asking *asking, const struct snapshot *snapshot, const struct snapshot_entry *entry)
{
	const char *name = entry->names;

	for (uint32_t i = 0; i <= entry->alias_count; i++, name = next_name(name)) {
		const uint32_t size = (uint32_t)strlen(name);

		for (unsigned p = 0; p < PROTOCOL_MAX; p++)
			if (entry->protocols >> p & 1)
				text_index_add(
					&asking->names,
					(struct text_key){name, size,
							  protocol_number(asking, snapshot_protocol_name(snapshot, p))},
					NULL);
		text_index_add(&asking->names, (struct text_key){name, size, NO_PROTOCOL}, NULL);
	}
}

/* By the records, among which are those that are found by name only, too. */
static void take_names(struct asking *asking, const struct snapshot *snapshot)
{
	struct snapshot_entry record;
	uint32_t number = FIRST_RECORD;

	while (snapshot_record_from(snapshot, &number, &record) == SNAPSHOT_OK) {
		take_names_of(asking, snapshot, &record);
		number = snapshot_record_after(number, &record);
	}
}

static void ask_names(struct asking *asking)
{
	for (uint32_t i = 0; i < asking->names.count; i++) {
		const struct text_key *key = &asking->names.keys[i];
		const char *protocol = key->number == NO_PROTOCOL ? NULL : asking->protocols[key->number];
		struct answer_change change = {.name = key->bytes, .protocol = protocol};

		change.has_before =
			snapshot_find_name(asking->before, key->bytes, protocol, &change.before) == SNAPSHOT_OK;
		change.has_after =
			snapshot_find_name(asking->after, key->bytes, protocol, &change.after) == SNAPSHOT_OK;
		compare_answers(asking, &change);
	}
}

/* By name, then protocol, none last. */
static int compare_by_name(const void *a, const void *b)
{
	const struct answer_change *x = a, *y = b;
	const int order = strcmp(x->name, y->name);

	if (order || !x->protocol || !y->protocol)
		return order ? order : !x->protocol - !y->protocol;
	return strcmp(x->protocol, y->protocol);
}

void find_answer_changes(const struct snapshot *before, const struct snapshot *after, struct changes *changes)
{
	struct asking asking = {.before = before, .after = after, .changes = changes};

	asking.accounted = xcheck(calloc(PORT_MAX + 1, sizeof *asking.accounted));
	take_protocols(&asking, before);
	take_protocols(&asking, after);
	account_for_rows(&asking);
	ask_ports(&asking);

	const uint32_t by_port = changes->answer_count;

	take_names(&asking, before);
	take_names(&asking, after);
	ask_names(&asking);
	if (changes->answer_count > by_port)
		qsort(changes->answers + by_port, changes->answer_count - by_port, sizeof *changes->answers,
		      compare_by_name);
	free(asking.accounted);
	text_index_free(&asking.names);
}

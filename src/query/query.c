/* SPDX-License-Identifier: MIT */
/* What the registry has for a key. */
#include "base/memory.h"
#include "query/query.h"
#include "query/row_walk.h"

static void add_fact(struct finding *finding, struct row_info row_info)
{
	finding->facts = grow_by_one(finding->facts, finding->fact_count, sizeof row_info);
	finding->facts[finding->fact_count++] = row_info;
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
	struct row_info row_info;
	uint32_t position = 0;
	enum snapshot_status status;

	while ((status = row_walk_next(index, key, &position, &row_info)) == SNAPSHOT_OK)
		add_fact(&found, row_info);
	if (status != SNAPSHOT_NOT_FOUND) {
		*bad_row = position;
		query_result_free(&found);
		return status;
	}
	find_answer(index->snapshot, key, &found);
	*finding = found;
	return SNAPSHOT_OK;
}

void query_result_free(struct finding *finding)
{
	free(finding->facts);
	*finding = (struct finding){0};
}

/* SPDX-License-Identifier: MIT */
/* A query: the rows that the registry has for a key, and what getservby*() answers to it. */
#ifndef IANAREG_QUERY_QUERY_H
#define IANAREG_QUERY_QUERY_H

#include "query/key.h"
#include "query/row_index.h"
#include "query/row_info.h"

struct finding {
	bool has_answer;
	struct snapshot_entry answer; /* through the NSS module's own reader; none for a range */
	struct row_info *facts; /* in canonical order */
	uint32_t fact_count;
};

/*
 * All that concerns the key: rows whose ports and protocol meet it, or rows of that name and of the name it is an
 * alias of. query_result_free() it. SNAPSHOT_BAD_ROW for a damaged row, with its number in *bad_row and nothing found.
 */
enum snapshot_status query_key(struct row_index *index, const struct key *key, struct finding *finding,
			       uint32_t *bad_row);
void query_result_free(struct finding *finding);

#endif

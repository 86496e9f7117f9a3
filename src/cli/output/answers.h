/* SPDX-License-Identifier: MIT */
/* Results of lookups printed: on a terminal, in a pipe, as JSON. Ends the process where there is no memory. */
#ifndef IANAREG_CLI_OUTPUT_ANSWERS_H
#define IANAREG_CLI_OUTPUT_ANSWERS_H

#include "export/row_json.h"
#include "query/row_group.h"

enum answer_format {
	ANSWER_LINES, /* a row a line, for programs */
	ANSWER_JSON, /* an array */
	ANSWER_JSON_LINES, /* an object a line */
	ANSWER_FITTING, /* for people: blocks, or from the fourth on a table */
	ANSWER_BLOCKS,
	ANSWER_TABLE,
};

/* Begin with {.format = ..., .list.stream = stdout}. */
struct answers {
	enum answer_format format;
	struct json_list list;
	struct row_groups groups; /* not shown yet */
	bool has_shown; /* so that a blank line goes between */
};

/*
 * Take a key's answer; `fault` says what is wrong with a key that has none, or is NULL. Texts must last until they are
 * shown.
 */
void answers_add(struct answers *answers, const char *key, const struct finding *finding, const char *fault);

/* Show what has not been shown: for people, rows wait for each other. */
void answers_print(struct answers *answers);

/* The same, and nothing comes after it. */
void answers_free(struct answers *answers);

#endif

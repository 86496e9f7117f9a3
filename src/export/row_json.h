/* SPDX-License-Identifier: MIT */
/* Rows, answers and queries as JSON (jansson). Ends the process where there is no memory. */
#ifndef IANAREG_EXPORT_ROW_JSON_H
#define IANAREG_EXPORT_ROW_JSON_H

#include <stdio.h>

#include <jansson.h>

#include "query/query.h"

/* A string; null for "". What is not UTF-8 comes as in write_escaped(). */
json_t *json_text(const char *text);

/* Set a member to a new value. */
void json_put(json_t *object, const char *member, json_t *value);

/* A row as an object; always the same members in the same order. */
json_t *json_row_info(const struct row_info *row_info);

/* An answer as an object; null for NULL. */
json_t *json_answer(const struct snapshot_entry *entry);

/* A key with its answer and its rows; with {0} and what is wrong for a key that could not be looked up, else NULL. */
json_t *json_query_result(const char *key, const struct finding *finding, const char *fault);

/* Write a value in lines, two blanks a level; then a newline. Write errors stay in the stream. Frees the value. */
void json_print(json_t *value, FILE *stream);

/* Write a value in one line. Write errors stay in the stream. Frees the value. */
void json_print_line(json_t *value, FILE *stream);

/* Write a value as json_print() does, its lines after the first `indent` blanks further in, and no newline after. */
void json_write(json_t *value, unsigned indent, FILE *stream);

/*
 * An array written item by item, so that it may be longer than memory. Begin with {.stream = ...}; inside an object
 * with the blanks before its last line, and then no newline is put after it.
 */
struct json_list {
	FILE *stream;
	unsigned indent;
	bool has_items;
};
void json_list_add(struct json_list *list, json_t *item); /* frees the item */
void json_list_end(struct json_list *list);

#endif

/* SPDX-License-Identifier: MIT */
/* Rows, answers and queries as JSON. */
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "export/row_json.h"

enum { JSON_STYLE = JSON_INDENT(2) | JSON_PRESERVE_ORDER };

static json_t *json_string_of(const char *text)
{
	if (utf8_valid(text, strlen(text)))
		return xcheck(json_string(text));

	char *safe = escape_text(text);
	json_t *string = xcheck(json_string(safe));

	free(safe);
	return string;
}

json_t *json_text(const char *text)
{
	return *text ? json_string_of(text) : json_null();
}

void json_put(json_t *object, const char *member, json_t *value)
{
	if (json_object_set_new(object, member, xcheck(value)) != 0)
		xcheck(NULL);
}

static json_t *json_names(const char *names, uint32_t count)
{
	json_t *array = xcheck(json_array());

	for (uint32_t i = 0; i < count; i++, names = next_name(names))
		if (json_array_append_new(array, json_string_of(names)) != 0)
			xcheck(NULL);
	return array;
}

static json_t *json_port(const struct snapshot_row *row, uint16_t port)
{
	return row->has_port ? json_integer(port) : json_null();
}

json_t *json_row_info(const struct row_info *row_info)
{
	const struct snapshot_row *row = &row_info->row;
	json_t *object = xcheck(json_object());

	json_put(object, "name", json_text(row->name));
	json_put(object, "first_port", json_port(row, row->first_port));
	json_put(object, "last_port", json_port(row, row->last_port));
	json_put(object, "protocol", json_text(row->protocol));
	json_put(object, "status", json_text(row_status_text(row_info->status)));
	json_put(object, "aliases", json_names(row_info->aliases, row_info->alias_count));
	for (unsigned i = 0; i < TEXT_COUNT; i++)
		json_put(object, row_text_name(i), json_text(row->text[i]));
	json_put(object, "overlay", json_boolean(row->from_overlay));
	return object;
}

json_t *json_answer(const struct snapshot_entry *entry)
{
	if (!entry)
		return json_null();

	json_t *object = xcheck(json_object());

	json_put(object, "name", json_text(entry->names));
	json_put(object, "aliases", json_names(next_name(entry->names), entry->alias_count));
	json_put(object, "port", json_integer(entry->port));
	json_put(object, "protocol", json_text(entry->protocol));
	return object;
}

json_t *json_query_result(const char *key, const struct finding *finding, const char *fault)
{
	json_t *object = xcheck(json_object()), *rows = xcheck(json_array());

	for (uint32_t i = 0; i < finding->fact_count; i++)
		if (json_array_append_new(rows, json_row_info(&finding->facts[i])) != 0)
			xcheck(NULL);
	json_put(object, "key", json_string_of(key));
	json_put(object, "found", json_boolean(finding->fact_count > 0));
	json_put(object, "answer", json_answer(finding->has_answer ? &finding->answer : NULL));
	json_put(object, "rows", rows);
	json_put(object, "error", json_text(fault ? fault : ""));
	return object;
}

/* As one value and a newline; frees it. */
static void json_dump_to(json_t *value, size_t flags, FILE *stream)
{
	char *lines = xcheck(json_dumps(value, flags));

	write_printable_json(lines, stream);
	fputc('\n', stream);
	free(lines);
	json_decref(value);
}

void json_print(json_t *value, FILE *stream)
{
	json_dump_to(value, JSON_STYLE, stream);
}

void json_print_line(json_t *value, FILE *stream)
{
	json_dump_to(value, JSON_COMPACT | JSON_PRESERVE_ORDER, stream);
}

static void break_line(unsigned indent, FILE *stream)
{
	fprintf(stream, "\n%*s", (int)indent, "");
}

void json_write(json_t *value, unsigned indent, FILE *stream)
{
	char *lines = xcheck(json_dumps(value, JSON_STYLE));

	/* A newline stands between tokens alone: within strings it is \n. */
	for (char *line = lines, *end; line; line = end) {
		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		if (line != lines)
			break_line(indent, stream);
		write_printable_json(line, stream);
	}
	free(lines);
	json_decref(value);
}

void json_list_add(struct json_list *list, json_t *item)
{
	fputc(list->has_items ? ',' : '[', list->stream);
	break_line(list->indent + 2, list->stream);
	json_write(item, list->indent + 2, list->stream);
	list->has_items = true;
}

void json_list_end(struct json_list *list)
{
	if (list->has_items)
		break_line(list->indent, list->stream);
	else
		fputc('[', list->stream);
	fputs(list->indent ? "]" : "]\n", list->stream);
}

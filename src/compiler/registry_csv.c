/* SPDX-License-Identifier: MIT */
/* IANA's CSV, cell by cell from libcsv, into rows of the model; what libcsv lets pass is stopped here. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <csv.h>

#include "base/parse.h"
#include "base/memory.h"
#include "base/escape.h"
#include "base/utf8.h"
#include "compiler/registry_csv.h"

const char *const csv_column_heads[COLUMN_COUNT] = {
	[COLUMN_NAME] = "Service Name",
	[COLUMN_PORT] = "Port Number",
	[COLUMN_PROTOCOL] = "Transport Protocol",
	[COLUMN_TEXT + TEXT_DESCRIPTION] = "Description",
	[COLUMN_TEXT + TEXT_ASSIGNEE] = "Assignee",
	[COLUMN_TEXT + TEXT_CONTACT] = "Contact",
	[COLUMN_TEXT + TEXT_REGISTRATION_DATE] = "Registration Date",
	[COLUMN_TEXT + TEXT_MODIFICATION_DATE] = "Modification Date",
	[COLUMN_TEXT + TEXT_REFERENCE] = "Reference",
	[COLUMN_TEXT + TEXT_SERVICE_CODE] = "Service Code",
	[COLUMN_TEXT + TEXT_UNAUTHORIZED_USE] = "Unauthorized Use Reported",
	[COLUMN_TEXT + TEXT_NOTES] = "Assignment Notes",
};

enum {
	CHUNK_SIZE = 64 * 1024,
	CELL_BLOCK = 4096, /* what libcsv's cell buffer grows by */
	HEAD_COUNT_MAX = 256, /* columns, unknown ones included; the registry has 12 */
	COLUMN_UNKNOWN = COLUMN_COUNT,
};

struct csv_reader {
	struct registry *registry;
	struct diagnostics *diagnostics;
	struct csv_parser parser;
	enum outcome status;
	uint32_t line; /* the physical line being fed */
	uint32_t row_line; /* the one on which the current row began */
	bool row_ended; /* a row ended with what was fed last: what comes next begins one */
	bool after_cr; /* ... and a CR ended it: an LF must follow */

	uint32_t head_count; /* 0 until the header has been read */
	unsigned char column_at[HEAD_COUNT_MAX]; /* enum csv_column by place in the row, or COLUMN_UNKNOWN */
	bool has_column[COLUMN_COUNT];

	/* the current row: its cells of known columns, NUL-terminated one after another */
	uint32_t cell_count;
	const char *cell[COLUMN_COUNT]; /* "" for a column that the file does not have */
	size_t cells_size;
	char cells[COLUMN_COUNT * (CSV_FIELD_MAX + 1)];

	char chunk[CHUNK_SIZE];
};

/* Refuse the file, unless that has happened already. For diagnose_error()'s arguments after the line. */
#define refuse(reader, at_line, ...)                                                                               \
	do {                                                                                                       \
		if ((reader)->status == OUTCOME_OK) {                                                              \
			(reader)->status = OUTCOME_INVALID;                                                        \
			diagnose_error((reader)->diagnostics, registry_source_file((reader)->registry), (at_line), \
				       __VA_ARGS__);                                                               \
		}                                                                                                  \
	} while (0)

/* Pass over the current row. */
#define warn_row(reader, ...)                                                                                 \
	diagnose_warning((reader)->diagnostics, registry_source_file((reader)->registry), (reader)->row_line, \
			 __VA_ARGS__)

static void fail(struct csv_reader *reader, int error)
{
	diagnose_error(reader->diagnostics, registry_source_file(reader->registry), 0, "%s", strerror(error));
	reader->status = OUTCOME_FAILED;
}

static unsigned column_headed(const char *head, size_t size)
{
	static const char older[] = "Known Unauthorized Uses";

	for (unsigned column = 0; column < COLUMN_COUNT; column++)
		if (strlen(csv_column_heads[column]) == size && !memcmp(csv_column_heads[column], head, size))
			return column;
	if (size == sizeof older - 1 && !memcmp(older, head, size))
		return COLUMN_TEXT + TEXT_UNAUTHORIZED_USE;
	return COLUMN_UNKNOWN;
}

static void take_head(struct csv_reader *reader, const char *head, size_t size)
{
	unsigned column = column_headed(head, size);

	if (reader->cell_count == HEAD_COUNT_MAX) {
		refuse(reader, reader->row_line, "has more than %d columns: not a registry CSV", HEAD_COUNT_MAX);
		return;
	}
	reader->column_at[reader->cell_count] = (unsigned char)column;
	if (column == COLUMN_UNKNOWN)
		return;
	if (reader->has_column[column])
		refuse(reader, reader->row_line, "has two columns headed \"%s\"", csv_column_heads[column]);
	reader->has_column[column] = true;
}

/* Copy a cell's bytes; its lines end in LF whatever those of the file do, so that both give the same snapshot. */
static size_t copy_lines(char *to, const char *bytes, size_t size)
{
	const char *end = bytes + size;
	char *at = to;

	while (bytes < end) {
		const char *cr = memchr(bytes, '\r', (size_t)(end - bytes));
		const char *stop = cr ? cr : end;

		memcpy(at, bytes, (size_t)(stop - bytes));
		at += stop - bytes;
		if (cr && (cr + 1 == end || cr[1] != '\n'))
			*at++ = '\r';
		bytes = cr ? cr + 1 : end;
	}
	return (size_t)(at - to);
}

static void keep_cell(struct csv_reader *reader, const char *bytes, size_t size)
{
	char *cell = reader->cells + reader->cells_size;
	unsigned column = COLUMN_UNKNOWN;

	if (reader->cell_count < reader->head_count)
		column = reader->column_at[reader->cell_count];
	if (column == COLUMN_UNKNOWN)
		return;
	size = copy_lines(cell, bytes, size);
	cell[size] = '\0';
	reader->cell[column] = cell;
	reader->cells_size += size + 1;
}

static void refuse_long_cell(struct csv_reader *reader)
{
	refuse(reader, reader->row_line, "has a cell of more than %d bytes", CSV_FIELD_MAX);
}

/* libcsv's callback at the end of a cell. */
static void take_cell(void *bytes, size_t size, void *context)
{
	struct csv_reader *reader = context;

	if (size > CSV_FIELD_MAX)
		refuse_long_cell(reader);
	if (reader->status != OUTCOME_OK)
		return;

	const char *cell = trim_blanks(bytes, &size);

	if (reader->head_count)
		keep_cell(reader, cell, size);
	else
		take_head(reader, cell, size);
	reader->cell_count++;
}

static void end_header(struct csv_reader *reader)
{
	for (unsigned column = COLUMN_NAME; column <= COLUMN_PROTOCOL; column++)
		if (!reader->has_column[column]) {
			refuse(reader, reader->row_line, "has no column headed \"%s\": not a registry CSV",
			       csv_column_heads[column]);
			return;
		}
	for (unsigned column = 0; column < COLUMN_COUNT; column++)
		reader->cell[column] = "";
	reader->head_count = reader->cell_count;
}

static bool take_texts(struct csv_reader *reader, struct registry_row *row)
{
	/* All cells at once: a NUL between two is ASCII. Which one it was is worked out only when there is need. */
	bool valid = utf8_valid(reader->cells, reader->cells_size);

	for (unsigned column = 0; !valid && column < COLUMN_COUNT; column++)
		if (!utf8_valid(reader->cell[column], strlen(reader->cell[column]))) {
			warn_row(reader, "\"%s\" is not UTF-8: %s; row skipped", csv_column_heads[column],
				 quote_text(reader->cell[column]).text);
			return false;
		}
	for (unsigned i = 0; i < TEXT_COUNT; i++)
		row->text[i] = reader->cell[COLUMN_TEXT + i];
	return true;
}

static bool take_name(struct csv_reader *reader, struct registry_row *row)
{
	const char *fault = NULL;

	row->name = reader->cell[COLUMN_NAME];
	if (*row->name)
		fault = registry_name_fault(row->name, strlen(row->name));
	if (fault)
		warn_row(reader, "service name %s %s; row skipped", quote_text(row->name).text, fault);
	return !fault;
}

/* NULL, or what is wrong with a port cell. */
static const char *read_ports(const char *cell, uint32_t *first, uint32_t *last)
{
	static const char digits[] = "0123456789";
	const size_t first_size = strspn(cell, digits);
	const char *rest = cell + first_size, *end = rest;

	if (!first_size)
		return "is not a number";
	if (*rest == '-') {
		rest++;
		end = rest + strspn(rest, digits);
		if (end == rest)
			return "is not a range of numbers";
	}
	if (*end)
		return "is neither a number nor a range";
	if (!parse_number(cell, first_size, PORT_MAX, first))
		return "is over 65535";
	*last = *first;
	if (end > rest && !parse_number(rest, (size_t)(end - rest), PORT_MAX, last))
		return "is over 65535";
	return *first > *last ? "is a range that runs backwards" : NULL;
}

static bool take_port(struct csv_reader *reader, struct registry_row *row)
{
	const char *cell = reader->cell[COLUMN_PORT];
	uint32_t first, last;

	if (!*cell)
		return true;

	const char *fault = read_ports(cell, &first, &last);

	if (fault) {
		warn_row(reader, "port %s %s; row skipped", quote_text(cell).text, fault);
		return false;
	}
	row->first_port = (uint16_t)first;
	row->last_port = (uint16_t)last;
	row->has_port = true;
	return true;
}

static bool take_protocol(struct csv_reader *reader, struct registry_row *row)
{
	const char *cell = reader->cell[COLUMN_PROTOCOL];
	int protocol = *cell ? registry_protocol(reader->registry, cell, false) : PROTOCOL_NONE;

	if (protocol < 0) {
		warn_row(reader, "transport protocol %s is unknown; row skipped", quote_text(cell).text);
		return false;
	}
	row->protocol = (uint8_t)protocol;
	return true;
}

static void end_row(struct csv_reader *reader)
{
	struct registry_row row = {.line = reader->row_line};

	if (reader->cell_count != reader->head_count) {
		refuse(reader, reader->row_line, "has %u columns where the header has %u", reader->cell_count,
		       reader->head_count);
		return;
	}
	if (!take_texts(reader, &row) || !take_name(reader, &row) || !take_port(reader, &row) ||
	    !take_protocol(reader, &row))
		return;
	if (!*row.name && !row.has_port)
		warn_row(reader, "has neither a service name nor a port; row skipped");
	else if (!registry_add(reader->registry, &row))
		refuse(reader, reader->row_line, "is past the limit of %d rows", ROW_COUNT_MAX);
}

/* libcsv's callback at each CR or LF outside quotes, blank lines included, and (-1) at the end of an unended row. */
static void take_row(int terminator, void *context)
{
	struct csv_reader *reader = context;

	reader->row_ended = true;
	reader->after_cr = terminator == '\r';
	if (reader->status == OUTCOME_OK && reader->cell_count) {
		if (reader->head_count)
			end_row(reader);
		else
			end_header(reader);
	}
	reader->cell_count = 0;
	reader->cells_size = 0;
}

static void parse(struct csv_reader *reader, const char *bytes, size_t size)
{
	if (csv_parse(&reader->parser, bytes, size, take_cell, take_row, reader) != size) {
		if (csv_error(&reader->parser) == CSV_EPARSE)
			refuse(reader, reader->row_line, "has a quote where RFC 4180 allows none");
		else
			fail(reader, ENOMEM);
	}
	/* A cell that has not ended yet: its buffer grows only when full. */
	if (csv_get_buffer_size(&reader->parser) > CSV_FIELD_MAX + CELL_BLOCK)
		refuse_long_cell(reader);
}

static void refuse_bare_cr(struct csv_reader *reader)
{
	refuse(reader, reader->line, "has a carriage return that no line feed follows");
}

/* Bytes of which at most the last one is a CR or LF, so that each row's callback comes with what ended it. */
static void feed_segment(struct csv_reader *reader, const char *bytes, size_t size)
{
	if (memchr(bytes, '\0', size)) {
		refuse(reader, reader->line, "has a NUL byte: not a registry CSV");
		return;
	}
	if (reader->after_cr && bytes[0] != '\n') {
		refuse_bare_cr(reader);
		return;
	}
	if (reader->row_ended)
		reader->row_line = reader->line;
	reader->row_ended = false;
	reader->after_cr = false;
	parse(reader, bytes, size);
	reader->line += bytes[size - 1] == '\n';
}

static size_t segment_size(const char *bytes, size_t left)
{
	const char *lf = memchr(bytes, '\n', left);
	size_t size = lf ? (size_t)(lf - bytes) + 1 : left;
	const char *cr = memchr(bytes, '\r', size);

	return cr ? (size_t)(cr - bytes) + 1 : size;
}

static void feed(struct csv_reader *reader, const char *bytes, size_t size)
{
	while (size && reader->status == OUTCOME_OK) {
		size_t part = segment_size(bytes, size);

		feed_segment(reader, bytes, part);
		bytes += part;
		size -= part;
	}
}

static size_t byte_order_mark_size(const char *bytes, size_t size)
{
	return size >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3) ? 3 : 0;
}

static void read_stream(struct csv_reader *reader, FILE *stream)
{
	size_t total = 0, got = CHUNK_SIZE;

	while (got == CHUNK_SIZE && reader->status == OUTCOME_OK) {
		got = fread(reader->chunk, 1, CHUNK_SIZE, stream);
		if (got < CHUNK_SIZE && ferror(stream)) {
			fail(reader, errno);
			return;
		}
		size_t skip = total ? 0 : byte_order_mark_size(reader->chunk, got);

		total += got;
		if (total > CSV_FILE_MAX)
			refuse(reader, 0, "is larger than %d MiB", CSV_FILE_MAX >> 20);
		feed(reader, reader->chunk + skip, got - skip);
	}
}

static void end_stream(struct csv_reader *reader)
{
	if (reader->after_cr)
		refuse_bare_cr(reader);
	if (csv_fini(&reader->parser, take_cell, take_row, reader))
		refuse(reader, reader->row_line, "has a quoted cell that never ends");
	if (!reader->head_count)
		refuse(reader, 0, "is empty: not a registry CSV");
}

enum outcome registry_csv_read(struct registry *registry, FILE *stream, struct diagnostics *diagnostics)
{
	struct csv_reader *reader = xcheck(malloc(sizeof *reader));

	memset(reader, 0, offsetof(struct csv_reader, cells));
	reader->registry = registry;
	reader->diagnostics = diagnostics;
	reader->line = 1;
	reader->row_ended = true;
	/* CSV_REPALL_NL has the callback see the end of blank lines too: a bare CR can hide there. */
	csv_init(&reader->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL | CSV_REPALL_NL);
	csv_set_blk_size(&reader->parser, CELL_BLOCK);
	read_stream(reader, stream);
	if (reader->status == OUTCOME_OK)
		end_stream(reader);

	enum outcome status = reader->status;

	csv_free(&reader->parser);
	free(reader);
	return status;
}

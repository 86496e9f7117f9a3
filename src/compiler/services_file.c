/* SPDX-License-Identifier: MIT */
/* services(5) lines, as overlays and preferences hold them, into rows of the model. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/parse.h"
#include "base/memory.h"
#include "base/escape.h"
#include "base/utf8.h"
#include "compiler/registry_csv.h"
#include "compiler/services_file.h"

enum {
	LINE_READ_MAX = 64 * 1024, /* bytes; a line of an entry that fits the snapshot is far below */
};

struct line_reader {
	struct registry *registry;
	struct diagnostics *diagnostics;
	uint32_t line;
	size_t file_size; /* bytes read so far */
	size_t line_size; /* may be more than `text` holds: then the line was too long */
	char text[LINE_READ_MAX + 1];
	const char *aliases[NAME_COUNT_MAX - 1];
};

#define skip_line(reader, ...) \
	diagnose_warning((reader)->diagnostics, registry_source_file((reader)->registry), (reader)->line, __VA_ARGS__)

/* The next line without its newline; false at the end. Not getline(3), which would hold any line in memory. */
static bool next_line(struct line_reader *reader, FILE *stream)
{
	int c = EOF;

	reader->line_size = 0;
	while (reader->file_size <= CSV_FILE_MAX && (c = getc_unlocked(stream)) != EOF) {
		reader->file_size++;
		if (c == '\n')
			break;
		if (reader->line_size < LINE_READ_MAX)
			reader->text[reader->line_size] = (char)c;
		reader->line_size++;
	}
	reader->line++;
	return c != EOF || reader->line_size;
}

/* The line without its comment, which becomes the description if that can be one. */
static void take_comment(struct line_reader *reader, struct registry_row *row)
{
	char *comment = strchr(reader->text, '#');

	for (unsigned i = 0; i < TEXT_COUNT; i++)
		row->text[i] = "";
	if (!comment)
		return;
	*comment++ = '\0';
	if (utf8_valid(comment, strlen(comment)))
		row->text[TEXT_DESCRIPTION] = trim_text(comment);
}

static bool name_is_good(struct line_reader *reader, const char *name)
{
	const char *fault = registry_name_fault(name, strlen(name));

	if (fault)
		skip_line(reader, "name %s %s; line skipped", quote_text(name).text, fault);
	return !fault;
}

static bool take_aliases(struct line_reader *reader, char *words, struct registry_row *row)
{
	size_t names_size = strlen(row->name) + 1;
	char *rest;

	for (char *alias = strtok_r(words, WHITE_SPACE, &rest); alias; alias = strtok_r(NULL, WHITE_SPACE, &rest)) {
		if (!name_is_good(reader, alias))
			return false;
		names_size += strlen(alias) + 1;
		if (names_size > NAMES_MAX_BYTES || row->alias_count == NAME_COUNT_MAX - 1) {
			skip_line(reader, "has more than %d names, or they take more than %d bytes; line skipped",
				  NAME_COUNT_MAX, NAMES_MAX_BYTES);
			return false;
		}
		reader->aliases[row->alias_count++] = alias;
	}
	row->aliases = reader->aliases;
	return true;
}

/* NULL, or what is wrong with a word that should be PORT/PROTOCOL. `*protocol` points into the word. */
static const char *split_port(const char *word, uint16_t *port, const char **protocol)
{
	char *end;

	if (!isdigit((unsigned char)*word))
		return "does not begin with a port number";

	/* As glibc's files backend reads them: 0x51 and 0120 are numbers too, and slashes may be many. */
	unsigned long number = strtoul(word, &end, 0);

	if (number > PORT_MAX)
		return "has a port over 65535";
	if (*end != '/' || !end[strspn(end, "/")])
		return "is not PORT/PROTOCOL";
	if (!utf8_valid(end, strlen(end)))
		return "is not UTF-8";
	*port = (uint16_t)number;
	*protocol = end + strspn(end, "/");
	return NULL;
}

/* The last to be looked at: a line that is skipped adds no protocol. */
static bool take_port(struct line_reader *reader, const char *word, struct registry_row *row)
{
	const char *protocol_name = "";
	const char *fault = split_port(word, &row->first_port, &protocol_name);
	int protocol = fault ? -1 : registry_protocol(reader->registry, protocol_name, true);

	if (!fault && protocol < 0)
		fault = "has a protocol that is too long, or one too many";
	if (fault) {
		skip_line(reader, "%s %s; line skipped", quote_text(word).text, fault);
		return false;
	}
	row->last_port = row->first_port;
	row->has_port = true;
	row->protocol = (uint8_t)protocol;
	return true;
}

static enum outcome take_words(struct line_reader *reader)
{
	struct registry_row row = {.line = reader->line};
	char *rest;

	take_comment(reader, &row);
	row.name = strtok_r(reader->text, WHITE_SPACE, &rest);
	if (!row.name)
		return OUTCOME_OK;

	const char *port = strtok_r(NULL, WHITE_SPACE, &rest);

	if (!port)
		skip_line(reader, "%s has no port; line skipped", quote_text(row.name).text);
	if (!port || !name_is_good(reader, row.name) || !take_aliases(reader, rest, &row) ||
	    !take_port(reader, port, &row) || registry_add(reader->registry, &row))
		return OUTCOME_OK;
	diagnose_error(reader->diagnostics, registry_source_file(reader->registry), reader->line,
		       "is past the limit of %d rows", ROW_COUNT_MAX);
	return OUTCOME_INVALID;
}

/* A byte order mark is no part of the first name. */
static void drop_byte_order_mark(struct line_reader *reader)
{
	static const char mark[] = "\xef\xbb\xbf";
	const size_t size = sizeof mark - 1;

	if (reader->line == 1 && reader->line_size >= size && !memcmp(reader->text, mark, size)) {
		reader->line_size -= size;
		memmove(reader->text, reader->text + size, reader->line_size);
	}
}

static enum outcome take_line(struct line_reader *reader)
{
	if (reader->line_size > LINE_READ_MAX) {
		skip_line(reader, "is longer than %d bytes; line skipped", LINE_READ_MAX);
		return OUTCOME_OK;
	}
	drop_byte_order_mark(reader);
	if (memchr(reader->text, '\0', reader->line_size)) {
		diagnose_error(reader->diagnostics, registry_source_file(reader->registry), reader->line,
			       "has a NUL byte: not a services(5) file");
		return OUTCOME_INVALID;
	}
	reader->text[reader->line_size] = '\0';
	return take_words(reader);
}

static enum outcome read_lines(struct line_reader *reader, FILE *stream)
{
	const char *file = registry_source_file(reader->registry);
	enum outcome status = OUTCOME_OK;

	while (status == OUTCOME_OK && next_line(reader, stream)) {
		if (ferror(stream))
			break;
		if (reader->file_size > CSV_FILE_MAX) {
			diagnose_error(reader->diagnostics, file, 0, "is larger than %d MiB", CSV_FILE_MAX >> 20);
			return OUTCOME_INVALID;
		}
		status = take_line(reader);
	}
	if (ferror(stream)) {
		diagnose_error(reader->diagnostics, file, 0, "%s", strerror(errno));
		return OUTCOME_FAILED;
	}
	return status;
}

enum outcome services_file_read(struct registry *registry, FILE *stream, struct diagnostics *diagnostics)
{
	struct line_reader *reader = xcheck(malloc(sizeof *reader));

	reader->registry = registry;
	reader->diagnostics = diagnostics;
	reader->line = 0;
	reader->file_size = 0;

	enum outcome status = read_lines(reader, stream);

	free(reader);
	return status;
}

/* SPDX-License-Identifier: MIT */
/* The entries of a snapshot as services(5) lines, in an order in which the first match is the snapshot's answer. */
#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/escape.h"
#include "base/utf8.h"
#include "compiler/services_file.h"
#include "snapshot/accessors.h"
#include "snapshot/protocols.h"
#include "snapshot/rows.h"

enum {
	PORT_COLUMN = 23, /* bytes before them, if it fits */
	ALIAS_COLUMN = 40,
	ROWS_LOOKED_AT = 64, /* for one description; the registry has 7 named rows on a port at most */
};

/* Named rows by the ports they cover. */
struct row_link {
	uint32_t row_number;
	uint32_t next; /* index in links, plus 1; 0 ends */
};

struct rows_by_port {
	uint32_t first[PORT_MAX + 1]; /* as row_link.next */
	struct row_link *links;
	uint32_t link_count;
};

struct services_writer {
	const struct snapshot *snapshot;
	FILE *stream;
	const char *file;
	struct diagnostics *diagnostics;
	unsigned char *written; /* by record number: bits of the protocols whose entry has been dealt with */
	struct rows_by_port rows;
};

struct services_line {
	char text[SERVICES_LINE_MAX + 1]; /* without NUL; one more for the newline */
	size_t size;
	bool overflowed;
};

static void index_row(struct rows_by_port *index, uint32_t row_number, const struct snapshot_row *row)
{
	if (!row->has_port || !*row->name)
		return;
	for (uint32_t port = row->first_port; port <= row->last_port; port++) {
		if (index->link_count == CLAIM_COUNT_MAX)
			return; /* no compiled registry has as many; all there is to lose are comments */
		index->links = grow_by_one(index->links, index->link_count, sizeof *index->links);
		index->links[index->link_count] = (struct row_link){row_number, index->first[port]};
		index->first[port] = ++index->link_count;
	}
}

/* From the last row to the first, each put before those of its ports, so that the lists are in the rows' order. */
static void index_rows(struct rows_by_port *index, const struct snapshot *snapshot)
{
	struct snapshot_row row;

	for (uint32_t number = snapshot_row_count(snapshot); number-- > 0;)
		if (snapshot_row(snapshot, number, &row) == SNAPSHOT_OK)
			index_row(index, number, &row);
}

static bool has_name(const char *names, uint32_t names_size, const char *name)
{
	for (const char *at = names; at < names + names_size; at += strlen(at) + 1)
		if (!strcmp(at, name))
			return true;
	return false;
}

/* The description of the first row that bears one of those names and covers the entry; NULL if there is none. */
static const char *description_among(const struct services_writer *writer, const struct snapshot_entry *entry,
				     uint32_t names_size)
{
	const struct rows_by_port *index = &writer->rows;
	uint32_t at = index->first[entry->port];
	struct snapshot_row row;

	for (unsigned i = 0; at && i < ROWS_LOOKED_AT; i++, at = index->links[at - 1].next)
		if (snapshot_row(writer->snapshot, index->links[at - 1].row_number, &row) == SNAPSHOT_OK &&
		    row_protocols(row.protocol_index) >> entry->protocol_index & 1 &&
		    has_name(entry->names, names_size, row.name))
			return row.text[TEXT_DESCRIPTION];
	return NULL;
}

static const char *describe(const struct services_writer *writer, const struct snapshot_entry *entry)
{
	const char *found = description_among(writer, entry, (uint32_t)strlen(entry->names) + 1);

	if (!found)
		found = description_among(writer, entry, entry->names_size);
	return found ? found : "";
}

static void put(struct services_line *line, const char *text, size_t size)
{
	if (size > SERVICES_LINE_MAX - line->size) {
		line->overflowed = true;
		return;
	}
	memcpy(line->text + line->size, text, size);
	line->size += size;
}

/* At least one blank. */
static void put_blanks(struct services_line *line, size_t column)
{
	do
		put(line, " ", 1);
	while (line->size < column && !line->overflowed);
}

static struct services_line compose(const struct snapshot_entry *entry, size_t port_column, size_t alias_column)
{
	struct services_line line = {.size = 0};
	const char *name = entry->names;
	char number[sizeof "65535/"];

	put(&line, name, strlen(name));
	put_blanks(&line, port_column);
	put(&line, number, (size_t)sprintf(number, "%u/", (unsigned)entry->port));
	put(&line, entry->protocol, strlen(entry->protocol));
	for (uint32_t i = 0; i < entry->alias_count && !line.overflowed; i++) {
		name += strlen(name) + 1;
		put_blanks(&line, i ? 0 : alias_column);
		put(&line, name, strlen(name));
	}
	return line;
}

/* The first line of a description as a comment, if it fits whole and is safe to show. */
static void add_description(struct services_line *line, const char *description)
{
	struct services_line longer = *line;
	char *comment = collapse_blanks(description, strcspn(description, "\n\r"));

	put_blanks(&longer, ALIAS_COLUMN);
	put(&longer, "# ", 2);
	put(&longer, comment, strlen(comment));
	if (*comment && is_printable(comment) && !longer.overflowed)
		*line = longer;
	free(comment);
}

/* Whether a reader of services(5) gets that word back, and a terminal may show it. */
static bool is_word(const char *word)
{
	return *word && !word[strcspn(word, "#" WHITE_SPACE)] && is_printable(word);
}

static bool has_only_words(const struct snapshot_entry *entry)
{
	const char *end = entry->names + entry->names_size;

	for (const char *name = entry->names; name < end; name += strlen(name) + 1)
		if (!is_word(name))
			return false;
	return is_word(entry->protocol);
}

static void leave_out(const struct services_writer *writer, const struct snapshot_entry *entry, const char *why)
{
	diagnose_warning(writer->diagnostics, writer->file, 0, "%s %u/%s left out: %s", quote_text(entry->names).text,
			 (unsigned)entry->port, entry->protocol, why);
}

/* False on a write error; errno says which. */
static bool write_entry(const struct services_writer *writer, const struct snapshot_entry *entry)
{
	if (!has_only_words(entry)) {
		leave_out(writer, entry, "a name has a '#', white space or a control character");
		return true;
	}

	struct services_line line = compose(entry, PORT_COLUMN, ALIAS_COLUMN);

	if (line.overflowed)
		line = compose(entry, 0, 0);
	if (line.overflowed) {
		leave_out(writer, entry, "its line is too long for some libraries");
		return true;
	}
	add_description(&line, describe(writer, entry));
	line.text[line.size++] = '\n';
	return fwrite(line.text, 1, line.size, writer->stream) == line.size;
}

/* The same, unless that entry has been written before. */
static bool write_once(const struct services_writer *writer, const struct snapshot_entry *entry)
{
	unsigned char *written = &writer->written[snapshot_record_number(writer->snapshot, entry)];
	const unsigned bit = 1u << entry->protocol_index;

	if (*written & bit)
		return true;
	*written = (unsigned char)(*written | bit);
	return write_entry(writer, entry);
}

static bool write_preferred(const struct services_writer *writer)
{
	struct snapshot_entry entry;
	enum snapshot_status status;

	for (uint32_t i = 0; (status = snapshot_preferred(writer->snapshot, i, &entry)) != SNAPSHOT_NOT_FOUND; i++)
		if (status == SNAPSHOT_OK && !write_once(writer, &entry))
			return false;
	return true;
}

/* Entries that are to be written, each as a number that sorts by port, then protocol. */
struct entry_list {
	uint64_t *entries; /* port, protocol index, record number */
	uint32_t count;
};

enum { ENTRY_PROTOCOL = 32, ENTRY_PORT = ENTRY_PROTOCOL + 8 };

static void list_record(struct entry_list *list, uint32_t number, const struct snapshot_entry *record)
{
	for (unsigned index = 0; index < PROTOCOL_MAX; index++)
		if (record->protocols >> index & 1) {
			list->entries = grow_by_one(list->entries, list->count, sizeof *list->entries);
			list->entries[list->count++] =
				(uint64_t)record->port << ENTRY_PORT | (uint64_t)index << ENTRY_PROTOCOL | number;
		}
}

/* All records, those of ports and the shadowed ones after them. */
static void list_records(const struct snapshot *snapshot, struct entry_list *list)
{
	struct snapshot_entry record;
	uint32_t number = FIRST_RECORD;

	while (snapshot_record_from(snapshot, &number, &record) == SNAPSHOT_OK) {
		list_record(list, number, &record);
		number = snapshot_record_after(number, &record);
	}
}

/*
 * What is left after the preferred entries is the registry's, shadowed or not, and stands in its order: a shadowed one
 * may be the first that bears its name.
 */
static bool write_by_port(const struct services_writer *writer)
{
	struct entry_list list = {0};
	struct snapshot_entry entry;
	bool written = true;

	list_records(writer->snapshot, &list);
	if (list.count)
		qsort(list.entries, list.count, sizeof *list.entries, compare_u64);
	for (uint32_t i = 0; i < list.count && written; i++) {
		const unsigned protocol = list.entries[i] >> ENTRY_PROTOCOL & 0xff;

		if (snapshot_record(writer->snapshot, (uint32_t)list.entries[i], protocol, &entry) == SNAPSHOT_OK)
			written = write_once(writer, &entry);
	}
	free(list.entries);
	return written;
}

static bool write_all(const struct services_writer *writer)
{
	static const char head[] = "# Written by ianareg: `ianareg export --format services` renews this file.\n";

	return fwrite(head, 1, sizeof head - 1, writer->stream) == sizeof head - 1 && write_preferred(writer) &&
	       write_by_port(writer) && fflush(writer->stream) == 0;
}

enum outcome services_file_write(const struct snapshot *snapshot, FILE *stream, const char *file,
				 struct diagnostics *diagnostics)
{
	struct services_writer *writer = xcheck(calloc(1, sizeof *writer));

	writer->snapshot = snapshot;
	writer->stream = stream;
	writer->file = file;
	writer->diagnostics = diagnostics;
	writer->written = xcheck(calloc(snapshot_record_number_end(snapshot), 1));
	index_rows(&writer->rows, snapshot);

	enum outcome status = write_all(writer) ? OUTCOME_OK : OUTCOME_FAILED;
	const int error = errno;

	free(writer->rows.links);
	free(writer->written);
	free(writer);
	errno = error;
	return status;
}

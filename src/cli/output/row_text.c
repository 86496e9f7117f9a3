/* SPDX-License-Identifier: MIT */
/* Facts as text. */
#include <string.h>
#include <strings.h>

#include "base/escape.h"
#include "base/memory.h"
#include "cli/output/row_text.h"
#include "cli/output/wrap.h"

enum {
	LABEL_WIDTH = 18, /* columns of "Unauthorised use: " */
	NARROW_WIDTH = 2 * LABEL_WIDTH, /* below that a text has lines of its own ... */
	NARROW_INDENT = 2, /* ... this far in */
	READABLE_WIDTH = 100, /* lines of text that are longer lose the eye, however wide the terminal is */
};

static void print_aliases(const struct row_info *row_info, const char *between, FILE *stream)
{
	const char *alias = row_info->aliases;

	for (uint32_t i = 0; i < row_info->alias_count; i++, alias = next_name(alias)) {
		fputs(i ? between : "", stream);
		write_escaped(alias, stream);
	}
}

void print_row_cells(const struct row_info *row_info, FILE *stream)
{
	char ports[PORTS_TEXT_SIZE];

	row_ports_text(&row_info->row, ports);
	write_escaped(row_info->row.name, stream);
	fprintf(stream, "\t%s\t", ports);
	write_escaped(row_info->row.protocol, stream);
	fprintf(stream, "\t%s\t", row_status_text(row_info->status));
	print_aliases(row_info, ",", stream);
	for (unsigned i = 0; i < TEXT_COUNT; i++) {
		fputc('\t', stream);
		write_escaped(row_info->row.text[i], stream);
	}
}

/* Whose word it is: of the dynamic ports the RFC speaks, not a row. */
static const char *source_of(const struct row_info *row_info)
{
	if (row_info->status == ROW_STATUS_DYNAMIC)
		return "rfc6335";
	return row_info->row.from_overlay ? "overlay" : "registry";
}

void print_row_line(const struct row_info *row_info, FILE *stream)
{
	print_row_cells(row_info, stream);
	fprintf(stream, "\t%s\n", source_of(row_info));
}

/* Lines of an escaped text; those after the first begin with `indent` blanks. */
static void print_wrapped(const char *text, enum style style, unsigned indent, unsigned width, FILE *stream)
{
	const size_t columns = width > indent ? width - indent : 1;
	size_t left = strlen(text);

	while (left) {
		const size_t size = wrapped_line(text, left, columns);
		const size_t taken = size + strspn(text + size, " ");

		print_styled(text, size, style, stream);
		text += taken;
		left -= taken;
		fprintf(stream, "\n%*s", left ? (int)indent : 0, "");
	}
}

/* An escaped text after its label. */
static void print_escaped_line(const char *label, const char *text, enum style style, unsigned width, FILE *stream)
{
	const int blanks = LABEL_WIDTH - 1 - (int)strlen(label);

	if (!*text)
		return;
	print_styled(label, strlen(label), STYLE_LABEL, stream);
	if (width < NARROW_WIDTH)
		fprintf(stream, ":\n%*s", NARROW_INDENT, "");
	else
		fprintf(stream, ":%*s", blanks > 1 ? blanks : 1, "");
	print_wrapped(text, style, width < NARROW_WIDTH ? NARROW_INDENT : LABEL_WIDTH,
		      width < READABLE_WIDTH ? width : READABLE_WIDTH, stream);
}

static void print_inked_line(const char *label, const char *text, enum style style, unsigned width, FILE *stream)
{
	char *folded = collapse_blanks(text, strlen(text));
	char *safe = escape_text(folded);

	print_escaped_line(label, safe, style, width, stream);
	free(safe);
	free(folded);
}

void print_labelled(const char *label, const char *text, unsigned width, FILE *stream)
{
	print_inked_line(label, text, STYLE_PLAIN, width, stream);
}

static void print_alias_list(const struct row_info *row_info, unsigned width, FILE *stream)
{
	char *list = NULL;
	size_t size;
	FILE *memory = xcheck(open_memstream(&list, &size));

	print_aliases(row_info, ", ", memory);
	xcheck(fclose(memory) == 0 ? list : NULL);
	print_escaped_line("Aliases", list, STYLE_PLAIN, width, stream);
	free(list);
}

const char *row_text_label(enum row_text which)
{
	static const char *const labels[TEXT_COUNT] = {
		[TEXT_DESCRIPTION] = "Description",
		[TEXT_ASSIGNEE] = "Assignee",
		[TEXT_CONTACT] = "Contact",
		[TEXT_REGISTRATION_DATE] = "Registered",
		[TEXT_MODIFICATION_DATE] = "Modified",
		[TEXT_REFERENCE] = "Reference",
		[TEXT_SERVICE_CODE] = "Service code",
		[TEXT_UNAUTHORIZED_USE] = "Unauthorised use",
		[TEXT_NOTES] = "Notes",
	};

	return labels[which];
}

enum style row_status_style(enum row_status status)
{
	static const enum style inks[ROW_STATUS_STATUS_COUNT] = {
		[ROW_STATUS_ASSIGNED] = STYLE_ASSIGNED,     [ROW_STATUS_WITHOUT_PORT] = STYLE_ASSIGNED,
		[ROW_STATUS_WITHOUT_NAME] = STYLE_ASSIGNED, [ROW_STATUS_RESERVED] = STYLE_RESERVED,
		[ROW_STATUS_UNASSIGNED] = STYLE_UNASSIGNED, [ROW_STATUS_DE_REGISTERED] = STYLE_RESERVED,
		[ROW_STATUS_DYNAMIC] = STYLE_UNASSIGNED,
	};

	return inks[status];
}

/* Ports without a name have their status as a whole: "Unassigned 19195-19219". */
static bool is_status_of_range(const struct snapshot_row *row)
{
	return !*row->name && row->first_port < row->last_port;
}

static void print_status(const struct row_info *row_info, unsigned width, FILE *stream)
{
	const struct snapshot_row *row = &row_info->row;
	char ports[PORTS_TEXT_SIZE], words[128];

	row_ports_text(row, ports);
	snprintf(words, sizeof words, "%s%s%s%s", row_status_text(row_info->status), is_status_of_range(row) ? " " : "",
		 is_status_of_range(row) ? ports : "",
		 *row->text[TEXT_UNAUTHORIZED_USE] ? "; unauthorised use reported" : "");
	print_inked_line("Status", words, row_status_style(row_info->status), width, stream);
}

void print_row_texts(const struct row_info *row_info, unsigned width, FILE *stream)
{
	for (unsigned i = 0; i < TEXT_COUNT; i++) {
		const enum style style = i == TEXT_UNAUTHORIZED_USE ? STYLE_WARNING : STYLE_PLAIN;

		if (strcasecmp(row_info->row.text[i], row_status_text(row_info->status)) !=
		    0) /* as most nameless rows do */
			print_inked_line(row_text_label(i), row_info->row.text[i], style, width, stream);
	}
}

void print_row_block(const struct row_group *group, unsigned width, FILE *stream)
{
	const struct snapshot_row *row = &group->row_info.row;
	char ports[PORTS_TEXT_SIZE], protocols[PROTOCOLS_SIZE];

	row_ports_text(row, ports);
	format_protocols(group, protocols);
	print_inked_line("Service name", row->name, STYLE_NAME, width, stream);
	print_alias_list(&group->row_info, width, stream);
	if (!is_status_of_range(row))
		print_labelled(row->first_port == row->last_port ? "Port" : "Ports", ports, width, stream);
	print_labelled(group->protocol_count > 1 ? "Protocols" : "Protocol", protocols, width, stream);
	print_status(&group->row_info, width, stream);
	print_row_texts(&group->row_info, width, stream);
	if (row->from_overlay)
		print_labelled("Source", "this site's overlay", width, stream);
}

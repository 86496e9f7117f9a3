/* SPDX-License-Identifier: MIT */
/* Facts as text. */
#include <string.h>
#include <strings.h>

#include "cli/cell.h"
#include "cli/fact_text.h"
#include "cli/wrap.h"
#include "compiler/memory.h"

enum {
	LABEL_WIDTH = 18, /* columns of "Unauthorised use: " */
	NARROW_WIDTH = 2 * LABEL_WIDTH, /* below that a text has lines of its own ... */
	NARROW_INDENT = 2, /* ... this far in */
	READABLE_WIDTH = 100, /* lines of text that are longer lose the eye, however wide the terminal is */
};

void format_ports(const struct snapshot_row *row, char ports[PORTS_SIZE])
{
	ports[0] = '\0';
	if (row->has_port && row->first_port == row->last_port)
		snprintf(ports, PORTS_SIZE, "%u", row->first_port);
	else if (row->has_port)
		snprintf(ports, PORTS_SIZE, "%u-%u", row->first_port, row->last_port);
}

static void print_aliases(const struct fact *fact, const char *between, FILE *stream)
{
	const char *alias = fact->aliases;

	for (uint32_t i = 0; i < fact->alias_count; i++, alias = next_name(alias)) {
		fputs(i ? between : "", stream);
		write_escaped(alias, stream);
	}
}

void print_fact_cells(const struct fact *fact, FILE *stream)
{
	char ports[PORTS_SIZE];

	format_ports(&fact->row, ports);
	write_escaped(fact->row.name, stream);
	fprintf(stream, "\t%s\t", ports);
	write_escaped(fact->row.protocol, stream);
	fprintf(stream, "\t%s\t", fact_status_text(fact->status));
	print_aliases(fact, ",", stream);
	for (unsigned i = 0; i < TEXT_COUNT; i++) {
		fputc('\t', stream);
		write_escaped(fact->row.text[i], stream);
	}
}

/* Whose word it is: of the dynamic ports the RFC speaks, not a row. */
static const char *source_of(const struct fact *fact)
{
	if (fact->status == FACT_DYNAMIC)
		return "rfc6335";
	return fact->row.from_overlay ? "overlay" : "registry";
}

void print_fact_line(const struct fact *fact, FILE *stream)
{
	print_fact_cells(fact, stream);
	fprintf(stream, "\t%s\n", source_of(fact));
}

/* Lines of an escaped text; those after the first begin with `indent` blanks. */
static void print_wrapped(const char *text, enum ink ink, unsigned indent, unsigned width, FILE *stream)
{
	const size_t columns = width > indent ? width - indent : 1;
	size_t left = strlen(text);

	while (left) {
		const size_t size = wrapped_line(text, left, columns);
		const size_t taken = size + strspn(text + size, " ");

		print_inked(text, size, ink, stream);
		text += taken;
		left -= taken;
		fprintf(stream, "\n%*s", left ? (int)indent : 0, "");
	}
}

/* An escaped text behind its label. */
static void print_escaped_line(const char *label, const char *text, enum ink ink, unsigned width, FILE *stream)
{
	const int blanks = LABEL_WIDTH - 1 - (int)strlen(label);

	if (!*text)
		return;
	print_inked(label, strlen(label), INK_LABEL, stream);
	if (width < NARROW_WIDTH)
		fprintf(stream, ":\n%*s", NARROW_INDENT, "");
	else
		fprintf(stream, ":%*s", blanks > 1 ? blanks : 1, "");
	print_wrapped(text, ink, width < NARROW_WIDTH ? NARROW_INDENT : LABEL_WIDTH,
		      width < READABLE_WIDTH ? width : READABLE_WIDTH, stream);
}

static void print_inked_line(const char *label, const char *text, enum ink ink, unsigned width, FILE *stream)
{
	char *folded = white_space_folded(text, strlen(text));
	char *safe = escaped(folded);

	print_escaped_line(label, safe, ink, width, stream);
	free(safe);
	free(folded);
}

void print_labelled(const char *label, const char *text, unsigned width, FILE *stream)
{
	print_inked_line(label, text, INK_PLAIN, width, stream);
}

static void print_alias_list(const struct fact *fact, unsigned width, FILE *stream)
{
	char *list = NULL;
	size_t size;
	FILE *memory = must_have(open_memstream(&list, &size));

	print_aliases(fact, ", ", memory);
	must_have(fclose(memory) == 0 ? list : NULL);
	print_escaped_line("Aliases", list, INK_PLAIN, width, stream);
	free(list);
}

const char *fact_text_label(enum row_text which)
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

enum ink fact_status_ink(enum fact_status status)
{
	static const enum ink inks[FACT_STATUS_COUNT] = {
		[FACT_ASSIGNED] = INK_ASSIGNED,     [FACT_WITHOUT_PORT] = INK_ASSIGNED,
		[FACT_WITHOUT_NAME] = INK_ASSIGNED, [FACT_RESERVED] = INK_RESERVED,
		[FACT_UNASSIGNED] = INK_UNASSIGNED, [FACT_DE_REGISTERED] = INK_RESERVED,
		[FACT_DYNAMIC] = INK_UNASSIGNED,
	};

	return inks[status];
}

/* Ports without a name have their status as a whole: "Unassigned 19195-19219". */
static bool is_status_of_range(const struct snapshot_row *row)
{
	return !*row->name && row->first_port < row->last_port;
}

static void print_status(const struct fact *fact, unsigned width, FILE *stream)
{
	const struct snapshot_row *row = &fact->row;
	char ports[PORTS_SIZE], words[128];

	format_ports(row, ports);
	snprintf(words, sizeof words, "%s%s%s%s", fact_status_text(fact->status), is_status_of_range(row) ? " " : "",
		 is_status_of_range(row) ? ports : "",
		 *row->text[TEXT_UNAUTHORIZED_USE] ? "; unauthorised use reported" : "");
	print_inked_line("Status", words, fact_status_ink(fact->status), width, stream);
}

void print_fact_texts(const struct fact *fact, unsigned width, FILE *stream)
{
	for (unsigned i = 0; i < TEXT_COUNT; i++) {
		const enum ink ink = i == TEXT_UNAUTHORIZED_USE ? INK_WARNING : INK_PLAIN;

		if (strcasecmp(fact->row.text[i], fact_status_text(fact->status)) != 0) /* as most nameless rows do */
			print_inked_line(fact_text_label(i), fact->row.text[i], ink, width, stream);
	}
}

void print_fact_block(const struct fact_group *group, unsigned width, FILE *stream)
{
	const struct snapshot_row *row = &group->fact.row;
	char ports[PORTS_SIZE], protocols[PROTOCOLS_SIZE];

	format_ports(row, ports);
	format_protocols(group, protocols);
	print_inked_line("Service name", row->name, INK_NAME, width, stream);
	print_alias_list(&group->fact, width, stream);
	if (!is_status_of_range(row))
		print_labelled(row->first_port == row->last_port ? "Port" : "Ports", ports, width, stream);
	print_labelled(group->protocol_count > 1 ? "Protocols" : "Protocol", protocols, width, stream);
	print_status(&group->fact, width, stream);
	print_fact_texts(&group->fact, width, stream);
	if (row->from_overlay)
		print_labelled("Source", "this site's overlay", width, stream);
}

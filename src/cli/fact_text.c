/* SPDX-License-Identifier: MIT */
/* Facts as text. */
#include <string.h>
#include <strings.h>

#include "cli/cell.h"
#include "cli/fact_text.h"
#include "cli/terminal.h"
#include "compiler/memory.h"

enum {
	LABEL_WIDTH = 18, /* columns of "Unauthorised use: " */
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

void print_fact_line(const struct fact *fact, FILE *stream)
{
	print_fact_cells(fact, stream);
	fputc('\n', stream);
}

/* Words with single blanks between; lines after the first are indented like it. */
static void print_wrapped(const char *words, unsigned width, FILE *stream)
{
	size_t column = LABEL_WIDTH;

	while (*words) {
		const size_t size = strcspn(words, " ");
		const size_t wide = text_columns(words, size);

		if (column > LABEL_WIDTH && column + 1 + wide > width) {
			fprintf(stream, "\n%*s", LABEL_WIDTH, "");
			column = LABEL_WIDTH;
		} else if (column > LABEL_WIDTH) {
			fputc(' ', stream);
			column++;
		}
		fwrite(words, 1, size, stream);
		column += wide;
		words += size;
		words += *words == ' ';
	}
	fputc('\n', stream);
}

void print_labelled(const char *label, const char *text, unsigned width, FILE *stream)
{
	if (!*text)
		return;

	char *folded = white_space_folded(text, strlen(text));
	char *safe = escaped(folded);

	fprintf(stream, "%s:%*s", label, (int)(LABEL_WIDTH - 1 - strlen(label)), "");
	print_wrapped(safe, width, stream);
	free(safe);
	free(folded);
}

static void print_alias_list(const struct fact *fact, unsigned width, FILE *stream)
{
	char *list = NULL;
	size_t size;
	FILE *memory = must_have(open_memstream(&list, &size));

	print_aliases(fact, ", ", memory);
	must_have(fclose(memory) == 0 ? list : NULL);
	if (*list) {
		fprintf(stream, "%-*s", LABEL_WIDTH, "Aliases:");
		print_wrapped(list, width, stream);
	}
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

void print_fact_texts(const struct fact *fact, unsigned width, FILE *stream)
{
	for (unsigned i = 0; i < TEXT_COUNT; i++)
		if (strcasecmp(fact->row.text[i], fact_status_text(fact->status)) != 0) /* as most nameless rows do */
			print_labelled(fact_text_label(i), fact->row.text[i], width, stream);
}

void print_fact_block(const struct fact *fact, unsigned width, FILE *stream)
{
	const struct snapshot_row *row = &fact->row;
	char ports[PORTS_SIZE];

	format_ports(row, ports);
	print_labelled("Service name", row->name, width, stream);
	print_alias_list(fact, width, stream);
	print_labelled(row->first_port == row->last_port ? "Port" : "Ports", ports, width, stream);
	print_labelled("Protocol", row->protocol, width, stream);
	print_labelled("Status", fact_status_text(fact->status), width, stream);
	print_fact_texts(fact, width, stream);
	if (row->from_overlay)
		print_labelled("Source", "this site's overlay", width, stream);
}

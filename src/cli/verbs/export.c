/* SPDX-License-Identifier: MIT */
/* ianareg export: a snapshot as services(5), as IANA's CSV, or as JSON. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <csv.h>

#include "base/escape.h"
#include "base/memory.h"
#include "base/same_file.h"
#include "cli/chosen_snapshot.h"
#include "compiler/registry_csv.h"
#include "compiler/services_file.h"
#include "compiler/snapshot_writer.h"
#include "export/facts_only.h"
#include "export/row_json.h"
#include "publish/publish.h"

static const char help[] =
	"Usage: ianareg export --format FORMAT [OPTION]...\n"
	"Write a snapshot as text to standard output.\n"
	"\n"
	"  --format FORMAT  services: what answers, as /etc/services has it\n"
	"                   csv: IANA's rows in IANA's layout; overlays are left out\n"
	"                   json: an array of all rows, overlays included\n"
	"  --no-notes       csv and json: facts alone. Descriptions end with their first\n"
	"                   sentence, and notes are only what a compile reads in them.\n"
	"  --snapshot FILE  export this snapshot, not the one in use\n"
	"  -o FILE          write FILE, whole or not at all\n"
	"  -h, --help       this help\n"
	"\n"
	"Exit status: 0 done, 1 there is no such file or it cannot be written, 3 the\n"
	"snapshot is damaged.\n"
	"\n"
	"Examples: ianareg export --format services -o services\n"
	"          ianareg export --format json | jq length\n";

struct exporter {
	struct chosen_snapshot chosen;
	enum exit_status (*write)(const struct exporter *exporter, FILE *stream); /* may leave errors in the stream */
	const char *output; /* NULL: standard output */
	bool facts_only;
};

static enum exit_status write_services(const struct exporter *exporter, FILE *stream)
{
	struct diagnostics diagnostics = {.stream = stderr};

	if (services_file_write(&exporter->chosen.file.snapshot, stream, exporter->chosen.path, &diagnostics) ==
	    OUTCOME_OK)
		return EXIT_DONE;
	clearerr(stream); /* it is said here, and main() need not say it again */
	return complain(exporter->output ? exporter->output : "standard output", "%s", strerror(errno));
}

/* Call `write_row` for each row, as facts alone where that is asked. */
static enum exit_status for_each_row(const struct exporter *exporter,
				     void (*write_row)(const struct snapshot *, const struct snapshot_row *, void *),
				     void *context)
{
	const struct snapshot *snapshot = &exporter->chosen.file.snapshot;
	struct snapshot_row row;

	for (uint32_t i = 0; i < snapshot_row_count(snapshot); i++) {
		enum snapshot_status status = snapshot_row(snapshot, i, &row);

		if (status != SNAPSHOT_OK)
			return chosen_report_row(&exporter->chosen, i, status);
		if (!exporter->facts_only) {
			write_row(snapshot, &row, context);
			continue;
		}

		struct facts_only facts = facts_only_of(&row);

		for (unsigned j = 0; j < TEXT_COUNT; j++)
			row.text[j] = facts.text[j];
		write_row(snapshot, &row, context);
		facts_only_free(&facts);
	}
	return EXIT_DONE;
}

static bool needs_quotes(const char *cell)
{
	const size_t size = strlen(cell);

	if (cell[strcspn(cell, ",\"\r\n")])
		return true;
	return size && (strchr(WHITE_SPACE, cell[0]) || strchr(WHITE_SPACE, cell[size - 1]));
}

static void write_cell(const char *cell, const char *behind, FILE *stream)
{
	if (needs_quotes(cell))
		csv_fwrite(stream, cell, strlen(cell));
	else
		fputs(cell, stream);
	fputs(behind, stream);
}

static void write_csv_row(const struct snapshot *snapshot, const struct snapshot_row *row, void *stream)
{
	(void)snapshot;
	if (row->from_overlay)
		return;
	write_cell(row->name, ",", stream);
	if (row->has_port)
		fprintf(stream, "%u", row->first_port);
	if (row->first_port != row->last_port)
		fprintf(stream, "-%u", row->last_port);
	fputc(',', stream);
	write_cell(row->protocol, ",", stream);
	for (unsigned i = 0; i < TEXT_COUNT; i++)
		write_cell(row->text[i], i + 1 < TEXT_COUNT ? "," : "\r\n", stream);
}

static enum exit_status write_csv(const struct exporter *exporter, FILE *stream)
{
	for (unsigned i = 0; i < COLUMN_COUNT; i++)
		write_cell(csv_column_heads[i], i + 1 < COLUMN_COUNT ? "," : "\r\n", stream);
	return for_each_row(exporter, write_csv_row, stream);
}

static void write_json_row(const struct snapshot *snapshot, const struct snapshot_row *row, void *list)
{
	struct row_info row_info = row_info_of(snapshot, row);

	json_list_add(list, json_row_info(&row_info));
}

static enum exit_status write_json(const struct exporter *exporter, FILE *stream)
{
	struct json_list list = {.stream = stream};
	enum exit_status status = for_each_row(exporter, write_json_row, &list);

	json_list_end(&list);
	return status;
}

/* All in memory first: a file is published whole or not at all. */
static enum exit_status write_file(const struct exporter *exporter)
{
	struct diagnostics diagnostics = {.stream = stderr};
	char *bytes = NULL;
	size_t size;
	FILE *stream = xcheck(open_memstream(&bytes, &size));
	enum exit_status status = exporter->write(exporter, stream);

	xcheck(fclose(stream) == 0 ? bytes : NULL);
	if (status == EXIT_DONE)
		status = exit_status_of(publish_file(exporter->output, bytes, size, PUBLISH_ALONE, &diagnostics));
	free(bytes);
	return status;
}

static enum exit_status write_output(const struct exporter *exporter)
{
	if (!exporter->output)
		return exporter->write(exporter, stdout);
	if (same_file(exporter->output, exporter->chosen.path))
		return complain(exporter->output, "is the snapshot that would be exported");
	return write_file(exporter);
}

static enum exit_status run_export(const char *path, struct exporter *exporter)
{
	enum exit_status status = chosen_open(path, &exporter->chosen);

	if (status != EXIT_DONE)
		return status;
	status = chosen_validate(&exporter->chosen); /* what is exported replaces other files: it must be sound */
	if (status == EXIT_DONE)
		status = write_output(exporter);
	chosen_close(&exporter->chosen);
	return status;
}

static bool choose_format(const char *format, struct exporter *exporter)
{
	if (strcmp(format, "services") == 0)
		exporter->write = write_services;
	else if (strcmp(format, "csv") == 0)
		exporter->write = write_csv;
	else if (strcmp(format, "json") == 0)
		exporter->write = write_json;
	else
		complain(format, "no such format; there are services, csv and json");
	return exporter->write;
}

static enum exit_status check_usage(int argc, char **argv, const struct exporter *exporter)
{
	if (optind < argc)
		return complain(argv[optind], "export takes no arguments; see ianareg export --help");
	if (!exporter->write)
		return complain("export", "in which format? --format services, csv or json");
	if (exporter->facts_only && exporter->write == write_services)
		return complain("--no-notes", "is for the formats csv and json");
	if (exporter->output && !*exporter->output)
		return complain("-o", "a file needs a name");
	return EXIT_DONE;
}

/* Take one option; false after a message. */
static bool take_option(int option, struct exporter *exporter, const char **path)
{
	switch (option) {
	case 'f':
		return choose_format(optarg, exporter);
	case 'n':
		exporter->facts_only = true;
		return true;
	case 'o':
		exporter->output = strcmp(optarg, "-") == 0 ? NULL : optarg;
		return true;
	case 's':
		*path = optarg;
		return true;
	default:
		return false;
	}
}

enum exit_status verb_export(int argc, char **argv)
{
	static const struct option names[] = {
		{"format", required_argument, NULL, 'f'}, {"no-notes", no_argument, NULL, 'n'},
		{"output", required_argument, NULL, 'o'}, {"snapshot", required_argument, NULL, 's'},
		{"help", no_argument, NULL, OPTION_HELP}, {0},
	};
	struct exporter exporter = {.output = NULL};
	const char *path = NULL;
	int option;

	while ((option = next_option(argc, argv, ":ho:", names)) != OPTION_END) {
		if (option == OPTION_HELP)
			return print_help(help);
		if (!take_option(option, &exporter, &path))
			return EXIT_TROUBLE;
	}

	enum exit_status status = check_usage(argc, argv, &exporter);

	return status == EXIT_DONE ? run_export(path, &exporter) : status;
}

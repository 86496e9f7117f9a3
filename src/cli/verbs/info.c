/* SPDX-License-Identifier: MIT */
/* ianareg info: what a snapshot holds. */
#include <string.h>

#include "base/escape.h"
#include "cli/chosen_snapshot.h"
#include "cli/output/terminal.h"
#include "export/row_json.h"
#include "snapshot/accessors.h"

static const char help[] =
	"Usage: ianareg info [OPTION]... [FILE]\n"
	"Describe a snapshot, by default the one in use: its date, how many answers and\n"
	"rows it holds, and its sections.\n"
	"\n"
	"  --json           an object\n"
	"  -h, --help       this help\n"
	"\n"
	"Exit status: 0 done, 1 there is no such file, 3 it is not a snapshot.\n"
	"\n"
	"Examples: ianareg info\n"
	"          ianareg info --json /usr/lib/ianareg/ianareg.db | jq -r .newest_date\n";

/* What is told of a snapshot, and how many rows are of each kind. */
struct description {
	const struct snapshot *snapshot;
	const char *path;
	uint32_t row_counts[ROW_STATUS_STATUS_COUNT];
	uint32_t overlay_rows;
};

static enum exit_status count_rows(const struct chosen_snapshot *chosen, struct description *description)
{
	const struct snapshot *snapshot = &chosen->file.snapshot;
	struct snapshot_row row;

	for (uint32_t i = 0; i < snapshot_row_count(snapshot); i++) {
		enum snapshot_status status = snapshot_row(snapshot, i, &row);

		if (status != SNAPSHOT_OK)
			return chosen_report_row(chosen, i, status);
		description->row_counts[row_info_of(snapshot, &row).status]++;
		description->overlay_rows += row.from_overlay;
	}
	return EXIT_DONE;
}

static enum exit_status describe(const struct chosen_snapshot *chosen, struct description *description)
{
	*description = (struct description){.snapshot = &chosen->file.snapshot, .path = chosen->path};
	return count_rows(chosen, description);
}

static json_t *json_row_counts(const struct description *description)
{
	json_t *rows = json_object();

	json_put(rows, "total", json_integer(snapshot_row_count(description->snapshot)));
	for (unsigned i = 0; i < ROW_STATUS_DYNAMIC; i++)
		json_put(rows, row_status_text(i), json_integer(description->row_counts[i]));
	json_put(rows, "overlay", json_integer(description->overlay_rows));
	return rows;
}

static json_t *json_sections(const struct snapshot *snapshot)
{
	json_t *sections = json_object();

	for (unsigned i = 0; i < SECTION_COUNT; i++) {
		const struct section_info section = snapshot_section_info(snapshot, i);
		json_t *object = json_object();

		json_put(object, "offset", json_integer(section.offset));
		json_put(object, "size", json_integer(section.size));
		json_put(object, "count", json_integer(section.count));
		json_put(sections, section.name, object);
	}
	return sections;
}

static json_t *json_protocols(const struct snapshot *snapshot)
{
	json_t *protocols = json_array();

	for (unsigned i = 0; i < PROTOCOL_MAX && *snapshot_protocol_name(snapshot, i); i++)
		json_array_append_new(protocols, json_text(snapshot_protocol_name(snapshot, i)));
	return protocols;
}

static void print_json(const struct description *description)
{
	const struct snapshot *snapshot = description->snapshot;
	json_t *object = json_object();

	json_put(object, "path", json_text(description->path));
	json_put(object, "size", json_integer(snapshot_file_size(snapshot)));
	json_put(object, "format_version", json_integer(snapshot_format_version(snapshot)));
	json_put(object, "newest_date", json_text(snapshot_newest_date(snapshot)));
	json_put(object, "entries", json_integer(snapshot_entry_count(snapshot)));
	json_put(object, "names", json_integer(snapshot_name_count(snapshot)));
	json_put(object, "ports_used", json_integer(snapshot_used_port_count(snapshot)));
	json_put(object, "protocols", json_protocols(snapshot));
	json_put(object, "hot_bytes", json_integer(snapshot_hot_size(snapshot)));
	json_put(object, "rows", json_row_counts(description));
	json_put(object, "sections", json_sections(snapshot));
	json_print(object, stdout);
}

static void print_label(const char *label)
{
	if (terminal_width())
		printf("%-27s", label);
	else
		printf("%s\t", label);
}

static void print_number(const char *label, uint32_t number)
{
	print_label(label);
	printf("%u\n", number);
}

static void print_string(const char *label, const char *string)
{
	print_label(label);
	write_escaped(string, stdout);
	putchar('\n');
}

static void print_protocols(const struct snapshot *snapshot)
{
	print_label("protocols");
	for (unsigned i = 0; i < PROTOCOL_MAX && *snapshot_protocol_name(snapshot, i); i++) {
		fputs(i ? "," : "", stdout);
		write_escaped(snapshot_protocol_name(snapshot, i), stdout);
	}
	putchar('\n');
}

static void print_row_counts(const struct description *description)
{
	print_number("rows", snapshot_row_count(description->snapshot));
	for (unsigned i = 0; i < ROW_STATUS_DYNAMIC; i++)
		print_number(row_status_text(i), description->row_counts[i]);
	print_number("rows of overlays", description->overlay_rows);
}

static void print_sections(const struct snapshot *snapshot)
{
	const char *line = terminal_width() ? "%-27s%10s%10s%10s\n" : "%s\t%s\t%s\t%s\n";
	const char *numbers = terminal_width() ? "%-27s%10u%10u%10u\n" : "%s\t%u\t%u\t%u\n";

	printf(line, "section", "offset", "size", "count");
	for (unsigned i = 0; i < SECTION_COUNT; i++) {
		const struct section_info section = snapshot_section_info(snapshot, i);

		printf(numbers, section.name, section.offset, section.size, section.count);
	}
}

static void print_text(const struct description *description)
{
	const struct snapshot *snapshot = description->snapshot;

	print_string("path", description->path);
	print_number("size", snapshot_file_size(snapshot));
	print_number("format version", snapshot_format_version(snapshot));
	print_string("newest date", snapshot_newest_date(snapshot));
	print_number("entries", snapshot_entry_count(snapshot));
	print_number("names", snapshot_name_count(snapshot));
	print_number("ports used", snapshot_used_port_count(snapshot));
	print_protocols(snapshot);
	print_number("hot bytes", snapshot_hot_size(snapshot));
	print_row_counts(description);
	print_sections(snapshot);
}

static enum exit_status print_info(const char *path, bool json)
{
	struct chosen_snapshot chosen;
	struct description description;
	enum exit_status status = chosen_open(path, &chosen);

	if (status != EXIT_DONE)
		return status;
	status = describe(&chosen, &description);
	if (status == EXIT_DONE && json)
		print_json(&description);
	else if (status == EXIT_DONE)
		print_text(&description);
	chosen_close(&chosen);
	return status;
}

enum exit_status verb_info(int argc, char **argv)
{
	bool json = false;
	enum exit_status status;

	if (!take_json_option(argc, argv, help, &json, &status))
		return status;
	if (argc - optind > 1)
		return complain(argv[optind + 1], "one file at most; see ianareg info --help");
	return print_info(argv[optind], json);
}

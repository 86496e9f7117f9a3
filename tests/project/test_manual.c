/* SPDX-License-Identifier: MIT */
/* The manual: sound mdoc, and every verb and option of the tool stands in it. */
#include <ctype.h>

#include "tests/support/cli_tool.h"

static const char *const pages[] = {"man/ianareg.1", "man/ianareg-snapshot.5", "man/ianareg-update.8",
				    "man/libnss_ianareg.8"};
enum { PAGE_COUNT = sizeof pages / sizeof *pages };

static void need_mandoc(void)
{
	struct run result = run("command -v mandoc");
	const bool missing = result.status != 0;

	free_run(&result);
	if (!missing)
		return;
	puts("note: mandoc is not installed: skipped");
	skip();
}

/* What mandoc says of pages that other packages have, or have not, on this machine is no fault of ours. */
TEST(mandoc_has_nothing_to_say)
{
	need_mandoc();
	for (unsigned i = 0; i < PAGE_COUNT; i++) {
		struct run result = run(
			text("mandoc -T lint %s 2>&1 | grep -v 'mandoc.db\\|referenced manual not found'", pages[i]));

		assert_string_equal(result.out, "");
		free_run(&result);
	}
}

TEST(pages_fit_a_terminal_of_80_columns)
{
	need_mandoc();
	for (unsigned i = 0; i < PAGE_COUNT; i++) {
		struct run result =
			run(text("mandoc -T ascii -O width=78 %s | sed 's/.\\x08//g' | grep '.\\{81\\}'", pages[i]));

		assert_string_equal(result.out, "");
		free_run(&result);
	}
}

/* ---- drift ---- */

/* Each line that a command prints. */
static void for_each_line(const char *command, void (*take)(const char *line, void *context), void *context)
{
	struct run result = in_scratch(command);
	char *rest = result.out;

	assert_int_equal(result.status, 0);
	for (char *line; (line = strsep(&rest, "\n")) && *line;)
		take(line, context);
	free_run(&result);
}

/* The part of ianareg(1) about a verb or, for those that have a page of their own, that page. */
static char *section_of(const char *verb)
{
	const bool updates = strcmp(verb, "update") == 0 || strcmp(verb, "rollback") == 0;
	char *page = read_file(updates ? pages[2] : pages[0], NULL);
	char *start = updates ? page : strstr(page, text(".Ss %s\n", verb));
	char *end = start ? strstr(start + 1, "\n.S") : NULL;

	if (!start)
		fail_msg("ianareg(1) has no section on %s", verb);
	memmove(page, start, strlen(start) + 1);
	if (!updates && end)
		page[end - start] = '\0';
	return page;
}

/* `--json` in a page is no `--jsonl`. */
static bool has_flag(const char *section, const char *flag)
{
	const char *found = section, *macro = text("Fl %s", flag);

	while ((found = strstr(found, macro))) {
		found += strlen(macro);
		if (!isalnum((unsigned char)*found) && *found != '-')
			return true;
	}
	return false;
}

TEST(a_flag_is_not_the_beginning_of_another)
{
	assert_true(has_flag(".Op Fl -json | Fl -jsonl\n", "-json"));
	assert_false(has_flag(".Op Fl -jsonl\n.Fl -json-lines\n", "-json"));
	assert_true(has_flag(".It Fl -jsonl , Fl -json", "-json"));
}

/* An option must stand in the verb's section as mdoc has it; update's settings are named without the dashes. */
static void assert_option(const char *option, void *verb)
{
	char *section = section_of(verb);

	if (strlen(option) < 2 || !has_flag(section, option + 1))
		fail_msg("the manual says nothing of %s %s", (const char *)verb, option);
	free(section);
}

/* Options of a help text are the words with dashes at the start of its lines of options. */
static void assert_verb(const char *verb, void *count)
{
	char copy[32];

	snprintf(copy, sizeof copy, "%s", verb);
	++*(unsigned *)count;
	for_each_line(text("ianareg %s --help | sed -n '/^  -/{s/^  //;s/  .*//;p;}' | grep -oE -e '--?[a-z][a-z-]*' | "
			   "grep -vxE -e '-h|--help' || true",
			   copy),
		      assert_option, copy);
}

#define VERBS "ianareg --help | sed -n 's/^  \\([a-z][a-z]*\\)  *[^ ].*/\\1/p' | grep -vx ianareg"

TEST(every_option_of_every_verb_stands_in_the_manual)
{
	unsigned count = 0;

	for_each_line(VERBS, assert_verb, &count);
	assert_true(count >= 8);
}

/* The shell's prompt takes the last of the terminal's lines. */
static void assert_help_fits(const char *verb, void *context)
{
	struct run result = in_scratch(
		text("ianareg %s --help | awk 'length > 80 || NR > 23 { print FILENAME NR \": \" $0 }'", verb));

	(void)context;
	if (*result.out)
		fail_msg("%s --help does not fit 80x24: %s", verb, result.out);
	free_run(&result);
}

TEST(every_help_fits_a_terminal_of_80_by_24)
{
	assert_help_fits("", NULL);
	for_each_line(VERBS, assert_help_fits, NULL);
}

static void assert_page_says(const char *page, const char *line)
{
	if (!strstr(page, line))
		fail_msg("ianareg-snapshot(5) lacks: %s", line);
}

/* The sizes of items, in the table of sections. */
static void assert_item_sizes(const char *page)
{
	static const struct {
		const char *section;
		size_t size;
	} items[] = {
		{"BLOCKS", sizeof(le16)},          {"PORTS", sizeof(le32)},
		{"SLOTS", sizeof(le32)},           {"PREFERRED", sizeof(struct disk_preferred)},
		{"ROWS", sizeof(struct disk_row)}, {"DETAILS", sizeof(struct disk_details)},
	};

	for (size_t i = 0; i < sizeof items / sizeof *items; i++)
		assert_page_says(page, text("\n.It %s Ta %zu Ta ", items[i].section, items[i].size));
	assert_page_says(page, text("\n.It RECORDS Ta %zu + names Ta ", sizeof(struct disk_record)));
	assert_page_says(page, text(": %d blocks of %d ports\n", BLOCK_COUNT, PORTS_PER_BLOCK));
	assert_page_says(page, text("BLOCKS begins at %d and PORTS at %d in", (int)BLOCKS_OFF, (int)PORTS_OFF));
}

/* The fields of records and rows, in their own tables. */
static void assert_fields(const char *page)
{
#define FIELD(type, field, said)                                                               \
	assert_page_says(page, text("\n.It %zu Ta %zu Ta " said, offsetof(struct type, field), \
				    sizeof((struct type *)0)->field))
	FIELD(disk_record, check, "checksum of the rest of the record");
	FIELD(disk_record, port, "port\n");
	FIELD(disk_record, names_size, "size of the names");
	FIELD(disk_record, protocols, "bits of the protocols");
	FIELD(disk_record, first_protocol, "the protocol that answers");
	FIELD(disk_record, alias_count, "number of aliases");
	FIELD(disk_record, flags, "flags; 1: found by name only");
	FIELD(disk_row, name_off, "service name");
	FIELD(disk_row, details_number, "index in DETAILS");
	FIELD(disk_row, first_port, "first port");
	FIELD(disk_row, last_port, "last port");
	FIELD(disk_row, protocol, "protocol;");
	FIELD(disk_row, flags, "flags; 1: it has a port");
	FIELD(disk_row, reserved, "zero");
#undef FIELD
	assert_page_says(page, text("\n.It %zu Ta any Ta the service name", sizeof(struct disk_record)));
}

/* The offsets and sizes that the page of the format gives are those of the header that reader and writer include. */
TEST(the_page_of_the_format_agrees_with_format_h)
{
	static const struct {
		size_t offset, size;
		const char *said;
	} fields[] = {
#define HEADER_FIELD(field, said) {offsetof(struct disk_header, field), sizeof((struct disk_header *)0)->field, said}
		HEADER_FIELD(magic, "magic:"),
		HEADER_FIELD(version, "version"),
		HEADER_FIELD(file_size, "size of the file"),
		HEADER_FIELD(body_check, "checksum of all"),
		HEADER_FIELD(hash_seed, "seed"),
		HEADER_FIELD(slot_count, "home slots; SLOTS holds 64 more"),
		HEADER_FIELD(entry_count, "answers"),
		HEADER_FIELD(name_count, "different names"),
		HEADER_FIELD(protocols, "names of 8 protocols, 8 bytes each"),
		HEADER_FIELD(sections, "the sections in order"),
		HEADER_FIELD(newest_date, "the newest date"),
		HEADER_FIELD(reserved, "zero"),
		HEADER_FIELD(header_check, "checksum of the header"),
#undef HEADER_FIELD
	};
	char *page = read_file(pages[1], NULL);

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (!strstr(page, text(".It %zu Ta %zu Ta %s", fields[i].offset, fields[i].size, fields[i].said)))
			fail_msg("ianareg-snapshot(5): %s is at %zu, %zu bytes", fields[i].said, fields[i].offset,
				 fields[i].size);
	assert_non_null(strstr(page, text("This is version %d.", SNAPSHOT_VERSION)));
	assert_item_sizes(page);
	assert_fields(page);
	free(page);
}

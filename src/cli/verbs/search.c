/* SPDX-License-Identifier: MIT */
/* ianareg search: the rows that have words in them. */
#include <string.h>

#include "base/memory.h"
#include "base/parse.h"
#include "cli/chosen_snapshot.h"
#include "cli/output/row_text.h"
#include "cli/output/search_table.h"
#include "cli/output/terminal.h"
#include "export/row_json.h"

static const char help[] =
	"Usage: ianareg search [OPTION]... WORD...\n"
	"The rows of the registry in which every WORD is found, the best first: as the\n"
	"name, as an alias, in the name, in an alias, in the description (whole words\n"
	"before parts), the assignee or contact, the reference, the unauthorised use, the\n"
	"notes. Upper and lower case are the same; nothing in a WORD is special.\n"
	"\n"
	"  --limit N        no more than the best N\n"
	"  --without-port   services without a port only; a WORD may then be missing\n"
	"  --json, --jsonl  an array, or a line each: the row as of lookup, and matched\n"
	"  --snapshot FILE  search this snapshot, not the one in use\n"
	"  -h, --help       this help\n"
	"\n"
	"On a terminal a service's ports share a line; else lines are those of lookup.\n"
	"Exit status: 0 found, 1 bad usage or no snapshot, 2 nothing found, 3 damaged.\n"
	"\n"
	"Examples:\n"
	"  ianareg search message submission\n"
	"  ianareg search RFC 8314              RFC8314 and 8314 are the same\n"
	"  ianareg search --limit 5 apple | cut -f 1-3\n"
	"  ianareg search --without-port printer\n";

enum search_form {
	FORM_TEXT,
	FORM_JSON,
	FORM_JSON_LINES,
};

enum { LIMIT_MAX = 999999999 };

struct search {
	struct chosen_snapshot chosen;
	struct pattern *pattern;
	const char *path; /* of the snapshot that was asked for, or NULL */
	uint32_t limit;
	enum search_form form;
	bool without_port;
	uint64_t *found; /* rank << 32 | row number: sorted, that is best first, then the registry's order */
	size_t found_count;
};

static void consider(struct search *search, uint32_t number, const struct row_info *row_info)
{
	uint32_t rank;

	if (search->without_port && row_info->status != ROW_STATUS_WITHOUT_PORT)
		return;
	rank = pattern_match(search->pattern, row_info);
	if (rank == NO_MATCH)
		return;
	search->found = grow_by_one(search->found, search->found_count, sizeof *search->found);
	search->found[search->found_count++] = (uint64_t)rank << 32 | number;
}

static enum exit_status find_rows(struct search *search)
{
	const struct snapshot *snapshot = &search->chosen.file.snapshot;
	const uint32_t count = snapshot_row_count(snapshot);
	struct snapshot_row row;

	for (uint32_t i = 0; i < count; i++) {
		const enum snapshot_status status = snapshot_row(snapshot, i, &row);

		if (status != SNAPSHOT_OK)
			return chosen_report_row(&search->chosen, i, status);

		const struct row_info row_info = row_info_of(snapshot, &row);

		consider(search, i, &row_info);
	}
	if (search->found_count)
		qsort(search->found, search->found_count, sizeof *search->found, compare_u64);
	return search->found_count ? EXIT_DONE : EXIT_NOT_FOUND;
}

/* The row's object, and where each word is in it. */
static json_t *json_found(struct search *search, const struct row_info *row_info)
{
	json_t *object = json_row_info(row_info), *matched = xcheck(json_array());

	pattern_match(search->pattern, row_info);
	for (size_t i = 0; i < pattern_word_count(search->pattern); i++) {
		const enum match_place place = pattern_place(search->pattern, i);
		json_t *match = xcheck(json_object());

		json_put(match, "word", json_text(pattern_word(search->pattern, i)));
		json_put(match, "field", json_text(match_field(place)));
		json_put(match, "part", json_text(match_part(place)));
		if (json_array_append_new(matched, match) != 0)
			xcheck(NULL);
	}
	json_put(object, "matched", matched);
	return object;
}

static void print_found(struct search *search, struct json_list *list, const struct row_info *row_info)
{
	if (search->form == FORM_JSON)
		json_list_add(list, json_found(search, row_info));
	else if (search->form == FORM_JSON_LINES)
		json_print_line(json_found(search, row_info), stdout);
	else
		print_row_line(row_info, stdout);
}

static void print_rows(struct search *search)
{
	const struct snapshot *snapshot = &search->chosen.file.snapshot;
	struct json_list list = {.stream = stdout};
	struct snapshot_row row;

	for (size_t i = 0; i < search->found_count && i < search->limit; i++)
		if (snapshot_row(snapshot, (uint32_t)search->found[i], &row) == SNAPSHOT_OK) { /* as it was before */
			const struct row_info row_info = row_info_of(snapshot, &row);

			print_found(search, &list, &row_info);
		}
	if (search->form == FORM_JSON)
		json_list_end(&list);
}

static enum exit_status search_chosen(struct search *search)
{
	const unsigned width = search->form == FORM_TEXT ? terminal_width() : 0;
	const enum exit_status status = find_rows(search);

	if (status == EXIT_INVALID)
		return status;
	if (status == EXIT_NOT_FOUND)
		complain("search", "nothing found");
	if (width && search->found_count)
		print_search_table(&search->chosen.file.snapshot, search->pattern, search->found, search->found_count,
				   search->limit, width, stdout);
	else
		print_rows(search);
	return status;
}

static enum exit_status check_words(const struct search *search, char *const *words)
{
	if (!*words && !search->without_port)
		return complain("search", "which word? See ianareg search --help");
	for (; *words; words++)
		if (pattern_word_is_empty(*words))
			return complain("search", "a word is empty");
	return EXIT_DONE;
}

static enum exit_status search_words(struct search *search, char *const *words, int count)
{
	enum exit_status status = check_words(search, words);

	if (status == EXIT_DONE)
		status = chosen_open(search->path, &search->chosen);
	if (status != EXIT_DONE)
		return status;
	search->pattern = pattern_new(words, (size_t)count);
	status = search_chosen(search);
	pattern_free(search->pattern);
	free(search->found);
	chosen_close(&search->chosen);
	return status;
}

enum exit_status verb_search(int argc, char **argv)
{
	static const struct option names[] = {
		{"json", no_argument, NULL, 'j'},
		{"jsonl", no_argument, NULL, 'l'},
		{"limit", required_argument, NULL, 'n'},
		{"snapshot", required_argument, NULL, 's'},
		{"without-port", no_argument, NULL, 'w'},
		{"help", no_argument, NULL, OPTION_HELP},
		{0},
	};
	struct search search = {.limit = LIMIT_MAX};
	int option;

	while ((option = next_option(argc, argv, ":h", names)) != OPTION_END) {
		if (option == OPTION_BAD)
			return EXIT_TROUBLE;
		if (option == OPTION_HELP)
			return print_help(help);
		if (option == 'n' && (!parse_number(optarg, strlen(optarg), LIMIT_MAX, &search.limit) || !search.limit))
			return complain(optarg, "--limit takes a number from 1 to 999999999");
		if (option == 'j' || option == 'l')
			search.form = option == 'j' ? FORM_JSON : FORM_JSON_LINES;
		search.path = option == 's' ? optarg : search.path;
		search.without_port |= option == 'w';
	}
	return search_words(&search, argv + optind, argc - optind);
}

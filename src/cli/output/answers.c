/* SPDX-License-Identifier: MIT */
/* How answers to keys are shown. */
#include "cli/output/answers.h"
#include "cli/output/row_table.h"
#include "cli/output/row_text.h"

enum { BLOCKS_MAX = 3 /* more fill a screen, and are easier to compare in a table */ };

void answers_add(struct answers *answers, const char *key, const struct finding *finding, const char *fault)
{
	switch (answers->format) {
	case ANSWER_JSON:
		json_list_add(&answers->list, json_query_result(key, finding, fault));
		break;
	case ANSWER_JSON_LINES:
		json_print_line(json_query_result(key, finding, fault), stdout);
		break;
	case ANSWER_LINES:
		for (uint32_t i = 0; i < finding->fact_count; i++)
			print_row_line(&finding->facts[i], stdout);
		break;
	default:
		for (uint32_t i = 0; i < finding->fact_count; i++)
			row_groups_add(&answers->groups, &finding->facts[i]);
	}
}

static bool is_table(const struct answers *answers)
{
	return answers->format == ANSWER_TABLE ||
	       (answers->format == ANSWER_FITTING && answers->groups.count > BLOCKS_MAX);
}

static void show_blocks(const struct row_groups *groups, unsigned width)
{
	for (uint32_t i = 0; i < groups->count; i++) {
		if (i)
			fputc('\n', stdout);
		print_row_block(&groups->list[i], width, stdout);
	}
}

void answers_print(struct answers *answers)
{
	const struct row_groups *groups = &answers->groups;
	const unsigned width = reading_width();

	if (!groups->count)
		return;
	if (answers->has_shown)
		fputc('\n', stdout);
	answers->has_shown = true;
	if (!is_table(answers) || !print_row_table(groups, width, stdout))
		show_blocks(groups, width);
	row_groups_free(&answers->groups);
}

void answers_free(struct answers *answers)
{
	answers_print(answers);
	if (answers->format == ANSWER_JSON)
		json_list_end(&answers->list);
}

/* SPDX-License-Identifier: MIT */
/* Rows of a CSV file. */
#include "tests/oracles/csv_rows.h"
#include "tests/support/support.h"

char *split_csv_row(char *at, char *cells[CSV_CELL_MAX])
{
	static char nothing[1];
	unsigned count = 0;
	bool row_ended = false;

	if (!*at)
		return NULL;
	while (!row_ended) {
		char *to = at;

		assert_true(count < CSV_CELL_MAX);
		cells[count++] = to;
		if (*at == '"') {
			for (at++; *at != '"' || *++at == '"'; at++)
				*to++ = *at;
		} else {
			while (*at && *at != ',' && *at != '\n' && *at != '\r')
				*to++ = *at++;
		}
		at += *at == '\r';
		row_ended = *at != ',';
		at += *at != '\0';
		*to = '\0';
	}
	while (count < CSV_CELL_MAX)
		cells[count++] = nothing;
	return at;
}

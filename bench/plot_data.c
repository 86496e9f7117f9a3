/* SPDX-License-Identifier: MIT */
/* Read the section growth of a bench.json: see plot_data.h. */
#include <err.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>

#include "bench/plot_data.h"
#include "bench/text.h"

static const char *const sizes[] = {"tenth", "today", "fivefold", "limit"};
static const char *const columns[] = {"ianareg_port", "ianareg_name", "files_port", "nss_db_port", "cdb_port"};

static double median_of(const json_t *figures, const char *size, const char *what)
{
	const json_t *figure = json_object_get(figures, text_of("%s_%s", size, what));

	return figure ? json_number_value(json_object_get(figure, "median")) : (double)NAN;
}

int plot_data_print(const char *json_path)
{
	json_error_t error;
	json_t *root = json_load_file(json_path, 0, &error);
	const json_t *figures =
		json_object_get(json_object_get(json_object_get(root, "sections"), "growth"), "figures");

	if (!root)
		errx(1, "%s:%d: %s", json_path, error.line, error.text);
	if (!figures)
		errx(1, "%s has no section growth: run make bench", json_path);
	for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		printf("%.0f", median_of(figures, sizes[i], "entries"));
		for (unsigned j = 0; j < sizeof columns / sizeof *columns; j++)
			printf(" %.1f", median_of(figures, sizes[i], columns[j]));
		putchar('\n');
	}
	json_decref(root);
	return 0;
}

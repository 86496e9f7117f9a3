/* SPDX-License-Identifier: MIT */
/*
 * Three readers of the registry's rows, none of them the compiler's: of an excerpt of IANA's plain-text page, of the CSV, and
 * of what `ianareg lookup` prints. White space is folded in all of them, since the page has lost its own.
 */
#ifndef IANAREG_TESTS_ORACLES_EXCERPT_H
#define IANAREG_TESTS_ORACLES_EXCERPT_H

#include <stdbool.h>
#include <stddef.h>

/* The registry's columns. */
enum cell {
	CELL_NAME,
	CELL_PORTS,
	CELL_PROTOCOL,
	CELL_DESCRIPTION,
	CELL_ASSIGNEE,
	CELL_CONTACT,
	CELL_REGISTERED,
	CELL_MODIFIED,
	CELL_REFERENCE,
	CELL_SERVICE_CODE,
	CELL_UNAUTHORIZED,
	CELL_NOTES,
	CELL_COUNT,
};

struct row {
	const char *cells[CELL_COUNT]; /* "" where the row has nothing */
	const char *status, *aliases; /* lookup's alone */
};

/* Rows and the bytes they point into. free_rows() them. */
struct rows {
	struct row *rows;
	size_t count;
	char *bytes;
};

/*
 * The table of a plain-text page: cells stand with a blank between them, and nothing where a cell is empty. Fails the test if
 * putting the cells together again does not give every word of the table. date[] is the page's own, YYYY-MM-DD.
 */
struct rows read_excerpt(const char *page, char date[11]);

struct rows read_published(const char *csv);

/* The lines of `ianareg lookup` when no terminal is there. */
struct rows read_lookup(const char *lines);

void free_rows(struct rows *rows);

/* The first cell in which they differ; CELL_COUNT if they are the same. */
enum cell first_difference(const struct row *a, const struct row *b);

/* The row that is the same in every cell, or NULL. */
const struct row *find_same(const struct rows *rows, const struct row *row);

/* The row of the same name, ports and protocol, or NULL. */
const struct row *find_counterpart(const struct rows *rows, const struct row *row);

/* Whether a published row speaks of ports and a protocol that the other does. */
bool rows_meet(const struct row *a, const struct row *b);

/* The first and last port of a row that has any. */
void ports_of(const struct row *row, unsigned *first, unsigned *last);

/*
 * Why lookup, which shows `shown`, may say something else than a row of a page of `date`: the registry as published, read
 * by ourselves, says what lookup does, and not what the page does; and where the row is gone, a row in its place is younger
 * than the page. NULL, or what speaks against it.
 */
const char *unexplained(const struct row *row, const char *date, const struct rows *published,
			const struct rows *shown);

#endif

/* SPDX-License-Identifier: MIT */
/* Reading the files given to a compile. */
#ifndef IANAREG_COMPILER_INPUT_H
#define IANAREG_COMPILER_INPUT_H

#include <stddef.h>
#include <stdio.h>

#include "base/diagnostics.h"

/* What messages call it: the path, or "standard input". */
const char *input_name(const char *path);

/*
 * Open a file for reading, "-" for standard input; close it with fclose(). A FIFO without a writer reads as empty.
 * OUTCOME_OK, or OUTCOME_FAILED with a message.
 */
enum outcome open_input(const char *path, FILE **stream);

/*
 * Read a whole file, NUL added after; free() the bytes. OUTCOME_FAILED or, past CSV_FILE_MAX bytes, OUTCOME_INVALID,
 * with a message.
 */
enum outcome read_input(const char *path, char **bytes, size_t *size);

/* A stream over those bytes; close it with fclose(), free the bytes after that. */
FILE *stream_over(char *bytes, size_t size);

#endif

/* SPDX-License-Identifier: MIT */
/* Files given to a compile, whatever they turn out to be. */
#ifndef IANAREG_CLI_INPUT_H
#define IANAREG_CLI_INPUT_H

#include <stddef.h>
#include <stdio.h>

#include "cli/cli.h"

/* What messages call it: the path, or "standard input". */
const char *input_name(const char *path);

/*
 * Open a file for reading, "-" for standard input; close it with fclose(). A FIFO without a writer reads as empty.
 * EXIT_DONE, or EXIT_TROUBLE with a message.
 */
enum exit_status open_input(const char *path, FILE **stream);

/*
 * Read a whole file, NUL added behind; free() the bytes. EXIT_TROUBLE or, past CSV_FILE_MAX bytes, EXIT_INVALID, with a
 * message.
 */
enum exit_status read_input(const char *path, char **bytes, size_t *size);

/* A stream over those bytes; close it with fclose(), free the bytes after that. */
FILE *stream_over(char *bytes, size_t size);

#endif

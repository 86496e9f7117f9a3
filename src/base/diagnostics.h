/* SPDX-License-Identifier: MIT */
/*
 * How code below the tool says that something went wrong: an outcome for the caller, and a line "ianareg: FILE:LINE:
 * what is wrong" for the user. Exit statuses are the tool's (cli/cli.h).
 */
#ifndef IANAREG_BASE_DIAGNOSTICS_H
#define IANAREG_BASE_DIAGNOSTICS_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#define MESSAGE_PREFIX "ianareg: " /* of every message */

enum outcome {
	OUTCOME_OK,
	OUTCOME_FAILED, /* wrong usage, or the system refused: no such file, disk full */
	OUTCOME_INVALID, /* the data is not what it must be */
	OUTCOME_BUSY, /* another process is at work on the same thing: try again later */
};

/* Print "ianareg: SUBJECT: message" on stderr; the subject may hold any bytes. OUTCOME_FAILED, to return. */
__attribute__((format(printf, 2, 3))) enum outcome report_failure(const char *subject, const char *format, ...);
__attribute__((format(printf, 2, 0))) void report_failure_v(const char *subject, const char *format, va_list arguments);

/* Zero-initialise but for the stream. One thread at a time. */
struct diagnostics {
	FILE *stream; /* where lines go; the owner closes it */
	uint32_t warning_count;
	uint32_t warnings_shown; /* print at most this many; 0: all */
};

/*
 * A row or line that is skipped or suspicious: print (unless enough were) and count. `line` is a physical line, from 1.
 */
__attribute__((format(printf, 4, 5))) void diagnose_warning(struct diagnostics *diagnostics, const char *file,
							    uint32_t line, const char *format, ...);

/* Why the whole input is refused: print. Line 0 leaves the line out. */
__attribute__((format(printf, 4, 5))) void diagnose_error(struct diagnostics *diagnostics, const char *file,
							  uint32_t line, const char *format, ...);

#endif

/* SPDX-License-Identifier: MIT */
/* What the compiler says about its input: lines "ianareg: FILE:LINE: what is wrong", counted. */
#ifndef IANAREG_COMPILER_DIAGNOSTICS_H
#define IANAREG_COMPILER_DIAGNOSTICS_H

#include <stdint.h>
#include <stdio.h>

enum compile_status {
	COMPILE_OK,
	COMPILE_FAILED, /* the system would not: no such file, no memory, disk full */
	COMPILE_INVALID, /* the data is not what it must be */
};

/* Zero-initialise but for the stream. One thread at a time. */
struct diagnostics {
	FILE *stream; /* where lines go; the owner closes it */
	uint32_t warning_count;
	uint32_t warnings_shown; /* so many are printed; 0: all */
};

/* A row or line that is passed over or doubtful: print (unless enough were) and count. `line` is a physical line, from 1. */
__attribute__((format(printf, 4, 5))) void diagnose_warning(struct diagnostics *diagnostics, const char *file,
							    uint32_t line, const char *format, ...);

/* Why the whole input is refused: print. Line 0 leaves the line out. */
__attribute__((format(printf, 4, 5))) void diagnose_error(struct diagnostics *diagnostics, const char *file,
							  uint32_t line, const char *format, ...);

#endif

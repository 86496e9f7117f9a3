/* SPDX-License-Identifier: MIT */
/* What tests share: files, commands, and registries compiled in memory. Every failure here fails the test. */
#ifndef IANAREG_TESTS_SUPPORT_SUPPORT_H
#define IANAREG_TESTS_SUPPORT_SUPPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "compiler/registry.h"
#include "snapshot/snapshot.h"
#include "tests/support/test.h"

/* Whether this is a build with AddressSanitizer: slower, not to be loaded by other programs, unsafe to fork amid threads. */
#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
enum { UNDER_ASAN = 1 };
#else
enum { UNDER_ASAN = 0 };
#endif

/* ThreadSanitizer does not see the locks inside libc. */
#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
enum { UNDER_TSAN = 1 };
#else
enum { UNDER_TSAN = 0 };
#endif

/* IANA's twelve heads, as one line with its newline: the start of most registries in tests. */
#define CSV_HEAD                                                                                      \
	"Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,Registration Date," \
	"Modification Date,Reference,Service Code,Unauthorized Use Reported,Assignment Notes\n"

/* build/ or the directory of this variant; from $IANAREG_BUILD. Static. */
const char *build_dir(void);

/* A directory of this process's own under $TMPDIR, removed with all in it at exit. Static. */
const char *scratch_dir(void);

/* printf into a static ring of 16 strings: for paths and commands. */
__attribute__((format(printf, 1, 2))) const char *text(const char *format, ...);

/* The whole file, NUL added behind; free() it. `size` may be NULL. */
char *read_file(const char *path, size_t *size);
void write_file(const char *path, const void *bytes, size_t size);

/* What `sh -c command` did. free_run() it. */
struct run {
	int status; /* exit status, or 128 + signal */
	char *out, *err;
};
struct run run(const char *command);
void free_run(struct run *run);

/* A registry compiled as `ianareg compile` does it, in memory. */
struct compiled {
	enum outcome status;
	uint32_t warning_count;
	char *messages; /* all that was printed */
	unsigned char *bytes; /* NULL unless OUTCOME_OK */
	size_t size;
	struct snapshot snapshot; /* opened, if OUTCOME_OK */
};

/*
 * Compile CSV text of `size` bytes (called "registry.csv" in messages) with, if not NULL, a services(5) overlay
 * ("overlay") and preferences ("preferences"). free_compiled() the result.
 */
struct compiled compile_csv(const char *csv, size_t size, const char *overlay, const char *preferences);

/* The same without overlays for a string, which must compile without a warning. */
struct compiled compile_clean(const char *csv);

/* The same for a file, with the bundled preferences, as the tool does it. */
struct compiled compile_file(const char *path);
void free_compiled(struct compiled *compiled);

/* The bundled registry, and the published one if $IANAREG_PUBLISHED or ../shared/registry has it (else NULL). */
#define BUNDLED_CSV "data/service-names-port-numbers.csv"
const char *published_csv(void);

/* A pseudo-random sequence that is the same everywhere. */
uint32_t next_random(uint64_t *state);

#endif

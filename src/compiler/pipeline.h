/* SPDX-License-Identifier: MIT */
/* The pipeline: from source texts to the bytes of a snapshot, for `compile` and `update`. */
#ifndef IANAREG_COMPILER_PIPELINE_H
#define IANAREG_COMPILER_PIPELINE_H

#include "base/diagnostics.h"
#include "compiler/registry.h"

enum { OVERLAYS_MAX = 64 }; /* a row's source has 8 bits */

struct build_input {
	const char *path; /* and what messages call it; - is standard input */
	char *bytes; /* NULL: read from `path` when its turn comes. A NUL follows them; the owner frees them */
	size_t size;
};

struct build {
	struct build_input overlays[OVERLAYS_MAX]; /* the first wins over later ones, and all win over the registry */
	unsigned overlay_count;
	struct build_input registry;
	struct registry_options options;
};

/* A build without sources that leaves nothing out. */
struct build build_of_everything(void);

/* Add an overlay, read an option as users write it. NULL, or what is wrong with the text. */
const char *build_take_overlay(const char *path, struct build *build);
const char *build_take_protocols(const char *list, struct build *build);
const char *build_take_max_port(const char *text, struct build *build);

/* Where a snapshot goes when nobody says: $IANAREG_SNAPSHOT, or the site's. */
const char *build_default_output(void);

/* OUTCOME_OK, or OUTCOME_FAILED with a message: the output is one of the inputs, or no file. */
enum outcome build_check_output(const struct build *build, const char *output);

/* Read, decide the entries, lay out, check. OUTCOME_OK: free() the bytes; else a message is printed. */
enum outcome build_snapshot(const struct build *build, struct diagnostics *diagnostics, unsigned char **bytes,
			    size_t *size);

#endif

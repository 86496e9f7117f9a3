/* SPDX-License-Identifier: MIT */
/* Snapshots in the scratch directory, opened through libianareg. */
#ifndef IANAREG_TESTS_LIBRARY_LIBRARY_H
#define IANAREG_TESTS_LIBRARY_LIBRARY_H

#include <ianareg.h>

#include "tests/support/cli_tool.h"
#include "tests/support/module.h"

/* The path of a snapshot of that CSV text and, if not NULL, that overlay. */
static inline const char *snapshot_of(const char *name, const char *csv, const char *overlay)
{
	struct compiled compiled = compile_csv(csv, strlen(csv), overlay, NULL);

	if (compiled.status != OUTCOME_OK)
		fail_msg("%s", compiled.messages);

	const char *path = write_snapshot(name, compiled.bytes, compiled.size);

	free_compiled(&compiled);
	return path;
}

static inline struct ianareg *opened(const char *path)
{
	struct ianareg *handle = NULL;

	assert_int_equal(ianareg_open(path, &handle), IANAREG_OK);
	assert_non_null(handle);
	return handle;
}

#endif

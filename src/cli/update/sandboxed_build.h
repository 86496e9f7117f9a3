/* SPDX-License-Identifier: MIT */
/* Untrusted input compiled in a sandboxed child. The caller validates what comes back (validate.h). */
#ifndef IANAREG_CLI_UPDATE_SANDBOXED_BUILD_H
#define IANAREG_CLI_UPDATE_SANDBOXED_BUILD_H

#include "cli/update/sandbox.h"
#include "compiler/pipeline.h"
#include "snapshot/snapshot.h"

/* Whether those bytes begin as a snapshot does, and so are not the registry's CSV. */
bool is_snapshot(const char *bytes, size_t size);

struct sandboxed_snapshot {
	char *bytes; /* free() */
	size_t size;
	struct snapshot snapshot; /* set when the bytes are validated */
};

/*
 * Make a snapshot of build->registry, which must have bytes: compile its CSV, or take a snapshot as it is (which has no
 * room for overlays and options any more). Overlays are read here, with the rights of this process, and parsed in the
 * sandbox. EXIT_DONE, or a message is printed and there is nothing to free.
 */
enum exit_status sandboxed_build(const struct identity *identity, const struct build *build,
				 struct sandboxed_snapshot *made);

#endif

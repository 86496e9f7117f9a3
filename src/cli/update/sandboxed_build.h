/* SPDX-License-Identifier: MIT */
/* A snapshot made of what strangers sent: in a sandbox, and proven again by us, who trust nothing that comes back. */
#ifndef IANAREG_CLI_UPDATE_SANDBOXED_BUILD_H
#define IANAREG_CLI_UPDATE_SANDBOXED_BUILD_H

#include "cli/update/sandbox.h"
#include "compiler/pipeline.h"
#include "snapshot/snapshot.h"

/* Whether those bytes are to be a snapshot, not the registry's CSV. */
bool is_snapshot(const char *bytes, size_t size);

struct sandboxed_snapshot {
	char *bytes; /* free() */
	size_t size;
	struct snapshot snapshot;
};

/*
 * Make a snapshot of build->registry, which must have bytes: its CSV compiled, or a snapshot as it is (which has no
 * room for overlays and options any more). Overlays are read here, with our rights, and parsed in the sandbox.
 * EXIT_DONE, or a message is printed and there is nothing to free.
 */
enum exit_status sandboxed_build(const struct identity *identity, const struct build *build,
				 struct sandboxed_snapshot *made);

#endif

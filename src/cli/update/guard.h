/* SPDX-License-Identifier: MIT */
/* The guard: it refuses an update that loses too much. */
#ifndef IANAREG_CLI_UPDATE_GUARD_H
#define IANAREG_CLI_UPDATE_GUARD_H

#include "cli/update/baseline.h"

struct guard_limits {
	unsigned percent; /* of the baseline's assignments that may vanish */
	uint32_t minimum; /* assignments that must remain */
	bool answers; /* of its answers no more than `percent` may vanish either: rows may be there and not answer */
};

/*
 * Judge the comparison of `next` with a baseline. EXIT_INVALID, with both numbers: more would vanish, or fewer would
 * remain, than the limits let.
 */
enum exit_status guard(const struct baseline *baseline, const struct comparison *comparison,
		       const struct snapshot *next, const char *path, const struct guard_limits *limits);

#endif

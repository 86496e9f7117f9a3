/* SPDX-License-Identifier: MIT */
/* nscd(8) caches answers for hours and does not watch the snapshot: update tells it to forget them. */
#ifndef IANAREG_CLI_UPDATE_NSCD_H
#define IANAREG_CLI_UPDATE_NSCD_H

#include <stdbool.h>

/* Whether something takes connections where libc asks for nscd. */
bool nscd_is_running(void);

/*
 * Have nscd, where it runs, forget its answers about services. To be called after a publication; waits a second first,
 * for nscd looks up through our module, which looks for a new snapshot once a second at most. Failure is a warning, and
 * so is an nscd that takes longer than 10 seconds.
 */
void refresh_nscd(void);

#endif

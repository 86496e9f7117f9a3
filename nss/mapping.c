/* SPDX-License-Identifier: MIT */
/* Map the snapshot at first use. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "nss/mapping.h"
#include "snapshot/snapshot_file.h"

static _Atomic(struct snapshot_file *) current;

/* Make `candidate` the current mapping unless another thread was first; the one that is current. */
static struct snapshot_file *publish(struct snapshot_file *candidate)
{
	struct snapshot_file *expected = NULL;

	if (atomic_compare_exchange_strong_explicit(&current, &expected, candidate, memory_order_acq_rel,
						    memory_order_acquire))
		return candidate;
	snapshot_file_close(candidate);
	free(candidate);
	return expected;
}

static struct snapshot_file *map_first(int *errnop)
{
	struct snapshot_file *candidate = malloc(sizeof *candidate);
	const char *path;

	if (candidate && snapshot_file_find(candidate, &path) == SNAPSHOT_OK)
		return publish(candidate);
	*errnop = errno;
	free(candidate);
	return NULL;
}

/* Opening a file is a cancellation point: a thread cancelled there would leak what it has opened. */
__attribute__((noinline, cold)) static const struct snapshot *enter_first(int *errnop)
{
	const int caller_errno = errno;
	int state, reason = 0;
	struct snapshot_file *file;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	file = map_first(&reason);
	pthread_setcancelstate(state, NULL);
	errno = caller_errno;
	if (!file) {
		*errnop = reason; /* after errno: libc passes &errno */
		return NULL;
	}
	return &file->snapshot;
}

const struct snapshot *mapping_enter(int *errnop)
{
	const struct snapshot_file *file = atomic_load_explicit(&current, memory_order_acquire);

	return file ? &file->snapshot : enter_first(errnop);
}

void mapping_leave(const struct snapshot *snapshot)
{
	(void)snapshot; /* never unmapped */
}

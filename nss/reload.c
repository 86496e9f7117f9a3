/* SPDX-License-Identifier: MIT */
/*
 * The slow path of a lookup: map the first snapshot, and check whether a newer one was published.
 *
 * THE RELOAD CHECK. When time(2) shows another second than at the last check, one thread, which wins the
 * compare-and-swap of `current.second`, stats the candidate paths; the others go on. So each second has one check at
 * most, a publication is seen within one, and all processes see it at the same tick. (A clock in milliseconds takes
 * longer than the rest of a miss.) The first check of a process comes a full second after its first mapping, so that
 * short processes make none; until then each lookup after the first tick reads the monotonic clock, too.
 *
 * A file that is neither the mapped one nor one that was found bad or unreadable before is opened, and if it is a
 * snapshot it is published. Otherwise what is mapped stays: when the path is gone, the file is bad, memory or
 * descriptors are short. A candidate that comes after the one in use is taken only when it changes, not because the
 * file before it is gone. After a chroot(2) nothing is taken: the root must be that of the first mapping. The
 * environment is read until the first file is mapped and never again, since programs call setenv() in other threads.
 *
 * THE RELOAD LOCK. One thread at a time checks, publishes and clears slots; if its disk hangs, the others keep the old
 * snapshot. The lock means a running thread, which a forked child may not have: so it lies in a page that the kernel
 * gives the child as zeros (MADV_WIPEONFORK), mapped by the first check. All else is sound in a child at every instant.
 * A file that another thread had mapped, and not yet moved into its slot, costs the child address space; a slot that
 * was being filled with a first mapping stays claimed. Where the kernel cannot wipe, a child of a process that was just
 * checking keeps its snapshot.
 */
#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "nss/mapping_slots.h"

#ifndef RELOAD_PERIOD_MS
#define RELOAD_PERIOD_MS 1000u /* 0, for the soak: a check in every lookup */
#endif

/* What a candidate path was found to be at the last check. */
struct candidate_state {
	enum { UNKNOWN, MISSING, TO_BE_TRIED_AGAIN, SEEN } kind;
	uint64_t fingerprint; /* SEEN: of a file that was tried, or was not to be */
};

/* Slow path only. */
static struct {
	_Atomic(atomic_bool *) lock; /* the reload lock, in its page; NULL before the first check */
	_Atomic(uintptr_t) enumerated; /* the generation that an enumeration holds; 0: none */
	struct candidate_state candidates[2]; /* under the lock */
	_Atomic(uint32_t) tried_at; /* the first mapping, or the last attempt at it, in milliseconds */
	atomic_int failure; /* why that attempt failed; 0: none was made */
} reload;

/* Wraps round after 49 days; only differences count. */
static uint32_t now_in_milliseconds(void)
{
	struct timespec now = {0};

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint32_t)now.tv_sec * 1000u + (uint32_t)now.tv_nsec / 1000000u;
}

/* A full period after the first mapping, or the last attempt at it. */
static bool period_is_over(void)
{
	return now_in_milliseconds() - atomic_load(&reload.tried_at) + 1u > RELOAD_PERIOD_MS;
}

/* The lock's page; NULL: no memory. */
static atomic_bool *lock_page(void)
{
	atomic_bool *page = atomic_load(&reload.lock), *none = NULL;
	const size_t size = (size_t)sysconf(_SC_PAGESIZE);

	if (page)
		return page;
	page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return NULL;
	madvise(page, size, MADV_WIPEONFORK);
	if (atomic_compare_exchange_strong(&reload.lock, &none, page))
		return page;
	munmap(page, size);
	return none;
}

static bool reload_try_lock(void)
{
	atomic_bool *lock = lock_page();
	bool idle = false;

	return lock && atomic_compare_exchange_strong(lock, &idle, true);
}

static void reload_unlock(void)
{
	atomic_store_explicit(atomic_load(&reload.lock), false, memory_order_release);
}

static void find_root(struct origin *origin)
{
	struct file_identity root = {0};

	file_identify("/", &root);
	origin->root_device = root.device;
	origin->root_inode = root.inode;
}

/* 0, or why nothing could be mapped. */
static int map_first(void)
{
	const long second = (long)time(NULL); /* before the file is opened: what comes after is news */
	struct origin origin = {0};
	struct snapshot_file file;
	const char *paths[3], *found;

	atomic_store(&reload.tried_at, now_in_milliseconds());
	snapshot_paths(paths);
	if (snapshot_file_find(&file, &found) != SNAPSHOT_OK) {
		const int reason = errno;

		atomic_store(&reload.failure, failure_is_temporary(reason) ? 0 : reason);
		return reason;
	}
	origin.chosen = paths[1] ? NULL : found;
	find_root(&origin);
	if (!slot_publish_first(&file, &origin, paths[1] && strcmp(found, paths[0]) != 0))
		return EAGAIN;
	if (RELOAD_PERIOD_MS)
		atomic_compare_exchange_strong(&current.second, &(long){-1}, second);
	return 0;
}

static struct candidate_state state_of(const struct file_identity *file)
{
	const uint64_t facts[] = {
		(uint64_t)file->device,
		(uint64_t)file->inode,
		(uint64_t)file->size,
		(uint64_t)file->modified.tv_sec,
		(uint64_t)file->modified.tv_nsec,
		(uint64_t)file->changed.tv_sec,
		(uint64_t)file->changed.tv_nsec,
	};
	uint64_t hash = 0;

	for (unsigned i = 0; i < sizeof facts / sizeof *facts; i++)
		hash = (hash ^ facts[i]) * UINT64_C(0x9e3779b97f4a7c15) ^ hash >> 29;
	return (struct candidate_state){SEEN, hash};
}

/* Whether a candidate may replace the file in use now that it is in that state. */
static bool is_news(unsigned candidate, struct candidate_state state, const struct mapping_slot *in_use)
{
	const struct candidate_state before = reload.candidates[candidate];
	const bool changed = before.kind != state.kind || before.fingerprint != state.fingerprint;

	/* What comes after the candidate in use is at first only remembered: a file that is gone keeps its answers. */
	return changed && (candidate <= in_use->candidate || before.kind != UNKNOWN);
}

static bool root_is_the_same(const struct origin *origin)
{
	struct origin now;

	find_root(&now);
	return now.root_device == origin->root_device && now.root_inode == origin->root_inode;
}

/*
 * Publish the file at `path` if it is a snapshot. Its state is stored afterwards: a child that is forked while this
 * thread opens the file has to find out for itself. True: it is current now.
 */
static bool try_candidate(const char *path, unsigned candidate, struct candidate_state state)
{
	struct snapshot_file file;
	const enum snapshot_status status = snapshot_file_open(path, &file);
	bool published = false;

	if (status == SNAPSHOT_OK) {
		published = slot_publish(&file, candidate, atomic_load(&reload.enumerated));
		if (!published)
			snapshot_file_close(&file);
	}
	if (!published && (status == SNAPSHOT_OK || (status == SNAPSHOT_SYSTEM_ERROR && errno != EACCES)))
		state = (struct candidate_state){.kind = TO_BE_TRIED_AGAIN};
	reload.candidates[candidate] = state;
	return published;
}

static void candidate_paths(const struct origin *origin, const char *paths[3])
{
	paths[0] = origin->chosen ? origin->chosen : SITE_SNAPSHOT;
	paths[1] = origin->chosen ? NULL : VENDOR_SNAPSHOT;
	paths[2] = NULL;
}

/* While the file in use is there, the candidates after it are forgotten: they count from when it is gone. */
static void forget_after(unsigned candidate, const char *const paths[3])
{
	for (unsigned i = candidate + 1; paths[i]; i++)
		reload.candidates[i] = (struct candidate_state){.kind = UNKNOWN};
}

/* With the lock: publish the first candidate that is news and a snapshot. */
static void check_candidates(const struct mapping_slot *in_use)
{
	const char *paths[3];
	struct file_identity file;

	candidate_paths(&in_use->origin, paths);
	for (unsigned i = 0; paths[i]; i++) {
		const bool found = file_identify(paths[i], &file);

		if (found && i == in_use->candidate && file_is_same(&file, &in_use->identity)) {
			forget_after(i, paths);
			return;
		}

		const struct candidate_state state =
			found ? state_of(&file) : (struct candidate_state){.kind = MISSING};

		if (!is_news(i, state, in_use) || !found) {
			reload.candidates[i] = state;
			continue;
		}
		if (!root_is_the_same(&in_use->origin)) {
			/* a process may come back from a chroot */
			reload.candidates[i] = (struct candidate_state){.kind = TO_BE_TRIED_AGAIN};
			return;
		}
		if (try_candidate(paths[i], i, state))
			return;
	}
}

static void sweep_and_unlock(void)
{
	slots_sweep(atomic_load(&reload.enumerated));
	reload_unlock();
}

/* Whether this thread makes the check of this second. Before the first one a whole period must be over. */
static bool win_check(void)
{
	long second = atomic_load(&current.second);
	const long now = (long)time(NULL);

	if (!RELOAD_PERIOD_MS)
		return true;
	return second != now && (atomic_load(&reload.lock) || period_is_over()) &&
	       atomic_compare_exchange_strong(&current.second, &second, now);
}

/* Opening a file is a cancellation point: a thread cancelled there would leak what it has opened. */
__attribute__((noinline, cold)) bool current_prepare(int *errnop)
{
	const int caller_errno = errno;
	int cancel_state, reason = atomic_load(&reload.failure);

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	if (slot_current()) {
		reason = 0;
		if (win_check() && reload_try_lock()) {
			check_candidates(slot_current());
			sweep_and_unlock();
		}
	} else if (!reason || period_is_over()) {
		reason = map_first();
	}
	pthread_setcancelstate(cancel_state, NULL);
	errno = caller_errno;
	if (reason)
		*errnop = reason; /* after errno: libc passes &errno */
	return !reason;
}

/*
 * `enumerated` is stored before `generation` is loaded again, and a thread that clears slots stores `generation` before
 * it loads `enumerated`; all four are sequentially consistent, so one of the two sees the other.
 */
bool current_hold(struct snapshot_view *file, int *errnop)
{
	struct current_read read;

	do {
		if (!current_begin(&read, errnop))
			return false;
		atomic_store(&reload.enumerated, read.generation);
	} while (atomic_load(&current.generation) != read.generation);
	*file = read.file;
	return true;
}

void current_release(void)
{
	const uintptr_t held = atomic_exchange(&reload.enumerated, 0);
	const int caller_errno = errno;

	if (held && held != atomic_load(&current.generation) && reload_try_lock())
		sweep_and_unlock();
	errno = caller_errno;
}

/* SPDX-License-Identifier: MIT */
/* Map the snapshot at first use and take a new one when it is published. The proof is in mapping.h. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "nss/mapping.h"
#include "snapshot/snapshot_file.h"

#ifndef LOOK_PERIOD_MS
#define LOOK_PERIOD_MS 1000u
#endif

/* What tells threads apart; pthread_self() is the same pointer by a call. */
#define THREAD_POINTER pthread_self()
#ifdef __has_builtin
#if __has_builtin(__builtin_thread_pointer)
#undef THREAD_POINTER
#define THREAD_POINTER __builtin_thread_pointer()
#endif
#endif

enum {
	MAPPING_COUNT = 8, /* the current one, the one that comes, and six that slow readers may hold */
	SEAT_BITS = 8,
	SEAT_COUNT = 1 << SEAT_BITS,
	LINE_PAIR = 128, /* processors fetch cache lines two by two */
	SPIN_MAX = 1000,
#if defined(__x86_64__) || defined(__i386__) || defined(__s390x__) || defined(__riscv) || defined(__arm__)
	WIPED_ALIGN = 4096,
#else
	WIPED_ALIGN = 65536, /* pages may be as large */
#endif
};

/* Where the candidates of a process are, settled when its first snapshot is mapped. */
struct origin {
	const char *chosen; /* $IANAREG_SNAPSHOT as it was then; NULL: the site's and the vendor's paths */
	dev_t root_device;
	ino_t root_inode;
};

struct mapping {
	struct snapshot_file file;
	struct origin origin;
	unsigned candidate; /* which of the paths it came from */
	atomic_bool mapped;
};

struct mapping_seat {
	alignas(LINE_PAIR) _Atomic(struct mapping *) held;
};

/* What speaks of running threads; zeroes in a forked child. */
struct presence {
	alignas(WIPED_ALIGN) struct mapping_seat seats[SEAT_COUNT];
	atomic_uint crowd;
	atomic_bool busy[MAPPING_COUNT];
};

/* What candidates were found to be, beside fingerprints of files that were no good. */
enum finding { UNKNOWN, MISSING, TO_BE_TRIED_AGAIN };

static struct presence presence;
static struct mapping mappings[MAPPING_COUNT];
static char chosen_paths[MAPPING_COUNT][PATH_MAX]; /* written before there is a current mapping, and never again */

/* What every lookup reads, and nobody writes more than once a second; then what few threads ever touch. */
static struct {
	alignas(LINE_PAIR) _Atomic(struct mapping *) current;
	_Atomic uint32_t looked_at; /* in milliseconds */
	atomic_int failure; /* why the last attempt at a first mapping found none; 0: none was made */
	alignas(LINE_PAIR) _Atomic(struct mapping *) enumerated;
	_Atomic uintptr_t findings[2]; /* of each candidate */
	atomic_bool wiped_on_fork;
} front;

/* Wraps round after 49 days; only differences count. */
static uint32_t now_in_milliseconds(void)
{
	struct timespec now = {0};

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint32_t)now.tv_sec * 1000u + (uint32_t)now.tv_nsec / 1000000u;
}

static bool look_is_due(uint32_t looked_at)
{
	return now_in_milliseconds() - looked_at + 1u > LOOK_PERIOD_MS;
}

/* Readers: take a seat. */

static unsigned seat_of_thread(void)
{
	const uint64_t thread = (uintptr_t)THREAD_POINTER;

	/* Stacks lie at regular distances; multiples of the golden ratio lie far apart. */
	return (unsigned)(thread * UINT64_C(0x9e3779b97f4a7c15) >> (64 - SEAT_BITS));
}

static inline bool take(struct mapping_seat *seat, struct mapping *mapping)
{
	struct mapping *nobody = NULL;

	return atomic_compare_exchange_strong(&seat->held, &nobody, mapping);
}

/* Our seat is taken: the next that is free, or else be counted in the crowd, NULL. */
__attribute__((noinline, cold)) static struct mapping_seat *find_seat(unsigned first, struct mapping *mapping)
{
	for (unsigned i = 1; i < SEAT_COUNT; i++) {
		struct mapping_seat *seat = &presence.seats[(first + i) % SEAT_COUNT];

		if (take(seat, mapping))
			return seat;
	}
	atomic_fetch_add(&presence.crowd, 1);
	return NULL;
}

/* Sit on the current mapping, which was `mapping` a moment ago. */
static inline const struct snapshot *sit_down(struct mapping_use *use, struct mapping *mapping)
{
	const unsigned number = seat_of_thread();
	struct mapping_seat *seat = &presence.seats[number];
	struct mapping *current;

	if (!take(seat, mapping))
		seat = find_seat(number, mapping);
	while ((current = atomic_load(&front.current)) != mapping) {
		mapping = current;
		if (seat)
			atomic_store(&seat->held, mapping);
	}
	use->seat = seat;
	use->mapping = mapping;
	return &mapping->file.snapshot;
}

void mapping_leave(struct mapping_use *use)
{
	if (use->seat)
		atomic_store_explicit(&use->seat->held, NULL, memory_order_release);
	else
		atomic_fetch_sub(&presence.crowd, 1);
}

/* Places: fill one, empty one. */

static bool claim(struct mapping *mapping)
{
	bool idle = false;

	return atomic_compare_exchange_strong(&presence.busy[mapping - mappings], &idle, true);
}

static void disclaim(struct mapping *mapping)
{
	atomic_store_explicit(&presence.busy[mapping - mappings], false, memory_order_release);
}

/* Whether a reader may be in it; only for a mapping that is no longer current. */
static bool is_held(const struct mapping *mapping)
{
	if (atomic_load(&presence.crowd))
		return true;
	for (unsigned i = 0; i < SEAT_COUNT; i++)
		if (atomic_load(&presence.seats[i].held) == mapping)
			return true;
	return atomic_load(&front.enumerated) == mapping; /* after the seats: see mapping_hold() */
}

/* Empty a claimed place, if that may be. */
static bool vacate(struct mapping *mapping)
{
	if (!atomic_load(&mapping->mapped))
		return true;
	if (atomic_load(&front.current) == mapping || is_held(mapping))
		return false;
	atomic_store(&mapping->mapped, false);
	snapshot_file_close(&mapping->file);
	return true;
}

/* A place that is empty, claimed; NULL if there is none. */
static struct mapping *claim_vacant(void)
{
	for (struct mapping *place = mappings; place < mappings + MAPPING_COUNT; place++) {
		if (!claim(place))
			continue;
		if (vacate(place))
			return place;
		disclaim(place);
	}
	return NULL;
}

/* Unmap all that is out of use. */
static void sweep(void)
{
	for (struct mapping *place = mappings; place < mappings + MAPPING_COUNT; place++)
		if (atomic_load(&place->mapped) && atomic_load(&front.current) != place && claim(place)) {
			vacate(place);
			disclaim(place);
		}
}

/* The environment may change later: keep what it says now. A path that was opened is not longer than PATH_MAX. */
static const char *keep_path(const char *path, const struct mapping *place)
{
	return strncpy(chosen_paths[place - mappings], path, PATH_MAX - 1);
}

/*
 * Put `file` in a place and make it current instead of `expected`, NULL for the first. False: somebody else was first,
 * or there is no place; the file is still the caller's.
 */
static bool publish(const struct snapshot_file *file, const struct origin *origin, unsigned candidate,
		    struct mapping *expected)
{
	struct mapping *place = claim_vacant();
	bool published;

	if (!place)
		return false;
	if (!expected && atomic_load(&front.current)) { /* whose path may be kept in this very place */
		disclaim(place);
		return false;
	}
	place->file = *file;
	place->origin = *origin;
	place->candidate = candidate;
	if (!expected && origin->chosen)
		place->origin.chosen = keep_path(origin->chosen, place);
	atomic_store(&place->mapped, true);
	published = atomic_compare_exchange_strong(&front.current, &expected, place);
	if (!published)
		atomic_store(&place->mapped, false);
	disclaim(place);
	return published;
}

/* The first mapping. */

static void find_root(struct origin *origin)
{
	struct file_identity root = {0};

	file_identify("/", &root);
	origin->root_device = root.device;
	origin->root_inode = root.inode;
}

/* Publish the first file of this process, or find that another thread has. */
static struct mapping *publish_first(struct snapshot_file *file, const struct origin *origin, unsigned candidate)
{
	struct mapping *current = NULL;

	for (unsigned i = 0; i < SPIN_MAX && !current; i++) {
		if (publish(file, origin, candidate, NULL))
			return atomic_load(&front.current);
		current = atomic_load(&front.current);
		if (!current)
			sched_yield(); /* as many threads as there are places are just doing this */
	}
	snapshot_file_close(file);
	return current;
}

static struct mapping *map_first(int *reason)
{
	struct origin origin = {0};
	struct snapshot_file file;
	const char *paths[3], *found;

	atomic_store(&front.looked_at, now_in_milliseconds());
	snapshot_paths(paths);
	if (snapshot_file_find(&file, &found) != SNAPSHOT_OK) {
		*reason = errno;
		atomic_store(&front.failure, mapping_failure_may_pass(errno) ? 0 : errno);
		return NULL;
	}
	origin.chosen = paths[1] ? NULL : found;
	find_root(&origin);
	*reason = EAGAIN;
	return publish_first(&file, &origin, paths[1] && strcmp(found, paths[0]) != 0);
}

/* The look. */

/* A word that tells a file that was no good from the one that comes after it. */
static uintptr_t fingerprint(const struct file_identity *file)
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
	return (uintptr_t)(hash >> 32 ^ hash) | 4; /* none of enum finding */
}

/* Remember what the candidate is now; whether that is news that `current` may be replaced for. */
static bool is_news(unsigned candidate, uintptr_t finding, const struct mapping *current)
{
	const uintptr_t before = atomic_exchange(&front.findings[candidate], finding);

	/* What comes after the candidate in use is first only remembered: a file that is gone keeps its answers. */
	return before != finding && (candidate <= current->candidate || before != UNKNOWN);
}

static bool root_is_the_same(const struct origin *origin)
{
	struct origin now;

	find_root(&now);
	return now.root_device == origin->root_device && now.root_inode == origin->root_inode;
}

/* Put the file at `path` in the place of `current`, if it is a snapshot. */
static bool replace(struct mapping *current, const char *path, unsigned candidate)
{
	struct snapshot_file file;
	enum snapshot_status status = snapshot_file_open(path, &file);

	if (status == SNAPSHOT_OK) {
		if (publish(&file, &current->origin, candidate, current))
			return true;
		snapshot_file_close(&file);
	}
	if (status == SNAPSHOT_OK || (status == SNAPSHOT_SYSTEM_ERROR && errno != EACCES))
		atomic_store(&front.findings[candidate], TO_BE_TRIED_AGAIN);
	return false;
}

/* The candidate paths, NULL at the end. */
static void paths_of(const struct origin *origin, const char *paths[3])
{
	paths[0] = origin->chosen ? origin->chosen : SITE_SNAPSHOT;
	paths[1] = origin->chosen ? NULL : VENDOR_SNAPSHOT;
	paths[2] = NULL;
}

/* What comes after the file in use is to be met anew once that is gone: what it was before then is no measure. */
static void forget_after(unsigned candidate, const char *const paths[3])
{
	for (unsigned i = candidate + 1; paths[i]; i++)
		atomic_store(&front.findings[i], UNKNOWN);
}

/* See whether there is a better snapshot than `current`, on which the caller sits. */
static void look(struct mapping *current)
{
	const char *paths[3];
	struct file_identity file;

	paths_of(&current->origin, paths);
	for (unsigned i = 0; paths[i]; i++) {
		const bool found = file_identify(paths[i], &file);

		if (found && i == current->candidate && file_is_same(&file, &current->file.identity)) {
			forget_after(i, paths);
			return;
		}
		if (!is_news(i, found ? fingerprint(&file) : MISSING, current) || !found)
			continue;
		if (!root_is_the_same(&current->origin)) {
			atomic_store(&front.findings[i], TO_BE_TRIED_AGAIN); /* a process may come back from a chroot */
			return;
		}
		if (replace(current, paths[i], i))
			return;
	}
}

static bool win_look(void)
{
	uint32_t looked_at = atomic_load(&front.looked_at);

	return look_is_due(looked_at) &&
	       atomic_compare_exchange_strong(&front.looked_at, &looked_at, now_in_milliseconds());
}

static void look_from_seat(struct mapping *current)
{
	if (!atomic_exchange(&front.wiped_on_fork, true))
		madvise(&presence, sizeof presence, MADV_WIPEONFORK); /* where it cannot, see FORK */
	look(current);
	sweep();
}

static const struct snapshot *sit_and_look(struct mapping_use *use, struct mapping *mapping)
{
	const struct snapshot *snapshot = sit_down(use, mapping);

	if (!win_look())
		return snapshot;
	look_from_seat(use->mapping);
	mapping_leave(use);
	snapshot = sit_down(use, atomic_load(&front.current));
	sweep(); /* what we sat on */
	return snapshot;
}

/* Opening a file is a cancellation point: a thread cancelled there would leak what it has opened. */
__attribute__((noinline, cold)) static const struct snapshot *enter_slowly(struct mapping_use *use, int *errnop)
{
	const int caller_errno = errno;
	struct mapping *mapping = atomic_load(&front.current);
	const struct snapshot *snapshot = NULL;
	int state, reason = atomic_load(&front.failure);

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	if (!mapping && (!reason || look_is_due(atomic_load(&front.looked_at))))
		mapping = map_first(&reason);
	if (mapping)
		snapshot = sit_and_look(use, mapping);
	pthread_setcancelstate(state, NULL);
	errno = caller_errno;
	if (!snapshot)
		*errnop = reason; /* after errno: libc passes &errno */
	return snapshot;
}

const struct snapshot *mapping_enter(struct mapping_use *use, int *errnop)
{
	struct mapping *mapping = atomic_load_explicit(&front.current, memory_order_acquire);

	if (!mapping || look_is_due(atomic_load_explicit(&front.looked_at, memory_order_relaxed)))
		return enter_slowly(use, errnop);
	return sit_down(use, mapping);
}

/* The seat is left after the hold is in place, and looked at before it by whoever wants to unmap. */
const struct snapshot *mapping_hold(int *errnop)
{
	struct mapping_use use;
	const struct snapshot *snapshot = mapping_enter(&use, errnop);

	if (snapshot) {
		atomic_store(&front.enumerated, use.mapping);
		mapping_leave(&use);
	}
	return snapshot;
}

void mapping_release(void)
{
	const struct mapping *held = atomic_exchange(&front.enumerated, NULL);

	if (held && held != atomic_load(&front.current))
		sweep();
}

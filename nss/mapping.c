/* SPDX-License-Identifier: MIT */
/* Map the snapshot at first use and take a new one when it is published. The proof is in mapping.h. */
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "nss/mapping.h"
#include "snapshot/snapshot_file.h"

#ifndef LOOK_PERIOD_MS
#define LOOK_PERIOD_MS 1000u /* 0, for the soak: look at every lookup */
#endif

enum {
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

/* All of it belongs to whoever has `busy` of the place, but for `mapped`. */
struct mapping {
	struct snapshot_file file;
	struct origin origin;
	unsigned candidate; /* which of the paths it came from */
	void *range; /* addresses that stay readable; NULL before the first use */
	size_t range_size;
	bool lost; /* the kernel failed half-way: nobody knows what is in the range now */
	atomic_bool mapped; /* a file is in it, whole */
};

/* What speaks of running threads; zeroes in a forked child. */
struct presence {
	alignas(WIPED_ALIGN) atomic_bool busy[MAPPING_COUNT];
};

/* What candidates were found to be, beside fingerprints of files that were no good. */
enum finding { UNKNOWN, MISSING, TO_BE_TRIED_AGAIN };

struct mapping_front mapping_front = {.second = -1};
static struct presence presence;
static struct mapping mappings[MAPPING_COUNT];
static char chosen_paths[MAPPING_COUNT][PATH_MAX]; /* written before there is a current mapping, and never again */

/* What few threads ever touch. */
static struct {
	_Atomic(uintptr_t) enumerated; /* the ticket that an enumeration holds; 0: none */
	_Atomic(uintptr_t) findings[2]; /* of each candidate */
	_Atomic(uint32_t) tried_at; /* the first mapping, or the last attempt at it, in milliseconds */
	atomic_int failure; /* why that attempt found none; 0: none was made */
	atomic_bool has_looked;
} back;

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
	return now_in_milliseconds() - atomic_load(&back.tried_at) + 1u > LOOK_PERIOD_MS;
}

/* Places: fill one, clear one. */

static struct mapping *place_of(uintptr_t ticket)
{
	return ticket ? &mappings[(ticket >> VIEW_BITS) % MAPPING_COUNT] : NULL;
}

static struct mapping *current_place(void)
{
	return place_of(atomic_load(&mapping_front.ticket));
}

/* The ticket of the publication that comes after `before`, in that place. */
static uintptr_t next_ticket(uintptr_t before, const struct mapping *place)
{
	const uintptr_t generation = (before >> (PLACE_BITS + VIEW_BITS)) + 1;

	return (generation << PLACE_BITS | (uintptr_t)(place - mappings)) << VIEW_BITS;
}

static bool claim(struct mapping *mapping)
{
	bool idle = false;

	return atomic_compare_exchange_strong(&presence.busy[mapping - mappings], &idle, true);
}

static void disclaim(struct mapping *mapping)
{
	atomic_store_explicit(&presence.busy[mapping - mappings], false, memory_order_release);
}

static size_t in_pages(size_t size)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

/* Zeros that can be read: at an address, in place of what is there, or anywhere. */
static void *map_zeros(void *address, size_t size)
{
	return mmap(address, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (address ? MAP_FIXED : 0),
		    -1, 0);
}

/* Clear a claimed place, if that may be. What is left of a range after a failure may be anybody's: hands off. */
static bool vacate(struct mapping *mapping)
{
	if (mapping->lost)
		return false;
	if (!atomic_load(&mapping->mapped))
		return true;
	if (current_place() == mapping || place_of(atomic_load(&back.enumerated)) == mapping)
		return false;
	atomic_store(&mapping->mapped, false);
	mapping->lost = map_zeros(mapping->range, mapping->range_size) == MAP_FAILED;
	return !mapping->lost;
}

/* A place that is clear, claimed; NULL if there is none. */
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

/* Let go all that is out of use. */
static void sweep(void)
{
	for (struct mapping *place = mappings; place < mappings + MAPPING_COUNT; place++)
		if (atomic_load(&place->mapped) && current_place() != place && claim(place)) {
			vacate(place);
			disclaim(place);
		}
}

/* A range twice as large as it must be at most, so that growing files do not use up addresses one by one. */
static bool widen(struct mapping *place, size_t size)
{
	size_t range_size = in_pages(1);
	void *range;

	while (range_size < size)
		range_size *= 2;
	range = map_zeros(NULL, range_size);
	if (range == MAP_FAILED)
		return false;
	place->range = range; /* readers may be in the old one for ever: it stays as it is */
	place->range_size = range_size;
	return true;
}

/* Bring a file that was mapped somewhere into the range of a clear place. */
static bool move_in(struct mapping *place, struct snapshot_file *file)
{
	const size_t size = in_pages(file->map_size);

	if (!place->range) {
		place->range = file->map;
		place->range_size = size;
		return true;
	}
	if (size > place->range_size && !widen(place, size))
		return false;
	if (mremap(file->map, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, place->range) == MAP_FAILED) {
		place->lost = true;
		return false;
	}
	file->map = place->range;
	return true;
}

/* All of a place but that it is the current one. */
static void fill(struct mapping *place, const struct snapshot_file *file, const struct origin *origin,
		 unsigned candidate)
{
	const unsigned number = (unsigned)(place - mappings);

	place->file = *file;
	place->origin = *origin;
	place->candidate = candidate;
	atomic_store(&mapping_front.views[number].start, (const unsigned char *)file->map);
	atomic_store(&mapping_front.views[number].size, (uint32_t)file->map_size);
	atomic_store(&place->mapped, true);
}

/* The first mapping. */

/* The environment may change later: keep what it says now. A path that was opened is not longer than PATH_MAX. */
static const char *keep_path(const char *path, const struct mapping *place)
{
	char *kept = chosen_paths[place - mappings];

	return memccpy(kept, path, 0, PATH_MAX - 1) ? kept : NULL;
}

/* Make `file` the first of this process. False: somebody else was first, or no place was free; it is still the caller's. */
static bool publish_alone(struct snapshot_file *file, const struct origin *origin, unsigned candidate)
{
	struct mapping *place = claim_vacant();
	struct origin kept = *origin;
	uintptr_t none = 0;
	bool published;

	if (!place)
		return false;
	if (current_place()) { /* whose path may be kept in this very place */
		disclaim(place);
		return false;
	}
	if (origin->chosen)
		kept.chosen = keep_path(origin->chosen, place);
	move_in(place, file); /* a place that nothing was ever published from has no range */
	fill(place, file, &kept, candidate);
	published = atomic_compare_exchange_strong(&mapping_front.ticket, &none, next_ticket(0, place));
	if (!published) {
		atomic_store(&place->mapped, false);
		place->range = NULL;
	}
	disclaim(place);
	return published;
}

static void find_root(struct origin *origin)
{
	struct file_identity root = {0};

	file_identify("/", &root);
	origin->root_device = root.device;
	origin->root_inode = root.inode;
}

/* Publish the first file of this process, or find that another thread has. */
static bool publish_first(struct snapshot_file *file, const struct origin *origin, unsigned candidate)
{
	for (unsigned i = 0; i < SPIN_MAX; i++) {
		if (publish_alone(file, origin, candidate))
			return true;
		if (current_place())
			break;
		sched_yield(); /* as many threads as there are places are just doing this */
	}
	snapshot_file_close(file);
	return current_place();
}

/* 0, or why there is none. */
static int map_first(void)
{
	const long second = (long)time(NULL); /* before the file is opened: what comes after is news */
	struct origin origin = {0};
	struct snapshot_file file;
	const char *paths[3], *found;

	atomic_store(&back.tried_at, now_in_milliseconds());
	snapshot_paths(paths);
	if (snapshot_file_find(&file, &found) != SNAPSHOT_OK) {
		const int reason = errno;

		atomic_store(&back.failure, mapping_failure_may_pass(reason) ? 0 : reason);
		return reason;
	}
	origin.chosen = paths[1] ? NULL : found;
	find_root(&origin);
	if (!publish_first(&file, &origin, paths[1] && strcmp(found, paths[0]) != 0))
		return EAGAIN;
	if (LOOK_PERIOD_MS)
		atomic_store(&mapping_front.second, second);
	return 0;
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

/* Whether what the candidate is found to be is news that `current` may be replaced for. */
static bool is_news(unsigned candidate, uintptr_t finding, const struct mapping *current)
{
	const uintptr_t before = atomic_load(&back.findings[candidate]);

	/* What comes after the candidate in use is first only remembered: a file that is gone keeps its answers. */
	return before != finding && (candidate <= current->candidate || before != UNKNOWN);
}

static bool root_is_the_same(const struct origin *origin)
{
	struct origin now;

	find_root(&now);
	return now.root_device == origin->root_device && now.root_inode == origin->root_inode;
}

/* Put `file` in place of `current`, which the caller has claimed, so that nobody else publishes. */
static bool publish(struct snapshot_file *file, unsigned candidate, const struct mapping *current)
{
	struct mapping *place = claim_vacant();
	bool published;

	if (!place)
		return false;
	published = move_in(place, file);
	if (published) {
		fill(place, file, &current->origin, candidate);
		atomic_store(&mapping_front.ticket, next_ticket(atomic_load(&mapping_front.ticket), place));
	}
	disclaim(place);
	return published;
}

/*
 * Put the file at `path` in the place of `current`, if it is a snapshot, and remember it only then: a child forked while
 * this thread opens it has to find out for itself. True: it is the current one now.
 */
static bool replace(const struct mapping *current, const char *path, unsigned candidate, uintptr_t finding)
{
	struct snapshot_file file;
	enum snapshot_status status = snapshot_file_open(path, &file);
	bool published = false;

	if (status == SNAPSHOT_OK) {
		published = publish(&file, candidate, current);
		if (!published)
			snapshot_file_close(&file);
	}
	if (!published && (status == SNAPSHOT_OK || (status == SNAPSHOT_SYSTEM_ERROR && errno != EACCES)))
		finding = TO_BE_TRIED_AGAIN;
	atomic_store(&back.findings[candidate], finding);
	return published;
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
		atomic_store(&back.findings[i], UNKNOWN);
}

/* See whether there is a better snapshot than `current`, which the caller has claimed. */
static void look(const struct mapping *current)
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

		const uintptr_t finding = found ? fingerprint(&file) : MISSING;

		if (!is_news(i, finding, current) || !found) {
			atomic_store(&back.findings[i], finding);
			continue;
		}
		if (!root_is_the_same(&current->origin)) {
			atomic_store(&back.findings[i], TO_BE_TRIED_AGAIN); /* a process may come back from a chroot */
			return;
		}
		if (replace(current, paths[i], i, finding))
			return;
	}
}

/* Whether this thread is to look now. Before the first look the clock has to show that a whole period is over. */
static bool win_look(void)
{
	long second = atomic_load(&mapping_front.second);
	const long now = (long)time(NULL);

	if (!LOOK_PERIOD_MS)
		return true;
	return second != now && (atomic_load(&back.has_looked) || period_is_over()) &&
	       atomic_compare_exchange_strong(&mapping_front.second, &second, now);
}

static void look_once(void)
{
	if (!atomic_load(&back.has_looked)) { /* before any place is claimed by whoever looks */
		madvise(&presence, sizeof presence, MADV_WIPEONFORK); /* where it cannot, see FORK */
		atomic_store(&back.has_looked, true);
	}

	struct mapping *current = current_place();

	if (!claim(current))
		return; /* another thread is still looking */
	if (current == current_place())
		look(current);
	disclaim(current);
	sweep();
}

/* Opening a file is a cancellation point: a thread cancelled there would leak what it has opened. */
__attribute__((noinline, cold)) bool mapping_prepare(int *errnop)
{
	const int caller_errno = errno;
	int cancel_state, reason = atomic_load(&back.failure);

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	if (current_place()) {
		reason = 0;
		if (win_look())
			look_once();
	} else if (!reason || period_is_over()) {
		reason = map_first();
	}
	pthread_setcancelstate(cancel_state, NULL);
	errno = caller_errno;
	if (reason)
		*errnop = reason; /* after errno: libc passes &errno */
	return !reason;
}

bool mapping_hold(struct snapshot_view *file, int *errnop)
{
	struct mapping_reading reading;

	do {
		if (!mapping_read(&reading, errnop))
			return false;
		atomic_store(&back.enumerated, reading.ticket);
	} while (atomic_load(&mapping_front.ticket) != reading.ticket);
	*file = reading.file;
	return true;
}

void mapping_release(void)
{
	const uintptr_t held = atomic_exchange(&back.enumerated, 0);

	if (held && held != atomic_load(&mapping_front.ticket))
		sweep();
}

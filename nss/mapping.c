/* SPDX-License-Identifier: MIT */
/* Map the snapshot at first use and take a new one when it is published. The proof is in mapping.h. */
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#ifdef __SANITIZE_THREAD__
#include <sys/syscall.h>
#endif
#include <unistd.h>

#include "nss/mapping.h"
#include "snapshot/snapshot_file.h"

#ifndef LOOK_PERIOD_MS
#define LOOK_PERIOD_MS 1000u /* 0, for the soak: look at every lookup */
#endif

enum {
	SPIN_MAX = 1000,
	PATH_ROOM = 128, /* a longer path gets pages of its own */
};

/* Where the candidates of a process are, settled when its first snapshot is mapped. */
struct origin {
	const char *chosen; /* $IANAREG_SNAPSHOT as it was then; NULL: the site's and the vendor's paths */
	dev_t root_device;
	ino_t root_inode;
};

/* All of it, but for `filling`, belongs to whoever looks or, before there is a current mapping, to who is filling it. */
struct mapping {
	struct file_identity identity;
	struct origin origin;
	unsigned candidate; /* which of the paths it came from */
	bool mapped; /* a file is in it, whole */
	bool lost; /* the kernel failed half-way: nobody knows what is in the range now */
	atomic_bool filling; /* by a first mapping */
	void *range; /* addresses that stay readable; NULL before the first use */
	size_t range_size;
	char path[PATH_ROOM]; /* for `chosen`: written before there is a current mapping, and never again */
};

/* What candidates were found to be, beside fingerprints of files that were no good. */
enum finding { UNKNOWN, MISSING, TO_BE_TRIED_AGAIN };

/*
 * This and all else that the module writes fits into one page, the one that its data take anyway: short-lived processes
 * pay for every page they write to.
 */
struct mapping_front mapping_front = {.second = -1};
static struct mapping mappings[MAPPING_COUNT];

/* What few threads ever touch. */
static struct {
	_Atomic(atomic_bool *)
		looking; /* whether a thread is, in a page that forked children find wiped; NULL at first */
	_Atomic(uintptr_t) enumerated; /* the ticket that an enumeration holds; 0: none */
	uintptr_t findings[2]; /* of each candidate; whoever looks has them */
	_Atomic(uint32_t) tried_at; /* the first mapping, or the last attempt at it, in milliseconds */
	atomic_int failure; /* why that attempt found none; 0: none was made */
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

/* The page that says whether a thread looks; it is wiped in children, which do not have that thread. NULL: no memory. */
static atomic_bool *page_of_looking(void)
{
	atomic_bool *page = atomic_load(&back.looking), *none = NULL;
	const size_t size = (size_t)sysconf(_SC_PAGESIZE);

	if (page)
		return page;
	page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return NULL;
	madvise(page, size, MADV_WIPEONFORK); /* where it cannot, see FORK */
	if (atomic_compare_exchange_strong(&back.looking, &none, page))
		return page;
	munmap(page, size);
	return none;
}

/* Be the one thread that looks, and has the places; false if another one is. */
static bool start_looking(void)
{
	atomic_bool *looking = page_of_looking();
	bool idle = false;

	return looking && atomic_compare_exchange_strong(looking, &idle, true);
}

static void stop_looking(void)
{
	atomic_store_explicit(atomic_load(&back.looking), false, memory_order_release);
}

static size_t in_pages(size_t size)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

/* Zeros that can be read: at an address, in place of what is there, or anywhere. */
static void *map_zeros(void *address, size_t size)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (address ? MAP_FIXED : 0);

#ifdef __SANITIZE_THREAD__ /* which takes that for a write by this thread, in a race with who reads there (mapping.h) */
	return (void *)syscall(SYS_mmap, address, size, PROT_READ, flags, -1, 0);
#else
	return mmap(address, size, PROT_READ, flags, -1, 0);
#endif
}

/*
 * After a failure to replace what is in a place's range: whether it is lost. Only for want of memory does the kernel fail
 * after it has begun (EAGAIN: too much would be locked; EPERM: a filter). A hole is covered again; what may be anybody's
 * by now is not touched.
 */
static bool is_lost(const struct mapping *place)
{
	void *cover;

	if (errno != ENOMEM)
		return false;
	cover = mmap(place->range, place->range_size, PROT_READ,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
	if (cover != MAP_FAILED && cover != place->range) /* a kernel that does not know that flag */
		munmap(cover, place->range_size);
	return cover != place->range;
}

/* Put zeros into the range of a place; what was there, and they, are not to count as locked memory (mlockall(2)). */
static bool clear(struct mapping *place)
{
	munlock(place->range, place->range_size);
	if (map_zeros(place->range, place->range_size) == MAP_FAILED) {
		place->lost = is_lost(place);
		return false;
	}
	munlock(place->range, place->range_size);
	return true;
}

/* Clear a place, if that may be. */
static bool vacate(struct mapping *place)
{
	if (place->lost || atomic_load(&place->filling))
		return false;
	if (!place->mapped)
		return true;
	if (current_place() == place || place_of(atomic_load(&back.enumerated)) == place)
		return false;
	place->mapped = !clear(place);
	return !place->mapped;
}

/* A place that is clear; NULL if there is none. */
static struct mapping *find_vacant(void)
{
	for (struct mapping *place = mappings; place < mappings + MAPPING_COUNT; place++)
		if (vacate(place))
			return place;
	return NULL;
}

/* Let go all that is out of use. */
static void sweep(void)
{
	for (struct mapping *place = mappings; place < mappings + MAPPING_COUNT; place++)
		vacate(place);
}

/* A child forked at any instant finds no size that is larger than the range. */
static void set_range(struct mapping *place, void *range, size_t range_size)
{
	__atomic_store_n(&place->range_size, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&place->range, range, __ATOMIC_RELEASE);
	__atomic_store_n(&place->range_size, range_size, __ATOMIC_RELEASE);
}

/* A range twice as large as it must be at most, so that growing files do not use up addresses one by one. */
static bool widen(struct mapping *place, size_t size)
{
	size_t range_size = in_pages(1);
	void *range;

	while (range_size < size && range_size <= SIZE_MAX / 2)
		range_size *= 2;
	if (range_size < size)
		return false;
	range = map_zeros(NULL, range_size);
	if (range == MAP_FAILED)
		return false;
	munlock(range, range_size);
	set_range(place, range, range_size); /* readers may be in the old one for ever: it stays as it is */
	return true;
}

/* Bring a file that was mapped somewhere into the range of a clear place. */
static bool move_in(struct mapping *place, struct snapshot_file *file)
{
	const size_t size = in_pages(file->map_size);

	if (!place->range) {
		set_range(place, file->map, size);
		return true;
	}
	if (size > place->range_size && !widen(place, size))
		return false;
	if (mremap(file->map, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, place->range) == MAP_FAILED) {
		place->lost = is_lost(place);
		return false;
	}
	file->map = place->range;
	return true;
}

/* All of a place but that it is the current one. */
static void fill(struct mapping *place, const struct snapshot_file *file, const struct origin *origin,
		 unsigned candidate)
{
	struct mapping_view *view = &mapping_front.views[place - mappings];

	place->identity = file->identity;
	place->origin = *origin;
	place->candidate = candidate;
	place->mapped = true;
	atomic_store(&view->start, (const unsigned char *)file->map);
	atomic_store(&view->size, (uint32_t)file->map_size);
}

/* The first mapping. */

/* The environment may change later: keep what it says now. NULL: no memory. */
static const char *keep_path(const char *path, struct mapping *place)
{
	const size_t size = strlen(path) + 1;
	char *kept = place->path;

	if (size > sizeof place->path)
		kept = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return kept == MAP_FAILED ? NULL : memcpy(kept, path, size);
}

/* A place for a first mapping, which may come together with others and with a first look; NULL if there is none. */
static struct mapping *claim_first(void)
{
	for (struct mapping *place = mappings; place < mappings + MAPPING_COUNT; place++) {
		bool idle = false;

		if (atomic_compare_exchange_strong(&place->filling, &idle, true))
			return place;
	}
	return NULL;
}

/*
 * Make `file` the first of this process, in a claimed place. False: somebody else was first; it is still the caller's.
 * While nothing is current no place has ever been used, and once something is, claims are given back untouched.
 */
static bool publish_claimed(struct mapping *place, const struct snapshot_file *file, const struct origin *origin,
			    unsigned candidate)
{
	struct origin kept = *origin;
	uintptr_t none = 0;

	if (current_place())
		return false;
	if (origin->chosen)
		kept.chosen = keep_path(origin->chosen, place);
	set_range(place, file->map, in_pages(file->map_size));
	fill(place, file, &kept, candidate);
	if ((kept.chosen || !origin->chosen) &&
	    atomic_compare_exchange_strong(&mapping_front.ticket, &none, next_ticket(0, place)))
		return true;
	place->mapped = false;
	place->range = NULL;
	return false;
}

static bool publish_alone(const struct snapshot_file *file, const struct origin *origin, unsigned candidate)
{
	struct mapping *place = claim_first();
	bool published;

	if (!place)
		return false;
	published = publish_claimed(place, file, origin, candidate);
	atomic_store(&place->filling, false);
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
		atomic_compare_exchange_strong(&mapping_front.second, &(long){-1}, second);
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
	const uintptr_t before = back.findings[candidate];

	/* What comes after the candidate in use is first only remembered: a file that is gone keeps its answers. */
	return before != finding && (candidate <= current->candidate || before != UNKNOWN);
}

static bool root_is_the_same(const struct origin *origin)
{
	struct origin now;

	find_root(&now);
	return now.root_device == origin->root_device && now.root_inode == origin->root_inode;
}

/* Put `file` in place of `current`. False: it is still the caller's. */
static bool publish(struct snapshot_file *file, unsigned candidate, const struct mapping *current)
{
	struct mapping *place = find_vacant();

	if (!place || !move_in(place, file))
		return false;
	fill(place, file, &current->origin, candidate);
	atomic_store(&mapping_front.ticket, next_ticket(atomic_load(&mapping_front.ticket), place));
	return true;
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
	back.findings[candidate] = finding;
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
		back.findings[i] = UNKNOWN;
}

/* See whether there is a better snapshot than `current`. */
static void look(const struct mapping *current)
{
	const char *paths[3];
	struct file_identity file;

	paths_of(&current->origin, paths);
	for (unsigned i = 0; paths[i]; i++) {
		const bool found = file_identify(paths[i], &file);

		if (found && i == current->candidate && file_is_same(&file, &current->identity)) {
			forget_after(i, paths);
			return;
		}

		const uintptr_t finding = found ? fingerprint(&file) : MISSING;

		if (!is_news(i, finding, current) || !found) {
			back.findings[i] = finding;
			continue;
		}
		if (!root_is_the_same(&current->origin)) {
			back.findings[i] = TO_BE_TRIED_AGAIN; /* a process may come back from a chroot */
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
	return second != now && (atomic_load(&back.looking) || period_is_over()) &&
	       atomic_compare_exchange_strong(&mapping_front.second, &second, now);
}

static void look_once(void)
{
	if (!start_looking())
		return;
	look(current_place());
	sweep();
	stop_looking();
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
	const int caller_errno = errno;

	if (held && held != atomic_load(&mapping_front.ticket) && start_looking()) {
		sweep();
		stop_looking();
	}
	errno = caller_errno;
}

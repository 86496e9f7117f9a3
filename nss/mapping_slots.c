/* SPDX-License-Identifier: MIT */
/* Fill, publish and clear mapping slots; mapping_slots.h says how, current.h why readers are safe. */
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#ifdef __SANITIZE_THREAD__
#include <sys/syscall.h>
#endif
#include <unistd.h>

#include "nss/mapping_slots.h"

enum { SPIN_MAX = 1000 };

/*
 * These and all else that the module writes fit into the one page of its data: a process pays for each page it writes.
 */
struct current current = {.second = -1};
struct mapping_slot mapping_slots[MAPPING_SLOT_COUNT];

struct mapping_slot *slot_of(uintptr_t generation)
{
	return generation ? &mapping_slots[(generation >> VIEW_BITS) % MAPPING_SLOT_COUNT] : NULL;
}

struct mapping_slot *slot_current(void)
{
	return slot_of(atomic_load(&current.generation));
}

static uintptr_t next_generation(uintptr_t before, const struct mapping_slot *slot)
{
	const uintptr_t counter = (before >> (SLOT_BITS + VIEW_BITS)) + 1;

	return (counter << SLOT_BITS | (uintptr_t)(slot - mapping_slots)) << VIEW_BITS;
}

static size_t in_pages(size_t size)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

/* Readable zeros, in place of what is at an address, or anywhere. */
static void *map_zeros(void *address, size_t size)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (address ? MAP_FIXED : 0);

#ifdef __SANITIZE_THREAD__ /* which takes mmap() for a write that races with readers (current.h) */
	return (void *)syscall(SYS_mmap, address, size, PROT_READ, flags, -1, 0);
#else
	return mmap(address, size, PROT_READ, flags, -1, 0);
#endif
}

/*
 * After a failure to replace what is in a slot's range: whether the range is lost. The kernel fails after it has begun
 * for want of memory only (EAGAIN: the limit of locked memory; EPERM: a filter). A hole is covered again; pages that
 * somebody else may have mapped there are left alone.
 */
static bool range_is_lost(const struct mapping_slot *slot)
{
	void *cover;

	if (errno != ENOMEM)
		return false;
	cover = mmap(slot->range, slot->range_size, PROT_READ,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
	if (cover != MAP_FAILED && cover != slot->range) /* a kernel that ignores that flag */
		munmap(cover, slot->range_size);
	return cover != slot->range;
}

/* P3: zeros into the range. Neither they nor what was there shall count as locked memory (mlockall(2)). */
static bool slot_clear(struct mapping_slot *slot)
{
	munlock(slot->range, slot->range_size);
	if (map_zeros(slot->range, slot->range_size) == MAP_FAILED) {
		slot->lost = range_is_lost(slot);
		return false;
	}
	munlock(slot->range, slot->range_size);
	return true;
}

/* Clear a slot if it is out of use. False: it is in use, or cannot be cleared. */
static bool slot_vacate(struct mapping_slot *slot, uintptr_t enumerated)
{
	if (slot->lost || atomic_load(&slot->claimed))
		return false;
	if (!slot->mapped)
		return true;
	if (slot_current() == slot || slot_of(enumerated) == slot)
		return false;
	slot->mapped = !slot_clear(slot);
	return !slot->mapped;
}

void slots_sweep(uintptr_t enumerated)
{
	for (struct mapping_slot *slot = mapping_slots; slot < mapping_slots + MAPPING_SLOT_COUNT; slot++)
		slot_vacate(slot, enumerated);
}

/* In this order: a child that is forked meanwhile finds no size that is larger than the range. */
static void slot_set_range(struct mapping_slot *slot, void *range, size_t range_size)
{
	__atomic_store_n(&slot->range_size, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&slot->range, range, __ATOMIC_RELEASE);
	__atomic_store_n(&slot->range_size, range_size, __ATOMIC_RELEASE);
}

/* Twice what is needed at most, so that growing files do not use up addresses one by one. */
static bool slot_widen(struct mapping_slot *slot, size_t size)
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
	slot_set_range(slot, range, range_size); /* the old range stays: readers may be in it for ever */
	return true;
}

/* Move a mapped file into the range of a clear slot. */
static bool slot_move_in(struct mapping_slot *slot, struct snapshot_file *file)
{
	const size_t size = in_pages(file->map_size);

	if (!slot->range) {
		slot_set_range(slot, file->map, size);
		return true;
	}
	if (size > slot->range_size && !slot_widen(slot, size))
		return false;
	if (mremap(file->map, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, slot->range) == MAP_FAILED) {
		slot->lost = range_is_lost(slot);
		return false;
	}
	file->map = slot->range;
	return true;
}

/* P1: all of a slot. `mapped` comes after what it stands for: in a forked child a slot is empty until it is whole. */
static void slot_fill(struct mapping_slot *slot, const struct snapshot_file *file, const struct origin *origin,
		      unsigned candidate)
{
	struct slot_view *const view = &current.views[slot - mapping_slots];

	slot->identity = file->identity;
	slot->origin = *origin;
	slot->candidate = candidate;
	slot->mapped = true;
	atomic_store(&view->start, (const unsigned char *)file->map); /* pairs with R2 */
	atomic_store(&view->size, (uint32_t)file->map_size);
}

bool slot_publish(struct snapshot_file *file, unsigned candidate, uintptr_t enumerated)
{
	const uintptr_t before = atomic_load(&current.generation);
	struct mapping_slot *slot = mapping_slots, *const end = mapping_slots + MAPPING_SLOT_COUNT;

	while (slot < end && !slot_vacate(slot, enumerated))
		slot++;
	if (slot == end || !slot_move_in(slot, file))
		return false;
	slot_fill(slot, file, &slot_of(before)->origin, candidate);
	atomic_store(&current.generation, next_generation(before, slot)); /* P2: pairs with R1 and R5 */
	return true;
}

/* First mappings */

/* Keep a path that the environment may lose later. NULL: no memory. */
static const char *keep_path(const char *path, struct mapping_slot *slot)
{
	const size_t size = strlen(path) + 1;
	char *kept = slot->path;

	if (size > sizeof slot->path)
		kept = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return kept == MAP_FAILED ? NULL : memcpy(kept, path, size);
}

static struct mapping_slot *slot_claim(void)
{
	for (struct mapping_slot *slot = mapping_slots; slot < mapping_slots + MAPPING_SLOT_COUNT; slot++) {
		bool idle = false;

		if (atomic_compare_exchange_strong(&slot->claimed, &idle, true))
			return slot;
	}
	return NULL;
}

/*
 * Publish the first file in a claimed slot. False: another thread was first; the file is still the caller's. Until
 * something is current no slot has been used, and after that a claim is given back untouched.
 */
static bool slot_publish_claimed(struct mapping_slot *slot, const struct snapshot_file *file,
				 const struct origin *origin, unsigned candidate)
{
	struct origin kept = *origin;
	uintptr_t none = 0;

	if (slot_current())
		return false;
	if (origin->chosen)
		kept.chosen = keep_path(origin->chosen, slot);
	slot_set_range(slot, file->map, in_pages(file->map_size));
	slot_fill(slot, file, &kept, candidate);
	if ((kept.chosen || !origin->chosen) &&
	    atomic_compare_exchange_strong(&current.generation, &none, next_generation(0, slot))) /* P2 */
		return true;
	slot->mapped = false;
	slot->range = NULL;
	return false;
}

bool slot_publish_first(struct snapshot_file *file, const struct origin *origin, unsigned candidate)
{
	for (unsigned i = 0; i < SPIN_MAX && !slot_current(); i++) {
		struct mapping_slot *const slot = slot_claim();
		const bool published = slot && slot_publish_claimed(slot, file, origin, candidate);

		if (slot)
			atomic_store(&slot->claimed, false);
		if (published)
			return true;
		if (!slot_current())
			sched_yield(); /* as many threads as there are slots are mapping */
	}
	snapshot_file_close(file);
	return slot_current();
}

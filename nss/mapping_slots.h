/* SPDX-License-Identifier: MIT */
/*
 * Mapping slots: address ranges that snapshots are mapped into, and that are used again.
 *
 * A slot's range is never unmapped. What goes out of use is replaced by zero pages in one step (mmap MAP_FIXED), and
 * those by the next file (mremap MREMAP_FIXED). The file, its memory and its blocks on disk are released at once; only
 * addresses are kept. A file that is larger than the range gets a wider one, a power of two, so that all ranges a slot
 * ever had are together less than twice its last. Where the kernel refuses, nothing has changed and the next reload
 * check tries again; where it runs out of memory half-way there may be a hole, which is covered again unless somebody
 * else has mapped there; then the slot is never used again.
 *
 * First mappings may run at the same time: each thread claims a slot (`claimed`), fills it, and the first to set the
 * generation wins. All else belongs to the thread with the reload lock, which leaves claimed slots alone.
 */
#ifndef IANAREG_NSS_MAPPING_SLOTS_H
#define IANAREG_NSS_MAPPING_SLOTS_H

#include "nss/current.h"
#include "snapshot/snapshot_file.h"

enum { KEPT_PATH_SIZE = 128 }; /* a longer path gets pages of its own */

/* Where the candidate paths of a process lead, decided when its first snapshot is mapped. */
struct origin {
	const char *chosen; /* $IANAREG_SNAPSHOT as it was then; NULL: the site's and the vendor's paths */
	dev_t root_device;
	ino_t root_inode;
};

extern __attribute__((visibility("hidden"))) struct mapping_slot {
	struct file_identity identity;
	struct origin origin;
	unsigned candidate; /* which of the candidate paths it came from */
	bool mapped; /* a whole file is in it */
	bool lost; /* the kernel failed half-way: what is in the range now is unknown */
	atomic_bool claimed; /* by a first mapping */
	void *range; /* stays readable; NULL before the first use */
	size_t range_size;
	char path[KEPT_PATH_SIZE]; /* for `chosen`: written before anything is current, and never again */
} mapping_slots[MAPPING_SLOT_COUNT];

/* The slot of a generation; NULL for 0. */
struct mapping_slot *slot_of(uintptr_t generation);
struct mapping_slot *slot_current(void);

/* Publish a file as the first one of this process, or see that another thread has. False: EAGAIN; it is closed. */
bool slot_publish_first(struct snapshot_file *file, const struct origin *origin, unsigned candidate);

/*
 * With the reload lock. Publish a file in place of the current one; false: it is still the caller's. And release all
 * that is out of use: not current, nor `enumerated`, the generation that an enumeration holds.
 */
bool slot_publish(struct snapshot_file *file, unsigned candidate, uintptr_t enumerated);
void slots_sweep(uintptr_t enumerated);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * tinycdb's library, loaded from where peers.sh unpacked it, and the registry as such a file: "19220/tcp" and "cora/tcp" are
 * keys of an entry, its aliases too, and the line that `files` would read is the value.
 */
#ifndef IANAREG_BENCH_TINYCDB_H
#define IANAREG_BENCH_TINYCDB_H

struct tinycdb;

struct tinycdb_key {
	const char *text;
	unsigned length;
};

/* Load the library; a reason why not, or NULL. It stays until the end, as what is opened does. */
const char *tinycdb_load(const char *library);

/* Write what that services(5) file says; a reason why not, or NULL. Where a key comes again its first line counts. */
const char *tinycdb_write(const char *services, const char *path);

/* NULL with errno where it cannot be opened. */
struct tinycdb *tinycdb_open(const char *path);

/* The value of a key, in the mapping of the file and so not ended by a NUL, or NULL. */
const char *tinycdb_find(struct tinycdb *cdb, const struct tinycdb_key *key, unsigned *length);

#endif

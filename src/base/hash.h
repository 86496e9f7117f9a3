/* SPDX-License-Identifier: MIT */
/* FNV-1a (Fowler, Noll, Vo), 64 bits: quick, and no defence against chosen input. */
#ifndef IANAREG_BASE_HASH_H
#define IANAREG_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t hash_bytes(const void *bytes, size_t size)
{
	const unsigned char *byte = bytes;
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ byte[i]) * 0x100000001b3;
	return hash;
}

#endif

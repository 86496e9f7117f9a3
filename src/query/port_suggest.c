/* SPDX-License-Identifier: MIT */
/* Single ports for a service that has none. */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "query/port_suggest.h"

/* Ports to pick from, none of them next to another. */
struct candidates {
	uint16_t ports[PORT_COUNT / 2];
	uint32_t count;
};

struct ephemeral_range read_ephemeral_range(const char *path)
{
	struct ephemeral_range range, usual = {32768, 60999};
	FILE *stream = fopen(path, "re");

	if (!stream)
		return usual;
	const int got = fscanf(stream, "%5u %5u", &range.first, &range.last);

	fclose(stream);
	return got == 2 && range.first <= range.last && range.last <= PORT_MAX ? range : usual;
}

/* The seed's hash, mixed with the number by the last steps of splitmix64: each number of each seed has its own. */
static uint64_t hash_of(const char *seed, uint64_t number)
{
	uint64_t hash = hash_bytes(seed, strlen(seed));

	hash += (number + 1) * 0x9e3779b97f4a7c15;
	hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9;
	hash = (hash ^ hash >> 27) * 0x94d049bb133111eb;
	return hash ^ hash >> 31;
}

/* Nobody can listen on port 0, even where the snapshot does not know that it is reserved. */
static bool is_free(const struct suggest_request *wish, unsigned port)
{
	return port > 0 && port_class_of(&wish->view, port) == PORT_UNASSIGNED && !port_remark_of(&wish->view, port) &&
	       (port < wish->ephemeral.first || port > wish->ephemeral.last);
}

/*
 * Every other port of each block of free ones. A block of an even number gives as many from its second port on as from
 * its first, and the seed says which; one of an odd number gives one more from its first.
 */
static void find_candidates(const struct suggest_request *wish, struct candidates *candidates)
{
	unsigned end;

	candidates->count = 0;
	for (unsigned first = wish->first; first <= wish->last; first = end + 1) {
		for (end = first; end <= wish->last && is_free(wish, end); end++)
			;
		if ((end - first) % 2 == 0 && hash_of(wish->seed, PORT_COUNT + first) & 1)
			first++;
		for (; first < end; first += 2)
			candidates->ports[candidates->count++] = (uint16_t)first;
	}
}

/* A share of `size` candidates gives one of its middle half, so that picks of shares side by side are far apart. */
static uint32_t place_in_share(const char *seed, uint32_t share, uint32_t size)
{
	const uint32_t margin = size / 4;

	return margin + (uint32_t)(hash_of(seed, share) % (size - 2 * margin));
}

uint32_t suggest_ports(const struct suggest_request *wish, uint16_t *picks)
{
	struct candidates candidates;

	find_candidates(wish, &candidates);
	if (candidates.count < wish->count)
		return candidates.count;
	for (uint32_t i = 0; i < wish->count; i++) {
		const uint32_t begin = (uint32_t)((uint64_t)candidates.count * i / wish->count);
		const uint32_t end = (uint32_t)((uint64_t)candidates.count * (i + 1) / wish->count);

		picks[i] = candidates.ports[begin + place_in_share(wish->seed, i, end - begin)];
	}
	return wish->count;
}

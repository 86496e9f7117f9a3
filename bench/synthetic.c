/* SPDX-License-Identifier: MIT */
/* Make registries of other sizes: see synthetic.h. */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/synthetic.h"

enum {
	PORTS = 65536,
	FIVEFOLD_PORTS = 29965, /* of two protocols: five times the 11,986 entries of the bundled registry */
	FIVEFOLD_ALIAS_EVERY = 64, /* the registry has 96 legacy aliases beside 6,236 names */
	LIMIT_PROTOCOLS = 4,
	NAME_BITS = 20, /* numbers of names */
	SAMPLE_EVERY = 10, /* ports */
};

static const char *const protocols[] = {"tcp", "udp", "sctp", "dccp"};

static const char head[] =
	"Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,Registration Date,"
	"Modification Date,Reference,Service Code,Unauthorized Use Reported,Assignment Notes\n";

/* Bits that have nothing to do with those of the neighbours. */
static uint32_t scramble(uint32_t x)
{
	x = (x ^ x >> 16) * 0x7feb352du;
	x = (x ^ x >> 15) * 0x846ca68bu;
	return x ^ x >> 16;
}

/* Of 100 names of the registry so many are no longer than 2, 3, ... 15 characters; those under 4 become 4 here. */
static size_t name_length(uint32_t bits)
{
	static const unsigned char up_to[] = {14, 20, 28, 38, 48, 57, 67, 76, 83, 91, 99, 100};
	size_t length = 4;

	for (const unsigned char *limit = up_to; bits % 100 >= *limit; limit++)
		length++;
	return length;
}

/* A name like the registry's. Its first four characters are the number in disguise: no other has them. */
static void make_name(uint32_t number, char name[SYNTHETIC_NAME_SIZE])
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	const uint32_t bits = scramble(number);
	const size_t length = name_length(bits);
	uint32_t rest = number * 0x9e3779b1u & ((1u << NAME_BITS) - 1); /* an odd factor: one to one */

	name[0] = characters[rest % 26]; /* RFC 6335: there must be a letter; 26 * 36^3 is over 2^20 */
	rest /= 26;
	for (size_t i = 1; i < 4; i++, rest /= 36)
		name[i] = characters[rest % 36];
	for (size_t i = 4; i < length; i++)
		name[i] = characters[scramble(bits + (uint32_t)i) % 26];
	if (length >= 8 && bits >> 31)
		name[5] = '-';
	name[length] = '\0';
}

static struct synthetic_entry limit_entry(uint32_t i)
{
	struct synthetic_entry entry = {.port = (uint16_t)(i / LIMIT_PROTOCOLS),
					.protocol = protocols[i % LIMIT_PROTOCOLS],
					.name_count = SYNTHETIC_NAMES_MAX};

	for (uint32_t name = 0; name < SYNTHETIC_NAMES_MAX; name++)
		make_name(i * SYNTHETIC_NAMES_MAX + name, entry.names[name]);
	return entry;
}

static struct synthetic_entry fivefold_entry(uint32_t i)
{
	const uint32_t service = i / 2;
	struct synthetic_entry entry = {.port = (uint16_t)((uint64_t)service * PORTS / FIVEFOLD_PORTS),
					.protocol = protocols[i % 2],
					.name_count = service % FIVEFOLD_ALIAS_EVERY == 0 ? 2 : 1};

	make_name(service, entry.names[0]);
	if (entry.name_count == 2)
		make_name(FIVEFOLD_PORTS + service, entry.names[1]);
	return entry;
}

struct synthetic_entry synthetic_entry(enum registry_size size, uint32_t i)
{
	return size == REGISTRY_LIMIT ? limit_entry(i) : fivefold_entry(i);
}

uint32_t synthetic_entry_count(enum registry_size size)
{
	return size == REGISTRY_LIMIT ? PORTS * LIMIT_PROTOCOLS : size == REGISTRY_FIVEFOLD ? FIVEFOLD_PORTS * 2 : 0;
}

uint32_t synthetic_name_count(enum registry_size size)
{
	if (size == REGISTRY_LIMIT)
		return PORTS * LIMIT_PROTOCOLS * SYNTHETIC_NAMES_MAX;
	return size == REGISTRY_FIVEFOLD
		       ? FIVEFOLD_PORTS + (FIVEFOLD_PORTS + FIVEFOLD_ALIAS_EVERY - 1) / FIVEFOLD_ALIAS_EVERY
		       : 0;
}

static void write_rows(FILE *out, const struct synthetic_entry *entry)
{
	fprintf(out, "%s,%u,%s,Made up,,,,,,,,\n", entry->names[0], entry->port, entry->protocol);
	for (unsigned i = 1; i < entry->name_count; i++)
		fprintf(out, "%s,%u,%s,Made up,,,,,,,,\"This entry is an alias to \"\"%s\"\"\"\n", entry->names[i],
			entry->port, entry->protocol, entry->names[0]);
}

static uint32_t write_made_up(enum registry_size size, FILE *out)
{
	const uint32_t count = synthetic_entry_count(size);

	for (uint32_t i = 0; i < count; i++) {
		const struct synthetic_entry entry = synthetic_entry(size, i);

		write_rows(out, &entry);
	}
	return count;
}

/* The next record of a CSV, with its newline: newlines in quotes do not end it. NULL at the end. */
static char *next_record(FILE *in, char **record, size_t *room)
{
	size_t size = 0;
	bool quoted = false;
	int c;

	while ((c = getc(in)) != EOF) {
		if (size + 2 > *room) {
			*room = 2 * *room + 1024;
			*record = realloc(*record, *room);
			if (!*record)
				err(1, "a record of the registry");
		}
		(*record)[size++] = (char)c;
		quoted ^= c == '"';
		if (c == '\n' && !quoted)
			break;
	}
	if (!size)
		return NULL;
	(*record)[size] = '\0';
	return *record;
}

/* Whether the record has a name and one port, and bits of the protocols it answers for; none of other protocols. */
static bool is_service(const char *record, unsigned *port, unsigned *protocol_bits)
{
	char protocol[8] = "";
	int end = 0;

	if (sscanf(record, "%*[^,\"],%5u%n", port, &end) != 1 || record[end] != ',' || *port >= PORTS)
		return false;
	sscanf(record + end, ",%7[a-z]", protocol);
	*protocol_bits = *protocol ? 0 : 3; /* a port without a protocol is tcp and udp */
	for (unsigned i = 0; i < LIMIT_PROTOCOLS; i++)
		if (strcmp(protocol, protocols[i]) == 0)
			*protocol_bits = 1u << i;
	return *protocol_bits != 0;
}

/* Whole ports, so that what protocols share is shared in the sample. */
static uint32_t write_sample(FILE *in, FILE *out)
{
	static unsigned char taken[PORTS];
	unsigned port, bits, ports_seen = 0, last_port = PORTS;
	uint32_t entries = 0;
	char *record = NULL;
	size_t room = 0;

	memset(taken, 0, sizeof taken);
	while (next_record(in, &record, &room)) {
		if (!is_service(record, &port, &bits))
			continue;
		ports_seen += port != last_port;
		last_port = port;
		if (ports_seen % SAMPLE_EVERY != 0)
			continue;
		entries += (uint32_t)__builtin_popcount(bits & ~(unsigned)taken[port]);
		taken[port] |= (unsigned char)bits;
		fputs(record, out);
	}
	free(record);
	return entries;
}

uint32_t synthetic_write(enum registry_size size, const char *registry_csv, const char *path)
{
	FILE *in = size == REGISTRY_TENTH ? fopen(registry_csv, "re") : NULL, *out = fopen(path, "we");
	uint32_t entries;
	bool failed;

	if (!out)
		err(1, "%s", path);
	if (size == REGISTRY_TENTH && !in)
		err(1, "%s", registry_csv);
	fputs(head, out);
	entries = in ? write_sample(in, out) : write_made_up(size, out);
	failed = in && (ferror(in) || fclose(in) != 0);
	if (failed)
		err(1, "%s", registry_csv);
	failed = ferror(out) != 0;
	if (fclose(out) != 0 || failed)
		err(1, "%s", path);
	return entries;
}

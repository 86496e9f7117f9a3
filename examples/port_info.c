/* SPDX-License-Identifier: MIT */
/*
 * What IANA's registry says of ports and service names: name, assignee and description of each row.
 *
 *	cc -o port_info port_info.c $(pkg-config --cflags --libs ianareg)
 *	./port_info 443/tcp http 8080
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ianareg.h>

/* Texts come from the registry or an overlay and may hold any character: a terminal gets printable ASCII only. */
static void print_text(const char *text)
{
	for (; *text; text++)
		putchar(*text >= ' ' && *text <= '~' ? *text : '?');
}

static void print_row(const struct ianareg_row *row)
{
	print_text(*row->name ? row->name : ianareg_row_status_text(row->status));
	if (row->has_port && row->first_port == row->last_port)
		printf(" %u", row->first_port);
	else if (row->has_port)
		printf(" %u-%u", row->first_port, row->last_port);
	if (*row->protocol) {
		putchar('/');
		print_text(row->protocol);
	}
	fputs(": ", stdout);
	print_text(*row->assignee ? row->assignee : "nobody");
	fputs(": ", stdout);
	print_text(row->description);
	putchar('\n');
}

/* A number is a port, all else a name. */
static enum ianareg_status next_row(const struct ianareg *registry, const char *key, const char *protocol,
				    uint32_t *position, struct ianareg_row *row)
{
	char *end;
	const unsigned long port = strtoul(key, &end, 10);

	if (*key < '0' || *key > '9' || *end || port > 65535)
		return ianareg_next_row_of_name(registry, key, protocol, position, row);
	return ianareg_next_row_of_ports(registry, (unsigned)port, (unsigned)port, protocol, position, row);
}

/* Splits KEY/PROTOCOL in place. Whether there was a row. */
static bool print_key(const struct ianareg *registry, char *key)
{
	char *slash = strrchr(key, '/');
	const char *protocol = NULL;
	struct ianareg_row row;
	enum ianareg_status status;
	uint32_t position = 0;
	bool found = false;

	if (slash) {
		*slash = '\0';
		protocol = slash + 1;
	}
	while ((status = next_row(registry, key, protocol, &position, &row)) == IANAREG_OK) {
		print_row(&row);
		found = true;
	}
	if (status != IANAREG_NOT_FOUND)
		fprintf(stderr, "port_info: %s %s\n", ianareg_path(registry), ianareg_status_text(status));
	else if (!found)
		fprintf(stderr, "port_info: %s: not in the registry of %s\n", key, ianareg_newest_date(registry));
	return found && status == IANAREG_NOT_FOUND;
}

int main(int argc, char **argv)
{
	struct ianareg *registry;
	const enum ianareg_status status = ianareg_open(NULL, &registry);
	bool all_found = true;

	if (status != IANAREG_OK) {
		fprintf(stderr, "port_info: the snapshot %s: %s\n", ianareg_status_text(status), strerror(errno));
		return 1;
	}
	for (int i = 1; i < argc; i++)
		all_found &= print_key(registry, argv[i]);
	ianareg_close(registry);
	return all_found ? 0 : 2;
}

/* SPDX-License-Identifier: MIT */
/*
 * What of tinycdb is called, declared here: the bench must build where its header is not. The two structs are part of the
 * library's interface (libcdb.so.1), callers allocate them.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/services_lines.h"
#include "bench/tinycdb.h"

struct tinycdb {
	int fd;
	unsigned size, data_end;
	const unsigned char *memory;
	unsigned value_position, value_length, key_position, key_length;
};

struct tinycdb_writer {
	int fd;
	unsigned position, count;
	unsigned char buffer[4096], *next;
	void *lists[256];
	char spare[1024]; /* should another build of it have more */
};

static struct {
	int (*init)(struct tinycdb *cdb, int fd);
	int (*find)(struct tinycdb *cdb, const void *key, unsigned length);
	const void *(*get)(const struct tinycdb *cdb, unsigned length, unsigned position);
	int (*make_start)(struct tinycdb_writer *writer, int fd);
	int (*make_add)(struct tinycdb_writer *writer, const void *key, unsigned key_length, const void *value,
			unsigned value_length);
	int (*make_finish)(struct tinycdb_writer *writer);
} library;

const char *tinycdb_load(const char *path)
{
	void *const handle = dlopen(path, RTLD_NOW);

	if (!handle)
		return dlerror();
	*(void **)&library.init = dlsym(handle, "cdb_init");
	*(void **)&library.find = dlsym(handle, "cdb_find");
	*(void **)&library.get = dlsym(handle, "cdb_get");
	*(void **)&library.make_start = dlsym(handle, "cdb_make_start");
	*(void **)&library.make_add = dlsym(handle, "cdb_make_add");
	*(void **)&library.make_finish = dlsym(handle, "cdb_make_finish");
	if (library.init && library.find && library.get && library.make_start && library.make_add &&
	    library.make_finish)
		return NULL;
	return "libcdb.so.1 lacks a function";
}

static int add(struct tinycdb_writer *writer, const char *name, const struct services_line *line)
{
	char key[512];
	const int length = snprintf(key, sizeof key, "%s/%s", name, line->entry.s_proto);

	return library.make_add(writer, key, (unsigned)length, line->text, (unsigned)strlen(line->text));
}

/* Under its port, its name and its aliases. */
static int add_line(struct tinycdb_writer *writer, const struct services_line *line)
{
	char port[16];
	int result;

	snprintf(port, sizeof port, "%u", (unsigned)ntohs((uint16_t)line->entry.s_port));
	result = add(writer, port, line);
	if (result == 0)
		result = add(writer, line->entry.s_name, line);
	for (char *const *alias = line->aliases; result == 0 && *alias; alias++)
		result = add(writer, *alias, line);
	return result;
}

static int add_lines(struct tinycdb_writer *writer, FILE *services)
{
	struct services_line line;
	int result = 0;

	while (result == 0 && services_line_read(services, &line))
		result = add_line(writer, &line);
	return result;
}

const char *tinycdb_write(const char *services, const char *path)
{
	static struct tinycdb_writer writer;
	FILE *const lines = fopen(services, "re");
	const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	const char *reason = NULL;

	if (!lines || fd < 0 || library.make_start(&writer, fd) != 0 || add_lines(&writer, lines) != 0 ||
	    library.make_finish(&writer) != 0)
		reason = strerror(errno);
	if (lines)
		fclose(lines);
	if (fd >= 0)
		close(fd);
	return reason;
}

struct tinycdb *tinycdb_open(const char *path)
{
	struct tinycdb *cdb = calloc(1, sizeof *cdb + 64);
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (cdb && fd >= 0 && library.init(cdb, fd) == 0)
		return cdb;
	free(cdb);
	if (fd >= 0)
		close(fd);
	return NULL;
}

const char *tinycdb_find(struct tinycdb *cdb, const struct tinycdb_key *key, unsigned *length)
{
	if (library.find(cdb, key->text, key->length) <= 0)
		return NULL;
	*length = cdb->value_length;
	return library.get(cdb, cdb->value_length, cdb->value_position);
}

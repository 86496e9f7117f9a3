/* SPDX-License-Identifier: MIT */
/* Keys of services.db: "0N" for the N-th line, ".NAME/PROTOCOL", ".NAME/", "=PORT/PROTOCOL" and "=PORT/". */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/nss_db.h"
#include "bench/services_lines.h"

static void write_name(FILE *keys, const char *name, const struct services_line *line)
{
	fprintf(keys, ".%s/%s %s\n.%s/ %s\n", name, line->entry.s_proto, line->text, name, line->text);
}

static void write_line(FILE *keys, unsigned number, const struct services_line *line)
{
	const unsigned port = ntohs((uint16_t)line->entry.s_port);

	fprintf(keys, "0%u %s\n", number, line->text);
	write_name(keys, line->entry.s_name, line);
	fprintf(keys, "=%u/%s %s\n=%u/ %s\n", port, line->entry.s_proto, line->text, port, line->text);
	for (char *const *alias = line->aliases; *alias; alias++)
		write_name(keys, *alias, line);
}

const char *nss_db_write_keys(const char *services, const char *path)
{
	FILE *const lines = fopen(services, "re"), *const keys = fopen(path, "we");
	struct services_line line;
	const char *reason = NULL;

	if (!lines || !keys)
		reason = strerror(errno);
	for (unsigned number = 0; !reason && services_line_read(lines, &line); number++)
		write_line(keys, number, &line);
	if (lines)
		fclose(lines);
	if (keys && fclose(keys) != 0)
		reason = strerror(errno);
	return reason;
}

/* Quiet: of a key that comes again the first line counts, and makedb would say so each time. */
static void exec_makedb(const char *peers, const char *keys, const char *database)
{
	char command[PATH_MAX], libraries[PATH_MAX + 32];
	char *const environment[] = {libraries, NULL};

	snprintf(command, sizeof command, "%s/bin/makedb", peers);
	snprintf(libraries, sizeof libraries, "LD_LIBRARY_PATH=%s/lib", peers);
	execle(command, "makedb", "-q", "-o", database, keys, (char *)NULL, environment);
	_exit(127);
}

const char *nss_db_make(const char *peers, const char *keys, const char *database)
{
	const pid_t child = fork();
	int status;

	if (child == 0)
		exec_makedb(peers, keys, database);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return strerror(errno);
	return status == 0 ? NULL : "makedb failed";
}

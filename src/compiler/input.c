/* SPDX-License-Identifier: MIT */
/* Reading the files given to a compile. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "compiler/input.h"
#include "compiler/registry_csv.h"

static bool is_standard_input(const char *path)
{
	return strcmp(path, "-") == 0;
}

const char *input_name(const char *path)
{
	return is_standard_input(path) ? "standard input" : path;
}

/* Reads may wait for data, though opening must not wait for a writer. */
static int let_reads_wait(int fd)
{
	const int flags = fcntl(fd, F_GETFL);

	return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}

/* A stream that owns the descriptor, or -1 made an error, or a directory. */
static FILE *stream_of(int fd)
{
	struct stat status;

	if (fd < 0 || fstat(fd, &status) != 0)
		return NULL;
	if (S_ISDIR(status.st_mode)) {
		errno = EISDIR;
		return NULL;
	}
	return let_reads_wait(fd) == 0 ? fdopen(fd, "rb") : NULL;
}

enum outcome open_input(const char *path, FILE **stream)
{
	int fd = is_standard_input(path) ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
					 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	FILE *opened = stream_of(fd);
	const int cause = errno;

	if (opened) {
		*stream = opened;
		return OUTCOME_OK;
	}
	if (fd >= 0)
		close(fd);
	return report_failure(input_name(path), "%s", cause == EISDIR ? "is a directory" : strerror(cause));
}

static enum outcome read_all(const char *path, FILE *stream, char **bytes, size_t *size)
{
	char *read = NULL;
	size_t used = 0, room = 0, got;

	do {
		if (used == room) {
			room = room ? 2 * room : 1 << 16;
			read = xcheck(realloc(read, room + 1));
		}
		got = fread(read + used, 1, room - used, stream);
		used += got;
	} while (got && used <= CSV_FILE_MAX);
	if (ferror(stream) || used > CSV_FILE_MAX) {
		free(read);
		if (used <= CSV_FILE_MAX)
			return report_failure(input_name(path), "%s", strerror(errno));
		report_failure(input_name(path), "is longer than %d bytes", CSV_FILE_MAX);
		return OUTCOME_INVALID;
	}
	read[used] = '\0';
	*bytes = read;
	*size = used;
	return OUTCOME_OK;
}

enum outcome read_input(const char *path, char **bytes, size_t *size)
{
	FILE *stream;
	enum outcome status = open_input(path, &stream);

	if (status != OUTCOME_OK)
		return status;
	status = read_all(path, stream, bytes, size);
	fclose(stream);
	return status;
}

FILE *stream_over(char *bytes, size_t size)
{
	/* fmemopen() of no bytes fails on some systems. */
	return xcheck(size ? fmemopen(bytes, size, "r") : fopen("/dev/null", "re"));
}

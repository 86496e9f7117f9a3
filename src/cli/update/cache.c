/* SPDX-License-Identifier: MIT */
/* What update fetched last from an address. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/memory.h"
#include "cli/update/cache.h"
#include "cli/update/url.h"
#include "publish/publish.h"

enum { FACTS_SIZE_MAX = URL_MAX_BYTES + ETAG_MAX_BYTES + 256 };

__attribute__((format(printf, 1, 2))) static char *joined(const char *format, ...)
{
	char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		xcheck(NULL);
	va_end(arguments);
	return text;
}

/* Users' caches are in a directory that may not be there yet either. */
static char *users_directory(bool make)
{
	const char *base = secure_getenv("XDG_CACHE_HOME"), *home = secure_getenv("HOME");
	char *made = NULL, *directory;

	if (!base || *base != '/') {
		if (!home || *home != '/')
			return NULL;
		base = made = joined("%s/.cache", home);
	}
	if (make)
		mkdir(base, 0700);
	directory = joined("%s/ianareg", base);
	free(made);
	return directory;
}

/* systemd may name several directories, with colons between; then none is meant for us. */
static char *cache_directory(bool make)
{
	const char *given = secure_getenv("CACHE_DIRECTORY");

	if (given && *given == '/' && !strchr(given, ':'))
		return joined("%s", given);
	return geteuid() == 0 ? joined("%s", CACHE_DIR) : users_directory(make);
}

/* NULL, or why that directory is no cache. */
static const char *directory_fault(const char *directory)
{
	struct stat status;

	if (lstat(directory, &status) != 0)
		return strerror(errno);
	if (!S_ISDIR(status.st_mode))
		return "is not a directory";
	if (status.st_uid != geteuid())
		return "belongs to another user";
	return status.st_mode & (S_IWGRP | S_IWOTH) ? "is writable by others" : NULL;
}

void cache_open(const char *url, bool make, struct cache *cache)
{
	char *directory = cache_directory(make);
	const char *fault = NULL;
	const uint64_t key = hash_bytes(url, strlen(url));

	*cache = (struct cache){.url = url};
	if (!directory)
		return;
	if (make && mkdir(directory, 0755) != 0 && errno != EEXIST)
		fault = strerror(errno);
	if (!fault)
		fault = directory_fault(directory);
	if (!fault) {
		cache->body_path = joined("%s/%016" PRIx64 ".body", directory, key);
		cache->facts_path = joined("%s/%016" PRIx64 ".facts", directory, key);
	} else if (make) {
		complain(directory, "%s; going on without a cache", fault);
	}
	free(directory);
}

void cache_close(struct cache *cache)
{
	free(cache->body_path);
	free(cache->facts_path);
}

/* A regular file of ours, of at most `size_max` bytes; NULL if it is anything else. free() it. */
static char *read_ours(const char *path, size_t size_max, size_t *size)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat status;
	char *bytes = NULL;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == geteuid())
		bytes = scratch_copy(fd, size_max, size);
	close(fd);
	if (bytes && *size > size_max) {
		free(bytes);
		return NULL;
	}
	return bytes;
}

static char *facts_text(const struct cache *cache, const struct cached *cached)
{
	return joined("url %s\nbody %zu %016" PRIx64 "\nmodified %jd\netag %s\n", cache->url, cached->size,
		      hash_bytes(cached->bytes, cached->size), (intmax_t)cached->validators.modified,
		      cached->validators.etag);
}

/* The text after "NAME " on a line of the facts, its newline cut off; `*rest` goes past it. NULL: not that line. */
static char *row_info(char **rest, const char *name)
{
	char *line = strsep(rest, "\n");
	const size_t size = strlen(name);

	return line && *rest && strncmp(line, name, size) == 0 && line[size] == ' ' ? line + size + 1 : NULL;
}

static bool read_facts(const struct cache *cache, char *text, struct cached *cached)
{
	char *rest = text;
	const char *url = row_info(&rest, "url"), *body = url ? row_info(&rest, "body") : NULL;
	const char *modified = body ? row_info(&rest, "modified") : NULL,
		   *etag = modified ? row_info(&rest, "etag") : NULL;
	char *expected;
	bool sound;

	if (!etag || strlen(etag) > ETAG_MAX_BYTES || strcmp(url, cache->url) != 0)
		return false;
	expected = joined("%zu %016" PRIx64, cached->size, hash_bytes(cached->bytes, cached->size));
	sound = strcmp(body, expected) == 0;
	free(expected);
	cached->validators.modified = (time_t)strtoll(modified, NULL, 10);
	memcpy(cached->validators.etag, etag, strlen(etag) + 1);
	return sound;
}

bool cache_read(const struct cache *cache, struct cached *cached)
{
	struct cached found = {0};
	size_t facts_size;
	char *facts;
	bool sound;

	if (!cache->body_path)
		return false;
	found.bytes = read_ours(cache->body_path, BODY_SIZE_MAX, &found.size);
	if (!found.bytes)
		return false;
	facts = read_ours(cache->facts_path, FACTS_SIZE_MAX, &facts_size);
	sound = facts && read_facts(cache, facts, &found);
	free(facts);
	if (sound)
		*cached = found;
	else
		free(found.bytes);
	return sound;
}

void cache_write(const struct cache *cache, const struct cached *cached)
{
	struct diagnostics diagnostics = {.stream = stderr};
	char *facts;

	if (!cache->body_path)
		return;
	facts = facts_text(cache, cached);
	if (publish_file(cache->body_path, cached->bytes, cached->size, PUBLISH_ALONE, &diagnostics) == OUTCOME_OK)
		publish_file(cache->facts_path, facts, strlen(facts), PUBLISH_ALONE, &diagnostics);
	free(facts);
}

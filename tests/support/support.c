/* SPDX-License-Identifier: MIT */
/* What tests share. */
#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler/preferences.h"
#include "compiler/registry_csv.h"
#include "compiler/services_file.h"
#include "compiler/snapshot_writer.h"
#include "tests/support/support.h"

const char *build_dir(void)
{
	const char *dir = getenv("IANAREG_BUILD");

	return dir ? dir : "build";
}

static char scratch[256];
static pid_t scratch_owner;

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path);
}

static void remove_scratch(void)
{
	if (getpid() == scratch_owner)
		nftw(scratch, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *scratch_dir(void)
{
	if (!scratch[0]) {
		const char *base = getenv("TMPDIR");

		snprintf(scratch, sizeof scratch, "%s/ianareg-test-XXXXXX", base ? base : "/tmp");
		assert_non_null(mkdtemp(scratch));
		assert_int_equal(chmod(scratch, 0755), 0);
		scratch_owner = getpid();
		atexit(remove_scratch);
	}
	return scratch;
}

const char *text(const char *format, ...)
{
	static char ring[16][4096];
	static unsigned turn;
	char *slot = ring[turn++ % 16];
	va_list arguments;

	va_start(arguments, format);
	assert_in_range(vsnprintf(slot, sizeof ring[0], format, arguments), 0, sizeof ring[0] - 1);
	va_end(arguments);
	return slot;
}

static char *read_stream(FILE *stream, size_t *size)
{
	char *bytes = NULL;
	size_t used = 0, room = 0, got;

	do {
		if (room - used < 4096) {
			room = room ? 2 * room : 65536;
			bytes = realloc(bytes, room);
			assert_non_null(bytes);
		}
		got = fread(bytes + used, 1, room - used - 1, stream);
		used += got;
	} while (got);
	bytes[used] = '\0';
	if (size)
		*size = used;
	return bytes;
}

char *read_file(const char *path, size_t *size)
{
	FILE *stream = fopen(path, "rbe");

	if (!stream)
		fail_msg("%s: %s", path, strerror(errno));
	char *bytes = read_stream(stream, size);
	fclose(stream);
	return bytes;
}

void write_file(const char *path, const void *bytes, size_t size)
{
	FILE *stream = fopen(path, "wbe");

	if (!stream)
		fail_msg("%s: %s", path, strerror(errno));
	assert_int_equal(fwrite(bytes, 1, size, stream), size);
	assert_int_equal(fclose(stream), 0);
}

struct run run(const char *command)
{
	struct run result;
	char *const out = strdup(text("%s/out.%d", scratch_dir(), getpid()));
	char *const err = strdup(text("%s/err.%d", scratch_dir(), getpid()));
	char *whole;

	assert_true(asprintf(&whole, "{ %s\n} >%s 2>%s", command, out, err) > 0);
	int status = system(whole);

	assert_int_not_equal(status, -1);
	result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	result.out = read_file(out, NULL);
	result.err = read_file(err, NULL);
	free(whole);
	free(out);
	free(err);
	return result;
}

void free_run(struct run *run)
{
	free(run->out);
	free(run->err);
}

static enum outcome read_lines(struct registry *registry, enum source_kind kind, const char *name, const char *lines,
			       size_t size, struct diagnostics *diagnostics)
{
	FILE *stream = size ? fmemopen((void *)(uintptr_t)lines, size, "r") : fopen("/dev/null", "re");

	assert_non_null(stream);
	registry_begin_source(registry, kind, name);
	enum outcome status = kind == SOURCE_REGISTRY ? registry_csv_read(registry, stream, diagnostics)
						      : services_file_read(registry, stream, diagnostics);
	fclose(stream);
	return status;
}

struct compiled compile_csv(const char *csv, size_t size, const char *overlay, const char *preferences)
{
	struct compiled result = {.status = OUTCOME_OK};
	size_t message_size;
	struct diagnostics diagnostics = {.stream = open_memstream(&result.messages, &message_size)};
	struct registry *registry = registry_new();
	const struct registry_options options = {.max_port = PORT_MAX, .protocols = ~0u};

	if (overlay)
		result.status =
			read_lines(registry, SOURCE_OVERLAY_LINES, "overlay", overlay, strlen(overlay), &diagnostics);
	if (result.status == OUTCOME_OK && preferences)
		result.status = read_lines(registry, SOURCE_PREFERENCES, "preferences", preferences,
					   strlen(preferences), &diagnostics);
	if (result.status == OUTCOME_OK)
		result.status = read_lines(registry, SOURCE_REGISTRY, "registry.csv", csv, size, &diagnostics);
	if (result.status == OUTCOME_OK)
		result.status = registry_finish(registry, &options, &diagnostics);
	if (result.status == OUTCOME_OK)
		result.status = snapshot_write(registry, &diagnostics, &result.bytes, &result.size);
	registry_free(registry);
	fclose(diagnostics.stream);
	result.warning_count = diagnostics.warning_count;
	if (result.status == OUTCOME_OK)
		assert_int_equal(snapshot_open(result.bytes, result.size, &result.snapshot), SNAPSHOT_OK);
	return result;
}

struct compiled compile_clean(const char *csv)
{
	struct compiled result = compile_csv(csv, strlen(csv), NULL, NULL);

	if (result.status != OUTCOME_OK || result.warning_count)
		fail_msg("compile said: %s", result.messages);
	return result;
}

struct compiled compile_file(const char *path)
{
	size_t size;
	char *csv = read_file(path, &size);
	struct compiled result = compile_csv(csv, size, NULL, preferences_text);

	free(csv);
	if (result.status != OUTCOME_OK)
		fail_msg("%s: %s", path, result.messages);
	return result;
}

void free_compiled(struct compiled *compiled)
{
	free(compiled->messages);
	free(compiled->bytes);
}

const char *published_csv(void)
{
	const char *path = getenv("IANAREG_PUBLISHED");

	if (!path)
		path = "../shared/registry/service-names-port-numbers.csv";
	return access(path, R_OK) == 0 ? path : NULL;
}

uint32_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33);
}

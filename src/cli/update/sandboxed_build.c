/* SPDX-License-Identifier: MIT */
/* Untrusted input compiled in a sandboxed child. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/update/sandboxed_build.h"
#include "cli/update/validate.h"
#include "compiler/input.h"

enum { SNAPSHOT_SIZE_MAX = 64 << 20, CPU_SECONDS = 60, WARNINGS_SHOWN = 20 };

bool is_snapshot(const char *bytes, size_t size)
{
	return size >= strlen(SNAPSHOT_MAGIC) && memcmp(bytes, SNAPSHOT_MAGIC, strlen(SNAPSHOT_MAGIC)) == 0;
}

static enum exit_status hand_over(const void *bytes, size_t size)
{
	FILE *stream = fdopen(SANDBOX_FD_FIRST, "wb");

	if (!stream || fwrite(bytes, 1, size, stream) != size || fclose(stream) != 0)
		return complain("snapshot", "%s", strerror(errno));
	return EXIT_DONE;
}

static enum exit_status compile(const struct build *build)
{
	struct diagnostics diagnostics = {.stream = stderr, .warnings_shown = WARNINGS_SHOWN};
	unsigned char *bytes;
	size_t size;
	enum exit_status status = exit_status_of(build_snapshot(build, &diagnostics, &bytes, &size));

	if (diagnostics.warning_count > WARNINGS_SHOWN)
		complain(build->registry.path, "and %u more warnings", diagnostics.warning_count - WARNINGS_SHOWN);
	if (status != EXIT_DONE)
		return status;
	status = hand_over(bytes, size);
	free(bytes);
	return status;
}

/* A hostile snapshot meets the full check here first, where it can do no harm. */
static enum exit_status validate_and_hand_over(const struct build_input *body)
{
	struct snapshot snapshot;
	enum exit_status status = validate_bytes(body->path, body->bytes, body->size, NULL, &snapshot);

	return status == EXIT_DONE ? hand_over(body->bytes, body->size) : status;
}

/* In the child. */
static int make_in_child(const void *argument)
{
	const struct build *build = argument;
	const struct build_input *body = &build->registry;

	return (int)(is_snapshot(body->bytes, body->size) ? validate_and_hand_over(body) : compile(build));
}

/* A crash, or work without end, is the fault of the data. */
static enum exit_status job_status(const char *name, const struct sandbox_job_end *end)
{
	if (end->signal) {
		complain(name, "the parser was killed by signal %d", end->signal);
		return EXIT_INVALID;
	}
	switch (end->status) {
	case EXIT_DONE:
	case EXIT_INVALID:
		return (enum exit_status)end->status;
	default:
		return EXIT_TROUBLE;
	}
}

static enum exit_status take_over(const struct build *build, int fd, struct sandboxed_snapshot *made)
{
	struct sandboxed_snapshot taken;

	taken.bytes = scratch_copy(fd, SNAPSHOT_SIZE_MAX, &taken.size);
	if (!taken.bytes)
		return EXIT_TROUBLE;
	if (taken.size > SNAPSHOT_SIZE_MAX) {
		complain(build->registry.path, "makes a snapshot of more than %d bytes", SNAPSHOT_SIZE_MAX);
		free(taken.bytes);
		return EXIT_INVALID;
	}
	*made = taken;
	return EXIT_DONE;
}

static enum exit_status make_in_files(const struct identity *identity, const struct build *build, int output,
				      int messages, struct sandboxed_snapshot *made)
{
	const struct sandbox_job sandbox_job = {
		.work = make_in_child,
		.argument = build,
		.output = -1,
		.messages = messages,
		.descriptors = {output},
		.descriptor_count = 1,
		.file_size_max = SNAPSHOT_SIZE_MAX + 1,
		.cpu_seconds = CPU_SECONDS,
	};
	struct sandbox_job_end end;
	enum exit_status status = sandbox_run(identity, &sandbox_job, &end);

	if (status != EXIT_DONE)
		return status;
	relay_messages(messages);
	status = job_status(build->registry.path, &end);
	return status == EXIT_DONE ? take_over(build, output, made) : status;
}

static enum exit_status make_of_texts(const struct identity *identity, const struct build *build,
				      struct sandboxed_snapshot *made)
{
	const int output = scratch_file(), messages = scratch_file();
	enum exit_status status = EXIT_TROUBLE;

	if (output >= 0 && messages >= 0)
		status = make_in_files(identity, build, output, messages, made);
	if (output >= 0)
		close(output);
	if (messages >= 0)
		close(messages);
	return status;
}

enum exit_status sandboxed_build(const struct identity *identity, const struct build *build,
				 struct sandboxed_snapshot *made)
{
	struct build whole = *build;
	enum exit_status status = EXIT_DONE;
	unsigned read = 0;

	for (; read < whole.overlay_count && status == EXIT_DONE; read++) {
		struct build_input *overlay = &whole.overlays[read];

		status = exit_status_of(read_input(overlay->path, &overlay->bytes, &overlay->size));
	}
	if (status == EXIT_DONE)
		status = make_of_texts(identity, &whole, made);
	for (unsigned i = 0; i < read; i++)
		free(whole.overlays[i].bytes);
	return status;
}

/* SPDX-License-Identifier: MIT */
/* The pipeline from source texts to the bytes of a snapshot. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/parse.h"
#include "base/same_file.h"
#include "base/utf8.h" /* WHITE_SPACE */
#include "compiler/input.h"
#include "compiler/pipeline.h"
#include "compiler/preferences.h"
#include "compiler/registry_csv.h"
#include "compiler/services_file.h"
#include "compiler/snapshot_writer.h"
#include "snapshot/protocols.h"
#include "snapshot/snapshot_file.h"

struct build build_of_everything(void)
{
	return (struct build){.options = {.max_port = PORT_MAX, .protocols = ~0u}};
}

const char *build_take_overlay(const char *path, struct build *build)
{
	if (build->overlay_count == OVERLAYS_MAX)
		return "more than 64 overlays";
	build->overlays[build->overlay_count++] = (struct build_input){.path = path};
	return NULL;
}
_Static_assert(OVERLAYS_MAX == 64, "the message above says so");

const char *build_take_protocols(const char *list, struct build *build)
{
	uint32_t bits = 0;

	for (const char *name = list;; name++) {
		const size_t size = strcspn(name, ",");
		unsigned i = 0;

		while (i < FIXED_PROTOCOL_COUNT &&
		       (strlen(fixed_protocols[i]) != size || memcmp(fixed_protocols[i], name, size) != 0))
			i++;
		if (i == FIXED_PROTOCOL_COUNT)
			return "takes some of tcp,udp,sctp,dccp";
		bits |= 1u << i;
		name += size;
		if (!*name)
			break;
	}
	build->options.protocols = bits;
	return NULL;
}

const char *build_take_max_port(const char *text, struct build *build)
{
	return parse_number(text, strlen(text), PORT_MAX, &build->options.max_port) ? NULL
										    : "takes a number from 0 to 65535";
}

enum outcome build_check_output(const struct build *build, const char *output)
{
	bool is_input = build->registry.path && same_file(output, build->registry.path);

	for (unsigned i = 0; i < build->overlay_count; i++)
		is_input |= same_file(output, build->overlays[i].path);
	if (is_input)
		return report_failure(output, "is both input and output");
	if (strcmp(output, "-") == 0)
		return report_failure("-o -", "a snapshot goes to a file, not to standard output");
	if (!*output)
		return report_failure("-o", "a file needs a name");
	return OUTCOME_OK;
}

const char *build_default_output(void)
{
	const char *paths[3];

	snapshot_paths(paths);
	return paths[0];
}

/* CSV begins with its heads, "Service Name" among them; services(5) has no such line. */
static bool begins_with_heads(const char *text)
{
	static const char bom[] = "\xef\xbb\xbf", head[] = "Service Name";

	text += strncmp(text, bom, strlen(bom)) == 0 ? strlen(bom) : 0;
	text += strspn(text, WHITE_SPACE); /* blank lines come before the heads of a CSV, too */
	if (*text == '#')
		return false;
	for (;;) {
		size_t cell;

		text += strspn(text, " \t\"");
		cell = strcspn(text, ",\r\n");
		if (strncasecmp(text, head, strlen(head)) == 0 &&
		    strspn(text + strlen(head), " \t\"") == cell - strlen(head))
			return true;
		if (text[cell] != ',')
			return false;
		text += cell + 1;
	}
}

static enum outcome read_text(struct registry *registry, enum source_kind kind, const char *name, char *bytes,
			      size_t size, struct diagnostics *diagnostics)
{
	FILE *stream = stream_over(bytes, size);
	const bool is_csv = kind == SOURCE_REGISTRY || kind == SOURCE_OVERLAY_ROWS;

	registry_begin_source(registry, kind, name);
	enum outcome status = is_csv ? registry_csv_read(registry, stream, diagnostics)
				     : services_file_read(registry, stream, diagnostics);
	fclose(stream);
	return status;
}

static enum outcome read_overlay(struct registry *registry, const struct build_input *overlay,
				 struct diagnostics *diagnostics)
{
	char *bytes = overlay->bytes;
	size_t size = overlay->size;
	enum outcome status = bytes ? OUTCOME_OK : read_input(overlay->path, &bytes, &size);

	if (status != OUTCOME_OK)
		return status;
	status = read_text(registry, begins_with_heads(bytes) ? SOURCE_OVERLAY_ROWS : SOURCE_OVERLAY_LINES,
			   input_name(overlay->path), bytes, size, diagnostics);
	if (!overlay->bytes)
		free(bytes);
	return status;
}

static enum outcome read_preferences(struct registry *registry, struct diagnostics *diagnostics)
{
	char *copy = xcheck(strdup(preferences_text));
	enum outcome status = read_text(registry, SOURCE_PREFERENCES, "preferences", copy, strlen(copy), diagnostics);

	free(copy);
	return status;
}

/* A registry on disk is read as it comes: no need to hold all of it. */
static enum outcome read_registry(struct registry *registry, const struct build_input *input,
				  struct diagnostics *diagnostics)
{
	FILE *stream;

	if (input->bytes)
		return read_text(registry, SOURCE_REGISTRY, input->path, input->bytes, input->size, diagnostics);

	enum outcome status = open_input(input->path, &stream);

	if (status != OUTCOME_OK)
		return status;
	registry_begin_source(registry, SOURCE_REGISTRY, input_name(input->path));
	status = registry_csv_read(registry, stream, diagnostics);
	fclose(stream);
	return status;
}

/* Sources that are read first win. */
static enum outcome read_sources(const struct build *build, struct registry *registry, struct diagnostics *diagnostics)
{
	enum outcome status = OUTCOME_OK;

	for (unsigned i = 0; i < build->overlay_count && status == OUTCOME_OK; i++)
		status = read_overlay(registry, &build->overlays[i], diagnostics);
	if (status == OUTCOME_OK)
		status = read_preferences(registry, diagnostics);
	if (status == OUTCOME_OK)
		status = read_registry(registry, &build->registry, diagnostics);
	return status;
}

enum outcome build_snapshot(const struct build *build, struct diagnostics *diagnostics, unsigned char **bytes,
			    size_t *size)
{
	struct registry *registry = registry_new();
	enum outcome status = read_sources(build, registry, diagnostics);

	if (status == OUTCOME_OK)
		status = registry_finish(registry, &build->options, diagnostics);
	if (status == OUTCOME_OK)
		status = snapshot_write(registry, diagnostics, bytes, size);
	registry_free(registry);
	return status;
}

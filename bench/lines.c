/* SPDX-License-Identifier: MIT */
/* Cache lines by lackey, whose trace is read as it comes: " L 1ffeffe7e0,8" is a load, S a store, M both, I an instruction. */
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/traced_lookups.h"
#include "bench/valgrind.h"

enum {
	LINE_BITS = 6, /* lines of 64 bytes */
	LINES_MAX = 1024, /* of one lookup */
	RANGES_MAX = 16,
	PIPE_BUFFER = 1 << 20,
};

struct line {
	uint64_t number; /* address / 64 */
	bool is_code;
};

struct lookup {
	struct line lines[LINES_MAX];
	unsigned count;
};

struct trace {
	struct lookup *lookups;
	unsigned count, room;
	bool is_inside; /* of a lookup */
};

struct ranges {
	struct {
		uint64_t start, end;
		enum line_kind kind;
	} of[RANGES_MAX];
	unsigned count, found;
};

static void add_line(struct lookup *lookup, uint64_t number, bool is_code)
{
	for (unsigned i = lookup->count; i-- > 0;)
		if (lookup->lines[i].number == number && lookup->lines[i].is_code == is_code)
			return;
	if (lookup->count == LINES_MAX)
		errx(1, "a lookup touches more than %d cache lines", LINES_MAX);
	lookup->lines[lookup->count++] = (struct line){number, is_code};
}

static void begin_lookup(struct trace *trace)
{
	if (trace->is_inside || trace->count == trace->room)
		errx(1, "the trace of lookups has too many begin");
	trace->is_inside = true;
	trace->lookups[trace->count].count = 0;
}

static void take_access(struct trace *trace, char kind, uint64_t address, uint64_t size)
{
	if (kind == 'S' && address == TRACE_MARK) {
		begin_lookup(trace);
	} else if (kind == 'S' && address == TRACE_MARK_END) {
		trace->count += trace->is_inside;
		trace->is_inside = false;
	} else if (trace->is_inside) {
		for (uint64_t line = address >> LINE_BITS; line <= (address + size - 1) >> LINE_BITS; line++)
			add_line(&trace->lookups[trace->count], line, kind == 'I');
	}
}

static void read_trace(int pipe_end, struct trace *trace)
{
	FILE *stream = fdopen(pipe_end, "r");
	char line[256];

	if (!stream || setvbuf(stream, NULL, _IOFBF, PIPE_BUFFER) != 0)
		err(1, "the trace of lookups");
	while (fgets(line, sizeof line, stream)) {
		char kind, *rest;
		uint64_t address;

		kind = line[0] == ' ' ? line[1] : line[0];
		if (!strchr("ILSM", kind) || line[2] != ' ')
			continue; /* what valgrind says about itself */
		address = strtoull(line + 3, &rest, 16);
		if (*rest == ',')
			take_access(trace, kind, address, strtoull(rest + 1, NULL, 10));
	}
	fclose(stream);
}

static struct ranges read_ranges(int pipe_end)
{
	struct ranges ranges = {.count = 0};
	FILE *stream = fdopen(pipe_end, "r");
	char line[256], word[16];
	uint64_t start, end;

	if (!stream)
		err(1, "where lookups read");
	while (fgets(line, sizeof line, stream)) {
		if (sscanf(line, "found %u", &ranges.found) == 1)
			continue;
		if (sscanf(line, "%15s %" SCNx64 " %" SCNx64, word, &start, &end) != 3 || ranges.count == RANGES_MAX)
			errx(1, "traced_lookups said: %s", line);
		ranges.of[ranges.count].start = start;
		ranges.of[ranges.count].end = end;
		ranges.of[ranges.count++].kind = strcmp(word, "snapshot") == 0 ? LINES_SNAPSHOT : LINES_MODULE;
	}
	fclose(stream);
	return ranges;
}

static enum line_kind kind_of(const struct ranges *ranges, const struct line *line)
{
	if (line->is_code)
		return LINES_CODE;
	for (unsigned i = 0; i < ranges->count; i++)
		if (line->number >= ranges->of[i].start >> LINE_BITS &&
		    line->number <= (ranges->of[i].end - 1) >> LINE_BITS)
			return ranges->of[i].kind;
	return LINES_OTHER;
}

static struct line_counts count_lines(const struct trace *trace, const struct ranges *ranges)
{
	double *figures[LINE_KINDS];
	struct line_counts counts;

	for (unsigned kind = 0; kind < LINE_KINDS; kind++) {
		figures[kind] = calloc(trace->count, sizeof *figures[kind]);
		if (!figures[kind])
			err(1, "counts of lines");
		counts.mean[kind] = 0;
	}
	for (unsigned i = 0; i < trace->count; i++)
		for (unsigned j = 0; j < trace->lookups[i].count; j++) {
			const enum line_kind kind = kind_of(ranges, &trace->lookups[i].lines[j]);

			figures[kind][i]++;
			counts.mean[kind] += 1.0 / trace->count;
		}
	for (unsigned kind = 0; kind < LINE_KINDS; kind++) {
		counts.of[kind] = measure_spread(figures[kind], trace->count);
		free(figures[kind]);
	}
	return counts;
}

struct line_counts lines_per_lookup(const struct valgrind_work *work)
{
	static const char *const tool[] = {"--tool=lackey", "--trace-mem=yes", NULL};
	struct trace trace = {.lookups = calloc(work->count, sizeof *trace.lookups), .room = work->count};
	int log[2], output[2]; /* what the program prints fits a pipe */
	pid_t child;

	if (!trace.lookups || pipe2(log, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0)
		err(1, "a trace of lookups");
	child = valgrind_start(work, 1, tool, log[1], output[1]);
	close(log[1]);
	close(output[1]);
	read_trace(log[0], &trace);

	const struct ranges ranges = read_ranges(output[0]);

	valgrind_wait(child);
	if (trace.count != work->count || ranges.found != (work->misses ? 0 : work->count))
		errx(1, "traced: %u of %u lookups, %u found", trace.count, work->count, ranges.found);

	const struct line_counts counts = count_lines(&trace, &ranges);

	free(trace.lookups);
	return counts;
}

/* SPDX-License-Identifier: MIT */
/* An update, step by step: run_steps() below is the list. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/escape.h"
#include "cli/output/changes_text.h"
#include "cli/update/cache.h"
#include "cli/update/fetch.h"
#include "cli/update/guard.h"
#include "cli/update/nscd.h"
#include "cli/update/sandboxed_build.h"
#include "cli/update/update_run.h"
#include "cli/update/url.h"
#include "cli/update/validate.h"
#include "compiler/input.h"
#include "publish/lock.h"
#include "publish/publish.h"
#include "snapshot/accessors.h"

#ifndef BUNDLED_REGISTRY
#define BUNDLED_REGISTRY "/usr/share/ianareg/service-names-port-numbers.csv"
#endif

/* What was fetched: a CSV, or a compiled snapshot. */
struct body {
	const char *name; /* for messages */
	struct cached cached;
	bool is_new; /* not in the cache yet */
	bool is_bundled; /* nothing was ever fetched */
};

/* An update under way: what its steps hand to the next ones. */
struct update_run {
	const struct update *update;
	struct build build;
	struct identity identity;
	struct cache cache;
	struct body body;
	struct sandboxed_snapshot next;
	struct baseline target; /* what is replaced, as it is when the next snapshot is ready */
	struct baseline instead; /* what the guard compares with where the target is not valid */
	struct comparison comparison;
	bool is_compared;
};

/* ---- fetch ---- */

static enum exit_status fetch_bundled(const char *url, struct body *body)
{
	struct body bundled = {.name = BUNDLED_REGISTRY, .is_bundled = true};
	enum exit_status status =
		exit_status_of(read_input(BUNDLED_REGISTRY, &bundled.cached.bytes, &bundled.cached.size));

	if (status != EXIT_DONE)
		return status;
	complain(url, "nothing was fetched from it yet; what is compiled is the bundled registry, " BUNDLED_REGISTRY);
	*body = bundled;
	return EXIT_DONE;
}

static enum exit_status fetch_from_network(struct update_run *run)
{
	const struct update *update = run->update;
	struct body found = {.name = update->settings.url};
	struct fetched fetched;
	const bool is_known = cache_read(&run->cache, &found.cached);
	const struct fetch_request request = {
		.url = update->settings.url,
		.known = is_known ? &found.cached.validators : NULL,
		.identity = &run->identity,
		.allow_http = update->allow_http,
		.seconds_max = update->seconds,
		.retries = update->retries,
	};
	enum exit_status status = fetch(&request, &fetched);

	if (status == EXIT_DONE && !fetched.unmodified) {
		free(found.cached.bytes);
		found.cached = (struct cached){fetched.bytes, fetched.size, fetched.validators};
		found.is_new = true;
	}
	if (status == EXIT_DONE)
		run->body = found;
	else
		free(found.cached.bytes);
	return status;
}

static enum exit_status fetch_step(struct update_run *run)
{
	const struct update *update = run->update;
	struct body kept = {.name = update->settings.url};

	if (!update->offline)
		return fetch_from_network(run);
	if (!cache_read(&run->cache, &kept.cached))
		return fetch_bundled(update->settings.url, &run->body);
	run->body = kept;
	return EXIT_DONE;
}

/* ---- compile in the sandbox, validate ---- */

static bool body_is_snapshot(const struct body *body)
{
	return is_snapshot(body->cached.bytes, body->cached.size);
}

/* A snapshot was compiled elsewhere: it cannot be given other overlays or options. */
static enum exit_status check_kind(const struct build *build, const struct body *body)
{
	const struct build everything = build_of_everything();

	if (!body_is_snapshot(body))
		return EXIT_DONE;
	if (build->overlay_count == 0 && build->options.max_port == everything.options.max_port &&
	    build->options.protocols == everything.options.protocols)
		return EXIT_DONE;
	return complain(body->name, "is a compiled snapshot: overlays, protocols and max-port need the registry's CSV");
}

static enum exit_status compile_step(struct update_run *run)
{
	const struct body *body = &run->body;
	enum exit_status status = check_kind(&run->build, body);

	if (status != EXIT_DONE)
		return status;
	run->build.registry = (struct build_input){body->name, body->cached.bytes, body->cached.size};
	return sandboxed_build(&run->identity, &run->build, &run->next);
}

/*
 * What the sandbox hands back is trusted no more than any file. Which rows must answer is known only of our own
 * compile.
 */
static enum exit_status validate_step(struct update_run *run)
{
	const struct registry_options *options = body_is_snapshot(&run->body) ? NULL : &run->build.options;

	return validate_bytes(run->body.name, run->next.bytes, run->next.size, options, &run->next.snapshot);
}

/* ---- compare, guard ---- */

static bool is_unchanged(const struct update_run *run)
{
	const struct baseline *target = &run->target;
	struct stat status;

	return target->is_valid && target->file.map_size == run->next.size &&
	       memcmp(target->file.map, run->next.bytes, run->next.size) == 0 &&
	       stat(run->update->output, &status) == 0 && (status.st_mode & 07777) == 0644;
}

/* Recompiling for a new overlay must not take back what was fetched by other means. Dates: YYYY-MM-DD or YYYY-MM. */
static enum exit_status check_bundled(const struct update_run *run)
{
	if (!run->body.is_bundled || run->update->force || !run->target.is_valid ||
	    strcmp(snapshot_newest_date(&run->next.snapshot), snapshot_newest_date(&run->target.file.snapshot)) >= 0)
		return EXIT_DONE;
	return complain(run->update->output,
			"nothing was fetched from %s yet, and the bundled registry is older than what is in place: run "
			"ianareg update",
			run->update->settings.url);
}

/* The target as it is now: fetching may have taken minutes. */
static enum exit_status open_target_step(struct update_run *run)
{
	enum exit_status status = baseline_open(run->update->output, &run->target);

	if (status == EXIT_DONE && !run->target.is_valid)
		baseline_open_instead(run->update->output, &run->instead);
	return status;
}

static const struct baseline *baseline_of(const struct update_run *run)
{
	return run->target.is_valid ? &run->target : &run->instead;
}

static enum exit_status compare_step(struct update_run *run)
{
	enum exit_status status = check_bundled(run);

	if (status == EXIT_DONE)
		status = baseline_compare(baseline_of(run), &run->next.snapshot, &run->comparison);
	run->is_compared = status == EXIT_DONE;
	if (run->is_compared && run->update->dry_run) {
		if (run->target.is_valid)
			print_changes(&run->target.file.snapshot, &run->next.snapshot, &run->comparison.changes);
		comparison_print(&run->comparison, !run->target.is_valid, run->update->output);
	}
	return status;
}

static enum exit_status guard_step(struct update_run *run)
{
	const struct settings *settings = &run->update->settings;
	const struct guard_limits limits = {
		.percent = settings->guard,
		.minimum = settings->minimum,
		.answers = body_is_snapshot(&run->body),
	};

	if (run->update->force)
		return EXIT_DONE;
	return guard(baseline_of(run), &run->comparison, &run->next.snapshot, run->update->output, &limits);
}

/* ---- publish, cache, nscd ---- */

/* An invalid target does not replace a valid PATH.prev. */
static enum publish_keep what_to_keep(const struct update_run *run)
{
	char *previous = previous_path(run->update->output);
	const bool previous_is_valid = run->instead.is_valid && strcmp(run->instead.path, previous) == 0;

	free(previous);
	return !run->target.is_valid && previous_is_valid ? PUBLISH_ALONE : PUBLISH_KEEP_PREVIOUS;
}

static enum exit_status publish_step(struct update_run *run)
{
	struct diagnostics diagnostics = {.stream = stderr};
	const struct update *update = run->update;
	enum exit_status status = exit_status_of(
		publish_file(update->output, run->next.bytes, run->next.size, what_to_keep(run), &diagnostics));

	if (status == EXIT_DONE)
		comparison_print(&run->comparison, !run->target.is_valid, update->output);
	return status;
}

static enum exit_status cache_step(struct update_run *run)
{
	if (run->body.is_new)
		cache_write(&run->cache, &run->body.cached);
	return EXIT_DONE;
}

/* Also where nothing changed: the process that published it may have been killed before it told nscd. */
static enum exit_status nscd_step(struct update_run *run)
{
	(void)run;
	refresh_nscd();
	return EXIT_DONE;
}

/* ---- the whole ---- */

typedef enum exit_status update_step(struct update_run *run);

/* Run steps up to NULL; the first one that does not succeed is the last. */
static enum exit_status run_each(struct update_run *run, update_step *const *steps)
{
	enum exit_status status = EXIT_DONE;

	while (*steps && status == EXIT_DONE)
		status = (*steps++)(run);
	return status;
}

static enum exit_status run_steps(struct update_run *run)
{
	static update_step *const make[] = {fetch_step, compile_step, validate_step, open_target_step, NULL};
	static update_step *const judge[] = {compare_step, guard_step, NULL};
	static update_step *const publish[] = {publish_step, cache_step, nscd_step, NULL};
	static update_step *const keep[] = {cache_step, nscd_step, NULL};
	const bool dry_run = run->update->dry_run;
	enum exit_status status = run_each(run, make);

	if (status != EXIT_DONE)
		return status;
	if (is_unchanged(run)) {
		write_escaped(run->update->output, stdout);
		puts(": unchanged");
		return dry_run ? EXIT_DONE : run_each(run, keep);
	}
	status = run_each(run, judge);
	return status == EXIT_DONE && !dry_run ? run_each(run, publish) : status;
}

static enum exit_status run_with_cache(struct update_run *run)
{
	const struct update *update = run->update;
	enum exit_status status;

	cache_open(update->settings.url, !update->dry_run && !update->offline, &run->cache);
	status = run_steps(run);
	if (run->is_compared)
		comparison_free(&run->comparison);
	baseline_close(&run->instead);
	baseline_close(&run->target);
	free(run->next.bytes);
	free(run->body.cached.bytes);
	cache_close(&run->cache);
	return status;
}

/* ---- before the first step ---- */

static enum exit_status check_url(const struct update *update)
{
	enum url_kind kind;
	const char *fault = url_read(update->settings.url, &kind);

	if (fault)
		return complain(update->settings.url, "%s", fault);
	if (!url_may_follow(kind, kind, update->allow_http))
		return complain(update->settings.url, "is not https; --allow-http would let it pass");
	return EXIT_DONE;
}

static enum exit_status check_target(const struct update *update)
{
	struct diagnostics diagnostics = {.stream = stderr};
	enum exit_status status = exit_status_of(build_check_output(&update->settings.build, update->output));

	if (status != EXIT_DONE)
		return status;
	return exit_status_of(publish_check(update->output, PUBLISH_KEEP_PREVIOUS, &diagnostics));
}

enum exit_status update_run(const struct update *update)
{
	struct update_run run = {.update = update, .build = update->settings.build};
	enum exit_status status = check_url(update);

	if (status == EXIT_DONE)
		status = check_target(update);
	if (status == EXIT_DONE)
		status = find_identity(update->settings.user, &run.identity);
	if (status == EXIT_DONE && !update->dry_run) /* a dry run changes nothing and needs no lock */
		status = exit_status_of(lock_target(update->output));
	if (status != EXIT_DONE)
		return status;
	status = run_with_cache(&run);
	if (!update->dry_run)
		unlock_target();
	return status;
}

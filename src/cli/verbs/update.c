/* SPDX-License-Identifier: MIT */
/* ianareg update: fetch the registry, prove what came, and put it in place. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/parse.h"
#include "cli/update/cache.h"
#include "cli/update/guard.h"
#include "cli/update/nscd.h"
#include "cli/update/sandboxed_build.h"
#include "cli/update/settings.h"
#include "cli/update/url.h"
#include "cli/verbs/diff.h"
#include "compiler/input.h"
#include "publish/lock.h"
#include "publish/publish.h"
#include "snapshot/accessors.h"

#ifndef BUNDLED_REGISTRY
#define BUNDLED_REGISTRY "/usr/share/ianareg/service-names-port-numbers.csv"
#endif

static const char help[] =
	"Usage: ianareg update [OPTION]...\n"
	"Fetch the registry, as CSV or as a compiled snapshot, with curl(1), compile it,\n"
	"prove it and put it in place. What was there stays as FILE.prev (rollback).\n"
	"\n"
	"  -o FILE           by default $IANAREG_SNAPSHOT or " SITE_SNAPSHOT
	"\n"
	"  --config FILE     settings; by default " SETTINGS_FILE
	"\n"
	"  --force           whatever vanishes, and however little remains\n"
	"  --dry-run         show what would change; publish and keep nothing\n"
	"  --offline         no network: what was fetched last, or the bundled registry\n"
	"  --allow-http      let --url and redirections from it be plain http\n"
	"  --max-time N      seconds an attempt may take; by default 300\n"
	"  --retry N         further attempts when the trouble may pass; by default 2\n"
	"  -h, --help        this help\n"
	"These are settings of the file too, as lines \"key = value\":\n"
	"  --url URL         by default IANA's own address\n"
	"  --overlay FILE    as with compile; those given here come before the file's\n"
	"  --protocols LIST  of the registry only these answer: tcp,udp,sctp,dccp\n"
	"  --max-port N      of the registry only ports up to N answer\n"
	"  --guard N         percent of the assignments that may vanish; by default 5\n"
	"  --minimum N       assignments that must remain; by default 5000\n"
	"  --user NAME       who fetches and parses for root; default ianareg or nobody\n"
	"Exit status: 0 done or unchanged, 1 usage, settings or files, 3 invalid data, or\n"
	"too much would vanish, 4 the network, or another update: try again later.\n";

enum { SECONDS_DEFAULT = 300, SECONDS_MAX = 3600, RETRIES_DEFAULT = 2, RETRIES_MAX = 10 };

struct update {
	struct settings settings;
	const char *config, *output;
	struct identity identity;
	struct cache cache;
	struct previous previous, instead; /* from when there is a body; `instead` where `previous` is not sound */
	unsigned seconds, retries;
	bool force, dry_run, offline, allow_http;
};

/* The body at work: whence, and what is to be kept of it. */
struct body {
	const char *name;
	struct cached cached;
	bool is_new; /* not in the cache yet */
	bool is_bundled; /* nothing was ever fetched */
};

static enum exit_status read_bundled(const char *url, struct body *body)
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

static enum exit_status fetch_body(const struct update *update, struct body *body)
{
	struct body found = {.name = update->settings.url};
	struct fetched fetched;
	const bool is_known = cache_read(&update->cache, &found.cached);
	const struct fetch_request request = {
		.url = update->settings.url,
		.known = is_known ? &found.cached.validators : NULL,
		.identity = &update->identity,
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
		*body = found;
	else
		free(found.cached.bytes);
	return status;
}

static enum exit_status get_body(const struct update *update, struct body *body)
{
	struct body kept = {.name = update->settings.url};

	if (!update->offline)
		return fetch_body(update, body);
	if (!cache_read(&update->cache, &kept.cached))
		return read_bundled(update->settings.url, body);
	*body = kept;
	return EXIT_DONE;
}

/* A snapshot was compiled elsewhere; what is asked of us cannot be had from it any more. */
static enum exit_status check_kind(const struct build *build, const struct body *body)
{
	const struct build everything = build_of_everything();

	if (!is_snapshot(body->cached.bytes, body->cached.size))
		return EXIT_DONE;
	if (build->overlay_count == 0 && build->options.max_port == everything.options.max_port &&
	    build->options.protocols == everything.options.protocols)
		return EXIT_DONE;
	return complain(body->name, "is a compiled snapshot: overlays, protocols and max-port need the registry's CSV");
}

static bool is_unchanged(const struct update *update, const struct sandboxed_snapshot *made)
{
	const struct previous *previous = &update->previous;
	struct stat status;

	return previous->is_sound && previous->file.map_size == made->size &&
	       memcmp(previous->file.map, made->bytes, made->size) == 0 && stat(update->output, &status) == 0 &&
	       (status.st_mode & 07777) == 0644;
}

/* Both dates are YYYY-MM-DD or YYYY-MM. */
static bool is_older(const struct snapshot *one, const struct snapshot *other)
{
	return strcmp(snapshot_newest_date(one), snapshot_newest_date(other)) < 0;
}

/* Recompiling for a new overlay must not take back what was fetched by other means. */
static enum exit_status check_bundled(const struct update *update, const struct sandboxed_snapshot *made)
{
	if (!update->previous.is_sound || !is_older(&made->snapshot, &update->previous.file.snapshot))
		return EXIT_DONE;
	return complain(update->output,
			"nothing was fetched from %s yet, and the bundled registry is older than what is in place: run "
			"ianareg update",
			update->settings.url);
}

/* What is not sound does not take the place of a previous one that is. */
static enum publish_keep what_to_keep(const struct update *update)
{
	return !update->previous.is_sound && update->instead.own_path ? PUBLISH_ALONE : PUBLISH_KEEP_PREVIOUS;
}

static enum exit_status publish(const struct update *update, const struct sandboxed_snapshot *made,
				const struct comparison *comparison)
{
	struct diagnostics diagnostics = {.stream = stderr};
	enum exit_status status = exit_status_of(
		publish_file(update->output, made->bytes, made->size, what_to_keep(update), &diagnostics));

	if (status != EXIT_DONE)
		return status;
	print_comparison(comparison, update->output);
	refresh_nscd();
	return EXIT_DONE;
}

static void show(const struct update *update, const struct sandboxed_snapshot *made,
		 const struct comparison *comparison)
{
	if (comparison->has_previous)
		print_changes(&update->previous.file.snapshot, &made->snapshot, &comparison->changes);
	print_comparison(comparison, update->output);
}

static enum exit_status guard_target(const struct update *update, const struct body *body,
				     const struct sandboxed_snapshot *made)
{
	const struct guard_limits limits = {.percent = update->settings.guard,
					    .minimum = update->settings.minimum,
					    .answers = is_snapshot(body->cached.bytes, body->cached.size)};

	return guard(update->previous.is_sound ? &update->previous : &update->instead, &made->snapshot, update->output,
		     &limits);
}

static enum exit_status replace(const struct update *update, const struct body *body,
				const struct sandboxed_snapshot *made)
{
	struct comparison comparison;
	enum exit_status status = EXIT_DONE;

	if (is_unchanged(update, made)) {
		write_escaped(update->output, stdout);
		puts(": unchanged");
		if (!update->dry_run)
			refresh_nscd(); /* whoever put it there may have been killed before he could */
		return EXIT_DONE;
	}
	if (body->is_bundled && !update->force)
		status = check_bundled(update, made);
	if (status == EXIT_DONE)
		status = compare_with(&update->previous, &made->snapshot, &comparison);
	if (status != EXIT_DONE)
		return status;
	if (update->dry_run)
		show(update, made, &comparison);
	if (!update->force)
		status = guard_target(update, body, made);
	if (status == EXIT_DONE && !update->dry_run)
		status = publish(update, made, &comparison);
	comparison_free(&comparison);
	return status;
}

/* The target as it is now: fetching may have taken minutes. */
static enum exit_status put_in_place(struct update *update, const struct body *body,
				     const struct sandboxed_snapshot *made)
{
	enum exit_status status = previous_open(update->output, &update->previous);

	if (status != EXIT_DONE)
		return status;
	update->instead = (struct previous){0};
	if (!update->previous.is_sound)
		open_baseline(update->output, &update->instead);
	status = replace(update, body, made);
	previous_close(&update->instead);
	previous_close(&update->previous);
	return status;
}

static enum exit_status take_body(struct update *update, const struct body *body)
{
	struct sandboxed_snapshot made;
	struct build *build = &update->settings.build;
	enum exit_status status = check_kind(build, body);

	if (status != EXIT_DONE)
		return status;
	build->registry = (struct build_input){body->name, body->cached.bytes, body->cached.size};
	status = sandboxed_build(&update->identity, build, &made);
	if (status != EXIT_DONE)
		return status;
	status = put_in_place(update, body, &made);
	free(made.bytes);
	if (status == EXIT_DONE && body->is_new && !update->dry_run)
		cache_write(&update->cache, &body->cached);
	return status;
}

static enum exit_status update_target(struct update *update)
{
	struct body body;
	enum exit_status status;

	cache_open(update->settings.url, !update->dry_run && !update->offline, &update->cache);
	status = get_body(update, &body);
	if (status == EXIT_DONE) {
		status = take_body(update, &body);
		free(body.cached.bytes);
	}
	cache_close(&update->cache);
	return status;
}

/* Who changes nothing needs no lock. */
static enum exit_status update_locked(struct update *update)
{
	enum exit_status status = update->dry_run ? EXIT_DONE : exit_status_of(lock_target(update->output));

	if (status != EXIT_DONE)
		return status;
	status = update_target(update);
	if (!update->dry_run)
		unlock_target();
	return status;
}

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

static enum exit_status run_update(struct update *update)
{
	enum exit_status status = open_standard_streams();

	if (status == EXIT_DONE)
		status = settings_read(update->config, &update->settings);
	if (status == EXIT_DONE)
		status = check_url(update);
	if (status == EXIT_DONE)
		status = check_target(update);
	if (status == EXIT_DONE)
		status = find_identity(update->settings.user, &update->identity);
	return status == EXIT_DONE ? update_locked(update) : status;
}

/* A whole number within limits; false after a message. */
static bool take_number(const char *option, unsigned min, unsigned max, unsigned *number)
{
	uint32_t given;

	if (!parse_number(optarg, strlen(optarg), max, &given) || given < min) {
		complain(option, "takes a number from %u to %u", min, max);
		return false;
	}
	*number = given;
	return true;
}

static bool take_key(enum setting setting, struct update *update)
{
	const char *fault = take_setting(setting, optarg, &update->settings);

	if (fault) {
		char option[32];

		snprintf(option, sizeof option, "--%s", setting_name(setting));
		complain(setting == SETTING_URL || setting == SETTING_OVERLAY ? optarg : option, "%s", fault);
	}
	update->settings.taken[setting] = true;
	return !fault;
}

/* Long options: those of the settings' names give SETTING_OPTION + the setting. */
enum { SETTING_OPTION = 256 };

/* Take one option; false after a message. */
static bool take_option(int option, struct update *update)
{
	switch (option) {
	case 'o':
		update->output = optarg;
		return true;
	case 'c':
		update->config = optarg;
		return true;
	case 'f':
		return update->force = true;
	case 'd':
		return update->dry_run = true;
	case 'n':
		return update->offline = true;
	case 'a':
		return update->allow_http = true;
	case 't':
		return take_number("--max-time", 1, SECONDS_MAX, &update->seconds);
	case 'r':
		return take_number("--retry", 0, RETRIES_MAX, &update->retries);
	default:
		return option >= SETTING_OPTION && take_key((enum setting)(option - SETTING_OPTION), update);
	}
}

enum exit_status verb_update(int argc, char **argv)
{
	static const struct option names[] = {
		{"output", required_argument, NULL, 'o'},
		{"config", required_argument, NULL, 'c'},
		{"force", no_argument, NULL, 'f'},
		{"dry-run", no_argument, NULL, 'd'},
		{"offline", no_argument, NULL, 'n'},
		{"allow-http", no_argument, NULL, 'a'},
		{"max-time", required_argument, NULL, 't'},
		{"retry", required_argument, NULL, 'r'},
		{"url", required_argument, NULL, SETTING_OPTION + SETTING_URL},
		{"overlay", required_argument, NULL, SETTING_OPTION + SETTING_OVERLAY},
		{"protocols", required_argument, NULL, SETTING_OPTION + SETTING_PROTOCOLS},
		{"max-port", required_argument, NULL, SETTING_OPTION + SETTING_MAX_PORT},
		{"guard", required_argument, NULL, SETTING_OPTION + SETTING_GUARD},
		{"minimum", required_argument, NULL, SETTING_OPTION + SETTING_MINIMUM},
		{"user", required_argument, NULL, SETTING_OPTION + SETTING_USER},
		{"help", no_argument, NULL, OPTION_HELP},
		{0},
	};
	struct update update = {.settings = settings_default(),
				.output = build_default_output(),
				.seconds = SECONDS_DEFAULT,
				.retries = RETRIES_DEFAULT};
	int option;

	while ((option = next_option(argc, argv, ":ho:", names)) != OPTION_END) {
		if (option == OPTION_HELP)
			return print_help(help);
		if (!take_option(option, &update))
			return EXIT_TROUBLE;
	}
	if (optind < argc)
		return complain(argv[optind], "update takes options only; see ianareg update --help");

	enum exit_status status = run_update(&update);

	settings_free(&update.settings);
	return status;
}

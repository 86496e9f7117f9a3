/* SPDX-License-Identifier: MIT */
/* ianareg update: its options; cli/update/update_run.c has the steps. */
#include <stdio.h>
#include <string.h>

#include "base/parse.h"
#include "cli/update/update_run.h"
#include "compiler/pipeline.h"

static const char help[] =
	"Usage: ianareg update [OPTION]...\n"
	"Fetch the registry, as CSV or as a compiled snapshot, with curl(1), compile it,\n"
	"validate it and publish it. What was there stays as FILE.prev (rollback).\n"
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

static enum exit_status configure_and_run(const char *config, struct update *update)
{
	enum exit_status status = open_standard_streams();

	if (status == EXIT_DONE)
		status = settings_read(config, &update->settings);
	return status == EXIT_DONE ? update_run(update) : status;
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
	const char *config = NULL;
	int option;

	while ((option = next_option(argc, argv, ":ho:", names)) != OPTION_END) {
		if (option == OPTION_HELP)
			return print_help(help);
		if (option == 'c')
			config = optarg;
		else if (!take_option(option, &update))
			return EXIT_TROUBLE;
	}
	if (optind < argc)
		return complain(argv[optind], "update takes options only; see ianareg update --help");

	enum exit_status status = configure_and_run(config, &update);

	settings_free(&update.settings);
	return status;
}

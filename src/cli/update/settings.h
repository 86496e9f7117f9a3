/* SPDX-License-Identifier: MIT */
/* The settings of update, from its configuration file and its command line; the command line wins. */
#ifndef IANAREG_CLI_UPDATE_SETTINGS_H
#define IANAREG_CLI_UPDATE_SETTINGS_H

#include "compiler/pipeline.h"

#define SETTINGS_FILE "/etc/ianareg/ianareg.conf"
#define IANA_URL "https://www.iana.org/assignments/service-names-port-numbers/service-names-port-numbers.csv"

/* Keys of the file, and options of the same name. */
enum setting {
	SETTING_URL,
	SETTING_OVERLAY, /* may be repeated; the command line's come before the file's */
	SETTING_PROTOCOLS,
	SETTING_MAX_PORT,
	SETTING_GUARD,
	SETTING_MINIMUM,
	SETTING_USER,
	SETTING_COUNT,
};

struct settings {
	const char *url;
	struct build build; /* overlays and options; no registry */
	unsigned guard; /* percent of the assignments that may vanish */
	uint32_t minimum; /* assignments that must remain */
	const char *user; /* who fetches and parses when we are root; NULL: the account there is for it */
	bool taken[SETTING_COUNT]; /* from the command line */
	char *file; /* the file's text, which the strings above may be part of */
};

struct settings settings_default(void);
void settings_free(struct settings *settings);

const char *setting_name(enum setting setting);

/* NULL, or what is wrong with the value. The value must outlive the settings. */
const char *take_setting(enum setting setting, const char *value, struct settings *settings);

/*
 * Read `key = value` lines, # begins a comment; where the command line said something, it stays. NULL is SETTINGS_FILE,
 * which need not be there. EXIT_TROUBLE with messages as FILE:LINE.
 */
enum exit_status settings_read(const char *path, struct settings *settings);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The services line of nsswitch.conf as glibc takes it (2.33 and later), which is not always as it looks: the last such
 * line counts; # begins a comment at the start of a line only, after it words are sources; a last line without a
 * newline is not read; one line that is malformed, of whatever database, makes every lookup fail with EINVAL.
 */
#ifndef IANAREG_CLI_DOCTOR_NSSWITCH_H
#define IANAREG_CLI_DOCTOR_NSSWITCH_H

#include <stdbool.h>
#include <stddef.h>

#define NSSWITCH_FILE "/etc/nsswitch.conf"

/* What a source may answer, and what libc does then. */
enum nss_answer { NSS_SUCCESS, NSS_NOTFOUND, NSS_UNAVAIL, NSS_TRYAGAIN, NSS_ANSWER_COUNT };
enum nss_step { NSS_CONTINUE, NSS_RETURN, NSS_MERGE };

struct nss_source {
	char *name;
	enum nss_step steps[NSS_ANSWER_COUNT];
};

enum nsswitch_state {
	NSSWITCH_LINE, /* there is a line, and libc can read the file */
	NSSWITCH_DEFAULT, /* there is no line, or no file to read: libc asks "files" */
	NSSWITCH_MALFORMED, /* libc fails */
};

struct nsswitch {
	enum nsswitch_state state;
	unsigned line_number; /* of the line, or of the malformed one; 0 by default */
	char *text; /* what that line says after the database's name; never NULL */
	struct nss_source *sources;
	size_t source_count;
	int error; /* errno of what kept the file from being read, ENOENT included; 0: it was */
	bool lacks_newline; /* the file's last line is about services, and is not read */
};

/* Read the file at `path`. nsswitch_free() the result. Ends the process where there is no memory. */
struct nsswitch nsswitch_read(const char *path);
void nsswitch_free(struct nsswitch *nsswitch);

/* The number of the first source with that name, or source_count. */
size_t find_source(const struct nsswitch *nsswitch, const char *name);

/* The first source before number `end` that keeps libc from going on when it gives that answer, or `end`. */
size_t find_barrier(const struct nsswitch *nsswitch, size_t end, enum nss_answer answer);

#endif

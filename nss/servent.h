/* SPDX-License-Identifier: MIT */
/* One answer into the caller's struct servent and buffer, as the *_r functions of <netdb.h> hand it back. */
#ifndef IANAREG_NSS_SERVENT_H
#define IANAREG_NSS_SERVENT_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>

#include "snapshot/snapshot.h"

/*
 * Fill in `*result` with strings and an alias array that all lie in `buffer`, whatever its alignment. False if
 * `buflen` bytes do not suffice: then neither `*result` nor the buffer was touched.
 */
bool servent_pack(const struct snapshot_entry *entry, struct servent *result, char *buffer, size_t buflen);

#endif

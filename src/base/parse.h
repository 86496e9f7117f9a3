/* SPDX-License-Identifier: MIT */
/* Numbers and blanks as users and files write them. */
#ifndef IANAREG_BASE_PARSE_H
#define IANAREG_BASE_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The `size` bytes at `digits`, decimal digits alone, as a number from 0 to `max`: no sign, no blanks; leading zeros do
 * not matter. False, and `*number` untouched, for anything else.
 */
bool parse_number(const char *digits, size_t size, uint32_t max, uint32_t *number);

/* Without the white space round them: where `*size` bytes at `text` then begin; `*size` is adjusted. */
const char *trim_blanks(const char *text, size_t *size);

/* The same for a string, which is cut at its end. */
char *trim_text(char *text);

#endif

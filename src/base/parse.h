/* SPDX-License-Identifier: MIT */
/* Numbers as users and files write them. */
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

#endif

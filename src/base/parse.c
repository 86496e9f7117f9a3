/* SPDX-License-Identifier: MIT */
/* Numbers as users and files write them. */
#include "base/parse.h"

bool parse_number(const char *digits, size_t size, uint32_t max, uint32_t *number)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(digits[i] - '0');
		if (value > max)
			return false;
	}
	if (!size)
		return false;
	*number = (uint32_t)value;
	return true;
}

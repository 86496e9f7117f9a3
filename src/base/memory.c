/* SPDX-License-Identifier: MIT */
/* The end of a process that has no memory. */
#include <stdio.h>

#include "base/diagnostics.h"
#include "base/memory.h"

static void exit_with_message(void)
{
	fputs(MESSAGE_PREFIX "out of memory\n", stderr);
	exit(EXIT_FAILURE);
}

void (*out_of_memory_handler)(void) = exit_with_message;

void *xcheck(void *memory)
{
	if (!memory) {
		out_of_memory_handler();
		abort(); /* a handler does not return */
	}
	return memory;
}

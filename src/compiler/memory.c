/* SPDX-License-Identifier: MIT */
/* How a process ends that has no memory. */
#include "compiler/memory.h"

int exit_failure = 1;

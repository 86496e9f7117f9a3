/* SPDX-License-Identifier: MIT */
/* How a process ends that has no memory. */
#include "base/memory.h"

int exit_failure = 1;

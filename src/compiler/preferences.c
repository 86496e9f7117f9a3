/* SPDX-License-Identifier: MIT */
/* data/preferences as a string: the build writes its lines as string literals, so that what is preferred stays data. */
#include "compiler/preferences.h"

const char preferences_text[] =
#include "compiler/preferences.inc"
	;

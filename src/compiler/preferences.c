/* SPDX-License-Identifier: MIT */
/* data/preferences as a string: the assembler copies the file, so that what is preferred stays data. */
#include "compiler/preferences.h"

__asm__(".section .rodata\n"
	".globl preferences_text\n"
	".type preferences_text, %object\n"
	"preferences_text:\n"
	".incbin \"data/preferences\"\n"
	".byte 0\n"
	".size preferences_text, . - preferences_text\n"
	".previous\n");

/* SPDX-License-Identifier: MIT */
/* Casefolding: texts without case, for comparing. One thread. */
#ifndef IANAREG_BASE_CASEFOLD_H
#define IANAREG_BASE_CASEFOLD_H

#include <stddef.h>

/*
 * Write `size` bytes of text with small letters and with blanks for white space; byte by byte in place, so that what is
 * found in the result is found at the same place of the text. Letters of all scripts, one by one as towlower() has them
 * in C.UTF-8; ASCII's alone where there is no such locale. A letter whose small form has another size in UTF-8 (the
 * Kelvin sign and some dozen more) stays as it is, and so does what is not UTF-8.
 */
void casefold_text(const char *text, size_t size, char *folded);

#endif

/* SPDX-License-Identifier: MIT */
/* The bundled preferences (data/preferences), carried inside the tool. */
#ifndef IANAREG_COMPILER_PREFERENCES_H
#define IANAREG_COMPILER_PREFERENCES_H

/* services(5) text, NUL-terminated. */
extern const char preferences_text[];

#endif

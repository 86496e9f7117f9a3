/* SPDX-License-Identifier: MIT */
/* A UTF-8 locale for the registry's texts, independent of the user's. One thread. */
#ifndef IANAREG_BASE_UTF8_LOCALE_H
#define IANAREG_BASE_UTF8_LOCALE_H

#include <locale.h>

/*
 * A locale for uselocale() whose characters are UTF-8: C.UTF-8, which glibc brings from 2.35 on; 0 where it is not
 * there.
 */
locale_t utf8_locale(void);

#endif

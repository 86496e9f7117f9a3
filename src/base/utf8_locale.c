/* SPDX-License-Identifier: MIT */
/* The registry's own locale. */
#include <stdbool.h>

#include "base/utf8_locale.h"

locale_t utf8_locale(void)
{
	static locale_t utf8;
	static bool tried;

	if (!tried)
		utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	tried = true;
	return utf8;
}

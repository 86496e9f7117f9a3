/* SPDX-License-Identifier: MIT */
/* Texts without case. */
#include <limits.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "base/casefold.h"
#include "base/utf8.h"
#include "base/utf8_locale.h"

static char fold_ascii(char c)
{
	if (is_white_space(c))
		return ' ';
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* In a UTF-8 locale: the character that begins there; how many bytes it has. */
static size_t fold_character(const char *text, size_t left, char *folded)
{
	mbstate_t state = {0};
	wchar_t character;
	const size_t size = mbrtowc(&character, text, left, &state);
	char small[MB_LEN_MAX];

	*folded = *text;
	if (size == 0 || size > left)
		return 1;
	memcpy(folded, text, size);
	if (wcrtomb(small, (wchar_t)towlower((wint_t)character), &state) == size)
		memcpy(folded, small, size);
	return size;
}

/* The run of bytes past ASCII that begins there; how many they are. */
static size_t fold_foreign(const char *text, size_t left, char *folded)
{
	const locale_t utf8 = utf8_locale(), before = utf8 ? uselocale(utf8) : (locale_t)0;
	size_t size = 0;

	while (size < left && (unsigned char)text[size] & 0x80) {
		if (utf8) {
			size += fold_character(text + size, left - size, folded + size);
		} else {
			folded[size] = text[size];
			size++;
		}
	}
	if (utf8)
		uselocale(before);
	return size;
}

void casefold_text(const char *text, size_t size, char *folded)
{
	for (size_t i = 0; i < size;) {
		if ((unsigned char)text[i] & 0x80) {
			i += fold_foreign(text + i, size - i, folded + i);
		} else {
			folded[i] = fold_ascii(text[i]);
			i++;
		}
	}
}

/* SPDX-License-Identifier: MIT */
/* Text made as printf(3) would print it: paths, labels. Never freed, for there is little of it. */
#ifndef IANAREG_BENCH_TEXT_H
#define IANAREG_BENCH_TEXT_H

#include <err.h>
#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 1, 2))) static inline const char *text_of(const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		err(1, "%s", format);
	va_end(arguments);
	return text;
}

#endif

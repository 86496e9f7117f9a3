/* SPDX-License-Identifier: MIT */
/* Messages, one line each. */
#include "base/diagnostics.h"
#include "base/escape.h"

__attribute__((format(printf, 4, 0))) static void print_line(FILE *stream, const char *subject, uint32_t line,
							     const char *format, va_list arguments)
{
	fputs(MESSAGE_PREFIX, stream);
	write_escaped(subject, stream);
	if (line)
		fprintf(stream, ":%u", line);
	fputs(": ", stream);
	vfprintf(stream, format, arguments);
	fputc('\n', stream);
}

void diagnose_warning(struct diagnostics *diagnostics, const char *file, uint32_t line, const char *format, ...)
{
	va_list arguments;

	if (diagnostics->warning_count++ >= diagnostics->warnings_shown && diagnostics->warnings_shown)
		return;
	va_start(arguments, format);
	print_line(diagnostics->stream, file, line, format, arguments);
	va_end(arguments);
}

void diagnose_error(struct diagnostics *diagnostics, const char *file, uint32_t line, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_line(diagnostics->stream, file, line, format, arguments);
	va_end(arguments);
}

void report_failure_v(const char *subject, const char *format, va_list arguments)
{
	print_line(stderr, subject, 0, format, arguments);
}

enum outcome report_failure(const char *subject, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	report_failure_v(subject, format, arguments);
	va_end(arguments);
	return OUTCOME_FAILED;
}

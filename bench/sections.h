/* SPDX-License-Identifier: MIT */
/* The sections of the bench, one file each. main.c has their table. */
#ifndef IANAREG_BENCH_SECTIONS_H
#define IANAREG_BENCH_SECTIONS_H

#include <stdbool.h>

/* What is measured: absolute paths, except where it says otherwise. */
struct bench {
	const char *module; /* build/libnss_ianareg.so.2 */
	const char *empty; /* build/bench/libnss_empty.so.2 */
	const char *tool; /* build/ianareg */
	const char *snapshot; /* build/ianareg.db */
	const char *services; /* what `export --format services` made of the snapshot */
	const char *registry_csv; /* what the snapshot was compiled from */
	const char *build_dir; /* build/bench: what the bench makes goes there */
	unsigned pairs; /* interleaved pairs a figure */
	bool quick; /* few and short samples, to try the bench itself */
};

void bench_warm(const struct bench *b);
void bench_direct(const struct bench *b);
void bench_nscd(const struct bench *b);
void bench_enumeration(const struct bench *b);
void bench_threads(const struct bench *b);
void bench_cold(const struct bench *b);
void bench_counts(const struct bench *b);
void bench_growth(const struct bench *b);
void bench_compile(const struct bench *b);
void bench_programs(const struct bench *b);

#endif

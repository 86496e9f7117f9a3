/* SPDX-License-Identifier: MIT */
/* Where traced_lookups.c marks its lookups in a trace of memory. */
#ifndef IANAREG_BENCH_TRACED_LOOKUPS_H
#define IANAREG_BENCH_TRACED_LOOKUPS_H

/* A store to the first begins a lookup, one to the second ends it. Far from where anything is mapped by itself. */
#define TRACE_MARK UINT64_C(0x5eed00000)
#define TRACE_MARK_END (TRACE_MARK + 4)

#endif

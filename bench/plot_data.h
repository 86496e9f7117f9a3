/* SPDX-License-Identifier: MIT */
/* What plot.gp draws, out of the JSON that a run of the bench wrote. */
#ifndef IANAREG_BENCH_PLOT_DATA_H
#define IANAREG_BENCH_PLOT_DATA_H

/*
 * Print a line a size of the registry: its entries, then ns a lookup of ianareg by port, ianareg by name, files, nss_db and cdb,
 * the last three by port; NaN for a peer that was absent. The status to exit with.
 */
int plot_data_print(const char *json_path);

#endif

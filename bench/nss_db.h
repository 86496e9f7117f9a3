/* SPDX-License-Identifier: MIT */
/* The services database of Debian's libnss-db, made from a services(5) file by that package's makedb. */
#ifndef IANAREG_BENCH_NSS_DB_H
#define IANAREG_BENCH_NSS_DB_H

/* What makedb reads, the keys that the package's /var/lib/misc/Makefile makes; a reason why not, or NULL. */
const char *nss_db_write_keys(const char *services, const char *path);

/* Have the makedb that peers.sh unpacked in `peers` make `database` of these keys; a reason why not, or NULL. */
const char *nss_db_make(const char *peers, const char *keys, const char *database);

#endif

#!/bin/sh
# SPDX-License-Identifier: MIT
# What `make run` shows: getent through the module just built, nothing of the system touched. run.sh BUILD
set -eu
build=$PWD/$1
export LD_LIBRARY_PATH="$build" IANAREG_SNAPSHOT="$build/ianareg.db"
for key in 19220 19220/udp iceedcp_tx 6010 dnp-sec/sctp submissions; do
	printf '$ getent -s services:ianareg services %s\n' "$key"
	getent -s services:ianareg services "$key"
done

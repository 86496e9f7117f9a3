#!/bin/sh
# SPDX-License-Identifier: MIT
# Coverage of the product by room, children of the tests counted: coverage.sh BUILD, a build with --coverage whose tests ran.
set -eu
build=$1
out=$build/coverage
mkdir -p "$out"
gcovr --root . --object-directory "$build" --filter 'src/' --filter 'nss/' --exclude-throw-branches \
	--gcov-ignore-parse-errors \
	--html-details "$out/index.html" --json-summary "$out/summary.json" "$build" >/dev/null
printf '%-24s %15s %15s\n' room lines branches
python3 - "$out/summary.json" <<'END'
import json, sys
rooms = {}
for f in json.load(open(sys.argv[1]))["files"]:
    room = f["filename"].rsplit("/", 1)[0]
    for r in (room, "total"):
        s = rooms.setdefault(r, [0, 0, 0, 0])
        for i, k in enumerate(("line_covered", "line_total", "branch_covered", "branch_total")):
            s[i] += f[k]
for room, (l, lt, b, bt) in sorted(rooms.items(), key=lambda x: (x[0] == "total", x[0])):
    print(f"{room:<24} {l:6}/{lt:<6} {100*l/max(lt,1):3.0f}% {b:6}/{bt:<6} {100*b/max(bt,1):3.0f}%")
END

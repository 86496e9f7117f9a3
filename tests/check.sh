#!/bin/sh
# SPDX-License-Identifier: MIT
# Run test programs against a build directory: check.sh BUILD TEST... ; VALGRIND=1 runs them under memcheck.
set -u
build=$1
shift
export IANAREG_BUILD="$build" LD_LIBRARY_PATH="$PWD/$build${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export ASAN_OPTIONS="detect_leaks=1:abort_on_error=0:${ASAN_OPTIONS:-}" UBSAN_OPTIONS="print_stacktrace=1:${UBSAN_OPTIONS:-}"
unset IANAREG_SNAPSHOT
passed=0
failed=0
skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for test; do
	start=$(date +%s)
	if [ "${VALGRIND:-}" ]; then
		valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,possible "$test" >"$log" 2>&1
	else
		"$test" >"$log" 2>&1
	fi
	status=$?
	ok=$(grep -c '^\[       OK \]' "$log")
	skip=$(grep -c '^\[  SKIPPED \] [a-z]' "$log")
	bad=$(grep -c '^\[  FAILED  \] [a-z]' "$log")
	# cmocka names a failed test twice: as it fails and in its summary.
	bad=$((bad / 2))
	if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
	if [ "$status" -eq 0 ] && [ "$ok" -eq 0 ] && [ "$skip" -eq 0 ]; then bad=1; echo "no test ran" >>"$log"; fi
	passed=$((passed + ok))
	failed=$((failed + bad))
	skipped=$((skipped + skip / 2))
	printf '%-28s %3d passed, %d failed, %d skipped  %3d s\n' "${test##*/}" "$ok" "$bad" "$((skip / 2))" "$(($(date +%s) - start))"
	grep -h '^note: ' "$log"
	if [ "$bad" -ne 0 ]; then tail -n 60 "$log"; fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]

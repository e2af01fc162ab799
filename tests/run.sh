#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every test, three times over where that finds more: all suites as gcc builds them, the
# units again under clang's address and undefined-behaviour sanitizers, and again under
# valgrind with its watch over descriptors; and the fuzzers for a minute each. The last
# line counts them all together.
#
# Networks mostly wait, so two lanes of them run beside all that computes; that is polite,
# so that it takes their processors only while they wait, for they watch times. Fuzzers
# have their time by the clock: a lane of its own gives them what the units leave, too.
set -euo pipefail
cd "$(dirname "$0")/.."

results=$(mktemp -d)
polite=()

# Whatever ends this ends the lanes.
clean_up() {
	local lane
	for lane in $(jobs -p); do
		kill -- "-$lane" 2>/dev/null || true
	done
	rm -rf "$results"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# count FILE RESULT ...: tests of this log that ended so
count() {
	local log=$1 result number=0
	shift
	for result in "$@"; do
		number=$((number + $(grep -c "\"result\": \"$result\"" "$log" || true)))
	done
	echo "$number"
}

# note NAME PASSED FAILED SKIPPED
note() {
	echo "$2 $3 $4" >"$results/$1"
}

# suite FOLDER NAME [MESON TEST OPTION ...]
suite() {
	local folder=$1 name=$2 log rc=0 bad
	shift 2
	echo "== $name"
	rm -f "$folder/meson-logs/$name"*
	"${polite[@]}" meson test -C "$folder" --no-rebuild --print-errorlogs \
		--logbase "$name" "$@" || rc=$?
	# with a wrapper, Meson puts its name behind that of the log
	log=$(echo "$folder/meson-logs/$name"*.json)
	if [ ! -s "$log" ]; then
		echo "$name: no test ran" >&2
		note "$name" 0 1 0
		return
	fi
	bad=$(count "$log" FAIL TIMEOUT INTERRUPT ERROR UNEXPECTEDPASS)
	# Meson failed and no test did: its own trouble, not to be overlooked.
	if [ "$rc" -ne 0 ] && [ "$bad" -eq 0 ]; then
		bad=1
	fi
	note "$name" "$(count "$log" OK EXPECTEDFAIL)" "$bad" "$(count "$log" SKIP)"
}

build() {
	local folder=$1
	shift
	[ -e "$folder/build.ninja" ] || meson setup "$folder" "$@"
	"${polite[@]}" ninja --quiet -C "$folder"
}

lanes=()

# lane FOLDER NAME [MESON TEST OPTION ...]: a suite beside what follows; told at its end
lane() {
	set -m # in a group of its own, which clean_up() can end
	suite "$@" >"$results/$2.said" 2>&1 </dev/null &
	set +m
	lanes+=("$2")
}

build build-test -Db_sanitize=none
lane build-test faults --suite faults
# as ./dev run has it, before its test does: two builds in one folder would clash
build build --buildtype=release -Dtests=false
lane build-test network --suite network --no-suite faults

polite=(nice -n 15)
suite build-test all-else --no-suite network --timeout-multiplier 3
CC=clang build build-clang -Dfuzz=true -Dfuzz_seconds=60 -Db_lundef=false \
	-Db_sanitize=address,undefined
polite=(nice -n 19)
lane build-clang fuzz --suite fuzz
polite=(nice -n 15)
suite build-clang sanitizers --suite unit --no-suite shipped --timeout-multiplier 5
suite build-test valgrind --suite unit --no-suite pure --no-suite shipped \
	--no-suite script --timeout-multiplier 10 --wrapper "$PWD/tests/valgrind.sh"
wait

passed=0 failed=0 skipped=0
for name in "${lanes[@]}" all-else sanitizers valgrind; do
	if [ -e "$results/$name.said" ]; then
		cat "$results/$name.said"
	fi
	# a lane that ended before it counted has failed
	[ -s "$results/$name" ] || note "$name" 0 1 0
	read -r more bad left <"$results/$name"
	passed=$((passed + more)) failed=$((failed + bad)) skipped=$((skipped + left))
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

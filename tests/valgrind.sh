#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs one unit under valgrind: any error, any leak, and any descriptor left open that
# was not open before fails it. Valgrind 3.19 only prints descriptors: they are counted.
set -euo pipefail

# A script's interpreter is none of ours to watch.
case $1 in
*.sh | *.py | */python3) exec "$@" ;;
esac

log=$(mktemp)
trap 'rm -f "$log"' EXIT
rc=0
here=$(dirname "$0")
kinds=definite,indirect,possible
valgrind --quiet --leak-check=full --show-leak-kinds="$kinds" \
	--errors-for-leak-kinds="$kinds" --error-exitcode=99 \
	--track-fds=yes --suppressions="$here/valgrind.supp" --log-file="$log" "$@" ||
	rc=$?

# "==1== Open file descriptor 5: …" and on the next line where, or that it was inherited.
left=$(awk '/ Open / { if (open != "") print open; open = $0; next }
	open != "" { if (!/inherited from parent/) print open; open = "" }
	END { if (open != "") print open }' "$log")
if [ "$rc" -ne 0 ] || [ -n "$left" ]; then
	cat "$log" >&2
fi
if [ -n "$left" ] && [ "$rc" -eq 0 ]; then
	printf 'left open:\n%s\n' "$left" >&2
	rc=98
fi
exit "$rc"

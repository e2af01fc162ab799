#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The unit as installed: systemd understands every line of it, its exposure stays within
# 1.5 of 10 (Debian's own exporters: 9.2), and the user it names is made.
#
# usage: test_unit.sh UNIT SYSUSERS
set -euo pipefail

unit=$1 sysusers=$2
threshold=15 # tenths

if ! command -v systemd-analyze >/dev/null; then
	echo "skipped: systemd-analyze is not installed"
	exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

systemd-analyze security --offline=true --threshold=$threshold "$unit" | tail -n 2

# The program and its manual need not be installed here: any program stands in for it.
copy=$folder/starface-exporter.service
program='s|^\(Exec[A-Za-z]*=\)[^ ]*/starface-exporter|\1/bin/true|'
sed -e '/^Documentation=/d' -e "$program" "$unit" >"$copy"
systemd-analyze verify "$copy" 2>&1 | grep -F starface-exporter.service && exit 1

# Every assignment of a known key, or verify says "Unknown key name": proven to notice.
echo "NoSuchKey=1" >>"$copy"
sed -i 's/^\[Install\]/NoSuchKeyEither=1\n&/' "$copy"
systemd-analyze verify "$copy" 2>&1 | grep NoSuchKeyEither

# A reflector of 1025 to 65535, a socket each, with what the rest of the daemon needs.
limit=$(sed -n 's/^LimitNOFILE=//p' "$unit")
((limit >= 64511 + 1 + 8 + 256))

user=$(sed -n 's/^User=//p' "$unit")
mkdir -p "$folder/root/etc"
systemd-sysusers --root="$folder/root" - <"$sysusers"
grep "^$user:" "$folder/root/etc/passwd"

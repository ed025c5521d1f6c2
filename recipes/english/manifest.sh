#!/usr/bin/env bash
# Puts the rows of the sentences that synthesise.sh has spoken so far into one manifest, which it prints the size of.
#
# Usage:    recipes/english/manifest.sh FOLDER [MANIFEST]     (MANIFEST: FOLDER/manifest.jsonl)
set -euo pipefail
(($# >= 1)) || { sed -n '2,4p' "${BASH_SOURCE[0]}" >&2; exit 2; }
folder=$1 manifest=${2:-$1/manifest.jsonl}
find "$folder/audio" -name '*.json' -print0 | sort -z | xargs -0 cat >"$manifest.partial"
mv -f "$manifest.partial" "$manifest"
awk -F'"duration": ' '{ seconds += $2 + 0 } END { printf "%d sentences, %.2f h\n", NR, seconds / 3600 }' "$manifest"

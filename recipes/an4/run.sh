#!/usr/bin/env bash
# Trains on AN4 from scratch and measures the result once on its test set. Stopped, it goes on where it was.
#
# Usage:    recipes/an4/run.sh DATA [OUTPUT]     (OUTPUT: recipes/an4/output)
# Example:  recipes/an4/run.sh ../shared/speech/an4
# DATA holds train.jsonl, dev.jsonl and test.jsonl.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
(($# >= 1)) || { sed -n '2,7p' "${BASH_SOURCE[0]}" >&2; exit 2; }
data=$1 output=${2:-$here/output}
utter="$here/../../.build/release/utter"
[[ -x $utter ]] || { printf 'error: %s is not built: swift build -c release\n' "$utter" >&2; exit 1; }
for part in train dev test; do
    [[ -f $data/$part.jsonl ]] || { printf 'error: %s/%s.jsonl is missing\n' "$data" "$part" >&2; exit 1; }
done

"$utter" data check --train "$data/train.jsonl" --dev "$data/dev.jsonl" --speeds 0.88,1.0,1.12
if [[ -e $output/recipe.yaml ]]; then
    "$utter" train --output "$output" --resume
else
    "$utter" train --recipe "$here/recipe.yaml" --train "$data/train.jsonl" --dev "$data/dev.jsonl" --output "$output"
fi
"$utter" evaluate --model "$output/best.safetensors" --manifest "$data/dev.jsonl" --show 0
"$utter" evaluate --model "$output/best.safetensors" --manifest "$data/test.jsonl"

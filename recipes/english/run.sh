#!/usr/bin/env bash
# From raw data to the English model and its language model. Stopped at any place, it goes on where it was.
#
# Usage:    recipes/english/run.sh SPEECH TEXT [OUTPUT] [option of utter train...]
#           (OUTPUT: recipes/english/output)
# Example:  recipes/english/run.sh ../shared/speech ../shared/text
# SPEECH has a folder a corpus: speechocean762, an4, ljspeech, mycroft, wakeword, noise; TEXT has prompts.tsv.xz, to
# be spoken, and novels.txt.xz, for the language model. OUTPUT gets corpus/ (3 GB), lm/, lists/, run/ and in models/
# what is shipped.
# UTTER names another utter than .build/release/utter; THREADS is how many threads train (2).
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
(($# >= 2)) || { sed -n '2,10p' "${BASH_SOURCE[0]}" >&2; exit 2; }
speech=$1 text=$2 output=${3:-$here/output}
shift $(($# > 2 ? 3 : 2))
export UTTER=${UTTER:-$here/../../.build/release/utter}
[[ -x $UTTER ]] || { printf 'error: %s is not built: swift build -c release\n' "$UTTER" >&2; exit 1; }
mkdir -p "$output"
output=$(realpath "$output")

step() { printf '\n== %s (%s)\n' "$1" "$(date +%T)"; }

run=$output/run
# The recordings of a run that is begun stay what they were.
if [[ ! -e $run/recipe.yaml ]]; then
    step 'Speaking the sentences'
    "$here/synthesise.sh" "$text/prompts.tsv.xz" "$output/corpus/synthetic"
    step 'Making sounds that are no speech'
    "$here/sounds.sh" "$speech/noise" "$output/corpus/synthetic" "$output/corpus/sounds"
    "$here/prepare.sh" "$speech" "$output/corpus" "$output/lists"
fi

step 'Language model'
[[ -e $output/lm/english.lm ]] || "$here/lm.sh" "$text/novels.txt.xz" "$output/lm"

step 'Training'
if [[ -e $run/recipe.yaml ]]; then
    "$UTTER" train --output "$run" --threads "${THREADS:-2}" --resume
else
    "$UTTER" train --recipe "$here/recipe.yaml" --train "$output/lists/train.jsonl" --dev "$output/lists/dev.jsonl" \
        --set augmentation.noise_folder="$output/corpus/sounds/noise" --output "$run" --threads "${THREADS:-2}" "$@"
fi

step 'Weight of the language model'
[[ -e $output/lm/english.lm.json ]] ||
    "$UTTER" lm tune "$output/lm/english.lm" --model "$run/best.safetensors" --manifest "$output/lists/dev.jsonl"

step 'Measuring'
"$here/measure.sh" "$speech" "$run/best.safetensors" "$output/lm/english.lm"
mkdir -p "$output/models"
cp "$run/best.safetensors" "$output/models/english-small.safetensors"
cp "$output/lm/english.lm" "$output/lm/english.lm.json" "$output/models/"

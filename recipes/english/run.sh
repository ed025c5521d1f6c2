#!/usr/bin/env bash
# From raw data to the English model and its language model. Stopped at any place, it goes on where it was.
#
# Usage:    recipes/english/run.sh SPEECH TEXT [OUTPUT] [option of utter train...]
#           (OUTPUT: recipes/english/output)
# Example:  recipes/english/run.sh ../shared/speech ../shared/text
# SPEECH has a folder a corpus: speechocean762, an4, ljspeech, mycroft, wakeword, noise; TEXT has prompts.tsv.xz, to
# be spoken, and novels.txt.xz, for the language model. OUTPUT gets corpora/ (3 GB), lm/, lists/, run/ and in models/
# what is shipped.
# UTTER names another utter than .build/release/utter; THREADS is how many threads train (2). Where PYTORCH names a
# Python with torch, numpy, soundfile and safetensors, that one trains, for MINUTES (11), and utter train adds an epoch.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
(($# >= 2)) || { sed -n '2,11p' "${BASH_SOURCE[0]}" >&2; exit 2; }
speech=$1 text=$2 output=${3:-$here/output}
shift $(($# > 2 ? 3 : 2))
export UTTER=${UTTER:-$here/../../.build/release/utter}
[[ -x $UTTER ]] || { printf 'error: %s is not built: swift build -c release\n' "$UTTER" >&2; exit 1; }
UTTER=$(realpath "$UTTER")
mkdir -p "$output"
output=$(realpath "$output") speech=$(realpath "$speech") corpora=$(realpath "$output")/corpora/english

step() { printf '\n== %s (%s)\n' "$1" "$(date +%T)"; }

run=$output/run
# The recordings of a run that is begun stay what they were.
if [[ ! -e $run/recipe.yaml ]]; then
    step 'Speaking the sentences'
    "$here/synthesise.sh" "$text/prompts.tsv.xz" "$corpora/synthetic"
    if [[ ! -e $corpora/phrases.tsv ]]; then
        "$here/phrases.sh" "$text/prompts.tsv.xz" >"$corpora/phrases.partial"
        mv -f "$corpora/phrases.partial" "$corpora/phrases.tsv"
    fi
    "$here/synthesise.sh" "$corpora/phrases.tsv" "$corpora/phrases"
    step 'Making sounds that are no speech'
    "$here/sounds.sh" "$speech/noise" "$corpora/synthetic" "$corpora/sounds"
    "$here/music.sh" "$corpora/music"
    "$here/prepare.sh" "$speech" "$corpora" "$output/lists"
fi

step 'Language model'
[[ -e $output/lm/english.lm ]] || "$here/lm.sh" "$text/novels.txt.xz" "$output/lm"

step 'Training'
if [[ -n ${PYTORCH:-} && ! -e $run/recipe.yaml ]]; then
    base=$output/pytorch/english-small.model.safetensors
    if [[ ! -e $base ]]; then
        # Cut off, it goes on from the weights that it left.
        from=()
        [[ ! -e $output/pytorch/english-small.safetensors ]] ||
            from=(--from "$output/pytorch/english-small.safetensors" --plain 0)
        "$PYTORCH" "$here/../../scripts/train-with-pytorch.py" --train "$output/lists/train.jsonl" \
            --dev "$output/lists/dev-speechocean762.jsonl" --dev "$output/lists/dev-ljspeech.jsonl" \
            --dev "$output/lists/dev-an4.jsonl" --noise "$corpora/sounds/noise" --hidden 384 \
            --minutes "${MINUTES:-11}" --output "$output/pytorch/english-small" "${from[@]}"
        "$UTTER" import "$output/pytorch/english-small.safetensors" --output "$base"
    fi
    set -- --from "$base" --set training.epochs=1 --set training.learning_rate=0.0002 --set training.warm_up=0.05 \
        --set training.schedule=cosine --set training.average_decay=0.98 --set augmentation.frequency_masks=1 \
        --set augmentation.time_masks=1 --set augmentation.noise_probability=0.2 \
        --set augmentation.room_probability=0.2 "$@"
fi
if [[ -e $run/recipe.yaml ]]; then
    "$UTTER" train --output "$run" --threads "${THREADS:-2}" --resume
else
    "$UTTER" train --recipe "$here/recipe.yaml" --train "$output/lists/train.jsonl" --dev "$output/lists/dev.jsonl" \
        --set augmentation.noise_folder="$corpora/sounds/noise" --output "$run" --threads "${THREADS:-2}" "$@"
fi

# What it hears is no speech; detector.sh works where it stands.
step 'Speech detector'
model=$output/models/english-small.safetensors
mkdir -p "$output/models"
[[ $model -nt $run/best.safetensors ]] ||
    (cd "$output" && "$here/detector.sh" "$speech" "$run/best.safetensors" "$model.taught" &&
        mv -f "$model.taught" "$model")

step 'Weight of the language model'
[[ $output/lm/english.lm.json -nt $model ]] ||
    "$UTTER" lm tune "$output/lm/english.lm" --model "$model" --manifest "$output/lists/dev-speechocean762.jsonl" \
        --manifest "$output/lists/dev-ljspeech.jsonl" --manifest "$output/lists/dev-an4.jsonl"
cp "$output/lm/english.lm" "$output/lm/english.lm.json" "$output/models/"

step 'Measuring'
"$here/measure.sh" "$speech" "$model" "$output/lm/english.lm"

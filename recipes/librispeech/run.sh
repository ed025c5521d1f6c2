#!/usr/bin/env bash
# Trains on LibriSpeech, makes a language model and measures both on its test sets. Stopped, it goes on where it was.
#
# Usage:    recipes/librispeech/run.sh LIBRISPEECH [OUTPUT] [option of utter train...]
#           (OUTPUT: recipes/librispeech/output)
# Example:  recipes/librispeech/run.sh ~/LibriSpeech
# LIBRISPEECH is the folder that the archives of openslr.org/12 unpack to: train-clean-100 at least, train-clean-360
# and train-other-500 where they are there, dev-clean, dev-other, test-clean, test-other. If
# librispeech-lm-norm.txt.gz (openslr.org/11) lies in it, the language model is made of that, else of what is said in
# the training recordings.
# UTTER names another utter than .build/release/utter.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
(($# >= 1)) || { sed -n '2,11p' "${BASH_SOURCE[0]}" >&2; exit 2; }
corpus=$1 output=${2:-$here/output}
shift $(($# > 1 ? 2 : 1))
utter=${UTTER:-$here/../../.build/release/utter}
[[ -x $utter ]] || { printf 'error: %s is not built: swift build -c release\n' "$utter" >&2; exit 1; }
for part in train-clean-100 dev-clean; do
    [[ -d $corpus/$part ]] || { printf 'error: "%s/%s" is missing\n' "$corpus" "$part" >&2; exit 1; }
done
mkdir -p "$output/manifests"

# A manifest for each part that is there, in small letters.
manifest() { printf '%s/manifests/%s.jsonl' "$output" "$1"; }
train=() dev=()
for part in train-clean-100 train-clean-360 train-other-500 dev-clean dev-other test-clean test-other; do
    [[ -d $corpus/$part ]] || continue
    [[ -e $(manifest "$part") ]] ||
        "$utter" data import --from librispeech "$corpus/$part" --lowercase --output "$(manifest "$part")"
    case $part in
        train-*) train+=(--train "$(manifest "$part")") ;;
        dev-*) dev+=(--dev "$(manifest "$part")") ;;
    esac
done

# The language model: three words, the 200,000 most frequent, pruned to what a laptop has room for.
if [[ ! -e $output/librispeech.lm ]]; then
    text=$corpus/librispeech-lm-norm.txt.gz counts=(0 0 1) threshold=3e-9
    if [[ ! -e $text ]]; then
        text=$output/train.txt counts=(0 0 0) threshold=1e-8
        sed -E 's/.*"text": ?"([^"]*)".*/\1/' "$output"/manifests/train-*.jsonl >"$text"
    fi
    "$utter" lm estimate "$text" --lowercase --order 3 --vocabulary-size 200000 --prune "${counts[@]}" \
        --output "$output/librispeech.arpa"
    "$utter" lm prune "$output/librispeech.arpa" --threshold "$threshold" --quantise 8 --output "$output/librispeech.lm"
fi

if [[ -e $output/run/recipe.yaml ]]; then
    "$utter" train --output "$output/run" --resume
else
    "$utter" train --recipe "$here/recipe.yaml" "${train[@]}" "${dev[@]}" --output "$output/run" "$@"
fi

model=$output/run/best.safetensors
[[ -e $output/librispeech.lm.json ]] ||
    "$utter" lm tune "$output/librispeech.lm" --model "$model" --manifest "$(manifest dev-clean)"
for part in test-clean test-other; do
    [[ -e $(manifest "$part") ]] || continue
    printf '%s, greedy\n' "$part"
    "$utter" evaluate --model "$model" --manifest "$(manifest "$part")" --no-lm --show 0
    printf '%s, with the language model\n' "$part"
    "$utter" evaluate --model "$model" --manifest "$(manifest "$part")" --lm "$output/librispeech.lm" --show 0
done

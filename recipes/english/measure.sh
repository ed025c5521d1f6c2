#!/usr/bin/env bash
# Measures a model on the dev sets, native readers first, each apart, without and with a language model, and counts the sounds in
# which it hears words where there are none.
#
# Usage:    recipes/english/measure.sh SPEECH MODEL [LM]
# Example:  recipes/english/measure.sh ../shared/speech output/run/best.safetensors output/lm/english.lm
# SPEECH has the sets with a dev.jsonl and noise, of which fold 5 is used: recipe and recordings leave it out.
# UTTER names another utter than .build/release/utter.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
(($# >= 2)) || { sed -n '2,8p' "${BASH_SOURCE[0]}" >&2; exit 2; }
speech=$1 model=$2 lm=${3-}
utter=${UTTER:-$here/../../.build/release/utter}
[[ -x $utter ]] || { printf 'error: %s is not built: swift build -c release\n' "$utter" >&2; exit 1; }

kinds=(--no-lm)
[[ -z $lm ]] || kinds+=(--lm="$lm")
for kind in "${kinds[@]}"; do
    case $kind in --no-lm) name=greedy ;; *) name='language model' ;; esac
    for corpus in librispeech_unlabelled librispeech_readers speechocean762 ljspeech an4; do
        "$utter" evaluate --quiet --show 0 --model "$model" "$kind" --manifest "$speech/$corpus/dev.jsonl" |
            awk -v set="$corpus dev, $name" '$1 == "WER" { wer = $2 } $1 == "CER" { cer = $2 }
                END { printf "%-36s WER %6.2f %%  CER %6.2f %%\n", set, wer, cer }'
    done
    clips=("$speech"/noise/audio/*_5-*)
    "$utter" transcribe --quiet --model "$model" "$kind" --format json "${clips[@]}" |
        awk -v all="${#clips[@]}" -v name="noise fold 5, $name" '!/"text": ?""/ { words++ }
            END { printf "%-36s %d of %d clips give words, %.1f %%\n", name, words, all, 100 * words / all }'
done

#!/usr/bin/env bash
# Measures what pays: trains a small network from nothing, a few epochs, once for each choice, one thing changed at a time,
# and writes a table of error rates on the dev sets.
#
# Usage:    recipes/english/what-pays.sh LISTS LM OUTPUT [ROW...]     (all rows: what-pays.sh --rows)
# Example:  recipes/english/what-pays.sh output/lists output/lm/english.lm output/what-pays
# LISTS is what prepare.py made. OUTPUT gets a folder and a line of table.md for each row; a row that is there is not
# trained again, one that was stopped goes on. NOISE names the folder of noise (corpora/english/sounds/noise beside
# LISTS), UTTER another utter than .build/release/utter, THREADS how many threads train (2), EPOCHS how often the
# recordings of the first row are met (5; a row takes four minutes of two cores where the recordings are WAV).
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
plain='augmentation.speeds=[1] augmentation.frequency_masks=0 augmentation.time_masks=0 augmentation.noise_probability=0 augmentation.room_probability=0 augmentation.telephone_probability=0 augmentation.gain_probability=0'
# The name of a row, what it is, and options of utter train; `list=NAME` takes other recordings.
rows=(
    'base|GRU 2x160, 40 MFCC, 3 frames a step|'
    'seed|the same with other random numbers|training.seed=2'
    'lstm|LSTM 2x160|network.cell=lstm'
    'lstm-136|LSTM 2x136, as many weights|network.cell=lstm network.hidden=136'
    'narrow|GRU 2x112, half the weights|network.hidden=112'
    'wide|GRU 2x232, twice the weights|network.hidden=232'
    'deep|GRU 4x104, as many weights|network.layers=4 network.hidden=104'
    'log-mel|40 log-mel energies|features.kind=fbank'
    'log-mel-80|80 log-mel energies|features.kind=fbank features.mel_bands=80'
    'stack-2|2 frames a step|features.stack=2 features.stride=2'
    'stack-4|4 frames a step|features.stack=4 features.stride=4'
    'stack-5-3|5 frames a step of 3|features.stack=5 features.stride=3'
    'conv|convolution of 160 filters over 3 frames a step|network.convolution=160'
    'conv-5-3|convolution of 160 filters over 5 frames a step of 3|network.convolution=160 features.stack=5'
    'conv-9-3|convolution of 160 filters over 9 frames a step of 3|network.convolution=160 features.stack=9'
    'no-dropout|no dropout|network.dropout=0'
    'dropout-0.2|dropout 0.2|network.dropout=0.2'
    'no-speeds|one speed|augmentation.speeds=[1]'
    'no-masks|no masks|augmentation.frequency_masks=0 augmentation.time_masks=0'
    'no-noise|no noise|augmentation.noise_probability=0'
    'no-rooms|no rooms|augmentation.room_probability=0'
    'no-telephone|no telephone|augmentation.telephone_probability=0'
    "nothing|none of these|$plain"
    "nothing-log-mel-80|none of these, 80 log-mel energies|features.kind=fbank features.mel_bands=80 $plain"
    'real|no synthetic speech|list=real'
    'synthetic|synthetic speech alone|list=synthetic'
    'more|three times the synthetic speech|list=more'
    'pseudo|80 log-mel energies, with the recordings of pseudo-labels.sh|features.kind=fbank features.mel_bands=80 list=pseudo'
    'last|the last weights in place of an average|training.average=none'
    'conv-log-mel-80|80 log-mel energies, convolution of 160 filters over 9 frames a step of 3|features.kind=fbank features.mel_bands=80 network.convolution=160 features.stack=9'
)
if [[ ${1-} == --rows ]]; then printf '%s\n' "${rows[@]%%|*}"; exit 0; fi
(($# >= 3)) || { sed -n '2,11p' "${BASH_SOURCE[0]}" >&2; exit 2; }
lists=$(realpath "$1") lm=$2 output=$3
shift 3
utter=${UTTER:-$here/../../.build/release/utter} noise=${NOISE:-$lists/../corpora/english/sounds/noise}
[[ -x $utter ]] || { printf 'error: %s is not built: swift build -c release\n' "$utter" >&2; exit 1; }
for needed in "$lists/train-real.jsonl" "$lists/train-synthetic.jsonl" "$lm" "$noise"; do
    [[ -e $needed ]] || { printf 'error: "%s" is missing\n' "$needed" >&2; exit 1; }
done
mkdir -p "$output"
table=$output/table.md

# Rows of other settings do not stand beside each other.
base_epochs=${EPOCHS:-5}
settings="GRU 2x160, EPOCHS=$base_epochs" there=
[[ ! -e $output/settings ]] || there=$(<"$output/settings")
[[ $there == "$settings" || ( -z $there && ! -e $table ) ]] || {
    printf 'error: "%s" has rows of other settings than %s: name another OUTPUT\n' "$output" "$settings" >&2
    exit 1
}
# Each recording once: real ones, and of the synthetic ones a part or all. However long a list, as many hours are met.
if [[ -z $there ]]; then
    awk '!seen[$0]++' "$lists/train-real.jsonl" | grep -v '"text": ""' >"$output/once"
    grep -v '"heard"' "$output/once" >"$output/real.jsonl"
    grep '"heard"' "$output/once" >"$output/heard.jsonl" || true
    awk '!seen[$0]++' "$lists/train-synthetic.jsonl" | grep -v '"text": ""' >"$output/synthetic.jsonl"
    awk 'NR % 3 == 1' "$output/synthetic.jsonl" | cat "$output/real.jsonl" - >"$output/base.jsonl"
    cat "$output/base.jsonl" "$output/heard.jsonl" >"$output/pseudo.jsonl"
    cat "$output/real.jsonl" "$output/synthetic.jsonl" >"$output/more.jsonl"
    printf '%s\n' "$settings" >"$output/settings"
fi
hours() { awk -F'"duration": ' '{ split($2, a, ","); s += a[1] } END { printf "%.2f\n", s / 3600 }' "$1"; }
met=$(awk -v h="$(hours "$output/base.jsonl")" -v epochs="$base_epochs" 'BEGIN { print h * epochs }')

[[ -e $table ]] || printf '%s\n%s\n' \
    '| | million weights | hours met | CER of dev | WER: speechocean762 | ljspeech | an4 | with english.lm: speechocean762 | ljspeech | an4 | minutes |' \
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |' >"$table"
# wer OPTION... CORPUS
wer() {
    "$utter" evaluate --quiet --show 0 --model "$run/best.safetensors" --manifest "$lists/dev-${*: -1}.jsonl" \
        "${@:1:$#-1}" | awk '$1 == "WER" { printf "%.1f", $2 }'
}
for row in "${rows[@]}"; do
    IFS='|' read -r name what options <<<"$row"
    (($# == 0)) || [[ " $* " == *" $name "* ]] || continue
    ! grep -qF "| $what |" "$table" || continue
    if [[ $name == pseudo && ! -s $output/heard.jsonl ]]; then
        printf 'warning: pseudo-labels.sh has heard none of the recordings of %s: no row "%s"\n' "$lists" "$name" >&2
        continue
    fi
    list=base settings=()
    for option in $options; do
        case $option in list=*) list=${option#list=} ;; *) settings+=(--set "$option") ;; esac
    done
    run=$output/$name
    hours=$(hours "$output/$list.jsonl")
    epochs=$(awk -v met="$met" -v h="$hours" 'BEGIN { n = int(met / h + 0.5); print n < 1 ? 1 : n }')
    if [[ -e $run/checkpoint.safetensors ]]; then
        "$utter" train --output "$run" --threads "${THREADS:-2}" --resume
    else
        rm -rf "$run"
        "$utter" train --recipe "$here/recipe.yaml" --train "$output/$list.jsonl" --dev "$lists/dev.jsonl" \
            --set features.kind=mfcc --set features.mel_bands=40 --set network.layers=2 --set network.hidden=160 \
            --set network.heads=characters \
            --set training.epochs="$epochs" \
            --set training.schedule=cosine --set training.learning_rate=0.002 --set training.warm_up=0.3 \
            --set training.batch_size=8 --set training.average_decay=0.998 \
            --set augmentation.noise_folder="$noise" ${settings[@]+"${settings[@]}"} --output "$run" \
            --threads "${THREADS:-2}"
    fi
    greedy=() steered=()
    for corpus in speechocean762 ljspeech an4; do
        greedy+=("$(wer --no-lm "$corpus")") steered+=("$(wer --lm="$lm" --lm-weight=0.75 --word-bonus=1 "$corpus")")
    done
    # What the best epoch says of itself, and how long all of them took.
    grep '"event":"epoch"' "$run/log.jsonl" | awk -v what="$what" -v greedy="${greedy[*]}" -v steered="${steered[*]}" \
        -v hours="$hours" -v epochs="$epochs" \
        -v weights="$("$utter" info "$run/best.safetensors" | sed -nE 's/.* ([0-9.]+) million parameters.*/\1/p')" '
        function field(name) { match($0, "\"" name "\":[0-9.e+-]+"); return substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3) }
        /"best":true/ { cer = field("cer") }
        { minutes = field("seconds") / 60 }
        END {
            gsub(" ", " | ", greedy); gsub(" ", " | ", steered)
            printf "| %s | %s | %.0f | %.1f | %s | %s | %.1f |\n", \
                what, weights, hours * epochs, 100 * cer, greedy, steered, minutes
        }' >>"$table"
done
cat "$table"

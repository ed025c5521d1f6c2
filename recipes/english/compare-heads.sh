#!/usr/bin/env bash
# Measures what the head is worth: trains a small network with a head of characters, with one of phones and with both, on the
# same recordings with as many steps, then goes on with CTC-CRF, and writes a table of word errors with the language model,
# native readers first. One row leaves a set out of training, by default LJ Speech, whose dev set has its own reader.
#
# Usage:    recipes/english/compare-heads.sh LISTS LM LEXICON OUTPUT [ROW...]     (all rows: compare-heads.sh --rows)
# Example:  recipes/english/compare-heads.sh output/lists models/english.lm models/english.lexicon output/heads
# LISTS is what prepare.py made: sets/, train-real.yaml, dev-SET.jsonl. OUTPUT gets a folder and a line of table.md for each
# row; a row that is there is not trained again, one that was stopped goes on. Each row's weight of the language model is
# tuned on dev-librispeech_unlabelled, so that the figures of the other sets are those of recordings that nothing was fitted to.
# UTTER names another utter than .build/release/utter, THREADS how many threads train (2), EPOCHS how often all is met (4),
# WITHOUT the set that one row leaves out (ljspeech).
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
without=${WITHOUT:-ljspeech} epochs=${EPOCHS:-4}
# The name of a row, what it is, the row whose weights it begins with, and options of utter train.
crf='training.loss=ctc-crf training.ngram_order=3 training.learning_rate=0.0005'
rows=(
    'characters|characters||network.heads=characters'
    'phones|phones||network.heads=phones'
    'both|phones, characters beside them||'
    "without|the same without $without||list=without"
    "characters-crf|characters, then CTC-CRF|characters|network.heads=characters $crf"
    "phones-crf|phones, then CTC-CRF|phones|network.heads=phones $crf"
    "both-crf|phones, characters beside them, then CTC-CRF|both|$crf"
)
if [[ ${1-} == --rows ]]; then printf '%s\n' "${rows[@]%%|*}"; exit 0; fi
(($# >= 4)) || { sed -n '2,14p' "${BASH_SOURCE[0]}" >&2; exit 2; }
lists=$(realpath "$1") lm=$(realpath "$2") lexicon=$(realpath "$3") output=$4
shift 4
utter=${UTTER:-$here/../../.build/release/utter}
[[ -x $utter ]] || { printf 'error: %s is not built: swift build -c release\n' "$utter" >&2; exit 1; }
for needed in "$lists/train-real.yaml" "$lists/dev.jsonl" "$lm" "$lexicon"; do
    [[ -e $needed ]] || { printf 'error: "%s" is missing\n' "$needed" >&2; exit 1; }
done
mkdir -p "$output"
table=$output/table.md
[[ -e $table ]] || printf '%s\n%s\n' \
    '| | million weights | librispeech_readers | librispeech_unlabelled | ljspeech | speechocean762 | an4 | minutes |' \
    '| --- | --- | --- | --- | --- | --- | --- | --- |' >"$table"
real=$(<"$lists/train-real.yaml")
declare -A learned=(
    [all]=$real
    [without]=$(sed -E "s#, \{manifest: \"[^\"]*/$without\.jsonl\", weight: [^}]*\}##" <<<"$real")
)
for row in "${rows[@]}"; do
    IFS='|' read -r name what from options <<<"$row"
    (($# == 0)) || [[ " $* " == *" $name "* ]] || continue
    ! grep -qF "| $what |" "$table" || continue
    run=$output/$name list=all settings=()
    for option in $options; do
        case $option in list=*) list=${option#list=} ;; *) settings+=(--set "$option") ;; esac
    done
    if [[ -e $run/checkpoint.safetensors ]]; then
        "$utter" train --output "$run" --threads "${THREADS:-2}" --resume
    else
        # A network of this size, met so seldom, can only lose by masks, noise and rooms.
        "$utter" train --recipe "$here/recipe.yaml" --set data.train="${learned[$list]}" --dev "$lists/dev.jsonl" \
            --set data.lexicon="$lexicon" --set network.layers=2 --set network.hidden=160 \
            --set training.epochs="$([[ -n $from ]] && echo 1 || echo "$epochs")" \
            --set training.learning_rate=0.002 --set training.warm_up=0.1 --set training.batch_size=8 \
            --set augmentation.frequency_masks=0 --set augmentation.time_masks=0 --set augmentation.noise_probability=0 \
            --set augmentation.room_probability=0 --set augmentation.telephone_probability=0 \
            ${settings[@]+"${settings[@]}"} ${from:+--from "$output/$from/best.safetensors"} --output "$run" \
            --threads "${THREADS:-2}"
    fi
    model=$run/best.safetensors
    [[ -e $run/weights.json ]] || "$utter" lm tune "$lm" --quiet --model "$model" --lexicon "$lexicon" \
        --manifest "$lists/dev-librispeech_unlabelled.jsonl" --output "$run/weights.json" >"$run/tuned.txt"
    # A link beside each row's weights: evaluate finds them there.
    ln -sf "$lm" "$run/words.lm"
    cp "$run/weights.json" "$run/words.lm.json"
    wers=()
    for set in librispeech_readers librispeech_unlabelled ljspeech speechocean762 an4; do
        wers+=("$("$utter" evaluate --quiet --show 0 --model "$model" --lm "$run/words.lm" --lexicon "$lexicon" \
            --manifest "$lists/dev-$set.jsonl" | awk '$1 == "WER" { printf "%.1f", $2 }')")
    done
    weights=$("$utter" info "$model" | sed -nE 's/.* ([0-9.]+) million parameters.*/\1/p')
    minutes=$(grep '"event":"epoch"' "$run/log.jsonl" | tail -n 1 | sed -E 's/.*"seconds":([0-9.]+).*/\1/' |
        awk '{ printf "%.1f", $1 / 60 }')
    printf '| %s | %s | %s | %s |\n' "$what" "$weights" "$(sed 's/ / | /g' <<<"${wers[*]}")" "$minutes" >>"$table"
done
cat "$table"

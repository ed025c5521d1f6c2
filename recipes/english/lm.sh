#!/usr/bin/env bash
# Makes the English language model from a large text, or measures what other settings would give.
#
# Usage:    recipes/english/lm.sh TEXT FOLDER [SETTING]
#           recipes/english/lm.sh --table TEXT FOLDER [MANIFEST...]
# Example:  recipes/english/lm.sh ../shared/text/novels.txt.xz output/lm
# TEXT has a sentence a line in a-z, apostrophe and space, and may be packed with xz. FOLDER gets english.lm and what
# it is made of, with words and numbers as they are spelled and counted (spoken-forms.sh); one line of TEXT in a hundred,
# 500 in a row, is held out. A SETTING is ORDER:WORDS:COUNTS:THRESHOLD, such as 3:50000:0,0,1:3e-8. --table prints a line
# for each setting below: size, and perplexity and the share of unknown words on the held-out lines and on the texts of
# manifests. UTTER names another utter than .build/release/utter.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
table=no
if [[ ${1-} == --table ]]; then table=yes; shift; fi
(($# >= 2)) || { sed -n '2,11p' "${BASH_SOURCE[0]}" >&2; exit 2; }
text=$1 folder=$2
shift 2
utter=${UTTER:-$here/../../.build/release/utter}
[[ -x $utter ]] || { printf 'error: %s is not built: swift build -c release\n' "$utter" >&2; exit 1; }
[[ -f $text ]] || { printf 'error: "%s" is missing\n' "$text" >&2; exit 1; }
mkdir -p "$folder"

# Short forms as they are said: what the acoustic model hears is the letters of whole words. The text was cut into
# sentences at their full stops too; those are joined again.
said() {
    awk '{ printf "%s%s", $0, $NF ~ /^(mr|mrs|dr|st|messrs)$/ ? " " : "\n" }' |
        sed -E 's/\bmr\b/mister/g; s/\bmrs\b/missus/g; s/\bdr\b/doctor/g; s/\bst\b/saint/g; s/\bmessrs\b/messieurs/g'
}
if [[ ! -e $folder/heldout.txt ]]; then
    xz -dcf "$text" | said | awk -v train="$folder/train.txt" -v heldout="$folder/heldout.partial" \
        '{ print > (int((NR - 1) / 500) % 100 == 37 ? heldout : train) }'
    # What is spelled and counted is three words in a hundred.
    "$here/spoken-forms.sh" "$text" >>"$folder/train.txt"
    mv -f "$folder/heldout.partial" "$folder/heldout.txt"
fi

# model SETTING: makes $folder/SETTING.lm, which `made` then names. An estimate serves all thresholds.
model() {
    local order words counts threshold
    IFS=: read -r order words counts threshold <<<"$1"
    local arpa=$folder/$order-$words-$counts.arpa
    made=$folder/${1//:/-}.lm
    [[ ! -e $made ]] || return 0
    [[ -e $arpa ]] || "$utter" lm estimate "$folder/train.txt" --order "$order" --vocabulary-size "$words" \
        --prune ${counts//,/ } --quiet --output "$arpa"
    if [[ $threshold == 0 ]]; then
        "$utter" lm compile "$arpa" --quantise 8 --output "$made"
    else
        "$utter" lm prune "$arpa" --threshold "$threshold" --quantise 8 --quiet --output "$made"
    fi
}

if [[ $table == no ]]; then
    model "${1:-3:50000:0,0,1:3e-8}"
    cp "$made" "$folder/english.lm"
    printf '%s/english.lm: %d bytes\n' "$folder" "$(stat -c %s "$folder/english.lm")"
    exit 0
fi

texts=("$folder/heldout.txt")
for manifest in "$@"; do
    name=$(basename "$(dirname "$manifest")")-$(basename "$manifest" .jsonl).txt
    sed -E 's/.*"text": "([^"]*)".*/\1/' "$manifest" | said >"$folder/$name"
    texts+=("$folder/$name")
done
printf '| order, words, counts cut, threshold | MB |%s\n' "$(printf ' %s |' "${texts[@]##*/}")"
settings=(2:50000:0,0:0 3:50000:0,0,1:1e-8 3:50000:0,0,1:3e-8 3:50000:0,0,1:1e-7 3:50000:0,0,0:3e-8 3:50000:0,0,0:5e-8
    3:50000:0,0,0:1e-7 3:30000:0,0,0:5e-8 3:80000:0,0,0:5e-8 4:50000:0,0,0,0:5e-8 4:50000:0,0,1,1:3e-8
    4:50000:0,0,1,1:5e-8)
for setting in "${settings[@]}"; do
    model "$setting"
    printf '| %s | %.1f |' "$setting" "$(stat -c %s "$made" | awk '{ print $1 / 1e6 }')"
    for file in "${texts[@]}"; do
        "$utter" lm perplexity "$made" "$file" --json |
            sed -E 's/.*"perplexity":([0-9.]+).*"unknown_share":([0-9.e-]+).*/\1 \2/' |
            awk '{ printf " %.0f, %.1f %% |", $1, 100 * $2 }'
    done
    printf '\n'
done

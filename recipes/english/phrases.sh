#!/usr/bin/env bash
# Draws short phrases to be spoken alone, as commands and wake words are: one to three words of a sentence, or numbers.
#
# Usage:    recipes/english/phrases.sh PROMPTS [COUNT] > phrases.tsv     (COUNT: 6000)
# Example:  recipes/english/phrases.sh ../shared/text/prompts.tsv.xz > corpora/english/phrases.tsv
# PROMPTS as for synthesise.sh, which speaks what comes out: a phrase a line, a tab, the same again.
set -euo pipefail
(($# >= 1)) || { sed -n '2,6p' "${BASH_SOURCE[0]}" >&2; exit 2; }
prompts=$1 count=${2:-6000}
[[ -f $prompts ]] || { printf 'error: "%s" is missing\n' "$prompts" >&2; exit 1; }

# One phrase in six is a number, one to four digits or so, as they are read out.
xz -dcf "$prompts" | awk -F'\t' -v count="$count" '
    # Lehmer; awk has no generator that is alike everywhere.
    function below(n) { state = (state * 48271) % 2147483647; return int(state / 2147483647 * n) }
    BEGIN {
        state = 20260101
        units = split("zero one two three four five six seven eight nine", unit, " ")
        tens = split("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen " \
            "twenty thirty forty fifty sixty seventy eighty ninety hundred", ten, " ")
    }
    { said[NR] = $2 }
    END {
        while (made < count) {
            phrase = ""
            if (below(6) == 0) {
                for (left = 1 + below(4); left > 0; left--)
                    phrase = phrase " " (below(4) ? unit[1 + below(units)] : ten[1 + below(tens)])
            } else {
                words = split(said[1 + below(NR)], word, " ")
                kind = below(20)
                length_ = kind < 12 ? 1 : kind < 17 ? 2 : 3
                if (words < length_) continue
                first = 1 + below(words - length_ + 1)
                # A lone article or preposition is not what people say.
                if (length_ == 1 && length(word[first]) < 4) continue
                for (i = first; i < first + length_; i++) phrase = phrase " " word[i]
            }
            phrase = substr(phrase, 2)
            print phrase "\t" phrase
            made++
        }
    }'

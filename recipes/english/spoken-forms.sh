#!/usr/bin/env bash
# Writes what novels hardly hold, for the language model: words that are spelled, numbers digit by digit and whole,
# dates, years, times of day, sums of money.
#
# Usage:    recipes/english/spoken-forms.sh TEXT [COUNT] > forms.txt     (COUNT: 60000 lines)
# Example:  recipes/english/spoken-forms.sh ../shared/text/novels.txt.xz > output/lm/forms.txt
# TEXT has a sentence a line in a-z, apostrophe and space, perhaps packed with xz; its words are what is spelled.
set -euo pipefail
(($# >= 1)) || { sed -n '2,7p' "${BASH_SOURCE[0]}" >&2; exit 2; }
text=$1 count=${2:-60000}
[[ -f $text ]] || { printf 'error: "%s" is missing\n' "$text" >&2; exit 1; }

xz -dcf "$text" | awk -v count="$count" '
    # Lehmer; awk has no generator that is alike everywhere.
    function below(n) { state = (state * 48271) % 2147483647; return int(state / 2147483647 * n) }
    function digit() { return below(20) ? unit[1 + below(10)] : "oh" }
    function digits(n,    said) { while (n-- > 0) said = said " " digit(); return said }
    # 1 to 99
    function small(n) {
        if (n < 10) return " " unit[n + 1]
        if (n < 20) return " " teen[n - 9]
        return " " ten[int(n / 10) - 1] (n % 10 ? " " unit[n % 10 + 1] : "")
    }
    function hundreds(n) {
        return (n >= 100 ? " " unit[int(n / 100) + 1] " hundred" (n % 100 && below(2) ? " and" : "") : "") \
            (n % 100 ? small(n % 100) : "")
    }
    function whole(n) {
        return (n >= 1000 ? hundreds(int(n / 1000)) " thousand" : "") (n % 1000 ? hundreds(n % 1000) : "")
    }
    function ordinal(n) {
        if (n < 20) return " " nth[n]
        return n % 10 ? " " ten[int(n / 10) - 1] " " nth[n % 10] : " " (n == 20 ? "twentieth" : "thirtieth")
    }
    function year(    century) {
        century = below(6) ? 18 + below(3) : 10 + below(8)
        return small(century) (below(15) ? below(8) ? small(1 + below(99)) : " oh" small(1 + below(9)) : " hundred")
    }
    function spelled(    letters, i, said) {
        letters = list[1 + below(kept)]
        for (i = 1; i <= length(letters); i++)
            if (substr(letters, i, 1) != "\x27") said = said " " substr(letters, i, 1)
        return said
    }
    BEGIN {
        state = 20261126
        split("zero one two three four five six seven eight nine", unit, " ")
        split("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", teen, " ")
        split("twenty thirty forty fifty sixty seventy eighty ninety", ten, " ")
        split("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth " \
            "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth", nth, " ")
        split("january february march april may june july august september october november december", month, " ")
        split("dollars pounds cents shillings miles feet years percent", measure, " ")
    }
    # Each word of three to ten letters once, so that rare letters come up as they do in names.
    { for (i = 1; i <= NF; i++) if (length($i) > 2 && length($i) < 11 && !($i in seen)) { seen[$i]; list[++kept] = $i } }
    END {
        if (!kept) exit 1
        while (made++ < count) {
            kind = below(100)
            if (kind < 35) line = spelled()
            else if (kind < 40) line = spelled() digits(1 + below(4))  # a registration, a password
            else if (kind < 45) line = spelled() small(1 + below(99))
            else if (kind < 60) line = digits(1 + below(6))
            else if (kind < 66) line = digits(3) digits(3) digits(4)  # a telephone number
            else if (kind < 72) line = small(1 + below(99))
            else if (kind < 78) line = whole(1 + below(below(2) ? 999 : 999999))
            else if (kind < 82) line = whole(1 + below(999)) " " measure[1 + below(8)]
            else if (kind < 86) line = year()
            else if (kind < 91)
                line = " " month[1 + below(12)] ordinal(1 + below(31)) (below(2) ? year() : "")
            else if (kind < 94) line = " " month[1 + below(12)] small(1 + below(31)) year()
            else if (kind < 96) line = " the" ordinal(1 + below(31)) " of " month[1 + below(12)]
            else if (kind < 98) line = small(1 + below(12)) (below(3) ? small(10 + below(50)) : " o\x27clock")
            else line = small(1 + below(99)) small(1 + below(99))  # a house, a street
            print substr(line, 2)
        }
    }'

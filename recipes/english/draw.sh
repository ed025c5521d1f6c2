# Random numbers for the scripts that make recordings, from `state`, which they set to a number of what they make: the
# same number gives the same recording.

# draw FROM TO: sets `drawn` to a whole number (splitmix64 in bash's 64 bits, whose shift keeps the sign).
draw() {
    state=$((state + 0x9E3779B97F4A7C15))
    local z=$state
    z=$(((z ^ ((z >> 30) & 0x3FFFFFFFF)) * 0xBF58476D1CE4E5B9))
    z=$(((z ^ ((z >> 27) & 0x1FFFFFFFFF)) * 0x94D049BB133111EB))
    z=$((z ^ ((z >> 31) & 0x1FFFFFFFF)))
    drawn=$(($1 + ((z >> 33) & 0x7FFFFFFF) % ($2 - $1 + 1)))
}

# hundredths NUMBER: sets `decimal` to 12.34 for 1234, also below zero.
hundredths() {
    local size=${1#-}
    printf -v decimal '%s%d.%02d' "${1:0:$((${#1} - ${#size}))}" $((size / 100)) $((size % 100))
}

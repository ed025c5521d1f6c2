/// Finds where subtitles break (see ``Captions`` for what a break costs).
struct CaptionLayout {
    private let tokens: [Captions.Token]
    private let options: CaptionOptions

    init(tokens: [Captions.Token], options: CaptionOptions) {
        (self.tokens, self.options) = (tokens, options)
    }

    /// The tokens of each cue.
    func cues() -> [Range<Int>] {
        let count = tokens.count
        // The lowest cost of all from a token on, and where its first cue ends.
        var costs = [Double](repeating: 0, count: count + 1)
        var ends = [Int](repeating: count, count: count + 1)
        for first in stride(from: count - 1, through: 0, by: -1) {
            costs[first] = .infinity
            for end in endings(from: first) {
                let cost = self.cost(of: first..<end) + costs[end]
                // Of two that cost the same but for rounding, the earlier break, whatever comes behind.
                if cost < costs[first] - 1e-9 { (costs[first], ends[first]) = (cost, end) }
            }
        }
        var cues: [Range<Int>] = []
        var first = 0
        while first < count {
            cues.append(first..<ends[first])
            first = ends[first]
        }
        return cues
    }

    /// Where a cue that begins with a token may end: as long as it fits into its lines and its time.
    private func endings(from first: Int) -> Range<Int> {
        var (lines, column) = (1, tokens[first].length)
        var end = first + 1
        while end < tokens.count {
            let token = tokens[end]
            if column + 1 + token.length <= options.lineLength {
                column += 1 + token.length
            } else {
                (lines, column) = (lines + 1, token.length)
            }
            guard lines <= options.lines, seconds(token.end - tokens[first].start) <= options.longest,
                pause(before: end) < options.pause
            else { break }
            end += 1
        }
        return first + 1..<end + 1
    }

    private func cost(of cue: Range<Int>) -> Double {
        let start = tokens[cue.lowerBound].start
        var cost = 1.0
        if let latest = latestEnd(of: cue) {
            cost += 4 * max(0, seconds(readingTime(of: cue) - (latest - start)))
            let quiet = 1 - min(1, pause(before: cue.upperBound) / 0.5)
            cost += quiet * weight(ofBreakAfter: tokens[cue.upperBound - 1].text)
        }
        for token in cue.dropFirst() { cost += max(0, pause(before: token) - 0.2) }
        return cost
    }

    private func weight(ofBreakAfter word: String) -> Double {
        switch word.last(where: { !"\"'”’)]".contains($0) }) {
        case ".", "?", "!", "…": 0
        case ",", ";", ":": 0.5
        default: 1
        }
    }

    /// Milliseconds that a viewer needs for a cue.
    func readingTime(of cue: Range<Int>) -> Int {
        let characters = cue.reduce(cue.count - 1) { $0 + tokens[$1].length }
        let needed = max(options.shortest, Double(characters) / options.readingSpeed)
        return Int((min(needed, options.longest) * 1000).rounded(.up))
    }

    /// The latest that a cue may end because another begins; nil for the last. Where words follow each other at once it
    /// is within the last word.
    func latestEnd(of cue: Range<Int>) -> Int? {
        guard cue.upperBound < tokens.count else { return nil }
        let (start, next) = (tokens[cue.lowerBound].start, tokens[cue.upperBound].start)
        return max(next - Int(options.gap * 1000), (start + next) / 2)
    }

    private func pause(before token: Int) -> Double { seconds(tokens[token].start - tokens[token - 1].end) }

    private func seconds(_ milliseconds: Int) -> Double { Double(milliseconds) / 1000 }
}

import CTC

/// Spells words that have no pronunciation, from what a head of characters says of the time in which they are heard.
///
/// The labels of a text are aligned to the posteriors of the phones. What the best path of the characters has between the last
/// phone of the word before and the first phone of the word after is cut at its spaces; the pieces that lie for the most part
/// within the word's own phones are its spelling. Where that is nothing, the likeliest characters in its time are.
public struct CharacterSpelling: Sendable {
    /// The classes of the head of characters.
    public let vocabulary: Vocabulary
    /// Their columns of the posteriors.
    public let columns: Range<Int>
    private let space: Int?

    /// Takes the classes of a head whose columns begin at `firstColumn`.
    init(_ vocabulary: Vocabulary, firstColumn: Int) {
        (self.vocabulary, columns) = (vocabulary, firstColumn..<firstColumn + vocabulary.symbols.count)
        space = vocabulary.symbols.firstIndex(of: " ")
    }

    /// Fills in the texts of the words that have none.
    /// - Parameters:
    ///   - words: of a stretch of a recording, in order.
    ///   - heard: [steps, columns], the posteriors of that stretch, phones first.
    ///   - phones: the classes of the head of phones.
    func spell(_ words: [SpokenWord], heard: LogProbabilities, phones: Vocabulary, space: Int) -> [SpokenWord] {
        guard words.contains(where: { !$0.isKnown }) else { return words }
        let spans = PhoneAlignment(blank: phones.blank, space: space).steps(of: words, in: heard)
        var spelled = words
        for (index, word) in words.enumerated() where !word.isKnown {
            let own = spans?[index] ?? 0..<heard.steps
            let before = spans.flatMap { index > 0 ? $0[index - 1].upperBound : nil } ?? 0
            let after = spans.flatMap { index + 1 < words.count ? $0[index + 1].lowerBound : nil } ?? heard.steps
            spelled[index].text = text(at: own, within: min(before, own.lowerBound)..<max(after, own.upperBound), heard)
        }
        return spelled.filter { !$0.text.isEmpty }
    }

    /// The letters of a word.
    private func text(at own: Range<Int>, within around: Range<Int>, _ heard: LogProbabilities) -> String {
        var pieces: [(text: String, inside: Int, outside: Int)] = []
        var isOpen = false
        var last = vocabulary.blank
        for step in around {
            let row = heard[step][(step * heard.classes + columns.lowerBound)...]
            let best = row.prefix(columns.count).indices.max { row[$0] < row[$1] } ?? row.startIndex
            let label = best - row.startIndex
            defer { last = label }
            if label == vocabulary.blank || label == last { continue }
            if label == space {
                isOpen = false
                continue
            }
            if !isOpen { pieces.append(("", 0, 0)) }
            isOpen = true
            pieces[pieces.count - 1].text += vocabulary.symbols[label]
            if own.contains(step) {
                pieces[pieces.count - 1].inside += 1
            } else {
                pieces[pieces.count - 1].outside += 1
            }
        }
        let within = pieces.filter { $0.inside >= $0.outside }
        if !within.isEmpty { return within.map(\.text).joined() }
        if let nearest = pieces.max(by: { $0.inside < $1.inside }), nearest.inside > 0 { return nearest.text }
        return likeliest(own, heard)
    }

    /// Where the best path has no letter: the likeliest one of all steps.
    private func likeliest(_ steps: Range<Int>, _ heard: LogProbabilities) -> String {
        var best: (label: Int, value: Float)?
        for step in steps {
            for label in vocabulary.symbols.indices where label != vocabulary.blank && label != space {
                let value = heard[step, columns.lowerBound + label]
                if value > best?.value ?? -.infinity { best = (label, value) }
            }
        }
        return best.map { vocabulary.symbols[$0.label] } ?? ""
    }
}

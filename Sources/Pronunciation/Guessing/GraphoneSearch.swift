import Foundation
import LanguageModel

extension GraphoneModel {
    /// How wide a search is.
    package struct SearchOptions {
        /// How many beginnings are followed at each letter.
        package var beam = 32
        /// How far below the best a beginning may be, as a logarithm to the base 10.
        package var range: Float = 4

        package init(beam: Int = 32, range: Float = 4) { (self.beam, self.range) = (beam, range) }
    }

    /// Guesses how a word is said: a beam search from letter to letter; what different segmentations give to the same phones
    /// is added up.
    /// - Parameters:
    ///   - letters: the word, in letters that the model knows.
    ///   - count: at most so many answers.
    /// - Returns: the most probable first, with probabilities among all that were found; none where a letter is not known
    ///   or the word is empty or longer than 255 letters.
    public func guess(letters: [Unicode.Scalar], count: Int) -> [Pronunciation] {
        guess(letters: letters, count: count, options: SearchOptions())
    }

    package func guess(letters: [Unicode.Scalar], count: Int, options: SearchOptions) -> [Pronunciation] {
        guard (1...LexiconLayout.longest).contains(letters.count), letters.allSatisfy(knows) else { return [] }
        var search = GraphoneSearch(model: self, letters: letters, options: options)
        return search.run(count: count)
    }
}

/// One search.
private struct GraphoneSearch {
    /// The beginning of a word, up to some letter.
    private struct Hypothesis {
        var score: Float
        let phones: Int32
        let state: LanguageModelState
    }

    private struct Key: Hashable {
        let phones: Int32
        let state: LanguageModelState
    }

    private let model: GraphoneModel
    private let letters: [Unicode.Scalar]
    private let options: GraphoneModel.SearchOptions
    /// Strings of phones as a tree: equal ones have equal numbers. Number 0 is the empty string.
    private var nodes: [(parent: Int32, phone: UInt8)] = [(-1, 0)]
    private var children: [Int64: Int32] = [:]

    init(model: GraphoneModel, letters: [Unicode.Scalar], options: GraphoneModel.SearchOptions) {
        (self.model, self.letters, self.options) = (model, letters, options)
    }

    mutating func run(count: Int) -> [Pronunciation] {
        var open = [[Hypothesis]](repeating: [], count: letters.count + 2)
        open[0] = [Hypothesis(score: 0, phones: 0, state: model.ngram.beginState)]
        for place in letters.indices {
            let here = pruned(open[place])
            open[place] = []
            if let units = model.singles[letters[place]] { extend(here, by: units, into: &open[place + 1]) }
            if place + 1 < letters.count, let units = model.pairs[[letters[place], letters[place + 1]]] {
                extend(here, by: units, into: &open[place + 2])
            }
        }
        let ends = pruned(open[letters.count]).filter { $0.phones != 0 }.map { end in
            (phones: end.phones, log10: end.score + model.ngram.score(model.ngram.sentenceEnd, after: end.state).log10)
        }
        // Long words are so improbable that their probabilities would be rounded to 0: they are compared with the best.
        let best = ends.lazy.map(\.log10).max() ?? 0
        var found: [Int32: Double] = [:]
        for end in ends { found[end.phones, default: 0] += pow(10, Double(end.log10 - best)) }
        let total = found.values.reduce(0, +)
        guard total > 0, total.isFinite else { return [] }
        let ranked = found.map { (phones: phones($0.key), probability: Float($0.value / total)) }
            .sorted {
                $0.probability != $1.probability
                    ? $0.probability > $1.probability : $0.phones.lexicographicallyPrecedes($1.phones)
            }
        return ranked.lazy.filter { $0.phones.count <= LexiconLayout.longest }.prefix(max(0, count)).map {
            Pronunciation(phones: $0.phones, probability: $0.probability, origin: .guessed)
        }
    }

    private mutating func extend(
        _ here: [Hypothesis], by units: [GraphoneModel.Graphone], into next: inout [Hypothesis]
    ) {
        for hypothesis in here {
            for unit in units {
                let score = model.ngram.score(unit.word, after: hypothesis.state)
                let total = hypothesis.score + score.log10
                guard total.isFinite else { continue }
                var phones = hypothesis.phones
                if unit.count > 0 { phones = child(phones, unit.first) }
                if unit.count > 1 { phones = child(phones, unit.second) }
                next.append(Hypothesis(score: total, phones: phones, state: score.state))
            }
        }
    }

    /// Adds up what has the same phones and the same state, and keeps the best.
    private func pruned(_ hypotheses: [Hypothesis]) -> [Hypothesis] {
        guard let best = hypotheses.max(by: { $0.score < $1.score })?.score else { return [] }
        var merged: [Hypothesis] = []
        var places: [Key: Int] = [:]
        for hypothesis in hypotheses where hypothesis.score >= best - options.range {
            let key = Key(phones: hypothesis.phones, state: hypothesis.state)
            if let place = places[key] {
                let (a, b) = (merged[place].score, hypothesis.score)
                merged[place].score = max(a, b) + log10f(1 + pow(10, -abs(a - b)))
            } else {
                places[key] = merged.count
                merged.append(hypothesis)
            }
        }
        // Equal scores in a fixed order, so that a word always gets the same answers.
        merged.sort { $0.score != $1.score ? $0.score > $1.score : $0.phones < $1.phones }
        return Array(merged.prefix(options.beam))
    }

    private mutating func child(_ parent: Int32, _ phone: UInt8) -> Int32 {
        let key = Int64(parent) << 8 | Int64(phone)
        if let known = children[key] { return known }
        let number = Int32(nodes.count)
        nodes.append((parent, phone))
        children[key] = number
        return number
    }

    private func phones(_ node: Int32) -> [UInt8] {
        var (phones, node) = ([UInt8](), Int(node))
        while node > 0 {
            phones.append(nodes[node].phone)
            node = Int(nodes[node].parent)
        }
        return phones.reversed()
    }
}

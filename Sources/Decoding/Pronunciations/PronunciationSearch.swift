import CTC
import Foundation

/// CTC prefix beam search over phones, for the words of a language model.
///
/// It looks for the words, each with one of its pronunciations, that have the highest
///
///     score = ln P(phones | recording) + steering(words, pronunciations)
///
/// (``SpokenWordScorer`` has the steering). A prefix is what it spells so far: words with their pronunciations, and the phones
/// of the word under way, whose place in the ``PronunciationTree`` says how it can go on. Its probability is the sum over all
/// paths that spell it, as in ``BeamSearch``; a boundary between two words may be heard (the class of the space, as often as it
/// likes) or not, which costs ``PronunciationWeights/joinedWords``:
///
///     P(u v) = sum over paths of u, one boundary or more, v  +  e^joined (sum over paths of u, v)
///
/// At each step a prefix q inside a word, with the probabilities blank and label of its paths that end so, gives to
///
///     q itself              (blank + label) y(blank) and label y(last of q)
///     q c                   (blank + label) y(c), or blank y(c) where c is the last of q, for phones c that go on in the tree
///     q w |                 (blank + label) y(space), for each word w that ends at q's node: here the search branches over homophones
///     q w | c               e^joined of what q c would get, for each such w and each phone c that begins a word
///
/// and a prefix p = q w | between two words, of probability `blank`, to itself blank (y(blank) + y(space)) and to p c blank y(c).
/// Prefixes of the same node, context of the language model and last label have the same future; see
/// ``BeamOptions/recombinationMargin``.
///
/// Where words may be spelled by characters (``CharacterSpelling``), a word may also consist of any phones, each at a price.
///
/// One search belongs to one thread. ``begin()``, ``step(_:)`` as often as there are posteriors, ``end()``: whether they come
/// in one piece or many is all the same, bit for bit. Memory does not grow with the recording but for its text and, where words
/// may be spelled, the posteriors since the last ``settle()``.
public final class PronunciationSearch {
    /// What can be said.
    public let words: SpokenWords
    /// How wide it looks.
    public let options: BeamOptions
    /// The steps so far.
    public internal(set) var steps = 0
    /// How many words ``settle()`` has given out.
    public private(set) var settledWords = 0

    let beam: Beam
    /// Prefixes for which there is room.
    package var prefixCapacity: Int { beam.tree.capacity }
    let scorer: SpokenWordScorer
    let add = LogAddition.shared
    let blank: Int
    let space: Int
    /// ln of what is left where two words run together.
    let joined: Float
    /// What is added for each blank.
    let blankWeight: Float
    /// Whether words without a pronunciation are allowed.
    let allowsUnknown: Bool
    /// Whether a node has a bit for every label that the tree forbids.
    let hasBits: Bool
    /// The phones that extend prefixes at the step at hand, the likeliest first.
    var selected: UnsafeMutableBufferPointer<Selected>
    /// For each label and kind of child, the child of the prefix at hand, and in the upper half at which turn it was noted.
    var childOf: UnsafeMutableBufferPointer<UInt64>
    /// For each word that ends at the node at hand, the prefix after it, noted in the same way.
    var endOf: UnsafeMutableBufferPointer<UInt64>
    var turn: UInt64 = 0
    /// Steps in a row at which nothing is likelier than the blank or the space.
    var quietSteps = 0
    /// Marks that all of the beam agrees on.
    var committed: [PrefixTree.Mark] = []
    private var settledParts: SettledParts<SpokenWord>
    private var heard: LogProbabilities

    /// A phone that extends prefixes.
    struct Selected {
        var label: Int32
        var value: Float
    }

    /// ``PrefixNode/branch`` of the first phone of a word without a pronunciation, and of the space at its end. Of the space
    /// after another word it is the place of the ending in the tree.
    static let unknown: Int32 = -2
    /// The place in the tree, in the lower half of a state, of words without a pronunciation.
    static let outside = UInt32.max

    /// - Parameters:
    ///   - words: what can be said.
    ///   - options: how wide it looks.
    ///   - weights: what counts how much.
    /// - Precondition: a beam of 1 or more.
    public init(_ words: SpokenWords, options: BeamOptions = BeamOptions(), weights: DecodingWeights) {
        (self.words, self.options) = (words, options)
        scorer = SpokenWordScorer(words, weights)
        beam = Beam(options)
        (blank, space) = (words.vocabulary.blank, words.space)
        (joined, blankWeight) = (Float(weights.spoken.joinedWords), Float(weights.spoken.blank))
        allowsUnknown = words.spelling != nil
        let classes = words.vocabulary.symbols.count
        hasBits = classes <= 64
        selected = .allocate(capacity: classes)
        childOf = .allocate(capacity: 2 * classes)
        childOf.initialize(repeating: 0)
        endOf = .allocate(capacity: max(1, words.tree.mostEndings))
        endOf.initialize(repeating: 0)
        settledParts = SettledParts(limit: options.nBest)
        heard = LogProbabilities(classes: words.columns)
        begin()
    }

    deinit {  // all of plain data
        selected.deallocate()
        childOf.deallocate()
        endOf.deallocate()
    }

    /// Begins a recording, with no words.
    public func begin() {
        beam.begin(state: UInt64(scorer.start()) << 32)
        (committed, settledWords, steps) = ([], 0, 0)
        quietSteps = 0
        settledParts = SettledParts(limit: options.nBest)
        heard = LogProbabilities(classes: words.columns)
        forgetTurns()
    }

    private func forgetTurns() {
        childOf.update(repeating: 0)
        endOf.update(repeating: 0)
        turn = 0
    }

    /// Takes the next steps of the recording.
    /// - Parameter posteriors: [steps, ``SpokenWords/columns``].
    /// - Precondition: as many columns as that.
    public func step(_ posteriors: LogProbabilities) {
        let classes = posteriors.classes
        precondition(classes == words.columns, "\(classes) columns, and the heads have \(words.columns)")
        if allowsUnknown { heard.append(posteriors) }
        posteriors.values.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            for step in 0..<posteriors.steps {
                advance(base + step * classes)
                // Long before a turn would come round again.
                if turn > 1 << 31 { forgetTurns() }
            }
        }
    }

    /// Decides on the best words so far, and drops all others: as in a pause, so that what was said before it can be given out.
    /// A word that is under way ends here. Where several texts are wanted, what came second is remembered.
    /// - Returns: the words that were not decided before; nil where no word that is under way can end, and nothing is decided.
    public func settle() -> [SpokenWord]? {
        let texts = distinctTexts { _ in 0 }
        guard let best = texts.first else { return nil }
        let parts = texts.prefix(options.remembersSettled ? options.nBest : 1).map(undecided)
        settledParts.append(parts)
        var node = best.node
        if let branch = best.branch {
            beam.tree.reserve(1)
            node = end(node, branch) ?? makeEnd(node, branch)
        }
        let total = Float(best.acoustic - beam.taken)
        beam.follow(Beam.Entry(node: node, blank: total, label: -.infinity, total: total, steering: 0, score: total))
        heard = LogProbabilities(classes: words.columns)
        settledWords = best.wordCount
        return parts[0].units
    }

    /// Ends the recording.
    /// - Returns: the best texts, best first, at most as many as wanted; none where nothing that can be said has a probability.
    public func end() -> [Hypothesis] {
        var last = distinctTexts(finish: scorer.finish)
        let isComplete = !last.isEmpty
        if !isComplete { last = unfinished() }
        var texts = Set<String>()
        return settledParts.joined(with: last.map(undecided)).compactMap { whole in
            let text = whole.units.map(\.text).joined(separator: " ")
            guard texts.insert(text).inserted else { return nil }
            return Hypothesis(
                words: whole.units, space: space, text: text, acoustic: whole.acoustic, steering: whole.steering,
                isComplete: isComplete)
        }
    }

    /// Words that a prefix of the beam spells, where its last one may end.
    private struct Text {
        var node: Int32
        /// The word that ends after the node's phones; nil where one has ended.
        var branch: Int32?
        var key: UInt64
        var acoustic: Double
        var steering: Double
        var wordCount = 0

        var score: Double { acoustic + steering }
    }

    /// The words of a text that ``settle()`` has not given out, spelled.
    private func undecided(_ text: Text) -> SettledParts<SpokenWord>.Text {
        let all = spokenWords(text.node, text.branch)
        var own = Array(all.dropFirst(settledWords))
        if let spelling = words.spelling {
            own = spelling.spell(own, heard: heard, phones: words.vocabulary, space: space)
        }
        return .init(units: own, acoustic: text.acoustic, steering: text.steering)
    }

    /// All words of a prefix.
    private func spokenWords(_ node: Int32, _ branch: Int32?) -> [SpokenWord] {
        var found: [SpokenWord] = []
        var labels: [Int] = []
        let last = branch.map { [PrefixTree.Mark(label: Int32(space), branch: $0)] } ?? []
        for mark in committed + beam.tree.marks(node) + last {
            guard Int(mark.label) == space else {
                labels.append(Int(mark.label))
                continue
            }
            let isKnown = mark.branch >= 0
            let text = isKnown ? words.text(words.tree.endings[Int(mark.branch)].word) : ""
            found.append(SpokenWord(text: text, labels: labels, isKnown: isKnown))
            labels = []
        }
        return found
    }

    /// The texts of the beam, best first, each once, as many as are wanted.
    /// - Parameter finish: what the end of the text adds, by the context.
    private func distinctTexts(finish: (UInt32) -> Float) -> [Text] {
        var places: [UInt64: Int] = [:]
        var found: [Text] = []
        func note(_ text: Text) {
            guard text.score > -.infinity else { return }
            guard let place = places[text.key] else {
                places[text.key] = found.count
                return found.append(text)
            }
            // The same words, by other pronunciations or without a boundary at the end: the sum of both, told by the better.
            let other = found[place]
            let sum = max(text.score, other.score) + log1p(exp(-abs(text.score - other.score)))
            if text.score > other.score { found[place] = text }
            found[place].acoustic = sum - found[place].steering
        }
        for index in 0..<beam.size {
            let entry = beam.entries[index]
            guard entry.total > -.infinity else { continue }
            let node = beam.tree.nodes[Int(entry.node)]
            let acoustic = Double(entry.total) + beam.taken
            if Self.position(node) == PronunciationTree.root {
                let steering = node.steering + Double(finish(Self.context(node)))
                note(Text(node: entry.node, key: node.text, acoustic: acoustic, steering: steering))
            } else {
                for branch in branches(of: node) {
                    let (score, next) = ended(node, branch)
                    note(
                        Text(
                            node: entry.node, branch: branch, key: textKey(node, branch), acoustic: acoustic,
                            steering: node.steering + Double(score + finish(next))))
                }
            }
        }
        found.sort { ($0.score, $1.node, $1.branch ?? -1) > ($1.score, $0.node, $0.branch ?? -1) }
        return found.prefix(options.nBest).map { text in
            var text = text
            text.wordCount = spokenWords(text.node, text.branch).count
            return text
        }
    }

    /// The words of the best prefix, without one that cannot end.
    private func unfinished() -> [Text] {
        guard let best = (0..<beam.size).max(by: { beam.entries[$0].score < beam.entries[$1].score }) else { return [] }
        let nodes = beam.tree.nodes
        var here = beam.entries[best].node
        while here > 0, Self.position(nodes[Int(here)]) != PronunciationTree.root { here = nodes[Int(here)].parent }
        let node = nodes[Int(here)]
        return [
            Text(
                node: here, key: node.text, acoustic: Double(beam.entries[best].total) + beam.taken,
                steering: node.steering + Double(scorer.finish(Self.context(node))))
        ]
    }
}

extension Hypothesis {
    /// A text of words that were found by their phones.
    init(words: [SpokenWord], space: Int, text: String, acoustic: Double, steering: Double, isComplete: Bool) {
        self.init(
            labels: PhoneAlignment.labels(of: words, space: space).labels, text: text, acoustic: acoustic,
            steering: steering, isComplete: isComplete)
        self.words = words
    }
}

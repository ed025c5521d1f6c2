import CTC
import Foundation

/// CTC prefix beam search in log space, with anything that steers it behind one ``Scorer``.
///
/// It looks for the text with the highest
///
///     score(text) = ln P(text | recording) + steering(text)
///
/// P being the sum over all paths that spell the text (``Collapse``). At each step t every prefix p has two
/// probabilities, of the paths that end in a blank and of those that end in its last label (Graves 2012, section 7.5;
/// Hannun et al. 2014, "First-pass large vocabulary continuous speech recognition using bi-directional recurrent DNNs"):
///
///     blank_t(p)   = (blank(p) + label(p)) y_t(blank)
///     label_t(p)   = label(p) y_t(last of p) + what p's parent q gives, if p = q c:
///                    (blank(q) + label(q)) y_t(c)   where c is not the last of q
///                    blank(q) y_t(c)                where it is: between two equal labels there must be a blank
///
/// (where a text is between two words, a further space spells nothing new and counts as a blank does)
/// and the `beam` prefixes with the highest ln(blank + label) + steering are kept. A step takes about
/// beam x (classes within the threshold) operations, and no memory is allocated but when the tree of prefixes grows.
///
/// One search belongs to one thread. ``begin()``, ``step(_:)`` as often as there are posteriors, ``end()``: whether they
/// come in one piece or many is all the same, bit for bit. Memory does not grow with the recording but for its text.
public final class BeamSearch {
    /// What the classes spell.
    public let alphabet: Alphabet
    /// How wide it looks.
    public let options: BeamOptions
    /// The steps so far.
    public internal(set) var steps = 0
    /// ln of the probability of the most likely single path, whatever it spells.
    public internal(set) var bestPath = 0.0
    /// How many labels that path spells.
    public internal(set) var bestPathLabels = 0
    var lastOfBestPath = -1
    /// Steps in a row at which nothing was the likeliest, or a space.
    var quietSteps = 0

    let scorer: any Scorer
    let beam: Beam
    let add = LogAddition.shared
    /// The class that spells a space and nothing else; -1 where there is none.
    let spaceLabel: Int32
    /// The most that the scorer can add for each label.
    let mostGain: [Float]
    /// The most of these that is bounded.
    let mostBoundedGain: Float
    /// Whether a node has a bit for every label that it forbids.
    let hasBits: Bool

    /// The classes of the step that extend prefixes.
    var selected: UnsafeMutableBufferPointer<SelectedClass>
    /// For each label, the child of the prefix at hand, and in the upper half at which turn it was noted.
    var childOf: UnsafeMutableBufferPointer<UInt64>
    var turn: UInt64 = 0
    /// Labels that all of the beam agrees on.
    var committed: [Int] = []
    /// How many labels ``settle()`` has given out.
    public private(set) var settledLabels = 0
    /// What else these could have been.
    private var settledParts: SettledParts<Int>
    private var tree: PrefixTree { beam.tree }

    struct SelectedClass {
        var label: Int32
        var value: Float
    }

    /// - Parameters:
    ///   - alphabet: what the classes spell.
    ///   - options: how wide it looks.
    ///   - scorer: what steers it, this search's alone.
    /// - Precondition: a beam of 1 or more.
    public init(alphabet: Alphabet, options: BeamOptions = BeamOptions(), scorer: any Scorer = NullScorer()) {
        let classes = alphabet.vocabulary.symbols.count
        (self.alphabet, self.options, self.scorer) = (alphabet, options, scorer)
        mostGain = (0..<classes).map { label in
            alphabet.characters(of: label).reduce(0) { $0 + max(0, scorer.mostGain(for: $1)) }
        }
        mostBoundedGain = mostGain.filter { $0 < .infinity }.max() ?? 0
        let space = (0..<classes).first { label in alphabet.characters(of: label).elementsEqual([Alphabet.space]) }
        spaceLabel = space.map(Int32.init) ?? -1
        hasBits = classes <= 64
        settledParts = SettledParts(limit: options.nBest)
        beam = Beam(options)
        selected = .allocate(capacity: classes)
        childOf = .allocate(capacity: classes)
        childOf.initialize(repeating: 0)
        begin()
    }

    deinit {  // all of plain data
        selected.deallocate()
        childOf.deallocate()
    }

    /// Begins a recording, with the empty text.
    public func begin() {
        beam.begin(state: scorer.start())
        (committed, settledLabels) = ([], 0)
        settledParts = SettledParts(limit: options.nBest)
        (steps, bestPath, bestPathLabels, lastOfBestPath) = (0, 0, 0, -1)
        quietSteps = 0
        forgetTurns()
    }

    /// Takes the next steps of the recording.
    /// - Precondition: as many classes as the vocabulary has.
    public func step(_ posteriors: LogProbabilities) {
        let classes = posteriors.classes
        precondition(classes == childOf.count, "\(classes) classes, and the vocabulary has \(childOf.count)")
        posteriors.values.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            for step in 0..<posteriors.steps {
                advance(base + step * classes, classes)
                // Long before a turn would come round again.
                if turn > 1 << 31 { forgetTurns() }
            }
        }
    }

    private func forgetTurns() {
        childOf.update(repeating: 0)
        turn = 0
    }

    /// Decides on the best text so far, and drops all others: as in a pause, so that what was said before it can be given
    /// out. What steers the search goes on from there. Where several texts are wanted, what came second is remembered.
    /// - Returns: the labels that were not decided before.
    public func settle() -> [Int] {
        let texts = distinctTexts { _ in 0 }
        guard let best = texts.first, let place = (0..<beam.size).first(where: { beam.entries[$0].node == best.node })
        else {
            return []
        }
        let decided = undecidedLabels(best.node)
        let end = decided.last == Int(spaceLabel) ? [Int(spaceLabel)] : []
        settledParts.append(
            texts.prefix(options.remembersSettled ? options.nBest : 1).map { text in
                // All of them go on where the best one ends: after its space, if it has one.
                let labels = undecidedLabels(text.node)
                let spaces = labels.reversed().prefix { $0 == Int(spaceLabel) }.count
                return SettledParts<Int>.Text(
                    units: labels.dropLast(spaces) + end, acoustic: text.acoustic, steering: text.steering)
            })
        beam.follow(beam.entries[place])
        settledLabels += decided.count
        return decided
    }

    /// Ends the recording.
    /// - Returns: the best texts, best first, at most as many as wanted; none where nothing that the scorer allows has a
    ///   probability.
    public func end() -> [Hypothesis] {
        let last = distinctTexts(finish: scorer.finish)
        if last.isEmpty { return unfinished() }
        let whole = settledParts.joined(
            with: last.map {
                SettledParts<Int>.Text(units: undecidedLabels($0.node), acoustic: $0.acoustic, steering: $0.steering)
            })
        var texts = Set<String>()
        return whole.compactMap {
            let text = alphabet.vocabulary.text(of: $0.units)
            guard texts.insert(text).inserted else { return nil }
            return Hypothesis(
                labels: $0.units, text: text, acoustic: $0.acoustic, steering: $0.steering, isComplete: true)
        }
    }

    /// The labels of a prefix that ``settle()`` has not given out.
    private func undecidedLabels(_ node: Int32) -> [Int] {
        Array((committed + tree.labels(node)).dropFirst(settledLabels))
    }

    /// The texts of the beam, best first, each once, as many as are wanted.
    /// - Parameter finish: what the end of the text adds, by the scorer's state; -infinity where it may not end there.
    private func distinctTexts(
        finish: (ScorerState) -> Float
    ) -> [(node: Int32, acoustic: Double, steering: Double)] {
        var texts: [UInt64: Int] = [:]
        var found: [(node: Int32, acoustic: Double, steering: Double)] = []
        let (entries, taken) = (beam.entries, beam.taken)
        for index in 0..<beam.size {
            let node = tree.nodes[Int(entries[index].node)]
            let finish = finish(node.state)
            guard finish > -.infinity else { continue }
            let acoustic = Double(entries[index].total) + taken
            let steering = node.steering + Double(finish)
            // The same text, spelt with other labels or with a space at an end.
            if let other = texts[node.text >> 1] {
                let (a, b) = (found[other].acoustic, acoustic)
                found[other].acoustic = max(a, b) + log1p(exp(-abs(a - b)))
                if acoustic + steering > a + found[other].steering {
                    (found[other].node, found[other].steering) = (entries[index].node, steering)
                }
            } else {
                texts[node.text >> 1] = found.count
                found.append((entries[index].node, acoustic, steering))
            }
        }
        found.sort { ($0.acoustic + $0.steering, $1.node) > ($1.acoustic + $1.steering, $0.node) }
        return Array(found.prefix(options.nBest))
    }

    /// The best prefix, without what cannot be an end.
    private func unfinished() -> [Hypothesis] {
        let (entries, taken) = (beam.entries, beam.taken)
        for index in (0..<beam.size).sorted(by: { entries[$0].score > entries[$1].score }) {
            var here = entries[index].node
            while here >= 0 {
                let node = tree.nodes[Int(here)]
                let finish = scorer.finish(node.state)
                if finish > -.infinity {
                    let acoustic = Double(entries[index].total) + taken
                    return [
                        hypothesis(
                            here, acoustic: acoustic, steering: node.steering + Double(finish), isComplete: false)
                    ]
                }
                here = node.parent
            }
        }
        return []
    }

    private func hypothesis(_ node: Int32, acoustic: Double, steering: Double, isComplete: Bool) -> Hypothesis {
        let labels = committed + tree.labels(node)
        return Hypothesis(
            labels: labels, text: alphabet.vocabulary.text(of: labels), acoustic: acoustic, steering: steering,
            isComplete: isComplete)
    }
}

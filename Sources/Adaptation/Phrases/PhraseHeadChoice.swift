import AcousticModel
import CTC
import Networks
import Training
import VectorKernels

/// A head of phrases from recordings of them, and as much of what was learned as holds for recordings that were not learned from.
///
/// The head that is known from words alone, one that learned, and what lies between (weights w0 + a (w1 - w0); Wortsman et al.
/// 2022), with and without pronunciations that were heard in the recordings, are compared on recordings held out: those of dev,
/// else of each fold of a cross-validation in turn. The fewest errors win, and of equals the lowest cross-entropy. So what is
/// written is never worse there than the words alone.
struct PhraseHeadChoice {
    /// A recording: encoder outputs as it is and varied, and its label (0: none of them).
    struct Example: Sendable {
        let copies: [Matrix]
        let label: Int
    }

    /// What a head gets right.
    struct Score: Sendable, Comparable {
        var errors = 0
        /// Nats, the sum over the recordings.
        var loss = 0.0
        var count = 0

        static func + (a: Score, b: Score) -> Score {
            Score(errors: a.errors + b.errors, loss: a.loss + b.loss, count: a.count + b.count)
        }
        static func < (a: Score, b: Score) -> Bool { (a.errors, a.loss) < (b.errors, b.loss) }
        /// The share of wrong labels.
        var rate: Double { Double(errors) / Double(max(1, count)) }
    }

    /// What is taken over of what was learned.
    struct Way: Sendable, Equatable {
        /// Whether pronunciations that were heard are added.
        let addsPronunciations: Bool
        /// a.
        let share: Float

        /// Words alone.
        static let wordsAlone = Way(addsPronunciations: false, share: 0)
    }

    /// What came of it.
    struct Result {
        let head: TrainableHead
        let way: Way
        /// On what was held out: of the words alone, and of the way that was chosen.
        let alone: Score, score: Score
    }

    /// a, from nothing learned to all.
    private static let shares: [Float] = [0, 0.25, 0.5, 1]

    /// From words alone.
    let starting: TrainableHead
    /// With pronunciations that are added, by the recordings that they are from; nil where none can be.
    let enriched: (@Sendable ([Example]) -> TrainableHead?)?
    let training: HeadTraining
    let isInterrupted: @Sendable () -> Bool

    /// Chooses by recordings that are held out.
    func choose(learning examples: [Example], heldOut: [Example]) throws -> Result {
        try chosen(from: [(examples, heldOut)], learning: examples)
    }

    /// Chooses by cross-validation, then learns from all.
    /// - Parameter folds: of each example the part in which it is held out.
    func choose(learning examples: [Example], folds: [Int]) throws -> Result {
        let parts = Set(folds).sorted().map { fold in
            (
                examples.indices.filter { folds[$0] != fold }.map { examples[$0] },
                examples.indices.filter { folds[$0] == fold }.map { examples[$0] }
            )
        }
        return try chosen(from: parts, learning: examples)
    }

    private func chosen(
        from parts: [(learned: [Example], heldOut: [Example])], learning examples: [Example]
    ) throws -> Result {
        var scores: [(way: Way, score: Score)] = []
        func count(_ way: Way, _ score: Score) {
            if let place = scores.firstIndex(where: { $0.way == way }) {
                scores[place].score = scores[place].score + score
            } else {
                scores.append((way, score))
            }
        }
        for part in parts {
            for (adds, start) in starts(from: part.learned) {
                let trained = try train(start, part.learned)
                for share in Self.shares {
                    let head = start.moved(towards: trained, by: share)
                    count(
                        Way(addsPronunciations: adds, share: share),
                        Self.score(of: head, on: part.heldOut, threads: training.threads))
                }
            }
        }
        // What was not there in every part cannot be compared.
        let most = scores.map(\.score.count).max() ?? 0
        let alone = scores.first { $0.way == .wordsAlone }?.score ?? Score()
        let best = scores.filter { $0.score.count == most }.min { $0.score < $1.score }
        let (way, score) = best ?? (.wordsAlone, alone)
        let start = way.addsPronunciations ? enriched?(examples) ?? starting : starting
        let head = way.share > 0 ? start.moved(towards: try train(start, examples), by: way.share) : start
        return Result(head: head, way: way, alone: alone, score: score)
    }

    /// The heads to begin with.
    private func starts(from examples: [Example]) -> [(adds: Bool, head: TrainableHead)] {
        [(false, starting)] + (enriched?(examples).map { [(true, $0)] } ?? [])
    }

    private func train(_ head: TrainableHead, _ examples: [Example]) throws -> TrainableHead {
        guard examples.contains(where: { $0.label != TrainableHead.blank }) else { return head }
        return try training.train(
            head, outputs: examples.map(\.copies),
            labels: examples.map { $0.label == TrainableHead.blank ? [] : [$0.label] }, isInterrupted: isInterrupted
        ).head
    }

    /// What a head makes of recordings as they are.
    static func score(of head: TrainableHead, on examples: [Example], threads: Int) -> Score {
        Parallel.map(examples.count, threads: threads) { index -> Score in
            let example = examples[index]
            guard let phrases = head.phrases, let outputs = example.copies.first else { return Score(count: 1) }
            let logs = phrases.scores(of: head.posteriors(of: outputs)).logSoftmax
            let none = logs.count - 1
            let label = example.label == TrainableHead.blank ? none : example.label - 1
            let best = logs.indices.max { logs[$0] < logs[$1] } ?? none
            return Score(errors: best == label ? 0 : 1, loss: -Double(logs[label]), count: 1)
        }.reduce(Score(), +)
    }
}

extension TrainableHead {
    /// Log-probabilities of the classes, of encoder outputs.
    func posteriors(of outputs: Matrix) -> LogProbabilities {
        var scores = last.forward(hidden.map { $0.forward(outputs).rectified() } ?? outputs)
        scores.applyLogSoftmax()
        return LogProbabilities(classes: scores.columns, values: scores.values)
    }

    /// w + share (other - w), weight by weight.
    func moved(towards other: TrainableHead, by share: Float) -> TrainableHead {
        guard share > 0 else { return self }
        var moved = other
        if share < 1 {
            moved.parameters = zip(parameters, other.parameters).map { own, other in
                zip(own, other).map { $0 + share * ($1 - $0) }
            }
        }
        return moved
    }
}

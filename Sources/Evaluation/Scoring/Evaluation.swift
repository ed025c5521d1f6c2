import Corpora

/// How well hypotheses fit the references of a manifest: rates over all and by speaker, how sure they are, and where the
/// errors lie.
public struct Evaluation: Sendable, Encodable {
    /// A row and what was heard in it.
    public struct Utterance: Sendable, Encodable {
        /// `file:line`.
        public let place: String
        /// The recording, as its manifest names it.
        public let audio: String
        /// Who speaks; empty where the manifest does not say.
        public let speaker: String
        /// What is said.
        public let reference: String
        /// What was heard.
        public let hypothesis: String
        /// The edits between the two.
        public let errors: ErrorRate
    }

    /// The rates of one speaker.
    public struct Speaker: Sendable, Encodable {
        /// The name; empty for the rows that name none.
        public let name: String
        /// The number of utterances.
        public let utterances: Int
        /// Their edits.
        public let errors: ErrorRate
    }

    /// A word, what was heard in its place, and how often.
    public struct Confusion: Sendable, Encodable, Equatable {
        /// The word of the reference; nil where a word was put in.
        public let reference: String?
        /// The word of the hypothesis; nil where a word was left out.
        public let hypothesis: String?
        /// How often.
        public let count: Int

        package init(reference: String?, hypothesis: String?, count: Int) {
            (self.reference, self.hypothesis, self.count) = (reference, hypothesis, count)
        }
    }

    /// The number of utterances.
    public let utterances: Int
    /// The edits of all.
    public let errors: ErrorRate
    /// Where the true word error rate lies, with 95 % confidence; nil where the references have no word.
    public let wordInterval: Interval?
    /// The same for the character error rate.
    public let characterInterval: Interval?
    /// By speaker, in alphabetical order.
    public let speakers: [Speaker]
    /// The utterances with the highest word error rates, worst first; none that is right.
    public let worst: [Utterance]
    /// The most frequent word errors, most frequent first.
    public let confusions: [Confusion]

    enum CodingKeys: String, CodingKey {
        case utterances, errors, speakers, worst, confusions
        case wordInterval = "wer_interval_95"
        case characterInterval = "cer_interval_95"
    }

    /// Scores pairs of rows and hypotheses.
    /// - Parameters:
    ///   - pairs: rows of manifests, each with what was heard in it.
    ///   - shown: how many of the worst utterances and of the most frequent confusions are kept.
    ///   - resamples: how many resamples the intervals rest on.
    ///   - seed: of the resampling.
    public init(
        _ pairs: [(row: ManifestRow, hypothesis: String)], shown: Int = 10, resamples: Int = 1_000, seed: UInt64 = 1
    ) {
        var total = ErrorRate()
        var scored: [Utterance] = []
        var bySpeaker: [String: (count: Int, errors: ErrorRate)] = [:]
        var confused: [WordPair: Int] = [:]
        for (row, hypothesis) in pairs {
            let (reference, heard) = (ErrorRate.words(of: row.entry.text), ErrorRate.words(of: hypothesis))
            let errors = ErrorRate(reference, heard)
            let name = row.entry.speaker ?? ""
            total += errors
            bySpeaker[name, default: (0, ErrorRate())].count += 1
            bySpeaker[name, default: (0, ErrorRate())].errors += errors
            for step in Alignment(reference: reference, hypothesis: heard).steps {
                if let pair = WordPair(step) { confused[pair, default: 0] += 1 }
            }
            scored.append(
                Utterance(
                    place: row.place, audio: row.entry.audioFilePath, speaker: name,
                    reference: reference.joined(separator: " "), hypothesis: heard.joined(separator: " "),
                    errors: errors))
        }
        utterances = pairs.count
        errors = total
        speakers = bySpeaker.sorted { $0.key < $1.key }
            .map { Speaker(name: $0.key, utterances: $0.value.count, errors: $0.value.errors) }
        worst = Array(Self.worstFirst(scored).prefix(shown))
        confusions = confused.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(shown)
            .map { Confusion(reference: $0.key.reference, hypothesis: $0.key.hypothesis, count: $0.value) }
        let all = scored.map(\.errors)
        wordInterval = Interval(all.map(\.words), resamples: resamples, seed: seed)
        characterInterval = Interval(all.map(\.characters), resamples: resamples, seed: seed)
    }

    /// By rate, then by number of errors, then in the manifest's order; an utterance of which nothing is said comes first
    /// when something was heard.
    private static func worstFirst(_ utterances: [Utterance]) -> [Utterance] {
        func key(_ utterance: Utterance) -> (Double, Int) {
            (utterance.errors.words.rate ?? .infinity, utterance.errors.words.errors)
        }
        return utterances.filter { $0.errors.words.errors > 0 }.enumerated()
            .sorted { a, b in
                let (first, second) = (key(a.element), key(b.element))
                return first == second ? a.offset < b.offset : first > second
            }.map(\.element)
    }

    private struct WordPair: Hashable, Comparable {
        let reference: String?
        let hypothesis: String?

        init?(_ step: Alignment<String>.Step) {
            switch step {
            case .hit: return nil
            case .substitution(let reference, let hypothesis):
                (self.reference, self.hypothesis) = (reference, hypothesis)
            case .deletion(let word): (reference, hypothesis) = (word, nil)
            case .insertion(let word): (reference, hypothesis) = (nil, word)
            }
        }

        static func < (a: Self, b: Self) -> Bool {
            (a.reference ?? "", a.hypothesis ?? "") < (b.reference ?? "", b.hypothesis ?? "")
        }
    }
}

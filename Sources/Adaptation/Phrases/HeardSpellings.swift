import AcousticModel
import CTC
import Networks
import Training
import VectorKernels

/// Pronunciations of labels that are heard in recordings of them: what the base spells, where it does so more than once.
struct HeardSpellings {
    /// The labels of the base's best path, n-gram counted in, of each recording; empty where nothing is heard.
    static func heard(
        _ examples: [PhraseHeadChoice.Example], head: TrainableHead, ngram: LabelNGram?, threads: Int
    ) -> [[Int]] {
        Parallel.map(examples.count, threads: threads) { index in
            examples[index].copies.first.map {
                BestPath(head.posteriors(of: $0), ngram: ngram).labels(blank: TrainableHead.blank)
            } ?? []
        }
    }

    /// The most frequent of each label, where it comes at least twice and in a tenth of the label's recordings.
    /// - Parameters:
    ///   - boundary: between words; it does not begin or end a pronunciation.
    ///   - labels: by their numbers, from 1.
    static func spellings(
        _ examples: [PhraseHeadChoice.Example], heard: [[Int]], boundary: Int?, labels: [String]
    ) -> [String: [PhraseScores.Spelling]] {
        var counts: [Int: [[Int]: Int]] = [:]
        for (example, spelled) in zip(examples, heard) where example.label != TrainableHead.blank {
            let inner = spelled.drop { $0 == boundary }.reversed().drop { $0 == boundary }.reversed()
            if !inner.isEmpty { counts[example.label, default: [:]][Array(inner), default: 0] += 1 }
        }
        var learned: [String: [PhraseScores.Spelling]] = [:]
        for (label, ways) in counts where (1...labels.count).contains(label) {
            let total = ways.values.reduce(0, +)
            let frequent = ways.filter { $0.value >= 2 && 10 * $0.value >= total }
                .sorted { ($1.value, $0.key.count, $0.key.description) < ($0.value, $1.key.count, $1.key.description) }
            learned[labels[label - 1]] = frequent.prefix(2).map { way in
                PhraseScores.Spelling(labels: way.key, logWeight: -0.6931)
            }
        }
        return learned.filter { !$0.value.isEmpty }
    }
}

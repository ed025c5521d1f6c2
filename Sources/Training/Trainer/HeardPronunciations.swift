import AcousticModel
import CTC
import Corpora
import Networks
import VectorKernels

/// The pronunciations that a model hears in the recordings of a set, of those that the words of each may have.
struct HeardPronunciations: Sendable {
    /// For each recording the number of each word's pronunciation; empty for the first of all.
    private(set) var choices: [[UInt8]]
    /// Words that can be said in several ways, and how many of them are now taken for another than before.
    private(set) var words = 0, changed = 0

    /// Listens to the recordings as they are. Those that cannot be read, or that no path spells, keep what they have.
    /// - Parameter now: the choices so far.
    init(
        of set: TrainingSet, by model: AcousticModel, source: FeatureSource, now: [[UInt8]], threads: Int
    ) {
        choices = now
        let open = set.utterances.indices.filter { set.utterances[$0].spoken?.hasAlternatives ?? false }
        let plan = BatchPlan(
            seconds: open.map { set.utterances[$0].seconds }, batchSize: 8 * threads, batchSeconds: 600, seed: 0
        ).batches(epoch: 0).map { $0.map { open[$0] } }
        let loader = BatchLoader(
            source: source, utterances: set.utterances, plan: plan, epoch: 0, threads: threads)
        defer { loader.cancel() }
        while let batch = loader.next() {
            let posteriors = model.logProbabilities(ofSteps: batch.steps, detectsSpeech: false, threads: threads)
            let heard = Parallel.map(posteriors.count, threads: threads) { index in
                set.utterances[batch.utterances[index]].spoken.flatMap {
                    PronunciationChoice(
                        of: $0, in: posteriors[index].columns(model.headColumns), blank: model.vocabulary.blank)
                }
            }
            for (index, choice) in zip(batch.utterances, heard) {
                guard let choice, let spoken = set.utterances[index].spoken else { continue }
                for (word, pronunciations) in spoken.words.enumerated() where pronunciations.count > 1 {
                    words += 1
                    let before = word < choices[index].count ? choices[index][word] : 0
                    if choice.choices[word] != before { changed += 1 }
                }
                choices[index] = choice.choices.allSatisfy { $0 == 0 } ? [] : choice.choices
            }
        }
    }
}

extension Checkpoint {
    /// Choices as one list: a number for each word of each recording; empty where all are the first.
    static func flattened(_ choices: [[UInt8]], of set: TrainingSet) -> [Float] {
        guard choices.contains(where: { !$0.isEmpty }) else { return [] }
        return zip(set.utterances, choices).flatMap { utterance, choices -> [Float] in
            let words = utterance.spoken?.words.count ?? 0
            return (0..<words).map { $0 < choices.count ? Float(choices[$0]) : 0 }
        }
    }

    /// The choices of each recording of a set.
    /// - Throws: ``DataError`` where they are of another set.
    func pronunciations(of set: TrainingSet) throws(DataError) -> [[UInt8]] {
        guard !pronunciations.isEmpty else { return set.utterances.map { _ in [] } }
        var left = pronunciations[...]
        var choices: [[UInt8]] = []
        for utterance in set.utterances {
            let count = utterance.spoken?.words.count ?? 0
            let mine = left.prefix(count).compactMap { UInt8(exactly: $0) }
            guard mine.count == count else { break }
            left = left.dropFirst(count)
            choices.append(mine.allSatisfy { $0 == 0 } ? [] : mine)
        }
        guard choices.count == set.utterances.count, left.isEmpty else {
            throw DataError(
                path, "has pronunciations of other recordings than it now finds",
                mend: "put the manifests and the lexicon back, or begin anew in another folder")
        }
        return choices
    }
}

extension Checkpoint.State {
    /// The symbols of each head, where the recipe says which heads there are.
    func symbols(_ heads: TrainingRecipe.Network.Heads) -> HeadSymbols {
        heads.hasPhones ? HeadSymbols(phones: symbols, characters: characters) : HeadSymbols(characters: symbols)
    }
}

import AcousticModel
import CTC
import Corpora
import Evaluation
import Networks
import VectorKernels

/// What a model makes of the dev set.
struct DevEvaluation: Sendable {
    var errors = ErrorRate()
    /// Of the phones, where there is a head of phones.
    var phones: PhoneErrors?
    /// The share of steps whose best class is the blank.
    var blankShare = 0.0
    /// Nats a label, over the recordings whose text the model can spell; not a number where there is none.
    var loss = 0.0
    /// Recordings that could not be read.
    var problems: [BadLine] = []
    /// A recording near the middle and one near the end of the set, the same in each epoch.
    var pairs: [EpochRecord.Pair] = []

    /// Of phones alone the words are those of the phones, and what is said of characters is said of phones.
    var score: DevScore {
        let per = phones.map { $0.rate ?? 0 }
        return DevScore(
            wer: errors.words.rate ?? 0, cer: spellsPhones ? per ?? 0 : errors.characters.rate ?? 0, per: per)
    }
    private var spellsPhones = false

    /// Recognises all recordings of a set, greedily.
    /// - Parameters:
    ///   - isInterrupted: is asked after each batch; where it says so, there is no evaluation.
    init?(
        of model: AcousticModel, on set: TrainingSet, source: FeatureSource, loss trainingLoss: TrainingLoss,
        threads: Int,
        isInterrupted: () -> Bool
    ) throws {
        let plan = BatchPlan(
            seconds: set.utterances.map(\.seconds), batchSize: 8 * threads, batchSeconds: 600, seed: 0
        ).batches(epoch: 0)
        let loader = BatchLoader(
            source: source, utterances: set.utterances, plan: plan, epoch: 0, threads: threads)
        defer { loader.cancel() }
        spellsPhones = model.textVocabulary.unit == .phone
        if model.vocabulary.unit == .phone { phones = PhoneErrors() }
        var (blanks, steps, labels) = (0, 0, 0)
        let shown = Set([set.utterances.count / 3, 2 * set.utterances.count / 3])
        var shownPairs: [Int: EpochRecord.Pair] = [:]
        while let batch = loader.next() {
            guard !isInterrupted() else { return nil }
            problems += batch.problems
            let posteriors = model.logProbabilities(ofSteps: batch.steps, threads: threads)
            let heard = Parallel.map(posteriors.count, threads: threads) { index in
                let path = model.headPath(of: posteriors[index])
                let utterance = set.utterances[batch.utterances[index]]
                let text = model.bestText(of: posteriors[index])
                let said =
                    model.textVocabulary.unit == .phone
                    ? model.vocabulary.text(of: utterance.labels ?? []) : utterance.text
                return (
                    text: text, blanks: path.classes.count { $0 == model.vocabulary.blank },
                    errors: ErrorRate(reference: said, hypothesis: text),
                    phones: utterance.spoken.map {
                        PhoneErrors(reference: $0, heard: path.labels(blank: model.vocabulary.blank))
                    }
                )
            }
            for (index, heard) in zip(batch.utterances, heard) {
                errors += heard.errors
                if let missed = heard.phones { phones? += missed }
                blanks += heard.blanks
                if shown.contains(index) {
                    shownPairs[index] = EpochRecord.Pair(
                        reference: set.utterances[index].text, hypothesis: heard.text)
                }
            }
            steps += posteriors.reduce(0) { $0 + $1.steps }
            let spelt = batch.utterances.indices.filter { set.utterances[batch.utterances[$0]].labels != nil }
            // What labels recordings has no text to spell; its errors say all.
            guard !model.head.kind.labelsRecordings else { continue }
            let targets = spelt.map { set.utterances[batch.utterances[$0]].labels ?? [] }
            labels += targets.reduce(0) { $0 + $1.count }
            loss += try trainingLoss.losses(
                of: spelt.map { posteriors[$0].columns(model.headColumns) }, targets: targets, threads: threads
            ).utterances.reduce(0, +)
        }
        blankShare = Double(blanks) / Double(max(1, steps))
        loss = labels > 0 ? loss / Double(labels) : .nan
        pairs = shownPairs.sorted { $0.key < $1.key }.map(\.value)
    }
}

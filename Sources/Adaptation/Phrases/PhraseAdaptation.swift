import AcousticModel
import CTC
import Foundation
import Networks
import Training

/// What adaptation does for a head of phrases, which knows its labels before it has heard one.
extension Adaptation {
    private var labels: [String] { Array(material.vocabulary.vocabulary.symbols.dropFirst()) }

    /// A model of words alone: nothing is learned.
    func wordsAlone(_ recipe: AdaptationRecipe, _ sources: AdaptationRecipe.Sources) throws -> Result {
        let head = recipe.head(inputs: base.encoder.outputs, from: base)
        warnOfAlike(head.phrases.map { AlikeLabels.pairs(of: $0) } ?? [])
        var score: DevScore?
        if material.hasDev {
            let outputs = EncoderOutputs(
                of: material.dev, model: model(encoder: base.encoder, head: head), plain: sources.plain, varied: nil,
                copies: 1, threads: threads, progress: { [report] in report(.checking($0)) })
            if !outputs.problems.isEmpty { report(.skipped(outputs.problems)) }
            score = errors(
                of: head, outputs: outputs.copies.compactMap(\.first), texts: texts(of: material.dev, outputs.usable))
        }
        return Result(
            model: try calibrated(model(encoder: base.encoder, head: head), sources: sources), score: score,
            measuredOn: "dev", base: nil, languageModel: nil, isUnchanged: false, estimate: nil,
            seconds: (ContinuousClock().now - begin) / .seconds(1))
    }

    /// Learns from recordings as much as holds for others.
    /// - Parameters:
    ///   - copies: encoder outputs of `material.train`.
    ///   - dev: of the recordings to measure by; nil: cross-validation.
    func choosePhrases(
        _ head: TrainableHead, _ training: HeadTraining, copies: [[Matrix]], dev: EncoderOutputs?
    ) throws -> (head: TrainableHead, score: DevScore?, estimate: DevScore?) {
        func label(_ utterance: LabelledUtterance) -> Int { utterance.labels?.first ?? TrainableHead.blank }
        let examples = zip(material.train.utterances, copies).map {
            PhraseHeadChoice.Example(copies: $1, label: label($0))
        }
        let spoken = examples.filter { $0.label != TrainableHead.blank }
        warnOfAlike(AlikeLabels.pairs(heardBy: head, in: spoken, threads: threads))
        let choice = PhraseHeadChoice(
            starting: head, enriched: enriching(head), training: training, isInterrupted: isInterrupted)
        let result: PhraseHeadChoice.Result
        let place: String
        if let dev {
            // A text that is no label counts as wrong whatever is chosen.
            let measured = dev.usable.filter { material.dev.utterances[$0].labels != nil }.map {
                PhraseHeadChoice.Example(copies: dev.copies[$0], label: label(material.dev.utterances[$0]))
            }
            result = try choice.choose(learning: examples, heldOut: measured)
            place = "dev"
        } else if let (fold, count, isBySpeaker) = folds(of: material.train), !spoken.isEmpty {
            result = try choice.choose(learning: examples, folds: fold)
            place = "\(count) parts\(isBySpeaker ? " by speaker" : "") that were held out in turn"
        } else {
            report(.note("too few recordings to learn from: the labels are known by how they are spelled"))
            return (head, nil, nil)
        }
        let percent = { (score: PhraseHeadChoice.Score) in String(format: "%.2f %%", 100 * score.rate) }
        report(
            .note(
                "wrong labels on \(place): \(percent(result.alone)) by words alone, \(percent(result.score)) "
                    + result.way.description))
        guard let dev else {
            // What is told is the share of recordings that are labelled wrongly.
            let rate = result.score.rate
            return (result.head, nil, DevScore(wer: rate, cer: rate))
        }
        let texts = texts(of: material.dev, dev.usable)
        let score = errors(of: result.head, outputs: dev.copies.compactMap(\.first), texts: texts)
        report(.note("the head alone: \(score.figures) on dev"))
        return (result.head, score, nil)
    }

    /// The head with pronunciations that are heard in recordings; nil where labels are not spelled in phones.
    private func enriching(
        _ head: TrainableHead
    ) -> (@Sendable ([PhraseHeadChoice.Example]) -> TrainableHead?)? {
        guard material.speller.isOfPhones else { return nil }
        let (speller, labels, ngram, threads) = (material.speller, labels, base.head.ngram, threads)
        let boundary = speller.vocabulary.symbols.firstIndex(of: " ")
        return { examples in
            let heard = HeardSpellings.heard(examples, head: head, ngram: ngram, threads: threads)
            let learned = HeardSpellings.spellings(examples, heard: heard, boundary: boundary, labels: labels)
            guard !learned.isEmpty, let phrases = speller.phrases(labels, adding: learned), phrases != head.phrases
            else { return nil }
            var enriched = head
            enriched.phrases = phrases
            return enriched
        }
    }

    private func warnOfAlike(_ pairs: [AlikeLabels.Pair]) {
        for pair in pairs.prefix(8) { report(.warning(pair.sentence)) }
        if pairs.count > 8 { report(.warning("\(pairs.count - 8) more pairs of labels like these")) }
    }

    // MARK: The front end

    /// Recordings by which a front end is chosen.
    private static let measured = 200

    /// Takes over the padding of adapted models where the words alone are told better with it, and the base's front end as it is
    /// otherwise.
    func chooseFrontEnd() throws {
        guard !options.fromScratch else { return }
        guard material.vocabulary.kind == .phrases else { return try chooseFrontEndOfText() }
        guard !options.train.isEmpty else { return }
        let padded = FrontEnd(adapting: base.frontEnd)
        guard padded.range != base.frontEnd.range || padded.padding != base.frontEnd.padding else { return }
        let spoken = material.train.utterances.indices.filter {
            !(material.train.utterances[$0].labels ?? []).isEmpty
        }
        let step = max(1, spoken.count / Self.measured)
        let set = material.train.selecting(stride(from: 0, to: spoken.count, by: step).map { spoken[$0] })
        func score(_ frontEnd: FrontEnd) throws -> PhraseHeadChoice.Score {
            var trial = material
            trial.frontEnd = frontEnd
            let recipe = AdaptationRecipe(options, material: trial)
            let head = recipe.head(inputs: base.encoder.outputs, from: base)
            let outputs = EncoderOutputs(
                of: set, model: model(encoder: base.encoder, head: head, frontEnd: frontEnd),
                plain: try recipe.sources(frontEnd: frontEnd).plain, varied: nil, copies: 1, threads: threads,
                progress: { [report] in report(.checking($0)) })
            let examples = outputs.usable.map {
                PhraseHeadChoice.Example(
                    copies: outputs.copies[$0], label: set.utterances[$0].labels?.first ?? TrainableHead.blank)
            }
            return PhraseHeadChoice.score(of: head, on: examples, threads: threads)
        }
        let (plain, changed) = (try score(base.frontEnd), try score(padded))
        let isBetter = changed.count == plain.count && changed < plain
        material.frontEnd = isBetter ? padded : base.frontEnd
        report(
            .note(
                String(
                    format: "of the words alone %.1f %% are wrong as the base hears them, %.1f %% with silence around "
                        + "the recordings%@: %@", 100 * plain.rate, 100 * changed.rate,
                    padded.range != base.frontEnd.range ? " and a bounded range" : "",
                    isBetter ? "so it is put there" : "so they stay as they are")))
    }
}

extension PhraseHeadChoice.Way: CustomStringConvertible {
    /// For people.
    var description: String {
        let learned =
            share == 0
            ? "" : share == 1 ? "what was learned" : String(format: "%.0f %% of what was learned", 100 * share)
        let parts = [learned, addsPronunciations ? "pronunciations that were heard" : ""].filter { !$0.isEmpty }
        return parts.isEmpty
            ? "by nothing that was learned: words alone stay" : "with " + parts.joined(separator: " and ")
    }
}

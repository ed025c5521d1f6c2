import AcousticModel
import CTC
import Networks
import Training

/// What adaptation does for a model of text, which the base is too.
extension Adaptation {
    /// The errors of the base before anything is learned, as it is used; nil where its text is no answer: for labels, and where all
    /// begins with random weights.
    func measuredBase() throws -> UsedErrors? {
        guard !options.fromScratch, !material.vocabulary.kind.labelsRecordings, !base.head.kind.labelsRecordings else {
            return nil
        }
        let used = try usedErrors(of: base)
        report(.note("the base: \(used.figures), on \(material.hasDev ? "dev" : "what is learned from")"))
        return used
    }

    /// The errors of a model on the recordings to measure by, as it is used.
    func usedErrors(of model: AcousticModel) throws -> UsedErrors {
        try UsedErrors(
            of: model, on: material.dev, decoding: options.decoding, threads: threads,
            progress: { [report] in report(.checking($0)) })
    }

    /// Trains a head of phones and the characters beside it on encoder outputs that are computed once.
    func trainBothHeads(
        _ head: TrainableHead, _ characters: TrainableHead?, sources: AdaptationRecipe.Sources
    ) throws -> (head: TrainableHead, characters: TrainableHead?) {
        let listener = model(encoder: base.encoder, head: head, characters: characters)
        let train = EncoderOutputs(
            of: material.train, model: listener, plain: sources.plain, varied: sources.varied,
            copies: EncoderOutputs.copies(of: material.train, model: listener), threads: threads,
            progress: { [report] in report(.checking($0)) })
        try learn(from: train.usable, problems: train.problems)
        let copies = train.usable.map { train.copies[$0] }
        var training = HeadTraining(seed: options.seed, threads: threads)
        (training.epochs, training.learningRate) = (10, 1e-3)
        let utterances = material.train.utterances
        let trained = try training.train(
            head, outputs: copies, labels: utterances.map { $0.labels ?? [] }, isInterrupted: isInterrupted)
        let second = try characters.map {
            try training.train(
                $0, outputs: copies, labels: utterances.map { $0.characters ?? [] }, isInterrupted: isInterrupted
            ).head
        }
        return (trained.head, second)
    }

    /// Takes over what front ends of adapted models have where the base's text is better with it.
    func chooseFrontEndOfText() throws {
        let changed = FrontEnd(adapting: base.frontEnd)
        // A head of phones goes on exactly as it is.
        guard material.vocabulary.kind == .characters, base.head.kind == .characters,
            changed.range != base.frontEnd.range || changed.padding != base.frontEnd.padding
        else { return }
        func errors(_ model: AcousticModel) throws -> DevScore {
            try UsedErrors(
                of: model, on: material.dev, decoding: nil, threads: threads,
                progress: { [report] in report(.checking($0)) }
            ).greedy
        }
        let (plain, other) = (try errors(base), try errors(base.behind(changed)))
        material.frontEnd = other < plain ? changed : base.frontEnd
        report(
            .note(
                "the base with a bounded range and silence around the recordings: \(other.figures); as it is: "
                    + "\(plain.figures): \(other < plain ? "so they are taken" : "so it stays as it is")"))
    }
}

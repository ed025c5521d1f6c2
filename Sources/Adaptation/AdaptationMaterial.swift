import AcousticModel
import Corpora
import Features
import Foundation
import Networks
import Training

/// What an adaptation learns from and is measured by, looked through and ready.
struct AdaptationMaterial {
    let vocabulary: AdaptationVocabulary
    /// How labels are spelled in the base's classes.
    let speller: LabelSpeller
    var frontEnd: FrontEnd
    /// The recordings to learn from, those of the old domain and other speech among them.
    var train: TrainingSet
    /// What is measured, by which the best state is chosen.
    var dev: TrainingSet
    /// Of the old domain, to be measured; nil where none is to be kept.
    let kept: TrainingSet?
    /// Other speech that is not learned from, by which the threshold is set.
    let heldBack: TrainingSet?
    /// Whether `dev` is held out; where it is not, it is what is learned from, and says nothing of strangers.
    let hasDev: Bool

    /// Nats below the loudest at which log-mel energies of adapted models are held where their base holds none: 65 dB, which
    /// evens out narrow bands and silent pauses, and costs a base that never met it next to nothing (11 nats cost the first
    /// english-small 5 % of its characters).
    static let range = 15.0
    /// Seconds of silence around recordings of adapted models whose base puts none. (Digits that are cut tightly, five of each
    /// of two speakers: 73 % right on the third without it, 83 % with it; 81 % with twice as much.)
    static let padding = 0.2

    /// - Throws: ``DataError`` where the data cannot be used.
    init(
        _ options: AdaptationOptions, base: AcousticModel, threads: Int, report: @Sendable (TrainingEvent) -> Void
    ) throws {
        func sources(_ paths: [String]) throws(DataError) -> [TrainingSet.Source] {
            try paths.map { path throws(DataError) in try TrainingSet.Source(path: path) }
        }
        guard let first = options.words ?? options.train.first else {
            throw DataError(
                "--train", "names no manifest", mend: "give one to learn from, or a list of labels with --words")
        }
        let words = try options.words.map { path throws(DataError) in try LabelList.read(path) } ?? []
        speller = LabelSpeller(base, lexicon: try options.lexicon.map { try LexiconFile(path: $0).lexicon })
        let (train, dev) = (try sources(options.train), try sources(options.dev))
        let keep = try sources(options.keep.map { [$0] } ?? [])
        // What other speech says does not matter: it is none of the labels.
        let other = try sources(options.other).map { source in
            var source = source
            for index in source.rows.indices { source.rows[index].entry.text = "" }
            return source
        }
        func texts(_ sources: [TrainingSet.Source]) -> [String] { sources.flatMap { $0.rows.map(\.entry.text) } }
        let vocabulary = try AdaptationVocabulary(
            texts: texts(train), words: words, dev: texts(dev), kept: texts(keep), base: base.textVocabulary,
            kind: options.head, speller: speller,
            readsPhones: speller.isOfPhones && base.characterVocabulary?.blank == TrainableHead.blank,
            isPlain: options.fromScratch || options.hidden != nil || base.head.layers.hidden != nil, path: first)
        for line in vocabulary.lines { report(.note(line)) }
        for warning in vocabulary.warnings { report(.warning(warning)) }
        try Self.check(options, vocabulary, hasOther: !other.isEmpty || texts(train).contains(""))
        // What begins with what the base says can be measured: ``Adaptation/chooseFrontEnd()``.
        let isNew = options.fromScratch || vocabulary.kind.isOfWords
        let frontEnd = isNew ? FrontEnd(adapting: base.frontEnd) : base.frontEnd
        let phones =
            try vocabulary.kind == .phones
            ? options.lexicon.map {
                PhoneSpeller(
                    try LexiconFile(path: $0), vocabulary: vocabulary.vocabulary,
                    texts: texts(train) + texts(dev) + texts(keep), threads: threads)
            } : nil
        func rules(isDev: Bool) -> TrainingSet.Rules {
            TrainingSet.Rules(
                vocabulary: vocabulary.vocabulary, phones: phones,
                characters: phones == nil ? nil : base.characterVocabulary, geometry: StepGeometry(frontEnd),
                maxBad: options.maxBad,
                keepsEmptyTexts: !vocabulary.kind.isOfText, longest: 60, isDev: isDev,
                isPooled: vocabulary.kind.labelsRecordings)
        }
        func set(_ sources: [TrainingSet.Source], isDev: Bool = false) throws -> TrainingSet? {
            guard !sources.isEmpty else { return nil }
            let set = try TrainingSet(sources, rules: rules(isDev: isDev), threads: threads) { report(.checking($0)) }
            if !set.problems.isEmpty { report(.skipped(set.problems)) }
            return set
        }
        var learned = try set(train) ?? TrainingSet(utterances: [])
        let measured = try set(dev, isDev: true)
        if let measured {
            for warning in Diagnosis.resemblance(train: learned, dev: measured) { report(.warning(warning)) }
            let strange = measured.utterances.filter { $0.labels == nil }
            if let one = strange.first {
                report(
                    .warning(
                        "\(strange.count) of \(measured.utterances.count) dev texts have what the head cannot spell, such as "
                            + "'\(one.text)' (\(one.manifest):\(one.line)): they will count as wrong; add recordings of it to train"
                    ))
            }
        }
        let held =
            try measured
            ?? Self.heldOut(
                of: &learned, isLabelled: vocabulary.kind.labelsRecordings, seed: options.seed, report: report)
        hasDev = held != nil
        self.dev = held ?? learned
        var numbers = SplitMix64(seed: Streams.seed(options.seed, .order, -1))
        func part(_ set: TrainingSet, measured: Int, learned most: Int) -> (TrainingSet, [LabelledUtterance]) {
            let order = numbers.shuffled(Array(set.utterances.indices))
            let count = min(measured, max(1, order.count / 5))
            return (
                set.selecting(Array(order.prefix(count))),
                order.dropFirst(count).prefix(most).map { set.utterances[$0] }
            )
        }
        let most = max(200, learned.utterances.count)
        let old = try set(keep).map { part($0, measured: 200, learned: most) }
        let foreign = try set(other).map { part($0, measured: 200, learned: most) }
        (kept, heldBack) = (old?.0, foreign?.0)
        self.train = TrainingSet(utterances: learned.utterances + (old?.1 ?? []) + (foreign?.1 ?? []))
        (self.vocabulary, self.frontEnd) = (vocabulary, frontEnd)
    }

    private static func check(
        _ options: AdaptationOptions, _ vocabulary: AdaptationVocabulary, hasOther: Bool
    ) throws(DataError) {
        if options.keep != nil, !vocabulary.kind.isOfText {
            throw DataError(
                "--keep", "belongs to a head of characters, and this one is \(vocabulary.kind.rawValue)",
                mend: "save it with --adapter: the base stays as it is; or give --head ctc-characters")
        }
        if vocabulary.kind == .phrases, options.hidden != nil {
            throw DataError(
                "--hidden", "is for new heads, and that of phrases begins with the base's own",
                mend: "leave it out, or give --head classifier")
        }
        if !options.other.isEmpty, !vocabulary.kind.labelsRecordings {
            throw DataError(
                "--other", "is speech for labels to be told from, and this head is \(vocabulary.kind.rawValue)",
                mend: "leave it out, or give --head classifier")
        }
        if vocabulary.kind.labelsRecordings, vocabulary.vocabulary.symbols.count < 3, !hasOther, options.words == nil {
            throw DataError(
                options.train.first ?? "--train", "has one label alone, and nothing to tell it from",
                mend: "add recordings of another, or of other speech with --other")
        }
    }

    /// A part of what is learned from, set aside to measure by where there is enough: by speaker, if several are named.
    private static func heldOut(
        of set: inout TrainingSet, isLabelled: Bool, seed: UInt64, report: (TrainingEvent) -> Void
    ) throws -> TrainingSet? {
        guard !set.utterances.isEmpty else { return nil }
        let speakers = Set(set.utterances.compactMap(\.speaker))
        let isNamed = set.utterances.allSatisfy { $0.speaker != nil }
        let isBySpeaker = speakers.count >= 5 && isNamed
        // A part of the same few voices would say that all is well, and a stranger would not be understood.
        let isOfFewVoices = isLabelled && isNamed && (2..<5).contains(speakers.count)
        guard set.utterances.count >= (isBySpeaker ? 100 : 300), !isOfFewVoices else {
            report(
                .note(
                    "no --dev, and too few \(isOfFewVoices ? "voices" : "recordings") to set some aside: all are learned "
                        + "from, for a fixed time. The error below is estimated by cross-validation of the head alone"))
            return nil
        }
        var numbers = SplitMix64(seed: Streams.seed(seed, .order, -2))
        let chosen: Set<Int>
        if isBySpeaker {
            let aside = Set(numbers.shuffled(speakers.sorted()).prefix(max(1, speakers.count / 6)))
            chosen = Set(set.utterances.indices.filter { set.utterances[$0].speaker.map(aside.contains) ?? false })
        } else {
            chosen = Set(numbers.shuffled(Array(set.utterances.indices)).prefix(set.utterances.count / 7))
        }
        let dev = set.selecting(chosen.sorted())
        set = set.selecting(set.utterances.indices.filter { !chosen.contains($0) })
        report(
            .note(
                "no --dev: \(dev.utterances.count) recordings\(isBySpeaker ? " of other speakers" : "") are set aside to measure by"
            ))
        return dev
    }
}

extension FrontEnd {
    /// That of a base, with the dynamic range and the padding of adapted models where it has none of its own.
    init(adapting base: FrontEnd) {
        self.init(
            options: base.options, normalisation: base.normalisation, scale: base.scale, stack: base.stack,
            stride: base.stride, range: base.range ?? AdaptationMaterial.range,
            padding: base.padding > 0 ? base.padding : AdaptationMaterial.padding)
    }
}

import AcousticModel
import CTC
import Corpora
import Messages
import Text
import Training

/// The classes of an adapted model, from its transcripts.
public struct AdaptationVocabulary: Sendable, Equatable {
    /// What the classes are, and why, for people.
    public let kind: HeadKind, reason: String
    /// What recordings are labelled with; class 0 is the blank, or what is none of the labels.
    public let vocabulary: Vocabulary
    /// What spells the labels of a head of phrases, characters or phones; nil for other heads.
    public let spelledIn: Vocabulary?
    /// What the classes of the head stand for.
    var ofHead: Vocabulary { spelledIn ?? vocabulary }
    /// Symbols of the base that stay, that come, and that go.
    public let kept: [String], new: [String], dropped: [String]
    /// Recordings of each label, of heads whose classes are words.
    public let counts: [String: Int]

    /// The symbol of the class for whatever is no label.
    static let rejection = "<other>"

    /// - Parameters:
    ///   - texts: the transcripts; an empty one says that nothing, or nothing of interest, is said.
    ///   - words: labels that are known without a recording.
    ///   - dev: transcripts to measure by, which help to choose the kind.
    ///   - kept: transcripts of the old domain whose symbols stay.
    ///   - base: the vocabulary of the base.
    ///   - kind: what the classes are to be; nil: as the texts suggest.
    ///   - speller: how labels are spelled in a head of the base; nil: in the symbols of `base`.
    ///   - readsPhones: whether the base has a head of phones and one of characters that can go on as they are.
    ///   - isPlain: whether the base is of no use to spell labels: its head is not taken over.
    ///   - path: the manifest, for messages.
    /// - Throws: ``DataError`` where there is no text, or two labels differ by case, spaces or punctuation alone.
    public init(
        texts: [String], words: [String] = [], dev: [String] = [], kept old: [String] = [], base: Vocabulary,
        kind wanted: HeadKind? = nil, speller: LabelSpeller? = nil, readsPhones: Bool = false, isPlain: Bool = false,
        path: String
    ) throws(DataError) {
        let spoken = texts.filter { !$0.isEmpty }
        guard !spoken.isEmpty || !words.isEmpty else {
            throw DataError(path, "has no text to learn from", mend: "give recordings with what is said in them")
        }
        let speller = speller ?? LabelSpeller(base)
        let labels = Set(spoken + words)
        let suggested: (HeadKind, String) =
            words.isEmpty
            ? Self.suggestion(spoken, dev: dev) : (.classifier, "\(Set(words).count) labels are listed")
        var (kind, reason) = wanted.map { ($0, "as asked for") } ?? suggested
        func canSpell() -> Bool { speller.phrases(labels.sorted()) != nil }
        if wanted == nil, kind == .classifier, !isPlain, canSpell() {
            (kind, reason) = (.phrases, reason + " that the base can spell")
        }
        let canRead = readsPhones && !isPlain && (spoken + old).allSatisfy { Speller(base).labels(of: $0) != nil }
        if wanted == nil, kind == .characters, canRead {
            (kind, reason) = (.phones, reason + ", and the base's phones and characters spell them")
        }
        if kind == .phrases || !words.isEmpty { try speller.check(labels, path: path) }
        guard words.isEmpty || kind == .phrases else {
            throw DataError(
                "--words", "lists labels that nothing but a head of phrases knows without recordings",
                mend: "leave out --head and --hidden, or give recordings of all with --train alone")
        }
        (self.kind, self.reason) = (kind, reason)
        spelledIn = kind == .phrases || kind == .phones ? speller.vocabulary : nil
        let wanted: Set<String>
        switch kind {
        case .phones where !canRead:
            throw DataError(
                "--head", "is \(kind.rawValue), which transcripts alone cannot teach",
                mend: "give a base with phones, characters and a lexicon that spell the texts, or another head")
        case .phones: wanted = []
        case .characters: wanted = Set((spoken + old).flatMap { $0.map(String.init) } + [" "])
        case .words: wanted = Set(spoken.flatMap { Self.words($0) })
        case .classifier, .phrases: wanted = labels
        }
        if let control = wanted.first(where: { OneLine.escaped($0) != $0 }) {
            throw DataError(
                path, "has the control character \(OneLine.escaped(control)) in its texts", mend: "take it out")
        }
        if !kind.isOfText { try Self.refuseTwins(wanted, path: path) }
        let shared = base.unit == (kind == .characters ? .character : .word)
        let former = spelledIn ?? base
        let symbols = former.symbols.enumerated().filter { $0.offset != former.blank }.map(\.element)
        let kept =
            kind == .phrases || kind == .phones ? symbols : shared ? symbols.filter(wanted.contains) : []
        self.kept = kept
        new = kind == .phones ? [] : wanted.subtracting(kind == .phrases ? [] : kept).sorted()
        dropped = symbols.filter { !kept.contains($0) }
        vocabulary =
            kind == .phones
            ? speller.vocabulary
            : Vocabulary(
                symbols: [kind.labelsRecordings ? Self.rejection : "<blank>"] + (kind == .phrases ? [] : kept) + new,
                isOfWords: !kind.isOfText)
        var counts: [String: Int] = [:]
        if !kind.isOfText {
            for text in spoken {
                for label in kind == .words ? Self.words(text) : [text] { counts[label, default: 0] += 1 }
            }
        }
        self.counts = counts
    }

    private static func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

    /// What the texts look like: a few that come again and again, sequences of a few words, or free text.
    private static func suggestion(_ texts: [String], dev: [String]) -> (HeadKind, String) {
        let distinct = Set(texts)
        let words = texts.flatMap { Self.words($0) }
        var counts: [String: Int] = [:]
        for word in words { counts[word, default: 0] += 1 }
        let isShort = distinct.count <= 50 && distinct.allSatisfy { Self.words($0).count <= 2 }
        let isKnown = !dev.isEmpty && Set(dev).subtracting([""]).isSubset(of: distinct)
        if distinct.count <= 1000, texts.count >= 2 * distinct.count || isKnown || isShort {
            return (.classifier, "\(texts.count) recordings have \(distinct.count) different texts, each a label")
        }
        let devWords = Set(dev.flatMap { Self.words($0) })
        if counts.count <= 100, counts.values.allSatisfy({ $0 >= 5 }), devWords.isSubset(of: counts.keys) {
            return (.words, "the texts are sequences of \(counts.count) words, each said 5 times or more")
        }
        return (.characters, "the texts are free: \(distinct.count) different ones of \(counts.count) words")
    }

    /// Labels that people would take to be one.
    private static func refuseTwins(_ labels: Set<String>, path: String) throws(DataError) {
        var seen: [String: String] = [:]
        for label in labels.sorted() {
            let key = label.withoutTypography
            if let twin = seen[key] {
                throw DataError(
                    path, "the labels '\(twin)' and '\(label)' differ only by case, spaces or punctuation",
                    mend: "write them alike, or give them names that differ")
            }
            seen[key] = label
        }
    }

    /// What a person should know of the labels before time is spent on them.
    package var warnings: [String] {
        let lone = counts.filter { $0.value == 1 }.map(\.key).sorted()
        guard !lone.isEmpty else { return [] }
        let names = lone.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
        return [
            "\(lone.count) of \(counts.count) labels ha\(lone.count == 1 ? "s" : "ve") one recording alone (\(names)"
                + "\(lone.count > 5 ? ", ..." : "")): a second voice or room for each would help most"
        ]
    }

    /// Which labels have no recording, once those that cannot be used are left out.
    func warning(learningFrom set: TrainingSet) -> String? {
        guard !kind.isOfText else { return nil }
        let learned = Set(set.utterances.flatMap { $0.labels ?? [] })
        let empty = vocabulary.symbols.indices.dropFirst().filter { !learned.contains($0) }
        guard !empty.isEmpty else { return nil }
        let names = empty.prefix(5).map { "'\(vocabulary.symbols[$0])'" }.joined(separator: ", ")
        return "no recording that can be used is left of \(names)\(empty.count > 5 ? ", ..." : ""): "
            + (kind == .phrases ? "known by its spelling alone" : "it will not be recognised")
    }

    /// For people: kept, new and dropped symbols.
    var lines: [String] {
        func list(_ symbols: [String]) -> String {
            let shown = symbols.prefix(40).map { $0 == " " ? "space" : $0 }
            let separator = kind == .characters ? " " : ", "
            return shown.joined(separator: separator) + (symbols.count > 40 ? " and \(symbols.count - 40) more" : "")
        }
        return ["head: \(kind.rawValue), since \(reason)"]
            + [("kept", kept), ("new", new), ("dropped", dropped)].map { name, symbols in
                "\(name) symbols: \(symbols.isEmpty ? "none" : "\(symbols.count): \(list(symbols))")"
            }
    }
}

extension HeadKind {
    /// Whether a text is spelled in symbols smaller than words.
    var isOfText: Bool { self == .characters || self == .phones }
}

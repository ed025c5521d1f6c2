import AcousticModel
import CTC
import Corpora
import Pronunciation
import Training

/// How labels are spelled in the classes of a base: in its phones, as a lexicon says that they are said, or in its characters.
public struct LabelSpeller: Sendable {
    /// The classes of the head that spells.
    let vocabulary: Vocabulary
    private let lexicon: PronunciationLexicon?
    /// The class of each phone of the lexicon; nil where the head lacks it.
    private let classes: [Int?]
    /// The class of the boundary between words.
    private let boundary: Int?

    /// Pronunciations of a word, and of a label, that are told apart.
    static let most = (ofWord: 4, ofLabel: 8)

    /// The bias of none of the labels at first. The best path of phones that were learned against an n-gram is far ahead of what
    /// is said, as the n-gram is not counted here. (Six wake words by words alone: -4 lost 4.7 % of 150 recordings, -8 lost 0.7 %,
    /// and neither took one of 150 sentences for a wake word.)
    private static let lenience: Float = -8

    /// Spells in the symbols of a head, which are characters.
    init(_ characters: Vocabulary) { self.init(vocabulary: characters, lexicon: nil) }

    private init(vocabulary: Vocabulary, lexicon: PronunciationLexicon?) {
        (self.vocabulary, self.lexicon) = (vocabulary, lexicon)
        let symbols = vocabulary.symbols
        classes = lexicon?.alphabet.symbols.map { symbols.firstIndex(of: $0) } ?? []
        boundary = lexicon == nil ? nil : symbols.firstIndex(of: " ")
    }

    /// Spells in the phones of a base, where it has some and there is a lexicon; else in its characters.
    init(_ base: AcousticModel, lexicon: PronunciationLexicon?) {
        guard base.head.kind == .phones, base.head.layers.hidden == nil, base.vocabulary.blank == TrainableHead.blank,
            let lexicon
        else {
            self.init(base.textVocabulary)
            return
        }
        self.init(vocabulary: base.vocabulary, lexicon: lexicon)
    }

    /// Whether labels are spelled in phones.
    var isOfPhones: Bool { lexicon != nil }

    /// The labels as phrases; nil where one cannot be spelled, or two are spelled alike.
    func phrases(_ labels: [String], adding learned: [String: [PhraseScores.Spelling]] = [:]) -> PhraseScores? {
        guard vocabulary.blank == TrainableHead.blank else { return nil }
        guard isOfPhones else {
            return vocabulary.unit == .character ? PhraseScores(phrases: labels, vocabulary: vocabulary) : nil
        }
        let ways = labels.map { label in
            let known = spellings(of: label)
            let new = (learned[label] ?? []).filter { way in !known.contains { $0.labels == way.labels } }
            return known + new
        }
        return PhraseScores(
            phrases: labels, spellings: ways, bias: labels.map { _ in 0 } + [Self.lenience], vocabulary: vocabulary)
    }

    /// The ways in which a label may be said, the most probable first; none where nothing is known of a word of it.
    ///
    /// Between its words there may be a boundary or not, each in half of the cases: nobody pauses within `view glass`.
    func spellings(of label: String) -> [PhraseScores.Spelling] {
        let words = PhoneSpeller.words(of: PhraseScores.said(label)).map(pronunciations)
        guard !words.isEmpty, words.allSatisfy({ !$0.isEmpty }) else { return [] }
        var ways: [(words: [[Int]], logWeight: Float)] = [([], 0)]
        for word in words {
            ways = ways.flatMap { way in
                word.map { (way.words + [$0.labels], way.logWeight + $0.logWeight) }
            }
            // Of equals the first stays the first.
            ways = ways.enumerated().sorted { ($1.element.logWeight, $0.offset) < ($0.element.logWeight, $1.offset) }
                .prefix(Self.most.ofLabel).map(\.element)
        }
        guard let boundary, words.count > 1 else {
            return ways.map { PhraseScores.Spelling(labels: Array($0.words.joined()), logWeight: min(0, $0.logWeight)) }
        }
        let half = Float(-0.6931)
        return ways.flatMap { way in
            [Array(way.words.joined(separator: [boundary])), Array(way.words.joined())].map {
                PhraseScores.Spelling(labels: $0, logWeight: min(0, way.logWeight) + half)
            }
        }
    }

    private func pronunciations(_ word: String) -> [PhraseScores.Spelling] {
        guard let lexicon else { return [] }
        return lexicon.pronounce(word, count: Self.most.ofWord).compactMap { said in
            let labels = said.phones.compactMap { Int($0) < classes.count ? classes[Int($0)] : nil }
            guard !labels.isEmpty, labels.count == said.phones.count, said.probability > 0 else { return nil }
            return PhraseScores.Spelling(labels: labels, logWeight: min(0, said.logProbability))
        }
    }

    /// - Throws: ``DataError`` that names the labels which cannot be spelled, or are said alike.
    func check(_ labels: Set<String>, path: String) throws(DataError) {
        let sorted = labels.sorted()
        let speaker = Speller(vocabulary)
        let unknown = sorted.filter { label in
            isOfPhones
                ? spellings(of: label).isEmpty : speaker.labels(of: PhraseScores.said(label)).map(\.isEmpty) ?? true
        }
        let what = isOfPhones ? "phones" : "characters"
        guard unknown.isEmpty else {
            throw DataError(
                path, "has labels that the \(what) of the base cannot spell: \(Self.list(unknown))",
                mend: "write them as they are said, or give --head classifier")
        }
        guard phrases(sorted) == nil else { return }
        var seen: [Set<[Int]>: String] = [:]
        var twins: [String] = []
        for label in sorted where isOfPhones {
            let ways = Set(spellings(of: label).map(\.labels))
            if let twin = seen[ways] { twins += [twin, label] }
            seen[ways] = label
        }
        throw DataError(
            path,
            "has labels that the \(what) of the base spell alike" + (twins.isEmpty ? "" : ": \(Self.list(twins))"),
            mend: "leave one of them out, or give --head classifier")
    }

    private static func list(_ labels: [String]) -> String {
        labels.prefix(8).map { "'\($0)'" }.joined(separator: ", ") + (labels.count > 8 ? " and others" : "")
    }
}

import Foundation
import LanguageModel

/// How a pronunciation model is trained.
public struct GraphoneOptions: Sendable {
    /// The length of the longest n-grams of units, 1 to 9.
    public var order = 7
    /// N-grams without which the perplexity rises by less than this share are left out; 0 keeps all.
    public var threshold = 1e-7
    /// Bits of a probability in the file, 2 to 16.
    public var bits = 8
    /// Passes of the alignment.
    public var passes = 8

    /// Order 7, pruned to some 3 MB for a lexicon of 130,000 words.
    public init() {}

    /// - Throws: ``PronunciationError/badSetting(name:value:remedy:)``.
    public func validate() throws {
        guard (1...NGramModel.highestOrder).contains(order) else {
            throw PronunciationError.badSetting(
                name: "the order", value: "\(order)", remedy: "give 1 to \(NGramModel.highestOrder)")
        }
        guard threshold.isFinite, threshold >= 0 else {
            throw PronunciationError.badSetting(
                name: "the threshold", value: "\(threshold)", remedy: "give 0 or more, for example 1e-7")
        }
        guard (2...16).contains(bits) else {
            throw PronunciationError.badSetting(name: "to write", value: "\(bits) bits", remedy: "give 2 to 16")
        }
        guard (1...100).contains(passes) else {
            throw PronunciationError.badSetting(name: "to align in", value: "\(passes) passes", remedy: "give 1 to 100")
        }
    }
}

/// What a pronunciation model was made of.
public struct GraphoneReport: Sendable, Equatable {
    /// Pronunciations that were learned from.
    public var learned = 0
    /// Pronunciations with too many phones for their letters (`w`, `aaa`), or with rare letters: they were left out.
    public var leftOut = 0
    /// How many units there are.
    public var units = 0

    /// An empty report.
    public init() {}
}

extension GraphoneModel {
    /// The most letters that a model knows, the most frequent ones of the lexicon.
    static let mostLetters = 128

    /// Learns from a lexicon: aligns letters and phones, then estimates an n-gram over the units by modified Kneser-Ney
    /// smoothing. Words with a hyphen, a full stop or white space are left out: their parts are said one by one.
    ///
    /// 130,000 words take some ten seconds and 400 MB.
    /// - Throws: ``PronunciationError`` where no word can be learned from.
    public static func train(
        on entries: [LexiconEntry], alphabet: PhoneAlphabet, options: GraphoneOptions = GraphoneOptions(),
        report: inout GraphoneReport
    ) throws -> GraphoneModel {
        try options.validate()
        let words = entries.filter { !$0.word.unicodeScalars.contains(where: Spelling.isSeparator) }
        let letters = Self.letters(of: words)
        let numbers = Dictionary(zip(letters, 0..<UInt8.max)) { first, _ in first }
        var samples: [GraphoneSample] = []
        report = GraphoneReport()
        for entry in words {
            let spelled = entry.word.unicodeScalars.map { numbers[$0] }
            for pronunciation in entry.pronunciations {
                let known = spelled.compactMap { $0 }
                if known.count == spelled.count, pronunciation.phones.count <= 2 * spelled.count {
                    samples.append(GraphoneSample(letters: known, phones: pronunciation.phones))
                } else {
                    report.leftOut += 1
                }
            }
        }
        var alignment = GraphoneAlignment(letters: letters.count, phones: alphabet.count)
        for _ in 0..<options.passes { _ = alignment.improve(on: samples) }
        let sentences = samples.compactMap { sample in
            alignment.best(sample).map { units(of: sample, $0, letters: letters) }
        }
        report.leftOut += samples.count - sentences.count
        report.learned = sentences.count
        guard !sentences.isEmpty else {
            throw PronunciationError.noModel(reason: "no word's phones fit its letters")
        }
        var estimation = EstimationOptions()
        estimation.order = options.order
        var estimate = EstimationReport()
        let whole = try NGramModel.estimate(sentences: sentences, options: estimation, report: &estimate)
        let pruned = options.threshold > 0 ? try whole.pruned(threshold: options.threshold) : whole
        let bytes = LexiconBytes(copying: try pruned.compactBytes(precision: .bits(options.bits)))
        let compact = try CompactModel(bytes: bytes.all, of: bytes, named: "the pronunciation model")
        report.units = compact.ordinaryWords.count
        return try GraphoneModel(compact, alphabet: alphabet, path: "the pronunciation model")
    }

    /// The letters of words, the most frequent ones, in a fixed order.
    private static func letters(of entries: [LexiconEntry]) -> [Unicode.Scalar] {
        var counts: [Unicode.Scalar: Int] = [:]
        for entry in entries { for letter in entry.word.unicodeScalars { counts[letter, default: 0] += 1 } }
        let ranked = counts.keys.sorted { a, b in
            let (first, second) = (counts[a] ?? 0, counts[b] ?? 0)
            return first != second ? first > second : a < b
        }
        return Array(ranked.prefix(mostLetters))
    }

    /// The units of a segmentation as words of the n-gram.
    private static func units(
        of sample: GraphoneSample, _ segmentation: [(letters: Int, phones: Int)], letters: [Unicode.Scalar]
    ) -> [String] {
        var (i, j) = (0, 0)
        return segmentation.map { kind in
            defer { (i, j) = (i + kind.letters, j + kind.phones) }
            return word(
                letters: sample.letters[i..<i + kind.letters].map { letters[Int($0)] },
                phones: sample.phones[j..<j + kind.phones])
        }
    }
}

import AcousticModel
import CTC
import Corpora
import Files
import Foundation
import LanguageModel
import Messages
import Text
import VectorKernels

/// The n-gram of labels that CTC-CRF weighs texts with, from a text file or from transcripts.
struct LabelText {
    private let vocabulary: Vocabulary
    /// From a text to labels; nil where it has none. What the head's labels are is known here alone.
    private let labels: (String) -> [Int]?
    /// Is told texts before their labels are asked for.
    private let prepare: ([String]) -> Void

    /// - Parameters:
    ///   - lexicon: of a head of phones; nil where labels are the characters of the vocabulary.
    ///   - threads: at most this many guess words that the lexicon lacks.
    init(_ vocabulary: Vocabulary, lexicon: (any PronunciationSource)? = nil, threads: Int = 1) {
        self.vocabulary = vocabulary
        if let lexicon {
            let words = PronouncedWords(lexicon, vocabulary: vocabulary)
            labels = { words.labels(of: $0) }
            prepare = { words.learn($0, threads: threads) }
        } else {
            let speller = Speller(vocabulary)
            labels = { speller.labels(of: $0) }
            prepare = { _ in }
        }
    }

    /// Lines that are read at a time.
    private static let linesAtATime = 20_000

    /// Estimates the n-gram.
    /// - Parameters:
    ///   - order: 2 to 4.
    ///   - path: a text with a sentence a line, plain or compressed with gzip or xz; empty: the transcripts.
    ///   - transcripts: labels of the recordings that are learned from.
    /// - Returns: the n-gram, and what it is of, for people.
    /// - Throws: ``DataError`` where there is no text that the vocabulary can spell; `FileError` where the file cannot
    ///   be read.
    func ngram(order: Int, path: String, transcripts: [[Int]]) throws -> (ngram: LabelNGram, source: String) {
        do {
            var estimator = try LabelNGramEstimator(
                order: order, classes: vocabulary.symbols.count, blank: vocabulary.blank)
            guard !path.isEmpty else {
                for labels in transcripts { estimator.add(labels) }
                return (try estimator.estimate(), "\(transcripts.count) transcripts")
            }
            let (read, skipped) = try add(path, to: &estimator)
            guard read > 0 else {
                throw DataError(
                    path, "has no line that the model's symbols can spell",
                    mend: "give text in the form of the transcripts")
            }
            let source = "\(read) lines of \(OneLine.escaped(path))" + (skipped > 0 ? ", \(skipped) left out" : "")
            return (try estimator.estimate(), source)
        } catch let error as LabelNGramError {
            throw DataError("training.ngram_order", error.problem, mend: error.mend)
        }
    }

    private func add(_ path: String, to estimator: inout LabelNGramEstimator) throws -> (read: Int, skipped: Int) {
        let lines = try LineSource(path: path)
        var (read, skipped) = (0, 0)
        var isAtEnd = false
        while !isAtEnd {
            var texts: [String] = []
            while texts.count < Self.linesAtATime, !isAtEnd {
                if let line = try lines.next({ String(decoding: $0, as: UTF8.self) }) {
                    let text = ManifestEntry.normalised(line)
                    if !text.isEmpty { texts.append(text) }
                } else {
                    isAtEnd = true
                }
            }
            prepare(texts)
            for text in texts {
                // Texts from books have capitals and punctuation.
                if let labels = labels(text) ?? labels(text.asSpoken.lowercased()) {
                    estimator.add(labels)
                    read += 1
                } else {
                    skipped += 1
                }
            }
        }
        return (read, skipped)
    }
}

/// Words as they are usually said, each looked up once.
private final class PronouncedWords {
    private let lexicon: any PronunciationSource
    private let boundary: Int?
    private let labelOfPhone: [Int?]
    private var known: [String: [Int]?] = [:]

    init(_ lexicon: any PronunciationSource, vocabulary: Vocabulary) {
        self.lexicon = lexicon
        let labels = Dictionary(
            vocabulary.symbols.enumerated().filter { $0.offset != vocabulary.blank }.map { ($0.element, $0.offset) },
            uniquingKeysWith: { first, _ in first })
        boundary = labels[" "]
        labelOfPhone = lexicon.phones.map { labels[$0] }
    }

    /// Looks up the words of texts side by side: those that must be guessed take long.
    func learn(_ texts: [String], threads: Int) {
        let words = Set(texts.flatMap(PhoneSpeller.words)).filter { known[$0] == nil }.sorted()
        let found = Parallel.map(words.count, threads: threads) { [lexicon, labelOfPhone] index in
            Self.phones(of: words[index], lexicon, labelOfPhone)
        }
        for (word, labels) in zip(words, found) { known[word] = .some(labels) }
    }

    func labels(of text: String) -> [Int]? {
        var labels: [Int] = []
        for word in PhoneSpeller.words(of: text) {
            guard let phones = phones(of: word) else { return nil }
            if let boundary, !labels.isEmpty { labels.append(boundary) }
            labels += phones
        }
        return labels.isEmpty ? nil : labels
    }

    private func phones(of word: String) -> [Int]? {
        if let known = known[word] { return known }
        let found = Self.phones(of: word, lexicon, labelOfPhone)
        known[word] = .some(found)
        return found
    }

    private static func phones(
        of word: String, _ lexicon: any PronunciationSource, _ labelOfPhone: [Int?]
    ) -> [Int]? {
        let first = lexicon.pronunciations(of: word, most: 1).first ?? []
        let labels = first.compactMap { Int($0) < labelOfPhone.count ? labelOfPhone[Int($0)] : nil }
        return labels.isEmpty || labels.count < first.count ? nil : labels
    }
}

extension LabelNGramError {
    fileprivate var problem: String {
        if case .tooManyClasses(let classes, let order) = self {
            return "is \(order), too much for \(classes) classes"
        }
        return description
    }

    fileprivate var mend: String { "choose a lower order, or training.loss: ctc" }
}

import CTC
import Decoding
import Foundation
import LanguageModel
import TestSupport

/// The score of every sequence of words, by going through every path and every way to cut it into words: slow and plain.
struct PlainSpokenWords {
    /// A text, told by its words; a word without a pronunciation is `?` and its labels.
    typealias Key = [String]

    /// ln of the sum over the pronunciations of a text of e^score.
    let scores: [Key: Double]

    /// - Parameters:
    ///   - entries: the words with their phones as labels.
    ///   - unknown: what a word of these labels adds that has no pronunciation; nil where there are none.
    ///   - score: what words add, beside that; unknown ones are nil.
    init(
        _ posteriors: LogProbabilities, blank: Int, space: Int, classes: Int, joined: Double,
        entries: [(word: String, labels: [Int], steering: Double)], unknown: (([Int]) -> Double)?,
        score: ([String?]) -> Double
    ) {
        // P of each sequence of pronunciations.
        var sums: [[Piece]: Double] = [:]
        var path = [Int](repeating: 0, count: posteriors.steps)
        while true {
            let probability = path.enumerated().reduce(0.0) { $0 + Double(posteriors[$1.offset, $1.element]) }
            let labels = Collapse.labels(of: path, blank: blank)
            let chunks = labels.split(separator: space).map(Array.init)
            var ways: [(pieces: [Piece], joins: Int)] = [([], 0)]
            for chunk in chunks {
                let cuts = Self.cuts(chunk, entries.map(\.labels), allowsUnknown: unknown != nil)
                ways = ways.flatMap { way in
                    cuts.map { (way.pieces + $0, way.joins + $0.count - 1) }
                }
            }
            for way in ways {
                sums[way.pieces, default: 0] += exp(probability + joined * Double(way.joins))
            }
            guard let place = path.lastIndex(where: { $0 < classes - 1 }) else { break }
            path[place] += 1
            for after in path.indices where after > place { path[after] = 0 }
        }
        var scores: [Key: Double] = [:]
        for (pieces, sum) in sums {
            let words = pieces.map { $0.entry.map { entries[$0].word } }
            var total = log(sum) + score(words)
            for piece in pieces {
                total += piece.entry.map { entries[$0].steering } ?? unknown?(piece.labels) ?? -.infinity
            }
            let key = pieces.map { $0.entry.map { entries[$0].word } ?? Self.unknown($0.labels) }
            scores[key, default: 0] += exp(total)
        }
        self.scores = scores.mapValues { log($0) }
    }

    /// How a word without a pronunciation is told.
    static func unknown(_ labels: [Int]) -> String { "?" + labels.map(String.init).joined(separator: "-") }

    /// A word of the list, or one of no pronunciation.
    private struct Piece: Hashable {
        var labels: [Int]
        var entry: Int?
    }

    /// Every way to cut labels into words.
    private static func cuts(_ labels: [Int], _ entries: [[Int]], allowsUnknown: Bool) -> [[Piece]] {
        guard !labels.isEmpty else { return [[]] }
        var ways: [[Piece]] = []
        for length in 1...labels.count {
            let (first, rest) = (Array(labels.prefix(length)), Array(labels.dropFirst(length)))
            var pieces = entries.indices.filter { entries[$0] == first }.map { Piece(labels: first, entry: $0) }
            if allowsUnknown { pieces.append(Piece(labels: first, entry: nil)) }
            guard !pieces.isEmpty else { continue }
            for after in cuts(rest, entries, allowsUnknown: allowsUnknown) { ways += pieces.map { [$0] + after } }
        }
        return ways
    }
}

/// Vocabularies and words of the tests of search over phones.
enum Phones {
    /// Two phones.
    static let tiny = Vocabulary(symbols: ["<blank>", " ", "X", "Y"])
    static let letters = Vocabulary(symbols: ["<blank>", " ", "p", "q"])
    /// The words of ``tinyWords(_:)``, with two homophones and a word of two pronunciations.
    static let entries: [(word: String, phones: [UInt8], logProbability: Float)] = [
        ("a", [0], -0.2), ("a", [1, 1], -1.8), ("ab", [0, 1], 0), ("ba", [0], 0), ("ba", [1, 0], -0.4), ("zz", [1], 0),
    ]

    static var list: PronunciationList { PronunciationList(symbols: ["X", "Y"], entries: entries) }

    /// Both heads' columns side by side.
    static func beside(_ first: LogProbabilities, _ second: LogProbabilities) -> LogProbabilities {
        var values: [Float] = []
        for step in 0..<first.steps { values += Array(first[step]) + Array(second[step]) }
        return LogProbabilities(classes: first.classes + second.classes, values: values)
    }
}

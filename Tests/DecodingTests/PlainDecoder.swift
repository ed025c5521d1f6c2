import CTC
import Decoding
import Foundation
import LanguageModel
import TestSupport

/// The probability of every text, by going through every path: slow and plain.
struct PlainDecoder {
    /// ln P of each text.
    let texts: [String: Double]

    init(_ posteriors: LogProbabilities, _ vocabulary: Vocabulary) {
        var sums: [String: Double] = [:]
        var path = [Int](repeating: 0, count: posteriors.steps)
        while true {
            let probability = path.enumerated().reduce(0.0) { $0 + Double(posteriors[$1.offset, $1.element]) }
            sums[vocabulary.text(of: Collapse.labels(of: path, blank: vocabulary.blank)), default: 0] += exp(
                probability)
            guard let place = path.lastIndex(where: { $0 < posteriors.classes - 1 }) else { break }
            path[place] += 1
            for after in path.indices where after > place { path[after] = 0 }
        }
        texts = sums.mapValues { log($0) }
    }

    /// The texts with their scores, best first; those with a steering of -infinity are left out.
    func ranked(_ steering: (String) -> Double) -> [(text: String, acoustic: Double, score: Double)] {
        texts.map { ($0.key, $0.value, $0.value + steering($0.key)) }
            .filter { $0.score > -.infinity }.sorted { $0.score > $1.score }
    }
}

/// Posteriors of random logits, normal times `scale`.
func randomPosteriors(
    steps: Int, classes: Int, scale: Float = 2, using generator: inout SeededGenerator
) -> LogProbabilities {
    var values: [Float] = []
    for _ in 0..<steps {
        let logits = (0..<classes).map { _ in
            (0..<12).reduce(Float(-6)) { sum, _ in sum + Float.random(in: 0...1, using: &generator) } * scale
        }
        let highest = logits.max() ?? 0
        let sum = logits.reduce(0) { $0 + exp($1 - highest) }
        values += logits.map { $0 - highest - log(sum) }
    }
    return LogProbabilities(classes: classes, values: values)
}

/// Posteriors that say a text: each label for a step or two with blanks between, and noise.
func spoken(
    _ text: String, _ vocabulary: Vocabulary, certainty: Float = 6, using generator: inout SeededGenerator
) -> LogProbabilities {
    var path: [Int] = [vocabulary.blank]
    for character in text {
        let label = vocabulary.symbols.firstIndex(of: String(character)) ?? vocabulary.blank
        path += [Int](repeating: label, count: Int.random(in: 1...2, using: &generator)) + [vocabulary.blank]
    }
    var posteriors = LogProbabilities(classes: vocabulary.symbols.count)
    for label in path {
        var values = randomPosteriors(steps: 1, classes: vocabulary.symbols.count, scale: 1, using: &generator).values
        values[label] += certainty
        let sum = values.reduce(0) { $0 + exp($1) }
        posteriors.append(LogProbabilities(classes: values.count, values: values.map { $0 - log(sum) }))
    }
    return posteriors
}

/// Vocabularies of the tests.
enum Vocabularies {
    /// Two letters and the space.
    static let tiny = Vocabulary(symbols: ["<blank>", " ", "a", "b"])
    /// Symbols of several characters, one with a space inside, and the blank last.
    static let pieces = Vocabulary(symbols: ["a", "ab", "b a", " ", "<blank>"], blank: 4)
    static let english = Vocabulary(
        symbols: ["<blank>", " "] + "abcdefghijklmnopqrstuvwxyz'".map { String($0) })
}

/// A model of the words a, ab and ba.
func tinyWords(_ folder: TemporaryFolder) throws -> NGramModel {
    let text = """
        \\data\\
        ngram 1=6
        ngram 2=5

        \\1-grams:
        -1.5\t<unk>\t0
        -99\t<s>\t-0.2
        -0.7\t</s>
        -0.6\ta\t-0.3
        -0.9\tab\t-0.1
        -1.1\tba\t-0.4

        \\2-grams:
        -0.3\t<s> ab
        -0.4\ta ba
        -0.2\tab a
        -0.5\tba </s>
        -0.8\ta a

        \\end\\

        """
    return try NGramModel(arpa: try folder.write(Array(text.utf8), to: "tiny.arpa"))
}

/// A model of the characters a, b and the space.
func tinyCharacters(_ folder: TemporaryFolder) throws -> NGramModel {
    let text = """
        \\data\\
        ngram 1=6
        ngram 2=5

        \\1-grams:
        -2.5\t<unk>\t0
        -99\t<s>\t-0.2
        -0.9\t</s>
        -0.4\ta\t-0.3
        -0.5\tb\t-0.1
        -1.1\t\u{2581}\t-0.4

        \\2-grams:
        -0.3\t<s> b
        -0.4\ta \u{2581}
        -0.2\t\u{2581} b
        -0.6\tb </s>
        -0.8\ta a

        \\end\\

        """
    return try NGramModel(arpa: try folder.write(Array(text.utf8), to: "tiny-characters.arpa"))
}

import CTC
import Foundation

/// Scores of phrases that are spelled in the classes of a CTC head, characters or phones: one label for a whole recording.
///
/// With l_p = ln sum over its spellings k of w_k P(spelling k | posteriors), each summed over all its paths, and m the logarithm
/// of the best path of all,
///
///     z_p = s l_p + b_p,  z_none = s m + b_none,  P = softmax of z
///
/// s is 1/2: steps next to each other say much the same, so their sum is too sure. Characters spell a phrase in one way, with
/// w = 1; phones in as many as it has pronunciations, with w the probability of each.
///
/// A phrase is told from the others by what the classes say of it, so it can be known before a recording of it is heard;
/// it is told from other speech by how much better that speech is spelled in another way (the likelihood ratio against free
/// speech by which keywords are spotted, Rose and Paul 1990). How likely the classes are to follow each other counts on neither
/// side: all phrases are taken to be equally likely.
public struct PhraseScores: Sendable, Equatable {
    /// A way to spell a phrase.
    public struct Spelling: Sendable, Hashable {
        /// The classes, one after the other.
        public let labels: [Int]
        /// ln w.
        public let logWeight: Float

        /// Takes classes and their weight's logarithm.
        public init(labels: [Int], logWeight: Float = 0) { (self.labels, self.logWeight) = (labels, logWeight) }
    }

    /// The labels, as they were written.
    public let phrases: [String]
    /// How each is spelled, in one way or more.
    public let spellings: [[Spelling]]
    /// b, [phrases + 1]; the last is that of none.
    public var bias: [Float]
    /// The class that spells nothing.
    public let blank: Int
    /// What spells them: characters or phones.
    let unit: Vocabulary.Unit

    /// s.
    package static let scale: Float = 0.5
    /// What a phrase scores that no path spells in so few steps.
    package static let impossible: Float = -1000
    /// The bias of none at first: what a word that is said badly may lack.
    private static let lenience: Float = -4

    /// Phrases as their characters spell them.
    /// - Parameters:
    ///   - phrases: the labels.
    ///   - bias: [phrases + 1]; nil: 0, and for none of them what a word that is said badly may lack.
    ///   - vocabulary: of the head, characters.
    /// - Returns: nil where a label cannot be spelled, two are spelled alike, or the biases are of another number.
    public init?(phrases: [String], bias: [Float]? = nil, vocabulary: Vocabulary) {
        let speller = Speller(vocabulary)
        let spellings = phrases.compactMap { phrase in
            speller.labels(of: Self.said(phrase)).map { [Spelling(labels: $0)] }
        }
        self.init(phrases: phrases, spellings: spellings, bias: bias, vocabulary: vocabulary)
    }

    /// Phrases with their spellings.
    /// - Parameters:
    ///   - spellings: of each phrase, one at least.
    ///   - bias: as above.
    ///   - vocabulary: of the head.
    /// - Returns: nil where a phrase has no spelling or an empty one, or one of classes that spell nothing; where two phrases have
    ///   the same spellings; or where numbers do not fit.
    public init?(phrases: [String], spellings: [[Spelling]], bias: [Float]? = nil, vocabulary: Vocabulary) {
        let bias = bias ?? phrases.map { _ in Float(0) } + [Self.lenience]
        let isSpelled = spellings.allSatisfy { ways in
            !ways.isEmpty
                && ways.allSatisfy { way in
                    !way.labels.isEmpty && way.logWeight <= 0
                        && way.labels.allSatisfy { vocabulary.symbols.indices.contains($0) && $0 != vocabulary.blank }
                }
        }
        guard !phrases.isEmpty, spellings.count == phrases.count, isSpelled,
            Set(spellings.map { Set($0.map(\.labels)) }).count == spellings.count, bias.count == phrases.count + 1
        else { return nil }
        (self.phrases, self.spellings, self.bias) = (phrases, spellings, bias)
        (blank, unit) = (vocabulary.blank, vocabulary.unit)
    }

    /// A label as it is said: names such as `Lights_on` are written in many ways.
    package static func said(_ phrase: String) -> String {
        phrase.lowercased().split { $0 == "_" || $0 == "-" || $0.isWhitespace }.joined(separator: " ")
    }

    /// z, [phrases + 1]: of each phrase, and of none.
    /// - Parameter posteriors: [steps, classes].
    public func scores(of posteriors: LogProbabilities) -> [Float] {
        scores(of: posteriors, ways: waysToSay(posteriors))
    }

    /// - Parameter ways: as ``waysToSay(_:)`` gives them.
    package func scores(of posteriors: LogProbabilities, ways: [[Double]]) -> [Float] {
        let scores = ways.enumerated().map { phrase, ways in
            let sum = ways.logSum
            return sum.isFinite ? Self.scale * Float(sum) + bias[phrase] : Self.impossible
        }
        return scores + [Self.scale * Float(BestPath(posteriors).logProbability) + bias[phrases.count]]
    }

    /// ln w_k P(spelling k | posteriors) of each spelling of each phrase; -infinity where no path spells it.
    package func waysToSay(_ posteriors: LogProbabilities) -> [[Double]] {
        let loss = CTCLoss(blank: blank)
        return posteriors.values.withUnsafeBufferPointer { values in
            spellings.map { ways in
                ways.map { way in
                    guard let start = values.baseAddress,
                        let value = try? loss.forwardBackward(
                            logits: start, frames: posteriors.steps, classes: posteriors.classes, targets: way.labels,
                            gradient: nil), value.isFinite
                    else { return -.infinity }
                    return Double(way.logWeight) - value
                }
            }
        }
    }
}

extension [Double] {
    /// ln of the sum of e to each; -infinity of none.
    package var logSum: Double {
        guard let highest = self.max(), highest > -.infinity else { return -.infinity }
        return highest + log(reduce(0) { $0 + exp($1 - highest) })
    }
}

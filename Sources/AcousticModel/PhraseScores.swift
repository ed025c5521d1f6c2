import CTC

/// Scores of phrases that are spelled in the characters of a CTC head: one label for a whole recording.
///
/// With l_p = ln P(spelling of p | posteriors), summed over all its paths, and m the logarithm of the best path of all,
///
///     z_p = s l_p + b_p,  z_none = s m + b_none,  P = softmax of z
///
/// s is 1/2: steps next to each other say much the same, so their sum is too sure.
///
/// A phrase is told from the others by what the characters say of it, so it can be known before a recording of it is heard;
/// it is told from other speech by how much better that speech is spelled in another way (the likelihood ratio against free
/// speech by which keywords are spotted, Rose and Paul 1990).
public struct PhraseScores: Sendable, Equatable {
    /// The labels, as they were written.
    public let phrases: [String]
    /// The classes that spell each.
    public let spellings: [[Int]]
    /// b, [phrases + 1]; the last is that of none.
    public var bias: [Float]
    /// The class that spells nothing.
    public let blank: Int

    /// s.
    package static let scale: Float = 0.5
    /// What a phrase scores that no path spells in so few steps.
    package static let impossible: Float = -1000

    /// - Parameters:
    ///   - phrases: the labels.
    ///   - bias: [phrases + 1]; nil: 0, and for none of them what a word that is said badly may lack.
    ///   - vocabulary: of the head, characters.
    /// - Returns: nil where a label cannot be spelled, two are spelled alike, or the biases are of another number.
    public init?(phrases: [String], bias: [Float]? = nil, vocabulary: Vocabulary) {
        let speller = Speller(vocabulary)
        let spellings = phrases.compactMap { phrase in
            speller.labels(of: Self.said(phrase)).flatMap { $0.isEmpty ? nil : $0 }
        }
        let bias = bias ?? phrases.map { _ in Float(0) } + [-4]
        guard !phrases.isEmpty, spellings.count == phrases.count, Set(spellings).count == spellings.count,
            bias.count == phrases.count + 1
        else { return nil }
        (self.phrases, self.spellings, self.bias, blank) = (phrases, spellings, bias, vocabulary.blank)
    }

    /// A label as it is said: names such as `Lights_on` are written in many ways.
    static func said(_ phrase: String) -> String {
        phrase.lowercased().split { $0 == "_" || $0 == "-" || $0.isWhitespace }.joined(separator: " ")
    }

    /// z, [phrases + 1]: of each phrase, and of none.
    /// - Parameter posteriors: [steps, characters].
    public func scores(of posteriors: LogProbabilities) -> [Float] {
        let loss = CTCLoss(blank: blank)
        let scores = spellings.indices.map { phrase in
            logLikelihood(of: phrase, posteriors, loss).map { Self.scale * Float($0) + bias[phrase] } ?? Self.impossible
        }
        return scores + [Self.scale * Float(BestPath(posteriors).logProbability) + bias[phrases.count]]
    }

    private func logLikelihood(of phrase: Int, _ posteriors: LogProbabilities, _ loss: CTCLoss) -> Double? {
        let value = posteriors.values.withUnsafeBufferPointer { values -> Double? in
            guard let start = values.baseAddress else { return nil }
            return try? loss.forwardBackward(
                logits: start, frames: posteriors.steps, classes: posteriors.classes, targets: spellings[phrase],
                gradient: nil)
        }
        return value.flatMap { $0.isFinite ? -$0 : nil }
    }
}

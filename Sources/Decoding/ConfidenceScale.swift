import Foundation

/// From the confidence of a word by the acoustic model alone to how likely it is right in a text that a language model has
/// chosen:
///
///     p = 1 / (1 + e^-(offset + slope ln(c / (1 - c))))
///
/// (Platt 1999, "Probabilistic outputs for support vector machines"). A language model puts the right word where the sound
/// fits it poorly, so that c alone is far too low. `utter lm tune` finds both numbers.
public struct ConfidenceScale: Codable, Sendable, Equatable {
    /// By what the logit is multiplied; not negative, so that the order of words stays.
    public var slope: Double
    /// What is added to it.
    public var offset: Double

    /// Takes both numbers.
    public init(slope: Double, offset: Double) { (self.slope, self.offset) = (slope, offset) }

    /// - Parameter confidence: by the acoustic model, 0 to 1.
    /// - Returns: the probability that the word is right.
    public func probability(_ confidence: Double) -> Double {
        1 / (1 + exp(-(offset + slope * Self.logit(confidence))))
    }

    /// ln(c / (1 - c)), bounded: a confidence of 0 is one below what can be told from it.
    package static func logit(_ confidence: Double) -> Double {
        let bounded = min(max(confidence, 1e-4), 1 - 1e-4)
        return log(bounded / (1 - bounded))
    }

    /// Whether both numbers are within reason.
    var isLawful: Bool { (0...100).contains(slope) && (-100...100).contains(offset) }
}

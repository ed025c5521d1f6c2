import Foundation

/// One way to say a word.
public struct Pronunciation: Sendable, Hashable {
    /// Where a pronunciation comes from.
    public enum Origin: String, Sendable, Hashable, Codable {
        /// It was written in the lexicon.
        case lexicon
        /// It was guessed, now or when the lexicon was compiled.
        case guessed
    }

    /// Numbers of the alphabet.
    public var phones: [UInt8]
    /// The probability of this pronunciation, given the word, 0 to 1. Those of a word's pronunciations sum up to 1, but
    /// for rounding and for improbable ones that were left out.
    public var probability: Float
    /// Where it comes from.
    public var origin: Origin

    /// A pronunciation by its phones.
    public init(phones: [UInt8], probability: Float = 1, origin: Origin = .lexicon) {
        (self.phones, self.probability, self.origin) = (phones, probability, origin)
    }

    /// The natural logarithm of the probability.
    public var logProbability: Float { log(probability) }
}

import Foundation

/// The dev error by which weights are chosen.
public struct DevScore: Codable, Sendable, Equatable, Comparable {
    /// The word error rate.
    public let wer: Double
    /// The character error rate.
    public let cer: Double
    /// The phone error rate, of a head of phones; nil where there is none.
    public let per: Double?

    /// Takes all.
    public init(wer: Double, cer: Double, per: Double? = nil) { (self.wer, self.cer, self.per) = (wer, cer, per) }

    /// The mean of two.
    package init(mean a: DevScore, _ b: DevScore) {
        (wer, cer) = ((a.wer + b.wer) / 2, (a.cer + b.cer) / 2)
        per = a.per.flatMap { a in b.per.map { (a + $0) / 2 } }
    }

    /// All, for people.
    public var figures: String {
        (per.map { String(format: "phone errors %.2f %%, ", 100 * $0) } ?? "")
            + String(format: "WER %.2f %%, CER %.2f %%", 100 * wer, 100 * cer)
    }

    /// What is to be low: the errors of the first head. By words alone, a model that writes nothing yet (WER 99.8 %) would be better
    /// than one that begins to spell and writes a word too many (101.6 %), so words and characters count together.
    var sum: Double { per ?? (wer + cer) }

    /// A lower ``sum`` is better, then a lower word error rate.
    public static func < (a: DevScore, b: DevScore) -> Bool { (a.sum, a.wer) < (b.sum, b.wer) }
}

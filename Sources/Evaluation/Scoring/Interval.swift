import Networks

/// A confidence interval of an error rate by the bootstrap (Efron 1979; for speech, Bisani and Ney 2004).
///
/// Utterances are drawn with replacement, as many as there are, and the rate over them is taken; of many such rates the
/// interval holds the middle 95 %. Utterances of one speaker are alike, which this does not know: with few speakers the
/// truth may lie further off.
public struct Interval: Sendable, Equatable, Encodable {
    /// 2.5 % of the rates are below.
    public let low: Double
    /// 2.5 % of the rates are above.
    public let high: Double

    /// The interval of the rate over utterances; nil where their references have no token.
    /// - Parameters:
    ///   - utterances: the edits of each.
    ///   - resamples: how many rates are drawn.
    ///   - seed: the same seed gives the same interval.
    public init?(_ utterances: [EditCounts], resamples: Int = 1_000, seed: UInt64 = 1) {
        let pairs = utterances.map { (errors: $0.errors, length: $0.referenceLength) }
        guard resamples > 0, pairs.contains(where: { $0.length > 0 }) else { return nil }
        var numbers = SplitMix64(seed: seed)
        var rates: [Double] = []
        rates.reserveCapacity(resamples)
        while rates.count < resamples {
            var (errors, length) = (0, 0)
            for _ in pairs.indices {
                let drawn = pairs[numbers.below(pairs.count)]
                errors += drawn.errors
                length += drawn.length
            }
            // Only where most references are empty can a resample have no token; it has no rate and is drawn again.
            if length > 0 { rates.append(Double(errors) / Double(length)) }
        }
        rates.sort()
        // Linear interpolation between order statistics.
        func quantile(_ share: Double) -> Double {
            let place = share * Double(rates.count - 1)
            let below = Int(place)
            let above = min(below + 1, rates.count - 1)
            return rates[below] + (rates[above] - rates[below]) * (place - Double(below))
        }
        (low, high) = (quantile(0.025), quantile(0.975))
    }
}

/// The sample rates that this room reads, gives and writes.
enum SampleRates {
    /// In hertz.
    static let allowed = 4_000...192_000
    static let inWords = "\(allowed.lowerBound) to \(allowed.upperBound) Hz"
}

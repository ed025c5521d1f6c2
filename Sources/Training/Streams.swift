import Networks

/// Streams of random numbers that do not touch each other, all from the seed of a run.
package enum Streams: UInt64 {
    case weights = 1, order, augmentation, dropout

    /// The seed of a stream at a place: an epoch, a recording.
    package static func seed(_ seed: UInt64, _ stream: Streams, _ place: Int...) -> UInt64 {
        var mixed = SplitMix64(seed: seed ^ (stream.rawValue &* 0x9e37_79b9_7f4a_7c15)).first
        for part in place { mixed = SplitMix64(seed: mixed ^ UInt64(bitPattern: Int64(part))).first }
        return mixed
    }
}

extension SplitMix64 {
    /// The first number from here.
    fileprivate var first: UInt64 {
        var copy = self
        return copy.next()
    }
}

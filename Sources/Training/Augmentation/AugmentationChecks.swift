extension AugmentationOptions {
    /// Checks every option.
    /// - Throws: ``AugmentationError/outOfRange(key:value:allowed:)`` with the first that is wrong.
    public func validate() throws(AugmentationError) {
        if speeds.isEmpty {
            throw .outOfRange(key: "speeds", value: "empty", allowed: "at least one, such as 1")
        }
        for speed in speeds { try check("speeds", speed, in: 0.5...2) }
        if let spectrogram {
            try check("spectrogram.frequency_masks", spectrogram.frequencyMasks, in: 0...100)
            try check("spectrogram.frequency_width", spectrogram.frequencyWidth, in: 0...1024)
            try check("spectrogram.time_masks", spectrogram.timeMasks, in: 0...100)
            try check("spectrogram.time_width", spectrogram.timeWidth, in: 0...100_000)
            try check("spectrogram.time_share", spectrogram.timeShare, in: 0...1)
        }
        if let noise {
            try check("noise.probability", noise.probability, in: 0...1)
            try check("noise.snr", noise.snr, inside: -30...100)
        }
        if let gain {
            try check("gain.probability", gain.probability, in: 0...1)
            try check("gain.decibels", gain.decibels, inside: -60...60)
        }
        if let telephone { try check("telephone.probability", telephone.probability, in: 0...1) }
        if let room {
            try check("room.probability", room.probability, in: 0...1)
            try check("room.reverberation_time", room.reverberationTime, inside: 0.05...2)
            try check("room.distance", room.distance, inside: 0.1...5)
        }
    }
}

private func check<Value: Comparable>(
    _ key: String, _ value: Value, in allowed: ClosedRange<Value>
) throws(AugmentationError) {
    guard !allowed.contains(value) else { return }
    throw .outOfRange(key: key, value: "\(value)", allowed: "\(allowed.lowerBound) to \(allowed.upperBound)")
}

private func check(
    _ key: String, _ range: ClosedRange<Double>, inside allowed: ClosedRange<Double>
) throws(AugmentationError) {
    guard range.lowerBound < allowed.lowerBound || range.upperBound > allowed.upperBound else { return }
    throw .outOfRange(
        key: key, value: "[\(range.lowerBound), \(range.upperBound)]",
        allowed: "a range inside \(allowed.lowerBound) to \(allowed.upperBound)")
}

/// What each option of augmentation may be. Recipes are held against it key by key, with the line; other callers all at
/// once.
enum AugmentationLimits {
    static let speed = 0.5...2.0
    static let probability = 0.0...1.0
    static let masks = 0...100
    static let bands = 0...1024
    static let frames = 0...100_000
    static let snr = -30.0...100.0
    static let decibels = -60.0...60.0
    static let reverberationTime = 0.05...2.0
    static let distance = 0.1...5.0
}

extension AugmentationOptions {
    /// Checks every option.
    /// - Throws: ``AugmentationError/outOfRange(key:value:allowed:)`` with the first that is wrong.
    public func validate() throws(AugmentationError) {
        if speeds.isEmpty {
            throw .outOfRange(key: "speeds", value: "empty", allowed: "at least one, such as 1")
        }
        for speed in speeds { try check("speeds", speed, in: AugmentationLimits.speed) }
        try check("frequency_masks", spectrogram.frequencyMasks, in: AugmentationLimits.masks)
        try check("frequency_width", spectrogram.frequencyWidth, in: AugmentationLimits.bands)
        try check("time_masks", spectrogram.timeMasks, in: AugmentationLimits.masks)
        try check("time_width", spectrogram.timeWidth, in: AugmentationLimits.frames)
        try check("time_share", spectrogram.timeShare, in: AugmentationLimits.probability)
        let probabilities = [
            ("noise", noise.probability), ("gain", gain.probability), ("telephone", telephone.probability),
            ("room", room.probability),
        ]
        for (part, probability) in probabilities {
            try check("\(part)_probability", probability, in: AugmentationLimits.probability)
        }
        try check("noise_snr", noise.snr, inside: AugmentationLimits.snr)
        try check("gain_decibels", gain.decibels, inside: AugmentationLimits.decibels)
        try check("room_reverberation_time", room.reverberationTime, inside: AugmentationLimits.reverberationTime)
        try check("room_distance", room.distance, inside: AugmentationLimits.distance)
        if noise.probability > 0, noise.folder.isEmpty {
            throw .outOfRange(key: "noise_folder", value: "empty", allowed: "a folder of noise, or noise_probability 0")
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

import AudioIO
import Files

/// What is measured of a recording before training on it.
public struct AudioMeasurement: Sendable, Equatable {
    /// Samples in a second, as the file has them.
    public internal(set) var sampleRate = 0
    /// Channels in the file; what follows is of their mean.
    public internal(set) var channels = 0
    /// Seconds that could be read.
    public internal(set) var duration = 0.0
    /// The largest magnitude, 1 being full scale.
    public internal(set) var peak: Float = 0
    /// The share of samples at full scale.
    public internal(set) var clippedShare = 0.0
    /// Equal sound gives equal numbers, whatever the container.
    public internal(set) var fingerprint: UInt64 = 0
    /// What the reader noticed, if it is damage.
    public internal(set) var damage: String?

    /// The largest value that 16 bits hold.
    static let fullScale: Float = 32_767 / 32_768

    /// Reads a recording from start to end, in bounded memory.
    /// - Throws: `AudioError` where it does not open or holds a sample that is not finite.
    public init(path: String) throws(AudioError) {
        let reader = try AudioReader(path: path)
        sampleRate = reader.information.sampleRate
        channels = reader.information.channels
        var (count, clipped) = (0, 0)
        var hash = Fingerprint()
        while let block = try reader.read(upTo: 1 << 14) {
            count += block.count
            var (peak, full) = (peak, 0)
            for sample in block {
                let magnitude = abs(sample)
                peak = max(peak, magnitude)
                full += magnitude >= Self.fullScale ? 1 : 0
                hash.add(sample)
            }
            self.peak = peak
            clipped += full
        }
        duration = Double(count) / Double(sampleRate)
        clippedShare = Double(clipped) / Double(max(1, count))
        fingerprint = hash.sum ^ UInt64(sampleRate) << 40
        let damages = reader.warnings.filter(\.isDamage)
        if !damages.isEmpty { damage = damages.map(\.description).joined(separator: "; ") }
    }
}

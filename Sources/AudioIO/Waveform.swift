/// One channel of sampled sound.
public struct Waveform: Sendable, Equatable {
    /// The samples in time order. Full scale is -1...1; floating-point sources may go beyond, and are kept as they are.
    public var samples: [Float]
    /// Samples a second, in hertz.
    public var sampleRate: Int

    /// - Parameters:
    ///   - samples: full scale -1...1.
    ///   - sampleRate: in hertz, above 0.
    public init(samples: [Float], sampleRate: Int) {
        self.samples = samples
        self.sampleRate = sampleRate
    }

    /// How long the sound lasts, in seconds; 0 where the sample rate is not above 0.
    public var duration: Double {
        sampleRate > 0 ? Double(samples.count) / Double(sampleRate) : 0
    }
}

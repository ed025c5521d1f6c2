import Foundation
import Messages

/// The shape by which the samples of a frame are weighted, in Kaldi's definitions.
public enum WindowShape: String, Sendable, CaseIterable {
    /// Kaldi's own: a Hann window to the power of 0.85, which falls to zero at the edges.
    case povey
    /// 0.54 - 0.46 cos(2 pi i / (n - 1)).
    case hamming
    /// 0.5 - 0.5 cos(2 pi i / (n - 1)).
    case hanning
    /// 0.42 - 0.5 cos(2 pi i / (n - 1)) + 0.08 cos(4 pi i / (n - 1)).
    case blackman
    /// sin(pi i / (n - 1)).
    case sine
    /// All ones.
    case rectangular

    /// The weights of a window of n samples.
    public func weights(_ n: Int) -> [Float] {
        let step = 2 * Double.pi / Double(max(n - 1, 1))
        return (0..<n).map { index in
            let angle = step * Double(index)
            let hann = 0.5 - 0.5 * cos(angle)
            switch self {
            case .povey: return Float(pow(hann, 0.85))
            case .hamming: return Float(0.54 - 0.46 * cos(angle))
            case .hanning: return Float(hann)
            case .blackman: return Float(0.42 - 0.5 * cos(angle) + 0.08 * cos(2 * angle))
            case .sine: return Float(sin(angle / 2))
            case .rectangular: return 1
            }
        }
    }
}

/// What is computed of each frame.
public enum FeatureKind: String, Sendable, CaseIterable {
    /// The logarithms of the energies in mel-spaced bands.
    case fbank
    /// Mel-frequency cepstral coefficients: the discrete cosine transform of those logarithms.
    case mfcc
}

/// How features are computed. The defaults, and the meaning of every field, are Kaldi's, without dither.
public struct FeatureOptions: Sendable, Equatable {
    /// Log-mel filter bank or MFCC.
    public var kind = FeatureKind.mfcc
    /// Samples in a second.
    public var sampleRate = 16_000
    /// Length of a frame, milliseconds.
    public var windowLength = 25.0
    /// From the start of a frame to that of the next, milliseconds.
    public var frameShift = 10.0
    /// The window.
    public var window = WindowShape.povey
    /// Each sample loses this part of the one before it.
    public var preemphasis: Float = 0.97
    /// Subtract the mean of each frame's samples first.
    public var removesDC = true
    /// True: only frames that lie wholly inside the recording. False: one frame for each shift, the edges mirrored.
    public var snipsEdges = true
    /// Number of mel bands.
    public var melBands = 23
    /// Lower edge of the lowest band, Hz.
    public var lowFrequency = 20.0
    /// Upper edge of the highest band, Hz; zero or less is counted from half the sample rate.
    public var highFrequency = 0.0
    /// Number of cepstral coefficients (MFCC).
    public var coefficients = 13
    /// Lifter: coefficient i is multiplied by 1 + L/2 sin(pi i / L); 0 for none (MFCC).
    public var lifter = 22.0
    /// Put the logarithm of the frame's energy in place of C0 (MFCC) or before the bands (filter bank).
    public var usesEnergy = false
    /// Take that energy before pre-emphasis and windowing.
    public var rawEnergy = true
    /// That energy is at least this; 0 for no floor but float32's epsilon.
    public var energyFloor: Float = 0
    /// Samples of a ``Waveform`` (-1 ... 1) are multiplied by this: Kaldi reads integers of 16 bits.
    public var sampleScale: Float = 32_768

    /// Kaldi's defaults.
    public init() {}

    /// Samples in a frame.
    public var windowSize: Int { Int(Double(sampleRate) * windowLength / 1000) }
    /// Samples from the start of a frame to that of the next.
    public var shiftSize: Int { Int(Double(sampleRate) * frameShift / 1000) }
    /// Points of the Fourier transform: the next power of two.
    public var fourierSize: Int { windowSize <= 4 ? 4 : 1 << (Int.bitWidth - (windowSize - 1).leadingZeroBitCount) }
    /// Coefficients of a frame.
    public var dimension: Int { kind == .mfcc ? coefficients : melBands + (usesEnergy ? 1 : 0) }
    /// The upper edge of the highest band in Hz, whatever ``highFrequency`` counts from.
    public var upperFrequency: Double { highFrequency > 0 ? highFrequency : Double(sampleRate) / 2 + highFrequency }

    /// The same options with log-mel energies asked for: what a ``CepstralTransform`` starts from.
    public var logMel: FeatureOptions {
        var options = self
        options.kind = .fbank
        return options
    }

    /// The number of frames of a recording of so many samples.
    public func frameCount(samples: Int) -> Int {
        if snipsEdges { return samples < windowSize ? 0 : 1 + (samples - windowSize) / shiftSize }
        return (samples + shiftSize / 2) / shiftSize
    }

    /// Checks that features can be computed so.
    /// - Throws: ``FeatureError`` with the first option that cannot be, and what it may be.
    public func validate() throws(FeatureError) {
        func check(_ condition: Bool, _ message: @autoclosure () -> String) throws(FeatureError) {
            if !condition { throw FeatureError(message()) }
        }
        try check((1...1_000_000).contains(sampleRate), "a sample rate of \(sampleRate) Hz: give 1 to 1000000")
        for (name, length) in [("window", windowLength), ("frame shift", frameShift)] {
            try check(length > 0 && length <= 1000, "a \(name) of \(length) ms: give more than 0, at most 1000")
        }
        try check(windowSize >= 2, "a window of \(windowLength) ms has fewer than 2 samples: give a longer one")
        try check(shiftSize >= 1, "a frame shift of \(frameShift) ms is less than a sample: give a longer one")
        try check((0...1).contains(preemphasis), "a pre-emphasis of \(preemphasis): give 0 to 1")
        try check((1...1024).contains(melBands), "\(melBands) mel bands: give 1 to 1024")
        try check(
            lowFrequency >= 0 && lowFrequency < upperFrequency && upperFrequency <= Double(sampleRate) / 2,
            "mel bands from \(lowFrequency) to \(upperFrequency) Hz: give a range inside 0 to \(sampleRate / 2)")
        try check(
            kind == .fbank || (1...melBands).contains(coefficients),
            "\(coefficients) cepstral coefficients of \(melBands) mel bands: give 1 to \(melBands)")
        try check(lifter == 0 || (1...1e6).contains(lifter), "a lifter of \(lifter): give 0 (none), or 1 or more")
        try check(energyFloor >= 0 && energyFloor.isFinite, "an energy floor of \(energyFloor): give 0 or more")
        _ = try FilterBank(self)
        try check(sampleScale > 0 && sampleScale.isFinite, "a sample scale of \(sampleScale): give more than 0")
    }
}

/// Features that cannot be computed as asked for.
public struct FeatureError: UtterError, Equatable {
    /// What is wrong and what may be given instead, in one line.
    public let fault: Fault

    init(_ sentence: String) { fault = Fault(.badSetting, sentence: sentence) }
}

import CSoxr

/// Changes the sample rate of one channel that arrives in blocks, with libsoxr at its "high quality" recipe (20 bits,
/// linear phase). No delay: sample n of the output lies at n / outputRate seconds of the input.
///
/// N samples give N * outputRate / inputRate, rounded. The output, joined, is the same bit for bit however the input
/// is cut. Memory does not grow with the length of the signal. Samples must be finite.
public final class Resampler {
    /// Hertz of what goes in.
    public let inputRate: Int
    /// Hertz of what comes out.
    public let outputRate: Int

    /// Nil until a signal begins, and always where the rates are equal.
    private var stream: SoxrStream?

    /// - Parameters:
    ///   - inputRate: hertz, within ``AudioFile/sampleRates``.
    ///   - outputRate: hertz, within ``AudioFile/sampleRates``; samples pass unchanged where it equals `inputRate`.
    /// - Throws: `requestedSampleRateOutOfRange`.
    public init(from inputRate: Int, to outputRate: Int) throws(AudioError) {
        for rate in [inputRate, outputRate] where !SampleRates.allowed.contains(rate) {
            throw .requestedSampleRateOutOfRange(sampleRate: rate)
        }
        self.inputRate = inputRate
        self.outputRate = outputRate
    }

    /// Takes the next samples and gives those that are ready: fewer than the ratio says at first, the rest later.
    ///
    /// - Throws: `resampling`.
    public func process(_ samples: [Float]) throws(AudioError) -> [Float] {
        var output: [Float] = []
        try samples.withUnsafeBufferPointer { samples throws(AudioError) in
            try process(samples, into: &output)
        }
        return output
    }

    /// Ends the signal and gives the samples still inside. The next call of `process` begins a new signal.
    ///
    /// - Throws: `resampling`.
    public func finish() throws(AudioError) -> [Float] {
        var output: [Float] = []
        try finish(into: &output)
        return output
    }

    /// A whole signal at once.
    ///
    /// - Throws: `requestedSampleRateOutOfRange`, `resampling`.
    public static func resample(_ waveform: Waveform, to outputRate: Int) throws(AudioError) -> Waveform {
        let resampler = try Resampler(from: waveform.sampleRate, to: outputRate)
        var output = try resampler.process(waveform.samples)
        try resampler.finish(into: &output)
        return Waveform(samples: output, sampleRate: outputRate)
    }

    func process(_ samples: UnsafeBufferPointer<Float>, into output: inout [Float]) throws(AudioError) {
        guard inputRate != outputRate else { return output.append(contentsOf: samples) }
        if stream == nil { stream = try SoxrStream(from: inputRate, to: outputRate) }
        try stream?.process(samples, into: &output)
    }

    func finish(into output: inout [Float]) throws(AudioError) {
        defer { stream = nil }
        try stream?.finish(into: &output)
    }
}

/// The one place that holds a `soxr_t`.
private final class SoxrStream {
    private let handle: OpaquePointer
    private var buffer = [Float](repeating: 0, count: 16_384)

    init(from inputRate: Int, to outputRate: Int) throws(AudioError) {
        var error: soxr_error_t?
        var quality = soxr_quality_spec(UInt(SOXR_HQ), 0)
        // Nil specifications are soxr's defaults: interleaved 32-bit floats in and out, one thread.
        guard let handle = soxr_create(Double(inputRate), Double(outputRate), 1, &error, nil, &quality, nil) else {
            throw Self.failure(error)
        }
        self.handle = handle
    }

    deinit { soxr_delete(handle) }

    func process(_ samples: UnsafeBufferPointer<Float>, into output: inout [Float]) throws(AudioError) {
        guard let base = samples.baseAddress else { return }
        var taken = 0
        while true {
            var consumed = 0
            let produced = try step(base + taken, samples.count - taken, &consumed, &output)
            taken += consumed
            // A full buffer may have left more behind, even when all of the input is taken.
            if taken == samples.count, produced < buffer.count { return }
            guard consumed > 0 || produced > 0 else { throw .resampling(reason: "no progress") }
        }
    }

    func finish(into output: inout [Float]) throws(AudioError) {
        var consumed = 0
        while try step(nil, 0, &consumed, &output) == buffer.count {}
    }

    /// One call of soxr; nil input means the end of the signal. Returns how many samples were appended.
    private func step(
        _ input: UnsafePointer<Float>?, _ count: Int, _ consumed: inout Int, _ output: inout [Float]
    ) throws(AudioError) -> Int {
        var produced = 0
        let error = buffer.withUnsafeMutableBufferPointer {
            soxr_process(handle, input, count, &consumed, $0.baseAddress, $0.count, &produced)
        }
        if let error { throw Self.failure(error) }
        output += buffer[..<produced]
        return produced
    }

    private static func failure(_ error: soxr_error_t?) -> AudioError {
        .resampling(reason: error.map { String(cString: $0) } ?? "libsoxr gave no reason")
    }
}

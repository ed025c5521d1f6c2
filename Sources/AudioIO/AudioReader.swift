/// Reads one file from start to end as blocks of one channel, at the sample rate asked for. Memory stays bounded
/// whatever the length of the file, its channel count or what its header claims.
///
/// ```swift
/// let reader = try AudioReader(path: "talk.mp3", sampleRate: 16_000)
/// while let block = try reader.read(upTo: 16_000) { use(block) }
/// reader.warnings.forEach { print($0) }
/// ```
public final class AudioReader {
    /// What the file says of itself.
    public let information: AudioInformation
    /// The sample rate of the blocks, in hertz.
    public let sampleRate: Int
    /// What was noticed so far; complete once `read` has returned nil.
    public private(set) var warnings: [AudioWarning] = []

    /// How much of the file has been decoded, in seconds.
    public var secondsDecoded: Double { secondsBefore + Double(framesDecoded) / Double(rate) }

    private static let framesPerBlock = 16_384
    /// 256 KiB whatever the channel count: hostile headers claim up to 1024 channels.
    private static let samplesPerBlock = 65_536

    private let file: any SoundSource
    private var mixer: ChannelMixer
    /// The sample rate and channels of the part of the file that is read now.
    private var rate: Int
    private var channelCount: Int
    private var resampler: Resampler?
    private var blockFrames: Int
    private var interleaved: [Float]
    private var mono: [Float]
    /// Samples at the target rate not yet given out, from `pendingStart` on.
    private var pending: [Float] = []
    private var pendingStart = 0
    /// Of the part that is read now; and seconds of those before.
    private var framesDecoded = 0
    private var secondsBefore = 0.0
    private var hasEnded = false
    private var failure: AudioError?

    /// Opens a file.
    ///
    /// Standard input and named pipes are first copied to an unlinked temporary file, for formats whose length stands
    /// at their end.
    ///
    /// - Parameters:
    ///   - path: a path, or `-` for standard input.
    ///   - sampleRate: hertz to resample to, within ``AudioFile/sampleRates``; nil keeps the file's.
    ///   - channels: which channels make up the one that is given.
    /// - Throws: `doesNotExist`, `isFolder`, `isDevice`, `notReadable`, `empty`, `notAudio`, `needsFFmpeg`, `noSound`,
    ///   `malformed`, `sampleRateOutOfRange`, `requestedSampleRateOutOfRange`, `noSuchChannel`, `inputOutput`, `resampling`.
    public convenience init(
        path: String, sampleRate: Int? = nil, channels: ChannelSelection = .mixDown
    ) throws(AudioError) {
        try self.init(sampleRate: sampleRate, channels: channels) { () throws(AudioError) in
            try SoundSources.open(path: path)
        }
    }

    /// Reads a file that is already open, from its start: one whose name is no text, say.
    ///
    /// - Parameters:
    ///   - descriptor: stands at the start of the file; it belongs to the reader from here on, also where this throws.
    ///   - name: what stands for the path in ``information`` and in messages.
    ///   - sampleRate: as in ``init(path:sampleRate:channels:)``.
    ///   - channels: as there.
    /// - Throws: as there, but for `doesNotExist` and `notReadable`.
    public convenience init(
        descriptor: Int32, name: String, sampleRate: Int? = nil, channels: ChannelSelection = .mixDown
    ) throws(AudioError) {
        let source = try SourceFile(descriptor: descriptor, path: name)
        try self.init(sampleRate: sampleRate, channels: channels) { () throws(AudioError) in
            try SoundSources.open(source)
        }
    }

    private init(
        sampleRate: Int?, channels: ChannelSelection, _ open: () throws(AudioError) -> any SoundSource
    ) throws(AudioError) {
        if let sampleRate, !SampleRates.allowed.contains(sampleRate) {
            throw .requestedSampleRateOutOfRange(sampleRate: sampleRate)
        }
        let file = try open()
        let information = file.information
        let path = information.path
        if case .channel(let number) = channels, !(1...information.channels).contains(number) {
            throw .noSuchChannel(path: path, channel: number, channels: information.channels)
        }
        let targetRate = sampleRate ?? information.sampleRate

        self.file = file
        self.information = information
        self.sampleRate = targetRate
        mixer = ChannelMixer(channels)
        (rate, channelCount) = (information.sampleRate, information.channels)
        resampler =
            targetRate == information.sampleRate
            ? nil : try Resampler(from: information.sampleRate, to: targetRate)
        blockFrames = Self.blockFrames(channels: information.channels)
        interleaved = [Float](repeating: 0, count: information.channels == 1 ? 0 : blockFrames * information.channels)
        mono = [Float](repeating: 0, count: blockFrames)
        if information.sampleRate < targetRate {
            warnings.append(
                .narrowerThanRequested(sourceRate: information.sampleRate, requestedRate: targetRate))
        }
    }

    /// The next samples: exactly `frames` of them except at the end of the file, where there may be fewer; nil after.
    ///
    /// The blocks joined do not depend on their sizes. A file too short to make one sample at a lower target rate gives
    /// nil at once.
    ///
    /// - Parameter frames: how many samples, above 0.
    /// - Throws: `noSamples`, `notFinite`, `resampling`; again on every later call.
    public func read(upTo frames: Int) throws(AudioError) -> [Float]? {
        precondition(frames > 0, "a block holds at least one sample")
        if let failure { throw failure }
        do {
            while pending.count - pendingStart < frames, !hasEnded { try decodeBlock() }
        } catch {
            failure = error
            throw error
        }
        let end = min(pending.count, pendingStart + frames)
        guard pendingStart < end else { return nil }
        defer { pendingStart = end }
        return Array(pending[pendingStart..<end])
    }

    /// Decodes one block and appends it, resampled, to `pending`; at the end of the file flushes the resampler.
    private func decodeBlock() throws(AudioError) {
        pending.removeSubrange(..<pendingStart)
        pendingStart = 0

        let decoded = decodeMono()
        try checkFinite(decoded)
        framesDecoded += decoded
        if let resampler {
            // The arrays are handed over by pointer, so that no block is copied twice.
            try mono.withUnsafeBufferPointer { samples throws(AudioError) in
                try resampler.process(UnsafeBufferPointer(rebasing: samples[..<decoded]), into: &pending)
            }
        } else {
            pending += mono[..<decoded]
        }
        guard decoded == 0 || file.hasFailed else { return }
        if file.advance() { return try beginPart() }
        hasEnded = true
        guard secondsDecoded > 0 else { throw .noSamples(path: information.path) }
        try resampler?.finish(into: &pending)
        warnings += file.warnings()
        if mixer.hasCancelled { warnings.append(.channelsCancel) }
    }

    /// Makes ready for the next part of the file. Where it has the sample rate of the one before, no sample is lost or made
    /// at the seam.
    private func beginPart() throws(AudioError) {
        secondsBefore = secondsDecoded
        framesDecoded = 0
        if file.sampleRate != rate {
            try resampler?.finish(into: &pending)
            rate = file.sampleRate
            resampler = rate == sampleRate ? nil : try Resampler(from: rate, to: sampleRate)
        }
        if file.channels != channelCount {
            channelCount = file.channels
            blockFrames = Self.blockFrames(channels: channelCount)
            interleaved = [Float](repeating: 0, count: channelCount == 1 ? 0 : blockFrames * channelCount)
            mono = [Float](repeating: 0, count: blockFrames)
        }
    }

    private static func blockFrames(channels: Int) -> Int {
        max(1, min(framesPerBlock, samplesPerBlock / channels))
    }

    /// Fills the start of `mono` and returns how many frames it holds.
    private func decodeMono() -> Int {
        let blockFrames = blockFrames
        guard channelCount > 1 else {
            return mono.withUnsafeMutableBufferPointer { file.read(into: $0, frames: blockFrames) }
        }
        let decoded = interleaved.withUnsafeMutableBufferPointer { file.read(into: $0, frames: blockFrames) }
        interleaved.withUnsafeBufferPointer { source in
            mono.withUnsafeMutableBufferPointer { target in
                mixer.fold(
                    source, channels: channelCount, into: UnsafeMutableBufferPointer(rebasing: target[..<decoded]))
            }
        }
        return decoded
    }

    private func checkFinite(_ count: Int) throws(AudioError) {
        // x * 0 is 0 for every finite x and NaN for all others, so one sum tells, without a branch for each sample.
        var zero: Float = 0
        for sample in mono[..<count] { zero += sample * 0 }
        if zero != 0, let first = mono[..<count].firstIndex(where: { !$0.isFinite }) {
            let seconds = secondsBefore + Double(framesDecoded + first) / Double(rate)
            throw .notFinite(path: information.path, seconds: seconds)
        }
    }
}

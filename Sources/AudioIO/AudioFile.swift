import Messages

/// Sound files: WAV, RF64, AIFF, FLAC, Ogg Vorbis, Opus and others through libsndfile, MP3 through libmpg123, and what phones
/// record (M4A, MP4, AMR, WebM, WMA and others) through the program ffmpeg, where it is installed.
///
/// ```swift
/// let recording = try AudioFile.read("talk.flac", sampleRate: 16_000)
/// print(recording.waveform.duration, recording.warnings)
/// ```
///
/// Long recordings are better read in blocks, with ``AudioReader``.
public enum AudioFile {
    /// The path that stands for standard input.
    public static let standardInputPath = StandardStream.path

    /// The sample rates that are read and given, in hertz.
    public static let sampleRates = SampleRates.allowed

    /// A whole file, read.
    public struct Recording: Sendable {
        /// The sound.
        public let waveform: Waveform
        /// What the file says of itself.
        public let information: AudioInformation
        /// What was noticed while reading.
        public let warnings: [AudioWarning]
    }

    /// Reads what a file says of itself, not its samples.
    ///
    /// Probing standard input consumes it when it is a pipe; ``AudioReader/information`` says the same of an open file.
    ///
    /// - Throws: the errors of opening: see ``AudioReader/init(path:sampleRate:channels:)``.
    public static func information(_ path: String) throws(AudioError) -> AudioInformation {
        try SoundSources.open(path: path).information
    }

    /// What a file says of itself; one that does not say how long it is, such as AMR, is read to its end to know.
    ///
    /// - Throws: the errors of ``AudioReader``.
    package static func measuredInformation(_ path: String) throws(AudioError) -> AudioInformation {
        let reader = try AudioReader(path: path)
        guard reader.information.frames == nil else { return reader.information }
        while try reader.read(upTo: 1 << 16) != nil {}
        return reader.information.lasting(reader.secondsDecoded)
    }

    /// Reads a whole file to memory.
    ///
    /// - Parameters:
    ///   - path: a path, or `-` for standard input.
    ///   - sampleRate: hertz to resample to; nil keeps the file's.
    ///   - channels: which channels make up the one that is given.
    /// - Throws: the errors of ``AudioReader``.
    public static func read(
        _ path: String, sampleRate: Int? = nil, channels: ChannelSelection = .mixDown
    ) throws(AudioError) -> Recording {
        let reader = try AudioReader(path: path, sampleRate: sampleRate, channels: channels)
        // Grown block by block, never reserved by what a header claims.
        var samples: [Float] = []
        while let block = try reader.read(upTo: 1 << 16) { samples += block }
        return Recording(
            waveform: Waveform(samples: samples, sampleRate: reader.sampleRate), information: reader.information,
            warnings: reader.warnings)
    }
}

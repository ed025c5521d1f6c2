/// What decodes a file, whichever way: parts one after the other, each of one sample rate and number of channels.
///
/// An ordinary file has one part. Joined MP3 files, chained Ogg streams and the like have several.
protocol SoundSource: AnyObject {
    /// What the file says of itself: the sample rate and channels of its first part, the length of all.
    var information: AudioInformation { get }
    /// Samples a second in what ``read(into:frames:)`` gives now, in hertz.
    var sampleRate: Int { get }
    /// Channels in what ``read(into:frames:)`` gives now.
    var channels: Int { get }

    /// Reads interleaved frames of the present part; fewer than asked for, or none, at its end.
    func read(into buffer: UnsafeMutableBufferPointer<Float>, frames: Int) -> Int
    /// Whether decoding of the present part stopped with an error: no more is asked of it.
    var hasFailed: Bool { get }
    /// Goes to the next part; false at the end of the file.
    func advance() -> Bool
    /// What there is to say once all is read.
    func warnings() -> [AudioWarning]
}

extension SoundSource {
    var hasFailed: Bool { false }
    func advance() -> Bool { false }
}

/// Opens a file with what decodes it.
enum SoundSources {
    /// - Throws: `doesNotExist`, `isFolder`, `isDevice`, `notReadable`, `empty`, `inputOutput`, and as ``open(_:)``.
    static func open(path: String) throws(AudioError) -> any SoundSource { try open(SourceFile(path: path)) }

    /// - Throws: `notAudio`, `malformed`, `noSound`, `needsFFmpeg`, `sampleRateOutOfRange`, `inputOutput`.
    static func open(_ source: SourceFile) throws(AudioError) -> any SoundSource {
        switch SoundContent(of: source) {
        case .mpeg(let start):
            return try MPEGSound(source, from: start)
        case .mpegInWAV(let stretch, let length):
            return try MPEGSound(source, in: stretch, length)
        case .ours(let foreign):
            do throws(AudioError) {
                return try SoundFile(source)
            } catch {
                guard let foreign else { throw error }
                return try FFmpegSound(source, foreign)
            }
        case .foreign(let format):
            return try FFmpegSound(source, format)
        case .unknown(let hint):
            throw .notAudio(path: source.path, lookingLike: HeaderlessSound.hint(source.path) ?? hint)
        }
    }
}

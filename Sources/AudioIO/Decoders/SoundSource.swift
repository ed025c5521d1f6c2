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

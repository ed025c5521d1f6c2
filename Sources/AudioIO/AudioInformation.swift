/// What a file says of itself, without its samples.
public struct AudioInformation: Sendable, Equatable {
    /// The path as it was given; `-` is standard input.
    public let path: String
    /// The container, in libsndfile's words where it reads it, such as "WAV (Microsoft)".
    public let container: String
    /// The sample encoding, in libsndfile's words where it reads it, such as "Signed 16 bit PCM".
    public let encoding: String
    /// Samples a second in each channel, in hertz.
    public let sampleRate: Int
    /// How many channels are interleaved.
    public let channels: Int
    /// Samples in each channel as the headers of all parts state them, or as the file's frames tell, cut to what the file can
    /// hold where that is known from its size. A damaged file may hold fewer. Nil where nothing states it: Ogg whose end is
    /// missing, what ffmpeg would have to guess. Through ffmpeg it is to the hundredth of a second, and a film's own length.
    public let frames: Int?

    /// - Parameter frames: samples in each channel; nil where nothing states it.
    package init(
        path: String, container: String, encoding: String, sampleRate: Int, channels: Int, frames: Int?
    ) {
        (self.path, self.container, self.encoding) = (path, container, encoding)
        (self.sampleRate, self.channels, self.frames) = (sampleRate, channels, frames)
    }

    /// The same of a length that was found by reading.
    func lasting(_ seconds: Double) -> AudioInformation {
        AudioInformation(
            path: path, container: container, encoding: encoding, sampleRate: sampleRate, channels: channels,
            frames: Int((seconds * Double(sampleRate)).rounded()))
    }

    /// `frames` in seconds.
    public var duration: Double? {
        frames.map { Double($0) / Double(sampleRate) }
    }
}

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

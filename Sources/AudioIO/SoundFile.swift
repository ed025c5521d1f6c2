import CSndFile

/// A file opened for reading: libsndfile's handle, and what is known of the file's true length.
final class SoundFile {
    let information: AudioInformation
    /// Why the decoder stopped, where it did so with an error.
    var decodingError: String? { handle.error }

    private let handle: SoundFileHandle
    private let statedLength: StatedLength
    /// Ogg whose last page does not end the stream.
    private let lacksEndMark: Bool
    private let isLossy: Bool

    /// - Throws: `doesNotExist`, `isFolder`, `notReadable`, `empty`, `notAudio`, `malformed`, `sampleRateOutOfRange`,
    ///   `inputOutput`.
    convenience init(path: String) throws(AudioError) {
        try self.init(SourceFile(path: path))
    }

    /// - Throws: `notAudio`, `malformed`, `sampleRateOutOfRange`.
    init(_ source: SourceFile) throws(AudioError) {
        let path = source.path
        let stated = StatedLength(of: source)
        var handle = try Self.open(source, stated)
        let container = handle.info.format & Int32(SF_FORMAT_TYPEMASK)
        var frames = handle.info.frames
        if container == SF_FORMAT_MPEG, !StreamMarks.mpegStatesLength(source) {
            // Layer III has bit rates from 8 to 320 kbit/s: the guess is short by 40 times at most.
            let longer = VirtualFile(source, lengthFactor: 64)
            handle = try Self.translatingErrors(source) { () throws(SoundFileHandle.OpenFailure) in
                try SoundFileHandle(longer)
            }
            frames = sf_count_t.max
        }

        let rate = Int(handle.info.samplerate)
        guard AudioFile.sampleRates.contains(rate) else { throw .sampleRateOutOfRange(path: path, sampleRate: rate) }
        guard handle.info.channels > 0 else { throw .malformed(path: path, reason: "no channels") }

        self.handle = handle
        // A pipe's writer cannot go back to its header: a placeholder is what it should hold.
        if source.isStream, case .unstated = stated { statedLength = .fits } else { statedLength = stated }
        isLossy = container == SF_FORMAT_MPEG || container == SF_FORMAT_OGG
        lacksEndMark = container == SF_FORMAT_OGG && !StreamMarks.oggHasEnd(source)
        information = AudioInformation(
            path: path, container: SoundFileHandle.name(ofFormat: container),
            encoding: SoundFileHandle.name(ofFormat: handle.info.format & Int32(SF_FORMAT_SUBMASK)),
            sampleRate: rate, channels: Int(handle.info.channels),
            // libsndfile says "not known" with its greatest number.
            frames: frames < 0 || frames == sf_count_t.max ? nil : Int(frames))
    }

    /// Reads interleaved frames; 0 at the end or when decoding fails at once.
    func read(into buffer: UnsafeMutableBufferPointer<Float>, frames: Int) -> Int {
        // A failing MP3 decoder drops all of the call it fails in, so a call asks for one packet (1152 frames).
        let step = isLossy ? 1_152 : frames
        var done = 0
        while done < frames {
            let rest = UnsafeMutableBufferPointer(rebasing: buffer[(done * information.channels)...])
            let wanted = min(step, frames - done)
            let count = handle.read(into: rest, frames: wanted)
            done += count
            if count < wanted || handle.error != nil { break }
        }
        return done
    }

    /// What to say once the file is read to its end, given the frames that came.
    func warningAtEnd(framesRead: Int) -> AudioWarning? {
        let seconds = Double(framesRead) / Double(information.sampleRate)
        switch statedLength {
        case .short(let promised, let present, _) where present > 0:
            return .truncated(readSeconds: seconds, promisedSeconds: seconds * Double(promised) / Double(present))
        case .short, .unstated:
            return .truncated(readSeconds: seconds, promisedSeconds: nil)
        case .fits:
            break
        }
        // The lossy formats count in packets and trim decoder delay in various ways; a tenth of a second is no loss.
        let tolerance = isLossy ? information.sampleRate / 10 : 0
        if let frames = information.frames, frames - framesRead > tolerance {
            return .truncated(readSeconds: seconds, promisedSeconds: information.duration)
        }
        if lacksEndMark { return .truncated(readSeconds: seconds, promisedSeconds: nil) }
        return decodingError.map { .damaged(readSeconds: seconds, reason: $0) }
    }

    private static func open(_ source: SourceFile, _ stated: StatedLength) throws(AudioError) -> SoundFileHandle {
        try translatingErrors(source) { () throws(SoundFileHandle.OpenFailure) in
            stated.patches.isEmpty
                ? try SoundFileHandle(descriptor: source.descriptor, mode: SFM_READ)
                : try SoundFileHandle(VirtualFile(source, patches: stated.patches))
        }
    }

    private static func translatingErrors(
        _ source: SourceFile, _ open: () throws(SoundFileHandle.OpenFailure) -> SoundFileHandle
    ) throws(AudioError) -> SoundFileHandle {
        do {
            return try open()
        } catch {
            let hint = FormatHint.describe(source)
            if error.isUnknownFormat || hint != nil { throw .notAudio(path: source.path, lookingLike: hint) }
            throw .malformed(path: source.path, reason: error.reason)
        }
    }
}

import CSndFile

/// MP3, and layers I and II: whole files, joined ones, and those with tags and junk anywhere.
final class MPEGSound: SoundSource {
    let information: AudioInformation
    private(set) var sampleRate: Int
    private(set) var channels: Int

    private let file: SourceFile
    private let parts: [MPEGPart]
    private let gaps: Gaps
    private var present = 0
    private var decoder: MPEGDecoder?
    private var framesRead = 0
    private var secondsRead = 0.0
    private var missingSeconds = 0.0
    /// Of what is there, the share that a container promises beyond it.
    private var missingShare = 0.0

    /// Places where sound is missing.
    struct Gaps {
        var count = 0
        /// Of the first: seconds from the start, and what is there.
        var first: (seconds: Double, reason: String)?

        mutating func note(_ seconds: Double, _ reason: String) {
            count += 1
            if first == nil { first = (seconds, reason) }
        }
    }

    /// Reads a whole file.
    /// - Parameter start: where the first frame stands.
    /// - Throws: `malformed`, `sampleRateOutOfRange`.
    convenience init(_ file: SourceFile, from start: Int) throws(AudioError) {
        try self.init(file, start..<file.length, container: Int32(SF_FORMAT_MPEG))
    }

    /// Reads the frames within a WAV file.
    /// - Parameter length: what the header says of its length.
    /// - Throws: `malformed`, `sampleRateOutOfRange`.
    convenience init(_ file: SourceFile, in stretch: Range<Int>, _ length: ContainerLayout.Length) throws(AudioError) {
        try self.init(file, stretch, container: Int32(SF_FORMAT_WAV))
        if case .short(let promised, let present) = length, present > 0 {
            missingShare = Double(promised) / Double(present) - 1
        }
    }

    private init(_ file: SourceFile, _ stretch: Range<Int>, container: Int32) throws(AudioError) {
        let (parts, gaps) = Self.scan(file, stretch)
        guard let first = parts.first, let decoder = Self.decoder(file, first) else {
            throw .malformed(path: file.path, reason: "no MPEG audio that can be decoded")
        }
        guard SampleRates.allowed.contains(first.header.sampleRate) else {
            throw .sampleRateOutOfRange(path: file.path, sampleRate: first.header.sampleRate)
        }
        (self.file, self.parts, self.gaps, self.decoder) = (file, parts, gaps, decoder)
        (sampleRate, channels) = (first.header.sampleRate, first.header.channels)
        let rate = Double(first.header.sampleRate)
        let frames = parts.reduce(0.0) { $0 + Double($1.promisedSamples) * rate / Double($1.header.sampleRate) }
        let layer = [SF_FORMAT_MPEG_LAYER_I, SF_FORMAT_MPEG_LAYER_II, SF_FORMAT_MPEG_LAYER_III][first.header.layer - 1]
        information = AudioInformation(
            path: file.path, container: SoundFileHandle.name(ofFormat: container),
            encoding: SoundFileHandle.name(ofFormat: Int32(layer)), sampleRate: first.header.sampleRate,
            channels: first.header.channels, frames: Int(min(frames.rounded(), 1e15)))
    }

    func read(into buffer: UnsafeMutableBufferPointer<Float>, frames: Int) -> Int {
        guard let decoder else { return 0 }
        let count = min(frames * channels, buffer.count)
        let read = decoder.read(into: UnsafeMutableBufferPointer(rebasing: buffer[..<count])) / channels
        framesRead += read
        return read
    }

    func advance() -> Bool {
        let part = parts[present]
        secondsRead += Double(framesRead) / Double(sampleRate)
        // Packets and decoder delay: a tenth of a second is no loss.
        let missing = Double(part.promisedSamples - framesRead) / Double(sampleRate)
        if missing > 0.1 { missingSeconds += missing }
        framesRead = 0
        decoder = nil
        while present + 1 < parts.count {
            present += 1
            let next = parts[present].header
            guard SampleRates.allowed.contains(next.sampleRate) else { continue }
            guard let decoder = Self.decoder(file, parts[present]) else { continue }
            (self.decoder, sampleRate, channels) = (decoder, next.sampleRate, next.channels)
            return true
        }
        return false
    }

    func warnings() -> [AudioWarning] {
        var warnings: [AudioWarning] = []
        let missingSeconds = max(missingSeconds, missingShare * secondsRead)
        if missingSeconds > 0 {
            warnings.append(.truncated(readSeconds: secondsRead, promisedSeconds: secondsRead + missingSeconds))
        }
        if let first = gaps.first {
            warnings.append(.gaps(count: gaps.count, firstSeconds: first.seconds, reason: first.reason))
        }
        return warnings
    }

    private static func decoder(_ file: SourceFile, _ part: MPEGPart) -> MPEGDecoder? {
        MPEGDecoder(MPEGFeed(file, part, givesInfoFrame: part.hasRightInfo))
    }

    /// Junk behind the last frame is no loss while it is shorter than this: a tag of a kind that is not known.
    private static let longestTail = 1 << 14
    /// More parts than these are no recording.
    private static let mostParts = 1 << 14

    /// Finds the parts, and what is missing between them, without decoding.
    private static func scan(_ file: SourceFile, _ stretch: Range<Int>) -> ([MPEGPart], Gaps) {
        let window = ByteWindow(file, end: stretch.upperBound)
        var walk = MPEGWalk(window, from: stretch.lowerBound)
        var parts: [MPEGPart] = []
        var gaps = Gaps()
        var seconds = 0.0
        var junk: Range<Int>?
        scanning: while true {
            switch walk.next() {
            case .frame(let header, let place):
                if junk != nil, !parts.isEmpty { gaps.note(seconds, "bytes that are no MPEG frames") }
                junk = nil
                let (info, isBroken) =
                    window.with(header.length, at: place) { (MPEGInfoFrame($0, header), header.isBroken($0)) }
                    ?? (nil, false)
                if info != nil || !(parts.last?.header.isSameStream(as: header) ?? false) {
                    guard parts.count < mostParts else {
                        gaps.note(seconds, "more than \(mostParts) recordings in one file")
                        break scanning
                    }
                    parts.append(
                        MPEGPart(header: header, start: place, end: place, limit: stretch.upperBound, info: info))
                }
                parts[parts.count - 1].end = place + header.length
                guard info == nil else { continue }
                parts[parts.count - 1].frames += 1
                if isBroken { gaps.note(seconds, "a frame that contradicts itself") }
                seconds += Double(header.samples) / Double(header.sampleRate)
            case .junk(let range): junk = (junk?.lowerBound ?? range.lowerBound)..<range.upperBound
            case .tag: continue
            case .cutFrame, .end: break scanning
            }
        }
        if let junk, !parts.isEmpty, junk.count > longestTail,
            !SoundContent.isText(window.bytes(256, at: junk.lowerBound))
        {
            gaps.note(seconds, "\(junk.count) bytes at its end that are no MPEG frames")
        }
        return (parts.filter { $0.frames > 0 }, gaps)
    }
}

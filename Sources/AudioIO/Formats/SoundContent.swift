/// What a file holds, by its first bytes, and so what decodes it. Its name is not looked at.
enum SoundContent {
    /// MPEG audio whose first frame stands there.
    case mpeg(Int)
    /// MPEG audio in a WAV file, where it lies.
    case mpegInWAV(Range<Int>, ContainerLayout.Length)
    /// What libsndfile is for; and what it is for ffmpeg, where libsndfile may lack the encoding.
    case ours(orElse: ForeignFormat?)
    /// What ffmpeg is for.
    case foreign(ForeignFormat)
    /// No sound that can be read, and what it seems to be.
    case unknown(String?)

    init(of file: SourceFile) {
        let window = ByteWindow(file)
        // Tags that any program may have put in front.
        var start = 0
        let walk = MPEGWalk(window, from: 0)
        for _ in 0..<8 {
            guard window.has("ID3", at: start) || window.has("APETAGEX", at: start), let end = walk.tagEnd(at: start)
            else { break }
            start = end
        }
        let head = window.bytes(512, at: start)
        let hasTag = start > 0
        if let content = Self.known(head, file, hasTag: hasTag) {
            self = content
        } else if let frame = MPEGWalk.start(in: window, from: start, reach: hasTag ? 1 << 20 : Self.reach(head)) {
            self = .mpeg(frame)
        } else if MPEGHeader.mayBeAlone(UInt32(head.integer(at: 0, count: 4, isBigEndian: true)), file.length - start) {
            self = .ours(orElse: nil)
        } else if let format = ForeignFormat(head) {
            self = .foreign(format)
        } else {
            self = .unknown(Self.hint(head))
        }
    }

    /// How far MPEG audio is looked for where a file begins with nothing known: junk of a broken download or editor.
    private static func reach(_ head: [UInt8]) -> Int { hint(head) == nil ? 1 << 17 : 0 }

    private static func known(_ head: [UInt8], _ file: SourceFile, hasTag: Bool) -> SoundContent? {
        func has(_ text: StaticString, at offset: Int = 0) -> Bool { head.has(text, at: offset) }
        switch head.text(at: 0) {
        case "RIFF", "RIFX", "RF64", "BW64":
            guard has("WAVE", at: 8) else { return ForeignFormat(head).map(SoundContent.foreign) }
            let container = ContainerLayout(of: file)
            if let tag = container.formatTag, tag == 0x50 || tag == 0x55, let sound = container.sounds.first {
                return .mpegInWAV(sound, container.length)
            }
            return container.formatTag.flatMap(ForeignFormat.init(wavTag:)).map(SoundContent.foreign)
                ?? .ours(orElse: nil)
        case "FORM":
            if has("AIFC", at: 8) { return .ours(orElse: ForeignFormat(demuxer: "aiff", name: "compressed AIFF")) }
            return has("AIFF", at: 8) || has("8SVX", at: 8) || has("16SV", at: 8) ? .ours(orElse: nil) : nil
        case "caff":
            // The description comes first: its encoding is at 28.
            let isPlain = ["lpcm", "ulaw", "alaw", "alac"].contains(head.text(at: 28))
            let format = ForeignFormat(demuxer: "caf", name: "Core Audio Format of encoding \(head.text(at: 28))")
            return isPlain ? .ours(orElse: nil) : .foreign(format)
        case "OggS":
            let packet = Array(head.dropFirst(27 + (head.count > 26 ? Int(head[26]) : 0)).prefix(8))
            if packet.starts(with: [0x7F] + Array("FLAC".utf8)) {
                return .ours(orElse: ForeignFormat(demuxer: "ogg", name: "FLAC in Ogg"))
            }
            return packet == Array("Speex   ".utf8)
                ? .foreign(ForeignFormat(demuxer: "ogg", name: "Speex in Ogg")) : .ours(orElse: nil)
        case "riff": return has("wave", at: 24) ? .ours(orElse: nil) : nil
        case ".snd", "dns.", "fLaC", "2BIT", "LM89", " paf", "fap ", "PVF1", "NIST": return .ours(orElse: nil)
        default: break
        }
        if hasTag { return ForeignFormat(head).map(SoundContent.foreign) }
        if has("Creative Voice File") || has("Extended Instrument: ") || has("ALawSoundFile**")
            || has("MATLAB 5.0 MAT-file")
        {
            return .ours(orElse: nil)
        }
        // Berkeley, Ircam and Carl sound files.
        if [[0x64, 0xA3], [0x00, 0x00]].contains(Array(head.prefix(2))), head.count >= 4,
            head[0] == 0x64 ? head[3] == 0 : head[2] == 0xA3 && head[3] == 0x64
        {
            return .ours(orElse: nil)
        }
        // HTK: the samples and their bytes make the file.
        let samples = head.integer(at: 0, count: 4, isBigEndian: true)
        if samples > 0, samples * 2 + 12 == UInt64(file.length) { return .ours(orElse: nil) }
        return ForeignFormat(head).map(SoundContent.foreign)
    }

    /// Names what a file is that is no sound.
    static func hint(_ file: SourceFile) -> String? { hint(file.bytes(at: 0, count: 512)) }

    private static func hint(_ head: [UInt8]) -> String? {
        func has(_ text: StaticString, at offset: Int = 0) -> Bool { head.has(text, at: offset) }
        func has(_ bytes: [UInt8]) -> Bool { head.starts(with: bytes) }

        if has("#EXTM3U") || has("ffconcat") || has("[playlist]") { return "a playlist, not a recording" }
        if has("#!SILK") || has([0x02] + Array("#!SILK".utf8)) { return "SILK" }
        if has("%PDF") { return "a PDF document" }
        if has([0x50, 0x4B, 0x03, 0x04]) { return "a ZIP archive" }
        if has([0x1F, 0x8B]) { return "a gzip archive" }
        if has([0x89] + Array("PNG".utf8)) || has([0xFF, 0xD8, 0xFF]) || has("GIF8") { return "an image" }
        return isText(head) ? "text" : nil
    }

    /// Whether bytes are text of ASCII or UTF-8, as far as they go.
    static func isText(_ bytes: [UInt8]) -> Bool {
        guard !bytes.isEmpty, bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) }) else {
            return false
        }
        if bytes.allSatisfy({ $0 < 0x80 }) { return true }
        // The last character may be cut.
        return (0..<4).contains { String(validating: bytes.dropLast($0), as: UTF8.self) != nil }
    }
}

extension [UInt8] {
    /// Whether a text stands at a place.
    func has(_ text: StaticString, at offset: Int = 0) -> Bool {
        let text = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        return offset + text.count <= count && self[offset..<offset + text.count].elementsEqual(text)
    }
}

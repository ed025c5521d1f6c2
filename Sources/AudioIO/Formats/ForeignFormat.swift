/// A kind of file that libsndfile does not read and ffmpeg does.
struct ForeignFormat: Equatable {
    /// What ffmpeg calls it: it is told, and never guesses, because its guesses include playlists that name other files.
    let demuxer: String
    /// What people call it.
    let name: String

    init(demuxer: String, name: String) { (self.demuxer, self.name) = (demuxer, name) }

    /// Knows a file by its first bytes; nil where it is none of these.
    init?(_ head: [UInt8]) {
        func has(_ text: StaticString, at offset: Int = 0) -> Bool { head.has(text, at: offset) }
        func has(_ bytes: [UInt8]) -> Bool { head.starts(with: bytes) }
        // Many of these are words.
        if SoundContent.isText(head) { return nil }

        if ["ftyp", "moov", "mdat", "wide", "free", "skip", "pnot"].contains(head.text(at: 4)) {
            self.init(demuxer: "mov", name: "MPEG-4 audio or video (M4A, MP4, MOV, 3GP)")
        } else if has([0x1A, 0x45, 0xDF, 0xA3]) {
            self.init(demuxer: "matroska", name: "Matroska or WebM")
        } else if has([0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11]) {
            self.init(demuxer: "asf", name: "Windows Media (WMA, ASF)")
        } else if has("#!AMR") {
            self.init(demuxer: "amr", name: "AMR")
        } else if has("RIFF"), has("AVI ", at: 8) {
            self.init(demuxer: "avi", name: "AVI video")
        } else if has("RIFF"), has("QLCM", at: 8) {
            self.init(demuxer: "qcp", name: "Qualcomm PureVoice")
        } else if has("FLV\u{1}") {
            self.init(demuxer: "flv", name: "Flash video")
        } else if has("MAC ") {
            self.init(demuxer: "ape", name: "Monkey's Audio")
        } else if has("wvpk") {
            self.init(demuxer: "wv", name: "WavPack")
        } else if has("TTA1") {
            self.init(demuxer: "tta", name: "True Audio")
        } else if has("MPCK") {
            self.init(demuxer: "mpc8", name: "Musepack")
        } else if has("MP+") {
            self.init(demuxer: "mpc", name: "Musepack")
        } else if has("DSD ") {
            self.init(demuxer: "dsf", name: "DSD")
        } else if has([0x02] + Array("dss".utf8)) || has([0x03] + Array("dss".utf8)) {
            self.init(demuxer: "dss", name: "Digital Speech Standard")
        } else if has(".RMF") || has([0x2E, 0x72, 0x61, 0xFD]) {
            self.init(demuxer: "rm", name: "RealMedia")
        } else if has([0x00, 0x00, 0x01, 0xBA]) {
            self.init(demuxer: "mpeg", name: "MPEG video")
        } else if head.count > 376, head[0] == 0x47, head[188] == 0x47, head[376] == 0x47 {
            self.init(demuxer: "mpegts", name: "MPEG transport stream")
        } else if has([0x0B, 0x77]) {
            self.init(demuxer: head.count > 5 && head[5] >> 3 > 10 ? "eac3" : "ac3", name: "AC-3")
        } else if has([0x7F, 0xFE, 0x80, 0x01]) {
            self.init(demuxer: "dts", name: "DTS")
        } else if Self.isADTS(head) {
            self.init(demuxer: "aac", name: "AAC")
        } else {
            return nil
        }
    }

    /// What a WAV file holds that libsndfile does not decode; nil where libsndfile does, or nobody.
    init?(wavTag tag: UInt64) {
        // PCM, ADPCM, floating point, G.711, G.721, G.723, GSM, VBX ADPCM, and what says it elsewhere.
        if [0, 1, 2, 3, 6, 7, 0x11, 0x14, 0x31, 0x38, 0x40, 0x50, 0x55, 0xFFFE, 0xFFFF].contains(tag) { return nil }
        let names: [UInt64: String] = [
            0x22: "TrueSpeech", 0x42: "G.723.1", 0x45: "G.726", 0x64: "G.726", 0x65: "G.722", 0x83: "G.729",
            0xFF: "AAC",
            0x160: "Windows Media", 0x161: "Windows Media", 0x162: "Windows Media", 0x163: "Windows Media",
            0x28F: "G.722", 0x1610: "AAC", 0x2000: "AC-3", 0x2001: "DTS",
        ]
        self.init(demuxer: "wav", name: "WAV of encoding \(names[tag] ?? "0x" + String(tag, radix: 16))")
    }

    /// Two frames of AAC, one behind the other: 12 bits set, layer 0, and a length of 13 bits from bit 30 on.
    private static func isADTS(_ head: [UInt8]) -> Bool {
        func length(_ place: Int) -> Int? {
            guard place + 6 <= head.count, head[place] == 0xFF, head[place + 1] & 0xF6 == 0xF0,
                head[place + 2] >> 2 & 15 < 13
            else { return nil }
            let length = Int(head[place + 3] & 3) << 11 | Int(head[place + 4]) << 3 | Int(head[place + 5]) >> 5
            return length >= 7 ? length : nil
        }
        guard let first = length(0) else { return false }
        return first + 6 > head.count || length(first) != nil
    }
}
